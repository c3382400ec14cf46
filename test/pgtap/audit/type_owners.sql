-- The owner of a column's type is not trusted by those who change the table: his cast to json is not called.
BEGIN;
SELECT plan(8);
SET LOCAL client_min_messages = warning;
CREATE ROLE type_owner;
CREATE ROLE table_owner;
CREATE SCHEMA of_types AUTHORIZATION type_owner;
CREATE SCHEMA of_tables AUTHORIZATION table_owner;
GRANT USAGE ON SCHEMA of_types, of_tables TO PUBLIC;
CREATE TABLE called (by name);
GRANT INSERT ON called TO PUBLIC;

SET LOCAL ROLE type_owner;
CREATE TYPE of_types.mood AS ENUM ('glad', 'sad');
CREATE TYPE of_types.pair AS (mood of_types.mood, n integer);
CREATE TYPE of_types.later AS (n integer);
SET LOCAL ROLE table_owner;
CREATE DOMAIN of_tables.whim AS of_types.mood;
CREATE TABLE of_tables.item (id integer PRIMARY KEY, m of_types.mood, ms of_types.mood[], p of_types.pair, w of_tables.whim, l of_types.later);
RESET ROLE;
SELECT gatehouse.enable_audit('of_tables.item');
CREATE FUNCTION pg_temp.logged() RETURNS jsonb LANGUAGE sql AS $$SELECT c.new FROM gatehouse.row_changes c WHERE c.table_name = 'item' ORDER BY c.id DESC LIMIT 1$$;

INSERT INTO of_tables.item VALUES (1, 'sad', '{glad}', '(sad,1)', 'glad', '(1)');
SELECT is(pg_temp.logged(), '{"id": 1, "m": "sad", "ms": ["glad"], "p": {"mood": "sad", "n": 1}, "w": "glad", "l": {"n": 1}}', 'without a cast values are JSON');

SET LOCAL ROLE type_owner;
CREATE FUNCTION of_types.tells(of_types.mood) RETURNS json LANGUAGE plpgsql AS $$
BEGIN
  INSERT INTO public.called VALUES (current_user);
  RETURN '"lie"';
END
$$;
CREATE CAST (of_types.mood AS json) WITH FUNCTION of_types.tells(of_types.mood);
RESET ROLE;
INSERT INTO of_tables.item VALUES (2, 'sad', '{glad}', '(sad,1)', 'glad', '(1)');
SELECT is(pg_temp.logged(), '{"id": 2, "m": "sad", "ms": "{glad}", "p": "(sad,1)", "w": "glad", "l": {"n": 1}}', 'with a stranger''s they are the text of the type');
UPDATE of_tables.item SET m = 'glad' WHERE id = 2;
SELECT is(pg_temp.logged(), '{"m": "glad"}', 'an update too');
SELECT is((SELECT count(*) FROM gatehouse.get_table_at('of_tables.item', clock_timestamp())), 2::bigint, 'time travel reads the table');
SELECT is_empty('SELECT * FROM public.called', 'nobody has called the stranger''s function');

SET LOCAL ROLE type_owner;
ALTER TYPE of_types.later ADD ATTRIBUTE mood of_types.mood;
RESET ROLE;
INSERT INTO of_tables.item (id, l) VALUES (3, '(1,sad)');
SELECT is(pg_temp.logged() ->> 'l', '(1,sad)', 'a type that got an attribute since is looked at anew');
SELECT is_empty('SELECT * FROM public.called', 'and nobody has called it');

ALTER FUNCTION of_types.tells(of_types.mood) OWNER TO table_owner;
ALTER TABLE of_tables.item ALTER id SET STATISTICS 10;
GRANT USAGE ON SCHEMA of_types TO PUBLIC;
INSERT INTO of_tables.item (id, m) VALUES (4, 'sad');
SELECT is(pg_temp.logged() ->> 'm', 'lie', 'a cast of the table''s owner is called, as a trigger of his would be');

SELECT * FROM finish();
ROLLBACK;
