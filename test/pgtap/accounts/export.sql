-- export_user_data: all that is held on a person, and no secret.
BEGIN;
SELECT plan(22);
SET LOCAL client_min_messages = warning;
\ir ../as_role.psql
SET LOCAL gatehouse.argon2_memory = '7MB';
SET LOCAL gatehouse.argon2_iterations = 5;
SELECT id AS ada FROM gatehouse.create_user('ada@example.com', 'ada', 'correct horse battery staple', profile => '{"born": 1815}') \gset
SELECT id AS bob FROM gatehouse.create_user('bob@example.com', 'bob', 'correct horse battery staple') \gset
SELECT gatehouse.register_scope('read:users') AS ignored \gset
SELECT api_key FROM gatehouse.create_api_key(:'ada', 'ci', '{read:users}') \gset
SELECT refresh_token FROM gatehouse.create_refresh_token(:'ada', '192.0.2.1', 'browser', 'phone') \gset
SELECT refresh_token AS second_token FROM gatehouse.refresh_session(:'refresh_token') \gset
SELECT gatehouse.request_email_verification(:'ada') AS token \gset
INSERT INTO gatehouse.oauth_identities (provider, subject, user_id, linked_at, email, owner_is_deleted) VALUES ('github', 'sub-1', :'ada', now(), 'x@example.com', false);
INSERT INTO gatehouse.known_addresses (user_id, network, last_login_at) VALUES (:'ada', '192.0.2.1/32', now());
INSERT INTO gatehouse.login_throttles (subject, failures, counted_at) SELECT (a.stored).subject, 3, clock_timestamp() FROM gatehouse.account_counts(:'ada') a;
INSERT INTO gatehouse.deletion_reminders (user_id, scheduled_for, days_before, sent_at) VALUES (:'ada', '2030-01-04 00:00Z', 3, '2030-01-01 00:00Z');
UPDATE gatehouse.users SET deletion_scheduled_for = '2030-01-04 00:00Z' WHERE id = :'ada';
SELECT gatehouse.create_audit_log('order.paid', :'ada', '192.0.2.1', 'browser', context => '{"order": 7}') AS ignored \gset
SELECT gatehouse.create_audit_log('order.paid', :'bob', '192.0.2.2') AS ignored \gset
CREATE TEMP TABLE export AS SELECT pg_temp.as_role('gatehouse_app', format('SELECT gatehouse.export_user_data(%L)', :'ada'))::jsonb AS data;

SELECT is((SELECT array_agg(k ORDER BY k COLLATE "C") FROM export, jsonb_object_keys(data) k),
  '{account,api_keys,deletion_reminders,events,exported_at,failed_logins,known_addresses,oauth_identities,one_time_tokens,password,profile,sessions}',
  'its parts');
