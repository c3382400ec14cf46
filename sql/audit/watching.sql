-- What commands do to audited tables, seen by event triggers: partitions are admitted and released, and what is disabled,
-- altered, dropped or detached becomes an event in the same transaction. enable_audit and disable_audit use no commands.
--
-- They run within everybody's commands of these kinds, with the rights of gatehouse_owner. follow_commands is STABLE for one reason: a
-- query of its reads what was before the command, by the snapshot that it began with. What it calls is VOLATILE and reads what is now.

CREATE FUNCTION gatehouse.write_table_event(event_type text, id integer, by_command boolean, what jsonb) RETURNS void
  LANGUAGE plpgsql VOLATILE SET search_path = pg_catalog, pg_temp SET quote_all_identifiers = off
AS $$
BEGIN
  PERFORM gatehouse.write_event(write_table_event.event_type, NULL, NULL, NULL, true,
            jsonb_build_object('table_id', r.table_id, 'table_schema', r.table_schema, 'table_name', r.table_name) || what
              || CASE WHEN by_command THEN jsonb_build_object('role', gatehouse.calling_role()::regrole::text) ELSE '{}' END, NULL)
     FROM gatehouse.audit_registry r
    WHERE r.table_id = write_table_event.id;
END
$$;
ALTER FUNCTION gatehouse.write_table_event(text, integer, boolean, jsonb) OWNER TO gatehouse_owner;
COMMENT ON FUNCTION gatehouse.write_table_event(text, integer, boolean, jsonb) IS
  'internal: an event about an audited table, with the role that gave the command';
REVOKE ALL ON FUNCTION gatehouse.write_table_event(text, integer, boolean, jsonb) FROM PUBLIC;

-- A restore makes one trigger after the other. As long as one is missing of which no event tells, commands tell nothing of this
-- table: in the end it has the gaps that are known, or maintenance finds others.
CREATE FUNCTION gatehouse.note_table_gaps(id integer, kinds text[], by_command boolean) RETURNS bigint
  LANGUAGE plpgsql VOLATILE SET search_path = pg_catalog, pg_temp SET quote_all_identifiers = off
AS $$
DECLARE
  known text[];
  noted record;
  written bigint := bigint '0';
BEGIN
  SELECT r.known_gaps INTO known FROM gatehouse.audit_registry r WHERE r.table_id = id FOR NO KEY UPDATE;
  IF by_command AND 'missing' <> ALL (kinds) AND EXISTS (SELECT FROM gatehouse.audit_gaps a WHERE a.table_id = id AND a.kind = 'missing' AND a.gap <> ALL (known)) THEN
    RETURN written;
  END IF;
  FOR noted IN
    SELECT coalesce(g.gap, k.gap) AS gap,
           g.gap IS NOT NULL AS is_there,
           CASE WHEN g.gap IS NULL THEN CASE WHEN k.gap LIKE '%: unlogged' THEN 'audit.table_logged' ELSE 'audit.trigger_restored' END
                WHEN NOT by_command THEN 'audit.gap_found'
                WHEN g.kind = 'disabled' THEN 'audit.trigger_disabled'
                WHEN g.kind = 'missing' THEN 'audit.trigger_dropped'
                WHEN g.kind = 'unlogged' THEN 'audit.table_unlogged'
                ELSE 'audit.trigger_altered' END AS event_type
      FROM (SELECT a.gap, a.kind FROM gatehouse.audit_gaps a WHERE a.table_id = id) g
      FULL JOIN unnest(known) AS k (gap) ON k.gap = g.gap
     WHERE k.gap IS NULL AND g.kind = ANY (kinds) OR g.gap IS NULL
     ORDER BY 1
  LOOP
    -- A partition's gap is gone, but not closed, where the root has no trigger.
    IF noted.is_there OR EXISTS (SELECT FROM gatehouse.audit_triggers t WHERE t.table_id_text = id::text) THEN
      PERFORM gatehouse.write_table_event(noted.event_type, id, by_command, jsonb_build_object('gap', noted.gap));
    END IF;
    known := CASE WHEN noted.is_there THEN array_append(known, noted.gap) ELSE array_remove(known, noted.gap) END;
    written := written + 1;
  END LOOP;
  IF written > 0 THEN
    UPDATE gatehouse.audit_registry r SET known_gaps = known WHERE r.table_id = id;
  END IF;
  RETURN written;
