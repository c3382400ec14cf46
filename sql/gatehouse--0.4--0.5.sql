-- gatehouse: from 0.4 to 0.5.
\echo Use "ALTER EXTENSION gatehouse UPDATE TO '0.5'" to load this file. \quit
DO $$
BEGIN
  IF string_to_array(gatehouse.library_version(), '.')::integer[] < '{0,5}' THEN
    RAISE EXCEPTION 'the library of gatehouse that is loaded, %, is older than 0.5', gatehouse.library_version()
      USING ERRCODE = '55000',
            HINT = 'Install the new release, and restart the server where it preloads the library, else connect anew.';
  END IF;
END
$$;

CREATE OR REPLACE FUNCTION gatehouse.version()
 RETURNS text
 LANGUAGE sql
 IMMUTABLE PARALLEL SAFE
RETURN '0.5'::text;

CREATE OR REPLACE FUNCTION gatehouse.create_api_key(user_id uuid, name text, scopes text[] DEFAULT '{}'::text[], expires_at timestamp with time zone DEFAULT NULL::timestamp with time zone, ip_allow cidr[] DEFAULT NULL::cidr[])
 RETURNS TABLE(id uuid, api_key text, hint text, created_at timestamp with time zone)
 LANGUAGE plpgsql
 SECURITY DEFINER ROWS 1
 SET search_path TO 'pg_catalog', 'pg_temp'
AS $function$
#variable_conflict use_column
DECLARE
  new_name CONSTANT text := gatehouse.checked_key_name(create_api_key.name);
  networks CONSTANT cidr[] := gatehouse.checked_networks(create_api_key.ip_allow);
  held CONSTANT text[] := gatehouse.checked_scopes(create_api_key.scopes);
  most CONSTANT integer := gatehouse.setting('max_api_keys_per_user')::integer;
  new_id CONSTANT uuid := gatehouse.uuid_v7();
  now_at timestamptz;
BEGIN
  IF create_api_key.expires_at <= clock_timestamp() THEN
    RAISE EXCEPTION 'expiry of an API key must be in the future' USING ERRCODE = '22023';
  END IF;

  IF create_api_key.user_id IS NULL THEN
    IF NOT gatehouse.caller_is_administrator() THEN
      RAISE EXCEPTION 'only an administrator can create a service key' USING ERRCODE = '42501';
    END IF;
  ELSE
    PERFORM gatehouse.check_acts_for(create_api_key.user_id);
    PERFORM gatehouse.check_scopes_cover(held);
    IF NOT gatehouse.lock_live_account_to_count(create_api_key.user_id) THEN
      RAISE EXCEPTION 'no live account has this id' USING ERRCODE = '22023';
    END IF;
    -- A key in its overlap has given its place to its successor.
    IF most > 0 AND most <= (SELECT count(*) FROM gatehouse.api_keys k
                              WHERE k.user_id = create_api_key.user_id AND k.deactivated_at IS NULL AND k.rotated_to IS NULL
                                AND (k.expires_at IS NULL OR k.expires_at > clock_timestamp())) THEN
      RAISE EXCEPTION 'an account must have at most % live API keys', most USING ERRCODE = '22023';
    END IF;
  END IF;

  now_at := clock_timestamp();
  RETURN QUERY
    SELECT new_id, k.api_key, k.hint, now_at
      FROM gatehouse.insert_api_key(new_id, create_api_key.user_id, new_name, held, create_api_key.expires_at, networks, now_at) k;
END
$function$;
COMMENT ON FUNCTION gatehouse.create_api_key(uuid,text,text[],timestamp with time zone,cidr[]) IS 'makes an API key, shown by this call only, for a live account, or without one (administrators) a service key; unregistered scopes, an expiry that has passed and one key too many are 22023; 42501 while another account is signed in, or a key that lacks one of the scopes';

ALTER TABLE gatehouse.sessions ADD COLUMN sweep_at timestamp with time zone DEFAULT '-infinity'::timestamp with time zone NOT NULL;
COMMENT ON COLUMN gatehouse.sessions.sweep_at IS 'when cleanup_expired_tokens looks at the row again; not later than the end of its idle time, and no refresh changes it';
CREATE INDEX sessions_revoked_at ON gatehouse.sessions USING btree (revoked_at) WHERE (revoked_at IS NOT NULL);
COMMENT ON INDEX gatehouse.sessions_revoked_at IS 'which sessions were ended, and when';
CREATE INDEX sessions_sweep_at ON gatehouse.sessions USING btree (sweep_at);
COMMENT ON INDEX gatehouse.sessions_sweep_at IS 'which sessions may have lapsed';

CREATE OR REPLACE FUNCTION gatehouse.create_refresh_token(user_id uuid, ip inet DEFAULT NULL::inet, user_agent text DEFAULT NULL::text, device text DEFAULT NULL::text)
 RETURNS TABLE(session_id uuid, refresh_token text, expires_at timestamp with time zone)
 LANGUAGE plpgsql
 SECURITY DEFINER ROWS 1
 SET search_path TO 'pg_catalog', 'pg_temp'
