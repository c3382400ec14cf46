-- create_api_key: the form of a key, what is stored of it, and what is refused.
BEGIN;
SELECT plan(54);
SET LOCAL client_min_messages = warning;
\ir ../as_role.psql
\ir ../diagnose.psql
SELECT ok(gatehouse.library_version() <> '', 'the library is loaded');

SELECT (gatehouse.create_user('ada@example.com', 'ada')).id AS ada \gset
SELECT gatehouse.register_scope(s) FROM unnest(ARRAY['read:users', 'read:reports', 'write:users',
  'deploy']) AS s \g /dev/null

-- An independent checksum: CRC-32 (ISO-HDLC), bit by bit, in base62 of six digits.
CREATE FUNCTION pg_temp.crc32(data bytea) RETURNS bigint LANGUAGE plpgsql AS $$
DECLARE
  crc bigint := 4294967295;
BEGIN
  FOR i IN 0 .. length(data) - 1 LOOP
    crc := crc # get_byte(data, i);
    FOR bit IN 1 .. 8 LOOP
      crc := CASE WHEN crc & 1 = 1 THEN (crc >> 1) # 3988292384 ELSE crc >> 1 END;
    END LOOP;
  END LOOP;
  RETURN crc # 4294967295;
END
$$;
CREATE FUNCTION pg_temp.base62(number numeric, width integer) RETURNS text LANGUAGE plpgsql AS $$
DECLARE
  digits text := '';
BEGIN
  FOR i IN 1 .. width LOOP
    digits := substr('0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz', (number % 62)::integer + 1,
      1) || digits;
    number := div(number, 62);
  END LOOP;
  RETURN digits;
END
$$;
SELECT is(pg_temp.crc32('123456789'), x'CBF43926'::bigint,
  'the test''s own CRC-32 gives the check value of its catalogue');

CREATE TEMP TABLE clock AS SELECT clock_timestamp() AS before;
CREATE TEMP TABLE made AS
  SELECT * FROM gatehouse.create_api_key(:'ada', 'laptop', ARRAY['write:users', 'read:users', 'write:users'],
    now() + interval '1 day',
                                         ARRAY['192.0.2.0/24', '2001:db8::/32']::cidr[]);
SELECT columns_are('made', ARRAY['id', 'api_key', 'hint', 'created_at'], 'the result has the documented columns');
SELECT is((SELECT count(*)::int FROM made), 1, 'and one row');
SELECT matches(api_key, '^sk_[0-9A-Za-z]{60}$', 'a key is its prefix and 60 characters of base62') FROM made;
SELECT is(right(api_key, 6), pg_temp.base62(pg_temp.crc32(convert_to(left(api_key, -6), 'UTF8')), 6),
  'the last six are the CRC-32 of all before') FROM made;
SELECT is(substr(api_key, 4, 11), pg_temp.base62(k.lookup_id, 11),
  'the first eleven are the look-up id') FROM made JOIN gatehouse.api_keys k USING (id);
SELECT is(hint, left(api_key, 7) || '...', 'the hint shows the prefix and four characters') FROM made;
SELECT ok(created_at BETWEEN before AND clock_timestamp(), 'created_at is the time of the clock') FROM made, clock;
SELECT is(substr(id::text, 15, 1), '7', 'the id is a UUIDv7') FROM made;

-- What is stored.
SELECT is(k.key_digest, gatehouse.token_digest(m.api_key),
  'of the key a digest is stored') FROM made m JOIN gatehouse.api_keys k USING (id);
SELECT is_empty(
  $$SELECT k.id FROM made m, gatehouse.api_keys k WHERE k::text LIKE '%' || substr(m.api_key, 15, 43) || '%'$$,
  'and not the key');
SELECT results_eq(
  'SELECT k.user_id, k.name, k.hint, k.scopes, k.ip_allow, k.owner_is_live, k.deactivated_at, k.expires_at FROM gatehouse.api_keys k',
  format($$SELECT %L::uuid, 'laptop'::text, hint, ARRAY['read:users', 'write:users'], ARRAY['192.0.2.0/24', '2001:db8::/32']::cidr[], true,
                  NULL::timestamptz, now() + interval '1 day' FROM made$$, :'ada'),
  'the rest is as given, the scopes sorted and once each');
SELECT isnt(
  (SELECT api_key FROM gatehouse.create_api_key(:'ada', 'a')),
    (SELECT api_key FROM gatehouse.create_api_key(:'ada', 'a')),
  'two keys of one name are two keys');

-- The prefix.
SET LOCAL gatehouse.api_key_prefix = 'acme2026live';
SELECT matches(api_key, '^acme2026live_[0-9A-Za-z]{60}$',
  'the prefix is the setting''s') FROM gatehouse.create_api_key(:'ada', 'prefixed');
SELECT matches(hint, '^acme2026live_[0-9A-Za-z]{4}\.\.\.$', 'and in the hint') FROM gatehouse.create_api_key(:'ada',
  'prefixed');
RESET gatehouse.api_key_prefix;

