-- The suspended leave the board: they are no longer in the index that tops and ranks are read along, and
-- their increments are refused. While the index is made anew, increments wait, two to three seconds for a
-- million totals, and reads do not: the old one goes only then.
CREATE INDEX user_scores_order_of_board ON user_scores (board_id, score DESC, reached)
    WHERE suspended_until IS NULL;
DROP INDEX user_scores_board_order;
ALTER INDEX user_scores_order_of_board RENAME TO user_scores_board_order;

-- Those whose time will come.
CREATE INDEX user_scores_suspended ON user_scores (suspended_until) WHERE suspended_until IS NOT NULL;

-- A suspension and its end are events too, so that a total's version tells the newest from the older.
ALTER TABLE score_events
    DROP CONSTRAINT score_events_delta_check,
    ADD CONSTRAINT score_events_delta_check CHECK (delta <> 0 OR act_id IS NOT NULL) NOT VALID;

\ir ../functions/apply_increments_v3.sql
\ir ../functions/apply_increments_before_v3.sql
