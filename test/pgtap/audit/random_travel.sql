-- Tables that change at random, in their rows and in their columns, are seen at each moment as they were then; and a transaction's
-- worth of changes at the end is undone. The seed is told; it can be set by PGOPTIONS='-c test.seed=0.5'.
BEGIN;
SELECT plan(8);

SELECT coalesce(nullif(current_setting('test.seed', true), ''), round(random()::numeric, 6)::text) AS seed \gset
SELECT setseed(:'seed'::float8) AS seeded \gset
SELECT diag('seed ' || :'seed');

CREATE TABLE keyed (a integer, b text, c numeric, d text[], e timestamptz, PRIMARY KEY (a, b));
CREATE TABLE loose (a integer, b text);
CREATE TABLE parted (a integer PRIMARY KEY, b text) PARTITION BY RANGE (a);
CREATE TABLE parted_low PARTITION OF parted FOR VALUES FROM (MINVALUE) TO (10);
CREATE TABLE parted_high PARTITION OF parted FOR VALUES FROM (10) TO (MAXVALUE);
CREATE TABLE older (a integer PRIMARY KEY, b text);
INSERT INTO older SELECT i, 'old' FROM generate_series(1, 20) i;
CREATE TABLE base (a integer, b text);
CREATE TABLE child (PRIMARY KEY (a)) INHERITS (base);
CREATE TABLE joined (a integer PRIMARY KEY, b text) PARTITION BY RANGE (a);
CREATE TABLE joined_1 PARTITION OF joined FOR VALUES FROM (MINVALUE) TO (10);
CREATE TABLE joined_2 PARTITION OF joined FOR VALUES FROM (10) TO (60);
SELECT gatehouse.enable_audit(t) FROM unnest('{keyed,loose,parted,older,child,joined}'::regclass[]) t;
INSERT INTO keyed SELECT i, 'old', i FROM generate_series(1, 5) i;
INSERT INTO loose SELECT i % 3, 'old' FROM generate_series(1, 5) i;
INSERT INTO parted SELECT i, 'old' FROM generate_series(6, 13) i;

CREATE TABLE seen (n integer GENERATED ALWAYS AS IDENTITY, relation regclass, at timestamptz, rows jsonb[]);
CREATE FUNCTION pg_temp.rows_of(relation regclass) RETURNS jsonb[] LANGUAGE plpgsql SET timezone = 'UTC' AS $$
DECLARE
  found jsonb[];
BEGIN
  EXECUTE format('SELECT coalesce(array_agg(r ORDER BY r), ''{}'') FROM (SELECT to_jsonb(t) AS r FROM %s t) r', relation) INTO found;
  RETURN found;
END
$$;
CREATE FUNCTION pg_temp.column_of(relation regclass) RETURNS text LANGUAGE sql AS $$
  SELECT quote_ident(a.attname) FROM pg_attribute a
   WHERE a.attrelid = relation AND a.attnum > 0 AND NOT a.attisdropped AND a.atttypid = 'text'::regtype AND NOT EXISTS (
           SELECT FROM pg_index i WHERE i.indrelid = relation AND i.indisprimary AND a.attnum = ANY (i.indkey))
   ORDER BY random() LIMIT 1
$$;
-- What some statements refuse, a duplicate key say, leaves no trace.
CREATE FUNCTION pg_temp.change(relation regclass) RETURNS void LANGUAGE plpgsql AS $$
DECLARE
  -- Of rows that are older than the log not all is known behind TRUNCATE and ALTER TABLE.
  chosen integer := floor(random() * CASE WHEN relation IN ('older'::regclass, 'joined'::regclass) THEN 12 ELSE 14 END);
  number integer := floor(random() * 20);
  -- The columns of a table that inherits are changed where they come from.
  altered text := CASE relation WHEN 'child'::regclass THEN 'base' ELSE relation::text END;
  a text := (SELECT quote_ident(attname) FROM pg_attribute WHERE attrelid = relation AND attnum = 1);
  b text := pg_temp.column_of(relation);
