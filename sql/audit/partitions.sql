-- The partitions of audited tables. Each has an id of its own, by which the log knows it whatever its name; PostgreSQL gives it the
-- row trigger of its root, but not the TRUNCATE trigger, and tells nobody that rows come or go with a partition.

CREATE FUNCTION gatehouse.partition_tree(relation regclass) RETURNS SETOF regclass
  LANGUAGE c VOLATILE STRICT ROWS 10
  AS 'MODULE_PATHNAME', 'gatehouse_audit_partition_tree';
COMMENT ON FUNCTION gatehouse.partition_tree(regclass) IS
  'internal: a table and its partitions of all levels that are there now, as pg_partition_tree gives them, but it waits for nobody who has locked one of them';
REVOKE ALL ON FUNCTION gatehouse.partition_tree(regclass) FROM PUBLIC;
GRANT EXECUTE ON FUNCTION gatehouse.partition_tree(regclass) TO gatehouse_owner;

CREATE FUNCTION gatehouse.partition_id(partition oid) RETURNS integer
  LANGUAGE sql STABLE SET search_path = pg_catalog, pg_temp
AS $$
  SELECT gatehouse.partition_id_in(t.tgargs) FROM pg_trigger t
   WHERE t.tgrelid = partition AND t.tgfoid = 'gatehouse.log_truncate()'::regprocedure
   ORDER BY t.oid LIMIT 1
$$;
ALTER FUNCTION gatehouse.partition_id(oid) OWNER TO gatehouse_owner;
COMMENT ON FUNCTION gatehouse.partition_id(oid) IS 'internal: the stable id of a partition; NULL where it has none';
REVOKE ALL ON FUNCTION gatehouse.partition_id(oid) FROM PUBLIC;

-- One that has lost its trigger is known by its name.
CREATE FUNCTION gatehouse.known_partition_ids(table_id integer, root regclass) RETURNS jsonb
  LANGUAGE sql VOLATILE SET search_path = pg_catalog, pg_temp
AS $$
  SELECT jsonb_object_agg(c.oid::text, coalesce(gatehouse.partition_id(c.oid), p.partition_id))
    FROM gatehouse.partition_tree(root) t (relation)
    JOIN pg_class c ON c.oid = t.relation
    JOIN pg_namespace n ON n.oid = c.relnamespace
    LEFT JOIN gatehouse.audit_partitions p
           ON p.table_id = known_partition_ids.table_id AND NOT p.has_left AND p.partition_schema = n.nspname AND p.partition_name = c.relname
$$;
ALTER FUNCTION gatehouse.known_partition_ids(integer, regclass) OWNER TO gatehouse_owner;
COMMENT ON FUNCTION gatehouse.known_partition_ids(integer, regclass) IS 'internal: the stable ids of a table''s partitions, by their OID';
REVOKE ALL ON FUNCTION gatehouse.known_partition_ids(integer, regclass) FROM PUBLIC;

-- A transaction whose snapshot is older works on the partitions that are there now, and knows of others: it is to find out (40001).
CREATE FUNCTION gatehouse.note_other_partitions(id integer) RETURNS void
  LANGUAGE sql VOLATILE
BEGIN ATOMIC
  UPDATE gatehouse.audit_registry r SET known_gaps = r.known_gaps WHERE r.table_id = id;
END;
ALTER FUNCTION gatehouse.note_other_partitions(integer) OWNER TO gatehouse_owner;
COMMENT ON FUNCTION gatehouse.note_other_partitions(integer) IS 'internal: the registry''s row is a newer one, though nothing in it is';
REVOKE ALL ON FUNCTION gatehouse.note_other_partitions(integer) FROM PUBLIC;

CREATE FUNCTION gatehouse.cover_partition(id integer, partition regclass, known_id integer, since bigint DEFAULT 0) RETURNS void
  LANGUAGE plpgsql VOLATILE SET search_path = pg_catalog, pg_temp SET quote_all_identifiers = off
AS $$
DECLARE
  partition_id integer := known_id;
BEGIN
  IF partition_id IS NULL THEN
    INSERT INTO gatehouse.audit_partitions AS p (table_id, partition_schema, partition_name, since)
    SELECT id, n.nspname, c.relname, cover_partition.since
      FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
     WHERE c.oid = partition
    RETURNING p.partition_id INTO partition_id;
    PERFORM gatehouse.note_other_partitions(id);
  END IF;
  PERFORM gatehouse.remove_audit_trigger(t.oid)
     FROM pg_trigger t
    WHERE t.tgrelid = partition AND t.tgfoid = 'gatehouse.log_truncate()'::regprocedure;
  PERFORM gatehouse.make_audit_trigger(partition, true, gatehouse.audit_words(id, r.excluded, r.redacted, partition_id))
     FROM gatehouse.audit_registry r
    WHERE r.table_id = id;
END
$$;
ALTER FUNCTION gatehouse.cover_partition(integer, regclass, integer, bigint) OWNER TO gatehouse_owner;
COMMENT ON FUNCTION gatehouse.cover_partition(integer, regclass, integer, bigint) IS
  'internal: gives a partition of an audited table its stable id, where it has none, and the TRUNCATE trigger. since: as audit_partitions has it';
REVOKE ALL ON FUNCTION gatehouse.cover_partition(integer, regclass, integer, bigint) FROM PUBLIC;

-- What it has in it is not written to the log, as little as what was in a table when its audit began.
CREATE FUNCTION gatehouse.admit_partition(id integer, partition regclass) RETURNS void
  LANGUAGE plpgsql VOLATILE SET search_path = pg_catalog, pg_temp SET quote_all_identifiers = off
