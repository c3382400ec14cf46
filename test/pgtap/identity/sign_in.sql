-- Signing in and out: who may, what is known afterwards, and when it ends.
BEGIN;
SELECT plan(71);
SET LOCAL client_min_messages = warning;
\ir ../as_role.psql
\ir ../diagnose.psql

SELECT (gatehouse.create_user('ada@example.com', 'ada')).id AS ada \gset
SELECT (gatehouse.create_user('bob@example.com', 'bob')).id AS bob \gset
SELECT (gatehouse.create_user('eve@example.com', 'eve')).id AS eve \gset
SELECT gatehouse.register_scope(s) FROM unnest(ARRAY['read:users', 'write:users', 'deploy']) AS s \g /dev/null
SELECT id AS key_id, api_key AS key FROM gatehouse.create_api_key(:'ada', 'laptop', ARRAY['read:*', 'write:users']) \gset
SELECT id AS bare_id, api_key AS bare FROM gatehouse.create_api_key(:'bob', 'no scopes') \gset
SELECT id AS service_id, api_key AS service FROM gatehouse.create_api_key(NULL, 'service', ARRAY['deploy']) \gset
SELECT api_key AS bound FROM gatehouse.create_api_key(:'ada', 'bound', ip_allow => '{192.0.2.0/24}') \gset
SELECT session_id, refresh_token AS token FROM gatehouse.create_refresh_token(:'ada') \gset

-- Everything that the identity tells, in one row.
CREATE VIEW pg_temp.signed_in AS
  SELECT gatehouse.current_user_id() AS user_id, gatehouse.current_impersonator_id() AS impersonator_id,
         gatehouse.current_api_key_id() AS api_key_id, gatehouse.current_session_id() AS session_id, gatehouse.current_scopes() AS scopes;
CREATE FUNCTION pg_temp.is_signed_in(user_id uuid, impersonator_id uuid, api_key_id uuid, session_id uuid, scopes text[], description text)
RETURNS text LANGUAGE sql AS $$
  SELECT is(s::text, ROW($1, $2, $3, $4, $5)::text, description) FROM pg_temp.signed_in s
$$;
CREATE FUNCTION pg_temp.is_nobody(description text) RETURNS text LANGUAGE sql AS $$
  SELECT pg_temp.is_signed_in(NULL, NULL, NULL, NULL, NULL, description)
$$;

SELECT pg_temp.is_nobody('nobody is signed in at the start');
SELECT lives_ok('SELECT gatehouse.sign_out()', 'signing out where nobody is signed in is no error');

-- With an API key.
SELECT is(gatehouse.sign_in_with_api_key(:'key'), true, 'a live key signs in');
SELECT pg_temp.is_signed_in(:'ada', NULL, :'key_id', NULL, '{read:*,write:users}', 'as its owner, with its scopes');
SELECT is(gatehouse.sign_in_with_api_key(api_key => :'bare', required_scopes => '{}', ip => '192.0.2.1'), true, 'another key signs in over it');
SELECT pg_temp.is_signed_in(:'bob', NULL, :'bare_id', NULL, '{}', 'and nothing of the first is left; no scopes are the empty list');
SELECT is(gatehouse.sign_in_with_api_key(:'service'), true, 'a service key signs in');
SELECT pg_temp.is_signed_in(NULL, NULL, :'service_id', NULL, '{deploy}', 'as no account');
SELECT is(gatehouse.sign_in_with_api_key(:'key', '{write:users,read:anything}'), true, 'a key that holds the required scopes signs in');
SELECT gatehouse.sign_out() \g /dev/null
SELECT pg_temp.is_nobody('signing out leaves nobody');

-- With a session.
SELECT is(gatehouse.sign_in_with_session(refresh_token => :'token'), true, 'a live session''s current token signs in');
SELECT pg_temp.is_signed_in(:'ada', NULL, NULL, :'session_id', NULL, 'as its account, restricted to no scopes');
SELECT is(gatehouse.sign_in_with_session(:'token'), true, 'the token is not used up');

