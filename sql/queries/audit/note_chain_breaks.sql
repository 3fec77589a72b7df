-- Notes the events whose version or score does not follow from the one before; looks only at users
-- where there are any.
INSERT INTO breaks (kind, event_id)
SELECT CASE WHEN is_version THEN 'version_order' ELSE 'running_score' END, event_id
FROM (
    SELECT event_id, delta, version_after, score_after,
           lag(version_after, 1, 0::bigint) OVER chain AS version_before,
           lag(score_after, 1, 0::bigint) OVER chain AS score_before
    FROM audited JOIN replayed USING (user_id, board_id)
    WHERE replayed.breaks > 0
    WINDOW chain AS (PARTITION BY user_id, board_id ORDER BY event_id)
) AS chained
CROSS JOIN (VALUES (true), (false)) AS looked_at (is_version)
WHERE CASE WHEN is_version THEN version_after <> version_before + 1
           ELSE score_after <> score_before + delta::numeric END
