-- cleanup_expired_tokens: removes what ended long ago, by the exact time, and never a live session.
BEGIN;
SELECT plan(21);
SET LOCAL client_min_messages = warning;
\ir ../as_role.psql
SET LOCAL gatehouse.max_sessions_per_user = 0;
SET LOCAL gatehouse.refresh_grace = 0;
SELECT (gatehouse.create_user('ada@example.com', 'ada')).id AS ada \gset
CREATE TEMP TABLE made (device text, token text);
CREATE FUNCTION pg_temp.make(device text) RETURNS void LANGUAGE sql AS $$
  INSERT INTO pg_temp.made
  SELECT make.device, t.refresh_token
    FROM gatehouse.users u, gatehouse.create_refresh_token(u.id, device => make.device) t WHERE u.username = 'ada'
$$;
CREATE FUNCTION pg_temp.devices() RETURNS text LANGUAGE sql AS
  $$SELECT string_agg(s.device, ' ' ORDER BY s.device) FROM gatehouse.sessions s JOIN gatehouse.users u ON u.id = s.user_id WHERE u.username = 'ada'$$;
-- Others of the database are not to be in the way.
DELETE FROM gatehouse.sessions;

SELECT pg_temp.make(d) FROM unnest(ARRAY['ended_1h', 'ended_8d', 'lapsed_1h', 'lapsed_8d', 'live', 'used']) d \g /dev/null
SELECT is(gatehouse.cleanup_expired_tokens(interval '0'), 0::bigint, 'of live sessions none');
UPDATE gatehouse.sessions SET revoked_at = now() - interval '1 hour', revocation = 'logout' WHERE device = 'ended_1h';
UPDATE gatehouse.sessions SET revoked_at = now() - interval '8 days', revocation = 'logout' WHERE device = 'ended_8d';
UPDATE gatehouse.sessions SET idle_expires_at = now() - interval '1 hour', sweep_at = now() - interval '1 hour' WHERE device = 'lapsed_1h';
UPDATE gatehouse.sessions SET idle_expires_at = now() - interval '8 days', sweep_at = now() - interval '8 days' WHERE device = 'lapsed_8d';
-- Used since, so that its end has moved away from when it is looked at; as a session of before 0.5, which never was.
UPDATE gatehouse.sessions SET sweep_at = '-infinity' WHERE device IN ('live', 'used');

SELECT is(pg_temp.as_role('gatehouse_admin', 'SELECT gatehouse.cleanup_expired_tokens()'), '2', 'without more, those that ended a week ago');
SELECT is(pg_temp.devices(), 'ended_1h lapsed_1h live used', 'and no others');
SELECT is((SELECT min(sweep_at) FROM gatehouse.sessions WHERE device IN ('live', 'used')), (SELECT min(idle_expires_at) FROM gatehouse.sessions WHERE device IN ('live', 'used')),
  'a live one is looked at again when it may have lapsed');
SELECT is(gatehouse.cleanup_expired_tokens(retain => '2 hours'), 0::bigint, 'none that ended less than retain ago');
SELECT is(gatehouse.cleanup_expired_tokens(retain => '59 minutes'), 2::bigint, 'all that ended longer ago');
SELECT is(pg_temp.devices(), 'live used', 'the live ones are there');
SELECT is((SELECT count(*) FROM pg_temp.made m, gatehouse.refresh_session(m.token) r WHERE m.device IN ('live', 'used') AND r.status = 'ok'), 2::bigint,
  'and work');
SELECT is((SELECT string_agg(DISTINCT r.status, ' ') FROM pg_temp.made m, gatehouse.refresh_session(m.token) r WHERE m.device LIKE '%1h'), 'invalid',
  'a token of a removed session is invalid');

-- The moment itself.
UPDATE gatehouse.sessions SET idle_expires_at = clock_timestamp(), sweep_at = now() WHERE device = 'live';
SELECT is(gatehouse.cleanup_expired_tokens('0'), 1::bigint, 'what ends at this moment has ended');
UPDATE gatehouse.sessions SET idle_expires_at = clock_timestamp() + interval '10 seconds', sweep_at = now() WHERE device = 'used';
SELECT is(gatehouse.cleanup_expired_tokens('0'), 0::bigint, 'what ends in a moment has not');
UPDATE gatehouse.sessions SET revoked_at = clock_timestamp(), revocation = 'logout' WHERE device = 'used';
SELECT is(gatehouse.cleanup_expired_tokens('0'), 1::bigint, 'what was ended at this moment has');

-- So many at most.
SELECT pg_temp.make('many') FROM generate_series(1, 7) \g /dev/null
UPDATE gatehouse.sessions SET idle_expires_at = now() - interval '1 hour', sweep_at = CASE WHEN session_id::text < '8' THEN now() - interval '1 hour' ELSE '-infinity' END;
UPDATE gatehouse.sessions SET revoked_at = now() - interval '1 hour', revocation = 'logout'
 WHERE session_id IN (SELECT session_id FROM gatehouse.sessions LIMIT 3);
SELECT is(ARRAY(SELECT gatehouse.cleanup_expired_tokens('0', max_rows => m) FROM unnest(ARRAY[2, 3, 2, 2]) m), '{2,3,2,0}'::bigint[], 'no more than max_rows at once');
SELECT is(pg_temp.devices(), NULL, 'until none is left');

SELECT throws_ok(q, '22023', m, 'refused: ' || q)
  FROM (VALUES ('SELECT gatehouse.cleanup_expired_tokens(NULL)', 'retain must be an interval from 0 on'),
               ($$SELECT gatehouse.cleanup_expired_tokens('-1 second')$$, 'retain must be an interval from 0 on'),
               ($$SELECT gatehouse.cleanup_expired_tokens('0', 0)$$, 'max_rows must be from 1 to 100000'),
               ($$SELECT gatehouse.cleanup_expired_tokens('0', 100001)$$, 'max_rows must be from 1 to 100000'),
               ($$SELECT gatehouse.cleanup_expired_tokens('0', NULL)$$, 'max_rows must be from 1 to 100000')) v (q, m);
SELECT throws_ok($$SELECT pg_temp.as_role(r, 'SELECT gatehouse.cleanup_expired_tokens()') FROM unnest(ARRAY['gatehouse_app']) r$$, '42501',
  'permission denied for function cleanup_expired_tokens', 'an application may not');
SET LOCAL transaction_read_only = on;
SELECT throws_ok('SELECT gatehouse.cleanup_expired_tokens()', '25006', NULL, 'it writes');

SELECT * FROM finish();
ROLLBACK;
