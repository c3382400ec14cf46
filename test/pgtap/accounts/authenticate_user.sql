-- authenticate_user: every refusal is the same answer, and the account is told only to whoever proved the password.
BEGIN;
SELECT plan(52);
SET LOCAL client_min_messages = warning;
\ir ../as_role.psql
\ir ../diagnose.psql
SELECT ok(gatehouse.library_version() <> '', 'the library is loaded');
SET LOCAL gatehouse.argon2_memory = '7MB';
SET LOCAL gatehouse.argon2_iterations = 5;

CREATE TEMP TABLE account AS
  SELECT u.* FROM (VALUES ('ada'), ('unverified'), ('stopped'), ('deleted'), ('bcrypt'), ('cheap')) AS v (name),
       LATERAL gatehouse.create_user(v.name || '@example.com', v.name, 'correct horse battery') u
  UNION ALL
  SELECT * FROM gatehouse.create_user('passwordless@example.com', 'passwordless');
UPDATE gatehouse.users SET is_verified = true WHERE username <> 'unverified';
UPDATE gatehouse.users SET is_active = false WHERE username = 'stopped';
UPDATE gatehouse.users SET deleted_at = now() WHERE username = 'deleted';
CREATE FUNCTION pg_temp.hash_of(name text) RETURNS text LANGUAGE sql AS $$
  SELECT c.password_hash FROM gatehouse.password_credentials c JOIN pg_temp.account a ON a.id = c.user_id WHERE a.username = name
$$;
-- A hash made under a cost that is no more: bcrypt of 'correct horse battery', and Argon2id of 8 kB and 1 pass.
CREATE TEMP TABLE old_hash (name text, hash text);
INSERT INTO old_hash VALUES
  ('bcrypt', '$2b$05$CCCCCCCCCCCCCCCCCCCCC.4c/Vz//sBM9XkyFmwsCP9HkrjK1U32S'),
  ('cheap', '$argon2id$v=19$m=8,t=1,p=1$OxhXGsC4CATxh1S+yuqTQw$lgCUMOJoaMXIRreB1zcYGckXWgY90XVb8r6lOe73pYM');
UPDATE gatehouse.password_credentials c SET password_hash = o.hash
  FROM old_hash o JOIN account a ON a.username = o.name WHERE c.user_id = a.id;
CREATE TEMP TABLE before AS SELECT user_id, password_hash, changed_at FROM gatehouse.password_credentials;

-- ok
SELECT results_eq(
  format('SELECT status, user_id, email, username, is_superuser, is_verified, retry_after FROM gatehouse.authenticate_user(%L, %L)', login, 'correct horse battery'),
  $$SELECT 'ok'::text, id, email, username, false, true, NULL::interval FROM account WHERE username = 'ada'$$,
  format('ok for %s, with the account', to_json(login)))
  FROM unnest(ARRAY['ada@example.com', 'ADA@EXAMPLE.COM', ' ada@example.com ', 'ada', 'ADA']) AS login;
SELECT is((SELECT count(*)::int FROM gatehouse.authenticate_user('nobody', 'x')), 1, 'there is always one row');
SELECT is((SELECT status FROM gatehouse.authenticate_user('ada', 'correct horse battery', ip => '192.0.2.1',
  user_agent => 'test')), 'ok',
  'address and agent may be given by name');
SELECT is(pg_temp.as_role('gatehouse_app',
  $$SELECT status FROM gatehouse.authenticate_user('ada', 'correct horse battery')$$), 'ok',
  'an application may call it');
SELECT ok(u.last_login_at >= a.created_at, 'a login is noted') FROM account a,
  gatehouse.get_user_by_id(a.id) u WHERE a.username = 'ada';

-- Refusals: no column of the account, and no trace of why.
SELECT results_eq(
  format('SELECT status, user_id, email, username, is_superuser, is_verified, retry_after FROM gatehouse.authenticate_user(%L, %s)', login, password),
  $$VALUES ('invalid_credentials'::text, NULL::uuid, NULL::text, NULL::text, NULL::boolean, NULL::boolean, NULL::interval)$$,
  format('invalid_credentials and nothing else for %s', what))
  FROM (VALUES
    (1, 'ada', $$'correct horse batterz'$$, 'a wrong password'),
    (2, 'ada', $$'Correct horse battery'$$, 'the password in another case'),
    (3, 'ada', $$'correct horse battery '$$, 'the password and a blank'),
    (4, 'ada', $$''$$, 'an empty password'),
    (5, 'ada', $$repeat('a', 1025)$$, 'a password of 1025 bytes'),
    (6, 'ada', $$repeat('a', 10000000)$$, 'a password of 10 MB'),
    (7, 'ada', $$E'unassigned \u0378'$$, 'a password that no account can have'),
    (8, 'ada@example.com', $$'wrong'$$, 'a wrong password with the address'),
    (9, 'nobody', $$'correct horse battery'$$, 'an unknown username'),
    (10, 'nobody@example.com', $$'correct horse battery'$$, 'an unknown address'),
    (11, '', $$'correct horse battery'$$, 'an empty login'),
    (12, '@', $$'correct horse battery'$$, 'a login that is no address'),
    (13, 'a%', $$'correct horse battery'$$, 'a login with a wildcard'),
    (14, 'stopped', $$'correct horse battery'$$, 'a stopped account and the right password'),
    (15, 'stopped', $$'wrong'$$, 'a stopped account and a wrong password'),
    (16, 'deleted', $$'correct horse battery'$$, 'a deleted account and the right password'),
    (17, 'deleted@example.com', $$'correct horse battery'$$, 'a deleted account by its address'),
    (18, 'passwordless', $$'correct horse battery'$$, 'an account without a password'),
    (19, 'passwordless', $$''$$, 'an account without a password and none given'),
    (20, 'unverified', $$'wrong'$$, 'an unverified account and a wrong password'),
    (21, 'cheap', $$'wrong'$$, 'a cheaper hash and a wrong password'),
    (22, 'bcrypt', $$'wrong'$$, 'a bcrypt hash and a wrong password')
  ) AS v (place, login, password, what)
 ORDER BY place;
