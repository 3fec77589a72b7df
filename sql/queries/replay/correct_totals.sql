-- Gives the locked totals of users $2 of boards $1 what their events make; those without events go.
-- Returns how many, by board.
WITH wanted AS (
    SELECT d.* FROM differences AS d
    JOIN unnest($1::text[], $2::uuid[]) AS i (board_id, user_id) USING (board_id, user_id)
), removed AS (
    DELETE FROM user_scores AS t USING wanted AS w
    WHERE w.version = 0 AND t.board_id = w.board_id AND t.user_id = w.user_id
    RETURNING t.board_id
), changed AS (
    UPDATE user_scores AS t
    SET score = w.score::bigint, version = w.version, reached = w.reached,
        updated_at = (SELECT created_at FROM score_events WHERE event_id = w.reached),
        suspended_until = w.until
    FROM wanted AS w
    WHERE w.version > 0 AND t.board_id = w.board_id AND t.user_id = w.user_id
    RETURNING t.board_id
)
SELECT board_id, count(*) AS totals
FROM (SELECT board_id FROM removed UNION ALL SELECT board_id FROM changed) AS corrected
GROUP BY board_id
ORDER BY board_id
