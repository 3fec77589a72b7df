-- The first $1 of the replayed totals, in the order of the board, without the suspended.
SELECT user_id::text, score::bigint FROM replayed
WHERE coalesce(suspended, 0) <= coalesce(lifted, 0)
ORDER BY score DESC, reached LIMIT $1
