-- What a new password must be beyond its length, whom it is refused, and what a hash that is brought along must be.
BEGIN;
SELECT plan(52);
SET LOCAL client_min_messages = warning;
\ir ../as_role.psql
SELECT ok(gatehouse.library_version() <> '', 'the library is loaded');
SET LOCAL gatehouse.argon2_memory = '7MB';
SET LOCAL gatehouse.argon2_iterations = 5;

-- Regular ones and common ones.
SELECT is(gatehouse.password_policy_fault(password, 'ada@example.com', 'ada'), message, format('%s: %s', password, coalesce(message, 'is accepted')))
  FROM (VALUES
    (1, 'correct horse battery staple', NULL),
    (2, repeat('a', 15), 'password must not be a short piece repeated or a run of neighbouring characters'),
    (3, repeat('aBc', 5), 'password must not be a short piece repeated or a run of neighbouring characters'),
    (4, repeat('abcD', 4) || 'ab', 'password must not be a short piece repeated or a run of neighbouring characters'),
    (5, repeat('abcde', 3), NULL),
    (6, repeat('ü', 15), 'password must not be a short piece repeated or a run of neighbouring characters'),
    (7, repeat(E'u\u0308', 15), 'password must not be a short piece repeated or a run of neighbouring characters'),
    (8, '123456789012345', 'password must not be a short piece repeated or a run of neighbouring characters'),
    (9, '543210987654321', 'password must not be a short piece repeated or a run of neighbouring characters'),
    (10, 'abcdefghijklmno', 'password must not be a short piece repeated or a run of neighbouring characters'),
    (11, 'onmlkjihgfedcba', 'password must not be a short piece repeated or a run of neighbouring characters'),
    (12, 'QWERTYUIOPASDFG', 'password must not be a short piece repeated or a run of neighbouring characters'),
    (13, 'abcdefghijklmnp', NULL),
    (14, 'password123456789', 'password must not be one that is commonly chosen'),
    (15, 'PASSWORD123456789', 'password must not be one that is commonly chosen'),
    (16, 'my password123456789', NULL),
    (17, '', 'password must not be empty'),
    (18, NULL, 'argument "password" must not be null'),
    (19, 'too short', 'password must have at least 15 characters')
  ) AS v (place, password, message)
 ORDER BY place;

-- The owner's names.
SELECT is(gatehouse.password_policy_fault(password, email, username), message, what)
  FROM (VALUES
    (1, 'lovelace@example.com', 'lovelace@example.com', 'ada', 'password must have at least 8 characters besides the e-mail address and the username',
      'the e-mail address is no password'),
    (2, 'LoveLace@Example.Com', E' lovelace@example.com\n', 'ada', 'password must have at least 8 characters besides the e-mail address and the username',
      'in no case and however it is typed'),
    (3, 'lovelace1234567', 'Lovelace@example.com', 'ada', 'password must have at least 8 characters besides the e-mail address and the username',
      'nor its local part with seven characters more'),
    (4, 'lovelace4816357x', 'Lovelace@example.com', 'ada', NULL, 'with eight it is'),
    (5, 'ada-ada-ada-ada-', 'lovelace@example.com', 'ADA', 'password must have at least 8 characters besides the e-mail address and the username',
      'nor the username again and again'),
    (6, 'adlerhorst-madam', 'ad@example.com', 'abc', NULL, 'a local part of two characters is left alone'),
    (7, E'ga\u0308rtner-gärtner', 'gärtner@example.com', 'abc', 'password must have at least 8 characters besides the e-mail address and the username',
      'names are compared in NFC'),
    (8, 'lovelace1234567', NULL, NULL, NULL, 'no names, no rule'),
    (9, 'lovelace1234567', repeat('lovelace', 1000000), repeat('lovelace', 1000000), NULL, 'names of megabytes are in no password')
  ) AS v (place, password, email, username, message, what)
 ORDER BY place;
SELECT throws_ok($$SELECT gatehouse.create_user(' Lovelace@example.com', 'ada', 'lovelace@EXAMPLE.com')$$, '22023',
  'password must have at least 8 characters besides the e-mail address and the username', 'create_user knows both');

