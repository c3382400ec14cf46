-- What an e-mail address, a username, a profile and a new password must be. Each function raises 22023 with a message
-- that names the rule, and gives the value in the form in which it is stored.
--
-- A body is parsed anew in each session, so that a backslash stands in E'' strings only (standard_conforming_strings may
-- be off), and arguments bring their collation along, so that what depends on one names it. Normalisation takes seconds
-- for megabytes and can't be interrupted: no address of 254 bytes has more than 1024 before it.

CREATE FUNCTION gatehouse.fold_email(email text) RETURNS text
LANGUAGE sql IMMUTABLE PARALLEL SAFE
RETURN CASE WHEN octet_length(email) <= 1024
            THEN lower(normalize(btrim(email, E' \t\r\n'), NFC) COLLATE pg_catalog."und-x-icu") COLLATE "C" END;
COMMENT ON FUNCTION gatehouse.fold_email(text) IS
  'internal: the form in which e-mail addresses are compared; null where the text is too long for one';
ALTER FUNCTION gatehouse.fold_email(text) OWNER TO gatehouse_owner;
REVOKE ALL ON FUNCTION gatehouse.fold_email(text) FROM PUBLIC;

CREATE FUNCTION gatehouse.checked_email(email text) RETURNS text
LANGUAGE plpgsql IMMUTABLE PARALLEL SAFE
SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
  address CONSTANT text COLLATE pg_catalog."und-x-icu" :=
    CASE WHEN octet_length(email) <= 1024 THEN normalize(btrim(email, E' \t\r\n'), NFC) ELSE email END;
BEGIN
  IF email IS NULL THEN
    RAISE EXCEPTION 'argument "email" must not be null' USING ERRCODE = '22023';
  END IF;
  -- RFC 5321, section 4.5.3.1: 64 octets before the @, 254 in all (RFC 3696, erratum 1690).
  IF octet_length(address) > 254 THEN
    RAISE EXCEPTION 'e-mail address must have at most 254 bytes' USING ERRCODE = '22023';
  END IF;
  IF octet_length(split_part(address, '@', 1)) > 64 THEN
    RAISE EXCEPTION 'e-mail address must have at most 64 bytes before the @' USING ERRCODE = '22023';
  END IF;
  IF address !~ E'^[^][:space:][:cntrl:]@"(),:;<>[\\\\.]+([.][^][:space:][:cntrl:]@"(),:;<>[\\\\.]+)*@[[:alnum:]]([[:alnum:]-]*[[:alnum:]])?([.][[:alnum:]]([[:alnum:]-]*[[:alnum:]])?)+$' THEN
    RAISE EXCEPTION 'e-mail address must have the form name@example.com' USING ERRCODE = '22023';
  END IF;
  RETURN address;
END
$$;
COMMENT ON FUNCTION gatehouse.checked_email(text) IS
  'internal: the address trimmed and in NFC; 22023 where it is no address (RFC 5321 dot-string at a domain of two labels or more)';
ALTER FUNCTION gatehouse.checked_email(text) OWNER TO gatehouse_owner;
REVOKE ALL ON FUNCTION gatehouse.checked_email(text) FROM PUBLIC;

CREATE FUNCTION gatehouse.checked_username(username text) RETURNS text
LANGUAGE plpgsql IMMUTABLE PARALLEL SAFE
SET search_path = pg_catalog, pg_temp
AS $$
BEGIN
  IF username IS NULL THEN
    RAISE EXCEPTION 'argument "username" must not be null' USING ERRCODE = '22023';
  END IF;
  IF length(username) NOT BETWEEN 3 AND 30 THEN
    RAISE EXCEPTION 'username must have 3 to 30 characters' USING ERRCODE = '22023';
  END IF;
  IF username COLLATE "C" !~ '^[A-Za-z0-9_-]+$' THEN
    RAISE EXCEPTION 'username must consist of the letters A to Z, digits, "_" and "-"' USING ERRCODE = '22023';
  END IF;
  IF username COLLATE "C" ~ '^[_-]|[_-]$|[_-][_-]' THEN
    RAISE EXCEPTION 'username must not begin or end with "_" or "-" nor have two of them in a row'
      USING ERRCODE = '22023';
  END IF;
  RETURN username;