-- In another's name.
SELECT is(gatehouse.sign_in_as(user_id => :'bob'), true, 'an administrator signs in as a live account');
SELECT pg_temp.is_signed_in(:'bob', :'ada', NULL, :'session_id', NULL, 'both parties are known, and by which session');
SELECT is(gatehouse.sign_in_as(:'eve'), true, 'and as another');
SELECT pg_temp.is_signed_in(:'eve', :'ada', NULL, :'session_id', NULL, 'the impersonator is who proved himself, not whose name he used');
SELECT is(gatehouse.sign_in_as(:'ada'), true, 'and as himself again');
SELECT pg_temp.is_signed_in(:'ada', NULL, NULL, :'session_id', NULL, 'which is no impersonation');
SELECT gatehouse.sign_in_with_api_key(:'key') \g /dev/null
SELECT gatehouse.sign_in_as(:'bob') \g /dev/null
SELECT pg_temp.is_signed_in(:'bob', :'ada', :'key_id', NULL, '{read:*,write:users}', 'the scopes of a key that signed in before still hold');
SELECT gatehouse.sign_in_with_api_key(:'service') \g /dev/null
SELECT gatehouse.sign_in_as(:'bob') \g /dev/null
SELECT pg_temp.is_signed_in(:'bob', NULL, :'service_id', NULL, '{deploy}', 'a service key that acts in somebody''s name is on record itself');
SELECT gatehouse.sign_out() \g /dev/null
SELECT gatehouse.sign_in_as(:'bob') \g /dev/null
SELECT pg_temp.is_signed_in(:'bob', NULL, NULL, NULL, NULL, 'where nobody was signed in there is no impersonator');
SELECT gatehouse.sign_in_with_session(:'token') \g /dev/null
SELECT pg_temp.is_signed_in(:'ada', NULL, NULL, :'session_id', NULL, 'a sign-in by proof ends acting in another''s name');

-- What is refused leaves nobody signed in, also where somebody was.
CREATE FUNCTION pg_temp.refused(statement text) RETURNS text LANGUAGE plpgsql AS $$
DECLARE
  answer boolean;
BEGIN
  PERFORM gatehouse.sign_in_as((SELECT u.id FROM gatehouse.users u WHERE u.username = 'ada'));
  EXECUTE statement INTO answer;
  RETURN concat(answer, ' ', (SELECT num_nonnulls(s.user_id, s.impersonator_id, s.api_key_id, s.session_id, s.scopes) FROM pg_temp.signed_in s));
END
$$;
SELECT is(pg_temp.refused(statement), 'f 0', what || ' is refused and leaves nobody')
  FROM (VALUES
    (1, $$SELECT gatehouse.sign_in_with_api_key(NULL)$$, 'NULL for a key'),
    (2, $$SELECT gatehouse.sign_in_with_api_key('')$$, 'an empty key'),
    (3, format($$SELECT gatehouse.sign_in_with_api_key(%L || 'x')$$, :'key'), 'a malformed key'),
    (4, format($$SELECT gatehouse.sign_in_with_api_key(%L, '{deploy}')$$, :'key'), 'a key without the required scope'),
    (5, format($$SELECT gatehouse.sign_in_with_api_key(%L)$$, :'bound'), 'a bound key from an unknown address'),
    (6, format($$SELECT gatehouse.sign_in_with_api_key(%L, ip => '198.51.100.1')$$, :'bound'), 'a bound key from another address'),
    (7, $$SELECT gatehouse.sign_in_with_session(NULL)$$, 'NULL for a token'),
    (8, $$SELECT gatehouse.sign_in_with_session('')$$, 'an empty token'),
    (9, format($$SELECT gatehouse.sign_in_with_session(%L)$$, :'key'), 'a key for a token'),
    (10, format($$SELECT gatehouse.sign_in_with_session(%L || 'A')$$, :'token'), 'a token and one character more'),
    (11, format($$SELECT gatehouse.sign_in_with_session(overlay(%L placing repeat('A', 22) from 1 for 22))$$, :'token'), 'a token of no session'),
    (12, format($$SELECT gatehouse.sign_in_with_session(overlay(%1$L placing CASE substr(%1$L, 50, 1) WHEN 'a' THEN 'b' ELSE 'a' END from 50))$$, :'token'),
      'a session''s locator with another secret'),
    (13, format($$SELECT gatehouse.sign_in_with_session(encode((SELECT s.token_digest FROM gatehouse.sessions s WHERE s.session_id = %L), 'hex'))$$, :'session_id'), 'a stored digest'),
    (14, $$SELECT gatehouse.sign_in_with_session(repeat('A', 1000000))$$, 'a megabyte'),
    (15, $$SELECT gatehouse.sign_in_as('00000000-0000-0000-0000-000000000000')$$, 'an account that does not exist')
  ) AS v (place, statement, what)
 ORDER BY place;

