-- Who is signed in acts for himself: another account's id is refused, except to administrators. And the audit knows who it was.
BEGIN;
SELECT plan(40);
SET LOCAL client_min_messages = warning;
\ir ../as_role.psql
\ir ../diagnose.psql

SELECT (gatehouse.create_user('ada@example.com', 'ada')).id AS ada \gset
SELECT (gatehouse.create_user('bob@example.com', 'bob')).id AS bob \gset
SELECT gatehouse.register_scope('read:users') \g /dev/null
SELECT id AS key_id, api_key AS key FROM gatehouse.create_api_key(:'ada', 'laptop', ARRAY['read:users']) \gset
SELECT id AS bobs_key_id FROM gatehouse.create_api_key(:'bob', 'desk') \gset
SELECT id AS service_id, api_key AS service FROM gatehouse.create_api_key(NULL, 'service') \gset
SELECT session_id, refresh_token AS token FROM gatehouse.create_refresh_token(:'ada') \gset
SELECT refresh_token AS bobs_token FROM gatehouse.create_refresh_token(:'bob') \gset
GRANT EXECUTE ON FUNCTION gatehouse.check_acts_for(uuid), gatehouse.acts_for(uuid) TO gatehouse_app;

CREATE FUNCTION pg_temp.outcome(role_name text, statement text) RETURNS text LANGUAGE plpgsql AS $$
DECLARE
  answer text;
BEGIN
  answer := pg_temp.as_role(role_name, statement);
  RETURN coalesce(answer, 'null');
EXCEPTION WHEN OTHERS THEN
  RETURN concat(SQLSTATE, ': ', SQLERRM);
END
$$;
CREATE FUNCTION pg_temp.check_for(role_name text, user_id text) RETURNS text LANGUAGE sql AS $$
  SELECT pg_temp.outcome(role_name, format('SELECT gatehouse.check_acts_for(%L)::text || gatehouse.acts_for(%L)', user_id, user_id))
$$;

SELECT is(pg_temp.check_for('gatehouse_app', :'bob'), 'true', 'while nobody is signed in an application acts for anybody');
SELECT is(pg_temp.check_for('gatehouse_app', NULL), 'true', 'and for nobody');
SELECT gatehouse.sign_in_with_session(:'token') \g /dev/null
SELECT is(pg_temp.check_for('gatehouse_app', :'ada'), 'true', 'who is signed in acts for himself');
SELECT is(pg_temp.check_for('gatehouse_app', :'bob'), '42501: another account is signed in', 'and for nobody else');
SELECT is(pg_temp.check_for('gatehouse_app', NULL), '42501: another account is signed in', 'nor for no account');
SELECT is(pg_temp.check_for('gatehouse_admin', :'bob'), 'true', 'an administrator does');
SELECT gatehouse.sign_in_as(:'bob') \g /dev/null
SELECT is(pg_temp.check_for('gatehouse_app', :'bob'), 'true', 'in another''s name one acts for that account');
SELECT is(pg_temp.check_for('gatehouse_app', :'ada'), '42501: another account is signed in', 'and not for one''s own');
SELECT gatehouse.sign_in_with_api_key(:'service') \g /dev/null
SELECT is(pg_temp.check_for('gatehouse_app', :'bob'), '42501: another account is signed in', 'a service key acts for no account');
SELECT is(pg_temp.check_for('gatehouse_app', NULL), '42501: another account is signed in', 'none');

-- The functions that ask.
SELECT gatehouse.sign_in_with_session(:'token') \g /dev/null
SELECT is(pg_temp.outcome('gatehouse_app', format('SELECT refresh_token FROM gatehouse.create_refresh_token(%L)', :'bob')),
  '42501: another account is signed in', 'no session is opened for another account');
SELECT isnt(pg_temp.outcome('gatehouse_admin', format('SELECT refresh_token FROM gatehouse.create_refresh_token(%L)', :'bob')),
  '42501: another account is signed in', 'except by an administrator');
SELECT is(pg_temp.outcome('gatehouse_app', format('SELECT gatehouse.revoke_refresh_token(%L)', :'bobs_token')), 'false',
  'another account''s session is not ended, as if there were none');
SELECT is(pg_temp.outcome('gatehouse_app', format('SELECT api_key FROM gatehouse.create_api_key(%L, %L)', :'bob', 'x')),
  '42501: another account is signed in', 'no key is made for another account');
SELECT is(pg_temp.outcome('gatehouse_app', format('SELECT gatehouse.deactivate_api_key(%L)', :'bobs_key_id')), 'false',
  'another account''s key is not ended, as if there were none');
SELECT is(pg_temp.outcome('gatehouse_app', format('SELECT gatehouse.deactivate_api_key(%L, %L)', :'bobs_key_id', :'bob')),
  '42501: another account is signed in', 'and naming the account is refused');
