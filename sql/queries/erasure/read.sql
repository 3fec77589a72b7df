-- Erasure $1, while it is under way, and for how many seconds it is to wait.
SELECT user_id::text, greatest(extract(epoch FROM due_at - clock_timestamp()), 0)::float8 AS wait_s
FROM erasures WHERE act_id = $1
