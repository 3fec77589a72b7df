-- Applies one act of moderation to one total, and records it, refused or not; one row.
--
-- Called as ONE autocommit statement under READ COMMITTED.
--
-- Kinds      bonus and correction add p_delta to the total of p_user_id; only a bonus makes one.
--            void undoes event p_event_id, restore undoes its void: each by an event that refers to
--            the last one of the chain that begins there, so that none is undone twice.
--            suspension takes the user off the board until p_until, or until a lift where that is null;
--            neither changes his score. A lift by the service waits for that time. Who is erased stays off.
-- Outcomes   applied | not_found | not_voidable | already_voided | not_voided | not_suspended |
--            user_erased | score_limit | idempotency_key_reused. Only `applied` leaves more behind than its record: event, total
--            and outbox row together. score_limit carries the present total.
-- Repeats    An act that this actor has had applied with the same key is not applied again: is_repeated
--            tells so, and the row is that of the first time. With other content the key is refused.
-- Locks      The total, as every writer takes it, then the key: whoever holds that one already has the
--            total he wants, so nobody waits in a circle.
-- Event ids  are drawn while the total is locked, so they grow with each user's versions.
-- Errors     A unique violation where the key was used by another act at the same moment: call again.
--            A value out of range fails the statement.
CREATE FUNCTION apply_act_v1(
    p_kind            text,
    p_board_id        text,
    p_user_id         uuid,
    p_delta           bigint,
    p_event_id        bigint,
    p_until           timestamptz,
    p_reason          text,
    p_actor           text,
    p_scopes          text[],
    p_kid             text,
    p_origin          text,
    p_client_address  text,
    p_request_id      text,
    p_idempotency_key text
)
RETURNS TABLE (outcome text, is_repeated boolean, act_id bigint, event_id bigint, user_id uuid,
               delta bigint, score bigint, version bigint, updated_us bigint, is_suspended boolean)
LANGUAGE plpgsql
SET enable_seqscan = off
SET timezone = 'UTC' -- what is recorded of p_until, and compared where a key is used again, is text
AS $$
#variable_conflict use_column
DECLARE
    asked   constant jsonb := CASE WHEN p_kind = 'suspension' THEN jsonb_build_object('until', p_until)
                                   WHEN p_kind = 'lift' THEN '{}'
                                   WHEN p_event_id IS NULL THEN jsonb_build_object('delta', p_delta)
                                   ELSE jsonb_build_object('event', p_event_id) END;
    board   record;
    target  record;
    place   tid;
    total   bigint;
    events  bigint;                -- in the total: its version
    away    timestamptz;           -- until when the user is suspended
    earlier record;
    code    text := 'applied';
    who     uuid := p_user_id;
    change  bigint := coalesce(p_delta, 0);
    undone  bigint := p_event_id;  -- the last event of the chain: what is undone
    next_id bigint;
    is_void boolean := false;      -- whether that one is a void
    act     bigint;
    drawn   bigint;
    at      timestamptz;
