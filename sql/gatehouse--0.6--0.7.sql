-- gatehouse: from 0.6 to 0.7.
\echo Use "ALTER EXTENSION gatehouse UPDATE TO '0.7'" to load this file. \quit
DO $$
BEGIN
  IF string_to_array(gatehouse.library_version(), '.')::integer[] < '{0,7}' THEN
    RAISE EXCEPTION 'the library of gatehouse that is loaded, %, is older than 0.7', gatehouse.library_version()
      USING ERRCODE = '55000',
            HINT = 'Install the new release, and restart the server where it preloads the library, else connect anew.';
  END IF;
END
$$;
DROP FUNCTION gatehouse.delete_statement(regclass,jsonb,boolean);
DROP FUNCTION gatehouse.insert_statement(regclass,jsonb);
DROP FUNCTION gatehouse.insert_truncated_rows(regclass,gatehouse.row_change_log,gatehouse.audit_shapes,gatehouse.audit_shapes);
DROP FUNCTION gatehouse.own_rows(regclass);
DROP FUNCTION gatehouse.row_condition(regclass,jsonb,boolean);
DROP FUNCTION gatehouse.row_source(regclass,jsonb,text);
DROP FUNCTION gatehouse.update_statement(regclass,jsonb,jsonb,boolean);

CREATE OR REPLACE FUNCTION gatehouse.version()
 RETURNS text
 LANGUAGE sql
 IMMUTABLE PARALLEL SAFE
RETURN '0.7'::text;

CREATE OR REPLACE FUNCTION gatehouse.drop_audit_triggers(relation regclass)
 RETURNS void
 LANGUAGE plpgsql
 SET search_path TO 'pg_catalog', 'pg_temp'
AS $function$
BEGIN
  PERFORM gatehouse.remove_audit_trigger(found_trigger.oid)
     FROM (SELECT t.oid
             FROM pg_trigger t
            WHERE t.tgparentid = 0
              AND t.tgfoid IN ('gatehouse.log_row_change()'::regprocedure, 'gatehouse.log_truncate()'::regprocedure)
              AND t.tgrelid IN (SELECT p.relation FROM gatehouse.partition_tree(drop_audit_triggers.relation) p (relation))
            ORDER BY t.oid) AS found_trigger;
END
$function$;

CREATE OR REPLACE FUNCTION gatehouse.begin_audit(relation regclass, exclude text[], redact text[])
 RETURNS integer
 LANGUAGE plpgsql
 SET search_path TO 'pg_catalog', 'pg_temp'
AS $function$
DECLARE
  found_schema text;
  found_name text;
  id integer := gatehouse.current_table_id(relation);
  partition_ids jsonb;
BEGIN
  SELECT n.nspname::text, c.relname::text INTO STRICT found_schema, found_name
    FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
   WHERE c.oid = relation;
  UPDATE gatehouse.audit_registry r
     SET table_schema = found_schema, table_name = found_name, excluded = exclude, redacted = redact, known_gaps = '{}'
   WHERE r.table_id = id AND r.disabled_at IS NULL;
  IF NOT FOUND THEN
    INSERT INTO gatehouse.audit_registry AS r (table_schema, table_name, excluded, redacted)
    VALUES (found_schema, found_name, exclude, redact)
    RETURNING r.table_id INTO id;
  END IF;
  PERFORM gatehouse.write_event('audit.enabled', NULL, NULL, NULL, true,
    jsonb_build_object('table_id', id, 'table_schema', found_schema, 'table_name', found_name,
                       'exclude', to_jsonb(exclude), 'redact', to_jsonb(redact)), NULL);

  IF EXISTS (SELECT FROM gatehouse.partition_tree(relation) p (partition) JOIN gatehouse.audit_triggers t ON t.relation = p.partition
              WHERE p.partition <> begin_audit.relation) THEN
    RAISE EXCEPTION 'cannot audit %: a partition of it is audited itself', relation
      USING ERRCODE = '42710', HINT = 'Call gatehouse.disable_audit for the partition first.';
  END IF;
  partition_ids := gatehouse.known_partition_ids(id, relation);
  PERFORM gatehouse.drop_audit_triggers(relation);
  PERFORM gatehouse.make_audit_trigger(relation, on_truncate, gatehouse.audit_words(id, exclude, redact, NULL))
     FROM unnest(ARRAY[false, true]) u (on_truncate);
  -- PostgreSQL gives partitions the row trigger, but not this one.
  PERFORM gatehouse.cover_partition(id, p.partition, (partition_ids ->> p.partition::oid::text)::integer)
     FROM gatehouse.partition_tree(relation) p (partition) JOIN pg_class c ON c.oid = p.partition
    WHERE p.partition <> begin_audit.relation AND c.relkind <> 'f'
    ORDER BY p.partition;
  -- The event trigger for shapes sees none of this.
  PERFORM gatehouse.record_shape(relation, id, false);
  RETURN id;
END
$function$;

CREATE OR REPLACE FUNCTION gatehouse.record_shape(relation regclass, this_table integer, of_losses boolean)
 RETURNS boolean
 LANGUAGE plpgsql
 SET search_path TO 'pg_catalog', 'pg_temp'
AS $function$
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
$function$;

CREATE OR REPLACE FUNCTION gatehouse.record_all_shapes()
 RETURNS bigint
 LANGUAGE sql
 SET search_path TO 'pg_catalog', 'pg_temp'
AS $function$
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
$function$;

CREATE FUNCTION gatehouse.altered_tables()
 RETURNS TABLE(relation regclass, table_id integer)
 LANGUAGE sql
 ROWS 1
 SET search_path TO 'pg_catalog', 'pg_temp'
AS $function$
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
$function$;
ALTER FUNCTION gatehouse.altered_tables() OWNER TO gatehouse_owner;
COMMENT ON FUNCTION gatehouse.altered_tables() IS 'internal: in an event trigger at the end of a command: the audited tables that it can have altered, with their stable ids';
REVOKE ALL ON FUNCTION gatehouse.altered_tables() FROM PUBLIC;

CREATE OR REPLACE FUNCTION gatehouse.record_changed_shapes()
 RETURNS event_trigger
 LANGUAGE plpgsql
 SECURITY DEFINER
 SET search_path TO 'pg_catalog', 'pg_temp'
AS $function$
DECLARE
  changed record;
BEGIN
  FOR changed IN SELECT a.relation, a.table_id FROM gatehouse.altered_tables() a LOOP
    PERFORM gatehouse.record_shape(changed.relation, changed.table_id, false);
  END LOOP;
END
$function$;

DROP EVENT TRIGGER gatehouse_audit_shapes;
CREATE EVENT TRIGGER gatehouse_audit_shapes ON ddl_command_end WHEN TAG IN ('ALTER FOREIGN TABLE', 'ALTER INDEX', 'ALTER MATERIALIZED VIEW', 'ALTER TABLE', 'ALTER TYPE', 'ALTER VIEW', 'CREATE TABLE', 'CREATE TRIGGER') EXECUTE FUNCTION gatehouse.record_changed_shapes();
ALTER EVENT TRIGGER gatehouse_audit_shapes ENABLE ALWAYS;
COMMENT ON EVENT TRIGGER gatehouse_audit_shapes IS 'records how the columns of audited tables change';