-- The life of a session and of its account.
SELECT refresh_token AS next FROM gatehouse.refresh_session(:'token') \gset
SELECT is(gatehouse.sign_in_with_session(:'token'), false, 'a token that was traded for the next is refused');
SELECT is((SELECT revoked_at FROM gatehouse.sessions WHERE session_id = :'session_id'), NULL, 'which ends no session');
SELECT is(gatehouse.sign_in_with_session(:'next'), true, 'its successor signs in');
CREATE FUNCTION pg_temp.after(change text, token text) RETURNS boolean LANGUAGE plpgsql AS $$
DECLARE
  answer boolean;
BEGIN
  EXECUTE change;
  answer := gatehouse.sign_in_with_session(token);
  RAISE EXCEPTION USING ERRCODE = 'T0001', MESSAGE = answer::text;
EXCEPTION WHEN SQLSTATE 'T0001' THEN
  RETURN SQLERRM::boolean;
END
$$;
SELECT is(pg_temp.after(change, :'next'), signs_in, what)
  FROM (VALUES
    (1, 'UPDATE gatehouse.sessions SET expires_at = clock_timestamp()', false, 'refused from the moment of the session''s expiry on'),
    (2, 'UPDATE gatehouse.sessions SET idle_expires_at = clock_timestamp()', false, 'refused from the moment on at which it is idle for too long'),
    (3, 'UPDATE gatehouse.sessions SET revoked_at = clock_timestamp() + interval ''1 hour''', false, 'refused where the session was ended'),
    (4, 'UPDATE gatehouse.users SET is_active = false', false, 'refused where the account is stopped'),
    (5, 'UPDATE gatehouse.users SET is_active = false, stopped_until = clock_timestamp() + interval ''1 hour''', false, 'refused while the stop goes on'),
    (6, 'UPDATE gatehouse.users SET is_active = false, stopped_until = clock_timestamp()', true, 'accepted from the moment on at which the stop ends'),
    (7, 'UPDATE gatehouse.users SET deleted_at = clock_timestamp()', false, 'refused where the account is deleted'),
    (8, 'UPDATE gatehouse.users SET is_active = false, deleted_at = clock_timestamp(), stopped_until = clock_timestamp()', false, 'refused where it is deleted though its stop has ended'),
    (9, 'UPDATE gatehouse.sessions SET ring_key_id = 65535', false, 'refused where the key of the ring is missing'),
    (10, 'SELECT', true, 'accepted otherwise')
  ) AS v (place, change, signs_in, what)
 ORDER BY place;
UPDATE gatehouse.users SET deleted_at = clock_timestamp() WHERE id = :'eve';
SELECT is(gatehouse.sign_in_as(:'eve'), false, 'nobody acts in the name of a deleted account');

-- Wrong use raises, and so brings back who was signed in where the rollback goes to.
SELECT gatehouse.sign_in_as(:'ada') \g /dev/null
SELECT throws_ok(format('SELECT gatehouse.sign_in_with_api_key(%L, NULL)', :'key'), '22023',
  'argument "required_scopes" must not be null', 'NULL is not the same as no required scopes');
SELECT throws_ok('SELECT gatehouse.sign_in_as(NULL)', '22023', 'argument "user_id" must not be null', 'sign_in_as needs an account');
SELECT pg_temp.is_signed_in(:'ada', NULL, NULL, NULL, NULL, 'what failed as a statement has changed nothing');

-- Savepoints.
SAVEPOINT outer_one;
SELECT gatehouse.sign_in_with_api_key(:'bare') \g /dev/null
SAVEPOINT inner_one;
SELECT gatehouse.sign_out() \g /dev/null
SELECT gatehouse.sign_in_with_session(:'next') \g /dev/null
RELEASE inner_one;
SELECT is(gatehouse.current_session_id(), :'session_id', 'what was signed in in a savepoint that is released stays');
ROLLBACK TO outer_one;
SELECT pg_temp.is_signed_in(:'ada', NULL, NULL, NULL, NULL, 'a rollback to a savepoint brings back who was signed in there');
SELECT gatehouse.sign_out() \g /dev/null
SELECT pg_temp.is_nobody('and nobody once he signs out');
ROLLBACK TO outer_one;
SELECT pg_temp.is_signed_in(:'ada', NULL, NULL, NULL, NULL, 'whom a rollback brings back too');
RELEASE outer_one;
DO $$
BEGIN
  PERFORM gatehouse.sign_out();
  RAISE EXCEPTION 'x';
