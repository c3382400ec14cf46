-- deactivate_user_api_keys: ends all keys of one account.
BEGIN;
SELECT plan(18);
SET LOCAL client_min_messages = warning;
\ir ../as_role.psql
SELECT ok(gatehouse.library_version() <> '', 'the library is loaded');
SELECT (gatehouse.create_user('ada@example.com', 'ada')).id AS ada, (gatehouse.create_user('bob@example.com', 'bob')).id AS bob \gset
CREATE TEMP TABLE key AS
  SELECT 'ada ' || n AS what, k.* FROM generate_series(1, 5) n, LATERAL gatehouse.create_api_key(:'ada', 'ada ' || n) k
  UNION ALL SELECT 'bob', k.* FROM gatehouse.create_api_key(:'bob', 'bob') k
  UNION ALL SELECT 'service', k.* FROM gatehouse.create_api_key(NULL, 'service') k;
SELECT gatehouse.deactivate_api_key(id) FROM key WHERE what = 'ada 4' \g /dev/null
UPDATE gatehouse.api_keys SET expires_at = clock_timestamp() WHERE name = 'ada 5';
SELECT deactivated_at AS earlier FROM gatehouse.api_keys WHERE name = 'ada 4' \gset

SELECT is(gatehouse.deactivate_user_api_keys(user_id => :'ada'), 3::bigint, 'it counts those that were neither deactivated nor expired');
SELECT is((SELECT string_agg(k.what, ' ' ORDER BY k.what) FROM key k WHERE EXISTS (SELECT FROM gatehouse.verify_api_key(k.api_key))), 'bob service',
  'they work no more, and no other key is touched');
SELECT is((SELECT string_agg(l.status, ' ' ORDER BY l.name) FROM gatehouse.get_user_api_keys(:'ada') l),
  'deactivated deactivated deactivated deactivated expired', 'what had expired stays so');
SELECT is((SELECT deactivated_at FROM gatehouse.api_keys WHERE name = 'ada 4'), :'earlier'::timestamptz, 'and the time of an earlier deactivation');
SELECT is(gatehouse.deactivate_user_api_keys(:'ada'), 0::bigint, 'the second time there is none');
SELECT is(gatehouse.deactivate_user_api_keys(gatehouse.uuid_v7()), 0::bigint, 'nor is there of an account that does not exist');
SELECT throws_ok('SELECT gatehouse.deactivate_user_api_keys(NULL)', '22023', 'argument "user_id" must not be null', 'null is refused, and not the service keys');
SELECT isnt_empty(format('SELECT * FROM gatehouse.verify_api_key(%L)', api_key), 'which go on working') FROM key WHERE what = 'service';

-- An account that is not live.
SELECT gatehouse.set_active(:'bob', false) \g /dev/null
SELECT is(gatehouse.deactivate_user_api_keys(:'bob'), 1::bigint, 'the keys of a stopped account are ended');
SELECT gatehouse.set_active(:'bob', true) \g /dev/null
SELECT is_empty(format('SELECT * FROM gatehouse.verify_api_key(%L)', api_key), 'so that none works when the stop ends') FROM key WHERE what = 'bob';
SELECT api_key AS second FROM gatehouse.create_api_key(:'bob', 'second') \gset
SELECT gatehouse.soft_delete_user(:'bob') \g /dev/null
SELECT is(gatehouse.deactivate_user_api_keys(:'bob'), 1::bigint, 'those of a deleted one too');
SELECT gatehouse.restore_user(:'bob') \g /dev/null
SELECT is_empty(format('SELECT * FROM gatehouse.verify_api_key(%L)', :'second'), 'so that none works when it is restored');

-- Who.
SELECT refresh_token AS token FROM gatehouse.create_refresh_token(:'bob') \gset
SELECT api_key AS third FROM gatehouse.create_api_key(:'bob', 'third') \gset
SELECT is(pg_temp.as_role('gatehouse_app', format('SELECT gatehouse.deactivate_user_api_keys(%L)', :'bob')), '1', 'an application ends them');
SELECT throws_ok(format('SELECT pg_temp.as_role(''gatehouse_auditor'', %L)', format('SELECT gatehouse.deactivate_user_api_keys(%L)', :'bob')), '42501',
  'permission denied for function deactivate_user_api_keys', 'an auditor does not');
SELECT gatehouse.sign_in_with_session(:'token') \g /dev/null
SELECT is(pg_temp.as_role('gatehouse_app', format('SELECT gatehouse.deactivate_user_api_keys(%L)', :'bob')), '0', 'who is signed in ends his own');
SELECT throws_ok(format('SELECT pg_temp.as_role(''gatehouse_app'', %L)', format('SELECT gatehouse.%s', call)), '42501', 'another account is signed in', what)
  FROM (VALUES (1, format('deactivate_user_api_keys(%L)', :'ada'), 'and nobody else''s'),
               (2, format('rotate_api_key(%L, %L)', gatehouse.uuid_v7(), :'ada'), 'nor does he rotate one')) v (place, call, what) ORDER BY place;

SELECT * FROM finish();
ROLLBACK;
