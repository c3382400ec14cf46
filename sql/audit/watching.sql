-- What commands do to audited tables, seen by event triggers: partitions are admitted and released, and what is disabled,
-- altered, dropped or detached becomes an event in the same transaction. enable_audit and disable_audit use no commands.
--
-- They run within everybody's commands of these kinds, with the rights of gatehouse_owner. Their functions are STABLE for one
-- reason: a query of theirs reads what was before the command, by the snapshot that it began with. What they call is VOLATILE
-- and reads what is now.

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
  IF by_command AND EXISTS (SELECT FROM gatehouse.audit_gaps a WHERE a.table_id = id AND a.kind = 'missing' AND a.gap <> ALL (known)) THEN
    RETURN written;
  END IF;
  FOR noted IN
    SELECT coalesce(g.gap, k.gap) AS gap,
           g.gap IS NOT NULL AS is_there,
           CASE WHEN g.gap IS NULL THEN CASE WHEN k.gap LIKE '%: unlogged' THEN 'audit.table_logged' ELSE 'audit.trigger_restored' END
                WHEN NOT by_command THEN 'audit.gap_found'
                WHEN g.kind = 'disabled' THEN 'audit.trigger_disabled'
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
   WHERE old_prefix <> new_prefix AND EXISTS (SELECT FROM unnest(r.known_gaps) k (gap) WHERE starts_with(k.gap, old_prefix));
END;
ALTER FUNCTION gatehouse.rename_known_gaps(text, text) OWNER TO gatehouse_owner;
COMMENT ON FUNCTION gatehouse.rename_known_gaps(text, text) IS
  'internal: what events tell of goes on under the new name of a table, or of a schema';
REVOKE ALL ON FUNCTION gatehouse.rename_known_gaps(text, text) FROM PUBLIC;

CREATE FUNCTION gatehouse.watch_table(relation regclass, name_before text, partitions_before oid[], kinds text[]) RETURNS void
  LANGUAGE plpgsql VOLATILE SET search_path = pg_catalog, pg_temp SET quote_all_identifiers = off
AS $$
DECLARE
  root CONSTANT regclass := coalesce(pg_partition_root(relation), relation);
  id CONSTANT integer := gatehouse.current_table_id(root);
BEGIN
  IF id IS NULL OR NOT EXISTS (SELECT FROM gatehouse.audit_registry r WHERE r.table_id = id AND r.disabled_at IS NULL) THEN
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
   WHERE c.oid = relation AND p.partition_id = gatehouse.partition_id(relation)
     AND (p.partition_schema <> n.nspname OR p.partition_name <> c.relname);
  PERFORM gatehouse.admit_partition(id, p.relid)
     FROM pg_partition_tree(relation) p
     JOIN pg_class c ON c.oid = p.relid
    WHERE p.relid <> root AND c.relkind <> 'f' AND p.relid <> ALL (partitions_before)
    ORDER BY p.relid;
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
  UPDATE gatehouse.audit_registry r SET table_schema = present_name WHERE r.table_schema = name_before AND r.disabled_at IS NULL;
  UPDATE gatehouse.audit_partitions p SET partition_schema = present_name WHERE p.partition_schema = name_before AND NOT p.has_left;
  PERFORM gatehouse.rename_known_gaps(format('%I.', name_before), format('%I.', present_name));
END
$$;
ALTER FUNCTION gatehouse.watch_renamed_schema(text, oid) OWNER TO gatehouse_owner;
COMMENT ON FUNCTION gatehouse.watch_renamed_schema(text, oid) IS 'internal: what is known of audited tables follows the new name of their schema';
REVOKE ALL ON FUNCTION gatehouse.watch_renamed_schema(text, oid) FROM PUBLIC;

CREATE FUNCTION gatehouse.watch_commands() RETURNS event_trigger
  LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path = pg_catalog, pg_temp SET quote_all_identifiers = off
AS $$
DECLARE
  done record;
