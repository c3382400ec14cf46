-- What the log knew of a row at a time, from the log itself and from the row that is there now.

CREATE FUNCTION gatehouse.history_of(relation regclass) RETURNS integer
LANGUAGE plpgsql STABLE
SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
  found_id integer := gatehouse.current_table_id(relation);
BEGIN
  IF relation IS NULL THEN
    RAISE EXCEPTION 'argument "relation" must not be null' USING ERRCODE = '22023';
  END IF;
  IF found_id IS NULL THEN
    SELECT max(r.table_id) INTO found_id
      FROM pg_class c
      JOIN pg_namespace n ON n.oid = c.relnamespace
      JOIN gatehouse.audit_registry r ON r.table_schema = n.nspname AND r.table_name = c.relname AND r.disabled_at IS NOT NULL
     WHERE c.oid = relation;
  END IF;
  IF found_id IS NULL THEN
    RAISE EXCEPTION 'relation % is not audited', relation USING ERRCODE = '22023';
  END IF;
  RETURN found_id;
END
$$;
COMMENT ON FUNCTION gatehouse.history_of(regclass) IS
  'internal: the stable id of a table that is audited, else of its last audit; 22023 where there was none';
ALTER FUNCTION gatehouse.history_of(regclass) OWNER TO gatehouse_owner;
REVOKE ALL ON FUNCTION gatehouse.history_of(regclass) FROM PUBLIC;

CREATE FUNCTION gatehouse.reshape_row(row_values jsonb, was jsonb, becomes jsonb, forward boolean) RETURNS jsonb
LANGUAGE sql IMMUTABLE
SET search_path = pg_catalog, pg_temp
AS $$
  SELECT CASE WHEN row_values IS NOT NULL THEN coalesce(jsonb_object_agg(b.name, CASE WHEN a.id IS NULL THEN b.missing ELSE row_values -> a.name END), '{}') END
    FROM gatehouse.shape_columns(becomes) b
    LEFT JOIN gatehouse.shape_columns(was) a ON a.id = b.id
   WHERE CASE WHEN a.id IS NULL THEN forward AND b.missing IS NOT NULL ELSE row_values ? a.name AND a.redacted = b.redacted END
$$;
COMMENT ON FUNCTION gatehouse.reshape_row(jsonb, jsonb, jsonb, boolean) IS
  'internal: a row after its table''s columns have changed, or, not forward, before; what is not known is left out';
ALTER FUNCTION gatehouse.reshape_row(jsonb, jsonb, jsonb, boolean) OWNER TO gatehouse_owner;
REVOKE ALL ON FUNCTION gatehouse.reshape_row(jsonb, jsonb, jsonb, boolean) FROM PUBLIC;

CREATE FUNCTION gatehouse.key_after(key jsonb, new jsonb) RETURNS jsonb
LANGUAGE sql IMMUTABLE
SET search_path = pg_catalog, pg_temp
AS $$
  SELECT jsonb_object_agg(k.key, coalesce(new -> k.key, k.value)) FROM jsonb_each(key) k
$$;
COMMENT ON FUNCTION gatehouse.key_after(jsonb, jsonb) IS 'internal: the key of a row after an update of it';
ALTER FUNCTION gatehouse.key_after(jsonb, jsonb) OWNER TO gatehouse_owner;
REVOKE ALL ON FUNCTION gatehouse.key_after(jsonb, jsonb) FROM PUBLIC;

-- The names of a key's columns change; the log keeps those of the time.
CREATE FUNCTION gatehouse.former_keys(table_id integer, key jsonb) RETURNS jsonb[]
LANGUAGE sql STABLE
SET search_path = pg_catalog, pg_temp
AS $$
  SELECT array_agg(DISTINCT k.key)
    FROM (SELECT former_keys.key
          UNION
          SELECT gatehouse.reshape_row(former_keys.key, named.columns, s.columns, false)
            FROM (SELECT n.columns FROM gatehouse.audit_shapes n
                   WHERE n.table_id = former_keys.table_id AND jsonb_typeof(former_keys.key) = 'object'
                     AND ARRAY(SELECT jsonb_object_keys(former_keys.key)) <@ ARRAY(SELECT c.name FROM gatehouse.shape_columns(n.columns) c)
                   ORDER BY n.since DESC LIMIT 1) named
            JOIN gatehouse.audit_shapes s ON s.table_id = former_keys.table_id) k
