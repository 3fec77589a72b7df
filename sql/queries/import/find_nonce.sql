-- The first event of the slice whose nonce another event has consumed.
SELECT slice.event_id, held.event_id AS holder
FROM import_slice AS slice
CROSS JOIN LATERAL (
    SELECT event_id FROM action_nonces WHERE action_nonces.nonce = slice.nonce LIMIT 1
) AS held
WHERE held.event_id <> slice.event_id
ORDER BY slice.event_id
LIMIT 1
