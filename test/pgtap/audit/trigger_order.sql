-- The log keeps the order of a row's changes although other triggers change the row again.
BEGIN;
SELECT plan(4);

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

SELECT * FROM finish();
ROLLBACK;
