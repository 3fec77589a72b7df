-- The tables that change most, with rows that VACUUM has not removed yet.
SELECT relname AS name, n_dead_tup AS dead_rows, n_live_tup AS live_rows
FROM pg_stat_user_tables
WHERE relname IN ('outbox', 'action_nonces', 'user_scores') AND n_dead_tup > greatest($1, n_live_tup)
ORDER BY n_dead_tup DESC
