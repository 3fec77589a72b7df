-- The totals that the slices make together.
INSERT INTO replayed (board_id, user_id, score, version, reached)
SELECT board_id, user_id, sum(score), sum(version)::bigint, max(reached)
FROM replay_parts
GROUP BY user_id, board_id
