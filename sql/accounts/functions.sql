CREATE FUNCTION gatehouse.describe_user(account gatehouse.users) RETURNS gatehouse.user_info
LANGUAGE sql STABLE
BEGIN ATOMIC
  SELECT account.id, account.email, account.username, account.is_superuser, account.is_verified, account.is_active,
         account.deleted_at IS NOT NULL,
         EXISTS (SELECT FROM gatehouse.password_credentials c WHERE c.user_id = account.id),
         ARRAY(SELECT DISTINCT o.provider FROM gatehouse.oauth_identities o WHERE o.user_id = account.id ORDER BY 1),
         account.profile, account.created_at, account.updated_at, account.last_login_at,
         account.deletion_scheduled_for;
END;
COMMENT ON FUNCTION gatehouse.describe_user(gatehouse.users) IS 'internal: what may be told of an account';
ALTER FUNCTION gatehouse.describe_user(gatehouse.users) OWNER TO gatehouse_owner;
REVOKE ALL ON FUNCTION gatehouse.describe_user(gatehouse.users) FROM PUBLIC;

-- Locks. What makes something that hangs on an account first locks the live account, so that nothing outlives its owner
-- by being made beside its deletion.

CREATE FUNCTION gatehouse.lock_live_account(user_id uuid) RETURNS boolean
LANGUAGE plpgsql VOLATILE
SET search_path = pg_catalog, pg_temp
AS $$
BEGIN
  PERFORM FROM gatehouse.users u
    WHERE u.id = lock_live_account.user_id AND u.is_active AND u.deleted_at IS NULL
    FOR SHARE;
  RETURN FOUND;
END
$$;
COMMENT ON FUNCTION gatehouse.lock_live_account(uuid) IS
  'internal: locks the account FOR SHARE until the transaction ends; false where no live account has this id';
ALTER FUNCTION gatehouse.lock_live_account(uuid) OWNER TO gatehouse_owner;
REVOKE ALL ON FUNCTION gatehouse.lock_live_account(uuid) FROM PUBLIC;

-- An UPDATE rather than FOR NO KEY UPDATE: the lock is the same, but it makes a concurrent REPEATABLE READ transaction,
-- which could not see what the other one made, fail with 40001 instead of counting wrong.
CREATE FUNCTION gatehouse.lock_live_account_to_count(user_id uuid) RETURNS boolean
LANGUAGE plpgsql VOLATILE
SET search_path = pg_catalog, pg_temp
AS $$
BEGIN
  UPDATE gatehouse.users u
     SET is_active = u.is_active
   WHERE u.id = lock_live_account_to_count.user_id AND u.is_active AND u.deleted_at IS NULL;
  RETURN FOUND;
END
$$;
COMMENT ON FUNCTION gatehouse.lock_live_account_to_count(uuid) IS
  'internal: locks the account FOR NO KEY UPDATE before its keys or sessions are counted; false where no live account has this id';
ALTER FUNCTION gatehouse.lock_live_account_to_count(uuid) OWNER TO gatehouse_owner;
REVOKE ALL ON FUNCTION gatehouse.lock_live_account_to_count(uuid) FROM PUBLIC;

CREATE FUNCTION gatehouse.create_user(
  email text,
  username text,
  password text DEFAULT NULL,
  is_superuser boolean DEFAULT false,
  profile jsonb DEFAULT '{}'
) RETURNS gatehouse.user_info
LANGUAGE plpgsql VOLATILE SECURITY DEFINER
SET search_path = pg_catalog, pg_temp
AS $$
#variable_conflict use_column
DECLARE
  address text;
  name text;
  extra jsonb;
  made_at CONSTANT timestamptz := clock_timestamp();
  hash text;
  account gatehouse.users;
  broken_constraint text;
