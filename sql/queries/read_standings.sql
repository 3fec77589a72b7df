-- Where users $2 of boards $1 stand, in the order asked; no score and rank for a user without
-- a score, or for one who is suspended.
--
-- Scores between two that are asked for are counted once, however many users are asked: one pass
-- along the index instead of one for each user.
WITH own AS MATERIALIZED (
    SELECT asked.position, asked.board_id, total.version, total.updated_at,
           CASE WHEN total.suspended_until IS NULL THEN total.score END AS score,
           total.suspended_until IS NOT NULL AS is_suspended
    FROM unnest($1::text[], $2::uuid[]) WITH ORDINALITY AS asked (board_id, user_id, position)
    LEFT JOIN LATERAL (
        SELECT score, version, updated_at, suspended_until FROM user_scores
        WHERE board_id = asked.board_id AND user_id = asked.user_id OFFSET 0
    ) AS total ON true
), steps AS (
    SELECT board_id, score,
           lag(score, 1, 9007199254740991) OVER (PARTITION BY board_id ORDER BY score DESC) AS above
    FROM (SELECT DISTINCT board_id, score FROM own WHERE score IS NOT NULL) AS scores
), counted AS (
    SELECT board_id, score,
           (SELECT count(*) FROM user_scores AS total
            WHERE total.board_id = steps.board_id
              AND total.score > steps.score AND total.score <= steps.above
              AND total.suspended_until IS NULL) AS users
    FROM steps
), ranked AS (
    SELECT board_id, score,
           (1 + sum(users) OVER (PARTITION BY board_id ORDER BY score DESC))::bigint AS rank
    FROM counted
)
SELECT own.score, own.version, ranked.rank,
       (extract(epoch FROM own.updated_at) * 1000000)::bigint AS updated_us, own.is_suspended
FROM own LEFT JOIN ranked ON ranked.board_id = own.board_id AND ranked.score = own.score
ORDER BY own.position
