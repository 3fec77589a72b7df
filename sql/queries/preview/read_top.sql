-- The top $2 of board $1 as it would be. Who changes comes last among those with the same score.
WITH those AS (
    SELECT user_id, score_after AS score, reached, true AS is_changed
    FROM changes WHERE NOT is_suspended
    ORDER BY score_after DESC, reached LIMIT $2
), others AS (
    SELECT user_id, score, reached, false
    FROM user_scores AS t
    WHERE board_id = $1 AND suspended_until IS NULL
      AND NOT EXISTS (SELECT FROM changes AS c WHERE c.user_id = t.user_id)
    ORDER BY score DESC, reached LIMIT $2
)
SELECT user_id::text, score, rank() OVER (ORDER BY score DESC) AS rank
FROM (SELECT * FROM those UNION ALL SELECT * FROM others) AS everybody
ORDER BY score DESC, is_changed, reached
LIMIT $2
