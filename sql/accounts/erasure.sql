-- Erasure on request (GDPR, article 17) and the copy of what is held (article 15).

CREATE FUNCTION gatehouse.erasure_may_be_deferred() RETURNS boolean
LANGUAGE sql STABLE
SET search_path = pg_catalog, pg_temp
AS $$
  WITH RECURSIVE reached (relation) AS (
    SELECT 'gatehouse.users'::regclass::oid
    UNION
    SELECT c.conrelid FROM reached r JOIN pg_constraint c ON c.confrelid = r.relation WHERE c.contype = 'f' AND c.confdeltype = 'c'
  )
  SELECT EXISTS (SELECT FROM reached r JOIN pg_constraint c ON c.confrelid = r.relation
                  WHERE c.contype = 'f' AND c.condeferrable AND c.confdeltype = 'a')
$$;
COMMENT ON FUNCTION gatehouse.erasure_may_be_deferred() IS
  'internal: whether a deferrable foreign key could refuse the deletion of an account as late as at COMMIT';
ALTER FUNCTION gatehouse.erasure_may_be_deferred() OWNER TO gatehouse_owner;
REVOKE ALL ON FUNCTION gatehouse.erasure_may_be_deferred() FROM PUBLIC;

CREATE FUNCTION gatehouse.role_of_erasure_triggers() RETURNS oid
LANGUAGE plpgsql STABLE
SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
  owners CONSTANT oid[] := ARRAY(
    WITH RECURSIVE reached (relation, is_deleted_from) AS (
      SELECT 'gatehouse.users'::regclass::oid, true
      UNION
      SELECT c.conrelid, c.confdeltype = 'c'
        FROM reached r JOIN pg_constraint c ON c.confrelid = r.relation
       WHERE r.is_deleted_from AND c.contype = 'f' AND c.confdeltype IN ('c', 'n', 'd')
    )
    SELECT DISTINCT t.relowner FROM reached r JOIN pg_class t ON t.oid = r.relation
     WHERE t.relowner <> 'gatehouse_owner'::regrole);
BEGIN
  IF cardinality(owners) = 1 THEN
    RETURN owners[1];
  END IF;
  RETURN 'gatehouse_app'::regrole::oid;
END
$$;
COMMENT ON FUNCTION gatehouse.role_of_erasure_triggers() IS
  'internal: as whom triggers of the application act that the deletion of an account sets off: the owner of all its tables that the '
  'deletion changes, gatehouse_app where these have several owners';
ALTER FUNCTION gatehouse.role_of_erasure_triggers() OWNER TO gatehouse_owner;
REVOKE ALL ON FUNCTION gatehouse.role_of_erasure_triggers() FROM PUBLIC;

CREATE FUNCTION gatehouse.delete_user_row(user_id uuid, acting_role oid) RETURNS void
AS 'MODULE_PATHNAME', 'gatehouse_accounts_delete_user_row'
LANGUAGE c VOLATILE STRICT;
COMMENT ON FUNCTION gatehouse.delete_user_row(uuid, oid) IS
  'internal: deletes the account''s row, and lets the triggers that this sets off act as the role';
REVOKE ALL ON FUNCTION gatehouse.delete_user_row(uuid, oid) FROM PUBLIC;
GRANT EXECUTE ON FUNCTION gatehouse.delete_user_row(uuid, oid) TO gatehouse_owner;

CREATE FUNCTION gatehouse.make_constraints_immediate(acting_role oid) RETURNS void
AS 'MODULE_PATHNAME', 'gatehouse_accounts_make_constraints_immediate'
LANGUAGE c VOLATILE STRICT;
COMMENT ON FUNCTION gatehouse.make_constraints_immediate(oid) IS
  'internal: SET CONSTRAINTS ALL IMMEDIATE, where triggers that were deferred act as the role';
REVOKE ALL ON FUNCTION gatehouse.make_constraints_immediate(oid) FROM PUBLIC;
GRANT EXECUTE ON FUNCTION gatehouse.make_constraints_immediate(oid) TO gatehouse_owner;

