-- Data that SQL version 0.7 writes, and in upgrade_evidence what its owners were told: 0.7.check.sql shows after every
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
UPDATE gatehouse.users SET is_verified = true WHERE username = 'anna';
-- A password that came along with its account, under bcrypt.
INSERT INTO gatehouse.password_credentials (user_id, password_hash, changed_at)
SELECT value::uuid, '$2y$04$abcdefghijklmnopqrstuuCrk1yZpisZA5KyoCn5CNfr4CSeH7cqm', now()
  FROM public.upgrade_evidence WHERE name = 'user boris';
-- And of every other kind that 0.7 verifies: the published examples.
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
-- The life of accounts: one of OAuth with two identities, one stopped with a key, one deleted whose names are free again, one whose
-- erasure is scheduled with a reminder sent, and tokens that were sent out.
INSERT INTO public.upgrade_evidence
SELECT 'user ' || u.username, u.id::text
  FROM gatehouse.create_oauth_user('olga@example.com', 'olga', 'github', 'Sub-7', 'olga@provider.example') u;
SELECT gatehouse.link_oauth(value::uuid, 'google', '1077') FROM public.upgrade_evidence WHERE name = 'user olga';
INSERT INTO public.upgrade_evidence
SELECT 'user ' || v.username, u.id::text
  FROM (VALUES ('stopped'), ('paused'), ('deleted'), ('leaving')) v (username),
       LATERAL gatehouse.create_user(v.username || '@example.com', v.username, 'correct horse battery staple') u;
SELECT gatehouse.link_oauth(value::uuid, 'gitlab', '11') FROM public.upgrade_evidence WHERE name = 'user deleted';
INSERT INTO public.upgrade_evidence
SELECT v.name || ' key', k.api_key
  FROM (VALUES ('stopped'), ('deleted')) v (name) JOIN public.upgrade_evidence e ON e.name = 'user ' || v.name,
       LATERAL gatehouse.create_api_key(e.value::uuid, v.name) k;
SELECT gatehouse.set_active(value::uuid, false, 'spam') FROM public.upgrade_evidence WHERE name = 'user stopped';
SELECT gatehouse.set_active(value::uuid, false, 'a break', now() + interval '100 years')
  FROM public.upgrade_evidence WHERE name = 'user paused';
SELECT gatehouse.soft_delete_user(d.value::uuid, a.value::uuid, 'asked for it')
  FROM public.upgrade_evidence d, public.upgrade_evidence a WHERE d.name = 'user deleted' AND a.name = 'user anna';
INSERT INTO public.upgrade_evidence
SELECT 'leaving token', gatehouse.request_account_deletion(value::uuid) FROM public.upgrade_evidence WHERE name = 'user leaving';
SELECT gatehouse.confirm_account_deletion(value) FROM public.upgrade_evidence WHERE name = 'leaving token';
UPDATE gatehouse.users SET deletion_scheduled_for = date_trunc('second', now() + interval '100 years') WHERE username = 'leaving';
INSERT INTO public.upgrade_evidence
SELECT 'leaving at', deletion_scheduled_for::text FROM gatehouse.users WHERE username = 'leaving';
INSERT INTO gatehouse.deletion_reminders (user_id, scheduled_for, days_before, sent_at)
SELECT id, deletion_scheduled_for, 3, now() FROM gatehouse.users WHERE username = 'leaving';
INSERT INTO public.upgrade_evidence
SELECT 'verification token', gatehouse.request_email_verification(value::uuid) FROM public.upgrade_evidence WHERE name = 'user boris';
INSERT INTO public.upgrade_evidence
SELECT 'reset token', r.token FROM gatehouse.request_password_reset('boris@example.com') r;
INSERT INTO public.upgrade_evidence
SELECT 'change token', gatehouse.request_email_change(value::uuid, 'Boris@New.example') FROM public.upgrade_evidence WHERE name = 'user boris';
-- They are used long after they were sent.
UPDATE gatehouse.one_time_tokens SET expires_at = expires_at + interval '100 years';
SELECT gatehouse.load_blocked_passwords('{"the whole company uses this one"}'), gatehouse.load_blocked_email_domains('{throwaway.example}');
INSERT INTO public.upgrade_evidence
SELECT 'user ' || b.username, b.id::text FROM gatehouse.bootstrap_superuser('root@example.com', 'first-of-all', 'correct horse battery staple') b;

