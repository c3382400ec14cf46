-- The columns of audited tables as they were, so that the log can be read across ALTER TABLE. A change of them is recorded when
-- its command ends, under the command's lock: before it no row change has a greater number, after it none a smaller one.

CREATE FUNCTION gatehouse.take_rewrite(relation regclass) RETURNS boolean
AS 'MODULE_PATHNAME', 'gatehouse_audit_take_rewrite'
LANGUAGE c VOLATILE STRICT;
COMMENT ON FUNCTION gatehouse.take_rewrite(regclass) IS
  'internal: whether ALTER TABLE has rewritten this table in this transaction since the last call';
REVOKE ALL ON FUNCTION gatehouse.take_rewrite(regclass) FROM PUBLIC;
GRANT EXECUTE ON FUNCTION gatehouse.take_rewrite(regclass) TO gatehouse_owner;

CREATE FUNCTION gatehouse.log_rewritten_rows(relation regclass, columns text[]) RETURNS bigint
AS 'MODULE_PATHNAME', 'gatehouse_audit_log_rewritten_rows'
LANGUAGE c VOLATILE STRICT;
COMMENT ON FUNCTION gatehouse.log_rewritten_rows(regclass, text[]) IS
  'internal: logs an update for each row of an audited table, with what these columns hold now and nothing of before; gives their number';
REVOKE ALL ON FUNCTION gatehouse.log_rewritten_rows(regclass, text[]) FROM PUBLIC;
GRANT EXECUTE ON FUNCTION gatehouse.log_rewritten_rows(regclass, text[]) TO gatehouse_owner;

CREATE FUNCTION gatehouse.missing_values(relation regclass) RETURNS jsonb
AS 'MODULE_PATHNAME', 'gatehouse_audit_missing_values'
LANGUAGE c STABLE STRICT;
COMMENT ON FUNCTION gatehouse.missing_values(regclass) IS
  'internal: what the log is to show of columns that were added to an audited table without its rows being rewritten, in rows that are older';
REVOKE ALL ON FUNCTION gatehouse.missing_values(regclass) FROM PUBLIC;
GRANT EXECUTE ON FUNCTION gatehouse.missing_values(regclass) TO gatehouse_owner;

CREATE FUNCTION gatehouse.present_columns(relation regclass, excluded text[])
  RETURNS TABLE (number integer, name text, type text, type_id oid, expression text, older_rows_show_null boolean, in_key boolean)
LANGUAGE sql STABLE ROWS 20
SET search_path = pg_catalog, pg_temp
AS $$
  SELECT a.attnum::integer, a.attname::text COLLATE "default", format_type(a.atttypid, a.atttypmod), a.atttypid,
         CASE WHEN a.attgenerated <> '' THEN pg_get_expr(d.adbin, d.adrelid) END,
         d.adbin IS NULL AND a.attidentity = '', coalesce(a.attnum = ANY (i.indkey::smallint[]), false)
    FROM pg_attribute a
    LEFT JOIN pg_attrdef d ON d.adrelid = a.attrelid AND d.adnum = a.attnum
    LEFT JOIN pg_index i ON i.indrelid = a.attrelid AND i.indisprimary AND i.indisvalid
   WHERE a.attrelid = relation AND a.attnum > 0 AND NOT a.attisdropped AND a.attgenerated::text <> 'v'
     AND a.attname::text <> ALL (excluded COLLATE "C")
   ORDER BY a.attnum
$$;
COMMENT ON FUNCTION gatehouse.present_columns(regclass, text[]) IS 'internal: the columns of a table that the log shows';
ALTER FUNCTION gatehouse.present_columns(regclass, text[]) OWNER TO gatehouse_owner;
REVOKE ALL ON FUNCTION gatehouse.present_columns(regclass, text[]) FROM PUBLIC;

CREATE FUNCTION gatehouse.shape_columns(columns jsonb)
  RETURNS TABLE (id integer, number integer, name text, type text, type_id oid, expression text, missing jsonb)
LANGUAGE sql IMMUTABLE ROWS 20
SET search_path = pg_catalog, pg_temp
AS $$
  SELECT (c.value ->> 'id')::integer, (c.value ->> 'number')::integer, c.value ->> 'name', c.value ->> 'type',
         (c.value ->> 'type_id')::oid, c.value ->> 'expression', c.value -> 'missing'
    FROM jsonb_array_elements(columns) c
