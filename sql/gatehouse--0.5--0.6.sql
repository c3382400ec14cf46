-- gatehouse: from 0.5 to 0.6.
\echo Use "ALTER EXTENSION gatehouse UPDATE TO '0.6'" to load this file. \quit
DO $$
BEGIN
  IF string_to_array(gatehouse.library_version(), '.')::integer[] < '{0,6}' THEN
    RAISE EXCEPTION 'the library of gatehouse that is loaded, %, is older than 0.6', gatehouse.library_version()
      USING ERRCODE = '55000',
            HINT = 'Install the new release, and restart the server where it preloads the library, else connect anew.';
  END IF;
END
$$;
-- Partitions of audited tables get new triggers. Whoever writes into them now has ended before this script holds the log.
DO $$
DECLARE
  partition regclass;
BEGIN
  FOR partition IN SELECT t.tgrelid FROM pg_catalog.pg_trigger t JOIN pg_catalog.pg_class c ON c.oid = t.tgrelid
                    WHERE t.tgfoid = 'gatehouse.log_truncate()'::regprocedure AND c.relispartition ORDER BY t.tgrelid LOOP
    EXECUTE format('LOCK TABLE ONLY %s IN SHARE ROW EXCLUSIVE MODE', partition);
  END LOOP;
END
$$;
DROP INDEX gatehouse.row_change_log_default_id;

CREATE OR REPLACE FUNCTION gatehouse.version()
 RETURNS text
 LANGUAGE sql
 IMMUTABLE PARALLEL SAFE
RETURN '0.6'::text;

CREATE OR REPLACE FUNCTION gatehouse.load_blocked_passwords(passwords text[])
 RETURNS bigint
 LANGUAGE plpgsql
 SECURITY DEFINER
 SET search_path TO 'pg_catalog', 'pg_temp'
AS $function$
DECLARE
  added bigint;
BEGIN
  PERFORM gatehouse.library_version();
  IF passwords IS NULL THEN
    RAISE EXCEPTION 'argument "passwords" must not be null' USING ERRCODE = '22023';
  END IF;
  IF cardinality(passwords) > 100000 THEN
    RAISE EXCEPTION 'argument "passwords" must have at most 100000 elements' USING ERRCODE = '22023';
  END IF;
  IF EXISTS (SELECT FROM unnest(passwords) AS p (password) WHERE p.password IS NULL) THEN
    RAISE EXCEPTION 'argument "passwords" must not contain null' USING ERRCODE = '22023';
  END IF;
  LOCK TABLE gatehouse.blocked_passwords IN SHARE ROW EXCLUSIVE MODE;
  WITH given AS MATERIALIZED (
    SELECT gatehouse.blocked_password_digest(p.password) AS digest FROM unnest(passwords) AS p (password)
  )
  INSERT INTO gatehouse.blocked_passwords (password_digest)
  SELECT g.digest FROM given g WHERE g.digest IS NOT NULL
      ON CONFLICT ON CONSTRAINT blocked_passwords_pkey DO NOTHING;
  GET DIAGNOSTICS added = ROW_COUNT;
  IF added > 0 THEN
    PERFORM gatehouse.write_event('gatehouse.policy.passwords_blocked', NULL, NULL, NULL, true, jsonb_build_object('passwords', added),
                                  NULL);
  END IF;
  RETURN added;
END
$function$;

CREATE OR REPLACE FUNCTION gatehouse.load_blocked_email_domains(domains text[])
 RETURNS bigint
 LANGUAGE plpgsql
 SECURITY DEFINER
 SET search_path TO 'pg_catalog', 'pg_temp'
AS $function$
#variable_conflict use_column
DECLARE
  malformed bigint;
  added bigint;
BEGIN
  IF domains IS NULL THEN
    RAISE EXCEPTION 'argument "domains" must not be null' USING ERRCODE = '22023';
  END IF;
  IF cardinality(domains) > 100000 THEN
    RAISE EXCEPTION 'argument "domains" must have at most 100000 elements' USING ERRCODE = '22023';
  END IF;
  SELECT min(d.place) INTO malformed
    FROM unnest(domains) WITH ORDINALITY AS d (given, place), gatehouse.fold_email(d.given) AS folded
   WHERE (octet_length(folded) <= 253
          AND folded COLLATE pg_catalog."und-x-icu" ~ '^[[:alnum:]]([[:alnum:]-]*[[:alnum:]])?([.][[:alnum:]]([[:alnum:]-]*[[:alnum:]])?)*$')
         IS NOT TRUE;
  IF malformed IS NOT NULL THEN
    RAISE EXCEPTION 'element % of argument "domains" must have the form example.com', malformed USING ERRCODE = '22023';
  END IF;
  LOCK TABLE gatehouse.blocked_email_domains IN SHARE ROW EXCLUSIVE MODE;
  INSERT INTO gatehouse.blocked_email_domains (domain)
  SELECT gatehouse.fold_email(d.given) FROM unnest(domains) AS d (given)
      ON CONFLICT ON CONSTRAINT blocked_email_domains_pkey DO NOTHING;
  GET DIAGNOSTICS added = ROW_COUNT;
  IF added > 0 THEN
    PERFORM gatehouse.write_event('gatehouse.policy.email_domains_blocked', NULL, NULL, NULL, true, jsonb_build_object('domains', added),
                                  NULL);
  END IF;
  RETURN added;
END
$function$;

CREATE OR REPLACE FUNCTION gatehouse.create_user(email text, username text, password text DEFAULT NULL::text, is_superuser boolean DEFAULT false, profile jsonb DEFAULT '{}'::jsonb)
 RETURNS gatehouse.user_info
 LANGUAGE plpgsql
 SECURITY DEFINER
 SET search_path TO 'pg_catalog', 'pg_temp'
AS $function$
#variable_conflict use_column
DECLARE
  hash text;
  account gatehouse.users;
BEGIN
  -- From now on the library is loaded, and hides the statement of an error.
  PERFORM gatehouse.library_version();
  PERFORM gatehouse.checked_email(email), gatehouse.checked_username(username), gatehouse.checked_profile(profile);
  IF is_superuser IS NULL THEN
    RAISE EXCEPTION 'argument "is_superuser" must not be null' USING ERRCODE = '22023';
  END IF;
  IF is_superuser AND NOT gatehouse.caller_is_administrator() THEN
    RAISE EXCEPTION 'only an administrator can create a superuser' USING ERRCODE = '42501';
  END IF;
  IF password IS NOT NULL THEN
    PERFORM gatehouse.check_password_policy(password, email, username);
    hash := gatehouse.hash_password(password);
  END IF;
  account := gatehouse.insert_user(email, username, is_superuser, false, profile);
  IF hash IS NOT NULL THEN
    PERFORM gatehouse.store_password(account.id, hash, account.created_at);
  END IF;
  PERFORM gatehouse.write_event('gatehouse.account.created', account.id, NULL, NULL, true,
                                CASE WHEN is_superuser THEN jsonb '{"is_superuser": true}' END, NULL);
  RETURN gatehouse.describe_user(account);
END
$function$;

CREATE OR REPLACE FUNCTION gatehouse.bootstrap_superuser(email text, username text, password text)
 RETURNS gatehouse.user_info
 LANGUAGE plpgsql
 SECURITY DEFINER
 SET search_path TO 'pg_catalog', 'pg_temp'
AS $function$
#variable_conflict use_column
DECLARE
  hash text;
  account gatehouse.users;
BEGIN
  PERFORM gatehouse.library_version();
  IF password IS NULL THEN
    RAISE EXCEPTION 'argument "password" must not be null' USING ERRCODE = '22023';
  END IF;
  IF EXISTS (SELECT FROM gatehouse.superuser_bootstrap) OR EXISTS (SELECT FROM gatehouse.users u WHERE u.is_superuser) THEN
    RAISE EXCEPTION 'there is a superuser already' USING ERRCODE = '42501';
  END IF;
  PERFORM gatehouse.checked_email(email), gatehouse.checked_username(username);
  PERFORM gatehouse.check_password_policy(password, email, username);
  hash := gatehouse.hash_password(password);
  account := gatehouse.insert_user(email, username, true, true, '{}');
  PERFORM gatehouse.store_password(account.id, hash, account.created_at);
  BEGIN
    INSERT INTO gatehouse.superuser_bootstrap (is_done, user_id, done_at) VALUES (true, account.id, account.created_at);
  EXCEPTION WHEN unique_violation THEN
    RAISE EXCEPTION 'there is a superuser already' USING ERRCODE = '42501';
  END;
  PERFORM gatehouse.write_event('gatehouse.account.created', account.id, NULL, NULL, true, jsonb '{"is_superuser": true}', NULL);
  RETURN gatehouse.describe_user(account);
END
$function$;

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
$function$;

CREATE OR REPLACE FUNCTION gatehouse.create_oauth_user(email text, username text, provider text, subject text, oauth_email text DEFAULT NULL::text)
 RETURNS gatehouse.user_info
 LANGUAGE plpgsql
 SECURITY DEFINER
 SET search_path TO 'pg_catalog', 'pg_temp'
AS $function$
#variable_conflict use_column
DECLARE
  account gatehouse.users;
BEGIN
  PERFORM gatehouse.check_oauth_identity(provider, subject);
  account := gatehouse.insert_user(email, username, false, true, '{}');
  PERFORM gatehouse.store_oauth_identity(account.id, provider, subject,
                                         CASE WHEN oauth_email IS NOT NULL THEN gatehouse.checked_email(oauth_email) END);
  PERFORM gatehouse.write_event('gatehouse.account.created', account.id, NULL, NULL, true, jsonb_build_object('provider', provider),
                                NULL);
  RETURN gatehouse.describe_user(account);
END
$function$;

CREATE OR REPLACE FUNCTION gatehouse.link_oauth(id uuid, provider text, subject text, oauth_email text DEFAULT NULL::text)
 RETURNS gatehouse.user_info
 LANGUAGE plpgsql
 SECURITY DEFINER
 SET search_path TO 'pg_catalog', 'pg_temp'
AS $function$
#variable_conflict use_column
DECLARE
  account gatehouse.users;
  address CONSTANT text := CASE WHEN oauth_email IS NOT NULL THEN gatehouse.checked_email(oauth_email) END;
BEGIN
  IF link_oauth.id IS NULL THEN
    RAISE EXCEPTION 'argument "id" must not be null' USING ERRCODE = '22023';
  END IF;
  PERFORM gatehouse.check_acts_for(link_oauth.id);
  PERFORM gatehouse.check_oauth_identity(provider, subject);
  IF NOT gatehouse.lock_live_account_to_count(link_oauth.id) THEN
    RAISE EXCEPTION 'no live account has this id' USING ERRCODE = '22023';
  END IF;
  IF gatehouse.store_oauth_identity(link_oauth.id, provider, subject, address) THEN
    UPDATE gatehouse.users u SET updated_at = clock_timestamp() WHERE u.id = link_oauth.id;
    PERFORM gatehouse.write_event('gatehouse.account.oauth_linked', link_oauth.id, NULL, NULL, true,
                                  jsonb_build_object('provider', provider), NULL);
  END IF;
  SELECT u.* INTO account FROM gatehouse.users u WHERE u.id = link_oauth.id;
  RETURN gatehouse.describe_user(account);
END
$function$;

CREATE OR REPLACE FUNCTION gatehouse.unlink_oauth(id uuid, provider text, subject text DEFAULT NULL::text)
 RETURNS boolean
 LANGUAGE plpgsql
 SECURITY DEFINER
 SET search_path TO 'pg_catalog', 'pg_temp'
AS $function$
#variable_conflict use_column
DECLARE
  account gatehouse.users;
BEGIN
  IF unlink_oauth.id IS NULL OR unlink_oauth.provider IS NULL THEN
    RAISE EXCEPTION 'arguments "id" and "provider" must not be null' USING ERRCODE = '22023';
  END IF;
  PERFORM gatehouse.check_acts_for(unlink_oauth.id);
  account := gatehouse.lock_account(unlink_oauth.id);
  IF account.id IS NULL OR account.deleted_at IS NOT NULL THEN
    RETURN false;
  END IF;
  DELETE FROM gatehouse.oauth_identities o
   WHERE o.user_id = unlink_oauth.id AND o.provider = unlink_oauth.provider COLLATE pg_catalog."default"
     AND (unlink_oauth.subject IS NULL OR o.subject = unlink_oauth.subject COLLATE pg_catalog."default");
  IF NOT FOUND THEN
    RETURN false;
  END IF;
  IF NOT EXISTS (SELECT FROM gatehouse.oauth_identities o WHERE o.user_id = unlink_oauth.id)
     AND NOT EXISTS (SELECT FROM gatehouse.password_credentials c WHERE c.user_id = unlink_oauth.id) THEN
    RAISE EXCEPTION 'the last way to log in to an account cannot be taken away'
      USING ERRCODE = '22023', HINT = 'Set a password or link another identity first.';
  END IF;
  UPDATE gatehouse.users u SET updated_at = clock_timestamp() WHERE u.id = unlink_oauth.id;
  PERFORM gatehouse.write_event('gatehouse.account.oauth_unlinked', unlink_oauth.id, NULL, NULL, true,
                                jsonb_build_object('provider', unlink_oauth.provider), NULL);
  RETURN true;
END
$function$;

CREATE OR REPLACE FUNCTION gatehouse.change_password(id uuid, old_password text, new_password text, except_session uuid DEFAULT NULL::uuid, ip inet DEFAULT NULL::inet)
 RETURNS boolean
 LANGUAGE plpgsql
 SECURITY DEFINER
 SET search_path TO 'pg_catalog', 'pg_temp'
AS $function$
#variable_conflict use_column
DECLARE
  account gatehouse.users;
  old_hash text;
  new_hash text;
  proven_at timestamptz;
  account_subject bytea;
  address_subject bytea;
  attempt gatehouse.login_attempt;
BEGIN
  PERFORM gatehouse.library_version();
  IF change_password.id IS NULL THEN
    RAISE EXCEPTION 'argument "id" must not be null' USING ERRCODE = '22023';
  END IF;
  PERFORM gatehouse.check_acts_for(change_password.id);
  IF old_password IS NULL OR new_password IS NULL THEN
    RAISE EXCEPTION 'arguments "old_password" and "new_password" must not be null' USING ERRCODE = '22023';
  END IF;
  IF current_setting('transaction_read_only')::boolean THEN
    RAISE EXCEPTION 'cannot change a password within a read-only transaction' USING ERRCODE = '25006';
  END IF;
  SELECT u.* INTO account FROM gatehouse.users u WHERE u.id = change_password.id;
  PERFORM gatehouse.check_password_policy(new_password, account.email, account.username);

  SELECT c.password_hash, c.changed_at INTO old_hash, proven_at FROM gatehouse.password_credentials c
   WHERE c.user_id = change_password.id;
  IF (account.deleted_at IS NULL AND (account.is_active OR account.stopped_until <= clock_timestamp())) IS NOT TRUE THEN
    old_hash := NULL;
  END IF;
  SELECT s.account, s.address INTO account_subject, address_subject
    FROM gatehouse.login_subjects(change_password.id, NULL, gatehouse.address_network(ip)) s;
  attempt := gatehouse.attempt_login(old_password, old_hash, gatehouse.stored_count(account_subject),
                                     CASE WHEN address_subject IS NOT NULL THEN gatehouse.stored_count(address_subject) END,
                                     account.id, change_password.id::text, ip, NULL);
  IF attempt.verdict = 'busy' THEN
    PERFORM gatehouse.refuse_busy();
  ELSIF attempt.verdict <> 'match' THEN
    PERFORM gatehouse.record_failed_login(attempt, account.id, change_password.id::text, ip, NULL, account_subject,
                                          address_subject);
    RETURN false;
  END IF;
  new_hash := gatehouse.hash_password(new_password);

  -- The account must still be live, and its password the one that was proven.
  PERFORM FROM gatehouse.users u
    WHERE u.id = change_password.id AND (u.is_active OR u.stopped_until <= clock_timestamp()) AND u.deleted_at IS NULL
      FOR NO KEY UPDATE;
  IF NOT FOUND THEN
    RETURN false;
  END IF;
  PERFORM FROM gatehouse.password_credentials c WHERE c.user_id = change_password.id AND c.changed_at = proven_at;
  IF NOT FOUND THEN
    RETURN false;
  END IF;
  IF NOT attempt.counted THEN
    DELETE FROM gatehouse.login_throttles t WHERE t.subject = account_subject;
  END IF;
  PERFORM gatehouse.replace_password(change_password.id, new_hash, except_session);
  PERFORM gatehouse.write_event('gatehouse.account.password_changed', change_password.id, ip, NULL, true, NULL, NULL);
  RETURN true;
END
$function$;

CREATE OR REPLACE FUNCTION gatehouse.set_password(id uuid, new_password text)
 RETURNS boolean
 LANGUAGE plpgsql
 SECURITY DEFINER
 SET search_path TO 'pg_catalog', 'pg_temp'
AS $function$
#variable_conflict use_column
DECLARE
  account gatehouse.users;
  hash text;
BEGIN
  PERFORM gatehouse.library_version();
  IF set_password.id IS NULL THEN
    RAISE EXCEPTION 'argument "id" must not be null' USING ERRCODE = '22023';
  END IF;
  IF new_password IS NULL THEN
    RAISE EXCEPTION 'argument "new_password" must not be null' USING ERRCODE = '22023';
  END IF;
  SELECT u.* INTO account FROM gatehouse.users u WHERE u.id = set_password.id AND u.deleted_at IS NULL;
  PERFORM gatehouse.check_password_policy(new_password, account.email, account.username);
  IF account.id IS NULL THEN
    RETURN false;
  END IF;
  hash := gatehouse.hash_password(new_password);

  PERFORM FROM gatehouse.users u WHERE u.id = set_password.id AND u.deleted_at IS NULL FOR NO KEY UPDATE;
  IF NOT FOUND THEN
    RETURN false;
  END IF;
  PERFORM gatehouse.replace_password(set_password.id, hash);
  PERFORM gatehouse.write_event('gatehouse.account.password_set', set_password.id, NULL, NULL, true, NULL, NULL);
  PERFORM gatehouse.end_failure_counts(ARRAY(SELECT a.stored FROM gatehouse.account_counts(set_password.id) a));
  RETURN true;
END
$function$;

CREATE OR REPLACE FUNCTION gatehouse.set_active(id uuid, is_active boolean, reason text DEFAULT NULL::text, until timestamp with time zone DEFAULT NULL::timestamp with time zone)
 RETURNS boolean
 LANGUAGE plpgsql
 SECURITY DEFINER
 SET search_path TO 'pg_catalog', 'pg_temp'
AS $function$
#variable_conflict use_column
DECLARE
  account gatehouse.users;
  now_at timestamptz;
BEGIN
  IF set_active.id IS NULL OR set_active.is_active IS NULL THEN
    RAISE EXCEPTION 'arguments "id" and "is_active" must not be null' USING ERRCODE = '22023';
  END IF;
  IF set_active.is_active AND (reason IS NOT NULL OR until IS NOT NULL) THEN
    RAISE EXCEPTION 'only a stop has a reason and an end' USING ERRCODE = '22023';
  END IF;
  IF until <= clock_timestamp() THEN
    RAISE EXCEPTION 'end of a stop must be in the future' USING ERRCODE = '22023';
  END IF;
  PERFORM gatehouse.checked_reason(reason);

  IF NOT set_active.is_active THEN
    PERFORM gatehouse.wait_for_superusers(ARRAY[set_active.id]);
  END IF;
  account := gatehouse.lock_account(set_active.id);
  IF account.id IS NULL OR account.deleted_at IS NOT NULL THEN
    RETURN false;
  END IF;
  IF set_active.is_active AND account.is_active THEN
    RETURN true;
  END IF;
  IF NOT set_active.is_active THEN
    PERFORM gatehouse.guard_last_superuser(ARRAY[set_active.id]);
  END IF;
  now_at := clock_timestamp();
  UPDATE gatehouse.users u
     SET is_active = set_active.is_active, stop_reason = reason, stopped_until = until, updated_at = now_at
   WHERE u.id = set_active.id
  RETURNING u.* INTO account;
  IF NOT set_active.is_active THEN
    PERFORM gatehouse.end_access(ARRAY[set_active.id], 'account_stopped');
  END IF;
  PERFORM gatehouse.tell_api_keys(account);
  PERFORM gatehouse.write_event(CASE WHEN set_active.is_active THEN 'gatehouse.account.activated' ELSE 'gatehouse.account.stopped' END,
                                set_active.id, NULL, NULL, true,
                                CASE WHEN until IS NOT NULL THEN jsonb_build_object('until', until) END, NULL);
  RETURN true;
END
$function$;

CREATE OR REPLACE FUNCTION gatehouse.set_superuser(id uuid, is_superuser boolean)
 RETURNS boolean
 LANGUAGE plpgsql
 SECURITY DEFINER
 SET search_path TO 'pg_catalog', 'pg_temp'
AS $function$
#variable_conflict use_column
DECLARE
  account gatehouse.users;
BEGIN
  IF set_superuser.id IS NULL OR set_superuser.is_superuser IS NULL THEN
    RAISE EXCEPTION 'arguments "id" and "is_superuser" must not be null' USING ERRCODE = '22023';
  END IF;
  IF NOT set_superuser.is_superuser THEN
    PERFORM gatehouse.wait_for_superusers(ARRAY[set_superuser.id]);
  END IF;
  account := gatehouse.lock_account(set_superuser.id);
  IF account.id IS NULL OR account.deleted_at IS NOT NULL THEN
    RETURN false;
  END IF;
  IF NOT set_superuser.is_superuser THEN
    PERFORM gatehouse.guard_last_superuser(ARRAY[set_superuser.id]);
  END IF;
  UPDATE gatehouse.users u
     SET is_superuser = set_superuser.is_superuser, updated_at = clock_timestamp()
   WHERE u.id = set_superuser.id AND u.is_superuser <> set_superuser.is_superuser;
  IF FOUND THEN
    PERFORM gatehouse.write_event(CASE WHEN set_superuser.is_superuser THEN 'gatehouse.account.superuser_given'
                                       ELSE 'gatehouse.account.superuser_taken' END,
                                  set_superuser.id, NULL, NULL, true, NULL, NULL);
  END IF;
  RETURN true;
END
$function$;

CREATE OR REPLACE FUNCTION gatehouse.set_verified(id uuid, is_verified boolean)
 RETURNS boolean
 LANGUAGE plpgsql
 SECURITY DEFINER
 SET search_path TO 'pg_catalog', 'pg_temp'
AS $function$
#variable_conflict use_column
DECLARE
  account gatehouse.users;
BEGIN
  IF set_verified.id IS NULL OR set_verified.is_verified IS NULL THEN
    RAISE EXCEPTION 'arguments "id" and "is_verified" must not be null' USING ERRCODE = '22023';
  END IF;
  account := gatehouse.lock_account(set_verified.id);
  IF account.id IS NULL OR account.deleted_at IS NOT NULL THEN
    RETURN false;
  END IF;
  UPDATE gatehouse.users u
     SET is_verified = set_verified.is_verified, updated_at = clock_timestamp()
   WHERE u.id = set_verified.id AND u.is_verified <> set_verified.is_verified;
  IF FOUND THEN
    PERFORM gatehouse.write_event(CASE WHEN set_verified.is_verified THEN 'gatehouse.account.verified'
                                       ELSE 'gatehouse.account.unverified' END,
                                  set_verified.id, NULL, NULL, true, NULL, NULL);
  END IF;
  RETURN true;
END
$function$;

CREATE OR REPLACE FUNCTION gatehouse.soft_delete_user(id uuid, deleted_by uuid DEFAULT NULL::uuid, reason text DEFAULT NULL::text)
 RETURNS boolean
 LANGUAGE plpgsql
 SECURITY DEFINER
 SET search_path TO 'pg_catalog', 'pg_temp'
AS $function$
BEGIN
  IF soft_delete_user.id IS NULL THEN
    RAISE EXCEPTION 'argument "id" must not be null' USING ERRCODE = '22023';
  END IF;
  PERFORM gatehouse.check_acts_for(soft_delete_user.id);
  IF gatehouse.delete_accounts(ARRAY[soft_delete_user.id], deleted_by, reason) = 0 THEN
    RETURN false;
  END IF;
  PERFORM gatehouse.write_event('gatehouse.account.deleted', soft_delete_user.id, NULL, NULL, true,
                                CASE WHEN deleted_by IS NOT NULL THEN jsonb_build_object('deleted_by', deleted_by) END, NULL);
  RETURN true;
END
$function$;

CREATE OR REPLACE FUNCTION gatehouse.restore_user(id uuid)
 RETURNS boolean
 LANGUAGE plpgsql
 SECURITY DEFINER
 SET search_path TO 'pg_catalog', 'pg_temp'
AS $function$
#variable_conflict use_column
DECLARE
  account gatehouse.users;
  broken_constraint text;
BEGIN
  IF restore_user.id IS NULL THEN
    RAISE EXCEPTION 'argument "id" must not be null' USING ERRCODE = '22023';
  END IF;
  account := gatehouse.lock_account(restore_user.id);
  IF account.deleted_at IS NULL THEN
    RETURN false;
  END IF;
  UPDATE gatehouse.users u
     SET deleted_at = NULL, deleted_by = NULL, deletion_reason = NULL, deletion_scheduled_for = NULL,
         updated_at = clock_timestamp()
   WHERE u.id = restore_user.id
  RETURNING u.* INTO account;
  PERFORM gatehouse.tell_api_keys(account);
  UPDATE gatehouse.oauth_identities o SET owner_is_deleted = false WHERE o.user_id = restore_user.id;
  DELETE FROM gatehouse.deletion_reminders r WHERE r.user_id = restore_user.id;
  PERFORM gatehouse.write_event('gatehouse.account.restored', restore_user.id, NULL, NULL, true, NULL, NULL);
  RETURN true;
EXCEPTION WHEN unique_violation THEN
  GET STACKED DIAGNOSTICS broken_constraint = CONSTRAINT_NAME;
  PERFORM gatehouse.refuse_duplicate(broken_constraint);
  RETURN NULL;
END
$function$;

CREATE OR REPLACE FUNCTION gatehouse.update_user(id uuid, patch jsonb)
 RETURNS gatehouse.user_info
 LANGUAGE plpgsql
 SECURITY DEFINER
 SET search_path TO 'pg_catalog', 'pg_temp'
AS $function$
#variable_conflict use_column
DECLARE
  name text;
  added jsonb := jsonb '{}';
  account gatehouse.users;
  changed gatehouse.users;
  fields text[];
  broken_constraint text;
BEGIN
  IF update_user.id IS NULL THEN
    RAISE EXCEPTION 'argument "id" must not be null' USING ERRCODE = '22023';
  END IF;
  PERFORM gatehouse.check_acts_for(update_user.id);
  PERFORM gatehouse.check_patch(patch, ARRAY['profile', 'username']);
  IF patch ? 'username' THEN
    IF jsonb_typeof(patch->'username') <> 'string' THEN
      RAISE EXCEPTION 'username must be a JSON string' USING ERRCODE = '22023';
    END IF;
    name := gatehouse.checked_username(patch->>'username');
  END IF;
  IF patch ? 'profile' THEN
    added := gatehouse.checked_profile(patch->'profile');
  END IF;
  SELECT u.* INTO account FROM gatehouse.users u
   WHERE u.id = update_user.id AND u.deleted_at IS NULL
     FOR NO KEY UPDATE;
  IF NOT FOUND THEN
    RAISE EXCEPTION 'no account has this id' USING ERRCODE = '22023';
  END IF;
  IF lower(name COLLATE "C") <> account.username_normal THEN
    PERFORM gatehouse.check_username_not_reserved(name);
  END IF;
  UPDATE gatehouse.users u
     SET username = coalesce(name, u.username),
         username_normal = coalesce(lower(name COLLATE "C"), u.username_normal),
         profile = gatehouse.merged_profile(u.profile, added),
         updated_at = clock_timestamp()
   WHERE u.id = account.id
  RETURNING u.* INTO changed;
  fields := ARRAY(SELECT f.name
                    FROM (VALUES ('username', changed.username <> account.username COLLATE "C"),
                                 ('profile', changed.profile <> account.profile)) AS f (name, is_changed)
                   WHERE f.is_changed);
  IF fields <> '{}' THEN
    PERFORM gatehouse.write_event('gatehouse.account.updated', account.id, NULL, NULL, true, jsonb_build_object('fields', fields), NULL);
  END IF;
  RETURN gatehouse.describe_user(changed);
EXCEPTION WHEN unique_violation THEN
  GET STACKED DIAGNOSTICS broken_constraint = CONSTRAINT_NAME;
  PERFORM gatehouse.refuse_duplicate(broken_constraint);
  RETURN NULL;
END
$function$;

CREATE OR REPLACE FUNCTION gatehouse.create_users(users jsonb, all_or_nothing boolean DEFAULT false)
 RETURNS TABLE(index integer, id uuid, error text)
 LANGUAGE plpgsql
 SECURITY DEFINER
 SET search_path TO 'pg_catalog', 'pg_temp'
AS $function$
#variable_conflict use_column
DECLARE
  domains_are_blocked CONSTANT boolean := EXISTS (SELECT FROM gatehouse.blocked_email_domains);
  now_at timestamptz := clock_timestamp();
  ids uuid[];
  hashes text[];
  faults text[];
  has_passwords boolean;
  is_undone boolean := false;
  made bigint;
  superusers bigint;
  plain record;
