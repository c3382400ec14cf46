-- gatehouse: from 0.2 to 0.3.
\echo Use "ALTER EXTENSION gatehouse UPDATE TO '0.3'" to load this file. \quit
DO $$
BEGIN
  IF string_to_array(gatehouse.library_version(), '.')::integer[] < '{0,3}' THEN
    RAISE EXCEPTION 'the library of gatehouse that is loaded, %, is older than 0.3', gatehouse.library_version()
      USING ERRCODE = '55000',
            HINT = 'Install the new release, and restart the server where it preloads the library, else connect anew.';
  END IF;
END
$$;

DROP FUNCTION gatehouse.check_new_password(text);
DROP INDEX gatehouse.oauth_identities_user_id;

CREATE OR REPLACE FUNCTION gatehouse.version()
 RETURNS text
 LANGUAGE sql
 IMMUTABLE PARALLEL SAFE
RETURN '0.3'::text;

COMMENT ON COLUMN gatehouse.users.is_active IS 'false of a stopped account; it counts as active again from stopped_until on';
COMMENT ON COLUMN gatehouse.users.deletion_scheduled_for IS 'when a confirmed erasure is due; until then the account works';
ALTER TABLE gatehouse.users ADD COLUMN deleted_by uuid;
COMMENT ON COLUMN gatehouse.users.deleted_by IS 'the account that deleted this one, as the application said; it may be gone';
ALTER TABLE gatehouse.users ADD COLUMN deletion_reason text;
ALTER TABLE gatehouse.users ADD COLUMN stopped_until timestamp with time zone;
COMMENT ON COLUMN gatehouse.users.stopped_until IS 'the end of the stop; null where it has none, or the account is not stopped';
ALTER TABLE gatehouse.users ADD COLUMN stop_reason text;
CREATE INDEX users_created_at ON gatehouse.users USING btree (created_at, id);
COMMENT ON INDEX gatehouse.users_created_at IS 'pages of accounts, in the order in which they were made';
CREATE INDEX users_deleted ON gatehouse.users USING btree (created_at, id) WHERE (deleted_at IS NOT NULL);
COMMENT ON INDEX gatehouse.users_deleted IS 'pages of deleted accounts';
CREATE INDEX users_deletion_scheduled_for ON gatehouse.users USING btree (deletion_scheduled_for, id) WHERE (deletion_scheduled_for IS NOT NULL);
COMMENT ON INDEX gatehouse.users_deletion_scheduled_for IS 'the erasures that are scheduled, the next one first';
CREATE INDEX users_stopped ON gatehouse.users USING btree (created_at, id) WHERE ((NOT is_active) AND (deleted_at IS NULL));
COMMENT ON INDEX gatehouse.users_stopped IS 'pages of stopped accounts';
CREATE INDEX users_superusers ON gatehouse.users USING btree (id) WHERE (is_superuser AND (deleted_at IS NULL));
COMMENT ON INDEX gatehouse.users_superusers IS 'the superusers, which are few';

ALTER TABLE gatehouse.oauth_identities ADD COLUMN email text;
COMMENT ON COLUMN gatehouse.oauth_identities.email IS 'the address that the provider told';
ALTER TABLE gatehouse.oauth_identities ADD COLUMN owner_is_deleted boolean DEFAULT false NOT NULL;
UPDATE gatehouse.oauth_identities o
   SET owner_is_deleted = true
  FROM gatehouse.users u
 WHERE u.id = o.user_id AND u.deleted_at IS NOT NULL;
COMMENT ON COLUMN gatehouse.oauth_identities.owner_is_deleted IS 'kept by whatever deletes or restores the account: what opened a deleted one may open a new one';
ALTER TABLE gatehouse.oauth_identities DROP CONSTRAINT oauth_identities_pkey;
ALTER TABLE gatehouse.oauth_identities ADD CONSTRAINT oauth_identities_pkey PRIMARY KEY (user_id, provider, subject);
CREATE UNIQUE INDEX oauth_identities_live ON gatehouse.oauth_identities USING btree (provider, subject) WHERE (NOT owner_is_deleted);
COMMENT ON INDEX gatehouse.oauth_identities_live IS 'an identity opens one account';

CREATE TABLE gatehouse.one_time_tokens (
  locator_digest bytea NOT NULL,
  token_digest bytea NOT NULL,
  ring_key_id integer NOT NULL,
  user_id uuid,
  subject bytea NOT NULL,
  purpose text COLLATE "C" NOT NULL,
  email text NOT NULL,
  created_at timestamp with time zone NOT NULL,
  expires_at timestamp with time zone NOT NULL,
  CONSTRAINT one_time_tokens_pkey PRIMARY KEY (locator_digest),
  CONSTRAINT one_time_tokens_user_id_fkey FOREIGN KEY (user_id) REFERENCES gatehouse.users(id) ON DELETE CASCADE
);
ALTER TABLE gatehouse.one_time_tokens OWNER TO gatehouse_owner;
COMMENT ON TABLE gatehouse.one_time_tokens IS 'tokens that were sent out and not used yet; of the tokens only digests';
SELECT pg_catalog.pg_extension_config_dump('gatehouse.one_time_tokens', '');
COMMENT ON COLUMN gatehouse.one_time_tokens.locator_digest IS 'digest of the part by which the row is found';
COMMENT ON COLUMN gatehouse.one_time_tokens.ring_key_id IS 'the key of the key ring that the token''s digest was made under; 0 is none';
COMMENT ON COLUMN gatehouse.one_time_tokens.user_id IS 'null where an unknown address was asked for: that costs what a known one does, and opens nothing';
COMMENT ON COLUMN gatehouse.one_time_tokens.subject IS 'throttle_subject() of the account, or of the address that no account has: whose requests count together';
COMMENT ON COLUMN gatehouse.one_time_tokens.purpose IS 'email_verification, email_change, password_reset, account_deletion';
COMMENT ON COLUMN gatehouse.one_time_tokens.email IS 'the address that the token was made for; it proves this one and no later one';
CREATE INDEX one_time_tokens_expires_at ON gatehouse.one_time_tokens USING btree (expires_at);
COMMENT ON INDEX gatehouse.one_time_tokens_expires_at IS 'what can be removed';
CREATE INDEX one_time_tokens_subject ON gatehouse.one_time_tokens USING btree (subject, purpose);
COMMENT ON INDEX gatehouse.one_time_tokens_subject IS 'the requests that count together';
CREATE INDEX one_time_tokens_user_id ON gatehouse.one_time_tokens USING btree (user_id) WHERE (user_id IS NOT NULL);
COMMENT ON INDEX gatehouse.one_time_tokens_user_id IS 'the outstanding tokens of an account';

CREATE TABLE gatehouse.blocked_passwords (
  password_digest bytea NOT NULL,
  CONSTRAINT blocked_passwords_pkey PRIMARY KEY (password_digest)
);
ALTER TABLE gatehouse.blocked_passwords OWNER TO gatehouse_owner;
COMMENT ON TABLE gatehouse.blocked_passwords IS 'passwords that nobody may choose, besides those that the library knows';
SELECT pg_catalog.pg_extension_config_dump('gatehouse.blocked_passwords', '');
COMMENT ON COLUMN gatehouse.blocked_passwords.password_digest IS 'blocked_password_digest() of it, 16 bytes';

CREATE TABLE gatehouse.blocked_email_domains (
  domain text COLLATE "C" NOT NULL,
  CONSTRAINT blocked_email_domains_pkey PRIMARY KEY (domain)
);
ALTER TABLE gatehouse.blocked_email_domains OWNER TO gatehouse_owner;
COMMENT ON TABLE gatehouse.blocked_email_domains IS 'domains, with what is below them, whose e-mail addresses no account may have';
SELECT pg_catalog.pg_extension_config_dump('gatehouse.blocked_email_domains', '');

CREATE TABLE gatehouse.deletion_reminders (
  user_id uuid NOT NULL,
  scheduled_for timestamp with time zone NOT NULL,
  days_before integer NOT NULL,
  sent_at timestamp with time zone NOT NULL,
  CONSTRAINT deletion_reminders_pkey PRIMARY KEY (user_id, scheduled_for, days_before),
  CONSTRAINT deletion_reminders_user_id_fkey FOREIGN KEY (user_id) REFERENCES gatehouse.users(id) ON DELETE CASCADE
);
ALTER TABLE gatehouse.deletion_reminders OWNER TO gatehouse_owner;
COMMENT ON TABLE gatehouse.deletion_reminders IS 'reminders of scheduled erasures that were sent';
SELECT pg_catalog.pg_extension_config_dump('gatehouse.deletion_reminders', '');

CREATE TABLE gatehouse.superuser_bootstrap (
  is_done boolean NOT NULL,
  user_id uuid NOT NULL,
  done_at timestamp with time zone NOT NULL,
  CONSTRAINT superuser_bootstrap_once CHECK (is_done),
  CONSTRAINT superuser_bootstrap_pkey PRIMARY KEY (is_done)
);
ALTER TABLE gatehouse.superuser_bootstrap OWNER TO gatehouse_owner;
COMMENT ON TABLE gatehouse.superuser_bootstrap IS 'that the first superuser was made by bootstrap_superuser: one row at the most';
SELECT pg_catalog.pg_extension_config_dump('gatehouse.superuser_bootstrap', '');
COMMENT ON COLUMN gatehouse.superuser_bootstrap.user_id IS 'the account; it may be gone';

CREATE FUNCTION gatehouse.trimmed_email(email text)
 RETURNS text
 LANGUAGE sql
 IMMUTABLE PARALLEL SAFE
RETURN CASE WHEN (octet_length(email) > 1024) THEN email WHEN (octet_length(email) = length(email)) THEN btrim(email, E' \t\r\n'::text) ELSE NORMALIZE(btrim(email, E' \t\r\n'::text), NFC) END;
ALTER FUNCTION gatehouse.trimmed_email(text) OWNER TO gatehouse_owner;
COMMENT ON FUNCTION gatehouse.trimmed_email(text) IS 'internal: the form in which e-mail addresses are stored, trimmed and in NFC; a text too long for one is left as it is';
REVOKE ALL ON FUNCTION gatehouse.trimmed_email(text) FROM PUBLIC;

CREATE OR REPLACE FUNCTION gatehouse.fold_email(email text)
 RETURNS text
 LANGUAGE sql
 IMMUTABLE PARALLEL SAFE
RETURN CASE WHEN (octet_length(email) > 1024) THEN NULL::text WHEN (octet_length(email) = length(email)) THEN lower((gatehouse.trimmed_email(email) COLLATE "C")) ELSE (NORMALIZE(translate(lower((gatehouse.trimmed_email(email) COLLATE "und-x-icu")), chr(962), chr(963)), NFC) COLLATE "C") END;
-- 0.2 told some addresses apart by case. Where another account has the address, an administrator must decide: this one stays as it is.
UPDATE gatehouse.users u
   SET email_normal = gatehouse.fold_email(u.email)
 WHERE u.email_normal <> gatehouse.fold_email(u.email)
   AND NOT EXISTS (SELECT FROM gatehouse.users o
                    WHERE u.deleted_at IS NULL AND o.deleted_at IS NULL AND o.id <> u.id
                      AND (o.email_normal = gatehouse.fold_email(u.email)
                           OR o.id < u.id AND gatehouse.fold_email(o.email) = gatehouse.fold_email(u.email)));

CREATE FUNCTION gatehouse.address_fault(address text)
 RETURNS text
 LANGUAGE sql
 IMMUTABLE PARALLEL SAFE
RETURN CASE WHEN (address IS NULL) THEN 'argument "email" must not be null'::text WHEN (octet_length(address) > 254) THEN 'e-mail address must have at most 254 bytes'::text WHEN (octet_length(split_part((address COLLATE "C"), '@'::text, 1)) > 64) THEN 'e-mail address must have at most 64 bytes before the @'::text WHEN ((address COLLATE "und-x-icu") !~ E'^[^][:space:][:cntrl:]@"(),:;<>[\\\\.]+([.][^][:space:][:cntrl:]@"(),:;<>[\\\\.]+)*@[[:alnum:]]([[:alnum:]-]*[[:alnum:]])?([.][[:alnum:]]([[:alnum:]-]*[[:alnum:]])?)+$'::text) THEN 'e-mail address must have the form name@example.com'::text ELSE NULL::text END;
ALTER FUNCTION gatehouse.address_fault(text) OWNER TO gatehouse_owner;
COMMENT ON FUNCTION gatehouse.address_fault(text) IS 'internal: why this is no address as it is stored (RFC 5321 dot-string at a domain of two labels or more); null where it is one';
REVOKE ALL ON FUNCTION gatehouse.address_fault(text) FROM PUBLIC;

CREATE FUNCTION gatehouse.email_fault(email text)
 RETURNS text
 LANGUAGE sql
 IMMUTABLE PARALLEL SAFE
RETURN gatehouse.address_fault(gatehouse.trimmed_email(email));
ALTER FUNCTION gatehouse.email_fault(text) OWNER TO gatehouse_owner;
COMMENT ON FUNCTION gatehouse.email_fault(text) IS 'internal: why checked_email refuses this; null where it does not';
REVOKE ALL ON FUNCTION gatehouse.email_fault(text) FROM PUBLIC;

CREATE OR REPLACE FUNCTION gatehouse.checked_email(email text)
 RETURNS text
 LANGUAGE plpgsql
 IMMUTABLE PARALLEL SAFE
 SET search_path TO 'pg_catalog', 'pg_temp'
AS $function$
DECLARE
  fault CONSTANT text := gatehouse.email_fault(email);
BEGIN
  IF fault IS NOT NULL THEN
    RAISE EXCEPTION '%', fault USING ERRCODE = '22023';
  END IF;
  RETURN gatehouse.trimmed_email(email);
END
$function$;

CREATE FUNCTION gatehouse.username_fault(username text)
 RETURNS text
 LANGUAGE sql
 IMMUTABLE PARALLEL SAFE
RETURN CASE WHEN (username IS NULL) THEN 'argument "username" must not be null'::text WHEN ((length(username) < 3) OR (length(username) > 30)) THEN 'username must have 3 to 30 characters'::text WHEN ((username COLLATE "C") !~ '^[A-Za-z0-9_-]+$'::text) THEN 'username must consist of the letters A to Z, digits, "_" and "-"'::text WHEN ((username COLLATE "C") ~ '^[_-]|[_-]$|[_-][_-]'::text) THEN 'username must not begin or end with "_" or "-" nor have two of them in a row'::text ELSE NULL::text END;
ALTER FUNCTION gatehouse.username_fault(text) OWNER TO gatehouse_owner;
COMMENT ON FUNCTION gatehouse.username_fault(text) IS 'internal: why checked_username refuses this; null where it does not';
REVOKE ALL ON FUNCTION gatehouse.username_fault(text) FROM PUBLIC;

CREATE OR REPLACE FUNCTION gatehouse.checked_username(username text)
 RETURNS text
 LANGUAGE plpgsql
 IMMUTABLE PARALLEL SAFE
 SET search_path TO 'pg_catalog', 'pg_temp'
AS $function$
DECLARE
  fault CONSTANT text := gatehouse.username_fault(username);
BEGIN
  IF fault IS NOT NULL THEN
    RAISE EXCEPTION '%', fault USING ERRCODE = '22023';
  END IF;
  RETURN username;
END
$function$;

CREATE FUNCTION gatehouse.profile_fault(profile jsonb)
 RETURNS text
 LANGUAGE sql
 IMMUTABLE PARALLEL SAFE
RETURN CASE WHEN ((profile IS NULL) OR ((jsonb_typeof(profile) COLLATE "C") <> 'object'::text)) THEN 'profile must be a JSON object'::text WHEN (octet_length((profile)::text) > 65536) THEN 'profile must have at most 65536 bytes'::text ELSE NULL::text END;
ALTER FUNCTION gatehouse.profile_fault(jsonb) OWNER TO gatehouse_owner;
COMMENT ON FUNCTION gatehouse.profile_fault(jsonb) IS 'internal: why checked_profile refuses this; null where it does not';
REVOKE ALL ON FUNCTION gatehouse.profile_fault(jsonb) FROM PUBLIC;

