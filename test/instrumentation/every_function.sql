-- Calls every function of the extension, with values that it takes and with some that it refuses, for memcheck to watch.
-- At the end a function that was not called is an error.
\pset pager off
\o /dev/null
SET client_min_messages = warning;

CREATE FUNCTION pg_temp.refused(statement text) RETURNS text LANGUAGE plpgsql AS $$
BEGIN
  EXECUTE statement;
  RETURN NULL;
EXCEPTION WHEN OTHERS THEN
  IF SQLSTATE LIKE 'XX%' THEN RAISE; END IF;
  RETURN SQLSTATE;
END
$$;

-- Primitives.
SELECT gatehouse.version(), gatehouse.library_version(), gatehouse.setting('api_key_prefix'), gatehouse.uuid_v7(),
       gatehouse.generate_token(), gatehouse.generate_token(64), gatehouse.token_digest('token');
SELECT gatehouse.hash_password('correct horse battery') AS hash \gset
SELECT gatehouse.verify_password('correct horse battery', :'hash'), gatehouse.verify_password('other', :'hash'),
       gatehouse.needs_rehash(:'hash'), gatehouse.rehash('correct horse battery', :'hash'),
       gatehouse.rehash('correct horse battery', '$2b$04$abcdefghijklmnopqrstuuPp7HPfoAs8I2dCQCQ/fW7zEJv8I8C8e');
SELECT gatehouse.verify_password('x', h), gatehouse.needs_rehash(h)
  FROM unnest(ARRAY['$2b$04$abcdefghijklmnopqrstuuPp7HPfoAs8I2dCQCQ/fW7zEJv8I8C8e',
                    '$5$rounds=1000$salt$7KVl3mKg4nimV/qrrylYq3/eyzK/PGCputoW3DE3xU8',
                    '$y$j75$salt/salt/salt./$gwJUNk141jIr97G76avfvj5TtwbOzjMBnt/YWZ8i7k0']) h;
SELECT pg_temp.refused(format('SELECT gatehouse.verify_password(%L, %L)', p, h))
  FROM unnest(ARRAY['', 'x', repeat('x', 1025), U&'\0378']) p, unnest(ARRAY['', '$argon2id$', repeat('$', 600)]) h;
SELECT pg_temp.refused('SELECT gatehouse.generate_token(15)'), pg_temp.refused('SELECT gatehouse.setting(''none'')');

-- Accounts.
SELECT gatehouse.check_new_password('correct horse battery', 'a@example.com', 'ada'),
       pg_temp.refused('SELECT gatehouse.check_new_password(''short'', NULL, NULL)'),
       gatehouse.caller_is_administrator(), gatehouse.include_deleted_allowed(true), gatehouse.fold_email(' A@Example.com '),
       gatehouse.checked_email('a@example.com'), gatehouse.checked_username('ada'), gatehouse.checked_profile('{}');
SELECT gatehouse.trimmed_email(' a@example.com'), gatehouse.address_fault('a'), gatehouse.email_fault('a'), gatehouse.username_fault('a'),
       gatehouse.profile_fault('1'), gatehouse.is_email_address('a@example.com'), gatehouse.is_username('ada'),
       'a@example.com'::gatehouse.email_address, 'ada'::gatehouse.username, pg_temp.refused('SELECT ''a''::gatehouse.username');
SET gatehouse.password_composition = on;
SELECT gatehouse.password_fault(p, 'ada@example.com', 'ada'), gatehouse.password_policy_fault(p, ' Ada@example.com', 'ada'),
       gatehouse.blocked_password_digest(p)
  FROM unnest(ARRAY[NULL, '', 'short', U&'\00c4rger mit Ada 9', repeat('Ab1!', 256), 'Password123!', 'qwertyuiop', U&'e\0301\0416\+01F600 -Aa1']) p;
