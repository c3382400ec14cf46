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

-- By the operator of an index, which it can use then. Not every type can be compared otherwise, but as JSON it can; but numbers whose JSON
-- depends on the session, and types that somebody has made, since to JSON there could be a cast of his: those by their text.
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
$$;
COMMENT ON FUNCTION gatehouse.column_condition(regclass, text) IS 'internal: that t and k have the same in this column of t';
ALTER FUNCTION gatehouse.column_condition(regclass, text) OWNER TO gatehouse_owner;
REVOKE ALL ON FUNCTION gatehouse.column_condition(regclass, text) FROM PUBLIC;

CREATE FUNCTION gatehouse.statement_parts(relation regclass) RETURNS jsonb
LANGUAGE sql STABLE
SET search_path = pg_catalog, pg_temp
AS $$
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
$$;
COMMENT ON FUNCTION gatehouse.statement_parts(regclass) IS
  'internal: what statements on a table are made of. own_rows: without the tables that inherit from it; unique: columns of which no two rows have the same; '
  'columns: of each how it is defined in a column definition list, inserted, selected and assigned from r, and compared between t and k, where it can be';
ALTER FUNCTION gatehouse.statement_parts(regclass) OWNER TO gatehouse_owner;
REVOKE ALL ON FUNCTION gatehouse.statement_parts(regclass) FROM PUBLIC;

-- These are called for each change, and are parsed but once. No other columns than those that are known: a domain can forbid NULL.
CREATE FUNCTION gatehouse.of_columns(parts jsonb, row_values jsonb) RETURNS TABLE (defined text, inserted text, selected text, assigned text, compared text)
LANGUAGE sql STABLE ROWS 1
BEGIN ATOMIC
  SELECT string_agg(c.value ->> 'defined', ', ' ORDER BY c.value -> 'number'), string_agg(c.value ->> 'inserted', ', ' ORDER BY c.value -> 'number'),
         string_agg(c.value ->> 'selected', ', ' ORDER BY c.value -> 'number'), string_agg(c.value ->> 'assigned', ', ' ORDER BY c.value -> 'number'),
         string_agg(c.value ->> 'compared', ' AND ' ORDER BY c.value -> 'number')
    FROM jsonb_each(parts -> 'columns') c
   WHERE row_values ? c.key;
END;
COMMENT ON FUNCTION gatehouse.of_columns(jsonb, jsonb) IS 'internal: what of statement_parts belongs to the columns of these values, as lists; NULL where none has it';
ALTER FUNCTION gatehouse.of_columns(jsonb, jsonb) OWNER TO gatehouse_owner;
REVOKE ALL ON FUNCTION gatehouse.of_columns(jsonb, jsonb) FROM PUBLIC;

CREATE FUNCTION gatehouse.is_unique(parts jsonb, key jsonb) RETURNS boolean
LANGUAGE sql STABLE
BEGIN ATOMIC
  SELECT EXISTS (SELECT FROM jsonb_array_elements(parts -> 'unique') u WHERE key ?& ARRAY(SELECT jsonb_array_elements_text(u.value)));
END;
COMMENT ON FUNCTION gatehouse.is_unique(jsonb, jsonb) IS 'internal: whether at most one row has these values';
ALTER FUNCTION gatehouse.is_unique(jsonb, jsonb) OWNER TO gatehouse_owner;
REVOKE ALL ON FUNCTION gatehouse.is_unique(jsonb, jsonb) FROM PUBLIC;

CREATE FUNCTION gatehouse.is_whole(parts jsonb, row_values jsonb) RETURNS boolean
LANGUAGE sql STABLE
BEGIN ATOMIC
  SELECT NOT EXISTS (SELECT FROM jsonb_each(parts -> 'columns') c WHERE c.value ? 'compared' AND NOT row_values ? c.key);
END;
COMMENT ON FUNCTION gatehouse.is_whole(jsonb, jsonb) IS 'internal: whether these are the values of all columns';
ALTER FUNCTION gatehouse.is_whole(jsonb, jsonb) OWNER TO gatehouse_owner;
REVOKE ALL ON FUNCTION gatehouse.is_whole(jsonb, jsonb) FROM PUBLIC;

