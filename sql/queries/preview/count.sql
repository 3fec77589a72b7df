-- How many events would be undone, of how many users, and the lowest and highest of their ids.
SELECT (SELECT count(*) FROM undone) AS events, (SELECT count(*) FROM changes) AS users,
       (SELECT min(event_id) FROM undone) AS first_id, (SELECT max(event_id) FROM undone) AS last_id
