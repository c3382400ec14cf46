-- Partitions of the logs: made ahead, filled from DEFAULT, pruned.
BEGIN;
SELECT plan(45);
\ir ../as_role.psql

CREATE FUNCTION pg_temp.ranges(of_log regclass) RETURNS SETOF text LANGUAGE sql SET timezone = 'UTC' AS $$
  SELECT to_char(since, 'YYYY-MM-DD HH24') || ' ' || to_char(until, 'YYYY-MM-DD HH24')
    FROM gatehouse.log_partitions() WHERE log = of_log AND NOT is_default ORDER BY since
$$;
CREATE FUNCTION pg_temp.changes_at(VARIADIC times timestamptz[]) RETURNS void LANGUAGE sql AS $$
  INSERT INTO gatehouse.row_change_log (id, changed_at, transaction_id, key_hash, origin, table_id, operation, key, new)
  SELECT n, at, '7', n, 1, 1, 'I', jsonb_build_object('id', n), jsonb_build_object('id', n)
    FROM unnest(times) WITH ORDINALITY t (at, n)
$$;
CREATE FUNCTION pg_temp.event_at(at timestamptz) RETURNS void LANGUAGE sql AS $$
  SELECT gatehouse.write_event('test.event', NULL, '192.0.2.1', NULL, true, NULL, NULL, NULL, at)
$$;
-- A leaf that the present is written to: DEFAULT has no rows yet.
CREATE FUNCTION pg_temp.cover_present() RETURNS void LANGUAGE sql AS $$
  SELECT gatehouse.make_leaf(l, date_trunc('day', now(), 'UTC'),
                             (SELECT min(since) FROM gatehouse.log_partitions() WHERE log = l AND since > now()), false)
    FROM unnest('{gatehouse.row_change_log,gatehouse.events,gatehouse.event_details}'::regclass[]) l
$$;
-- Nobody waits longer than 50 ms for a leaf, and autovacuum gives way after a second.
LOCK TABLE gatehouse.row_change_log, gatehouse.events, gatehouse.event_details;
DELETE FROM gatehouse.events;
DELETE FROM gatehouse.event_details;
DELETE FROM gatehouse.row_change_log;
SELECT gatehouse.drop_audit_leaves('infinity');
DELETE FROM gatehouse.events;
DELETE FROM gatehouse.event_details;

-- Made ahead.
SELECT cmp_ok(gatehouse.make_audit_leaves(), '>=', 3::bigint, 'there are leaves for each log');
SELECT is(min(since), date_trunc('day', clock_timestamp() AT TIME ZONE 'UTC' + interval '1 minute') AT TIME ZONE 'UTC' + interval '1 day',
          'the first begins with tomorrow of UTC: today''s rows are in DEFAULT')
  FROM gatehouse.log_partitions() WHERE NOT is_default;
SELECT cmp_ok(max(until), '>', now() + interval '8 days', 'they go on for eight days') FROM gatehouse.log_partitions();
SELECT is_empty($$SELECT p.since FROM gatehouse.log_partitions() p WHERE NOT is_default
                   AND since > (SELECT min(since) FROM gatehouse.log_partitions())
                   AND NOT EXISTS (SELECT FROM gatehouse.log_partitions() b WHERE b.log = p.log AND b.until = p.since)$$, 'without a gap');
SELECT results_eq($$SELECT pg_temp.ranges('gatehouse.events')$$, $$SELECT pg_temp.ranges('gatehouse.event_details')$$,
                  'events and their details have the same');
SELECT set_eq($$SELECT relowner::regrole::text FROM pg_class c JOIN gatehouse.log_partitions() p ON p.leaf = c.oid$$, ARRAY['gatehouse_owner'],
              'they are gatehouse_owner''s');
SELECT is_empty($$SELECT p.leaf FROM gatehouse.log_partitions() p JOIN pg_depend d ON d.objid = p.leaf AND d.classid = 'pg_class'::regclass
                   WHERE d.deptype = 'e' AND NOT p.is_default$$, 'and no members of the extension');
SELECT is_empty($$SELECT p.leaf FROM gatehouse.log_partitions() p JOIN pg_class c ON c.oid = p.leaf WHERE c.relacl IS NOT NULL$$,
                'nobody else has rights on them');