BEGIN
  PERFORM gatehouse.library_version();
  IF all_or_nothing IS NULL THEN
    RAISE EXCEPTION 'argument "all_or_nothing" must not be null' USING ERRCODE = '22023';
  END IF;
  IF (CASE jsonb_typeof(users) WHEN 'array' THEN jsonb_array_length(users) BETWEEN 1 AND 10000 END) IS NOT TRUE THEN
    RAISE EXCEPTION 'users must be a JSON array of 1 to 10000 accounts' USING ERRCODE = '22023';
  END IF;

  SELECT array_agg(gatehouse.uuid_v7()), array_agg(n.hash), bool_or(n.password IS NOT NULL),
         array_agg(coalesce(
           n.form_fault,
           gatehouse.address_fault(n.email),
           CASE WHEN domains_are_blocked AND gatehouse.email_domain_blocked(n.email)
                THEN 'e-mail addresses of this domain are not accepted' END,
           gatehouse.username_fault(n.username),
           CASE WHEN n.profile <> 'null' THEN gatehouse.profile_fault(n.profile) END,
           CASE WHEN n.created_at IS NOT NULL
                     AND (gatehouse.moment_or_null(n.created_at) BETWEEN timestamptz 'epoch' AND now_at) IS NOT TRUE
                THEN 'created_at must be a moment from 1970 till now with its zone, as 2024-02-29T12:00:00Z' END,
           CASE WHEN n.hash IS NOT NULL THEN gatehouse.stored_hash_fault(n.hash) END,
           CASE WHEN n.password IS NOT NULL
                THEN coalesce(gatehouse.duplicate_fault(n.email, n.username),
                              gatehouse.password_policy_fault(n.password, n.email, n.username)) END))
    INTO ids, hashes, has_passwords, faults
    FROM (SELECT gatehouse.new_user_form_fault(e.element) AS form_fault,
                 gatehouse.trimmed_email(e.element->>'email') AS email,
                 e.element->>'username' AS username,
                 e.element->>'password' AS password,
                 e.element->>'hashed_password' AS hash,
                 e.element->'profile' AS profile,
                 e.element->>'created_at' AS created_at
            FROM jsonb_array_elements(users) AS e (element)
          OFFSET 0) n;

  -- Where nothing is going to be made, the rows are inserted only to find out which of them are in the way of others.
  IF has_passwords AND NOT (all_or_nothing AND array_to_string(faults, '') <> '') THEN
    FOR plain IN
      SELECT e.place, e.element->>'password' AS password
        FROM ROWS FROM (jsonb_array_elements(users), unnest(faults)) WITH ORDINALITY AS e (element, fault, place)
       WHERE e.fault IS NULL AND e.element->>'password' IS NOT NULL
    LOOP
      hashes[plain.place] := gatehouse.hash_password(plain.password);
    END LOOP;
  END IF;

  now_at := clock_timestamp();
  BEGIN
    -- ON CONFLICT looks into every unique index before it inserts, which makes an import half as dear again: it is for those that
    -- have a duplicate. The rows are taken in their order, so that the first of two alike wins.
    BEGIN
      INSERT INTO gatehouse.users SELECT a.* FROM gatehouse.accounts_of_import(users, ids, faults, now_at) a;
    EXCEPTION WHEN unique_violation THEN
      INSERT INTO gatehouse.users SELECT a.* FROM gatehouse.accounts_of_import(users, ids, faults, now_at) a
      ON CONFLICT DO NOTHING;
      faults := ARRAY(
        SELECT CASE
                 WHEN e.fault IS NOT NULL THEN e.fault
                 WHEN NOT EXISTS (SELECT FROM gatehouse.get_user_by_id(e.id))
                 THEN coalesce(gatehouse.duplicate_fault(e.element->>'email', e.element->>'username'), 'duplicate account')
               END
          FROM ROWS FROM (jsonb_array_elements(users), unnest(ids), unnest(faults))
                 WITH ORDINALITY AS e (element, id, fault, place)
         ORDER BY e.place);
    END;
    IF all_or_nothing AND array_to_string(faults, '') <> '' THEN
      RAISE EXCEPTION 'nothing is made' USING ERRCODE = 'GH001';
    END IF;
  EXCEPTION WHEN SQLSTATE 'GH001' THEN
    is_undone := true;
  END;
  IF NOT is_undone THEN
    INSERT INTO gatehouse.password_credentials (user_id, password_hash, changed_at)
    SELECT c.id, c.hash, now_at FROM unnest(ids, hashes, faults) AS c (id, hash, fault) WHERE c.fault IS NULL AND c.hash IS NOT NULL;
    made := (SELECT count(*) FROM unnest(faults) AS c (fault) WHERE c.fault IS NULL);
    IF made > 0 THEN
      IF users @? 'strict $[*] ? (@.is_superuser == true)' THEN
        superusers := (SELECT count(*) FROM ROWS FROM (jsonb_array_elements(users), unnest(faults)) AS e (element, fault)
                        WHERE e.fault IS NULL AND (e.element->'is_superuser')::text = 'true');
      END IF;
      PERFORM gatehouse.write_event('gatehouse.accounts.created', NULL, NULL, NULL, true,
                                    jsonb_strip_nulls(jsonb_build_object('accounts', made, 'superusers', nullif(superusers, 0))), NULL);
    END IF;
  END IF;

  RETURN QUERY
    SELECT (c.place - 1)::integer, CASE WHEN c.fault IS NULL AND NOT is_undone THEN c.id END, c.fault
      FROM unnest(ids, faults) WITH ORDINALITY AS c (id, fault, place)
     ORDER BY c.place;
END
$function$;

CREATE OR REPLACE FUNCTION gatehouse.update_users(ids uuid[], patch jsonb)
 RETURNS bigint
 LANGUAGE plpgsql
 SECURITY DEFINER
 SET search_path TO 'pg_catalog', 'pg_temp'
AS $function$
#variable_conflict use_column
DECLARE
  added jsonb;
  locked uuid[];
  changed bigint;
BEGIN
  PERFORM gatehouse.check_ids(ids);
  PERFORM gatehouse.check_patch(patch, ARRAY['profile']);
  added := gatehouse.checked_profile(coalesce(patch->'profile', '{}'));
  locked := gatehouse.lock_accounts(ids);
  UPDATE gatehouse.users u
     SET profile = gatehouse.merged_profile(u.profile, added), updated_at = clock_timestamp()
   WHERE u.id = ANY (locked);
  GET DIAGNOSTICS changed = ROW_COUNT;
  IF changed > 0 AND added <> '{}' THEN
    PERFORM gatehouse.write_event('gatehouse.accounts.updated', NULL, NULL, NULL, true,
                                  jsonb_build_object('accounts', changed, 'fields', ARRAY['profile']), NULL);
  END IF;
  RETURN changed;
END
$function$;

CREATE OR REPLACE FUNCTION gatehouse.verify_users(ids uuid[])
 RETURNS bigint
 LANGUAGE plpgsql
 SECURITY DEFINER
 SET search_path TO 'pg_catalog', 'pg_temp'
AS $function$
DECLARE
  locked uuid[];
  changed bigint;
BEGIN
  PERFORM gatehouse.check_ids(ids);
  locked := gatehouse.lock_accounts(ids);
  UPDATE gatehouse.users u
     SET is_verified = true, updated_at = clock_timestamp()
   WHERE u.id = ANY (locked) AND NOT u.is_verified;
  GET DIAGNOSTICS changed = ROW_COUNT;
  IF changed > 0 THEN
    PERFORM gatehouse.write_event('gatehouse.accounts.verified', NULL, NULL, NULL, true, jsonb_build_object('accounts', changed), NULL);
  END IF;
  RETURN changed;
END
$function$;

CREATE OR REPLACE FUNCTION gatehouse.soft_delete_users(ids uuid[], deleted_by uuid DEFAULT NULL::uuid, reason text DEFAULT NULL::text)
 RETURNS bigint
 LANGUAGE plpgsql
 SECURITY DEFINER
 SET search_path TO 'pg_catalog', 'pg_temp'
AS $function$
DECLARE
  deleted bigint;
BEGIN
  PERFORM gatehouse.check_ids(ids);
  deleted := gatehouse.delete_accounts(ids, deleted_by, reason);
  IF deleted > 0 THEN
    PERFORM gatehouse.write_event('gatehouse.accounts.deleted', NULL, NULL, NULL, true,
                                  jsonb_strip_nulls(jsonb_build_object('accounts', deleted, 'deleted_by', deleted_by)), NULL);
  END IF;
  RETURN deleted;
END
$function$;

CREATE OR REPLACE FUNCTION gatehouse.request_email_verification(user_id uuid)
 RETURNS text
 LANGUAGE plpgsql
 SECURITY DEFINER
 SET search_path TO 'pg_catalog', 'pg_temp'
AS $function$
DECLARE
  token text;
BEGIN
  IF user_id IS NULL THEN
    RAISE EXCEPTION 'argument "user_id" must not be null' USING ERRCODE = '22023';
  END IF;
  PERFORM gatehouse.check_acts_for(request_email_verification.user_id);
  IF NOT gatehouse.lock_live_account_to_count(user_id) THEN
    RAISE EXCEPTION 'no live account has this id' USING ERRCODE = '22023';
  END IF;
  token := gatehouse.issue_one_time_token(
             user_id, gatehouse.throttle_subject('account', user_id::text), 'email_verification',
             (SELECT u.email_normal FROM gatehouse.users u WHERE u.id = request_email_verification.user_id),
             gatehouse.lifetime('verification_token_lifetime'));
  IF token IS NOT NULL THEN
    PERFORM gatehouse.write_event('gatehouse.account.verification_requested', user_id, NULL, NULL, true, NULL, NULL);
  END IF;
  RETURN token;
END
$function$;

CREATE OR REPLACE FUNCTION gatehouse.verify_email(token text)
 RETURNS SETOF gatehouse.user_info
 LANGUAGE plpgsql
 SECURITY DEFINER ROWS 1
 SET search_path TO 'pg_catalog', 'pg_temp'
AS $function$
DECLARE
  used CONSTANT gatehouse.one_time_tokens := gatehouse.use_one_time_token(token, 'email_verification');
  account gatehouse.users;
BEGIN
  UPDATE gatehouse.users u
     SET is_verified = true, updated_at = clock_timestamp()
   WHERE u.id = used.user_id AND u.email_normal = used.email COLLATE "C"
  RETURNING u.* INTO account;
  IF NOT FOUND THEN
    RETURN;
  END IF;
  DELETE FROM gatehouse.one_time_tokens t WHERE t.user_id = account.id AND t.purpose = 'email_verification';
  PERFORM gatehouse.write_event('gatehouse.account.verified', account.id, NULL, NULL, true, NULL, NULL);
  RETURN NEXT gatehouse.describe_user(account);
END
$function$;

CREATE OR REPLACE FUNCTION gatehouse.request_email_change(id uuid, new_email text)
 RETURNS text
 LANGUAGE plpgsql
 SECURITY DEFINER
 SET search_path TO 'pg_catalog', 'pg_temp'
AS $function$
#variable_conflict use_column
DECLARE
  address text;
  token text;
BEGIN
  IF request_email_change.id IS NULL THEN
    RAISE EXCEPTION 'argument "id" must not be null' USING ERRCODE = '22023';
  END IF;
  PERFORM gatehouse.check_acts_for(request_email_change.id);
  IF new_email IS NULL THEN
    RAISE EXCEPTION 'argument "new_email" must not be null' USING ERRCODE = '22023';
  END IF;
  address := gatehouse.checked_email(new_email);
  PERFORM gatehouse.check_email_domain(address);
  IF NOT gatehouse.lock_live_account_to_count(request_email_change.id) THEN
    RAISE EXCEPTION 'no live account has this id' USING ERRCODE = '22023';
  END IF;
  PERFORM FROM gatehouse.users u
    WHERE u.email_normal = gatehouse.fold_email(address) COLLATE "C" AND u.deleted_at IS NULL
      AND u.id <> request_email_change.id;
  IF FOUND THEN
    PERFORM gatehouse.refuse_duplicate('users_email_live');
  END IF;
  token := gatehouse.issue_one_time_token(
             request_email_change.id, gatehouse.throttle_subject('account', request_email_change.id::text), 'email_change', address,
             gatehouse.lifetime('verification_token_lifetime'));
  IF token IS NOT NULL THEN
    PERFORM gatehouse.write_event('gatehouse.account.email_change_requested', request_email_change.id, NULL, NULL, true, NULL, NULL);
  END IF;
  RETURN token;
END
$function$;

CREATE OR REPLACE FUNCTION gatehouse.confirm_email_change(token text)
 RETURNS SETOF gatehouse.user_info
 LANGUAGE plpgsql
 SECURITY DEFINER ROWS 1
 SET search_path TO 'pg_catalog', 'pg_temp'
AS $function$
DECLARE
  used CONSTANT gatehouse.one_time_tokens := gatehouse.use_one_time_token(token, 'email_change');
  account gatehouse.users;
BEGIN
  IF used.user_id IS NULL THEN
    RETURN;
  END IF;
  BEGIN
    UPDATE gatehouse.users u
       SET email = used.email, email_normal = gatehouse.fold_email(used.email), is_verified = true,
           updated_at = clock_timestamp()
     WHERE u.id = used.user_id
    RETURNING u.* INTO account;
  EXCEPTION WHEN unique_violation THEN
    PERFORM gatehouse.refuse_duplicate('users_email_live');
  END;
  -- All of them were sent to the old address, whose mail somebody else may read by now.
  DELETE FROM gatehouse.one_time_tokens t WHERE t.user_id = account.id;
  PERFORM gatehouse.write_event('gatehouse.account.email_changed', account.id, NULL, NULL, true, NULL, NULL);
  RETURN NEXT gatehouse.describe_user(account);
END
$function$;

CREATE OR REPLACE FUNCTION gatehouse.request_password_reset(email text)
 RETURNS TABLE(token text, user_id uuid)
 LANGUAGE plpgsql
 SECURITY DEFINER ROWS 1
 SET search_path TO 'pg_catalog', 'pg_temp'
AS $function$
#variable_conflict use_column
DECLARE
  folded CONSTANT text := gatehouse.fold_email(email);
  account gatehouse.users;
  subject bytea;
BEGIN
  IF request_password_reset.email IS NULL THEN
    RAISE EXCEPTION 'argument "email" must not be null' USING ERRCODE = '22023';
  END IF;
  IF current_setting('transaction_read_only')::boolean THEN
    RAISE EXCEPTION 'cannot request a password reset within a read-only transaction' USING ERRCODE = '25006';
  END IF;
  SELECT u.* INTO account FROM gatehouse.users u
   WHERE u.email_normal = folded COLLATE "C" AND u.deleted_at IS NULL;
  -- For an id that no account has it is looked for, too.
  IF gatehouse.lock_live_account_to_count(coalesce(account.id, gatehouse.uuid_v7())) THEN
    user_id := account.id;
    subject := gatehouse.throttle_subject('account', account.id::text);
  ELSE
    subject := gatehouse.throttle_subject('login', coalesce(folded, request_password_reset.email));
  END IF;
  token := gatehouse.issue_one_time_token(user_id, subject, 'password_reset',
                                          CASE WHEN user_id IS NULL THEN '' ELSE account.email_normal END,
                                          gatehouse.lifetime('password_reset_token_lifetime'));
  IF token IS NOT NULL THEN
    PERFORM gatehouse.write_event('gatehouse.account.password_reset_requested', user_id, NULL, NULL, user_id IS NOT NULL, NULL, NULL);
  END IF;
  IF token IS NOT NULL AND user_id IS NOT NULL THEN
    RETURN NEXT;
  END IF;
END
$function$;

CREATE OR REPLACE FUNCTION gatehouse.reset_password(token text, new_password text)
 RETURNS SETOF gatehouse.user_info
 LANGUAGE plpgsql
 SECURITY DEFINER ROWS 1
 SET search_path TO 'pg_catalog', 'pg_temp'
AS $function$
DECLARE
  used gatehouse.one_time_tokens := gatehouse.find_one_time_token(token, 'password_reset');
  account gatehouse.users;
  hash text;
BEGIN
  IF new_password IS NULL THEN
    RAISE EXCEPTION 'argument "new_password" must not be null' USING ERRCODE = '22023';
  END IF;
  SELECT u.* INTO account FROM gatehouse.users u
   WHERE u.id = used.user_id AND u.email_normal = used.email COLLATE "C"
     AND u.deleted_at IS NULL AND (u.is_active OR u.stopped_until <= clock_timestamp());
  IF NOT FOUND THEN
    RETURN;
  END IF;
  PERFORM gatehouse.check_password_policy(new_password, account.email, account.username);
  hash := gatehouse.hash_password(new_password);

  used := gatehouse.use_one_time_token(token, 'password_reset');
  UPDATE gatehouse.users u
     SET is_verified = true, updated_at = clock_timestamp()
   WHERE u.id = used.user_id AND u.email_normal = used.email COLLATE "C"
  RETURNING u.* INTO account;
  IF NOT FOUND THEN
    RETURN;
  END IF;
  PERFORM gatehouse.store_password(account.id, hash, account.updated_at);
  PERFORM gatehouse.end_access(ARRAY[account.id], 'password_reset');
  PERFORM gatehouse.write_event('gatehouse.account.password_reset', account.id, NULL, NULL, true, NULL, NULL);
  PERFORM gatehouse.end_failure_counts(ARRAY(SELECT a.stored FROM gatehouse.account_counts(account.id) a));
  RETURN NEXT gatehouse.describe_user(account);
END
$function$;

CREATE OR REPLACE FUNCTION gatehouse.register_scope(name text, description text DEFAULT NULL::text)
 RETURNS boolean
 LANGUAGE plpgsql
 SECURITY DEFINER
 SET search_path TO 'pg_catalog', 'pg_temp'
AS $function$
#variable_conflict use_column
BEGIN
  IF register_scope.name IS NULL THEN
    RAISE EXCEPTION 'argument "name" must not be null' USING ERRCODE = '22023';
  END IF;
  IF NOT gatehouse.scope_valid(register_scope.name) THEN
    RAISE EXCEPTION 'scope must have the form "resource" or "action:resource"'
      USING ERRCODE = '22023',
            HINT = 'Each part has 1 to 64 of a-z, 0-9, "_", "-" and ".", and begins with a letter.';
  END IF;
  IF length(register_scope.description) > 1000 THEN
    RAISE EXCEPTION 'description must have at most 1000 characters' USING ERRCODE = '22023';
  END IF;
  INSERT INTO gatehouse.scopes (name, description, registered_at)
  VALUES (register_scope.name, register_scope.description, clock_timestamp())
  ON CONFLICT ON CONSTRAINT scopes_pkey DO NOTHING;
  IF FOUND THEN
    PERFORM gatehouse.write_event('gatehouse.scope.registered', NULL, NULL, NULL, true,
                                  jsonb_build_object('scope', register_scope.name), NULL);
    RETURN true;
  END IF;
  UPDATE gatehouse.scopes s SET description = register_scope.description
   WHERE s.name = register_scope.name COLLATE "C" AND s.description IS DISTINCT FROM register_scope.description COLLATE "C"
     AND register_scope.description IS NOT NULL;
  IF FOUND THEN
    PERFORM gatehouse.write_event('gatehouse.scope.updated', NULL, NULL, NULL, true,
                                  jsonb_build_object('scope', register_scope.name), NULL);
  END IF;
  RETURN false;
END
$function$;

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
  PERFORM gatehouse.write_event('gatehouse.key.created', create_api_key.user_id, NULL, NULL, true, NULL, NULL, api_key_id => new_id);
END
$function$;

CREATE OR REPLACE FUNCTION gatehouse.update_api_key(id uuid, patch jsonb, user_id uuid DEFAULT NULL::uuid)
 RETURNS SETOF gatehouse.api_key_info
 LANGUAGE plpgsql
 SECURITY DEFINER ROWS 1
 SET search_path TO 'pg_catalog', 'pg_temp'
AS $function$
#variable_conflict use_column
DECLARE
  key_owner CONSTANT record := gatehouse.owner_of_key(update_api_key.id, update_api_key.user_id);
  key gatehouse.api_keys;
  changed gatehouse.api_keys;
  fields text[];
BEGIN
  PERFORM gatehouse.check_patch(patch, ARRAY['name', 'scopes', 'expires_at', 'ip_allow']);
  IF patch ? 'name' THEN
    IF jsonb_typeof(patch->'name') <> 'string' THEN
      RAISE EXCEPTION 'name must be a JSON string' USING ERRCODE = '22023';
    END IF;
    changed.name := gatehouse.checked_key_name(patch->>'name');
  END IF;
  IF patch ? 'scopes' THEN
    changed.scopes := gatehouse.checked_scopes(gatehouse.texts_of_json(patch->'scopes', 'scopes'));
  END IF;
  IF patch ? 'expires_at' THEN
    changed.expires_at := gatehouse.time_of_json(patch->'expires_at', 'expires_at');
  END IF;
  IF patch ? 'ip_allow' THEN
    changed.ip_allow := gatehouse.networks_of_json(patch->'ip_allow');
  END IF;

  IF NOT key_owner.is_found
     OR (key_owner.owner_id IS NOT NULL AND NOT gatehouse.lock_live_account(key_owner.owner_id)) THEN
    RETURN;
  END IF;
  key := gatehouse.lock_live_key(update_api_key.id);
  IF key.id IS NULL THEN
    RETURN;
  END IF;
  IF NOT gatehouse.has_all_scopes(key.scopes, coalesce(changed.scopes, key.scopes)) THEN
    RAISE EXCEPTION 'scopes of an API key can only become fewer'
      USING ERRCODE = '22023', HINT = 'For more, make another key with gatehouse.create_api_key().';
  END IF;
  IF changed.expires_at > key.expires_at THEN
    RAISE EXCEPTION 'expiry of an API key can only become earlier'
      USING ERRCODE = '22023', HINT = 'For a later one, make another key with gatehouse.create_api_key().';
  END IF;
  IF changed.expires_at <= clock_timestamp() THEN
    RAISE EXCEPTION 'expiry of an API key must be in the future'
      USING ERRCODE = '22023', HINT = 'A key is ended at once with gatehouse.deactivate_api_key().';
  END IF;
  UPDATE gatehouse.api_keys k
     SET name = coalesce(changed.name, k.name),
         scopes = coalesce(changed.scopes, k.scopes),
         expires_at = coalesce(changed.expires_at, k.expires_at),
         ip_allow = CASE WHEN patch ? 'ip_allow' THEN changed.ip_allow ELSE k.ip_allow END
   WHERE k.id = key.id
  RETURNING k.* INTO changed;
  fields := ARRAY(SELECT f.name
                    FROM (VALUES ('name', changed.name <> key.name COLLATE "C"),
                                 ('scopes', changed.scopes <> key.scopes),
                                 ('expires_at', changed.expires_at IS DISTINCT FROM key.expires_at),
                                 ('ip_allow', changed.ip_allow IS DISTINCT FROM key.ip_allow)) AS f (name, is_changed)
                   WHERE f.is_changed);
  IF fields <> '{}' THEN
    PERFORM gatehouse.write_event('gatehouse.key.updated', key.user_id, NULL, NULL, true, jsonb_build_object('fields', fields), NULL,
                                  api_key_id => key.id);
  END IF;
  RETURN NEXT gatehouse.describe_api_key(changed);
END
$function$;

CREATE OR REPLACE FUNCTION gatehouse.deactivate_api_key(id uuid, user_id uuid DEFAULT NULL::uuid)
 RETURNS boolean
 LANGUAGE plpgsql
 SECURITY DEFINER
 SET search_path TO 'pg_catalog', 'pg_temp'
AS $function$
#variable_conflict use_column
DECLARE
  key_owner CONSTANT record := gatehouse.owner_of_key(deactivate_api_key.id, deactivate_api_key.user_id);
BEGIN
  UPDATE gatehouse.api_keys k
     SET deactivated_at = clock_timestamp()
   WHERE key_owner.is_found AND k.id = deactivate_api_key.id AND k.deactivated_at IS NULL;
  IF NOT FOUND THEN
    RETURN false;
  END IF;
  PERFORM gatehouse.write_event('gatehouse.key.deactivated', key_owner.owner_id, NULL, NULL, true, NULL, NULL,
                                api_key_id => deactivate_api_key.id);
  RETURN true;
END
$function$;

CREATE OR REPLACE FUNCTION gatehouse.deactivate_user_api_keys(user_id uuid)
 RETURNS bigint
 LANGUAGE plpgsql
 SECURITY DEFINER
 SET search_path TO 'pg_catalog', 'pg_temp'
AS $function$
#variable_conflict use_column
DECLARE
  now_at timestamptz;
  ended bigint;
BEGIN
  IF deactivate_user_api_keys.user_id IS NULL THEN
    RAISE EXCEPTION 'argument "user_id" must not be null' USING ERRCODE = '22023';
  END IF;
  PERFORM gatehouse.check_acts_for(deactivate_user_api_keys.user_id);
  PERFORM gatehouse.lock_account(deactivate_user_api_keys.user_id);
  now_at := clock_timestamp();
  UPDATE gatehouse.api_keys k
     SET deactivated_at = now_at
   WHERE k.user_id = deactivate_user_api_keys.user_id AND k.deactivated_at IS NULL
     AND (k.expires_at IS NULL OR k.expires_at > now_at);
  GET DIAGNOSTICS ended = ROW_COUNT;
  IF ended > 0 THEN
    PERFORM gatehouse.write_event('gatehouse.keys.deactivated', deactivate_user_api_keys.user_id, NULL, NULL, true,
                                  jsonb_build_object('keys', ended), NULL);
  END IF;
  RETURN ended;
END
$function$;

CREATE OR REPLACE FUNCTION gatehouse.rotate_api_key(id uuid, user_id uuid DEFAULT NULL::uuid, overlap interval DEFAULT '00:00:00'::interval)
 RETURNS SETOF gatehouse.rotated_api_key
 LANGUAGE plpgsql
 SECURITY DEFINER ROWS 1
 SET search_path TO 'pg_catalog', 'pg_temp'
AS $function$
#variable_conflict use_column
DECLARE
  longest CONSTANT interval := interval '30 days';
  new_id CONSTANT uuid := gatehouse.uuid_v7();
  key_owner CONSTANT record := gatehouse.owner_of_key(rotate_api_key.id, rotate_api_key.user_id);
  key gatehouse.api_keys;
  now_at timestamptz;
BEGIN
  IF overlap IS NULL OR overlap NOT BETWEEN interval '0' AND longest THEN
    RAISE EXCEPTION 'overlap must be between 0 and 30 days' USING ERRCODE = '22023';
  END IF;
  IF NOT key_owner.is_found
     OR (key_owner.owner_id IS NOT NULL AND NOT gatehouse.lock_live_account_to_count(key_owner.owner_id)) THEN
    RETURN;
  END IF;
  key := gatehouse.lock_live_key(rotate_api_key.id);
  IF key.id IS NULL OR key.rotated_to IS NOT NULL THEN
    RETURN;
  END IF;

  now_at := clock_timestamp();
  UPDATE gatehouse.api_keys k
     SET rotated_to = new_id,
         -- A month may have more than 30 days.
         expires_at = least(k.expires_at, now_at + overlap, now_at + longest)
   WHERE k.id = key.id;
  PERFORM gatehouse.end_oldest_overlaps(key.user_id, now_at);
  RETURN QUERY
    SELECT new_id, k.api_key, k.hint, now_at
      FROM gatehouse.insert_api_key(new_id, key.user_id, key.name, key.scopes, key.expires_at, key.ip_allow, now_at) k;
  PERFORM gatehouse.write_event('gatehouse.key.rotated', key.user_id, NULL, NULL, true, jsonb_build_object('rotated_to', new_id), NULL,
                                api_key_id => key.id);
END
$function$;

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
$function$;

CREATE OR REPLACE FUNCTION gatehouse.revoke_refresh_token(token text)
 RETURNS boolean
 LANGUAGE plpgsql
 SECURITY DEFINER
 SET search_path TO 'pg_catalog', 'pg_temp'
AS $function$
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
$function$;

CREATE OR REPLACE FUNCTION gatehouse.revoke_session(session_id uuid, user_id uuid DEFAULT NULL::uuid)
 RETURNS boolean
 LANGUAGE plpgsql
 SECURITY DEFINER
 SET search_path TO 'pg_catalog', 'pg_temp'
AS $function$
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
$function$;

CREATE OR REPLACE FUNCTION gatehouse.revoke_all_user_sessions(user_id uuid, except_session uuid DEFAULT NULL::uuid)
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
  IF revoked > 0 THEN
    PERFORM gatehouse.write_event('gatehouse.sessions.ended', revoke_all_user_sessions.user_id, NULL, NULL, true,
                                  jsonb_build_object('sessions', revoked), NULL);
  END IF;
  RETURN revoked;
END
$function$;

CREATE OR REPLACE FUNCTION gatehouse.cleanup_expired_tokens(retain interval DEFAULT '7 days'::interval, max_rows integer DEFAULT 1000)
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

  -- Chosen once: a plan that asks again for each row would be given others.
  WITH ended AS MATERIALIZED (
    SELECT l.session_id FROM gatehouse.sessions l
     WHERE l.revoked_at <= ended_before
     ORDER BY l.revoked_at
     LIMIT max_rows
       FOR UPDATE SKIP LOCKED
  )
  DELETE FROM gatehouse.sessions s USING ended e WHERE s.session_id = e.session_id;
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
  IF removed > 0 THEN
    PERFORM gatehouse.write_event('gatehouse.sessions.removed', NULL, NULL, NULL, true,
                                  jsonb_build_object('sessions', removed, 'ended_before', ended_before), NULL);
  END IF;
  RETURN removed;
END
$function$;
COMMENT ON FUNCTION gatehouse.cleanup_expired_tokens(interval,integer) IS 'removes at most max_rows (1 to 100000) sessions that ended longer ago than retain, never a live one, and gives their number; it waits for no refresh. The token of a removed session is invalid to refresh_session, no longer expired or revoked. Maintenance calls it for those that ended more than 7 days before the hour began';

COMMENT ON COLUMN gatehouse.events.api_key_id IS 'the API key that the event concerns, else the one that was signed in with';

COMMENT ON SEQUENCE gatehouse.audited_table_id_seq IS 'ids of audited tables and of their partitions';

COMMENT ON COLUMN gatehouse.audit_registry.table_schema IS 'last known schema of the table';
COMMENT ON COLUMN gatehouse.audit_registry.table_name IS 'last known name of the table';
ALTER TABLE gatehouse.audit_registry ADD COLUMN known_gaps text[] DEFAULT '{}'::text[] NOT NULL;
COMMENT ON COLUMN gatehouse.audit_registry.known_gaps IS 'the gaps (audit_gaps) that an event tells of';
ALTER TABLE gatehouse.audit_registry ADD COLUMN shape_since bigint;
COMMENT ON COLUMN gatehouse.audit_registry.shape_since IS 'the present shape of the table, audit_shapes.since; it changes with every shape, so that a transaction with an old snapshot finds out';

