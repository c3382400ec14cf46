-- Passwords, e-mail domains and usernames that are kept from accounts.
BEGIN;
SELECT plan(53);
SET LOCAL client_min_messages = warning;
\ir ../as_role.psql
SELECT ok(gatehouse.library_version() <> '', 'the library is loaded');
SET LOCAL gatehouse.argon2_memory = '7MB';
SET LOCAL gatehouse.argon2_iterations = 5;

-- Passwords.
SELECT is(pg_temp.as_role('gatehouse_admin', $$SELECT gatehouse.load_blocked_passwords(ARRAY['Purple Monkey Dishwasher', 'ÄRGER über Öl und Wasser'])$$),
  '2', 'an administrator adds two');
SELECT is(gatehouse.load_blocked_passwords(ARRAY['Purple Monkey Dishwasher', 'purple monkey DISHWASHER', 'Another one of these', 'another ONE of these']),
  1::bigint, 'what is there already, also in another case, is not new');
SELECT is(gatehouse.load_blocked_passwords(ARRAY['Purple Monkey Dishwasher']), 0::bigint, 'once more adds nothing');
SELECT is((SELECT count(*) FROM gatehouse.blocked_passwords), 3::bigint, 'three are there');
SELECT is((SELECT string_agg(DISTINCT octet_length(password_digest)::text, ',') FROM gatehouse.blocked_passwords), '16',
  'as digests of 16 bytes');
SELECT throws_ok(format('SELECT gatehouse.create_user(%L, %L, %L)', 'somebody@example.com', 'somebody', password), '22023',
  'password must not be one that is commonly chosen', format('%s is refused', to_json(password)))
  FROM unnest(ARRAY['Purple Monkey Dishwasher', 'purple monkey dishwasher', 'ärger ÜBER öl UND wasser', E'a\u0308rger über öl und wasser']) AS password;
SELECT is(gatehouse.password_fault('Purple Monkey Dishwasher', NULL, NULL), NULL, 'the library does not know it');
SELECT is(gatehouse.password_policy_fault('Purple Monkey Dishwasher', NULL, NULL), gatehouse.password_fault('password123456789', NULL, NULL),
  'what is blocked by the table and what by the library have one message');
SELECT lives_ok($$SELECT gatehouse.create_user('somebody@example.com', 'somebody', 'Purple Monkey Dishwashers')$$,
  'a password that only begins like one is accepted');
SELECT is(gatehouse.load_blocked_passwords(ARRAY['', 'short', '1234567', repeat('x', 1025), U&'unassigned \0378 in here', '8letters']),
  1::bigint, 'what no policy allows is left out; eight characters may be allowed');
SELECT is(gatehouse.load_blocked_passwords('{}'), 0::bigint, 'an empty list adds nothing');
SELECT is(gatehouse.load_blocked_passwords(ARRAY[['two dimensions', 'of passwords'], ['are four', 'passwords']]), 4::bigint, 'dimensions do not matter');
SELECT throws_ok(statement, '22023', message, what)
  FROM (VALUES
    (1, 'SELECT gatehouse.load_blocked_passwords(NULL)', 'argument "passwords" must not be null', 'a null list is refused'),
    (2, $$SELECT gatehouse.load_blocked_passwords(ARRAY['first of these', NULL])$$, 'argument "passwords" must not contain null',
      'so is a null in it'),
    (3, $$SELECT gatehouse.load_blocked_passwords(array_fill('password'::text, ARRAY[100001]))$$,
      'argument "passwords" must have at most 100000 elements', 'and one above 100000')
  ) AS v (place, statement, message, what)
 ORDER BY place;
SELECT is((SELECT count(*) FROM gatehouse.blocked_passwords WHERE password_digest = gatehouse.blocked_password_digest('first of these')),
  0::bigint, 'a list that is refused leaves nothing');
SELECT is(gatehouse.load_blocked_passwords((SELECT array_agg('generated ' || n) FROM generate_series(1, 100000) AS n)), 100000::bigint,
  '100000 are taken at once');
SELECT throws_ok(format('SELECT pg_temp.as_role(%L, %L)', role_name, $$SELECT gatehouse.load_blocked_passwords(ARRAY['some password'])$$),
  '42501', 'permission denied for function load_blocked_passwords', format('%s adds none', role_name))
  FROM unnest(ARRAY['gatehouse_app', 'gatehouse_auditor']) AS role_name;