BEGIN
  IF NOT EXISTS (SELECT FROM gatehouse.audit_registry r WHERE r.disabled_at IS NULL) THEN
    RETURN;
  END IF;
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
                     SELECT i.inhrelid FROM before b JOIN pg_inherits i ON i.inhparent = b.relation)
                   SELECT coalesce(array_agg(b.relation), '{}') FROM before b),
                  '{disabled,unlogged}');
      WHEN 'trigger' THEN
        -- A restore turns a trigger on after it has made it.
        PERFORM gatehouse.watch_trigger(done.objid, CASE WHEN EXISTS (SELECT FROM pg_trigger t WHERE t.oid = done.objid)
                                                         THEN '{altered,disabled}'::text[] ELSE '{altered}' END);
      ELSE
        PERFORM gatehouse.watch_renamed_schema(n.nspname, done.objid) FROM pg_namespace n WHERE n.oid = done.objid;
    END CASE;
  END LOOP;
END
$$;
ALTER FUNCTION gatehouse.watch_commands() OWNER TO gatehouse_owner;
COMMENT ON FUNCTION gatehouse.watch_commands() IS
  'internal: event trigger: new partitions of audited tables are covered, disabled and altered triggers and detached partitions recorded';
REVOKE ALL ON FUNCTION gatehouse.watch_commands() FROM PUBLIC;

CREATE FUNCTION gatehouse.note_drop(id integer, event_type text, of_root boolean, last_schema text, last_name text) RETURNS void
  LANGUAGE plpgsql VOLATILE SET search_path = pg_catalog, pg_temp SET quote_all_identifiers = off
AS $$
BEGIN
  IF of_root THEN
    UPDATE gatehouse.audit_registry r
       SET table_schema = last_schema, table_name = last_name
     WHERE r.table_id = id AND (r.table_schema <> last_schema OR r.table_name <> last_name);
  END IF;
  PERFORM gatehouse.write_table_event(note_drop.event_type, id, true,
            CASE note_drop.event_type
              WHEN 'audit.table_dropped' THEN '{}'
              WHEN 'audit.partition_dropped' THEN jsonb_build_object('partition', format('%I.%I', last_schema, last_name))
              ELSE jsonb_build_object('gap', format('%I.%I: %s trigger missing', last_schema, last_name,
                                                    CASE WHEN of_root THEN 'row' ELSE 'TRUNCATE' END))
            END);
  UPDATE gatehouse.audit_registry r
     SET known_gaps = t.gaps
    FROM gatehouse.audited_tables t
   WHERE r.table_id = id AND t.table_id = id;
END
$$;
ALTER FUNCTION gatehouse.note_drop(integer, text, boolean, text, text) OWNER TO gatehouse_owner;
COMMENT ON FUNCTION gatehouse.note_drop(integer, text, boolean, text, text) IS
  'internal: the event of an audited table, a partition or a trigger that was dropped';
REVOKE ALL ON FUNCTION gatehouse.note_drop(integer, text, boolean, text, text) FROM PUBLIC;

CREATE FUNCTION gatehouse.watch_drops() RETURNS event_trigger
  LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path = pg_catalog, pg_temp SET quote_all_identifiers = off
