-- The ledger: boards, totals, events, nonces, outbox, leases, views, and the role that serves them.

CREATE TABLE boards (
    board_id        text COLLATE "C" PRIMARY KEY
                    CHECK (board_id ~ '^[a-z0-9][a-z0-9_-]{0,63}$'),
    max_delta       bigint NOT NULL DEFAULT 1000000
                    CHECK (max_delta BETWEEN 1 AND 9007199254740991),
    min_score       bigint NOT NULL DEFAULT -9007199254740991
                    CHECK (min_score >= -9007199254740991),
    max_score       bigint NOT NULL DEFAULT 9007199254740991
                    CHECK (max_score <= 9007199254740991),
    allowed_actions text[],
    created_at      timestamptz NOT NULL DEFAULT now(),
    CHECK (min_score <= 0 AND max_score >= 0)
);
COMMENT ON COLUMN boards.allowed_actions IS 'null admits every action';

INSERT INTO boards (board_id) VALUES ('main');

CREATE TABLE user_scores (
    board_id   text COLLATE "C" NOT NULL REFERENCES boards,
    user_id    uuid NOT NULL,
    score      bigint NOT NULL CHECK (score BETWEEN -9007199254740991 AND 9007199254740991),
    version    bigint NOT NULL CHECK (version >= 0),
    reached    bigint NOT NULL,
    updated_at timestamptz NOT NULL,
    PRIMARY KEY (board_id, user_id)
);
COMMENT ON COLUMN user_scores.version IS 'number of events; 0 only inside a transaction under way';
COMMENT ON COLUMN user_scores.reached IS 'id of the event that set the score: orders ties';

-- The order of the board: highest score first, then who reached it first.
CREATE INDEX user_scores_board_order ON user_scores (board_id, score DESC, reached);

CREATE SEQUENCE score_event_ids AS bigint;

CREATE TABLE score_events (
    event_id      bigint PRIMARY KEY,
    board_id      text COLLATE "C" NOT NULL,
    user_id       uuid NOT NULL,
    delta         bigint NOT NULL CHECK (delta <> 0),
    score_after   bigint NOT NULL,
    version_after bigint NOT NULL CHECK (version_after > 0),
    nonce         text COLLATE "C" NOT NULL,
    kid           text NOT NULL,
    source        text NOT NULL,
    actor         text NOT NULL,
    token         bytea NOT NULL,
    created_at    timestamptz NOT NULL
);
COMMENT ON TABLE score_events IS 'append-only; uniqueness of nonces lives in action_nonces';
COMMENT ON COLUMN score_events.source IS 'the action, as its token names it';
COMMENT ON COLUMN score_events.actor IS 'subject of the Bearer token that redeemed the action';
COMMENT ON COLUMN score_events.token IS 'the exact bytes received, to be verified by anybody later';

CREATE TABLE action_nonces (
    nonce      text COLLATE "C" PRIMARY KEY,
    expires_at timestamptz NOT NULL,
    event_id   bigint NOT NULL
);
CREATE INDEX action_nonces_expiry ON action_nonces (expires_at);

CREATE TABLE outbox (
    outbox_id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    event_ids bigint[] NOT NULL,
    created_at timestamptz NOT NULL DEFAULT clock_timestamp()
);
COMMENT ON TABLE outbox IS 'one row per transaction, deleted once its events are relayed';

CREATE TABLE leases (
    name       text PRIMARY KEY,
    holder     text NOT NULL,
    term       bigint NOT NULL,
    expires_at timestamptz NOT NULL
);

CREATE TABLE views (
    board_id     text COLLATE "C" NOT NULL REFERENCES boards,
    view         text NOT NULL,
    term         bigint NOT NULL,
    epoch        text NOT NULL,
    version      bigint NOT NULL,
    entries      bytea NOT NULL,
    generated_at timestamptz NOT NULL,
    PRIMARY KEY (board_id, view)
);
COMMENT ON TABLE views IS 'what gateways show: the relay''s latest state of each view';
COMMENT ON COLUMN views.entries IS 'JSON array of {userId, score, rank}';

CREATE TABLE standings_gaps (
    board_id   text COLLATE "C" PRIMARY KEY REFERENCES boards,
    noticed_at timestamptz NOT NULL
);
COMMENT ON TABLE standings_gaps IS 'boards whose index in Redis missed a change: to be rebuilt';

-- Events are append-only: grants bind the service, the trigger reminds the owner.
CREATE FUNCTION refuse_change_of_events() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION 'score_events is append-only: % refused', TG_OP
        USING HINT = 'Correct a score by a further event.';
END
$$;
CREATE TRIGGER score_events_append_only
    BEFORE UPDATE OR DELETE OR TRUNCATE ON score_events
    FOR EACH STATEMENT EXECUTE FUNCTION refuse_change_of_events();

\ir ../functions/apply_increments_v1.sql
\ir ../functions/take_lease_v1.sql
\ir ../functions/advance_view_v1.sql
\ir ../functions/purge_nonces_v1.sql

-- Roles belong to the whole server: another database may have made this one.
DO $$
BEGIN
    IF NOT EXISTS (SELECT FROM pg_roles WHERE rolname = 'scoreboard_app') THEN
        CREATE ROLE scoreboard_app NOLOGIN;
    END IF;
EXCEPTION WHEN duplicate_object OR unique_violation THEN
    NULL;
END
$$;
DO $$
DECLARE
    -- From 16 on, who makes a role is a member of it without the right to act as it.
    needed constant text := CASE WHEN current_setting('server_version_num')::int >= 160000
                            THEN 'SET' ELSE 'MEMBER' END;
BEGIN
    IF NOT pg_has_role(current_user, 'scoreboard_app', needed) THEN
        EXECUTE format('GRANT scoreboard_app TO %I', current_user);
    END IF;
END
$$;

GRANT USAGE ON SCHEMA public TO scoreboard_app;
GRANT SELECT, INSERT ON score_events TO scoreboard_app;
GRANT SELECT, INSERT, UPDATE, DELETE
    ON user_scores, action_nonces, outbox, leases, views, standings_gaps TO scoreboard_app;
GRANT SELECT ON boards TO scoreboard_app;
GRANT USAGE ON SEQUENCE score_event_ids TO scoreboard_app;
