-- Who comes from where the account was logged in to before is counted apart from everybody else, by account and address at
-- once: neither strangers nor those behind the same address can keep the owner out.
CREATE FUNCTION gatehouse.login_subjects(user_id uuid, typed text, client_network cidr, OUT account bytea, OUT address bytea)
LANGUAGE plpgsql STABLE
SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
  address_is_known boolean;
BEGIN
  -- Who has no account is looked up like everybody else: a login that is locked is answered without a hash, in whose time this
  -- would vanish.
  address_is_known := EXISTS (
    SELECT FROM gatehouse.known_addresses k
     WHERE k.user_id = coalesce(login_subjects.user_id, uuid '00000000-0000-0000-0000-000000000000')
       AND k.network = client_network);
  IF user_id IS NULL THEN
    account := gatehouse.throttle_subject('login', typed);
  ELSIF address_is_known THEN
    account := gatehouse.throttle_subject('known address', format('%s %s', user_id, client_network));
  ELSE
    account := gatehouse.throttle_subject('account', user_id::text);
  END IF;
  IF NOT address_is_known THEN
    address := gatehouse.throttle_subject('address', client_network::text);
  END IF;
END
$$;
COMMENT ON FUNCTION gatehouse.login_subjects(uuid, text, cidr) IS
  'internal: whose failures an attempt counts to; user_id is null where no account has the login; address is null where none is '
  'counted';
ALTER FUNCTION gatehouse.login_subjects(uuid, text, cidr) OWNER TO gatehouse_owner;
REVOKE ALL ON FUNCTION gatehouse.login_subjects(uuid, text, cidr) FROM PUBLIC;

CREATE FUNCTION gatehouse.record_failed_login(
  attempt gatehouse.login_attempt,
  user_id uuid,
  typed text,
  ip inet,
  user_agent text,
  account_subject bytea,
  address_subject bytea
) RETURNS void
LANGUAGE plpgsql VOLATILE
SET search_path = pg_catalog, pg_temp
AS $$
BEGIN
  IF NOT attempt.counted AND attempt.verdict = 'mismatch' THEN
    attempt.locks := gatehouse.count_failure_in_table(account_subject, false);
    IF address_subject IS NOT NULL THEN
      PERFORM gatehouse.count_failure_in_table(address_subject, true);
    END IF;
    PERFORM gatehouse.write_security_event(
              ROW(clock_timestamp(), 'security.login_failed', user_id, NULL, NULL, false, ip, user_agent,
                  jsonb_strip_nulls(jsonb_build_object('login', gatehouse.login_digest(typed), 'locks', attempt.locks))::text
                 )::gatehouse.queued_event);
  ELSIF attempt.reported AND NOT gatehouse.worker_serves_database() THEN
    PERFORM gatehouse.write_security_events();
  END IF;
END
$$;
COMMENT ON FUNCTION gatehouse.record_failed_login(gatehouse.login_attempt, uuid, text, inet, text, bytea, bytea) IS
  'internal: counts and reports a failed login where shared memory has not, else writes what was reported where no worker does';
ALTER FUNCTION gatehouse.record_failed_login(gatehouse.login_attempt, uuid, text, inet, text, bytea, bytea)
  OWNER TO gatehouse_owner;
REVOKE ALL ON FUNCTION gatehouse.record_failed_login(gatehouse.login_attempt, uuid, text, inet, text, bytea, bytea)
  FROM PUBLIC;

CREATE FUNCTION gatehouse.authenticate_user(
  login text,
  password text,
  ip inet DEFAULT NULL,
  user_agent text DEFAULT NULL,
  OUT status text,
  OUT user_id uuid,
  OUT email text,
  OUT username text,
  OUT is_superuser boolean,
  OUT is_verified boolean,
  OUT retry_after interval
)
LANGUAGE plpgsql VOLATILE SECURITY DEFINER
SET search_path = pg_catalog, pg_temp
AS $$
#variable_conflict use_column
DECLARE
  client_network CONSTANT cidr := gatehouse.address_network(ip);
  typed text;
  account gatehouse.users;
  hash text;
  new_hash text;
  password_changed_at timestamptz;
  account_subject bytea;
  address_subject bytea;
  attempt gatehouse.login_attempt;