CREATE OR REPLACE FUNCTION gatehouse.checked_profile(profile jsonb)
 RETURNS jsonb
 LANGUAGE plpgsql
 IMMUTABLE PARALLEL SAFE
 SET search_path TO 'pg_catalog', 'pg_temp'
AS $function$
DECLARE
  fault CONSTANT text := gatehouse.profile_fault(profile);
BEGIN
  IF fault IS NOT NULL THEN
    RAISE EXCEPTION '%', fault USING ERRCODE = '22023';
  END IF;
  RETURN profile;
END
$function$;

CREATE FUNCTION gatehouse.is_email_address(address text)
 RETURNS boolean
 LANGUAGE plpgsql
 IMMUTABLE PARALLEL SAFE STRICT SECURITY DEFINER
 SET search_path TO 'pg_catalog', 'pg_temp'
AS $function$
DECLARE
  fault CONSTANT text := coalesce(gatehouse.address_fault(address),
                                  CASE WHEN address IS NOT NFC NORMALIZED
                                       THEN 'e-mail address must be in Unicode normal form C' END);
BEGIN
  IF fault IS NOT NULL THEN
    RAISE EXCEPTION '%', fault USING ERRCODE = '22023';
  END IF;
  RETURN true;
END
$function$;
ALTER FUNCTION gatehouse.is_email_address(text) OWNER TO gatehouse_owner;
COMMENT ON FUNCTION gatehouse.is_email_address(text) IS 'the CHECK of the domain gatehouse.email_address: true, or 22023 with the rule that is broken; whoever writes into a column of the domain needs EXECUTE';
REVOKE ALL ON FUNCTION gatehouse.is_email_address(text) FROM PUBLIC;
GRANT EXECUTE ON FUNCTION gatehouse.is_email_address(text) TO gatehouse_app;

CREATE FUNCTION gatehouse.is_username(username text)
 RETURNS boolean
 LANGUAGE plpgsql
 IMMUTABLE PARALLEL SAFE STRICT SECURITY DEFINER
 SET search_path TO 'pg_catalog', 'pg_temp'
AS $function$
DECLARE
  fault CONSTANT text := gatehouse.username_fault(username);
BEGIN
  IF fault IS NOT NULL THEN
    RAISE EXCEPTION '%', fault USING ERRCODE = '22023';
  END IF;
  RETURN true;
END
$function$;
ALTER FUNCTION gatehouse.is_username(text) OWNER TO gatehouse_owner;
COMMENT ON FUNCTION gatehouse.is_username(text) IS 'the CHECK of the domain gatehouse.username: true, or 22023 with the rule that is broken; whoever writes into a column of the domain needs EXECUTE';
REVOKE ALL ON FUNCTION gatehouse.is_username(text) FROM PUBLIC;
GRANT EXECUTE ON FUNCTION gatehouse.is_username(text) TO gatehouse_app;

CREATE DOMAIN gatehouse.email_address AS text
  CONSTRAINT email_address_valid CHECK (gatehouse.is_email_address(VALUE));
COMMENT ON TYPE gatehouse.email_address IS 'an e-mail address as accounts have them, trimmed and in NFC; another value is 22023';
REVOKE ALL ON TYPE gatehouse.email_address FROM PUBLIC;
GRANT USAGE ON TYPE gatehouse.email_address TO gatehouse_app;

CREATE DOMAIN gatehouse.username AS text
  CONSTRAINT username_valid CHECK (gatehouse.is_username(VALUE));
COMMENT ON TYPE gatehouse.username IS 'a username as accounts have them; another value is 22023';
REVOKE ALL ON TYPE gatehouse.username FROM PUBLIC;
GRANT USAGE ON TYPE gatehouse.username TO gatehouse_app;

CREATE FUNCTION gatehouse.check_new_password(password text, email text, username text)
 RETURNS void
 LANGUAGE c
 STABLE PARALLEL SAFE
AS 'MODULE_PATHNAME', 'gatehouse_accounts_check_account_password';
COMMENT ON FUNCTION gatehouse.check_new_password(text,text,text) IS 'internal: 22023 where a new password breaks a rule that needs no table: its length in code points after NFC, its composition, the library''s block list, and what is left of it without the e-mail address, as trimmed_email gives it, and the username';
REVOKE ALL ON FUNCTION gatehouse.check_new_password(text,text,text) FROM PUBLIC;
GRANT EXECUTE ON FUNCTION gatehouse.check_new_password(text,text,text) TO gatehouse_owner;

CREATE FUNCTION gatehouse.password_fault(password text, email text, username text)
 RETURNS text
 LANGUAGE c
 STABLE PARALLEL SAFE
AS 'MODULE_PATHNAME', 'gatehouse_accounts_password_fault';
COMMENT ON FUNCTION gatehouse.password_fault(text,text,text) IS 'internal: why check_new_password refuses this; null where it does not';
REVOKE ALL ON FUNCTION gatehouse.password_fault(text,text,text) FROM PUBLIC;
GRANT EXECUTE ON FUNCTION gatehouse.password_fault(text,text,text) TO gatehouse_owner;

CREATE FUNCTION gatehouse.blocked_password_digest(password text)
 RETURNS bytea
 LANGUAGE c
 STABLE PARALLEL SAFE
AS 'MODULE_PATHNAME', 'gatehouse_accounts_blocked_password_digest';
COMMENT ON FUNCTION gatehouse.blocked_password_digest(text) IS 'internal: the 16 bytes (BLAKE2b) by which blocked passwords are compared, after NFC and in lower case; null where no policy allows the text as a password anyway';
REVOKE ALL ON FUNCTION gatehouse.blocked_password_digest(text) FROM PUBLIC;
GRANT EXECUTE ON FUNCTION gatehouse.blocked_password_digest(text) TO gatehouse_owner;

CREATE FUNCTION gatehouse.stored_hash_fault(hash text)
 RETURNS text
 LANGUAGE c
 STABLE PARALLEL SAFE
AS 'MODULE_PATHNAME', 'gatehouse_accounts_stored_hash_fault';
COMMENT ON FUNCTION gatehouse.stored_hash_fault(text) IS 'internal: why verify_password refuses this hash, by its kind, its form or the ceilings; null where it does not';
REVOKE ALL ON FUNCTION gatehouse.stored_hash_fault(text) FROM PUBLIC;
GRANT EXECUTE ON FUNCTION gatehouse.stored_hash_fault(text) TO gatehouse_owner;

CREATE FUNCTION gatehouse.password_policy_fault(password text, email text, username text)
 RETURNS text
 LANGUAGE plpgsql
 STABLE
 SET search_path TO 'pg_catalog', 'pg_temp'
AS $function$
#variable_conflict use_column
DECLARE
  fault text;
  digest bytea;
BEGIN
  fault := gatehouse.password_fault(password, gatehouse.trimmed_email(email), username);
  IF fault IS NOT NULL THEN
    RETURN fault;
  END IF;
  digest := gatehouse.blocked_password_digest(password);
  IF EXISTS (SELECT FROM gatehouse.blocked_passwords b WHERE b.password_digest = digest) THEN
    RETURN 'password must not be one that is commonly chosen';
  END IF;
  RETURN NULL;
END
$function$;
ALTER FUNCTION gatehouse.password_policy_fault(text,text,text) OWNER TO gatehouse_owner;
COMMENT ON FUNCTION gatehouse.password_policy_fault(text,text,text) IS 'internal: why check_password_policy refuses this; null where it does not';
REVOKE ALL ON FUNCTION gatehouse.password_policy_fault(text,text,text) FROM PUBLIC;

CREATE FUNCTION gatehouse.check_password_policy(password text, email text, username text)
 RETURNS void
 LANGUAGE plpgsql
 STABLE
 SET search_path TO 'pg_catalog', 'pg_temp'
AS $function$
DECLARE
  fault CONSTANT text := gatehouse.password_policy_fault(password, email, username);
BEGIN
  IF fault IS NOT NULL THEN
    RAISE EXCEPTION '%', fault USING ERRCODE = '22023';
  END IF;
END
$function$;
ALTER FUNCTION gatehouse.check_password_policy(text,text,text) OWNER TO gatehouse_owner;
COMMENT ON FUNCTION gatehouse.check_password_policy(text,text,text) IS 'internal: 22023 where a new password of this account breaks the policy or stands in gatehouse.blocked_passwords';
REVOKE ALL ON FUNCTION gatehouse.check_password_policy(text,text,text) FROM PUBLIC;

CREATE FUNCTION gatehouse.load_blocked_passwords(passwords text[])
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
  RETURN added;
END
$function$;
ALTER FUNCTION gatehouse.load_blocked_passwords(text[]) OWNER TO gatehouse_owner;
COMMENT ON FUNCTION gatehouse.load_blocked_passwords(text[]) IS 'adds passwords, at most 100000 a call, to those that nobody may choose, and gives how many were new; compared after NFC and without case; what no policy allows anyway (fewer than 8 characters, more than 1024 bytes, unassigned code points) is left out; a null, or more of them, is 22023';
REVOKE ALL ON FUNCTION gatehouse.load_blocked_passwords(text[]) FROM PUBLIC;
GRANT EXECUTE ON FUNCTION gatehouse.load_blocked_passwords(text[]) TO gatehouse_admin;

CREATE FUNCTION gatehouse.email_domain_blocked(email text)
 RETURNS boolean
 LANGUAGE plpgsql
 STABLE
 SET search_path TO 'pg_catalog', 'pg_temp'
AS $function$
DECLARE
  labels CONSTANT text[] := string_to_array(split_part(gatehouse.fold_email(email) COLLATE "C", '@', -1), '.');
BEGIN
  RETURN EXISTS (SELECT FROM gatehouse.blocked_email_domains b
                  WHERE b.domain = ANY (ARRAY(SELECT array_to_string(labels[i:], '.') COLLATE "C"
                                                FROM generate_subscripts(labels, 1) AS i)));
END
$function$;
ALTER FUNCTION gatehouse.email_domain_blocked(text) OWNER TO gatehouse_owner;
COMMENT ON FUNCTION gatehouse.email_domain_blocked(text) IS 'internal: whether the domain of the address, or one above it, stands in gatehouse.blocked_email_domains';
REVOKE ALL ON FUNCTION gatehouse.email_domain_blocked(text) FROM PUBLIC;

CREATE FUNCTION gatehouse.check_email_domain(email text)
 RETURNS void
 LANGUAGE plpgsql
 STABLE
 SET search_path TO 'pg_catalog', 'pg_temp'
AS $function$
BEGIN
  IF gatehouse.email_domain_blocked(email) THEN
    RAISE EXCEPTION 'e-mail addresses of this domain are not accepted' USING ERRCODE = '22023';
  END IF;
END
$function$;
ALTER FUNCTION gatehouse.check_email_domain(text) OWNER TO gatehouse_owner;
COMMENT ON FUNCTION gatehouse.check_email_domain(text) IS 'internal: 22023 where the domain of the address is blocked';
REVOKE ALL ON FUNCTION gatehouse.check_email_domain(text) FROM PUBLIC;

CREATE FUNCTION gatehouse.load_blocked_email_domains(domains text[])
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
  RETURN added;
END
$function$;
ALTER FUNCTION gatehouse.load_blocked_email_domains(text[]) OWNER TO gatehouse_owner;
COMMENT ON FUNCTION gatehouse.load_blocked_email_domains(text[]) IS 'adds domains, at most 100000 a call, whose e-mail addresses no new account may have, nor those of the domains below them, and gives how many were new; trimmed and compared in NFC without case, international ones as they are written; a null, a malformed one, or more of them is 22023';
REVOKE ALL ON FUNCTION gatehouse.load_blocked_email_domains(text[]) FROM PUBLIC;
GRANT EXECUTE ON FUNCTION gatehouse.load_blocked_email_domains(text[]) TO gatehouse_admin;

CREATE FUNCTION gatehouse.username_reserved(username text)
 RETURNS boolean
 LANGUAGE sql
 IMMUTABLE PARALLEL SAFE
RETURN COALESCE((lower((translate(username, '_-'::text, ''::text) COLLATE "C")) = ANY (ARRAY['abuse'::text, 'account'::text, 'accounts'::text, 'admin'::text, 'administrator'::text, 'administrators'::text, 'admins'::text, 'all'::text, 'anonymous'::text, 'api'::text, 'billing'::text, 'contact'::text, 'donotreply'::text, 'everyone'::text, 'gatehouse'::text, 'help'::text, 'helpdesk'::text, 'hostmaster'::text, 'info'::text, 'login'::text, 'logout'::text, 'mail'::text, 'mailerdaemon'::text, 'me'::text, 'mod'::text, 'moderator'::text, 'moderators'::text, 'nobody'::text, 'none'::text, 'noreply'::text, 'null'::text, 'official'::text, 'owner'::text, 'postgres'::text, 'postmaster'::text, 'register'::text, 'root'::text, 'sales'::text, 'security'::text, 'self'::text, 'service'::text, 'settings'::text, 'signin'::text, 'signup'::text, 'staff'::text, 'superuser'::text, 'support'::text, 'sysadmin'::text, 'system'::text, 'team'::text, 'undefined'::text, 'unknown'::text, 'webmaster'::text, 'www'::text])), false);
ALTER FUNCTION gatehouse.username_reserved(text) OWNER TO gatehouse_owner;
COMMENT ON FUNCTION gatehouse.username_reserved(text) IS 'internal: whether only an administrator gives an account this username, in whatever case and with whatever "_" and "-"';
REVOKE ALL ON FUNCTION gatehouse.username_reserved(text) FROM PUBLIC;

CREATE FUNCTION gatehouse.check_username_not_reserved(username text)
 RETURNS void
 LANGUAGE plpgsql
 STABLE
 SET search_path TO 'pg_catalog', 'pg_temp'
AS $function$
BEGIN
  IF gatehouse.username_reserved(username) AND NOT gatehouse.caller_is_administrator() THEN
    RAISE EXCEPTION 'username is reserved' USING ERRCODE = '22023';
  END IF;
END
$function$;
ALTER FUNCTION gatehouse.check_username_not_reserved(text) OWNER TO gatehouse_owner;
COMMENT ON FUNCTION gatehouse.check_username_not_reserved(text) IS 'internal: 22023 where the username is reserved and the caller no administrator';
REVOKE ALL ON FUNCTION gatehouse.check_username_not_reserved(text) FROM PUBLIC;

CREATE FUNCTION gatehouse.refuse_busy()
 RETURNS void
 LANGUAGE c
AS 'MODULE_PATHNAME', 'gatehouse_accounts_refuse_busy';
COMMENT ON FUNCTION gatehouse.refuse_busy() IS 'internal: 53300, as hash_password raises it where the gate was full for too long, for functions that have no status to say busy by';
REVOKE ALL ON FUNCTION gatehouse.refuse_busy() FROM PUBLIC;
GRANT EXECUTE ON FUNCTION gatehouse.refuse_busy() TO gatehouse_owner;

CREATE FUNCTION gatehouse.end_failure_counts(counts gatehouse.login_throttles[])
 RETURNS void
 LANGUAGE plpgsql
 SET search_path TO 'pg_catalog', 'pg_temp'
AS $function$
DECLARE
  counted gatehouse.login_throttles;
BEGIN
  FOR counted IN SELECT c.* FROM unnest(counts) c ORDER BY c.subject LOOP
    PERFORM gatehouse.reset_count(counted);
    DELETE FROM gatehouse.login_throttles t WHERE t.subject = counted.subject;
  END LOOP;
END
$function$;
ALTER FUNCTION gatehouse.end_failure_counts(gatehouse.login_throttles[]) OWNER TO gatehouse_owner;
COMMENT ON FUNCTION gatehouse.end_failure_counts(gatehouse.login_throttles[]) IS 'internal: ends these rows of failures and their locks; with shared memory at once, and a ROLLBACK doesn''t undo it';
REVOKE ALL ON FUNCTION gatehouse.end_failure_counts(gatehouse.login_throttles[]) FROM PUBLIC;

