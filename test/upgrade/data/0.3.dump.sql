-- Test data, frozen: what gatehouse 0.3 (library 0.3.0) wrote from 0.3.sql, dumped by pg_dump. Its accounts
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
01a215a5-7db2-7be4-9834-1361f2fe0b2b	sha256@example.com	sha256@example.com	sha256	sha256	f	f	t	{}	2026-11-26 02:18:16.882537+00	2026-11-26 02:18:16.882537+00	\N	\N	\N	\N	\N	\N	\N
01a215a5-7db3-71e6-8e0f-aa25aa9b8e68	sha512@example.com	sha512@example.com	sha512	sha512	f	f	t	{}	2026-11-26 02:18:16.882961+00	2026-11-26 02:18:16.882961+00	\N	\N	\N	\N	\N	\N	\N
01a215a5-7db3-7584-be05-c55776887486	yescrypt@example.com	yescrypt@example.com	yescrypt	yescrypt	f	f	t	{}	2026-11-26 02:18:16.883207+00	2026-11-26 02:18:16.883207+00	\N	\N	\N	\N	\N	\N	\N
01a215a5-7db3-7918-8fc8-f76a26a596f7	pbkdf2@example.com	pbkdf2@example.com	pbkdf2	pbkdf2	f	f	t	{}	2026-11-26 02:18:16.883423+00	2026-11-26 02:18:16.883423+00	\N	\N	\N	\N	\N	\N	\N
01a215a5-7dab-7afc-a0fc-e5ec113ddb70	Anna@Example.com	anna@example.com	anna	anna	f	t	t	{"city": "Zürich"}	2026-11-26 02:18:16.87109+00	2026-11-26 02:18:16.87109+00	2026-11-26 02:18:17.078102+00	\N	\N	\N	\N	\N	\N
01a215a5-801d-7ec2-becf-6b4cf86199e2	olga@example.com	olga@example.com	olga	olga	f	t	t	{}	2026-11-26 02:18:17.501803+00	2026-11-26 02:18:17.503338+00	\N	\N	\N	\N	\N	\N	\N
01a215a5-80bd-7324-abc7-c02a9a458a3d	stopped@example.com	stopped@example.com	stopped	stopped	f	f	f	{}	2026-11-26 02:18:17.661008+00	2026-11-26 02:18:18.159764+00	\N	\N	\N	\N	\N	\N	spam
01a215a5-8166-7f6a-9a1d-6b84e9dd699c	paused@example.com	paused@example.com	paused	paused	f	f	f	{}	2026-11-26 02:18:17.826726+00	2026-11-26 02:18:18.163167+00	\N	\N	\N	\N	\N	2126-11-26 02:18:16.682935+00	a break
01a215a5-820d-7b96-a00d-b01fd9f397b2	deleted@example.com	deleted@example.com	deleted	deleted	f	f	t	{}	2026-11-26 02:18:17.997579+00	2026-11-26 02:18:18.164036+00	\N	2026-11-26 02:18:18.164036+00	\N	01a215a5-7dab-7afc-a0fc-e5ec113ddb70	asked for it	\N	\N
01a215a5-82a8-76a9-aa3b-edb05d6b8ee4	leaving@example.com	leaving@example.com	leaving	leaving	f	f	t	{}	2026-11-26 02:18:18.150638+00	2026-11-26 02:18:18.168533+00	\N	\N	2126-11-26 02:18:16+00	\N	\N	\N	\N
01a215a5-7dad-782d-aaf2-4b41ec4681f4	boris@example.com	boris@example.com	boris	boris	f	f	t	{}	2026-11-26 02:18:16.877279+00	2026-11-26 02:18:16.877279+00	\N	\N	\N	\N	\N	\N	\N
01a215a5-8363-7e30-a690-fae62c610454	root@example.com	root@example.com	first-of-all	first-of-all	t	t	t	{}	2026-11-26 02:18:18.339743+00	2026-11-26 02:18:18.339743+00	\N	\N	\N	\N	\N	\N	\N
\.


--
-- Data for Name: api_keys; Type: TABLE DATA; Schema: gatehouse; Owner: -
--

