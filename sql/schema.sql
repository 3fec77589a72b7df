-- What the migrations lead to, for readers and reviewers; a test compares the two. Nothing reads it
-- when the service runs: `scoreboard db migrate` does.
-- Regenerate it (PostgreSQL 18) after a change of a migration: python -m tests.ledger.schema

CREATE FUNCTION public.advance_view_v1(p_board_id text, p_view text, p_term bigint, p_entries bytea, p_generated_at timestamp with time zone) RETURNS TABLE(epoch text, version bigint)
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

CREATE FUNCTION public.apply_act_v1(p_kind text, p_board_id text, p_user_id uuid, p_delta bigint, p_event_id bigint, p_until timestamp with time zone, p_reason text, p_actor text, p_scopes text[], p_kid text, p_origin text, p_client_address text, p_request_id text, p_idempotency_key text) RETURNS TABLE(outcome text, is_repeated boolean, act_id bigint, event_id bigint, user_id uuid, delta bigint, score bigint, version bigint, updated_us bigint, is_suspended boolean)
    LANGUAGE plpgsql
    SET enable_seqscan TO 'off'
    SET "TimeZone" TO 'UTC'
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

CREATE FUNCTION public.apply_increments_v1(p_board_ids text[], p_user_ids uuid[], p_deltas bigint[], p_nonces text[], p_expires_at_s bigint[], p_expected_versions bigint[], p_kids text[], p_sources text[], p_actors text[], p_tokens bytea[]) RETURNS TABLE(outcome text, event_id bigint, score bigint, version bigint, updated_us bigint)
    LANGUAGE sql
    AS $$
SELECT CASE v3.outcome WHEN 'user_suspended' THEN 'score_limit' ELSE v3.outcome END,
       v3.event_id, v3.score, v3.version, v3.updated_us
FROM apply_increments_v3(p_board_ids, p_user_ids, p_deltas, p_nonces, p_expires_at_s,
                         p_expected_versions, p_kids, p_sources, p_actors, p_tokens) AS v3
$$;

CREATE FUNCTION public.apply_increments_v2(p_board_ids text[], p_user_ids uuid[], p_deltas bigint[], p_nonces text[], p_expires_at_s bigint[], p_expected_versions bigint[], p_kids text[], p_sources text[], p_actors text[], p_tokens bytea[]) RETURNS TABLE(outcome text, event_id bigint, score bigint, version bigint, updated_us bigint)
    LANGUAGE sql
    AS $$
SELECT CASE v3.outcome WHEN 'user_suspended' THEN 'score_limit' ELSE v3.outcome END,
       v3.event_id, v3.score, v3.version, v3.updated_us
FROM apply_increments_v3(p_board_ids, p_user_ids, p_deltas, p_nonces, p_expires_at_s,
                         p_expected_versions, p_kids, p_sources, p_actors, p_tokens) AS v3
$$;

CREATE FUNCTION public.apply_increments_v3(p_board_ids text[], p_user_ids uuid[], p_deltas bigint[], p_nonces text[], p_expires_at_s bigint[], p_expected_versions bigint[], p_kids text[], p_sources text[], p_actors text[], p_tokens bytea[]) RETURNS TABLE(outcome text, event_id bigint, score bigint, version bigint, updated_us bigint)
    LANGUAGE plpgsql
    SET enable_seqscan TO 'off'
    SET enable_hashjoin TO 'off'
    SET enable_mergejoin TO 'off'
    AS $$
#variable_conflict use_column
DECLARE
    item_count   constant int := cardinality(p_nonces);
    -- Totals touched, by place in the order of their locks.
    user_of      int[];     -- item -> place
    places       tid[];
    scores       bigint[];
    versions     bigint[];
    reached_ids  bigint[];
    floors       bigint[];
    ceilings     bigint[];
    suspended    boolean[];
    changed      boolean[];
    -- Nonces, by place in the order of their locks.
    nonce_of     int[];     -- item -> place
    nonces       text[];
    owners       int[];     -- place -> first item with this nonce
    drawn        bigint[];  -- place -> event id written beside the nonce
    inserted_nonces text[];
    claimed      boolean[]; -- place -> inserted by this batch
    spent_by     int[];     -- place -> item applied with it
    -- Answers, by item.
    outcomes     text[]   := array_fill(NULL::text, ARRAY[item_count]);
    events       bigint[] := array_fill(NULL::bigint, ARRAY[item_count]);
    scores_after bigint[] := array_fill(NULL::bigint, ARRAY[item_count]);
    versions_after bigint[] := array_fill(NULL::bigint, ARRAY[item_count]);
    times_us     bigint[] := array_fill(NULL::bigint, ARRAY[item_count]);
    judged_at    timestamptz;
    judged_s     double precision;
    judged_us    bigint;
    redrawn      boolean := false;
    u int; k int; j int;
    total bigint;
    stored record;