-- Composition.
SET LOCAL gatehouse.password_composition = on;
SELECT is(gatehouse.password_fault(password, NULL, NULL), message, format('%s: %s', password, coalesce(message, 'is mixed')))
  FROM (VALUES
    (1, 'Correct horse battery staple 9', NULL),
    (2, 'Ärger über Öl 9', NULL),
    (3, 'correct-horse-9', 'password must have an upper-case letter'),
    (4, 'correct horse battery staple', 'password must have an upper-case letter and a digit'),
    (5, 'CorrectHorseBattery', 'password must have a digit and a symbol'),
    (6, '927-1550-834-16', 'password must have an upper-case letter and a lower-case letter'),
    (7, '用户例子广告天地用户例子广告天', 'password must have an upper-case letter, a lower-case letter, a digit and a symbol')
  ) AS v (place, password, message)
 ORDER BY place;
SELECT throws_ok($$SELECT gatehouse.check_new_password('correct-horse-9', NULL, NULL)$$, '22023',
  'password must have an upper-case letter', 'check_new_password raises what password_fault tells');
SELECT throws_ok($$SELECT gatehouse.check_password_policy('correct-horse-9', NULL, NULL)$$, '22023',
  'password must have an upper-case letter', 'check_password_policy raises what password_policy_fault tells');
SET LOCAL gatehouse.password_composition = off;
SELECT lives_ok($$SELECT gatehouse.check_new_password('correct-horse-9', NULL, NULL),
                         gatehouse.check_password_policy('correct-horse-9', NULL, NULL)$$, 'off it is not asked for');

-- Hashes that are brought along.
SELECT is(gatehouse.stored_hash_fault(hash), message, what)
  FROM (VALUES
    (1, gatehouse.hash_password('correct horse battery staple'), NULL, 'a hash of ours is fine'),
    (2, '$2b$04$abcdefghijklmnopqrstuuPp7HPfoAs8I2dCQCQ/fW7zEJv8I8C8e', NULL, 'so is one of bcrypt'),
    (3, '$5$rounds=1000$salt$7KVl3mKg4nimV/qrrylYq3/eyzK/PGCputoW3DE3xU8', NULL, 'one of SHA-crypt'),
    (4, '$y$j75$salt/salt/salt./$gwJUNk141jIr97G76avfvj5TtwbOzjMBnt/YWZ8i7k0', NULL, 'one of yescrypt'),
    (5, 'pbkdf2_sha256$1$salt$VawEblbjCJ/sFpHCJUS2BflBhSFt3gRl5oudV8INrLw=', NULL, 'and one of PBKDF2'),
    (6, '$2b$15$abcdefghijklmnopqrstuuPp7HPfoAs8I2dCQCQ/fW7zEJv8I8C8e',
      'password hash asks for more than gatehouse.bcrypt_cost_ceiling allows', 'one above a ceiling is not'),
    (7, '$1$28772684$iEwNOgGugqO9.bIz5sk8k/', 'password hash is of an unknown kind', 'nor one of another kind'),
    (8, '$2b$04$', 'malformed password hash', 'nor a malformed one'),
    (9, '', 'password hash is of an unknown kind', 'nor none'),
    (10, repeat('$', 10000000), 'malformed password hash', 'nor megabytes'),
    (11, NULL, 'argument "hash" must not be null', 'nor a null')
  ) AS v (place, hash, message, what)
 ORDER BY place;

-- What looks at passwords is nobody's.
SELECT is(count(*), 0::bigint, 'nobody but the owner calls what judges a password or a hash')
  FROM unnest(ARRAY['check_new_password(text,text,text)', 'password_fault(text,text,text)', 'password_policy_fault(text,text,text)',
                    'check_password_policy(text,text,text)', 'blocked_password_digest(text)', 'stored_hash_fault(text)']) AS f,
       unnest(ARRAY['gatehouse_app', 'gatehouse_admin', 'gatehouse_auditor']) AS r
 WHERE has_function_privilege(r, 'gatehouse.' || f, 'EXECUTE');

SELECT * FROM finish();
ROLLBACK;
