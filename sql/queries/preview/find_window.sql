-- Finds what the void of a window of board $1 would undo: of ids from $2 to below $3, perhaps only of user
-- $4, action $5 or key $6, since $7 or until $8. What is void already is left out.
WITH RECURSIVE found AS MATERIALIZED (
    SELECT e.event_id, e.user_id, e.delta, c.event_id AS undone_by
    FROM score_events AS e LEFT JOIN compensations AS c ON c.refers_to = e.event_id
    WHERE e.event_id >= $2 AND e.event_id < $3 AND e.board_id = $1
      AND e.refers_to IS NULL AND e.delta <> 0
      AND ($4::uuid IS NULL OR e.user_id = $4)
      AND ($5::text IS NULL OR e.source = $5)
      AND ($6::text IS NULL OR e.kid = $6)
      AND ($7::timestamptz IS NULL OR e.created_at >= $7)
      AND ($8::timestamptz IS NULL OR e.created_at <= $8)
), chain (first_id, event_id, is_void) AS (
    SELECT event_id, undone_by, true FROM found WHERE undone_by IS NOT NULL
    UNION ALL
    SELECT chain.first_id, c.event_id, NOT chain.is_void
    FROM chain JOIN compensations AS c ON c.refers_to = chain.event_id
), last AS (
    -- The ids of a chain grow.
    SELECT DISTINCT ON (first_id) first_id, is_void FROM chain ORDER BY first_id, event_id DESC
)
INSERT INTO undone (event_id, user_id, delta)
SELECT found.event_id, user_id, delta
FROM found LEFT JOIN last ON last.first_id = found.event_id
WHERE last.is_void IS NOT TRUE
