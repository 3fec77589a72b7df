-- Acts of moderation: who did what to whom, and why. Whatever an act changes is an event like any other,
-- which no token has earned. Every statement here takes the same moment however many events there are.

-- Even numbers are those of acts that lead to events, and come with them from another database. What leads
-- to none, a read or a refusal, has the odd number behind the one that it draws: so it is in no import's way.
CREATE SEQUENCE act_ids AS bigint START WITH 2 INCREMENT BY 2;

CREATE TABLE acts (
    act_id          bigint PRIMARY KEY DEFAULT nextval('act_ids'),
    kind            text NOT NULL,
    outcome         text NOT NULL,
    board_id        text COLLATE "C",
    user_id         uuid,
    parameters      jsonb NOT NULL,
    reason          text CHECK (char_length(reason) BETWEEN 1 AND 500),
    actor           text NOT NULL,
    scopes          text[] NOT NULL,
    kid             text,
    origin          text NOT NULL,
    client_address  text,
    request_id      text,
    idempotency_key text COLLATE "C",
    event_id        bigint,
    created_at      timestamptz NOT NULL,
    CHECK (act_id % 2 = 0 OR event_id IS NULL)
);
COMMENT ON TABLE acts IS 'append-only: acts of moderation and reads of personal data, refused ones too';
COMMENT ON COLUMN acts.outcome IS 'applied, or the code of the refusal';
COMMENT ON COLUMN acts.actor IS 'subject of the Bearer token, or the account of the command line';
COMMENT ON COLUMN acts.origin IS 'rest, cli, or service for what the service does by itself';
COMMENT ON COLUMN acts.event_id IS 'the event that it led to, where there is just one';

CREATE UNIQUE INDEX acts_idempotency ON acts (actor, idempotency_key)
    WHERE idempotency_key IS NOT NULL AND outcome = 'applied';
CREATE INDEX acts_user ON acts (user_id, act_id) WHERE user_id IS NOT NULL;
CREATE INDEX acts_actor ON acts (actor, act_id);

ALTER TABLE user_scores ADD COLUMN suspended_until timestamptz;
COMMENT ON COLUMN user_scores.suspended_until IS
    'null: on the board; infinity: until the suspension is lifted';

ALTER TABLE score_events
    ALTER COLUMN nonce DROP NOT NULL,
    ALTER COLUMN kid DROP NOT NULL,
    ALTER COLUMN token DROP NOT NULL,
    ADD COLUMN act_id bigint,
    ADD COLUMN refers_to bigint,
    -- Not valid: it holds for all that is stored, and looking at that would keep increments waiting.
    ADD CONSTRAINT score_events_origin CHECK (CASE
        WHEN act_id IS NULL
        THEN nonce IS NOT NULL AND kid IS NOT NULL AND token IS NOT NULL AND refers_to IS NULL
        ELSE nonce IS NULL AND kid IS NULL AND token IS NULL
    END) NOT VALID;
COMMENT ON COLUMN score_events.source IS 'the action, as its token names it, or the kind of act';
COMMENT ON COLUMN score_events.actor IS
    'subject of the Bearer token that redeemed the action, or who acted';
COMMENT ON COLUMN score_events.act_id IS 'the act that led to it; null where a token earned it';
COMMENT ON COLUMN score_events.refers_to IS 'the event that it undoes; uniqueness lives in compensations';

-- An event is undone once. What undid it can be undone in turn: so a void is restored.
CREATE TABLE compensations (
    refers_to bigint PRIMARY KEY,
    event_id  bigint NOT NULL UNIQUE,
    act_id    bigint NOT NULL
);
CREATE INDEX compensations_act ON compensations (act_id, event_id);
COMMENT ON TABLE compensations IS 'append-only: which event undoes which';

CREATE FUNCTION refuse_change_of_acts() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION '% is append-only: % refused', TG_TABLE_NAME, TG_OP
        USING HINT = 'Undo an act by a further act.';
END
$$;
CREATE TRIGGER acts_append_only
    BEFORE UPDATE OR DELETE OR TRUNCATE ON acts
    FOR EACH STATEMENT EXECUTE FUNCTION refuse_change_of_acts();
CREATE TRIGGER compensations_append_only
    BEFORE UPDATE OR DELETE OR TRUNCATE ON compensations
    FOR EACH STATEMENT EXECUTE FUNCTION refuse_change_of_acts();

\ir ../functions/apply_act_v1.sql
\ir ../functions/newest_acts_v1.sql

GRANT SELECT, INSERT ON acts, compensations TO scoreboard_app;
GRANT USAGE ON SEQUENCE act_ids TO scoreboard_app;
