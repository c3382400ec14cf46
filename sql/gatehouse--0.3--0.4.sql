-- gatehouse: from 0.3 to 0.4.
\echo Use "ALTER EXTENSION gatehouse UPDATE TO '0.4'" to load this file. \quit
DO $$
BEGIN
  IF string_to_array(gatehouse.library_version(), '.')::integer[] < '{0,4}' THEN
    RAISE EXCEPTION 'the library of gatehouse that is loaded, %, is older than 0.4', gatehouse.library_version()
      USING ERRCODE = '55000',
            HINT = 'Install the new release, and restart the server where it preloads the library, else connect anew.';
  END IF;
END
$$;

CREATE OR REPLACE FUNCTION gatehouse.version()
 RETURNS text
 LANGUAGE sql
 IMMUTABLE PARALLEL SAFE
RETURN '0.4'::text;

CREATE OR REPLACE FUNCTION gatehouse.get_user_by_id(id uuid, include_deleted boolean DEFAULT false)
 RETURNS SETOF gatehouse.user_info
 LANGUAGE plpgsql
 STABLE SECURITY DEFINER ROWS 1
 SET search_path TO 'pg_catalog', 'pg_temp'
AS $function$
#variable_conflict use_column
DECLARE
  with_deleted CONSTANT boolean := gatehouse.include_deleted_allowed(include_deleted);
BEGIN
  IF get_user_by_id.id IS NULL THEN
    RAISE EXCEPTION 'argument "id" must not be null' USING ERRCODE = '22023';
  END IF;
  PERFORM gatehouse.check_acts_for(get_user_by_id.id);
  RETURN QUERY
    SELECT d.*
      FROM gatehouse.users u, LATERAL gatehouse.describe_user(u) d
     WHERE u.id = get_user_by_id.id AND (u.deleted_at IS NULL OR with_deleted);
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
  RETURN gatehouse.delete_accounts(ARRAY[soft_delete_user.id], deleted_by, reason) = 1;
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
  RETURNING u.* INTO account;
  RETURN gatehouse.describe_user(account);
EXCEPTION WHEN unique_violation THEN
  GET STACKED DIAGNOSTICS broken_constraint = CONSTRAINT_NAME;
  PERFORM gatehouse.refuse_duplicate(broken_constraint);
  RETURN NULL;
END
$function$;

CREATE FUNCTION gatehouse.checked_page_size(page_size integer)
 RETURNS integer
 LANGUAGE plpgsql
 IMMUTABLE PARALLEL SAFE
 SET search_path TO 'pg_catalog', 'pg_temp'
AS $function$
BEGIN
  IF page_size IS NULL OR page_size NOT BETWEEN 1 AND 100 THEN
    RAISE EXCEPTION 'page_size must be between 1 and 100' USING ERRCODE = '22023';
  END IF;
  RETURN page_size;
END
$function$;
ALTER FUNCTION gatehouse.checked_page_size(integer) OWNER TO gatehouse_owner;
COMMENT ON FUNCTION gatehouse.checked_page_size(integer) IS 'internal: how many rows a page may have; 22023 where not from 1 to 100';
REVOKE ALL ON FUNCTION gatehouse.checked_page_size(integer) FROM PUBLIC;

CREATE FUNCTION gatehouse.list_cursor(created_at timestamp with time zone, id uuid)
 RETURNS text
 LANGUAGE sql
 IMMUTABLE PARALLEL SAFE
RETURN encode((int8send(((EXTRACT(epoch FROM created_at) * (1000000)::numeric))::bigint) || uuid_send(id)), 'hex'::text);
ALTER FUNCTION gatehouse.list_cursor(timestamp with time zone,uuid) OWNER TO gatehouse_owner;
COMMENT ON FUNCTION gatehouse.list_cursor(timestamp with time zone,uuid) IS 'internal: the cursor of a row in a list that is ordered by when its rows were made';
REVOKE ALL ON FUNCTION gatehouse.list_cursor(timestamp with time zone,uuid) FROM PUBLIC;

CREATE FUNCTION gatehouse.list_place(after text, OUT created_at timestamp with time zone, OUT id uuid)
 RETURNS record
 LANGUAGE plpgsql
 STABLE PARALLEL SAFE
 SET search_path TO 'pg_catalog', 'pg_temp'
AS $function$
BEGIN
  IF after COLLATE "C" !~ '^[0-7][0-9a-f]{47}$' OR substr(after, 1, 16) COLLATE "C" > '7fffffffffff0000' THEN
    RAISE EXCEPTION 'malformed cursor' USING ERRCODE = '22P02';
  END IF;
  created_at := timestamptz 'epoch' + (('x' || substr(after, 1, 16))::bit(64)::bigint) * interval '1 microsecond';
  id := substr(after, 17)::uuid;
END
$function$;
ALTER FUNCTION gatehouse.list_place(text) OWNER TO gatehouse_owner;
COMMENT ON FUNCTION gatehouse.list_place(text) IS 'internal: the place that a cursor of list_cursor names, null for null; 22P02 where it is none';
REVOKE ALL ON FUNCTION gatehouse.list_place(text) FROM PUBLIC;

CREATE OR REPLACE FUNCTION gatehouse.get_users(page_size integer DEFAULT 20, skip integer DEFAULT NULL::integer, after text DEFAULT NULL::text, search text DEFAULT NULL::text, is_verified boolean DEFAULT NULL::boolean, is_superuser boolean DEFAULT NULL::boolean, is_active boolean DEFAULT NULL::boolean, is_deleted boolean DEFAULT false, oauth_provider text DEFAULT NULL::text, created_since timestamp with time zone DEFAULT NULL::timestamp with time zone, created_until timestamp with time zone DEFAULT NULL::timestamp with time zone)
 RETURNS SETOF gatehouse.user_list_entry
 LANGUAGE plpgsql
 STABLE SECURITY DEFINER ROWS 20
 SET search_path TO 'pg_catalog', 'pg_temp'
 SET plan_cache_mode TO 'force_custom_plan'
AS $function$
#variable_conflict use_column
DECLARE
  now_at CONSTANT timestamptz := clock_timestamp();
  found_text CONSTANT text := gatehouse.folded_search(search);
  most CONSTANT integer := gatehouse.checked_page_size(page_size);
  after_time timestamptz;
  after_id uuid;
  page gatehouse.users[];
BEGIN
  IF skip NOT BETWEEN 0 AND 1000000 THEN
    RAISE EXCEPTION 'skip must be between 0 and 1000000' USING ERRCODE = '22023';
  END IF;
  IF skip IS NOT NULL AND after IS NOT NULL THEN
    RAISE EXCEPTION 'skip and after cannot be given together' USING ERRCODE = '22023';
  END IF;
  SELECT p.created_at, p.id INTO after_time, after_id FROM gatehouse.list_place(after) p;
  PERFORM gatehouse.include_deleted_allowed(is_deleted IS NOT FALSE);

  IF oauth_provider IS NULL THEN
    page := ARRAY(
      SELECT u
        FROM gatehouse.matching_users(found_text, get_users.is_verified, get_users.is_superuser, get_users.is_active,
                                      get_users.is_deleted, created_since, created_until, now_at) u
       WHERE after_time IS NULL OR (u.created_at, u.id) < (after_time, after_id)
       ORDER BY u.created_at DESC, u.id DESC
       LIMIT most OFFSET skip);
  ELSE
    page := ARRAY(
      SELECT u
        FROM gatehouse.matching_users(found_text, get_users.is_verified, get_users.is_superuser, get_users.is_active,
                                      get_users.is_deleted, created_since, created_until, now_at) u
       WHERE (after_time IS NULL OR (u.created_at, u.id) < (after_time, after_id))
         AND EXISTS (SELECT FROM gatehouse.oauth_identities o
                      WHERE o.user_id = u.id AND o.provider = oauth_provider COLLATE pg_catalog."default"
                        AND (get_users.is_deleted IS NOT FALSE OR NOT o.owner_is_deleted))
       ORDER BY u.created_at DESC, u.id DESC
       LIMIT most OFFSET skip);
  END IF;
  RETURN QUERY
    SELECT d.*, gatehouse.list_cursor(d.created_at, d.id)
      FROM unnest(page) u, LATERAL gatehouse.describe_user(u) d;
END
$function$;

CREATE OR REPLACE FUNCTION gatehouse.get_user_details(id uuid, include_deleted boolean DEFAULT false)
 RETURNS jsonb
 LANGUAGE plpgsql
 STABLE SECURITY DEFINER
 SET search_path TO 'pg_catalog', 'pg_temp'
