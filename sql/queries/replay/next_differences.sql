-- The next $3 totals that differ behind user $2 of board $1.
SELECT board_id, user_id FROM differences
WHERE (board_id, user_id) > ($1::text COLLATE "C", $2::uuid)
ORDER BY board_id, user_id
LIMIT $3
