-- The logged value of each type is what to_jsonb gives under neutral settings, whatever the session has set.
BEGIN;
SELECT plan(99);

CREATE SCHEMA sample;
CREATE TYPE sample.mood AS ENUM ('sad', 'Ok "q"');
CREATE TYPE sample.shown AS ENUM ('a', 'b');
CREATE TYPE sample.pair AS (x double precision, t timestamptz, m sample.mood, b bytea);
CREATE TYPE sample.float_range AS RANGE (subtype = double precision);
CREATE DOMAIN sample.small AS integer CHECK (value > 0);
CREATE DOMAIN sample.words AS text[];
CREATE DOMAIN sample.moment AS timestamptz;
CREATE TABLE sample.thing (id integer);
CREATE FUNCTION sample.shown_as_json(sample.shown) RETURNS json LANGUAGE sql AS
  $$SELECT pg_catalog.json_build_object('shown', $1::text, 'number', 1.1::double precision::text)$$;
CREATE CAST (sample.shown AS json) WITH FUNCTION sample.shown_as_json(sample.shown);

CREATE FUNCTION pg_temp.configure(odd boolean) RETURNS void LANGUAGE sql AS $$
  SELECT set_config('bytea_output', CASE WHEN odd THEN 'escape' ELSE 'hex' END, true),
         set_config('datestyle', CASE WHEN odd THEN 'German, DMY' ELSE 'ISO' END, true),
         set_config('extra_float_digits', CASE WHEN odd THEN '-3' ELSE '1' END, true),
         set_config('intervalstyle', CASE WHEN odd THEN 'iso_8601' ELSE 'postgres' END, true),
         set_config('lc_monetary', CASE WHEN odd THEN 'C.UTF-8' ELSE 'C' END, true),
         set_config('quote_all_identifiers', CASE WHEN odd THEN 'on' ELSE 'off' END, true),
         set_config('timezone', CASE WHEN odd THEN 'Asia/Kathmandu' ELSE 'UTC' END, true),
         set_config('search_path', CASE WHEN odd THEN 'sample, public' ELSE 'pg_catalog' END, true)
$$;

CREATE FUNCTION pg_temp.same(type text, literal text) RETURNS text LANGUAGE plpgsql AS $$
DECLARE
  expected text;
  logged text;
BEGIN
  EXECUTE format('CREATE TABLE sample.one (value %s)', type);
  EXECUTE format('CREATE TABLE sample.source AS SELECT CAST(%L AS %s) AS value', literal, type);
  PERFORM gatehouse.enable_audit('sample.one');
  PERFORM pg_temp.configure(odd => true);
  INSERT INTO sample.one SELECT * FROM sample.source;
  PERFORM pg_temp.configure(odd => false);
  EXECUTE 'SELECT coalesce(to_jsonb(value), ''null'')::text FROM sample.one' INTO expected;
  SELECT (new -> 'value')::text INTO logged FROM gatehouse.row_changes ORDER BY id DESC LIMIT 1;
  DROP TABLE sample.one, sample.source;
  PERFORM set_config('search_path', 'public', true);
  RETURN is(logged, expected, concat(type, ': ', coalesce(literal, 'NULL')));
END $$;

