-- Test data, frozen: what gatehouse 0.5 (library 0.5.0) wrote from 0.5.sql, dumped by pg_dump. Its accounts
-- and keys are nobody's. It is never made again; frozen.sha256 has its checksum.
--
-- PostgreSQL database dump
--


-- Dumped from database version 15.20 (Debian 15.20-0+deb12u1)
-- Dumped by pg_dump version 15.20 (Debian 15.20-0+deb12u1)

SET statement_timeout = 0;
SET lock_timeout = 0;
SET idle_in_transaction_session_timeout = 0;
SET client_encoding = 'UTF8';
SET standard_conforming_strings = on;
SELECT pg_catalog.set_config('search_path', '', false);
SET check_function_bodies = false;
SET xmloption = content;
SET client_min_messages = warning;
SET row_security = off;

--
-- Name: gatehouse; Type: EXTENSION; Schema: -; Owner: -
--

CREATE EXTENSION IF NOT EXISTS gatehouse WITH SCHEMA pg_catalog;


--
-- Name: EXTENSION gatehouse; Type: COMMENT; Schema: -; Owner: -
--

COMMENT ON EXTENSION gatehouse IS 'identity inside PostgreSQL: accounts, passwords, API keys, sessions and an audit log';


SET default_tablespace = '';

SET default_table_access_method = heap;

--
-- Name: upgrade_audited; Type: TABLE; Schema: public; Owner: -
--

CREATE TABLE public.upgrade_audited (
    id integer NOT NULL,
    label text,
    secret text,
    hidden text
);


--
-- Name: upgrade_evidence; Type: TABLE; Schema: public; Owner: -
--

CREATE TABLE public.upgrade_evidence (
    name text NOT NULL,
    value text NOT NULL
);


--
-- Data for Name: users; Type: TABLE DATA; Schema: gatehouse; Owner: -
--

COPY gatehouse.users (id, email, email_normal, username, username_normal, is_superuser, is_verified, is_active, profile, created_at, updated_at, last_login_at, deleted_at, deletion_scheduled_for, deleted_by, deletion_reason, stopped_until, stop_reason) FROM stdin;
01a2171c-75b0-7771-9181-4f7f56ba9693	sha256@example.com	sha256@example.com	sha256	sha256	f	f	t	{}	2026-11-26 09:07:50.832193+00	2026-11-26 09:07:50.832193+00	\N	\N	\N	\N	\N	\N	\N
01a2171c-75b0-7de0-86ed-68041cc12718	sha512@example.com	sha512@example.com	sha512	sha512	f	f	t	{}	2026-11-26 09:07:50.832637+00	2026-11-26 09:07:50.832637+00	\N	\N	\N	\N	\N	\N	\N
01a2171c-75b1-7339-bdfd-89808e2b7623	yescrypt@example.com	yescrypt@example.com	yescrypt	yescrypt	f	f	t	{}	2026-11-26 09:07:50.832998+00	2026-11-26 09:07:50.832998+00	\N	\N	\N	\N	\N	\N	\N
01a2171c-75b1-78bd-a921-371bb03bd11d	pbkdf2@example.com	pbkdf2@example.com	pbkdf2	pbkdf2	f	f	t	{}	2026-11-26 09:07:50.833332+00	2026-11-26 09:07:50.833332+00	\N	\N	\N	\N	\N	\N	\N
01a2171c-7a04-7721-998f-f205a780efba	olga@example.com	olga@example.com	olga	olga	f	t	t	{}	2026-11-26 09:07:51.94027+00	2026-11-26 09:07:51.948896+00	\N	\N	\N	\N	\N	\N	\N
01a2171c-7b42-7f30-b05a-67e8560cd2aa	stopped@example.com	stopped@example.com	stopped	stopped	f	f	f	{}	2026-11-26 09:07:52.258806+00	2026-11-26 09:07:52.920352+00	\N	\N	\N	\N	\N	\N	spam
01a2171c-7c07-7249-8dfb-36ed2739bd6a	paused@example.com	paused@example.com	paused	paused	f	f	f	{}	2026-11-26 09:07:52.454964+00	2026-11-26 09:07:52.927766+00	\N	\N	\N	\N	\N	2126-11-26 09:07:50.55578+00	a break
01a2171c-7cf8-798b-88c2-1d6eaa85c74f	deleted@example.com	deleted@example.com	deleted	deleted	f	f	t	{}	2026-11-26 09:07:52.696462+00	2026-11-26 09:07:52.940481+00	\N	2026-11-26 09:07:52.940481+00	\N	01a2171c-759c-7334-b5d6-237c9cbf35f3	asked for it	\N	\N
01a2171c-7dd3-794e-afb4-7c5f042ddde5	leaving@example.com	leaving@example.com	leaving	leaving	f	f	t	{}	2026-11-26 09:07:52.915448+00	2026-11-26 09:07:52.953+00	\N	\N	2126-11-26 09:07:50+00	\N	\N	\N	\N
01a2171c-75aa-7b0a-a786-a1f1ed8ea2ef	boris@example.com	boris@example.com	boris	boris	f	f	t	{}	2026-11-26 09:07:50.814978+00	2026-11-26 09:07:50.814978+00	\N	\N	\N	\N	\N	\N	\N
01a2171c-7f27-7c5c-ba9a-3236dfd82b49	root@example.com	root@example.com	first-of-all	first-of-all	t	t	t	{}	2026-11-26 09:07:53.255594+00	2026-11-26 09:07:53.255594+00	\N	\N	\N	\N	\N	\N	\N
01a2171c-759c-7334-b5d6-237c9cbf35f3	Anna@Example.com	anna@example.com	anna	anna	f	t	t	{"city": "Zürich"}	2026-11-26 09:07:50.806058+00	2026-11-26 09:07:50.806058+00	2026-11-26 09:07:51.122493+00	\N	\N	\N	\N	\N	\N
\.


