-- What enable_audit and disable_audit record cannot be recorded apart from them.
BEGIN;
SELECT plan(8);
\ir ../as_role.psql

CREATE ROLE gatehouse_test_administrator IN ROLE gatehouse_admin;
CREATE TABLE item (id integer PRIMARY KEY);
CREATE TABLE own (id integer PRIMARY KEY);
ALTER TABLE own OWNER TO gatehouse_test_administrator;
SELECT gatehouse.enable_audit('item');
SELECT gatehouse.enable_audit('own');
SELECT table_id AS item_id FROM gatehouse.audited_tables WHERE table_name = 'item' \gset
SELECT table_id AS own_id FROM gatehouse.audited_tables WHERE table_name = 'own' \gset
CREATE TEMP TABLE before AS SELECT count(*) AS events FROM gatehouse.events;

SELECT throws_ok(format($$SELECT pg_temp.as_role('gatehouse_test_administrator', 'SELECT gatehouse.record_audit_enabled(''item'', ''{}'', ''{}'')')$$),
  '42501', 'must be owner of table public.item', 'an administrator cannot record that somebody else''s table is audited');
SELECT throws_ok(format($$SELECT pg_temp.as_role('gatehouse_test_administrator', 'SELECT gatehouse.record_audit_disabled(''item'', %s)')$$, :item_id),
  '42501', 'must be owner of table public.item', 'nor that it no longer is');
SELECT throws_ok(format($$SELECT pg_temp.as_role('gatehouse_test_administrator', 'SELECT gatehouse.record_audit_disabled(''own'', %s)')$$, :item_id),
  '22023', 'table public.own is not audited under this id', 'nor by the id of another''s');
SELECT throws_ok($$SELECT pg_temp.as_role('gatehouse_test_administrator', 'SELECT gatehouse.drop_audit_triggers(''own'')')$$,
  '42501', 'permission denied for function drop_audit_triggers', 'nor can the triggers of a table of his own be dropped apart from the record');
SELECT is((SELECT count(*) FROM gatehouse.events), (SELECT events FROM before), 'no event was written');
SELECT lives_ok(format($$SELECT pg_temp.as_role('gatehouse_test_administrator', 'SELECT gatehouse.record_audit_disabled(''own'', %s)')$$, :own_id),
  'who owns the table disables its audit');
SELECT is((SELECT count(*) FROM pg_trigger WHERE tgrelid = 'own'::regclass), 0::bigint, 'its triggers are gone');
SELECT results_eq(
  $$SELECT table_name, status FROM gatehouse.audited_tables WHERE table_name IN ('item', 'own')$$,
  $$VALUES ('item'::text, 'active'::text)$$, 'and the registry says so');

SELECT * FROM finish();
ROLLBACK;