SELECT is((SELECT count(*)::integer FROM gatehouse.api_keys WHERE deactivated_at IS NOT NULL)
          + (SELECT count(*)::integer FROM gatehouse.sessions WHERE revoked_at IS NOT NULL), 0, 'all that has ended nothing');
SELECT is(pg_temp.outcome('gatehouse_app', format('SELECT gatehouse.deactivate_api_key(%L, %L)', :'key_id', :'ada')), 'true',
  'one''s own key is ended');
SELECT is(pg_temp.outcome('gatehouse_app', format('SELECT length(api_key) > 50 FROM gatehouse.create_api_key(%L, %L)', :'ada', 'x')), 'true',
  'and another one made');
SELECT is(pg_temp.outcome('gatehouse_admin', format('SELECT gatehouse.deactivate_api_key(%L)', :'bobs_key_id')), 'true',
  'an administrator ends another account''s key');
SELECT is(pg_temp.outcome('gatehouse_app', format('SELECT gatehouse.revoke_refresh_token(%L)', :'token')), 'true', 'one''s own session is ended');
SELECT is(gatehouse.current_user_id(), :'ada', 'whereupon the transaction goes on as it was');
SELECT is(gatehouse.sign_in_with_session(:'token'), false, 'but does not sign in again');
SELECT is(pg_temp.outcome('gatehouse_app', format('SELECT gatehouse.revoke_refresh_token(%L)', :'bobs_token')), 'true',
  'while nobody is signed in an application ends anybody''s session');

-- Row changes.
CREATE TABLE invoices (id integer PRIMARY KEY, total numeric);
SELECT gatehouse.enable_audit('invoices') \g /dev/null
SELECT session_id, refresh_token AS token FROM gatehouse.create_refresh_token(:'ada') \gset
SELECT id AS key_id, api_key AS key FROM gatehouse.create_api_key(:'ada', 'third', ARRAY['read:users']) \gset
INSERT INTO invoices VALUES (1, 1);
SELECT gatehouse.sign_in_with_session(:'token') \g /dev/null
UPDATE invoices SET total = 2;
SELECT gatehouse.sign_in_as(:'bob') \g /dev/null
UPDATE invoices SET total = 3;
SAVEPOINT s;
SELECT gatehouse.sign_in_with_api_key(:'key') \g /dev/null
UPDATE invoices SET total = 4;
RELEASE s;
DELETE FROM invoices;
SELECT gatehouse.sign_in_with_api_key(:'service') \g /dev/null
INSERT INTO invoices VALUES (2, 1);
TRUNCATE invoices;
SELECT gatehouse.sign_out() \g /dev/null
INSERT INTO invoices VALUES (3, 1);
SELECT results_eq(
  $$SELECT operation, actor_id, impersonator_id, api_key_id, session_id FROM gatehouse.row_changes ORDER BY id$$,
  format($$VALUES ('INSERT', NULL::uuid, NULL::uuid, NULL::uuid, NULL::uuid), ('UPDATE', %1$L, NULL, NULL, %2$L), ('UPDATE', %3$L, %1$L, NULL, %2$L),
                  ('UPDATE', %1$L, NULL, %4$L, NULL), ('DELETE', %1$L, NULL, %4$L, NULL), ('INSERT', NULL, NULL, %5$L, NULL),
                  ('TRUNCATE', NULL, NULL, %5$L, NULL), ('INSERT', NULL, NULL, NULL, NULL)$$, :'ada', :'session_id', :'bob', :'key_id', :'service_id'),
  'every change of a row bears who was signed in at that moment');

-- Events.
SELECT gatehouse.create_audit_log('invoice.sent') AS anonymous \gset
SELECT gatehouse.sign_in_with_session(:'token') \g /dev/null
SELECT gatehouse.sign_in_as(:'bob') \g /dev/null
SELECT gatehouse.create_audit_log('invoice.paid', user_id => :'ada') AS impersonated \gset
SELECT gatehouse.create_audit_log('invoice.lost', session_id => '00000000-0000-0000-0000-000000000001') AS other_session \gset
SELECT gatehouse.sign_in_with_api_key(:'key') \g /dev/null
SELECT gatehouse.create_audit_log('invoice.found') AS by_key \gset
SELECT results_eq(
  $$SELECT event_type, user_id, actor_id, impersonator_id, session_id, api_key_id FROM gatehouse.events WHERE event_type LIKE 'invoice.%' ORDER BY id$$,
  format($$VALUES ('invoice.sent', NULL::uuid, NULL::uuid, NULL::uuid, NULL::uuid, NULL::uuid), ('invoice.paid', %1$L, %2$L, %1$L, %3$L, NULL),
                  ('invoice.lost', NULL, %2$L, %1$L, '00000000-0000-0000-0000-000000000001', NULL), ('invoice.found', NULL, %1$L, NULL, NULL, %4$L)$$,
         :'ada', :'bob', :'session_id', :'key_id'),
  'events bear it too; a session that is given counts before the one that was signed in with');
