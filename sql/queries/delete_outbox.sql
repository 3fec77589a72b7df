-- Forgets outbox rows whose events are relayed.
DELETE FROM outbox WHERE outbox_id = ANY ($1::bigint[])