-- Without a key rows may be equal: one of them is as good as the others.
CREATE FUNCTION gatehouse.row_condition(parts jsonb, key jsonb, has_key boolean, defined text, compared text) RETURNS text
LANGUAGE sql STABLE
BEGIN ATOMIC
  SELECT CASE WHEN has_key THEN compared
              ELSE format('(t.tableoid, t.ctid) OPERATOR(pg_catalog.=) (SELECT t.tableoid, t.ctid FROM %s AS t, pg_catalog.jsonb_to_record(%L) AS k(%s) WHERE %s LIMIT 1)',
                          parts ->> 'own_rows', key, defined, compared) END;
END;
COMMENT ON FUNCTION gatehouse.row_condition(jsonb, jsonb, boolean, text, text) IS 'internal: a condition for the row t with the key k; where the table has no key, for one row that is equal. defined, compared: of_columns of the key';
ALTER FUNCTION gatehouse.row_condition(jsonb, jsonb, boolean, text, text) OWNER TO gatehouse_owner;
REVOKE ALL ON FUNCTION gatehouse.row_condition(jsonb, jsonb, boolean, text, text) FROM PUBLIC;

CREATE FUNCTION gatehouse.insert_statement(parts jsonb, rows jsonb) RETURNS text
LANGUAGE sql STABLE
BEGIN ATOMIC
  SELECT format('INSERT INTO %s (%s) OVERRIDING SYSTEM VALUE SELECT %s FROM pg_catalog.jsonb_to_recordset(%L) AS r(%s);', parts ->> 'relation',
                r.inserted, r.selected, rows, r.defined)
    FROM gatehouse.of_columns(parts, rows -> 0) r
   WHERE r.inserted IS NOT NULL;
END;
COMMENT ON FUNCTION gatehouse.insert_statement(jsonb, jsonb) IS 
  'internal: INSERT of rows that are known in the same columns: in one statement they can refer to each other. NULL where nothing is known';
ALTER FUNCTION gatehouse.insert_statement(jsonb, jsonb) OWNER TO gatehouse_owner;
REVOKE ALL ON FUNCTION gatehouse.insert_statement(jsonb, jsonb) FROM PUBLIC;

CREATE FUNCTION gatehouse.update_statement(parts jsonb, old jsonb, key jsonb, has_key boolean) RETURNS text
LANGUAGE sql STABLE
BEGIN ATOMIC
  SELECT format('UPDATE %s AS t SET %s FROM pg_catalog.jsonb_to_record(%L) AS r(%s)%s WHERE %s;', parts ->> 'own_rows', r.assigned, old, r.defined,
                CASE WHEN has_key THEN format(', pg_catalog.jsonb_to_record(%L) AS k(%s)', key, k.defined) ELSE '' END,
                gatehouse.row_condition(parts, key, has_key, k.defined, k.compared))
    FROM gatehouse.of_columns(parts, old) r CROSS JOIN gatehouse.of_columns(parts, key) k
   WHERE r.assigned IS NOT NULL AND k.compared IS NOT NULL;
END;
COMMENT ON FUNCTION gatehouse.update_statement(jsonb, jsonb, jsonb, boolean) IS 
  'internal: UPDATE of the row with this key to what its columns held; NULL where the log hides all of them, or they are GENERATED ALWAYS';
ALTER FUNCTION gatehouse.update_statement(jsonb, jsonb, jsonb, boolean) OWNER TO gatehouse_owner;
REVOKE ALL ON FUNCTION gatehouse.update_statement(jsonb, jsonb, jsonb, boolean) FROM PUBLIC;

CREATE FUNCTION gatehouse.delete_statement(parts jsonb, key jsonb, has_key boolean) RETURNS text
LANGUAGE sql STABLE
BEGIN ATOMIC
  SELECT format('DELETE FROM %s AS t%s WHERE %s;', parts ->> 'own_rows',
                CASE WHEN has_key THEN format(' USING pg_catalog.jsonb_to_record(%L) AS k(%s)', key, k.defined) ELSE '' END,
                gatehouse.row_condition(parts, key, has_key, k.defined, k.compared))
    FROM gatehouse.of_columns(parts, key) k
   WHERE k.compared IS NOT NULL;
END;
COMMENT ON FUNCTION gatehouse.delete_statement(jsonb, jsonb, boolean) IS 'internal: DELETE of the row with this key; NULL where nothing is known of it';
ALTER FUNCTION gatehouse.delete_statement(jsonb, jsonb, boolean) OWNER TO gatehouse_owner;
REVOKE ALL ON FUNCTION gatehouse.delete_statement(jsonb, jsonb, boolean) FROM PUBLIC;
