-- What was written by 0.7.sql still works, whatever version is installed now. Changes nothing.
BEGIN;
SELECT plan(78);
SET LOCAL client_min_messages = warning;

CREATE FUNCTION pg_temp.told(name text) RETURNS text LANGUAGE sql AS
  $$SELECT e.value FROM public.upgrade_evidence e WHERE e.name = told.name$$;

-- Accounts and hashes.
SELECT is(u.email || ' ' || (u.profile ->> 'city'), 'Anna@Example.com Zürich', 'an account is as it was made')
  FROM gatehouse.get_user_by_id(pg_temp.told('user anna')::uuid) u;
SELECT is((SELECT count(*) FROM gatehouse.get_user_by_email('ANNA@example.COM')), 1::bigint, 'and found by its address in another case');
SELECT ok(gatehouse.verify_password('correct horse battery staple', c.password_hash), 'a stored hash verifies')
  FROM gatehouse.password_credentials c WHERE c.user_id = pg_temp.told('user anna')::uuid;
SELECT ok(gatehouse.verify_password('correct horse battery staple',
    '$argon2id$v=19$m=65536,t=2,p=1$IDGFehJLYb1bZB3U3mXUMQ$5hdAIbY6g4pWRt3zDPHue89S4CILBgY2Zr1TNRAoQEs'),
  'a hash that the library of 0.1 made verifies');
SELECT is((SELECT status FROM gatehouse.authenticate_user('anna', 'correct horse battery staple')), 'ok', 'its owner logs in');
SELECT is((SELECT status FROM gatehouse.authenticate_user('anna', 'correct horse battery stapler')), 'invalid_credentials',
  'nobody else does');
SELECT is((SELECT status FROM gatehouse.authenticate_user('boris@example.com', 'tr0ub4dor and three more')), 'unverified',
  'a foreign hash is still proven');
SELECT is((SELECT string_agg(v.username, ' ' ORDER BY v.username)
             FROM (VALUES ('boris', 'tr0ub4dor and three more'), ('pbkdf2', 'passwd'), ('sha256', 'Hello world!'),
                          ('sha512', 'Hello world!'), ('yescrypt', 'abc')) v (username, password)
             JOIN gatehouse.password_credentials c ON c.user_id = pg_temp.told('user ' || v.username)::uuid
            WHERE gatehouse.verify_password(v.password, c.password_hash)
              AND NOT gatehouse.verify_password(v.password || '!', c.password_hash)),
  'boris pbkdf2 sha256 sha512 yescrypt', 'foreign hashes of every kind verify');
SELECT throws_ok($$SELECT gatehouse.create_user('anna@EXAMPLE.com', 'another')$$, '23505',
  'an account with this e-mail address exists', 'its address is still taken');

-- API keys.
SELECT is((SELECT k.user_id::text || ' ' || k.name || ' ' || k.scopes::text
             FROM gatehouse.verify_api_key(pg_temp.told('scoped key'), '{read:things}', '192.0.2.99') k),
  pg_temp.told('user anna') || ' scoped {read:things}', 'a key opens');
SELECT is_empty($$SELECT gatehouse.verify_api_key(pg_temp.told('scoped key'), '{write:things}', '192.0.2.99')$$,
  'but not for a scope that it lacks');
SELECT is_empty($$SELECT gatehouse.verify_api_key(pg_temp.told('scoped key'), '{read:things}', '198.51.100.1')$$,
  'nor from elsewhere');
SELECT isnt_empty($$SELECT gatehouse.verify_api_key(pg_temp.told('wildcard key'), '{read:things}')$$, 'a key with a wildcard opens');
SELECT is((SELECT k.user_id IS NULL FROM gatehouse.verify_api_key(pg_temp.told('service key'), '{write:things}') k), true,
  'a service key opens');
SELECT is_empty($$SELECT gatehouse.verify_api_key(pg_temp.told('ended key'))$$, 'a deactivated key does not');
SELECT is((SELECT string_agg(s.name || coalesce(': ' || s.description, ''), ', ' ORDER BY s.name) FROM gatehouse.get_scopes() s),
  'read:things: to look at things, write:things', 'the scopes are there');