SELECT pg_temp.refused('SELECT gatehouse.check_password_policy(''short'', NULL, NULL)');
RESET gatehouse.password_composition;
SELECT gatehouse.check_password_policy('correct horse battery', 'a@example.com', 'ada'),
       gatehouse.stored_hash_fault(:'hash'), gatehouse.stored_hash_fault(NULL), gatehouse.stored_hash_fault(repeat('$', 600)),
       gatehouse.load_blocked_passwords(ARRAY['one to be blocked', 'short', '', U&'\0378 unassigned']),
       gatehouse.load_blocked_email_domains(ARRAY['blocked.example']), gatehouse.email_domain_blocked('a@blocked.example'),
       pg_temp.refused('SELECT gatehouse.check_email_domain(''a@blocked.example'')'), gatehouse.username_reserved('ad_min'),
       gatehouse.check_username_not_reserved('admin');
SELECT (gatehouse.create_user('ada@example.com', 'ada', 'correct horse battery')).id AS ada \gset
SELECT pg_temp.refused($$SELECT gatehouse.create_user('ADA@example.com', 'lovelace')$$),
       pg_temp.refused($$SELECT gatehouse.create_user('ada', 'lovelace')$$);
SELECT gatehouse.describe_user(u) FROM gatehouse.users u;
SELECT * FROM gatehouse.get_user_by_id(:'ada');
SELECT * FROM gatehouse.get_user_by_email('ada@example.com', true);
SELECT * FROM gatehouse.get_user_by_username('ADA');
SELECT * FROM gatehouse.get_user_by_oauth('github', '1');
SELECT gatehouse.lock_live_account(:'ada'), gatehouse.lock_live_account_to_count(:'ada');
SELECT * FROM gatehouse.authenticate_user('ada@example.com', 'correct horse battery', '192.0.2.1', 'agent');
SELECT * FROM gatehouse.authenticate_user('nobody', 'correct horse battery');

-- Failures.
SET gatehouse.lockout_threshold = 2;
SELECT a.status, gatehouse.unlock_user(:'ada')
  FROM unnest(ARRAY['wrong', 'wrong', 'correct horse battery', U&'\0378']) p,
       gatehouse.authenticate_user('ada', p, '::ffff:198.51.100.1', repeat('agent', 200)) a;
SELECT * FROM gatehouse.lock_status(:'ada');
SELECT * FROM gatehouse.account_counts(:'ada');
SELECT gatehouse.address_network('2001:db8::1'), gatehouse.login_digest('ada'), gatehouse.throttle_subject('account', :'ada');
SELECT gatehouse.attempt_login('wrong', :'hash', c, c, :'ada', 'ada', '2001:db8::1', 'agent'),
       gatehouse.attempt_login('correct horse battery', :'hash', c, NULL, :'ada', 'ada', NULL, NULL),
       gatehouse.attempt_login('x', NULL, c, NULL, NULL, 'nobody', NULL, NULL), gatehouse.current_count(c), gatehouse.count_failure(c, true),
       gatehouse.count_failure(c, false), gatehouse.reset_count(c)
  FROM gatehouse.stored_count(gatehouse.throttle_subject('login', 'nobody')) c;
SELECT gatehouse.count_failure_in_table('\x00112233445566778899aabbccddeeff', f) FROM unnest(ARRAY[true, false]) f;
SELECT gatehouse.record_failed_login(ROW('mismatch', NULL, NULL, true, false, false)::gatehouse.login_attempt, :'ada', 'ada', '192.0.2.1', 'agent',
                                     '\x00112233445566778899aabbccddeeff', NULL);
SELECT gatehouse.remember_address(:'ada', '192.0.2.1/32');
SELECT * FROM gatehouse.take_failure_counts(1);
SELECT gatehouse.store_failure_counts(), gatehouse.forget_failure_counts();

-- Security events.
SELECT gatehouse.report_event('security.test', :'ada', :'ada', :'ada', true, '2001:db8::1', repeat(U&'\00e9', 200), '{"a": 1}'),
       gatehouse.report_event('security.test', NULL, NULL, NULL, NULL, NULL, NULL, repeat('x', 600)),
       pg_temp.refused('SELECT gatehouse.report_event(NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL)');
