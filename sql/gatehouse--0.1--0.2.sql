-- gatehouse: from 0.1 to 0.2.
\echo Use "ALTER EXTENSION gatehouse UPDATE TO '0.2'" to load this file. \quit
DO $$
BEGIN
  IF string_to_array(gatehouse.library_version(), '.')::integer[] < '{0,2}' THEN
    RAISE EXCEPTION 'the library of gatehouse that is loaded, %, is older than 0.2', gatehouse.library_version()
      USING ERRCODE = '55000',
            HINT = 'Install the new release, and restart the server where it preloads the library, else connect anew.';
  END IF;
END
$$;

DROP FUNCTION gatehouse.verify_login(text,text);
DROP FUNCTION gatehouse.write_event(text,uuid,inet,text,boolean,jsonb,uuid);

CREATE OR REPLACE FUNCTION gatehouse.version()
 RETURNS text
 LANGUAGE sql
 IMMUTABLE PARALLEL SAFE
RETURN '0.2'::text;
GRANT EXECUTE ON FUNCTION gatehouse.version() TO gatehouse_owner;

GRANT EXECUTE ON FUNCTION gatehouse.library_version() TO gatehouse_owner;

CREATE TABLE gatehouse.login_throttles (
  subject bytea NOT NULL,
  failures integer NOT NULL,
  counted_at timestamp with time zone NOT NULL,
  locked_until timestamp with time zone,
  CONSTRAINT login_throttles_pkey PRIMARY KEY (subject)
);
ALTER TABLE gatehouse.login_throttles OWNER TO gatehouse_owner;
COMMENT ON TABLE gatehouse.login_throttles IS 'failed logins by account and by address, as last stored; forgotten after a day';
SELECT pg_catalog.pg_extension_config_dump('gatehouse.login_throttles', '');
COMMENT ON COLUMN gatehouse.login_throttles.subject IS 'a digest of 16 bytes of the account, of the address, of both where the account was logged in to from there before, or of a login that no account has';
COMMENT ON COLUMN gatehouse.login_throttles.failures IS 'of an account those in a row; of an address what is left of them';
COMMENT ON COLUMN gatehouse.login_throttles.counted_at IS 'when the last was counted';
COMMENT ON COLUMN gatehouse.login_throttles.locked_until IS 'until when logins are refused without a look at the password';

CREATE TABLE gatehouse.known_addresses (
  user_id uuid NOT NULL,
  network cidr NOT NULL,
  last_login_at timestamp with time zone NOT NULL,
  CONSTRAINT known_addresses_pkey PRIMARY KEY (user_id, network),
  CONSTRAINT known_addresses_user_id_fkey FOREIGN KEY (user_id) REFERENCES gatehouse.users(id) ON DELETE CASCADE
);
ALTER TABLE gatehouse.known_addresses OWNER TO gatehouse_owner;
COMMENT ON TABLE gatehouse.known_addresses IS 'from where an account was logged in to: such an address has its own count of failures, so that nobody elsewhere can lock its owner out';
SELECT pg_catalog.pg_extension_config_dump('gatehouse.known_addresses', '');
COMMENT ON COLUMN gatehouse.known_addresses.network IS 'an IPv4 address, or the /64 of an IPv6 address';
COMMENT ON COLUMN gatehouse.known_addresses.last_login_at IS 'the last login from there, to the day';

CREATE TYPE gatehouse.login_attempt AS (
  verdict text,
  retry_after interval,
  refused_by text,
  locks boolean,
  counted boolean,
  reported boolean
);
COMMENT ON TYPE gatehouse.login_attempt IS 'what became of an attempt to log in';
REVOKE ALL ON TYPE gatehouse.login_attempt FROM PUBLIC;
GRANT USAGE ON TYPE gatehouse.login_attempt TO gatehouse_owner;

CREATE FUNCTION gatehouse.throttle_subject(kind text, value text)
 RETURNS bytea
 LANGUAGE c
 IMMUTABLE PARALLEL SAFE STRICT
AS 'MODULE_PATHNAME', 'gatehouse_accounts_throttle_subject';
COMMENT ON FUNCTION gatehouse.throttle_subject(text,text) IS 'internal: whose failures are counted, BLAKE2b (RFC 7693) of 16 bytes over kind, a zero byte and value';
REVOKE ALL ON FUNCTION gatehouse.throttle_subject(text,text) FROM PUBLIC;
GRANT EXECUTE ON FUNCTION gatehouse.throttle_subject(text,text) TO gatehouse_owner;

CREATE FUNCTION gatehouse.login_digest(login text)
 RETURNS text
 LANGUAGE c
 STABLE PARALLEL SAFE STRICT
AS 'MODULE_PATHNAME', 'gatehouse_accounts_login_digest';
COMMENT ON FUNCTION gatehouse.login_digest(text) IS 'internal: a keyed digest of an attempted login, by which the log tells one from another; under the key ring, else under a key that lives as long as the server, else null';
REVOKE ALL ON FUNCTION gatehouse.login_digest(text) FROM PUBLIC;
GRANT EXECUTE ON FUNCTION gatehouse.login_digest(text) TO gatehouse_owner;

CREATE FUNCTION gatehouse.attempt_login(password text, hash text, account gatehouse.login_throttles, address gatehouse.login_throttles, user_id uuid, login text, ip inet, user_agent text)
 RETURNS gatehouse.login_attempt
 LANGUAGE c
 COST 1e+06
