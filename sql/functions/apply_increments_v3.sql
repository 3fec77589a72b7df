-- Applies a batch of proven increments; one row per item, in the order given.
--
-- Called as ONE autocommit statement under READ COMMITTED. A single increment is a batch of one.
--
-- Outcomes   applied | nonce_reused | action_token_expired | user_suspended | version_conflict |
--            score_limit. Only `applied` leaves anything behind: event, nonce, total and outbox row together.
--            nonce_reused carries what was stored where the same user sent the same token before,
--            and nulls otherwise. version_conflict and score_limit carry the present total.
-- Order      Items of one user are judged in the order given, each upon the total that the item
--            before it left. A nonce that stands twice in a batch belongs to the first item that
--            is applied with it.
-- Locks      Totals sorted by (board, user), then nonces sorted. Every writer takes both in this
--            order, so two batches can wait for each other but never in a circle. A nonce that a
--            transaction under way has inserted is waited for: its fate decides the answer.
-- Clock      Expiry is judged after the nonce is held, by the time of that moment. So an answer
--            action_token_expired is final: whoever holds the nonce later finds it expired too.
-- Event ids  are drawn while the totals are locked, so they grow with each user's versions.
-- Plans      are kept, also those made while a table was small: so each statement names its steps
--            (LATERAL … OFFSET 0 is not pulled up), and written rows are found by their ctid, which
--            nobody changes while they are locked.
-- Errors     A value out of range or an unknown board fails the whole batch; the caller splits it.
CREATE FUNCTION apply_increments_v3(
    p_board_ids         text[],
    p_user_ids          uuid[],
    p_deltas            bigint[],
    p_nonces            text[],
    p_expires_at_s      bigint[],
    p_expected_versions bigint[],
    p_kids              text[],
    p_sources           text[],
    p_actors            text[],
    p_tokens            bytea[]
)
RETURNS TABLE (outcome text, event_id bigint, score bigint, version bigint, updated_us bigint)
LANGUAGE plpgsql
SET enable_seqscan = off
SET enable_hashjoin = off
SET enable_mergejoin = off
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
