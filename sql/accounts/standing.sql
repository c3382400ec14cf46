-- Stopping, deleting and restoring accounts; superusers and verification by administrators.

CREATE FUNCTION gatehouse.checked_reason(reason text) RETURNS text
LANGUAGE plpgsql IMMUTABLE PARALLEL SAFE
SET search_path = pg_catalog, pg_temp
AS $$
BEGIN
  IF length(reason) > 1000 THEN
    RAISE EXCEPTION 'reason must have at most 1000 characters' USING ERRCODE = '22023';
  END IF;
  RETURN reason;
END
$$;
COMMENT ON FUNCTION gatehouse.checked_reason(text) IS
  'internal: why an account is stopped or deleted, null where nobody said; 22023 where it is longer than 1000 characters';
ALTER FUNCTION gatehouse.checked_reason(text) OWNER TO gatehouse_owner;
REVOKE ALL ON FUNCTION gatehouse.checked_reason(text) FROM PUBLIC;

CREATE FUNCTION gatehouse.lock_account(user_id uuid) RETURNS gatehouse.users
LANGUAGE plpgsql VOLATILE
SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
  account gatehouse.users;
BEGIN
  SELECT u.* INTO account FROM gatehouse.users u WHERE u.id = lock_account.user_id FOR NO KEY UPDATE;
  RETURN account;
END
$$;
COMMENT ON FUNCTION gatehouse.lock_account(uuid) IS
  'internal: locks the account, of whatever state, FOR NO KEY UPDATE; all null where no account has this id';
ALTER FUNCTION gatehouse.lock_account(uuid) OWNER TO gatehouse_owner;
REVOKE ALL ON FUNCTION gatehouse.lock_account(uuid) FROM PUBLIC;

CREATE FUNCTION gatehouse.tell_api_keys(account gatehouse.users) RETURNS void
LANGUAGE plpgsql VOLATILE
SET search_path = pg_catalog, pg_temp
AS $$
BEGIN
  UPDATE gatehouse.api_keys k
     SET owner_is_live = account.is_active AND account.deleted_at IS NULL,
         owner_stopped_until = CASE WHEN account.deleted_at IS NULL THEN account.stopped_until END
   WHERE k.user_id = account.id;
END
$$;
COMMENT ON FUNCTION gatehouse.tell_api_keys(gatehouse.users) IS
  'internal: lets the keys of an account know the state that it has now; the caller has locked it';
ALTER FUNCTION gatehouse.tell_api_keys(gatehouse.users) OWNER TO gatehouse_owner;
REVOKE ALL ON FUNCTION gatehouse.tell_api_keys(gatehouse.users) FROM PUBLIC;

CREATE FUNCTION gatehouse.set_active(id uuid, is_active boolean, reason text DEFAULT NULL, until timestamptz DEFAULT NULL)
RETURNS boolean
LANGUAGE plpgsql VOLATILE SECURITY DEFINER
SET search_path = pg_catalog, pg_temp
AS $$
#variable_conflict use_column
DECLARE
  account gatehouse.users;
  now_at timestamptz;
BEGIN
  IF set_active.id IS NULL OR set_active.is_active IS NULL THEN
    RAISE EXCEPTION 'arguments "id" and "is_active" must not be null' USING ERRCODE = '22023';
  END IF;
  IF set_active.is_active AND (reason IS NOT NULL OR until IS NOT NULL) THEN
    RAISE EXCEPTION 'only a stop has a reason and an end' USING ERRCODE = '22023';
  END IF;
  IF until <= clock_timestamp() THEN
    RAISE EXCEPTION 'end of a stop must be in the future' USING ERRCODE = '22023';
  END IF;
  PERFORM gatehouse.checked_reason(reason);

  IF NOT set_active.is_active THEN
    PERFORM gatehouse.wait_for_superusers(ARRAY[set_active.id]);
  END IF;
  account := gatehouse.lock_account(set_active.id);
  IF account.id IS NULL OR account.deleted_at IS NOT NULL THEN
    RETURN false;
  END IF;
  IF set_active.is_active AND account.is_active THEN
    RETURN true;
  END IF;
  IF NOT set_active.is_active THEN
    PERFORM gatehouse.guard_last_superuser(ARRAY[set_active.id]);
  END IF;
  now_at := clock_timestamp();
  UPDATE gatehouse.users u
     SET is_active = set_active.is_active, stop_reason = reason, stopped_until = until, updated_at = now_at
   WHERE u.id = set_active.id
  RETURNING u.* INTO account;
  IF NOT set_active.is_active THEN
    PERFORM gatehouse.end_access(ARRAY[set_active.id], 'account_stopped');
  END IF;
  PERFORM gatehouse.tell_api_keys(account);
  PERFORM gatehouse.write_event(CASE WHEN set_active.is_active THEN 'gatehouse.account.activated' ELSE 'gatehouse.account.stopped' END,
                                set_active.id, NULL, NULL, true,
                                CASE WHEN until IS NOT NULL THEN jsonb_build_object('until', until) END, NULL);
  RETURN true;
