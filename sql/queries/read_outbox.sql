-- The events of the oldest outbox rows behind row $2 that are not among rows $3, row by row: whole
-- rows, at most $1 of them, until they list $4 events.
SELECT outbox_id, event_id, board_id, user_id::text, delta, source, score_after, version_after,
       is_suspended, (extract(epoch FROM created_at) * 1000000)::bigint AS created_us
FROM (SELECT outbox_id, event_ids,
             sum(cardinality(event_ids)) OVER (ORDER BY outbox_id) AS listed
      FROM (SELECT outbox_id, event_ids FROM outbox
            WHERE outbox_id > $2 AND outbox_id <> ALL ($3::bigint[])
            ORDER BY outbox_id LIMIT $1) AS oldest) AS counted
-- The steps are named: a plan made while the tables were small would be kept when they are large.
CROSS JOIN LATERAL (
    SELECT * FROM score_events WHERE event_id = ANY (event_ids) OFFSET 0
) AS e
-- What a token earned was earned on the board; of acts, and of what was erased meanwhile, the present
-- state tells. What is newer follows.
LEFT JOIN LATERAL (
    SELECT suspended_until IS NOT NULL AS is_suspended FROM user_scores AS t
    WHERE e.token IS NULL AND t.board_id = e.board_id AND t.user_id = e.user_id OFFSET 0
) AS total ON true
WHERE listed - cardinality(event_ids) < $4::int
ORDER BY outbox_id, event_id
