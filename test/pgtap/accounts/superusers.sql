-- set_superuser, set_verified, and that the last live superuser stays.
BEGIN;
SELECT plan(46);
SET LOCAL client_min_messages = warning;
\ir ../as_role.psql
SELECT ok(gatehouse.library_version() <> '', 'the library is loaded');
-- Whatever else is in the database is no superuser here.
UPDATE gatehouse.users SET is_superuser = false WHERE is_superuser;

CREATE TEMP TABLE account AS
  SELECT u.id, u.username FROM (VALUES ('ada', true), ('bob', false), ('carol', false), ('deleted', false)) AS v (name, is_superuser),
       LATERAL gatehouse.create_user(v.name || '@example.com', v.name, is_superuser => v.is_superuser) u;
CREATE FUNCTION pg_temp.id_of(name text) RETURNS uuid LANGUAGE sql AS $$SELECT a.id FROM pg_temp.account a WHERE a.username = name$$;
SELECT gatehouse.soft_delete_user(pg_temp.id_of('deleted')) AS ignored \gset
CREATE FUNCTION pg_temp.superusers() RETURNS text LANGUAGE sql AS $$
  SELECT string_agg(u.username, ' ' ORDER BY u.username) FROM gatehouse.users u WHERE u.is_superuser
$$;
-- The four ways in which a superuser leaves.
CREATE TEMP TABLE way (place, call, what) AS VALUES
  (1, 'gatehouse.set_superuser(%L, false)', 'demoted'), (2, 'gatehouse.set_active(%L, false)', 'stopped'),
  (3, 'gatehouse.soft_delete_user(%L)', 'deleted'), (4, 'gatehouse.permanently_delete_user(%L)', 'deleted for good');
CREATE FUNCTION pg_temp.last_stays(name text, because text) RETURNS SETOF text LANGUAGE sql AS $$
  SELECT throws_ok(format('SELECT ' || w.call, pg_temp.id_of(name)), '22023', 'the last live superuser cannot be demoted, stopped or deleted',
                   format('the last superuser is not %s%s', w.what, because))
    FROM pg_temp.way w ORDER BY w.place
$$;

SELECT pg_temp.last_stays('ada', '');
SELECT throws_ok(format('SELECT gatehouse.set_active(%L, false, until => clock_timestamp() + interval ''1 second'')', pg_temp.id_of('ada')),
  '22023', 'the last live superuser cannot be demoted, stopped or deleted', 'nor stopped for a second');
SELECT is((SELECT u.is_superuser AND u.is_active AND u.deleted_at IS NULL FROM gatehouse.users u WHERE u.id = pg_temp.id_of('ada')), true, 'nothing has changed');

-- A second one.
SELECT is(pg_temp.as_role('gatehouse_admin', format('SELECT gatehouse.set_superuser(id => %L, is_superuser => true)', pg_temp.id_of('bob'))), 'true',
  'an administrator makes a superuser');
SELECT is(pg_temp.superusers(), 'ada bob', 'there are two');
SELECT is((SELECT is_superuser FROM gatehouse.get_user_by_id(pg_temp.id_of('bob'))), true, 'user_info says so');
SELECT is(gatehouse.set_superuser(pg_temp.id_of('bob'), true), true, 'who is one may be made one');
SELECT is(gatehouse.set_superuser(pg_temp.id_of('bob'), false), true, 'one of two is demoted');
SELECT is(pg_temp.superusers(), 'ada', 'the other stays');
SELECT is(gatehouse.set_superuser(pg_temp.id_of('bob'), false), true, 'who is none may be demoted');
SELECT is(gatehouse.set_superuser(pg_temp.id_of('deleted'), true), false, 'a deleted account is not made one');
SELECT is(gatehouse.set_superuser(gatehouse.uuid_v7(), true), false, 'neither is no account');
SELECT is(pg_temp.superusers(), 'ada', 'there is one');

-- One that isn't live is none who could stay.
SELECT gatehouse.set_superuser(pg_temp.id_of('bob'), true) AS ignored \gset
SELECT gatehouse.set_active(pg_temp.id_of('bob'), false, until => clock_timestamp() + interval '1 hour') AS ignored \gset
SELECT pg_temp.last_stays('ada', ' beside a stopped one');
SELECT is(gatehouse.set_superuser(pg_temp.id_of('bob'), false), true, 'the stopped one can be demoted');
SELECT gatehouse.set_superuser(pg_temp.id_of('bob'), true) AS ignored \gset
UPDATE gatehouse.users SET stopped_until = clock_timestamp() WHERE id = pg_temp.id_of('bob');
SELECT is(gatehouse.set_active(pg_temp.id_of('ada'), false), true, 'beside one whose stop is over the other can leave');
SELECT pg_temp.last_stays('bob', ' although it was stopped once');
SELECT is(gatehouse.set_active(pg_temp.id_of('ada'), true), true, 'the other comes back');
SELECT is(gatehouse.soft_delete_user(pg_temp.id_of('bob')), true, 'and this one can be deleted');
SELECT pg_temp.last_stays('ada', ' beside a deleted one');
SELECT is(gatehouse.permanently_delete_user(pg_temp.id_of('bob')), true, 'the deleted one can go for good');

-- Verification.
SELECT is(pg_temp.as_role('gatehouse_admin', format('SELECT gatehouse.set_verified(id => %L, is_verified => true)', pg_temp.id_of('carol'))), 'true',
  'an administrator says that an address is verified');
SELECT is((SELECT is_verified FROM gatehouse.get_user_by_id(pg_temp.id_of('carol'))), true, 'user_info says so');
SELECT is(gatehouse.set_verified(pg_temp.id_of('carol'), false), true, 'or that it is not');
SELECT is((SELECT is_verified FROM gatehouse.get_user_by_id(pg_temp.id_of('carol'))), false, 'user_info says so');
SELECT is(gatehouse.set_verified(pg_temp.id_of('deleted'), true), false, 'of a deleted account nothing is said');
SELECT is(gatehouse.set_verified(gatehouse.uuid_v7(), true), false, 'nor of no account');
SELECT throws_ok(format('SELECT gatehouse.%s', call), '22023', format('arguments "id" and "is_%s" must not be null', word), call)
  FROM (VALUES ('set_superuser(NULL, true)', 'superuser'), ('set_superuser(gatehouse.uuid_v7(), NULL)', 'superuser'),
               ('set_verified(NULL, true)', 'verified'), ('set_verified(gatehouse.uuid_v7(), NULL)', 'verified')) AS v (call, word);
SELECT throws_ok(format('SELECT pg_temp.as_role(''gatehouse_app'', ''SELECT gatehouse.%s(gatehouse.uuid_v7(), true)'')', name),
  '42501', 'permission denied for function ' || name, 'an application does not: ' || name)
  FROM unnest(ARRAY['set_superuser', 'set_verified']) AS name;

SELECT * FROM finish();
ROLLBACK;
