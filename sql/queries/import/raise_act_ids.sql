-- Moves the numbers of acts above every staged one. The caller keeps writers out.
SELECT setval('act_ids', top)
FROM (SELECT max(act_id) AS top FROM import_events) AS staged
WHERE top > coalesce(pg_sequence_last_value('act_ids'::regclass), 0)