CREATE FUNCTION gatehouse.key_after(key jsonb, new jsonb)
 RETURNS jsonb
 LANGUAGE sql
 IMMUTABLE
 SET search_path TO 'pg_catalog', 'pg_temp'
AS $function$
  SELECT jsonb_object_agg(k.key, coalesce(new -> k.key, k.value)) FROM jsonb_each(key) k
$function$;
ALTER FUNCTION gatehouse.key_after(jsonb,jsonb) OWNER TO gatehouse_owner;
COMMENT ON FUNCTION gatehouse.key_after(jsonb,jsonb) IS 'internal: the key of a row after an update of it';
REVOKE ALL ON FUNCTION gatehouse.key_after(jsonb,jsonb) FROM PUBLIC;

CREATE OR REPLACE FUNCTION gatehouse.linked_keys(table_id integer, key jsonb)
 RETURNS jsonb[]
 LANGUAGE sql
 STABLE
 SET search_path TO 'pg_catalog', 'pg_temp'
 SET plan_cache_mode TO 'force_custom_plan'
AS $function$
  WITH RECURSIVE linked (key) AS (
    SELECT unnest(gatehouse.former_keys(linked_keys.table_id, linked_keys.key))
    UNION
    SELECT former.key
      FROM linked l
      CROSS JOIN LATERAL (
        SELECT c.key
          FROM gatehouse.row_change_log c
         WHERE c.new_key_hash = jsonb_hash_extended(l.key, linked_keys.table_id) AND c.table_id = linked_keys.table_id
        UNION ALL
        SELECT gatehouse.key_after(c.key, c.new)
          FROM gatehouse.row_change_log c
         WHERE c.key_hash = jsonb_hash_extended(l.key, linked_keys.table_id) AND c.table_id = linked_keys.table_id
           AND c.key = l.key AND c.new_key_hash IS NOT NULL
      ) next
      CROSS JOIN LATERAL unnest(gatehouse.former_keys(linked_keys.table_id, next.key)) former (key)
  )
  SELECT array_agg(l.key) FROM linked l
$function$;

CREATE FUNCTION gatehouse.base_type(type oid)
 RETURNS oid
 LANGUAGE sql
 STABLE
 SET search_path TO 'pg_catalog', 'pg_temp'
AS $function$
  WITH RECURSIVE below (id, base) AS (
    SELECT y.oid, y.typbasetype FROM pg_type y WHERE y.oid = type
    UNION ALL
    SELECT y.oid, y.typbasetype FROM below b JOIN pg_type y ON y.oid = b.base)
  SELECT b.id FROM below b WHERE b.base = 0
$function$;
ALTER FUNCTION gatehouse.base_type(oid) OWNER TO gatehouse_owner;
COMMENT ON FUNCTION gatehouse.base_type(oid) IS 'internal: the type that a domain is of, else the type';
REVOKE ALL ON FUNCTION gatehouse.base_type(oid) FROM PUBLIC;

CREATE FUNCTION gatehouse.type_name(type oid)
 RETURNS text
 LANGUAGE sql
 STABLE
 SET search_path TO 'pg_catalog', 'pg_temp'
AS $function$
  SELECT format('%I.%I', n.nspname, y.typname) FROM pg_type y JOIN pg_namespace n ON n.oid = y.typnamespace WHERE y.oid = type
$function$;
ALTER FUNCTION gatehouse.type_name(oid) OWNER TO gatehouse_owner;
COMMENT ON FUNCTION gatehouse.type_name(oid) IS 'internal: the name of a type with its schema, PostgreSQL''s own too, which format_type leaves to the search path';
REVOKE ALL ON FUNCTION gatehouse.type_name(oid) FROM PUBLIC;

CREATE FUNCTION gatehouse.unique_indexes(relation regclass)
 RETURNS TABLE(columns text[], column_numbers smallint[], operator_classes oid[])
 LANGUAGE sql
 STABLE ROWS 1
 SET search_path TO 'pg_catalog', 'pg_temp'
AS $function$
  SELECT array_agg(a.attname::text COLLATE "default" ORDER BY k.place), array_agg(a.attnum ORDER BY k.place), array_agg(k.operator_class ORDER BY k.place)
    FROM pg_index i
   CROSS JOIN LATERAL unnest(i.indkey::smallint[], i.indclass::oid[], i.indcollation::oid[]) WITH ORDINALITY k (number, operator_class, collation_id, place)
    LEFT JOIN pg_attribute a ON a.attrelid = i.indrelid AND a.attnum = k.number AND a.attcollation = k.collation_id
   WHERE i.indrelid = relation AND i.indisunique AND i.indisvalid AND i.indpred IS NULL AND k.place <= i.indnkeyatts
   GROUP BY i.indexrelid, i.indisprimary
  HAVING bool_and(a.attnum IS NOT NULL)
   ORDER BY i.indisprimary DESC, i.indexrelid
$function$;
ALTER FUNCTION gatehouse.unique_indexes(regclass) OWNER TO gatehouse_owner;
COMMENT ON FUNCTION gatehouse.unique_indexes(regclass) IS 'internal: of what columns no two rows of a table have the same, the primary key first';
REVOKE ALL ON FUNCTION gatehouse.unique_indexes(regclass) FROM PUBLIC;

CREATE FUNCTION gatehouse.column_condition(relation regclass, name text)
 RETURNS text
 LANGUAGE sql
 STABLE
 SET search_path TO 'pg_catalog', 'pg_temp'
AS $function$
  SELECT coalesce((SELECT format('t.%1$I%4$s OPERATOR(%2$I.%3$s) k.%1$I%4$s', name, n.nspname, o.oprname,
                                 CASE WHEN d.type <> a.atttypid THEN '::' || gatehouse.type_name(d.type) ELSE '' END)
                     FROM gatehouse.unique_indexes(relation) i
                    CROSS JOIN LATERAL unnest(i.column_numbers, i.operator_classes) k (number, operator_class)
                     JOIN pg_opclass c ON c.oid = k.operator_class
                     JOIN pg_am m ON m.oid = c.opcmethod AND m.amname = 'btree'
                     JOIN pg_amop e ON e.amopfamily = c.opcfamily AND e.amoplefttype = c.opcintype AND e.amoprighttype = c.opcintype AND e.amopstrategy = 3
                     JOIN pg_operator o ON o.oid = e.amopopr
                     JOIN pg_namespace n ON n.oid = o.oprnamespace
                     JOIN pg_type y ON y.oid = c.opcintype
                    CROSS JOIN LATERAL (SELECT CASE WHEN y.typtype = 'p' THEN b.type ELSE y.oid END AS type) d
                    WHERE k.number = a.attnum
                    LIMIT 1),
                  format(CASE WHEN b.type = ANY ('{float4,float8,float4[],float8[]}'::regtype[])
                              THEN 'coalesce(t.%1$I OPERATOR(pg_catalog.=) k.%1$I, pg_catalog.num_nulls(t.%1$I, k.%1$I) OPERATOR(pg_catalog.=) 2)'
                              WHEN b.type < 16384
                              THEN 'pg_catalog.jsonb_build_array(t.%1$I) OPERATOR(pg_catalog.=) pg_catalog.jsonb_build_array(k.%1$I)'
                              ELSE 'pg_catalog.format(''%%L'', t.%1$I) OPERATOR(pg_catalog.=) pg_catalog.format(''%%L'', k.%1$I)' END, name))
    FROM pg_attribute a CROSS JOIN LATERAL (SELECT gatehouse.base_type(a.atttypid) AS type) b
   WHERE a.attrelid = relation AND a.attname::text = column_condition.name
