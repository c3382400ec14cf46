CREATE FUNCTION gatehouse.refresh_session(refresh_token text, ip inet DEFAULT NULL, user_agent text DEFAULT NULL)
RETURNS TABLE (status text, session_id uuid, user_id uuid, refresh_token text, expires_at timestamptz)
AS 'MODULE_PATHNAME', 'gatehouse_sessions_refresh'
LANGUAGE c VOLATILE ROWS 1;
COMMENT ON FUNCTION gatehouse.refresh_session(text, inet, text) IS
  'uses a refresh token up and gives its successor. status: ok, invalid, expired, revoked, reuse_detected; session_id and '
  'user_id are told for ok and reuse_detected only. With a key ring, the same token within gatehouse.refresh_grace is ok with the '
  'same successor; any other replay ends the session (RFC 9700, section 4.14)';
REVOKE ALL ON FUNCTION gatehouse.refresh_session(text, inet, text) FROM PUBLIC;
GRANT EXECUTE ON FUNCTION gatehouse.refresh_session(text, inet, text) TO gatehouse_app;

CREATE FUNCTION gatehouse.reused_sessions() RETURNS SETOF uuid
AS 'MODULE_PATHNAME', 'gatehouse_sessions_reused'
LANGUAGE c VOLATILE ROWS 10;
COMMENT ON FUNCTION gatehouse.reused_sessions() IS
  'internal: sessions of this database whose token was used twice, and whose rows have not ended yet; those that have are forgotten';
REVOKE ALL ON FUNCTION gatehouse.reused_sessions() FROM PUBLIC;
GRANT EXECUTE ON FUNCTION gatehouse.reused_sessions() TO gatehouse_owner;

-- The session of a transaction that is not over yet is left for later: it may be the one that ends it.
CREATE FUNCTION gatehouse.end_reused_sessions() RETURNS bigint
LANGUAGE plpgsql VOLATILE
SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
  reused CONSTANT uuid[] := ARRAY(SELECT r.session_id FROM gatehouse.reused_sessions() r (session_id));
  ended bigint;
BEGIN
  UPDATE gatehouse.sessions s
     SET revoked_at = clock_timestamp(), revocation = 'reuse'
   WHERE s.session_id IN (SELECT l.session_id FROM gatehouse.sessions l
                           WHERE l.session_id = ANY (reused) AND l.revoked_at IS NULL
                             FOR NO KEY UPDATE SKIP LOCKED);
  GET DIAGNOSTICS ended = ROW_COUNT;
  RETURN ended;
END
$$;
COMMENT ON FUNCTION gatehouse.end_reused_sessions() IS
  'internal: ends the sessions whose token was used twice where the transaction that found it was rolled back; how many';
ALTER FUNCTION gatehouse.end_reused_sessions() OWNER TO gatehouse_owner;
REVOKE ALL ON FUNCTION gatehouse.end_reused_sessions() FROM PUBLIC;
