-- Room for one preview, gone with its session: the events that would be undone, and what that leaves
-- to each of their users.
CREATE TEMP TABLE undone (
    event_id bigint NOT NULL,
    user_id  uuid NOT NULL,
    delta    bigint NOT NULL
);
CREATE TEMP TABLE changes (
    user_id      uuid PRIMARY KEY,
    events       bigint NOT NULL,
    points       numeric NOT NULL,
    score        bigint NOT NULL,
    score_after  bigint NOT NULL,
    reached      bigint NOT NULL,
    is_suspended boolean NOT NULL
);
