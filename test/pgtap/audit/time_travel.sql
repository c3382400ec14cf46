-- get_row_at and get_table_at.

BEGIN;
SELECT plan(53);

CREATE TABLE moments (name text PRIMARY KEY, at timestamptz);
CREATE FUNCTION mark(name text) RETURNS void LANGUAGE sql AS $$INSERT INTO moments VALUES (name, clock_timestamp())$$;
CREATE FUNCTION at(name text) RETURNS timestamptz LANGUAGE sql STABLE AS $$SELECT m.at FROM moments m WHERE m.name = at.name$$;
CREATE FUNCTION rows_of(relation regclass, name text) RETURNS text LANGUAGE sql STABLE AS
  $$SELECT coalesce(string_agg(r::text, ' ' ORDER BY r::text), 'none') FROM gatehouse.get_table_at(relation, at(name)) r$$;
CREATE FUNCTION row_of(relation regclass, key jsonb, name text) RETURNS text LANGUAGE sql STABLE AS
  $$SELECT gatehouse.get_row_at(relation, key, at(name))::text$$;

-- Rows that are older than the log, and some that aren't
SELECT mark('before');
CREATE TABLE item (id integer PRIMARY KEY, name text, price numeric);
INSERT INTO item VALUES (1, 'lamp', 9.50), (2, 'chair', 20);
SELECT gatehouse.enable_audit('item');
SELECT mark('start');
INSERT INTO item VALUES (3, 'desk', 80);
UPDATE item SET price = 8 WHERE id = 1;
SELECT mark('cheaper');
UPDATE item SET id = 30 WHERE id = 3;
UPDATE item SET id = 3 WHERE id = 2;
SELECT mark('moved');
DELETE FROM item WHERE id = 1;
UPDATE item SET name = 'table' WHERE id = 30;
SELECT mark('late');
SELECT is(rows_of('item', 'start'), '{"id": 1, "name": "lamp", "price": 9.50} {"id": 2, "name": "chair", "price": 20}',
  'a table shows the rows that are older than the log');
SELECT is(rows_of('item', 'cheaper'),
  '{"id": 1, "name": "lamp", "price": 8} {"id": 2, "name": "chair", "price": 20} {"id": 3, "name": "desk", "price": 80}', 'after a change and an insertion');
SELECT is(rows_of('item', 'moved'),
  '{"id": 1, "name": "lamp", "price": 8} {"id": 3, "name": "chair", "price": 20} {"id": 30, "name": "desk", "price": 80}', 'after keys were changed');
SELECT is(rows_of('item', 'late'), '{"id": 3, "name": "chair", "price": 20} {"id": 30, "name": "table", "price": 80}', 'and after a deletion');
SELECT is(row_of('item', '{"id": 1}', 'start'), '{"id": 1, "name": "lamp", "price": 9.50}', 'a row that is older than the log');
SELECT is(row_of('item', '{"id": 1.0}', 'cheaper'), '{"id": 1, "name": "lamp", "price": 8}', 'after a change');
SELECT is(row_of('item', '{"id": 1}', 'late'), NULL, 'a row that was deleted');
SELECT is(row_of('item', '{"id": 3}', 'start'), NULL, 'a row that was not there yet');
SELECT is(row_of('item', '{"id": 3}', 'cheaper'), '{"id": 3, "name": "desk", "price": 80}', 'one that has another key now');
SELECT is(row_of('item', '{"id": 3}', 'moved'), '{"id": 3, "name": "chair", "price": 20}', 'and the one that has taken its place');
SELECT is(row_of('item', '{"id": 30}', 'moved'), '{"id": 30, "name": "desk", "price": 80}', 'a row is found by the key that it has got');
SELECT is(row_of('item', '{"id": 30}', 'cheaper'), NULL, 'and not by that before it had it');
SELECT is(row_of('item', '{"id": 2}', 'start'), '{"id": 2, "name": "chair", "price": 20}', 'a row is found by its key of the time');
SELECT is(row_of('item', '{"id": 2}', 'late'), NULL, 'that nobody has now');

