-- create_users: an import, row by row told what became of it.
BEGIN;
SELECT plan(80);
SET LOCAL client_min_messages = warning;
\ir ../as_role.psql
\ir ../diagnose.psql
SELECT ok(gatehouse.library_version() <> '', 'the library is loaded');
SET LOCAL gatehouse.argon2_memory = '7MB';
SET LOCAL gatehouse.argon2_iterations = 5;

CREATE TEMP TABLE hashed AS SELECT gatehouse.hash_password('an old and long password') AS hash;
CREATE FUNCTION pg_temp.errors(users jsonb, all_or_nothing boolean DEFAULT false) RETURNS text LANGUAGE sql AS $$
  SELECT string_agg(coalesce(r.error, CASE WHEN r.id IS NOT NULL THEN 'made' ELSE 'neither' END), '; ' ORDER BY r.index)
    FROM gatehouse.create_users(users, all_or_nothing) r
$$;

-- What is made.
CREATE TEMP TABLE made AS
  SELECT r.* FROM hashed, LATERAL gatehouse.create_users(jsonb_build_array(
    jsonb_build_object('email', E' Ada@Example.com\n', 'username', 'Ada', 'hashed_password', hash, 'is_superuser', true, 'is_verified', true,
                       'profile', '{"a": {"b": null}}'::jsonb, 'created_at', '2020-02-29T12:00:00.123456+02:00'),
    '{"email": "bob@example.com", "username": "bob", "password": "correct horse battery"}'::jsonb,
    '{"email": "cyd@example.com", "username": "cyd", "password": null, "hashed_password": null, "is_superuser": null, "is_verified": null, "profile": null, "created_at": null}'::jsonb)) r;
SELECT columns_are('made', ARRAY['index', 'id', 'error'], 'a row has index, id and error');
SELECT results_eq('SELECT index, error FROM made', $$VALUES (0, NULL::text), (1, NULL), (2, NULL)$$, 'one for each element, counted from 0, in their order');
SELECT results_eq(
  'SELECT email, username, is_superuser, is_verified, is_active, is_deleted, has_password, profile, created_at
     FROM made, LATERAL gatehouse.get_user_by_id(made.id) WHERE index = 0',
  $$VALUES ('Ada@Example.com', 'Ada', true, true, true, false, true, '{"a": {"b": null}}'::jsonb, '2020-02-29 10:00:00.123456Z'::timestamptz)$$,
  'an account has what was given, the address trimmed');
SELECT results_eq(
  'SELECT is_superuser, is_verified, is_active, has_password, profile, created_at = updated_at
     FROM made, LATERAL gatehouse.get_user_by_id(made.id) WHERE index = 2',
  $$VALUES (false, false, true, false, '{}'::jsonb, true)$$, 'or what create_user would give it; null is as if it was not there');
SELECT is((SELECT count(*)::int FROM gatehouse.get_user_by_email('ADA@EXAMPLE.COM')), 1, 'it is found without case');
SELECT is(password_hash, hash, 'a hash is stored as it is')
  FROM hashed, gatehouse.password_credentials c JOIN made ON c.user_id = made.id WHERE index = 0;
SELECT matches(password_hash, '^\$argon2id\$v=19\$m=7168,t=5,p=1\$', 'a password is hashed as the settings say')
  FROM gatehouse.password_credentials c JOIN made ON c.user_id = made.id WHERE index = 1;
SELECT is((SELECT status FROM gatehouse.authenticate_user('ada', 'an old and long password')), 'ok', 'who was imported by hash logs in');
SELECT is((SELECT status FROM gatehouse.authenticate_user('bob', 'correct horse battery')), 'unverified', 'so does who was by password');
SELECT is(substr(id::text, 15, 1), '7', 'ids are UUIDv7') FROM made WHERE index = 0;

-- A bad row spoils no other.
CREATE FUNCTION pg_temp.between_good_ones(element jsonb) RETURNS text LANGUAGE plpgsql AS $$
DECLARE
  errors text;
BEGIN
  errors := pg_temp.errors(jsonb_build_array('{"email": "good@example.com", "username": "good-1"}'::jsonb, element,
                                             '{"email": "fine@example.com", "username": "good-2"}'::jsonb));
  DELETE FROM gatehouse.users WHERE username LIKE 'good-%';
  RETURN errors;
