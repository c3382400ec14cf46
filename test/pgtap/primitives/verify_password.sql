-- verify_password: Argon2id and the kinds that applications bring along, by published vectors.
BEGIN;
SELECT plan(46);
SELECT ok(gatehouse.library_version() <> '', 'the library is loaded');

CREATE TEMP TABLE vector (place integer GENERATED ALWAYS AS IDENTITY, kind text, password text, hash text);
INSERT INTO vector (kind, password, hash) VALUES
  -- The reference implementation of Argon2, src/test.c.
  ('Argon2id, 64 MB', 'password',
    '$argon2id$v=19$m=65536,t=2,p=1$c29tZXNhbHQ$CTFhFdXPJO1aFaMaO6Mm5c8y7cJHAph8ArZWb2GRPPc'),
  ('Argon2id, 256 kB', 'password',
    '$argon2id$v=19$m=256,t=2,p=1$c29tZXNhbHQ$nf65EOgLrQMR/uIPnA4rEsF5h7TKyQwu9U1bMCHGi/4'),
  ('Argon2id, two lanes', 'password',
    '$argon2id$v=19$m=256,t=2,p=2$c29tZXNhbHQ$bQk8UB/VmZZF4Oo79iDXuL5/0ttZwg2f/5U52iv1cDc'),
  -- crypt_blowfish, wrapper.c. On ASCII the three variants are one.
  ('bcrypt 2a', 'U*U', '$2a$05$CCCCCCCCCCCCCCCCCCCCC.E5YPO9kmyuRGyh0XouQYb4YMJKvyOeW'),
  ('bcrypt 2a, another salt', 'U*U*U', '$2a$05$XXXXXXXXXXXXXXXXXXXXXOAcXxm9kjPGEMsLznoKqmqw7tc8WCx4a'),
  ('bcrypt 2b', 'U*U', '$2b$05$CCCCCCCCCCCCCCCCCCCCC.E5YPO9kmyuRGyh0XouQYb4YMJKvyOeW'),
  ('bcrypt 2y', 'U*U', '$2y$05$CCCCCCCCCCCCCCCCCCCCC.E5YPO9kmyuRGyh0XouQYb4YMJKvyOeW'),
  -- Ulrich Drepper, Unix crypt using SHA-256 and SHA-512.
  ('SHA-256-crypt', 'Hello world!', '$5$saltstring$5B8vYYiY.CVt1RlTTf8KbXBH3hsxY/GNooZaBBGWEc5'),
  ('SHA-256-crypt with rounds', 'Hello world!',
    '$5$rounds=10000$saltstringsaltst$3xv.VbSHBb41AL9AvLeujZkZRBAwqFMz2.opqey6IcA'),
  ('SHA-512-crypt', 'Hello world!',
    '$6$saltstring$svn8UoSVapNtMuq1ukKS4tPQd8iKwSMHWjl/O817G3uBnIFNjnQJuesI68u4OTLiBFdcbYEdFCoEOfaS35inz1'),
  ('SHA-512-crypt with rounds', 'Hello world!',
    '$6$rounds=10000$saltstringsaltst$OW1/O6BYHV6BcXZu8QVeXbDWra3Oeqh0sbHbbMCVNSnCM/UrjmM0Dp8vOuZeHBy/YTBmSK6H9qs/y3RnOaw5v.'),
  -- libxcrypt's known answers.
  ('yescrypt', 'abc', '$y$j75$LdJMENpBABJJ3hIHjB1Bi.$aN8IREm4mVoXwP2ZkEbfFinwVjML6Krr5zkB50rSJX3'),
  -- RFC 7914, section 11, whose bytes are given in base64 as Django gives them.
  ('PBKDF2-SHA256, 1 iteration', 'passwd',
   'pbkdf2_sha256$1$salt$' || encode('\x55ac046e56e3089fec1691c22544b605f94185216dde0465e68b9d57c20dacbc', 'base64')),
  ('PBKDF2-SHA256, 80000 iterations', 'Password',
   'pbkdf2_sha256$80000$NaCl$' || encode('\x4ddcd8f60b98be21830cee5ef22701f9641a4418d04c0414aeff08876b34ab56',
     'base64'));

SELECT ok(gatehouse.verify_password(password, hash),
  format('%s: the published password', kind)) FROM vector ORDER BY place;
SELECT ok(NOT gatehouse.verify_password(password || ' ', hash),
  format('%s: another password', kind)) FROM vector ORDER BY place;
SELECT ok(gatehouse.needs_rehash(hash), format('%s is below the present cost or of another kind', kind))
  FROM vector WHERE place <> 1 ORDER BY place;

SELECT throws_ok($$SELECT gatehouse.verify_password(NULL, '$2a$05$CCCCCCCCCCCCCCCCCCCCC.E5YPO9kmyuRGyh0XouQYb4YMJKvyOeW')$$,
  '22023', 'argument "password" must not be null', 'a NULL password is refused');
SELECT throws_ok($$SELECT gatehouse.verify_password('secret', NULL)$$,
  '22023', 'argument "hash" must not be null', 'a NULL hash is refused');
-- crypt_blowfish, wrapper.c.
SELECT ok(
  gatehouse.verify_password('0123456789abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789chars after 72 are ignored',
                            '$2a$05$abcdefghijklmnopqrstuu5s2v8.iXieOjg/.AySBTTZIIVFJeBui'),
  'bcrypt knows 72 bytes of a password');
SELECT throws_ok($$SELECT gatehouse.verify_password('', '$2a$05$CCCCCCCCCCCCCCCCCCCCC.E5YPO9kmyuRGyh0XouQYb4YMJKvyOeW')$$,
  '22023', 'password must not be empty', 'an empty password is refused here too');

SELECT * FROM finish();
ROLLBACK;
