-- Takes or renews a lease; returns its term where the caller holds it afterwards, else null.
--
-- The database's clock alone decides. A new holder gets a higher term; a renewal keeps it. The
-- holder that comes back after its lease ran out gets a new term too, unless nobody took it
-- meanwhile: then nothing can have been written under another term, and the old one goes on.
-- Locks      one row of leases.
CREATE FUNCTION take_lease_v1(p_name text, p_holder text, p_life interval)
RETURNS bigint
LANGUAGE sql
AS $$
    INSERT INTO leases AS l (name, holder, term, expires_at)
    VALUES (p_name, p_holder, 1, clock_timestamp() + p_life)
    ON CONFLICT (name) DO UPDATE
    SET holder = p_holder,
        term = l.term + (l.holder <> p_holder)::int,
        expires_at = clock_timestamp() + p_life
    WHERE l.holder = p_holder OR l.expires_at <= clock_timestamp()
    RETURNING term
$$;
