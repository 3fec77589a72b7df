-- Brings the totals that differ up to date with the events behind event $1; safe to repeat.
--
-- Each takes what lies behind its own last event: of one user, ids grow in the order of commits, so
-- whoever sees an event has seen all that come before it.
UPDATE differences AS d
SET score = d.score + recent.score, version = d.version + recent.version, reached = recent.reached,
    until = CASE WHEN coalesce(recent.suspended, recent.lifted) IS NULL THEN d.until
                 WHEN recent.suspended > coalesce(recent.lifted, 0) THEN (
                     SELECT coalesce((a.parameters ->> 'until')::timestamptz, 'infinity')
                     FROM score_events AS e JOIN acts AS a ON a.act_id = e.act_id
                     WHERE e.event_id = recent.suspended
                 ) END
FROM (
    SELECT e.board_id, e.user_id, sum(e.delta) AS score, count(*) AS version,
           max(e.event_id) AS reached,
           max(e.event_id) FILTER (WHERE e.act_id IS NOT NULL AND e.source IN ('suspension', 'erasure'))
               AS suspended,
           max(e.event_id) FILTER (WHERE e.act_id IS NOT NULL AND e.source = 'lift') AS lifted
    FROM score_events AS e
    JOIN differences AS known USING (board_id, user_id)
    WHERE e.event_id > $1 AND e.event_id > known.reached
    GROUP BY e.user_id, e.board_id
) AS recent
WHERE d.board_id = recent.board_id AND d.user_id = recent.user_id