$$;
COMMENT ON FUNCTION gatehouse.shape_columns(jsonb) IS 'internal: audit_shapes.columns as rows';
ALTER FUNCTION gatehouse.shape_columns(jsonb) OWNER TO gatehouse_owner;
REVOKE ALL ON FUNCTION gatehouse.shape_columns(jsonb) FROM PUBLIC;

-- A column is the one that it was if it has its number, whatever its name. A restored table has new numbers, none of them greater,
-- and the same names: nothing has changed then.
CREATE FUNCTION gatehouse.record_shape(relation regclass) RETURNS boolean
LANGUAGE plpgsql VOLATILE
SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
  this_table CONSTANT integer := gatehouse.current_table_id(relation);
  hidden text[];
  redacted text[];
  parts CONSTANT regclass[] := ARRAY(SELECT relation UNION SELECT p.relid FROM pg_partition_tree(relation) p);
  was_rewritten boolean;
  latest gatehouse.audit_shapes;
  is_restored boolean;
  next_id integer := 1;
  missing jsonb;
  found_columns jsonb;
  found_key integer[];
  changed text[];
  restates boolean;
BEGIN
  SELECT r.excluded, r.redacted INTO hidden, redacted FROM gatehouse.audit_registry r WHERE r.table_id = this_table;
  -- Where the arguments of the trigger don't fit the table its rows cannot change, until enable_audit mends it and this comes again.
  IF NOT FOUND
     OR NOT (redacted || hidden) <@ ARRAY(SELECT a.attname::text COLLATE "default" FROM pg_attribute a WHERE a.attrelid = relation AND NOT a.attisdropped)
     OR EXISTS (SELECT FROM gatehouse.present_columns(relation, '{}') p WHERE p.in_key AND p.name = ANY (redacted || hidden)) THEN
    RETURN false;
  END IF;
  SELECT bool_or(gatehouse.take_rewrite(p.part)) INTO was_rewritten FROM unnest(parts) p (part);
  SELECT s.* INTO latest FROM gatehouse.audit_shapes s WHERE s.table_id = this_table ORDER BY s.since DESC LIMIT 1;
  SELECT array_agg((p.name, p.type)::text ORDER BY p.number)
           IS NOT DISTINCT FROM (SELECT array_agg((c.name, c.type)::text ORDER BY c.number) FROM gatehouse.shape_columns(latest.columns) c)
         AND max(p.number) <= (SELECT max(c.number) FROM gatehouse.shape_columns(latest.columns) c)
    INTO is_restored
    FROM gatehouse.present_columns(relation, hidden) p;
  -- A function of the table's owner can run here, with his rights: only where he, or who may, has added a column.
  missing := jsonb '{}';
  IF latest.table_id IS NOT NULL AND NOT is_restored
     AND EXISTS (SELECT FROM gatehouse.present_columns(relation, hidden) p
                  WHERE p.number NOT IN (SELECT c.number FROM gatehouse.shape_columns(latest.columns) c)) THEN
    SELECT coalesce(jsonb_object_agg(m.key, m.value), '{}') INTO missing
      FROM unnest(parts) p (part) CROSS JOIN jsonb_each(gatehouse.missing_values(p.part)) m;
  END IF;
  SELECT coalesce(max(c.id), 0) + 1 INTO next_id
    FROM gatehouse.audit_shapes s CROSS JOIN gatehouse.shape_columns(s.columns) c WHERE s.table_id = this_table;

  WITH found AS (
    SELECT p.*, c.id AS known_id, c.type AS old_type, c.type_id AS old_type_id, c.expression AS old_expression, c.missing AS old_missing,
           next_id + (row_number() OVER (PARTITION BY c.id IS NULL ORDER BY p.number))::integer - 1 AS new_id
      FROM gatehouse.present_columns(relation, hidden) p
      LEFT JOIN gatehouse.shape_columns(latest.columns) c
             ON CASE WHEN is_restored THEN c.name = p.name ELSE c.number = p.number END
  )
  SELECT jsonb_agg(jsonb_strip_nulls(jsonb_build_object('id', coalesce(f.known_id, f.new_id), 'number', f.number, 'name', f.name,
                                                        'type', f.type, 'type_id', f.type_id::bigint, 'expression', f.expression))
                   || CASE WHEN f.known_id IS NOT NULL THEN CASE WHEN f.old_missing IS NULL THEN '{}' ELSE jsonb_build_object('missing', f.old_missing) END
                           WHEN latest.table_id IS NULL THEN '{}'
                           WHEN missing ? f.name THEN jsonb_build_object('missing', missing -> f.name)
                           WHEN f.older_rows_show_null THEN jsonb '{"missing": null}'
                           ELSE '{}' END ORDER BY f.number),
         coalesce(array_agg(coalesce(f.known_id, f.new_id) ORDER BY f.number) FILTER (WHERE f.in_key), '{}'),
         array_agg(f.name) FILTER (WHERE CASE
           WHEN latest.table_id IS NULL OR is_restored THEN false
           WHEN f.known_id IS NULL THEN was_rewritten AND NOT f.older_rows_show_null AND NOT missing ? f.name
           WHEN f.type <> f.old_type THEN was_rewritten OR f.type_id <> f.old_type_id
           ELSE was_rewritten AND f.expression IS DISTINCT FROM f.old_expression END)
    INTO found_columns, found_key, changed
    FROM found f;
  -- Rows whose keys are others now cannot be known by what the log has of them.
  SELECT coalesce(bool_or(p.name = ANY (changed)), false) INTO restates
    FROM gatehouse.present_columns(relation, hidden) p WHERE p.in_key OR found_key = '{}';
  IF restates THEN
    changed := ARRAY(SELECT p.name FROM gatehouse.present_columns(relation, hidden) p);
  END IF;

  IF latest.table_id IS NULL THEN
    INSERT INTO gatehouse.audit_shapes (table_id, since, columns, key)
    VALUES (this_table, 0, coalesce(found_columns, '[]'), found_key);
  ELSIF is_restored AND latest.key = found_key THEN
    UPDATE gatehouse.audit_shapes s SET columns = found_columns
     WHERE s.table_id = this_table AND s.since = latest.since AND s.columns <> found_columns;
    RETURN false;
  ELSIF latest.columns = found_columns AND latest.key = found_key THEN
    RETURN false;
  ELSE
    INSERT INTO gatehouse.audit_shapes (table_id, since, columns, key, restates)
    VALUES (this_table, nextval('gatehouse.row_change_log_id_seq'), coalesce(found_columns, '[]'), found_key, restates);
    IF changed IS NOT NULL THEN
      PERFORM gatehouse.log_rewritten_rows(relation, changed);
    END IF;
  END IF;
  RETURN true;
