-- What changes the columns of an audited table without being a command on it.
BEGIN;
SELECT plan(30);
SET LOCAL client_min_messages = warning;

CREATE FUNCTION pg_temp.columns_of(relation regclass) RETURNS text LANGUAGE sql AS $$
  SELECT string_agg(c.name || ' ' || c.type, ', ' ORDER BY c.number)
    FROM gatehouse.audit_registry r
    JOIN gatehouse.audit_shapes s ON s.table_id = r.table_id AND s.since = r.shape_since
   CROSS JOIN gatehouse.shape_columns(s.columns) c
   WHERE r.table_id = gatehouse.current_table_id(columns_of.relation)
$$;
CREATE FUNCTION pg_temp.changes_of(relation regclass) RETURNS text LANGUAGE sql AS $$
  SELECT string_agg(concat_ws(' ', l.operation, l.key, l.old, l.new), '; ' ORDER BY l.id)
    FROM gatehouse.row_change_log l WHERE l.table_id = gatehouse.current_table_id(relation)
$$;

-- Inheritance
CREATE TABLE parent (id integer, body text);
CREATE TABLE child (more text, PRIMARY KEY (id)) INHERITS (parent);
CREATE TABLE grandchild (PRIMARY KEY (id)) INHERITS (child);
SELECT gatehouse.enable_audit(t) FROM unnest('{child,grandchild}'::regclass[]) t;
INSERT INTO child VALUES (1, '7', 'm');
ALTER TABLE parent RENAME COLUMN body TO number;
SELECT is(pg_temp.columns_of('child'), 'id integer, number text, more text', 'a column that is renamed in the table that this one inherits from');
SELECT is(pg_temp.columns_of('grandchild'), 'id integer, number text, more text', 'also further down');
ALTER TABLE parent ALTER COLUMN number TYPE integer USING number::integer;
SELECT is(pg_temp.columns_of('child'), 'id integer, number integer, more text', 'a type that is changed there');
SELECT is(pg_temp.changes_of('child'), 'I {"id": 1} {"id": 1, "body": "7", "more": "m"}; U {"id": 1} {"number": 7}', 'and what that makes of the rows');
ALTER TABLE parent ADD COLUMN stamp integer DEFAULT 3;
SELECT is(pg_temp.columns_of('grandchild'), 'id integer, number integer, more text, stamp integer', 'a column that is added there');
ALTER TABLE parent DROP COLUMN stamp;
SELECT is(pg_temp.columns_of('grandchild'), 'id integer, number integer, more text', 'or dropped');

-- Typed tables
CREATE TYPE kind AS (id integer, body text);
CREATE TABLE typed OF kind (PRIMARY KEY (id));
SELECT gatehouse.enable_audit('typed');
INSERT INTO typed VALUES (1, '8');
ALTER TYPE kind RENAME ATTRIBUTE body TO number CASCADE;
ALTER TYPE kind ADD ATTRIBUTE extra text CASCADE;
SELECT is(pg_temp.columns_of('typed'), 'id integer, number text, extra text', 'attributes of the type that a table is made of');
ALTER TYPE kind ALTER ATTRIBUTE number TYPE varchar(9) CASCADE, DROP ATTRIBUTE extra CASCADE;
SELECT is(pg_temp.columns_of('typed'), 'id integer, number character varying(9)', 'their types, and those that go');

-- CASCADE
CREATE TABLE shape_row (x integer);
CREATE DOMAIN short AS text;
CREATE COLLATION odd FROM "C";
CREATE FUNCTION twice(integer) RETURNS integer IMMUTABLE LANGUAGE sql AS 'SELECT 2 * $1';
CREATE AGGREGATE summed (integer) (SFUNC = int4pl, STYPE = integer);
CREATE TABLE rich (id integer PRIMARY KEY, r shape_row, d short, c text COLLATE odd, g integer GENERATED ALWAYS AS (twice(id)) STORED, kept text);
SELECT gatehouse.enable_audit('rich');
DROP TABLE shape_row CASCADE;
SELECT is(pg_temp.columns_of('rich'), 'id integer, d public.short, c text, g integer, kept text', 'a column goes with the table whose rows it has');
DROP DOMAIN short CASCADE;
SELECT is(pg_temp.columns_of('rich'), 'id integer, c text, g integer, kept text', 'with its domain');
DROP COLLATION odd CASCADE;
SELECT is(pg_temp.columns_of('rich'), 'id integer, g integer, kept text', 'with its collation');
DROP ROUTINE twice CASCADE;
SELECT is(pg_temp.columns_of('rich'), 'id integer, kept text', 'with the function of its expression');
CREATE TYPE ticket AS (n integer);
ALTER TABLE rich ADD COLUMN t ticket;
DROP TYPE ticket CASCADE;
SELECT is(pg_temp.columns_of('rich'), 'id integer, kept text', 'with its type, though it came later');

