-- Brings the totals from where they stand to where the staged events of ids $1 to $2, a slice, lead;
-- how many users there are, and how many of their totals stood as expected.
WITH last AS MATERIALIZED (
    SELECT board_id, user_id, score_after, version_after, event_id, created_at, user_events
    FROM import_events
    WHERE event_id BETWEEN $1 AND $2 AND user_events IS NOT NULL
    ORDER BY board_id, user_id
), made AS (
    INSERT INTO user_scores (board_id, user_id, score, version, reached, updated_at)
    SELECT board_id, user_id, score_after, version_after, event_id, created_at
    FROM last WHERE version_after = user_events
    ON CONFLICT DO NOTHING
    RETURNING 1
), raised AS (
    UPDATE user_scores AS t
    SET score = last.score_after, version = last.version_after, reached = last.event_id,
        updated_at = last.created_at
    FROM last
    WHERE t.board_id = last.board_id AND t.user_id = last.user_id
      AND t.version = last.version_after - last.user_events
      AND last.version_after > last.user_events
    RETURNING 1
)
SELECT (SELECT count(*) FROM last) AS users,
       (SELECT count(*) FROM made) + (SELECT count(*) FROM raised) AS written