$function$;
ALTER FUNCTION gatehouse.column_condition(regclass,text) OWNER TO gatehouse_owner;
COMMENT ON FUNCTION gatehouse.column_condition(regclass,text) IS 'internal: that t and k have the same in this column of t';
REVOKE ALL ON FUNCTION gatehouse.column_condition(regclass,text) FROM PUBLIC;

CREATE FUNCTION gatehouse.statement_parts(relation regclass)
 RETURNS jsonb
 LANGUAGE sql
 STABLE
 SET search_path TO 'pg_catalog', 'pg_temp'
AS $function$
  SELECT jsonb_build_object(
           'relation', relation::text,
           'own_rows', CASE c.relkind WHEN 'p' THEN '' ELSE 'ONLY ' END || relation::text,
           'unique', (SELECT coalesce(jsonb_agg(i.columns), '[]') FROM gatehouse.unique_indexes(relation) i),
           'columns', (SELECT coalesce(jsonb_object_agg(a.attname, jsonb_strip_nulls(jsonb_build_object(
                                'number', a.attnum,
                                'defined', format('%I %s', a.attname, gatehouse.type_name(a.atttypid))
                                           || coalesce((SELECT format(' COLLATE %I.%I', n.nspname, l.collname)
                                                          FROM pg_collation l JOIN pg_namespace n ON n.oid = l.collnamespace
                                                         WHERE l.oid = a.attcollation AND a.attcollation <> y.typcollation), ''),
                                'inserted', CASE a.attgenerated WHEN '' THEN format('%I', a.attname) END,
                                'selected', CASE a.attgenerated WHEN '' THEN format('r.%I', a.attname) END,
                                'assigned', CASE WHEN a.attgenerated = '' AND a.attidentity <> 'a' THEN format('%1$I = r.%1$I', a.attname) END,
                                'compared', CASE WHEN a.attgenerated::text <> 'v' THEN gatehouse.column_condition(relation, a.attname) END))), '{}')
                         FROM pg_attribute a JOIN pg_type y ON y.oid = a.atttypid
                        WHERE a.attrelid = relation AND a.attnum > 0 AND NOT a.attisdropped))
    FROM pg_class c
   WHERE c.oid = relation
$function$;
ALTER FUNCTION gatehouse.statement_parts(regclass) OWNER TO gatehouse_owner;
COMMENT ON FUNCTION gatehouse.statement_parts(regclass) IS 'internal: what statements on a table are made of. own_rows: without the tables that inherit from it; unique: columns of which no two rows have the same; columns: of each how it is defined in a column definition list, inserted, selected and assigned from r, and compared between t and k, where it can be';
REVOKE ALL ON FUNCTION gatehouse.statement_parts(regclass) FROM PUBLIC;

CREATE FUNCTION gatehouse.of_columns(parts jsonb, row_values jsonb)
 RETURNS TABLE(defined text, inserted text, selected text, assigned text, compared text)
 LANGUAGE sql
 STABLE ROWS 1
BEGIN ATOMIC
 SELECT string_agg((c.value ->> 'defined'::text), ', '::text ORDER BY (c.value -> 'number'::text)) AS string_agg,
     string_agg((c.value ->> 'inserted'::text), ', '::text ORDER BY (c.value -> 'number'::text)) AS string_agg,
     string_agg((c.value ->> 'selected'::text), ', '::text ORDER BY (c.value -> 'number'::text)) AS string_agg,
     string_agg((c.value ->> 'assigned'::text), ', '::text ORDER BY (c.value -> 'number'::text)) AS string_agg,
     string_agg((c.value ->> 'compared'::text), ' AND '::text ORDER BY (c.value -> 'number'::text)) AS string_agg
    FROM jsonb_each((of_columns.parts -> 'columns'::text)) c(key, value)
   WHERE (of_columns.row_values ? c.key);
END;
ALTER FUNCTION gatehouse.of_columns(jsonb,jsonb) OWNER TO gatehouse_owner;
COMMENT ON FUNCTION gatehouse.of_columns(jsonb,jsonb) IS 'internal: what of statement_parts belongs to the columns of these values, as lists; NULL where none has it';
REVOKE ALL ON FUNCTION gatehouse.of_columns(jsonb,jsonb) FROM PUBLIC;

CREATE FUNCTION gatehouse.is_unique(parts jsonb, key jsonb)
 RETURNS boolean
 LANGUAGE sql
 STABLE
BEGIN ATOMIC
 SELECT (EXISTS ( SELECT
            FROM jsonb_array_elements((is_unique.parts -> 'unique'::text)) u(value)
           WHERE (is_unique.key ?& ARRAY( SELECT jsonb_array_elements_text(u.value) AS jsonb_array_elements_text)))) AS "exists";
END;
ALTER FUNCTION gatehouse.is_unique(jsonb,jsonb) OWNER TO gatehouse_owner;
COMMENT ON FUNCTION gatehouse.is_unique(jsonb,jsonb) IS 'internal: whether at most one row has these values';
REVOKE ALL ON FUNCTION gatehouse.is_unique(jsonb,jsonb) FROM PUBLIC;

CREATE FUNCTION gatehouse.is_whole(parts jsonb, row_values jsonb)
 RETURNS boolean
 LANGUAGE sql
 STABLE
BEGIN ATOMIC
 SELECT (NOT (EXISTS ( SELECT
            FROM jsonb_each((is_whole.parts -> 'columns'::text)) c(key, value)
           WHERE ((c.value ? 'compared'::text) AND (NOT (is_whole.row_values ? c.key))))));
END;
ALTER FUNCTION gatehouse.is_whole(jsonb,jsonb) OWNER TO gatehouse_owner;
COMMENT ON FUNCTION gatehouse.is_whole(jsonb,jsonb) IS 'internal: whether these are the values of all columns';
REVOKE ALL ON FUNCTION gatehouse.is_whole(jsonb,jsonb) FROM PUBLIC;

CREATE FUNCTION gatehouse.row_condition(parts jsonb, key jsonb, has_key boolean, defined text, compared text)
 RETURNS text
 LANGUAGE sql
 STABLE
BEGIN ATOMIC
 SELECT
         CASE
             WHEN has_key THEN compared
             ELSE format('(t.tableoid, t.ctid) OPERATOR(pg_catalog.=) (SELECT t.tableoid, t.ctid FROM %s AS t, pg_catalog.jsonb_to_record(%L) AS k(%s) WHERE %s LIMIT 1)'::text, (parts ->> 'own_rows'::text), key, defined, compared)
         END AS format;
