-- The history of a row, and the row after each change.
BEGIN;
SELECT plan(22);

CREATE FUNCTION pg_temp.history(relation regclass, key jsonb) RETURNS SETOF text LANGUAGE sql AS $$
  SELECT concat_ws(' ', operation, row_after) FROM gatehouse.get_row_history(relation, key)
$$;

CREATE TABLE item (id integer PRIMARY KEY, name text, n numeric);
INSERT INTO item VALUES (5, 'old', 1);
SELECT gatehouse.enable_audit('item');

INSERT INTO item VALUES (1, 'a', 1), (2, 'other', 1);
UPDATE item SET name = 'b' WHERE id = 1;
UPDATE item SET n = 2;
DELETE FROM item WHERE id = 1;
INSERT INTO item VALUES (1, 'c', 3);
SELECT results_eq($$SELECT pg_temp.history('item', '{"id": 1}')$$,
  ARRAY['INSERT {"n": 1, "id": 1, "name": "a"}', 'UPDATE {"n": 1, "id": 1, "name": "b"}',
        'UPDATE {"n": 2, "id": 1, "name": "b"}', 'DELETE', 'INSERT {"n": 3, "id": 1, "name": "c"}'],
  'from an insert on every state is known');
SELECT results_eq($$SELECT pg_temp.history('item', '{"id": 1.00}')$$, $$SELECT pg_temp.history('item', '{"id": 1}')$$,
  'a key that is numerically equal finds the row');
SELECT is((SELECT array_agg(id) FROM gatehouse.get_row_history('item', '{"id": 1}')),
  (SELECT array_agg(id ORDER BY id) FROM gatehouse.row_changes WHERE table_name = 'item' AND key = '{"id": 1}'),
  'it is the same rows as the view''s, oldest first');
SELECT results_eq($$SELECT id, changed_at, transaction_id, table_id, table_schema, table_name, operation, key, old, new,
    actor_id, impersonator_id, api_key_id, session_id, db_role, client_addr, application_name, context, origin,
    replication_origin FROM gatehouse.get_row_history('item', '{"id": 2}')$$,
  $$SELECT * FROM gatehouse.row_changes WHERE table_name = 'item' AND key = '{"id": 2}' ORDER BY id$$,
  'with all their columns');
SELECT results_eq($$SELECT pg_temp.history('item', '{"id": 5}')$$, ARRAY['UPDATE'],
  'of a row that was there before, a change alone doesn''t tell the rest');
UPDATE item SET name = 'young' WHERE id = 5;
DELETE FROM item WHERE id = 5;
SELECT results_eq($$SELECT pg_temp.history('item', '{"id": 5}')$$,
  ARRAY['UPDATE {"n": 2, "id": 5, "name": "old"}', 'UPDATE {"n": 2, "id": 5, "name": "young"}', 'DELETE'],
  'its delete tells what was before');
SELECT is_empty($$SELECT pg_temp.history('item', '{"id": 77}')$$, 'a key that never was has no history');
SELECT is_empty($$SELECT pg_temp.history('item', '{"id": "1"}')$$, 'a key of another type is another key');

UPDATE item SET id = 20, name = 'moved' WHERE id = 2;
SELECT results_eq($$SELECT pg_temp.history('item', '{"id": 2}') OFFSET 2$$,
  ARRAY['UPDATE {"n": 2, "id": 20, "name": "moved"}'], 'a change of the key ends the history, and shows the new key');
INSERT INTO item VALUES (2, 'second', 0);
UPDATE item SET n = 1 WHERE id = 2;
SELECT results_eq($$SELECT pg_temp.history('item', '{"id": 2}') OFFSET 3$$,
  ARRAY['INSERT {"n": 0, "id": 2, "name": "second"}', 'UPDATE {"n": 1, "id": 2, "name": "second"}'],
  'another row under the freed key follows it');
UPDATE item SET n = 7 WHERE id = 20;
DELETE FROM item WHERE id = 20;
SELECT results_eq($$SELECT pg_temp.history('item', '{"id": 20}')$$,
  ARRAY['UPDATE {"n": 7, "id": 20, "name": "moved"}', 'DELETE'], 'under the new key it goes on');

TRUNCATE item;
INSERT INTO item VALUES (1, 'again', 0);
SELECT results_eq($$SELECT pg_temp.history('item', '{"id": 1}') OFFSET 5$$,
  ARRAY['TRUNCATE', 'INSERT {"n": 0, "id": 1, "name": "again"}'], 'a TRUNCATE belongs to the history of each row');

