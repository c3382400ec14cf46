-- undo_transaction: which row a statement meets, whatever has become of the key since, and whatever the search path.
BEGIN;
SELECT plan(20);
CREATE SCHEMA u;
SET LOCAL search_path = u, public;
CREATE DOMAIN filled AS text NOT NULL;
CREATE DOMAIN code AS char(3);
CREATE TYPE mood AS ENUM ('calm', 'loud');

-- A test is one transaction: what is to be undone is given the number of another.
CREATE FUNCTION rows_of(relation regclass) RETURNS text LANGUAGE plpgsql AS $$
DECLARE
  found text;
BEGIN
  EXECUTE format('SELECT string_agg(r::text, '' '' ORDER BY r::text COLLATE "C") FROM %s r', relation) INTO found;
  RETURN found;
END
$$;
CREATE FUNCTION undo() RETURNS integer LANGUAGE plpgsql AS $$
DECLARE
  statement pg_catalog.text;
  met integer := 0;
  rows integer;
BEGIN
  UPDATE gatehouse.row_change_log SET transaction_id = '4' WHERE transaction_id = pg_current_xact_id() AND id > current_setting('test.mark')::bigint;
  FOR statement IN SELECT * FROM gatehouse.undo_transaction('4') LOOP
    EXECUTE statement;
    GET DIAGNOSTICS rows = ROW_COUNT;
    met := met + rows;
  END LOOP;
  UPDATE gatehouse.row_change_log SET transaction_id = '3' WHERE transaction_id = '4';
  RETURN met;
END
$$;
CREATE FUNCTION mark() RETURNS void LANGUAGE sql AS $$
  SELECT set_config('test.mark', coalesce((SELECT max(id) FROM gatehouse.row_change_log), 0)::text, true)
$$;

CREATE TABLE strict (id filled PRIMARY KEY, a filled, b integer);
CREATE TABLE coded (id code PRIMARY KEY, body text);
CREATE TABLE feeling (id mood PRIMARY KEY, body text);
CREATE TABLE pair (a integer, b integer, body text, PRIMARY KEY (a, b));
CREATE TABLE moving (old_id integer PRIMARY KEY, email text NOT NULL UNIQUE, body text);
CREATE TABLE keyless (a integer, doc jsonb);
SELECT gatehouse.enable_audit(t) FROM unnest('{strict,coded,feeling,pair,moving,keyless}'::regclass[]) t;
INSERT INTO strict VALUES ('a', 'x', 1), ('b', 'y', 2);
INSERT INTO coded VALUES ('abc', 'x'), ('abd', 'y');
INSERT INTO feeling VALUES ('calm', 'x'), ('loud', 'y');
INSERT INTO pair VALUES (1, 1, 'x'), (2, 1, 'y');
INSERT INTO moving VALUES (1, 'a@example.com', 'x'), (2, 'b@example.com', 'y');
INSERT INTO keyless VALUES (1, 'null'), (1, NULL), (2, '{}');

SELECT mark();
UPDATE strict SET b = 3 WHERE id = 'a';
INSERT INTO strict VALUES ('c', 'z', 3);
DELETE FROM strict WHERE id = 'b';
SELECT is(undo(), 3, 'domains that forbid NULL are read');
SELECT is(rows_of('strict'), '(a,x,1) (b,y,2)', 'and the rows are as they were');
SELECT mark();
UPDATE coded SET body = 'z' WHERE id = 'abc';
SELECT is(undo(), 1, 'a key of a domain over a type with a length meets one row');
SELECT is(rows_of('coded'), '(abc,x) (abd,y)', 'the right one');
SELECT mark();
UPDATE keyless SET a = 7 WHERE doc = 'null';
DELETE FROM keyless WHERE a = 2;
SELECT is(undo(), 2, 'without a key a JSON null is found');
SELECT is(rows_of('keyless'), '(1,) (1,null) (2,{})', 'and what was there is there again');

