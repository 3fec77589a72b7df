-- The next $3 totals of board $1 from user $2 on, packed into one value of 48 bytes each: user (16),
-- version, reached (0: suspended), updated in Unix µs, -score (8 each, big-endian); and the last user.
-- NULL where there are no more. Within the value they go by score: Redis takes neighbours faster.
WITH page AS (
    SELECT user_id, version, reached, updated_at, score, suspended_until
    FROM user_scores
    WHERE board_id = $1 AND user_id >= $2
    ORDER BY user_id
    LIMIT $3
)
SELECT string_agg(
           uuid_send(user_id) || int8send(version) || int8send(CASE WHEN suspended_until IS NULL THEN reached ELSE 0 END)
               || int8send((extract(epoch FROM updated_at) * 1000000)::bigint) || int8send(-score),
           ''::bytea ORDER BY score DESC, reached) AS packed,
       (SELECT user_id FROM page ORDER BY user_id DESC LIMIT 1) AS last_user
FROM page
