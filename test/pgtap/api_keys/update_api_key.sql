-- update_api_key: fields of a live key, none of which may open more than before but name and addresses.
BEGIN;
SELECT plan(72);
SET LOCAL client_min_messages = warning;
\ir ../as_role.psql
\ir ../diagnose.psql
SELECT ok(gatehouse.library_version() <> '', 'the library is loaded');
SELECT (gatehouse.create_user('ada@example.com', 'ada')).id AS ada, (gatehouse.create_user('bob@example.com', 'bob')).id AS bob \gset
SELECT gatehouse.register_scope(s) FROM unnest(ARRAY['read:users', 'read:orders', 'write:users', 'deploy']) s \g /dev/null
SELECT id, api_key AS key FROM gatehouse.create_api_key(:'ada', 'laptop', '{read:*,write:users}', '2100-01-01 00:00Z', '{192.0.2.0/24}') \gset
SELECT id AS other FROM gatehouse.create_api_key(:'ada', 'other', '{deploy}') \gset
SELECT id AS service FROM gatehouse.create_api_key(NULL, 'service', '{deploy}') \gset
CREATE TEMP TABLE before AS SELECT * FROM gatehouse.api_keys;

-- Field by field.
CREATE TEMP TABLE told AS SELECT * FROM gatehouse.update_api_key(:'id', '{"name": "phone"}');
SELECT results_eq('SELECT * FROM told', format('SELECT * FROM gatehouse.get_api_key_by_id(%L)', :'id'), 'the row is that of get_api_key_by_id');
SELECT is((SELECT name FROM told), 'phone', 'the name is changed');
SELECT results_eq('SELECT to_jsonb(k) - ''name'' FROM gatehouse.api_keys k ORDER BY k.id', 'SELECT to_jsonb(b) - ''name'' FROM before b ORDER BY b.id',
  'and nothing else');
CREATE FUNCTION pg_temp.field(key uuid, field text, patch jsonb) RETURNS jsonb LANGUAGE sql AS
  $$SELECT to_jsonb(k) -> field FROM gatehouse.update_api_key(key, patch) k$$;
SELECT is(pg_temp.field(:'id', 'ip_allow', '{"ip_allow": ["198.51.100.0/24", "2001:db8::/32"]}'), '["198.51.100.0/24", "2001:db8::/32"]', 'ip_allow is replaced');
SELECT is(pg_temp.field(:'id', 'ip_allow', '{"name": "phone"}'), '["198.51.100.0/24", "2001:db8::/32"]', 'it stays where it is not in the patch');
SELECT is(pg_temp.field(:'id', 'ip_allow', '{"ip_allow": null}'), 'null', 'null lets every address in');
SELECT isnt_empty(format('SELECT * FROM gatehouse.verify_api_key(%L, ''{write:users}'')', :'key'), 'which verification sees at once');
SELECT is(pg_temp.field(:'id', 'scopes', '{"scopes": ["write:users", "read:*"]}'), '["read:*", "write:users"]', 'the same scopes may be said again, in any order');
SELECT is(pg_temp.field(:'id', 'scopes', '{"scopes": ["read:users", "read:orders", "read:users"]}'), '["read:orders", "read:users"]', 'a wildcard becomes what it covers, once each');
SELECT is_empty(format('SELECT * FROM gatehouse.verify_api_key(%L, ''{write:users}'')', :'key'), 'the scope that went is refused at once');
SELECT throws_ok(format('SELECT gatehouse.update_api_key(%L, %L)', :'id', '{"scopes": ["read:*"]}'), '22023', 'scopes of an API key can only become fewer',
  'the wildcard does not come back');
SELECT throws_ok(format('SELECT gatehouse.update_api_key(%L, %L)', :'id', '{"scopes": ["read:users", "deploy"]}'), '22023',
  'scopes of an API key can only become fewer', 'nor does any other scope come');
SELECT matches((SELECT hint FROM pg_temp.diagnose(format('SELECT gatehouse.update_api_key(%L, %L)', :'id', '{"scopes": ["deploy"]}'))),
  'gatehouse\.create_api_key\(\)', 'the hint names the way to more');
SELECT is(pg_temp.field(:'id', 'scopes', '{"scopes": []}'), '[]', 'all may go');
SELECT throws_ok(format('SELECT gatehouse.update_api_key(%L, %L)', :'id', '{"scopes": ["read:users"]}'), '22023',
  'scopes of an API key can only become fewer', 'and none comes back');