BEGIN
  IF chosen < 4 THEN
    EXECUTE format('INSERT INTO %s (%s, %s) VALUES (%s, %L)', relation, a, coalesce(CASE WHEN relation = 'keyed'::regclass THEN 'b' END, b), number, 'n' || number % 4);
  ELSIF chosen < 7 AND b IS NOT NULL THEN
    EXECUTE format('UPDATE %s SET %s = %L WHERE %s %% 3 = %s', relation, b, 'u' || number % 5, a, number % 3);
  ELSIF chosen < 9 THEN
    EXECUTE format('UPDATE %s SET %2$s = %2$s + %3$s WHERE %2$s %% 2 = %4$s', relation, a, number, number % 2);
  ELSIF chosen < 11 THEN
    EXECUTE format('DELETE FROM %s WHERE %s %% 7 = %s', relation, a, number % 7);
  ELSIF chosen = 11 THEN
    BEGIN
      PERFORM pg_temp.change(relation), pg_temp.change(relation);
      RAISE EXCEPTION 'rolled back';
    EXCEPTION WHEN raise_exception THEN NULL;
    END;
  ELSIF chosen = 12 AND number < 3 THEN
    EXECUTE format('TRUNCATE %s', CASE WHEN relation = 'parted'::regclass AND number > 0 THEN 'parted_high' ELSE relation::text END);
  ELSIF chosen = 13 THEN
    EXECUTE CASE number % 6
      WHEN 0 THEN format('ALTER TABLE %s ADD COLUMN %I text DEFAULT %L', altered, 'x' || number || floor(random() * 1000), 'd' || number)
      WHEN 1 THEN format('ALTER TABLE %s ADD COLUMN %I integer', altered, 'y' || number || floor(random() * 1000))
      WHEN 2 THEN format('ALTER TABLE %s RENAME COLUMN %s TO %I', altered, a, 'a' || floor(random() * 1000))
      WHEN 3 THEN format('ALTER TABLE %s RENAME COLUMN %s TO %I', altered, b, 'z' || floor(random() * 1000))
      WHEN 4 THEN format('ALTER TABLE %s ADD COLUMN %I float8 DEFAULT random()', altered, 'v' || number || floor(random() * 1000))
      ELSE format('ALTER TABLE %s ALTER COLUMN %s TYPE varchar', altered, b) END;
  END IF;
EXCEPTION WHEN unique_violation OR check_violation OR null_value_not_allowed OR undefined_column OR not_null_violation OR duplicate_column OR invalid_table_definition OR syntax_error_or_access_rule_violation THEN NULL;
END
$$;
-- Partitions get other names, come with rows, are emptied, leave and come back. Of rows that came with one not all is known once they are gone.
CREATE FUNCTION pg_temp.rearrange() RETURNS void LANGUAGE plpgsql AS $$
DECLARE
  part regclass := (SELECT i.inhrelid FROM pg_inherits i WHERE i.inhparent = 'joined'::regclass ORDER BY random() LIMIT 1);
  other regclass := (SELECT i.inhrelid FROM pg_inherits i WHERE i.inhparent = 'joined'::regclass AND i.inhrelid <> part ORDER BY random() LIMIT 1);
  is_of_log CONSTANT boolean := (SELECT p.since = 0 FROM gatehouse.audit_partitions p WHERE p.partition_id = gatehouse.partition_id(part));
  fresh CONSTANT text := 'part' || floor(random() * 1e9);
  first integer;
  name text;