END
$$;
COMMENT ON FUNCTION gatehouse.record_shape(regclass) IS
  'internal: records the columns of an audited table where they are not those that were recorded last, and logs what ALTER TABLE has written '
  'into its rows; whether it did';
ALTER FUNCTION gatehouse.record_shape(regclass) OWNER TO gatehouse_owner;
REVOKE ALL ON FUNCTION gatehouse.record_shape(regclass) FROM PUBLIC;

CREATE FUNCTION gatehouse.record_all_shapes() RETURNS bigint
LANGUAGE plpgsql VOLATILE
SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
  audited regclass;
  recorded bigint := bigint '0';
BEGIN
  -- By the catalog alone, and only where columns are gone: this runs within commands of strangers, which must neither wait for a table
  -- nor run a function of its owner.
  FOR audited IN
    SELECT t.relation::regclass
      FROM gatehouse.audit_triggers t
      JOIN gatehouse.audit_registry r ON r.table_id::text = t.table_id_text
     WHERE ARRAY(SELECT a.attname::text FROM pg_attribute a
                  WHERE a.attrelid = t.relation AND a.attnum > 0 AND NOT a.attisdropped AND a.attgenerated::text <> 'v'
                    AND a.attname::text <> ALL (r.excluded COLLATE "C") ORDER BY a.attnum)
           IS DISTINCT FROM (SELECT ARRAY(SELECT c.name FROM gatehouse.shape_columns(s.columns) c ORDER BY c.number)
                               FROM gatehouse.audit_shapes s WHERE s.table_id = r.table_id ORDER BY s.since DESC LIMIT 1)
       AND NOT EXISTS (
             SELECT FROM (SELECT s.columns FROM gatehouse.audit_shapes s WHERE s.table_id = r.table_id ORDER BY s.since DESC LIMIT 1) s
              CROSS JOIN pg_attribute a
              WHERE a.attrelid = t.relation AND a.attnum > 0 AND NOT a.attisdropped AND a.attgenerated::text <> 'v'
                AND a.attname::text <> ALL (r.excluded COLLATE "C")
                AND NOT EXISTS (SELECT FROM gatehouse.shape_columns(s.columns) c
                                 WHERE c.number = a.attnum AND c.name = a.attname AND c.type_id = a.atttypid))
  LOOP
    recorded := recorded + gatehouse.record_shape(audited)::integer::bigint;
  END LOOP;
  RETURN recorded;
