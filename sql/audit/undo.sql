-- The statements that reverse a transaction, as text: whoever runs them does so with his own rights. Values are read back from JSON
-- by jsonb_populate_record, which knows every type.

CREATE FUNCTION gatehouse.row_source(relation regclass, row_values jsonb, alias text) RETURNS text
LANGUAGE sql STABLE
SET search_path = pg_catalog, pg_temp
AS $$
  SELECT format('pg_catalog.jsonb_populate_record(NULL::%s, %L) AS %s', relation, row_values, alias)
$$;
COMMENT ON FUNCTION gatehouse.row_source(regclass, jsonb, text) IS 'internal: an item of FROM, the row of these values';
ALTER FUNCTION gatehouse.row_source(regclass, jsonb, text) OWNER TO gatehouse_owner;
REVOKE ALL ON FUNCTION gatehouse.row_source(regclass, jsonb, text) FROM PUBLIC;

CREATE FUNCTION gatehouse.own_rows(relation regclass) RETURNS text
LANGUAGE sql STABLE
SET search_path = pg_catalog, pg_temp
AS $$
  SELECT CASE c.relkind WHEN 'p' THEN '' ELSE 'ONLY ' END || relation::text FROM pg_class c WHERE c.oid = relation
$$;
COMMENT ON FUNCTION gatehouse.own_rows(regclass) IS 'internal: a table in a statement without those that inherit from it, whose rows are not its';
ALTER FUNCTION gatehouse.own_rows(regclass) OWNER TO gatehouse_owner;
REVOKE ALL ON FUNCTION gatehouse.own_rows(regclass) FROM PUBLIC;

-- Without a key rows may be equal: one of them is as good as the others.
CREATE FUNCTION gatehouse.row_condition(relation regclass, key jsonb, has_key boolean) RETURNS text
LANGUAGE plpgsql STABLE
SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
  compared text;
BEGIN
  IF has_key THEN
    RETURN (SELECT string_agg(format('t.%1$I = k.%1$I', k.name), ' AND ' ORDER BY k.name) FROM jsonb_object_keys(key) k (name));
  END IF;
  SELECT string_agg(CASE WHEN EXISTS (SELECT FROM pg_opclass o JOIN pg_am m ON m.oid = o.opcmethod AND m.amname = 'btree'
                                       WHERE o.opcdefault AND (o.opcintype = b.base_type OR o.opcintype = 'anyarray'::regtype AND e.typcategory = 'A'
                                                               OR o.opcintype = 'anyenum'::regtype AND e.typtype = 'e'
                                                               OR o.opcintype = 'anyrange'::regtype AND e.typtype = 'r'))
                         THEN format('t.%1$I IS NOT DISTINCT FROM k.%1$I', a.attname)
                         ELSE format('pg_catalog.to_jsonb(t.%1$I) IS NOT DISTINCT FROM pg_catalog.to_jsonb(k.%1$I)', a.attname) END,
                    ' AND ' ORDER BY a.attnum)
    INTO compared
    FROM pg_attribute a
    CROSS JOIN LATERAL (SELECT gatehouse.base_type(a.atttypid) AS base_type) b
    JOIN pg_type e ON e.oid = b.base_type
   WHERE a.attrelid = relation AND a.attnum > 0 AND NOT a.attisdropped AND key ? a.attname::text
     AND key -> a.attname::text <> '{"redacted": true}';
  RETURN format('(t.tableoid, t.ctid) = (SELECT t.tableoid, t.ctid FROM %s AS t, %s WHERE %s LIMIT 1)', gatehouse.own_rows(relation),
                gatehouse.row_source(relation, key, 'k'), coalesce(compared, 'true'));
END
$$;
COMMENT ON FUNCTION gatehouse.row_condition(regclass, jsonb, boolean) IS
  'internal: a condition for the row t with the key k; where the table has no key, for one row that is equal';
ALTER FUNCTION gatehouse.row_condition(regclass, jsonb, boolean) OWNER TO gatehouse_owner;
REVOKE ALL ON FUNCTION gatehouse.row_condition(regclass, jsonb, boolean) FROM PUBLIC;