-- Sessions.
SELECT is((SELECT s.device FROM gatehouse.verify_refresh_token(pg_temp.told('first token')) s), 'first', 'a token is live');
SELECT is((SELECT string_agg(s.device, ' ' ORDER BY s.device) FROM gatehouse.get_user_sessions(pg_temp.told('user anna')::uuid, pg_temp.told('first token')) s
            WHERE s.is_current), 'first', 'its session is in the list');
SELECT is((SELECT s.device FROM gatehouse.get_refresh_token_by_hash(gatehouse.token_digest(pg_temp.told('first token'))) s), 'first', 'and found by its digest');
SELECT is(gatehouse.jwks() #>> '{keys,0,x}', pg_temp.told('jwks')::jsonb #>> '{keys,0,x}', 'access tokens are signed by the key of then');
CREATE TEMP TABLE refreshed AS SELECT * FROM gatehouse.refresh_session(pg_temp.told('first token'));
SELECT is((SELECT status || ' ' || user_id FROM refreshed), 'ok ' || pg_temp.told('user anna'), 'a token refreshes');
SELECT is((SELECT r.status FROM refreshed f, gatehouse.refresh_session(f.refresh_token) r), 'ok', 'and its successor does');
SELECT is((SELECT status FROM gatehouse.refresh_session(pg_temp.told('second token'))), 'ok', 'a successor of then refreshes');
SELECT is((SELECT status FROM gatehouse.refresh_session(pg_temp.told('ended token'))), 'revoked', 'an ended session stays so');
SELECT is((SELECT status FROM gatehouse.refresh_session(pg_temp.told('spent token'))), 'reuse_detected',
  'a token that was spent then is a replay now');

-- Audit.
SELECT is((SELECT string_agg(h.operation || ' ' || coalesce(h.old::text, '-') || ' ' || coalesce(h.new::text, '-'), ', ' ORDER BY h.id)
             FROM gatehouse.get_row_history('public.upgrade_audited', '{"id": 1}') h),
  'INSERT - {"id": 1, "label": "one", "secret": {"redacted": true}}, '
  'UPDATE {"label": "one", "secret": {"redacted": true}} {"label": "uno", "secret": {"redacted": true}}',
  'the history of a row is in its log');
SELECT is((SELECT array_agg(h.row_after ->> 'label' ORDER BY h.id) FROM gatehouse.get_row_history('public.upgrade_audited', '{"id": 1}') h),
  '{one,uno}', 'and tells the row after each change');
SELECT is((SELECT array_agg(h.operation ORDER BY h.id) FROM gatehouse.get_row_history('public.upgrade_audited', '{"id": 2}') h),
  '{INSERT,DELETE}', 'of a row that is gone too');
SELECT is((SELECT count(*) FROM gatehouse.row_changes c WHERE (c.old::text || c.new::text) ~ 's[123]|h[12]'), 0::bigint,
  'what was redacted or excluded is nowhere');
INSERT INTO public.upgrade_audited VALUES (3, 'three', 's4', 'h4');
SELECT is((SELECT count(*) FROM gatehouse.get_row_history('public.upgrade_audited', '{"id": 3}')), 1::bigint,
  'the table is still audited');
SELECT is((SELECT string_agg(host(l.ip) || ' ' || l.user_agent || ' ' || l.success::text || ' ' || l.context::text, ', ')
             FROM gatehouse.get_audit_logs(user_id => pg_temp.told('user anna')::uuid, event_type => 'thing.opened') l),
  '2001:db8::7 a browser false {"thing": 7}', 'an event has its details');
SELECT is((SELECT e.commitment FROM gatehouse.events e WHERE e.event_type = 'thing.opened'),
  (SELECT gatehouse.event_commitment(d.salt, d.ip, d.user_agent, d.context)
     FROM gatehouse.event_details d JOIN gatehouse.events e ON e.id = d.event_id WHERE e.event_type = 'thing.opened'),
  'and they open its commitment');

-- Failed logins. What the checks above have failed at is counted too: what was written is what the events tell.
SELECT is((SELECT array_agg(k.network) FROM gatehouse.known_addresses k WHERE k.user_id = pg_temp.told('user anna')::uuid),
  '{192.0.2.7/32}', 'the address of a login is known');
SELECT is((SELECT t.failures FROM gatehouse.login_throttles t
            WHERE t.subject = gatehouse.throttle_subject('login', 'nobody@example.com')), 1, 'the failures of a login are counted');
SELECT is((SELECT t.failures FROM gatehouse.login_throttles t WHERE t.subject = gatehouse.throttle_subject('address', '198.51.100.9/32')),
  3, 'those from an address are');
SELECT is((SELECT count(*) FROM gatehouse.get_audit_logs(user_id => pg_temp.told('user anna')::uuid, event_type => 'security.login_failed') l
            WHERE l.ip = '198.51.100.9' AND l.user_agent = 'a script' AND l.context ? 'login'), 2::bigint, 'failures are in the log');
SELECT is((SELECT count(DISTINCT l.context ->> 'login') FROM gatehouse.get_audit_logs(event_type => 'security.login_failed') l
            WHERE l.ip = '198.51.100.9'), 3::bigint, 'with a digest for each login that was tried');

-- The life of accounts.
SELECT is((SELECT username || ' ' || is_verified FROM gatehouse.get_user_by_oauth('github', 'Sub-7')), 'olga true', 'an OAuth identity opens its account');
SELECT is((SELECT oauth_providers FROM gatehouse.get_user_by_id(pg_temp.told('user olga')::uuid)), '{github,google}', 'which has both');
SELECT is((SELECT string_agg(u.username || ' ' || u.is_active, ', ' ORDER BY u.username) FROM gatehouse.get_users(is_active => false) u),
  'paused false, stopped false', 'stopped accounts are stopped');
SELECT is((SELECT status FROM gatehouse.authenticate_user('paused', 'correct horse battery staple')), 'invalid_credentials', 'and log in no more');
SELECT is_empty($$SELECT gatehouse.verify_api_key(pg_temp.told('stopped key'))$$, 'their keys are refused');
SELECT is(gatehouse.set_active(pg_temp.told('user stopped')::uuid, true), true, 'a stop ends');
SELECT isnt_empty($$SELECT gatehouse.verify_api_key(pg_temp.told('stopped key'))$$, 'and the key works again');
SELECT is_empty($$SELECT gatehouse.get_user_by_username('deleted')$$, 'a deleted account is gone');
SELECT is_empty($$SELECT gatehouse.verify_api_key(pg_temp.told('deleted key'))$$, 'its key is refused');
SELECT is(gatehouse.restore_user(pg_temp.told('user deleted')::uuid), true, 'it is restored');
SELECT is((SELECT username FROM gatehouse.get_user_by_oauth('gitlab', '11')), 'deleted', 'with its OAuth identity');
SELECT isnt_empty($$SELECT gatehouse.verify_api_key(pg_temp.told('deleted key'))$$, 'and its key');
SELECT is((SELECT status || ' ' || scheduled_for FROM gatehouse.account_deletion_status(pg_temp.told('user leaving')::uuid)),
  'scheduled ' || pg_temp.told('leaving at')::timestamptz, 'an erasure is still scheduled');
SELECT is((SELECT array_agg(r.days_before) FROM gatehouse.deletion_reminders r WHERE r.user_id = pg_temp.told('user leaving')::uuid), '{3}',
  'the reminder that was sent is not forgotten');
SELECT is(gatehouse.confirm_account_deletion(pg_temp.told('leaving token')), NULL, 'a token that was used is used up');
SELECT is((SELECT username || ' ' || is_verified FROM gatehouse.verify_email(pg_temp.told('verification token'))), 'boris true', 'a token verifies an address');
SELECT is((SELECT username FROM gatehouse.reset_password(pg_temp.told('reset token'), 'quite another horse battery')), 'boris', 'one resets a password');
SELECT is_empty($$SELECT gatehouse.confirm_email_change(pg_temp.told('change token'))$$, 'which ends the others');
SELECT throws_ok($$SELECT gatehouse.create_user('carl@example.com', 'carl', 'the whole company uses this one')$$, '22023', NULL,
  'a blocked password is refused');
SELECT throws_ok($$SELECT gatehouse.create_user('carl@mail.throwaway.example', 'carl')$$, '22023',
  'e-mail addresses of this domain are not accepted', 'a blocked domain is');
SELECT throws_ok($$SELECT gatehouse.bootstrap_superuser('more@example.com', 'another', 'correct horse battery staple')$$, '42501',
  'there is a superuser already', 'the first superuser was made once');
SELECT is((SELECT is_superuser FROM gatehouse.get_user_by_id(pg_temp.told('user first-of-all')::uuid)), true, 'and still is one');

-- Rotated keys, uses, and who acted.
SELECT isnt_empty(format('SELECT gatehouse.verify_api_key(pg_temp.told(%L), ''{read:things}'')', name), name || ' opens')
  FROM unnest(ARRAY['overlapping key', 'successor of overlapping', 'successor of rotated']) AS v (name);
SELECT is_empty($$SELECT gatehouse.verify_api_key(pg_temp.told('rotated key'))$$, 'a key whose overlap is over does not');
SELECT is_empty($$SELECT r.id FROM gatehouse.api_keys k, gatehouse.rotate_api_key(k.id) r WHERE k.name = 'overlapping' AND k.rotated_to IS NOT NULL$$,
  'a key that was rotated is not rotated again');
SELECT is((SELECT host(u.last_used_ip) || ' ' || u.use_count
             FROM gatehouse.api_key_usage u JOIN gatehouse.api_keys k ON k.id = u.api_key_id
            WHERE k.name = 'scoped' AND u.last_used_at = '2026-01-02 03:04:05+00'), '192.0.2.7 41', 'the uses of a key are known');
SELECT is((SELECT c.actor_id::text FROM gatehouse.row_changes c WHERE c.key = '{"id": 9}'), pg_temp.told('user anna'),
  'the log tells who changed a row');

-- Time travel.
SELECT is((SELECT string_agg(r::text, ' ' ORDER BY r::text) FROM gatehouse.get_table_at('public.upgrade_travel', pg_temp.told('then')::timestamptz) r),
  '{"id": 1, "gone": 5, "name": "lamp"} {"id": 2, "gone": 6, "name": "desk"}', 'a table is seen as it was, with the columns that it had');
SELECT is(gatehouse.get_row_at('public.upgrade_travel', '{"id": 3}', clock_timestamp()), '{"id": 3, "title": "desk"}', 'a row under its new key as it is');
SELECT is(gatehouse.get_row_at('public.upgrade_travel', '{"id": 3}', pg_temp.told('then')::timestamptz), NULL, 'which it had not then');
SELECT is((SELECT c.context FROM gatehouse.row_changes c WHERE c.table_name = 'upgrade_travel' AND c.key = '{"id": 2}' AND c.operation = 'UPDATE'), '{"request": "r-1"}',
  'a change tells of its request');
SELECT is((SELECT string_agg(r ->> 'body', ' ') FROM gatehouse.get_table_at('public.upgrade_parted', pg_temp.told('before the guest')::timestamptz) r), 'one',
  'a partition came later');
SELECT is((SELECT string_agg(r ->> 'body', ' ' ORDER BY r ->> 'body') FROM gatehouse.get_table_at('public.upgrade_parted', clock_timestamp()) r), 'eleven one', 'with its row');
TRUNCATE public.upgrade_lowest;
SELECT is((SELECT string_agg(r ->> 'body', ' ') FROM gatehouse.get_table_at('public.upgrade_parted', clock_timestamp()) r), 'eleven', 'and one is emptied under another name');
UPDATE public.upgrade_travel SET title = 'table' WHERE id = 3;
SELECT isnt_empty($$SELECT FROM gatehouse.undo_transaction(pg_current_xact_id())$$, 'what is done now can be undone');
SELECT isnt_empty($$SELECT FROM gatehouse.get_audit_logs(event_type => 'gatehouse.account.created')$$, 'the events of the accounts are there');

-- What 0.7 mended.
SELECT throws_ok('ALTER VIEW public.upgrade_hiding RENAME COLUMN body TO secret', '55000', NULL, 'no other column comes to the name of a hidden one');
SELECT throws_ok('UPDATE public.upgrade_hiding SET body = NULL', '55000', NULL, 'and until the audit knows its new name there is no change');
SELECT gatehouse.enable_audit('public.upgrade_hiding', exclude => '{plain}');
UPDATE public.upgrade_hiding SET plain = 'still hidden', body = 'changed';
SELECT is((SELECT string_agg(c.new::text, ' ' ORDER BY c.id) FROM gatehouse.row_changes c WHERE c.table_name = 'upgrade_hiding'), '{"id": 1, "body": "shown"} {"body": "changed"}', 'it stays hidden');

SELECT * FROM finish();
ROLLBACK;
