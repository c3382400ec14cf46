-- rotate_api_key: a successor of a live key, and the overlap.
BEGIN;
SELECT plan(61);
SET LOCAL client_min_messages = warning;
\ir ../as_role.psql
SELECT ok(gatehouse.library_version() <> '', 'the library is loaded');
SELECT (gatehouse.create_user('ada@example.com', 'ada')).id AS ada, (gatehouse.create_user('bob@example.com', 'bob')).id AS bob \gset
SELECT gatehouse.register_scope(s) FROM unnest(ARRAY['read:users', 'deploy']) s \g /dev/null
SELECT id, api_key AS key FROM gatehouse.create_api_key(:'ada', 'laptop', '{read:*}', '2100-01-01 00:00Z', '{192.0.2.0/24}') \gset
CREATE TEMP TABLE clock AS SELECT clock_timestamp() AS before;

-- Without an overlap.
CREATE TEMP TABLE made AS SELECT * FROM gatehouse.rotate_api_key(:'id');
SELECT columns_are('made', ARRAY['id', 'api_key', 'hint', 'created_at'], 'the result is that of create_api_key');
SELECT is((SELECT count(*)::int FROM made), 1, 'one row');
SELECT id AS new_id, api_key AS new_key FROM made \gset
SELECT isnt(:'new_id'::uuid, :'id', 'with a new id');
SELECT isnt(:'new_key'::text, :'key', 'and a new key');
SELECT matches(:'new_key'::text, '^sk_[0-9A-Za-z]{60}$', 'of the form of a key');
SELECT ok(m.created_at BETWEEN c.before AND clock_timestamp(), 'created_at is the time of the clock') FROM made m, clock c;
SELECT is(m.hint, left(:'new_key', 7) || '...', 'the hint is its own') FROM made m;
SELECT results_eq(
  format('SELECT name, scopes, ip_allow, expires_at, user_id, owner_is_live, owner_stopped_until, deactivated_at, rotated_to FROM gatehouse.api_keys WHERE id = %L', :'new_id'),
  format($$VALUES ('laptop'::text, '{read:*}'::text[], '{192.0.2.0/24}'::cidr[], '2100-01-01 00:00Z'::timestamptz, %L::uuid, true, NULL::timestamptz,
                   NULL::timestamptz, NULL::uuid)$$, :'ada'),
  'the new key has name, scopes, addresses, expiry and owner of the old one');
SELECT isnt_empty(format('SELECT * FROM gatehouse.verify_api_key(%L, ''{read:users}'', ''192.0.2.7'')', :'new_key'), 'it works');
SELECT is_empty(format('SELECT * FROM gatehouse.verify_api_key(%L, ''{read:users}'', ''192.0.2.7'')', :'key'), 'and the old one does no more');
SELECT is((status, name)::text, '(expired,laptop)', 'it has expired') FROM gatehouse.check_api_key(:'key');
SELECT is((SELECT rotated_to FROM gatehouse.api_keys WHERE id = :'id'), :'new_id'::uuid, 'its row names the successor');
SELECT is_empty(format('SELECT * FROM gatehouse.rotate_api_key(%L)', :'id'), 'it is not rotated again');
SELECT is((SELECT count(*)::int FROM gatehouse.api_keys), 2, 'so that there are two keys');

-- With one.
SELECT api_key AS third_key, id AS third_id FROM gatehouse.rotate_api_key(id => :'new_id', user_id => :'ada', overlap => interval '1 hour') \gset
SELECT isnt_empty(format('SELECT * FROM gatehouse.verify_api_key(%L, ip => ''192.0.2.7'')', key), what)
  FROM (VALUES (1, :'new_key', 'through the overlap the old key works'), (2, :'third_key', 'and the new one')) v (place, key, what) ORDER BY place;
SELECT is(o.expires_at, n.created_at + interval '1 hour', 'the old one ends an hour later')
  FROM gatehouse.get_api_key_by_id(:'new_id') o, gatehouse.get_api_key_by_id(:'third_id') n;
SELECT is((SELECT expires_at FROM gatehouse.get_api_key_by_id(:'third_id')), '2100-01-01 00:00Z', 'the new one when the old one would have');
SELECT is_empty(format('SELECT * FROM gatehouse.rotate_api_key(%L, overlap => ''1 hour'')', :'new_id'), 'in its overlap a key is not rotated again');
SELECT is((SELECT name FROM gatehouse.update_api_key(:'new_id', '{"name": "the old one"}')), 'the old one', 'but it may be renamed');
UPDATE gatehouse.api_keys SET expires_at = clock_timestamp() WHERE id = :'new_id';
SELECT is_empty(format('SELECT * FROM gatehouse.verify_api_key(%L, ip => ''192.0.2.7'')', :'new_key'), 'when the overlap has passed the old one is refused');
UPDATE gatehouse.api_keys SET expires_at = clock_timestamp() + interval '1 minute' WHERE id = :'third_id';
SELECT expires_at AS soon FROM gatehouse.api_keys WHERE id = :'third_id' \gset
SELECT id AS fourth_id FROM gatehouse.rotate_api_key(:'third_id', overlap => '30 days') \gset
SELECT is((SELECT array_agg(expires_at) FROM gatehouse.api_keys WHERE id IN (:'third_id', :'fourth_id')), ARRAY[:'soon', :'soon']::timestamptz[],
  'neither lives longer than the old one would have');
