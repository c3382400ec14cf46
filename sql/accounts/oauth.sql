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
