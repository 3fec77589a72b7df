-- Adds up, by user, the events whose rows lie from place $1 to before place $2 in the table: of
-- board $3, up to event $4, until time $5; null admits every one.
INSERT INTO replay_parts (board_id, user_id, score, version, reached, suspended, lifted)
SELECT board_id, user_id, sum(delta), count(*), max(event_id),
       max(event_id) FILTER (WHERE act_id IS NOT NULL AND source IN ('suspension', 'erasure')),
       max(event_id) FILTER (WHERE act_id IS NOT NULL AND source = 'lift')
FROM score_events
WHERE ctid >= $1 AND ctid < $2
  AND ($3::text IS NULL OR board_id = $3)
  AND ($4::bigint IS NULL OR event_id <= $4)
  AND ($5::timestamptz IS NULL OR created_at <= $5)
-- By user first: of two keys that are compared, the one that differs.
GROUP BY user_id, board_id
