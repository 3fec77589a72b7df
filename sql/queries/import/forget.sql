-- Takes out of the slice, of ids $1 to $2, what is stored already.
DELETE FROM import_slice AS slice
USING score_events AS stored
WHERE stored.event_id = slice.event_id AND stored.event_id BETWEEN $1 AND $2
