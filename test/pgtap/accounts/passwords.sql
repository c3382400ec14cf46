-- change_password and set_password: what an old password proves, what a new one ends, and that a guess here counts as one at
-- the login does.
BEGIN;
SELECT plan(90);
SET LOCAL client_min_messages = warning;
\ir ../as_role.psql
\ir ../diagnose.psql
SELECT ok(gatehouse.library_version() <> '', 'the library is loaded');
SET LOCAL gatehouse.argon2_memory = '7MB';
SET LOCAL gatehouse.argon2_iterations = 5;
SET LOCAL gatehouse.require_verified_email = off;
SET LOCAL gatehouse.address_threshold = 0;
SET LOCAL gatehouse.max_sessions_per_user = 0;
SET LOCAL track_functions = 'all';

CREATE TEMP TABLE account AS
  SELECT u.id, u.username FROM (VALUES ('ada'), ('bob'), ('stopped'), ('deleted'), ('lapsed'), ('frank'), ('grace'), ('heidi'), ('ivan')) AS v (name),
       LATERAL gatehouse.create_user(v.name || '@example.com', v.name, 'correct horse battery') u
  UNION ALL
  SELECT u.id, u.username FROM gatehouse.create_user('passwordless@example.com', 'passwordless') u
  UNION ALL
  SELECT gatehouse.uuid_v7(), 'unknown';
CREATE FUNCTION pg_temp.id_of(name text) RETURNS uuid LANGUAGE sql AS $$SELECT a.id FROM pg_temp.account a WHERE a.username = name$$;
SELECT gatehouse.set_active(pg_temp.id_of('stopped'), false) AS ignored \gset
SELECT gatehouse.soft_delete_user(pg_temp.id_of('deleted')) AS ignored \gset
SELECT gatehouse.set_active(pg_temp.id_of('lapsed'), false, until => clock_timestamp() + interval '1 hour') AS ignored \gset
UPDATE gatehouse.users SET stopped_until = clock_timestamp() WHERE id = pg_temp.id_of('lapsed');

CREATE FUNCTION pg_temp.changed(name text, old_password text, ip inet DEFAULT NULL) RETURNS boolean LANGUAGE sql AS $$
  SELECT gatehouse.change_password(pg_temp.id_of(name), old_password, 'another horse battery', ip => ip)
$$;
CREATE FUNCTION pg_temp.login(name text, password text, ip inet DEFAULT NULL) RETURNS text LANGUAGE sql AS $$
  SELECT a.status FROM gatehouse.authenticate_user(name, password, ip => ip) a
$$;
CREATE FUNCTION pg_temp.calls(function regproc) RETURNS bigint LANGUAGE sql AS $$
  SELECT coalesce(pg_stat_get_xact_function_calls(function), 0)
$$;
-- What hangs on an account: three sessions, an API key, a token that was sent out.
CREATE TEMP TABLE session AS
  SELECT a.username, n, t.* FROM account a, generate_series(1, 3) n, LATERAL gatehouse.create_refresh_token(a.id, device => 'device ' || n) t
   WHERE a.username IN ('ada', 'bob', 'ivan');
CREATE FUNCTION pg_temp.sessions(name text) RETURNS text LANGUAGE sql AS $$
  SELECT string_agg(coalesce(s.revocation, 'live'), ',' ORDER BY t.n)
    FROM pg_temp.session t JOIN gatehouse.sessions s USING (session_id) WHERE t.username = name
$$;
CREATE TEMP TABLE api_key AS SELECT k.* FROM account a, gatehouse.create_api_key(a.id, 'a key') k WHERE a.username = 'ada';
INSERT INTO gatehouse.one_time_tokens (locator_digest, token_digest, ring_key_id, user_id, subject, purpose, email, created_at, expires_at)
  SELECT decode(md5(a.username || v.purpose), 'hex'), '\x00', 0, a.id, '\x00', v.purpose, 'a@example.com', now(), now() + interval '1 hour'
    FROM account a, (VALUES ('password_reset'), ('email_change')) AS v (purpose) WHERE a.username IN ('ada', 'bob', 'ivan');
