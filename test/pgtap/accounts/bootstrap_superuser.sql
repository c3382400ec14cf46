-- bootstrap_superuser: the first superuser, once.
BEGIN;
SELECT plan(20);
SET LOCAL client_min_messages = warning;
\ir ../as_role.psql
\ir ../diagnose.psql
SELECT ok(gatehouse.library_version() <> '', 'the library is loaded');
SET LOCAL gatehouse.argon2_memory = '7MB';
SET LOCAL gatehouse.argon2_iterations = 5;
-- Whatever was in the database before is not here.
DELETE FROM gatehouse.superuser_bootstrap;
UPDATE gatehouse.users SET is_superuser = false WHERE is_superuser;

-- What it refuses it has not done.
SELECT throws_ok(format('SELECT gatehouse.bootstrap_superuser(%s)', arguments), '22023', message, arguments)
  FROM (VALUES
    (1, 'NULL, ''root'', ''one more structured phrase''', 'argument "email" must not be null'),
    (2, '''root@example.com'', NULL, ''one more structured phrase''', 'argument "username" must not be null'),
    (3, '''root@example.com'', ''edsger'', NULL', 'argument "password" must not be null'),
    (4, '''root@example.com'', ''edsger'', ''too short''', 'password must have at least 15 characters'),
    (5, '''root'', ''edsger'', ''one more structured phrase''', 'e-mail address must have the form name@example.com')
  ) AS v (place, arguments, message)
 ORDER BY place;
SELECT throws_ok($$SELECT pg_temp.as_role('gatehouse_app', 'SELECT gatehouse.bootstrap_superuser(''root@example.com'', ''edsger'', ''one more structured phrase'')')$$,
  '42501', 'permission denied for function bootstrap_superuser', 'an application makes none');
SELECT gatehouse.create_user('taken@example.com', 'taken') AS ignored \gset
SELECT results_eq($$SELECT d.state, d.message, d.constraint_name, d.detail
                      FROM pg_temp.diagnose('SELECT gatehouse.bootstrap_superuser(''TAKEN@example.com'', ''edsger'', ''one more structured phrase'')') d$$,
  $$VALUES ('23505', 'an account with this e-mail address exists', 'users_email_live', '')$$, 'a duplicate is one');
SELECT is_empty('SELECT FROM gatehouse.superuser_bootstrap', 'and nothing has been done');

-- Once.
SELECT is(pg_temp.as_role('gatehouse_admin',
  $$SELECT b.username FROM gatehouse.bootstrap_superuser(email => 'root@example.com', username => 'edsger', password => 'one more structured phrase') b$$),
  'edsger', 'an administrator makes the first superuser');
SELECT results_eq($$SELECT email, is_superuser, is_verified, is_active, has_password FROM gatehouse.get_user_by_username('edsger')$$,
  $$VALUES ('root@example.com', true, true, true, true)$$, 'verified and with a password');
SELECT is((SELECT status FROM gatehouse.authenticate_user('edsger', 'one more structured phrase')), 'ok', 'that logs in');
PREPARE again AS SELECT gatehouse.bootstrap_superuser('other@example.com', 'other', 'one more structured phrase');
SELECT throws_ok('again', '42501', 'there is a superuser already', 'a second one is refused');
SELECT is_empty($$SELECT gatehouse.get_user_by_username('other')$$, 'and not made');

-- Ever after.
SELECT is(gatehouse.set_superuser((SELECT id FROM gatehouse.get_user_by_username('taken')), true), true, 'another superuser');
SELECT is(gatehouse.permanently_delete_user((SELECT id FROM gatehouse.get_user_by_username('edsger'))), true, 'the first one goes for good');
SELECT throws_ok('again', '42501', 'there is a superuser already', 'which changes nothing');
UPDATE gatehouse.users SET is_superuser = false WHERE is_superuser;
SELECT throws_ok('again', '42501', 'there is a superuser already', 'even where there was none any more');
DELETE FROM gatehouse.superuser_bootstrap;
SELECT lives_ok($$SELECT gatehouse.create_user('root@example.com', 'edsger', is_superuser => true)$$, 'where one was made by other means');
SELECT throws_ok('again', '42501', 'there is a superuser already', 'it is refused likewise');

SELECT * FROM finish();
ROLLBACK;
