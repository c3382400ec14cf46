-- get_user_sessions: the live sessions of one account, the latest used first, and which of them is the caller's.
BEGIN;
SELECT plan(15);
SET LOCAL client_min_messages = warning;
\ir ../as_role.psql
SET LOCAL gatehouse.refresh_grace = 0;
SET LOCAL gatehouse.max_sessions_per_user = 0;
SELECT (gatehouse.create_user('ada@example.com', 'ada')).id AS ada \gset
SELECT (gatehouse.create_user('bob@example.com', 'bob')).id AS bob \gset
SELECT is_empty(format('SELECT * FROM gatehouse.get_user_sessions(%L)', :'ada'), 'none at first');
SELECT session_id AS laptop, refresh_token AS laptop_token
  FROM gatehouse.create_refresh_token(:'ada', '192.0.2.1', 'an agent', 'laptop') \gset
SELECT session_id AS phone, refresh_token AS phone_token FROM gatehouse.create_refresh_token(:'ada', '2001:db8::1', device => 'phone') \gset
SELECT session_id AS tablet FROM gatehouse.create_refresh_token(:'ada', device => 'tablet') \gset
SELECT session_id AS others, refresh_token AS bobs_token FROM gatehouse.create_refresh_token(:'bob', device => 'laptop of bob') \gset

CREATE TEMP TABLE listed AS SELECT * FROM gatehouse.get_user_sessions(:'ada');
SELECT columns_are('listed',
  ARRAY['session_id', 'user_id', 'device', 'ip', 'user_agent', 'created_at', 'last_used_at', 'expires_at', 'idle_expires_at', 'is_current'],
  'what is told has no digest');
SELECT results_eq(format('SELECT device, ip, user_agent, is_current FROM gatehouse.get_user_sessions(%L)', :'ada'),
  $$VALUES ('tablet'::text, NULL::inet, NULL::text, false), ('phone', '2001:db8::1', NULL, false), ('laptop', '192.0.2.1', 'an agent', false)$$,
  'those of the account, the latest used first; none is current where nothing says so');
SELECT refresh_token AS laptop_next FROM gatehouse.refresh_session(:'laptop_token') \gset
SELECT is((SELECT device FROM gatehouse.get_user_sessions(:'ada') LIMIT 1), 'laptop', 'a refresh is a use');
SELECT results_eq(format('SELECT device FROM gatehouse.get_user_sessions(%L, %L) WHERE is_current', :'ada', t.token), ARRAY['laptop'],
  'the session that the token belongs to is current: by its ' || t.name)
  FROM (VALUES ('current token', :'laptop_next'), ('token before', :'laptop_token')) t (name, token);
SELECT is_empty(format('SELECT device FROM gatehouse.get_user_sessions(%L, %L) WHERE is_current', :'ada', t.token),
  'none is by ' || t.name)
  FROM (VALUES ('a token of another account', :'bobs_token'), ('what is no token', 'nonsense'),
               ('a digest', (SELECT encode(token_digest, 'hex') FROM gatehouse.sessions WHERE session_id = :'phone'))) t (name, token);
SELECT gatehouse.sign_in_with_session(:'phone_token') \g /dev/null
SELECT results_eq(format('SELECT device FROM gatehouse.get_user_sessions(%L) WHERE is_current', :'ada'), ARRAY['phone'],
  'without a token the one that is signed in with is');
SELECT throws_ok(format('SELECT pg_temp.as_role(%L, %L)', 'gatehouse_app', format('SELECT * FROM gatehouse.get_user_sessions(%L)', :'bob')),
  '42501', 'another account is signed in', 'not another account''s while somebody is signed in');
SELECT gatehouse.sign_out() \g /dev/null

-- What is not live is not listed.
UPDATE gatehouse.sessions SET revoked_at = now(), revocation = 'logout' WHERE session_id = :'tablet';
UPDATE gatehouse.sessions SET idle_expires_at = clock_timestamp() WHERE session_id = :'phone';
SELECT results_eq(format('SELECT device FROM gatehouse.get_user_sessions(%L)', :'ada'), ARRAY['laptop'], 'neither an ended one nor a lapsed one');
UPDATE gatehouse.users SET is_active = false WHERE id = :'ada';
SELECT is_empty(format('SELECT device FROM gatehouse.get_user_sessions(%L)', :'ada'), 'none of a stopped account');
UPDATE gatehouse.users SET is_active = true, deleted_at = now() WHERE id = :'ada';
SELECT is_empty(format('SELECT device FROM gatehouse.get_user_sessions(%L)', :'ada'), 'none of a deleted one');
SELECT throws_ok('SELECT * FROM gatehouse.get_user_sessions(NULL)', '22023', 'argument "user_id" must not be null', 'NULL is wrong use');

SELECT * FROM finish();
ROLLBACK;
