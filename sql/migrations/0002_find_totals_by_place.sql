-- Batches go to apply_increments_v2: plans that v1 had made while user_scores was small compared every
-- item with every total. v1 stays for instances of the release before, which run while this is applied.
\ir ../functions/apply_increments_v2.sql
