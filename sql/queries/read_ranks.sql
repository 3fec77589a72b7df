-- The present ranks of users $2 of boards $1, in the order asked; null for a user without a score.
SELECT (SELECT 1 + (SELECT count(*) FROM user_scores AS above
                    WHERE above.board_id = own.board_id AND above.score > own.score)
        FROM user_scores AS own
        WHERE own.board_id = asked.board_id AND own.user_id = asked.user_id) AS rank
FROM unnest($1::text[], $2::uuid[]) WITH ORDINALITY AS asked (board_id, user_id, position)
ORDER BY position