-- The columns change
ALTER TABLE item RENAME COLUMN name TO title;
ALTER TABLE item ADD COLUMN stock integer DEFAULT 5;
ALTER TABLE item ADD COLUMN note text;
SELECT mark('wider');
UPDATE item SET title = 'stool', stock = 6 WHERE id = 3;
ALTER TABLE item ALTER COLUMN price TYPE text USING price || ' EUR';
SELECT mark('text');
ALTER TABLE item DROP COLUMN stock;
UPDATE item SET note = 'x';
SELECT mark('narrow');
SELECT is(rows_of('item', 'late'), '{"id": 3, "name": "chair"} {"id": 30, "name": "table", "price": 80}',
  'a row has the columns, the names and the types of its time; what a rewritten column held is not known of a row that is older than the log');
SELECT is(rows_of('item', 'wider'),
  '{"id": 3, "note": null, "stock": 5, "title": "chair"} {"id": 30, "note": null, "price": 80, "stock": 5, "title": "table"}',
  'a column that was renamed, and what older rows show in one that was added');
SELECT is(rows_of('item', 'text'),
  '{"id": 3, "note": null, "price": "20 EUR", "stock": 6, "title": "stool"} {"id": 30, "note": null, "price": "80 EUR", "stock": 5, "title": "table"}',
  'what ALTER TABLE has made of values');
SELECT is(rows_of('item', 'narrow'),
  '{"id": 3, "note": "x", "price": "20 EUR", "title": "stool"} {"id": 30, "note": "x", "price": "80 EUR", "title": "table"}', 'a column that was dropped');
SELECT is(row_of('item', '{"id": 30}', 'wider'), '{"id": 30, "note": null, "price": 80, "stock": 5, "title": "table"}', 'a single row too');
ALTER TABLE item RENAME COLUMN id TO nr;
UPDATE item SET note = 'y' WHERE nr = 30;
SELECT mark('renumbered');
SELECT is(row_of('item', '{"nr": 30}', 'renumbered'), '{"nr": 30, "note": "y", "price": "80 EUR", "title": "table"}', 'a key under its new name');
SELECT is(row_of('item', '{"nr": 30}', 'moved'), '{"id": 30, "name": "desk", "price": 80}', 'finds the row of before');
SELECT is((SELECT count(*) FROM gatehouse.get_row_history('item', '{"nr": 30}')), 4::bigint, 'and the history of before');
ALTER TABLE item ALTER COLUMN nr TYPE text;
SELECT mark('text key');
UPDATE item SET note = 'z' WHERE nr = '30';
SELECT is(row_of('item', '{"nr": "30"}', 'text key'), '{"nr": "30", "note": "y", "price": "80 EUR", "title": "table"}', 'a key of another type');

-- TRUNCATE
CREATE TABLE part (id integer PRIMARY KEY, body text) PARTITION BY RANGE (id);
CREATE TABLE part_low PARTITION OF part FOR VALUES FROM (0) TO (10);
CREATE TABLE part_high PARTITION OF part FOR VALUES FROM (10) TO (20);
SELECT gatehouse.enable_audit('part');
INSERT INTO part VALUES (1, 'a'), (2, 'b'), (11, 'c');
UPDATE part SET id = 12 WHERE id = 2;
SELECT mark('full');
TRUNCATE part_high;
INSERT INTO part VALUES (13, 'd');
SELECT mark('half');
TRUNCATE part;
SELECT mark('empty');
SELECT is(rows_of('part', 'full'), '{"id": 1, "body": "a"} {"id": 11, "body": "c"} {"id": 12, "body": "b"}', 'rows before TRUNCATE');
SELECT is(rows_of('part', 'half'), '{"id": 1, "body": "a"} {"id": 13, "body": "d"}', 'those of the other partitions are left');
SELECT is(rows_of('part', 'empty'), 'none', 'and none after all');
SELECT is(row_of('part', '{"id": 12}', 'full'), '{"id": 12, "body": "b"}', 'a row before TRUNCATE');
SELECT is(row_of('part', '{"id": 12}', 'half'), NULL, 'and after that of its partition');
SELECT is(row_of('part', '{"id": 1}', 'half'), '{"id": 1, "body": "a"}', 'which others outlive');
SELECT is(row_of('part', '{"id": 1}', 'empty'), NULL, 'until the whole is emptied');

