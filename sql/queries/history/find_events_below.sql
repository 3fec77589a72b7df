-- The lowest id and the number of the newest $2 events below id $1; null and 0 where there are none.
SELECT min(event_id) AS lowest, count(*) AS events
FROM (SELECT event_id FROM score_events WHERE event_id < $1
      ORDER BY event_id DESC LIMIT $2) AS slice
