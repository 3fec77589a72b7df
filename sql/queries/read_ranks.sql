-- The present ranks of users $2 of boards $1, in the order asked; null for a user without a score.
--
-- Scores between two that are asked for are counted once, however many users are asked: one pass
-- along the index instead of one for each user.
WITH own AS MATERIALIZED (
    SELECT asked.position, asked.board_id,
           (SELECT score FROM user_scores AS total
            WHERE total.board_id = asked.board_id AND total.user_id = asked.user_id) AS score
    FROM unnest($1::text[], $2::uuid[]) WITH ORDINALITY AS asked (board_id, user_id, position)
), steps AS (
    SELECT board_id, score,
           lag(score, 1, 9007199254740991) OVER (PARTITION BY board_id ORDER BY score DESC) AS above
    FROM (SELECT DISTINCT board_id, score FROM own WHERE score IS NOT NULL) AS scores
), counted AS (
    SELECT board_id, score,
           (SELECT count(*) FROM user_scores AS total
            WHERE total.board_id = steps.board_id
              AND total.score > steps.score AND total.score <= steps.above) AS users
    FROM steps
), ranked AS (
    SELECT board_id, score,
           (1 + sum(users) OVER (PARTITION BY board_id ORDER BY score DESC))::bigint AS rank
    FROM counted
)
SELECT ranked.rank
FROM own LEFT JOIN ranked ON ranked.board_id = own.board_id AND ranked.score = own.score
ORDER BY own.position
