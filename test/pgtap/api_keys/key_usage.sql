-- The uses of API keys: what is noted, read, written, given back and dropped. Without shared memory nothing is noted.
BEGIN;
SELECT plan(36);
SET LOCAL client_min_messages = warning;
\ir ../as_role.psql
\ir ../diagnose.psql
SELECT ok(gatehouse.library_version() <> '', 'the library is loaded');
SELECT memory <> 'none' AS noted FROM gatehouse.server_state() \gset

SELECT (gatehouse.create_user('ada@example.com', 'ada')).id AS ada \gset
SELECT gatehouse.register_scope('read:users') \g /dev/null
SELECT id, api_key AS key FROM gatehouse.create_api_key(:'ada', 'laptop') \gset
SELECT id AS other_id, api_key AS other FROM gatehouse.create_api_key(:'ada', 'bound', ip_allow => '{192.0.2.0/24}') \gset
CREATE FUNCTION pg_temp.use(api_key text, times integer DEFAULT 1, ip inet DEFAULT NULL) RETURNS bigint LANGUAGE sql AS $$
  SELECT count(*) FROM generate_series(1, times) i, gatehouse.verify_api_key(CASE WHEN i > 0 THEN api_key END, '{}', ip)
$$;
CREATE FUNCTION pg_temp.uses(id uuid) RETURNS bigint LANGUAGE sql AS $$SELECT use_count FROM gatehouse.key_usage(id)$$;
-- What is right where uses are noted, and where not.
CREATE TEMP TABLE mode AS SELECT :'noted'::boolean AS noted;
CREATE FUNCTION pg_temp.expected(uses bigint) RETURNS bigint LANGUAGE sql AS $$SELECT CASE WHEN noted THEN uses ELSE 0 END FROM pg_temp.mode$$;

-- What is noted.
SELECT results_eq(format('SELECT * FROM gatehouse.key_usage(%L)', :'id'), 'VALUES (NULL::timestamptz, NULL::inet, bigint ''0'')',
  'a key that was never used has no uses');
SELECT is(pg_temp.use(:'key', 3, '192.0.2.1'), 3::bigint, 'a key is used three times');
SELECT is(pg_temp.uses(:'id'), pg_temp.expected(3), 'each use counts');
SELECT ok((u.last_used_at BETWEEN now() AND clock_timestamp()) IS NOT DISTINCT FROM CASE WHEN m.noted THEN true END
          AND u.last_used_ip IS NOT DISTINCT FROM CASE WHEN m.noted THEN inet '192.0.2.1' END, 'when the last was, and from where')
  FROM gatehouse.key_usage(:'id') u, pg_temp.mode m;
SELECT is(pg_temp.uses(:'other_id'), 0::bigint, 'and not for another key');
SELECT is(pg_temp.use(:'other', 1, '198.51.100.1'), 0::bigint, 'a use from a wrong address is refused');
SELECT is((SELECT count(*) FROM gatehouse.verify_api_key(:'key', '{read:users}')), 0::bigint, 'as one without the scope');
SELECT is(ARRAY[pg_temp.uses(:'other_id'), pg_temp.uses(:'id')], ARRAY[0, pg_temp.expected(3)], 'neither is a use');
SELECT is(gatehouse.sign_in_with_api_key(:'key', '{}', '2001:db8::1'), true, 'a sign-in');
SELECT is(pg_temp.uses(:'id'), pg_temp.expected(4), 'is one');
SELECT gatehouse.sign_out() \g /dev/null
SELECT is((SELECT last_used_ip FROM gatehouse.key_usage(:'id')), CASE WHEN :'noted' THEN inet '2001:db8::1' END, 'also from an IPv6 address');
SELECT is(pg_temp.use(:'key'), 1::bigint, 'a use that does not say from where');
SELECT is((SELECT last_used_ip FROM gatehouse.key_usage(:'id')), NULL, 'has no address');
SAVEPOINT used;
SELECT pg_temp.use(:'key', 5) \g /dev/null
ROLLBACK TO used;
SELECT is(pg_temp.uses(:'id'), pg_temp.expected(10), 'a ROLLBACK undoes no use');
SET LOCAL gatehouse.track_key_usage = off;
SELECT is(pg_temp.use(:'key', 5), 5::bigint, 'with track_key_usage off a key works');
SET LOCAL gatehouse.track_key_usage = on;
SELECT is(pg_temp.uses(:'id'), pg_temp.expected(10), 'and no use is noted');

