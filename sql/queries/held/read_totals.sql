-- The totals of user $1, as JSON, board by board. `infinity`: suspended until it is lifted.
SELECT jsonb_build_object(
           'board', t.board_id, 'score', t.score, 'version', t.version, 'reachedWithEvent', t.reached,
           'updatedAt', t.updated_at, 'suspendedUntil', t.suspended_until)::text
FROM boards AS b
CROSS JOIN LATERAL (
    SELECT * FROM user_scores WHERE board_id = b.board_id AND user_id = $1::uuid OFFSET 0
) AS t
ORDER BY t.board_id
