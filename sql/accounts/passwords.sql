-- Changing and setting passwords. A password is hashed before its account is locked: hashing takes long, and waits at the gate.

CREATE FUNCTION gatehouse.replace_password(user_id uuid, password_hash text, except_session uuid DEFAULT NULL) RETURNS void
LANGUAGE plpgsql VOLATILE
SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
  now_at CONSTANT timestamptz := clock_timestamp();
BEGIN
  UPDATE gatehouse.users u SET updated_at = now_at WHERE u.id = replace_password.user_id;
  PERFORM gatehouse.end_access(ARRAY[user_id], 'password_change', except_session);
  PERFORM gatehouse.store_password(user_id, password_hash, now_at);
END
$$;
COMMENT ON FUNCTION gatehouse.replace_password(uuid, text, uuid) IS
  'internal: gives an account, which the caller has locked, this hash, and ends what the old password opened';
ALTER FUNCTION gatehouse.replace_password(uuid, text, uuid) OWNER TO gatehouse_owner;
REVOKE ALL ON FUNCTION gatehouse.replace_password(uuid, text, uuid) FROM PUBLIC;

CREATE FUNCTION gatehouse.change_password(
  id uuid,
  old_password text,
  new_password text,
  except_session uuid DEFAULT NULL,
  ip inet DEFAULT NULL
) RETURNS boolean
LANGUAGE plpgsql VOLATILE SECURITY DEFINER
SET search_path = pg_catalog, pg_temp
AS $$
#variable_conflict use_column
DECLARE
  account gatehouse.users;
  old_hash text;
  new_hash text;
  proven_at timestamptz;
  account_subject bytea;
  address_subject bytea;
  attempt gatehouse.login_attempt;
BEGIN
  PERFORM gatehouse.library_version();
  IF change_password.id IS NULL THEN
    RAISE EXCEPTION 'argument "id" must not be null' USING ERRCODE = '22023';
  END IF;
  PERFORM gatehouse.check_acts_for(change_password.id);
  IF old_password IS NULL OR new_password IS NULL THEN
    RAISE EXCEPTION 'arguments "old_password" and "new_password" must not be null' USING ERRCODE = '22023';
  END IF;
  IF current_setting('transaction_read_only')::boolean THEN
    RAISE EXCEPTION 'cannot change a password within a read-only transaction' USING ERRCODE = '25006';
  END IF;
  SELECT u.* INTO account FROM gatehouse.users u WHERE u.id = change_password.id;
  PERFORM gatehouse.check_password_policy(new_password, account.email, account.username);

  SELECT c.password_hash, c.changed_at INTO old_hash, proven_at FROM gatehouse.password_credentials c
   WHERE c.user_id = change_password.id;
  IF (account.deleted_at IS NULL AND (account.is_active OR account.stopped_until <= clock_timestamp())) IS NOT TRUE THEN
    old_hash := NULL;
  END IF;
  SELECT s.account, s.address INTO account_subject, address_subject
    FROM gatehouse.login_subjects(change_password.id, NULL, gatehouse.address_network(ip)) s;
  attempt := gatehouse.attempt_login(old_password, old_hash, gatehouse.stored_count(account_subject),
                                     CASE WHEN address_subject IS NOT NULL THEN gatehouse.stored_count(address_subject) END,
                                     account.id, change_password.id::text, ip, NULL);
  IF attempt.verdict = 'busy' THEN
    PERFORM gatehouse.refuse_busy();
  ELSIF attempt.verdict <> 'match' THEN
    PERFORM gatehouse.record_failed_login(attempt, account.id, change_password.id::text, ip, NULL, account_subject,
                                          address_subject);
    RETURN false;
  END IF;
  new_hash := gatehouse.hash_password(new_password);

  -- The account must still be live, and its password the one that was proven.
  PERFORM FROM gatehouse.users u
    WHERE u.id = change_password.id AND (u.is_active OR u.stopped_until <= clock_timestamp()) AND u.deleted_at IS NULL
      FOR NO KEY UPDATE;
  IF NOT FOUND THEN
    RETURN false;
  END IF;
  PERFORM FROM gatehouse.password_credentials c WHERE c.user_id = change_password.id AND c.changed_at = proven_at;
  IF NOT FOUND THEN
    RETURN false;
  END IF;
  IF NOT attempt.counted THEN
    DELETE FROM gatehouse.login_throttles t WHERE t.subject = account_subject;
  END IF;
  PERFORM gatehouse.replace_password(change_password.id, new_hash, except_session);
  PERFORM gatehouse.write_event('gatehouse.account.password_changed', change_password.id, ip, NULL, true, NULL, NULL);
  RETURN true;
