-- Room for one replay, gone with its session: what slices of the events add up to, the totals that
-- they make together, and the totals that differ from them.
CREATE TEMP TABLE replay_parts (
    board_id text COLLATE "C" NOT NULL,
    user_id  uuid NOT NULL,
    score    numeric NOT NULL,
    version  bigint NOT NULL,
    reached  bigint NOT NULL,
    suspended bigint,  -- the last event that took the user off the board
    lifted    bigint   -- the last that brought him back
);
CREATE TEMP TABLE replayed (LIKE replay_parts);
CREATE TEMP TABLE differences (
    board_id       text COLLATE "C" NOT NULL,
    user_id        uuid NOT NULL,
    stored_score   bigint,
    stored_version bigint,           -- null: there is no total
    stored_reached bigint,
    stored_at      timestamptz,
    score          numeric NOT NULL,
    version        bigint NOT NULL,  -- 0: there are no events
    reached        bigint NOT NULL,
    reached_at     timestamptz,
    stored_until   timestamptz,      -- until when the user is suspended
    until          timestamptz,
    PRIMARY KEY (board_id, user_id)
);
