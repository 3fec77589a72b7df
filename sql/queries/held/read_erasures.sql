-- The erasure of user $1 that is under way, as JSON.
SELECT jsonb_build_object('actId', act_id, 'dueAt', due_at)::text
FROM erasures WHERE user_id = $1::uuid