CREATE OR REPLACE FUNCTION gatehouse.unlock_user(id uuid)
 RETURNS boolean
 LANGUAGE plpgsql
 SECURITY DEFINER
 SET search_path TO 'pg_catalog', 'pg_temp'
AS $function$
#variable_conflict use_column
BEGIN
  IF unlock_user.id IS NULL THEN
    RAISE EXCEPTION 'argument "id" must not be null' USING ERRCODE = '22023';
  END IF;
  PERFORM FROM gatehouse.users u WHERE u.id = unlock_user.id;
  IF NOT FOUND THEN
    RETURN false;
  END IF;
  PERFORM gatehouse.end_failure_counts(ARRAY(SELECT a.stored FROM gatehouse.account_counts(unlock_user.id) a));
  PERFORM gatehouse.record_security_event('security.account_unlocked', unlock_user.id, success => true,
            context => jsonb_build_object('role', gatehouse.calling_role()::regrole::text));
  RETURN true;
END
$function$;

CREATE OR REPLACE FUNCTION gatehouse.lock_live_account(user_id uuid)
 RETURNS boolean
 LANGUAGE plpgsql
 SET search_path TO 'pg_catalog', 'pg_temp'
AS $function$
BEGIN
  PERFORM FROM gatehouse.users u
    WHERE u.id = lock_live_account.user_id
      AND (u.is_active OR u.stopped_until <= clock_timestamp()) AND u.deleted_at IS NULL
    FOR SHARE;
  RETURN FOUND;
END
$function$;

CREATE OR REPLACE FUNCTION gatehouse.lock_live_account_to_count(user_id uuid)
 RETURNS boolean
 LANGUAGE plpgsql
 SET search_path TO 'pg_catalog', 'pg_temp'
AS $function$
BEGIN
  UPDATE gatehouse.users u
     SET is_active = u.is_active
   WHERE u.id = lock_live_account_to_count.user_id
     AND (u.is_active OR u.stopped_until <= clock_timestamp()) AND u.deleted_at IS NULL;
  RETURN FOUND;
END
$function$;
COMMENT ON FUNCTION gatehouse.lock_live_account_to_count(uuid) IS 'internal: locks the account FOR NO KEY UPDATE before what hangs on it is counted or used up; false where no live account has this id';

CREATE FUNCTION gatehouse.lock_accounts(ids uuid[])
 RETURNS uuid[]
 LANGUAGE plpgsql
 SET search_path TO 'pg_catalog', 'pg_temp'
AS $function$
BEGIN
  RETURN ARRAY(SELECT u.id FROM gatehouse.users u
                WHERE u.id = ANY (ids) AND u.deleted_at IS NULL
                ORDER BY u.id
                  FOR NO KEY UPDATE);
END
$function$;
ALTER FUNCTION gatehouse.lock_accounts(uuid[]) OWNER TO gatehouse_owner;
COMMENT ON FUNCTION gatehouse.lock_accounts(uuid[]) IS 'internal: locks those of the accounts that are not deleted, in the order of their ids; which these are';
REVOKE ALL ON FUNCTION gatehouse.lock_accounts(uuid[]) FROM PUBLIC;

CREATE FUNCTION gatehouse.end_access(user_ids uuid[], reason text, except_session uuid DEFAULT NULL::uuid)
 RETURNS void
 LANGUAGE plpgsql
 SET search_path TO 'pg_catalog', 'pg_temp'
AS $function$
BEGIN
  UPDATE gatehouse.sessions s
     SET revoked_at = clock_timestamp(), revocation = reason
   WHERE s.user_id = ANY (user_ids) AND s.revoked_at IS NULL
     AND s.session_id IS DISTINCT FROM end_access.except_session;
  DELETE FROM gatehouse.one_time_tokens t WHERE t.user_id = ANY (user_ids);
END
$function$;
ALTER FUNCTION gatehouse.end_access(uuid[],text,uuid) OWNER TO gatehouse_owner;
COMMENT ON FUNCTION gatehouse.end_access(uuid[],text,uuid) IS 'internal: ends the sessions of accounts, one excepted, and their outstanding one-time tokens';
REVOKE ALL ON FUNCTION gatehouse.end_access(uuid[],text,uuid) FROM PUBLIC;

CREATE FUNCTION gatehouse.wait_for_superusers(leaving uuid[])
 RETURNS void
 LANGUAGE plpgsql
 SET search_path TO 'pg_catalog', 'pg_temp'
AS $function$
BEGIN
  PERFORM FROM gatehouse.users u WHERE u.id = ANY (leaving) AND u.is_superuser AND u.deleted_at IS NULL;
  IF FOUND THEN
    PERFORM pg_advisory_xact_lock(hashtextextended('gatehouse superusers', 0));
  END IF;
END
$function$;
ALTER FUNCTION gatehouse.wait_for_superusers(uuid[]) OWNER TO gatehouse_owner;
COMMENT ON FUNCTION gatehouse.wait_for_superusers(uuid[]) IS 'internal: where a superuser is among these accounts, lets one transaction at a time go on to demote, stop or delete one';
REVOKE ALL ON FUNCTION gatehouse.wait_for_superusers(uuid[]) FROM PUBLIC;

CREATE FUNCTION gatehouse.guard_last_superuser(leaving uuid[])
 RETURNS void
 LANGUAGE plpgsql
 SET search_path TO 'pg_catalog', 'pg_temp'
AS $function$
BEGIN
  PERFORM FROM gatehouse.users u
    WHERE u.id = ANY (leaving) AND u.is_superuser AND u.deleted_at IS NULL
      AND (u.is_active OR u.stopped_until <= clock_timestamp());
  IF NOT FOUND THEN
    RETURN;
  END IF;
  PERFORM FROM gatehouse.users u
    WHERE u.is_superuser AND u.deleted_at IS NULL AND (u.is_active OR u.stopped_until <= clock_timestamp())
      AND u.id <> ALL (leaving)
    ORDER BY u.id
    LIMIT 1
    FOR SHARE;
  IF NOT FOUND THEN
    RAISE EXCEPTION 'the last live superuser cannot be demoted, stopped or deleted'
      USING ERRCODE = '22023', HINT = 'Make another account a superuser first.';
  END IF;
END
$function$;
ALTER FUNCTION gatehouse.guard_last_superuser(uuid[]) OWNER TO gatehouse_owner;
COMMENT ON FUNCTION gatehouse.guard_last_superuser(uuid[]) IS 'internal: 22023 where no live superuser would be left without these accounts, which the caller has locked';
REVOKE ALL ON FUNCTION gatehouse.guard_last_superuser(uuid[]) FROM PUBLIC;

CREATE OR REPLACE FUNCTION gatehouse.describe_user(account gatehouse.users)
 RETURNS gatehouse.user_info
 LANGUAGE sql
 STABLE
BEGIN ATOMIC
 SELECT (account).id AS id,
     (account).email AS email,
     (account).username AS username,
     (account).is_superuser AS is_superuser,
     (account).is_verified AS is_verified,
     ((account).is_active OR COALESCE(((account).stopped_until <= clock_timestamp()), false)),
     ((account).deleted_at IS NOT NULL),
     (EXISTS ( SELECT
            FROM gatehouse.password_credentials c
           WHERE (c.user_id = (describe_user.account).id))) AS "exists",
     ARRAY( SELECT DISTINCT o.provider
            FROM gatehouse.oauth_identities o
           WHERE (o.user_id = (describe_user.account).id)
           ORDER BY o.provider) AS "array",
     (account).profile AS profile,
     (account).created_at AS created_at,
     (account).updated_at AS updated_at,
     (account).last_login_at AS last_login_at,
     (account).deletion_scheduled_for AS deletion_scheduled_for;
END;

CREATE OR REPLACE FUNCTION gatehouse.get_user_by_oauth(provider text, subject text, include_deleted boolean DEFAULT false)
 RETURNS SETOF gatehouse.user_info
 LANGUAGE plpgsql
 STABLE SECURITY DEFINER ROWS 1
 SET search_path TO 'pg_catalog', 'pg_temp'
AS $function$
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
       AND (NOT o.owner_is_deleted OR with_deleted)
     ORDER BY u.deleted_at DESC NULLS FIRST, u.id DESC
     LIMIT 1;
END
$function$;
COMMENT ON FUNCTION gatehouse.get_user_by_oauth(text,text,boolean) IS 'the account that this identity at an OAuth provider opens, or no row; with include_deleted (administrators) the live one, else the one deleted last';

CREATE FUNCTION gatehouse.refuse_duplicate(constraint_name text)
 RETURNS void
 LANGUAGE plpgsql
 SET search_path TO 'pg_catalog', 'pg_temp'
AS $function$
BEGIN
  RAISE EXCEPTION '%', CASE constraint_name
                         WHEN 'users_email_live' THEN 'an account with this e-mail address exists'
                         WHEN 'users_username_live' THEN 'an account with this username exists'
                         WHEN 'oauth_identities_live' THEN 'an account with this OAuth identity exists'
                         ELSE 'duplicate account'
                       END
    USING ERRCODE = '23505', SCHEMA = 'gatehouse',
          TABLE = CASE constraint_name WHEN 'oauth_identities_live' THEN 'oauth_identities' ELSE 'users' END,
          CONSTRAINT = constraint_name;
END
$function$;
ALTER FUNCTION gatehouse.refuse_duplicate(text) OWNER TO gatehouse_owner;
COMMENT ON FUNCTION gatehouse.refuse_duplicate(text) IS 'internal: 23505 with the constraint and without the row, which PostgreSQL would show';
REVOKE ALL ON FUNCTION gatehouse.refuse_duplicate(text) FROM PUBLIC;

CREATE FUNCTION gatehouse.store_password(user_id uuid, password_hash text, changed_at timestamp with time zone)
 RETURNS void
 LANGUAGE plpgsql
 SET search_path TO 'pg_catalog', 'pg_temp'
AS $function$
BEGIN
  INSERT INTO gatehouse.password_credentials AS c (user_id, password_hash, changed_at)
  VALUES (store_password.user_id, store_password.password_hash, store_password.changed_at)
      ON CONFLICT ON CONSTRAINT password_credentials_pkey
      DO UPDATE SET password_hash = excluded.password_hash, changed_at = excluded.changed_at;
END
$function$;
ALTER FUNCTION gatehouse.store_password(uuid,text,timestamp with time zone) OWNER TO gatehouse_owner;
COMMENT ON FUNCTION gatehouse.store_password(uuid,text,timestamp with time zone) IS 'internal: gives an account, which the caller has locked or made, this hash';
REVOKE ALL ON FUNCTION gatehouse.store_password(uuid,text,timestamp with time zone) FROM PUBLIC;

CREATE FUNCTION gatehouse.insert_user(email text, username text, is_superuser boolean, is_verified boolean, profile jsonb)
 RETURNS gatehouse.users
 LANGUAGE plpgsql
 SET search_path TO 'pg_catalog', 'pg_temp'
AS $function$
#variable_conflict use_column
DECLARE
  address CONSTANT text := gatehouse.checked_email(email);
  name CONSTANT text := gatehouse.checked_username(username);
  extra CONSTANT jsonb := gatehouse.checked_profile(profile);
  made_at CONSTANT timestamptz := clock_timestamp();
  account gatehouse.users;
  broken_constraint text;
BEGIN
  PERFORM gatehouse.check_email_domain(address);
  PERFORM gatehouse.check_username_not_reserved(name);
  INSERT INTO gatehouse.users (id, email, email_normal, username, username_normal, is_superuser, is_verified, is_active,
                               profile, created_at, updated_at)
  VALUES (gatehouse.uuid_v7(), address, gatehouse.fold_email(address), name, lower(name COLLATE "C"),
          insert_user.is_superuser, insert_user.is_verified, true, extra, made_at, made_at)
  RETURNING * INTO account;
  RETURN account;
EXCEPTION WHEN unique_violation THEN
  GET STACKED DIAGNOSTICS broken_constraint = CONSTRAINT_NAME;
  PERFORM gatehouse.refuse_duplicate(broken_constraint);
  RETURN NULL;
END
$function$;
ALTER FUNCTION gatehouse.insert_user(text,text,boolean,boolean,jsonb) OWNER TO gatehouse_owner;
COMMENT ON FUNCTION gatehouse.insert_user(text,text,boolean,boolean,jsonb) IS 'internal: makes an account without a way to log in; 22023 and 23505 as create_user';
REVOKE ALL ON FUNCTION gatehouse.insert_user(text,text,boolean,boolean,jsonb) FROM PUBLIC;

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
  RETURN gatehouse.describe_user(account);
END
$function$;

CREATE FUNCTION gatehouse.bootstrap_superuser(email text, username text, password text)
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
  RETURN gatehouse.describe_user(account);
END
$function$;
ALTER FUNCTION gatehouse.bootstrap_superuser(text,text,text) OWNER TO gatehouse_owner;
COMMENT ON FUNCTION gatehouse.bootstrap_superuser(text,text,text) IS 'makes the first superuser, with a verified e-mail address; 42501 once there was one; a value against the policy is 22023';
REVOKE ALL ON FUNCTION gatehouse.bootstrap_superuser(text,text,text) FROM PUBLIC;
GRANT EXECUTE ON FUNCTION gatehouse.bootstrap_superuser(text,text,text) TO gatehouse_admin;

CREATE FUNCTION gatehouse.login_subjects(user_id uuid, typed text, client_network cidr, OUT account bytea, OUT address bytea)
 RETURNS record
 LANGUAGE plpgsql
 STABLE
 SET search_path TO 'pg_catalog', 'pg_temp'
AS $function$
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
$function$;
ALTER FUNCTION gatehouse.login_subjects(uuid,text,cidr) OWNER TO gatehouse_owner;
COMMENT ON FUNCTION gatehouse.login_subjects(uuid,text,cidr) IS 'internal: whose failures an attempt counts to; user_id is null where no account has the login; address is null where none is counted';
REVOKE ALL ON FUNCTION gatehouse.login_subjects(uuid,text,cidr) FROM PUBLIC;

CREATE OR REPLACE FUNCTION gatehouse.record_failed_login(attempt gatehouse.login_attempt, user_id uuid, typed text, ip inet, user_agent text, account_subject bytea, address_subject bytea)
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
    PERFORM gatehouse.write_security_event(
              ROW(clock_timestamp(), 'security.login_failed', user_id, NULL, NULL, false, ip, user_agent,
                  jsonb_strip_nulls(jsonb_build_object('login', gatehouse.login_digest(typed), 'locks', attempt.locks))::text
                 )::gatehouse.queued_event);
  ELSIF attempt.reported AND NOT gatehouse.worker_serves_database() THEN
    PERFORM gatehouse.write_security_events();
  END IF;
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
  user_id := account.id;
  email := account.email;
  username := account.username;
  is_superuser := account.is_superuser;
  is_verified := account.is_verified;
END
$function$;

CREATE FUNCTION gatehouse.check_oauth_identity(provider text, subject text)
 RETURNS void
 LANGUAGE plpgsql
 IMMUTABLE PARALLEL SAFE
 SET search_path TO 'pg_catalog', 'pg_temp'
AS $function$
BEGIN
  IF provider IS NULL OR subject IS NULL THEN
    RAISE EXCEPTION 'arguments "provider" and "subject" must not be null' USING ERRCODE = '22023';
  END IF;
  IF provider COLLATE "C" !~ '^[a-z][a-z0-9._-]{0,49}$' THEN
    RAISE EXCEPTION 'provider must have 1 to 50 of a-z, 0-9, ".", "_" and "-" and begin with a letter' USING ERRCODE = '22023';
  END IF;
  -- OpenID Connect Core 1.0, section 2: at most 255 characters.
  IF octet_length(subject) NOT BETWEEN 1 AND 255 THEN
    RAISE EXCEPTION 'subject must have 1 to 255 bytes' USING ERRCODE = '22023';
  END IF;
  IF subject COLLATE "C" ~ E'[\u0001-\u001F\u007F-\u009F]' THEN
    RAISE EXCEPTION 'subject must not contain control characters' USING ERRCODE = '22023';
  END IF;
