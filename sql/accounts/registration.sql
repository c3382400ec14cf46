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
