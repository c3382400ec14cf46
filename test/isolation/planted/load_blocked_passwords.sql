-- Nobody waits for the table.
DO $$
DECLARE
  definition text := pg_get_functiondef('gatehouse.load_blocked_passwords(text[])'::regprocedure);
BEGIN
  EXECUTE replace(definition, 'LOCK TABLE gatehouse.blocked_passwords IN SHARE ROW EXCLUSIVE MODE;', '');
END
$$;
