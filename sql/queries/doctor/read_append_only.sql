-- The trigger that reminds the owner of table $1, and whether the one stands that binds erasures there: of
-- what none ever opens there is no such trigger. tgtype 58: before UPDATE, DELETE and TRUNCATE, by statement;
-- 19: before UPDATE, by row.
SELECT tgenabled IN ('O', 'A') AS is_enabled, tgtype = 58 AS covers_all, p.proname AS function_name,
       $1::text = 'compensations'
       OR EXISTS (SELECT FROM pg_trigger AS g JOIN pg_proc AS f ON f.oid = g.tgfoid
                  WHERE g.tgrelid = t.tgrelid AND g.tgname = $1::text || '_erasure_only' AND g.tgtype = 19
                    AND g.tgenabled IN ('O', 'A')
                    AND f.proname = 'refuse_all_but_erasure_of_' || replace($1::text, 'score_', '')
       ) AS binds_erasures
FROM pg_trigger AS t JOIN pg_proc AS p ON p.oid = t.tgfoid
WHERE t.tgrelid = to_regclass($1::text) AND t.tgname = $1::text || '_append_only'
