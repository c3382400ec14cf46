-- The key's row is read with the snapshot of the statement.
CREATE OR REPLACE FUNCTION gatehouse.verify_api_key(api_key text, required_scopes text[] DEFAULT '{}', ip inet DEFAULT NULL)
RETURNS TABLE (api_key_id uuid, user_id uuid, scopes text[], name text, expires_at timestamptz)
LANGUAGE sql STABLE AS $$
  SELECT k.id, k.user_id, k.scopes, k.name, k.expires_at FROM gatehouse.api_keys k WHERE k.deactivated_at IS NULL
$$;