CREATE TABLE gatehouse.audit_partitions (
  partition_id integer DEFAULT nextval('gatehouse.audited_table_id_seq'::regclass) NOT NULL,
  table_id integer NOT NULL,
  partition_schema text NOT NULL,
  partition_name text NOT NULL,
  since bigint NOT NULL,
  recorded_at timestamp with time zone DEFAULT clock_timestamp() NOT NULL,
  has_left boolean DEFAULT false NOT NULL,
  CONSTRAINT audit_partitions_pkey PRIMARY KEY (partition_id)
);
ALTER TABLE gatehouse.audit_partitions OWNER TO gatehouse_owner;
COMMENT ON TABLE gatehouse.audit_partitions IS 'the partitions that audited tables have or had';
SELECT pg_catalog.pg_extension_config_dump('gatehouse.audit_partitions', '');
COMMENT ON COLUMN gatehouse.audit_partitions.partition_id IS 'stable id, through rename, dump and restore; an argument of the partition''s TRUNCATE trigger';
COMMENT ON COLUMN gatehouse.audit_partitions.table_id IS 'the table, audit_registry.table_id';
COMMENT ON COLUMN gatehouse.audit_partitions.partition_schema IS 'last known schema of the partition';
COMMENT ON COLUMN gatehouse.audit_partitions.partition_name IS 'last known name of the partition';
COMMENT ON COLUMN gatehouse.audit_partitions.since IS 'number in the order of row changes: what the partition brought along belongs to the table after it; 0 where it brought nothing, or was there before the audit';
COMMENT ON COLUMN gatehouse.audit_partitions.recorded_at IS 'clock time at which the partition came, or the audit of its table began';
COMMENT ON COLUMN gatehouse.audit_partitions.has_left IS 'whether it was detached or dropped';

CREATE TABLE gatehouse.audit_schemas (
  schema_name text NOT NULL,
  enabled_at timestamp with time zone DEFAULT clock_timestamp() NOT NULL,
  CONSTRAINT audit_schemas_pkey PRIMARY KEY (schema_name)
);
ALTER TABLE gatehouse.audit_schemas OWNER TO gatehouse_owner;
COMMENT ON TABLE gatehouse.audit_schemas IS 'schemas whose new tables are audited';
SELECT pg_catalog.pg_extension_config_dump('gatehouse.audit_schemas', '');
COMMENT ON COLUMN gatehouse.audit_schemas.schema_name IS 'the schema''s present name';
COMMENT ON COLUMN gatehouse.audit_schemas.enabled_at IS 'when its audit was enabled';

COMMENT ON COLUMN gatehouse.row_change_log.context IS 'what the application said of the transaction by set_audit_context';
ALTER TABLE gatehouse.row_change_log ADD COLUMN new_key_hash bigint;
COMMENT ON COLUMN gatehouse.row_change_log.new_key_hash IS 'jsonb_hash_extended(key after the change, table_id) where the primary key changed; else NULL';
ALTER TABLE gatehouse.row_change_log ADD COLUMN partition_id integer;
COMMENT ON COLUMN gatehouse.row_change_log.partition_id IS 'the partition that had the row, or of a TRUNCATE was emptied, audit_partitions.partition_id; NULL of a table without any';

DROP INDEX gatehouse.row_change_log_default_key;
CREATE INDEX row_change_log_default_key ON gatehouse.row_change_log_default USING btree (key_hash);
COMMENT ON INDEX gatehouse.row_change_log_default_key IS 'the history of a row';
CREATE INDEX row_change_log_default_new_key ON gatehouse.row_change_log_default USING btree (new_key_hash) WHERE (new_key_hash IS NOT NULL);
COMMENT ON INDEX gatehouse.row_change_log_default_new_key IS 'where a row came from whose key changed';
CREATE INDEX row_change_log_default_time ON gatehouse.row_change_log_default USING brin (changed_at, id) WITH (pages_per_range='32', autosummarize='on');
COMMENT ON INDEX gatehouse.row_change_log_default_time IS 'changes of a time';

CREATE TABLE gatehouse.audit_shapes (
  table_id integer NOT NULL,
  since bigint NOT NULL,
  recorded_at timestamp with time zone DEFAULT clock_timestamp() NOT NULL,
  columns jsonb NOT NULL,
  key integer[] NOT NULL,
  restates boolean DEFAULT false NOT NULL,
  relation oid NOT NULL,
  origin bigint NOT NULL,
  attributes integer NOT NULL,
  CONSTRAINT audit_shapes_pkey PRIMARY KEY (table_id, since)
);
ALTER TABLE gatehouse.audit_shapes OWNER TO gatehouse_owner;
COMMENT ON TABLE gatehouse.audit_shapes IS 'the columns of audited tables, from one change of them to the next';
SELECT pg_catalog.pg_extension_config_dump('gatehouse.audit_shapes', '');
COMMENT ON COLUMN gatehouse.audit_shapes.table_id IS 'the table, audit_registry.table_id';
COMMENT ON COLUMN gatehouse.audit_shapes.since IS 'row changes with a greater id have this shape, up to the next; 0 is the first';
COMMENT ON COLUMN gatehouse.audit_shapes.recorded_at IS 'clock time at which the columns changed';
COMMENT ON COLUMN gatehouse.audit_shapes.columns IS 'objects: id, of the column through renaming; number, its pg_attribute.attnum; name; type and type_id; expression of a generated one; redacted; missing, what older rows show in it';
COMMENT ON COLUMN gatehouse.audit_shapes.key IS 'ids of the columns of the primary key; none where the table has none';
COMMENT ON COLUMN gatehouse.audit_shapes.restates IS 'whether each row of the table is logged next, as it is since then';
COMMENT ON COLUMN gatehouse.audit_shapes.relation IS 'the relation whose numbers of columns these are; a restored table is another';
COMMENT ON COLUMN gatehouse.audit_shapes.origin IS 'system identifier of the cluster that has this relation';
COMMENT ON COLUMN gatehouse.audit_shapes.attributes IS 'pg_class.relnatts: columns with a greater number came later';

CREATE FUNCTION gatehouse.set_audit_context(context jsonb)
 RETURNS void
 LANGUAGE c
AS 'MODULE_PATHNAME', 'gatehouse_audit_set_context';
COMMENT ON FUNCTION gatehouse.set_audit_context(jsonb) IS 'what the log says of the rest of this transaction: a request''s id and the like, an object of at most 8192 bytes; NULL ends it';
REVOKE ALL ON FUNCTION gatehouse.set_audit_context(jsonb) FROM PUBLIC;
GRANT EXECUTE ON FUNCTION gatehouse.set_audit_context(jsonb) TO gatehouse_app;

CREATE FUNCTION gatehouse.audit_context()
 RETURNS jsonb
 LANGUAGE c
 STABLE PARALLEL RESTRICTED
AS 'MODULE_PATHNAME', 'gatehouse_audit_context';
COMMENT ON FUNCTION gatehouse.audit_context() IS 'internal: what set_audit_context said of this transaction';
REVOKE ALL ON FUNCTION gatehouse.audit_context() FROM PUBLIC;
GRANT EXECUTE ON FUNCTION gatehouse.audit_context() TO gatehouse_owner;

CREATE OR REPLACE FUNCTION gatehouse.write_event(event_type text, user_id uuid, ip inet, user_agent text, success boolean, context jsonb, session_id uuid, api_key_id uuid DEFAULT NULL::uuid, occurred_at timestamp with time zone DEFAULT NULL::timestamp with time zone)
 RETURNS bigint
 LANGUAGE plpgsql
 SET search_path TO 'pg_catalog', 'pg_temp'
AS $function$
DECLARE
  agent text := left(user_agent, 512);
  is_own CONSTANT boolean := occurred_at IS NULL;
  event_time CONSTANT timestamptz := coalesce(occurred_at, clock_timestamp());
  said CONSTANT jsonb := CASE WHEN is_own THEN gatehouse.audit_context() END;
  salt bytea;
  event_id bigint;
BEGIN
  -- What was signed in with, where the event itself is about another.
  IF is_own AND api_key_id <> gatehouse.current_api_key_id() AND starts_with(event_type COLLATE "C", 'gatehouse.') THEN
    context := coalesce(context, '{}') || jsonb_build_object('by_api_key', gatehouse.current_api_key_id());
  END IF;
  IF is_own AND session_id <> gatehouse.current_session_id() AND starts_with(event_type COLLATE "C", 'gatehouse.') THEN
    context := coalesce(context, '{}') || jsonb_build_object('by_session', gatehouse.current_session_id());
  END IF;
  IF said IS NOT NULL AND (context IS NULL OR jsonb_typeof(context) = 'object') THEN
    context := said || coalesce(context, '{}');
  END IF;
  IF ip IS NOT NULL OR agent IS NOT NULL OR context IS NOT NULL THEN
    salt := gatehouse.generate_salt();
  END IF;
  INSERT INTO gatehouse.events AS e (occurred_at, origin, user_id, actor_id, impersonator_id, session_id, api_key_id, success,
                                     event_type, commitment)
  VALUES (event_time, gatehouse.cluster_identifier(), write_event.user_id,
          CASE WHEN is_own THEN gatehouse.current_user_id() END,
          CASE WHEN is_own THEN gatehouse.current_impersonator_id() END,
          coalesce(write_event.session_id, CASE WHEN is_own THEN gatehouse.current_session_id() END),
          coalesce(write_event.api_key_id, CASE WHEN is_own THEN gatehouse.current_api_key_id() END),
          write_event.success, write_event.event_type, gatehouse.event_commitment(salt, ip, agent, context))
  RETURNING e.id INTO event_id;
  IF salt IS NOT NULL THEN
    INSERT INTO gatehouse.event_details (event_id, occurred_at, ip, user_agent, context, salt)
    VALUES (event_id, event_time, write_event.ip, agent, write_event.context, salt);
  END IF;
  RETURN event_id;
END
$function$;

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
  IF split_part(event_type COLLATE "C", '.', 1) IN ('audit', 'gatehouse', 'security') AND strpos(event_type COLLATE "C", '.') > 0 THEN
    RAISE EXCEPTION 'event types that begin with "%." are written by gatehouse alone', split_part(event_type, '.', 1)
      USING ERRCODE = '22023';
  END IF;
  IF octet_length(context::text) > 65536 THEN
    RAISE EXCEPTION 'context must have at most 65536 bytes' USING ERRCODE = '22023';
  END IF;
  -- Locked, so that an erasure beside it finds the event's details.
  PERFORM FROM gatehouse.users u WHERE u.id = create_audit_log.user_id FOR KEY SHARE;
  IF user_id IS NOT NULL AND NOT FOUND THEN
    RAISE EXCEPTION 'no account has this id' USING ERRCODE = '22023';
  END IF;
  RETURN gatehouse.write_event(event_type, user_id, ip, user_agent, success, context, session_id);
END
$function$;

CREATE FUNCTION gatehouse.audit_words(table_id integer, excluded text[], redacted text[], partition_id integer)
 RETURNS text[]
 LANGUAGE sql
 IMMUTABLE
RETURN (((ARRAY[(table_id)::text] || ARRAY(SELECT ('-'::text || c.c) FROM unnest(audit_words.excluded) c(c))) || ARRAY(SELECT ('~'::text || c.c) FROM unnest(audit_words.redacted) c(c))) || CASE WHEN (partition_id IS NULL) THEN '{}'::text[] ELSE ARRAY[('#'::text || partition_id)] END);
ALTER FUNCTION gatehouse.audit_words(integer,text[],text[],integer) OWNER TO gatehouse_owner;
COMMENT ON FUNCTION gatehouse.audit_words(integer,text[],text[],integer) IS 'internal: the arguments of an audited table''s triggers: its id, -column for each excluded one, ~column for each redacted one; of a partition''s TRUNCATE trigger also # and its id';
REVOKE ALL ON FUNCTION gatehouse.audit_words(integer,text[],text[],integer) FROM PUBLIC;

CREATE FUNCTION gatehouse.audit_arguments(table_id integer, excluded text[], redacted text[])
 RETURNS bytea
 LANGUAGE sql
 STABLE
BEGIN ATOMIC
 SELECT string_agg((convert_to(a.word, getdatabaseencoding()) || decode('00'::text, 'hex'::text)), E'\\x'::bytea ORDER BY a.number) AS string_agg
    FROM ( SELECT u.word,
             u.number
            FROM unnest(gatehouse.audit_words(audit_arguments.table_id, audit_arguments.excluded, audit_arguments.redacted, NULL::integer)) WITH ORDINALITY u(word, number)) a;
END;
ALTER FUNCTION gatehouse.audit_arguments(integer,text[],text[]) OWNER TO gatehouse_owner;
COMMENT ON FUNCTION gatehouse.audit_arguments(integer,text[],text[]) IS 'internal: the arguments of an audited table''s triggers as pg_trigger.tgargs has them';
REVOKE ALL ON FUNCTION gatehouse.audit_arguments(integer,text[],text[]) FROM PUBLIC;

CREATE FUNCTION gatehouse.log_partition_end(table_id integer, partition_id integer, name text)
 RETURNS void
 LANGUAGE c
 STRICT
AS 'MODULE_PATHNAME', 'gatehouse_audit_log_partition_end';
COMMENT ON FUNCTION gatehouse.log_partition_end(integer,integer,text) IS 'internal: logs that the rows of a partition have left an audited table, as a TRUNCATE of it does';
REVOKE ALL ON FUNCTION gatehouse.log_partition_end(integer,integer,text) FROM PUBLIC;
GRANT EXECUTE ON FUNCTION gatehouse.log_partition_end(integer,integer,text) TO gatehouse_owner;

CREATE FUNCTION gatehouse.partition_id_in(arguments bytea)
 RETURNS integer
 LANGUAGE sql
 IMMUTABLE
RETURN (SELECT ("substring"(encode(SUBSTRING(partition_id_in.arguments FROM (p.place + 2) FOR ((octet_length(partition_id_in.arguments) - p.place) - 2)), 'escape'::text), '^[0-9]{1,9}$'::text))::integer AS "substring" FROM (SELECT POSITION((decode('0023'::text, 'hex'::text)) IN (partition_id_in.arguments)) AS place) p WHERE (p.place > 0));
ALTER FUNCTION gatehouse.partition_id_in(bytea) OWNER TO gatehouse_owner;
COMMENT ON FUNCTION gatehouse.partition_id_in(bytea) IS 'internal: a partition''s stable id in pg_trigger.tgargs of its TRUNCATE trigger; else NULL';
REVOKE ALL ON FUNCTION gatehouse.partition_id_in(bytea) FROM PUBLIC;

CREATE VIEW gatehouse.audit_gaps AS
 SELECT r.table_id,
    format('%I.%I: %s'::text, COALESCE(((n.nspname)::text COLLATE "default"), r.table_schema), COALESCE(((c.relname)::text COLLATE "default"), r.table_name),
        CASE
            WHEN (w.fired_by IS NULL) THEN f.gap
            ELSE ((w.fired_by || ' trigger '::text) || f.gap)
        END) AS gap,
    f.gap AS kind
   FROM (((((((gatehouse.audit_registry r
     LEFT JOIN gatehouse.audit_triggers t ON ((t.table_id_text = (r.table_id)::text)))
     CROSS JOIN LATERAL ( SELECT gatehouse.audit_arguments(r.table_id, r.excluded, r.redacted) AS words
         OFFSET 0) own)
     CROSS JOIN LATERAL ( WITH RECURSIVE tree(relation) AS (
                 SELECT t.relation
                UNION
                 SELECT i.inhrelid
                   FROM ((tree tree_1
                     JOIN pg_inherits i ON ((i.inhparent = tree_1.relation)))
                     JOIN pg_class l ON (((l.oid = i.inhrelid) AND l.relispartition AND (l.relkind <> 'f'::"char"))))
                )
         SELECT tree.relation
           FROM tree) b(relation))
     LEFT JOIN pg_class c ON ((c.oid = b.relation)))
     LEFT JOIN pg_namespace n ON ((n.oid = c.relnamespace)))
     CROSS JOIN ( VALUES ('row'::text,'gatehouse.log_row_change()'::regprocedure,29), ('TRUNCATE'::text,'gatehouse.log_truncate()'::regprocedure,32), (NULL::text,NULL::regprocedure,NULL::integer)) w(fired_by, called, kind))
     CROSS JOIN LATERAL ( SELECT
                CASE c.relpersistence
                    WHEN 'u'::"char" THEN 'unlogged'::text
                    ELSE ''::text
                END AS gap
          WHERE (w.fired_by IS NULL)
        UNION ALL
         SELECT COALESCE(min(
                CASE
                    WHEN ((g.tgargs <> (own.words || COALESCE((convert_to(('#'::text || a.partition_id), 'SQL_ASCII'::name) || decode('00'::text, 'hex'::text)), E'\\x'::bytea))) OR ((a.partition_id IS NOT NULL) <> ((b.relation <> t.relation) AND (w.fired_by = 'TRUNCATE'::text))) OR (g.tgtype <> w.kind) OR (g.tgqual IS NOT NULL) OR ((g.tgattr)::text <> ''::text)) THEN 'altered'::text
                    WHEN (g.tgenabled <> 'A'::"char") THEN 'disabled'::text
                    ELSE ''::text
                END), 'missing'::text) AS "coalesce"
           FROM (pg_trigger g
             CROSS JOIN LATERAL ( SELECT gatehouse.partition_id_in(g.tgargs) AS partition_id) a)
          WHERE ((g.tgrelid = b.relation) AND (g.tgfoid = (w.called)::oid))
         HAVING (w.fired_by IS NOT NULL)) f)
  WHERE ((r.disabled_at IS NULL) AND (f.gap <> ''::text) AND ((b.relation IS NOT NULL) OR (w.fired_by = 'row'::text)));
ALTER VIEW gatehouse.audit_gaps OWNER TO gatehouse_owner;
COMMENT ON VIEW gatehouse.audit_gaps IS 'triggers of audited tables and their partitions that are missing, disabled (not ENABLE ALWAYS) or altered (fire at something else, or have other arguments), and those of them that are unlogged';

CREATE OR REPLACE VIEW gatehouse.audited_tables WITH (security_barrier=true) AS
 SELECT r.table_id,
    COALESCE(t.table_schema, r.table_schema) AS table_schema,
    COALESCE(t.table_name, r.table_name) AS table_name,
    r.excluded,
    r.redacted,
    r.enabled_at,
        CASE
            WHEN (t.relation IS NULL) THEN 'missing'::text
            WHEN (g.gaps IS NULL) THEN 'active'::text
            ELSE 'inactive'::text
        END AS status,
    COALESCE(g.gaps, '{}'::text[]) AS gaps
   FROM ((gatehouse.audit_registry r
     LEFT JOIN gatehouse.audit_triggers t ON ((t.table_id_text = (r.table_id)::text)))
     LEFT JOIN ( SELECT a.table_id,
            array_agg(a.gap ORDER BY (a.gap COLLATE "C")) AS gaps
           FROM gatehouse.audit_gaps a
          GROUP BY a.table_id) g ON ((g.table_id = r.table_id)))
  WHERE (r.disabled_at IS NULL);
COMMENT ON VIEW gatehouse.audited_tables IS 'tables under audit; status: active, inactive (somebody turned a trigger off, dropped or altered one, or made the table unlogged), missing (table or trigger are gone)';
COMMENT ON COLUMN gatehouse.audited_tables.gaps IS 'each trigger, of the table and of its partitions, that is not as enable_audit made it, and each of them that is unlogged';

COMMENT ON COLUMN gatehouse.row_changes.context IS 'what the application said of the transaction by set_audit_context';

CREATE FUNCTION gatehouse.lock_audited_table(relation regclass)
 RETURNS boolean
 LANGUAGE c
 STRICT
AS 'MODULE_PATHNAME', 'gatehouse_audit_lock_table';
COMMENT ON FUNCTION gatehouse.lock_audited_table(regclass) IS 'internal: locks a table as CREATE TRIGGER does, without asking for a right; false where it is gone';
REVOKE ALL ON FUNCTION gatehouse.lock_audited_table(regclass) FROM PUBLIC;
GRANT EXECUTE ON FUNCTION gatehouse.lock_audited_table(regclass) TO gatehouse_owner;

CREATE FUNCTION gatehouse.make_audit_trigger(relation regclass, on_truncate boolean, arguments text[])
 RETURNS void
 LANGUAGE c
 STRICT
AS 'MODULE_PATHNAME', 'gatehouse_audit_make_trigger';
COMMENT ON FUNCTION gatehouse.make_audit_trigger(regclass,boolean,text[]) IS 'internal: gives a table one of the two audit triggers, ENABLE ALWAYS, without asking for a right; no event trigger sees it';
REVOKE ALL ON FUNCTION gatehouse.make_audit_trigger(regclass,boolean,text[]) FROM PUBLIC;
GRANT EXECUTE ON FUNCTION gatehouse.make_audit_trigger(regclass,boolean,text[]) TO gatehouse_owner;

CREATE FUNCTION gatehouse.remove_audit_trigger(trigger oid)
 RETURNS boolean
 LANGUAGE c
 STRICT
AS 'MODULE_PATHNAME', 'gatehouse_audit_remove_trigger';
COMMENT ON FUNCTION gatehouse.remove_audit_trigger(oid) IS 'internal: drops an audit trigger without asking for a right; no event trigger sees it. False where it is none';
REVOKE ALL ON FUNCTION gatehouse.remove_audit_trigger(oid) FROM PUBLIC;
GRANT EXECUTE ON FUNCTION gatehouse.remove_audit_trigger(oid) TO gatehouse_owner;

CREATE OR REPLACE FUNCTION gatehouse.drop_audit_triggers(relation regclass)
 RETURNS void
 LANGUAGE plpgsql
 SET search_path TO 'pg_catalog', 'pg_temp'
AS $function$
BEGIN
  PERFORM gatehouse.remove_audit_trigger(found_trigger.oid)
     FROM (SELECT t.oid
             FROM pg_trigger t
            WHERE t.tgparentid = 0
              AND t.tgfoid IN ('gatehouse.log_row_change()'::regprocedure, 'gatehouse.log_truncate()'::regprocedure)
              AND (t.tgrelid = relation OR t.tgrelid IN (SELECT p.relid FROM pg_partition_tree(relation) p))
            ORDER BY t.oid) AS found_trigger;
END
$function$;
COMMENT ON FUNCTION gatehouse.drop_audit_triggers(regclass) IS 'internal: takes the audit triggers off a table and its partitions; for who may is asked before';
REVOKE ALL ON FUNCTION gatehouse.drop_audit_triggers(regclass) FROM gatehouse_admin;

CREATE FUNCTION gatehouse.begin_audit(relation regclass, exclude text[], redact text[])
 RETURNS integer
 LANGUAGE plpgsql
 SET search_path TO 'pg_catalog', 'pg_temp'
AS $function$
DECLARE
  found_schema text;
  found_name text;
  id integer := gatehouse.current_table_id(relation);
  partition_ids jsonb;
BEGIN
  SELECT n.nspname::text, c.relname::text INTO STRICT found_schema, found_name
    FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
   WHERE c.oid = relation;
  UPDATE gatehouse.audit_registry r
     SET table_schema = found_schema, table_name = found_name, excluded = exclude, redacted = redact, known_gaps = '{}'
   WHERE r.table_id = id AND r.disabled_at IS NULL;
  IF NOT FOUND THEN
    INSERT INTO gatehouse.audit_registry AS r (table_schema, table_name, excluded, redacted)
    VALUES (found_schema, found_name, exclude, redact)
    RETURNING r.table_id INTO id;
  END IF;
  PERFORM gatehouse.write_event('audit.enabled', NULL, NULL, NULL, true,
    jsonb_build_object('table_id', id, 'table_schema', found_schema, 'table_name', found_name,
                       'exclude', to_jsonb(exclude), 'redact', to_jsonb(redact)), NULL);

  IF EXISTS (SELECT FROM pg_partition_tree(relation) p JOIN gatehouse.audit_triggers t ON t.relation = p.relid WHERE p.relid <> begin_audit.relation) THEN
    RAISE EXCEPTION 'cannot audit %: a partition of it is audited itself', relation
      USING ERRCODE = '42710', HINT = 'Call gatehouse.disable_audit for the partition first.';
  END IF;
  partition_ids := gatehouse.known_partition_ids(id, relation);
  PERFORM gatehouse.drop_audit_triggers(relation);
  PERFORM gatehouse.make_audit_trigger(relation, on_truncate, gatehouse.audit_words(id, exclude, redact, NULL))
     FROM unnest(ARRAY[false, true]) u (on_truncate);
  -- PostgreSQL gives partitions the row trigger, but not this one.
  PERFORM gatehouse.cover_partition(id, p.relid, (partition_ids ->> p.relid::oid::text)::integer)
     FROM pg_partition_tree(relation) p JOIN pg_class c ON c.oid = p.relid
    WHERE p.relid <> begin_audit.relation AND c.relkind <> 'f'
    ORDER BY p.relid;
  -- The event trigger for shapes sees none of this.
  PERFORM gatehouse.record_shape(relation, id, false);
  RETURN id;
END
$function$;
ALTER FUNCTION gatehouse.begin_audit(regclass,text[],text[]) OWNER TO gatehouse_owner;
COMMENT ON FUNCTION gatehouse.begin_audit(regclass,text[],text[]) IS 'internal: registers a table, writes the event and makes the triggers; whether it may be is asked before';
REVOKE ALL ON FUNCTION gatehouse.begin_audit(regclass,text[],text[]) FROM PUBLIC;

CREATE OR REPLACE FUNCTION gatehouse.record_audit_enabled(relation regclass, exclude text[], redact text[])
 RETURNS integer
 LANGUAGE plpgsql
 SECURITY DEFINER
 SET search_path TO 'pg_catalog', 'pg_temp'
AS $function$
BEGIN
  PERFORM gatehouse.check_auditable(relation);
  PERFORM gatehouse.check_owned_by_caller(relation);
  PERFORM gatehouse.lock_audited_table(relation);
  PERFORM gatehouse.check_auditable(relation);
  PERFORM gatehouse.check_audit_columns(relation, exclude, redact);
  RETURN gatehouse.begin_audit(relation, exclude, redact);
END
$function$;
COMMENT ON FUNCTION gatehouse.record_audit_enabled(regclass,text[],text[]) IS 'gives a table its stable id and its triggers and writes an event; for gatehouse.enable_audit';

CREATE OR REPLACE FUNCTION gatehouse.record_audit_disabled(relation regclass, id integer)
 RETURNS void
 LANGUAGE plpgsql
 SECURITY DEFINER
 SET search_path TO 'pg_catalog', 'pg_temp'
AS $function$
DECLARE
  found_schema text;
  found_name text;
BEGIN
  PERFORM gatehouse.check_owned_by_caller(relation);
  PERFORM gatehouse.lock_audited_table(relation);
  IF gatehouse.current_table_id(relation) IS DISTINCT FROM record_audit_disabled.id THEN
    RAISE EXCEPTION 'table % is not audited under this id', relation USING ERRCODE = '22023';
  END IF;
  SELECT n.nspname, c.relname INTO STRICT found_schema, found_name
    FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
   WHERE c.oid = relation;
  PERFORM gatehouse.drop_audit_triggers(relation);
  UPDATE gatehouse.audit_registry r
     SET table_schema = found_schema, table_name = found_name, disabled_at = clock_timestamp(), known_gaps = '{}'
   WHERE r.table_id = record_audit_disabled.id AND r.disabled_at IS NULL;
  PERFORM gatehouse.write_event('audit.disabled', NULL, NULL, NULL, true,
    jsonb_build_object('table_id', id, 'table_schema', found_schema, 'table_name', found_name), NULL);
END
$function$;
COMMENT ON FUNCTION gatehouse.record_audit_disabled(regclass,integer) IS 'drops the triggers of an audited table, closes its audit in the registry and writes an event; for gatehouse.disable_audit';

CREATE OR REPLACE FUNCTION gatehouse.enable_audit(relation regclass, exclude text[] DEFAULT '{}'::text[], redact text[] DEFAULT '{}'::text[])
 RETURNS void
 LANGUAGE plpgsql
 SET search_path TO 'pg_catalog', 'pg_temp'
AS $function$
BEGIN
  PERFORM gatehouse.check_auditable(relation);
  -- Two at once would both find no trigger. Who has no right to lock the table can't audit it either.
  EXECUTE format('LOCK TABLE ONLY %s IN SHARE ROW EXCLUSIVE MODE', relation);
  PERFORM gatehouse.record_audit_enabled(relation, exclude, redact);
END
$function$;

CREATE OR REPLACE FUNCTION gatehouse.disable_audit(relation regclass)
 RETURNS boolean
 LANGUAGE plpgsql
 SET search_path TO 'pg_catalog', 'pg_temp'
AS $function$
DECLARE
  id integer;
BEGIN
  IF gatehouse.current_table_id(relation) IS NULL THEN
    PERFORM gatehouse.check_auditable(relation);
  END IF;
  EXECUTE format('LOCK TABLE ONLY %s IN SHARE ROW EXCLUSIVE MODE', relation);
  id := gatehouse.current_table_id(relation);
  IF id IS NULL THEN
    RETURN false;
  END IF;
  PERFORM gatehouse.record_audit_disabled(relation, id);
  RETURN true;
END
$function$;

CREATE FUNCTION gatehouse.take_rewrite(relation regclass)
 RETURNS text[]
 LANGUAGE c
 STRICT
AS 'MODULE_PATHNAME', 'gatehouse_audit_take_rewrite';
COMMENT ON FUNCTION gatehouse.take_rewrite(regclass) IS 'internal: the columns that ALTER TABLE gave another type, or other values of the same, where it has rewritten this table in this transaction since the last call; NULL where it has not';
REVOKE ALL ON FUNCTION gatehouse.take_rewrite(regclass) FROM PUBLIC;
GRANT EXECUTE ON FUNCTION gatehouse.take_rewrite(regclass) TO gatehouse_owner;

