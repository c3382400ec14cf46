-- create_refresh_token: the form of a token, what is stored of it, the limit.
BEGIN;
SELECT plan(31);
SET LOCAL client_min_messages = warning;
\ir ../as_role.psql
SELECT ok(gatehouse.library_version() <> '', 'the library is loaded');
SELECT (gatehouse.create_user('ada@example.com', 'ada')).id AS ada,
  (gatehouse.create_user('bob@example.com', 'bob')).id AS bob \gset

CREATE TEMP TABLE clock AS SELECT clock_timestamp() AS before;
CREATE TEMP TABLE made AS SELECT * FROM gatehouse.create_refresh_token(:'ada', '192.0.2.1', 'Mozilla/5.0', 'laptop');
SELECT columns_are('made', ARRAY['session_id', 'refresh_token', 'expires_at'], 'the result has the documented columns');
SELECT is((SELECT count(*)::int FROM made), 1, 'and one row');
SELECT matches(refresh_token, '^[A-Za-z0-9_-]{64}$', 'a token is 64 characters of base64url') FROM made;
SELECT is(substr(session_id::text, 15, 1), '7', 'the id of a session is a UUIDv7') FROM made;
SELECT ok(expires_at BETWEEN before + interval '30 days' AND clock_timestamp() + interval '30 days',
  'it ends after 30 days at the latest') FROM made, clock;
SELECT ok(s.idle_expires_at BETWEEN c.before + interval '14 days' AND clock_timestamp() + interval '14 days',
  'and after 14 days without use')
  FROM made m JOIN gatehouse.sessions s USING (session_id), clock c;
SELECT results_eq('SELECT user_id, ip, user_agent, device, rotations, revoked_at, revocation FROM gatehouse.sessions',
  format($$VALUES (%L::uuid, '192.0.2.1'::inet, 'Mozilla/5.0'::text, 'laptop'::text, 0::bigint, NULL::timestamptz, NULL::text)$$, :'ada'),
  'the rest is as given');

-- What is stored.
CREATE FUNCTION pg_temp.bytes_of(token text) RETURNS bytea LANGUAGE sql AS $$ SELECT decode(translate(token, '-_', '+/'), 'base64') $$;
SELECT is(s.token_digest, gatehouse.token_digest(m.refresh_token),
  'of the token a digest is stored') FROM made m JOIN gatehouse.sessions s USING (session_id);
SELECT is_empty(
  $$SELECT s.session_id FROM made m, gatehouse.sessions s
     WHERE s::text LIKE '%' || m.refresh_token || '%' OR s::text LIKE '%' || encode(substr(pg_temp.bytes_of(m.refresh_token), 1, 16), 'hex') || '%'
        OR s::text LIKE '%' || encode(substr(pg_temp.bytes_of(m.refresh_token), 17), 'hex') || '%'$$,
  'neither the token nor a part of it');
SELECT current_setting('gatehouse.key_file') <> '' AS has_ring \gset
SELECT is(s.ring_key_id <> 0, :'has_ring'::boolean,
  'the row names the key of the ring, 0 without one') FROM gatehouse.sessions s;

-- Cut to fit.
SELECT session_id AS long_id FROM gatehouse.create_refresh_token(:'bob', user_agent => repeat('ü', 10000),
  device => repeat('ü', 10000)) \gset
SELECT is((SELECT user_agent FROM gatehouse.sessions WHERE session_id = :'long_id'), repeat('ü', 512),
  'the agent is cut to 512 characters');
SELECT is((SELECT device FROM gatehouse.sessions WHERE session_id = :'long_id'), repeat('ü', 100), 'the device to 100');
SELECT lives_ok(format('SELECT gatehouse.create_refresh_token(user_id => %L)', :'bob'),
  'all but the account may be left out');
SELECT matches(pg_temp.as_role('gatehouse_app',
  format('SELECT refresh_token FROM gatehouse.create_refresh_token(%L)', :'bob')), '^.{64}$',
  'an application may call it');

-- Lifetimes are the settings'; the idle one never outlasts the other.
SET LOCAL gatehouse.refresh_token_lifetime = '90min';
SELECT session_id AS short_id FROM gatehouse.create_refresh_token(:'bob') \gset
SELECT is(expires_at - created_at, interval '90 minutes',
  'the lifetime is the setting''s') FROM gatehouse.sessions WHERE session_id = :'short_id';
SELECT is(idle_expires_at, expires_at,
  'a session is not idle beyond its end') FROM gatehouse.sessions WHERE session_id = :'short_id';
