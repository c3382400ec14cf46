-- Pages, counts and details of accounts.

-- A type, since a result column of a function may not bear the name of an argument.
CREATE TYPE gatehouse.user_list_entry AS (
  id uuid,
  email text,
  username text,
  is_superuser boolean,
  is_verified boolean,
  is_active boolean,
  is_deleted boolean,
  has_password boolean,
  oauth_providers text[],
  profile jsonb,
  created_at timestamptz,
  updated_at timestamptz,
  last_login_at timestamptz,
  deletion_scheduled_for timestamptz,
  cursor text
);
COMMENT ON TYPE gatehouse.user_list_entry IS 'an account as get_users shows it: user_info, and its place in the list';
REVOKE ALL ON TYPE gatehouse.user_list_entry FROM PUBLIC;
GRANT USAGE ON TYPE gatehouse.user_list_entry TO gatehouse_app, gatehouse_owner;

CREATE FUNCTION gatehouse.folded_search(search text) RETURNS text
LANGUAGE plpgsql IMMUTABLE PARALLEL SAFE
SET search_path = pg_catalog, pg_temp
AS $$
BEGIN
  IF length(search) > 254 THEN
    RAISE EXCEPTION 'search must have at most 254 characters' USING ERRCODE = '22023';
  END IF;
  RETURN gatehouse.fold_email(search);
END
$$;
COMMENT ON FUNCTION gatehouse.folded_search(text) IS
  'internal: what is looked for, in the form in which addresses and usernames are compared; 22023 where no address is that long';
ALTER FUNCTION gatehouse.folded_search(text) OWNER TO gatehouse_owner;
REVOKE ALL ON FUNCTION gatehouse.folded_search(text) FROM PUBLIC;

-- Inlined into the caller's query, whose plan is made for the arguments of the call: a filter that is null vanishes, and those
-- that are not meet the partial indexes. For that a query may hold no EXISTS under an OR, so that whom an OAuth provider knows
-- is asked for by the caller.
CREATE FUNCTION gatehouse.matching_users(
  found_text text,
  is_verified boolean,
  is_superuser boolean,
  is_active boolean,
  is_deleted boolean,
  created_since timestamptz,
  created_until timestamptz,
  now_at timestamptz
) RETURNS SETOF gatehouse.users
LANGUAGE sql STABLE
BEGIN ATOMIC
  SELECT u.*
    FROM gatehouse.users u
   WHERE (found_text IS NULL OR strpos(u.email_normal, found_text COLLATE "C") > 0
                             OR strpos(u.username_normal, found_text COLLATE "C") > 0)
     AND (matching_users.is_verified IS NULL OR u.is_verified = matching_users.is_verified)
     AND (matching_users.is_superuser IS NULL OR u.is_superuser = matching_users.is_superuser)
     AND (matching_users.is_active IS NULL
          OR (u.is_active OR coalesce(u.stopped_until <= now_at, false)) = matching_users.is_active)
     AND (matching_users.is_deleted IS NULL OR (u.deleted_at IS NOT NULL) = matching_users.is_deleted)
     AND (created_since IS NULL OR u.created_at >= created_since)
     AND (created_until IS NULL OR u.created_at < created_until);
END;
COMMENT ON FUNCTION gatehouse.matching_users(text, boolean, boolean, boolean, boolean, timestamptz, timestamptz, timestamptz) IS
  'internal: the accounts that pass the filters of get_users; null is no filter';
ALTER FUNCTION gatehouse.matching_users(text, boolean, boolean, boolean, boolean, timestamptz, timestamptz, timestamptz)
  OWNER TO gatehouse_owner;
REVOKE ALL ON FUNCTION gatehouse.matching_users(text, boolean, boolean, boolean, boolean, timestamptz, timestamptz, timestamptz)
  FROM PUBLIC;

CREATE FUNCTION gatehouse.checked_page_size(page_size integer) RETURNS integer
LANGUAGE plpgsql IMMUTABLE PARALLEL SAFE
SET search_path = pg_catalog, pg_temp
AS $$
BEGIN
  IF page_size IS NULL OR page_size NOT BETWEEN 1 AND 100 THEN
    RAISE EXCEPTION 'page_size must be between 1 and 100' USING ERRCODE = '22023';
  END IF;
  RETURN page_size;
