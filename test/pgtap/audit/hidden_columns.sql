-- A column that the audit hides by its name stays hidden: no other one comes to the name by any command.
BEGIN;
SELECT plan(21);
CREATE SCHEMA h;
SET LOCAL search_path = h, public;

CREATE TYPE form AS (id integer, card text, other text);
CREATE TABLE pay (id integer PRIMARY KEY, card text, pin text, name text);
CREATE TABLE typed OF form;
CREATE TABLE head (id integer);
CREATE TABLE child (card text, name text) INHERITS (head);
SELECT gatehouse.enable_audit('pay', redact => '{card}', exclude => '{pin}');
SELECT gatehouse.enable_audit(t, redact => '{card}') FROM unnest('{typed,child}'::regclass[]) t;

-- refused COMMAND: that it is refused because of this column.
CREATE FUNCTION refused(command text, name text DEFAULT 'card') RETURNS text LANGUAGE sql AS $$
  SELECT throws_ok(command, '55000', format('audit excludes or redacts column "%s", which the table no longer has', name), command)
$$;
SELECT refused('ALTER TABLE pay RENAME card TO plain; ALTER TABLE pay ADD COLUMN card text');
SELECT refused('ALTER TABLE pay RENAME pin TO plain; ALTER TABLE pay RENAME name TO pin', 'pin');
SELECT refused('ALTER TABLE pay RENAME card TO plain; ALTER VIEW pay RENAME COLUMN name TO card');
SELECT refused('ALTER TABLE pay RENAME card TO plain; ALTER MATERIALIZED VIEW pay RENAME COLUMN name TO card');
SELECT refused('ALTER VIEW pay RENAME COLUMN pin TO plain; ALTER FOREIGN TABLE pay RENAME COLUMN name TO pin', 'pin');
SELECT refused('ALTER TABLE pay RENAME card TO plain; ALTER TYPE pay RENAME ATTRIBUTE name TO card');
SELECT refused('ALTER TYPE form RENAME ATTRIBUTE card TO plain CASCADE; ALTER TYPE form RENAME ATTRIBUTE other TO card CASCADE');
SELECT refused('ALTER TYPE form RENAME ATTRIBUTE card TO plain CASCADE; ALTER TYPE form ADD ATTRIBUTE card text CASCADE');
SELECT refused('ALTER TABLE child RENAME card TO plain; ALTER TABLE head ADD COLUMN card text');
CREATE FUNCTION astray() RETURNS text LANGUAGE plpgsql AS $$ BEGIN SET search_path = pg_catalog; RETURN 'x'; END $$;
SELECT refused('ALTER TABLE pay RENAME card TO plain; ALTER TABLE pay ADD COLUMN card text DEFAULT h.astray()');
SELECT refused('ALTER TABLE pay DROP COLUMN card, ADD COLUMN card text');

SELECT lives_ok('ALTER TABLE pay ADD COLUMN IF NOT EXISTS card text', 'a column that is there already may be added where it is missing');
SELECT lives_ok('ALTER TABLE pay ALTER card TYPE varchar(40); ALTER TABLE pay ADD COLUMN IF NOT EXISTS card text', 'also when this transaction has altered it');
SELECT lives_ok('ALTER TABLE head ADD COLUMN card text', 'and to a table that it inherits from');
INSERT INTO pay VALUES (1, '4111', '0000', 'n');
INSERT INTO child (id, card, name) VALUES (1, '4111', 'n');
SELECT is((SELECT jsonb_agg(new -> 'card') FROM gatehouse.row_change_log WHERE new ? 'name'), '[{"redacted": true}, {"redacted": true}]', 'where they stay hidden');
ALTER VIEW pay RENAME COLUMN name TO label;
UPDATE pay SET label = 'l';
SELECT is((SELECT new FROM gatehouse.row_change_log ORDER BY id DESC LIMIT 1), '{"label": "l"}', 'the name of another column is known at once, whatever command has given it');
ALTER TABLE pay RENAME pin TO number;
SELECT throws_ok('UPDATE pay SET label = ''m''', '55000', 'audit excludes or redacts column "pin", which the table no longer has', 'as long as it bears another nobody changes a row');
SELECT gatehouse.enable_audit('pay', redact => '{card}', exclude => '{number}');
SELECT lives_ok('ALTER TABLE pay ADD COLUMN pin text', 'once the audit knows the new name the old one is free');

-- An event trigger of somebody's that audits what is made
CREATE FUNCTION audit_all() RETURNS event_trigger LANGUAGE plpgsql AS $$
DECLARE
  made record;
BEGIN
  FOR made IN SELECT DISTINCT objid FROM pg_event_trigger_ddl_commands() WHERE object_type LIKE 'table%' LOOP
    PERFORM gatehouse.enable_audit(made.objid, redact => ARRAY(SELECT attname::text FROM pg_attribute WHERE attrelid = made.objid AND attname ~ 'password' AND NOT attisdropped));
  END LOOP;
END
$$;
CREATE EVENT TRIGGER audit_all ON ddl_command_end WHEN TAG IN ('ALTER TABLE', 'CREATE TABLE') EXECUTE FUNCTION audit_all();
SELECT lives_ok('CREATE TABLE people (id integer PRIMARY KEY, password text)', 'a table whose audit begins as it is made');
SELECT lives_ok('ALTER TABLE people ADD COLUMN old_password text', 'a column that is hidden as it is made');
SELECT is((SELECT redacted FROM gatehouse.audited_tables WHERE table_name = 'people'), '{password,old_password}', 'both are hidden');
SELECT * FROM finish();
ROLLBACK;
