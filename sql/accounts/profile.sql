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
