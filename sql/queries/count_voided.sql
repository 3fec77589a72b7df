-- What act $2 voided on board $1: how many events, and the first and last of their voids.
SELECT count(*) AS events, min(c.event_id) AS first_id, max(c.event_id) AS last_id
FROM acts AS a JOIN compensations AS c ON c.act_id = a.act_id
WHERE a.act_id = $2 AND a.board_id = $1 AND a.kind = 'void'
