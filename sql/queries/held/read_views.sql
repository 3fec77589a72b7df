-- The stored views in which user $1 stands, as JSON, each with his entry.
SELECT jsonb_build_object('board', v.board_id, 'view', v.view, 'version', v.version, 'entry', entry)::text
FROM views AS v
CROSS JOIN LATERAL jsonb_array_elements(convert_from(v.entries, 'UTF8')::jsonb) AS entry
WHERE entry ->> 'userId' = $1::uuid::text
ORDER BY v.board_id, v.view