--
-- Data for Name: api_keys; Type: TABLE DATA; Schema: gatehouse; Owner: -
--

COPY gatehouse.api_keys (id, lookup_id, owner_is_live, ring_key_id, key_digest, user_id, expires_at, deactivated_at, name, hint, scopes, ip_allow, created_at, owner_stopped_until, rotated_to) FROM stdin;
01a2171c-75b5-731e-9e97-4d87c8bbe83c	50376400011768466	t	1	\\xff9b3b6714db739fff6fc899a2a1ba2f12cdd6f6e0992426117b79656079a306	01a2171c-759c-7334-b5d6-237c9cbf35f3	\N	\N	scoped	sk_03ii...	{read:things}	{192.0.2.0/24}	2026-11-26 09:07:50.838081+00	\N	\N
01a2171c-75b7-714d-b338-ebd5dfa4b163	5150075311222346515	t	1	\\x9f9b6879ceeb927e89fbba0ec304bfbaf3f9f858f26e1dc9be00f7c5c6af66fc	01a2171c-759c-7334-b5d6-237c9cbf35f3	2126-11-26 09:07:50.55578+00	\N	wildcard	sk_68RO...	{read:*}	\N	2026-11-26 09:07:50.839271+00	\N	\N
01a2171c-75bf-7b10-8987-0f57b8e0644a	738999943752619443	t	1	\\x47c910062451338b4ba56a74795262365728a0dc88209821d6f0acb506b5917d	\N	\N	\N	service	sk_0sac...	{write:things}	\N	2026-11-26 09:07:50.847745+00	\N	\N
01a2171c-75bd-7dfc-8063-4505aef681ec	8531584065815477370	t	1	\\x4b540fcab1fbe78412585f5e20e9cd0801d52ce9c5e485fb0ed93d445db62a53	01a2171c-759c-7334-b5d6-237c9cbf35f3	\N	2026-11-26 09:07:50.853005+00	ended	sk_AAEk...	{}	\N	2026-11-26 09:07:50.846104+00	\N	\N
01a2171c-7dd4-7d23-85db-353761712bf4	4602571333192688411	f	1	\\xce4fcc8436e74b889d6dd812782e0998ff1878771ef37413a77bfaad266f9ec9	01a2171c-7b42-7f30-b05a-67e8560cd2aa	\N	\N	stopped	sk_5Tzp...	{}	\N	2026-11-26 09:07:52.91709+00	\N	\N
01a2171c-7dd5-7652-9bb2-01d2e0747f79	6304842812571946173	f	1	\\x00b9910f48898109d6edd8a0d5e121ee9cd207f3c2c130ad698eddcc6253792d	01a2171c-7cf8-798b-88c2-1d6eaa85c74f	\N	\N	deleted	sk_7VkF...	{}	\N	2026-11-26 09:07:52.917522+00	\N	\N
01a2171c-7f41-7c66-a810-4c5d734458f4	3264999229605130583	t	1	\\x85a8ec6498f3a644a41ff88eb4b681537869a69abcb553dd3c8f360789f3fbc5	01a2171c-759c-7334-b5d6-237c9cbf35f3	\N	\N	overlapping	sk_3tBj...	{read:things}	\N	2026-11-26 09:07:53.282603+00	\N	\N
01a2171c-7f34-761b-bdfd-50d880452a79	6199931643418639435	t	1	\\x4cdda41cf14d6ec2b974f3df8d7253ffa96104842a1502431eec19ba7605bc44	01a2171c-759c-7334-b5d6-237c9cbf35f3	2026-11-26 09:07:53.283753+00	\N	rotated	sk_7Nzk...	{read:things}	\N	2026-11-26 09:07:53.268449+00	\N	01a2171c-7f43-77f1-9e56-6c4e215f4993
01a2171c-7f43-77f1-9e56-6c4e215f4993	2740121198918552365	t	1	\\xd794c3626a6e61103dc1ec481fc503134d1032f27ba1f55c43492f8cf05eccaa	01a2171c-759c-7334-b5d6-237c9cbf35f3	\N	\N	rotated	sk_3GPm...	{read:things}	\N	2026-11-26 09:07:53.283753+00	\N	\N
01a2171c-7f33-7ee9-90a9-aed664780dd5	4024135600637819452	t	1	\\x00a38df7c43966eb3b408c8de7205afbbbd2f45bb2d0ba7bbb1b667ef2c3fee9	01a2171c-759c-7334-b5d6-237c9cbf35f3	2126-12-26 09:07:53.282603+00	\N	overlapping	sk_4nGa...	{read:things}	\N	2026-11-26 09:07:53.268143+00	\N	01a2171c-7f41-7c66-a810-4c5d734458f4
\.


