-- EXECUTE is needed to create a trigger: with it anybody could forge the history of another's table.
CREATE FUNCTION gatehouse.log_row_change() RETURNS trigger
  LANGUAGE c VOLATILE
  AS 'MODULE_PATHNAME', 'gatehouse_audit_log_row_change';
COMMENT ON FUNCTION gatehouse.log_row_change() IS
  'AFTER ROW trigger that logs the change of a row; made by gatehouse.enable_audit';
REVOKE ALL ON FUNCTION gatehouse.log_row_change() FROM PUBLIC;
GRANT EXECUTE ON FUNCTION gatehouse.log_row_change() TO gatehouse_admin;

CREATE FUNCTION gatehouse.log_truncate() RETURNS trigger
  LANGUAGE c VOLATILE
  AS 'MODULE_PATHNAME', 'gatehouse_audit_log_truncate';
COMMENT ON FUNCTION gatehouse.log_truncate() IS
  'AFTER TRUNCATE trigger that logs that a table was emptied; made by gatehouse.enable_audit';
REVOKE ALL ON FUNCTION gatehouse.log_truncate() FROM PUBLIC;
GRANT EXECUTE ON FUNCTION gatehouse.log_truncate() TO gatehouse_admin;

CREATE FUNCTION gatehouse.audit_words(table_id integer, excluded text[], redacted text[], partition_id integer) RETURNS text[]
  LANGUAGE sql IMMUTABLE
RETURN ARRAY[table_id::text] || ARRAY(SELECT '-' || c FROM unnest(excluded) c) || ARRAY(SELECT '~' || c FROM unnest(redacted) c)
       || CASE WHEN partition_id IS NULL THEN '{}'::text[] ELSE ARRAY['#' || partition_id] END;
ALTER FUNCTION gatehouse.audit_words(integer, text[], text[], integer) OWNER TO gatehouse_owner;
COMMENT ON FUNCTION gatehouse.audit_words(integer, text[], text[], integer) IS
  'internal: the arguments of an audited table''s triggers: its id, -column for each excluded one, ~column for each redacted one; of a '
  'partition''s TRUNCATE trigger also # and its id';
REVOKE ALL ON FUNCTION gatehouse.audit_words(integer, text[], text[], integer) FROM PUBLIC;

CREATE FUNCTION gatehouse.audit_arguments(table_id integer, excluded text[], redacted text[]) RETURNS bytea
  LANGUAGE sql STABLE
BEGIN ATOMIC
  SELECT string_agg(convert_to(a.word, getdatabaseencoding()) || decode('00', 'hex'), '' ORDER BY a.number)
    FROM (SELECT u.word, u.number
            FROM unnest(gatehouse.audit_words(table_id, excluded, redacted, NULL)) WITH ORDINALITY AS u (word, number)) a;
END;
ALTER FUNCTION gatehouse.audit_arguments(integer, text[], text[]) OWNER TO gatehouse_owner;
COMMENT ON FUNCTION gatehouse.audit_arguments(integer, text[], text[]) IS
  'internal: the arguments of an audited table''s triggers as pg_trigger.tgargs has them';
REVOKE ALL ON FUNCTION gatehouse.audit_arguments(integer, text[], text[]) FROM PUBLIC;

CREATE FUNCTION gatehouse.log_partition_end(table_id integer, partition_id integer, name text) RETURNS void
  LANGUAGE c VOLATILE STRICT
  AS 'MODULE_PATHNAME', 'gatehouse_audit_log_partition_end';
COMMENT ON FUNCTION gatehouse.log_partition_end(integer, integer, text) IS
  'internal: logs that the rows of a partition have left an audited table, as a TRUNCATE of it does';
REVOKE ALL ON FUNCTION gatehouse.log_partition_end(integer, integer, text) FROM PUBLIC;
GRANT EXECUTE ON FUNCTION gatehouse.log_partition_end(integer, integer, text) TO gatehouse_owner;

CREATE FUNCTION gatehouse.partition_id_in(arguments bytea) RETURNS integer
  LANGUAGE sql IMMUTABLE
RETURN (SELECT substring(encode(substring(arguments FROM p.place + 2 FOR octet_length(arguments) - p.place - 2), 'escape') FROM '^[0-9]{1,9}$')::integer
          FROM (SELECT position(decode('0023', 'hex') IN arguments) AS place) p
         WHERE p.place > 0);
