-- Where user $2 of board $1 stands; no row for a user without a score.
SELECT score, version, (extract(epoch FROM updated_at) * 1000000)::bigint AS updated_us,
       1 + (SELECT count(*) FROM user_scores AS above
            WHERE above.board_id = $1 AND above.score > own.score
              AND above.suspended_until IS NULL) AS rank
FROM (SELECT * FROM user_scores WHERE board_id = $1 AND user_id = $2 OFFSET 0) AS own
-- Here, not in the look-up: that one is to take the primary key.
WHERE suspended_until IS NULL
