CREATE FUNCTION gatehouse.make_refresh_token(
  OUT refresh_token text,
  OUT token_digest bytea,
  OUT ring_key_id integer,
  OUT locator_digest bytea
)
AS 'MODULE_PATHNAME', 'gatehouse_sessions_make_token'
LANGUAGE c VOLATILE;
COMMENT ON FUNCTION gatehouse.make_refresh_token() IS 'internal: the first token of a session and what is stored of it';
REVOKE ALL ON FUNCTION gatehouse.make_refresh_token() FROM PUBLIC;
GRANT EXECUTE ON FUNCTION gatehouse.make_refresh_token() TO gatehouse_owner;

CREATE FUNCTION gatehouse.make_successor(
  token text,
  under_key integer,
  OUT refresh_token text,
  OUT token_digest bytea,
  OUT ring_key_id integer,
  OUT locator_digest bytea
)
AS 'MODULE_PATHNAME', 'gatehouse_sessions_make_successor'
LANGUAGE c VOLATILE;
COMMENT ON FUNCTION gatehouse.make_successor(text, integer) IS
  'internal: the token that follows this one; under a key of the ring always the same (under_key null is the current one, '
  '0 is none), without a ring a random one; all null where the ring lacks the key';
REVOKE ALL ON FUNCTION gatehouse.make_successor(text, integer) FROM PUBLIC;
GRANT EXECUTE ON FUNCTION gatehouse.make_successor(text, integer) TO gatehouse_owner;

CREATE FUNCTION gatehouse.locate_refresh_token(token text) RETURNS bytea
AS 'MODULE_PATHNAME', 'gatehouse_sessions_locate'
LANGUAGE c IMMUTABLE STRICT PARALLEL SAFE;
COMMENT ON FUNCTION gatehouse.locate_refresh_token(text) IS
  'internal: the digest by which the token''s session is found; null where the text is no refresh token';
REVOKE ALL ON FUNCTION gatehouse.locate_refresh_token(text) FROM PUBLIC;
GRANT EXECUTE ON FUNCTION gatehouse.locate_refresh_token(text) TO gatehouse_owner;

CREATE FUNCTION gatehouse.refresh_token_matches(token text, token_digest bytea, ring_key_id integer) RETURNS boolean
AS 'MODULE_PATHNAME', 'gatehouse_sessions_token_matches'
LANGUAGE c STABLE STRICT PARALLEL SAFE;
COMMENT ON FUNCTION gatehouse.refresh_token_matches(text, bytea, integer) IS
  'internal: whether the digest is this token''s, in constant time; null where the ring lacks the key';
REVOKE ALL ON FUNCTION gatehouse.refresh_token_matches(text, bytea, integer) FROM PUBLIC;
GRANT EXECUTE ON FUNCTION gatehouse.refresh_token_matches(text, bytea, integer) TO gatehouse_owner;

CREATE FUNCTION gatehouse.create_refresh_token(
  user_id uuid,
  ip inet DEFAULT NULL,
  user_agent text DEFAULT NULL,
  device text DEFAULT NULL
) RETURNS TABLE (session_id uuid, refresh_token text, expires_at timestamptz)
LANGUAGE plpgsql VOLATILE SECURITY DEFINER ROWS 1
SET search_path = pg_catalog, pg_temp
AS $$
#variable_conflict use_column
DECLARE
  made record;
  most CONSTANT integer := gatehouse.setting('max_sessions_per_user')::integer;
  lifetime CONSTANT interval := gatehouse.setting('refresh_token_lifetime')::interval;
  idle CONSTANT interval := gatehouse.setting('refresh_token_idle')::interval;
  now_at timestamptz;
