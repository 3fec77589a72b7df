-- The transactions under way that may have drawn event ids: whoever draws one has locked totals
-- before, and holds the table's lock until after the commit is seen by everybody. An import brings
-- ids that it has not drawn, for as long as it holds advisory lock $1.
SELECT virtualtransaction
FROM pg_locks
WHERE locktype = 'relation' AND mode = 'RowExclusiveLock'
  AND relation = 'user_scores'::regclass
  AND database = (SELECT oid FROM pg_database WHERE datname = current_database())
UNION ALL
SELECT 'import ' || pid
FROM pg_locks
WHERE locktype = 'advisory' AND mode = 'ExclusiveLock' AND granted
  AND (classid::bigint << 32 | objid::bigint) = $1::bigint AND objsubid = 1
  AND database = (SELECT oid FROM pg_database WHERE datname = current_database())
