-- run_maintenance: all periodic work, by call.
BEGIN;
SELECT plan(9);
SET LOCAL client_min_messages = warning;
\ir ../as_role.psql
SET LOCAL gatehouse.argon2_memory = '7MB';
SET LOCAL gatehouse.argon2_iterations = 5;
-- Nobody waits longer than 50 ms for a leaf, and autovacuum gives way after a second.
LOCK TABLE gatehouse.row_change_log, gatehouse.events, gatehouse.event_details;

SELECT is((SELECT array_agg(task) FROM gatehouse.run_maintenance()),
  '{reused_sessions_ended,events_written,failure_counts_stored,failure_counts_forgotten,key_uses_written,sessions_removed,one_time_tokens_removed,accounts_purged,audit_gaps_noted,leaves_made,rows_moved_to_leaves,leaves_pruned}', 'it says what it did');
SELECT is((SELECT status FROM gatehouse.authenticate_user('nobody' || pg_current_xact_id(), 'wrong')), 'invalid_credentials', 'a failure');
SELECT is((SELECT sum(affected) FROM gatehouse.run_maintenance() WHERE task = 'failure_counts_stored'),
  CASE WHEN gatehouse.health_check() #>> '{checks,throttle,reason}' LIKE 'counts are rows%' THEN 0 ELSE 1 END::numeric,
  'what shared memory counted is stored');
SELECT is((SELECT failures FROM gatehouse.login_throttles WHERE subject = gatehouse.throttle_subject('login', 'nobody' || pg_current_xact_id())),
  1, 'as a row');
SELECT is((SELECT sum(affected) FROM gatehouse.run_maintenance()), 0::numeric, 'then there is nothing left to do');

INSERT INTO gatehouse.login_throttles (subject, failures, counted_at, locked_until) VALUES
  (gatehouse.throttle_subject('login', 'yesterday'), 5, clock_timestamp() - interval '25 hours', NULL),
  (gatehouse.throttle_subject('login', 'today'), 5, clock_timestamp() - interval '23 hours', NULL),
  (gatehouse.throttle_subject('login', 'locked'), 5, clock_timestamp() - interval '25 hours', clock_timestamp() + interval '1 minute');
SELECT is((SELECT affected FROM gatehouse.run_maintenance() WHERE task = 'failure_counts_forgotten'), 1::bigint,
  'a count of which a day has passed is forgotten, and no other');

SELECT is(pg_temp.as_role('gatehouse_admin', 'SELECT count(*) FROM gatehouse.run_maintenance()'), '12', 'an administrator may');
SELECT throws_ok($$SELECT pg_temp.as_role('gatehouse_app', 'SELECT count(*) FROM gatehouse.run_maintenance()')$$, '42501',
  'permission denied for function run_maintenance', 'an application may not');
SET LOCAL transaction_read_only = on;
SELECT throws_ok('SELECT gatehouse.run_maintenance()', '25006', 'cannot run maintenance within a read-only transaction',
  'a read-only transaction is refused');

SELECT * FROM finish();
ROLLBACK;
