-- The $1 users who change most. Their points as far as JavaScript can tell numbers apart.
SELECT user_id::text, events,
       greatest(-9007199254740991, least(9007199254740991, points))::bigint AS points,
       score, score_after, is_suspended
FROM changes
ORDER BY abs(points) DESC, user_id
LIMIT $1