CREATE TEMP TABLE before AS
  SELECT u.*, c.password_hash, c.changed_at FROM gatehouse.users u LEFT JOIN gatehouse.password_credentials c ON c.user_id = u.id;

-- The change.
SELECT is(gatehouse.change_password(pg_temp.id_of('ada'), 'correct horse battery', 'another horse battery',
            except_session => (SELECT session_id FROM session WHERE username = 'ada' AND n = 2)), true,
  'who knows the password changes it');
SELECT is(pg_temp.login('ada', 'another horse battery'), 'ok', 'the new password logs in');
SELECT is(pg_temp.login('ada', 'correct horse battery'), 'invalid_credentials', 'the old one does not');
SELECT is(pg_temp.sessions('ada'), 'password_change,live,password_change', 'every other session is ended');
SELECT is((SELECT count(*)::int FROM session t, gatehouse.verify_refresh_token(t.refresh_token) WHERE t.username = 'ada'), 1,
  'the token of the one excepted works, no other does');
SELECT is_empty($$SELECT FROM gatehouse.one_time_tokens WHERE user_id = pg_temp.id_of('ada')$$, 'no token that was sent out is left');
SELECT is((SELECT count(*)::int FROM gatehouse.one_time_tokens), 4, 'those of others are');
SELECT is((SELECT count(*)::int FROM api_key k, gatehouse.verify_api_key(k.api_key)), 1, 'API keys go on');
SELECT ok(c.changed_at > b.changed_at AND u.updated_at > b.updated_at AND c.password_hash <> b.password_hash,
  'when it was changed is noted, with the password and with the account')
  FROM before b JOIN gatehouse.users u USING (id) JOIN gatehouse.password_credentials c ON c.user_id = u.id WHERE b.username = 'ada';
SELECT matches(c.password_hash, '^\$argon2id\$v=19\$m=7168,t=5,p=1\$', 'the hash has today''s cost')
  FROM gatehouse.password_credentials c WHERE c.user_id = pg_temp.id_of('ada');
SELECT is(pg_temp.sessions('bob'), 'live,live,live', 'another account keeps its sessions');
SELECT is_empty($$SELECT b.username FROM before b LEFT JOIN gatehouse.password_credentials c ON c.user_id = b.id
  WHERE b.username <> 'ada' AND c.password_hash IS DISTINCT FROM b.password_hash$$, 'and its password');
SELECT is(gatehouse.change_password(pg_temp.id_of('bob'), 'correct horse battery', 'another horse battery',
            except_session => (SELECT session_id FROM session WHERE username = 'ada' AND n = 2)), true,
  'with another account''s session excepted');
SELECT is(pg_temp.sessions('bob') || ' ' || pg_temp.sessions('ada'),
  'password_change,password_change,password_change password_change,live,password_change', 'none is spared, and that one is not touched');
SELECT is(pg_temp.as_role('gatehouse_app',
  format($$SELECT gatehouse.change_password(id => %L, old_password => 'another horse battery', new_password => 'correct horse battery')$$, pg_temp.id_of('bob'))),
  'true', 'an application changes it, by named arguments');
SELECT is(pg_temp.changed('lapsed', 'correct horse battery'), true, 'so does who was stopped until now');
SELECT is(pg_temp.login('lapsed', 'another horse battery'), 'ok', 'and logs in');

-- Refusals: all alike, after the same work.
CREATE TEMP TABLE refusal (place, name, password, what) AS VALUES
  (1, 'bob', 'wrong', 'a wrong password'),
  (2, 'bob', '', 'an empty one'),
  (3, 'bob', repeat('a', 10000000), 'one of 10 MB'),
  (4, 'bob', E'unassigned \u0378', 'one that no account can have'),
  (5, 'bob', 'Correct horse battery', 'the password in another case'),
  (6, 'stopped', 'correct horse battery', 'the right one of a stopped account'),
  (7, 'stopped', 'wrong', 'a wrong one of a stopped account'),
  (8, 'deleted', 'correct horse battery', 'the right one of a deleted account'),
  (9, 'passwordless', '', 'an account without a password'),
  (10, 'unknown', 'correct horse battery', 'no account');