SELECT set_eq($$SELECT regexp_replace(regexp_replace(pg_get_indexdef(i.indexrelid), p.leaf::text || ' ', ''), ' \S+ ON', '')
                  FROM gatehouse.log_partitions() p JOIN pg_index i ON i.indrelid = p.leaf WHERE NOT p.is_default$$,
              $$SELECT regexp_replace(regexp_replace(pg_get_indexdef(i.indexrelid), p.leaf::text || ' ', ''), ' \S+ ON', '')
                  FROM gatehouse.log_partitions() p JOIN pg_index i ON i.indrelid = p.leaf WHERE p.is_default$$,
              'they have the indexes of DEFAULT');
SELECT is(gatehouse.make_audit_leaves(), 0::bigint, 'a second time there is nothing to make');

-- By measure.
SELECT is(gatehouse.leaf_unit('{gatehouse.row_change_log}'), 'month', 'little is written: a month');
SELECT pg_temp.changes_at(VARIADIC array_fill(now(), ARRAY[30000]));
SET LOCAL gatehouse.audit_leaf_size = '100MB';
SELECT is(gatehouse.leaf_unit('{gatehouse.row_change_log}'), 'week', 'more: a week');
SET LOCAL gatehouse.audit_leaf_size = '1MB';
SELECT is(gatehouse.leaf_unit('{gatehouse.row_change_log}'), 'day', 'much: a day');
SAVEPOINT daily;
SELECT gatehouse.drop_audit_leaves('infinity');
SELECT gatehouse.make_audit_leaves();
SELECT set_eq($$SELECT until - since FROM gatehouse.log_partitions() WHERE log = 'gatehouse.row_change_log'::regclass AND NOT is_default$$,
              ARRAY[interval '1 day'], 'then each day has its own');
ROLLBACK TO daily;

-- Moved out of DEFAULT.
DELETE FROM gatehouse.row_change_log;
SELECT pg_temp.changes_at('2020-03-03 10:00+00', '2020-03-04 11:00+00', '2020-03-20 23:30+00');
SELECT is(gatehouse.move_default_rows(), 0::bigint, 'nothing is moved while the present is written into DEFAULT');
DELETE FROM gatehouse.row_change_log;
SELECT pg_temp.cover_present();
SELECT pg_temp.changes_at('2020-03-03 10:00+00', '2020-03-04 11:00+00', '2020-03-20 23:30+00');
CREATE TEMP TABLE before AS SELECT * FROM gatehouse.row_change_log;
SAVEPOINT moved;
SELECT is(gatehouse.move_default_rows(), 3::bigint, 'then old rows are, all that go into one leaf');
SELECT is_empty($$SELECT FROM ONLY gatehouse.row_change_log_default$$, 'they are no longer in DEFAULT');
SELECT set_eq($$SELECT * FROM gatehouse.row_change_log$$, $$SELECT * FROM before$$, 'and the log is what it was');
SELECT is((SELECT count(*) FROM gatehouse.row_change_log_2020_03), 3::bigint, 'a month takes them all');
SELECT is(gatehouse.move_default_rows(), 0::bigint, 'a second time there is nothing to move');
SELECT pg_temp.changes_at('2020-04-01 00:00+00', '2020-02-29 23:59:59.999999+00');
SELECT is(gatehouse.move_default_rows() + gatehouse.move_default_rows(), 2::bigint, 'rows beside a leaf go into others');
SELECT set_has($$SELECT pg_temp.ranges('gatehouse.row_change_log')$$,
               $$VALUES ('2020-02-01 00 2020-03-01 00'), ('2020-03-01 00 2020-04-01 00'), ('2020-04-01 00 2020-05-01 00')$$, 'each of its month');
ROLLBACK TO moved;
SELECT is(gatehouse.move_default_rows(2), 2::bigint, 'at most so many at once');
SELECT is(gatehouse.move_default_rows(2), 1::bigint, 'the rest next time');
SELECT set_has($$SELECT pg_temp.ranges('gatehouse.row_change_log')$$,
               $$VALUES ('2020-03-02 00 2020-03-09 00'), ('2020-03-09 00 2020-04-01 00')$$, 'a week''s, and what the month has beside it');
