-- Whether board $1 is there, or was: events outlive it. Only where nothing else tells are all of them
-- looked through, since no index leads to those of a board.
SELECT CASE WHEN EXISTS (SELECT FROM boards WHERE board_id = $1) THEN true
            ELSE EXISTS (SELECT FROM score_events WHERE board_id = $1) END
