-- What commands do to audited tables: later partitions are covered, and what takes the audit away is recorded.
BEGIN;
SELECT plan(57);
\ir ../as_role.psql

CREATE ROLE clerk;
CREATE ROLE keeper IN ROLE gatehouse_admin;
CREATE SCHEMA shop;
GRANT ALL ON SCHEMA shop TO clerk, keeper;
SET LOCAL search_path = shop, public;
CREATE TABLE item (id integer PRIMARY KEY, secret text);
CREATE TABLE root (id integer PRIMARY KEY, name text) PARTITION BY RANGE (id);
CREATE TABLE first PARTITION OF root FOR VALUES FROM (0) TO (10);
ALTER TABLE item OWNER TO clerk;
ALTER TABLE root OWNER TO keeper;
ALTER TABLE first OWNER TO keeper;
CREATE FUNCTION pg_temp.as_clerk(command text) RETURNS void LANGUAGE plpgsql AS $$
BEGIN
  SET LOCAL ROLE clerk;
  EXECUTE command;
  RESET ROLE;
END
$$;
CREATE FUNCTION pg_temp.as_keeper(command text) RETURNS void LANGUAGE plpgsql AS $$
BEGIN
  SET LOCAL ROLE keeper;
  EXECUTE command;
  RESET ROLE;
END
$$;
CREATE TEMP TABLE seen (up_to bigint);
INSERT INTO seen SELECT coalesce(max(id), 0) FROM gatehouse.events;
-- The events since the last call, oldest first.
CREATE FUNCTION pg_temp.told() RETURNS text[] LANGUAGE sql AS $$
  WITH added AS (
    SELECT e.id, concat_ws(' ', substr(e.event_type, 7), coalesce(d.context ->> 'gap', d.context ->> 'partition', d.context ->> 'table_name'), 
                           'by ' || (d.context ->> 'role')) AS told
      FROM gatehouse.events e JOIN gatehouse.event_details d ON d.event_id = e.id
     WHERE e.id > (SELECT up_to FROM seen) AND e.event_type LIKE 'audit.%'),
  moved AS (UPDATE seen SET up_to = greatest(up_to, (SELECT max(id) FROM added)))
  SELECT coalesce(array_agg(told ORDER BY id), '{}') FROM added
$$;
CREATE FUNCTION pg_temp.state(table_name text) RETURNS text LANGUAGE sql AS $$
  SELECT status || ' ' || gaps::text FROM gatehouse.audited_tables t
   WHERE t.table_schema = 'shop' AND t.table_name = state.table_name
$$;

SELECT gatehouse.enable_audit('item', exclude => '{secret}');
SELECT gatehouse.enable_audit('root', redact => '{name}');
SELECT is(pg_temp.told(), '{enabled item,enabled root}', 'enabling tells of itself alone');
SELECT gatehouse.enable_audit('root', redact => '{name}');
SELECT is(pg_temp.told(), '{enabled root}', 'and so does enabling again');
SELECT is(pg_temp.state('root'), 'active {}', 'a table without a gap');

-- Later partitions
SELECT pg_temp.as_keeper('CREATE TABLE shop.second PARTITION OF shop.root FOR VALUES FROM (10) TO (20)');
CREATE TABLE tree (id integer PRIMARY KEY, name text) PARTITION BY RANGE (id);
CREATE TABLE twig PARTITION OF tree FOR VALUES FROM (20) TO (25);
ALTER TABLE root ATTACH PARTITION tree FOR VALUES FROM (20) TO (30);
CREATE TABLE leaf PARTITION OF tree FOR VALUES FROM (25) TO (30);
SELECT results_eq($$SELECT tgrelid::regclass::text, tgenabled::text, tgnargs::integer FROM pg_trigger
                     WHERE tgname = 'gatehouse_audit_truncate' AND tgrelid <> 'item'::regclass ORDER BY 1$$,
  $$VALUES ('first', 'A', 3), ('leaf', 'A', 3), ('root', 'A', 2), ('second', 'A', 3), ('tree', 'A', 3), ('twig', 'A', 3)$$,
  'partitions that are made or attached get the TRUNCATE trigger, and so does what is below them');
