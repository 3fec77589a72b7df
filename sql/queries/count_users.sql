-- How many users board $1 has, but for the suspended. Counts to $2 at most.
SELECT count(*) AS users FROM (SELECT FROM user_scores WHERE board_id = $1 AND suspended_until IS NULL LIMIT $2) AS counted