AS $$
BEGIN
  IF pg_relation_size(partition) = 0 THEN
    PERFORM gatehouse.cover_partition(id, partition, NULL);
  ELSE
    PERFORM gatehouse.cover_partition(id, partition, NULL, nextval('gatehouse.row_change_log_id_seq'));
    PERFORM gatehouse.write_table_event('audit.partition_attached', id, true,
              (SELECT jsonb_build_object('partition', format('%I.%I', n.nspname, c.relname))
                 FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
                WHERE c.oid = partition));
  END IF;
END
$$;
ALTER FUNCTION gatehouse.admit_partition(integer, regclass) OWNER TO gatehouse_owner;
COMMENT ON FUNCTION gatehouse.admit_partition(integer, regclass) IS
  'internal: covers a new partition of an audited table; writes an event where it brings rows along';
REVOKE ALL ON FUNCTION gatehouse.admit_partition(integer, regclass) FROM PUBLIC;

CREATE FUNCTION gatehouse.end_partition(id integer, partition_id integer, name text, has_rows boolean) RETURNS void
  LANGUAGE plpgsql VOLATILE SET search_path = pg_catalog, pg_temp SET quote_all_identifiers = off
AS $$
BEGIN
  UPDATE gatehouse.audit_partitions p SET has_left = true WHERE p.partition_id = end_partition.partition_id;
  PERFORM gatehouse.note_other_partitions(id);
  IF has_rows THEN
    PERFORM gatehouse.log_partition_end(id, partition_id, name);
  END IF;
END
$$;
ALTER FUNCTION gatehouse.end_partition(integer, integer, text, boolean) OWNER TO gatehouse_owner;
COMMENT ON FUNCTION gatehouse.end_partition(integer, integer, text, boolean) IS
  'internal: a partition has left an audited table. has_rows: log that its rows have, as a TRUNCATE of it does';
REVOKE ALL ON FUNCTION gatehouse.end_partition(integer, integer, text, boolean) FROM PUBLIC;

-- PostgreSQL takes the row trigger off a partition that is detached. The TRUNCATE trigger would go on writing in the root's name.
-- What DETACH CONCURRENTLY has detached was so before the end of the command already, and is known by that trigger alone.
CREATE FUNCTION gatehouse.release_partitions(id integer, root regclass, partitions_before oid[]) RETURNS void
  LANGUAGE plpgsql VOLATILE SET search_path = pg_catalog, pg_temp SET quote_all_identifiers = off
AS $$
DECLARE
  released record;
BEGIN
  FOR released IN
    -- What waits in DETACH CONCURRENTLY is one of its partitions until that is done.
    WITH RECURSIVE pending (relation) AS (
      SELECT i.inhrelid FROM pg_inherits i WHERE i.inhdetachpending
      UNION
      SELECT i.inhrelid FROM pending JOIN pg_inherits i ON i.inhparent = pending.relation)
    SELECT c.oid AS relation, format('%I.%I', n.nspname, c.relname) AS name, c.relispartition, c.relkind,
           coalesce(gatehouse.partition_id(c.oid),
                    (SELECT p.partition_id FROM gatehouse.audit_partitions p
                      WHERE p.table_id = release_partitions.id AND NOT p.has_left AND p.partition_schema = n.nspname AND p.partition_name = c.relname)) AS partition_id
      FROM (SELECT unnest(partitions_before)
            UNION
            SELECT t.tgrelid
              FROM pg_trigger t
             WHERE t.tgfoid = 'gatehouse.log_truncate()'::regprocedure
               AND split_part(encode(t.tgargs, 'escape'), E'\\000', 1) = release_partitions.id::text) AS b (relation)
      JOIN pg_class c ON c.oid = b.relation
      JOIN pg_namespace n ON n.oid = c.relnamespace
     WHERE c.oid <> root AND c.oid NOT IN (SELECT p.relation FROM gatehouse.partition_tree(root) p (relation)) AND c.oid NOT IN (SELECT pending.relation FROM pending)
     ORDER BY c.oid
  LOOP
    CONTINUE WHEN released.partition_id IS NULL;  -- others have detached it, for whom the command has waited
    PERFORM gatehouse.remove_audit_trigger(t.oid)
       FROM pg_trigger t
      WHERE t.tgrelid = released.relation AND t.tgfoid = 'gatehouse.log_truncate()'::regprocedure;
    UPDATE gatehouse.audit_registry r
       SET known_gaps = ARRAY(SELECT k.gap FROM unnest(r.known_gaps) k (gap) WHERE NOT starts_with(k.gap, released.name || ': '))
     WHERE r.table_id = release_partitions.id AND r.known_gaps <> '{}';
    PERFORM gatehouse.end_partition(id, released.partition_id, released.name, released.relkind = 'r');
    IF NOT released.relispartition THEN
      PERFORM gatehouse.write_table_event('audit.partition_detached', id, true, jsonb_build_object('partition', released.name));
    END IF;
  END LOOP;
END
$$;
ALTER FUNCTION gatehouse.release_partitions(integer, regclass, oid[]) OWNER TO gatehouse_owner;
COMMENT ON FUNCTION gatehouse.release_partitions(integer, regclass, oid[]) IS
  'internal: takes the TRUNCATE trigger off what no longer is a partition of an audited table, and writes an event';
REVOKE ALL ON FUNCTION gatehouse.release_partitions(integer, regclass, oid[]) FROM PUBLIC;
