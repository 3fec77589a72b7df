-- Notes every total that is not what its events make, on board $1 or, where that is null, on all.
INSERT INTO differences (board_id, user_id, stored_score, stored_version, stored_reached,
                         stored_at, score, version, reached, reached_at, stored_until, until)
SELECT board_id, user_id, t.score, t.version, t.reached, t.updated_at,
       coalesce(r.score, 0), coalesce(r.version, 0), coalesce(r.reached, 0), r.reached_at,
       t.suspended_until, r.until
FROM (
    SELECT sorted.*, last.created_at AS reached_at,
           CASE WHEN sorted.suspended > coalesce(sorted.lifted, 0) THEN (
               SELECT coalesce((a.parameters ->> 'until')::timestamptz, 'infinity')
               FROM score_events AS e JOIN acts AS a ON a.act_id = e.act_id
               WHERE e.event_id = sorted.suspended
           ) END AS until
    FROM (SELECT * FROM replayed ORDER BY reached) AS sorted
    CROSS JOIN LATERAL (
        -- One look-up for each, in the order of the index: joined freely, the planner reads all of
        -- the events once more.
        SELECT created_at FROM score_events WHERE event_id = sorted.reached LIMIT 1
    ) AS last
) AS r
FULL JOIN (SELECT * FROM user_scores WHERE $1::text IS NULL OR board_id = $1) AS t
    USING (board_id, user_id)
WHERE (r.score, r.version, r.reached, r.reached_at, r.until)
    IS DISTINCT FROM (t.score::numeric, t.version, t.reached, t.updated_at, t.suspended_until)