CREATE TEMP TABLE hashing AS
  SELECT pg_temp.calls('gatehouse.attempt_login') AS attempts,
         pg_temp.calls('gatehouse.hash_password') AS hashes;
SELECT is(pg_temp.changed(name, password), false, format('false for %s', what)) FROM refusal ORDER BY place;
SELECT is(pg_temp.calls('gatehouse.attempt_login') - attempts, 10::bigint,
  'each of them was weighed as a login is') FROM hashing;
SELECT is(pg_temp.calls('gatehouse.hash_password') - hashes, 0::bigint, 'and for none was a new password hashed') FROM hashing;
SELECT is_empty($$SELECT b.username FROM before b JOIN gatehouse.users u USING (id) LEFT JOIN gatehouse.password_credentials c ON c.user_id = b.id
  WHERE b.username IN ('stopped', 'deleted', 'passwordless')
    AND (c.changed_at, u.updated_at) IS DISTINCT FROM (b.changed_at, b.updated_at)$$, 'nothing was changed');
SELECT is(pg_temp.login('bob', 'correct horse battery'), 'ok', 'the account refused keeps its password');

-- The policy comes first.
UPDATE hashing SET attempts = pg_temp.calls('gatehouse.attempt_login');
SELECT throws_ok(format($$SELECT gatehouse.change_password(%L, %L, 'too short')$$, pg_temp.id_of(name), password), '22023',
  'password must have at least 15 characters', format('a new password against the policy is an error for %s', what))
  FROM refusal WHERE place IN (1, 6, 8, 9, 10) ORDER BY place;
SELECT throws_ok(format($$SELECT gatehouse.change_password(%L, 'correct horse battery', 'too short')$$, pg_temp.id_of('bob')), '22023',
  'password must have at least 15 characters', 'for the right old one too');
SELECT throws_ok(format($$SELECT gatehouse.change_password(%L, 'correct horse battery', 'heidi@example.com')$$, pg_temp.id_of('heidi')), '22023',
  'password must have at least 8 characters besides the e-mail address and the username', 'so is one that is the account''s own name');
SELECT is(pg_temp.calls('gatehouse.attempt_login') - attempts, 0::bigint,
  'before anything was counted') FROM hashing;

-- Failures count, and with those of the login.
SET LOCAL gatehouse.lockout_threshold = 3;
SELECT is(pg_temp.login('frank', 'wrong'), 'invalid_credentials', 'a wrong password at the login');
SELECT is((SELECT array_agg(pg_temp.changed('frank', 'wrong')) FROM generate_series(1, 2)), '{f,f}', 'and two here');
SELECT results_eq(format('SELECT is_locked, failures FROM gatehouse.lock_status(%L)', pg_temp.id_of('frank')), 'VALUES (true, 3)',
  'are three failures and lock the account');
SELECT is(pg_temp.changed('frank', 'correct horse battery'), false, 'for the right password too');
SELECT is(pg_temp.login('frank', 'correct horse battery'), 'locked', 'and for the login');
SELECT is((SELECT c.changed_at FROM gatehouse.password_credentials c WHERE c.user_id = pg_temp.id_of('frank')),
  (SELECT changed_at FROM before WHERE username = 'frank'), 'the password is what it was');
SELECT results_eq(
  format($$SELECT event_type, success, ip, context ->> 'locks' FROM gatehouse.get_audit_logs(user_id => %L, event_type => 'security.login_failed')
            ORDER BY id$$, pg_temp.id_of('frank')),
  $$VALUES ('security.login_failed', false, NULL::inet, 'false'), ('security.login_failed', false, NULL, 'false'),
           ('security.login_failed', false, NULL, 'true')$$,
  'the log has them as it has failed logins');
