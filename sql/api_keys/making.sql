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
