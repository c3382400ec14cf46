-- update_user: the username and the profile of an account.
BEGIN;
SELECT plan(50);
SET LOCAL client_min_messages = warning;
\ir ../as_role.psql
\ir ../diagnose.psql
SELECT ok(gatehouse.library_version() <> '', 'the library is loaded');

SELECT id AS ada FROM gatehouse.create_user('ada@example.com', 'Ada', profile => '{"a": 1, "b": {"c": 2, "d": 3}, "n": null}') \gset
SELECT id AS eve FROM gatehouse.create_user('eve@example.com', 'eve') \gset
CREATE TEMP TABLE before AS SELECT * FROM gatehouse.get_user_by_id(:'ada');

-- Profile.
CREATE TEMP TABLE changed AS SELECT * FROM gatehouse.update_user(:'ada', '{"profile": {"a": null, "b": {"c": 4}, "e": {"f": null}}}');
SELECT is(profile, '{"b": {"c": 4}, "e": {"f": null}, "n": null}', 'keys of the patch replace what was there, null removes, others stay') FROM changed;
SELECT results_eq('SELECT c.* FROM changed c', format('SELECT u.* FROM gatehouse.get_user_by_id(%L) u', :'ada'),
  'the account is given as it is now');
SELECT ok(c.updated_at > b.updated_at, 'updated_at is later') FROM changed c, before b;
SELECT is((c.email, c.username, c.created_at, c.is_verified)::text, (b.email, b.username, b.created_at, b.is_verified)::text, 'nothing else changes') FROM changed c, before b;
SELECT is((gatehouse.update_user(:'ada', '{"profile": {"x": null}}')).profile, '{"b": {"c": 4}, "e": {"f": null}, "n": null}',
  'a key that is not there is removed too');
SELECT is((gatehouse.update_user(:'ada', '{"profile": {}}')).profile, '{"b": {"c": 4}, "e": {"f": null}, "n": null}',
  'an empty profile changes no key');
SELECT is((gatehouse.update_user(:'ada', '{}')).profile, '{"b": {"c": 4}, "e": {"f": null}, "n": null}',
  'an empty patch changes nothing');
SELECT is((gatehouse.update_user(:'ada', '{"profile": {"b": null, "e": null, "n": null}}')).profile, '{}', 'all keys can go');
SELECT is((SELECT profile FROM gatehouse.get_user_by_id(:'eve')), '{}', 'another account is not touched');

-- Username.
SELECT is((gatehouse.update_user(:'ada', '{"username": "Countess", "profile": {"z": 1}}')).username, 'Countess', 'a username is changed');
SELECT is((SELECT (id, profile)::text FROM gatehouse.get_user_by_username('COUNTESS')), format('(%s,"{""z"": 1}")', :'ada'),
  'is found by it, and has the profile of the same patch');
SELECT is_empty('SELECT gatehouse.get_user_by_username(''ada'')', 'the old one is free');
SELECT is((gatehouse.update_user(:'ada', '{"username": "COUNTESS"}')).username, 'COUNTESS', 'its case alone can change');
SELECT is((SELECT (state, message, detail, constraint_name, table_name)::text
             FROM pg_temp.diagnose(format('SELECT gatehouse.update_user(%L, ''{"username": "EVE"}'')', :'ada'))),
  '(23505,"an account with this username exists","",users_username_live,users)', 'one that is taken is 23505 with the constraint');
SELECT throws_ok(format('SELECT gatehouse.update_user(%L, %L)', :'ada', jsonb_build_object('username', name)), '22023', message,
  format('a username against the rules: %s', name))
  FROM (VALUES ('ab'::text, 'username must have 3 to 30 characters'),
               ('a b c', 'username must consist of the letters A to Z, digits, "_" and "-"'),
               ('a__b', 'username must not begin or end with "_" or "-" nor have two of them in a row')) AS v (name, message);
SELECT throws_ok(format('SELECT gatehouse.update_user(%L, %L)', :'ada', patch), '22023', 'username must be a JSON string',
  format('a username is a string: %s', patch))
  FROM unnest(ARRAY['{"username": null}', '{"username": 12345}', '{"username": ["abc"]}']) AS patch;

-- Reserved names.
SELECT throws_ok(format('SELECT pg_temp.as_role(''gatehouse_app'', %L)', format('SELECT gatehouse.update_user(%L, ''{"username": "admin"}'')', :'ada')),
  '22023', 'username is reserved', 'an application gives no reserved name');
