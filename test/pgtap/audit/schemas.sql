-- The audit of all tables of a schema, also of later ones.
BEGIN;
SELECT plan(32);
\ir ../as_role.psql

CREATE ROLE clerk;
CREATE ROLE keeper IN ROLE gatehouse_admin;
CREATE SCHEMA shop AUTHORIZATION keeper;
CREATE SCHEMA other;
GRANT ALL ON SCHEMA shop, other TO clerk;
CREATE FUNCTION pg_temp.run_as(role_name text, command text) RETURNS void LANGUAGE plpgsql AS $$
BEGIN
  PERFORM set_config('role', role_name, true);
  EXECUTE command;
  PERFORM set_config('role', 'none', true);
END
$$;
CREATE FUNCTION pg_temp.audited() RETURNS text LANGUAGE sql AS $$
  SELECT coalesce(string_agg(table_schema || '.' || table_name || ' ' || status, ', ' ORDER BY table_schema, table_name), '')
    FROM gatehouse.audited_tables WHERE table_schema IN ('shop', 'store', 'other')
$$;

SELECT throws_ok('SELECT gatehouse.enable_audit_schema(NULL)', '22023', 'argument "schema_name" must not be null', 'no schema');
SELECT throws_ok($$SELECT gatehouse.enable_audit_schema('nowhere')$$, '22023', 'schema "nowhere" does not exist', 'a schema that is not there');
SELECT throws_ok(format('SELECT gatehouse.enable_audit_schema(%L)', s), '22023', format('cannot audit schema "%s"', s), s || ' is refused')
  FROM unnest('{pg_catalog,information_schema,gatehouse}'::text[]) s;
SELECT throws_ok($$SELECT pg_temp.run_as('keeper', 'SELECT gatehouse.enable_audit_schema(''other'')')$$, '42501', 'must be owner of schema other',
  'an administrator needs to own the schema');
SELECT throws_ok($$SELECT pg_temp.run_as('clerk', 'SELECT gatehouse.enable_audit_schema(''shop'')')$$, '42501', NULL, 'nobody else may');
SELECT pg_temp.run_as('clerk', 'CREATE TABLE shop.clerks (id integer); GRANT ALL ON shop.clerks TO keeper');
SELECT throws_ok($$SELECT pg_temp.run_as('keeper', 'SELECT gatehouse.enable_audit_schema(''shop'')')$$, '42501', 'must be owner of table shop.clerks',
  'and each of its tables');
SELECT is((SELECT count(*) FROM gatehouse.audited_schemas), 0::bigint, 'what was refused is not recorded');
DROP TABLE shop.clerks;

CREATE TABLE shop.item (id integer PRIMARY KEY, secret text);
CREATE TABLE shop.plain (id integer);
CREATE TABLE shop.root (id integer) PARTITION BY RANGE (id);
CREATE TABLE shop.leaf PARTITION OF shop.root DEFAULT;
CREATE UNLOGGED TABLE shop.passing (id integer);
CREATE VIEW shop.shown AS SELECT * FROM shop.item;
SELECT gatehouse.enable_audit('shop.item', redact => '{secret}');
CREATE TEMP TABLE item_before AS SELECT table_id, redacted FROM gatehouse.audited_tables WHERE table_name = 'item' AND table_schema = 'shop';
SELECT lives_ok($$SELECT gatehouse.enable_audit_schema('shop')$$, 'a schema can be audited');
SELECT is(pg_temp.audited(), 'shop.item active, shop.plain active, shop.root active', 'so are its tables, but for partitions, views and what is unlogged');
SELECT results_eq($$SELECT table_id, redacted FROM gatehouse.audited_tables WHERE table_name = 'item' AND table_schema = 'shop'$$,
  'SELECT * FROM item_before', 'a table that was audited stays as it was');
SELECT is((SELECT array_agg(schema_name) FROM gatehouse.audited_schemas), '{shop}', 'the schema is shown');
SELECT is((SELECT array_agg(context) FROM gatehouse.get_audit_logs(event_type => 'audit.schema_enabled')), ARRAY['{"role": "postgres", "schema_name": "shop"}'::jsonb],
  'and an event tells of it');

