-- Resetting a forgotten password. Who asks must not learn whether an account has the address: neither from the answer, which the
-- application keeps to itself, nor from the time that it takes.

CREATE FUNCTION gatehouse.request_password_reset(email text) RETURNS TABLE (token text, user_id uuid)
LANGUAGE plpgsql VOLATILE SECURITY DEFINER ROWS 1
SET search_path = pg_catalog, pg_temp
AS $$
#variable_conflict use_column
DECLARE
  folded CONSTANT text := gatehouse.fold_email(email);
  account gatehouse.users;
  subject bytea;
BEGIN
  IF request_password_reset.email IS NULL THEN
    RAISE EXCEPTION 'argument "email" must not be null' USING ERRCODE = '22023';
  END IF;
  IF current_setting('transaction_read_only')::boolean THEN
    RAISE EXCEPTION 'cannot request a password reset within a read-only transaction' USING ERRCODE = '25006';
  END IF;
  SELECT u.* INTO account FROM gatehouse.users u
   WHERE u.email_normal = folded COLLATE "C" AND u.deleted_at IS NULL;
  -- For an id that no account has it is looked for, too.
  IF gatehouse.lock_live_account_to_count(coalesce(account.id, gatehouse.uuid_v7())) THEN
    user_id := account.id;
    subject := gatehouse.throttle_subject('account', account.id::text);
  ELSE
    subject := gatehouse.throttle_subject('login', coalesce(folded, request_password_reset.email));
  END IF;
  token := gatehouse.issue_one_time_token(user_id, subject, 'password_reset',
                                          CASE WHEN user_id IS NULL THEN '' ELSE account.email_normal END,
                                          gatehouse.lifetime('password_reset_token_lifetime'));
  IF token IS NOT NULL THEN
    PERFORM gatehouse.write_event('gatehouse.account.password_reset_requested', user_id, NULL, NULL, user_id IS NOT NULL, NULL, NULL);
  END IF;
  IF token IS NOT NULL AND user_id IS NOT NULL THEN
    RETURN NEXT;
  END IF;
END
$$;
COMMENT ON FUNCTION gatehouse.request_password_reset(text) IS
  'a token for reset_password, to be sent to this address; good for gatehouse.password_reset_token_lifetime and shown by this call only. '
  'No row, at the same cost, where no live account has the address, and where three were asked for within half that time: those work';
ALTER FUNCTION gatehouse.request_password_reset(text) OWNER TO gatehouse_owner;
REVOKE ALL ON FUNCTION gatehouse.request_password_reset(text) FROM PUBLIC;
GRANT EXECUTE ON FUNCTION gatehouse.request_password_reset(text) TO gatehouse_app;

CREATE FUNCTION gatehouse.reset_password(token text, new_password text) RETURNS SETOF gatehouse.user_info
LANGUAGE plpgsql VOLATILE SECURITY DEFINER ROWS 1
SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
  used gatehouse.one_time_tokens := gatehouse.find_one_time_token(token, 'password_reset');
  account gatehouse.users;
  hash text;
BEGIN
  IF new_password IS NULL THEN
    RAISE EXCEPTION 'argument "new_password" must not be null' USING ERRCODE = '22023';
  END IF;
  SELECT u.* INTO account FROM gatehouse.users u
   WHERE u.id = used.user_id AND u.email_normal = used.email COLLATE "C"
     AND u.deleted_at IS NULL AND (u.is_active OR u.stopped_until <= clock_timestamp());
  IF NOT FOUND THEN
    RETURN;
  END IF;
  PERFORM gatehouse.check_password_policy(new_password, account.email, account.username);
  hash := gatehouse.hash_password(new_password);

  used := gatehouse.use_one_time_token(token, 'password_reset');
  UPDATE gatehouse.users u
     SET is_verified = true, updated_at = clock_timestamp()
   WHERE u.id = used.user_id AND u.email_normal = used.email COLLATE "C"
  RETURNING u.* INTO account;
  IF NOT FOUND THEN
    RETURN;
  END IF;
  PERFORM gatehouse.store_password(account.id, hash, account.updated_at);
  PERFORM gatehouse.end_access(ARRAY[account.id], 'password_reset');
  PERFORM gatehouse.write_event('gatehouse.account.password_reset', account.id, NULL, NULL, true, NULL, NULL);
  PERFORM gatehouse.end_failure_counts(ARRAY(SELECT a.stored FROM gatehouse.account_counts(account.id) a));
  RETURN NEXT gatehouse.describe_user(account);
END
$$;
COMMENT ON FUNCTION gatehouse.reset_password(text, text) IS
  'uses up a token of request_password_reset: the live account gets the password and counts as verified, for the token came by its '
  'address; its sessions, its outstanding tokens of every purpose and the lock of its logins end. No row for any other token. 22023 '
  'where the password is against the policy: the token is good for another one';
ALTER FUNCTION gatehouse.reset_password(text, text) OWNER TO gatehouse_owner;
REVOKE ALL ON FUNCTION gatehouse.reset_password(text, text) FROM PUBLIC;
GRANT EXECUTE ON FUNCTION gatehouse.reset_password(text, text) TO gatehouse_app;
