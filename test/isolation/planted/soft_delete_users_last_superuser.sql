-- Nobody asks which superuser is left.
DO $$
DECLARE
  definition CONSTANT text := pg_get_functiondef('gatehouse.delete_accounts(uuid[], uuid, text)'::regprocedure);
BEGIN
  IF definition !~ 'PERFORM gatehouse.guard_last_superuser\(locked\);' THEN
    RAISE EXCEPTION 'delete_accounts has no question to take away';
  END IF;
  EXECUTE replace(definition, 'PERFORM gatehouse.guard_last_superuser(locked);', '');
END $$;