--
-- Data for Name: api_key_usage; Type: TABLE DATA; Schema: gatehouse; Owner: -
--

COPY gatehouse.api_key_usage (api_key_id, last_used_at, last_used_ip, use_count) FROM stdin;
01a2171c-75b5-731e-9e97-4d87c8bbe83c	2026-01-02 03:04:05+00	192.0.2.7	41
\.


--
-- Data for Name: audit_registry; Type: TABLE DATA; Schema: gatehouse; Owner: -
--

COPY gatehouse.audit_registry (table_id, table_schema, table_name, excluded, redacted, enabled_at, disabled_at) FROM stdin;
1	public	upgrade_audited	{hidden}	{secret}	2026-11-26 09:07:50.58252+00	\N
\.


--
-- Data for Name: blocked_email_domains; Type: TABLE DATA; Schema: gatehouse; Owner: -
--

COPY gatehouse.blocked_email_domains (domain) FROM stdin;
throwaway.example
\.


--
-- Data for Name: blocked_passwords; Type: TABLE DATA; Schema: gatehouse; Owner: -
--

COPY gatehouse.blocked_passwords (password_digest) FROM stdin;
\\xb25c71ecdf1c44ae06f8ff0a463ae414
\.


--
-- Data for Name: deletion_reminders; Type: TABLE DATA; Schema: gatehouse; Owner: -
--

COPY gatehouse.deletion_reminders (user_id, scheduled_for, days_before, sent_at) FROM stdin;
01a2171c-7dd3-794e-afb4-7c5f042ddde5	2126-11-26 09:07:50+00	3	2026-11-26 09:07:50.55578+00
\.


--
-- Data for Name: event_details_default; Type: TABLE DATA; Schema: gatehouse; Owner: -
--

