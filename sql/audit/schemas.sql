-- The audit of all tables of a schema, also of those that come later. A restore makes its tables before the rows of audit_schemas
-- are there, so it audits none of them anew.

CREATE VIEW gatehouse.audited_schemas WITH (security_barrier) AS
SELECT s.schema_name, s.enabled_at FROM gatehouse.audit_schemas s;
ALTER VIEW gatehouse.audited_schemas OWNER TO gatehouse_owner;
COMMENT ON VIEW gatehouse.audited_schemas IS 'schemas whose new tables are audited';
GRANT SELECT ON gatehouse.audited_schemas TO gatehouse_auditor, gatehouse_admin;

CREATE FUNCTION gatehouse.lock_audited_schema(schema_id oid) RETURNS void
  LANGUAGE c VOLATILE STRICT
  AS 'MODULE_PATHNAME', 'gatehouse_audit_lock_schema';
COMMENT ON FUNCTION gatehouse.lock_audited_schema(oid) IS
  'internal: waits for whoever makes a table in the schema, and keeps others from it until the transaction ends';
REVOKE ALL ON FUNCTION gatehouse.lock_audited_schema(oid) FROM PUBLIC;
GRANT EXECUTE ON FUNCTION gatehouse.lock_audited_schema(oid) TO gatehouse_owner;

CREATE FUNCTION gatehouse.check_auditable_schema(schema_name text) RETURNS oid
  LANGUAGE plpgsql STABLE SET search_path = pg_catalog, pg_temp
AS $$
#variable_conflict use_variable
DECLARE
  of_schema pg_namespace;
BEGIN
  IF schema_name IS NULL THEN
    RAISE EXCEPTION 'argument "schema_name" must not be null' USING ERRCODE = '22023';
  END IF;
  SELECT n.* INTO of_schema FROM pg_namespace n WHERE n.nspname::text = schema_name;
  IF NOT FOUND THEN
    RAISE EXCEPTION 'schema "%" does not exist', schema_name USING ERRCODE = '22023';
  ELSIF starts_with(schema_name, 'pg_') OR schema_name IN ('information_schema', 'gatehouse') THEN
    RAISE EXCEPTION 'cannot audit schema "%"', schema_name USING ERRCODE = '22023';
  ELSIF NOT pg_has_role(gatehouse.calling_role(), of_schema.nspowner, 'USAGE') THEN
    RAISE EXCEPTION 'must be owner of schema %', schema_name USING ERRCODE = '42501';
  END IF;
  RETURN of_schema.oid;
END
$$;
ALTER FUNCTION gatehouse.check_auditable_schema(text) OWNER TO gatehouse_owner;
COMMENT ON FUNCTION gatehouse.check_auditable_schema(text) IS
  'internal: the schema''s OID; raises unless its tables can be audited and the calling role has the rights of its owner';
REVOKE ALL ON FUNCTION gatehouse.check_auditable_schema(text) FROM PUBLIC;

CREATE FUNCTION gatehouse.record_schema_enabled(schema_name text) RETURNS void
  LANGUAGE plpgsql VOLATILE SECURITY DEFINER SET search_path = pg_catalog, pg_temp
AS $$
#variable_conflict use_column
BEGIN
  -- A table that is being made now would be missed by both: what is there is not committed, what comes later not recorded.
  PERFORM gatehouse.lock_audited_schema(gatehouse.check_auditable_schema(record_schema_enabled.schema_name));
  PERFORM gatehouse.check_auditable_schema(record_schema_enabled.schema_name);
  INSERT INTO gatehouse.audit_schemas (schema_name) VALUES (record_schema_enabled.schema_name)
  ON CONFLICT ON CONSTRAINT audit_schemas_pkey DO NOTHING;
  IF FOUND THEN
    PERFORM gatehouse.write_event('audit.schema_enabled', NULL, NULL, NULL, true,
      jsonb_build_object('schema_name', record_schema_enabled.schema_name, 'role', gatehouse.calling_role()::regrole::text), NULL);
  END IF;
END
$$;
ALTER FUNCTION gatehouse.record_schema_enabled(text) OWNER TO gatehouse_owner;
COMMENT ON FUNCTION gatehouse.record_schema_enabled(text) IS
  'has later tables of a schema audited and writes an event; for gatehouse.enable_audit_schema';
REVOKE ALL ON FUNCTION gatehouse.record_schema_enabled(text) FROM PUBLIC;
GRANT EXECUTE ON FUNCTION gatehouse.record_schema_enabled(text) TO gatehouse_admin;

CREATE FUNCTION gatehouse.enable_audit_schema(schema_name text) RETURNS void
  LANGUAGE plpgsql VOLATILE SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
  found_table record;
