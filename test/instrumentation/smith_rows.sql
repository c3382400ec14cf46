-- New accounts with all that hangs on them, as the arguments of sqlsmith's next queries: of an account that is live, stopped,
-- deleted or of an OAuth provider, then such as are no good, then nulls. What queries do is rolled back, but failures, uses and
-- reuses are counted all the same. `round` is a number that was not there yet.
\set ON_ERROR_STOP on
\o /dev/null
SET client_min_messages = warning;
SET search_path = public;
TRUNCATE arguments, damaged, item, keyless;

SELECT gatehouse.forget_failure_counts();
SELECT gatehouse.register_scope(s) FROM unnest(ARRAY['read:users', 'write:users', 'read:notes', 'report']) s
 WHERE s NOT IN (SELECT name FROM gatehouse.get_scopes());
INSERT INTO item SELECT n, repeat('name', n * n), n, now(), '\x00ff', '{a,NULL}', '{"a": [1, null]}', '192.0.2.1', 'secret'
                   FROM generate_series(1, 5) n;
INSERT INTO keyless VALUES ('x', gatehouse.uuid_v7()), (NULL, NULL);

CREATE FUNCTION pg_temp.one_time_token(kind text, account_id uuid, email text) RETURNS text LANGUAGE sql AS $$
  SELECT CASE kind
           WHEN 'email_verification' THEN gatehouse.request_email_verification(account_id)
           WHEN 'password_reset' THEN (SELECT r.token FROM gatehouse.request_password_reset(email) r)
           WHEN 'email_change' THEN gatehouse.request_email_change(account_id, 'new.' || email)
           ELSE gatehouse.request_account_deletion(account_id)
         END
$$;

INSERT INTO arguments (id, account_id, email, username, password, purpose, provider)
SELECT n, u.id, u.email, u.username, 'correct horse battery ' || n,
       (ARRAY['password_reset', 'email_change', 'account_deletion', 'email_verification'])[n],
       (ARRAY['github', 'google', 'gitlab', 'github'])[n]
  FROM generate_series(1, 4) n,
       gatehouse.create_user(format('User%s.%s@example.com', n, :round), format('user_%s_%s', n, :round),
                             CASE WHEN n < 4 THEN 'correct horse battery ' || n END, false, '{"first_name": "Ada"}') u;
SELECT gatehouse.link_oauth(account_id, provider, 'subject ' || username) FROM arguments WHERE id IN (1, 4);
UPDATE arguments SET one_time_token = pg_temp.one_time_token(purpose, account_id, email);
SELECT gatehouse.set_verified(account_id, true), gatehouse.set_superuser(account_id, id = 1) FROM arguments WHERE id < 4;
UPDATE arguments a
   SET key_id = k.id, api_key = k.api_key
  FROM arguments b,
       gatehouse.create_api_key(b.account_id, 'key ' || b.id,
                                (ARRAY['{read:users,report}', '{read:*}', '{}', '{write:users}'])[b.id]::text[], now() + interval '1 year',
                                CASE WHEN b.id IN (1, 4) THEN '{192.0.2.0/24,2001:db8::/32}'::cidr[] END) k
 WHERE a.id = b.id;
UPDATE arguments a
   SET session_id = s.session_id, refresh_token = s.refresh_token
  FROM arguments b, gatehouse.create_refresh_token(b.account_id, '192.0.2.1', 'agent', 'phone') s
 WHERE a.id = b.id;
SELECT gatehouse.rotate_api_key((SELECT k.id FROM gatehouse.create_api_key(account_id, 'rotated') k), overlap => '1 hour')
  FROM arguments WHERE id = 1;