SELECT set_eq($$SELECT * FROM gatehouse.row_change_log$$, $$SELECT * FROM before$$, 'and the log is what it was');
ROLLBACK TO moved;
SELECT pg_temp.event_at('2020-03-01 10:00+00');
SELECT is(gatehouse.move_default_rows(), 5::bigint, 'an event goes with its details');
SELECT results_eq($$SELECT event_type, ip FROM gatehouse.get_audit_logs(until => '2021-01-01')$$, $$VALUES ('test.event', inet '192.0.2.1')$$,
                  'and is found with them');

-- Pruned.
SELECT throws_ok($$SELECT gatehouse.prune_audit_log('23:59:59')$$, '22023', 'keep must be at least 1 day', 'a day at least is kept');
SELECT throws_ok($$SELECT gatehouse.prune_audit_log('-1 year')$$, '22023', 'keep must be at least 1 day', 'the future cannot be pruned');
SELECT is(gatehouse.prune_audit_log('100 years'), 0::bigint, 'what is younger stays');
SET LOCAL gatehouse.audit_retention = 0;
SELECT is(gatehouse.prune_audit_log(), 0::bigint, 'with a retention of 0 all stays');
RESET gatehouse.audit_retention;
SELECT is(pg_temp.as_role('gatehouse_admin', $$SELECT gatehouse.prune_audit_log()$$), '3', 'the retention drops the old, and tells how many partitions');
SELECT is_empty($$SELECT FROM gatehouse.row_change_log WHERE changed_at < '2021-01-01'$$, 'they are gone');
SELECT is_empty($$SELECT FROM gatehouse.log_partitions() WHERE until < '2021-01-01'$$, 'with their partitions');
SELECT is((SELECT count(*) FROM gatehouse.log_partitions() WHERE until > now() AND NOT is_default) >= 6, true, 'the others are there');
SELECT results_eq($$SELECT x ->> 'partition', x ->> 'log', (x ->> 'until')::timestamptz, x ->> 'rows'
                      FROM gatehouse.get_audit_logs(event_type => 'audit.pruned') l, jsonb_array_elements(l.context -> 'partitions') x$$,
  $$VALUES ('gatehouse.event_details_2020_03', 'gatehouse.event_details', timestamptz '2020-04-01 00:00+00', '1'),
           ('gatehouse.events_2020_03', 'gatehouse.events', '2020-04-01 00:00+00', '1'),
           ('gatehouse.row_change_log_2020_03', 'gatehouse.row_change_log', '2020-04-01 00:00+00', '3')$$,
  'an event tells what was dropped');
SELECT is(gatehouse.prune_audit_log(), 0::bigint, 'a second time there is nothing to drop');
SELECT is(count(*), 1::bigint, 'and nothing to tell') FROM gatehouse.get_audit_logs(event_type => 'audit.pruned');

SAVEPOINT details;
CREATE TABLE gatehouse.events_2019 PARTITION OF gatehouse.events FOR VALUES FROM ('2019-01-01 00:00+00') TO ('2020-01-01 00:00+00');
ALTER TABLE gatehouse.events_2019 OWNER TO gatehouse_owner;
SELECT pg_temp.event_at('2019-03-01 10:00+00');
SELECT is(gatehouse.prune_audit_log(), 0::bigint, 'events stay while there are details of them, by which they are erased');
SELECT is(gatehouse.move_default_rows(), 1::bigint, 'the details follow');
SELECT is(gatehouse.prune_audit_log(), 2::bigint, 'then both go');

-- Who may.
SELECT throws_ok($$SELECT pg_temp.as_role('gatehouse_app', 'SELECT gatehouse.prune_audit_log()')$$, '42501',
  'permission denied for function prune_audit_log', 'an application may not prune');
SELECT throws_ok($$SET LOCAL gatehouse.audit_retention = '23h'$$, '22023', NULL, 'no retention is shorter than a day');
SELECT set_has($$SELECT task FROM gatehouse.run_maintenance()$$, $$VALUES ('leaves_made'), ('rows_moved_to_leaves'), ('leaves_pruned')$$,
  'maintenance does all of it');

SELECT * FROM finish();
ROLLBACK;
