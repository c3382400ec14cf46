-- The log is not dropped with the extension by mistake.
BEGIN;
SELECT plan(10);
\ir ../as_role.psql

CREATE SCHEMA other;
CREATE ROLE stranger;
CREATE FUNCTION pg_temp.refused(command text, description text) RETURNS text LANGUAGE sql AS $$
  SELECT throws_ok(command, '55000', 'cannot drop gatehouse while its audit log has rows', description)
$$;
DELETE FROM gatehouse.events;
DELETE FROM gatehouse.row_change_log;
SAVEPOINT empty;
SELECT lives_ok('DROP EXTENSION gatehouse', 'where nothing is logged it can be dropped');
ROLLBACK TO empty;

SELECT gatehouse.create_audit_log('order.shipped');
SELECT pg_temp.refused('DROP EXTENSION gatehouse', 'an event is in the way');
SELECT pg_temp.refused('DROP EXTENSION IF EXISTS gatehouse CASCADE', 'however it is said');
SELECT pg_temp.refused('DROP SCHEMA other, gatehouse CASCADE', 'the way through its schema');
SELECT pg_temp.refused('DROP OWNED BY stranger, gatehouse_owner CASCADE', 'and through the owner''s things');
SELECT lives_ok('DROP SCHEMA other', 'another schema is nobody''s business');
SELECT lives_ok('DROP OWNED BY stranger', 'nor is another owner');

SELECT throws_ok($$SELECT pg_temp.as_role('gatehouse_admin', 'SET LOCAL gatehouse.allow_drop = on')$$, '42501', NULL,
  'only a superuser can mean it');
DELETE FROM gatehouse.events;
CREATE TABLE item (id integer PRIMARY KEY);
SELECT gatehouse.enable_audit('item');
INSERT INTO item VALUES (1);
DELETE FROM gatehouse.events;
DROP TABLE item;
SELECT pg_temp.refused('DROP EXTENSION gatehouse', 'the change of a row is in the way too');
SET LOCAL gatehouse.allow_drop = on;
SELECT lives_ok('DROP EXTENSION gatehouse', 'where it is meant it is dropped');

SELECT * FROM finish();
ROLLBACK;
