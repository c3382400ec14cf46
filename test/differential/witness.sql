-- What the rebuilding is compared with: the tables as to_jsonb shows them under neutral settings, with their place in the order of
-- the log, and the transactions that committed. Types of users for the tables.
CREATE SCHEMA differential_types;
CREATE TYPE differential_types.mood AS ENUM ('sad', 'Ok "q"', 'it''s');
CREATE TYPE differential_types.shown AS ENUM ('a', 'b');
CREATE FUNCTION differential_types.shown_as_json(differential_types.shown) RETURNS json LANGUAGE sql IMMUTABLE AS
  $$SELECT pg_catalog.json_build_object('shown', $1::text, 'number', 1.1::double precision::text)$$;
CREATE CAST (differential_types.shown AS json) WITH FUNCTION differential_types.shown_as_json(differential_types.shown);
CREATE TYPE differential_types.pair AS (x double precision, t timestamptz, m differential_types.mood, b bytea, "the Text" text);
CREATE TYPE differential_types.nested AS (one differential_types.pair, many differential_types.pair[], i interval);
CREATE TYPE differential_types.float_range AS RANGE (subtype = double precision);
CREATE DOMAIN differential_types.small AS integer CHECK (value > 0);
CREATE DOMAIN differential_types.words AS text[];
CREATE DOMAIN differential_types.moment AS timestamptz;
CREATE DOMAIN differential_types.checked_pair AS differential_types.pair CHECK ((value).x IS DISTINCT FROM 7);
GRANT USAGE ON SCHEMA differential_types TO PUBLIC;

-- Namesakes of what the log could call by a name that is not qualified
CREATE SCHEMA differential_traps;
CREATE FUNCTION differential_traps.to_jsonb(anyelement) RETURNS jsonb LANGUAGE sql AS $$SELECT '"trap"'::jsonb$$;
CREATE FUNCTION differential_traps.jsonb_hash_extended(jsonb, bigint) RETURNS bigint LANGUAGE sql AS $$SELECT 1::bigint$$;
CREATE FUNCTION differential_traps.clock_timestamp() RETURNS timestamptz LANGUAGE sql AS $$SELECT timestamptz 'epoch'$$;
CREATE TABLE differential_traps.row_change_log (id bigint);
GRANT USAGE ON SCHEMA differential_traps TO PUBLIC;

CREATE SCHEMA witness;
CREATE TABLE witness.committed (transaction_id xid8);
CREATE TABLE witness.subject (label text PRIMARY KEY, relation oid);
CREATE TABLE witness.looks (id bigint, label text, kind text, detail text, rows text[]);

-- An object as text that is easily taken apart: hexadecimal name and value of each member, a long value as its digest.
CREATE FUNCTION witness.members(object jsonb) RETURNS text LANGUAGE sql IMMUTABLE SET search_path = pg_catalog
AS $$
  SELECT string_agg(encode(convert_to(e.key, 'UTF8'), 'hex') || ':' ||
                    CASE WHEN length(e.value::text) <= 100 THEN encode(convert_to(e.value::text, 'UTF8'), 'hex')
                         ELSE 'md5' || md5(e.value::text) END, ',' ORDER BY e.key COLLATE "C")
    FROM jsonb_each(object) e
$$;

CREATE FUNCTION witness.rows(relation oid) RETURNS text[] LANGUAGE plpgsql STABLE
SET bytea_output = hex SET datestyle = 'ISO, YMD' SET extra_float_digits = 1 SET intervalstyle = postgres SET lc_monetary = 'C'
SET quote_all_identifiers = off SET search_path = pg_catalog SET timezone = 'UTC'
AS $$
DECLARE
  found text[];
BEGIN
  EXECUTE format('SELECT coalesce(array_agg(witness.members(to_jsonb(t))), ''{}'') FROM %s t', relation::regclass) INTO found;
  RETURN found;
END
$$;

-- A look at a table, with the next number of the log. The caller holds off all others, or is alone.
CREATE FUNCTION witness.look(label text, kind text, detail text DEFAULT NULL) RETURNS void LANGUAGE plpgsql SECURITY DEFINER
SET search_path = pg_catalog
AS $$
BEGIN
  INSERT INTO witness.looks
  SELECT nextval('gatehouse.row_change_log_id_seq'), s.label, look.kind, look.detail, witness.rows(s.relation)
    FROM witness.subject s WHERE s.label = look.label;
END
$$;

-- Runs a statement that locks the table against all others, and looks at what it made of it.
CREATE FUNCTION witness.change(label text, statement text, detail text) RETURNS void LANGUAGE plpgsql
AS $$
BEGIN
  EXECUTE statement;
  PERFORM witness.look(label, 'change', detail);
END
$$;

CREATE FUNCTION witness.look_at_all(kind text) RETURNS void LANGUAGE sql AS $$SELECT witness.look(s.label, kind) FROM witness.subject s$$;

CREATE FUNCTION witness.begin() RETURNS void LANGUAGE sql SECURITY DEFINER SET search_path = pg_catalog
AS $$INSERT INTO witness.committed VALUES (pg_current_xact_id())$$;

CREATE FUNCTION witness.forget() RETURNS void LANGUAGE plpgsql AS $$
BEGIN
  TRUNCATE witness.committed, witness.subject, witness.looks, gatehouse.row_change_log, gatehouse.events, gatehouse.event_details;
  DELETE FROM gatehouse.audit_registry;
  DELETE FROM gatehouse.audit_shapes;
  DELETE FROM gatehouse.audit_partitions;
END
$$;
GRANT USAGE ON SCHEMA witness TO PUBLIC;
