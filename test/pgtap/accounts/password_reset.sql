-- request_password_reset, reset_password.
BEGIN;
SELECT plan(42);
SET LOCAL client_min_messages = warning;
\ir ../as_role.psql
SET LOCAL gatehouse.argon2_memory = '7MB';
SET LOCAL gatehouse.argon2_iterations = 5;
SET LOCAL gatehouse.lockout_threshold = 2;
-- Counts in shared memory outlive the transaction: a username of this run alone.
SELECT 'ada-' || pg_current_xact_id() AS name \gset
SELECT id AS ada FROM gatehouse.create_user('Ada@Example.com', :'name', 'correct horse battery staple') \gset
SELECT id AS bob FROM gatehouse.create_user('bob@example.com', 'bob') \gset
CREATE FUNCTION pg_temp.tokens() RETURNS bigint LANGUAGE sql AS 'SELECT count(*) FROM gatehouse.one_time_tokens';

-- What asks for nobody gets nothing, but leaves as much behind.
SELECT is_empty(format('SELECT * FROM gatehouse.request_password_reset(%L)', email), 'no row for ' || what)
  FROM (VALUES ('an unknown address', 'nobody@example.com'), ('no address', 'ada'), ('nothing', ''), ('a wildcard', '%@example.com'),
               ('a huge text', repeat('x', 100000))) AS v (what, email);
SELECT is(pg_temp.tokens(), 5::bigint, 'a row is stored for each');
SELECT is((SELECT count(*) FROM gatehouse.one_time_tokens WHERE user_id IS NULL AND email = ''), 5::bigint, 'without what was typed');
SELECT is_empty($$SELECT gatehouse.request_password_reset('NoBody@example.com ') FROM generate_series(1, 5)$$, 'nor for it again, however written');
SELECT is((SELECT count(*) FROM gatehouse.one_time_tokens WHERE subject = gatehouse.throttle_subject('login', 'nobody@example.com')), 3::bigint,
  'it is throttled as an account is');
DELETE FROM gatehouse.one_time_tokens;
SELECT throws_ok('SELECT gatehouse.request_password_reset(NULL)', '22023', 'argument "email" must not be null', 'NULL is wrong use');

-- A known one.
CREATE TEMP TABLE given AS SELECT * FROM gatehouse.request_password_reset(' ADA@example.com');
SELECT token FROM given \gset
SELECT is((SELECT user_id FROM given), :'ada'::uuid, 'a known address: whose it is');
SELECT is((SELECT expires_at - created_at FROM gatehouse.one_time_tokens), interval '1 hour', 'a token is good for an hour');
SELECT is((SELECT count(*) FROM (SELECT gatehouse.request_password_reset('ada@example.com') FROM generate_series(1, 5)) asked), 2::bigint,
  'no more than three are given');

-- The policy comes before the use.
SELECT throws_ok(format('SELECT gatehouse.reset_password(%L, %L)', :'token', 'short'), '22023', 'password must have at least 15 characters',
  'a password against the policy is refused');
SELECT throws_ok(format('SELECT gatehouse.reset_password(%L, NULL)', :'token'), '22023', 'argument "new_password" must not be null',
  'and none');
SELECT is(pg_temp.tokens(), 3::bigint, 'which uses nothing up');
SELECT is_empty(format('SELECT * FROM gatehouse.reset_password(%L, %L)', v.token, v.password), 'no row for ' || v.what)
  FROM (VALUES ('a wrong token and a weak password', repeat('A', 64), 'x'), ('no token', '', 'another horse battery staple'),
               ('the secret of another', left(:'token', 22) || repeat('A', 42), 'another horse battery staple')) AS v (what, token, password);

-- What a reset does.
SELECT session_id FROM gatehouse.create_refresh_token(:'ada') \gset
SELECT gatehouse.request_email_verification(:'ada') AS ignored \gset
SELECT count(gatehouse.authenticate_user(:'name', 'wrong')) AS ignored FROM generate_series(1, 3) \gset
SELECT is((SELECT status FROM gatehouse.authenticate_user(:'name', 'correct horse battery staple')), 'locked', 'the account is locked');
UPDATE gatehouse.users SET updated_at = 'epoch';
CREATE TEMP TABLE told AS SELECT * FROM gatehouse.reset_password(:'token', 'another horse battery staple');
SELECT results_eq('SELECT username, is_verified, has_password FROM told', format('VALUES (%L, true, true)', :'name'),
  'a reset gives the account, verified by the way the token came');