BEGIN
  IF create_refresh_token.user_id IS NULL THEN
    RAISE EXCEPTION 'argument "user_id" must not be null' USING ERRCODE = '22023';
  END IF;
  PERFORM gatehouse.check_acts_for(create_refresh_token.user_id);
  IF NOT gatehouse.lock_live_account_to_count(create_refresh_token.user_id) THEN
    RAISE EXCEPTION 'no live account has this id' USING ERRCODE = '22023';
  END IF;
  now_at := clock_timestamp();
  IF most > 0 THEN
    UPDATE gatehouse.sessions s
       SET revoked_at = now_at, revocation = 'limit'
     WHERE s.session_id IN (
             SELECT l.session_id FROM gatehouse.sessions l
              WHERE l.user_id = create_refresh_token.user_id AND l.revoked_at IS NULL
                AND l.expires_at > now_at AND l.idle_expires_at > now_at
              ORDER BY l.last_used_at DESC, l.session_id DESC
              OFFSET most - 1);
  END IF;
  SELECT * INTO made FROM gatehouse.make_refresh_token();
  RETURN QUERY
    INSERT INTO gatehouse.sessions AS s (session_id, user_id, locator_digest, token_digest, ring_key_id, rotations,
                                         created_at, last_used_at, expires_at, idle_expires_at, ip, user_agent, device)
    VALUES (gatehouse.uuid_v7(), create_refresh_token.user_id, made.locator_digest, made.token_digest, made.ring_key_id, 0,
            now_at, now_at, now_at + lifetime, least(now_at + idle, now_at + lifetime), create_refresh_token.ip,
            left(create_refresh_token.user_agent, 512), left(create_refresh_token.device, 100))
    RETURNING s.session_id, made.refresh_token, s.expires_at;
END
$$;
COMMENT ON FUNCTION gatehouse.create_refresh_token(uuid, inet, text, text) IS
  'opens a session of a live account and gives its first refresh token, shown by this call only; of more than '
  'gatehouse.max_sessions_per_user live ones the least recently used ends; user_agent is cut to 512 characters, device to 100; '
  '42501 while another account is signed in';
ALTER FUNCTION gatehouse.create_refresh_token(uuid, inet, text, text) OWNER TO gatehouse_owner;
REVOKE ALL ON FUNCTION gatehouse.create_refresh_token(uuid, inet, text, text) FROM PUBLIC;
GRANT EXECUTE ON FUNCTION gatehouse.create_refresh_token(uuid, inet, text, text) TO gatehouse_app;

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

CREATE FUNCTION gatehouse.rotate_session(
  token text,
  from_ip inet,
  agent text,
  OUT status text,
  OUT session_id uuid,
  OUT user_id uuid,
  OUT successor text,
  OUT expires_at timestamptz
)
LANGUAGE plpgsql VOLATILE
SET search_path = pg_catalog, pg_temp
AS $$
#variable_conflict use_column
DECLARE
  locator CONSTANT bytea := gatehouse.locate_refresh_token(token);
  grace CONSTANT interval := gatehouse.setting('refresh_grace')::interval;
  idle CONSTANT interval := gatehouse.setting('refresh_token_idle')::interval;
  owner_id uuid;
  owner_is_live boolean;
  session gatehouse.sessions;
  is_current boolean;
  is_previous boolean;
  made record;
  now_at timestamptz;
