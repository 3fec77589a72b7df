-- The first $2 users of board $1, in the order of the board.
SELECT user_id, score
FROM user_scores
WHERE board_id = $1 AND suspended_until IS NULL
ORDER BY score DESC, reached
LIMIT $2
