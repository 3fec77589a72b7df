-- How far act $1 has come; no row for an act that is no run.
SELECT r.act_id, a.kind, a.board_id, r.events, r.done, r.refused, r.finished_at
FROM act_runs AS r JOIN acts AS a ON a.act_id = r.act_id
WHERE r.act_id = $1
