-- Identities at OAuth providers: made with an account, linked, taken away.
BEGIN;
SELECT plan(79);
SET LOCAL client_min_messages = warning;
\ir ../as_role.psql
\ir ../diagnose.psql
SELECT ok(gatehouse.library_version() <> '', 'the library is loaded');
SET LOCAL gatehouse.argon2_memory = '7MB';
SET LOCAL gatehouse.argon2_iterations = 5;

-- An account that an identity opens.
SELECT results_eq(
  $$SELECT email, username, is_superuser, is_verified, is_active, is_deleted, has_password, oauth_providers, profile
      FROM gatehouse.create_oauth_user(email => ' Ada@example.com ', username => 'ada', provider => 'example', subject => '1', oauth_email => 'ada@example.org')$$,
  $$VALUES ('Ada@example.com', 'ada', false, true, true, false, false, '{example}'::text[], '{}'::jsonb)$$,
  'an account is made with an identity, verified and without a password');
SELECT (gatehouse.get_user_by_username('ada')).id AS ada \gset
SELECT is((SELECT id FROM gatehouse.get_user_by_oauth('example', '1')), :'ada'::uuid, 'which opens it');
SELECT is((SELECT email FROM gatehouse.oauth_identities WHERE user_id = :'ada'), 'ada@example.org', 'with the address that the provider told');
SELECT is((SELECT status FROM gatehouse.authenticate_user('ada', '')), 'invalid_credentials', 'no password does');
SELECT is(pg_temp.as_role('gatehouse_app', $$SELECT username FROM gatehouse.create_oauth_user('bob@example.com', 'bob', 'example', '2')$$), 'bob',
  'an application makes one');
SELECT (gatehouse.get_user_by_username('bob')).id AS bob \gset
SELECT is((SELECT email FROM gatehouse.oauth_identities WHERE user_id = :'bob'), NULL, 'the provider need not tell an address');

-- What is taken.
CREATE TEMP TABLE count_before AS SELECT count(*) AS n FROM gatehouse.users;
SELECT results_eq(
  format('SELECT d.state, d.message, d.table_name, d.constraint_name, d.detail FROM pg_temp.diagnose(%L) d', 'SELECT gatehouse.' || call),
  format('VALUES (%L, %L, %L, %L, %L)', '23505', message, table_name, broken, ''), call)
  FROM (VALUES
    (1, 'create_oauth_user(''ADA@example.com'', ''countess'', ''example'', ''3'')', 'an account with this e-mail address exists', 'users', 'users_email_live'),
    (2, 'create_oauth_user(''countess@example.com'', ''ADA'', ''example'', ''3'')', 'an account with this username exists', 'users', 'users_username_live'),
    (3, 'create_oauth_user(''countess@example.com'', ''countess'', ''example'', ''1'')', 'an account with this OAuth identity exists', 'oauth_identities', 'oauth_identities_live'),
    (4, format('link_oauth(%L, ''example'', ''1'')', :'bob'), 'an account with this OAuth identity exists', 'oauth_identities', 'oauth_identities_live')
  ) AS v (place, call, message, table_name, broken)
 ORDER BY place;
SELECT is((SELECT count(*) FROM gatehouse.users), (SELECT n FROM count_before), 'no refused one leaves an account');
SELECT is((SELECT email FROM gatehouse.oauth_identities WHERE subject = '1'), 'ada@example.org', 'or changes an identity');

-- Linking.
CREATE TEMP TABLE before AS SELECT * FROM gatehouse.users WHERE id = :'ada';
SELECT is((SELECT oauth_providers FROM gatehouse.link_oauth(id => :'ada', provider => 'forge', subject => 'ada')), '{example,forge}',
  'an account may have several');
SELECT is((SELECT oauth_providers FROM gatehouse.link_oauth(:'ada', 'forge', 'ada2')), '{example,forge}', 'also at one provider');
SELECT is((SELECT array_agg(g.id) FROM (VALUES ('example', '1'), ('forge', 'ada'), ('forge', 'ada2')) AS v (provider, subject),
             gatehouse.get_user_by_oauth(v.provider, v.subject) g), array_fill(:'ada'::uuid, '{3}'), 'each opens it');
SELECT ok(u.updated_at > b.updated_at, 'when it changed is noted') FROM before b JOIN gatehouse.users u USING (id);
CREATE TEMP TABLE linked AS SELECT * FROM gatehouse.users WHERE id = :'ada';
SELECT is((SELECT updated_at FROM gatehouse.link_oauth(:'ada', 'forge', 'ada')), (SELECT updated_at FROM linked), 'linked again nothing changes');
SELECT is((SELECT updated_at FROM gatehouse.link_oauth(:'ada', 'example', '1')), (SELECT updated_at FROM linked), 'nor without the address known before');
SELECT is((SELECT email FROM gatehouse.oauth_identities WHERE subject = '1'), 'ada@example.org', 'which stays');
SELECT ok((SELECT updated_at FROM gatehouse.link_oauth(:'ada', 'example', '1', 'Countess@example.org')) > (SELECT updated_at FROM linked),
  'with another address something does');