END
$$;
COMMENT ON FUNCTION gatehouse.record_all_shapes() IS 'internal: record_shape of each audited table; how many had changed';
ALTER FUNCTION gatehouse.record_all_shapes() OWNER TO gatehouse_owner;
REVOKE ALL ON FUNCTION gatehouse.record_all_shapes() FROM PUBLIC;

-- Fires for everybody's commands: what concerns no audited table must be told apart quickly.
CREATE FUNCTION gatehouse.record_changed_shapes() RETURNS event_trigger
LANGUAGE plpgsql VOLATILE SECURITY DEFINER
SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
  changed regclass;
BEGIN
  IF tg_tag NOT IN ('ALTER TABLE', 'CREATE TRIGGER') THEN
    -- What is dropped with CASCADE takes columns along.
    PERFORM gatehouse.record_all_shapes();
    RETURN;
  END IF;
  FOR changed IN SELECT DISTINCT t.relation::regclass
                   FROM pg_event_trigger_ddl_commands() c
                   JOIN gatehouse.audit_triggers t ON t.relation = c.objid OR t.relation = pg_partition_root(c.objid)
                  WHERE c.classid IN ('pg_class'::regclass, 'pg_trigger'::regclass) LOOP
    PERFORM gatehouse.record_shape(changed);
  END LOOP;
END
$$;
COMMENT ON FUNCTION gatehouse.record_changed_shapes() IS 'internal: records the columns of audited tables when a command has changed them';
ALTER FUNCTION gatehouse.record_changed_shapes() OWNER TO gatehouse_owner;
REVOKE ALL ON FUNCTION gatehouse.record_changed_shapes() FROM PUBLIC;

CREATE FUNCTION gatehouse.note_rewrite() RETURNS event_trigger
AS 'MODULE_PATHNAME', 'gatehouse_audit_note_rewrite'
LANGUAGE c VOLATILE;
COMMENT ON FUNCTION gatehouse.note_rewrite() IS 'internal: remembers until the command ends that it rewrites a table';
REVOKE ALL ON FUNCTION gatehouse.note_rewrite() FROM PUBLIC;

CREATE EVENT TRIGGER gatehouse_audit_rewrites ON table_rewrite EXECUTE FUNCTION gatehouse.note_rewrite();
ALTER EVENT TRIGGER gatehouse_audit_rewrites ENABLE ALWAYS;
COMMENT ON EVENT TRIGGER gatehouse_audit_rewrites IS 'tells gatehouse_audit_shapes which tables a command has rewritten';
CREATE EVENT TRIGGER gatehouse_audit_shapes ON ddl_command_end
  WHEN TAG IN ('ALTER TABLE', 'CREATE TRIGGER', 'DROP DOMAIN', 'DROP EXTENSION', 'DROP FUNCTION', 'DROP OWNED', 'DROP SCHEMA', 'DROP SEQUENCE', 'DROP TYPE')
  EXECUTE FUNCTION gatehouse.record_changed_shapes();
ALTER EVENT TRIGGER gatehouse_audit_shapes ENABLE ALWAYS;
COMMENT ON EVENT TRIGGER gatehouse_audit_shapes IS 'records how the columns of audited tables change';