END;
ALTER FUNCTION gatehouse.row_condition(jsonb,jsonb,boolean,text,text) OWNER TO gatehouse_owner;
COMMENT ON FUNCTION gatehouse.row_condition(jsonb,jsonb,boolean,text,text) IS 'internal: a condition for the row t with the key k; where the table has no key, for one row that is equal. defined, compared: of_columns of the key';
REVOKE ALL ON FUNCTION gatehouse.row_condition(jsonb,jsonb,boolean,text,text) FROM PUBLIC;

CREATE FUNCTION gatehouse.insert_statement(parts jsonb, rows jsonb)
 RETURNS text
 LANGUAGE sql
 STABLE
BEGIN ATOMIC
 SELECT format('INSERT INTO %s (%s) OVERRIDING SYSTEM VALUE SELECT %s FROM pg_catalog.jsonb_to_recordset(%L) AS r(%s);'::text, (insert_statement.parts ->> 'relation'::text), r.inserted, r.selected, insert_statement.rows, r.defined) AS format
    FROM gatehouse.of_columns(insert_statement.parts, (insert_statement.rows -> 0)) r(defined, inserted, selected, assigned, compared)
   WHERE (r.inserted IS NOT NULL);
END;
ALTER FUNCTION gatehouse.insert_statement(jsonb,jsonb) OWNER TO gatehouse_owner;
COMMENT ON FUNCTION gatehouse.insert_statement(jsonb,jsonb) IS 'internal: INSERT of rows that are known in the same columns: in one statement they can refer to each other. NULL where nothing is known';
REVOKE ALL ON FUNCTION gatehouse.insert_statement(jsonb,jsonb) FROM PUBLIC;

CREATE FUNCTION gatehouse.update_statement(parts jsonb, old jsonb, key jsonb, has_key boolean)
 RETURNS text
 LANGUAGE sql
 STABLE
BEGIN ATOMIC
 SELECT format('UPDATE %s AS t SET %s FROM pg_catalog.jsonb_to_record(%L) AS r(%s)%s WHERE %s;'::text, (update_statement.parts ->> 'own_rows'::text), r.assigned, update_statement.old, r.defined,
         CASE
             WHEN update_statement.has_key THEN format(', pg_catalog.jsonb_to_record(%L) AS k(%s)'::text, update_statement.key, k.defined)
             ELSE ''::text
         END, gatehouse.row_condition(update_statement.parts, update_statement.key, update_statement.has_key, k.defined, k.compared)) AS format
    FROM (gatehouse.of_columns(update_statement.parts, update_statement.old) r(defined, inserted, selected, assigned, compared)
      CROSS JOIN gatehouse.of_columns(update_statement.parts, update_statement.key) k(defined, inserted, selected, assigned, compared))
   WHERE ((r.assigned IS NOT NULL) AND (k.compared IS NOT NULL));
END;
ALTER FUNCTION gatehouse.update_statement(jsonb,jsonb,jsonb,boolean) OWNER TO gatehouse_owner;
COMMENT ON FUNCTION gatehouse.update_statement(jsonb,jsonb,jsonb,boolean) IS 'internal: UPDATE of the row with this key to what its columns held; NULL where the log hides all of them, or they are GENERATED ALWAYS';
REVOKE ALL ON FUNCTION gatehouse.update_statement(jsonb,jsonb,jsonb,boolean) FROM PUBLIC;

CREATE FUNCTION gatehouse.delete_statement(parts jsonb, key jsonb, has_key boolean)
 RETURNS text
 LANGUAGE sql
 STABLE
BEGIN ATOMIC
 SELECT format('DELETE FROM %s AS t%s WHERE %s;'::text, (delete_statement.parts ->> 'own_rows'::text),
         CASE
             WHEN delete_statement.has_key THEN format(' USING pg_catalog.jsonb_to_record(%L) AS k(%s)'::text, delete_statement.key, k.defined)
             ELSE ''::text
         END, gatehouse.row_condition(delete_statement.parts, delete_statement.key, delete_statement.has_key, k.defined, k.compared)) AS format
    FROM gatehouse.of_columns(delete_statement.parts, delete_statement.key) k(defined, inserted, selected, assigned, compared)
   WHERE (k.compared IS NOT NULL);
END;
ALTER FUNCTION gatehouse.delete_statement(jsonb,jsonb,boolean) OWNER TO gatehouse_owner;
COMMENT ON FUNCTION gatehouse.delete_statement(jsonb,jsonb,boolean) IS 'internal: DELETE of the row with this key; NULL where nothing is known of it';
REVOKE ALL ON FUNCTION gatehouse.delete_statement(jsonb,jsonb,boolean) FROM PUBLIC;

CREATE FUNCTION gatehouse.changes_in_transaction(transaction_id xid8, since timestamp with time zone, OUT change gatehouse.row_change_log, OUT relation regclass)
 RETURNS SETOF record
 LANGUAGE sql
 STABLE ROWS 100
 SET search_path TO 'pg_catalog', 'pg_temp'
 SET plan_cache_mode TO 'force_custom_plan'
AS $function$
  SELECT c, t.relation::regclass
    FROM gatehouse.row_change_log c
    LEFT JOIN gatehouse.audit_triggers t ON t.table_id_text = c.table_id::text
   WHERE c.transaction_id = changes_in_transaction.transaction_id AND c.origin = gatehouse.cluster_identifier()
     AND (changes_in_transaction.since IS NULL OR c.changed_at >= changes_in_transaction.since)
$function$;
ALTER FUNCTION gatehouse.changes_in_transaction(xid8,timestamp with time zone) OWNER TO gatehouse_owner;
COMMENT ON FUNCTION gatehouse.changes_in_transaction(xid8,timestamp with time zone) IS 'internal: the row changes of a transaction of this cluster, with the table as it is now; NULL where it is no longer audited or gone';
REVOKE ALL ON FUNCTION gatehouse.changes_in_transaction(xid8,timestamp with time zone) FROM PUBLIC;

CREATE OR REPLACE FUNCTION gatehouse.causes_in_transaction(transaction_id xid8, since timestamp with time zone, OUT id bigint, OUT cause bigint)
 RETURNS SETOF record
 LANGUAGE sql
 STABLE ROWS 100
 SET search_path TO 'pg_catalog', 'pg_temp'
 SET plan_cache_mode TO 'force_custom_plan'
 SET enable_nestloop TO 'off'
