-- The columns of audited tables as they were, so that the log can be read across ALTER TABLE. A change of them is recorded when
-- its command ends, under the command's lock: before it no row change has a greater number, after it none a smaller one.

CREATE FUNCTION gatehouse.take_rewrite(relation regclass) RETURNS text[]
AS 'MODULE_PATHNAME', 'gatehouse_audit_take_rewrite'
LANGUAGE c VOLATILE STRICT;
COMMENT ON FUNCTION gatehouse.take_rewrite(regclass) IS
  'internal: the columns that ALTER TABLE gave another type, or other values of the same, where it has rewritten this table in this transaction '
  'since the last call; NULL where it has not';
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
         d.adbin IS NULL AND a.attidentity = '' AND y.typdefault IS NULL, coalesce(a.attnum = ANY (i.indkey::smallint[]), false)
    FROM pg_attribute a
    JOIN pg_type y ON y.oid = a.atttypid
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
  RETURNS TABLE (id integer, number integer, name text, type text, type_id oid, expression text, redacted boolean, missing jsonb)
LANGUAGE sql IMMUTABLE ROWS 20
SET search_path = pg_catalog, pg_temp
AS $$
  SELECT (c.value ->> 'id')::integer, (c.value ->> 'number')::integer, c.value ->> 'name', c.value ->> 'type',
         (c.value ->> 'type_id')::oid, c.value ->> 'expression', c.value ? 'redacted', c.value -> 'missing'
    FROM jsonb_array_elements(columns) c
$$;
COMMENT ON FUNCTION gatehouse.shape_columns(jsonb) IS 'internal: audit_shapes.columns as rows';
ALTER FUNCTION gatehouse.shape_columns(jsonb) OWNER TO gatehouse_owner;
REVOKE ALL ON FUNCTION gatehouse.shape_columns(jsonb) FROM PUBLIC;

-- By what is there now, whatever this transaction's snapshot is: the command has worked on that.
CREATE FUNCTION gatehouse.audited_relations(changed oid) RETURNS TABLE (relation regclass, table_id integer)
AS 'MODULE_PATHNAME', 'gatehouse_audit_audited_relations'
LANGUAGE c VOLATILE STRICT ROWS 1;
COMMENT ON FUNCTION gatehouse.audited_relations(oid) IS
  'internal: the audited tables among a relation, the root whose partition it is and all that inherit from it, with their stable ids';
REVOKE ALL ON FUNCTION gatehouse.audited_relations(oid) FROM PUBLIC;
GRANT EXECUTE ON FUNCTION gatehouse.audited_relations(oid) TO gatehouse_owner;

CREATE FUNCTION gatehouse.own_shape(this_table integer, place bigint, relation regclass, attributes integer, columns jsonb) RETURNS void
LANGUAGE sql VOLATILE
BEGIN ATOMIC
  UPDATE gatehouse.audit_shapes s
     SET columns = own_shape.columns, relation = own_shape.relation, origin = gatehouse.cluster_identifier(), attributes = own_shape.attributes
   WHERE s.table_id = this_table AND s.since = place;
END;
COMMENT ON FUNCTION gatehouse.own_shape(integer, bigint, regclass, integer, jsonb) IS
  'internal: the numbers of a shape''s columns are those that they have in this relation of this cluster';
ALTER FUNCTION gatehouse.own_shape(integer, bigint, regclass, integer, jsonb) OWNER TO gatehouse_owner;
REVOKE ALL ON FUNCTION gatehouse.own_shape(integer, bigint, regclass, integer, jsonb) FROM PUBLIC;

-- A column is the one that it was if it has its number, whatever its name; in a restored table if it has its name. One that is shown
-- again after it was excluded is new to the log, though not to the table.
CREATE FUNCTION gatehouse.record_shape(relation regclass, this_table integer, of_losses boolean) RETURNS boolean
LANGUAGE plpgsql VOLATILE
SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
  registered gatehouse.audit_registry;
  hidden text[];
  redacted text[];
  parts CONSTANT regclass[] := ARRAY(SELECT gatehouse.partition_tree(relation));
  was_rewritten boolean;
  rewritten text[];
  latest gatehouse.audit_shapes;
  is_restored boolean;
  next_id integer := 1;
  present_attributes CONSTANT integer := (SELECT c.relnatts::integer FROM pg_class c WHERE c.oid = relation);
  missing jsonb;
  found_columns jsonb;
  found_key integer[];
  changed text[];
  restates boolean;
  place bigint := bigint '0';