AS 'MODULE_PATHNAME', 'gatehouse_accounts_attempt_login';
COMMENT ON FUNCTION gatehouse.attempt_login(text,text,gatehouse.login_throttles,gatehouse.login_throttles,uuid,text,inet,text) IS 'internal: counts the attempt, passes the gate and verifies, in the time of a hash at today''s cost; verdict match, mismatch, locked or busy. A failure, and once a minute a refusal by a lock, is reported before the statement can be cancelled';
REVOKE ALL ON FUNCTION gatehouse.attempt_login(text,text,gatehouse.login_throttles,gatehouse.login_throttles,uuid,text,inet,text) FROM PUBLIC;
GRANT EXECUTE ON FUNCTION gatehouse.attempt_login(text,text,gatehouse.login_throttles,gatehouse.login_throttles,uuid,text,inet,text) TO gatehouse_owner;

CREATE FUNCTION gatehouse.rehash(password text, hash text)
 RETURNS text
 LANGUAGE c
 PARALLEL SAFE COST 1e+06
AS 'MODULE_PATHNAME', 'gatehouse_accounts_rehash';
COMMENT ON FUNCTION gatehouse.rehash(text,text) IS 'internal: a new hash where this one is outdated; null where it isn''t, or where none can be made now';
REVOKE ALL ON FUNCTION gatehouse.rehash(text,text) FROM PUBLIC;
GRANT EXECUTE ON FUNCTION gatehouse.rehash(text,text) TO gatehouse_owner;

CREATE FUNCTION gatehouse.count_failure(stored gatehouse.login_throttles, of_address boolean)
 RETURNS gatehouse.login_throttles
 LANGUAGE c
 PARALLEL SAFE STRICT
AS 'MODULE_PATHNAME', 'gatehouse_accounts_count_failure';
COMMENT ON FUNCTION gatehouse.count_failure(gatehouse.login_throttles,boolean) IS 'internal: the row after a failure';
REVOKE ALL ON FUNCTION gatehouse.count_failure(gatehouse.login_throttles,boolean) FROM PUBLIC;
GRANT EXECUTE ON FUNCTION gatehouse.count_failure(gatehouse.login_throttles,boolean) TO gatehouse_owner;

CREATE FUNCTION gatehouse.current_count(stored gatehouse.login_throttles)
 RETURNS gatehouse.login_throttles
 LANGUAGE c
 STABLE STRICT
AS 'MODULE_PATHNAME', 'gatehouse_accounts_current_count';
COMMENT ON FUNCTION gatehouse.current_count(gatehouse.login_throttles) IS 'internal: the count as shared memory has it, else as it is stored';
REVOKE ALL ON FUNCTION gatehouse.current_count(gatehouse.login_throttles) FROM PUBLIC;
GRANT EXECUTE ON FUNCTION gatehouse.current_count(gatehouse.login_throttles) TO gatehouse_owner;

CREATE FUNCTION gatehouse.reset_count(stored gatehouse.login_throttles)
 RETURNS boolean
 LANGUAGE c
 STRICT
AS 'MODULE_PATHNAME', 'gatehouse_accounts_reset_count';
COMMENT ON FUNCTION gatehouse.reset_count(gatehouse.login_throttles) IS 'internal: ends the row of failures in shared memory, at once; false where there is none';
REVOKE ALL ON FUNCTION gatehouse.reset_count(gatehouse.login_throttles) FROM PUBLIC;
GRANT EXECUTE ON FUNCTION gatehouse.reset_count(gatehouse.login_throttles) TO gatehouse_owner;

CREATE FUNCTION gatehouse.take_failure_counts(at_most integer)
 RETURNS SETOF gatehouse.login_throttles
 LANGUAGE c
 STRICT ROWS 100
AS 'MODULE_PATHNAME', 'gatehouse_accounts_take_failure_counts';
COMMENT ON FUNCTION gatehouse.take_failure_counts(integer) IS 'internal: counts of this database that differ from what is stored; they count as stored when the transaction commits';
REVOKE ALL ON FUNCTION gatehouse.take_failure_counts(integer) FROM PUBLIC;
GRANT EXECUTE ON FUNCTION gatehouse.take_failure_counts(integer) TO gatehouse_owner;

CREATE FUNCTION gatehouse.address_network(ip inet)
 RETURNS cidr
 LANGUAGE sql
 IMMUTABLE PARALLEL SAFE
RETURN CASE WHEN (ip <<= '::ffff:0.0.0.0/96'::inet) THEN (('0.0.0.0'::inet + (set_masklen(ip, 128) - '::ffff:0.0.0.0'::inet)))::cidr ELSE (set_masklen(ip, CASE family(ip) WHEN 4 THEN 32 ELSE 64 END))::cidr END;
ALTER FUNCTION gatehouse.address_network(inet) OWNER TO gatehouse_owner;
COMMENT ON FUNCTION gatehouse.address_network(inet) IS 'internal: what counts as one address: an IPv4 address, also in IPv6 form, or the /64 of an IPv6 address';
REVOKE ALL ON FUNCTION gatehouse.address_network(inet) FROM PUBLIC;

CREATE FUNCTION gatehouse.stored_count(subject bytea)
 RETURNS gatehouse.login_throttles
 LANGUAGE plpgsql
 STABLE PARALLEL SAFE STRICT
 SET search_path TO 'pg_catalog', 'pg_temp'
