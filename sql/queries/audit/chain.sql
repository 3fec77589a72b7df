-- Walks each user's events in the order of their ids: adds up the total that they make, and counts
-- the events whose version or score does not follow from the one before.
INSERT INTO replayed (board_id, user_id, score, version, reached, suspended, lifted,
                      breaks)
SELECT board_id, user_id, sum(delta), count(*), max(event_id),
       max(event_id) FILTER (WHERE is_suspension), max(event_id) FILTER (WHERE NOT is_suspension),
       count(*) FILTER (WHERE version_after <> version_before + 1
                              -- As numeric: what is wrong may lie beyond any bigint.
                              OR score_after <> score_before + delta::numeric)
FROM (
    SELECT user_id, board_id, event_id, delta, version_after, score_after, is_suspension,
           lag(version_after, 1, 0::bigint) OVER chain AS version_before,
           lag(score_after, 1, 0::bigint) OVER chain AS score_before
    FROM audited
    -- By user first: of two keys that are compared, the one that differs.
    WINDOW chain AS (PARTITION BY user_id, board_id ORDER BY event_id)
) AS chained
GROUP BY user_id, board_id
