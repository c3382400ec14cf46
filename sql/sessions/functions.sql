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
  'gatehouse.max_sessions_per_user live ones the least recently used ends; user_agent is cut to 512 characters, device to 100';
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
     AND u.is_active AND u.deleted_at IS NULL
$$;
COMMENT ON FUNCTION gatehouse.verify_refresh_token(text) IS
  'the live session whose current token this is, else no row; reads only and uses nothing up';
ALTER FUNCTION gatehouse.verify_refresh_token(text) OWNER TO gatehouse_owner;
REVOKE ALL ON FUNCTION gatehouse.verify_refresh_token(text) FROM PUBLIC;
GRANT EXECUTE ON FUNCTION gatehouse.verify_refresh_token(text) TO gatehouse_app;

CREATE FUNCTION gatehouse.refresh_session(
  refresh_token text,
  ip inet DEFAULT NULL,
  user_agent text DEFAULT NULL
) RETURNS TABLE (status text, session_id uuid, user_id uuid, refresh_token text, expires_at timestamptz)
LANGUAGE plpgsql VOLATILE SECURITY DEFINER ROWS 1
SET search_path = pg_catalog, pg_temp
AS $$
BEGIN
END
$$;
