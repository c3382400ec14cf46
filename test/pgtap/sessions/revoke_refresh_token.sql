-- revoke_refresh_token: ends the session that a token belongs to.
BEGIN;
SELECT plan(13);
SET LOCAL client_min_messages = warning;
\ir ../as_role.psql
SELECT ok(gatehouse.library_version() <> '', 'the library is loaded');
SET LOCAL gatehouse.refresh_grace = 0;
SELECT (gatehouse.create_user('ada@example.com', 'ada')).id AS ada \gset
SELECT session_id AS id, refresh_token AS first FROM gatehouse.create_refresh_token(:'ada') \gset
SELECT refresh_token AS other FROM gatehouse.create_refresh_token(:'ada') \gset

SELECT is(gatehouse.revoke_refresh_token(token => :'first'), true, 'a live session is ended');
SELECT is(status, 'revoked', 'its token gives revoked') FROM gatehouse.refresh_session(:'first');
SELECT is(revocation, 'logout', 'the row says why') FROM gatehouse.sessions WHERE session_id = :'id';
SELECT revoked_at AS first_time FROM gatehouse.sessions WHERE session_id = :'id' \gset
SELECT is(gatehouse.revoke_refresh_token(:'first'), false, 'the second time there is nothing to end');
SELECT is(revoked_at, :'first_time'::timestamptz,
  'and the time of the first stays') FROM gatehouse.sessions WHERE session_id = :'id';
SELECT isnt_empty(format('SELECT * FROM gatehouse.verify_refresh_token(%L)', :'other'), 'the other session lives');
SELECT refresh_token AS newest FROM gatehouse.refresh_session(:'other') \gset
SELECT is(pg_temp.as_role('gatehouse_app', format('SELECT gatehouse.revoke_refresh_token(%L)', :'other')), 'true',
  'a used token ends its session too, by an application');
SELECT is(status, 'revoked', 'so that its newest token is dead') FROM gatehouse.refresh_session(:'newest');
SELECT is(gatehouse.revoke_refresh_token(NULL), false, 'NULL ends nothing');
SELECT is(gatehouse.revoke_refresh_token('no token'), false, 'what is no token ends nothing');
SELECT is(gatehouse.revoke_refresh_token(repeat('A', 64)), false, 'an unknown token ends nothing');
SELECT session_id AS id, refresh_token AS first FROM gatehouse.create_refresh_token(:'ada') \gset
UPDATE gatehouse.sessions SET idle_expires_at = clock_timestamp() WHERE session_id = :'id';
SELECT is(gatehouse.revoke_refresh_token(:'first'), false, 'what has expired is not ended again');

SELECT * FROM finish();
ROLLBACK;