AS $function$
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
  END IF;
  SELECT * INTO made FROM gatehouse.make_refresh_token();
  RETURN QUERY
    INSERT INTO gatehouse.sessions AS s (session_id, user_id, locator_digest, token_digest, ring_key_id, rotations,
                                         created_at, last_used_at, expires_at, idle_expires_at, sweep_at, ip, user_agent, device)
    VALUES (gatehouse.uuid_v7(), create_refresh_token.user_id, made.locator_digest, made.token_digest, made.ring_key_id, 0,
            now_at, now_at, now_at + lifetime, now_at + least(idle, lifetime), now_at + least(idle, lifetime),
            create_refresh_token.ip, left(create_refresh_token.user_agent, 512), left(create_refresh_token.device, 100))
    RETURNING s.session_id, made.refresh_token, s.expires_at;
END
$function$;
COMMENT ON FUNCTION gatehouse.create_refresh_token(uuid,inet,text,text) IS 'opens a session of a live account and gives its first refresh token, shown by this call only; of more than gatehouse.max_sessions_per_user live ones the least recently used ends; user_agent is cut to 512 characters, device to 100; 42501 while another account is signed in, or somebody who is restricted to scopes';

CREATE OR REPLACE FUNCTION gatehouse.verify_refresh_token(token text)
 RETURNS SETOF gatehouse.session_info
 LANGUAGE c
 STABLE ROWS 1
AS 'MODULE_PATHNAME', 'gatehouse_sessions_verify';
ALTER FUNCTION gatehouse.verify_refresh_token(text) OWNER TO CURRENT_USER;
COMMENT ON FUNCTION gatehouse.verify_refresh_token(text) IS 'the live session whose current token this is, else no row; reads only and uses nothing up. Sees what has been committed by now in every isolation level; a standby that is too far behind (gatehouse.max_standby_staleness) gives no row';
REVOKE ALL ON FUNCTION gatehouse.verify_refresh_token(text) FROM gatehouse_owner;

CREATE FUNCTION gatehouse.digests_equal(a bytea, b bytea)
 RETURNS boolean
 LANGUAGE c
 IMMUTABLE PARALLEL SAFE STRICT
AS 'MODULE_PATHNAME', 'gatehouse_sessions_digests_equal';
COMMENT ON FUNCTION gatehouse.digests_equal(bytea,bytea) IS 'internal: whether both are the same digest, in constant time; what has not the size of one equals nothing';
REVOKE ALL ON FUNCTION gatehouse.digests_equal(bytea,bytea) FROM PUBLIC;
GRANT EXECUTE ON FUNCTION gatehouse.digests_equal(bytea,bytea) TO gatehouse_owner;

CREATE FUNCTION gatehouse.session_is_live(session gatehouse.sessions)
 RETURNS boolean
 LANGUAGE sql
 STABLE
BEGIN ATOMIC
 SELECT (((session).revoked_at IS NULL) AND ((session).expires_at > clock_timestamp()) AND ((session).idle_expires_at > clock_timestamp()) AND (EXISTS ( SELECT
            FROM gatehouse.users u
           WHERE ((u.id = (session_is_live.session).user_id) AND (u.deleted_at IS NULL) AND (u.is_active OR (u.stopped_until <= clock_timestamp()))))));
END;
ALTER FUNCTION gatehouse.session_is_live(gatehouse.sessions) OWNER TO gatehouse_owner;
COMMENT ON FUNCTION gatehouse.session_is_live(gatehouse.sessions) IS 'internal: whether neither the session has ended nor its account is stopped or deleted';
REVOKE ALL ON FUNCTION gatehouse.session_is_live(gatehouse.sessions) FROM PUBLIC;

CREATE FUNCTION gatehouse.describe_session(session gatehouse.sessions, current_session uuid)
 RETURNS gatehouse.session_info
 LANGUAGE sql
 STABLE
BEGIN ATOMIC
 SELECT (session).session_id AS session_id,
     (session).user_id AS user_id,
     (session).device AS device,
     (session).ip AS ip,
     (session).user_agent AS user_agent,
     (session).created_at AS created_at,
     (session).last_used_at AS last_used_at,
     (session).expires_at AS expires_at,
     (session).idle_expires_at AS idle_expires_at,
     (NOT ((session).session_id IS DISTINCT FROM current_session));
END;
ALTER FUNCTION gatehouse.describe_session(gatehouse.sessions,uuid) OWNER TO gatehouse_owner;
COMMENT ON FUNCTION gatehouse.describe_session(gatehouse.sessions,uuid) IS 'internal: what may be told of a session';
REVOKE ALL ON FUNCTION gatehouse.describe_session(gatehouse.sessions,uuid) FROM PUBLIC;

CREATE FUNCTION gatehouse.get_refresh_token_by_hash(token_hash bytea, user_id uuid DEFAULT NULL::uuid)
 RETURNS SETOF gatehouse.session_info
 LANGUAGE plpgsql
 STABLE SECURITY DEFINER ROWS 1
 SET search_path TO 'pg_catalog', 'pg_temp'
 SET plan_cache_mode TO 'force_custom_plan'
AS $function$
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
$function$;
ALTER FUNCTION gatehouse.get_refresh_token_by_hash(bytea,uuid) OWNER TO gatehouse_owner;
COMMENT ON FUNCTION gatehouse.get_refresh_token_by_hash(bytea,uuid) IS 'the live session whose current token has this token_digest, else no row; user_id says whose it is to be. Without user_id it reads through the sessions of all accounts: for support, not for logins. is_current tells the session that is signed in with. 42501 with the id of another account than the signed-in one''s';
REVOKE ALL ON FUNCTION gatehouse.get_refresh_token_by_hash(bytea,uuid) FROM PUBLIC;
GRANT EXECUTE ON FUNCTION gatehouse.get_refresh_token_by_hash(bytea,uuid) TO gatehouse_app;

