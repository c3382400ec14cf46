-- Whether the password is still the one that was verified is not asked.
DO $$
DECLARE
  definition CONSTANT text := pg_get_functiondef('gatehouse.authenticate_user(text, text, inet, text)'::regprocedure);
BEGIN
  IF definition !~ 'c\.changed_at = password_changed_at' THEN
    RAISE EXCEPTION 'authenticate_user has no question to take away';
  END IF;
  EXECUTE replace(definition, 'c.changed_at = password_changed_at', 'true');
END $$;
