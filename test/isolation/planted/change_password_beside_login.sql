-- The account is not locked before its sessions are ended.
DO $$
DECLARE
  change CONSTANT text := pg_get_functiondef('gatehouse.change_password(uuid, text, text, uuid, inet)'::regprocedure);
  replacement CONSTANT text := pg_get_functiondef('gatehouse.replace_password(uuid, text, uuid)'::regprocedure);
BEGIN
  IF change !~ 'FOR NO KEY UPDATE' OR replacement !~ 'UPDATE gatehouse.users u SET[^;]*;' THEN
    RAISE EXCEPTION 'change_password has no lock to take away';
  END IF;
  EXECUTE replace(change, 'FOR NO KEY UPDATE', '');
  EXECUTE regexp_replace(replacement, 'UPDATE gatehouse.users u SET[^;]*;', '');
END $$;