SELECT id AS endless FROM gatehouse.create_api_key(:'ada', 'endless') \gset
SELECT id AS endless_next, created_at AS rotated_at FROM gatehouse.rotate_api_key(:'endless', overlap => '30 days') \gset
SELECT is((SELECT expires_at FROM gatehouse.api_keys WHERE id = :'endless'), :'rotated_at'::timestamptz + interval '30 days', 'a key that never ended ends with its overlap');
SELECT is((SELECT expires_at FROM gatehouse.api_keys WHERE id = :'endless_next'), NULL, 'its successor never ends');
SELECT created_at AS rotated_at FROM gatehouse.rotate_api_key(:'endless_next', overlap => '1 month') \gset
SELECT ok(expires_at <= :'rotated_at'::timestamptz + interval '30 days', 'a month is at most 30 days') FROM gatehouse.api_keys WHERE id = :'endless_next';
SELECT id AS last_endless FROM gatehouse.api_keys WHERE user_id = :'ada' AND expires_at IS NULL \gset
SELECT throws_ok(format('SELECT gatehouse.rotate_api_key(%L, overlap => %L)', :'last_endless', overlap), '22023', 'overlap must be between 0 and 30 days',
  format('overlap %s is refused', coalesce(overlap, 'null')))
  FROM unnest(ARRAY['-1 microsecond', '30 days 1 microsecond', '1 month 1 day', '178000000 years', '-178000000 years', NULL]) overlap;
SELECT lives_ok(format('SELECT gatehouse.rotate_api_key(%L, overlap => %L)', :'last_endless', '12 months -330 days'), 'an odd way to write 30 days is one');
SELECT ok(max(expires_at) FILTER (WHERE id = :'last_endless') <= clock_timestamp() + interval '30 days', 'and no more') FROM gatehouse.api_keys;

-- Ending a rotated key, and its successor.
SELECT id AS a, api_key AS a_key FROM gatehouse.create_api_key(:'ada', 'a') \gset
SELECT id AS b, api_key AS b_key FROM gatehouse.rotate_api_key(:'a', overlap => '1 hour') \gset
SELECT ok(gatehouse.deactivate_api_key(:'a'), 'a key is deactivated in its overlap');
SELECT is_empty(format('SELECT * FROM gatehouse.verify_api_key(%L)', :'a_key'), 'and ends');
SELECT isnt_empty(format('SELECT * FROM gatehouse.verify_api_key(%L)', :'b_key'), 'its successor goes on');
SELECT is_empty(format('SELECT * FROM gatehouse.rotate_api_key(%L)', :'a'), 'a deactivated key is not rotated');
SELECT id AS c, api_key AS c_key FROM gatehouse.rotate_api_key(:'b', overlap => '1 hour') \gset
SELECT ok(gatehouse.deactivate_user_api_keys(:'ada') > 0, 'all keys of the account are ended');
SELECT is_empty(format('SELECT * FROM gatehouse.verify_api_key(%L)', key), what)
  FROM (VALUES (1, :'b_key', 'the one in its overlap with them'), (2, :'c_key', 'and its successor')) v (place, key, what) ORDER BY place;
UPDATE gatehouse.api_keys SET deactivated_at = NULL, expires_at = clock_timestamp() WHERE id = :'c';
SELECT is_empty(format('SELECT * FROM gatehouse.rotate_api_key(%L)', :'c'), 'an expired key is not rotated');