COPY gatehouse.event_details_default (event_id, occurred_at, ip, user_agent, context, salt) FROM stdin;
1	2026-11-26 09:07:50.582941+00	\N	\N	{"redact": ["secret"], "exclude": ["hidden"], "table_id": 1, "table_name": "upgrade_audited", "table_schema": "public"}	\\x860976d73646147108f496736c1a45fee0b0f40409d89efcaa8a77c649ff94cb
2	2026-11-26 09:07:50.891083+00	2001:db8::7	a browser	{"thing": 7}	\\xf6a66a42e0b7c019930bfcc8e98d7ec9a4b7b5a63d686f814233549b772aea7e
4	2026-11-26 09:07:51.390612+00	198.51.100.9	a script	{"locks": false, "login": "751a42d9901b68c54be63bc2f6a5f767"}	\\xd25b22eaf597e1a29d3ca619d9351cba36ae0862c60117c4a44d784a2f4e05be
5	2026-11-26 09:07:51.651939+00	198.51.100.9	a script	{"locks": false, "login": "b1b249427404026aeac691689728951c"}	\\x69c7bd649605b2cf0efca906dacb763862460dd3772a0fb337db95273d68aadd
6	2026-11-26 09:07:51.937049+00	198.51.100.9	a script	{"locks": false, "login": "60e94b422f0a58b436fdd817bf2b0cfe"}	\\x575c9754ca4e5fec223c9ba905e7fd6cbef703ddc4661bebf0b7a02ca4e65695
\.


--
-- Data for Name: events_default; Type: TABLE DATA; Schema: gatehouse; Owner: -
--

COPY gatehouse.events_default (id, occurred_at, transaction_id, origin, user_id, actor_id, impersonator_id, session_id, api_key_id, success, event_type, commitment) FROM stdin;
1	2026-11-26 09:07:50.582941+00	726	7712404338889607403	\N	\N	\N	\N	\N	t	audit.enabled	\\x53f754ce6d1a96c0a4cec7e449174c25c3bd5b9eca62f2d52ede007d9716d644
2	2026-11-26 09:07:50.891083+00	726	7712404338889607403	01a2171c-759c-7334-b5d6-237c9cbf35f3	\N	\N	\N	\N	f	thing.opened	\\x78d7f000abcd163393adaa3a2b39c67ff195b6355913769ecdcff8e794bdbc63
3	2026-11-26 09:07:50.891419+00	726	7712404338889607403	\N	\N	\N	\N	\N	t	night.passed	\N
4	2026-11-26 09:07:51.390612+00	726	7712404338889607403	01a2171c-759c-7334-b5d6-237c9cbf35f3	\N	\N	\N	\N	f	security.login_failed	\\xd2dcf2fd1753a58759fea698d3963e9a8495235eb097fdb99b4351e73398db45
5	2026-11-26 09:07:51.651939+00	726	7712404338889607403	01a2171c-759c-7334-b5d6-237c9cbf35f3	\N	\N	\N	\N	f	security.login_failed	\\x882c53cf0b839dead9e35a32b03f974e93123df57b74068006e89c7c11b6cca4
6	2026-11-26 09:07:51.937049+00	726	7712404338889607403	\N	\N	\N	\N	\N	f	security.login_failed	\\x7a2db65e9c62fee688393c27cb48d1e9d57c0df090ddb89421c18379283e6fac
\.


--
-- Data for Name: known_addresses; Type: TABLE DATA; Schema: gatehouse; Owner: -
--

COPY gatehouse.known_addresses (user_id, network, last_login_at) FROM stdin;
01a2171c-759c-7334-b5d6-237c9cbf35f3	192.0.2.7/32	2026-11-26 09:07:51.122787+00
\.


--
-- Data for Name: login_throttles; Type: TABLE DATA; Schema: gatehouse; Owner: -
--

COPY gatehouse.login_throttles (subject, failures, counted_at, locked_until) FROM stdin;
\\x4a65fc24e3730e5bcb7c5440a2ff43cf	2	2026-11-26 09:07:51.651692+00	\N
\\x9f782481c35e75bafd1fe7f1c3518d30	1	2026-11-26 09:07:51.936674+00	\N
\\x0822bf733466ccf3dfd91348eca99289	3	2026-11-26 09:07:51.390367+00	\N
\.


--
-- Data for Name: oauth_identities; Type: TABLE DATA; Schema: gatehouse; Owner: -
--

COPY gatehouse.oauth_identities (provider, subject, user_id, linked_at, email, owner_is_deleted) FROM stdin;
github	Sub-7	01a2171c-7a04-7721-998f-f205a780efba	2026-11-26 09:07:51.940903+00	olga@provider.example	f
google	1077	01a2171c-7a04-7721-998f-f205a780efba	2026-11-26 09:07:51.948536+00	\N	f
gitlab	11	01a2171c-7cf8-798b-88c2-1d6eaa85c74f	2026-11-26 09:07:52.916153+00	\N	t
\.


--
-- Data for Name: one_time_tokens; Type: TABLE DATA; Schema: gatehouse; Owner: -
--