SELECT is((SELECT email FROM gatehouse.oauth_identities WHERE subject = '1'), 'Countess@example.org', 'the address');
CREATE TEMP TABLE told AS SELECT updated_at FROM gatehouse.users WHERE id = :'ada';
SELECT is((SELECT updated_at FROM gatehouse.link_oauth(:'ada', 'example', '1', 'Countess@example.org')), (SELECT updated_at FROM told), 'told again nothing changes');
SELECT is((SELECT count(*)::int FROM gatehouse.oauth_identities WHERE user_id = :'ada'), 3, 'there are as many as before');
SELECT is((SELECT email FROM gatehouse.get_user_by_id(:'ada')), 'Ada@example.com', 'the account''s own address is its own');
SELECT is_empty($$SELECT gatehouse.get_user_by_oauth('Forge', 'ada')$$, 'a provider is compared as it is');
SELECT is_empty($$SELECT gatehouse.get_user_by_oauth('forge', 'ADA')$$, 'so is a subject');
SELECT throws_ok('SELECT gatehouse.link_oauth(gatehouse.uuid_v7(), ''example'', ''9'')', '22023', 'no live account has this id', 'no account');

-- Taking away.
SELECT is(gatehouse.unlink_oauth(:'ada', 'forge', 'ada'), true, 'one identity is taken away');
SELECT is_empty($$SELECT gatehouse.get_user_by_oauth('forge', 'ada')$$, 'and opens nothing');
SELECT is((SELECT oauth_providers FROM gatehouse.get_user_by_id(:'ada')), '{example,forge}', 'the other at this provider stays');
SELECT is(gatehouse.unlink_oauth(:'ada', 'forge', 'ada'), false, 'taken away once');
SELECT is(gatehouse.unlink_oauth(:'ada', 'nowhere'), false, 'what is not there is not taken away');
SELECT is(gatehouse.unlink_oauth(:'ada', 'example', '2'), false, 'nor what is another account''s');
SELECT is(gatehouse.unlink_oauth(gatehouse.uuid_v7(), 'example'), false, 'nor of no account');
SELECT is((SELECT id FROM gatehouse.get_user_by_oauth('example', '2')), :'bob'::uuid, 'that other account keeps it');
SELECT is((SELECT oauth_providers FROM gatehouse.link_oauth(:'ada', 'forge', 'ada3')), '{example,forge}', 'another');
SELECT is(pg_temp.as_role('gatehouse_app', format('SELECT gatehouse.unlink_oauth(id => %L, provider => ''forge'')', :'ada')), 'true',
  'all of a provider are taken away');
SELECT is((SELECT oauth_providers FROM gatehouse.get_user_by_id(:'ada')), '{example}', 'the others stay');
SELECT throws_ok(format('SELECT gatehouse.unlink_oauth(%L, ''example'')', :'ada'), '22023', 'the last way to log in to an account cannot be taken away',
  'the last way in stays');
SELECT is((SELECT id FROM gatehouse.get_user_by_oauth('example', '1')), :'ada'::uuid, 'and opens');
SELECT is(gatehouse.set_password(:'ada', 'correct horse battery'), true, 'with a password');
SELECT is(gatehouse.unlink_oauth(:'ada', 'example'), true, 'it can go');
SELECT is((SELECT oauth_providers FROM gatehouse.get_user_by_id(:'ada')), '{}', 'and none is left');
SELECT is((SELECT oauth_providers FROM gatehouse.link_oauth(:'bob', 'example', '1')), '{example}', 'another account may have it then');
SELECT gatehouse.set_active(:'bob', false) AS ignored \gset
SELECT is(gatehouse.unlink_oauth(:'bob', 'example', '1'), true, 'it can be taken from a stopped account');
SELECT gatehouse.soft_delete_user(:'bob') AS ignored \gset
SELECT is(gatehouse.unlink_oauth(:'bob', 'example'), false, 'not from a deleted one, which may come back with it');
SELECT is((SELECT oauth_providers FROM gatehouse.link_oauth(:'ada', 'example', '2')), '{example}', 'though it is free for others');

