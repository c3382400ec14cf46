-- Erasure on request: request, confirm, cancel, status, reminders; erase_account, which does it.
BEGIN;
SELECT plan(81);
SET LOCAL client_min_messages = warning;
\ir ../as_role.psql
SET LOCAL gatehouse.argon2_memory = '7MB';
SET LOCAL gatehouse.argon2_iterations = 5;
SET LOCAL gatehouse.require_verified_email = off;
SELECT 'ada-' || pg_current_xact_id() AS name \gset
SELECT id AS ada FROM gatehouse.create_user('ada@example.com', :'name', 'correct horse battery staple') \gset
SELECT id AS bob FROM gatehouse.create_user('bob@example.com', 'bob') \gset

-- Request.
SELECT results_eq(format('SELECT * FROM gatehouse.account_deletion_status(%L)', :'ada'),
  $$VALUES ('none', NULL::timestamptz, NULL::timestamptz, NULL::timestamptz)$$, 'an account begins without');
SELECT pg_temp.as_role('gatehouse_app', format('SELECT gatehouse.request_account_deletion(%L)', :'ada')) AS token \gset
SELECT gatehouse.request_account_deletion(:'ada') AS other \gset
SELECT results_eq(format('SELECT status, token_expires_at - requested_at, scheduled_for FROM gatehouse.account_deletion_status(%L)', :'ada'),
  $$VALUES ('requested', interval '24:00', NULL::timestamptz)$$, 'then it is requested, for 24 hours');
SELECT is((SELECT requested_at FROM gatehouse.account_deletion_status(:'ada')), (SELECT max(created_at) FROM gatehouse.one_time_tokens),
  'the latest request is told');
SELECT is((SELECT deletion_scheduled_for FROM gatehouse.get_user_by_id(:'ada')), NULL::timestamptz, 'a request schedules nothing');
UPDATE gatehouse.one_time_tokens SET expires_at = clock_timestamp();
SELECT is((SELECT status FROM gatehouse.account_deletion_status(:'ada')), 'none', 'a lapsed request is none');
SELECT is(gatehouse.confirm_account_deletion(:'token'), NULL::timestamptz, 'and cannot be confirmed');
SELECT is(gatehouse.cancel_account_deletion(:'ada'), false, 'nor cancelled');

-- Confirm.
SELECT gatehouse.request_account_deletion(:'ada') AS token \gset
SELECT gatehouse.request_account_deletion(:'ada') AS other \gset
SELECT pg_temp.as_role('gatehouse_app', format('SELECT gatehouse.confirm_account_deletion(%L)', :'token')) AS due_at \gset
SELECT cmp_ok(:'due_at'::timestamptz, '>', now() + interval '168:00', 'a confirmation schedules the erasure for the end of the grace');
SELECT cmp_ok(:'due_at'::timestamptz, '<=', clock_timestamp() + interval '168:00', 'and no later');
SELECT is((SELECT deletion_scheduled_for FROM gatehouse.get_user_by_id(:'ada')), :'due_at'::timestamptz, 'it is told of the account');
SELECT results_eq(format('SELECT * FROM gatehouse.account_deletion_status(%L)', :'ada'),
  format('VALUES (%L, NULL::timestamptz, NULL::timestamptz, %L::timestamptz)', 'scheduled', :'due_at'), 'and as its status');
SELECT is(gatehouse.confirm_account_deletion(:'token'), NULL::timestamptz, 'a token works once');
SELECT is(gatehouse.confirm_account_deletion(:'other'), NULL::timestamptz, 'and ends the others');
SELECT is((SELECT status FROM gatehouse.authenticate_user(:'name', 'correct horse battery staple')), 'ok', 'until then the account works');
SELECT gatehouse.request_account_deletion(:'ada') AS token \gset
SELECT is(gatehouse.confirm_account_deletion(:'token'), :'due_at'::timestamptz, 'another confirmation keeps the date');

-- Reminders: 3 days and 1 day before.
CREATE FUNCTION pg_temp.due_in(amount interval) RETURNS void LANGUAGE sql AS $$
  UPDATE gatehouse.users SET deletion_scheduled_for = clock_timestamp() + amount WHERE email = 'ada@example.com'
