-- update_users, verify_users, soft_delete_users: many accounts in one call.
BEGIN;
SELECT plan(50);
SET LOCAL client_min_messages = warning;
\ir ../as_role.psql
SELECT ok(gatehouse.library_version() <> '', 'the library is loaded');

CREATE TEMP TABLE account AS
  SELECT n, u.id FROM generate_series(1, 6) n,
         LATERAL gatehouse.create_user('u' || n || '@example.com', 'user-' || n, is_superuser => n = 6,
                                       profile => jsonb_build_object('n', n, 'old', 1)) u;
SELECT gatehouse.soft_delete_user(id) AS discarded FROM account WHERE n = 5 \gset
SELECT gatehouse.set_active(id, false) AS discarded FROM account WHERE n = 4 \gset
CREATE FUNCTION pg_temp.ids(VARIADIC numbers integer[]) RETURNS uuid[] LANGUAGE sql AS
  $$SELECT array_agg(a.id ORDER BY p.place DESC) FROM unnest(numbers) WITH ORDINALITY AS p (n, place) JOIN account a USING (n)$$;
CREATE TEMP TABLE before AS SELECT a.n, u.* FROM account a JOIN gatehouse.users u USING (id);

-- update_users.
SELECT is(gatehouse.update_users(pg_temp.ids(1, 2, 4, 5, 2) || gatehouse.uuid_v7(), '{"profile": {"old": null, "new": {"a": null}}}'), 3::bigint,
  'accounts are changed once each, stopped ones too; deleted and unknown ones are passed over');
SELECT results_eq('SELECT n, u.profile FROM account JOIN gatehouse.users u USING (id) ORDER BY n',
  $$VALUES (1, '{"n": 1, "new": {"a": null}}'::jsonb), (2, '{"n": 2, "new": {"a": null}}'), (3, '{"n": 3, "old": 1}'),
           (4, '{"n": 4, "new": {"a": null}}'), (5, '{"n": 5, "old": 1}'), (6, '{"n": 6, "old": 1}')$$,
  'each profile is merged by itself, and no other is touched');
SELECT results_eq('SELECT n FROM account JOIN gatehouse.users u USING (id) JOIN before b USING (n) WHERE u.updated_at > b.updated_at ORDER BY n',
  ARRAY[1, 2, 4], 'updated_at tells of the change');
SELECT is(gatehouse.update_users(pg_temp.ids(1, 2), '{}'), 2::bigint, 'an empty patch finds its accounts');
SELECT throws_ok(format('SELECT gatehouse.update_users(%L, %L)', pg_temp.ids(1), patch), '22023', message, what)
  FROM (VALUES
    (1, NULL, 'patch must be a JSON object', 'a patch cannot be NULL'),
    (2, '[]', 'patch must be a JSON object', 'nor an array'),
    (3, '{"username": "x"}', 'unknown field "username"', 'usernames are not changed in bulk'),
    (4, '{"profile": null}', 'profile must be a JSON object', 'a profile is an object'),
    (5, jsonb_build_object('profile', jsonb_build_object('a', repeat('x', 65536)))::text, 'profile must have at most 65536 bytes',
     'of at most 64 kB')
  ) AS v (place, patch, message, what)
 ORDER BY place;
UPDATE gatehouse.users SET profile = jsonb_build_object('large', repeat('x', 60000)) WHERE username = 'user-3';
SELECT throws_ok(format($$SELECT gatehouse.update_users(%L, jsonb_build_object('profile', jsonb_build_object('more', repeat('x', 6000))))$$, pg_temp.ids(1, 2, 3)),
  '22023', 'profile must have at most 65536 bytes', 'where one account''s profile would be too large');
SELECT is((SELECT profile FROM gatehouse.get_user_by_username('user-1')), '{"n": 1, "new": {"a": null}}', 'no other is changed either');

-- verify_users.
SELECT is(gatehouse.verify_users(pg_temp.ids(1, 2, 4, 5) || gatehouse.uuid_v7()), 3::bigint, 'accounts are verified');
SELECT results_eq('SELECT n FROM account JOIN gatehouse.users u USING (id) WHERE u.is_verified ORDER BY n', ARRAY[1, 2, 4], 'those and no others');
SELECT is(gatehouse.verify_users(pg_temp.ids(2, 3)), 1::bigint, 'who was verified before is not counted');

-- soft_delete_users has the consequences of soft_delete_user.
CREATE TEMP TABLE session AS SELECT n, s.* FROM account, LATERAL gatehouse.create_refresh_token(id) s WHERE n IN (1, 2, 3);
CREATE TEMP TABLE key AS SELECT n, k.* FROM account, LATERAL gatehouse.create_api_key(id, 'key') k WHERE n IN (1, 2, 3);
CREATE TEMP TABLE token AS SELECT n, gatehouse.request_email_change(id, 'new' || n || '@example.com') AS token FROM account WHERE n IN (1, 2, 3);
INSERT INTO gatehouse.oauth_identities (provider, subject, user_id, linked_at, owner_is_deleted)
  SELECT 'github', n::text, id, now(), false FROM account WHERE n IN (1, 2, 3);
SELECT is(gatehouse.soft_delete_users(pg_temp.ids(1, 2, 5, 2) || gatehouse.uuid_v7(), (pg_temp.ids(3))[1], 'a test'), 2::bigint,
  'accounts are deleted; those that were, and unknown ones, are passed over');