AS $function$
#variable_conflict use_column
DECLARE
  now_at CONSTANT timestamptz := clock_timestamp();
  with_deleted CONSTANT boolean := gatehouse.include_deleted_allowed(include_deleted);
  details jsonb;
BEGIN
  IF get_user_details.id IS NULL THEN
    RAISE EXCEPTION 'argument "id" must not be null' USING ERRCODE = '22023';
  END IF;
  PERFORM gatehouse.check_acts_for(get_user_details.id);
  SELECT to_jsonb(d) || jsonb_build_object(
           'api_keys',
           (SELECT coalesce(jsonb_agg(to_jsonb(i) - 'user_id' ORDER BY k.created_at DESC, k.id DESC), '[]')
              FROM gatehouse.api_keys k, LATERAL gatehouse.describe_api_key(k) i
             WHERE k.user_id = d.id),
           'sessions',
           (SELECT coalesce(jsonb_agg(jsonb_build_object(
                     'session_id', s.session_id, 'device', s.device, 'ip', s.ip, 'user_agent', s.user_agent,
                     'created_at', s.created_at, 'last_used_at', s.last_used_at, 'expires_at', s.expires_at,
                     'idle_expires_at', s.idle_expires_at)
                   ORDER BY s.last_used_at DESC, s.session_id DESC), '[]')
              FROM gatehouse.sessions s
             WHERE s.user_id = d.id AND s.revoked_at IS NULL AND s.expires_at > now_at AND s.idle_expires_at > now_at))
    INTO details
    FROM gatehouse.users u, LATERAL gatehouse.describe_user(u) d
   WHERE u.id = get_user_details.id AND (u.deleted_at IS NULL OR with_deleted);
  RETURN details;
END
$function$;
COMMENT ON FUNCTION gatehouse.get_user_details(uuid,boolean) IS 'the account as user_info, with its api_keys as get_user_api_keys shows them, the newest first, and its live sessions, the latest used first; no digest. Null where no account has this id; a deleted one is shown to administrators who ask for it';

CREATE OR REPLACE FUNCTION gatehouse.request_email_verification(user_id uuid)
 RETURNS text
 LANGUAGE plpgsql
 SECURITY DEFINER
 SET search_path TO 'pg_catalog', 'pg_temp'
AS $function$
BEGIN
  IF user_id IS NULL THEN
    RAISE EXCEPTION 'argument "user_id" must not be null' USING ERRCODE = '22023';
  END IF;
  PERFORM gatehouse.check_acts_for(request_email_verification.user_id);
  IF NOT gatehouse.lock_live_account_to_count(user_id) THEN
    RAISE EXCEPTION 'no live account has this id' USING ERRCODE = '22023';
  END IF;
  RETURN gatehouse.issue_one_time_token(
           user_id, gatehouse.throttle_subject('account', user_id::text), 'email_verification',
           (SELECT u.email_normal FROM gatehouse.users u WHERE u.id = request_email_verification.user_id),
           gatehouse.lifetime('verification_token_lifetime'));
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
  RETURN gatehouse.issue_one_time_token(
           request_email_change.id, gatehouse.throttle_subject('account', request_email_change.id::text), 'email_change', address,
           gatehouse.lifetime('verification_token_lifetime'));
END
$function$;

ALTER TABLE gatehouse.api_keys ADD COLUMN rotated_to uuid;
COMMENT ON COLUMN gatehouse.api_keys.rotated_to IS 'the key that took the place of this one, which ends with its overlap';
DROP INDEX gatehouse.api_keys_user_id;
CREATE INDEX api_keys_user_id ON gatehouse.api_keys USING btree (user_id, created_at, id);
COMMENT ON INDEX gatehouse.api_keys_user_id IS 'the keys of an account, and the service keys, in the order in which they are listed';

CREATE FUNCTION gatehouse.has_scope(scopes text[], scope text)
 RETURNS boolean
 LANGUAGE c
 IMMUTABLE PARALLEL SAFE LEAKPROOF
AS 'MODULE_PATHNAME', 'gatehouse_api_keys_has_scope';
COMMENT ON FUNCTION gatehouse.has_scope(text[],text) IS 'whether the scopes cover the one that is asked for; read:* covers read:users. The empty list, null and what is no scope cover nothing and are covered by nothing: false, never null';
REVOKE ALL ON FUNCTION gatehouse.has_scope(text[],text) FROM PUBLIC;
GRANT EXECUTE ON FUNCTION gatehouse.has_scope(text[],text) TO gatehouse_app;

CREATE FUNCTION gatehouse.has_any_scope(scopes text[], wanted text[])
 RETURNS boolean
 LANGUAGE c
 IMMUTABLE PARALLEL SAFE LEAKPROOF
AS 'MODULE_PATHNAME', 'gatehouse_api_keys_has_any_scope';
COMMENT ON FUNCTION gatehouse.has_any_scope(text[],text[]) IS 'whether the scopes cover at least one of those wanted, as has_scope says; false where none is wanted, or null';
REVOKE ALL ON FUNCTION gatehouse.has_any_scope(text[],text[]) FROM PUBLIC;
GRANT EXECUTE ON FUNCTION gatehouse.has_any_scope(text[],text[]) TO gatehouse_app;

CREATE FUNCTION gatehouse.has_all_scopes(scopes text[], wanted text[])
 RETURNS boolean
 LANGUAGE c
 IMMUTABLE PARALLEL SAFE LEAKPROOF
AS 'MODULE_PATHNAME', 'gatehouse_api_keys_has_all_scopes';
COMMENT ON FUNCTION gatehouse.has_all_scopes(text[],text[]) IS 'whether the scopes cover each of those wanted, as has_scope says; true where none is wanted, false where null is: a list that got lost opens nothing';
REVOKE ALL ON FUNCTION gatehouse.has_all_scopes(text[],text[]) FROM PUBLIC;
GRANT EXECUTE ON FUNCTION gatehouse.has_all_scopes(text[],text[]) TO gatehouse_app, gatehouse_owner;

CREATE FUNCTION gatehouse.checked_key_name(name text)
 RETURNS text
 LANGUAGE plpgsql
 IMMUTABLE PARALLEL SAFE
 SET search_path TO 'pg_catalog', 'pg_temp'
AS $function$
BEGIN
  IF name IS NULL OR length(name) NOT BETWEEN 1 AND 100 THEN
    RAISE EXCEPTION 'name of an API key must have 1 to 100 characters' USING ERRCODE = '22023';
  END IF;
  RETURN name;
END
$function$;
ALTER FUNCTION gatehouse.checked_key_name(text) OWNER TO gatehouse_owner;
COMMENT ON FUNCTION gatehouse.checked_key_name(text) IS 'internal: the name of an API key; 22023 where it has not 1 to 100 characters';
REVOKE ALL ON FUNCTION gatehouse.checked_key_name(text) FROM PUBLIC;

CREATE FUNCTION gatehouse.checked_networks(networks cidr[])
 RETURNS cidr[]
 LANGUAGE plpgsql
 IMMUTABLE PARALLEL SAFE
 SET search_path TO 'pg_catalog', 'pg_temp'
AS $function$
BEGIN
  IF EXISTS (SELECT FROM unnest(networks) n WHERE n IS NULL) OR cardinality(networks) NOT BETWEEN 1 AND 100 THEN
    RAISE EXCEPTION 'ip_allow must hold 1 to 100 networks, or be null for every address' USING ERRCODE = '22023';
  END IF;
  RETURN networks;
END
$function$;
ALTER FUNCTION gatehouse.checked_networks(cidr[]) OWNER TO gatehouse_owner;
COMMENT ON FUNCTION gatehouse.checked_networks(cidr[]) IS 'internal: the networks that an API key may be used from, null for every one; 22023 where there are not 1 to 100';
REVOKE ALL ON FUNCTION gatehouse.checked_networks(cidr[]) FROM PUBLIC;

CREATE FUNCTION gatehouse.insert_api_key(id uuid, user_id uuid, name text, scopes text[], expires_at timestamp with time zone, ip_allow cidr[], created_at timestamp with time zone, OUT api_key text, OUT hint text)
 RETURNS record
 LANGUAGE plpgsql
 SET search_path TO 'pg_catalog', 'pg_temp'
AS $function$
#variable_conflict use_column
DECLARE
  made record;
