-- How many rows wait, and for how many seconds the oldest has waited. Counts to 10,000 at most.
SELECT (SELECT count(*) FROM (SELECT FROM outbox LIMIT 10000) AS waiting) AS depth,
       coalesce((SELECT extract(epoch FROM clock_timestamp() - created_at)
                 FROM outbox ORDER BY outbox_id LIMIT 1), 0)::float8 AS age_s
