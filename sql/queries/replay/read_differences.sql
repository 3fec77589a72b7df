-- The kinds of differences, how often each is there, and its first $1 examples. Times are in Unix
-- microseconds, and the largest of all numbers is infinity.
SELECT kind, total AS count, board_id, user_id::text, stored, replayed
FROM (
    SELECT k.*, d.board_id, d.user_id, count(*) OVER (PARTITION BY k.kind) AS total,
           row_number() OVER (PARTITION BY k.kind ORDER BY d.board_id, d.user_id) AS place
    FROM differences AS d
    CROSS JOIN LATERAL (VALUES
        (1, 'missing', NULL, d.score, d.stored_version IS NULL),
        (2, 'extra', d.stored_score, NULL, d.version = 0),
        (3, 'score', d.stored_score, d.score, d.stored_score <> d.score),
        (4, 'version', d.stored_version, d.version, d.stored_version <> d.version),
        (5, 'reached', d.stored_reached, d.reached, d.stored_reached <> d.reached),
        (6, 'updated_at',
            (extract(epoch FROM d.stored_at) * 1000000)::bigint,
            (extract(epoch FROM d.reached_at) * 1000000)::bigint, d.stored_at <> d.reached_at),
        (7, 'suspended_until',
            CASE WHEN isfinite(d.stored_until) THEN (extract(epoch FROM d.stored_until) * 1000000)::bigint
                 WHEN d.stored_until IS NOT NULL THEN 9223372036854775807 END,
            CASE WHEN isfinite(d.until) THEN (extract(epoch FROM d.until) * 1000000)::bigint
                 WHEN d.until IS NOT NULL THEN 9223372036854775807 END,
            d.stored_version IS NOT NULL AND d.stored_until IS DISTINCT FROM d.until)
    ) AS k (position, kind, stored, replayed, is_so)
    WHERE k.is_so AND (d.version > 0 OR k.kind = 'extra')
) AS found
WHERE place <= $1
ORDER BY position, place
