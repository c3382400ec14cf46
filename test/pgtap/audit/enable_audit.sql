-- What can be audited, by whom, and what stays of it.
BEGIN;
SELECT plan(46);

CREATE SCHEMA shop;
CREATE TABLE shop.item (id integer PRIMARY KEY, name text, secret text);
CREATE VIEW shop.item_view AS SELECT * FROM shop.item;
CREATE MATERIALIZED VIEW shop.item_copy AS SELECT * FROM shop.item;
CREATE SEQUENCE shop.numbers;
CREATE UNLOGGED TABLE shop.volatile (id integer);
CREATE TEMPORARY TABLE passing (id integer);
CREATE TABLE shop.root (id integer) PARTITION BY RANGE (id);
CREATE TABLE shop.leaf PARTITION OF shop.root DEFAULT;
CREATE FOREIGN DATA WRAPPER nothing;
CREATE SERVER nowhere FOREIGN DATA WRAPPER nothing;
CREATE FOREIGN TABLE shop.far (id integer) SERVER nowhere;

SELECT throws_ok($$SELECT gatehouse.enable_audit(NULL)$$, '22023', 'argument "relation" must not be null',
  'no table');
SELECT throws_ok($$SELECT gatehouse.enable_audit(4000000000::oid::regclass)$$, '22023',
  'relation with OID 4000000000 does not exist', 'a table that is not there');
SELECT throws_ok($$SELECT gatehouse.enable_audit('shop.item_view')$$, '22023',
  'cannot audit shop.item_view: not a table', 'a view');
SELECT throws_ok($$SELECT gatehouse.enable_audit('shop.item_copy')$$, '22023',
  'cannot audit shop.item_copy: not a table', 'a materialized view');
SELECT throws_ok($$SELECT gatehouse.enable_audit('shop.numbers')$$, '22023',
  'cannot audit shop.numbers: not a table', 'a sequence');
SELECT throws_ok($$SELECT gatehouse.enable_audit('shop.item_pkey')$$, '22023',
  'cannot audit shop.item_pkey: not a table', 'an index');
SELECT throws_ok($$SELECT gatehouse.enable_audit('shop.far')$$, '22023',
  'cannot audit shop.far: not a table', 'a foreign table');
SELECT throws_ok($$SELECT gatehouse.enable_audit('pg_class')$$, '22023', 'cannot audit system catalog "pg_class"',
  'a system catalog');
SELECT throws_ok($$SELECT gatehouse.enable_audit('information_schema.sql_features')$$, '22023',
  'cannot audit system catalog "sql_features"', 'a table of the information schema');
SELECT throws_ok($$SELECT gatehouse.enable_audit('passing')$$, '22023', 'cannot audit temporary table "passing"',
  'a temporary table');
SELECT throws_ok($$SELECT gatehouse.enable_audit('shop.volatile')$$, '22023',
  'cannot audit unlogged table "volatile"', 'an unlogged table');
SELECT throws_ok($$SELECT gatehouse.enable_audit('gatehouse.users')$$, '22023',
  'cannot audit gatehouse''s own table "users"', 'a table of gatehouse''s');
SELECT throws_ok($$SELECT gatehouse.enable_audit('gatehouse.row_change_log_default')$$, '22023',
  'cannot audit gatehouse''s own table "row_change_log_default"', 'the log itself');
SELECT throws_ok($$SELECT gatehouse.enable_audit('shop.leaf')$$, '22023', 'cannot audit partition "leaf"',
  'a partition');
SELECT throws_ok($$SELECT gatehouse.enable_audit('shop.item', exclude => '{nothing}')$$, '22023',
  'column "nothing" of shop.item does not exist', 'an unknown column is excluded');
SELECT throws_ok($$SELECT gatehouse.enable_audit('shop.item', redact => '{nothing}')$$, '22023',
  'column "nothing" of shop.item does not exist', 'an unknown column is redacted');
SELECT throws_ok($$SELECT gatehouse.enable_audit('shop.item', exclude => '{ctid}')$$, '22023',
  'column "ctid" of shop.item does not exist', 'a system column is excluded');
SELECT throws_ok($$SELECT gatehouse.enable_audit('shop.item', exclude => '{id}')$$, '22023',
  'column "id" belongs to the primary key and can be neither excluded nor redacted', 'a key column is excluded');
SELECT throws_ok($$SELECT gatehouse.enable_audit('shop.item', redact => '{id}')$$, '22023',
  'column "id" belongs to the primary key and can be neither excluded nor redacted', 'a key column is redacted');
SELECT throws_ok($$SELECT gatehouse.enable_audit('shop.item', exclude => '{name}', redact => '{name}')$$, '22023',
  'column "name" can be excluded or redacted, not both', 'a column is both');
SELECT throws_ok($$SELECT gatehouse.enable_audit('shop.item', exclude => '{NULL}')$$, '22023',
  'name of a column must not be null', 'a column without a name');
SELECT throws_ok($$SELECT gatehouse.enable_audit('shop.item', exclude => NULL)$$, '22023',
  'argument "exclude" must not be null', 'NULL in place of a list to exclude');
SELECT throws_ok($$SELECT gatehouse.enable_audit('shop.item', redact => NULL)$$, '22023',
  'argument "redact" must not be null', 'NULL in place of a list to redact');
SELECT is((SELECT count(*) FROM gatehouse.audited_tables WHERE table_schema = 'shop'), 0::bigint,
  'what was refused is not registered');

SELECT lives_ok($$SELECT gatehouse.enable_audit('shop.item', exclude => '{secret}')$$, 'a table can be audited');
SELECT results_eq($$SELECT excluded, redacted, status FROM gatehouse.audited_tables WHERE table_schema = 'shop'$$,
  $$VALUES ('{secret}'::text[], '{}'::text[], 'active')$$, 'it is shown');