COPY gatehouse.api_keys (id, lookup_id, owner_is_live, ring_key_id, key_digest, user_id, expires_at, deactivated_at, name, hint, scopes, ip_allow, created_at, owner_stopped_until) FROM stdin;
01a215a5-7db8-7055-85ed-fdba4a668616	919277761013033164	t	1	\\x175b9b9b6073469bfc2757a4a70bf6ff08a82031599633452dc79a1c5ec7a8d8	01a215a5-7dab-7afc-a0fc-e5ec113ddb70	\N	\N	scoped	sk_15uI...	{read:things}	{192.0.2.0/24}	2026-11-26 02:18:16.886633+00	\N
01a215a5-7db8-78a8-9dcc-f43b66909f11	1805550074855912686	t	1	\\xca41b0f56b494ddc197a842b6de688651f86430fbc8024e06a521f6e55beb6dd	01a215a5-7dab-7afc-a0fc-e5ec113ddb70	2126-11-26 02:18:16.682935+00	\N	wildcard	sk_29NR...	{read:*}	\N	2026-11-26 02:18:16.888255+00	\N
01a215a5-7dbd-7151-9b69-b3d1a3050e09	7440900625057860151	t	1	\\x56d980b40b04f10c84aaf4b0f1127e25a6aebd5e7f998c28adc6b146b69ba9a4	\N	\N	\N	service	sk_8rfP...	{write:things}	\N	2026-11-26 02:18:16.892807+00	\N
01a215a5-7db8-7c6f-ac2d-94cce8673f72	5442672905712562150	t	1	\\x8305a26c088456414c1943ee346425a88e582b228c015d66de4532d4f7cd9358	01a215a5-7dab-7afc-a0fc-e5ec113ddb70	\N	2026-11-26 02:18:16.895157+00	ended	sk_6U3U...	{}	\N	2026-11-26 02:18:16.888602+00	\N
01a215a5-82a9-7bf9-a636-f2634bcc0b0e	6817719493257913805	f	1	\\x2386070c2af8a5c2468abd9fe0c56771e59fb84c4bff2e3d8651b53edf3a4b97	01a215a5-80bd-7324-abc7-c02a9a458a3d	\N	\N	stopped	sk_87dE...	{}	\N	2026-11-26 02:18:18.153468+00	\N
01a215a5-82a9-7fe5-8ef2-a5663cd62d5a	8659334998315768545	f	1	\\xa5dce653e7a4a475bdb33fbb255af08c830223eab22547beaa6553a8eb8ea1db	01a215a5-820d-7b96-a00d-b01fd9f397b2	\N	\N	deleted	sk_AJfq...	{}	\N	2026-11-26 02:18:18.153819+00	\N
\.


--
-- Data for Name: audit_registry; Type: TABLE DATA; Schema: gatehouse; Owner: -
--

COPY gatehouse.audit_registry (table_id, table_schema, table_name, excluded, redacted, enabled_at, disabled_at) FROM stdin;
1	public	upgrade_audited	{hidden}	{secret}	2026-11-26 02:18:16.71416+00	\N
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
01a215a5-82a8-76a9-aa3b-edb05d6b8ee4	2126-11-26 02:18:16+00	3	2026-11-26 02:18:16.682935+00
\.


--
-- Data for Name: event_details_default; Type: TABLE DATA; Schema: gatehouse; Owner: -
--

COPY gatehouse.event_details_default (event_id, occurred_at, ip, user_agent, context, salt) FROM stdin;
1	2026-11-26 02:18:16.714383+00	\N	\N	{"redact": ["secret"], "exclude": ["hidden"], "table_id": 1, "table_name": "upgrade_audited", "table_schema": "public"}	\\xc20b7d7acc9adc181e489515ac164dedec862c72f133a4c5ea498b3a44afbec1
2	2026-11-26 02:18:16.907428+00	2001:db8::7	a browser	{"thing": 7}	\\x4c1386e54315c91ead7248ef1f970a0dcee3a8697910f7aff21effd27e51c44a
4	2026-11-26 02:18:17.20014+00	198.51.100.9	a script	{"locks": false, "login": "3b52130749781e896470b42d275764fe"}	\\x463c9c7ed844aba498193f022ddb0761964234dbdcf84e2fcfd3341b9d5af6e9
5	2026-11-26 02:18:17.330174+00	198.51.100.9	a script	{"locks": false, "login": "c82bc2601be2bf6bdf0cca20ee9c9541"}	\\xfdd1e6354de75a91b4b3b7b2d1d7cc293543df814e78d82a1cfb7c572be12680
6	2026-11-26 02:18:17.482119+00	198.51.100.9	a script	{"locks": false, "login": "661c015dcba294b9c0706cddd493ffbd"}	\\x6896b0313ae769b371df1a6674a23662564765d556deca3a8d9290c3626c8aac
\.


