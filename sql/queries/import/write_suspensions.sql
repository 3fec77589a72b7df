-- Takes the users off their boards whom the staged events of ids $1 to $2 suspended or erased last, and
-- brings back those whom they lifted.
UPDATE user_scores AS t
SET suspended_until = last.until
FROM (
    SELECT DISTINCT ON (board_id, user_id) board_id, user_id,
           CASE WHEN act ->> 'kind' IN ('suspension', 'erasure')
                THEN coalesce((act -> 'parameters' ->> 'until')::timestamptz, 'infinity') END AS until
    FROM import_events
    WHERE event_id BETWEEN $1 AND $2 AND act ->> 'kind' IN ('suspension', 'lift', 'erasure')
    ORDER BY board_id, user_id, event_id DESC
) AS last
WHERE t.board_id = last.board_id AND t.user_id = last.user_id