BEGIN
  -- From now on the library is loaded, and hides the statement of an error.
  PERFORM gatehouse.library_version();
  address := gatehouse.checked_email(email);
  name := gatehouse.checked_username(username);
  extra := gatehouse.checked_profile(profile);
  IF is_superuser IS NULL THEN
    RAISE EXCEPTION 'argument "is_superuser" must not be null' USING ERRCODE = '22023';
  END IF;
  IF is_superuser AND NOT gatehouse.caller_is_administrator() THEN
    RAISE EXCEPTION 'only an administrator can create a superuser' USING ERRCODE = '42501';
  END IF;
  IF password IS NOT NULL THEN
    PERFORM gatehouse.check_new_password(password);
    hash := gatehouse.hash_password(password);
  END IF;

  BEGIN
    INSERT INTO gatehouse.users (id, email, email_normal, username, username_normal, is_superuser, is_verified, is_active,
                                 profile, created_at, updated_at)
    VALUES (gatehouse.uuid_v7(), address, gatehouse.fold_email(address), name, lower(name COLLATE "C"),
            create_user.is_superuser, false, true, extra, made_at, made_at)
    RETURNING * INTO account;
  EXCEPTION WHEN unique_violation THEN
    GET STACKED DIAGNOSTICS broken_constraint = CONSTRAINT_NAME;
    RAISE EXCEPTION '%', CASE broken_constraint
                           WHEN 'users_email_live' THEN 'an account with this e-mail address exists'
                           WHEN 'users_username_live' THEN 'an account with this username exists'
                           ELSE 'duplicate account'
                         END
      USING ERRCODE = '23505', SCHEMA = 'gatehouse', TABLE = 'users', CONSTRAINT = broken_constraint;
  END;
  IF hash IS NOT NULL THEN
    INSERT INTO gatehouse.password_credentials (user_id, password_hash, changed_at) VALUES (account.id, hash, made_at);
  END IF;
  RETURN gatehouse.describe_user(account);
END
$$;
COMMENT ON FUNCTION gatehouse.create_user(text, text, text, boolean, jsonb) IS
  'makes an account; the e-mail address is trimmed and compared without case; without a password it can only be opened '
  'by other means; a superuser is made by administrators only (42501); a value against the policy is 22023, a duplicate '
  '23505 with the constraint users_email_live or users_username_live';
ALTER FUNCTION gatehouse.create_user(text, text, text, boolean, jsonb) OWNER TO gatehouse_owner;
REVOKE ALL ON FUNCTION gatehouse.create_user(text, text, text, boolean, jsonb) FROM PUBLIC;
GRANT EXECUTE ON FUNCTION gatehouse.create_user(text, text, text, boolean, jsonb) TO gatehouse_app;

CREATE FUNCTION gatehouse.include_deleted_allowed(include_deleted boolean) RETURNS boolean
LANGUAGE plpgsql STABLE PARALLEL RESTRICTED
SET search_path = pg_catalog, pg_temp
AS $$
BEGIN
  IF include_deleted IS NULL THEN
    RAISE EXCEPTION 'argument "include_deleted" must not be null' USING ERRCODE = '22023';
  END IF;
  IF include_deleted AND NOT gatehouse.caller_is_administrator() THEN
    RAISE EXCEPTION 'only an administrator can see deleted accounts' USING ERRCODE = '42501';
  END IF;
  RETURN include_deleted;
END
$$;
COMMENT ON FUNCTION gatehouse.include_deleted_allowed(boolean) IS
  'internal: the argument itself; 42501 where it is true and the caller is no administrator';
ALTER FUNCTION gatehouse.include_deleted_allowed(boolean) OWNER TO gatehouse_owner;
REVOKE ALL ON FUNCTION gatehouse.include_deleted_allowed(boolean) FROM PUBLIC;

CREATE FUNCTION gatehouse.get_user_by_id(id uuid, include_deleted boolean DEFAULT false) RETURNS SETOF gatehouse.user_info
LANGUAGE plpgsql STABLE SECURITY DEFINER ROWS 1
SET search_path = pg_catalog, pg_temp
AS $$
#variable_conflict use_column
DECLARE
  with_deleted CONSTANT boolean := gatehouse.include_deleted_allowed(include_deleted);