COPY gatehouse.one_time_tokens (locator_digest, token_digest, ring_key_id, user_id, subject, purpose, email, created_at, expires_at) FROM stdin;
\\x817a0ef3521c119bff381fdbe6477d6d4ac94082ce556fb74d80e763286c0302	\\x0dfe2a3121e96d1d23411d7edfdfa898745810d13bde0dc4a6087df5a00ad924	1	01a2171c-75aa-7b0a-a786-a1f1ed8ea2ef	\\x00eaec62ab8bfd953545793ee37c2919	email_verification	boris@example.com	2026-11-26 09:07:52.960416+00	2126-11-27 09:07:52.960416+00
\\x566bd4bb93840d8cf1cc323394f1a7485cf7c3d1ceb2e1e6706a1bdd21b9c335	\\xb50db55c887975a7ba0dddab91568304cd00cfbf02814a62a01ca6a139b93ab9	1	01a2171c-75aa-7b0a-a786-a1f1ed8ea2ef	\\x00eaec62ab8bfd953545793ee37c2919	password_reset	boris@example.com	2026-11-26 09:07:52.964001+00	2126-11-26 10:07:52.964001+00
\\x9ef5f6776c6f09a69b964dfa1372b25f06251cc95b143b0ecb85583cbf800947	\\x18e360bbc3f81e8147fe45b374b14a58f47634f6fdcabd106845f7550444be52	1	01a2171c-75aa-7b0a-a786-a1f1ed8ea2ef	\\x00eaec62ab8bfd953545793ee37c2919	email_change	Boris@New.example	2026-11-26 09:07:52.968433+00	2126-11-27 09:07:52.968433+00
\.


--
-- Data for Name: password_credentials; Type: TABLE DATA; Schema: gatehouse; Owner: -
--

COPY gatehouse.password_credentials (user_id, password_hash, changed_at) FROM stdin;
01a2171c-759c-7334-b5d6-237c9cbf35f3	$argon2id$v=19$m=65536,t=2,p=1$GBUigVkjXSm7SH3bNsNpQQ$DMN6G8fRTpsdxg7lMwYBAMOSBhIjNRa6J2yx56PuikM	2026-11-26 09:07:50.806058+00
01a2171c-75aa-7b0a-a786-a1f1ed8ea2ef	$2y$04$abcdefghijklmnopqrstuuCrk1yZpisZA5KyoCn5CNfr4CSeH7cqm	2026-11-26 09:07:50.55578+00
01a2171c-75b0-7771-9181-4f7f56ba9693	$5$saltstring$5B8vYYiY.CVt1RlTTf8KbXBH3hsxY/GNooZaBBGWEc5	2026-11-26 09:07:50.55578+00
01a2171c-75b0-7de0-86ed-68041cc12718	$6$saltstring$svn8UoSVapNtMuq1ukKS4tPQd8iKwSMHWjl/O817G3uBnIFNjnQJuesI68u4OTLiBFdcbYEdFCoEOfaS35inz1	2026-11-26 09:07:50.55578+00
01a2171c-75b1-7339-bdfd-89808e2b7623	$y$j75$LdJMENpBABJJ3hIHjB1Bi.$aN8IREm4mVoXwP2ZkEbfFinwVjML6Krr5zkB50rSJX3	2026-11-26 09:07:50.55578+00
01a2171c-75b1-78bd-a921-371bb03bd11d	pbkdf2_sha256$1$salt$VawEblbjCJ/sFpHCJUS2BflBhSFt3gRl5oudV8INrLw=	2026-11-26 09:07:50.55578+00
01a2171c-7b42-7f30-b05a-67e8560cd2aa	$argon2id$v=19$m=65536,t=2,p=1$/k4uHAyHGVGKLLT1Xxs+OQ$pZAC2w9x0eawHynvgAa8KsuFVGwIaYR1ALmy7tsvxSE	2026-11-26 09:07:52.258806+00
01a2171c-7c07-7249-8dfb-36ed2739bd6a	$argon2id$v=19$m=65536,t=2,p=1$80ER8xXZPtXtTd7oj1rNSA$e/z2UI86X27hMRXg6OWQn1cdSADcveAia0EwalBVaW4	2026-11-26 09:07:52.454964+00
01a2171c-7cf8-798b-88c2-1d6eaa85c74f	$argon2id$v=19$m=65536,t=2,p=1$QHsvdnxhxuc3QK7w+YcqiA$PGBSg+5CvDdUlY5yL3MMN6ZszEoYJXVn7jLlgDxQeOw	2026-11-26 09:07:52.696462+00
01a2171c-7dd3-794e-afb4-7c5f042ddde5	$argon2id$v=19$m=65536,t=2,p=1$GAvBK1KmD1PLxQZkhIsyTQ$DFpnVPJlRuNebWKDU0CXls6roHQZpx3nxcTHOBVlelA	2026-11-26 09:07:52.915448+00
01a2171c-7f27-7c5c-ba9a-3236dfd82b49	$argon2id$v=19$m=65536,t=2,p=1$ixatU59V8GXmNrSS2SMg3w$VYvtrelCeiAT+zheOngALX4E6L1OxLzDiaUG3zHqjlg	2026-11-26 09:07:53.255594+00
\.


