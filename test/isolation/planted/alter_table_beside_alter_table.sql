-- The registry's row is neither locked nor changed.
DO $$
DECLARE
  definition CONSTANT text := pg_get_functiondef('gatehouse.record_shape(regclass, integer, boolean)'::regprocedure);
BEGIN
  IF definition !~ 'FOR NO KEY UPDATE' OR definition !~ 'UPDATE gatehouse.audit_registry r SET shape_since[^;]*;' THEN
    RAISE EXCEPTION 'record_shape has no lock to take away';
  END IF;
  EXECUTE regexp_replace(replace(definition, 'FOR NO KEY UPDATE', ''), 'UPDATE gatehouse.audit_registry r SET shape_since[^;]*;', '');
END $$;