SELECT gatehouse.record_security_event('security.test', :'ada');
SELECT * FROM gatehouse.take_events(2);
SELECT gatehouse.take_lost_events(), gatehouse.worker_serves_database(), gatehouse.write_security_events();

-- Operation.
SELECT * FROM gatehouse.run_maintenance();
SELECT gatehouse.record_extension_update('0.6', '0.7');
SELECT gatehouse.health_check(), gatehouse.key_ids_in_use();
SELECT h.*, s.* FROM gatehouse.health_checks() h, gatehouse.server_state() s;

-- Keys.
SELECT gatehouse.scope_valid('read:users'), gatehouse.register_scope('read:users', 'reads');
SELECT gatehouse.checked_scopes('{read:*}');
SELECT * FROM gatehouse.get_scopes();
SELECT * FROM gatehouse.make_api_key();
SELECT id AS key_id, api_key FROM gatehouse.create_api_key(:'ada', 'ci', '{read:users}', now() + interval '1 day',
                                                          '{192.0.2.0/24,2001:db8::/32}') \gset
SELECT * FROM gatehouse.verify_api_key(:'api_key', '{read:users}', '192.0.2.7');
SELECT * FROM gatehouse.verify_api_key(:'api_key', '{write:users}', '2001:db8::1');
SELECT * FROM unnest(ARRAY['', 'sk_', repeat('x', 10000), :'api_key' || '0']) k, gatehouse.verify_api_key(k);
SELECT gatehouse.match_api_key(:'api_key', '{}', NULL);
SELECT gatehouse.key_usage(:'key_id'), gatehouse.waiting_key_uses(10), gatehouse.forget_key_uses(ARRAY[:'key_id', gatehouse.uuid_v7()]::uuid[]);
SELECT gatehouse.write_key_uses();
SELECT gatehouse.match_api_key(:'api_key', '{}', '2001:db8::1');
SELECT * FROM gatehouse.take_key_uses(ARRAY[:'key_id']::uuid[]);
SELECT pg_temp.refused(format('SELECT gatehouse.match_api_key(%L, ARRAY[NULL], NULL)', :'api_key'));
SELECT gatehouse.has_scope(l, 'read:users'), gatehouse.has_any_scope(l, '{a,NULL,read:*}'), gatehouse.has_all_scopes(l, l), gatehouse.has_scope(l, NULL)
  FROM (VALUES (NULL::text[]), ('{}'), ('{read:*}'), ('{NULL,""}'), (ARRAY[repeat('x', 100000)])) v (l);
SELECT c.* FROM unnest(ARRAY['', NULL, :'api_key', :'api_key' || '0']) k, gatehouse.check_api_key(k, '{read:users}', '192.0.2.7') c;
SELECT pg_temp.refused(format('SELECT gatehouse.check_api_key(%L, NULL)', :'api_key'));
SELECT * FROM gatehouse.get_user_api_keys(:'ada'), gatehouse.get_api_key_by_id(:'key_id');
SELECT * FROM gatehouse.get_service_keys();
SELECT * FROM gatehouse.update_api_key(:'key_id', '{"name": "x", "scopes": [], "ip_allow": ["192.0.2.1"]}');
SELECT pg_temp.refused(format('SELECT gatehouse.update_api_key(%L, %L)', :'key_id', p))
  FROM unnest(ARRAY['{"ip_allow": ["x"]}', '{"expires_at": "x"}', '{"expires_at": "2000-01-01T00:00:00Z"}', '{"scopes": ["read:*"]}']) p;
SELECT * FROM gatehouse.rotate_api_key(:'key_id', overlap => '1 hour');
SELECT gatehouse.deactivate_api_key(:'key_id'), gatehouse.match_api_key(:'api_key', '{}', NULL);
SELECT gatehouse.deactivate_user_api_keys(:'ada');

