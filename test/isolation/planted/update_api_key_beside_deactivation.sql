-- The key is read without a lock.
DO $$
DECLARE
  definition CONSTANT text := pg_get_functiondef('gatehouse.lock_live_key(uuid)'::regprocedure);
BEGIN
  IF definition !~ 'FOR NO KEY UPDATE' THEN
    RAISE EXCEPTION 'lock_live_key has no lock to take away';
  END IF;
  EXECUTE replace(definition, 'FOR NO KEY UPDATE', '');
END $$;