BEGIN
    -- Totals: one pass in sorted order creates the missing and locks the existing rows.
    SELECT array_agg(place ORDER BY item) INTO user_of
    FROM (SELECT item, dense_rank() OVER (ORDER BY board_id COLLATE "C", user_id) AS place
          FROM unnest(p_board_ids, p_user_ids) WITH ORDINALITY AS i (board_id, user_id, item)) AS p;

    INSERT INTO user_scores AS t (board_id, user_id, score, version, reached, updated_at)
    SELECT DISTINCT board_id COLLATE "C", user_id, 0, 0, 0, now()
    FROM unnest(p_board_ids, p_user_ids) AS i (board_id, user_id)
    ORDER BY 1, 2
    ON CONFLICT (board_id, user_id) DO UPDATE SET version = t.version WHERE false;

    SELECT array_agg(t.place ORDER BY i.board_id, i.user_id),
           array_agg(t.score ORDER BY i.board_id, i.user_id),
           array_agg(t.version ORDER BY i.board_id, i.user_id),
           array_agg(t.reached ORDER BY i.board_id, i.user_id),
           array_agg(b.min_score ORDER BY i.board_id, i.user_id),
           array_agg(b.max_score ORDER BY i.board_id, i.user_id),
           array_agg(t.suspended_until IS NOT NULL ORDER BY i.board_id, i.user_id)
    INTO places, scores, versions, reached_ids, floors, ceilings, suspended
    FROM (SELECT DISTINCT board_id COLLATE "C" AS board_id, user_id
          FROM unnest(p_board_ids, p_user_ids) AS i (board_id, user_id) ORDER BY 1, 2) AS i
    CROSS JOIN LATERAL (
        SELECT ctid AS place, score, version, reached, suspended_until FROM user_scores
        WHERE board_id = i.board_id AND user_id = i.user_id OFFSET 0
    ) AS t
    CROSS JOIN LATERAL (
        SELECT min_score, max_score FROM boards WHERE board_id = i.board_id OFFSET 0
    ) AS b;
    changed := array_fill(false, ARRAY[cardinality(places)]);

    -- Nonces: sorted, each with the event id that it will stand for.
    SELECT array_agg(place ORDER BY item) INTO nonce_of
    FROM (SELECT item, dense_rank() OVER (ORDER BY nonce COLLATE "C") AS place
          FROM unnest(p_nonces) WITH ORDINALITY AS i (nonce, item)) AS p;

    SELECT array_agg(nonce ORDER BY nonce COLLATE "C"),
           array_agg(item ORDER BY nonce COLLATE "C"),
           array_agg(drawn_id ORDER BY nonce COLLATE "C")
    INTO nonces, owners, drawn
    FROM (SELECT nonce, item, nextval('score_event_ids') AS drawn_id
          FROM (SELECT nonce, min(item)::int AS item
                FROM unnest(p_nonces) WITH ORDINALITY AS i (nonce, item)
                GROUP BY nonce ORDER BY 2) AS firsts) AS d;

    WITH inserted AS (
        INSERT INTO action_nonces AS n (nonce, expires_at, event_id)
        SELECT nonce, to_timestamp(p_expires_at_s[owner]), drawn_id
        FROM unnest(nonces, owners, drawn) AS i (nonce, owner, drawn_id)
        ORDER BY nonce COLLATE "C"
        ON CONFLICT (nonce) DO NOTHING
        RETURNING n.nonce
    )
    SELECT array_agg(nonce) INTO inserted_nonces FROM inserted;
    IF cardinality(inserted_nonces) = cardinality(nonces) THEN
        claimed := array_fill(true, ARRAY[cardinality(nonces)]);
    ELSE
        SELECT array_agg(nonce = ANY (coalesce(inserted_nonces, '{}')) ORDER BY place)
        INTO claimed
        FROM unnest(nonces) WITH ORDINALITY AS i (nonce, place);
    END IF;
    spent_by := array_fill(NULL::int, ARRAY[cardinality(nonces)]);

    -- Everything is held: judge, item by item, in memory.
    judged_at := clock_timestamp();
    judged_s  := extract(epoch FROM judged_at);
    judged_us := (extract(epoch FROM judged_at) * 1000000)::bigint;

    FOR i IN 1 .. item_count LOOP
        u := user_of[i];
        k := nonce_of[i];
        j := spent_by[k];
        total := scores[u] + p_deltas[i];
        IF NOT claimed[k] THEN
            outcomes[i] := 'nonce_reused';
            SELECT e.event_id, e.score_after, e.version_after,
                   (extract(epoch FROM e.created_at) * 1000000)::bigint AS created_us
            INTO stored
            FROM action_nonces AS n JOIN score_events AS e ON e.event_id = n.event_id
            WHERE n.nonce = p_nonces[i] AND e.user_id = p_user_ids[i] AND e.token = p_tokens[i];
            IF FOUND THEN
                events[i] := stored.event_id;
                scores_after[i] := stored.score_after;
                versions_after[i] := stored.version_after;
                times_us[i] := stored.created_us;
            END IF;
        ELSIF j IS NOT NULL THEN
            outcomes[i] := 'nonce_reused';
            IF p_user_ids[i] = p_user_ids[j] AND p_tokens[i] = p_tokens[j] THEN
                events[i] := events[j];
                scores_after[i] := scores_after[j];
                versions_after[i] := versions_after[j];
                times_us[i] := times_us[j];
            END IF;
        ELSIF p_expires_at_s[i] <= judged_s THEN
            outcomes[i] := 'action_token_expired';
        ELSIF suspended[u] THEN
            outcomes[i] := 'user_suspended';
        ELSIF p_expected_versions[i] <> versions[u] THEN
            outcomes[i] := 'version_conflict';
            scores_after[i] := scores[u];
            versions_after[i] := versions[u];
        ELSIF total NOT BETWEEN floors[u] AND ceilings[u] THEN
            outcomes[i] := 'score_limit';
            scores_after[i] := scores[u];
            versions_after[i] := versions[u];
        ELSE
            IF redrawn OR owners[k] <> i THEN
                -- The first item with this nonce was refused, so its id comes too early. Those
                -- that follow are drawn anew as well: ids must grow with versions.
                drawn[k] := nextval('score_event_ids');
                redrawn := true;
            END IF;
            outcomes[i] := 'applied';
            spent_by[k] := i;
            events[i] := drawn[k];
            scores[u] := total;
            versions[u] := versions[u] + 1;
            reached_ids[u] := drawn[k];
            changed[u] := true;
            scores_after[i] := total;
            versions_after[i] := versions[u];
            times_us[i] := judged_us;
        END IF;
    END LOOP;

    -- What was applied is written; what was only held is let go.
    IF true = ANY (changed) THEN
        INSERT INTO score_events (event_id, board_id, user_id, delta, score_after, version_after,
                                  nonce, kid, source, actor, token, created_at)
        SELECT e, b, u_id, d, s, v, n, kid, source, actor, token, judged_at
        FROM unnest(outcomes, events, p_board_ids, p_user_ids, p_deltas, scores_after,
                    versions_after, p_nonces, p_kids, p_sources, p_actors, p_tokens)
             AS i (o, e, b, u_id, d, s, v, n, kid, source, actor, token)
        WHERE o = 'applied'
        ORDER BY e;

        UPDATE user_scores AS t
        SET score = n.score, version = n.version, reached = n.reached, updated_at = judged_at
        FROM unnest(places, scores, versions, reached_ids, changed)
             AS n (place, score, version, reached, changed)
        WHERE n.changed AND t.ctid = n.place;

        -- Drawn while every total above is locked, so rows of one user are numbered as they commit.
        INSERT INTO outbox (event_ids)
        SELECT array_agg(e ORDER BY e)
        FROM unnest(outcomes, events) AS i (o, e) WHERE o = 'applied';
    END IF;

    IF 0 = ANY (versions) THEN
        DELETE FROM user_scores AS t
        USING unnest(places, versions) AS n (place, version)
        WHERE n.version = 0 AND t.ctid = n.place;
    END IF;

    IF array_position(spent_by, NULL) IS NOT NULL THEN
        DELETE FROM action_nonces
        WHERE nonce = ANY (ARRAY(
            SELECT nonce FROM unnest(nonces, claimed, spent_by) AS h (nonce, claimed, spent_by)
            WHERE h.claimed AND h.spent_by IS NULL));
    END IF;

    IF redrawn THEN
        UPDATE action_nonces AS n
        SET event_id = h.drawn_id, expires_at = to_timestamp(p_expires_at_s[h.spent_by])
        FROM unnest(nonces, drawn, spent_by) AS h (nonce, drawn_id, spent_by)
        CROSS JOIN LATERAL (
            SELECT ctid AS place FROM action_nonces WHERE nonce = h.nonce OFFSET 0
        ) AS held
        WHERE h.spent_by IS NOT NULL AND n.ctid = held.place AND n.event_id <> h.drawn_id;
    END IF;

    RETURN QUERY SELECT * FROM unnest(outcomes, events, scores_after, versions_after, times_us);
