-- create_user: what is stored and told of a new account, and what is refused.
BEGIN;
SELECT plan(40);
SET LOCAL client_min_messages = warning;
\ir ../as_role.psql
\ir ../diagnose.psql
SELECT ok(gatehouse.library_version() <> '', 'the library is loaded');
SET LOCAL gatehouse.argon2_memory = '7MB';
SET LOCAL gatehouse.argon2_iterations = 5;

CREATE TEMP TABLE clock AS SELECT clock_timestamp() AS before;
CREATE TEMP TABLE made AS
  SELECT * FROM gatehouse.create_user(E' \tAda.Lovelace@Example.COM\n', 'Ada-L', 'correct horse battery',
    profile => '{"lang": "en"}');

SELECT columns_are('made',
  ARRAY['id', 'email', 'username', 'is_superuser', 'is_verified', 'is_active', 'is_deleted', 'has_password',
    'oauth_providers',
        'profile', 'created_at', 'updated_at', 'last_login_at', 'deletion_scheduled_for'],
  'user_info has the documented columns and no other');
SELECT is(substr(id::text, 15, 1), '7', 'the id is a UUIDv7') FROM made;
SELECT is(email, 'Ada.Lovelace@Example.COM', 'the address is trimmed and keeps its case') FROM made;
SELECT is(username, 'Ada-L', 'the username keeps its case') FROM made;
SELECT is(is_superuser, false, 'a new account is no superuser') FROM made;
SELECT is(is_verified, false, 'a new account is not verified') FROM made;
SELECT is(is_active, true, 'a new account is active') FROM made;
SELECT is(is_deleted, false, 'a new account is not deleted') FROM made;
SELECT is(has_password, true, 'it has a password where one was given') FROM made;
SELECT is(oauth_providers, '{}'::text[], 'it has no OAuth provider') FROM made;
SELECT is(profile, '{"lang": "en"}'::jsonb, 'the profile is as given') FROM made;
SELECT ok(created_at BETWEEN before AND clock_timestamp(), 'created_at is the time of the clock') FROM made, clock;
SELECT is(updated_at, created_at, 'updated_at begins with created_at') FROM made;
SELECT is(last_login_at, NULL, 'nobody has logged in') FROM made;
SELECT is(deletion_scheduled_for, NULL, 'no deletion is scheduled') FROM made;

SELECT results_eq(
  $$SELECT has_password, profile FROM gatehouse.create_user('grace@example.com', 'grace')$$,
  $$VALUES (false, '{}'::jsonb)$$,
  'without a password the account has none, without a profile an empty one');
SELECT is((SELECT count(*)::int FROM gatehouse.password_credentials), 1, 'and no hash is stored for it');
SELECT matches((SELECT password_hash FROM gatehouse.password_credentials), '^\$argon2id\$v=19\$m=7168,t=5,p=1\$',
  'of a password a hash is stored');
SELECT ok(gatehouse.verify_password('correct horse battery',
  (SELECT password_hash FROM gatehouse.password_credentials)),
  'and it is the hash of that password');

-- Duplicates.
CREATE TEMP TABLE duplicate AS
  SELECT 'email' AS of_what,
    e.* FROM pg_temp.diagnose($$SELECT gatehouse.create_user('ADA.lovelace@EXAMPLE.com', 'other', 'correct horse battery')$$) e
  UNION ALL
  SELECT 'username', e.* FROM pg_temp.diagnose($$SELECT gatehouse.create_user('other@example.com', 'aDA-l', 'correct horse battery')$$) e;
SELECT is(
  (SELECT array[state, message, constraint_name, schema_name, table_name] FROM duplicate WHERE of_what = 'email'),
  ARRAY['23505', 'an account with this e-mail address exists', 'users_email_live', 'gatehouse', 'users'],
  'an address that differs by case alone is 23505 with its constraint');