CREATE FUNCTION gatehouse.get_user_sessions(user_id uuid, current_token text DEFAULT NULL::text)
 RETURNS SETOF gatehouse.session_info
 LANGUAGE plpgsql
 STABLE SECURITY DEFINER ROWS 5
 SET search_path TO 'pg_catalog', 'pg_temp'
AS $function$
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
$function$;
ALTER FUNCTION gatehouse.get_user_sessions(uuid,text) OWNER TO gatehouse_owner;
COMMENT ON FUNCTION gatehouse.get_user_sessions(uuid,text) IS 'the live sessions of an account, the latest used first. is_current tells the one that current_token belongs to; without it, the one that is signed in with. 42501 with the id of another account than the signed-in one''s';
REVOKE ALL ON FUNCTION gatehouse.get_user_sessions(uuid,text) FROM PUBLIC;
GRANT EXECUTE ON FUNCTION gatehouse.get_user_sessions(uuid,text) TO gatehouse_app;

CREATE OR REPLACE FUNCTION gatehouse.refresh_session(refresh_token text, ip inet DEFAULT NULL::inet, user_agent text DEFAULT NULL::text)
 RETURNS TABLE(status text, session_id uuid, user_id uuid, refresh_token text, expires_at timestamp with time zone)
 LANGUAGE c
 ROWS 1
AS 'MODULE_PATHNAME', 'gatehouse_sessions_refresh';
ALTER FUNCTION gatehouse.refresh_session(text,inet,text) OWNER TO CURRENT_USER;
REVOKE ALL ON FUNCTION gatehouse.refresh_session(text,inet,text) FROM gatehouse_owner;

DROP FUNCTION gatehouse.rotate_session(text,inet,text);

CREATE FUNCTION gatehouse.reused_sessions()
 RETURNS SETOF uuid
 LANGUAGE c
 ROWS 10
AS 'MODULE_PATHNAME', 'gatehouse_sessions_reused';
COMMENT ON FUNCTION gatehouse.reused_sessions() IS 'internal: sessions of this database whose token was used twice, and whose rows have not ended yet; those that have are forgotten';
REVOKE ALL ON FUNCTION gatehouse.reused_sessions() FROM PUBLIC;
GRANT EXECUTE ON FUNCTION gatehouse.reused_sessions() TO gatehouse_owner;

CREATE FUNCTION gatehouse.end_reused_sessions()
 RETURNS bigint
 LANGUAGE plpgsql
 SET search_path TO 'pg_catalog', 'pg_temp'
AS $function$
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
$function$;
ALTER FUNCTION gatehouse.end_reused_sessions() OWNER TO gatehouse_owner;
COMMENT ON FUNCTION gatehouse.end_reused_sessions() IS 'internal: ends the sessions whose token was used twice where the transaction that found it was rolled back; how many';
REVOKE ALL ON FUNCTION gatehouse.end_reused_sessions() FROM PUBLIC;

CREATE FUNCTION gatehouse.revoke_session(session_id uuid, user_id uuid DEFAULT NULL::uuid)
 RETURNS boolean
 LANGUAGE plpgsql
 SECURITY DEFINER
 SET search_path TO 'pg_catalog', 'pg_temp'
AS $function$
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
     AND gatehouse.acts_for(s.user_id);
  RETURN FOUND;
END
$function$;
ALTER FUNCTION gatehouse.revoke_session(uuid,uuid) OWNER TO gatehouse_owner;
COMMENT ON FUNCTION gatehouse.revoke_session(uuid,uuid) IS 'ends a session; false where there is no such live one, or it is another account''s than user_id or the signed-in one. 42501 with the id of another account than the signed-in one''s';
REVOKE ALL ON FUNCTION gatehouse.revoke_session(uuid,uuid) FROM PUBLIC;
GRANT EXECUTE ON FUNCTION gatehouse.revoke_session(uuid,uuid) TO gatehouse_app;

CREATE FUNCTION gatehouse.revoke_all_user_sessions(user_id uuid, except_session uuid DEFAULT NULL::uuid)
 RETURNS bigint
 LANGUAGE plpgsql
 SECURITY DEFINER
 SET search_path TO 'pg_catalog', 'pg_temp'
AS $function$
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
  RETURN revoked;
END
$function$;
ALTER FUNCTION gatehouse.revoke_all_user_sessions(uuid,uuid) OWNER TO gatehouse_owner;
COMMENT ON FUNCTION gatehouse.revoke_all_user_sessions(uuid,uuid) IS 'ends the live sessions of an account, but for one that is to be spared, and gives their number. 42501 with the id of another account than the signed-in one''s';
REVOKE ALL ON FUNCTION gatehouse.revoke_all_user_sessions(uuid,uuid) FROM PUBLIC;
GRANT EXECUTE ON FUNCTION gatehouse.revoke_all_user_sessions(uuid,uuid) TO gatehouse_app;