END
$$;

CREATE FUNCTION public.begin_erasure_v1(p_user_id uuid, p_wait interval, p_reason text, p_actor text, p_scopes text[], p_kid text, p_origin text, p_client_address text, p_request_id text) RETURNS TABLE(act_id bigint, is_new boolean, due_at timestamp with time zone, boards text[])
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

CREATE FUNCTION public.erase_acts_v1(p_act_id bigint, p_first bigint, p_last bigint) RETURNS bigint
    LANGUAGE plpgsql SECURITY DEFINER
    SET search_path TO 'public', 'pg_temp'
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

CREATE FUNCTION public.erase_events_v1(p_act_id bigint, p_event_ids bigint[]) RETURNS bigint
    LANGUAGE plpgsql SECURITY DEFINER
    SET search_path TO 'public', 'pg_temp'
    SET enable_seqscan TO 'off'
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

CREATE FUNCTION public.finish_erasure_v1(p_act_id bigint, p_settled_id bigint) RETURNS TABLE(events bigint, boards bigint)
    LANGUAGE plpgsql SECURITY DEFINER
    SET search_path TO 'public', 'pg_temp'
    SET enable_seqscan TO 'off'
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

CREATE SEQUENCE public.act_ids
    START WITH 2
    INCREMENT BY 2
    NO MINVALUE
    NO MAXVALUE
    CACHE 1;

CREATE TABLE public.acts (
    act_id bigint DEFAULT nextval('public.act_ids'::regclass) NOT NULL,
    kind text NOT NULL,
    outcome text NOT NULL,
    board_id text COLLATE pg_catalog."C",
    user_id uuid,
    parameters jsonb NOT NULL,
    reason text,
    actor text NOT NULL,
    scopes text[] NOT NULL,
    kid text,
    origin text NOT NULL,
    client_address text,
    request_id text,
    idempotency_key text COLLATE pg_catalog."C",
    event_id bigint,
    created_at timestamp with time zone NOT NULL,
    CONSTRAINT acts_check CHECK ((((act_id % (2)::bigint) = 0) OR (event_id IS NULL))),
    CONSTRAINT acts_reason_check CHECK (((char_length(reason) >= 1) AND (char_length(reason) <= 500)))
);

COMMENT ON TABLE public.acts IS 'append-only: acts of moderation and reads of personal data, refused ones too';

COMMENT ON COLUMN public.acts.outcome IS 'applied, or the code of the refusal';

COMMENT ON COLUMN public.acts.actor IS 'subject of the Bearer token, or the account of the command line';

COMMENT ON COLUMN public.acts.origin IS 'rest, cli, or service for what the service does by itself';