SELECT is(
  (SELECT array[state, message, constraint_name, schema_name, table_name] FROM duplicate WHERE of_what = 'username'),
  ARRAY['23505', 'an account with this username exists', 'users_username_live', 'gatehouse', 'users'],
  'a username that differs by case alone is 23505 with its constraint');
SELECT is((SELECT string_agg(detail || hint, '') FROM duplicate), '', 'neither has a DETAIL, which would show the row');
SELECT is((SELECT (e.state, e.constraint_name)::text
             FROM pg_temp.diagnose($$SELECT gatehouse.create_user(E'\u00e9mile@example.com', 'emile1'), gatehouse.create_user(E'e\u0301mile@example.com', 'emile2')$$) e),
  '(23505,users_email_live)', 'an address that differs by its composition alone is a duplicate too');

-- Deleted accounts leave their names.
UPDATE gatehouse.users SET deleted_at = now() WHERE username = 'Ada-L';
SELECT lives_ok($$SELECT gatehouse.create_user('ada.lovelace@example.com', 'ada-l')$$,
  'the names of a deleted account are free');

-- Rights.
SELECT is(pg_temp.as_role('gatehouse_app',
  $$SELECT (gatehouse.create_user('app@example.com', 'app-made')).is_superuser$$), 'false',
  'an application makes accounts');
SELECT throws_ok(
  $$SELECT pg_temp.as_role('gatehouse_app', 'SELECT gatehouse.create_user(''root@example.com'', ''superuser'', is_superuser => true)')$$,
  '42501', 'only an administrator can create a superuser', 'an application makes no superuser');
SELECT is(
  pg_temp.as_role('gatehouse_admin',
    $$SELECT (gatehouse.create_user('root@example.com', 'superuser', is_superuser => true)).is_superuser$$),
  'true', 'an administrator does');

-- Wrong use.
SELECT throws_ok($$SELECT gatehouse.create_user(NULL, 'nobody')$$, '22023', 'argument "email" must not be null',
  'a NULL address is refused');
SELECT throws_ok($$SELECT gatehouse.create_user('nobody@example.com', NULL)$$, '22023',
  'argument "username" must not be null',
  'a NULL username is refused');
SELECT throws_ok($$SELECT gatehouse.create_user('nobody@example.com', 'nobody', is_superuser => NULL)$$, '22023',
  'argument "is_superuser" must not be null', 'NULL for is_superuser is refused');
SELECT throws_ok(format('SELECT gatehouse.create_user(%L, %L, profile => %s)', 'nobody@example.com', 'nobody', profile),
  '22023', 'profile must be a JSON object', format('a profile cannot be %s', profile))
  FROM unnest(ARRAY['NULL', '''[]''', '''"text"''', '''null''', '''1''']) AS profile;
SELECT throws_ok($$SELECT gatehouse.create_user('nobody@example.com', 'nobody', profile => jsonb_build_object('a', repeat('x', 65536)))$$,
  '22023', 'profile must have at most 65536 bytes', 'a profile of more than 64 kB is refused');
SELECT throws_ok($$SELECT gatehouse.create_user('nobody@example.com', 'nobody', 'fourteen chars')$$, '22023',
  'password must have at least 15 characters', 'the password policy holds');
SELECT is_empty($$SELECT * FROM gatehouse.get_user_by_email('nobody@example.com')$$,
  'nothing is left of what was refused');

-- What a client is told of a refusal.
CREATE TEMP TABLE secret AS SELECT 'hunter2-hunter2-hunter2'::text AS password;
SELECT is_empty(
  $$SELECT e.* FROM unnest(ARRAY['grace@example.com', 'new@example.com', 'not an address']) AS address,
         unnest(ARRAY['grace', 'x', 'new-name']) AS name,
         pg_temp.diagnose(format('SELECT gatehouse.create_user(%L, %L, password) FROM secret', address, name)) e
     WHERE e::text ~ 'hunter2|argon2'$$,
  'no text of an error holds the password or a hash');

SELECT * FROM finish();
ROLLBACK;
