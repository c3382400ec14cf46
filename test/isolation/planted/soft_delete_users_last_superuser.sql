-- Those that delete superusers do not wait for one another.
DO $$
DECLARE
  definition CONSTANT text := pg_get_functiondef('gatehouse.delete_accounts(uuid[], uuid, text)'::regprocedure);
BEGIN
  IF definition !~ 'PERFORM gatehouse.wait_for_superusers\(ids\);' THEN
    RAISE EXCEPTION 'delete_accounts has no wait to take away';
  END IF;
  EXECUTE replace(definition, 'PERFORM gatehouse.wait_for_superusers(ids);', '');
END $$;
