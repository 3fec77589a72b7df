-- The first $1 of the replayed totals, in the order of the board.
SELECT user_id::text, score::bigint FROM replayed ORDER BY score DESC, reached LIMIT $1
