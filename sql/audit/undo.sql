-- The statements that reverse a transaction, as text: whoever runs them does so with his own rights, and with his own search path, so
-- every type and operator is named with its schema. Values are read back from JSON by jsonb_to_record, which knows every type.

CREATE FUNCTION gatehouse.base_type(type oid) RETURNS oid
LANGUAGE sql STABLE
SET search_path = pg_catalog, pg_temp
AS $$
  WITH RECURSIVE below (id, base) AS (
    SELECT y.oid, y.typbasetype FROM pg_type y WHERE y.oid = type
    UNION ALL
    SELECT y.oid, y.typbasetype FROM below b JOIN pg_type y ON y.oid = b.base)
  SELECT b.id FROM below b WHERE b.base = 0
$$;
COMMENT ON FUNCTION gatehouse.base_type(oid) IS 'internal: the type that a domain is of, else the type';
ALTER FUNCTION gatehouse.base_type(oid) OWNER TO gatehouse_owner;
REVOKE ALL ON FUNCTION gatehouse.base_type(oid) FROM PUBLIC;

CREATE FUNCTION gatehouse.type_name(type oid) RETURNS text
LANGUAGE sql STABLE
SET search_path = pg_catalog, pg_temp
AS $$
  SELECT format('%I.%I', n.nspname, y.typname) FROM pg_type y JOIN pg_namespace n ON n.oid = y.typnamespace WHERE y.oid = type
$$;
COMMENT ON FUNCTION gatehouse.type_name(oid) IS 'internal: the name of a type with its schema, PostgreSQL''s own too, which format_type leaves to the search path';
ALTER FUNCTION gatehouse.type_name(oid) OWNER TO gatehouse_owner;
REVOKE ALL ON FUNCTION gatehouse.type_name(oid) FROM PUBLIC;

CREATE FUNCTION gatehouse.unique_indexes(relation regclass) RETURNS TABLE (columns text[], column_numbers smallint[], operator_classes oid[])
LANGUAGE sql STABLE ROWS 1
SET search_path = pg_catalog, pg_temp
AS $$
  SELECT array_agg(a.attname::text COLLATE "default" ORDER BY k.place), array_agg(a.attnum ORDER BY k.place), array_agg(k.operator_class ORDER BY k.place)
    FROM pg_index i
   CROSS JOIN LATERAL unnest(i.indkey::smallint[], i.indclass::oid[], i.indcollation::oid[]) WITH ORDINALITY k (number, operator_class, collation_id, place)
    LEFT JOIN pg_attribute a ON a.attrelid = i.indrelid AND a.attnum = k.number AND a.attcollation = k.collation_id
   WHERE i.indrelid = relation AND i.indisunique AND i.indisvalid AND i.indpred IS NULL AND k.place <= i.indnkeyatts
   GROUP BY i.indexrelid, i.indisprimary
  HAVING bool_and(a.attnum IS NOT NULL)
   ORDER BY i.indisprimary DESC, i.indexrelid
$$;
COMMENT ON FUNCTION gatehouse.unique_indexes(regclass) IS 'internal: of what columns no two rows of a table have the same, the primary key first';
ALTER FUNCTION gatehouse.unique_indexes(regclass) OWNER TO gatehouse_owner;
REVOKE ALL ON FUNCTION gatehouse.unique_indexes(regclass) FROM PUBLIC;

-- By the operator of an index, which it can use then. Not every type can be compared otherwise, but as JSON it can; one that somebody has
-- made by its text, since to JSON there could be a cast of his.
CREATE FUNCTION gatehouse.column_condition(relation regclass, name text) RETURNS text
LANGUAGE sql STABLE
SET search_path = pg_catalog, pg_temp
AS $$
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
                    CROSS JOIN LATERAL (SELECT CASE WHEN y.typtype = 'p' THEN gatehouse.base_type(a.atttypid) ELSE y.oid END AS type) d
                    WHERE k.number = a.attnum
                    LIMIT 1),
                  CASE WHEN gatehouse.base_type(a.atttypid) < 16384
                       THEN format('pg_catalog.jsonb_build_array(t.%1$I) OPERATOR(pg_catalog.=) pg_catalog.jsonb_build_array(k.%1$I)', name)
                       ELSE format('pg_catalog.format(''%%L'', t.%1$I) OPERATOR(pg_catalog.=) pg_catalog.format(''%%L'', k.%1$I)', name) END)
    FROM pg_attribute a
   WHERE a.attrelid = relation AND a.attname::text = column_condition.name
