CREATE FUNCTION gatehouse.verify_refresh_token(token text) RETURNS SETOF gatehouse.session_info
AS 'MODULE_PATHNAME', 'gatehouse_sessions_verify'
LANGUAGE c STABLE ROWS 1;
COMMENT ON FUNCTION gatehouse.verify_refresh_token(text) IS
  'the live session whose current token this is, else no row; reads only and uses nothing up. Sees what has been committed by now in '
  'every isolation level; a standby that is too far behind (gatehouse.max_standby_staleness) gives no row';
REVOKE ALL ON FUNCTION gatehouse.verify_refresh_token(text) FROM PUBLIC;
GRANT EXECUTE ON FUNCTION gatehouse.verify_refresh_token(text) TO gatehouse_app;

CREATE FUNCTION gatehouse.digests_equal(a bytea, b bytea) RETURNS boolean
AS 'MODULE_PATHNAME', 'gatehouse_sessions_digests_equal'
LANGUAGE c IMMUTABLE STRICT PARALLEL SAFE;
COMMENT ON FUNCTION gatehouse.digests_equal(bytea, bytea) IS
  'internal: whether both are the same digest, in constant time; what has not the size of one equals nothing';
REVOKE ALL ON FUNCTION gatehouse.digests_equal(bytea, bytea) FROM PUBLIC;
GRANT EXECUTE ON FUNCTION gatehouse.digests_equal(bytea, bytea) TO gatehouse_owner;

CREATE FUNCTION gatehouse.session_is_live(session gatehouse.sessions) RETURNS boolean
LANGUAGE sql STABLE
BEGIN ATOMIC
  SELECT session.revoked_at IS NULL AND session.expires_at > clock_timestamp() AND session.idle_expires_at > clock_timestamp()
         AND EXISTS (SELECT FROM gatehouse.users u
                      WHERE u.id = session.user_id AND u.deleted_at IS NULL
                        AND (u.is_active OR u.stopped_until <= clock_timestamp()));
END;
COMMENT ON FUNCTION gatehouse.session_is_live(gatehouse.sessions) IS
  'internal: whether neither the session has ended nor its account is stopped or deleted';
ALTER FUNCTION gatehouse.session_is_live(gatehouse.sessions) OWNER TO gatehouse_owner;
REVOKE ALL ON FUNCTION gatehouse.session_is_live(gatehouse.sessions) FROM PUBLIC;

CREATE FUNCTION gatehouse.describe_session(session gatehouse.sessions, current_session uuid) RETURNS gatehouse.session_info
LANGUAGE sql STABLE
BEGIN ATOMIC
  SELECT session.session_id, session.user_id, session.device, session.ip, session.user_agent, session.created_at,
         session.last_used_at, session.expires_at, session.idle_expires_at,
         session.session_id IS NOT DISTINCT FROM current_session;
END;
COMMENT ON FUNCTION gatehouse.describe_session(gatehouse.sessions, uuid) IS 'internal: what may be told of a session';
ALTER FUNCTION gatehouse.describe_session(gatehouse.sessions, uuid) OWNER TO gatehouse_owner;
REVOKE ALL ON FUNCTION gatehouse.describe_session(gatehouse.sessions, uuid) FROM PUBLIC;

-- An index on the digest would make every refresh write to every index of the table.
CREATE FUNCTION gatehouse.get_refresh_token_by_hash(token_hash bytea, user_id uuid DEFAULT NULL) RETURNS SETOF gatehouse.session_info
LANGUAGE plpgsql STABLE SECURITY DEFINER ROWS 1
SET search_path = pg_catalog, pg_temp
SET plan_cache_mode = force_custom_plan
AS $$
BEGIN
  IF get_refresh_token_by_hash.user_id IS NOT NULL THEN
    PERFORM gatehouse.check_acts_for(get_refresh_token_by_hash.user_id);
  END IF;
  RETURN QUERY
    SELECT d.*
      FROM gatehouse.sessions s, LATERAL gatehouse.describe_session(s, gatehouse.current_session_id()) d
     WHERE (get_refresh_token_by_hash.user_id IS NULL OR s.user_id = get_refresh_token_by_hash.user_id)
       AND s.revoked_at IS NULL
       AND gatehouse.digests_equal(s.token_digest, token_hash)
       AND gatehouse.session_is_live(s)
       AND gatehouse.acts_for(s.user_id);
END
$$;
COMMENT ON FUNCTION gatehouse.get_refresh_token_by_hash(bytea, uuid) IS
  'the live session whose current token has this token_digest, else no row; user_id says whose it is to be. Without user_id it reads '
  'through the sessions of all accounts: for support, not for logins. is_current tells the session that is signed in with. 42501 with the '
  'id of another account than the signed-in one''s';
ALTER FUNCTION gatehouse.get_refresh_token_by_hash(bytea, uuid) OWNER TO gatehouse_owner;
REVOKE ALL ON FUNCTION gatehouse.get_refresh_token_by_hash(bytea, uuid) FROM PUBLIC;
GRANT EXECUTE ON FUNCTION gatehouse.get_refresh_token_by_hash(bytea, uuid) TO gatehouse_app;

CREATE FUNCTION gatehouse.get_user_sessions(user_id uuid, current_token text DEFAULT NULL) RETURNS SETOF gatehouse.session_info
LANGUAGE plpgsql STABLE SECURITY DEFINER ROWS 5
SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
  current_session uuid := gatehouse.current_session_id();
BEGIN
  IF get_user_sessions.user_id IS NULL THEN
    RAISE EXCEPTION 'argument "user_id" must not be null' USING ERRCODE = '22023';
  END IF;
  PERFORM gatehouse.check_acts_for(get_user_sessions.user_id);
  IF current_token IS NOT NULL THEN
    current_session := (SELECT s.session_id FROM gatehouse.sessions s
                         WHERE s.locator_digest = gatehouse.locate_refresh_token(current_token));
  END IF;
  RETURN QUERY
    SELECT d.*
      FROM gatehouse.sessions s, LATERAL gatehouse.describe_session(s, current_session) d
     WHERE s.user_id = get_user_sessions.user_id AND s.revoked_at IS NULL AND gatehouse.session_is_live(s)
     ORDER BY s.last_used_at DESC, s.session_id DESC;
END
$$;
COMMENT ON FUNCTION gatehouse.get_user_sessions(uuid, text) IS
  'the live sessions of an account, the latest used first. is_current tells the one that current_token belongs to; without it, the one '
  'that is signed in with. 42501 with the id of another account than the signed-in one''s';
ALTER FUNCTION gatehouse.get_user_sessions(uuid, text) OWNER TO gatehouse_owner;
REVOKE ALL ON FUNCTION gatehouse.get_user_sessions(uuid, text) FROM PUBLIC;
GRANT EXECUTE ON FUNCTION gatehouse.get_user_sessions(uuid, text) TO gatehouse_app;
