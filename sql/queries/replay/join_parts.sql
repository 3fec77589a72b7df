-- The totals that the slices make together.
INSERT INTO replayed (board_id, user_id, score, version, reached, suspended, lifted)
SELECT board_id, user_id, sum(score), sum(version)::bigint, max(reached), max(suspended),
       max(lifted)
FROM replay_parts
GROUP BY user_id, board_id