INSERT INTO part VALUES (2, 'g'), (14, 'h');
SELECT mark('again');
ALTER TABLE part DETACH PARTITION part_low;
SELECT mark('detached');
INSERT INTO part_low VALUES (3, 'not seen');
SET LOCAL quote_all_identifiers = on;
DROP TABLE part_high;
RESET quote_all_identifiers;
SELECT mark('dropped');
SELECT is(rows_of('part', 'again'), '{"id": 14, "body": "h"} {"id": 2, "body": "g"}', 'rows of partitions that have left are seen as long as they were there');
SELECT is(rows_of('part', 'detached'), '{"id": 14, "body": "h"}', 'those of one that is detached leave with it');
SELECT is(rows_of('part', 'dropped'), 'none', 'and those of one that is dropped');
SELECT is(row_of('part', '{"id": 2}', 'again') || coalesce(row_of('part', '{"id": 2}', 'detached'), ' none'), '{"id": 2, "body": "g"} none', 'one by one too');

-- Without a key
CREATE TABLE loose (a integer, b text);
SELECT gatehouse.enable_audit('loose');
INSERT INTO loose VALUES (1, 'x'), (1, 'x'), (2, 'y');
SELECT mark('three');
DELETE FROM loose WHERE ctid = (SELECT min(ctid) FROM loose);
UPDATE loose SET a = 3 WHERE a = 2;
SELECT is(rows_of('loose', 'three'), '{"a": 1, "b": "x"} {"a": 1, "b": "x"} {"a": 2, "b": "y"}', 'rows that are equal are as many as they were');

-- Rows that swap their keys
CREATE TABLE swapped (id integer PRIMARY KEY DEFERRABLE, v text);
INSERT INTO swapped VALUES (1, 'A'), (2, 'B');
SELECT gatehouse.enable_audit('swapped');
SELECT mark('unswapped');
UPDATE swapped SET id = 3 - id;
SELECT is(rows_of('swapped', 'unswapped'), '{"v": "A", "id": 1} {"v": "B", "id": 2}', 'rows that have swapped their keys are told apart, going back');
INSERT INTO swapped VALUES (3, 'C');
UPDATE swapped SET id = id + 1;
SELECT mark('shifted');
TRUNCATE swapped;
SELECT is(row_of('swapped', '{"id": 4}', 'shifted'), '{"v": "C", "id": 4}', 'and going forward');

-- Hidden columns
CREATE TABLE hidden (id integer PRIMARY KEY, card text, note text);
SELECT gatehouse.enable_audit('hidden', exclude => '{note}', redact => '{card}');
INSERT INTO hidden VALUES (1, '4111', 'n');
ALTER TABLE hidden ADD COLUMN more integer DEFAULT 1;
SELECT mark('hidden');
SELECT is(rows_of('hidden', 'hidden'), '{"id": 1, "card": {"redacted": true}, "more": 1}', 'what the log hides stays hidden');

