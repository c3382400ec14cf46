-- hash_password: the form of what it makes, and what it takes as a password.
BEGIN;
SELECT plan(24);
\ir ../diagnose.psql
SELECT ok(gatehouse.library_version() <> '', 'the library is loaded');

SELECT matches(gatehouse.hash_password('correct horse battery'),
  '^\$argon2id\$v=19\$m=65536,t=2,p=1\$[A-Za-z0-9+/]{22}\$[A-Za-z0-9+/]{43}$',
  'a hash is a PHC string of Argon2id at the default cost, with 16 bytes of salt and a tag of 32');

SET LOCAL gatehouse.argon2_memory = '7MB';
SET LOCAL gatehouse.argon2_iterations = 5;
SELECT matches(gatehouse.hash_password('a'), '^\$argon2id\$v=19\$m=7168,t=5,p=1\$',
  'the cost comes from the settings, and a password of 1 byte has a hash');
SELECT isnt(gatehouse.hash_password('same'), gatehouse.hash_password('same'), 'each hash has a salt of its own');
SELECT ok(gatehouse.verify_password(repeat('a', 1024), gatehouse.hash_password(repeat('a', 1024))),
  'a password of 1024 bytes has a hash');
SELECT ok(NOT gatehouse.verify_password(repeat('a', 1023) || 'b', gatehouse.hash_password(repeat('a', 1024))),
  'all of whose bytes count');
SELECT ok(gatehouse.verify_password(repeat('é', 512), gatehouse.hash_password(repeat('é', 512))),
  '1024 bytes may be 512 characters');
SELECT throws_ok($$SELECT gatehouse.hash_password('')$$, '22023', 'password must not be empty',
  'an empty password is refused');
SELECT throws_ok($$SELECT gatehouse.hash_password(repeat('a', 1025))$$, '22023',
  'password must have at most 1024 bytes',
  'a password of 1025 bytes is refused');
SELECT throws_ok($$SELECT gatehouse.hash_password(repeat('é', 513))$$, '22023', 'password must have at most 1024 bytes',
  'bytes are counted, not characters');
SELECT throws_ok($$SELECT gatehouse.hash_password(repeat(E'\u0958', 200))$$, '22023',
  'password must have at most 1024 bytes',
  '600 bytes that are 1200 in NFC are refused');
SELECT throws_ok($$SELECT gatehouse.hash_password(repeat('a', 10000000))$$, '22023',
  'password must have at most 1024 bytes',
  'a password of 10 MB is refused');
SELECT throws_ok($$SELECT gatehouse.hash_password(E'pass\u0378word')$$, '22023',
  'password must not contain unassigned code points', 'an unassigned code point is refused');
SELECT throws_ok($$SELECT gatehouse.hash_password(E'pass\U000e0fffword')$$, '22023',
  'password must not contain unassigned code points', 'also beyond the basic plane');
SELECT throws_ok($$SELECT gatehouse.hash_password(NULL)$$, '22023', 'argument "password" must not be null',
  'NULL is refused');
SELECT throws_ok($$SELECT gatehouse.hash_password(convert_from('\x610062', 'UTF8'))$$, '22021',
  'invalid byte sequence for encoding "UTF8": 0x00', 'a NUL byte is refused by the server itself');
SELECT throws_ok($$SELECT gatehouse.hash_password(convert_from('\x61ff62', 'UTF8'))$$, '22021',
  'invalid byte sequence for encoding "UTF8": 0xff', 'and so is text that is not UTF-8');

SET LOCAL gatehouse.argon2_iterations = 4;
SELECT throws_ok($$SELECT gatehouse.hash_password('secret-tell-nobody')$$, '22023',
  'the Argon2id cost of new hashes is below the floor',
  '7 MB and 4 passes are below OWASP''s minimum');
SELECT matches((SELECT hint FROM pg_temp.diagnose($$SELECT gatehouse.hash_password('secret-tell-nobody')$$)),
  '46MB and 1, 19MB and 2, 12MB and 3, 9MB and 4, 7MB and 5', 'the hint names the least pairs');
SET LOCAL gatehouse.argon2_memory = '46MB';
SET LOCAL gatehouse.argon2_iterations = 1;
SELECT matches(gatehouse.hash_password('a'), '^\$argon2id\$v=19\$m=47104,t=1,p=1\$', '46 MB and 1 pass are enough');
SET LOCAL gatehouse.argon2_memory = '47103kB';
SELECT throws_ok($$SELECT gatehouse.hash_password('a')$$, '22023', 'the Argon2id cost of new hashes is below the floor',
  'one kilobyte less is not');
SET LOCAL gatehouse.argon2_memory = '300MB';
SELECT throws_ok($$SELECT gatehouse.hash_password('a')$$, '22023',
  'the Argon2id cost of new hashes is above gatehouse.argon2_memory_ceiling',
    'a hash that could not be verified is not made');
SET LOCAL gatehouse.argon2_memory = '19MB';
SET LOCAL gatehouse.argon2_iterations = 17;
SELECT throws_ok($$SELECT gatehouse.hash_password('a')$$, '22023',
  'the Argon2id cost of new hashes is above gatehouse.argon2_iterations_ceiling', 'neither by its passes');
CREATE TEMP TABLE secret AS SELECT 'secret-tell-nobody'::text AS password;
SELECT is_empty(
  $$SELECT e.* FROM pg_temp.diagnose('SELECT gatehouse.hash_password(password) FROM secret') e
     WHERE e::text LIKE '%tell-nobody%' OR e.state IS NULL$$,
  'the error does not say the password');

SELECT * FROM finish();
ROLLBACK;
