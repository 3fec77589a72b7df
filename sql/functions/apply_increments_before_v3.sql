-- Instances of the releases before run while this is applied, and know nothing of suspensions: their
-- functions ask the present one, and call a suspended user's refusal `score_limit`, which they know.
CREATE OR REPLACE FUNCTION apply_increments_v1(
    p_board_ids         text[],
    p_user_ids          uuid[],
    p_deltas            bigint[],
    p_nonces            text[],
    p_expires_at_s      bigint[],
    p_expected_versions bigint[],
    p_kids              text[],
    p_sources           text[],
    p_actors            text[],
    p_tokens            bytea[]
)
RETURNS TABLE (outcome text, event_id bigint, score bigint, version bigint, updated_us bigint)
LANGUAGE sql
AS $$
SELECT CASE v3.outcome WHEN 'user_suspended' THEN 'score_limit' ELSE v3.outcome END,
       v3.event_id, v3.score, v3.version, v3.updated_us
FROM apply_increments_v3(p_board_ids, p_user_ids, p_deltas, p_nonces, p_expires_at_s,
                         p_expected_versions, p_kids, p_sources, p_actors, p_tokens) AS v3
$$;
CREATE OR REPLACE FUNCTION apply_increments_v2(
    p_board_ids         text[],
    p_user_ids          uuid[],
    p_deltas            bigint[],
    p_nonces            text[],
    p_expires_at_s      bigint[],
    p_expected_versions bigint[],
    p_kids              text[],
    p_sources           text[],
    p_actors            text[],
    p_tokens            bytea[]
)
RETURNS TABLE (outcome text, event_id bigint, score bigint, version bigint, updated_us bigint)
LANGUAGE sql
AS $$
SELECT CASE v3.outcome WHEN 'user_suspended' THEN 'score_limit' ELSE v3.outcome END,
       v3.event_id, v3.score, v3.version, v3.updated_us
FROM apply_increments_v3(p_board_ids, p_user_ids, p_deltas, p_nonces, p_expires_at_s,
                         p_expected_versions, p_kids, p_sources, p_actors, p_tokens) AS v3
$$;
