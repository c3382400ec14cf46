-- set_active: what a stop ends, what it leaves, and that one with an end lapses at that moment.
BEGIN;
SELECT plan(59);
SET LOCAL client_min_messages = warning;
\ir ../as_role.psql
SELECT ok(gatehouse.library_version() <> '', 'the library is loaded');
SET LOCAL gatehouse.argon2_memory = '7MB';
SET LOCAL gatehouse.argon2_iterations = 5;
SET LOCAL gatehouse.require_verified_email = off;

CREATE TEMP TABLE account AS
  SELECT u.id, u.username FROM (VALUES ('ada'), ('bob'), ('deleted')) AS v (name),
       LATERAL gatehouse.create_user(v.name || '@example.com', v.name, 'correct horse battery') u;
CREATE FUNCTION pg_temp.id_of(name text) RETURNS uuid LANGUAGE sql AS $$SELECT a.id FROM pg_temp.account a WHERE a.username = name$$;
SELECT gatehouse.soft_delete_user(pg_temp.id_of('deleted')) AS ignored \gset
CREATE TEMP TABLE held AS
  SELECT a.username, k.api_key, t.session_id, t.refresh_token
    FROM account a, LATERAL gatehouse.create_api_key(a.id, 'a key') k, LATERAL gatehouse.create_refresh_token(a.id) t
   WHERE a.username <> 'deleted';
INSERT INTO gatehouse.one_time_tokens (locator_digest, token_digest, ring_key_id, user_id, subject, purpose, email, created_at, expires_at)
  SELECT decode(md5(a.username), 'hex'), '\x00', 0, a.id, '\x00', 'password_reset', 'a@example.com', now(), now() + interval '1 hour'
    FROM account a WHERE a.username <> 'deleted';
CREATE FUNCTION pg_temp.login(name text) RETURNS text LANGUAGE sql AS $$
  SELECT a.status FROM gatehouse.authenticate_user(name, 'correct horse battery') a
$$;
CREATE FUNCTION pg_temp.key_works(name text) RETURNS boolean LANGUAGE sql AS $$
  SELECT EXISTS (SELECT FROM gatehouse.verify_api_key((SELECT h.api_key FROM pg_temp.held h WHERE h.username = name)))
$$;
CREATE FUNCTION pg_temp.session_works(name text) RETURNS boolean LANGUAGE sql AS $$
  SELECT EXISTS (SELECT FROM gatehouse.verify_refresh_token((SELECT h.refresh_token FROM pg_temp.held h WHERE h.username = name)))
$$;
CREATE FUNCTION pg_temp.standing(name text) RETURNS SETOF record LANGUAGE sql AS $$
  SELECT u.is_active, u.stop_reason, u.stopped_until FROM gatehouse.users u WHERE u.id = pg_temp.id_of(name)
$$;
-- Moves the end of a stop to this moment, as time would.
CREATE FUNCTION pg_temp.lapse(name text) RETURNS void LANGUAGE sql AS $$
  UPDATE gatehouse.users SET stopped_until = clock_timestamp() WHERE id = pg_temp.id_of(name);
  UPDATE gatehouse.api_keys SET owner_stopped_until = clock_timestamp() WHERE user_id = pg_temp.id_of(lapse.name)
$$;
CREATE TEMP TABLE before AS SELECT * FROM gatehouse.users;

SELECT ok(pg_temp.login('ada') = 'ok' AND pg_temp.key_works('ada') AND pg_temp.session_works('ada'), 'login, key and session work');

-- A stop without an end.
SELECT is(pg_temp.as_role('gatehouse_admin', format('SELECT gatehouse.set_active(id => %L, is_active => false, reason => ''spam'')', pg_temp.id_of('ada'))),
  'true', 'an administrator stops an account');
SELECT results_eq($$SELECT * FROM pg_temp.standing('ada') AS s (a boolean, b text, c timestamptz)$$,
  $$VALUES (false, 'spam', NULL::timestamptz)$$, 'with a reason and without an end');
SELECT is(pg_temp.login('ada'), 'invalid_credentials', 'it logs in no more');
SELECT is(pg_temp.key_works('ada'), false, 'its keys are refused');
SELECT is(pg_temp.session_works('ada'), false, 'its sessions too');
SELECT is((SELECT r.status FROM held h, gatehouse.refresh_session(h.refresh_token) r WHERE h.username = 'ada'), 'revoked', 'and not refreshed');
SELECT is((SELECT s.revocation FROM held h JOIN gatehouse.sessions s USING (session_id) WHERE h.username = 'ada'), 'account_stopped',
  'since they are ended');
