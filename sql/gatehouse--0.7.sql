-- gatehouse: the install script of one SQL version, assembled from sql/<domain>/ by `make sql`.
\echo Use "CREATE EXTENSION gatehouse" to load this file. \quit

-- foundation/requirements.sql

DO $$
BEGIN
  IF pg_catalog.getdatabaseencoding() OPERATOR(pg_catalog.<>) 'UTF8' THEN
    RAISE EXCEPTION 'gatehouse needs a database with encoding UTF8'
      USING ERRCODE = '55000', HINT = 'Create the database with ENCODING ''UTF8''.';
  END IF;
END
$$;

-- foundation/roles.sql

-- Roles belong to the whole cluster: another database may have made them already.

DO $$
DECLARE
  granted_role text;
BEGIN
  IF NOT EXISTS (SELECT FROM pg_catalog.pg_roles WHERE rolname OPERATOR(pg_catalog.=) 'gatehouse_owner') THEN
    CREATE ROLE gatehouse_owner NOLOGIN NOINHERIT;
    COMMENT ON ROLE gatehouse_owner IS 'owns what gatehouse stores; nobody is a member of it';
  ELSIF EXISTS (
    SELECT FROM pg_catalog.pg_roles r
     WHERE r.rolname OPERATOR(pg_catalog.=) 'gatehouse_owner'
       AND (r.rolcanlogin OR r.rolsuper OR r.rolcreaterole OR r.rolcreatedb OR r.rolreplication OR r.rolbypassrls
            OR EXISTS (SELECT FROM pg_catalog.pg_auth_members m
                        WHERE m.roleid OPERATOR(pg_catalog.=) r.oid OR m.member OPERATOR(pg_catalog.=) r.oid))
  ) THEN
    RAISE EXCEPTION 'role "gatehouse_owner" exists and is not what gatehouse needs'
      USING ERRCODE = '55000',
            DETAIL = 'It must not log in, have no powers, no members and no memberships.';
  END IF;

  -- What default privileges give to others is taken back at the end. What they give to these roles could not be told from
  -- what they are granted here.
  IF EXISTS (
    SELECT FROM pg_catalog.pg_default_acl d, pg_catalog.aclexplode(d.defaclacl) a
     WHERE d.defaclrole OPERATOR(pg_catalog.=) current_user::regrole
       AND pg_catalog.pg_get_userbyid(a.grantee) OPERATOR(pg_catalog.=) ANY
             (ARRAY['gatehouse_owner', 'gatehouse_app', 'gatehouse_admin', 'gatehouse_auditor']::name[])
  ) THEN
    RAISE EXCEPTION 'default privileges of role "%" name a role of gatehouse', current_user
      USING ERRCODE = '55000', HINT = 'Take them back with ALTER DEFAULT PRIVILEGES ... REVOKE.';
  END IF;

  FOREACH granted_role IN ARRAY ARRAY['gatehouse_app', 'gatehouse_admin', 'gatehouse_auditor'] LOOP
    IF NOT EXISTS (SELECT FROM pg_catalog.pg_roles WHERE rolname OPERATOR(pg_catalog.=) granted_role::name) THEN
      EXECUTE pg_catalog.format('CREATE ROLE %I NOLOGIN', granted_role);
    END IF;
  END LOOP;
  COMMENT ON ROLE gatehouse_app IS 'granted to the login role of an application';
  COMMENT ON ROLE gatehouse_admin IS 'administers gatehouse; includes gatehouse_app';
  COMMENT ON ROLE gatehouse_auditor IS 'reads the audit logs of gatehouse';

  IF NOT pg_catalog.pg_has_role('gatehouse_admin', 'gatehouse_app', 'USAGE') THEN
    GRANT gatehouse_app TO gatehouse_admin;
  END IF;
END
$$;

-- foundation/schema.sql

CREATE SCHEMA gatehouse AUTHORIZATION gatehouse_owner;
COMMENT ON SCHEMA gatehouse IS 'identity inside PostgreSQL: accounts, passwords, API keys, sessions and an audit log';
GRANT USAGE ON SCHEMA gatehouse TO gatehouse_app, gatehouse_auditor;

-- operation/functions.sql

CREATE FUNCTION gatehouse.version() RETURNS text
LANGUAGE sql IMMUTABLE PARALLEL SAFE
RETURN '0.7';
COMMENT ON FUNCTION gatehouse.version() IS 'the version of the SQL objects, MAJOR.MINOR';
REVOKE ALL ON FUNCTION gatehouse.version() FROM PUBLIC;
GRANT EXECUTE ON FUNCTION gatehouse.version() TO gatehouse_app, gatehouse_auditor, gatehouse_owner;

CREATE FUNCTION gatehouse.library_version() RETURNS text
AS 'MODULE_PATHNAME', 'gatehouse_operation_library_version'
LANGUAGE c IMMUTABLE PARALLEL SAFE;
COMMENT ON FUNCTION gatehouse.library_version() IS 'the version of the loaded library, MAJOR.MINOR.PATCH';
REVOKE ALL ON FUNCTION gatehouse.library_version() FROM PUBLIC;
GRANT EXECUTE ON FUNCTION gatehouse.library_version() TO gatehouse_app, gatehouse_auditor, gatehouse_owner;

CREATE FUNCTION gatehouse.setting(name text) RETURNS text
AS 'MODULE_PATHNAME', 'gatehouse_operation_setting'
LANGUAGE c STABLE STRICT PARALLEL SAFE;
COMMENT ON FUNCTION gatehouse.setting(text) IS
  'internal: the present value of gatehouse.<name> with its unit; loads the library, which defines the settings';
REVOKE ALL ON FUNCTION gatehouse.setting(text) FROM PUBLIC;
GRANT EXECUTE ON FUNCTION gatehouse.setting(text) TO gatehouse_owner;

CREATE FUNCTION gatehouse.caller_is_administrator() RETURNS boolean
AS 'MODULE_PATHNAME', 'gatehouse_operation_caller_is_administrator'
LANGUAGE c STABLE PARALLEL RESTRICTED;
COMMENT ON FUNCTION gatehouse.caller_is_administrator() IS
  'internal: whether the outer user (SET ROLE counts, SECURITY DEFINER does not) has the rights of gatehouse_admin';
REVOKE ALL ON FUNCTION gatehouse.caller_is_administrator() FROM PUBLIC;
GRANT EXECUTE ON FUNCTION gatehouse.caller_is_administrator() TO gatehouse_owner;

CREATE FUNCTION gatehouse.calling_role() RETURNS oid
AS 'MODULE_PATHNAME', 'gatehouse_operation_calling_role'
LANGUAGE c STABLE PARALLEL RESTRICTED;
COMMENT ON FUNCTION gatehouse.calling_role() IS
  'internal: the outer user (SET ROLE counts, SECURITY DEFINER does not); in ANALYZE, REFRESH and the like the table''s owner';
REVOKE ALL ON FUNCTION gatehouse.calling_role() FROM PUBLIC;
GRANT EXECUTE ON FUNCTION gatehouse.calling_role() TO gatehouse_owner;

-- primitives/functions.sql

CREATE FUNCTION gatehouse.hash_password(password text) RETURNS text
AS 'MODULE_PATHNAME', 'gatehouse_crypto_hash_password'
LANGUAGE c VOLATILE PARALLEL SAFE COST 1000000;
COMMENT ON FUNCTION gatehouse.hash_password(text) IS
  'Argon2id (RFC 9106) as a PHC string, its cost from gatehouse.argon2_memory and gatehouse.argon2_iterations; '
  'the password is normalised to NFC and has 1 to 1024 bytes, else 22023';
REVOKE ALL ON FUNCTION gatehouse.hash_password(text) FROM PUBLIC;
GRANT EXECUTE ON FUNCTION gatehouse.hash_password(text) TO gatehouse_app, gatehouse_owner;

CREATE FUNCTION gatehouse.verify_password(password text, hash text) RETURNS boolean
AS 'MODULE_PATHNAME', 'gatehouse_crypto_verify_password'
LANGUAGE c STABLE PARALLEL SAFE COST 1000000;
COMMENT ON FUNCTION gatehouse.verify_password(text, text) IS
  'whether the password has this hash: Argon2id, bcrypt ($2a$ $2b$ $2y$), yescrypt, SHA-crypt or PBKDF2-SHA256 in '
  'Django''s form; a malformed hash or another kind is 22P02, a hash above the ceilings 22023, both before any work';
REVOKE ALL ON FUNCTION gatehouse.verify_password(text, text) FROM PUBLIC;
GRANT EXECUTE ON FUNCTION gatehouse.verify_password(text, text) TO gatehouse_app;

CREATE FUNCTION gatehouse.needs_rehash(hash text) RETURNS boolean
AS 'MODULE_PATHNAME', 'gatehouse_crypto_needs_rehash'
LANGUAGE c STABLE PARALLEL SAFE;
COMMENT ON FUNCTION gatehouse.needs_rehash(text) IS
  'whether the hash is weaker than the settings or of another kind than Argon2id; malformed or unknown is 22P02';
REVOKE ALL ON FUNCTION gatehouse.needs_rehash(text) FROM PUBLIC;
GRANT EXECUTE ON FUNCTION gatehouse.needs_rehash(text) TO gatehouse_app, gatehouse_owner;

CREATE FUNCTION gatehouse.generate_token(bytes integer DEFAULT 32) RETURNS text
AS 'MODULE_PATHNAME', 'gatehouse_crypto_generate_token'
LANGUAGE c VOLATILE PARALLEL SAFE;
COMMENT ON FUNCTION gatehouse.generate_token(integer) IS
  'random bytes, 16 to 64 of them, as base64url (RFC 4648) without padding; 32 bytes are 43 characters';
REVOKE ALL ON FUNCTION gatehouse.generate_token(integer) FROM PUBLIC;
GRANT EXECUTE ON FUNCTION gatehouse.generate_token(integer) TO gatehouse_app;

CREATE FUNCTION gatehouse.token_digest(token text) RETURNS bytea
AS 'MODULE_PATHNAME', 'gatehouse_crypto_token_digest'
LANGUAGE c STABLE PARALLEL SAFE;
COMMENT ON FUNCTION gatehouse.token_digest(text) IS
  'BLAKE2b-256 (RFC 7693) of the token, keyed from the current key where a key ring is configured';
REVOKE ALL ON FUNCTION gatehouse.token_digest(text) FROM PUBLIC;
GRANT EXECUTE ON FUNCTION gatehouse.token_digest(text) TO gatehouse_app;

CREATE FUNCTION gatehouse.uuid_v7() RETURNS uuid
AS 'MODULE_PATHNAME', 'gatehouse_crypto_uuid_v7'
LANGUAGE c VOLATILE PARALLEL SAFE;
COMMENT ON FUNCTION gatehouse.uuid_v7() IS
  'a UUID of version 7 (RFC 9562), greater than every one before in the same database session';
REVOKE ALL ON FUNCTION gatehouse.uuid_v7() FROM PUBLIC;
GRANT EXECUTE ON FUNCTION gatehouse.uuid_v7() TO gatehouse_app, gatehouse_owner;

-- accounts/tables.sql

-- No digest and no hash stands in users: PostgreSQL prints a row that breaks a constraint. The library reads this table directly:
-- the order of its columns is that of src/identity/sign_in_pg.cpp.
CREATE TABLE gatehouse.users (
  id uuid NOT NULL CONSTRAINT users_pkey PRIMARY KEY,
  email text NOT NULL,
  email_normal text COLLATE "C" NOT NULL,
  username text NOT NULL,
  username_normal text COLLATE "C" NOT NULL,
  is_superuser boolean NOT NULL,
  is_verified boolean NOT NULL,
  is_active boolean NOT NULL,
  profile jsonb NOT NULL,
  created_at timestamptz NOT NULL,
  updated_at timestamptz NOT NULL,
  last_login_at timestamptz,
  deleted_at timestamptz,
  deletion_scheduled_for timestamptz,
  deleted_by uuid,
  deletion_reason text,
  stopped_until timestamptz,
  stop_reason text
) WITH (fillfactor = 90);
ALTER TABLE gatehouse.users OWNER TO gatehouse_owner;
COMMENT ON TABLE gatehouse.users IS 'accounts; read and written by functions only';
COMMENT ON COLUMN gatehouse.users.email_normal IS 'the address in NFC and lower case, by which accounts are told apart';
COMMENT ON COLUMN gatehouse.users.username_normal IS 'the name in lower case, by which accounts are told apart';
COMMENT ON COLUMN gatehouse.users.is_superuser IS 'the application''s own notion; grants nothing in the database';
COMMENT ON COLUMN gatehouse.users.is_active IS 'false of a stopped account; it counts as active again from stopped_until on';
COMMENT ON COLUMN gatehouse.users.deletion_scheduled_for IS 'when a confirmed erasure is due; until then the account works';
COMMENT ON COLUMN gatehouse.users.deleted_by IS 'the account that deleted this one, as the application said; it may be gone';
COMMENT ON COLUMN gatehouse.users.stopped_until IS 'the end of the stop; null where it has none, or the account is not stopped';

CREATE UNIQUE INDEX users_email_live ON gatehouse.users (email_normal) WHERE deleted_at IS NULL;
COMMENT ON INDEX gatehouse.users_email_live IS 'one live account an e-mail address';
CREATE UNIQUE INDEX users_username_live ON gatehouse.users (username_normal) WHERE deleted_at IS NULL;
COMMENT ON INDEX gatehouse.users_username_live IS 'one live account a username';
CREATE INDEX users_created_at ON gatehouse.users (created_at, id);
COMMENT ON INDEX gatehouse.users_created_at IS 'pages of accounts, in the order in which they were made';
CREATE INDEX users_superusers ON gatehouse.users (id) WHERE is_superuser AND deleted_at IS NULL;
COMMENT ON INDEX gatehouse.users_superusers IS 'the superusers, which are few';
CREATE INDEX users_stopped ON gatehouse.users (created_at, id) WHERE NOT is_active AND deleted_at IS NULL;
COMMENT ON INDEX gatehouse.users_stopped IS 'pages of stopped accounts';
CREATE INDEX users_deleted ON gatehouse.users (created_at, id) WHERE deleted_at IS NOT NULL;
COMMENT ON INDEX gatehouse.users_deleted IS 'pages of deleted accounts';
CREATE INDEX users_deletion_scheduled_for ON gatehouse.users (deletion_scheduled_for, id)
  WHERE deletion_scheduled_for IS NOT NULL;
COMMENT ON INDEX gatehouse.users_deletion_scheduled_for IS 'the erasures that are scheduled, the next one first';

CREATE TABLE gatehouse.password_credentials (
  user_id uuid NOT NULL
    CONSTRAINT password_credentials_pkey PRIMARY KEY
    CONSTRAINT password_credentials_user_id_fkey REFERENCES gatehouse.users ON DELETE CASCADE,
  password_hash text NOT NULL,
  changed_at timestamptz NOT NULL
);
ALTER TABLE gatehouse.password_credentials OWNER TO gatehouse_owner;
COMMENT ON TABLE gatehouse.password_credentials IS
  'password hashes, apart from the account, so that no error about an account can show one';

CREATE TABLE gatehouse.oauth_identities (
  provider text NOT NULL,
  subject text NOT NULL,
  user_id uuid NOT NULL CONSTRAINT oauth_identities_user_id_fkey REFERENCES gatehouse.users ON DELETE CASCADE,
  linked_at timestamptz NOT NULL,
  email text,
  owner_is_deleted boolean NOT NULL DEFAULT false,
  CONSTRAINT oauth_identities_pkey PRIMARY KEY (user_id, provider, subject)
);
ALTER TABLE gatehouse.oauth_identities OWNER TO gatehouse_owner;
COMMENT ON TABLE gatehouse.oauth_identities IS 'identities at OAuth providers that open an account';
COMMENT ON COLUMN gatehouse.oauth_identities.email IS 'the address that the provider told';
COMMENT ON COLUMN gatehouse.oauth_identities.owner_is_deleted IS 'kept by whatever deletes or restores the account: what opened a deleted one may open a new one';
CREATE UNIQUE INDEX oauth_identities_live ON gatehouse.oauth_identities (provider, subject) WHERE NOT owner_is_deleted;
COMMENT ON INDEX gatehouse.oauth_identities_live IS 'an identity opens one account';

-- A token has the form of a refresh token (src/sessions/refresh_token.h), and of it, too, only digests are stored.
CREATE TABLE gatehouse.one_time_tokens (
  locator_digest bytea NOT NULL CONSTRAINT one_time_tokens_pkey PRIMARY KEY,
  token_digest bytea NOT NULL,
  ring_key_id integer NOT NULL,
  user_id uuid CONSTRAINT one_time_tokens_user_id_fkey REFERENCES gatehouse.users ON DELETE CASCADE,
  subject bytea NOT NULL,
  purpose text COLLATE "C" NOT NULL,
  email text NOT NULL,
  created_at timestamptz NOT NULL,
  expires_at timestamptz NOT NULL
);
ALTER TABLE gatehouse.one_time_tokens OWNER TO gatehouse_owner;
COMMENT ON TABLE gatehouse.one_time_tokens IS 'tokens that were sent out and not used yet; of the tokens only digests';
COMMENT ON COLUMN gatehouse.one_time_tokens.locator_digest IS 'digest of the part by which the row is found';
COMMENT ON COLUMN gatehouse.one_time_tokens.ring_key_id IS 'the key of the key ring that the token''s digest was made under; 0 is none';
COMMENT ON COLUMN gatehouse.one_time_tokens.user_id IS
  'null where an unknown address was asked for: that costs what a known one does, and opens nothing';
COMMENT ON COLUMN gatehouse.one_time_tokens.subject IS 'throttle_subject() of the account, or of the address that no account has: whose requests count together';
COMMENT ON COLUMN gatehouse.one_time_tokens.purpose IS 'email_verification, email_change, password_reset, account_deletion';
COMMENT ON COLUMN gatehouse.one_time_tokens.email IS 'the address that the token was made for; it proves this one and no later one';
CREATE INDEX one_time_tokens_user_id ON gatehouse.one_time_tokens (user_id) WHERE user_id IS NOT NULL;
COMMENT ON INDEX gatehouse.one_time_tokens_user_id IS 'the outstanding tokens of an account';
CREATE INDEX one_time_tokens_subject ON gatehouse.one_time_tokens (subject, purpose);
COMMENT ON INDEX gatehouse.one_time_tokens_subject IS 'the requests that count together';
CREATE INDEX one_time_tokens_expires_at ON gatehouse.one_time_tokens (expires_at);
COMMENT ON INDEX gatehouse.one_time_tokens_expires_at IS 'what can be removed';

CREATE TABLE gatehouse.blocked_passwords (
  password_digest bytea NOT NULL CONSTRAINT blocked_passwords_pkey PRIMARY KEY
);
ALTER TABLE gatehouse.blocked_passwords OWNER TO gatehouse_owner;
COMMENT ON TABLE gatehouse.blocked_passwords IS 'passwords that nobody may choose, besides those that the library knows';
COMMENT ON COLUMN gatehouse.blocked_passwords.password_digest IS 'blocked_password_digest() of it, 16 bytes';

CREATE TABLE gatehouse.blocked_email_domains (
  domain text COLLATE "C" NOT NULL CONSTRAINT blocked_email_domains_pkey PRIMARY KEY
);
ALTER TABLE gatehouse.blocked_email_domains OWNER TO gatehouse_owner;
COMMENT ON TABLE gatehouse.blocked_email_domains IS 'domains, with what is below them, whose e-mail addresses no account may have';

CREATE TABLE gatehouse.deletion_reminders (
  user_id uuid NOT NULL CONSTRAINT deletion_reminders_user_id_fkey REFERENCES gatehouse.users ON DELETE CASCADE,
  scheduled_for timestamptz NOT NULL,
  days_before integer NOT NULL,
  sent_at timestamptz NOT NULL,
  CONSTRAINT deletion_reminders_pkey PRIMARY KEY (user_id, scheduled_for, days_before)
);
ALTER TABLE gatehouse.deletion_reminders OWNER TO gatehouse_owner;
COMMENT ON TABLE gatehouse.deletion_reminders IS 'reminders of scheduled erasures that were sent';

CREATE TABLE gatehouse.superuser_bootstrap (
  is_done boolean NOT NULL CONSTRAINT superuser_bootstrap_pkey PRIMARY KEY
    CONSTRAINT superuser_bootstrap_once CHECK (is_done),
  user_id uuid NOT NULL,
  done_at timestamptz NOT NULL
);
ALTER TABLE gatehouse.superuser_bootstrap OWNER TO gatehouse_owner;
COMMENT ON TABLE gatehouse.superuser_bootstrap IS 'that the first superuser was made by bootstrap_superuser: one row at the most';
COMMENT ON COLUMN gatehouse.superuser_bootstrap.user_id IS 'the account; it may be gone';

SELECT pg_catalog.pg_extension_config_dump('gatehouse.users', '');
SELECT pg_catalog.pg_extension_config_dump('gatehouse.password_credentials', '');
SELECT pg_catalog.pg_extension_config_dump('gatehouse.oauth_identities', '');
SELECT pg_catalog.pg_extension_config_dump('gatehouse.one_time_tokens', '');
SELECT pg_catalog.pg_extension_config_dump('gatehouse.blocked_passwords', '');
SELECT pg_catalog.pg_extension_config_dump('gatehouse.blocked_email_domains', '');
SELECT pg_catalog.pg_extension_config_dump('gatehouse.deletion_reminders', '');
SELECT pg_catalog.pg_extension_config_dump('gatehouse.superuser_bootstrap', '');

CREATE TYPE gatehouse.user_info AS (
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
  created_at timestamptz,
  updated_at timestamptz,
  last_login_at timestamptz,
  deletion_scheduled_for timestamptz
);
COMMENT ON TYPE gatehouse.user_info IS 'what account functions tell of an account; never a hash or a token';
REVOKE ALL ON TYPE gatehouse.user_info FROM PUBLIC;
GRANT USAGE ON TYPE gatehouse.user_info TO gatehouse_app;
GRANT USAGE ON TYPE gatehouse.user_info TO gatehouse_owner;

-- accounts/policy.sql

-- What an e-mail address, a username, a profile and a new password must be. A fault is the message that names the broken
-- rule, null where there is none; what raises it does so with 22023.
--
-- A body is parsed anew in each session, so that a backslash stands in E'' strings only (standard_conforming_strings may
-- be off), and arguments bring their collation along, so that what depends on one names it. Normalisation takes seconds
-- for megabytes and can't be interrupted: no address of 254 bytes has more than 1024 before it.

-- ASCII is in NFC as it is, and most addresses are.
CREATE FUNCTION gatehouse.trimmed_email(email text) RETURNS text
LANGUAGE sql IMMUTABLE PARALLEL SAFE
RETURN CASE WHEN octet_length(email) > 1024 THEN email
            WHEN octet_length(email) = length(email) THEN btrim(email, E' \t\r\n')
            ELSE normalize(btrim(email, E' \t\r\n'), NFC) END;
COMMENT ON FUNCTION gatehouse.trimmed_email(text) IS
  'internal: the form in which e-mail addresses are stored, trimmed and in NFC; a text too long for one is left as it is';
ALTER FUNCTION gatehouse.trimmed_email(text) OWNER TO gatehouse_owner;
REVOKE ALL ON FUNCTION gatehouse.trimmed_email(text) FROM PUBLIC;

-- The lower case of a sigma depends on its place, and that of a letter with a mark may be no longer in NFC: neither must make two
-- accounts of one address.
CREATE FUNCTION gatehouse.fold_email(email text) RETURNS text
LANGUAGE sql IMMUTABLE PARALLEL SAFE
RETURN CASE
  WHEN octet_length(email) > 1024 THEN NULL
  WHEN octet_length(email) = length(email) THEN lower(gatehouse.trimmed_email(email) COLLATE "C")
  ELSE normalize(translate(lower(gatehouse.trimmed_email(email) COLLATE pg_catalog."und-x-icu"), chr(962), chr(963)), NFC) COLLATE "C"
END;
COMMENT ON FUNCTION gatehouse.fold_email(text) IS
  'internal: the form in which e-mail addresses are compared; null where the text is too long for one';
ALTER FUNCTION gatehouse.fold_email(text) OWNER TO gatehouse_owner;
REVOKE ALL ON FUNCTION gatehouse.fold_email(text) FROM PUBLIC;

-- RFC 5321, section 4.5.3.1: 64 octets before the @, 254 in all (RFC 3696, erratum 1690).
CREATE FUNCTION gatehouse.address_fault(address text) RETURNS text
LANGUAGE sql IMMUTABLE PARALLEL SAFE
RETURN CASE
  WHEN address IS NULL THEN 'argument "email" must not be null'
  WHEN octet_length(address) > 254 THEN 'e-mail address must have at most 254 bytes'
  WHEN octet_length(split_part(address COLLATE "C", '@', 1)) > 64 THEN 'e-mail address must have at most 64 bytes before the @'
  WHEN address COLLATE pg_catalog."und-x-icu" !~ E'^[^][:space:][:cntrl:]@"(),:;<>[\\\\.]+([.][^][:space:][:cntrl:]@"(),:;<>[\\\\.]+)*@[[:alnum:]]([[:alnum:]-]*[[:alnum:]])?([.][[:alnum:]]([[:alnum:]-]*[[:alnum:]])?)+$'
  THEN 'e-mail address must have the form name@example.com'
END;
COMMENT ON FUNCTION gatehouse.address_fault(text) IS
  'internal: why this is no address as it is stored (RFC 5321 dot-string at a domain of two labels or more); null where it is one';
ALTER FUNCTION gatehouse.address_fault(text) OWNER TO gatehouse_owner;
REVOKE ALL ON FUNCTION gatehouse.address_fault(text) FROM PUBLIC;

CREATE FUNCTION gatehouse.email_fault(email text) RETURNS text
LANGUAGE sql IMMUTABLE PARALLEL SAFE
RETURN gatehouse.address_fault(gatehouse.trimmed_email(email));
COMMENT ON FUNCTION gatehouse.email_fault(text) IS
  'internal: why checked_email refuses this; null where it does not';
ALTER FUNCTION gatehouse.email_fault(text) OWNER TO gatehouse_owner;
REVOKE ALL ON FUNCTION gatehouse.email_fault(text) FROM PUBLIC;

CREATE FUNCTION gatehouse.checked_email(email text) RETURNS text
LANGUAGE plpgsql IMMUTABLE PARALLEL SAFE
SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
  fault CONSTANT text := gatehouse.email_fault(email);
BEGIN
  IF fault IS NOT NULL THEN
    RAISE EXCEPTION '%', fault USING ERRCODE = '22023';
  END IF;
  RETURN gatehouse.trimmed_email(email);
END
$$;
COMMENT ON FUNCTION gatehouse.checked_email(text) IS
  'internal: the address trimmed and in NFC; 22023 where it is no address (RFC 5321 dot-string at a domain of two labels or more)';
ALTER FUNCTION gatehouse.checked_email(text) OWNER TO gatehouse_owner;
REVOKE ALL ON FUNCTION gatehouse.checked_email(text) FROM PUBLIC;

CREATE FUNCTION gatehouse.username_fault(username text) RETURNS text
LANGUAGE sql IMMUTABLE PARALLEL SAFE
RETURN CASE
  WHEN username IS NULL THEN 'argument "username" must not be null'
  WHEN length(username) NOT BETWEEN 3 AND 30 THEN 'username must have 3 to 30 characters'
  WHEN username COLLATE "C" !~ '^[A-Za-z0-9_-]+$'
  THEN 'username must consist of the letters A to Z, digits, "_" and "-"'
  WHEN username COLLATE "C" ~ '^[_-]|[_-]$|[_-][_-]'
  THEN 'username must not begin or end with "_" or "-" nor have two of them in a row'
END;
COMMENT ON FUNCTION gatehouse.username_fault(text) IS
  'internal: why checked_username refuses this; null where it does not';
ALTER FUNCTION gatehouse.username_fault(text) OWNER TO gatehouse_owner;
REVOKE ALL ON FUNCTION gatehouse.username_fault(text) FROM PUBLIC;

CREATE FUNCTION gatehouse.checked_username(username text) RETURNS text
LANGUAGE plpgsql IMMUTABLE PARALLEL SAFE
SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
  fault CONSTANT text := gatehouse.username_fault(username);
BEGIN
  IF fault IS NOT NULL THEN
    RAISE EXCEPTION '%', fault USING ERRCODE = '22023';
  END IF;
  RETURN username;
END
$$;
COMMENT ON FUNCTION gatehouse.checked_username(text) IS
  'internal: the username; 22023 unless it has 3 to 30 ASCII letters, digits, single "_" and "-" within';
ALTER FUNCTION gatehouse.checked_username(text) OWNER TO gatehouse_owner;
REVOKE ALL ON FUNCTION gatehouse.checked_username(text) FROM PUBLIC;

CREATE FUNCTION gatehouse.profile_fault(profile jsonb) RETURNS text
LANGUAGE sql IMMUTABLE PARALLEL SAFE
RETURN CASE
  WHEN profile IS NULL OR jsonb_typeof(profile) COLLATE "C" <> 'object' THEN 'profile must be a JSON object'
  WHEN octet_length(profile::text) > 65536 THEN 'profile must have at most 65536 bytes'
END;
COMMENT ON FUNCTION gatehouse.profile_fault(jsonb) IS
  'internal: why checked_profile refuses this; null where it does not';
ALTER FUNCTION gatehouse.profile_fault(jsonb) OWNER TO gatehouse_owner;
REVOKE ALL ON FUNCTION gatehouse.profile_fault(jsonb) FROM PUBLIC;

CREATE FUNCTION gatehouse.checked_profile(profile jsonb) RETURNS jsonb
LANGUAGE plpgsql IMMUTABLE PARALLEL SAFE
SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
  fault CONSTANT text := gatehouse.profile_fault(profile);
BEGIN
  IF fault IS NOT NULL THEN
    RAISE EXCEPTION '%', fault USING ERRCODE = '22023';
  END IF;
  RETURN profile;
END
$$;
COMMENT ON FUNCTION gatehouse.checked_profile(jsonb) IS
  'internal: the profile; 22023 unless it is an object of at most 65536 bytes as text';
ALTER FUNCTION gatehouse.checked_profile(jsonb) OWNER TO gatehouse_owner;
REVOKE ALL ON FUNCTION gatehouse.checked_profile(jsonb) FROM PUBLIC;

-- For tables of applications. PostgreSQL asks for the right to execute what a CHECK calls from whoever writes a value of the
-- domain, so that each is one function, a definer. Unlike insert_user a domain can't put a value into its stored form.
CREATE FUNCTION gatehouse.is_email_address(address text) RETURNS boolean
LANGUAGE plpgsql IMMUTABLE STRICT PARALLEL SAFE SECURITY DEFINER
SET search_path = pg_catalog, pg_temp
AS $$
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
$$;
COMMENT ON FUNCTION gatehouse.is_email_address(text) IS
  'the CHECK of the domain gatehouse.email_address: true, or 22023 with the rule that is broken; whoever writes into a column of '
  'the domain needs EXECUTE';
ALTER FUNCTION gatehouse.is_email_address(text) OWNER TO gatehouse_owner;
REVOKE ALL ON FUNCTION gatehouse.is_email_address(text) FROM PUBLIC;
GRANT EXECUTE ON FUNCTION gatehouse.is_email_address(text) TO gatehouse_app;

CREATE FUNCTION gatehouse.is_username(username text) RETURNS boolean
LANGUAGE plpgsql IMMUTABLE STRICT PARALLEL SAFE SECURITY DEFINER
SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
  fault CONSTANT text := gatehouse.username_fault(username);
BEGIN
  IF fault IS NOT NULL THEN
    RAISE EXCEPTION '%', fault USING ERRCODE = '22023';
  END IF;
  RETURN true;
END
$$;
COMMENT ON FUNCTION gatehouse.is_username(text) IS
  'the CHECK of the domain gatehouse.username: true, or 22023 with the rule that is broken; whoever writes into a column of the '
  'domain needs EXECUTE';
ALTER FUNCTION gatehouse.is_username(text) OWNER TO gatehouse_owner;
REVOKE ALL ON FUNCTION gatehouse.is_username(text) FROM PUBLIC;
GRANT EXECUTE ON FUNCTION gatehouse.is_username(text) TO gatehouse_app;

CREATE DOMAIN gatehouse.email_address AS text
  CONSTRAINT email_address_valid CHECK (gatehouse.is_email_address(VALUE));
COMMENT ON DOMAIN gatehouse.email_address IS
  'an e-mail address as accounts have them, trimmed and in NFC; another value is 22023';
REVOKE ALL ON TYPE gatehouse.email_address FROM PUBLIC;
GRANT USAGE ON TYPE gatehouse.email_address TO gatehouse_app;

CREATE DOMAIN gatehouse.username AS text
  CONSTRAINT username_valid CHECK (gatehouse.is_username(VALUE));
COMMENT ON DOMAIN gatehouse.username IS 'a username as accounts have them; another value is 22023';
REVOKE ALL ON TYPE gatehouse.username FROM PUBLIC;
GRANT USAGE ON TYPE gatehouse.username TO gatehouse_app;

CREATE FUNCTION gatehouse.check_new_password(password text, email text, username text) RETURNS void
AS 'MODULE_PATHNAME', 'gatehouse_accounts_check_account_password'
LANGUAGE c STABLE PARALLEL SAFE;
COMMENT ON FUNCTION gatehouse.check_new_password(text, text, text) IS
  'internal: 22023 where a new password breaks a rule that needs no table: its length in code points after NFC, its composition, '
  'the library''s block list, and what is left of it without the e-mail address, as trimmed_email gives it, and the username';
REVOKE ALL ON FUNCTION gatehouse.check_new_password(text, text, text) FROM PUBLIC;
GRANT EXECUTE ON FUNCTION gatehouse.check_new_password(text, text, text) TO gatehouse_owner;

CREATE FUNCTION gatehouse.password_fault(password text, email text, username text) RETURNS text
AS 'MODULE_PATHNAME', 'gatehouse_accounts_password_fault'
LANGUAGE c STABLE PARALLEL SAFE;
COMMENT ON FUNCTION gatehouse.password_fault(text, text, text) IS
  'internal: why check_new_password refuses this; null where it does not';
REVOKE ALL ON FUNCTION gatehouse.password_fault(text, text, text) FROM PUBLIC;
GRANT EXECUTE ON FUNCTION gatehouse.password_fault(text, text, text) TO gatehouse_owner;

CREATE FUNCTION gatehouse.blocked_password_digest(password text) RETURNS bytea
AS 'MODULE_PATHNAME', 'gatehouse_accounts_blocked_password_digest'
LANGUAGE c STABLE PARALLEL SAFE;
COMMENT ON FUNCTION gatehouse.blocked_password_digest(text) IS
  'internal: the 16 bytes (BLAKE2b) by which blocked passwords are compared, after NFC and in lower case; null where no policy '
  'allows the text as a password anyway';
REVOKE ALL ON FUNCTION gatehouse.blocked_password_digest(text) FROM PUBLIC;
GRANT EXECUTE ON FUNCTION gatehouse.blocked_password_digest(text) TO gatehouse_owner;

CREATE FUNCTION gatehouse.stored_hash_fault(hash text) RETURNS text
AS 'MODULE_PATHNAME', 'gatehouse_accounts_stored_hash_fault'
LANGUAGE c STABLE PARALLEL SAFE;
COMMENT ON FUNCTION gatehouse.stored_hash_fault(text) IS
  'internal: why verify_password refuses this hash, by its kind, its form or the ceilings; null where it does not';
REVOKE ALL ON FUNCTION gatehouse.stored_hash_fault(text) FROM PUBLIC;
GRANT EXECUTE ON FUNCTION gatehouse.stored_hash_fault(text) TO gatehouse_owner;

CREATE FUNCTION gatehouse.password_policy_fault(password text, email text, username text) RETURNS text
LANGUAGE plpgsql STABLE
SET search_path = pg_catalog, pg_temp
AS $$
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
$$;
COMMENT ON FUNCTION gatehouse.password_policy_fault(text, text, text) IS
  'internal: why check_password_policy refuses this; null where it does not';
ALTER FUNCTION gatehouse.password_policy_fault(text, text, text) OWNER TO gatehouse_owner;
REVOKE ALL ON FUNCTION gatehouse.password_policy_fault(text, text, text) FROM PUBLIC;

CREATE FUNCTION gatehouse.check_password_policy(password text, email text, username text) RETURNS void
LANGUAGE plpgsql STABLE
SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
  fault CONSTANT text := gatehouse.password_policy_fault(password, email, username);
BEGIN
  IF fault IS NOT NULL THEN
    RAISE EXCEPTION '%', fault USING ERRCODE = '22023';
  END IF;
END
$$;
COMMENT ON FUNCTION gatehouse.check_password_policy(text, text, text) IS
  'internal: 22023 where a new password of this account breaks the policy or stands in gatehouse.blocked_passwords';
ALTER FUNCTION gatehouse.check_password_policy(text, text, text) OWNER TO gatehouse_owner;
REVOKE ALL ON FUNCTION gatehouse.check_password_policy(text, text, text) FROM PUBLIC;

-- One call at a time: two that add the same passwords in different orders would wait for each other. Who reads does not wait.
CREATE FUNCTION gatehouse.load_blocked_passwords(passwords text[]) RETURNS bigint
LANGUAGE plpgsql VOLATILE SECURITY DEFINER
SET search_path = pg_catalog, pg_temp
AS $$
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
$$;
COMMENT ON FUNCTION gatehouse.load_blocked_passwords(text[]) IS
  'adds passwords, at most 100000 a call, to those that nobody may choose, and gives how many were new; compared after NFC and '
  'without case; what no policy allows anyway (fewer than 8 characters, more than 1024 bytes, unassigned code points) is left out; '
  'a null, or more of them, is 22023';
ALTER FUNCTION gatehouse.load_blocked_passwords(text[]) OWNER TO gatehouse_owner;
REVOKE ALL ON FUNCTION gatehouse.load_blocked_passwords(text[]) FROM PUBLIC;
GRANT EXECUTE ON FUNCTION gatehouse.load_blocked_passwords(text[]) TO gatehouse_admin;

CREATE FUNCTION gatehouse.email_domain_blocked(email text) RETURNS boolean
LANGUAGE plpgsql STABLE
SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
  labels CONSTANT text[] := string_to_array(split_part(gatehouse.fold_email(email) COLLATE "C", '@', -1), '.');
BEGIN
  RETURN EXISTS (SELECT FROM gatehouse.blocked_email_domains b
                  WHERE b.domain = ANY (ARRAY(SELECT array_to_string(labels[i:], '.') COLLATE "C"
                                                FROM generate_subscripts(labels, 1) AS i)));
END
$$;
COMMENT ON FUNCTION gatehouse.email_domain_blocked(text) IS
  'internal: whether the domain of the address, or one above it, stands in gatehouse.blocked_email_domains';
ALTER FUNCTION gatehouse.email_domain_blocked(text) OWNER TO gatehouse_owner;
REVOKE ALL ON FUNCTION gatehouse.email_domain_blocked(text) FROM PUBLIC;

CREATE FUNCTION gatehouse.check_email_domain(email text) RETURNS void
LANGUAGE plpgsql STABLE
SET search_path = pg_catalog, pg_temp
AS $$
BEGIN
  IF gatehouse.email_domain_blocked(email) THEN
    RAISE EXCEPTION 'e-mail addresses of this domain are not accepted' USING ERRCODE = '22023';
  END IF;
END
$$;
COMMENT ON FUNCTION gatehouse.check_email_domain(text) IS 'internal: 22023 where the domain of the address is blocked';
ALTER FUNCTION gatehouse.check_email_domain(text) OWNER TO gatehouse_owner;
REVOKE ALL ON FUNCTION gatehouse.check_email_domain(text) FROM PUBLIC;

-- One call at a time, as load_blocked_passwords.
CREATE FUNCTION gatehouse.load_blocked_email_domains(domains text[]) RETURNS bigint
LANGUAGE plpgsql VOLATILE SECURITY DEFINER
SET search_path = pg_catalog, pg_temp
AS $$
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
$$;
COMMENT ON FUNCTION gatehouse.load_blocked_email_domains(text[]) IS
  'adds domains, at most 100000 a call, whose e-mail addresses no new account may have, nor those of the domains below them, and '
  'gives how many were new; trimmed and compared in NFC without case, international ones as they are written; a null, a malformed '
  'one, or more of them is 22023';
ALTER FUNCTION gatehouse.load_blocked_email_domains(text[]) OWNER TO gatehouse_owner;
REVOKE ALL ON FUNCTION gatehouse.load_blocked_email_domains(text[]) FROM PUBLIC;
GRANT EXECUTE ON FUNCTION gatehouse.load_blocked_email_domains(text[]) TO gatehouse_admin;

-- The addresses of RFC 2142, and what reads like the application itself or its people.
CREATE FUNCTION gatehouse.username_reserved(username text) RETURNS boolean
LANGUAGE sql IMMUTABLE PARALLEL SAFE
RETURN coalesce(lower(translate(username, '_-', '') COLLATE "C") = ANY (ARRAY[
  'abuse', 'account', 'accounts', 'admin', 'administrator', 'administrators', 'admins', 'all', 'anonymous', 'api', 'billing',
  'contact', 'donotreply', 'everyone', 'gatehouse', 'help', 'helpdesk', 'hostmaster', 'info', 'login', 'logout', 'mail', 'mailerdaemon', 'me',
  'mod', 'moderator', 'moderators', 'nobody', 'none', 'noreply', 'null', 'official', 'owner', 'postgres',
  'postmaster', 'register', 'root', 'sales', 'security', 'self', 'service', 'settings', 'signin', 'signup', 'staff', 'superuser',
  'support', 'sysadmin', 'system', 'team', 'undefined', 'unknown', 'webmaster', 'www']), false);
COMMENT ON FUNCTION gatehouse.username_reserved(text) IS
  'internal: whether only an administrator gives an account this username, in whatever case and with whatever "_" and "-"';
ALTER FUNCTION gatehouse.username_reserved(text) OWNER TO gatehouse_owner;
REVOKE ALL ON FUNCTION gatehouse.username_reserved(text) FROM PUBLIC;

CREATE FUNCTION gatehouse.check_username_not_reserved(username text) RETURNS void
LANGUAGE plpgsql STABLE
SET search_path = pg_catalog, pg_temp
AS $$
BEGIN
  IF gatehouse.username_reserved(username) AND NOT gatehouse.caller_is_administrator() THEN
    RAISE EXCEPTION 'username is reserved' USING ERRCODE = '22023';
  END IF;
END
$$;
COMMENT ON FUNCTION gatehouse.check_username_not_reserved(text) IS
  'internal: 22023 where the username is reserved and the caller no administrator';
ALTER FUNCTION gatehouse.check_username_not_reserved(text) OWNER TO gatehouse_owner;
REVOKE ALL ON FUNCTION gatehouse.check_username_not_reserved(text) FROM PUBLIC;

-- accounts/throttle.sql

-- Failed logins: who is counted, what is stored of it, and what an administrator sees and undoes. The counts are in shared
-- memory, where no ROLLBACK reaches them; the table is what a restart leaves, and all there is without shared memory.

CREATE TABLE gatehouse.login_throttles (
  subject bytea NOT NULL CONSTRAINT login_throttles_pkey PRIMARY KEY,
  failures integer NOT NULL,
  counted_at timestamptz NOT NULL,
  locked_until timestamptz
);
ALTER TABLE gatehouse.login_throttles OWNER TO gatehouse_owner;
COMMENT ON TABLE gatehouse.login_throttles IS 'failed logins by account and by address, as last stored; forgotten after a day';
COMMENT ON COLUMN gatehouse.login_throttles.subject IS
  'a digest of 16 bytes of the account, of the address, of both where the account was logged in to from there before, or of a '
  'login that no account has';
COMMENT ON COLUMN gatehouse.login_throttles.failures IS 'of an account those in a row; of an address what is left of them';
COMMENT ON COLUMN gatehouse.login_throttles.counted_at IS 'when the last was counted';
COMMENT ON COLUMN gatehouse.login_throttles.locked_until IS 'until when logins are refused without a look at the password';
SELECT pg_extension_config_dump('gatehouse.login_throttles', '');

CREATE TABLE gatehouse.known_addresses (
  user_id uuid NOT NULL CONSTRAINT known_addresses_user_id_fkey REFERENCES gatehouse.users ON DELETE CASCADE,
  network cidr NOT NULL,
  last_login_at timestamptz NOT NULL,
  CONSTRAINT known_addresses_pkey PRIMARY KEY (user_id, network)
);
ALTER TABLE gatehouse.known_addresses OWNER TO gatehouse_owner;
COMMENT ON TABLE gatehouse.known_addresses IS
  'from where an account was logged in to: such an address has its own count of failures, so that nobody elsewhere can lock its owner out';
COMMENT ON COLUMN gatehouse.known_addresses.network IS 'an IPv4 address, or the /64 of an IPv6 address';
COMMENT ON COLUMN gatehouse.known_addresses.last_login_at IS 'the last login from there, to the day';
SELECT pg_extension_config_dump('gatehouse.known_addresses', '');

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

CREATE FUNCTION gatehouse.throttle_subject(kind text, value text) RETURNS bytea
AS 'MODULE_PATHNAME', 'gatehouse_accounts_throttle_subject'
LANGUAGE c IMMUTABLE STRICT PARALLEL SAFE;
COMMENT ON FUNCTION gatehouse.throttle_subject(text, text) IS
  'internal: whose failures are counted, BLAKE2b (RFC 7693) of 16 bytes over kind, a zero byte and value';
REVOKE ALL ON FUNCTION gatehouse.throttle_subject(text, text) FROM PUBLIC;
GRANT EXECUTE ON FUNCTION gatehouse.throttle_subject(text, text) TO gatehouse_owner;

CREATE FUNCTION gatehouse.login_digest(login text) RETURNS text
AS 'MODULE_PATHNAME', 'gatehouse_accounts_login_digest'
LANGUAGE c STABLE STRICT PARALLEL SAFE;
COMMENT ON FUNCTION gatehouse.login_digest(text) IS
  'internal: a keyed digest of an attempted login, by which the log tells one from another; under the key ring, else under a key that '
  'lives as long as the server, else null';
REVOKE ALL ON FUNCTION gatehouse.login_digest(text) FROM PUBLIC;
GRANT EXECUTE ON FUNCTION gatehouse.login_digest(text) TO gatehouse_owner;

CREATE FUNCTION gatehouse.attempt_login(password text, hash text, account gatehouse.login_throttles,
                                        address gatehouse.login_throttles, user_id uuid, login text, ip inet,
                                        user_agent text) RETURNS gatehouse.login_attempt
AS 'MODULE_PATHNAME', 'gatehouse_accounts_attempt_login'
LANGUAGE c VOLATILE COST 1000000;
COMMENT ON FUNCTION gatehouse.attempt_login(text, text, gatehouse.login_throttles, gatehouse.login_throttles, uuid, text, inet, text) IS
  'internal: counts the attempt, passes the gate and verifies, in the time of a hash at today''s cost; verdict match, mismatch, locked or '
  'busy. A failure, and once a minute a refusal by a lock, is reported before the statement can be cancelled';
REVOKE ALL ON FUNCTION gatehouse.attempt_login(text, text, gatehouse.login_throttles, gatehouse.login_throttles, uuid, text, inet, text)
  FROM PUBLIC;
GRANT EXECUTE ON FUNCTION gatehouse.attempt_login(text, text, gatehouse.login_throttles, gatehouse.login_throttles, uuid, text, inet, text)
  TO gatehouse_owner;

CREATE FUNCTION gatehouse.refuse_busy() RETURNS void
AS 'MODULE_PATHNAME', 'gatehouse_accounts_refuse_busy'
LANGUAGE c VOLATILE;
COMMENT ON FUNCTION gatehouse.refuse_busy() IS
  'internal: 53300, as hash_password raises it where the gate was full for too long, for functions that have no status to say busy by';
REVOKE ALL ON FUNCTION gatehouse.refuse_busy() FROM PUBLIC;
GRANT EXECUTE ON FUNCTION gatehouse.refuse_busy() TO gatehouse_owner;

CREATE FUNCTION gatehouse.rehash(password text, hash text) RETURNS text
AS 'MODULE_PATHNAME', 'gatehouse_accounts_rehash'
LANGUAGE c VOLATILE PARALLEL SAFE COST 1000000;
COMMENT ON FUNCTION gatehouse.rehash(text, text) IS
  'internal: a new hash where this one is outdated; null where it isn''t, or where none can be made now';
REVOKE ALL ON FUNCTION gatehouse.rehash(text, text) FROM PUBLIC;
GRANT EXECUTE ON FUNCTION gatehouse.rehash(text, text) TO gatehouse_owner;

CREATE FUNCTION gatehouse.count_failure(stored gatehouse.login_throttles, of_address boolean) RETURNS gatehouse.login_throttles
AS 'MODULE_PATHNAME', 'gatehouse_accounts_count_failure'
LANGUAGE c VOLATILE STRICT PARALLEL SAFE;
COMMENT ON FUNCTION gatehouse.count_failure(gatehouse.login_throttles, boolean) IS 'internal: the row after a failure';
REVOKE ALL ON FUNCTION gatehouse.count_failure(gatehouse.login_throttles, boolean) FROM PUBLIC;
GRANT EXECUTE ON FUNCTION gatehouse.count_failure(gatehouse.login_throttles, boolean) TO gatehouse_owner;

CREATE FUNCTION gatehouse.current_count(stored gatehouse.login_throttles) RETURNS gatehouse.login_throttles
AS 'MODULE_PATHNAME', 'gatehouse_accounts_current_count'
LANGUAGE c STABLE STRICT;
COMMENT ON FUNCTION gatehouse.current_count(gatehouse.login_throttles) IS
  'internal: the count as shared memory has it, else as it is stored';
REVOKE ALL ON FUNCTION gatehouse.current_count(gatehouse.login_throttles) FROM PUBLIC;
GRANT EXECUTE ON FUNCTION gatehouse.current_count(gatehouse.login_throttles) TO gatehouse_owner;

CREATE FUNCTION gatehouse.reset_count(stored gatehouse.login_throttles) RETURNS boolean
AS 'MODULE_PATHNAME', 'gatehouse_accounts_reset_count'
LANGUAGE c VOLATILE STRICT;
COMMENT ON FUNCTION gatehouse.reset_count(gatehouse.login_throttles) IS
  'internal: ends the row of failures in shared memory, at once; false where there is none';
REVOKE ALL ON FUNCTION gatehouse.reset_count(gatehouse.login_throttles) FROM PUBLIC;
GRANT EXECUTE ON FUNCTION gatehouse.reset_count(gatehouse.login_throttles) TO gatehouse_owner;

CREATE FUNCTION gatehouse.take_failure_counts(at_most integer) RETURNS SETOF gatehouse.login_throttles
AS 'MODULE_PATHNAME', 'gatehouse_accounts_take_failure_counts'
LANGUAGE c VOLATILE STRICT ROWS 100;
COMMENT ON FUNCTION gatehouse.take_failure_counts(integer) IS
  'internal: counts of this database that differ from what is stored; they count as stored when the transaction commits';
REVOKE ALL ON FUNCTION gatehouse.take_failure_counts(integer) FROM PUBLIC;
GRANT EXECUTE ON FUNCTION gatehouse.take_failure_counts(integer) TO gatehouse_owner;

-- IPv4 in IPv6 (RFC 4291, section 2.5.5.2) is IPv4: its /64 would be the whole of it.
CREATE FUNCTION gatehouse.address_network(ip inet) RETURNS cidr
LANGUAGE sql IMMUTABLE PARALLEL SAFE
RETURN CASE WHEN ip <<= inet '::ffff:0.0.0.0/96'
            THEN (inet '0.0.0.0' + (set_masklen(ip, 128) - inet '::ffff:0.0.0.0'))::cidr
            ELSE set_masklen(ip, CASE family(ip) WHEN 4 THEN 32 ELSE 64 END)::cidr END;
COMMENT ON FUNCTION gatehouse.address_network(inet) IS
  'internal: what counts as one address: an IPv4 address, also in IPv6 form, or the /64 of an IPv6 address';
ALTER FUNCTION gatehouse.address_network(inet) OWNER TO gatehouse_owner;
REVOKE ALL ON FUNCTION gatehouse.address_network(inet) FROM PUBLIC;

CREATE FUNCTION gatehouse.stored_count(subject bytea) RETURNS gatehouse.login_throttles
LANGUAGE plpgsql STABLE STRICT PARALLEL SAFE
SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
  stored gatehouse.login_throttles;
BEGIN
  SELECT t.* INTO stored FROM gatehouse.login_throttles t WHERE t.subject = stored_count.subject;
  IF NOT FOUND THEN
    RETURN ROW(stored_count.subject, 0, timestamptz 'epoch', NULL::timestamptz)::gatehouse.login_throttles;
  END IF;
  RETURN stored;
END
$$;
COMMENT ON FUNCTION gatehouse.stored_count(bytea) IS 'internal: what is stored of a count, 0 where nothing is';
ALTER FUNCTION gatehouse.stored_count(bytea) OWNER TO gatehouse_owner;
REVOKE ALL ON FUNCTION gatehouse.stored_count(bytea) FROM PUBLIC;

CREATE FUNCTION gatehouse.count_failure_in_table(subject bytea, of_address boolean) RETURNS boolean
LANGUAGE plpgsql VOLATILE
SET search_path = pg_catalog, pg_temp
AS $$
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
$$;
COMMENT ON FUNCTION gatehouse.count_failure_in_table(bytea, boolean) IS
  'internal: counts where there is no shared memory, and gives whether that locks; a ROLLBACK undoes it';
ALTER FUNCTION gatehouse.count_failure_in_table(bytea, boolean) OWNER TO gatehouse_owner;
REVOKE ALL ON FUNCTION gatehouse.count_failure_in_table(bytea, boolean) FROM PUBLIC;

-- At most so many at once that nobody waits for long behind it. A count that another call has stored meanwhile, and later, stays.
CREATE FUNCTION gatehouse.store_failure_counts() RETURNS bigint
LANGUAGE plpgsql VOLATILE
SET search_path = pg_catalog, pg_temp
AS $$
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
$$;
COMMENT ON FUNCTION gatehouse.store_failure_counts() IS
  'internal: writes to the table what shared memory has counted, at most 1000 counts, and gives their number';
ALTER FUNCTION gatehouse.store_failure_counts() OWNER TO gatehouse_owner;
REVOKE ALL ON FUNCTION gatehouse.store_failure_counts() FROM PUBLIC;

CREATE FUNCTION gatehouse.forget_failure_counts() RETURNS bigint
LANGUAGE plpgsql VOLATILE
SET search_path = pg_catalog, pg_temp
AS $$
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
$$;
COMMENT ON FUNCTION gatehouse.forget_failure_counts() IS
  'internal: deletes stored counts of which a day has passed, at most 10000, and gives their number';
ALTER FUNCTION gatehouse.forget_failure_counts() OWNER TO gatehouse_owner;
REVOKE ALL ON FUNCTION gatehouse.forget_failure_counts() FROM PUBLIC;

-- The account's row is locked, so that nobody else adds an address now.
CREATE FUNCTION gatehouse.remember_address(user_id uuid, network cidr) RETURNS void
LANGUAGE plpgsql VOLATILE
SET search_path = pg_catalog, pg_temp
AS $$
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
$$;
COMMENT ON FUNCTION gatehouse.remember_address(uuid, cidr) IS
  'internal: notes from where an account was logged in to; the 20 used last are kept';
ALTER FUNCTION gatehouse.remember_address(uuid, cidr) OWNER TO gatehouse_owner;
REVOKE ALL ON FUNCTION gatehouse.remember_address(uuid, cidr) FROM PUBLIC;

-- The counts of an account: that of strangers, network NULL, and one for each known address.
CREATE FUNCTION gatehouse.account_counts(user_id uuid, OUT network cidr, OUT stored gatehouse.login_throttles)
RETURNS SETOF record
LANGUAGE sql STABLE ROWS 5
SET search_path = pg_catalog, pg_temp
AS $$
  SELECT NULL, gatehouse.stored_count(gatehouse.throttle_subject('account', account_counts.user_id::text))
  UNION ALL
  SELECT k.network,
         gatehouse.stored_count(gatehouse.throttle_subject('known address', format('%s %s', k.user_id, k.network)))
    FROM gatehouse.known_addresses k
   WHERE k.user_id = account_counts.user_id
$$;
COMMENT ON FUNCTION gatehouse.account_counts(uuid) IS 'internal: the counts of an account; network is null of the strangers''';
ALTER FUNCTION gatehouse.account_counts(uuid) OWNER TO gatehouse_owner;
REVOKE ALL ON FUNCTION gatehouse.account_counts(uuid) FROM PUBLIC;

CREATE FUNCTION gatehouse.lock_status(
  id uuid,
  OUT is_locked boolean,
  OUT failures integer,
  OUT last_failure_at timestamptz,
  OUT locked_until timestamptz,
  OUT retry_after interval,
  OUT locked_addresses cidr[]
) RETURNS SETOF record
LANGUAGE plpgsql STABLE SECURITY DEFINER ROWS 1
SET search_path = pg_catalog, pg_temp
AS $$
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
$$;
COMMENT ON FUNCTION gatehouse.lock_status(uuid) IS
  'the failed logins of an account in a row and its lock: for whoever comes from an address from which nobody logged in to it before; '
  'locked_addresses are those of its known addresses that are locked, each by its own count. No row where no account has the id';
ALTER FUNCTION gatehouse.lock_status(uuid) OWNER TO gatehouse_owner;
REVOKE ALL ON FUNCTION gatehouse.lock_status(uuid) FROM PUBLIC;
GRANT EXECUTE ON FUNCTION gatehouse.lock_status(uuid) TO gatehouse_admin;

-- In one order, so that two that end the same counts don't run into a deadlock.
CREATE FUNCTION gatehouse.end_failure_counts(counts gatehouse.login_throttles[]) RETURNS void
LANGUAGE plpgsql VOLATILE
SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
  counted gatehouse.login_throttles;
BEGIN
  FOR counted IN SELECT c.* FROM unnest(counts) c ORDER BY c.subject LOOP
    PERFORM gatehouse.reset_count(counted);
    DELETE FROM gatehouse.login_throttles t WHERE t.subject = counted.subject;
  END LOOP;
END
$$;
COMMENT ON FUNCTION gatehouse.end_failure_counts(gatehouse.login_throttles[]) IS
  'internal: ends these rows of failures and their locks; with shared memory at once, and a ROLLBACK doesn''t undo it';
ALTER FUNCTION gatehouse.end_failure_counts(gatehouse.login_throttles[]) OWNER TO gatehouse_owner;
REVOKE ALL ON FUNCTION gatehouse.end_failure_counts(gatehouse.login_throttles[]) FROM PUBLIC;

CREATE FUNCTION gatehouse.unlock_user(id uuid) RETURNS boolean
LANGUAGE plpgsql VOLATILE SECURITY DEFINER
SET search_path = pg_catalog, pg_temp
AS $$
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
$$;
COMMENT ON FUNCTION gatehouse.unlock_user(uuid) IS
  'ends the lock of an account and its row of failures, from everywhere; with shared memory at once, and a ROLLBACK doesn''t undo it. '
  'False where no account has the id';
ALTER FUNCTION gatehouse.unlock_user(uuid) OWNER TO gatehouse_owner;
REVOKE ALL ON FUNCTION gatehouse.unlock_user(uuid) FROM PUBLIC;
GRANT EXECUTE ON FUNCTION gatehouse.unlock_user(uuid) TO gatehouse_admin;

-- accounts/locks.sql

-- Locks, and what they are for. Whatever changes the state of an account locks it first, FOR NO KEY UPDATE, then what hangs on
-- it: sessions, one-time tokens, API keys, OAuth identities, in this order. What makes something that hangs on an account first
-- locks the live account, so that nothing outlives its owner by being made beside its deletion.

CREATE FUNCTION gatehouse.lock_live_account(user_id uuid) RETURNS boolean
LANGUAGE plpgsql VOLATILE
SET search_path = pg_catalog, pg_temp
AS $$
BEGIN
  PERFORM FROM gatehouse.users u
    WHERE u.id = lock_live_account.user_id
      AND (u.is_active OR u.stopped_until <= clock_timestamp()) AND u.deleted_at IS NULL
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
   WHERE u.id = lock_live_account_to_count.user_id
     AND (u.is_active OR u.stopped_until <= clock_timestamp()) AND u.deleted_at IS NULL;
  RETURN FOUND;
END
$$;
COMMENT ON FUNCTION gatehouse.lock_live_account_to_count(uuid) IS
  'internal: locks the account FOR NO KEY UPDATE before what hangs on it is counted or used up; false where no live account has this id';
ALTER FUNCTION gatehouse.lock_live_account_to_count(uuid) OWNER TO gatehouse_owner;
REVOKE ALL ON FUNCTION gatehouse.lock_live_account_to_count(uuid) FROM PUBLIC;

CREATE FUNCTION gatehouse.lock_accounts(ids uuid[]) RETURNS uuid[]
LANGUAGE plpgsql VOLATILE
SET search_path = pg_catalog, pg_temp
AS $$
BEGIN
  RETURN ARRAY(SELECT u.id FROM gatehouse.users u
                WHERE u.id = ANY (ids) AND u.deleted_at IS NULL
                ORDER BY u.id
                  FOR NO KEY UPDATE);
END
$$;
COMMENT ON FUNCTION gatehouse.lock_accounts(uuid[]) IS
  'internal: locks those of the accounts that are not deleted, in the order of their ids; which these are';
ALTER FUNCTION gatehouse.lock_accounts(uuid[]) OWNER TO gatehouse_owner;
REVOKE ALL ON FUNCTION gatehouse.lock_accounts(uuid[]) FROM PUBLIC;

-- The accounts themselves are locked by the caller.
CREATE FUNCTION gatehouse.end_access(user_ids uuid[], reason text, except_session uuid DEFAULT NULL) RETURNS void
LANGUAGE plpgsql VOLATILE
SET search_path = pg_catalog, pg_temp
AS $$
BEGIN
  UPDATE gatehouse.sessions s
     SET revoked_at = clock_timestamp(), revocation = reason
   WHERE s.user_id = ANY (user_ids) AND s.revoked_at IS NULL
     AND s.session_id IS DISTINCT FROM end_access.except_session;
  DELETE FROM gatehouse.one_time_tokens t WHERE t.user_id = ANY (user_ids);
END
$$;
COMMENT ON FUNCTION gatehouse.end_access(uuid[], text, uuid) IS
  'internal: ends the sessions of accounts, one excepted, and their outstanding one-time tokens';
ALTER FUNCTION gatehouse.end_access(uuid[], text, uuid) OWNER TO gatehouse_owner;
REVOKE ALL ON FUNCTION gatehouse.end_access(uuid[], text, uuid) FROM PUBLIC;

-- Superusers that leave beside one another must not count on each other. Whoever may make one leave first waits for the others
-- here, before any row is locked, or they would run into a deadlock; then locks the accounts; then asks guard_last_superuser.
CREATE FUNCTION gatehouse.wait_for_superusers(leaving uuid[]) RETURNS void
LANGUAGE plpgsql VOLATILE
SET search_path = pg_catalog, pg_temp
AS $$
BEGIN
  PERFORM FROM gatehouse.users u WHERE u.id = ANY (leaving) AND u.is_superuser AND u.deleted_at IS NULL;
  IF FOUND THEN
    PERFORM pg_advisory_xact_lock(hashtextextended('gatehouse superusers', 0));
  END IF;
END
$$;
COMMENT ON FUNCTION gatehouse.wait_for_superusers(uuid[]) IS
  'internal: where a superuser is among these accounts, lets one transaction at a time go on to demote, stop or delete one';
ALTER FUNCTION gatehouse.wait_for_superusers(uuid[]) OWNER TO gatehouse_owner;
REVOKE ALL ON FUNCTION gatehouse.wait_for_superusers(uuid[]) FROM PUBLIC;

-- The superuser that stays is locked, so that it stays; in REPEATABLE READ one that left meanwhile is 40001.
CREATE FUNCTION gatehouse.guard_last_superuser(leaving uuid[]) RETURNS void
LANGUAGE plpgsql VOLATILE
SET search_path = pg_catalog, pg_temp
AS $$
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
$$;
COMMENT ON FUNCTION gatehouse.guard_last_superuser(uuid[]) IS
  'internal: 22023 where no live superuser would be left without these accounts, which the caller has locked';
ALTER FUNCTION gatehouse.guard_last_superuser(uuid[]) OWNER TO gatehouse_owner;
REVOKE ALL ON FUNCTION gatehouse.guard_last_superuser(uuid[]) FROM PUBLIC;

-- accounts/look_ups.sql

CREATE FUNCTION gatehouse.describe_user(account gatehouse.users) RETURNS gatehouse.user_info
LANGUAGE sql STABLE
BEGIN ATOMIC
  SELECT account.id, account.email, account.username, account.is_superuser, account.is_verified,
         account.is_active OR coalesce(account.stopped_until <= clock_timestamp(), false), account.deleted_at IS NOT NULL,
         EXISTS (SELECT FROM gatehouse.password_credentials c WHERE c.user_id = account.id),
         ARRAY(SELECT DISTINCT o.provider FROM gatehouse.oauth_identities o WHERE o.user_id = account.id ORDER BY 1),
         account.profile, account.created_at, account.updated_at, account.last_login_at,
         account.deletion_scheduled_for;
END;
COMMENT ON FUNCTION gatehouse.describe_user(gatehouse.users) IS 'internal: what may be told of an account';
ALTER FUNCTION gatehouse.describe_user(gatehouse.users) OWNER TO gatehouse_owner;
REVOKE ALL ON FUNCTION gatehouse.describe_user(gatehouse.users) FROM PUBLIC;

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
  PERFORM gatehouse.check_acts_for(get_user_by_id.id);
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
       AND (NOT o.owner_is_deleted OR with_deleted)
     ORDER BY u.deleted_at DESC NULLS FIRST, u.id DESC
     LIMIT 1;
END
$$;
COMMENT ON FUNCTION gatehouse.get_user_by_oauth(text, text, boolean) IS
  'the account that this identity at an OAuth provider opens, or no row; with include_deleted (administrators) the live one, '
  'else the one deleted last';
ALTER FUNCTION gatehouse.get_user_by_oauth(text, text, boolean) OWNER TO gatehouse_owner;
REVOKE ALL ON FUNCTION gatehouse.get_user_by_oauth(text, text, boolean) FROM PUBLIC;
GRANT EXECUTE ON FUNCTION gatehouse.get_user_by_oauth(text, text, boolean) TO gatehouse_app;

-- accounts/registration.sql

CREATE FUNCTION gatehouse.refuse_duplicate(constraint_name text) RETURNS void
LANGUAGE plpgsql VOLATILE
SET search_path = pg_catalog, pg_temp
AS $$
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
$$;
COMMENT ON FUNCTION gatehouse.refuse_duplicate(text) IS
  'internal: 23505 with the constraint and without the row, which PostgreSQL would show';
ALTER FUNCTION gatehouse.refuse_duplicate(text) OWNER TO gatehouse_owner;
REVOKE ALL ON FUNCTION gatehouse.refuse_duplicate(text) FROM PUBLIC;

CREATE FUNCTION gatehouse.store_password(user_id uuid, password_hash text, changed_at timestamptz) RETURNS void
LANGUAGE plpgsql VOLATILE
SET search_path = pg_catalog, pg_temp
AS $$
BEGIN
  INSERT INTO gatehouse.password_credentials AS c (user_id, password_hash, changed_at)
  VALUES (store_password.user_id, store_password.password_hash, store_password.changed_at)
      ON CONFLICT ON CONSTRAINT password_credentials_pkey
      DO UPDATE SET password_hash = excluded.password_hash, changed_at = excluded.changed_at;
END
$$;
COMMENT ON FUNCTION gatehouse.store_password(uuid, text, timestamptz) IS
  'internal: gives an account, which the caller has locked or made, this hash';
ALTER FUNCTION gatehouse.store_password(uuid, text, timestamptz) OWNER TO gatehouse_owner;
REVOKE ALL ON FUNCTION gatehouse.store_password(uuid, text, timestamptz) FROM PUBLIC;

CREATE FUNCTION gatehouse.insert_user(email text, username text, is_superuser boolean, is_verified boolean, profile jsonb)
RETURNS gatehouse.users
LANGUAGE plpgsql VOLATILE
SET search_path = pg_catalog, pg_temp
AS $$
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
$$;
COMMENT ON FUNCTION gatehouse.insert_user(text, text, boolean, boolean, jsonb) IS
  'internal: makes an account without a way to log in; 22023 and 23505 as create_user';
ALTER FUNCTION gatehouse.insert_user(text, text, boolean, boolean, jsonb) OWNER TO gatehouse_owner;
REVOKE ALL ON FUNCTION gatehouse.insert_user(text, text, boolean, boolean, jsonb) FROM PUBLIC;

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
$$;
COMMENT ON FUNCTION gatehouse.create_user(text, text, text, boolean, jsonb) IS
  'makes an account; the e-mail address is trimmed and compared without case; without a password it can only be opened '
  'by other means; a superuser is made by administrators only (42501); a value against the policy is 22023, a duplicate '
  '23505 with the constraint users_email_live or users_username_live';
ALTER FUNCTION gatehouse.create_user(text, text, text, boolean, jsonb) OWNER TO gatehouse_owner;
REVOKE ALL ON FUNCTION gatehouse.create_user(text, text, text, boolean, jsonb) FROM PUBLIC;
GRANT EXECUTE ON FUNCTION gatehouse.create_user(text, text, text, boolean, jsonb) TO gatehouse_app;

-- The row of superuser_bootstrap makes it once, also beside another call and in an old snapshot.
CREATE FUNCTION gatehouse.bootstrap_superuser(email text, username text, password text) RETURNS gatehouse.user_info
LANGUAGE plpgsql VOLATILE SECURITY DEFINER
SET search_path = pg_catalog, pg_temp
AS $$
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
$$;
COMMENT ON FUNCTION gatehouse.bootstrap_superuser(text, text, text) IS
  'makes the first superuser, with a verified e-mail address; 42501 once there was one; a value against the policy is 22023';
ALTER FUNCTION gatehouse.bootstrap_superuser(text, text, text) OWNER TO gatehouse_owner;
REVOKE ALL ON FUNCTION gatehouse.bootstrap_superuser(text, text, text) FROM PUBLIC;
GRANT EXECUTE ON FUNCTION gatehouse.bootstrap_superuser(text, text, text) TO gatehouse_admin;

-- accounts/login.sql

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

-- accounts/oauth.sql

-- Identities at OAuth providers. Whoever calls has proven them: gatehouse talks to no provider.

CREATE FUNCTION gatehouse.check_oauth_identity(provider text, subject text) RETURNS void
LANGUAGE plpgsql IMMUTABLE PARALLEL SAFE
SET search_path = pg_catalog, pg_temp
AS $$
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
$$;
COMMENT ON FUNCTION gatehouse.check_oauth_identity(text, text) IS
  'internal: 22023 where the name of a provider or an account''s name there is malformed';
ALTER FUNCTION gatehouse.check_oauth_identity(text, text) OWNER TO gatehouse_owner;
REVOKE ALL ON FUNCTION gatehouse.check_oauth_identity(text, text) FROM PUBLIC;

CREATE FUNCTION gatehouse.store_oauth_identity(user_id uuid, provider text, subject text, oauth_email text) RETURNS boolean
LANGUAGE plpgsql VOLATILE
SET search_path = pg_catalog, pg_temp
AS $$
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
$$;
COMMENT ON FUNCTION gatehouse.store_oauth_identity(uuid, text, text, text) IS
  'internal: gives an account, which the caller has locked or made, this identity; false where it had it so';
ALTER FUNCTION gatehouse.store_oauth_identity(uuid, text, text, text) OWNER TO gatehouse_owner;
REVOKE ALL ON FUNCTION gatehouse.store_oauth_identity(uuid, text, text, text) FROM PUBLIC;

CREATE FUNCTION gatehouse.create_oauth_user(
  email text,
  username text,
  provider text,
  subject text,
  oauth_email text DEFAULT NULL
) RETURNS gatehouse.user_info
LANGUAGE plpgsql VOLATILE SECURITY DEFINER
SET search_path = pg_catalog, pg_temp
AS $$
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
$$;
COMMENT ON FUNCTION gatehouse.create_oauth_user(text, text, text, text, text) IS
  'makes an account that an identity at an OAuth provider opens, with a verified e-mail address and without a password; a value '
  'against the policy is 22023, a duplicate 23505 with the constraint users_email_live, users_username_live or oauth_identities_live';
ALTER FUNCTION gatehouse.create_oauth_user(text, text, text, text, text) OWNER TO gatehouse_owner;
REVOKE ALL ON FUNCTION gatehouse.create_oauth_user(text, text, text, text, text) FROM PUBLIC;
GRANT EXECUTE ON FUNCTION gatehouse.create_oauth_user(text, text, text, text, text) TO gatehouse_app;

CREATE FUNCTION gatehouse.link_oauth(id uuid, provider text, subject text, oauth_email text DEFAULT NULL)
RETURNS gatehouse.user_info
LANGUAGE plpgsql VOLATILE SECURITY DEFINER
SET search_path = pg_catalog, pg_temp
AS $$
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
$$;
COMMENT ON FUNCTION gatehouse.link_oauth(uuid, text, text, text) IS
  'lets an identity at an OAuth provider open a live account; one that it has already stays, with the new oauth_email if one is '
  'given. 22023 where no live account has the id, 23505 with the constraint oauth_identities_live where another account has the '
  'identity';
ALTER FUNCTION gatehouse.link_oauth(uuid, text, text, text) OWNER TO gatehouse_owner;
REVOKE ALL ON FUNCTION gatehouse.link_oauth(uuid, text, text, text) FROM PUBLIC;
GRANT EXECUTE ON FUNCTION gatehouse.link_oauth(uuid, text, text, text) TO gatehouse_app;

CREATE FUNCTION gatehouse.unlink_oauth(id uuid, provider text, subject text DEFAULT NULL) RETURNS boolean
LANGUAGE plpgsql VOLATILE SECURITY DEFINER
SET search_path = pg_catalog, pg_temp
AS $$
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
$$;
COMMENT ON FUNCTION gatehouse.unlink_oauth(uuid, text, text) IS
  'takes the identities at a provider, or one of them, from an account; false where it has none such, or no account that is not '
  'deleted has the id; the last way to log in to an account without a password is 22023';
ALTER FUNCTION gatehouse.unlink_oauth(uuid, text, text) OWNER TO gatehouse_owner;
REVOKE ALL ON FUNCTION gatehouse.unlink_oauth(uuid, text, text) FROM PUBLIC;
GRANT EXECUTE ON FUNCTION gatehouse.unlink_oauth(uuid, text, text) TO gatehouse_app;

-- accounts/passwords.sql

-- Changing and setting passwords. A password is hashed before its account is locked: hashing takes long, and waits at the gate.

CREATE FUNCTION gatehouse.replace_password(user_id uuid, password_hash text, except_session uuid DEFAULT NULL) RETURNS void
LANGUAGE plpgsql VOLATILE
SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
  now_at CONSTANT timestamptz := clock_timestamp();
BEGIN
  UPDATE gatehouse.users u SET updated_at = now_at WHERE u.id = replace_password.user_id;
  PERFORM gatehouse.end_access(ARRAY[user_id], 'password_change', except_session);
  PERFORM gatehouse.store_password(user_id, password_hash, now_at);
END
$$;
COMMENT ON FUNCTION gatehouse.replace_password(uuid, text, uuid) IS
  'internal: gives an account, which the caller has locked, this hash, and ends what the old password opened';
ALTER FUNCTION gatehouse.replace_password(uuid, text, uuid) OWNER TO gatehouse_owner;
REVOKE ALL ON FUNCTION gatehouse.replace_password(uuid, text, uuid) FROM PUBLIC;

CREATE FUNCTION gatehouse.change_password(
  id uuid,
  old_password text,
  new_password text,
  except_session uuid DEFAULT NULL,
  ip inet DEFAULT NULL
) RETURNS boolean
LANGUAGE plpgsql VOLATILE SECURITY DEFINER
SET search_path = pg_catalog, pg_temp
AS $$
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
$$;
COMMENT ON FUNCTION gatehouse.change_password(uuid, text, text, uuid, inet) IS
  'replaces a password by a new one and ends every other session of the account, except_session excepted, and its outstanding '
  'tokens. False where the old password is wrong, and, after the same work, where the account is unknown, deleted, stopped, without '
  'a password, or locked. A failure counts as a failed login does, also by ip. A new password against the policy is 22023, before '
  'anything is counted; too many passwords being hashed is 53300';
ALTER FUNCTION gatehouse.change_password(uuid, text, text, uuid, inet) OWNER TO gatehouse_owner;
REVOKE ALL ON FUNCTION gatehouse.change_password(uuid, text, text, uuid, inet) FROM PUBLIC;
GRANT EXECUTE ON FUNCTION gatehouse.change_password(uuid, text, text, uuid, inet) TO gatehouse_app;

CREATE FUNCTION gatehouse.set_password(id uuid, new_password text) RETURNS boolean
LANGUAGE plpgsql VOLATILE SECURITY DEFINER
SET search_path = pg_catalog, pg_temp
AS $$
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
$$;
COMMENT ON FUNCTION gatehouse.set_password(uuid, text) IS
  'gives an account, also a stopped one and one without a password, a new password, ends all its sessions and outstanding tokens, '
  'and its lock and row of failures. False where no account that is not deleted has the id; a password against the policy is 22023';
ALTER FUNCTION gatehouse.set_password(uuid, text) OWNER TO gatehouse_owner;
REVOKE ALL ON FUNCTION gatehouse.set_password(uuid, text) FROM PUBLIC;
GRANT EXECUTE ON FUNCTION gatehouse.set_password(uuid, text) TO gatehouse_admin;

-- accounts/standing.sql

-- Stopping, deleting and restoring accounts; superusers and verification by administrators.

CREATE FUNCTION gatehouse.checked_reason(reason text) RETURNS text
LANGUAGE plpgsql IMMUTABLE PARALLEL SAFE
SET search_path = pg_catalog, pg_temp
AS $$
BEGIN
  IF length(reason) > 1000 THEN
    RAISE EXCEPTION 'reason must have at most 1000 characters' USING ERRCODE = '22023';
  END IF;
  RETURN reason;
END
$$;
COMMENT ON FUNCTION gatehouse.checked_reason(text) IS
  'internal: why an account is stopped or deleted, null where nobody said; 22023 where it is longer than 1000 characters';
ALTER FUNCTION gatehouse.checked_reason(text) OWNER TO gatehouse_owner;
REVOKE ALL ON FUNCTION gatehouse.checked_reason(text) FROM PUBLIC;

CREATE FUNCTION gatehouse.lock_account(user_id uuid) RETURNS gatehouse.users
LANGUAGE plpgsql VOLATILE
SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
  account gatehouse.users;
BEGIN
  SELECT u.* INTO account FROM gatehouse.users u WHERE u.id = lock_account.user_id FOR NO KEY UPDATE;
  RETURN account;
END
$$;
COMMENT ON FUNCTION gatehouse.lock_account(uuid) IS
  'internal: locks the account, of whatever state, FOR NO KEY UPDATE; all null where no account has this id';
ALTER FUNCTION gatehouse.lock_account(uuid) OWNER TO gatehouse_owner;
REVOKE ALL ON FUNCTION gatehouse.lock_account(uuid) FROM PUBLIC;

CREATE FUNCTION gatehouse.tell_api_keys(account gatehouse.users) RETURNS void
LANGUAGE plpgsql VOLATILE
SET search_path = pg_catalog, pg_temp
AS $$
BEGIN
  UPDATE gatehouse.api_keys k
     SET owner_is_live = account.is_active AND account.deleted_at IS NULL,
         owner_stopped_until = CASE WHEN account.deleted_at IS NULL THEN account.stopped_until END
   WHERE k.user_id = account.id;
END
$$;
COMMENT ON FUNCTION gatehouse.tell_api_keys(gatehouse.users) IS
  'internal: lets the keys of an account know the state that it has now; the caller has locked it';
ALTER FUNCTION gatehouse.tell_api_keys(gatehouse.users) OWNER TO gatehouse_owner;
REVOKE ALL ON FUNCTION gatehouse.tell_api_keys(gatehouse.users) FROM PUBLIC;

CREATE FUNCTION gatehouse.set_active(id uuid, is_active boolean, reason text DEFAULT NULL, until timestamptz DEFAULT NULL)
RETURNS boolean
LANGUAGE plpgsql VOLATILE SECURITY DEFINER
SET search_path = pg_catalog, pg_temp
AS $$
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
$$;
COMMENT ON FUNCTION gatehouse.set_active(uuid, boolean, text, timestamptz) IS
  'stops an account, for good or until a moment in the future, or lets it go on: a stopped one logs in no more, its sessions and '
  'outstanding tokens end, and its API keys are refused until the stop ends. True where the account is now as was said, false where '
  'no account that is not deleted has the id; the last live superuser, a reason longer than 1000 characters and an end in the past '
  'are 22023';
ALTER FUNCTION gatehouse.set_active(uuid, boolean, text, timestamptz) OWNER TO gatehouse_owner;
REVOKE ALL ON FUNCTION gatehouse.set_active(uuid, boolean, text, timestamptz) FROM PUBLIC;
GRANT EXECUTE ON FUNCTION gatehouse.set_active(uuid, boolean, text, timestamptz) TO gatehouse_admin;

CREATE FUNCTION gatehouse.set_superuser(id uuid, is_superuser boolean) RETURNS boolean
LANGUAGE plpgsql VOLATILE SECURITY DEFINER
SET search_path = pg_catalog, pg_temp
AS $$
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
$$;
COMMENT ON FUNCTION gatehouse.set_superuser(uuid, boolean) IS
  'makes an account a superuser, which is the application''s own notion, or one no more. True where the account is now as was said, '
  'false where no account that is not deleted has the id; the last live superuser is 22023';
ALTER FUNCTION gatehouse.set_superuser(uuid, boolean) OWNER TO gatehouse_owner;
REVOKE ALL ON FUNCTION gatehouse.set_superuser(uuid, boolean) FROM PUBLIC;
GRANT EXECUTE ON FUNCTION gatehouse.set_superuser(uuid, boolean) TO gatehouse_admin;

CREATE FUNCTION gatehouse.set_verified(id uuid, is_verified boolean) RETURNS boolean
LANGUAGE plpgsql VOLATILE SECURITY DEFINER
SET search_path = pg_catalog, pg_temp
AS $$
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
$$;
COMMENT ON FUNCTION gatehouse.set_verified(uuid, boolean) IS
  'says that the e-mail address of an account is verified, or is not. True where the account is now as was said, false where no '
  'account that is not deleted has the id';
ALTER FUNCTION gatehouse.set_verified(uuid, boolean) OWNER TO gatehouse_owner;
REVOKE ALL ON FUNCTION gatehouse.set_verified(uuid, boolean) FROM PUBLIC;
GRANT EXECUTE ON FUNCTION gatehouse.set_verified(uuid, boolean) TO gatehouse_admin;

CREATE FUNCTION gatehouse.delete_accounts(ids uuid[], deleted_by uuid, reason text) RETURNS bigint
LANGUAGE plpgsql VOLATILE
SET search_path = pg_catalog, pg_temp
AS $$
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
$$;
COMMENT ON FUNCTION gatehouse.delete_accounts(uuid[], uuid, text) IS
  'internal: deletes accounts so that they can be restored; how many there were that were not deleted before';
ALTER FUNCTION gatehouse.delete_accounts(uuid[], uuid, text) OWNER TO gatehouse_owner;
REVOKE ALL ON FUNCTION gatehouse.delete_accounts(uuid[], uuid, text) FROM PUBLIC;

CREATE FUNCTION gatehouse.soft_delete_user(id uuid, deleted_by uuid DEFAULT NULL, reason text DEFAULT NULL) RETURNS boolean
LANGUAGE plpgsql VOLATILE SECURITY DEFINER
SET search_path = pg_catalog, pg_temp
AS $$
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
$$;
COMMENT ON FUNCTION gatehouse.soft_delete_user(uuid, uuid, text) IS
  'deletes an account so that it can be restored: its sessions and outstanding tokens end, its API keys are refused, and its e-mail '
  'address, username and OAuth identities are free for others. False where no account that is not deleted has the id; a deleted_by '
  'that is no account''s, a reason longer than 1000 characters and the last live superuser are 22023';
ALTER FUNCTION gatehouse.soft_delete_user(uuid, uuid, text) OWNER TO gatehouse_owner;
REVOKE ALL ON FUNCTION gatehouse.soft_delete_user(uuid, uuid, text) FROM PUBLIC;
GRANT EXECUTE ON FUNCTION gatehouse.soft_delete_user(uuid, uuid, text) TO gatehouse_app;

CREATE FUNCTION gatehouse.restore_user(id uuid) RETURNS boolean
LANGUAGE plpgsql VOLATILE SECURITY DEFINER
SET search_path = pg_catalog, pg_temp
AS $$
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
$$;
COMMENT ON FUNCTION gatehouse.restore_user(uuid) IS
  'takes a deletion back, a scheduled erasure too: API keys and OAuth identities work again, an earlier stop still holds, sessions and '
  'tokens stay ended. False where no deleted account has the id; an e-mail address, username or OAuth identity that another account '
  'has by now is 23505 with its constraint';
ALTER FUNCTION gatehouse.restore_user(uuid) OWNER TO gatehouse_owner;
REVOKE ALL ON FUNCTION gatehouse.restore_user(uuid) FROM PUBLIC;
GRANT EXECUTE ON FUNCTION gatehouse.restore_user(uuid) TO gatehouse_admin;

CREATE FUNCTION gatehouse.permanently_delete_user(id uuid) RETURNS boolean
LANGUAGE plpgsql VOLATILE SECURITY DEFINER
SET search_path = pg_catalog, pg_temp
AS $$
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
$$;
COMMENT ON FUNCTION gatehouse.permanently_delete_user(uuid) IS
  'removes an account, deleted or not, with all that hangs on it; the audit keeps that something happened, not to whom. False where no '
  'account has the id; the last live superuser is 22023, an application''s table that stands in the way 23503 with its name';
ALTER FUNCTION gatehouse.permanently_delete_user(uuid) OWNER TO gatehouse_owner;
REVOKE ALL ON FUNCTION gatehouse.permanently_delete_user(uuid) FROM PUBLIC;
GRANT EXECUTE ON FUNCTION gatehouse.permanently_delete_user(uuid) TO gatehouse_admin;

-- accounts/profile.sql

-- What an account says of itself, changed field by field.

CREATE FUNCTION gatehouse.unknown_field(object jsonb, fields text[]) RETURNS text
LANGUAGE sql IMMUTABLE PARALLEL SAFE
RETURN (SELECT left(min(k COLLATE "C"), 64) FROM jsonb_object_keys(object - fields) k);
COMMENT ON FUNCTION gatehouse.unknown_field(jsonb, text[]) IS
  'internal: a key of the object, cut to 64 characters, that is none of these; null where there is none';
ALTER FUNCTION gatehouse.unknown_field(jsonb, text[]) OWNER TO gatehouse_owner;
REVOKE ALL ON FUNCTION gatehouse.unknown_field(jsonb, text[]) FROM PUBLIC;

CREATE FUNCTION gatehouse.check_patch(patch jsonb, fields text[]) RETURNS void
LANGUAGE plpgsql STABLE PARALLEL SAFE
SET search_path = pg_catalog, pg_temp
AS $$
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
$$;
COMMENT ON FUNCTION gatehouse.check_patch(jsonb, text[]) IS
  'internal: 22023 where the patch is no object or has a field besides these';
ALTER FUNCTION gatehouse.check_patch(jsonb, text[]) OWNER TO gatehouse_owner;
REVOKE ALL ON FUNCTION gatehouse.check_patch(jsonb, text[]) FROM PUBLIC;

-- Not by jsonb_strip_nulls, which reaches into what a key holds.
CREATE FUNCTION gatehouse.merged_profile(profile jsonb, patch jsonb) RETURNS jsonb
LANGUAGE plpgsql IMMUTABLE PARALLEL SAFE
SET search_path = pg_catalog, pg_temp
AS $$
BEGIN
  RETURN gatehouse.checked_profile(
           (profile || patch) - ARRAY(SELECT p.key FROM jsonb_each(patch) p WHERE p.value = jsonb 'null'));
END
$$;
COMMENT ON FUNCTION gatehouse.merged_profile(jsonb, jsonb) IS
  'internal: the profile with the keys of the patch, without those that are null there; 22023 where it is too large then';
ALTER FUNCTION gatehouse.merged_profile(jsonb, jsonb) OWNER TO gatehouse_owner;
REVOKE ALL ON FUNCTION gatehouse.merged_profile(jsonb, jsonb) FROM PUBLIC;

CREATE FUNCTION gatehouse.update_user(id uuid, patch jsonb) RETURNS gatehouse.user_info
LANGUAGE plpgsql VOLATILE SECURITY DEFINER
SET search_path = pg_catalog, pg_temp
AS $$
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
$$;
COMMENT ON FUNCTION gatehouse.update_user(uuid, jsonb) IS
  'changes fields of an account that is not deleted: username, and profile, which is merged at its top level, where null removes '
  'a key; what is not in the patch stays, also beside another change. An unknown field, account or value against the policy is '
  '22023, a username that is taken 23505 with the constraint users_username_live';
ALTER FUNCTION gatehouse.update_user(uuid, jsonb) OWNER TO gatehouse_owner;
REVOKE ALL ON FUNCTION gatehouse.update_user(uuid, jsonb) FROM PUBLIC;
GRANT EXECUTE ON FUNCTION gatehouse.update_user(uuid, jsonb) TO gatehouse_app;

-- accounts/lists.sql

-- Pages, counts and details of accounts.

-- A type, since a result column of a function may not bear the name of an argument.
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
  created_at timestamptz,
  updated_at timestamptz,
  last_login_at timestamptz,
  deletion_scheduled_for timestamptz,
  cursor text
);
COMMENT ON TYPE gatehouse.user_list_entry IS 'an account as get_users shows it: user_info, and its place in the list';
REVOKE ALL ON TYPE gatehouse.user_list_entry FROM PUBLIC;
GRANT USAGE ON TYPE gatehouse.user_list_entry TO gatehouse_app, gatehouse_owner;

CREATE FUNCTION gatehouse.folded_search(search text) RETURNS text
LANGUAGE plpgsql IMMUTABLE PARALLEL SAFE
SET search_path = pg_catalog, pg_temp
AS $$
BEGIN
  IF length(search) > 254 THEN
    RAISE EXCEPTION 'search must have at most 254 characters' USING ERRCODE = '22023';
  END IF;
  RETURN gatehouse.fold_email(search);
END
$$;
COMMENT ON FUNCTION gatehouse.folded_search(text) IS
  'internal: what is looked for, in the form in which addresses and usernames are compared; 22023 where no address is that long';
ALTER FUNCTION gatehouse.folded_search(text) OWNER TO gatehouse_owner;
REVOKE ALL ON FUNCTION gatehouse.folded_search(text) FROM PUBLIC;

-- Inlined into the caller's query, whose plan is made for the arguments of the call: a filter that is null vanishes, and those
-- that are not meet the partial indexes. For that a query may hold no EXISTS under an OR, so that whom an OAuth provider knows
-- is asked for by the caller.
CREATE FUNCTION gatehouse.matching_users(
  found_text text,
  is_verified boolean,
  is_superuser boolean,
  is_active boolean,
  is_deleted boolean,
  created_since timestamptz,
  created_until timestamptz,
  now_at timestamptz
) RETURNS SETOF gatehouse.users
LANGUAGE sql STABLE
BEGIN ATOMIC
  SELECT u.*
    FROM gatehouse.users u
   WHERE (found_text IS NULL OR strpos(u.email_normal, found_text COLLATE "C") > 0
                             OR strpos(u.username_normal, found_text COLLATE "C") > 0)
     AND (matching_users.is_verified IS NULL OR u.is_verified = matching_users.is_verified)
     AND (matching_users.is_superuser IS NULL OR u.is_superuser = matching_users.is_superuser)
     AND (matching_users.is_active IS NULL
          OR (u.is_active OR coalesce(u.stopped_until <= now_at, false)) = matching_users.is_active)
     AND (matching_users.is_deleted IS NULL OR (u.deleted_at IS NOT NULL) = matching_users.is_deleted)
     AND (created_since IS NULL OR u.created_at >= created_since)
     AND (created_until IS NULL OR u.created_at < created_until);
END;
COMMENT ON FUNCTION gatehouse.matching_users(text, boolean, boolean, boolean, boolean, timestamptz, timestamptz, timestamptz) IS
  'internal: the accounts that pass the filters of get_users; null is no filter';
ALTER FUNCTION gatehouse.matching_users(text, boolean, boolean, boolean, boolean, timestamptz, timestamptz, timestamptz)
  OWNER TO gatehouse_owner;
REVOKE ALL ON FUNCTION gatehouse.matching_users(text, boolean, boolean, boolean, boolean, timestamptz, timestamptz, timestamptz)
  FROM PUBLIC;

CREATE FUNCTION gatehouse.checked_page_size(page_size integer) RETURNS integer
LANGUAGE plpgsql IMMUTABLE PARALLEL SAFE
SET search_path = pg_catalog, pg_temp
AS $$
BEGIN
  IF page_size IS NULL OR page_size NOT BETWEEN 1 AND 100 THEN
    RAISE EXCEPTION 'page_size must be between 1 and 100' USING ERRCODE = '22023';
  END IF;
  RETURN page_size;
END
$$;
COMMENT ON FUNCTION gatehouse.checked_page_size(integer) IS 'internal: how many rows a page may have; 22023 where not from 1 to 100';
ALTER FUNCTION gatehouse.checked_page_size(integer) OWNER TO gatehouse_owner;
REVOKE ALL ON FUNCTION gatehouse.checked_page_size(integer) FROM PUBLIC;

-- A cursor is the row's place in the order: microseconds since 1970 in 8 bytes, and id.
CREATE FUNCTION gatehouse.list_cursor(created_at timestamptz, id uuid) RETURNS text
LANGUAGE sql IMMUTABLE PARALLEL SAFE
RETURN encode(int8send((extract(epoch FROM created_at) * 1000000)::bigint) || uuid_send(id), 'hex');
COMMENT ON FUNCTION gatehouse.list_cursor(timestamptz, uuid) IS
  'internal: the cursor of a row in a list that is ordered by when its rows were made';
ALTER FUNCTION gatehouse.list_cursor(timestamptz, uuid) OWNER TO gatehouse_owner;
REVOKE ALL ON FUNCTION gatehouse.list_cursor(timestamptz, uuid) FROM PUBLIC;

CREATE FUNCTION gatehouse.list_place(after text, OUT created_at timestamptz, OUT id uuid)
LANGUAGE plpgsql STABLE PARALLEL SAFE
SET search_path = pg_catalog, pg_temp
AS $$
BEGIN
  IF after COLLATE "C" !~ '^[0-7][0-9a-f]{47}$' OR substr(after, 1, 16) COLLATE "C" > '7fffffffffff0000' THEN
    RAISE EXCEPTION 'malformed cursor' USING ERRCODE = '22P02';
  END IF;
  created_at := timestamptz 'epoch' + (('x' || substr(after, 1, 16))::bit(64)::bigint) * interval '1 microsecond';
  id := substr(after, 17)::uuid;
END
$$;
COMMENT ON FUNCTION gatehouse.list_place(text) IS
  'internal: the place that a cursor of list_cursor names, null for null; 22P02 where it is none';
ALTER FUNCTION gatehouse.list_place(text) OWNER TO gatehouse_owner;
REVOKE ALL ON FUNCTION gatehouse.list_place(text) FROM PUBLIC;

CREATE FUNCTION gatehouse.get_users(
  page_size integer DEFAULT 20,
  skip integer DEFAULT NULL,
  after text DEFAULT NULL,
  search text DEFAULT NULL,
  is_verified boolean DEFAULT NULL,
  is_superuser boolean DEFAULT NULL,
  is_active boolean DEFAULT NULL,
  is_deleted boolean DEFAULT false,
  oauth_provider text DEFAULT NULL,
  created_since timestamptz DEFAULT NULL,
  created_until timestamptz DEFAULT NULL
) RETURNS SETOF gatehouse.user_list_entry
LANGUAGE plpgsql STABLE SECURITY DEFINER ROWS 20
SET search_path = pg_catalog, pg_temp
SET plan_cache_mode = force_custom_plan
AS $$
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
$$;
COMMENT ON FUNCTION gatehouse.get_users(integer, integer, text, text, boolean, boolean, boolean, boolean, text, timestamptz,
                                        timestamptz) IS
  'a page of accounts, the newest first; null is no filter. after takes the cursor of the last row seen, and costs the same on '
  'every page; skip, of at most 1000000, reads what it skips. search is a part of the e-mail address or the username, without '
  'case; is_active is judged by the clock; created_since is inclusive, created_until is not. The deleted are left out; is_deleted '
  'true or null shows them to administrators (42501). A malformed cursor is 22P02, a value out of range 22023';
ALTER FUNCTION gatehouse.get_users(integer, integer, text, text, boolean, boolean, boolean, boolean, text, timestamptz,
                                   timestamptz) OWNER TO gatehouse_owner;
REVOKE ALL ON FUNCTION gatehouse.get_users(integer, integer, text, text, boolean, boolean, boolean, boolean, text, timestamptz,
                                           timestamptz) FROM PUBLIC;
GRANT EXECUTE ON FUNCTION gatehouse.get_users(integer, integer, text, text, boolean, boolean, boolean, boolean, text, timestamptz,
                                              timestamptz) TO gatehouse_app;

CREATE FUNCTION gatehouse.count_users(
  search text DEFAULT NULL,
  is_verified boolean DEFAULT NULL,
  is_superuser boolean DEFAULT NULL,
  is_active boolean DEFAULT NULL,
  is_deleted boolean DEFAULT false,
  oauth_provider text DEFAULT NULL,
  created_since timestamptz DEFAULT NULL,
  created_until timestamptz DEFAULT NULL
) RETURNS bigint
LANGUAGE plpgsql STABLE SECURITY DEFINER
SET search_path = pg_catalog, pg_temp
SET plan_cache_mode = force_custom_plan
AS $$
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
$$;
COMMENT ON FUNCTION gatehouse.count_users(text, boolean, boolean, boolean, boolean, text, timestamptz, timestamptz) IS
  'the number of accounts that get_users would list with these filters, counted one by one';
ALTER FUNCTION gatehouse.count_users(text, boolean, boolean, boolean, boolean, text, timestamptz, timestamptz)
  OWNER TO gatehouse_owner;
REVOKE ALL ON FUNCTION gatehouse.count_users(text, boolean, boolean, boolean, boolean, text, timestamptz, timestamptz)
  FROM PUBLIC;
GRANT EXECUTE ON FUNCTION gatehouse.count_users(text, boolean, boolean, boolean, boolean, text, timestamptz, timestamptz)
  TO gatehouse_app;

CREATE FUNCTION gatehouse.user_statistics(
  OUT total bigint,
  OUT verified bigint,
  OUT unverified bigint,
  OUT superusers bigint,
  OUT oauth bigint,
  OUT stopped bigint,
  OUT deleted bigint
)
LANGUAGE sql STABLE SECURITY DEFINER
SET search_path = pg_catalog, pg_temp
AS $$
  SELECT count(*) FILTER (WHERE u.deleted_at IS NULL),
         count(*) FILTER (WHERE u.deleted_at IS NULL AND u.is_verified),
         count(*) FILTER (WHERE u.deleted_at IS NULL AND NOT u.is_verified),
         count(*) FILTER (WHERE u.deleted_at IS NULL AND u.is_superuser),
         (SELECT count(DISTINCT o.user_id) FROM gatehouse.oauth_identities o WHERE NOT o.owner_is_deleted),
         count(*) FILTER (WHERE u.deleted_at IS NULL AND NOT u.is_active
                            AND (u.stopped_until IS NULL OR u.stopped_until > clock_timestamp())),
         count(*) FILTER (WHERE u.deleted_at IS NOT NULL)
    FROM gatehouse.users u
$$;
COMMENT ON FUNCTION gatehouse.user_statistics() IS
  'how many accounts there are (total), of them verified, unverified, superusers, with an OAuth identity, and stopped by now; and '
  'apart from these how many are deleted. Counted one by one';
ALTER FUNCTION gatehouse.user_statistics() OWNER TO gatehouse_owner;
REVOKE ALL ON FUNCTION gatehouse.user_statistics() FROM PUBLIC;
GRANT EXECUTE ON FUNCTION gatehouse.user_statistics() TO gatehouse_app;

CREATE FUNCTION gatehouse.get_user_details(id uuid, include_deleted boolean DEFAULT false) RETURNS jsonb
LANGUAGE plpgsql STABLE SECURITY DEFINER
SET search_path = pg_catalog, pg_temp
AS $$
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
$$;
COMMENT ON FUNCTION gatehouse.get_user_details(uuid, boolean) IS
  'the account as user_info, with its api_keys as get_user_api_keys shows them, the newest first, and its live sessions, the latest '
  'used first; no digest. Null where no account has this id; a deleted one is shown to administrators who ask for it';
ALTER FUNCTION gatehouse.get_user_details(uuid, boolean) OWNER TO gatehouse_owner;
REVOKE ALL ON FUNCTION gatehouse.get_user_details(uuid, boolean) FROM PUBLIC;
GRANT EXECUTE ON FUNCTION gatehouse.get_user_details(uuid, boolean) TO gatehouse_app;

-- accounts/bulk.sql

-- Many accounts in one call: an import, and changes of many at once. Those are locked in the order of their ids, so that two such
-- calls don't run into a deadlock.

-- With its zone, and year, month and day in this order: what a text means must not depend on the session.
CREATE FUNCTION gatehouse.moment_or_null(moment text) RETURNS timestamptz
LANGUAGE plpgsql STABLE STRICT PARALLEL SAFE
SET search_path = pg_catalog, pg_temp
AS $$
BEGIN
  IF moment COLLATE "C" ~ '^[0-9]{4}-[0-9]{2}-[0-9]{2}[T ][0-9]{2}:[0-9]{2}:[0-9]{2}([.][0-9]{1,9})?(Z|[+-][0-9]{2}(:?[0-9]{2})?)$' THEN
    RETURN moment::timestamptz;
  END IF;
  RETURN NULL;
EXCEPTION WHEN datetime_field_overflow OR invalid_datetime_format OR invalid_time_zone_displacement_value THEN
  RETURN NULL;
END
$$;
COMMENT ON FUNCTION gatehouse.moment_or_null(text) IS
  'internal: the moment that a text in the form 2024-02-29T12:00:00Z (RFC 3339) names; null where it names none';
ALTER FUNCTION gatehouse.moment_or_null(text) OWNER TO gatehouse_owner;
REVOKE ALL ON FUNCTION gatehouse.moment_or_null(text) FROM PUBLIC;

-- Without format(), which is not immutable, it is inlined.
CREATE FUNCTION gatehouse.new_user_form_fault(element jsonb) RETURNS text
LANGUAGE sql IMMUTABLE PARALLEL SAFE
RETURN CASE
  WHEN jsonb_typeof(element) COLLATE "C" <> 'object' THEN 'account must be a JSON object'
  WHEN element - ARRAY['created_at', 'email', 'hashed_password', 'is_superuser', 'is_verified', 'password', 'profile', 'username']
       <> jsonb '{}'
  THEN 'unknown field "' || gatehouse.unknown_field(element, ARRAY['created_at', 'email', 'hashed_password', 'is_superuser',
                                                                   'is_verified', 'password', 'profile', 'username']) || '"'
  WHEN jsonb_typeof(element->'email') COLLATE "C" NOT IN ('string', 'null') THEN 'email must be a JSON string'
  WHEN jsonb_typeof(element->'username') COLLATE "C" NOT IN ('string', 'null') THEN 'username must be a JSON string'
  WHEN jsonb_typeof(element->'password') COLLATE "C" NOT IN ('string', 'null') THEN 'password must be a JSON string'
  WHEN jsonb_typeof(element->'hashed_password') COLLATE "C" NOT IN ('string', 'null')
  THEN 'hashed_password must be a JSON string'
  WHEN jsonb_typeof(element->'is_superuser') COLLATE "C" NOT IN ('boolean', 'null') THEN 'is_superuser must be true or false'
  WHEN jsonb_typeof(element->'is_verified') COLLATE "C" NOT IN ('boolean', 'null') THEN 'is_verified must be true or false'
  WHEN jsonb_typeof(element->'created_at') COLLATE "C" NOT IN ('string', 'null') THEN 'created_at must be a JSON string'
  WHEN element->>'email' IS NULL THEN 'email is missing'
  WHEN element->>'username' IS NULL THEN 'username is missing'
  WHEN element->>'password' IS NOT NULL AND element->>'hashed_password' IS NOT NULL
  THEN 'password and hashed_password cannot be given together'
END;
COMMENT ON FUNCTION gatehouse.new_user_form_fault(jsonb) IS
  'internal: why an element given to create_users has not the form of one; null where it has. JSON''s null is a field that is absent';
ALTER FUNCTION gatehouse.new_user_form_fault(jsonb) OWNER TO gatehouse_owner;
REVOKE ALL ON FUNCTION gatehouse.new_user_form_fault(jsonb) FROM PUBLIC;

CREATE FUNCTION gatehouse.duplicate_fault(email text, username text) RETURNS text
LANGUAGE plpgsql STABLE
SET search_path = pg_catalog, pg_temp
AS $$
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
$$;
COMMENT ON FUNCTION gatehouse.duplicate_fault(text, text) IS
  'internal: which of the two an account has already; null where none has either';
ALTER FUNCTION gatehouse.duplicate_fault(text, text) OWNER TO gatehouse_owner;
REVOKE ALL ON FUNCTION gatehouse.duplicate_fault(text, text) FROM PUBLIC;

CREATE FUNCTION gatehouse.accounts_of_import(elements jsonb, ids uuid[], faults text[], made_at timestamptz)
RETURNS SETOF gatehouse.users
LANGUAGE sql STABLE
BEGIN ATOMIC
  SELECT e.id, gatehouse.trimmed_email(e.element->>'email'), gatehouse.fold_email(e.element->>'email'), e.element->>'username',
         lower(e.element->>'username' COLLATE "C"), coalesce((e.element->'is_superuser')::text = 'true', false),
         coalesce((e.element->'is_verified')::text = 'true', false), true,
         coalesce(nullif(e.element->'profile', 'null'), '{}'),
         coalesce(gatehouse.moment_or_null(e.element->>'created_at'), accounts_of_import.made_at), accounts_of_import.made_at,
         NULL::timestamptz, NULL::timestamptz, NULL::timestamptz, NULL::uuid, NULL::text, NULL::timestamptz, NULL::text
    FROM ROWS FROM (jsonb_array_elements(elements), unnest(ids), unnest(faults)) AS e (element, id, fault)
   WHERE e.fault IS NULL;
END;
COMMENT ON FUNCTION gatehouse.accounts_of_import(jsonb, uuid[], text[], timestamptz) IS
  'internal: the accounts that those elements given to create_users are going to be that have no fault, in their order';
ALTER FUNCTION gatehouse.accounts_of_import(jsonb, uuid[], text[], timestamptz) OWNER TO gatehouse_owner;
REVOKE ALL ON FUNCTION gatehouse.accounts_of_import(jsonb, uuid[], text[], timestamptz) FROM PUBLIC;

-- What is known of an element beside it is in arrays. Queries zip these with the elements, in the order in which a function in FROM
-- gives its rows: a join might take the square of their length, and sorting shows in the time of an import. Passwords are hashed
-- before anything is inserted, when no lock is held yet.
CREATE FUNCTION gatehouse.create_users(users jsonb, all_or_nothing boolean DEFAULT false)
RETURNS TABLE (index integer, id uuid, error text)
LANGUAGE plpgsql VOLATILE SECURITY DEFINER ROWS 1000
SET search_path = pg_catalog, pg_temp
AS $$
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
$$;
COMMENT ON FUNCTION gatehouse.create_users(jsonb, boolean) IS
  'makes accounts of a JSON array of 1 to 10000 objects with the fields email and username, and as they like password or '
  'hashed_password (of a kind that verify_password knows), is_superuser, is_verified, profile and created_at; values must be as those of '
  'create_user. One row for each, index counted from 0 as JSON does: id where the account was made, else error. Of two alike the first '
  'wins; one that is refused doesn''t touch the others, or with all_or_nothing nothing is made, and rows have an error or neither';
ALTER FUNCTION gatehouse.create_users(jsonb, boolean) OWNER TO gatehouse_owner;
REVOKE ALL ON FUNCTION gatehouse.create_users(jsonb, boolean) FROM PUBLIC;
GRANT EXECUTE ON FUNCTION gatehouse.create_users(jsonb, boolean) TO gatehouse_admin;

CREATE FUNCTION gatehouse.check_ids(ids uuid[]) RETURNS void
LANGUAGE plpgsql IMMUTABLE PARALLEL SAFE
SET search_path = pg_catalog, pg_temp
AS $$
BEGIN
  IF ids IS NULL OR cardinality(ids) NOT BETWEEN 1 AND 10000 THEN
    RAISE EXCEPTION 'ids must be an array of 1 to 10000 ids' USING ERRCODE = '22023';
  END IF;
  IF EXISTS (SELECT FROM unnest(ids) i WHERE i IS NULL) THEN
    RAISE EXCEPTION 'ids must not contain null' USING ERRCODE = '22023';
  END IF;
END
$$;
COMMENT ON FUNCTION gatehouse.check_ids(uuid[]) IS 'internal: 22023 where these are none, too many, or not all ids';
ALTER FUNCTION gatehouse.check_ids(uuid[]) OWNER TO gatehouse_owner;
REVOKE ALL ON FUNCTION gatehouse.check_ids(uuid[]) FROM PUBLIC;

CREATE FUNCTION gatehouse.update_users(ids uuid[], patch jsonb) RETURNS bigint
LANGUAGE plpgsql VOLATILE SECURITY DEFINER
SET search_path = pg_catalog, pg_temp
AS $$
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
$$;
COMMENT ON FUNCTION gatehouse.update_users(uuid[], jsonb) IS
  'changes the profile of 1 to 10000 accounts as update_user does; how many there were: unknown and deleted ones are passed over. '
  'Where one is against the policy then, 22023, none is changed';
ALTER FUNCTION gatehouse.update_users(uuid[], jsonb) OWNER TO gatehouse_owner;
REVOKE ALL ON FUNCTION gatehouse.update_users(uuid[], jsonb) FROM PUBLIC;
GRANT EXECUTE ON FUNCTION gatehouse.update_users(uuid[], jsonb) TO gatehouse_admin;

CREATE FUNCTION gatehouse.verify_users(ids uuid[]) RETURNS bigint
LANGUAGE plpgsql VOLATILE SECURITY DEFINER
SET search_path = pg_catalog, pg_temp
AS $$
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
$$;
COMMENT ON FUNCTION gatehouse.verify_users(uuid[]) IS
  'says that the e-mail addresses of 1 to 10000 accounts are verified; how many were not so before. Unknown and deleted ones are '
  'passed over';
ALTER FUNCTION gatehouse.verify_users(uuid[]) OWNER TO gatehouse_owner;
REVOKE ALL ON FUNCTION gatehouse.verify_users(uuid[]) FROM PUBLIC;
GRANT EXECUTE ON FUNCTION gatehouse.verify_users(uuid[]) TO gatehouse_admin;

CREATE FUNCTION gatehouse.soft_delete_users(ids uuid[], deleted_by uuid DEFAULT NULL, reason text DEFAULT NULL) RETURNS bigint
LANGUAGE plpgsql VOLATILE SECURITY DEFINER
SET search_path = pg_catalog, pg_temp
AS $$
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
$$;
COMMENT ON FUNCTION gatehouse.soft_delete_users(uuid[], uuid, text) IS
  'soft_delete_user of 1 to 10000 accounts; how many were deleted: unknown and deleted ones are passed over. Where no live superuser '
  'would be left, 22023, none is deleted';
ALTER FUNCTION gatehouse.soft_delete_users(uuid[], uuid, text) OWNER TO gatehouse_owner;
REVOKE ALL ON FUNCTION gatehouse.soft_delete_users(uuid[], uuid, text) FROM PUBLIC;
GRANT EXECUTE ON FUNCTION gatehouse.soft_delete_users(uuid[], uuid, text) TO gatehouse_admin;

-- accounts/one_time_tokens.sql

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

-- accounts/verification.sql

-- Verifying and changing e-mail addresses. A token proves the address that it was sent to, and no other.

CREATE FUNCTION gatehouse.request_email_verification(user_id uuid) RETURNS text
LANGUAGE plpgsql VOLATILE SECURITY DEFINER
SET search_path = pg_catalog, pg_temp
AS $$
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
$$;
COMMENT ON FUNCTION gatehouse.request_email_verification(uuid) IS
  'a token for verify_email, to be sent to the account''s e-mail address; good for gatehouse.verification_token_lifetime and shown by '
  'this call only. Null where three were asked for within half that time: those work. 22023 where no live account has the id';
ALTER FUNCTION gatehouse.request_email_verification(uuid) OWNER TO gatehouse_owner;
REVOKE ALL ON FUNCTION gatehouse.request_email_verification(uuid) FROM PUBLIC;
GRANT EXECUTE ON FUNCTION gatehouse.request_email_verification(uuid) TO gatehouse_app;

CREATE FUNCTION gatehouse.verify_email(token text) RETURNS SETOF gatehouse.user_info
LANGUAGE plpgsql VOLATILE SECURITY DEFINER ROWS 1
SET search_path = pg_catalog, pg_temp
AS $$
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
$$;
COMMENT ON FUNCTION gatehouse.verify_email(text) IS
  'uses up a token of request_email_verification: the account is verified, where it is live and its address is still the one that the '
  'token was made for, and its other such tokens end. No row for anything else';
ALTER FUNCTION gatehouse.verify_email(text) OWNER TO gatehouse_owner;
REVOKE ALL ON FUNCTION gatehouse.verify_email(text) FROM PUBLIC;
GRANT EXECUTE ON FUNCTION gatehouse.verify_email(text) TO gatehouse_app;

CREATE FUNCTION gatehouse.request_email_change(id uuid, new_email text) RETURNS text
LANGUAGE plpgsql VOLATILE SECURITY DEFINER
SET search_path = pg_catalog, pg_temp
AS $$
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
$$;
COMMENT ON FUNCTION gatehouse.request_email_change(uuid, text) IS
  'a token for confirm_email_change, to be sent to the new address; until then nothing changes. Good for '
  'gatehouse.verification_token_lifetime and shown by this call only. Null where three were asked for within half that time: those '
  'work. 22023 where no live account has the id or the address is against the policy, 23505 where another account has the address';
ALTER FUNCTION gatehouse.request_email_change(uuid, text) OWNER TO gatehouse_owner;
REVOKE ALL ON FUNCTION gatehouse.request_email_change(uuid, text) FROM PUBLIC;
GRANT EXECUTE ON FUNCTION gatehouse.request_email_change(uuid, text) TO gatehouse_app;

CREATE FUNCTION gatehouse.confirm_email_change(token text) RETURNS SETOF gatehouse.user_info
LANGUAGE plpgsql VOLATILE SECURITY DEFINER ROWS 1
SET search_path = pg_catalog, pg_temp
AS $$
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
$$;
COMMENT ON FUNCTION gatehouse.confirm_email_change(text) IS
  'uses up a token of request_email_change: the live account gets the address that the token was sent to, verified, and its '
  'outstanding tokens of every purpose end. No row for any other token; 23505 where another account has taken the address meanwhile';
ALTER FUNCTION gatehouse.confirm_email_change(text) OWNER TO gatehouse_owner;
REVOKE ALL ON FUNCTION gatehouse.confirm_email_change(text) FROM PUBLIC;
GRANT EXECUTE ON FUNCTION gatehouse.confirm_email_change(text) TO gatehouse_app;

-- accounts/password_reset.sql

-- Resetting a forgotten password. Who asks must not learn whether an account has the address: neither from the answer, which the
-- application keeps to itself, nor from the time that it takes.

CREATE FUNCTION gatehouse.request_password_reset(email text) RETURNS TABLE (token text, user_id uuid)
LANGUAGE plpgsql VOLATILE SECURITY DEFINER ROWS 1
SET search_path = pg_catalog, pg_temp
AS $$
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
$$;
COMMENT ON FUNCTION gatehouse.request_password_reset(text) IS
  'a token for reset_password, to be sent to this address; good for gatehouse.password_reset_token_lifetime and shown by this call only. '
  'No row, at the same cost, where no live account has the address, and where three were asked for within half that time: those work';
ALTER FUNCTION gatehouse.request_password_reset(text) OWNER TO gatehouse_owner;
REVOKE ALL ON FUNCTION gatehouse.request_password_reset(text) FROM PUBLIC;
GRANT EXECUTE ON FUNCTION gatehouse.request_password_reset(text) TO gatehouse_app;

CREATE FUNCTION gatehouse.reset_password(token text, new_password text) RETURNS SETOF gatehouse.user_info
LANGUAGE plpgsql VOLATILE SECURITY DEFINER ROWS 1
SET search_path = pg_catalog, pg_temp
AS $$
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
$$;
COMMENT ON FUNCTION gatehouse.reset_password(text, text) IS
  'uses up a token of request_password_reset: the live account gets the password and counts as verified, for the token came by its '
  'address; its sessions, its outstanding tokens of every purpose and the lock of its logins end. No row for any other token. 22023 '
  'where the password is against the policy: the token is good for another one';
ALTER FUNCTION gatehouse.reset_password(text, text) OWNER TO gatehouse_owner;
REVOKE ALL ON FUNCTION gatehouse.reset_password(text, text) FROM PUBLIC;
GRANT EXECUTE ON FUNCTION gatehouse.reset_password(text, text) TO gatehouse_app;

-- api_keys/tables.sql

CREATE TABLE gatehouse.scopes (
  name text COLLATE "C" NOT NULL CONSTRAINT scopes_pkey PRIMARY KEY,
  description text,
  registered_at timestamptz NOT NULL
);
ALTER TABLE gatehouse.scopes OWNER TO gatehouse_owner;
COMMENT ON TABLE gatehouse.scopes IS 'the scopes that API keys may be given';

-- The library reads this table directly: the order of its columns is that of src/api_keys/key_table_pg.h.
CREATE TABLE gatehouse.api_keys (
  id uuid NOT NULL CONSTRAINT api_keys_pkey PRIMARY KEY,
  lookup_id bigint NOT NULL CONSTRAINT api_keys_lookup_id_key UNIQUE,
  owner_is_live boolean NOT NULL,
  ring_key_id integer NOT NULL,
  key_digest bytea NOT NULL,
  user_id uuid CONSTRAINT api_keys_user_id_fkey REFERENCES gatehouse.users ON DELETE CASCADE,
  expires_at timestamptz,
  deactivated_at timestamptz,
  name text NOT NULL,
  hint text NOT NULL,
  scopes text[] NOT NULL,
  ip_allow cidr[],
  created_at timestamptz NOT NULL,
  owner_stopped_until timestamptz,
  rotated_to uuid
) WITH (fillfactor = 90);
ALTER TABLE gatehouse.api_keys OWNER TO gatehouse_owner;
COMMENT ON TABLE gatehouse.api_keys IS 'API keys; of the key itself only a digest';
COMMENT ON COLUMN gatehouse.api_keys.lookup_id IS 'the number within the key by which its row is found; random, no secret';
COMMENT ON COLUMN gatehouse.api_keys.owner_is_live IS 'kept by whatever changes the account; true for a service key';
COMMENT ON COLUMN gatehouse.api_keys.owner_stopped_until IS 'when a stopped owner counts as live again; kept likewise';
COMMENT ON COLUMN gatehouse.api_keys.ring_key_id IS 'the key of the key ring that the digest was made under; 0 is none';
COMMENT ON COLUMN gatehouse.api_keys.rotated_to IS 'the key that took the place of this one, which ends with its overlap';
COMMENT ON COLUMN gatehouse.api_keys.user_id IS 'null for a service key';
CREATE INDEX api_keys_user_id ON gatehouse.api_keys (user_id, created_at, id);
COMMENT ON INDEX gatehouse.api_keys_user_id IS 'the keys of an account, and the service keys, in the order in which they are listed';

SELECT pg_catalog.pg_extension_config_dump('gatehouse.scopes', '');
SELECT pg_catalog.pg_extension_config_dump('gatehouse.api_keys', '');

CREATE TYPE gatehouse.api_key_match AS (
  api_key_id uuid,
  user_id uuid,
  scopes text[],
  name text,
  expires_at timestamptz
);
COMMENT ON TYPE gatehouse.api_key_match IS 'what verification tells of a live API key';
REVOKE ALL ON TYPE gatehouse.api_key_match FROM PUBLIC;
GRANT USAGE ON TYPE gatehouse.api_key_match TO gatehouse_app;

-- api_keys/scopes.sql

-- Scopes: what an API key may be given, and whether a list of them covers what is asked for.

CREATE FUNCTION gatehouse.scope_valid(scope text) RETURNS boolean
AS 'MODULE_PATHNAME', 'gatehouse_api_keys_scope_valid'
LANGUAGE c IMMUTABLE STRICT PARALLEL SAFE;
COMMENT ON FUNCTION gatehouse.scope_valid(text) IS
  'internal: whether the text has the form of a scope, resource, action:resource or action:*';
REVOKE ALL ON FUNCTION gatehouse.scope_valid(text) FROM PUBLIC;
GRANT EXECUTE ON FUNCTION gatehouse.scope_valid(text) TO gatehouse_owner;

-- These answer NULLs as well, with false: a leakproof function must not tell its argument by an error.

CREATE FUNCTION gatehouse.has_scope(scopes text[], scope text) RETURNS boolean
AS 'MODULE_PATHNAME', 'gatehouse_api_keys_has_scope'
LANGUAGE c IMMUTABLE PARALLEL SAFE LEAKPROOF;
COMMENT ON FUNCTION gatehouse.has_scope(text[], text) IS
  'whether the scopes cover the one that is asked for; read:* covers read:users. The empty list, null and what is no scope cover '
  'nothing and are covered by nothing: false, never null';
REVOKE ALL ON FUNCTION gatehouse.has_scope(text[], text) FROM PUBLIC;
GRANT EXECUTE ON FUNCTION gatehouse.has_scope(text[], text) TO gatehouse_app;

CREATE FUNCTION gatehouse.has_any_scope(scopes text[], wanted text[]) RETURNS boolean
AS 'MODULE_PATHNAME', 'gatehouse_api_keys_has_any_scope'
LANGUAGE c IMMUTABLE PARALLEL SAFE LEAKPROOF;
COMMENT ON FUNCTION gatehouse.has_any_scope(text[], text[]) IS
  'whether the scopes cover at least one of those wanted, as has_scope says; false where none is wanted, or null';
REVOKE ALL ON FUNCTION gatehouse.has_any_scope(text[], text[]) FROM PUBLIC;
GRANT EXECUTE ON FUNCTION gatehouse.has_any_scope(text[], text[]) TO gatehouse_app;

CREATE FUNCTION gatehouse.has_all_scopes(scopes text[], wanted text[]) RETURNS boolean
AS 'MODULE_PATHNAME', 'gatehouse_api_keys_has_all_scopes'
LANGUAGE c IMMUTABLE PARALLEL SAFE LEAKPROOF;
COMMENT ON FUNCTION gatehouse.has_all_scopes(text[], text[]) IS
  'whether the scopes cover each of those wanted, as has_scope says; true where none is wanted, false where null is: a list that '
  'got lost opens nothing';
REVOKE ALL ON FUNCTION gatehouse.has_all_scopes(text[], text[]) FROM PUBLIC;
GRANT EXECUTE ON FUNCTION gatehouse.has_all_scopes(text[], text[]) TO gatehouse_app, gatehouse_owner;

CREATE FUNCTION gatehouse.register_scope(name text, description text DEFAULT NULL) RETURNS boolean
LANGUAGE plpgsql VOLATILE SECURITY DEFINER
SET search_path = pg_catalog, pg_temp
AS $$
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
$$;
COMMENT ON FUNCTION gatehouse.register_scope(text, text) IS
  'registers a scope that API keys may be given; false where it was registered already, a new description replaces the old';
ALTER FUNCTION gatehouse.register_scope(text, text) OWNER TO gatehouse_owner;
REVOKE ALL ON FUNCTION gatehouse.register_scope(text, text) FROM PUBLIC;
GRANT EXECUTE ON FUNCTION gatehouse.register_scope(text, text) TO gatehouse_admin;

CREATE FUNCTION gatehouse.get_scopes(OUT name text, OUT description text) RETURNS SETOF record
LANGUAGE sql STABLE SECURITY DEFINER
SET search_path = pg_catalog, pg_temp
AS $$
  SELECT s.name, s.description FROM gatehouse.scopes s ORDER BY s.name
$$;
COMMENT ON FUNCTION gatehouse.get_scopes() IS 'the registered scopes, by name';
ALTER FUNCTION gatehouse.get_scopes() OWNER TO gatehouse_owner;
REVOKE ALL ON FUNCTION gatehouse.get_scopes() FROM PUBLIC;
GRANT EXECUTE ON FUNCTION gatehouse.get_scopes() TO gatehouse_app;

CREATE FUNCTION gatehouse.checked_scopes(scopes text[]) RETURNS text[]
LANGUAGE plpgsql STABLE
SET search_path = pg_catalog, pg_temp
AS $$
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
$$;
COMMENT ON FUNCTION gatehouse.checked_scopes(text[]) IS
  'internal: the scopes sorted and once each; 22023 where one is not registered; action:* needs one registered scope of the action';
ALTER FUNCTION gatehouse.checked_scopes(text[]) OWNER TO gatehouse_owner;
REVOKE ALL ON FUNCTION gatehouse.checked_scopes(text[]) FROM PUBLIC;

-- api_keys/making.sql

-- Making API keys.

CREATE FUNCTION gatehouse.make_api_key(
  OUT api_key text,
  OUT lookup_id bigint,
  OUT key_digest bytea,
  OUT ring_key_id integer,
  OUT hint text
)
AS 'MODULE_PATHNAME', 'gatehouse_api_keys_make'
LANGUAGE c VOLATILE;
COMMENT ON FUNCTION gatehouse.make_api_key() IS 'internal: a new API key and what is stored of it';
REVOKE ALL ON FUNCTION gatehouse.make_api_key() FROM PUBLIC;
GRANT EXECUTE ON FUNCTION gatehouse.make_api_key() TO gatehouse_owner;

CREATE FUNCTION gatehouse.checked_key_name(name text) RETURNS text
LANGUAGE plpgsql IMMUTABLE PARALLEL SAFE
SET search_path = pg_catalog, pg_temp
AS $$
BEGIN
  IF name IS NULL OR length(name) NOT BETWEEN 1 AND 100 THEN
    RAISE EXCEPTION 'name of an API key must have 1 to 100 characters' USING ERRCODE = '22023';
  END IF;
  RETURN name;
END
$$;
COMMENT ON FUNCTION gatehouse.checked_key_name(text) IS 'internal: the name of an API key; 22023 where it has not 1 to 100 characters';
ALTER FUNCTION gatehouse.checked_key_name(text) OWNER TO gatehouse_owner;
REVOKE ALL ON FUNCTION gatehouse.checked_key_name(text) FROM PUBLIC;

CREATE FUNCTION gatehouse.checked_networks(networks cidr[]) RETURNS cidr[]
LANGUAGE plpgsql IMMUTABLE PARALLEL SAFE
SET search_path = pg_catalog, pg_temp
AS $$
BEGIN
  IF EXISTS (SELECT FROM unnest(networks) n WHERE n IS NULL) OR cardinality(networks) NOT BETWEEN 1 AND 100 THEN
    RAISE EXCEPTION 'ip_allow must hold 1 to 100 networks, or be null for every address' USING ERRCODE = '22023';
  END IF;
  RETURN networks;
END
$$;
COMMENT ON FUNCTION gatehouse.checked_networks(cidr[]) IS
  'internal: the networks that an API key may be used from, null for every one; 22023 where there are not 1 to 100';
ALTER FUNCTION gatehouse.checked_networks(cidr[]) OWNER TO gatehouse_owner;
REVOKE ALL ON FUNCTION gatehouse.checked_networks(cidr[]) FROM PUBLIC;

CREATE FUNCTION gatehouse.insert_api_key(
  id uuid,
  user_id uuid,
  name text,
  scopes text[],
  expires_at timestamptz,
  ip_allow cidr[],
  created_at timestamptz,
  OUT api_key text,
  OUT hint text
)
LANGUAGE plpgsql VOLATILE
SET search_path = pg_catalog, pg_temp
AS $$
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
$$;
COMMENT ON FUNCTION gatehouse.insert_api_key(uuid, uuid, text, text[], timestamptz, cidr[], timestamptz) IS
  'internal: makes a key and stores what is stored of it; all has been checked, and the live owner locked';
ALTER FUNCTION gatehouse.insert_api_key(uuid, uuid, text, text[], timestamptz, cidr[], timestamptz) OWNER TO gatehouse_owner;
REVOKE ALL ON FUNCTION gatehouse.insert_api_key(uuid, uuid, text, text[], timestamptz, cidr[], timestamptz) FROM PUBLIC;

CREATE FUNCTION gatehouse.create_api_key(
  user_id uuid,
  name text,
  scopes text[] DEFAULT '{}',
  expires_at timestamptz DEFAULT NULL,
  ip_allow cidr[] DEFAULT NULL
) RETURNS TABLE (id uuid, api_key text, hint text, created_at timestamptz)
LANGUAGE plpgsql VOLATILE SECURITY DEFINER ROWS 1
SET search_path = pg_catalog, pg_temp
AS $$
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
$$;
COMMENT ON FUNCTION gatehouse.create_api_key(uuid, text, text[], timestamptz, cidr[]) IS
  'makes an API key, shown by this call only, for a live account, or without one (administrators) a service key; '
  'unregistered scopes, an expiry that has passed and one key too many are 22023; 42501 while another account is signed in, or a key that lacks one of the scopes';
ALTER FUNCTION gatehouse.create_api_key(uuid, text, text[], timestamptz, cidr[]) OWNER TO gatehouse_owner;
REVOKE ALL ON FUNCTION gatehouse.create_api_key(uuid, text, text[], timestamptz, cidr[]) FROM PUBLIC;
GRANT EXECUTE ON FUNCTION gatehouse.create_api_key(uuid, text, text[], timestamptz, cidr[]) TO gatehouse_app;

-- api_keys/verification.sql

-- Whether an API key opens, and for administrators why it does not.

CREATE FUNCTION gatehouse.match_api_key(api_key text, required_scopes text[], ip inet) RETURNS gatehouse.api_key_match
AS 'MODULE_PATHNAME', 'gatehouse_api_keys_match_reporting'
LANGUAGE c STABLE PARALLEL SAFE;
COMMENT ON FUNCTION gatehouse.match_api_key(text, text[], inet) IS
  'internal: verify_api_key as a scalar, null where the key is refused';
REVOKE ALL ON FUNCTION gatehouse.match_api_key(text, text[], inet) FROM PUBLIC;
GRANT EXECUTE ON FUNCTION gatehouse.match_api_key(text, text[], inet) TO gatehouse_app;

-- Inlined into the caller's query: this is the cheapest form of a function with zero or one row.
CREATE FUNCTION gatehouse.verify_api_key(api_key text, required_scopes text[] DEFAULT '{}', ip inet DEFAULT NULL)
RETURNS TABLE (api_key_id uuid, user_id uuid, scopes text[], name text, expires_at timestamptz)
LANGUAGE sql STABLE PARALLEL SAFE ROWS 1
BEGIN ATOMIC
  SELECT (v.matched).api_key_id, (v.matched).user_id, (v.matched).scopes, (v.matched).name, (v.matched).expires_at
    FROM (SELECT gatehouse.match_api_key(verify_api_key.api_key, verify_api_key.required_scopes, verify_api_key.ip)
                 AS matched
          OFFSET 0) v
   WHERE (v.matched).api_key_id IS NOT NULL;
END;
COMMENT ON FUNCTION gatehouse.verify_api_key(text, text[], inet) IS
  'the live key of a live account that holds the scopes and may be used from the address, else no row; sees what has been '
  'committed by now in every isolation level; reads only';
REVOKE ALL ON FUNCTION gatehouse.verify_api_key(text, text[], inet) FROM PUBLIC;
GRANT EXECUTE ON FUNCTION gatehouse.verify_api_key(text, text[], inet) TO gatehouse_app;

CREATE FUNCTION gatehouse.check_api_key(
  api_key text,
  required_scopes text[] DEFAULT '{}',
  ip inet DEFAULT NULL,
  OUT status text,
  OUT api_key_id uuid,
  OUT user_id uuid,
  OUT scopes text[],
  OUT name text,
  OUT expires_at timestamptz
)
AS 'MODULE_PATHNAME', 'gatehouse_api_keys_check'
LANGUAGE c STABLE PARALLEL SAFE;
COMMENT ON FUNCTION gatehouse.check_api_key(text, text[], inet) IS
  'verify_api_key with the reason: status is ok, or the first that holds of malformed, stale_standby, unknown, key_ring (made under a '
  'key that the key ring lacks), deactivated, expired, owner_inactive, address, scopes. The key''s columns are null for the first four, '
  'where nobody proved to hold it. Reads only, reports no event and counts no use';
REVOKE ALL ON FUNCTION gatehouse.check_api_key(text, text[], inet) FROM PUBLIC;
GRANT EXECUTE ON FUNCTION gatehouse.check_api_key(text, text[], inet) TO gatehouse_admin;

-- api_keys/usage.sql

-- When, from where and how often a key was used. A verification notes its use in shared memory only; maintenance writes
-- what waits there, and whoever reads adds it to what is stored.

-- The library reads this table directly: the order of its columns is that of src/api_keys/key_uses_pg.cpp.
CREATE TABLE gatehouse.api_key_usage (
  api_key_id uuid NOT NULL CONSTRAINT api_key_usage_pkey PRIMARY KEY
    CONSTRAINT api_key_usage_api_key_id_fkey REFERENCES gatehouse.api_keys ON DELETE CASCADE,
  last_used_at timestamptz NOT NULL,
  last_used_ip inet,
  use_count bigint NOT NULL
) WITH (fillfactor = 50);
ALTER TABLE gatehouse.api_key_usage OWNER TO gatehouse_owner;
COMMENT ON TABLE gatehouse.api_key_usage IS 'the uses of API keys, as last written; apart from the keys, whose rows so stay as they are';
COMMENT ON COLUMN gatehouse.api_key_usage.last_used_ip IS 'from where the last use came; null where it did not say';
SELECT pg_catalog.pg_extension_config_dump('gatehouse.api_key_usage', '');

CREATE FUNCTION gatehouse.key_usage(
  api_key_id uuid,
  OUT last_used_at timestamptz,
  OUT last_used_ip inet,
  OUT use_count bigint
)
AS 'MODULE_PATHNAME', 'gatehouse_api_keys_usage'
LANGUAGE c STABLE STRICT PARALLEL SAFE;
COMMENT ON FUNCTION gatehouse.key_usage(uuid) IS
  'internal: the uses of an API key up to now, what waits in shared memory included, in every isolation level; 0 uses, at no time, where '
  'there are none';
REVOKE ALL ON FUNCTION gatehouse.key_usage(uuid) FROM PUBLIC;
GRANT EXECUTE ON FUNCTION gatehouse.key_usage(uuid) TO gatehouse_owner;

CREATE FUNCTION gatehouse.waiting_key_uses(at_most integer) RETURNS uuid[]
AS 'MODULE_PATHNAME', 'gatehouse_api_keys_waiting_uses'
LANGUAGE c VOLATILE STRICT;
COMMENT ON FUNCTION gatehouse.waiting_key_uses(integer) IS
  'internal: keys of this database that have uses in shared memory which nobody is writing, at most 10000';
REVOKE ALL ON FUNCTION gatehouse.waiting_key_uses(integer) FROM PUBLIC;
GRANT EXECUTE ON FUNCTION gatehouse.waiting_key_uses(integer) TO gatehouse_owner;

CREATE FUNCTION gatehouse.take_key_uses(ids uuid[]) RETURNS SETOF gatehouse.api_key_usage
AS 'MODULE_PATHNAME', 'gatehouse_api_keys_take_uses'
LANGUAGE c VOLATILE STRICT ROWS 100;
COMMENT ON FUNCTION gatehouse.take_key_uses(uuid[]) IS
  'internal: what waits of the uses of these keys; it leaves shared memory when the transaction commits';
REVOKE ALL ON FUNCTION gatehouse.take_key_uses(uuid[]) FROM PUBLIC;
GRANT EXECUTE ON FUNCTION gatehouse.take_key_uses(uuid[]) TO gatehouse_owner;

CREATE FUNCTION gatehouse.forget_key_uses(ids uuid[]) RETURNS bigint
AS 'MODULE_PATHNAME', 'gatehouse_api_keys_forget_uses'
LANGUAGE c VOLATILE STRICT;
COMMENT ON FUNCTION gatehouse.forget_key_uses(uuid[]) IS
  'internal: drops from shared memory what waits of those of these keys that are gone, and gives their number';
REVOKE ALL ON FUNCTION gatehouse.forget_key_uses(uuid[]) FROM PUBLIC;
GRANT EXECUTE ON FUNCTION gatehouse.forget_key_uses(uuid[]) TO gatehouse_owner;

-- Whoever deletes a key has its row, and waits for that of its usage: nobody waits for him. Those uses wait for the next time.
CREATE FUNCTION gatehouse.write_key_uses() RETURNS bigint
LANGUAGE plpgsql VOLATILE
SET search_path = pg_catalog, pg_temp
AS $$
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
$$;
COMMENT ON FUNCTION gatehouse.write_key_uses() IS
  'internal: writes what waits in shared memory of the uses of at most 1000 keys, and gives the number of the keys; uses of a key that '
  'is gone are dropped';
ALTER FUNCTION gatehouse.write_key_uses() OWNER TO gatehouse_owner;
REVOKE ALL ON FUNCTION gatehouse.write_key_uses() FROM PUBLIC;

-- api_keys/listing.sql

-- API keys as they are shown.

CREATE TYPE gatehouse.api_key_info AS (
  id uuid,
  name text,
  hint text,
  scopes text[],
  status text,
  created_at timestamptz,
  expires_at timestamptz,
  last_used_at timestamptz,
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
  created_at timestamptz,
  expires_at timestamptz,
  last_used_at timestamptz,
  last_used_ip inet,
  use_count bigint,
  ip_allow cidr[],
  user_id uuid,
  cursor text
);
COMMENT ON TYPE gatehouse.api_key_list_entry IS 'an API key as a list shows it: api_key_info, and its place in the list';
REVOKE ALL ON TYPE gatehouse.api_key_list_entry FROM PUBLIC;
GRANT USAGE ON TYPE gatehouse.api_key_list_entry TO gatehouse_app, gatehouse_owner;

-- The order of the reasons is that of check_api_key.
CREATE FUNCTION gatehouse.api_key_status(stored gatehouse.api_keys, now_at timestamptz) RETURNS text
LANGUAGE sql IMMUTABLE PARALLEL SAFE
RETURN CASE WHEN (stored).deactivated_at IS NOT NULL THEN 'deactivated'
            WHEN (stored).expires_at <= now_at THEN 'expired'
            WHEN NOT ((stored).owner_is_live OR coalesce((stored).owner_stopped_until <= now_at, false)) THEN 'owner_inactive'
            ELSE 'active'
       END;
COMMENT ON FUNCTION gatehouse.api_key_status(gatehouse.api_keys, timestamptz) IS
  'internal: whether the key works at that moment, or why it does not: active, deactivated, expired, owner_inactive';
ALTER FUNCTION gatehouse.api_key_status(gatehouse.api_keys, timestamptz) OWNER TO gatehouse_owner;
REVOKE ALL ON FUNCTION gatehouse.api_key_status(gatehouse.api_keys, timestamptz) FROM PUBLIC;

CREATE FUNCTION gatehouse.describe_api_key(stored gatehouse.api_keys) RETURNS gatehouse.api_key_info
LANGUAGE sql STABLE
BEGIN ATOMIC
  SELECT (stored).id, (stored).name, (stored).hint, (stored).scopes,
         gatehouse.api_key_status(stored, clock_timestamp()), (stored).created_at, (stored).expires_at,
         u.last_used_at, u.last_used_ip, u.use_count, (stored).ip_allow, (stored).user_id
    FROM gatehouse.key_usage((stored).id) u;
END;
COMMENT ON FUNCTION gatehouse.describe_api_key(gatehouse.api_keys) IS 'internal: what may be told of an API key';
ALTER FUNCTION gatehouse.describe_api_key(gatehouse.api_keys) OWNER TO gatehouse_owner;
REVOKE ALL ON FUNCTION gatehouse.describe_api_key(gatehouse.api_keys) FROM PUBLIC;

-- A null user_id is the service keys. The plan is made for the arguments, so that either is a range of the one index.
CREATE FUNCTION gatehouse.api_key_page(user_id uuid, page_size integer, after text) RETURNS SETOF gatehouse.api_key_list_entry
LANGUAGE plpgsql STABLE ROWS 20
SET search_path = pg_catalog, pg_temp
SET plan_cache_mode = force_custom_plan
AS $$
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
$$;
COMMENT ON FUNCTION gatehouse.api_key_page(uuid, integer, text) IS
  'internal: a page of the keys of an account, or for null of the service keys, the newest first; 22023 and 22P02 as get_users';
ALTER FUNCTION gatehouse.api_key_page(uuid, integer, text) OWNER TO gatehouse_owner;
REVOKE ALL ON FUNCTION gatehouse.api_key_page(uuid, integer, text) FROM PUBLIC;

CREATE FUNCTION gatehouse.get_user_api_keys(user_id uuid, page_size integer DEFAULT 20, after text DEFAULT NULL)
RETURNS SETOF gatehouse.api_key_list_entry
LANGUAGE plpgsql STABLE SECURITY DEFINER ROWS 20
SET search_path = pg_catalog, pg_temp
AS $$
BEGIN
  IF get_user_api_keys.user_id IS NULL THEN
    RAISE EXCEPTION 'argument "user_id" must not be null'
      USING ERRCODE = '22023', HINT = 'Service keys are listed by gatehouse.get_service_keys().';
  END IF;
  PERFORM gatehouse.check_acts_for(get_user_api_keys.user_id);
  RETURN QUERY SELECT * FROM gatehouse.api_key_page(get_user_api_keys.user_id, page_size, after);
END
$$;
COMMENT ON FUNCTION gatehouse.get_user_api_keys(uuid, integer, text) IS
  'a page of the API keys of an account, ended ones too, the newest first; after takes the cursor of the last row seen. status, judged '
  'by the clock, is active, or the first that holds of deactivated, expired, owner_inactive (stopped or deleted). No row where no '
  'account has this id. A malformed cursor is 22P02, a page_size that is not from 1 to 100 is 22023, another account''s id while '
  'somebody is signed in 42501';
ALTER FUNCTION gatehouse.get_user_api_keys(uuid, integer, text) OWNER TO gatehouse_owner;
REVOKE ALL ON FUNCTION gatehouse.get_user_api_keys(uuid, integer, text) FROM PUBLIC;
GRANT EXECUTE ON FUNCTION gatehouse.get_user_api_keys(uuid, integer, text) TO gatehouse_app;

CREATE FUNCTION gatehouse.get_service_keys(page_size integer DEFAULT 20, after text DEFAULT NULL)
RETURNS SETOF gatehouse.api_key_list_entry
LANGUAGE sql STABLE SECURITY DEFINER ROWS 20
SET search_path = pg_catalog, pg_temp
AS $$
  SELECT * FROM gatehouse.api_key_page(NULL, page_size, after)
$$;
COMMENT ON FUNCTION gatehouse.get_service_keys(integer, text) IS
  'a page of the service keys, as get_user_api_keys shows those of an account';
ALTER FUNCTION gatehouse.get_service_keys(integer, text) OWNER TO gatehouse_owner;
REVOKE ALL ON FUNCTION gatehouse.get_service_keys(integer, text) FROM PUBLIC;
GRANT EXECUTE ON FUNCTION gatehouse.get_service_keys(integer, text) TO gatehouse_admin;

CREATE FUNCTION gatehouse.get_api_key_by_id(id uuid, user_id uuid DEFAULT NULL) RETURNS SETOF gatehouse.api_key_info
LANGUAGE plpgsql STABLE SECURITY DEFINER ROWS 1
SET search_path = pg_catalog, pg_temp
AS $$
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
$$;
COMMENT ON FUNCTION gatehouse.get_api_key_by_id(uuid, uuid) IS
  'the API key of this id, ended or not, as get_user_api_keys shows it; no row where there is none, or it is not this user''s, or it is '
  'a service key and the caller no administrator; 42501 where another account than user_id is signed in';
ALTER FUNCTION gatehouse.get_api_key_by_id(uuid, uuid) OWNER TO gatehouse_owner;
REVOKE ALL ON FUNCTION gatehouse.get_api_key_by_id(uuid, uuid) FROM PUBLIC;
GRANT EXECUTE ON FUNCTION gatehouse.get_api_key_by_id(uuid, uuid) TO gatehouse_app;

-- api_keys/changing.sql

-- Changing and ending API keys.

-- An application keeps keys by their ids, and says for whom it asks: user_id, where it is not null, must be the key's.
CREATE FUNCTION gatehouse.owner_of_key(id uuid, user_id uuid, OUT is_found boolean, OUT owner_id uuid)
LANGUAGE plpgsql STABLE
SET search_path = pg_catalog, pg_temp
AS $$
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
$$;
COMMENT ON FUNCTION gatehouse.owner_of_key(uuid, uuid) IS
  'internal: whether there is such a key that the caller may change, and whose it is, null for a service key. 22023 without an id, '
  '42501 where another account than user_id is signed in';
ALTER FUNCTION gatehouse.owner_of_key(uuid, uuid) OWNER TO gatehouse_owner;
REVOKE ALL ON FUNCTION gatehouse.owner_of_key(uuid, uuid) FROM PUBLIC;

CREATE FUNCTION gatehouse.lock_live_key(id uuid) RETURNS gatehouse.api_keys
LANGUAGE plpgsql VOLATILE
SET search_path = pg_catalog, pg_temp
AS $$
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
$$;
COMMENT ON FUNCTION gatehouse.lock_live_key(uuid) IS
  'internal: locks the key, whose live owner is locked; all null where it is not active';
ALTER FUNCTION gatehouse.lock_live_key(uuid) OWNER TO gatehouse_owner;
REVOKE ALL ON FUNCTION gatehouse.lock_live_key(uuid) FROM PUBLIC;

-- What doesn't belong there is not repeated: it may be a key that was put in the wrong place.
CREATE FUNCTION gatehouse.texts_of_json(field jsonb, field_name text) RETURNS text[]
LANGUAGE plpgsql IMMUTABLE PARALLEL SAFE
SET search_path = pg_catalog, pg_temp
AS $$
BEGIN
  IF jsonb_typeof(field) <> 'array' OR jsonb_path_exists(field, 'strict $[*] ? (@.type() != "string")') THEN
    RAISE EXCEPTION '% must be a JSON array of strings', field_name USING ERRCODE = '22023';
  END IF;
  RETURN ARRAY(SELECT t FROM jsonb_array_elements_text(field) t);
END
$$;
COMMENT ON FUNCTION gatehouse.texts_of_json(jsonb, text) IS
  'internal: a list of texts from the field of a patch; 22023 where it is anything else';
ALTER FUNCTION gatehouse.texts_of_json(jsonb, text) OWNER TO gatehouse_owner;
REVOKE ALL ON FUNCTION gatehouse.texts_of_json(jsonb, text) FROM PUBLIC;

CREATE FUNCTION gatehouse.networks_of_json(field jsonb) RETURNS cidr[]
LANGUAGE plpgsql IMMUTABLE PARALLEL SAFE
SET search_path = pg_catalog, pg_temp
AS $$
BEGIN
  IF field = jsonb 'null' THEN
    RETURN NULL;
  END IF;
  RETURN gatehouse.checked_networks(gatehouse.texts_of_json(field, 'ip_allow')::cidr[]);
EXCEPTION WHEN invalid_text_representation THEN
  RAISE EXCEPTION 'ip_allow must hold networks, such as "192.0.2.0/24"' USING ERRCODE = '22023';
END
$$;
COMMENT ON FUNCTION gatehouse.networks_of_json(jsonb) IS
  'internal: ip_allow from a patch, where null is every address; 22023 where it is no list of 1 to 100 networks';
ALTER FUNCTION gatehouse.networks_of_json(jsonb) OWNER TO gatehouse_owner;
REVOKE ALL ON FUNCTION gatehouse.networks_of_json(jsonb) FROM PUBLIC;

-- Only the form that means the same whatever DateStyle and TimeZone a session has set.
CREATE FUNCTION gatehouse.time_of_json(field jsonb, field_name text) RETURNS timestamptz
LANGUAGE plpgsql STABLE PARALLEL SAFE
SET search_path = pg_catalog, pg_temp
AS $$
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
$$;
COMMENT ON FUNCTION gatehouse.time_of_json(jsonb, text) IS
  'internal: a time from the field of a patch, in the form of ISO 8601 that JSON has; 22023 where it is anything else';
ALTER FUNCTION gatehouse.time_of_json(jsonb, text) OWNER TO gatehouse_owner;
REVOKE ALL ON FUNCTION gatehouse.time_of_json(jsonb, text) FROM PUBLIC;

CREATE FUNCTION gatehouse.update_api_key(id uuid, patch jsonb, user_id uuid DEFAULT NULL) RETURNS SETOF gatehouse.api_key_info
LANGUAGE plpgsql VOLATILE SECURITY DEFINER ROWS 1
SET search_path = pg_catalog, pg_temp
AS $$
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
$$;
COMMENT ON FUNCTION gatehouse.update_api_key(uuid, jsonb, uuid) IS
  'changes fields of a live key of a live account: name; ip_allow, where null is every address; scopes, which can only become fewer '
  '(of read:* is read:users a part); expires_at, which can only become earlier. What is not in the patch stays. Gives the key, or no '
  'row where there is none that is live, or it is not this user''s, or it is a service key and the caller no administrator. An unknown '
  'field and a value that is not allowed are 22023; 42501 where another account than user_id is signed in';
ALTER FUNCTION gatehouse.update_api_key(uuid, jsonb, uuid) OWNER TO gatehouse_owner;
REVOKE ALL ON FUNCTION gatehouse.update_api_key(uuid, jsonb, uuid) FROM PUBLIC;
GRANT EXECUTE ON FUNCTION gatehouse.update_api_key(uuid, jsonb, uuid) TO gatehouse_app;

CREATE FUNCTION gatehouse.deactivate_api_key(id uuid, user_id uuid DEFAULT NULL) RETURNS boolean
LANGUAGE plpgsql VOLATILE SECURITY DEFINER
SET search_path = pg_catalog, pg_temp
AS $$
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
$$;
COMMENT ON FUNCTION gatehouse.deactivate_api_key(uuid, uuid) IS
  'ends a key for good; false where there is no such active key, or it is not this user''s, or another account is signed in, or it '
  'is a service key and the caller no administrator; 42501 where another account than user_id is signed in';
ALTER FUNCTION gatehouse.deactivate_api_key(uuid, uuid) OWNER TO gatehouse_owner;
REVOKE ALL ON FUNCTION gatehouse.deactivate_api_key(uuid, uuid) FROM PUBLIC;
GRANT EXECUTE ON FUNCTION gatehouse.deactivate_api_key(uuid, uuid) TO gatehouse_app;

-- The account is locked, of whatever state it is, so that no key is missed that is being made or rotated.
CREATE FUNCTION gatehouse.deactivate_user_api_keys(user_id uuid) RETURNS bigint
LANGUAGE plpgsql VOLATILE SECURITY DEFINER
SET search_path = pg_catalog, pg_temp
AS $$
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
$$;
COMMENT ON FUNCTION gatehouse.deactivate_user_api_keys(uuid) IS
  'ends all keys of an account for good that are neither deactivated nor expired, also while it is stopped or deleted, and those that '
  'are being made or rotated at the moment; how many there were. 42501 while another account is signed in';
ALTER FUNCTION gatehouse.deactivate_user_api_keys(uuid) OWNER TO gatehouse_owner;
REVOKE ALL ON FUNCTION gatehouse.deactivate_user_api_keys(uuid) FROM PUBLIC;
GRANT EXECUTE ON FUNCTION gatehouse.deactivate_user_api_keys(uuid) TO gatehouse_app;

-- api_keys/rotation.sql

-- A key's successor.

-- What create_api_key gives. A type, since a result column of a function may not bear the name of an argument.
CREATE TYPE gatehouse.rotated_api_key AS (
  id uuid,
  api_key text,
  hint text,
  created_at timestamptz
);
COMMENT ON TYPE gatehouse.rotated_api_key IS 'the key that took the place of another one';
REVOKE ALL ON TYPE gatehouse.rotated_api_key FROM PUBLIC;
GRANT USAGE ON TYPE gatehouse.rotated_api_key TO gatehouse_app, gatehouse_owner;

-- The account has been locked to count. The keys in their overlap have no places among those that max_api_keys_per_user counts,
-- and are at most as many again, or one key would be rotated into any number.
CREATE FUNCTION gatehouse.end_oldest_overlaps(user_id uuid, now_at timestamptz) RETURNS void
LANGUAGE plpgsql VOLATILE
SET search_path = pg_catalog, pg_temp
AS $$
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
$$;
COMMENT ON FUNCTION gatehouse.end_oldest_overlaps(uuid, timestamptz) IS
  'internal: ends the keys of an account that are soonest at the end of their overlap, beyond max_api_keys_per_user of them';
ALTER FUNCTION gatehouse.end_oldest_overlaps(uuid, timestamptz) OWNER TO gatehouse_owner;
REVOKE ALL ON FUNCTION gatehouse.end_oldest_overlaps(uuid, timestamptz) FROM PUBLIC;

CREATE FUNCTION gatehouse.rotate_api_key(id uuid, user_id uuid DEFAULT NULL, overlap interval DEFAULT interval '0')
RETURNS SETOF gatehouse.rotated_api_key
LANGUAGE plpgsql VOLATILE SECURITY DEFINER ROWS 1
SET search_path = pg_catalog, pg_temp
AS $$
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
$$;
COMMENT ON FUNCTION gatehouse.rotate_api_key(uuid, uuid, interval) IS
  'makes a successor of a live key of a live account, shown by this call only, with its name, scopes, ip_allow and expiry; the old key '
  'works through the overlap, at most 30 days and never beyond its own expiry, and is not rotated again. The limit of keys does not '
  'hold a rotation up. No row where there is no such key, or another rotation won, or it is not this user''s, or it is a service key and '
  'the caller no administrator. 22023 for another overlap, 42501 where another account than user_id is signed in';
ALTER FUNCTION gatehouse.rotate_api_key(uuid, uuid, interval) OWNER TO gatehouse_owner;
REVOKE ALL ON FUNCTION gatehouse.rotate_api_key(uuid, uuid, interval) FROM PUBLIC;
GRANT EXECUTE ON FUNCTION gatehouse.rotate_api_key(uuid, uuid, interval) TO gatehouse_app;

-- sessions/tables.sql

-- One row a session, however often it is refreshed: no column that a refresh changes is indexed, and pages keep room, so
-- that refreshes are HOT updates. The library reads this table directly: the order of its columns is that of
-- src/sessions/session_row_pg.h.
CREATE TABLE gatehouse.sessions (
  session_id uuid NOT NULL CONSTRAINT sessions_pkey PRIMARY KEY,
  user_id uuid NOT NULL CONSTRAINT sessions_user_id_fkey REFERENCES gatehouse.users ON DELETE CASCADE,
  locator_digest bytea NOT NULL CONSTRAINT sessions_locator_digest_key UNIQUE,
  token_digest bytea NOT NULL,
  ring_key_id integer NOT NULL,
  previous_digest bytea,
  previous_ring_key_id integer,
  rotations bigint NOT NULL,
  rotated_at timestamptz,
  created_at timestamptz NOT NULL,
  last_used_at timestamptz NOT NULL,
  expires_at timestamptz NOT NULL,
  idle_expires_at timestamptz NOT NULL,
  revoked_at timestamptz,
  revocation text,
  ip inet,
  user_agent text,
  device text,
  sweep_at timestamptz NOT NULL DEFAULT '-infinity'
) WITH (fillfactor = 50);
ALTER TABLE gatehouse.sessions OWNER TO gatehouse_owner;
COMMENT ON TABLE gatehouse.sessions IS 'refresh-token sessions; of the tokens only digests';
COMMENT ON COLUMN gatehouse.sessions.locator_digest IS 'digest of the part that all tokens of the session share';
COMMENT ON COLUMN gatehouse.sessions.ring_key_id IS
  'the key of the key ring that the current token''s digest was made under; 0 is none';
COMMENT ON COLUMN gatehouse.sessions.revocation IS 'why the session was ended: logout, limit, reuse, password_change, password_reset, account_stopped, account_deleted';
COMMENT ON COLUMN gatehouse.sessions.sweep_at IS
  'when cleanup_expired_tokens looks at the row again; not later than the end of its idle time, and no refresh changes it';
CREATE INDEX sessions_user_id ON gatehouse.sessions (user_id) WHERE revoked_at IS NULL;
COMMENT ON INDEX gatehouse.sessions_user_id IS 'the sessions of an account that were not ended';
CREATE INDEX sessions_sweep_at ON gatehouse.sessions (sweep_at);
COMMENT ON INDEX gatehouse.sessions_sweep_at IS 'which sessions may have lapsed';
CREATE INDEX sessions_revoked_at ON gatehouse.sessions (revoked_at) WHERE revoked_at IS NOT NULL;
COMMENT ON INDEX gatehouse.sessions_revoked_at IS 'which sessions were ended, and when';

SELECT pg_catalog.pg_extension_config_dump('gatehouse.sessions', '');

CREATE TYPE gatehouse.session_info AS (
  session_id uuid,
  user_id uuid,
  device text,
  ip inet,
  user_agent text,
  created_at timestamptz,
  last_used_at timestamptz,
  expires_at timestamptz,
  idle_expires_at timestamptz,
  is_current boolean
);
COMMENT ON TYPE gatehouse.session_info IS 'what session functions tell of a session; never a digest';
REVOKE ALL ON TYPE gatehouse.session_info FROM PUBLIC;
GRANT USAGE ON TYPE gatehouse.session_info TO gatehouse_app, gatehouse_owner;

-- sessions/tokens.sql

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

-- sessions/opening.sql

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

-- sessions/reading.sql

CREATE FUNCTION gatehouse.verify_refresh_token(token text) RETURNS SETOF gatehouse.session_info
AS 'MODULE_PATHNAME', 'gatehouse_sessions_verify'
LANGUAGE c STABLE ROWS 1;
COMMENT ON FUNCTION gatehouse.verify_refresh_token(text) IS
  'the live session whose current token this is, else no row; reads only and uses nothing up. Sees what has been committed by now in '
  'every isolation level; a standby that is too far behind (gatehouse.max_standby_staleness) gives no row';
REVOKE ALL ON FUNCTION gatehouse.verify_refresh_token(text) FROM PUBLIC;
GRANT EXECUTE ON FUNCTION gatehouse.verify_refresh_token(text) TO gatehouse_app;

CREATE FUNCTION gatehouse.digests_equal(a bytea, b bytea) RETURNS boolean
AS 'MODULE_PATHNAME', 'gatehouse_sessions_digests_equal'
LANGUAGE c IMMUTABLE STRICT PARALLEL SAFE;
COMMENT ON FUNCTION gatehouse.digests_equal(bytea, bytea) IS
  'internal: whether both are the same digest, in constant time; what has not the size of one equals nothing';
REVOKE ALL ON FUNCTION gatehouse.digests_equal(bytea, bytea) FROM PUBLIC;
GRANT EXECUTE ON FUNCTION gatehouse.digests_equal(bytea, bytea) TO gatehouse_owner;

CREATE FUNCTION gatehouse.session_is_live(session gatehouse.sessions) RETURNS boolean
LANGUAGE sql STABLE
BEGIN ATOMIC
  SELECT session.revoked_at IS NULL AND session.expires_at > clock_timestamp() AND session.idle_expires_at > clock_timestamp()
         AND EXISTS (SELECT FROM gatehouse.users u
                      WHERE u.id = session.user_id AND u.deleted_at IS NULL
                        AND (u.is_active OR u.stopped_until <= clock_timestamp()));
END;
COMMENT ON FUNCTION gatehouse.session_is_live(gatehouse.sessions) IS
  'internal: whether neither the session has ended nor its account is stopped or deleted';
ALTER FUNCTION gatehouse.session_is_live(gatehouse.sessions) OWNER TO gatehouse_owner;
REVOKE ALL ON FUNCTION gatehouse.session_is_live(gatehouse.sessions) FROM PUBLIC;

CREATE FUNCTION gatehouse.describe_session(session gatehouse.sessions, current_session uuid) RETURNS gatehouse.session_info
LANGUAGE sql STABLE
BEGIN ATOMIC
  SELECT session.session_id, session.user_id, session.device, session.ip, session.user_agent, session.created_at,
         session.last_used_at, session.expires_at, session.idle_expires_at,
         session.session_id IS NOT DISTINCT FROM current_session;
END;
COMMENT ON FUNCTION gatehouse.describe_session(gatehouse.sessions, uuid) IS 'internal: what may be told of a session';
ALTER FUNCTION gatehouse.describe_session(gatehouse.sessions, uuid) OWNER TO gatehouse_owner;
REVOKE ALL ON FUNCTION gatehouse.describe_session(gatehouse.sessions, uuid) FROM PUBLIC;

-- An index on the digest would make every refresh write to every index of the table.
CREATE FUNCTION gatehouse.get_refresh_token_by_hash(token_hash bytea, user_id uuid DEFAULT NULL) RETURNS SETOF gatehouse.session_info
LANGUAGE plpgsql STABLE SECURITY DEFINER ROWS 1
SET search_path = pg_catalog, pg_temp
SET plan_cache_mode = force_custom_plan
AS $$
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
$$;
COMMENT ON FUNCTION gatehouse.get_refresh_token_by_hash(bytea, uuid) IS
  'the live session whose current token has this token_digest, else no row; user_id says whose it is to be. Without user_id it reads '
  'through the sessions of all accounts: for support, not for logins. is_current tells the session that is signed in with. 42501 with the '
  'id of another account than the signed-in one''s';
ALTER FUNCTION gatehouse.get_refresh_token_by_hash(bytea, uuid) OWNER TO gatehouse_owner;
REVOKE ALL ON FUNCTION gatehouse.get_refresh_token_by_hash(bytea, uuid) FROM PUBLIC;
GRANT EXECUTE ON FUNCTION gatehouse.get_refresh_token_by_hash(bytea, uuid) TO gatehouse_app;

CREATE FUNCTION gatehouse.get_user_sessions(user_id uuid, current_token text DEFAULT NULL) RETURNS SETOF gatehouse.session_info
LANGUAGE plpgsql STABLE SECURITY DEFINER ROWS 5
SET search_path = pg_catalog, pg_temp
AS $$
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
$$;
COMMENT ON FUNCTION gatehouse.get_user_sessions(uuid, text) IS
  'the live sessions of an account, the latest used first. is_current tells the one that current_token belongs to; without it, the one '
  'that is signed in with. 42501 with the id of another account than the signed-in one''s';
ALTER FUNCTION gatehouse.get_user_sessions(uuid, text) OWNER TO gatehouse_owner;
REVOKE ALL ON FUNCTION gatehouse.get_user_sessions(uuid, text) FROM PUBLIC;
GRANT EXECUTE ON FUNCTION gatehouse.get_user_sessions(uuid, text) TO gatehouse_app;

-- sessions/refreshing.sql

CREATE FUNCTION gatehouse.refresh_session(refresh_token text, ip inet DEFAULT NULL, user_agent text DEFAULT NULL)
RETURNS TABLE (status text, session_id uuid, user_id uuid, refresh_token text, expires_at timestamptz)
AS 'MODULE_PATHNAME', 'gatehouse_sessions_refresh'
LANGUAGE c VOLATILE ROWS 1;
COMMENT ON FUNCTION gatehouse.refresh_session(text, inet, text) IS
  'uses a refresh token up and gives its successor. status: ok, invalid, expired, revoked, reuse_detected; session_id and '
  'user_id are told for ok and reuse_detected only. With a key ring, the same token within gatehouse.refresh_grace is ok with the '
  'same successor; any other replay ends the session (RFC 9700, section 4.14)';
REVOKE ALL ON FUNCTION gatehouse.refresh_session(text, inet, text) FROM PUBLIC;
GRANT EXECUTE ON FUNCTION gatehouse.refresh_session(text, inet, text) TO gatehouse_app;

CREATE FUNCTION gatehouse.reused_sessions() RETURNS SETOF uuid
AS 'MODULE_PATHNAME', 'gatehouse_sessions_reused'
LANGUAGE c VOLATILE ROWS 10;
COMMENT ON FUNCTION gatehouse.reused_sessions() IS
  'internal: sessions of this database whose token was used twice, and whose rows have not ended yet; those that have are forgotten';
REVOKE ALL ON FUNCTION gatehouse.reused_sessions() FROM PUBLIC;
GRANT EXECUTE ON FUNCTION gatehouse.reused_sessions() TO gatehouse_owner;

-- The session of a transaction that is not over yet is left for later: it may be the one that ends it.
CREATE FUNCTION gatehouse.end_reused_sessions() RETURNS bigint
LANGUAGE plpgsql VOLATILE
SET search_path = pg_catalog, pg_temp
AS $$
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
$$;
COMMENT ON FUNCTION gatehouse.end_reused_sessions() IS
  'internal: ends the sessions whose token was used twice where the transaction that found it was rolled back; how many';
ALTER FUNCTION gatehouse.end_reused_sessions() OWNER TO gatehouse_owner;
REVOKE ALL ON FUNCTION gatehouse.end_reused_sessions() FROM PUBLIC;

-- sessions/ending.sql

-- Whoever erases the account waits for the session's row, and so finds the event.
CREATE FUNCTION gatehouse.revoke_refresh_token(token text) RETURNS boolean
LANGUAGE plpgsql VOLATILE SECURITY DEFINER
SET search_path = pg_catalog, pg_temp
AS $$
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
$$;
COMMENT ON FUNCTION gatehouse.revoke_refresh_token(text) IS
  'ends the session that the token belongs to, also where the token was used up already; false where there is no such live '
  'session, or another account is signed in';
ALTER FUNCTION gatehouse.revoke_refresh_token(text) OWNER TO gatehouse_owner;
REVOKE ALL ON FUNCTION gatehouse.revoke_refresh_token(text) FROM PUBLIC;
GRANT EXECUTE ON FUNCTION gatehouse.revoke_refresh_token(text) TO gatehouse_app;

CREATE FUNCTION gatehouse.revoke_session(session_id uuid, user_id uuid DEFAULT NULL) RETURNS boolean
LANGUAGE plpgsql VOLATILE SECURITY DEFINER
SET search_path = pg_catalog, pg_temp
AS $$
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
$$;
COMMENT ON FUNCTION gatehouse.revoke_session(uuid, uuid) IS
  'ends a session; false where there is no such live one, or it is another account''s than user_id or the signed-in one. 42501 with the id '
  'of another account than the signed-in one''s';
ALTER FUNCTION gatehouse.revoke_session(uuid, uuid) OWNER TO gatehouse_owner;
REVOKE ALL ON FUNCTION gatehouse.revoke_session(uuid, uuid) FROM PUBLIC;
GRANT EXECUTE ON FUNCTION gatehouse.revoke_session(uuid, uuid) TO gatehouse_app;

-- The account is locked first, as by who opens a session: one that is opened meanwhile comes before or after as a whole.
CREATE FUNCTION gatehouse.revoke_all_user_sessions(user_id uuid, except_session uuid DEFAULT NULL) RETURNS bigint
LANGUAGE plpgsql VOLATILE SECURITY DEFINER
SET search_path = pg_catalog, pg_temp
AS $$
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
$$;
COMMENT ON FUNCTION gatehouse.revoke_all_user_sessions(uuid, uuid) IS
  'ends the live sessions of an account, but for one that is to be spared, and gives their number. 42501 with the id of another account '
  'than the signed-in one''s';
ALTER FUNCTION gatehouse.revoke_all_user_sessions(uuid, uuid) OWNER TO gatehouse_owner;
REVOKE ALL ON FUNCTION gatehouse.revoke_all_user_sessions(uuid, uuid) FROM PUBLIC;
GRANT EXECUTE ON FUNCTION gatehouse.revoke_all_user_sessions(uuid, uuid) TO gatehouse_app;

-- sessions/cleanup.sql

-- Sessions that ended long ago are removed in batches. A refresh would not be a HOT update if the end of the idle time were
-- indexed: sweep_at is, which no refresh changes. It says when to look at the row again, and is set anew where the session
-- was used meanwhile.

CREATE FUNCTION gatehouse.cleanup_expired_tokens(retain interval DEFAULT '7 days', max_rows integer DEFAULT 1000) RETURNS bigint
LANGUAGE plpgsql VOLATILE SECURITY DEFINER
SET search_path = pg_catalog, pg_temp
AS $$
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
$$;
COMMENT ON FUNCTION gatehouse.cleanup_expired_tokens(interval, integer) IS
  'removes at most max_rows (1 to 100000) sessions that ended longer ago than retain, never a live one, and gives their number; it '
  'waits for no refresh. The token of a removed session is invalid to refresh_session, no longer expired or revoked. Maintenance '
  'calls it for those that ended more than 7 days before the hour began';
ALTER FUNCTION gatehouse.cleanup_expired_tokens(interval, integer) OWNER TO gatehouse_owner;
REVOKE ALL ON FUNCTION gatehouse.cleanup_expired_tokens(interval, integer) FROM PUBLIC;
GRANT EXECUTE ON FUNCTION gatehouse.cleanup_expired_tokens(interval, integer) TO gatehouse_admin;

-- sessions/access_tokens.sql

-- Access tokens: signed, for services that do not ask the database. JWT (RFC 7519) in the compact serialization of JWS (RFC 7515), by
-- Ed25519 (RFC 8037) and by nothing else.

CREATE FUNCTION gatehouse.access_token_bound(user_id uuid, session_id uuid) RETURNS timestamptz
AS 'MODULE_PATHNAME', 'gatehouse_sessions_access_token_bound'
LANGUAGE c STABLE;
COMMENT ON FUNCTION gatehouse.access_token_bound(uuid, uuid) IS
  'internal: when a token of the account, and of the session where one is given, lapses at the latest; null where one of them is not live, '
  'or they do not belong together';
REVOKE ALL ON FUNCTION gatehouse.access_token_bound(uuid, uuid) FROM PUBLIC;
GRANT EXECUTE ON FUNCTION gatehouse.access_token_bound(uuid, uuid) TO gatehouse_owner;

CREATE FUNCTION gatehouse.sign_access_token(payload text) RETURNS text
AS 'MODULE_PATHNAME', 'gatehouse_sessions_sign_access_token'
LANGUAGE c STABLE STRICT;
COMMENT ON FUNCTION gatehouse.sign_access_token(text) IS
  'internal: the payload signed under the current key of the key ring; 55000 without one';
REVOKE ALL ON FUNCTION gatehouse.sign_access_token(text) FROM PUBLIC;
GRANT EXECUTE ON FUNCTION gatehouse.sign_access_token(text) TO gatehouse_owner;

-- The server that verifies it restricts to the scopes of the claim, so it must be able to read them.
CREATE FUNCTION gatehouse.check_access_claims(claims jsonb) RETURNS void
LANGUAGE plpgsql STABLE
SET search_path = pg_catalog, pg_temp
AS $$
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
$$;
COMMENT ON FUNCTION gatehouse.check_access_claims(jsonb) IS
  'internal: 22023 where the claims are too large, name one that the token has anyway, or scopes that are not registered; 42501 where who is '
  'signed in has less than their scopes';
ALTER FUNCTION gatehouse.check_access_claims(jsonb) OWNER TO gatehouse_owner;
REVOKE ALL ON FUNCTION gatehouse.check_access_claims(jsonb) FROM PUBLIC;

CREATE FUNCTION gatehouse.issue_access_token(
  user_id uuid,
  session_id uuid DEFAULT NULL,
  audience text DEFAULT NULL,
  lifetime interval DEFAULT NULL,
  claims jsonb DEFAULT NULL
) RETURNS text
LANGUAGE plpgsql VOLATILE SECURITY DEFINER
SET search_path = pg_catalog, pg_temp
AS $$
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
$$;
COMMENT ON FUNCTION gatehouse.issue_access_token(uuid, uuid, text, interval, jsonb) IS
  'a signed token of a live account, and of one of its live sessions: a JWT (RFC 7519) by Ed25519 under the current key of the key ring, '
  'with iss, sub, aud, iat, nbf, exp, jti, sid, act (who signed in before sign_in_as) and the claims that are given, at most 4096 bytes; '
  'lifetime is from 1 second to 1 day and ends with the session. The claim "scope" restricts who signs in with it. 22023 for a claim '
  'that the token has anyway; 42501 while another account is signed in, or somebody who has less than the scopes; 55000 without a key ring';
ALTER FUNCTION gatehouse.issue_access_token(uuid, uuid, text, interval, jsonb) OWNER TO gatehouse_owner;
REVOKE ALL ON FUNCTION gatehouse.issue_access_token(uuid, uuid, text, interval, jsonb) FROM PUBLIC;
GRANT EXECUTE ON FUNCTION gatehouse.issue_access_token(uuid, uuid, text, interval, jsonb) TO gatehouse_app;

CREATE FUNCTION gatehouse.verify_access_token(token text, audience text DEFAULT NULL)
RETURNS TABLE (user_id uuid, session_id uuid, token_id uuid, issued_at timestamptz, expires_at timestamptz, claims jsonb)
AS 'MODULE_PATHNAME', 'gatehouse_sessions_verify_access_token'
LANGUAGE c STABLE ROWS 1;
COMMENT ON FUNCTION gatehouse.verify_access_token(text, text) IS
  'what a valid access token says: signed by a key of the key ring, for this audience (else gatehouse.access_token_audience), by this '
  'issuer, in its time, of an account and a session that are live now, in every isolation level. No row for anything else. Reads only; a '
  'standby that is too far behind gives no row. 55000 without a key ring';
REVOKE ALL ON FUNCTION gatehouse.verify_access_token(text, text) FROM PUBLIC;
GRANT EXECUTE ON FUNCTION gatehouse.verify_access_token(text, text) TO gatehouse_app;

CREATE FUNCTION gatehouse.jwks() RETURNS jsonb
AS 'MODULE_PATHNAME', 'gatehouse_sessions_jwks'
LANGUAGE c STABLE;
COMMENT ON FUNCTION gatehouse.jwks() IS
  'the public keys by which others verify access tokens, of every key of the key ring, the current one first: a JWK Set (RFC 7517, '
  'RFC 8037). 55000 without a key ring';
REVOKE ALL ON FUNCTION gatehouse.jwks() FROM PUBLIC;
GRANT EXECUTE ON FUNCTION gatehouse.jwks() TO gatehouse_app;

-- audit/tables.sql

-- Events and row changes. The partitioned parents have no index and no key, or a dump with leaves made
-- at run time could not be restored; each leaf has its own, named. Only the default leaves are made here.

CREATE SEQUENCE gatehouse.event_id_seq AS bigint;
ALTER SEQUENCE gatehouse.event_id_seq OWNER TO gatehouse_owner;
COMMENT ON SEQUENCE gatehouse.event_id_seq IS 'ids of events';
SELECT pg_extension_config_dump('gatehouse.event_id_seq', '');

CREATE TABLE gatehouse.events (
  id bigint NOT NULL DEFAULT nextval('gatehouse.event_id_seq'),
  occurred_at timestamptz NOT NULL DEFAULT clock_timestamp(),
  transaction_id xid8 NOT NULL DEFAULT pg_current_xact_id(),
  origin bigint NOT NULL,
  user_id uuid,
  actor_id uuid,
  impersonator_id uuid,
  session_id uuid,
  api_key_id uuid,
  success boolean NOT NULL,
  event_type text NOT NULL,
  commitment bytea
) PARTITION BY RANGE (occurred_at);
ALTER TABLE gatehouse.events OWNER TO gatehouse_owner;
COMMENT ON TABLE gatehouse.events IS 'what an application or gatehouse itself says happened, without personal details';
COMMENT ON COLUMN gatehouse.events.id IS 'number of the event, in the order of being written within a transaction';
COMMENT ON COLUMN gatehouse.events.occurred_at IS 'clock time at which the event was written';
COMMENT ON COLUMN gatehouse.events.transaction_id IS 'the top transaction that wrote the event';
COMMENT ON COLUMN gatehouse.events.origin IS 'system identifier of the cluster that wrote the event';
COMMENT ON COLUMN gatehouse.events.user_id IS 'the account that the event concerns; it may be gone';
COMMENT ON COLUMN gatehouse.events.actor_id IS 'the account that was signed in; NULL where none was';
COMMENT ON COLUMN gatehouse.events.impersonator_id IS 'the account that acted in the name of the actor, by sign_in_as';
COMMENT ON COLUMN gatehouse.events.session_id IS 'the session that the event concerns, else the one that was signed in with';
COMMENT ON COLUMN gatehouse.events.api_key_id IS 'the API key that the event concerns, else the one that was signed in with';
COMMENT ON COLUMN gatehouse.events.success IS 'whether what was tried succeeded';
COMMENT ON COLUMN gatehouse.events.event_type IS 'words of a-z, 0-9 and _, joined by dots';
COMMENT ON COLUMN gatehouse.events.commitment IS 'salted commitment to the personal details; NULL where there were none';
SELECT pg_extension_config_dump('gatehouse.events', '');

CREATE TABLE gatehouse.events_default PARTITION OF gatehouse.events DEFAULT;
ALTER TABLE gatehouse.events_default OWNER TO gatehouse_owner;
COMMENT ON TABLE gatehouse.events_default IS 'events of times that have no partition of their own';
CREATE INDEX events_default_occurred_at ON gatehouse.events_default (occurred_at, id);
CREATE INDEX events_default_user_id ON gatehouse.events_default (user_id, occurred_at, id);
COMMENT ON INDEX gatehouse.events_default_occurred_at IS 'pages of the log';
COMMENT ON INDEX gatehouse.events_default_user_id IS 'pages of the log of one account';
SELECT pg_extension_config_dump('gatehouse.events_default', '');

-- Personal data stands apart, so that it can be erased while the event stays.
CREATE TABLE gatehouse.event_details (
  event_id bigint NOT NULL,
  occurred_at timestamptz NOT NULL,
  ip inet,
  user_agent text,
  context jsonb,
  salt bytea NOT NULL
) PARTITION BY RANGE (occurred_at);
ALTER TABLE gatehouse.event_details OWNER TO gatehouse_owner;
COMMENT ON TABLE gatehouse.event_details IS 'the personal details of events; erasing a row leaves its event whole';
COMMENT ON COLUMN gatehouse.event_details.event_id IS 'the event, events.id';
COMMENT ON COLUMN gatehouse.event_details.occurred_at IS 'the time of the event, events.occurred_at';
COMMENT ON COLUMN gatehouse.event_details.ip IS 'address of the client of the application';
COMMENT ON COLUMN gatehouse.event_details.user_agent IS 'program of the client of the application, at most 512 characters';
COMMENT ON COLUMN gatehouse.event_details.context IS 'what the application adds, at most 64 kB';
COMMENT ON COLUMN gatehouse.event_details.salt IS 'opens the commitment of the event: 32 random bytes';
SELECT pg_extension_config_dump('gatehouse.event_details', '');

CREATE TABLE gatehouse.event_details_default PARTITION OF gatehouse.event_details DEFAULT;
ALTER TABLE gatehouse.event_details_default OWNER TO gatehouse_owner;
COMMENT ON TABLE gatehouse.event_details_default IS 'details of events of times that have no partition of their own';
CREATE INDEX event_details_default_event_id ON gatehouse.event_details_default (event_id);
COMMENT ON INDEX gatehouse.event_details_default_event_id IS 'the details of an event';
SELECT pg_extension_config_dump('gatehouse.event_details_default', '');

CREATE SEQUENCE gatehouse.audited_table_id_seq AS integer;
ALTER SEQUENCE gatehouse.audited_table_id_seq OWNER TO gatehouse_owner;
COMMENT ON SEQUENCE gatehouse.audited_table_id_seq IS 'ids of audited tables and of their partitions';
SELECT pg_extension_config_dump('gatehouse.audited_table_id_seq', '');

CREATE TABLE gatehouse.audit_registry (
  table_id integer NOT NULL DEFAULT nextval('gatehouse.audited_table_id_seq'),
  table_schema text NOT NULL,
  table_name text NOT NULL,
  excluded text[] NOT NULL,
  redacted text[] NOT NULL,
  enabled_at timestamptz NOT NULL DEFAULT clock_timestamp(),
  disabled_at timestamptz,
  known_gaps text[] NOT NULL DEFAULT '{}',
  shape_since bigint,
  CONSTRAINT audit_registry_pkey PRIMARY KEY (table_id)
);
ALTER TABLE gatehouse.audit_registry OWNER TO gatehouse_owner;
COMMENT ON TABLE gatehouse.audit_registry IS 'tables that are or were audited';
COMMENT ON COLUMN gatehouse.audit_registry.table_id IS 'stable id, through rename, dump and restore; the first argument of the table''s trigger';
COMMENT ON COLUMN gatehouse.audit_registry.table_schema IS 'last known schema of the table';
COMMENT ON COLUMN gatehouse.audit_registry.table_name IS 'last known name of the table';
COMMENT ON COLUMN gatehouse.audit_registry.excluded IS 'columns that are not logged';
COMMENT ON COLUMN gatehouse.audit_registry.redacted IS 'columns of which only a change is logged';
COMMENT ON COLUMN gatehouse.audit_registry.enabled_at IS 'when audit was first enabled under this id';
COMMENT ON COLUMN gatehouse.audit_registry.disabled_at IS 'when audit was disabled';
COMMENT ON COLUMN gatehouse.audit_registry.known_gaps IS 'the gaps (audit_gaps) that an event tells of';
COMMENT ON COLUMN gatehouse.audit_registry.shape_since IS
  'the present shape of the table, audit_shapes.since; it changes with every shape, so that a transaction with an old snapshot finds out';
SELECT pg_extension_config_dump('gatehouse.audit_registry', '');

CREATE TABLE gatehouse.audit_partitions (
  partition_id integer NOT NULL DEFAULT nextval('gatehouse.audited_table_id_seq'),
  table_id integer NOT NULL,
  partition_schema text NOT NULL,
  partition_name text NOT NULL,
  since bigint NOT NULL,
  recorded_at timestamptz NOT NULL DEFAULT clock_timestamp(),
  has_left boolean NOT NULL DEFAULT false,
  CONSTRAINT audit_partitions_pkey PRIMARY KEY (partition_id)
);
ALTER TABLE gatehouse.audit_partitions OWNER TO gatehouse_owner;
COMMENT ON TABLE gatehouse.audit_partitions IS 'the partitions that audited tables have or had';
COMMENT ON COLUMN gatehouse.audit_partitions.partition_id IS
  'stable id, through rename, dump and restore; an argument of the partition''s TRUNCATE trigger';
COMMENT ON COLUMN gatehouse.audit_partitions.table_id IS 'the table, audit_registry.table_id';
COMMENT ON COLUMN gatehouse.audit_partitions.partition_schema IS 'last known schema of the partition';
COMMENT ON COLUMN gatehouse.audit_partitions.partition_name IS 'last known name of the partition';
COMMENT ON COLUMN gatehouse.audit_partitions.since IS
  'number in the order of row changes: what the partition brought along belongs to the table after it; 0 where it brought nothing, or was there before the audit';
COMMENT ON COLUMN gatehouse.audit_partitions.recorded_at IS 'clock time at which the partition came, or the audit of its table began';
COMMENT ON COLUMN gatehouse.audit_partitions.has_left IS 'whether it was detached or dropped';
SELECT pg_extension_config_dump('gatehouse.audit_partitions', '');

CREATE TABLE gatehouse.audit_schemas (
  schema_name text NOT NULL,
  enabled_at timestamptz NOT NULL DEFAULT clock_timestamp(),
  CONSTRAINT audit_schemas_pkey PRIMARY KEY (schema_name)
);
ALTER TABLE gatehouse.audit_schemas OWNER TO gatehouse_owner;
COMMENT ON TABLE gatehouse.audit_schemas IS 'schemas whose new tables are audited';
COMMENT ON COLUMN gatehouse.audit_schemas.schema_name IS 'the schema''s present name';
COMMENT ON COLUMN gatehouse.audit_schemas.enabled_at IS 'when its audit was enabled';
SELECT pg_extension_config_dump('gatehouse.audit_schemas', '');

CREATE SEQUENCE gatehouse.row_change_log_id_seq AS bigint;
ALTER SEQUENCE gatehouse.row_change_log_id_seq OWNER TO gatehouse_owner;
COMMENT ON SEQUENCE gatehouse.row_change_log_id_seq IS 'ids of row changes; without a cache, so that the changes of one row are in order';
SELECT pg_extension_config_dump('gatehouse.row_change_log_id_seq', '');

CREATE TABLE gatehouse.row_change_log (
  id bigint NOT NULL,
  changed_at timestamptz NOT NULL,
  transaction_id xid8 NOT NULL,
  key_hash bigint NOT NULL,
  origin bigint NOT NULL,
  table_id integer NOT NULL,
  operation "char" NOT NULL,
  actor_id uuid,
  impersonator_id uuid,
  api_key_id uuid,
  session_id uuid,
  db_role text,
  client_addr inet,
  application_name text,
  replication_origin text,
  key jsonb,
  old jsonb,
  new jsonb,
  context jsonb,
  new_key_hash bigint,
  partition_id integer
) PARTITION BY RANGE (changed_at);
ALTER TABLE gatehouse.row_change_log OWNER TO gatehouse_owner;
COMMENT ON TABLE gatehouse.row_change_log IS 'changes of audited rows, written by the trigger alone; read it as gatehouse.row_changes';
COMMENT ON COLUMN gatehouse.row_change_log.id IS 'number of the change; ascending in the order in which a row changed';
COMMENT ON COLUMN gatehouse.row_change_log.changed_at IS 'clock time at which the change was written';
COMMENT ON COLUMN gatehouse.row_change_log.transaction_id IS 'the top transaction that made the change';
COMMENT ON COLUMN gatehouse.row_change_log.key_hash IS 'jsonb_hash_extended(key, table_id); 0 of a TRUNCATE';
COMMENT ON COLUMN gatehouse.row_change_log.origin IS 'system identifier of the cluster that wrote the change';
COMMENT ON COLUMN gatehouse.row_change_log.table_id IS 'the table, audit_registry.table_id';
COMMENT ON COLUMN gatehouse.row_change_log.operation IS 'I, U, D or T';
COMMENT ON COLUMN gatehouse.row_change_log.actor_id IS 'the account that was signed in; NULL where none was';
COMMENT ON COLUMN gatehouse.row_change_log.impersonator_id IS 'the account that acted in the name of the actor, by sign_in_as';
COMMENT ON COLUMN gatehouse.row_change_log.api_key_id IS 'the API key that was signed in with';
COMMENT ON COLUMN gatehouse.row_change_log.session_id IS 'the session that was signed in with';
COMMENT ON COLUMN gatehouse.row_change_log.db_role IS 'the database role: what SET ROLE set, else the session''s; the caller''s within SECURITY DEFINER functions';
COMMENT ON COLUMN gatehouse.row_change_log.client_addr IS 'address of the database connection; NULL of a socket';
COMMENT ON COLUMN gatehouse.row_change_log.application_name IS 'the setting application_name';
COMMENT ON COLUMN gatehouse.row_change_log.replication_origin IS 'name of the replication origin that the change came from';
COMMENT ON COLUMN gatehouse.row_change_log.key IS 'primary key before the change; the whole row where the table has none; of a TRUNCATE of one partition its name';
COMMENT ON COLUMN gatehouse.row_change_log.old IS 'DELETE: the row; UPDATE: the changed columns before';
COMMENT ON COLUMN gatehouse.row_change_log.new IS 'INSERT: the row; UPDATE: the changed columns after';
COMMENT ON COLUMN gatehouse.row_change_log.context IS 'what the application said of the transaction by set_audit_context';
COMMENT ON COLUMN gatehouse.row_change_log.new_key_hash IS 'jsonb_hash_extended(key after the change, table_id) where the primary key changed; else NULL';
COMMENT ON COLUMN gatehouse.row_change_log.partition_id IS
  'the partition that had the row, or of a TRUNCATE was emptied, audit_partitions.partition_id; NULL of a table without any';
SELECT pg_extension_config_dump('gatehouse.row_change_log', '');

CREATE TABLE gatehouse.row_change_log_default PARTITION OF gatehouse.row_change_log DEFAULT;
ALTER TABLE gatehouse.row_change_log_default OWNER TO gatehouse_owner;
COMMENT ON TABLE gatehouse.row_change_log_default IS 'changes of times that have no partition of their own';
CREATE INDEX row_change_log_default_key ON gatehouse.row_change_log_default (key_hash);
CREATE INDEX row_change_log_default_time ON gatehouse.row_change_log_default USING brin (changed_at, id)
  WITH (pages_per_range = 32, autosummarize = on);
CREATE INDEX row_change_log_default_new_key ON gatehouse.row_change_log_default (new_key_hash) WHERE new_key_hash IS NOT NULL;
COMMENT ON INDEX gatehouse.row_change_log_default_key IS 'the history of a row';
COMMENT ON INDEX gatehouse.row_change_log_default_new_key IS 'where a row came from whose key changed';
COMMENT ON INDEX gatehouse.row_change_log_default_time IS 'changes of a time';
SELECT pg_extension_config_dump('gatehouse.row_change_log_default', '');

CREATE TABLE gatehouse.audit_shapes (
  table_id integer NOT NULL,
  since bigint NOT NULL,
  recorded_at timestamptz NOT NULL DEFAULT clock_timestamp(),
  columns jsonb NOT NULL,
  key integer[] NOT NULL,
  restates boolean NOT NULL DEFAULT false,
  relation oid NOT NULL,
  origin bigint NOT NULL,
  attributes integer NOT NULL,
  CONSTRAINT audit_shapes_pkey PRIMARY KEY (table_id, since)
);
ALTER TABLE gatehouse.audit_shapes OWNER TO gatehouse_owner;
COMMENT ON TABLE gatehouse.audit_shapes IS 'the columns of audited tables, from one change of them to the next';
COMMENT ON COLUMN gatehouse.audit_shapes.table_id IS 'the table, audit_registry.table_id';
COMMENT ON COLUMN gatehouse.audit_shapes.since IS 'row changes with a greater id have this shape, up to the next; 0 is the first';
COMMENT ON COLUMN gatehouse.audit_shapes.recorded_at IS 'clock time at which the columns changed';
COMMENT ON COLUMN gatehouse.audit_shapes.columns IS
  'objects: id, of the column through renaming; number, its pg_attribute.attnum; name; type and type_id; expression of a generated one; redacted; missing, what older rows show in it';
COMMENT ON COLUMN gatehouse.audit_shapes.key IS 'ids of the columns of the primary key; none where the table has none';
COMMENT ON COLUMN gatehouse.audit_shapes.restates IS 'whether each row of the table is logged next, as it is since then';
COMMENT ON COLUMN gatehouse.audit_shapes.relation IS 'the relation whose numbers of columns these are; a restored table is another';
COMMENT ON COLUMN gatehouse.audit_shapes.origin IS 'system identifier of the cluster that has this relation';
COMMENT ON COLUMN gatehouse.audit_shapes.attributes IS 'pg_class.relnatts: columns with a greater number came later';
SELECT pg_extension_config_dump('gatehouse.audit_shapes', '');

-- audit/events.sql

CREATE FUNCTION gatehouse.cluster_identifier() RETURNS bigint
  LANGUAGE c STABLE PARALLEL SAFE
  AS 'MODULE_PATHNAME', 'gatehouse_audit_cluster_identifier';
COMMENT ON FUNCTION gatehouse.cluster_identifier() IS 'the system identifier of this cluster';
REVOKE ALL ON FUNCTION gatehouse.cluster_identifier() FROM PUBLIC;
GRANT EXECUTE ON FUNCTION gatehouse.cluster_identifier() TO gatehouse_owner;

CREATE FUNCTION gatehouse.generate_salt() RETURNS bytea
  LANGUAGE c VOLATILE PARALLEL SAFE
  AS 'MODULE_PATHNAME', 'gatehouse_audit_generate_salt';
COMMENT ON FUNCTION gatehouse.generate_salt() IS '32 random bytes for a commitment';
REVOKE ALL ON FUNCTION gatehouse.generate_salt() FROM PUBLIC;
GRANT EXECUTE ON FUNCTION gatehouse.generate_salt() TO gatehouse_owner;

CREATE FUNCTION gatehouse.event_commitment(salt bytea, ip inet, user_agent text, context jsonb) RETURNS bytea
  LANGUAGE c IMMUTABLE PARALLEL SAFE
  AS 'MODULE_PATHNAME', 'gatehouse_audit_event_commitment';
COMMENT ON FUNCTION gatehouse.event_commitment(bytea, inet, text, jsonb) IS
  'the commitment to an event''s personal details, 32 bytes; NULL where the salt has not 32 bytes';
REVOKE ALL ON FUNCTION gatehouse.event_commitment(bytea, inet, text, jsonb) FROM PUBLIC;
GRANT EXECUTE ON FUNCTION gatehouse.event_commitment(bytea, inet, text, jsonb) TO gatehouse_owner;

CREATE FUNCTION gatehouse.set_audit_context(context jsonb) RETURNS void
  LANGUAGE c VOLATILE
  AS 'MODULE_PATHNAME', 'gatehouse_audit_set_context';
COMMENT ON FUNCTION gatehouse.set_audit_context(jsonb) IS
  'what the log says of the rest of this transaction: a request''s id and the like, an object of at most 8192 bytes; NULL ends it';
REVOKE ALL ON FUNCTION gatehouse.set_audit_context(jsonb) FROM PUBLIC;
GRANT EXECUTE ON FUNCTION gatehouse.set_audit_context(jsonb) TO gatehouse_app;

CREATE FUNCTION gatehouse.audit_context() RETURNS jsonb
  LANGUAGE c STABLE PARALLEL RESTRICTED
  AS 'MODULE_PATHNAME', 'gatehouse_audit_context';
COMMENT ON FUNCTION gatehouse.audit_context() IS 'internal: what set_audit_context said of this transaction';
REVOKE ALL ON FUNCTION gatehouse.audit_context() FROM PUBLIC;
GRANT EXECUTE ON FUNCTION gatehouse.audit_context() TO gatehouse_owner;

CREATE FUNCTION gatehouse.write_event(event_type text, user_id uuid, ip inet, user_agent text, success boolean,
                                      context jsonb, session_id uuid, api_key_id uuid DEFAULT NULL,
                                      occurred_at timestamptz DEFAULT NULL) RETURNS bigint
  LANGUAGE plpgsql VOLATILE SET search_path = pg_catalog, pg_temp
AS $$
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
$$;
ALTER FUNCTION gatehouse.write_event(text, uuid, inet, text, boolean, jsonb, uuid, uuid, timestamptz) OWNER TO gatehouse_owner;
COMMENT ON FUNCTION gatehouse.write_event(text, uuid, inet, text, boolean, jsonb, uuid, uuid, timestamptz) IS
  'writes an event whose fields have been checked; for functions of gatehouse. An event with a time of its own comes from the '
  'queue: whoever writes it did not cause it, and is not recorded as its actor';
REVOKE ALL ON FUNCTION gatehouse.write_event(text, uuid, inet, text, boolean, jsonb, uuid, uuid, timestamptz) FROM PUBLIC;

CREATE FUNCTION gatehouse.erase_event_details(user_id uuid) RETURNS bigint
  LANGUAGE c VOLATILE STRICT
  AS 'MODULE_PATHNAME', 'gatehouse_audit_erase_event_details';
COMMENT ON FUNCTION gatehouse.erase_event_details(uuid) IS
  'internal: deletes the personal details of the events of an account that the caller has locked, also those that an older snapshot '
  'doesn''t see, and gives their number';
REVOKE ALL ON FUNCTION gatehouse.erase_event_details(uuid) FROM PUBLIC;
GRANT EXECUTE ON FUNCTION gatehouse.erase_event_details(uuid) TO gatehouse_owner;

CREATE FUNCTION gatehouse.create_audit_log(event_type text, user_id uuid DEFAULT NULL, ip inet DEFAULT NULL,
                                           user_agent text DEFAULT NULL, success boolean DEFAULT true,
                                           context jsonb DEFAULT NULL, session_id uuid DEFAULT NULL) RETURNS bigint
  LANGUAGE plpgsql VOLATILE SECURITY DEFINER SET search_path = pg_catalog, pg_temp
AS $$
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
$$;
ALTER FUNCTION gatehouse.create_audit_log(text, uuid, inet, text, boolean, jsonb, uuid) OWNER TO gatehouse_owner;
COMMENT ON FUNCTION gatehouse.create_audit_log(text, uuid, inet, text, boolean, jsonb, uuid) IS
  'writes an application''s own event and gives its id; user_agent is cut to 512 characters';
REVOKE ALL ON FUNCTION gatehouse.create_audit_log(text, uuid, inet, text, boolean, jsonb, uuid) FROM PUBLIC;
GRANT EXECUTE ON FUNCTION gatehouse.create_audit_log(text, uuid, inet, text, boolean, jsonb, uuid) TO gatehouse_app;

-- A type, since a result column of a function may not bear the name of an argument.
CREATE TYPE gatehouse.audit_log_entry AS (
  id bigint,
  occurred_at timestamptz,
  event_type text,
  user_id uuid,
  actor_id uuid,
  session_id uuid,
  api_key_id uuid,
  success boolean,
  ip inet,
  user_agent text,
  context jsonb,
  cursor text
);
ALTER TYPE gatehouse.audit_log_entry OWNER TO gatehouse_owner;
COMMENT ON TYPE gatehouse.audit_log_entry IS 'an event as get_audit_logs shows it';
REVOKE ALL ON TYPE gatehouse.audit_log_entry FROM PUBLIC;
GRANT USAGE ON TYPE gatehouse.audit_log_entry TO gatehouse_auditor, gatehouse_admin;

-- A cursor is the row's place in the order: microseconds since 1970 and id, each as 8 bytes.
CREATE FUNCTION gatehouse.get_audit_logs(user_id uuid DEFAULT NULL, event_type text DEFAULT NULL,
                                         session_id uuid DEFAULT NULL, success boolean DEFAULT NULL,
                                         since timestamptz DEFAULT NULL, until timestamptz DEFAULT NULL,
                                         page_size integer DEFAULT 20, after text DEFAULT NULL)
  RETURNS SETOF gatehouse.audit_log_entry
  LANGUAGE plpgsql STABLE ROWS 20 SECURITY DEFINER SET search_path = pg_catalog, pg_temp
  SET plan_cache_mode = force_custom_plan
AS $$
DECLARE
  after_time timestamptz;
  after_id bigint;
BEGIN
  IF page_size IS NULL OR page_size NOT BETWEEN 1 AND 100 THEN
    RAISE EXCEPTION 'page_size must be between 1 and 100' USING ERRCODE = '22023';
  END IF;
  IF after IS NOT NULL THEN
    IF after COLLATE "C" !~ '^[0-7][0-9a-f]{15}[0-7][0-9a-f]{15}$'
       OR substr(after, 1, 16) COLLATE "C" > '7fffffffffff0000' THEN
      RAISE EXCEPTION 'malformed cursor' USING ERRCODE = '22P02';
    END IF;
    after_time := timestamptz 'epoch' + (('x' || substr(after, 1, 16))::bit(64)::bigint) * interval '1 microsecond';
    after_id := ('x' || substr(after, 17, 16))::bit(64)::bigint;
  END IF;

  RETURN QUERY
  SELECT page.id, page.occurred_at, page.event_type, page.user_id, page.actor_id, page.session_id, page.api_key_id,
         page.success, d.ip, d.user_agent, d.context,
         encode(int8send((extract(epoch FROM page.occurred_at) * 1000000)::bigint) || int8send(page.id), 'hex')
    FROM (SELECT e.*
            FROM gatehouse.events e
           WHERE (get_audit_logs.user_id IS NULL OR e.user_id = get_audit_logs.user_id)
             AND (get_audit_logs.event_type IS NULL OR e.event_type = get_audit_logs.event_type COLLATE pg_catalog."default")
             AND (get_audit_logs.session_id IS NULL OR e.session_id = get_audit_logs.session_id)
             AND (get_audit_logs.success IS NULL OR e.success = get_audit_logs.success)
             AND (get_audit_logs.since IS NULL OR e.occurred_at >= get_audit_logs.since)
             AND (get_audit_logs.until IS NULL OR e.occurred_at < get_audit_logs.until)
             AND (after_time IS NULL
                  OR e.occurred_at <= after_time AND (e.occurred_at, e.id) < (after_time, after_id))
           ORDER BY e.occurred_at DESC, e.id DESC
           LIMIT get_audit_logs.page_size) page
    LEFT JOIN gatehouse.event_details d ON d.event_id = page.id AND d.occurred_at = page.occurred_at
   ORDER BY page.occurred_at DESC, page.id DESC;
END
$$;
ALTER FUNCTION gatehouse.get_audit_logs(uuid, text, uuid, boolean, timestamptz, timestamptz, integer, text)
  OWNER TO gatehouse_owner;
COMMENT ON FUNCTION gatehouse.get_audit_logs(uuid, text, uuid, boolean, timestamptz, timestamptz, integer, text) IS
  'a page of events, newest first; since is inclusive, until is not; after takes the cursor of the last row seen';
REVOKE ALL ON FUNCTION gatehouse.get_audit_logs(uuid, text, uuid, boolean, timestamptz, timestamptz, integer, text)
  FROM PUBLIC;
GRANT EXECUTE ON FUNCTION gatehouse.get_audit_logs(uuid, text, uuid, boolean, timestamptz, timestamptz, integer, text)
  TO gatehouse_auditor, gatehouse_admin;

-- audit/security_events.sql

-- What gatehouse itself reports: events that are recorded although the caller rolls back. They wait in a queue in shared
-- memory until maintenance writes them, or, where no worker serves the database, whoever writes next. Without shared
-- memory they are written at once, in the caller's transaction.

CREATE TYPE gatehouse.queued_event AS (
  occurred_at timestamptz,
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

CREATE FUNCTION gatehouse.report_event(event_type text, user_id uuid, session_id uuid, api_key_id uuid, success boolean,
                                       ip inet, user_agent text, context text) RETURNS boolean
AS 'MODULE_PATHNAME', 'gatehouse_audit_report_event'
LANGUAGE c VOLATILE;
COMMENT ON FUNCTION gatehouse.report_event(text, uuid, uuid, uuid, boolean, inet, text, text) IS
  'internal: puts an event into the queue, where no ROLLBACK reaches it; where the queue is full it is lost and counted. False where '
  'there is no queue';
REVOKE ALL ON FUNCTION gatehouse.report_event(text, uuid, uuid, uuid, boolean, inet, text, text) FROM PUBLIC;
GRANT EXECUTE ON FUNCTION gatehouse.report_event(text, uuid, uuid, uuid, boolean, inet, text, text) TO gatehouse_owner;

CREATE FUNCTION gatehouse.take_events(at_most integer) RETURNS SETOF gatehouse.queued_event
AS 'MODULE_PATHNAME', 'gatehouse_audit_take_events'
LANGUAGE c VOLATILE STRICT ROWS 100;
COMMENT ON FUNCTION gatehouse.take_events(integer) IS
  'internal: the oldest events of this database in the queue, at most 256; they leave it when the transaction commits';
REVOKE ALL ON FUNCTION gatehouse.take_events(integer) FROM PUBLIC;
GRANT EXECUTE ON FUNCTION gatehouse.take_events(integer) TO gatehouse_owner;

CREATE FUNCTION gatehouse.take_lost_events() RETURNS bigint
AS 'MODULE_PATHNAME', 'gatehouse_audit_take_lost'
LANGUAGE c VOLATILE;
COMMENT ON FUNCTION gatehouse.take_lost_events() IS
  'internal: how many events of any database found no room and are not yet reported';
REVOKE ALL ON FUNCTION gatehouse.take_lost_events() FROM PUBLIC;
GRANT EXECUTE ON FUNCTION gatehouse.take_lost_events() TO gatehouse_owner;

CREATE FUNCTION gatehouse.worker_serves_database() RETURNS boolean
AS 'MODULE_PATHNAME', 'gatehouse_operation_worker_serves_database'
LANGUAGE c VOLATILE;
COMMENT ON FUNCTION gatehouse.worker_serves_database() IS 'internal: whether the background worker writes the events of this database';
REVOKE ALL ON FUNCTION gatehouse.worker_serves_database() FROM PUBLIC;
GRANT EXECUTE ON FUNCTION gatehouse.worker_serves_database() TO gatehouse_owner;

-- What an erasure doesn't see yet must not outlive it: the account is locked against being erased until the event is visible to
-- whoever erases it later. Where it is being erased now, nobody waits for that; the event is written without details.
CREATE FUNCTION gatehouse.write_security_event(reported gatehouse.queued_event) RETURNS void
LANGUAGE plpgsql VOLATILE
SET search_path = pg_catalog, pg_temp
AS $$
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
$$;
COMMENT ON FUNCTION gatehouse.write_security_event(gatehouse.queued_event) IS
  'internal: writes an event to the log, without its personal details where its account is gone or being erased';
ALTER FUNCTION gatehouse.write_security_event(gatehouse.queued_event) OWNER TO gatehouse_owner;
REVOKE ALL ON FUNCTION gatehouse.write_security_event(gatehouse.queued_event) FROM PUBLIC;

CREATE FUNCTION gatehouse.write_security_events() RETURNS bigint
LANGUAGE plpgsql VOLATILE
SET search_path = pg_catalog, pg_temp
AS $$
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
$$;
COMMENT ON FUNCTION gatehouse.write_security_events() IS
  'internal: writes to the log what waits in the queue, at most 256 events, and gives their number';
ALTER FUNCTION gatehouse.write_security_events() OWNER TO gatehouse_owner;
REVOKE ALL ON FUNCTION gatehouse.write_security_events() FROM PUBLIC;

CREATE FUNCTION gatehouse.record_security_event(event_type text, user_id uuid, ip inet DEFAULT NULL,
                                                user_agent text DEFAULT NULL, success boolean DEFAULT false,
                                                context jsonb DEFAULT NULL, session_id uuid DEFAULT NULL) RETURNS void
LANGUAGE plpgsql VOLATILE
SET search_path = pg_catalog, pg_temp
AS $$
BEGIN
  IF NOT gatehouse.report_event(event_type, user_id, session_id, NULL, success, ip, user_agent, context::text) THEN
    PERFORM gatehouse.write_security_event(ROW(clock_timestamp(), event_type, user_id, session_id, NULL, success, ip, user_agent,
                                               context)::gatehouse.queued_event);
  ELSIF NOT gatehouse.worker_serves_database() THEN
    PERFORM gatehouse.end_reused_sessions();
    PERFORM gatehouse.write_security_events();
  END IF;
END
$$;
COMMENT ON FUNCTION gatehouse.record_security_event(text, uuid, inet, text, boolean, jsonb, uuid) IS
  'internal: reports an event so that the caller''s ROLLBACK doesn''t undo it';
ALTER FUNCTION gatehouse.record_security_event(text, uuid, inet, text, boolean, jsonb, uuid) OWNER TO gatehouse_owner;
REVOKE ALL ON FUNCTION gatehouse.record_security_event(text, uuid, inet, text, boolean, jsonb, uuid) FROM PUBLIC;

-- audit/row_changes.sql

-- EXECUTE is needed to create a trigger: with it anybody could forge the history of another's table.
CREATE FUNCTION gatehouse.log_row_change() RETURNS trigger
  LANGUAGE c VOLATILE
  AS 'MODULE_PATHNAME', 'gatehouse_audit_log_row_change';
COMMENT ON FUNCTION gatehouse.log_row_change() IS
  'AFTER ROW trigger that logs the change of a row; made by gatehouse.enable_audit';
REVOKE ALL ON FUNCTION gatehouse.log_row_change() FROM PUBLIC;
GRANT EXECUTE ON FUNCTION gatehouse.log_row_change() TO gatehouse_admin;

CREATE FUNCTION gatehouse.log_truncate() RETURNS trigger
  LANGUAGE c VOLATILE
  AS 'MODULE_PATHNAME', 'gatehouse_audit_log_truncate';
COMMENT ON FUNCTION gatehouse.log_truncate() IS
  'AFTER TRUNCATE trigger that logs that a table was emptied; made by gatehouse.enable_audit';
REVOKE ALL ON FUNCTION gatehouse.log_truncate() FROM PUBLIC;
GRANT EXECUTE ON FUNCTION gatehouse.log_truncate() TO gatehouse_admin;

CREATE FUNCTION gatehouse.audit_words(table_id integer, excluded text[], redacted text[], partition_id integer) RETURNS text[]
  LANGUAGE sql IMMUTABLE
RETURN ARRAY[table_id::text] || ARRAY(SELECT '-' || c FROM unnest(excluded) c) || ARRAY(SELECT '~' || c FROM unnest(redacted) c)
       || CASE WHEN partition_id IS NULL THEN '{}'::text[] ELSE ARRAY['#' || partition_id] END;
ALTER FUNCTION gatehouse.audit_words(integer, text[], text[], integer) OWNER TO gatehouse_owner;
COMMENT ON FUNCTION gatehouse.audit_words(integer, text[], text[], integer) IS
  'internal: the arguments of an audited table''s triggers: its id, -column for each excluded one, ~column for each redacted one; of a '
  'partition''s TRUNCATE trigger also # and its id';
REVOKE ALL ON FUNCTION gatehouse.audit_words(integer, text[], text[], integer) FROM PUBLIC;

CREATE FUNCTION gatehouse.audit_arguments(table_id integer, excluded text[], redacted text[]) RETURNS bytea
  LANGUAGE sql STABLE
BEGIN ATOMIC
  SELECT string_agg(convert_to(a.word, getdatabaseencoding()) || decode('00', 'hex'), '' ORDER BY a.number)
    FROM (SELECT u.word, u.number
            FROM unnest(gatehouse.audit_words(table_id, excluded, redacted, NULL)) WITH ORDINALITY AS u (word, number)) a;
END;
ALTER FUNCTION gatehouse.audit_arguments(integer, text[], text[]) OWNER TO gatehouse_owner;
COMMENT ON FUNCTION gatehouse.audit_arguments(integer, text[], text[]) IS
  'internal: the arguments of an audited table''s triggers as pg_trigger.tgargs has them';
REVOKE ALL ON FUNCTION gatehouse.audit_arguments(integer, text[], text[]) FROM PUBLIC;

CREATE FUNCTION gatehouse.log_partition_end(table_id integer, partition_id integer, name text) RETURNS void
  LANGUAGE c VOLATILE STRICT
  AS 'MODULE_PATHNAME', 'gatehouse_audit_log_partition_end';
COMMENT ON FUNCTION gatehouse.log_partition_end(integer, integer, text) IS
  'internal: logs that the rows of a partition have left an audited table, as a TRUNCATE of it does';
REVOKE ALL ON FUNCTION gatehouse.log_partition_end(integer, integer, text) FROM PUBLIC;
GRANT EXECUTE ON FUNCTION gatehouse.log_partition_end(integer, integer, text) TO gatehouse_owner;

CREATE FUNCTION gatehouse.partition_id_in(arguments bytea) RETURNS integer
  LANGUAGE sql IMMUTABLE
RETURN (SELECT substring(encode(substring(arguments FROM p.place + 2 FOR octet_length(arguments) - p.place - 2), 'escape') FROM '^[0-9]{1,9}$')::integer
          FROM (SELECT position(decode('0023', 'hex') IN arguments) AS place) p
         WHERE p.place > 0);
ALTER FUNCTION gatehouse.partition_id_in(bytea) OWNER TO gatehouse_owner;
COMMENT ON FUNCTION gatehouse.partition_id_in(bytea) IS 'internal: a partition''s stable id in pg_trigger.tgargs of its TRUNCATE trigger; else NULL';
REVOKE ALL ON FUNCTION gatehouse.partition_id_in(bytea) FROM PUBLIC;

CREATE VIEW gatehouse.audit_triggers AS
SELECT DISTINCT ON (split_part(encode(t.tgargs, 'escape'), E'\\000', 1))
       split_part(encode(t.tgargs, 'escape'), E'\\000', 1) AS table_id_text,
       t.tgrelid AS relation, n.nspname::text COLLATE "default" AS table_schema, c.relname::text COLLATE "default" AS table_name, t.tgenabled
  FROM pg_trigger t
  JOIN pg_class c ON c.oid = t.tgrelid
  JOIN pg_namespace n ON n.oid = c.relnamespace
 WHERE t.tgfoid = 'gatehouse.log_row_change()'::regprocedure AND t.tgparentid = 0
 ORDER BY split_part(encode(t.tgargs, 'escape'), E'\\000', 1), t.oid;
ALTER VIEW gatehouse.audit_triggers OWNER TO gatehouse_owner;
COMMENT ON VIEW gatehouse.audit_triggers IS 'the tables that bear the audit trigger, with the id in its arguments';

-- What stands between an audited table, or a partition of it, and the whole log: one row for each of the two triggers that is
-- not as enable_audit made it, and one where a crash would empty it.
CREATE VIEW gatehouse.audit_gaps AS
SELECT r.table_id,
       format('%I.%I: %s', coalesce(n.nspname::text COLLATE "default", r.table_schema), coalesce(c.relname::text COLLATE "default", r.table_name),
              CASE WHEN w.fired_by IS NULL THEN f.gap ELSE w.fired_by || ' trigger ' || f.gap END) AS gap,
       f.gap AS kind
  FROM gatehouse.audit_registry r
  LEFT JOIN gatehouse.audit_triggers t ON t.table_id_text = r.table_id::text
 CROSS JOIN LATERAL (SELECT gatehouse.audit_arguments(r.table_id, r.excluded, r.redacted) AS words OFFSET 0) AS own
 CROSS JOIN LATERAL (WITH RECURSIVE tree (relation) AS (  -- pg_partition_tree would wait for whoever has locked one of them
                       SELECT t.relation
                       UNION
                       SELECT i.inhrelid
                         FROM tree
                         JOIN pg_inherits i ON i.inhparent = tree.relation
                         JOIN pg_class l ON l.oid = i.inhrelid AND l.relispartition AND l.relkind <> 'f')
                     SELECT tree.relation FROM tree) AS b (relation)
  LEFT JOIN pg_class c ON c.oid = b.relation
  LEFT JOIN pg_namespace n ON n.oid = c.relnamespace
 CROSS JOIN (VALUES ('row', 'gatehouse.log_row_change()'::regprocedure, 29),
                    ('TRUNCATE', 'gatehouse.log_truncate()'::regprocedure, 32),
                    (NULL, NULL, NULL)) AS w (fired_by, called, kind)
 CROSS JOIN LATERAL (SELECT CASE c.relpersistence WHEN 'u' THEN 'unlogged' ELSE '' END AS gap WHERE w.fired_by IS NULL
                     UNION ALL
                     SELECT coalesce(min(CASE WHEN g.tgargs <> own.words || coalesce(convert_to('#' || a.partition_id, 'SQL_ASCII') || decode('00', 'hex'), '')
                                                OR (a.partition_id IS NOT NULL) <> (b.relation <> t.relation AND w.fired_by = 'TRUNCATE')
                                                OR g.tgtype <> w.kind OR g.tgqual IS NOT NULL OR g.tgattr::text <> '' THEN 'altered'
                                              WHEN g.tgenabled <> 'A' THEN 'disabled'
                                              ELSE '' END), 'missing')
                       FROM pg_trigger g
                      CROSS JOIN LATERAL (SELECT gatehouse.partition_id_in(g.tgargs) AS partition_id) a
                      WHERE g.tgrelid = b.relation AND g.tgfoid = w.called
                     HAVING w.fired_by IS NOT NULL) AS f
 WHERE r.disabled_at IS NULL AND f.gap <> '' AND (b.relation IS NOT NULL OR w.fired_by = 'row');
ALTER VIEW gatehouse.audit_gaps OWNER TO gatehouse_owner;
COMMENT ON VIEW gatehouse.audit_gaps IS
  'triggers of audited tables and their partitions that are missing, disabled (not ENABLE ALWAYS) or altered (fire at something else, or have other arguments), and those of them that are unlogged';

CREATE VIEW gatehouse.audited_tables WITH (security_barrier) AS
SELECT r.table_id,
       COALESCE(t.table_schema, r.table_schema) AS table_schema,
       COALESCE(t.table_name, r.table_name) AS table_name,
       r.excluded, r.redacted, r.enabled_at,
       CASE WHEN t.relation IS NULL THEN 'missing' WHEN g.gaps IS NULL THEN 'active' ELSE 'inactive' END AS status,
       COALESCE(g.gaps, '{}') AS gaps
  FROM gatehouse.audit_registry r
  LEFT JOIN gatehouse.audit_triggers t ON t.table_id_text = r.table_id::text
  LEFT JOIN (SELECT a.table_id, array_agg(a.gap ORDER BY a.gap COLLATE "C") AS gaps FROM gatehouse.audit_gaps a GROUP BY a.table_id) g
         ON g.table_id = r.table_id
 WHERE r.disabled_at IS NULL;
ALTER VIEW gatehouse.audited_tables OWNER TO gatehouse_owner;
COMMENT ON VIEW gatehouse.audited_tables IS
  'tables under audit; status: active, inactive (somebody turned a trigger off, dropped or altered one, or made the table unlogged), missing (table or trigger are gone)';
COMMENT ON COLUMN gatehouse.audited_tables.gaps IS
  'each trigger, of the table and of its partitions, that is not as enable_audit made it, and each of them that is unlogged';
GRANT SELECT ON gatehouse.audited_tables TO gatehouse_auditor, gatehouse_admin;

CREATE VIEW gatehouse.row_changes WITH (security_barrier) AS
SELECT c.id, c.changed_at, c.transaction_id, c.table_id,
       COALESCE(t.table_schema, r.table_schema) AS table_schema,
       COALESCE(t.table_name, r.table_name) AS table_name,
       CASE c.operation WHEN 'I' THEN 'INSERT' WHEN 'U' THEN 'UPDATE' WHEN 'D' THEN 'DELETE' WHEN 'T' THEN 'TRUNCATE'
       END AS operation,
       c.key, c.old, c.new, c.actor_id, c.impersonator_id, c.api_key_id, c.session_id, c.db_role, c.client_addr,
       c.application_name, c.context, c.origin, c.replication_origin
  FROM gatehouse.row_change_log c
  LEFT JOIN gatehouse.audit_registry r ON r.table_id = c.table_id
  LEFT JOIN gatehouse.audit_triggers t ON t.table_id_text = c.table_id::text;
ALTER VIEW gatehouse.row_changes OWNER TO gatehouse_owner;
COMMENT ON VIEW gatehouse.row_changes IS
  'changes of audited rows, also of rows that a policy hides; names are the table''s present ones, or its last known';
COMMENT ON COLUMN gatehouse.row_changes.key IS
  'primary key before the change; the whole row where the table has none; of a TRUNCATE of one partition its name';
COMMENT ON COLUMN gatehouse.row_changes.old IS 'DELETE: the row; UPDATE: the changed columns before';
COMMENT ON COLUMN gatehouse.row_changes.new IS 'INSERT: the row; UPDATE: the changed columns after';
COMMENT ON COLUMN gatehouse.row_changes.actor_id IS 'the account that was signed in; NULL where none was';
COMMENT ON COLUMN gatehouse.row_changes.impersonator_id IS
  'the account that acted in the name of the actor, by sign_in_as';
COMMENT ON COLUMN gatehouse.row_changes.api_key_id IS
  'the API key that was signed in with';
COMMENT ON COLUMN gatehouse.row_changes.session_id IS
  'the session that was signed in with';
COMMENT ON COLUMN gatehouse.row_changes.db_role IS
  'the database role: what SET ROLE set, else the session''s; the caller''s within SECURITY DEFINER functions';
COMMENT ON COLUMN gatehouse.row_changes.context IS 'what the application said of the transaction by set_audit_context';
GRANT SELECT ON gatehouse.row_changes TO gatehouse_auditor, gatehouse_admin;

CREATE FUNCTION gatehouse.check_auditable(relation regclass) RETURNS void
  LANGUAGE plpgsql STABLE SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
  class pg_class;
  schema_name name;
BEGIN
  IF relation IS NULL THEN
    RAISE EXCEPTION 'argument "relation" must not be null' USING ERRCODE = '22023';
  END IF;
  SELECT c.* INTO class FROM pg_class c WHERE c.oid = relation;
  IF NOT FOUND THEN
    RAISE EXCEPTION 'relation with OID % does not exist', relation::oid USING ERRCODE = '22023';
  END IF;
  SELECT n.nspname INTO schema_name FROM pg_namespace n WHERE n.oid = class.relnamespace;

  IF class.oid < 16384 OR schema_name IN ('pg_catalog', 'information_schema', 'pg_toast') THEN
    RAISE EXCEPTION 'cannot audit system catalog "%"', class.relname USING ERRCODE = '22023';
  ELSIF class.relkind NOT IN ('r', 'p') THEN
    RAISE EXCEPTION 'cannot audit %: not a table', relation
      USING ERRCODE = '22023', HINT = 'Views, materialized views, foreign tables, sequences and indexes cannot be audited.';
  ELSIF schema_name = 'gatehouse' THEN
    RAISE EXCEPTION 'cannot audit gatehouse''s own table "%"', class.relname USING ERRCODE = '22023';
  ELSIF class.relpersistence = 't' THEN
    RAISE EXCEPTION 'cannot audit temporary table "%"', class.relname USING ERRCODE = '22023';
  ELSIF class.relpersistence = 'u' THEN
    RAISE EXCEPTION 'cannot audit unlogged table "%"', class.relname
      USING ERRCODE = '22023', DETAIL = 'A crash empties it without a trace.';
  ELSIF class.relispartition THEN
    RAISE EXCEPTION 'cannot audit partition "%"', class.relname
      USING ERRCODE = '22023', HINT = format('Audit its root, %s.', pg_partition_root(relation));
  END IF;
END
$$;
ALTER FUNCTION gatehouse.check_auditable(regclass) OWNER TO gatehouse_owner;
COMMENT ON FUNCTION gatehouse.check_auditable(regclass) IS 'raises unless the relation is a table that can be audited';
REVOKE ALL ON FUNCTION gatehouse.check_auditable(regclass) FROM PUBLIC;
GRANT EXECUTE ON FUNCTION gatehouse.check_auditable(regclass) TO gatehouse_admin;

CREATE FUNCTION gatehouse.check_audit_columns(relation regclass, exclude text[], redact text[]) RETURNS void
  LANGUAGE plpgsql STABLE SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
  named text COLLATE "C";
BEGIN
  IF exclude IS NULL THEN
    RAISE EXCEPTION 'argument "exclude" must not be null' USING ERRCODE = '22023';
  ELSIF redact IS NULL THEN
    RAISE EXCEPTION 'argument "redact" must not be null' USING ERRCODE = '22023';
  END IF;
  FOR named IN SELECT unnest(exclude || redact) LOOP
    IF named IS NULL THEN
      RAISE EXCEPTION 'name of a column must not be null' USING ERRCODE = '22023';
    ELSIF NOT EXISTS (SELECT FROM pg_attribute a
                       WHERE a.attrelid = relation AND a.attname::text = named AND a.attnum > 0
                         AND NOT a.attisdropped) THEN
      RAISE EXCEPTION 'column "%" of % does not exist', named, relation USING ERRCODE = '22023';
    ELSIF EXISTS (SELECT FROM pg_index i
                    JOIN pg_attribute a ON a.attrelid = i.indrelid AND a.attnum = ANY (i.indkey)
                   WHERE i.indrelid = relation AND i.indisprimary AND a.attname::text = named) THEN
      RAISE EXCEPTION 'column "%" belongs to the primary key and can be neither excluded nor redacted', named
        USING ERRCODE = '22023';
    ELSIF named = ANY (exclude COLLATE "C") AND named = ANY (redact COLLATE "C") THEN
      RAISE EXCEPTION 'column "%" can be excluded or redacted, not both', named USING ERRCODE = '22023';
    END IF;
  END LOOP;
END
$$;
ALTER FUNCTION gatehouse.check_audit_columns(regclass, text[], text[]) OWNER TO gatehouse_owner;
COMMENT ON FUNCTION gatehouse.check_audit_columns(regclass, text[], text[]) IS
  'raises unless the columns exist and may be hidden from the log';
REVOKE ALL ON FUNCTION gatehouse.check_audit_columns(regclass, text[], text[]) FROM PUBLIC;
GRANT EXECUTE ON FUNCTION gatehouse.check_audit_columns(regclass, text[], text[]) TO gatehouse_admin;

CREATE FUNCTION gatehouse.current_table_id(relation regclass) RETURNS integer
  LANGUAGE sql STABLE
BEGIN ATOMIC
  SELECT split_part(encode(t.tgargs, 'escape'), E'\\000', 1)::integer
    FROM pg_catalog.pg_trigger t
   WHERE t.tgrelid = relation AND t.tgfoid = 'gatehouse.log_row_change()'::regprocedure AND t.tgparentid = 0
   ORDER BY t.oid
   LIMIT 1;
END;
ALTER FUNCTION gatehouse.current_table_id(regclass) OWNER TO gatehouse_owner;
COMMENT ON FUNCTION gatehouse.current_table_id(regclass) IS 'the stable id of a table that is audited now; else NULL';
REVOKE ALL ON FUNCTION gatehouse.current_table_id(regclass) FROM PUBLIC;
GRANT EXECUTE ON FUNCTION gatehouse.current_table_id(regclass) TO gatehouse_admin;

CREATE FUNCTION gatehouse.check_owned_by_caller(relation regclass) RETURNS void
  LANGUAGE plpgsql STABLE SET search_path = pg_catalog, pg_temp
AS $$
BEGIN
  IF NOT EXISTS (SELECT FROM pg_class c
                  WHERE c.oid = relation AND pg_has_role(gatehouse.calling_role(), c.relowner, 'USAGE')) THEN
    RAISE EXCEPTION 'must be owner of table %', relation USING ERRCODE = '42501';
  END IF;
END
$$;
ALTER FUNCTION gatehouse.check_owned_by_caller(regclass) OWNER TO gatehouse_owner;
COMMENT ON FUNCTION gatehouse.check_owned_by_caller(regclass) IS
  'internal: 42501 unless the calling role has the rights of the table''s owner';
REVOKE ALL ON FUNCTION gatehouse.check_owned_by_caller(regclass) FROM PUBLIC;

CREATE FUNCTION gatehouse.lock_audited_table(relation regclass) RETURNS boolean
  LANGUAGE c VOLATILE STRICT
  AS 'MODULE_PATHNAME', 'gatehouse_audit_lock_table';
COMMENT ON FUNCTION gatehouse.lock_audited_table(regclass) IS
  'internal: locks a table as CREATE TRIGGER does, without asking for a right; false where it is gone';
REVOKE ALL ON FUNCTION gatehouse.lock_audited_table(regclass) FROM PUBLIC;
GRANT EXECUTE ON FUNCTION gatehouse.lock_audited_table(regclass) TO gatehouse_owner;

CREATE FUNCTION gatehouse.make_audit_trigger(relation regclass, on_truncate boolean, arguments text[]) RETURNS void
  LANGUAGE c VOLATILE STRICT
  AS 'MODULE_PATHNAME', 'gatehouse_audit_make_trigger';
COMMENT ON FUNCTION gatehouse.make_audit_trigger(regclass, boolean, text[]) IS
  'internal: gives a table one of the two audit triggers, ENABLE ALWAYS, without asking for a right; no event trigger sees it';
REVOKE ALL ON FUNCTION gatehouse.make_audit_trigger(regclass, boolean, text[]) FROM PUBLIC;
GRANT EXECUTE ON FUNCTION gatehouse.make_audit_trigger(regclass, boolean, text[]) TO gatehouse_owner;

CREATE FUNCTION gatehouse.remove_audit_trigger(trigger oid) RETURNS boolean
  LANGUAGE c VOLATILE STRICT
  AS 'MODULE_PATHNAME', 'gatehouse_audit_remove_trigger';
COMMENT ON FUNCTION gatehouse.remove_audit_trigger(oid) IS
  'internal: drops an audit trigger without asking for a right; no event trigger sees it. False where it is none';
REVOKE ALL ON FUNCTION gatehouse.remove_audit_trigger(oid) FROM PUBLIC;
GRANT EXECUTE ON FUNCTION gatehouse.remove_audit_trigger(oid) TO gatehouse_owner;

-- A partition's TRUNCATE trigger is its own; its row trigger belongs to the root's.
CREATE FUNCTION gatehouse.drop_audit_triggers(relation regclass) RETURNS void
  LANGUAGE plpgsql VOLATILE SET search_path = pg_catalog, pg_temp
AS $$
BEGIN
  PERFORM gatehouse.remove_audit_trigger(found_trigger.oid)
     FROM (SELECT t.oid
             FROM pg_trigger t
            WHERE t.tgparentid = 0
              AND t.tgfoid IN ('gatehouse.log_row_change()'::regprocedure, 'gatehouse.log_truncate()'::regprocedure)
              AND t.tgrelid IN (SELECT p.relation FROM gatehouse.partition_tree(drop_audit_triggers.relation) p (relation))
            ORDER BY t.oid) AS found_trigger;
END
$$;
ALTER FUNCTION gatehouse.drop_audit_triggers(regclass) OWNER TO gatehouse_owner;
COMMENT ON FUNCTION gatehouse.drop_audit_triggers(regclass) IS
  'internal: takes the audit triggers off a table and its partitions; for who may is asked before';
REVOKE ALL ON FUNCTION gatehouse.drop_audit_triggers(regclass) FROM PUBLIC;

CREATE FUNCTION gatehouse.begin_audit(relation regclass, exclude text[], redact text[]) RETURNS integer
  LANGUAGE plpgsql VOLATILE SET search_path = pg_catalog, pg_temp
AS $$
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

  IF EXISTS (SELECT FROM gatehouse.partition_tree(relation) p (partition) JOIN gatehouse.audit_triggers t ON t.relation = p.partition
              WHERE p.partition <> begin_audit.relation) THEN
    RAISE EXCEPTION 'cannot audit %: a partition of it is audited itself', relation
      USING ERRCODE = '42710', HINT = 'Call gatehouse.disable_audit for the partition first.';
  END IF;
  partition_ids := gatehouse.known_partition_ids(id, relation);
  PERFORM gatehouse.drop_audit_triggers(relation);
  PERFORM gatehouse.make_audit_trigger(relation, on_truncate, gatehouse.audit_words(id, exclude, redact, NULL))
     FROM unnest(ARRAY[false, true]) u (on_truncate);
  -- PostgreSQL gives partitions the row trigger, but not this one.
  PERFORM gatehouse.cover_partition(id, p.partition, (partition_ids ->> p.partition::oid::text)::integer)
     FROM gatehouse.partition_tree(relation) p (partition) JOIN pg_class c ON c.oid = p.partition
    WHERE p.partition <> begin_audit.relation AND c.relkind <> 'f'
    ORDER BY p.partition;
  -- The event trigger for shapes sees none of this.
  PERFORM gatehouse.record_shape(relation, id, false);
  RETURN id;
END
$$;
ALTER FUNCTION gatehouse.begin_audit(regclass, text[], text[]) OWNER TO gatehouse_owner;
COMMENT ON FUNCTION gatehouse.begin_audit(regclass, text[], text[]) IS
  'internal: registers a table, writes the event and makes the triggers; whether it may be is asked before';
REVOKE ALL ON FUNCTION gatehouse.begin_audit(regclass, text[], text[]) FROM PUBLIC;

-- The registry is nobody's to write, and the triggers are made and dropped nowhere else: neither is done without the other, or
-- without the event.
CREATE FUNCTION gatehouse.record_audit_enabled(relation regclass, exclude text[], redact text[]) RETURNS integer
  LANGUAGE plpgsql VOLATILE SECURITY DEFINER SET search_path = pg_catalog, pg_temp
AS $$
BEGIN
  PERFORM gatehouse.check_auditable(relation);
  PERFORM gatehouse.check_owned_by_caller(relation);
  PERFORM gatehouse.lock_audited_table(relation);
  PERFORM gatehouse.check_auditable(relation);
  PERFORM gatehouse.check_audit_columns(relation, exclude, redact);
  RETURN gatehouse.begin_audit(relation, exclude, redact);
END
$$;
ALTER FUNCTION gatehouse.record_audit_enabled(regclass, text[], text[]) OWNER TO gatehouse_owner;
COMMENT ON FUNCTION gatehouse.record_audit_enabled(regclass, text[], text[]) IS
  'gives a table its stable id and its triggers and writes an event; for gatehouse.enable_audit';
REVOKE ALL ON FUNCTION gatehouse.record_audit_enabled(regclass, text[], text[]) FROM PUBLIC;
GRANT EXECUTE ON FUNCTION gatehouse.record_audit_enabled(regclass, text[], text[]) TO gatehouse_admin;

CREATE FUNCTION gatehouse.record_audit_disabled(relation regclass, id integer) RETURNS void
  LANGUAGE plpgsql VOLATILE SECURITY DEFINER SET search_path = pg_catalog, pg_temp
AS $$
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
$$;
ALTER FUNCTION gatehouse.record_audit_disabled(regclass, integer) OWNER TO gatehouse_owner;
COMMENT ON FUNCTION gatehouse.record_audit_disabled(regclass, integer) IS
  'drops the triggers of an audited table, closes its audit in the registry and writes an event; for gatehouse.disable_audit';
REVOKE ALL ON FUNCTION gatehouse.record_audit_disabled(regclass, integer) FROM PUBLIC;
GRANT EXECUTE ON FUNCTION gatehouse.record_audit_disabled(regclass, integer) TO gatehouse_admin;

CREATE FUNCTION gatehouse.enable_audit(relation regclass, exclude text[] DEFAULT '{}', redact text[] DEFAULT '{}')
  RETURNS void
  LANGUAGE plpgsql VOLATILE SET search_path = pg_catalog, pg_temp
AS $$
BEGIN
  PERFORM gatehouse.check_auditable(relation);
  -- Two at once would both find no trigger. Who has no right to lock the table can't audit it either.
  EXECUTE format('LOCK TABLE ONLY %s IN SHARE ROW EXCLUSIVE MODE', relation);
  PERFORM gatehouse.record_audit_enabled(relation, exclude, redact);
END
$$;
ALTER FUNCTION gatehouse.enable_audit(regclass, text[], text[]) OWNER TO gatehouse_owner;
COMMENT ON FUNCTION gatehouse.enable_audit(regclass, text[], text[]) IS
  'logs every change of the table''s rows from now on; excluded columns are left out, redacted ones show only that they changed. Again: replaces the columns. Needs the table''s owner; afterwards only members of gatehouse_admin can add partitions to it';
REVOKE ALL ON FUNCTION gatehouse.enable_audit(regclass, text[], text[]) FROM PUBLIC;
GRANT EXECUTE ON FUNCTION gatehouse.enable_audit(regclass, text[], text[]) TO gatehouse_admin;

CREATE FUNCTION gatehouse.disable_audit(relation regclass) RETURNS boolean
  LANGUAGE plpgsql VOLATILE SET search_path = pg_catalog, pg_temp
AS $$
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
$$;
ALTER FUNCTION gatehouse.disable_audit(regclass) OWNER TO gatehouse_owner;
COMMENT ON FUNCTION gatehouse.disable_audit(regclass) IS
  'stops logging the table''s changes; what is logged stays. False where it was not audited. Enabling it again begins a new history';
REVOKE ALL ON FUNCTION gatehouse.disable_audit(regclass) FROM PUBLIC;
GRANT EXECUTE ON FUNCTION gatehouse.disable_audit(regclass) TO gatehouse_admin;

-- audit/shapes.sql

-- The columns of audited tables as they were, so that the log can be read across ALTER TABLE. A change of them is recorded when
-- its command ends, under the command's lock: before it no row change has a greater number, after it none a smaller one.

CREATE FUNCTION gatehouse.take_rewrite(relation regclass) RETURNS text[]
AS 'MODULE_PATHNAME', 'gatehouse_audit_take_rewrite'
LANGUAGE c VOLATILE STRICT;
COMMENT ON FUNCTION gatehouse.take_rewrite(regclass) IS
  'internal: the columns that ALTER TABLE gave another type, or other values of the same, where it has rewritten this table in this transaction '
  'since the last call; NULL where it has not';
REVOKE ALL ON FUNCTION gatehouse.take_rewrite(regclass) FROM PUBLIC;
GRANT EXECUTE ON FUNCTION gatehouse.take_rewrite(regclass) TO gatehouse_owner;

CREATE FUNCTION gatehouse.log_rewritten_rows(relation regclass, columns text[]) RETURNS bigint
AS 'MODULE_PATHNAME', 'gatehouse_audit_log_rewritten_rows'
LANGUAGE c VOLATILE STRICT;
COMMENT ON FUNCTION gatehouse.log_rewritten_rows(regclass, text[]) IS
  'internal: logs an update for each row of an audited table, with what these columns hold now and nothing of before; gives their number';
REVOKE ALL ON FUNCTION gatehouse.log_rewritten_rows(regclass, text[]) FROM PUBLIC;
GRANT EXECUTE ON FUNCTION gatehouse.log_rewritten_rows(regclass, text[]) TO gatehouse_owner;

CREATE FUNCTION gatehouse.missing_values(relation regclass) RETURNS jsonb
AS 'MODULE_PATHNAME', 'gatehouse_audit_missing_values'
LANGUAGE c STABLE STRICT;
COMMENT ON FUNCTION gatehouse.missing_values(regclass) IS
  'internal: what the log is to show of columns that were added to an audited table without its rows being rewritten, in rows that are older';
REVOKE ALL ON FUNCTION gatehouse.missing_values(regclass) FROM PUBLIC;
GRANT EXECUTE ON FUNCTION gatehouse.missing_values(regclass) TO gatehouse_owner;

CREATE FUNCTION gatehouse.present_columns(relation regclass, excluded text[])
  RETURNS TABLE (number integer, name text, type text, type_id oid, expression text, older_rows_show_null boolean, in_key boolean)
LANGUAGE sql STABLE ROWS 20
SET search_path = pg_catalog, pg_temp
AS $$
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
$$;
COMMENT ON FUNCTION gatehouse.present_columns(regclass, text[]) IS 'internal: the columns of a table that the log shows';
ALTER FUNCTION gatehouse.present_columns(regclass, text[]) OWNER TO gatehouse_owner;
REVOKE ALL ON FUNCTION gatehouse.present_columns(regclass, text[]) FROM PUBLIC;

CREATE FUNCTION gatehouse.shape_columns(columns jsonb)
  RETURNS TABLE (id integer, number integer, name text, type text, type_id oid, expression text, redacted boolean, missing jsonb)
LANGUAGE sql IMMUTABLE ROWS 20
SET search_path = pg_catalog, pg_temp
AS $$
  SELECT (c.value ->> 'id')::integer, (c.value ->> 'number')::integer, c.value ->> 'name', c.value ->> 'type',
         (c.value ->> 'type_id')::oid, c.value ->> 'expression', c.value ? 'redacted', c.value -> 'missing'
    FROM jsonb_array_elements(columns) c
$$;
COMMENT ON FUNCTION gatehouse.shape_columns(jsonb) IS 'internal: audit_shapes.columns as rows';
ALTER FUNCTION gatehouse.shape_columns(jsonb) OWNER TO gatehouse_owner;
REVOKE ALL ON FUNCTION gatehouse.shape_columns(jsonb) FROM PUBLIC;

-- By what is there now, whatever this transaction's snapshot is: the command has worked on that.
CREATE FUNCTION gatehouse.audited_relations(changed oid) RETURNS TABLE (relation regclass, table_id integer)
AS 'MODULE_PATHNAME', 'gatehouse_audit_audited_relations'
LANGUAGE c VOLATILE STRICT ROWS 1;
COMMENT ON FUNCTION gatehouse.audited_relations(oid) IS
  'internal: the audited tables among a relation, the root whose partition it is and all that inherit from it, with their stable ids';
REVOKE ALL ON FUNCTION gatehouse.audited_relations(oid) FROM PUBLIC;
GRANT EXECUTE ON FUNCTION gatehouse.audited_relations(oid) TO gatehouse_owner;

CREATE FUNCTION gatehouse.own_shape(this_table integer, place bigint, relation regclass, attributes integer, columns jsonb) RETURNS void
LANGUAGE sql VOLATILE
BEGIN ATOMIC
  UPDATE gatehouse.audit_shapes s
     SET columns = own_shape.columns, relation = own_shape.relation, origin = gatehouse.cluster_identifier(), attributes = own_shape.attributes
   WHERE s.table_id = this_table AND s.since = place;
END;
COMMENT ON FUNCTION gatehouse.own_shape(integer, bigint, regclass, integer, jsonb) IS
  'internal: the numbers of a shape''s columns are those that they have in this relation of this cluster';
ALTER FUNCTION gatehouse.own_shape(integer, bigint, regclass, integer, jsonb) OWNER TO gatehouse_owner;
REVOKE ALL ON FUNCTION gatehouse.own_shape(integer, bigint, regclass, integer, jsonb) FROM PUBLIC;

-- A column is the one that it was if it has its number, whatever its name; in a restored table if it has its name. One that is shown
-- again after it was excluded is new to the log, though not to the table.
CREATE FUNCTION gatehouse.record_shape(relation regclass, this_table integer, of_losses boolean) RETURNS boolean
LANGUAGE plpgsql VOLATILE
SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
  registered gatehouse.audit_registry;
  hidden text[];
  redacted text[];
  parts CONSTANT regclass[] := ARRAY(SELECT gatehouse.partition_tree(relation));
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
$$;
COMMENT ON FUNCTION gatehouse.record_shape(regclass, integer, boolean) IS
  'internal: records the columns of an audited table where they are not those that were recorded last, and logs what ALTER TABLE has written '
  'into its rows; whether it did. of_losses: only where columns are gone and none is new, which runs no function of the table''s owner. '
  '40001 where others changed the table''s audit or columns after the snapshot of this transaction';
ALTER FUNCTION gatehouse.record_shape(regclass, integer, boolean) OWNER TO gatehouse_owner;
REVOKE ALL ON FUNCTION gatehouse.record_shape(regclass, integer, boolean) FROM PUBLIC;

CREATE FUNCTION gatehouse.record_all_shapes() RETURNS bigint
LANGUAGE sql VOLATILE
SET search_path = pg_catalog, pg_temp
AS $$
  WITH others AS MATERIALIZED (
    SELECT t.relation, r.table_id
      FROM gatehouse.audit_triggers t
      JOIN gatehouse.audit_registry r ON r.table_id::text = t.table_id_text
      LEFT JOIN gatehouse.audit_shapes s ON s.table_id = r.table_id AND s.since = r.shape_since
     WHERE ARRAY(SELECT a.attname::text FROM pg_attribute a
                  WHERE a.attrelid = t.relation AND a.attnum > 0 AND NOT a.attisdropped AND a.attgenerated::text <> 'v'
                    AND a.attname::text <> ALL (r.excluded COLLATE "C") ORDER BY a.attnum)
           IS DISTINCT FROM ARRAY(SELECT c.name FROM gatehouse.shape_columns(s.columns) c ORDER BY c.number)
        OR s.relation <> t.relation OR s.origin <> gatehouse.cluster_identifier()
  ), free AS MATERIALIZED (
    -- Whoever holds it is at work on this table, and records what it does.
    SELECT r.table_id FROM gatehouse.audit_registry r WHERE r.table_id IN (SELECT o.table_id FROM others o) FOR NO KEY UPDATE SKIP LOCKED
  )
  SELECT count(*) FILTER (WHERE gatehouse.record_shape(o.relation, o.table_id, true)) FROM others o JOIN free f ON f.table_id = o.table_id
$$;
COMMENT ON FUNCTION gatehouse.record_all_shapes() IS
  'internal: records of each audited table which columns are gone, and how those of a restored one are numbered; gives the number of tables '
  'that have lost some. What commands do is recorded by them';
ALTER FUNCTION gatehouse.record_all_shapes() OWNER TO gatehouse_owner;
REVOKE ALL ON FUNCTION gatehouse.record_all_shapes() FROM PUBLIC;

-- Asked at everybody's commands: what concerns no audited table must be told apart quickly. A table changes also with one that it
-- inherits from, and with the type that it was made of.
CREATE FUNCTION gatehouse.altered_tables() RETURNS TABLE (relation regclass, table_id integer)
LANGUAGE sql VOLATILE ROWS 1
SET search_path = pg_catalog, pg_temp
AS $$
  SELECT DISTINCT a.relation, a.table_id
    FROM pg_event_trigger_ddl_commands() d
   CROSS JOIN LATERAL (SELECT d.objid AS relation WHERE d.classid = 'pg_class'::regclass
                       UNION ALL
                       SELECT t.tgrelid FROM pg_trigger t WHERE t.oid = d.objid AND d.classid = 'pg_trigger'::regclass
                       UNION ALL
                       SELECT i.indrelid FROM pg_index i WHERE i.indexrelid = d.objid AND d.classid = 'pg_class'::regclass
                       UNION ALL
                       SELECT c.oid FROM pg_class c
                        WHERE c.reloftype = (SELECT y.reltype FROM pg_class y WHERE y.oid = d.objid AND y.relkind = 'c')
                          AND d.classid = 'pg_class'::regclass AND d.command_tag = 'ALTER TYPE') AS c
   CROSS JOIN LATERAL gatehouse.audited_relations(c.relation) a
$$;
COMMENT ON FUNCTION gatehouse.altered_tables() IS
  'internal: in an event trigger at the end of a command: the audited tables that it can have altered, with their stable ids';
ALTER FUNCTION gatehouse.altered_tables() OWNER TO gatehouse_owner;
REVOKE ALL ON FUNCTION gatehouse.altered_tables() FROM PUBLIC;

CREATE FUNCTION gatehouse.record_changed_shapes() RETURNS event_trigger
LANGUAGE plpgsql VOLATILE SECURITY DEFINER
SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
  changed record;
BEGIN
  FOR changed IN SELECT a.relation, a.table_id FROM gatehouse.altered_tables() a LOOP
    PERFORM gatehouse.record_shape(changed.relation, changed.table_id, false);
  END LOOP;
END
$$;
COMMENT ON FUNCTION gatehouse.record_changed_shapes() IS 'internal: records the columns of audited tables when a command has changed them';
ALTER FUNCTION gatehouse.record_changed_shapes() OWNER TO gatehouse_owner;
REVOKE ALL ON FUNCTION gatehouse.record_changed_shapes() FROM PUBLIC;

-- What is dropped with CASCADE takes columns along, and keys. These can be commands of strangers.
CREATE FUNCTION gatehouse.record_lost_columns() RETURNS event_trigger
LANGUAGE plpgsql VOLATILE SECURITY DEFINER
SET search_path = pg_catalog, pg_temp
AS $$
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
$$;
COMMENT ON FUNCTION gatehouse.record_lost_columns() IS
  'internal: records the columns of audited tables when a command that drops something else has dropped some of them';
ALTER FUNCTION gatehouse.record_lost_columns() OWNER TO gatehouse_owner;
REVOKE ALL ON FUNCTION gatehouse.record_lost_columns() FROM PUBLIC;

CREATE FUNCTION gatehouse.note_rewrite() RETURNS event_trigger
AS 'MODULE_PATHNAME', 'gatehouse_audit_note_rewrite'
LANGUAGE c VOLATILE;
COMMENT ON FUNCTION gatehouse.note_rewrite() IS 'internal: remembers until the command ends that it rewrites a table';
REVOKE ALL ON FUNCTION gatehouse.note_rewrite() FROM PUBLIC;

CREATE EVENT TRIGGER gatehouse_audit_rewrites ON table_rewrite EXECUTE FUNCTION gatehouse.note_rewrite();
ALTER EVENT TRIGGER gatehouse_audit_rewrites ENABLE ALWAYS;
COMMENT ON EVENT TRIGGER gatehouse_audit_rewrites IS 'tells gatehouse_audit_shapes which tables a command has rewritten';
CREATE EVENT TRIGGER gatehouse_audit_shapes ON ddl_command_end
  WHEN TAG IN ('ALTER FOREIGN TABLE', 'ALTER INDEX', 'ALTER MATERIALIZED VIEW', 'ALTER TABLE', 'ALTER TYPE', 'ALTER VIEW', 'CREATE TABLE', 'CREATE TRIGGER')
  EXECUTE FUNCTION gatehouse.record_changed_shapes();
ALTER EVENT TRIGGER gatehouse_audit_shapes ENABLE ALWAYS;
COMMENT ON EVENT TRIGGER gatehouse_audit_shapes IS 'records how the columns of audited tables change';
CREATE EVENT TRIGGER gatehouse_audit_lost_columns ON sql_drop EXECUTE FUNCTION gatehouse.record_lost_columns();
ALTER EVENT TRIGGER gatehouse_audit_lost_columns ENABLE ALWAYS;
COMMENT ON EVENT TRIGGER gatehouse_audit_lost_columns IS 'records which columns of audited tables go with what is dropped';

-- audit/time_travel.sql

-- What the log knew of a row at a time, from the log itself and from the row that is there now.

CREATE FUNCTION gatehouse.history_of(relation regclass) RETURNS integer
LANGUAGE plpgsql STABLE
SET search_path = pg_catalog, pg_temp
AS $$
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
$$;
COMMENT ON FUNCTION gatehouse.history_of(regclass) IS
  'internal: the stable id of a table that is audited, else of its last audit; 22023 where there was none';
ALTER FUNCTION gatehouse.history_of(regclass) OWNER TO gatehouse_owner;
REVOKE ALL ON FUNCTION gatehouse.history_of(regclass) FROM PUBLIC;

CREATE FUNCTION gatehouse.reshape_row(row_values jsonb, was jsonb, becomes jsonb, forward boolean) RETURNS jsonb
LANGUAGE sql IMMUTABLE
SET search_path = pg_catalog, pg_temp
AS $$
  SELECT CASE WHEN row_values IS NOT NULL THEN coalesce(jsonb_object_agg(b.name, CASE WHEN a.id IS NULL THEN b.missing ELSE row_values -> a.name END), '{}') END
    FROM gatehouse.shape_columns(becomes) b
    LEFT JOIN gatehouse.shape_columns(was) a ON a.id = b.id
   WHERE CASE WHEN a.id IS NULL THEN forward AND b.missing IS NOT NULL ELSE row_values ? a.name AND a.redacted = b.redacted END
$$;
COMMENT ON FUNCTION gatehouse.reshape_row(jsonb, jsonb, jsonb, boolean) IS
  'internal: a row after its table''s columns have changed, or, not forward, before; what is not known is left out';
ALTER FUNCTION gatehouse.reshape_row(jsonb, jsonb, jsonb, boolean) OWNER TO gatehouse_owner;
REVOKE ALL ON FUNCTION gatehouse.reshape_row(jsonb, jsonb, jsonb, boolean) FROM PUBLIC;

CREATE FUNCTION gatehouse.key_after(key jsonb, new jsonb) RETURNS jsonb
LANGUAGE sql IMMUTABLE
SET search_path = pg_catalog, pg_temp
AS $$
  SELECT jsonb_object_agg(k.key, coalesce(new -> k.key, k.value)) FROM jsonb_each(key) k
$$;
COMMENT ON FUNCTION gatehouse.key_after(jsonb, jsonb) IS 'internal: the key of a row after an update of it';
ALTER FUNCTION gatehouse.key_after(jsonb, jsonb) OWNER TO gatehouse_owner;
REVOKE ALL ON FUNCTION gatehouse.key_after(jsonb, jsonb) FROM PUBLIC;

-- The names of a key's columns change; the log keeps those of the time.
CREATE FUNCTION gatehouse.former_keys(table_id integer, key jsonb) RETURNS jsonb[]
LANGUAGE sql STABLE
SET search_path = pg_catalog, pg_temp
AS $$
  SELECT array_agg(DISTINCT k.key)
    FROM (SELECT former_keys.key
          UNION
          SELECT gatehouse.reshape_row(former_keys.key, named.columns, s.columns, false)
            FROM (SELECT n.columns FROM gatehouse.audit_shapes n
                   WHERE n.table_id = former_keys.table_id AND jsonb_typeof(former_keys.key) = 'object'
                     AND ARRAY(SELECT jsonb_object_keys(former_keys.key)) <@ ARRAY(SELECT c.name FROM gatehouse.shape_columns(n.columns) c)
                   ORDER BY n.since DESC LIMIT 1) named
            JOIN gatehouse.audit_shapes s ON s.table_id = former_keys.table_id) k
$$;
COMMENT ON FUNCTION gatehouse.former_keys(integer, jsonb) IS 'internal: a key with the names that its columns have and had';
ALTER FUNCTION gatehouse.former_keys(integer, jsonb) OWNER TO gatehouse_owner;
REVOKE ALL ON FUNCTION gatehouse.former_keys(integer, jsonb) FROM PUBLIC;

CREATE TYPE gatehouse.row_history_entry AS (
  id bigint,
  changed_at timestamptz,
  transaction_id xid8,
  table_id integer,
  table_schema text,
  table_name text,
  operation text,
  key jsonb,
  old jsonb,
  new jsonb,
  actor_id uuid,
  impersonator_id uuid,
  api_key_id uuid,
  session_id uuid,
  db_role text,
  client_addr inet,
  application_name text,
  context jsonb,
  origin bigint,
  replication_origin text,
  row_after jsonb
);
ALTER TYPE gatehouse.row_history_entry OWNER TO gatehouse_owner;
COMMENT ON TYPE gatehouse.row_history_entry IS 'a change of a row as get_row_history shows it';
REVOKE ALL ON TYPE gatehouse.row_history_entry FROM PUBLIC;
GRANT USAGE ON TYPE gatehouse.row_history_entry TO gatehouse_auditor, gatehouse_admin;

CREATE FUNCTION gatehouse.get_row_history(relation regclass, key jsonb) RETURNS SETOF gatehouse.row_history_entry
  LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path = pg_catalog, pg_temp
  SET plan_cache_mode = force_custom_plan
AS $$
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
$$;
ALTER FUNCTION gatehouse.get_row_history(regclass, jsonb) OWNER TO gatehouse_owner;
COMMENT ON FUNCTION gatehouse.get_row_history(regclass, jsonb) IS
  'the changes of the row with this key, and each TRUNCATE, oldest first; row_after is the row after the change, NULL where it was gone or the log cannot tell. A change of the key ends the history: ask again with the new key';
REVOKE ALL ON FUNCTION gatehouse.get_row_history(regclass, jsonb) FROM PUBLIC;
GRANT EXECUTE ON FUNCTION gatehouse.get_row_history(regclass, jsonb) TO gatehouse_auditor, gatehouse_admin;

CREATE FUNCTION gatehouse.rows_at(relation regclass, table_id integer, at timestamptz, before bigint, key_hashes bigint[],
                                  OUT key jsonb, OUT row_values jsonb, OUT complete boolean) RETURNS SETOF record
AS 'MODULE_PATHNAME', 'gatehouse_audit_rows_at'
LANGUAGE c STABLE ROWS 1000;
COMMENT ON FUNCTION gatehouse.rows_at(regclass, integer, timestamptz, bigint, bigint[]) IS
  'internal: the rows of a table after all changes up to a time, or else before a change''s number, as far as they are known; of keys with these '
  'hashes, or all. relation: take the rows that it has now into account';
REVOKE ALL ON FUNCTION gatehouse.rows_at(regclass, integer, timestamptz, bigint, bigint[]) FROM PUBLIC;
GRANT EXECUTE ON FUNCTION gatehouse.rows_at(regclass, integer, timestamptz, bigint, bigint[]) TO gatehouse_owner;

CREATE FUNCTION gatehouse.audit_at(relation regclass, at timestamptz, OUT table_id integer, OUT is_present boolean)
LANGUAGE plpgsql STABLE
SET search_path = pg_catalog, pg_temp
AS $$
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
$$;
COMMENT ON FUNCTION gatehouse.audit_at(regclass, timestamptz) IS
  'internal: the stable id that a table had in the log at a time, and whether it has it now; 22023 where it was not audited';
ALTER FUNCTION gatehouse.audit_at(regclass, timestamptz) OWNER TO gatehouse_owner;
REVOKE ALL ON FUNCTION gatehouse.audit_at(regclass, timestamptz) FROM PUBLIC;

CREATE FUNCTION gatehouse.get_table_at(relation regclass, at timestamptz) RETURNS SETOF jsonb
LANGUAGE plpgsql STABLE SECURITY DEFINER
SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
  audit CONSTANT record := gatehouse.audit_at(relation, at);
BEGIN
  RETURN QUERY SELECT r.row_values
                 FROM gatehouse.rows_at(CASE WHEN audit.is_present THEN relation END, audit.table_id, at, NULL, NULL) r;
END
$$;
COMMENT ON FUNCTION gatehouse.get_table_at(regclass, timestamptz) IS
  'the rows that an audited table had at a time, with the columns of that time; a column of which nothing is known is left out. Takes memory as '
  'the table does. 22023 where it was not audited then';
ALTER FUNCTION gatehouse.get_table_at(regclass, timestamptz) OWNER TO gatehouse_owner;
REVOKE ALL ON FUNCTION gatehouse.get_table_at(regclass, timestamptz) FROM PUBLIC;
GRANT EXECUTE ON FUNCTION gatehouse.get_table_at(regclass, timestamptz) TO gatehouse_auditor, gatehouse_admin;

-- All keys that the row with this key had, has or will have, as the log tells.
CREATE FUNCTION gatehouse.linked_keys(table_id integer, key jsonb) RETURNS jsonb[]
LANGUAGE sql STABLE
SET search_path = pg_catalog, pg_temp
SET plan_cache_mode = force_custom_plan
AS $$
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
        SELECT gatehouse.key_after(c.key, c.new)
          FROM gatehouse.row_change_log c
         WHERE c.key_hash = jsonb_hash_extended(l.key, linked_keys.table_id) AND c.table_id = linked_keys.table_id
           AND c.key = l.key AND c.new_key_hash IS NOT NULL
      ) next
      CROSS JOIN LATERAL unnest(gatehouse.former_keys(linked_keys.table_id, next.key)) former (key)
  )
  SELECT array_agg(l.key) FROM linked l
$$;
COMMENT ON FUNCTION gatehouse.linked_keys(integer, jsonb) IS
  'internal: this key, and those that rows came from which have it, and went to';
ALTER FUNCTION gatehouse.linked_keys(integer, jsonb) OWNER TO gatehouse_owner;
REVOKE ALL ON FUNCTION gatehouse.linked_keys(integer, jsonb) FROM PUBLIC;

CREATE FUNCTION gatehouse.get_row_at(relation regclass, key jsonb, at timestamptz) RETURNS jsonb
LANGUAGE plpgsql STABLE SECURITY DEFINER
SET search_path = pg_catalog, pg_temp
SET plan_cache_mode = force_custom_plan
AS $$
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
$$;
COMMENT ON FUNCTION gatehouse.get_row_at(regclass, jsonb, timestamptz) IS
  'the row that had this key at a time, with the columns of that time; NULL where there was none. Of a row that is older than the log, and '
  'where the primary key has been of other columns, it reads the whole table. 22023 where it was not audited then';
ALTER FUNCTION gatehouse.get_row_at(regclass, jsonb, timestamptz) OWNER TO gatehouse_owner;
REVOKE ALL ON FUNCTION gatehouse.get_row_at(regclass, jsonb, timestamptz) FROM PUBLIC;
GRANT EXECUTE ON FUNCTION gatehouse.get_row_at(regclass, jsonb, timestamptz) TO gatehouse_auditor, gatehouse_admin;

-- audit/undo_statements.sql

-- The statements that reverse a transaction, as text: whoever runs them does so with his own rights, and with his own search path, so
-- every type and operator is named with its schema. Values are read back from JSON by jsonb_to_record, which knows every type.

CREATE FUNCTION gatehouse.base_type(type oid) RETURNS oid
LANGUAGE sql STABLE
SET search_path = pg_catalog, pg_temp
AS $$
  WITH RECURSIVE below (id, base) AS (
    SELECT y.oid, y.typbasetype FROM pg_type y WHERE y.oid = type
    UNION ALL
    SELECT y.oid, y.typbasetype FROM below b JOIN pg_type y ON y.oid = b.base)
  SELECT b.id FROM below b WHERE b.base = 0
$$;
COMMENT ON FUNCTION gatehouse.base_type(oid) IS 'internal: the type that a domain is of, else the type';
ALTER FUNCTION gatehouse.base_type(oid) OWNER TO gatehouse_owner;
REVOKE ALL ON FUNCTION gatehouse.base_type(oid) FROM PUBLIC;

CREATE FUNCTION gatehouse.type_name(type oid) RETURNS text
LANGUAGE sql STABLE
SET search_path = pg_catalog, pg_temp
AS $$
  SELECT format('%I.%I', n.nspname, y.typname) FROM pg_type y JOIN pg_namespace n ON n.oid = y.typnamespace WHERE y.oid = type
$$;
COMMENT ON FUNCTION gatehouse.type_name(oid) IS 'internal: the name of a type with its schema, PostgreSQL''s own too, which format_type leaves to the search path';
ALTER FUNCTION gatehouse.type_name(oid) OWNER TO gatehouse_owner;
REVOKE ALL ON FUNCTION gatehouse.type_name(oid) FROM PUBLIC;

CREATE FUNCTION gatehouse.unique_indexes(relation regclass) RETURNS TABLE (columns text[], column_numbers smallint[], operator_classes oid[])
LANGUAGE sql STABLE ROWS 1
SET search_path = pg_catalog, pg_temp
AS $$
  SELECT array_agg(a.attname::text COLLATE "default" ORDER BY k.place), array_agg(a.attnum ORDER BY k.place), array_agg(k.operator_class ORDER BY k.place)
    FROM pg_index i
   CROSS JOIN LATERAL unnest(i.indkey::smallint[], i.indclass::oid[], i.indcollation::oid[]) WITH ORDINALITY k (number, operator_class, collation_id, place)
    LEFT JOIN pg_attribute a ON a.attrelid = i.indrelid AND a.attnum = k.number AND a.attcollation = k.collation_id
   WHERE i.indrelid = relation AND i.indisunique AND i.indisvalid AND i.indpred IS NULL AND k.place <= i.indnkeyatts
   GROUP BY i.indexrelid, i.indisprimary
  HAVING bool_and(a.attnum IS NOT NULL)
   ORDER BY i.indisprimary DESC, i.indexrelid
$$;
COMMENT ON FUNCTION gatehouse.unique_indexes(regclass) IS 'internal: of what columns no two rows of a table have the same, the primary key first';
ALTER FUNCTION gatehouse.unique_indexes(regclass) OWNER TO gatehouse_owner;
REVOKE ALL ON FUNCTION gatehouse.unique_indexes(regclass) FROM PUBLIC;

-- By the operator of an index, which it can use then. Not every type can be compared otherwise, but as JSON it can; but numbers whose JSON
-- depends on the session, and types that somebody has made, since to JSON there could be a cast of his: those by their text.
CREATE FUNCTION gatehouse.column_condition(relation regclass, name text) RETURNS text
LANGUAGE sql STABLE
SET search_path = pg_catalog, pg_temp
AS $$
  SELECT coalesce((SELECT format('t.%1$I%4$s OPERATOR(%2$I.%3$s) k.%1$I%4$s', name, n.nspname, o.oprname,
                                 CASE WHEN d.type <> a.atttypid THEN '::' || gatehouse.type_name(d.type) ELSE '' END)
                     FROM gatehouse.unique_indexes(relation) i
                    CROSS JOIN LATERAL unnest(i.column_numbers, i.operator_classes) k (number, operator_class)
                     JOIN pg_opclass c ON c.oid = k.operator_class
                     JOIN pg_am m ON m.oid = c.opcmethod AND m.amname = 'btree'
                     JOIN pg_amop e ON e.amopfamily = c.opcfamily AND e.amoplefttype = c.opcintype AND e.amoprighttype = c.opcintype AND e.amopstrategy = 3
                     JOIN pg_operator o ON o.oid = e.amopopr
                     JOIN pg_namespace n ON n.oid = o.oprnamespace
                     JOIN pg_type y ON y.oid = c.opcintype
                    CROSS JOIN LATERAL (SELECT CASE WHEN y.typtype = 'p' THEN b.type ELSE y.oid END AS type) d
                    WHERE k.number = a.attnum
                    LIMIT 1),
                  format(CASE WHEN b.type = ANY ('{float4,float8,float4[],float8[]}'::regtype[])
                              THEN 'coalesce(t.%1$I OPERATOR(pg_catalog.=) k.%1$I, pg_catalog.num_nulls(t.%1$I, k.%1$I) OPERATOR(pg_catalog.=) 2)'
                              WHEN b.type < 16384
                              THEN 'pg_catalog.jsonb_build_array(t.%1$I) OPERATOR(pg_catalog.=) pg_catalog.jsonb_build_array(k.%1$I)'
                              ELSE 'pg_catalog.format(''%%L'', t.%1$I) OPERATOR(pg_catalog.=) pg_catalog.format(''%%L'', k.%1$I)' END, name))
    FROM pg_attribute a CROSS JOIN LATERAL (SELECT gatehouse.base_type(a.atttypid) AS type) b
   WHERE a.attrelid = relation AND a.attname::text = column_condition.name
$$;
COMMENT ON FUNCTION gatehouse.column_condition(regclass, text) IS 'internal: that t and k have the same in this column of t';
ALTER FUNCTION gatehouse.column_condition(regclass, text) OWNER TO gatehouse_owner;
REVOKE ALL ON FUNCTION gatehouse.column_condition(regclass, text) FROM PUBLIC;

CREATE FUNCTION gatehouse.statement_parts(relation regclass) RETURNS jsonb
LANGUAGE sql STABLE
SET search_path = pg_catalog, pg_temp
AS $$
  SELECT jsonb_build_object(
           'relation', relation::text,
           'own_rows', CASE c.relkind WHEN 'p' THEN '' ELSE 'ONLY ' END || relation::text,
           'unique', (SELECT coalesce(jsonb_agg(i.columns), '[]') FROM gatehouse.unique_indexes(relation) i),
           'columns', (SELECT coalesce(jsonb_object_agg(a.attname, jsonb_strip_nulls(jsonb_build_object(
                                'number', a.attnum,
                                'defined', format('%I %s', a.attname, gatehouse.type_name(a.atttypid))
                                           || coalesce((SELECT format(' COLLATE %I.%I', n.nspname, l.collname)
                                                          FROM pg_collation l JOIN pg_namespace n ON n.oid = l.collnamespace
                                                         WHERE l.oid = a.attcollation AND a.attcollation <> y.typcollation), ''),
                                'inserted', CASE a.attgenerated WHEN '' THEN format('%I', a.attname) END,
                                'selected', CASE a.attgenerated WHEN '' THEN format('r.%I', a.attname) END,
                                'assigned', CASE WHEN a.attgenerated = '' AND a.attidentity <> 'a' THEN format('%1$I = r.%1$I', a.attname) END,
                                'compared', CASE WHEN a.attgenerated::text <> 'v' THEN gatehouse.column_condition(relation, a.attname) END))), '{}')
                         FROM pg_attribute a JOIN pg_type y ON y.oid = a.atttypid
                        WHERE a.attrelid = relation AND a.attnum > 0 AND NOT a.attisdropped))
    FROM pg_class c
   WHERE c.oid = relation
$$;
COMMENT ON FUNCTION gatehouse.statement_parts(regclass) IS
  'internal: what statements on a table are made of. own_rows: without the tables that inherit from it; unique: columns of which no two rows have the same; '
  'columns: of each how it is defined in a column definition list, inserted, selected and assigned from r, and compared between t and k, where it can be';
ALTER FUNCTION gatehouse.statement_parts(regclass) OWNER TO gatehouse_owner;
REVOKE ALL ON FUNCTION gatehouse.statement_parts(regclass) FROM PUBLIC;

-- These are called for each change, and are parsed but once. No other columns than those that are known: a domain can forbid NULL.
CREATE FUNCTION gatehouse.of_columns(parts jsonb, row_values jsonb) RETURNS TABLE (defined text, inserted text, selected text, assigned text, compared text)
LANGUAGE sql STABLE ROWS 1
BEGIN ATOMIC
  SELECT string_agg(c.value ->> 'defined', ', ' ORDER BY c.value -> 'number'), string_agg(c.value ->> 'inserted', ', ' ORDER BY c.value -> 'number'),
         string_agg(c.value ->> 'selected', ', ' ORDER BY c.value -> 'number'), string_agg(c.value ->> 'assigned', ', ' ORDER BY c.value -> 'number'),
         string_agg(c.value ->> 'compared', ' AND ' ORDER BY c.value -> 'number')
    FROM jsonb_each(parts -> 'columns') c
   WHERE row_values ? c.key;
END;
COMMENT ON FUNCTION gatehouse.of_columns(jsonb, jsonb) IS 'internal: what of statement_parts belongs to the columns of these values, as lists; NULL where none has it';
ALTER FUNCTION gatehouse.of_columns(jsonb, jsonb) OWNER TO gatehouse_owner;
REVOKE ALL ON FUNCTION gatehouse.of_columns(jsonb, jsonb) FROM PUBLIC;

CREATE FUNCTION gatehouse.is_unique(parts jsonb, key jsonb) RETURNS boolean
LANGUAGE sql STABLE
BEGIN ATOMIC
  SELECT EXISTS (SELECT FROM jsonb_array_elements(parts -> 'unique') u WHERE key ?& ARRAY(SELECT jsonb_array_elements_text(u.value)));
END;
COMMENT ON FUNCTION gatehouse.is_unique(jsonb, jsonb) IS 'internal: whether at most one row has these values';
ALTER FUNCTION gatehouse.is_unique(jsonb, jsonb) OWNER TO gatehouse_owner;
REVOKE ALL ON FUNCTION gatehouse.is_unique(jsonb, jsonb) FROM PUBLIC;

CREATE FUNCTION gatehouse.is_whole(parts jsonb, row_values jsonb) RETURNS boolean
LANGUAGE sql STABLE
BEGIN ATOMIC
  SELECT NOT EXISTS (SELECT FROM jsonb_each(parts -> 'columns') c WHERE c.value ? 'compared' AND NOT row_values ? c.key);
END;
COMMENT ON FUNCTION gatehouse.is_whole(jsonb, jsonb) IS 'internal: whether these are the values of all columns';
ALTER FUNCTION gatehouse.is_whole(jsonb, jsonb) OWNER TO gatehouse_owner;
REVOKE ALL ON FUNCTION gatehouse.is_whole(jsonb, jsonb) FROM PUBLIC;

-- Without a key rows may be equal: one of them is as good as the others.
CREATE FUNCTION gatehouse.row_condition(parts jsonb, key jsonb, has_key boolean, defined text, compared text) RETURNS text
LANGUAGE sql STABLE
BEGIN ATOMIC
  SELECT CASE WHEN has_key THEN compared
              ELSE format('(t.tableoid, t.ctid) OPERATOR(pg_catalog.=) (SELECT t.tableoid, t.ctid FROM %s AS t, pg_catalog.jsonb_to_record(%L) AS k(%s) WHERE %s LIMIT 1)',
                          parts ->> 'own_rows', key, defined, compared) END;
END;
COMMENT ON FUNCTION gatehouse.row_condition(jsonb, jsonb, boolean, text, text) IS 'internal: a condition for the row t with the key k; where the table has no key, for one row that is equal. defined, compared: of_columns of the key';
ALTER FUNCTION gatehouse.row_condition(jsonb, jsonb, boolean, text, text) OWNER TO gatehouse_owner;
REVOKE ALL ON FUNCTION gatehouse.row_condition(jsonb, jsonb, boolean, text, text) FROM PUBLIC;

CREATE FUNCTION gatehouse.insert_statement(parts jsonb, rows jsonb) RETURNS text
LANGUAGE sql STABLE
BEGIN ATOMIC
  SELECT format('INSERT INTO %s (%s) OVERRIDING SYSTEM VALUE SELECT %s FROM pg_catalog.jsonb_to_recordset(%L) AS r(%s);', parts ->> 'relation',
                r.inserted, r.selected, rows, r.defined)
    FROM gatehouse.of_columns(parts, rows -> 0) r
   WHERE r.inserted IS NOT NULL;
END;
COMMENT ON FUNCTION gatehouse.insert_statement(jsonb, jsonb) IS 
  'internal: INSERT of rows that are known in the same columns: in one statement they can refer to each other. NULL where nothing is known';
ALTER FUNCTION gatehouse.insert_statement(jsonb, jsonb) OWNER TO gatehouse_owner;
REVOKE ALL ON FUNCTION gatehouse.insert_statement(jsonb, jsonb) FROM PUBLIC;

CREATE FUNCTION gatehouse.update_statement(parts jsonb, old jsonb, key jsonb, has_key boolean) RETURNS text
LANGUAGE sql STABLE
BEGIN ATOMIC
  SELECT format('UPDATE %s AS t SET %s FROM pg_catalog.jsonb_to_record(%L) AS r(%s)%s WHERE %s;', parts ->> 'own_rows', r.assigned, old, r.defined,
                CASE WHEN has_key THEN format(', pg_catalog.jsonb_to_record(%L) AS k(%s)', key, k.defined) ELSE '' END,
                gatehouse.row_condition(parts, key, has_key, k.defined, k.compared))
    FROM gatehouse.of_columns(parts, old) r CROSS JOIN gatehouse.of_columns(parts, key) k
   WHERE r.assigned IS NOT NULL AND k.compared IS NOT NULL;
END;
COMMENT ON FUNCTION gatehouse.update_statement(jsonb, jsonb, jsonb, boolean) IS 
  'internal: UPDATE of the row with this key to what its columns held; NULL where the log hides all of them, or they are GENERATED ALWAYS';
ALTER FUNCTION gatehouse.update_statement(jsonb, jsonb, jsonb, boolean) OWNER TO gatehouse_owner;
REVOKE ALL ON FUNCTION gatehouse.update_statement(jsonb, jsonb, jsonb, boolean) FROM PUBLIC;

CREATE FUNCTION gatehouse.delete_statement(parts jsonb, key jsonb, has_key boolean) RETURNS text
LANGUAGE sql STABLE
BEGIN ATOMIC
  SELECT format('DELETE FROM %s AS t%s WHERE %s;', parts ->> 'own_rows',
                CASE WHEN has_key THEN format(' USING pg_catalog.jsonb_to_record(%L) AS k(%s)', key, k.defined) ELSE '' END,
                gatehouse.row_condition(parts, key, has_key, k.defined, k.compared))
    FROM gatehouse.of_columns(parts, key) k
   WHERE k.compared IS NOT NULL;
END;
COMMENT ON FUNCTION gatehouse.delete_statement(jsonb, jsonb, boolean) IS 'internal: DELETE of the row with this key; NULL where nothing is known of it';
ALTER FUNCTION gatehouse.delete_statement(jsonb, jsonb, boolean) OWNER TO gatehouse_owner;
REVOKE ALL ON FUNCTION gatehouse.delete_statement(jsonb, jsonb, boolean) FROM PUBLIC;

-- audit/undo.sql

-- What a transaction did to audited tables, in the order in which it can be reversed, and the statements that do.

CREATE FUNCTION gatehouse.values_of(row_values jsonb, relation oid, column_numbers smallint[]) RETURNS jsonb
LANGUAGE sql STABLE
SET search_path = pg_catalog, pg_temp
AS $$
  SELECT jsonb_object_agg(n.place, row_values -> a.attname::text)
    FROM unnest(column_numbers) WITH ORDINALITY n (number, place)
    JOIN pg_attribute a ON a.attrelid = relation AND a.attnum = n.number
   WHERE row_values ? a.attname::text
$$;
COMMENT ON FUNCTION gatehouse.values_of(jsonb, oid, smallint[]) IS
  'internal: what is known of a row in these columns, by their place among them; NULL where nothing is';
ALTER FUNCTION gatehouse.values_of(jsonb, oid, smallint[]) OWNER TO gatehouse_owner;
REVOKE ALL ON FUNCTION gatehouse.values_of(jsonb, oid, smallint[]) FROM PUBLIC;

CREATE FUNCTION gatehouse.places_in(known jsonb) RETURNS text[]
LANGUAGE sql IMMUTABLE
SET search_path = pg_catalog, pg_temp
AS $$
  SELECT array_agg(k.place ORDER BY k.place) FROM jsonb_object_keys(known) k (place)
$$;
COMMENT ON FUNCTION gatehouse.places_in(jsonb) IS 'internal: which columns values_of knows of';
ALTER FUNCTION gatehouse.places_in(jsonb) OWNER TO gatehouse_owner;
REVOKE ALL ON FUNCTION gatehouse.places_in(jsonb) FROM PUBLIC;

CREATE FUNCTION gatehouse.values_at(known jsonb, places text[]) RETURNS jsonb
LANGUAGE sql STABLE
SET search_path = pg_catalog, pg_temp
AS $$
  SELECT jsonb_agg(known -> p.place ORDER BY p.place) FROM unnest(places) p (place)
$$;
COMMENT ON FUNCTION gatehouse.values_at(jsonb, text[]) IS 'internal: of what values_of knows that of these places';
ALTER FUNCTION gatehouse.values_at(jsonb, text[]) OWNER TO gatehouse_owner;
REVOKE ALL ON FUNCTION gatehouse.values_at(jsonb, text[]) FROM PUBLIC;

CREATE FUNCTION gatehouse.changes_in_transaction(transaction_id xid8, since timestamptz, OUT change gatehouse.row_change_log, OUT relation regclass)
  RETURNS SETOF record
LANGUAGE sql STABLE ROWS 100
SET search_path = pg_catalog, pg_temp
SET plan_cache_mode = force_custom_plan
AS $$
  SELECT c, t.relation::regclass
    FROM gatehouse.row_change_log c
    LEFT JOIN gatehouse.audit_triggers t ON t.table_id_text = c.table_id::text
   WHERE c.transaction_id = changes_in_transaction.transaction_id AND c.origin = gatehouse.cluster_identifier()
     AND (changes_in_transaction.since IS NULL OR c.changed_at >= changes_in_transaction.since)
$$;
COMMENT ON FUNCTION gatehouse.changes_in_transaction(xid8, timestamptz) IS
  'internal: the row changes of a transaction of this cluster, with the table as it is now; NULL where it is no longer audited or gone';
ALTER FUNCTION gatehouse.changes_in_transaction(xid8, timestamptz) OWNER TO gatehouse_owner;
REVOKE ALL ON FUNCTION gatehouse.changes_in_transaction(xid8, timestamptz) FROM PUBLIC;

-- What an action of a foreign key did to a row follows in the log what set it off: the last that happened to the row that is
-- referred to. An update tells only the columns that it changed, of the row that refers as of the other: those that both tell count.
CREATE FUNCTION gatehouse.causes_in_transaction(transaction_id xid8, since timestamptz, OUT id bigint, OUT cause bigint) RETURNS SETOF record
LANGUAGE sql STABLE ROWS 100
SET search_path = pg_catalog, pg_temp
SET plan_cache_mode = force_custom_plan
SET enable_nestloop = off
AS $$
  WITH changes AS MATERIALIZED (
    SELECT (c.change).id, (c.change).operation, c.relation, (c.change).key, (c.change).old, (c.change).new
      FROM gatehouse.changes_in_transaction(causes_in_transaction.transaction_id, causes_in_transaction.since) c
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
$$;
COMMENT ON FUNCTION gatehouse.causes_in_transaction(xid8, timestamptz) IS
  'internal: row changes of a transaction of this cluster that an action of a foreign key can have made, with the one that set it off';
ALTER FUNCTION gatehouse.causes_in_transaction(xid8, timestamptz) OWNER TO gatehouse_owner;
REVOKE ALL ON FUNCTION gatehouse.causes_in_transaction(xid8, timestamptz) FROM PUBLIC;

-- The last change is reversed first. But what a foreign key's action did can be reversed only after what set it off: a row comes
-- back before those that refer to it. What had been done to these in between comes behind them.
-- Nobody knows beforehand how many changes there are: a nested loop over all of them would take for ever.
--
-- A row that went to another partition is a DELETE and an INSERT there. Where others refer to such rows it has to go back by an UPDATE.
CREATE FUNCTION gatehouse.changes_to_undo(transaction_id xid8, since timestamptz, OUT change gatehouse.row_change_log, OUT relation regclass,
                                          OUT key_now jsonb, OUT moved_to jsonb)
  RETURNS SETOF record
LANGUAGE sql STABLE ROWS 100
SET search_path = pg_catalog, pg_temp
SET plan_cache_mode = force_custom_plan
SET enable_nestloop = off
AS $$
  WITH RECURSIVE changes AS MATERIALIZED (
    SELECT c.change, (c.change).id, (c.change).table_id, (c.change).operation, (c.change).key, c.relation,
           CASE WHEN (c.change).operation = 'U' AND (c.change).new_key_hash IS NOT NULL THEN gatehouse.key_after((c.change).key, (c.change).new)
                ELSE (c.change).key END AS key_after
      FROM gatehouse.changes_in_transaction(changes_to_undo.transaction_id, changes_to_undo.since) c
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
  SELECT c.change, c.relation, own.key, v.next_key
    FROM changes c
    LEFT JOIN (SELECT m.id, min(m.cause) AS cause, max(m.depth) AS depth FROM moved m GROUP BY m.id) m ON m.id = c.id
    -- What set it off changed the key of the same row, which has it back by then.
    LEFT JOIN (SELECT l.id, min(o.id) AS cause FROM causes l JOIN changes r ON r.id = l.id
                 JOIN changes o ON o.id = l.cause AND o.table_id = r.table_id AND o.key_after = r.key AND o.operation = 'U' GROUP BY l.id) s ON s.id = c.id
    LEFT JOIN changes own ON own.id = s.cause
    LEFT JOIN moves v ON v.id = c.id
   WHERE c.id NOT IN (SELECT v.next_id FROM moves v)
   ORDER BY coalesce(m.cause, c.id) DESC, coalesce(m.depth, 0), c.id DESC
$$;
COMMENT ON FUNCTION gatehouse.changes_to_undo(xid8, timestamptz) IS
  'internal: the row changes of a transaction of this cluster in the order in which they can be reversed; key_now: which the row has then, if it is '
  'another than after the change; moved_to: of a DELETE the key that the row has got in another partition';
ALTER FUNCTION gatehouse.changes_to_undo(xid8, timestamptz) OWNER TO gatehouse_owner;
REVOKE ALL ON FUNCTION gatehouse.changes_to_undo(xid8, timestamptz) FROM PUBLIC;

-- In one statement for all where they may refer to each other.
CREATE FUNCTION gatehouse.insert_truncated_rows(relation regclass, parts jsonb, change gatehouse.row_change_log, was gatehouse.audit_shapes,
                                                becomes gatehouse.audit_shapes)
  RETURNS SETOF text
LANGUAGE sql STABLE ROWS 100
SET search_path = pg_catalog, pg_temp
AS $$
  SELECT gatehouse.insert_statement(parts, jsonb_agg(g.row_values))
    FROM (SELECT gatehouse.reshape_row(gone.row_values - gatehouse.redacted_columns(was), was.columns, becomes.columns, true) AS row_values,
                 row_number() OVER () AS number
            FROM (SELECT b.row_values FROM gatehouse.rows_at(NULL, change.table_id, NULL, change.id, NULL) b WHERE b.complete
                  EXCEPT ALL
                  SELECT a.row_values FROM gatehouse.rows_at(NULL, change.table_id, NULL, change.id + 1, NULL) a) gone) g
   GROUP BY CASE WHEN EXISTS (SELECT FROM pg_constraint f WHERE f.contype = 'f' AND f.conrelid = relation AND f.confrelid = relation) THEN 0
                 ELSE g.number / 100 END,
            ARRAY(SELECT jsonb_object_keys(g.row_values))
$$;
COMMENT ON FUNCTION gatehouse.insert_truncated_rows(regclass, jsonb, gatehouse.row_change_log, gatehouse.audit_shapes, gatehouse.audit_shapes) IS
  'internal: INSERTs of the rows that a TRUNCATE took, as far as they are known';
ALTER FUNCTION gatehouse.insert_truncated_rows(regclass, jsonb, gatehouse.row_change_log, gatehouse.audit_shapes, gatehouse.audit_shapes) OWNER TO gatehouse_owner;
REVOKE ALL ON FUNCTION gatehouse.insert_truncated_rows(regclass, jsonb, gatehouse.row_change_log, gatehouse.audit_shapes, gatehouse.audit_shapes) FROM PUBLIC;

CREATE FUNCTION gatehouse.redacted_columns(shape gatehouse.audit_shapes) RETURNS text[]
LANGUAGE sql IMMUTABLE
SET search_path = pg_catalog, pg_temp
AS $$
  SELECT ARRAY(SELECT c.name FROM gatehouse.shape_columns(shape.columns) c WHERE c.redacted)
$$;
COMMENT ON FUNCTION gatehouse.redacted_columns(gatehouse.audit_shapes) IS 'internal: of which the log shows a mark only';
ALTER FUNCTION gatehouse.redacted_columns(gatehouse.audit_shapes) OWNER TO gatehouse_owner;
REVOKE ALL ON FUNCTION gatehouse.redacted_columns(gatehouse.audit_shapes) FROM PUBLIC;

CREATE FUNCTION gatehouse.has_deferrable(relation regclass, types "char"[]) RETURNS boolean
LANGUAGE sql STABLE
SET search_path = pg_catalog, pg_temp
AS $$
  SELECT EXISTS (SELECT FROM pg_constraint c WHERE c.condeferrable AND c.contype = ANY (types) AND (c.conrelid = relation OR c.confrelid = relation))
$$;
COMMENT ON FUNCTION gatehouse.has_deferrable(regclass, "char"[]) IS 'internal: whether a table has a deferrable constraint of these types, pg_constraint.contype';
ALTER FUNCTION gatehouse.has_deferrable(regclass, "char"[]) OWNER TO gatehouse_owner;
REVOKE ALL ON FUNCTION gatehouse.has_deferrable(regclass, "char"[]) FROM PUBLIC;

-- A key loses its meaning with one of its columns, and where ALTER TABLE has written it anew.
CREATE FUNCTION gatehouse.still_tells_row(was gatehouse.audit_shapes, becomes gatehouse.audit_shapes, change_id bigint, is_unique boolean)
  RETURNS boolean
LANGUAGE sql STABLE
SET search_path = pg_catalog, pg_temp
AS $$
  SELECT NOT EXISTS (SELECT FROM gatehouse.audit_shapes s WHERE s.table_id = was.table_id AND s.since > change_id AND s.restates)
     AND is_unique AND was.key <@ ARRAY(SELECT c.id FROM gatehouse.shape_columns(becomes.columns) c)
$$;
COMMENT ON FUNCTION gatehouse.still_tells_row(gatehouse.audit_shapes, gatehouse.audit_shapes, bigint, boolean) IS
  'internal: whether a row of the past is found by what the log knew it by then, after its table''s columns have changed';
ALTER FUNCTION gatehouse.still_tells_row(gatehouse.audit_shapes, gatehouse.audit_shapes, bigint, boolean) OWNER TO gatehouse_owner;
REVOKE ALL ON FUNCTION gatehouse.still_tells_row(gatehouse.audit_shapes, gatehouse.audit_shapes, bigint, boolean) FROM PUBLIC;

CREATE FUNCTION gatehouse.undo_transaction(transaction_id xid8, since timestamptz DEFAULT NULL) RETURNS SETOF text
LANGUAGE plpgsql STABLE SECURITY DEFINER ROWS 100
SET search_path = pg_catalog, pg_temp
SET plan_cache_mode = force_custom_plan
AS $$
DECLARE
  found record;
  change gatehouse.row_change_log;
  relation regclass;
  was gatehouse.audit_shapes;
  becomes gatehouse.audit_shapes;
  hidden text[];
  has_key boolean;
  key jsonb;
  needs_row boolean;
  row_values jsonb;  -- what was there before
  known jsonb := jsonb '{}';  -- statement_parts of the tables, by their OID
  parts jsonb;
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
      IF NOT known ? relation::oid::text THEN
        known := known || jsonb_build_object(relation::oid, gatehouse.statement_parts(relation));
      END IF;
      parts := known -> relation::oid::text;
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
    needs_row := change.operation IN ('I', 'U') OR found.moved_to IS NOT NULL;
    row_values := change.old - hidden;
    key := change.key - hidden;
    IF change.operation = 'U' AND (change.new_key_hash IS NOT NULL OR NOT has_key) THEN
      key := gatehouse.key_after(key, change.new);
      IF gatehouse.has_deferrable(relation, '{p}') AND relation <> ALL (warned_of) THEN
        warned_of := array_append(warned_of, relation);
        RAISE WARNING 'rows of % may have exchanged keys: then these statements do not tell them apart', relation;
      END IF;
    END IF;
    key := coalesce(found.moved_to, found.key_now, key) - hidden;
    IF was.since <> becomes.since THEN
      row_values := gatehouse.reshape_row(row_values, was.columns, becomes.columns, change.operation = 'D');
      key := gatehouse.reshape_row(key, was.columns, becomes.columns, false);
    END IF;
    IF needs_row AND was.since <> becomes.since AND NOT gatehouse.still_tells_row(was, becomes, change.id, NOT has_key OR gatehouse.is_unique(parts, key)) THEN
      RAISE WARNING 'change % of % cannot be reversed: what the log knows the row by no longer tells it from others', change.id, relation;
      CONTINUE;
    END IF;
    IF needs_row AND NOT has_key AND NOT gatehouse.is_whole(parts, key) AND relation <> ALL (warned_of) THEN
      warned_of := array_append(warned_of, relation);
      RAISE WARNING 'rows of % that differ only in what the log does not tell of them cannot be told apart', relation;
    END IF;
    CASE change.operation
      WHEN 'I' THEN
        statement := gatehouse.delete_statement(parts, key, has_key);
      WHEN 'D' THEN
        statement := CASE WHEN found.moved_to IS NULL THEN gatehouse.insert_statement(parts, jsonb_build_array(row_values))
                          ELSE gatehouse.update_statement(parts, row_values, key, has_key) END;
      WHEN 'U' THEN
        statement := gatehouse.update_statement(parts, row_values, key, has_key);
      ELSE
        IF EXISTS (SELECT FROM gatehouse.audit_partitions p WHERE p.partition_id = change.partition_id AND p.has_left) THEN
          RAISE WARNING 'the rows of partition % are no longer those of %: it was detached or dropped', change.key ->> 'partition', relation;
          CONTINUE;
        END IF;
        RAISE WARNING 'of the rows that TRUNCATE took from % only those are known that were inserted while it was audited', relation;
        RETURN QUERY SELECT i FROM gatehouse.insert_truncated_rows(relation, parts, change, was, becomes) i WHERE i IS NOT NULL;
        CONTINUE;
    END CASE;
    IF statement IS NULL THEN
      RAISE WARNING 'change % of % cannot be reversed: the log does not have what was there before', change.id, relation;
    ELSE
      RETURN NEXT statement;
    END IF;
  END LOOP;
END
$$;
COMMENT ON FUNCTION gatehouse.undo_transaction(xid8, timestamptz) IS
  'the statements that reverse what a transaction of this cluster did to audited tables, to be run in this order in one transaction; it changes '
  'nothing itself. What the log hides is left out. since: look at row changes from that time on only, else at all';
ALTER FUNCTION gatehouse.undo_transaction(xid8, timestamptz) OWNER TO gatehouse_owner;
REVOKE ALL ON FUNCTION gatehouse.undo_transaction(xid8, timestamptz) FROM PUBLIC;
GRANT EXECUTE ON FUNCTION gatehouse.undo_transaction(xid8, timestamptz) TO gatehouse_auditor, gatehouse_admin;

-- audit/leaves.sql

-- Dated partitions ("leaves") of the logs. Maintenance makes them ahead of their time, so that DEFAULT is empty of their range
-- when they come; a writer never makes one. They are gatehouse_owner's and no members of the extension: pg_dump takes them along.
-- events and event_details have leaves of the same ranges, so that no details outlive their event.

CREATE FUNCTION gatehouse.log_partitions(OUT log regclass, OUT leaf regclass, OUT is_default boolean, OUT since timestamptz,
                                         OUT until timestamptz) RETURNS SETOF record
LANGUAGE sql STABLE ROWS 50
SET search_path = pg_catalog, pg_temp
SET datestyle = 'ISO, YMD'
SET timezone = 'UTC'
AS $$
  SELECT p.parent::regclass, p.leaf::regclass, p.bounds = 'DEFAULT',
         CASE WHEN p.bounds ~ 'FROM [(]MINVALUE[)]' THEN '-infinity' ELSE substring(p.bounds FROM 'FROM [(]''([^'']*)''[)]') END::timestamptz,
         CASE WHEN p.bounds ~ 'TO [(]MAXVALUE[)]' THEN 'infinity' ELSE substring(p.bounds FROM 'TO [(]''([^'']*)''[)]') END::timestamptz
    FROM (SELECT i.inhparent AS parent, c.oid AS leaf, pg_get_expr(c.relpartbound, c.oid) AS bounds
            FROM pg_inherits i
            JOIN pg_class c ON c.oid = i.inhrelid
           WHERE i.inhparent IN ('gatehouse.events'::regclass, 'gatehouse.event_details'::regclass, 'gatehouse.row_change_log'::regclass)) p
   ORDER BY p.parent, 4, p.leaf
$$;
COMMENT ON FUNCTION gatehouse.log_partitions() IS
  'internal: the partitions of the logs; DEFAULT has no bounds. A leaf has the rows from since on and before until';
ALTER FUNCTION gatehouse.log_partitions() OWNER TO gatehouse_owner;
REVOKE ALL ON FUNCTION gatehouse.log_partitions() FROM PUBLIC;

CREATE FUNCTION gatehouse.logs_with(log regclass) RETURNS regclass[]
LANGUAGE sql STABLE
BEGIN ATOMIC
  SELECT CASE WHEN log = 'gatehouse.row_change_log'::regclass THEN ARRAY[log]
              ELSE ARRAY['gatehouse.event_details'::regclass, 'gatehouse.events'::regclass] END;
END;
COMMENT ON FUNCTION gatehouse.logs_with(regclass) IS 'internal: the logs that have leaves of the same ranges as this one';
ALTER FUNCTION gatehouse.logs_with(regclass) OWNER TO gatehouse_owner;
REVOKE ALL ON FUNCTION gatehouse.logs_with(regclass) FROM PUBLIC;

CREATE FUNCTION gatehouse.time_column(log regclass) RETURNS name
LANGUAGE sql STABLE
BEGIN ATOMIC
  SELECT a.attname
    FROM pg_catalog.pg_partitioned_table p
    JOIN pg_catalog.pg_attribute a ON a.attrelid = p.partrelid AND a.attnum = p.partattrs[0]
   WHERE p.partrelid = log;
END;
COMMENT ON FUNCTION gatehouse.time_column(regclass) IS 'internal: the column by which a log is partitioned';
ALTER FUNCTION gatehouse.time_column(regclass) OWNER TO gatehouse_owner;
REVOKE ALL ON FUNCTION gatehouse.time_column(regclass) FROM PUBLIC;

CREATE FUNCTION gatehouse.default_of(log regclass) RETURNS regclass
LANGUAGE sql STABLE
BEGIN ATOMIC
  SELECT p.partdefid::regclass FROM pg_catalog.pg_partitioned_table p WHERE p.partrelid = log AND p.partdefid <> 0;
END;
COMMENT ON FUNCTION gatehouse.default_of(regclass) IS 'internal: the DEFAULT partition of a log';
ALTER FUNCTION gatehouse.default_of(regclass) OWNER TO gatehouse_owner;
REVOKE ALL ON FUNCTION gatehouse.default_of(regclass) FROM PUBLIC;

-- Ranges end where a month, a week, a day or an hour of UTC ends, and where a leaf of any of the logs begins or ends.
CREATE FUNCTION gatehouse.leaf_range(logs regclass[], at timestamptz, unit text, OUT since timestamptz, OUT until timestamptz)
LANGUAGE sql STABLE
SET search_path = pg_catalog, pg_temp
AS $$
  SELECT greatest(date_trunc(unit, at, 'UTC'), max(p.until) FILTER (WHERE p.until <= at), max(p.since) FILTER (WHERE p.since <= at)),
         least((date_trunc(unit, at, 'UTC') AT TIME ZONE 'UTC' + ('1 ' || unit)::interval) AT TIME ZONE 'UTC',
               min(p.since) FILTER (WHERE p.since > at), min(p.until) FILTER (WHERE p.until > at))
    FROM gatehouse.log_partitions() p
   WHERE p.log = ANY (logs)
$$;
COMMENT ON FUNCTION gatehouse.leaf_range(regclass[], timestamptz, text) IS
  'internal: the range of a leaf for this time, a unit of the calendar less what leaves have';
ALTER FUNCTION gatehouse.leaf_range(regclass[], timestamptz, text) OWNER TO gatehouse_owner;
REVOKE ALL ON FUNCTION gatehouse.leaf_range(regclass[], timestamptz, text) FROM PUBLIC;

CREATE FUNCTION gatehouse.leaf_unit(logs regclass[]) RETURNS text
LANGUAGE plpgsql VOLATILE
SET search_path = pg_catalog, pg_temp
AS $$
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
$$;
COMMENT ON FUNCTION gatehouse.leaf_unit(regclass[]) IS
  'internal: month, week or day, the longest of which what was written lately lets expect at most gatehouse.audit_leaf_size';
ALTER FUNCTION gatehouse.leaf_unit(regclass[]) OWNER TO gatehouse_owner;
REVOKE ALL ON FUNCTION gatehouse.leaf_unit(regclass[]) FROM PUBLIC;

-- Attached only when it is complete: CREATE TABLE ... PARTITION OF would keep everybody from the whole log. ATTACH reads
-- DEFAULT, which nobody can write or read meanwhile. The caller holds the lock on DEFAULT where it moves rows.
CREATE FUNCTION gatehouse.make_leaf(log regclass, since timestamptz, until timestamptz, with_rows boolean) RETURNS bigint
LANGUAGE plpgsql VOLATILE
SET search_path = pg_catalog, pg_temp
SET datestyle = 'ISO, YMD'
SET timezone = 'UTC'
AS $$
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
$$;
COMMENT ON FUNCTION gatehouse.make_leaf(regclass, timestamptz, timestamptz, boolean) IS
  'internal: makes a partition of a log with the indexes of DEFAULT, and moves the rows of its range there; gives their number';
ALTER FUNCTION gatehouse.make_leaf(regclass, timestamptz, timestamptz, boolean) OWNER TO gatehouse_owner;
REVOKE ALL ON FUNCTION gatehouse.make_leaf(regclass, timestamptz, timestamptz, boolean) FROM PUBLIC;

CREATE FUNCTION gatehouse.lock_logs(logs regclass[]) RETURNS void
LANGUAGE plpgsql VOLATILE
SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
  log regclass;
BEGIN
  FOREACH log IN ARRAY logs LOOP
    EXECUTE format('LOCK TABLE ONLY %s IN SHARE UPDATE EXCLUSIVE MODE', log);
  END LOOP;
END
$$;
COMMENT ON FUNCTION gatehouse.lock_logs(regclass[]) IS
  'internal: keeps others from changing the partitions of the logs, and nobody from reading and writing them';
ALTER FUNCTION gatehouse.lock_logs(regclass[]) OWNER TO gatehouse_owner;
REVOKE ALL ON FUNCTION gatehouse.lock_logs(regclass[]) FROM PUBLIC;

CREATE FUNCTION gatehouse.make_leaves_of(logs regclass[], at_any_size boolean) RETURNS bigint
LANGUAGE plpgsql VOLATILE
SET search_path = pg_catalog, pg_temp
AS $$
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
$$;
COMMENT ON FUNCTION gatehouse.make_leaves_of(regclass[], boolean) IS
  'internal: makes partitions for the next eight days; none where DEFAULT, of more than 1 GB, is written to, unless told';
ALTER FUNCTION gatehouse.make_leaves_of(regclass[], boolean) OWNER TO gatehouse_owner;
REVOKE ALL ON FUNCTION gatehouse.make_leaves_of(regclass[], boolean) FROM PUBLIC;

-- Nobody waits long behind a lock that is not got: whoever writes to DEFAULT queues behind the request for it. Two that make
-- leaves exclude each other by a lock on the log that no reader and no writer meets.
CREATE FUNCTION gatehouse.make_audit_leaves(at_any_size boolean DEFAULT false) RETURNS bigint
LANGUAGE plpgsql VOLATILE SECURITY DEFINER
SET search_path = pg_catalog, pg_temp
SET lock_timeout = '50ms'
AS $$
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
$$;
COMMENT ON FUNCTION gatehouse.make_audit_leaves(boolean) IS
  'makes the partitions of the logs for the next eight days and gives their number; maintenance calls it. Where rows go into a DEFAULT '
  'of more than 1 GB it makes none unless told: whoever writes waits while it is read';
ALTER FUNCTION gatehouse.make_audit_leaves(boolean) OWNER TO gatehouse_owner;
REVOKE ALL ON FUNCTION gatehouse.make_audit_leaves(boolean) FROM PUBLIC;
GRANT EXECUTE ON FUNCTION gatehouse.make_audit_leaves(boolean) TO gatehouse_admin;

-- Rows that came while there was no leaf for them. Under the lock on DEFAULT no row of the range is unseen, and none comes:
-- a row is in DEFAULT or in the leaf, in one transaction. While rows of the present go into DEFAULT it is left alone.
CREATE FUNCTION gatehouse.move_rows_of(logs regclass[], max_rows bigint) RETURNS bigint
LANGUAGE plpgsql VOLATILE
SET search_path = pg_catalog, pg_temp
AS $$
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
$$;
COMMENT ON FUNCTION gatehouse.move_rows_of(regclass[], bigint) IS
  'internal: moves rows from DEFAULT into a partition that is made for their range: the longest unit of the calendar with at most so '
  'many rows, at least an hour';
ALTER FUNCTION gatehouse.move_rows_of(regclass[], bigint) OWNER TO gatehouse_owner;
REVOKE ALL ON FUNCTION gatehouse.move_rows_of(regclass[], bigint) FROM PUBLIC;

CREATE FUNCTION gatehouse.move_default_rows(max_rows bigint DEFAULT 100000) RETURNS bigint
LANGUAGE plpgsql VOLATILE
SET search_path = pg_catalog, pg_temp
SET lock_timeout = '50ms'
AS $$
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
$$;
COMMENT ON FUNCTION gatehouse.move_default_rows(bigint) IS
  'internal: moves about so many rows of each log out of DEFAULT, where they came while there was no partition for them, and gives '
  'their number';
ALTER FUNCTION gatehouse.move_default_rows(bigint) OWNER TO gatehouse_owner;
REVOKE ALL ON FUNCTION gatehouse.move_default_rows(bigint) FROM PUBLIC;

-- audit/retention.sql

-- What is older than it is to be kept goes by whole partitions. The drop is recorded in the same transaction.

CREATE FUNCTION gatehouse.drop_audit_leaves(kept_since timestamptz) RETURNS bigint
LANGUAGE plpgsql VOLATILE
SET search_path = pg_catalog, pg_temp
AS $$
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
$$;
COMMENT ON FUNCTION gatehouse.drop_audit_leaves(timestamptz) IS
  'internal: drops the partitions of the logs that end at that time or before, writes an event that names them, and gives their number';
ALTER FUNCTION gatehouse.drop_audit_leaves(timestamptz) OWNER TO gatehouse_owner;
REVOKE ALL ON FUNCTION gatehouse.drop_audit_leaves(timestamptz) FROM PUBLIC;

CREATE FUNCTION gatehouse.prune_audit_log(keep interval DEFAULT NULL) RETURNS bigint
LANGUAGE plpgsql VOLATILE SECURITY DEFINER
SET search_path = pg_catalog, pg_temp
AS $$
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
$$;
COMMENT ON FUNCTION gatehouse.prune_audit_log(interval) IS
  'drops the partitions of the logs whose rows are all older than keep, at least a day, writes the event audit.pruned that names them, '
  'and gives their number; NULL is gatehouse.audit_retention';
ALTER FUNCTION gatehouse.prune_audit_log(interval) OWNER TO gatehouse_owner;
REVOKE ALL ON FUNCTION gatehouse.prune_audit_log(interval) FROM PUBLIC;
GRANT EXECUTE ON FUNCTION gatehouse.prune_audit_log(interval) TO gatehouse_admin;

-- DROP TABLE keeps everybody from the log until the transaction ends: where it must wait it is given up soon.
CREATE FUNCTION gatehouse.prune_in_maintenance() RETURNS bigint
LANGUAGE plpgsql VOLATILE
SET search_path = pg_catalog, pg_temp
SET lock_timeout = '50ms'
AS $$
BEGIN
  RETURN gatehouse.prune_audit_log();
EXCEPTION WHEN lock_not_available THEN
  RETURN bigint '0';  -- the next round tries again
END
$$;
COMMENT ON FUNCTION gatehouse.prune_in_maintenance() IS 'internal: prune_audit_log() for maintenance, which waits for nobody';
ALTER FUNCTION gatehouse.prune_in_maintenance() OWNER TO gatehouse_owner;
REVOKE ALL ON FUNCTION gatehouse.prune_in_maintenance() FROM PUBLIC;

-- audit/guard.sql

-- DROP EXTENSION drops the partitions that maintenance made without a word. Of an extension's objects PostgreSQL tells nobody
-- beforehand but by an event trigger.
CREATE FUNCTION gatehouse.guard_audit_log() RETURNS event_trigger
AS 'MODULE_PATHNAME', 'gatehouse_audit_guard_log'
LANGUAGE c VOLATILE;
COMMENT ON FUNCTION gatehouse.guard_audit_log() IS
  'internal: refuses a command that drops the extension while a log has rows, unless gatehouse.allow_drop is on';
REVOKE ALL ON FUNCTION gatehouse.guard_audit_log() FROM PUBLIC;

CREATE EVENT TRIGGER gatehouse_audit_guard ON ddl_command_start
  WHEN TAG IN ('DROP EXTENSION', 'DROP OWNED', 'DROP SCHEMA')
  EXECUTE FUNCTION gatehouse.guard_audit_log();
ALTER EVENT TRIGGER gatehouse_audit_guard ENABLE ALWAYS;
COMMENT ON EVENT TRIGGER gatehouse_audit_guard IS 'keeps the audit log from being dropped with the extension';

-- audit/partitions.sql

-- The partitions of audited tables. Each has an id of its own, by which the log knows it whatever its name; PostgreSQL gives it the
-- row trigger of its root, but not the TRUNCATE trigger, and tells nobody that rows come or go with a partition.

CREATE FUNCTION gatehouse.partition_tree(relation regclass) RETURNS SETOF regclass
  LANGUAGE c VOLATILE STRICT ROWS 10
  AS 'MODULE_PATHNAME', 'gatehouse_audit_partition_tree';
COMMENT ON FUNCTION gatehouse.partition_tree(regclass) IS
  'internal: a table and its partitions of all levels that are there now, as pg_partition_tree gives them, but it waits for nobody who has locked one of them';
REVOKE ALL ON FUNCTION gatehouse.partition_tree(regclass) FROM PUBLIC;
GRANT EXECUTE ON FUNCTION gatehouse.partition_tree(regclass) TO gatehouse_owner;

CREATE FUNCTION gatehouse.partition_id(partition oid) RETURNS integer
  LANGUAGE sql STABLE SET search_path = pg_catalog, pg_temp
AS $$
  SELECT gatehouse.partition_id_in(t.tgargs) FROM pg_trigger t
   WHERE t.tgrelid = partition AND t.tgfoid = 'gatehouse.log_truncate()'::regprocedure
   ORDER BY t.oid LIMIT 1
$$;
ALTER FUNCTION gatehouse.partition_id(oid) OWNER TO gatehouse_owner;
COMMENT ON FUNCTION gatehouse.partition_id(oid) IS 'internal: the stable id of a partition; NULL where it has none';
REVOKE ALL ON FUNCTION gatehouse.partition_id(oid) FROM PUBLIC;

-- One that has lost its trigger is known by its name.
CREATE FUNCTION gatehouse.known_partition_ids(table_id integer, root regclass) RETURNS jsonb
  LANGUAGE sql VOLATILE SET search_path = pg_catalog, pg_temp
AS $$
  SELECT jsonb_object_agg(c.oid::text, coalesce(gatehouse.partition_id(c.oid), p.partition_id))
    FROM gatehouse.partition_tree(root) t (relation)
    JOIN pg_class c ON c.oid = t.relation
    JOIN pg_namespace n ON n.oid = c.relnamespace
    LEFT JOIN gatehouse.audit_partitions p
           ON p.table_id = known_partition_ids.table_id AND NOT p.has_left AND p.partition_schema = n.nspname AND p.partition_name = c.relname
$$;
ALTER FUNCTION gatehouse.known_partition_ids(integer, regclass) OWNER TO gatehouse_owner;
COMMENT ON FUNCTION gatehouse.known_partition_ids(integer, regclass) IS 'internal: the stable ids of a table''s partitions, by their OID';
REVOKE ALL ON FUNCTION gatehouse.known_partition_ids(integer, regclass) FROM PUBLIC;

-- A transaction whose snapshot is older works on the partitions that are there now, and knows of others: it is to find out (40001).
CREATE FUNCTION gatehouse.note_other_partitions(id integer) RETURNS void
  LANGUAGE sql VOLATILE
BEGIN ATOMIC
  UPDATE gatehouse.audit_registry r SET known_gaps = r.known_gaps WHERE r.table_id = id;
END;
ALTER FUNCTION gatehouse.note_other_partitions(integer) OWNER TO gatehouse_owner;
COMMENT ON FUNCTION gatehouse.note_other_partitions(integer) IS 'internal: the registry''s row is a newer one, though nothing in it is';
REVOKE ALL ON FUNCTION gatehouse.note_other_partitions(integer) FROM PUBLIC;

CREATE FUNCTION gatehouse.cover_partition(id integer, partition regclass, known_id integer, since bigint DEFAULT 0) RETURNS void
  LANGUAGE plpgsql VOLATILE SET search_path = pg_catalog, pg_temp SET quote_all_identifiers = off
AS $$
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
$$;
ALTER FUNCTION gatehouse.cover_partition(integer, regclass, integer, bigint) OWNER TO gatehouse_owner;
COMMENT ON FUNCTION gatehouse.cover_partition(integer, regclass, integer, bigint) IS
  'internal: gives a partition of an audited table its stable id, where it has none, and the TRUNCATE trigger. since: as audit_partitions has it';
REVOKE ALL ON FUNCTION gatehouse.cover_partition(integer, regclass, integer, bigint) FROM PUBLIC;

-- What it has in it is not written to the log, as little as what was in a table when its audit began.
CREATE FUNCTION gatehouse.admit_partition(id integer, partition regclass) RETURNS void
  LANGUAGE plpgsql VOLATILE SET search_path = pg_catalog, pg_temp SET quote_all_identifiers = off
AS $$
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
$$;
ALTER FUNCTION gatehouse.admit_partition(integer, regclass) OWNER TO gatehouse_owner;
COMMENT ON FUNCTION gatehouse.admit_partition(integer, regclass) IS
  'internal: covers a new partition of an audited table; writes an event where it brings rows along';
REVOKE ALL ON FUNCTION gatehouse.admit_partition(integer, regclass) FROM PUBLIC;

CREATE FUNCTION gatehouse.end_partition(id integer, partition_id integer, name text, has_rows boolean) RETURNS void
  LANGUAGE plpgsql VOLATILE SET search_path = pg_catalog, pg_temp SET quote_all_identifiers = off
AS $$
BEGIN
  UPDATE gatehouse.audit_partitions p SET has_left = true WHERE p.partition_id = end_partition.partition_id;
  PERFORM gatehouse.note_other_partitions(id);
  IF has_rows THEN
    PERFORM gatehouse.log_partition_end(id, partition_id, name);
  END IF;
END
$$;
ALTER FUNCTION gatehouse.end_partition(integer, integer, text, boolean) OWNER TO gatehouse_owner;
COMMENT ON FUNCTION gatehouse.end_partition(integer, integer, text, boolean) IS
  'internal: a partition has left an audited table. has_rows: log that its rows have, as a TRUNCATE of it does';
REVOKE ALL ON FUNCTION gatehouse.end_partition(integer, integer, text, boolean) FROM PUBLIC;

-- PostgreSQL takes the row trigger off a partition that is detached. The TRUNCATE trigger would go on writing in the root's name.
-- What DETACH CONCURRENTLY has detached was so before the end of the command already, and is known by that trigger alone.
CREATE FUNCTION gatehouse.release_partitions(id integer, root regclass, partitions_before oid[]) RETURNS void
  LANGUAGE plpgsql VOLATILE SET search_path = pg_catalog, pg_temp SET quote_all_identifiers = off
AS $$
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
     WHERE c.oid <> root AND c.oid NOT IN (SELECT p.relation FROM gatehouse.partition_tree(root) p (relation)) AND c.oid NOT IN (SELECT pending.relation FROM pending)
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
$$;
ALTER FUNCTION gatehouse.release_partitions(integer, regclass, oid[]) OWNER TO gatehouse_owner;
COMMENT ON FUNCTION gatehouse.release_partitions(integer, regclass, oid[]) IS
  'internal: takes the TRUNCATE trigger off what no longer is a partition of an audited table, and writes an event';
REVOKE ALL ON FUNCTION gatehouse.release_partitions(integer, regclass, oid[]) FROM PUBLIC;

-- audit/hidden_columns.sql

-- Excluded and redacted columns are known by name. While a column doesn't bear the name that it is hidden under, no change of the table is
-- taken; so no other column may come to that name, or the hidden one would be logged in the clear under its new one.

CREATE FUNCTION gatehouse.is_own_change(version xid) RETURNS boolean
  LANGUAGE c STABLE STRICT
  AS 'MODULE_PATHNAME', 'gatehouse_audit_is_own_change';
COMMENT ON FUNCTION gatehouse.is_own_change(xid) IS 'internal: whether this transaction, or a subtransaction of it, has written a row with this xmin';
REVOKE ALL ON FUNCTION gatehouse.is_own_change(xid) FROM PUBLIC;
GRANT EXECUTE ON FUNCTION gatehouse.is_own_change(xid) TO gatehouse_owner;

CREATE FUNCTION gatehouse.hidden_names(table_id integer) RETURNS text[]
  LANGUAGE sql STABLE
BEGIN ATOMIC
  SELECT r.excluded || r.redacted FROM gatehouse.audit_registry r WHERE r.table_id = hidden_names.table_id;
END;
ALTER FUNCTION gatehouse.hidden_names(integer) OWNER TO gatehouse_owner;
COMMENT ON FUNCTION gatehouse.hidden_names(integer) IS 'internal: the names under which the audit of a table hides columns; NULL where it is not audited';
REVOKE ALL ON FUNCTION gatehouse.hidden_names(integer) FROM PUBLIC;

CREATE FUNCTION gatehouse.column_numbers(relation regclass) RETURNS jsonb
  LANGUAGE sql STABLE SET search_path = pg_catalog, pg_temp
AS $$
  SELECT jsonb_object_agg(a.attname, a.attnum) FROM pg_attribute a WHERE a.attrelid = relation AND a.attnum > 0 AND NOT a.attisdropped
$$;
ALTER FUNCTION gatehouse.column_numbers(regclass) OWNER TO gatehouse_owner;
COMMENT ON FUNCTION gatehouse.column_numbers(regclass) IS 'internal: the numbers of a table''s columns by their names; NULL where there are none';
REVOKE ALL ON FUNCTION gatehouse.column_numbers(regclass) FROM PUBLIC;

-- The snapshot that the command began with can be older than what it has waited for: what others have written meanwhile is not its doing,
-- but counts. The command can have made the table itself, and an event trigger of somebody's have called enable_audit in it. Of what has been made the dependencies are not written again, whatever is altered of it.
CREATE FUNCTION gatehouse.check_hidden_columns(relation regclass, table_id integer, names_before text[], numbers_before jsonb) RETURNS void
  LANGUAGE plpgsql VOLATILE SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
  taken text;
BEGIN
  SELECT a.attname::text INTO taken
    FROM gatehouse.audit_registry r
    JOIN pg_attribute a ON a.attname::text COLLATE "C" = ANY (r.excluded || r.redacted)
   WHERE r.table_id = check_hidden_columns.table_id AND a.attrelid = relation AND a.attnum > 0 AND NOT a.attisdropped
     AND gatehouse.is_own_change(a.xmin) AND a.attnum::text IS DISTINCT FROM numbers_before ->> a.attname::text
     AND (numbers_before IS NOT NULL OR NOT EXISTS (SELECT FROM pg_class c JOIN pg_depend d ON d.classid = 'pg_type'::regclass AND d.objid = c.reltype
                                                        WHERE c.oid = relation AND gatehouse.is_own_change(d.xmin)))
     AND (a.attname::text COLLATE "C" = ANY (names_before)
          OR NOT EXISTS (SELECT FROM pg_trigger t JOIN pg_depend d ON d.classid = 'pg_trigger'::regclass AND d.objid = t.oid
                          WHERE t.tgrelid = relation AND t.tgfoid = 'gatehouse.log_row_change()'::regprocedure AND gatehouse.is_own_change(d.xmin)))
   ORDER BY 1
   LIMIT 1;
  IF FOUND THEN
    RAISE EXCEPTION 'audit excludes or redacts column "%", which the table no longer has', taken
      USING ERRCODE = '55000', DETAIL = format('The command gives this name to another column of %s.', relation),
            HINT = 'Call gatehouse.enable_audit() again with the present columns.';
  END IF;
END
$$;
ALTER FUNCTION gatehouse.check_hidden_columns(regclass, integer, text[], jsonb) OWNER TO gatehouse_owner;
COMMENT ON FUNCTION gatehouse.check_hidden_columns(regclass, integer, text[], jsonb) IS
  'internal: 55000 where the command has given the name of a hidden column to another one. names_before, numbers_before: hidden_names and '
  'column_numbers before it';
REVOKE ALL ON FUNCTION gatehouse.check_hidden_columns(regclass, integer, text[], jsonb) FROM PUBLIC;

-- audit/watching.sql

-- What commands do to audited tables, seen by event triggers: partitions are admitted and released, and what is disabled,
-- altered, dropped or detached becomes an event in the same transaction. enable_audit and disable_audit use no commands.
--
-- They run within everybody's commands of these kinds, with the rights of gatehouse_owner. follow_commands is STABLE for one reason: a
-- query of its reads what was before the command, by the snapshot that it began with. What it calls is VOLATILE and reads what is now.

CREATE FUNCTION gatehouse.write_table_event(event_type text, id integer, by_command boolean, what jsonb) RETURNS void
  LANGUAGE plpgsql VOLATILE SET search_path = pg_catalog, pg_temp SET quote_all_identifiers = off
AS $$
BEGIN
  PERFORM gatehouse.write_event(write_table_event.event_type, NULL, NULL, NULL, true,
            jsonb_build_object('table_id', r.table_id, 'table_schema', r.table_schema, 'table_name', r.table_name) || what
              || CASE WHEN by_command THEN jsonb_build_object('role', gatehouse.calling_role()::regrole::text) ELSE '{}' END, NULL)
     FROM gatehouse.audit_registry r
    WHERE r.table_id = write_table_event.id;
END
$$;
ALTER FUNCTION gatehouse.write_table_event(text, integer, boolean, jsonb) OWNER TO gatehouse_owner;
COMMENT ON FUNCTION gatehouse.write_table_event(text, integer, boolean, jsonb) IS
  'internal: an event about an audited table, with the role that gave the command';
REVOKE ALL ON FUNCTION gatehouse.write_table_event(text, integer, boolean, jsonb) FROM PUBLIC;

-- A restore makes one trigger after the other. As long as one is missing of which no event tells, commands tell nothing of this
-- table: in the end it has the gaps that are known, or maintenance finds others.
CREATE FUNCTION gatehouse.note_table_gaps(id integer, kinds text[], by_command boolean) RETURNS bigint
  LANGUAGE plpgsql VOLATILE SET search_path = pg_catalog, pg_temp SET quote_all_identifiers = off
AS $$
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
$$;
ALTER FUNCTION gatehouse.note_table_gaps(integer, text[], boolean) OWNER TO gatehouse_owner;
COMMENT ON FUNCTION gatehouse.note_table_gaps(integer, text[], boolean) IS
  'internal: an event for each gap of an audited table, of these kinds, that none tells of yet, and for each that is gone';
REVOKE ALL ON FUNCTION gatehouse.note_table_gaps(integer, text[], boolean) FROM PUBLIC;

CREATE FUNCTION gatehouse.note_audit_gaps() RETURNS bigint
  LANGUAGE plpgsql VOLATILE SET search_path = pg_catalog, pg_temp SET quote_all_identifiers = off
AS $$
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
$$;
ALTER FUNCTION gatehouse.note_audit_gaps() OWNER TO gatehouse_owner;
COMMENT ON FUNCTION gatehouse.note_audit_gaps() IS
  'internal: an event for each gap of the audit that came, or went, without an event, as by a superuser past the event triggers; how many';
REVOKE ALL ON FUNCTION gatehouse.note_audit_gaps() FROM PUBLIC;

CREATE FUNCTION gatehouse.rename_known_gaps(old_prefix text, new_prefix text) RETURNS void
  LANGUAGE sql VOLATILE
BEGIN ATOMIC
  UPDATE gatehouse.audit_registry r
     SET known_gaps = ARRAY(SELECT CASE WHEN starts_with(k.gap, old_prefix) THEN new_prefix || substr(k.gap, length(old_prefix) + 1)
                                        ELSE k.gap END
                              FROM unnest(r.known_gaps) k (gap))
   WHERE old_prefix <> new_prefix AND EXISTS (SELECT FROM unnest(r.known_gaps) k (gap) WHERE starts_with(k.gap, old_prefix))
     AND EXISTS (SELECT FROM gatehouse.audit_triggers t WHERE t.table_id_text = r.table_id::text);
END;
ALTER FUNCTION gatehouse.rename_known_gaps(text, text) OWNER TO gatehouse_owner;
COMMENT ON FUNCTION gatehouse.rename_known_gaps(text, text) IS
  'internal: what events tell of audited tables that are there goes on under their new name, or that of their schema';
REVOKE ALL ON FUNCTION gatehouse.rename_known_gaps(text, text) FROM PUBLIC;

CREATE FUNCTION gatehouse.changed_since_snapshot(schema_name text, relation_name text) RETURNS boolean
AS 'MODULE_PATHNAME', 'gatehouse_audit_changed_since_snapshot'
LANGUAGE c VOLATILE STRICT;
COMMENT ON FUNCTION gatehouse.changed_since_snapshot(text, text) IS
  'internal: whether others have recorded something of an audited table, or a partition, of this name that the snapshot of this transaction does not see';
REVOKE ALL ON FUNCTION gatehouse.changed_since_snapshot(text, text) FROM PUBLIC;
GRANT EXECUTE ON FUNCTION gatehouse.changed_since_snapshot(text, text) TO gatehouse_owner;

CREATE FUNCTION gatehouse.check_snapshot(schema_name text, relation_name text) RETURNS void
  LANGUAGE plpgsql VOLATILE SET search_path = pg_catalog, pg_temp
AS $$
BEGIN
  IF gatehouse.changed_since_snapshot(schema_name, relation_name) THEN
    RAISE EXCEPTION 'could not serialize access: the audit of table %.% has changed since this transaction began', schema_name, relation_name
      USING ERRCODE = '40001';
  END IF;
END
$$;
ALTER FUNCTION gatehouse.check_snapshot(text, text) OWNER TO gatehouse_owner;
COMMENT ON FUNCTION gatehouse.check_snapshot(text, text) IS 'internal: raises 40001 where changed_since_snapshot';
REVOKE ALL ON FUNCTION gatehouse.check_snapshot(text, text) FROM PUBLIC;

CREATE FUNCTION gatehouse.audited_root(relation regclass) RETURNS regclass
  LANGUAGE sql STABLE SET search_path = pg_catalog, pg_temp
AS $$
  SELECT coalesce((SELECT a.relid FROM pg_partition_ancestors(audited_root.relation) a WHERE gatehouse.current_table_id(a.relid) IS NOT NULL LIMIT 1),
                  audited_root.relation)
$$;
ALTER FUNCTION gatehouse.audited_root(regclass) OWNER TO gatehouse_owner;
COMMENT ON FUNCTION gatehouse.audited_root(regclass) IS 'internal: the audited table whose partition a relation is, else the relation';
REVOKE ALL ON FUNCTION gatehouse.audited_root(regclass) FROM PUBLIC;

CREATE FUNCTION gatehouse.watch_table(relation regclass, name_before text, partitions_before oid[], kinds text[]) RETURNS void
  LANGUAGE plpgsql VOLATILE SET search_path = pg_catalog, pg_temp SET quote_all_identifiers = off
AS $$
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
  PERFORM gatehouse.admit_partition(id, p.partition)
     FROM gatehouse.partition_tree(relation) p (partition)
     JOIN pg_class c ON c.oid = p.partition
    WHERE p.partition <> root AND c.relkind <> 'f' AND p.partition <> ALL (partitions_before)
      -- Others have attached it, for whom the command has waited.
      AND NOT EXISTS (SELECT FROM gatehouse.audit_partitions k
                       WHERE k.table_id = id AND NOT k.has_left AND k.partition_id = gatehouse.partition_id(p.partition))
    ORDER BY p.partition;
  PERFORM gatehouse.release_partitions(id, root, partitions_before);
  PERFORM gatehouse.note_table_gaps(id, kinds, true);
END
$$;
ALTER FUNCTION gatehouse.watch_table(regclass, text, oid[], text[]) OWNER TO gatehouse_owner;
COMMENT ON FUNCTION gatehouse.watch_table(regclass, text, oid[], text[]) IS
  'internal: after a command on a table or partition: covers new partitions, releases detached ones, writes events of gaps';
REVOKE ALL ON FUNCTION gatehouse.watch_table(regclass, text, oid[], text[]) FROM PUBLIC;

CREATE FUNCTION gatehouse.watch_trigger(trigger oid, kinds text[]) RETURNS void
  LANGUAGE plpgsql VOLATILE SET search_path = pg_catalog, pg_temp SET quote_all_identifiers = off
AS $$
BEGIN
  PERFORM gatehouse.watch_table(t.tgrelid, NULL, NULL, kinds) FROM pg_trigger t WHERE t.oid = trigger;
END
$$;
ALTER FUNCTION gatehouse.watch_trigger(oid, text[]) OWNER TO gatehouse_owner;
COMMENT ON FUNCTION gatehouse.watch_trigger(oid, text[]) IS 'internal: after a trigger was made or replaced: writes events of gaps';
REVOKE ALL ON FUNCTION gatehouse.watch_trigger(oid, text[]) FROM PUBLIC;

CREATE FUNCTION gatehouse.watch_renamed_schema(name_before text, schema_id oid) RETURNS void
  LANGUAGE plpgsql VOLATILE SET search_path = pg_catalog, pg_temp SET quote_all_identifiers = off
AS $$
DECLARE
  present_name CONSTANT text := (SELECT n.nspname::text FROM pg_namespace n WHERE n.oid = schema_id);
BEGIN
  -- A table that was dropped keeps the name of the schema that it was in.
  UPDATE gatehouse.audit_registry r SET table_schema = present_name
    FROM gatehouse.audit_triggers t JOIN pg_class c ON c.oid = t.relation
   WHERE t.table_id_text = r.table_id::text AND c.relnamespace = schema_id
     AND r.table_schema = name_before AND r.table_schema <> present_name AND r.disabled_at IS NULL;
  UPDATE gatehouse.audit_partitions p SET partition_schema = present_name
    FROM pg_class c
   WHERE c.relnamespace = schema_id AND c.relispartition
     AND coalesce(gatehouse.partition_id(c.oid) = p.partition_id,
                  c.relname = p.partition_name AND gatehouse.current_table_id(gatehouse.audited_root(c.oid)) = p.table_id)
     AND p.partition_schema = name_before AND p.partition_schema <> present_name AND NOT p.has_left;
  PERFORM gatehouse.rename_known_gaps(format('%I.', name_before), format('%I.', present_name));
END
$$;
ALTER FUNCTION gatehouse.watch_renamed_schema(text, oid) OWNER TO gatehouse_owner;
COMMENT ON FUNCTION gatehouse.watch_renamed_schema(text, oid) IS 'internal: what is known of audited tables follows the new name of their schema';
REVOKE ALL ON FUNCTION gatehouse.watch_renamed_schema(text, oid) FROM PUBLIC;

-- What the command has waited for may have put the first table under audit.
CREATE FUNCTION gatehouse.has_audited_tables() RETURNS boolean
  LANGUAGE sql VOLATILE
BEGIN ATOMIC
  SELECT EXISTS (SELECT FROM gatehouse.audit_registry r WHERE r.disabled_at IS NULL);
END;
ALTER FUNCTION gatehouse.has_audited_tables() OWNER TO gatehouse_owner;
COMMENT ON FUNCTION gatehouse.has_audited_tables() IS 'internal: whether any table is audited now';
REVOKE ALL ON FUNCTION gatehouse.has_audited_tables() FROM PUBLIC;

CREATE FUNCTION gatehouse.follow_commands() RETURNS void
  LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path = pg_catalog, pg_temp SET quote_all_identifiers = off
AS $$
DECLARE
  done record;
BEGIN
  IF NOT gatehouse.has_audited_tables() THEN
    RETURN;
  END IF;
  PERFORM gatehouse.check_hidden_columns(a.relation, a.table_id, gatehouse.hidden_names(a.table_id), gatehouse.column_numbers(a.relation))
     FROM gatehouse.altered_tables() a;
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
$$;
ALTER FUNCTION gatehouse.follow_commands() OWNER TO gatehouse_owner;
COMMENT ON FUNCTION gatehouse.follow_commands() IS
  'internal: for watch_commands: new partitions of audited tables are covered, disabled and altered triggers and detached partitions recorded, and hidden columns stay so';
REVOKE ALL ON FUNCTION gatehouse.follow_commands() FROM PUBLIC;

CREATE FUNCTION gatehouse.watch_commands() RETURNS event_trigger
  LANGUAGE c VOLATILE
  AS 'MODULE_PATHNAME', 'gatehouse_audit_follow_commands';
COMMENT ON FUNCTION gatehouse.watch_commands() IS 'internal: event trigger: follow_commands, by the snapshot that the command began with';
REVOKE ALL ON FUNCTION gatehouse.watch_commands() FROM PUBLIC;

-- By names, which the registry keeps: what is gone cannot be looked up, and what was there before the command waited for a lock is not
-- what it has dropped.
CREATE FUNCTION gatehouse.note_dropped_table(dropped_schema text, dropped_name text) RETURNS void
  LANGUAGE plpgsql VOLATILE SET search_path = pg_catalog, pg_temp SET quote_all_identifiers = off
AS $$
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
$$;
ALTER FUNCTION gatehouse.note_dropped_table(text, text) OWNER TO gatehouse_owner;
COMMENT ON FUNCTION gatehouse.note_dropped_table(text, text) IS 'internal: the event of an audited table that was dropped';
REVOKE ALL ON FUNCTION gatehouse.note_dropped_table(text, text) FROM PUBLIC;

CREATE FUNCTION gatehouse.note_dropped_partition(dropped_schema text, dropped_name text, is_topmost boolean) RETURNS void
  LANGUAGE plpgsql VOLATILE SET search_path = pg_catalog, pg_temp SET quote_all_identifiers = off
AS $$
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
$$;
ALTER FUNCTION gatehouse.note_dropped_partition(text, text, boolean) OWNER TO gatehouse_owner;
COMMENT ON FUNCTION gatehouse.note_dropped_partition(text, text, boolean) IS
  'internal: what is to be done where a partition of an audited table was dropped; of one that goes with another there is no event';
REVOKE ALL ON FUNCTION gatehouse.note_dropped_partition(text, text, boolean) FROM PUBLIC;

CREATE FUNCTION gatehouse.note_lost_triggers(relation_schema text, relation_name text) RETURNS void
  LANGUAGE plpgsql VOLATILE SET search_path = pg_catalog, pg_temp SET quote_all_identifiers = off
AS $$
BEGIN
  PERFORM gatehouse.check_snapshot(relation_schema, relation_name);
  PERFORM gatehouse.note_table_gaps(l.table_id, '{missing}', true)
     FROM (SELECT r.table_id FROM gatehouse.audit_registry r
            WHERE r.table_schema = relation_schema AND r.table_name = relation_name AND r.disabled_at IS NULL
           UNION
           SELECT p.table_id FROM gatehouse.audit_partitions p JOIN gatehouse.audit_registry r ON r.table_id = p.table_id AND r.disabled_at IS NULL
            WHERE p.partition_schema = relation_schema AND p.partition_name = relation_name AND NOT p.has_left) l;
END
$$;
ALTER FUNCTION gatehouse.note_lost_triggers(text, text) OWNER TO gatehouse_owner;
COMMENT ON FUNCTION gatehouse.note_lost_triggers(text, text) IS
  'internal: events of the audit triggers that a table, or a partition, no longer has';
REVOKE ALL ON FUNCTION gatehouse.note_lost_triggers(text, text) FROM PUBLIC;

CREATE FUNCTION gatehouse.watch_drops() RETURNS event_trigger
  LANGUAGE plpgsql VOLATILE SECURITY DEFINER SET search_path = pg_catalog, pg_temp SET quote_all_identifiers = off
AS $$
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
$$;
ALTER FUNCTION gatehouse.watch_drops() OWNER TO gatehouse_owner;
COMMENT ON FUNCTION gatehouse.watch_drops() IS
  'internal: event trigger: records that an audited table, a partition of one or an audit trigger is dropped';
REVOKE ALL ON FUNCTION gatehouse.watch_drops() FROM PUBLIC;

CREATE EVENT TRIGGER gatehouse_audit_commands ON ddl_command_end
  WHEN TAG IN ('ALTER FOREIGN TABLE', 'ALTER INDEX', 'ALTER MATERIALIZED VIEW', 'ALTER SCHEMA', 'ALTER TABLE', 'ALTER TYPE', 'ALTER VIEW',
               'CREATE SCHEMA', 'CREATE TABLE', 'CREATE TRIGGER')
  EXECUTE FUNCTION gatehouse.watch_commands();
ALTER EVENT TRIGGER gatehouse_audit_commands ENABLE ALWAYS;
COMMENT ON EVENT TRIGGER gatehouse_audit_commands IS 'covers new partitions of audited tables, records what is done to their audit, and keeps hidden columns hidden';

CREATE EVENT TRIGGER gatehouse_audit_drops ON sql_drop
  EXECUTE FUNCTION gatehouse.watch_drops();
ALTER EVENT TRIGGER gatehouse_audit_drops ENABLE ALWAYS;
COMMENT ON EVENT TRIGGER gatehouse_audit_drops IS 'records that audited tables and their triggers are dropped';

-- audit/schemas.sql

-- The audit of all tables of a schema, also of those that come later. A restore makes its tables before the rows of audit_schemas
-- are there, so it audits none of them anew.

CREATE VIEW gatehouse.audited_schemas WITH (security_barrier) AS
SELECT s.schema_name, s.enabled_at FROM gatehouse.audit_schemas s;
ALTER VIEW gatehouse.audited_schemas OWNER TO gatehouse_owner;
COMMENT ON VIEW gatehouse.audited_schemas IS 'schemas whose new tables are audited';
GRANT SELECT ON gatehouse.audited_schemas TO gatehouse_auditor, gatehouse_admin;

CREATE FUNCTION gatehouse.lock_audited_schema(schema_id oid) RETURNS void
  LANGUAGE c VOLATILE STRICT
  AS 'MODULE_PATHNAME', 'gatehouse_audit_lock_schema';
COMMENT ON FUNCTION gatehouse.lock_audited_schema(oid) IS
  'internal: waits for whoever makes a table in the schema, and keeps others from it until the transaction ends';
REVOKE ALL ON FUNCTION gatehouse.lock_audited_schema(oid) FROM PUBLIC;
GRANT EXECUTE ON FUNCTION gatehouse.lock_audited_schema(oid) TO gatehouse_owner;

CREATE FUNCTION gatehouse.check_auditable_schema(schema_name text) RETURNS oid
  LANGUAGE plpgsql STABLE SET search_path = pg_catalog, pg_temp
AS $$
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
$$;
ALTER FUNCTION gatehouse.check_auditable_schema(text) OWNER TO gatehouse_owner;
COMMENT ON FUNCTION gatehouse.check_auditable_schema(text) IS
  'internal: the schema''s OID; raises unless its tables can be audited and the calling role has the rights of its owner';
REVOKE ALL ON FUNCTION gatehouse.check_auditable_schema(text) FROM PUBLIC;

CREATE FUNCTION gatehouse.record_schema_enabled(schema_name text) RETURNS void
  LANGUAGE plpgsql VOLATILE SECURITY DEFINER SET search_path = pg_catalog, pg_temp
AS $$
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
$$;
ALTER FUNCTION gatehouse.record_schema_enabled(text) OWNER TO gatehouse_owner;
COMMENT ON FUNCTION gatehouse.record_schema_enabled(text) IS
  'has later tables of a schema audited and writes an event; for gatehouse.enable_audit_schema';
REVOKE ALL ON FUNCTION gatehouse.record_schema_enabled(text) FROM PUBLIC;
GRANT EXECUTE ON FUNCTION gatehouse.record_schema_enabled(text) TO gatehouse_admin;

CREATE FUNCTION gatehouse.enable_audit_schema(schema_name text) RETURNS void
  LANGUAGE plpgsql VOLATILE SET search_path = pg_catalog, pg_temp
AS $$
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
$$;
ALTER FUNCTION gatehouse.enable_audit_schema(text) OWNER TO gatehouse_owner;
COMMENT ON FUNCTION gatehouse.enable_audit_schema(text) IS
  'enables audit for every table of a schema, and for each that is made in it, moved into it, or set logged in it, from now on. Needs the owner of the schema and of its tables';
REVOKE ALL ON FUNCTION gatehouse.enable_audit_schema(text) FROM PUBLIC;
GRANT EXECUTE ON FUNCTION gatehouse.enable_audit_schema(text) TO gatehouse_admin;

CREATE FUNCTION gatehouse.disable_audit_schema(schema_name text) RETURNS boolean
  LANGUAGE plpgsql VOLATILE SECURITY DEFINER SET search_path = pg_catalog, pg_temp
AS $$
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
$$;
ALTER FUNCTION gatehouse.disable_audit_schema(text) OWNER TO gatehouse_owner;
COMMENT ON FUNCTION gatehouse.disable_audit_schema(text) IS
  'later tables of a schema are no longer audited; those that are stay so. False where they were not. Needs the owner of the schema';
REVOKE ALL ON FUNCTION gatehouse.disable_audit_schema(text) FROM PUBLIC;
GRANT EXECUTE ON FUNCTION gatehouse.disable_audit_schema(text) TO gatehouse_admin;

-- Whoever makes the table need have no right to gatehouse's functions: the triggers are made with our own.
CREATE FUNCTION gatehouse.audit_later_table(relation regclass, schema_before oid, persistence_before "char") RETURNS void
  LANGUAGE plpgsql VOLATILE SET search_path = pg_catalog, pg_temp
AS $$
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
$$;
ALTER FUNCTION gatehouse.audit_later_table(regclass, oid, "char") OWNER TO gatehouse_owner;
COMMENT ON FUNCTION gatehouse.audit_later_table(regclass, oid, "char") IS
  'internal: enables audit for a table that a command has brought into an audited schema, or made one that a crash does not empty';
REVOKE ALL ON FUNCTION gatehouse.audit_later_table(regclass, oid, "char") FROM PUBLIC;

CREATE FUNCTION gatehouse.rename_audited_schema(name_before text, schema_id oid) RETURNS void
  LANGUAGE sql VOLATILE
BEGIN ATOMIC
  UPDATE gatehouse.audit_schemas s SET schema_name = n.nspname
    FROM pg_catalog.pg_namespace n
   WHERE n.oid = schema_id AND s.schema_name = name_before AND n.nspname <> name_before;
END;
ALTER FUNCTION gatehouse.rename_audited_schema(text, oid) OWNER TO gatehouse_owner;
COMMENT ON FUNCTION gatehouse.rename_audited_schema(text, oid) IS 'internal: an audited schema stays so under its new name';
REVOKE ALL ON FUNCTION gatehouse.rename_audited_schema(text, oid) FROM PUBLIC;

-- STABLE to read what was before the command, as follow_commands.
CREATE FUNCTION gatehouse.follow_schemas() RETURNS void
  LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path = pg_catalog, pg_temp
AS $$
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
$$;
ALTER FUNCTION gatehouse.follow_schemas() OWNER TO gatehouse_owner;
COMMENT ON FUNCTION gatehouse.follow_schemas() IS 'internal: for watch_schemas: tables that come into an audited schema are audited';
REVOKE ALL ON FUNCTION gatehouse.follow_schemas() FROM PUBLIC;

CREATE FUNCTION gatehouse.watch_schemas() RETURNS event_trigger
  LANGUAGE c VOLATILE
  AS 'MODULE_PATHNAME', 'gatehouse_audit_watch_schemas';
COMMENT ON FUNCTION gatehouse.watch_schemas() IS 'internal: event trigger: follow_schemas, by the snapshot that the command began with';
REVOKE ALL ON FUNCTION gatehouse.watch_schemas() FROM PUBLIC;

CREATE FUNCTION gatehouse.forget_dropped_schemas() RETURNS event_trigger
  LANGUAGE plpgsql VOLATILE SECURITY DEFINER SET search_path = pg_catalog, pg_temp
AS $$
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
$$;
ALTER FUNCTION gatehouse.forget_dropped_schemas() OWNER TO gatehouse_owner;
COMMENT ON FUNCTION gatehouse.forget_dropped_schemas() IS 'internal: event trigger: an audited schema that is dropped is none any more';
REVOKE ALL ON FUNCTION gatehouse.forget_dropped_schemas() FROM PUBLIC;

CREATE EVENT TRIGGER gatehouse_audit_schema_drops ON sql_drop
  WHEN TAG IN ('DROP EXTENSION', 'DROP OWNED', 'DROP SCHEMA')
  EXECUTE FUNCTION gatehouse.forget_dropped_schemas();
ALTER EVENT TRIGGER gatehouse_audit_schema_drops ENABLE ALWAYS;
COMMENT ON EVENT TRIGGER gatehouse_audit_schema_drops IS 'forgets audited schemas that are dropped';

CREATE EVENT TRIGGER gatehouse_audit_schemas ON ddl_command_end
  WHEN TAG IN ('ALTER SCHEMA', 'ALTER TABLE', 'CREATE TABLE', 'CREATE TABLE AS', 'SELECT INTO')
  EXECUTE FUNCTION gatehouse.watch_schemas();
ALTER EVENT TRIGGER gatehouse_audit_schemas ENABLE ALWAYS;
COMMENT ON EVENT TRIGGER gatehouse_audit_schemas IS 'audits tables that come into audited schemas';

-- identity/functions.sql

-- Who a transaction acts for. In C without exception: what sets the identity takes its proof itself, so that there is no
-- function to call with an identity alone.

CREATE FUNCTION gatehouse.sign_in_with_api_key(api_key text, required_scopes text[] DEFAULT '{}', ip inet DEFAULT NULL)
RETURNS boolean
AS 'MODULE_PATHNAME', 'gatehouse_identity_sign_in_with_api_key'
LANGUAGE c VOLATILE;
COMMENT ON FUNCTION gatehouse.sign_in_with_api_key(text, text[], inet) IS
  'from now on this transaction acts for the owner of the key, as far as the key''s scopes go; false where verify_api_key would '
  'give no row, and then nobody is signed in. Ends with the transaction; a rollback to a savepoint brings back who was '
  'signed in there';
REVOKE ALL ON FUNCTION gatehouse.sign_in_with_api_key(text, text[], inet) FROM PUBLIC;
GRANT EXECUTE ON FUNCTION gatehouse.sign_in_with_api_key(text, text[], inet) TO gatehouse_app;

CREATE FUNCTION gatehouse.sign_in_with_session(refresh_token text) RETURNS boolean
AS 'MODULE_PATHNAME', 'gatehouse_identity_sign_in_with_session'
LANGUAGE c VOLATILE;
COMMENT ON FUNCTION gatehouse.sign_in_with_session(text) IS
  'from now on this transaction acts for the account of the session; false where verify_refresh_token would give no row, and '
  'then nobody is signed in. The token is not used up. Sees what has been committed by now in every isolation level';
REVOKE ALL ON FUNCTION gatehouse.sign_in_with_session(text) FROM PUBLIC;
GRANT EXECUTE ON FUNCTION gatehouse.sign_in_with_session(text) TO gatehouse_app;

CREATE FUNCTION gatehouse.sign_in_with_access_token(token text, audience text DEFAULT NULL) RETURNS boolean
AS 'MODULE_PATHNAME', 'gatehouse_identity_sign_in_with_access_token'
LANGUAGE c VOLATILE;
COMMENT ON FUNCTION gatehouse.sign_in_with_access_token(text, text) IS
  'from now on this transaction acts for the account of the token, with its session, as far as the scopes of its claim "scope" go where '
  'it has one, and in whose name its claim "act" says; false where verify_access_token would give no row, and then nobody is signed in. '
  'Without a key ring 55000';
REVOKE ALL ON FUNCTION gatehouse.sign_in_with_access_token(text, text) FROM PUBLIC;
GRANT EXECUTE ON FUNCTION gatehouse.sign_in_with_access_token(text, text) TO gatehouse_app;

CREATE FUNCTION gatehouse.sign_in_as(user_id uuid) RETURNS boolean
AS 'MODULE_PATHNAME', 'gatehouse_identity_sign_in_as_recorded'
LANGUAGE c VOLATILE;
COMMENT ON FUNCTION gatehouse.sign_in_as(uuid) IS
  'from now on this transaction acts in the name of a live account, and the audit records beside it who was signed in before; '
  'the scopes of an API key that signed in before still hold. False where no live account has this id, and then nobody is '
  'signed in. Unless the transaction is read-only it writes the event gatehouse.account.impersonated';
REVOKE ALL ON FUNCTION gatehouse.sign_in_as(uuid) FROM PUBLIC;
GRANT EXECUTE ON FUNCTION gatehouse.sign_in_as(uuid) TO gatehouse_admin;

CREATE FUNCTION gatehouse.sign_out() RETURNS void
AS 'MODULE_PATHNAME', 'gatehouse_identity_sign_out'
LANGUAGE c VOLATILE;
COMMENT ON FUNCTION gatehouse.sign_out() IS
  'from now on nobody is signed in in this transaction';
REVOKE ALL ON FUNCTION gatehouse.sign_out() FROM PUBLIC;
GRANT EXECUTE ON FUNCTION gatehouse.sign_out() TO gatehouse_app;

CREATE FUNCTION gatehouse.current_user_id() RETURNS uuid
AS 'MODULE_PATHNAME', 'gatehouse_identity_user_id'
LANGUAGE c STABLE PARALLEL SAFE LEAKPROOF;
COMMENT ON FUNCTION gatehouse.current_user_id() IS
  'the account that this transaction acts for; null where nobody is signed in, or a service key is';
REVOKE ALL ON FUNCTION gatehouse.current_user_id() FROM PUBLIC;
GRANT EXECUTE ON FUNCTION gatehouse.current_user_id() TO gatehouse_app, gatehouse_auditor, gatehouse_owner;

CREATE FUNCTION gatehouse.current_impersonator_id() RETURNS uuid
AS 'MODULE_PATHNAME', 'gatehouse_identity_impersonator_id'
LANGUAGE c STABLE PARALLEL SAFE LEAKPROOF;
COMMENT ON FUNCTION gatehouse.current_impersonator_id() IS
  'the account that signed in before somebody acted in the name of another by sign_in_as; else null';
REVOKE ALL ON FUNCTION gatehouse.current_impersonator_id() FROM PUBLIC;
GRANT EXECUTE ON FUNCTION gatehouse.current_impersonator_id() TO gatehouse_app, gatehouse_auditor, gatehouse_owner;

CREATE FUNCTION gatehouse.current_api_key_id() RETURNS uuid
AS 'MODULE_PATHNAME', 'gatehouse_identity_api_key_id'
LANGUAGE c STABLE PARALLEL SAFE LEAKPROOF;
COMMENT ON FUNCTION gatehouse.current_api_key_id() IS
  'the API key that was signed in with, else null';
REVOKE ALL ON FUNCTION gatehouse.current_api_key_id() FROM PUBLIC;
GRANT EXECUTE ON FUNCTION gatehouse.current_api_key_id() TO gatehouse_app, gatehouse_auditor, gatehouse_owner;

CREATE FUNCTION gatehouse.current_session_id() RETURNS uuid
AS 'MODULE_PATHNAME', 'gatehouse_identity_session_id'
LANGUAGE c STABLE PARALLEL SAFE LEAKPROOF;
COMMENT ON FUNCTION gatehouse.current_session_id() IS
  'the session that was signed in with, else null';
REVOKE ALL ON FUNCTION gatehouse.current_session_id() FROM PUBLIC;
GRANT EXECUTE ON FUNCTION gatehouse.current_session_id() TO gatehouse_app, gatehouse_auditor, gatehouse_owner;

CREATE FUNCTION gatehouse.current_scopes() RETURNS text[]
AS 'MODULE_PATHNAME', 'gatehouse_identity_scopes'
LANGUAGE c STABLE PARALLEL SAFE LEAKPROOF;
COMMENT ON FUNCTION gatehouse.current_scopes() IS
  'the scopes of the API key that was signed in with; null where none was, and so nothing is restricted to scopes';
REVOKE ALL ON FUNCTION gatehouse.current_scopes() FROM PUBLIC;
GRANT EXECUTE ON FUNCTION gatehouse.current_scopes() TO gatehouse_app, gatehouse_auditor, gatehouse_owner;

CREATE FUNCTION gatehouse.require_scope(scope text) RETURNS void
AS 'MODULE_PATHNAME', 'gatehouse_identity_require_scope'
LANGUAGE c STABLE PARALLEL SAFE;
COMMENT ON FUNCTION gatehouse.require_scope(text) IS
  'raises 42501 unless somebody is signed in whom no scopes restrict, or an API key that has this one. Scopes restrict API keys: '
  'a session, and who acts in another''s name by it, passes. What is no scope is 22023';
REVOKE ALL ON FUNCTION gatehouse.require_scope(text) FROM PUBLIC;
GRANT EXECUTE ON FUNCTION gatehouse.require_scope(text) TO gatehouse_app, gatehouse_auditor, gatehouse_owner;

-- For the functions that do something to an account. A service key acts for no account.

CREATE FUNCTION gatehouse.acts_for(user_id uuid) RETURNS boolean
AS 'MODULE_PATHNAME', 'gatehouse_identity_acts_for'
LANGUAGE c STABLE PARALLEL RESTRICTED;
COMMENT ON FUNCTION gatehouse.acts_for(uuid) IS
  'internal: false where somebody is signed in, with another account than this, and the caller is no administrator; null is no '
  'account';
REVOKE ALL ON FUNCTION gatehouse.acts_for(uuid) FROM PUBLIC;
GRANT EXECUTE ON FUNCTION gatehouse.acts_for(uuid) TO gatehouse_owner;

CREATE FUNCTION gatehouse.check_acts_for(user_id uuid) RETURNS void
AS 'MODULE_PATHNAME', 'gatehouse_identity_check_acts_for'
LANGUAGE c STABLE PARALLEL RESTRICTED;
COMMENT ON FUNCTION gatehouse.check_acts_for(uuid) IS
  'internal: 42501 unless acts_for(user_id)';
REVOKE ALL ON FUNCTION gatehouse.check_acts_for(uuid) FROM PUBLIC;
GRANT EXECUTE ON FUNCTION gatehouse.check_acts_for(uuid) TO gatehouse_owner;

CREATE FUNCTION gatehouse.check_scopes_cover(scopes text[]) RETURNS void
AS 'MODULE_PATHNAME', 'gatehouse_identity_check_scopes_cover'
LANGUAGE c STABLE PARALLEL RESTRICTED;
COMMENT ON FUNCTION gatehouse.check_scopes_cover(text[]) IS
  'internal: 42501 where who is signed in is restricted to scopes that do not cover these, null being all there are, and the caller is no '
  'administrator: nobody gives himself more than he has';
REVOKE ALL ON FUNCTION gatehouse.check_scopes_cover(text[]) FROM PUBLIC;
GRANT EXECUTE ON FUNCTION gatehouse.check_scopes_cover(text[]) TO gatehouse_owner;

-- accounts/erasure.sql

-- Erasure on request (GDPR, article 17) and the copy of what is held (article 15).

CREATE FUNCTION gatehouse.erasure_may_be_deferred() RETURNS boolean
LANGUAGE sql STABLE
SET search_path = pg_catalog, pg_temp
AS $$
  WITH RECURSIVE reached (relation) AS (
    SELECT 'gatehouse.users'::regclass::oid
    UNION
    SELECT c.conrelid FROM reached r JOIN pg_constraint c ON c.confrelid = r.relation WHERE c.contype = 'f' AND c.confdeltype = 'c'
  )
  SELECT EXISTS (SELECT FROM reached r JOIN pg_constraint c ON c.confrelid = r.relation
                  WHERE c.contype = 'f' AND c.condeferrable AND c.confdeltype = 'a')
$$;
COMMENT ON FUNCTION gatehouse.erasure_may_be_deferred() IS
  'internal: whether a deferrable foreign key could refuse the deletion of an account as late as at COMMIT';
ALTER FUNCTION gatehouse.erasure_may_be_deferred() OWNER TO gatehouse_owner;
REVOKE ALL ON FUNCTION gatehouse.erasure_may_be_deferred() FROM PUBLIC;

CREATE FUNCTION gatehouse.role_of_erasure_triggers() RETURNS oid
LANGUAGE plpgsql STABLE
SET search_path = pg_catalog, pg_temp
AS $$
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
$$;
COMMENT ON FUNCTION gatehouse.role_of_erasure_triggers() IS
  'internal: as whom triggers of the application act that the deletion of an account sets off: the owner of all its tables that the '
  'deletion changes, gatehouse_app where these have several owners';
ALTER FUNCTION gatehouse.role_of_erasure_triggers() OWNER TO gatehouse_owner;
REVOKE ALL ON FUNCTION gatehouse.role_of_erasure_triggers() FROM PUBLIC;

CREATE FUNCTION gatehouse.delete_user_row(user_id uuid, acting_role oid) RETURNS void
AS 'MODULE_PATHNAME', 'gatehouse_accounts_delete_user_row'
LANGUAGE c VOLATILE STRICT;
COMMENT ON FUNCTION gatehouse.delete_user_row(uuid, oid) IS
  'internal: deletes the account''s row, and lets the triggers that this sets off act as the role';
REVOKE ALL ON FUNCTION gatehouse.delete_user_row(uuid, oid) FROM PUBLIC;
GRANT EXECUTE ON FUNCTION gatehouse.delete_user_row(uuid, oid) TO gatehouse_owner;

CREATE FUNCTION gatehouse.make_constraints_immediate(acting_role oid) RETURNS void
AS 'MODULE_PATHNAME', 'gatehouse_accounts_make_constraints_immediate'
LANGUAGE c VOLATILE STRICT;
COMMENT ON FUNCTION gatehouse.make_constraints_immediate(oid) IS
  'internal: SET CONSTRAINTS ALL IMMEDIATE, where triggers that were deferred act as the role';
REVOKE ALL ON FUNCTION gatehouse.make_constraints_immediate(oid) FROM PUBLIC;
GRANT EXECUTE ON FUNCTION gatehouse.make_constraints_immediate(oid) TO gatehouse_owner;

-- A deferred constraint would speak at COMMIT, when nobody can tell which account it is about. So the deletion is tried first with
-- all constraints immediate, and undone: with it goes that they were immediate, which would hold for the rest of the caller's
-- transaction. ALL, for to name a constraint takes rights in its schema. In the block that is undone itself: what a block within it
-- had set would stay.
CREATE FUNCTION gatehouse.delete_account_row(user_id uuid) RETURNS void
LANGUAGE plpgsql VOLATILE
SET search_path = pg_catalog, pg_temp
AS $$
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
$$;
COMMENT ON FUNCTION gatehouse.delete_account_row(uuid) IS
  'internal: deletes the account and what hangs on it; 23503 where a foreign key of the application''s forbids it, named';
ALTER FUNCTION gatehouse.delete_account_row(uuid) OWNER TO gatehouse_owner;
REVOKE ALL ON FUNCTION gatehouse.delete_account_row(uuid) FROM PUBLIC;

CREATE FUNCTION gatehouse.erase_account(user_id uuid) RETURNS boolean
LANGUAGE plpgsql VOLATILE
SET search_path = pg_catalog, pg_temp
AS $$
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
$$;
COMMENT ON FUNCTION gatehouse.erase_account(uuid) IS
  'internal: deletes an account, all that hangs on it, and the personal details of its events, which stay. False where no account has '
  'the id; 23503 where a table of the application stands in the way, named. Superusers are guarded by the caller';
ALTER FUNCTION gatehouse.erase_account(uuid) OWNER TO gatehouse_owner;
REVOKE ALL ON FUNCTION gatehouse.erase_account(uuid) FROM PUBLIC;

CREATE FUNCTION gatehouse.request_account_deletion(user_id uuid) RETURNS text
LANGUAGE plpgsql VOLATILE SECURITY DEFINER
SET search_path = pg_catalog, pg_temp
AS $$
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
$$;
COMMENT ON FUNCTION gatehouse.request_account_deletion(uuid) IS
  'a token for confirm_account_deletion, to be sent to the account''s e-mail address; good for gatehouse.deletion_token_lifetime and '
  'shown by this call only. Null where three were asked for within half that time: those work. 22023 where no live account has the id';
ALTER FUNCTION gatehouse.request_account_deletion(uuid) OWNER TO gatehouse_owner;
REVOKE ALL ON FUNCTION gatehouse.request_account_deletion(uuid) FROM PUBLIC;
GRANT EXECUTE ON FUNCTION gatehouse.request_account_deletion(uuid) TO gatehouse_app;

CREATE FUNCTION gatehouse.confirm_account_deletion(token text) RETURNS timestamptz
LANGUAGE plpgsql VOLATILE SECURITY DEFINER
SET search_path = pg_catalog, pg_temp
AS $$
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
$$;
COMMENT ON FUNCTION gatehouse.confirm_account_deletion(text) IS
  'uses up a token of request_account_deletion and gives when the account will be erased: after gatehouse.deletion_grace, or when it '
  'was to be already. Until then the account works, and cancel_account_deletion cancels. Null for any other token; 22023 for the last '
  'live superuser, whose token stays';
ALTER FUNCTION gatehouse.confirm_account_deletion(text) OWNER TO gatehouse_owner;
REVOKE ALL ON FUNCTION gatehouse.confirm_account_deletion(text) FROM PUBLIC;
GRANT EXECUTE ON FUNCTION gatehouse.confirm_account_deletion(text) TO gatehouse_app;

CREATE FUNCTION gatehouse.cancel_account_deletion(user_id uuid) RETURNS boolean
LANGUAGE plpgsql VOLATILE SECURITY DEFINER
SET search_path = pg_catalog, pg_temp
AS $$
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
$$;
COMMENT ON FUNCTION gatehouse.cancel_account_deletion(uuid) IS
  'ends the scheduled erasure of an account, and outstanding tokens by which one could be confirmed; possible as long as the account '
  'is there. False where there was neither';
ALTER FUNCTION gatehouse.cancel_account_deletion(uuid) OWNER TO gatehouse_owner;
REVOKE ALL ON FUNCTION gatehouse.cancel_account_deletion(uuid) FROM PUBLIC;
GRANT EXECUTE ON FUNCTION gatehouse.cancel_account_deletion(uuid) TO gatehouse_app;

CREATE FUNCTION gatehouse.account_deletion_status(
  user_id uuid,
  OUT status text,
  OUT requested_at timestamptz,
  OUT token_expires_at timestamptz,
  OUT scheduled_for timestamptz
) RETURNS SETOF record
LANGUAGE plpgsql STABLE SECURITY DEFINER ROWS 1
SET search_path = pg_catalog, pg_temp
AS $$
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
$$;
COMMENT ON FUNCTION gatehouse.account_deletion_status(uuid) IS
  'how far the erasure of an account is: status none, requested (a token can be confirmed: when the latest was asked for, and until '
  'when it can), scheduled (and for when). No row where no account has the id';
ALTER FUNCTION gatehouse.account_deletion_status(uuid) OWNER TO gatehouse_owner;
REVOKE ALL ON FUNCTION gatehouse.account_deletion_status(uuid) FROM PUBLIC;
GRANT EXECUTE ON FUNCTION gatehouse.account_deletion_status(uuid) TO gatehouse_app;

CREATE VIEW gatehouse.deletion_reminders_due WITH (security_barrier) AS
SELECT u.id AS user_id, u.email, u.username, d.days_before, u.deletion_scheduled_for AS scheduled_for
  FROM gatehouse.users u,
       LATERAL (SELECT min(v.days_before) AS days_before FROM (VALUES (3), (1)) AS v (days_before)
                 WHERE u.deletion_scheduled_for - make_interval(hours => 24 * v.days_before) <= clock_timestamp()) d
 WHERE u.deletion_scheduled_for > clock_timestamp() AND u.deleted_at IS NULL AND d.days_before IS NOT NULL
   AND NOT EXISTS (SELECT FROM gatehouse.deletion_reminders r
                    WHERE r.user_id = u.id AND r.scheduled_for = u.deletion_scheduled_for AND r.days_before <= d.days_before);
ALTER VIEW gatehouse.deletion_reminders_due OWNER TO gatehouse_owner;
COMMENT ON VIEW gatehouse.deletion_reminders_due IS
  'who is to be reminded now of the erasure of his account, 3 days and 1 day before: one row an account, gone once '
  'mark_deletion_reminder_sent was called for it';
GRANT SELECT ON gatehouse.deletion_reminders_due TO gatehouse_admin;

CREATE FUNCTION gatehouse.mark_deletion_reminder_sent(user_id uuid, days_before integer) RETURNS boolean
LANGUAGE plpgsql VOLATILE SECURITY DEFINER
SET search_path = pg_catalog, pg_temp
AS $$
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
$$;
COMMENT ON FUNCTION gatehouse.mark_deletion_reminder_sent(uuid, integer) IS
  'notes that an account was reminded of its erasure, 3 days or 1 day before: true for one caller, who is to send it; false where this '
  'reminder or a later one was noted already, or no erasure is scheduled';
ALTER FUNCTION gatehouse.mark_deletion_reminder_sent(uuid, integer) OWNER TO gatehouse_owner;
REVOKE ALL ON FUNCTION gatehouse.mark_deletion_reminder_sent(uuid, integer) FROM PUBLIC;
GRANT EXECUTE ON FUNCTION gatehouse.mark_deletion_reminder_sent(uuid, integer) TO gatehouse_admin;

-- What holds one account back (a foreign key, a trigger of the application's, a lock, the rule of the last superuser) doesn't stop
-- the others, nor do those held back use up max_rows.
CREATE FUNCTION gatehouse.purge_due_accounts(max_rows integer, time_limit interval) RETURNS bigint
LANGUAGE plpgsql VOLATILE
SET search_path = pg_catalog, pg_temp
AS $$
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
$$;
COMMENT ON FUNCTION gatehouse.purge_due_accounts(integer, interval) IS
  'internal: purge_deleted_users, which begins with no further account after this time; null is no limit';
ALTER FUNCTION gatehouse.purge_due_accounts(integer, interval) OWNER TO gatehouse_owner;
REVOKE ALL ON FUNCTION gatehouse.purge_due_accounts(integer, interval) FROM PUBLIC;

CREATE FUNCTION gatehouse.purge_deleted_users(max_rows integer DEFAULT 1000) RETURNS bigint
LANGUAGE plpgsql VOLATILE SECURITY DEFINER
SET search_path = pg_catalog, pg_temp
AS $$
BEGIN
  IF max_rows IS NULL OR max_rows NOT BETWEEN 1 AND 10000 THEN
    RAISE EXCEPTION 'max_rows must be between 1 and 10000' USING ERRCODE = '22023';
  END IF;
  IF current_setting('transaction_read_only')::boolean THEN
    RAISE EXCEPTION 'cannot purge accounts within a read-only transaction' USING ERRCODE = '25006';
  END IF;
  RETURN gatehouse.purge_due_accounts(max_rows, NULL);
END
$$;
COMMENT ON FUNCTION gatehouse.purge_deleted_users(integer) IS
  'erases accounts whose confirmed erasure is due, the earliest first, at most max_rows (1 to 10000), and gives their number; safe '
  'beside itself. An account that a table of the application holds back stays and is told by a NOTICE with table and constraint, as is '
  'the last live superuser';
ALTER FUNCTION gatehouse.purge_deleted_users(integer) OWNER TO gatehouse_owner;
REVOKE ALL ON FUNCTION gatehouse.purge_deleted_users(integer) FROM PUBLIC;
GRANT EXECUTE ON FUNCTION gatehouse.purge_deleted_users(integer) TO gatehouse_admin;

-- Columns are named one by one, so that a secret that is added to a table doesn't come along.
CREATE FUNCTION gatehouse.export_user_data(id uuid) RETURNS jsonb
LANGUAGE plpgsql STABLE SECURITY DEFINER
SET search_path = pg_catalog, pg_temp
AS $$
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
$$;
COMMENT ON FUNCTION gatehouse.export_user_data(uuid) IS
  'all that is held on a person, without secrets: account, profile, password (when it was changed), oauth_identities, api_keys, '
  'sessions, known_addresses, failed_logins, one_time_tokens, deletion_reminders, events. Null where no account has the id; of a '
  'deleted account for administrators only';
ALTER FUNCTION gatehouse.export_user_data(uuid) OWNER TO gatehouse_owner;
REVOKE ALL ON FUNCTION gatehouse.export_user_data(uuid) FROM PUBLIC;
GRANT EXECUTE ON FUNCTION gatehouse.export_user_data(uuid) TO gatehouse_app;

-- operation/maintenance.sql

CREATE FUNCTION gatehouse.record_extension_update(from_version text, to_version text) RETURNS void
LANGUAGE plpgsql VOLATILE
SET search_path = pg_catalog, pg_temp
AS $$
BEGIN
  PERFORM gatehouse.write_event('gatehouse.extension.updated', NULL, NULL, NULL, true,
                                jsonb_build_object('from', from_version, 'to', to_version), NULL);
END
$$;
COMMENT ON FUNCTION gatehouse.record_extension_update(text, text) IS 'internal: writes the event of an update, as the last statement of its script';
ALTER FUNCTION gatehouse.record_extension_update(text, text) OWNER TO gatehouse_owner;
REVOKE ALL ON FUNCTION gatehouse.record_extension_update(text, text) FROM PUBLIC;

CREATE FUNCTION gatehouse.run_maintenance(OUT task text, OUT affected bigint) RETURNS SETOF record
LANGUAGE plpgsql VOLATILE SECURITY DEFINER ROWS 12
SET search_path = pg_catalog, pg_temp
AS $$
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
$$;
COMMENT ON FUNCTION gatehouse.run_maintenance() IS
  'does all periodic work of this database once, as the background worker does it, and gives what it came to: sessions ended whose token was used twice, security events '
  'written to the log, counts of failed logins stored, and forgotten, API keys whose uses were written, sessions removed that ended long ago, expired one-time tokens removed, accounts erased whose date has come, events of gaps in the audit that no command tells of, '
  'partitions of the logs made ahead, rows moved into them that came while there were none, partitions dropped that are older than gatehouse.audit_retention';
ALTER FUNCTION gatehouse.run_maintenance() OWNER TO gatehouse_owner;
REVOKE ALL ON FUNCTION gatehouse.run_maintenance() FROM PUBLIC;
GRANT EXECUTE ON FUNCTION gatehouse.run_maintenance() TO gatehouse_admin;

-- operation/health.sql

CREATE FUNCTION gatehouse.server_state(
  OUT memory text,
  OUT hashing bigint,
  OUT hashes_waiting bigint,
  OUT hashes_turned_away bigint,
  OUT throttle_capacity bigint,
  OUT counts_lost bigint,
  OUT queue_capacity bigint,
  OUT events_waiting bigint,
  OUT events_lost bigint,
  OUT worker_serves boolean,
  OUT worker_served_at timestamptz,
  OUT key_ring_failure text,
  OUT key_ids integer[],
  OUT key_use_capacity bigint,
  OUT key_uses_waiting bigint,
  OUT key_uses_lost bigint,
  OUT standby_as_of timestamptz,
  OUT standby_bounded boolean,
  OUT sessions_reused bigint,
  OUT reuses_lost bigint
)
AS 'MODULE_PATHNAME', 'gatehouse_operation_server_state'
LANGUAGE c STABLE;
COMMENT ON FUNCTION gatehouse.server_state() IS
  'internal: what shared memory, the worker, the key ring and, of a standby, replay are doing; counts of what was lost or turned away are since the server started';
REVOKE ALL ON FUNCTION gatehouse.server_state() FROM PUBLIC;
GRANT EXECUTE ON FUNCTION gatehouse.server_state() TO gatehouse_owner;

-- No table is read: of a few distinct numbers the statistics of a column hold all but the rarest.
CREATE FUNCTION gatehouse.key_ids_in_use() RETURNS integer[]
LANGUAGE sql STABLE
SET search_path = pg_catalog, pg_temp
AS $$
  SELECT array_agg(DISTINCT v.id::integer ORDER BY v.id::integer)
    FROM pg_stats s, LATERAL unnest(s.most_common_vals::text::text[] || s.histogram_bounds::text::text[]) AS v (id)
   WHERE s.schemaname = 'gatehouse' AND s.tablename IN ('api_keys', 'one_time_tokens', 'sessions') AND s.attname = 'ring_key_id'
     AND v.id <> '0'
$$;
COMMENT ON FUNCTION gatehouse.key_ids_in_use() IS
  'internal: the ids of the keys of the key ring under which rows were made, as ANALYZE saw them';
ALTER FUNCTION gatehouse.key_ids_in_use() OWNER TO gatehouse_owner;
REVOKE ALL ON FUNCTION gatehouse.key_ids_in_use() FROM PUBLIC;

CREATE FUNCTION gatehouse.health_checks(OUT check_name text, OUT status text, OUT reason text) RETURNS SETOF record
LANGUAGE plpgsql STABLE
SET search_path = pg_catalog, pg_temp
AS $$
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
$$;
COMMENT ON FUNCTION gatehouse.health_checks() IS 'internal: the checks of health_check';
ALTER FUNCTION gatehouse.health_checks() OWNER TO gatehouse_owner;
REVOKE ALL ON FUNCTION gatehouse.health_checks() FROM PUBLIC;

CREATE FUNCTION gatehouse.health_check() RETURNS jsonb
LANGUAGE plpgsql STABLE SECURITY DEFINER
SET search_path = pg_catalog, pg_temp
AS $$
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
$$;
COMMENT ON FUNCTION gatehouse.health_check() IS
  'the state of gatehouse in this database: status (healthy, degraded, unhealthy), checks (each with status and reason), user_count (an '
  'estimate), connection; never raises, reads no table, works on a standby';
ALTER FUNCTION gatehouse.health_check() OWNER TO gatehouse_owner;
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
