-- What a transaction did to audited tables, in the order in which it can be reversed, and the statements that do.

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
CREATE FUNCTION gatehouse.insert_truncated_rows(relation regclass, parts jsonb, change gatehouse.row_change_log, was gatehouse.audit_shapes,
                                                becomes gatehouse.audit_shapes)
  RETURNS SETOF text
LANGUAGE sql STABLE ROWS 100
SET search_path = pg_catalog, pg_temp
AS $$
  SELECT gatehouse.insert_statement(parts, jsonb_agg(g.row_values))
    FROM (SELECT gatehouse.reshape_row(gone.row_values - gatehouse.redacted_columns(was), was.columns, becomes.columns, true) AS row_values,
                 row_number() OVER () AS number
            FROM (SELECT b.row_values FROM gatehouse.rows_at(NULL, change.table_id, NULL, change.id, NULL) b WHERE b.complete
                  EXCEPT ALL
                  SELECT a.row_values FROM gatehouse.rows_at(NULL, change.table_id, NULL, change.id + 1, NULL) a) gone) g
   GROUP BY CASE WHEN EXISTS (SELECT FROM pg_constraint f WHERE f.contype = 'f' AND f.conrelid = relation AND f.confrelid = relation) THEN 0
                 ELSE g.number / 100 END,
            ARRAY(SELECT jsonb_object_keys(g.row_values))
$$;
COMMENT ON FUNCTION gatehouse.insert_truncated_rows(regclass, jsonb, gatehouse.row_change_log, gatehouse.audit_shapes, gatehouse.audit_shapes) IS
  'internal: INSERTs of the rows that a TRUNCATE took, as far as they are known';
ALTER FUNCTION gatehouse.insert_truncated_rows(regclass, jsonb, gatehouse.row_change_log, gatehouse.audit_shapes, gatehouse.audit_shapes) OWNER TO gatehouse_owner;
REVOKE ALL ON FUNCTION gatehouse.insert_truncated_rows(regclass, jsonb, gatehouse.row_change_log, gatehouse.audit_shapes, gatehouse.audit_shapes) FROM PUBLIC;

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

-- A key loses its meaning with one of its columns, and where ALTER TABLE has written it anew.
CREATE FUNCTION gatehouse.still_tells_row(was gatehouse.audit_shapes, becomes gatehouse.audit_shapes, change_id bigint, is_unique boolean)
  RETURNS boolean
LANGUAGE sql STABLE
SET search_path = pg_catalog, pg_temp
AS $$
  SELECT NOT EXISTS (SELECT FROM gatehouse.audit_shapes s WHERE s.table_id = was.table_id AND s.since > change_id AND s.restates)
     AND is_unique AND was.key <@ ARRAY(SELECT c.id FROM gatehouse.shape_columns(becomes.columns) c)
$$;
COMMENT ON FUNCTION gatehouse.still_tells_row(gatehouse.audit_shapes, gatehouse.audit_shapes, bigint, boolean) IS
  'internal: whether a row of the past is found by what the log knew it by then, after its table''s columns have changed';
ALTER FUNCTION gatehouse.still_tells_row(gatehouse.audit_shapes, gatehouse.audit_shapes, bigint, boolean) OWNER TO gatehouse_owner;
REVOKE ALL ON FUNCTION gatehouse.still_tells_row(gatehouse.audit_shapes, gatehouse.audit_shapes, bigint, boolean) FROM PUBLIC;

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
$$;
COMMENT ON FUNCTION gatehouse.undo_transaction(xid8, timestamptz) IS
  'the statements that reverse what a transaction of this cluster did to audited tables, to be run in this order in one transaction; it changes '
  'nothing itself. What the log hides is left out. since: look at row changes from that time on only, else at all';
ALTER FUNCTION gatehouse.undo_transaction(xid8, timestamptz) OWNER TO gatehouse_owner;
REVOKE ALL ON FUNCTION gatehouse.undo_transaction(xid8, timestamptz) FROM PUBLIC;
GRANT EXECUTE ON FUNCTION gatehouse.undo_transaction(xid8, timestamptz) TO gatehouse_auditor, gatehouse_admin;