BEGIN
    SELECT min_score, max_score INTO board FROM boards WHERE board_id = p_board_id;
    IF NOT FOUND THEN
        code := 'not_found';
    ELSIF p_event_id IS NOT NULL THEN
        -- Before the lock, since an event never changes.
        SELECT e.user_id, e.delta, e.refers_to INTO target
        FROM score_events AS e WHERE e.event_id = p_event_id AND e.board_id = p_board_id;
        IF NOT FOUND THEN
            code := 'not_found';
        ELSE
            who := target.user_id;
        END IF;
    END IF;

    IF code = 'applied' THEN
        INSERT INTO user_scores AS t (board_id, user_id, score, version, reached, updated_at)
        VALUES (p_board_id, who, 0, 0, 0, now())
        ON CONFLICT (board_id, user_id) DO UPDATE SET version = t.version WHERE false;
        SELECT t.ctid, t.score, t.version, t.suspended_until INTO place, total, events, away
        FROM user_scores AS t WHERE t.board_id = p_board_id AND t.user_id = who;
    END IF;

    SELECT a.*, e.delta AS change, e.score_after, e.version_after INTO earlier
    FROM acts AS a LEFT JOIN score_events AS e ON e.event_id = a.event_id
    WHERE a.actor = p_actor AND a.idempotency_key = p_idempotency_key AND a.outcome = 'applied';
    IF FOUND AND (earlier.kind, earlier.board_id, earlier.user_id, earlier.parameters, earlier.reason)
                 IS NOT DISTINCT FROM (p_kind, p_board_id, who, asked, p_reason)
    THEN
        RETURN QUERY SELECT 'applied', true, earlier.act_id, earlier.event_id, earlier.user_id,
                            earlier.change, earlier.score_after, earlier.version_after,
                            (extract(epoch FROM earlier.created_at) * 1000000)::bigint,
                            away IS NOT NULL;
        RETURN;
    ELSIF FOUND THEN
        code := 'idempotency_key_reused';
    END IF;

    IF code = 'applied' AND p_event_id IS NOT NULL THEN
        LOOP
            SELECT c.event_id INTO next_id FROM compensations AS c WHERE c.refers_to = undone;
            EXIT WHEN NOT FOUND;
            undone := next_id;
            is_void := NOT is_void;
        END LOOP;
        code := CASE WHEN target.refers_to IS NOT NULL OR target.delta = 0 THEN 'not_voidable'
                     WHEN p_kind = 'void' AND is_void THEN 'already_voided'
                     WHEN p_kind = 'restore' AND NOT is_void THEN 'not_voided'
                     ELSE 'applied' END;
        change := CASE WHEN is_void THEN target.delta ELSE -target.delta END;
    END IF;
    IF code = 'applied' AND events = 0 AND p_kind <> 'bonus' THEN
        code := 'not_found';
    END IF;
    IF code = 'applied' AND p_kind IN ('suspension', 'lift')
       AND EXISTS (SELECT FROM acts AS a
                   WHERE a.user_id = who AND a.kind = 'erasure' AND a.outcome = 'applied')
    THEN
        code := 'user_erased';
    END IF;
    IF code = 'applied' AND p_kind = 'lift'
       AND (away IS NULL OR p_origin = 'service' AND away > clock_timestamp())
    THEN
        code := 'not_suspended';
    END IF;
    IF code = 'applied' AND change <> 0 AND total + change NOT BETWEEN board.min_score AND board.max_score THEN
        code := 'score_limit';
    END IF;

    at := clock_timestamp();
    IF code = 'applied' THEN
        drawn := nextval('score_event_ids');
        away := CASE p_kind WHEN 'suspension' THEN coalesce(p_until, 'infinity')
                            WHEN 'lift' THEN NULL ELSE away END;
    END IF;
    -- A refusal has an odd number: see act_ids.
    INSERT INTO acts AS a (act_id, kind, outcome, board_id, user_id, parameters, reason, actor, scopes, kid,
                           origin, client_address, request_id, idempotency_key, event_id, created_at)
    VALUES (nextval('act_ids') + (code <> 'applied')::int, p_kind, code, p_board_id, who, asked, p_reason, p_actor, p_scopes, p_kid,
            p_origin, p_client_address, p_request_id, p_idempotency_key, drawn, at)
    RETURNING a.act_id INTO act;

    IF code = 'applied' THEN
        INSERT INTO score_events (event_id, board_id, user_id, delta, score_after, version_after,
                                  source, actor, act_id, refers_to, created_at)
        VALUES (drawn, p_board_id, who, change, total + change, events + 1,
                p_kind, p_actor, act, undone, at);
        IF undone IS NOT NULL THEN
            INSERT INTO compensations (refers_to, event_id, act_id) VALUES (undone, drawn, act);
        END IF;
        UPDATE user_scores AS t
        SET score = total + change, version = events + 1, reached = drawn,
            updated_at = at, suspended_until = away
        WHERE t.ctid = place;
        INSERT INTO outbox (event_ids) VALUES (ARRAY[drawn]);
        RETURN QUERY SELECT code, false, act, drawn, who, change, total + change,
                            events + 1, (extract(epoch FROM at) * 1000000)::bigint,
                            away IS NOT NULL;
        RETURN;
    END IF;

    IF events = 0 THEN
        DELETE FROM user_scores AS t WHERE t.ctid = place;
    END IF;
    RETURN QUERY SELECT code, false, act, NULL::bigint, who, NULL::bigint, total, events,
                        (extract(epoch FROM at) * 1000000)::bigint, away IS NOT NULL;
END
$$;
