-- Who holds lease $1, and for how many seconds more; negative once it has run out.
SELECT holder, term, extract(epoch FROM expires_at - clock_timestamp())::float8 AS left_s
FROM leases WHERE name = $1
