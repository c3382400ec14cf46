-- What an e-mail address, a username and a password must be.
BEGIN;
SELECT plan(66);
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
SELECT lives_ok(format('SELECT gatehouse.create_user(%L, %L, %L)', 'pass1@example.com', 'pass1', repeat('é', 15)),
  '15 characters are accepted, whatever their bytes');
SELECT lives_ok(format('SELECT gatehouse.create_user(%L, %L, %L)', 'pass2@example.com', 'pass2', repeat('a', 1024)),
  '1024 bytes are accepted');
SELECT lives_ok(format('SELECT gatehouse.create_user(%L, %L, %L)', 'pass3@example.com', 'pass3',
  '   spaces   inside   '), 'spaces are left as they are');
SET LOCAL gatehouse.password_min_length = 8;
SELECT throws_ok($$SELECT gatehouse.create_user('somebody@example.com', 'somebody', '1234567')$$, '22023',
  'password must have at least 8 characters', 'the message names the length of the setting');
SELECT lives_ok($$SELECT gatehouse.create_user('pass4@example.com', 'pass4', '12345678')$$,
  'and that many are accepted');

SELECT * FROM finish();
ROLLBACK;
