-- verify_api_key: a row for a live key of a live account that may do this from here, else none.
BEGIN;
SELECT plan(66);
SET LOCAL client_min_messages = warning;
\ir ../as_role.psql
\ir ../diagnose.psql
SELECT ok(gatehouse.library_version() <> '', 'the library is loaded');

SELECT (gatehouse.create_user('ada@example.com', 'ada')).id AS ada \gset
SELECT gatehouse.register_scope(s) FROM unnest(ARRAY['read:users', 'read:reports', 'write:users',
  'deploy']) AS s \g /dev/null
SELECT id, api_key AS key FROM gatehouse.create_api_key(:'ada', 'laptop', ARRAY['read:*', 'write:users'],
  'infinity') \gset
SELECT api_key AS service FROM gatehouse.create_api_key(NULL, 'service') \gset
SELECT api_key AS bound FROM gatehouse.create_api_key(:'ada', 'bound',
  ip_allow => '{192.0.2.0/24,198.51.100.7/32,2001:db8::/32}') \gset

SELECT results_eq(format('SELECT * FROM gatehouse.verify_api_key(%L)', :'key'),
  format($$VALUES (%L::uuid, %L::uuid, ARRAY['read:*', 'write:users'], 'laptop'::text, 'infinity'::timestamptz)$$,
    :'id', :'ada'),
  'a live key has a row, with its owner, scopes, name and expiry');
CREATE TEMP TABLE answer AS SELECT * FROM gatehouse.verify_api_key(:'key');
SELECT columns_are('answer', ARRAY['api_key_id', 'user_id', 'scopes', 'name', 'expires_at'],
  'whose columns have the documented names');
SELECT is((SELECT user_id FROM gatehouse.verify_api_key(:'service')), NULL, 'a service key has no owner');
SELECT ok(EXISTS (SELECT FROM gatehouse.verify_api_key(:'service')), 'and is live');
SELECT is(pg_temp.as_role('gatehouse_app', format('SELECT name FROM gatehouse.verify_api_key(api_key => %L)', :'key')),
  'laptop',
  'an application may verify, naming the argument');
SELECT is((SELECT count(*)::int FROM generate_series(1, 1000) AS i,
  gatehouse.verify_api_key(CASE WHEN i > 0 THEN :'key' END)), 1000, 'and again and again');
SELECT results_eq(
  format($$SELECT k.place, v.name FROM (VALUES (1, %L), (2, 'sk_' || repeat('0', 60)), (3, %L)) AS k (place, api_key)
             LEFT JOIN gatehouse.verify_api_key(k.api_key) v ON true ORDER BY k.place$$, :'key', :'service'),
  $$VALUES (1, 'laptop'::text), (2, NULL), (3, 'service')$$, 'each row of a query may have its own key');

-- Scopes: all that are asked for, a wildcard for its action.
SELECT is(EXISTS (SELECT FROM gatehouse.verify_api_key(:'key', scopes::text[])), accepted,
  format('scopes %s: %s', scopes, accepted))
  FROM (VALUES
    (1, '{}', true), (2, '{read:users}', true), (3, '{read:reports,write:users}', true),
      (4, '{read:never-registered}', true), (5, '{read:*}', true),
    (6, '{write:*}', false), (7, '{write:reports}', false), (8, '{read:users,delete:users}', false),
      (9, '{deploy}', false), (10, '{read}', false),
    (11, '{READ:users}', false), (12, '{read:}', false), (13, '{reader:users}', false), (14, '{""}', false),
      (15, '{*}', false), (16, '{*:*}', false),
    (17, '{write:users2}', false), (18, '{write:user}', false), (19, '{{read:users},{write:users}}', true),
      (20, '{{read:users},{deploy}}', false)
  ) AS v (place, scopes, accepted)
 ORDER BY place;
SELECT ok(NOT EXISTS (SELECT FROM gatehouse.verify_api_key(:'service', '{deploy}')),
  'a key without scopes covers none');
SELECT throws_ok(format('SELECT * FROM gatehouse.verify_api_key(%L, NULL)', :'key'), '22023',
  'argument "required_scopes" must not be null', 'NULL is not the same as no required scopes');
SELECT throws_ok(format('SELECT * FROM gatehouse.verify_api_key(%L, ARRAY[%L, NULL])', :'key', 'read:users'), '22023',
  'argument "required_scopes" must not be null', 'a NULL among the required scopes is wrong use');