CREATE TABLE base (a integer, b text);
CREATE VIEW shown AS TABLE base;
CREATE TABLE holds (id integer PRIMARY KEY, w shown);
SELECT gatehouse.enable_audit('holds');
ALTER TABLE base DROP COLUMN b CASCADE;
SELECT is(pg_temp.columns_of('holds'), 'id integer', 'with a column of another table');

CREATE SCHEMA fleeting;
CREATE TABLE fleeting.item (id integer);
CREATE DOMAIN fleeting.late AS integer;
ALTER TABLE fleeting.item ADD COLUMN l fleeting.late;
SELECT lives_ok('DROP SCHEMA fleeting CASCADE', 'a column that goes before its table, which goes too');

-- Other values of the same type
CREATE TABLE loud (id integer PRIMARY KEY, v text, q varchar(10));
SELECT gatehouse.enable_audit('loud');
INSERT INTO loud VALUES (1, 'a', 'b');
ALTER TABLE loud ALTER COLUMN v TYPE text USING upper(v);
SELECT is(pg_temp.changes_of('loud'), 'I {"id": 1} {"q": "b", "v": "a", "id": 1}; U {"id": 1} {"v": "A"}', 'values that are made anew are logged, though their type stays');
ALTER TABLE loud ALTER COLUMN id TYPE integer USING id + 100;
SELECT is((SELECT string_agg(r::text, ' ') FROM gatehouse.get_table_at('loud', clock_timestamp()) r), '{"q": "b", "v": "A", "id": 101}', 'also those of a key');
SELECT count(*) AS before FROM gatehouse.row_change_log \gset
SAVEPOINT attempt;
SELECT throws_ok('ALTER TABLE loud ALTER COLUMN v TYPE integer USING v::integer', '22P02', NULL, 'a rewriting that fails');
ROLLBACK TO attempt;
ALTER TABLE loud ALTER COLUMN q TYPE varchar(20);
SELECT is((SELECT count(*) FROM gatehouse.row_change_log), :before::bigint, 'nothing of a rewriting that failed');

-- Defaults that a type has
CREATE DOMAIN six AS integer DEFAULT 6 CHECK (VALUE > 0);
ALTER TABLE loud ADD COLUMN s six;
SELECT is((SELECT string_agg(r ->> 's', ' ') FROM gatehouse.get_table_at('loud', clock_timestamp()) r), '6', 'a column shows the default of its domain');

-- Columns that the audit hides
CREATE TABLE veiled (id integer PRIMARY KEY, a integer, b integer, price numeric);
SELECT gatehouse.enable_audit('veiled', exclude => '{a}');
INSERT INTO veiled VALUES (1, 111, 222, 9.5);
ALTER TABLE veiled RENAME COLUMN a TO x;
SELECT throws_ok('ALTER TABLE veiled ALTER COLUMN price TYPE numeric(10,0)', '55000',
  'cannot rewrite audited table public.veiled: a column that its audit hides is gone, or in its key', 'rows cannot be made anew while the audit does not fit the table');
ALTER TABLE veiled RENAME COLUMN b TO y;
ALTER TABLE veiled RENAME COLUMN x TO b;
SELECT throws_ok('ALTER TABLE veiled RENAME COLUMN y TO a', '55000', 'audit excludes or redacts column "a", which the table no longer has',
  'no column takes the name of an excluded one');
SELECT gatehouse.enable_audit('veiled');
ALTER TABLE veiled RENAME COLUMN y TO a;
SELECT is((SELECT string_agg(r::text, ' ') FROM gatehouse.get_table_at('veiled', clock_timestamp()) r), '{"a": 222, "b": 111, "id": 1, "price": 9.5}',
  'a column that is shown again has the values that it has');