AS $function$
DECLARE
  stored gatehouse.login_throttles;
BEGIN
  SELECT t.* INTO stored FROM gatehouse.login_throttles t WHERE t.subject = stored_count.subject;
  IF NOT FOUND THEN
    RETURN ROW(stored_count.subject, 0, timestamptz 'epoch', NULL::timestamptz)::gatehouse.login_throttles;
  END IF;
  RETURN stored;
END
$function$;
ALTER FUNCTION gatehouse.stored_count(bytea) OWNER TO gatehouse_owner;
COMMENT ON FUNCTION gatehouse.stored_count(bytea) IS 'internal: what is stored of a count, 0 where nothing is';
REVOKE ALL ON FUNCTION gatehouse.stored_count(bytea) FROM PUBLIC;

CREATE FUNCTION gatehouse.count_failure_in_table(subject bytea, of_address boolean)
 RETURNS boolean
 LANGUAGE plpgsql
 SET search_path TO 'pg_catalog', 'pg_temp'
AS $function$
DECLARE
  counted gatehouse.login_throttles;
BEGIN
  INSERT INTO gatehouse.login_throttles (subject, failures, counted_at)
  VALUES (count_failure_in_table.subject, 0, clock_timestamp())
      ON CONFLICT ON CONSTRAINT login_throttles_pkey DO NOTHING;
  SELECT t.* INTO counted FROM gatehouse.login_throttles t WHERE t.subject = count_failure_in_table.subject FOR UPDATE;
  counted := gatehouse.count_failure(counted, of_address);
  UPDATE gatehouse.login_throttles t
     SET failures = counted.failures, counted_at = counted.counted_at, locked_until = counted.locked_until
   WHERE t.subject = count_failure_in_table.subject;
  RETURN counted.locked_until IS NOT NULL;
END
$function$;
ALTER FUNCTION gatehouse.count_failure_in_table(bytea,boolean) OWNER TO gatehouse_owner;
COMMENT ON FUNCTION gatehouse.count_failure_in_table(bytea,boolean) IS 'internal: counts where there is no shared memory, and gives whether that locks; a ROLLBACK undoes it';
REVOKE ALL ON FUNCTION gatehouse.count_failure_in_table(bytea,boolean) FROM PUBLIC;

CREATE FUNCTION gatehouse.store_failure_counts()
 RETURNS bigint
 LANGUAGE plpgsql
 SET search_path TO 'pg_catalog', 'pg_temp'
AS $function$
DECLARE
  stored bigint;
BEGIN
  WITH taken AS MATERIALIZED (
    SELECT t.* FROM gatehouse.take_failure_counts(1000) t ORDER BY t.subject
  ), ended AS (
    DELETE FROM gatehouse.login_throttles t
     USING taken n WHERE t.subject = n.subject AND n.failures = 0 AND t.counted_at <= n.counted_at
  ), written AS (
    INSERT INTO gatehouse.login_throttles AS t (subject, failures, counted_at, locked_until)
    SELECT n.subject, n.failures, n.counted_at, n.locked_until FROM taken n WHERE n.failures > 0
        ON CONFLICT ON CONSTRAINT login_throttles_pkey DO UPDATE
       SET failures = excluded.failures, counted_at = excluded.counted_at, locked_until = excluded.locked_until
     WHERE t.counted_at <= excluded.counted_at
  )
  SELECT count(*) INTO stored FROM taken;
  RETURN stored;
END
$function$;
ALTER FUNCTION gatehouse.store_failure_counts() OWNER TO gatehouse_owner;
COMMENT ON FUNCTION gatehouse.store_failure_counts() IS 'internal: writes to the table what shared memory has counted, at most 1000 counts, and gives their number';
REVOKE ALL ON FUNCTION gatehouse.store_failure_counts() FROM PUBLIC;

CREATE FUNCTION gatehouse.forget_failure_counts()
 RETURNS bigint
 LANGUAGE plpgsql
 SET search_path TO 'pg_catalog', 'pg_temp'
AS $function$
DECLARE
  forgotten bigint;
BEGIN
  DELETE FROM gatehouse.login_throttles t
   WHERE t.ctid = ANY (ARRAY(
           SELECT o.ctid FROM gatehouse.login_throttles o
            WHERE o.counted_at < clock_timestamp() - interval '1 day'
              AND coalesce(o.locked_until < clock_timestamp(), true)
            LIMIT 10000 FOR UPDATE SKIP LOCKED));
  GET DIAGNOSTICS forgotten = ROW_COUNT;
  RETURN forgotten;
END
$function$;
ALTER FUNCTION gatehouse.forget_failure_counts() OWNER TO gatehouse_owner;
COMMENT ON FUNCTION gatehouse.forget_failure_counts() IS 'internal: deletes stored counts of which a day has passed, at most 10000, and gives their number';
REVOKE ALL ON FUNCTION gatehouse.forget_failure_counts() FROM PUBLIC;

CREATE FUNCTION gatehouse.remember_address(user_id uuid, network cidr)
 RETURNS void
 LANGUAGE plpgsql
 SET search_path TO 'pg_catalog', 'pg_temp'
