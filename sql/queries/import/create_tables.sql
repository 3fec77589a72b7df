-- Where an import stands while it is checked. It all goes with the session, however that ends.
-- Plans are made for tables whose size nobody knows: no slice may lead to a scan of the ledger.
SET enable_seqscan = off;
SET jit = off;
SET temp_buffers = '64MB';
SET work_mem = '64MB';

-- One slice of the file; nonce_expires_at is null where the nonce need not be held any more, and act is
-- what led to the event where no token earned it.
CREATE TEMP TABLE import_slice (LIKE score_events INCLUDING CONSTRAINTS) ON COMMIT DELETE ROWS;
ALTER TABLE import_slice ADD COLUMN nonce_expires_at timestamptz, ADD COLUMN act jsonb;

-- What the file adds: events that are not stored yet, and the totals that they lead to. user_events
-- is how many of its slice the user has, at the last of them.
CREATE TEMP TABLE import_events (LIKE import_slice INCLUDING CONSTRAINTS, PRIMARY KEY (event_id));
ALTER TABLE import_events ADD COLUMN user_events int;
CREATE UNIQUE INDEX import_nonces ON import_events (nonce) WHERE nonce_expires_at IS NOT NULL;
CREATE UNIQUE INDEX import_compensations ON import_events (refers_to) WHERE refers_to IS NOT NULL;
CREATE TEMP TABLE import_totals (
    LIKE user_scores INCLUDING CONSTRAINTS, PRIMARY KEY (board_id, user_id)
) WITH (fillfactor = 45); -- a total is raised slice by slice, in its place