ALTER FUNCTION gatehouse.partition_id_in(bytea) OWNER TO gatehouse_owner;
COMMENT ON FUNCTION gatehouse.partition_id_in(bytea) IS 'internal: a partition''s stable id in pg_trigger.tgargs of its TRUNCATE trigger; else NULL';
REVOKE ALL ON FUNCTION gatehouse.partition_id_in(bytea) FROM PUBLIC;

CREATE VIEW gatehouse.audit_triggers AS
SELECT DISTINCT ON (split_part(encode(t.tgargs, 'escape'), E'\\000', 1))
       split_part(encode(t.tgargs, 'escape'), E'\\000', 1) AS table_id_text,
       t.tgrelid AS relation, n.nspname::text COLLATE "default" AS table_schema, c.relname::text COLLATE "default" AS table_name, t.tgenabled
  FROM pg_trigger t
  JOIN pg_class c ON c.oid = t.tgrelid
  JOIN pg_namespace n ON n.oid = c.relnamespace
 WHERE t.tgfoid = 'gatehouse.log_row_change()'::regprocedure AND t.tgparentid = 0
 ORDER BY split_part(encode(t.tgargs, 'escape'), E'\\000', 1), t.oid;
ALTER VIEW gatehouse.audit_triggers OWNER TO gatehouse_owner;
COMMENT ON VIEW gatehouse.audit_triggers IS 'the tables that bear the audit trigger, with the id in its arguments';

-- What stands between an audited table, or a partition of it, and the whole log: one row for each of the two triggers that is
-- not as enable_audit made it, and one where a crash would empty it.
CREATE VIEW gatehouse.audit_gaps AS
SELECT r.table_id,
       format('%I.%I: %s', coalesce(n.nspname::text COLLATE "default", r.table_schema), coalesce(c.relname::text COLLATE "default", r.table_name),
              CASE WHEN w.fired_by IS NULL THEN f.gap ELSE w.fired_by || ' trigger ' || f.gap END) AS gap,
       f.gap AS kind
  FROM gatehouse.audit_registry r
  LEFT JOIN gatehouse.audit_triggers t ON t.table_id_text = r.table_id::text
 CROSS JOIN LATERAL (SELECT gatehouse.audit_arguments(r.table_id, r.excluded, r.redacted) AS words OFFSET 0) AS own
 CROSS JOIN LATERAL (WITH RECURSIVE tree (relation) AS (  -- pg_partition_tree would wait for whoever has locked one of them
                       SELECT t.relation
                       UNION
                       SELECT i.inhrelid
                         FROM tree
                         JOIN pg_inherits i ON i.inhparent = tree.relation
                         JOIN pg_class l ON l.oid = i.inhrelid AND l.relispartition AND l.relkind <> 'f')
                     SELECT tree.relation FROM tree) AS b (relation)
  LEFT JOIN pg_class c ON c.oid = b.relation
  LEFT JOIN pg_namespace n ON n.oid = c.relnamespace
 CROSS JOIN (VALUES ('row', 'gatehouse.log_row_change()'::regprocedure, 29),
                    ('TRUNCATE', 'gatehouse.log_truncate()'::regprocedure, 32),
                    (NULL, NULL, NULL)) AS w (fired_by, called, kind)
 CROSS JOIN LATERAL (SELECT CASE c.relpersistence WHEN 'u' THEN 'unlogged' ELSE '' END AS gap WHERE w.fired_by IS NULL
                     UNION ALL
                     SELECT coalesce(min(CASE WHEN g.tgargs <> own.words || coalesce(convert_to('#' || a.partition_id, 'SQL_ASCII') || decode('00', 'hex'), '')
                                                OR (a.partition_id IS NOT NULL) <> (b.relation <> t.relation AND w.fired_by = 'TRUNCATE')
                                                OR g.tgtype <> w.kind OR g.tgqual IS NOT NULL OR g.tgattr::text <> '' THEN 'altered'
                                              WHEN g.tgenabled <> 'A' THEN 'disabled'
                                              ELSE '' END), 'missing')
                       FROM pg_trigger g
                      CROSS JOIN LATERAL (SELECT gatehouse.partition_id_in(g.tgargs) AS partition_id) a
                      WHERE g.tgrelid = b.relation AND g.tgfoid = w.called
                     HAVING w.fired_by IS NOT NULL) AS f
 WHERE r.disabled_at IS NULL AND f.gap <> '' AND (b.relation IS NOT NULL OR w.fired_by = 'row');
