-- One-time tokens: how they are made and used up. The account is locked before its tokens are counted or used, so that two calls
-- never use the same one.

CREATE FUNCTION gatehouse.make_one_time_token(
  OUT token text,
  OUT token_digest bytea,
  OUT ring_key_id integer,
  OUT locator_digest bytea
)
AS 'MODULE_PATHNAME', 'gatehouse_sessions_make_token'
LANGUAGE c VOLATILE;
COMMENT ON FUNCTION gatehouse.make_one_time_token() IS 'internal: a token in the form of a refresh token, and what is stored of it';
REVOKE ALL ON FUNCTION gatehouse.make_one_time_token() FROM PUBLIC;
GRANT EXECUTE ON FUNCTION gatehouse.make_one_time_token() TO gatehouse_owner;

-- A lifetime is seconds: a day of 24 hours, also where the clocks are changed.
CREATE FUNCTION gatehouse.lifetime(setting_name text) RETURNS interval
LANGUAGE sql STABLE
SET search_path = pg_catalog, pg_temp
AS $$
  SELECT make_interval(secs => extract(epoch FROM gatehouse.setting(setting_name)::interval)::double precision)
$$;
COMMENT ON FUNCTION gatehouse.lifetime(text) IS 'internal: the setting of this name, a time, without days in it';
ALTER FUNCTION gatehouse.lifetime(text) OWNER TO gatehouse_owner;
REVOKE ALL ON FUNCTION gatehouse.lifetime(text) FROM PUBLIC;

-- What is in the first half of its life stays, whoever asks again: a victim's link cannot be killed by asking.
CREATE FUNCTION gatehouse.issue_one_time_token(user_id uuid, subject bytea, purpose text, email text, lifetime interval)
RETURNS text
LANGUAGE plpgsql VOLATILE
SET search_path = pg_catalog, pg_temp
AS $$
#variable_conflict use_column
DECLARE
  made record;
  token text;
  younger bigint;
  place tid;
  nobody CONSTANT uuid := gatehouse.uuid_v7();
  made_at CONSTANT timestamptz := clock_timestamp();
BEGIN
  DELETE FROM gatehouse.one_time_tokens t
   WHERE t.subject = issue_one_time_token.subject AND t.purpose = issue_one_time_token.purpose COLLATE "C"
     AND 2 * extract(epoch FROM made_at - t.created_at) >= extract(epoch FROM t.expires_at - t.created_at);
  SELECT count(*), max(t.ctid) INTO younger, place FROM gatehouse.one_time_tokens t
   WHERE t.subject = issue_one_time_token.subject AND t.purpose = issue_one_time_token.purpose COLLATE "C";
  IF younger < 3 THEN
    SELECT * INTO made FROM gatehouse.make_one_time_token();
    INSERT INTO gatehouse.one_time_tokens (locator_digest, token_digest, ring_key_id, user_id, subject, purpose, email,
                                           created_at, expires_at)
    VALUES (made.locator_digest, made.token_digest, made.ring_key_id, issue_one_time_token.user_id,
            issue_one_time_token.subject, issue_one_time_token.purpose, issue_one_time_token.email, made_at,
            made_at + issue_one_time_token.lifetime)
    RETURNING ctid INTO place;
    token := made.token;
  END IF;
  IF issue_one_time_token.user_id IS NULL THEN
    -- What it costs to lock an account, and what the foreign key costs: to look for it, to lock it, to have it in one more index.
    UPDATE gatehouse.one_time_tokens t SET email = t.email WHERE t.ctid = place RETURNING t.ctid INTO place;
    IF token IS NOT NULL THEN
      PERFORM FROM gatehouse.users u WHERE u.id = nobody FOR KEY SHARE;
      PERFORM FROM gatehouse.one_time_tokens t WHERE t.ctid = place FOR KEY SHARE;
      PERFORM FROM gatehouse.one_time_tokens t WHERE t.user_id = nobody;
    END IF;
  END IF;
  RETURN token;
