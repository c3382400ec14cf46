-- Changing and ending API keys.

CREATE FUNCTION gatehouse.deactivate_api_key(id uuid, user_id uuid DEFAULT NULL) RETURNS boolean
LANGUAGE plpgsql VOLATILE SECURITY DEFINER
SET search_path = pg_catalog, pg_temp
AS $$
#variable_conflict use_column
BEGIN
  IF deactivate_api_key.id IS NULL THEN
    RAISE EXCEPTION 'argument "id" must not be null' USING ERRCODE = '22023';
  END IF;
  IF deactivate_api_key.user_id IS NOT NULL THEN
    PERFORM gatehouse.check_acts_for(deactivate_api_key.user_id);
  END IF;
  UPDATE gatehouse.api_keys k
     SET deactivated_at = clock_timestamp()
   WHERE k.id = deactivate_api_key.id
     AND (deactivate_api_key.user_id IS NULL OR k.user_id = deactivate_api_key.user_id)
     AND k.deactivated_at IS NULL
     AND (k.user_id IS NOT NULL OR gatehouse.caller_is_administrator())
     AND gatehouse.acts_for(k.user_id);
  RETURN FOUND;
END
$$;
COMMENT ON FUNCTION gatehouse.deactivate_api_key(uuid, uuid) IS
  'ends a key for good; false where there is no such active key, or it is not this user''s, or another account is signed in, or it '
  'is a service key and the caller no administrator; 42501 where another account than user_id is signed in';
ALTER FUNCTION gatehouse.deactivate_api_key(uuid, uuid) OWNER TO gatehouse_owner;
REVOKE ALL ON FUNCTION gatehouse.deactivate_api_key(uuid, uuid) FROM PUBLIC;
GRANT EXECUTE ON FUNCTION gatehouse.deactivate_api_key(uuid, uuid) TO gatehouse_app;
