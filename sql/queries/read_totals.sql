-- The totals of users $2 on board $1, packed as scan_totals packs them; NULL where none has one.
SELECT string_agg(
           uuid_send(user_id) || int8send(version) || int8send(CASE WHEN suspended_until IS NULL THEN reached ELSE 0 END)
               || int8send((extract(epoch FROM updated_at) * 1000000)::bigint) || int8send(-score),
           ''::bytea) AS packed
FROM user_scores
WHERE board_id = $1 AND user_id = ANY ($2::uuid[])