SET LOCAL gatehouse.refresh_token_idle = '60s';
SELECT session_id AS short_id FROM gatehouse.create_refresh_token(:'bob') \gset
SELECT is(idle_expires_at - created_at, interval '1 minute',
  'the idle lifetime is the setting''s') FROM gatehouse.sessions WHERE session_id = :'short_id';
RESET gatehouse.refresh_token_lifetime;
RESET gatehouse.refresh_token_idle;

-- The limit: the least recently used goes.
SET LOCAL gatehouse.max_sessions_per_user = 3;
CREATE FUNCTION pg_temp.live(owner uuid) RETURNS SETOF text LANGUAGE sql AS $$
  SELECT s.device FROM gatehouse.sessions s
   WHERE s.user_id = owner AND s.revoked_at IS NULL AND s.expires_at > clock_timestamp() AND s.idle_expires_at > clock_timestamp()
$$;
SELECT (gatehouse.create_user('eve@example.com', 'eve')).id AS eve \gset
CREATE TEMP TABLE opened AS
  SELECT d.device, t.* FROM (VALUES ('a'), ('b'), ('c')) AS d (device),
    gatehouse.create_refresh_token(:'eve', device => d.device) t;
SELECT bag_eq(format('SELECT pg_temp.live(%L)', :'eve'), $$VALUES ('a'), ('b'), ('c')$$,
  'as many as the limit are live');
SELECT status FROM opened, gatehouse.refresh_session(opened.refresh_token) WHERE device = 'a' \g /dev/null
SELECT gatehouse.create_refresh_token(:'eve', device => 'd') \g /dev/null
SELECT bag_eq(format('SELECT pg_temp.live(%L)', :'eve'), $$VALUES ('a'), ('c'), ('d')$$,
  'one more ends the one that was used least recently, not the oldest');
SELECT is((SELECT revocation FROM gatehouse.sessions WHERE device = 'b'), 'limit', 'and the row says why');
SELECT is(status, 'revoked', 'its token gives revoked') FROM opened,
  gatehouse.refresh_session(opened.refresh_token) WHERE device = 'b';
UPDATE gatehouse.sessions SET expires_at = clock_timestamp() WHERE device = 'a';
UPDATE gatehouse.sessions SET idle_expires_at = clock_timestamp() WHERE device = 'c';
SELECT gatehouse.create_refresh_token(:'eve', device => 'e') \g /dev/null
SELECT bag_eq(format('SELECT pg_temp.live(%L)', :'eve'), $$VALUES ('d'), ('e')$$, 'what has expired takes no place');
SELECT is((SELECT count(*)::int FROM gatehouse.sessions WHERE device IN ('a', 'c') AND revoked_at IS NULL), 2,
  'and is left as it is');
SET LOCAL gatehouse.max_sessions_per_user = 1;
SELECT gatehouse.create_refresh_token(:'eve', device => 'f') \g /dev/null
SELECT bag_eq(format('SELECT pg_temp.live(%L)', :'eve'), $$VALUES ('f')$$, 'a lower limit ends all that are above it');
SELECT ok((SELECT count(*) FROM pg_temp.live(:'bob')) > 1, 'the sessions of others are not touched');
SET LOCAL gatehouse.max_sessions_per_user = 0;
SELECT gatehouse.create_refresh_token(:'eve', device => 'g' || i) FROM generate_series(1, 20) AS i \g /dev/null
SELECT is((SELECT count(*)::int FROM pg_temp.live(:'eve')), 21, '0 is no limit');

-- The account.
SELECT throws_ok('SELECT gatehouse.create_refresh_token(NULL)', '22023', 'argument "user_id" must not be null',
  'a NULL account is refused');
SELECT throws_ok('SELECT gatehouse.create_refresh_token(gatehouse.uuid_v7())', '22023', 'no live account has this id',
  'an unknown account is refused');
UPDATE gatehouse.users SET is_active = false WHERE id = :'eve';
SELECT throws_ok(format('SELECT gatehouse.create_refresh_token(%L)', :'eve'), '22023', 'no live account has this id',
  'a stopped account is refused');
UPDATE gatehouse.users SET is_active = true, deleted_at = now() WHERE id = :'eve';
SELECT throws_ok(format('SELECT gatehouse.create_refresh_token(%L)', :'eve'), '22023', 'no live account has this id',
  'a deleted account is refused');

SELECT * FROM finish();
ROLLBACK;