--
-- Data for Name: row_change_log_default; Type: TABLE DATA; Schema: gatehouse; Owner: -
--

COPY gatehouse.row_change_log_default (id, changed_at, transaction_id, key_hash, origin, table_id, operation, actor_id, impersonator_id, api_key_id, session_id, db_role, client_addr, application_name, replication_origin, key, old, new, context) FROM stdin;
1	2026-11-26 09:07:50.889809+00	726	-8088607738635406159	7712404338889607403	1	I	\N	\N	\N	\N	postgres	\N	psql	\N	{"id": 1}	\N	{"id": 1, "label": "one", "secret": {"redacted": true}}	\N
2	2026-11-26 09:07:50.890134+00	726	-5896161284438894692	7712404338889607403	1	I	\N	\N	\N	\N	postgres	\N	psql	\N	{"id": 2}	\N	{"id": 2, "label": "two", "secret": {"redacted": true}}	\N
3	2026-11-26 09:07:50.890326+00	726	-8088607738635406159	7712404338889607403	1	U	\N	\N	\N	\N	postgres	\N	psql	\N	{"id": 1}	{"label": "one", "secret": {"redacted": true}}	{"label": "uno", "secret": {"redacted": true}}	\N
4	2026-11-26 09:07:50.890427+00	726	-5896161284438894692	7712404338889607403	1	D	\N	\N	\N	\N	postgres	\N	psql	\N	{"id": 2}	{"id": 2, "label": "two", "secret": {"redacted": true}}	\N	\N
5	2026-11-26 09:07:53.28848+00	726	6239115393680753046	7712404338889607403	1	I	01a2171c-759c-7334-b5d6-237c9cbf35f3	\N	01a2171c-75b7-714d-b338-ebd5dfa4b163	\N	postgres	\N	psql	\N	{"id": 9}	\N	{"id": 9, "label": "nine", "secret": {"redacted": true}}	\N
\.


--
-- Data for Name: scopes; Type: TABLE DATA; Schema: gatehouse; Owner: -
--

COPY gatehouse.scopes (name, description, registered_at) FROM stdin;
read:things	to look at things	2026-11-26 09:07:50.834852+00
write:things	\N	2026-11-26 09:07:50.835061+00
\.


--
-- Data for Name: sessions; Type: TABLE DATA; Schema: gatehouse; Owner: -
--

