-- Finds what the restore of what act $2 voided on board $1 would undo: its voids that nobody has undone.
INSERT INTO undone (event_id, user_id, delta)
SELECT v.event_id, v.user_id, v.delta
FROM acts AS a
JOIN compensations AS c ON c.act_id = a.act_id
JOIN score_events AS v ON v.event_id = c.event_id
LEFT JOIN compensations AS later ON later.refers_to = v.event_id
WHERE a.act_id = $2 AND a.board_id = $1 AND a.kind = 'void' AND later.refers_to IS NULL