CREATE FUNCTION gatehouse.cleanup_expired_tokens(retain interval DEFAULT '7 days'::interval, max_rows integer DEFAULT 1000)
 RETURNS bigint
 LANGUAGE plpgsql
 SECURITY DEFINER
 SET search_path TO 'pg_catalog', 'pg_temp'
AS $function$
DECLARE
  ended_before timestamptz;
  removed bigint;
  removed_now bigint;
  looked_at_now bigint;
  looked_at bigint := bigint '0';
BEGIN
  IF (retain >= interval '0') IS NOT TRUE THEN
    RAISE EXCEPTION 'retain must be an interval from 0 on' USING ERRCODE = '22023';
  END IF;
  IF (max_rows BETWEEN 1 AND 100000) IS NOT TRUE THEN
    RAISE EXCEPTION 'max_rows must be from 1 to 100000' USING ERRCODE = '22023';
  END IF;
  ended_before := clock_timestamp() - retain;

  DELETE FROM gatehouse.sessions s
   WHERE s.session_id IN (SELECT l.session_id FROM gatehouse.sessions l
                           WHERE l.revoked_at <= ended_before
                           ORDER BY l.revoked_at
                           LIMIT max_rows
                             FOR UPDATE SKIP LOCKED);
  GET DIAGNOSTICS removed = ROW_COUNT;

  WHILE removed < max_rows AND looked_at < bigint '10' * max_rows LOOP
    WITH due AS MATERIALIZED (
      SELECT l.session_id, l.idle_expires_at
        FROM gatehouse.sessions l
       WHERE l.sweep_at <= ended_before
       ORDER BY l.sweep_at
       LIMIT max_rows - removed
         FOR UPDATE SKIP LOCKED
    ), lapsed AS (
      DELETE FROM gatehouse.sessions s
       USING due d
       WHERE s.session_id = d.session_id AND d.idle_expires_at <= ended_before
      RETURNING s.session_id
    ), used_meanwhile AS (
      UPDATE gatehouse.sessions s
         SET sweep_at = d.idle_expires_at
        FROM due d
       WHERE s.session_id = d.session_id AND d.idle_expires_at > ended_before
    )
    SELECT (SELECT count(*) FROM lapsed), (SELECT count(*) FROM due) INTO removed_now, looked_at_now;
    EXIT WHEN looked_at_now = 0;
    removed := removed + removed_now;
    looked_at := looked_at + looked_at_now;
  END LOOP;
  RETURN removed;
END
$function$;
ALTER FUNCTION gatehouse.cleanup_expired_tokens(interval,integer) OWNER TO gatehouse_owner;
COMMENT ON FUNCTION gatehouse.cleanup_expired_tokens(interval,integer) IS 'removes at most max_rows (1 to 100000) sessions that ended longer ago than retain, never a live one, and gives their number; it waits for no refresh. The token of a removed session is invalid to refresh_session, no longer expired or revoked. Maintenance calls it with the defaults';
REVOKE ALL ON FUNCTION gatehouse.cleanup_expired_tokens(interval,integer) FROM PUBLIC;
GRANT EXECUTE ON FUNCTION gatehouse.cleanup_expired_tokens(interval,integer) TO gatehouse_admin;

CREATE FUNCTION gatehouse.access_token_bound(user_id uuid, session_id uuid)
 RETURNS timestamp with time zone
 LANGUAGE c
 STABLE
AS 'MODULE_PATHNAME', 'gatehouse_sessions_access_token_bound';
COMMENT ON FUNCTION gatehouse.access_token_bound(uuid,uuid) IS 'internal: when a token of the account, and of the session where one is given, lapses at the latest; null where one of them is not live, or they do not belong together';
REVOKE ALL ON FUNCTION gatehouse.access_token_bound(uuid,uuid) FROM PUBLIC;
GRANT EXECUTE ON FUNCTION gatehouse.access_token_bound(uuid,uuid) TO gatehouse_owner;

CREATE FUNCTION gatehouse.sign_access_token(payload text)
 RETURNS text
 LANGUAGE c
 STABLE STRICT
AS 'MODULE_PATHNAME', 'gatehouse_sessions_sign_access_token';
COMMENT ON FUNCTION gatehouse.sign_access_token(text) IS 'internal: the payload signed under the current key of the key ring; 55000 without one';
REVOKE ALL ON FUNCTION gatehouse.sign_access_token(text) FROM PUBLIC;
GRANT EXECUTE ON FUNCTION gatehouse.sign_access_token(text) TO gatehouse_owner;

CREATE FUNCTION gatehouse.check_access_claims(claims jsonb)
 RETURNS void
 LANGUAGE plpgsql
 STABLE
 SET search_path TO 'pg_catalog', 'pg_temp'
AS $function$
DECLARE
  registered text;
BEGIN
  IF jsonb_typeof(claims) <> 'object' OR octet_length(claims::text) > 4096 THEN
    RAISE EXCEPTION 'claims must be a JSON object of at most 4096 bytes' USING ERRCODE = '22023';
  END IF;
  FOREACH registered IN ARRAY ARRAY['act', 'aud', 'exp', 'iat', 'iss', 'jti', 'nbf', 'sid', 'sub'] LOOP
    IF claims ? registered THEN
      RAISE EXCEPTION 'claim "%" cannot be given', registered USING ERRCODE = '22023', HINT = 'It is set by the call itself.';
    END IF;
  END LOOP;
  IF claims ? 'scope' THEN
    IF jsonb_typeof(claims -> 'scope') <> 'string' THEN
      RAISE EXCEPTION 'claim "scope" must be a JSON string of scopes, separated by blanks' USING ERRCODE = '22023';
    END IF;
    PERFORM gatehouse.check_scopes_cover(gatehouse.checked_scopes(string_to_array(claims ->> 'scope', ' ')));
  ELSE
    PERFORM gatehouse.check_scopes_cover(NULL);
  END IF;