$$;
COMMENT ON FUNCTION gatehouse.former_keys(integer, jsonb) IS 'internal: a key with the names that its columns have and had';
ALTER FUNCTION gatehouse.former_keys(integer, jsonb) OWNER TO gatehouse_owner;
REVOKE ALL ON FUNCTION gatehouse.former_keys(integer, jsonb) FROM PUBLIC;

CREATE TYPE gatehouse.row_history_entry AS (
  id bigint,
  changed_at timestamptz,
  transaction_id xid8,
  table_id integer,
  table_schema text,
  table_name text,
  operation text,
  key jsonb,
  old jsonb,
  new jsonb,
  actor_id uuid,
  impersonator_id uuid,
  api_key_id uuid,
  session_id uuid,
  db_role text,
  client_addr inet,
  application_name text,
  context jsonb,
  origin bigint,
  replication_origin text,
  row_after jsonb
);
ALTER TYPE gatehouse.row_history_entry OWNER TO gatehouse_owner;
COMMENT ON TYPE gatehouse.row_history_entry IS 'a change of a row as get_row_history shows it';
REVOKE ALL ON TYPE gatehouse.row_history_entry FROM PUBLIC;
GRANT USAGE ON TYPE gatehouse.row_history_entry TO gatehouse_auditor, gatehouse_admin;

CREATE FUNCTION gatehouse.get_row_history(relation regclass, key jsonb) RETURNS SETOF gatehouse.row_history_entry
  LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path = pg_catalog, pg_temp
  SET plan_cache_mode = force_custom_plan
AS $$
DECLARE
  found_schema text;
  found_name text;
  found_id integer;
  changes refcursor;
  change gatehouse.row_history_entry;
  changes_found integer := 0;
  keys jsonb[];
  key_hashes bigint[];
  shapes gatehouse.audit_shapes[];
  place integer := 1;  -- of the shape that state has
  states jsonb[];  -- grows by array_append() and is set element by element: PostgreSQL does these in place
  state jsonb;  -- the row as it stands at this point of the log; NULL where there is none or it can't be known
