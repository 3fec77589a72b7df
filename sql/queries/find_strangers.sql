-- Those of the users $2 who have no total on board $1.
SELECT user_id
FROM unnest($2::uuid[]) AS asked (user_id)
WHERE NOT EXISTS (
    SELECT FROM user_scores AS known
    WHERE known.board_id = $1 AND known.user_id = asked.user_id
)
