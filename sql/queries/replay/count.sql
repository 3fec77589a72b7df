-- How many events were replayed, and how many totals they make.
SELECT coalesce(sum(version), 0)::bigint AS events, count(*) AS totals FROM replayed
