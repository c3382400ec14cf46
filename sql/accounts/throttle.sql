-- Failed logins: who is counted, what is stored of it, and what an administrator sees and undoes. The counts are in shared
-- memory, where no ROLLBACK reaches them; the table is what a restart leaves, and all there is without shared memory.

CREATE TABLE gatehouse.login_throttles (
  subject bytea NOT NULL CONSTRAINT login_throttles_pkey PRIMARY KEY,
  failures integer NOT NULL,
  counted_at timestamptz NOT NULL,
  locked_until timestamptz
);
ALTER TABLE gatehouse.login_throttles OWNER TO gatehouse_owner;
COMMENT ON TABLE gatehouse.login_throttles IS 'failed logins by account and by address, as last stored; forgotten after a day';
COMMENT ON COLUMN gatehouse.login_throttles.subject IS
  'a digest of 16 bytes of the account, of the address, of both where the account was logged in to from there before, or of a '
  'login that no account has';
COMMENT ON COLUMN gatehouse.login_throttles.failures IS 'of an account those in a row; of an address what is left of them';
COMMENT ON COLUMN gatehouse.login_throttles.counted_at IS 'when the last was counted';
COMMENT ON COLUMN gatehouse.login_throttles.locked_until IS 'until when logins are refused without a look at the password';
SELECT pg_extension_config_dump('gatehouse.login_throttles', '');

CREATE TABLE gatehouse.known_addresses (
  user_id uuid NOT NULL CONSTRAINT known_addresses_user_id_fkey REFERENCES gatehouse.users ON DELETE CASCADE,
  network cidr NOT NULL,
  last_login_at timestamptz NOT NULL,
  CONSTRAINT known_addresses_pkey PRIMARY KEY (user_id, network)
);
ALTER TABLE gatehouse.known_addresses OWNER TO gatehouse_owner;
COMMENT ON TABLE gatehouse.known_addresses IS
  'from where an account was logged in to: such an address has its own count of failures, so that nobody elsewhere can lock its owner out';
COMMENT ON COLUMN gatehouse.known_addresses.network IS 'an IPv4 address, or the /64 of an IPv6 address';
COMMENT ON COLUMN gatehouse.known_addresses.last_login_at IS 'the last login from there, to the day';
SELECT pg_extension_config_dump('gatehouse.known_addresses', '');

CREATE TYPE gatehouse.login_attempt AS (
  verdict text,
  retry_after interval,
  refused_by text,
  locks boolean,
  counted boolean,
  reported boolean
);
COMMENT ON TYPE gatehouse.login_attempt IS 'what became of an attempt to log in';
REVOKE ALL ON TYPE gatehouse.login_attempt FROM PUBLIC;
GRANT USAGE ON TYPE gatehouse.login_attempt TO gatehouse_owner;

CREATE FUNCTION gatehouse.throttle_subject(kind text, value text) RETURNS bytea
AS 'MODULE_PATHNAME', 'gatehouse_accounts_throttle_subject'
LANGUAGE c IMMUTABLE STRICT PARALLEL SAFE;
COMMENT ON FUNCTION gatehouse.throttle_subject(text, text) IS
  'internal: whose failures are counted, BLAKE2b (RFC 7693) of 16 bytes over kind, a zero byte and value';
REVOKE ALL ON FUNCTION gatehouse.throttle_subject(text, text) FROM PUBLIC;
GRANT EXECUTE ON FUNCTION gatehouse.throttle_subject(text, text) TO gatehouse_owner;

CREATE FUNCTION gatehouse.login_digest(login text) RETURNS text
AS 'MODULE_PATHNAME', 'gatehouse_accounts_login_digest'
LANGUAGE c STABLE STRICT PARALLEL SAFE;
COMMENT ON FUNCTION gatehouse.login_digest(text) IS
  'internal: a keyed digest of an attempted login, by which the log tells one from another; under the key ring, else under a key that '
  'lives as long as the server, else null';
REVOKE ALL ON FUNCTION gatehouse.login_digest(text) FROM PUBLIC;
GRANT EXECUTE ON FUNCTION gatehouse.login_digest(text) TO gatehouse_owner;

CREATE FUNCTION gatehouse.attempt_login(password text, hash text, account gatehouse.login_throttles,
                                        address gatehouse.login_throttles, user_id uuid, login text, ip inet,
                                        user_agent text) RETURNS gatehouse.login_attempt
