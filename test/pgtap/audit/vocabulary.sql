-- What gatehouse says of itself: the event of each function that changes something, in the same transaction.
BEGIN;
SELECT plan(110);
SET LOCAL client_min_messages = warning;
\ir ../as_role.psql
\ir ../members.psql
SET LOCAL gatehouse.argon2_memory = '7MB';
SET LOCAL gatehouse.argon2_iterations = 5;

CREATE TEMP TABLE name_of (id uuid, name text);
CREATE TEMP TABLE told (function_name text, event_type text);
CREATE TEMP TABLE answers (id integer GENERATED ALWAYS AS IDENTITY, answer text);
GRANT ALL ON name_of, told, answers TO PUBLIC;

CREATE FUNCTION pg_temp.named(id uuid) RETURNS text LANGUAGE sql AS $$
  SELECT coalesce((SELECT n.name FROM name_of n WHERE n.id = named.id), CASE WHEN id IS NOT NULL THEN 'another' END)
$$;
-- The events since one, without those that wait in a queue: type, account, whether it failed, then what there is of the rest.
CREATE FUNCTION pg_temp.events_after(last_id bigint) RETURNS TABLE (event_type text, description text) LANGUAGE sql AS $$
  SELECT e.event_type,
         concat_ws(' ', e.event_type, coalesce(pg_temp.named(e.user_id), 'nobody'), CASE WHEN NOT e.success THEN 'failed' END,
                   'session ' || pg_temp.named(e.session_id), 'key ' || pg_temp.named(e.api_key_id),
                   'by ' || pg_temp.named(e.actor_id), 'for ' || pg_temp.named(e.impersonator_id),
                   host(d.ip), d.user_agent,
                   regexp_replace(
                     regexp_replace(d.context::text, '"[0-9a-f]{8}-[0-9a-f-]{27}"', 'ID', 'g'),
                     '"[0-9]{4}-[0-9]{2}-[0-9]{2}T[^"]*"', 'TIME', 'g'))
    FROM gatehouse.events e LEFT JOIN gatehouse.event_details d ON d.event_id = e.id
   WHERE e.id > last_id AND e.event_type NOT LIKE 'security.%' ORDER BY e.id
$$;
CREATE FUNCTION pg_temp.told_by(call text) RETURNS text LANGUAGE plpgsql AS $$
DECLARE
  last_id CONSTANT bigint := coalesce((SELECT max(e.id) FROM gatehouse.events e), 0);
  given text;
BEGIN
  EXECUTE 'SELECT ' || call INTO given;
  INSERT INTO answers (answer) VALUES (given);
  INSERT INTO told SELECT substring(call, 'gatehouse\.(\w+)'), e.event_type FROM pg_temp.events_after(last_id) e;
  RETURN coalesce((SELECT string_agg(e.description, E'\n') FROM pg_temp.events_after(last_id) e), 'nothing');
END
$$;
CREATE FUNCTION pg_temp.answer() RETURNS text LANGUAGE sql AS $$SELECT a.answer FROM answers a ORDER BY a.id DESC LIMIT 1$$;
CREATE FUNCTION pg_temp.call_me(id uuid, name text) RETURNS uuid LANGUAGE sql AS $$INSERT INTO name_of VALUES (id, name) RETURNING id$$;

-- Accounts
SELECT is(pg_temp.told_by($$id FROM gatehouse.create_user('ada@example.com', 'ada', 'correct horse battery staple')$$),
  'gatehouse.account.created another', 'create_user');
SELECT pg_temp.call_me(pg_temp.answer()::uuid, 'ada') AS ada \gset
SELECT is(pg_temp.told_by($$id FROM gatehouse.create_user('root@example.com', 'theroot', is_superuser => true)$$),
  'gatehouse.account.created another {"is_superuser": true}', 'create_user of a superuser');
SELECT pg_temp.call_me(pg_temp.answer()::uuid, 'root') AS root \gset
SAVEPOINT first_superuser;
DELETE FROM gatehouse.users;
SELECT is(pg_temp.told_by($$id FROM gatehouse.bootstrap_superuser('first@example.com', 'first', 'correct horse battery staple')$$),
  'gatehouse.account.created another {"is_superuser": true}', 'bootstrap_superuser');
SELECT throws_ok($$SELECT id FROM gatehouse.bootstrap_superuser('second@example.com', 'second', 'correct horse battery staple')$$, '42501',
  NULL, 'which works once');
