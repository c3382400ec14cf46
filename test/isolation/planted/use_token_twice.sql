-- The token that was looked at is taken for the one that was used up.
CREATE OR REPLACE FUNCTION gatehouse.use_one_time_token(token text, purpose text) RETURNS gatehouse.one_time_tokens
LANGUAGE plpgsql VOLATILE
SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
  used gatehouse.one_time_tokens := gatehouse.find_one_time_token(token, purpose);
BEGIN
  DELETE FROM gatehouse.one_time_tokens t WHERE t.locator_digest = used.locator_digest;
  RETURN used;
END
$$;
