-- How many erasures have rewritten the history.
SELECT count(*) FROM acts AS a
WHERE kind = 'erasure' AND outcome = 'applied'
  AND NOT EXISTS (SELECT FROM erasures AS e WHERE e.act_id = a.act_id)
