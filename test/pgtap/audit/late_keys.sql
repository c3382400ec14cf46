-- Entries of the index on key_hash are made late, and none is missing or there twice when somebody reads.
BEGIN;
SELECT plan(15);

CREATE TABLE item (id integer PRIMARY KEY, n integer NOT NULL DEFAULT 0);
SELECT gatehouse.enable_audit('item');
SET LOCAL enable_seqscan = off;
-- Whether the index finds each change that the table has, once.
CREATE FUNCTION pg_temp.indexed() RETURNS bigint LANGUAGE plpgsql AS $$
DECLARE
  by_index bigint;
  by_table bigint;
BEGIN
  PERFORM set_config('enable_seqscan', 'off', true);
  PERFORM set_config('enable_bitmapscan', 'off', true);  -- it would not see what is there twice
  SELECT count(*) INTO by_index FROM (SELECT DISTINCT h.key_hash FROM gatehouse.row_change_log h) d,
    LATERAL (SELECT FROM gatehouse.row_change_log_default l WHERE l.key_hash = d.key_hash OFFSET 0) x;
  PERFORM set_config('enable_indexscan', 'off', true);
  PERFORM set_config('enable_indexonlyscan', 'off', true);
  SELECT count(*) INTO by_table FROM gatehouse.row_change_log_default;
  PERFORM set_config('enable_indexscan', 'on', true);
  PERFORM set_config('enable_indexonlyscan', 'on', true);
  PERFORM set_config('enable_bitmapscan', 'on', true);
  RETURN CASE WHEN by_index = by_table THEN by_index ELSE -by_index END;
END $$;
TRUNCATE gatehouse.row_change_log;

INSERT INTO item SELECT generate_series(1, 3000);
SELECT is(pg_temp.indexed(), 3000::bigint, 'a statement''s rows are found by the next');
WITH changed AS (UPDATE item SET n = 1 WHERE id <= 100 RETURNING id) SELECT is(count(*), 100::bigint, 'more of them') FROM changed;
SELECT is(pg_temp.indexed(), 3100::bigint, 'those too');

SAVEPOINT a;
UPDATE item SET n = 2;
ROLLBACK TO a;
INSERT INTO item SELECT generate_series(3001, 3100);
SELECT is(pg_temp.indexed(), 3200::bigint, 'what is rolled back is forgotten, what is not is kept');
UPDATE item SET n = 2 WHERE id = 1;
SAVEPOINT b;
UPDATE item SET n = 2 WHERE id = 2;
RELEASE b;
DO $$BEGIN
  UPDATE item SET n = 2 WHERE id = 3;
  BEGIN
    UPDATE item SET n = 2 WHERE id IN (4, 5);
    PERFORM 1 / 0;
  EXCEPTION WHEN division_by_zero THEN NULL;
  END;
END$$;
ROLLBACK TO a;
SELECT is(pg_temp.indexed(), 3100::bigint, 'an outer part takes its inner ones along');
UPDATE item SET n = 2 WHERE id = 1;
DO $$BEGIN
  UPDATE item SET n = 2 WHERE id = 3;
  BEGIN
    UPDATE item SET n = 2 WHERE id IN (4, 5);
    PERFORM 1 / 0;
  EXCEPTION WHEN division_by_zero THEN NULL;
  END;
END$$;
SELECT is(pg_temp.indexed(), 3102::bigint, 'a caught exception takes its own');
SELECT is(count(*), 3::bigint, 'a history is whole') FROM gatehouse.get_row_history('item', '{"id": 1}');

-- Nothing waits while tables and indexes are changed.
UPDATE item SET n = 3;
REINDEX INDEX gatehouse.row_change_log_default_key;
SELECT is(pg_temp.indexed(), 6102::bigint, 'an index that is rebuilt has each once');
UPDATE item SET n = 4;
SAVEPOINT c;
TRUNCATE gatehouse.row_change_log;
UPDATE item SET n = 5;
SELECT is(pg_temp.indexed(), 3000::bigint, 'an emptied log begins anew');
UPDATE item SET n = 6;
ROLLBACK TO c;
SELECT is(pg_temp.indexed(), 9102::bigint, 'and is what it was when that is rolled back');
UPDATE item SET n = 5;
DROP INDEX gatehouse.row_change_log_default_key;
UPDATE item SET n = 6 WHERE id <= 10;
CREATE INDEX row_change_log_default_key ON gatehouse.row_change_log_default (key_hash);
CREATE INDEX another ON gatehouse.row_change_log_default (key_hash);
UPDATE item SET n = 7 WHERE id <= 10;
SELECT is(pg_temp.indexed(), 12122::bigint, 'of two such indexes each has all');
DROP INDEX gatehouse.row_change_log_default_key;
SELECT is(pg_temp.indexed(), 12122::bigint, 'the other too');

-- More than may wait.
INSERT INTO item SELECT generate_series(10001, 80000);
SELECT is(pg_temp.indexed(), 82122::bigint, 'many are found');
-- A reader within the statement that writes.
CREATE TABLE seen (id integer, changes bigint);
CREATE FUNCTION look() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  INSERT INTO seen SELECT NEW.id, count(*) FROM gatehouse.get_row_history('item', jsonb_build_object('id', NEW.id));
  RETURN NULL;
END $$;
CREATE TRIGGER look AFTER INSERT ON item FOR EACH ROW EXECUTE FUNCTION look();
INSERT INTO item SELECT generate_series(90001, 90050);
SELECT is(count(*), 50::bigint, 'a trigger that fires after the log''s finds the change') FROM seen WHERE changes = 1;
SELECT is(pg_temp.indexed(), 82172::bigint, 'and the index has each once');

SELECT * FROM finish();
ROLLBACK;
