-- The refresh locks neither the account nor the session.
CREATE OR REPLACE FUNCTION gatehouse.lock_live_account(user_id uuid) RETURNS boolean
LANGUAGE sql AS $$ SELECT true $$;
DO $$
DECLARE
  definition CONSTANT text := pg_get_functiondef('gatehouse.rotate_session(text, inet, text)'::regprocedure);
BEGIN
  IF definition !~ 'FOR NO KEY UPDATE' THEN
    RAISE EXCEPTION 'rotate_session has no lock to take away';
  END IF;
  EXECUTE replace(definition, 'FOR NO KEY UPDATE', '');
END $$;