END
$$;
COMMENT ON FUNCTION gatehouse.checked_page_size(integer) IS 'internal: how many rows a page may have; 22023 where not from 1 to 100';
ALTER FUNCTION gatehouse.checked_page_size(integer) OWNER TO gatehouse_owner;
REVOKE ALL ON FUNCTION gatehouse.checked_page_size(integer) FROM PUBLIC;

-- A cursor is the row's place in the order: microseconds since 1970 in 8 bytes, and id.
CREATE FUNCTION gatehouse.list_cursor(created_at timestamptz, id uuid) RETURNS text
LANGUAGE sql IMMUTABLE PARALLEL SAFE
RETURN encode(int8send((extract(epoch FROM created_at) * 1000000)::bigint) || uuid_send(id), 'hex');
COMMENT ON FUNCTION gatehouse.list_cursor(timestamptz, uuid) IS
  'internal: the cursor of a row in a list that is ordered by when its rows were made';
ALTER FUNCTION gatehouse.list_cursor(timestamptz, uuid) OWNER TO gatehouse_owner;
REVOKE ALL ON FUNCTION gatehouse.list_cursor(timestamptz, uuid) FROM PUBLIC;

CREATE FUNCTION gatehouse.list_place(after text, OUT created_at timestamptz, OUT id uuid)
LANGUAGE plpgsql STABLE PARALLEL SAFE
SET search_path = pg_catalog, pg_temp
AS $$
BEGIN
  IF after COLLATE "C" !~ '^[0-7][0-9a-f]{47}$' OR substr(after, 1, 16) COLLATE "C" > '7fffffffffff0000' THEN
    RAISE EXCEPTION 'malformed cursor' USING ERRCODE = '22P02';
  END IF;
  created_at := timestamptz 'epoch' + (('x' || substr(after, 1, 16))::bit(64)::bigint) * interval '1 microsecond';
  id := substr(after, 17)::uuid;
END
$$;
COMMENT ON FUNCTION gatehouse.list_place(text) IS
  'internal: the place that a cursor of list_cursor names, null for null; 22P02 where it is none';
ALTER FUNCTION gatehouse.list_place(text) OWNER TO gatehouse_owner;
REVOKE ALL ON FUNCTION gatehouse.list_place(text) FROM PUBLIC;

CREATE FUNCTION gatehouse.get_users(
  page_size integer DEFAULT 20,
  skip integer DEFAULT NULL,
  after text DEFAULT NULL,
  search text DEFAULT NULL,
  is_verified boolean DEFAULT NULL,
  is_superuser boolean DEFAULT NULL,
  is_active boolean DEFAULT NULL,
  is_deleted boolean DEFAULT false,
  oauth_provider text DEFAULT NULL,
  created_since timestamptz DEFAULT NULL,
  created_until timestamptz DEFAULT NULL
) RETURNS SETOF gatehouse.user_list_entry
LANGUAGE plpgsql STABLE SECURITY DEFINER ROWS 20
SET search_path = pg_catalog, pg_temp
SET plan_cache_mode = force_custom_plan
AS $$
#variable_conflict use_column
DECLARE
  now_at CONSTANT timestamptz := clock_timestamp();
  found_text CONSTANT text := gatehouse.folded_search(search);
  most CONSTANT integer := gatehouse.checked_page_size(page_size);
  after_time timestamptz;
  after_id uuid;
  page gatehouse.users[];
BEGIN
  IF skip NOT BETWEEN 0 AND 1000000 THEN
    RAISE EXCEPTION 'skip must be between 0 and 1000000' USING ERRCODE = '22023';
  END IF;
  IF skip IS NOT NULL AND after IS NOT NULL THEN
    RAISE EXCEPTION 'skip and after cannot be given together' USING ERRCODE = '22023';
  END IF;
  SELECT p.created_at, p.id INTO after_time, after_id FROM gatehouse.list_place(after) p;
  PERFORM gatehouse.include_deleted_allowed(is_deleted IS NOT FALSE);

  IF oauth_provider IS NULL THEN
    page := ARRAY(
      SELECT u
        FROM gatehouse.matching_users(found_text, get_users.is_verified, get_users.is_superuser, get_users.is_active,
                                      get_users.is_deleted, created_since, created_until, now_at) u
       WHERE after_time IS NULL OR (u.created_at, u.id) < (after_time, after_id)
       ORDER BY u.created_at DESC, u.id DESC
       LIMIT most OFFSET skip);
  ELSE
    page := ARRAY(
      SELECT u
        FROM gatehouse.matching_users(found_text, get_users.is_verified, get_users.is_superuser, get_users.is_active,
                                      get_users.is_deleted, created_since, created_until, now_at) u
       WHERE (after_time IS NULL OR (u.created_at, u.id) < (after_time, after_id))
         AND EXISTS (SELECT FROM gatehouse.oauth_identities o
                      WHERE o.user_id = u.id AND o.provider = oauth_provider COLLATE pg_catalog."default"
                        AND (get_users.is_deleted IS NOT FALSE OR NOT o.owner_is_deleted))
       ORDER BY u.created_at DESC, u.id DESC
       LIMIT most OFFSET skip);
  END IF;
  RETURN QUERY
    SELECT d.*, gatehouse.list_cursor(d.created_at, d.id)
      FROM unnest(page) u, LATERAL gatehouse.describe_user(u) d;