SELECT results_eq('SELECT n FROM account JOIN gatehouse.users u USING (id) WHERE u.deleted_at IS NOT NULL ORDER BY n', ARRAY[1, 2, 5],
  'those and no others');
SELECT results_eq('SELECT DISTINCT deleted_by, deletion_reason FROM account JOIN gatehouse.users u USING (id) WHERE n IN (1, 2)',
  $$SELECT (pg_temp.ids(3))[1], 'a test'$$, 'with who and why');
SELECT is((SELECT (u.deleted_at, u.deletion_reason)::text FROM gatehouse.users u WHERE u.username = 'user-5'),
  (SELECT (b.deleted_at, b.deletion_reason)::text FROM before b WHERE n = 5), 'an earlier deletion stays as it was');
SELECT results_eq('SELECT n FROM session, LATERAL gatehouse.verify_refresh_token(refresh_token) ORDER BY n', ARRAY[3], 'their sessions end');
SELECT results_eq('SELECT DISTINCT s.revocation FROM gatehouse.sessions s WHERE s.revoked_at IS NOT NULL', ARRAY['account_deleted'], 'for this reason');
SELECT results_eq('SELECT n FROM key, LATERAL gatehouse.verify_api_key(api_key) ORDER BY n', ARRAY[3], 'their keys are refused');
SELECT results_eq('SELECT n FROM account a JOIN gatehouse.one_time_tokens t ON t.user_id = a.id ORDER BY n', ARRAY[3], 'their tokens are gone');
SELECT results_eq('SELECT n FROM account a, LATERAL gatehouse.get_user_by_oauth(''github'', n::text) ORDER BY n', ARRAY[3], 'their OAuth identities open nothing');
SELECT lives_ok($$SELECT gatehouse.create_user('u1@example.com', 'user-2')$$, 'their names are free');
SELECT is(gatehouse.restore_user(a.id), false, 'who is not deleted cannot be restored') FROM account a WHERE n = 3;
DELETE FROM gatehouse.users WHERE email_normal = 'u1@example.com' AND deleted_at IS NULL;
SELECT ok(gatehouse.restore_user(a.id), 'a deletion of many is taken back one by one') FROM account a WHERE n = 1;
SELECT results_eq('SELECT n FROM key, LATERAL gatehouse.verify_api_key(api_key) ORDER BY n', ARRAY[1, 3], 'and the keys work again');

-- Superusers.
SELECT throws_ok(format('SELECT gatehouse.soft_delete_users(%L)', pg_temp.ids(1, 6)), '22023',
  'the last live superuser cannot be demoted, stopped or deleted', 'the last superuser stays');
SELECT is((SELECT is_deleted FROM gatehouse.get_user_by_username('user-1')), false, 'and nobody is deleted then');
SELECT ok(gatehouse.set_superuser(id, true), 'with another superuser') FROM account WHERE n = 3;
SELECT throws_ok(format('SELECT gatehouse.soft_delete_users(%L)', pg_temp.ids(3, 6)), '22023',
  'the last live superuser cannot be demoted, stopped or deleted', 'not both can go at once');
SELECT is(gatehouse.soft_delete_users(pg_temp.ids(1, 6)), 2::bigint, 'but one');
SELECT throws_ok(format('SELECT gatehouse.soft_delete_users(%L, reason => repeat(''x'', 1001))', pg_temp.ids(1)), '22023',
  'reason must have at most 1000 characters', 'a reason has at most 1000 characters');
SELECT throws_ok(format('SELECT gatehouse.soft_delete_users(%L, gatehouse.uuid_v7())', pg_temp.ids(1)), '22023',
  'no account has the id "deleted_by"', 'who deletes must be known');

-- Rights, and what all three refuse.
SELECT throws_ok(format('SELECT pg_temp.as_role(''gatehouse_app'', %L)', call), '42501', format('permission denied for function %s', name),
  format('%s is for administrators', name))
  FROM (VALUES ('update_users', 'SELECT gatehouse.update_users(ARRAY[gatehouse.uuid_v7()], ''{}'')'),
               ('verify_users', 'SELECT gatehouse.verify_users(ARRAY[gatehouse.uuid_v7()])'),
               ('soft_delete_users', 'SELECT gatehouse.soft_delete_users(ARRAY[gatehouse.uuid_v7()])')) AS v (name, call);
SELECT throws_ok(format(call, ids), '22023', message, format('%s: %s', replace(call, '%s', '...'), what))
  FROM (VALUES ('SELECT gatehouse.update_users(%s, ''{}'')'), ('SELECT gatehouse.verify_users(%s)'), ('SELECT gatehouse.soft_delete_users(%s)')) AS c (call),
       (VALUES ('NULL', 'ids must be an array of 1 to 10000 ids', 'no NULL'),
               ('''{}''', 'ids must be an array of 1 to 10000 ids', 'not none'),
               ('array_fill(gatehouse.uuid_v7(), ARRAY[10001])', 'ids must be an array of 1 to 10000 ids', 'not more than 10000'),
               ('ARRAY[gatehouse.uuid_v7(), NULL]', 'ids must not contain null', 'no NULL among them')) AS v (ids, message, what);

SELECT * FROM finish();
ROLLBACK;
