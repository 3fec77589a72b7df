-- The last event id that any transaction has drawn, committed or not; 0 before the first.
SELECT coalesce(pg_sequence_last_value('score_event_ids'::regclass), 0)
