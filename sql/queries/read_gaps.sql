-- Boards whose index in Redis is to be rebuilt, and when that was last noticed.
SELECT board_id, noticed_at FROM standings_gaps