-- What is written. Uses that wait from elsewhere are of keys that are gone, and are dropped.
SELECT pg_temp.use(:'other', 2, '192.0.2.9') \g /dev/null
SAVEPOINT unwritten;
SELECT is(gatehouse.write_key_uses(), pg_temp.expected(2), 'two keys have uses to be written');
SELECT is(ARRAY[pg_temp.uses(:'id'), pg_temp.uses(:'other_id')], ARRAY[pg_temp.expected(10), pg_temp.expected(2)],
  'who writes them sees none of them twice');
SELECT pg_temp.use(:'key', 1, '192.0.2.2') \g /dev/null
SELECT is(pg_temp.uses(:'id'), pg_temp.expected(11), 'nor misses what comes meanwhile');
SELECT is(gatehouse.write_key_uses(), 0::bigint, 'what a transaction has taken is not taken again');
ROLLBACK TO unwritten;
SELECT is(ARRAY[pg_temp.uses(:'id'), pg_temp.uses(:'other_id')], ARRAY[pg_temp.expected(11), pg_temp.expected(2)],
  'a writing that is rolled back gives them back');
SELECT is((SELECT affected FROM gatehouse.run_maintenance() WHERE task = 'key_uses_written'), pg_temp.expected(2),
  'maintenance writes them');
SELECT results_eq(format('SELECT api_key_id, use_count, last_used_ip FROM gatehouse.api_key_usage WHERE api_key_id IN (%L, %L) ORDER BY use_count DESC',
    :'id', :'other_id'),
  format('SELECT * FROM (VALUES (%L::uuid, bigint ''11'', inet ''192.0.2.2''), (%L, 2, ''192.0.2.9'')) v WHERE %L', :'id', :'other_id', :'noted'),
  'a row a key');

-- What is stored is added to. It is written in this transaction, so the uses here are still taken: another key is as good.
SELECT id AS stored_id, api_key AS stored FROM gatehouse.create_api_key(:'ada', 'stored') \gset
INSERT INTO gatehouse.api_key_usage VALUES (:'stored_id', clock_timestamp() + interval '1 hour', '203.0.113.1', 40);
SELECT pg_temp.use(:'stored', 2, '192.0.2.1') \g /dev/null
SELECT is(pg_temp.uses(:'stored_id'), 40 + pg_temp.expected(2), 'what waits is added to what is stored');
SELECT is((SELECT last_used_ip FROM gatehouse.key_usage(:'stored_id')), inet '203.0.113.1', 'of both the last use is the later one');
SELECT is(gatehouse.write_key_uses(), pg_temp.expected(1), 'written');
SELECT ok(use_count = 40 + pg_temp.expected(2) AND last_used_at > clock_timestamp() AND last_used_ip = '203.0.113.1',
  'it is added too, and the time does not go back') FROM gatehouse.api_key_usage WHERE api_key_id = :'stored_id';
SELECT is(pg_temp.uses(:'stored_id'), 40 + pg_temp.expected(2), 'and counts once');

-- A key that is gone.
SELECT id AS gone_id, api_key AS gone FROM gatehouse.create_api_key(:'ada', 'gone') \gset
SELECT pg_temp.use(:'gone', 2) \g /dev/null
DELETE FROM gatehouse.api_keys WHERE id IN (:'gone_id', :'stored_id');
SELECT is((SELECT count(*) FROM gatehouse.api_key_usage WHERE api_key_id = :'stored_id'), 0::bigint, 'the usage of a key goes with it');
SELECT is(gatehouse.write_key_uses(), 0::bigint, 'the uses of a key that is gone are not written');
SELECT is(pg_temp.uses(:'gone_id'), 0::bigint, 'but dropped');

-- Hostile.
SELECT is(gatehouse.waiting_key_uses(-1), '{}', 'no negative number of keys is taken');
SELECT throws_ok($$SELECT gatehouse.take_key_uses(ARRAY[NULL]::uuid[])$$, '22023', 'argument "ids" must not be null', 'no key without an id');
SELECT throws_ok($$SELECT gatehouse.forget_key_uses(ARRAY[NULL]::uuid[])$$, '22023', 'argument "ids" must not be null',
  'also where uses are dropped');
SELECT is_empty(format('SELECT * FROM gatehouse.take_key_uses(ARRAY[%L, %L]::uuid[])', gatehouse.uuid_v7(), :'id'),
  'of keys without uses there is nothing to take');

SELECT * FROM finish();
ROLLBACK;
