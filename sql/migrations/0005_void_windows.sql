-- Acts about many events are carried out in slices: how far each has come.
CREATE TABLE act_runs (
    act_id      bigint PRIMARY KEY,
    first_id    bigint NOT NULL,
    below_id    bigint NOT NULL,
    events      bigint NOT NULL,
    done        bigint NOT NULL DEFAULT 0,
    refused     bigint NOT NULL DEFAULT 0,
    finished_at timestamptz
);
COMMENT ON COLUMN act_runs.below_id IS 'what is left to look at: ids from first_id to below this one';
COMMENT ON COLUMN act_runs.events IS 'how many there were when it began';
COMMENT ON COLUMN act_runs.refused IS 'events that the limits of the board did not let go';
CREATE INDEX act_runs_unfinished ON act_runs (act_id) WHERE finished_at IS NULL;

\ir ../functions/run_act_v1.sql

GRANT SELECT, INSERT, UPDATE ON act_runs TO scoreboard_app;
