-- get_users: pages of accounts, their order, their filters, and what is refused.
BEGIN;
SELECT plan(64);
SET LOCAL client_min_messages = warning;
\ir ../as_role.psql
SELECT ok(gatehouse.library_version() <> '', 'the library is loaded');

-- Two accounts of each moment: the order within is by id.
INSERT INTO gatehouse.users (id, email, email_normal, username, username_normal, is_superuser, is_verified, is_active, profile,
                             created_at, updated_at)
  SELECT ('00000000-0000-7000-8000-' || lpad(to_hex(i), 12, '0'))::uuid, 'User' || i || '@Example.com',
         'user' || i || '@example.com', 'User-' || i, 'user-' || i, false, i % 2 = 0, true, '{}',
         '2026-01-01 00:00Z'::timestamptz + i / 2 * interval '1.000001 seconds', now()
    FROM generate_series(1, 45) i;
CREATE FUNCTION pg_temp.numbers(arguments text DEFAULT '') RETURNS text LANGUAGE plpgsql AS $$
DECLARE
  numbers text;
BEGIN
  EXECUTE format('SELECT string_agg(substr(username, 6), '' '' ORDER BY place)
                    FROM gatehouse.get_users(%s) WITH ORDINALITY AS g (id, email, username, c4, c5, c6, c7, c8, c9, c10, c11, c12, c13,
                                                                       c14, cursor, place)', arguments)
     INTO numbers;
  RETURN numbers;
END
$$;
CREATE FUNCTION pg_temp.span(first integer, last integer) RETURNS text LANGUAGE sql AS
  $$SELECT string_agg(i::text, ' ' ORDER BY i DESC) FROM generate_series(last, first) i$$;

-- What is told.
CREATE TEMP TABLE page AS SELECT * FROM gatehouse.get_users();
SELECT columns_are('page',
  ARRAY['id', 'email', 'username', 'is_superuser', 'is_verified', 'is_active', 'is_deleted', 'has_password', 'oauth_providers',
        'profile', 'created_at', 'updated_at', 'last_login_at', 'deletion_scheduled_for', 'cursor'],
  'a row is user_info and a cursor');
SELECT results_eq('SELECT p.id, email, username, is_superuser, is_verified, is_active, is_deleted, has_password, oauth_providers,
                          profile, created_at, updated_at, last_login_at, deletion_scheduled_for FROM page p ORDER BY cursor',
  'SELECT u.* FROM page p, LATERAL gatehouse.get_user_by_id(p.id) u ORDER BY cursor',
  'and says of an account what the look-ups say');
SELECT matches(cursor, '^[0-9a-f]{48}$', 'a cursor is 48 hex digits') FROM page LIMIT 1;

-- Order and pages.
SELECT is(pg_temp.numbers(), pg_temp.span(45, 26), 'the newest 20 come first, by id within a moment');
SELECT is(pg_temp.numbers('page_size => 1'), '45', 'a page may have one account');
SELECT is(pg_temp.numbers('page_size => 100'), pg_temp.span(45, 1), 'or 100');
SELECT is(pg_temp.numbers('page_size => 3, skip => 4'), '41 40 39', 'skip passes accounts over');
SELECT is(pg_temp.numbers('skip => 0'), pg_temp.span(45, 26), 'also none');
SELECT is(pg_temp.numbers('skip => 1000000'), NULL, 'a skip beyond the end gives no row');
SELECT is(
  (WITH RECURSIVE walk (page, cursor, n) AS (
     SELECT NULL::text, NULL::text, 0
     UNION ALL
     SELECT g.usernames, g.last, n + 1
       FROM walk w, LATERAL (SELECT string_agg(substr(l.username, 6), ' ' ORDER BY l.created_at DESC, l.id DESC) AS usernames,
                                    min(l.cursor) AS last
                               FROM gatehouse.get_users(page_size => 7, after => w.cursor) l) g
      WHERE n = 0 OR w.cursor IS NOT NULL)
   SELECT string_agg(page, ' ' ORDER BY n) FROM walk),
  pg_temp.span(45, 1), 'cursor by cursor every account comes once, though two share each moment');
SELECT is(pg_temp.numbers(format('page_size => 3, after => %L', (SELECT min(cursor) FROM gatehouse.get_users(page_size => 100)))),
  NULL, 'after the last there is no row');

-- A page by cursor stays where it was, whatever is made or goes before it.
SELECT cursor AS before_change FROM gatehouse.get_users(page_size => 10) ORDER BY cursor LIMIT 1 \gset
SELECT lives_ok($$SELECT gatehouse.create_user('new@example.com', 'User-46')$$, 'an account is made');
SELECT is(pg_temp.numbers(format('page_size => 3, after => %L', :'before_change')), '35 34 33',
  'a new account moves no page that follows a cursor');
SELECT is(pg_temp.numbers('page_size => 3, skip => 10'), '36 35 34', 'but a page that is reached by skip');
UPDATE gatehouse.users SET deleted_at = now() WHERE username IN ('User-46', 'User-36');
SELECT is(pg_temp.numbers(format('page_size => 3, after => %L', :'before_change')), '35 34 33',
  'nor does it move when the account at the cursor goes');
UPDATE gatehouse.users SET deleted_at = NULL WHERE username = 'User-36';
DELETE FROM gatehouse.users WHERE username = 'User-46';

-- Filters.
SELECT is(pg_temp.numbers('page_size => 4, is_verified => true'), '44 42 40 38', 'the verified');
SELECT is(pg_temp.numbers('page_size => 4, is_verified => false'), '45 43 41 39', 'the unverified');
UPDATE gatehouse.users SET is_superuser = true WHERE username IN ('User-3', 'User-30');
SELECT is(pg_temp.numbers('is_superuser => true'), '30 3', 'the superusers');
SELECT is(pg_temp.numbers('page_size => 3, is_superuser => false, created_until => ''2026-01-01 00:00:16Z'''), '31 29 28', 'the others');
UPDATE gatehouse.users SET is_active = false WHERE username IN ('User-5', 'User-6', 'User-7');
UPDATE gatehouse.users SET stopped_until = clock_timestamp() - interval '1 second' WHERE username = 'User-6';
UPDATE gatehouse.users SET stopped_until = clock_timestamp() + interval '1 day' WHERE username = 'User-7';
SELECT is(pg_temp.numbers('is_active => false'), '7 5', 'the stopped, without a stop that has lapsed');
SELECT is(pg_temp.numbers('is_active => true, page_size => 5, created_until => ''2026-01-01 00:00:05Z'''), '9 8 6 4 3',
  'the active, with one whose stop has lapsed');
SELECT is((SELECT bool_and(is_active) FROM gatehouse.get_users(is_active => true, page_size => 100)), true,
  'and that is what is told of them');
SELECT is(pg_temp.numbers('created_since => ''2026-01-01 00:00:20.00002Z'''), '45 44 43 42 41 40', 'created_since is inclusive');
SELECT is(pg_temp.numbers('created_until => ''2026-01-01 00:00:03.000003Z'''), '5 4 3 2 1', 'created_until is not');
SELECT is(pg_temp.numbers('created_since => ''infinity'''), NULL, 'infinity is a moment too');
INSERT INTO gatehouse.oauth_identities (provider, subject, user_id, linked_at, owner_is_deleted)
  SELECT v.provider, v.subject, u.id, now(), false
    FROM (VALUES ('github', '1', 'User-8'), ('github', '2', 'User-8'), ('github', '3', 'User-2'), ('apple', '1', 'User-9'))
           AS v (provider, subject, username)
    JOIN gatehouse.users u USING (username);
SELECT is(pg_temp.numbers('oauth_provider => ''github'''), '8 2', 'whom a provider knows, once each');
SELECT is(pg_temp.numbers('oauth_provider => ''git%'''), NULL, 'a provider is no pattern');
SELECT is(pg_temp.numbers('oauth_provider => ''github'', is_verified => true, page_size => 1'), '8', 'filters are joined');
SELECT is(pg_temp.numbers(format('oauth_provider => ''github'', after => %L',
                                 (SELECT cursor FROM gatehouse.get_users(oauth_provider => 'github', page_size => 1)))),
  '2', 'and paged');

-- Search.
UPDATE gatehouse.users SET email = E'Andr\u00e9_100%\\x@example.org', email_normal = E'andr\u00e9_100%\\x@example.org'
 WHERE username = 'User-20';
SELECT is(pg_temp.numbers(format('search => %L', s)), expected, format('search: %s', what))
  FROM (VALUES
    (1, 'SER-4', '45 44 43 42 41 40 4', 'part of a username, without case'),
    (2, 'r45@EXAMPLE', '45', 'part of an address, without case'),
    (3, E' \tuser-45\n', '45', 'blanks around it are cut'),
    (4, '%', '20', 'a percent sign is a letter'),
    (5, '_', '20', 'so is an underscore'),
    (6, '\', '20', 'and a backslash'),
    (7, 'us_r', NULL, 'which stands for no other letter'),
    (8, E'\u00c9_1', '20', 'letters beyond ASCII have no case either'),
    (9, E'ANDRE\u0301', '20', 'and are compared in NFC'),
    (10, 'nobody', NULL, 'what is nowhere is not found'),
    (11, repeat('x', 254), NULL, '254 characters')
  ) AS v (place, s, expected, what)
 ORDER BY place;
SELECT is(pg_temp.numbers('search => '''''), pg_temp.span(45, 26), 'every account has the empty text');
SELECT throws_ok($$SELECT gatehouse.get_users(search => repeat('x', 255))$$, '22023', 'search must have at most 254 characters',
  'a longer text is refused');

-- The deleted.
UPDATE gatehouse.users SET deleted_at = now() WHERE username IN ('User-40', 'User-41', 'User-8');
UPDATE gatehouse.oauth_identities o SET owner_is_deleted = true FROM gatehouse.users u
 WHERE u.id = o.user_id AND u.deleted_at IS NOT NULL;
SELECT is(pg_temp.numbers('page_size => 5'), '45 44 43 42 39', 'the deleted are left out');
SELECT is(pg_temp.numbers('is_deleted => true'), '41 40 8', 'an administrator sees them by themselves');
SELECT is(pg_temp.numbers('is_deleted => NULL, page_size => 5'), '45 44 43 42 41', 'or among the others');
SELECT is(pg_temp.numbers('oauth_provider => ''github'''), '2', 'a provider''s deleted account is left out');
SELECT is(pg_temp.numbers('oauth_provider => ''github'', is_deleted => NULL'), '8 2', 'or shown');
SELECT is(pg_temp.as_role('gatehouse_admin', 'SELECT count(*) FROM gatehouse.get_users(is_deleted => true)'), '3',
  'a member of gatehouse_admin is an administrator');
SELECT is(pg_temp.as_role('gatehouse_app', 'SELECT count(*) FROM gatehouse.get_users()'), '20', 'an application lists accounts');
SELECT throws_ok(format('SELECT pg_temp.as_role(''gatehouse_app'', ''SELECT gatehouse.get_users(is_deleted => %s)'')', argument),
  '42501', 'only an administrator can see deleted accounts', format('but none with is_deleted %s', argument))
  FROM unnest(ARRAY['true', 'NULL']) AS argument;

-- Wrong use.
SELECT throws_ok(format('SELECT gatehouse.get_users(%s)', arguments), state, message, what)
  FROM (VALUES
    (1, 'page_size => 0', '22023', 'page_size must be between 1 and 100', 'no page is empty'),
    (2, 'page_size => 101', '22023', 'page_size must be between 1 and 100', 'none has more than 100 accounts'),
    (3, 'page_size => NULL', '22023', 'page_size must be between 1 and 100', 'a NULL page_size is refused'),
    (4, 'skip => -1', '22023', 'skip must be between 0 and 1000000', 'skip does not go back'),
    (5, 'skip => 1000001', '22023', 'skip must be between 0 and 1000000', 'nor too far'),
    (6, format('skip => 0, after => %L', :'before_change'), '22023', 'skip and after cannot be given together', 'skip or after'),
    (7, 'after => ''''', '22P02', 'malformed cursor', 'the empty text is no cursor'),
    (8, format('after => %L', :'before_change' || '0'), '22P02', 'malformed cursor', 'nor is a longer one'),
    (9, format('after => %L', upper(:'before_change')), '22P02', 'malformed cursor', 'nor capitals'),
    (10, format('after => %L', repeat('f', 48)), '22P02', 'malformed cursor', 'nor a moment before all time'),
    (11, format('after => %L', '7' || repeat('f', 47)), '22P02', 'malformed cursor', 'nor one after all time')
  ) AS v (place, arguments, state, message, what)
 ORDER BY place;
SELECT is(pg_temp.numbers(format('page_size => 1, after => %L', '7fffffffffff0000' || repeat('f', 32))), '45',
  'the latest cursor of all is before the first page');

SELECT * FROM finish();
ROLLBACK;
