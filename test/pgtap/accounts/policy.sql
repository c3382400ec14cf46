-- What an e-mail address, a username and a password must be.
BEGIN;
SELECT plan(94);
SET LOCAL client_min_messages = warning;
\ir ../as_role.psql
SELECT ok(gatehouse.library_version() <> '', 'the library is loaded');
SET LOCAL gatehouse.argon2_memory = '7MB';
SET LOCAL gatehouse.argon2_iterations = 5;

-- Addresses.
SELECT lives_ok(format('SELECT gatehouse.create_user(%L, %L)', address, 'user' || place),
  format('address %s is accepted', left(address, 60)))
  FROM unnest(ARRAY[
    'a@b.de', 'first.last+tag@sub.example.com', 'o''brien@example.com', 'x@xn--bcher-kva.example',
      'grüße@bücher.example', '用户@例子.广告',
    '!#$%&*/=?^_`{|}~-@example.com', repeat('a', 64) || '@example.com', '1@1.2.3.museum',
    repeat('a', 64) || '@' || repeat('b.', 92) || 'commm'
  ]) WITH ORDINALITY AS a (address, place);
SELECT throws_ok(format('SELECT gatehouse.create_user(%L, %L)', address, 'somebody'), '22023',
  'e-mail address must have the form name@example.com', format('address %s is refused', to_json(address)))
  FROM unnest(ARRAY[
    '', ' ', 'plain', '@example.com', 'a@', 'a@b', 'a@@b.de', 'a@b@c.de', 'a b@example.com', 'a@exa mple.com',
      '.a@example.com', 'a.@example.com',
    'a..b@example.com', 'a@.example.com', 'a@example.com.', 'a@example..com', 'a@-example.com', 'a@example-.com',
      'a@[192.0.2.1]', '"a b"@example.com',
    'Ada <ada@example.com>', 'a@example.com, b@example.com', 'a@exam_ple.com', E'a\nb@example.com',
      E'a@example.com\nBcc: x@example.com', E'a\u0001@example.com'
  ]) AS address;
SELECT throws_ok(format('SELECT gatehouse.create_user(%L, %L)', repeat('a', 65) || '@example.com', 'somebody'), '22023',
  'e-mail address must have at most 64 bytes before the @', '65 bytes before the @ are refused');
SELECT throws_ok(format('SELECT gatehouse.create_user(%L, %L)', repeat('ü', 33) || '@example.com', 'somebody'), '22023',
  'e-mail address must have at most 64 bytes before the @', 'bytes are counted there, not characters');
SELECT throws_ok(format('SELECT gatehouse.create_user(%L, %L)', repeat('a', 64) || '@' || repeat('b.', 92) || 'commmm',
  'somebody'), '22023',
  'e-mail address must have at most 254 bytes', '255 bytes are refused');

-- Usernames.
SELECT lives_ok(format('SELECT gatehouse.create_user(%L, %L)', 'name' || place || '@example.com', name),
  format('username %s is accepted', name))
  FROM unnest(ARRAY['abc', repeat('a', 30), 'A1_b-2', '123']) WITH ORDINALITY AS a (name, place);
SELECT throws_ok(format('SELECT gatehouse.create_user(%L, %L)', 'somebody@example.com', name), '22023', message,
  format('username %s is refused', to_json(name)))
  FROM (VALUES
    (1, 'ab', 'username must have 3 to 30 characters'),
    (2, '', 'username must have 3 to 30 characters'),
    (3, repeat('a', 31), 'username must have 3 to 30 characters'),
    (4, 'a b', 'username must consist of the letters A to Z, digits, "_" and "-"'),
    (5, 'a@b.de', 'username must consist of the letters A to Z, digits, "_" and "-"'),
    (6, 'jürgen', 'username must consist of the letters A to Z, digits, "_" and "-"'),
    (7, E'аdmin', 'username must consist of the letters A to Z, digits, "_" and "-"'),
    (8, E'abc\n', 'username must consist of the letters A to Z, digits, "_" and "-"'),
    (9, '_abc', 'username must not begin or end with "_" or "-" nor have two of them in a row'),
    (10, 'abc-', 'username must not begin or end with "_" or "-" nor have two of them in a row'),
    (11, 'a__b', 'username must not begin or end with "_" or "-" nor have two of them in a row'),
    (12, 'a-_b', 'username must not begin or end with "_" or "-" nor have two of them in a row')
  ) AS v (place, name, message)
 ORDER BY place;

