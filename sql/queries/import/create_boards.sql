-- Boards $1, with the usual limits where they are not there yet.
INSERT INTO boards (board_id) SELECT unnest($1::text[]) ON CONFLICT DO NOTHING