-- Keys: one in its overlap, one whose overlap is over, each with its successor; uses as they were written; and a row that somebody
-- changed who was signed in.
INSERT INTO public.upgrade_evidence
SELECT v.name || ' key', k.api_key
  FROM (VALUES ('overlapping', interval '30 days'), ('rotated', interval '0')) v (name), public.upgrade_evidence e,
       LATERAL gatehouse.create_api_key(e.value::uuid, v.name, ARRAY['read:things']) k
 WHERE e.name = 'user anna';
INSERT INTO public.upgrade_evidence
SELECT 'successor of ' || k.name, r.api_key
  FROM gatehouse.api_keys k,
       LATERAL gatehouse.rotate_api_key(k.id, overlap => CASE k.name WHEN 'overlapping' THEN interval '30 days' ELSE interval '0' END) r
 WHERE k.name IN ('overlapping', 'rotated');
UPDATE gatehouse.api_keys SET expires_at = expires_at + interval '100 years' WHERE name = 'overlapping' AND rotated_to IS NOT NULL;
INSERT INTO gatehouse.api_key_usage (api_key_id, last_used_at, last_used_ip, use_count)
SELECT k.id, timestamptz '2026-01-02 03:04:05+00', '192.0.2.7', 41 FROM gatehouse.api_keys k WHERE k.name = 'scoped';
SELECT gatehouse.sign_in_with_api_key(value) FROM public.upgrade_evidence WHERE name = 'wildcard key';
INSERT INTO public.upgrade_audited VALUES (9, 'nine', 's9', 'h9');
SELECT gatehouse.sign_out();
-- The public keys of access tokens: a token itself lives a day.
INSERT INTO public.upgrade_evidence SELECT 'jwks', gatehouse.jwks()::text;
-- A table whose rows change their keys, and its columns their names.
CREATE TABLE public.upgrade_travel (id integer PRIMARY KEY, name text, gone integer);
SELECT gatehouse.enable_audit('public.upgrade_travel');
SELECT gatehouse.set_audit_context('{"request": "r-1"}');
INSERT INTO public.upgrade_travel VALUES (1, 'lamp', 5), (2, 'desk', 6);
INSERT INTO public.upgrade_evidence SELECT 'then', clock_timestamp()::text;
ALTER TABLE public.upgrade_travel RENAME COLUMN name TO title;
ALTER TABLE public.upgrade_travel DROP COLUMN gone;
UPDATE public.upgrade_travel SET id = 3 WHERE id = 2;
SELECT gatehouse.set_audit_context(NULL);
-- Partitions that have other names, and one that came with a row.
CREATE TABLE public.upgrade_parted (id integer PRIMARY KEY, body text) PARTITION BY RANGE (id);
CREATE TABLE public.upgrade_low PARTITION OF public.upgrade_parted FOR VALUES FROM (0) TO (10);
CREATE TABLE public.upgrade_guest (id integer PRIMARY KEY, body text);
SELECT gatehouse.enable_audit('public.upgrade_parted');
INSERT INTO public.upgrade_parted VALUES (1, 'one');
INSERT INTO public.upgrade_guest VALUES (11, 'eleven');
INSERT INTO public.upgrade_evidence SELECT 'before the guest', clock_timestamp()::text;
ALTER TABLE public.upgrade_parted ATTACH PARTITION public.upgrade_guest FOR VALUES FROM (10) TO (20);
ALTER TABLE public.upgrade_low RENAME TO upgrade_lowest;
-- A hidden column that has another name.
CREATE TABLE public.upgrade_hiding (id integer PRIMARY KEY, secret text, body text);
SELECT gatehouse.enable_audit('public.upgrade_hiding', exclude => '{secret}');
INSERT INTO public.upgrade_hiding VALUES (1, 'hidden', 'shown');
ALTER TABLE public.upgrade_hiding RENAME COLUMN secret TO plain;
SELECT gatehouse.run_maintenance();
COMMIT;
