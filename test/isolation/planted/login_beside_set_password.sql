-- needs: no shared memory
-- A login ends its count before it has the account.
DO $$
DECLARE
  definition CONSTANT text := pg_get_functiondef('gatehouse.authenticate_user(text, text, inet, text)'::regprocedure);
BEGIN
  IF definition !~ 'new_hash := gatehouse\.rehash' THEN
    RAISE EXCEPTION 'authenticate_user has no place before its lock';
  END IF;
  EXECUTE replace(definition, 'new_hash := gatehouse.rehash',
                  'DELETE FROM gatehouse.login_throttles t WHERE t.subject = account_subject; new_hash := gatehouse.rehash');
END $$;