-- Later tables
SELECT pg_temp.run_as('clerk', 'CREATE TABLE shop.made (id integer PRIMARY KEY)');
SELECT pg_temp.run_as('clerk', 'CREATE TABLE shop.copied AS SELECT 1 AS id');
SELECT 1 AS id INTO shop.selected;
SELECT pg_temp.run_as('clerk', 'CREATE TABLE other.moved (id integer)');
SELECT pg_temp.run_as('clerk', 'ALTER TABLE other.moved SET SCHEMA shop');
SELECT pg_temp.run_as('clerk', 'CREATE TABLE other.elsewhere (id integer)');
SELECT pg_temp.run_as('clerk', 'CREATE UNLOGGED TABLE shop.lost (id integer)');
SELECT pg_temp.run_as('clerk', 'CREATE TEMP TABLE here (id integer)');
SELECT is(pg_temp.audited(), 'shop.copied active, shop.item active, shop.made active, shop.moved active, shop.plain active, shop.root active, shop.selected active',
  'tables that anybody makes in it, or moves into it, are audited');
SELECT pg_temp.run_as('clerk', 'ALTER TABLE shop.lost SET LOGGED');
SELECT is((SELECT status FROM gatehouse.audited_tables WHERE table_name = 'lost'), 'active', 'an unlogged table is, as soon as it is logged');
SELECT pg_temp.run_as('clerk', 'ALTER TABLE shop.lost SET UNLOGGED');
SELECT results_eq($$SELECT status, gaps FROM gatehouse.audited_tables WHERE table_name = 'lost'$$, $$VALUES ('inactive', '{shop.lost: unlogged}'::text[])$$,
  'and has a gap as soon as it is not');
SELECT gatehouse.disable_audit('shop.lost');
SELECT pg_temp.run_as('clerk', 'INSERT INTO shop.made VALUES (7)');
SELECT results_eq($$SELECT key, db_role FROM gatehouse.row_changes WHERE table_name = 'made'$$, $$VALUES ('{"id": 7}'::jsonb, 'clerk')$$, 'their rows are logged');
SELECT is((SELECT tgname::text FROM pg_trigger WHERE tgrelid = 'shop.made'::regclass ORDER BY tgname LIMIT 1), '!gatehouse_audit', 'by the trigger that fires first');
CREATE TABLE shop.root2 (id integer) PARTITION BY RANGE (id);
CREATE TABLE shop.leaf2 PARTITION OF shop.root2 DEFAULT;
SELECT is((SELECT count(*) FROM pg_trigger WHERE tgrelid = 'shop.leaf2'::regclass), 2::bigint, 'a partitioned table is, with its partitions');
SELECT is((SELECT status FROM gatehouse.audited_tables WHERE table_name = 'leaf2'), NULL, 'which are not audited by themselves');
SAVEPOINT making;
CREATE TABLE shop.undone (id integer);
ROLLBACK TO making;
SELECT is((SELECT count(*) FROM gatehouse.audited_tables WHERE table_name = 'undone'), 0::bigint, 'what is rolled back is not registered');
SELECT gatehouse.disable_audit('shop.plain');
ALTER TABLE shop.plain ADD name text;
SELECT is((SELECT count(*) FROM gatehouse.audited_tables WHERE table_name = 'plain'), 0::bigint, 'a table whose audit was disabled stays out of it');
ALTER SCHEMA shop RENAME TO store;
CREATE TABLE store.later (id integer);
CREATE SCHEMA shop;
CREATE TABLE shop.new (id integer);
SELECT is((SELECT array_agg(table_name) FROM gatehouse.audited_tables WHERE table_name IN ('later', 'new')), '{later}', 'a renamed schema is the same');
SELECT is((SELECT array_agg(schema_name) FROM gatehouse.audited_schemas), '{store}', 'and shown by its new name');

-- Ending it
SELECT throws_ok($$SELECT pg_temp.run_as('keeper', 'SELECT gatehouse.disable_audit_schema(''other'')')$$, '42501', 'must be owner of schema other',
  'only its owner ends it');
SELECT is(pg_temp.as_role('keeper', $$SELECT gatehouse.disable_audit_schema('store')$$), 'true', 'which he does');
SELECT is(gatehouse.disable_audit_schema('store'), false, 'once');
CREATE TABLE store.unseen (id integer);
SELECT is((SELECT count(*) FROM gatehouse.audited_tables WHERE table_name = 'unseen'), 0::bigint, 'later tables are not audited');
SELECT is((SELECT status FROM gatehouse.audited_tables WHERE table_name = 'made'), 'active', 'those that were stay so');
SELECT gatehouse.enable_audit_schema('store');
DROP SCHEMA store CASCADE;
SELECT is((SELECT count(*) FROM gatehouse.audited_schemas), 0::bigint, 'a dropped schema is none any more');
SELECT is((SELECT count(*) FROM gatehouse.get_audit_logs(event_type => 'audit.schema_disabled')), 2::bigint, 'each end is an event');

SELECT * FROM finish();
ROLLBACK;