CREATE FUNCTION gatehouse.base_type(type oid) RETURNS oid
LANGUAGE sql STABLE
SET search_path = pg_catalog, pg_temp
AS $$
  WITH RECURSIVE beneath (type, depth) AS (
    SELECT base_type.type, 0
    UNION ALL
    SELECT t.typbasetype, b.depth + 1 FROM beneath b JOIN pg_type t ON t.oid = b.type WHERE t.typtype = 'd'
  )
  SELECT b.type FROM beneath b ORDER BY b.depth DESC LIMIT 1
$$;
COMMENT ON FUNCTION gatehouse.base_type(oid) IS 'internal: the type beneath a domain';
ALTER FUNCTION gatehouse.base_type(oid) OWNER TO gatehouse_owner;
REVOKE ALL ON FUNCTION gatehouse.base_type(oid) FROM PUBLIC;

CREATE FUNCTION gatehouse.insert_statement(relation regclass, row_values jsonb) RETURNS text
LANGUAGE sql STABLE
SET search_path = pg_catalog, pg_temp
AS $$
  SELECT format('INSERT INTO %s (%s) OVERRIDING SYSTEM VALUE SELECT %s FROM %s;', relation,
                string_agg(format('%I', a.attname), ', ' ORDER BY a.attnum), string_agg(format('r.%I', a.attname), ', ' ORDER BY a.attnum),
                gatehouse.row_source(relation, row_values, 'r'))
    FROM pg_attribute a
   WHERE a.attrelid = relation AND a.attnum > 0 AND NOT a.attisdropped AND a.attgenerated = '' AND row_values ? a.attname::text
     AND row_values -> a.attname::text <> '{"redacted": true}'
$$;
COMMENT ON FUNCTION gatehouse.insert_statement(regclass, jsonb) IS 'internal: INSERT of a row as the log shows it, without what it hides';
ALTER FUNCTION gatehouse.insert_statement(regclass, jsonb) OWNER TO gatehouse_owner;
REVOKE ALL ON FUNCTION gatehouse.insert_statement(regclass, jsonb) FROM PUBLIC;

CREATE FUNCTION gatehouse.update_statement(relation regclass, old jsonb, key jsonb, has_key boolean) RETURNS text
LANGUAGE sql STABLE
SET search_path = pg_catalog, pg_temp
AS $$
  SELECT format('UPDATE %s AS t SET %s FROM %s%s WHERE %s;', gatehouse.own_rows(relation), string_agg(format('%1$I = r.%1$I', a.attname), ', ' ORDER BY a.attnum),
                gatehouse.row_source(relation, old, 'r'),
                CASE WHEN has_key THEN ', ' || gatehouse.row_source(relation, key, 'k') ELSE '' END,
                gatehouse.row_condition(relation, key, has_key))
    FROM pg_attribute a
   WHERE a.attrelid = relation AND a.attnum > 0 AND NOT a.attisdropped AND a.attgenerated = '' AND old ? a.attname::text
     AND old -> a.attname::text <> '{"redacted": true}'
  HAVING count(*) > 0
$$;
COMMENT ON FUNCTION gatehouse.update_statement(regclass, jsonb, jsonb, boolean) IS
  'internal: UPDATE of the row with this key to what its columns held; NULL where the log hides all of them';
ALTER FUNCTION gatehouse.update_statement(regclass, jsonb, jsonb, boolean) OWNER TO gatehouse_owner;
REVOKE ALL ON FUNCTION gatehouse.update_statement(regclass, jsonb, jsonb, boolean) FROM PUBLIC;

CREATE FUNCTION gatehouse.delete_statement(relation regclass, key jsonb, has_key boolean) RETURNS text
LANGUAGE sql STABLE
SET search_path = pg_catalog, pg_temp
AS $$
  SELECT format('DELETE FROM %s AS t%s WHERE %s;', gatehouse.own_rows(relation),
                CASE WHEN has_key THEN ' USING ' || gatehouse.row_source(relation, key, 'k') ELSE '' END,
                gatehouse.row_condition(relation, key, has_key))