SELECT is(pg_temp.field(:'id', 'expires_at', '{"expires_at": "2099-01-01T00:00:00Z"}'), to_jsonb('2099-01-01 00:00Z'::timestamptz), 'the expiry becomes earlier');
SELECT is(pg_temp.field(:'id', 'expires_at', '{"expires_at": "2099-01-01T01:00+01"}'), to_jsonb('2099-01-01 00:00Z'::timestamptz), 'the same may be said again, in another zone');
SELECT is(pg_temp.field(:'id', 'expires_at', (SELECT jsonb_build_object('expires_at', expires_at) FROM gatehouse.get_api_key_by_id(:'id'))),
  to_jsonb('2099-01-01 00:00Z'::timestamptz), 'and what was told may be given back');
SELECT throws_ok(format('SELECT gatehouse.update_api_key(%L, %L)', :'id', '{"expires_at": "2099-01-01T00:00:00.000001Z"}'), '22023',
  'expiry of an API key can only become earlier', 'a microsecond later is refused');
SELECT is(pg_temp.field(:'other', 'expires_at', '{"expires_at": "2099-01-01T00:00:00-00:30"}'), to_jsonb('2099-01-01 00:30Z'::timestamptz),
  'a key that never ended is given an end');
SELECT throws_ok(format('SELECT gatehouse.update_api_key(%L, %L)', :'id', jsonb_build_object('expires_at', at)), '22023',
  'expiry of an API key must be in the future', format('%s is refused', what))
  FROM (VALUES (1, clock_timestamp(), 'this moment'), (2, clock_timestamp() - interval '1 hour', 'an hour ago')) v (place, at, what) ORDER BY place;
SELECT matches((SELECT hint FROM pg_temp.diagnose(format('SELECT gatehouse.update_api_key(%L, %L)', :'id', '{"expires_at": "2000-01-01T00:00Z"}'))),
  'gatehouse\.deactivate_api_key\(\)', 'the hint names the way to end a key');
SELECT is((SELECT (name, scopes, ip_allow)::text FROM gatehouse.update_api_key(:'other', '{"name": "all", "scopes": [], "ip_allow": ["192.0.2.1"]}')),
  '(all,{},{192.0.2.1/32})', 'several fields change at once');
SELECT is((SELECT name FROM gatehouse.update_api_key(:'other', '{}')), 'all', 'an empty patch changes nothing and gives the key');

-- The session's settings don't change what a time means.
SET LOCAL datestyle = 'SQL, DMY';
SET LOCAL timezone = 'Asia/Tokyo';
SELECT is(extract(epoch FROM k.expires_at), extract(epoch FROM '2098-02-01T00:00:00Z'::timestamptz), 'a time is the same in any session')
  FROM gatehouse.update_api_key(:'id', '{"expires_at": "2098-02-01T00:00:00Z"}') k;
RESET datestyle;
RESET timezone;

-- What is refused, and changes nothing.
CREATE TEMP TABLE kept AS SELECT * FROM gatehouse.api_keys;
SELECT throws_ok(format('SELECT gatehouse.update_api_key(%L, %L)', :'id', patch), '22023', message, format('%s is refused', left(patch, 60)))
  FROM (VALUES
    (1, NULL, 'patch must be a JSON object'),
    (2, '[]', 'patch must be a JSON object'),
    (3, '"name"', 'patch must be a JSON object'),
    (4, 'null', 'patch must be a JSON object'),
    (5, '{"Name": "x"}', 'unknown field "Name"'),
    (6, '{"name": "x", "user_id": null}', 'unknown field "user_id"'),
    (7, '{"deactivated_at": null}', 'unknown field "deactivated_at"'),
    (8, '{"name": null}', 'name must be a JSON string'),
    (9, '{"name": 1}', 'name must be a JSON string'),
    (10, '{"name": ""}', 'name of an API key must have 1 to 100 characters'),
    (11, jsonb_build_object('name', repeat('x', 101))::text, 'name of an API key must have 1 to 100 characters'),
    (12, '{"scopes": null}', 'scopes must be a JSON array of strings'),
    (13, '{"scopes": "read:users"}', 'scopes must be a JSON array of strings'),
    (14, '{"scopes": [1]}', 'scopes must be a JSON array of strings'),
    (15, '{"scopes": [null]}', 'scopes must be a JSON array of strings'),
    (16, '{"scopes": [["read:users"]]}', 'scopes must be a JSON array of strings'),
    (17, '{"scopes": ["*"]}', 'malformed scope'),
    (18, '{"scopes": ["read:nothing"]}', 'scope "read:nothing" is not registered'),
    (19, '{"ip_allow": []}', 'ip_allow must hold 1 to 100 networks, or be null for every address'),
    (20, jsonb_build_object('ip_allow', array_fill('192.0.2.1'::text, ARRAY[101]))::text, 'ip_allow must hold 1 to 100 networks, or be null for every address'),
    (21, '{"ip_allow": [null]}', 'ip_allow must be a JSON array of strings'),
    (22, '{"ip_allow": "192.0.2.0/24"}', 'ip_allow must be a JSON array of strings'),
    (23, '{"ip_allow": ["192.0.2.1/24"]}', 'ip_allow must hold networks, such as "192.0.2.0/24"'),
    (24, '{"ip_allow": ["sk_secret"]}', 'ip_allow must hold networks, such as "192.0.2.0/24"'),
    (25, '{"expires_at": null}', 'expires_at must be a time with its zone, such as "2030-01-31T12:00:00Z"'),
    (26, '{"expires_at": 4102444800}', 'expires_at must be a time with its zone, such as "2030-01-31T12:00:00Z"'),
    (27, '{"expires_at": "tomorrow"}', 'expires_at must be a time with its zone, such as "2030-01-31T12:00:00Z"'),
    (28, '{"expires_at": "2030-01-01"}', 'expires_at must be a time with its zone, such as "2030-01-31T12:00:00Z"'),
    (29, '{"expires_at": "2030-01-01T00:00:00"}', 'expires_at must be a time with its zone, such as "2030-01-31T12:00:00Z"'),
    (30, '{"expires_at": "2030-13-01T00:00:00Z"}', 'expires_at must be a time with its zone, such as "2030-01-31T12:00:00Z"'),
    (31, '{"expires_at": "2030-01-01T00:00:00+99"}', 'expires_at must be a time with its zone, such as "2030-01-31T12:00:00Z"'),
    (32, '{"expires_at": "0000-01-01T00:00:00Z"}', 'expires_at must be a time with its zone, such as "2030-01-31T12:00:00Z"')
  ) AS v (place, patch, message) ORDER BY place;