COMMENT ON COLUMN public.acts.event_id IS 'the event that it led to, where there is just one';

CREATE FUNCTION public.forget_in_act_v1(p_act public.acts, p_user_id uuid, p_tombstone uuid) RETURNS public.acts
    LANGUAGE plpgsql STABLE
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

CREATE FUNCTION public.leave_boards_v1(p_act_id bigint) RETURNS text[]
    LANGUAGE plpgsql
    SET enable_seqscan TO 'off'
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

CREATE FUNCTION public.newest_acts_v1(p_below_id bigint, p_user_id uuid, p_actor text, p_limit bigint) RETURNS TABLE(act_id bigint, board_id text, actor text, kind text, outcome text, created_at timestamp with time zone)
    LANGUAGE plpgsql STABLE
    SET plan_cache_mode TO 'force_custom_plan'
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

CREATE FUNCTION public.open_erasure_v1(p_act_id bigint) RETURNS boolean
    LANGUAGE plpgsql SECURITY DEFINER
    SET search_path TO 'public', 'pg_temp'
    AS $$
BEGIN
    LOCK TABLE act_runs IN EXCLUSIVE MODE;
    UPDATE erasures SET is_writing = true WHERE act_id = p_act_id AND due_at <= clock_timestamp();
    RETURN FOUND;
END
$$;

CREATE FUNCTION public.purge_nonces_v1(p_keep interval, p_limit integer) RETURNS bigint
    LANGUAGE sql
    AS $$
    -- By their place in the table: joining back by key would cost an index look-up for each.
    WITH gone AS (
        DELETE FROM action_nonces
        WHERE ctid = ANY (ARRAY(
            SELECT ctid FROM action_nonces
            WHERE expires_at < clock_timestamp() - p_keep
            ORDER BY expires_at LIMIT p_limit
            FOR UPDATE SKIP LOCKED
        ))
        RETURNING 1
    )
    SELECT count(*) FROM gone
$$;

CREATE FUNCTION public.refuse_all_but_erasure_of_acts() RETURNS trigger
    LANGUAGE plpgsql
    AS $$
BEGIN
    IF EXISTS (SELECT FROM erasures AS gone
               WHERE NEW IS NOT DISTINCT FROM forget_in_act_v1(OLD, gone.user_id, gone.tombstone)) THEN
        RETURN NEW;
    END IF;
    RAISE EXCEPTION 'acts is append-only: UPDATE refused'
        USING HINT = 'An erasure takes away the id of its user, and nothing else.';
END
$$;

CREATE FUNCTION public.refuse_all_but_erasure_of_events() RETURNS trigger
    LANGUAGE plpgsql
    AS $$
DECLARE
    gone record;
    left_over score_events;
BEGIN
    FOR gone IN SELECT user_id, tombstone FROM erasures
                WHERE user_id = OLD.user_id OR user_id::text = OLD.actor LOOP
        left_over := OLD;
        IF OLD.user_id = gone.user_id THEN
            left_over.user_id := gone.tombstone;
            left_over.token := NULL;
        END IF;
        IF OLD.actor = gone.user_id::text THEN
            left_over.actor := gone.tombstone::text;
        END IF;
        IF NEW IS NOT DISTINCT FROM left_over THEN
            RETURN NEW;
        END IF;
    END LOOP;
    RAISE EXCEPTION 'score_events is append-only: UPDATE refused'
        USING HINT = 'An erasure takes away the id of its user, and tokens that name it, and nothing else.';
END
$$;

CREATE FUNCTION public.refuse_change_of_acts() RETURNS trigger
    LANGUAGE plpgsql
    AS $$
BEGIN
    IF TG_OP = 'UPDATE' AND TG_TABLE_NAME = 'acts' AND current_setting('scoreboard.erasing', true) = 'on' THEN
        RETURN NULL;
    END IF;
    RAISE EXCEPTION '% is append-only: % refused', TG_TABLE_NAME, TG_OP
        USING HINT = 'Undo an act by a further act.';
END
$$;

CREATE FUNCTION public.refuse_change_of_events() RETURNS trigger
    LANGUAGE plpgsql
    AS $$
BEGIN
    IF TG_OP = 'UPDATE' AND current_setting('scoreboard.erasing', true) = 'on' THEN
        RETURN NULL;
    END IF;
    RAISE EXCEPTION 'score_events is append-only: % refused', TG_OP
        USING HINT = 'Correct a score by a further event.';
END
$$;

CREATE FUNCTION public.run_act_v1(p_act_id bigint, p_events integer, p_looked_at integer) RETURNS TABLE(done bigint, refused bigint, events bigint, is_finished boolean)
    LANGUAGE plpgsql
    SET enable_seqscan TO 'off'
    SET enable_hashjoin TO 'off'
    SET enable_mergejoin TO 'off'
    AS $$
#variable_conflict use_column
DECLARE
    run      record;
    ids      bigint[];     -- what is to be undone, by user and then from the newest down
    users    uuid[];
    deltas   bigint[];
    user_of  int[];        -- item -> place of its total
    lowest   bigint;       -- of the ids looked at; null: nothing is left below
    places   tid[];
    totals   bigint[];
    versions bigint[];
    last_ids bigint[];
    changed  boolean[];
    floor    bigint;
    ceiling  bigint;
    drawn    bigint[] := '{}';
    undone   bigint[] := '{}';
    owners   uuid[]   := '{}';
    changes  bigint[] := '{}';
    scores   bigint[] := '{}';
    counts   bigint[] := '{}';
    refusals bigint := 0;
    at       timestamptz;
    last_id  bigint; next_id bigint; change bigint; is_void boolean; u int;