ALTER VIEW gatehouse.audit_gaps OWNER TO gatehouse_owner;
COMMENT ON VIEW gatehouse.audit_gaps IS
  'triggers of audited tables and their partitions that are missing, disabled (not ENABLE ALWAYS) or altered (fire at something else, or have other arguments), and those of them that are unlogged';

CREATE VIEW gatehouse.audited_tables WITH (security_barrier) AS
SELECT r.table_id,
       COALESCE(t.table_schema, r.table_schema) AS table_schema,
       COALESCE(t.table_name, r.table_name) AS table_name,
       r.excluded, r.redacted, r.enabled_at,
       CASE WHEN t.relation IS NULL THEN 'missing' WHEN g.gaps IS NULL THEN 'active' ELSE 'inactive' END AS status,
       COALESCE(g.gaps, '{}') AS gaps
  FROM gatehouse.audit_registry r
  LEFT JOIN gatehouse.audit_triggers t ON t.table_id_text = r.table_id::text
  LEFT JOIN (SELECT a.table_id, array_agg(a.gap ORDER BY a.gap COLLATE "C") AS gaps FROM gatehouse.audit_gaps a GROUP BY a.table_id) g
         ON g.table_id = r.table_id
 WHERE r.disabled_at IS NULL;
ALTER VIEW gatehouse.audited_tables OWNER TO gatehouse_owner;
COMMENT ON VIEW gatehouse.audited_tables IS
  'tables under audit; status: active, inactive (somebody turned a trigger off, dropped or altered one, or made the table unlogged), missing (table or trigger are gone)';
COMMENT ON COLUMN gatehouse.audited_tables.gaps IS
  'each trigger, of the table and of its partitions, that is not as enable_audit made it, and each of them that is unlogged';
GRANT SELECT ON gatehouse.audited_tables TO gatehouse_auditor, gatehouse_admin;

CREATE VIEW gatehouse.row_changes WITH (security_barrier) AS
SELECT c.id, c.changed_at, c.transaction_id, c.table_id,
       COALESCE(t.table_schema, r.table_schema) AS table_schema,
       COALESCE(t.table_name, r.table_name) AS table_name,
       CASE c.operation WHEN 'I' THEN 'INSERT' WHEN 'U' THEN 'UPDATE' WHEN 'D' THEN 'DELETE' WHEN 'T' THEN 'TRUNCATE'
       END AS operation,
       c.key, c.old, c.new, c.actor_id, c.impersonator_id, c.api_key_id, c.session_id, c.db_role, c.client_addr,
       c.application_name, c.context, c.origin, c.replication_origin
  FROM gatehouse.row_change_log c
  LEFT JOIN gatehouse.audit_registry r ON r.table_id = c.table_id
  LEFT JOIN gatehouse.audit_triggers t ON t.table_id_text = c.table_id::text;
ALTER VIEW gatehouse.row_changes OWNER TO gatehouse_owner;
COMMENT ON VIEW gatehouse.row_changes IS
  'changes of audited rows, also of rows that a policy hides; names are the table''s present ones, or its last known';
COMMENT ON COLUMN gatehouse.row_changes.key IS
  'primary key before the change; the whole row where the table has none; of a TRUNCATE of one partition its name';
COMMENT ON COLUMN gatehouse.row_changes.old IS 'DELETE: the row; UPDATE: the changed columns before';
COMMENT ON COLUMN gatehouse.row_changes.new IS 'INSERT: the row; UPDATE: the changed columns after';
COMMENT ON COLUMN gatehouse.row_changes.actor_id IS 'the account that was signed in; NULL where none was';
COMMENT ON COLUMN gatehouse.row_changes.impersonator_id IS
  'the account that acted in the name of the actor, by sign_in_as';
COMMENT ON COLUMN gatehouse.row_changes.api_key_id IS
  'the API key that was signed in with';
