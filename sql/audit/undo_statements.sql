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
