-- sign_in_with_access_token, and that nobody gives himself more than he has.
BEGIN;
SET LOCAL client_min_messages = warning;
\ir ../as_role.psql
SELECT current_setting('gatehouse.key_file', true) <> '' AS has_ring FROM gatehouse.library_version() \gset
SELECT (gatehouse.create_user('ada@example.com', 'ada')).id AS ada \gset
SELECT (gatehouse.create_user('bob@example.com', 'bob')).id AS bob \gset
SELECT gatehouse.register_scope(s) FROM unnest(ARRAY['read:users', 'write:users']) s \g /dev/null
SELECT session_id AS session, refresh_token AS token FROM gatehouse.create_refresh_token(:'ada') \gset
SELECT id AS key_id, api_key AS key FROM gatehouse.create_api_key(:'ada', 'a key', '{read:*}') \gset
CREATE VIEW pg_temp.signed_in AS
  SELECT gatehouse.current_user_id() AS user_id, gatehouse.current_impersonator_id() AS impersonator_id,
         gatehouse.current_session_id() AS session_id, gatehouse.current_scopes() AS scopes;

SELECT plan(12 + CASE WHEN :'has_ring' THEN 21 ELSE 0 END);

-- A key that is signed in, as an application that runs every request as somebody has it.
SELECT gatehouse.sign_in_with_api_key(:'key') \g /dev/null
SELECT throws_ok(format('SELECT pg_temp.as_role(%L, %L)', 'gatehouse_app', q), '42501', 'who is signed in is restricted to scopes', 'a key does not: ' || q)
  FROM unnest(ARRAY[format('SELECT gatehouse.create_refresh_token(%L)', :'ada'),
                    format('SELECT gatehouse.create_api_key(%L, %L, %L)', :'ada', 'more', '{write:users}'),
                    format('SELECT gatehouse.create_api_key(%L, %L, %L)', :'ada', 'more', '{read:users,write:users}'),
                    format('SELECT gatehouse.issue_access_token(%L)', :'ada'),
                    format('SELECT gatehouse.issue_access_token(%L, claims => %L)', :'ada', '{"scope": "write:users"}'),
                    format('SELECT gatehouse.issue_access_token(%L, claims => %L)', :'ada', '{"scope": "read:users write:users"}')]) q;
SELECT isnt(pg_temp.as_role('gatehouse_app', format('SELECT gatehouse.create_api_key(%L, %L, %L)', :'ada', 'less', '{read:users}')), NULL,
  'it makes one that has no more than it');
SELECT isnt(pg_temp.as_role('gatehouse_app', format('SELECT gatehouse.create_api_key(%L, %L)', :'ada', 'nothing')), NULL, 'or nothing');
SELECT isnt(pg_temp.as_role('gatehouse_admin', format('SELECT gatehouse.create_api_key(%L, %L, %L)', :'ada', 'more', '{write:users}')), NULL,
  'an administrator is not held to it');
SELECT gatehouse.sign_in_with_session(:'token') \g /dev/null
SELECT isnt(pg_temp.as_role('gatehouse_app', format('SELECT gatehouse.create_api_key(%L, %L, %L)', :'ada', 'more', '{write:users}')), NULL,
  'whom no scopes restrict makes any');
SELECT isnt(pg_temp.as_role('gatehouse_app', format('SELECT gatehouse.create_refresh_token(%L)', :'ada')), NULL, 'and a session');
SELECT gatehouse.sign_out() \g /dev/null
SELECT is(gatehouse.sign_in_with_access_token(NULL), false, 'NULL signs nobody in');

\if :has_ring
SELECT gatehouse.issue_access_token(:'ada', :'session') AS access \gset
SELECT is(gatehouse.sign_in_with_access_token(token => :'access'), true, 'a valid token signs in');
SELECT results_eq('SELECT * FROM pg_temp.signed_in', format('VALUES (%L::uuid, NULL::uuid, %L::uuid, NULL::text[])', :'ada', :'session'),
  'its account, with its session');
SELECT is(gatehouse.sign_in_with_access_token(:'access', 'orders'), false, 'not for another audience');
SELECT is(gatehouse.current_user_id(), NULL, 'and then nobody is');
SELECT is(gatehouse.sign_in_with_access_token(gatehouse.issue_access_token(:'ada', audience => 'orders'), audience => 'orders'), true, 'for its own');
SELECT results_eq('SELECT * FROM pg_temp.signed_in', format('VALUES (%L::uuid, NULL::uuid, NULL::uuid, NULL::text[])', :'ada'), 'without a session none is');
SELECT gatehouse.sign_out() \g /dev/null
SELECT is(pg_temp.as_role('gatehouse_app', format('SELECT gatehouse.sign_in_with_access_token(%L)', :'access')), 'true', 'an application may');
SELECT gatehouse.sign_out() \g /dev/null

-- Scopes.
SELECT is(gatehouse.sign_in_with_access_token(gatehouse.issue_access_token(:'ada', claims => '{"scope": "read:users write:users"}')), true, 'with scopes');
SELECT is(scopes, '{read:users,write:users}', 'it is restricted to them') FROM pg_temp.signed_in;
SELECT lives_ok($$SELECT gatehouse.require_scope('write:users')$$, 'what they cover passes');
SELECT throws_ok($$SELECT gatehouse.require_scope('delete:users')$$, '42501', NULL, 'and nothing else');
SELECT throws_ok(format('SELECT pg_temp.as_role(%L, %L)', 'gatehouse_app', format('SELECT gatehouse.issue_access_token(%L)', :'ada')), '42501',
  'who is signed in is restricted to scopes', 'nor does it issue one without');
SELECT isnt(pg_temp.as_role('gatehouse_app', format('SELECT gatehouse.issue_access_token(%L, claims => %L)', :'ada', '{"scope": "read:users"}')), NULL,
  'though one with less');
SELECT is(gatehouse.sign_in_with_access_token(gatehouse.issue_access_token(:'ada', claims => '{"scope": ""}')), true, 'with none');
SELECT is(scopes, '{}', 'it has none') FROM pg_temp.signed_in;
SELECT gatehouse.sign_out() \g /dev/null

-- In another's name.
SELECT gatehouse.sign_in_with_session(:'token') \g /dev/null
SELECT gatehouse.sign_in_as(:'bob') \g /dev/null
SELECT gatehouse.issue_access_token(:'bob') AS access \gset
SELECT gatehouse.sign_out() \g /dev/null
SELECT is(claims #>> '{act,sub}', :'ada', 'a token that is issued in another''s name says so') FROM gatehouse.verify_access_token(:'access');
SELECT is(gatehouse.sign_in_with_access_token(:'access'), true, 'it signs in');
SELECT results_eq('SELECT user_id, impersonator_id FROM pg_temp.signed_in', format('VALUES (%L::uuid, %L::uuid)', :'bob', :'ada'), 'and both are known');
SELECT throws_ok(format('SELECT pg_temp.as_role(%L, %L)', 'gatehouse_app', format('SELECT gatehouse.issue_access_token(%L)', :'ada')), '42501',
  'another account is signed in', 'nobody issues one of another account than his own');
SELECT gatehouse.sign_out() \g /dev/null
SELECT is(gatehouse.revoke_session(:'session'), true, 'its session ends');
SELECT is(gatehouse.sign_in_with_access_token(gatehouse.sign_access_token((claims || jsonb_build_object('sid', :'session'))::text)), false,
  'then a token of it signs in no more') FROM gatehouse.verify_access_token(gatehouse.issue_access_token(:'ada'));
\endif
SELECT * FROM finish();
ROLLBACK;
