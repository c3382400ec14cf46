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
