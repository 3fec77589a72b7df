-- The database's time, in Unix seconds.
SELECT extract(epoch FROM clock_timestamp())::float8 AS now_s