SELECT results_eq('SELECT * FROM gatehouse.api_keys ORDER BY id', 'SELECT * FROM kept ORDER BY id', 'nothing of it has changed a key');
SELECT throws_ok('SELECT gatehouse.update_api_key(NULL, ''{}'')', '22023', 'argument "id" must not be null', 'a null id is refused');

-- Which key, and who.
SELECT is_empty(format('SELECT * FROM gatehouse.update_api_key(%L, ''{"name": "x"}'', user_id => %L)', :'id', :'bob'), 'another account''s key gives no row');
SELECT is_empty(format('SELECT * FROM gatehouse.update_api_key(%L, ''{"name": "x"}'')', gatehouse.uuid_v7()), 'nor does one that does not exist');
SELECT is(pg_temp.as_role('gatehouse_app', format('SELECT name FROM gatehouse.update_api_key(%L, ''{"name": "x"}'')', :'service')), NULL, 'nor a service key, for an application');
SELECT is_empty(format('SELECT * FROM gatehouse.update_api_key(%L, ''{"name": "x"}'', %L)', :'service', :'ada'), 'which is nobody''s');
SELECT results_eq('SELECT * FROM gatehouse.api_keys ORDER BY id', 'SELECT * FROM kept ORDER BY id', 'all are untouched');
SELECT is(pg_temp.as_role('gatehouse_admin', format('SELECT name FROM gatehouse.update_api_key(%L, ''{"name": "renamed"}'')', :'service')), 'renamed', 'an administrator renames a service key');
SELECT is(pg_temp.as_role('gatehouse_app', format('SELECT name FROM gatehouse.update_api_key(%L, ''{"name": "mine"}'', %L)', :'id', :'ada')), 'mine', 'an application renames for the owner');
SELECT throws_ok(format('SELECT pg_temp.as_role(''gatehouse_auditor'', %L)', format('SELECT gatehouse.update_api_key(%L, ''{}'')', :'id')), '42501',
  'permission denied for function update_api_key', 'an auditor does not');

-- Only a live key of a live account.
SELECT gatehouse.set_active(:'ada', false) \g /dev/null
SELECT is_empty(format('SELECT * FROM gatehouse.update_api_key(%L, ''{"name": "x"}'')', :'id'), 'a key of a stopped account gives no row');
SELECT gatehouse.set_active(:'ada', true) \g /dev/null
UPDATE gatehouse.api_keys SET expires_at = clock_timestamp() WHERE id = :'id';
SELECT is_empty(format('SELECT * FROM gatehouse.update_api_key(%L, ''{"name": "x"}'')', :'id'), 'nor does one that has expired');
UPDATE gatehouse.api_keys SET expires_at = NULL, deactivated_at = clock_timestamp() WHERE id = :'id';
SELECT is_empty(format('SELECT * FROM gatehouse.update_api_key(%L, ''{"name": "x"}'')', :'id'), 'nor one that is deactivated');

SELECT * FROM finish();
ROLLBACK;
