-- Adds board $1 with the schema's own limits; no row where it exists already.
INSERT INTO boards (board_id) VALUES ($1) ON CONFLICT (board_id) DO NOTHING RETURNING board_id
