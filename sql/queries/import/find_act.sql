-- The first event of the slice that does not belong to its act, whose act is stored with another
-- content, or that undoes what is undone already, or nothing; and why.
SELECT slice.event_id, why
FROM import_slice AS slice
LEFT JOIN LATERAL (SELECT * FROM acts WHERE acts.act_id = slice.act_id LIMIT 1) AS stored ON true
LEFT JOIN LATERAL (
    SELECT event_id FROM compensations WHERE compensations.refers_to = slice.refers_to LIMIT 1
) AS rival ON true
CROSS JOIN LATERAL (VALUES (CASE
    WHEN (slice.act ->> 'act_id')::bigint IS DISTINCT FROM slice.act_id
    THEN 'does not come with its act'
    WHEN slice.act_id % 2 <> 0
    THEN 'belongs to an act whose number is odd, which only acts without events have'
    WHEN stored.act_id IS NOT NULL
         AND stored IS DISTINCT FROM jsonb_populate_record(NULL::acts, slice.act)
    THEN 'belongs to an act that is stored already with other content'
    WHEN rival.event_id <> slice.event_id
    THEN 'undoes what event ' || rival.event_id || ' has undone'
    WHEN slice.refers_to >= slice.event_id
    THEN 'undoes an event that comes after it'
END)) AS judged (why)
WHERE slice.act_id IS NOT NULL AND why IS NOT NULL
ORDER BY slice.event_id
LIMIT 1