$$;
COMMENT ON FUNCTION gatehouse.column_condition(regclass, text) IS 'internal: that t and k have the same in this column of t';
ALTER FUNCTION gatehouse.column_condition(regclass, text) OWNER TO gatehouse_owner;
REVOKE ALL ON FUNCTION gatehouse.column_condition(regclass, text) FROM PUBLIC;

-- Only the columns that are named: a domain can forbid NULL for the others.
CREATE FUNCTION gatehouse.statement_parts(relation regclass, names text[]) RETURNS jsonb
LANGUAGE sql STABLE
SET search_path = pg_catalog, pg_temp
AS $$
  SELECT jsonb_build_object(
           'relation', relation::text,
           'own_rows', CASE c.relkind WHEN 'p' THEN '' ELSE 'ONLY ' END || relation::text,
           'row_type', string_agg(format('%I %s%s', a.attname, gatehouse.type_name(a.atttypid), o.collated), ', ' ORDER BY a.attnum) FILTER (WHERE a.attnum IS NOT NULL),
           'inserted', string_agg(format('%I', a.attname), ', ' ORDER BY a.attnum) FILTER (WHERE a.attgenerated = ''),
           'selected', string_agg(format('r.%I', a.attname), ', ' ORDER BY a.attnum) FILTER (WHERE a.attgenerated = ''),
           'assigned', string_agg(format('%1$I = r.%1$I', a.attname), ', ' ORDER BY a.attnum) FILTER (WHERE a.attgenerated = '' AND a.attidentity <> 'a'),
           'condition', string_agg(gatehouse.column_condition(relation, a.attname), ' AND ' ORDER BY a.attname),
           'is_unique', EXISTS (SELECT FROM gatehouse.unique_indexes(relation) i WHERE i.columns <@ names),
           'is_all', NOT EXISTS (SELECT FROM pg_attribute u WHERE u.attrelid = relation AND u.attnum > 0 AND NOT u.attisdropped
                                    AND u.attgenerated::text <> 'v' AND u.attname::text COLLATE "default" <> ALL (names)))
    FROM pg_class c
    LEFT JOIN pg_attribute a ON a.attrelid = c.oid AND a.attnum > 0 AND NOT a.attisdropped AND a.attname::text COLLATE "default" = ANY (names)
    LEFT JOIN LATERAL (SELECT format(' COLLATE %I.%I', n.nspname, l.collname)
                         FROM pg_collation l JOIN pg_namespace n ON n.oid = l.collnamespace JOIN pg_type y ON y.oid = a.atttypid
                        WHERE l.oid = a.attcollation AND a.attcollation <> y.typcollation) o (collated) ON true
   WHERE c.oid = relation
   GROUP BY c.oid
$$;
COMMENT ON FUNCTION gatehouse.statement_parts(regclass, text[]) IS
  'internal: what statements on rows that are known in these columns are made of: relation and own_rows, which leaves out the tables that inherit; row_type, '
  'a column definition list; inserted, selected from r, assigned from r; condition for t and k, is_unique: whether it is of one row at most; is_all: '
  'whether these are all columns. null where there is none';
ALTER FUNCTION gatehouse.statement_parts(regclass, text[]) OWNER TO gatehouse_owner;
REVOKE ALL ON FUNCTION gatehouse.statement_parts(regclass, text[]) FROM PUBLIC;

CREATE FUNCTION gatehouse.known_parts(INOUT known jsonb, relation regclass, row_values jsonb, OUT parts jsonb)
LANGUAGE plpgsql STABLE
SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
  names CONSTANT text[] := ARRAY(SELECT jsonb_object_keys(row_values));
  place CONSTANT text := concat(relation::oid, names);