$$;
CREATE FUNCTION pg_temp.reminders() RETURNS SETOF integer LANGUAGE sql AS 'SELECT days_before FROM gatehouse.deletion_reminders_due';
SELECT is_empty('SELECT pg_temp.reminders()', 'nobody is reminded a week before');
SELECT is(gatehouse.mark_deletion_reminder_sent(:'bob', 3), false, 'without an erasure there is nothing to note');
SELECT pg_temp.due_in('72:00:10');
SELECT is_empty('SELECT pg_temp.reminders()', 'nor more than 72 hours');
SELECT pg_temp.due_in('72:00');
SELECT results_eq('SELECT user_id, email, username, days_before, scheduled_for FROM gatehouse.deletion_reminders_due',
  'SELECT id, email, username, 3, deletion_scheduled_for FROM gatehouse.users WHERE email = ''ada@example.com''', 'from 72 hours on he is');
SELECT is(pg_temp.as_role('gatehouse_admin', 'SELECT count(*) FROM gatehouse.deletion_reminders_due'), '1', 'an administrator sees it');
SELECT throws_ok($$SELECT pg_temp.as_role('gatehouse_app', 'SELECT count(*) FROM gatehouse.deletion_reminders_due')$$, '42501',
  'permission denied for view deletion_reminders_due', 'an application doesn''t');
SELECT is(pg_temp.as_role('gatehouse_admin', format('SELECT gatehouse.mark_deletion_reminder_sent(%L, 3)', :'ada')), 'true', 'the reminder is noted');
SELECT is(gatehouse.mark_deletion_reminder_sent(:'ada', 3), false, 'once');
SELECT is_empty('SELECT pg_temp.reminders()', 'then it is no longer due');
SAVEPOINT before_move;
SELECT pg_temp.due_in('71:00');
SELECT results_eq('SELECT pg_temp.reminders()', 'VALUES (3)', 'for another date it is');
ROLLBACK TO before_move;
CREATE FUNCTION pg_temp.pass(amount interval) RETURNS void LANGUAGE sql AS $$
  UPDATE gatehouse.users SET deletion_scheduled_for = deletion_scheduled_for - amount;
  UPDATE gatehouse.deletion_reminders SET scheduled_for = scheduled_for - amount
$$;
SELECT pg_temp.pass('48:00');
SELECT results_eq('SELECT pg_temp.reminders()', 'VALUES (1)', 'from 24 hours on the other one is due');
DELETE FROM gatehouse.deletion_reminders;
SELECT results_eq('SELECT pg_temp.reminders()', 'VALUES (1)', 'alone, also where the first was not sent');
SELECT is(gatehouse.mark_deletion_reminder_sent(:'ada', 1), true, 'it is noted');
SELECT is_empty('SELECT pg_temp.reminders()', 'then none is due');
SELECT is(gatehouse.mark_deletion_reminder_sent(:'ada', 3), false, 'after the later one the earlier one is not sent');
SELECT pg_temp.pass('24:00');
DELETE FROM gatehouse.deletion_reminders;
SELECT is_empty('SELECT pg_temp.reminders()', 'when the time has come nobody is reminded');
SELECT pg_temp.due_in('10:00');
UPDATE gatehouse.users SET deleted_at = now() WHERE id = :'ada';
SELECT is_empty('SELECT pg_temp.reminders()', 'nor is a deleted account');
UPDATE gatehouse.users SET deleted_at = NULL WHERE id = :'ada';
SELECT is(gatehouse.mark_deletion_reminder_sent(:'ada', 1), true, 'noted again');

-- Cancel.
SELECT gatehouse.request_account_deletion(:'ada') AS token \gset
SELECT is(pg_temp.as_role('gatehouse_app', format('SELECT gatehouse.cancel_account_deletion(%L)', :'ada')), 'true', 'a scheduled erasure can be cancelled');
SELECT is((SELECT status FROM gatehouse.account_deletion_status(:'ada')), 'none', 'then there is none');
SELECT is((SELECT count(*) FROM gatehouse.deletion_reminders), 0::bigint, 'nor reminders of it');
SELECT is(gatehouse.confirm_account_deletion(:'token'), NULL::timestamptz, 'nor a token to confirm one');
SELECT is(gatehouse.cancel_account_deletion(:'ada'), false, 'once');
SELECT gatehouse.request_account_deletion(:'ada') AS token \gset
SELECT is(gatehouse.cancel_account_deletion(:'ada'), true, 'a request can be cancelled');
SELECT is(gatehouse.confirm_account_deletion(:'token'), NULL::timestamptz, 'then its token is refused');
SELECT is(gatehouse.cancel_account_deletion(gatehouse.uuid_v7()), false, 'of an unknown account there is none');
SELECT is_empty('SELECT * FROM gatehouse.account_deletion_status(gatehouse.uuid_v7())', 'nor a status');