AS $function$
  WITH changes AS MATERIALIZED (
    SELECT (c.change).id, (c.change).operation, c.relation, (c.change).key, (c.change).old, (c.change).new
      FROM gatehouse.changes_in_transaction(causes_in_transaction.transaction_id, causes_in_transaction.since) c
  ), foreign_keys AS MATERIALIZED (
    SELECT f.oid, f.conrelid, f.conkey, f.confrelid, f.confkey FROM pg_constraint f WHERE f.contype = 'f' AND f.conparentid = 0
  ), referring AS MATERIALIZED (
    SELECT f.oid, c.id, gatehouse.values_of(c.key || c.old, f.conrelid, f.conkey) AS known
      FROM foreign_keys f JOIN changes c ON c.relation = f.conrelid
     WHERE c.operation = 'D' OR c.operation = 'U' AND gatehouse.values_of(c.old, f.conrelid, f.conkey) IS NOT NULL
  ), referred AS MATERIALIZED (
    SELECT f.oid, c.id, true AS leaves, gatehouse.values_of(c.key || c.old, f.confrelid, f.confkey) AS known
      FROM foreign_keys f JOIN changes c ON c.relation = f.confrelid
     WHERE c.operation = 'D' OR c.operation = 'U' AND gatehouse.values_of(c.old, f.confrelid, f.confkey) IS NOT NULL
    UNION ALL
    SELECT f.oid, c.id, false, gatehouse.values_of(coalesce(c.key || c.old, '{}') || c.new, f.confrelid, f.confkey)
      FROM foreign_keys f JOIN changes c ON c.relation = f.confrelid
     WHERE c.operation = 'I' OR c.operation = 'U' AND gatehouse.values_of(c.new, f.confrelid, f.confkey) IS NOT NULL
  ), referring_told AS MATERIALIZED (
    SELECT r.oid, r.id, r.known, gatehouse.places_in(r.known) AS places FROM referring r
  ), referred_told AS MATERIALIZED (
    SELECT p.oid, p.id, p.leaves, p.known, gatehouse.places_in(p.known) AS places FROM referred p
  ), told AS MATERIALIZED (
    SELECT r.oid, r.places AS referring_places, p.places AS referred_places,
           ARRAY(SELECT unnest(r.places) INTERSECT SELECT unnest(p.places)) AS places
      FROM (SELECT DISTINCT r.oid, r.places FROM referring_told r) r
      JOIN (SELECT DISTINCT p.oid, p.places FROM referred_told p) p ON p.oid = r.oid
     WHERE r.places && p.places
  ), referring_found AS MATERIALIZED (
    SELECT r.oid, r.id, t.referred_places, t.places, gatehouse.values_at(r.known, t.places) AS found
      FROM referring_told r JOIN told t ON t.oid = r.oid AND t.referring_places = r.places
  ), referred_found AS MATERIALIZED (
    SELECT p.oid, p.id, p.leaves, t.referred_places, t.places, gatehouse.values_at(p.known, t.places) AS found
      FROM referred_told p JOIN (SELECT DISTINCT t.oid, t.referred_places, t.places FROM told t) t ON t.oid = p.oid AND t.referred_places = p.places
  ), meetings AS (
    SELECT r.oid, r.id, p.id AS cause, p.leaves
      FROM referring_found r
      JOIN referred_found p ON p.oid = r.oid AND p.referred_places = r.referred_places AND p.places = r.places AND p.found = r.found AND p.id < r.id
    UNION ALL
    -- TRUNCATE CASCADE
    SELECT f.oid, r.id, p.id, true
      FROM foreign_keys f
      JOIN changes r ON r.relation = f.conrelid AND r.operation = 'T'
      JOIN changes p ON p.relation = f.confrelid AND p.operation = 'T' AND p.id < r.id
     WHERE f.conrelid <> f.confrelid
       -- Of a partitioned table all rows come back with its own TRUNCATE, and none with those of its partitions that follow.
       AND (p.key IS NULL OR NOT EXISTS (SELECT FROM changes o WHERE o.relation = f.confrelid AND o.operation = 'T' AND o.key IS NULL AND o.id < r.id))
  )
  SELECT m.id, m.cause
    FROM (SELECT DISTINCT ON (m.oid, m.id) m.id, m.cause, m.leaves FROM meetings m ORDER BY m.oid, m.id, m.cause DESC, m.leaves) m
   WHERE m.leaves
$function$;

CREATE OR REPLACE FUNCTION gatehouse.changes_to_undo(transaction_id xid8, since timestamp with time zone, OUT change gatehouse.row_change_log, OUT relation regclass, OUT key_now jsonb, OUT moved_to jsonb)
 RETURNS SETOF record
 LANGUAGE sql
 STABLE ROWS 100
 SET search_path TO 'pg_catalog', 'pg_temp'
 SET plan_cache_mode TO 'force_custom_plan'
 SET enable_nestloop TO 'off'
AS $function$
  WITH RECURSIVE changes AS MATERIALIZED (
    SELECT c.change, (c.change).id, (c.change).table_id, (c.change).operation, (c.change).key, c.relation,
           CASE WHEN (c.change).operation = 'U' AND (c.change).new_key_hash IS NOT NULL THEN gatehouse.key_after((c.change).key, (c.change).new)
                ELSE (c.change).key END AS key_after
      FROM gatehouse.changes_in_transaction(changes_to_undo.transaction_id, changes_to_undo.since) c
  ), neighbours AS (
    SELECT c.id, c.operation, c.key, lead(c.id) OVER w AS next_id, lead(c.operation) OVER w AS next_operation, lead(c.key) OVER w AS next_key,
           (c.change).partition_id <> lead((c.change).partition_id) OVER w AS elsewhere
      FROM changes c
     WHERE EXISTS (SELECT FROM pg_constraint f WHERE f.contype = 'f' AND f.confrelid = c.relation AND f.conparentid = 0)
    WINDOW w AS (PARTITION BY c.table_id ORDER BY c.id)
  ), moves AS MATERIALIZED (
    SELECT n.id, n.next_id, n.next_key FROM neighbours n WHERE n.operation = 'D' AND n.next_operation = 'I' AND n.elsewhere
  ), causes AS MATERIALIZED (
    SELECT l.id, l.cause FROM gatehouse.causes_in_transaction(changes_to_undo.transaction_id, changes_to_undo.since) l
  ), behind (id, cause, depth) AS (
    SELECT l.id, l.cause, 1 FROM causes l
    UNION
    SELECT b.id, l.cause, b.depth + 1 FROM behind b JOIN causes l ON l.id = b.cause
  ), moved (id, cause, depth) AS (
    SELECT b.id, min(b.cause), max(b.depth) FROM behind b GROUP BY b.id
    UNION
    SELECT s.id, m.cause, m.depth + 1
      FROM moved m
      JOIN changes r ON r.id = m.id
      JOIN changes s ON s.table_id = r.table_id AND s.key_after = r.key AND s.id < r.id AND s.id > m.cause
  )
  SELECT c.change, c.relation, own.key, v.next_key
    FROM changes c
    LEFT JOIN (SELECT m.id, min(m.cause) AS cause, max(m.depth) AS depth FROM moved m GROUP BY m.id) m ON m.id = c.id
    -- What set it off changed the key of the same row, which has it back by then.
    LEFT JOIN (SELECT l.id, min(o.id) AS cause FROM causes l JOIN changes r ON r.id = l.id
                 JOIN changes o ON o.id = l.cause AND o.table_id = r.table_id AND o.key_after = r.key AND o.operation = 'U' GROUP BY l.id) s ON s.id = c.id
    LEFT JOIN changes own ON own.id = s.cause
    LEFT JOIN moves v ON v.id = c.id
   WHERE c.id NOT IN (SELECT v.next_id FROM moves v)
   ORDER BY coalesce(m.cause, c.id) DESC, coalesce(m.depth, 0), c.id DESC
