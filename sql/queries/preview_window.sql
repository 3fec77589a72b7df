-- What the void of a window of board $1 would change: of ids from $2 to below $3, perhaps only of user $4,
-- action $5 or key $6, since $7 or until $8. One row for each user, who loses most first, with the score
-- that he has and how many events and points go. What is void already is left out.
WITH found AS MATERIALIZED (
    SELECT event_id, user_id, delta
    FROM score_events
    WHERE event_id >= $2 AND event_id < $3 AND board_id = $1 AND refers_to IS NULL AND delta <> 0
      AND ($4::uuid IS NULL OR user_id = $4)
      AND ($5::text IS NULL OR source = $5)
      AND ($6::text IS NULL OR kid = $6)
      AND ($7::timestamptz IS NULL OR created_at >= $7)
      AND ($8::timestamptz IS NULL OR created_at <= $8)
), standing AS (
    SELECT found.* FROM found
    LEFT JOIN LATERAL (
        -- The chain that begins there, where it is an odd number of events long: void.
        WITH RECURSIVE chain (event_id, length) AS (
            SELECT c.event_id, 1 FROM compensations AS c WHERE c.refers_to = found.event_id
            UNION ALL
            SELECT c.event_id, length + 1
            FROM chain JOIN compensations AS c ON c.refers_to = chain.event_id
        )
        SELECT max(length) AS length FROM chain
    ) AS undoing ON true
    WHERE coalesce(undoing.length, 0) % 2 = 0
)
SELECT s.user_id::text, s.events, s.points::text AS points, t.score,
       t.suspended_until IS NOT NULL AS is_suspended
FROM (SELECT user_id, count(*) AS events, sum(delta) AS points FROM standing GROUP BY user_id) AS s
JOIN user_scores AS t ON t.board_id = $1 AND t.user_id = s.user_id
ORDER BY abs(s.points) DESC, s.user_id