END
$function$;
ALTER FUNCTION gatehouse.check_access_claims(jsonb) OWNER TO gatehouse_owner;
COMMENT ON FUNCTION gatehouse.check_access_claims(jsonb) IS 'internal: 22023 where the claims are too large, name one that the token has anyway, or scopes that are not registered; 42501 where who is signed in has less than their scopes';
REVOKE ALL ON FUNCTION gatehouse.check_access_claims(jsonb) FROM PUBLIC;

CREATE FUNCTION gatehouse.issue_access_token(user_id uuid, session_id uuid DEFAULT NULL::uuid, audience text DEFAULT NULL::text, lifetime interval DEFAULT NULL::interval, claims jsonb DEFAULT NULL::jsonb)
 RETURNS text
 LANGUAGE plpgsql
 SECURITY DEFINER
 SET search_path TO 'pg_catalog', 'pg_temp'
AS $function$
DECLARE
  lasts CONSTANT interval := coalesce(issue_access_token.lifetime, gatehouse.setting('access_token_lifetime')::interval);
  issuer CONSTANT text := nullif(gatehouse.setting('access_token_issuer'), '');
  meant_for CONSTANT text := nullif(coalesce(issue_access_token.audience, gatehouse.setting('access_token_audience')), '');
  actor CONSTANT uuid := CASE WHEN gatehouse.current_user_id() = issue_access_token.user_id THEN gatehouse.current_impersonator_id() END;
  now_at CONSTANT timestamptz := clock_timestamp();
  bound CONSTANT timestamptz := gatehouse.access_token_bound(issue_access_token.user_id, issue_access_token.session_id);
  issued_at CONSTANT bigint := floor(extract(epoch FROM now_at))::bigint;
BEGIN
  IF issue_access_token.user_id IS NULL THEN
    RAISE EXCEPTION 'argument "user_id" must not be null' USING ERRCODE = '22023';
  END IF;
  PERFORM gatehouse.check_acts_for(issue_access_token.user_id);
  PERFORM gatehouse.check_access_claims(coalesce(issue_access_token.claims, '{}'));
  IF lasts NOT BETWEEN interval '1 second' AND interval '1 day' THEN
    RAISE EXCEPTION 'lifetime of an access token must be from 1 second to 1 day' USING ERRCODE = '22023';
  END IF;
  IF octet_length(meant_for) > 256 THEN
    RAISE EXCEPTION 'audience must have at most 256 bytes' USING ERRCODE = '22023';
  END IF;
  IF bound IS NULL THEN
    RAISE EXCEPTION 'no live account has this id, or no live session of its has' USING ERRCODE = '22023';
  END IF;
  RETURN gatehouse.sign_access_token((coalesce(issue_access_token.claims, '{}') || jsonb_strip_nulls(jsonb_build_object(
    'iss', issuer, 'sub', issue_access_token.user_id, 'aud', meant_for,
    'iat', issued_at, 'nbf', issued_at, 'exp', floor(extract(epoch FROM least(now_at + lasts, bound)))::bigint,
    'jti', gatehouse.uuid_v7(), 'sid', issue_access_token.session_id,
    'act', CASE WHEN actor IS NOT NULL THEN jsonb_build_object('sub', actor) END)))::text);
END
$function$;
ALTER FUNCTION gatehouse.issue_access_token(uuid,uuid,text,interval,jsonb) OWNER TO gatehouse_owner;
COMMENT ON FUNCTION gatehouse.issue_access_token(uuid,uuid,text,interval,jsonb) IS 'a signed token of a live account, and of one of its live sessions: a JWT (RFC 7519) by Ed25519 under the current key of the key ring, with iss, sub, aud, iat, nbf, exp, jti, sid, act (who signed in before sign_in_as) and the claims that are given, at most 4096 bytes; lifetime is from 1 second to 1 day and ends with the session. The claim "scope" restricts who signs in with it. 22023 for a claim that the token has anyway; 42501 while another account is signed in, or somebody who has less than the scopes; 55000 without a key ring';
REVOKE ALL ON FUNCTION gatehouse.issue_access_token(uuid,uuid,text,interval,jsonb) FROM PUBLIC;
GRANT EXECUTE ON FUNCTION gatehouse.issue_access_token(uuid,uuid,text,interval,jsonb) TO gatehouse_app;

CREATE FUNCTION gatehouse.verify_access_token(token text, audience text DEFAULT NULL::text)
 RETURNS TABLE(user_id uuid, session_id uuid, token_id uuid, issued_at timestamp with time zone, expires_at timestamp with time zone, claims jsonb)
 LANGUAGE c
 STABLE ROWS 1
