-- get_user_by_id, _email, _username, _oauth: one account or no row.
BEGIN;
SELECT plan(44);
SET LOCAL client_min_messages = warning;
\ir ../as_role.psql
SELECT ok(gatehouse.library_version() <> '', 'the library is loaded');

CREATE TEMP TABLE made AS SELECT * FROM gatehouse.create_user('Ada@Example.com', 'Ada', profile => '{"a": 1}');
INSERT INTO gatehouse.oauth_identities (provider, subject, user_id, linked_at, owner_is_deleted)
  SELECT v.provider, v.subject, made.id, now(), false FROM made,
    (VALUES ('github', 'Sub-1'), ('apple', 'x'), ('github', 'Sub-2')) AS v (provider, subject);
GRANT SELECT ON made TO PUBLIC;
CREATE FUNCTION pg_temp.lost_at(deleted_at timestamptz) RETURNS uuid LANGUAGE sql AS $$
  SELECT gatehouse.soft_delete_user(u.id) FROM gatehouse.users u WHERE u.email_normal = 'ada@example.com' AND u.deleted_at IS NULL;
  UPDATE gatehouse.users u SET deleted_at = lost_at.deleted_at
   WHERE u.id = (SELECT u.id FROM gatehouse.users u WHERE u.email_normal = 'ada@example.com' ORDER BY u.deleted_at DESC LIMIT 1)
  RETURNING id
$$;

-- The four look-ups of one account, each as a query with the argument include_deleted left open.
CREATE TEMP TABLE look_up AS
  SELECT v.* FROM made, LATERAL (VALUES
    (1, 'by id', format('SELECT * FROM gatehouse.get_user_by_id(%L%%s)', made.id)),
    (2, 'by address', 'SELECT * FROM gatehouse.get_user_by_email(''ADA@example.COM''%s)'),
    (3, 'by address with blanks', E'SELECT * FROM gatehouse.get_user_by_email('' ada@example.com\n''%s)'),
    (4, 'by username', 'SELECT * FROM gatehouse.get_user_by_username(''aDA''%s)'),
    (5, 'by OAuth identity', 'SELECT * FROM gatehouse.get_user_by_oauth(''github'', ''Sub-1''%s)')
  ) AS v (place, what, query);

SELECT results_eq(format(query, ''),
  $$SELECT id, email, username, is_superuser, is_verified, is_active, is_deleted, has_password, ARRAY['apple', 'github'], profile,
           created_at, updated_at, last_login_at, deletion_scheduled_for FROM made$$,
  what || ': the account, with its providers once each')
  FROM look_up ORDER BY place;

-- Nothing is no row.
SELECT is_empty(query, format('no row for %s', what))
  FROM (VALUES
    (1, 'an unknown id', 'SELECT * FROM gatehouse.get_user_by_id(gatehouse.uuid_v7())'),
    (2, 'an unknown address', 'SELECT * FROM gatehouse.get_user_by_email(''eve@example.com'')'),
    (3, 'an address with a wildcard', 'SELECT * FROM gatehouse.get_user_by_email(''%'')'),
    (4, 'the empty address', 'SELECT * FROM gatehouse.get_user_by_email('''')'),
    (5, 'an unknown username', 'SELECT * FROM gatehouse.get_user_by_username(''eve'')'),
    (6, 'a username with a wildcard', 'SELECT * FROM gatehouse.get_user_by_username(''_da'')'),
    (7, 'an address as a username', 'SELECT * FROM gatehouse.get_user_by_username(''ada@example.com'')'),
    (8, 'a username as an address', 'SELECT * FROM gatehouse.get_user_by_email(''Ada'')'),
    (9, 'an unknown provider', 'SELECT * FROM gatehouse.get_user_by_oauth(''gitlab'', ''Sub-1'')'),
    (10, 'an unknown subject', 'SELECT * FROM gatehouse.get_user_by_oauth(''github'', ''Sub-3'')'),
    (11, 'a subject in another case', 'SELECT * FROM gatehouse.get_user_by_oauth(''github'', ''sub-1'')')
  ) AS v (place, what, query)
 ORDER BY place;

-- A stopped account is found, and said to be stopped.
UPDATE gatehouse.users SET is_active = false WHERE id = (SELECT id FROM made);
SELECT is((SELECT is_active FROM gatehouse.get_user_by_id((SELECT id FROM made))), false,
  'a stopped account is shown as such');

-- The deleted.
SELECT pg_temp.lost_at('2026-01-02 00:00Z') AS deleted_id \gset
SELECT is_empty(format(query, ''), what || ': the deleted account is not found') FROM look_up ORDER BY place;
SELECT throws_ok(format('SELECT pg_temp.as_role(%L, %L)', 'gatehouse_app', format(query, ', include_deleted => true')),
  '42501', 'only an administrator can see deleted accounts', what || ': an application cannot ask for deleted accounts')
  FROM look_up ORDER BY place;
SELECT is(pg_temp.as_role('gatehouse_admin', format(query, ', include_deleted => true')), :'deleted_id',
  what || ': an administrator can')
  FROM look_up ORDER BY place;
SELECT is((SELECT is_deleted FROM gatehouse.get_user_by_id(:'deleted_id', include_deleted => true)), true,
  'a deleted account is shown as such');

-- Of several of one name the live one, else the one deleted last.
SELECT gatehouse.create_user('ada@example.com', 'ada') AS ignored \gset
SELECT pg_temp.lost_at('2026-01-01 00:00Z') AS earlier_id \gset
SELECT is((SELECT id FROM gatehouse.get_user_by_email('ada@example.com', true)), :'deleted_id'::uuid,
  'by address: of two deleted ones the one deleted last');
SELECT is((SELECT id FROM gatehouse.get_user_by_username('ada', true)), :'deleted_id'::uuid,
  'by username: of two deleted ones the one deleted last');
SELECT (gatehouse.create_user('ada@example.com', 'ada')).id AS live_id \gset
SELECT is((SELECT id FROM gatehouse.get_user_by_email('ada@example.com', true)), :'live_id'::uuid,
  'by address: the live one before the deleted ones');
SELECT is((SELECT id FROM gatehouse.get_user_by_username('ada', true)), :'live_id'::uuid,
  'by username: the live one before the deleted ones');

-- Wrong use.
SELECT throws_ok(query, '22023', message, 'NULL is refused: ' || query)
  FROM (VALUES
    (1, 'SELECT gatehouse.get_user_by_id(NULL)', 'argument "id" must not be null'),
    (2, 'SELECT gatehouse.get_user_by_email(NULL)', 'argument "email" must not be null'),
    (3, 'SELECT gatehouse.get_user_by_username(NULL)', 'argument "username" must not be null'),
    (4, 'SELECT gatehouse.get_user_by_oauth(NULL, ''x'')', 'arguments "provider" and "subject" must not be null'),
    (5, 'SELECT gatehouse.get_user_by_oauth(''x'', NULL)', 'arguments "provider" and "subject" must not be null'),
    (6, 'SELECT gatehouse.get_user_by_id(gatehouse.uuid_v7(), NULL)', 'argument "include_deleted" must not be null')
  ) AS v (place, query, message)
 ORDER BY place;

SELECT * FROM finish();
ROLLBACK;