COMMENT ON COLUMN gatehouse.row_changes.session_id IS
  'the session that was signed in with';
COMMENT ON COLUMN gatehouse.row_changes.db_role IS
  'the database role: what SET ROLE set, else the session''s; the caller''s within SECURITY DEFINER functions';
COMMENT ON COLUMN gatehouse.row_changes.context IS 'what the application said of the transaction by set_audit_context';
GRANT SELECT ON gatehouse.row_changes TO gatehouse_auditor, gatehouse_admin;

CREATE FUNCTION gatehouse.check_auditable(relation regclass) RETURNS void
  LANGUAGE plpgsql STABLE SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
  class pg_class;
  schema_name name;
BEGIN
  IF relation IS NULL THEN
    RAISE EXCEPTION 'argument "relation" must not be null' USING ERRCODE = '22023';
  END IF;
  SELECT c.* INTO class FROM pg_class c WHERE c.oid = relation;
  IF NOT FOUND THEN
    RAISE EXCEPTION 'relation with OID % does not exist', relation::oid USING ERRCODE = '22023';
  END IF;
  SELECT n.nspname INTO schema_name FROM pg_namespace n WHERE n.oid = class.relnamespace;

  IF class.oid < 16384 OR schema_name IN ('pg_catalog', 'information_schema', 'pg_toast') THEN
    RAISE EXCEPTION 'cannot audit system catalog "%"', class.relname USING ERRCODE = '22023';
  ELSIF class.relkind NOT IN ('r', 'p') THEN
    RAISE EXCEPTION 'cannot audit %: not a table', relation
      USING ERRCODE = '22023', HINT = 'Views, materialized views, foreign tables, sequences and indexes cannot be audited.';
  ELSIF schema_name = 'gatehouse' THEN
    RAISE EXCEPTION 'cannot audit gatehouse''s own table "%"', class.relname USING ERRCODE = '22023';
  ELSIF class.relpersistence = 't' THEN
    RAISE EXCEPTION 'cannot audit temporary table "%"', class.relname USING ERRCODE = '22023';
  ELSIF class.relpersistence = 'u' THEN
    RAISE EXCEPTION 'cannot audit unlogged table "%"', class.relname
      USING ERRCODE = '22023', DETAIL = 'A crash empties it without a trace.';
  ELSIF class.relispartition THEN
    RAISE EXCEPTION 'cannot audit partition "%"', class.relname
      USING ERRCODE = '22023', HINT = format('Audit its root, %s.', pg_partition_root(relation));
  END IF;
END
$$;
ALTER FUNCTION gatehouse.check_auditable(regclass) OWNER TO gatehouse_owner;
COMMENT ON FUNCTION gatehouse.check_auditable(regclass) IS 'raises unless the relation is a table that can be audited';
REVOKE ALL ON FUNCTION gatehouse.check_auditable(regclass) FROM PUBLIC;
GRANT EXECUTE ON FUNCTION gatehouse.check_auditable(regclass) TO gatehouse_admin;

CREATE FUNCTION gatehouse.check_audit_columns(relation regclass, exclude text[], redact text[]) RETURNS void
  LANGUAGE plpgsql STABLE SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
  named text COLLATE "C";
BEGIN
  IF exclude IS NULL THEN
    RAISE EXCEPTION 'argument "exclude" must not be null' USING ERRCODE = '22023';
  ELSIF redact IS NULL THEN
    RAISE EXCEPTION 'argument "redact" must not be null' USING ERRCODE = '22023';
  END IF;
  FOR named IN SELECT unnest(exclude || redact) LOOP
    IF named IS NULL THEN
      RAISE EXCEPTION 'name of a column must not be null' USING ERRCODE = '22023';
    ELSIF NOT EXISTS (SELECT FROM pg_attribute a
                       WHERE a.attrelid = relation AND a.attname::text = named AND a.attnum > 0
                         AND NOT a.attisdropped) THEN
      RAISE EXCEPTION 'column "%" of % does not exist', named, relation USING ERRCODE = '22023';
    ELSIF EXISTS (SELECT FROM pg_index i
                    JOIN pg_attribute a ON a.attrelid = i.indrelid AND a.attnum = ANY (i.indkey)
                   WHERE i.indrelid = relation AND i.indisprimary AND a.attname::text = named) THEN
      RAISE EXCEPTION 'column "%" belongs to the primary key and can be neither excluded nor redacted', named
        USING ERRCODE = '22023';
    ELSIF named = ANY (exclude COLLATE "C") AND named = ANY (redact COLLATE "C") THEN
      RAISE EXCEPTION 'column "%" can be excluded or redacted, not both', named USING ERRCODE = '22023';
    END IF;
  END LOOP;