BEGIN
    SELECT r.*, a.kind, a.board_id, a.user_id, a.parameters, a.actor INTO run
    FROM act_runs AS r JOIN acts AS a ON a.act_id = r.act_id
    WHERE r.act_id = p_act_id AND r.finished_at IS NULL
    FOR UPDATE OF r SKIP LOCKED;
    IF NOT FOUND OR EXISTS (SELECT FROM erasures WHERE is_writing) THEN
        RETURN;
    END IF;

    IF run.kind = 'restore' THEN
        SELECT array_agg(f.event_id ORDER BY f.user_id, f.event_id DESC),
               array_agg(f.user_id ORDER BY f.user_id, f.event_id DESC),
               array_agg(f.delta ORDER BY f.user_id, f.event_id DESC),
               CASE WHEN count(*) = p_events THEN min(f.event_id) END
        INTO ids, users, deltas, lowest
        FROM (SELECT c.event_id FROM compensations AS c
              WHERE c.act_id = (run.parameters ->> 'act')::bigint
                AND c.event_id >= run.first_id AND c.event_id < run.below_id
              ORDER BY c.event_id DESC LIMIT p_events) AS c
        CROSS JOIN LATERAL (
            SELECT event_id, user_id, delta FROM score_events WHERE event_id = c.event_id OFFSET 0
        ) AS f;
    ELSE
        WITH looked_at AS MATERIALIZED (
            SELECT event_id, board_id, user_id, delta, source, kid, refers_to, created_at
            FROM score_events
            WHERE event_id >= run.first_id AND event_id < run.below_id
            ORDER BY event_id DESC LIMIT p_looked_at
        ), found AS MATERIALIZED (
            SELECT event_id, user_id, delta FROM looked_at AS e
            WHERE e.board_id = run.board_id AND e.refers_to IS NULL AND e.delta <> 0
              AND (run.user_id IS NULL OR e.user_id = run.user_id)
              AND (run.parameters ->> 'action' IS NULL OR e.source = run.parameters ->> 'action')
              AND (run.parameters ->> 'kid' IS NULL OR e.kid = run.parameters ->> 'kid')
              AND (run.parameters ->> 'since' IS NULL
                   OR e.created_at >= (run.parameters ->> 'since')::timestamptz)
              AND (run.parameters ->> 'until' IS NULL
                   OR e.created_at <= (run.parameters ->> 'until')::timestamptz)
            ORDER BY event_id DESC LIMIT p_events
        )
        SELECT array_agg(f.event_id ORDER BY f.user_id, f.event_id DESC),
               array_agg(f.user_id ORDER BY f.user_id, f.event_id DESC),
               array_agg(f.delta ORDER BY f.user_id, f.event_id DESC),
               CASE WHEN count(*) = p_events THEN min(f.event_id)
                    WHEN (SELECT count(*) FROM looked_at) = p_looked_at
                    THEN (SELECT min(event_id) FROM looked_at) END
        INTO ids, users, deltas, lowest FROM found AS f;
    END IF;

    IF ids IS NOT NULL THEN
        INSERT INTO user_scores AS t (board_id, user_id, score, version, reached, updated_at)
        SELECT DISTINCT run.board_id, user_id, 0, 0, 0, now()
        FROM unnest(users) AS i (user_id) ORDER BY 2
        ON CONFLICT (board_id, user_id) DO UPDATE SET version = t.version WHERE false;

        SELECT array_agg(place ORDER BY item) INTO user_of
        FROM (SELECT item, dense_rank() OVER (ORDER BY user_id) AS place
              FROM unnest(users) WITH ORDINALITY AS i (user_id, item)) AS p;
        SELECT array_agg(t.place ORDER BY i.user_id), array_agg(t.score ORDER BY i.user_id),
               array_agg(t.version ORDER BY i.user_id), array_agg(t.reached ORDER BY i.user_id)
        INTO places, totals, versions, last_ids
        FROM (SELECT DISTINCT user_id FROM unnest(users) AS i (user_id)) AS i
        CROSS JOIN LATERAL (
            SELECT ctid AS place, score, version, reached FROM user_scores
            WHERE board_id = run.board_id AND user_id = i.user_id OFFSET 0
        ) AS t;
        changed := array_fill(false, ARRAY[cardinality(places)]);
        SELECT min_score, max_score INTO floor, ceiling FROM boards WHERE board_id = run.board_id;

        FOR i IN 1 .. cardinality(ids) LOOP
            u := user_of[i];
            last_id := ids[i];
            is_void := false;
            LOOP
                SELECT c.event_id INTO next_id FROM compensations AS c WHERE c.refers_to = last_id;
                EXIT WHEN NOT FOUND;
                last_id := next_id;
                is_void := NOT is_void;
            END LOOP;
            change := -deltas[i];
            IF is_void OR run.kind = 'restore' AND last_id <> ids[i] THEN
                CONTINUE;
            END IF;
            IF totals[u] + change NOT BETWEEN floor AND ceiling THEN
                refusals := refusals + 1;
                CONTINUE;
            END IF;
            totals[u] := totals[u] + change;
            versions[u] := versions[u] + 1;
            last_ids[u] := nextval('score_event_ids');
            changed[u] := true;
            drawn := drawn || last_ids[u];
            undone := undone || last_id;
            owners := owners || users[i];
            changes := changes || change;
            scores := scores || totals[u];
            counts := counts || versions[u];
        END LOOP;
    END IF;

    IF cardinality(drawn) > 0 THEN
        at := clock_timestamp();
        INSERT INTO score_events (event_id, board_id, user_id, delta, score_after, version_after,
                                  source, actor, act_id, refers_to, created_at)
        SELECT e, run.board_id, o, c, s, v, run.kind, run.actor, p_act_id, r, at
        FROM unnest(drawn, owners, changes, scores, counts, undone) AS i (e, o, c, s, v, r)
        ORDER BY e;
        INSERT INTO compensations (refers_to, event_id, act_id)
        SELECT r, e, p_act_id FROM unnest(undone, drawn) AS i (r, e) ORDER BY r;
        UPDATE user_scores AS t
        SET score = n.score, version = n.version, reached = n.reached, updated_at = at
        FROM unnest(places, totals, versions, last_ids, changed)
             AS n (place, score, version, reached, changed)
        WHERE n.changed AND t.ctid = n.place;
        INSERT INTO outbox (event_ids) VALUES (drawn);
    END IF;

    RETURN QUERY
    UPDATE act_runs AS r
    SET below_id = coalesce(lowest, run.first_id),
        done = r.done + cardinality(drawn),
        refused = r.refused + refusals,
        finished_at = CASE WHEN lowest IS NULL OR lowest <= run.first_id THEN clock_timestamp() END
    WHERE r.act_id = p_act_id
    RETURNING r.done, r.refused, r.events, r.finished_at IS NOT NULL;