BEGIN
  IF NOT known ? place THEN
    known := known || jsonb_build_object(place, gatehouse.statement_parts(relation, names));
  END IF;
  parts := known -> place;
END
$$;
COMMENT ON FUNCTION gatehouse.known_parts(jsonb, regclass, jsonb) IS
  'internal: statement_parts for such a row, and all that is known of them, by table and columns, which the next call is given';
ALTER FUNCTION gatehouse.known_parts(jsonb, regclass, jsonb) OWNER TO gatehouse_owner;
REVOKE ALL ON FUNCTION gatehouse.known_parts(jsonb, regclass, jsonb) FROM PUBLIC;

CREATE FUNCTION gatehouse.row_source(parts jsonb, row_values jsonb, alias text) RETURNS text
LANGUAGE sql STABLE
SET search_path = pg_catalog, pg_temp
AS $$
  SELECT format('pg_catalog.jsonb_to_record(%L) AS %s(%s)', row_values, alias, parts ->> 'row_type')
$$;
COMMENT ON FUNCTION gatehouse.row_source(jsonb, jsonb, text) IS 'internal: an item of FROM, the row of these values';
ALTER FUNCTION gatehouse.row_source(jsonb, jsonb, text) OWNER TO gatehouse_owner;
REVOKE ALL ON FUNCTION gatehouse.row_source(jsonb, jsonb, text) FROM PUBLIC;

-- Without a key rows may be equal: one of them is as good as the others.
CREATE FUNCTION gatehouse.row_condition(parts jsonb, key jsonb, has_key boolean) RETURNS text
LANGUAGE sql STABLE
SET search_path = pg_catalog, pg_temp
AS $$
  SELECT CASE WHEN has_key THEN parts ->> 'condition'
              ELSE format('(t.tableoid, t.ctid) OPERATOR(pg_catalog.=) (SELECT t.tableoid, t.ctid FROM %s AS t, %s WHERE %s LIMIT 1)',
                          parts ->> 'own_rows', gatehouse.row_source(parts, key, 'k'), parts ->> 'condition') END
$$;
COMMENT ON FUNCTION gatehouse.row_condition(jsonb, jsonb, boolean) IS
  'internal: a condition for the row t with the key k; where the table has no key, for one row that is equal';
ALTER FUNCTION gatehouse.row_condition(jsonb, jsonb, boolean) OWNER TO gatehouse_owner;
REVOKE ALL ON FUNCTION gatehouse.row_condition(jsonb, jsonb, boolean) FROM PUBLIC;

CREATE FUNCTION gatehouse.insert_statement(parts jsonb, rows jsonb) RETURNS text
LANGUAGE sql STABLE
SET search_path = pg_catalog, pg_temp
AS $$
  SELECT format('INSERT INTO %s (%s) OVERRIDING SYSTEM VALUE SELECT %s FROM pg_catalog.jsonb_to_recordset(%L) AS r(%s);', parts ->> 'relation',
                parts ->> 'inserted', parts ->> 'selected', rows, parts ->> 'row_type')
   WHERE parts ->> 'inserted' IS NOT NULL
$$;
COMMENT ON FUNCTION gatehouse.insert_statement(jsonb, jsonb) IS
  'internal: INSERT of rows that are known in the same columns: in one statement they can refer to each other. NULL where nothing is known';
ALTER FUNCTION gatehouse.insert_statement(jsonb, jsonb) OWNER TO gatehouse_owner;
REVOKE ALL ON FUNCTION gatehouse.insert_statement(jsonb, jsonb) FROM PUBLIC;