AS $function$
#variable_conflict use_column
BEGIN
  INSERT INTO gatehouse.known_addresses AS k (user_id, network, last_login_at)
  VALUES (remember_address.user_id, remember_address.network, clock_timestamp())
      ON CONFLICT ON CONSTRAINT known_addresses_pkey DO UPDATE SET last_login_at = excluded.last_login_at
   WHERE k.last_login_at < excluded.last_login_at - interval '1 day';
  DELETE FROM gatehouse.known_addresses k
   WHERE k.user_id = remember_address.user_id
     AND k.network IN (SELECT o.network FROM gatehouse.known_addresses o WHERE o.user_id = remember_address.user_id
                        ORDER BY o.last_login_at DESC, o.network OFFSET 20);
END
$function$;
ALTER FUNCTION gatehouse.remember_address(uuid,cidr) OWNER TO gatehouse_owner;
COMMENT ON FUNCTION gatehouse.remember_address(uuid,cidr) IS 'internal: notes from where an account was logged in to; the 20 used last are kept';
REVOKE ALL ON FUNCTION gatehouse.remember_address(uuid,cidr) FROM PUBLIC;

CREATE FUNCTION gatehouse.account_counts(user_id uuid, OUT network cidr, OUT stored gatehouse.login_throttles)
 RETURNS SETOF record
 LANGUAGE sql
 STABLE ROWS 5
 SET search_path TO 'pg_catalog', 'pg_temp'
AS $function$
  SELECT NULL, gatehouse.stored_count(gatehouse.throttle_subject('account', account_counts.user_id::text))
  UNION ALL
  SELECT k.network,
         gatehouse.stored_count(gatehouse.throttle_subject('known address', format('%s %s', k.user_id, k.network)))
    FROM gatehouse.known_addresses k
   WHERE k.user_id = account_counts.user_id
$function$;
ALTER FUNCTION gatehouse.account_counts(uuid) OWNER TO gatehouse_owner;
COMMENT ON FUNCTION gatehouse.account_counts(uuid) IS 'internal: the counts of an account; network is null of the strangers''';
REVOKE ALL ON FUNCTION gatehouse.account_counts(uuid) FROM PUBLIC;

CREATE FUNCTION gatehouse.lock_status(id uuid, OUT is_locked boolean, OUT failures integer, OUT last_failure_at timestamp with time zone, OUT locked_until timestamp with time zone, OUT retry_after interval, OUT locked_addresses cidr[])
 RETURNS SETOF record
 LANGUAGE plpgsql
 STABLE SECURITY DEFINER ROWS 1
 SET search_path TO 'pg_catalog', 'pg_temp'
AS $function$
#variable_conflict use_column
DECLARE
  counted record;
  judged_at CONSTANT timestamptz := clock_timestamp();
BEGIN
  IF lock_status.id IS NULL THEN
    RAISE EXCEPTION 'argument "id" must not be null' USING ERRCODE = '22023';
  END IF;
  PERFORM FROM gatehouse.users u WHERE u.id = lock_status.id;
  IF NOT FOUND THEN
    RETURN;
  END IF;
  locked_addresses := '{}';
  FOR counted IN
    SELECT a.network, (gatehouse.current_count(a.stored)).* FROM gatehouse.account_counts(lock_status.id) a
  LOOP
    IF counted.network IS NULL THEN
      failures := counted.failures;
      last_failure_at := CASE WHEN counted.failures > 0 THEN counted.counted_at END;
      is_locked := coalesce(counted.locked_until > judged_at, false);
      locked_until := CASE WHEN is_locked THEN counted.locked_until END;
      retry_after := CASE WHEN is_locked THEN counted.locked_until - judged_at END;
    ELSIF counted.locked_until > judged_at THEN
      locked_addresses := locked_addresses || counted.network;
    END IF;
  END LOOP;
  RETURN NEXT;
END
$function$;
ALTER FUNCTION gatehouse.lock_status(uuid) OWNER TO gatehouse_owner;
COMMENT ON FUNCTION gatehouse.lock_status(uuid) IS 'the failed logins of an account in a row and its lock: for whoever comes from an address from which nobody logged in to it before; locked_addresses are those of its known addresses that are locked, each by its own count. No row where no account has the id';
REVOKE ALL ON FUNCTION gatehouse.lock_status(uuid) FROM PUBLIC;
GRANT EXECUTE ON FUNCTION gatehouse.lock_status(uuid) TO gatehouse_admin;

CREATE FUNCTION gatehouse.unlock_user(id uuid)
 RETURNS boolean
 LANGUAGE plpgsql
 SECURITY DEFINER
 SET search_path TO 'pg_catalog', 'pg_temp'
AS $function$
#variable_conflict use_column
DECLARE
  counted record;
BEGIN
  IF unlock_user.id IS NULL THEN
    RAISE EXCEPTION 'argument "id" must not be null' USING ERRCODE = '22023';
  END IF;
  PERFORM FROM gatehouse.users u WHERE u.id = unlock_user.id;
  IF NOT FOUND THEN
    RETURN false;
  END IF;
  FOR counted IN SELECT a.stored, (a.stored).subject FROM gatehouse.account_counts(unlock_user.id) a ORDER BY 2 LOOP
    PERFORM gatehouse.reset_count(counted.stored);
    DELETE FROM gatehouse.login_throttles t WHERE t.subject = counted.subject;
  END LOOP;
  PERFORM gatehouse.record_security_event('security.account_unlocked', unlock_user.id, success => true,
            context => jsonb_build_object('role', gatehouse.calling_role()::regrole::text));
  RETURN true;