$$;
COMMENT ON FUNCTION gatehouse.delete_statement(regclass, jsonb, boolean) IS 'internal: DELETE of the row with this key';
ALTER FUNCTION gatehouse.delete_statement(regclass, jsonb, boolean) OWNER TO gatehouse_owner;
REVOKE ALL ON FUNCTION gatehouse.delete_statement(regclass, jsonb, boolean) FROM PUBLIC;

CREATE FUNCTION gatehouse.values_of(row_values jsonb, relation oid, column_numbers smallint[]) RETURNS jsonb
LANGUAGE sql STABLE
SET search_path = pg_catalog, pg_temp
AS $$
  SELECT CASE WHEN bool_and(row_values ? a.attname::text) THEN jsonb_agg(row_values -> a.attname::text ORDER BY n.place) END
    FROM unnest(column_numbers) WITH ORDINALITY n (number, place)
    JOIN pg_attribute a ON a.attrelid = relation AND a.attnum = n.number
$$;
COMMENT ON FUNCTION gatehouse.values_of(jsonb, oid, smallint[]) IS 'internal: what a row has in these columns; NULL where one is not there';
ALTER FUNCTION gatehouse.values_of(jsonb, oid, smallint[]) OWNER TO gatehouse_owner;
REVOKE ALL ON FUNCTION gatehouse.values_of(jsonb, oid, smallint[]) FROM PUBLIC;

-- The last change is reversed first. But what a foreign key's action did follows in the log what set it off, and can be reversed
-- only after it: a row comes back before those that refer to it.
-- Nobody knows beforehand how many changes there are: a nested loop over all of them would take for ever.
CREATE FUNCTION gatehouse.changes_to_undo(transaction_id xid8, since timestamptz, OUT change gatehouse.row_change_log, OUT relation regclass)
  RETURNS SETOF record
LANGUAGE sql STABLE ROWS 100
SET search_path = pg_catalog, pg_temp
SET plan_cache_mode = force_custom_plan
SET enable_nestloop = off
AS $$
  WITH RECURSIVE changes AS MATERIALIZED (
    SELECT c AS change, c.id, c.operation, t.relation, c.key || c.old AS row_values, c.old
      FROM gatehouse.row_change_log c
      LEFT JOIN gatehouse.audit_triggers t ON t.table_id_text = c.table_id::text
     WHERE c.transaction_id = changes_to_undo.transaction_id AND c.origin = gatehouse.cluster_identifier()
       AND (changes_to_undo.since IS NULL OR c.changed_at >= changes_to_undo.since)
  ), referring AS (
    SELECT f.oid, c.id, gatehouse.values_of(c.row_values, f.conrelid, f.conkey) AS found
      FROM pg_constraint f JOIN changes c ON c.relation = f.conrelid
     WHERE f.contype = 'f' AND f.conparentid = 0 AND c.operation IN ('D', 'U')
  ), referred AS (
    SELECT f.oid, c.id, gatehouse.values_of(c.row_values, f.confrelid, f.confkey) AS found
      FROM pg_constraint f JOIN changes c ON c.relation = f.confrelid
     WHERE f.contype = 'f' AND f.conparentid = 0
       AND (c.operation = 'D' OR c.operation = 'U' AND EXISTS (
              SELECT FROM pg_attribute a
               WHERE a.attrelid = f.confrelid AND a.attnum = ANY (f.confkey) AND c.old ? a.attname::text))
  ), links AS MATERIALIZED (
    SELECT r.id, p.id AS cause FROM referring r JOIN referred p ON p.oid = r.oid AND p.found = r.found AND p.id < r.id
  ), behind (id, cause, depth) AS (
    SELECT l.id, l.cause, 1 FROM links l
    UNION
    SELECT b.id, l.cause, b.depth + 1 FROM behind b JOIN links l ON l.id = b.cause
  )
  SELECT c.change, c.relation::regclass
    FROM changes c
    LEFT JOIN (SELECT b.id, min(b.cause) AS cause, max(b.depth) AS depth FROM behind b GROUP BY b.id) p ON p.id = c.id
   ORDER BY coalesce(p.cause, c.id) DESC, coalesce(p.depth, 0), c.id DESC
