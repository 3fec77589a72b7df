-- Ends erasure p_act_id: the last of its user's events and acts, his totals, and the row that names him. How many
-- events that were and on how many boards; no row where it is not under way.
--
-- Called as ONE autocommit statement, once it is open and all of his events up to p_settled_id are erased, behind
-- which all others lie, and all acts before p_act_id.
-- Locks      His totals, as every writer locks them: nothing can be added to his events.
-- Redis      forgets the id when the index of his boards is rebuilt, which is noted here.
CREATE FUNCTION finish_erasure_v1(p_act_id bigint, p_settled_id bigint)
RETURNS TABLE (events bigint, boards bigint)
LANGUAGE plpgsql
SECURITY DEFINER
SET search_path = public, pg_temp
SET enable_seqscan = off
AS $$
#variable_conflict use_column
DECLARE
    gone   record;
    left_boards text[];
    latest bigint[];
    erased bigint;
BEGIN
    SELECT e.user_id, e.tombstone INTO gone FROM erasures AS e WHERE e.act_id = p_act_id AND e.is_writing FOR UPDATE;
    IF NOT FOUND THEN
        RETURN;
    END IF;
    left_boards := leave_boards_v1(p_act_id);
    SELECT array_agg(e.event_id) INTO latest FROM score_events AS e
    WHERE e.event_id > p_settled_id AND (e.user_id = gone.user_id OR e.actor = gone.user_id::text);
    erased := erase_events_v1(p_act_id, latest);
    PERFORM erase_acts_v1(p_act_id, p_act_id, 9223372036854775807);
    UPDATE user_scores AS t SET user_id = gone.tombstone
    WHERE t.board_id = ANY (left_boards) AND t.user_id = gone.user_id;
    INSERT INTO standings_gaps AS g (board_id, noticed_at)
    SELECT board_id, clock_timestamp() FROM unnest(left_boards) AS b (board_id) ORDER BY 1
    ON CONFLICT (board_id) DO UPDATE SET noticed_at = clock_timestamp();
    DELETE FROM erasures AS e WHERE e.act_id = p_act_id;
    RETURN QUERY SELECT erased, cardinality(left_boards)::bigint;
END
$$;