BEGIN
  SELECT * INTO made FROM gatehouse.make_api_key();
  INSERT INTO gatehouse.api_keys (id, lookup_id, owner_is_live, ring_key_id, key_digest, user_id, expires_at, name, hint, scopes,
                                  ip_allow, created_at)
  VALUES (insert_api_key.id, made.lookup_id, true, made.ring_key_id, made.key_digest, insert_api_key.user_id,
          insert_api_key.expires_at, insert_api_key.name, made.hint, insert_api_key.scopes, insert_api_key.ip_allow,
          insert_api_key.created_at);
  api_key := made.api_key;
  hint := made.hint;
END
$function$;
ALTER FUNCTION gatehouse.insert_api_key(uuid,uuid,text,text[],timestamp with time zone,cidr[],timestamp with time zone) OWNER TO gatehouse_owner;
COMMENT ON FUNCTION gatehouse.insert_api_key(uuid,uuid,text,text[],timestamp with time zone,cidr[],timestamp with time zone) IS 'internal: makes a key and stores what is stored of it; all has been checked, and the live owner locked';
REVOKE ALL ON FUNCTION gatehouse.insert_api_key(uuid,uuid,text,text[],timestamp with time zone,cidr[],timestamp with time zone) FROM PUBLIC;

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
COMMENT ON FUNCTION gatehouse.create_api_key(uuid,text,text[],timestamp with time zone,cidr[]) IS 'makes an API key, shown by this call only, for a live account, or without one (administrators) a service key; unregistered scopes, an expiry that has passed and one key too many are 22023; 42501 while another account is signed in';

CREATE FUNCTION gatehouse.check_api_key(api_key text, required_scopes text[] DEFAULT '{}'::text[], ip inet DEFAULT NULL::inet, OUT status text, OUT api_key_id uuid, OUT user_id uuid, OUT scopes text[], OUT name text, OUT expires_at timestamp with time zone)
 RETURNS record
 LANGUAGE c
 STABLE PARALLEL SAFE
AS 'MODULE_PATHNAME', 'gatehouse_api_keys_check';
COMMENT ON FUNCTION gatehouse.check_api_key(text,text[],inet) IS 'verify_api_key with the reason: status is ok, or the first that holds of malformed, stale_standby, unknown, key_ring (made under a key that the key ring lacks), deactivated, expired, owner_inactive, address, scopes. The key''s columns are null for the first four, where nobody proved to hold it. Reads only, reports no event and counts no use';
REVOKE ALL ON FUNCTION gatehouse.check_api_key(text,text[],inet) FROM PUBLIC;
GRANT EXECUTE ON FUNCTION gatehouse.check_api_key(text,text[],inet) TO gatehouse_admin;

CREATE TABLE gatehouse.api_key_usage (
  api_key_id uuid NOT NULL,
  last_used_at timestamp with time zone NOT NULL,
  last_used_ip inet,
  use_count bigint NOT NULL,
  CONSTRAINT api_key_usage_api_key_id_fkey FOREIGN KEY (api_key_id) REFERENCES gatehouse.api_keys(id) ON DELETE CASCADE,
  CONSTRAINT api_key_usage_pkey PRIMARY KEY (api_key_id)
) WITH (fillfactor=50);
ALTER TABLE gatehouse.api_key_usage OWNER TO gatehouse_owner;
COMMENT ON TABLE gatehouse.api_key_usage IS 'the uses of API keys, as last written; apart from the keys, whose rows so stay as they are';
SELECT pg_catalog.pg_extension_config_dump('gatehouse.api_key_usage', '');
COMMENT ON COLUMN gatehouse.api_key_usage.last_used_ip IS 'from where the last use came; null where it did not say';

CREATE FUNCTION gatehouse.key_usage(api_key_id uuid, OUT last_used_at timestamp with time zone, OUT last_used_ip inet, OUT use_count bigint)
 RETURNS record
 LANGUAGE c
 STABLE PARALLEL SAFE STRICT
AS 'MODULE_PATHNAME', 'gatehouse_api_keys_usage';
COMMENT ON FUNCTION gatehouse.key_usage(uuid) IS 'internal: the uses of an API key up to now, what waits in shared memory included, in every isolation level; 0 uses, at no time, where there are none';
REVOKE ALL ON FUNCTION gatehouse.key_usage(uuid) FROM PUBLIC;
GRANT EXECUTE ON FUNCTION gatehouse.key_usage(uuid) TO gatehouse_owner;

CREATE FUNCTION gatehouse.waiting_key_uses(at_most integer)
 RETURNS uuid[]
 LANGUAGE c
 STRICT
AS 'MODULE_PATHNAME', 'gatehouse_api_keys_waiting_uses';
COMMENT ON FUNCTION gatehouse.waiting_key_uses(integer) IS 'internal: keys of this database that have uses in shared memory which nobody is writing, at most 10000';
REVOKE ALL ON FUNCTION gatehouse.waiting_key_uses(integer) FROM PUBLIC;
GRANT EXECUTE ON FUNCTION gatehouse.waiting_key_uses(integer) TO gatehouse_owner;

CREATE FUNCTION gatehouse.take_key_uses(ids uuid[])
 RETURNS SETOF gatehouse.api_key_usage
 LANGUAGE c
 STRICT ROWS 100
AS 'MODULE_PATHNAME', 'gatehouse_api_keys_take_uses';
COMMENT ON FUNCTION gatehouse.take_key_uses(uuid[]) IS 'internal: what waits of the uses of these keys; it leaves shared memory when the transaction commits';
REVOKE ALL ON FUNCTION gatehouse.take_key_uses(uuid[]) FROM PUBLIC;
GRANT EXECUTE ON FUNCTION gatehouse.take_key_uses(uuid[]) TO gatehouse_owner;

CREATE FUNCTION gatehouse.forget_key_uses(ids uuid[])
 RETURNS bigint
 LANGUAGE c
 STRICT
AS 'MODULE_PATHNAME', 'gatehouse_api_keys_forget_uses';
COMMENT ON FUNCTION gatehouse.forget_key_uses(uuid[]) IS 'internal: drops from shared memory what waits of those of these keys that are gone, and gives their number';
REVOKE ALL ON FUNCTION gatehouse.forget_key_uses(uuid[]) FROM PUBLIC;
GRANT EXECUTE ON FUNCTION gatehouse.forget_key_uses(uuid[]) TO gatehouse_owner;

CREATE FUNCTION gatehouse.write_key_uses()
 RETURNS bigint
 LANGUAGE plpgsql
 SET search_path TO 'pg_catalog', 'pg_temp'
AS $function$
DECLARE
  waiting CONSTANT uuid[] := gatehouse.waiting_key_uses(1000);
  held uuid[];
  written bigint;
BEGIN
  held := ARRAY(SELECT u.api_key_id FROM gatehouse.api_key_usage u WHERE u.api_key_id = ANY (waiting)
                 FOR NO KEY UPDATE SKIP LOCKED)
       || ARRAY(SELECT k.id FROM gatehouse.api_keys k
                 WHERE k.id = ANY (waiting)
                   AND NOT EXISTS (SELECT FROM gatehouse.api_key_usage u WHERE u.api_key_id = k.id)
                 FOR KEY SHARE SKIP LOCKED);
  INSERT INTO gatehouse.api_key_usage AS stored (api_key_id, last_used_at, last_used_ip, use_count)
  SELECT t.api_key_id, t.last_used_at, t.last_used_ip, t.use_count
    FROM gatehouse.take_key_uses(held) t ORDER BY t.api_key_id
  ON CONFLICT ON CONSTRAINT api_key_usage_pkey DO UPDATE
     SET last_used_ip = CASE WHEN excluded.last_used_at >= stored.last_used_at THEN excluded.last_used_ip
                             ELSE stored.last_used_ip END,
         last_used_at = greatest(stored.last_used_at, excluded.last_used_at),
         use_count = stored.use_count + excluded.use_count;
  GET DIAGNOSTICS written = ROW_COUNT;
  PERFORM gatehouse.forget_key_uses(ARRAY(SELECT w.id FROM unnest(waiting) w (id) WHERE w.id <> ALL (held)));
  RETURN written;
END
$function$;
ALTER FUNCTION gatehouse.write_key_uses() OWNER TO gatehouse_owner;
COMMENT ON FUNCTION gatehouse.write_key_uses() IS 'internal: writes what waits in shared memory of the uses of at most 1000 keys, and gives the number of the keys; uses of a key that is gone are dropped';
REVOKE ALL ON FUNCTION gatehouse.write_key_uses() FROM PUBLIC;