END
$$;
ALTER FUNCTION gatehouse.note_table_gaps(integer, text[], boolean) OWNER TO gatehouse_owner;
COMMENT ON FUNCTION gatehouse.note_table_gaps(integer, text[], boolean) IS
  'internal: an event for each gap of an audited table, of these kinds, that none tells of yet, and for each that is gone';
REVOKE ALL ON FUNCTION gatehouse.note_table_gaps(integer, text[], boolean) FROM PUBLIC;

CREATE FUNCTION gatehouse.note_audit_gaps() RETURNS bigint
  LANGUAGE plpgsql VOLATILE SET search_path = pg_catalog, pg_temp SET quote_all_identifiers = off
AS $$
DECLARE
  id integer;
  written bigint := bigint '0';
BEGIN
  FOR id IN
    SELECT r.table_id
      FROM gatehouse.audit_registry r
      JOIN gatehouse.audited_tables t ON t.table_id = r.table_id
     WHERE NOT (t.gaps @> r.known_gaps AND t.gaps <@ r.known_gaps)
     ORDER BY 1
  LOOP
    -- Whoever holds it is at work on this table, and notes what it does.
    PERFORM FROM gatehouse.audit_registry r WHERE r.table_id = id FOR NO KEY UPDATE SKIP LOCKED;
    IF FOUND THEN
      written := written + gatehouse.note_table_gaps(id, '{missing,altered,disabled,unlogged}', false);
    END IF;
  END LOOP;
  RETURN written;
END
$$;
ALTER FUNCTION gatehouse.note_audit_gaps() OWNER TO gatehouse_owner;
COMMENT ON FUNCTION gatehouse.note_audit_gaps() IS
  'internal: an event for each gap of the audit that came, or went, without an event, as by a superuser past the event triggers; how many';
REVOKE ALL ON FUNCTION gatehouse.note_audit_gaps() FROM PUBLIC;

CREATE FUNCTION gatehouse.rename_known_gaps(old_prefix text, new_prefix text) RETURNS void
  LANGUAGE sql VOLATILE
BEGIN ATOMIC
  UPDATE gatehouse.audit_registry r
     SET known_gaps = ARRAY(SELECT CASE WHEN starts_with(k.gap, old_prefix) THEN new_prefix || substr(k.gap, length(old_prefix) + 1)
                                        ELSE k.gap END
                              FROM unnest(r.known_gaps) k (gap))
   WHERE old_prefix <> new_prefix AND EXISTS (SELECT FROM unnest(r.known_gaps) k (gap) WHERE starts_with(k.gap, old_prefix))
     AND EXISTS (SELECT FROM gatehouse.audit_triggers t WHERE t.table_id_text = r.table_id::text);
END;
ALTER FUNCTION gatehouse.rename_known_gaps(text, text) OWNER TO gatehouse_owner;
COMMENT ON FUNCTION gatehouse.rename_known_gaps(text, text) IS
  'internal: what events tell of audited tables that are there goes on under their new name, or that of their schema';
REVOKE ALL ON FUNCTION gatehouse.rename_known_gaps(text, text) FROM PUBLIC;

CREATE FUNCTION gatehouse.changed_since_snapshot(schema_name text, relation_name text) RETURNS boolean
AS 'MODULE_PATHNAME', 'gatehouse_audit_changed_since_snapshot'
LANGUAGE c VOLATILE STRICT;
COMMENT ON FUNCTION gatehouse.changed_since_snapshot(text, text) IS
  'internal: whether others have recorded something of an audited table, or a partition, of this name that the snapshot of this transaction does not see';
REVOKE ALL ON FUNCTION gatehouse.changed_since_snapshot(text, text) FROM PUBLIC;
GRANT EXECUTE ON FUNCTION gatehouse.changed_since_snapshot(text, text) TO gatehouse_owner;

CREATE FUNCTION gatehouse.check_snapshot(schema_name text, relation_name text) RETURNS void
  LANGUAGE plpgsql VOLATILE SET search_path = pg_catalog, pg_temp
AS $$
BEGIN
  IF gatehouse.changed_since_snapshot(schema_name, relation_name) THEN
    RAISE EXCEPTION 'could not serialize access: the audit of table %.% has changed since this transaction began', schema_name, relation_name
      USING ERRCODE = '40001';
  END IF;
END
$$;
ALTER FUNCTION gatehouse.check_snapshot(text, text) OWNER TO gatehouse_owner;
COMMENT ON FUNCTION gatehouse.check_snapshot(text, text) IS 'internal: raises 40001 where changed_since_snapshot';
REVOKE ALL ON FUNCTION gatehouse.check_snapshot(text, text) FROM PUBLIC;

