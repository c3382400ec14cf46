-- How functions get their rights: SQL and PL/pgSQL by a pinned definer, C functions never.
BEGIN;
SELECT plan(8);
SET LOCAL client_min_messages = warning;
\ir ../members.psql

SELECT ok(count(*) > 0, 'there are SECURITY DEFINER functions to look at') FROM pg_temp.member_function WHERE prosecdef;
SELECT is_empty(
  $$SELECT signature, proconfig FROM pg_temp.member_function
     WHERE prosecdef AND ('search_path=pg_catalog, pg_temp' = ANY (proconfig)) IS NOT TRUE$$,
  'every SECURITY DEFINER function has its search_path pinned to pg_catalog, pg_temp last');
SELECT is_empty(
  $$SELECT signature, owner_name FROM pg_temp.member_function WHERE prosecdef AND owner_name <> 'gatehouse_owner'$$,
  'every SECURITY DEFINER function is owned by gatehouse_owner');
SELECT is_empty(
  $$SELECT signature, proconfig FROM pg_temp.member_function
     WHERE lanname = 'plpgsql' AND ('search_path=pg_catalog, pg_temp' = ANY (proconfig)) IS NOT TRUE$$,
  'every PL/pgSQL function has its search_path pinned to pg_catalog, pg_temp last');
SELECT is_empty(
  $$SELECT signature FROM pg_temp.member_function WHERE lanname = 'c' AND prosecdef$$,
  'no C function is SECURITY DEFINER');
SELECT is_empty(
  $$SELECT signature FROM pg_temp.member_function WHERE lanname = 'c' AND proconfig IS NOT NULL$$,
  'no C function has a SET clause');
SELECT is_empty(
  $$SELECT signature, owner_name FROM pg_temp.member_function WHERE lanname = 'c' AND NOT owner_is_superuser$$,
  'every C function belongs to a superuser, whose rights nobody can take by ALTER FUNCTION');
SELECT is_empty(
  $$SELECT signature, proconfig FROM pg_temp.member_function
     WHERE lanname = 'sql' AND prosqlbody IS NULL AND ('search_path=pg_catalog, pg_temp' = ANY (proconfig)) IS NOT TRUE$$,
  'every SQL function has its search_path pinned to pg_catalog, pg_temp last, or a body that was parsed at installation');

SELECT * FROM finish();
ROLLBACK;
