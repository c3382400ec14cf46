-- A lock that is not got fails all of maintenance.
DO $$
DECLARE
  definition CONSTANT text := pg_get_functiondef('gatehouse.move_default_rows(bigint)'::regprocedure);
BEGIN
  IF definition !~ 'lock_not_available' THEN
    RAISE EXCEPTION 'move_default_rows does not see to locks';
  END IF;
  EXECUTE replace(definition, 'lock_not_available', 'division_by_zero');
END $$;