CREATE FUNCTION gatehouse.audited_root(relation regclass) RETURNS regclass
  LANGUAGE sql STABLE SET search_path = pg_catalog, pg_temp
AS $$
  SELECT coalesce((SELECT a.relid FROM pg_partition_ancestors(audited_root.relation) a WHERE gatehouse.current_table_id(a.relid) IS NOT NULL LIMIT 1),
                  audited_root.relation)
$$;
ALTER FUNCTION gatehouse.audited_root(regclass) OWNER TO gatehouse_owner;
COMMENT ON FUNCTION gatehouse.audited_root(regclass) IS 'internal: the audited table whose partition a relation is, else the relation';
REVOKE ALL ON FUNCTION gatehouse.audited_root(regclass) FROM PUBLIC;

CREATE FUNCTION gatehouse.watch_table(relation regclass, name_before text, partitions_before oid[], kinds text[]) RETURNS void
  LANGUAGE plpgsql VOLATILE SET search_path = pg_catalog, pg_temp SET quote_all_identifiers = off
AS $$
DECLARE
  root CONSTANT regclass := gatehouse.audited_root(relation);
  id CONSTANT integer := gatehouse.current_table_id(root);
BEGIN
  PERFORM gatehouse.check_snapshot(n.nspname, c.relname)
     FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
    WHERE c.oid = relation AND EXISTS (SELECT FROM gatehouse.audited_relations(relation));
  IF id IS NULL THEN
    RETURN;
  END IF;
  PERFORM FROM gatehouse.audit_registry r WHERE r.table_id = id AND r.disabled_at IS NULL FOR NO KEY UPDATE;
  IF NOT FOUND THEN
    RETURN;
  END IF;
  PERFORM gatehouse.rename_known_gaps(name_before || ': ', format('%I.%I: ', n.nspname, c.relname))
     FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
    WHERE c.oid = relation;
  UPDATE gatehouse.audit_registry r
     SET table_schema = n.nspname, table_name = c.relname
    FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
   WHERE c.oid = root AND r.table_id = id AND (r.table_schema <> n.nspname OR r.table_name <> c.relname);
  UPDATE gatehouse.audit_partitions p
     SET partition_schema = n.nspname, partition_name = c.relname
    FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
   WHERE c.oid = relation AND p.table_id = id AND NOT p.has_left AND format('%I.%I', p.partition_schema, p.partition_name) = name_before
     AND (p.partition_schema <> n.nspname OR p.partition_name <> c.relname);
  PERFORM gatehouse.admit_partition(id, p.partition)
     FROM gatehouse.partition_tree(relation) p (partition)
     JOIN pg_class c ON c.oid = p.partition
    WHERE p.partition <> root AND c.relkind <> 'f' AND p.partition <> ALL (partitions_before)
      -- Others have attached it, for whom the command has waited.
      AND NOT EXISTS (SELECT FROM gatehouse.audit_partitions k
                       WHERE k.table_id = id AND NOT k.has_left AND k.partition_id = gatehouse.partition_id(p.partition))
    ORDER BY p.partition;
  PERFORM gatehouse.release_partitions(id, root, partitions_before);
  PERFORM gatehouse.note_table_gaps(id, kinds, true);
END
$$;
ALTER FUNCTION gatehouse.watch_table(regclass, text, oid[], text[]) OWNER TO gatehouse_owner;
COMMENT ON FUNCTION gatehouse.watch_table(regclass, text, oid[], text[]) IS
  'internal: after a command on a table or partition: covers new partitions, releases detached ones, writes events of gaps';
REVOKE ALL ON FUNCTION gatehouse.watch_table(regclass, text, oid[], text[]) FROM PUBLIC;

CREATE FUNCTION gatehouse.watch_trigger(trigger oid, kinds text[]) RETURNS void
  LANGUAGE plpgsql VOLATILE SET search_path = pg_catalog, pg_temp SET quote_all_identifiers = off
AS $$
BEGIN
  PERFORM gatehouse.watch_table(t.tgrelid, NULL, NULL, kinds) FROM pg_trigger t WHERE t.oid = trigger;
END
$$;
ALTER FUNCTION gatehouse.watch_trigger(oid, text[]) OWNER TO gatehouse_owner;
COMMENT ON FUNCTION gatehouse.watch_trigger(oid, text[]) IS 'internal: after a trigger was made or replaced: writes events of gaps';
REVOKE ALL ON FUNCTION gatehouse.watch_trigger(oid, text[]) FROM PUBLIC;

