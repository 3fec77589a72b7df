-- The events of the oldest $1 outbox rows behind row $2, row by row.
SELECT o.outbox_id, e.event_id, e.board_id, e.user_id, e.delta, e.source, e.score_after,
       e.version_after, (extract(epoch FROM e.created_at) * 1000000)::bigint AS created_us
FROM (SELECT outbox_id, event_ids FROM outbox WHERE outbox_id > $2
      ORDER BY outbox_id LIMIT $1) AS o
CROSS JOIN LATERAL unnest(o.event_ids) AS listed (event_id)
CROSS JOIN LATERAL (
    -- One look-up for each event: joined freely, the planner may read all of the events instead.
    SELECT * FROM score_events WHERE score_events.event_id = listed.event_id LIMIT 1
) AS e
ORDER BY o.outbox_id, e.event_id