END
$$;
ALTER FUNCTION gatehouse.check_audit_columns(regclass, text[], text[]) OWNER TO gatehouse_owner;
COMMENT ON FUNCTION gatehouse.check_audit_columns(regclass, text[], text[]) IS
  'raises unless the columns exist and may be hidden from the log';
REVOKE ALL ON FUNCTION gatehouse.check_audit_columns(regclass, text[], text[]) FROM PUBLIC;
GRANT EXECUTE ON FUNCTION gatehouse.check_audit_columns(regclass, text[], text[]) TO gatehouse_admin;

CREATE FUNCTION gatehouse.current_table_id(relation regclass) RETURNS integer
  LANGUAGE sql STABLE
BEGIN ATOMIC
  SELECT split_part(encode(t.tgargs, 'escape'), E'\\000', 1)::integer
    FROM pg_catalog.pg_trigger t
   WHERE t.tgrelid = relation AND t.tgfoid = 'gatehouse.log_row_change()'::regprocedure AND t.tgparentid = 0
   ORDER BY t.oid
   LIMIT 1;
END;
ALTER FUNCTION gatehouse.current_table_id(regclass) OWNER TO gatehouse_owner;
COMMENT ON FUNCTION gatehouse.current_table_id(regclass) IS 'the stable id of a table that is audited now; else NULL';
REVOKE ALL ON FUNCTION gatehouse.current_table_id(regclass) FROM PUBLIC;
GRANT EXECUTE ON FUNCTION gatehouse.current_table_id(regclass) TO gatehouse_admin;

CREATE FUNCTION gatehouse.check_owned_by_caller(relation regclass) RETURNS void
  LANGUAGE plpgsql STABLE SET search_path = pg_catalog, pg_temp
AS $$
BEGIN
  IF NOT EXISTS (SELECT FROM pg_class c
                  WHERE c.oid = relation AND pg_has_role(gatehouse.calling_role(), c.relowner, 'USAGE')) THEN
    RAISE EXCEPTION 'must be owner of table %', relation USING ERRCODE = '42501';
  END IF;
END
$$;
ALTER FUNCTION gatehouse.check_owned_by_caller(regclass) OWNER TO gatehouse_owner;
COMMENT ON FUNCTION gatehouse.check_owned_by_caller(regclass) IS
  'internal: 42501 unless the calling role has the rights of the table''s owner';
REVOKE ALL ON FUNCTION gatehouse.check_owned_by_caller(regclass) FROM PUBLIC;

CREATE FUNCTION gatehouse.lock_audited_table(relation regclass) RETURNS boolean
  LANGUAGE c VOLATILE STRICT
  AS 'MODULE_PATHNAME', 'gatehouse_audit_lock_table';
COMMENT ON FUNCTION gatehouse.lock_audited_table(regclass) IS
  'internal: locks a table as CREATE TRIGGER does, without asking for a right; false where it is gone';
REVOKE ALL ON FUNCTION gatehouse.lock_audited_table(regclass) FROM PUBLIC;
GRANT EXECUTE ON FUNCTION gatehouse.lock_audited_table(regclass) TO gatehouse_owner;

CREATE FUNCTION gatehouse.make_audit_trigger(relation regclass, on_truncate boolean, arguments text[]) RETURNS void
  LANGUAGE c VOLATILE STRICT
  AS 'MODULE_PATHNAME', 'gatehouse_audit_make_trigger';
COMMENT ON FUNCTION gatehouse.make_audit_trigger(regclass, boolean, text[]) IS
  'internal: gives a table one of the two audit triggers, ENABLE ALWAYS, without asking for a right; no event trigger sees it';
