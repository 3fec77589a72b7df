-- Takes the user of erasure p_act_id off every board for good; the boards where he has a total.
--
-- On each an event of delta 0 tells of it, as of a suspension, so that its version tells it from what was on
-- its way. Where the newest event is that one already, it is left as it is.
-- Locks      his totals, sorted by board as every writer sorts them, until the transaction ends.
CREATE FUNCTION leave_boards_v1(p_act_id bigint)
RETURNS text[]
LANGUAGE plpgsql
SET enable_seqscan = off
AS $$
#variable_conflict use_column
DECLARE
    erasing record;
    held    record;
    board   text;
    boards  text[] := '{}';
    drawn   bigint;
    ids     bigint[] := '{}';
    at      timestamptz;
BEGIN
    SELECT e.user_id, a.actor INTO STRICT erasing
    FROM erasures AS e JOIN acts AS a ON a.act_id = e.act_id WHERE e.act_id = p_act_id;
    FOR board IN SELECT b.board_id FROM boards AS b ORDER BY b.board_id LOOP
        SELECT t.score, t.version, t.reached INTO held
        FROM user_scores AS t WHERE t.board_id = board AND t.user_id = erasing.user_id FOR UPDATE;
        CONTINUE WHEN NOT FOUND;
        boards := boards || board;
        CONTINUE WHEN EXISTS (SELECT FROM score_events AS e
                              WHERE e.event_id = held.reached AND e.act_id = p_act_id);
        drawn := nextval('score_event_ids');
        at := clock_timestamp();
        INSERT INTO score_events (event_id, board_id, user_id, delta, score_after, version_after,
                                  source, actor, act_id, created_at)
        VALUES (drawn, board, erasing.user_id, 0, held.score, held.version + 1,
                'erasure', erasing.actor, p_act_id, at);
        UPDATE user_scores AS t
        SET version = held.version + 1, reached = drawn, updated_at = at, suspended_until = 'infinity'
        WHERE t.board_id = board AND t.user_id = erasing.user_id;
        ids := ids || drawn;
    END LOOP;
    IF cardinality(ids) > 0 THEN
        INSERT INTO outbox (event_ids) VALUES (ids);
    END IF;
    RETURN boards;
END
$$;