-- Sessions.
SELECT refresh_token AS token FROM gatehouse.create_refresh_token(:'ada', '192.0.2.1', 'agent', 'phone') \gset
SELECT gatehouse.locate_refresh_token(:'token') AS locator, gatehouse.locate_refresh_token('no');
SELECT * FROM gatehouse.make_refresh_token();
SELECT * FROM gatehouse.make_successor(:'token', NULL);
SELECT * FROM gatehouse.make_successor(:'token', 0);
SELECT gatehouse.refresh_token_matches(:'token', '\x00', 0), gatehouse.refresh_token_matches(:'token', '\x00', 9);
SELECT * FROM gatehouse.verify_refresh_token(:'token');
SELECT refresh_token AS next_token FROM gatehouse.refresh_session(:'token', '192.0.2.2', 'other') \gset
SELECT s.session_id AS session FROM gatehouse.get_user_sessions(:'ada', :'next_token') s WHERE s.is_current \gset
SELECT * FROM gatehouse.get_refresh_token_by_hash(gatehouse.token_digest(:'next_token'));
SELECT * FROM gatehouse.get_refresh_token_by_hash(gatehouse.token_digest(:'next_token'), :'ada');
SELECT gatehouse.digests_equal('\x00', '\x00');
SELECT gatehouse.issue_access_token(:'ada', :'session', 'orders', '1 minute', '{"scope": ""}') AS access_token \gset
SELECT * FROM unnest(ARRAY['orders', NULL]) a, gatehouse.verify_access_token(:'access_token', a);
SELECT count(v) FROM generate_series(0, length(:'access_token')) i, gatehouse.verify_access_token(left(:'access_token', i), 'orders') v;
SELECT count(v) FROM unnest(ARRAY['', '{', '[]', '{"alg":"EdDSA","kid":"1","a":[{"b":"\u0031"}]}', '{"alg":"none","kid":"9"}', '{"kid":"\ud800"}']) h,
       gatehouse.verify_access_token(rtrim(translate(encode(convert_to(h, 'UTF8'), 'base64'), E'+/\n', '-_'), '=') || substr(:'access_token', position('.' in :'access_token'))) v;
SELECT count(v) FROM unnest(ARRAY['', '{}', '[]', '{"exp": 1e400}', '{"exp": 9e9, "iat": 1, "nbf": 1, "aud": ["a", 1], "sub": "x"}']) p,
       gatehouse.verify_access_token(gatehouse.sign_access_token(p)) v;
SELECT gatehouse.jwks(), gatehouse.access_token_bound(:'ada', :'session'), gatehouse.access_token_bound(:'ada', NULL);
SELECT gatehouse.sign_in_with_access_token(:'access_token', 'orders'), gatehouse.check_scopes_cover('{}'), gatehouse.sign_out();
SELECT * FROM gatehouse.refresh_session(:'token');
SELECT * FROM gatehouse.refresh_session('no');
SELECT gatehouse.end_reused_sessions(), gatehouse.reused_sessions();
SELECT gatehouse.revoke_refresh_token(:'next_token');
SELECT gatehouse.revoke_session(:'session'), gatehouse.revoke_all_user_sessions(:'ada'), gatehouse.cleanup_expired_tokens('0');

-- The identity of a transaction.
SELECT api_key AS acting_key FROM gatehouse.create_api_key(:'ada', 'acts', '{read:users,read:*}') \gset
SELECT refresh_token AS acting_token FROM gatehouse.create_refresh_token(:'ada') \gset
CREATE VIEW pg_temp.signed_in AS
  SELECT gatehouse.current_user_id(), gatehouse.current_impersonator_id(), gatehouse.current_api_key_id(),
         gatehouse.current_session_id(), gatehouse.current_scopes();
BEGIN;
SELECT gatehouse.sign_in_with_api_key(k), s.*
  FROM unnest(ARRAY['no', :'acting_key', :'acting_key' || '0', :'acting_key']) k, pg_temp.signed_in s;
SELECT gatehouse.require_scope('read:x'), gatehouse.acts_for(:'ada'), gatehouse.check_acts_for(:'ada');
SELECT pg_temp.refused(s)
  FROM unnest(ARRAY['SELECT gatehouse.require_scope(''write:x'')', 'SELECT gatehouse.require_scope(''no scope'')',
                    'SELECT gatehouse.sign_in_as(NULL)', 'SET LOCAL gatehouse.identity = ''x''']) s;
