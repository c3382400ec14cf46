-- check_api_key: verify_api_key with the reason, for administrators.
BEGIN;
SELECT plan(40);
SET LOCAL client_min_messages = warning;
\ir ../as_role.psql
SELECT ok(gatehouse.library_version() <> '', 'the library is loaded');
SELECT (gatehouse.create_user('ada@example.com', 'ada')).id AS ada \gset
SELECT gatehouse.register_scope(s) FROM unnest(ARRAY['read:users', 'write:users']) s \g /dev/null
SELECT id, api_key AS key FROM gatehouse.create_api_key(:'ada', 'laptop', '{read:*}', '2100-01-01 00:00Z', '{192.0.2.0/24}') \gset
SELECT id AS service_id, api_key AS service FROM gatehouse.create_api_key(NULL, 'service') \gset
SELECT api_key AS foreign_key FROM gatehouse.create_api_key(:'ada', 'other') \gset

CREATE TEMP TABLE checked AS SELECT * FROM gatehouse.check_api_key(:'key', '{read:users}', '192.0.2.7');
SELECT columns_are('checked', ARRAY['status', 'api_key_id', 'user_id', 'scopes', 'name', 'expires_at'],
  'the result has the status, and the columns of verify_api_key');
SELECT results_eq('SELECT * FROM checked',
  format($$VALUES ('ok'::text, %L::uuid, %L::uuid, '{read:*}'::text[], 'laptop'::text, '2100-01-01 00:00Z'::timestamptz)$$, :'id', :'ada'),
  'a key that works is ok, with what is told of it');
SELECT results_eq(format('SELECT api_key_id, user_id, scopes, name, expires_at FROM gatehouse.check_api_key(%L, ip => %L)', :'key', '192.0.2.7'),
  format('SELECT * FROM gatehouse.verify_api_key(%L, ip => %L)', :'key', '192.0.2.7'), 'as verify_api_key tells it');
SELECT is((c.status, c.api_key_id, c.user_id)::text, ROW('ok', :'service_id', NULL)::text, 'a service key is ok, without an owner')
  FROM gatehouse.check_api_key(:'service') c;

-- Refusals. Each is what verify_api_key refuses too.
CREATE FUNCTION pg_temp.status(key text, arguments text DEFAULT '') RETURNS text LANGUAGE plpgsql AS $$
DECLARE
  told record;
  is_verified boolean;
BEGIN
  EXECUTE format('SELECT * FROM gatehouse.check_api_key(%L%s)', key, arguments) INTO told;
  EXECUTE format('SELECT EXISTS (SELECT FROM gatehouse.verify_api_key(%L%s))', key, arguments) INTO is_verified;
  RETURN concat_ws(' ', told.status, told.name, CASE WHEN is_verified <> (told.status = 'ok') THEN 'but verify_api_key differs' END);
END
$$;
SELECT is(pg_temp.status(key), 'malformed', what)
  FROM (VALUES (1, NULL, 'no key is malformed'), (2, '', 'so is an empty one'), (3, 'sk_', 'so is the prefix'),
               (4, overlay(:'key' PLACING CASE right(:'key', 1) WHEN 'a' THEN 'b' ELSE 'a' END FROM length(:'key')), 'and a mistyped one'),
               (5, :'key' || ' ', 'and one with a blank'), (6, repeat('x', 1000000), 'and a long one'))
       AS v (place, key, what) ORDER BY place;
SELECT is(pg_temp.status(:'key', ', ip => ''192.0.2.7'''), 'ok laptop', 'the right address is ok');
SELECT is(pg_temp.status(:'key', ', ip => ''192.0.3.7'''), 'address laptop', 'another address is told so');
SELECT is(pg_temp.status(:'key'), 'address laptop', 'no address too');
SELECT is(pg_temp.status(:'key', ', ''{write:users}'', ''192.0.2.7'''), 'scopes laptop', 'scopes that are not covered are told so');
SELECT is(pg_temp.status(:'key', ', ''{read:users,write:users}'', ''192.0.2.7'''), 'scopes laptop', 'one of two as well');
SELECT is(pg_temp.status(:'key', ', ''{write:users}'', ''192.0.3.7'''), 'address laptop', 'the address comes before the scopes');

