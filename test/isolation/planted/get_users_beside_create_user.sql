-- A page begins with the account at the cursor.
DO $$
DECLARE
  definition CONSTANT text := pg_get_functiondef(
    'gatehouse.get_users(integer, integer, text, text, boolean, boolean, boolean, boolean, text, timestamptz, timestamptz)'::regprocedure);
BEGIN
  IF definition !~ '\(u\.created_at, u\.id\) < ' THEN
    RAISE EXCEPTION 'get_users has no place to take away';
  END IF;
  EXECUTE replace(definition, '(u.created_at, u.id) < ', '(u.created_at, u.id) <= ');
END $$;