AS 'MODULE_PATHNAME', 'gatehouse_accounts_attempt_login'
LANGUAGE c VOLATILE COST 1000000;
COMMENT ON FUNCTION gatehouse.attempt_login(text, text, gatehouse.login_throttles, gatehouse.login_throttles, uuid, text, inet, text) IS
  'internal: counts the attempt, passes the gate and verifies, in the time of a hash at today''s cost; verdict match, mismatch, locked or '
  'busy. A failure, and once a minute a refusal by a lock, is reported before the statement can be cancelled';
REVOKE ALL ON FUNCTION gatehouse.attempt_login(text, text, gatehouse.login_throttles, gatehouse.login_throttles, uuid, text, inet, text)
  FROM PUBLIC;
GRANT EXECUTE ON FUNCTION gatehouse.attempt_login(text, text, gatehouse.login_throttles, gatehouse.login_throttles, uuid, text, inet, text)
  TO gatehouse_owner;

CREATE FUNCTION gatehouse.refuse_busy() RETURNS void
AS 'MODULE_PATHNAME', 'gatehouse_accounts_refuse_busy'
LANGUAGE c VOLATILE;
COMMENT ON FUNCTION gatehouse.refuse_busy() IS
  'internal: 53300, as hash_password raises it where the gate was full for too long, for functions that have no status to say busy by';
REVOKE ALL ON FUNCTION gatehouse.refuse_busy() FROM PUBLIC;
GRANT EXECUTE ON FUNCTION gatehouse.refuse_busy() TO gatehouse_owner;

CREATE FUNCTION gatehouse.rehash(password text, hash text) RETURNS text
AS 'MODULE_PATHNAME', 'gatehouse_accounts_rehash'
LANGUAGE c VOLATILE PARALLEL SAFE COST 1000000;
COMMENT ON FUNCTION gatehouse.rehash(text, text) IS
  'internal: a new hash where this one is outdated; null where it isn''t, or where none can be made now';
REVOKE ALL ON FUNCTION gatehouse.rehash(text, text) FROM PUBLIC;
GRANT EXECUTE ON FUNCTION gatehouse.rehash(text, text) TO gatehouse_owner;

CREATE FUNCTION gatehouse.count_failure(stored gatehouse.login_throttles, of_address boolean) RETURNS gatehouse.login_throttles
AS 'MODULE_PATHNAME', 'gatehouse_accounts_count_failure'
LANGUAGE c VOLATILE STRICT PARALLEL SAFE;
COMMENT ON FUNCTION gatehouse.count_failure(gatehouse.login_throttles, boolean) IS 'internal: the row after a failure';
REVOKE ALL ON FUNCTION gatehouse.count_failure(gatehouse.login_throttles, boolean) FROM PUBLIC;
GRANT EXECUTE ON FUNCTION gatehouse.count_failure(gatehouse.login_throttles, boolean) TO gatehouse_owner;

CREATE FUNCTION gatehouse.current_count(stored gatehouse.login_throttles) RETURNS gatehouse.login_throttles
AS 'MODULE_PATHNAME', 'gatehouse_accounts_current_count'
LANGUAGE c STABLE STRICT;
COMMENT ON FUNCTION gatehouse.current_count(gatehouse.login_throttles) IS
  'internal: the count as shared memory has it, else as it is stored';
REVOKE ALL ON FUNCTION gatehouse.current_count(gatehouse.login_throttles) FROM PUBLIC;
GRANT EXECUTE ON FUNCTION gatehouse.current_count(gatehouse.login_throttles) TO gatehouse_owner;

CREATE FUNCTION gatehouse.reset_count(stored gatehouse.login_throttles) RETURNS boolean
AS 'MODULE_PATHNAME', 'gatehouse_accounts_reset_count'
LANGUAGE c VOLATILE STRICT;
COMMENT ON FUNCTION gatehouse.reset_count(gatehouse.login_throttles) IS
  'internal: ends the row of failures in shared memory, at once; false where there is none';
REVOKE ALL ON FUNCTION gatehouse.reset_count(gatehouse.login_throttles) FROM PUBLIC;
GRANT EXECUTE ON FUNCTION gatehouse.reset_count(gatehouse.login_throttles) TO gatehouse_owner;

CREATE FUNCTION gatehouse.take_failure_counts(at_most integer) RETURNS SETOF gatehouse.login_throttles
AS 'MODULE_PATHNAME', 'gatehouse_accounts_take_failure_counts'
LANGUAGE c VOLATILE STRICT ROWS 100;
COMMENT ON FUNCTION gatehouse.take_failure_counts(integer) IS
  'internal: counts of this database that differ from what is stored; they count as stored when the transaction commits';
