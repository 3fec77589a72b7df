-- The next $3 totals of board $1 from user $2 on, in the order of user ids.
SELECT user_id, score, version, reached,
       (extract(epoch FROM updated_at) * 1000000)::bigint AS updated_us
FROM user_scores
WHERE board_id = $1 AND user_id >= $2
ORDER BY user_id
LIMIT $3