SELECT is((SELECT count(*)::int FROM gatehouse.one_time_tokens WHERE user_id = pg_temp.id_of('ada')), 0, 'tokens that were sent out are gone');
SELECT is((SELECT is_active FROM gatehouse.get_user_by_id(pg_temp.id_of('ada'))), false, 'user_info says that it is stopped');
SELECT ok(u.updated_at > b.updated_at, 'and when it was changed') FROM before b JOIN gatehouse.users u USING (id) WHERE b.username = 'ada';
SELECT throws_ok(format('SELECT gatehouse.%s', format(call, pg_temp.id_of('ada'))), '22023', 'no live account has this id', 'nothing new: ' || call)
  FROM (VALUES ('create_api_key(%L, ''another'')'), ('create_refresh_token(%L)'), ('link_oauth(%L, ''example'', ''1'')')) AS v (call);
SELECT ok(pg_temp.login('bob') = 'ok' AND pg_temp.key_works('bob') AND pg_temp.session_works('bob')
          AND EXISTS (SELECT FROM gatehouse.one_time_tokens WHERE user_id = pg_temp.id_of('bob')), 'another account goes on');
SELECT is(gatehouse.set_active(pg_temp.id_of('ada'), false), true, 'who is stopped can be stopped');
SELECT results_eq($$SELECT * FROM pg_temp.standing('ada') AS s (a boolean, b text, c timestamptz)$$,
  $$VALUES (false, NULL::text, NULL::timestamptz)$$, 'the last word holds');

-- Going on.
SELECT is(gatehouse.set_active(pg_temp.id_of('ada'), true), true, 'the account goes on');
SELECT results_eq($$SELECT * FROM pg_temp.standing('ada') AS s (a boolean, b text, c timestamptz)$$,
  $$VALUES (true, NULL::text, NULL::timestamptz)$$, 'and nothing of the stop is left');
SELECT is(pg_temp.login('ada'), 'ok', 'it logs in');
SELECT is(pg_temp.key_works('ada'), true, 'its keys work again');
SELECT is(pg_temp.session_works('ada'), false, 'what was ended stays ended');
CREATE TEMP TABLE seen AS SELECT updated_at FROM gatehouse.users WHERE id = pg_temp.id_of('ada');
SELECT is(gatehouse.set_active(pg_temp.id_of('ada'), true), true, 'who goes on can go on');
SELECT is((SELECT updated_at FROM gatehouse.users WHERE id = pg_temp.id_of('ada')), (SELECT updated_at FROM seen), 'which changes nothing');

-- A stop with an end.
SELECT clock_timestamp() + interval '1 hour' AS later \gset
SELECT is((SELECT count(t.session_id)::int FROM gatehouse.create_refresh_token(pg_temp.id_of('ada')) t), 1, 'a new session');
SELECT is(gatehouse.set_active(pg_temp.id_of('ada'), false, 'calm down', until => :'later'), true, 'a stop until later');
SELECT results_eq($$SELECT * FROM pg_temp.standing('ada') AS s (a boolean, b text, c timestamptz)$$,
  format($$VALUES (false, 'calm down', %L::timestamptz)$$, :'later'), 'is noted with its end');
SELECT is((SELECT bool_and(k.owner_stopped_until = :'later' AND NOT k.owner_is_live) FROM gatehouse.api_keys k WHERE k.user_id = pg_temp.id_of('ada')),
  true, 'with the keys too');
SELECT ok(pg_temp.login('ada') = 'invalid_credentials' AND NOT pg_temp.key_works('ada'), 'until then neither login nor key works');
SELECT is((SELECT count(*)::int FROM gatehouse.sessions WHERE user_id = pg_temp.id_of('ada') AND revoked_at IS NULL), 0, 'nor a session');
SELECT pg_temp.lapse('ada') AS ignored \gset
SELECT is(pg_temp.login('ada'), 'ok', 'from then on it logs in');
SELECT is(pg_temp.key_works('ada'), true, 'its keys work');
SELECT is((SELECT is_active FROM gatehouse.get_user_by_id(pg_temp.id_of('ada'))), true, 'user_info says that it is active');
CREATE TEMP TABLE fresh AS SELECT t.* FROM gatehouse.create_refresh_token(pg_temp.id_of('ada')) t;
SELECT is((SELECT count(*)::int FROM fresh f, gatehouse.verify_refresh_token(f.refresh_token)), 1, 'a session that it opens is verified');
SELECT is((SELECT r.status FROM fresh f, gatehouse.refresh_session(f.refresh_token) r), 'ok', 'and refreshed');
SELECT is((SELECT count(*)::int FROM gatehouse.create_api_key(pg_temp.id_of('ada'), 'another') c, gatehouse.verify_api_key(c.api_key)), 1,
  'a key that it makes works');