END
$$;
COMMENT ON FUNCTION gatehouse.set_active(uuid, boolean, text, timestamptz) IS
  'stops an account, for good or until a moment in the future, or lets it go on: a stopped one logs in no more, its sessions and '
  'outstanding tokens end, and its API keys are refused until the stop ends. True where the account is now as was said, false where '
  'no account that is not deleted has the id; the last live superuser, a reason longer than 1000 characters and an end in the past '
  'are 22023';
ALTER FUNCTION gatehouse.set_active(uuid, boolean, text, timestamptz) OWNER TO gatehouse_owner;
REVOKE ALL ON FUNCTION gatehouse.set_active(uuid, boolean, text, timestamptz) FROM PUBLIC;
GRANT EXECUTE ON FUNCTION gatehouse.set_active(uuid, boolean, text, timestamptz) TO gatehouse_admin;

CREATE FUNCTION gatehouse.set_superuser(id uuid, is_superuser boolean) RETURNS boolean
LANGUAGE plpgsql VOLATILE SECURITY DEFINER
SET search_path = pg_catalog, pg_temp
AS $$
#variable_conflict use_column
DECLARE
  account gatehouse.users;
BEGIN
  IF set_superuser.id IS NULL OR set_superuser.is_superuser IS NULL THEN
    RAISE EXCEPTION 'arguments "id" and "is_superuser" must not be null' USING ERRCODE = '22023';
  END IF;
  IF NOT set_superuser.is_superuser THEN
    PERFORM gatehouse.wait_for_superusers(ARRAY[set_superuser.id]);
  END IF;
  account := gatehouse.lock_account(set_superuser.id);
  IF account.id IS NULL OR account.deleted_at IS NOT NULL THEN
    RETURN false;
  END IF;
  IF NOT set_superuser.is_superuser THEN
    PERFORM gatehouse.guard_last_superuser(ARRAY[set_superuser.id]);
  END IF;
  UPDATE gatehouse.users u
     SET is_superuser = set_superuser.is_superuser, updated_at = clock_timestamp()
   WHERE u.id = set_superuser.id AND u.is_superuser <> set_superuser.is_superuser;
  IF FOUND THEN
    PERFORM gatehouse.write_event(CASE WHEN set_superuser.is_superuser THEN 'gatehouse.account.superuser_given'
                                       ELSE 'gatehouse.account.superuser_taken' END,
                                  set_superuser.id, NULL, NULL, true, NULL, NULL);
  END IF;
  RETURN true;
END
$$;
COMMENT ON FUNCTION gatehouse.set_superuser(uuid, boolean) IS
  'makes an account a superuser, which is the application''s own notion, or one no more. True where the account is now as was said, '
  'false where no account that is not deleted has the id; the last live superuser is 22023';
ALTER FUNCTION gatehouse.set_superuser(uuid, boolean) OWNER TO gatehouse_owner;
REVOKE ALL ON FUNCTION gatehouse.set_superuser(uuid, boolean) FROM PUBLIC;
GRANT EXECUTE ON FUNCTION gatehouse.set_superuser(uuid, boolean) TO gatehouse_admin;

CREATE FUNCTION gatehouse.set_verified(id uuid, is_verified boolean) RETURNS boolean
LANGUAGE plpgsql VOLATILE SECURITY DEFINER
SET search_path = pg_catalog, pg_temp
AS $$
#variable_conflict use_column
DECLARE
  account gatehouse.users;