END
$$;
COMMENT ON FUNCTION gatehouse.get_users(integer, integer, text, text, boolean, boolean, boolean, boolean, text, timestamptz,
                                        timestamptz) IS
  'a page of accounts, the newest first; null is no filter. after takes the cursor of the last row seen, and costs the same on '
  'every page; skip, of at most 1000000, reads what it skips. search is a part of the e-mail address or the username, without '
  'case; is_active is judged by the clock; created_since is inclusive, created_until is not. The deleted are left out; is_deleted '
  'true or null shows them to administrators (42501). A malformed cursor is 22P02, a value out of range 22023';
ALTER FUNCTION gatehouse.get_users(integer, integer, text, text, boolean, boolean, boolean, boolean, text, timestamptz,
                                   timestamptz) OWNER TO gatehouse_owner;
REVOKE ALL ON FUNCTION gatehouse.get_users(integer, integer, text, text, boolean, boolean, boolean, boolean, text, timestamptz,
                                           timestamptz) FROM PUBLIC;
GRANT EXECUTE ON FUNCTION gatehouse.get_users(integer, integer, text, text, boolean, boolean, boolean, boolean, text, timestamptz,
                                              timestamptz) TO gatehouse_app;

CREATE FUNCTION gatehouse.count_users(
  search text DEFAULT NULL,
  is_verified boolean DEFAULT NULL,
  is_superuser boolean DEFAULT NULL,
  is_active boolean DEFAULT NULL,
  is_deleted boolean DEFAULT false,
  oauth_provider text DEFAULT NULL,
  created_since timestamptz DEFAULT NULL,
  created_until timestamptz DEFAULT NULL
) RETURNS bigint
LANGUAGE plpgsql STABLE SECURITY DEFINER
SET search_path = pg_catalog, pg_temp
SET plan_cache_mode = force_custom_plan
AS $$
#variable_conflict use_column
DECLARE
  now_at CONSTANT timestamptz := clock_timestamp();
  found_text CONSTANT text := gatehouse.folded_search(search);
BEGIN
  PERFORM gatehouse.include_deleted_allowed(is_deleted IS NOT FALSE);
  IF oauth_provider IS NULL THEN
    RETURN (
      SELECT count(*)
        FROM gatehouse.matching_users(found_text, count_users.is_verified, count_users.is_superuser, count_users.is_active,
                                      count_users.is_deleted, created_since, created_until, now_at));
  END IF;
  RETURN (
    SELECT count(*)
      FROM gatehouse.matching_users(found_text, count_users.is_verified, count_users.is_superuser, count_users.is_active,
                                    count_users.is_deleted, created_since, created_until, now_at) u
     WHERE EXISTS (SELECT FROM gatehouse.oauth_identities o
                    WHERE o.user_id = u.id AND o.provider = oauth_provider COLLATE pg_catalog."default"
                      AND (count_users.is_deleted IS NOT FALSE OR NOT o.owner_is_deleted)));
END
$$;
COMMENT ON FUNCTION gatehouse.count_users(text, boolean, boolean, boolean, boolean, text, timestamptz, timestamptz) IS
  'the number of accounts that get_users would list with these filters, counted one by one';
ALTER FUNCTION gatehouse.count_users(text, boolean, boolean, boolean, boolean, text, timestamptz, timestamptz)
  OWNER TO gatehouse_owner;
REVOKE ALL ON FUNCTION gatehouse.count_users(text, boolean, boolean, boolean, boolean, text, timestamptz, timestamptz)
  FROM PUBLIC;
GRANT EXECUTE ON FUNCTION gatehouse.count_users(text, boolean, boolean, boolean, boolean, text, timestamptz, timestamptz)
  TO gatehouse_app;