END
$function$;
ALTER FUNCTION gatehouse.check_oauth_identity(text,text) OWNER TO gatehouse_owner;
COMMENT ON FUNCTION gatehouse.check_oauth_identity(text,text) IS 'internal: 22023 where the name of a provider or an account''s name there is malformed';
REVOKE ALL ON FUNCTION gatehouse.check_oauth_identity(text,text) FROM PUBLIC;

CREATE FUNCTION gatehouse.store_oauth_identity(user_id uuid, provider text, subject text, oauth_email text)
 RETURNS boolean
 LANGUAGE plpgsql
 SET search_path TO 'pg_catalog', 'pg_temp'
AS $function$
#variable_conflict use_column
DECLARE
  broken_constraint text;
BEGIN
  INSERT INTO gatehouse.oauth_identities AS o (user_id, provider, subject, email, linked_at, owner_is_deleted)
  VALUES (store_oauth_identity.user_id, store_oauth_identity.provider, store_oauth_identity.subject,
          store_oauth_identity.oauth_email, clock_timestamp(), false)
      ON CONFLICT ON CONSTRAINT oauth_identities_pkey DO UPDATE SET email = excluded.email
   WHERE o.email IS DISTINCT FROM excluded.email AND excluded.email IS NOT NULL;
  RETURN FOUND;
EXCEPTION WHEN unique_violation THEN
  GET STACKED DIAGNOSTICS broken_constraint = CONSTRAINT_NAME;
  PERFORM gatehouse.refuse_duplicate(broken_constraint);
  RETURN NULL;
END
$function$;
ALTER FUNCTION gatehouse.store_oauth_identity(uuid,text,text,text) OWNER TO gatehouse_owner;
COMMENT ON FUNCTION gatehouse.store_oauth_identity(uuid,text,text,text) IS 'internal: gives an account, which the caller has locked or made, this identity; false where it had it so';
REVOKE ALL ON FUNCTION gatehouse.store_oauth_identity(uuid,text,text,text) FROM PUBLIC;

CREATE FUNCTION gatehouse.create_oauth_user(email text, username text, provider text, subject text, oauth_email text DEFAULT NULL::text)
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
  RETURN gatehouse.describe_user(account);
END
$function$;
ALTER FUNCTION gatehouse.create_oauth_user(text,text,text,text,text) OWNER TO gatehouse_owner;
COMMENT ON FUNCTION gatehouse.create_oauth_user(text,text,text,text,text) IS 'makes an account that an identity at an OAuth provider opens, with a verified e-mail address and without a password; a value against the policy is 22023, a duplicate 23505 with the constraint users_email_live, users_username_live or oauth_identities_live';
REVOKE ALL ON FUNCTION gatehouse.create_oauth_user(text,text,text,text,text) FROM PUBLIC;
GRANT EXECUTE ON FUNCTION gatehouse.create_oauth_user(text,text,text,text,text) TO gatehouse_app;

CREATE FUNCTION gatehouse.link_oauth(id uuid, provider text, subject text, oauth_email text DEFAULT NULL::text)
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
ALTER FUNCTION gatehouse.link_oauth(uuid,text,text,text) OWNER TO gatehouse_owner;
COMMENT ON FUNCTION gatehouse.link_oauth(uuid,text,text,text) IS 'lets an identity at an OAuth provider open a live account; one that it has already stays, with the new oauth_email if one is given. 22023 where no live account has the id, 23505 with the constraint oauth_identities_live where another account has the identity';
REVOKE ALL ON FUNCTION gatehouse.link_oauth(uuid,text,text,text) FROM PUBLIC;
GRANT EXECUTE ON FUNCTION gatehouse.link_oauth(uuid,text,text,text) TO gatehouse_app;

CREATE FUNCTION gatehouse.unlink_oauth(id uuid, provider text, subject text DEFAULT NULL::text)
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
ALTER FUNCTION gatehouse.unlink_oauth(uuid,text,text) OWNER TO gatehouse_owner;
COMMENT ON FUNCTION gatehouse.unlink_oauth(uuid,text,text) IS 'takes the identities at a provider, or one of them, from an account; false where it has none such, or no account that is not deleted has the id; the last way to log in to an account without a password is 22023';
REVOKE ALL ON FUNCTION gatehouse.unlink_oauth(uuid,text,text) FROM PUBLIC;
GRANT EXECUTE ON FUNCTION gatehouse.unlink_oauth(uuid,text,text) TO gatehouse_app;

CREATE FUNCTION gatehouse.replace_password(user_id uuid, password_hash text, except_session uuid DEFAULT NULL::uuid)
 RETURNS void
 LANGUAGE plpgsql
 SET search_path TO 'pg_catalog', 'pg_temp'
AS $function$
DECLARE
  now_at CONSTANT timestamptz := clock_timestamp();
BEGIN
  UPDATE gatehouse.users u SET updated_at = now_at WHERE u.id = replace_password.user_id;
  PERFORM gatehouse.end_access(ARRAY[user_id], 'password_change', except_session);
  PERFORM gatehouse.store_password(user_id, password_hash, now_at);
END
$function$;
ALTER FUNCTION gatehouse.replace_password(uuid,text,uuid) OWNER TO gatehouse_owner;
COMMENT ON FUNCTION gatehouse.replace_password(uuid,text,uuid) IS 'internal: gives an account, which the caller has locked, this hash, and ends what the old password opened';
REVOKE ALL ON FUNCTION gatehouse.replace_password(uuid,text,uuid) FROM PUBLIC;

CREATE FUNCTION gatehouse.change_password(id uuid, old_password text, new_password text, except_session uuid DEFAULT NULL::uuid, ip inet DEFAULT NULL::inet)
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
ALTER FUNCTION gatehouse.change_password(uuid,text,text,uuid,inet) OWNER TO gatehouse_owner;
COMMENT ON FUNCTION gatehouse.change_password(uuid,text,text,uuid,inet) IS 'replaces a password by a new one and ends every other session of the account, except_session excepted, and its outstanding tokens. False where the old password is wrong, and, after the same work, where the account is unknown, deleted, stopped, without a password, or locked. A failure counts as a failed login does, also by ip. A new password against the policy is 22023, before anything is counted; too many passwords being hashed is 53300';
REVOKE ALL ON FUNCTION gatehouse.change_password(uuid,text,text,uuid,inet) FROM PUBLIC;
GRANT EXECUTE ON FUNCTION gatehouse.change_password(uuid,text,text,uuid,inet) TO gatehouse_app;

CREATE FUNCTION gatehouse.set_password(id uuid, new_password text)
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
  PERFORM gatehouse.end_failure_counts(ARRAY(SELECT a.stored FROM gatehouse.account_counts(set_password.id) a));
  RETURN true;
END
$function$;
ALTER FUNCTION gatehouse.set_password(uuid,text) OWNER TO gatehouse_owner;
COMMENT ON FUNCTION gatehouse.set_password(uuid,text) IS 'gives an account, also a stopped one and one without a password, a new password, ends all its sessions and outstanding tokens, and its lock and row of failures. False where no account that is not deleted has the id; a password against the policy is 22023';
REVOKE ALL ON FUNCTION gatehouse.set_password(uuid,text) FROM PUBLIC;
GRANT EXECUTE ON FUNCTION gatehouse.set_password(uuid,text) TO gatehouse_admin;

CREATE FUNCTION gatehouse.checked_reason(reason text)
 RETURNS text
 LANGUAGE plpgsql
 IMMUTABLE PARALLEL SAFE
 SET search_path TO 'pg_catalog', 'pg_temp'
AS $function$
BEGIN
  IF length(reason) > 1000 THEN
    RAISE EXCEPTION 'reason must have at most 1000 characters' USING ERRCODE = '22023';
  END IF;
  RETURN reason;
END
$function$;
ALTER FUNCTION gatehouse.checked_reason(text) OWNER TO gatehouse_owner;
COMMENT ON FUNCTION gatehouse.checked_reason(text) IS 'internal: why an account is stopped or deleted, null where nobody said; 22023 where it is longer than 1000 characters';
REVOKE ALL ON FUNCTION gatehouse.checked_reason(text) FROM PUBLIC;

CREATE FUNCTION gatehouse.lock_account(user_id uuid)
 RETURNS gatehouse.users
 LANGUAGE plpgsql
 SET search_path TO 'pg_catalog', 'pg_temp'
AS $function$
DECLARE
  account gatehouse.users;
BEGIN
  SELECT u.* INTO account FROM gatehouse.users u WHERE u.id = lock_account.user_id FOR NO KEY UPDATE;
  RETURN account;
END
$function$;
ALTER FUNCTION gatehouse.lock_account(uuid) OWNER TO gatehouse_owner;
COMMENT ON FUNCTION gatehouse.lock_account(uuid) IS 'internal: locks the account, of whatever state, FOR NO KEY UPDATE; all null where no account has this id';
REVOKE ALL ON FUNCTION gatehouse.lock_account(uuid) FROM PUBLIC;

CREATE FUNCTION gatehouse.tell_api_keys(account gatehouse.users)
 RETURNS void
 LANGUAGE plpgsql
 SET search_path TO 'pg_catalog', 'pg_temp'
AS $function$
BEGIN
  UPDATE gatehouse.api_keys k
     SET owner_is_live = account.is_active AND account.deleted_at IS NULL,
         owner_stopped_until = CASE WHEN account.deleted_at IS NULL THEN account.stopped_until END
   WHERE k.user_id = account.id;
END
$function$;
ALTER FUNCTION gatehouse.tell_api_keys(gatehouse.users) OWNER TO gatehouse_owner;
COMMENT ON FUNCTION gatehouse.tell_api_keys(gatehouse.users) IS 'internal: lets the keys of an account know the state that it has now; the caller has locked it';
REVOKE ALL ON FUNCTION gatehouse.tell_api_keys(gatehouse.users) FROM PUBLIC;

CREATE FUNCTION gatehouse.set_active(id uuid, is_active boolean, reason text DEFAULT NULL::text, until timestamp with time zone DEFAULT NULL::timestamp with time zone)
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
  RETURN true;
END
$function$;
ALTER FUNCTION gatehouse.set_active(uuid,boolean,text,timestamp with time zone) OWNER TO gatehouse_owner;
COMMENT ON FUNCTION gatehouse.set_active(uuid,boolean,text,timestamp with time zone) IS 'stops an account, for good or until a moment in the future, or lets it go on: a stopped one logs in no more, its sessions and outstanding tokens end, and its API keys are refused until the stop ends. True where the account is now as was said, false where no account that is not deleted has the id; the last live superuser, a reason longer than 1000 characters and an end in the past are 22023';
REVOKE ALL ON FUNCTION gatehouse.set_active(uuid,boolean,text,timestamp with time zone) FROM PUBLIC;
GRANT EXECUTE ON FUNCTION gatehouse.set_active(uuid,boolean,text,timestamp with time zone) TO gatehouse_admin;

CREATE FUNCTION gatehouse.set_superuser(id uuid, is_superuser boolean)
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
  RETURN true;
END
$function$;
ALTER FUNCTION gatehouse.set_superuser(uuid,boolean) OWNER TO gatehouse_owner;
COMMENT ON FUNCTION gatehouse.set_superuser(uuid,boolean) IS 'makes an account a superuser, which is the application''s own notion, or one no more. True where the account is now as was said, false where no account that is not deleted has the id; the last live superuser is 22023';
REVOKE ALL ON FUNCTION gatehouse.set_superuser(uuid,boolean) FROM PUBLIC;
GRANT EXECUTE ON FUNCTION gatehouse.set_superuser(uuid,boolean) TO gatehouse_admin;

CREATE FUNCTION gatehouse.set_verified(id uuid, is_verified boolean)
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
  RETURN true;
END
$function$;
ALTER FUNCTION gatehouse.set_verified(uuid,boolean) OWNER TO gatehouse_owner;
COMMENT ON FUNCTION gatehouse.set_verified(uuid,boolean) IS 'says that the e-mail address of an account is verified, or is not. True where the account is now as was said, false where no account that is not deleted has the id';
REVOKE ALL ON FUNCTION gatehouse.set_verified(uuid,boolean) FROM PUBLIC;
GRANT EXECUTE ON FUNCTION gatehouse.set_verified(uuid,boolean) TO gatehouse_admin;

CREATE FUNCTION gatehouse.delete_accounts(ids uuid[], deleted_by uuid, reason text)
 RETURNS bigint
 LANGUAGE plpgsql
 SET search_path TO 'pg_catalog', 'pg_temp'
AS $function$
#variable_conflict use_column
DECLARE
  locked uuid[];
  now_at timestamptz;
BEGIN
  PERFORM gatehouse.checked_reason(reason);
  IF delete_accounts.deleted_by IS NOT NULL
     AND NOT EXISTS (SELECT FROM gatehouse.users u WHERE u.id = delete_accounts.deleted_by) THEN
    RAISE EXCEPTION 'no account has the id "deleted_by"' USING ERRCODE = '22023';
  END IF;
  PERFORM gatehouse.wait_for_superusers(ids);
  locked := gatehouse.lock_accounts(ids);
  PERFORM gatehouse.guard_last_superuser(locked);
  now_at := clock_timestamp();
  UPDATE gatehouse.users u
     SET deleted_at = now_at, deleted_by = delete_accounts.deleted_by, deletion_reason = reason, updated_at = now_at
   WHERE u.id = ANY (locked);
  PERFORM gatehouse.end_access(locked, 'account_deleted');
  UPDATE gatehouse.api_keys k SET owner_is_live = false, owner_stopped_until = NULL WHERE k.user_id = ANY (locked);
  UPDATE gatehouse.oauth_identities o SET owner_is_deleted = true WHERE o.user_id = ANY (locked);
  RETURN cardinality(locked)::bigint;
END
$function$;
ALTER FUNCTION gatehouse.delete_accounts(uuid[],uuid,text) OWNER TO gatehouse_owner;
COMMENT ON FUNCTION gatehouse.delete_accounts(uuid[],uuid,text) IS 'internal: deletes accounts so that they can be restored; how many there were that were not deleted before';
REVOKE ALL ON FUNCTION gatehouse.delete_accounts(uuid[],uuid,text) FROM PUBLIC;

CREATE FUNCTION gatehouse.soft_delete_user(id uuid, deleted_by uuid DEFAULT NULL::uuid, reason text DEFAULT NULL::text)
 RETURNS boolean
 LANGUAGE plpgsql
 SECURITY DEFINER
 SET search_path TO 'pg_catalog', 'pg_temp'
AS $function$
BEGIN
  IF soft_delete_user.id IS NULL THEN
    RAISE EXCEPTION 'argument "id" must not be null' USING ERRCODE = '22023';
  END IF;
  RETURN gatehouse.delete_accounts(ARRAY[soft_delete_user.id], deleted_by, reason) = 1;
END
$function$;
ALTER FUNCTION gatehouse.soft_delete_user(uuid,uuid,text) OWNER TO gatehouse_owner;
COMMENT ON FUNCTION gatehouse.soft_delete_user(uuid,uuid,text) IS 'deletes an account so that it can be restored: its sessions and outstanding tokens end, its API keys are refused, and its e-mail address, username and OAuth identities are free for others. False where no account that is not deleted has the id; a deleted_by that is no account''s, a reason longer than 1000 characters and the last live superuser are 22023';
REVOKE ALL ON FUNCTION gatehouse.soft_delete_user(uuid,uuid,text) FROM PUBLIC;
GRANT EXECUTE ON FUNCTION gatehouse.soft_delete_user(uuid,uuid,text) TO gatehouse_app;

CREATE FUNCTION gatehouse.restore_user(id uuid)
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
  RETURN true;
EXCEPTION WHEN unique_violation THEN
  GET STACKED DIAGNOSTICS broken_constraint = CONSTRAINT_NAME;
  PERFORM gatehouse.refuse_duplicate(broken_constraint);
  RETURN NULL;
END
$function$;
ALTER FUNCTION gatehouse.restore_user(uuid) OWNER TO gatehouse_owner;
COMMENT ON FUNCTION gatehouse.restore_user(uuid) IS 'takes a deletion back, a scheduled erasure too: API keys and OAuth identities work again, an earlier stop still holds, sessions and tokens stay ended. False where no deleted account has the id; an e-mail address, username or OAuth identity that another account has by now is 23505 with its constraint';
REVOKE ALL ON FUNCTION gatehouse.restore_user(uuid) FROM PUBLIC;
GRANT EXECUTE ON FUNCTION gatehouse.restore_user(uuid) TO gatehouse_admin;

