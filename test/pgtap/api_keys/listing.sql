-- get_user_api_keys, get_service_keys, get_api_key_by_id.
BEGIN;
SELECT plan(56);
SET LOCAL client_min_messages = warning;
\ir ../as_role.psql
SELECT ok(gatehouse.library_version() <> '', 'the library is loaded');
SELECT (gatehouse.create_user('ada@example.com', 'ada')).id AS ada, (gatehouse.create_user('bob@example.com', 'bob')).id AS bob,
       (gatehouse.create_user('eve@example.com', 'eve')).id AS eve \gset
SELECT gatehouse.register_scope('read:users') \g /dev/null

-- Two keys of each moment: the order within is by id.
INSERT INTO gatehouse.api_keys (id, lookup_id, owner_is_live, ring_key_id, key_digest, user_id, name, hint, scopes, created_at)
  SELECT ('00000000-0000-7000-8000-' || lpad(to_hex(i), 12, '0'))::uuid, i, true, 0, sha256(i::text::bytea),
         CASE WHEN i <= 45 THEN :'ada'::uuid WHEN i <= 50 THEN :'bob'::uuid END, i, 'sk_0000...', '{}',
         '2026-01-01 00:00Z'::timestamptz + i / 2 * interval '1.000001 seconds'
    FROM generate_series(1, 80) i;
CREATE FUNCTION pg_temp.numbers(call text) RETURNS text LANGUAGE plpgsql AS $$
DECLARE
  numbers text;
