-- The oldest sessions of this database in a transaction that began more than $1 seconds ago, or
-- that has waited for its client for more than $2. Other users' are seen by pg_monitor only.
SELECT pid, usename AS user_name, coalesce(application_name, '') AS application_name, state,
       extract(epoch FROM clock_timestamp() - xact_start) AS age_s
FROM pg_stat_activity
WHERE datname = current_database() AND backend_type = 'client backend'
  AND pid <> pg_backend_pid()
  AND (xact_start < clock_timestamp() - make_interval(secs => $1)
       OR (state LIKE 'idle in transaction%'
           AND state_change < clock_timestamp() - make_interval(secs => $2)))
ORDER BY xact_start
LIMIT 3