CREATE TYPE gatehouse.api_key_info AS (
  id uuid,
  name text,
  hint text,
  scopes text[],
  status text,
  created_at timestamp with time zone,
  expires_at timestamp with time zone,
  last_used_at timestamp with time zone,
  last_used_ip inet,
  use_count bigint,
  ip_allow cidr[],
  user_id uuid
);
COMMENT ON TYPE gatehouse.api_key_info IS 'what may be told of an API key';
REVOKE ALL ON TYPE gatehouse.api_key_info FROM PUBLIC;
GRANT USAGE ON TYPE gatehouse.api_key_info TO gatehouse_app, gatehouse_owner;

CREATE TYPE gatehouse.api_key_list_entry AS (
  id uuid,
  name text,
  hint text,
  scopes text[],
  status text,
  created_at timestamp with time zone,
  expires_at timestamp with time zone,
  last_used_at timestamp with time zone,
  last_used_ip inet,
  use_count bigint,
  ip_allow cidr[],
  user_id uuid,
  cursor text
);
COMMENT ON TYPE gatehouse.api_key_list_entry IS 'an API key as a list shows it: api_key_info, and its place in the list';
REVOKE ALL ON TYPE gatehouse.api_key_list_entry FROM PUBLIC;
GRANT USAGE ON TYPE gatehouse.api_key_list_entry TO gatehouse_app, gatehouse_owner;

CREATE FUNCTION gatehouse.api_key_status(stored gatehouse.api_keys, now_at timestamp with time zone)
 RETURNS text
 LANGUAGE sql
 IMMUTABLE PARALLEL SAFE
RETURN CASE WHEN ((stored).deactivated_at IS NOT NULL) THEN 'deactivated'::text WHEN ((stored).expires_at <= now_at) THEN 'expired'::text WHEN (NOT ((stored).owner_is_live OR COALESCE(((stored).owner_stopped_until <= now_at), false))) THEN 'owner_inactive'::text ELSE 'active'::text END;
ALTER FUNCTION gatehouse.api_key_status(gatehouse.api_keys,timestamp with time zone) OWNER TO gatehouse_owner;
COMMENT ON FUNCTION gatehouse.api_key_status(gatehouse.api_keys,timestamp with time zone) IS 'internal: whether the key works at that moment, or why it does not: active, deactivated, expired, owner_inactive';
REVOKE ALL ON FUNCTION gatehouse.api_key_status(gatehouse.api_keys,timestamp with time zone) FROM PUBLIC;

CREATE FUNCTION gatehouse.describe_api_key(stored gatehouse.api_keys)
 RETURNS gatehouse.api_key_info
 LANGUAGE sql
 STABLE
BEGIN ATOMIC
 SELECT (describe_api_key.stored).id AS id,
     (describe_api_key.stored).name AS name,
     (describe_api_key.stored).hint AS hint,
     (describe_api_key.stored).scopes AS scopes,
     gatehouse.api_key_status(describe_api_key.stored, clock_timestamp()) AS api_key_status,
     (describe_api_key.stored).created_at AS created_at,
     (describe_api_key.stored).expires_at AS expires_at,
     u.last_used_at,
     u.last_used_ip,
     u.use_count,
     (describe_api_key.stored).ip_allow AS ip_allow,
     (describe_api_key.stored).user_id AS user_id
    FROM gatehouse.key_usage((describe_api_key.stored).id) u(last_used_at, last_used_ip, use_count);
END;
ALTER FUNCTION gatehouse.describe_api_key(gatehouse.api_keys) OWNER TO gatehouse_owner;
COMMENT ON FUNCTION gatehouse.describe_api_key(gatehouse.api_keys) IS 'internal: what may be told of an API key';
REVOKE ALL ON FUNCTION gatehouse.describe_api_key(gatehouse.api_keys) FROM PUBLIC;

CREATE FUNCTION gatehouse.api_key_page(user_id uuid, page_size integer, after text)
 RETURNS SETOF gatehouse.api_key_list_entry
 LANGUAGE plpgsql
 STABLE ROWS 20
 SET search_path TO 'pg_catalog', 'pg_temp'
 SET plan_cache_mode TO 'force_custom_plan'
AS $function$
#variable_conflict use_column
DECLARE
  most CONSTANT integer := gatehouse.checked_page_size(page_size);
  after_time timestamptz;
  after_id uuid;
  page gatehouse.api_keys[];
BEGIN
  SELECT p.created_at, p.id INTO after_time, after_id FROM gatehouse.list_place(after) p;
  page := ARRAY(
    SELECT k
      FROM gatehouse.api_keys k
     WHERE (k.user_id = api_key_page.user_id OR (api_key_page.user_id IS NULL AND k.user_id IS NULL))
       AND (after_time IS NULL OR (k.created_at, k.id) < (after_time, after_id))
     -- user_id is one and the same, but of a null PostgreSQL doesn't know it, and would sort all service keys for each page.
     ORDER BY k.user_id DESC, k.created_at DESC, k.id DESC
     LIMIT most);
  RETURN QUERY
    SELECT d.*, gatehouse.list_cursor(d.created_at, d.id)
      FROM unnest(page) k, LATERAL gatehouse.describe_api_key(k) d;
END
$function$;
ALTER FUNCTION gatehouse.api_key_page(uuid,integer,text) OWNER TO gatehouse_owner;
COMMENT ON FUNCTION gatehouse.api_key_page(uuid,integer,text) IS 'internal: a page of the keys of an account, or for null of the service keys, the newest first; 22023 and 22P02 as get_users';
REVOKE ALL ON FUNCTION gatehouse.api_key_page(uuid,integer,text) FROM PUBLIC;

CREATE FUNCTION gatehouse.get_user_api_keys(user_id uuid, page_size integer DEFAULT 20, after text DEFAULT NULL::text)
 RETURNS SETOF gatehouse.api_key_list_entry
 LANGUAGE plpgsql
 STABLE SECURITY DEFINER ROWS 20
 SET search_path TO 'pg_catalog', 'pg_temp'
AS $function$
BEGIN
  IF get_user_api_keys.user_id IS NULL THEN
    RAISE EXCEPTION 'argument "user_id" must not be null'
      USING ERRCODE = '22023', HINT = 'Service keys are listed by gatehouse.get_service_keys().';
  END IF;
  PERFORM gatehouse.check_acts_for(get_user_api_keys.user_id);
  RETURN QUERY SELECT * FROM gatehouse.api_key_page(get_user_api_keys.user_id, page_size, after);
END
$function$;
ALTER FUNCTION gatehouse.get_user_api_keys(uuid,integer,text) OWNER TO gatehouse_owner;
COMMENT ON FUNCTION gatehouse.get_user_api_keys(uuid,integer,text) IS 'a page of the API keys of an account, ended ones too, the newest first; after takes the cursor of the last row seen. status, judged by the clock, is active, or the first that holds of deactivated, expired, owner_inactive (stopped or deleted). No row where no account has this id. A malformed cursor is 22P02, a page_size that is not from 1 to 100 is 22023, another account''s id while somebody is signed in 42501';
REVOKE ALL ON FUNCTION gatehouse.get_user_api_keys(uuid,integer,text) FROM PUBLIC;
GRANT EXECUTE ON FUNCTION gatehouse.get_user_api_keys(uuid,integer,text) TO gatehouse_app;

CREATE FUNCTION gatehouse.get_service_keys(page_size integer DEFAULT 20, after text DEFAULT NULL::text)
 RETURNS SETOF gatehouse.api_key_list_entry
 LANGUAGE sql
 STABLE SECURITY DEFINER ROWS 20
 SET search_path TO 'pg_catalog', 'pg_temp'
AS $function$
  SELECT * FROM gatehouse.api_key_page(NULL, page_size, after)
$function$;
ALTER FUNCTION gatehouse.get_service_keys(integer,text) OWNER TO gatehouse_owner;
COMMENT ON FUNCTION gatehouse.get_service_keys(integer,text) IS 'a page of the service keys, as get_user_api_keys shows those of an account';
REVOKE ALL ON FUNCTION gatehouse.get_service_keys(integer,text) FROM PUBLIC;
GRANT EXECUTE ON FUNCTION gatehouse.get_service_keys(integer,text) TO gatehouse_admin;

CREATE FUNCTION gatehouse.get_api_key_by_id(id uuid, user_id uuid DEFAULT NULL::uuid)
 RETURNS SETOF gatehouse.api_key_info
 LANGUAGE plpgsql
 STABLE SECURITY DEFINER ROWS 1
 SET search_path TO 'pg_catalog', 'pg_temp'