CREATE FUNCTION gatehouse.log_rewritten_rows(relation regclass, columns text[])
 RETURNS bigint
 LANGUAGE c
 STRICT
AS 'MODULE_PATHNAME', 'gatehouse_audit_log_rewritten_rows';
COMMENT ON FUNCTION gatehouse.log_rewritten_rows(regclass,text[]) IS 'internal: logs an update for each row of an audited table, with what these columns hold now and nothing of before; gives their number';
REVOKE ALL ON FUNCTION gatehouse.log_rewritten_rows(regclass,text[]) FROM PUBLIC;
GRANT EXECUTE ON FUNCTION gatehouse.log_rewritten_rows(regclass,text[]) TO gatehouse_owner;

CREATE FUNCTION gatehouse.missing_values(relation regclass)
 RETURNS jsonb
 LANGUAGE c
 STABLE STRICT
AS 'MODULE_PATHNAME', 'gatehouse_audit_missing_values';
COMMENT ON FUNCTION gatehouse.missing_values(regclass) IS 'internal: what the log is to show of columns that were added to an audited table without its rows being rewritten, in rows that are older';
REVOKE ALL ON FUNCTION gatehouse.missing_values(regclass) FROM PUBLIC;
GRANT EXECUTE ON FUNCTION gatehouse.missing_values(regclass) TO gatehouse_owner;

CREATE FUNCTION gatehouse.present_columns(relation regclass, excluded text[])
 RETURNS TABLE(number integer, name text, type text, type_id oid, expression text, older_rows_show_null boolean, in_key boolean)
 LANGUAGE sql
 STABLE ROWS 20
 SET search_path TO 'pg_catalog', 'pg_temp'
AS $function$
  SELECT a.attnum::integer, a.attname::text COLLATE "default", format_type(a.atttypid, a.atttypmod), a.atttypid,
         CASE WHEN a.attgenerated <> '' THEN pg_get_expr(d.adbin, d.adrelid) END,
         d.adbin IS NULL AND a.attidentity = '' AND y.typdefault IS NULL, coalesce(a.attnum = ANY (i.indkey::smallint[]), false)
    FROM pg_attribute a
    JOIN pg_type y ON y.oid = a.atttypid
    LEFT JOIN pg_attrdef d ON d.adrelid = a.attrelid AND d.adnum = a.attnum
    LEFT JOIN pg_index i ON i.indrelid = a.attrelid AND i.indisprimary AND i.indisvalid
   WHERE a.attrelid = relation AND a.attnum > 0 AND NOT a.attisdropped AND a.attgenerated::text <> 'v'
     AND a.attname::text <> ALL (excluded COLLATE "C")
   ORDER BY a.attnum
$function$;
ALTER FUNCTION gatehouse.present_columns(regclass,text[]) OWNER TO gatehouse_owner;
COMMENT ON FUNCTION gatehouse.present_columns(regclass,text[]) IS 'internal: the columns of a table that the log shows';
REVOKE ALL ON FUNCTION gatehouse.present_columns(regclass,text[]) FROM PUBLIC;

CREATE FUNCTION gatehouse.shape_columns(columns jsonb)
 RETURNS TABLE(id integer, number integer, name text, type text, type_id oid, expression text, redacted boolean, missing jsonb)
 LANGUAGE sql
 IMMUTABLE ROWS 20
 SET search_path TO 'pg_catalog', 'pg_temp'
AS $function$
  SELECT (c.value ->> 'id')::integer, (c.value ->> 'number')::integer, c.value ->> 'name', c.value ->> 'type',
         (c.value ->> 'type_id')::oid, c.value ->> 'expression', c.value ? 'redacted', c.value -> 'missing'
    FROM jsonb_array_elements(columns) c
$function$;
ALTER FUNCTION gatehouse.shape_columns(jsonb) OWNER TO gatehouse_owner;
COMMENT ON FUNCTION gatehouse.shape_columns(jsonb) IS 'internal: audit_shapes.columns as rows';
REVOKE ALL ON FUNCTION gatehouse.shape_columns(jsonb) FROM PUBLIC;

CREATE FUNCTION gatehouse.audited_relations(changed oid)
 RETURNS TABLE(relation regclass, table_id integer)
 LANGUAGE c
 STRICT ROWS 1
AS 'MODULE_PATHNAME', 'gatehouse_audit_audited_relations';
COMMENT ON FUNCTION gatehouse.audited_relations(oid) IS 'internal: the audited tables among a relation, the root whose partition it is and all that inherit from it, with their stable ids';
REVOKE ALL ON FUNCTION gatehouse.audited_relations(oid) FROM PUBLIC;
GRANT EXECUTE ON FUNCTION gatehouse.audited_relations(oid) TO gatehouse_owner;

CREATE FUNCTION gatehouse.own_shape(this_table integer, place bigint, relation regclass, attributes integer, columns jsonb)
 RETURNS void
 LANGUAGE sql
BEGIN ATOMIC
 UPDATE gatehouse.audit_shapes AS s SET columns = own_shape.columns, relation = own_shape.relation, origin = gatehouse.cluster_identifier(), attributes = own_shape.attributes
   WHERE ((s.table_id = own_shape.this_table) AND (s.since = own_shape.place));
END;
ALTER FUNCTION gatehouse.own_shape(integer,bigint,regclass,integer,jsonb) OWNER TO gatehouse_owner;
COMMENT ON FUNCTION gatehouse.own_shape(integer,bigint,regclass,integer,jsonb) IS 'internal: the numbers of a shape''s columns are those that they have in this relation of this cluster';
REVOKE ALL ON FUNCTION gatehouse.own_shape(integer,bigint,regclass,integer,jsonb) FROM PUBLIC;

CREATE FUNCTION gatehouse.record_shape(relation regclass, this_table integer, of_losses boolean)
 RETURNS boolean
 LANGUAGE plpgsql
 SET search_path TO 'pg_catalog', 'pg_temp'
AS $function$
DECLARE
  registered gatehouse.audit_registry;
  hidden text[];
  redacted text[];
  parts CONSTANT regclass[] := ARRAY(SELECT relation UNION SELECT p.relid FROM pg_partition_tree(relation) p);
  was_rewritten boolean;
  rewritten text[];
  latest gatehouse.audit_shapes;
  is_restored boolean;
  next_id integer := 1;
  present_attributes CONSTANT integer := (SELECT c.relnatts::integer FROM pg_class c WHERE c.oid = relation);
  missing jsonb;
  found_columns jsonb;
  found_key integer[];
  changed text[];
  restates boolean;
  place bigint := bigint '0';
BEGIN
  SELECT r.* INTO registered FROM gatehouse.audit_registry r WHERE r.table_id = this_table FOR NO KEY UPDATE;
  IF NOT FOUND THEN
    IF current_setting('transaction_isolation') IN ('repeatable read', 'serializable') THEN
      RAISE EXCEPTION 'could not serialize access: table % was put under audit after this transaction began', relation USING ERRCODE = '40001';
    END IF;
    RETURN false;
  END IF;
  hidden := registered.excluded;
  redacted := registered.redacted;
  SELECT s.* INTO latest FROM gatehouse.audit_shapes s WHERE s.table_id = this_table AND s.since = registered.shape_since;
  -- pg_upgrade keeps the relation and its numbers, in another cluster; of one command on columns at most one has another name by it.
  is_restored := latest.table_id IS NOT NULL
    AND (latest.relation <> relation::oid
         OR latest.origin <> gatehouse.cluster_identifier()
            AND (SELECT count(*) FROM gatehouse.shape_columns(latest.columns) c JOIN gatehouse.present_columns(relation, '{}') p ON p.number = c.number
                  WHERE p.name <> c.name) > 1);
  IF of_losses AND EXISTS (
       SELECT FROM gatehouse.present_columns(relation, hidden) p
        WHERE NOT EXISTS (SELECT FROM gatehouse.shape_columns(latest.columns) c
                           WHERE c.name = p.name AND CASE WHEN is_restored THEN c.type = p.type ELSE c.number = p.number AND c.type_id = p.type_id END)) THEN
    RETURN false;
  END IF;
  SELECT bool_or(true), array_agg(DISTINCT c.name) INTO was_rewritten, rewritten
    FROM unnest(parts) p (part) CROSS JOIN LATERAL gatehouse.take_rewrite(p.part) r (columns) LEFT JOIN LATERAL unnest(r.columns) c (name) ON true
   WHERE r.columns IS NOT NULL;
  -- Where the arguments of the trigger don't fit the table its rows cannot change, until enable_audit mends it and this comes again.
  IF NOT (redacted || hidden) <@ ARRAY(SELECT a.attname::text COLLATE "default" FROM pg_attribute a WHERE a.attrelid = relation AND NOT a.attisdropped)
     OR EXISTS (SELECT FROM gatehouse.present_columns(relation, '{}') p WHERE p.in_key AND p.name = ANY (redacted || hidden)) THEN
    IF was_rewritten THEN
      RAISE EXCEPTION 'cannot rewrite audited table %: a column that its audit hides is gone, or in its key', relation
        USING ERRCODE = '55000', HINT = 'Call gatehouse.enable_audit again with the columns that are to be hidden now.';
    END IF;
    RETURN false;
  END IF;
  -- A function of the table's owner can run here, with his rights: only where he, or who may, has added a column.
  missing := jsonb '{}';
  IF latest.table_id IS NOT NULL
     AND EXISTS (SELECT FROM gatehouse.present_columns(relation, hidden) p
                  WHERE CASE WHEN is_restored THEN p.name NOT IN (SELECT c.name FROM gatehouse.shape_columns(latest.columns) c)
                             ELSE p.number > latest.attributes END) THEN
    SELECT coalesce(jsonb_object_agg(m.key, m.value), '{}') INTO missing
      FROM unnest(parts) p (part) CROSS JOIN jsonb_each(gatehouse.missing_values(p.part)) m;
  END IF;
  SELECT coalesce(max(c.id), 0) + 1 INTO next_id
    FROM gatehouse.audit_shapes s CROSS JOIN gatehouse.shape_columns(s.columns) c WHERE s.table_id = this_table;

  WITH found AS (
    SELECT p.*, c.id AS known_id, c.type AS old_type, c.type_id AS old_type_id, c.expression AS old_expression, c.missing AS old_missing,
           c.id IS NULL AND (is_restored OR p.number > latest.attributes) AS is_new,
           next_id + (row_number() OVER (PARTITION BY c.id IS NULL ORDER BY p.number))::integer - 1 AS new_id
      FROM gatehouse.present_columns(relation, hidden) p
      LEFT JOIN gatehouse.shape_columns(latest.columns) c
             ON CASE WHEN is_restored THEN c.name = p.name ELSE c.number = p.number END
  )
  SELECT coalesce(jsonb_agg(jsonb_strip_nulls(jsonb_build_object('id', coalesce(f.known_id, f.new_id), 'number', f.number, 'name', f.name,
                                                        'type', f.type, 'type_id', f.type_id::bigint, 'expression', f.expression,
                                                        'redacted', CASE WHEN f.name = ANY (redacted) THEN true END))
                   || CASE WHEN f.known_id IS NOT NULL THEN CASE WHEN f.old_missing IS NULL THEN '{}' ELSE jsonb_build_object('missing', f.old_missing) END
                           WHEN f.is_new IS NOT TRUE THEN '{}'
                           WHEN missing ? f.name THEN jsonb_build_object('missing', missing -> f.name)
                           WHEN f.older_rows_show_null THEN jsonb '{"missing": null}'
                           ELSE '{}' END ORDER BY f.number), '[]'),
         coalesce(array_agg(coalesce(f.known_id, f.new_id) ORDER BY f.number) FILTER (WHERE f.in_key), '{}'),
         array_agg(f.name) FILTER (WHERE CASE
           WHEN latest.table_id IS NULL OR is_restored THEN false
           WHEN f.known_id IS NULL THEN f.is_new AND was_rewritten AND NOT f.older_rows_show_null AND NOT missing ? f.name
           WHEN f.name = ANY (rewritten) THEN true
           WHEN f.type <> f.old_type THEN was_rewritten OR f.type_id <> f.old_type_id
           ELSE was_rewritten AND f.expression IS DISTINCT FROM f.old_expression END)
    INTO found_columns, found_key, changed
    FROM found f;
  IF is_restored AND latest.key <> '{}' AND found_key = '{}' THEN
    RETURN false;  -- the key is restored later
  ELSIF is_restored AND latest.key = found_key
     AND ARRAY(SELECT (c.id, c.name, c.type)::text FROM gatehouse.shape_columns(latest.columns) c ORDER BY c.id)
         = ARRAY(SELECT (c.id, c.name, c.type)::text FROM gatehouse.shape_columns(found_columns) c ORDER BY c.id) THEN
    PERFORM gatehouse.own_shape(this_table, latest.since, relation, present_attributes, found_columns);
    RETURN false;
  ELSIF latest.columns = found_columns AND latest.key = found_key AND changed IS NULL AND NOT is_restored THEN
    IF latest.origin <> gatehouse.cluster_identifier() THEN
      PERFORM gatehouse.own_shape(this_table, latest.since, relation, present_attributes, found_columns);
    END IF;
    RETURN false;
  END IF;
  -- Rows whose keys are others now cannot be known by what the log has of them.
  SELECT coalesce(bool_or(p.name = ANY (changed)), false) INTO restates
    FROM gatehouse.present_columns(relation, hidden) p WHERE p.in_key OR found_key = '{}';
  IF restates THEN
    changed := ARRAY(SELECT p.name FROM gatehouse.present_columns(relation, hidden) p);
  END IF;
  IF latest.table_id IS NOT NULL THEN
    place := nextval('gatehouse.row_change_log_id_seq');
  END IF;
  INSERT INTO gatehouse.audit_shapes (table_id, since, columns, key, restates, relation, origin, attributes)
  VALUES (this_table, place, found_columns, found_key, restates, relation, gatehouse.cluster_identifier(), present_attributes);
  UPDATE gatehouse.audit_registry r SET shape_since = place WHERE r.table_id = this_table;
  IF changed IS NOT NULL THEN
    PERFORM gatehouse.log_rewritten_rows(relation, changed);
  END IF;
  RETURN true;
END
$function$;
ALTER FUNCTION gatehouse.record_shape(regclass,integer,boolean) OWNER TO gatehouse_owner;
COMMENT ON FUNCTION gatehouse.record_shape(regclass,integer,boolean) IS 'internal: records the columns of an audited table where they are not those that were recorded last, and logs what ALTER TABLE has written into its rows; whether it did. of_losses: only where columns are gone and none is new, which runs no function of the table''s owner. 40001 where others changed the table''s audit or columns after the snapshot of this transaction';
REVOKE ALL ON FUNCTION gatehouse.record_shape(regclass,integer,boolean) FROM PUBLIC;

CREATE FUNCTION gatehouse.record_all_shapes()
 RETURNS bigint
 LANGUAGE sql
 SET search_path TO 'pg_catalog', 'pg_temp'
AS $function$
  SELECT count(*) FILTER (WHERE gatehouse.record_shape(t.relation, r.table_id, true))
    FROM gatehouse.audit_triggers t
    JOIN gatehouse.audit_registry r ON r.table_id::text = t.table_id_text
    LEFT JOIN gatehouse.audit_shapes s ON s.table_id = r.table_id AND s.since = r.shape_since
   WHERE ARRAY(SELECT a.attname::text FROM pg_attribute a
                WHERE a.attrelid = t.relation AND a.attnum > 0 AND NOT a.attisdropped AND a.attgenerated::text <> 'v'
                  AND a.attname::text <> ALL (r.excluded COLLATE "C") ORDER BY a.attnum)
         IS DISTINCT FROM ARRAY(SELECT c.name FROM gatehouse.shape_columns(s.columns) c ORDER BY c.number)
      OR s.relation <> t.relation OR s.origin <> gatehouse.cluster_identifier()
$function$;
ALTER FUNCTION gatehouse.record_all_shapes() OWNER TO gatehouse_owner;
COMMENT ON FUNCTION gatehouse.record_all_shapes() IS 'internal: records of each audited table which columns are gone, and how those of a restored one are numbered; gives the number of tables that have lost some. What commands do is recorded by them';
REVOKE ALL ON FUNCTION gatehouse.record_all_shapes() FROM PUBLIC;

CREATE FUNCTION gatehouse.record_changed_shapes()
 RETURNS event_trigger
 LANGUAGE plpgsql
 SECURITY DEFINER
 SET search_path TO 'pg_catalog', 'pg_temp'
AS $function$
DECLARE
  changed record;
BEGIN
  FOR changed IN SELECT DISTINCT a.relation, a.table_id
                   FROM pg_event_trigger_ddl_commands() d
                  CROSS JOIN LATERAL (SELECT d.objid AS relation WHERE d.classid = 'pg_class'::regclass
                                      UNION ALL
                                      SELECT t.tgrelid FROM pg_trigger t WHERE t.oid = d.objid AND d.classid = 'pg_trigger'::regclass
                                      UNION ALL
                                      SELECT i.indrelid FROM pg_index i WHERE i.indexrelid = d.objid AND d.classid = 'pg_class'::regclass
                                      UNION ALL
                                      SELECT c.oid FROM pg_class c
                                       WHERE c.reloftype = (SELECT y.reltype FROM pg_class y WHERE y.oid = d.objid AND y.relkind = 'c')
                                         AND d.classid = 'pg_class'::regclass AND tg_tag = 'ALTER TYPE') AS c
                  CROSS JOIN LATERAL gatehouse.audited_relations(c.relation) a LOOP
    PERFORM gatehouse.record_shape(changed.relation, changed.table_id, false);
  END LOOP;
END
$function$;
ALTER FUNCTION gatehouse.record_changed_shapes() OWNER TO gatehouse_owner;
COMMENT ON FUNCTION gatehouse.record_changed_shapes() IS 'internal: records the columns of audited tables when a command has changed them';
REVOKE ALL ON FUNCTION gatehouse.record_changed_shapes() FROM PUBLIC;

CREATE FUNCTION gatehouse.record_lost_columns()
 RETURNS event_trigger
 LANGUAGE plpgsql
 SECURITY DEFINER
 SET search_path TO 'pg_catalog', 'pg_temp'
AS $function$
DECLARE
  changed record;
BEGIN
  FOR changed IN SELECT DISTINCT a.relation, a.table_id
                   FROM pg_event_trigger_dropped_objects() d
                  CROSS JOIN LATERAL gatehouse.audited_relations(
                          CASE d.object_type
                            WHEN 'table column' THEN d.objid
                            ELSE (SELECT c.oid FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
                                   WHERE n.nspname::text = d.address_names[1] AND c.relname::text = d.address_names[2])
                          END) a
                  WHERE d.object_type IN ('table column', 'table constraint') AND NOT d.is_temporary LOOP
    PERFORM gatehouse.record_shape(changed.relation, changed.table_id, true);
  END LOOP;
END
$function$;
ALTER FUNCTION gatehouse.record_lost_columns() OWNER TO gatehouse_owner;
COMMENT ON FUNCTION gatehouse.record_lost_columns() IS 'internal: records the columns of audited tables when a command that drops something else has dropped some of them';
REVOKE ALL ON FUNCTION gatehouse.record_lost_columns() FROM PUBLIC;

CREATE FUNCTION gatehouse.note_rewrite()
 RETURNS event_trigger
 LANGUAGE c
AS 'MODULE_PATHNAME', 'gatehouse_audit_note_rewrite';
COMMENT ON FUNCTION gatehouse.note_rewrite() IS 'internal: remembers until the command ends that it rewrites a table';
REVOKE ALL ON FUNCTION gatehouse.note_rewrite() FROM PUBLIC;

CREATE FUNCTION gatehouse.history_of(relation regclass)
 RETURNS integer
 LANGUAGE plpgsql
 STABLE
 SET search_path TO 'pg_catalog', 'pg_temp'
AS $function$
DECLARE
  found_id integer := gatehouse.current_table_id(relation);
BEGIN
  IF relation IS NULL THEN
    RAISE EXCEPTION 'argument "relation" must not be null' USING ERRCODE = '22023';
  END IF;
  IF found_id IS NULL THEN
    SELECT max(r.table_id) INTO found_id
      FROM pg_class c
      JOIN pg_namespace n ON n.oid = c.relnamespace
      JOIN gatehouse.audit_registry r ON r.table_schema = n.nspname AND r.table_name = c.relname AND r.disabled_at IS NOT NULL
     WHERE c.oid = relation;
  END IF;
  IF found_id IS NULL THEN
    RAISE EXCEPTION 'relation % is not audited', relation USING ERRCODE = '22023';
  END IF;
  RETURN found_id;
END
$function$;
ALTER FUNCTION gatehouse.history_of(regclass) OWNER TO gatehouse_owner;
COMMENT ON FUNCTION gatehouse.history_of(regclass) IS 'internal: the stable id of a table that is audited, else of its last audit; 22023 where there was none';
REVOKE ALL ON FUNCTION gatehouse.history_of(regclass) FROM PUBLIC;

CREATE FUNCTION gatehouse.reshape_row(row_values jsonb, was jsonb, becomes jsonb, forward boolean)
 RETURNS jsonb
 LANGUAGE sql
 IMMUTABLE
 SET search_path TO 'pg_catalog', 'pg_temp'
AS $function$
  SELECT CASE WHEN row_values IS NOT NULL THEN coalesce(jsonb_object_agg(b.name, CASE WHEN a.id IS NULL THEN b.missing ELSE row_values -> a.name END), '{}') END
    FROM gatehouse.shape_columns(becomes) b
    LEFT JOIN gatehouse.shape_columns(was) a ON a.id = b.id
   WHERE CASE WHEN a.id IS NULL THEN forward AND b.missing IS NOT NULL ELSE row_values ? a.name AND a.redacted = b.redacted END
$function$;
ALTER FUNCTION gatehouse.reshape_row(jsonb,jsonb,jsonb,boolean) OWNER TO gatehouse_owner;
COMMENT ON FUNCTION gatehouse.reshape_row(jsonb,jsonb,jsonb,boolean) IS 'internal: a row after its table''s columns have changed, or, not forward, before; what is not known is left out';
REVOKE ALL ON FUNCTION gatehouse.reshape_row(jsonb,jsonb,jsonb,boolean) FROM PUBLIC;

CREATE FUNCTION gatehouse.former_keys(table_id integer, key jsonb)
 RETURNS jsonb[]
 LANGUAGE sql
 STABLE
 SET search_path TO 'pg_catalog', 'pg_temp'
AS $function$
  SELECT array_agg(DISTINCT k.key)
    FROM (SELECT former_keys.key
          UNION
          SELECT gatehouse.reshape_row(former_keys.key, named.columns, s.columns, false)
            FROM (SELECT n.columns FROM gatehouse.audit_shapes n
                   WHERE n.table_id = former_keys.table_id AND jsonb_typeof(former_keys.key) = 'object'
                     AND ARRAY(SELECT jsonb_object_keys(former_keys.key)) <@ ARRAY(SELECT c.name FROM gatehouse.shape_columns(n.columns) c)
                   ORDER BY n.since DESC LIMIT 1) named
            JOIN gatehouse.audit_shapes s ON s.table_id = former_keys.table_id) k
$function$;
ALTER FUNCTION gatehouse.former_keys(integer,jsonb) OWNER TO gatehouse_owner;
COMMENT ON FUNCTION gatehouse.former_keys(integer,jsonb) IS 'internal: a key with the names that its columns have and had';
REVOKE ALL ON FUNCTION gatehouse.former_keys(integer,jsonb) FROM PUBLIC;

CREATE OR REPLACE FUNCTION gatehouse.get_row_history(relation regclass, key jsonb)
 RETURNS SETOF gatehouse.row_history_entry
 LANGUAGE plpgsql
 STABLE SECURITY DEFINER
 SET search_path TO 'pg_catalog', 'pg_temp'
 SET plan_cache_mode TO 'force_custom_plan'
AS $function$
DECLARE
  found_schema text;
  found_name text;
  found_id integer;
  changes refcursor;
  change gatehouse.row_history_entry;
  changes_found integer := 0;
  keys jsonb[];
  key_hashes bigint[];
  shapes gatehouse.audit_shapes[];
  place integer := 1;  -- of the shape that state has
  states jsonb[];  -- grows by array_append() and is set element by element: PostgreSQL does these in place
  state jsonb;  -- the row as it stands at this point of the log; NULL where there is none or it can't be known
BEGIN
  IF key IS NULL THEN
    RAISE EXCEPTION 'argument "key" must not be null' USING ERRCODE = '22023';
  END IF;
  found_id := gatehouse.history_of(relation);
  SELECT n.nspname, c.relname INTO found_schema, found_name
    FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
   WHERE c.oid = relation;
  keys := gatehouse.former_keys(found_id, key);
  key_hashes := ARRAY(SELECT jsonb_hash_extended(k.key, found_id) FROM unnest(keys) k (key));
  shapes := ARRAY(SELECT s FROM gatehouse.audit_shapes s WHERE s.table_id = found_id ORDER BY s.since);

  OPEN changes SCROLL FOR
    SELECT c.id, c.changed_at, c.transaction_id, c.table_id, found_schema, found_name,
           CASE c.operation WHEN 'I' THEN 'INSERT' WHEN 'U' THEN 'UPDATE' WHEN 'D' THEN 'DELETE' WHEN 'T' THEN 'TRUNCATE' END,
           c.key, c.old, c.new, c.actor_id, c.impersonator_id, c.api_key_id, c.session_id, c.db_role, c.client_addr,
           c.application_name, c.context, c.origin, c.replication_origin, NULL::jsonb
      FROM gatehouse.row_change_log c
     WHERE c.table_id = found_id
       AND (c.key_hash = ANY (key_hashes) AND c.key = ANY (keys) AND c.operation <> 'T'
            OR c.key_hash = 0 AND c.operation = 'T')
     ORDER BY c.id;

  -- Forward: from an INSERT on every state is known.
  LOOP
    FETCH changes INTO change;
    EXIT WHEN NOT FOUND;
    changes_found := changes_found + 1;
    WHILE change.id > shapes[place + 1].since LOOP
      state := gatehouse.reshape_row(state, shapes[place].columns, shapes[place + 1].columns, true);
      place := place + 1;
    END LOOP;
    CASE change.operation
      WHEN 'INSERT' THEN
        state := change.new;
        states := array_append(states, state);
      WHEN 'UPDATE' THEN
        state := state || change.new;
        states := array_append(states, state);
        IF change.new ?| ARRAY(SELECT jsonb_object_keys(change.key)) THEN
          state := NULL;  -- it goes on under another key
        END IF;
      WHEN 'DELETE' THEN
        state := NULL;
        states := array_append(states, state);
      ELSE
        states := array_append(states, NULL::jsonb);
        IF change.key IS NULL THEN
          state := NULL;
        END IF;
    END CASE;
  END LOOP;

  -- Backward, from the shape of the last change: before a DELETE the row was what it deleted, and each update tells what was before it.
  state := NULL;
  FOR i IN REVERSE changes_found..1 LOOP
    FETCH PRIOR FROM changes INTO change;
    WHILE change.id < shapes[place].since LOOP
      state := gatehouse.reshape_row(state, shapes[place].columns, shapes[place - 1].columns, false);
      place := place - 1;
    END LOOP;
    CASE change.operation
      WHEN 'INSERT' THEN
        state := NULL;
      WHEN 'UPDATE' THEN
        IF change.new ?| ARRAY(SELECT jsonb_object_keys(change.key)) THEN
          state := NULL;
        END IF;
        states[i] := COALESCE(states[i], state);
        state := states[i] || change.old;
      WHEN 'DELETE' THEN
        state := change.old;
      ELSE
        IF change.key IS NULL THEN
          state := NULL;
        END IF;
    END CASE;
  END LOOP;

  MOVE ABSOLUTE 0 FROM changes;
  FOR i IN 1..changes_found LOOP
    FETCH changes INTO change;
    change.row_after := states[i];
    RETURN NEXT change;
  END LOOP;
  CLOSE changes;
END
$function$;

CREATE FUNCTION gatehouse.rows_at(relation regclass, table_id integer, at timestamp with time zone, before bigint, key_hashes bigint[], OUT key jsonb, OUT row_values jsonb, OUT complete boolean)
 RETURNS SETOF record
 LANGUAGE c
 STABLE
AS 'MODULE_PATHNAME', 'gatehouse_audit_rows_at';
COMMENT ON FUNCTION gatehouse.rows_at(regclass,integer,timestamp with time zone,bigint,bigint[]) IS 'internal: the rows of a table after all changes up to a time, or else before a change''s number, as far as they are known; of keys with these hashes, or all. relation: take the rows that it has now into account';
REVOKE ALL ON FUNCTION gatehouse.rows_at(regclass,integer,timestamp with time zone,bigint,bigint[]) FROM PUBLIC;
GRANT EXECUTE ON FUNCTION gatehouse.rows_at(regclass,integer,timestamp with time zone,bigint,bigint[]) TO gatehouse_owner;

CREATE FUNCTION gatehouse.audit_at(relation regclass, at timestamp with time zone, OUT table_id integer, OUT is_present boolean)
 RETURNS record
 LANGUAGE plpgsql
 STABLE
 SET search_path TO 'pg_catalog', 'pg_temp'
AS $function$
BEGIN
  IF at IS NULL THEN
    RAISE EXCEPTION 'argument "at" must not be null' USING ERRCODE = '22023';
  END IF;
  PERFORM gatehouse.history_of(relation);
  SELECT r.table_id, r.disabled_at IS NULL AND coalesce(t.tgenabled = 'A', false) INTO audit_at.table_id, is_present
    FROM gatehouse.audit_registry r
    JOIN pg_class c ON c.oid = audit_at.relation
    JOIN pg_namespace n ON n.oid = c.relnamespace
    LEFT JOIN gatehouse.audit_triggers t ON t.relation = c.oid
   WHERE r.enabled_at <= audit_at.at
     AND CASE WHEN r.disabled_at IS NULL THEN r.table_id = gatehouse.current_table_id(audit_at.relation)
              ELSE r.disabled_at >= audit_at.at AND r.table_schema = n.nspname AND r.table_name = c.relname END
   ORDER BY r.table_id DESC
   LIMIT 1;
  IF NOT FOUND THEN
    RAISE EXCEPTION 'relation % was not audited at %', relation, at USING ERRCODE = '22023';
  END IF;
