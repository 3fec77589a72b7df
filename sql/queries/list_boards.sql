-- Boards with their limits, users, and users whose score lies outside the limits; all boards where
-- $1 is null. Counts along the index of each board's order, so
-- that the suspended are not among those outside.
SELECT b.board_id, b.max_delta, b.min_score, b.max_score, b.allowed_actions, b.created_at,
       (SELECT count(*) FROM user_scores AS t WHERE t.board_id = b.board_id) AS users,
       (SELECT count(*) FROM user_scores AS t
        WHERE t.board_id = b.board_id AND t.score < b.min_score AND suspended_until IS NULL)
     + (SELECT count(*) FROM user_scores AS t
        WHERE t.board_id = b.board_id AND t.score > b.max_score AND suspended_until IS NULL) AS users_outside
FROM boards AS b
WHERE $1::text IS NULL OR b.board_id = $1
ORDER BY b.board_id
