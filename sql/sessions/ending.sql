-- Whoever erases the account waits for the session's row, and so finds the event.
CREATE FUNCTION gatehouse.revoke_refresh_token(token text) RETURNS boolean
LANGUAGE plpgsql VOLATILE SECURITY DEFINER
SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
  ended gatehouse.sessions;
BEGIN
  UPDATE gatehouse.sessions s
     SET revoked_at = clock_timestamp(), revocation = 'logout'
   WHERE s.locator_digest = gatehouse.locate_refresh_token(revoke_refresh_token.token)
     AND s.revoked_at IS NULL
     AND s.expires_at > clock_timestamp() AND s.idle_expires_at > clock_timestamp()
     AND gatehouse.acts_for(s.user_id)
  RETURNING s.* INTO ended;
  IF NOT FOUND THEN
    RETURN false;
  END IF;
  PERFORM gatehouse.write_event('gatehouse.session.ended', ended.user_id, NULL, NULL, true, NULL, ended.session_id);
  RETURN true;
END
$$;
COMMENT ON FUNCTION gatehouse.revoke_refresh_token(text) IS
  'ends the session that the token belongs to, also where the token was used up already; false where there is no such live '
  'session, or another account is signed in';
ALTER FUNCTION gatehouse.revoke_refresh_token(text) OWNER TO gatehouse_owner;
REVOKE ALL ON FUNCTION gatehouse.revoke_refresh_token(text) FROM PUBLIC;
GRANT EXECUTE ON FUNCTION gatehouse.revoke_refresh_token(text) TO gatehouse_app;

CREATE FUNCTION gatehouse.revoke_session(session_id uuid, user_id uuid DEFAULT NULL) RETURNS boolean
LANGUAGE plpgsql VOLATILE SECURITY DEFINER
SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
  owner_id uuid;
BEGIN
  IF revoke_session.session_id IS NULL THEN
    RAISE EXCEPTION 'argument "session_id" must not be null' USING ERRCODE = '22023';
  END IF;
  IF revoke_session.user_id IS NOT NULL THEN
    PERFORM gatehouse.check_acts_for(revoke_session.user_id);
  END IF;
  UPDATE gatehouse.sessions s
     SET revoked_at = clock_timestamp(), revocation = 'logout'
   WHERE s.session_id = revoke_session.session_id
     AND (revoke_session.user_id IS NULL OR s.user_id = revoke_session.user_id)
     AND s.revoked_at IS NULL
     AND s.expires_at > clock_timestamp() AND s.idle_expires_at > clock_timestamp()
     AND gatehouse.acts_for(s.user_id)
  RETURNING s.user_id INTO owner_id;
  IF NOT FOUND THEN
    RETURN false;
  END IF;
  PERFORM gatehouse.write_event('gatehouse.session.ended', owner_id, NULL, NULL, true, NULL, revoke_session.session_id);
  RETURN true;
END
$$;
COMMENT ON FUNCTION gatehouse.revoke_session(uuid, uuid) IS
  'ends a session; false where there is no such live one, or it is another account''s than user_id or the signed-in one. 42501 with the id '
  'of another account than the signed-in one''s';
ALTER FUNCTION gatehouse.revoke_session(uuid, uuid) OWNER TO gatehouse_owner;
REVOKE ALL ON FUNCTION gatehouse.revoke_session(uuid, uuid) FROM PUBLIC;
GRANT EXECUTE ON FUNCTION gatehouse.revoke_session(uuid, uuid) TO gatehouse_app;

-- The account is locked first, as by who opens a session: one that is opened meanwhile comes before or after as a whole.
CREATE FUNCTION gatehouse.revoke_all_user_sessions(user_id uuid, except_session uuid DEFAULT NULL) RETURNS bigint
LANGUAGE plpgsql VOLATILE SECURITY DEFINER
SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
  revoked bigint;
BEGIN
  IF revoke_all_user_sessions.user_id IS NULL THEN
    RAISE EXCEPTION 'argument "user_id" must not be null' USING ERRCODE = '22023';
  END IF;
  PERFORM gatehouse.check_acts_for(revoke_all_user_sessions.user_id);
  PERFORM gatehouse.lock_live_account_to_count(revoke_all_user_sessions.user_id);
  UPDATE gatehouse.sessions s
     SET revoked_at = clock_timestamp(), revocation = 'logout'
   WHERE s.user_id = revoke_all_user_sessions.user_id
     AND s.revoked_at IS NULL
     AND s.expires_at > clock_timestamp() AND s.idle_expires_at > clock_timestamp()
     AND s.session_id IS DISTINCT FROM except_session;
  GET DIAGNOSTICS revoked = ROW_COUNT;
  IF revoked > 0 THEN
    PERFORM gatehouse.write_event('gatehouse.sessions.ended', revoke_all_user_sessions.user_id, NULL, NULL, true,
                                  jsonb_build_object('sessions', revoked), NULL);
  END IF;
  RETURN revoked;
END
$$;
COMMENT ON FUNCTION gatehouse.revoke_all_user_sessions(uuid, uuid) IS
  'ends the live sessions of an account, but for one that is to be spared, and gives their number. 42501 with the id of another account '
  'than the signed-in one''s';
ALTER FUNCTION gatehouse.revoke_all_user_sessions(uuid, uuid) OWNER TO gatehouse_owner;
REVOKE ALL ON FUNCTION gatehouse.revoke_all_user_sessions(uuid, uuid) FROM PUBLIC;
GRANT EXECUTE ON FUNCTION gatehouse.revoke_all_user_sessions(uuid, uuid) TO gatehouse_app;
