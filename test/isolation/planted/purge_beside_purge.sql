-- What is locked is waited for.
DO $$
DECLARE
  definition CONSTANT text := pg_get_functiondef('gatehouse.purge_due_accounts(integer, interval)'::regprocedure);
BEGIN
  IF definition !~ 'SKIP LOCKED' THEN
    RAISE EXCEPTION 'purge_due_accounts skips nothing';
  END IF;
  EXECUTE replace(definition, 'SKIP LOCKED', '');
END $$;