CREATE FUNCTION gatehouse.watch_renamed_schema(name_before text, schema_id oid) RETURNS void
  LANGUAGE plpgsql VOLATILE SET search_path = pg_catalog, pg_temp SET quote_all_identifiers = off
AS $$
DECLARE
  present_name CONSTANT text := (SELECT n.nspname::text FROM pg_namespace n WHERE n.oid = schema_id);
BEGIN
  -- A table that was dropped keeps the name of the schema that it was in.
  UPDATE gatehouse.audit_registry r SET table_schema = present_name
    FROM gatehouse.audit_triggers t JOIN pg_class c ON c.oid = t.relation
   WHERE t.table_id_text = r.table_id::text AND c.relnamespace = schema_id
     AND r.table_schema = name_before AND r.table_schema <> present_name AND r.disabled_at IS NULL;
  UPDATE gatehouse.audit_partitions p SET partition_schema = present_name
    FROM pg_class c
   WHERE c.relnamespace = schema_id AND c.relispartition
     AND coalesce(gatehouse.partition_id(c.oid) = p.partition_id,
                  c.relname = p.partition_name AND gatehouse.current_table_id(gatehouse.audited_root(c.oid)) = p.table_id)
     AND p.partition_schema = name_before AND p.partition_schema <> present_name AND NOT p.has_left;
  PERFORM gatehouse.rename_known_gaps(format('%I.', name_before), format('%I.', present_name));
END
$$;
ALTER FUNCTION gatehouse.watch_renamed_schema(text, oid) OWNER TO gatehouse_owner;
COMMENT ON FUNCTION gatehouse.watch_renamed_schema(text, oid) IS 'internal: what is known of audited tables follows the new name of their schema';
REVOKE ALL ON FUNCTION gatehouse.watch_renamed_schema(text, oid) FROM PUBLIC;

-- What the command has waited for may have put the first table under audit.
CREATE FUNCTION gatehouse.has_audited_tables() RETURNS boolean
  LANGUAGE sql VOLATILE
BEGIN ATOMIC
  SELECT EXISTS (SELECT FROM gatehouse.audit_registry r WHERE r.disabled_at IS NULL);
END;
ALTER FUNCTION gatehouse.has_audited_tables() OWNER TO gatehouse_owner;
COMMENT ON FUNCTION gatehouse.has_audited_tables() IS 'internal: whether any table is audited now';
REVOKE ALL ON FUNCTION gatehouse.has_audited_tables() FROM PUBLIC;

CREATE FUNCTION gatehouse.follow_commands() RETURNS void
  LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path = pg_catalog, pg_temp SET quote_all_identifiers = off
AS $$
DECLARE
  done record;
BEGIN
  IF NOT gatehouse.has_audited_tables() THEN
    RETURN;
  END IF;
  PERFORM gatehouse.check_hidden_columns(a.relation, a.table_id, gatehouse.hidden_names(a.table_id), gatehouse.column_numbers(a.relation))
     FROM gatehouse.altered_tables() a;
  FOR done IN
    SELECT DISTINCT c.object_type, c.objid
      FROM pg_event_trigger_ddl_commands() c
     WHERE c.object_type IN ('table', 'trigger', 'schema') AND coalesce(c.schema_name, '') NOT IN ('gatehouse', 'pg_temp')
     ORDER BY c.objid
  LOOP
    CASE done.object_type
      WHEN 'table' THEN
        PERFORM gatehouse.watch_table(done.objid,
                  (SELECT format('%I.%I', n.nspname, c.relname)
                     FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
                    WHERE c.oid = done.objid),
                  (WITH RECURSIVE before (relation) AS (
                     SELECT c.oid FROM pg_class c WHERE c.oid = done.objid
                     UNION
                     SELECT c.oid FROM before b JOIN pg_inherits i ON i.inhparent = b.relation JOIN pg_class c ON c.oid = i.inhrelid AND c.relispartition)
                   SELECT coalesce(array_agg(b.relation), '{}') FROM before b),
                  '{disabled,unlogged}');
      WHEN 'trigger' THEN
        -- A restore turns a trigger on after it has made it.
        PERFORM gatehouse.watch_trigger(done.objid, CASE WHEN EXISTS (SELECT FROM pg_trigger t WHERE t.oid = done.objid)
                                                         THEN '{altered,disabled}'::text[] ELSE '{altered}' END);
        PERFORM gatehouse.note_lost_triggers(n.nspname, c.relname)
           FROM pg_trigger t JOIN pg_class c ON c.oid = t.tgrelid JOIN pg_namespace n ON n.oid = c.relnamespace
          WHERE t.oid = done.objid AND t.tgfoid IN ('gatehouse.log_row_change()'::regprocedure, 'gatehouse.log_truncate()'::regprocedure);
      ELSE
        PERFORM gatehouse.watch_renamed_schema(n.nspname, done.objid) FROM pg_namespace n WHERE n.oid = done.objid;
    END CASE;
  END LOOP;
