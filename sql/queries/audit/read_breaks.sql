-- The kinds of breaks, how often each is there, and the ids of its first $1 events.
SELECT kind, max(total) AS count, array_agg(event_id ORDER BY event_id) AS event_ids
FROM (
    SELECT kind, event_id, count(*) OVER (PARTITION BY kind) AS total,
           row_number() OVER (PARTITION BY kind ORDER BY event_id) AS place
    FROM breaks
) AS found
WHERE place <= $1
GROUP BY kind
ORDER BY kind