BEGIN
  SELECT r.* INTO registered FROM gatehouse.audit_registry r WHERE r.table_id = this_table FOR NO KEY UPDATE;
  IF NOT FOUND THEN
    IF current_setting('transaction_isolation') IN ('repeatable read', 'serializable') THEN
      RAISE EXCEPTION 'could not serialize access: table % was put under audit after this transaction began', relation USING ERRCODE = '40001';
    END IF;
    RETURN false;
  END IF;
  hidden := registered.excluded;
  redacted := registered.redacted;
  SELECT s.* INTO latest FROM gatehouse.audit_shapes s WHERE s.table_id = this_table AND s.since = registered.shape_since;
  -- pg_upgrade keeps the relation and its numbers, in another cluster; of one command on columns at most one has another name by it.
  is_restored := latest.table_id IS NOT NULL
    AND (latest.relation <> relation::oid
         OR latest.origin <> gatehouse.cluster_identifier()
            AND (SELECT count(*) FROM gatehouse.shape_columns(latest.columns) c JOIN gatehouse.present_columns(relation, '{}') p ON p.number = c.number
                  WHERE p.name <> c.name) > 1);
  IF of_losses AND EXISTS (
       SELECT FROM gatehouse.present_columns(relation, hidden) p
        WHERE NOT EXISTS (SELECT FROM gatehouse.shape_columns(latest.columns) c
                           WHERE c.name = p.name AND CASE WHEN is_restored THEN c.type = p.type ELSE c.number = p.number AND c.type_id = p.type_id END)) THEN
    RETURN false;
  END IF;
  SELECT bool_or(true), array_agg(DISTINCT c.name) INTO was_rewritten, rewritten
    FROM unnest(parts) p (part) CROSS JOIN LATERAL gatehouse.take_rewrite(p.part) r (columns) LEFT JOIN LATERAL unnest(r.columns) c (name) ON true
   WHERE r.columns IS NOT NULL;
  -- Where the arguments of the trigger don't fit the table its rows cannot change, until enable_audit mends it and this comes again.
  IF NOT (redacted || hidden) <@ ARRAY(SELECT a.attname::text COLLATE "default" FROM pg_attribute a WHERE a.attrelid = relation AND NOT a.attisdropped)
     OR EXISTS (SELECT FROM gatehouse.present_columns(relation, '{}') p WHERE p.in_key AND p.name = ANY (redacted || hidden)) THEN
    IF was_rewritten THEN
      RAISE EXCEPTION 'cannot rewrite audited table %: a column that its audit hides is gone, or in its key', relation
        USING ERRCODE = '55000', HINT = 'Call gatehouse.enable_audit again with the columns that are to be hidden now.';
    END IF;
    RETURN false;
  END IF;
  -- A function of the table's owner can run here, with his rights: only where he, or who may, has added a column.
  missing := jsonb '{}';
  IF latest.table_id IS NOT NULL
     AND EXISTS (SELECT FROM gatehouse.present_columns(relation, hidden) p
                  WHERE CASE WHEN is_restored THEN p.name NOT IN (SELECT c.name FROM gatehouse.shape_columns(latest.columns) c)
                             ELSE p.number > latest.attributes END) THEN
    SELECT coalesce(jsonb_object_agg(m.key, m.value), '{}') INTO missing
      FROM unnest(parts) p (part) CROSS JOIN jsonb_each(gatehouse.missing_values(p.part)) m;
  END IF;
  SELECT coalesce(max(c.id), 0) + 1 INTO next_id
    FROM gatehouse.audit_shapes s CROSS JOIN gatehouse.shape_columns(s.columns) c WHERE s.table_id = this_table;

  WITH found AS (
    SELECT p.*, c.id AS known_id, c.type AS old_type, c.type_id AS old_type_id, c.expression AS old_expression, c.missing AS old_missing,
           c.id IS NULL AND (is_restored OR p.number > latest.attributes) AS is_new,
           next_id + (row_number() OVER (PARTITION BY c.id IS NULL ORDER BY p.number))::integer - 1 AS new_id
      FROM gatehouse.present_columns(relation, hidden) p
      LEFT JOIN gatehouse.shape_columns(latest.columns) c
             ON CASE WHEN is_restored THEN c.name = p.name ELSE c.number = p.number END
  )
  SELECT coalesce(jsonb_agg(jsonb_strip_nulls(jsonb_build_object('id', coalesce(f.known_id, f.new_id), 'number', f.number, 'name', f.name,
                                                        'type', f.type, 'type_id', f.type_id::bigint, 'expression', f.expression,
                                                        'redacted', CASE WHEN f.name = ANY (redacted) THEN true END))
                   || CASE WHEN f.known_id IS NOT NULL THEN CASE WHEN f.old_missing IS NULL THEN '{}' ELSE jsonb_build_object('missing', f.old_missing) END
                           WHEN f.is_new IS NOT TRUE THEN '{}'
                           WHEN missing ? f.name THEN jsonb_build_object('missing', missing -> f.name)
                           WHEN f.older_rows_show_null THEN jsonb '{"missing": null}'
                           ELSE '{}' END ORDER BY f.number), '[]'),
         coalesce(array_agg(coalesce(f.known_id, f.new_id) ORDER BY f.number) FILTER (WHERE f.in_key), '{}'),
         array_agg(f.name) FILTER (WHERE CASE
           WHEN latest.table_id IS NULL OR is_restored THEN false
           WHEN f.known_id IS NULL THEN f.is_new AND was_rewritten AND NOT f.older_rows_show_null AND NOT missing ? f.name
           WHEN f.name = ANY (rewritten) THEN true
           WHEN f.type <> f.old_type THEN was_rewritten OR f.type_id <> f.old_type_id
           ELSE was_rewritten AND f.expression IS DISTINCT FROM f.old_expression END)
    INTO found_columns, found_key, changed
    FROM found f;
  IF is_restored AND latest.key <> '{}' AND found_key = '{}' THEN
    RETURN false;  -- the key is restored later
  ELSIF is_restored AND latest.key = found_key
     AND ARRAY(SELECT (c.id, c.name, c.type)::text FROM gatehouse.shape_columns(latest.columns) c ORDER BY c.id)
         = ARRAY(SELECT (c.id, c.name, c.type)::text FROM gatehouse.shape_columns(found_columns) c ORDER BY c.id) THEN
    PERFORM gatehouse.own_shape(this_table, latest.since, relation, present_attributes, found_columns);
    RETURN false;
  ELSIF latest.columns = found_columns AND latest.key = found_key AND changed IS NULL AND NOT is_restored THEN
    IF latest.origin <> gatehouse.cluster_identifier() THEN
      PERFORM gatehouse.own_shape(this_table, latest.since, relation, present_attributes, found_columns);
    END IF;
    RETURN false;
  END IF;
  -- Rows whose keys are others now cannot be known by what the log has of them.
  SELECT coalesce(bool_or(p.name = ANY (changed)), false) INTO restates
    FROM gatehouse.present_columns(relation, hidden) p WHERE p.in_key OR found_key = '{}';
  IF restates THEN
    changed := ARRAY(SELECT p.name FROM gatehouse.present_columns(relation, hidden) p);
  END IF;
  IF latest.table_id IS NOT NULL THEN
    place := nextval('gatehouse.row_change_log_id_seq');
  END IF;
  INSERT INTO gatehouse.audit_shapes (table_id, since, columns, key, restates, relation, origin, attributes)
  VALUES (this_table, place, found_columns, found_key, restates, relation, gatehouse.cluster_identifier(), present_attributes);
  UPDATE gatehouse.audit_registry r SET shape_since = place WHERE r.table_id = this_table;
  IF changed IS NOT NULL THEN
    PERFORM gatehouse.log_rewritten_rows(relation, changed);
  END IF;
  RETURN true;
