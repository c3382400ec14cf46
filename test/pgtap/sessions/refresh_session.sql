-- refresh_session: each token once; a replay ends the session, as an answer. Grace is 0 here, so that the answers are the
-- same with and without a key ring.
BEGIN;
SELECT plan(36);
SET LOCAL client_min_messages = warning;
\ir ../as_role.psql
SELECT ok(gatehouse.library_version() <> '', 'the library is loaded');
SET LOCAL gatehouse.refresh_grace = 0;
SET LOCAL gatehouse.max_sessions_per_user = 0;
SELECT (gatehouse.create_user('ada@example.com', 'ada')).id AS ada \gset
-- The answer to every refusal but reuse_detected.
CREATE FUNCTION pg_temp.nothing_but(status text) RETURNS text LANGUAGE sql AS $$
  SELECT format('SELECT %L::text, NULL::uuid, NULL::uuid, NULL::text, NULL::timestamptz', status)
$$;

-- One rotation.
SELECT session_id AS id, refresh_token AS first,
  expires_at AS expiry FROM gatehouse.create_refresh_token(:'ada', '192.0.2.1', 'old agent', 'laptop') \gset
CREATE TEMP TABLE answer AS SELECT * FROM gatehouse.refresh_session(:'first', ip => '192.0.2.2',
  user_agent => repeat('n', 600));
SELECT columns_are('answer', ARRAY['status', 'session_id', 'user_id', 'refresh_token', 'expires_at'],
  'the answer has the documented columns');
SELECT results_eq('SELECT status, session_id, user_id, expires_at FROM answer',
  format('VALUES (%L::text, %L::uuid, %L::uuid, %L::timestamptz)', 'ok', :'id', :'ada', :'expiry'),
  'a live token gives ok, its session and account, and the expiry that it had');
SELECT refresh_token AS second FROM answer \gset
SELECT matches(:'second'::text, '^[A-Za-z0-9_-]{64}$', 'its successor is a token');
SELECT isnt(:'second'::text, :'first'::text, 'another one');
SELECT results_eq(format('SELECT rotations, ip, user_agent, device FROM gatehouse.sessions WHERE session_id = %L',
  :'id'),
  $$VALUES (1::bigint, '192.0.2.2'::inet, repeat('n', 512), 'laptop'::text)$$,
    'address and agent, cut to 512, are the last ones; there is one row');
SELECT ok(idle_expires_at > created_at + interval '14 days' AND idle_expires_at = last_used_at + interval '14 days',
  'the idle time begins anew')
  FROM gatehouse.sessions WHERE session_id = :'id';
SELECT refresh_token AS third FROM gatehouse.refresh_session(:'second') \gset
SELECT is(ip, '192.0.2.2',
  'an address that is not given leaves the last one') FROM gatehouse.sessions WHERE session_id = :'id';
SELECT is(pg_temp.as_role('gatehouse_app',
  format('SELECT refresh_token FROM gatehouse.refresh_session(%L)', :'third')) ~ '^.{64}$', true,
  'an application may call it');

-- Replay of the token before, then of the newest.
SELECT session_id AS id, refresh_token AS first FROM gatehouse.create_refresh_token(:'ada') \gset
SELECT refresh_token AS second FROM gatehouse.refresh_session(:'first') \gset
SELECT results_eq(format('SELECT * FROM gatehouse.refresh_session(%L)', :'first'),
  format('VALUES (%L::text, %L::uuid, %L::uuid, NULL::text, NULL::timestamptz)', 'reuse_detected', :'id', :'ada'),
  'a used token gives reuse_detected with the session and account, and no token');
SELECT results_eq(format('SELECT * FROM gatehouse.refresh_session(%L)', :'second'), pg_temp.nothing_but('revoked'),
  'the newest token is dead then');
SELECT results_eq(format('SELECT * FROM gatehouse.refresh_session(%L)', :'first'), pg_temp.nothing_but('revoked'),
  'and a second replay tells no more');
SELECT is(revocation, 'reuse', 'the row says why') FROM gatehouse.sessions WHERE session_id = :'id';
SELECT is_empty(format('SELECT * FROM gatehouse.verify_refresh_token(%L)', :'second'), 'the session is not live');