-- Scopes.
SELECT lives_ok(format('SELECT gatehouse.create_api_key(%L, %L, %L::text[])', :'ada', 'scoped', scopes),
  format('scopes %s are accepted', scopes))
  FROM unnest(ARRAY['{}', '{deploy}', '{read:*}', '{read:*,write:*,deploy}']) AS scopes;
SELECT throws_ok(format('SELECT gatehouse.create_api_key(%L, %L, %L::text[])', :'ada', 'scoped',
  ARRAY[scope, 'deploy']), '22023',
  format('scope "%s" is not registered', scope), format('scope %s is refused', to_json(scope)))
  FROM unnest(ARRAY['delete:users', 'read', 'delete:*', 'rea:*', 'deploy:*', 'users']) AS scope;
SELECT throws_ok(format('SELECT gatehouse.create_api_key(%L, %L, %L::text[])', :'ada', 'scoped',
  ARRAY[scope, 'deploy']), '22023', 'malformed scope', format('%s is no scope, and is not repeated', to_json(scope)))
  FROM unnest(ARRAY['read:', 'READ:users', '*', '*:*', 'read:u*', 'read:%', '', 'sk_0aB1cD2eF3']) AS scope;
SELECT matches((SELECT hint FROM pg_temp.diagnose(format('SELECT gatehouse.create_api_key(%L, %L, %L)', :'ada',
  'scoped', '{x}'))),
  'gatehouse\.register_scope\(\)', 'the hint names the function that registers one');
SELECT throws_ok(format('SELECT gatehouse.create_api_key(%L, %L, %s)', :'ada', 'scoped', scopes), '22023',
  'scopes must not be null',
  format('scopes cannot be %s', scopes))
  FROM unnest(ARRAY['NULL', 'ARRAY[NULL]::text[]', 'ARRAY[''deploy'', NULL]']) AS scopes;
SELECT gatehouse.register_scope('many:s' || i) FROM generate_series(1, 101) AS i \g /dev/null
SELECT lives_ok(format('SELECT gatehouse.create_api_key(%L, %L, %L)', :'ada', 'scoped',
  (SELECT array_agg('many:s' || i) FROM generate_series(1, 100) AS i)),
  '100 scopes are accepted');
SELECT throws_ok(format('SELECT gatehouse.create_api_key(%L, %L, %L)', :'ada', 'scoped',
  (SELECT array_agg('many:s' || i) FROM generate_series(1, 101) AS i)),
  '22023', 'an API key must have at most 100 scopes', '101 are refused');

-- Name, expiry, addresses.
SELECT throws_ok(format('SELECT gatehouse.create_api_key(%L, %s)', :'ada', name), '22023',
  'name of an API key must have 1 to 100 characters', what)
  FROM (VALUES (1, 'NULL', 'a NULL name is refused'), (2, '''''', 'an empty name is refused'),
    (3, 'repeat(''x'', 101)', 'a name of 101 characters is refused'))
       AS v (place, name, what) ORDER BY place;
SELECT throws_ok(format('SELECT gatehouse.create_api_key(%L, %L, expires_at => %s)', :'ada', 'late', expires_at),
  '22023',
  'expiry of an API key must be in the future', format('expiry at %s is refused', expires_at))
  FROM unnest(ARRAY['now()', 'clock_timestamp()', '''-infinity''']) AS expires_at;
SELECT throws_ok(format('SELECT gatehouse.create_api_key(%L, %L, ip_allow => %s::cidr[])', :'ada', 'net', networks),
  '22023',
  'ip_allow must hold 1 to 100 networks, or be null for every address',
    format('ip_allow %s is refused', left(networks, 40)))
  FROM unnest(ARRAY['''{}''', '''{192.0.2.0/24,NULL}''',
    '(SELECT array_agg(''192.0.2.1''::cidr) FROM generate_series(1, 101))']) AS networks;

-- The owner.
SELECT throws_ok($$SELECT gatehouse.create_api_key(gatehouse.uuid_v7(), 'orphan')$$, '22023',
  'no live account has this id', 'an unknown owner is refused');
UPDATE gatehouse.users SET is_active = false;
SELECT throws_ok(format('SELECT gatehouse.create_api_key(%L, %L)', :'ada', 'late'), '22023',
  'no live account has this id', 'a stopped owner is refused');
UPDATE gatehouse.users SET is_active = true, deleted_at = now();
SELECT throws_ok(format('SELECT gatehouse.create_api_key(%L, %L)', :'ada', 'late'), '22023',
  'no live account has this id', 'a deleted owner is refused');
UPDATE gatehouse.users SET deleted_at = NULL;
SELECT throws_ok($$SELECT pg_temp.as_role('gatehouse_app', 'SELECT gatehouse.create_api_key(NULL, ''service'')')$$,
  '42501',
  'only an administrator can create a service key', 'an application makes no service key');
SELECT matches(pg_temp.as_role('gatehouse_admin', $$SELECT api_key FROM gatehouse.create_api_key(NULL, 'service')$$),
  '^sk_', 'an administrator does');

SELECT * FROM finish();
ROLLBACK;
