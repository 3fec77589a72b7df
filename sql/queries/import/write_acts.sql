-- Writes the acts of the staged events of ids $1 to $2, and which events those undo.
WITH staged AS MATERIALIZED (
    SELECT event_id, act_id, refers_to, act
    FROM import_events WHERE event_id BETWEEN $1 AND $2 AND act_id IS NOT NULL
), undone AS (
    INSERT INTO compensations (refers_to, event_id, act_id)
    SELECT refers_to, event_id, act_id FROM staged WHERE refers_to IS NOT NULL
)
INSERT INTO acts
SELECT (jsonb_populate_record(NULL::acts, act)).*
FROM (SELECT DISTINCT ON (act_id) act_id, act FROM staged) AS each_once
ON CONFLICT (act_id) DO NOTHING