AS $function$
#variable_conflict use_column
BEGIN
  IF get_api_key_by_id.id IS NULL THEN
    RAISE EXCEPTION 'argument "id" must not be null' USING ERRCODE = '22023';
  END IF;
  IF get_api_key_by_id.user_id IS NOT NULL THEN
    PERFORM gatehouse.check_acts_for(get_api_key_by_id.user_id);
  END IF;
  RETURN QUERY
    SELECT d.*
      FROM gatehouse.api_keys k, LATERAL gatehouse.describe_api_key(k) d
     WHERE k.id = get_api_key_by_id.id
       AND (get_api_key_by_id.user_id IS NULL OR k.user_id = get_api_key_by_id.user_id)
       AND (k.user_id IS NOT NULL OR gatehouse.caller_is_administrator())
       AND gatehouse.acts_for(k.user_id);
END
$function$;
ALTER FUNCTION gatehouse.get_api_key_by_id(uuid,uuid) OWNER TO gatehouse_owner;
COMMENT ON FUNCTION gatehouse.get_api_key_by_id(uuid,uuid) IS 'the API key of this id, ended or not, as get_user_api_keys shows it; no row where there is none, or it is not this user''s, or it is a service key and the caller no administrator; 42501 where another account than user_id is signed in';
REVOKE ALL ON FUNCTION gatehouse.get_api_key_by_id(uuid,uuid) FROM PUBLIC;
GRANT EXECUTE ON FUNCTION gatehouse.get_api_key_by_id(uuid,uuid) TO gatehouse_app;

CREATE FUNCTION gatehouse.owner_of_key(id uuid, user_id uuid, OUT is_found boolean, OUT owner_id uuid)
 RETURNS record
 LANGUAGE plpgsql
 STABLE
 SET search_path TO 'pg_catalog', 'pg_temp'
AS $function$
#variable_conflict use_column
BEGIN
  IF owner_of_key.id IS NULL THEN
    RAISE EXCEPTION 'argument "id" must not be null' USING ERRCODE = '22023';
  END IF;
  IF owner_of_key.user_id IS NOT NULL THEN
    PERFORM gatehouse.check_acts_for(owner_of_key.user_id);
  END IF;
  SELECT k.user_id INTO owner_id
    FROM gatehouse.api_keys k
   WHERE k.id = owner_of_key.id
     AND (owner_of_key.user_id IS NULL OR k.user_id = owner_of_key.user_id)
     AND (k.user_id IS NOT NULL OR gatehouse.caller_is_administrator())
     AND gatehouse.acts_for(k.user_id);
  is_found := FOUND;
END
$function$;
ALTER FUNCTION gatehouse.owner_of_key(uuid,uuid) OWNER TO gatehouse_owner;
COMMENT ON FUNCTION gatehouse.owner_of_key(uuid,uuid) IS 'internal: whether there is such a key that the caller may change, and whose it is, null for a service key. 22023 without an id, 42501 where another account than user_id is signed in';
REVOKE ALL ON FUNCTION gatehouse.owner_of_key(uuid,uuid) FROM PUBLIC;

CREATE FUNCTION gatehouse.lock_live_key(id uuid)
 RETURNS gatehouse.api_keys
 LANGUAGE plpgsql
 SET search_path TO 'pg_catalog', 'pg_temp'
AS $function$
#variable_conflict use_column
DECLARE
  locked gatehouse.api_keys;
BEGIN
  SELECT k.* INTO locked
    FROM gatehouse.api_keys k
   WHERE k.id = lock_live_key.id AND gatehouse.api_key_status(k, clock_timestamp()) = 'active'
     FOR NO KEY UPDATE;
  RETURN locked;
END
$function$;
ALTER FUNCTION gatehouse.lock_live_key(uuid) OWNER TO gatehouse_owner;
COMMENT ON FUNCTION gatehouse.lock_live_key(uuid) IS 'internal: locks the key, whose live owner is locked; all null where it is not active';
REVOKE ALL ON FUNCTION gatehouse.lock_live_key(uuid) FROM PUBLIC;

CREATE FUNCTION gatehouse.texts_of_json(field jsonb, field_name text)
 RETURNS text[]
 LANGUAGE plpgsql
 IMMUTABLE PARALLEL SAFE
 SET search_path TO 'pg_catalog', 'pg_temp'
AS $function$
BEGIN
  IF jsonb_typeof(field) <> 'array' OR jsonb_path_exists(field, 'strict $[*] ? (@.type() != "string")') THEN
    RAISE EXCEPTION '% must be a JSON array of strings', field_name USING ERRCODE = '22023';
  END IF;
  RETURN ARRAY(SELECT t FROM jsonb_array_elements_text(field) t);
END
$function$;
ALTER FUNCTION gatehouse.texts_of_json(jsonb,text) OWNER TO gatehouse_owner;
COMMENT ON FUNCTION gatehouse.texts_of_json(jsonb,text) IS 'internal: a list of texts from the field of a patch; 22023 where it is anything else';
REVOKE ALL ON FUNCTION gatehouse.texts_of_json(jsonb,text) FROM PUBLIC;

CREATE FUNCTION gatehouse.networks_of_json(field jsonb)
 RETURNS cidr[]
 LANGUAGE plpgsql
 IMMUTABLE PARALLEL SAFE
 SET search_path TO 'pg_catalog', 'pg_temp'
AS $function$
BEGIN
  IF field = jsonb 'null' THEN
    RETURN NULL;
  END IF;
  RETURN gatehouse.checked_networks(gatehouse.texts_of_json(field, 'ip_allow')::cidr[]);
EXCEPTION WHEN invalid_text_representation THEN
  RAISE EXCEPTION 'ip_allow must hold networks, such as "192.0.2.0/24"' USING ERRCODE = '22023';
END
$function$;
ALTER FUNCTION gatehouse.networks_of_json(jsonb) OWNER TO gatehouse_owner;
COMMENT ON FUNCTION gatehouse.networks_of_json(jsonb) IS 'internal: ip_allow from a patch, where null is every address; 22023 where it is no list of 1 to 100 networks';
REVOKE ALL ON FUNCTION gatehouse.networks_of_json(jsonb) FROM PUBLIC;

CREATE FUNCTION gatehouse.time_of_json(field jsonb, field_name text)
 RETURNS timestamp with time zone
 LANGUAGE plpgsql
 STABLE PARALLEL SAFE
 SET search_path TO 'pg_catalog', 'pg_temp'
