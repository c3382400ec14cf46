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