SELECT is(gatehouse.set_active(pg_temp.id_of('ada'), false), true, 'who was stopped can be stopped again');
SELECT is((SELECT count(*)::int FROM gatehouse.sessions WHERE user_id = pg_temp.id_of('ada') AND revoked_at IS NULL), 0, 'with all that was opened since');
SELECT is((SELECT bool_or(k.owner_is_live OR k.owner_stopped_until IS NOT NULL) FROM gatehouse.api_keys k WHERE k.user_id = pg_temp.id_of('ada')), false,
  'and every key');
SELECT is(gatehouse.set_active(pg_temp.id_of('bob'), false, until => 'infinity'), true, 'a stop until the end of time');
SELECT is(pg_temp.key_works('bob'), false, 'has no end');
SELECT is(gatehouse.set_active(pg_temp.id_of('bob'), false, until => clock_timestamp() + interval '1 hour'), true, 'a stop can be shortened');
SELECT pg_temp.lapse('bob') AS ignored \gset
SELECT is(gatehouse.set_active(pg_temp.id_of('bob'), true), true, 'and, when it is over, cleared');
SELECT results_eq($$SELECT * FROM pg_temp.standing('bob') AS s (a boolean, b text, c timestamptz)$$,
  $$VALUES (true, NULL::text, NULL::timestamptz)$$, 'so that nothing of it is left');

-- Nobody.
SELECT is(gatehouse.set_active(pg_temp.id_of('deleted'), false), false, 'a deleted account is not stopped');
SELECT is(gatehouse.set_active(pg_temp.id_of('deleted'), true), false, 'nor goes on');
SELECT is(gatehouse.set_active(gatehouse.uuid_v7(), false), false, 'neither does no account');
SELECT is((SELECT count(*)::int FROM gatehouse.users u JOIN before b USING (id) WHERE u.username = 'deleted' AND u IS DISTINCT FROM b), 0,
  'the deleted account is untouched');

-- Wrong use.
SELECT throws_ok(format('SELECT gatehouse.set_active(%s)', arguments), '22023', message, arguments)
  FROM (VALUES
    (1, 'NULL, false', 'arguments "id" and "is_active" must not be null'),
    (2, 'gatehouse.uuid_v7(), NULL', 'arguments "id" and "is_active" must not be null'),
    (3, 'gatehouse.uuid_v7(), true, ''why''', 'only a stop has a reason and an end'),
    (4, 'gatehouse.uuid_v7(), true, until => now() + interval ''1 day''', 'only a stop has a reason and an end'),
    (5, 'gatehouse.uuid_v7(), false, until => clock_timestamp()', 'end of a stop must be in the future'),
    (6, 'gatehouse.uuid_v7(), false, until => ''-infinity''', 'end of a stop must be in the future'),
    (7, 'gatehouse.uuid_v7(), false, repeat(''a'', 1001)', 'reason must have at most 1000 characters')
  ) AS v (place, arguments, message)
 ORDER BY place;
SELECT is(gatehouse.set_active(pg_temp.id_of('bob'), false, repeat('ä', 1000)), true, 'a reason of 1000 characters is none too long');
SELECT throws_ok($$SELECT pg_temp.as_role('gatehouse_app', 'SELECT gatehouse.set_active(gatehouse.uuid_v7(), false)')$$,
  '42501', 'permission denied for function set_active', 'an application stops nobody');
SET LOCAL transaction_read_only = on;
SELECT throws_ok(format('SELECT gatehouse.set_active(%L, false)', pg_temp.id_of('bob')), '25006',
  'cannot execute SELECT FOR NO KEY UPDATE in a read-only transaction', 'a read-only transaction is refused');

SELECT * FROM finish();
ROLLBACK;