END
$$;

CREATE FUNCTION public.take_lease_v1(p_name text, p_holder text, p_life interval) RETURNS bigint
    LANGUAGE sql
    AS $$
    INSERT INTO leases AS l (name, holder, term, expires_at)
    VALUES (p_name, p_holder, 1, clock_timestamp() + p_life)
    ON CONFLICT (name) DO UPDATE
    SET holder = p_holder,
        term = l.term + (l.holder <> p_holder)::int,
        expires_at = clock_timestamp() + p_life
    WHERE l.holder = p_holder OR l.expires_at <= clock_timestamp()
    RETURNING term
$$;

CREATE TABLE public.act_runs (
    act_id bigint NOT NULL,
    first_id bigint NOT NULL,
    below_id bigint NOT NULL,
    events bigint NOT NULL,
    done bigint DEFAULT 0 NOT NULL,
    refused bigint DEFAULT 0 NOT NULL,
    finished_at timestamp with time zone
);

COMMENT ON COLUMN public.act_runs.below_id IS 'what is left to look at: ids from first_id to below this one';

COMMENT ON COLUMN public.act_runs.events IS 'how many there were when it began';

COMMENT ON COLUMN public.act_runs.refused IS 'events that the limits of the board did not let go';

CREATE TABLE public.action_nonces (
    nonce text NOT NULL COLLATE pg_catalog."C",
    expires_at timestamp with time zone NOT NULL,
    event_id bigint NOT NULL
);

CREATE TABLE public.boards (
    board_id text NOT NULL COLLATE pg_catalog."C",
    max_delta bigint DEFAULT 1000000 NOT NULL,
    min_score bigint DEFAULT '-9007199254740991'::bigint NOT NULL,
    max_score bigint DEFAULT '9007199254740991'::bigint NOT NULL,
    allowed_actions text[],
    created_at timestamp with time zone DEFAULT now() NOT NULL,
    CONSTRAINT boards_board_id_check CHECK ((board_id ~ '^[a-z0-9][a-z0-9_-]{0,63}$'::text)),
    CONSTRAINT boards_check CHECK (((min_score <= 0) AND (max_score >= 0))),
    CONSTRAINT boards_max_delta_check CHECK (((max_delta >= 1) AND (max_delta <= '9007199254740991'::bigint))),
    CONSTRAINT boards_max_score_check CHECK ((max_score <= '9007199254740991'::bigint)),
    CONSTRAINT boards_min_score_check CHECK ((min_score >= '-9007199254740991'::bigint))
);

COMMENT ON COLUMN public.boards.allowed_actions IS 'null admits every action';

CREATE TABLE public.compensations (
    refers_to bigint NOT NULL,
    event_id bigint NOT NULL,
    act_id bigint NOT NULL
);

COMMENT ON TABLE public.compensations IS 'append-only: which event undoes which';

CREATE TABLE public.erasures (
    act_id bigint NOT NULL,
    user_id uuid NOT NULL,
    tombstone uuid NOT NULL,
    due_at timestamp with time zone NOT NULL,
    is_writing boolean DEFAULT false NOT NULL
);

COMMENT ON TABLE public.erasures IS 'those under way: a row goes together with the id that it names';

COMMENT ON COLUMN public.erasures.due_at IS 'until then the user''s action tokens may still be redeemed, and are refused';

COMMENT ON COLUMN public.erasures.is_writing IS 'some of the user''s events may have the tombstone already';

CREATE TABLE public.leases (
    name text NOT NULL,
    holder text NOT NULL,
    term bigint NOT NULL,
    expires_at timestamp with time zone NOT NULL
);

CREATE TABLE public.outbox (
    outbox_id bigint NOT NULL,
    event_ids bigint[] NOT NULL,
    created_at timestamp with time zone DEFAULT clock_timestamp() NOT NULL
);

COMMENT ON TABLE public.outbox IS 'one row per transaction, deleted once its events are relayed';

ALTER TABLE public.outbox ALTER COLUMN outbox_id ADD GENERATED ALWAYS AS IDENTITY (
    SEQUENCE NAME public.outbox_outbox_id_seq
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1
);

