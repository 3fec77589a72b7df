-- Tells that erasure p_act_id rewrites the history from now on, until finish_erasure_v1; whether it is under way
-- and due.
--
-- Meanwhile events of the user stand under two names: whoever reads histories keeps away, and no slice of an act
-- about many events is run.
-- Locks      act_runs, against the slices that are under way: none may have begun before and end later.
CREATE FUNCTION open_erasure_v1(p_act_id bigint)
RETURNS boolean
LANGUAGE plpgsql
SECURITY DEFINER
SET search_path = public, pg_temp
AS $$
BEGIN
    LOCK TABLE act_runs IN EXCLUSIVE MODE;
    UPDATE erasures SET is_writing = true WHERE act_id = p_act_id AND due_at <= clock_timestamp();
    RETURN FOUND;
END
$$;
