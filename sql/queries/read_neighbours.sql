-- The users who stand at most $3 places above or below users $2 of board $1, and they themselves: one
-- row for each user asked (his place in $2), with users and scores in the order of the board, and the
-- position and rank of the first of them. No row for a user without a score, or a suspended one.
--
-- From where a user stands the index is read to both sides, first those with his score, then others:
-- no single bound says both. What stands above is counted in one pass along the index, however many
-- users are asked and however many share a score: from one point to the next, where points are the
-- first user of each window and the first of all who share his score.
WITH near AS MATERIALIZED (
    SELECT asked.place, found.*
    FROM unnest($2::uuid[]) WITH ORDINALITY AS asked (user_id, place)
    CROSS JOIN LATERAL (
        SELECT user_id, score, reached, suspended_until FROM user_scores
        WHERE board_id = $1 AND user_id = asked.user_id
        OFFSET 0
    ) AS own
    CROSS JOIN LATERAL (
        SELECT array_agg(user_id ORDER BY score DESC, reached) AS users,
               array_agg(score ORDER BY score DESC, reached) AS scores,
               (array_agg(reached ORDER BY score DESC, reached))[1] AS reached
        FROM (
            (SELECT * FROM (
                (SELECT user_id, score, reached FROM user_scores
                 WHERE board_id = $1 AND score = own.score AND reached < own.reached AND suspended_until IS NULL
                 ORDER BY reached DESC LIMIT $3)
                UNION ALL
                (SELECT user_id, score, reached FROM user_scores
                 WHERE board_id = $1 AND score > own.score AND suspended_until IS NULL
                 ORDER BY score, reached DESC LIMIT $3)
            ) AS above ORDER BY score, reached DESC LIMIT $3)
            UNION ALL
            SELECT own.user_id, own.score, own.reached
            UNION ALL
            (SELECT * FROM (
                (SELECT user_id, score, reached FROM user_scores
                 WHERE board_id = $1 AND score = own.score AND reached > own.reached AND suspended_until IS NULL
                 ORDER BY reached LIMIT $3)
                UNION ALL
                (SELECT user_id, score, reached FROM user_scores
                 WHERE board_id = $1 AND score < own.score AND suspended_until IS NULL
                 ORDER BY score DESC, reached LIMIT $3)
            ) AS below ORDER BY score DESC, reached LIMIT $3)
        ) AS rows
    ) AS found
    -- Here, not in the look-up: that one is to take the primary key.
    WHERE own.suspended_until IS NULL
), points AS (
    SELECT score, reached, lag(score, 1, 9007199254740992) OVER along AS from_score,
           lag(reached, 1, 0::bigint) OVER along AS from_reached
    FROM (
        SELECT scores[1] AS score, reached FROM near UNION SELECT scores[1], 0 FROM near
    ) AS firsts
    WINDOW along AS (ORDER BY score DESC, reached)
), passed AS MATERIALIZED (
    SELECT score, reached,
           (1 + sum(ties + others) OVER (ORDER BY score DESC, reached))::bigint AS position
    FROM points
    CROSS JOIN LATERAL (
        SELECT count(*) AS ties FROM user_scores
        WHERE board_id = $1 AND suspended_until IS NULL AND score = from_score AND reached >= from_reached
          AND reached < CASE WHEN points.score = from_score THEN points.reached
                             ELSE 9223372036854775807 END
    ) AS tied
    CROSS JOIN LATERAL (
        SELECT count(*) AS others FROM user_scores
        WHERE board_id = $1 AND suspended_until IS NULL
          AND user_scores.score < from_score AND user_scores.score > points.score
    ) AS between_scores
)
SELECT near.place, near.users, near.scores, first.position, best.position AS rank
FROM near
JOIN passed AS first ON first.score = near.scores[1] AND first.reached = near.reached
JOIN passed AS best ON best.score = near.scores[1] AND best.reached = 0
ORDER BY near.place
