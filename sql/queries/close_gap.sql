-- The index of board $1 was rebuilt after time $2: nothing is missing, unless noticed since.
DELETE FROM standings_gaps WHERE board_id = $1 AND noticed_at <= $2