END
$$;
COMMENT ON FUNCTION gatehouse.record_shape(regclass, integer, boolean) IS
  'internal: records the columns of an audited table where they are not those that were recorded last, and logs what ALTER TABLE has written '
  'into its rows; whether it did. of_losses: only where columns are gone and none is new, which runs no function of the table''s owner. '
  '40001 where others changed the table''s audit or columns after the snapshot of this transaction';
ALTER FUNCTION gatehouse.record_shape(regclass, integer, boolean) OWNER TO gatehouse_owner;
REVOKE ALL ON FUNCTION gatehouse.record_shape(regclass, integer, boolean) FROM PUBLIC;

CREATE FUNCTION gatehouse.record_all_shapes() RETURNS bigint
LANGUAGE sql VOLATILE
SET search_path = pg_catalog, pg_temp
AS $$
  WITH others AS MATERIALIZED (
    SELECT t.relation, r.table_id
      FROM gatehouse.audit_triggers t
      JOIN gatehouse.audit_registry r ON r.table_id::text = t.table_id_text
      LEFT JOIN gatehouse.audit_shapes s ON s.table_id = r.table_id AND s.since = r.shape_since
     WHERE ARRAY(SELECT a.attname::text FROM pg_attribute a
                  WHERE a.attrelid = t.relation AND a.attnum > 0 AND NOT a.attisdropped AND a.attgenerated::text <> 'v'
                    AND a.attname::text <> ALL (r.excluded COLLATE "C") ORDER BY a.attnum)
           IS DISTINCT FROM ARRAY(SELECT c.name FROM gatehouse.shape_columns(s.columns) c ORDER BY c.number)
        OR s.relation <> t.relation OR s.origin <> gatehouse.cluster_identifier()
  ), free AS MATERIALIZED (
    -- Whoever holds it is at work on this table, and records what it does.
    SELECT r.table_id FROM gatehouse.audit_registry r WHERE r.table_id IN (SELECT o.table_id FROM others o) FOR NO KEY UPDATE SKIP LOCKED
  )
  SELECT count(*) FILTER (WHERE gatehouse.record_shape(o.relation, o.table_id, true)) FROM others o JOIN free f ON f.table_id = o.table_id