CREATE FUNCTION gatehouse.user_statistics(
  OUT total bigint,
  OUT verified bigint,
  OUT unverified bigint,
  OUT superusers bigint,
  OUT oauth bigint,
  OUT stopped bigint,
  OUT deleted bigint
)
LANGUAGE sql STABLE SECURITY DEFINER
SET search_path = pg_catalog, pg_temp
AS $$
  SELECT count(*) FILTER (WHERE u.deleted_at IS NULL),
         count(*) FILTER (WHERE u.deleted_at IS NULL AND u.is_verified),
         count(*) FILTER (WHERE u.deleted_at IS NULL AND NOT u.is_verified),
         count(*) FILTER (WHERE u.deleted_at IS NULL AND u.is_superuser),
         (SELECT count(DISTINCT o.user_id) FROM gatehouse.oauth_identities o WHERE NOT o.owner_is_deleted),
         count(*) FILTER (WHERE u.deleted_at IS NULL AND NOT u.is_active
                            AND (u.stopped_until IS NULL OR u.stopped_until > clock_timestamp())),
         count(*) FILTER (WHERE u.deleted_at IS NOT NULL)
    FROM gatehouse.users u
$$;
COMMENT ON FUNCTION gatehouse.user_statistics() IS
  'how many accounts there are (total), of them verified, unverified, superusers, with an OAuth identity, and stopped by now; and '
  'apart from these how many are deleted. Counted one by one';
ALTER FUNCTION gatehouse.user_statistics() OWNER TO gatehouse_owner;
REVOKE ALL ON FUNCTION gatehouse.user_statistics() FROM PUBLIC;
GRANT EXECUTE ON FUNCTION gatehouse.user_statistics() TO gatehouse_app;

CREATE FUNCTION gatehouse.get_user_details(id uuid, include_deleted boolean DEFAULT false) RETURNS jsonb
LANGUAGE plpgsql STABLE SECURITY DEFINER
SET search_path = pg_catalog, pg_temp
AS $$
#variable_conflict use_column
DECLARE
  now_at CONSTANT timestamptz := clock_timestamp();
  with_deleted CONSTANT boolean := gatehouse.include_deleted_allowed(include_deleted);
  details jsonb;
BEGIN
  IF get_user_details.id IS NULL THEN
    RAISE EXCEPTION 'argument "id" must not be null' USING ERRCODE = '22023';
  END IF;
  PERFORM gatehouse.check_acts_for(get_user_details.id);
  SELECT to_jsonb(d) || jsonb_build_object(
           'api_keys',
           (SELECT coalesce(jsonb_agg(to_jsonb(i) - 'user_id' ORDER BY k.created_at DESC, k.id DESC), '[]')
              FROM gatehouse.api_keys k, LATERAL gatehouse.describe_api_key(k) i
             WHERE k.user_id = d.id),
           'sessions',
           (SELECT coalesce(jsonb_agg(jsonb_build_object(
                     'session_id', s.session_id, 'device', s.device, 'ip', s.ip, 'user_agent', s.user_agent,
                     'created_at', s.created_at, 'last_used_at', s.last_used_at, 'expires_at', s.expires_at,
                     'idle_expires_at', s.idle_expires_at)
                   ORDER BY s.last_used_at DESC, s.session_id DESC), '[]')
              FROM gatehouse.sessions s
             WHERE s.user_id = d.id AND s.revoked_at IS NULL AND s.expires_at > now_at AND s.idle_expires_at > now_at))
    INTO details
    FROM gatehouse.users u, LATERAL gatehouse.describe_user(u) d
   WHERE u.id = get_user_details.id AND (u.deleted_at IS NULL OR with_deleted);
  RETURN details;
END
$$;
COMMENT ON FUNCTION gatehouse.get_user_details(uuid, boolean) IS
  'the account as user_info, with its api_keys as get_user_api_keys shows them, the newest first, and its live sessions, the latest '
  'used first; no digest. Null where no account has this id; a deleted one is shown to administrators who ask for it';
ALTER FUNCTION gatehouse.get_user_details(uuid, boolean) OWNER TO gatehouse_owner;
REVOKE ALL ON FUNCTION gatehouse.get_user_details(uuid, boolean) FROM PUBLIC;
GRANT EXECUTE ON FUNCTION gatehouse.get_user_details(uuid, boolean) TO gatehouse_app;
