-- permanently_delete_user: the account and all that hangs on it.
BEGIN;
SELECT plan(20);
SET LOCAL client_min_messages = warning;
\ir ../as_role.psql
\ir ../diagnose.psql
SELECT ok(gatehouse.library_version() <> '', 'the library is loaded');
SET LOCAL gatehouse.argon2_memory = '7MB';
SET LOCAL gatehouse.argon2_iterations = 5;
SET LOCAL gatehouse.require_verified_email = off;

CREATE TEMP TABLE account AS
  SELECT u.id, u.username FROM (VALUES ('ada'), ('bob'), ('deleted'), ('stopped')) AS v (name),
       LATERAL gatehouse.create_user(v.name || '@example.com', v.name, 'correct horse battery') u;
CREATE FUNCTION pg_temp.id_of(name text) RETURNS uuid LANGUAGE sql AS $$SELECT a.id FROM pg_temp.account a WHERE a.username = name$$;
SELECT FROM gatehouse.link_oauth(pg_temp.id_of('ada'), 'example', '1');
CREATE TEMP TABLE held AS
  SELECT a.username, k.api_key, t.refresh_token
    FROM account a, LATERAL gatehouse.create_api_key(a.id, 'a key') k, LATERAL gatehouse.create_refresh_token(a.id) t;
CREATE FUNCTION pg_temp.held_by(name text) RETURNS bigint LANGUAGE sql AS $$
  SELECT (SELECT count(*) FROM pg_temp.held h, gatehouse.verify_api_key(h.api_key) WHERE h.username = held_by.name)
       + (SELECT count(*) FROM pg_temp.held h, gatehouse.verify_refresh_token(h.refresh_token) WHERE h.username = held_by.name)
$$;
SELECT gatehouse.soft_delete_user(pg_temp.id_of('deleted'), deleted_by => pg_temp.id_of('ada')) AS ignored \gset
SELECT gatehouse.set_active(pg_temp.id_of('stopped'), false) AS ignored \gset

SELECT is(pg_temp.as_role('gatehouse_admin', format('SELECT gatehouse.permanently_delete_user(%L)', pg_temp.id_of('ada'))), 'true',
  'an administrator deletes an account for good');
SELECT is_empty($$SELECT gatehouse.get_user_by_id(pg_temp.id_of('ada'), include_deleted => true)$$, 'nobody finds it');
SELECT is(pg_temp.held_by('ada'), 0::bigint, 'its key and its session are refused');
SELECT is_empty(format('SELECT FROM gatehouse.%I WHERE user_id = pg_temp.id_of(''ada'')', name), 'nothing of it is left in ' || name)
  FROM unnest(ARRAY['password_credentials', 'oauth_identities', 'api_keys', 'sessions', 'one_time_tokens', 'known_addresses', 'deletion_reminders']) AS name;
SELECT is(pg_temp.held_by('bob'), 2::bigint, 'another account goes on');
SELECT is((SELECT array_agg(gatehouse.permanently_delete_user(pg_temp.id_of(name))) FROM unnest(ARRAY['deleted', 'stopped', 'ada']) AS name),
  '{t,t,f}', 'deleted and stopped ones go likewise, each once');
SELECT is(gatehouse.permanently_delete_user(gatehouse.uuid_v7()), false, 'no account is none to delete');

-- The application's tables.
CREATE TABLE customers (user_id uuid CONSTRAINT customers_account REFERENCES gatehouse.users);
CREATE TABLE visitors (user_id uuid REFERENCES gatehouse.users ON DELETE CASCADE);
INSERT INTO customers VALUES (pg_temp.id_of('bob'));
INSERT INTO visitors VALUES (pg_temp.id_of('bob'));
SELECT results_eq($$SELECT d.state, d.table_name, d.constraint_name, d.detail FROM pg_temp.diagnose(format('SELECT gatehouse.permanently_delete_user(%L)', pg_temp.id_of('bob'))) d$$,
  $$VALUES ('23503', 'customers', 'customers_account', '')$$, 'a table that stands in the way is named');
SELECT is(pg_temp.held_by('bob'), 2::bigint, 'and the account goes on');
SELECT is((SELECT count(*)::int FROM visitors), 1, 'with all that refers to it');
SELECT throws_ok('SELECT gatehouse.permanently_delete_user(NULL)', '22023', 'argument "id" must not be null', 'an id is needed');
SELECT throws_ok($$SELECT pg_temp.as_role('gatehouse_app', 'SELECT gatehouse.permanently_delete_user(gatehouse.uuid_v7())')$$,
  '42501', 'permission denied for function permanently_delete_user', 'an application deletes nobody for good');
SELECT is((SELECT count(*)::int FROM gatehouse.users WHERE id IN (SELECT id FROM account)), 1, 'one of the four accounts is left');

SELECT * FROM finish();
ROLLBACK;
