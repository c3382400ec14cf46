-- The account is not locked.
CREATE OR REPLACE FUNCTION gatehouse.lock_live_account_to_count(user_id uuid) RETURNS boolean
LANGUAGE sql AS $$ SELECT true $$;
