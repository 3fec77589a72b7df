-- Notes the events that no act accounts for, or that are not what their act or the event that they
-- undo makes them; and what is listed as undone otherwise than the events say; and those without a token
-- whose user no act erased. An erasure is of all boards. With one board ($1) alone nobody can tell of what is
-- listed without an event.
WITH judged AS (
    SELECT e.event_id,
           CASE WHEN a.act_id IS NULL OR a.outcome <> 'applied' THEN 'act_missing'
                WHEN (CASE a.kind WHEN 'erasure' THEN e.board_id ELSE a.board_id END, a.kind, a.actor)
                     IS DISTINCT FROM (e.board_id, s.source, s.actor)
                  OR a.user_id <> e.user_id OR a.event_id <> e.event_id
                  OR (a.parameters ->> 'delta')::bigint <> e.delta THEN 'act_differs'
                WHEN (e.refers_to IS NULL) <> (a.kind NOT IN ('void', 'restore'))
                  OR e.refers_to IS NOT NULL
                     AND (undone.board_id, undone.user_id, -undone.delta, undone.event_id < e.event_id)
                         IS DISTINCT FROM (e.board_id, e.user_id, e.delta, true)
                THEN 'compensation_differs'
                WHEN (c.refers_to, c.act_id) IS DISTINCT FROM (e.refers_to, e.act_id)
                     AND e.refers_to IS NOT NULL THEN 'compensation_missing'
           END AS kind
    FROM (SELECT * FROM audited WHERE act_id IS NOT NULL ORDER BY event_id) AS e
    -- The steps are named: joined freely, the planner might read all of the events once more.
    CROSS JOIN LATERAL (
        SELECT source, actor FROM score_events WHERE event_id = e.event_id LIMIT 1
    ) AS s
    LEFT JOIN LATERAL (SELECT * FROM acts WHERE act_id = e.act_id LIMIT 1) AS a ON true
    LEFT JOIN LATERAL (
        SELECT * FROM compensations WHERE event_id = e.event_id LIMIT 1
    ) AS c ON true
    LEFT JOIN LATERAL (
        SELECT event_id, board_id, user_id, delta FROM score_events
        WHERE event_id = e.refers_to LIMIT 1
    ) AS undone ON true
)
INSERT INTO breaks (kind, event_id)
SELECT kind, event_id FROM judged WHERE kind IS NOT NULL
UNION ALL
SELECT 'compensation_without_event', c.event_id
FROM compensations AS c
LEFT JOIN LATERAL (
    SELECT true AS is_there FROM score_events WHERE event_id = c.event_id LIMIT 1
) AS e ON true
WHERE $1::text IS NULL AND e.is_there IS NULL
UNION ALL
SELECT 'erasure_missing', e.event_id
FROM audited AS e
WHERE e.is_erased AND NOT EXISTS (
    SELECT FROM acts WHERE acts.user_id = e.user_id AND kind = 'erasure' AND outcome = 'applied'
)
