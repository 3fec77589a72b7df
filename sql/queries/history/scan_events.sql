-- The next $6 events above id $1 up to id $2, in the order of ids. Null admits every board ($3), and
-- any time since $4 or until $5.
SELECT event_id, board_id, user_id::text, delta, score_after, version_after, nonce, kid, source,
       actor, created_at, act_id, refers_to, token,
       (SELECT to_jsonb(a)::text FROM acts AS a WHERE a.act_id = e.act_id) AS act
FROM score_events AS e
WHERE event_id > $1 AND event_id <= $2
  AND ($3::text IS NULL OR board_id = $3)
  AND ($4::timestamptz IS NULL OR created_at >= $4)
  AND ($5::timestamptz IS NULL OR created_at <= $5)
ORDER BY event_id
LIMIT $6
