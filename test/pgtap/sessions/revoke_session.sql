-- revoke_session and revoke_all_user_sessions: sessions ended by their ids, and all of an account but one.
BEGIN;
SELECT plan(26);
SET LOCAL client_min_messages = warning;
\ir ../as_role.psql
SET LOCAL gatehouse.refresh_grace = 0;
SET LOCAL gatehouse.max_sessions_per_user = 0;
SELECT (gatehouse.create_user('ada@example.com', 'ada')).id AS ada \gset
SELECT (gatehouse.create_user('bob@example.com', 'bob')).id AS bob \gset
SELECT session_id AS first, refresh_token AS first_token FROM gatehouse.create_refresh_token(:'ada') \gset
SELECT session_id AS second, refresh_token AS second_token FROM gatehouse.create_refresh_token(:'ada') \gset
SELECT session_id AS third, refresh_token AS third_token FROM gatehouse.create_refresh_token(:'ada') \gset
SELECT session_id AS bobs, refresh_token AS bobs_token FROM gatehouse.create_refresh_token(:'bob') \gset
CREATE FUNCTION pg_temp.live(user_id uuid) RETURNS uuid[] LANGUAGE sql AS
  $$SELECT ARRAY(SELECT s.session_id FROM gatehouse.get_user_sessions(live.user_id) s ORDER BY s.session_id)$$;

SELECT is(gatehouse.revoke_session(session_id => :'first'), true, 'a live session is ended');
SELECT is(status, 'revoked', 'its token is revoked') FROM gatehouse.refresh_session(:'first_token');
SELECT is(revocation, 'logout', 'the row says why') FROM gatehouse.sessions WHERE session_id = :'first';
SELECT is(gatehouse.revoke_session(:'first'), false, 'a second time there is nothing to end');
SELECT is(gatehouse.revoke_session(gatehouse.uuid_v7()), false, 'nor of an unknown id');
SELECT is(gatehouse.revoke_session(:'second', :'bob'), false, 'nor of another account than the one that is told');
SELECT is(pg_temp.live(:'ada'), ARRAY[:'second', :'third']::uuid[], 'which is untouched');
SELECT is(pg_temp.as_role('gatehouse_app', format('SELECT gatehouse.revoke_session(%L, user_id => %L)', :'second', :'ada')), 'true',
  'of the one that is told, by an application');
UPDATE gatehouse.sessions SET idle_expires_at = clock_timestamp() WHERE session_id = :'third';
SELECT is(gatehouse.revoke_session(:'third'), false, 'what has lapsed is not ended again');
SELECT throws_ok('SELECT gatehouse.revoke_session(NULL)', '22023', 'argument "session_id" must not be null', 'NULL is wrong use');

-- While somebody is signed in.
SELECT session_id AS first, refresh_token AS first_token FROM gatehouse.create_refresh_token(:'ada') \gset
SELECT session_id AS second, refresh_token AS second_token FROM gatehouse.create_refresh_token(:'ada') \gset
SELECT session_id AS third, refresh_token AS third_token FROM gatehouse.create_refresh_token(:'ada') \gset
SELECT gatehouse.sign_in_with_session(:'bobs_token') \g /dev/null
SELECT is(pg_temp.as_role('gatehouse_app', format('SELECT gatehouse.revoke_session(%L)', :'first')), 'false', 'another''s session is not ended');
SELECT throws_ok(format('SELECT pg_temp.as_role(%L, %L)', 'gatehouse_app', q), '42501', 'another account is signed in', 'nor with another''s id: ' || q)
  FROM unnest(ARRAY[format('SELECT gatehouse.revoke_session(%L, %L)', :'first', :'ada'),
                    format('SELECT gatehouse.revoke_all_user_sessions(%L)', :'ada')]) q;
SELECT is(pg_temp.as_role('gatehouse_app', format('SELECT gatehouse.revoke_refresh_token(%L)', :'first_token')), 'false', 'nor by its token');
SELECT gatehouse.sign_out() \g /dev/null
SELECT is(pg_temp.live(:'ada'), ARRAY[:'first', :'second', :'third']::uuid[], 'they live');
SELECT gatehouse.sign_in_with_session(:'first_token') \g /dev/null
SELECT is(pg_temp.as_role('gatehouse_app', format('SELECT gatehouse.revoke_session(%L)', :'third')), 'true', 'one''s own is');
SELECT gatehouse.sign_out() \g /dev/null

-- All.
SELECT is(gatehouse.revoke_all_user_sessions(:'ada', except_session => :'second'), 1::bigint, 'all but one: their number');
SELECT is(pg_temp.live(:'ada'), ARRAY[:'second']::uuid[], 'the one is spared');
SELECT is(status, 'ok', 'and goes on') FROM gatehouse.refresh_session(:'second_token');
SELECT is(gatehouse.revoke_all_user_sessions(:'ada', :'bobs'), 1::bigint, 'a session of another account spares none');
SELECT is(pg_temp.live(:'ada'), '{}'::uuid[], 'all are gone');
SELECT is(pg_temp.live(:'bob'), ARRAY[:'bobs']::uuid[], 'and none of another account');
SELECT is(gatehouse.revoke_all_user_sessions(:'ada'), 0::bigint, 'then there are none');
SELECT is(pg_temp.as_role('gatehouse_app', format('SELECT gatehouse.revoke_all_user_sessions(user_id => %L)', :'bob')), '1', 'an application may');
SELECT is(gatehouse.revoke_all_user_sessions(gatehouse.uuid_v7()), 0::bigint, 'an unknown account has none');
SELECT throws_ok('SELECT gatehouse.revoke_all_user_sessions(NULL)', '22023', 'argument "user_id" must not be null', 'NULL is wrong use');

SELECT * FROM finish();
ROLLBACK;