-- A deferred constraint would speak at COMMIT, when nobody can tell which account it is about. So the deletion is tried first with
-- all constraints immediate, and undone: with it goes that they were immediate, which would hold for the rest of the caller's
-- transaction. ALL, for to name a constraint takes rights in its schema. In the block that is undone itself: what a block within it
-- had set would stay.
CREATE FUNCTION gatehouse.delete_account_row(user_id uuid) RETURNS void
LANGUAGE plpgsql VOLATILE
SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
  acting_role CONSTANT oid := gatehouse.role_of_erasure_triggers();
  is_tried boolean := false;
  table_schema text;
  table_name text;
  column_name text;
  broken_constraint text;
BEGIN
  IF gatehouse.erasure_may_be_deferred() THEN
    BEGIN
      PERFORM gatehouse.make_constraints_immediate(acting_role);
      is_tried := true;
      PERFORM gatehouse.delete_user_row(user_id, acting_role);
      RAISE EXCEPTION 'the trial is undone' USING ERRCODE = 'GH001';
    EXCEPTION
      WHEN SQLSTATE 'GH001' THEN
        NULL;
      WHEN integrity_constraint_violation THEN
        IF is_tried THEN
          RAISE;
        END IF;
        -- The caller has broken a constraint, and may mend that until COMMIT.
    END;
  END IF;
  PERFORM gatehouse.delete_user_row(user_id, acting_role);
EXCEPTION WHEN foreign_key_violation OR restrict_violation OR not_null_violation THEN
  GET STACKED DIAGNOSTICS table_schema = SCHEMA_NAME, table_name = TABLE_NAME, column_name = COLUMN_NAME,
                          broken_constraint = CONSTRAINT_NAME;
  IF column_name <> '' THEN
    -- A foreign key that is ON DELETE SET NULL, on a column that must not be null.
    SELECT c.conname::text INTO broken_constraint
      FROM pg_constraint c, pg_attribute a
     WHERE c.conrelid = to_regclass(format('%I.%I', table_schema, table_name)) AND c.contype = 'f' AND c.confdeltype IN ('n', 'd')
       AND a.attrelid = c.conrelid AND a.attnum = ANY (c.conkey) AND a.attname = column_name
     ORDER BY c.conname LIMIT 1;
  END IF;
  IF coalesce(broken_constraint, '') = '' THEN
    RAISE;
  END IF;
  RAISE EXCEPTION 'table "%.%" refers to the account by constraint "%"', table_schema, table_name, broken_constraint
    USING ERRCODE = '23503', SCHEMA = table_schema, TABLE = table_name, CONSTRAINT = broken_constraint,
          HINT = CASE column_name
                   WHEN '' THEN 'Delete or change those rows first, or declare the foreign key ON DELETE CASCADE or SET NULL.'
                   ELSE format('Its column "%s" must not be null: delete those rows first, or declare the foreign key ON DELETE CASCADE.',
                               column_name)
                 END;
END
$$;
COMMENT ON FUNCTION gatehouse.delete_account_row(uuid) IS
  'internal: deletes the account and what hangs on it; 23503 where a foreign key of the application''s forbids it, named';
ALTER FUNCTION gatehouse.delete_account_row(uuid) OWNER TO gatehouse_owner;
REVOKE ALL ON FUNCTION gatehouse.delete_account_row(uuid) FROM PUBLIC;

CREATE FUNCTION gatehouse.erase_account(user_id uuid) RETURNS boolean
LANGUAGE plpgsql VOLATILE
SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
  counts gatehouse.login_throttles[];
BEGIN
  -- From here on nobody adds anything that hangs on the account, nor details of its events.
  PERFORM FROM gatehouse.users u WHERE u.id = erase_account.user_id FOR UPDATE;
  IF NOT FOUND THEN
    RETURN false;
  END IF;
  counts := ARRAY(SELECT a.stored FROM gatehouse.account_counts(erase_account.user_id) a);
  PERFORM gatehouse.delete_account_row(erase_account.user_id);
  -- Its own details, what set_audit_context said, go with the others'.
  PERFORM gatehouse.write_event('gatehouse.account.erased', erase_account.user_id, NULL, NULL, true, NULL, NULL);
  PERFORM gatehouse.erase_event_details(erase_account.user_id);
  -- Last, for no ROLLBACK brings the counts back.
  PERFORM gatehouse.end_failure_counts(counts);
  RETURN true;