BEGIN
  IF set_verified.id IS NULL OR set_verified.is_verified IS NULL THEN
    RAISE EXCEPTION 'arguments "id" and "is_verified" must not be null' USING ERRCODE = '22023';
  END IF;
  account := gatehouse.lock_account(set_verified.id);
  IF account.id IS NULL OR account.deleted_at IS NOT NULL THEN
    RETURN false;
  END IF;
  UPDATE gatehouse.users u
     SET is_verified = set_verified.is_verified, updated_at = clock_timestamp()
   WHERE u.id = set_verified.id AND u.is_verified <> set_verified.is_verified;
  IF FOUND THEN
    PERFORM gatehouse.write_event(CASE WHEN set_verified.is_verified THEN 'gatehouse.account.verified'
                                       ELSE 'gatehouse.account.unverified' END,
                                  set_verified.id, NULL, NULL, true, NULL, NULL);
  END IF;
  RETURN true;
END
$$;
COMMENT ON FUNCTION gatehouse.set_verified(uuid, boolean) IS
  'says that the e-mail address of an account is verified, or is not. True where the account is now as was said, false where no '
  'account that is not deleted has the id';
ALTER FUNCTION gatehouse.set_verified(uuid, boolean) OWNER TO gatehouse_owner;
REVOKE ALL ON FUNCTION gatehouse.set_verified(uuid, boolean) FROM PUBLIC;
GRANT EXECUTE ON FUNCTION gatehouse.set_verified(uuid, boolean) TO gatehouse_admin;

CREATE FUNCTION gatehouse.delete_accounts(ids uuid[], deleted_by uuid, reason text) RETURNS bigint
LANGUAGE plpgsql VOLATILE
SET search_path = pg_catalog, pg_temp
AS $$
#variable_conflict use_column
DECLARE
  locked uuid[];
  now_at timestamptz;
BEGIN
  PERFORM gatehouse.checked_reason(reason);
  IF delete_accounts.deleted_by IS NOT NULL
     AND NOT EXISTS (SELECT FROM gatehouse.users u WHERE u.id = delete_accounts.deleted_by) THEN
    RAISE EXCEPTION 'no account has the id "deleted_by"' USING ERRCODE = '22023';
  END IF;
  PERFORM gatehouse.wait_for_superusers(ids);
  locked := gatehouse.lock_accounts(ids);
  PERFORM gatehouse.guard_last_superuser(locked);
  now_at := clock_timestamp();
  UPDATE gatehouse.users u
     SET deleted_at = now_at, deleted_by = delete_accounts.deleted_by, deletion_reason = reason, updated_at = now_at
   WHERE u.id = ANY (locked);
  PERFORM gatehouse.end_access(locked, 'account_deleted');
  UPDATE gatehouse.api_keys k SET owner_is_live = false, owner_stopped_until = NULL WHERE k.user_id = ANY (locked);
  UPDATE gatehouse.oauth_identities o SET owner_is_deleted = true WHERE o.user_id = ANY (locked);
  RETURN cardinality(locked)::bigint;
END
$$;
COMMENT ON FUNCTION gatehouse.delete_accounts(uuid[], uuid, text) IS
  'internal: deletes accounts so that they can be restored; how many there were that were not deleted before';
ALTER FUNCTION gatehouse.delete_accounts(uuid[], uuid, text) OWNER TO gatehouse_owner;
REVOKE ALL ON FUNCTION gatehouse.delete_accounts(uuid[], uuid, text) FROM PUBLIC;

CREATE FUNCTION gatehouse.soft_delete_user(id uuid, deleted_by uuid DEFAULT NULL, reason text DEFAULT NULL) RETURNS boolean
LANGUAGE plpgsql VOLATILE SECURITY DEFINER
SET search_path = pg_catalog, pg_temp
AS $$
BEGIN
  IF soft_delete_user.id IS NULL THEN
    RAISE EXCEPTION 'argument "id" must not be null' USING ERRCODE = '22023';
  END IF;
  PERFORM gatehouse.check_acts_for(soft_delete_user.id);
  IF gatehouse.delete_accounts(ARRAY[soft_delete_user.id], deleted_by, reason) = 0 THEN
    RETURN false;
  END IF;
  PERFORM gatehouse.write_event('gatehouse.account.deleted', soft_delete_user.id, NULL, NULL, true,
                                CASE WHEN deleted_by IS NOT NULL THEN jsonb_build_object('deleted_by', deleted_by) END, NULL);
  RETURN true;
END
$$;
COMMENT ON FUNCTION gatehouse.soft_delete_user(uuid, uuid, text) IS
  'deletes an account so that it can be restored: its sessions and outstanding tokens end, its API keys are refused, and its e-mail '
  'address, username and OAuth identities are free for others. False where no account that is not deleted has the id; a deleted_by '
  'that is no account''s, a reason longer than 1000 characters and the last live superuser are 22023';
