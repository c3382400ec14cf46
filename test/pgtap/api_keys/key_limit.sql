-- max_api_keys_per_user counts the live keys of an account.
BEGIN;
SELECT plan(9);
SET LOCAL client_min_messages = warning;
SELECT ok(gatehouse.library_version() <> '', 'the library is loaded');
SET LOCAL gatehouse.max_api_keys_per_user = 2;
SELECT (gatehouse.create_user('ada@example.com', 'ada')).id AS ada,
  (gatehouse.create_user('bob@example.com', 'bob')).id AS bob \gset

SELECT id AS first FROM gatehouse.create_api_key(:'ada', 'first') \gset
SELECT lives_ok(format('SELECT gatehouse.create_api_key(%L, %L)', :'ada', 'second'), 'the last place may be taken');
SELECT throws_ok(format('SELECT gatehouse.create_api_key(%L, %L)', :'ada', 'third'), '22023',
  'an account must have at most 2 live API keys',
  'one more is refused, by the number of the setting');
SELECT lives_ok(format('SELECT gatehouse.create_api_key(%L, %L)', :'bob', 'first'),
  'another account has places of its own');
SELECT lives_ok($$SELECT gatehouse.create_api_key(NULL, 'service ' || i) FROM generate_series(1, 3) AS i$$,
  'service keys are not counted');
SELECT ok(gatehouse.deactivate_api_key(:'first'), 'one is deactivated');
SELECT lives_ok(format('SELECT gatehouse.create_api_key(%L, %L)', :'ada', 'third'), 'and gives its place free');
UPDATE gatehouse.api_keys SET expires_at = clock_timestamp() WHERE name = 'third';
SELECT lives_ok(format('SELECT gatehouse.create_api_key(%L, %L)', :'ada', 'fourth'), 'so does one that expired');
SET LOCAL gatehouse.max_api_keys_per_user = 0;
SELECT lives_ok(format('SELECT gatehouse.create_api_key(%L, %L) FROM generate_series(1, 10)', :'ada', 'more'),
  '0 is no limit');

SELECT * FROM finish();
ROLLBACK;
