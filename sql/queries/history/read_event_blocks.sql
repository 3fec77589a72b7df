-- How many blocks the events fill, and how many bytes a block has.
SELECT pg_relation_size('score_events') / bytes AS blocks, bytes
FROM (SELECT current_setting('block_size')::bigint AS bytes) AS block