BEGIN
  EXECUTE format('SELECT string_agg(l.name, '' '' ORDER BY place)
                    FROM ROWS FROM (gatehouse.%s) WITH ORDINALITY AS l (id, name, hint, scopes, status, created_at, expires_at, last_used_at,
                                                          last_used_ip, use_count, ip_allow, user_id, cursor, place)', call) INTO numbers;
  RETURN numbers;
END
$$;
CREATE FUNCTION pg_temp.span(first integer, last integer) RETURNS text LANGUAGE sql AS
  $$SELECT string_agg(i::text, ' ' ORDER BY i DESC) FROM generate_series(last, first) i$$;

-- Order and pages.
SELECT is(pg_temp.numbers(format('get_user_api_keys(%L)', :'ada')), pg_temp.span(45, 26), 'the newest 20 come first, by id within a moment');
SELECT is(pg_temp.numbers(format('get_user_api_keys(%L, page_size => 1)', :'ada')), '45', 'a page may have one key');
SELECT is(pg_temp.numbers(format('get_user_api_keys(%L, page_size => 100)', :'ada')), pg_temp.span(45, 1), 'or 100');
SELECT is(pg_temp.numbers(format('get_user_api_keys(%L)', :'bob')), pg_temp.span(50, 46), 'another account has its own');
SELECT is(pg_temp.numbers(format('get_user_api_keys(%L)', :'eve')), NULL, 'an account without keys has no row');
SELECT is(pg_temp.numbers(format('get_user_api_keys(%L)', gatehouse.uuid_v7())), NULL, 'nor has one that does not exist');
SELECT is(pg_temp.numbers('get_service_keys()'), pg_temp.span(80, 61), 'the service keys likewise, the newest 20 first');
SELECT is(pg_temp.numbers('get_service_keys(page_size => 100)'), pg_temp.span(80, 51), 'up to 100');
SELECT is(
  (WITH RECURSIVE walk (page, cursor, n) AS (
     SELECT NULL::text, NULL::text, 0
     UNION ALL
     SELECT g.names, g.last, n + 1
       FROM walk w, LATERAL (SELECT string_agg(l.name, ' ' ORDER BY l.created_at DESC, l.id DESC) AS names, min(l.cursor) AS last
                               FROM gatehouse.get_user_api_keys(:'ada', page_size => 7, after => w.cursor) l) g
      WHERE n = 0 OR w.cursor IS NOT NULL)
   SELECT string_agg(page, ' ' ORDER BY n) FROM walk),
  pg_temp.span(45, 1), 'cursor by cursor every key comes once, though two share each moment');
SELECT is(
  (WITH RECURSIVE walk (page, cursor, n) AS (
     SELECT NULL::text, NULL::text, 0
     UNION ALL
     SELECT g.names, g.last, n + 1
       FROM walk w, LATERAL (SELECT string_agg(l.name, ' ' ORDER BY l.created_at DESC, l.id DESC) AS names, min(l.cursor) AS last
                               FROM gatehouse.get_service_keys(page_size => 7, after => w.cursor) l) g
      WHERE n = 0 OR w.cursor IS NOT NULL)
   SELECT string_agg(page, ' ' ORDER BY n) FROM walk),
  pg_temp.span(80, 51), 'so does every service key');
SELECT cursor FROM gatehouse.get_user_api_keys(:'ada', page_size => 5) ORDER BY cursor LIMIT 1 \gset
SELECT gatehouse.deactivate_api_key('00000000-0000-7000-8000-000000000029') \g /dev/null
SELECT is(pg_temp.numbers(format('get_user_api_keys(%L, 3, %L)', :'ada', :'cursor')), '40 39 38', 'a page goes on after its cursor, also once that key has ended');
DELETE FROM gatehouse.api_keys WHERE name = '41';
SELECT is(pg_temp.numbers(format('get_user_api_keys(%L, 3, %L)', :'ada', :'cursor')), '40 39 38', 'or is gone');
SELECT is(pg_temp.numbers(format('get_user_api_keys(%L, 3, %L)', :'bob', :'cursor')), NULL, 'the cursor of another list is a place in time and opens none');
SELECT throws_ok(format('SELECT gatehouse.get_user_api_keys(%L, after => %L)', :'ada', damaged), '22P02', 'malformed cursor',
                 format('%s is no cursor', left(to_json(damaged)::text, 30)))
  FROM unnest(ARRAY['', 'x', '8' || substr(:'cursor', 2), upper(overlay(:'cursor' PLACING 'a' FROM 48)), :'cursor' || '0', '%', '7' || repeat('f', 47),
                    repeat('f', 100000)]) damaged;
SELECT throws_ok('SELECT gatehouse.get_service_keys(after => ''x'')', '22P02', 'malformed cursor', 'nor of service keys');
SELECT throws_ok(format('SELECT gatehouse.get_user_api_keys(%L, page_size => %s)', :'ada', size), '22023', 'page_size must be between 1 and 100',
                 format('a page has not %s keys', size))
  FROM unnest(ARRAY['0', '-1', '101', '2147483647', 'NULL']) size;
SELECT throws_ok('SELECT gatehouse.get_service_keys(0)', '22023', 'page_size must be between 1 and 100', 'nor has a page of service keys 0');
SELECT throws_ok('SELECT gatehouse.get_user_api_keys(NULL)', '22023', 'argument "user_id" must not be null', 'null is no account, and not the service keys');

-- What is told.
SELECT id, api_key AS key, hint FROM gatehouse.create_api_key(:'eve', 'laptop', '{read:users}', '2100-01-01 00:00Z', '{192.0.2.0/24}') \gset
CREATE TEMP TABLE told AS SELECT * FROM gatehouse.get_user_api_keys(:'eve');
SELECT columns_are('told',
  ARRAY['id', 'name', 'hint', 'scopes', 'status', 'created_at', 'expires_at', 'last_used_at', 'last_used_ip', 'use_count', 'ip_allow', 'user_id',
        'cursor'], 'a row has the documented columns');
SELECT results_eq('SELECT id, name, hint, scopes, status, expires_at, ip_allow, user_id FROM told',
  format($$VALUES (%L::uuid, 'laptop'::text, %L::text, '{read:users}'::text[], 'active'::text, '2100-01-01 00:00Z'::timestamptz,
                   '{192.0.2.0/24}'::cidr[], %L::uuid)$$, :'id', :'hint', :'eve'), 'and says what the key was made with');
SELECT results_eq('SELECT t.last_used_at, t.last_used_ip, t.use_count FROM told t',
  format('SELECT * FROM gatehouse.key_usage(%L)', :'id'), 'and its usage');
SELECT results_eq(format('SELECT * FROM gatehouse.get_api_key_by_id(%L)', :'id'),
  'SELECT id, name, hint, scopes, status, created_at, expires_at, last_used_at, last_used_ip, use_count, ip_allow, user_id FROM told',
  'get_api_key_by_id says the same');
SELECT is((SELECT count(*)::int FROM told t WHERE strpos(t::text, substr(:'key', 15, 43)) > 0), 0, 'of the secret nothing is told');
SELECT is_empty(format($$SELECT FROM told t, gatehouse.api_keys k WHERE k.id = %L AND strpos(t::text, encode(k.key_digest, 'hex')) > 0$$, :'id'),
  'nor of its digest');

-- The status.
CREATE FUNCTION pg_temp.status(key uuid, owner_live boolean, stopped_until timestamptz, expiry timestamptz, ended timestamptz) RETURNS text
LANGUAGE plpgsql AS $$
BEGIN
  UPDATE gatehouse.api_keys k SET owner_is_live = owner_live, owner_stopped_until = stopped_until, expires_at = expiry, deactivated_at = ended
   WHERE k.id = key;
  RETURN (SELECT status FROM gatehouse.get_api_key_by_id(key));
END
$$;
SELECT is(pg_temp.status(:'id', owner_live, stopped_until, expiry, ended), status, what)
  FROM (VALUES
    (1, true, NULL::timestamptz, NULL::timestamptz, NULL::timestamptz, 'active', 'a key that never ends is active'),
    (2, true, NULL, clock_timestamp() + interval '1 hour', NULL, 'active', 'so it is before its expiry'),
    (3, true, NULL, clock_timestamp(), NULL, 'expired', 'at its very moment it has expired'),
    (4, false, NULL, clock_timestamp(), NULL, 'expired', 'which comes before its owner'),
    (5, false, NULL, NULL, NULL, 'owner_inactive', 'an owner who is stopped for good, or deleted'),
    (6, false, clock_timestamp() + interval '1 hour', NULL, NULL, 'owner_inactive', 'or until a moment to come'),
    (7, false, clock_timestamp(), NULL, NULL, 'active', 'when that has come the key is active'),
    (8, false, NULL, clock_timestamp(), clock_timestamp(), 'deactivated', 'what is deactivated is so first of all')
  ) AS v (place, owner_live, stopped_until, expiry, ended, status, what) ORDER BY place;

-- Of whom, and who.
SELECT is((SELECT name FROM gatehouse.get_api_key_by_id(:'id', user_id => :'eve')), 'laptop', 'its owner finds a key');
SELECT is_empty(format('SELECT * FROM gatehouse.get_api_key_by_id(%L, %L)', :'id', :'bob'), 'another account does not');
SELECT is_empty(format('SELECT * FROM gatehouse.get_api_key_by_id(%L)', gatehouse.uuid_v7()), 'a key that does not exist is no row');
SELECT throws_ok('SELECT gatehouse.get_api_key_by_id(NULL)', '22023', 'argument "id" must not be null', 'a null id is refused');
SELECT is(pg_temp.as_role('gatehouse_app', format('SELECT name FROM gatehouse.get_api_key_by_id(%L)', :'id')), 'laptop', 'an application finds it without naming the owner');
SELECT is(pg_temp.as_role('gatehouse_app', format('SELECT count(*) FROM gatehouse.get_user_api_keys(%L)', :'eve')), '1', 'and lists it');
SELECT id AS service_id FROM gatehouse.get_service_keys(1) \gset
SELECT is(pg_temp.as_role('gatehouse_app', format('SELECT name FROM gatehouse.get_api_key_by_id(%L)', :'service_id')), NULL, 'it finds no service key');
SELECT is(pg_temp.as_role('gatehouse_admin', format('SELECT name FROM gatehouse.get_api_key_by_id(%L)', :'service_id')), '80', 'an administrator does');
SELECT is_empty(format('SELECT * FROM gatehouse.get_api_key_by_id(%L, %L)', :'service_id', :'eve'), 'but it is nobody''s');
SELECT is(pg_temp.as_role('gatehouse_admin', 'SELECT count(*) FROM gatehouse.get_service_keys()'), '20', 'and lists them');
SELECT throws_ok(format('SELECT pg_temp.as_role(''gatehouse_app'', %L)', 'SELECT gatehouse.get_service_keys()'), '42501',
  'permission denied for function get_service_keys', 'an application does not');
SELECT throws_ok(format('SELECT pg_temp.as_role(''gatehouse_auditor'', %L)', format('SELECT gatehouse.get_user_api_keys(%L)', :'eve')), '42501',
  'permission denied for function get_user_api_keys', 'an auditor lists no keys');

SELECT * FROM finish();
ROLLBACK;