--
-- Data for Name: events_default; Type: TABLE DATA; Schema: gatehouse; Owner: -
--

COPY gatehouse.events_default (id, occurred_at, transaction_id, origin, user_id, actor_id, impersonator_id, session_id, api_key_id, success, event_type, commitment) FROM stdin;
1	2026-11-26 02:18:16.714383+00	726	7712298796783326300	\N	\N	\N	\N	\N	t	audit.enabled	\\x8b95f83f64cf1cb12ed7ac41368e93c3a9f60984ecc97415508cae073140221d
2	2026-11-26 02:18:16.907428+00	726	7712298796783326300	01a215a5-7dab-7afc-a0fc-e5ec113ddb70	\N	\N	\N	\N	f	thing.opened	\\xd6c890abd5e584d315cf71db092a324c9fe89574c4af38c2b894bcdd5f38177e
3	2026-11-26 02:18:16.907656+00	726	7712298796783326300	\N	\N	\N	\N	\N	t	night.passed	\N
4	2026-11-26 02:18:17.20014+00	726	7712298796783326300	01a215a5-7dab-7afc-a0fc-e5ec113ddb70	\N	\N	\N	\N	f	security.login_failed	\\xf54c6b495b439869f929117f155922f5c84e3ba959d6486e7c035ef3ac7adbf5
5	2026-11-26 02:18:17.330174+00	726	7712298796783326300	01a215a5-7dab-7afc-a0fc-e5ec113ddb70	\N	\N	\N	\N	f	security.login_failed	\\x70a4be17bf350b49da7276cc9f0c781c939dc2f3943f95efd0cd7767a86f6229
6	2026-11-26 02:18:17.482119+00	726	7712298796783326300	\N	\N	\N	\N	\N	f	security.login_failed	\\x55392e5bd089e77d3d020237f20e4ed03100ebdf822fa5ffd8abd2da1c09ac2b
\.


--
-- Data for Name: known_addresses; Type: TABLE DATA; Schema: gatehouse; Owner: -
--

COPY gatehouse.known_addresses (user_id, network, last_login_at) FROM stdin;
01a215a5-7dab-7afc-a0fc-e5ec113ddb70	192.0.2.7/32	2026-11-26 02:18:17.078368+00
\.


--
-- Data for Name: login_throttles; Type: TABLE DATA; Schema: gatehouse; Owner: -
--

COPY gatehouse.login_throttles (subject, failures, counted_at, locked_until) FROM stdin;
\\xede079f1ac56bc29f3296b3255b4f0ce	2	2026-11-26 02:18:17.330051+00	\N
\\x9f782481c35e75bafd1fe7f1c3518d30	1	2026-11-26 02:18:17.481986+00	\N
\\x0822bf733466ccf3dfd91348eca99289	3	2026-11-26 02:18:17.199955+00	\N
\.


--
-- Data for Name: oauth_identities; Type: TABLE DATA; Schema: gatehouse; Owner: -
--

COPY gatehouse.oauth_identities (provider, subject, user_id, linked_at, email, owner_is_deleted) FROM stdin;
github	Sub-7	01a215a5-801d-7ec2-becf-6b4cf86199e2	2026-11-26 02:18:17.502224+00	olga@provider.example	f
google	1077	01a215a5-801d-7ec2-becf-6b4cf86199e2	2026-11-26 02:18:17.503205+00	\N	f
gitlab	11	01a215a5-820d-7b96-a00d-b01fd9f397b2	2026-11-26 02:18:18.153017+00	\N	t
\.


--
-- Data for Name: one_time_tokens; Type: TABLE DATA; Schema: gatehouse; Owner: -
--