SELECT is(pg_temp.state('root'), 'active {}', 'so there is no gap');
SELECT is(pg_temp.told(), '{}', 'nor anything to tell');
TRUNCATE leaf;
SELECT is((SELECT key FROM gatehouse.row_changes WHERE table_name = 'root'), '{"partition": "shop.leaf"}', 'it logs');
SELECT throws_ok($$SELECT pg_temp.as_clerk('CREATE TABLE shop.third PARTITION OF shop.root FOR VALUES FROM (30) TO (40)')$$, '42501', NULL,
  'who does not own the table adds no partition');

-- Disabling
SELECT pg_temp.as_clerk('ALTER TABLE shop.item DISABLE TRIGGER ALL');
SELECT is(pg_temp.told(), '{trigger_disabled shop.item: TRUNCATE trigger disabled by clerk,trigger_disabled shop.item: row trigger disabled by clerk}',
  'what an owner disables is recorded with his name');
SELECT is(pg_temp.state('item'), 'inactive {"shop.item: TRUNCATE trigger disabled","shop.item: row trigger disabled"}', 'the gaps are shown');
SELECT pg_temp.as_clerk('ALTER TABLE shop.item DISABLE TRIGGER ALL');
SELECT is(pg_temp.told(), '{}', 'once');
SELECT pg_temp.as_clerk('ALTER TABLE shop.item ENABLE TRIGGER USER');
SELECT is(pg_temp.told(), '{}', 'a trigger that session_replication_role turns off is a gap still');
SELECT pg_temp.as_clerk('ALTER TABLE shop.item RENAME TO thing');
SELECT pg_temp.as_clerk('ALTER TABLE shop.thing RENAME COLUMN secret TO hidden');
SELECT is(pg_temp.told(), '{}', 'a new name is no news');
SELECT is(pg_temp.state('thing'), 'inactive {"shop.thing: TRUNCATE trigger disabled","shop.thing: row trigger disabled"}', 'the gaps follow it');
SELECT pg_temp.as_clerk('ALTER TABLE shop.thing ENABLE ALWAYS TRIGGER "!gatehouse_audit"');
SELECT is(pg_temp.told(), '{trigger_restored shop.thing: row trigger disabled by clerk}', 'a gap that is closed is recorded');
ALTER SCHEMA shop RENAME TO store;
ALTER TABLE store.thing ENABLE ALWAYS TRIGGER gatehouse_audit_truncate;
SELECT is(pg_temp.told(), '{trigger_restored store.thing: TRUNCATE trigger disabled by postgres}', 'under the schema''s new name too');
ALTER SCHEMA store RENAME TO shop;
SELECT is(pg_temp.state('thing'), 'active {}', 'then there is none');
ALTER TABLE root DISABLE TRIGGER "!gatehouse_audit";
SELECT is(pg_temp.told()::text[], ARRAY(SELECT format('trigger_disabled shop.%s: row trigger disabled by postgres', t)
                                          FROM unnest('{first,leaf,root,second,tree,twig}'::text[]) t ORDER BY 1),
  'PostgreSQL disables a root''s trigger in its partitions too');
ALTER TABLE root ENABLE ALWAYS TRIGGER "!gatehouse_audit";
SELECT is(array_length(pg_temp.told(), 1), 6, 'and enables it there');
ALTER TABLE twig DISABLE TRIGGER "!gatehouse_audit";
SELECT is(pg_temp.state('root'), 'inactive {"shop.twig: row trigger disabled"}', 'a partition''s alone is a gap of the root');
SELECT is(pg_temp.told(), '{trigger_disabled shop.twig: row trigger disabled by postgres}', 'and recorded');
ALTER TABLE twig ENABLE ALWAYS TRIGGER "!gatehouse_audit";
SELECT pg_temp.told();
SAVEPOINT disabling;
ALTER TABLE thing DISABLE TRIGGER "!gatehouse_audit";
ROLLBACK TO disabling;
SELECT is(pg_temp.told(), '{}', 'what is rolled back is not recorded');
SET LOCAL session_replication_role = replica;
ALTER TABLE thing DISABLE TRIGGER "!gatehouse_audit";
ALTER TABLE thing ENABLE ALWAYS TRIGGER "!gatehouse_audit";
SET LOCAL session_replication_role = origin;
SELECT is(pg_temp.told(), '{trigger_disabled shop.thing: row trigger disabled by postgres,trigger_restored shop.thing: row trigger disabled by postgres}',
  'session_replication_role hides nothing');

