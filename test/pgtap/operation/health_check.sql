-- health_check: never raises, whatever is amiss, and says what it is.
BEGIN;
SELECT plan(16);
SET LOCAL client_min_messages = warning;
\ir ../as_role.psql
CREATE FUNCTION pg_temp.found(name text) RETURNS text LANGUAGE sql AS $$SELECT gatehouse.health_check() #>> ARRAY['checks', name, 'status']$$;
CREATE FUNCTION pg_temp.reason(name text) RETURNS text LANGUAGE sql AS $$SELECT gatehouse.health_check() #>> ARRAY['checks', name, 'reason']$$;

SELECT is((SELECT array_agg(k ORDER BY k) FROM jsonb_object_keys(gatehouse.health_check()) k),
  '{checks,connection,status,user_count}', 'what it tells');
SELECT is((SELECT array_agg(k ORDER BY k) FROM jsonb_object_keys(gatehouse.health_check() -> 'checks') k),
  '{event_queue,key_ring,key_usage,password_gate,session_reuse,shared_memory,standby_staleness,throttle,versions,worker}', 'what it looks at');
SELECT ok((SELECT bool_and(v ? 'status' AND v ? 'reason' AND v ->> 'status' IN ('healthy', 'degraded', 'unhealthy'))
             FROM jsonb_each(gatehouse.health_check() -> 'checks') AS c (k, v)), 'each check has a status and a reason');
SELECT is(gatehouse.health_check() ->> 'status', 'degraded', 'the worst of them is the status: no worker serves this database');
SELECT is(pg_temp.found('worker'), 'degraded', 'which is said');
SELECT is(pg_temp.found('shared_memory'), CASE WHEN current_setting('shared_preload_libraries') = '' THEN 'degraded' ELSE 'healthy' END,
  'preloading is looked at');
SELECT ok(pg_temp.reason('shared_memory') LIKE '%shared_preload_libraries = ''gatehouse''%'
          OR current_setting('shared_preload_libraries') <> '', 'and the line to add is told');
SELECT is(pg_temp.found('versions'), CASE split_part(gatehouse.library_version(), '.', 1) || '.' || split_part(gatehouse.library_version(), '.', 2)
                                        WHEN gatehouse.version() THEN 'healthy' ELSE 'degraded' END,
  'SQL and library are to be of one version');
SELECT is(pg_temp.found('key_ring'), 'healthy', 'the ring is as it should be');
SELECT is(gatehouse.health_check() -> 'connection', jsonb_build_object('database', current_database(), 'in_recovery', false,
  'server_version', current_setting('server_version')), 'the connection');

-- Rows under a key that the ring lacks.
SELECT count(*) AS made FROM gatehouse.create_user('ada@example.com', 'ada') u, generate_series(1, 3) g,
  LATERAL gatehouse.create_api_key(u.id, 'ci' || g) \gset
UPDATE gatehouse.api_keys SET ring_key_id = 4711;
ANALYZE gatehouse.api_keys, gatehouse.users;
SELECT is(pg_temp.found('key_ring'), 'degraded', 'rows that were made under a key that the ring lacks are shown');
SELECT matches(pg_temp.reason('key_ring'), ': 4711$', 'with the key''s id');
SELECT is((gatehouse.health_check() ->> 'user_count')::bigint, (SELECT reltuples::bigint FROM pg_class WHERE oid = 'gatehouse.users'::regclass),
  'the number of accounts is the planner''s');

-- Something is broken.
ALTER FUNCTION gatehouse.library_version() RENAME TO missing;
SELECT is(gatehouse.health_check() ->> 'status', 'unhealthy', 'where a check cannot be made it does not raise');
ALTER FUNCTION gatehouse.missing() RENAME TO library_version;

SELECT isnt(pg_temp.as_role(role_name, 'SELECT gatehouse.health_check()'), NULL, format('%s may call it', role_name))
  FROM unnest(ARRAY['gatehouse_app', 'gatehouse_auditor']) AS role_name;

SELECT * FROM finish();
ROLLBACK;
