-- Calls every function and reads every table as roles that may not, and sees each one refuse.
BEGIN;
SELECT plan(12);
SET LOCAL client_min_messages = warning;
\ir ../members.psql

CREATE ROLE gatehouse_test_stranger;

-- One call of each function, with NULLs of the right types (as subqueries: a strict function of constant NULLs is never
-- called); one read of each table, view and sequence.
CREATE TEMP VIEW attempt AS
  SELECT p.oid AS function_id, NULL::oid AS relation_id, p.signature AS object,
         format('SELECT gatehouse.%I(%s)', p.proname,
                (SELECT string_agg(format('(SELECT NULL::%s)', t.type_id::regtype), ', ' ORDER BY t.place)
                   FROM unnest(p.proargtypes) WITH ORDINALITY AS t (type_id, place))) AS statement
    FROM pg_temp.member_function p
  UNION ALL
  SELECT NULL, c.oid, c.relname, format('SELECT 1 FROM gatehouse.%I', c.relname)
    FROM pg_temp.member_relation c
   WHERE c.relkind IN ('r', 'p', 'v', 'S');

-- What comes of each attempt as this role: the SQLSTATE and message, 00000 where it succeeds.
CREATE FUNCTION pg_temp.attempts_as(role_name text)
RETURNS TABLE (function_id oid, relation_id oid, object text, state text, message text)
LANGUAGE plpgsql AS $$
DECLARE
  one record;
BEGIN
  FOR one IN SELECT * FROM pg_temp.attempt LOOP
    function_id := one.function_id;
    relation_id := one.relation_id;
    object := one.object;
    state := '00000';
    message := '';
    BEGIN
      PERFORM set_config('role', role_name, true);
      EXECUTE one.statement;
      PERFORM set_config('role', 'none', true);
    EXCEPTION WHEN OTHERS THEN
      GET STACKED DIAGNOSTICS state = RETURNED_SQLSTATE, message = MESSAGE_TEXT;
    END;
    RETURN NEXT;
  END LOOP;
END
$$;

CREATE TEMP TABLE outside AS SELECT * FROM pg_temp.attempts_as('gatehouse_test_stranger');
SELECT is(
  (SELECT count(*) FROM outside),
  (SELECT count(*) FROM pg_temp.member_function)
    + (SELECT count(*) FROM pg_temp.member_relation WHERE relkind IN ('r', 'p', 'v', 'S')),
  'everything that can be called or read was tried');
SELECT ok((SELECT count(*) FROM outside WHERE function_id IS NOT NULL) >= 61, 'among it every function of version 0.1');
SELECT is_empty(
  $$SELECT object, state, message FROM outside WHERE state <> '42501' OR message <> 'permission denied for schema gatehouse'$$,
  'a stranger is refused at the schema, whatever it calls or reads');

-- An administrator who grants the schema to everyone has not thereby granted a function or a table.
GRANT USAGE ON SCHEMA gatehouse TO gatehouse_test_stranger;
CREATE TEMP TABLE inside AS SELECT * FROM pg_temp.attempts_as('gatehouse_test_stranger');
SELECT is_empty(
  $$SELECT object, state, message FROM inside
     WHERE function_id IS NOT NULL AND (state <> '42501' OR message !~ '^permission denied for function ')$$,
  'let into the schema, a stranger is refused by each function');
SELECT is_empty(
  $$SELECT object, state, message FROM inside
     WHERE relation_id IS NOT NULL AND (state <> '42501' OR message !~ '^permission denied for (table|view|sequence) ')$$,
  'let into the schema, a stranger is refused by each table, view and sequence');

-- Each role is refused what the matrix does not give it.
CREATE TEMP TABLE by_role AS
  SELECT r.role_name, a.*
    FROM (VALUES ('gatehouse_app'), ('gatehouse_admin'), ('gatehouse_auditor')) AS r (role_name),
         LATERAL pg_temp.attempts_as(r.role_name) a;
SELECT is_empty(
  format($$SELECT object, state, message FROM by_role
            WHERE role_name = %L AND function_id IS NOT NULL
              AND has_function_privilege(role_name::name, function_id, 'EXECUTE')
                  IS DISTINCT FROM (state <> '42501' OR message !~ '^permission denied for function ')$$, role_name),
  format('%s is refused by every function that it may not call, and by no other', role_name))
  FROM (VALUES ('gatehouse_app'), ('gatehouse_admin'), ('gatehouse_auditor')) AS r (role_name) ORDER BY role_name;
SELECT is_empty(
  $$SELECT object FROM by_role WHERE role_name = 'gatehouse_app' AND relation_id IS NOT NULL AND state <> '42501'$$,
  'gatehouse_app reads no table, view or sequence');
SELECT set_eq(
  $$SELECT object FROM by_role WHERE role_name = 'gatehouse_admin' AND relation_id IS NOT NULL AND state <> '42501'$$,
  ARRAY['audited_schemas', 'audited_tables', 'deletion_reminders_due', 'row_changes'],
  'gatehouse_admin reads four views and nothing else');
SELECT set_eq(
  $$SELECT object FROM by_role WHERE role_name = 'gatehouse_auditor' AND relation_id IS NOT NULL AND state <> '42501'$$,
  ARRAY['audited_schemas', 'audited_tables', 'row_changes'],
  'gatehouse_auditor reads three views and nothing else');
SELECT is_empty(
  $$SELECT object, state, message FROM by_role
     WHERE state NOT IN ('00000', '42501', '22023', '22P02', '42809', '55000')$$,
  'whoever may call a function with NULLs gets an answer or an error of the documented kinds');

SELECT * FROM finish();
ROLLBACK;