END
$$;
ALTER FUNCTION gatehouse.follow_commands() OWNER TO gatehouse_owner;
COMMENT ON FUNCTION gatehouse.follow_commands() IS
  'internal: for watch_commands: new partitions of audited tables are covered, disabled and altered triggers and detached partitions recorded, and hidden columns stay so';
REVOKE ALL ON FUNCTION gatehouse.follow_commands() FROM PUBLIC;

CREATE FUNCTION gatehouse.watch_commands() RETURNS event_trigger
  LANGUAGE c VOLATILE
  AS 'MODULE_PATHNAME', 'gatehouse_audit_follow_commands';
COMMENT ON FUNCTION gatehouse.watch_commands() IS 'internal: event trigger: follow_commands, by the snapshot that the command began with';
REVOKE ALL ON FUNCTION gatehouse.watch_commands() FROM PUBLIC;

-- By names, which the registry keeps: what is gone cannot be looked up, and what was there before the command waited for a lock is not
-- what it has dropped.
CREATE FUNCTION gatehouse.note_dropped_table(dropped_schema text, dropped_name text) RETURNS void
  LANGUAGE plpgsql VOLATILE SET search_path = pg_catalog, pg_temp SET quote_all_identifiers = off
AS $$
DECLARE
  gap CONSTANT text := format('%I.%I: row trigger missing', dropped_schema, dropped_name);
  id integer;
BEGIN
  PERFORM gatehouse.check_snapshot(dropped_schema, dropped_name);
  -- Others that had the name, and have lost their trigger, are told of already; or will be, where that went past the event triggers.
  SELECT max(r.table_id) INTO id
    FROM gatehouse.audit_registry r
   WHERE r.table_schema = dropped_schema AND r.table_name = dropped_name AND r.disabled_at IS NULL AND gap <> ALL (r.known_gaps);
  IF id IS NOT NULL THEN
    UPDATE gatehouse.audit_registry r SET known_gaps = ARRAY[gap] WHERE r.table_id = id;
    PERFORM gatehouse.write_table_event('audit.table_dropped', id, true, '{}');
  END IF;
END
$$;
ALTER FUNCTION gatehouse.note_dropped_table(text, text) OWNER TO gatehouse_owner;
COMMENT ON FUNCTION gatehouse.note_dropped_table(text, text) IS 'internal: the event of an audited table that was dropped';
REVOKE ALL ON FUNCTION gatehouse.note_dropped_table(text, text) FROM PUBLIC;

CREATE FUNCTION gatehouse.note_dropped_partition(dropped_schema text, dropped_name text, is_topmost boolean) RETURNS void
  LANGUAGE plpgsql VOLATILE SET search_path = pg_catalog, pg_temp SET quote_all_identifiers = off
AS $$
DECLARE
  dropped gatehouse.audit_partitions;
  name CONSTANT text := format('%I.%I', dropped_schema, dropped_name);
BEGIN
  SELECT p.* INTO dropped
    FROM gatehouse.audit_partitions p
    JOIN gatehouse.audit_registry r ON r.table_id = p.table_id AND r.disabled_at IS NULL
    JOIN gatehouse.audit_triggers t ON t.table_id_text = r.table_id::text  -- the table is not gone itself
   WHERE p.partition_schema = dropped_schema AND p.partition_name = dropped_name AND NOT p.has_left;
  IF NOT FOUND THEN
    RETURN;
  END IF;
  PERFORM gatehouse.end_partition(dropped.table_id, dropped.partition_id, name, true);
  IF is_topmost THEN
    PERFORM gatehouse.write_table_event('audit.partition_dropped', dropped.table_id, true, jsonb_build_object('partition', name));
  END IF;
END
$$;
ALTER FUNCTION gatehouse.note_dropped_partition(text, text, boolean) OWNER TO gatehouse_owner;
COMMENT ON FUNCTION gatehouse.note_dropped_partition(text, text, boolean) IS
  'internal: what is to be done where a partition of an audited table was dropped; of one that goes with another there is no event';