-- An operator of somebody else's in a schema of the path.
CREATE FUNCTION always(mood, mood) RETURNS boolean LANGUAGE sql AS 'SELECT true';
CREATE FUNCTION always(jsonb, jsonb) RETURNS boolean LANGUAGE sql AS 'SELECT true';
CREATE OPERATOR = (FUNCTION = always, LEFTARG = mood, RIGHTARG = mood);
CREATE OPERATOR = (FUNCTION = always, LEFTARG = jsonb, RIGHTARG = jsonb);
SELECT mark();
UPDATE feeling SET body = 'z' WHERE id OPERATOR(pg_catalog.=) 'calm';
SET LOCAL search_path = u, pg_catalog, public;
SELECT is(undo(), 1, 'a stranger''s operator is not called');
SELECT is(rows_of('feeling'), '(calm,x) (loud,y)', 'and one row is met');
SELECT mark();
DELETE FROM keyless WHERE a = 2;
INSERT INTO keyless VALUES (9, '[]');
SELECT is(undo(), 2, 'nor is it where there is no key');
SELECT is(rows_of('keyless'), '(1,) (1,null) (2,{})', 'the row that came is the one that goes');
SET LOCAL search_path = u, public;

-- The key has since been of other columns.
SELECT mark();
UPDATE moving SET body = 'z' WHERE old_id = 1;
ALTER TABLE moving DROP CONSTRAINT moving_pkey;
ALTER TABLE moving ADD UNIQUE (old_id), ADD PRIMARY KEY (email);
SELECT is(undo(), 1, 'what was the key tells the row as long as it is unique');
SELECT mark();
INSERT INTO moving VALUES (3, 'c@example.com', 'z');
ALTER TABLE moving DROP CONSTRAINT moving_pkey, ADD PRIMARY KEY (old_id);
ALTER TABLE moving DROP COLUMN email;
SET LOCAL client_min_messages = error;
SELECT is(undo(), 0, 'a key that was dropped tells no row');
SELECT mark();
INSERT INTO pair VALUES (1, 2, 'z');
UPDATE pair SET body = 'z' WHERE a = 2;
DELETE FROM pair WHERE a = 2;
ALTER TABLE pair DROP COLUMN b;
SELECT is(undo(), 1, 'what is left of it neither, but what was deleted comes back');
SELECT is(rows_of('pair'), '(1,x) (1,z) (2,z)', 'no row was deleted in place of another');
-- What ALTER TABLE has written into the key
CREATE TABLE numbered (id integer PRIMARY KEY, body text);
SELECT gatehouse.enable_audit('numbered');
INSERT INTO numbered VALUES (1, 'one'), (3, 'three');
SELECT mark();
INSERT INTO numbered VALUES (2, 'two');
UPDATE numbered SET body = 'z' WHERE id = 3;
ALTER TABLE numbered ALTER id TYPE bigint USING id + 1;
SELECT is(undo() || ' ' || rows_of('numbered'), '0 (2,one) (3,two) (4,z)', 'a key of other values tells no row');

-- Without a key: what the log does not tell of the rows
CREATE TABLE bare (a integer, b integer);
CREATE TABLE secretive (secret text);
SELECT gatehouse.enable_audit('bare');
SELECT gatehouse.enable_audit('secretive', exclude => '{secret}');
INSERT INTO bare VALUES (1, 1);
INSERT INTO secretive VALUES ('x');
SELECT mark();
INSERT INTO bare VALUES (3, 3);
INSERT INTO secretive VALUES ('y');
ALTER TABLE bare DROP a, DROP b, ADD c integer DEFAULT 7;
SELECT is(undo() || ' ' || rows_of('bare') || ' ' || rows_of('secretive'), '0 (7) (7) (x) (y)', 'a row of which nothing is known is no other one');