-- The form of an identity.
SELECT throws_ok(format('SELECT gatehouse.check_oauth_identity(%L, %L)', provider, subject), '22023', message, what)
  FROM (VALUES
    (1, '', '1', 'provider must have 1 to 50 of a-z, 0-9, ".", "_" and "-" and begin with a letter', 'an empty provider'),
    (2, repeat('a', 51), '1', 'provider must have 1 to 50 of a-z, 0-9, ".", "_" and "-" and begin with a letter', 'a provider of 51 characters'),
    (3, 'Example', '1', 'provider must have 1 to 50 of a-z, 0-9, ".", "_" and "-" and begin with a letter', 'a capital'),
    (4, '1a', '1', 'provider must have 1 to 50 of a-z, 0-9, ".", "_" and "-" and begin with a letter', 'a digit at the beginning'),
    (5, 'exämple', '1', 'provider must have 1 to 50 of a-z, 0-9, ".", "_" and "-" and begin with a letter', 'a letter beyond z'),
    (6, E'example\n', '1', 'provider must have 1 to 50 of a-z, 0-9, ".", "_" and "-" and begin with a letter', 'a line end in a provider'),
    (7, 'example', '', 'subject must have 1 to 255 bytes', 'an empty subject'),
    (8, 'example', repeat('a', 256), 'subject must have 1 to 255 bytes', 'a subject of 256 bytes'),
    (9, 'example', repeat('ä', 128), 'subject must have 1 to 255 bytes', 'a subject of 128 characters and 256 bytes'),
    (10, 'example', E'a\u0001', 'subject must not contain control characters', 'a control character'),
    (11, 'example', E'a\n', 'subject must not contain control characters', 'a line end'),
    (12, 'example', E'a\u007F', 'subject must not contain control characters', 'DEL'),
    (13, 'example', E'a\u0085', 'subject must not contain control characters', 'a control character of 8 bits')
  ) AS v (place, provider, subject, message, what)
 ORDER BY place;
SELECT lives_ok(format('SELECT gatehouse.check_oauth_identity(%L, %L)', provider, subject), what)
  FROM (VALUES ('a', '1', 'the shortest'), (rpad('a', 50, '9._-'), repeat('a', 255), 'the longest'), ('example', 'ädä|1 %_''"\', 'any other character')) AS v (provider, subject, what);

-- Wrong use, everywhere it can be.
SELECT throws_ok('SELECT gatehouse.' || call, '22023', message, call)
  FROM (VALUES
    (1, 'create_oauth_user(''eve@example.com'', ''eve'', ''Example'', ''1'')', 'provider must have 1 to 50 of a-z, 0-9, ".", "_" and "-" and begin with a letter'),
    (2, 'create_oauth_user(''eve@example.com'', ''eve'', ''example'', ''9'', ''eve'')', 'e-mail address must have the form name@example.com'),
    (3, 'create_oauth_user(''eve'', ''eve'', ''example'', ''9'')', 'e-mail address must have the form name@example.com'),
    (4, 'create_oauth_user(NULL, ''eve'', ''example'', ''9'')', 'argument "email" must not be null'),
    (5, 'create_oauth_user(''eve@example.com'', NULL, ''example'', ''9'')', 'argument "username" must not be null'),
    (6, 'create_oauth_user(''eve@example.com'', ''eve'', NULL, ''9'')', 'arguments "provider" and "subject" must not be null'),
    (7, 'create_oauth_user(''eve@example.com'', ''eve'', ''example'', NULL)', 'arguments "provider" and "subject" must not be null'),
    (8, 'link_oauth(NULL, ''example'', ''9'')', 'argument "id" must not be null'),
    (9, format('link_oauth(%L, NULL, ''9'')', :'ada'), 'arguments "provider" and "subject" must not be null'),
    (10, format('link_oauth(%L, ''example'', E''a\n'')', :'ada'), 'subject must not contain control characters'),
    (11, format('link_oauth(%L, ''example'', ''9'', ''eve'')', :'ada'), 'e-mail address must have the form name@example.com'),
    (12, 'unlink_oauth(NULL, ''example'')', 'arguments "id" and "provider" must not be null'),
    (13, format('unlink_oauth(%L, NULL)', :'ada'), 'arguments "id" and "provider" must not be null')
  ) AS v (place, call, message)
 ORDER BY place;
-- An argument from a column has the column's collation.
CREATE COLLATION pg_temp.blind (provider = icu, locale = 'und-u-ks-level2', deterministic = false);
CREATE TEMP TABLE request AS SELECT 'forge' COLLATE pg_temp.blind AS provider, 'Ada' COLLATE pg_temp.blind AS subject, 'ADA' COLLATE pg_temp.blind AS other;
SELECT lives_ok(format('SELECT gatehouse.link_oauth(%L, provider, subject) FROM request', :'ada'), 'an argument that knows no case links');
SELECT is((SELECT gatehouse.unlink_oauth(:'ada', provider, other) FROM request), false, 'and takes nothing else away');

SELECT * FROM finish();
ROLLBACK;