CREATE FUNCTION gatehouse.update_statement(parts jsonb, old jsonb, key_parts jsonb, key jsonb, has_key boolean) RETURNS text
LANGUAGE sql STABLE
SET search_path = pg_catalog, pg_temp
AS $$
  SELECT format('UPDATE %s AS t SET %s FROM %s%s WHERE %s;', parts ->> 'own_rows', parts ->> 'assigned', gatehouse.row_source(parts, old, 'r'),
                CASE WHEN has_key THEN ', ' || gatehouse.row_source(key_parts, key, 'k') ELSE '' END, gatehouse.row_condition(key_parts, key, has_key))
   WHERE parts ->> 'assigned' IS NOT NULL AND key_parts ->> 'condition' IS NOT NULL
$$;
COMMENT ON FUNCTION gatehouse.update_statement(jsonb, jsonb, jsonb, jsonb, boolean) IS
  'internal: UPDATE of the row with this key to what its columns held; NULL where the log hides all of them, or they are GENERATED ALWAYS';
ALTER FUNCTION gatehouse.update_statement(jsonb, jsonb, jsonb, jsonb, boolean) OWNER TO gatehouse_owner;
REVOKE ALL ON FUNCTION gatehouse.update_statement(jsonb, jsonb, jsonb, jsonb, boolean) FROM PUBLIC;

CREATE FUNCTION gatehouse.delete_statement(key_parts jsonb, key jsonb, has_key boolean) RETURNS text
LANGUAGE sql STABLE
SET search_path = pg_catalog, pg_temp
AS $$
  SELECT format('DELETE FROM %s AS t%s WHERE %s;', key_parts ->> 'own_rows',
                CASE WHEN has_key THEN ' USING ' || gatehouse.row_source(key_parts, key, 'k') ELSE '' END, gatehouse.row_condition(key_parts, key, has_key))
   WHERE key_parts ->> 'condition' IS NOT NULL
$$;
COMMENT ON FUNCTION gatehouse.delete_statement(jsonb, jsonb, boolean) IS 'internal: DELETE of the row with this key; NULL where nothing is known of it';
ALTER FUNCTION gatehouse.delete_statement(jsonb, jsonb, boolean) OWNER TO gatehouse_owner;
REVOKE ALL ON FUNCTION gatehouse.delete_statement(jsonb, jsonb, boolean) FROM PUBLIC;

CREATE FUNCTION gatehouse.values_of(row_values jsonb, relation oid, column_numbers smallint[]) RETURNS jsonb
LANGUAGE sql STABLE
SET search_path = pg_catalog, pg_temp
AS $$
  SELECT jsonb_object_agg(n.place, row_values -> a.attname::text)
    FROM unnest(column_numbers) WITH ORDINALITY n (number, place)
    JOIN pg_attribute a ON a.attrelid = relation AND a.attnum = n.number
   WHERE row_values ? a.attname::text
$$;
COMMENT ON FUNCTION gatehouse.values_of(jsonb, oid, smallint[]) IS
  'internal: what is known of a row in these columns, by their place among them; NULL where nothing is';
ALTER FUNCTION gatehouse.values_of(jsonb, oid, smallint[]) OWNER TO gatehouse_owner;
REVOKE ALL ON FUNCTION gatehouse.values_of(jsonb, oid, smallint[]) FROM PUBLIC;

CREATE FUNCTION gatehouse.places_in(known jsonb) RETURNS text[]
LANGUAGE sql IMMUTABLE
SET search_path = pg_catalog, pg_temp
AS $$
  SELECT array_agg(k.place ORDER BY k.place) FROM jsonb_object_keys(known) k (place)
$$;
COMMENT ON FUNCTION gatehouse.places_in(jsonb) IS 'internal: which columns values_of knows of';
ALTER FUNCTION gatehouse.places_in(jsonb) OWNER TO gatehouse_owner;
REVOKE ALL ON FUNCTION gatehouse.places_in(jsonb) FROM PUBLIC;

CREATE FUNCTION gatehouse.values_at(known jsonb, places text[]) RETURNS jsonb
LANGUAGE sql STABLE
SET search_path = pg_catalog, pg_temp
AS $$
  SELECT jsonb_agg(known -> p.place ORDER BY p.place) FROM unnest(places) p (place)
