-- Deletes up to p_limit nonces that expired longer than p_keep ago; returns how many.
--
-- Older tokens are refused as expired without asking the ledger, so their nonces are not needed.
-- Locks      the rows it deletes, skipping any that a writer holds.
CREATE FUNCTION purge_nonces_v1(p_keep interval, p_limit int)
RETURNS bigint
LANGUAGE sql
AS $$
    -- By their place in the table: joining back by key would cost an index look-up for each.
    WITH gone AS (
        DELETE FROM action_nonces
        WHERE ctid = ANY (ARRAY(
            SELECT ctid FROM action_nonces
            WHERE expires_at < clock_timestamp() - p_keep
            ORDER BY expires_at LIMIT p_limit
            FOR UPDATE SKIP LOCKED
        ))
        RETURNING 1
    )
    SELECT count(*) FROM gone
$$;