-- Altering
SELECT table_id AS thing_id FROM gatehouse.audited_tables WHERE table_schema = 'shop' AND table_name = 'thing' AND status = 'active' \gset
CREATE OR REPLACE TRIGGER "!gatehouse_audit" AFTER INSERT OR UPDATE OR DELETE ON thing FOR EACH ROW
  EXECUTE FUNCTION gatehouse.log_row_change(:'thing_id');
SELECT is(pg_temp.told(), '{trigger_altered shop.thing: row trigger altered by postgres}', 'other arguments are recorded');
CREATE OR REPLACE TRIGGER "!gatehouse_audit" AFTER INSERT OR UPDATE ON thing FOR EACH ROW
  EXECUTE FUNCTION gatehouse.log_row_change(:'thing_id', '-hidden');
SELECT is(pg_temp.state('thing'), 'inactive {"shop.thing: row trigger altered"}', 'an operation that is left out is a gap');
CREATE OR REPLACE TRIGGER "!gatehouse_audit" AFTER INSERT OR UPDATE OR DELETE ON thing FOR EACH ROW WHEN (false)
  EXECUTE FUNCTION gatehouse.log_row_change(:'thing_id', '-hidden');
SELECT is(pg_temp.state('thing'), 'inactive {"shop.thing: row trigger altered"}', 'and so is a condition');
CREATE OR REPLACE TRIGGER "!gatehouse_audit" AFTER INSERT OR UPDATE OR DELETE ON thing FOR EACH ROW
  EXECUTE FUNCTION gatehouse.log_row_change(:'thing_id', '-hidden');
SELECT pg_temp.told();
SELECT gatehouse.enable_audit('thing', exclude => '{hidden}');
SELECT is(pg_temp.told(), '{enabled thing}', 'enable_audit closes all gaps');
SELECT is(pg_temp.state('thing'), 'active {}', 'which shows');
CREATE OR REPLACE TRIGGER "!gatehouse_audit" AFTER INSERT OR UPDATE OR DELETE ON thing FOR EACH ROW
  EXECUTE FUNCTION gatehouse.log_row_change(:'thing_id', '-hidden');
SELECT is(pg_temp.told(), '{trigger_disabled shop.thing: row trigger disabled by postgres}', 'a trigger that is replaced by itself no longer fires always');

-- Dropping and detaching
DROP TRIGGER gatehouse_audit_truncate ON first;
SELECT is(pg_temp.told(), '{trigger_dropped shop.first: TRUNCATE trigger missing by postgres}', 'a trigger that is dropped');
ALTER TABLE twig DISABLE TRIGGER ALL;
DROP TRIGGER gatehouse_audit_truncate ON tree;
SELECT pg_temp.told();
SELECT pg_temp.as_keeper('ALTER TABLE shop.root DETACH PARTITION shop.tree');
SELECT is(pg_temp.told(), '{partition_detached shop.tree by keeper}', 'a partition that is detached, once for all that is below it');
SELECT is((SELECT count(*) FROM pg_trigger WHERE tgrelid IN ('tree'::regclass, 'twig'::regclass, 'leaf'::regclass)
                                             AND tgfoid = 'gatehouse.log_truncate()'::regprocedure), 0::bigint,
  'has no TRUNCATE trigger any more');
