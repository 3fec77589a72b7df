-- Everything about event $1: what is stored, and until when its nonce is held, null once purged
-- and where it has none.
SELECT e.event_id, e.board_id, e.user_id::text, e.delta, e.score_after, e.version_after, e.nonce,
       e.kid, e.source, e.actor, e.created_at, e.act_id, e.refers_to, e.token,
       (SELECT to_jsonb(a)::text FROM acts AS a WHERE a.act_id = e.act_id) AS act,
       n.expires_at AS nonce_expires_at
FROM score_events AS e LEFT JOIN action_nonces AS n
     ON n.nonce = e.nonce AND n.event_id = e.event_id
WHERE e.event_id = $1