CREATE TABLE loose (a integer, b text);
SELECT gatehouse.enable_audit('loose');
INSERT INTO loose VALUES (1, 'x');
UPDATE loose SET a = 2;
SELECT results_eq($$SELECT pg_temp.history('loose', '{"a": 1, "b": "x"}')$$,
  ARRAY['INSERT {"a": 1, "b": "x"}', 'UPDATE {"a": 2, "b": "x"}'], 'without a primary key the whole row is the key');

CREATE TABLE part (id integer PRIMARY KEY, n integer) PARTITION BY RANGE (id);
CREATE TABLE part_low PARTITION OF part FOR VALUES FROM (0) TO (10);
CREATE TABLE part_high PARTITION OF part FOR VALUES FROM (10) TO (20);
SELECT gatehouse.enable_audit('part');
INSERT INTO part VALUES (1, 1), (11, 1);
TRUNCATE part_high;
UPDATE part SET n = 2;
SELECT results_eq($$SELECT pg_temp.history('part', '{"id": 1}')$$,
  ARRAY['INSERT {"n": 1, "id": 1}', 'TRUNCATE', 'UPDATE {"n": 2, "id": 1}'],
  'a TRUNCATE of another partition doesn''t end the row');

SELECT gatehouse.disable_audit('item');
SELECT is((SELECT count(*) FROM gatehouse.get_row_history('item', '{"id": 1}')), 7::bigint,
  'the history of a table that is no longer audited stays');
SELECT throws_ok($$SELECT * FROM gatehouse.get_row_history('pg_class', '{"oid": 1}')$$, '22023',
  'relation pg_class is not audited', 'a table that never was audited');
SELECT throws_ok($$SELECT * FROM gatehouse.get_row_history(NULL, '{}')$$, '22023',
  'argument "relation" must not be null', 'no table');
SELECT throws_ok($$SELECT * FROM gatehouse.get_row_history('item', NULL)$$, '22023',
  'argument "key" must not be null', 'no key');

-- Of a row that changes all the time.
CREATE TABLE counter (id integer PRIMARY KEY, n integer, name text);
SELECT gatehouse.enable_audit('counter');
INSERT INTO counter VALUES (1, 0, 'hits');
DO $$BEGIN FOR i IN 1..2000 LOOP UPDATE counter SET n = i; END LOOP; END$$;
SELECT results_eq($$SELECT row_after FROM gatehouse.get_row_history('counter', '{"id": 1}')$$,
  $$SELECT jsonb_build_object('id', 1, 'n', i, 'name', 'hits') FROM generate_series(0, 2000) i$$, 'a long history is whole and in order');
TRUNCATE gatehouse.row_change_log;
UPDATE counter SET n = n + 1;
UPDATE counter SET n = n + 1;
DELETE FROM counter;
SELECT results_eq($$SELECT row_after FROM gatehouse.get_row_history('counter', '{"id": 1}')$$,
  $$VALUES ('{"id": 1, "n": 2001, "name": "hits"}'::jsonb), ('{"id": 1, "n": 2002, "name": "hits"}'), (NULL)$$,
  'what its deletion tells of the row fills the states before');

CREATE FUNCTION pg_temp.plan_of(query text) RETURNS SETOF text LANGUAGE plpgsql AS $$
BEGIN RETURN QUERY EXECUTE 'EXPLAIN ' || query; END $$;
SET LOCAL enable_seqscan = off;
SELECT ok(bool_or(line ~ 'row_change_log_default_key'), 'the index on the key serves the search')
  FROM pg_temp.plan_of($$SELECT * FROM gatehouse.row_change_log c WHERE c.table_id = 1
    AND (c.key_hash = jsonb_hash_extended('{"id": 1}', 1) AND c.key = '{"id": 1}' AND c.operation <> 'T'
         OR c.key_hash = 0 AND c.operation = 'T')$$) line;

CREATE ROLE nobody;
GRANT USAGE ON SCHEMA gatehouse TO nobody;
SET LOCAL ROLE nobody;
SELECT throws_ok($$SELECT * FROM gatehouse.get_row_history('item', '{"id": 1}')$$, '42501',
  'permission denied for function get_row_history', 'not for everybody');
RESET ROLE;

SELECT * FROM finish();
ROLLBACK;
