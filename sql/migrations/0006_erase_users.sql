-- Erasure: a person's id gives way to a tombstone, and everything else of the history stays.

CREATE TABLE erasures (
    act_id     bigint PRIMARY KEY,
    user_id    uuid NOT NULL UNIQUE,
    tombstone  uuid NOT NULL UNIQUE,
    due_at     timestamptz NOT NULL,
    is_writing boolean NOT NULL DEFAULT false
);
COMMENT ON TABLE erasures IS 'those under way: a row goes together with the id that it names';
COMMENT ON COLUMN erasures.due_at IS 'until then the user''s action tokens may still be redeemed, and are refused';
COMMENT ON COLUMN erasures.is_writing IS 'some of the user''s events may have the tombstone already';

-- An erased event has no token any more, for it names the user. Not valid: it holds for all that is stored.
ALTER TABLE score_events
    DROP CONSTRAINT score_events_origin,
    ADD CONSTRAINT score_events_origin CHECK (CASE
        WHEN act_id IS NULL
        THEN nonce IS NOT NULL AND kid IS NOT NULL AND refers_to IS NULL
             AND (token IS NOT NULL OR user_id::text LIKE '00000000-____-8%')
        ELSE nonce IS NULL AND kid IS NULL AND token IS NULL
    END) NOT VALID;
COMMENT ON COLUMN score_events.token IS
    'the exact bytes received, to be verified by anybody later; null: an act led to it, or its user is erased';

\ir ../functions/forget_in_act_v1.sql
\ir ../functions/leave_boards_v1.sql
\ir ../functions/begin_erasure_v1.sql
\ir ../functions/open_erasure_v1.sql
\ir ../functions/erase_events_v1.sql
\ir ../functions/erase_acts_v1.sql
\ir ../functions/finish_erasure_v1.sql

-- They set scoreboard.erasing for as long as they update. It opens a table to UPDATE alone; what an update may
-- change is for the next triggers to say.
CREATE OR REPLACE FUNCTION refuse_change_of_events() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF TG_OP = 'UPDATE' AND current_setting('scoreboard.erasing', true) = 'on' THEN
        RETURN NULL;
    END IF;
    RAISE EXCEPTION 'score_events is append-only: % refused', TG_OP
        USING HINT = 'Correct a score by a further event.';
END
$$;
CREATE OR REPLACE FUNCTION refuse_change_of_acts() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF TG_OP = 'UPDATE' AND TG_TABLE_NAME = 'acts' AND current_setting('scoreboard.erasing', true) = 'on' THEN
        RETURN NULL;
    END IF;
    RAISE EXCEPTION '% is append-only: % refused', TG_TABLE_NAME, TG_OP
        USING HINT = 'Undo an act by a further act.';
END
$$;

-- Whatever else has been set: nothing of an event or an act changes but what an erasure under way takes away.
CREATE FUNCTION refuse_all_but_erasure_of_events() RETURNS trigger LANGUAGE plpgsql AS $$
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
CREATE TRIGGER score_events_erasure_only
    BEFORE UPDATE ON score_events
    FOR EACH ROW EXECUTE FUNCTION refuse_all_but_erasure_of_events();

CREATE FUNCTION refuse_all_but_erasure_of_acts() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF EXISTS (SELECT FROM erasures AS gone
               WHERE NEW IS NOT DISTINCT FROM forget_in_act_v1(OLD, gone.user_id, gone.tombstone)) THEN
        RETURN NEW;
    END IF;
    RAISE EXCEPTION 'acts is append-only: UPDATE refused'
        USING HINT = 'An erasure takes away the id of its user, and nothing else.';
END
$$;
CREATE TRIGGER acts_erasure_only
    BEFORE UPDATE ON acts
    FOR EACH ROW EXECUTE FUNCTION refuse_all_but_erasure_of_acts();

REVOKE EXECUTE ON FUNCTION open_erasure_v1, erase_events_v1, erase_acts_v1, finish_erasure_v1
    FROM PUBLIC;
GRANT EXECUTE ON FUNCTION open_erasure_v1, erase_events_v1, erase_acts_v1, finish_erasure_v1
    TO scoreboard_app;
GRANT SELECT, INSERT ON erasures TO scoreboard_app;
