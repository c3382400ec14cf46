-- The account is not locked to count.
DO $$
DECLARE
  definition CONSTANT text := pg_get_functiondef('gatehouse.rotate_api_key(uuid, uuid, interval)'::regprocedure);
BEGIN
  IF definition !~ 'lock_live_account_to_count' THEN
    RAISE EXCEPTION 'rotate_api_key has no lock to take away';
  END IF;
  EXECUTE replace(definition, 'lock_live_account_to_count', 'lock_live_account');
END $$;
