-- Every board with its limits.
SELECT board_id, max_delta, min_score, max_score, allowed_actions FROM boards ORDER BY board_id