$$;
COMMENT ON FUNCTION gatehouse.record_all_shapes() IS
  'internal: records of each audited table which columns are gone, and how those of a restored one are numbered; gives the number of tables '
  'that have lost some. What commands do is recorded by them';
ALTER FUNCTION gatehouse.record_all_shapes() OWNER TO gatehouse_owner;
REVOKE ALL ON FUNCTION gatehouse.record_all_shapes() FROM PUBLIC;

-- Asked at everybody's commands: what concerns no audited table must be told apart quickly. A table changes also with one that it
-- inherits from, and with the type that it was made of.
CREATE FUNCTION gatehouse.altered_tables() RETURNS TABLE (relation regclass, table_id integer)
LANGUAGE sql VOLATILE ROWS 1
SET search_path = pg_catalog, pg_temp
AS $$
  SELECT DISTINCT a.relation, a.table_id
    FROM pg_event_trigger_ddl_commands() d
   CROSS JOIN LATERAL (SELECT d.objid AS relation WHERE d.classid = 'pg_class'::regclass
                       UNION ALL
                       SELECT t.tgrelid FROM pg_trigger t WHERE t.oid = d.objid AND d.classid = 'pg_trigger'::regclass
                       UNION ALL
                       SELECT i.indrelid FROM pg_index i WHERE i.indexrelid = d.objid AND d.classid = 'pg_class'::regclass
                       UNION ALL
                       SELECT c.oid FROM pg_class c
                        WHERE c.reloftype = (SELECT y.reltype FROM pg_class y WHERE y.oid = d.objid AND y.relkind = 'c')
                          AND d.classid = 'pg_class'::regclass AND d.command_tag = 'ALTER TYPE') AS c
   CROSS JOIN LATERAL gatehouse.audited_relations(c.relation) a
$$;
COMMENT ON FUNCTION gatehouse.altered_tables() IS
  'internal: in an event trigger at the end of a command: the audited tables that it can have altered, with their stable ids';
