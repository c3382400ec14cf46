-- Excluded and redacted columns are known by name. While a column doesn't bear the name that it is hidden under, no change of the table is
-- taken; so no other column may come to that name, or the hidden one would be logged in the clear under its new one.

CREATE FUNCTION gatehouse.hidden_columns(relation regclass, table_id integer) RETURNS jsonb
  LANGUAGE sql STABLE SET search_path = pg_catalog, pg_temp
AS $$
  SELECT coalesce(jsonb_object_agg(h.name, h.numbers), '{}')
    FROM (SELECT a.attname::text AS name, array_agg(a.attnum ORDER BY a.attnum) AS numbers
            FROM gatehouse.audit_registry r
            JOIN pg_attribute a ON a.attname::text COLLATE "C" = ANY (r.excluded || r.redacted)
           WHERE r.table_id = hidden_columns.table_id AND a.attrelid = relation AND a.attnum > 0 AND NOT a.attisdropped
           GROUP BY 1) h
$$;
ALTER FUNCTION gatehouse.hidden_columns(regclass, integer) OWNER TO gatehouse_owner;
COMMENT ON FUNCTION gatehouse.hidden_columns(regclass, integer) IS
  'internal: the numbers, by name, of the columns that bear a name which the audit of their table hides. A snapshot that is older than another''s '
  'command can show two of a name';
REVOKE ALL ON FUNCTION gatehouse.hidden_columns(regclass, integer) FROM PUBLIC;

CREATE FUNCTION gatehouse.check_hidden_columns(relation regclass, table_id integer, numbers_before jsonb) RETURNS void
  LANGUAGE plpgsql VOLATILE SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
  name text;
BEGIN
  SELECT h.key INTO name
    FROM jsonb_each(gatehouse.hidden_columns(relation, table_id)) h
   WHERE h.value IS DISTINCT FROM numbers_before -> h.key
   ORDER BY 1
   LIMIT 1;
  IF FOUND THEN
    RAISE EXCEPTION 'audit excludes or redacts column "%", which the table no longer has', name
      USING ERRCODE = '55000', DETAIL = format('The command gives this name to another column of %s.', relation),
            HINT = 'Call gatehouse.enable_audit() again with the present columns.';
  END IF;
END
$$;
ALTER FUNCTION gatehouse.check_hidden_columns(regclass, integer, jsonb) OWNER TO gatehouse_owner;
COMMENT ON FUNCTION gatehouse.check_hidden_columns(regclass, integer, jsonb) IS
  'internal: 55000 where a command has given the name of a hidden column to another one. numbers_before: hidden_columns before it';
REVOKE ALL ON FUNCTION gatehouse.check_hidden_columns(regclass, integer, jsonb) FROM PUBLIC;