AS 'MODULE_PATHNAME', 'gatehouse_sessions_verify_access_token';
COMMENT ON FUNCTION gatehouse.verify_access_token(text,text) IS 'what a valid access token says: signed by a key of the key ring, for this audience (else gatehouse.access_token_audience), by this issuer, in its time, of an account and a session that are live now, in every isolation level. No row for anything else. Reads only; a standby that is too far behind gives no row. 55000 without a key ring';
REVOKE ALL ON FUNCTION gatehouse.verify_access_token(text,text) FROM PUBLIC;
GRANT EXECUTE ON FUNCTION gatehouse.verify_access_token(text,text) TO gatehouse_app;

CREATE FUNCTION gatehouse.jwks()
 RETURNS jsonb
 LANGUAGE c
 STABLE
AS 'MODULE_PATHNAME', 'gatehouse_sessions_jwks';
COMMENT ON FUNCTION gatehouse.jwks() IS 'the public keys by which others verify access tokens, of every key of the key ring, the current one first: a JWK Set (RFC 7517, RFC 8037). 55000 without a key ring';
REVOKE ALL ON FUNCTION gatehouse.jwks() FROM PUBLIC;
GRANT EXECUTE ON FUNCTION gatehouse.jwks() TO gatehouse_app;

CREATE OR REPLACE FUNCTION gatehouse.record_security_event(event_type text, user_id uuid, ip inet DEFAULT NULL::inet, user_agent text DEFAULT NULL::text, success boolean DEFAULT false, context jsonb DEFAULT NULL::jsonb, session_id uuid DEFAULT NULL::uuid)
 RETURNS void
 LANGUAGE plpgsql
 SET search_path TO 'pg_catalog', 'pg_temp'
AS $function$
BEGIN
  IF NOT gatehouse.report_event(event_type, user_id, session_id, NULL, success, ip, user_agent, context::text) THEN
    PERFORM gatehouse.write_security_event(ROW(clock_timestamp(), event_type, user_id, session_id, NULL, success, ip, user_agent,
                                               context)::gatehouse.queued_event);
  ELSIF NOT gatehouse.worker_serves_database() THEN
    PERFORM gatehouse.end_reused_sessions();
    PERFORM gatehouse.write_security_events();
  END IF;
END
$function$;

CREATE FUNCTION gatehouse.sign_in_with_access_token(token text, audience text DEFAULT NULL::text)
 RETURNS boolean
 LANGUAGE c
AS 'MODULE_PATHNAME', 'gatehouse_identity_sign_in_with_access_token';
COMMENT ON FUNCTION gatehouse.sign_in_with_access_token(text,text) IS 'from now on this transaction acts for the account of the token, with its session, as far as the scopes of its claim "scope" go where it has one, and in whose name its claim "act" says; false where verify_access_token would give no row, and then nobody is signed in. Without a key ring 55000';
REVOKE ALL ON FUNCTION gatehouse.sign_in_with_access_token(text,text) FROM PUBLIC;
GRANT EXECUTE ON FUNCTION gatehouse.sign_in_with_access_token(text,text) TO gatehouse_app;

CREATE FUNCTION gatehouse.check_scopes_cover(scopes text[])
 RETURNS void
 LANGUAGE c
 STABLE PARALLEL RESTRICTED
AS 'MODULE_PATHNAME', 'gatehouse_identity_check_scopes_cover';
COMMENT ON FUNCTION gatehouse.check_scopes_cover(text[]) IS 'internal: 42501 where who is signed in is restricted to scopes that do not cover these, null being all there are, and the caller is no administrator: nobody gives himself more than he has';
REVOKE ALL ON FUNCTION gatehouse.check_scopes_cover(text[]) FROM PUBLIC;
GRANT EXECUTE ON FUNCTION gatehouse.check_scopes_cover(text[]) TO gatehouse_owner;

CREATE OR REPLACE FUNCTION gatehouse.run_maintenance(OUT task text, OUT affected bigint)
 RETURNS SETOF record
 LANGUAGE plpgsql
 SECURITY DEFINER ROWS 8
 SET search_path TO 'pg_catalog', 'pg_temp'
AS $function$
BEGIN
  IF current_setting('transaction_read_only')::boolean THEN
    RAISE EXCEPTION 'cannot run maintenance within a read-only transaction' USING ERRCODE = '25006';
  END IF;
  task := 'reused_sessions_ended';
  affected := gatehouse.end_reused_sessions();
  RETURN NEXT;
  task := 'events_written';
  affected := gatehouse.write_security_events();
  RETURN NEXT;
  task := 'failure_counts_stored';
  affected := gatehouse.store_failure_counts();
  RETURN NEXT;
  task := 'failure_counts_forgotten';
  affected := gatehouse.forget_failure_counts();
  RETURN NEXT;
  task := 'key_uses_written';
  affected := gatehouse.write_key_uses();
  RETURN NEXT;
  task := 'sessions_removed';
  affected := gatehouse.cleanup_expired_tokens();
  RETURN NEXT;
  task := 'one_time_tokens_removed';
  affected := gatehouse.remove_expired_tokens();
  RETURN NEXT;
  task := 'accounts_purged';
  -- The worker has 10 seconds for all.
  affected := gatehouse.purge_due_accounts(100, interval '3 seconds');
  RETURN NEXT;
END
$function$;
COMMENT ON FUNCTION gatehouse.run_maintenance() IS 'does all periodic work of this database once, as the background worker does it, and gives what it came to: sessions ended whose token was used twice, security events written to the log, counts of failed logins stored, and forgotten, API keys whose uses were written, sessions removed that ended long ago, expired one-time tokens removed, accounts erased whose date has come';

