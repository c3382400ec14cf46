-- What was written by 0.2.sql still works, whatever version is installed now. Changes nothing.
BEGIN;
SELECT plan(35);
SET LOCAL client_min_messages = warning;

CREATE FUNCTION pg_temp.told(name text) RETURNS text LANGUAGE sql AS
  $$SELECT e.value FROM public.upgrade_evidence e WHERE e.name = told.name$$;

-- Accounts and hashes.
SELECT is(u.email || ' ' || (u.profile ->> 'city'), 'Anna@Example.com Zürich', 'an account is as it was made')
  FROM gatehouse.get_user_by_id(pg_temp.told('user anna')::uuid) u;
SELECT is((SELECT count(*) FROM gatehouse.get_user_by_email('ANNA@example.COM')), 1::bigint, 'and found by its address in another case');
SELECT is((SELECT u.id::text FROM gatehouse.get_user_by_email('σας.α@example.com') u), pg_temp.told('user zeno'),
  'also by one that is compared in another way by now');
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

SELECT * FROM finish();
ROLLBACK;
