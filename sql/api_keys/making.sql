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
  held text[];
  made record;
  now_at CONSTANT timestamptz := clock_timestamp();
  most CONSTANT integer := gatehouse.setting('max_api_keys_per_user')::integer;
BEGIN
  IF create_api_key.name IS NULL OR length(create_api_key.name) NOT BETWEEN 1 AND 100 THEN
    RAISE EXCEPTION 'name of an API key must have 1 to 100 characters' USING ERRCODE = '22023';
  END IF;
  IF create_api_key.expires_at <= now_at THEN
    RAISE EXCEPTION 'expiry of an API key must be in the future' USING ERRCODE = '22023';
  END IF;
  IF EXISTS (SELECT FROM unnest(create_api_key.ip_allow) n WHERE n IS NULL)
     OR cardinality(create_api_key.ip_allow) NOT BETWEEN 1 AND 100 THEN
    RAISE EXCEPTION 'ip_allow must hold 1 to 100 networks, or be null for every address' USING ERRCODE = '22023';
  END IF;
  held := gatehouse.checked_scopes(create_api_key.scopes);

  IF create_api_key.user_id IS NULL THEN
    IF NOT gatehouse.caller_is_administrator() THEN
      RAISE EXCEPTION 'only an administrator can create a service key' USING ERRCODE = '42501';
    END IF;
  ELSE
    PERFORM gatehouse.check_acts_for(create_api_key.user_id);
    IF NOT gatehouse.lock_live_account_to_count(create_api_key.user_id) THEN
      RAISE EXCEPTION 'no live account has this id' USING ERRCODE = '22023';
    END IF;
    IF most > 0 AND most <= (SELECT count(*) FROM gatehouse.api_keys k
                              WHERE k.user_id = create_api_key.user_id AND k.deactivated_at IS NULL
                                AND (k.expires_at IS NULL OR k.expires_at > now_at)) THEN
      RAISE EXCEPTION 'an account must have at most % live API keys', most USING ERRCODE = '22023';
    END IF;
  END IF;

  SELECT * INTO made FROM gatehouse.make_api_key();
  RETURN QUERY
    INSERT INTO gatehouse.api_keys AS k (id, lookup_id, owner_is_live, ring_key_id, key_digest, user_id, expires_at, name,
                                         hint, scopes, ip_allow, created_at)
    VALUES (gatehouse.uuid_v7(), made.lookup_id, true, made.ring_key_id, made.key_digest, create_api_key.user_id,
            create_api_key.expires_at, create_api_key.name, made.hint, held, create_api_key.ip_allow, now_at)
    RETURNING k.id, made.api_key, k.hint, k.created_at;
END
$$;
COMMENT ON FUNCTION gatehouse.create_api_key(uuid, text, text[], timestamptz, cidr[]) IS
  'makes an API key, shown by this call only, for a live account, or without one (administrators) a service key; '
  'unregistered scopes, an expiry that has passed and one key too many are 22023; 42501 while another account is signed in';
ALTER FUNCTION gatehouse.create_api_key(uuid, text, text[], timestamptz, cidr[]) OWNER TO gatehouse_owner;
REVOKE ALL ON FUNCTION gatehouse.create_api_key(uuid, text, text[], timestamptz, cidr[]) FROM PUBLIC;
GRANT EXECUTE ON FUNCTION gatehouse.create_api_key(uuid, text, text[], timestamptz, cidr[]) TO gatehouse_app;