SELECT is((SELECT data -> 'account' ->> 'email' FROM export), 'ada@example.com', 'account');
SELECT is((SELECT (data -> 'account' ->> 'deletion_scheduled_for')::timestamptz FROM export), '2030-01-04 00:00Z', 'account: the date of its erasure');
SELECT is((SELECT data -> 'profile' FROM export), '{"born": 1815}', 'profile');
SELECT is((SELECT array_agg(k) FROM export, jsonb_object_keys(data -> 'password') k), '{changed_at}', 'password: when it was changed and nothing else');
SELECT is((SELECT data #>> '{oauth_identities,0,subject}' FROM export), 'sub-1', 'oauth_identities');
SELECT is((SELECT data #> '{api_keys,0,scopes}' FROM export), '["read:users"]', 'api_keys');
SELECT is((SELECT data #>> '{sessions,0,device}' FROM export), 'phone', 'sessions');
SELECT is((SELECT data #>> '{known_addresses,0,network}' FROM export), '192.0.2.1/32', 'known_addresses');
SELECT is((SELECT jsonb_path_query_array(data, '$.failed_logins[*].failures') FROM export), '[3, 3]', 'failed_logins');
SELECT is((SELECT data #>> '{one_time_tokens,0,purpose}' FROM export), 'email_verification', 'one_time_tokens');
SELECT is((SELECT data #>> '{deletion_reminders,0,days_before}' FROM export), '3', 'deletion_reminders');
SELECT is((SELECT jsonb_path_query_array(data, '$.events[*] ? (@.event_type starts with "order.").context') FROM export), '[{"order": 7}]',
  'events, with their details, of nobody else');

-- Every column of every table that holds something of an account is in it, or is known not to belong there. A new column fails
-- here until somebody has decided.
CREATE FUNCTION pg_temp.missing(place text, part jsonb) RETURNS text LANGUAGE sql AS $$
  SELECT string_agg(a.attname, ' ' ORDER BY a.attname) FROM pg_attribute a
   WHERE a.attrelid = ('gatehouse.' || place)::regclass AND a.attnum > 0 AND NOT a.attisdropped AND a.attname <> 'user_id' AND NOT part ? a.attname
$$;
SELECT is((SELECT string_agg(v.place || ': ' || pg_temp.missing(v.place, v.part), ', ' ORDER BY v.place COLLATE "C")
             FROM export, LATERAL (VALUES
               ('users', data -> 'account'), ('password_credentials', data -> 'password'), ('oauth_identities', data #> '{oauth_identities,0}'),
               ('api_keys', data #> '{api_keys,0}'), ('api_key_usage', data #> '{api_keys,0}'), ('sessions', data #> '{sessions,0}'), ('known_addresses', data #> '{known_addresses,0}'),
               ('login_throttles', data #> '{failed_logins,0}'), ('one_time_tokens', data #> '{one_time_tokens,0}'),
               ('deletion_reminders', data #> '{deletion_reminders,0}'), ('events', data #> '{events,0}'), ('event_details', data #> '{events,0}')
             ) AS v (place, part)),
  'api_key_usage: api_key_id, api_keys: key_digest lookup_id owner_is_live owner_stopped_until ring_key_id, event_details: event_id salt, events: commitment origin transaction_id, '
  'login_throttles: subject, oauth_identities: owner_is_deleted, one_time_tokens: locator_digest ring_key_id subject token_digest, '
  'password_credentials: password_hash, sessions: locator_digest previous_digest previous_ring_key_id ring_key_id sweep_at token_digest, users: profile',
  'what is left out');
SELECT is((SELECT string_agg(s.what, ' ') FROM export,
             (SELECT 'password_hash' AS what, c.password_hash AS secret FROM gatehouse.password_credentials c
              UNION ALL SELECT 'key_digest', encode(k.key_digest, 'hex') FROM gatehouse.api_keys k
              UNION ALL SELECT 'token_digest', encode(s.token_digest, 'hex') FROM gatehouse.sessions s
              UNION ALL SELECT 'token_digest', encode(t.token_digest, 'hex') FROM gatehouse.one_time_tokens t
              UNION ALL SELECT 'locator_digest', encode(t.locator_digest, 'hex') FROM gatehouse.one_time_tokens t
              UNION ALL SELECT 'secret', v FROM unnest(ARRAY[:'api_key', :'refresh_token', :'second_token', :'token', 'correct horse']) v) s
            WHERE strpos(data::text, s.secret) > 0), NULL, 'no secret and no digest is in it');

-- Of whom.
SELECT id AS eve FROM gatehouse.create_user('eve@example.com', 'eve') \gset
SELECT is(gatehouse.export_user_data(:'eve') -> 'password', 'null', 'an account without a password');
SELECT is(gatehouse.export_user_data(gatehouse.uuid_v7()), NULL::jsonb, 'an unknown account: null');
UPDATE gatehouse.users SET deleted_at = now() WHERE id = :'ada';
SELECT is(pg_temp.as_role('gatehouse_app', format('SELECT gatehouse.export_user_data(%L)', :'ada')), NULL, 'a deleted account: null for an application');
SELECT isnt(pg_temp.as_role('gatehouse_admin', format('SELECT gatehouse.export_user_data(%L)', :'ada')), NULL, 'its data for an administrator');
SELECT throws_ok('SELECT gatehouse.export_user_data(NULL)', '22023', 'argument "id" must not be null', 'NULL is wrong use');
SELECT throws_ok($$SELECT pg_temp.as_role('gatehouse_auditor', 'SELECT gatehouse.export_user_data(NULL)')$$, '42501',
  'permission denied for function export_user_data', 'an auditor may not');
SET LOCAL transaction_read_only = on;
SELECT lives_ok(format('SELECT gatehouse.export_user_data(%L)', :'bob'), 'it only reads');

SELECT * FROM finish();
ROLLBACK;
