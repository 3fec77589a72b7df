-- Whether the event $1, or else the time $2, is still to come.
SELECT CASE
    WHEN $1::bigint IS NOT NULL
    THEN $1 > coalesce((SELECT max(event_id) FROM score_events), 0)
    ELSE $2::timestamptz > clock_timestamp()
END
