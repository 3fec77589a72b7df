-- Deletes up to p_limit nonces that expired longer than p_keep ago; returns how many.
--
-- Older tokens are refused as expired without asking the ledger, so their nonces are not needed.
-- Locks      the rows it deletes, skipping any that a writer holds.
CREATE FUNCTION purge_nonces_v1(p_keep interval, p_limit int)
RETURNS bigint
LANGUAGE sql
AS $$
    WITH old AS (
        SELECT nonce FROM action_nonces
        WHERE expires_at < clock_timestamp() - p_keep
        ORDER BY expires_at LIMIT p_limit
        FOR UPDATE SKIP LOCKED
    ), gone AS (
        DELETE FROM action_nonces AS n USING old WHERE n.nonce = old.nonce RETURNING 1
    )
    SELECT count(*) FROM gone
$$;