END
$$;
COMMENT ON FUNCTION gatehouse.issue_one_time_token(uuid, bytea, text, text, interval) IS
  'internal: a new token for an account that the caller has locked; null where three of this subject and purpose are in the first half '
  'of their lives. The others of them end. Without an account it makes a token that opens nothing, and costs what it costs with one';
ALTER FUNCTION gatehouse.issue_one_time_token(uuid, bytea, text, text, interval) OWNER TO gatehouse_owner;
REVOKE ALL ON FUNCTION gatehouse.issue_one_time_token(uuid, bytea, text, text, interval) FROM PUBLIC;

CREATE FUNCTION gatehouse.find_one_time_token(token text, purpose text) RETURNS gatehouse.one_time_tokens
LANGUAGE plpgsql STABLE
SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
  found_token gatehouse.one_time_tokens;
BEGIN
  PERFORM gatehouse.library_version();
  IF token IS NULL THEN
    RAISE EXCEPTION 'argument "token" must not be null' USING ERRCODE = '22023';
  END IF;
  IF current_setting('transaction_read_only')::boolean THEN
    RAISE EXCEPTION 'cannot use a token within a read-only transaction' USING ERRCODE = '25006';
  END IF;
  SELECT t.* INTO found_token FROM gatehouse.one_time_tokens t
   WHERE t.locator_digest = gatehouse.locate_refresh_token(find_one_time_token.token)
     AND t.purpose = find_one_time_token.purpose COLLATE "C" AND t.expires_at > clock_timestamp();
  IF gatehouse.refresh_token_matches(token, found_token.token_digest, found_token.ring_key_id) THEN
    RETURN found_token;
  END IF;
  RETURN NULL;
END
$$;
COMMENT ON FUNCTION gatehouse.find_one_time_token(text, text) IS
  'internal: what is stored of a token that can be used now, without locking or using it; null where the token is no such';
ALTER FUNCTION gatehouse.find_one_time_token(text, text) OWNER TO gatehouse_owner;
REVOKE ALL ON FUNCTION gatehouse.find_one_time_token(text, text) FROM PUBLIC;

-- A token's digest never changes, so that it needs no second look behind the lock; that the row is still there does.
CREATE FUNCTION gatehouse.use_one_time_token(token text, purpose text) RETURNS gatehouse.one_time_tokens
LANGUAGE plpgsql VOLATILE
SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
  used gatehouse.one_time_tokens := gatehouse.find_one_time_token(token, purpose);
BEGIN
  IF used.user_id IS NULL OR NOT gatehouse.lock_live_account_to_count(used.user_id) THEN
    RETURN NULL;
  END IF;
  DELETE FROM gatehouse.one_time_tokens t
   WHERE t.locator_digest = used.locator_digest AND t.expires_at > clock_timestamp()
  RETURNING t.* INTO used;
  RETURN used;
END
$$;
COMMENT ON FUNCTION gatehouse.use_one_time_token(text, text) IS
  'internal: locks the live account and uses the token up, once under any concurrency; null where the token is no such';
ALTER FUNCTION gatehouse.use_one_time_token(text, text) OWNER TO gatehouse_owner;
REVOKE ALL ON FUNCTION gatehouse.use_one_time_token(text, text) FROM PUBLIC;

CREATE FUNCTION gatehouse.remove_expired_tokens() RETURNS bigint
LANGUAGE plpgsql VOLATILE
SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
  judged_at CONSTANT timestamptz := clock_timestamp();
  removed bigint;
BEGIN
  DELETE FROM gatehouse.one_time_tokens t
   WHERE t.ctid = ANY (ARRAY(
           SELECT e.ctid FROM gatehouse.one_time_tokens e WHERE e.expires_at <= judged_at
            LIMIT 10000 FOR UPDATE SKIP LOCKED));
  GET DIAGNOSTICS removed = ROW_COUNT;
  RETURN removed;
END
$$;
COMMENT ON FUNCTION gatehouse.remove_expired_tokens() IS
  'internal: deletes one-time tokens that have expired, at most 10000, and gives their number';
ALTER FUNCTION gatehouse.remove_expired_tokens() OWNER TO gatehouse_owner;
REVOKE ALL ON FUNCTION gatehouse.remove_expired_tokens() FROM PUBLIC;