END
$$;
COMMENT ON FUNCTION gatehouse.erase_account(uuid) IS
  'internal: deletes an account, all that hangs on it, and the personal details of its events, which stay. False where no account has '
  'the id; 23503 where a table of the application stands in the way, named. Superusers are guarded by the caller';
ALTER FUNCTION gatehouse.erase_account(uuid) OWNER TO gatehouse_owner;
REVOKE ALL ON FUNCTION gatehouse.erase_account(uuid) FROM PUBLIC;

CREATE FUNCTION gatehouse.request_account_deletion(user_id uuid) RETURNS text
LANGUAGE plpgsql VOLATILE SECURITY DEFINER
SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
  token text;
BEGIN
  IF user_id IS NULL THEN
    RAISE EXCEPTION 'argument "user_id" must not be null' USING ERRCODE = '22023';
  END IF;
  PERFORM gatehouse.check_acts_for(request_account_deletion.user_id);
  IF NOT gatehouse.lock_live_account_to_count(user_id) THEN
    RAISE EXCEPTION 'no live account has this id' USING ERRCODE = '22023';
  END IF;
  token := gatehouse.issue_one_time_token(
             user_id, gatehouse.throttle_subject('account', user_id::text), 'account_deletion',
             (SELECT u.email_normal FROM gatehouse.users u WHERE u.id = request_account_deletion.user_id),
             gatehouse.lifetime('deletion_token_lifetime'));
  IF token IS NOT NULL THEN
    PERFORM gatehouse.write_event('gatehouse.account.deletion_requested', user_id, NULL, NULL, true, NULL, NULL);
  END IF;
  RETURN token;
END
$$;
COMMENT ON FUNCTION gatehouse.request_account_deletion(uuid) IS
  'a token for confirm_account_deletion, to be sent to the account''s e-mail address; good for gatehouse.deletion_token_lifetime and '
  'shown by this call only. Null where three were asked for within half that time: those work. 22023 where no live account has the id';
ALTER FUNCTION gatehouse.request_account_deletion(uuid) OWNER TO gatehouse_owner;
REVOKE ALL ON FUNCTION gatehouse.request_account_deletion(uuid) FROM PUBLIC;
GRANT EXECUTE ON FUNCTION gatehouse.request_account_deletion(uuid) TO gatehouse_app;

CREATE FUNCTION gatehouse.confirm_account_deletion(token text) RETURNS timestamptz
LANGUAGE plpgsql VOLATILE SECURITY DEFINER
SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
  used gatehouse.one_time_tokens := gatehouse.find_one_time_token(token, 'account_deletion');
  scheduled_for timestamptz;
BEGIN
  PERFORM gatehouse.wait_for_superusers(ARRAY[used.user_id]);
  used := gatehouse.use_one_time_token(token, 'account_deletion');
  IF used.user_id IS NULL THEN
    RETURN NULL;
  END IF;
  PERFORM gatehouse.guard_last_superuser(ARRAY[used.user_id]);
  UPDATE gatehouse.users u
     SET deletion_scheduled_for = coalesce(u.deletion_scheduled_for, clock_timestamp() + gatehouse.lifetime('deletion_grace')),
         updated_at = clock_timestamp()
   WHERE u.id = used.user_id
  RETURNING u.deletion_scheduled_for INTO scheduled_for;
  DELETE FROM gatehouse.one_time_tokens t WHERE t.user_id = used.user_id AND t.purpose = 'account_deletion';
  PERFORM gatehouse.write_event('gatehouse.account.deletion_scheduled', used.user_id, NULL, NULL, true,
                                jsonb_build_object('scheduled_for', scheduled_for), NULL);
  RETURN scheduled_for;
END
$$;
COMMENT ON FUNCTION gatehouse.confirm_account_deletion(text) IS
  'uses up a token of request_account_deletion and gives when the account will be erased: after gatehouse.deletion_grace, or when it '
  'was to be already. Until then the account works, and cancel_account_deletion cancels. Null for any other token; 22023 for the last '
  'live superuser, whose token stays';
ALTER FUNCTION gatehouse.confirm_account_deletion(text) OWNER TO gatehouse_owner;
REVOKE ALL ON FUNCTION gatehouse.confirm_account_deletion(text) FROM PUBLIC;
GRANT EXECUTE ON FUNCTION gatehouse.confirm_account_deletion(text) TO gatehouse_app;

