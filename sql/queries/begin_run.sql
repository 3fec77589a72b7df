-- Records an act about many events and begins its run; fails on the index acts_idempotency where this
-- actor has had another one applied with the same key.
WITH recorded AS (
    INSERT INTO acts (kind, outcome, board_id, user_id, parameters, reason, actor, scopes, kid,
                      origin, client_address, request_id, idempotency_key, created_at)
    VALUES ($1, 'applied', $2, $3::uuid, $4::text::jsonb, $5, $6, $7, $8, $9, $10, $11, $12,
            clock_timestamp())
    RETURNING act_id
)
INSERT INTO act_runs (act_id, first_id, below_id, events)
SELECT act_id, $13, $14, $15 FROM recorded
RETURNING act_id
