-- undo_transaction: the statements are run, and the tables are as they were.
BEGIN;
SELECT plan(30);

CREATE DOMAIN short AS text CHECK (length(VALUE) < 10);
CREATE TYPE mood AS ENUM ('calm', 'loud');
CREATE TYPE place AS (x integer, y text);
CREATE TABLE item (id integer PRIMARY KEY, name text, price numeric, at timestamptz DEFAULT '2020-01-01', tags text[], data jsonb,
  raw bytea, span int4range, spot place, feel mood, brief short, f float8, doubled numeric GENERATED ALWAYS AS (price * 2) STORED,
  number integer GENERATED ALWAYS AS IDENTITY, wait interval, doc json);
CREATE TABLE line (item_id integer REFERENCES item ON DELETE CASCADE ON UPDATE CASCADE, n integer, body text, PRIMARY KEY (item_id, n));
CREATE TABLE loose (a integer, b text, j json, p point);
CREATE TABLE part (id integer PRIMARY KEY, body text) PARTITION BY RANGE (id);
CREATE TABLE part_low PARTITION OF part FOR VALUES FROM (0) TO (10);
CREATE TABLE part_high PARTITION OF part FOR VALUES FROM (10) TO (20);
SELECT gatehouse.enable_audit(t) FROM unnest('{item,line,loose,part}'::regclass[]) t;
INSERT INTO item (id, name, price, tags, data, raw, span, spot, feel, brief, f, wait, doc)
SELECT i, 'it''s "' || i || '" \', i + 0.50, ARRAY['a,b', NULL, '{"'], '{"k": [1, null]}'::jsonb, '\x00ff'::bytea, '[1,5)'::int4range, ROW(1, 'y, "z"')::place, 'loud'::mood, 'brief', 0.1, '1 mon 2 days'::interval,
       '{"a":1}'::json FROM generate_series(1, 5) i;
INSERT INTO line SELECT i, n, 'line' FROM generate_series(1, 5) i, generate_series(1, 3) n;
INSERT INTO loose VALUES (1, 'x', '{"a":1}', '(1,2)'), (1, 'x', '{"a":1}', '(1,2)'), (2, NULL, NULL, NULL);
INSERT INTO part VALUES (1, 'a'), (2, 'b'), (11, 'c');

-- A test is one transaction: what is to be undone is given the number of another.
CREATE FUNCTION pg_temp.contents() RETURNS jsonb LANGUAGE sql AS $$
  SELECT jsonb_build_object('item', (SELECT jsonb_agg(to_jsonb(i) ORDER BY id) FROM item i), 'line', (SELECT jsonb_agg(to_jsonb(l) ORDER BY item_id, n) FROM line l),
    'loose', (SELECT jsonb_agg(to_jsonb(l) ORDER BY to_jsonb(l)) FROM loose l), 'part', (SELECT jsonb_agg(to_jsonb(p) ORDER BY id) FROM part p))
$$;
-- Tables of one test each.
CREATE FUNCTION pg_temp.rows_of(tables regclass[]) RETURNS jsonb LANGUAGE plpgsql AS $$
DECLARE
  t regclass;
  found jsonb;
  result jsonb := '{}';
BEGIN
  FOREACH t IN ARRAY tables LOOP
    EXECUTE format('SELECT coalesce(jsonb_agg(to_jsonb(r) ORDER BY to_jsonb(r)), ''[]'') FROM %s r', t) INTO found;
    result := result || jsonb_build_object(t::text, found);
  END LOOP;
  RETURN result;
END
$$;
CREATE FUNCTION pg_temp.undone_in(tables regclass[], work text) RETURNS text LANGUAGE plpgsql AS $$
DECLARE
  before jsonb := pg_temp.rows_of(tables);
  from_change bigint := coalesce((SELECT max(id) FROM gatehouse.row_change_log), 0);
  statement text;
  difference boolean;
BEGIN
  EXECUTE work;
  difference := before IS DISTINCT FROM pg_temp.rows_of(tables);
  UPDATE gatehouse.row_change_log SET transaction_id = '4' WHERE id > from_change;
  FOR statement IN SELECT * FROM gatehouse.undo_transaction('4') LOOP
    EXECUTE statement;
  END LOOP;
  SET CONSTRAINTS ALL IMMEDIATE;
  UPDATE gatehouse.row_change_log SET transaction_id = '3' WHERE transaction_id = '4';
  RETURN concat_ws(' ', CASE WHEN difference THEN 'changed,' ELSE 'the same,' END,
                   CASE WHEN before IS NOT DISTINCT FROM pg_temp.rows_of(tables) THEN 'undone' ELSE 'not undone' END);
END
$$;
CREATE FUNCTION pg_temp.undone(work text) RETURNS text LANGUAGE plpgsql AS $$
DECLARE
  before jsonb := pg_temp.contents();
  from_change bigint := coalesce((SELECT max(id) FROM gatehouse.row_change_log), 0);
  statement text;
  difference boolean;
BEGIN
  EXECUTE work;
  difference := before IS DISTINCT FROM pg_temp.contents();
  UPDATE gatehouse.row_change_log SET transaction_id = '4' WHERE id > from_change;
  FOR statement IN SELECT * FROM gatehouse.undo_transaction('4') LOOP
    EXECUTE statement;
  END LOOP;
  UPDATE gatehouse.row_change_log SET transaction_id = '3' WHERE transaction_id = '4';
  RETURN concat_ws(' ', CASE WHEN difference THEN 'changed,' ELSE 'the same,' END,
                   CASE WHEN before IS NOT DISTINCT FROM pg_temp.contents() THEN 'undone' ELSE 'not undone' END);
END
$$;

SELECT is(pg_temp.undone($$INSERT INTO item (id, name) VALUES (10, 'new'); INSERT INTO line VALUES (10, 1, 'new')$$), 'changed, undone', 'insertions');
SELECT is(pg_temp.undone($$UPDATE item SET name = NULL, price = 0, tags = '{}', data = NULL, raw = '', span = 'empty', spot = NULL, feel = 'calm', brief = 'b', f = 'NaN',
  wait = '1 day', doc = '[]' WHERE id < 4; UPDATE item SET price = price + 1$$), 'changed, undone', 'updates of every kind of column');
SELECT is(pg_temp.undone($$DELETE FROM item WHERE id = 2$$), 'changed, undone', 'a deletion and what it took along');
SELECT is(pg_temp.undone($$UPDATE item SET id = id + 100$$), 'changed, undone', 'keys, also of rows that refer to them');
SELECT is(pg_temp.undone($$UPDATE loose SET b = 'y' WHERE ctid = (SELECT min(ctid) FROM loose); DELETE FROM loose WHERE a = 2; INSERT INTO loose VALUES (1, 'x', '{"a":1}', '(1,2)')$$),
  'changed, undone', 'a table without a key, with rows that are equal');
SELECT is(pg_temp.undone($$UPDATE part SET id = 12 WHERE id = 2; DELETE FROM part WHERE id = 1$$), 'changed, undone', 'a row that went to another partition');
SELECT is(pg_temp.undone($$UPDATE item SET name = 'a' WHERE id = 1; UPDATE item SET name = 'b' WHERE id = 1; DELETE FROM item WHERE id = 1; INSERT INTO item (id) VALUES (1)$$),
  'changed, undone', 'one row again and again');
SET LOCAL client_min_messages = error;
SELECT is(pg_temp.undone($$INSERT INTO part VALUES (3, 'd'); TRUNCATE part_high; UPDATE part SET body = 'e'; TRUNCATE part; INSERT INTO part VALUES (4, 'f')$$),
  'changed, undone', 'TRUNCATE of a partition and of all');
RESET client_min_messages;
ALTER TABLE item RENAME COLUMN name TO title;
SELECT is(pg_temp.undone($$UPDATE item SET title = 'x'; ALTER TABLE item RENAME COLUMN title TO name; UPDATE item SET name = 'y'; ALTER TABLE item RENAME COLUMN name TO title$$), 'changed, undone',
  'a column is undone under its present name');
SELECT is((SELECT count(*) FROM gatehouse.undo_transaction('99999999')), 0::bigint, 'of a transaction that changed nothing there is nothing');
SELECT throws_ok($$SELECT gatehouse.undo_transaction(NULL)$$, '22023', 'argument "transaction_id" must not be null', 'a transaction is needed');

-- Foreign keys
CREATE TABLE owner (a integer, b integer, body text, PRIMARY KEY (a, b));
CREATE TABLE owned (id integer PRIMARY KEY, a integer, b integer, note text, FOREIGN KEY (a, b) REFERENCES owner ON UPDATE CASCADE ON DELETE CASCADE);
CREATE TABLE noted (id integer PRIMARY KEY, owned_id integer REFERENCES owned ON DELETE SET NULL);
SELECT gatehouse.enable_audit(t) FROM unnest('{owner,owned,noted}'::regclass[]) t;
INSERT INTO owner SELECT a, b, 'o' FROM generate_series(1, 3) a, generate_series(1, 2) b;
INSERT INTO owned SELECT 10 * a + b, a, b, 'n' FROM generate_series(1, 3) a, generate_series(1, 2) b;
INSERT INTO noted SELECT id, id FROM owned;
SELECT is(pg_temp.undone_in('{owner,owned,noted}', $$UPDATE owner SET a = a + 10 WHERE b = 1; UPDATE owner SET b = 7 WHERE a = 11$$), 'changed, undone',
  'a key of two columns of which an action of a foreign key changed one');
SELECT is(pg_temp.undone_in('{owner,owned,noted}', $$DELETE FROM owner WHERE a = 2; INSERT INTO owner VALUES (2, 1, 'again'); INSERT INTO owned VALUES (99, 2, 1, 'x');
  INSERT INTO noted VALUES (99, 99); DELETE FROM owner WHERE a = 2$$), 'changed, undone', 'rows that are deleted, made and deleted again, with those that refer to them');
SET LOCAL client_min_messages = error;
SELECT is(pg_temp.undone_in('{owner,owned,noted}', $$TRUNCATE owner CASCADE$$), 'changed, undone', 'TRUNCATE CASCADE');
SELECT is(pg_temp.undone_in('{owner,owned,noted}', $$UPDATE noted SET owned_id = NULL; TRUNCATE noted, owned; DELETE FROM owner$$), 'changed, undone',
  'TRUNCATE of several tables');
RESET client_min_messages;
CREATE FUNCTION pg_temp.touch() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN UPDATE owned SET note = 'going' WHERE (a, b) = (OLD.a, OLD.b); RETURN NULL; END $$;
-- Of a row of this transaction a foreign key would be looked at before the row is gone.
ALTER TABLE owned ALTER CONSTRAINT owned_a_b_fkey DEFERRABLE INITIALLY DEFERRED;
CREATE TRIGGER "A" AFTER DELETE ON owner FOR EACH ROW EXECUTE FUNCTION pg_temp.touch();
SELECT is(pg_temp.undone_in('{owner,owned,noted}', $$SET CONSTRAINTS ALL DEFERRED; DELETE FROM owner$$), 'changed, undone', 'a row that a trigger changed before a foreign key deleted it');
CREATE TABLE folder (id integer PRIMARY KEY, parent integer REFERENCES folder);
SELECT gatehouse.enable_audit('folder');
INSERT INTO folder VALUES (3, NULL), (2, 3), (1, 2), (4, 1), (5, 1);
SELECT is(pg_temp.undone_in('{folder}', $$DELETE FROM folder$$), 'changed, undone', 'rows of a table that refers to itself');
SET LOCAL client_min_messages = error;
SELECT is(pg_temp.undone_in('{folder}', $$TRUNCATE folder$$), 'changed, undone', 'also after a TRUNCATE');
RESET client_min_messages;
CREATE TABLE ranked (id integer PRIMARY KEY, place integer UNIQUE DEFERRABLE);
SELECT gatehouse.enable_audit('ranked');
INSERT INTO ranked VALUES (1, 1), (2, 2), (3, 3);
SELECT is(pg_temp.undone_in('{ranked}', $$UPDATE ranked SET place = place % 3 + 1$$), 'changed, undone', 'values that go round under a deferrable constraint');

CREATE TABLE spread (id integer PRIMARY KEY, body text) PARTITION BY RANGE (id);
CREATE TABLE spread_1 PARTITION OF spread FOR VALUES FROM (0) TO (10);
CREATE TABLE spread_2 PARTITION OF spread FOR VALUES FROM (10) TO (20);
CREATE TABLE bound (id integer PRIMARY KEY, spread_id integer REFERENCES spread ON DELETE CASCADE ON UPDATE CASCADE);
SELECT gatehouse.enable_audit(t) FROM unnest('{spread,bound}'::regclass[]) t;
INSERT INTO spread SELECT i, 's' FROM generate_series(1, 4) i;
INSERT INTO bound SELECT i, i FROM generate_series(1, 4) i;
SELECT is(pg_temp.undone_in('{spread,bound}', $$UPDATE spread SET id = id + 10, body = 't' WHERE id < 3$$), 'changed, undone', 'rows that went to another partition, and others refer to them');
SET LOCAL client_min_messages = error;
SELECT is(pg_temp.undone_in('{spread,bound}', $$TRUNCATE spread CASCADE$$), 'changed, undone', 'TRUNCATE CASCADE of a partitioned table');
SELECT is(pg_temp.undone_in('{spread,bound}', $$TRUNCATE spread_1 CASCADE$$), 'changed, undone', 'and of a partition');
RESET client_min_messages;
CREATE TABLE knot (id integer PRIMARY KEY, up integer REFERENCES knot ON UPDATE SET NULL);
SELECT gatehouse.enable_audit('knot');
INSERT INTO knot VALUES (1, 1), (2, 1);
SELECT is(pg_temp.undone_in('{knot}', $$UPDATE knot SET id = 3 WHERE id = 1$$), 'changed, undone', 'a row that refers to itself by a key that changes');
CREATE TABLE given (id integer GENERATED ALWAYS AS IDENTITY PRIMARY KEY, body text);
SELECT gatehouse.enable_audit('given');
INSERT INTO given (body) VALUES ('a'), ('b');
SELECT is(pg_temp.undone_in('{given}', $$UPDATE given SET body = 'c'; DELETE FROM given WHERE id = 1$$), 'changed, undone', 'a key that PostgreSQL gives');
CREATE TABLE leaving (id integer PRIMARY KEY) PARTITION BY RANGE (id);
CREATE TABLE leaving_1 PARTITION OF leaving FOR VALUES FROM (0) TO (10);
SELECT gatehouse.enable_audit('leaving');
INSERT INTO leaving VALUES (1);
SET LOCAL client_min_messages = error;
SELECT is(pg_temp.undone_in('{leaving}', $$ALTER TABLE leaving DETACH PARTITION leaving_1$$), 'changed, not undone', 'rows that have left with their partition stay there');
RESET client_min_messages;

-- A mark of what is hidden, and a value that looks like it
CREATE TABLE shown (id integer PRIMARY KEY, data jsonb, secret text);
SELECT gatehouse.enable_audit('shown', redact => '{secret}');
INSERT INTO shown VALUES (1, '{"redacted": true}', 's');
SELECT is(pg_temp.undone_in('{shown}', $$UPDATE shown SET data = '1'$$), 'changed, undone', 'a value that looks like the mark of a hidden one');

-- Rows that move between partitions, of which something is hidden, and what only a TRUNCATE took
CREATE TABLE region (id integer NOT NULL, place integer NOT NULL, card text, UNIQUE (id, place)) PARTITION BY LIST (place);
CREATE TABLE region_1 PARTITION OF region FOR VALUES IN (1);
CREATE TABLE region_2 PARTITION OF region FOR VALUES IN (2);
CREATE TABLE in_region (id integer PRIMARY KEY, region_id integer, place integer, FOREIGN KEY (region_id, place) REFERENCES region (id, place) ON UPDATE CASCADE);
CREATE TABLE unknown (secret text);
SELECT gatehouse.enable_audit('region', redact => '{card}');
SELECT gatehouse.enable_audit('unknown', exclude => '{secret}');
INSERT INTO region VALUES (1, 1, '4111'), (2, 1, '4222');
INSERT INTO in_region VALUES (1, 1, 1);
INSERT INTO unknown VALUES ('a');
SET LOCAL client_min_messages = error;
SELECT is(pg_temp.undone_in('{region,in_region}', $$UPDATE region SET place = 2 WHERE id = 1$$), 'changed, undone', 'the mark of a hidden value is none where a row has moved');
SELECT is(pg_temp.undone_in('{unknown}', $$TRUNCATE unknown$$), 'changed, not undone', 'of a TRUNCATE of which nothing is known there is no statement');
RESET client_min_messages;

SELECT gatehouse.enable_audit('loose', redact => '{b}');
UPDATE loose SET b = 'secret';
UPDATE gatehouse.row_change_log SET transaction_id = '4' WHERE new ? 'b' AND new -> 'b' = '{"redacted": true}';
SELECT is((SELECT count(*) FROM gatehouse.undo_transaction('4')), 0::bigint, 'what the log hides cannot be reversed, which a warning says');
DROP TABLE loose;
SELECT throws_ok($$SELECT gatehouse.undo_transaction('4')$$, '55000', 'table public.loose is no longer audited or gone', 'nor what is gone');

SELECT * FROM finish();
ROLLBACK;
