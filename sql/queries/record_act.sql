-- Records an act that went no further, or a read of personal data: what leads to no event has an odd number.
INSERT INTO acts (act_id, kind, outcome, board_id, user_id, parameters, reason, actor, scopes, kid, origin,
                  client_address, request_id, idempotency_key, created_at)
VALUES (nextval('act_ids') + 1, $1, $2, $3, $4::uuid, $5::text::jsonb, $6, $7, $8, $9, $10, $11, $12, $13, clock_timestamp())
RETURNING act_id