$function$;

CREATE FUNCTION gatehouse.insert_truncated_rows(relation regclass, parts jsonb, change gatehouse.row_change_log, was gatehouse.audit_shapes, becomes gatehouse.audit_shapes)
 RETURNS SETOF text
 LANGUAGE sql
 STABLE ROWS 100
 SET search_path TO 'pg_catalog', 'pg_temp'
AS $function$
  SELECT gatehouse.insert_statement(parts, jsonb_agg(g.row_values))
    FROM (SELECT gatehouse.reshape_row(gone.row_values - gatehouse.redacted_columns(was), was.columns, becomes.columns, true) AS row_values,
                 row_number() OVER () AS number
            FROM (SELECT b.row_values FROM gatehouse.rows_at(NULL, change.table_id, NULL, change.id, NULL) b WHERE b.complete
                  EXCEPT ALL
                  SELECT a.row_values FROM gatehouse.rows_at(NULL, change.table_id, NULL, change.id + 1, NULL) a) gone) g
   GROUP BY CASE WHEN EXISTS (SELECT FROM pg_constraint f WHERE f.contype = 'f' AND f.conrelid = relation AND f.confrelid = relation) THEN 0
                 ELSE g.number / 100 END,
            ARRAY(SELECT jsonb_object_keys(g.row_values))
$function$;
ALTER FUNCTION gatehouse.insert_truncated_rows(regclass,jsonb,gatehouse.row_change_log,gatehouse.audit_shapes,gatehouse.audit_shapes) OWNER TO gatehouse_owner;
COMMENT ON FUNCTION gatehouse.insert_truncated_rows(regclass,jsonb,gatehouse.row_change_log,gatehouse.audit_shapes,gatehouse.audit_shapes) IS 'internal: INSERTs of the rows that a TRUNCATE took, as far as they are known';
REVOKE ALL ON FUNCTION gatehouse.insert_truncated_rows(regclass,jsonb,gatehouse.row_change_log,gatehouse.audit_shapes,gatehouse.audit_shapes) FROM PUBLIC;

CREATE FUNCTION gatehouse.still_tells_row(was gatehouse.audit_shapes, becomes gatehouse.audit_shapes, change_id bigint, is_unique boolean)
 RETURNS boolean
 LANGUAGE sql
 STABLE
 SET search_path TO 'pg_catalog', 'pg_temp'
AS $function$
  SELECT NOT EXISTS (SELECT FROM gatehouse.audit_shapes s WHERE s.table_id = was.table_id AND s.since > change_id AND s.restates)
     AND is_unique AND was.key <@ ARRAY(SELECT c.id FROM gatehouse.shape_columns(becomes.columns) c)
$function$;
ALTER FUNCTION gatehouse.still_tells_row(gatehouse.audit_shapes,gatehouse.audit_shapes,bigint,boolean) OWNER TO gatehouse_owner;
COMMENT ON FUNCTION gatehouse.still_tells_row(gatehouse.audit_shapes,gatehouse.audit_shapes,bigint,boolean) IS 'internal: whether a row of the past is found by what the log knew it by then, after its table''s columns have changed';
REVOKE ALL ON FUNCTION gatehouse.still_tells_row(gatehouse.audit_shapes,gatehouse.audit_shapes,bigint,boolean) FROM PUBLIC;

CREATE OR REPLACE FUNCTION gatehouse.undo_transaction(transaction_id xid8, since timestamp with time zone DEFAULT NULL::timestamp with time zone)
 RETURNS SETOF text
 LANGUAGE plpgsql
 STABLE SECURITY DEFINER ROWS 100
 SET search_path TO 'pg_catalog', 'pg_temp'
 SET plan_cache_mode TO 'force_custom_plan'
AS $function$
DECLARE
  found record;
  change gatehouse.row_change_log;
  relation regclass;
  was gatehouse.audit_shapes;
  becomes gatehouse.audit_shapes;
  hidden text[];
  has_key boolean;
  key jsonb;
  needs_row boolean;
  row_values jsonb;  -- what was there before
  known jsonb := jsonb '{}';  -- statement_parts of the tables, by their OID
  parts jsonb;
  statement text;
  deferred boolean := false;
  warned_of regclass[] := ARRAY[]::regclass[];
BEGIN
  IF transaction_id IS NULL THEN
    RAISE EXCEPTION 'argument "transaction_id" must not be null' USING ERRCODE = '22023';
  END IF;
  FOR found IN SELECT c.* FROM gatehouse.changes_to_undo(transaction_id, since) c LOOP
    change := found.change;
    relation := found.relation;
    IF relation IS NULL THEN
      RAISE EXCEPTION 'table % is no longer audited or gone',
          (SELECT format('%I.%I', r.table_schema, r.table_name) FROM gatehouse.audit_registry r WHERE r.table_id = change.table_id)
        USING ERRCODE = '55000', DETAIL = format('The transaction changed it under the table id %s.', change.table_id);
    END IF;
    IF change.table_id IS DISTINCT FROM becomes.table_id THEN
      SELECT s.* INTO becomes FROM gatehouse.audit_shapes s WHERE s.table_id = change.table_id ORDER BY s.since DESC LIMIT 1;
      IF NOT known ? relation::oid::text THEN
        known := known || jsonb_build_object(relation::oid, gatehouse.statement_parts(relation));
      END IF;
      parts := known -> relation::oid::text;
      IF NOT deferred AND gatehouse.has_deferrable(relation, '{f,p,u,x}') THEN
        deferred := true;
        RETURN NEXT 'SET CONSTRAINTS ALL DEFERRED;';
      END IF;
    END IF;
    was := becomes;
    IF change.id < becomes.since THEN
      SELECT s.* INTO was FROM gatehouse.audit_shapes s
       WHERE s.table_id = change.table_id AND s.since < change.id ORDER BY s.since DESC LIMIT 1;
    END IF;
    hidden := gatehouse.redacted_columns(was);
    has_key := was.key <> '{}';
    needs_row := change.operation IN ('I', 'U') OR found.moved_to IS NOT NULL;
    row_values := change.old - hidden;
    key := change.key - hidden;
    IF change.operation = 'U' AND (change.new_key_hash IS NOT NULL OR NOT has_key) THEN
      key := gatehouse.key_after(key, change.new);
      IF gatehouse.has_deferrable(relation, '{p}') AND relation <> ALL (warned_of) THEN
        warned_of := array_append(warned_of, relation);
        RAISE WARNING 'rows of % may have exchanged keys: then these statements do not tell them apart', relation;
      END IF;
    END IF;
    key := coalesce(found.moved_to, found.key_now, key) - hidden;
    IF was.since <> becomes.since THEN
      row_values := gatehouse.reshape_row(row_values, was.columns, becomes.columns, change.operation = 'D');
      key := gatehouse.reshape_row(key, was.columns, becomes.columns, false);
    END IF;
    IF needs_row AND was.since <> becomes.since AND NOT gatehouse.still_tells_row(was, becomes, change.id, NOT has_key OR gatehouse.is_unique(parts, key)) THEN
      RAISE WARNING 'change % of % cannot be reversed: what the log knows the row by no longer tells it from others', change.id, relation;
      CONTINUE;
    END IF;
    IF needs_row AND NOT has_key AND NOT gatehouse.is_whole(parts, key) AND relation <> ALL (warned_of) THEN
      warned_of := array_append(warned_of, relation);
      RAISE WARNING 'rows of % that differ only in what the log does not tell of them cannot be told apart', relation;
    END IF;
    CASE change.operation
      WHEN 'I' THEN
        statement := gatehouse.delete_statement(parts, key, has_key);
      WHEN 'D' THEN
        statement := CASE WHEN found.moved_to IS NULL THEN gatehouse.insert_statement(parts, jsonb_build_array(row_values))
                          ELSE gatehouse.update_statement(parts, row_values, key, has_key) END;
      WHEN 'U' THEN
        statement := gatehouse.update_statement(parts, row_values, key, has_key);
      ELSE
        IF EXISTS (SELECT FROM gatehouse.audit_partitions p WHERE p.partition_id = change.partition_id AND p.has_left) THEN
          RAISE WARNING 'the rows of partition % are no longer those of %: it was detached or dropped', change.key ->> 'partition', relation;
          CONTINUE;
        END IF;
        RAISE WARNING 'of the rows that TRUNCATE took from % only those are known that were inserted while it was audited', relation;
        RETURN QUERY SELECT i FROM gatehouse.insert_truncated_rows(relation, parts, change, was, becomes) i WHERE i IS NOT NULL;
        CONTINUE;
    END CASE;
    IF statement IS NULL THEN
      RAISE WARNING 'change % of % cannot be reversed: the log does not have what was there before', change.id, relation;
    ELSE
      RETURN NEXT statement;
    END IF;
  END LOOP;
