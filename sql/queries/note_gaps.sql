-- Notes that the index in Redis of boards $1 missed a change.
INSERT INTO standings_gaps (board_id, noticed_at)
SELECT board_id, clock_timestamp() FROM unnest($1::text[]) AS missed (board_id) ORDER BY 1
ON CONFLICT (board_id) DO UPDATE SET noticed_at = clock_timestamp()
