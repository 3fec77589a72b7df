-- The latest stored version of view $2 of board $1.
SELECT term, epoch, version, entries, generated_at FROM views WHERE board_id = $1 AND view = $2