REVOKE ALL ON FUNCTION gatehouse.take_failure_counts(integer) FROM PUBLIC;
GRANT EXECUTE ON FUNCTION gatehouse.take_failure_counts(integer) TO gatehouse_owner;

-- IPv4 in IPv6 (RFC 4291, section 2.5.5.2) is IPv4: its /64 would be the whole of it.
CREATE FUNCTION gatehouse.address_network(ip inet) RETURNS cidr
LANGUAGE sql IMMUTABLE PARALLEL SAFE
RETURN CASE WHEN ip <<= inet '::ffff:0.0.0.0/96'
            THEN (inet '0.0.0.0' + (set_masklen(ip, 128) - inet '::ffff:0.0.0.0'))::cidr
            ELSE set_masklen(ip, CASE family(ip) WHEN 4 THEN 32 ELSE 64 END)::cidr END;
COMMENT ON FUNCTION gatehouse.address_network(inet) IS
  'internal: what counts as one address: an IPv4 address, also in IPv6 form, or the /64 of an IPv6 address';
ALTER FUNCTION gatehouse.address_network(inet) OWNER TO gatehouse_owner;
REVOKE ALL ON FUNCTION gatehouse.address_network(inet) FROM PUBLIC;

CREATE FUNCTION gatehouse.stored_count(subject bytea) RETURNS gatehouse.login_throttles
LANGUAGE plpgsql STABLE STRICT PARALLEL SAFE
SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
  stored gatehouse.login_throttles;
BEGIN
  SELECT t.* INTO stored FROM gatehouse.login_throttles t WHERE t.subject = stored_count.subject;
  IF NOT FOUND THEN
    RETURN ROW(stored_count.subject, 0, timestamptz 'epoch', NULL::timestamptz)::gatehouse.login_throttles;
  END IF;
  RETURN stored;
END
$$;
COMMENT ON FUNCTION gatehouse.stored_count(bytea) IS 'internal: what is stored of a count, 0 where nothing is';
ALTER FUNCTION gatehouse.stored_count(bytea) OWNER TO gatehouse_owner;
REVOKE ALL ON FUNCTION gatehouse.stored_count(bytea) FROM PUBLIC;

CREATE FUNCTION gatehouse.count_failure_in_table(subject bytea, of_address boolean) RETURNS boolean
LANGUAGE plpgsql VOLATILE
SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
  counted gatehouse.login_throttles;
BEGIN
  INSERT INTO gatehouse.login_throttles (subject, failures, counted_at)
  VALUES (count_failure_in_table.subject, 0, clock_timestamp())
      ON CONFLICT ON CONSTRAINT login_throttles_pkey DO NOTHING;
  SELECT t.* INTO counted FROM gatehouse.login_throttles t WHERE t.subject = count_failure_in_table.subject FOR UPDATE;
  counted := gatehouse.count_failure(counted, of_address);
  UPDATE gatehouse.login_throttles t
     SET failures = counted.failures, counted_at = counted.counted_at, locked_until = counted.locked_until
   WHERE t.subject = count_failure_in_table.subject;
  RETURN counted.locked_until IS NOT NULL;
END
$$;
COMMENT ON FUNCTION gatehouse.count_failure_in_table(bytea, boolean) IS
  'internal: counts where there is no shared memory, and gives whether that locks; a ROLLBACK undoes it';
ALTER FUNCTION gatehouse.count_failure_in_table(bytea, boolean) OWNER TO gatehouse_owner;
REVOKE ALL ON FUNCTION gatehouse.count_failure_in_table(bytea, boolean) FROM PUBLIC;

-- At most so many at once that nobody waits for long behind it. A count that another call has stored meanwhile, and later, stays.
CREATE FUNCTION gatehouse.store_failure_counts() RETURNS bigint
LANGUAGE plpgsql VOLATILE
SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
  stored bigint;
BEGIN
  WITH taken AS MATERIALIZED (
    SELECT t.* FROM gatehouse.take_failure_counts(1000) t ORDER BY t.subject
  ), ended AS (
    DELETE FROM gatehouse.login_throttles t
     USING taken n WHERE t.subject = n.subject AND n.failures = 0 AND t.counted_at <= n.counted_at
  ), written AS (
    INSERT INTO gatehouse.login_throttles AS t (subject, failures, counted_at, locked_until)
    SELECT n.subject, n.failures, n.counted_at, n.locked_until FROM taken n WHERE n.failures > 0
        ON CONFLICT ON CONSTRAINT login_throttles_pkey DO UPDATE
       SET failures = excluded.failures, counted_at = excluded.counted_at, locked_until = excluded.locked_until
     WHERE t.counted_at <= excluded.counted_at
  )
  SELECT count(*) INTO stored FROM taken;
  RETURN stored;