SAVEPOINT s;
SELECT gatehouse.sign_in_with_session(t), s.* FROM unnest(ARRAY['no', :'acting_token']) t, pg_temp.signed_in s;
SELECT gatehouse.sign_in_as(i), s.* FROM unnest(ARRAY[gatehouse.uuid_v7(), :'ada']) i, pg_temp.signed_in s;
ROLLBACK TO s;
SELECT * FROM pg_temp.signed_in;
SELECT gatehouse.sign_out();
COMMIT;

-- Events.
SELECT gatehouse.cluster_identifier(), length(gatehouse.generate_salt()),
       gatehouse.event_commitment(gatehouse.generate_salt(), '192.0.2.1', 'agent', '{"a": [1, null, "x"]}'),
       gatehouse.event_commitment('\x00', NULL, NULL, NULL);
SELECT gatehouse.create_audit_log('order.paid', :'ada', '192.0.2.1', 'agent', true, '{"a": 1}', gatehouse.uuid_v7()),
       gatehouse.write_event('order.sent', NULL, NULL, NULL, true, NULL, NULL);
SELECT * FROM gatehouse.get_audit_logs(page_size => 1);
SELECT pg_temp.refused('SELECT gatehouse.get_audit_logs(after => ''no'')');

-- Changes of rows: values of many kinds, toasted ones among them, with the settings of the session turned.
CREATE TABLE item (id bigint PRIMARY KEY, small smallint, real4 real, real8 double precision, amount numeric, flag boolean,
                   name text, code char(8), made timestamptz, day date, clock time, span interval, address inet, raw bytea,
                   list int[], document jsonb, plain json, mood text, generated bigint GENERATED ALWAYS AS (id * 2) STORED);
CREATE TABLE keyless (a text, b uuid);
CREATE TABLE measure (at date, reading int) PARTITION BY RANGE (at);
CREATE TABLE measure_2024 PARTITION OF measure FOR VALUES FROM ('2024-01-01') TO ('2025-01-01');
SELECT gatehouse.check_auditable('item'), gatehouse.check_audit_columns('item', '{plain}', '{mood}'),
       gatehouse.current_table_id('item');