END
$function$;
ALTER FUNCTION gatehouse.audit_at(regclass,timestamp with time zone) OWNER TO gatehouse_owner;
COMMENT ON FUNCTION gatehouse.audit_at(regclass,timestamp with time zone) IS 'internal: the stable id that a table had in the log at a time, and whether it has it now; 22023 where it was not audited';
REVOKE ALL ON FUNCTION gatehouse.audit_at(regclass,timestamp with time zone) FROM PUBLIC;

CREATE FUNCTION gatehouse.get_table_at(relation regclass, at timestamp with time zone)
 RETURNS SETOF jsonb
 LANGUAGE plpgsql
 STABLE SECURITY DEFINER
 SET search_path TO 'pg_catalog', 'pg_temp'
AS $function$
DECLARE
  audit CONSTANT record := gatehouse.audit_at(relation, at);
BEGIN
  RETURN QUERY SELECT r.row_values
                 FROM gatehouse.rows_at(CASE WHEN audit.is_present THEN relation END, audit.table_id, at, NULL, NULL) r;
END
$function$;
ALTER FUNCTION gatehouse.get_table_at(regclass,timestamp with time zone) OWNER TO gatehouse_owner;
COMMENT ON FUNCTION gatehouse.get_table_at(regclass,timestamp with time zone) IS 'the rows that an audited table had at a time, with the columns of that time; a column of which nothing is known is left out. Takes memory as the table does. 22023 where it was not audited then';
REVOKE ALL ON FUNCTION gatehouse.get_table_at(regclass,timestamp with time zone) FROM PUBLIC;
GRANT EXECUTE ON FUNCTION gatehouse.get_table_at(regclass,timestamp with time zone) TO gatehouse_admin, gatehouse_auditor;

CREATE FUNCTION gatehouse.linked_keys(table_id integer, key jsonb)
 RETURNS jsonb[]
 LANGUAGE sql
 STABLE
 SET search_path TO 'pg_catalog', 'pg_temp'
 SET plan_cache_mode TO 'force_custom_plan'
AS $function$
  WITH RECURSIVE linked (key) AS (
    SELECT unnest(gatehouse.former_keys(linked_keys.table_id, linked_keys.key))
    UNION
    SELECT former.key
      FROM linked l
      CROSS JOIN LATERAL (
        SELECT c.key
          FROM gatehouse.row_change_log c
         WHERE c.new_key_hash = jsonb_hash_extended(l.key, linked_keys.table_id) AND c.table_id = linked_keys.table_id
        UNION ALL
        SELECT (SELECT jsonb_object_agg(k.key, coalesce(c.new -> k.key, k.value)) FROM jsonb_each(c.key) k)
          FROM gatehouse.row_change_log c
         WHERE c.key_hash = jsonb_hash_extended(l.key, linked_keys.table_id) AND c.table_id = linked_keys.table_id
           AND c.key = l.key AND c.new_key_hash IS NOT NULL
      ) next
      CROSS JOIN LATERAL unnest(gatehouse.former_keys(linked_keys.table_id, next.key)) former (key)
  )
  SELECT array_agg(l.key) FROM linked l
$function$;
ALTER FUNCTION gatehouse.linked_keys(integer,jsonb) OWNER TO gatehouse_owner;
COMMENT ON FUNCTION gatehouse.linked_keys(integer,jsonb) IS 'internal: this key, and those that rows came from which have it, and went to';
REVOKE ALL ON FUNCTION gatehouse.linked_keys(integer,jsonb) FROM PUBLIC;

CREATE FUNCTION gatehouse.get_row_at(relation regclass, key jsonb, at timestamp with time zone)
 RETURNS jsonb
 LANGUAGE plpgsql
 STABLE SECURITY DEFINER
 SET search_path TO 'pg_catalog', 'pg_temp'
 SET plan_cache_mode TO 'force_custom_plan'
AS $function$
DECLARE
  audit CONSTANT record := gatehouse.audit_at(relation, at);
  own_keys jsonb[];
  keys jsonb[];
  key_hashes bigint[];
  found_row record;
  ended boolean;
BEGIN
  IF key IS NULL THEN
    RAISE EXCEPTION 'argument "key" must not be null' USING ERRCODE = '22023';
  END IF;
  own_keys := gatehouse.former_keys(audit.table_id, key);
  keys := gatehouse.linked_keys(audit.table_id, key);
  key_hashes := ARRAY(SELECT jsonb_hash_extended(k.key, audit.table_id) FROM unnest(keys) k (key));
  -- Where the primary key has been of other columns, nobody can tell by it what a row is in the log.
  IF (SELECT count(DISTINCT s.key) FROM gatehouse.audit_shapes s WHERE s.table_id = audit.table_id) > 1 THEN
    SELECT r.* INTO found_row
      FROM gatehouse.rows_at(CASE WHEN audit.is_present THEN relation END, audit.table_id, at, NULL, NULL) r
     WHERE r.key = ANY (own_keys) LIMIT 1;
    RETURN found_row.row_values;
  END IF;

  SELECT r.* INTO found_row
    FROM gatehouse.rows_at(NULL, audit.table_id, at, NULL, key_hashes) r
   WHERE r.key = ANY (own_keys) LIMIT 1;
  -- Of a column that was hidden for a time the table can tell more.
  IF found_row.complete AND (SELECT count(*) FROM jsonb_object_keys(found_row.row_values))
     >= (SELECT jsonb_array_length(s.columns) FROM gatehouse.audit_shapes s
          WHERE s.table_id = audit.table_id AND (s.since = 0 OR s.recorded_at <= at) ORDER BY s.since DESC LIMIT 1) THEN
    RETURN found_row.row_values;
  END IF;
  -- What the log has seen end needs no look at the table, unless a partition came with rows since.
  IF cardinality(keys) = cardinality(own_keys) THEN
    SELECT c.operation IN ('D', 'T') AND NOT EXISTS (
             SELECT FROM gatehouse.audit_partitions p WHERE p.table_id = audit.table_id AND p.since > c.id AND p.recorded_at <= at)
      INTO ended
      FROM gatehouse.row_change_log c
     WHERE c.table_id = audit.table_id AND c.changed_at <= at
       AND (c.key_hash = ANY (key_hashes) AND c.key = ANY (keys) OR c.key_hash = 0 AND c.operation = 'T' AND c.key IS NULL)
     ORDER BY c.id DESC
     LIMIT 1;
  END IF;
  IF ended THEN
    RETURN NULL;
  END IF;
  SELECT r.* INTO found_row
    FROM gatehouse.rows_at(CASE WHEN audit.is_present THEN relation END, audit.table_id, at, NULL, key_hashes) r
   WHERE r.key = ANY (own_keys) LIMIT 1;
  RETURN found_row.row_values;
END
$function$;
ALTER FUNCTION gatehouse.get_row_at(regclass,jsonb,timestamp with time zone) OWNER TO gatehouse_owner;
COMMENT ON FUNCTION gatehouse.get_row_at(regclass,jsonb,timestamp with time zone) IS 'the row that had this key at a time, with the columns of that time; NULL where there was none. Of a row that is older than the log, and where the primary key has been of other columns, it reads the whole table. 22023 where it was not audited then';
REVOKE ALL ON FUNCTION gatehouse.get_row_at(regclass,jsonb,timestamp with time zone) FROM PUBLIC;
GRANT EXECUTE ON FUNCTION gatehouse.get_row_at(regclass,jsonb,timestamp with time zone) TO gatehouse_admin, gatehouse_auditor;

CREATE FUNCTION gatehouse.row_source(relation regclass, row_values jsonb, alias text)
 RETURNS text
 LANGUAGE sql
 STABLE
 SET search_path TO 'pg_catalog', 'pg_temp'
AS $function$
  SELECT format('pg_catalog.jsonb_populate_record(NULL::%s, %L) AS %s', relation, row_values, alias)
$function$;
ALTER FUNCTION gatehouse.row_source(regclass,jsonb,text) OWNER TO gatehouse_owner;
COMMENT ON FUNCTION gatehouse.row_source(regclass,jsonb,text) IS 'internal: an item of FROM, the row of these values';
REVOKE ALL ON FUNCTION gatehouse.row_source(regclass,jsonb,text) FROM PUBLIC;

CREATE FUNCTION gatehouse.own_rows(relation regclass)
 RETURNS text
 LANGUAGE sql
 STABLE
 SET search_path TO 'pg_catalog', 'pg_temp'
AS $function$
  SELECT CASE c.relkind WHEN 'p' THEN '' ELSE 'ONLY ' END || relation::text FROM pg_class c WHERE c.oid = relation
$function$;
ALTER FUNCTION gatehouse.own_rows(regclass) OWNER TO gatehouse_owner;
COMMENT ON FUNCTION gatehouse.own_rows(regclass) IS 'internal: a table in a statement without those that inherit from it, whose rows are not its';
REVOKE ALL ON FUNCTION gatehouse.own_rows(regclass) FROM PUBLIC;

CREATE FUNCTION gatehouse.row_condition(relation regclass, key jsonb, has_key boolean)
 RETURNS text
 LANGUAGE sql
 STABLE
 SET search_path TO 'pg_catalog', 'pg_temp'
AS $function$
  SELECT CASE WHEN has_key THEN string_agg(format('t.%1$I = k.%1$I', n.name), ' AND ' ORDER BY n.name)
              ELSE format('(t.tableoid, t.ctid) = (SELECT t.tableoid, t.ctid FROM %s AS t, %s WHERE %s LIMIT 1)', gatehouse.own_rows(relation),
                          gatehouse.row_source(relation, key, 'k'),
                          coalesce(string_agg(format('pg_catalog.to_jsonb(t.%1$I) IS NOT DISTINCT FROM pg_catalog.to_jsonb(k.%1$I)', n.name),
                                              ' AND ' ORDER BY n.name), 'true')) END
    FROM jsonb_object_keys(key) n (name)
$function$;
ALTER FUNCTION gatehouse.row_condition(regclass,jsonb,boolean) OWNER TO gatehouse_owner;
COMMENT ON FUNCTION gatehouse.row_condition(regclass,jsonb,boolean) IS 'internal: a condition for the row t with the key k; where the table has no key, for one row that is equal';
REVOKE ALL ON FUNCTION gatehouse.row_condition(regclass,jsonb,boolean) FROM PUBLIC;

CREATE FUNCTION gatehouse.insert_statement(relation regclass, rows jsonb)
 RETURNS text
 LANGUAGE sql
 STABLE
 SET search_path TO 'pg_catalog', 'pg_temp'
AS $function$
  SELECT format('INSERT INTO %s (%s) OVERRIDING SYSTEM VALUE SELECT %s FROM pg_catalog.jsonb_populate_recordset(NULL::%1$s, %4$L) AS r;', relation,
                string_agg(format('%I', a.attname), ', ' ORDER BY a.attnum), string_agg(format('r.%I', a.attname), ', ' ORDER BY a.attnum), rows)
    FROM pg_attribute a
   WHERE a.attrelid = relation AND a.attnum > 0 AND NOT a.attisdropped AND a.attgenerated = '' AND rows -> 0 ? a.attname::text
$function$;
ALTER FUNCTION gatehouse.insert_statement(regclass,jsonb) OWNER TO gatehouse_owner;
COMMENT ON FUNCTION gatehouse.insert_statement(regclass,jsonb) IS 'internal: INSERT of rows that are known in the same columns: in one statement they can refer to each other. NULL where nothing is known';
REVOKE ALL ON FUNCTION gatehouse.insert_statement(regclass,jsonb) FROM PUBLIC;

CREATE FUNCTION gatehouse.update_statement(relation regclass, old jsonb, key jsonb, has_key boolean)
 RETURNS text
 LANGUAGE sql
 STABLE
 SET search_path TO 'pg_catalog', 'pg_temp'
AS $function$
  SELECT format('UPDATE %s AS t SET %s FROM %s%s WHERE %s;', gatehouse.own_rows(relation), string_agg(format('%1$I = r.%1$I', a.attname), ', ' ORDER BY a.attnum),
                gatehouse.row_source(relation, old, 'r'),
                CASE WHEN has_key THEN ', ' || gatehouse.row_source(relation, key, 'k') ELSE '' END,
                gatehouse.row_condition(relation, key, has_key))
    FROM pg_attribute a
   WHERE a.attrelid = relation AND a.attnum > 0 AND NOT a.attisdropped AND a.attgenerated = '' AND a.attidentity <> 'a' AND old ? a.attname::text
  HAVING count(*) > 0
$function$;
ALTER FUNCTION gatehouse.update_statement(regclass,jsonb,jsonb,boolean) OWNER TO gatehouse_owner;
COMMENT ON FUNCTION gatehouse.update_statement(regclass,jsonb,jsonb,boolean) IS 'internal: UPDATE of the row with this key to what its columns held; NULL where the log hides all of them, or they are GENERATED ALWAYS';
REVOKE ALL ON FUNCTION gatehouse.update_statement(regclass,jsonb,jsonb,boolean) FROM PUBLIC;

CREATE FUNCTION gatehouse.delete_statement(relation regclass, key jsonb, has_key boolean)
 RETURNS text
 LANGUAGE sql
 STABLE
 SET search_path TO 'pg_catalog', 'pg_temp'
AS $function$
  SELECT format('DELETE FROM %s AS t%s WHERE %s;', gatehouse.own_rows(relation),
                CASE WHEN has_key THEN ' USING ' || gatehouse.row_source(relation, key, 'k') ELSE '' END,
                gatehouse.row_condition(relation, key, has_key))
$function$;
ALTER FUNCTION gatehouse.delete_statement(regclass,jsonb,boolean) OWNER TO gatehouse_owner;
COMMENT ON FUNCTION gatehouse.delete_statement(regclass,jsonb,boolean) IS 'internal: DELETE of the row with this key';
REVOKE ALL ON FUNCTION gatehouse.delete_statement(regclass,jsonb,boolean) FROM PUBLIC;

CREATE FUNCTION gatehouse.values_of(row_values jsonb, relation oid, column_numbers smallint[])
 RETURNS jsonb
 LANGUAGE sql
 STABLE
 SET search_path TO 'pg_catalog', 'pg_temp'
AS $function$
  SELECT jsonb_object_agg(n.place, row_values -> a.attname::text)
    FROM unnest(column_numbers) WITH ORDINALITY n (number, place)
    JOIN pg_attribute a ON a.attrelid = relation AND a.attnum = n.number
   WHERE row_values ? a.attname::text
$function$;
ALTER FUNCTION gatehouse.values_of(jsonb,oid,smallint[]) OWNER TO gatehouse_owner;
COMMENT ON FUNCTION gatehouse.values_of(jsonb,oid,smallint[]) IS 'internal: what is known of a row in these columns, by their place among them; NULL where nothing is';
REVOKE ALL ON FUNCTION gatehouse.values_of(jsonb,oid,smallint[]) FROM PUBLIC;

CREATE FUNCTION gatehouse.places_in(known jsonb)
 RETURNS text[]
 LANGUAGE sql
 IMMUTABLE
 SET search_path TO 'pg_catalog', 'pg_temp'
AS $function$
  SELECT array_agg(k.place ORDER BY k.place) FROM jsonb_object_keys(known) k (place)
$function$;
ALTER FUNCTION gatehouse.places_in(jsonb) OWNER TO gatehouse_owner;
COMMENT ON FUNCTION gatehouse.places_in(jsonb) IS 'internal: which columns values_of knows of';
REVOKE ALL ON FUNCTION gatehouse.places_in(jsonb) FROM PUBLIC;

CREATE FUNCTION gatehouse.values_at(known jsonb, places text[])
 RETURNS jsonb
 LANGUAGE sql
 STABLE
 SET search_path TO 'pg_catalog', 'pg_temp'
AS $function$
  SELECT jsonb_agg(known -> p.place ORDER BY p.place) FROM unnest(places) p (place)
$function$;
ALTER FUNCTION gatehouse.values_at(jsonb,text[]) OWNER TO gatehouse_owner;
COMMENT ON FUNCTION gatehouse.values_at(jsonb,text[]) IS 'internal: of what values_of knows that of these places';
REVOKE ALL ON FUNCTION gatehouse.values_at(jsonb,text[]) FROM PUBLIC;

CREATE FUNCTION gatehouse.causes_in_transaction(transaction_id xid8, since timestamp with time zone, OUT id bigint, OUT cause bigint)
 RETURNS SETOF record
 LANGUAGE sql
 STABLE ROWS 100
 SET search_path TO 'pg_catalog', 'pg_temp'
 SET plan_cache_mode TO 'force_custom_plan'
 SET enable_nestloop TO 'off'
AS $function$
  WITH changes AS MATERIALIZED (
    SELECT c.id, c.operation, t.relation, c.key, c.old, c.new
      FROM gatehouse.row_change_log c
      JOIN gatehouse.audit_triggers t ON t.table_id_text = c.table_id::text
     WHERE c.transaction_id = causes_in_transaction.transaction_id AND c.origin = gatehouse.cluster_identifier()
       AND (causes_in_transaction.since IS NULL OR c.changed_at >= causes_in_transaction.since)
  ), foreign_keys AS MATERIALIZED (
    SELECT f.oid, f.conrelid, f.conkey, f.confrelid, f.confkey FROM pg_constraint f WHERE f.contype = 'f' AND f.conparentid = 0
  ), referring AS MATERIALIZED (
    SELECT f.oid, c.id, gatehouse.values_of(c.key || c.old, f.conrelid, f.conkey) AS known
      FROM foreign_keys f JOIN changes c ON c.relation = f.conrelid
     WHERE c.operation = 'D' OR c.operation = 'U' AND gatehouse.values_of(c.old, f.conrelid, f.conkey) IS NOT NULL
  ), referred AS MATERIALIZED (
    SELECT f.oid, c.id, true AS leaves, gatehouse.values_of(c.key || c.old, f.confrelid, f.confkey) AS known
      FROM foreign_keys f JOIN changes c ON c.relation = f.confrelid
     WHERE c.operation = 'D' OR c.operation = 'U' AND gatehouse.values_of(c.old, f.confrelid, f.confkey) IS NOT NULL
    UNION ALL
    SELECT f.oid, c.id, false, gatehouse.values_of(coalesce(c.key || c.old, '{}') || c.new, f.confrelid, f.confkey)
      FROM foreign_keys f JOIN changes c ON c.relation = f.confrelid
     WHERE c.operation = 'I' OR c.operation = 'U' AND gatehouse.values_of(c.new, f.confrelid, f.confkey) IS NOT NULL
  ), referring_told AS MATERIALIZED (
    SELECT r.oid, r.id, r.known, gatehouse.places_in(r.known) AS places FROM referring r
  ), referred_told AS MATERIALIZED (
    SELECT p.oid, p.id, p.leaves, p.known, gatehouse.places_in(p.known) AS places FROM referred p
  ), told AS MATERIALIZED (
    SELECT r.oid, r.places AS referring_places, p.places AS referred_places,
           ARRAY(SELECT unnest(r.places) INTERSECT SELECT unnest(p.places)) AS places
      FROM (SELECT DISTINCT r.oid, r.places FROM referring_told r) r
      JOIN (SELECT DISTINCT p.oid, p.places FROM referred_told p) p ON p.oid = r.oid
     WHERE r.places && p.places
  ), referring_found AS MATERIALIZED (
    SELECT r.oid, r.id, t.referred_places, t.places, gatehouse.values_at(r.known, t.places) AS found
      FROM referring_told r JOIN told t ON t.oid = r.oid AND t.referring_places = r.places
  ), referred_found AS MATERIALIZED (
    SELECT p.oid, p.id, p.leaves, t.referred_places, t.places, gatehouse.values_at(p.known, t.places) AS found
      FROM referred_told p JOIN (SELECT DISTINCT t.oid, t.referred_places, t.places FROM told t) t ON t.oid = p.oid AND t.referred_places = p.places
  ), meetings AS (
    SELECT r.oid, r.id, p.id AS cause, p.leaves
      FROM referring_found r
      JOIN referred_found p ON p.oid = r.oid AND p.referred_places = r.referred_places AND p.places = r.places AND p.found = r.found AND p.id < r.id
    UNION ALL
    -- TRUNCATE CASCADE
    SELECT f.oid, r.id, p.id, true
      FROM foreign_keys f
      JOIN changes r ON r.relation = f.conrelid AND r.operation = 'T'
      JOIN changes p ON p.relation = f.confrelid AND p.operation = 'T' AND p.id < r.id
     WHERE f.conrelid <> f.confrelid
       -- Of a partitioned table all rows come back with its own TRUNCATE, and none with those of its partitions that follow.
       AND (p.key IS NULL OR NOT EXISTS (SELECT FROM changes o WHERE o.relation = f.confrelid AND o.operation = 'T' AND o.key IS NULL AND o.id < r.id))
  )
  SELECT m.id, m.cause
    FROM (SELECT DISTINCT ON (m.oid, m.id) m.id, m.cause, m.leaves FROM meetings m ORDER BY m.oid, m.id, m.cause DESC, m.leaves) m
   WHERE m.leaves
$function$;
ALTER FUNCTION gatehouse.causes_in_transaction(xid8,timestamp with time zone) OWNER TO gatehouse_owner;
COMMENT ON FUNCTION gatehouse.causes_in_transaction(xid8,timestamp with time zone) IS 'internal: row changes of a transaction of this cluster that an action of a foreign key can have made, with the one that set it off';
REVOKE ALL ON FUNCTION gatehouse.causes_in_transaction(xid8,timestamp with time zone) FROM PUBLIC;

CREATE FUNCTION gatehouse.changes_to_undo(transaction_id xid8, since timestamp with time zone, OUT change gatehouse.row_change_log, OUT relation regclass, OUT key_now jsonb, OUT moved_to jsonb)
 RETURNS SETOF record
 LANGUAGE sql
 STABLE ROWS 100
 SET search_path TO 'pg_catalog', 'pg_temp'
 SET plan_cache_mode TO 'force_custom_plan'
 SET enable_nestloop TO 'off'
AS $function$
  WITH RECURSIVE changes AS MATERIALIZED (
    SELECT c AS change, c.id, c.table_id, c.operation, c.key, t.relation,
           CASE WHEN c.operation = 'U' AND c.new_key_hash IS NOT NULL
                THEN (SELECT jsonb_object_agg(k.key, coalesce(c.new -> k.key, k.value)) FROM jsonb_each(c.key) k) ELSE c.key END AS key_after
      FROM gatehouse.row_change_log c
      LEFT JOIN gatehouse.audit_triggers t ON t.table_id_text = c.table_id::text
     WHERE c.transaction_id = changes_to_undo.transaction_id AND c.origin = gatehouse.cluster_identifier()
       AND (changes_to_undo.since IS NULL OR c.changed_at >= changes_to_undo.since)
  ), neighbours AS (
    SELECT c.id, c.operation, c.key, lead(c.id) OVER w AS next_id, lead(c.operation) OVER w AS next_operation, lead(c.key) OVER w AS next_key,
           (c.change).partition_id <> lead((c.change).partition_id) OVER w AS elsewhere
      FROM changes c
     WHERE EXISTS (SELECT FROM pg_constraint f WHERE f.contype = 'f' AND f.confrelid = c.relation AND f.conparentid = 0)
    WINDOW w AS (PARTITION BY c.table_id ORDER BY c.id)
  ), moves AS MATERIALIZED (
    SELECT n.id, n.next_id, n.next_key FROM neighbours n WHERE n.operation = 'D' AND n.next_operation = 'I' AND n.elsewhere
  ), causes AS MATERIALIZED (
    SELECT l.id, l.cause FROM gatehouse.causes_in_transaction(changes_to_undo.transaction_id, changes_to_undo.since) l
  ), behind (id, cause, depth) AS (
    SELECT l.id, l.cause, 1 FROM causes l
    UNION
    SELECT b.id, l.cause, b.depth + 1 FROM behind b JOIN causes l ON l.id = b.cause
  ), moved (id, cause, depth) AS (
    SELECT b.id, min(b.cause), max(b.depth) FROM behind b GROUP BY b.id
    UNION
    SELECT s.id, m.cause, m.depth + 1
      FROM moved m
      JOIN changes r ON r.id = m.id
      JOIN changes s ON s.table_id = r.table_id AND s.key_after = r.key AND s.id < r.id AND s.id > m.cause
  )
  SELECT c.change, c.relation::regclass, own.key, v.next_key
    FROM changes c
    LEFT JOIN (SELECT m.id, min(m.cause) AS cause, max(m.depth) AS depth FROM moved m GROUP BY m.id) m ON m.id = c.id
    -- What set it off changed the key of the same row, which has it back by then.
    LEFT JOIN (SELECT l.id, min(o.id) AS cause FROM causes l JOIN changes r ON r.id = l.id
                 JOIN changes o ON o.id = l.cause AND o.table_id = r.table_id AND o.key_after = r.key AND o.operation = 'U' GROUP BY l.id) s ON s.id = c.id
    LEFT JOIN changes own ON own.id = s.cause
    LEFT JOIN moves v ON v.id = c.id
   WHERE c.id NOT IN (SELECT v.next_id FROM moves v)
   ORDER BY coalesce(m.cause, c.id) DESC, coalesce(m.depth, 0), c.id DESC
$function$;
ALTER FUNCTION gatehouse.changes_to_undo(xid8,timestamp with time zone) OWNER TO gatehouse_owner;
COMMENT ON FUNCTION gatehouse.changes_to_undo(xid8,timestamp with time zone) IS 'internal: the row changes of a transaction of this cluster in the order in which they can be reversed; key_now: which the row has then, if it is another than after the change; moved_to: of a DELETE the key that the row has got in another partition';
REVOKE ALL ON FUNCTION gatehouse.changes_to_undo(xid8,timestamp with time zone) FROM PUBLIC;

CREATE FUNCTION gatehouse.insert_truncated_rows(relation regclass, change gatehouse.row_change_log, was gatehouse.audit_shapes, becomes gatehouse.audit_shapes)
 RETURNS SETOF text
 LANGUAGE sql
 STABLE ROWS 100
 SET search_path TO 'pg_catalog', 'pg_temp'
AS $function$
  SELECT gatehouse.insert_statement(relation, jsonb_agg(g.row_values))
    FROM (SELECT gatehouse.reshape_row(gone.row_values - gatehouse.redacted_columns(was), was.columns, becomes.columns, true) AS row_values,
                 row_number() OVER () AS number
            FROM (SELECT b.row_values FROM gatehouse.rows_at(NULL, change.table_id, NULL, change.id, NULL) b WHERE b.complete
                  EXCEPT ALL
                  SELECT a.row_values FROM gatehouse.rows_at(NULL, change.table_id, NULL, change.id + 1, NULL) a) gone) g
   GROUP BY CASE WHEN EXISTS (SELECT FROM pg_constraint f WHERE f.contype = 'f' AND f.conrelid = relation AND f.confrelid = relation) THEN 0
                 ELSE g.number / 100 END,
            ARRAY(SELECT jsonb_object_keys(g.row_values))
$function$;
ALTER FUNCTION gatehouse.insert_truncated_rows(regclass,gatehouse.row_change_log,gatehouse.audit_shapes,gatehouse.audit_shapes) OWNER TO gatehouse_owner;
COMMENT ON FUNCTION gatehouse.insert_truncated_rows(regclass,gatehouse.row_change_log,gatehouse.audit_shapes,gatehouse.audit_shapes) IS 'internal: INSERTs of the rows that a TRUNCATE took, as far as they are known';
REVOKE ALL ON FUNCTION gatehouse.insert_truncated_rows(regclass,gatehouse.row_change_log,gatehouse.audit_shapes,gatehouse.audit_shapes) FROM PUBLIC;

CREATE FUNCTION gatehouse.redacted_columns(shape gatehouse.audit_shapes)
 RETURNS text[]
 LANGUAGE sql
 IMMUTABLE
 SET search_path TO 'pg_catalog', 'pg_temp'
AS $function$
  SELECT ARRAY(SELECT c.name FROM gatehouse.shape_columns(shape.columns) c WHERE c.redacted)
$function$;
ALTER FUNCTION gatehouse.redacted_columns(gatehouse.audit_shapes) OWNER TO gatehouse_owner;
COMMENT ON FUNCTION gatehouse.redacted_columns(gatehouse.audit_shapes) IS 'internal: of which the log shows a mark only';
REVOKE ALL ON FUNCTION gatehouse.redacted_columns(gatehouse.audit_shapes) FROM PUBLIC;

CREATE FUNCTION gatehouse.has_deferrable(relation regclass, types "char"[])
 RETURNS boolean
 LANGUAGE sql
 STABLE
 SET search_path TO 'pg_catalog', 'pg_temp'
AS $function$
  SELECT EXISTS (SELECT FROM pg_constraint c WHERE c.condeferrable AND c.contype = ANY (types) AND (c.conrelid = relation OR c.confrelid = relation))
$function$;
ALTER FUNCTION gatehouse.has_deferrable(regclass,"char"[]) OWNER TO gatehouse_owner;
COMMENT ON FUNCTION gatehouse.has_deferrable(regclass,"char"[]) IS 'internal: whether a table has a deferrable constraint of these types, pg_constraint.contype';
REVOKE ALL ON FUNCTION gatehouse.has_deferrable(regclass,"char"[]) FROM PUBLIC;

CREATE FUNCTION gatehouse.undo_transaction(transaction_id xid8, since timestamp with time zone DEFAULT NULL::timestamp with time zone)
 RETURNS SETOF text
 LANGUAGE plpgsql
 STABLE SECURITY DEFINER ROWS 100
 SET search_path TO 'pg_catalog', 'pg_temp'
 SET plan_cache_mode TO 'force_custom_plan'
AS $function$
DECLARE
  found record;
  change gatehouse.row_change_log;
  relation regclass;
  was gatehouse.audit_shapes;
  becomes gatehouse.audit_shapes;
  hidden text[];
  has_key boolean;
  key jsonb;
  row_values jsonb;  -- what was there before
  statement text;
  deferred boolean := false;
  warned_of regclass[] := ARRAY[]::regclass[];