SELECT s.status FROM arguments, gatehouse.refresh_session(refresh_token) s WHERE id = 4;
SELECT a.status FROM arguments, gatehouse.authenticate_user(email, password, '2001:db8::1', 'agent') a WHERE id = 1;
UPDATE arguments SET password_hash = (SELECT c.password_hash FROM gatehouse.password_credentials c WHERE user_id = account_id);
UPDATE arguments SET password_hash = '$2b$04$abcdefghijklmnopqrstuuPp7HPfoAs8I2dCQCQ/fW7zEJv8I8C8e' WHERE id = 4;
UPDATE arguments SET access_token = gatehouse.issue_access_token(account_id, session_id, provider, claims => '{"role": ["x"]}');
SELECT gatehouse.set_active(account_id, false, 'reason', now() + interval '1 day') FROM arguments WHERE id = 2;
SELECT gatehouse.soft_delete_user(account_id, NULL, 'reason') FROM arguments WHERE id = 3;
UPDATE arguments a
   SET number = (ARRAY[1, 20, 100, 64])[id], flag = id % 2 = 0,
       scope = (ARRAY['read:users', 'read:*', 'report', 'none:such'])[id],
       place = (ARRAY[(SELECT l."cursor" FROM gatehouse.get_users(page_size => 1) l),
                      (SELECT l."cursor" FROM gatehouse.get_audit_logs(page_size => 1) l),
                      (SELECT l."cursor" FROM arguments b, gatehouse.get_user_api_keys(b.account_id, 1) l WHERE b.id = 1),
                      (SELECT l."cursor" FROM gatehouse.get_service_keys(1) l)])[id],
       name = (ARRAY['api_key_prefix', 'users_email_live', 'password_reset_token_lifetime', 'order.paid'])[id],
       long_text = repeat((ARRAY['a', U&'\00e4', U&'\+01F600', U&'e\0301'])[id], 300 * id),
       ids = CASE id WHEN 1 THEN ARRAY[account_id] WHEN 2 THEN (SELECT array_agg(b.account_id) FROM arguments b WHERE b.id < 3)
                     WHEN 3 THEN ARRAY[key_id, NULL] ELSE ARRAY[session_id] END,
       scopes = (ARRAY['{read:users}', '{read:*,NULL}', '{}', '{write:users,report}'])[id]::text[],
       networks = (ARRAY['{192.0.2.0/24,2001:db8::/32}', '{0.0.0.0/0}', '{}', '{NULL}'])[id]::cidr[],
       texts = (ARRAY['{name}', '{secret,document}', '{}', '{expires_at,NULL,""}'])[id]::text[],
       address = (ARRAY['192.0.2.7', '2001:db8::1', '::ffff:198.51.100.1', '10.0.0.0/8']::inet[])[id],
       network = (ARRAY['192.0.2.0/24', '2001:db8::/32', '0.0.0.0/0', '198.51.100.1/32']::cidr[])[id],
       document = (ARRAY['{"id": 1}', '[{"email": "a@example.com", "username": "a"}, {"email": 1}, null]', '{}',
                         '{"a": [1, {"b": "x"}, null], "password": "x"}']::jsonb[])[id],
       patch = (ARRAY['{"name": "x"}', '{"username": "other", "profile": {"a": null}}', '{"scopes": ["read:users"]}',
                      '{"ip_allow": ["192.0.2.1"], "expires_at": "2100-01-01T00:00:00Z"}']::jsonb[])[id],
       moment = (ARRAY['2099-12-31', '2000-01-01', '-infinity', '294276-12-31']::timestamptz[])[id],
       span = (ARRAY['1 hour', '-1 day', '0', '400 days']::interval[])[id],
       digest = (ARRAY[gatehouse.token_digest(refresh_token), gatehouse.throttle_subject('account', account_id::text),
                       gatehouse.generate_salt(), sha256('x')])[id],
       relation = (ARRAY['item', 'keyless', 'arguments', 'gatehouse.users']::regclass[])[id],
       role = (ARRAY['gatehouse_owner', 'gatehouse_app', 'smith', 'gatehouse_admin']::regrole[])[id],
       account = (SELECT u FROM gatehouse.users u WHERE u.id = account_id),
       stored_key = (SELECT k FROM gatehouse.api_keys k WHERE k.id = key_id),
       session = (SELECT s FROM gatehouse.sessions s WHERE s.session_id = a.session_id),
       failures = gatehouse.stored_count(gatehouse.throttle_subject('account', account_id::text)),
       attempt = ROW('mismatch', interval '1 minute', 'account', true, true, true),
       event = ROW(now(), 'security.test', account_id, session_id, key_id, flag, '192.0.2.1', 'agent', '{"a": 1}');
UPDATE arguments SET failure_list = ARRAY[failures, NULL, ROW((failures).subject, 3, now(), NULL)::gatehouse.login_throttles];

INSERT INTO damaged
SELECT 1, -1, true, gatehouse.uuid_v7(), '00000000-0000-0000-0000-000000000000', 'ffffffff-ffff-ffff-ffff-ffffffffffff',
       '@example.com', U&'\0378', '', '$argon2id$v=19$m=99999999,t=1,p=1$AAAA$AAAA', a.api_key || '0', reverse(a.refresh_token),
       replace(a.access_token, '.', '.A'), left(a.one_time_token, 20), 'none', '', '*:*', left(a.place, -1), E'\n', repeat('%_\', 30000), '{}',
       ARRAY[repeat('x', 70000), NULL], array_fill('read:users'::text, ARRAY[300]), '::', '::/0', array_fill('10.0.0.0/8'::cidr, ARRAY[100]),
       '"text"', '{"none": {}, "scopes": 1, "expires_at": "x", "ip_allow": ["x"]}', 'infinity', '178000000 years', '\x00',
       'pg_class', 0, '(,"","","","",,,,null,infinity,,,,,,,,)', NULL, NULL,
       ROW(sha256('x'), -1, '-infinity', 'infinity')::gatehouse.login_throttles, '{}', '(none,-1 day,,,,)',
       ROW('infinity', '', NULL, NULL, NULL, NULL, NULL, repeat('x', 1000), '{')::gatehouse.queued_event
  FROM arguments a WHERE a.id = 1;
INSERT INTO damaged (id) VALUES (2);