SELECT is((gatehouse.update_user(:'eve', '{"username": "Admin"}')).username, 'Admin', 'an administrator does');
SELECT is(pg_temp.as_role('gatehouse_app', format('SELECT (gatehouse.update_user(%L, ''{"username": "admin", "profile": {"a": 1}}'')).profile', :'eve')),
  '{"a": 1}', 'who has one may keep it');

-- Fields.
SELECT is((SELECT (state, message, hint)::text FROM pg_temp.diagnose(format('SELECT gatehouse.update_user(%L, %L)', :'ada', patch))),
  (('22023', message, hint))::text, format('no field: %s', message))
  FROM (VALUES
    (1, '{"email": "x@example.com"}', 'unknown field "email"', 'An e-mail address is changed with gatehouse.request_email_change().'),
    (2, '{"email": "x@example.com", "password": "correct horse battery"}', 'unknown field password',
     'A password is changed with gatehouse.change_password() or gatehouse.set_password().'),
    (9, '{"aaa": 1, "hashed_password": "$2b$04$"}', 'unknown field hashed_password',
     'A password is changed with gatehouse.change_password() or gatehouse.set_password().'),
    (3, '{"is_superuser": true}', 'unknown field "is_superuser"', 'A superuser is made with gatehouse.set_superuser().'),
    (4, '{"is_verified": true}', 'unknown field "is_verified"', 'An e-mail address is taken as verified with gatehouse.set_verified().'),
    (5, '{"is_active": true}', 'unknown field "is_active"', 'An account is stopped with gatehouse.set_active().'),
    (6, '{"Username": "x", "profile": {}}', 'unknown field "Username"', 'A patch may have: profile, username.'),
    (7, '{"": 1}', 'unknown field ""', 'A patch may have: profile, username.'),
    (8, jsonb_build_object(repeat('x', 1000), 1)::text, format('unknown field "%s"', repeat('x', 64)), 'A patch may have: profile, username.')
  ) AS v (place, patch, message, hint)
 ORDER BY place;
CREATE TEMP TABLE secret AS SELECT 'correct horse battery'::text AS password;
SELECT is((SELECT state FROM pg_temp.diagnose(format('SELECT gatehouse.update_user(%L, jsonb_build_object(''password'', password)) FROM secret', :'ada')) e
            WHERE strpos(e::text, 'horse') = 0), '22023', 'no text of an error holds a password');

-- Wrong use.
SELECT throws_ok(format('SELECT gatehouse.update_user(%L, %L)', :'ada', patch), '22023', 'patch must be a JSON object', format('a patch cannot be %s', coalesce(patch, 'NULL')))
  FROM unnest(ARRAY[NULL, '[]', '1', 'null']) AS patch;
SELECT throws_ok(format('SELECT gatehouse.update_user(%L, %L)', :'ada', patch), '22023', 'profile must be a JSON object', format('a profile is an object: %s', patch))
  FROM unnest(ARRAY['{"profile": null}', '{"profile": []}', '{"profile": "x"}']) AS patch;
SELECT is((gatehouse.update_user(:'ada', jsonb_build_object('profile', jsonb_build_object('large', repeat('x', 60000))))).username,
  'COUNTESS', 'a large profile is taken');
SELECT throws_ok(format('SELECT gatehouse.update_user(%L, jsonb_build_object(''profile'', jsonb_build_object(''more'', repeat(''x'', 6000))))', :'ada'),
  '22023', 'profile must have at most 65536 bytes', 'but what comes of the patch is not to be too large');
SELECT is((gatehouse.update_user(:'ada', jsonb_build_object('profile', jsonb_build_object('large', NULL, 'more', repeat('x', 6000))))).profile->'large',
  NULL, 'unless it makes room at once');
SELECT throws_ok('SELECT gatehouse.update_user(NULL, ''{}'')', '22023', 'argument "id" must not be null', 'a NULL id is refused');
SELECT throws_ok('SELECT gatehouse.update_user(gatehouse.uuid_v7(), ''{}'')', '22023', 'no account has this id', 'an unknown account is refused');
SELECT ok(gatehouse.set_active(:'ada', false), 'an account is stopped');
SELECT is((gatehouse.update_user(:'ada', '{"profile": {"s": 1}}')).profile->'s', '1', 'a stopped one is changed');
SELECT ok(gatehouse.soft_delete_user(:'ada'), 'and deleted');
SELECT throws_ok(format('SELECT gatehouse.update_user(%L, ''{}'')', :'ada'), '22023', 'no account has this id', 'a deleted one is not');

SELECT * FROM finish();
ROLLBACK;