ALTER TABLE root ATTACH PARTITION tree FOR VALUES FROM (20) TO (30);
SELECT is(pg_temp.state('root'), 'inactive {"shop.first: TRUNCATE trigger missing"}', 'attached again it is covered');
DROP TABLE tree;
SELECT is(pg_temp.told(), '{partition_dropped shop.tree by postgres}', 'a partition that is dropped, once for all that is below it');
CREATE TABLE other (id integer PRIMARY KEY, name text);
SELECT gatehouse.enable_audit('other');
SELECT throws_ok('ALTER TABLE root ATTACH PARTITION other FOR VALUES FROM (50) TO (60)', '42710', NULL,
  'a table that is audited itself cannot become a partition of an audited one');
SELECT pg_temp.told();
SELECT gatehouse.disable_audit('other');
SELECT is(pg_temp.told(), '{disabled other}', 'disabling tells of itself alone');
ALTER TABLE root ATTACH PARTITION other FOR VALUES FROM (50) TO (60);
DROP TRIGGER "!gatehouse_audit" ON root;
SELECT is(pg_temp.told(), '{trigger_dropped shop.root: row trigger missing by postgres}', 'the root''s trigger, of the table and its partitions');
SELECT is(pg_temp.state('root'), 'missing {"shop.root: row trigger missing"}', 'without it nothing is logged');
SELECT pg_temp.as_clerk('DROP TABLE shop.thing');
SELECT is(pg_temp.told(), '{table_dropped thing by clerk}', 'a table that is dropped');
CREATE TABLE passing (id integer PRIMARY KEY);
SELECT gatehouse.enable_audit('passing');
SELECT pg_temp.told();
ALTER TABLE passing SET UNLOGGED;
SELECT is(pg_temp.told()::text || ' ' || pg_temp.state('passing'), '{"table_unlogged shop.passing: unlogged by postgres"} inactive {"shop.passing: unlogged"}',
  'a table that a crash would empty has a gap');
ALTER INDEX passing RENAME TO passed;
SELECT is(pg_temp.state('passed'), 'inactive {"shop.passed: unlogged"}', 'under every name, also one that a command for indexes gives');
ALTER TABLE passed SET LOGGED;
SELECT is(pg_temp.told()::text || ' ' || pg_temp.state('passed'), '{"table_logged shop.passed: unlogged by postgres"} active {}', 'until it no longer is');
DROP TABLE passed;
SELECT pg_temp.told();
CREATE TABLE "Own Table" (id integer);
SELECT gatehouse.enable_audit('"Own Table"');
ALTER TABLE "Own Table" RENAME TO "The Last";
SELECT pg_temp.told();
DROP SCHEMA shop CASCADE;
SELECT is(pg_temp.told(), '{"table_dropped The Last by postgres"}', 'a table that is dropped with its schema, by its last name');

-- A trigger that takes the place of the audit's
CREATE SCHEMA shop;
CREATE TABLE elder (id integer);
CREATE TABLE younger () INHERITS (elder);
SELECT gatehouse.enable_audit('elder');
SELECT pg_temp.told();
ALTER TABLE elder ADD COLUMN name text;
SELECT is(pg_temp.told()::text[] || ARRAY(SELECT operation::text FROM gatehouse.row_change_log WHERE table_id = gatehouse.current_table_id('elder')), '{}',
  'a table that inherits is no partition that has left');
CREATE TABLE taken (id integer PRIMARY KEY);
SELECT gatehouse.enable_audit('taken');
GRANT USAGE ON SCHEMA shop TO clerk;
GRANT TRIGGER ON taken TO clerk;
CREATE FUNCTION shop.nothing() RETURNS trigger LANGUAGE plpgsql AS 'BEGIN RETURN NULL; END';
SELECT pg_temp.told();
SELECT pg_temp.as_clerk('CREATE OR REPLACE TRIGGER gatehouse_audit_truncate AFTER TRUNCATE ON shop.taken EXECUTE FUNCTION shop.nothing()');
SELECT is(pg_temp.told(), '{"trigger_dropped shop.taken: TRUNCATE trigger missing by clerk"}', 'a trigger that is replaced');
SELECT pg_temp.as_clerk('CREATE OR REPLACE TRIGGER "!gatehouse_audit" AFTER INSERT ON shop.taken FOR EACH ROW EXECUTE FUNCTION shop.nothing()');
SELECT is(pg_temp.told(), '{"trigger_dropped shop.taken: row trigger missing by clerk"}', 'the other too');
DROP SCHEMA shop CASCADE;
SELECT pg_temp.told();

