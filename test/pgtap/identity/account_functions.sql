-- Every function for applications that is given an account's id refuses another account's while somebody is signed in.
BEGIN;
SELECT plan(6);
SET LOCAL client_min_messages = warning;
\ir ../as_role.psql

SELECT (gatehouse.create_user('ada@example.com', 'ada', 'correct horse battery')).id AS ada \gset
SELECT (gatehouse.create_user('bob@example.com', 'bob', 'correct horse battery')).id AS bob \gset
SELECT refresh_token AS token FROM gatehouse.create_refresh_token(:'ada') \gset
CREATE TEMP TABLE account AS SELECT :'ada'::uuid AS ada, :'bob'::uuid AS bob;

-- What is called with an id as its first argument, and the arguments behind it that a call cannot do without.
CREATE TEMP TABLE attempt (function, others) AS VALUES
  ('account_deletion_status', ''),
  ('cancel_account_deletion', ''),
  ('change_password', $$, 'correct horse battery', 'quite another horse battery'$$),
  ('create_api_key', $$, 'a key'$$),
  ('create_refresh_token', ''),
  ('deactivate_user_api_keys', ''),
  ('export_user_data', ''),
  ('get_user_api_keys', ''),
  ('get_user_by_id', ''),
  ('get_user_details', ''),
  ('get_user_sessions', ''),
  ('link_oauth', $$, 'github', '1'$$),
  ('request_account_deletion', ''),
  ('request_email_change', $$, 'new@example.com'$$),
  ('request_email_verification', ''),
  ('revoke_all_user_sessions', ''),
  ('soft_delete_user', ''),
  ('unlink_oauth', $$, 'github'$$),
  ('update_user', $$, '{}'$$);

CREATE FUNCTION pg_temp.outcome(role_name text, function text, id uuid, others text) RETURNS text LANGUAGE plpgsql AS $$
BEGIN
  PERFORM pg_temp.as_role(role_name, format('SELECT gatehouse.%I(%L%s)::text', function, id, others));
  RAISE EXCEPTION 'undo' USING ERRCODE = 'GH001';
EXCEPTION
  WHEN SQLSTATE 'GH001' THEN RETURN 'done';
  WHEN OTHERS THEN RETURN concat(SQLSTATE, ': ', SQLERRM);
END
$$;
CREATE FUNCTION pg_temp.outcomes(role_name text, of_bob boolean) RETURNS SETOF text LANGUAGE sql AS $$
  SELECT t.function || ' ' || pg_temp.outcome(role_name, t.function, CASE WHEN of_bob THEN a.bob ELSE a.ada END, t.others)
    FROM pg_temp.attempt t, pg_temp.account a ORDER BY t.function
$$;

-- A token is signed by a key of the ring.
INSERT INTO attempt SELECT 'issue_access_token', '' FROM gatehouse.library_version() WHERE current_setting('gatehouse.key_file') <> '';

-- Ids of accounts are named so; the audit's events are told of whom they like, and the others are of keys and sessions.
SELECT set_eq($$
    SELECT p.proname::text FROM pg_proc p
     WHERE p.pronamespace = 'gatehouse'::regnamespace AND p.proargtypes[0] = 'uuid'::regtype AND p.proargnames[1] IN ('id', 'user_id')
       AND has_function_privilege('gatehouse_app', p.oid, 'EXECUTE')
       AND p.proname !~ 'api_key$|^revoke_session$|^get_api_key_by_id$'
       AND (p.proname <> 'issue_access_token' OR current_setting('gatehouse.key_file') <> '') OR p.oid = 'gatehouse.create_api_key'::regproc
  $$, 'SELECT function FROM attempt', 'all of them are tried');

SELECT results_eq($$SELECT pg_temp.outcomes('gatehouse_app', true)$$, $$SELECT function || ' done' FROM attempt ORDER BY function$$,
  'while nobody is signed in an application is trusted to act for any account');
SELECT gatehouse.sign_in_with_session(:'token') \g /dev/null
SELECT results_eq($$SELECT pg_temp.outcomes('gatehouse_app', true)$$,
  $$SELECT function || ' 42501: another account is signed in' FROM attempt ORDER BY function$$,
  'while somebody is, each function refuses the id of another account');
SELECT results_eq($$SELECT pg_temp.outcomes('gatehouse_app', false)$$, $$SELECT function || ' done' FROM attempt ORDER BY function$$,
  'but not the own one');
SELECT results_eq($$SELECT pg_temp.outcomes('gatehouse_admin', true)$$, $$SELECT function || ' done' FROM attempt ORDER BY function$$,
  'administrators may act for every account');
SELECT gatehouse.sign_out() \g /dev/null
SELECT results_eq($$SELECT pg_temp.outcomes('gatehouse_app', true)$$, $$SELECT function || ' done' FROM attempt ORDER BY function$$,
  'signed out it is as before');

SELECT * FROM finish();
ROLLBACK;
