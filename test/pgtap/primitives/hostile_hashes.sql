-- Stored hashes that are malformed, of unknown kinds or absurdly expensive are refused before any work.
BEGIN;
SELECT plan(49);
\ir ../diagnose.psql
SELECT ok(gatehouse.library_version() <> '', 'the library is loaded');

CREATE TEMP TABLE hostile (place integer GENERATED ALWAYS AS IDENTITY, what text, hash text, state text, message text);

-- Each would take minutes, or all memory.
INSERT INTO hostile (what, hash, state, message)
SELECT what, hash, '22023', 'password hash asks for more than ' || setting || ' allows'
  FROM (VALUES
    ('Argon2id with 4 TiB',
      '$argon2id$v=19$m=4294967295,t=2,p=1$c29tZXNhbHRzb21lc2FsdA$CTFhFdXPJO1aFaMaO6Mm5c8y7cJHAph8ArZWb2GRPPc',
      'gatehouse.argon2_memory_ceiling'),
    ('Argon2id with 4 GiB', '$argon2id$v=19$m=4194304,t=2,p=1$c29tZXNhbHQ$CTFhFdXPJO1aFaMaO6Mm5c8y7cJHAph8ArZWb2GRPPc',
      'gatehouse.argon2_memory_ceiling'),
    ('Argon2id with 1 kB above the ceiling',
      '$argon2id$v=19$m=262145,t=2,p=1$c29tZXNhbHQ$CTFhFdXPJO1aFaMaO6Mm5c8y7cJHAph8ArZWb2GRPPc',
      'gatehouse.argon2_memory_ceiling'),
    ('Argon2id with 10^9 passes',
      '$argon2id$v=19$m=65536,t=1000000000,p=1$c29tZXNhbHQ$CTFhFdXPJO1aFaMaO6Mm5c8y7cJHAph8ArZWb2GRPPc',
      'gatehouse.argon2_iterations_ceiling'),
    ('bcrypt of cost 31', '$2a$31$CCCCCCCCCCCCCCCCCCCCC.E5YPO9kmyuRGyh0XouQYb4YMJKvyOeW',
      'gatehouse.bcrypt_cost_ceiling'),
    ('bcrypt of cost 15', '$2b$15$CCCCCCCCCCCCCCCCCCCCC.E5YPO9kmyuRGyh0XouQYb4YMJKvyOeW',
      'gatehouse.bcrypt_cost_ceiling'),
    ('SHA-256-crypt of 999999999 rounds', '$5$rounds=999999999$saltstring$5B8vYYiY.CVt1RlTTf8KbXBH3hsxY/GNooZaBBGWEc5',
      'gatehouse.sha_crypt_rounds_ceiling'),
    ('SHA-512-crypt of 999999999 rounds',
      '$6$rounds=999999999$saltstring$svn8UoSVapNtMuq1ukKS4tPQd8iKwSMHWjl/O817G3uBnIFNjnQJuesI68u4OTLiBFdcbYEdFCoEOfaS35inz1', 'gatehouse.sha_crypt_rounds_ceiling'),
    ('PBKDF2 of 10^9 iterations', 'pbkdf2_sha256$1000000000$salt$VawEblbjCJ/sFpHCJUS2BflBhSFt3gRl5oudV8INrLw=',
      'gatehouse.pbkdf2_iterations_ceiling'),
    ('yescrypt of exbibytes', '$y$jjj$LdJMENpBABJJ3hIHjB1Bi.$aN8IREm4mVoXwP2ZkEbfFinwVjML6Krr5zkB50rSJX3',
      'gatehouse.yescrypt_memory_ceiling'),
    ('yescrypt of 128 MiB', '$y$jCT$LdJMENpBABJJ3hIHjB1Bi.$aN8IREm4mVoXwP2ZkEbfFinwVjML6Krr5zkB50rSJX3',
      'gatehouse.yescrypt_memory_ceiling')
  ) AS v (what, hash, setting);