-- Passwords. The length counts code points of the normal form.
SELECT throws_ok(format('SELECT gatehouse.create_user(%L, %L, %L)', 'somebody@example.com', 'somebody', password),
  '22023', message, what)
  FROM (VALUES
    (1, '', 'password must not be empty', 'an empty password is refused'),
    (2, '12345678901234', 'password must have at least 15 characters', '14 characters are refused'),
    (3, repeat(E'e\u0301', 14), 'password must have at least 15 characters',
      '14 characters of two code points are 14 in the normal form'),
    (4, repeat('a', 1025), 'password must have at most 1024 bytes', '1025 bytes are refused'),
    (5, E'unassigned \u0378 in here', 'password must not contain unassigned code points',
      'an unassigned code point is refused')
  ) AS v (place, password, message, what)
 ORDER BY place;
SELECT lives_ok(format('SELECT gatehouse.create_user(%L, %L, %L)', 'pass1@example.com', 'pass1', 'éàüöäñçøåßþðœžš'),
  '15 characters are accepted, whatever their bytes');
SELECT lives_ok(format('SELECT gatehouse.create_user(%L, %L, %L)', 'pass2@example.com', 'pass2',
  (SELECT string_agg(md5(n::text), '') FROM generate_series(1, 32) AS n)),
  '1024 bytes are accepted');
SELECT lives_ok(format('SELECT gatehouse.create_user(%L, %L, %L)', 'pass3@example.com', 'pass3',
  '   spaces   inside   '), 'spaces are left as they are');
SET LOCAL gatehouse.password_min_length = 8;
SELECT throws_ok($$SELECT gatehouse.create_user('somebody@example.com', 'somebody', '1234567')$$, '22023',
  'password must have at least 8 characters', 'the message names the length of the setting');
SELECT lives_ok($$SELECT gatehouse.create_user('pass4@example.com', 'pass4', '83526174')$$,
  'and that many are accepted');


