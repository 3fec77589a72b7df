-- The newest $1 acts below id $2, newest first; null admits every board ($3), user ($4), actor ($5),
-- kind ($6) and outcome ($7), and any time since $8 or until $9.
SELECT act_id, kind, outcome, board_id, user_id::text, parameters::text, reason, actor, scopes, kid,
       origin, client_address, request_id, idempotency_key, event_id, created_at
FROM acts
WHERE act_id < $2
  AND ($3::text IS NULL OR board_id = $3)
  AND ($4::uuid IS NULL OR user_id = $4)
  AND ($5::text IS NULL OR actor = $5)
  AND ($6::text IS NULL OR kind = $6)
  AND ($7::text IS NULL OR outcome = $7)
  AND ($8::timestamptz IS NULL OR created_at >= $8)
  AND ($9::timestamptz IS NULL OR created_at <= $9)
ORDER BY act_id DESC
LIMIT $1
