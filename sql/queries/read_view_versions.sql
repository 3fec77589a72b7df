-- The versions of views $2 of boards $1.
SELECT v.board_id, v.view, v.version
FROM unnest($1::text[], $2::text[]) AS asked (board_id, view)
JOIN views AS v ON v.board_id = asked.board_id AND v.view = asked.view