BEGIN
  CASE floor(random() * 8)::integer
    WHEN 0 THEN
      EXECUTE format('ALTER TABLE %s RENAME TO %I', part, fresh);
    WHEN 1 THEN
      SELECT c.relname INTO name FROM pg_class c WHERE c.oid = part;
      EXECUTE format('ALTER TABLE %s RENAME TO %I', part, fresh);
      EXECUTE format('ALTER TABLE %s RENAME TO %I', other, name);
    WHEN 2 THEN
      first := (SELECT 100 + 10 * count(*) FROM pg_inherits i WHERE i.inhparent = 'joined'::regclass);
      EXECUTE format('CREATE TABLE %I (LIKE joined INCLUDING ALL)', fresh);
      EXECUTE format('INSERT INTO %I SELECT i FROM generate_series(%s, %s) i', fresh, first, first + 3);
      EXECUTE format('ALTER TABLE joined ATTACH PARTITION %I FOR VALUES FROM (%s) TO (%s)', fresh, first, first + 10);
    WHEN 3 THEN
      IF is_of_log THEN EXECUTE format('TRUNCATE %s', part); END IF;
    WHEN 4 THEN
      IF is_of_log THEN
        SELECT pg_get_expr(c.relpartbound, c.oid) INTO name FROM pg_class c WHERE c.oid = part;
        IF random() < 0.5 THEN
          EXECUTE format('DROP TABLE %s', part);
          EXECUTE format('CREATE TABLE %I PARTITION OF joined %s', fresh, name);
        ELSE
          EXECUTE format('ALTER TABLE joined DETACH PARTITION %s', part);
          EXECUTE format('TRUNCATE %s', part);
          EXECUTE format('ALTER TABLE joined ATTACH PARTITION %s %s', part, name);
        END IF;
      END IF;
    ELSE NULL;
  END CASE;
EXCEPTION WHEN invalid_object_definition THEN NULL;
END
$$;
DO $$
DECLARE
  relation regclass;
BEGIN
  FOR round IN 1..60 LOOP
    PERFORM pg_temp.rearrange();
    FOREACH relation IN ARRAY '{keyed,loose,parted,older,child,joined}'::regclass[] LOOP
      PERFORM pg_temp.change(relation);
      IF round % 2 = 0 THEN
        INSERT INTO seen (relation, at, rows) VALUES (relation, clock_timestamp(), pg_temp.rows_of(relation));
      END IF;
    END LOOP;
  END LOOP;
END
$$;

CREATE FUNCTION pg_temp.differences(which regclass) RETURNS SETOF text LANGUAGE sql AS $$
  SELECT format('%s: %s instead of %s', s.n, f.found, s.rows)
    FROM seen s
    CROSS JOIN LATERAL (SELECT coalesce(array_agg(r ORDER BY r), '{}') AS found FROM gatehouse.get_table_at(which, s.at) r) f
   WHERE s.relation = which AND f.found IS DISTINCT FROM s.rows
$$;
SELECT is_empty(format('SELECT pg_temp.differences(%L)', t), t || ' is seen as it was at each of ' || (SELECT count(*) FROM seen s WHERE s.relation = t::regclass) || ' moments')
  FROM unnest('{keyed,loose,parted,older,child,joined}'::text[]) t;
SELECT cmp_ok((SELECT count(*) FROM seen s WHERE cardinality(s.rows) > 0), '>=', 60::bigint, 'most moments have rows');

-- The same row by row.
SELECT is_empty($$
  SELECT format('%s %s: %s instead of %s', s.n, k.key, gatehouse.get_row_at(s.relation, k.key, s.at), k.row)
    FROM seen s
    CROSS JOIN LATERAL (SELECT r AS row, (SELECT jsonb_object_agg(c.name, r -> c.name)
                                            FROM (SELECT h.* FROM gatehouse.audit_shapes h
                                                   WHERE h.table_id = gatehouse.current_table_id(s.relation) AND h.recorded_at <= s.at ORDER BY h.since DESC LIMIT 1) h
                                            CROSS JOIN gatehouse.shape_columns(h.columns) c WHERE c.id = ANY (h.key)) AS key
                          FROM unnest(s.rows) r) k
   WHERE s.relation <> 'loose'::regclass AND s.n % 5 = 0 AND gatehouse.get_row_at(s.relation, k.key, s.at) IS DISTINCT FROM k.row$$, 'and each row by its key of the time');

SELECT * FROM finish();
ROLLBACK;