REVOKE ALL ON FUNCTION gatehouse.note_dropped_partition(text, text, boolean) FROM PUBLIC;

CREATE FUNCTION gatehouse.note_lost_triggers(relation_schema text, relation_name text) RETURNS void
  LANGUAGE plpgsql VOLATILE SET search_path = pg_catalog, pg_temp SET quote_all_identifiers = off
AS $$
BEGIN
  PERFORM gatehouse.check_snapshot(relation_schema, relation_name);
  PERFORM gatehouse.note_table_gaps(l.table_id, '{missing}', true)
     FROM (SELECT r.table_id FROM gatehouse.audit_registry r
            WHERE r.table_schema = relation_schema AND r.table_name = relation_name AND r.disabled_at IS NULL
           UNION
           SELECT p.table_id FROM gatehouse.audit_partitions p JOIN gatehouse.audit_registry r ON r.table_id = p.table_id AND r.disabled_at IS NULL
            WHERE p.partition_schema = relation_schema AND p.partition_name = relation_name AND NOT p.has_left) l;
END
$$;
ALTER FUNCTION gatehouse.note_lost_triggers(text, text) OWNER TO gatehouse_owner;
COMMENT ON FUNCTION gatehouse.note_lost_triggers(text, text) IS
  'internal: events of the audit triggers that a table, or a partition, no longer has';
REVOKE ALL ON FUNCTION gatehouse.note_lost_triggers(text, text) FROM PUBLIC;

CREATE FUNCTION gatehouse.watch_drops() RETURNS event_trigger
  LANGUAGE plpgsql VOLATILE SECURITY DEFINER SET search_path = pg_catalog, pg_temp SET quote_all_identifiers = off
AS $$
DECLARE
  dropped CONSTANT jsonb := (SELECT jsonb_agg(jsonb_build_object('type', d.object_type, 'schema', d.address_names[1], 'name', d.address_names[2],
                                                                 'original', d.original))
                               FROM pg_event_trigger_dropped_objects() d
                              WHERE d.object_type IN ('table', 'trigger') AND NOT d.is_temporary);
BEGIN
  IF dropped IS NULL THEN
    RETURN;
  END IF;
  PERFORM gatehouse.note_dropped_table(d.schema, d.name) FROM jsonb_to_recordset(dropped) d (type text, schema text, name text) WHERE d.type = 'table';
  PERFORM gatehouse.note_dropped_partition(d.schema, d.name, d.original OR tg_tag <> 'DROP TABLE')
     FROM jsonb_to_recordset(dropped) d (type text, schema text, name text, original boolean)
    WHERE d.type = 'table';
  PERFORM gatehouse.note_lost_triggers(d.schema, d.name)
     FROM (SELECT DISTINCT t.schema, t.name FROM jsonb_to_recordset(dropped) t (type text, schema text, name text) WHERE t.type = 'trigger'
           EXCEPT
           SELECT t.schema, t.name FROM jsonb_to_recordset(dropped) t (type text, schema text, name text) WHERE t.type = 'table') d;
END
$$;
ALTER FUNCTION gatehouse.watch_drops() OWNER TO gatehouse_owner;
COMMENT ON FUNCTION gatehouse.watch_drops() IS
  'internal: event trigger: records that an audited table, a partition of one or an audit trigger is dropped';
REVOKE ALL ON FUNCTION gatehouse.watch_drops() FROM PUBLIC;

CREATE EVENT TRIGGER gatehouse_audit_commands ON ddl_command_end
  WHEN TAG IN ('ALTER FOREIGN TABLE', 'ALTER INDEX', 'ALTER MATERIALIZED VIEW', 'ALTER SCHEMA', 'ALTER TABLE', 'ALTER TYPE', 'ALTER VIEW',
               'CREATE SCHEMA', 'CREATE TABLE', 'CREATE TRIGGER')
  EXECUTE FUNCTION gatehouse.watch_commands();
ALTER EVENT TRIGGER gatehouse_audit_commands ENABLE ALWAYS;
COMMENT ON EVENT TRIGGER gatehouse_audit_commands IS 'covers new partitions of audited tables, records what is done to their audit, and keeps hidden columns hidden';

CREATE EVENT TRIGGER gatehouse_audit_drops ON sql_drop
  EXECUTE FUNCTION gatehouse.watch_drops();
ALTER EVENT TRIGGER gatehouse_audit_drops ENABLE ALWAYS;
COMMENT ON EVENT TRIGGER gatehouse_audit_drops IS 'records that audited tables and their triggers are dropped';