-- The last superuser.
SELECT id AS root FROM gatehouse.create_user('root@example.com', 'root', is_superuser => true) \gset
SELECT gatehouse.request_account_deletion(:'root') AS token \gset
SELECT throws_ok(format('SELECT gatehouse.confirm_account_deletion(%L)', :'token'), '22023',
  'the last live superuser cannot be demoted, stopped or deleted', 'the last live superuser is refused');
SELECT id AS toor FROM gatehouse.create_user('toor@example.com', 'toor', is_superuser => true) \gset
SELECT isnt(gatehouse.confirm_account_deletion(:'token'), NULL::timestamptz, 'once there is another, the same token works');

-- Not live.
SELECT gatehouse.request_account_deletion(:'bob') AS token \gset
UPDATE gatehouse.users SET is_active = false WHERE id = :'bob';
SELECT is(gatehouse.confirm_account_deletion(:'token'), NULL::timestamptz, 'a stopped account confirms nothing');
SELECT throws_ok(format('SELECT gatehouse.request_account_deletion(%L)', :'bob'), '22023', 'no live account has this id', 'nor asks');
UPDATE gatehouse.users SET is_active = true WHERE id = :'bob';

-- Wrong use.
SELECT throws_ok(query, '22023', message, 'refused: ' || query)
  FROM (VALUES
    (1, 'SELECT gatehouse.request_account_deletion(NULL)', 'argument "user_id" must not be null'),
    (2, 'SELECT gatehouse.request_account_deletion(gatehouse.uuid_v7())', 'no live account has this id'),
    (3, 'SELECT gatehouse.confirm_account_deletion(NULL)', 'argument "token" must not be null'),
    (4, 'SELECT gatehouse.cancel_account_deletion(NULL)', 'argument "user_id" must not be null'),
    (5, 'SELECT gatehouse.account_deletion_status(NULL)', 'argument "user_id" must not be null'),
    (6, 'SELECT gatehouse.mark_deletion_reminder_sent(NULL, 1)', 'argument "user_id" must not be null'),
    (7, 'SELECT gatehouse.mark_deletion_reminder_sent(gatehouse.uuid_v7(), NULL)', 'days_before must be 1 or 3'),
    (8, 'SELECT gatehouse.mark_deletion_reminder_sent(gatehouse.uuid_v7(), 2)', 'days_before must be 1 or 3')
  ) AS v (place, query, message)
 ORDER BY place;
SELECT throws_ok($$SELECT pg_temp.as_role('gatehouse_app', 'SELECT gatehouse.mark_deletion_reminder_sent(NULL, 1)')$$, '42501',
  'permission denied for function mark_deletion_reminder_sent', 'an application notes no reminders');

-- What an erasure takes with it. Events that are written to shared memory outlive this transaction, so these are not.
SELECT gatehouse.create_audit_log('order.paid', :'ada', '192.0.2.1', 'browser', context => '{"a": 1}') AS of_ada \gset
SELECT gatehouse.create_audit_log('order.paid', :'bob', '192.0.2.1', 'browser', context => '{"a": 1}') AS of_bob \gset
SELECT gatehouse.create_audit_log('order.paid', NULL, '192.0.2.1', 'browser', context => '{"a": 1}') AS of_nobody \gset
INSERT INTO gatehouse.oauth_identities (provider, subject, user_id, linked_at, owner_is_deleted) VALUES ('github', '1', :'ada', now(), false);
SELECT id AS ignored FROM gatehouse.create_api_key(:'ada', 'key') \gset
SELECT session_id AS ignored FROM gatehouse.create_refresh_token(:'ada') \gset
SELECT gatehouse.request_email_verification(:'ada') AS ignored \gset
INSERT INTO gatehouse.known_addresses (user_id, network, last_login_at) VALUES (:'ada', '192.0.2.1/32', now());
INSERT INTO gatehouse.login_throttles (subject, failures, counted_at)
  SELECT (a.stored).subject, 3, clock_timestamp() FROM gatehouse.account_counts(:'ada') a;
