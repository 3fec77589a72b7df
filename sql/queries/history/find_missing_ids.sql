-- In one snapshot: the highest event id, and which of the $2 ids up to it are missing above id $1.
SELECT newest_id,
       ARRAY(SELECT id FROM generate_series(lowest_id, newest_id) AS ids (id)
             EXCEPT
             SELECT event_id FROM score_events WHERE event_id >= lowest_id) AS missing
FROM (SELECT newest_id, greatest($1, newest_id - $2) + 1 AS lowest_id
      FROM (SELECT coalesce(max(event_id), 0) AS newest_id FROM score_events) AS top) AS bounds