END
$function$;
ALTER FUNCTION gatehouse.unlock_user(uuid) OWNER TO gatehouse_owner;
COMMENT ON FUNCTION gatehouse.unlock_user(uuid) IS 'ends the lock of an account and its row of failures, from everywhere; with shared memory at once, and a ROLLBACK doesn''t undo it. False where no account has the id';
REVOKE ALL ON FUNCTION gatehouse.unlock_user(uuid) FROM PUBLIC;
GRANT EXECUTE ON FUNCTION gatehouse.unlock_user(uuid) TO gatehouse_admin;

CREATE OR REPLACE FUNCTION gatehouse.create_user(email text, username text, password text DEFAULT NULL::text, is_superuser boolean DEFAULT false, profile jsonb DEFAULT '{}'::jsonb)
 RETURNS gatehouse.user_info
 LANGUAGE plpgsql
 SECURITY DEFINER
 SET search_path TO 'pg_catalog', 'pg_temp'
AS $function$
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
$function$;

CREATE FUNCTION gatehouse.record_failed_login(attempt gatehouse.login_attempt, user_id uuid, typed text, ip inet, user_agent text, account_subject bytea, address_subject bytea)
 RETURNS void
 LANGUAGE plpgsql
 SET search_path TO 'pg_catalog', 'pg_temp'
AS $function$
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
$function$;
ALTER FUNCTION gatehouse.record_failed_login(gatehouse.login_attempt,uuid,text,inet,text,bytea,bytea) OWNER TO gatehouse_owner;
COMMENT ON FUNCTION gatehouse.record_failed_login(gatehouse.login_attempt,uuid,text,inet,text,bytea,bytea) IS 'internal: counts and reports a failed login where shared memory has not, else writes what was reported where no worker does';
REVOKE ALL ON FUNCTION gatehouse.record_failed_login(gatehouse.login_attempt,uuid,text,inet,text,bytea,bytea) FROM PUBLIC;

CREATE OR REPLACE FUNCTION gatehouse.authenticate_user(login text, password text, ip inet DEFAULT NULL::inet, user_agent text DEFAULT NULL::text, OUT status text, OUT user_id uuid, OUT email text, OUT username text, OUT is_superuser boolean, OUT is_verified boolean, OUT retry_after interval)
 RETURNS record
 LANGUAGE plpgsql
 SECURITY DEFINER
 SET search_path TO 'pg_catalog', 'pg_temp'
AS $function$
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
$function$;
COMMENT ON FUNCTION gatehouse.authenticate_user(text,text,inet,text) IS 'verifies the password of an e-mail address or username. status: ok, invalid_credentials, locked, unverified, busy; a client treats one that it doesn''t know as a refusal. The account is told for ok and unverified only, retry_after for locked and busy. An unknown login, a deleted, stopped or passwordless account cost the time of a wrong password, give the same answer and are locked alike. Failures count by account and by address, with shared memory even if the caller rolls back. A success replaces an outdated hash';

CREATE OR REPLACE FUNCTION gatehouse.checked_scopes(scopes text[])
 RETURNS text[]
 LANGUAGE plpgsql
 STABLE
 SET search_path TO 'pg_catalog', 'pg_temp'
AS $function$
DECLARE
  scope text COLLATE "C";
  held CONSTANT text[] := ARRAY(SELECT DISTINCT s COLLATE "C" FROM unnest(checked_scopes.scopes) s ORDER BY 1);
BEGIN
  IF scopes IS NULL OR EXISTS (SELECT FROM unnest(held) s WHERE s IS NULL) THEN
    RAISE EXCEPTION 'scopes must not be null' USING ERRCODE = '22023';
  END IF;
  IF cardinality(held) > 100 THEN
    RAISE EXCEPTION 'an API key must have at most 100 scopes' USING ERRCODE = '22023';
  END IF;
  FOREACH scope IN ARRAY held LOOP
    -- What isn't even a scope may be a key that was put in the wrong place: it isn't repeated.
    IF NOT gatehouse.scope_valid(scope) THEN
      RAISE EXCEPTION 'malformed scope' USING ERRCODE = '22023', HINT = 'A scope is resource, action:resource or action:*.';
    END IF;
    IF NOT EXISTS (SELECT FROM gatehouse.scopes s
                    WHERE s.name = scope
                       OR (right(scope, 2) = ':*' AND starts_with(s.name, left(scope, -1)))) THEN
      RAISE EXCEPTION 'scope "%" is not registered', scope
        USING ERRCODE = '22023', HINT = 'An administrator registers it with gatehouse.register_scope().';
    END IF;
  END LOOP;
  RETURN held;
END
$function$;

CREATE OR REPLACE FUNCTION gatehouse.match_api_key(api_key text, required_scopes text[], ip inet)
 RETURNS gatehouse.api_key_match
 LANGUAGE c
 STABLE PARALLEL SAFE
AS 'MODULE_PATHNAME', 'gatehouse_api_keys_match_reporting';

CREATE OR REPLACE FUNCTION gatehouse.rotate_session(token text, from_ip inet, agent text, OUT status text, OUT session_id uuid, OUT user_id uuid, OUT successor text, OUT expires_at timestamp with time zone)
 RETURNS record
 LANGUAGE plpgsql
 SET search_path TO 'pg_catalog', 'pg_temp'