-- Types, collations and casts of others
CREATE COLLATION ignoring (provider = icu, locale = 'und-u-ks-level2', deterministic = false);
CREATE DOMAIN feel AS mood;
CREATE TABLE named (id name COLLATE "POSIX" PRIMARY KEY, body text);
CREATE TABLE felt (id feel PRIMARY KEY, body text);
CREATE TABLE folded (id text COLLATE ignoring PRIMARY KEY, n integer NOT NULL UNIQUE, body text);
CREATE TABLE dated (id uuid PRIMARY KEY, login varchar(20), d date, doc jsonb);
CREATE TABLE moody (m mood, n integer);
SELECT gatehouse.enable_audit(t) FROM unnest('{named,felt,folded,dated,moody}'::regclass[]) t;
INSERT INTO named VALUES ('a', 'x');
INSERT INTO felt VALUES ('calm', 'x');
INSERT INTO folded VALUES ('a', 1, 'x');
INSERT INTO dated VALUES ('00000000-0000-0000-0000-000000000001', 'ada', '2020-01-01', '[]');
INSERT INTO moody VALUES ('calm', 1);
SELECT mark();
UPDATE named SET body = 'y';
UPDATE felt SET body = 'y';
UPDATE dated SET login = 'eve', d = '2021-01-01', doc = '{}';
SELECT is(undo() || ' ' || concat_ws(' ', rows_of('named'), rows_of('felt'), rows_of('dated')),
  '3 (a,x) (calm,x) (00000000-0000-0000-0000-000000000001,ada,2020-01-01,[])', 'a collation of the column''s, a domain over an enumeration');
SELECT mark();
UPDATE folded SET body = 'y';
ALTER TABLE folded DROP CONSTRAINT folded_pkey, ADD PRIMARY KEY (n);
CREATE UNIQUE INDEX ON folded (id COLLATE "C");
INSERT INTO folded VALUES ('A', 2, 'z');
UPDATE gatehouse.row_change_log SET transaction_id = '3' WHERE id = (SELECT max(id) FROM gatehouse.row_change_log);
SELECT is(undo() || ' ' || rows_of('folded'), '0 (A,2,z) (a,1,y)', 'unique in another collation is not unique');
CREATE TABLE called (by text);
CREATE FUNCTION accepts(pg_catalog.text) RETURNS boolean LANGUAGE plpgsql AS $$ BEGIN INSERT INTO u.called VALUES ($1); RETURN true; END $$;
CREATE DOMAIN u.text AS pg_catalog.text CHECK (accepts(VALUE));
CREATE DOMAIN u.uuid AS pg_catalog.uuid CHECK (accepts(VALUE::pg_catalog.text));
CREATE DOMAIN u.date AS pg_catalog.date CHECK (accepts(VALUE::pg_catalog.text));
CREATE DOMAIN u.jsonb AS pg_catalog.jsonb CHECK (accepts(VALUE::pg_catalog.text));
CREATE FUNCTION same(mood) RETURNS json LANGUAGE sql AS $$ INSERT INTO u.called VALUES ('cast'); SELECT pg_catalog.json '1' $$;
CREATE CAST (mood AS json) WITH FUNCTION same(mood);
CREATE ROLE gatehouse_test_stranger;
ALTER FUNCTION same(mood) OWNER TO gatehouse_test_stranger;
SET LOCAL search_path = u, pg_catalog, public;
SELECT mark();
UPDATE dated SET login = 'eve', d = '2021-01-01', doc = '{}';
INSERT INTO moody VALUES ('loud', 1);
DELETE FROM called;
SELECT undo() AS met \gset
SET LOCAL search_path = public, pg_catalog, u;
SELECT is(:met || ' ' || concat_ws(' ', u.rows_of('u.dated'), u.rows_of('u.moody')), '2 (00000000-0000-0000-0000-000000000001,ada,2020-01-01,[]) (calm,1)',
  'types and casts of somebody''s are not taken for those of the columns');
SELECT is_empty('SELECT * FROM u.called', 'nor called');
SELECT * FROM finish();
ROLLBACK;