-- The limit.
SELECT gatehouse.deactivate_user_api_keys(:'ada') \g /dev/null
SET LOCAL gatehouse.max_api_keys_per_user = 2;
SELECT id AS one FROM gatehouse.create_api_key(:'ada', 'one') \gset
SELECT id AS two FROM gatehouse.create_api_key(:'ada', 'two') \gset
SELECT lives_ok(format('SELECT id FROM gatehouse.rotate_api_key(%L, overlap => ''1 hour'')', :'one'), 'at the limit a key is rotated');
SELECT id AS one_next FROM gatehouse.get_user_api_keys(:'ada', 1) \gset
SELECT throws_ok(format('SELECT gatehouse.create_api_key(%L, ''three'')', :'ada'), '22023', 'an account must have at most 2 live API keys', 'which makes no place');
SELECT ok(gatehouse.deactivate_api_key(:'one_next'), 'its successor is ended');
SELECT lives_ok(format('SELECT gatehouse.create_api_key(%L, ''three'')', :'ada'), 'and gives the place of both free');
SET LOCAL gatehouse.max_api_keys_per_user = 1;
SELECT lives_ok(format('SELECT id FROM gatehouse.rotate_api_key(%L, overlap => ''1 hour'')', :'two'), 'beyond a lower limit too a key is rotated');
SELECT is((SELECT string_agg(l.name, ' ' ORDER BY l.name) FROM gatehouse.get_user_api_keys(:'ada') l JOIN gatehouse.api_keys USING (id)
            WHERE status = 'active' AND rotated_to IS NOT NULL), 'two', 'of the keys in their overlap as many are left as the limit says, those that end last');
SELECT gatehouse.deactivate_user_api_keys(:'ada') \g /dev/null
SELECT id AS chain FROM gatehouse.create_api_key(:'ada', 'chain') \gset
CREATE FUNCTION pg_temp.rotate_often(key uuid, times integer) RETURNS integer LANGUAGE plpgsql AS $$
DECLARE
  owner_id CONSTANT uuid := (SELECT k.user_id FROM gatehouse.api_keys k WHERE k.id = key);
BEGIN
  FOR i IN 1 .. times LOOP
    key := (SELECT r.id FROM gatehouse.rotate_api_key(key, overlap => interval '1 day' + i * interval '1 minute') r);
  END LOOP;
  RETURN (SELECT count(*) FROM gatehouse.get_user_api_keys(owner_id, 100) WHERE status = 'active');
END
$$;
SELECT is(pg_temp.rotate_often(:'chain', 10), 2, 'a key is not rotated into any number: the limit holds for what is in its overlap');
SET LOCAL gatehouse.max_api_keys_per_user = 0;
SELECT is(pg_temp.rotate_often((SELECT id FROM gatehouse.get_user_api_keys(:'ada', 1)), 10), 12, 'without a limit it may');
RESET gatehouse.max_api_keys_per_user;

-- Which key, and who.
SELECT id AS bobs FROM gatehouse.create_api_key(:'bob', 'bob''s') \gset
SELECT id AS service, api_key AS service_key FROM gatehouse.create_api_key(NULL, 'service', '{deploy}') \gset
CREATE TEMP TABLE kept AS SELECT * FROM gatehouse.api_keys;
SELECT throws_ok('SELECT gatehouse.rotate_api_key(NULL)', '22023', 'argument "id" must not be null', 'a null id is refused');
SELECT is_empty(format('SELECT * FROM gatehouse.rotate_api_key(%L, %L)', :'bobs', :'ada'), 'another account''s key gives no row');
SELECT is_empty(format('SELECT * FROM gatehouse.rotate_api_key(%L)', gatehouse.uuid_v7()), 'nor does one that does not exist');
SELECT is(pg_temp.as_role('gatehouse_app', format('SELECT api_key FROM gatehouse.rotate_api_key(%L)', :'service')), NULL, 'nor a service key, for an application');
SELECT is_empty(format('SELECT * FROM gatehouse.rotate_api_key(%L, %L)', :'service', :'bob'), 'which is nobody''s');
SELECT gatehouse.set_active(:'bob', false) \g /dev/null
SELECT is_empty(format('SELECT * FROM gatehouse.rotate_api_key(%L)', :'bobs'), 'nor a key of a stopped account');
SELECT gatehouse.set_active(:'bob', true) \g /dev/null
SELECT results_eq('SELECT * FROM gatehouse.api_keys ORDER BY id', 'SELECT * FROM kept ORDER BY id', 'all are untouched');
SELECT matches(pg_temp.as_role('gatehouse_admin', format('SELECT api_key FROM gatehouse.rotate_api_key(%L)', :'service')), '^sk_', 'an administrator rotates a service key');
SELECT is((status)::text, 'expired', 'which ends') FROM gatehouse.check_api_key(:'service_key');
SELECT matches(pg_temp.as_role('gatehouse_app', format('SELECT api_key FROM gatehouse.rotate_api_key(%L, %L)', :'bobs', :'bob')), '^sk_', 'an application rotates for the owner');
SELECT throws_ok(format('SELECT pg_temp.as_role(''gatehouse_auditor'', %L)', format('SELECT gatehouse.rotate_api_key(%L)', :'bobs')), '42501',
  'permission denied for function rotate_api_key', 'an auditor does not');

SELECT * FROM finish();
ROLLBACK;
