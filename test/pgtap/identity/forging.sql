-- Nobody becomes somebody, or makes somebody nobody, but by the functions: every way to set what carries the identity is tried by
-- a stranger, by an application, and by a superuser, whom nothing but the check of the value stops.
BEGIN;
SELECT plan(85);
SET LOCAL client_min_messages = warning;
\ir ../as_role.psql
\ir ../diagnose.psql

SELECT (gatehouse.create_user('ada@example.com', 'ada')).id AS ada \gset
SELECT (gatehouse.create_user('bob@example.com', 'bob')).id AS bob \gset
SELECT api_key AS key FROM gatehouse.create_api_key(:'ada', 'laptop') \gset
CREATE ROLE stranger;
GRANT gatehouse_app TO stranger;
GRANT USAGE ON SCHEMA gatehouse TO stranger;
CREATE ROLE trusted_by_mistake;
GRANT gatehouse_app TO trusted_by_mistake;
GRANT SET ON PARAMETER gatehouse.identity TO trusted_by_mistake;
SELECT current_database() AS this_database, translate(:'bob', '-', '') || ' - - - *' AS forged \gset

-- What is tried, and what a superuser is told. A rollback within takes a success back, so each must fail.
CREATE TEMP TABLE attempt (place integer, statement text, state text, message text);
INSERT INTO attempt VALUES
  (1, format('SET gatehouse.identity = %L', :'forged'), '22023', 'invalid value for parameter "gatehouse.identity": "' || :'forged' || '"'),
  (2, format('SET SESSION gatehouse.identity = %L', :'forged'), '22023', 'invalid value for parameter "gatehouse.identity": "' || :'forged' || '"'),
  (3, format('SET LOCAL gatehouse.identity = %L', :'forged'), '22023', 'invalid value for parameter "gatehouse.identity": "' || :'forged' || '"'),
  (4, format('SET LOCAL GateHouse.Identity = %L', :'forged'), '22023', 'invalid value for parameter "gatehouse.identity": "' || :'forged' || '"'),
  (5, $$SET LOCAL gatehouse.identity = ''$$, '22023', 'invalid value for parameter "gatehouse.identity": ""'),
  (6, $$SET LOCAL gatehouse.identity = 'x'$$, '22023', 'invalid value for parameter "gatehouse.identity": "x"'),
  (7, format('SELECT set_config(''gatehouse.identity'', %L, true)', :'forged'), '22023', 'invalid value for parameter "gatehouse.identity": "' || :'forged' || '"'),
  (8, format('SELECT set_config(''gatehouse.identity'', %L, false)', :'forged'), '22023', 'invalid value for parameter "gatehouse.identity": "' || :'forged' || '"'),
  (9, $$SELECT set_config('gatehouse.identity', '', false)$$, '22023', 'invalid value for parameter "gatehouse.identity": ""'),
  (10, format('CREATE FUNCTION pg_temp.forges() RETURNS uuid LANGUAGE sql SET gatehouse.identity = %L AS ''SELECT gatehouse.current_user_id()''', :'forged'), '22023', 'invalid value for parameter "gatehouse.identity": "' || :'forged' || '"'),
  (11, 'CREATE FUNCTION pg_temp.captures() RETURNS uuid LANGUAGE sql SET gatehouse.identity FROM CURRENT AS ''SELECT gatehouse.current_user_id()''', '22023', NULL),
  (12, format('ALTER FUNCTION pg_temp.plain() SET gatehouse.identity = %L', :'forged'), '22023', 'invalid value for parameter "gatehouse.identity": "' || :'forged' || '"'),
  (13, 'ALTER FUNCTION pg_temp.plain() SET gatehouse.identity FROM CURRENT', '22023', NULL),
  (14, format('ALTER ROLE stranger SET gatehouse.identity = %L', :'forged'), '22023', 'invalid value for parameter "gatehouse.identity": "' || :'forged' || '"'),
  (15, format('ALTER ROLE ALL SET gatehouse.identity = %L', :'forged'), '22023', 'invalid value for parameter "gatehouse.identity": "' || :'forged' || '"'),
  (16, format('ALTER DATABASE %I SET gatehouse.identity = %L', :'this_database', :'forged'), '22023', 'invalid value for parameter "gatehouse.identity": "' || :'forged' || '"'),
  (17, format('ALTER ROLE stranger IN DATABASE %I SET gatehouse.identity = %L', :'this_database', :'forged'), '22023', 'invalid value for parameter "gatehouse.identity": "' || :'forged' || '"'),
  (18, 'ALTER ROLE stranger SET gatehouse.identity FROM CURRENT', '22023', NULL);
CREATE FUNCTION pg_temp.plain() RETURNS uuid LANGUAGE sql AS 'SELECT gatehouse.current_user_id()';

SELECT gatehouse.sign_in_with_api_key(:'key') \g /dev/null
SELECT ok(e.state = a.state AND (a.message IS NULL AND e.message LIKE 'invalid value for parameter "gatehouse.identity": %' OR e.message = a.message),
          format('a superuser: %s', a.statement))
  FROM attempt a, LATERAL pg_temp.diagnose(a.statement) e
 ORDER BY a.place;
