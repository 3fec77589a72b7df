-- The settings that lose increments ($1: those that must be on) or refuse them, where they are
-- wrong, as a new session finds them, and where each is set.
SELECT name, CASE reset_val WHEN 'on' THEN 'off' ELSE 'on' END AS wanted, source,
       current_database() AS database, session_user AS user_name
FROM pg_settings
WHERE name = ANY ($1::text[]) AND reset_val = 'off'
   OR name = 'default_transaction_read_only' AND reset_val = 'on'
ORDER BY name
