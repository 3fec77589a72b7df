-- An act without a user's id: wherever it stands, in a column, in parameters, in the reason or in a key, with
-- hyphens or without, there is the tombstone. Of what he did himself the address goes too.
CREATE FUNCTION forget_in_act_v1(p_act acts, p_user_id uuid, p_tombstone uuid)
RETURNS acts
LANGUAGE plpgsql
STABLE
AS $$
DECLARE
    left_over jsonb := regexp_replace(
        regexp_replace(to_jsonb(p_act)::text, p_user_id::text, p_tombstone::text, 'gi'),
        replace(p_user_id::text, '-', ''), replace(p_tombstone::text, '-', ''), 'gi')::jsonb;
BEGIN
    IF p_act.actor = p_user_id::text THEN
        left_over := left_over || '{"client_address": null}';
    END IF;
    RETURN jsonb_populate_record(NULL::acts, left_over);
END
$$;
