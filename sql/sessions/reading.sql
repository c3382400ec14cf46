CREATE FUNCTION gatehouse.verify_refresh_token(token text) RETURNS SETOF gatehouse.session_info
LANGUAGE sql STABLE SECURITY DEFINER ROWS 1
SET search_path = pg_catalog, pg_temp
AS $$
  SELECT s.session_id, s.user_id, s.device, s.ip, s.user_agent, s.created_at, s.last_used_at, s.expires_at,
         s.idle_expires_at, true
    FROM gatehouse.sessions s
    JOIN gatehouse.users u ON u.id = s.user_id
   WHERE s.locator_digest = gatehouse.locate_refresh_token(verify_refresh_token.token)
     AND gatehouse.refresh_token_matches(verify_refresh_token.token, s.token_digest, s.ring_key_id)
     AND s.revoked_at IS NULL
     AND s.expires_at > clock_timestamp() AND s.idle_expires_at > clock_timestamp()
     AND (u.is_active OR u.stopped_until <= clock_timestamp()) AND u.deleted_at IS NULL
$$;
COMMENT ON FUNCTION gatehouse.verify_refresh_token(text) IS
  'the live session whose current token this is, else no row; reads only and uses nothing up';
ALTER FUNCTION gatehouse.verify_refresh_token(text) OWNER TO gatehouse_owner;
REVOKE ALL ON FUNCTION gatehouse.verify_refresh_token(text) FROM PUBLIC;
GRANT EXECUTE ON FUNCTION gatehouse.verify_refresh_token(text) TO gatehouse_app;
