-- The plan of a scan of board $1: its rows are what PostgreSQL expects, without counting them.
EXPLAIN (FORMAT JSON) SELECT FROM user_scores WHERE board_id = $1
