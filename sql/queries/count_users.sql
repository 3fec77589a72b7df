-- How many users board $1 has. Counts to $2 at most.
SELECT count(*) AS users FROM (SELECT FROM user_scores WHERE board_id = $1 LIMIT $2) AS counted
