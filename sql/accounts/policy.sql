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
