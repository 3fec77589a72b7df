-- Changes limits of board $1: null leaves one as it is. Actions become $6 where $5 says so, and
-- there null admits every action. No row where there is no such board.
UPDATE boards
SET max_delta = coalesce($2, max_delta),
    min_score = coalesce($3, min_score),
    max_score = coalesce($4, max_score),
    allowed_actions = CASE WHEN $5 THEN $6::text[] ELSE allowed_actions END
WHERE board_id = $1
RETURNING board_id