CREATE TABLE public.schema_migrations (
    name text NOT NULL,
    checksum text NOT NULL,
    applied_at timestamp with time zone DEFAULT now() NOT NULL
);

CREATE SEQUENCE public.score_event_ids
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1;

CREATE TABLE public.score_events (
    event_id bigint NOT NULL,
    board_id text NOT NULL COLLATE pg_catalog."C",
    user_id uuid NOT NULL,
    delta bigint NOT NULL,
    score_after bigint NOT NULL,
    version_after bigint NOT NULL,
    nonce text COLLATE pg_catalog."C",
    kid text,
    source text NOT NULL,
    actor text NOT NULL,
    token bytea,
    created_at timestamp with time zone NOT NULL,
    act_id bigint,
    refers_to bigint,
    CONSTRAINT score_events_version_after_check CHECK ((version_after > 0))
);

COMMENT ON TABLE public.score_events IS 'append-only; uniqueness of nonces lives in action_nonces';

COMMENT ON COLUMN public.score_events.source IS 'the action, as its token names it, or the kind of act';

COMMENT ON COLUMN public.score_events.actor IS 'subject of the Bearer token that redeemed the action, or who acted';

COMMENT ON COLUMN public.score_events.token IS 'the exact bytes received, to be verified by anybody later; null: an act led to it, or its user is erased';

COMMENT ON COLUMN public.score_events.act_id IS 'the act that led to it; null where a token earned it';

COMMENT ON COLUMN public.score_events.refers_to IS 'the event that it undoes; uniqueness lives in compensations';

CREATE TABLE public.standings_gaps (
    board_id text NOT NULL COLLATE pg_catalog."C",
    noticed_at timestamp with time zone NOT NULL
);

COMMENT ON TABLE public.standings_gaps IS 'boards whose index in Redis missed a change: to be rebuilt';

CREATE TABLE public.user_scores (
    board_id text NOT NULL COLLATE pg_catalog."C",
    user_id uuid NOT NULL,
    score bigint NOT NULL,
    version bigint NOT NULL,
    reached bigint NOT NULL,
    updated_at timestamp with time zone NOT NULL,
    suspended_until timestamp with time zone,
    CONSTRAINT user_scores_score_check CHECK (((score >= '-9007199254740991'::bigint) AND (score <= '9007199254740991'::bigint))),
    CONSTRAINT user_scores_version_check CHECK ((version >= 0))
);

COMMENT ON COLUMN public.user_scores.version IS 'number of events; 0 only inside a transaction under way';

COMMENT ON COLUMN public.user_scores.reached IS 'id of the event that set the score: orders ties';

COMMENT ON COLUMN public.user_scores.suspended_until IS 'null: on the board; infinity: until the suspension is lifted';

CREATE TABLE public.views (
    board_id text NOT NULL COLLATE pg_catalog."C",
    view text NOT NULL,
    term bigint NOT NULL,
    epoch text NOT NULL,
    version bigint NOT NULL,
    entries bytea NOT NULL,
    generated_at timestamp with time zone NOT NULL
);

COMMENT ON TABLE public.views IS 'what gateways show: the relay''s latest state of each view';

COMMENT ON COLUMN public.views.entries IS 'JSON array of {userId, score, rank}';

ALTER TABLE ONLY public.act_runs
    ADD CONSTRAINT act_runs_pkey PRIMARY KEY (act_id);

ALTER TABLE ONLY public.action_nonces
    ADD CONSTRAINT action_nonces_pkey PRIMARY KEY (nonce);

ALTER TABLE ONLY public.acts
    ADD CONSTRAINT acts_pkey PRIMARY KEY (act_id);

ALTER TABLE ONLY public.boards
    ADD CONSTRAINT boards_pkey PRIMARY KEY (board_id);

ALTER TABLE ONLY public.compensations
    ADD CONSTRAINT compensations_event_id_key UNIQUE (event_id);

ALTER TABLE ONLY public.compensations
    ADD CONSTRAINT compensations_pkey PRIMARY KEY (refers_to);

ALTER TABLE ONLY public.erasures
    ADD CONSTRAINT erasures_pkey PRIMARY KEY (act_id);

ALTER TABLE ONLY public.erasures
    ADD CONSTRAINT erasures_tombstone_key UNIQUE (tombstone);

ALTER TABLE ONLY public.erasures
    ADD CONSTRAINT erasures_user_id_key UNIQUE (user_id);

ALTER TABLE ONLY public.leases
    ADD CONSTRAINT leases_pkey PRIMARY KEY (name);

ALTER TABLE ONLY public.outbox
    ADD CONSTRAINT outbox_pkey PRIMARY KEY (outbox_id);

ALTER TABLE ONLY public.schema_migrations
    ADD CONSTRAINT schema_migrations_pkey PRIMARY KEY (name);

ALTER TABLE public.score_events
    ADD CONSTRAINT score_events_delta_check CHECK (((delta <> 0) OR (act_id IS NOT NULL))) NOT VALID;

ALTER TABLE public.score_events
    ADD CONSTRAINT score_events_origin CHECK (
CASE
    WHEN (act_id IS NULL) THEN ((nonce IS NOT NULL) AND (kid IS NOT NULL) AND (refers_to IS NULL) AND ((token IS NOT NULL) OR ((user_id)::text ~~ '00000000-____-8%'::text)))
    ELSE ((nonce IS NULL) AND (kid IS NULL) AND (token IS NULL))
END) NOT VALID;

ALTER TABLE ONLY public.score_events
    ADD CONSTRAINT score_events_pkey PRIMARY KEY (event_id);

