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
