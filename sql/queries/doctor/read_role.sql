-- What role $1 may do beyond its rights on tables: whether rights bind it at all, the roles whose
-- rights it has too, and the tables that it owns.
SELECT rolsuper AS is_superuser,
       ARRAY(SELECT r.rolname::text FROM pg_auth_members AS m JOIN pg_roles AS r ON r.oid = m.roleid
             WHERE m.member = app.oid ORDER BY 1) AS member_of,
       ARRAY(SELECT c.relname::text FROM pg_class AS c
             WHERE c.relowner = app.oid AND c.relkind IN ('r', 'p', 'S') ORDER BY 1) AS owned
FROM pg_roles AS app
WHERE rolname = $1
