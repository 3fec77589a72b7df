-- The trigger that reminds the owner of table $1. tgtype 58: before UPDATE, DELETE and TRUNCATE, by statement.
SELECT tgenabled IN ('O', 'A') AS is_enabled, tgtype = 58 AS covers_all, p.proname AS function_name
FROM pg_trigger AS t JOIN pg_proc AS p ON p.oid = t.tgfoid
WHERE t.tgrelid = to_regclass($1::text) AND t.tgname = $1::text || '_append_only'