CREATE FUNCTION gatehouse.permanently_delete_user(id uuid)
 RETURNS boolean
 LANGUAGE plpgsql
 SECURITY DEFINER
 SET search_path TO 'pg_catalog', 'pg_temp'
AS $function$
#variable_conflict use_column
BEGIN
  IF permanently_delete_user.id IS NULL THEN
    RAISE EXCEPTION 'argument "id" must not be null' USING ERRCODE = '22023';
  END IF;
  PERFORM gatehouse.wait_for_superusers(ARRAY[permanently_delete_user.id]);
  -- FOR UPDATE, as the DELETE will need: a stronger lock after a weaker one would deadlock with what refers to the account.
  PERFORM FROM gatehouse.users u WHERE u.id = permanently_delete_user.id FOR UPDATE;
  PERFORM gatehouse.guard_last_superuser(ARRAY[permanently_delete_user.id]);
  RETURN gatehouse.erase_account(permanently_delete_user.id);
END
$function$;
ALTER FUNCTION gatehouse.permanently_delete_user(uuid) OWNER TO gatehouse_owner;
COMMENT ON FUNCTION gatehouse.permanently_delete_user(uuid) IS 'removes an account, deleted or not, with all that hangs on it; the audit keeps that something happened, not to whom. False where no account has the id; the last live superuser is 22023, an application''s table that stands in the way 23503 with its name';
REVOKE ALL ON FUNCTION gatehouse.permanently_delete_user(uuid) FROM PUBLIC;
GRANT EXECUTE ON FUNCTION gatehouse.permanently_delete_user(uuid) TO gatehouse_admin;

CREATE FUNCTION gatehouse.unknown_field(object jsonb, fields text[])
 RETURNS text
 LANGUAGE sql
 IMMUTABLE PARALLEL SAFE
RETURN (SELECT "left"(min((k.k COLLATE "C")), 64) AS "left" FROM jsonb_object_keys((unknown_field.object - unknown_field.fields)) k(k));
ALTER FUNCTION gatehouse.unknown_field(jsonb,text[]) OWNER TO gatehouse_owner;
COMMENT ON FUNCTION gatehouse.unknown_field(jsonb,text[]) IS 'internal: a key of the object, cut to 64 characters, that is none of these; null where there is none';
REVOKE ALL ON FUNCTION gatehouse.unknown_field(jsonb,text[]) FROM PUBLIC;

CREATE FUNCTION gatehouse.check_patch(patch jsonb, fields text[])
 RETURNS void
 LANGUAGE plpgsql
 STABLE PARALLEL SAFE
 SET search_path TO 'pg_catalog', 'pg_temp'
AS $function$
DECLARE
  unknown text;
BEGIN
  IF patch IS NULL OR jsonb_typeof(patch) <> 'object' THEN
    RAISE EXCEPTION 'patch must be a JSON object' USING ERRCODE = '22023';
  END IF;
  -- Said to the library, which then hides the client's statement, and in messages what is in quotes. So it comes before other
  -- unknown fields.
  IF patch ?| ARRAY['hashed_password', 'password'] THEN
    PERFORM gatehouse.blocked_password_digest(coalesce(patch->>'password', patch->>'hashed_password'));
    RAISE EXCEPTION 'unknown field %', CASE WHEN patch ? 'password' THEN 'password' ELSE 'hashed_password' END
      USING ERRCODE = '22023', HINT = 'A password is changed with gatehouse.change_password() or gatehouse.set_password().';
  END IF;
  unknown := gatehouse.unknown_field(patch, fields);
  IF unknown IS NOT NULL THEN
    RAISE EXCEPTION 'unknown field "%"', unknown
      USING ERRCODE = '22023',
            HINT = CASE unknown
                     WHEN 'email' THEN 'An e-mail address is changed with gatehouse.request_email_change().'
                     WHEN 'is_active' THEN 'An account is stopped with gatehouse.set_active().'
                     WHEN 'is_superuser' THEN 'A superuser is made with gatehouse.set_superuser().'
                     WHEN 'is_verified' THEN 'An e-mail address is taken as verified with gatehouse.set_verified().'
                     WHEN 'username' THEN 'A username is changed with gatehouse.update_user().'
                     ELSE format('A patch may have: %s.', array_to_string(fields, ', '))
                   END;
  END IF;
END
$function$;
ALTER FUNCTION gatehouse.check_patch(jsonb,text[]) OWNER TO gatehouse_owner;
COMMENT ON FUNCTION gatehouse.check_patch(jsonb,text[]) IS 'internal: 22023 where the patch is no object or has a field besides these';
REVOKE ALL ON FUNCTION gatehouse.check_patch(jsonb,text[]) FROM PUBLIC;

CREATE FUNCTION gatehouse.merged_profile(profile jsonb, patch jsonb)
 RETURNS jsonb
 LANGUAGE plpgsql
 IMMUTABLE PARALLEL SAFE
 SET search_path TO 'pg_catalog', 'pg_temp'
AS $function$
BEGIN
  RETURN gatehouse.checked_profile(
           (profile || patch) - ARRAY(SELECT p.key FROM jsonb_each(patch) p WHERE p.value = jsonb 'null'));
END
$function$;
ALTER FUNCTION gatehouse.merged_profile(jsonb,jsonb) OWNER TO gatehouse_owner;
COMMENT ON FUNCTION gatehouse.merged_profile(jsonb,jsonb) IS 'internal: the profile with the keys of the patch, without those that are null there; 22023 where it is too large then';
REVOKE ALL ON FUNCTION gatehouse.merged_profile(jsonb,jsonb) FROM PUBLIC;

CREATE FUNCTION gatehouse.update_user(id uuid, patch jsonb)
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
ALTER FUNCTION gatehouse.update_user(uuid,jsonb) OWNER TO gatehouse_owner;
COMMENT ON FUNCTION gatehouse.update_user(uuid,jsonb) IS 'changes fields of an account that is not deleted: username, and profile, which is merged at its top level, where null removes a key; what is not in the patch stays, also beside another change. An unknown field, account or value against the policy is 22023, a username that is taken 23505 with the constraint users_username_live';
REVOKE ALL ON FUNCTION gatehouse.update_user(uuid,jsonb) FROM PUBLIC;
GRANT EXECUTE ON FUNCTION gatehouse.update_user(uuid,jsonb) TO gatehouse_app;

CREATE TYPE gatehouse.user_list_entry AS (
  id uuid,
  email text,
  username text,
  is_superuser boolean,
  is_verified boolean,
  is_active boolean,
  is_deleted boolean,
  has_password boolean,
  oauth_providers text[],
  profile jsonb,
  created_at timestamp with time zone,
  updated_at timestamp with time zone,
  last_login_at timestamp with time zone,
  deletion_scheduled_for timestamp with time zone,
  cursor text
);
COMMENT ON TYPE gatehouse.user_list_entry IS 'an account as get_users shows it: user_info, and its place in the list';
REVOKE ALL ON TYPE gatehouse.user_list_entry FROM PUBLIC;
GRANT USAGE ON TYPE gatehouse.user_list_entry TO gatehouse_app, gatehouse_owner;

CREATE FUNCTION gatehouse.folded_search(search text)
 RETURNS text
 LANGUAGE plpgsql
 IMMUTABLE PARALLEL SAFE
 SET search_path TO 'pg_catalog', 'pg_temp'
AS $function$
BEGIN
  IF length(search) > 254 THEN
    RAISE EXCEPTION 'search must have at most 254 characters' USING ERRCODE = '22023';
  END IF;
  RETURN gatehouse.fold_email(search);
END
$function$;
ALTER FUNCTION gatehouse.folded_search(text) OWNER TO gatehouse_owner;
COMMENT ON FUNCTION gatehouse.folded_search(text) IS 'internal: what is looked for, in the form in which addresses and usernames are compared; 22023 where no address is that long';
REVOKE ALL ON FUNCTION gatehouse.folded_search(text) FROM PUBLIC;

CREATE FUNCTION gatehouse.matching_users(found_text text, is_verified boolean, is_superuser boolean, is_active boolean, is_deleted boolean, created_since timestamp with time zone, created_until timestamp with time zone, now_at timestamp with time zone)
 RETURNS SETOF gatehouse.users
 LANGUAGE sql
 STABLE
BEGIN ATOMIC
 SELECT u.id,
     u.email,
     u.email_normal,
     u.username,
     u.username_normal,
     u.is_superuser,
     u.is_verified,
     u.is_active,
     u.profile,
     u.created_at,
     u.updated_at,
     u.last_login_at,
     u.deleted_at,
     u.deletion_scheduled_for,
     u.deleted_by,
     u.deletion_reason,
     u.stopped_until,
     u.stop_reason
    FROM gatehouse.users u
   WHERE (((matching_users.found_text IS NULL) OR (strpos(u.email_normal, (matching_users.found_text COLLATE "C")) > 0) OR (strpos(u.username_normal, (matching_users.found_text COLLATE "C")) > 0)) AND ((matching_users.is_verified IS NULL) OR (u.is_verified = matching_users.is_verified)) AND ((matching_users.is_superuser IS NULL) OR (u.is_superuser = matching_users.is_superuser)) AND ((matching_users.is_active IS NULL) OR ((u.is_active OR COALESCE((u.stopped_until <= matching_users.now_at), false)) = matching_users.is_active)) AND ((matching_users.is_deleted IS NULL) OR ((u.deleted_at IS NOT NULL) = matching_users.is_deleted)) AND ((matching_users.created_since IS NULL) OR (u.created_at >= matching_users.created_since)) AND ((matching_users.created_until IS NULL) OR (u.created_at < matching_users.created_until)));
END;
ALTER FUNCTION gatehouse.matching_users(text,boolean,boolean,boolean,boolean,timestamp with time zone,timestamp with time zone,timestamp with time zone) OWNER TO gatehouse_owner;
COMMENT ON FUNCTION gatehouse.matching_users(text,boolean,boolean,boolean,boolean,timestamp with time zone,timestamp with time zone,timestamp with time zone) IS 'internal: the accounts that pass the filters of get_users; null is no filter';
REVOKE ALL ON FUNCTION gatehouse.matching_users(text,boolean,boolean,boolean,boolean,timestamp with time zone,timestamp with time zone,timestamp with time zone) FROM PUBLIC;

CREATE FUNCTION gatehouse.get_users(page_size integer DEFAULT 20, skip integer DEFAULT NULL::integer, after text DEFAULT NULL::text, search text DEFAULT NULL::text, is_verified boolean DEFAULT NULL::boolean, is_superuser boolean DEFAULT NULL::boolean, is_active boolean DEFAULT NULL::boolean, is_deleted boolean DEFAULT false, oauth_provider text DEFAULT NULL::text, created_since timestamp with time zone DEFAULT NULL::timestamp with time zone, created_until timestamp with time zone DEFAULT NULL::timestamp with time zone)
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
  after_time timestamptz;
  after_id uuid;
  page gatehouse.users[];
BEGIN
  IF page_size IS NULL OR page_size NOT BETWEEN 1 AND 100 THEN
    RAISE EXCEPTION 'page_size must be between 1 and 100' USING ERRCODE = '22023';
  END IF;
  IF skip NOT BETWEEN 0 AND 1000000 THEN
    RAISE EXCEPTION 'skip must be between 0 and 1000000' USING ERRCODE = '22023';
  END IF;
  IF skip IS NOT NULL AND after IS NOT NULL THEN
    RAISE EXCEPTION 'skip and after cannot be given together' USING ERRCODE = '22023';
  END IF;
  IF after IS NOT NULL THEN
    IF after COLLATE "C" !~ '^[0-7][0-9a-f]{47}$' OR substr(after, 1, 16) COLLATE "C" > '7fffffffffff0000' THEN
      RAISE EXCEPTION 'malformed cursor' USING ERRCODE = '22P02';
    END IF;
    after_time := timestamptz 'epoch' + (('x' || substr(after, 1, 16))::bit(64)::bigint) * interval '1 microsecond';
    after_id := substr(after, 17)::uuid;
  END IF;
  PERFORM gatehouse.include_deleted_allowed(is_deleted IS NOT FALSE);

  IF oauth_provider IS NULL THEN
    page := ARRAY(
      SELECT u
        FROM gatehouse.matching_users(found_text, get_users.is_verified, get_users.is_superuser, get_users.is_active,
                                      get_users.is_deleted, created_since, created_until, now_at) u
       WHERE after_time IS NULL OR (u.created_at, u.id) < (after_time, after_id)
       ORDER BY u.created_at DESC, u.id DESC
       LIMIT page_size OFFSET skip);
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
       LIMIT page_size OFFSET skip);
  END IF;
  RETURN QUERY
    SELECT d.*, encode(int8send((extract(epoch FROM d.created_at) * 1000000)::bigint) || uuid_send(d.id), 'hex')
      FROM unnest(page) u, LATERAL gatehouse.describe_user(u) d;
END
$function$;
ALTER FUNCTION gatehouse.get_users(integer,integer,text,text,boolean,boolean,boolean,boolean,text,timestamp with time zone,timestamp with time zone) OWNER TO gatehouse_owner;
COMMENT ON FUNCTION gatehouse.get_users(integer,integer,text,text,boolean,boolean,boolean,boolean,text,timestamp with time zone,timestamp with time zone) IS 'a page of accounts, the newest first; null is no filter. after takes the cursor of the last row seen, and costs the same on every page; skip, of at most 1000000, reads what it skips. search is a part of the e-mail address or the username, without case; is_active is judged by the clock; created_since is inclusive, created_until is not. The deleted are left out; is_deleted true or null shows them to administrators (42501). A malformed cursor is 22P02, a value out of range 22023';
REVOKE ALL ON FUNCTION gatehouse.get_users(integer,integer,text,text,boolean,boolean,boolean,boolean,text,timestamp with time zone,timestamp with time zone) FROM PUBLIC;
GRANT EXECUTE ON FUNCTION gatehouse.get_users(integer,integer,text,text,boolean,boolean,boolean,boolean,text,timestamp with time zone,timestamp with time zone) TO gatehouse_app;

CREATE FUNCTION gatehouse.count_users(search text DEFAULT NULL::text, is_verified boolean DEFAULT NULL::boolean, is_superuser boolean DEFAULT NULL::boolean, is_active boolean DEFAULT NULL::boolean, is_deleted boolean DEFAULT false, oauth_provider text DEFAULT NULL::text, created_since timestamp with time zone DEFAULT NULL::timestamp with time zone, created_until timestamp with time zone DEFAULT NULL::timestamp with time zone)
 RETURNS bigint
 LANGUAGE plpgsql
 STABLE SECURITY DEFINER
 SET search_path TO 'pg_catalog', 'pg_temp'
 SET plan_cache_mode TO 'force_custom_plan'
AS $function$
#variable_conflict use_column
DECLARE
  now_at CONSTANT timestamptz := clock_timestamp();
  found_text CONSTANT text := gatehouse.folded_search(search);
BEGIN
  PERFORM gatehouse.include_deleted_allowed(is_deleted IS NOT FALSE);
  IF oauth_provider IS NULL THEN
    RETURN (
      SELECT count(*)
        FROM gatehouse.matching_users(found_text, count_users.is_verified, count_users.is_superuser, count_users.is_active,
                                      count_users.is_deleted, created_since, created_until, now_at));
  END IF;
  RETURN (
    SELECT count(*)
      FROM gatehouse.matching_users(found_text, count_users.is_verified, count_users.is_superuser, count_users.is_active,
                                    count_users.is_deleted, created_since, created_until, now_at) u
     WHERE EXISTS (SELECT FROM gatehouse.oauth_identities o
                    WHERE o.user_id = u.id AND o.provider = oauth_provider COLLATE pg_catalog."default"
                      AND (count_users.is_deleted IS NOT FALSE OR NOT o.owner_is_deleted)));