AS $$
BEGIN
  IF NOT EXISTS (SELECT FROM pg_event_trigger_dropped_objects() d WHERE d.object_type = 'trigger' AND NOT d.is_temporary)
     OR NOT EXISTS (SELECT FROM gatehouse.audit_registry r WHERE r.disabled_at IS NULL) THEN
    RETURN;
  END IF;
  PERFORM gatehouse.end_partition(r.table_id, gatehouse.partition_id(c.oid), format('%I.%I', n.nspname, c.relname))
     FROM pg_event_trigger_dropped_objects() d
     JOIN pg_trigger t ON d.classid = 'pg_trigger'::regclass AND t.oid = d.objid AND t.tgparentid <> 0
                      AND t.tgfoid = 'gatehouse.log_row_change()'::regprocedure
     JOIN pg_class c ON c.oid = t.tgrelid AND c.relkind = 'r'
     JOIN pg_namespace n ON n.oid = c.relnamespace
     JOIN gatehouse.audit_registry r ON r.table_id::text = split_part(encode(t.tgargs, 'escape'), E'\\000', 1) AND r.disabled_at IS NULL
    WHERE EXISTS (SELECT FROM pg_event_trigger_dropped_objects() o WHERE o.classid = 'pg_class'::regclass AND o.objid = t.tgrelid AND o.objsubid = 0);
  -- Of a table that goes with its partitions, or a tree of partitions, the topmost is told.
  PERFORM gatehouse.note_drop(r.table_id, e.event_type, l.of_root, n.nspname, c.relname)
     FROM (SELECT t.tgrelid, split_part(encode(t.tgargs, 'escape'), E'\\000', 1) AS table_id_text,
                  t.tgfoid = 'gatehouse.log_row_change()'::regprocedure AS of_rows,
                  t.tgfoid = 'gatehouse.log_row_change()'::regprocedure AND t.tgparentid = 0 AS of_root,
                  EXISTS (SELECT FROM pg_event_trigger_dropped_objects() o
                           WHERE o.classid = 'pg_class'::regclass AND o.objid = t.tgrelid AND o.objsubid = 0) AS table_is_gone,
                  EXISTS (SELECT FROM pg_event_trigger_dropped_objects() o
                           WHERE o.classid = 'pg_trigger'::regclass AND o.objid = t.tgparentid) AS parent_is_gone
             FROM pg_event_trigger_dropped_objects() d
             JOIN pg_trigger t ON d.classid = 'pg_trigger'::regclass AND t.oid = d.objid
            WHERE t.tgfoid IN ('gatehouse.log_row_change()'::regprocedure, 'gatehouse.log_truncate()'::regprocedure)) l
     JOIN gatehouse.audit_registry r ON r.table_id::text = l.table_id_text AND r.disabled_at IS NULL
     JOIN pg_class c ON c.oid = l.tgrelid
     JOIN pg_namespace n ON n.oid = c.relnamespace
    CROSS JOIN LATERAL (SELECT CASE WHEN l.of_root AND l.table_is_gone THEN 'audit.table_dropped'
                                    WHEN l.of_rows AND l.table_is_gone AND NOT l.parent_is_gone THEN 'audit.partition_dropped'
                                    WHEN NOT l.table_is_gone AND (l.of_root OR NOT l.of_rows) THEN 'audit.trigger_dropped'
                               END) AS e (event_type)
    WHERE e.event_type IS NOT NULL;
END
$$;
ALTER FUNCTION gatehouse.watch_drops() OWNER TO gatehouse_owner;
COMMENT ON FUNCTION gatehouse.watch_drops() IS
  'internal: event trigger: records that an audited table, a partition of one or an audit trigger is dropped';
REVOKE ALL ON FUNCTION gatehouse.watch_drops() FROM PUBLIC;

CREATE EVENT TRIGGER gatehouse_audit_commands ON ddl_command_end
  WHEN TAG IN ('ALTER INDEX', 'ALTER SCHEMA', 'ALTER TABLE', 'CREATE SCHEMA', 'CREATE TABLE', 'CREATE TRIGGER')
  EXECUTE FUNCTION gatehouse.watch_commands();
ALTER EVENT TRIGGER gatehouse_audit_commands ENABLE ALWAYS;
COMMENT ON EVENT TRIGGER gatehouse_audit_commands IS 'covers new partitions of audited tables, and records what is done to their audit';

CREATE EVENT TRIGGER gatehouse_audit_drops ON sql_drop
  EXECUTE FUNCTION gatehouse.watch_drops();
ALTER EVENT TRIGGER gatehouse_audit_drops ENABLE ALWAYS;
COMMENT ON EVENT TRIGGER gatehouse_audit_drops IS 'records that audited tables and their triggers are dropped';