SELECT ok(e.state = '42501', format('an application: %s (%s)', a.statement, e.state))
  FROM attempt a, LATERAL pg_temp.diagnose(format('SELECT pg_temp.as_role(%L, %L)', 'gatehouse_app', a.statement)) e
 ORDER BY a.place;
SELECT ok(e.state = '42501', format('a stranger: %s (%s)', a.statement, e.state))
  FROM attempt a, LATERAL pg_temp.diagnose(format('SELECT pg_temp.as_role(%L, %L)', 'stranger', a.statement)) e
 ORDER BY a.place;
SELECT ok(e.state = '22023', format('who was granted the parameter: %s (%s)', a.statement, e.state))
  FROM attempt a, LATERAL pg_temp.diagnose(format('SELECT pg_temp.as_role(%L, %L)', 'trusted_by_mistake', a.statement)) e
 WHERE a.place <= 9
 ORDER BY a.place;
SELECT is(gatehouse.current_user_id(), :'ada', 'all that has changed nothing');

-- A value that was true once is not taken again.
SELECT current_setting('gatehouse.identity') AS true_once \gset
SELECT gatehouse.sign_in_with_api_key(:'key') \g /dev/null
SELECT throws_ok(format('SET LOCAL gatehouse.identity = %L', :'true_once'), '22023', NULL, 'not even the value that it has can be set');
SAVEPOINT before_the_end;
SELECT gatehouse.sign_out() \g /dev/null
SELECT throws_ok(format('SET LOCAL gatehouse.identity = %L', :'true_once'), '22023', NULL, 'nor one that it had');
SELECT throws_ok(format('SELECT set_config(''gatehouse.identity'', %L, true)', :'true_once'), '22023', NULL, 'by whatever way');
ROLLBACK TO before_the_end;
SELECT throws_ok(format('SELECT gatehouse.sign_in_with_api_key(%L, ARRAY[NULL])', :'key'), '22023', NULL, 'a sign-in that raises');
SELECT throws_ok(format('SET LOCAL gatehouse.identity = %L', :'true_once'), '22023', NULL, 'leaves no door open');

-- Taking it away.
SELECT is(pg_temp.as_role('stranger', 'SELECT count(*) FROM pg_settings WHERE name = ''gatehouse.identity'''), '0', 'pg_settings does not show it');
UPDATE pg_settings SET setting = '' WHERE name = 'gatehouse.identity';
SELECT is(gatehouse.current_user_id(), :'ada', 'so an UPDATE of pg_settings does not reach it');
RESET ALL;
SELECT is(gatehouse.current_user_id(), :'ada', 'RESET ALL does not reach it');
SELECT is((SELECT e.state FROM pg_temp.diagnose(format('SELECT pg_temp.as_role(%L, %L)', role_name, statement)) e), '42501',
  format('%s: %s', role_name, statement))
  FROM unnest(ARRAY['gatehouse_app', 'stranger']) AS role_name,
       unnest(ARRAY['RESET gatehouse.identity', 'SET LOCAL gatehouse.identity TO DEFAULT', 'SELECT set_config(''gatehouse.identity'', NULL, true)']) AS statement;
SELECT throws_ok('DISCARD ALL', '25001', NULL, 'DISCARD ALL does not run in a transaction');
SET LOCAL ROLE gatehouse_app;
RESET ROLE;
SELECT is(gatehouse.current_user_id(), :'ada', 'the identity is no matter of roles');
SELECT is((SELECT e.state FROM pg_temp.diagnose('SELECT pg_temp.as_role(''gatehouse_app'', ''SHOW gatehouse.identity'')') e), '42501',
  'an application is not shown the setting');
SELECT is((SELECT e.state FROM pg_temp.diagnose('SELECT pg_temp.as_role(''stranger'', ''SELECT current_setting(''''gatehouse.identity'''', true)'')') e), '42501',
  'nor told its value');
SELECT throws_ok(format('ALTER SYSTEM SET gatehouse.identity = %L', :'forged'), '25001', NULL, 'ALTER SYSTEM does not run in a transaction');

-- A function whose configuration somebody has put into the catalog.
UPDATE pg_proc SET proconfig = ARRAY['gatehouse.identity=' || :'forged'] WHERE oid = 'pg_temp.plain'::regproc;
SELECT ok((SELECT e.state IN ('22023', '0A000') FROM pg_temp.diagnose('SELECT pg_temp.plain()') e),
  'a function that was forged in the catalog is not run');

-- PostgreSQL 15 has no setting that a superuser cannot RESET; he may sign out by gatehouse.sign_out(), too.
DO $$
BEGIN
  RESET gatehouse.identity;
EXCEPTION WHEN feature_not_supported OR cant_change_runtime_param THEN
  PERFORM gatehouse.sign_out();
END
$$;
SELECT is(gatehouse.current_user_id(), NULL, 'a superuser''s RESET makes nobody somebody');

SELECT * FROM finish();
ROLLBACK;
