-- Takes over the events whose rows lie from place $1 to before place $2 in the table; of board $3, or
-- of all where that is null.
INSERT INTO audited (event_id, board_id, user_id, delta, score_after, version_after, nonce,
                     created_at, act_id, refers_to, is_suspension, is_erased)
SELECT event_id, board_id, user_id, delta, score_after, version_after, nonce, created_at,
       act_id, refers_to,
       CASE WHEN act_id IS NOT NULL AND source IN ('suspension', 'lift', 'erasure')
            THEN source <> 'lift' END,
       act_id IS NULL AND token IS NULL
FROM score_events
WHERE ctid >= $1 AND ctid < $2 AND ($3::text IS NULL OR board_id = $3)