SELECT is(gatehouse.blocked_password_digest('PASSWORD123'), '\x7704e08e7941fe689a18801c2f8c51f0'::bytea,
  'the digest is BLAKE2b of the password in lower case, without a key: it holds on every server');
SELECT is(gatehouse.blocked_password_digest(NULL), NULL, 'of nothing there is none');

-- E-mail domains.
SELECT is(pg_temp.as_role('gatehouse_admin', $$SELECT gatehouse.load_blocked_email_domains(ARRAY[' Mailinator.Example', 'BÜCHER.example', 'spam'])$$),
  '3', 'an administrator adds three domains');
SELECT is(gatehouse.load_blocked_email_domains(ARRAY['mailinator.example', 'trash.example', 'TRASH.example']), 1::bigint,
  'only one of these is new');
SELECT is((SELECT string_agg(domain, ' ' ORDER BY domain) FROM gatehouse.blocked_email_domains),
  'bücher.example mailinator.example spam trash.example', 'they are kept in lower case');
SELECT is(gatehouse.email_domain_blocked(email), blocked, format('%s is %s', coalesce(email, 'null'), CASE WHEN blocked THEN 'blocked' ELSE 'not blocked' END))
  FROM (VALUES
    (1, 'a@mailinator.example', true), (2, 'a@MAILINATOR.Example', true), (3, 'a@x.y.mailinator.example', true),
    (4, 'a@notmailinator.example', false), (5, 'a@example', false), (6, 'a@mailinator.example.com', false),
    (7, 'mailinator.example@example.com', false), (8, E'a@bu\u0308cher.example', true), (9, 'a@anything.spam', true), (10, NULL, false),
    (11, 'a@%.example', false)
  ) AS v (place, email, blocked)
 ORDER BY place;
SELECT throws_ok($$SELECT gatehouse.create_user('a@x.Trash.example', 'abc')$$, '22023', 'e-mail addresses of this domain are not accepted',
  'no account is made with such an address');
SELECT throws_ok(format('SELECT gatehouse.load_blocked_email_domains(%s)', argument), '22023', message, what)
  FROM (VALUES
    (1, 'NULL', 'argument "domains" must not be null', 'a null list is refused'),
    (2, $$ARRAY['a.example', NULL]$$, 'element 2 of argument "domains" must have the form example.com', 'so is a null in it'),
    (3, $$ARRAY['a.example', 'b.example', '@c.example']$$, 'element 3 of argument "domains" must have the form example.com', 'a malformed one'),
    (4, $$ARRAY['*.example']$$, 'element 1 of argument "domains" must have the form example.com', 'a wildcard'),
    (5, $$ARRAY['']$$, 'element 1 of argument "domains" must have the form example.com', 'an empty one'),
    (6, $$ARRAY[repeat('a.', 126) || 'aa']$$, 'element 1 of argument "domains" must have the form example.com', 'one of 254 bytes'),
    (7, $$ARRAY[repeat('a', 10000000)]$$, 'element 1 of argument "domains" must have the form example.com', 'megabytes'),
    (8, $$array_fill('a.example'::text, ARRAY[100001])$$, 'argument "domains" must have at most 100000 elements', 'and a list above 100000')
  ) AS v (place, argument, message, what)
 ORDER BY place;
SELECT throws_ok($$SELECT pg_temp.as_role('gatehouse_app', 'SELECT gatehouse.load_blocked_email_domains(''{}'')')$$, '42501',
  'permission denied for function load_blocked_email_domains', 'an application adds none');

-- Usernames.
SELECT is((SELECT string_agg(name, ' ' ORDER BY place) FROM unnest(ARRAY['admin', 'AdMiN', 'no-reply', 'no_reply', 'NoReply', 'gate-house', 'ada', 'administer',
  'admin1', 'a_d_m_i_n']) WITH ORDINALITY AS a (name, place) WHERE gatehouse.username_reserved(name)),
  'admin AdMiN no-reply no_reply NoReply gate-house a_d_m_i_n', 'reserved are names in any case, with any "_" and "-"');
SELECT throws_ok($$SELECT pg_temp.as_role('gatehouse_app', 'SELECT gatehouse.create_user(''a@example.com'', ''Sup-port'')')$$, '22023',
  'username is reserved', 'an application cannot give one away');
SELECT lives_ok($$SELECT pg_temp.as_role('gatehouse_admin', 'SELECT gatehouse.create_user(''a@example.com'', ''Sup-port'')')$$,
  'an administrator can');
SELECT is(gatehouse.username_reserved(NULL), false, 'null is not reserved');

SELECT * FROM finish();
ROLLBACK;