END
$$;
SELECT is(pg_temp.between_good_ones(element), 'made; ' || error || '; made', 'one row is refused: ' || left(element::text, 80))
  FROM (VALUES
    (1, '"text"'::jsonb, 'account must be a JSON object'),
    (2, 'null', 'account must be a JSON object'),
    (3, '[]', 'account must be a JSON object'),
    (4, '{}', 'email is missing'),
    (5, '{"email": null, "username": "x-1"}', 'email is missing'),
    (6, '{"email": "x@example.com"}', 'username is missing'),
    (7, '{"email": 1, "username": "x-1"}', 'email must be a JSON string'),
    (8, '{"email": "x@example.com", "username": 123}', 'username must be a JSON string'),
    (9, '{"email": "x@example.com", "username": "x-1", "password": 123456789012345}', 'password must be a JSON string'),
    (10, '{"email": "x@example.com", "username": "x-1", "hashed_password": {}}', 'hashed_password must be a JSON string'),
    (11, '{"email": "x@example.com", "username": "x-1", "is_superuser": "true"}', 'is_superuser must be true or false'),
    (12, '{"email": "x@example.com", "username": "x-1", "is_verified": 1}', 'is_verified must be true or false'),
    (13, '{"email": "x@example.com", "username": "x-1", "created_at": 0}', 'created_at must be a JSON string'),
    (14, '{"email": "x@example.com", "username": "x-1", "profile": []}', 'profile must be a JSON object'),
    (15, jsonb_build_object('email', 'x@example.com', 'username', 'x-1', 'profile', jsonb_build_object('a', repeat('x', 65536))),
     'profile must have at most 65536 bytes'),
    (16, '{"email": "x@example.com", "username": "x-1", "id": "x"}', 'unknown field "id"'),
    (17, jsonb_build_object(repeat('k', 1000), 1), format('unknown field "%s"', repeat('k', 64))),
    (18, '{"email": "x.example.com", "username": "x-1"}', 'e-mail address must have the form name@example.com'),
    (19, '{"email": "x@example.com", "username": "x"}', 'username must have 3 to 30 characters'),
    (20, '{"email": "x@example.com", "username": "x-1", "password": "fourteen chars"}', 'password must have at least 15 characters'),
    (21, '{"email": "x@example.com", "username": "x-1", "password": "correct horse battery", "hashed_password": "$2b$10$x"}',
     'password and hashed_password cannot be given together'),
    (22, '{"email": "x@example.com", "username": "x-1", "hashed_password": "correct horse battery"}', 'password hash is of an unknown kind'),
    (23, '{"email": "x@example.com", "username": "x-1", "hashed_password": ""}', 'password hash is of an unknown kind'),
    (24, '{"email": "aDa@example.com", "username": "x-1"}', 'an account with this e-mail address exists'),
    (25, '{"email": "x@example.com", "username": "ADA"}', 'an account with this username exists'),
    (26, '{"email": "aDa@example.com", "username": "x-1", "password": "correct horse battery"}',
     'an account with this e-mail address exists'),
    (27, '{"email": "x@example.com", "username": "GOOD-1"}', 'an account with this username exists')
  ) AS v (place, element, error)
 ORDER BY place;

-- created_at.
SELECT is(pg_temp.between_good_ones(jsonb_build_object('email', 'x@example.com', 'username', 'good-3', 'created_at', moment)), 'made; made; made',
  format('created_at may be %s', moment))
  FROM unnest(ARRAY['1970-01-01T00:00:00Z', '2024-02-29 23:59:59.999999+00', '2024-02-29T12:00:00+0530', '2024-02-29T12:00:00.123456789-08:00'])
    WITH ORDINALITY AS v (moment, place)
 ORDER BY place;
SELECT is(pg_temp.between_good_ones(jsonb_build_object('email', 'x@example.com', 'username', 'good-3', 'created_at', moment)),
  'made; created_at must be a moment from 1970 till now with its zone, as 2024-02-29T12:00:00Z; made',
  format('created_at cannot be %s', moment))
  FROM unnest(ARRAY['', 'now', 'infinity', '-infinity', '1969-12-31T23:59:59Z', '9999-12-31T23:59:59Z', '2023-02-29T12:00:00Z', '2024-02-29T25:00:00Z',
                    '2024-02-29T12:00:00', '2024-02-29', '29.02.2024 12:00:00Z', '2024-02-29T12:00:00+99:00'])
    WITH ORDINALITY AS v (moment, place)
 ORDER BY place;

-- Duplicates within.
SELECT is(pg_temp.errors('[{"email": "d@example.com", "username": "dup-1"}, {"email": "D@example.com", "username": "dup-2"},
                           {"email": "e@example.com", "username": "DUP-1"}, {"email": "f@example.com", "username": "dup-2"}]'),
  'made; an account with this e-mail address exists; an account with this username exists; made',
  'the first of two alike wins; one that is not made is in nobody''s way');
SELECT is(pg_temp.errors('[{"email": "g@example.com", "username": "x"}, {"email": "G@example.com", "username": "dup-3"}]'),
  'username must have 3 to 30 characters; made', 'nor is one that is refused');
SELECT is(pg_temp.errors('[{"email": "d@example.com", "username": "dup-9"}]'), 'an account with this e-mail address exists',
  'nothing made at all is no failure');
UPDATE gatehouse.users SET deleted_at = now() WHERE username LIKE 'dup-_';
SELECT is(pg_temp.errors('[{"email": "d@example.com", "username": "dup-1"}]'), 'made', 'the names of a deleted account are free');

