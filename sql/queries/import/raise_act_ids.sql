-- Moves the numbers of acts above every staged one. The caller keeps writers out.
SELECT setval(pg_get_serial_sequence('acts', 'act_id'), top)
FROM (SELECT max(act_id) AS top FROM import_events) AS staged
WHERE top > coalesce(
    pg_sequence_last_value(pg_get_serial_sequence('acts', 'act_id')::regclass), 0)
