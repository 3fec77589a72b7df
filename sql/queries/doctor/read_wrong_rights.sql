-- Rights on the ledger's schema that role $1 lacks (is_missing) or should not have, given to it or to
-- all. A migration that makes a table lists it here: what is not listed should have no rights, and
-- has a row, without any if need be, that says so (is_listed false).
WITH expected (name, rights) AS (
    VALUES ('score_events', '{SELECT,INSERT}'::text[]),
           ('acts', '{SELECT,INSERT}'),
           ('compensations', '{SELECT,INSERT}'),
           ('act_runs', '{SELECT,INSERT,UPDATE}'),
           ('erasures', '{SELECT,INSERT}'),
           ('user_scores', '{SELECT,INSERT,UPDATE,DELETE}'),
           ('action_nonces', '{SELECT,INSERT,UPDATE,DELETE}'),
           ('outbox', '{SELECT,INSERT,UPDATE,DELETE}'),
           ('leases', '{SELECT,INSERT,UPDATE,DELETE}'),
           ('views', '{SELECT,INSERT,UPDATE,DELETE}'),
           ('standings_gaps', '{SELECT,INSERT,UPDATE,DELETE}'),
           ('boards', '{SELECT}'),
           ('schema_migrations', '{}'),
           ('score_event_ids', '{USAGE}'),
           ('act_ids', '{USAGE}')
), objects AS (
    SELECT c.oid, quote_ident(c.relname) AS name, c.relkind = 'S' AS is_sequence, c.relacl,
           coalesce(e.rights, '{}') AS rights, e.name IS NOT NULL AS is_listed
    FROM pg_class AS c LEFT JOIN expected AS e ON e.name = c.relname
    WHERE c.relkind IN ('r', 'p', 'v', 'm', 'f', 'S')
      AND c.relnamespace = (SELECT relnamespace FROM pg_class
                            WHERE oid = to_regclass('score_events'))
      -- Of what is not listed, nothing that an extension (such as pg_stat_statements) or an identity
      -- column brought.
      AND (e.name IS NOT NULL
           OR NOT EXISTS (SELECT FROM pg_depend
                          WHERE classid = 'pg_class'::regclass AND objid = c.oid
                            AND (deptype = 'e' OR c.relkind = 'S' AND deptype = 'i')))
), given AS (
    SELECT o.oid, a.privilege_type AS "right", a.grantee
    FROM objects AS o CROSS JOIN LATERAL aclexplode(o.relacl) AS a
    UNION
    SELECT o.oid, a.privilege_type, a.grantee
    FROM objects AS o
    JOIN pg_attribute AS c ON c.attrelid = o.oid
    CROSS JOIN LATERAL aclexplode(c.attacl) AS a
), held AS (
    SELECT DISTINCT oid, "right" FROM given
    WHERE grantee = 0 OR grantee = (SELECT oid FROM pg_roles WHERE rolname = $1)
), needed AS (
    SELECT oid, unnest(rights) AS "right" FROM objects
), wrong AS (
    (SELECT true AS is_missing, * FROM needed EXCEPT SELECT true, * FROM held)
    UNION ALL
    (SELECT false, * FROM held EXCEPT SELECT false, * FROM needed)
)
SELECT o.name, o.is_sequence, o.is_listed, coalesce(w.is_missing, false) AS is_missing,
       array_remove(array_agg(w."right" ORDER BY w."right"), NULL) AS rights
FROM objects AS o LEFT JOIN wrong AS w USING (oid)
WHERE w.oid IS NOT NULL OR NOT o.is_listed
GROUP BY o.name, o.is_sequence, o.is_listed, w.is_missing ORDER BY w.is_missing, o.name