SELECT is_empty(
  $$SELECT c.user_id FROM gatehouse.password_credentials c JOIN before b USING (user_id) WHERE c.password_hash <> b.password_hash$$,
  'no refusal and no login with a hash of today changes a hash');
SELECT is_empty(
  $$SELECT u.username FROM gatehouse.users u WHERE u.last_login_at IS NOT NULL AND u.username <> 'ada'$$,
  'no refusal is noted as a login');

-- unverified: the password was proven, so the account is told.
SELECT results_eq(
  $$SELECT status, user_id, email, username, is_superuser, is_verified, retry_after FROM gatehouse.authenticate_user('unverified', 'correct horse battery')$$,
  $$SELECT 'unverified'::text, id, email, username, false, false, NULL::interval FROM account WHERE username = 'unverified'$$,
  'unverified, with the account, for the right password');
SELECT is((SELECT last_login_at FROM gatehouse.get_user_by_username('unverified')), NULL, 'which is no login');
SET LOCAL gatehouse.require_verified_email = off;
SELECT is((SELECT status FROM gatehouse.authenticate_user('unverified', 'correct horse battery')), 'ok',
  'ok where verification is not required');

-- Old hashes.
SELECT is((SELECT status FROM gatehouse.authenticate_user(name, 'correct horse battery')), 'ok',
  format('ok for the %s hash', name))
  FROM old_hash ORDER BY name;
SELECT matches(pg_temp.hash_of(name), '^\$argon2id\$v=19\$m=7168,t=5,p=1\$',
  format('a login replaces the %s hash by one of today''s cost', name))
  FROM old_hash ORDER BY name;
SELECT is((SELECT status FROM gatehouse.authenticate_user(name, 'correct horse battery')), 'ok',
  format('the replaced %s hash is of the same password', name))
  FROM old_hash ORDER BY name;
SELECT is_empty(
  $$SELECT c.user_id FROM gatehouse.password_credentials c JOIN before b USING (user_id) WHERE c.changed_at <> b.changed_at$$,
  'a replaced hash is no change of the password');

-- A stored hash that cannot be verified is a refusal: nobody learns of it by logging in.
UPDATE gatehouse.password_credentials c SET password_hash = '$1$saltsalt$qjXMvbEw8oaL.CzflDtaK/'
  FROM account a WHERE a.id = c.user_id AND a.username = 'cheap';
SELECT is((SELECT status FROM gatehouse.authenticate_user('cheap', 'password')), 'invalid_credentials',
  'a hash of an unknown kind is a refusal');
UPDATE gatehouse.password_credentials c SET password_hash = '$2a$31$CCCCCCCCCCCCCCCCCCCCC.E5YPO9kmyuRGyh0XouQYb4YMJKvyOeW'
  FROM account a WHERE a.id = c.user_id AND a.username = 'cheap';
SELECT is((SELECT status FROM gatehouse.authenticate_user('cheap', 'U*U')), 'invalid_credentials',
  'a hash that is too expensive is a refusal');

-- Wrong use.
SELECT throws_ok($$SELECT gatehouse.authenticate_user(NULL, 'x')$$, '22023',
  'arguments "login" and "password" must not be null', 'a NULL login is refused');
SELECT throws_ok($$SELECT gatehouse.authenticate_user('ada', NULL)$$, '22023',
  'arguments "login" and "password" must not be null', 'a NULL password is refused');

-- A cost below the floor makes no hashes, but a login needs none.
CREATE TEMP TABLE secret AS SELECT 'correct horse battery'::text AS password;
CREATE TEMP TABLE hash_before AS SELECT pg_temp.hash_of('ada') AS hash;
SET LOCAL gatehouse.argon2_memory = '8MB';
SET LOCAL gatehouse.argon2_iterations = 4;
SELECT throws_ok($$SELECT gatehouse.hash_password(password) FROM secret$$, '22023',
  'the Argon2id cost of new hashes is below the floor', 'with a cost below the floor no hash is made');
SELECT is((SELECT a.status FROM secret, gatehouse.authenticate_user('ada', password) a), 'ok',
  'a login whose hash is outdated succeeds all the same');
SELECT is(pg_temp.hash_of('ada'), (SELECT hash FROM hash_before), 'and keeps its hash');

-- Where nothing can be written nothing can be counted. It stays so: the mode can't be taken back.
SET LOCAL transaction_read_only = on;
SELECT throws_ok($$SELECT gatehouse.authenticate_user('ada', 'x')$$, '25006', 'cannot log in within a read-only transaction',
  'a read-only transaction is refused');

SELECT * FROM finish();
ROLLBACK;