COPY gatehouse.one_time_tokens (locator_digest, token_digest, ring_key_id, user_id, subject, purpose, email, created_at, expires_at) FROM stdin;
\\x69a31187a5a645ba16f313ab8b3a411345db0ce5afcd050f36897639286efecf	\\x22c3961d11415a2144f6800083caeb38047378991eebcdf9ba39215cfbc9e5d2	1	01a215a5-7dad-782d-aaf2-4b41ec4681f4	\\xca382b3181c62df64b435fb9e2dceb9f	email_verification	boris@example.com	2026-11-26 02:18:18.17186+00	2126-11-27 02:18:18.17186+00
\\xf780a26fb6417ce60ebe356e2446555967f263f9bf2f8e9ed8ff1b907f6aca64	\\x11d2332aa5685c99ec6d14e2f7fdb3978d51782e9a3b722b7d5d08f2ab52cd97	1	01a215a5-7dad-782d-aaf2-4b41ec4681f4	\\xca382b3181c62df64b435fb9e2dceb9f	password_reset	boris@example.com	2026-11-26 02:18:18.172582+00	2126-11-26 03:18:18.172582+00
\\x0da5a75c89fc7e0e23be6d2906e76eb2f854b20bca51c39e79a974a0b6aadac7	\\xb8f2a43a82fb31073e3727e6256d187e3e03804e3a2412609a144e3d4d124433	1	01a215a5-7dad-782d-aaf2-4b41ec4681f4	\\xca382b3181c62df64b435fb9e2dceb9f	email_change	Boris@New.example	2026-11-26 02:18:18.175872+00	2126-11-27 02:18:18.175872+00
\.


--
-- Data for Name: password_credentials; Type: TABLE DATA; Schema: gatehouse; Owner: -
--

COPY gatehouse.password_credentials (user_id, password_hash, changed_at) FROM stdin;
01a215a5-7dab-7afc-a0fc-e5ec113ddb70	$argon2id$v=19$m=65536,t=2,p=1$ytdc3ISKgA5wuLbdjMP1nQ$q1Kv8NqGhcOPlnJmzQOA4vd3aqN39n6suGTNiUVj6e4	2026-11-26 02:18:16.87109+00
01a215a5-7dad-782d-aaf2-4b41ec4681f4	$2y$04$abcdefghijklmnopqrstuuCrk1yZpisZA5KyoCn5CNfr4CSeH7cqm	2026-11-26 02:18:16.682935+00
01a215a5-7db2-7be4-9834-1361f2fe0b2b	$5$saltstring$5B8vYYiY.CVt1RlTTf8KbXBH3hsxY/GNooZaBBGWEc5	2026-11-26 02:18:16.682935+00
01a215a5-7db3-71e6-8e0f-aa25aa9b8e68	$6$saltstring$svn8UoSVapNtMuq1ukKS4tPQd8iKwSMHWjl/O817G3uBnIFNjnQJuesI68u4OTLiBFdcbYEdFCoEOfaS35inz1	2026-11-26 02:18:16.682935+00
01a215a5-7db3-7584-be05-c55776887486	$y$j75$LdJMENpBABJJ3hIHjB1Bi.$aN8IREm4mVoXwP2ZkEbfFinwVjML6Krr5zkB50rSJX3	2026-11-26 02:18:16.682935+00
01a215a5-7db3-7918-8fc8-f76a26a596f7	pbkdf2_sha256$1$salt$VawEblbjCJ/sFpHCJUS2BflBhSFt3gRl5oudV8INrLw=	2026-11-26 02:18:16.682935+00
01a215a5-80bd-7324-abc7-c02a9a458a3d	$argon2id$v=19$m=65536,t=2,p=1$4o65vEgKjGVuEHD9vw0XSg$7Wh2oQDJuNQIYbjtZyBctVDaTULMX/t1+fuRv78GRv0	2026-11-26 02:18:17.661008+00
01a215a5-8166-7f6a-9a1d-6b84e9dd699c	$argon2id$v=19$m=65536,t=2,p=1$Fc3KcMYgoGS8IP9Ed3KAmA$OS2NTJ+TyAn7/vi2Im4TLBmLCd5g3O4PzYA7fLRJR3c	2026-11-26 02:18:17.826726+00
01a215a5-820d-7b96-a00d-b01fd9f397b2	$argon2id$v=19$m=65536,t=2,p=1$B9Omyp8ErG947jgXCplNFQ$YswshDafFGsAetuKNlhj9ZeWh8OBD70AFYPNJ5ycCr0	2026-11-26 02:18:17.997579+00
01a215a5-82a8-76a9-aa3b-edb05d6b8ee4	$argon2id$v=19$m=65536,t=2,p=1$d13KFyKYBzclIYO7bWK9hg$f45OZlAh80vqdZOgIFk37AY9UJ5UzPXNPdcRi/D4TnM	2026-11-26 02:18:18.150638+00
01a215a5-8363-7e30-a690-fae62c610454	$argon2id$v=19$m=65536,t=2,p=1$oftMDPACncPIM2oCMBSJQg$+35K+mV4Lw0+AU9s5ngtuLEvQP+l0Z+XeKPTePajASA	2026-11-26 02:18:18.339743+00
\.


