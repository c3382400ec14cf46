-- \df+ gatehouse.* is a usable manual: every object says what it is.
BEGIN;
SELECT plan(4);
SET LOCAL client_min_messages = warning;
\ir ../members.psql

SELECT is_empty(
  $$SELECT pg_describe_object(m.classid, m.objid, 0)
      FROM pg_temp.member m
     WHERE NOT EXISTS (SELECT FROM pg_description d
                        WHERE d.classoid = m.classid AND d.objoid = m.objid AND d.objsubid = 0 AND d.description <> '')$$,
  'every member has a comment');
SELECT is_empty(
  $$SELECT c.relname
      FROM pg_temp.member_relation c
     WHERE c.relkind = 'i' AND obj_description(c.oid, 'pg_class') IS NULL
       AND NOT EXISTS (SELECT FROM pg_constraint k WHERE k.conindid = c.oid AND k.contype IN ('p', 'u', 'x'))$$,
  'every index that is no constraint''s has a comment');
SELECT is_empty(
  $$SELECT r.rolname FROM pg_roles r
     WHERE r.rolname IN ('gatehouse_owner', 'gatehouse_app', 'gatehouse_admin', 'gatehouse_auditor')
       AND shobj_description(r.oid, 'pg_authid') IS NULL$$,
  'every role has a comment');
SELECT is_empty(
  $$SELECT p.signature
      FROM pg_temp.member_function p
     WHERE obj_description(p.oid, 'pg_proc') LIKE 'internal:%'
       AND has_function_privilege('gatehouse_app', p.oid, 'EXECUTE')
       AND p.proname <> 'match_api_key'$$,
  'what is said to be internal is not for applications; but match_api_key, which verify_api_key puts in its place');

SELECT * FROM finish();
ROLLBACK;
