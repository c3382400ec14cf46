-- permanently_delete_user: the account and all that hangs on it.
BEGIN;
SELECT plan(27);
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
DROP TABLE customers;
CREATE TABLE customers (name text, user_id uuid NOT NULL CONSTRAINT customers_account REFERENCES gatehouse.users ON DELETE SET NULL);
INSERT INTO customers VALUES ('Bob', pg_temp.id_of('bob'));
SELECT results_eq($$SELECT d.state, d.table_name, d.constraint_name, d.detail, d.hint FROM pg_temp.diagnose(format('SELECT gatehouse.permanently_delete_user(%L)', pg_temp.id_of('bob'))) d$$,
  $$VALUES ('23503', 'customers', 'customers_account', '', 'Its column "user_id" must not be null: delete those rows first, or declare the foreign key ON DELETE CASCADE.')$$,
  'also one whose column must not be null, without its row');
DROP TABLE customers;
CREATE TABLE customers (user_id uuid REFERENCES gatehouse.users ON DELETE CASCADE, name text);
CREATE FUNCTION pg_temp.forget_name() RETURNS trigger LANGUAGE plpgsql AS $$BEGIN INSERT INTO must_have VALUES (NULL); RETURN OLD; END$$;
CREATE TABLE public.must_have (name text NOT NULL);
CREATE TRIGGER forget BEFORE DELETE ON customers FOR EACH ROW EXECUTE FUNCTION pg_temp.forget_name();
INSERT INTO customers VALUES (pg_temp.id_of('bob'));
ALTER FUNCTION pg_temp.forget_name() SET search_path = public;
SELECT is((SELECT d.state FROM pg_temp.diagnose(format('SELECT gatehouse.permanently_delete_user(%L)', pg_temp.id_of('bob'))) d), '23502',
  'what a trigger of the application does wrong keeps its own error');
SELECT is((SELECT count(*)::int FROM visitors), 1, 'with all that refers to it');
SELECT throws_ok('SELECT gatehouse.permanently_delete_user(NULL)', '22023', 'argument "id" must not be null', 'an id is needed');
SELECT throws_ok($$SELECT pg_temp.as_role('gatehouse_app', 'SELECT gatehouse.permanently_delete_user(gatehouse.uuid_v7())')$$,
  '42501', 'permission denied for function permanently_delete_user', 'an application deletes nobody for good');
SELECT is((SELECT count(*)::int FROM gatehouse.users WHERE id IN (SELECT id FROM account)), 1, 'one of the four accounts is left');

-- Triggers of the application's tables act as their owner, whatever they wait for.
CREATE ROLE gatehouse_test_owner IN ROLE gatehouse_app;
CREATE ROLE gatehouse_test_other IN ROLE gatehouse_app;
GRANT REFERENCES (id) ON gatehouse.users TO gatehouse_test_owner, gatehouse_test_other;
DROP TABLE customers, visitors;
CREATE SCHEMA bait AUTHORIZATION gatehouse_test_owner;
GRANT USAGE, CREATE ON SCHEMA bait TO gatehouse_test_other;
CREATE TABLE pg_temp.seen (event text, role name, reads_hashes boolean, is_administrator boolean);
GRANT INSERT ON pg_temp.seen TO PUBLIC;
SELECT pg_my_temp_schema()::regnamespace AS temp_schema \gset
GRANT USAGE ON SCHEMA :temp_schema TO PUBLIC;
SELECT format($t$CREATE FUNCTION bait.tell() RETURNS trigger LANGUAGE plpgsql AS $f$
DECLARE
  is_administrator boolean := true;
BEGIN
  BEGIN
    PERFORM gatehouse.count_users(is_deleted => NULL);
  EXCEPTION WHEN insufficient_privilege THEN
    is_administrator := false;
  END;
  INSERT INTO %s.seen VALUES (TG_WHEN || ' ' || TG_LEVEL, current_user,
                              has_table_privilege('gatehouse.password_credentials', 'SELECT'), is_administrator);
  RETURN OLD;
END $f$$t$, :'temp_schema') AS tell \gset
SET LOCAL ROLE gatehouse_test_owner;
:tell;
CREATE TABLE bait.visitors (user_id uuid REFERENCES gatehouse.users ON DELETE CASCADE);
CREATE TRIGGER early BEFORE DELETE ON bait.visitors FOR EACH ROW EXECUTE FUNCTION bait.tell();
CREATE TRIGGER late AFTER DELETE ON bait.visitors FOR EACH ROW EXECUTE FUNCTION bait.tell();
CREATE TRIGGER last AFTER DELETE ON bait.visitors FOR EACH STATEMENT EXECUTE FUNCTION bait.tell();
RESET ROLE;
CREATE TEMP TABLE victim AS
  SELECT u.id, n FROM generate_series(1, 3) n, LATERAL gatehouse.create_user(format('victim%s@example.com', n), 'victim-' || n) u;
INSERT INTO bait.visitors SELECT id FROM victim;
SELECT gatehouse.permanently_delete_user(id) AS ignored FROM victim WHERE n = 1 \gset
SELECT set_eq('SELECT * FROM pg_temp.seen',
  $$VALUES ('BEFORE ROW', 'gatehouse_test_owner', false, false), ('AFTER ROW', 'gatehouse_test_owner', false, false),
           ('AFTER STATEMENT', 'gatehouse_test_owner', false, false)$$,
  'triggers of a table that a deletion changes act as its owner, and nobody lends them his rights');

SET LOCAL ROLE gatehouse_test_other;
CREATE TABLE bait.others (user_id uuid REFERENCES gatehouse.users ON DELETE SET NULL);
CREATE TRIGGER late AFTER UPDATE ON bait.others FOR EACH STATEMENT EXECUTE FUNCTION bait.tell();
RESET ROLE;
TRUNCATE pg_temp.seen;
SELECT gatehouse.permanently_delete_user(id) AS ignored FROM victim WHERE n = 2 \gset
SELECT is((SELECT count(*)::int FROM pg_temp.seen), 4, 'also where the tables have two owners');
SELECT is_empty('SELECT FROM pg_temp.seen WHERE reads_hashes OR is_administrator OR role NOT IN (''gatehouse_test_owner'', ''gatehouse_test_other'', ''gatehouse_app'')',
  'none of them reads a hash or is an administrator');

-- The trial of a deletion makes what is deferred immediate, also what somebody deferred before.
SET LOCAL ROLE gatehouse_test_owner;
CREATE TABLE bait.deferred (user_id uuid REFERENCES gatehouse.users DEFERRABLE);
CREATE CONSTRAINT TRIGGER deferred AFTER INSERT ON bait.deferred DEFERRABLE INITIALLY DEFERRED FOR EACH ROW EXECUTE FUNCTION bait.tell();
RESET ROLE;
INSERT INTO bait.deferred VALUES (NULL);
TRUNCATE pg_temp.seen;
SELECT gatehouse.permanently_delete_user(id) AS ignored FROM victim WHERE n = 3 \gset
SELECT is_empty('SELECT FROM pg_temp.seen WHERE reads_hashes OR is_administrator', 'nor one that was deferred');
SELECT is_empty('SELECT FROM bait.visitors', 'and what is to go with an account goes');

SELECT * FROM finish();
ROLLBACK;
