-- Whether an API key opens, and for administrators why it does not.

CREATE FUNCTION gatehouse.match_api_key(api_key text, required_scopes text[], ip inet) RETURNS gatehouse.api_key_match
AS 'MODULE_PATHNAME', 'gatehouse_api_keys_match_reporting'
LANGUAGE c STABLE PARALLEL SAFE;
COMMENT ON FUNCTION gatehouse.match_api_key(text, text[], inet) IS
  'internal: verify_api_key as a scalar, null where the key is refused';
REVOKE ALL ON FUNCTION gatehouse.match_api_key(text, text[], inet) FROM PUBLIC;
GRANT EXECUTE ON FUNCTION gatehouse.match_api_key(text, text[], inet) TO gatehouse_app;

-- Inlined into the caller's query: this is the cheapest form of a function with zero or one row.
CREATE FUNCTION gatehouse.verify_api_key(api_key text, required_scopes text[] DEFAULT '{}', ip inet DEFAULT NULL)
RETURNS TABLE (api_key_id uuid, user_id uuid, scopes text[], name text, expires_at timestamptz)
LANGUAGE sql STABLE PARALLEL SAFE ROWS 1
BEGIN ATOMIC
  SELECT (v.matched).api_key_id, (v.matched).user_id, (v.matched).scopes, (v.matched).name, (v.matched).expires_at
    FROM (SELECT gatehouse.match_api_key(verify_api_key.api_key, verify_api_key.required_scopes, verify_api_key.ip)
                 AS matched
          OFFSET 0) v
   WHERE (v.matched).api_key_id IS NOT NULL;
END;
COMMENT ON FUNCTION gatehouse.verify_api_key(text, text[], inet) IS
  'the live key of a live account that holds the scopes and may be used from the address, else no row; sees what has been '
  'committed by now in every isolation level; reads only';
REVOKE ALL ON FUNCTION gatehouse.verify_api_key(text, text[], inet) FROM PUBLIC;
GRANT EXECUTE ON FUNCTION gatehouse.verify_api_key(text, text[], inet) TO gatehouse_app;

CREATE FUNCTION gatehouse.check_api_key(
  api_key text,
  required_scopes text[] DEFAULT '{}',
  ip inet DEFAULT NULL,
  OUT status text,
  OUT api_key_id uuid,
  OUT user_id uuid,
  OUT scopes text[],
  OUT name text,
  OUT expires_at timestamptz
)
AS 'MODULE_PATHNAME', 'gatehouse_api_keys_check'
LANGUAGE c STABLE PARALLEL SAFE;
COMMENT ON FUNCTION gatehouse.check_api_key(text, text[], inet) IS
  'verify_api_key with the reason: status is ok, or the first that holds of malformed, stale_standby, unknown, key_ring (made under a '
  'key that the key ring lacks), deactivated, expired, owner_inactive, address, scopes. The key''s columns are null for the first four, '
  'where nobody proved to hold it. Reads only, reports no event and counts no use';
REVOKE ALL ON FUNCTION gatehouse.check_api_key(text, text[], inet) FROM PUBLIC;
GRANT EXECUTE ON FUNCTION gatehouse.check_api_key(text, text[], inet) TO gatehouse_admin;
