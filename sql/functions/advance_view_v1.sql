-- Stores the next version of a view and returns its epoch and version; no row where a relay with
-- a higher term has written: the caller has lost the lease.
--
-- Locks      one row of views. The epoch is drawn once, when the view is first written, and goes
--            on for as long as the row lives: a new relay continues the versions above the old one's.
CREATE FUNCTION advance_view_v1(
    p_board_id text, p_view text, p_term bigint, p_entries bytea, p_generated_at timestamptz
)
RETURNS TABLE (epoch text, version bigint)
LANGUAGE sql
AS $$
    INSERT INTO views AS v (board_id, view, term, epoch, version, entries, generated_at)
    VALUES (p_board_id, p_view, p_term,
            substr(replace(gen_random_uuid()::text, '-', ''), 1, 12), 1,
            p_entries, p_generated_at)
    ON CONFLICT (board_id, view) DO UPDATE
    SET term = p_term, version = v.version + 1, entries = p_entries,
        generated_at = p_generated_at
    WHERE v.term <= p_term
    RETURNING v.epoch, v.version
$$;