COPY gatehouse.sessions (session_id, user_id, locator_digest, token_digest, ring_key_id, previous_digest, previous_ring_key_id, rotations, rotated_at, created_at, last_used_at, expires_at, idle_expires_at, revoked_at, revocation, ip, user_agent, device, sweep_at) FROM stdin;
01a2171c-75cb-7fb3-bacc-66a4132fe77e	01a2171c-759c-7334-b5d6-237c9cbf35f3	\\xfe41be499b26a7e8ec059635a1f31e38f02b28c4a17c03c01feb857ce473b7d7	\\xa7431d774054cc529e3bcc86ce7a25de0406af199e241f193a6fed98c9e2ae06	1	\N	\N	0	\N	2026-11-26 09:07:50.854587+00	2026-11-26 09:07:50.854587+00	2126-12-26 09:07:50.854587+00	2126-12-10 09:07:50.854587+00	\N	\N	192.0.2.7	a browser	first	2026-12-10 09:07:50.854587+00
01a2171c-75cd-70d1-8116-84d90338141e	01a2171c-759c-7334-b5d6-237c9cbf35f3	\\x62f56c8aa34fa35a478662e677661f31def00c6700f39539950c0a22ded565f8	\\x254be2c860b247a9a1cb3212030c4c4efc4151aca7965f168540e27aac58bbca	1	\N	\N	0	\N	2026-11-26 09:07:50.860862+00	2026-11-26 09:07:50.860862+00	2126-12-26 09:07:50.860862+00	2126-12-10 09:07:50.860862+00	2026-11-26 09:07:50.871747+00	logout	192.0.2.7	a browser	ended	2026-12-10 09:07:50.860862+00
01a2171c-75cc-7aa0-93c6-ae7d33ab1301	01a2171c-759c-7334-b5d6-237c9cbf35f3	\\x07309807a9535f4a683c45bf76a5ebae301c623b76899060ef7efc0f12f5fcc4	\\x3624262d09c32716b6c3da04a3af8a15293bbfc12f85d9013afe781496b49e91	1	\\x1ebb699a9897b2eeec3cee3bc23028dd21a9460d80c9e7090a8e9498e8240491	1	1	2016-11-25 09:07:50.863618+00	2026-11-26 09:07:50.860448+00	2026-11-26 09:07:50.863618+00	2126-12-26 09:07:50.860448+00	2126-12-10 09:07:50.863618+00	\N	\N	192.0.2.7	a browser	spent	2026-12-10 09:07:50.860448+00
\.


--
-- Data for Name: superuser_bootstrap; Type: TABLE DATA; Schema: gatehouse; Owner: -
--

COPY gatehouse.superuser_bootstrap (is_done, user_id, done_at) FROM stdin;
t	01a2171c-7f27-7c5c-ba9a-3236dfd82b49	2026-11-26 09:07:53.255594+00
\.


--
-- Data for Name: upgrade_audited; Type: TABLE DATA; Schema: public; Owner: -
--

COPY public.upgrade_audited (id, label, secret, hidden) FROM stdin;
1	uno	s3	h1
9	nine	s9	h9
\.


--
-- Data for Name: upgrade_evidence; Type: TABLE DATA; Schema: public; Owner: -
--

COPY public.upgrade_evidence (name, value) FROM stdin;
user anna	01a2171c-759c-7334-b5d6-237c9cbf35f3
user boris	01a2171c-75aa-7b0a-a786-a1f1ed8ea2ef
user sha256	01a2171c-75b0-7771-9181-4f7f56ba9693
user sha512	01a2171c-75b0-7de0-86ed-68041cc12718
user yescrypt	01a2171c-75b1-7339-bdfd-89808e2b7623
user pbkdf2	01a2171c-75b1-78bd-a921-371bb03bd11d
scoped key	sk_03iiult1p9G7QJbZkBjw04kHTrY3rQlo4Sj0BVu7rnIHsqTRi5Asd60Oiyzl
wildcard key	sk_68ROlvEE1fHpJO9FRApce9yezbGjA2Iwvnyhd4fZUUwGK5b4RnGoPx3BL0HU
ended key	sk_AAEkDprhZ0MukKqoQVCPC2NFYJ9FQU7xPjbj4o1EDmFxstXjR0Hkpv1zPqbo
service key	sk_0sacuQVVobzolydnJfEqOqsCSUm7W83CDJybQLstnxYFoWs6Ui5sdU1fOL4x
first token	t9wFOtz3cOtflk4Cz0GTLVt5uNENAyEigUxvuYbb0UcXsqI3DAEKqyBt0_y6vIHz
spent token	rWNWZsnglnh2kLXbfIs9qYsR5zgWDigeh_Cq6zfuY7b7W-mL1Povx42OMXfjTFPr
ended token	OWW0-qKuYfZsDdB5UueLDn19GMvMWeDCZ8eYPj6AJ4TXtQFaEYNP99Z4bFq1k5Fb
second token	rWNWZsnglnh2kLXbfIs9qfBNnaQxR5U-004RdjP3op3uUJ94OqBY0gD_T1kBRzxM
user olga	01a2171c-7a04-7721-998f-f205a780efba
user stopped	01a2171c-7b42-7f30-b05a-67e8560cd2aa
user paused	01a2171c-7c07-7249-8dfb-36ed2739bd6a
user deleted	01a2171c-7cf8-798b-88c2-1d6eaa85c74f
user leaving	01a2171c-7dd3-794e-afb4-7c5f042ddde5
stopped key	sk_5TzpBMI15xby3jgXgS2saljNu3STUTCFq7QLq2jGKGIUjd1brtQWA13h70cC
deleted key	sk_7VkFJM8OHTpxhkMt6ZwIsUcRjw4EVwimlDOSWi0CAMdQfMXI35HEkr3hwSv4
leaving token	yn8cV33WjNOZyNGUMIqIGv2tQJwltMRockg4RKCFi_aJhs6TeAyg8eHRT92UWwJ1
leaving at	2126-11-26 09:07:50+00
verification token	Yesj20J_zva7gdavtjd3tXwQyudI3sCooMaJWnPPjiHVMIBLA4qDpyNFzojNPOQr
reset token	wh7o-hqyciYJLULnjQ1wMCX8zDnK00wkdApu9x5AESLaGH7t6FS_3UDNcEFhtvFI
change token	In5c-aM7OYU1lkaSawUHkjm5FwntwEbmMyDBc9gjm8acaDrzPASUmtB3VFXdRve_
user first-of-all	01a2171c-7f27-7c5c-ba9a-3236dfd82b49
overlapping key	sk_4nGaBuWEdsyHg5k6ipUCBLXVVxyXwNYLeskbk1wbIu7if2xcMkOOzO0wvhX8
rotated key	sk_7NzkfOI3OyRgj5BvIsQreBwa3yy30EeQ5C57QLZg0Fg6xGp1U9bW8C2qnDBZ
successor of overlapping	sk_3tBjKO9oPYtJxJ1Wrv7Jjb1c0vRCJPMuZg6uq2IEsJN8EDY01UcNxZ4A0Yjx
successor of rotated	sk_3GPmcJflMhprWvuDKYzGWDsNZEO53rhQ41yE1fomY8Gk3xrg97lOmZ2OGVve
jwks	{"keys": [{"x": "5uTvPyNQUPUSsmGEVK3GZ5jZafRSipk8D498B0lf_58", "alg": "EdDSA", "crv": "Ed25519", "kid": "1", "kty": "OKP", "use": "sig"}]}
\.


