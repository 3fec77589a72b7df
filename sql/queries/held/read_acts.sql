-- Every act that names user $1, as JSON: about him or by him, and where only its reason, its
-- parameters or its key do.
SELECT jsonb_build_object(
           'actId', act_id, 'kind', kind, 'outcome', outcome, 'board', board_id, 'userId', user_id,
           'parameters', parameters, 'reason', reason, 'actor', actor, 'scopes', scopes, 'kid', kid,
           'origin', origin, 'clientAddress', client_address, 'requestId', request_id,
           'idempotencyKey', idempotency_key, 'eventId', event_id, 'createdAt', created_at)::text
FROM acts AS a
WHERE to_jsonb(a)::text ~* ($1::uuid::text || '|' || replace($1::uuid::text, '-', ''))
ORDER BY act_id