EXCEPTION WHEN raise_exception THEN
  NULL;
END
$$;
SELECT pg_temp.is_signed_in(:'ada', NULL, NULL, NULL, NULL, 'so does a block with an exception handler');

-- Functions with settings of their own.
CREATE FUNCTION pg_temp.sign_in_within(token text) RETURNS boolean LANGUAGE plpgsql SET search_path = pg_catalog SET work_mem = '1MB' AS $$
BEGIN
  RETURN gatehouse.sign_in_with_session(token);
END
$$;
SELECT is(pg_temp.sign_in_within(:'next'), true, 'a function with SET clauses signs in');
SELECT is(gatehouse.current_session_id(), :'session_id', 'which lasts beyond it');

-- A query that signs in and out reads what was so at each moment, and what it has read stays.
SELECT results_eq(
  format($$SELECT gatehouse.current_user_id(), gatehouse.sign_in_as(%L), gatehouse.current_user_id(), gatehouse.sign_out() IS NULL, gatehouse.current_user_id()$$, :'bob'),
  format($$VALUES (%L::uuid, true, %L::uuid, false, NULL::uuid)$$, :'ada', :'bob'),
  'a query reads the identity of the moment');
CREATE TEMP TABLE read AS
  SELECT i, gatehouse.sign_in_as(CASE WHEN i % 2 = 0 THEN :'ada' ELSE :'bob' END::uuid) AS done, gatehouse.current_user_id() AS user_id
    FROM generate_series(1, 1000) i;
SELECT is((SELECT count(*)::integer FROM read WHERE user_id = CASE WHEN i % 2 = 0 THEN :'ada' ELSE :'bob' END::uuid), 1000,
  'a thousand times over');

-- Rights.
SELECT is((SELECT e.state FROM pg_temp.diagnose(format('SELECT pg_temp.as_role(%L, %L)', 'gatehouse_app',
                                                       format('SELECT gatehouse.sign_in_as(%L)', :'bob'))) e),
  '42501', 'an application does not act in anybody''s name');
SELECT is(pg_temp.as_role('gatehouse_app', format('SELECT gatehouse.sign_in_with_session(%L)', :'next')), 'true', 'an application signs in');
SELECT is(pg_temp.as_role('gatehouse_app', 'SELECT gatehouse.current_user_id()'), :'ada', 'and reads who it acts for');
SELECT is(pg_temp.as_role('gatehouse_auditor', 'SELECT gatehouse.current_session_id()'), :'session_id', 'so does an auditor');
SELECT is(pg_temp.as_role('gatehouse_admin', format('SELECT gatehouse.sign_in_as(%L)', :'bob')), 'true', 'an administrator acts in another''s name');
SELECT pg_temp.as_role('gatehouse_app', 'SELECT gatehouse.sign_out()') \g /dev/null
SELECT pg_temp.is_nobody('an application signs out');
SELECT bag_eq(
  $$SELECT p.proname::text, p.provolatile::text, p.proparallel::text, p.proleakproof
      FROM pg_proc p WHERE p.pronamespace = 'gatehouse'::regnamespace AND p.prosrc LIKE 'gatehouse\_identity\_%'$$,
  $$VALUES ('sign_in_as', 'v', 'u', false), ('sign_in_with_access_token', 'v', 'u', false), ('sign_in_with_api_key', 'v', 'u', false), ('sign_in_with_session', 'v', 'u', false), ('sign_out', 'v', 'u', false),
           ('current_user_id', 's', 's', true), ('current_impersonator_id', 's', 's', true), ('current_api_key_id', 's', 's', true),
           ('current_session_id', 's', 's', true), ('current_scopes', 's', 's', true), ('require_scope', 's', 's', false),
           ('acts_for', 's', 'r', false), ('check_acts_for', 's', 'r', false), ('check_scopes_cover', 's', 'r', false)$$,
  'what reads is stable, parallel safe and, where it cannot tell its argument by an error, leakproof');

SELECT * FROM finish();
ROLLBACK;