END
$$;
COMMENT ON FUNCTION gatehouse.store_failure_counts() IS
  'internal: writes to the table what shared memory has counted, at most 1000 counts, and gives their number';
ALTER FUNCTION gatehouse.store_failure_counts() OWNER TO gatehouse_owner;
REVOKE ALL ON FUNCTION gatehouse.store_failure_counts() FROM PUBLIC;

CREATE FUNCTION gatehouse.forget_failure_counts() RETURNS bigint
LANGUAGE plpgsql VOLATILE
SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
  forgotten bigint;
BEGIN
  DELETE FROM gatehouse.login_throttles t
   WHERE t.ctid = ANY (ARRAY(
           SELECT o.ctid FROM gatehouse.login_throttles o
            WHERE o.counted_at < clock_timestamp() - interval '1 day'
              AND coalesce(o.locked_until < clock_timestamp(), true)
            LIMIT 10000 FOR UPDATE SKIP LOCKED));
  GET DIAGNOSTICS forgotten = ROW_COUNT;
  RETURN forgotten;
END
$$;
COMMENT ON FUNCTION gatehouse.forget_failure_counts() IS
  'internal: deletes stored counts of which a day has passed, at most 10000, and gives their number';
ALTER FUNCTION gatehouse.forget_failure_counts() OWNER TO gatehouse_owner;
REVOKE ALL ON FUNCTION gatehouse.forget_failure_counts() FROM PUBLIC;

-- The account's row is locked, so that nobody else adds an address now.
CREATE FUNCTION gatehouse.remember_address(user_id uuid, network cidr) RETURNS void
LANGUAGE plpgsql VOLATILE
SET search_path = pg_catalog, pg_temp
AS $$
#variable_conflict use_column
BEGIN
  INSERT INTO gatehouse.known_addresses AS k (user_id, network, last_login_at)
  VALUES (remember_address.user_id, remember_address.network, clock_timestamp())
      ON CONFLICT ON CONSTRAINT known_addresses_pkey DO UPDATE SET last_login_at = excluded.last_login_at
   WHERE k.last_login_at < excluded.last_login_at - interval '1 day';
  DELETE FROM gatehouse.known_addresses k
   WHERE k.user_id = remember_address.user_id
     AND k.network IN (SELECT o.network FROM gatehouse.known_addresses o WHERE o.user_id = remember_address.user_id
                        ORDER BY o.last_login_at DESC, o.network OFFSET 20);
END
$$;
COMMENT ON FUNCTION gatehouse.remember_address(uuid, cidr) IS
  'internal: notes from where an account was logged in to; the 20 used last are kept';
ALTER FUNCTION gatehouse.remember_address(uuid, cidr) OWNER TO gatehouse_owner;
REVOKE ALL ON FUNCTION gatehouse.remember_address(uuid, cidr) FROM PUBLIC;

-- The counts of an account: that of strangers, network NULL, and one for each known address.
CREATE FUNCTION gatehouse.account_counts(user_id uuid, OUT network cidr, OUT stored gatehouse.login_throttles)
RETURNS SETOF record
LANGUAGE sql STABLE ROWS 5
SET search_path = pg_catalog, pg_temp
AS $$
  SELECT NULL, gatehouse.stored_count(gatehouse.throttle_subject('account', account_counts.user_id::text))
  UNION ALL
  SELECT k.network,
         gatehouse.stored_count(gatehouse.throttle_subject('known address', format('%s %s', k.user_id, k.network)))
    FROM gatehouse.known_addresses k
   WHERE k.user_id = account_counts.user_id
$$;
COMMENT ON FUNCTION gatehouse.account_counts(uuid) IS 'internal: the counts of an account; network is null of the strangers''';
ALTER FUNCTION gatehouse.account_counts(uuid) OWNER TO gatehouse_owner;
REVOKE ALL ON FUNCTION gatehouse.account_counts(uuid) FROM PUBLIC;

CREATE FUNCTION gatehouse.lock_status(
  id uuid,
  OUT is_locked boolean,
  OUT failures integer,
  OUT last_failure_at timestamptz,
  OUT locked_until timestamptz,
  OUT retry_after interval,
  OUT locked_addresses cidr[]
) RETURNS SETOF record
LANGUAGE plpgsql STABLE SECURITY DEFINER ROWS 1
SET search_path = pg_catalog, pg_temp
AS $$
#variable_conflict use_column
DECLARE
  counted record;
  judged_at CONSTANT timestamptz := clock_timestamp();
