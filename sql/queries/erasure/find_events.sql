-- The events that name user $3, whose rows lie from place $1 to before place $2 in the table: his own, and those
-- of others that he redeemed.
SELECT event_id FROM score_events
WHERE ctid >= $1 AND ctid < $2 AND (user_id = $3::uuid OR actor = $3::uuid::text)