--
-- Data for Name: row_change_log_default; Type: TABLE DATA; Schema: gatehouse; Owner: -
--

COPY gatehouse.row_change_log_default (id, changed_at, transaction_id, key_hash, origin, table_id, operation, actor_id, impersonator_id, api_key_id, session_id, db_role, client_addr, application_name, replication_origin, key, old, new, context) FROM stdin;
1	2026-11-26 02:18:16.903582+00	726	-8088607738635406159	7712298796783326300	1	I	\N	\N	\N	\N	postgres	\N	psql	\N	{"id": 1}	\N	{"id": 1, "label": "one", "secret": {"redacted": true}}	\N
2	2026-11-26 02:18:16.903821+00	726	-5896161284438894692	7712298796783326300	1	I	\N	\N	\N	\N	postgres	\N	psql	\N	{"id": 2}	\N	{"id": 2, "label": "two", "secret": {"redacted": true}}	\N
3	2026-11-26 02:18:16.903943+00	726	-8088607738635406159	7712298796783326300	1	U	\N	\N	\N	\N	postgres	\N	psql	\N	{"id": 1}	{"label": "one", "secret": {"redacted": true}}	{"label": "uno", "secret": {"redacted": true}}	\N
4	2026-11-26 02:18:16.906892+00	726	-5896161284438894692	7712298796783326300	1	D	\N	\N	\N	\N	postgres	\N	psql	\N	{"id": 2}	{"id": 2, "label": "two", "secret": {"redacted": true}}	\N	\N
\.


--
-- Data for Name: scopes; Type: TABLE DATA; Schema: gatehouse; Owner: -
--

COPY gatehouse.scopes (name, description, registered_at) FROM stdin;
read:things	to look at things	2026-11-26 02:18:16.885703+00
write:things	\N	2026-11-26 02:18:16.885868+00
\.


--
-- Data for Name: sessions; Type: TABLE DATA; Schema: gatehouse; Owner: -
--

COPY gatehouse.sessions (session_id, user_id, locator_digest, token_digest, ring_key_id, previous_digest, previous_ring_key_id, rotations, rotated_at, created_at, last_used_at, expires_at, idle_expires_at, revoked_at, revocation, ip, user_agent, device) FROM stdin;
01a215a5-7dc0-7b11-ac84-f18f79aa07ff	01a215a5-7dab-7afc-a0fc-e5ec113ddb70	\\xc4a55406189e7d15e96170c9ad7316bb175a331f2691c5d460646f141ffc1f4a	\\xfa1c90da721fc35873e07d7b10f5f5cafc4906175a6bedda6a37d17c881336fc	1	\N	\N	0	\N	2026-11-26 02:18:16.895738+00	2026-11-26 02:18:16.895738+00	2126-12-26 02:18:16.895738+00	2126-12-10 02:18:16.895738+00	\N	\N	192.0.2.7	a browser	first
01a215a5-7dc1-769b-9f23-de93acea3d7f	01a215a5-7dab-7afc-a0fc-e5ec113ddb70	\\xf4f7410c04fb764324e914ec5ebc878dea4057e2f13f99c5581c00e31d290f3b	\\x8419436d97049b90ec273d91c978e7d05e4fea12530b16a4873ae925fa06acfc	1	\N	\N	0	\N	2026-11-26 02:18:16.897285+00	2026-11-26 02:18:16.897285+00	2126-12-26 02:18:16.897285+00	2126-12-10 02:18:16.897285+00	2026-11-26 02:18:16.903046+00	logout	192.0.2.7	a browser	ended
01a215a5-7dc1-72b0-ba88-00194f186f23	01a215a5-7dab-7afc-a0fc-e5ec113ddb70	\\x8ad42099d1ffe68e45497245042d3dd8395009a5ee9436cf81280da19d3eebd9	\\xc7443bdf738f01f89ae947a6f960203856c749e83857f2d575df8d2efa76d473	1	\\x144770c33d872cc702af4c76e3ff8a27ef263438bd931dde3d3c7ac4e2764c96	1	1	2016-11-25 02:18:16.900565+00	2026-11-26 02:18:16.897022+00	2026-11-26 02:18:16.900565+00	2126-12-26 02:18:16.897022+00	2126-12-10 02:18:16.900565+00	\N	\N	192.0.2.7	a browser	spent
\.


