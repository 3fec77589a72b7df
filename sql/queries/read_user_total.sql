-- What user $2 has on board $1, suspended or not; `until` null where nobody has said when it ends.
SELECT score, version, updated_at, suspended_until IS NOT NULL AS is_suspended,
       nullif(suspended_until, 'infinity') AS until
FROM user_scores WHERE board_id = $1 AND user_id = $2
