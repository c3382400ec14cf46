-- An installation by somebody who has default privileges gives nobody more than any other.
BEGIN;
SELECT plan(6);
SET LOCAL client_min_messages = warning;

-- Every privilege on what is in the schema, by the names of things: OIDs differ from one installation to the next.
CREATE TEMP VIEW privilege AS
  SELECT o.name, a.grantee::regrole, a.privilege_type, a.is_grantable
    FROM (SELECT c.relname::text, c.relkind::text, c.relowner, c.relacl FROM pg_class c
           WHERE c.relnamespace = to_regnamespace('gatehouse') AND c.relkind IN ('r', 'p', 'v', 'S')
          UNION ALL
          SELECT p.oid::regprocedure::text, 'f', p.proowner, p.proacl FROM pg_proc p
           WHERE p.pronamespace = to_regnamespace('gatehouse')
          UNION ALL
          SELECT t.typname, 'T', t.typowner, t.typacl FROM pg_type t
           -- the types of rows and arrays have no privileges of their own unless somebody grants them
           WHERE t.typnamespace = to_regnamespace('gatehouse')
          UNION ALL
          SELECT n.nspname, 'n', n.nspowner, n.nspacl FROM pg_namespace n WHERE n.nspname = 'gatehouse')
           AS o (name, kind, owner, acl),
         aclexplode(coalesce(o.acl, acldefault(CASE o.kind WHEN 'S' THEN 's' WHEN 'f' THEN 'f' WHEN 'T' THEN 'T' WHEN 'n' THEN 'n'
                                                           ELSE 'r' END::"char", o.owner))) a;
CREATE TEMP TABLE otherwise AS SELECT * FROM privilege;
SELECT cmp_ok((SELECT count(*) FROM otherwise)::integer, '>', 200, 'there are privileges to compare');

CREATE ROLE gatehouse_test_reader;
ALTER DEFAULT PRIVILEGES GRANT ALL ON TABLES TO gatehouse_test_reader, PUBLIC;
ALTER DEFAULT PRIVILEGES GRANT ALL ON SEQUENCES TO gatehouse_test_reader, PUBLIC;
ALTER DEFAULT PRIVILEGES GRANT ALL ON FUNCTIONS TO gatehouse_test_reader;
ALTER DEFAULT PRIVILEGES GRANT ALL ON TYPES TO gatehouse_test_reader;
ALTER DEFAULT PRIVILEGES GRANT ALL ON SCHEMAS TO gatehouse_test_reader, PUBLIC;
SET LOCAL gatehouse.allow_drop = on;  -- an upgrade is an event
DROP EXTENSION gatehouse;
CREATE EXTENSION gatehouse;
SELECT set_eq('SELECT * FROM privilege', 'SELECT * FROM otherwise', 'nobody has more than without default privileges');
GRANT USAGE ON SCHEMA gatehouse TO gatehouse_test_reader;
SELECT ok(NOT has_table_privilege('gatehouse_test_reader', 'gatehouse.password_credentials', 'SELECT'),
  'who reads all tables to come does not read the hashes');
SELECT ok(NOT has_function_privilege('gatehouse_test_reader', 'gatehouse.authenticate_user(text,text,inet,text)', 'EXECUTE'),
  'who runs all functions to come does not log in');
CREATE TABLE public.later ();
SELECT ok(has_table_privilege('gatehouse_test_reader', 'public.later', 'SELECT'), 'other tables still get what they got');

SET LOCAL gatehouse.allow_drop = on;  -- an upgrade is an event
DROP EXTENSION gatehouse;
ALTER DEFAULT PRIVILEGES GRANT SELECT ON TABLES TO gatehouse_app;
SELECT throws_ok('CREATE EXTENSION gatehouse', '55000',
  format('default privileges of role "%s" name a role of gatehouse', current_user),
  'default privileges for a role of ours are refused');

SELECT * FROM finish();
ROLLBACK;