CREATE FUNCTION gatehouse.cancel_account_deletion(user_id uuid) RETURNS boolean
LANGUAGE plpgsql VOLATILE SECURITY DEFINER
SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
  was_scheduled boolean;
  was_requested boolean;
BEGIN
  IF user_id IS NULL THEN
    RAISE EXCEPTION 'argument "user_id" must not be null' USING ERRCODE = '22023';
  END IF;
  PERFORM gatehouse.check_acts_for(cancel_account_deletion.user_id);
  SELECT u.deletion_scheduled_for IS NOT NULL INTO was_scheduled FROM gatehouse.users u
   WHERE u.id = cancel_account_deletion.user_id
     FOR NO KEY UPDATE;
  IF NOT FOUND THEN
    RETURN false;
  END IF;
  WITH ended AS (
    DELETE FROM gatehouse.one_time_tokens t
     WHERE t.user_id = cancel_account_deletion.user_id AND t.purpose = 'account_deletion'
    RETURNING t.expires_at
  )
  SELECT coalesce(bool_or(e.expires_at > clock_timestamp()), false) INTO was_requested FROM ended e;
  IF was_scheduled THEN
    UPDATE gatehouse.users u
       SET deletion_scheduled_for = NULL, updated_at = clock_timestamp()
     WHERE u.id = cancel_account_deletion.user_id;
    DELETE FROM gatehouse.deletion_reminders r WHERE r.user_id = cancel_account_deletion.user_id;
  END IF;
  IF was_scheduled OR was_requested THEN
    PERFORM gatehouse.write_event('gatehouse.account.deletion_cancelled', user_id, NULL, NULL, true, NULL, NULL);
  END IF;
  RETURN was_scheduled OR was_requested;
END
$$;
COMMENT ON FUNCTION gatehouse.cancel_account_deletion(uuid) IS
  'ends the scheduled erasure of an account, and outstanding tokens by which one could be confirmed; possible as long as the account '
  'is there. False where there was neither';
ALTER FUNCTION gatehouse.cancel_account_deletion(uuid) OWNER TO gatehouse_owner;
REVOKE ALL ON FUNCTION gatehouse.cancel_account_deletion(uuid) FROM PUBLIC;
GRANT EXECUTE ON FUNCTION gatehouse.cancel_account_deletion(uuid) TO gatehouse_app;

CREATE FUNCTION gatehouse.account_deletion_status(
  user_id uuid,
  OUT status text,
  OUT requested_at timestamptz,
  OUT token_expires_at timestamptz,
  OUT scheduled_for timestamptz
) RETURNS SETOF record
LANGUAGE plpgsql STABLE SECURITY DEFINER ROWS 1
SET search_path = pg_catalog, pg_temp
AS $$
#variable_conflict use_column
BEGIN
  IF account_deletion_status.user_id IS NULL THEN
    RAISE EXCEPTION 'argument "user_id" must not be null' USING ERRCODE = '22023';
  END IF;
  PERFORM gatehouse.check_acts_for(account_deletion_status.user_id);
  RETURN QUERY
    SELECT CASE WHEN u.deletion_scheduled_for IS NOT NULL THEN 'scheduled'
                WHEN t.created_at IS NOT NULL THEN 'requested'
                ELSE 'none' END,
           t.created_at, t.expires_at, u.deletion_scheduled_for
      FROM gatehouse.users u
      LEFT JOIN (SELECT o.created_at, o.expires_at FROM gatehouse.one_time_tokens o
                  WHERE o.user_id = account_deletion_status.user_id AND o.purpose = 'account_deletion'
                    AND o.expires_at > clock_timestamp()
                  ORDER BY o.created_at DESC LIMIT 1) t ON true
     WHERE u.id = account_deletion_status.user_id;
END
$$;
COMMENT ON FUNCTION gatehouse.account_deletion_status(uuid) IS
  'how far the erasure of an account is: status none, requested (a token can be confirmed: when the latest was asked for, and until '
  'when it can), scheduled (and for when). No row where no account has the id';
ALTER FUNCTION gatehouse.account_deletion_status(uuid) OWNER TO gatehouse_owner;
REVOKE ALL ON FUNCTION gatehouse.account_deletion_status(uuid) FROM PUBLIC;
GRANT EXECUTE ON FUNCTION gatehouse.account_deletion_status(uuid) TO gatehouse_app;