DROP FUNCTION gatehouse.server_state();
CREATE FUNCTION gatehouse.server_state(OUT memory text, OUT hashing bigint, OUT hashes_waiting bigint, OUT hashes_turned_away bigint, OUT throttle_capacity bigint, OUT counts_lost bigint, OUT queue_capacity bigint, OUT events_waiting bigint, OUT events_lost bigint, OUT worker_serves boolean, OUT worker_served_at timestamp with time zone, OUT key_ring_failure text, OUT key_ids integer[], OUT key_use_capacity bigint, OUT key_uses_waiting bigint, OUT key_uses_lost bigint, OUT standby_as_of timestamp with time zone, OUT standby_bounded boolean, OUT sessions_reused bigint, OUT reuses_lost bigint)
 RETURNS record
 LANGUAGE c
 STABLE
AS 'MODULE_PATHNAME', 'gatehouse_operation_server_state';
COMMENT ON FUNCTION gatehouse.server_state() IS 'internal: what shared memory, the worker, the key ring and, of a standby, replay are doing; counts of what was lost or turned away are since the server started';
REVOKE ALL ON FUNCTION gatehouse.server_state() FROM PUBLIC;
GRANT EXECUTE ON FUNCTION gatehouse.server_state() TO gatehouse_owner;

CREATE OR REPLACE FUNCTION gatehouse.key_ids_in_use()
 RETURNS integer[]
 LANGUAGE sql
 STABLE
 SET search_path TO 'pg_catalog', 'pg_temp'
AS $function$
  SELECT array_agg(DISTINCT v.id::integer ORDER BY v.id::integer)
    FROM pg_stats s, LATERAL unnest(s.most_common_vals::text::text[] || s.histogram_bounds::text::text[]) AS v (id)
   WHERE s.schemaname = 'gatehouse' AND s.tablename IN ('api_keys', 'one_time_tokens', 'sessions') AND s.attname = 'ring_key_id'
     AND v.id <> '0'
$function$;

CREATE OR REPLACE FUNCTION gatehouse.health_checks(OUT check_name text, OUT status text, OUT reason text)
 RETURNS SETOF record
 LANGUAGE plpgsql
 STABLE
 SET search_path TO 'pg_catalog', 'pg_temp'
AS $function$
DECLARE
  state record;
  missing_keys integer[];
  age interval;
  bound CONSTANT interval := gatehouse.setting('max_standby_staleness')::interval;