BEGIN
  PERFORM gatehouse.record_schema_enabled(enable_audit_schema.schema_name);
  FOR found_table IN
    SELECT c.oid::regclass AS relation, c.relpersistence = 'u' AS is_unlogged,
           EXISTS (SELECT FROM pg_depend d
                    WHERE d.classid = 'pg_class'::regclass AND d.objid = c.oid AND d.deptype = 'e') AS is_member
      FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
     WHERE n.nspname::text = enable_audit_schema.schema_name AND c.relkind IN ('r', 'p') AND NOT c.relispartition
     ORDER BY c.relname
  LOOP
    IF found_table.is_unlogged THEN
      RAISE NOTICE 'table % is not audited: it is unlogged', found_table.relation;
    ELSIF found_table.is_member THEN
      RAISE NOTICE 'table % is not audited: it belongs to an extension', found_table.relation;
    ELSIF gatehouse.current_table_id(found_table.relation) IS NULL THEN
      PERFORM gatehouse.enable_audit(found_table.relation);
    END IF;
  END LOOP;
END
$$;
ALTER FUNCTION gatehouse.enable_audit_schema(text) OWNER TO gatehouse_owner;
COMMENT ON FUNCTION gatehouse.enable_audit_schema(text) IS
  'enables audit for every table of a schema, and for each that is made in it, moved into it, or set logged in it, from now on. Needs the owner of the schema and of its tables';
REVOKE ALL ON FUNCTION gatehouse.enable_audit_schema(text) FROM PUBLIC;
GRANT EXECUTE ON FUNCTION gatehouse.enable_audit_schema(text) TO gatehouse_admin;

CREATE FUNCTION gatehouse.disable_audit_schema(schema_name text) RETURNS boolean
  LANGUAGE plpgsql VOLATILE SECURITY DEFINER SET search_path = pg_catalog, pg_temp
AS $$
BEGIN
  PERFORM gatehouse.check_auditable_schema(disable_audit_schema.schema_name);
  DELETE FROM gatehouse.audit_schemas s WHERE s.schema_name = disable_audit_schema.schema_name;
  IF NOT FOUND THEN
    RETURN false;
  END IF;
  PERFORM gatehouse.write_event('audit.schema_disabled', NULL, NULL, NULL, true,
    jsonb_build_object('schema_name', disable_audit_schema.schema_name, 'role', gatehouse.calling_role()::regrole::text), NULL);
  RETURN true;
END
$$;
ALTER FUNCTION gatehouse.disable_audit_schema(text) OWNER TO gatehouse_owner;
COMMENT ON FUNCTION gatehouse.disable_audit_schema(text) IS
  'later tables of a schema are no longer audited; those that are stay so. False where they were not. Needs the owner of the schema';
REVOKE ALL ON FUNCTION gatehouse.disable_audit_schema(text) FROM PUBLIC;
GRANT EXECUTE ON FUNCTION gatehouse.disable_audit_schema(text) TO gatehouse_admin;

-- Whoever makes the table need have no right to gatehouse's functions: the triggers are made with our own.
CREATE FUNCTION gatehouse.audit_later_table(relation regclass, schema_before oid, persistence_before "char") RETURNS void
  LANGUAGE plpgsql VOLATILE SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
  persistence "char";
BEGIN
  SELECT c.relpersistence INTO persistence
    FROM pg_class c
    JOIN pg_namespace n ON n.oid = c.relnamespace
    JOIN gatehouse.audit_schemas s ON s.schema_name = n.nspname::text
   WHERE c.oid = relation AND (c.relnamespace IS DISTINCT FROM schema_before OR persistence_before = 'u' AND c.relpersistence = 'p') AND c.relkind IN ('r', 'p') AND NOT c.relispartition;
  IF NOT FOUND OR gatehouse.current_table_id(relation) IS NOT NULL THEN
    RETURN;
  ELSIF persistence = 'u' THEN
    RAISE WARNING 'table % is not audited: it is unlogged', relation;
    RETURN;
  END IF;
  PERFORM gatehouse.begin_audit(relation, '{}', '{}');
END
$$;
ALTER FUNCTION gatehouse.audit_later_table(regclass, oid, "char") OWNER TO gatehouse_owner;
COMMENT ON FUNCTION gatehouse.audit_later_table(regclass, oid, "char") IS
  'internal: enables audit for a table that a command has brought into an audited schema, or made one that a crash does not empty';
REVOKE ALL ON FUNCTION gatehouse.audit_later_table(regclass, oid, "char") FROM PUBLIC;

CREATE FUNCTION gatehouse.rename_audited_schema(name_before text, schema_id oid) RETURNS void
  LANGUAGE sql VOLATILE
