-- Accounts that are made beside the import are taken for the import's own fault.
DO $$
DECLARE
  definition CONSTANT text := pg_get_functiondef('gatehouse.create_users(jsonb, boolean)'::regprocedure);
BEGIN
  IF definition !~ 'WHEN unique_violation' THEN
    RAISE EXCEPTION 'create_users has no answer to take away';
  END IF;
  EXECUTE replace(definition, 'WHEN unique_violation', 'WHEN division_by_zero');
END $$;
