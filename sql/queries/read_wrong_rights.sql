-- Rights on the ledger that role $1 lacks (is_missing) or should not have, given to it or to all.
WITH expected (name, rights) AS (
    VALUES ('score_events', '{SELECT,INSERT}'::text[]),
           ('user_scores', '{SELECT,INSERT,UPDATE,DELETE}'),
           ('action_nonces', '{SELECT,INSERT,UPDATE,DELETE}'),
           ('outbox', '{SELECT,INSERT,UPDATE,DELETE}'),
           ('leases', '{SELECT,INSERT,UPDATE,DELETE}'),
           ('views', '{SELECT,INSERT,UPDATE,DELETE}'),
           ('standings_gaps', '{SELECT,INSERT,UPDATE,DELETE}'),
           ('boards', '{SELECT}'),
           ('schema_migrations', '{}'),
           ('score_event_ids', '{USAGE}')
), objects AS (
    SELECT c.oid, e.name, c.relkind = 'S' AS is_sequence, c.relacl, e.rights
    FROM expected AS e JOIN pg_class AS c ON c.oid = to_regclass(e.name)
), given AS (
    SELECT o.name, o.is_sequence, a.privilege_type AS "right", a.grantee
    FROM objects AS o CROSS JOIN LATERAL aclexplode(o.relacl) AS a
    UNION
    SELECT o.name, o.is_sequence, a.privilege_type, a.grantee
    FROM objects AS o
    JOIN pg_attribute AS c ON c.attrelid = o.oid
    CROSS JOIN LATERAL aclexplode(c.attacl) AS a
), held AS (
    SELECT DISTINCT name, is_sequence, "right" FROM given
    WHERE grantee = 0 OR grantee = (SELECT oid FROM pg_roles WHERE rolname = $1)
), needed AS (
    SELECT name, is_sequence, unnest(rights) AS "right" FROM objects
), wrong AS (
    (SELECT true AS is_missing, * FROM needed EXCEPT SELECT true, * FROM held)
    UNION ALL
    (SELECT false, * FROM held EXCEPT SELECT false, * FROM needed)
)
SELECT name, is_sequence, is_missing, array_agg("right" ORDER BY "right") AS rights
FROM wrong GROUP BY name, is_sequence, is_missing ORDER BY is_missing, name
