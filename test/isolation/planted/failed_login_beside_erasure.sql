-- The event of a failed login is written without a lock on its account.
DO $$
DECLARE
  definition CONSTANT text := pg_get_functiondef('gatehouse.write_security_event(gatehouse.queued_event)'::regprocedure);
BEGIN
  IF definition !~ 'FOR KEY SHARE SKIP LOCKED' THEN
    RAISE EXCEPTION 'write_security_event has no lock to take away';
  END IF;
  EXECUTE replace(definition, 'FOR KEY SHARE SKIP LOCKED', '');
END $$;