BEGIN
  IF transaction_id IS NULL THEN
    RAISE EXCEPTION 'argument "transaction_id" must not be null' USING ERRCODE = '22023';
  END IF;
  FOR found IN SELECT c.* FROM gatehouse.changes_to_undo(transaction_id, since) c LOOP
    change := found.change;
    relation := found.relation;
    IF relation IS NULL THEN
      RAISE EXCEPTION 'table % is no longer audited or gone',
          (SELECT format('%I.%I', r.table_schema, r.table_name) FROM gatehouse.audit_registry r WHERE r.table_id = change.table_id)
        USING ERRCODE = '55000', DETAIL = format('The transaction changed it under the table id %s.', change.table_id);
    END IF;
    IF change.table_id IS DISTINCT FROM becomes.table_id THEN
      SELECT s.* INTO becomes FROM gatehouse.audit_shapes s WHERE s.table_id = change.table_id ORDER BY s.since DESC LIMIT 1;
      IF NOT deferred AND gatehouse.has_deferrable(relation, '{f,p,u,x}') THEN
        deferred := true;
        RETURN NEXT 'SET CONSTRAINTS ALL DEFERRED;';
      END IF;
    END IF;
    was := becomes;
    IF change.id < becomes.since THEN
      SELECT s.* INTO was FROM gatehouse.audit_shapes s
       WHERE s.table_id = change.table_id AND s.since < change.id ORDER BY s.since DESC LIMIT 1;
    END IF;
    hidden := gatehouse.redacted_columns(was);
    has_key := was.key <> '{}';
    row_values := change.old - hidden;
    key := change.key - hidden;
    IF NOT has_key AND hidden <> '{}' AND relation <> ALL (warned_of) THEN
      warned_of := array_append(warned_of, relation);
      RAISE WARNING 'rows of % that differ in what the log hides alone cannot be told apart', relation;
    END IF;
    IF change.operation = 'U' AND (change.new_key_hash IS NOT NULL OR NOT has_key) THEN
      key := (SELECT jsonb_object_agg(k.key, coalesce(change.new -> k.key, k.value)) FROM jsonb_each(key) k);
      IF gatehouse.has_deferrable(relation, '{p}') AND relation <> ALL (warned_of) THEN
        warned_of := array_append(warned_of, relation);
        RAISE WARNING 'rows of % may have exchanged keys: then these statements do not tell them apart', relation;
      END IF;
    END IF;
    key := coalesce(found.moved_to, found.key_now, key);
    IF was.since <> becomes.since THEN
      row_values := gatehouse.reshape_row(row_values, was.columns, becomes.columns, change.operation = 'D');
      key := gatehouse.reshape_row(key, was.columns, becomes.columns, false);
    END IF;
    CASE change.operation
      WHEN 'I' THEN
        statement := gatehouse.delete_statement(relation, key, has_key);
      WHEN 'D' THEN
        statement := CASE WHEN found.moved_to IS NULL THEN gatehouse.insert_statement(relation, jsonb_build_array(row_values))
                          ELSE gatehouse.update_statement(relation, row_values, key, has_key) END;
      WHEN 'U' THEN
        statement := gatehouse.update_statement(relation, row_values, key, has_key);
      ELSE
        IF EXISTS (SELECT FROM gatehouse.audit_partitions p WHERE p.partition_id = change.partition_id AND p.has_left) THEN
          RAISE WARNING 'the rows of partition % are no longer those of %: it was detached or dropped', change.key ->> 'partition', relation;
          CONTINUE;
        END IF;
        RAISE WARNING 'of the rows that TRUNCATE took from % only those are known that were inserted while it was audited', relation;
        RETURN QUERY SELECT i FROM gatehouse.insert_truncated_rows(relation, change, was, becomes) i;
        CONTINUE;
    END CASE;
    IF statement IS NULL THEN
      RAISE WARNING 'change % of % cannot be reversed: the log does not have what was there before', change.id, relation;
    ELSE
      RETURN NEXT statement;
    END IF;
  END LOOP;
END
$function$;
ALTER FUNCTION gatehouse.undo_transaction(xid8,timestamp with time zone) OWNER TO gatehouse_owner;
COMMENT ON FUNCTION gatehouse.undo_transaction(xid8,timestamp with time zone) IS 'the statements that reverse what a transaction of this cluster did to audited tables, to be run in this order in one transaction; it changes nothing itself. What the log hides is left out. since: look at row changes from that time on only, else at all';
REVOKE ALL ON FUNCTION gatehouse.undo_transaction(xid8,timestamp with time zone) FROM PUBLIC;
GRANT EXECUTE ON FUNCTION gatehouse.undo_transaction(xid8,timestamp with time zone) TO gatehouse_admin, gatehouse_auditor;

CREATE FUNCTION gatehouse.log_partitions(OUT log regclass, OUT leaf regclass, OUT is_default boolean, OUT since timestamp with time zone, OUT until timestamp with time zone)
 RETURNS SETOF record
 LANGUAGE sql
 STABLE ROWS 50
 SET search_path TO 'pg_catalog', 'pg_temp'
 SET "DateStyle" TO 'ISO, YMD'
 SET "TimeZone" TO 'UTC'
AS $function$
  SELECT p.parent::regclass, p.leaf::regclass, p.bounds = 'DEFAULT',
         CASE WHEN p.bounds ~ 'FROM [(]MINVALUE[)]' THEN '-infinity' ELSE substring(p.bounds FROM 'FROM [(]''([^'']*)''[)]') END::timestamptz,
         CASE WHEN p.bounds ~ 'TO [(]MAXVALUE[)]' THEN 'infinity' ELSE substring(p.bounds FROM 'TO [(]''([^'']*)''[)]') END::timestamptz
    FROM (SELECT i.inhparent AS parent, c.oid AS leaf, pg_get_expr(c.relpartbound, c.oid) AS bounds
            FROM pg_inherits i
            JOIN pg_class c ON c.oid = i.inhrelid
           WHERE i.inhparent IN ('gatehouse.events'::regclass, 'gatehouse.event_details'::regclass, 'gatehouse.row_change_log'::regclass)) p
   ORDER BY p.parent, 4, p.leaf
$function$;
ALTER FUNCTION gatehouse.log_partitions() OWNER TO gatehouse_owner;
COMMENT ON FUNCTION gatehouse.log_partitions() IS 'internal: the partitions of the logs; DEFAULT has no bounds. A leaf has the rows from since on and before until';
REVOKE ALL ON FUNCTION gatehouse.log_partitions() FROM PUBLIC;

CREATE FUNCTION gatehouse.logs_with(log regclass)
 RETURNS regclass[]
 LANGUAGE sql
 STABLE
BEGIN ATOMIC
 SELECT
         CASE
             WHEN ((log)::oid = ('gatehouse.row_change_log'::regclass)::oid) THEN ARRAY[log]
             ELSE ARRAY['gatehouse.event_details'::regclass, 'gatehouse.events'::regclass]
         END AS "array";
END;
ALTER FUNCTION gatehouse.logs_with(regclass) OWNER TO gatehouse_owner;
COMMENT ON FUNCTION gatehouse.logs_with(regclass) IS 'internal: the logs that have leaves of the same ranges as this one';
REVOKE ALL ON FUNCTION gatehouse.logs_with(regclass) FROM PUBLIC;

CREATE FUNCTION gatehouse.time_column(log regclass)
 RETURNS name
 LANGUAGE sql
 STABLE
BEGIN ATOMIC
 SELECT a.attname
    FROM (pg_partitioned_table p
      JOIN pg_attribute a ON (((a.attrelid = p.partrelid) AND (a.attnum = p.partattrs[0]))))
   WHERE (p.partrelid = (time_column.log)::oid);
END;
ALTER FUNCTION gatehouse.time_column(regclass) OWNER TO gatehouse_owner;
COMMENT ON FUNCTION gatehouse.time_column(regclass) IS 'internal: the column by which a log is partitioned';
REVOKE ALL ON FUNCTION gatehouse.time_column(regclass) FROM PUBLIC;

CREATE FUNCTION gatehouse.default_of(log regclass)
 RETURNS regclass
 LANGUAGE sql
 STABLE
BEGIN ATOMIC
 SELECT (p.partdefid)::regclass AS partdefid
    FROM pg_partitioned_table p
   WHERE ((p.partrelid = (default_of.log)::oid) AND (p.partdefid <> (0)::oid));
END;
ALTER FUNCTION gatehouse.default_of(regclass) OWNER TO gatehouse_owner;
COMMENT ON FUNCTION gatehouse.default_of(regclass) IS 'internal: the DEFAULT partition of a log';
REVOKE ALL ON FUNCTION gatehouse.default_of(regclass) FROM PUBLIC;

CREATE FUNCTION gatehouse.leaf_range(logs regclass[], at timestamp with time zone, unit text, OUT since timestamp with time zone, OUT until timestamp with time zone)
 RETURNS record
 LANGUAGE sql
 STABLE
 SET search_path TO 'pg_catalog', 'pg_temp'
AS $function$
  SELECT greatest(date_trunc(unit, at, 'UTC'), max(p.until) FILTER (WHERE p.until <= at), max(p.since) FILTER (WHERE p.since <= at)),
         least((date_trunc(unit, at, 'UTC') AT TIME ZONE 'UTC' + ('1 ' || unit)::interval) AT TIME ZONE 'UTC',
               min(p.since) FILTER (WHERE p.since > at), min(p.until) FILTER (WHERE p.until > at))
    FROM gatehouse.log_partitions() p
   WHERE p.log = ANY (logs)
$function$;
ALTER FUNCTION gatehouse.leaf_range(regclass[],timestamp with time zone,text) OWNER TO gatehouse_owner;
COMMENT ON FUNCTION gatehouse.leaf_range(regclass[],timestamp with time zone,text) IS 'internal: the range of a leaf for this time, a unit of the calendar less what leaves have';
REVOKE ALL ON FUNCTION gatehouse.leaf_range(regclass[],timestamp with time zone,text) FROM PUBLIC;

CREATE FUNCTION gatehouse.leaf_unit(logs regclass[])
 RETURNS text
 LANGUAGE plpgsql
 SET search_path TO 'pg_catalog', 'pg_temp'
AS $function$
DECLARE
  most CONSTANT numeric := pg_size_bytes(gatehouse.setting('audit_leaf_size'))::numeric;
  present CONSTANT timestamptz := clock_timestamp();
  part record;
  begun timestamptz;
  a_day numeric := numeric '0';
BEGIN
  FOR part IN SELECT p.* FROM gatehouse.log_partitions() p
               WHERE p.log = ANY (logs)
                 AND (p.is_default OR p.since < present AND p.until > present - interval '8 days') LOOP
    begun := part.since;
    IF part.is_default THEN
      EXECUTE format('SELECT %I FROM ONLY %s LIMIT 1', gatehouse.time_column(part.log), part.leaf) INTO begun;
    END IF;
    CONTINUE WHEN begun IS NULL OR NOT isfinite(begun);
    a_day := greatest(a_day, pg_total_relation_size(part.leaf) / greatest(extract(epoch FROM least(part.until, present) - begun) / 86400, 1));
  END LOOP;
  RETURN CASE WHEN 31 * a_day <= most THEN 'month' WHEN 7 * a_day <= most THEN 'week' ELSE 'day' END;
END
$function$;
ALTER FUNCTION gatehouse.leaf_unit(regclass[]) OWNER TO gatehouse_owner;
COMMENT ON FUNCTION gatehouse.leaf_unit(regclass[]) IS 'internal: month, week or day, the longest of which what was written lately lets expect at most gatehouse.audit_leaf_size';
REVOKE ALL ON FUNCTION gatehouse.leaf_unit(regclass[]) FROM PUBLIC;

CREATE FUNCTION gatehouse.make_leaf(log regclass, since timestamp with time zone, until timestamp with time zone, with_rows boolean)
 RETURNS bigint
 LANGUAGE plpgsql
 SET search_path TO 'pg_catalog', 'pg_temp'
 SET "DateStyle" TO 'ISO, YMD'
 SET "TimeZone" TO 'UTC'
AS $function$
DECLARE
  parent_name CONSTANT text := (SELECT c.relname::text FROM pg_class c WHERE c.oid = log);
  default_leaf CONSTANT regclass := gatehouse.default_of(log);
  default_name CONSTANT text := (SELECT c.relname::text FROM pg_class c WHERE c.oid = default_leaf);
  time_column CONSTANT name := gatehouse.time_column(log);
  whole_month CONSTANT boolean := since = date_trunc('month', since) AND until = since + interval '1 month';
  whole_days CONSTANT boolean := since = date_trunc('day', since);
  base CONSTANT text := parent_name || to_char(since, CASE WHEN whole_month THEN '_YYYY_MM' WHEN whole_days THEN '_YYYY_MM_DD'
                                                           ELSE '_YYYY_MM_DD_HH24MISS' END);
  leaf_name text := base;
  attempt integer := 1;
  moved bigint := bigint '0';
  definition text;
BEGIN
  WHILE to_regclass(format('gatehouse.%I', leaf_name)) IS NOT NULL LOOP
    attempt := attempt + 1;
    leaf_name := base || '_' || attempt;
  END LOOP;
  EXECUTE format('CREATE TABLE gatehouse.%I (LIKE %s)', leaf_name, log);
  EXECUTE format('ALTER TABLE gatehouse.%I OWNER TO gatehouse_owner', leaf_name);
  EXECUTE format('COMMENT ON TABLE gatehouse.%I IS %L', leaf_name, format('of %s, from %s to %s', parent_name, since, until));
  IF with_rows THEN
    EXECUTE format('WITH moved AS (DELETE FROM ONLY %1$s d WHERE d.%2$I >= %3$L AND d.%2$I < %4$L RETURNING d.*) '
                   'INSERT INTO gatehouse.%5$I SELECT m.* FROM moved m', default_leaf, time_column, since, until, leaf_name);
    GET DIAGNOSTICS moved = ROW_COUNT;
  END IF;
  -- One that somebody has made may have any name.
  FOR definition IN SELECT CASE WHEN starts_with(c.relname, default_name) THEN d.definition
                                ELSE replace(d.definition, format(' INDEX %I ON ', c.relname), format(' INDEX %I ON ', left(leaf_name || '_' || c.relname, 63))) END
                      FROM pg_index i JOIN pg_class c ON c.oid = i.indexrelid CROSS JOIN LATERAL pg_get_indexdef(i.indexrelid) d (definition)
                     WHERE i.indrelid = default_leaf AND i.indisvalid LOOP
    EXECUTE replace(definition, default_name, leaf_name);
  END LOOP;
  EXECUTE format('ALTER TABLE %s ATTACH PARTITION gatehouse.%I FOR VALUES FROM (%L) TO (%L)', log, leaf_name, since, until);
  RETURN moved;
END
$function$;
ALTER FUNCTION gatehouse.make_leaf(regclass,timestamp with time zone,timestamp with time zone,boolean) OWNER TO gatehouse_owner;
COMMENT ON FUNCTION gatehouse.make_leaf(regclass,timestamp with time zone,timestamp with time zone,boolean) IS 'internal: makes a partition of a log with the indexes of DEFAULT, and moves the rows of its range there; gives their number';
REVOKE ALL ON FUNCTION gatehouse.make_leaf(regclass,timestamp with time zone,timestamp with time zone,boolean) FROM PUBLIC;

CREATE FUNCTION gatehouse.lock_logs(logs regclass[])
 RETURNS void
 LANGUAGE plpgsql
 SET search_path TO 'pg_catalog', 'pg_temp'
AS $function$
DECLARE
  log regclass;
BEGIN
  FOREACH log IN ARRAY logs LOOP
    EXECUTE format('LOCK TABLE ONLY %s IN SHARE UPDATE EXCLUSIVE MODE', log);
  END LOOP;
END
$function$;
ALTER FUNCTION gatehouse.lock_logs(regclass[]) OWNER TO gatehouse_owner;
COMMENT ON FUNCTION gatehouse.lock_logs(regclass[]) IS 'internal: keeps others from changing the partitions of the logs, and nobody from reading and writing them';
REVOKE ALL ON FUNCTION gatehouse.lock_logs(regclass[]) FROM PUBLIC;

CREATE FUNCTION gatehouse.make_leaves_of(logs regclass[], at_any_size boolean)
 RETURNS bigint
 LANGUAGE plpgsql
 SET search_path TO 'pg_catalog', 'pg_temp'
AS $function$
DECLARE
  most_default CONSTANT bigint := bigint '1073741824';
  present CONSTANT timestamptz := clock_timestamp();
  place timestamptz := present;
  unit text;
  this_log regclass;
  covered bigint;
  covered_until timestamptz;
  until timestamptz;
  made bigint := bigint '0';
BEGIN
  WHILE place <= present + interval '8 days' LOOP
    SELECT count(*), min(p.until) INTO covered, covered_until
      FROM gatehouse.log_partitions() p
     WHERE p.log = ANY (logs) AND p.since <= place AND p.until > place;
    IF covered = cardinality(logs) THEN
      place := covered_until;
    ELSIF place = present THEN
      -- What is written now goes into DEFAULT, where a leaf of this range would find rows; so it begins tomorrow. While ATTACH
      -- reads a large DEFAULT, those who write to it wait.
      EXIT WHEN at_any_size IS NOT TRUE
        AND (SELECT sum(pg_relation_size(gatehouse.default_of(l))) FROM unnest(logs) l) > most_default;
      place := (date_trunc('day', present + interval '1 minute', 'UTC') AT TIME ZONE 'UTC' + interval '1 day') AT TIME ZONE 'UTC';
    ELSE
      IF unit IS NULL THEN
        PERFORM gatehouse.lock_logs(logs);
        unit := gatehouse.leaf_unit(logs);
      END IF;
      until := (gatehouse.leaf_range(logs, place, unit)).until;
      FOREACH this_log IN ARRAY logs LOOP
        IF NOT EXISTS (SELECT FROM gatehouse.log_partitions() p
                        WHERE p.log = this_log AND p.since <= place AND p.until > place) THEN
          PERFORM gatehouse.make_leaf(this_log, place, until, false);
          made := made + 1;
        END IF;
      END LOOP;
      place := until;
    END IF;
  END LOOP;
  RETURN made;
END
$function$;
ALTER FUNCTION gatehouse.make_leaves_of(regclass[],boolean) OWNER TO gatehouse_owner;
COMMENT ON FUNCTION gatehouse.make_leaves_of(regclass[],boolean) IS 'internal: makes partitions for the next eight days; none where DEFAULT, of more than 1 GB, is written to, unless told';
REVOKE ALL ON FUNCTION gatehouse.make_leaves_of(regclass[],boolean) FROM PUBLIC;

CREATE FUNCTION gatehouse.make_audit_leaves(at_any_size boolean DEFAULT false)
 RETURNS bigint
 LANGUAGE plpgsql
 SECURITY DEFINER
 SET search_path TO 'pg_catalog', 'pg_temp'
 SET lock_timeout TO '50ms'
AS $function$
DECLARE
  log regclass;
  made bigint := bigint '0';
BEGIN
  FOREACH log IN ARRAY ARRAY['gatehouse.row_change_log'::regclass, 'gatehouse.events'::regclass] LOOP
    BEGIN
      made := made + gatehouse.make_leaves_of(gatehouse.logs_with(log), at_any_size);
    EXCEPTION WHEN lock_not_available THEN
      NULL;  -- the next round tries again
    END;
  END LOOP;
  RETURN made;
END
$function$;
ALTER FUNCTION gatehouse.make_audit_leaves(boolean) OWNER TO gatehouse_owner;
COMMENT ON FUNCTION gatehouse.make_audit_leaves(boolean) IS 'makes the partitions of the logs for the next eight days and gives their number; maintenance calls it. Where rows go into a DEFAULT of more than 1 GB it makes none unless told: whoever writes waits while it is read';
REVOKE ALL ON FUNCTION gatehouse.make_audit_leaves(boolean) FROM PUBLIC;
GRANT EXECUTE ON FUNCTION gatehouse.make_audit_leaves(boolean) TO gatehouse_admin;

CREATE FUNCTION gatehouse.move_rows_of(logs regclass[], max_rows bigint)
 RETURNS bigint
 LANGUAGE plpgsql
 SET search_path TO 'pg_catalog', 'pg_temp'
AS $function$
DECLARE
  present CONSTANT timestamptz := clock_timestamp();
  this_log regclass;
  at timestamptz;
  range record;
  rows_found bigint;
  most bigint;
  moved bigint := bigint '0';
BEGIN
  IF (SELECT count(*) FROM gatehouse.log_partitions() p
       WHERE p.log = ANY (logs) AND p.since <= present AND p.until > present) < cardinality(logs) THEN
    RETURN bigint '0';
  END IF;
  FOREACH this_log IN ARRAY logs LOOP
    -- The first in the file is about the oldest.
    EXECUTE format('SELECT d.%1$I FROM ONLY %2$s d WHERE d.%1$I <= $1 LIMIT 1', gatehouse.time_column(this_log), gatehouse.default_of(this_log))
      INTO at USING present;
    EXIT WHEN at IS NOT NULL;
  END LOOP;
  IF at IS NULL THEN
    RETURN bigint '0';
  END IF;
  PERFORM gatehouse.lock_logs(logs);
  FOREACH this_log IN ARRAY logs LOOP
    EXECUTE format('LOCK TABLE ONLY %s IN ACCESS EXCLUSIVE MODE', gatehouse.default_of(this_log));
  END LOOP;
  FOR range IN SELECT r.since, r.until FROM unnest('{month,week,day,hour}'::text[]) WITH ORDINALITY u (unit, place),
                      gatehouse.leaf_range(logs, at, u.unit) r ORDER BY u.place LOOP
    most := bigint '0';
    FOREACH this_log IN ARRAY logs LOOP
      EXECUTE format('SELECT count(*) FROM (SELECT FROM ONLY %1$s d WHERE d.%2$I >= $1 AND d.%2$I < $2 LIMIT $3) found',
                     gatehouse.default_of(this_log), gatehouse.time_column(this_log))
        INTO rows_found USING range.since, range.until, max_rows + 1;
      most := greatest(most, rows_found);
    END LOOP;
    EXIT WHEN most <= max_rows;
  END LOOP;
  FOREACH this_log IN ARRAY logs LOOP
    IF NOT EXISTS (SELECT FROM gatehouse.log_partitions() p
                    WHERE p.log = this_log AND p.since <= range.since AND p.until > range.since) THEN
      moved := moved + gatehouse.make_leaf(this_log, range.since, range.until, true);
    END IF;
  END LOOP;
  RETURN moved;
END
$function$;
ALTER FUNCTION gatehouse.move_rows_of(regclass[],bigint) OWNER TO gatehouse_owner;
COMMENT ON FUNCTION gatehouse.move_rows_of(regclass[],bigint) IS 'internal: moves rows from DEFAULT into a partition that is made for their range: the longest unit of the calendar with at most so many rows, at least an hour';
REVOKE ALL ON FUNCTION gatehouse.move_rows_of(regclass[],bigint) FROM PUBLIC;

CREATE FUNCTION gatehouse.move_default_rows(max_rows bigint DEFAULT 100000)
 RETURNS bigint
 LANGUAGE plpgsql
 SET search_path TO 'pg_catalog', 'pg_temp'
 SET lock_timeout TO '50ms'
AS $function$
DECLARE
  log regclass;
  moved bigint := bigint '0';
BEGIN
  FOREACH log IN ARRAY ARRAY['gatehouse.row_change_log'::regclass, 'gatehouse.events'::regclass] LOOP
    BEGIN
      moved := moved + gatehouse.move_rows_of(gatehouse.logs_with(log), max_rows);
    EXCEPTION WHEN lock_not_available THEN
      NULL;  -- the next round tries again
    END;
  END LOOP;
  RETURN moved;
END
$function$;
ALTER FUNCTION gatehouse.move_default_rows(bigint) OWNER TO gatehouse_owner;
COMMENT ON FUNCTION gatehouse.move_default_rows(bigint) IS 'internal: moves about so many rows of each log out of DEFAULT, where they came while there was no partition for them, and gives their number';
REVOKE ALL ON FUNCTION gatehouse.move_default_rows(bigint) FROM PUBLIC;

CREATE FUNCTION gatehouse.drop_audit_leaves(kept_since timestamp with time zone)
 RETURNS bigint
 LANGUAGE plpgsql
 SET search_path TO 'pg_catalog', 'pg_temp'
AS $function$
DECLARE
  part record;
  dropped jsonb := jsonb '[]';
  rows_dropped bigint;
BEGIN
  -- One that is another's would fail the whole.
  -- Of the details the first: whoever erases a person finds them by their event.
  FOR part IN SELECT p.* FROM gatehouse.log_partitions() p JOIN pg_class c ON c.oid = p.leaf
               WHERE p.until <= kept_since AND c.relowner = 'gatehouse_owner'::regrole
               ORDER BY p.log = 'gatehouse.event_details'::regclass DESC, p.log, p.since LOOP
    IF part.log = 'gatehouse.events'::regclass THEN
      CONTINUE WHEN EXISTS (SELECT FROM gatehouse.log_partitions() p
                             WHERE p.log = 'gatehouse.event_details'::regclass AND p.since < part.until AND p.until > part.since)
        OR EXISTS (SELECT FROM gatehouse.event_details d WHERE d.occurred_at >= part.since AND d.occurred_at < part.until);
    END IF;
    EXECUTE format('SELECT count(*) FROM %s', part.leaf) INTO rows_dropped;
    dropped := dropped || jsonb_build_object('partition', part.leaf::text, 'log', part.log::text, 'since', part.since,
                                             'until', part.until, 'rows', rows_dropped);
    EXECUTE format('DROP TABLE %s', part.leaf);
  END LOOP;
  IF jsonb_array_length(dropped) > 0 THEN
    PERFORM gatehouse.write_event('audit.pruned', NULL, NULL, NULL, true,
                                  jsonb_build_object('kept_since', kept_since, 'partitions', dropped), NULL);
  END IF;
  RETURN jsonb_array_length(dropped)::bigint;
END
$function$;
ALTER FUNCTION gatehouse.drop_audit_leaves(timestamp with time zone) OWNER TO gatehouse_owner;
COMMENT ON FUNCTION gatehouse.drop_audit_leaves(timestamp with time zone) IS 'internal: drops the partitions of the logs that end at that time or before, writes an event that names them, and gives their number';
REVOKE ALL ON FUNCTION gatehouse.drop_audit_leaves(timestamp with time zone) FROM PUBLIC;

CREATE FUNCTION gatehouse.prune_audit_log(keep interval DEFAULT NULL::interval)
 RETURNS bigint
 LANGUAGE plpgsql
 SECURITY DEFINER
 SET search_path TO 'pg_catalog', 'pg_temp'
AS $function$
DECLARE
  retention CONSTANT interval := coalesce(keep, gatehouse.lifetime('audit_retention'));
  kept_since timestamptz;
BEGIN
  IF keep IS NULL AND retention = interval '0' THEN
    RETURN bigint '0';
  END IF;
  kept_since := clock_timestamp() - retention;
  -- By the clock, not by the interval: a month is of no length of its own.
  IF keep IS NOT NULL AND kept_since > clock_timestamp() - interval '24 hours' THEN
    RAISE EXCEPTION 'keep must be at least 1 day' USING ERRCODE = '22023';
  END IF;
  RETURN gatehouse.drop_audit_leaves(kept_since);
END
$function$;
ALTER FUNCTION gatehouse.prune_audit_log(interval) OWNER TO gatehouse_owner;
COMMENT ON FUNCTION gatehouse.prune_audit_log(interval) IS 'drops the partitions of the logs whose rows are all older than keep, at least a day, writes the event audit.pruned that names them, and gives their number; NULL is gatehouse.audit_retention';
REVOKE ALL ON FUNCTION gatehouse.prune_audit_log(interval) FROM PUBLIC;
GRANT EXECUTE ON FUNCTION gatehouse.prune_audit_log(interval) TO gatehouse_admin;

CREATE FUNCTION gatehouse.prune_in_maintenance()
 RETURNS bigint
 LANGUAGE plpgsql
 SET search_path TO 'pg_catalog', 'pg_temp'
 SET lock_timeout TO '50ms'
AS $function$
BEGIN
  RETURN gatehouse.prune_audit_log();
EXCEPTION WHEN lock_not_available THEN
  RETURN bigint '0';  -- the next round tries again
END
$function$;
ALTER FUNCTION gatehouse.prune_in_maintenance() OWNER TO gatehouse_owner;
COMMENT ON FUNCTION gatehouse.prune_in_maintenance() IS 'internal: prune_audit_log() for maintenance, which waits for nobody';
REVOKE ALL ON FUNCTION gatehouse.prune_in_maintenance() FROM PUBLIC;

CREATE FUNCTION gatehouse.guard_audit_log()
 RETURNS event_trigger
 LANGUAGE c
AS 'MODULE_PATHNAME', 'gatehouse_audit_guard_log';
COMMENT ON FUNCTION gatehouse.guard_audit_log() IS 'internal: refuses a command that drops the extension while a log has rows, unless gatehouse.allow_drop is on';
REVOKE ALL ON FUNCTION gatehouse.guard_audit_log() FROM PUBLIC;

CREATE FUNCTION gatehouse.partition_id(partition oid)
 RETURNS integer
 LANGUAGE sql
 STABLE
 SET search_path TO 'pg_catalog', 'pg_temp'
AS $function$
  SELECT gatehouse.partition_id_in(t.tgargs) FROM pg_trigger t
   WHERE t.tgrelid = partition AND t.tgfoid = 'gatehouse.log_truncate()'::regprocedure
   ORDER BY t.oid LIMIT 1
$function$;
ALTER FUNCTION gatehouse.partition_id(oid) OWNER TO gatehouse_owner;
COMMENT ON FUNCTION gatehouse.partition_id(oid) IS 'internal: the stable id of a partition; NULL where it has none';
REVOKE ALL ON FUNCTION gatehouse.partition_id(oid) FROM PUBLIC;

