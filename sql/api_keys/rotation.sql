-- A key's successor.

-- What create_api_key gives. A type, since a result column of a function may not bear the name of an argument.
CREATE TYPE gatehouse.rotated_api_key AS (
  id uuid,
  api_key text,
  hint text,
  created_at timestamptz
);
COMMENT ON TYPE gatehouse.rotated_api_key IS 'the key that took the place of another one';
REVOKE ALL ON TYPE gatehouse.rotated_api_key FROM PUBLIC;
GRANT USAGE ON TYPE gatehouse.rotated_api_key TO gatehouse_app, gatehouse_owner;

-- The account has been locked to count. The keys in their overlap have no places among those that max_api_keys_per_user counts,
-- and are at most as many again, or one key would be rotated into any number.
CREATE FUNCTION gatehouse.end_oldest_overlaps(user_id uuid, now_at timestamptz) RETURNS void
LANGUAGE plpgsql VOLATILE
SET search_path = pg_catalog, pg_temp
AS $$
#variable_conflict use_column
DECLARE
  most CONSTANT integer := gatehouse.setting('max_api_keys_per_user')::integer;
BEGIN
  IF most = 0 THEN
    RETURN;
  END IF;
  UPDATE gatehouse.api_keys k
     SET expires_at = now_at
   WHERE k.id IN (SELECT o.id FROM gatehouse.api_keys o
                   WHERE o.user_id = end_oldest_overlaps.user_id AND o.rotated_to IS NOT NULL AND o.deactivated_at IS NULL
                     AND o.expires_at > now_at
                   ORDER BY o.expires_at DESC, o.id DESC
                  OFFSET most);
END
$$;
COMMENT ON FUNCTION gatehouse.end_oldest_overlaps(uuid, timestamptz) IS
  'internal: ends the keys of an account that are soonest at the end of their overlap, beyond max_api_keys_per_user of them';
ALTER FUNCTION gatehouse.end_oldest_overlaps(uuid, timestamptz) OWNER TO gatehouse_owner;
REVOKE ALL ON FUNCTION gatehouse.end_oldest_overlaps(uuid, timestamptz) FROM PUBLIC;

CREATE FUNCTION gatehouse.rotate_api_key(id uuid, user_id uuid DEFAULT NULL, overlap interval DEFAULT interval '0')
RETURNS SETOF gatehouse.rotated_api_key
LANGUAGE plpgsql VOLATILE SECURITY DEFINER ROWS 1
SET search_path = pg_catalog, pg_temp
AS $$
#variable_conflict use_column
DECLARE
  longest CONSTANT interval := interval '30 days';
  new_id CONSTANT uuid := gatehouse.uuid_v7();
  key_owner CONSTANT record := gatehouse.owner_of_key(rotate_api_key.id, rotate_api_key.user_id);
  key gatehouse.api_keys;
  now_at timestamptz;
BEGIN
  IF overlap IS NULL OR overlap NOT BETWEEN interval '0' AND longest THEN
    RAISE EXCEPTION 'overlap must be between 0 and 30 days' USING ERRCODE = '22023';
  END IF;
  IF NOT key_owner.is_found
     OR (key_owner.owner_id IS NOT NULL AND NOT gatehouse.lock_live_account_to_count(key_owner.owner_id)) THEN
    RETURN;
  END IF;
  key := gatehouse.lock_live_key(rotate_api_key.id);
  IF key.id IS NULL OR key.rotated_to IS NOT NULL THEN
    RETURN;
  END IF;

  now_at := clock_timestamp();
  UPDATE gatehouse.api_keys k
     SET rotated_to = new_id,
         -- A month may have more than 30 days.
         expires_at = least(k.expires_at, now_at + overlap, now_at + longest)
   WHERE k.id = key.id;
  PERFORM gatehouse.end_oldest_overlaps(key.user_id, now_at);
  RETURN QUERY
    SELECT new_id, k.api_key, k.hint, now_at
      FROM gatehouse.insert_api_key(new_id, key.user_id, key.name, key.scopes, key.expires_at, key.ip_allow, now_at) k;
  PERFORM gatehouse.write_event('gatehouse.key.rotated', key.user_id, NULL, NULL, true, jsonb_build_object('rotated_to', new_id), NULL,
                                api_key_id => key.id);
END
$$;
COMMENT ON FUNCTION gatehouse.rotate_api_key(uuid, uuid, interval) IS
  'makes a successor of a live key of a live account, shown by this call only, with its name, scopes, ip_allow and expiry; the old key '
  'works through the overlap, at most 30 days and never beyond its own expiry, and is not rotated again. The limit of keys does not '
  'hold a rotation up. No row where there is no such key, or another rotation won, or it is not this user''s, or it is a service key and '
  'the caller no administrator. 22023 for another overlap, 42501 where another account than user_id is signed in';
ALTER FUNCTION gatehouse.rotate_api_key(uuid, uuid, interval) OWNER TO gatehouse_owner;
REVOKE ALL ON FUNCTION gatehouse.rotate_api_key(uuid, uuid, interval) FROM PUBLIC;
GRANT EXECUTE ON FUNCTION gatehouse.rotate_api_key(uuid, uuid, interval) TO gatehouse_app;