SELECT pg_temp.same('boolean', 'true');
SELECT pg_temp.same('boolean', NULL);
SELECT pg_temp.same('smallint', '-32768');
SELECT pg_temp.same('integer', '2147483647');
SELECT pg_temp.same('bigint', '-9223372036854775808');
SELECT pg_temp.same('numeric', '1.500');
SELECT pg_temp.same('numeric', '0.00001');
SELECT pg_temp.same('numeric', '123456789012345678901234567890.1234567890');
SELECT pg_temp.same('numeric', '1e400');
SELECT pg_temp.same('numeric', 'NaN');
SELECT pg_temp.same('numeric', 'Infinity');
SELECT pg_temp.same('numeric', '-Infinity');
SELECT pg_temp.same('numeric(12,4)', '-0.0001');
SELECT pg_temp.same('real', '1.1');
SELECT pg_temp.same('real', '3.4e38');
SELECT pg_temp.same('real', '16777216');
SELECT pg_temp.same('real', '-0');
SELECT pg_temp.same('real', 'NaN');
SELECT pg_temp.same('double precision', '0.30000000000000004');
SELECT pg_temp.same('double precision', '5e-324');
SELECT pg_temp.same('double precision', '1e308');
SELECT pg_temp.same('double precision', '-Infinity');
SELECT pg_temp.same('money', '1234.5');
SELECT pg_temp.same('text', 'a\"''/ 	é𝄞');
SELECT pg_temp.same('text', '');
SELECT pg_temp.same('varchar(20)', 'v');
SELECT pg_temp.same('char(9)', 'padded');
SELECT pg_temp.same('name', 'some name');
SELECT pg_temp.same('"char"', 'x');
SELECT pg_temp.same('uuid', 'a0eebc99-9c0b-4ef8-bb6d-6bb9bd380a11');
SELECT pg_temp.same('date', '0044-03-15 BC');
SELECT pg_temp.same('date', 'infinity');
SELECT pg_temp.same('timestamp', '2020-01-02 03:04:05.678');
SELECT pg_temp.same('timestamp', '-infinity');
SELECT pg_temp.same('timestamptz', '2020-07-02 03:04:05.6+02');
SELECT pg_temp.same('timestamptz', '294276-12-31 23:59:59.999999+00');
SELECT pg_temp.same('timestamptz', '4713-01-01 00:00:00+00 BC');
SELECT pg_temp.same('timestamptz', 'infinity');
SELECT pg_temp.same('time', '03:04:05.5');
SELECT pg_temp.same('timetz', '03:04:05+05:30');
SELECT pg_temp.same('interval', '1 year -2 mons +3 days 04:05:06.7');
SELECT pg_temp.same('bytea', '\xdeadbeef00');
SELECT pg_temp.same('json', '{"a" : [1.10, null]}');
SELECT pg_temp.same('jsonb', '{"z": {"y": [1, {"q": 2.50}]}, "a": "s"}');
SELECT pg_temp.same('jsonb', '"scalar"');
SELECT pg_temp.same('jsonb', '1.50');
SELECT pg_temp.same('jsonb', 'null');
SELECT pg_temp.same('jsonb', '[]');
SELECT pg_temp.same('jsonb', '{}');
SELECT pg_temp.same('jsonpath', '$.a[*]');
SELECT pg_temp.same('inet', '10.0.0.1/8');
SELECT pg_temp.same('cidr', '10.0.0.0/8');
SELECT pg_temp.same('macaddr', '08:00:2b:01:02:03');
SELECT pg_temp.same('macaddr8', '08:00:2b:01:02:03:04:05');
SELECT pg_temp.same('bit(5)', '10101');
SELECT pg_temp.same('varbit', '101');
SELECT pg_temp.same('tsvector', 'a fat cat');
SELECT pg_temp.same('tsquery', 'fat & rat');
SELECT pg_temp.same('point', '(1.1,2.2)');
SELECT pg_temp.same('box', '((0.1,0.2),(1,1))');
SELECT pg_temp.same('oid', '4294967295');
SELECT pg_temp.same('oidvector', '1 2');
SELECT pg_temp.same('regclass', 'sample.thing');
SELECT pg_temp.same('regtype', 'sample.pair');
SELECT pg_temp.same('regrole', 'gatehouse_owner');
SELECT pg_temp.same('pg_lsn', '0/AB');
SELECT pg_temp.same('xid8', '99');
SELECT pg_temp.same('xid', '77');
SELECT pg_temp.same('tid', '(1,2)');
SELECT pg_temp.same('int4range', '[1,5)');
SELECT pg_temp.same('tstzrange', '[2020-07-02 03:04:05+02,infinity)');
SELECT pg_temp.same('tstzrange', 'empty');
SELECT pg_temp.same('nummultirange', '{[1.5,2.5]}');
SELECT pg_temp.same('sample.float_range', '[1.1,2.2)');
SELECT pg_temp.same('sample.mood', 'Ok "q"');
SELECT pg_temp.same('sample.shown', 'a');
SELECT pg_temp.same('sample.pair', '(1.1,"2020-07-02 03:04:05+02",sad,"\\x00ff")');
SELECT pg_temp.same('sample.thing', '(7)');
SELECT pg_temp.same('sample.small', '5');
SELECT pg_temp.same('sample.words', '{a,b}');
SELECT pg_temp.same('sample.moment', '2020-07-02 03:04:05+02');
SELECT pg_temp.same('integer[]', '{1,NULL,3}');
SELECT pg_temp.same('integer[]', '{{1,2},{3,4}}');
SELECT pg_temp.same('integer[]', '{}');
SELECT pg_temp.same('text[]', '{a,"b c",NULL}');
SELECT pg_temp.same('double precision[]', '{1.1,NaN,-Infinity}');
SELECT pg_temp.same('timestamptz[]', '{2020-07-02 03:04:05+02}');
SELECT pg_temp.same('bytea[]', '{"\\x01"}');
SELECT pg_temp.same('jsonb[]', '{"{\"a\": 1.0}","3"}');
SELECT pg_temp.same('interval[]', '{1 mon}');
SELECT pg_temp.same('sample.mood[]', '{sad}');
SELECT pg_temp.same('sample.shown[]', '{a}');
SELECT pg_temp.same('sample.pair[]', '{"(1.1,\"2020-07-02 03:04:05+02\",sad,\"\\\\x00ff\")"}');
SELECT pg_temp.same('sample.small[]', '{3}');
SELECT pg_temp.same('sample.moment[]', '{2020-07-02 03:04:05+02}');

-- More columns than fit between two offsets of the stored form, in an order that is not the keys' own
CREATE TABLE sample.wide (id integer PRIMARY KEY);
DO $$
DECLARE
  types text[] := ARRAY['integer', 'text', 'jsonb', 'boolean', 'numeric'];
  literals text[] := ARRAY['1', '''text''', '''{"a": [1, 2]}''', 'true', '1.5'];
BEGIN
  FOR i IN REVERSE 100..1 LOOP
    EXECUTE format('ALTER TABLE sample.wide ADD %I %s DEFAULT %s', repeat('c', 1 + i % 7) || i, types[1 + i % 5],
                   CASE WHEN i % 11 = 0 THEN 'NULL' ELSE literals[1 + i % 5] END);
  END LOOP;
END $$;
SELECT gatehouse.enable_audit('sample.wide');
INSERT INTO sample.wide VALUES (1);
SELECT is(new, to_jsonb(wide), 'a wide row equals to_jsonb of it')
  FROM gatehouse.row_changes, sample.wide WHERE table_name = 'wide';
SELECT is(jsonb_send(new), jsonb_send(to_jsonb(wide)), 'and has the same text')
  FROM gatehouse.row_changes, sample.wide WHERE table_name = 'wide';
SELECT is(pg_column_size(new || '{}'), pg_column_size(to_jsonb(wide)), 'and the same size')
  FROM gatehouse.row_changes, sample.wide WHERE table_name = 'wide';
SELECT ok(bool_and(e.value = new -> e.key), 'each of its keys can be looked up')
  FROM gatehouse.row_changes, jsonb_each(new) e WHERE table_name = 'wide';

SELECT * FROM finish();
ROLLBACK;
