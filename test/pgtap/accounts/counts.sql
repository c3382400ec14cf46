-- count_users and user_statistics.
BEGIN;
SELECT plan(26);
SET LOCAL client_min_messages = warning;
\ir ../as_role.psql
SELECT ok(gatehouse.library_version() <> '', 'the library is loaded');

SELECT is(s::text, '(0,0,0,0,0,0,0)', 'without accounts every figure is 0') FROM gatehouse.user_statistics() s;
SELECT is(gatehouse.count_users(), 0::bigint, 'and the count too');

INSERT INTO gatehouse.users (id, email, email_normal, username, username_normal, is_superuser, is_verified, is_active, profile,
                             created_at, updated_at, stopped_until, deleted_at)
  SELECT gatehouse.uuid_v7(), 'u' || i || '@example.com', 'u' || i || '@example.com', 'user-' || i, 'user-' || i, i IN (1, 2, 60),
         i % 3 = 0, i NOT IN (5, 6, 7, 58), '{}', '2026-01-01 00:00Z'::timestamptz + i * interval '1 second', now(),
         CASE i WHEN 6 THEN clock_timestamp() - interval '1 second' WHEN 7 THEN clock_timestamp() + interval '1 day' END,
         CASE WHEN i > 50 THEN now() END
    FROM generate_series(1, 60) i;
INSERT INTO gatehouse.oauth_identities (provider, subject, user_id, linked_at, owner_is_deleted)
  SELECT v.provider, v.subject, u.id, now(), u.deleted_at IS NOT NULL
    FROM (VALUES ('github', '1', 'user-8'), ('github', '2', 'user-8'), ('apple', '1', 'user-8'), ('github', '3', 'user-9'),
                 ('github', '4', 'user-59')) AS v (provider, subject, username)
    JOIN gatehouse.users u USING (username);

CREATE TEMP TABLE figures AS SELECT * FROM gatehouse.user_statistics();
SELECT columns_are('figures', ARRAY['total', 'verified', 'unverified', 'superusers', 'oauth', 'stopped', 'deleted'],
  'the figures are those of the manual');
SELECT is(total, 50::bigint, 'the total leaves the deleted out') FROM figures;
SELECT is(verified, 16::bigint, 'so do the verified') FROM figures;
SELECT is(unverified, 34::bigint, 'the unverified') FROM figures;
SELECT is(superusers, 2::bigint, 'the superusers') FROM figures;
SELECT is(oauth, 2::bigint, 'those with an OAuth identity, once each') FROM figures;
SELECT is(stopped, 2::bigint, 'and the stopped, without a stop that has lapsed') FROM figures;
SELECT is(deleted, 10::bigint, 'the deleted are a figure of their own') FROM figures;
SELECT is(verified + unverified, total, 'who is not verified is unverified') FROM figures;

-- Each filter counts what get_users would list, page after page.
SELECT is(
  (SELECT n FROM (SELECT gatehouse.count_users(search => search, is_verified => is_verified, is_superuser => is_superuser,
                                               is_active => is_active, is_deleted => is_deleted, oauth_provider => oauth_provider,
                                               created_since => created_since, created_until => created_until) AS n) c),
  (SELECT count(*) FROM gatehouse.get_users(page_size => 100, search => search, is_verified => is_verified,
                                            is_superuser => is_superuser, is_active => is_active, is_deleted => is_deleted,
                                            oauth_provider => oauth_provider, created_since => created_since,
                                            created_until => created_until)),
  format('count_users counts what get_users lists: %s', what))
  FROM (VALUES
    ('no filter', NULL, NULL::boolean, NULL::boolean, NULL::boolean, false, NULL, NULL::timestamptz, NULL::timestamptz),
    ('search', 'ER-1', NULL, NULL, NULL, false, NULL, NULL, NULL),
    ('is_verified', NULL, true, NULL, NULL, false, NULL, NULL, NULL),
    ('is_superuser', NULL, NULL, true, NULL, false, NULL, NULL, NULL),
    ('is_active', NULL, NULL, NULL, false, false, NULL, NULL, NULL),
    ('is_deleted', NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL),
    ('oauth_provider', NULL, NULL, NULL, NULL, NULL, 'github', NULL, NULL),
    ('created_since and created_until', NULL, NULL, NULL, NULL, false, NULL, '2026-01-01 00:00:10Z', '2026-01-01 00:00:20Z'),
    ('all of them', 'user', false, true, true, false, NULL, '2026-01-01 00:00:01Z', '2026-01-01 00:00:02Z')
  ) AS v (what, search, is_verified, is_superuser, is_active, is_deleted, oauth_provider, created_since, created_until);
SELECT is(gatehouse.count_users(created_since => '2026-01-01 00:00:10Z', created_until => '2026-01-01 00:00:20Z'), 10::bigint,
  'of two bounds the first is inclusive');

-- Rights, and wrong use.
SELECT is(pg_temp.as_role('gatehouse_app', 'SELECT gatehouse.count_users()'), '50', 'an application counts accounts');
SELECT is(pg_temp.as_role('gatehouse_app', 'SELECT deleted FROM gatehouse.user_statistics()'), '10', 'and has the figures');
SELECT throws_ok($$SELECT pg_temp.as_role('gatehouse_app', 'SELECT gatehouse.count_users(is_deleted => NULL)')$$,
  '42501', 'only an administrator can see deleted accounts', 'but does not count deleted accounts');
SELECT throws_ok($$SELECT gatehouse.count_users(search => repeat('x', 255))$$, '22023',
  'search must have at most 254 characters', 'a text that is too long is refused');

SELECT * FROM finish();
ROLLBACK;
