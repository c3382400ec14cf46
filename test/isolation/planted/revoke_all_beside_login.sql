-- The account is not locked before its sessions are ended.
DO $$
DECLARE
  definition CONSTANT text := pg_get_functiondef('gatehouse.revoke_all_user_sessions(uuid, uuid)'::regprocedure);
  changed CONSTANT text := replace(definition, 'PERFORM gatehouse.lock_live_account_to_count(revoke_all_user_sessions.user_id);', '');
BEGIN
  IF changed = definition THEN
    RAISE EXCEPTION 'revoke_all_user_sessions has no lock to take away';
  END IF;
  EXECUTE changed;
END $$;
