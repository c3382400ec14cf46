-- verify_refresh_token: the live session whose current token this is; a stored digest is never a token.
BEGIN;
SELECT plan(37);
SET LOCAL client_min_messages = warning;
\ir ../as_role.psql
SELECT ok(gatehouse.library_version() <> '', 'the library is loaded');
SET LOCAL gatehouse.refresh_grace = 0;
SELECT (gatehouse.create_user('ada@example.com', 'ada')).id AS ada \gset
SELECT session_id AS id,
  refresh_token AS first FROM gatehouse.create_refresh_token(:'ada', '192.0.2.1', 'agent', 'laptop') \gset

CREATE TEMP TABLE answer AS SELECT * FROM gatehouse.verify_refresh_token(:'first');
SELECT columns_are('answer',
  ARRAY['session_id', 'user_id', 'device', 'ip', 'user_agent', 'created_at', 'last_used_at', 'expires_at',
    'idle_expires_at', 'is_current'],
  'a session has the documented columns and no digest');
SELECT results_eq('SELECT * FROM answer',
  format($$SELECT session_id, user_id, device, ip, user_agent, created_at, last_used_at, expires_at, idle_expires_at, true
             FROM gatehouse.sessions WHERE session_id = %L$$, :'id'),
  'the session of a live token');
SELECT isnt_empty(format('SELECT * FROM gatehouse.verify_refresh_token(%L)', :'first'), 'verifying uses nothing up');
SELECT is(pg_temp.as_role('gatehouse_app',
  format('SELECT device FROM gatehouse.verify_refresh_token(token => %L)', :'first')), 'laptop',
  'an application may call it');
SELECT refresh_token AS second FROM gatehouse.refresh_session(:'first') \gset
SELECT is_empty(format('SELECT * FROM gatehouse.verify_refresh_token(%L)', :'first'),
  'a used token is not the current one');
SELECT is(status, 'ok', 'though asking is no replay') FROM gatehouse.refresh_session(:'second');
UPDATE gatehouse.sessions SET revoked_at = NULL;
SELECT session_id AS id, refresh_token AS first FROM gatehouse.create_refresh_token(:'ada') \gset
SELECT refresh_token AS token FROM gatehouse.refresh_session(:'first') \gset

-- What is stored, in every text form, as a token.
CREATE TEMP TABLE stolen AS
  SELECT v.what, f.form, f.token
    FROM gatehouse.sessions s,
         LATERAL (VALUES ('the token''s digest', s.token_digest), ('the locator''s digest', s.locator_digest),
           ('the digest of the token before', s.previous_digest),
                         ('both digests', s.locator_digest || s.token_digest),
                           ('half a digest and a digest', substr(s.locator_digest, 1, 16) || s.token_digest),
                         ('half a locator''s digest and the previous digest',
                           substr(s.locator_digest, 1, 16) || s.previous_digest)) AS v (what, bytes),
         LATERAL (VALUES ('hex', encode(v.bytes, 'hex')), ('base64', translate(encode(v.bytes, 'base64'), E'\n', '')),
                         ('base64url', rtrim(translate(encode(v.bytes, 'base64'), E'+/\n', '-_'), '='))) AS f (form,
                           token)
   WHERE s.session_id = :'id';
SELECT is_empty(format('SELECT * FROM gatehouse.verify_refresh_token(%L)', token),
  format('%s as %s opens nothing', what, form)) FROM stolen ORDER BY what, form;
SELECT is_empty(
  $$SELECT s.what, s.form, r.status FROM stolen s, gatehouse.refresh_session(s.token) r WHERE r.status <> 'invalid'$$,
  'nor does any of them refresh');
SELECT is_empty('SELECT s.what, s.form FROM stolen s WHERE gatehouse.revoke_refresh_token(s.token)', 'nor revoke');
SELECT isnt_empty(format('SELECT * FROM gatehouse.verify_refresh_token(%L)', :'token'), 'the session lived through it');

-- Ends.
SELECT is_empty('SELECT * FROM gatehouse.verify_refresh_token(NULL)', 'no row for NULL');
SELECT is_empty($$SELECT * FROM gatehouse.verify_refresh_token('')$$, 'no row for the empty text');
SELECT is_empty(format('SELECT * FROM gatehouse.verify_refresh_token(%L)', left(:'token', 22) || repeat('A', 42)),
  'no row for the locator with another secret');
UPDATE gatehouse.sessions SET expires_at = clock_timestamp() WHERE session_id = :'id';
SELECT is_empty(format('SELECT * FROM gatehouse.verify_refresh_token(%L)', :'token'), 'no row after its lifetime');
UPDATE gatehouse.sessions SET expires_at = clock_timestamp() + interval '1 hour',
  idle_expires_at = clock_timestamp() WHERE session_id = :'id';
SELECT is_empty(format('SELECT * FROM gatehouse.verify_refresh_token(%L)', :'token'), 'no row after its idle time');
UPDATE gatehouse.sessions SET idle_expires_at = expires_at, revoked_at = now() WHERE session_id = :'id';
SELECT is_empty(format('SELECT * FROM gatehouse.verify_refresh_token(%L)', :'token'), 'no row after its revocation');
UPDATE gatehouse.sessions SET revoked_at = NULL WHERE session_id = :'id';
UPDATE gatehouse.users SET is_active = false WHERE id = :'ada';
SELECT is_empty(format('SELECT * FROM gatehouse.verify_refresh_token(%L)', :'token'),
  'no row while the account is stopped');
UPDATE gatehouse.users SET is_active = true, deleted_at = now() WHERE id = :'ada';
SELECT is_empty(format('SELECT * FROM gatehouse.verify_refresh_token(%L)', :'token'),
  'no row once the account is deleted');
UPDATE gatehouse.users SET deleted_at = NULL WHERE id = :'ada';
SELECT isnt_empty(format('SELECT * FROM gatehouse.verify_refresh_token(%L)', :'token'), 'a row without any of that');

SELECT * FROM finish();
ROLLBACK;