BEGIN
  status := 'invalid';
  SELECT s.user_id INTO owner_id FROM gatehouse.sessions s WHERE s.locator_digest = locator;
  IF NOT FOUND THEN
    RETURN;
  END IF;
  -- The account first, then what hangs on it.
  owner_is_live := gatehouse.lock_live_account(owner_id);
  SELECT s.* INTO session FROM gatehouse.sessions s WHERE s.locator_digest = locator FOR NO KEY UPDATE;
  IF NOT FOUND THEN
    RETURN;
  END IF;
  now_at := clock_timestamp();

  is_current := gatehouse.refresh_token_matches(token, session.token_digest, session.ring_key_id);
  IF is_current IS NULL THEN
    RETURN;
  END IF;
  IF session.revoked_at IS NOT NULL OR NOT owner_is_live THEN
    status := 'revoked';
    RETURN;
  END IF;
  IF session.expires_at <= now_at OR session.idle_expires_at <= now_at THEN
    status := 'expired';
    RETURN;
  END IF;

  IF is_current THEN
    SELECT * INTO made FROM gatehouse.make_successor(token, NULL);
    UPDATE gatehouse.sessions s
       SET token_digest = made.token_digest,
           ring_key_id = made.ring_key_id,
           previous_digest = session.token_digest,
           previous_ring_key_id = session.ring_key_id,
           rotations = s.rotations + 1,
           rotated_at = now_at,
           last_used_at = now_at,
           idle_expires_at = least(now_at + idle, s.expires_at),
           ip = coalesce(from_ip, s.ip),
           user_agent = coalesce(left(agent, 512), s.user_agent)
     WHERE s.session_id = session.session_id;
    successor := made.refresh_token;
  ELSE
    is_previous := gatehouse.refresh_token_matches(token, session.previous_digest, session.previous_ring_key_id);
    IF is_previous IS NULL AND session.previous_digest IS NOT NULL THEN
      RETURN;  -- made under a key that the ring lacks: refused, but no evidence of theft
    END IF;
    IF is_previous AND session.ring_key_id <> 0 AND session.rotated_at + grace > now_at THEN
      -- The answer was lost on its way: the same successor again, derived under the key that it was first made under.
      SELECT * INTO made FROM gatehouse.make_successor(token, session.ring_key_id);
      successor := made.refresh_token;
    ELSE
      UPDATE gatehouse.sessions s
         SET revoked_at = now_at, revocation = 'reuse'
       WHERE s.session_id = session.session_id;
      status := 'reuse_detected';
      session_id := session.session_id;
      user_id := session.user_id;
      PERFORM gatehouse.record_security_event('security.refresh_token_reused', session.user_id, from_ip, agent,
                                              session_id => session.session_id);
      RETURN;
    END IF;
  END IF;
  status := 'ok';
  session_id := session.session_id;
  user_id := session.user_id;
  expires_at := session.expires_at;
END
$$;
COMMENT ON FUNCTION gatehouse.rotate_session(text, inet, text) IS 'internal: refresh_session';
ALTER FUNCTION gatehouse.rotate_session(text, inet, text) OWNER TO gatehouse_owner;
REVOKE ALL ON FUNCTION gatehouse.rotate_session(text, inet, text) FROM PUBLIC;

-- PL/pgSQL would not let an argument and a result column share the name refresh_token.
CREATE FUNCTION gatehouse.refresh_session(refresh_token text, ip inet DEFAULT NULL, user_agent text DEFAULT NULL)
RETURNS TABLE (status text, session_id uuid, user_id uuid, refresh_token text, expires_at timestamptz)
LANGUAGE sql VOLATILE SECURITY DEFINER ROWS 1
SET search_path = pg_catalog, pg_temp
AS $$
  SELECT r.status, r.session_id, r.user_id, r.successor, r.expires_at
    FROM gatehouse.rotate_session($1, $2, $3) r
$$;
COMMENT ON FUNCTION gatehouse.refresh_session(text, inet, text) IS
  'uses a refresh token up and gives its successor. status: ok, invalid, expired, revoked, reuse_detected; session_id and '
  'user_id are told for ok and reuse_detected only. With a key ring, the same token within gatehouse.refresh_grace is ok with the '
  'same successor; any other replay ends the session (RFC 9700, section 4.14)';
ALTER FUNCTION gatehouse.refresh_session(text, inet, text) OWNER TO gatehouse_owner;
REVOKE ALL ON FUNCTION gatehouse.refresh_session(text, inet, text) FROM PUBLIC;
GRANT EXECUTE ON FUNCTION gatehouse.refresh_session(text, inet, text) TO gatehouse_app;

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