-- All or nothing.
CREATE TEMP TABLE before AS SELECT count(*) AS accounts FROM gatehouse.users;
SELECT is(pg_temp.errors('[{"email": "h@example.com", "username": "all-1"}, {"email": "i@example.com", "username": "x"}, {"email": "H@example.com", "username": "all-2"}]', true),
  'neither; username must have 3 to 30 characters; an account with this e-mail address exists', 'all_or_nothing tells which rows are in the way');
SELECT is(pg_temp.errors('[{"email": "h@example.com", "username": "all-1", "password": "correct horse battery"}, {"email": "ada@example.com", "username": "all-2"}]', true),
  'neither; an account with this e-mail address exists', 'also where it is known only at the end');
SELECT is((SELECT count(*) FROM gatehouse.users), accounts, 'and makes nothing') FROM before;
SELECT is(pg_temp.errors('[{"email": "h@example.com", "username": "all-1", "password": "correct horse battery"}, {"email": "i@example.com", "username": "all-2"}]', true),
  'made; made', 'or everything');

-- Blocked domains and passwords hold.
SELECT is(gatehouse.load_blocked_email_domains(ARRAY['blocked.example']), 1::bigint, 'a domain is blocked');
SELECT is(pg_temp.between_good_ones('{"email": "x@mail.blocked.example", "username": "x-1"}'),
  'made; e-mail addresses of this domain are not accepted; made', 'an import makes no account there');
SELECT is(pg_temp.between_good_ones('{"email": "x@example.com", "username": "good-3", "password": "good-3good-3good-3"}') LIKE 'made; password must%; made', true,
  'the policy for passwords holds');
SELECT is(pg_temp.errors('[{"email": "root@example.com", "username": "root"}]'), 'made', 'an administrator may give reserved names');

-- Rights and wrong use.
SELECT throws_ok($$SELECT pg_temp.as_role('gatehouse_app', 'SELECT gatehouse.create_users(''[{}]'')')$$, '42501',
  'permission denied for function create_users', 'an application does not import');
SELECT is(pg_temp.as_role('gatehouse_admin', $$SELECT error FROM gatehouse.create_users('[{}]')$$), 'email is missing', 'an administrator does');
SELECT throws_ok(format('SELECT gatehouse.create_users(%s)', users), '22023', 'users must be a JSON array of 1 to 10000 accounts', format('users cannot be %s', what))
  FROM (VALUES ('NULL', 'NULL'), ('''{}''', 'an object'), ('''"x"''', 'a text'), ('''null''', 'null'), ('''[]''', 'empty'),
               ('(SELECT jsonb_agg(1) FROM generate_series(1, 10001))', 'more than 10000')) AS v (users, what);
SELECT throws_ok($$SELECT gatehouse.create_users('[{}]', NULL)$$, '22023', 'argument "all_or_nothing" must not be null', 'all_or_nothing is true or false');
SELECT is((SELECT count(*)::int FROM gatehouse.create_users(
    (SELECT jsonb_agg(jsonb_build_object('email', i || '@example.net', 'username', 'many-' || i)) FROM generate_series(1, 10000) i), true)
  WHERE id IS NOT NULL), 10000, '10000 accounts are made at once');

-- No secret is told.
CREATE TEMP TABLE secret AS SELECT 'hunter2'::text AS password, '$argon2id$v=19$m=1,t=1,p=1$hunter2' AS hash;
SELECT is_empty(
  $$SELECT r.error FROM secret, LATERAL gatehouse.create_users(jsonb_build_array(
      jsonb_build_object('email', 'x@example.com', 'username', 'x-1', 'password', password),
      jsonb_build_object('email', 'x@example.com', 'username', 'x-1', 'hashed_password', hash),
      jsonb_build_object('email', 'x@example.com', 'username', 'x-1', 'hashed_password', password),
      jsonb_build_object('email', 'x@example.com', 'username', 'x-1', 'password', jsonb_build_array(password)),
      jsonb_build_object('email', 'ada@example.com', 'username', 'x-1', 'hashed_password', (SELECT h.hash FROM hashed h)))) r
     WHERE error IS NULL OR error ~ 'hunter2|[$]'$$,
  'no error holds a password or a hash');
SELECT is((SELECT state FROM pg_temp.diagnose('SELECT gatehouse.create_users(jsonb_build_object(''password'', password)) FROM secret') e
            WHERE strpos(e::text, 'hunter2') = 0), '22023', 'nor does the text of an error that is raised');

-- What a caller's session has set changes nothing.
CREATE TEMP TABLE users (LIKE gatehouse.users);
CREATE TEMP TABLE password_credentials (LIKE gatehouse.password_credentials);
SET LOCAL DateStyle = 'German';
SET LOCAL TimeZone = 'Asia/Tokyo';
SELECT is(pg_temp.errors('[{"email": "tz@example.com", "username": "tz-1", "created_at": "2024-03-02T00:00:00Z"}]'), 'made',
  'temporary tables and odd settings are in nobody''s way');
SELECT is((SELECT created_at FROM gatehouse.get_user_by_username('tz-1')), timestamptz '2024-03-02 00:00:00Z',
  'and a moment is the same in every session');

SELECT * FROM finish();
ROLLBACK;
