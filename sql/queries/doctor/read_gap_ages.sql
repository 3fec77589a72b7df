-- Boards whose index in Redis is to be rebuilt, and for how many seconds.
SELECT board_id, extract(epoch FROM clock_timestamp() - noticed_at)::float8 AS age_s
FROM standings_gaps ORDER BY noticed_at