BEGIN
  IF key IS NULL THEN
    RAISE EXCEPTION 'argument "key" must not be null' USING ERRCODE = '22023';
  END IF;
  found_id := gatehouse.history_of(relation);
  SELECT n.nspname, c.relname INTO found_schema, found_name
    FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
   WHERE c.oid = relation;
  keys := gatehouse.former_keys(found_id, key);
  key_hashes := ARRAY(SELECT jsonb_hash_extended(k.key, found_id) FROM unnest(keys) k (key));
  shapes := ARRAY(SELECT s FROM gatehouse.audit_shapes s WHERE s.table_id = found_id ORDER BY s.since);

  OPEN changes SCROLL FOR
    SELECT c.id, c.changed_at, c.transaction_id, c.table_id, found_schema, found_name,
           CASE c.operation WHEN 'I' THEN 'INSERT' WHEN 'U' THEN 'UPDATE' WHEN 'D' THEN 'DELETE' WHEN 'T' THEN 'TRUNCATE' END,
           c.key, c.old, c.new, c.actor_id, c.impersonator_id, c.api_key_id, c.session_id, c.db_role, c.client_addr,
           c.application_name, c.context, c.origin, c.replication_origin, NULL::jsonb
      FROM gatehouse.row_change_log c
     WHERE c.table_id = found_id
       AND (c.key_hash = ANY (key_hashes) AND c.key = ANY (keys) AND c.operation <> 'T'
            OR c.key_hash = 0 AND c.operation = 'T')
     ORDER BY c.id;

  -- Forward: from an INSERT on every state is known.
  LOOP
    FETCH changes INTO change;
    EXIT WHEN NOT FOUND;
    changes_found := changes_found + 1;
    WHILE change.id > shapes[place + 1].since LOOP
      state := gatehouse.reshape_row(state, shapes[place].columns, shapes[place + 1].columns, true);
      place := place + 1;
    END LOOP;
    CASE change.operation
      WHEN 'INSERT' THEN
        state := change.new;
        states := array_append(states, state);
      WHEN 'UPDATE' THEN
        state := state || change.new;
        states := array_append(states, state);
        IF change.new ?| ARRAY(SELECT jsonb_object_keys(change.key)) THEN
          state := NULL;  -- it goes on under another key
        END IF;
      WHEN 'DELETE' THEN
        state := NULL;
        states := array_append(states, state);
      ELSE
        states := array_append(states, NULL::jsonb);
        IF change.key IS NULL THEN
          state := NULL;
        END IF;
    END CASE;
  END LOOP;

  -- Backward, from the shape of the last change: before a DELETE the row was what it deleted, and each update tells what was before it.
  state := NULL;
  FOR i IN REVERSE changes_found..1 LOOP
    FETCH PRIOR FROM changes INTO change;
    WHILE change.id < shapes[place].since LOOP
      state := gatehouse.reshape_row(state, shapes[place].columns, shapes[place - 1].columns, false);
      place := place - 1;
    END LOOP;
    CASE change.operation
      WHEN 'INSERT' THEN
        state := NULL;
      WHEN 'UPDATE' THEN
        IF change.new ?| ARRAY(SELECT jsonb_object_keys(change.key)) THEN
          state := NULL;
        END IF;
        states[i] := COALESCE(states[i], state);
        state := states[i] || change.old;
      WHEN 'DELETE' THEN
        state := change.old;
      ELSE
        IF change.key IS NULL THEN
          state := NULL;
        END IF;
    END CASE;
  END LOOP;

  MOVE ABSOLUTE 0 FROM changes;
  FOR i IN 1..changes_found LOOP
    FETCH changes INTO change;
    change.row_after := states[i];
    RETURN NEXT change;
  END LOOP;
  CLOSE changes;
END
$$;
ALTER FUNCTION gatehouse.get_row_history(regclass, jsonb) OWNER TO gatehouse_owner;
COMMENT ON FUNCTION gatehouse.get_row_history(regclass, jsonb) IS
  'the changes of the row with this key, and each TRUNCATE, oldest first; row_after is the row after the change, NULL where it was gone or the log cannot tell. A change of the key ends the history: ask again with the new key';
REVOKE ALL ON FUNCTION gatehouse.get_row_history(regclass, jsonb) FROM PUBLIC;
GRANT EXECUTE ON FUNCTION gatehouse.get_row_history(regclass, jsonb) TO gatehouse_auditor, gatehouse_admin;

CREATE FUNCTION gatehouse.rows_at(relation regclass, table_id integer, at timestamptz, before bigint, key_hashes bigint[],
                                  OUT key jsonb, OUT row_values jsonb, OUT complete boolean) RETURNS SETOF record
AS 'MODULE_PATHNAME', 'gatehouse_audit_rows_at'
LANGUAGE c STABLE ROWS 1000;
COMMENT ON FUNCTION gatehouse.rows_at(regclass, integer, timestamptz, bigint, bigint[]) IS
  'internal: the rows of a table after all changes up to a time, or else before a change''s number, as far as they are known; of keys with these '
  'hashes, or all. relation: take the rows that it has now into account';
REVOKE ALL ON FUNCTION gatehouse.rows_at(regclass, integer, timestamptz, bigint, bigint[]) FROM PUBLIC;
GRANT EXECUTE ON FUNCTION gatehouse.rows_at(regclass, integer, timestamptz, bigint, bigint[]) TO gatehouse_owner;