-- A key that is added to the partitions first
CREATE TABLE root (id integer NOT NULL, v text) PARTITION BY RANGE (id);
CREATE TABLE leaf PARTITION OF root FOR VALUES FROM (0) TO (10);
SELECT gatehouse.enable_audit('root');
INSERT INTO root VALUES (1, 'one');
ALTER TABLE leaf ADD PRIMARY KEY (id);
ALTER TABLE ONLY root ADD CONSTRAINT root_pk PRIMARY KEY (id);
ALTER INDEX root_pk ATTACH PARTITION leaf_pkey;
UPDATE root SET v = 'ONE';
SELECT is((SELECT string_agg(r::text, ' ') FROM gatehouse.get_table_at('root', clock_timestamp()) r), '{"v": "ONE", "id": 1}', 'a key becomes valid by a command on its index');
SELECT results_eq($$SELECT s.key FROM gatehouse.audit_shapes s WHERE s.table_id = gatehouse.current_table_id('root') ORDER BY s.since$$,
                  $$VALUES ('{}'::integer[]), ('{1}')$$, 'which is recorded');

-- A foreign table that others inherit from
CREATE FOREIGN DATA WRAPPER nobody;
CREATE SERVER nowhere FOREIGN DATA WRAPPER nobody;
CREATE FOREIGN TABLE far (v text) SERVER nowhere;
CREATE TABLE near (id integer PRIMARY KEY) INHERITS (far);
SELECT gatehouse.enable_audit('near');
ALTER FOREIGN TABLE far RENAME COLUMN v TO w;
SELECT is(pg_temp.columns_of('near'), 'w text, id integer', 'a column that is renamed in a foreign table');

-- A restored table has other numbers, and perhaps another order.
CREATE TABLE restored (id integer PRIMARY KEY, x integer, y integer, dead integer);
SELECT gatehouse.enable_audit('restored');
INSERT INTO restored VALUES (1, 10, 20, 0);
ALTER TABLE restored DROP COLUMN dead;
CREATE FUNCTION pg_temp.renumber(name text, relation_oid oid) RETURNS void LANGUAGE sql AS $$
  UPDATE gatehouse.audit_shapes s
     SET relation = relation_oid,
         columns = (SELECT jsonb_agg(CASE c ->> 'name' WHEN 'x' THEN c || '{"number": 3}' WHEN 'y' THEN c || '{"number": 2}' ELSE c END) FROM jsonb_array_elements(s.columns) c)
    FROM gatehouse.audit_registry r
   WHERE s.table_id = r.table_id AND s.since = r.shape_since AND r.table_name = name
$$;
SELECT pg_temp.renumber('restored', 1);
SELECT gatehouse.record_all_shapes();
SELECT is((SELECT string_agg(c.name || c.number, ' ' ORDER BY c.number) FROM gatehouse.audit_registry r
             JOIN gatehouse.audit_shapes s ON s.table_id = r.table_id AND s.since = r.shape_since CROSS JOIN gatehouse.shape_columns(s.columns) c
            WHERE r.table_name = 'restored'), 'id1 x2 y3', 'the columns of a restored table are known by their names');
SELECT pg_temp.renumber('restored', 1);
ALTER TABLE restored ADD COLUMN z integer DEFAULT 30;
SELECT is((SELECT string_agg(r::text, ' ') FROM gatehouse.get_table_at('restored', clock_timestamp()) r), '{"x": 10, "y": 20, "z": 30, "id": 1}',
  'also where the next command comes first');

-- What is redacted
SELECT gatehouse.enable_audit('rich', redact => '{kept}');
SELECT results_eq($$SELECT c.name, c.redacted FROM gatehouse.audit_registry r
                      JOIN gatehouse.audit_shapes s ON s.table_id = r.table_id AND s.since = r.shape_since
                     CROSS JOIN gatehouse.shape_columns(s.columns) c
                     WHERE r.table_id = gatehouse.current_table_id('rich')$$,
                  $$VALUES ('id', false), ('kept', true)$$, 'what is redacted from now on is known');
SELECT is((SELECT count(*) FROM gatehouse.audit_registry r WHERE r.shape_since IS DISTINCT FROM
            (SELECT max(s.since) FROM gatehouse.audit_shapes s WHERE s.table_id = r.table_id)), 0::bigint, 'the registry has the last shape of each table');

SELECT * FROM finish();
ROLLBACK;
