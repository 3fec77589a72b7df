-- Whether role $1 can reach the tables at all, and was given the right to put its own beside them.
SELECT has_schema_privilege($1, n.oid, 'USAGE') AS can_use,
       EXISTS (SELECT FROM aclexplode(coalesce(n.nspacl, acldefault('n', n.nspowner))) AS a
               WHERE a.privilege_type = 'CREATE'
                 AND a.grantee IN (0, (SELECT oid FROM pg_roles WHERE rolname = $1)))
       AS can_create,
       n.nspname AS schema_name
FROM pg_class AS c JOIN pg_namespace AS n ON n.oid = c.relnamespace
WHERE c.oid = to_regclass('score_events')
