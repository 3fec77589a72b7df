-- What an audit needs besides the tables of a replay: what is checked of every event, how many of a
-- user's events do not follow from the ones before, and every event where something is wrong.
ALTER TABLE replayed ADD COLUMN breaks bigint NOT NULL;
CREATE TEMP TABLE audited (
    event_id      bigint NOT NULL,
    board_id      text COLLATE "C" NOT NULL,
    user_id       uuid NOT NULL,
    delta         bigint NOT NULL,
    score_after   bigint NOT NULL,
    version_after bigint NOT NULL,
    nonce         text COLLATE "C",
    created_at    timestamptz NOT NULL,
    act_id        bigint,
    refers_to     bigint,
    is_suspension boolean,          -- or an erasure; null: neither that nor a lift
    is_erased     boolean NOT NULL  -- earned by a token that is gone, with the id that it named
);
CREATE TEMP TABLE breaks (
    kind     text NOT NULL,
    event_id bigint NOT NULL
);
