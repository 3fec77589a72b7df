-- Takes the user of erasure p_act_id out of the acts from number p_first to p_last; how many named him.
-- Rights     Those of the owner, as in erase_events_v1.
CREATE FUNCTION erase_acts_v1(p_act_id bigint, p_first bigint, p_last bigint)
RETURNS bigint
LANGUAGE plpgsql
SECURITY DEFINER
SET search_path = public, pg_temp
AS $$
DECLARE
    erased bigint;
BEGIN
    PERFORM set_config('scoreboard.erasing', 'on', true);
    UPDATE acts AS a
    SET (user_id, parameters, reason, actor, client_address, request_id, idempotency_key) =
        (SELECT f.user_id, f.parameters, f.reason, f.actor, f.client_address, f.request_id,
                f.idempotency_key
         FROM forget_in_act_v1(a, gone.user_id, gone.tombstone) AS f)
    FROM erasures AS gone
    WHERE gone.act_id = p_act_id AND gone.is_writing AND a.act_id BETWEEN p_first AND p_last
      AND to_jsonb(a)::text ~* (gone.user_id::text || '|' || replace(gone.user_id::text, '-', ''));
    GET DIAGNOSTICS erased = ROW_COUNT;
    PERFORM set_config('scoreboard.erasing', 'off', true);
    RETURN erased;
END
$$;
