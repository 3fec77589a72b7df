-- Notes where held nonces and events do not match. A nonce is held for $2 from the end of its token
-- on, so every event that is younger than that has its nonce held. With one board ($1) alone nobody
-- can tell whose the nonces without any event are.
INSERT INTO breaks (kind, event_id)
SELECT CASE WHEN n.event_id IS NULL THEN 'nonce_missing'
            WHEN e.event_id IS NULL THEN 'nonce_without_event'
            ELSE 'nonce_differs' END,
       coalesce(e.event_id, n.event_id)
FROM audited AS e FULL JOIN action_nonces AS n ON n.event_id = e.event_id
WHERE n.nonce IS DISTINCT FROM e.nonce
  -- Not now(): that is earlier than the snapshot, and what was purged in between is no mistake.
  AND (n.event_id IS NOT NULL OR e.created_at >= statement_timestamp() - $2::interval)
  AND (e.event_id IS NOT NULL OR $1::text IS NULL)