END
$function$;

CREATE FUNCTION gatehouse.partition_tree(relation regclass)
 RETURNS SETOF regclass
 LANGUAGE c
 STRICT ROWS 10
AS 'MODULE_PATHNAME', 'gatehouse_audit_partition_tree';
COMMENT ON FUNCTION gatehouse.partition_tree(regclass) IS 'internal: a table and its partitions of all levels that are there now, as pg_partition_tree gives them, but it waits for nobody who has locked one of them';
REVOKE ALL ON FUNCTION gatehouse.partition_tree(regclass) FROM PUBLIC;
GRANT EXECUTE ON FUNCTION gatehouse.partition_tree(regclass) TO gatehouse_owner;

CREATE OR REPLACE FUNCTION gatehouse.known_partition_ids(table_id integer, root regclass)
 RETURNS jsonb
 LANGUAGE sql
 SET search_path TO 'pg_catalog', 'pg_temp'
AS $function$
  SELECT jsonb_object_agg(c.oid::text, coalesce(gatehouse.partition_id(c.oid), p.partition_id))
    FROM gatehouse.partition_tree(root) t (relation)
    JOIN pg_class c ON c.oid = t.relation
    JOIN pg_namespace n ON n.oid = c.relnamespace
    LEFT JOIN gatehouse.audit_partitions p
           ON p.table_id = known_partition_ids.table_id AND NOT p.has_left AND p.partition_schema = n.nspname AND p.partition_name = c.relname
$function$;

CREATE OR REPLACE FUNCTION gatehouse.release_partitions(id integer, root regclass, partitions_before oid[])
 RETURNS void
 LANGUAGE plpgsql
 SET search_path TO 'pg_catalog', 'pg_temp'
 SET quote_all_identifiers TO 'off'
AS $function$
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
$function$;

CREATE FUNCTION gatehouse.is_own_change(version xid)
 RETURNS boolean
 LANGUAGE c
 STABLE STRICT
AS 'MODULE_PATHNAME', 'gatehouse_audit_is_own_change';
COMMENT ON FUNCTION gatehouse.is_own_change(xid) IS 'internal: whether this transaction, or a subtransaction of it, has written a row with this xmin';
REVOKE ALL ON FUNCTION gatehouse.is_own_change(xid) FROM PUBLIC;
GRANT EXECUTE ON FUNCTION gatehouse.is_own_change(xid) TO gatehouse_owner;

CREATE FUNCTION gatehouse.hidden_names(table_id integer)
 RETURNS text[]
 LANGUAGE sql
 STABLE
BEGIN ATOMIC
 SELECT (r.excluded || r.redacted)
    FROM gatehouse.audit_registry r
   WHERE (r.table_id = hidden_names.table_id);
END;
ALTER FUNCTION gatehouse.hidden_names(integer) OWNER TO gatehouse_owner;
COMMENT ON FUNCTION gatehouse.hidden_names(integer) IS 'internal: the names under which the audit of a table hides columns; NULL where it is not audited';
REVOKE ALL ON FUNCTION gatehouse.hidden_names(integer) FROM PUBLIC;

CREATE FUNCTION gatehouse.column_numbers(relation regclass)
 RETURNS jsonb
 LANGUAGE sql
 STABLE
 SET search_path TO 'pg_catalog', 'pg_temp'
AS $function$
  SELECT jsonb_object_agg(a.attname, a.attnum) FROM pg_attribute a WHERE a.attrelid = relation AND a.attnum > 0 AND NOT a.attisdropped
$function$;
ALTER FUNCTION gatehouse.column_numbers(regclass) OWNER TO gatehouse_owner;
COMMENT ON FUNCTION gatehouse.column_numbers(regclass) IS 'internal: the numbers of a table''s columns by their names; NULL where there are none';
REVOKE ALL ON FUNCTION gatehouse.column_numbers(regclass) FROM PUBLIC;

CREATE FUNCTION gatehouse.check_hidden_columns(relation regclass, table_id integer, names_before text[], numbers_before jsonb)
 RETURNS void
 LANGUAGE plpgsql
 SET search_path TO 'pg_catalog', 'pg_temp'
AS $function$
DECLARE
  taken text;
BEGIN
  SELECT a.attname::text INTO taken
    FROM gatehouse.audit_registry r
    JOIN pg_attribute a ON a.attname::text COLLATE "C" = ANY (r.excluded || r.redacted)
   WHERE r.table_id = check_hidden_columns.table_id AND a.attrelid = relation AND a.attnum > 0 AND NOT a.attisdropped
     AND gatehouse.is_own_change(a.xmin) AND a.attnum::text IS DISTINCT FROM numbers_before ->> a.attname::text
     AND (numbers_before IS NOT NULL OR NOT EXISTS (SELECT FROM pg_class c JOIN pg_depend d ON d.classid = 'pg_type'::regclass AND d.objid = c.reltype
                                                        WHERE c.oid = relation AND gatehouse.is_own_change(d.xmin)))
     AND (a.attname::text COLLATE "C" = ANY (names_before)
          OR NOT EXISTS (SELECT FROM pg_trigger t JOIN pg_depend d ON d.classid = 'pg_trigger'::regclass AND d.objid = t.oid
                          WHERE t.tgrelid = relation AND t.tgfoid = 'gatehouse.log_row_change()'::regprocedure AND gatehouse.is_own_change(d.xmin)))
   ORDER BY 1
   LIMIT 1;
  IF FOUND THEN
    RAISE EXCEPTION 'audit excludes or redacts column "%", which the table no longer has', taken
      USING ERRCODE = '55000', DETAIL = format('The command gives this name to another column of %s.', relation),
            HINT = 'Call gatehouse.enable_audit() again with the present columns.';
  END IF;
