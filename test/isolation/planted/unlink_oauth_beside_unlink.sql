-- The account is not locked.
DO $$
DECLARE
  definition CONSTANT text := pg_get_functiondef('gatehouse.lock_account(uuid)'::regprocedure);
BEGIN
  IF definition !~ 'FOR NO KEY UPDATE' THEN
    RAISE EXCEPTION 'lock_account has no lock to take away';
  END IF;
  EXECUTE replace(definition, 'FOR NO KEY UPDATE', '');
END $$;
