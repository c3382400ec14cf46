-- The account is looked at without a lock before its erasure is cancelled.
DO $$
DECLARE
  definition CONSTANT text := pg_get_functiondef('gatehouse.cancel_account_deletion(uuid)'::regprocedure);
BEGIN
  IF definition !~ 'FOR NO KEY UPDATE' THEN
    RAISE EXCEPTION 'cancel_account_deletion has no lock to take away';
  END IF;
  EXECUTE replace(definition, 'FOR NO KEY UPDATE', '');
END $$;