-- Replay of a token from long before.
SELECT refresh_token AS first FROM gatehouse.create_refresh_token(:'ada') \gset
SELECT refresh_token AS second FROM gatehouse.refresh_session(:'first') \gset
SELECT refresh_token AS third FROM gatehouse.refresh_session(:'second') \gset
SELECT is(status, 'reuse_detected',
  'a token from two rotations ago gives reuse_detected') FROM gatehouse.refresh_session(:'first');
SELECT is(status, 'revoked', 'and the newest is dead') FROM gatehouse.refresh_session(:'third');

-- A secret that never was, beside a locator that is: whoever knows the locator held a token once.
SELECT refresh_token AS first FROM gatehouse.create_refresh_token(:'ada') \gset
SELECT is(status, 'reuse_detected', 'the locator of a session with a secret that it never had ends the session')
  FROM gatehouse.refresh_session(left(:'first', 22) || repeat('A', 42));

-- What is no token.
SELECT refresh_token AS first FROM gatehouse.create_refresh_token(:'ada') \gset
SELECT results_eq(format('SELECT * FROM gatehouse.refresh_session(%L)', token), pg_temp.nothing_but('invalid'),
  format('invalid for %s', what))
  FROM (VALUES
    (1, NULL, 'NULL'), (2, '', 'the empty text'), (3, repeat('A', 64), 'a token that was never made'),
      (4, :'first' || 'A', 'a token and one character more'),
    (5, left(:'first', -1), 'a token cut short'), (6, :'first' || '=', 'a padded token'),
      (7, :'first' || E'\n', 'a token before a line end'),
    (8, ' ' || :'first', 'a token after a blank'),
      (9, overlay(:'first' placing '+' from 40), 'a token of another alphabet'),
      (10, repeat('A', 1000000), 'a megabyte')
  ) AS v (place, token, what)
 ORDER BY place;
SELECT is(status, 'ok', 'none of which touched the session') FROM gatehouse.refresh_session(:'first');

-- The ends of a session, each at its exact moment.
SELECT session_id AS id, refresh_token AS first FROM gatehouse.create_refresh_token(:'ada') \gset
UPDATE gatehouse.sessions SET expires_at = clock_timestamp() WHERE session_id = :'id';
SELECT results_eq(format('SELECT * FROM gatehouse.refresh_session(%L)', :'first'), pg_temp.nothing_but('expired'),
  'expired after its lifetime');
UPDATE gatehouse.sessions SET expires_at = clock_timestamp() + interval '1 hour',
  idle_expires_at = clock_timestamp() WHERE session_id = :'id';
SELECT results_eq(format('SELECT * FROM gatehouse.refresh_session(%L)', :'first'), pg_temp.nothing_but('expired'),
  'expired after its idle time');
UPDATE gatehouse.sessions SET idle_expires_at = clock_timestamp() + interval '1 minute' WHERE session_id = :'id';
SELECT is(status, 'ok', 'ok before either') FROM gatehouse.refresh_session(:'first');
SELECT is(idle_expires_at, expires_at,
  'the new idle time ends with the session') FROM gatehouse.sessions WHERE session_id = :'id';

SELECT session_id AS id, refresh_token AS first FROM gatehouse.create_refresh_token(:'ada') \gset
UPDATE gatehouse.users SET is_active = false WHERE id = :'ada';
SELECT results_eq(format('SELECT * FROM gatehouse.refresh_session(%L)', :'first'), pg_temp.nothing_but('revoked'),
  'revoked while the account is stopped');
UPDATE gatehouse.users SET is_active = true, deleted_at = now() WHERE id = :'ada';
SELECT results_eq(format('SELECT * FROM gatehouse.refresh_session(%L)', :'first'), pg_temp.nothing_but('revoked'),
  'revoked once the account is deleted');
UPDATE gatehouse.users SET deleted_at = NULL WHERE id = :'ada';
SELECT is(status, 'ok', 'neither used the token up') FROM gatehouse.refresh_session(:'first');

SELECT throws_ok($$SELECT gatehouse.make_successor('no token', 0)$$, '22023', 'argument "token" is malformed',
  'nothing succeeds what is no token');

SELECT * FROM finish();
ROLLBACK;
