-- Carries out the next slice of act p_act_id, a void of a window or the restore of what an act voided.
-- No row where it is finished, or somebody else is at it.
--
-- Called as ONE autocommit statement under READ COMMITTED. Whoever is cut off has done the slice or not:
-- how far the act has come is written with it.
--
-- Order      From the newest event down, so that each total passes where it has been before.
-- Slices     At most p_events are undone, of p_looked_at that are looked at.
-- Skips      what is undone already, what undoes something itself, and what would lead beyond the board's
--            limits, which is counted as refused.
-- Locks      The row of the run, then the totals sorted as every writer sorts them. No other writer wants
--            the row, so nobody waits in a circle.
-- Event ids  are drawn while the totals are locked, so they grow with each user's versions.
CREATE FUNCTION run_act_v1(p_act_id bigint, p_events int, p_looked_at int)
RETURNS TABLE (done bigint, refused bigint, events bigint, is_finished boolean)
LANGUAGE plpgsql
SET enable_seqscan = off
SET enable_hashjoin = off
SET enable_mergejoin = off
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
