-- Moves the sequence above every staged id. The caller holds a lock that keeps writers out.
SELECT setval('score_event_ids', top)
FROM (SELECT max(event_id) AS top FROM import_events) AS staged
WHERE top > coalesce(pg_sequence_last_value('score_event_ids'::regclass), 0)