$$;
COMMENT ON FUNCTION gatehouse.values_at(jsonb, text[]) IS 'internal: of what values_of knows that of these places';
ALTER FUNCTION gatehouse.values_at(jsonb, text[]) OWNER TO gatehouse_owner;
REVOKE ALL ON FUNCTION gatehouse.values_at(jsonb, text[]) FROM PUBLIC;

CREATE FUNCTION gatehouse.changes_in_transaction(transaction_id xid8, since timestamptz, OUT change gatehouse.row_change_log, OUT relation regclass)
  RETURNS SETOF record
LANGUAGE sql STABLE ROWS 100
SET search_path = pg_catalog, pg_temp
SET plan_cache_mode = force_custom_plan
AS $$
  SELECT c, t.relation::regclass
    FROM gatehouse.row_change_log c
    LEFT JOIN gatehouse.audit_triggers t ON t.table_id_text = c.table_id::text
   WHERE c.transaction_id = changes_in_transaction.transaction_id AND c.origin = gatehouse.cluster_identifier()
     AND (changes_in_transaction.since IS NULL OR c.changed_at >= changes_in_transaction.since)
$$;
COMMENT ON FUNCTION gatehouse.changes_in_transaction(xid8, timestamptz) IS
  'internal: the row changes of a transaction of this cluster, with the table as it is now; NULL where it is no longer audited or gone';
ALTER FUNCTION gatehouse.changes_in_transaction(xid8, timestamptz) OWNER TO gatehouse_owner;
REVOKE ALL ON FUNCTION gatehouse.changes_in_transaction(xid8, timestamptz) FROM PUBLIC;

-- What an action of a foreign key did to a row follows in the log what set it off: the last that happened to the row that is
-- referred to. An update tells only the columns that it changed, of the row that refers as of the other: those that both tell count.
CREATE FUNCTION gatehouse.causes_in_transaction(transaction_id xid8, since timestamptz, OUT id bigint, OUT cause bigint) RETURNS SETOF record
LANGUAGE sql STABLE ROWS 100
SET search_path = pg_catalog, pg_temp
SET plan_cache_mode = force_custom_plan
SET enable_nestloop = off
AS $$
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
$$;
COMMENT ON FUNCTION gatehouse.causes_in_transaction(xid8, timestamptz) IS
  'internal: row changes of a transaction of this cluster that an action of a foreign key can have made, with the one that set it off';
ALTER FUNCTION gatehouse.causes_in_transaction(xid8, timestamptz) OWNER TO gatehouse_owner;
REVOKE ALL ON FUNCTION gatehouse.causes_in_transaction(xid8, timestamptz) FROM PUBLIC;

-- The last change is reversed first. But what a foreign key's action did can be reversed only after what set it off: a row comes
-- back before those that refer to it. What had been done to these in between comes behind them.
-- Nobody knows beforehand how many changes there are: a nested loop over all of them would take for ever.
--
-- A row that went to another partition is a DELETE and an INSERT there. Where others refer to such rows it has to go back by an UPDATE.
CREATE FUNCTION gatehouse.changes_to_undo(transaction_id xid8, since timestamptz, OUT change gatehouse.row_change_log, OUT relation regclass,
                                          OUT key_now jsonb, OUT moved_to jsonb)
  RETURNS SETOF record
LANGUAGE sql STABLE ROWS 100
SET search_path = pg_catalog, pg_temp
SET plan_cache_mode = force_custom_plan
SET enable_nestloop = off
AS $$
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
$$;
COMMENT ON FUNCTION gatehouse.changes_to_undo(xid8, timestamptz) IS
  'internal: the row changes of a transaction of this cluster in the order in which they can be reversed; key_now: which the row has then, if it is '
  'another than after the change; moved_to: of a DELETE the key that the row has got in another partition';
ALTER FUNCTION gatehouse.changes_to_undo(xid8, timestamptz) OWNER TO gatehouse_owner;
REVOKE ALL ON FUNCTION gatehouse.changes_to_undo(xid8, timestamptz) FROM PUBLIC;