SELECT is((SELECT array_agg(pg_temp.changed('grace', 'wrong')) FROM generate_series(1, 2)), '{f,f}', 'two failures');
SELECT is(pg_temp.changed('grace', 'correct horse battery'), true, 'and a change');
SELECT is((SELECT failures FROM gatehouse.lock_status(pg_temp.id_of('grace'))), 0, 'end the row of failures');
SELECT is((SELECT array_agg(pg_temp.changed(v.name, 'wrong')) FROM (VALUES ('stopped'), ('passwordless')) AS v (name), generate_series(1, 4)),
  '{f,f,f,f,f,f,f,f}', 'a stopped account and one without a password');
SELECT is((SELECT array_agg(is_locked) FROM (VALUES ('stopped'), ('passwordless')) AS v (name), gatehouse.lock_status(pg_temp.id_of(v.name))),
  '{t,t}', 'are locked alike');
SELECT is((SELECT array_agg(pg_temp.changed('unknown', 'wrong')) FROM generate_series(1, 4)), '{f,f,f,f}', 'so is an id that is no account''s');
SELECT is((SELECT (gatehouse.current_count(gatehouse.stored_count(gatehouse.throttle_subject('account', pg_temp.id_of('unknown')::text)))).failures), 3,
  'by its own count');
SELECT is((SELECT count(*)::int FROM gatehouse.get_audit_logs(event_type => 'security.login_failed', page_size => 100) l
            WHERE l.user_id = pg_temp.id_of('unknown')), 0, 'and is named in no event');

-- A known address, and addresses.
SELECT is(pg_temp.login('heidi', 'correct horse battery', '192.0.2.7'), 'ok', 'the owner logs in from an address');
SELECT is((SELECT array_agg(pg_temp.changed('heidi', 'wrong', '198.51.100.1')) FROM generate_series(1, 3)), '{f,f,f}',
  'strangers lock the account for strangers');
SELECT is(pg_temp.changed('heidi', 'correct horse battery', '198.51.100.1'), false, 'who can''t change the password then');
SELECT is(pg_temp.changed('heidi', 'correct horse battery', '203.0.113.9'), false, 'wherever they are');
SELECT is(pg_temp.changed('heidi', 'correct horse battery', '192.0.2.7'), true, 'its owner can');
SELECT is((SELECT count(*)::int FROM gatehouse.known_addresses WHERE user_id = pg_temp.id_of('heidi')), 1, 'a change makes no address known');
SELECT is((SELECT DISTINCT l.ip FROM gatehouse.get_audit_logs(user_id => pg_temp.id_of('heidi'), event_type => 'security.login_failed') l),
  '198.51.100.1'::inet, 'the log says from where');
SET LOCAL gatehouse.address_threshold = 2;
SET LOCAL gatehouse.lockout_threshold = 0;
SELECT format('2001:db8:7:%s::1', to_hex(pg_current_xact_id()::text::bigint & 65535)) AS place \gset
SELECT is((SELECT array_agg(pg_temp.changed('unknown', 'wrong', :'place')) FROM generate_series(1, 2)), '{f,f}', 'failures from one address');
SELECT is(pg_temp.changed('ivan', 'correct horse battery', :'place'), false, 'slow it for every account that it is not known to');
SELECT is(pg_temp.changed('ivan', 'correct horse battery'), true, 'and no other');
SET LOCAL gatehouse.address_threshold = 0;

-- Set by an administrator.
SET LOCAL gatehouse.lockout_threshold = 3;
SELECT is(pg_temp.sessions('ivan'), 'password_change,password_change,password_change', 'the change has ended all sessions');
SELECT is((SELECT count(t.session_id)::int FROM gatehouse.create_refresh_token(pg_temp.id_of('ivan')) t), 1, 'a new session');
SELECT is((SELECT array_agg(pg_temp.login('ivan', 'wrong')) FROM generate_series(1, 4)),
  '{invalid_credentials,invalid_credentials,invalid_credentials,locked}', 'a lock');
