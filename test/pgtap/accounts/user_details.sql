-- get_user_details: an account with its keys and sessions.
BEGIN;
SELECT plan(25);
SET LOCAL client_min_messages = warning;
\ir ../as_role.psql
SELECT ok(gatehouse.library_version() <> '', 'the library is loaded');

SELECT id AS ada FROM gatehouse.create_user('ada@example.com', 'ada', profile => '{"a": 1}') \gset
SELECT id AS eve FROM gatehouse.create_user('eve@example.com', 'eve') \gset
SELECT is(gatehouse.get_user_details(:'ada') - ARRAY['api_keys', 'sessions'],
  (SELECT to_jsonb(u) FROM gatehouse.get_user_by_id(:'ada') u), 'it holds what the look-ups give');
SELECT is(gatehouse.get_user_details(:'ada')->'api_keys', '[]', 'without a key the list is empty');
SELECT is(gatehouse.get_user_details(:'ada')->'sessions', '[]', 'so it is without a session');

-- Keys.
SELECT lives_ok($$SELECT gatehouse.register_scope('read:users')$$, 'a scope is registered');
CREATE TEMP TABLE key AS
  SELECT 'one' AS name, k.* FROM gatehouse.create_api_key(:'ada', 'one') k
  UNION ALL
  SELECT 'two', k.* FROM gatehouse.create_api_key(:'ada', 'two', ARRAY['read:users'], '2100-01-01 00:00Z', ARRAY['192.0.2.0/24'::cidr]) k
  UNION ALL
  SELECT 'three', k.* FROM gatehouse.create_api_key(:'ada', 'three') k
  UNION ALL
  SELECT 'of another', k.* FROM gatehouse.create_api_key(:'eve', 'of another') k;
CREATE FUNCTION pg_temp.keys(id uuid) RETURNS text LANGUAGE sql AS $$
  SELECT string_agg(format('%s %s', k->>'name', k->>'status'), ', ')
    FROM jsonb_array_elements(gatehouse.get_user_details(id)->'api_keys') k
$$;
SELECT is(pg_temp.keys(:'ada'), 'three active, two active, one active', 'the keys of the account, the newest first');
SELECT is(
  (SELECT d - 'created_at' FROM jsonb_array_elements(gatehouse.get_user_details(:'ada')->'api_keys') d WHERE d->>'name' = 'two'),
  (SELECT jsonb_build_object('id', id, 'name', name, 'hint', hint, 'scopes', '["read:users"]'::jsonb, 'status', 'active',
                             'expires_at', '2100-01-01 00:00Z'::timestamptz, 'ip_allow', '["192.0.2.0/24"]'::jsonb,
                             'last_used_at', NULL, 'last_used_ip', NULL, 'use_count', 0)
     FROM key WHERE name = 'two'),
  'of a key all is told that is no secret');
SELECT is((d->>'created_at')::timestamptz, created_at, 'with when it was made')
  FROM key JOIN jsonb_array_elements(gatehouse.get_user_details(:'ada')->'api_keys') d ON d->>'name' = name WHERE name = 'two';
UPDATE gatehouse.api_keys SET expires_at = clock_timestamp() WHERE name = 'one';
SELECT ok(gatehouse.deactivate_api_key(id), 'a key is deactivated') FROM key WHERE name = 'three';
SELECT is(pg_temp.keys(:'ada'), 'three deactivated, two active, one expired', 'each key has its status');
SELECT ok(gatehouse.set_active(:'ada', false), 'the account is stopped');
SELECT is(pg_temp.keys(:'ada'), 'three deactivated, two owner_inactive, one expired', 'a key of a stopped account is said to be so');
UPDATE gatehouse.api_keys SET owner_stopped_until = clock_timestamp() WHERE user_id = :'ada';
SELECT is(pg_temp.keys(:'ada'), 'three deactivated, two active, one expired', 'and is active again from the end of the stop on');
SELECT ok(gatehouse.set_active(:'ada', true), 'the account goes on');

-- Sessions.
CREATE TEMP TABLE session AS
  SELECT n, s.* FROM generate_series(1, 4) n,
         LATERAL gatehouse.create_refresh_token(:'ada', '192.0.2.7', 'agent ' || n, 'device ' || n) s;
UPDATE gatehouse.sessions SET revoked_at = now() WHERE device = 'device 1';
UPDATE gatehouse.sessions SET expires_at = clock_timestamp() WHERE device = 'device 2';
UPDATE gatehouse.sessions SET idle_expires_at = clock_timestamp() WHERE device = 'device 3';
SELECT is(
  (SELECT jsonb_agg(d - ARRAY['created_at', 'last_used_at', 'expires_at', 'idle_expires_at'])
     FROM jsonb_array_elements(gatehouse.get_user_details(:'ada')->'sessions') d),
  (SELECT jsonb_build_array(jsonb_build_object('session_id', session_id, 'device', 'device 4', 'ip', '192.0.2.7', 'user_agent', 'agent 4'))
     FROM session WHERE n = 4), 'a live session is told, none that has ended or expired');
SELECT bag_eq(
  $$SELECT jsonb_object_keys(gatehouse.get_user_details(id)->'sessions'->0) FROM gatehouse.get_user_by_username('ada')$$,
  ARRAY['session_id', 'device', 'ip', 'user_agent', 'created_at', 'last_used_at', 'expires_at', 'idle_expires_at'],
  'with its times, and no digest');
UPDATE gatehouse.sessions SET expires_at = '2100-01-01', last_used_at = clock_timestamp() WHERE device = 'device 2';
SELECT is((SELECT string_agg(d->>'device', ', ') FROM jsonb_array_elements(gatehouse.get_user_details(:'ada')->'sessions') d),
  'device 2, device 4', 'the one that was used last comes first');

-- Nothing that opens anything.
INSERT INTO gatehouse.password_credentials VALUES (:'ada', '$argon2id$planted', now());
SELECT is_empty(format(
  $$SELECT value
      FROM (SELECT api_key FROM key UNION ALL SELECT refresh_token FROM session UNION ALL SELECT '$argon2id$'
            UNION ALL SELECT encode(key_digest, 'hex') FROM gatehouse.api_keys
            UNION ALL SELECT encode(token_digest, 'hex') FROM gatehouse.sessions
            UNION ALL SELECT encode(locator_digest, 'hex') FROM gatehouse.sessions) AS secret (value)
     WHERE strpos(gatehouse.get_user_details(%L)::text, value) > 0$$, :'ada'),
  'no key, token, hash or digest is in it');

-- Missing, deleted, wrong use.
SELECT is(gatehouse.get_user_details(gatehouse.uuid_v7()), NULL, 'an unknown account is NULL');
SELECT ok(gatehouse.soft_delete_user(:'ada'), 'the account is deleted');
SELECT is(gatehouse.get_user_details(:'ada'), NULL, 'a deleted one is NULL');
SELECT is(gatehouse.get_user_details(:'ada', include_deleted => true)->'is_deleted', 'true', 'an administrator who asks sees it');
SELECT throws_ok(
  format('SELECT pg_temp.as_role(''gatehouse_app'', %L)', format('SELECT gatehouse.get_user_details(%L, include_deleted => true)', :'ada')),
  '42501', 'only an administrator can see deleted accounts', 'an application does not');
SELECT is(pg_temp.as_role('gatehouse_app', format('SELECT gatehouse.get_user_details(%L)->>''username''', :'eve')), 'eve',
  'but has the others');
SELECT throws_ok('SELECT gatehouse.get_user_details(NULL)', '22023', 'argument "id" must not be null', 'a NULL id is refused');

SELECT * FROM finish();
ROLLBACK;
