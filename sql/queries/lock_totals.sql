-- Locks the totals of users $2 of boards $1, sorted as every writer sorts them; the missing ones are
-- made first, with version 0, unless their board is gone.
INSERT INTO user_scores AS t (board_id, user_id, score, version, reached, updated_at)
SELECT i.board_id, i.user_id, 0, 0, 0, now()
FROM unnest($1::text[], $2::uuid[]) AS i (board_id, user_id)
JOIN boards ON boards.board_id = i.board_id
ORDER BY i.board_id COLLATE "C", i.user_id
ON CONFLICT (board_id, user_id) DO UPDATE SET version = t.version WHERE false
