-- Records an act about many events and begins its run, unless this actor has begun one with the same key.
-- The act's id, and whether it is a new one.
WITH earlier AS MATERIALIZED (
    SELECT act_id, kind, board_id, user_id, parameters, reason
    FROM acts WHERE actor = $6 AND idempotency_key = $12::text AND outcome = 'applied'
), recorded AS (
    INSERT INTO acts (kind, outcome, board_id, user_id, parameters, reason, actor, scopes, kid,
                      origin, client_address, request_id, idempotency_key, created_at)
    SELECT $1, 'applied', $2, $3::uuid, $4::text::jsonb, $5, $6, $7, $8, $9, $10, $11, $12,
           clock_timestamp()
    WHERE NOT EXISTS (SELECT FROM earlier)
    RETURNING act_id
), begun AS (
    INSERT INTO act_runs (act_id, first_id, below_id, events)
    SELECT act_id, $13, $14, $15 FROM recorded
)
SELECT act_id, true AS is_new, true AS is_same FROM recorded
UNION ALL
SELECT act_id, false, (kind, board_id, user_id, parameters, reason)
                      IS NOT DISTINCT FROM ($1, $2, $3::uuid, $4::text::jsonb, $5)
FROM earlier
