-- The acts whose runs are not finished, the oldest first.
SELECT act_id FROM act_runs WHERE finished_at IS NULL ORDER BY act_id