SELECT results_eq('SELECT * FROM told', format('SELECT * FROM gatehouse.get_user_by_id(%L)', :'ada'), 'as a look-up gives it');
SELECT is((SELECT status FROM gatehouse.authenticate_user(:'name', 'another horse battery staple')), 'ok', 'the new password opens it, unlocked');
SELECT is((SELECT status FROM gatehouse.authenticate_user(:'name', 'correct horse battery staple')), 'invalid_credentials', 'the old one doesn''t');
SELECT results_eq(format('SELECT revocation, revoked_at IS NOT NULL FROM gatehouse.sessions WHERE session_id = %L', :'session_id'),
  $$VALUES ('password_reset', true)$$, 'its sessions are ended');
SELECT is(pg_temp.tokens(), 0::bigint, 'its tokens of every purpose are');
SELECT cmp_ok((SELECT updated_at FROM told), '>', now(), 'the change is dated by the clock');
SELECT is((SELECT changed_at FROM gatehouse.password_credentials WHERE user_id = :'ada'), (SELECT updated_at FROM told), 'as is the password');
SELECT is_empty(format('SELECT * FROM gatehouse.reset_password(%L, %L)', :'token', 'yet another horse battery staple'), 'a token works once');
SELECT is((SELECT count(*) FROM gatehouse.events WHERE user_id = :'ada' AND event_type = 'security.account_unlocked'), 0::bigint,
  'it is not reported as an administrator''s unlocking');

-- An account without a password gets one.
SELECT token FROM gatehouse.request_password_reset('bob@example.com') \gset
SELECT is((SELECT has_password FROM gatehouse.reset_password(:'token', 'another horse battery staple')), true, 'an account without a password gets one');

-- The address has changed, the account is not live.
SELECT token FROM gatehouse.request_password_reset('bob@example.com') \gset
UPDATE gatehouse.users SET email = 'rob@example.com', email_normal = 'rob@example.com' WHERE id = :'bob';
SELECT is_empty(format('SELECT * FROM gatehouse.reset_password(%L, %L)', :'token', 'a third horse battery staple'), 'a token of an old address is refused');
UPDATE gatehouse.users SET email = 'bob@example.com', email_normal = 'bob@example.com', is_active = false WHERE id = :'bob';
SELECT is_empty(format('SELECT * FROM gatehouse.reset_password(%L, %L)', :'token', 'a third horse battery staple'), 'that of a stopped account is');
SELECT is_empty($$SELECT * FROM gatehouse.request_password_reset('bob@example.com')$$, 'a stopped account gets none');
UPDATE gatehouse.users SET stopped_until = clock_timestamp() WHERE id = :'bob';
SELECT isnt_empty($$SELECT * FROM gatehouse.request_password_reset('bob@example.com')$$, 'one whose stop has ended does');
UPDATE gatehouse.users SET deleted_at = now() WHERE id = :'bob';
SELECT is_empty(format('SELECT * FROM gatehouse.reset_password(%L, %L)', :'token', 'a third horse battery staple'), 'that of a deleted account is refused');
SELECT is_empty($$SELECT * FROM gatehouse.request_password_reset('bob@example.com')$$, 'a deleted account gets none');

SELECT throws_ok($$SELECT gatehouse.reset_password(NULL, 'x')$$, '22023', 'argument "token" must not be null', 'NULL is wrong use');
SELECT throws_ok($$SELECT pg_temp.as_role('gatehouse_auditor', 'SELECT gatehouse.request_password_reset(''x'')')$$, '42501',
  'permission denied for function request_password_reset', 'an auditor may not');
SET LOCAL transaction_read_only = on;
SELECT throws_ok(format('SELECT gatehouse.request_password_reset(%L)', email), '25006',
  'cannot request a password reset within a read-only transaction', 'a request writes: ' || email)
  FROM (VALUES ('ada@example.com'), ('nobody@example.com')) AS v (email);
SELECT throws_ok($$SELECT gatehouse.reset_password('x', 'y')$$, '25006', 'cannot use a token within a read-only transaction', 'a reset writes');

SELECT * FROM finish();
ROLLBACK;