$$;
COMMENT ON FUNCTION gatehouse.changes_to_undo(xid8, timestamptz) IS
  'internal: the row changes of a transaction of this cluster in the order in which they can be reversed';
ALTER FUNCTION gatehouse.changes_to_undo(xid8, timestamptz) OWNER TO gatehouse_owner;
REVOKE ALL ON FUNCTION gatehouse.changes_to_undo(xid8, timestamptz) FROM PUBLIC;

CREATE FUNCTION gatehouse.undo_transaction(transaction_id xid8, since timestamptz DEFAULT NULL) RETURNS SETOF text
LANGUAGE plpgsql STABLE SECURITY DEFINER ROWS 100
SET search_path = pg_catalog, pg_temp
SET plan_cache_mode = force_custom_plan
AS $$
DECLARE
  found record;
  change gatehouse.row_change_log;
  relation regclass;
  was gatehouse.audit_shapes;
  becomes gatehouse.audit_shapes;
  has_key boolean;
  key jsonb;
  row_values jsonb;  -- what was there before
  statement text;
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
    END IF;
    was := becomes;
    IF change.id < becomes.since THEN
      SELECT s.* INTO was FROM gatehouse.audit_shapes s
       WHERE s.table_id = change.table_id AND s.since < change.id ORDER BY s.since DESC LIMIT 1;
    END IF;
    has_key := was.key <> '{}';
    row_values := change.old;
    key := change.key;
    IF change.operation = 'U' AND (change.new_key_hash IS NOT NULL OR NOT has_key) THEN
      key := (SELECT jsonb_object_agg(k.key, coalesce(change.new -> k.key, k.value)) FROM jsonb_each(change.key) k);
    END IF;
    IF was.since <> becomes.since THEN
      row_values := gatehouse.reshape_row(row_values, was.columns, becomes.columns, change.operation = 'D');
      key := gatehouse.reshape_row(key, was.columns, becomes.columns, false);
    END IF;
    CASE change.operation
      WHEN 'I' THEN
        statement := gatehouse.delete_statement(relation, key, has_key);
      WHEN 'D' THEN
        statement := gatehouse.insert_statement(relation, row_values);
      WHEN 'U' THEN
        statement := gatehouse.update_statement(relation, row_values, key, has_key);
      ELSE
        RAISE WARNING 'of the rows that TRUNCATE took from % only those are known that were inserted while it was audited', relation;
        RETURN QUERY
          SELECT gatehouse.insert_statement(relation, gatehouse.reshape_row(gone.row_values, was.columns, becomes.columns, true))
            FROM (SELECT b.row_values FROM gatehouse.rows_at(NULL, change.table_id, NULL, change.id, NULL) b WHERE b.complete
                  EXCEPT ALL
                  SELECT a.row_values FROM gatehouse.rows_at(NULL, change.table_id, NULL, change.id + 1, NULL) a) gone;
        CONTINUE;
    END CASE;
    IF statement IS NULL THEN
      RAISE WARNING 'change % of % cannot be reversed: the log does not have what was there before', change.id, relation;
    ELSE
      RETURN NEXT statement;
    END IF;
  END LOOP;
END
$$;
COMMENT ON FUNCTION gatehouse.undo_transaction(xid8, timestamptz) IS
  'the statements that reverse what a transaction of this cluster did to audited tables, to be run in this order; it changes nothing itself. What '
  'the log hides is left out. since: look at row changes from that time on only, else at all';
ALTER FUNCTION gatehouse.undo_transaction(xid8, timestamptz) OWNER TO gatehouse_owner;
REVOKE ALL ON FUNCTION gatehouse.undo_transaction(xid8, timestamptz) FROM PUBLIC;
GRANT EXECUTE ON FUNCTION gatehouse.undo_transaction(xid8, timestamptz) TO gatehouse_auditor, gatehouse_admin;
