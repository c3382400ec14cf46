-- Nobody waits, and who stays is not locked.
CREATE OR REPLACE FUNCTION gatehouse.wait_for_superusers(leaving uuid[]) RETURNS void
LANGUAGE sql AS $$ $$;
DO $$
DECLARE
  definition CONSTANT text := pg_get_functiondef('gatehouse.guard_last_superuser(uuid[])'::regprocedure);
BEGIN
  IF definition !~ 'FOR SHARE' THEN
    RAISE EXCEPTION 'guard_last_superuser has no lock to take away';
  END IF;
  EXECUTE replace(definition, 'FOR SHARE', '');
END $$;
