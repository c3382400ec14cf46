-- Failed logins lock an account and slow an address; who is unknown is treated alike. The same with the counts in shared
-- memory and without.
BEGIN;
SELECT plan(48);
SET LOCAL client_min_messages = warning;
\ir ../as_role.psql
\ir ../diagnose.psql
SELECT ok(gatehouse.library_version() <> '', 'the library is loaded');
SET LOCAL gatehouse.argon2_memory = '7MB';
SET LOCAL gatehouse.argon2_iterations = 5;
SET LOCAL gatehouse.require_verified_email = off;
SET LOCAL gatehouse.lockout_threshold = 3;
SET LOCAL gatehouse.lockout_duration = '15min';
SET LOCAL gatehouse.address_threshold = 0;

-- Without shared memory and without a key ring there is no key for the digest of a login.
CREATE TEMP TABLE digest AS SELECT gatehouse.login_digest('x') IS NOT NULL AS known;
CREATE TEMP TABLE account AS
  SELECT u.* FROM (VALUES ('ada'), ('bob'), ('carol'), ('dave'), ('eve'), ('frank'), ('grace')) AS v (name),
       LATERAL gatehouse.create_user(v.name || '@example.com', v.name, 'correct horse battery') u;
CREATE FUNCTION pg_temp.id_of(name text) RETURNS uuid LANGUAGE sql AS $$SELECT a.id FROM pg_temp.account a WHERE a.username = name$$;
CREATE FUNCTION pg_temp.attempt(login text, password text, ip inet DEFAULT NULL) RETURNS text LANGUAGE sql AS $$
  SELECT a.status FROM gatehouse.authenticate_user(login, password, ip => ip) a
$$;
-- So many attempts with a wrong password, and what they were answered.
CREATE FUNCTION pg_temp.fail(login text, times integer, ip inet DEFAULT NULL) RETURNS text[] LANGUAGE sql AS $$
  SELECT array_agg(pg_temp.attempt(login, 'wrong', ip)) FROM generate_series(1, times)
$$;
-- A login that no other test and no earlier run has tried.
CREATE FUNCTION pg_temp.nobody(name text) RETURNS text LANGUAGE sql STABLE AS $$
  SELECT name || pg_current_xact_id()::text || '@example.net'
$$;

-- The lock.
SELECT is(pg_temp.fail('ada', 4), '{invalid_credentials,invalid_credentials,invalid_credentials,locked}',
  'after three failures the account is locked');
SELECT is(pg_temp.attempt('ada', 'correct horse battery'), 'locked', 'for the right password too');
SELECT is(pg_temp.attempt('ada@example.com', 'correct horse battery'), 'locked', 'and by its e-mail address');
SELECT ok(a.retry_after > interval '0' AND a.retry_after <= interval '1 minute'
          AND a.retry_after = date_trunc('second', a.retry_after),
  'retry_after is at most a minute, in whole seconds')
  FROM gatehouse.authenticate_user('ada', 'correct horse battery') a;
SELECT ok(a.user_id IS NULL AND a.email IS NULL AND a.username IS NULL AND a.is_superuser IS NULL AND a.is_verified IS NULL,
  'and nothing is told of the account')
  FROM gatehouse.authenticate_user('ada', 'correct horse battery') a;
