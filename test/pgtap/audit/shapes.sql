-- What changes the columns of an audited table without being a command on it.
BEGIN;
SELECT plan(15);
SET LOCAL client_min_messages = warning;

CREATE FUNCTION pg_temp.columns_of(relation regclass) RETURNS text LANGUAGE sql AS $$
  SELECT string_agg(c.name || ' ' || c.type, ', ' ORDER BY c.number)
    FROM gatehouse.audit_registry r
    JOIN gatehouse.audit_shapes s ON s.table_id = r.table_id AND s.since = r.shape_since
   CROSS JOIN gatehouse.shape_columns(s.columns) c
   WHERE r.table_id = gatehouse.current_table_id(relation)
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