--
-- Name: audited_table_id_seq; Type: SEQUENCE SET; Schema: gatehouse; Owner: -
--

SELECT pg_catalog.setval('gatehouse.audited_table_id_seq', 1, true);


--
-- Name: event_id_seq; Type: SEQUENCE SET; Schema: gatehouse; Owner: -
--

SELECT pg_catalog.setval('gatehouse.event_id_seq', 6, true);


--
-- Name: row_change_log_id_seq; Type: SEQUENCE SET; Schema: gatehouse; Owner: -
--

SELECT pg_catalog.setval('gatehouse.row_change_log_id_seq', 5, true);


--
-- Name: upgrade_audited upgrade_audited_pkey; Type: CONSTRAINT; Schema: public; Owner: -
--

ALTER TABLE ONLY public.upgrade_audited
    ADD CONSTRAINT upgrade_audited_pkey PRIMARY KEY (id);


--
-- Name: upgrade_evidence upgrade_evidence_pkey; Type: CONSTRAINT; Schema: public; Owner: -
--

ALTER TABLE ONLY public.upgrade_evidence
    ADD CONSTRAINT upgrade_evidence_pkey PRIMARY KEY (name);


--
-- Name: upgrade_audited !gatehouse_audit; Type: TRIGGER; Schema: public; Owner: -
--

CREATE TRIGGER "!gatehouse_audit" AFTER INSERT OR DELETE OR UPDATE ON public.upgrade_audited FOR EACH ROW EXECUTE FUNCTION gatehouse.log_row_change('1', '-hidden', '~secret');

ALTER TABLE public.upgrade_audited ENABLE ALWAYS TRIGGER "!gatehouse_audit";


--
-- Name: upgrade_audited gatehouse_audit_truncate; Type: TRIGGER; Schema: public; Owner: -
--

CREATE TRIGGER gatehouse_audit_truncate AFTER TRUNCATE ON public.upgrade_audited FOR EACH STATEMENT EXECUTE FUNCTION gatehouse.log_truncate('1', '-hidden', '~secret');

ALTER TABLE public.upgrade_audited ENABLE ALWAYS TRIGGER gatehouse_audit_truncate;


--
-- PostgreSQL database dump complete
--


