-- The session's row is read with the snapshot of the statement.
CREATE OR REPLACE FUNCTION gatehouse.verify_refresh_token(token text) RETURNS SETOF gatehouse.session_info
LANGUAGE sql STABLE AS $$
  SELECT d.* FROM gatehouse.sessions s, gatehouse.describe_session(s, NULL) d
   WHERE s.revoked_at IS NULL AND gatehouse.refresh_token_matches(token, s.token_digest, s.ring_key_id)
$$;
