-- What is older than it is to be kept goes by whole partitions. The drop is recorded in the same transaction.

CREATE FUNCTION gatehouse.drop_audit_leaves(kept_since timestamptz) RETURNS bigint
LANGUAGE plpgsql VOLATILE
SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
  part record;
  dropped jsonb := jsonb '[]';
  rows_dropped bigint;
BEGIN
  -- One that is another's would fail the whole.
  -- Of the details the first: whoever erases a person finds them by their event.
  FOR part IN SELECT p.* FROM gatehouse.log_partitions() p JOIN pg_class c ON c.oid = p.leaf
               WHERE p.until <= kept_since AND c.relowner = 'gatehouse_owner'::regrole
               ORDER BY p.log = 'gatehouse.event_details'::regclass DESC, p.log, p.since LOOP
    IF part.log = 'gatehouse.events'::regclass THEN
      CONTINUE WHEN EXISTS (SELECT FROM gatehouse.log_partitions() p
                             WHERE p.log = 'gatehouse.event_details'::regclass AND p.since < part.until AND p.until > part.since)
        OR EXISTS (SELECT FROM gatehouse.event_details d WHERE d.occurred_at >= part.since AND d.occurred_at < part.until);
    END IF;
    EXECUTE format('SELECT count(*) FROM %s', part.leaf) INTO rows_dropped;
    dropped := dropped || jsonb_build_object('partition', part.leaf::text, 'log', part.log::text, 'since', part.since,
                                             'until', part.until, 'rows', rows_dropped);
    EXECUTE format('DROP TABLE %s', part.leaf);
  END LOOP;
  IF jsonb_array_length(dropped) > 0 THEN
    PERFORM gatehouse.write_event('audit.pruned', NULL, NULL, NULL, true,
                                  jsonb_build_object('kept_since', kept_since, 'partitions', dropped), NULL);
  END IF;
  RETURN jsonb_array_length(dropped)::bigint;
END
$$;
COMMENT ON FUNCTION gatehouse.drop_audit_leaves(timestamptz) IS
  'internal: drops the partitions of the logs that end at that time or before, writes an event that names them, and gives their number';
ALTER FUNCTION gatehouse.drop_audit_leaves(timestamptz) OWNER TO gatehouse_owner;
REVOKE ALL ON FUNCTION gatehouse.drop_audit_leaves(timestamptz) FROM PUBLIC;

CREATE FUNCTION gatehouse.prune_audit_log(keep interval DEFAULT NULL) RETURNS bigint
LANGUAGE plpgsql VOLATILE SECURITY DEFINER
SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
  retention CONSTANT interval := coalesce(keep, gatehouse.lifetime('audit_retention'));
  kept_since timestamptz;
BEGIN
  IF keep IS NULL AND retention = interval '0' THEN
    RETURN bigint '0';
  END IF;
  kept_since := clock_timestamp() - retention;
  -- By the clock, not by the interval: a month is of no length of its own.
  IF keep IS NOT NULL AND kept_since > clock_timestamp() - interval '24 hours' THEN
    RAISE EXCEPTION 'keep must be at least 1 day' USING ERRCODE = '22023';
  END IF;
  RETURN gatehouse.drop_audit_leaves(kept_since);
END
$$;
COMMENT ON FUNCTION gatehouse.prune_audit_log(interval) IS
  'drops the partitions of the logs whose rows are all older than keep, at least a day, writes the event audit.pruned that names them, '
  'and gives their number; NULL is gatehouse.audit_retention';
ALTER FUNCTION gatehouse.prune_audit_log(interval) OWNER TO gatehouse_owner;
REVOKE ALL ON FUNCTION gatehouse.prune_audit_log(interval) FROM PUBLIC;
GRANT EXECUTE ON FUNCTION gatehouse.prune_audit_log(interval) TO gatehouse_admin;

-- DROP TABLE keeps everybody from the log until the transaction ends: where it must wait it is given up soon.
CREATE FUNCTION gatehouse.prune_in_maintenance() RETURNS bigint
LANGUAGE plpgsql VOLATILE
SET search_path = pg_catalog, pg_temp
SET lock_timeout = '50ms'
AS $$
BEGIN
  RETURN gatehouse.prune_audit_log();
EXCEPTION WHEN lock_not_available THEN
  RETURN bigint '0';  -- the next round tries again
END
$$;
COMMENT ON FUNCTION gatehouse.prune_in_maintenance() IS 'internal: prune_audit_log() for maintenance, which waits for nobody';
ALTER FUNCTION gatehouse.prune_in_maintenance() OWNER TO gatehouse_owner;
REVOKE ALL ON FUNCTION gatehouse.prune_in_maintenance() FROM PUBLIC;
