-- What is left to each user of board $1, within its limits.
INSERT INTO changes (user_id, events, points, score, score_after, reached, is_suspended)
SELECT t.user_id, u.events, u.points, t.score,
       greatest(b.min_score, least(b.max_score, t.score - u.points)),
       t.reached, t.suspended_until IS NOT NULL
FROM (SELECT user_id, count(*) AS events, sum(delta) AS points FROM undone GROUP BY user_id) AS u
JOIN user_scores AS t ON t.board_id = $1 AND t.user_id = u.user_id
JOIN boards AS b ON b.board_id = $1
