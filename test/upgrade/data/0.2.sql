-- Data that SQL version 0.2 writes, and in upgrade_evidence what its owners were told: 0.2.check.sql shows after every
-- upgrade that it still works.
\set ON_ERROR_STOP on
SET client_min_messages = warning;
BEGIN;
CREATE TABLE public.upgrade_evidence (name text PRIMARY KEY, value text NOT NULL);
CREATE TABLE public.upgrade_audited (id integer PRIMARY KEY, label text, secret text, hidden text);
SELECT gatehouse.enable_audit('public.upgrade_audited', exclude => '{hidden}', redact => '{secret}');

INSERT INTO public.upgrade_evidence
SELECT 'user ' || u.username, u.id::text
  FROM (VALUES ('anna', 'Anna@Example.com', 'correct horse battery staple', '{"city": "Zürich"}'::jsonb),
               ('boris', 'boris@example.com', NULL, '{}')) v (username, email, password, profile),
       LATERAL gatehouse.create_user(v.email, v.username, v.password, profile => v.profile) u;
INSERT INTO public.upgrade_evidence
SELECT 'user zeno', u.id::text FROM gatehouse.create_user('σας.α@example.com', 'zeno') u;
UPDATE gatehouse.users SET is_verified = true WHERE username = 'anna';
-- A password that came along with its account, under bcrypt.
INSERT INTO gatehouse.password_credentials (user_id, password_hash, changed_at)
SELECT value::uuid, '$2y$04$abcdefghijklmnopqrstuuCrk1yZpisZA5KyoCn5CNfr4CSeH7cqm', now()
  FROM public.upgrade_evidence WHERE name = 'user boris';
-- And of every other kind that 0.2 verifies: the published examples.
INSERT INTO public.upgrade_evidence
SELECT 'user ' || v.username, u.id::text
  FROM (VALUES ('sha256'), ('sha512'), ('yescrypt'), ('pbkdf2')) v (username),
       LATERAL gatehouse.create_user(v.username || '@example.com', v.username) u;
INSERT INTO gatehouse.password_credentials (user_id, password_hash, changed_at)
SELECT e.value::uuid, v.hash, now()
  FROM (VALUES ('sha256', '$5$saltstring$5B8vYYiY.CVt1RlTTf8KbXBH3hsxY/GNooZaBBGWEc5'),
               ('sha512', '$6$saltstring$svn8UoSVapNtMuq1ukKS4tPQd8iKwSMHWjl/O817G3uBnIFNjnQJuesI68u4OTLiBFdcbYEdFCoEOfaS35inz1'),
               ('yescrypt', '$y$j75$LdJMENpBABJJ3hIHjB1Bi.$aN8IREm4mVoXwP2ZkEbfFinwVjML6Krr5zkB50rSJX3'),
               ('pbkdf2', 'pbkdf2_sha256$1$salt$VawEblbjCJ/sFpHCJUS2BflBhSFt3gRl5oudV8INrLw='))
       v (username, hash)
  JOIN public.upgrade_evidence e ON e.name = 'user ' || v.username;

SELECT gatehouse.register_scope('read:things', 'to look at things'), gatehouse.register_scope('write:things');
INSERT INTO public.upgrade_evidence
SELECT v.name || ' key', k.api_key
  FROM (VALUES ('scoped', ARRAY['read:things'], NULL::timestamptz, '{192.0.2.0/24}'::cidr[]),
               ('wildcard', '{read:*}', now() + interval '100 years', NULL),
               ('ended', '{}', NULL, NULL)) v (name, scopes, expires_at, ip_allow),
       public.upgrade_evidence e,
       LATERAL gatehouse.create_api_key(e.value::uuid, v.name, v.scopes, v.expires_at, v.ip_allow) k
 WHERE e.name = 'user anna';
INSERT INTO public.upgrade_evidence
SELECT 'service key', api_key FROM gatehouse.create_api_key(NULL, 'service', '{write:things}');
SELECT gatehouse.deactivate_api_key(k.id) FROM gatehouse.api_keys k WHERE k.name = 'ended';

INSERT INTO public.upgrade_evidence
SELECT v.name || ' token', t.refresh_token
  FROM (VALUES ('first'), ('spent'), ('ended')) v (name), public.upgrade_evidence e,
       LATERAL gatehouse.create_refresh_token(e.value::uuid, '192.0.2.7', 'a browser', v.name) t
 WHERE e.name = 'user anna';
INSERT INTO public.upgrade_evidence
SELECT 'second token', r.refresh_token
  FROM public.upgrade_evidence e, LATERAL gatehouse.refresh_session(e.value) r
 WHERE e.name = 'spent token';
SELECT gatehouse.revoke_refresh_token(value) FROM public.upgrade_evidence WHERE name = 'ended token';
-- The grace is long over when somebody upgrades.
UPDATE gatehouse.sessions SET rotated_at = rotated_at - interval '1 day' WHERE rotations = 1;

INSERT INTO public.upgrade_audited VALUES (1, 'one', 's1', 'h1'), (2, 'two', 's2', 'h2');
UPDATE public.upgrade_audited SET label = 'uno', secret = 's3' WHERE id = 1;
DELETE FROM public.upgrade_audited WHERE id = 2;
SELECT gatehouse.create_audit_log('thing.opened', value::uuid, '2001:db8::7', 'a browser', false, '{"thing": 7}')
  FROM public.upgrade_evidence WHERE name = 'user anna';
SELECT gatehouse.create_audit_log('night.passed');

-- A login from an address that is known since, and failures: of nobody, and of an account.
SELECT gatehouse.authenticate_user('anna', 'correct horse battery staple', '192.0.2.7', 'a browser');
SELECT gatehouse.authenticate_user(l, 'wrong', '198.51.100.9', 'a script')
  FROM unnest(ARRAY['anna', 'anna@example.com', 'nobody@example.com']) l;
SELECT gatehouse.run_maintenance();
COMMIT;
