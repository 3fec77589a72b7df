-- In one snapshot: the events of ids $1 that are there by now, and the first $3 above id $2.
(SELECT event_id, board_id, user_id::text, delta, score_after, version_after, nonce, kid, source,
        actor, created_at, act_id, refers_to
 FROM score_events WHERE event_id = ANY ($1::bigint[]))
UNION ALL
(SELECT event_id, board_id, user_id::text, delta, score_after, version_after, nonce, kid, source,
        actor, created_at, act_id, refers_to
 FROM score_events WHERE event_id > $2 ORDER BY event_id LIMIT $3)
ORDER BY event_id
