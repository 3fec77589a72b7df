-- The newest p_limit acts below id p_below_id, newest first: of user p_user_id, or else of actor p_actor,
-- where one is named.
--
-- Plans      are made anew each time: one that was made for many actors would look for a rare one through
--            the whole trail.
CREATE FUNCTION newest_acts_v1(p_below_id bigint, p_user_id uuid, p_actor text, p_limit bigint)
RETURNS TABLE (act_id bigint, board_id text, actor text, kind text, outcome text,
               created_at timestamptz)
LANGUAGE plpgsql STABLE
SET plan_cache_mode = force_custom_plan
AS $$
#variable_conflict use_column
BEGIN
    IF p_user_id IS NOT NULL THEN
        RETURN QUERY
        SELECT a.act_id, a.board_id, a.actor, a.kind, a.outcome, a.created_at FROM acts AS a
        WHERE a.user_id = p_user_id AND a.act_id < p_below_id
        ORDER BY a.act_id DESC LIMIT p_limit;
    ELSIF p_actor IS NOT NULL THEN
        RETURN QUERY
        SELECT a.act_id, a.board_id, a.actor, a.kind, a.outcome, a.created_at FROM acts AS a
        WHERE a.actor = p_actor AND a.act_id < p_below_id
        ORDER BY a.act_id DESC LIMIT p_limit;
    ELSE
        RETURN QUERY
        SELECT a.act_id, a.board_id, a.actor, a.kind, a.outcome, a.created_at FROM acts AS a
        WHERE a.act_id < p_below_id
        ORDER BY a.act_id DESC LIMIT p_limit;
    END IF;
END
$$;