CREATE FUNCTION gatehouse.audit_at(relation regclass, at timestamptz, OUT table_id integer, OUT is_present boolean)
LANGUAGE plpgsql STABLE
SET search_path = pg_catalog, pg_temp
AS $$
BEGIN
  IF at IS NULL THEN
    RAISE EXCEPTION 'argument "at" must not be null' USING ERRCODE = '22023';
  END IF;
  PERFORM gatehouse.history_of(relation);
  SELECT r.table_id, r.disabled_at IS NULL AND coalesce(t.tgenabled = 'A', false) INTO audit_at.table_id, is_present
    FROM gatehouse.audit_registry r
    JOIN pg_class c ON c.oid = audit_at.relation
    JOIN pg_namespace n ON n.oid = c.relnamespace
    LEFT JOIN gatehouse.audit_triggers t ON t.relation = c.oid
   WHERE r.enabled_at <= audit_at.at
     AND CASE WHEN r.disabled_at IS NULL THEN r.table_id = gatehouse.current_table_id(audit_at.relation)
              ELSE r.disabled_at >= audit_at.at AND r.table_schema = n.nspname AND r.table_name = c.relname END
   ORDER BY r.table_id DESC
   LIMIT 1;
  IF NOT FOUND THEN
    RAISE EXCEPTION 'relation % was not audited at %', relation, at USING ERRCODE = '22023';
  END IF;
END
$$;
COMMENT ON FUNCTION gatehouse.audit_at(regclass, timestamptz) IS
  'internal: the stable id that a table had in the log at a time, and whether it has it now; 22023 where it was not audited';
ALTER FUNCTION gatehouse.audit_at(regclass, timestamptz) OWNER TO gatehouse_owner;
REVOKE ALL ON FUNCTION gatehouse.audit_at(regclass, timestamptz) FROM PUBLIC;

CREATE FUNCTION gatehouse.get_table_at(relation regclass, at timestamptz) RETURNS SETOF jsonb
LANGUAGE plpgsql STABLE SECURITY DEFINER
SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
  audit CONSTANT record := gatehouse.audit_at(relation, at);
BEGIN
  RETURN QUERY SELECT r.row_values
                 FROM gatehouse.rows_at(CASE WHEN audit.is_present THEN relation END, audit.table_id, at, NULL, NULL) r;
END
$$;
COMMENT ON FUNCTION gatehouse.get_table_at(regclass, timestamptz) IS
  'the rows that an audited table had at a time, with the columns of that time; a column of which nothing is known is left out. Takes memory as '
  'the table does. 22023 where it was not audited then';
ALTER FUNCTION gatehouse.get_table_at(regclass, timestamptz) OWNER TO gatehouse_owner;
REVOKE ALL ON FUNCTION gatehouse.get_table_at(regclass, timestamptz) FROM PUBLIC;
GRANT EXECUTE ON FUNCTION gatehouse.get_table_at(regclass, timestamptz) TO gatehouse_auditor, gatehouse_admin;

-- All keys that the row with this key had, has or will have, as the log tells.
CREATE FUNCTION gatehouse.linked_keys(table_id integer, key jsonb) RETURNS jsonb[]
LANGUAGE sql STABLE
SET search_path = pg_catalog, pg_temp
SET plan_cache_mode = force_custom_plan
AS $$
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
$$;
COMMENT ON FUNCTION gatehouse.linked_keys(integer, jsonb) IS
  'internal: this key, and those that rows came from which have it, and went to';
ALTER FUNCTION gatehouse.linked_keys(integer, jsonb) OWNER TO gatehouse_owner;
REVOKE ALL ON FUNCTION gatehouse.linked_keys(integer, jsonb) FROM PUBLIC;