BEGIN ATOMIC
  UPDATE gatehouse.audit_schemas s SET schema_name = n.nspname
    FROM pg_catalog.pg_namespace n
   WHERE n.oid = schema_id AND s.schema_name = name_before AND n.nspname <> name_before;
END;
ALTER FUNCTION gatehouse.rename_audited_schema(text, oid) OWNER TO gatehouse_owner;
COMMENT ON FUNCTION gatehouse.rename_audited_schema(text, oid) IS 'internal: an audited schema stays so under its new name';
REVOKE ALL ON FUNCTION gatehouse.rename_audited_schema(text, oid) FROM PUBLIC;

-- STABLE to read what was before the command, as follow_commands.
CREATE FUNCTION gatehouse.follow_schemas() RETURNS void
  LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
  done record;
BEGIN
  FOR done IN
    SELECT DISTINCT c.object_type, c.objid
      FROM pg_event_trigger_ddl_commands() c
     WHERE c.object_type IN ('table', 'schema') AND NOT c.in_extension
       AND coalesce(c.schema_name, '') NOT IN ('gatehouse', 'pg_temp')
     ORDER BY c.objid
  LOOP
    IF done.object_type = 'table' THEN
      PERFORM gatehouse.audit_later_table(done.objid, (SELECT c.relnamespace FROM pg_class c WHERE c.oid = done.objid),
                                          (SELECT c.relpersistence FROM pg_class c WHERE c.oid = done.objid));
    ELSE
      PERFORM gatehouse.rename_audited_schema(n.nspname, done.objid) FROM pg_namespace n WHERE n.oid = done.objid;
    END IF;
  END LOOP;
END
$$;
ALTER FUNCTION gatehouse.follow_schemas() OWNER TO gatehouse_owner;
COMMENT ON FUNCTION gatehouse.follow_schemas() IS 'internal: for watch_schemas: tables that come into an audited schema are audited';
REVOKE ALL ON FUNCTION gatehouse.follow_schemas() FROM PUBLIC;

CREATE FUNCTION gatehouse.watch_schemas() RETURNS event_trigger
  LANGUAGE c VOLATILE
  AS 'MODULE_PATHNAME', 'gatehouse_audit_watch_schemas';
COMMENT ON FUNCTION gatehouse.watch_schemas() IS 'internal: event trigger: follow_schemas, by the snapshot that the command began with';
REVOKE ALL ON FUNCTION gatehouse.watch_schemas() FROM PUBLIC;

CREATE FUNCTION gatehouse.forget_dropped_schemas() RETURNS event_trigger
  LANGUAGE plpgsql VOLATILE SECURITY DEFINER SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
  forgotten text;
BEGIN
  FOR forgotten IN
    DELETE FROM gatehouse.audit_schemas s
     USING pg_event_trigger_dropped_objects() d
     WHERE d.object_type = 'schema' AND d.object_name = s.schema_name
    RETURNING s.schema_name
  LOOP
    PERFORM gatehouse.write_event('audit.schema_disabled', NULL, NULL, NULL, true,
      jsonb_build_object('schema_name', forgotten, 'role', gatehouse.calling_role()::regrole::text), NULL);
  END LOOP;
END
$$;
ALTER FUNCTION gatehouse.forget_dropped_schemas() OWNER TO gatehouse_owner;
COMMENT ON FUNCTION gatehouse.forget_dropped_schemas() IS 'internal: event trigger: an audited schema that is dropped is none any more';
REVOKE ALL ON FUNCTION gatehouse.forget_dropped_schemas() FROM PUBLIC;

CREATE EVENT TRIGGER gatehouse_audit_schema_drops ON sql_drop
  WHEN TAG IN ('DROP EXTENSION', 'DROP OWNED', 'DROP SCHEMA')
  EXECUTE FUNCTION gatehouse.forget_dropped_schemas();
ALTER EVENT TRIGGER gatehouse_audit_schema_drops ENABLE ALWAYS;
COMMENT ON EVENT TRIGGER gatehouse_audit_schema_drops IS 'forgets audited schemas that are dropped';

CREATE EVENT TRIGGER gatehouse_audit_schemas ON ddl_command_end
  WHEN TAG IN ('ALTER SCHEMA', 'ALTER TABLE', 'CREATE TABLE', 'CREATE TABLE AS', 'SELECT INTO')
  EXECUTE FUNCTION gatehouse.watch_schemas();
ALTER EVENT TRIGGER gatehouse_audit_schemas ENABLE ALWAYS;
COMMENT ON EVENT TRIGGER gatehouse_audit_schemas IS 'audits tables that come into audited schemas';