-- In one statement for all where they may refer to each other.
CREATE FUNCTION gatehouse.insert_truncated_rows(relation regclass, change gatehouse.row_change_log, was gatehouse.audit_shapes, becomes gatehouse.audit_shapes)
  RETURNS SETOF text
LANGUAGE sql STABLE ROWS 100
SET search_path = pg_catalog, pg_temp
AS $$
  SELECT gatehouse.insert_statement(gatehouse.statement_parts(relation, g.names), jsonb_agg(g.row_values))
    FROM (SELECT w.row_values, w.number, ARRAY(SELECT jsonb_object_keys(w.row_values)) AS names
            FROM (SELECT gatehouse.reshape_row(gone.row_values - gatehouse.redacted_columns(was), was.columns, becomes.columns, true) AS row_values,
                 row_number() OVER () AS number
            FROM (SELECT b.row_values FROM gatehouse.rows_at(NULL, change.table_id, NULL, change.id, NULL) b WHERE b.complete
                  EXCEPT ALL
                  SELECT a.row_values FROM gatehouse.rows_at(NULL, change.table_id, NULL, change.id + 1, NULL) a) gone) w) g
   GROUP BY CASE WHEN EXISTS (SELECT FROM pg_constraint f WHERE f.contype = 'f' AND f.conrelid = relation AND f.confrelid = relation) THEN 0
                 ELSE g.number / 100 END,
            g.names
$$;
COMMENT ON FUNCTION gatehouse.insert_truncated_rows(regclass, gatehouse.row_change_log, gatehouse.audit_shapes, gatehouse.audit_shapes) IS
  'internal: INSERTs of the rows that a TRUNCATE took, as far as they are known';
ALTER FUNCTION gatehouse.insert_truncated_rows(regclass, gatehouse.row_change_log, gatehouse.audit_shapes, gatehouse.audit_shapes) OWNER TO gatehouse_owner;
REVOKE ALL ON FUNCTION gatehouse.insert_truncated_rows(regclass, gatehouse.row_change_log, gatehouse.audit_shapes, gatehouse.audit_shapes) FROM PUBLIC;

CREATE FUNCTION gatehouse.redacted_columns(shape gatehouse.audit_shapes) RETURNS text[]
LANGUAGE sql IMMUTABLE
SET search_path = pg_catalog, pg_temp
AS $$
  SELECT ARRAY(SELECT c.name FROM gatehouse.shape_columns(shape.columns) c WHERE c.redacted)
$$;
COMMENT ON FUNCTION gatehouse.redacted_columns(gatehouse.audit_shapes) IS 'internal: of which the log shows a mark only';
ALTER FUNCTION gatehouse.redacted_columns(gatehouse.audit_shapes) OWNER TO gatehouse_owner;
REVOKE ALL ON FUNCTION gatehouse.redacted_columns(gatehouse.audit_shapes) FROM PUBLIC;

CREATE FUNCTION gatehouse.has_deferrable(relation regclass, types "char"[]) RETURNS boolean
LANGUAGE sql STABLE
SET search_path = pg_catalog, pg_temp
AS $$
  SELECT EXISTS (SELECT FROM pg_constraint c WHERE c.condeferrable AND c.contype = ANY (types) AND (c.conrelid = relation OR c.confrelid = relation))
$$;
COMMENT ON FUNCTION gatehouse.has_deferrable(regclass, "char"[]) IS 'internal: whether a table has a deferrable constraint of these types, pg_constraint.contype';
ALTER FUNCTION gatehouse.has_deferrable(regclass, "char"[]) OWNER TO gatehouse_owner;
REVOKE ALL ON FUNCTION gatehouse.has_deferrable(regclass, "char"[]) FROM PUBLIC;

-- A key loses its meaning with one of its columns, and where ALTER TABLE has written others into the rows.
CREATE FUNCTION gatehouse.still_tells_row(was gatehouse.audit_shapes, becomes gatehouse.audit_shapes, change_id bigint, has_key boolean, is_unique boolean)
  RETURNS boolean
