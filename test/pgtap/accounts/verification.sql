-- request_email_verification, verify_email.
BEGIN;
SELECT plan(17);
SET LOCAL client_min_messages = warning;
\ir ../as_role.psql
SELECT id AS ada FROM gatehouse.create_user(E'Ad\u00e9@Example.com', 'ada') \gset

SELECT pg_temp.as_role('gatehouse_app', format('SELECT gatehouse.request_email_verification(%L)', :'ada')) AS token \gset
SELECT is((SELECT expires_at - created_at FROM gatehouse.one_time_tokens), interval '24:00', 'a token is good for 24 hours');
SELECT is((SELECT is_verified FROM gatehouse.get_user_by_id(:'ada')), false, 'a request verifies nothing');
UPDATE gatehouse.users SET updated_at = 'epoch';
CREATE TEMP TABLE told AS SELECT * FROM gatehouse.verify_email(:'token');
SELECT results_eq('SELECT username, is_verified FROM told', $$VALUES ('ada', true)$$, 'the account is given, verified');
SELECT results_eq('SELECT * FROM told', format('SELECT * FROM gatehouse.get_user_by_id(%L)', :'ada'), 'as a look-up gives it');
SELECT cmp_ok((SELECT updated_at FROM told), '>', now(), 'the change is dated by the clock');

SELECT gatehouse.request_email_verification(:'ada') AS token \gset
SELECT is((SELECT is_verified FROM gatehouse.verify_email(:'token')), true, 'a verified account may verify again');

-- An address that is no longer the account's.
SELECT gatehouse.request_email_verification(:'ada') AS token \gset
UPDATE gatehouse.users SET email_normal = 'other@example.com', is_verified = false WHERE id = :'ada';
SELECT is_empty(format('SELECT * FROM gatehouse.verify_email(%L)', :'token'), 'a token proves no later address');
SELECT is((SELECT is_verified FROM gatehouse.get_user_by_id(:'ada')), false, 'which stays unverified');

-- Accounts that are not live.
SELECT gatehouse.request_email_verification(:'ada') AS token \gset
UPDATE gatehouse.users SET is_active = false WHERE id = :'ada';
SELECT is_empty(format('SELECT * FROM gatehouse.verify_email(%L)', :'token'), 'a stopped account is not verified');
SELECT throws_ok(format('SELECT gatehouse.request_email_verification(%L)', :'ada'), '22023', 'no live account has this id',
  'nor gets a token');
UPDATE gatehouse.users SET stopped_until = clock_timestamp() WHERE id = :'ada';
SELECT is((SELECT is_verified FROM gatehouse.verify_email(:'token')), true, 'a stop that has ended is none: the token was not used up');
UPDATE gatehouse.users SET is_active = true, stopped_until = NULL, deleted_at = now() WHERE id = :'ada';
SELECT throws_ok(format('SELECT gatehouse.request_email_verification(%L)', :'ada'), '22023', 'no live account has this id',
  'a deleted account gets no token');
SELECT throws_ok('SELECT gatehouse.request_email_verification(gatehouse.uuid_v7())', '22023', 'no live account has this id',
  'nor does an unknown one');
SELECT throws_ok('SELECT gatehouse.request_email_verification(NULL)', '22023', 'argument "user_id" must not be null', 'NULL is wrong use');
SELECT throws_ok($$SELECT pg_temp.as_role('gatehouse_auditor', 'SELECT gatehouse.request_email_verification(NULL)')$$, '42501',
  'permission denied for function request_email_verification', 'an auditor may not');
SET LOCAL transaction_read_only = on;
SELECT throws_ok(format('SELECT gatehouse.request_email_verification(%L)', :'ada'), '25006', NULL, 'a request writes');
SELECT throws_ok('SELECT gatehouse.verify_email(''x'')', '25006', 'cannot use a token within a read-only transaction',
  'a use writes, whatever the token is');

SELECT * FROM finish();
ROLLBACK;