SELECT is((SELECT context - 'table_id' FROM gatehouse.get_audit_logs(event_type => 'audit.enabled', page_size => 1)),
  '{"table_schema": "shop", "table_name": "item", "exclude": ["secret"], "redact": []}', 'enabling is an event');
SELECT is((SELECT array_agg(tgenabled::text ORDER BY tgname) FROM pg_trigger WHERE tgrelid = 'shop.item'::regclass),
  '{A,A}', 'its triggers fire always');

CREATE TEMPORARY TABLE id_before AS SELECT table_id FROM gatehouse.audited_tables WHERE table_schema = 'shop';
ALTER TABLE shop.item RENAME TO product;
INSERT INTO shop.product VALUES (1, 'n', 's');
SELECT is((SELECT table_name FROM gatehouse.row_changes WHERE table_schema = 'shop'), 'product',
  'a renamed table is shown by its present name');
SELECT lives_ok($$SELECT gatehouse.enable_audit('shop.product', redact => '{name}')$$, 'enabling again is allowed');
SELECT results_eq($$SELECT table_id, excluded, redacted FROM gatehouse.audited_tables WHERE table_schema = 'shop'$$,
  $$SELECT table_id, '{}'::text[], '{name}'::text[] FROM id_before$$, 'it replaces the columns and keeps the id');
UPDATE shop.product SET name = 'm', secret = 'v';
SELECT results_eq($$SELECT new FROM gatehouse.row_changes WHERE operation = 'UPDATE' AND table_schema = 'shop'$$,
  $$VALUES ('{"name": {"redacted": true}, "secret": "v"}'::jsonb)$$, 'and counts from the next change on');
ALTER TABLE shop.product DISABLE TRIGGER "!gatehouse_audit";
SELECT is((SELECT status FROM gatehouse.audited_tables WHERE table_schema = 'shop'), 'inactive',
  'a trigger that somebody turned off is shown');

SELECT is(gatehouse.disable_audit('shop.product'), true, 'audit can be disabled');
SELECT is(gatehouse.disable_audit('shop.product'), false, 'disabling what is not audited does nothing');
SELECT is((SELECT context ->> 'table_name' FROM gatehouse.get_audit_logs(event_type => 'audit.disabled')), 'product',
  'disabling is an event');
UPDATE shop.product SET secret = 'unseen';
SELECT is((SELECT count(*) FROM gatehouse.row_changes WHERE table_schema = 'shop'), 2::bigint,
  'afterwards nothing is logged, and what was logged stays');
SELECT gatehouse.enable_audit('shop.product');
SELECT isnt((SELECT table_id FROM gatehouse.audited_tables WHERE table_schema = 'shop'),
  (SELECT table_id FROM id_before), 'enabled anew it begins a new history');

SELECT gatehouse.enable_audit('shop.root');
SELECT results_eq($$SELECT tgrelid::regclass::text, tgname::text COLLATE "default" FROM pg_trigger
                     WHERE tgrelid IN ('shop.root'::regclass, 'shop.leaf'::regclass) ORDER BY 1, 2$$,
  $$VALUES ('shop.leaf', '!gatehouse_audit'), ('shop.leaf', 'gatehouse_audit_truncate'),
           ('shop.root', '!gatehouse_audit'), ('shop.root', 'gatehouse_audit_truncate')$$,
  'a partition bears both triggers too');
SELECT gatehouse.disable_audit('shop.root');
SELECT is((SELECT count(*) FROM pg_trigger WHERE tgrelid IN ('shop.root'::regclass, 'shop.leaf'::regclass)), 0::bigint,
  'disabling the root takes them off its partitions');

-- Rights
CREATE ROLE clerk;
CREATE ROLE keeper IN ROLE gatehouse_admin;
CREATE ROLE reader IN ROLE gatehouse_auditor;
GRANT USAGE, CREATE ON SCHEMA shop TO clerk, keeper;
GRANT USAGE ON SCHEMA gatehouse TO clerk;
GRANT ALL ON shop.product TO clerk, keeper;
SET LOCAL ROLE clerk;
UPDATE shop.product SET secret = 'by a clerk';
SELECT throws_ok($$CREATE TABLE shop.forged (id integer);
                   CREATE TRIGGER forged AFTER INSERT ON shop.forged FOR EACH ROW
                     EXECUTE FUNCTION gatehouse.log_row_change('1')$$,
  '42501', 'permission denied for function gatehouse.log_row_change', 'the trigger function is not for everybody');
SELECT throws_ok($$SELECT * FROM gatehouse.row_changes$$, '42501', 'permission denied for view row_changes', 'nor is the log');
RESET ROLE;
SELECT is((SELECT db_role FROM gatehouse.row_changes ORDER BY id DESC LIMIT 1), 'clerk',
  'whoever has no right to the log is logged all the same, as the role of SET ROLE');
SET LOCAL ROLE keeper;
SELECT throws_ok($$SELECT gatehouse.enable_audit('shop.product')$$, '42501', 'must be owner of table shop.product',
  'an administrator needs to own the table');
CREATE TABLE shop.kept (id integer PRIMARY KEY);
SELECT lives_ok($$SELECT gatehouse.enable_audit('shop.kept')$$, 'an administrator can audit a table of his own');
SET LOCAL ROLE reader;
SELECT throws_ok($$DELETE FROM gatehouse.row_change_log$$, '42501',
  'permission denied for table row_change_log', 'an auditor cannot change the log');
RESET ROLE;

SELECT * FROM finish();
ROLLBACK;