CREATE VIEW gatehouse.deletion_reminders_due WITH (security_barrier) AS
SELECT u.id AS user_id, u.email, u.username, d.days_before, u.deletion_scheduled_for AS scheduled_for
  FROM gatehouse.users u,
       LATERAL (SELECT min(v.days_before) AS days_before FROM (VALUES (3), (1)) AS v (days_before)
                 WHERE u.deletion_scheduled_for - make_interval(hours => 24 * v.days_before) <= clock_timestamp()) d
 WHERE u.deletion_scheduled_for > clock_timestamp() AND u.deleted_at IS NULL AND d.days_before IS NOT NULL
   AND NOT EXISTS (SELECT FROM gatehouse.deletion_reminders r
                    WHERE r.user_id = u.id AND r.scheduled_for = u.deletion_scheduled_for AND r.days_before <= d.days_before);
ALTER VIEW gatehouse.deletion_reminders_due OWNER TO gatehouse_owner;
COMMENT ON VIEW gatehouse.deletion_reminders_due IS
  'who is to be reminded now of the erasure of his account, 3 days and 1 day before: one row an account, gone once '
  'mark_deletion_reminder_sent was called for it';
GRANT SELECT ON gatehouse.deletion_reminders_due TO gatehouse_admin;

CREATE FUNCTION gatehouse.mark_deletion_reminder_sent(user_id uuid, days_before integer) RETURNS boolean
LANGUAGE plpgsql VOLATILE SECURITY DEFINER
SET search_path = pg_catalog, pg_temp
AS $$
#variable_conflict use_column
DECLARE
  due_at timestamptz;
BEGIN
  IF mark_deletion_reminder_sent.user_id IS NULL THEN
    RAISE EXCEPTION 'argument "user_id" must not be null' USING ERRCODE = '22023';
  END IF;
  IF mark_deletion_reminder_sent.days_before IS NULL OR mark_deletion_reminder_sent.days_before NOT IN (1, 3) THEN
    RAISE EXCEPTION 'days_before must be 1 or 3' USING ERRCODE = '22023';
  END IF;
  SELECT u.deletion_scheduled_for INTO due_at FROM gatehouse.users u
   WHERE u.id = mark_deletion_reminder_sent.user_id AND u.deletion_scheduled_for IS NOT NULL
     FOR SHARE;
  IF NOT FOUND THEN
    RETURN false;
  END IF;
  PERFORM FROM gatehouse.deletion_reminders r
    WHERE r.user_id = mark_deletion_reminder_sent.user_id AND r.scheduled_for = due_at
      AND r.days_before < mark_deletion_reminder_sent.days_before;
  IF FOUND THEN
    RETURN false;
  END IF;
  INSERT INTO gatehouse.deletion_reminders (user_id, scheduled_for, days_before, sent_at)
  VALUES (mark_deletion_reminder_sent.user_id, due_at, mark_deletion_reminder_sent.days_before, clock_timestamp())
      ON CONFLICT ON CONSTRAINT deletion_reminders_pkey DO NOTHING;
  IF NOT FOUND THEN
    RETURN false;
  END IF;
  PERFORM gatehouse.write_event('gatehouse.account.deletion_reminded', mark_deletion_reminder_sent.user_id, NULL, NULL, true,
                                jsonb_build_object('days_before', mark_deletion_reminder_sent.days_before), NULL);
  RETURN true;
END
$$;
COMMENT ON FUNCTION gatehouse.mark_deletion_reminder_sent(uuid, integer) IS
  'notes that an account was reminded of its erasure, 3 days or 1 day before: true for one caller, who is to send it; false where this '
  'reminder or a later one was noted already, or no erasure is scheduled';
ALTER FUNCTION gatehouse.mark_deletion_reminder_sent(uuid, integer) OWNER TO gatehouse_owner;
REVOKE ALL ON FUNCTION gatehouse.mark_deletion_reminder_sent(uuid, integer) FROM PUBLIC;
GRANT EXECUTE ON FUNCTION gatehouse.mark_deletion_reminder_sent(uuid, integer) TO gatehouse_admin;

