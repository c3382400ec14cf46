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
  new_id CONSTANT uuid := gatehouse.uuid_v7();
  now_at timestamptz;
  ended bigint := bigint '0';
BEGIN
  IF create_refresh_token.user_id IS NULL THEN
    RAISE EXCEPTION 'argument "user_id" must not be null' USING ERRCODE = '22023';
  END IF;
  PERFORM gatehouse.check_acts_for(create_refresh_token.user_id);
  PERFORM gatehouse.check_scopes_cover(NULL);
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
    GET DIAGNOSTICS ended = ROW_COUNT;
  END IF;
  SELECT * INTO made FROM gatehouse.make_refresh_token();
  RETURN QUERY
    INSERT INTO gatehouse.sessions AS s (session_id, user_id, locator_digest, token_digest, ring_key_id, rotations,
                                         created_at, last_used_at, expires_at, idle_expires_at, sweep_at, ip, user_agent, device)
    VALUES (new_id, create_refresh_token.user_id, made.locator_digest, made.token_digest, made.ring_key_id, 0,
            now_at, now_at, now_at + lifetime, now_at + least(idle, lifetime), now_at + least(idle, lifetime),
            create_refresh_token.ip, left(create_refresh_token.user_agent, 512), left(create_refresh_token.device, 100))
    RETURNING s.session_id, made.refresh_token, s.expires_at;
  PERFORM gatehouse.write_event('gatehouse.session.opened', create_refresh_token.user_id, create_refresh_token.ip,
                                create_refresh_token.user_agent, true,
                                CASE WHEN ended > 0 THEN jsonb_build_object('sessions_ended', ended) END, new_id);
END
$$;
COMMENT ON FUNCTION gatehouse.create_refresh_token(uuid, inet, text, text) IS
  'opens a session of a live account and gives its first refresh token, shown by this call only; of more than '
  'gatehouse.max_sessions_per_user live ones the least recently used ends; user_agent is cut to 512 characters, device to 100; '
  '42501 while another account is signed in, or somebody who is restricted to scopes';
ALTER FUNCTION gatehouse.create_refresh_token(uuid, inet, text, text) OWNER TO gatehouse_owner;
REVOKE ALL ON FUNCTION gatehouse.create_refresh_token(uuid, inet, text, text) FROM PUBLIC;
GRANT EXECUTE ON FUNCTION gatehouse.create_refresh_token(uuid, inet, text, text) TO gatehouse_app;
