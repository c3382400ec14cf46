CREATE FUNCTION gatehouse.revoke_refresh_token(token text) RETURNS boolean
LANGUAGE plpgsql VOLATILE SECURITY DEFINER
SET search_path = pg_catalog, pg_temp
AS $$
BEGIN
  UPDATE gatehouse.sessions s
     SET revoked_at = clock_timestamp(), revocation = 'logout'
   WHERE s.locator_digest = gatehouse.locate_refresh_token(revoke_refresh_token.token)
     AND s.revoked_at IS NULL
     AND s.expires_at > clock_timestamp() AND s.idle_expires_at > clock_timestamp()
     AND gatehouse.acts_for(s.user_id);
  RETURN FOUND;
END
$$;
COMMENT ON FUNCTION gatehouse.revoke_refresh_token(text) IS
  'ends the session that the token belongs to, also where the token was used up already; false where there is no such live '
  'session, or another account is signed in';
ALTER FUNCTION gatehouse.revoke_refresh_token(text) OWNER TO gatehouse_owner;
REVOKE ALL ON FUNCTION gatehouse.revoke_refresh_token(text) FROM PUBLIC;
GRANT EXECUTE ON FUNCTION gatehouse.revoke_refresh_token(text) TO gatehouse_app;
