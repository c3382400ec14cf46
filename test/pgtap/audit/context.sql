-- set_audit_context
BEGIN;
SELECT plan(17);

CREATE TABLE item (id integer PRIMARY KEY, n integer);
SELECT gatehouse.enable_audit('item');
CREATE FUNCTION pg_temp.last_context() RETURNS jsonb LANGUAGE sql AS $$SELECT context FROM gatehouse.row_changes ORDER BY id DESC LIMIT 1$$;

INSERT INTO item VALUES (1, 1);
SELECT is(pg_temp.last_context(), NULL, 'without one there is none');
SELECT gatehouse.set_audit_context('{"request": "r-1", "n": [1, null]}');
UPDATE item SET n = 2;
SELECT is(pg_temp.last_context(), '{"request": "r-1", "n": [1, null]}', 'a change has what was said of its transaction');
SELECT gatehouse.create_audit_log('order.placed');
SELECT is((SELECT context FROM gatehouse.get_audit_logs(event_type => 'order.placed')), '{"request": "r-1", "n": [1, null]}', 'an event as well');
SELECT gatehouse.create_audit_log('order.paid', context => '{"request": "own", "order": 7}');
SELECT is((SELECT context FROM gatehouse.get_audit_logs(event_type => 'order.paid')), '{"n": [1, null], "order": 7, "request": "own"}',
  'beside its own, which comes first');
SELECT gatehouse.create_audit_log('order.listed', context => '[1]');
SELECT is((SELECT context FROM gatehouse.get_audit_logs(event_type => 'order.listed')), '[1]', 'of which an array stays as it is');

SAVEPOINT s;
SELECT gatehouse.set_audit_context('{"request": "r-2"}');
UPDATE item SET n = 3;
SELECT is(pg_temp.last_context(), '{"request": "r-2"}', 'it is replaced');
ROLLBACK TO s;
UPDATE item SET n = 4;
SELECT is(pg_temp.last_context(), '{"request": "r-1", "n": [1, null]}', 'until that is rolled back');
DO $$BEGIN
  PERFORM gatehouse.set_audit_context('{"request": "r-3"}');
  RAISE EXCEPTION 'caught';
EXCEPTION WHEN OTHERS THEN NULL;
END$$;
UPDATE item SET n = 5;
SELECT is(pg_temp.last_context(), '{"request": "r-1", "n": [1, null]}', 'by an exception as well');
SELECT throws_ok($$SET gatehouse.audit_context = '2'$$, '22023', NULL, 'nobody sets it otherwise');
SELECT throws_ok($$SELECT set_config('gatehouse.audit_context', '1', true)$$, '22023', NULL, 'not to a number that it had');
SELECT gatehouse.set_audit_context(NULL);
UPDATE item SET n = 7;
SELECT is(pg_temp.last_context(), NULL, 'NULL ends it');
SELECT throws_ok($$SELECT gatehouse.set_audit_context('[]')$$, '22023', 'context must be a JSON object', 'it is an object');
SELECT throws_ok($$SELECT gatehouse.set_audit_context('1')$$, '22023', 'context must be a JSON object', 'and nothing else');
SELECT throws_ok($$SELECT gatehouse.set_audit_context(jsonb_build_object('a', repeat('x', 9000)))$$, '22023', 'context must have at most 8192 bytes', 'of limited size');
SELECT lives_ok($$SELECT gatehouse.set_audit_context(jsonb_build_object('a', repeat('x', 8100)))$$, 'up to it');
UPDATE item SET n = 8;
SELECT is(length(pg_temp.last_context() ->> 'a'), 8100, 'it is whole');
SELECT gatehouse.set_audit_context('{}');
UPDATE item SET n = 9;
SELECT is(pg_temp.last_context(), '{}', 'an empty one is one');

SELECT * FROM finish();
ROLLBACK;
