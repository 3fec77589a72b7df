-- The transactions under way that may have drawn event ids: whoever draws one has locked totals
-- before, and holds the table's lock until after the commit is seen by everybody.
SELECT virtualtransaction
FROM pg_locks
WHERE locktype = 'relation' AND mode = 'RowExclusiveLock'
  AND relation = 'user_scores'::regclass
  AND database = (SELECT oid FROM pg_database WHERE datname = current_database())
