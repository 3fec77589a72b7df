-- Brings the totals that differ up to date with the events behind event $1; safe to repeat.
--
-- Each takes what lies behind its own last event: of one user, ids grow in the order of commits, so
-- whoever sees an event has seen all that come before it.
UPDATE differences AS d
SET score = d.score + recent.score, version = d.version + recent.version, reached = recent.reached
FROM (
    SELECT e.board_id, e.user_id, sum(e.delta) AS score, count(*) AS version,
           max(e.event_id) AS reached
    FROM score_events AS e
    JOIN differences AS known USING (board_id, user_id)
    WHERE e.event_id > $1 AND e.event_id > known.reached
    GROUP BY e.user_id, e.board_id
) AS recent
WHERE d.board_id = recent.board_id AND d.user_id = recent.user_id
