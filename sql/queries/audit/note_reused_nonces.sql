-- Notes the events that share their nonce with another one.
INSERT INTO breaks (kind, event_id)
SELECT 'nonce_reused', unnest(event_ids)
FROM (SELECT array_agg(event_id) AS event_ids FROM audited
      WHERE nonce IS NOT NULL GROUP BY nonce HAVING count(*) > 1) AS n
