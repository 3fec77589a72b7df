-- How many events `scan_events` finds with the same $1 to $5.
SELECT count(*)
FROM score_events
WHERE event_id > $1 AND event_id <= $2
  AND ($3::text IS NULL OR board_id = $3)
  AND ($4::timestamptz IS NULL OR created_at >= $4)
  AND ($5::timestamptz IS NULL OR created_at <= $5)