AS $function$
BEGIN
  IF jsonb_typeof(field) = 'string'
     AND field #>> '{}' COLLATE "C" ~
         '^[0-9]{4}-[0-9]{2}-[0-9]{2}[T ][0-9]{2}:[0-9]{2}(:[0-9]{2}([.][0-9]{1,6})?)?(Z|[-+][0-9]{2}(:?[0-9]{2})?)$' THEN
    RETURN (field #>> '{}')::timestamptz;
  END IF;
  RAISE datetime_field_overflow;
EXCEPTION WHEN datetime_field_overflow OR invalid_datetime_format OR invalid_time_zone_displacement_value THEN
  RAISE EXCEPTION '% must be a time with its zone, such as "2030-01-31T12:00:00Z"', field_name USING ERRCODE = '22023';
END
$function$;
ALTER FUNCTION gatehouse.time_of_json(jsonb,text) OWNER TO gatehouse_owner;
COMMENT ON FUNCTION gatehouse.time_of_json(jsonb,text) IS 'internal: a time from the field of a patch, in the form of ISO 8601 that JSON has; 22023 where it is anything else';
REVOKE ALL ON FUNCTION gatehouse.time_of_json(jsonb,text) FROM PUBLIC;

CREATE FUNCTION gatehouse.update_api_key(id uuid, patch jsonb, user_id uuid DEFAULT NULL::uuid)
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
  RETURNING k.* INTO key;
  RETURN NEXT gatehouse.describe_api_key(key);
END
$function$;
ALTER FUNCTION gatehouse.update_api_key(uuid,jsonb,uuid) OWNER TO gatehouse_owner;
COMMENT ON FUNCTION gatehouse.update_api_key(uuid,jsonb,uuid) IS 'changes fields of a live key of a live account: name; ip_allow, where null is every address; scopes, which can only become fewer (of read:* is read:users a part); expires_at, which can only become earlier. What is not in the patch stays. Gives the key, or no row where there is none that is live, or it is not this user''s, or it is a service key and the caller no administrator. An unknown field and a value that is not allowed are 22023; 42501 where another account than user_id is signed in';
REVOKE ALL ON FUNCTION gatehouse.update_api_key(uuid,jsonb,uuid) FROM PUBLIC;
GRANT EXECUTE ON FUNCTION gatehouse.update_api_key(uuid,jsonb,uuid) TO gatehouse_app;

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
  RETURN FOUND;
END
$function$;
COMMENT ON FUNCTION gatehouse.deactivate_api_key(uuid,uuid) IS 'ends a key for good; false where there is no such active key, or it is not this user''s, or another account is signed in, or it is a service key and the caller no administrator; 42501 where another account than user_id is signed in';

CREATE FUNCTION gatehouse.deactivate_user_api_keys(user_id uuid)
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
  RETURN ended;
END
$function$;
ALTER FUNCTION gatehouse.deactivate_user_api_keys(uuid) OWNER TO gatehouse_owner;
COMMENT ON FUNCTION gatehouse.deactivate_user_api_keys(uuid) IS 'ends all keys of an account for good that are neither deactivated nor expired, also while it is stopped or deleted, and those that are being made or rotated at the moment; how many there were. 42501 while another account is signed in';
REVOKE ALL ON FUNCTION gatehouse.deactivate_user_api_keys(uuid) FROM PUBLIC;
GRANT EXECUTE ON FUNCTION gatehouse.deactivate_user_api_keys(uuid) TO gatehouse_app;

CREATE TYPE gatehouse.rotated_api_key AS (
  id uuid,
  api_key text,
  hint text,
  created_at timestamp with time zone
);
COMMENT ON TYPE gatehouse.rotated_api_key IS 'the key that took the place of another one';
REVOKE ALL ON TYPE gatehouse.rotated_api_key FROM PUBLIC;
GRANT USAGE ON TYPE gatehouse.rotated_api_key TO gatehouse_app, gatehouse_owner;

CREATE FUNCTION gatehouse.end_oldest_overlaps(user_id uuid, now_at timestamp with time zone)
 RETURNS void
 LANGUAGE plpgsql
 SET search_path TO 'pg_catalog', 'pg_temp'
AS $function$
#variable_conflict use_column
DECLARE
  most CONSTANT integer := gatehouse.setting('max_api_keys_per_user')::integer;
BEGIN
  IF most = 0 THEN
    RETURN;
  END IF;
  UPDATE gatehouse.api_keys k
     SET expires_at = now_at
   WHERE k.id IN (SELECT o.id FROM gatehouse.api_keys o
                   WHERE o.user_id = end_oldest_overlaps.user_id AND o.rotated_to IS NOT NULL AND o.deactivated_at IS NULL
                     AND o.expires_at > now_at
                   ORDER BY o.expires_at DESC, o.id DESC
                  OFFSET most);
END
$function$;
ALTER FUNCTION gatehouse.end_oldest_overlaps(uuid,timestamp with time zone) OWNER TO gatehouse_owner;
COMMENT ON FUNCTION gatehouse.end_oldest_overlaps(uuid,timestamp with time zone) IS 'internal: ends the keys of an account that are soonest at the end of their overlap, beyond max_api_keys_per_user of them';
REVOKE ALL ON FUNCTION gatehouse.end_oldest_overlaps(uuid,timestamp with time zone) FROM PUBLIC;

CREATE FUNCTION gatehouse.rotate_api_key(id uuid, user_id uuid DEFAULT NULL::uuid, overlap interval DEFAULT '00:00:00'::interval)
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
END
$function$;
ALTER FUNCTION gatehouse.rotate_api_key(uuid,uuid,interval) OWNER TO gatehouse_owner;
COMMENT ON FUNCTION gatehouse.rotate_api_key(uuid,uuid,interval) IS 'makes a successor of a live key of a live account, shown by this call only, with its name, scopes, ip_allow and expiry; the old key works through the overlap, at most 30 days and never beyond its own expiry, and is not rotated again. The limit of keys does not hold a rotation up. No row where there is no such key, or another rotation won, or it is not this user''s, or it is a service key and the caller no administrator. 22023 for another overlap, 42501 where another account than user_id is signed in';
REVOKE ALL ON FUNCTION gatehouse.rotate_api_key(uuid,uuid,interval) FROM PUBLIC;
GRANT EXECUTE ON FUNCTION gatehouse.rotate_api_key(uuid,uuid,interval) TO gatehouse_app;

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
$function$;
COMMENT ON FUNCTION gatehouse.create_refresh_token(uuid,inet,text,text) IS 'opens a session of a live account and gives its first refresh token, shown by this call only; of more than gatehouse.max_sessions_per_user live ones the least recently used ends; user_agent is cut to 512 characters, device to 100; 42501 while another account is signed in';

CREATE OR REPLACE FUNCTION gatehouse.revoke_refresh_token(token text)
 RETURNS boolean
 LANGUAGE plpgsql
 SECURITY DEFINER
 SET search_path TO 'pg_catalog', 'pg_temp'
AS $function$
BEGIN
  UPDATE gatehouse.sessions s
     SET revoked_at = clock_timestamp(), revocation = 'logout'
   WHERE s.locator_digest = gatehouse.locate_refresh_token(revoke_refresh_token.token)
     AND s.revoked_at IS NULL
     AND s.expires_at > clock_timestamp() AND s.idle_expires_at > clock_timestamp()
     AND gatehouse.acts_for(s.user_id);
  RETURN FOUND;
END
$function$;
COMMENT ON FUNCTION gatehouse.revoke_refresh_token(text) IS 'ends the session that the token belongs to, also where the token was used up already; false where there is no such live session, or another account is signed in';

COMMENT ON COLUMN gatehouse.events.actor_id IS 'the account that was signed in; NULL where none was';
COMMENT ON COLUMN gatehouse.events.impersonator_id IS 'the account that acted in the name of the actor, by sign_in_as';
COMMENT ON COLUMN gatehouse.events.session_id IS 'the session that the event concerns, else the one that was signed in with';
COMMENT ON COLUMN gatehouse.events.api_key_id IS 'the API key that was signed in with';

COMMENT ON COLUMN gatehouse.row_change_log.actor_id IS 'the account that was signed in; NULL where none was';
COMMENT ON COLUMN gatehouse.row_change_log.impersonator_id IS 'the account that acted in the name of the actor, by sign_in_as';
COMMENT ON COLUMN gatehouse.row_change_log.api_key_id IS 'the API key that was signed in with';
COMMENT ON COLUMN gatehouse.row_change_log.session_id IS 'the session that was signed in with';

CREATE OR REPLACE FUNCTION gatehouse.write_event(event_type text, user_id uuid, ip inet, user_agent text, success boolean, context jsonb, session_id uuid, api_key_id uuid DEFAULT NULL::uuid, occurred_at timestamp with time zone DEFAULT NULL::timestamp with time zone)
 RETURNS bigint
 LANGUAGE plpgsql
 SET search_path TO 'pg_catalog', 'pg_temp'
AS $function$
DECLARE
  agent text := left(user_agent, 512);
  is_own CONSTANT boolean := occurred_at IS NULL;
  event_time CONSTANT timestamptz := coalesce(occurred_at, clock_timestamp());
  salt bytea;
  event_id bigint;
BEGIN
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
COMMENT ON FUNCTION gatehouse.write_event(text,uuid,inet,text,boolean,jsonb,uuid,uuid,timestamp with time zone) IS 'writes an event whose fields have been checked; for functions of gatehouse. An event with a time of its own comes from the queue: whoever writes it did not cause it, and is not recorded as its actor';

CREATE OR REPLACE FUNCTION gatehouse.write_security_events()
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
    PERFORM gatehouse.write_security_event(queued);
    written := written + 1;
  END LOOP;
  lost := gatehouse.take_lost_events();
  IF lost > 0 THEN
    PERFORM gatehouse.write_event('security.events_lost', NULL, NULL, NULL, false, jsonb_build_object('events', lost), NULL,
                                  occurred_at => clock_timestamp());
    written := written + 1;
  END IF;
  RETURN written;
END
$function$;

COMMENT ON COLUMN gatehouse.row_changes.actor_id IS 'the account that was signed in; NULL where none was';
COMMENT ON COLUMN gatehouse.row_changes.impersonator_id IS 'the account that acted in the name of the actor, by sign_in_as';
COMMENT ON COLUMN gatehouse.row_changes.api_key_id IS 'the API key that was signed in with';
COMMENT ON COLUMN gatehouse.row_changes.session_id IS 'the session that was signed in with';

CREATE FUNCTION gatehouse.sign_in_with_api_key(api_key text, required_scopes text[] DEFAULT '{}'::text[], ip inet DEFAULT NULL::inet)
 RETURNS boolean
 LANGUAGE c
AS 'MODULE_PATHNAME', 'gatehouse_identity_sign_in_with_api_key';
COMMENT ON FUNCTION gatehouse.sign_in_with_api_key(text,text[],inet) IS 'from now on this transaction acts for the owner of the key, as far as the key''s scopes go; false where verify_api_key would give no row, and then nobody is signed in. Ends with the transaction; a rollback to a savepoint brings back who was signed in there';
REVOKE ALL ON FUNCTION gatehouse.sign_in_with_api_key(text,text[],inet) FROM PUBLIC;
GRANT EXECUTE ON FUNCTION gatehouse.sign_in_with_api_key(text,text[],inet) TO gatehouse_app;

CREATE FUNCTION gatehouse.sign_in_with_session(refresh_token text)
 RETURNS boolean
 LANGUAGE c
AS 'MODULE_PATHNAME', 'gatehouse_identity_sign_in_with_session';
COMMENT ON FUNCTION gatehouse.sign_in_with_session(text) IS 'from now on this transaction acts for the account of the session; false where verify_refresh_token would give no row, and then nobody is signed in. The token is not used up. Sees what has been committed by now in every isolation level';
REVOKE ALL ON FUNCTION gatehouse.sign_in_with_session(text) FROM PUBLIC;
GRANT EXECUTE ON FUNCTION gatehouse.sign_in_with_session(text) TO gatehouse_app;

CREATE FUNCTION gatehouse.sign_in_as(user_id uuid)
 RETURNS boolean
 LANGUAGE c
AS 'MODULE_PATHNAME', 'gatehouse_identity_sign_in_as';
COMMENT ON FUNCTION gatehouse.sign_in_as(uuid) IS 'from now on this transaction acts in the name of a live account, and the audit records beside it who was signed in before; the scopes of an API key that signed in before still hold. False where no live account has this id, and then nobody is signed in';
REVOKE ALL ON FUNCTION gatehouse.sign_in_as(uuid) FROM PUBLIC;
GRANT EXECUTE ON FUNCTION gatehouse.sign_in_as(uuid) TO gatehouse_admin;

CREATE FUNCTION gatehouse.sign_out()
 RETURNS void
 LANGUAGE c
AS 'MODULE_PATHNAME', 'gatehouse_identity_sign_out';
COMMENT ON FUNCTION gatehouse.sign_out() IS 'from now on nobody is signed in in this transaction';
REVOKE ALL ON FUNCTION gatehouse.sign_out() FROM PUBLIC;
GRANT EXECUTE ON FUNCTION gatehouse.sign_out() TO gatehouse_app;

CREATE FUNCTION gatehouse.current_user_id()
 RETURNS uuid
 LANGUAGE c
 STABLE PARALLEL SAFE LEAKPROOF
AS 'MODULE_PATHNAME', 'gatehouse_identity_user_id';
COMMENT ON FUNCTION gatehouse.current_user_id() IS 'the account that this transaction acts for; null where nobody is signed in, or a service key is';
REVOKE ALL ON FUNCTION gatehouse.current_user_id() FROM PUBLIC;
GRANT EXECUTE ON FUNCTION gatehouse.current_user_id() TO gatehouse_app, gatehouse_auditor, gatehouse_owner;

CREATE FUNCTION gatehouse.current_impersonator_id()
 RETURNS uuid
 LANGUAGE c
 STABLE PARALLEL SAFE LEAKPROOF
AS 'MODULE_PATHNAME', 'gatehouse_identity_impersonator_id';
COMMENT ON FUNCTION gatehouse.current_impersonator_id() IS 'the account that signed in before somebody acted in the name of another by sign_in_as; else null';
REVOKE ALL ON FUNCTION gatehouse.current_impersonator_id() FROM PUBLIC;
GRANT EXECUTE ON FUNCTION gatehouse.current_impersonator_id() TO gatehouse_app, gatehouse_auditor, gatehouse_owner;

CREATE FUNCTION gatehouse.current_api_key_id()
 RETURNS uuid
 LANGUAGE c
 STABLE PARALLEL SAFE LEAKPROOF
AS 'MODULE_PATHNAME', 'gatehouse_identity_api_key_id';
COMMENT ON FUNCTION gatehouse.current_api_key_id() IS 'the API key that was signed in with, else null';
REVOKE ALL ON FUNCTION gatehouse.current_api_key_id() FROM PUBLIC;
GRANT EXECUTE ON FUNCTION gatehouse.current_api_key_id() TO gatehouse_app, gatehouse_auditor, gatehouse_owner;

CREATE FUNCTION gatehouse.current_session_id()
 RETURNS uuid
 LANGUAGE c
 STABLE PARALLEL SAFE LEAKPROOF
AS 'MODULE_PATHNAME', 'gatehouse_identity_session_id';
COMMENT ON FUNCTION gatehouse.current_session_id() IS 'the session that was signed in with, else null';
REVOKE ALL ON FUNCTION gatehouse.current_session_id() FROM PUBLIC;
GRANT EXECUTE ON FUNCTION gatehouse.current_session_id() TO gatehouse_app, gatehouse_auditor, gatehouse_owner;

CREATE FUNCTION gatehouse.current_scopes()
 RETURNS text[]
 LANGUAGE c
 STABLE PARALLEL SAFE LEAKPROOF
AS 'MODULE_PATHNAME', 'gatehouse_identity_scopes';
COMMENT ON FUNCTION gatehouse.current_scopes() IS 'the scopes of the API key that was signed in with; null where none was, and so nothing is restricted to scopes';
REVOKE ALL ON FUNCTION gatehouse.current_scopes() FROM PUBLIC;
GRANT EXECUTE ON FUNCTION gatehouse.current_scopes() TO gatehouse_app, gatehouse_auditor, gatehouse_owner;

CREATE FUNCTION gatehouse.require_scope(scope text)
 RETURNS void
 LANGUAGE c
 STABLE PARALLEL SAFE
AS 'MODULE_PATHNAME', 'gatehouse_identity_require_scope';
COMMENT ON FUNCTION gatehouse.require_scope(text) IS 'raises 42501 unless somebody is signed in whom no scopes restrict, or an API key that has this one. Scopes restrict API keys: a session, and who acts in another''s name by it, passes. What is no scope is 22023';
REVOKE ALL ON FUNCTION gatehouse.require_scope(text) FROM PUBLIC;
GRANT EXECUTE ON FUNCTION gatehouse.require_scope(text) TO gatehouse_app, gatehouse_auditor, gatehouse_owner;

CREATE FUNCTION gatehouse.acts_for(user_id uuid)
 RETURNS boolean
 LANGUAGE c
 STABLE PARALLEL RESTRICTED
AS 'MODULE_PATHNAME', 'gatehouse_identity_acts_for';
COMMENT ON FUNCTION gatehouse.acts_for(uuid) IS 'internal: false where somebody is signed in, with another account than this, and the caller is no administrator; null is no account';
REVOKE ALL ON FUNCTION gatehouse.acts_for(uuid) FROM PUBLIC;
GRANT EXECUTE ON FUNCTION gatehouse.acts_for(uuid) TO gatehouse_owner;

CREATE FUNCTION gatehouse.check_acts_for(user_id uuid)
 RETURNS void
 LANGUAGE c
 STABLE PARALLEL RESTRICTED
AS 'MODULE_PATHNAME', 'gatehouse_identity_check_acts_for';
COMMENT ON FUNCTION gatehouse.check_acts_for(uuid) IS 'internal: 42501 unless acts_for(user_id)';
REVOKE ALL ON FUNCTION gatehouse.check_acts_for(uuid) FROM PUBLIC;
GRANT EXECUTE ON FUNCTION gatehouse.check_acts_for(uuid) TO gatehouse_owner;

CREATE OR REPLACE FUNCTION gatehouse.request_account_deletion(user_id uuid)
 RETURNS text
 LANGUAGE plpgsql
 SECURITY DEFINER
 SET search_path TO 'pg_catalog', 'pg_temp'
AS $function$
BEGIN
  IF user_id IS NULL THEN
    RAISE EXCEPTION 'argument "user_id" must not be null' USING ERRCODE = '22023';
  END IF;
  PERFORM gatehouse.check_acts_for(request_account_deletion.user_id);
  IF NOT gatehouse.lock_live_account_to_count(user_id) THEN
    RAISE EXCEPTION 'no live account has this id' USING ERRCODE = '22023';
  END IF;
  RETURN gatehouse.issue_one_time_token(
           user_id, gatehouse.throttle_subject('account', user_id::text), 'account_deletion',
           (SELECT u.email_normal FROM gatehouse.users u WHERE u.id = request_account_deletion.user_id),
           gatehouse.lifetime('deletion_token_lifetime'));
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
  RETURN was_scheduled OR was_requested;
END
$function$;

CREATE OR REPLACE FUNCTION gatehouse.account_deletion_status(user_id uuid, OUT status text, OUT requested_at timestamp with time zone, OUT token_expires_at timestamp with time zone, OUT scheduled_for timestamp with time zone)
 RETURNS SETOF record
 LANGUAGE plpgsql
 STABLE SECURITY DEFINER ROWS 1
 SET search_path TO 'pg_catalog', 'pg_temp'
AS $function$
#variable_conflict use_column
BEGIN
  IF account_deletion_status.user_id IS NULL THEN
    RAISE EXCEPTION 'argument "user_id" must not be null' USING ERRCODE = '22023';
  END IF;
  PERFORM gatehouse.check_acts_for(account_deletion_status.user_id);
  RETURN QUERY
    SELECT CASE WHEN u.deletion_scheduled_for IS NOT NULL THEN 'scheduled'
                WHEN t.created_at IS NOT NULL THEN 'requested'
                ELSE 'none' END,
           t.created_at, t.expires_at, u.deletion_scheduled_for
      FROM gatehouse.users u
      LEFT JOIN (SELECT o.created_at, o.expires_at FROM gatehouse.one_time_tokens o
                  WHERE o.user_id = account_deletion_status.user_id AND o.purpose = 'account_deletion'
                    AND o.expires_at > clock_timestamp()
                  ORDER BY o.created_at DESC LIMIT 1) t ON true
     WHERE u.id = account_deletion_status.user_id;
END
$function$;

CREATE OR REPLACE FUNCTION gatehouse.export_user_data(id uuid)
 RETURNS jsonb
 LANGUAGE plpgsql
 STABLE SECURITY DEFINER
 SET search_path TO 'pg_catalog', 'pg_temp'
AS $function$
#variable_conflict use_column
BEGIN
  IF export_user_data.id IS NULL THEN
    RAISE EXCEPTION 'argument "id" must not be null' USING ERRCODE = '22023';
  END IF;
  PERFORM gatehouse.check_acts_for(export_user_data.id);
  RETURN (
    SELECT jsonb_build_object(
      'exported_at', clock_timestamp(),
      'account', to_jsonb(u) - 'profile',
      'profile', u.profile,
      'password', (SELECT jsonb_build_object('changed_at', c.changed_at)
                     FROM gatehouse.password_credentials c WHERE c.user_id = u.id),
      'oauth_identities', ARRAY(SELECT jsonb_build_object('provider', o.provider, 'subject', o.subject, 'email', o.email,
                                                          'linked_at', o.linked_at)
                                  FROM gatehouse.oauth_identities o WHERE o.user_id = u.id ORDER BY o.linked_at, o.provider, o.subject),
      'api_keys', ARRAY(SELECT jsonb_build_object('id', k.id, 'name', k.name, 'hint', k.hint, 'scopes', k.scopes,
                                                  'ip_allow', k.ip_allow, 'created_at', k.created_at, 'expires_at', k.expires_at,
                                                  'deactivated_at', k.deactivated_at, 'rotated_to', k.rotated_to) || to_jsonb(s)
                          FROM gatehouse.api_keys k, LATERAL gatehouse.key_usage(k.id) s WHERE k.user_id = u.id ORDER BY k.created_at, k.id),
      'sessions', ARRAY(SELECT jsonb_build_object('session_id', s.session_id, 'device', s.device, 'ip', s.ip,
                                                  'user_agent', s.user_agent, 'created_at', s.created_at,
                                                  'last_used_at', s.last_used_at, 'rotations', s.rotations,
                                                  'rotated_at', s.rotated_at, 'expires_at', s.expires_at,
                                                  'idle_expires_at', s.idle_expires_at, 'revoked_at', s.revoked_at,
                                                  'revocation', s.revocation)
                          FROM gatehouse.sessions s WHERE s.user_id = u.id ORDER BY s.created_at, s.session_id),
      'known_addresses', ARRAY(SELECT jsonb_build_object('network', a.network, 'last_login_at', a.last_login_at)
                                 FROM gatehouse.known_addresses a WHERE a.user_id = u.id ORDER BY a.last_login_at, a.network),
      'failed_logins', ARRAY(SELECT jsonb_build_object('network', a.network, 'failures', n.failures, 'counted_at', n.counted_at,
                                                       'locked_until', n.locked_until)
                               FROM gatehouse.account_counts(u.id) a, LATERAL gatehouse.current_count(a.stored) n
                              WHERE n.failures > 0 ORDER BY n.counted_at, a.network),
      'one_time_tokens', ARRAY(SELECT jsonb_build_object('purpose', t.purpose, 'email', t.email, 'created_at', t.created_at,
                                                         'expires_at', t.expires_at)
                                 FROM gatehouse.one_time_tokens t WHERE t.user_id = u.id ORDER BY t.created_at, t.locator_digest),
      'deletion_reminders', ARRAY(SELECT jsonb_build_object('days_before', r.days_before, 'scheduled_for', r.scheduled_for,
                                                            'sent_at', r.sent_at)
                                    FROM gatehouse.deletion_reminders r WHERE r.user_id = u.id ORDER BY r.sent_at, r.days_before),
      'events', ARRAY(SELECT jsonb_build_object('id', e.id, 'occurred_at', e.occurred_at, 'event_type', e.event_type,
                                                'actor_id', e.actor_id, 'impersonator_id', e.impersonator_id,
                                                'session_id', e.session_id, 'api_key_id', e.api_key_id, 'success', e.success,
                                                'ip', d.ip, 'user_agent', d.user_agent, 'context', d.context)
                        FROM gatehouse.events e
                        LEFT JOIN gatehouse.event_details d ON d.event_id = e.id AND d.occurred_at = e.occurred_at
                       WHERE e.user_id = u.id ORDER BY e.occurred_at, e.id))
      FROM gatehouse.users u
     WHERE u.id = export_user_data.id AND (u.deleted_at IS NULL OR gatehouse.caller_is_administrator()));
END
$function$;

CREATE OR REPLACE FUNCTION gatehouse.run_maintenance(OUT task text, OUT affected bigint)
 RETURNS SETOF record
 LANGUAGE plpgsql
 SECURITY DEFINER ROWS 6
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
  task := 'key_uses_written';
  affected := gatehouse.write_key_uses();
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
COMMENT ON FUNCTION gatehouse.run_maintenance() IS 'does all periodic work of this database once, as the background worker does it, and gives what it came to: security events written to the log, counts of failed logins stored, and forgotten, API keys whose uses were written, expired one-time tokens removed, accounts erased whose date has come';

DROP FUNCTION gatehouse.server_state();
CREATE FUNCTION gatehouse.server_state(OUT memory text, OUT hashing bigint, OUT hashes_waiting bigint, OUT hashes_turned_away bigint, OUT throttle_capacity bigint, OUT counts_lost bigint, OUT queue_capacity bigint, OUT events_waiting bigint, OUT events_lost bigint, OUT worker_serves boolean, OUT worker_served_at timestamp with time zone, OUT key_ring_failure text, OUT key_ids integer[], OUT key_use_capacity bigint, OUT key_uses_waiting bigint, OUT key_uses_lost bigint, OUT standby_as_of timestamp with time zone, OUT standby_bounded boolean)
 RETURNS record
 LANGUAGE c
 STABLE
AS 'MODULE_PATHNAME', 'gatehouse_operation_server_state';
COMMENT ON FUNCTION gatehouse.server_state() IS 'internal: what shared memory, the worker, the key ring and, of a standby, replay are doing; counts of what was lost or turned away are since the server started';
REVOKE ALL ON FUNCTION gatehouse.server_state() FROM PUBLIC;
GRANT EXECUTE ON FUNCTION gatehouse.server_state() TO gatehouse_owner;

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

  check_name := 'key_usage';
  status := CASE WHEN state.key_uses_waiting > state.key_use_capacity / 2 THEN 'degraded' ELSE 'healthy' END;
  reason := CASE WHEN state.memory = 'none' THEN 'it needs preloading: no use of an API key is noted'
                 WHEN NOT gatehouse.setting('track_key_usage')::boolean THEN 'it is switched off'
                 ELSE format('uses of %s keys of this database waiting, room for %s keys, %s uses lost since the server started',
                             state.key_uses_waiting, state.key_use_capacity, state.key_uses_lost) END;
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