END
$function$;
ALTER FUNCTION gatehouse.count_users(text,boolean,boolean,boolean,boolean,text,timestamp with time zone,timestamp with time zone) OWNER TO gatehouse_owner;
COMMENT ON FUNCTION gatehouse.count_users(text,boolean,boolean,boolean,boolean,text,timestamp with time zone,timestamp with time zone) IS 'the number of accounts that get_users would list with these filters, counted one by one';
REVOKE ALL ON FUNCTION gatehouse.count_users(text,boolean,boolean,boolean,boolean,text,timestamp with time zone,timestamp with time zone) FROM PUBLIC;
GRANT EXECUTE ON FUNCTION gatehouse.count_users(text,boolean,boolean,boolean,boolean,text,timestamp with time zone,timestamp with time zone) TO gatehouse_app;

CREATE FUNCTION gatehouse.user_statistics(OUT total bigint, OUT verified bigint, OUT unverified bigint, OUT superusers bigint, OUT oauth bigint, OUT stopped bigint, OUT deleted bigint)
 RETURNS record
 LANGUAGE sql
 STABLE SECURITY DEFINER
 SET search_path TO 'pg_catalog', 'pg_temp'
AS $function$
  SELECT count(*) FILTER (WHERE u.deleted_at IS NULL),
         count(*) FILTER (WHERE u.deleted_at IS NULL AND u.is_verified),
         count(*) FILTER (WHERE u.deleted_at IS NULL AND NOT u.is_verified),
         count(*) FILTER (WHERE u.deleted_at IS NULL AND u.is_superuser),
         (SELECT count(DISTINCT o.user_id) FROM gatehouse.oauth_identities o WHERE NOT o.owner_is_deleted),
         count(*) FILTER (WHERE u.deleted_at IS NULL AND NOT u.is_active
                            AND (u.stopped_until IS NULL OR u.stopped_until > clock_timestamp())),
         count(*) FILTER (WHERE u.deleted_at IS NOT NULL)
    FROM gatehouse.users u
$function$;
ALTER FUNCTION gatehouse.user_statistics() OWNER TO gatehouse_owner;
COMMENT ON FUNCTION gatehouse.user_statistics() IS 'how many accounts there are (total), of them verified, unverified, superusers, with an OAuth identity, and stopped by now; and apart from these how many are deleted. Counted one by one';
REVOKE ALL ON FUNCTION gatehouse.user_statistics() FROM PUBLIC;
GRANT EXECUTE ON FUNCTION gatehouse.user_statistics() TO gatehouse_app;

