-- Whether anything is held of user $1. Only where totals and acts tell nothing all events are looked through.
SELECT CASE
    WHEN EXISTS (SELECT FROM boards AS b CROSS JOIN LATERAL (
                     SELECT FROM user_scores AS t
                     WHERE t.board_id = b.board_id AND t.user_id = $1::uuid OFFSET 0) AS held)
      OR EXISTS (SELECT FROM acts WHERE user_id = $1::uuid)
      OR EXISTS (SELECT FROM acts WHERE actor = $1::uuid::text) THEN true
    ELSE EXISTS (SELECT FROM score_events WHERE user_id = $1::uuid OR actor = $1::uuid::text)
END