END
$$;
COMMENT ON FUNCTION gatehouse.checked_username(text) IS
  'internal: the username; 22023 unless it has 3 to 30 ASCII letters, digits, single "_" and "-" within';
ALTER FUNCTION gatehouse.checked_username(text) OWNER TO gatehouse_owner;
REVOKE ALL ON FUNCTION gatehouse.checked_username(text) FROM PUBLIC;

CREATE FUNCTION gatehouse.checked_profile(profile jsonb) RETURNS jsonb
LANGUAGE plpgsql IMMUTABLE PARALLEL SAFE
SET search_path = pg_catalog, pg_temp
AS $$
BEGIN
  IF profile IS NULL OR jsonb_typeof(profile) <> 'object' THEN
    RAISE EXCEPTION 'profile must be a JSON object' USING ERRCODE = '22023';
  END IF;
  IF octet_length(profile::text) > 65536 THEN
    RAISE EXCEPTION 'profile must have at most 65536 bytes' USING ERRCODE = '22023';
  END IF;
  RETURN profile;
END
$$;
COMMENT ON FUNCTION gatehouse.checked_profile(jsonb) IS
  'internal: the profile; 22023 unless it is an object of at most 65536 bytes as text';
ALTER FUNCTION gatehouse.checked_profile(jsonb) OWNER TO gatehouse_owner;
REVOKE ALL ON FUNCTION gatehouse.checked_profile(jsonb) FROM PUBLIC;

CREATE FUNCTION gatehouse.check_new_password(password text) RETURNS void
AS 'MODULE_PATHNAME', 'gatehouse_accounts_check_new_password'
LANGUAGE c STABLE PARALLEL SAFE;
COMMENT ON FUNCTION gatehouse.check_new_password(text) IS
  'internal: 22023 where a new password breaks the policy; its length is counted in code points after NFC';
REVOKE ALL ON FUNCTION gatehouse.check_new_password(text) FROM PUBLIC;
GRANT EXECUTE ON FUNCTION gatehouse.check_new_password(text) TO gatehouse_owner;

CREATE FUNCTION gatehouse.check_password_policy(password text, email text, username text) RETURNS void
LANGUAGE plpgsql STABLE
SET search_path = pg_catalog, pg_temp
AS $$
BEGIN
  PERFORM gatehouse.check_new_password(password);
END
$$;
COMMENT ON FUNCTION gatehouse.check_password_policy(text, text, text) IS
  'internal: 22023 where a new password of this account breaks the policy';
ALTER FUNCTION gatehouse.check_password_policy(text, text, text) OWNER TO gatehouse_owner;
REVOKE ALL ON FUNCTION gatehouse.check_password_policy(text, text, text) FROM PUBLIC;

CREATE FUNCTION gatehouse.check_email_domain(email text) RETURNS void
LANGUAGE plpgsql STABLE
SET search_path = pg_catalog, pg_temp
AS $$
BEGIN
  RETURN;
END
$$;
COMMENT ON FUNCTION gatehouse.check_email_domain(text) IS 'internal: 22023 where the domain of the address is blocked';
ALTER FUNCTION gatehouse.check_email_domain(text) OWNER TO gatehouse_owner;
REVOKE ALL ON FUNCTION gatehouse.check_email_domain(text) FROM PUBLIC;

CREATE FUNCTION gatehouse.check_username_not_reserved(username text) RETURNS void
LANGUAGE plpgsql STABLE
SET search_path = pg_catalog, pg_temp
AS $$
BEGIN
  RETURN;
END
$$;
COMMENT ON FUNCTION gatehouse.check_username_not_reserved(text) IS
  'internal: 22023 where the username is reserved and the caller no administrator';
ALTER FUNCTION gatehouse.check_username_not_reserved(text) OWNER TO gatehouse_owner;
REVOKE ALL ON FUNCTION gatehouse.check_username_not_reserved(text) FROM PUBLIC;