CREATE FUNCTION gatehouse.known_partition_ids(table_id integer, root regclass)
 RETURNS jsonb
 LANGUAGE sql
 STABLE
 SET search_path TO 'pg_catalog', 'pg_temp'
AS $function$
  SELECT jsonb_object_agg(c.oid::text, coalesce(gatehouse.partition_id(c.oid), p.partition_id))
    FROM pg_partition_tree(root) t
    JOIN pg_class c ON c.oid = t.relid
    JOIN pg_namespace n ON n.oid = c.relnamespace
    LEFT JOIN gatehouse.audit_partitions p
           ON p.table_id = known_partition_ids.table_id AND NOT p.has_left AND p.partition_schema = n.nspname AND p.partition_name = c.relname
$function$;
ALTER FUNCTION gatehouse.known_partition_ids(integer,regclass) OWNER TO gatehouse_owner;
COMMENT ON FUNCTION gatehouse.known_partition_ids(integer,regclass) IS 'internal: the stable ids of a table''s partitions, by their OID';
REVOKE ALL ON FUNCTION gatehouse.known_partition_ids(integer,regclass) FROM PUBLIC;

CREATE FUNCTION gatehouse.note_other_partitions(id integer)
 RETURNS void
 LANGUAGE sql
BEGIN ATOMIC
 UPDATE gatehouse.audit_registry AS r SET known_gaps = r.known_gaps
   WHERE (r.table_id = note_other_partitions.id);
END;
ALTER FUNCTION gatehouse.note_other_partitions(integer) OWNER TO gatehouse_owner;
COMMENT ON FUNCTION gatehouse.note_other_partitions(integer) IS 'internal: the registry''s row is a newer one, though nothing in it is';
REVOKE ALL ON FUNCTION gatehouse.note_other_partitions(integer) FROM PUBLIC;

CREATE FUNCTION gatehouse.cover_partition(id integer, partition regclass, known_id integer, since bigint DEFAULT 0)
 RETURNS void
 LANGUAGE plpgsql
 SET search_path TO 'pg_catalog', 'pg_temp'
 SET quote_all_identifiers TO 'off'
AS $function$
DECLARE
  partition_id integer := known_id;
BEGIN
  IF partition_id IS NULL THEN
    INSERT INTO gatehouse.audit_partitions AS p (table_id, partition_schema, partition_name, since)
    SELECT id, n.nspname, c.relname, cover_partition.since
      FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
     WHERE c.oid = partition
    RETURNING p.partition_id INTO partition_id;
    PERFORM gatehouse.note_other_partitions(id);
  END IF;
  PERFORM gatehouse.remove_audit_trigger(t.oid)
     FROM pg_trigger t
    WHERE t.tgrelid = partition AND t.tgfoid = 'gatehouse.log_truncate()'::regprocedure;
  PERFORM gatehouse.make_audit_trigger(partition, true, gatehouse.audit_words(id, r.excluded, r.redacted, partition_id))
     FROM gatehouse.audit_registry r
    WHERE r.table_id = id;
END
$function$;
ALTER FUNCTION gatehouse.cover_partition(integer,regclass,integer,bigint) OWNER TO gatehouse_owner;
COMMENT ON FUNCTION gatehouse.cover_partition(integer,regclass,integer,bigint) IS 'internal: gives a partition of an audited table its stable id, where it has none, and the TRUNCATE trigger. since: as audit_partitions has it';
REVOKE ALL ON FUNCTION gatehouse.cover_partition(integer,regclass,integer,bigint) FROM PUBLIC;

CREATE FUNCTION gatehouse.admit_partition(id integer, partition regclass)
 RETURNS void
 LANGUAGE plpgsql
 SET search_path TO 'pg_catalog', 'pg_temp'
 SET quote_all_identifiers TO 'off'
AS $function$
BEGIN
  IF pg_relation_size(partition) = 0 THEN
    PERFORM gatehouse.cover_partition(id, partition, NULL);
  ELSE
    PERFORM gatehouse.cover_partition(id, partition, NULL, nextval('gatehouse.row_change_log_id_seq'));
    PERFORM gatehouse.write_table_event('audit.partition_attached', id, true,
              (SELECT jsonb_build_object('partition', format('%I.%I', n.nspname, c.relname))
                 FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
                WHERE c.oid = partition));
  END IF;
END
$function$;
ALTER FUNCTION gatehouse.admit_partition(integer,regclass) OWNER TO gatehouse_owner;
COMMENT ON FUNCTION gatehouse.admit_partition(integer,regclass) IS 'internal: covers a new partition of an audited table; writes an event where it brings rows along';
REVOKE ALL ON FUNCTION gatehouse.admit_partition(integer,regclass) FROM PUBLIC;

CREATE FUNCTION gatehouse.end_partition(id integer, partition_id integer, name text, has_rows boolean)
 RETURNS void
 LANGUAGE plpgsql
 SET search_path TO 'pg_catalog', 'pg_temp'
 SET quote_all_identifiers TO 'off'
AS $function$
BEGIN
  UPDATE gatehouse.audit_partitions p SET has_left = true WHERE p.partition_id = end_partition.partition_id;
  PERFORM gatehouse.note_other_partitions(id);
  IF has_rows THEN
    PERFORM gatehouse.log_partition_end(id, partition_id, name);
  END IF;
END
$function$;
ALTER FUNCTION gatehouse.end_partition(integer,integer,text,boolean) OWNER TO gatehouse_owner;
COMMENT ON FUNCTION gatehouse.end_partition(integer,integer,text,boolean) IS 'internal: a partition has left an audited table. has_rows: log that its rows have, as a TRUNCATE of it does';
REVOKE ALL ON FUNCTION gatehouse.end_partition(integer,integer,text,boolean) FROM PUBLIC;

CREATE FUNCTION gatehouse.release_partitions(id integer, root regclass, partitions_before oid[])
 RETURNS void
 LANGUAGE plpgsql
 SET search_path TO 'pg_catalog', 'pg_temp'
 SET quote_all_identifiers TO 'off'
AS $function$
DECLARE
  released record;
BEGIN
  FOR released IN
    -- What waits in DETACH CONCURRENTLY is one of its partitions until that is done.
    WITH RECURSIVE pending (relation) AS (
      SELECT i.inhrelid FROM pg_inherits i WHERE i.inhdetachpending
      UNION
      SELECT i.inhrelid FROM pending JOIN pg_inherits i ON i.inhparent = pending.relation)
    SELECT c.oid AS relation, format('%I.%I', n.nspname, c.relname) AS name, c.relispartition, c.relkind,
           coalesce(gatehouse.partition_id(c.oid),
                    (SELECT p.partition_id FROM gatehouse.audit_partitions p
                      WHERE p.table_id = release_partitions.id AND NOT p.has_left AND p.partition_schema = n.nspname AND p.partition_name = c.relname)) AS partition_id
      FROM (SELECT unnest(partitions_before)
            UNION
            SELECT t.tgrelid
              FROM pg_trigger t
             WHERE t.tgfoid = 'gatehouse.log_truncate()'::regprocedure
               AND split_part(encode(t.tgargs, 'escape'), E'\\000', 1) = release_partitions.id::text) AS b (relation)
      JOIN pg_class c ON c.oid = b.relation
      JOIN pg_namespace n ON n.oid = c.relnamespace
     WHERE c.oid <> root AND c.oid NOT IN (SELECT p.relid FROM pg_partition_tree(root) p) AND c.oid NOT IN (SELECT pending.relation FROM pending)
     ORDER BY c.oid
  LOOP
    CONTINUE WHEN released.partition_id IS NULL;  -- others have detached it, for whom the command has waited
    PERFORM gatehouse.remove_audit_trigger(t.oid)
       FROM pg_trigger t
      WHERE t.tgrelid = released.relation AND t.tgfoid = 'gatehouse.log_truncate()'::regprocedure;
    UPDATE gatehouse.audit_registry r
       SET known_gaps = ARRAY(SELECT k.gap FROM unnest(r.known_gaps) k (gap) WHERE NOT starts_with(k.gap, released.name || ': '))
     WHERE r.table_id = release_partitions.id AND r.known_gaps <> '{}';
    PERFORM gatehouse.end_partition(id, released.partition_id, released.name, released.relkind = 'r');
    IF NOT released.relispartition THEN
      PERFORM gatehouse.write_table_event('audit.partition_detached', id, true, jsonb_build_object('partition', released.name));
    END IF;
  END LOOP;
END
$function$;
ALTER FUNCTION gatehouse.release_partitions(integer,regclass,oid[]) OWNER TO gatehouse_owner;
COMMENT ON FUNCTION gatehouse.release_partitions(integer,regclass,oid[]) IS 'internal: takes the TRUNCATE trigger off what no longer is a partition of an audited table, and writes an event';
REVOKE ALL ON FUNCTION gatehouse.release_partitions(integer,regclass,oid[]) FROM PUBLIC;

CREATE FUNCTION gatehouse.write_table_event(event_type text, id integer, by_command boolean, what jsonb)
 RETURNS void
 LANGUAGE plpgsql
 SET search_path TO 'pg_catalog', 'pg_temp'
 SET quote_all_identifiers TO 'off'
AS $function$
BEGIN
  PERFORM gatehouse.write_event(write_table_event.event_type, NULL, NULL, NULL, true,
            jsonb_build_object('table_id', r.table_id, 'table_schema', r.table_schema, 'table_name', r.table_name) || what
              || CASE WHEN by_command THEN jsonb_build_object('role', gatehouse.calling_role()::regrole::text) ELSE '{}' END, NULL)
     FROM gatehouse.audit_registry r
    WHERE r.table_id = write_table_event.id;
END
$function$;
ALTER FUNCTION gatehouse.write_table_event(text,integer,boolean,jsonb) OWNER TO gatehouse_owner;
COMMENT ON FUNCTION gatehouse.write_table_event(text,integer,boolean,jsonb) IS 'internal: an event about an audited table, with the role that gave the command';
REVOKE ALL ON FUNCTION gatehouse.write_table_event(text,integer,boolean,jsonb) FROM PUBLIC;

CREATE FUNCTION gatehouse.note_table_gaps(id integer, kinds text[], by_command boolean)
 RETURNS bigint
 LANGUAGE plpgsql
 SET search_path TO 'pg_catalog', 'pg_temp'
 SET quote_all_identifiers TO 'off'
AS $function$
DECLARE
  known text[];
  noted record;
  written bigint := bigint '0';
BEGIN
  SELECT r.known_gaps INTO known FROM gatehouse.audit_registry r WHERE r.table_id = id FOR NO KEY UPDATE;
  IF by_command AND 'missing' <> ALL (kinds) AND EXISTS (SELECT FROM gatehouse.audit_gaps a WHERE a.table_id = id AND a.kind = 'missing' AND a.gap <> ALL (known)) THEN
    RETURN written;
  END IF;
  FOR noted IN
    SELECT coalesce(g.gap, k.gap) AS gap,
           g.gap IS NOT NULL AS is_there,
           CASE WHEN g.gap IS NULL THEN CASE WHEN k.gap LIKE '%: unlogged' THEN 'audit.table_logged' ELSE 'audit.trigger_restored' END
                WHEN NOT by_command THEN 'audit.gap_found'
                WHEN g.kind = 'disabled' THEN 'audit.trigger_disabled'
                WHEN g.kind = 'missing' THEN 'audit.trigger_dropped'
                WHEN g.kind = 'unlogged' THEN 'audit.table_unlogged'
                ELSE 'audit.trigger_altered' END AS event_type
      FROM (SELECT a.gap, a.kind FROM gatehouse.audit_gaps a WHERE a.table_id = id) g
      FULL JOIN unnest(known) AS k (gap) ON k.gap = g.gap
     WHERE k.gap IS NULL AND g.kind = ANY (kinds) OR g.gap IS NULL
     ORDER BY 1
  LOOP
    -- A partition's gap is gone, but not closed, where the root has no trigger.
    IF noted.is_there OR EXISTS (SELECT FROM gatehouse.audit_triggers t WHERE t.table_id_text = id::text) THEN
      PERFORM gatehouse.write_table_event(noted.event_type, id, by_command, jsonb_build_object('gap', noted.gap));
    END IF;
    known := CASE WHEN noted.is_there THEN array_append(known, noted.gap) ELSE array_remove(known, noted.gap) END;
    written := written + 1;
  END LOOP;
  IF written > 0 THEN
    UPDATE gatehouse.audit_registry r SET known_gaps = known WHERE r.table_id = id;
  END IF;
  RETURN written;
END
$function$;
ALTER FUNCTION gatehouse.note_table_gaps(integer,text[],boolean) OWNER TO gatehouse_owner;
COMMENT ON FUNCTION gatehouse.note_table_gaps(integer,text[],boolean) IS 'internal: an event for each gap of an audited table, of these kinds, that none tells of yet, and for each that is gone';
REVOKE ALL ON FUNCTION gatehouse.note_table_gaps(integer,text[],boolean) FROM PUBLIC;

CREATE FUNCTION gatehouse.note_audit_gaps()
 RETURNS bigint
 LANGUAGE plpgsql
 SET search_path TO 'pg_catalog', 'pg_temp'
 SET quote_all_identifiers TO 'off'
AS $function$
DECLARE
  id integer;
  written bigint := bigint '0';
BEGIN
  FOR id IN
    SELECT r.table_id
      FROM gatehouse.audit_registry r
      JOIN gatehouse.audited_tables t ON t.table_id = r.table_id
     WHERE NOT (t.gaps @> r.known_gaps AND t.gaps <@ r.known_gaps)
     ORDER BY 1
  LOOP
    -- Whoever holds it is at work on this table, and notes what it does.
    PERFORM FROM gatehouse.audit_registry r WHERE r.table_id = id FOR NO KEY UPDATE SKIP LOCKED;
    IF FOUND THEN
      written := written + gatehouse.note_table_gaps(id, '{missing,altered,disabled,unlogged}', false);
    END IF;
  END LOOP;
  RETURN written;
END
$function$;
ALTER FUNCTION gatehouse.note_audit_gaps() OWNER TO gatehouse_owner;
COMMENT ON FUNCTION gatehouse.note_audit_gaps() IS 'internal: an event for each gap of the audit that came, or went, without an event, as by a superuser past the event triggers; how many';
REVOKE ALL ON FUNCTION gatehouse.note_audit_gaps() FROM PUBLIC;

CREATE FUNCTION gatehouse.rename_known_gaps(old_prefix text, new_prefix text)
 RETURNS void
 LANGUAGE sql
BEGIN ATOMIC
 UPDATE gatehouse.audit_registry AS r SET known_gaps = ARRAY( SELECT
                 CASE
                     WHEN starts_with(k.gap, rename_known_gaps.old_prefix) THEN (rename_known_gaps.new_prefix || substr(k.gap, (length(rename_known_gaps.old_prefix) + 1)))
                     ELSE k.gap
                 END AS gap
            FROM unnest(r.known_gaps) k(gap))
   WHERE ((rename_known_gaps.old_prefix <> rename_known_gaps.new_prefix) AND (EXISTS ( SELECT
            FROM unnest(r.known_gaps) k(gap)
           WHERE starts_with(k.gap, rename_known_gaps.old_prefix))));
END;
ALTER FUNCTION gatehouse.rename_known_gaps(text,text) OWNER TO gatehouse_owner;
COMMENT ON FUNCTION gatehouse.rename_known_gaps(text,text) IS 'internal: what events tell of goes on under the new name of a table, or of a schema';
REVOKE ALL ON FUNCTION gatehouse.rename_known_gaps(text,text) FROM PUBLIC;

CREATE FUNCTION gatehouse.changed_since_snapshot(schema_name text, relation_name text)
 RETURNS boolean
 LANGUAGE c
 STRICT
AS 'MODULE_PATHNAME', 'gatehouse_audit_changed_since_snapshot';
COMMENT ON FUNCTION gatehouse.changed_since_snapshot(text,text) IS 'internal: whether others have recorded something of an audited table, or a partition, of this name that the snapshot of this transaction does not see';
REVOKE ALL ON FUNCTION gatehouse.changed_since_snapshot(text,text) FROM PUBLIC;
GRANT EXECUTE ON FUNCTION gatehouse.changed_since_snapshot(text,text) TO gatehouse_owner;

CREATE FUNCTION gatehouse.check_snapshot(schema_name text, relation_name text)
 RETURNS void
 LANGUAGE plpgsql
 SET search_path TO 'pg_catalog', 'pg_temp'
AS $function$
BEGIN
  IF gatehouse.changed_since_snapshot(schema_name, relation_name) THEN
    RAISE EXCEPTION 'could not serialize access: the audit of table %.% has changed since this transaction began', schema_name, relation_name
      USING ERRCODE = '40001';
  END IF;
END
$function$;
ALTER FUNCTION gatehouse.check_snapshot(text,text) OWNER TO gatehouse_owner;
COMMENT ON FUNCTION gatehouse.check_snapshot(text,text) IS 'internal: raises 40001 where changed_since_snapshot';
REVOKE ALL ON FUNCTION gatehouse.check_snapshot(text,text) FROM PUBLIC;

CREATE FUNCTION gatehouse.audited_root(relation regclass)
 RETURNS regclass
 LANGUAGE sql
 STABLE
 SET search_path TO 'pg_catalog', 'pg_temp'
AS $function$
  SELECT coalesce((SELECT a.relid FROM pg_partition_ancestors(audited_root.relation) a WHERE gatehouse.current_table_id(a.relid) IS NOT NULL LIMIT 1),
                  audited_root.relation)
$function$;
ALTER FUNCTION gatehouse.audited_root(regclass) OWNER TO gatehouse_owner;
COMMENT ON FUNCTION gatehouse.audited_root(regclass) IS 'internal: the audited table whose partition a relation is, else the relation';
REVOKE ALL ON FUNCTION gatehouse.audited_root(regclass) FROM PUBLIC;

CREATE FUNCTION gatehouse.watch_table(relation regclass, name_before text, partitions_before oid[], kinds text[])
 RETURNS void
 LANGUAGE plpgsql
 SET search_path TO 'pg_catalog', 'pg_temp'
 SET quote_all_identifiers TO 'off'
AS $function$
DECLARE
  root CONSTANT regclass := gatehouse.audited_root(relation);
  id CONSTANT integer := gatehouse.current_table_id(root);
BEGIN
  PERFORM gatehouse.check_snapshot(n.nspname, c.relname)
     FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
    WHERE c.oid = relation AND EXISTS (SELECT FROM gatehouse.audited_relations(relation));
  IF id IS NULL THEN
    RETURN;
  END IF;
  PERFORM FROM gatehouse.audit_registry r WHERE r.table_id = id AND r.disabled_at IS NULL FOR NO KEY UPDATE;
  IF NOT FOUND THEN
    RETURN;
  END IF;
  PERFORM gatehouse.rename_known_gaps(name_before || ': ', format('%I.%I: ', n.nspname, c.relname))
     FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
    WHERE c.oid = relation;
  UPDATE gatehouse.audit_registry r
     SET table_schema = n.nspname, table_name = c.relname
    FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
   WHERE c.oid = root AND r.table_id = id AND (r.table_schema <> n.nspname OR r.table_name <> c.relname);
  UPDATE gatehouse.audit_partitions p
     SET partition_schema = n.nspname, partition_name = c.relname
    FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
   WHERE c.oid = relation AND p.table_id = id AND NOT p.has_left AND format('%I.%I', p.partition_schema, p.partition_name) = name_before
     AND (p.partition_schema <> n.nspname OR p.partition_name <> c.relname);
  PERFORM gatehouse.admit_partition(id, p.relid)
     FROM pg_partition_tree(relation) p
     JOIN pg_class c ON c.oid = p.relid
    WHERE p.relid <> root AND c.relkind <> 'f' AND p.relid <> ALL (partitions_before)
      -- Others have attached it, for whom the command has waited.
      AND NOT EXISTS (SELECT FROM gatehouse.audit_partitions k
                       WHERE k.table_id = id AND NOT k.has_left AND k.partition_id = gatehouse.partition_id(p.relid))
    ORDER BY p.relid;
  PERFORM gatehouse.release_partitions(id, root, partitions_before);
  PERFORM gatehouse.note_table_gaps(id, kinds, true);
END
$function$;
ALTER FUNCTION gatehouse.watch_table(regclass,text,oid[],text[]) OWNER TO gatehouse_owner;
COMMENT ON FUNCTION gatehouse.watch_table(regclass,text,oid[],text[]) IS 'internal: after a command on a table or partition: covers new partitions, releases detached ones, writes events of gaps';
REVOKE ALL ON FUNCTION gatehouse.watch_table(regclass,text,oid[],text[]) FROM PUBLIC;

CREATE FUNCTION gatehouse.watch_trigger(trigger oid, kinds text[])
 RETURNS void
 LANGUAGE plpgsql
 SET search_path TO 'pg_catalog', 'pg_temp'
 SET quote_all_identifiers TO 'off'
AS $function$
BEGIN
  PERFORM gatehouse.watch_table(t.tgrelid, NULL, NULL, kinds) FROM pg_trigger t WHERE t.oid = trigger;
END
$function$;
ALTER FUNCTION gatehouse.watch_trigger(oid,text[]) OWNER TO gatehouse_owner;
COMMENT ON FUNCTION gatehouse.watch_trigger(oid,text[]) IS 'internal: after a trigger was made or replaced: writes events of gaps';
REVOKE ALL ON FUNCTION gatehouse.watch_trigger(oid,text[]) FROM PUBLIC;

CREATE FUNCTION gatehouse.watch_renamed_schema(name_before text, schema_id oid)
 RETURNS void
 LANGUAGE plpgsql
 SET search_path TO 'pg_catalog', 'pg_temp'
 SET quote_all_identifiers TO 'off'
AS $function$
DECLARE
  present_name CONSTANT text := (SELECT n.nspname::text FROM pg_namespace n WHERE n.oid = schema_id);
BEGIN
  UPDATE gatehouse.audit_registry r SET table_schema = present_name WHERE r.table_schema = name_before AND r.disabled_at IS NULL;
  UPDATE gatehouse.audit_partitions p SET partition_schema = present_name WHERE p.partition_schema = name_before AND NOT p.has_left;
  PERFORM gatehouse.rename_known_gaps(format('%I.', name_before), format('%I.', present_name));
END
$function$;
ALTER FUNCTION gatehouse.watch_renamed_schema(text,oid) OWNER TO gatehouse_owner;
COMMENT ON FUNCTION gatehouse.watch_renamed_schema(text,oid) IS 'internal: what is known of audited tables follows the new name of their schema';
REVOKE ALL ON FUNCTION gatehouse.watch_renamed_schema(text,oid) FROM PUBLIC;

CREATE FUNCTION gatehouse.follow_commands()
 RETURNS void
 LANGUAGE plpgsql
 STABLE SECURITY DEFINER
 SET search_path TO 'pg_catalog', 'pg_temp'
 SET quote_all_identifiers TO 'off'
AS $function$
DECLARE
  done record;
BEGIN
  IF NOT EXISTS (SELECT FROM gatehouse.audit_registry r WHERE r.disabled_at IS NULL) THEN
    RETURN;
  END IF;
  FOR done IN
    SELECT DISTINCT c.object_type, c.objid
      FROM pg_event_trigger_ddl_commands() c
     WHERE c.object_type IN ('table', 'trigger', 'schema') AND coalesce(c.schema_name, '') NOT IN ('gatehouse', 'pg_temp')
     ORDER BY c.objid
  LOOP
    CASE done.object_type
      WHEN 'table' THEN
        PERFORM gatehouse.watch_table(done.objid,
                  (SELECT format('%I.%I', n.nspname, c.relname)
                     FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
                    WHERE c.oid = done.objid),
                  (WITH RECURSIVE before (relation) AS (
                     SELECT c.oid FROM pg_class c WHERE c.oid = done.objid
                     UNION
                     SELECT c.oid FROM before b JOIN pg_inherits i ON i.inhparent = b.relation JOIN pg_class c ON c.oid = i.inhrelid AND c.relispartition)
                   SELECT coalesce(array_agg(b.relation), '{}') FROM before b),
                  '{disabled,unlogged}');
      WHEN 'trigger' THEN
        -- A restore turns a trigger on after it has made it.
        PERFORM gatehouse.watch_trigger(done.objid, CASE WHEN EXISTS (SELECT FROM pg_trigger t WHERE t.oid = done.objid)
                                                         THEN '{altered,disabled}'::text[] ELSE '{altered}' END);
        PERFORM gatehouse.note_lost_triggers(n.nspname, c.relname)
           FROM pg_trigger t JOIN pg_class c ON c.oid = t.tgrelid JOIN pg_namespace n ON n.oid = c.relnamespace
          WHERE t.oid = done.objid AND t.tgfoid IN ('gatehouse.log_row_change()'::regprocedure, 'gatehouse.log_truncate()'::regprocedure);
      ELSE
        PERFORM gatehouse.watch_renamed_schema(n.nspname, done.objid) FROM pg_namespace n WHERE n.oid = done.objid;
    END CASE;
  END LOOP;
END
$function$;
ALTER FUNCTION gatehouse.follow_commands() OWNER TO gatehouse_owner;
COMMENT ON FUNCTION gatehouse.follow_commands() IS 'internal: for watch_commands: new partitions of audited tables are covered, disabled and altered triggers and detached partitions recorded';
REVOKE ALL ON FUNCTION gatehouse.follow_commands() FROM PUBLIC;

CREATE FUNCTION gatehouse.watch_commands()
 RETURNS event_trigger
 LANGUAGE c
AS 'MODULE_PATHNAME', 'gatehouse_audit_watch_commands';
COMMENT ON FUNCTION gatehouse.watch_commands() IS 'internal: event trigger: follow_commands, by the snapshot that the command began with';
REVOKE ALL ON FUNCTION gatehouse.watch_commands() FROM PUBLIC;

CREATE FUNCTION gatehouse.note_dropped_table(dropped_schema text, dropped_name text)
 RETURNS void
 LANGUAGE plpgsql
 SET search_path TO 'pg_catalog', 'pg_temp'
 SET quote_all_identifiers TO 'off'
AS $function$
DECLARE
  gap CONSTANT text := format('%I.%I: row trigger missing', dropped_schema, dropped_name);
  id integer;
BEGIN
  PERFORM gatehouse.check_snapshot(dropped_schema, dropped_name);
  -- Others that had the name, and have lost their trigger, are told of already; or will be, where that went past the event triggers.
  SELECT max(r.table_id) INTO id
    FROM gatehouse.audit_registry r
   WHERE r.table_schema = dropped_schema AND r.table_name = dropped_name AND r.disabled_at IS NULL AND gap <> ALL (r.known_gaps);
  IF id IS NOT NULL THEN
    UPDATE gatehouse.audit_registry r SET known_gaps = ARRAY[gap] WHERE r.table_id = id;
    PERFORM gatehouse.write_table_event('audit.table_dropped', id, true, '{}');
  END IF;
END
$function$;
ALTER FUNCTION gatehouse.note_dropped_table(text,text) OWNER TO gatehouse_owner;
COMMENT ON FUNCTION gatehouse.note_dropped_table(text,text) IS 'internal: the event of an audited table that was dropped';
REVOKE ALL ON FUNCTION gatehouse.note_dropped_table(text,text) FROM PUBLIC;

CREATE FUNCTION gatehouse.note_dropped_partition(dropped_schema text, dropped_name text, is_topmost boolean)
 RETURNS void
 LANGUAGE plpgsql
 SET search_path TO 'pg_catalog', 'pg_temp'
 SET quote_all_identifiers TO 'off'
AS $function$
DECLARE
  dropped gatehouse.audit_partitions;
  name CONSTANT text := format('%I.%I', dropped_schema, dropped_name);
BEGIN
  SELECT p.* INTO dropped
    FROM gatehouse.audit_partitions p
    JOIN gatehouse.audit_registry r ON r.table_id = p.table_id AND r.disabled_at IS NULL
    JOIN gatehouse.audit_triggers t ON t.table_id_text = r.table_id::text  -- the table is not gone itself
   WHERE p.partition_schema = dropped_schema AND p.partition_name = dropped_name AND NOT p.has_left;
  IF NOT FOUND THEN
    RETURN;
  END IF;
  PERFORM gatehouse.end_partition(dropped.table_id, dropped.partition_id, name, true);
  IF is_topmost THEN
    PERFORM gatehouse.write_table_event('audit.partition_dropped', dropped.table_id, true, jsonb_build_object('partition', name));
  END IF;
END
$function$;
ALTER FUNCTION gatehouse.note_dropped_partition(text,text,boolean) OWNER TO gatehouse_owner;
COMMENT ON FUNCTION gatehouse.note_dropped_partition(text,text,boolean) IS 'internal: what is to be done where a partition of an audited table was dropped; of one that goes with another there is no event';
REVOKE ALL ON FUNCTION gatehouse.note_dropped_partition(text,text,boolean) FROM PUBLIC;

CREATE FUNCTION gatehouse.note_lost_triggers(relation_schema text, relation_name text)
 RETURNS void
 LANGUAGE plpgsql
 SET search_path TO 'pg_catalog', 'pg_temp'
 SET quote_all_identifiers TO 'off'
AS $function$
BEGIN
  PERFORM gatehouse.check_snapshot(relation_schema, relation_name);
  PERFORM gatehouse.note_table_gaps(l.table_id, '{missing}', true)
     FROM (SELECT r.table_id FROM gatehouse.audit_registry r
            WHERE r.table_schema = relation_schema AND r.table_name = relation_name AND r.disabled_at IS NULL
           UNION
           SELECT p.table_id FROM gatehouse.audit_partitions p JOIN gatehouse.audit_registry r ON r.table_id = p.table_id AND r.disabled_at IS NULL
            WHERE p.partition_schema = relation_schema AND p.partition_name = relation_name AND NOT p.has_left) l;
END
$function$;
ALTER FUNCTION gatehouse.note_lost_triggers(text,text) OWNER TO gatehouse_owner;
COMMENT ON FUNCTION gatehouse.note_lost_triggers(text,text) IS 'internal: events of the audit triggers that a table, or a partition, no longer has';
REVOKE ALL ON FUNCTION gatehouse.note_lost_triggers(text,text) FROM PUBLIC;

