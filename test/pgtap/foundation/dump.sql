-- pg_dump carries the rows of a member table only where the table is registered.
BEGIN;
SELECT plan(5);
SET LOCAL client_min_messages = warning;
\ir ../members.psql

CREATE TEMP VIEW registered AS
  SELECT r.relation, r.condition
    FROM pg_extension e, LATERAL unnest(e.extconfig, e.extcondition) AS r (relation, condition)
   WHERE e.extname = 'gatehouse';

SELECT is_empty(
  $$SELECT relname FROM pg_temp.member_relation WHERE relkind IN ('r', 'p') AND oid NOT IN (SELECT relation FROM registered)$$,
  'every table is registered for dumps');
SELECT is_empty(
  $$SELECT relname FROM pg_temp.member_relation WHERE relkind = 'S' AND oid NOT IN (SELECT relation FROM registered)$$,
  'every sequence is registered for dumps');
SELECT is_empty($$SELECT relation::regclass, condition FROM registered WHERE condition <> ''$$,
  'every row of a registered table is dumped');
SELECT is_empty(
  $$SELECT tgrelid::regclass, tgname FROM pg_trigger
     WHERE NOT tgisinternal AND tgrelid IN (SELECT oid FROM pg_temp.member_relation)$$,
  'no table bears a trigger, which would fire while a dump is loaded');
SELECT is_empty(
  $$SELECT i.indexrelid::regclass FROM pg_index i JOIN pg_class c ON c.oid = i.indrelid
     WHERE c.relkind = 'p' AND c.relnamespace = 'gatehouse'::regnamespace$$,
  'no partitioned parent has an index or key, which would break the restore of later partitions');

SELECT * FROM finish();
ROLLBACK;
