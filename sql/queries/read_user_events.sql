-- Of the newest $5 events below id $3, of whomever, the newest $4 of user $2 on board $1, newest first,
-- each with the event that undoes it. With the lowest id that was looked at, where more lie below it;
-- one row without an event tells just that. No index leads to the events of a user, but his total
-- knows the last one: nothing above it is looked at.
WITH looked_at AS MATERIALIZED (
    SELECT event_id, board_id, user_id
    FROM score_events
    WHERE event_id < least($3, coalesce((SELECT reached + 1 FROM user_scores
                                         WHERE board_id = $1 AND user_id = $2), 0))
    ORDER BY event_id DESC LIMIT $5
), bottom AS (
    SELECT CASE WHEN count(*) = $5 THEN min(event_id) END AS lowest FROM looked_at
), found AS (
    SELECT event_id FROM looked_at
    WHERE board_id = $1 AND user_id = $2
    ORDER BY event_id DESC LIMIT $4
)
SELECT bottom.lowest, e.event_id, e.delta, e.score_after, e.version_after, e.source, e.actor, e.kid,
       e.created_at, e.act_id, e.refers_to, c.event_id AS undone_by
FROM bottom
LEFT JOIN found ON true
LEFT JOIN LATERAL (SELECT * FROM score_events WHERE event_id = found.event_id LIMIT 1) AS e ON true
LEFT JOIN LATERAL (SELECT * FROM compensations WHERE refers_to = found.event_id LIMIT 1) AS c ON true
ORDER BY found.event_id DESC