LANGUAGE sql STABLE
SET search_path = pg_catalog, pg_temp
AS $$
  SELECT NOT EXISTS (SELECT FROM gatehouse.audit_shapes s WHERE s.table_id = was.table_id AND s.since > change_id AND s.restates)
     AND (NOT has_key OR is_unique AND was.key <@ ARRAY(SELECT c.id FROM gatehouse.shape_columns(becomes.columns) c))
$$;
COMMENT ON FUNCTION gatehouse.still_tells_row(gatehouse.audit_shapes, gatehouse.audit_shapes, bigint, boolean, boolean) IS
  'internal: whether a row of the past is found by what the log knew it by then, after its table''s columns have changed';
ALTER FUNCTION gatehouse.still_tells_row(gatehouse.audit_shapes, gatehouse.audit_shapes, bigint, boolean, boolean) OWNER TO gatehouse_owner;
REVOKE ALL ON FUNCTION gatehouse.still_tells_row(gatehouse.audit_shapes, gatehouse.audit_shapes, bigint, boolean, boolean) FROM PUBLIC;

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
  hidden text[];
  has_key boolean;
  key jsonb;
  needs_row boolean;
  row_values jsonb;  -- what was there before
  known jsonb := jsonb '{}';
  parts jsonb;
  key_parts jsonb;
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
    key := coalesce(found.moved_to, found.key_now, key);
    IF was.since <> becomes.since THEN
      row_values := gatehouse.reshape_row(row_values, was.columns, becomes.columns, change.operation = 'D');
      key := gatehouse.reshape_row(key, was.columns, becomes.columns, false);
    END IF;
    SELECT p.known, p.parts INTO known, parts FROM gatehouse.known_parts(known, relation, row_values) p;
    SELECT p.known, p.parts INTO known, key_parts FROM gatehouse.known_parts(known, relation, key) p;
    IF needs_row AND was.since <> becomes.since AND NOT gatehouse.still_tells_row(was, becomes, change.id, has_key, (key_parts ->> 'is_unique')::boolean) THEN
      RAISE WARNING 'change % of % cannot be reversed: what the log knows the row by no longer tells it from others', change.id, relation;
      CONTINUE;
    END IF;
    IF needs_row AND NOT has_key AND NOT (key_parts ->> 'is_all')::boolean AND relation <> ALL (warned_of) THEN
      warned_of := array_append(warned_of, relation);
      RAISE WARNING 'rows of % that differ only in what the log does not tell of them cannot be told apart', relation;
    END IF;
    CASE change.operation
      WHEN 'I' THEN
        statement := gatehouse.delete_statement(key_parts, key, has_key);
      WHEN 'D' THEN
        statement := CASE WHEN found.moved_to IS NULL THEN gatehouse.insert_statement(parts, jsonb_build_array(row_values))
                          ELSE gatehouse.update_statement(parts, row_values, key_parts, key, has_key) END;
      WHEN 'U' THEN
        statement := gatehouse.update_statement(parts, row_values, key_parts, key, has_key);
      ELSE
        IF EXISTS (SELECT FROM gatehouse.audit_partitions p WHERE p.partition_id = change.partition_id AND p.has_left) THEN
          RAISE WARNING 'the rows of partition % are no longer those of %: it was detached or dropped', change.key ->> 'partition', relation;
          CONTINUE;
        END IF;
        RAISE WARNING 'of the rows that TRUNCATE took from % only those are known that were inserted while it was audited', relation;
        RETURN QUERY SELECT i FROM gatehouse.insert_truncated_rows(relation, change, was, becomes) i;
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
  'the statements that reverse what a transaction of this cluster did to audited tables, to be run in this order in one transaction; it changes '
  'nothing itself. What the log hides is left out. since: look at row changes from that time on only, else at all';
ALTER FUNCTION gatehouse.undo_transaction(xid8, timestamptz) OWNER TO gatehouse_owner;
REVOKE ALL ON FUNCTION gatehouse.undo_transaction(xid8, timestamptz) FROM PUBLIC;
GRANT EXECUTE ON FUNCTION gatehouse.undo_transaction(xid8, timestamptz) TO gatehouse_auditor, gatehouse_admin;