-- Faults are what is raised, told without raising.
SELECT is((SELECT string_agg(format('%s: %s', kind, fault), E'\n' ORDER BY place) FROM (VALUES
    (1, 'email', gatehouse.email_fault(NULL)),
    (2, 'email', gatehouse.email_fault('plain')),
    (3, 'email', gatehouse.email_fault(repeat('a', 65) || '@example.com')),
    (4, 'email', gatehouse.email_fault(repeat('a', 10000000) || '@example.com')),
    (5, 'email', gatehouse.email_fault(E' Ada@example.com\n')),
    (6, 'username', gatehouse.username_fault(NULL)),
    (7, 'username', gatehouse.username_fault('ab')),
    (8, 'username', gatehouse.username_fault(E'abc\n')),
    (9, 'username', gatehouse.username_fault('a__b')),
    (10, 'username', gatehouse.username_fault('ada')),
    (11, 'profile', gatehouse.profile_fault(NULL)),
    (12, 'profile', gatehouse.profile_fault('null')),
    (13, 'profile', gatehouse.profile_fault('[]')),
    (14, 'profile', gatehouse.profile_fault(jsonb_build_object('a', repeat('x', 65536 - 8)))),
    (15, 'profile', gatehouse.profile_fault(jsonb_build_object('a', repeat('x', 65536 - 9)))),
    (16, 'profile', gatehouse.profile_fault('{}'))
  ) AS v (place, kind, fault)),
  'email: argument "email" must not be null
email: e-mail address must have the form name@example.com
email: e-mail address must have at most 64 bytes before the @
email: e-mail address must have at most 254 bytes
email: 
username: argument "username" must not be null
username: username must have 3 to 30 characters
username: username must consist of the letters A to Z, digits, "_" and "-"
username: username must not begin or end with "_" or "-" nor have two of them in a row
username: 
profile: profile must be a JSON object
profile: profile must be a JSON object
profile: profile must be a JSON object
profile: profile must have at most 65536 bytes
profile: 
profile: ', 'each rule has its fault');
SELECT throws_ok(format('SELECT gatehouse.checked_email(%L)', NULL), '22023', 'argument "email" must not be null',
  'what checks an address raises its fault');
SELECT throws_ok(format('SELECT gatehouse.checked_username(%L)', NULL), '22023', 'argument "username" must not be null',
  'what checks a username raises its fault');
SELECT throws_ok(format('SELECT gatehouse.checked_profile(%L)', NULL), '22023', 'profile must be a JSON object',
  'what checks a profile raises its fault');
SELECT is(gatehouse.email_fault(repeat(' ', 1024) || 'a@b.de'), 'e-mail address must have at most 254 bytes',
  'spaces without end are not cut');
SELECT is(gatehouse.fold_email(repeat(' ', 1024) || 'a@b.de'), NULL, 'nor does such a text compare');
SELECT is(gatehouse.fold_email(upper(address COLLATE pg_catalog."und-x-icu")), gatehouse.fold_email(address), 'no case tells apart: ' || address)
  FROM unnest(ARRAY['a.b+c@example.com', 'zoë.ÿ@exämple.com', 'σας.α@example.com', 'ΑΣ@example.com', 'ivan.ё@пример.рф', E'\u01F0@example.com',
                    E'i\u0307@example.com']) AS address;
SELECT isnt(gatehouse.fold_email(one), gatehouse.fold_email(other), format('%s is another address than %s', one, other))
  FROM (VALUES ('straße@example.com', 'strasse@example.com'), (E'\u0131@example.com', 'i@example.com'), (E'\u017F@example.com', 's@example.com'))
    AS v (one, other);
SELECT is(gatehouse.checked_email(E' Ade\u0301@Example.com\n'), 'Adé@Example.com', 'and gives the address trimmed and in NFC');

-- The domains, for applications' own tables.
CREATE FUNCTION pg_temp.make_contacts() RETURNS void LANGUAGE plpgsql AS $$
BEGIN
  CREATE TEMP TABLE contacts (address gatehouse.email_address, nickname gatehouse.username NOT NULL);
END
$$;
SELECT throws_ok($$SELECT pg_temp.as_role('gatehouse_auditor', 'SELECT pg_temp.make_contacts()')$$,
  '42501', 'permission denied for type gatehouse.email_address', 'who is no application makes no column of a domain');
SELECT pg_temp.as_role('gatehouse_app', 'SELECT pg_temp.make_contacts()');
SELECT lives_ok($$SELECT pg_temp.as_role('gatehouse_app', 'INSERT INTO contacts VALUES (''Ada@example.com'', ''ada''), (NULL, ''A-1'') RETURNING 1')$$,
  'an application keeps addresses and usernames in a table of its own, and a null address');
SELECT throws_ok(format('SELECT pg_temp.as_role(%L, %L)', 'gatehouse_app', format('INSERT INTO contacts VALUES (%L, %L) RETURNING 1', address, nickname)),
  '22023', message, what)
  FROM (VALUES
    (1, 'ada', 'ada', 'e-mail address must have the form name@example.com', 'where no malformed address gets in'),
    (2, ' ada@example.com', 'ada', 'e-mail address must have the form name@example.com', 'nor an untrimmed one'),
    (3, E'ade\u0301@example.com', 'ada', 'e-mail address must be in Unicode normal form C', 'nor one in another normal form'),
    (4, repeat(E'e\u0301', 1000000), 'ada', 'e-mail address must have at most 254 bytes', 'nor megabytes of it'),
    (5, 'ada@example.com', 'a', 'username must have 3 to 30 characters', 'nor a malformed username'),
    (6, 'ada@example.com', '', 'username must have 3 to 30 characters', 'nor an empty one')
  ) AS v (place, address, nickname, message, what)
 ORDER BY place;
SELECT is(pg_temp.as_role('gatehouse_app', 'SELECT string_agg(concat(address, '' '', nickname), '','' ORDER BY nickname COLLATE "C") FROM contacts'),
  ' A-1,Ada@example.com ada', 'what is in is as it was written');
SELECT throws_ok($$SELECT pg_temp.as_role('gatehouse_auditor', 'SELECT ''ada@example.com''::gatehouse.email_address')$$,
  '42501', 'permission denied for function is_email_address', 'who is no application makes no value of a domain');
SET LOCAL search_path = pg_temp, public;
CREATE FUNCTION pg_temp.octet_length(text) RETURNS integer LANGUAGE sql IMMUTABLE AS 'SELECT 1';
SELECT throws_ok($$INSERT INTO contacts VALUES ('ada', 'ada')$$, '22023', 'e-mail address must have the form name@example.com',
  'objects of the caller''s change nothing');
RESET search_path;

SELECT * FROM finish();
ROLLBACK;