ALTER FUNCTION gatehouse.altered_tables() OWNER TO gatehouse_owner;
REVOKE ALL ON FUNCTION gatehouse.altered_tables() FROM PUBLIC;

CREATE FUNCTION gatehouse.record_changed_shapes() RETURNS event_trigger
LANGUAGE plpgsql VOLATILE SECURITY DEFINER
SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
  changed record;
BEGIN
  FOR changed IN SELECT a.relation, a.table_id FROM gatehouse.altered_tables() a LOOP
    PERFORM gatehouse.record_shape(changed.relation, changed.table_id, false);
  END LOOP;
END
$$;
COMMENT ON FUNCTION gatehouse.record_changed_shapes() IS 'internal: records the columns of audited tables when a command has changed them';
ALTER FUNCTION gatehouse.record_changed_shapes() OWNER TO gatehouse_owner;
REVOKE ALL ON FUNCTION gatehouse.record_changed_shapes() FROM PUBLIC;

-- What is dropped with CASCADE takes columns along, and keys. These can be commands of strangers.
CREATE FUNCTION gatehouse.record_lost_columns() RETURNS event_trigger
LANGUAGE plpgsql VOLATILE SECURITY DEFINER
SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
  changed record;
BEGIN
  FOR changed IN SELECT DISTINCT a.relation, a.table_id
                   FROM pg_event_trigger_dropped_objects() d
                  CROSS JOIN LATERAL gatehouse.audited_relations(
                          CASE d.object_type
                            WHEN 'table column' THEN d.objid
                            ELSE (SELECT c.oid FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
                                   WHERE n.nspname::text = d.address_names[1] AND c.relname::text = d.address_names[2])
                          END) a
                  WHERE d.object_type IN ('table column', 'table constraint') AND NOT d.is_temporary LOOP
    PERFORM gatehouse.record_shape(changed.relation, changed.table_id, true);
  END LOOP;
END
$$;
COMMENT ON FUNCTION gatehouse.record_lost_columns() IS
  'internal: records the columns of audited tables when a command that drops something else has dropped some of them';
ALTER FUNCTION gatehouse.record_lost_columns() OWNER TO gatehouse_owner;
REVOKE ALL ON FUNCTION gatehouse.record_lost_columns() FROM PUBLIC;

CREATE FUNCTION gatehouse.note_rewrite() RETURNS event_trigger
AS 'MODULE_PATHNAME', 'gatehouse_audit_note_rewrite'
LANGUAGE c VOLATILE;
COMMENT ON FUNCTION gatehouse.note_rewrite() IS 'internal: remembers until the command ends that it rewrites a table';
REVOKE ALL ON FUNCTION gatehouse.note_rewrite() FROM PUBLIC;

CREATE EVENT TRIGGER gatehouse_audit_rewrites ON table_rewrite EXECUTE FUNCTION gatehouse.note_rewrite();
ALTER EVENT TRIGGER gatehouse_audit_rewrites ENABLE ALWAYS;
COMMENT ON EVENT TRIGGER gatehouse_audit_rewrites IS 'tells gatehouse_audit_shapes which tables a command has rewritten';
CREATE EVENT TRIGGER gatehouse_audit_shapes ON ddl_command_end
  WHEN TAG IN ('ALTER FOREIGN TABLE', 'ALTER INDEX', 'ALTER MATERIALIZED VIEW', 'ALTER TABLE', 'ALTER TYPE', 'ALTER VIEW', 'CREATE TABLE', 'CREATE TRIGGER')
  EXECUTE FUNCTION gatehouse.record_changed_shapes();
ALTER EVENT TRIGGER gatehouse_audit_shapes ENABLE ALWAYS;
COMMENT ON EVENT TRIGGER gatehouse_audit_shapes IS 'records how the columns of audited tables change';
CREATE EVENT TRIGGER gatehouse_audit_lost_columns ON sql_drop EXECUTE FUNCTION gatehouse.record_lost_columns();
ALTER EVENT TRIGGER gatehouse_audit_lost_columns ENABLE ALWAYS;
COMMENT ON EVENT TRIGGER gatehouse_audit_lost_columns IS 'records which columns of audited tables go with what is dropped';
