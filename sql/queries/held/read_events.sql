-- The events that name user $3, whose rows lie from place $1 to before place $2 in the table, as
-- JSON: his own in full, and of those of others that he redeemed what does not tell of them.
SELECT e.user_id = $3::uuid AS is_own,
       CASE WHEN e.user_id = $3::uuid
            THEN jsonb_build_object(
                'eventId', e.event_id, 'board', e.board_id, 'delta', e.delta, 'score', e.score_after,
                'version', e.version_after, 'source', e.source, 'actor', e.actor, 'kid', e.kid,
                'nonce', e.nonce, 'nonceExpiresAt', n.expires_at, 'token', encode(e.token, 'escape'),
                'actId', e.act_id, 'refersTo', e.refers_to, 'undoneBy', c.event_id,
                'createdAt', e.created_at)
            ELSE jsonb_build_object(
                'eventId', e.event_id, 'board', e.board_id, 'delta', e.delta, 'source', e.source,
                'createdAt', e.created_at)
       END::text AS document
FROM score_events AS e
LEFT JOIN LATERAL (
    SELECT expires_at FROM action_nonces WHERE nonce = e.nonce AND event_id = e.event_id LIMIT 1
) AS n ON true
LEFT JOIN LATERAL (SELECT event_id FROM compensations WHERE refers_to = e.event_id LIMIT 1) AS c ON true
WHERE e.ctid >= $1 AND e.ctid < $2 AND (e.user_id = $3::uuid OR e.actor = $3::uuid::text)
ORDER BY e.event_id
