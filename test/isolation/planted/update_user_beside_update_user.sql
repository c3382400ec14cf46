-- The profile is merged with what was read before the lock.
DO $$
DECLARE
  definition CONSTANT text := pg_get_functiondef('gatehouse.update_user(uuid, jsonb)'::regprocedure);
BEGIN
  IF definition !~ 'FOR NO KEY UPDATE' OR definition !~ 'merged_profile\(u\.profile' THEN
    RAISE EXCEPTION 'update_user has no lock to take away';
  END IF;
  EXECUTE replace(replace(definition, 'FOR NO KEY UPDATE', ''), 'merged_profile(u.profile', 'merged_profile(account.profile');
END $$;