ALTER FUNCTION gatehouse.soft_delete_user(uuid, uuid, text) OWNER TO gatehouse_owner;
REVOKE ALL ON FUNCTION gatehouse.soft_delete_user(uuid, uuid, text) FROM PUBLIC;
GRANT EXECUTE ON FUNCTION gatehouse.soft_delete_user(uuid, uuid, text) TO gatehouse_app;

CREATE FUNCTION gatehouse.restore_user(id uuid) RETURNS boolean
LANGUAGE plpgsql VOLATILE SECURITY DEFINER
SET search_path = pg_catalog, pg_temp
AS $$
#variable_conflict use_column
DECLARE
  account gatehouse.users;
  broken_constraint text;
BEGIN
  IF restore_user.id IS NULL THEN
    RAISE EXCEPTION 'argument "id" must not be null' USING ERRCODE = '22023';
  END IF;
  account := gatehouse.lock_account(restore_user.id);
  IF account.deleted_at IS NULL THEN
    RETURN false;
  END IF;
  UPDATE gatehouse.users u
     SET deleted_at = NULL, deleted_by = NULL, deletion_reason = NULL, deletion_scheduled_for = NULL,
         updated_at = clock_timestamp()
   WHERE u.id = restore_user.id
  RETURNING u.* INTO account;
  PERFORM gatehouse.tell_api_keys(account);
  UPDATE gatehouse.oauth_identities o SET owner_is_deleted = false WHERE o.user_id = restore_user.id;
  DELETE FROM gatehouse.deletion_reminders r WHERE r.user_id = restore_user.id;
  PERFORM gatehouse.write_event('gatehouse.account.restored', restore_user.id, NULL, NULL, true, NULL, NULL);
  RETURN true;
EXCEPTION WHEN unique_violation THEN
  GET STACKED DIAGNOSTICS broken_constraint = CONSTRAINT_NAME;
  PERFORM gatehouse.refuse_duplicate(broken_constraint);
  RETURN NULL;
END
$$;
COMMENT ON FUNCTION gatehouse.restore_user(uuid) IS
  'takes a deletion back, a scheduled erasure too: API keys and OAuth identities work again, an earlier stop still holds, sessions and '
  'tokens stay ended. False where no deleted account has the id; an e-mail address, username or OAuth identity that another account '
  'has by now is 23505 with its constraint';
ALTER FUNCTION gatehouse.restore_user(uuid) OWNER TO gatehouse_owner;
REVOKE ALL ON FUNCTION gatehouse.restore_user(uuid) FROM PUBLIC;
GRANT EXECUTE ON FUNCTION gatehouse.restore_user(uuid) TO gatehouse_admin;

CREATE FUNCTION gatehouse.permanently_delete_user(id uuid) RETURNS boolean
LANGUAGE plpgsql VOLATILE SECURITY DEFINER
SET search_path = pg_catalog, pg_temp
AS $$
#variable_conflict use_column
BEGIN
  IF permanently_delete_user.id IS NULL THEN
    RAISE EXCEPTION 'argument "id" must not be null' USING ERRCODE = '22023';
  END IF;
  PERFORM gatehouse.wait_for_superusers(ARRAY[permanently_delete_user.id]);
  -- FOR UPDATE, as the DELETE will need: a stronger lock after a weaker one would deadlock with what refers to the account.
  PERFORM FROM gatehouse.users u WHERE u.id = permanently_delete_user.id FOR UPDATE;
  PERFORM gatehouse.guard_last_superuser(ARRAY[permanently_delete_user.id]);
  RETURN gatehouse.erase_account(permanently_delete_user.id);
END
$$;
COMMENT ON FUNCTION gatehouse.permanently_delete_user(uuid) IS
  'removes an account, deleted or not, with all that hangs on it; the audit keeps that something happened, not to whom. False where no '
  'account has the id; the last live superuser is 22023, an application''s table that stands in the way 23503 with its name';
ALTER FUNCTION gatehouse.permanently_delete_user(uuid) OWNER TO gatehouse_owner;
REVOKE ALL ON FUNCTION gatehouse.permanently_delete_user(uuid) FROM PUBLIC;
GRANT EXECUTE ON FUNCTION gatehouse.permanently_delete_user(uuid) TO gatehouse_admin;
