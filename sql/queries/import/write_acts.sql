-- Writes the acts of the staged events of ids $1 to $2, and which events those undo. Returns the first act
-- that is stored with another content; if there is one, the caller rolls back.
WITH staged AS MATERIALIZED (
    SELECT event_id, act_id, refers_to, act
    FROM import_events WHERE event_id BETWEEN $1 AND $2 AND act_id IS NOT NULL
), each_once AS MATERIALIZED (
    SELECT DISTINCT ON (act_id) act_id, act FROM staged ORDER BY act_id, event_id
), undone AS (
    INSERT INTO compensations (refers_to, event_id, act_id)
    SELECT refers_to, event_id, act_id FROM staged WHERE refers_to IS NOT NULL
), written AS (
    INSERT INTO acts
    SELECT (jsonb_populate_record(NULL::acts, act)).* FROM each_once
    ON CONFLICT (act_id) DO NOTHING
)
SELECT each_once.act_id
FROM each_once JOIN acts AS stored ON stored.act_id = each_once.act_id
WHERE stored IS DISTINCT FROM jsonb_populate_record(NULL::acts, each_once.act)
ORDER BY each_once.act_id
LIMIT 1