UPDATE gatehouse.api_keys SET owner_is_live = false WHERE id = :'id';
SELECT is(pg_temp.status(:'key'), 'owner_inactive laptop', 'a stopped owner comes before the address');
UPDATE gatehouse.api_keys SET owner_stopped_until = clock_timestamp() + interval '1 hour' WHERE id = :'id';
SELECT is(pg_temp.status(:'key', ', ip => ''192.0.2.7'''), 'owner_inactive laptop', 'until the stop ends');
UPDATE gatehouse.api_keys SET owner_stopped_until = clock_timestamp() WHERE id = :'id';
SELECT is(pg_temp.status(:'key', ', ip => ''192.0.2.7'''), 'ok laptop', 'at its end the key is ok');
UPDATE gatehouse.api_keys SET owner_stopped_until = NULL, expires_at = clock_timestamp() WHERE id = :'id';
SELECT is(pg_temp.status(:'key'), 'expired laptop', 'the expiry, at its very moment, comes before the owner');
UPDATE gatehouse.api_keys SET deactivated_at = clock_timestamp() WHERE id = :'id';
SELECT is(pg_temp.status(:'key'), 'deactivated laptop', 'deactivation comes before the expiry');
SELECT is((c.api_key_id, c.user_id, c.scopes, c.expires_at IS NOT NULL)::text, ROW(:'id', :'ada', '{read:*}', true)::text,
  'whoever holds the secret is told which key it is') FROM gatehouse.check_api_key(:'key') c;

-- The secret is not proven: another digest, another key of the ring, no row.
UPDATE gatehouse.api_keys SET key_digest = sha256('x') WHERE id = :'id';
SELECT results_eq(format('SELECT * FROM gatehouse.check_api_key(%L)', :'key'),
  $$VALUES ('unknown'::text, NULL::uuid, NULL::uuid, NULL::text[], NULL::text, NULL::timestamptz)$$,
  'a wrong secret is unknown, whatever else holds, and nothing is told');
UPDATE gatehouse.api_keys SET ring_key_id = 65535 WHERE id = :'id';
SELECT results_eq(format('SELECT * FROM gatehouse.check_api_key(%L)', :'key'),
  $$VALUES ('key_ring'::text, NULL::uuid, NULL::uuid, NULL::text[], NULL::text, NULL::timestamptz)$$,
  'a row made under a key that the ring lacks is told so, and nothing else');
SELECT is(pg_temp.status(:'key'), 'key_ring', 'verify_api_key refuses it');
DELETE FROM gatehouse.api_keys WHERE id = :'id';
SELECT is(pg_temp.status(:'key'), 'unknown', 'a key that is gone is unknown');

-- Wrong use.
SELECT throws_ok(format('SELECT gatehouse.check_api_key(%L, NULL)', :'service'), '22023', 'argument "required_scopes" must not be null',
  'null scopes are refused');
SELECT throws_ok('SELECT gatehouse.check_api_key(NULL, NULL)', '22023', 'argument "required_scopes" must not be null',
  'also without a key');
SELECT throws_ok(format('SELECT gatehouse.check_api_key(%L, ARRAY[NULL]::text[])', :'service'), '22023',
  'argument "required_scopes" must not be null', 'and a null among them');
SELECT is(pg_temp.status(:'service', format(', %L', '{%,_,*}'::text[])), 'scopes service', 'what is no scope is covered by none');

-- Who.
SELECT is(pg_temp.as_role('gatehouse_admin', format('SELECT status FROM gatehouse.check_api_key(%L)', :'service')), 'ok', 'an administrator asks');
SELECT throws_ok(format('SELECT pg_temp.as_role(%L, %L)', role_name, 'SELECT status FROM gatehouse.check_api_key(''x'')'), '42501',
  'permission denied for function check_api_key', role_name || ' does not')
  FROM unnest(ARRAY['gatehouse_app', 'gatehouse_auditor']) role_name;
SELECT is((p.provolatile, p.proparallel, p.prosecdef)::text, '(s,s,f)', 'it is stable and parallel safe')
  FROM pg_proc p WHERE p.oid = 'gatehouse.check_api_key(text,text[],inet)'::regprocedure;
SELECT is((SELECT count(*)::int FROM gatehouse.check_api_key(:'service')), 1, 'it gives one row');
SELECT is((SELECT string_agg(status, ' ' ORDER BY place) FROM unnest(ARRAY[:'service', 'x', :'foreign_key']) WITH ORDINALITY k (key, place),
                  LATERAL gatehouse.check_api_key(k.key)), 'ok malformed ok', 'one for each key of a query');
SELECT is(gatehouse.deactivate_api_key(:'service_id'), true, 'a key is deactivated');
SELECT is(pg_temp.status(:'service'), 'deactivated service', 'and known as such in the same transaction');
CREATE FUNCTION pg_temp.check_api_key(text, text[] DEFAULT '{}', inet DEFAULT NULL) RETURNS text LANGUAGE sql AS $$SELECT 'ok'$$;
CREATE TEMP TABLE api_keys (LIKE gatehouse.api_keys);
SELECT is(pg_temp.status(:'service'), 'deactivated service', 'temporary objects change nothing');

SELECT * FROM finish();
ROLLBACK;