BEGIN
  IF get_user_by_id.id IS NULL THEN
    RAISE EXCEPTION 'argument "id" must not be null' USING ERRCODE = '22023';
  END IF;
  RETURN QUERY
    SELECT d.*
      FROM gatehouse.users u, LATERAL gatehouse.describe_user(u) d
     WHERE u.id = get_user_by_id.id AND (u.deleted_at IS NULL OR with_deleted);
END
$$;
COMMENT ON FUNCTION gatehouse.get_user_by_id(uuid, boolean) IS
  'the account of this id, or no row; deleted ones are shown to administrators who ask for them';
ALTER FUNCTION gatehouse.get_user_by_id(uuid, boolean) OWNER TO gatehouse_owner;
REVOKE ALL ON FUNCTION gatehouse.get_user_by_id(uuid, boolean) FROM PUBLIC;
GRANT EXECUTE ON FUNCTION gatehouse.get_user_by_id(uuid, boolean) TO gatehouse_app;

CREATE FUNCTION gatehouse.get_user_by_email(email text, include_deleted boolean DEFAULT false) RETURNS SETOF gatehouse.user_info
LANGUAGE plpgsql STABLE SECURITY DEFINER ROWS 1
SET search_path = pg_catalog, pg_temp
AS $$
#variable_conflict use_column
DECLARE
  with_deleted CONSTANT boolean := gatehouse.include_deleted_allowed(include_deleted);
BEGIN
  IF get_user_by_email.email IS NULL THEN
    RAISE EXCEPTION 'argument "email" must not be null' USING ERRCODE = '22023';
  END IF;
  RETURN QUERY
    SELECT d.*
      FROM gatehouse.users u, LATERAL gatehouse.describe_user(u) d
     WHERE u.email_normal = gatehouse.fold_email(get_user_by_email.email) COLLATE "C" AND (u.deleted_at IS NULL OR with_deleted)
     ORDER BY u.deleted_at DESC NULLS FIRST, u.id DESC
     LIMIT 1;
END
$$;
COMMENT ON FUNCTION gatehouse.get_user_by_email(text, boolean) IS
  'the account of this e-mail address, compared without case, or no row; with include_deleted (administrators) the live one, '
  'else the one deleted last';
ALTER FUNCTION gatehouse.get_user_by_email(text, boolean) OWNER TO gatehouse_owner;
REVOKE ALL ON FUNCTION gatehouse.get_user_by_email(text, boolean) FROM PUBLIC;
GRANT EXECUTE ON FUNCTION gatehouse.get_user_by_email(text, boolean) TO gatehouse_app;

CREATE FUNCTION gatehouse.get_user_by_username(username text, include_deleted boolean DEFAULT false) RETURNS SETOF gatehouse.user_info
LANGUAGE plpgsql STABLE SECURITY DEFINER ROWS 1
SET search_path = pg_catalog, pg_temp
AS $$
#variable_conflict use_column
DECLARE
  with_deleted CONSTANT boolean := gatehouse.include_deleted_allowed(include_deleted);
BEGIN
  IF get_user_by_username.username IS NULL THEN
    RAISE EXCEPTION 'argument "username" must not be null' USING ERRCODE = '22023';
  END IF;
  RETURN QUERY
    SELECT d.*
      FROM gatehouse.users u, LATERAL gatehouse.describe_user(u) d
     WHERE u.username_normal = lower(get_user_by_username.username COLLATE "C")
       AND (u.deleted_at IS NULL OR with_deleted)
     ORDER BY u.deleted_at DESC NULLS FIRST, u.id DESC
     LIMIT 1;
END
$$;
COMMENT ON FUNCTION gatehouse.get_user_by_username(text, boolean) IS
  'the account of this username, compared without case, or no row; with include_deleted (administrators) the live one, '
  'else the one deleted last';
ALTER FUNCTION gatehouse.get_user_by_username(text, boolean) OWNER TO gatehouse_owner;
REVOKE ALL ON FUNCTION gatehouse.get_user_by_username(text, boolean) FROM PUBLIC;
GRANT EXECUTE ON FUNCTION gatehouse.get_user_by_username(text, boolean) TO gatehouse_app;

