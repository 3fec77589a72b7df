-- The first event of the slice, of ids $1 to $2, that is stored with another content.
SELECT slice.event_id
FROM import_slice AS slice
JOIN score_events AS stored
     ON stored.event_id = slice.event_id AND stored.event_id BETWEEN $1 AND $2
WHERE (slice.board_id, slice.user_id, slice.delta, slice.score_after, slice.version_after,
       slice.nonce, slice.kid, slice.source, slice.actor, slice.token, slice.created_at,
       slice.act_id, slice.refers_to)
      IS DISTINCT FROM
      (stored.board_id, stored.user_id, stored.delta, stored.score_after, stored.version_after,
       stored.nonce, stored.kid, stored.source, stored.actor, stored.token, stored.created_at,
       stored.act_id, stored.refers_to)
ORDER BY slice.event_id
LIMIT 1