AS $function$
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
$function$;

CREATE FUNCTION gatehouse.write_event(event_type text, user_id uuid, ip inet, user_agent text, success boolean, context jsonb, session_id uuid, api_key_id uuid DEFAULT NULL::uuid, occurred_at timestamp with time zone DEFAULT clock_timestamp())
 RETURNS bigint
 LANGUAGE plpgsql
 SET search_path TO 'pg_catalog', 'pg_temp'
AS $function$
DECLARE
  agent text := left(user_agent, 512);
  salt bytea;
  event_id bigint;
BEGIN
  IF ip IS NOT NULL OR agent IS NOT NULL OR context IS NOT NULL THEN
    salt := gatehouse.generate_salt();
  END IF;
  INSERT INTO gatehouse.events AS e (occurred_at, origin, user_id, session_id, api_key_id, success, event_type, commitment)
  VALUES (write_event.occurred_at, gatehouse.cluster_identifier(), write_event.user_id, write_event.session_id,
          write_event.api_key_id, write_event.success, write_event.event_type,
          gatehouse.event_commitment(salt, ip, agent, context))
  RETURNING e.id INTO event_id;
  IF salt IS NOT NULL THEN
    INSERT INTO gatehouse.event_details (event_id, occurred_at, ip, user_agent, context, salt)
    VALUES (event_id, write_event.occurred_at, write_event.ip, agent, write_event.context, salt);
  END IF;
  RETURN event_id;
END
$function$;
ALTER FUNCTION gatehouse.write_event(text,uuid,inet,text,boolean,jsonb,uuid,uuid,timestamp with time zone) OWNER TO gatehouse_owner;
COMMENT ON FUNCTION gatehouse.write_event(text,uuid,inet,text,boolean,jsonb,uuid,uuid,timestamp with time zone) IS 'writes an event whose fields have been checked; for functions of gatehouse';
REVOKE ALL ON FUNCTION gatehouse.write_event(text,uuid,inet,text,boolean,jsonb,uuid,uuid,timestamp with time zone) FROM PUBLIC;

CREATE OR REPLACE FUNCTION gatehouse.create_audit_log(event_type text, user_id uuid DEFAULT NULL::uuid, ip inet DEFAULT NULL::inet, user_agent text DEFAULT NULL::text, success boolean DEFAULT true, context jsonb DEFAULT NULL::jsonb, session_id uuid DEFAULT NULL::uuid)
 RETURNS bigint
 LANGUAGE plpgsql
 SECURITY DEFINER
 SET search_path TO 'pg_catalog', 'pg_temp'
AS $function$
BEGIN
  IF event_type IS NULL THEN
    RAISE EXCEPTION 'argument "event_type" must not be null' USING ERRCODE = '22023';
  END IF;
  IF success IS NULL THEN
    RAISE EXCEPTION 'argument "success" must not be null' USING ERRCODE = '22023';
  END IF;
  IF length(event_type) > 100 THEN
    RAISE EXCEPTION 'event type must have at most 100 characters' USING ERRCODE = '22023';
  END IF;
  IF event_type COLLATE "C" !~ '^[a-z][a-z0-9_]*([.][a-z0-9_]+)*$' THEN
    RAISE EXCEPTION 'malformed event type'
      USING ERRCODE = '22023',
            HINT = 'An event type is words of a-z, 0-9 and _, joined by dots, and begins with a letter.';
  END IF;
  IF split_part(event_type COLLATE "C", '.', 1) IN ('audit', 'security') AND strpos(event_type COLLATE "C", '.') > 0 THEN
    RAISE EXCEPTION 'event types that begin with "%." are written by gatehouse alone', split_part(event_type, '.', 1)
      USING ERRCODE = '22023';
  END IF;
  IF octet_length(context::text) > 65536 THEN
    RAISE EXCEPTION 'context must have at most 65536 bytes' USING ERRCODE = '22023';
  END IF;
  IF user_id IS NOT NULL AND NOT EXISTS (SELECT FROM gatehouse.users u WHERE u.id = create_audit_log.user_id) THEN
    RAISE EXCEPTION 'no account has this id' USING ERRCODE = '22023';
  END IF;
  RETURN gatehouse.write_event(event_type, user_id, ip, user_agent, success, context, session_id);
END
$function$;

CREATE TYPE gatehouse.queued_event AS (
  occurred_at timestamp with time zone,
  event_type text,
  user_id uuid,
  session_id uuid,
  api_key_id uuid,
  success boolean,
  ip inet,
  user_agent text,
  context text
);
COMMENT ON TYPE gatehouse.queued_event IS 'a security event on its way to the log';
REVOKE ALL ON TYPE gatehouse.queued_event FROM PUBLIC;
GRANT USAGE ON TYPE gatehouse.queued_event TO gatehouse_owner;

CREATE FUNCTION gatehouse.report_event(event_type text, user_id uuid, session_id uuid, api_key_id uuid, success boolean, ip inet, user_agent text, context text)
 RETURNS boolean
 LANGUAGE c
AS 'MODULE_PATHNAME', 'gatehouse_audit_report_event';
COMMENT ON FUNCTION gatehouse.report_event(text,uuid,uuid,uuid,boolean,inet,text,text) IS 'internal: puts an event into the queue, where no ROLLBACK reaches it; where the queue is full it is lost and counted. False where there is no queue';
REVOKE ALL ON FUNCTION gatehouse.report_event(text,uuid,uuid,uuid,boolean,inet,text,text) FROM PUBLIC;
GRANT EXECUTE ON FUNCTION gatehouse.report_event(text,uuid,uuid,uuid,boolean,inet,text,text) TO gatehouse_owner;

