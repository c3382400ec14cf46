-- The log keeps the order of a row's changes although other triggers change the row again.
BEGIN;
SELECT plan(7);

CREATE TABLE item (id integer PRIMARY KEY, parent integer REFERENCES item ON DELETE CASCADE, touched integer DEFAULT 0);
CREATE FUNCTION pg_temp.touch() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  IF pg_trigger_depth() = 1 THEN
    UPDATE item SET touched = touched + 1 WHERE id = NEW.id;
  END IF;
  RETURN NULL;
END
$$;
CREATE TRIGGER "0_touch" AFTER INSERT OR UPDATE ON item FOR EACH ROW EXECUTE FUNCTION pg_temp.touch();
SELECT gatehouse.enable_audit('item');

INSERT INTO item VALUES (1, NULL), (2, 1);
UPDATE item SET parent = 1 WHERE id = 1;
SELECT results_eq(
  $$SELECT operation, row_after FROM gatehouse.get_row_history('item', '{"id": 1}')$$,
  $$VALUES ('INSERT', '{"id": 1, "parent": null, "touched": 0}'::jsonb),
           ('UPDATE', '{"id": 1, "parent": null, "touched": 1}'),
           ('UPDATE', '{"id": 1, "parent": 1, "touched": 1}'),
           ('UPDATE', '{"id": 1, "parent": 1, "touched": 2}')$$,
  'what a trigger does to the row comes after what set it off');
SELECT is((SELECT row_after FROM gatehouse.get_row_history('item', '{"id": 1}') ORDER BY id DESC LIMIT 1),
  (SELECT to_jsonb(i) FROM item i WHERE id = 1), 'the last row of the history is the row');

DELETE FROM item WHERE id = 1;
SELECT results_eq(
  $$SELECT key FROM gatehouse.row_changes WHERE table_name = 'item' AND operation = 'DELETE' ORDER BY id$$,
  $$VALUES ('{"id": 1}'::jsonb), ('{"id": 2}')$$, 'what a deletion takes along comes after it');

SELECT is((SELECT tgname FROM pg_trigger WHERE tgrelid = 'item'::regclass ORDER BY tgname COLLATE "C" LIMIT 1),
  '!gatehouse_audit', 'the trigger is the first by name, which is the order in which they fire');

-- A trigger that fills what was emptied comes before the one that tells of the emptying: what it wrote is told again behind it.
CREATE FUNCTION pg_temp.refill() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  EXECUTE format('INSERT INTO %s VALUES (%s), (%s)', TG_ARGV[0], TG_ARGV[1], TG_ARGV[2]);
  RETURN NULL;
END
$$;
CREATE TABLE alone (id integer PRIMARY KEY);
CREATE TABLE root (id integer PRIMARY KEY) PARTITION BY RANGE (id);
CREATE TABLE root_low PARTITION OF root FOR VALUES FROM (0) TO (10);
CREATE TABLE root_high PARTITION OF root FOR VALUES FROM (10) TO (20);
CREATE TABLE refers (id integer PRIMARY KEY REFERENCES alone);
SELECT gatehouse.enable_audit(t) FROM unnest('{alone,root,refers}'::regclass[]) t;
INSERT INTO alone VALUES (1);
INSERT INTO root VALUES (1), (11);
CREATE TRIGGER aa AFTER TRUNCATE ON alone FOR EACH STATEMENT EXECUTE FUNCTION pg_temp.refill('alone', '2', '3');
CREATE TRIGGER bb AFTER TRUNCATE ON alone FOR EACH STATEMENT EXECUTE FUNCTION pg_temp.refill('refers', '2', '3');
CREATE TRIGGER aa AFTER TRUNCATE ON root FOR EACH STATEMENT EXECUTE FUNCTION pg_temp.refill('root', '2', '12');
TRUNCATE alone CASCADE;
TRUNCATE root;
-- What the log alone tells: each key's last INSERT, where no TRUNCATE of all or of its partition is behind it.
CREATE FUNCTION pg_temp.told(name text) RETURNS text LANGUAGE sql AS $$
  SELECT string_agg(DISTINCT l.key ->> 'id', ' ' ORDER BY l.key ->> 'id')
    FROM gatehouse.row_change_log l
   WHERE l.table_id = gatehouse.current_table_id(name::regclass) AND l.operation = 'I'
     AND NOT EXISTS (SELECT FROM gatehouse.row_change_log t
                      WHERE t.table_id = l.table_id AND t.operation = 'T' AND t.id > l.id AND (t.key IS NULL OR t.partition_id = l.partition_id))
$$;
SELECT is(pg_temp.told('alone'), '2 3', 'what a trigger wrote into a table that was emptied is in the log behind the TRUNCATE');
SELECT is(pg_temp.told('refers'), '2 3', 'also in another that was emptied with it');
SELECT is(pg_temp.told('root'), '12 2', 'also in partitions');

SELECT * FROM finish();
ROLLBACK;
