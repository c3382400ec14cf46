-- The roles, and what gatehouse_owner owns.
BEGIN;
SELECT plan(14);
SET LOCAL client_min_messages = warning;
\ir ../members.psql

SELECT ok(NOT r.rolcanlogin, format('%s cannot log in', r.rolname)) FROM pg_roles r
 WHERE r.rolname IN ('gatehouse_owner', 'gatehouse_app', 'gatehouse_admin', 'gatehouse_auditor') ORDER BY r.rolname;
SELECT is_empty(
  $$SELECT rolname FROM pg_roles
     WHERE rolname IN ('gatehouse_owner', 'gatehouse_app', 'gatehouse_admin', 'gatehouse_auditor')
       AND (rolsuper OR rolcreaterole OR rolcreatedb OR rolreplication OR rolbypassrls)$$,
  'none of the roles has powers in the cluster');
SELECT is_empty(
  $$SELECT member::regrole FROM pg_auth_members WHERE roleid = 'gatehouse_owner'::regrole$$,
  'gatehouse_owner has no members');
SELECT is_empty(
  $$SELECT roleid::regrole FROM pg_auth_members WHERE member = 'gatehouse_owner'::regrole$$,
  'gatehouse_owner is a member of nothing');
SELECT ok(pg_has_role('gatehouse_admin', 'gatehouse_app', 'USAGE'), 'gatehouse_admin includes gatehouse_app');
SELECT ok(NOT pg_has_role('gatehouse_app', 'gatehouse_admin', 'MEMBER'), 'gatehouse_app is no administrator');
SELECT ok(NOT pg_has_role('gatehouse_auditor', 'gatehouse_app', 'MEMBER'), 'gatehouse_auditor is no application');
SELECT ok(NOT pg_has_role('gatehouse_app', 'gatehouse_auditor', 'MEMBER'), 'gatehouse_app is no auditor');
SELECT ok(NOT pg_has_role('gatehouse_auditor', 'gatehouse_admin', 'MEMBER'), 'gatehouse_auditor is no administrator');
SELECT is_empty(
  $$SELECT relname, owner_name FROM pg_temp.member_relation WHERE relkind <> 'c' AND owner_name <> 'gatehouse_owner'$$,
  'every table, view, sequence and index is owned by gatehouse_owner');
SELECT is(
  (SELECT nspowner::regrole::text FROM pg_namespace WHERE nspname = 'gatehouse'), 'gatehouse_owner',
  'the schema is owned by gatehouse_owner');

SELECT * FROM finish();
ROLLBACK;