BEGIN
  SELECT * INTO state FROM gatehouse.server_state();

  check_name := 'versions';
  IF starts_with(gatehouse.library_version(), gatehouse.version() || '.') THEN
    status := 'healthy';
    reason := format('SQL %s, library %s', gatehouse.version(), gatehouse.library_version());
  ELSE
    status := 'degraded';
    reason := format('SQL %s under library %s: run ALTER EXTENSION gatehouse UPDATE', gatehouse.version(),
                     gatehouse.library_version());
  END IF;
  RETURN NEXT;

  check_name := 'shared_memory';
  status := CASE state.memory WHEN 'preloaded' THEN 'healthy' ELSE 'degraded' END;
  reason := CASE state.memory
    WHEN 'preloaded' THEN NULL
    WHEN 'segment' THEN 'the library is not preloaded: the gate and the counts of failures work, the background worker does not run and '
                        'statements are not masked. Put gatehouse last in shared_preload_libraries, e.g. '
                        'shared_preload_libraries = ''gatehouse'', and restart'
    ELSE 'the library is not preloaded: hashes are not limited, no use of an API key is noted, a ROLLBACK undoes counts of failures and security events, the '
         'background worker does not run and statements are not masked. Put gatehouse last in shared_preload_libraries, e.g. '
         'shared_preload_libraries = ''gatehouse'', and restart'
  END;
  RETURN NEXT;

  check_name := 'key_ring';
  missing_keys := ARRAY(SELECT u.id FROM unnest(gatehouse.key_ids_in_use()) u (id)
                         WHERE (u.id = ANY (state.key_ids)) IS NOT TRUE ORDER BY 1);
  IF state.key_ring_failure IS NOT NULL THEN
    status := 'unhealthy';
    reason := state.key_ring_failure;
  ELSIF missing_keys <> '{}' THEN
    status := 'degraded';
    reason := format('API keys, sessions or one-time tokens were made under keys that the ring lacks, and are refused: %s',
                     array_to_string(missing_keys, ', '));
  ELSE
    status := 'healthy';
    reason := CASE WHEN state.key_ids IS NULL THEN 'none is configured' END;
  END IF;
  RETURN NEXT;

  check_name := 'worker';
  IF state.memory <> 'preloaded' THEN
    status := 'degraded';
    reason := 'it needs preloading: whoever writes next does its work, or run_maintenance()';
  ELSIF pg_is_in_recovery() THEN
    status := 'healthy';
    reason := 'it starts at promotion';
  ELSIF state.worker_serves THEN
    status := 'healthy';
    reason := CASE WHEN state.worker_served_at IS NULL THEN 'it has not come to an end yet'
                   ELSE format('last done at %s', state.worker_served_at) END;
  ELSE
    status := 'degraded';
    reason := format('it does not serve this database, or is late: is %I in gatehouse.worker_databases, and what does the server''s log say? '
                     'Last done at %s', current_database(), coalesce(state.worker_served_at::text, 'no time'));
  END IF;
  RETURN NEXT;

  check_name := 'event_queue';
  status := CASE WHEN state.events_waiting > state.queue_capacity / 4 THEN 'degraded' ELSE 'healthy' END;
  reason := CASE WHEN state.memory <> 'none'
                 THEN format('%s of this database waiting, room for %s, %s lost since the server started', state.events_waiting,
                             state.queue_capacity / 2, state.events_lost) END;
  RETURN NEXT;

  check_name := 'throttle';
  status := 'healthy';
  reason := CASE WHEN state.memory <> 'none'
                 THEN format('room for %s counts, %s lost since the server started', state.throttle_capacity, state.counts_lost)
                 ELSE 'counts are rows of the caller''s transaction' END;
  RETURN NEXT;

  check_name := 'password_gate';
  status := CASE WHEN state.hashes_waiting >= gatehouse.setting('max_hash_waiters')::bigint AND state.hashes_waiting > 0
                 THEN 'degraded' ELSE 'healthy' END;
  reason := CASE WHEN state.memory <> 'none'
                 THEN format('%s hashing, %s waiting, %s turned away since the server started', state.hashing, state.hashes_waiting,
                             state.hashes_turned_away)
                 ELSE 'it stands open' END;
  RETURN NEXT;

  check_name := 'key_usage';
  status := CASE WHEN state.key_uses_waiting > state.key_use_capacity / 2 THEN 'degraded' ELSE 'healthy' END;
  reason := CASE WHEN state.memory = 'none' THEN 'it needs preloading: no use of an API key is noted'
                 WHEN NOT gatehouse.setting('track_key_usage')::boolean THEN 'it is switched off'
                 ELSE format('uses of %s keys of this database waiting, room for %s keys, %s uses lost since the server started',
                             state.key_uses_waiting, state.key_use_capacity, state.key_uses_lost) END;
  RETURN NEXT;

  check_name := 'session_reuse';
  status := CASE WHEN state.reuses_lost > 0 THEN 'degraded' ELSE 'healthy' END;
  reason := CASE WHEN state.memory = 'none' THEN 'it needs preloading: a ROLLBACK undoes the end of a session whose token was used twice'
                 WHEN state.reuses_lost > 0 OR state.sessions_reused > 0
                 THEN format('%s sessions of this database whose token was used twice are to be ended, %s found no room since the server '
                             'started', state.sessions_reused, state.reuses_lost) END;
  RETURN NEXT;

  check_name := 'standby_staleness';
  -- A clock that is behind the primary's makes nothing younger than now.
  age := date_trunc('milliseconds', greatest(clock_timestamp() - state.standby_as_of, interval '0'));
  IF state.standby_as_of IS NULL THEN
    status := 'healthy';
    reason := 'it is no standby';
  ELSIF bound = interval '0' THEN
    status := 'healthy';
    reason := format('replayed up to %s ago; there is no bound', age);
  ELSIF NOT state.standby_bounded THEN
    status := 'degraded';
    reason := format('replayed up to %s ago; without preloading there is no bound', age);
  ELSIF age > bound THEN
    status := 'unhealthy';
    reason := format('replayed up to %s ago, more than %s: API keys are refused', age, bound);
  ELSE
    status := 'healthy';
    reason := format('replayed up to %s ago, at most %s', age, bound);
  END IF;
  RETURN NEXT;
END
$function$;

-- foundation/privileges.sql

-- Whoever installs may have default privileges (ALTER DEFAULT PRIVILEGES), which every object got when it was made. All
-- that was not granted here is taken back: nobody reads a table of ours because he reads all others.

DO $$
DECLARE
  given record;
BEGIN
  FOR given IN
    SELECT DISTINCT o.kind, o.name, CASE WHEN a.grantee = 0 THEN 'PUBLIC' ELSE a.grantee::regrole::text END AS grantee
      FROM (SELECT CASE c.relkind WHEN 'S' THEN 'SEQUENCE' ELSE 'TABLE' END, c.oid::regclass::text, c.relowner, c.relacl
              FROM pg_class c
             WHERE c.relnamespace = 'gatehouse'::regnamespace
            UNION ALL
            SELECT 'FUNCTION', p.oid::regprocedure::text, p.proowner, p.proacl
              FROM pg_proc p
             WHERE p.pronamespace = 'gatehouse'::regnamespace
            UNION ALL
            SELECT 'TYPE', t.oid::regtype::text, t.typowner, t.typacl
              FROM pg_type t
             WHERE t.typnamespace = 'gatehouse'::regnamespace
            UNION ALL
            SELECT 'SCHEMA', n.nspname, n.nspowner, n.nspacl
              FROM pg_namespace n
             WHERE n.nspname = 'gatehouse') AS o (kind, name, owner, acl),
           aclexplode(o.acl) a
     WHERE a.grantee NOT IN (o.owner, 'gatehouse_owner'::regrole, 'gatehouse_app'::regrole, 'gatehouse_admin'::regrole,
                             'gatehouse_auditor'::regrole)
  LOOP
    EXECUTE format('REVOKE ALL ON %s %s FROM %s', given.kind, given.name, given.grantee);
  END LOOP;
END
$$;