-- What holds one account back (a foreign key, a trigger of the application's, a lock, the rule of the last superuser) doesn't stop
-- the others, nor do those held back use up max_rows.
CREATE FUNCTION gatehouse.purge_due_accounts(max_rows integer, time_limit interval) RETURNS bigint
LANGUAGE plpgsql VOLATILE
SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
  judged_at CONSTANT timestamptz := clock_timestamp();
  due_id uuid;
  erased bigint := bigint '0';
BEGIN
  PERFORM gatehouse.wait_for_superusers(ARRAY(
    SELECT u.id FROM gatehouse.users u WHERE u.deletion_scheduled_for <= judged_at AND u.is_superuser));
  FOR due_id IN
    SELECT u.id FROM gatehouse.users u
     WHERE u.deletion_scheduled_for <= judged_at
     ORDER BY u.deletion_scheduled_for, u.id
       FOR UPDATE SKIP LOCKED
  LOOP
    BEGIN
      PERFORM gatehouse.guard_last_superuser(ARRAY[due_id]);
      PERFORM gatehouse.erase_account(due_id);
      erased := erased + 1;
    EXCEPTION WHEN OTHERS THEN
      -- What is no matter of this account: transaction rollback, resources, the operator, the system, internal errors.
      IF left(SQLSTATE, 2) IN ('40', '53', '57', '58', 'XX') THEN
        RAISE;
      END IF;
      RAISE NOTICE 'account % was not erased: %', due_id, SQLERRM;
    END;
    EXIT WHEN erased >= max_rows OR clock_timestamp() >= judged_at + time_limit;
  END LOOP;
  RETURN erased;
END
$$;
COMMENT ON FUNCTION gatehouse.purge_due_accounts(integer, interval) IS
  'internal: purge_deleted_users, which begins with no further account after this time; null is no limit';
ALTER FUNCTION gatehouse.purge_due_accounts(integer, interval) OWNER TO gatehouse_owner;
REVOKE ALL ON FUNCTION gatehouse.purge_due_accounts(integer, interval) FROM PUBLIC;

CREATE FUNCTION gatehouse.purge_deleted_users(max_rows integer DEFAULT 1000) RETURNS bigint
LANGUAGE plpgsql VOLATILE SECURITY DEFINER
SET search_path = pg_catalog, pg_temp
AS $$
BEGIN
  IF max_rows IS NULL OR max_rows NOT BETWEEN 1 AND 10000 THEN
    RAISE EXCEPTION 'max_rows must be between 1 and 10000' USING ERRCODE = '22023';
  END IF;
  IF current_setting('transaction_read_only')::boolean THEN
    RAISE EXCEPTION 'cannot purge accounts within a read-only transaction' USING ERRCODE = '25006';
  END IF;
  RETURN gatehouse.purge_due_accounts(max_rows, NULL);
END
$$;
COMMENT ON FUNCTION gatehouse.purge_deleted_users(integer) IS
  'erases accounts whose confirmed erasure is due, the earliest first, at most max_rows (1 to 10000), and gives their number; safe '
  'beside itself. An account that a table of the application holds back stays and is told by a NOTICE with table and constraint, as is '
  'the last live superuser';
ALTER FUNCTION gatehouse.purge_deleted_users(integer) OWNER TO gatehouse_owner;
REVOKE ALL ON FUNCTION gatehouse.purge_deleted_users(integer) FROM PUBLIC;
GRANT EXECUTE ON FUNCTION gatehouse.purge_deleted_users(integer) TO gatehouse_admin;

-- Columns are named one by one, so that a secret that is added to a table doesn't come along.
CREATE FUNCTION gatehouse.export_user_data(id uuid) RETURNS jsonb
LANGUAGE plpgsql STABLE SECURITY DEFINER
SET search_path = pg_catalog, pg_temp
AS $$
#variable_conflict use_column
BEGIN
  IF export_user_data.id IS NULL THEN
    RAISE EXCEPTION 'argument "id" must not be null' USING ERRCODE = '22023';
  END IF;
  PERFORM gatehouse.check_acts_for(export_user_data.id);
  RETURN (
    SELECT jsonb_build_object(
      'exported_at', clock_timestamp(),
      'account', to_jsonb(u) - 'profile',
      'profile', u.profile,
      'password', (SELECT jsonb_build_object('changed_at', c.changed_at)
                     FROM gatehouse.password_credentials c WHERE c.user_id = u.id),
      'oauth_identities', ARRAY(SELECT jsonb_build_object('provider', o.provider, 'subject', o.subject, 'email', o.email,
                                                          'linked_at', o.linked_at)
                                  FROM gatehouse.oauth_identities o WHERE o.user_id = u.id ORDER BY o.linked_at, o.provider, o.subject),
      'api_keys', ARRAY(SELECT jsonb_build_object('id', k.id, 'name', k.name, 'hint', k.hint, 'scopes', k.scopes,
                                                  'ip_allow', k.ip_allow, 'created_at', k.created_at, 'expires_at', k.expires_at,
                                                  'deactivated_at', k.deactivated_at, 'rotated_to', k.rotated_to) || to_jsonb(s)
                          FROM gatehouse.api_keys k, LATERAL gatehouse.key_usage(k.id) s WHERE k.user_id = u.id ORDER BY k.created_at, k.id),
      'sessions', ARRAY(SELECT jsonb_build_object('session_id', s.session_id, 'device', s.device, 'ip', s.ip,
                                                  'user_agent', s.user_agent, 'created_at', s.created_at,
                                                  'last_used_at', s.last_used_at, 'rotations', s.rotations,
                                                  'rotated_at', s.rotated_at, 'expires_at', s.expires_at,
                                                  'idle_expires_at', s.idle_expires_at, 'revoked_at', s.revoked_at,
                                                  'revocation', s.revocation)
                          FROM gatehouse.sessions s WHERE s.user_id = u.id ORDER BY s.created_at, s.session_id),
      'known_addresses', ARRAY(SELECT jsonb_build_object('network', a.network, 'last_login_at', a.last_login_at)
                                 FROM gatehouse.known_addresses a WHERE a.user_id = u.id ORDER BY a.last_login_at, a.network),
      'failed_logins', ARRAY(SELECT jsonb_build_object('network', a.network, 'failures', n.failures, 'counted_at', n.counted_at,
                                                       'locked_until', n.locked_until)
                               FROM gatehouse.account_counts(u.id) a, LATERAL gatehouse.current_count(a.stored) n
                              WHERE n.failures > 0 ORDER BY n.counted_at, a.network),
      'one_time_tokens', ARRAY(SELECT jsonb_build_object('purpose', t.purpose, 'email', t.email, 'created_at', t.created_at,
                                                         'expires_at', t.expires_at)
                                 FROM gatehouse.one_time_tokens t WHERE t.user_id = u.id ORDER BY t.created_at, t.locator_digest),
      'deletion_reminders', ARRAY(SELECT jsonb_build_object('days_before', r.days_before, 'scheduled_for', r.scheduled_for,
                                                            'sent_at', r.sent_at)
                                    FROM gatehouse.deletion_reminders r WHERE r.user_id = u.id ORDER BY r.sent_at, r.days_before),
      'events', ARRAY(SELECT jsonb_build_object('id', e.id, 'occurred_at', e.occurred_at, 'event_type', e.event_type,
                                                'actor_id', e.actor_id, 'impersonator_id', e.impersonator_id,
                                                'session_id', e.session_id, 'api_key_id', e.api_key_id, 'success', e.success,
                                                'ip', d.ip, 'user_agent', d.user_agent, 'context', d.context)
                        FROM gatehouse.events e
                        LEFT JOIN gatehouse.event_details d ON d.event_id = e.id AND d.occurred_at = e.occurred_at
                       WHERE e.user_id = u.id ORDER BY e.occurred_at, e.id))
      FROM gatehouse.users u
     WHERE u.id = export_user_data.id AND (u.deleted_at IS NULL OR gatehouse.caller_is_administrator()));
END
$$;
COMMENT ON FUNCTION gatehouse.export_user_data(uuid) IS
  'all that is held on a person, without secrets: account, profile, password (when it was changed), oauth_identities, api_keys, '
  'sessions, known_addresses, failed_logins, one_time_tokens, deletion_reminders, events. Null where no account has the id; of a '
  'deleted account for administrators only';
ALTER FUNCTION gatehouse.export_user_data(uuid) OWNER TO gatehouse_owner;
REVOKE ALL ON FUNCTION gatehouse.export_user_data(uuid) FROM PUBLIC;
GRANT EXECUTE ON FUNCTION gatehouse.export_user_data(uuid) TO gatehouse_app;
