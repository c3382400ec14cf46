-- Locked rows are waited for.
DO $$
DECLARE
  definition CONSTANT text := pg_get_functiondef('gatehouse.cleanup_expired_tokens(interval, integer)'::regprocedure);
  changed CONSTANT text := replace(definition, 'FOR UPDATE SKIP LOCKED', 'FOR UPDATE');
BEGIN
  IF changed = definition THEN
    RAISE EXCEPTION 'cleanup_expired_tokens skips nothing';
  END IF;
  EXECUTE changed;
END $$;