CREATE FUNCTION gatehouse.take_events(at_most integer)
 RETURNS SETOF gatehouse.queued_event
 LANGUAGE c
 STRICT ROWS 100
AS 'MODULE_PATHNAME', 'gatehouse_audit_take_events';
COMMENT ON FUNCTION gatehouse.take_events(integer) IS 'internal: the oldest events of this database in the queue, at most 256; they leave it when the transaction commits';
REVOKE ALL ON FUNCTION gatehouse.take_events(integer) FROM PUBLIC;
GRANT EXECUTE ON FUNCTION gatehouse.take_events(integer) TO gatehouse_owner;

CREATE FUNCTION gatehouse.take_lost_events()
 RETURNS bigint
 LANGUAGE c
AS 'MODULE_PATHNAME', 'gatehouse_audit_take_lost';
COMMENT ON FUNCTION gatehouse.take_lost_events() IS 'internal: how many events of any database found no room and are not yet reported';
REVOKE ALL ON FUNCTION gatehouse.take_lost_events() FROM PUBLIC;
GRANT EXECUTE ON FUNCTION gatehouse.take_lost_events() TO gatehouse_owner;

CREATE FUNCTION gatehouse.worker_serves_database()
 RETURNS boolean
 LANGUAGE c
AS 'MODULE_PATHNAME', 'gatehouse_operation_worker_serves_database';
COMMENT ON FUNCTION gatehouse.worker_serves_database() IS 'internal: whether the background worker writes the events of this database';
REVOKE ALL ON FUNCTION gatehouse.worker_serves_database() FROM PUBLIC;
GRANT EXECUTE ON FUNCTION gatehouse.worker_serves_database() TO gatehouse_owner;

CREATE FUNCTION gatehouse.write_security_events()
 RETURNS bigint
 LANGUAGE plpgsql
 SET search_path TO 'pg_catalog', 'pg_temp'
AS $function$
DECLARE
  queued gatehouse.queued_event;
  written bigint := bigint '0';
  lost bigint;
BEGIN
  FOR queued IN SELECT q.* FROM gatehouse.take_events(256) q LOOP
    PERFORM gatehouse.write_event(queued.event_type, queued.user_id, queued.ip, queued.user_agent, queued.success,
                                  queued.context::jsonb, queued.session_id, queued.api_key_id, queued.occurred_at);
    written := written + 1;
  END LOOP;
  lost := gatehouse.take_lost_events();
  IF lost > 0 THEN
    PERFORM gatehouse.write_event('security.events_lost', NULL, NULL, NULL, false, jsonb_build_object('events', lost), NULL);
    written := written + 1;
  END IF;
  RETURN written;
END
$function$;
ALTER FUNCTION gatehouse.write_security_events() OWNER TO gatehouse_owner;
COMMENT ON FUNCTION gatehouse.write_security_events() IS 'internal: writes to the log what waits in the queue, at most 256 events, and gives their number';
REVOKE ALL ON FUNCTION gatehouse.write_security_events() FROM PUBLIC;

CREATE FUNCTION gatehouse.record_security_event(event_type text, user_id uuid, ip inet DEFAULT NULL::inet, user_agent text DEFAULT NULL::text, success boolean DEFAULT false, context jsonb DEFAULT NULL::jsonb, session_id uuid DEFAULT NULL::uuid)
 RETURNS void
 LANGUAGE plpgsql
 SET search_path TO 'pg_catalog', 'pg_temp'
AS $function$
BEGIN
  IF NOT gatehouse.report_event(event_type, user_id, session_id, NULL, success, ip, user_agent, context::text) THEN
    PERFORM gatehouse.write_event(event_type, user_id, ip, user_agent, success, context, session_id);
  ELSIF NOT gatehouse.worker_serves_database() THEN
    PERFORM gatehouse.write_security_events();
  END IF;
END
$function$;
ALTER FUNCTION gatehouse.record_security_event(text,uuid,inet,text,boolean,jsonb,uuid) OWNER TO gatehouse_owner;
COMMENT ON FUNCTION gatehouse.record_security_event(text,uuid,inet,text,boolean,jsonb,uuid) IS 'internal: reports an event so that the caller''s ROLLBACK doesn''t undo it';
REVOKE ALL ON FUNCTION gatehouse.record_security_event(text,uuid,inet,text,boolean,jsonb,uuid) FROM PUBLIC;

CREATE FUNCTION gatehouse.run_maintenance(OUT task text, OUT affected bigint)
 RETURNS SETOF record
 LANGUAGE plpgsql
 SECURITY DEFINER ROWS 3
 SET search_path TO 'pg_catalog', 'pg_temp'
AS $function$
BEGIN
  IF current_setting('transaction_read_only')::boolean THEN
    RAISE EXCEPTION 'cannot run maintenance within a read-only transaction' USING ERRCODE = '25006';
  END IF;
  task := 'events_written';
  affected := gatehouse.write_security_events();
  RETURN NEXT;
  task := 'failure_counts_stored';
  affected := gatehouse.store_failure_counts();
  RETURN NEXT;
  task := 'failure_counts_forgotten';
  affected := gatehouse.forget_failure_counts();
  RETURN NEXT;
