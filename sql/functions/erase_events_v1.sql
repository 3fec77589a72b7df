-- Puts the tombstone of erasure p_act_id in the place of its user in events p_event_ids, whose user he is or who
-- redeemed them; how many that were.
--
-- A token names its user, and goes. Everything else of an event stays as it is.
-- Rights     Those of the owner: nobody else may change an event, and he only so (see the triggers).
CREATE FUNCTION erase_events_v1(p_act_id bigint, p_event_ids bigint[])
RETURNS bigint
LANGUAGE plpgsql
SECURITY DEFINER
SET search_path = public, pg_temp
SET enable_seqscan = off
AS $$
DECLARE
    erased bigint;
BEGIN
    PERFORM set_config('scoreboard.erasing', 'on', true);
    UPDATE score_events AS e
    SET user_id = CASE WHEN e.user_id = gone.user_id THEN gone.tombstone ELSE e.user_id END,
        token = CASE WHEN e.user_id = gone.user_id THEN NULL ELSE e.token END,
        actor = CASE WHEN e.actor = gone.user_id::text THEN gone.tombstone::text ELSE e.actor END
    FROM erasures AS gone
    WHERE gone.act_id = p_act_id AND gone.is_writing AND e.event_id = ANY (p_event_ids)
      AND (e.user_id = gone.user_id OR e.actor = gone.user_id::text);
    GET DIAGNOSTICS erased = ROW_COUNT;
    PERFORM set_config('scoreboard.erasing', 'off', true);
    RETURN erased;
END
$$;