END
$$;
COMMENT ON FUNCTION gatehouse.change_password(uuid, text, text, uuid, inet) IS
  'replaces a password by a new one and ends every other session of the account, except_session excepted, and its outstanding '
  'tokens. False where the old password is wrong, and, after the same work, where the account is unknown, deleted, stopped, without '
  'a password, or locked. A failure counts as a failed login does, also by ip. A new password against the policy is 22023, before '
  'anything is counted; too many passwords being hashed is 53300';
ALTER FUNCTION gatehouse.change_password(uuid, text, text, uuid, inet) OWNER TO gatehouse_owner;
REVOKE ALL ON FUNCTION gatehouse.change_password(uuid, text, text, uuid, inet) FROM PUBLIC;
GRANT EXECUTE ON FUNCTION gatehouse.change_password(uuid, text, text, uuid, inet) TO gatehouse_app;

CREATE FUNCTION gatehouse.set_password(id uuid, new_password text) RETURNS boolean
LANGUAGE plpgsql VOLATILE SECURITY DEFINER
SET search_path = pg_catalog, pg_temp
AS $$
#variable_conflict use_column
DECLARE
  account gatehouse.users;
  hash text;
BEGIN
  PERFORM gatehouse.library_version();
  IF set_password.id IS NULL THEN
    RAISE EXCEPTION 'argument "id" must not be null' USING ERRCODE = '22023';
  END IF;
  IF new_password IS NULL THEN
    RAISE EXCEPTION 'argument "new_password" must not be null' USING ERRCODE = '22023';
  END IF;
  SELECT u.* INTO account FROM gatehouse.users u WHERE u.id = set_password.id AND u.deleted_at IS NULL;
  PERFORM gatehouse.check_password_policy(new_password, account.email, account.username);
  IF account.id IS NULL THEN
    RETURN false;
  END IF;
  hash := gatehouse.hash_password(new_password);

  PERFORM FROM gatehouse.users u WHERE u.id = set_password.id AND u.deleted_at IS NULL FOR NO KEY UPDATE;
  IF NOT FOUND THEN
    RETURN false;
  END IF;
  PERFORM gatehouse.replace_password(set_password.id, hash);
  PERFORM gatehouse.write_event('gatehouse.account.password_set', set_password.id, NULL, NULL, true, NULL, NULL);
  PERFORM gatehouse.end_failure_counts(ARRAY(SELECT a.stored FROM gatehouse.account_counts(set_password.id) a));
  RETURN true;
END
$$;
COMMENT ON FUNCTION gatehouse.set_password(uuid, text) IS
  'gives an account, also a stopped one and one without a password, a new password, ends all its sessions and outstanding tokens, '
  'and its lock and row of failures. False where no account that is not deleted has the id; a password against the policy is 22023';
ALTER FUNCTION gatehouse.set_password(uuid, text) OWNER TO gatehouse_owner;
REVOKE ALL ON FUNCTION gatehouse.set_password(uuid, text) FROM PUBLIC;
GRANT EXECUTE ON FUNCTION gatehouse.set_password(uuid, text) TO gatehouse_admin;