-- libcrypt knows some of these.
INSERT INTO hostile (what, hash, state, message)
SELECT what, hash, '22P02', 'password hash is of an unknown kind'
  FROM (VALUES
    ('the empty text', ''),
    ('a password in the clear', 'correct horse battery staple'),
    ('DES', 'rl.3StKT.4T8M'),
    ('extended DES', '_J9..rasmBYk8r9AiWNc'),
    ('MD5-crypt', '$1$saltsalt$qjXMvbEw8oaL.CzflDtaK/'),
    ('scrypt', '$7$C6..../....SodiumChloride$kBGj9fHznVYFQMEn/qDCfrDevf9YDtcDdKvEqHJLV8D'),
    ('NT', '$3$$8846f7eaee8fb117ad06bdd830b7586c'),
    ('Argon2i', '$argon2i$v=19$m=65536,t=2,p=1$c29tZXNhbHQ$wWKIMhR9lyDFvRz9YTZweHKfbftvj+qf+YFY4NeBbtA'),
    ('Argon2d', '$argon2d$v=19$m=65536,t=2,p=1$c29tZXNhbHQ$wWKIMhR9lyDFvRz9YTZweHKfbftvj+qf+YFY4NeBbtA'),
    ('bcrypt 2x, whose sign extension is a bug', '$2x$05$/OK.fbVrR/bpIqNJ5ianF.CE5elHaaO4EbggVDjb8P19RukzXSM3e'),
    ('PBKDF2 with SHA-1', 'pbkdf2_sha1$1$salt$VawEblbjCJ/sFpHCJUS2BflBhSFt3gRl5oudV8INrLw='),
    ('a hash with a space before it', ' $2a$05$CCCCCCCCCCCCCCCCCCCCC.E5YPO9kmyuRGyh0XouQYb4YMJKvyOeW'),
    ('a hash of 303 bytes of an unknown kind', '$z$' || repeat('a', 300))
  ) AS v (what, hash);