BEGIN
  PERFORM gatehouse.library_version();
  IF login IS NULL OR password IS NULL THEN
    RAISE EXCEPTION 'arguments "login" and "password" must not be null' USING ERRCODE = '22023';
  END IF;
  IF current_setting('transaction_read_only')::boolean THEN
    RAISE EXCEPTION 'cannot log in within a read-only transaction' USING ERRCODE = '25006';
  END IF;

  -- A username has no @, an e-mail address has one.
  IF strpos(login COLLATE "C", '@') > 0 THEN
    typed := coalesce(gatehouse.fold_email(login), login);
    SELECT u.* INTO account FROM gatehouse.users u
     WHERE u.email_normal = gatehouse.fold_email(login) COLLATE "C" AND u.deleted_at IS NULL;
  ELSE
    typed := lower(login COLLATE "C");
    SELECT u.* INTO account FROM gatehouse.users u WHERE u.username_normal = typed COLLATE "C" AND u.deleted_at IS NULL;
  END IF;
  SELECT c.password_hash, c.changed_at INTO hash, password_changed_at FROM gatehouse.password_credentials c
   WHERE c.user_id = coalesce(account.id, uuid '00000000-0000-0000-0000-000000000000');
  IF (account.is_active OR account.stopped_until <= clock_timestamp()) IS NOT TRUE THEN
    hash := NULL;
  END IF;

  SELECT s.account, s.address INTO account_subject, address_subject
    FROM gatehouse.login_subjects(account.id, typed, client_network) s;
  attempt := gatehouse.attempt_login(password, hash, gatehouse.stored_count(account_subject),
                                     CASE WHEN address_subject IS NOT NULL THEN gatehouse.stored_count(address_subject) END,
                                     account.id, typed, ip, user_agent);
  IF attempt.verdict <> 'match' THEN
    status := CASE attempt.verdict WHEN 'mismatch' THEN 'invalid_credentials' ELSE attempt.verdict END;
    retry_after := CASE attempt.verdict WHEN 'busy' THEN interval '1 second' ELSE attempt.retry_after END;
    PERFORM gatehouse.record_failed_login(attempt, account.id, typed, ip, user_agent, account_subject, address_subject);
    RETURN;
  END IF;
  status := 'invalid_credentials';
  new_hash := gatehouse.rehash(password, hash);

  -- No lock was held while hashing: the account must still be live and the password the one that was verified. Its hash
  -- may be another by now, where a login beside this one has replaced it.
  SELECT u.* INTO account FROM gatehouse.users u
   WHERE u.id = account.id AND (u.is_active OR u.stopped_until <= clock_timestamp()) AND u.deleted_at IS NULL
     FOR NO KEY UPDATE;
  IF NOT FOUND THEN
    RETURN;
  END IF;
  PERFORM FROM gatehouse.password_credentials c WHERE c.user_id = account.id AND c.changed_at = password_changed_at;
  IF NOT FOUND THEN
    RETURN;
  END IF;
  IF NOT attempt.counted THEN
    DELETE FROM gatehouse.login_throttles t WHERE t.subject = account_subject;
  END IF;
  IF new_hash IS NOT NULL THEN
    UPDATE gatehouse.password_credentials c SET password_hash = new_hash
     WHERE c.user_id = account.id AND c.password_hash = hash;
  END IF;

  IF gatehouse.setting('require_verified_email')::boolean AND NOT account.is_verified THEN
    status := 'unverified';
  ELSE
    status := 'ok';
    UPDATE gatehouse.users u SET last_login_at = clock_timestamp() WHERE u.id = account.id;
  END IF;
  IF client_network IS NOT NULL THEN
    PERFORM gatehouse.remember_address(account.id, client_network);
  END IF;
  PERFORM gatehouse.write_event(CASE status WHEN 'ok' THEN 'gatehouse.account.logged_in' ELSE 'gatehouse.account.login_unverified' END,
                                account.id, ip, user_agent, status = 'ok', NULL, NULL);
  user_id := account.id;
  email := account.email;
  username := account.username;
  is_superuser := account.is_superuser;
  is_verified := account.is_verified;
END
$$;
COMMENT ON FUNCTION gatehouse.authenticate_user(text, text, inet, text) IS
  'verifies the password of an e-mail address or username. status: ok, invalid_credentials, locked, unverified, busy; a client '
  'treats one that it doesn''t know as a refusal. The account is told for ok and unverified only, retry_after for locked and busy. '
  'An unknown login, a deleted, stopped or passwordless account cost the time of a wrong password, give the same answer and are '
  'locked alike. Failures count by account and by address, with shared memory even if the caller rolls back. A success replaces an '
  'outdated hash';
ALTER FUNCTION gatehouse.authenticate_user(text, text, inet, text) OWNER TO gatehouse_owner;
REVOKE ALL ON FUNCTION gatehouse.authenticate_user(text, text, inet, text) FROM PUBLIC;
GRANT EXECUTE ON FUNCTION gatehouse.authenticate_user(text, text, inet, text) TO gatehouse_app;