REVOKE ALL ON FUNCTION gatehouse.make_audit_trigger(regclass, boolean, text[]) FROM PUBLIC;
GRANT EXECUTE ON FUNCTION gatehouse.make_audit_trigger(regclass, boolean, text[]) TO gatehouse_owner;

CREATE FUNCTION gatehouse.remove_audit_trigger(trigger oid) RETURNS boolean
  LANGUAGE c VOLATILE STRICT
  AS 'MODULE_PATHNAME', 'gatehouse_audit_remove_trigger';
COMMENT ON FUNCTION gatehouse.remove_audit_trigger(oid) IS
  'internal: drops an audit trigger without asking for a right; no event trigger sees it. False where it is none';
REVOKE ALL ON FUNCTION gatehouse.remove_audit_trigger(oid) FROM PUBLIC;
GRANT EXECUTE ON FUNCTION gatehouse.remove_audit_trigger(oid) TO gatehouse_owner;

-- A partition's TRUNCATE trigger is its own; its row trigger belongs to the root's.
CREATE FUNCTION gatehouse.drop_audit_triggers(relation regclass) RETURNS void
  LANGUAGE plpgsql VOLATILE SET search_path = pg_catalog, pg_temp
AS $$
BEGIN
  PERFORM gatehouse.remove_audit_trigger(found_trigger.oid)
     FROM (SELECT t.oid
             FROM pg_trigger t
            WHERE t.tgparentid = 0
              AND t.tgfoid IN ('gatehouse.log_row_change()'::regprocedure, 'gatehouse.log_truncate()'::regprocedure)
              AND t.tgrelid IN (SELECT p.relation FROM gatehouse.partition_tree(drop_audit_triggers.relation) p (relation))
            ORDER BY t.oid) AS found_trigger;
END
$$;
ALTER FUNCTION gatehouse.drop_audit_triggers(regclass) OWNER TO gatehouse_owner;
COMMENT ON FUNCTION gatehouse.drop_audit_triggers(regclass) IS
  'internal: takes the audit triggers off a table and its partitions; for who may is asked before';
REVOKE ALL ON FUNCTION gatehouse.drop_audit_triggers(regclass) FROM PUBLIC;

CREATE FUNCTION gatehouse.begin_audit(relation regclass, exclude text[], redact text[]) RETURNS integer
  LANGUAGE plpgsql VOLATILE SET search_path = pg_catalog, pg_temp
AS $$
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
$$;
ALTER FUNCTION gatehouse.begin_audit(regclass, text[], text[]) OWNER TO gatehouse_owner;
COMMENT ON FUNCTION gatehouse.begin_audit(regclass, text[], text[]) IS
  'internal: registers a table, writes the event and makes the triggers; whether it may be is asked before';
REVOKE ALL ON FUNCTION gatehouse.begin_audit(regclass, text[], text[]) FROM PUBLIC;

-- The registry is nobody's to write, and the triggers are made and dropped nowhere else: neither is done without the other, or
-- without the event.
CREATE FUNCTION gatehouse.record_audit_enabled(relation regclass, exclude text[], redact text[]) RETURNS integer
  LANGUAGE plpgsql VOLATILE SECURITY DEFINER SET search_path = pg_catalog, pg_temp
AS $$
BEGIN
  PERFORM gatehouse.check_auditable(relation);
  PERFORM gatehouse.check_owned_by_caller(relation);
  PERFORM gatehouse.lock_audited_table(relation);
  PERFORM gatehouse.check_auditable(relation);
  PERFORM gatehouse.check_audit_columns(relation, exclude, redact);
  RETURN gatehouse.begin_audit(relation, exclude, redact);
END
$$;
ALTER FUNCTION gatehouse.record_audit_enabled(regclass, text[], text[]) OWNER TO gatehouse_owner;
COMMENT ON FUNCTION gatehouse.record_audit_enabled(regclass, text[], text[]) IS
  'gives a table its stable id and its triggers and writes an event; for gatehouse.enable_audit';
REVOKE ALL ON FUNCTION gatehouse.record_audit_enabled(regclass, text[], text[]) FROM PUBLIC;
GRANT EXECUTE ON FUNCTION gatehouse.record_audit_enabled(regclass, text[], text[]) TO gatehouse_admin;

CREATE FUNCTION gatehouse.record_audit_disabled(relation regclass, id integer) RETURNS void
  LANGUAGE plpgsql VOLATILE SECURITY DEFINER SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
  found_schema text;
  found_name text;