CREATE FUNCTION gatehouse.get_row_at(relation regclass, key jsonb, at timestamptz) RETURNS jsonb
LANGUAGE plpgsql STABLE SECURITY DEFINER
SET search_path = pg_catalog, pg_temp
SET plan_cache_mode = force_custom_plan
AS $$
DECLARE
  audit CONSTANT record := gatehouse.audit_at(relation, at);
  own_keys jsonb[];
  keys jsonb[];
  key_hashes bigint[];
  found_row record;
  ended boolean;
BEGIN
  IF key IS NULL THEN
    RAISE EXCEPTION 'argument "key" must not be null' USING ERRCODE = '22023';
  END IF;
  own_keys := gatehouse.former_keys(audit.table_id, key);
  keys := gatehouse.linked_keys(audit.table_id, key);
  key_hashes := ARRAY(SELECT jsonb_hash_extended(k.key, audit.table_id) FROM unnest(keys) k (key));
  -- Where the primary key has been of other columns, nobody can tell by it what a row is in the log.
  IF (SELECT count(DISTINCT s.key) FROM gatehouse.audit_shapes s WHERE s.table_id = audit.table_id) > 1 THEN
    SELECT r.* INTO found_row
      FROM gatehouse.rows_at(CASE WHEN audit.is_present THEN relation END, audit.table_id, at, NULL, NULL) r
     WHERE r.key = ANY (own_keys) LIMIT 1;
    RETURN found_row.row_values;
  END IF;

  SELECT r.* INTO found_row
    FROM gatehouse.rows_at(NULL, audit.table_id, at, NULL, key_hashes) r
   WHERE r.key = ANY (own_keys) LIMIT 1;
  -- Of a column that was hidden for a time the table can tell more.
  IF found_row.complete AND (SELECT count(*) FROM jsonb_object_keys(found_row.row_values))
     >= (SELECT jsonb_array_length(s.columns) FROM gatehouse.audit_shapes s
          WHERE s.table_id = audit.table_id AND (s.since = 0 OR s.recorded_at <= at) ORDER BY s.since DESC LIMIT 1) THEN
    RETURN found_row.row_values;
  END IF;
  -- What the log has seen end needs no look at the table, unless a partition came with rows since.
  IF cardinality(keys) = cardinality(own_keys) THEN
    SELECT c.operation IN ('D', 'T') AND NOT EXISTS (
             SELECT FROM gatehouse.audit_partitions p WHERE p.table_id = audit.table_id AND p.since > c.id AND p.recorded_at <= at)
      INTO ended
      FROM gatehouse.row_change_log c
     WHERE c.table_id = audit.table_id AND c.changed_at <= at
       AND (c.key_hash = ANY (key_hashes) AND c.key = ANY (keys) OR c.key_hash = 0 AND c.operation = 'T' AND c.key IS NULL)
     ORDER BY c.id DESC
     LIMIT 1;
  END IF;
  IF ended THEN
    RETURN NULL;
  END IF;
  SELECT r.* INTO found_row
    FROM gatehouse.rows_at(CASE WHEN audit.is_present THEN relation END, audit.table_id, at, NULL, key_hashes) r
   WHERE r.key = ANY (own_keys) LIMIT 1;
  RETURN found_row.row_values;
END
$$;
COMMENT ON FUNCTION gatehouse.get_row_at(regclass, jsonb, timestamptz) IS
  'the row that had this key at a time, with the columns of that time; NULL where there was none. Of a row that is older than the log, and '
  'where the primary key has been of other columns, it reads the whole table. 22023 where it was not audited then';
ALTER FUNCTION gatehouse.get_row_at(regclass, jsonb, timestamptz) OWNER TO gatehouse_owner;
REVOKE ALL ON FUNCTION gatehouse.get_row_at(regclass, jsonb, timestamptz) FROM PUBLIC;
GRANT EXECUTE ON FUNCTION gatehouse.get_row_at(regclass, jsonb, timestamptz) TO gatehouse_auditor, gatehouse_admin;
