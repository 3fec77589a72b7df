-- Holds the nonces of the staged events of ids $1 to $2 whose tokens may still be asked about.
INSERT INTO action_nonces (nonce, expires_at, event_id)
SELECT nonce, nonce_expires_at, event_id
FROM import_events
WHERE event_id BETWEEN $1 AND $2 AND nonce_expires_at IS NOT NULL
ORDER BY nonce