SELECT is(pg_temp.attempt('bob', 'correct horse battery'), 'ok', 'another account is not');
SELECT results_eq(
  format('SELECT is_locked, failures, locked_until > clock_timestamp(), retry_after <= interval ''1 minute'', locked_addresses,
                 last_failure_at <= clock_timestamp() FROM gatehouse.lock_status(%L)', pg_temp.id_of('ada')),
  $$VALUES (true, 3, true, true, '{}'::cidr[], true)$$, 'lock_status tells it');
SELECT results_eq(
  format('SELECT is_locked, failures, locked_until, retry_after, last_failure_at FROM gatehouse.lock_status(%L)', pg_temp.id_of('bob')),
  $$VALUES (false, 0, NULL::timestamptz, NULL::interval, NULL::timestamptz)$$, 'and of an account without failures that there are none');
SELECT is_empty('SELECT * FROM gatehouse.lock_status(gatehouse.uuid_v7())', 'no account, no row');

-- Unlocking.
SELECT is(gatehouse.unlock_user(pg_temp.id_of('ada')), true, 'an administrator unlocks it');
SELECT is(pg_temp.attempt('ada', 'correct horse battery'), 'ok', 'and its owner is in');
SELECT is(gatehouse.unlock_user(gatehouse.uuid_v7()), false, 'there is nothing to unlock of no account');
SELECT throws_ok('SELECT gatehouse.unlock_user(NULL)', '22023', 'argument "id" must not be null', 'unlock_user needs an id');
SELECT throws_ok('SELECT gatehouse.lock_status(NULL)', '22023', 'argument "id" must not be null', 'so does lock_status');
SELECT throws_ok(format($$SELECT pg_temp.as_role('gatehouse_app', 'SELECT gatehouse.unlock_user(gatehouse.uuid_v7())')$$),
  '42501', 'permission denied for function unlock_user', 'an application does not unlock');
SELECT throws_ok(format($$SELECT pg_temp.as_role('gatehouse_app', 'SELECT gatehouse.lock_status(gatehouse.uuid_v7())')$$),
  '42501', 'permission denied for function lock_status', 'nor look');
SELECT is(pg_temp.as_role('gatehouse_admin', format('SELECT gatehouse.unlock_user(%L)', pg_temp.id_of('bob'))), 'true',
  'an administrator needs no more than the role');

-- A success ends the row of failures.
SELECT is(pg_temp.fail('bob', 2), '{invalid_credentials,invalid_credentials}', 'two failures');
SELECT is(pg_temp.attempt('bob', 'correct horse battery'), 'ok', 'a success');
SELECT is(pg_temp.fail('bob', 2), '{invalid_credentials,invalid_credentials}', 'and two more are no four in a row');
SELECT is((SELECT failures FROM gatehouse.lock_status(pg_temp.id_of('bob'))), 2, 'lock_status says so too');

-- The unknown, the stopped and the passwordless.
SELECT is(pg_temp.fail(pg_temp.nobody('nobody'), 4), '{invalid_credentials,invalid_credentials,invalid_credentials,locked}',
  'a login that no account has is locked alike');
SELECT is(pg_temp.attempt(upper(pg_temp.nobody('nobody')), 'wrong'), 'locked', 'in whatever case');
SELECT is(pg_temp.attempt(pg_temp.nobody('somebody'), 'wrong'), 'invalid_credentials', 'another is not');
UPDATE gatehouse.users SET is_active = false WHERE id = pg_temp.id_of('carol');
SELECT is(pg_temp.fail('carol', 4), '{invalid_credentials,invalid_credentials,invalid_credentials,locked}',
  'a stopped account is locked alike');
DELETE FROM gatehouse.password_credentials WHERE user_id = pg_temp.id_of('dave');
SELECT is(pg_temp.fail('dave', 4), '{invalid_credentials,invalid_credentials,invalid_credentials,locked}',
  'so is one without a password');
SELECT is((SELECT array_agg(s.retry_after IS NOT NULL) FROM (VALUES ('ada'), ('eve')) AS v (name),
             LATERAL (SELECT pg_temp.fail(v.name, 3)) f (answers), LATERAL gatehouse.authenticate_user(v.name, 'wrong') s),
  '{t,t}', 'retry_after comes with every lock');

-- A known address.
SELECT is(pg_temp.attempt('frank', 'correct horse battery', '192.0.2.7'), 'ok', 'the owner logs in from an address');
SELECT is(pg_temp.fail('frank', 4, '198.51.100.1'), '{invalid_credentials,invalid_credentials,invalid_credentials,locked}',
  'strangers lock the account for strangers');
SELECT is(pg_temp.attempt('frank', 'correct horse battery', '203.0.113.9'), 'locked', 'wherever they come from');
SELECT is(pg_temp.attempt('frank', 'correct horse battery'), 'locked', 'and where nobody says from where');
SELECT is(pg_temp.attempt('frank', 'correct horse battery', '192.0.2.7'), 'ok', 'its owner is still in');
SELECT is(pg_temp.attempt('frank', 'correct horse battery', '::ffff:192.0.2.7'), 'ok', 'the same address in IPv6 form');
SELECT is(pg_temp.fail('frank', 4, '192.0.2.7'), '{invalid_credentials,invalid_credentials,invalid_credentials,locked}',
  'a known address has a count of its own, which locks it');
SELECT is((SELECT locked_addresses FROM gatehouse.lock_status(pg_temp.id_of('frank'))), '{192.0.2.7/32}', 'lock_status names it');
SELECT is(gatehouse.unlock_user(pg_temp.id_of('frank')), true, 'unlock_user');
SELECT is(pg_temp.attempt('frank', 'correct horse battery', '192.0.2.7'), 'ok', 'unlocks it too');
SELECT results_eq($$SELECT network FROM gatehouse.known_addresses WHERE user_id = pg_temp.id_of('frank')$$,
  $$VALUES ('192.0.2.7/32'::cidr)$$, 'a failure makes no address known');

-- An address. One that no other test uses.
SET LOCAL gatehouse.address_threshold = 4;
SET LOCAL gatehouse.lockout_threshold = 0;
CREATE TEMP TABLE place AS
  SELECT format('2001:db8:%s:%s', to_hex(n >> 16 & 65535), to_hex(n & 65535)) AS net FROM (SELECT pg_current_xact_id()::text::bigint) x (n);
SELECT is((SELECT pg_temp.fail('grace', 2, (net || '::1')::inet) || pg_temp.fail(pg_temp.nobody('nobody'), 3, (net || '::2')::inet) FROM place),
  '{invalid_credentials,invalid_credentials,invalid_credentials,invalid_credentials,locked}',
  'failures from one /64 count together, whatever account they are on');
SELECT is((SELECT pg_temp.attempt('grace', 'correct horse battery', (net || ':ffff::3')::inet) FROM place), 'locked',
  'and slow everybody there whose address is not known');
SELECT ok(a.retry_after BETWEEN interval '14 minutes' AND interval '15 minutes', 'by a place each quarter of an hour, at four an hour')
  FROM place, gatehouse.authenticate_user('grace', 'correct horse battery', ip => (net || '::1')::inet) a;
SELECT is(pg_temp.attempt('grace', 'correct horse battery'), 'ok', 'a null ip is no address');
SELECT is((SELECT pg_temp.attempt('bob', 'correct horse battery', set_masklen((net || '::')::inet, 128) + (1::bigint << 62) + (1::bigint << 62) + (1::bigint << 62) + (1::bigint << 62)) FROM place),
  'ok', 'the next /64 is another address');
SELECT is(pg_temp.fail('frank', 6, '192.0.2.7'), array_fill('invalid_credentials'::text, '{6}'),
  'the limit of an address does not hold for who is known there');

-- What the log says.
SELECT results_eq(
  format($$SELECT DISTINCT event_type, success, context ? 'login', context ->> 'locks' FROM gatehouse.get_audit_logs(user_id => %L, page_size => 100)
            WHERE event_type = 'security.login_failed' ORDER BY 4$$, pg_temp.id_of('ada')),
  $$SELECT 'security.login_failed', false, known, v FROM digest, (VALUES ('false'), ('true')) AS t (v)$$,
  'every failure is in the log, and which one locks');
SELECT results_eq(
  format($$SELECT count(*), bool_and(success), min(context::text) FROM gatehouse.get_audit_logs(user_id => %L, page_size => 100)
            WHERE event_type = 'security.account_unlocked'$$, pg_temp.id_of('ada')),
  format($$VALUES (1::bigint, true, '{"role": "%s"}')$$, current_user), 'an unlocking is, with who did it');

SELECT throws_ok($$SELECT gatehouse.count_failure(ROW('\x00', 1, now(), NULL)::gatehouse.login_throttles, false)$$, '22023',
  'argument "stored" is malformed', 'a count is one of a subject');

SELECT * FROM finish();
ROLLBACK;
