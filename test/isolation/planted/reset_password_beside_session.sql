-- The account is not locked while its token is used up.
DO $$
DECLARE
  definition CONSTANT text := pg_get_functiondef('gatehouse.use_one_time_token(text, text)'::regprocedure);
BEGIN
  IF definition !~ 'gatehouse\.lock_live_account_to_count' THEN
    RAISE EXCEPTION 'use_one_time_token has no lock to take away';
  END IF;
  EXECUTE replace(definition, 'OR NOT gatehouse.lock_live_account_to_count(used.user_id)', '');
END $$;
-- Nor by the change of its row.
CREATE OR REPLACE FUNCTION gatehouse.lock_live_account_to_count(user_id uuid) RETURNS boolean
LANGUAGE sql AS $$ SELECT true $$;