ALTER TABLE ONLY public.standings_gaps
    ADD CONSTRAINT standings_gaps_pkey PRIMARY KEY (board_id);

ALTER TABLE ONLY public.user_scores
    ADD CONSTRAINT user_scores_pkey PRIMARY KEY (board_id, user_id);

ALTER TABLE ONLY public.views
    ADD CONSTRAINT views_pkey PRIMARY KEY (board_id, view);

CREATE INDEX act_runs_unfinished ON public.act_runs USING btree (act_id) WHERE (finished_at IS NULL);

CREATE INDEX action_nonces_expiry ON public.action_nonces USING btree (expires_at);

CREATE INDEX acts_actor ON public.acts USING btree (actor, act_id);

CREATE UNIQUE INDEX acts_idempotency ON public.acts USING btree (actor, idempotency_key) WHERE ((idempotency_key IS NOT NULL) AND (outcome = 'applied'::text));

CREATE INDEX acts_user ON public.acts USING btree (user_id, act_id) WHERE (user_id IS NOT NULL);

CREATE INDEX compensations_act ON public.compensations USING btree (act_id, event_id);

CREATE INDEX user_scores_board_order ON public.user_scores USING btree (board_id, score DESC, reached) WHERE (suspended_until IS NULL);

CREATE INDEX user_scores_suspended ON public.user_scores USING btree (suspended_until) WHERE (suspended_until IS NOT NULL);

CREATE TRIGGER acts_append_only BEFORE DELETE OR UPDATE OR TRUNCATE ON public.acts FOR EACH STATEMENT EXECUTE FUNCTION public.refuse_change_of_acts();

CREATE TRIGGER acts_erasure_only BEFORE UPDATE ON public.acts FOR EACH ROW EXECUTE FUNCTION public.refuse_all_but_erasure_of_acts();

CREATE TRIGGER compensations_append_only BEFORE DELETE OR UPDATE OR TRUNCATE ON public.compensations FOR EACH STATEMENT EXECUTE FUNCTION public.refuse_change_of_acts();

CREATE TRIGGER score_events_append_only BEFORE DELETE OR UPDATE OR TRUNCATE ON public.score_events FOR EACH STATEMENT EXECUTE FUNCTION public.refuse_change_of_events();

CREATE TRIGGER score_events_erasure_only BEFORE UPDATE ON public.score_events FOR EACH ROW EXECUTE FUNCTION public.refuse_all_but_erasure_of_events();

ALTER TABLE ONLY public.standings_gaps
    ADD CONSTRAINT standings_gaps_board_id_fkey FOREIGN KEY (board_id) REFERENCES public.boards(board_id);

ALTER TABLE ONLY public.user_scores
    ADD CONSTRAINT user_scores_board_id_fkey FOREIGN KEY (board_id) REFERENCES public.boards(board_id);

ALTER TABLE ONLY public.views
    ADD CONSTRAINT views_board_id_fkey FOREIGN KEY (board_id) REFERENCES public.boards(board_id);

GRANT USAGE ON SCHEMA public TO scoreboard_app;

REVOKE ALL ON FUNCTION public.erase_acts_v1(p_act_id bigint, p_first bigint, p_last bigint) FROM PUBLIC;
GRANT ALL ON FUNCTION public.erase_acts_v1(p_act_id bigint, p_first bigint, p_last bigint) TO scoreboard_app;

REVOKE ALL ON FUNCTION public.erase_events_v1(p_act_id bigint, p_event_ids bigint[]) FROM PUBLIC;
GRANT ALL ON FUNCTION public.erase_events_v1(p_act_id bigint, p_event_ids bigint[]) TO scoreboard_app;

REVOKE ALL ON FUNCTION public.finish_erasure_v1(p_act_id bigint, p_settled_id bigint) FROM PUBLIC;
GRANT ALL ON FUNCTION public.finish_erasure_v1(p_act_id bigint, p_settled_id bigint) TO scoreboard_app;

GRANT USAGE ON SEQUENCE public.act_ids TO scoreboard_app;

GRANT SELECT,INSERT ON TABLE public.acts TO scoreboard_app;

REVOKE ALL ON FUNCTION public.open_erasure_v1(p_act_id bigint) FROM PUBLIC;
GRANT ALL ON FUNCTION public.open_erasure_v1(p_act_id bigint) TO scoreboard_app;

GRANT SELECT,INSERT,UPDATE ON TABLE public.act_runs TO scoreboard_app;

GRANT SELECT,INSERT,DELETE,UPDATE ON TABLE public.action_nonces TO scoreboard_app;

GRANT SELECT ON TABLE public.boards TO scoreboard_app;

GRANT SELECT,INSERT ON TABLE public.compensations TO scoreboard_app;

GRANT SELECT,INSERT ON TABLE public.erasures TO scoreboard_app;

GRANT SELECT,INSERT,DELETE,UPDATE ON TABLE public.leases TO scoreboard_app;

GRANT SELECT,INSERT,DELETE,UPDATE ON TABLE public.outbox TO scoreboard_app;

GRANT USAGE ON SEQUENCE public.score_event_ids TO scoreboard_app;

GRANT SELECT,INSERT ON TABLE public.score_events TO scoreboard_app;

GRANT SELECT,INSERT,DELETE,UPDATE ON TABLE public.standings_gaps TO scoreboard_app;

GRANT SELECT,INSERT,DELETE,UPDATE ON TABLE public.user_scores TO scoreboard_app;

GRANT SELECT,INSERT,DELETE,UPDATE ON TABLE public.views TO scoreboard_app;
