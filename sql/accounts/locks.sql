-- Locks, and what they are for. Whatever changes the state of an account locks it first, FOR NO KEY UPDATE, then what hangs on
-- it: sessions, one-time tokens, API keys, OAuth identities, in this order. What makes something that hangs on an account first
-- locks the live account, so that nothing outlives its owner by being made beside its deletion.

CREATE FUNCTION gatehouse.lock_live_account(user_id uuid) RETURNS boolean
LANGUAGE plpgsql VOLATILE
SET search_path = pg_catalog, pg_temp
AS $$
BEGIN
  PERFORM FROM gatehouse.users u
    WHERE u.id = lock_live_account.user_id
      AND (u.is_active OR u.stopped_until <= clock_timestamp()) AND u.deleted_at IS NULL
    FOR SHARE;
  RETURN FOUND;
END
$$;
COMMENT ON FUNCTION gatehouse.lock_live_account(uuid) IS
  'internal: locks the account FOR SHARE until the transaction ends; false where no live account has this id';
ALTER FUNCTION gatehouse.lock_live_account(uuid) OWNER TO gatehouse_owner;
REVOKE ALL ON FUNCTION gatehouse.lock_live_account(uuid) FROM PUBLIC;

-- An UPDATE rather than FOR NO KEY UPDATE: the lock is the same, but it makes a concurrent REPEATABLE READ transaction,
-- which could not see what the other one made, fail with 40001 instead of counting wrong.
CREATE FUNCTION gatehouse.lock_live_account_to_count(user_id uuid) RETURNS boolean
LANGUAGE plpgsql VOLATILE
SET search_path = pg_catalog, pg_temp
AS $$
BEGIN
  UPDATE gatehouse.users u
     SET is_active = u.is_active
   WHERE u.id = lock_live_account_to_count.user_id
     AND (u.is_active OR u.stopped_until <= clock_timestamp()) AND u.deleted_at IS NULL;
  RETURN FOUND;
END
$$;
COMMENT ON FUNCTION gatehouse.lock_live_account_to_count(uuid) IS
  'internal: locks the account FOR NO KEY UPDATE before what hangs on it is counted or used up; false where no live account has this id';
ALTER FUNCTION gatehouse.lock_live_account_to_count(uuid) OWNER TO gatehouse_owner;
REVOKE ALL ON FUNCTION gatehouse.lock_live_account_to_count(uuid) FROM PUBLIC;

CREATE FUNCTION gatehouse.lock_accounts(ids uuid[]) RETURNS uuid[]
LANGUAGE plpgsql VOLATILE
SET search_path = pg_catalog, pg_temp
AS $$
BEGIN
  RETURN ARRAY(SELECT u.id FROM gatehouse.users u
                WHERE u.id = ANY (ids) AND u.deleted_at IS NULL
                ORDER BY u.id
                  FOR NO KEY UPDATE);
END
$$;
COMMENT ON FUNCTION gatehouse.lock_accounts(uuid[]) IS
  'internal: locks those of the accounts that are not deleted, in the order of their ids; which these are';
ALTER FUNCTION gatehouse.lock_accounts(uuid[]) OWNER TO gatehouse_owner;
REVOKE ALL ON FUNCTION gatehouse.lock_accounts(uuid[]) FROM PUBLIC;

-- The accounts themselves are locked by the caller.
CREATE FUNCTION gatehouse.end_access(user_ids uuid[], reason text, except_session uuid DEFAULT NULL) RETURNS void
LANGUAGE plpgsql VOLATILE
SET search_path = pg_catalog, pg_temp
AS $$
BEGIN
  UPDATE gatehouse.sessions s
     SET revoked_at = clock_timestamp(), revocation = reason
   WHERE s.user_id = ANY (user_ids) AND s.revoked_at IS NULL
     AND s.session_id IS DISTINCT FROM end_access.except_session;
  DELETE FROM gatehouse.one_time_tokens t WHERE t.user_id = ANY (user_ids);
END
$$;
COMMENT ON FUNCTION gatehouse.end_access(uuid[], text, uuid) IS
  'internal: ends the sessions of accounts, one excepted, and their outstanding one-time tokens';
ALTER FUNCTION gatehouse.end_access(uuid[], text, uuid) OWNER TO gatehouse_owner;
REVOKE ALL ON FUNCTION gatehouse.end_access(uuid[], text, uuid) FROM PUBLIC;

-- Superusers that leave beside one another must not count on each other. Whoever may make one leave first waits for the others
-- here, before any row is locked, or they would run into a deadlock; then locks the accounts; then asks guard_last_superuser.
CREATE FUNCTION gatehouse.wait_for_superusers(leaving uuid[]) RETURNS void
LANGUAGE plpgsql VOLATILE
SET search_path = pg_catalog, pg_temp
AS $$
BEGIN
  PERFORM FROM gatehouse.users u WHERE u.id = ANY (leaving) AND u.is_superuser AND u.deleted_at IS NULL;
  IF FOUND THEN
    PERFORM pg_advisory_xact_lock(hashtextextended('gatehouse superusers', 0));
  END IF;
END
$$;
COMMENT ON FUNCTION gatehouse.wait_for_superusers(uuid[]) IS
  'internal: where a superuser is among these accounts, lets one transaction at a time go on to demote, stop or delete one';
ALTER FUNCTION gatehouse.wait_for_superusers(uuid[]) OWNER TO gatehouse_owner;
REVOKE ALL ON FUNCTION gatehouse.wait_for_superusers(uuid[]) FROM PUBLIC;

-- The superuser that stays is locked, so that it stays; in REPEATABLE READ one that left meanwhile is 40001.
CREATE FUNCTION gatehouse.guard_last_superuser(leaving uuid[]) RETURNS void
LANGUAGE plpgsql VOLATILE
SET search_path = pg_catalog, pg_temp
AS $$
BEGIN
  PERFORM FROM gatehouse.users u
    WHERE u.id = ANY (leaving) AND u.is_superuser AND u.deleted_at IS NULL
      AND (u.is_active OR u.stopped_until <= clock_timestamp());
  IF NOT FOUND THEN
    RETURN;
  END IF;
  PERFORM FROM gatehouse.users u
    WHERE u.is_superuser AND u.deleted_at IS NULL AND (u.is_active OR u.stopped_until <= clock_timestamp())
      AND u.id <> ALL (leaving)
    ORDER BY u.id
    LIMIT 1
    FOR SHARE;
  IF NOT FOUND THEN
    RAISE EXCEPTION 'the last live superuser cannot be demoted, stopped or deleted'
      USING ERRCODE = '22023', HINT = 'Make another account a superuser first.';
  END IF;
END
$$;
COMMENT ON FUNCTION gatehouse.guard_last_superuser(uuid[]) IS
  'internal: 22023 where no live superuser would be left without these accounts, which the caller has locked';
ALTER FUNCTION gatehouse.guard_last_superuser(uuid[]) OWNER TO gatehouse_owner;
REVOKE ALL ON FUNCTION gatehouse.guard_last_superuser(uuid[]) FROM PUBLIC;
