-- Excluded and redacted columns are known by name. While a column doesn't bear the name that it is hidden under, no change of the table is
-- taken; so no other column may come to that name, or the hidden one would be logged in the clear under its new one.

CREATE FUNCTION gatehouse.is_own_change(version xid) RETURNS boolean
  LANGUAGE c STABLE STRICT
  AS 'MODULE_PATHNAME', 'gatehouse_audit_is_own_change';
COMMENT ON FUNCTION gatehouse.is_own_change(xid) IS 'internal: whether this transaction, or a subtransaction of it, has written a row with this xmin';
REVOKE ALL ON FUNCTION gatehouse.is_own_change(xid) FROM PUBLIC;
GRANT EXECUTE ON FUNCTION gatehouse.is_own_change(xid) TO gatehouse_owner;

CREATE FUNCTION gatehouse.hidden_names(table_id integer) RETURNS text[]
  LANGUAGE sql STABLE
BEGIN ATOMIC
  SELECT r.excluded || r.redacted FROM gatehouse.audit_registry r WHERE r.table_id = hidden_names.table_id;
END;
ALTER FUNCTION gatehouse.hidden_names(integer) OWNER TO gatehouse_owner;
COMMENT ON FUNCTION gatehouse.hidden_names(integer) IS 'internal: the names under which the audit of a table hides columns; NULL where it is not audited';
REVOKE ALL ON FUNCTION gatehouse.hidden_names(integer) FROM PUBLIC;

CREATE FUNCTION gatehouse.column_numbers(relation regclass) RETURNS jsonb
  LANGUAGE sql STABLE SET search_path = pg_catalog, pg_temp
AS $$
  SELECT jsonb_object_agg(a.attname, a.attnum) FROM pg_attribute a WHERE a.attrelid = relation AND a.attnum > 0 AND NOT a.attisdropped
$$;
ALTER FUNCTION gatehouse.column_numbers(regclass) OWNER TO gatehouse_owner;
COMMENT ON FUNCTION gatehouse.column_numbers(regclass) IS 'internal: the numbers of a table''s columns by their names; NULL where there are none';
REVOKE ALL ON FUNCTION gatehouse.column_numbers(regclass) FROM PUBLIC;

-- The snapshot that the command began with can be older than what it has waited for: what others have written meanwhile is not its doing,
-- but counts. The command can have made the table itself, and an event trigger of somebody's have called enable_audit in it. Of what has been made the dependencies are not written again, whatever is altered of it.
CREATE FUNCTION gatehouse.check_hidden_columns(relation regclass, table_id integer, names_before text[], numbers_before jsonb) RETURNS void
  LANGUAGE plpgsql VOLATILE SET search_path = pg_catalog, pg_temp
AS $$
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
$$;
ALTER FUNCTION gatehouse.check_hidden_columns(regclass, integer, text[], jsonb) OWNER TO gatehouse_owner;
COMMENT ON FUNCTION gatehouse.check_hidden_columns(regclass, integer, text[], jsonb) IS
  'internal: 55000 where the command has given the name of a hidden column to another one. names_before, numbers_before: hidden_names and '
  'column_numbers before it';
REVOKE ALL ON FUNCTION gatehouse.check_hidden_columns(regclass, integer, text[], jsonb) FROM PUBLIC;