SELECT is(pg_temp.as_role('gatehouse_admin', format($$SELECT gatehouse.set_password(%L, 'third horse battery')$$, pg_temp.id_of('ivan'))), 'true',
  'an administrator sets a password');
SELECT is(pg_temp.login('ivan', 'third horse battery'), 'ok', 'which logs in, since the lock has ended');
SELECT is((SELECT count(*)::int FROM gatehouse.sessions WHERE user_id = pg_temp.id_of('ivan') AND revoked_at IS NULL), 0, 'all sessions end');
SELECT is_empty($$SELECT FROM gatehouse.one_time_tokens WHERE user_id = pg_temp.id_of('ivan')$$, 'and all tokens');
SELECT is(gatehouse.set_password(pg_temp.id_of('passwordless'), 'third horse battery'), true, 'an account without a password gets one');
SELECT is(pg_temp.login('passwordless', 'third horse battery'), 'ok', 'that logs in');
SELECT is(gatehouse.set_password(pg_temp.id_of('stopped'), 'third horse battery'), true, 'a stopped account gets one');
SELECT is(pg_temp.login('stopped', 'third horse battery'), 'invalid_credentials', 'and is still stopped');
SELECT is(gatehouse.set_password(pg_temp.id_of('deleted'), 'third horse battery'), false, 'a deleted one does not');
SELECT is(gatehouse.set_password(pg_temp.id_of('unknown'), 'third horse battery'), false, 'neither does no account');
SELECT throws_ok(format($$SELECT gatehouse.set_password(%L, 'too short')$$, pg_temp.id_of(name)), '22023', 'password must have at least 15 characters',
  format('the policy holds for %s', name))
  FROM unnest(ARRAY['ivan', 'unknown']) AS name;
SELECT throws_ok(format($$SELECT gatehouse.set_password(%L, 'heidi@example.com')$$, pg_temp.id_of('heidi')), '22023', 'password must have at least 8 characters besides the e-mail address and the username',
  'with the account''s own name too');
SELECT throws_ok($$SELECT pg_temp.as_role('gatehouse_app', 'SELECT gatehouse.set_password(gatehouse.uuid_v7(), ''third horse battery'')')$$,
  '42501', 'permission denied for function set_password', 'an application sets none');

-- Wrong use.
SELECT throws_ok(query, '22023', message, query)
  FROM (VALUES
    (1, 'SELECT gatehouse.change_password(NULL, ''a'', ''b'')', 'argument "id" must not be null'),
    (2, 'SELECT gatehouse.change_password(gatehouse.uuid_v7(), NULL, ''b'')', 'arguments "old_password" and "new_password" must not be null'),
    (3, 'SELECT gatehouse.change_password(gatehouse.uuid_v7(), ''a'', NULL)', 'arguments "old_password" and "new_password" must not be null'),
    (4, 'SELECT gatehouse.set_password(NULL, ''b'')', 'argument "id" must not be null'),
    (5, 'SELECT gatehouse.set_password(gatehouse.uuid_v7(), NULL)', 'argument "new_password" must not be null')
  ) AS v (place, query, message)
 ORDER BY place;
SELECT throws_ok('SELECT gatehouse.refuse_busy()', '53300', 'too many passwords are being hashed', 'a full gate is said as everywhere');
CREATE TEMP TABLE given AS SELECT pg_temp.id_of('ada') AS id, 'old and secret'::text AS old, 'new secret'::text AS new;
SELECT is_empty(
  $$SELECT d FROM pg_temp.diagnose('SELECT gatehouse.change_password(id, old, new) FROM given') d
     WHERE concat_ws(' ', d.message, d.detail, d.hint, d.context) ~ 'secret'$$, 'no error shows a password');
SET LOCAL transaction_read_only = on;
SELECT throws_ok(format($$SELECT gatehouse.change_password(%L, 'another horse battery', 'correct horse battery')$$, pg_temp.id_of('ada')), '25006',
  'cannot change a password within a read-only transaction', 'a read-only transaction is refused');

SELECT * FROM finish();
ROLLBACK;
