-- needs_rehash: which hashes a login makes anew.
BEGIN;
SELECT plan(10);
SELECT ok(gatehouse.library_version() <> '', 'the library is loaded');
SET LOCAL gatehouse.argon2_memory = '9MB';
SET LOCAL gatehouse.argon2_iterations = 4;
CREATE TEMP TABLE made AS SELECT gatehouse.hash_password('correct horse battery') AS hash;

SELECT ok(NOT gatehouse.needs_rehash(hash), 'a hash of the present cost is left alone') FROM made;
SET LOCAL gatehouse.argon2_iterations = 5;
SELECT ok(gatehouse.needs_rehash(hash), 'a hash of fewer passes is not') FROM made;
SET LOCAL gatehouse.argon2_memory = '7MB';
SELECT ok(gatehouse.needs_rehash(hash), 'even where it has more memory') FROM made;
SET LOCAL gatehouse.argon2_iterations = 4;
SELECT ok(NOT gatehouse.needs_rehash(hash), 'a hash of more memory is left alone') FROM made;
SET LOCAL gatehouse.argon2_memory = '9217kB';
SELECT ok(gatehouse.needs_rehash(hash), 'a hash of 1 kB less is not') FROM made;

SELECT ok(gatehouse.needs_rehash('$argon2id$v=19$m=1048576,t=9,p=2$c29tZXNhbHRzb21lc2FsdA$CTFhFdXPJO1aFaMaO6Mm5c8y7cJHAph8ArZWb2GRPPc'),
  'a hash of two lanes is made anew');
SELECT ok(gatehouse.needs_rehash('$2b$14$CCCCCCCCCCCCCCCCCCCCC.E5YPO9kmyuRGyh0XouQYb4YMJKvyOeW'),
  'bcrypt is made anew at any cost');
SELECT throws_ok($$SELECT gatehouse.needs_rehash('hunter2')$$, '22P02', 'password hash is of an unknown kind',
  'what is no hash is an error');
SELECT throws_ok($$SELECT gatehouse.needs_rehash(NULL)$$, '22023', 'argument "hash" must not be null',
  'NULL is refused');

SELECT * FROM finish();
ROLLBACK;