-- A schema under the name of one that is gone
CREATE SCHEMA gone;
CREATE TABLE gone.item (id integer);
CREATE TABLE gone.other (id integer);
SELECT gatehouse.enable_audit(t) FROM unnest('{gone.item,gone.other}'::regclass[]) t;
SELECT gatehouse.current_table_id('gone.item') AS gone_id \gset
SELECT gatehouse.current_table_id('gone.other') AS other_id \gset
ALTER TABLE gone.other SET SCHEMA public;
DROP SCHEMA gone CASCADE;
CREATE SCHEMA gone;
CREATE TABLE gone.item (id integer);
SELECT gatehouse.enable_audit('gone.item');
SELECT gatehouse.current_table_id('gone.item') AS next_id \gset
SELECT pg_temp.told();
ALTER SCHEMA gone RENAME TO present;
SELECT is((SELECT array_agg(r.table_schema ORDER BY r.table_id) FROM gatehouse.audit_registry r WHERE r.table_id IN (:gone_id, :next_id)), '{gone,present}',
  'a table that was dropped keeps the schema that it was in');
SELECT is(gatehouse.note_audit_gaps(), 0::bigint, 'and is not told of again');
CREATE TABLE root_of_leaf (id integer) PARTITION BY RANGE (id);
CREATE TABLE present.leaf PARTITION OF root_of_leaf FOR VALUES FROM (0) TO (10);
SELECT gatehouse.enable_audit('root_of_leaf');
DROP TRIGGER gatehouse_audit_truncate ON present.leaf;
ALTER SCHEMA present RENAME TO later;
SELECT is((SELECT p.partition_schema FROM gatehouse.audit_partitions p ORDER BY p.partition_id DESC LIMIT 1), 'later', 'a partition that has lost its trigger follows its schema too');
ALTER SCHEMA later RENAME TO present;
DROP TABLE root_of_leaf;
SELECT pg_temp.told();
DROP SCHEMA present CASCADE;
SELECT is(pg_temp.told(), '{table_dropped item by postgres}', 'the later one goes under its last name');
DROP TABLE public.other;
SELECT pg_temp.told();

-- What no command did
CREATE SCHEMA shop;
CREATE TABLE item (id integer);
SELECT gatehouse.enable_audit('item');
SELECT pg_temp.told();
SELECT is((SELECT affected FROM gatehouse.run_maintenance() WHERE task = 'audit_gaps_noted'), 0::bigint, 'maintenance finds nothing');
UPDATE pg_trigger SET tgenabled = 'D' WHERE tgrelid = 'item'::regclass AND tgname = '!gatehouse_audit';
SELECT is((SELECT affected FROM gatehouse.run_maintenance() WHERE task = 'audit_gaps_noted'), 1::bigint,
  'where somebody went past the event triggers it does');
SELECT is(pg_temp.told(), '{gap_found shop.item: row trigger disabled}', 'and records it');
SELECT is((SELECT affected FROM gatehouse.run_maintenance() WHERE task = 'audit_gaps_noted'), 0::bigint, 'once');

-- Strangers
SELECT lives_ok($$SELECT pg_temp.as_clerk('CREATE TEMP TABLE passing (id integer); ALTER TABLE passing ADD name text; DROP TABLE passing')$$,
  'who has no right to anything of gatehouse''s makes, alters and drops tables');
SELECT throws_ok($$SELECT gatehouse.watch_commands()$$, '55000', NULL, 'the functions are for event triggers');
SELECT throws_ok($$SELECT pg_temp.as_role('keeper', 'SELECT gatehouse.remove_audit_trigger(1)')$$, '42501',
  'permission denied for function remove_audit_trigger', 'an administrator cannot remove a trigger unseen');

SELECT * FROM finish();
ROLLBACK;