BEGIN
  IF lock_status.id IS NULL THEN
    RAISE EXCEPTION 'argument "id" must not be null' USING ERRCODE = '22023';
  END IF;
  PERFORM FROM gatehouse.users u WHERE u.id = lock_status.id;
  IF NOT FOUND THEN
    RETURN;
  END IF;
  locked_addresses := '{}';
  FOR counted IN
    SELECT a.network, (gatehouse.current_count(a.stored)).* FROM gatehouse.account_counts(lock_status.id) a
  LOOP
    IF counted.network IS NULL THEN
      failures := counted.failures;
      last_failure_at := CASE WHEN counted.failures > 0 THEN counted.counted_at END;
      is_locked := coalesce(counted.locked_until > judged_at, false);
      locked_until := CASE WHEN is_locked THEN counted.locked_until END;
      retry_after := CASE WHEN is_locked THEN counted.locked_until - judged_at END;
    ELSIF counted.locked_until > judged_at THEN
      locked_addresses := locked_addresses || counted.network;
    END IF;
  END LOOP;
  RETURN NEXT;
END
$$;
COMMENT ON FUNCTION gatehouse.lock_status(uuid) IS
  'the failed logins of an account in a row and its lock: for whoever comes from an address from which nobody logged in to it before; '
  'locked_addresses are those of its known addresses that are locked, each by its own count. No row where no account has the id';
ALTER FUNCTION gatehouse.lock_status(uuid) OWNER TO gatehouse_owner;
REVOKE ALL ON FUNCTION gatehouse.lock_status(uuid) FROM PUBLIC;
GRANT EXECUTE ON FUNCTION gatehouse.lock_status(uuid) TO gatehouse_admin;

-- In one order, so that two that end the same counts don't run into a deadlock.
CREATE FUNCTION gatehouse.end_failure_counts(counts gatehouse.login_throttles[]) RETURNS void
LANGUAGE plpgsql VOLATILE
SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
  counted gatehouse.login_throttles;
BEGIN
  FOR counted IN SELECT c.* FROM unnest(counts) c ORDER BY c.subject LOOP
    PERFORM gatehouse.reset_count(counted);
    DELETE FROM gatehouse.login_throttles t WHERE t.subject = counted.subject;
  END LOOP;
END
$$;
COMMENT ON FUNCTION gatehouse.end_failure_counts(gatehouse.login_throttles[]) IS
  'internal: ends these rows of failures and their locks; with shared memory at once, and a ROLLBACK doesn''t undo it';
ALTER FUNCTION gatehouse.end_failure_counts(gatehouse.login_throttles[]) OWNER TO gatehouse_owner;
REVOKE ALL ON FUNCTION gatehouse.end_failure_counts(gatehouse.login_throttles[]) FROM PUBLIC;

CREATE FUNCTION gatehouse.unlock_user(id uuid) RETURNS boolean
LANGUAGE plpgsql VOLATILE SECURITY DEFINER
SET search_path = pg_catalog, pg_temp
AS $$
#variable_conflict use_column
BEGIN
  IF unlock_user.id IS NULL THEN
    RAISE EXCEPTION 'argument "id" must not be null' USING ERRCODE = '22023';
  END IF;
  PERFORM FROM gatehouse.users u WHERE u.id = unlock_user.id;
  IF NOT FOUND THEN
    RETURN false;
  END IF;
  PERFORM gatehouse.end_failure_counts(ARRAY(SELECT a.stored FROM gatehouse.account_counts(unlock_user.id) a));
  PERFORM gatehouse.record_security_event('security.account_unlocked', unlock_user.id, success => true,
            context => jsonb_build_object('role', gatehouse.calling_role()::regrole::text));
  RETURN true;
END
$$;
COMMENT ON FUNCTION gatehouse.unlock_user(uuid) IS
  'ends the lock of an account and its row of failures, from everywhere; with shared memory at once, and a ROLLBACK doesn''t undo it. '
  'False where no account has the id';
ALTER FUNCTION gatehouse.unlock_user(uuid) OWNER TO gatehouse_owner;
REVOKE ALL ON FUNCTION gatehouse.unlock_user(uuid) FROM PUBLIC;
GRANT EXECUTE ON FUNCTION gatehouse.unlock_user(uuid) TO gatehouse_admin;
