-- Begins the erasure of a user: records it, and takes him off every board for good. One row.
--
-- Called as ONE autocommit statement. Where it has begun already, is_new is false and nothing is done. The
-- rest is for finish_erasure_v1, once p_wait is over: it is to be as long as the longest life of a token, so
-- that what was granted before is refused with user_suspended, and does not bring the user back later.
-- Errors     A unique violation where somebody begins it at the same moment: call again.
CREATE FUNCTION begin_erasure_v1(
    p_user_id        uuid,
    p_wait           interval,
    p_reason         text,
    p_actor          text,
    p_scopes         text[],
    p_kid            text,
    p_origin         text,
    p_client_address text,
    p_request_id     text
)
RETURNS TABLE (act_id bigint, is_new boolean, due_at timestamptz, boards text[])
LANGUAGE plpgsql
AS $$
#variable_conflict use_column
DECLARE
    under_way record;
    random    text := gen_random_uuid()::text;
    act       bigint;
    due       timestamptz := clock_timestamp() + p_wait;
BEGIN
    SELECT e.act_id, e.due_at INTO under_way FROM erasures AS e WHERE e.user_id = p_user_id;
    IF FOUND THEN
        RETURN QUERY SELECT under_way.act_id, false, under_way.due_at, '{}'::text[];
        RETURN;
    END IF;
    INSERT INTO acts AS a (kind, outcome, user_id, parameters, reason, actor, scopes, kid, origin,
                           client_address, request_id, created_at)
    VALUES ('erasure', 'applied', p_user_id, '{}', p_reason, p_actor, p_scopes, p_kid, p_origin,
            p_client_address, p_request_id, clock_timestamp())
    RETURNING a.act_id INTO act;
    -- A UUID of version 8 that begins with zeros, and is random for the rest: nobody else makes such ones.
    INSERT INTO erasures (act_id, user_id, tombstone, due_at)
    VALUES (act, p_user_id, ('00000000' || substr(random, 9, 6) || '8' || substr(random, 16))::uuid, due);
    RETURN QUERY SELECT act, true, due, leave_boards_v1(act);
END
$$;