INSERT INTO gatehouse.deletion_reminders (user_id, scheduled_for, days_before, sent_at) VALUES (:'ada', now(), 1, now());
CREATE FUNCTION pg_temp.held(id uuid) RETURNS TABLE (place text, count bigint) LANGUAGE plpgsql AS $$
DECLARE
  holder record;
BEGIN
  FOR holder IN
    SELECT c.oid::regclass AS relation FROM pg_class c JOIN pg_attribute a ON a.attrelid = c.oid
     WHERE c.relnamespace = 'gatehouse'::regnamespace AND c.relkind = 'r' AND NOT c.relispartition
       AND c.relname <> 'superuser_bootstrap' AND a.attname = 'user_id' AND NOT a.attisdropped
  LOOP
    place := holder.relation::text;
    EXECUTE format('SELECT count(*) FROM %s WHERE user_id = $1', holder.relation) INTO count USING id;
    RETURN NEXT;
  END LOOP;
  place := 'login_throttles';
  SELECT count(*) INTO count FROM gatehouse.login_throttles t WHERE t.subject = gatehouse.throttle_subject('account', id::text)
     OR t.subject = gatehouse.throttle_subject('known address', id || ' 192.0.2.1/32');
  RETURN NEXT;
END
$$;
SELECT is_empty(format('SELECT place FROM pg_temp.held(%L) WHERE count = 0', :'ada'), 'every table with a user_id holds something of the account');
SELECT throws_ok(format('SELECT pg_temp.as_role(%L, %L)', role_name, format('SELECT gatehouse.erase_account(%L)', :'bob')), '42501',
  'permission denied for function erase_account', 'no caller erases at once: ' || role_name)
  FROM unnest(ARRAY['gatehouse_app', 'gatehouse_admin', 'gatehouse_auditor']) role_name;
SELECT is(gatehouse.erase_account(:'ada'), true, 'an account is erased');
SELECT is(gatehouse.erase_account(:'ada'), false, 'once');
SELECT is_empty(format('SELECT place FROM pg_temp.held(%L) WHERE count > 0', :'ada'), 'then none does');
SELECT is_empty(format('SELECT * FROM gatehouse.get_user_by_id(%L, true)', :'ada'), 'the account is gone');
SELECT results_eq(format('SELECT e.user_id, d.ip FROM gatehouse.events e LEFT JOIN gatehouse.event_details d ON d.event_id = e.id WHERE e.id = %s', :of_ada),
  format('VALUES (%L::uuid, NULL::inet)', :'ada'), 'its events stay, without their details');
SELECT is((SELECT count(*) FROM gatehouse.event_details WHERE event_id IN (:of_bob, :of_nobody)), 2::bigint, 'the details of others stay');
SELECT throws_ok(format('SELECT gatehouse.create_audit_log(%L, %L)', 'order.paid', :'ada'), '22023', 'no account has this id', 'no event is written for it later');
SELECT gatehouse.write_security_event(ROW(clock_timestamp(), 'security.login_failed', :'ada', NULL, NULL, false, '192.0.2.1', 'browser',
                                          '{"login": "x"}')::gatehouse.queued_event);
SELECT results_eq(format($$SELECT d.event_id FROM gatehouse.events e LEFT JOIN gatehouse.event_details d ON d.event_id = e.id
    WHERE e.user_id = %L AND e.event_type = 'security.login_failed'$$, :'ada'), 'VALUES (NULL::bigint)',
  'one that waited in the queue is written without details');
SELECT gatehouse.write_security_event(ROW(clock_timestamp(), 'security.login_failed', NULL, NULL, NULL, false, '192.0.2.9', 'browser',
                                          '{"login": "x"}')::gatehouse.queued_event);
SELECT is((SELECT count(*) FROM gatehouse.event_details WHERE ip = '192.0.2.9' AND user_agent = 'browser' AND context ->> 'login' = 'x'), 1::bigint,
  'one of no account is written with them');

-- The application's tables.
CREATE SCHEMA "Shop";
CREATE TABLE "Shop".orders (user_id uuid CONSTRAINT orders_owner REFERENCES gatehouse.users);
INSERT INTO "Shop".orders VALUES (:'bob');
CREATE FUNCTION pg_temp.refusal(OUT state text, OUT message text, OUT place text, OUT detail text, OUT hint text) LANGUAGE plpgsql AS $$
BEGIN
  PERFORM gatehouse.erase_account((SELECT id FROM gatehouse.users WHERE email = 'bob@example.com'));
