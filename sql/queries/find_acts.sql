-- Of the newest $10 acts below id $2, of the user ($4) or else the actor ($5) where one is named, the
-- newest $1 that fit, newest first; null admits every board ($3), user, actor, kind ($6) and outcome ($7),
-- and any time since $8 or until $9. With the lowest id that was looked at, where more may lie below it; one
-- row without an act tells just that.
WITH looked_at AS MATERIALIZED (
    SELECT * FROM newest_acts_v1($2, $4::uuid, $5::text, $10::bigint)
), bottom AS (
    SELECT CASE WHEN count(*) = $10 THEN min(act_id) END AS lowest FROM looked_at
), found AS (
    SELECT act_id FROM looked_at
    WHERE ($3::text IS NULL OR board_id = $3)
      AND ($5::text IS NULL OR actor = $5)
      AND ($6::text IS NULL OR kind = $6)
      AND ($7::text IS NULL OR outcome = $7)
      AND ($8::timestamptz IS NULL OR created_at >= $8)
      AND ($9::timestamptz IS NULL OR created_at <= $9)
    ORDER BY act_id DESC
    LIMIT $1
)
SELECT lowest, a.act_id, kind, outcome, board_id, user_id::text, parameters::text, reason, actor, scopes,
       kid, origin, client_address, request_id, idempotency_key, event_id, created_at
FROM bottom LEFT JOIN (
    found CROSS JOIN LATERAL (
        SELECT * FROM acts WHERE acts.act_id = found.act_id OFFSET 0
    ) AS a
) ON true
ORDER BY a.act_id DESC
