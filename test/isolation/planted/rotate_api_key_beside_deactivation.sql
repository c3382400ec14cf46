-- Who ends all keys doesn't wait for the account.
DO $$
DECLARE
  definition CONSTANT text := pg_get_functiondef('gatehouse.deactivate_user_api_keys(uuid)'::regprocedure);
BEGIN
  IF definition !~ 'PERFORM gatehouse.lock_account' THEN
    RAISE EXCEPTION 'deactivate_user_api_keys has no lock to take away';
  END IF;
  EXECUTE replace(definition, 'PERFORM gatehouse.lock_account', '-- ');
END $$;
