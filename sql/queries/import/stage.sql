-- Stages what the slice adds, and returns the first event that does not go on where its user's total
-- stands: by the totals of the slices before it, else by the stored one. Versions have no gaps,
-- scores are running sums, and ids grow with versions. If there is one, the caller rolls back.
WITH users AS MATERIALIZED (
    SELECT DISTINCT board_id, user_id FROM import_slice
), starts AS MATERIALIZED (
    SELECT users.board_id, users.user_id, coalesce(total.version, 0) AS version,
           coalesce(total.score, 0) AS score, coalesce(total.reached, 0) AS reached
    FROM users LEFT JOIN LATERAL (
        -- Each looked up by itself, the nearer one first: joined, either table might be read whole.
        (SELECT version, score, reached FROM import_totals AS t
         WHERE t.board_id = users.board_id AND t.user_id = users.user_id LIMIT 1)
        UNION ALL
        (SELECT version, score, reached FROM user_scores AS t
         WHERE t.board_id = users.board_id AND t.user_id = users.user_id LIMIT 1)
        LIMIT 1
    ) AS total ON true
), due AS MATERIALIZED (
    SELECT slice.event_id, slice.board_id, slice.user_id, slice.score_after, slice.version_after,
           slice.created_at, starts.reached,
           row_number() OVER up AS position,
           lead(slice.event_id) OVER up IS NULL AS is_last,
           starts.version + row_number() OVER up AS version_due,
           starts.score + sum(slice.delta) OVER up AS score_due
    FROM import_slice AS slice
    JOIN starts ON starts.board_id = slice.board_id AND starts.user_id = slice.user_id
    WINDOW up AS (PARTITION BY slice.board_id, slice.user_id ORDER BY slice.event_id)
), staged AS (
    INSERT INTO import_events
    SELECT slice.*, CASE WHEN due.is_last THEN due.position END
    FROM import_slice AS slice JOIN due ON due.event_id = slice.event_id
), totals AS (
    INSERT INTO import_totals AS t (board_id, user_id, score, version, reached, updated_at)
    SELECT board_id, user_id, score_after, version_after, event_id, created_at
    FROM due WHERE is_last
    ON CONFLICT (board_id, user_id) DO UPDATE
    SET score = excluded.score, version = excluded.version, reached = excluded.reached,
        updated_at = excluded.updated_at
)
SELECT event_id, board_id, user_id::text, score_after, version_after, version_due,
       score_due::text, reached
FROM due
WHERE version_after <> version_due OR score_after <> score_due OR event_id <= reached
ORDER BY event_id
LIMIT 1