--
-- Data for Name: superuser_bootstrap; Type: TABLE DATA; Schema: gatehouse; Owner: -
--

COPY gatehouse.superuser_bootstrap (is_done, user_id, done_at) FROM stdin;
t	01a215a5-8363-7e30-a690-fae62c610454	2026-11-26 02:18:18.339743+00
\.


--
-- Data for Name: upgrade_audited; Type: TABLE DATA; Schema: public; Owner: -
--

COPY public.upgrade_audited (id, label, secret, hidden) FROM stdin;
1	uno	s3	h1
\.


--
-- Data for Name: upgrade_evidence; Type: TABLE DATA; Schema: public; Owner: -
--

COPY public.upgrade_evidence (name, value) FROM stdin;
user anna	01a215a5-7dab-7afc-a0fc-e5ec113ddb70
user boris	01a215a5-7dad-782d-aaf2-4b41ec4681f4
user sha256	01a215a5-7db2-7be4-9834-1361f2fe0b2b
user sha512	01a215a5-7db3-71e6-8e0f-aa25aa9b8e68
user yescrypt	01a215a5-7db3-7584-be05-c55776887486
user pbkdf2	01a215a5-7db3-7918-8fc8-f76a26a596f7
scoped key	sk_15uIiUoJ3WuB5SGga2oCitkUILGjc3Ik2SYdN3exa6OPJA6LtKZHvr4430Zz
wildcard key	sk_29NRBaQqN7WTDvd2GDiiOzZOeEpFEfQbkrekW9CEQVwRYyACturB0B2c6WRZ
ended key	sk_6U3UyelO4Vati4MZ6sRY0xAPhnssyrFVw0p70LMh5heMemjca14gBV09HNOq
service key	sk_8rfP2E2cOVbdPE1nuGcClr27cBdmHRgRkNdaGOsvy4mxkNJACL6wan26MSnn
first token	K8FJtIbwLOUPj3Prvjul9nqWXMLklHiz4BC3DeyB7-ydFlyvO1UjMLqqi4KBjEiu
spent token	1rwNao1NQiv3Fl2j_NhZpay2kfkBRocWCmOs7jKuaawlHdswp1wVQaOu56JcSEdC
ended token	4PTjq1ZN48jg3Oj9xRaIZahYmwtrBFKCvOu0AXbd4RYXa0OTVS-EpDfVHO912WV9
second token	1rwNao1NQiv3Fl2j_NhZpVOpOdGvLr9DVNuok5Rlm8BxJz1yPiGuDfmd4NaBY6Ju
user olga	01a215a5-801d-7ec2-becf-6b4cf86199e2
user stopped	01a215a5-80bd-7324-abc7-c02a9a458a3d
user paused	01a215a5-8166-7f6a-9a1d-6b84e9dd699c
user deleted	01a215a5-820d-7b96-a00d-b01fd9f397b2
user leaving	01a215a5-82a8-76a9-aa3b-edb05d6b8ee4
stopped key	sk_87dE6voM189bnERgCqXkQu176rp4joMIaiq3DQQbPAgTFT92Jea30m4FHpX5
deleted key	sk_AJfqSdu6jBJFoHkS28mbnwD3upXt4Sa4LQHD9E3w0e7OUdXYn45Kdo1HQ0rt
leaving token	bpUvr3j1gl-wwsNAlTRrIzXctXFXHR-yvunfBDEPCghcmBvgP5y88uLqfNEYwO1I
leaving at	2126-11-26 02:18:16+00
verification token	irrZfu8jUhCASpdCeDr67dY8WsIxl1KD-JUc3eF6XEQfQi14T66jcgGw3wF5ebWe
reset token	6XPDlMUIOJ-tEIdMu-Xl2v2jhjbkWHfHtrt-FULaCa0vEmFOkXYt9mO7pB_mHFGb
change token	-qfTTdTIYdLqX0seOjgT36GXOtmsZSRywkVno80rbMSgqtOzNMStkr6ZRg-75Vax
user first-of-all	01a215a5-8363-7e30-a690-fae62c610454
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

SELECT pg_catalog.setval('gatehouse.row_change_log_id_seq', 4, true);


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