EXCEPTION WHEN OTHERS THEN
  GET STACKED DIAGNOSTICS state = RETURNED_SQLSTATE, message = MESSAGE_TEXT, place = CONSTRAINT_NAME, detail = PG_EXCEPTION_DETAIL, hint = PG_EXCEPTION_HINT;
END
$$;
SELECT results_eq('SELECT state, message, place, detail FROM pg_temp.refusal()',
  $$VALUES ('23503', 'table "Shop.orders" refers to the account by constraint "orders_owner"', 'orders_owner', '')$$, 'a table that stands in the way is named');
SELECT is((SELECT hint FROM pg_temp.refusal()), 'Delete or change those rows first, or declare the foreign key ON DELETE CASCADE or SET NULL.',
  'with what to do');
SELECT is((SELECT count(*) FROM gatehouse.event_details WHERE event_id = :of_bob), 1::bigint, 'then nothing is erased');
ALTER TABLE "Shop".orders DROP CONSTRAINT orders_owner, ADD CONSTRAINT orders_owner FOREIGN KEY (user_id) REFERENCES gatehouse.users ON DELETE RESTRICT;
SELECT is((SELECT state || message FROM pg_temp.refusal()), '23503table "Shop.orders" refers to the account by constraint "orders_owner"', 'ON DELETE RESTRICT too');
ALTER TABLE "Shop".orders DROP CONSTRAINT orders_owner,
  ADD CONSTRAINT orders_owner FOREIGN KEY (user_id) REFERENCES gatehouse.users DEFERRABLE INITIALLY DEFERRED;
SELECT is((SELECT state || message FROM pg_temp.refusal()), '23503table "Shop.orders" refers to the account by constraint "orders_owner"', 'so is a deferred one');
-- What the caller has deferred stays deferred: a violation is mended within the transaction.
SELECT lives_ok($$INSERT INTO "Shop".orders VALUES ('00000000-0000-0000-0000-000000000001')$$, 'it is still deferred for the caller');
SELECT is((SELECT state || message FROM pg_temp.refusal()), NULL, 'beside a violation of the caller''s it is left to COMMIT');
DELETE FROM "Shop".orders;
SET CONSTRAINTS ALL IMMEDIATE;
SET CONSTRAINTS ALL DEFERRED;
-- A table behind one that goes along.
INSERT INTO gatehouse.users SELECT (u).* FROM (SELECT jsonb_populate_record(u, jsonb_build_object('id', gatehouse.uuid_v7(), 'email', 'bob@example.com',
  'email_normal', 'bob@example.com', 'username', 'bob', 'username_normal', 'bob')) AS u FROM gatehouse.users u WHERE u.email = 'toor@example.com') made;
ALTER TABLE "Shop".orders DROP CONSTRAINT orders_owner, ADD CONSTRAINT orders_owner FOREIGN KEY (user_id) REFERENCES gatehouse.users ON DELETE CASCADE,
  ADD CONSTRAINT orders_key UNIQUE (user_id);
CREATE TABLE "Shop".lines (order_id uuid CONSTRAINT lines_order REFERENCES "Shop".orders (user_id) DEFERRABLE INITIALLY DEFERRED);
INSERT INTO "Shop".orders SELECT id FROM gatehouse.users WHERE email = 'bob@example.com';
INSERT INTO "Shop".lines SELECT user_id FROM "Shop".orders;
SELECT is((SELECT message FROM pg_temp.refusal()), 'table "Shop.lines" refers to the account by constraint "lines_order"',
  'so is a deferred one behind a table that goes along');
DELETE FROM "Shop".lines;
SELECT is((SELECT state FROM pg_temp.refusal()), NULL, 'without rows it stands in nobody''s way');
SELECT is((SELECT count(*) FROM "Shop".orders), 0::bigint, 'and what hangs on the account goes along');

SET LOCAL transaction_read_only = on;
SELECT lives_ok(format('SELECT * FROM gatehouse.account_deletion_status(%L)', :'toor'), 'the status only reads');
SELECT throws_ok(format('SELECT gatehouse.cancel_account_deletion(%L)', :'toor'), '25006', NULL, 'to cancel writes');
SELECT throws_ok('SELECT gatehouse.confirm_account_deletion(''x'')', '25006', 'cannot use a token within a read-only transaction', 'to confirm writes');

SELECT * FROM finish();
ROLLBACK;