INSERT INTO hostile (what, hash, state, message)
SELECT what, hash, '22P02', 'malformed password hash'
  FROM (VALUES
    ('Argon2id without a tag', '$argon2id$v=19$m=65536,t=2,p=1$c29tZXNhbHQ'),
    ('Argon2id with an empty tag', '$argon2id$v=19$m=65536,t=2,p=1$c29tZXNhbHQ$'),
    ('Argon2id of version 16',
      '$argon2id$v=16$m=65536,t=2,p=1$c29tZXNhbHQ$CTFhFdXPJO1aFaMaO6Mm5c8y7cJHAph8ArZWb2GRPPc'),
    ('Argon2id with its parameters in another order',
      '$argon2id$v=19$t=2,m=65536,p=1$c29tZXNhbHQ$CTFhFdXPJO1aFaMaO6Mm5c8y7cJHAph8ArZWb2GRPPc'),
    ('Argon2id with memory beyond 32 bits',
      '$argon2id$v=19$m=4294967296,t=2,p=1$c29tZXNhbHQ$CTFhFdXPJO1aFaMaO6Mm5c8y7cJHAph8ArZWb2GRPPc'),
    ('Argon2id with negative passes',
      '$argon2id$v=19$m=65536,t=-2,p=1$c29tZXNhbHQ$CTFhFdXPJO1aFaMaO6Mm5c8y7cJHAph8ArZWb2GRPPc'),
    ('Argon2id without lanes',
      '$argon2id$v=19$m=65536,t=2,p=0$c29tZXNhbHQ$CTFhFdXPJO1aFaMaO6Mm5c8y7cJHAph8ArZWb2GRPPc'),
    ('Argon2id with text after its end',
      '$argon2id$v=19$m=65536,t=2,p=1$c29tZXNhbHQ$CTFhFdXPJO1aFaMaO6Mm5c8y7cJHAph8ArZWb2GRPPc$'),
    ('bcrypt of cost 3', '$2a$03$CCCCCCCCCCCCCCCCCCCCC.E5YPO9kmyuRGyh0XouQYb4YMJKvyOeW'),
    ('bcrypt of cost 32', '$2a$32$CCCCCCCCCCCCCCCCCCCCC.E5YPO9kmyuRGyh0XouQYb4YMJKvyOeW'),
    ('bcrypt of a cost of one digit', '$2a$5$CCCCCCCCCCCCCCCCCCCCC.E5YPO9kmyuRGyh0XouQYb4YMJKvyOeW'),
    ('bcrypt cut short', '$2a$05$CCCCCCCCCCCCCCCCCCCCC.E5YPO9kmyuRGyh0XouQYb4YMJKvyOe'),
    ('bcrypt with a line end', E'$2a$05$CCCCCCCCCCCCCCCCCCCCC.E5YPO9kmyuRGyh0XouQYb4YMJKvyOeW\n'),
    ('SHA-crypt of 999 rounds', '$5$rounds=999$saltstring$5B8vYYiY.CVt1RlTTf8KbXBH3hsxY/GNooZaBBGWEc5'),
    ('SHA-crypt of 10^9 rounds', '$5$rounds=1000000000$saltstring$5B8vYYiY.CVt1RlTTf8KbXBH3hsxY/GNooZaBBGWEc5'),
    ('PBKDF2 without iterations', 'pbkdf2_sha256$0$salt$VawEblbjCJ/sFpHCJUS2BflBhSFt3gRl5oudV8INrLw='),
    ('PBKDF2 with a digest of 31 bytes', 'pbkdf2_sha256$1$salt$VawEblbjCJ/sFpHCJUS2BflBhSFt3gRl5oudV8INrA=='),
    ('PBKDF2 with more than 2^31 iterations',
      'pbkdf2_sha256$2147483648$salt$VawEblbjCJ/sFpHCJUS2BflBhSFt3gRl5oudV8INrLw='),
    ('yescrypt without parameters', '$y$$LdJMENpBABJJ3hIHjB1Bi.$aN8IREm4mVoXwP2ZkEbfFinwVjML6Krr5zkB50rSJX3'),
    ('a hash of 513 bytes', '$argon2id$' || repeat('a', 503)),
    ('a hash of 10 MB', '$argon2id$' || repeat('a', 10000000))
  ) AS v (what, hash);

SELECT is(
  (SELECT e.state || ' ' || e.message
     FROM pg_temp.diagnose(format('SELECT gatehouse.verify_password(%L, hash) FROM hostile WHERE place = %s', 'any',
       place)) e),
  state || ' ' || message, what)
  FROM hostile ORDER BY place;

-- What is too expensive to verify may still be judged.
SELECT is_empty(
  $$SELECT h.what, e.state, e.message
      FROM hostile h, pg_temp.diagnose(format('SELECT gatehouse.needs_rehash(hash) FROM hostile WHERE place = %s',
        h.place)) e
     WHERE h.state = '22P02' AND (e.state, e.message) IS DISTINCT FROM (h.state, h.message)$$,
  'needs_rehash refuses malformed hashes and unknown kinds alike');
SELECT is_empty(
  $$SELECT what FROM hostile WHERE state = '22023' AND gatehouse.needs_rehash(hash) IS DISTINCT FROM (what <> 'Argon2id with 4 TiB')$$,
  'needs_rehash answers for expensive hashes: only an Argon2id hash in our own form is left alone');
SELECT is_empty(
  $$SELECT h.what, e
      FROM hostile h, pg_temp.diagnose(format('SELECT gatehouse.verify_password(%L, hash) FROM hostile WHERE place = %s', 'any', h.place)) e
     WHERE length(h.hash) BETWEEN 20 AND 1000 AND position(substr(h.hash, 13, 20) IN e::text) > 0$$,
  'no error shows the hash');


SELECT * FROM finish();
ROLLBACK;