END
$function$;
ALTER FUNCTION gatehouse.run_maintenance() OWNER TO gatehouse_owner;
COMMENT ON FUNCTION gatehouse.run_maintenance() IS 'does all periodic work of this database once, as the background worker does it, and gives what it came to: security events written to the log, counts of failed logins stored, and forgotten';
REVOKE ALL ON FUNCTION gatehouse.run_maintenance() FROM PUBLIC;
GRANT EXECUTE ON FUNCTION gatehouse.run_maintenance() TO gatehouse_admin;

CREATE FUNCTION gatehouse.server_state(OUT memory text, OUT hashing bigint, OUT hashes_waiting bigint, OUT hashes_turned_away bigint, OUT throttle_capacity bigint, OUT counts_lost bigint, OUT queue_capacity bigint, OUT events_waiting bigint, OUT events_lost bigint, OUT worker_serves boolean, OUT worker_served_at timestamp with time zone, OUT key_ring_failure text, OUT key_ids integer[])
 RETURNS record
 LANGUAGE c
 STABLE
AS 'MODULE_PATHNAME', 'gatehouse_operation_server_state';
COMMENT ON FUNCTION gatehouse.server_state() IS 'internal: what shared memory, the worker and the key ring are doing; counts of what was lost or turned away are since the server started';
REVOKE ALL ON FUNCTION gatehouse.server_state() FROM PUBLIC;
GRANT EXECUTE ON FUNCTION gatehouse.server_state() TO gatehouse_owner;

CREATE FUNCTION gatehouse.key_ids_in_use()
 RETURNS integer[]
 LANGUAGE sql
 STABLE
 SET search_path TO 'pg_catalog', 'pg_temp'
AS $function$
  SELECT array_agg(DISTINCT v.id::integer ORDER BY v.id::integer)
    FROM pg_stats s, LATERAL unnest(s.most_common_vals::text::text[] || s.histogram_bounds::text::text[]) AS v (id)
   WHERE s.schemaname = 'gatehouse' AND s.tablename IN ('api_keys', 'sessions') AND s.attname = 'ring_key_id'
     AND v.id <> '0'
$function$;
ALTER FUNCTION gatehouse.key_ids_in_use() OWNER TO gatehouse_owner;
COMMENT ON FUNCTION gatehouse.key_ids_in_use() IS 'internal: the ids of the keys of the key ring under which rows were made, as ANALYZE saw them';
REVOKE ALL ON FUNCTION gatehouse.key_ids_in_use() FROM PUBLIC;

CREATE FUNCTION gatehouse.health_checks(OUT check_name text, OUT status text, OUT reason text)
 RETURNS SETOF record
 LANGUAGE plpgsql
 STABLE
 SET search_path TO 'pg_catalog', 'pg_temp'
AS $function$
DECLARE
  state record;
  missing_keys integer[];
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
    ELSE 'the library is not preloaded: hashes are not limited, a ROLLBACK undoes counts of failures and security events, the '
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
    reason := format('API keys or sessions were made under keys that the ring lacks, and are refused: %s',
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
END
$function$;
ALTER FUNCTION gatehouse.health_checks() OWNER TO gatehouse_owner;
COMMENT ON FUNCTION gatehouse.health_checks() IS 'internal: the checks of health_check';
REVOKE ALL ON FUNCTION gatehouse.health_checks() FROM PUBLIC;

CREATE FUNCTION gatehouse.health_check()
 RETURNS jsonb
 LANGUAGE plpgsql
 STABLE SECURITY DEFINER
 SET search_path TO 'pg_catalog', 'pg_temp'
AS $function$
DECLARE
  checks jsonb;
  worst text;
BEGIN
  BEGIN
    SELECT jsonb_object_agg(h.check_name, jsonb_build_object('status', h.status, 'reason', h.reason)),
           CASE WHEN bool_or(h.status = 'unhealthy') THEN 'unhealthy' WHEN bool_or(h.status = 'degraded') THEN 'degraded'
                ELSE 'healthy' END
      INTO checks, worst
      FROM gatehouse.health_checks() h;
  EXCEPTION WHEN OTHERS THEN
    worst := 'unhealthy';
    checks := jsonb_build_object('health_check', jsonb_build_object('status', 'unhealthy', 'reason', SQLERRM));
  END;
  RETURN jsonb_build_object(
    'status', worst,
    'checks', checks,
    'user_count', (SELECT greatest(c.reltuples, 0)::bigint FROM pg_class c WHERE c.oid = to_regclass('gatehouse.users')),
    'connection', jsonb_build_object('database', current_database(), 'in_recovery', pg_is_in_recovery(),
                                     'server_version', current_setting('server_version')));
END
$function$;
ALTER FUNCTION gatehouse.health_check() OWNER TO gatehouse_owner;
COMMENT ON FUNCTION gatehouse.health_check() IS 'the state of gatehouse in this database: status (healthy, degraded, unhealthy), checks (each with status and reason), user_count (an estimate), connection; never raises, reads no table, works on a standby';
REVOKE ALL ON FUNCTION gatehouse.health_check() FROM PUBLIC;
GRANT EXECUTE ON FUNCTION gatehouse.health_check() TO gatehouse_app, gatehouse_auditor;

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
