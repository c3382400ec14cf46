-- undo_transaction: the statements are run, and the tables are as they were.
BEGIN;
SELECT plan(13);

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

SELECT gatehouse.enable_audit('loose', redact => '{b}');
UPDATE loose SET b = 'secret';
UPDATE gatehouse.row_change_log SET transaction_id = '4' WHERE new ? 'b' AND new -> 'b' = '{"redacted": true}';
SELECT is((SELECT count(*) FROM gatehouse.undo_transaction('4')), 0::bigint, 'what the log hides cannot be reversed, which a warning says');
DROP TABLE loose;
SELECT throws_ok($$SELECT gatehouse.undo_transaction('4')$$, '55000', 'table public.loose is no longer audited or gone', 'nor what is gone');

SELECT * FROM finish();
ROLLBACK;
