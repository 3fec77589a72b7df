-- Writes the staged events of ids $1 to $2.
INSERT INTO score_events (event_id, board_id, user_id, delta, score_after, version_after, nonce,
                          kid, source, actor, token, created_at, act_id, refers_to)
SELECT event_id, board_id, user_id, delta, score_after, version_after, nonce, kid, source, actor,
       token, created_at, act_id, refers_to
FROM import_events
WHERE event_id BETWEEN $1 AND $2
ORDER BY event_id