BEGIN
  PERFORM gatehouse.check_owned_by_caller(relation);
  PERFORM gatehouse.lock_audited_table(relation);
  IF gatehouse.current_table_id(relation) IS DISTINCT FROM record_audit_disabled.id THEN
    RAISE EXCEPTION 'table % is not audited under this id', relation USING ERRCODE = '22023';
  END IF;
  SELECT n.nspname, c.relname INTO STRICT found_schema, found_name
    FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
   WHERE c.oid = relation;
  PERFORM gatehouse.drop_audit_triggers(relation);
  UPDATE gatehouse.audit_registry r
     SET table_schema = found_schema, table_name = found_name, disabled_at = clock_timestamp(), known_gaps = '{}'
   WHERE r.table_id = record_audit_disabled.id AND r.disabled_at IS NULL;
  PERFORM gatehouse.write_event('audit.disabled', NULL, NULL, NULL, true,
    jsonb_build_object('table_id', id, 'table_schema', found_schema, 'table_name', found_name), NULL);
END
$$;
ALTER FUNCTION gatehouse.record_audit_disabled(regclass, integer) OWNER TO gatehouse_owner;
COMMENT ON FUNCTION gatehouse.record_audit_disabled(regclass, integer) IS
  'drops the triggers of an audited table, closes its audit in the registry and writes an event; for gatehouse.disable_audit';
REVOKE ALL ON FUNCTION gatehouse.record_audit_disabled(regclass, integer) FROM PUBLIC;
GRANT EXECUTE ON FUNCTION gatehouse.record_audit_disabled(regclass, integer) TO gatehouse_admin;

CREATE FUNCTION gatehouse.enable_audit(relation regclass, exclude text[] DEFAULT '{}', redact text[] DEFAULT '{}')
  RETURNS void
  LANGUAGE plpgsql VOLATILE SET search_path = pg_catalog, pg_temp
AS $$
BEGIN
  PERFORM gatehouse.check_auditable(relation);
  -- Two at once would both find no trigger. Who has no right to lock the table can't audit it either.
  EXECUTE format('LOCK TABLE ONLY %s IN SHARE ROW EXCLUSIVE MODE', relation);
  PERFORM gatehouse.record_audit_enabled(relation, exclude, redact);
END
$$;
ALTER FUNCTION gatehouse.enable_audit(regclass, text[], text[]) OWNER TO gatehouse_owner;
COMMENT ON FUNCTION gatehouse.enable_audit(regclass, text[], text[]) IS
  'logs every change of the table''s rows from now on; excluded columns are left out, redacted ones show only that they changed. Again: replaces the columns. Needs the table''s owner; afterwards only members of gatehouse_admin can add partitions to it';
REVOKE ALL ON FUNCTION gatehouse.enable_audit(regclass, text[], text[]) FROM PUBLIC;
GRANT EXECUTE ON FUNCTION gatehouse.enable_audit(regclass, text[], text[]) TO gatehouse_admin;

CREATE FUNCTION gatehouse.disable_audit(relation regclass) RETURNS boolean
  LANGUAGE plpgsql VOLATILE SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
  id integer;
BEGIN
  IF gatehouse.current_table_id(relation) IS NULL THEN
    PERFORM gatehouse.check_auditable(relation);
  END IF;
  EXECUTE format('LOCK TABLE ONLY %s IN SHARE ROW EXCLUSIVE MODE', relation);
  id := gatehouse.current_table_id(relation);
  IF id IS NULL THEN
    RETURN false;
  END IF;
  PERFORM gatehouse.record_audit_disabled(relation, id);
  RETURN true;
END
$$;
ALTER FUNCTION gatehouse.disable_audit(regclass) OWNER TO gatehouse_owner;
COMMENT ON FUNCTION gatehouse.disable_audit(regclass) IS
  'stops logging the table''s changes; what is logged stays. False where it was not audited. Enabling it again begins a new history';
REVOKE ALL ON FUNCTION gatehouse.disable_audit(regclass) FROM PUBLIC;
GRANT EXECUTE ON FUNCTION gatehouse.disable_audit(regclass) TO gatehouse_admin;