-- Ends of the audit
SELECT gatehouse.disable_audit('loose');
SELECT mark('off');
SELECT is(rows_of('loose', 'three'), '{"a": 1, "b": "x"} {"a": 1, "b": "x"} {"a": 2, "b": "y"}', 'an audit that has ended is read as long as the log is there');
SELECT throws_ok($$SELECT gatehouse.get_table_at('loose', at('off'))$$, '22023', NULL, 'not for a time after it');
SELECT throws_ok($$SELECT gatehouse.get_table_at('item', at('before'))$$, '22023', NULL, 'nor before it');
SELECT throws_ok($$SELECT gatehouse.get_row_at('moments', '{}', clock_timestamp())$$, '22023', 'relation public.moments is not audited', 'a table without audit has no past');
SELECT throws_ok($$SELECT gatehouse.get_row_at('item', NULL, clock_timestamp())$$, '22023', 'argument "key" must not be null', 'a key is needed');
SELECT throws_ok($$SELECT gatehouse.get_table_at('item', NULL)$$, '22023', 'argument "at" must not be null', 'a time as well');

-- Rows without a key, of which the log and the table know different columns
CREATE TABLE bag (a integer, b integer);
SELECT gatehouse.enable_audit('bag');
SELECT mark('bag empty');
INSERT INTO bag VALUES (1, 2), (1, 2), (3, 4);
SELECT mark('bag full');
ALTER TABLE bag DROP COLUMN b;
SELECT mark('bag narrow');
DELETE FROM bag WHERE a = 3;
SELECT is(rows_of('bag', 'bag empty'), 'none', 'a row without a key was not there before it came, though a column of it is gone');
SELECT is(rows_of('bag', 'bag full'), '{"a": 1, "b": 2} {"a": 1, "b": 2} {"a": 3, "b": 4}', 'a row without a key has the columns of its time');
SELECT is(rows_of('bag', 'bag narrow'), '{"a": 1} {"a": 1} {"a": 3}', 'and no others later');
CREATE TABLE sack (a integer, b integer);
SELECT gatehouse.enable_audit('sack');
INSERT INTO sack VALUES (1, 2), (3, 4);
SELECT gatehouse.enable_audit('sack', redact => '{b}');
UPDATE sack SET a = 5 WHERE a = 3;
SELECT mark('redacted');
SELECT is(rows_of('sack', 'redacted'), '{"a": 1, "b": {"redacted": true}} {"a": 5, "b": {"redacted": true}}', 'of a column that is hidden later there is one row each');
SELECT gatehouse.enable_audit('sack');
DELETE FROM sack WHERE a = 1;
SELECT mark('shown');
SELECT is(rows_of('sack', 'shown'), '{"a": 5, "b": 4}', 'and where it is shown again');

-- Another primary key
CREATE TABLE other_key (id integer PRIMARY KEY, k integer NOT NULL);
INSERT INTO other_key VALUES (1, 11);
SELECT gatehouse.enable_audit('other_key');
INSERT INTO other_key VALUES (2, 12);
SELECT mark('by id');
ALTER TABLE other_key DROP CONSTRAINT other_key_pkey, ADD PRIMARY KEY (k);
SELECT mark('by k');
SELECT is(row_of('other_key', '{"id": 1}', 'by id'), '{"k": 11, "id": 1}', 'a row is found by the key of the time, though the table has another now');
SELECT is(row_of('other_key', '{"k": 12}', 'by k'), '{"k": 12, "id": 2}', 'and by the later one');

CREATE TABLE unveiled (id integer PRIMARY KEY, v text);
SELECT gatehouse.enable_audit('unveiled');
INSERT INTO unveiled VALUES (1, 'a');
SELECT gatehouse.enable_audit('unveiled', redact => '{v}');
SELECT gatehouse.enable_audit('unveiled');
SELECT mark('unveiled');
SELECT is(row_of('unveiled', '{"id": 1}', 'unveiled'), rows_of('unveiled', 'unveiled'), 'of a column that was hidden for a time the table tells, row by row as well');

CREATE TABLE public.bare (a integer);
SELECT gatehouse.enable_audit('public.bare');
INSERT INTO public.bare VALUES (1);
ALTER TABLE public.bare DROP COLUMN a;
SELECT is((SELECT string_agg(r::text, ' ') FROM gatehouse.get_table_at('public.bare', clock_timestamp()) r), '{}', 'a table without any column has its row, once');

SELECT * FROM finish();
ROLLBACK;
