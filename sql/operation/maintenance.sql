CREATE FUNCTION gatehouse.record_extension_update(from_version text, to_version text) RETURNS void
LANGUAGE plpgsql VOLATILE
SET search_path = pg_catalog, pg_temp
AS $$
BEGIN
  PERFORM gatehouse.write_event('gatehouse.extension.updated', NULL, NULL, NULL, true,
                                jsonb_build_object('from', from_version, 'to', to_version), NULL);
END
$$;
COMMENT ON FUNCTION gatehouse.record_extension_update(text, text) IS 'internal: writes the event of an update, as the last statement of its script';
ALTER FUNCTION gatehouse.record_extension_update(text, text) OWNER TO gatehouse_owner;
REVOKE ALL ON FUNCTION gatehouse.record_extension_update(text, text) FROM PUBLIC;

CREATE FUNCTION gatehouse.run_maintenance(OUT task text, OUT affected bigint) RETURNS SETOF record
LANGUAGE plpgsql VOLATILE SECURITY DEFINER ROWS 12
SET search_path = pg_catalog, pg_temp
AS $$
BEGIN
  IF current_setting('transaction_read_only')::boolean THEN
    RAISE EXCEPTION 'cannot run maintenance within a read-only transaction' USING ERRCODE = '25006';
  END IF;
  task := 'reused_sessions_ended';
  affected := gatehouse.end_reused_sessions();
  RETURN NEXT;
  task := 'events_written';
  affected := gatehouse.write_security_events();
  RETURN NEXT;
  task := 'failure_counts_stored';
  affected := gatehouse.store_failure_counts();
  RETURN NEXT;
  task := 'failure_counts_forgotten';
  affected := gatehouse.forget_failure_counts();
  RETURN NEXT;
  task := 'key_uses_written';
  affected := gatehouse.write_key_uses();
  RETURN NEXT;
  task := 'sessions_removed';
  -- To the hour: each call that removes sessions writes an event.
  affected := gatehouse.cleanup_expired_tokens(clock_timestamp() - date_trunc('hour', clock_timestamp() - interval '7 days', 'UTC'));
  RETURN NEXT;
  task := 'one_time_tokens_removed';
  affected := gatehouse.remove_expired_tokens();
  RETURN NEXT;
  task := 'accounts_purged';
  -- The worker has 10 seconds for all.
  affected := gatehouse.purge_due_accounts(100, interval '3 seconds');
  RETURN NEXT;
  task := 'audit_gaps_noted';
  -- And columns that are gone since event triggers were switched off.
  PERFORM gatehouse.record_all_shapes();
  affected := gatehouse.note_audit_gaps();
  RETURN NEXT;
  -- What locks partitions comes last: the locks last until the transaction ends.
  task := 'leaves_made';
  affected := gatehouse.make_audit_leaves();
  RETURN NEXT;
  task := 'rows_moved_to_leaves';
  affected := gatehouse.move_default_rows();
  RETURN NEXT;
  task := 'leaves_pruned';
  affected := gatehouse.prune_in_maintenance();
  RETURN NEXT;
END
$$;
COMMENT ON FUNCTION gatehouse.run_maintenance() IS
  'does all periodic work of this database once, as the background worker does it, and gives what it came to: sessions ended whose token was used twice, security events '
  'written to the log, counts of failed logins stored, and forgotten, API keys whose uses were written, sessions removed that ended long ago, expired one-time tokens removed, accounts erased whose date has come, events of gaps in the audit that no command tells of, '
  'partitions of the logs made ahead, rows moved into them that came while there were none, partitions dropped that are older than gatehouse.audit_retention';
ALTER FUNCTION gatehouse.run_maintenance() OWNER TO gatehouse_owner;
REVOKE ALL ON FUNCTION gatehouse.run_maintenance() FROM PUBLIC;
GRANT EXECUTE ON FUNCTION gatehouse.run_maintenance() TO gatehouse_admin;
