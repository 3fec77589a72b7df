-- The tokens of the events that have one and whose rows lie from place $1 to before place $2 in the table, with all
-- that they must say; of board $3, or of all where that is null.
SELECT event_id, board_id, user_id::text, delta, nonce, kid, source, token,
       extract(epoch FROM created_at)::float8 AS at_s
FROM score_events
WHERE token IS NOT NULL AND ctid >= $1 AND ctid < $2 AND ($3::text IS NULL OR board_id = $3)