ROLLBACK TO first_superuser;
INSERT INTO told VALUES ('bootstrap_superuser', 'gatehouse.account.created');
SELECT is(pg_temp.told_by($$id FROM gatehouse.create_oauth_user('bob@example.com', 'bob', 'forge', 'subject of bob')$$),
  'gatehouse.account.created another {"provider": "forge"}', 'create_oauth_user');
SELECT pg_temp.call_me(pg_temp.answer()::uuid, 'bob') AS bob \gset
SELECT is(pg_temp.told_by($$count(*) FROM gatehouse.create_users('[{"email": "u1@example.com", "username": "user1"},
    {"email": "u2@example.com", "username": "user2", "is_superuser": true}, {"email": "u1@example.com", "username": "user3"}, 4]')$$),
  'gatehouse.accounts.created nobody {"accounts": 2, "superusers": 1}', 'create_users: one event, of those that were made');
SELECT is(pg_temp.told_by($$count(*) FROM gatehouse.create_users('[{"email": "u5@example.com", "username": "user5"}]')$$),
  'gatehouse.accounts.created nobody {"accounts": 1}', 'create_users without a superuser');
SELECT is(pg_temp.told_by($$count(*) FROM gatehouse.create_users('[{"email": "u6@example.com", "username": "user6"}, 4]', true)$$),
  'nothing', 'create_users, all or nothing: nothing');
SELECT is(pg_temp.told_by($$count(*) FROM gatehouse.create_users('[{"email": "u1@example.com", "username": "user7"}]')$$),
  'nothing', 'create_users of duplicates alone');
SELECT is(pg_temp.told_by(format($$gatehouse.update_user(%L, '{"username": "ada1", "profile": {"born": 1815}}')$$, :'ada')),
  'gatehouse.account.updated ada {"fields": ["username", "profile"]}', 'update_user: names of fields, no values');
SELECT is(pg_temp.told_by(format($$gatehouse.update_user(%L, '{"username": "Ada1", "profile": {"born": 1815}}')$$, :'ada')),
  'gatehouse.account.updated ada {"fields": ["username"]}', 'update_user: of those that changed');
SELECT is(pg_temp.told_by(format($$gatehouse.update_user(%L, '{"username": "Ada1"}')$$, :'ada')), 'nothing',
  'update_user to what is there');
SELECT is(pg_temp.told_by(format($$gatehouse.update_users('{%s,%s}', '{"profile": {"seen": true}}')$$, :'ada', :'bob')),
  'gatehouse.accounts.updated nobody {"fields": ["profile"], "accounts": 2}', 'update_users');
SELECT is(pg_temp.told_by(format($$gatehouse.update_users('{%s}', '{}')$$, :'ada')), 'nothing', 'update_users with an empty patch');
SELECT is(pg_temp.told_by($$gatehouse.update_users('{a0eebc99-9c0b-4ef8-bb6d-6bb9bd380a11}', '{"profile": {"seen": true}}')$$), 'nothing',
  'update_users of nobody');

-- Verification and e-mail addresses
SELECT is(pg_temp.told_by(format('gatehouse.request_email_verification(%L)', :'ada')), 'gatehouse.account.verification_requested ada',
  'request_email_verification');
SELECT is(pg_temp.told_by(format('id FROM gatehouse.verify_email(%L)', pg_temp.answer())), 'gatehouse.account.verified ada', 'verify_email');
SELECT is(pg_temp.told_by(format('id FROM gatehouse.verify_email(%L)', gatehouse.generate_token())), 'nothing', 'verify_email by another token');
SELECT is(pg_temp.told_by(format('gatehouse.set_verified(%L, false)', :'ada')), 'gatehouse.account.unverified ada', 'set_verified: no');
SELECT is(pg_temp.told_by(format('gatehouse.set_verified(%L, true)', :'ada')), 'gatehouse.account.verified ada', 'set_verified: yes');
SELECT is(pg_temp.told_by(format('gatehouse.set_verified(%L, true)', :'ada')), 'nothing', 'set_verified as it is');
SELECT gatehouse.set_verified(:'ada', false) AS ignored \gset
SELECT is(pg_temp.told_by(format('gatehouse.verify_users(%L)', ARRAY[:'ada', :'bob'])), 'gatehouse.accounts.verified nobody {"accounts": 1}',
  'verify_users');
SELECT is(pg_temp.told_by(format('gatehouse.verify_users(%L)', ARRAY[:'ada', :'bob'])), 'nothing', 'verify_users of those that are');
SELECT is(pg_temp.told_by(format($$gatehouse.request_email_change(%L, 'lovelace@example.com')$$, :'ada')),
  'gatehouse.account.email_change_requested ada', 'request_email_change');
SELECT is(pg_temp.told_by(format('id FROM gatehouse.confirm_email_change(%L)', pg_temp.answer())), 'gatehouse.account.email_changed ada',
  'confirm_email_change');
SELECT is(pg_temp.told_by(format('id FROM gatehouse.confirm_email_change(%L)', gatehouse.generate_token())), 'nothing',
  'confirm_email_change by another token');

-- Logins and passwords
SELECT is(pg_temp.told_by($$status FROM gatehouse.authenticate_user('ada1', 'correct horse battery staple', '192.0.2.1', 'browser')$$),
  'gatehouse.account.logged_in ada 192.0.2.1 browser', 'authenticate_user');
SELECT is(pg_temp.told_by($$status FROM gatehouse.authenticate_user('ada1', 'wrong', '192.0.2.1', 'browser')$$), 'nothing',
  'authenticate_user with a wrong password, of which a security event tells');
SELECT gatehouse.set_verified(:'ada', false) AS ignored \gset
SELECT is(pg_temp.told_by($$status FROM gatehouse.authenticate_user('ada1', 'correct horse battery staple', '192.0.2.1')$$),
  'gatehouse.account.login_unverified ada failed 192.0.2.1', 'authenticate_user of an account that is not verified');
SELECT is(pg_temp.told_by(format($$gatehouse.change_password(%L, 'correct horse battery staple', 'another horse of my own', ip => '192.0.2.1')$$,
                                 :'ada')), 'gatehouse.account.password_changed ada 192.0.2.1', 'change_password');
SELECT is(pg_temp.told_by(format($$gatehouse.change_password(%L, 'wrong', 'another horse of my own')$$, :'ada')), 'nothing',
  'change_password with a wrong one');
SELECT is(pg_temp.told_by(format($$gatehouse.set_password(%L, 'a third horse of my own')$$, :'ada')), 'gatehouse.account.password_set ada',
  'set_password');
SELECT is(pg_temp.told_by($$gatehouse.set_password(gatehouse.uuid_v7(), 'a third horse of my own')$$), 'nothing', 'set_password of nobody');
SELECT is(pg_temp.told_by($$token FROM gatehouse.request_password_reset('lovelace@example.com')$$),
  'gatehouse.account.password_reset_requested ada', 'request_password_reset');
SELECT is(pg_temp.told_by(format($$id FROM gatehouse.reset_password(%L, 'a fourth horse of my own')$$, pg_temp.answer())),
  'gatehouse.account.password_reset ada', 'reset_password');
SELECT is(pg_temp.told_by(format($$id FROM gatehouse.reset_password(%L, 'a fourth horse of my own')$$, gatehouse.generate_token())),
  'nothing', 'reset_password by another token');
SELECT is(pg_temp.told_by($$token FROM gatehouse.request_password_reset('nobody@example.com')$$),
  'gatehouse.account.password_reset_requested nobody failed', 'request_password_reset of an unknown address costs the same');
SELECT count(r.token) AS ignored FROM generate_series(1, 3) g, gatehouse.request_password_reset('lovelace@example.com' || repeat(' ', g)) r \gset
SELECT is(pg_temp.told_by($$token FROM gatehouse.request_password_reset('lovelace@example.com')$$), 'nothing',
  'request_password_reset where no token is made');

-- Standing
SELECT is(pg_temp.told_by(format($$gatehouse.set_active(%L, false, 'a reason', clock_timestamp() + interval '1 day')$$, :'ada')),
  'gatehouse.account.stopped ada {"until": TIME}', 'set_active: no, and its reason is not told');
SELECT is(pg_temp.told_by(format('gatehouse.set_active(%L, false)', :'ada')), 'gatehouse.account.stopped ada', 'set_active: no, for good');
SELECT is(pg_temp.told_by(format('gatehouse.set_active(%L, true)', :'ada')), 'gatehouse.account.activated ada', 'set_active: yes');
SELECT is(pg_temp.told_by(format('gatehouse.set_active(%L, true)', :'ada')), 'nothing', 'set_active as it is');
SELECT is(pg_temp.told_by(format('gatehouse.set_superuser(%L, true)', :'ada')), 'gatehouse.account.superuser_given ada', 'set_superuser: yes');
SELECT is(pg_temp.told_by(format('gatehouse.set_superuser(%L, true)', :'ada')), 'nothing', 'set_superuser as it is');
SELECT is(pg_temp.told_by(format('gatehouse.set_superuser(%L, false)', :'ada')), 'gatehouse.account.superuser_taken ada', 'set_superuser: no');
SELECT is(pg_temp.told_by(format($$gatehouse.link_oauth(%L, 'forge', 'subject of ada')$$, :'ada')),
  'gatehouse.account.oauth_linked ada {"provider": "forge"}', 'link_oauth: who it is there is not told');
SELECT is(pg_temp.told_by(format($$gatehouse.link_oauth(%L, 'forge', 'subject of ada')$$, :'ada')), 'nothing', 'link_oauth of what is there');
SELECT is(pg_temp.told_by(format($$gatehouse.unlink_oauth(%L, 'forge')$$, :'ada')), 'gatehouse.account.oauth_unlinked ada {"provider": "forge"}',
  'unlink_oauth');
SELECT is(pg_temp.told_by(format($$gatehouse.unlink_oauth(%L, 'forge')$$, :'ada')), 'nothing', 'unlink_oauth of what is not there');

-- Policy and scopes
SELECT is(pg_temp.told_by($$gatehouse.load_blocked_passwords('{a password of few,another of few}')$$),
  'gatehouse.policy.passwords_blocked nobody {"passwords": 2}', 'load_blocked_passwords');
SELECT is(pg_temp.told_by($$gatehouse.load_blocked_passwords('{a password of few}')$$), 'nothing', 'load_blocked_passwords of old ones');
SELECT is(pg_temp.told_by($$gatehouse.load_blocked_email_domains('{throwaway.example}')$$),
  'gatehouse.policy.email_domains_blocked nobody {"domains": 1}', 'load_blocked_email_domains');
SELECT is(pg_temp.told_by($$gatehouse.load_blocked_email_domains('{throwaway.example}')$$), 'nothing', 'load_blocked_email_domains of old ones');
SELECT is(pg_temp.told_by($$gatehouse.register_scope('read:events')$$), 'gatehouse.scope.registered nobody {"scope": "read:events"}',
  'register_scope');
SELECT is(pg_temp.told_by($$gatehouse.register_scope('read:events', 'reads events')$$), 'gatehouse.scope.updated nobody {"scope": "read:events"}',
  'register_scope with another description');
SELECT is(pg_temp.told_by($$gatehouse.register_scope('read:events', 'reads events')$$), 'nothing', 'register_scope as it is');

-- API keys
SELECT is(pg_temp.told_by(format($$id || ' ' || api_key FROM gatehouse.create_api_key(%L, 'laptop', '{read:events}')$$, :'ada')),
  'gatehouse.key.created ada key another', 'create_api_key');
SELECT pg_temp.call_me(split_part(pg_temp.answer(), ' ', 1)::uuid, 'laptop') AS laptop, split_part(pg_temp.answer(), ' ', 2) AS api_key \gset
SELECT is(pg_temp.told_by($$id FROM gatehouse.create_api_key(NULL, 'service')$$), 'gatehouse.key.created nobody key another',
  'create_api_key of a service key');
SELECT pg_temp.call_me(pg_temp.answer()::uuid, 'service') AS service \gset
SELECT is(pg_temp.told_by(format($$id FROM gatehouse.update_api_key(%L, '{"name": "desk", "scopes": ["read:events"], "ip_allow": ["192.0.2.0/24"],
    "expires_at": "2100-01-01T00:00:00Z"}')$$, :'laptop')),
  'gatehouse.key.updated ada key laptop {"fields": ["name", "expires_at", "ip_allow"]}', 'update_api_key: names of those fields that changed');
SELECT is(pg_temp.told_by(format($$id FROM gatehouse.update_api_key(%L, '{"name": "desk"}')$$, :'laptop')), 'nothing',
  'update_api_key to what is there');
SELECT is(pg_temp.told_by(format('id FROM gatehouse.rotate_api_key(%L)', :'service')),
  'gatehouse.key.rotated nobody key service {"rotated_to": ID}', 'rotate_api_key');
SELECT pg_temp.call_me(pg_temp.answer()::uuid, 'successor') AS successor \gset
SELECT is(pg_temp.told_by(format('id FROM gatehouse.rotate_api_key(%L)', :'service')), 'nothing', 'rotate_api_key again');
SELECT is(pg_temp.told_by(format('gatehouse.deactivate_api_key(%L)', :'successor')), 'gatehouse.key.deactivated nobody key successor',
  'deactivate_api_key');
SELECT is(pg_temp.told_by(format('gatehouse.deactivate_api_key(%L)', :'successor')), 'nothing', 'deactivate_api_key again');
SELECT is(pg_temp.told_by(format($$user_id FROM gatehouse.verify_api_key(%L, '{}', '192.0.2.1')$$, :'api_key')), 'nothing', 'verify_api_key: their number');

-- Sessions
SELECT is(pg_temp.told_by(format($$session_id || ' ' || refresh_token FROM gatehouse.create_refresh_token(%L, '192.0.2.1', 'browser', 'phone')$$,
                                 :'ada')), 'gatehouse.session.opened ada session another 192.0.2.1 browser', 'create_refresh_token');
SELECT pg_temp.call_me(split_part(pg_temp.answer(), ' ', 1)::uuid, 'phone') AS phone, split_part(pg_temp.answer(), ' ', 2) AS token \gset
SELECT is(pg_temp.told_by(format('refresh_token FROM gatehouse.refresh_session(%L)', :'token')), 'nothing', 'refresh_session: their number');
SELECT is(pg_temp.told_by(format('gatehouse.revoke_refresh_token(%L)', pg_temp.answer())), 'gatehouse.session.ended ada session phone',
  'revoke_refresh_token');
SELECT is(pg_temp.told_by(format('gatehouse.revoke_refresh_token(%L)', :'token')), 'nothing', 'revoke_refresh_token again');
SELECT session_id AS tablet, refresh_token AS tablet_token FROM gatehouse.create_refresh_token(:'ada') \gset
SELECT pg_temp.call_me(:'tablet', 'tablet') AS ignored \gset
SELECT is(pg_temp.told_by(format('gatehouse.revoke_session(%L)', :'tablet')), 'gatehouse.session.ended ada session tablet', 'revoke_session');
SELECT is(pg_temp.told_by(format('gatehouse.revoke_session(%L)', :'tablet')), 'nothing', 'revoke_session again');
SELECT count(s.session_id) AS ignored FROM generate_series(1, 3) g, gatehouse.create_refresh_token(:'ada', device => g::text) s \gset
SET LOCAL gatehouse.max_sessions_per_user = 2;
SELECT is(pg_temp.told_by(format('session_id FROM gatehouse.create_refresh_token(%L)', :'ada')),
  'gatehouse.session.opened ada session another {"sessions_ended": 2}', 'create_refresh_token above the limit');
SELECT is(pg_temp.told_by(format('gatehouse.revoke_all_user_sessions(%L)', :'ada')), 'gatehouse.sessions.ended ada {"sessions": 2}',
  'revoke_all_user_sessions');
SELECT is(pg_temp.told_by(format('gatehouse.revoke_all_user_sessions(%L)', :'ada')), 'nothing', 'revoke_all_user_sessions again');
SELECT is(pg_temp.told_by($$gatehouse.cleanup_expired_tokens()$$), 'nothing', 'cleanup_expired_tokens where nothing is old enough');
SELECT is(pg_temp.told_by($$gatehouse.cleanup_expired_tokens('0')$$), 'gatehouse.sessions.removed nobody {"sessions": 6, "ended_before": TIME}',
  'cleanup_expired_tokens');

-- Maintenance: what ended before the hour of a week ago, so that a busy server doesn't tell of it each second.
SELECT session_id AS old FROM gatehouse.create_refresh_token(:'ada') \gset
UPDATE gatehouse.sessions SET revoked_at = date_trunc('hour', clock_timestamp(), 'UTC') - interval '7 days' + interval '61 minutes', revocation = 'logout'
 WHERE session_id = :'old';
SELECT is(pg_temp.told_by($$count(*) FROM gatehouse.run_maintenance() WHERE task NOT LIKE '%lea%'$$), 'nothing', 'run_maintenance within the hour');
UPDATE gatehouse.sessions SET revoked_at = revoked_at - interval '62 minutes' WHERE session_id = :'old';
SELECT is(pg_temp.told_by($$count(*) FROM gatehouse.run_maintenance()$$), 'gatehouse.sessions.removed nobody {"sessions": 1, "ended_before": TIME}',
  'run_maintenance that removes sessions');
SELECT is(pg_temp.told_by($$gatehouse.record_extension_update('0.6', '0.7')$$), 'gatehouse.extension.updated nobody {"to": "0.7", "from": "0.6"}',
  'an update of the extension');

-- Who did it
SELECT session_id AS desk, refresh_token AS desk_token FROM gatehouse.create_refresh_token(:'ada') \gset
SELECT pg_temp.call_me(:'desk', 'desk') AS ignored \gset
SELECT gatehouse.sign_in_with_session(:'desk_token') AS ignored \gset
SELECT is(pg_temp.told_by(format($$gatehouse.update_user(%L, '{"username": "ada"}')$$, :'ada')),
  'gatehouse.account.updated ada session desk by ada {"fields": ["username"]}', 'the event has who was signed in, and by what');
SELECT is(pg_temp.told_by(format('session_id FROM gatehouse.create_refresh_token(%L)', :'ada')),
  'gatehouse.session.opened ada session another by ada {"by_session": ID}', 'a session that opens another');
SELECT is(pg_temp.told_by(format('gatehouse.sign_in_as(%L)', :'bob')), 'gatehouse.account.impersonated bob session desk by ada',
  'sign_in_as, by who was signed in before');
SELECT is(pg_temp.told_by(format($$gatehouse.update_user(%L, '{"username": "bobby"}')$$, :'bob')),
  'gatehouse.account.updated bob session desk by bob for ada {"fields": ["username"]}', 'and what is done in another''s name');
SELECT is(pg_temp.told_by($$gatehouse.sign_in_as(gatehouse.uuid_v7())$$), 'nothing', 'sign_in_as of nobody');
SELECT gatehouse.sign_in_with_api_key(:'api_key', ip => '192.0.2.1') AS ignored \gset
SELECT is(pg_temp.told_by(format($$id FROM gatehouse.create_api_key(%L, 'copy', '{read:events}')$$, :'ada')),
  'gatehouse.key.created ada key another by ada {"by_api_key": ID}', 'a key that makes another');
SELECT is(pg_temp.told_by(format($$id FROM gatehouse.update_api_key(%L, '{"name": "own"}')$$, :'laptop')),
  'gatehouse.key.updated ada key laptop by ada {"fields": ["name"]}', 'a key that changes itself');
SELECT gatehouse.sign_out() AS ignored \gset
SELECT is(pg_temp.told_by(format('gatehouse.deactivate_user_api_keys(%L)', :'ada')), 'gatehouse.keys.deactivated ada {"keys": 2}',
  'deactivate_user_api_keys');
SELECT is(pg_temp.told_by(format('gatehouse.deactivate_user_api_keys(%L)', :'ada')), 'nothing', 'deactivate_user_api_keys again');
SELECT gatehouse.set_audit_context('{"request": "r1", "provider": "said"}') AS ignored \gset
SELECT is(pg_temp.told_by(format($$gatehouse.link_oauth(%L, 'forge', 'subject of ada')$$, :'ada')),
  'gatehouse.account.oauth_linked ada {"request": "r1", "provider": "forge"}', 'what set_audit_context said, below what gatehouse says');
SELECT gatehouse.set_audit_context(NULL) AS ignored \gset

-- Deletion
SELECT is(pg_temp.told_by(format('gatehouse.request_account_deletion(%L)', :'ada')), 'gatehouse.account.deletion_requested ada',
  'request_account_deletion');
SELECT is(pg_temp.told_by(format('gatehouse.confirm_account_deletion(%L)', pg_temp.answer())),
  'gatehouse.account.deletion_scheduled ada {"scheduled_for": TIME}', 'confirm_account_deletion');
SELECT is(pg_temp.told_by(format('gatehouse.mark_deletion_reminder_sent(%L, 3)', :'ada')), 'gatehouse.account.deletion_reminded ada {"days_before": 3}',
  'mark_deletion_reminder_sent');
SELECT is(pg_temp.told_by(format('gatehouse.mark_deletion_reminder_sent(%L, 3)', :'ada')), 'nothing', 'mark_deletion_reminder_sent again');
SELECT is(pg_temp.told_by(format('gatehouse.cancel_account_deletion(%L)', :'ada')), 'gatehouse.account.deletion_cancelled ada',
  'cancel_account_deletion');
SELECT is(pg_temp.told_by(format('gatehouse.cancel_account_deletion(%L)', :'ada')), 'nothing', 'cancel_account_deletion again');
SELECT is(pg_temp.told_by(format($$gatehouse.soft_delete_user(%L, %L, 'a reason')$$, :'ada', :'root')),
  'gatehouse.account.deleted ada {"deleted_by": ID}', 'soft_delete_user, and its reason is not told');
SELECT is(pg_temp.told_by(format('gatehouse.soft_delete_user(%L)', :'ada')), 'nothing', 'soft_delete_user again');
SELECT is(pg_temp.told_by(format('gatehouse.restore_user(%L)', :'ada')), 'gatehouse.account.restored ada', 'restore_user');
SELECT is(pg_temp.told_by(format('gatehouse.restore_user(%L)', :'ada')), 'nothing', 'restore_user again');
SELECT is(pg_temp.told_by(format('gatehouse.soft_delete_users(%L)', ARRAY[:'ada', :'bob'])), 'gatehouse.accounts.deleted nobody {"accounts": 2}',
  'soft_delete_users');
SELECT is(pg_temp.told_by(format('gatehouse.soft_delete_users(%L)', ARRAY[:'ada', :'bob'])), 'nothing', 'soft_delete_users again');
UPDATE gatehouse.users SET deletion_scheduled_for = clock_timestamp() - interval '1 hour' WHERE id = :'bob';
SELECT is(pg_temp.told_by('gatehouse.purge_deleted_users()'), 'gatehouse.account.erased bob', 'purge_deleted_users');
SELECT gatehouse.set_audit_context('{"name": "Ada Lovelace"}') AS ignored \gset
SELECT is(pg_temp.told_by(format('gatehouse.permanently_delete_user(%L)', :'ada')), 'gatehouse.account.erased ada',
  'permanently_delete_user: without what set_audit_context said');
SELECT is(pg_temp.told_by(format('gatehouse.permanently_delete_user(%L)', :'ada')), 'nothing', 'permanently_delete_user again');
SELECT is((SELECT count(*) FROM gatehouse.event_details d JOIN gatehouse.events e ON e.id = d.event_id WHERE e.user_id IN (:'ada', :'bob')), 0::bigint,
  'nothing personal is left of their events');
SELECT cmp_ok((SELECT count(*) FROM gatehouse.events e WHERE e.user_id = :'ada' AND e.event_type LIKE 'gatehouse.%'), '>', 40::bigint,
  'which are there');

-- In the transaction of what it tells
SAVEPOINT undone;
SELECT id AS eve FROM gatehouse.create_user('eve@example.com', 'eve') \gset
ROLLBACK TO undone;
SELECT is_empty(format('SELECT FROM gatehouse.events WHERE user_id = %L', :'eve'), 'an event goes with what is rolled back');
SELECT throws_ok($$SELECT gatehouse.create_audit_log('gatehouse.account.created')$$, '22023',
  'event types that begin with "gatehouse." are written by gatehouse alone', 'nobody else writes such a type');
SELECT lives_ok($$SELECT gatehouse.create_audit_log(t) FROM unnest('{account.created,gatehouse,gatehouses.opened}'::text[]) t$$, 'other types are free');

-- The other functions that may write.
SELECT set_eq(
  $$SELECT f.proname::text FROM pg_temp.member_function f
     WHERE f.provolatile = 'v' AND f.prorettype NOT IN ('trigger'::regtype, 'event_trigger'::regtype)
       AND has_function_privilege('gatehouse_admin', f.oid, 'EXECUTE')
       AND NOT EXISTS (SELECT FROM told t WHERE t.function_name = f.proname)$$,
  ARRAY['create_audit_log',
        'disable_audit', 'enable_audit', 'prune_audit_log', 'record_audit_disabled', 'record_audit_enabled',             -- audit.*
        'disable_audit_schema', 'enable_audit_schema', 'record_schema_enabled',                                          -- audit.*
        'unlock_user',                                                                                                   -- security.*
        'make_audit_leaves',                                                                                             -- moves rows alone
        'generate_token', 'hash_password', 'uuid_v7',                                                                    -- store nothing
        'set_audit_context', 'sign_in_with_access_token', 'sign_in_with_api_key', 'sign_in_with_session', 'sign_out',    -- end with the transaction
        'issue_access_token', 'refresh_session'],                                                                        -- too many
  'every other function tells of what it changes');

SELECT * FROM finish();
ROLLBACK;
