-- The newest $5 events with ids from $1 to below $2, newest first. Null admits every board ($3) and
-- every user ($4): of users there is no index, so the caller gives slices of ids.
SELECT event_id, board_id, user_id::text, delta, score_after, version_after, nonce, kid, source,
       actor, created_at, act_id, refers_to
FROM score_events
WHERE event_id >= $1 AND event_id < $2
  AND ($3::text IS NULL OR board_id = $3)
  AND ($4::uuid IS NULL OR user_id = $4)
ORDER BY event_id DESC
LIMIT $5
