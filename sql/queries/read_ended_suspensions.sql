-- The first $1 of the suspended whose time has come.
SELECT board_id, user_id::text FROM user_scores
WHERE suspended_until IS NOT NULL AND suspended_until <= clock_timestamp()
ORDER BY suspended_until
LIMIT $1
