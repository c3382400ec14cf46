-- Verifying and changing e-mail addresses. A token proves the address that it was sent to, and no other.

CREATE FUNCTION gatehouse.request_email_verification(user_id uuid) RETURNS text
LANGUAGE plpgsql VOLATILE SECURITY DEFINER
SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
  token text;
BEGIN
  IF user_id IS NULL THEN
    RAISE EXCEPTION 'argument "user_id" must not be null' USING ERRCODE = '22023';
  END IF;
  PERFORM gatehouse.check_acts_for(request_email_verification.user_id);
  IF NOT gatehouse.lock_live_account_to_count(user_id) THEN
    RAISE EXCEPTION 'no live account has this id' USING ERRCODE = '22023';
  END IF;
  token := gatehouse.issue_one_time_token(
             user_id, gatehouse.throttle_subject('account', user_id::text), 'email_verification',
             (SELECT u.email_normal FROM gatehouse.users u WHERE u.id = request_email_verification.user_id),
             gatehouse.lifetime('verification_token_lifetime'));
  IF token IS NOT NULL THEN
    PERFORM gatehouse.write_event('gatehouse.account.verification_requested', user_id, NULL, NULL, true, NULL, NULL);
  END IF;
  RETURN token;
END
$$;
COMMENT ON FUNCTION gatehouse.request_email_verification(uuid) IS
  'a token for verify_email, to be sent to the account''s e-mail address; good for gatehouse.verification_token_lifetime and shown by '
  'this call only. Null where three were asked for within half that time: those work. 22023 where no live account has the id';
ALTER FUNCTION gatehouse.request_email_verification(uuid) OWNER TO gatehouse_owner;
REVOKE ALL ON FUNCTION gatehouse.request_email_verification(uuid) FROM PUBLIC;
GRANT EXECUTE ON FUNCTION gatehouse.request_email_verification(uuid) TO gatehouse_app;

CREATE FUNCTION gatehouse.verify_email(token text) RETURNS SETOF gatehouse.user_info
LANGUAGE plpgsql VOLATILE SECURITY DEFINER ROWS 1
SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
  used CONSTANT gatehouse.one_time_tokens := gatehouse.use_one_time_token(token, 'email_verification');
  account gatehouse.users;
BEGIN
  UPDATE gatehouse.users u
     SET is_verified = true, updated_at = clock_timestamp()
   WHERE u.id = used.user_id AND u.email_normal = used.email COLLATE "C"
  RETURNING u.* INTO account;
  IF NOT FOUND THEN
    RETURN;
  END IF;
  DELETE FROM gatehouse.one_time_tokens t WHERE t.user_id = account.id AND t.purpose = 'email_verification';
  PERFORM gatehouse.write_event('gatehouse.account.verified', account.id, NULL, NULL, true, NULL, NULL);
  RETURN NEXT gatehouse.describe_user(account);
END
$$;
COMMENT ON FUNCTION gatehouse.verify_email(text) IS
  'uses up a token of request_email_verification: the account is verified, where it is live and its address is still the one that the '
  'token was made for, and its other such tokens end. No row for anything else';
ALTER FUNCTION gatehouse.verify_email(text) OWNER TO gatehouse_owner;
REVOKE ALL ON FUNCTION gatehouse.verify_email(text) FROM PUBLIC;
GRANT EXECUTE ON FUNCTION gatehouse.verify_email(text) TO gatehouse_app;

CREATE FUNCTION gatehouse.request_email_change(id uuid, new_email text) RETURNS text
LANGUAGE plpgsql VOLATILE SECURITY DEFINER
SET search_path = pg_catalog, pg_temp
AS $$
#variable_conflict use_column
DECLARE
  address text;
  token text;
BEGIN
  IF request_email_change.id IS NULL THEN
    RAISE EXCEPTION 'argument "id" must not be null' USING ERRCODE = '22023';
  END IF;
  PERFORM gatehouse.check_acts_for(request_email_change.id);
  IF new_email IS NULL THEN
    RAISE EXCEPTION 'argument "new_email" must not be null' USING ERRCODE = '22023';
  END IF;
  address := gatehouse.checked_email(new_email);
  PERFORM gatehouse.check_email_domain(address);
  IF NOT gatehouse.lock_live_account_to_count(request_email_change.id) THEN
    RAISE EXCEPTION 'no live account has this id' USING ERRCODE = '22023';
  END IF;
  PERFORM FROM gatehouse.users u
    WHERE u.email_normal = gatehouse.fold_email(address) COLLATE "C" AND u.deleted_at IS NULL
      AND u.id <> request_email_change.id;
  IF FOUND THEN
    PERFORM gatehouse.refuse_duplicate('users_email_live');
  END IF;
  token := gatehouse.issue_one_time_token(
             request_email_change.id, gatehouse.throttle_subject('account', request_email_change.id::text), 'email_change', address,
             gatehouse.lifetime('verification_token_lifetime'));
  IF token IS NOT NULL THEN
    PERFORM gatehouse.write_event('gatehouse.account.email_change_requested', request_email_change.id, NULL, NULL, true, NULL, NULL);
  END IF;
  RETURN token;
END
$$;
COMMENT ON FUNCTION gatehouse.request_email_change(uuid, text) IS
  'a token for confirm_email_change, to be sent to the new address; until then nothing changes. Good for '
  'gatehouse.verification_token_lifetime and shown by this call only. Null where three were asked for within half that time: those '
  'work. 22023 where no live account has the id or the address is against the policy, 23505 where another account has the address';
ALTER FUNCTION gatehouse.request_email_change(uuid, text) OWNER TO gatehouse_owner;
REVOKE ALL ON FUNCTION gatehouse.request_email_change(uuid, text) FROM PUBLIC;
GRANT EXECUTE ON FUNCTION gatehouse.request_email_change(uuid, text) TO gatehouse_app;

CREATE FUNCTION gatehouse.confirm_email_change(token text) RETURNS SETOF gatehouse.user_info
LANGUAGE plpgsql VOLATILE SECURITY DEFINER ROWS 1
SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
  used CONSTANT gatehouse.one_time_tokens := gatehouse.use_one_time_token(token, 'email_change');
  account gatehouse.users;
BEGIN
  IF used.user_id IS NULL THEN
    RETURN;
  END IF;
  BEGIN
    UPDATE gatehouse.users u
       SET email = used.email, email_normal = gatehouse.fold_email(used.email), is_verified = true,
           updated_at = clock_timestamp()
     WHERE u.id = used.user_id
    RETURNING u.* INTO account;
  EXCEPTION WHEN unique_violation THEN
    PERFORM gatehouse.refuse_duplicate('users_email_live');
  END;
  -- All of them were sent to the old address, whose mail somebody else may read by now.
  DELETE FROM gatehouse.one_time_tokens t WHERE t.user_id = account.id;
  PERFORM gatehouse.write_event('gatehouse.account.email_changed', account.id, NULL, NULL, true, NULL, NULL);
  RETURN NEXT gatehouse.describe_user(account);
END
$$;
COMMENT ON FUNCTION gatehouse.confirm_email_change(text) IS
  'uses up a token of request_email_change: the live account gets the address that the token was sent to, verified, and its '
  'outstanding tokens of every purpose end. No row for any other token; 23505 where another account has taken the address meanwhile';
ALTER FUNCTION gatehouse.confirm_email_change(text) OWNER TO gatehouse_owner;
REVOKE ALL ON FUNCTION gatehouse.confirm_email_change(text) FROM PUBLIC;
GRANT EXECUTE ON FUNCTION gatehouse.confirm_email_change(text) TO gatehouse_app;