END
$function$;
ALTER FUNCTION gatehouse.check_hidden_columns(regclass,integer,text[],jsonb) OWNER TO gatehouse_owner;
COMMENT ON FUNCTION gatehouse.check_hidden_columns(regclass,integer,text[],jsonb) IS 'internal: 55000 where the command has given the name of a hidden column to another one. names_before, numbers_before: hidden_names and column_numbers before it';
REVOKE ALL ON FUNCTION gatehouse.check_hidden_columns(regclass,integer,text[],jsonb) FROM PUBLIC;

CREATE OR REPLACE FUNCTION gatehouse.rename_known_gaps(old_prefix text, new_prefix text)
 RETURNS void
 LANGUAGE sql
BEGIN ATOMIC
 UPDATE gatehouse.audit_registry AS r SET known_gaps = ARRAY( SELECT
                 CASE
                     WHEN starts_with(k.gap, rename_known_gaps.old_prefix) THEN (rename_known_gaps.new_prefix || substr(k.gap, (length(rename_known_gaps.old_prefix) + 1)))
                     ELSE k.gap
                 END AS gap
            FROM unnest(r.known_gaps) k(gap))
   WHERE ((rename_known_gaps.old_prefix <> rename_known_gaps.new_prefix) AND (EXISTS ( SELECT
            FROM unnest(r.known_gaps) k(gap)
           WHERE starts_with(k.gap, rename_known_gaps.old_prefix))) AND (EXISTS ( SELECT
            FROM gatehouse.audit_triggers t
           WHERE (t.table_id_text = (r.table_id)::text))));
END;
COMMENT ON FUNCTION gatehouse.rename_known_gaps(text,text) IS 'internal: what events tell of audited tables that are there goes on under their new name, or that of their schema';

CREATE OR REPLACE FUNCTION gatehouse.watch_table(relation regclass, name_before text, partitions_before oid[], kinds text[])
 RETURNS void
 LANGUAGE plpgsql
 SET search_path TO 'pg_catalog', 'pg_temp'
 SET quote_all_identifiers TO 'off'
AS $function$
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
$function$;

CREATE OR REPLACE FUNCTION gatehouse.watch_renamed_schema(name_before text, schema_id oid)
 RETURNS void
 LANGUAGE plpgsql
 SET search_path TO 'pg_catalog', 'pg_temp'
 SET quote_all_identifiers TO 'off'
AS $function$
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
$function$;

CREATE FUNCTION gatehouse.has_audited_tables()
 RETURNS boolean
 LANGUAGE sql
BEGIN ATOMIC
 SELECT (EXISTS ( SELECT
            FROM gatehouse.audit_registry r
           WHERE (r.disabled_at IS NULL))) AS "exists";
END;
ALTER FUNCTION gatehouse.has_audited_tables() OWNER TO gatehouse_owner;
COMMENT ON FUNCTION gatehouse.has_audited_tables() IS 'internal: whether any table is audited now';
REVOKE ALL ON FUNCTION gatehouse.has_audited_tables() FROM PUBLIC;

CREATE OR REPLACE FUNCTION gatehouse.follow_commands()
 RETURNS void
 LANGUAGE plpgsql
 STABLE SECURITY DEFINER
 SET search_path TO 'pg_catalog', 'pg_temp'
 SET quote_all_identifiers TO 'off'
AS $function$
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
$function$;
COMMENT ON FUNCTION gatehouse.follow_commands() IS 'internal: for watch_commands: new partitions of audited tables are covered, disabled and altered triggers and detached partitions recorded, and hidden columns stay so';

CREATE OR REPLACE FUNCTION gatehouse.watch_commands()
 RETURNS event_trigger
 LANGUAGE c
AS 'MODULE_PATHNAME', 'gatehouse_audit_follow_commands';

DROP EVENT TRIGGER gatehouse_audit_commands;
CREATE EVENT TRIGGER gatehouse_audit_commands ON ddl_command_end WHEN TAG IN ('ALTER FOREIGN TABLE', 'ALTER INDEX', 'ALTER MATERIALIZED VIEW', 'ALTER SCHEMA', 'ALTER TABLE', 'ALTER TYPE', 'ALTER VIEW', 'CREATE SCHEMA', 'CREATE TABLE', 'CREATE TRIGGER') EXECUTE FUNCTION gatehouse.watch_commands();
ALTER EVENT TRIGGER gatehouse_audit_commands ENABLE ALWAYS;
COMMENT ON EVENT TRIGGER gatehouse_audit_commands IS 'covers new partitions of audited tables, records what is done to their audit, and keeps hidden columns hidden';

SELECT gatehouse.record_extension_update('0.6', '0.7');

-- foundation/privileges.sql

-- Whoever installs may have default privileges (ALTER DEFAULT PRIVILEGES), which every object got when it was made. All
-- that was not granted here is taken back: nobody reads a table of ours because he reads all others.

DO $$
DECLARE
  given record;
BEGIN
  FOR given IN
    SELECT DISTINCT o.kind, o.name, CASE WHEN a.grantee = 0 THEN 'PUBLIC' ELSE a.grantee::regrole::text END AS grantee
      FROM (SELECT CASE c.relkind WHEN 'S' THEN 'SEQUENCE' ELSE 'TABLE' END, c.oid::regclass::text, c.relowner, c.relacl
              FROM pg_class c
             WHERE c.relnamespace = 'gatehouse'::regnamespace
            UNION ALL
            SELECT 'FUNCTION', p.oid::regprocedure::text, p.proowner, p.proacl
              FROM pg_proc p
             WHERE p.pronamespace = 'gatehouse'::regnamespace
            UNION ALL
            SELECT 'TYPE', t.oid::regtype::text, t.typowner, t.typacl
              FROM pg_type t
             WHERE t.typnamespace = 'gatehouse'::regnamespace
            UNION ALL
            SELECT 'SCHEMA', n.nspname, n.nspowner, n.nspacl
              FROM pg_namespace n
             WHERE n.nspname = 'gatehouse') AS o (kind, name, owner, acl),
           aclexplode(o.acl) a
     WHERE a.grantee NOT IN (o.owner, 'gatehouse_owner'::regrole, 'gatehouse_app'::regrole, 'gatehouse_admin'::regrole,
                             'gatehouse_auditor'::regrole)
  LOOP
    EXECUTE format('REVOKE ALL ON %s %s FROM %s', given.kind, given.name, given.grantee);
  END LOOP;
END
$$;