SELECT is((SELECT actor_id FROM gatehouse.get_audit_logs(event_type => 'invoice.paid')), :'bob', 'get_audit_logs shows the actor');

-- What others have queued is not of him who writes it.
SELECT gatehouse.write_event('security.tried', NULL, NULL, NULL, false, NULL, NULL, occurred_at => clock_timestamp() - interval '1 second') \g /dev/null
SELECT results_eq(
  $$SELECT actor_id, impersonator_id, session_id, api_key_id FROM gatehouse.events WHERE event_type = 'security.tried'$$,
  $$VALUES (NULL::uuid, NULL::uuid, NULL::uuid, NULL::uuid)$$, 'an event from the queue does not bear who writes it');
SELECT ok((SELECT occurred_at < clock_timestamp() - interval '1 second' FROM gatehouse.events WHERE event_type = 'security.tried'), 'and keeps its time');

-- A policy.
CREATE TABLE notes (owner_id uuid, body text);
INSERT INTO notes SELECT CASE WHEN i % 2 = 0 THEN :'ada'::uuid ELSE :'bob'::uuid END, i::text FROM generate_series(1, 100) i;
INSERT INTO notes VALUES (NULL, 'nobody''s');
ALTER TABLE notes ENABLE ROW LEVEL SECURITY;
CREATE POLICY own ON notes USING (owner_id = gatehouse.current_user_id());
GRANT SELECT, INSERT, UPDATE ON notes TO gatehouse_app;
SELECT is(pg_temp.outcome('gatehouse_app', 'SELECT count(*) || min(body) FROM notes'), '5010', 'a policy shows the rows of who is signed in');
SELECT gatehouse.sign_in_as(:'bob') \g /dev/null
SELECT is(pg_temp.outcome('gatehouse_app', 'SELECT count(*) || min(body) FROM notes'), '501', 'and of whom he acts for');
SELECT is(pg_temp.outcome('gatehouse_app', format('INSERT INTO notes VALUES (%L, %L) RETURNING body', :'ada', 'x')),
  '42501: new row violates row-level security policy for table "notes"', 'and takes no row for another');
SELECT is(pg_temp.outcome('gatehouse_app', format('UPDATE notes SET owner_id = %L WHERE body = %L RETURNING body', :'ada', '1')),
  '42501: new row violates row-level security policy for table "notes"', 'nor makes one another''s');
SELECT gatehouse.sign_in_with_api_key(:'service') \g /dev/null
SELECT is(pg_temp.outcome('gatehouse_app', 'SELECT count(*) FROM notes'), '0', 'a service key sees none');
SELECT gatehouse.sign_out() \g /dev/null
SELECT is(pg_temp.outcome('gatehouse_app', 'SELECT count(*) FROM notes'), '0', 'and nobody none');
CREATE FUNCTION pg_temp.peeks(body text) RETURNS boolean LANGUAGE plpgsql COST 0.0000001 AS $$
BEGIN
  RAISE EXCEPTION 'peeked %', body;
END
$$;
SELECT is(pg_temp.outcome('gatehouse_app', 'SELECT count(*) FROM notes WHERE pg_temp.peeks(body)'), '0', 'the policy comes before what a query asks for');

-- The plan of the policy of one session serves for the next identity.
PREPARE mine AS SELECT count(*)::integer FROM notes WHERE owner_id = gatehouse.current_user_id();
SET LOCAL plan_cache_mode = force_generic_plan;
SELECT gatehouse.sign_in_as(:'ada') \g /dev/null
EXECUTE mine \gset first_
SELECT gatehouse.sign_out() \g /dev/null
EXECUTE mine \gset second_
SELECT is(ARRAY[:first_count, :second_count], ARRAY[50, 0], 'a generic plan holds no identity');

CREATE INDEX notes_owner ON notes (owner_id);
SET LOCAL enable_seqscan = off;
SELECT gatehouse.sign_in_as(:'bob') \g /dev/null
SELECT is(pg_temp.outcome('gatehouse_app', 'SELECT count(*) FROM notes'), '50', 'a policy uses an index');
SELECT alike(pg_temp.as_role('gatehouse_app', 'EXPLAIN (FORMAT JSON) SELECT * FROM notes'), '%"Index Cond": "(owner_id = gatehouse.current_user_id())"%', 'as a constant would');
SELECT is((SELECT count(*)::integer FROM notes WHERE owner_id = (SELECT gatehouse.current_user_id())), 50, 'and the trick with a sub-select gives the same');

SELECT * FROM finish();
ROLLBACK;