CREATE FUNCTION gatehouse.get_user_by_oauth(provider text, subject text, include_deleted boolean DEFAULT false)
RETURNS SETOF gatehouse.user_info
LANGUAGE plpgsql STABLE SECURITY DEFINER ROWS 1
SET search_path = pg_catalog, pg_temp
AS $$
#variable_conflict use_column
DECLARE
  with_deleted CONSTANT boolean := gatehouse.include_deleted_allowed(include_deleted);
BEGIN
  IF get_user_by_oauth.provider IS NULL OR get_user_by_oauth.subject IS NULL THEN
    RAISE EXCEPTION 'arguments "provider" and "subject" must not be null' USING ERRCODE = '22023';
  END IF;
  RETURN QUERY
    SELECT d.*
      FROM gatehouse.oauth_identities o
      JOIN gatehouse.users u ON u.id = o.user_id, LATERAL gatehouse.describe_user(u) d
     WHERE o.provider = get_user_by_oauth.provider COLLATE pg_catalog."default"
       AND o.subject = get_user_by_oauth.subject COLLATE pg_catalog."default"
       AND (u.deleted_at IS NULL OR with_deleted);
END
$$;
COMMENT ON FUNCTION gatehouse.get_user_by_oauth(text, text, boolean) IS
  'the account that this identity at an OAuth provider opens, or no row';
ALTER FUNCTION gatehouse.get_user_by_oauth(text, text, boolean) OWNER TO gatehouse_owner;
REVOKE ALL ON FUNCTION gatehouse.get_user_by_oauth(text, text, boolean) FROM PUBLIC;
GRANT EXECUTE ON FUNCTION gatehouse.get_user_by_oauth(text, text, boolean) TO gatehouse_app;

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
    PERFORM gatehouse.write_event(
              'security.login_failed', user_id, ip, user_agent, false,
              jsonb_strip_nulls(jsonb_build_object('login', gatehouse.login_digest(typed), 'locks', attempt.locks)), NULL);
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
  looked_up uuid;
  hash text;
  new_hash text;
  password_changed_at timestamptz;
  account_subject bytea;
  address_subject bytea;
  address_is_known boolean;
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
  -- Who has no account is looked up like everybody else: a login that is locked is answered without a hash, in whose time this would
  -- vanish.
  looked_up := coalesce(account.id, uuid '00000000-0000-0000-0000-000000000000');
  SELECT c.password_hash, c.changed_at INTO hash, password_changed_at FROM gatehouse.password_credentials c
   WHERE c.user_id = looked_up;
  IF account.is_active IS NOT TRUE THEN
    hash := NULL;
  END IF;

  -- Who comes from where the account was logged in to before is counted apart from everybody else, by account and address at
  -- once: neither strangers nor those behind the same address can keep the owner out.
  address_is_known := EXISTS (SELECT FROM gatehouse.known_addresses k WHERE k.user_id = looked_up AND k.network = client_network);
  IF account.id IS NULL THEN
    account_subject := gatehouse.throttle_subject('login', typed);
  ELSIF address_is_known THEN
    account_subject := gatehouse.throttle_subject('known address', format('%s %s', account.id, client_network));
  ELSE
    account_subject := gatehouse.throttle_subject('account', account.id::text);
  END IF;
  IF NOT address_is_known THEN
    address_subject := gatehouse.throttle_subject('address', client_network::text);
  END IF;
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
  IF NOT attempt.counted THEN
    DELETE FROM gatehouse.login_throttles t WHERE t.subject = account_subject;
  END IF;
  new_hash := gatehouse.rehash(password, hash);

  -- No lock was held while hashing: the account must still be live and the password the one that was verified. Its hash
  -- may be another by now, where a login beside this one has replaced it.
  SELECT u.* INTO account FROM gatehouse.users u
   WHERE u.id = account.id AND u.is_active AND u.deleted_at IS NULL
     FOR NO KEY UPDATE;
  IF NOT FOUND THEN
    RETURN;
  END IF;
  PERFORM FROM gatehouse.password_credentials c WHERE c.user_id = account.id AND c.changed_at = password_changed_at;
  IF NOT FOUND THEN
    RETURN;
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