SELECT gatehouse.enable_audit('item', '{plain}', '{mood}'), gatehouse.enable_audit('keyless'), gatehouse.enable_audit('measure');
SET DateStyle = 'German';
SET IntervalStyle = 'sql_standard';
SET extra_float_digits = -4;
INSERT INTO item SELECT n, n, n / 3.0, 'NaN', 1e30 / n, n % 2 = 0, repeat('ä"\' || chr(1), n * 900), 'c', now(), 'infinity', '12:00',
                        interval '1 day 2:03:04.5', '2001:db8::/32', decode(repeat('00ff', 3000), 'hex'),
                        ARRAY[n, NULL], '{"a": {"b": [1, "x", null]}}', '{"a":  1}', 'secret'
                   FROM generate_series(1, 20) n;
UPDATE item SET name = name || 'x', amount = NULL, mood = 'other', raw = NULL WHERE id < 5;
UPDATE item SET id = id + 100 WHERE id = 7;
DELETE FROM item WHERE id = 8;
INSERT INTO keyless VALUES (NULL, NULL), ('x', gatehouse.uuid_v7());
UPDATE keyless SET a = 'y';
INSERT INTO measure VALUES ('2024-02-03', 4);
DO $$
BEGIN
  INSERT INTO keyless VALUES ('rolled back', NULL);
  RAISE division_by_zero;
EXCEPTION WHEN division_by_zero THEN NULL;
END
$$;
TRUNCATE keyless;
SELECT * FROM gatehouse.get_row_history('item', '{"id": 1}');
SELECT * FROM gatehouse.row_changes;
-- Its past, across changes of its columns, and what would undo it.
SELECT clock_timestamp() AS moment \gset
BEGIN;
SELECT gatehouse.set_audit_context('{"request": "r-1"}'), gatehouse.audit_context(), pg_temp.refused('SELECT gatehouse.set_audit_context(''[]'')');
ALTER TABLE item ADD COLUMN added integer DEFAULT 5;
ALTER TABLE item ADD COLUMN drawn float8 DEFAULT random();
UPDATE item SET id = id + 1000;
DELETE FROM item WHERE id % 2 = 0;
INSERT INTO keyless VALUES ('undone', NULL);
UPDATE keyless SET a = 'changed';
TRUNCATE keyless;
ALTER TABLE item RENAME COLUMN drawn TO pulled;
SELECT * FROM gatehouse.undo_transaction(pg_current_xact_id());
COMMIT;
SELECT * FROM gatehouse.get_table_at('item', :'moment');
SELECT * FROM gatehouse.get_table_at('keyless', clock_timestamp());
SELECT gatehouse.get_row_at('item', '{"id": 1}', :'moment'), gatehouse.get_row_at('item', '{"id": 1001}', clock_timestamp()), gatehouse.get_row_at('item', '{"id": 77777}', :'moment');
CREATE TABLE parts (id integer PRIMARY KEY) PARTITION BY RANGE (id);
CREATE TABLE parts_low PARTITION OF parts FOR VALUES FROM (0) TO (10);
SELECT gatehouse.enable_audit('parts');
CREATE TABLE parts_high PARTITION OF parts FOR VALUES FROM (10) TO (20);
INSERT INTO parts VALUES (1), (11);
CREATE TABLE leans (id integer PRIMARY KEY, part integer REFERENCES parts ON DELETE CASCADE);
SELECT gatehouse.enable_audit('leans');
INSERT INTO leans VALUES (1, 1);
BEGIN;
DELETE FROM parts WHERE id = 1;
SELECT * FROM gatehouse.undo_transaction(pg_current_xact_id());
ROLLBACK;
DROP TABLE leans;
CREATE TRIGGER besides BEFORE UPDATE ON parts FOR EACH ROW EXECUTE FUNCTION suppress_redundant_updates_trigger();
ALTER TABLE parts DETACH PARTITION parts_low;
DROP TABLE parts_high;
ALTER TABLE parts DISABLE TRIGGER "!gatehouse_audit";
DROP TRIGGER gatehouse_audit_truncate ON parts;
DROP TABLE parts;
CREATE SCHEMA shelves;
CREATE TABLE shelves.first (id integer PRIMARY KEY);
SELECT gatehouse.enable_audit_schema('shelves');
CREATE TABLE shelves.second (id integer PRIMARY KEY);
ALTER SCHEMA shelves RENAME TO shelf;
SELECT gatehouse.disable_audit_schema('shelf');
SELECT gatehouse.enable_audit_schema('shelf');
DROP SCHEMA shelf CASCADE;
SELECT pg_temp.refused('DROP EXTENSION gatehouse');
SELECT gatehouse.make_audit_leaves(), gatehouse.make_leaf('gatehouse.row_change_log', date_trunc('day', now(), 'UTC') - interval '1 day', (SELECT min(since) FROM gatehouse.log_partitions() WHERE since > now()), true);
SELECT gatehouse.move_default_rows(), gatehouse.prune_audit_log('400 days');
SELECT gatehouse.disable_audit('measure'), gatehouse.disable_audit('keyless');
SELECT gatehouse.disable_audit('item');

-- The whole life of accounts. Some of them end, so it comes last.
SELECT gatehouse.bootstrap_superuser('root@example.com', 'the_first', 'quite another horse battery');
SELECT gatehouse.unlock_user(:'ada');
SELECT gatehouse.change_password(:'ada', 'correct horse battery', 'quite another horse battery', NULL, '192.0.2.1'),
       gatehouse.change_password(:'ada', 'wrong', 'quite another horse battery'), gatehouse.set_password(:'ada', 'one more horse battery');
SELECT gatehouse.verify_email(gatehouse.request_email_verification(:'ada'));
SELECT gatehouse.confirm_email_change(gatehouse.request_email_change(:'ada', 'lovelace@example.com'));
SELECT gatehouse.reset_password(r.token, 'the last horse battery') FROM gatehouse.request_password_reset('lovelace@example.com') r;
SELECT count(*) FROM gatehouse.request_password_reset('nobody@example.com');
SELECT gatehouse.set_active(:'ada', false, 'a reason', now() + interval '1 hour'), gatehouse.set_active(:'ada', true),
       gatehouse.set_superuser(:'ada', true), gatehouse.set_verified(:'ada', true);
SELECT gatehouse.update_user(:'ada', '{"username": "countess", "profile": {"first_name": "Ada", "x": null}}');
SELECT * FROM gatehouse.create_oauth_user('eve@example.com', 'eve', 'github', '7', 'eve@example.org');
SELECT id AS eve FROM gatehouse.get_user_by_oauth('github', '7') \gset
SELECT gatehouse.link_oauth(:'eve', 'google', '8'), gatehouse.unlink_oauth(:'eve', 'google');
SELECT gatehouse.get_users(search => 'a%'), gatehouse.count_users(), gatehouse.user_statistics();
SELECT gatehouse.get_user_details(:'ada'), gatehouse.export_user_data(:'ada');
SELECT * FROM gatehouse.create_users('[{"email": "a1@example.com", "username": "a_one", "created_at": "2020-01-01T00:00:00Z"}, {"email": "a1@example.com"}, 7]', false);
SELECT * FROM gatehouse.create_users('[{"email": "a2@example.com", "username": "a_two"}]', true);
SELECT gatehouse.update_users(ARRAY[:'eve']::uuid[], '{"profile": {"y": 1}}'), gatehouse.verify_users(ARRAY[:'eve']::uuid[]),
       gatehouse.duplicate_fault('eve@example.com', 'nobody');
SELECT gatehouse.request_account_deletion(:'eve') AS deletion_token \gset
SELECT gatehouse.account_deletion_status(:'eve'), gatehouse.confirm_account_deletion(:'deletion_token');
SELECT gatehouse.mark_deletion_reminder_sent(:'eve', 1), gatehouse.cancel_account_deletion(:'eve'), gatehouse.purge_deleted_users(10);
SELECT gatehouse.soft_delete_user(:'eve', NULL, 'a reason'), gatehouse.restore_user(:'eve'), gatehouse.soft_delete_users(ARRAY[:'eve']::uuid[]);
SELECT gatehouse.make_constraints_immediate(CURRENT_ROLE::regrole);
SELECT gatehouse.permanently_delete_user(:'eve'), gatehouse.permanently_delete_user(gatehouse.uuid_v7());
SELECT pg_temp.refused(q)
  FROM unnest(ARRAY['SELECT gatehouse.refuse_busy()', $$SELECT gatehouse.refuse_duplicate('users_email_live')$$, 'SELECT gatehouse.check_ids(NULL)']) q;

-- What was not called. Statistics are flushed when a transaction has ended; functions that were inlined are not counted, and
-- of them the bodies were; nor are those that do nothing but raise.
SELECT pg_stat_force_next_flush();
DO $$
DECLARE
  forgotten text;
BEGIN
  SELECT string_agg(p.oid::regprocedure::text, ', ' ORDER BY p.oid::regprocedure::text) INTO forgotten
    FROM pg_proc p
    LEFT JOIN pg_stat_user_functions f ON f.funcid = p.oid
   WHERE p.pronamespace = 'gatehouse'::regnamespace AND coalesce(f.calls, 0) = 0 AND p.proname NOT IN ('refuse_busy', 'refuse_duplicate')
     AND NOT (p.prolang = (SELECT oid FROM pg_language WHERE lanname = 'sql') AND NOT p.prosecdef AND p.proconfig IS NULL);
  IF forgotten IS NOT NULL THEN
    RAISE EXCEPTION 'not called: %', forgotten;
  END IF;
END
$$;
