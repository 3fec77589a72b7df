-- Whether this user may make boards, write history and move the sequence, as the owner may.
SELECT has_table_privilege('boards', 'INSERT')
       AND has_table_privilege('score_events', 'INSERT')
       AND has_table_privilege('user_scores', 'INSERT')
       AND has_table_privilege('user_scores', 'UPDATE')
       AND has_sequence_privilege('score_event_ids', 'UPDATE')