CREATE FUNCTION gatehouse.get_user_details(id uuid, include_deleted boolean DEFAULT false)
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
  SELECT to_jsonb(d) || jsonb_build_object(
           'api_keys',
           (SELECT coalesce(jsonb_agg(jsonb_build_object(
                     'id', k.id, 'name', k.name, 'hint', k.hint, 'scopes', k.scopes,
                     'status', CASE WHEN k.deactivated_at IS NOT NULL THEN 'deactivated'
                                    WHEN k.expires_at <= now_at THEN 'expired'
                                    WHEN NOT (k.owner_is_live OR coalesce(k.owner_stopped_until <= now_at, false))
                                    THEN 'owner_inactive'
                                    ELSE 'active'
                               END,
                     'created_at', k.created_at, 'expires_at', k.expires_at, 'ip_allow', k.ip_allow)
                   ORDER BY k.created_at DESC, k.id DESC), '[]')
              FROM gatehouse.api_keys k
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
ALTER FUNCTION gatehouse.get_user_details(uuid,boolean) OWNER TO gatehouse_owner;
COMMENT ON FUNCTION gatehouse.get_user_details(uuid,boolean) IS 'the account as user_info, with its api_keys, the newest first, each with its status (active, expired, deactivated, owner_inactive), and its live sessions, the latest used first; no digest. Null where no account has this id; a deleted one is shown to administrators who ask for it';
REVOKE ALL ON FUNCTION gatehouse.get_user_details(uuid,boolean) FROM PUBLIC;
GRANT EXECUTE ON FUNCTION gatehouse.get_user_details(uuid,boolean) TO gatehouse_app;

CREATE FUNCTION gatehouse.moment_or_null(moment text)
 RETURNS timestamp with time zone
 LANGUAGE plpgsql
 STABLE PARALLEL SAFE STRICT
 SET search_path TO 'pg_catalog', 'pg_temp'
AS $function$
BEGIN
  IF moment COLLATE "C" ~ '^[0-9]{4}-[0-9]{2}-[0-9]{2}[T ][0-9]{2}:[0-9]{2}:[0-9]{2}([.][0-9]{1,9})?(Z|[+-][0-9]{2}(:?[0-9]{2})?)$' THEN
    RETURN moment::timestamptz;
  END IF;
  RETURN NULL;
EXCEPTION WHEN datetime_field_overflow OR invalid_datetime_format OR invalid_time_zone_displacement_value THEN
  RETURN NULL;
END
$function$;
ALTER FUNCTION gatehouse.moment_or_null(text) OWNER TO gatehouse_owner;
COMMENT ON FUNCTION gatehouse.moment_or_null(text) IS 'internal: the moment that a text in the form 2024-02-29T12:00:00Z (RFC 3339) names; null where it names none';
REVOKE ALL ON FUNCTION gatehouse.moment_or_null(text) FROM PUBLIC;

CREATE FUNCTION gatehouse.new_user_form_fault(element jsonb)
 RETURNS text
 LANGUAGE sql
 IMMUTABLE PARALLEL SAFE
RETURN CASE WHEN ((jsonb_typeof(element) COLLATE "C") <> 'object'::text) THEN 'account must be a JSON object'::text WHEN ((element - ARRAY['created_at'::text, 'email'::text, 'hashed_password'::text, 'is_superuser'::text, 'is_verified'::text, 'password'::text, 'profile'::text, 'username'::text]) <> '{}'::jsonb) THEN (('unknown field "'::text || gatehouse.unknown_field(element, ARRAY['created_at'::text, 'email'::text, 'hashed_password'::text, 'is_superuser'::text, 'is_verified'::text, 'password'::text, 'profile'::text, 'username'::text])) || '"'::text) WHEN ((jsonb_typeof((element -> 'email'::text)) COLLATE "C") <> ALL (ARRAY['string'::text, 'null'::text])) THEN 'email must be a JSON string'::text WHEN ((jsonb_typeof((element -> 'username'::text)) COLLATE "C") <> ALL (ARRAY['string'::text, 'null'::text])) THEN 'username must be a JSON string'::text WHEN ((jsonb_typeof((element -> 'password'::text)) COLLATE "C") <> ALL (ARRAY['string'::text, 'null'::text])) THEN 'password must be a JSON string'::text WHEN ((jsonb_typeof((element -> 'hashed_password'::text)) COLLATE "C") <> ALL (ARRAY['string'::text, 'null'::text])) THEN 'hashed_password must be a JSON string'::text WHEN ((jsonb_typeof((element -> 'is_superuser'::text)) COLLATE "C") <> ALL (ARRAY['boolean'::text, 'null'::text])) THEN 'is_superuser must be true or false'::text WHEN ((jsonb_typeof((element -> 'is_verified'::text)) COLLATE "C") <> ALL (ARRAY['boolean'::text, 'null'::text])) THEN 'is_verified must be true or false'::text WHEN ((jsonb_typeof((element -> 'created_at'::text)) COLLATE "C") <> ALL (ARRAY['string'::text, 'null'::text])) THEN 'created_at must be a JSON string'::text WHEN ((element ->> 'email'::text) IS NULL) THEN 'email is missing'::text WHEN ((element ->> 'username'::text) IS NULL) THEN 'username is missing'::text WHEN (((element ->> 'password'::text) IS NOT NULL) AND ((element ->> 'hashed_password'::text) IS NOT NULL)) THEN 'password and hashed_password cannot be given together'::text ELSE NULL::text END;
ALTER FUNCTION gatehouse.new_user_form_fault(jsonb) OWNER TO gatehouse_owner;
COMMENT ON FUNCTION gatehouse.new_user_form_fault(jsonb) IS 'internal: why an element given to create_users has not the form of one; null where it has. JSON''s null is a field that is absent';
REVOKE ALL ON FUNCTION gatehouse.new_user_form_fault(jsonb) FROM PUBLIC;

CREATE FUNCTION gatehouse.duplicate_fault(email text, username text)
 RETURNS text
 LANGUAGE plpgsql
 STABLE
 SET search_path TO 'pg_catalog', 'pg_temp'
AS $function$
#variable_conflict use_column
BEGIN
  IF EXISTS (SELECT FROM gatehouse.users u
              WHERE u.email_normal = gatehouse.fold_email(duplicate_fault.email) AND u.deleted_at IS NULL) THEN
    RETURN 'an account with this e-mail address exists';
  END IF;
  IF EXISTS (SELECT FROM gatehouse.users u
              WHERE u.username_normal = lower(duplicate_fault.username COLLATE "C") AND u.deleted_at IS NULL) THEN
    RETURN 'an account with this username exists';
  END IF;
  RETURN NULL;
END
$function$;
ALTER FUNCTION gatehouse.duplicate_fault(text,text) OWNER TO gatehouse_owner;
COMMENT ON FUNCTION gatehouse.duplicate_fault(text,text) IS 'internal: which of the two an account has already; null where none has either';
REVOKE ALL ON FUNCTION gatehouse.duplicate_fault(text,text) FROM PUBLIC;

CREATE FUNCTION gatehouse.accounts_of_import(elements jsonb, ids uuid[], faults text[], made_at timestamp with time zone)
 RETURNS SETOF gatehouse.users
 LANGUAGE sql
 STABLE
BEGIN ATOMIC
 SELECT e.id,
     gatehouse.trimmed_email((e.element ->> 'email'::text)) AS trimmed_email,
     gatehouse.fold_email((e.element ->> 'email'::text)) AS fold_email,
     (e.element ->> 'username'::text),
     lower((e.element ->> ('username'::text COLLATE "C"))) AS lower,
     COALESCE((((e.element -> 'is_superuser'::text))::text = 'true'::text), false) AS "coalesce",
     COALESCE((((e.element -> 'is_verified'::text))::text = 'true'::text), false) AS "coalesce",
     true,
     COALESCE(NULLIF((e.element -> 'profile'::text), 'null'::jsonb), '{}'::jsonb) AS "coalesce",
     COALESCE(gatehouse.moment_or_null((e.element ->> 'created_at'::text)), accounts_of_import.made_at) AS "coalesce",
     accounts_of_import.made_at AS made_at,
     NULL::timestamp with time zone AS timestamptz,
     NULL::timestamp with time zone AS timestamptz,
     NULL::timestamp with time zone AS timestamptz,
     NULL::uuid AS uuid,
     NULL::text AS text,
     NULL::timestamp with time zone AS timestamptz,
     NULL::text AS text
    FROM ROWS FROM(jsonb_array_elements(accounts_of_import.elements), unnest(accounts_of_import.ids), unnest(accounts_of_import.faults)) e(element, id, fault)
   WHERE (e.fault IS NULL);
END;
ALTER FUNCTION gatehouse.accounts_of_import(jsonb,uuid[],text[],timestamp with time zone) OWNER TO gatehouse_owner;
COMMENT ON FUNCTION gatehouse.accounts_of_import(jsonb,uuid[],text[],timestamp with time zone) IS 'internal: the accounts that those elements given to create_users are going to be that have no fault, in their order';
REVOKE ALL ON FUNCTION gatehouse.accounts_of_import(jsonb,uuid[],text[],timestamp with time zone) FROM PUBLIC;

CREATE FUNCTION gatehouse.create_users(users jsonb, all_or_nothing boolean DEFAULT false)
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
  END IF;

  RETURN QUERY
    SELECT (c.place - 1)::integer, CASE WHEN c.fault IS NULL AND NOT is_undone THEN c.id END, c.fault
      FROM unnest(ids, faults) WITH ORDINALITY AS c (id, fault, place)
     ORDER BY c.place;
END
$function$;
ALTER FUNCTION gatehouse.create_users(jsonb,boolean) OWNER TO gatehouse_owner;
COMMENT ON FUNCTION gatehouse.create_users(jsonb,boolean) IS 'makes accounts of a JSON array of 1 to 10000 objects with the fields email and username, and as they like password or hashed_password (of a kind that verify_password knows), is_superuser, is_verified, profile and created_at; values must be as those of create_user. One row for each, index counted from 0 as JSON does: id where the account was made, else error. Of two alike the first wins; one that is refused doesn''t touch the others, or with all_or_nothing nothing is made, and rows have an error or neither';
REVOKE ALL ON FUNCTION gatehouse.create_users(jsonb,boolean) FROM PUBLIC;
GRANT EXECUTE ON FUNCTION gatehouse.create_users(jsonb,boolean) TO gatehouse_admin;

CREATE FUNCTION gatehouse.check_ids(ids uuid[])
 RETURNS void
 LANGUAGE plpgsql
 IMMUTABLE PARALLEL SAFE
 SET search_path TO 'pg_catalog', 'pg_temp'
AS $function$
BEGIN
  IF ids IS NULL OR cardinality(ids) NOT BETWEEN 1 AND 10000 THEN
    RAISE EXCEPTION 'ids must be an array of 1 to 10000 ids' USING ERRCODE = '22023';
  END IF;
  IF EXISTS (SELECT FROM unnest(ids) i WHERE i IS NULL) THEN
    RAISE EXCEPTION 'ids must not contain null' USING ERRCODE = '22023';
  END IF;
END
$function$;
ALTER FUNCTION gatehouse.check_ids(uuid[]) OWNER TO gatehouse_owner;
COMMENT ON FUNCTION gatehouse.check_ids(uuid[]) IS 'internal: 22023 where these are none, too many, or not all ids';
REVOKE ALL ON FUNCTION gatehouse.check_ids(uuid[]) FROM PUBLIC;

CREATE FUNCTION gatehouse.update_users(ids uuid[], patch jsonb)
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
  RETURN changed;
END
$function$;
ALTER FUNCTION gatehouse.update_users(uuid[],jsonb) OWNER TO gatehouse_owner;
COMMENT ON FUNCTION gatehouse.update_users(uuid[],jsonb) IS 'changes the profile of 1 to 10000 accounts as update_user does; how many there were: unknown and deleted ones are passed over. Where one is against the policy then, 22023, none is changed';
REVOKE ALL ON FUNCTION gatehouse.update_users(uuid[],jsonb) FROM PUBLIC;
GRANT EXECUTE ON FUNCTION gatehouse.update_users(uuid[],jsonb) TO gatehouse_admin;

CREATE FUNCTION gatehouse.verify_users(ids uuid[])
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
  RETURN changed;
END
$function$;
ALTER FUNCTION gatehouse.verify_users(uuid[]) OWNER TO gatehouse_owner;
COMMENT ON FUNCTION gatehouse.verify_users(uuid[]) IS 'says that the e-mail addresses of 1 to 10000 accounts are verified; how many were not so before. Unknown and deleted ones are passed over';
REVOKE ALL ON FUNCTION gatehouse.verify_users(uuid[]) FROM PUBLIC;
GRANT EXECUTE ON FUNCTION gatehouse.verify_users(uuid[]) TO gatehouse_admin;

CREATE FUNCTION gatehouse.soft_delete_users(ids uuid[], deleted_by uuid DEFAULT NULL::uuid, reason text DEFAULT NULL::text)
 RETURNS bigint
 LANGUAGE plpgsql
 SECURITY DEFINER
 SET search_path TO 'pg_catalog', 'pg_temp'
AS $function$
BEGIN
  PERFORM gatehouse.check_ids(ids);
  RETURN gatehouse.delete_accounts(ids, deleted_by, reason);
END
$function$;
ALTER FUNCTION gatehouse.soft_delete_users(uuid[],uuid,text) OWNER TO gatehouse_owner;
COMMENT ON FUNCTION gatehouse.soft_delete_users(uuid[],uuid,text) IS 'soft_delete_user of 1 to 10000 accounts; how many were deleted: unknown and deleted ones are passed over. Where no live superuser would be left, 22023, none is deleted';
REVOKE ALL ON FUNCTION gatehouse.soft_delete_users(uuid[],uuid,text) FROM PUBLIC;
GRANT EXECUTE ON FUNCTION gatehouse.soft_delete_users(uuid[],uuid,text) TO gatehouse_admin;

CREATE FUNCTION gatehouse.make_one_time_token(OUT token text, OUT token_digest bytea, OUT ring_key_id integer, OUT locator_digest bytea)
 RETURNS record
 LANGUAGE c
AS 'MODULE_PATHNAME', 'gatehouse_sessions_make_token';
COMMENT ON FUNCTION gatehouse.make_one_time_token() IS 'internal: a token in the form of a refresh token, and what is stored of it';
REVOKE ALL ON FUNCTION gatehouse.make_one_time_token() FROM PUBLIC;
GRANT EXECUTE ON FUNCTION gatehouse.make_one_time_token() TO gatehouse_owner;

CREATE FUNCTION gatehouse.lifetime(setting_name text)
 RETURNS interval
 LANGUAGE sql
 STABLE
 SET search_path TO 'pg_catalog', 'pg_temp'
AS $function$
  SELECT make_interval(secs => extract(epoch FROM gatehouse.setting(setting_name)::interval)::double precision)
$function$;
ALTER FUNCTION gatehouse.lifetime(text) OWNER TO gatehouse_owner;
COMMENT ON FUNCTION gatehouse.lifetime(text) IS 'internal: the setting of this name, a time, without days in it';
REVOKE ALL ON FUNCTION gatehouse.lifetime(text) FROM PUBLIC;

CREATE FUNCTION gatehouse.issue_one_time_token(user_id uuid, subject bytea, purpose text, email text, lifetime interval)
 RETURNS text
 LANGUAGE plpgsql
 SET search_path TO 'pg_catalog', 'pg_temp'
AS $function$
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
$function$;
ALTER FUNCTION gatehouse.issue_one_time_token(uuid,bytea,text,text,interval) OWNER TO gatehouse_owner;
COMMENT ON FUNCTION gatehouse.issue_one_time_token(uuid,bytea,text,text,interval) IS 'internal: a new token for an account that the caller has locked; null where three of this subject and purpose are in the first half of their lives. The others of them end. Without an account it makes a token that opens nothing, and costs what it costs with one';
REVOKE ALL ON FUNCTION gatehouse.issue_one_time_token(uuid,bytea,text,text,interval) FROM PUBLIC;

CREATE FUNCTION gatehouse.find_one_time_token(token text, purpose text)
 RETURNS gatehouse.one_time_tokens
 LANGUAGE plpgsql
 STABLE
 SET search_path TO 'pg_catalog', 'pg_temp'
AS $function$
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
$function$;
ALTER FUNCTION gatehouse.find_one_time_token(text,text) OWNER TO gatehouse_owner;
COMMENT ON FUNCTION gatehouse.find_one_time_token(text,text) IS 'internal: what is stored of a token that can be used now, without locking or using it; null where the token is no such';
REVOKE ALL ON FUNCTION gatehouse.find_one_time_token(text,text) FROM PUBLIC;

CREATE FUNCTION gatehouse.use_one_time_token(token text, purpose text)
 RETURNS gatehouse.one_time_tokens
 LANGUAGE plpgsql
 SET search_path TO 'pg_catalog', 'pg_temp'
AS $function$
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
$function$;
ALTER FUNCTION gatehouse.use_one_time_token(text,text) OWNER TO gatehouse_owner;
COMMENT ON FUNCTION gatehouse.use_one_time_token(text,text) IS 'internal: locks the live account and uses the token up, once under any concurrency; null where the token is no such';
REVOKE ALL ON FUNCTION gatehouse.use_one_time_token(text,text) FROM PUBLIC;

CREATE FUNCTION gatehouse.remove_expired_tokens()
 RETURNS bigint
 LANGUAGE plpgsql
 SET search_path TO 'pg_catalog', 'pg_temp'
AS $function$
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
$function$;
ALTER FUNCTION gatehouse.remove_expired_tokens() OWNER TO gatehouse_owner;
COMMENT ON FUNCTION gatehouse.remove_expired_tokens() IS 'internal: deletes one-time tokens that have expired, at most 10000, and gives their number';
REVOKE ALL ON FUNCTION gatehouse.remove_expired_tokens() FROM PUBLIC;

CREATE FUNCTION gatehouse.request_email_verification(user_id uuid)
 RETURNS text
 LANGUAGE plpgsql
 SECURITY DEFINER
 SET search_path TO 'pg_catalog', 'pg_temp'
AS $function$
BEGIN
  IF user_id IS NULL THEN
    RAISE EXCEPTION 'argument "user_id" must not be null' USING ERRCODE = '22023';
  END IF;
  IF NOT gatehouse.lock_live_account_to_count(user_id) THEN
    RAISE EXCEPTION 'no live account has this id' USING ERRCODE = '22023';
  END IF;
  RETURN gatehouse.issue_one_time_token(
           user_id, gatehouse.throttle_subject('account', user_id::text), 'email_verification',
           (SELECT u.email_normal FROM gatehouse.users u WHERE u.id = request_email_verification.user_id),
           gatehouse.lifetime('verification_token_lifetime'));
END
$function$;
ALTER FUNCTION gatehouse.request_email_verification(uuid) OWNER TO gatehouse_owner;
COMMENT ON FUNCTION gatehouse.request_email_verification(uuid) IS 'a token for verify_email, to be sent to the account''s e-mail address; good for gatehouse.verification_token_lifetime and shown by this call only. Null where three were asked for within half that time: those work. 22023 where no live account has the id';
REVOKE ALL ON FUNCTION gatehouse.request_email_verification(uuid) FROM PUBLIC;
GRANT EXECUTE ON FUNCTION gatehouse.request_email_verification(uuid) TO gatehouse_app;

CREATE FUNCTION gatehouse.verify_email(token text)
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
  RETURN NEXT gatehouse.describe_user(account);
END
$function$;
ALTER FUNCTION gatehouse.verify_email(text) OWNER TO gatehouse_owner;
COMMENT ON FUNCTION gatehouse.verify_email(text) IS 'uses up a token of request_email_verification: the account is verified, where it is live and its address is still the one that the token was made for, and its other such tokens end. No row for anything else';
REVOKE ALL ON FUNCTION gatehouse.verify_email(text) FROM PUBLIC;
GRANT EXECUTE ON FUNCTION gatehouse.verify_email(text) TO gatehouse_app;

CREATE FUNCTION gatehouse.request_email_change(id uuid, new_email text)
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
ALTER FUNCTION gatehouse.request_email_change(uuid,text) OWNER TO gatehouse_owner;
COMMENT ON FUNCTION gatehouse.request_email_change(uuid,text) IS 'a token for confirm_email_change, to be sent to the new address; until then nothing changes. Good for gatehouse.verification_token_lifetime and shown by this call only. Null where three were asked for within half that time: those work. 22023 where no live account has the id or the address is against the policy, 23505 where another account has the address';
REVOKE ALL ON FUNCTION gatehouse.request_email_change(uuid,text) FROM PUBLIC;
GRANT EXECUTE ON FUNCTION gatehouse.request_email_change(uuid,text) TO gatehouse_app;

CREATE FUNCTION gatehouse.confirm_email_change(token text)
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
  RETURN NEXT gatehouse.describe_user(account);
END
$function$;
ALTER FUNCTION gatehouse.confirm_email_change(text) OWNER TO gatehouse_owner;
COMMENT ON FUNCTION gatehouse.confirm_email_change(text) IS 'uses up a token of request_email_change: the live account gets the address that the token was sent to, verified, and its outstanding tokens of every purpose end. No row for any other token; 23505 where another account has taken the address meanwhile';
REVOKE ALL ON FUNCTION gatehouse.confirm_email_change(text) FROM PUBLIC;
GRANT EXECUTE ON FUNCTION gatehouse.confirm_email_change(text) TO gatehouse_app;

CREATE FUNCTION gatehouse.request_password_reset(email text)
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
  IF token IS NOT NULL AND user_id IS NOT NULL THEN
    RETURN NEXT;
  END IF;
END
$function$;
ALTER FUNCTION gatehouse.request_password_reset(text) OWNER TO gatehouse_owner;
COMMENT ON FUNCTION gatehouse.request_password_reset(text) IS 'a token for reset_password, to be sent to this address; good for gatehouse.password_reset_token_lifetime and shown by this call only. No row, at the same cost, where no live account has the address, and where three were asked for within half that time: those work';
REVOKE ALL ON FUNCTION gatehouse.request_password_reset(text) FROM PUBLIC;
GRANT EXECUTE ON FUNCTION gatehouse.request_password_reset(text) TO gatehouse_app;

CREATE FUNCTION gatehouse.reset_password(token text, new_password text)
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
  PERFORM gatehouse.end_failure_counts(ARRAY(SELECT a.stored FROM gatehouse.account_counts(account.id) a));
  RETURN NEXT gatehouse.describe_user(account);
END
$function$;
ALTER FUNCTION gatehouse.reset_password(text,text) OWNER TO gatehouse_owner;
COMMENT ON FUNCTION gatehouse.reset_password(text,text) IS 'uses up a token of request_password_reset: the live account gets the password and counts as verified, for the token came by its address; its sessions, its outstanding tokens of every purpose and the lock of its logins end. No row for any other token. 22023 where the password is against the policy: the token is good for another one';
REVOKE ALL ON FUNCTION gatehouse.reset_password(text,text) FROM PUBLIC;
GRANT EXECUTE ON FUNCTION gatehouse.reset_password(text,text) TO gatehouse_app;

ALTER TABLE gatehouse.api_keys ADD COLUMN owner_stopped_until timestamp with time zone;
COMMENT ON COLUMN gatehouse.api_keys.owner_stopped_until IS 'when a stopped owner counts as live again; kept likewise';

COMMENT ON COLUMN gatehouse.sessions.revocation IS 'why the session was ended: logout, limit, reuse, password_change, password_reset, account_stopped, account_deleted';

CREATE OR REPLACE FUNCTION gatehouse.verify_refresh_token(token text)
 RETURNS SETOF gatehouse.session_info
 LANGUAGE sql
 STABLE SECURITY DEFINER ROWS 1
 SET search_path TO 'pg_catalog', 'pg_temp'
AS $function$
  SELECT s.session_id, s.user_id, s.device, s.ip, s.user_agent, s.created_at, s.last_used_at, s.expires_at,
         s.idle_expires_at, true
    FROM gatehouse.sessions s
    JOIN gatehouse.users u ON u.id = s.user_id
   WHERE s.locator_digest = gatehouse.locate_refresh_token(verify_refresh_token.token)
     AND gatehouse.refresh_token_matches(verify_refresh_token.token, s.token_digest, s.ring_key_id)
     AND s.revoked_at IS NULL
     AND s.expires_at > clock_timestamp() AND s.idle_expires_at > clock_timestamp()
     AND (u.is_active OR u.stopped_until <= clock_timestamp()) AND u.deleted_at IS NULL
$function$;

CREATE FUNCTION gatehouse.erase_event_details(user_id uuid)
 RETURNS bigint
 LANGUAGE c
 STRICT
AS 'MODULE_PATHNAME', 'gatehouse_audit_erase_event_details';
COMMENT ON FUNCTION gatehouse.erase_event_details(uuid) IS 'internal: deletes the personal details of the events of an account that the caller has locked, also those that an older snapshot doesn''t see, and gives their number';
REVOKE ALL ON FUNCTION gatehouse.erase_event_details(uuid) FROM PUBLIC;
GRANT EXECUTE ON FUNCTION gatehouse.erase_event_details(uuid) TO gatehouse_owner;

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
  -- Locked, so that an erasure beside it finds the event's details.
  PERFORM FROM gatehouse.users u WHERE u.id = create_audit_log.user_id FOR KEY SHARE;
  IF user_id IS NOT NULL AND NOT FOUND THEN
    RAISE EXCEPTION 'no account has this id' USING ERRCODE = '22023';
  END IF;
  RETURN gatehouse.write_event(event_type, user_id, ip, user_agent, success, context, session_id);
END
$function$;

CREATE FUNCTION gatehouse.write_security_event(reported gatehouse.queued_event)
 RETURNS void
 LANGUAGE plpgsql
 SET search_path TO 'pg_catalog', 'pg_temp'
AS $function$
BEGIN
  PERFORM FROM gatehouse.users u WHERE u.id = reported.user_id FOR KEY SHARE SKIP LOCKED;
  IF reported.user_id IS NOT NULL AND NOT FOUND THEN
    reported.ip := NULL;
    reported.user_agent := NULL;
    reported.context := NULL;
  END IF;
  PERFORM gatehouse.write_event(reported.event_type, reported.user_id, reported.ip, reported.user_agent, reported.success,
                                reported.context::jsonb, reported.session_id, reported.api_key_id, reported.occurred_at);
END
$function$;
ALTER FUNCTION gatehouse.write_security_event(gatehouse.queued_event) OWNER TO gatehouse_owner;
COMMENT ON FUNCTION gatehouse.write_security_event(gatehouse.queued_event) IS 'internal: writes an event to the log, without its personal details where its account is gone or being erased';
REVOKE ALL ON FUNCTION gatehouse.write_security_event(gatehouse.queued_event) FROM PUBLIC;

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
    PERFORM gatehouse.write_event('security.events_lost', NULL, NULL, NULL, false, jsonb_build_object('events', lost), NULL);
    written := written + 1;
  END IF;
  RETURN written;
END
$function$;

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
    PERFORM gatehouse.write_security_events();
  END IF;
END
$function$;

CREATE FUNCTION gatehouse.erasure_may_be_deferred()
 RETURNS boolean
 LANGUAGE sql
 STABLE
 SET search_path TO 'pg_catalog', 'pg_temp'
AS $function$
  WITH RECURSIVE reached (relation) AS (
    SELECT 'gatehouse.users'::regclass::oid
    UNION
    SELECT c.conrelid FROM reached r JOIN pg_constraint c ON c.confrelid = r.relation WHERE c.contype = 'f' AND c.confdeltype = 'c'
  )
  SELECT EXISTS (SELECT FROM reached r JOIN pg_constraint c ON c.confrelid = r.relation
                  WHERE c.contype = 'f' AND c.condeferrable AND c.confdeltype = 'a')
$function$;
ALTER FUNCTION gatehouse.erasure_may_be_deferred() OWNER TO gatehouse_owner;
COMMENT ON FUNCTION gatehouse.erasure_may_be_deferred() IS 'internal: whether a deferrable foreign key could refuse the deletion of an account as late as at COMMIT';
REVOKE ALL ON FUNCTION gatehouse.erasure_may_be_deferred() FROM PUBLIC;

CREATE FUNCTION gatehouse.role_of_erasure_triggers()
 RETURNS oid
 LANGUAGE plpgsql
 STABLE
 SET search_path TO 'pg_catalog', 'pg_temp'
AS $function$
DECLARE
  owners CONSTANT oid[] := ARRAY(
    WITH RECURSIVE reached (relation, is_deleted_from) AS (
      SELECT 'gatehouse.users'::regclass::oid, true
      UNION
      SELECT c.conrelid, c.confdeltype = 'c'
        FROM reached r JOIN pg_constraint c ON c.confrelid = r.relation
       WHERE r.is_deleted_from AND c.contype = 'f' AND c.confdeltype IN ('c', 'n', 'd')
    )
    SELECT DISTINCT t.relowner FROM reached r JOIN pg_class t ON t.oid = r.relation
     WHERE t.relowner <> 'gatehouse_owner'::regrole);
BEGIN
  IF cardinality(owners) = 1 THEN
    RETURN owners[1];
  END IF;
  RETURN 'gatehouse_app'::regrole::oid;
END
$function$;
ALTER FUNCTION gatehouse.role_of_erasure_triggers() OWNER TO gatehouse_owner;
COMMENT ON FUNCTION gatehouse.role_of_erasure_triggers() IS 'internal: as whom triggers of the application act that the deletion of an account sets off: the owner of all its tables that the deletion changes, gatehouse_app where these have several owners';
REVOKE ALL ON FUNCTION gatehouse.role_of_erasure_triggers() FROM PUBLIC;

CREATE FUNCTION gatehouse.delete_user_row(user_id uuid, acting_role oid)
 RETURNS void
 LANGUAGE c
 STRICT
AS 'MODULE_PATHNAME', 'gatehouse_accounts_delete_user_row';
COMMENT ON FUNCTION gatehouse.delete_user_row(uuid,oid) IS 'internal: deletes the account''s row, and lets the triggers that this sets off act as the role';
REVOKE ALL ON FUNCTION gatehouse.delete_user_row(uuid,oid) FROM PUBLIC;
GRANT EXECUTE ON FUNCTION gatehouse.delete_user_row(uuid,oid) TO gatehouse_owner;

CREATE FUNCTION gatehouse.make_constraints_immediate(acting_role oid)
 RETURNS void
 LANGUAGE c
 STRICT
AS 'MODULE_PATHNAME', 'gatehouse_accounts_make_constraints_immediate';
COMMENT ON FUNCTION gatehouse.make_constraints_immediate(oid) IS 'internal: SET CONSTRAINTS ALL IMMEDIATE, where triggers that were deferred act as the role';
REVOKE ALL ON FUNCTION gatehouse.make_constraints_immediate(oid) FROM PUBLIC;
GRANT EXECUTE ON FUNCTION gatehouse.make_constraints_immediate(oid) TO gatehouse_owner;

CREATE FUNCTION gatehouse.delete_account_row(user_id uuid)
 RETURNS void
 LANGUAGE plpgsql
 SET search_path TO 'pg_catalog', 'pg_temp'
AS $function$
DECLARE
  acting_role CONSTANT oid := gatehouse.role_of_erasure_triggers();
  is_tried boolean := false;
  table_schema text;
  table_name text;
  column_name text;
  broken_constraint text;
BEGIN
  IF gatehouse.erasure_may_be_deferred() THEN
    BEGIN
      PERFORM gatehouse.make_constraints_immediate(acting_role);
      is_tried := true;
      PERFORM gatehouse.delete_user_row(user_id, acting_role);
      RAISE EXCEPTION 'the trial is undone' USING ERRCODE = 'GH001';
    EXCEPTION
      WHEN SQLSTATE 'GH001' THEN
        NULL;
      WHEN integrity_constraint_violation THEN
        IF is_tried THEN
          RAISE;
        END IF;
        -- The caller has broken a constraint, and may mend that until COMMIT.
    END;
  END IF;
  PERFORM gatehouse.delete_user_row(user_id, acting_role);
EXCEPTION WHEN foreign_key_violation OR restrict_violation OR not_null_violation THEN
  GET STACKED DIAGNOSTICS table_schema = SCHEMA_NAME, table_name = TABLE_NAME, column_name = COLUMN_NAME,
                          broken_constraint = CONSTRAINT_NAME;
  IF column_name <> '' THEN
    -- A foreign key that is ON DELETE SET NULL, on a column that must not be null.
    SELECT c.conname::text INTO broken_constraint
      FROM pg_constraint c, pg_attribute a
     WHERE c.conrelid = to_regclass(format('%I.%I', table_schema, table_name)) AND c.contype = 'f' AND c.confdeltype IN ('n', 'd')
       AND a.attrelid = c.conrelid AND a.attnum = ANY (c.conkey) AND a.attname = column_name
     ORDER BY c.conname LIMIT 1;
  END IF;
  IF coalesce(broken_constraint, '') = '' THEN
    RAISE;
  END IF;
  RAISE EXCEPTION 'table "%.%" refers to the account by constraint "%"', table_schema, table_name, broken_constraint
    USING ERRCODE = '23503', SCHEMA = table_schema, TABLE = table_name, CONSTRAINT = broken_constraint,
          HINT = CASE column_name
                   WHEN '' THEN 'Delete or change those rows first, or declare the foreign key ON DELETE CASCADE or SET NULL.'
                   ELSE format('Its column "%s" must not be null: delete those rows first, or declare the foreign key ON DELETE CASCADE.',
                               column_name)
                 END;
END
$function$;
ALTER FUNCTION gatehouse.delete_account_row(uuid) OWNER TO gatehouse_owner;
COMMENT ON FUNCTION gatehouse.delete_account_row(uuid) IS 'internal: deletes the account and what hangs on it; 23503 where a foreign key of the application''s forbids it, named';
REVOKE ALL ON FUNCTION gatehouse.delete_account_row(uuid) FROM PUBLIC;

CREATE FUNCTION gatehouse.erase_account(user_id uuid)
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
  PERFORM gatehouse.erase_event_details(erase_account.user_id);
  -- Last, for no ROLLBACK brings the counts back.
  PERFORM gatehouse.end_failure_counts(counts);
  RETURN true;
END
$function$;
ALTER FUNCTION gatehouse.erase_account(uuid) OWNER TO gatehouse_owner;
COMMENT ON FUNCTION gatehouse.erase_account(uuid) IS 'internal: deletes an account, all that hangs on it, and the personal details of its events, which stay. False where no account has the id; 23503 where a table of the application stands in the way, named. Superusers are guarded by the caller';
REVOKE ALL ON FUNCTION gatehouse.erase_account(uuid) FROM PUBLIC;

CREATE FUNCTION gatehouse.request_account_deletion(user_id uuid)
 RETURNS text
 LANGUAGE plpgsql
 SECURITY DEFINER
 SET search_path TO 'pg_catalog', 'pg_temp'
AS $function$
BEGIN
  IF user_id IS NULL THEN
    RAISE EXCEPTION 'argument "user_id" must not be null' USING ERRCODE = '22023';
  END IF;
  IF NOT gatehouse.lock_live_account_to_count(user_id) THEN
    RAISE EXCEPTION 'no live account has this id' USING ERRCODE = '22023';
  END IF;
  RETURN gatehouse.issue_one_time_token(
           user_id, gatehouse.throttle_subject('account', user_id::text), 'account_deletion',
           (SELECT u.email_normal FROM gatehouse.users u WHERE u.id = request_account_deletion.user_id),
           gatehouse.lifetime('deletion_token_lifetime'));
END
$function$;
ALTER FUNCTION gatehouse.request_account_deletion(uuid) OWNER TO gatehouse_owner;
COMMENT ON FUNCTION gatehouse.request_account_deletion(uuid) IS 'a token for confirm_account_deletion, to be sent to the account''s e-mail address; good for gatehouse.deletion_token_lifetime and shown by this call only. Null where three were asked for within half that time: those work. 22023 where no live account has the id';
REVOKE ALL ON FUNCTION gatehouse.request_account_deletion(uuid) FROM PUBLIC;
GRANT EXECUTE ON FUNCTION gatehouse.request_account_deletion(uuid) TO gatehouse_app;

CREATE FUNCTION gatehouse.confirm_account_deletion(token text)
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
  RETURN scheduled_for;
END
$function$;
ALTER FUNCTION gatehouse.confirm_account_deletion(text) OWNER TO gatehouse_owner;
COMMENT ON FUNCTION gatehouse.confirm_account_deletion(text) IS 'uses up a token of request_account_deletion and gives when the account will be erased: after gatehouse.deletion_grace, or when it was to be already. Until then the account works, and cancel_account_deletion cancels. Null for any other token; 22023 for the last live superuser, whose token stays';
REVOKE ALL ON FUNCTION gatehouse.confirm_account_deletion(text) FROM PUBLIC;
GRANT EXECUTE ON FUNCTION gatehouse.confirm_account_deletion(text) TO gatehouse_app;

CREATE FUNCTION gatehouse.cancel_account_deletion(user_id uuid)
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
ALTER FUNCTION gatehouse.cancel_account_deletion(uuid) OWNER TO gatehouse_owner;
COMMENT ON FUNCTION gatehouse.cancel_account_deletion(uuid) IS 'ends the scheduled erasure of an account, and outstanding tokens by which one could be confirmed; possible as long as the account is there. False where there was neither';
REVOKE ALL ON FUNCTION gatehouse.cancel_account_deletion(uuid) FROM PUBLIC;
GRANT EXECUTE ON FUNCTION gatehouse.cancel_account_deletion(uuid) TO gatehouse_app;

CREATE FUNCTION gatehouse.account_deletion_status(user_id uuid, OUT status text, OUT requested_at timestamp with time zone, OUT token_expires_at timestamp with time zone, OUT scheduled_for timestamp with time zone)
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
ALTER FUNCTION gatehouse.account_deletion_status(uuid) OWNER TO gatehouse_owner;
COMMENT ON FUNCTION gatehouse.account_deletion_status(uuid) IS 'how far the erasure of an account is: status none, requested (a token can be confirmed: when the latest was asked for, and until when it can), scheduled (and for when). No row where no account has the id';
REVOKE ALL ON FUNCTION gatehouse.account_deletion_status(uuid) FROM PUBLIC;
GRANT EXECUTE ON FUNCTION gatehouse.account_deletion_status(uuid) TO gatehouse_app;

CREATE VIEW gatehouse.deletion_reminders_due WITH (security_barrier=true) AS
 SELECT u.id AS user_id,
    u.email,
    u.username,
    d.days_before,
    u.deletion_scheduled_for AS scheduled_for
   FROM gatehouse.users u,
    LATERAL ( SELECT min(v.days_before) AS days_before
           FROM ( VALUES (3), (1)) v(days_before)
          WHERE ((u.deletion_scheduled_for - make_interval(hours => (24 * v.days_before))) <= clock_timestamp())) d
  WHERE ((u.deletion_scheduled_for > clock_timestamp()) AND (u.deleted_at IS NULL) AND (d.days_before IS NOT NULL) AND (NOT (EXISTS ( SELECT
           FROM gatehouse.deletion_reminders r
          WHERE ((r.user_id = u.id) AND (r.scheduled_for = u.deletion_scheduled_for) AND (r.days_before <= d.days_before))))));
ALTER VIEW gatehouse.deletion_reminders_due OWNER TO gatehouse_owner;
COMMENT ON VIEW gatehouse.deletion_reminders_due IS 'who is to be reminded now of the erasure of his account, 3 days and 1 day before: one row an account, gone once mark_deletion_reminder_sent was called for it';
GRANT SELECT ON gatehouse.deletion_reminders_due TO gatehouse_admin;

CREATE FUNCTION gatehouse.mark_deletion_reminder_sent(user_id uuid, days_before integer)
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
  RETURN FOUND;
END
$function$;
ALTER FUNCTION gatehouse.mark_deletion_reminder_sent(uuid,integer) OWNER TO gatehouse_owner;
COMMENT ON FUNCTION gatehouse.mark_deletion_reminder_sent(uuid,integer) IS 'notes that an account was reminded of its erasure, 3 days or 1 day before: true for one caller, who is to send it; false where this reminder or a later one was noted already, or no erasure is scheduled';
REVOKE ALL ON FUNCTION gatehouse.mark_deletion_reminder_sent(uuid,integer) FROM PUBLIC;
GRANT EXECUTE ON FUNCTION gatehouse.mark_deletion_reminder_sent(uuid,integer) TO gatehouse_admin;

CREATE FUNCTION gatehouse.purge_due_accounts(max_rows integer, time_limit interval)
 RETURNS bigint
 LANGUAGE plpgsql
 SET search_path TO 'pg_catalog', 'pg_temp'
AS $function$
DECLARE
  judged_at CONSTANT timestamptz := clock_timestamp();
  due_id uuid;
  erased bigint := bigint '0';
BEGIN
  PERFORM gatehouse.wait_for_superusers(ARRAY(
    SELECT u.id FROM gatehouse.users u WHERE u.deletion_scheduled_for <= judged_at AND u.is_superuser));
  FOR due_id IN
    SELECT u.id FROM gatehouse.users u
     WHERE u.deletion_scheduled_for <= judged_at
     ORDER BY u.deletion_scheduled_for, u.id
       FOR UPDATE SKIP LOCKED
  LOOP
    BEGIN
      PERFORM gatehouse.guard_last_superuser(ARRAY[due_id]);
      PERFORM gatehouse.erase_account(due_id);
      erased := erased + 1;
    EXCEPTION WHEN OTHERS THEN
      -- What is no matter of this account: transaction rollback, resources, the operator, the system, internal errors.
      IF left(SQLSTATE, 2) IN ('40', '53', '57', '58', 'XX') THEN
        RAISE;
      END IF;
      RAISE NOTICE 'account % was not erased: %', due_id, SQLERRM;
    END;
    EXIT WHEN erased >= max_rows OR clock_timestamp() >= judged_at + time_limit;
  END LOOP;
  RETURN erased;
END
$function$;
ALTER FUNCTION gatehouse.purge_due_accounts(integer,interval) OWNER TO gatehouse_owner;
COMMENT ON FUNCTION gatehouse.purge_due_accounts(integer,interval) IS 'internal: purge_deleted_users, which begins with no further account after this time; null is no limit';
REVOKE ALL ON FUNCTION gatehouse.purge_due_accounts(integer,interval) FROM PUBLIC;

CREATE FUNCTION gatehouse.purge_deleted_users(max_rows integer DEFAULT 1000)
 RETURNS bigint
 LANGUAGE plpgsql
 SECURITY DEFINER
 SET search_path TO 'pg_catalog', 'pg_temp'
AS $function$
BEGIN
  IF max_rows IS NULL OR max_rows NOT BETWEEN 1 AND 10000 THEN
    RAISE EXCEPTION 'max_rows must be between 1 and 10000' USING ERRCODE = '22023';
  END IF;
  IF current_setting('transaction_read_only')::boolean THEN
    RAISE EXCEPTION 'cannot purge accounts within a read-only transaction' USING ERRCODE = '25006';
  END IF;
  RETURN gatehouse.purge_due_accounts(max_rows, NULL);
END
$function$;
ALTER FUNCTION gatehouse.purge_deleted_users(integer) OWNER TO gatehouse_owner;
COMMENT ON FUNCTION gatehouse.purge_deleted_users(integer) IS 'erases accounts whose confirmed erasure is due, the earliest first, at most max_rows (1 to 10000), and gives their number; safe beside itself. An account that a table of the application holds back stays and is told by a NOTICE with table and constraint, as is the last live superuser';
REVOKE ALL ON FUNCTION gatehouse.purge_deleted_users(integer) FROM PUBLIC;
GRANT EXECUTE ON FUNCTION gatehouse.purge_deleted_users(integer) TO gatehouse_admin;

CREATE FUNCTION gatehouse.export_user_data(id uuid)
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
                                                  'deactivated_at', k.deactivated_at)
                          FROM gatehouse.api_keys k WHERE k.user_id = u.id ORDER BY k.created_at, k.id),
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
ALTER FUNCTION gatehouse.export_user_data(uuid) OWNER TO gatehouse_owner;
COMMENT ON FUNCTION gatehouse.export_user_data(uuid) IS 'all that is held on a person, without secrets: account, profile, password (when it was changed), oauth_identities, api_keys, sessions, known_addresses, failed_logins, one_time_tokens, deletion_reminders, events. Null where no account has the id; of a deleted account for administrators only';
REVOKE ALL ON FUNCTION gatehouse.export_user_data(uuid) FROM PUBLIC;
GRANT EXECUTE ON FUNCTION gatehouse.export_user_data(uuid) TO gatehouse_app;

CREATE OR REPLACE FUNCTION gatehouse.run_maintenance(OUT task text, OUT affected bigint)
 RETURNS SETOF record
 LANGUAGE plpgsql
 SECURITY DEFINER ROWS 5
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
  task := 'one_time_tokens_removed';
  affected := gatehouse.remove_expired_tokens();
  RETURN NEXT;
  task := 'accounts_purged';
  -- The worker has 10 seconds for all.
  affected := gatehouse.purge_due_accounts(100, interval '3 seconds');
  RETURN NEXT;
END
$function$;
COMMENT ON FUNCTION gatehouse.run_maintenance() IS 'does all periodic work of this database once, as the background worker does it, and gives what it came to: security events written to the log, counts of failed logins stored, and forgotten, expired one-time tokens removed, accounts erased whose date has come';

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
