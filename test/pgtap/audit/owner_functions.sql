-- Writing a value as JSON can call a function of the table's owner: it has his rights, what it sets ends with it, and no command of a
-- stranger runs it.
BEGIN;
SELECT plan(10);

SET LOCAL client_min_messages = warning;
CREATE DOMAIN public.passing AS text;
CREATE ROLE gatehouse_test_owner;
CREATE SCHEMA theirs AUTHORIZATION gatehouse_test_owner;
SET LOCAL ROLE gatehouse_test_owner;
CREATE TYPE theirs.word AS ENUM ('a', 'b');
CREATE FUNCTION theirs.shown(theirs.word) RETURNS json LANGUAGE plpgsql AS $$
BEGIN
  PERFORM set_config('search_path', 'theirs', false), set_config('standard_conforming_strings', 'off', false);
  RETURN pg_catalog.to_json(current_user::text);
END
$$;
CREATE CAST (theirs.word AS json) WITH FUNCTION theirs.shown(theirs.word);
CREATE TABLE theirs.item (id integer PRIMARY KEY, w theirs.word);
INSERT INTO theirs.item VALUES (1, 'a');
CREATE TABLE theirs.above (id integer PRIMARY KEY);
CREATE TABLE theirs.below (p public.passing, PRIMARY KEY (id)) INHERITS (theirs.above);
INSERT INTO theirs.below VALUES (1);
RESET ROLE;
SELECT gatehouse.enable_audit('theirs.item'), gatehouse.enable_audit('theirs.below');
CREATE FUNCTION pg_temp.settings() RETURNS text LANGUAGE sql AS
  $$SELECT concat_ws(' ', pg_catalog.current_setting('search_path'), pg_catalog.current_setting('standard_conforming_strings'))$$;
SELECT pg_temp.settings() AS before \gset

SELECT is((SELECT r ->> 'w' FROM gatehouse.get_table_at('theirs.item', clock_timestamp()) r), 'gatehouse_test_owner', 'it runs with the rights of the owner');
SELECT is(pg_temp.settings(), :'before', 'what it sets has ended');
SELECT is(gatehouse.get_row_at('theirs.item', '{"id": 1}', clock_timestamp()) ->> 'w', 'gatehouse_test_owner', 'also for a single row');
SELECT is(pg_temp.settings(), :'before', 'what it sets has ended there too');
ALTER TABLE theirs.item ADD COLUMN more theirs.word DEFAULT 'b';
SELECT is(pg_temp.settings(), :'before', 'nor does it outlive a command that adds a column');
ALTER TABLE theirs.item ADD COLUMN drawn theirs.word DEFAULT (ARRAY['a', 'b'])[1 + floor(random() * 2)]::theirs.word;
SELECT is(pg_temp.settings(), :'before', 'or one that rewrites the table');

SET LOCAL ROLE gatehouse_test_owner;
CREATE OR REPLACE FUNCTION theirs.shown(theirs.word) RETURNS json LANGUAGE plpgsql AS $$BEGIN RAISE 'it ran'; END$$;
SELECT throws_ok($$ALTER TABLE theirs.above ADD COLUMN w theirs.word DEFAULT 'a'$$, 'P0001', 'it ran', 'a command of the owner''s runs it');
RESET ROLE;
ALTER EVENT TRIGGER gatehouse_audit_shapes DISABLE;
ALTER TABLE theirs.above ADD COLUMN w theirs.word DEFAULT 'a';
ALTER EVENT TRIGGER gatehouse_audit_shapes ENABLE ALWAYS;
SELECT lives_ok('DROP DOMAIN public.passing CASCADE', 'a stranger''s command does not, not where it drops a column');
SELECT lives_ok('SELECT * FROM gatehouse.run_maintenance()', 'nor does maintenance');
SELECT throws_ok($$SELECT gatehouse.get_table_at('theirs.below', clock_timestamp())$$, 'P0001', 'it ran', 'who reads the table does');

SELECT * FROM finish();
ROLLBACK;
