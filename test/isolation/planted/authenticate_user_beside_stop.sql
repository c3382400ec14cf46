-- The account is not looked at again, and not locked, after the hash.
DO $$
DECLARE
  definition CONSTANT text := pg_get_functiondef('gatehouse.authenticate_user(text, text, inet, text)'::regprocedure);
BEGIN
  IF definition !~ 'FOR NO KEY UPDATE' THEN
    RAISE EXCEPTION 'authenticate_user has no lock to take away';
  END IF;
  EXECUTE replace(definition, 'FOR NO KEY UPDATE', '');
END $$;
