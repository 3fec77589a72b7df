-- What an operator should know of the server: one row, readable by every user.
SELECT current_setting('server_version') AS version,
       current_setting('server_version_num')::int AS version_number,
       current_user AS user_name,
       pg_is_in_recovery() AS is_standby,
       current_setting('max_connections')::int
       - current_setting('superuser_reserved_connections')::int
       - coalesce(current_setting('reserved_connections', true), '0')::int AS connections_max,
       (SELECT count(*) FROM pg_stat_activity
        WHERE backend_type = 'client backend' AND application_name NOT LIKE 'scoreboard-%')
       AS other_sessions,
       (SELECT max(age(datfrozenxid)) FROM pg_database) AS transaction_age,
       pg_database_size(current_database()) AS size_bytes,
       -- No row for users who may not know it.
       (SELECT setting FROM pg_settings WHERE name = 'data_directory') AS data_directory