CREATE FUNCTION gatehouse.watch_drops()
 RETURNS event_trigger
 LANGUAGE plpgsql
 SECURITY DEFINER
 SET search_path TO 'pg_catalog', 'pg_temp'
 SET quote_all_identifiers TO 'off'
AS $function$
DECLARE
  dropped CONSTANT jsonb := (SELECT jsonb_agg(jsonb_build_object('type', d.object_type, 'schema', d.address_names[1], 'name', d.address_names[2],
                                                                 'original', d.original))
                               FROM pg_event_trigger_dropped_objects() d
                              WHERE d.object_type IN ('table', 'trigger') AND NOT d.is_temporary);
BEGIN
  IF dropped IS NULL THEN
    RETURN;
  END IF;
  PERFORM gatehouse.note_dropped_table(d.schema, d.name) FROM jsonb_to_recordset(dropped) d (type text, schema text, name text) WHERE d.type = 'table';
  PERFORM gatehouse.note_dropped_partition(d.schema, d.name, d.original OR tg_tag <> 'DROP TABLE')
     FROM jsonb_to_recordset(dropped) d (type text, schema text, name text, original boolean)
    WHERE d.type = 'table';
  PERFORM gatehouse.note_lost_triggers(d.schema, d.name)
     FROM (SELECT DISTINCT t.schema, t.name FROM jsonb_to_recordset(dropped) t (type text, schema text, name text) WHERE t.type = 'trigger'
           EXCEPT
           SELECT t.schema, t.name FROM jsonb_to_recordset(dropped) t (type text, schema text, name text) WHERE t.type = 'table') d;
END
$function$;
ALTER FUNCTION gatehouse.watch_drops() OWNER TO gatehouse_owner;
COMMENT ON FUNCTION gatehouse.watch_drops() IS 'internal: event trigger: records that an audited table, a partition of one or an audit trigger is dropped';
REVOKE ALL ON FUNCTION gatehouse.watch_drops() FROM PUBLIC;

CREATE VIEW gatehouse.audited_schemas WITH (security_barrier=true) AS
 SELECT s.schema_name,
    s.enabled_at
   FROM gatehouse.audit_schemas s;
ALTER VIEW gatehouse.audited_schemas OWNER TO gatehouse_owner;
COMMENT ON VIEW gatehouse.audited_schemas IS 'schemas whose new tables are audited';
GRANT SELECT ON gatehouse.audited_schemas TO gatehouse_admin, gatehouse_auditor;

CREATE FUNCTION gatehouse.lock_audited_schema(schema_id oid)
 RETURNS void
 LANGUAGE c
 STRICT
AS 'MODULE_PATHNAME', 'gatehouse_audit_lock_schema';
COMMENT ON FUNCTION gatehouse.lock_audited_schema(oid) IS 'internal: waits for whoever makes a table in the schema, and keeps others from it until the transaction ends';
REVOKE ALL ON FUNCTION gatehouse.lock_audited_schema(oid) FROM PUBLIC;
GRANT EXECUTE ON FUNCTION gatehouse.lock_audited_schema(oid) TO gatehouse_owner;

CREATE FUNCTION gatehouse.check_auditable_schema(schema_name text)
 RETURNS oid
 LANGUAGE plpgsql
 STABLE
 SET search_path TO 'pg_catalog', 'pg_temp'
AS $function$
#variable_conflict use_variable
DECLARE
  of_schema pg_namespace;
BEGIN
  IF schema_name IS NULL THEN
    RAISE EXCEPTION 'argument "schema_name" must not be null' USING ERRCODE = '22023';
  END IF;
  SELECT n.* INTO of_schema FROM pg_namespace n WHERE n.nspname::text = schema_name;
  IF NOT FOUND THEN
    RAISE EXCEPTION 'schema "%" does not exist', schema_name USING ERRCODE = '22023';
  ELSIF starts_with(schema_name, 'pg_') OR schema_name IN ('information_schema', 'gatehouse') THEN
    RAISE EXCEPTION 'cannot audit schema "%"', schema_name USING ERRCODE = '22023';
  ELSIF NOT pg_has_role(gatehouse.calling_role(), of_schema.nspowner, 'USAGE') THEN
    RAISE EXCEPTION 'must be owner of schema %', schema_name USING ERRCODE = '42501';
  END IF;
  RETURN of_schema.oid;
END
$function$;
ALTER FUNCTION gatehouse.check_auditable_schema(text) OWNER TO gatehouse_owner;
COMMENT ON FUNCTION gatehouse.check_auditable_schema(text) IS 'internal: the schema''s OID; raises unless its tables can be audited and the calling role has the rights of its owner';
REVOKE ALL ON FUNCTION gatehouse.check_auditable_schema(text) FROM PUBLIC;

CREATE FUNCTION gatehouse.record_schema_enabled(schema_name text)
 RETURNS void
 LANGUAGE plpgsql
 SECURITY DEFINER
 SET search_path TO 'pg_catalog', 'pg_temp'
AS $function$
#variable_conflict use_column
BEGIN
  -- A table that is being made now would be missed by both: what is there is not committed, what comes later not recorded.
  PERFORM gatehouse.lock_audited_schema(gatehouse.check_auditable_schema(record_schema_enabled.schema_name));
  PERFORM gatehouse.check_auditable_schema(record_schema_enabled.schema_name);
  INSERT INTO gatehouse.audit_schemas (schema_name) VALUES (record_schema_enabled.schema_name)
  ON CONFLICT ON CONSTRAINT audit_schemas_pkey DO NOTHING;
  IF FOUND THEN
    PERFORM gatehouse.write_event('audit.schema_enabled', NULL, NULL, NULL, true,
      jsonb_build_object('schema_name', record_schema_enabled.schema_name, 'role', gatehouse.calling_role()::regrole::text), NULL);
  END IF;
END
$function$;
ALTER FUNCTION gatehouse.record_schema_enabled(text) OWNER TO gatehouse_owner;
COMMENT ON FUNCTION gatehouse.record_schema_enabled(text) IS 'has later tables of a schema audited and writes an event; for gatehouse.enable_audit_schema';
REVOKE ALL ON FUNCTION gatehouse.record_schema_enabled(text) FROM PUBLIC;
GRANT EXECUTE ON FUNCTION gatehouse.record_schema_enabled(text) TO gatehouse_admin;

CREATE FUNCTION gatehouse.enable_audit_schema(schema_name text)
 RETURNS void
 LANGUAGE plpgsql
 SET search_path TO 'pg_catalog', 'pg_temp'
AS $function$
DECLARE
  found_table record;
BEGIN
  PERFORM gatehouse.record_schema_enabled(enable_audit_schema.schema_name);
  FOR found_table IN
    SELECT c.oid::regclass AS relation, c.relpersistence = 'u' AS is_unlogged,
           EXISTS (SELECT FROM pg_depend d
                    WHERE d.classid = 'pg_class'::regclass AND d.objid = c.oid AND d.deptype = 'e') AS is_member
      FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
     WHERE n.nspname::text = enable_audit_schema.schema_name AND c.relkind IN ('r', 'p') AND NOT c.relispartition
     ORDER BY c.relname
  LOOP
    IF found_table.is_unlogged THEN
      RAISE NOTICE 'table % is not audited: it is unlogged', found_table.relation;
    ELSIF found_table.is_member THEN
      RAISE NOTICE 'table % is not audited: it belongs to an extension', found_table.relation;
    ELSIF gatehouse.current_table_id(found_table.relation) IS NULL THEN
      PERFORM gatehouse.enable_audit(found_table.relation);
    END IF;
  END LOOP;
END
$function$;
ALTER FUNCTION gatehouse.enable_audit_schema(text) OWNER TO gatehouse_owner;
COMMENT ON FUNCTION gatehouse.enable_audit_schema(text) IS 'enables audit for every table of a schema, and for each that is made in it, moved into it, or set logged in it, from now on. Needs the owner of the schema and of its tables';
REVOKE ALL ON FUNCTION gatehouse.enable_audit_schema(text) FROM PUBLIC;
GRANT EXECUTE ON FUNCTION gatehouse.enable_audit_schema(text) TO gatehouse_admin;

CREATE FUNCTION gatehouse.disable_audit_schema(schema_name text)
 RETURNS boolean
 LANGUAGE plpgsql
 SECURITY DEFINER
 SET search_path TO 'pg_catalog', 'pg_temp'
AS $function$
BEGIN
  PERFORM gatehouse.check_auditable_schema(disable_audit_schema.schema_name);
  DELETE FROM gatehouse.audit_schemas s WHERE s.schema_name = disable_audit_schema.schema_name;
  IF NOT FOUND THEN
    RETURN false;
  END IF;
  PERFORM gatehouse.write_event('audit.schema_disabled', NULL, NULL, NULL, true,
    jsonb_build_object('schema_name', disable_audit_schema.schema_name, 'role', gatehouse.calling_role()::regrole::text), NULL);
  RETURN true;
END
$function$;
ALTER FUNCTION gatehouse.disable_audit_schema(text) OWNER TO gatehouse_owner;
COMMENT ON FUNCTION gatehouse.disable_audit_schema(text) IS 'later tables of a schema are no longer audited; those that are stay so. False where they were not. Needs the owner of the schema';
REVOKE ALL ON FUNCTION gatehouse.disable_audit_schema(text) FROM PUBLIC;
GRANT EXECUTE ON FUNCTION gatehouse.disable_audit_schema(text) TO gatehouse_admin;

CREATE FUNCTION gatehouse.audit_later_table(relation regclass, schema_before oid, persistence_before "char")
 RETURNS void
 LANGUAGE plpgsql
 SET search_path TO 'pg_catalog', 'pg_temp'
AS $function$
DECLARE
  persistence "char";
BEGIN
  SELECT c.relpersistence INTO persistence
    FROM pg_class c
    JOIN pg_namespace n ON n.oid = c.relnamespace
    JOIN gatehouse.audit_schemas s ON s.schema_name = n.nspname::text
   WHERE c.oid = relation AND (c.relnamespace IS DISTINCT FROM schema_before OR persistence_before = 'u' AND c.relpersistence = 'p') AND c.relkind IN ('r', 'p') AND NOT c.relispartition;
  IF NOT FOUND OR gatehouse.current_table_id(relation) IS NOT NULL THEN
    RETURN;
  ELSIF persistence = 'u' THEN
    RAISE WARNING 'table % is not audited: it is unlogged', relation;
    RETURN;
  END IF;
  PERFORM gatehouse.begin_audit(relation, '{}', '{}');
END
$function$;
ALTER FUNCTION gatehouse.audit_later_table(regclass,oid,"char") OWNER TO gatehouse_owner;
COMMENT ON FUNCTION gatehouse.audit_later_table(regclass,oid,"char") IS 'internal: enables audit for a table that a command has brought into an audited schema, or made one that a crash does not empty';
REVOKE ALL ON FUNCTION gatehouse.audit_later_table(regclass,oid,"char") FROM PUBLIC;

CREATE FUNCTION gatehouse.rename_audited_schema(name_before text, schema_id oid)
 RETURNS void
 LANGUAGE sql
BEGIN ATOMIC
 UPDATE gatehouse.audit_schemas AS s SET schema_name = n.nspname
    FROM pg_namespace n
   WHERE ((n.oid = rename_audited_schema.schema_id) AND (s.schema_name = rename_audited_schema.name_before) AND (n.nspname <> rename_audited_schema.name_before));
END;
ALTER FUNCTION gatehouse.rename_audited_schema(text,oid) OWNER TO gatehouse_owner;
COMMENT ON FUNCTION gatehouse.rename_audited_schema(text,oid) IS 'internal: an audited schema stays so under its new name';
REVOKE ALL ON FUNCTION gatehouse.rename_audited_schema(text,oid) FROM PUBLIC;

CREATE FUNCTION gatehouse.follow_schemas()
 RETURNS void
 LANGUAGE plpgsql
 STABLE SECURITY DEFINER
 SET search_path TO 'pg_catalog', 'pg_temp'
AS $function$
DECLARE
  done record;
BEGIN
  FOR done IN
    SELECT DISTINCT c.object_type, c.objid
      FROM pg_event_trigger_ddl_commands() c
     WHERE c.object_type IN ('table', 'schema') AND NOT c.in_extension
       AND coalesce(c.schema_name, '') NOT IN ('gatehouse', 'pg_temp')
     ORDER BY c.objid
  LOOP
    IF done.object_type = 'table' THEN
      PERFORM gatehouse.audit_later_table(done.objid, (SELECT c.relnamespace FROM pg_class c WHERE c.oid = done.objid),
                                          (SELECT c.relpersistence FROM pg_class c WHERE c.oid = done.objid));
    ELSE
      PERFORM gatehouse.rename_audited_schema(n.nspname, done.objid) FROM pg_namespace n WHERE n.oid = done.objid;
    END IF;
  END LOOP;
END
$function$;
ALTER FUNCTION gatehouse.follow_schemas() OWNER TO gatehouse_owner;
COMMENT ON FUNCTION gatehouse.follow_schemas() IS 'internal: for watch_schemas: tables that come into an audited schema are audited';
REVOKE ALL ON FUNCTION gatehouse.follow_schemas() FROM PUBLIC;

CREATE FUNCTION gatehouse.watch_schemas()
 RETURNS event_trigger
 LANGUAGE c
AS 'MODULE_PATHNAME', 'gatehouse_audit_watch_schemas';
COMMENT ON FUNCTION gatehouse.watch_schemas() IS 'internal: event trigger: follow_schemas, by the snapshot that the command began with';
REVOKE ALL ON FUNCTION gatehouse.watch_schemas() FROM PUBLIC;

CREATE FUNCTION gatehouse.forget_dropped_schemas()
 RETURNS event_trigger
 LANGUAGE plpgsql
 SECURITY DEFINER
 SET search_path TO 'pg_catalog', 'pg_temp'
AS $function$
DECLARE
  forgotten text;
BEGIN
  FOR forgotten IN
    DELETE FROM gatehouse.audit_schemas s
     USING pg_event_trigger_dropped_objects() d
     WHERE d.object_type = 'schema' AND d.object_name = s.schema_name
    RETURNING s.schema_name
  LOOP
    PERFORM gatehouse.write_event('audit.schema_disabled', NULL, NULL, NULL, true,
      jsonb_build_object('schema_name', forgotten, 'role', gatehouse.calling_role()::regrole::text), NULL);
  END LOOP;
END
$function$;
ALTER FUNCTION gatehouse.forget_dropped_schemas() OWNER TO gatehouse_owner;
COMMENT ON FUNCTION gatehouse.forget_dropped_schemas() IS 'internal: event trigger: an audited schema that is dropped is none any more';
REVOKE ALL ON FUNCTION gatehouse.forget_dropped_schemas() FROM PUBLIC;

CREATE OR REPLACE FUNCTION gatehouse.sign_in_as(user_id uuid)
 RETURNS boolean
 LANGUAGE c
AS 'MODULE_PATHNAME', 'gatehouse_identity_sign_in_as_recorded';
COMMENT ON FUNCTION gatehouse.sign_in_as(uuid) IS 'from now on this transaction acts in the name of a live account, and the audit records beside it who was signed in before; the scopes of an API key that signed in before still hold. False where no live account has this id, and then nobody is signed in. Unless the transaction is read-only it writes the event gatehouse.account.impersonated';

CREATE OR REPLACE FUNCTION gatehouse.erase_account(user_id uuid)
 RETURNS boolean
 LANGUAGE plpgsql
 SET search_path TO 'pg_catalog', 'pg_temp'
AS $function$
DECLARE
  counts gatehouse.login_throttles[];
BEGIN
  -- From here on nobody adds anything that hangs on the account, nor details of its events.
  PERFORM FROM gatehouse.users u WHERE u.id = erase_account.user_id FOR UPDATE;
  IF NOT FOUND THEN
    RETURN false;
  END IF;
  counts := ARRAY(SELECT a.stored FROM gatehouse.account_counts(erase_account.user_id) a);
  PERFORM gatehouse.delete_account_row(erase_account.user_id);
  -- Its own details, what set_audit_context said, go with the others'.
  PERFORM gatehouse.write_event('gatehouse.account.erased', erase_account.user_id, NULL, NULL, true, NULL, NULL);
  PERFORM gatehouse.erase_event_details(erase_account.user_id);
  -- Last, for no ROLLBACK brings the counts back.
  PERFORM gatehouse.end_failure_counts(counts);
  RETURN true;
END
$function$;

CREATE OR REPLACE FUNCTION gatehouse.request_account_deletion(user_id uuid)
 RETURNS text
 LANGUAGE plpgsql
 SECURITY DEFINER
 SET search_path TO 'pg_catalog', 'pg_temp'
AS $function$
DECLARE
  token text;
BEGIN
  IF user_id IS NULL THEN
    RAISE EXCEPTION 'argument "user_id" must not be null' USING ERRCODE = '22023';
  END IF;
  PERFORM gatehouse.check_acts_for(request_account_deletion.user_id);
  IF NOT gatehouse.lock_live_account_to_count(user_id) THEN
    RAISE EXCEPTION 'no live account has this id' USING ERRCODE = '22023';
  END IF;
  token := gatehouse.issue_one_time_token(
             user_id, gatehouse.throttle_subject('account', user_id::text), 'account_deletion',
             (SELECT u.email_normal FROM gatehouse.users u WHERE u.id = request_account_deletion.user_id),
             gatehouse.lifetime('deletion_token_lifetime'));
  IF token IS NOT NULL THEN
    PERFORM gatehouse.write_event('gatehouse.account.deletion_requested', user_id, NULL, NULL, true, NULL, NULL);
  END IF;
  RETURN token;
END
$function$;

CREATE OR REPLACE FUNCTION gatehouse.confirm_account_deletion(token text)
 RETURNS timestamp with time zone
 LANGUAGE plpgsql
 SECURITY DEFINER
 SET search_path TO 'pg_catalog', 'pg_temp'
AS $function$
DECLARE
  used gatehouse.one_time_tokens := gatehouse.find_one_time_token(token, 'account_deletion');
  scheduled_for timestamptz;
BEGIN
  PERFORM gatehouse.wait_for_superusers(ARRAY[used.user_id]);
  used := gatehouse.use_one_time_token(token, 'account_deletion');
  IF used.user_id IS NULL THEN
    RETURN NULL;
  END IF;
  PERFORM gatehouse.guard_last_superuser(ARRAY[used.user_id]);
  UPDATE gatehouse.users u
     SET deletion_scheduled_for = coalesce(u.deletion_scheduled_for, clock_timestamp() + gatehouse.lifetime('deletion_grace')),
         updated_at = clock_timestamp()
   WHERE u.id = used.user_id
  RETURNING u.deletion_scheduled_for INTO scheduled_for;
  DELETE FROM gatehouse.one_time_tokens t WHERE t.user_id = used.user_id AND t.purpose = 'account_deletion';
  PERFORM gatehouse.write_event('gatehouse.account.deletion_scheduled', used.user_id, NULL, NULL, true,
                                jsonb_build_object('scheduled_for', scheduled_for), NULL);
  RETURN scheduled_for;
END
$function$;

CREATE OR REPLACE FUNCTION gatehouse.cancel_account_deletion(user_id uuid)
 RETURNS boolean
 LANGUAGE plpgsql
 SECURITY DEFINER
 SET search_path TO 'pg_catalog', 'pg_temp'
AS $function$
DECLARE
  was_scheduled boolean;
  was_requested boolean;
BEGIN
  IF user_id IS NULL THEN
    RAISE EXCEPTION 'argument "user_id" must not be null' USING ERRCODE = '22023';
  END IF;
  PERFORM gatehouse.check_acts_for(cancel_account_deletion.user_id);
  SELECT u.deletion_scheduled_for IS NOT NULL INTO was_scheduled FROM gatehouse.users u
   WHERE u.id = cancel_account_deletion.user_id
     FOR NO KEY UPDATE;
  IF NOT FOUND THEN
    RETURN false;
  END IF;
  WITH ended AS (
    DELETE FROM gatehouse.one_time_tokens t
     WHERE t.user_id = cancel_account_deletion.user_id AND t.purpose = 'account_deletion'
    RETURNING t.expires_at
  )
  SELECT coalesce(bool_or(e.expires_at > clock_timestamp()), false) INTO was_requested FROM ended e;
  IF was_scheduled THEN
    UPDATE gatehouse.users u
       SET deletion_scheduled_for = NULL, updated_at = clock_timestamp()
     WHERE u.id = cancel_account_deletion.user_id;
    DELETE FROM gatehouse.deletion_reminders r WHERE r.user_id = cancel_account_deletion.user_id;
  END IF;
  IF was_scheduled OR was_requested THEN
    PERFORM gatehouse.write_event('gatehouse.account.deletion_cancelled', user_id, NULL, NULL, true, NULL, NULL);
  END IF;
  RETURN was_scheduled OR was_requested;
END
$function$;

CREATE OR REPLACE FUNCTION gatehouse.mark_deletion_reminder_sent(user_id uuid, days_before integer)
 RETURNS boolean
 LANGUAGE plpgsql
 SECURITY DEFINER
 SET search_path TO 'pg_catalog', 'pg_temp'
AS $function$
#variable_conflict use_column
DECLARE
  due_at timestamptz;
BEGIN
  IF mark_deletion_reminder_sent.user_id IS NULL THEN
    RAISE EXCEPTION 'argument "user_id" must not be null' USING ERRCODE = '22023';
  END IF;
  IF mark_deletion_reminder_sent.days_before IS NULL OR mark_deletion_reminder_sent.days_before NOT IN (1, 3) THEN
    RAISE EXCEPTION 'days_before must be 1 or 3' USING ERRCODE = '22023';
  END IF;
  SELECT u.deletion_scheduled_for INTO due_at FROM gatehouse.users u
   WHERE u.id = mark_deletion_reminder_sent.user_id AND u.deletion_scheduled_for IS NOT NULL
     FOR SHARE;
  IF NOT FOUND THEN
    RETURN false;
  END IF;
  PERFORM FROM gatehouse.deletion_reminders r
    WHERE r.user_id = mark_deletion_reminder_sent.user_id AND r.scheduled_for = due_at
      AND r.days_before < mark_deletion_reminder_sent.days_before;
  IF FOUND THEN
    RETURN false;
  END IF;
  INSERT INTO gatehouse.deletion_reminders (user_id, scheduled_for, days_before, sent_at)
  VALUES (mark_deletion_reminder_sent.user_id, due_at, mark_deletion_reminder_sent.days_before, clock_timestamp())
      ON CONFLICT ON CONSTRAINT deletion_reminders_pkey DO NOTHING;
  IF NOT FOUND THEN
    RETURN false;
  END IF;
  PERFORM gatehouse.write_event('gatehouse.account.deletion_reminded', mark_deletion_reminder_sent.user_id, NULL, NULL, true,
                                jsonb_build_object('days_before', mark_deletion_reminder_sent.days_before), NULL);
  RETURN true;
END
$function$;

CREATE FUNCTION gatehouse.record_extension_update(from_version text, to_version text)
 RETURNS void
 LANGUAGE plpgsql
 SET search_path TO 'pg_catalog', 'pg_temp'
AS $function$
BEGIN
  PERFORM gatehouse.write_event('gatehouse.extension.updated', NULL, NULL, NULL, true,
                                jsonb_build_object('from', from_version, 'to', to_version), NULL);
END
$function$;
ALTER FUNCTION gatehouse.record_extension_update(text,text) OWNER TO gatehouse_owner;
COMMENT ON FUNCTION gatehouse.record_extension_update(text,text) IS 'internal: writes the event of an update, as the last statement of its script';
REVOKE ALL ON FUNCTION gatehouse.record_extension_update(text,text) FROM PUBLIC;

CREATE OR REPLACE FUNCTION gatehouse.run_maintenance(OUT task text, OUT affected bigint)
 RETURNS SETOF record
 LANGUAGE plpgsql
 SECURITY DEFINER ROWS 12
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
  -- To the hour: each call that removes sessions writes an event.
  affected := gatehouse.cleanup_expired_tokens(clock_timestamp() - date_trunc('hour', clock_timestamp() - interval '7 days', 'UTC'));
  RETURN NEXT;
  task := 'one_time_tokens_removed';
  affected := gatehouse.remove_expired_tokens();
  RETURN NEXT;
  task := 'accounts_purged';
  -- The worker has 10 seconds for all.
  affected := gatehouse.purge_due_accounts(100, interval '3 seconds');
  RETURN NEXT;
  task := 'audit_gaps_noted';
  -- And columns that are gone since event triggers were switched off.
  PERFORM gatehouse.record_all_shapes();
  affected := gatehouse.note_audit_gaps();
  RETURN NEXT;
  -- What locks partitions comes last: the locks last until the transaction ends.
  task := 'leaves_made';
  affected := gatehouse.make_audit_leaves();
  RETURN NEXT;
  task := 'rows_moved_to_leaves';
  affected := gatehouse.move_default_rows();
  RETURN NEXT;
  task := 'leaves_pruned';
  affected := gatehouse.prune_in_maintenance();
  RETURN NEXT;
END
$function$;
COMMENT ON FUNCTION gatehouse.run_maintenance() IS 'does all periodic work of this database once, as the background worker does it, and gives what it came to: sessions ended whose token was used twice, security events written to the log, counts of failed logins stored, and forgotten, API keys whose uses were written, sessions removed that ended long ago, expired one-time tokens removed, accounts erased whose date has come, events of gaps in the audit that no command tells of, partitions of the logs made ahead, rows moved into them that came while there were none, partitions dropped that are older than gatehouse.audit_retention';

-- From here on partitions are known by their ids, and what changes the columns of an audited table is recorded.
SELECT gatehouse.cover_partition(r.table_id, p.relid, NULL)
  FROM gatehouse.audit_triggers t
  JOIN gatehouse.audit_registry r ON r.table_id::text = t.table_id_text AND r.disabled_at IS NULL
 CROSS JOIN LATERAL pg_catalog.pg_partition_tree(t.relation) p
  JOIN pg_catalog.pg_class c ON c.oid = p.relid
 WHERE p.relid <> t.relation AND c.relkind <> 'f'
 ORDER BY p.relid;
SELECT gatehouse.record_shape(t.relation, r.table_id, false)
  FROM gatehouse.audit_triggers t JOIN gatehouse.audit_registry r ON r.table_id::text = t.table_id_text AND r.disabled_at IS NULL
 ORDER BY r.table_id;
SELECT gatehouse.record_extension_update('0.5', '0.6');

CREATE EVENT TRIGGER gatehouse_audit_rewrites ON table_rewrite EXECUTE FUNCTION gatehouse.note_rewrite();
ALTER EVENT TRIGGER gatehouse_audit_rewrites ENABLE ALWAYS;
COMMENT ON EVENT TRIGGER gatehouse_audit_rewrites IS 'tells gatehouse_audit_shapes which tables a command has rewritten';
CREATE EVENT TRIGGER gatehouse_audit_shapes ON ddl_command_end WHEN TAG IN ('ALTER FOREIGN TABLE', 'ALTER INDEX', 'ALTER TABLE', 'ALTER TYPE', 'CREATE TABLE', 'CREATE TRIGGER') EXECUTE FUNCTION gatehouse.record_changed_shapes();
ALTER EVENT TRIGGER gatehouse_audit_shapes ENABLE ALWAYS;
COMMENT ON EVENT TRIGGER gatehouse_audit_shapes IS 'records how the columns of audited tables change';
CREATE EVENT TRIGGER gatehouse_audit_lost_columns ON sql_drop EXECUTE FUNCTION gatehouse.record_lost_columns();
ALTER EVENT TRIGGER gatehouse_audit_lost_columns ENABLE ALWAYS;
COMMENT ON EVENT TRIGGER gatehouse_audit_lost_columns IS 'records which columns of audited tables go with what is dropped';
CREATE EVENT TRIGGER gatehouse_audit_guard ON ddl_command_start WHEN TAG IN ('DROP EXTENSION', 'DROP OWNED', 'DROP SCHEMA') EXECUTE FUNCTION gatehouse.guard_audit_log();
ALTER EVENT TRIGGER gatehouse_audit_guard ENABLE ALWAYS;
COMMENT ON EVENT TRIGGER gatehouse_audit_guard IS 'keeps the audit log from being dropped with the extension';
CREATE EVENT TRIGGER gatehouse_audit_commands ON ddl_command_end WHEN TAG IN ('ALTER INDEX', 'ALTER SCHEMA', 'ALTER TABLE', 'CREATE SCHEMA', 'CREATE TABLE', 'CREATE TRIGGER') EXECUTE FUNCTION gatehouse.watch_commands();
ALTER EVENT TRIGGER gatehouse_audit_commands ENABLE ALWAYS;
COMMENT ON EVENT TRIGGER gatehouse_audit_commands IS 'covers new partitions of audited tables, and records what is done to their audit';
CREATE EVENT TRIGGER gatehouse_audit_drops ON sql_drop EXECUTE FUNCTION gatehouse.watch_drops();
ALTER EVENT TRIGGER gatehouse_audit_drops ENABLE ALWAYS;
COMMENT ON EVENT TRIGGER gatehouse_audit_drops IS 'records that audited tables and their triggers are dropped';
CREATE EVENT TRIGGER gatehouse_audit_schema_drops ON sql_drop WHEN TAG IN ('DROP EXTENSION', 'DROP OWNED', 'DROP SCHEMA') EXECUTE FUNCTION gatehouse.forget_dropped_schemas();
ALTER EVENT TRIGGER gatehouse_audit_schema_drops ENABLE ALWAYS;
COMMENT ON EVENT TRIGGER gatehouse_audit_schema_drops IS 'forgets audited schemas that are dropped';
CREATE EVENT TRIGGER gatehouse_audit_schemas ON ddl_command_end WHEN TAG IN ('ALTER SCHEMA', 'ALTER TABLE', 'CREATE TABLE', 'CREATE TABLE AS', 'SELECT INTO') EXECUTE FUNCTION gatehouse.watch_schemas();
ALTER EVENT TRIGGER gatehouse_audit_schemas ENABLE ALWAYS;
COMMENT ON EVENT TRIGGER gatehouse_audit_schemas IS 'audits tables that come into audited schemas';

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