-- Addresses.
SELECT is(EXISTS (SELECT FROM gatehouse.verify_api_key(:'bound', ip => ip::inet)), accepted,
  format('from %s: %s', coalesce(ip, 'an unknown address'), accepted))
  FROM (VALUES
    (1, '192.0.2.1', true), (2, '192.0.2.255', true), (3, '192.0.3.0', false), (4, '198.51.100.7', true),
      (5, '198.51.100.8', false),
    (6, '2001:db8::1', true), (7, '2001:db9::1', false), (8, '192.0.2.0/25', true), (9, '192.0.2.1/16', false),
      (10, '0.0.0.0/0', false), (11, NULL, false)
  ) AS v (place, ip, accepted)
 ORDER BY place;
SELECT ok(EXISTS (SELECT FROM gatehouse.verify_api_key(:'key', ip => '203.0.113.1')),
  'a key without a list may come from everywhere');

-- What is no key.
SELECT is_empty(format('SELECT * FROM gatehouse.verify_api_key(%L)', api_key), format('no row for %s', what))
  FROM (VALUES
    (1, NULL, 'NULL'), (2, '', 'the empty text'), (3, 'sk_', 'a prefix'),
      (4, :'key' || '0', 'a key and one character more'),
    (5, left(:'key', -1), 'a key cut short'), (6, ' ' || :'key', 'a key after a blank'),
      (7, :'key' || E'\n', 'a key before a line end'),
    (8, lower(:'key'), 'a key in lower case'), (9, overlay(:'key' placing 'xk' from 1), 'a key with another prefix'),
    (10, overlay(:'key' placing CASE substr(:'key', 30, 1) WHEN 'a' THEN 'b' ELSE 'a' END from 30),
      'a key with one character changed'),
    (11, substr(:'key', 4), 'a key without its prefix'),
      (12, encode(gatehouse.token_digest(:'key'), 'hex'), 'its digest'),
    (13, 'sk_' || repeat('0', 60), 'a key of zeros, whose checksum is wrong'), (14, repeat('k', 1000000), 'a megabyte'),
      (15, 'sk_ключ' || repeat('0', 56), 'other letters')
  ) AS v (place, api_key, what)
 ORDER BY place;

-- Two keys that were never made, with right checksums: of the look-up id 0, and of this key's with another secret.
CREATE FUNCTION pg_temp.with_checksum(unsigned text) RETURNS text LANGUAGE plpgsql AS $$
DECLARE
  crc bigint := 4294967295;
  digits text := '';
BEGIN
  FOR i IN 0 .. length(convert_to(unsigned, 'UTF8')) - 1 LOOP
    crc := crc # get_byte(convert_to(unsigned, 'UTF8'), i);
    FOR bit IN 1 .. 8 LOOP
      crc := CASE WHEN crc & 1 = 1 THEN (crc >> 1) # 3988292384 ELSE crc >> 1 END;
    END LOOP;
  END LOOP;
  crc := crc # 4294967295;
  FOR i IN 1 .. 6 LOOP
    digits := substr('0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz', (crc % 62)::integer + 1,
      1) || digits;
    crc := crc / 62;
  END LOOP;
  RETURN unsigned || digits;
END
$$;
SELECT is(pg_temp.with_checksum(left(:'key', -6)), :'key', 'the test can make a checksum');
SELECT is_empty(format('SELECT * FROM gatehouse.verify_api_key(%L)', pg_temp.with_checksum('sk_' || repeat('0', 54))),
  'no row for a well-formed key that does not exist');
SELECT is_empty(
  format('SELECT * FROM gatehouse.verify_api_key(%L)',
    pg_temp.with_checksum(left(:'key', 14) || '0' || repeat('Z', 42))),
  'no row for the look-up id of a key with another secret');
SELECT is_empty(
  format('SELECT * FROM gatehouse.verify_api_key(%L)', pg_temp.with_checksum('xy' || substr(left(:'key', -6), 3))),
  'no row for a key whose prefix was exchanged, checksum and all');

-- The life of a key and of its owner.
UPDATE gatehouse.api_keys SET expires_at = clock_timestamp() WHERE id = :'id';
SELECT is_empty(format('SELECT * FROM gatehouse.verify_api_key(%L)', :'key'),
  'no row from the moment of its expiry on');
UPDATE gatehouse.api_keys SET expires_at = clock_timestamp() + interval '1 hour' WHERE id = :'id';
SELECT ok(EXISTS (SELECT FROM gatehouse.verify_api_key(:'key')), 'a row before it');
UPDATE gatehouse.api_keys SET owner_is_live = false WHERE id = :'id';
SELECT is_empty(format('SELECT * FROM gatehouse.verify_api_key(%L)', :'key'), 'no row where the owner is not live');
UPDATE gatehouse.api_keys SET owner_is_live = true,
  deactivated_at = clock_timestamp() + interval '1 hour' WHERE id = :'id';
SELECT is_empty(format('SELECT * FROM gatehouse.verify_api_key(%L)', :'key'), 'no row for a deactivated key');

SELECT * FROM finish();
ROLLBACK;
