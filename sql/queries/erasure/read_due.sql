-- The erasures under way whose time has come, the oldest first.
SELECT act_id FROM erasures WHERE due_at <= clock_timestamp() ORDER BY act_id
