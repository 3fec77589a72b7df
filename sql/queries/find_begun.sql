-- What actor $6 has had applied with key $7, and whether that is the act that $1 to $5 are.
SELECT act_id, (kind, board_id, user_id, parameters, reason)
               IS NOT DISTINCT FROM ($1, $2, $3::uuid, $4::text::jsonb, $5) AS is_same
FROM acts
WHERE actor = $6 AND idempotency_key = $7 AND outcome = 'applied'
