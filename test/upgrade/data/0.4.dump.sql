-- Test data, frozen: what gatehouse 0.4 (library 0.4.0) wrote from 0.4.sql, dumped by pg_dump. Its accounts
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
01a215c5-069e-74b6-b15d-9540e5192243	sha256@example.com	sha256@example.com	sha256	sha256	f	f	t	{}	2026-11-26 02:52:43.550126+00	2026-11-26 02:52:43.550126+00	\N	\N	\N	\N	\N	\N	\N
01a215c5-069e-789b-ba53-f68e73670a41	sha512@example.com	sha512@example.com	sha512	sha512	f	f	t	{}	2026-11-26 02:52:43.550389+00	2026-11-26 02:52:43.550389+00	\N	\N	\N	\N	\N	\N	\N
01a215c5-069e-7c0b-a4ef-ae9ce4828434	yescrypt@example.com	yescrypt@example.com	yescrypt	yescrypt	f	f	t	{}	2026-11-26 02:52:43.550621+00	2026-11-26 02:52:43.550621+00	\N	\N	\N	\N	\N	\N	\N
01a215c5-069f-7107-b9f9-1314920612eb	pbkdf2@example.com	pbkdf2@example.com	pbkdf2	pbkdf2	f	f	t	{}	2026-11-26 02:52:43.550913+00	2026-11-26 02:52:43.550913+00	\N	\N	\N	\N	\N	\N	\N
01a215c5-0853-79b9-9458-f4996192a905	olga@example.com	olga@example.com	olga	olga	f	t	t	{}	2026-11-26 02:52:43.987485+00	2026-11-26 02:52:43.988956+00	\N	\N	\N	\N	\N	\N	\N
01a215c5-08c1-7fc9-8094-d30e98a31205	stopped@example.com	stopped@example.com	stopped	stopped	f	f	f	{}	2026-11-26 02:52:44.097819+00	2026-11-26 02:52:44.50066+00	\N	\N	\N	\N	\N	\N	spam
01a215c5-0947-7813-92a9-33ecfef1f1ed	paused@example.com	paused@example.com	paused	paused	f	f	f	{}	2026-11-26 02:52:44.226609+00	2026-11-26 02:52:44.501832+00	\N	\N	\N	\N	\N	2126-11-26 02:52:43.424943+00	a break
01a215c5-09d3-7c3b-8cf0-a1b1a75d50e8	deleted@example.com	deleted@example.com	deleted	deleted	f	f	t	{}	2026-11-26 02:52:44.371601+00	2026-11-26 02:52:44.502663+00	\N	2026-11-26 02:52:44.502663+00	\N	01a215c5-069b-7abe-a774-d034554b3203	asked for it	\N	\N
01a215c5-0a41-7ea5-98ef-adf22ed4ac89	leaving@example.com	leaving@example.com	leaving	leaving	f	f	t	{}	2026-11-26 02:52:44.481748+00	2026-11-26 02:52:44.505347+00	\N	\N	2126-11-26 02:52:43+00	\N	\N	\N	\N
01a215c5-069d-76dc-b1ad-c82e5120f753	boris@example.com	boris@example.com	boris	boris	f	f	t	{}	2026-11-26 02:52:43.549191+00	2026-11-26 02:52:43.549191+00	\N	\N	\N	\N	\N	\N	\N
01a215c5-0ad8-7f6d-89d1-ed2a415b5599	root@example.com	root@example.com	first-of-all	first-of-all	t	t	t	{}	2026-11-26 02:52:44.632784+00	2026-11-26 02:52:44.632784+00	\N	\N	\N	\N	\N	\N	\N
01a215c5-069b-7abe-a774-d034554b3203	Anna@Example.com	anna@example.com	anna	anna	f	t	t	{"city": "Zürich"}	2026-11-26 02:52:43.546476+00	2026-11-26 02:52:43.546476+00	2026-11-26 02:52:43.660416+00	\N	\N	\N	\N	\N	\N
\.


--
-- Data for Name: api_keys; Type: TABLE DATA; Schema: gatehouse; Owner: -
--

COPY gatehouse.api_keys (id, lookup_id, owner_is_live, ring_key_id, key_digest, user_id, expires_at, deactivated_at, name, hint, scopes, ip_allow, created_at, owner_stopped_until, rotated_to) FROM stdin;
01a215c5-06a3-7988-82ef-6daf1935685b	7287390498890077579	t	1	\\xef7d8225e195d016153b4b02d9fde509f42341c915202495b7d616d4232db457	01a215c5-069b-7abe-a774-d034554b3203	\N	\N	scoped	sk_8gKK...	{read:things}	{192.0.2.0/24}	2026-11-26 02:52:43.556224+00	\N	\N
01a215c5-06a4-7fca-b27a-a9c0fed10931	9137648421852609759	t	1	\\xfe3b168896f1d5f9528e2378a2d8dc703cb4929f012dcede8f4fff652fe274c1	01a215c5-069b-7abe-a774-d034554b3203	2126-11-26 02:52:43.424943+00	\N	wildcard	sk_At0W...	{read:*}	\N	2026-11-26 02:52:43.557113+00	\N	\N
01a215c5-06a7-7152-b65e-4e0f0df5bae4	8873884291122135602	t	1	\\x56f06ae00158399a787ec4f1bc9b761bee11ca8252418a0d0d2945ad5bfeced4	\N	\N	\N	service	sk_AZWU...	{write:things}	\N	2026-11-26 02:52:43.559116+00	\N	\N
01a215c5-06a5-74ad-bab1-7c35fc673985	274191816075876329	t	1	\\x414adb0a4300d00deb0a64bd50d175061695b526d2d36187bd40a8475c325d8c	01a215c5-069b-7abe-a774-d034554b3203	\N	2026-11-26 02:52:43.559557+00	ended	sk_0KFn...	{}	\N	2026-11-26 02:52:43.557406+00	\N	\N
01a215c5-0a53-7445-a858-04b0c8a4bbaf	8034033896388977050	f	1	\\x1d138448501f6a72d982292b3f313c45272d4b57e67b067802fc006d28858ced	01a215c5-08c1-7fc9-8094-d30e98a31205	\N	\N	stopped	sk_9ZTx...	{}	\N	2026-11-26 02:52:44.499436+00	\N	\N
01a215c5-0a53-7b08-86a0-095256599036	5887776704933675786	f	1	\\xefc2beeffefb19e8c4cf51d2e43d508bada7a7eaf400105f521c7b969e5c5cf0	01a215c5-09d3-7c3b-8cf0-a1b1a75d50e8	\N	\N	deleted	sk_70w4...	{}	\N	2026-11-26 02:52:44.499771+00	\N	\N
01a215c5-0adb-71a2-b6d0-bb5b6ff90ba8	1603301999610313742	t	1	\\xca44fbc5e1ac5a02cf67a840590a248845900ffc41a8007acd2a7848a0692ccc	01a215c5-069b-7abe-a774-d034554b3203	\N	\N	overlapping	sk_1uR8...	{read:things}	\N	2026-11-26 02:52:44.635575+00	\N	\N
01a215c5-0ada-78ae-99a3-266157cbb60d	5719527578607836384	t	1	\\xf811d5dbf4bad9f13d09d117037ddb78fc3dbc76dff4b9a98ff654683243c1b7	01a215c5-069b-7abe-a774-d034554b3203	2026-11-26 02:52:44.636253+00	\N	rotated	sk_6oVU...	{read:things}	\N	2026-11-26 02:52:44.634583+00	\N	01a215c5-0adc-714f-9b34-2b0f3d46406c
01a215c5-0adc-714f-9b34-2b0f3d46406c	8373579917734698516	t	1	\\xb5f33b9fd52ee68f4e9432fd4cbd2608854c8a857a6f67e924147c3755a414c3	01a215c5-069b-7abe-a774-d034554b3203	\N	\N	rotated	sk_9yZ5...	{read:things}	\N	2026-11-26 02:52:44.636253+00	\N	\N
01a215c5-0ada-7308-8a4e-1d8d82d0dac3	3261254531419205604	t	1	\\xe5dc2a712ffdfa5cb245168b5497482179fbff6b7131101a9072b5ff8ea0e186	01a215c5-069b-7abe-a774-d034554b3203	2126-12-26 02:52:44.635575+00	\N	overlapping	sk_3suZ...	{read:things}	\N	2026-11-26 02:52:44.634347+00	\N	01a215c5-0adb-71a2-b6d0-bb5b6ff90ba8
\.


--
-- Data for Name: api_key_usage; Type: TABLE DATA; Schema: gatehouse; Owner: -
--

COPY gatehouse.api_key_usage (api_key_id, last_used_at, last_used_ip, use_count) FROM stdin;
01a215c5-06a3-7988-82ef-6daf1935685b	2026-01-02 03:04:05+00	192.0.2.7	41
\.


--
-- Data for Name: audit_registry; Type: TABLE DATA; Schema: gatehouse; Owner: -
--

COPY gatehouse.audit_registry (table_id, table_schema, table_name, excluded, redacted, enabled_at, disabled_at) FROM stdin;
1	public	upgrade_audited	{hidden}	{secret}	2026-11-26 02:52:43.448904+00	\N
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
01a215c5-0a41-7ea5-98ef-adf22ed4ac89	2126-11-26 02:52:43+00	3	2026-11-26 02:52:43.424943+00
\.


--
-- Data for Name: event_details_default; Type: TABLE DATA; Schema: gatehouse; Owner: -
--

COPY gatehouse.event_details_default (event_id, occurred_at, ip, user_agent, context, salt) FROM stdin;
1	2026-11-26 02:52:43.449292+00	\N	\N	{"redact": ["secret"], "exclude": ["hidden"], "table_id": 1, "table_name": "upgrade_audited", "table_schema": "public"}	\\x3fefce76a74f89e6e199e76cf878a85d6bd0dacd138d51b3d69569c274e13f8c
2	2026-11-26 02:52:43.564715+00	2001:db8::7	a browser	{"thing": 7}	\\x0f4d485127633c80cb27e8f6b34fc0e2f33011ddd073f71177119890edd16583
4	2026-11-26 02:52:43.771336+00	198.51.100.9	a script	{"locks": false, "login": "e55e0d897c148817f8166fd4027aaca3"}	\\xc44072ad22663d58aa90d0d1e9ca81bcce71d6755ebf5306f07a358f19e2d459
5	2026-11-26 02:52:43.875312+00	198.51.100.9	a script	{"locks": false, "login": "a828f0fa0be89f2621acf3759e4b409c"}	\\x3f740370e78eee41ae07402fd83aff168110ffaefca24c206dd8b6f10f260106
6	2026-11-26 02:52:43.982681+00	198.51.100.9	a script	{"locks": false, "login": "4c939418b1262b3ed0eb7c5df9c1a69b"}	\\xe9c84a1fef5a1d2bf12243a017b2c8ab101abf5f48918bd04901cc036b23d490
\.


--
-- Data for Name: events_default; Type: TABLE DATA; Schema: gatehouse; Owner: -
--

COPY gatehouse.events_default (id, occurred_at, transaction_id, origin, user_id, actor_id, impersonator_id, session_id, api_key_id, success, event_type, commitment) FROM stdin;
1	2026-11-26 02:52:43.449292+00	726	7712307679898803408	\N	\N	\N	\N	\N	t	audit.enabled	\\x75ec5c6258566b2ddb933dcf0226b33dcc5e9fd7bace91492b5eaf1870e08dfb
2	2026-11-26 02:52:43.564715+00	726	7712307679898803408	01a215c5-069b-7abe-a774-d034554b3203	\N	\N	\N	\N	f	thing.opened	\\x4ac794755455039fab2c6aaa2e47bf3e44f1a136cc1ea15d3fc2a973d7014103
3	2026-11-26 02:52:43.564926+00	726	7712307679898803408	\N	\N	\N	\N	\N	t	night.passed	\N
4	2026-11-26 02:52:43.771336+00	726	7712307679898803408	01a215c5-069b-7abe-a774-d034554b3203	\N	\N	\N	\N	f	security.login_failed	\\x6b99e8736d89a0821d90b3e838da14e60395c3194ce992d46f0117a84cec973f
5	2026-11-26 02:52:43.875312+00	726	7712307679898803408	01a215c5-069b-7abe-a774-d034554b3203	\N	\N	\N	\N	f	security.login_failed	\\x64d7ba9c6f633df92df601b0c525e35a6c436c5bf1d977fb221a48a757fd2ac9
6	2026-11-26 02:52:43.982681+00	726	7712307679898803408	\N	\N	\N	\N	\N	f	security.login_failed	\\xd904a7c9573fd98e4c329ec768dae1012d3c602ba6a5367169ad3820111b07cc
\.


--
-- Data for Name: known_addresses; Type: TABLE DATA; Schema: gatehouse; Owner: -
--

COPY gatehouse.known_addresses (user_id, network, last_login_at) FROM stdin;
01a215c5-069b-7abe-a774-d034554b3203	192.0.2.7/32	2026-11-26 02:52:43.660659+00
\.


--
-- Data for Name: login_throttles; Type: TABLE DATA; Schema: gatehouse; Owner: -
--

COPY gatehouse.login_throttles (subject, failures, counted_at, locked_until) FROM stdin;
\\x11f8c02d53dfb20f56306a08cccb65cb	2	2026-11-26 02:52:43.875189+00	\N
\\x9f782481c35e75bafd1fe7f1c3518d30	1	2026-11-26 02:52:43.982553+00	\N
\\x0822bf733466ccf3dfd91348eca99289	3	2026-11-26 02:52:43.77094+00	\N
\.


--
-- Data for Name: oauth_identities; Type: TABLE DATA; Schema: gatehouse; Owner: -
--

COPY gatehouse.oauth_identities (provider, subject, user_id, linked_at, email, owner_is_deleted) FROM stdin;
github	Sub-7	01a215c5-0853-79b9-9458-f4996192a905	2026-11-26 02:52:43.987898+00	olga@provider.example	f
google	1077	01a215c5-0853-79b9-9458-f4996192a905	2026-11-26 02:52:43.988821+00	\N	f
gitlab	11	01a215c5-09d3-7c3b-8cf0-a1b1a75d50e8	2026-11-26 02:52:44.495401+00	\N	t
\.


--
-- Data for Name: one_time_tokens; Type: TABLE DATA; Schema: gatehouse; Owner: -
--

COPY gatehouse.one_time_tokens (locator_digest, token_digest, ring_key_id, user_id, subject, purpose, email, created_at, expires_at) FROM stdin;
\\xabfcceb78c6bcd9b76f0c4384ae6020edf87cfc60be77a1159197a38f2c51e02	\\x583982247870ec917bddbaa13e6a3a88816e057cca67e63f164c5d7164b609d1	1	01a215c5-069d-76dc-b1ad-c82e5120f753	\\x7587f57817b5c5d8cb526efd81e39d47	email_verification	boris@example.com	2026-11-26 02:52:44.507885+00	2126-11-27 02:52:44.507885+00
\\x78beef6c004e544871ee98ba112c0395e87dd133a65312f1e26fdd1c6a080507	\\x83d2bf135e33d91de109d3573efa90680fd943b29d3c222e8f635a69b4961980	1	01a215c5-069d-76dc-b1ad-c82e5120f753	\\x7587f57817b5c5d8cb526efd81e39d47	password_reset	boris@example.com	2026-11-26 02:52:44.508611+00	2126-11-26 03:52:44.508611+00
\\x25cbfc43c7eab128090d38ab717b2d4f5455e00e926aa77e2db727a5fae4aeb6	\\x423f6e7882e7dd351ef8f95caef36e83a8f36f8afc184439d210f90baef6a904	1	01a215c5-069d-76dc-b1ad-c82e5120f753	\\x7587f57817b5c5d8cb526efd81e39d47	email_change	Boris@New.example	2026-11-26 02:52:44.509515+00	2126-11-27 02:52:44.509515+00
\.


--
-- Data for Name: password_credentials; Type: TABLE DATA; Schema: gatehouse; Owner: -
--

COPY gatehouse.password_credentials (user_id, password_hash, changed_at) FROM stdin;
01a215c5-069b-7abe-a774-d034554b3203	$argon2id$v=19$m=65536,t=2,p=1$Y2cItvFAt8OEx2HEh8lt2w$DMbIGPpQRlHXDqyZPQv861T2IfBwKMR8QoJ8+20R8YY	2026-11-26 02:52:43.546476+00
01a215c5-069d-76dc-b1ad-c82e5120f753	$2y$04$abcdefghijklmnopqrstuuCrk1yZpisZA5KyoCn5CNfr4CSeH7cqm	2026-11-26 02:52:43.424943+00
01a215c5-069e-74b6-b15d-9540e5192243	$5$saltstring$5B8vYYiY.CVt1RlTTf8KbXBH3hsxY/GNooZaBBGWEc5	2026-11-26 02:52:43.424943+00
01a215c5-069e-789b-ba53-f68e73670a41	$6$saltstring$svn8UoSVapNtMuq1ukKS4tPQd8iKwSMHWjl/O817G3uBnIFNjnQJuesI68u4OTLiBFdcbYEdFCoEOfaS35inz1	2026-11-26 02:52:43.424943+00
01a215c5-069e-7c0b-a4ef-ae9ce4828434	$y$j75$LdJMENpBABJJ3hIHjB1Bi.$aN8IREm4mVoXwP2ZkEbfFinwVjML6Krr5zkB50rSJX3	2026-11-26 02:52:43.424943+00
01a215c5-069f-7107-b9f9-1314920612eb	pbkdf2_sha256$1$salt$VawEblbjCJ/sFpHCJUS2BflBhSFt3gRl5oudV8INrLw=	2026-11-26 02:52:43.424943+00
01a215c5-08c1-7fc9-8094-d30e98a31205	$argon2id$v=19$m=65536,t=2,p=1$eibcE5sEu5ueyhDoRf3nLw$t13+ASlaoD7jZ1BTgYWokhJ0T/LC5QBHVv0xw3Bg3AQ	2026-11-26 02:52:44.097819+00
01a215c5-0947-7813-92a9-33ecfef1f1ed	$argon2id$v=19$m=65536,t=2,p=1$jYb77ULq716xN2QzK9NPEA$0glb9Uxhe4u/k1fmm5W3J/2FwN5eCGu1mdJlP5Gb4T8	2026-11-26 02:52:44.226609+00
01a215c5-09d3-7c3b-8cf0-a1b1a75d50e8	$argon2id$v=19$m=65536,t=2,p=1$X2lrcZ8JxIdJ8rC7THdiqw$Yeir+LxeFZUPbFph4D1TkjUu3gGiXDJWIFvi0mVurug	2026-11-26 02:52:44.371601+00
01a215c5-0a41-7ea5-98ef-adf22ed4ac89	$argon2id$v=19$m=65536,t=2,p=1$MHpZTW7hVbKWrI07vB23BA$R8bmTIXIumlYZPGeud2CizkD11dNg8fz9JscQ+VVwBc	2026-11-26 02:52:44.481748+00
01a215c5-0ad8-7f6d-89d1-ed2a415b5599	$argon2id$v=19$m=65536,t=2,p=1$ROcFGIdacANw2mqB9dN4BA$oMq99A+NUa0/5didKi/avaPrWn5/SWCSSN3Dy8J6JBo	2026-11-26 02:52:44.632784+00
\.


--
-- Data for Name: row_change_log_default; Type: TABLE DATA; Schema: gatehouse; Owner: -
--

COPY gatehouse.row_change_log_default (id, changed_at, transaction_id, key_hash, origin, table_id, operation, actor_id, impersonator_id, api_key_id, session_id, db_role, client_addr, application_name, replication_origin, key, old, new, context) FROM stdin;
1	2026-11-26 02:52:43.563866+00	726	-8088607738635406159	7712307679898803408	1	I	\N	\N	\N	\N	postgres	\N	psql	\N	{"id": 1}	\N	{"id": 1, "label": "one", "secret": {"redacted": true}}	\N
2	2026-11-26 02:52:43.564108+00	726	-5896161284438894692	7712307679898803408	1	I	\N	\N	\N	\N	postgres	\N	psql	\N	{"id": 2}	\N	{"id": 2, "label": "two", "secret": {"redacted": true}}	\N
3	2026-11-26 02:52:43.564229+00	726	-8088607738635406159	7712307679898803408	1	U	\N	\N	\N	\N	postgres	\N	psql	\N	{"id": 1}	{"label": "one", "secret": {"redacted": true}}	{"label": "uno", "secret": {"redacted": true}}	\N
4	2026-11-26 02:52:43.56429+00	726	-5896161284438894692	7712307679898803408	1	D	\N	\N	\N	\N	postgres	\N	psql	\N	{"id": 2}	{"id": 2, "label": "two", "secret": {"redacted": true}}	\N	\N
5	2026-11-26 02:52:44.637331+00	726	6239115393680753046	7712307679898803408	1	I	01a215c5-069b-7abe-a774-d034554b3203	\N	01a215c5-06a4-7fca-b27a-a9c0fed10931	\N	postgres	\N	psql	\N	{"id": 9}	\N	{"id": 9, "label": "nine", "secret": {"redacted": true}}	\N
\.


--
-- Data for Name: scopes; Type: TABLE DATA; Schema: gatehouse; Owner: -
--

COPY gatehouse.scopes (name, description, registered_at) FROM stdin;
read:things	to look at things	2026-11-26 02:52:43.551807+00
write:things	\N	2026-11-26 02:52:43.551957+00
\.


--
-- Data for Name: sessions; Type: TABLE DATA; Schema: gatehouse; Owner: -
--

COPY gatehouse.sessions (session_id, user_id, locator_digest, token_digest, ring_key_id, previous_digest, previous_ring_key_id, rotations, rotated_at, created_at, last_used_at, expires_at, idle_expires_at, revoked_at, revocation, ip, user_agent, device) FROM stdin;
01a215c5-06a8-7e95-8fc2-88a99853a159	01a215c5-069b-7abe-a774-d034554b3203	\\x16bd70aa8802276ea0607c4ec8fa618fc3fb65e290f1e876729e2569e101b71e	\\x02e06e08179f01817a41971dcc7bed5446f015af17d1880ff1cd8f6d40a5680b	1	\N	\N	0	\N	2026-11-26 02:52:43.560098+00	2026-11-26 02:52:43.560098+00	2126-12-26 02:52:43.560098+00	2126-12-10 02:52:43.560098+00	\N	\N	192.0.2.7	a browser	first
01a215c5-06a9-7ae1-8a20-75c48e47387c	01a215c5-069b-7abe-a774-d034554b3203	\\x2e7f6b32e75a35d27ab51ac337a84d22e62477b69acdecdf9b982cc42c37b762	\\x5933d6c45320c34e26aec3a63115214ef0a81fd959495eaed243bc16c1234500	1	\N	\N	0	\N	2026-11-26 02:52:43.56155+00	2026-11-26 02:52:43.56155+00	2126-12-26 02:52:43.56155+00	2126-12-10 02:52:43.56155+00	2026-11-26 02:52:43.563418+00	logout	192.0.2.7	a browser	ended
01a215c5-06a9-76a3-afcc-c1a85a70f7cb	01a215c5-069b-7abe-a774-d034554b3203	\\x818bfc10b3644e37b7d17931f2d10a810e7fe95ed03f70617745e9e2caf0f28c	\\x667b027613a4af20045bc045f8d39086d1be677228f8ed5b09e7ade87df9d9c3	1	\\x322df6960fa848ef4db7fdfb852b19f06f3b5b18b1027c2252b4993ad5541b6d	1	1	2016-11-25 02:52:43.56276+00	2026-11-26 02:52:43.561207+00	2026-11-26 02:52:43.56276+00	2126-12-26 02:52:43.561207+00	2126-12-10 02:52:43.56276+00	\N	\N	192.0.2.7	a browser	spent
\.


--
-- Data for Name: superuser_bootstrap; Type: TABLE DATA; Schema: gatehouse; Owner: -
--

COPY gatehouse.superuser_bootstrap (is_done, user_id, done_at) FROM stdin;
t	01a215c5-0ad8-7f6d-89d1-ed2a415b5599	2026-11-26 02:52:44.632784+00
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
user anna	01a215c5-069b-7abe-a774-d034554b3203
user boris	01a215c5-069d-76dc-b1ad-c82e5120f753
user sha256	01a215c5-069e-74b6-b15d-9540e5192243
user sha512	01a215c5-069e-789b-ba53-f68e73670a41
user yescrypt	01a215c5-069e-7c0b-a4ef-ae9ce4828434
user pbkdf2	01a215c5-069f-7107-b9f9-1314920612eb
scoped key	sk_8gKKCMulA8hw3h35MHPqL9pIMfZJnEZnIoBGcdAN2MQLIycvVVv9Av0mkxpu
wildcard key	sk_At0Weh3fKGdpin5xoS7s85VSUhwX02Thl14AGwFVYP0zLc1iS69H3G43JGok
ended key	sk_0KFnggObr45F3AUiNXOfQiAb85WwwGSE8UYtO7oQUv5flQsi2szReb198qia
service key	sk_AZWU1G2zeColI6OQN7O7AGhDlPOIioPC7O0Lre6Of79AgLuAO0mM2T013HsU
first token	zjPEGbOhxS5H6KnJClNuzHc8bowLwnVhusOZJN04lQ9zMd-IMg3eepouDMlEKCup
spent token	X96MC82OxeVRFjYlWZfBoM8iLIN9aH0HghwVHObrsgdptaQpwNSop4T4fhz5WsD-
ended token	-QyKOkcoJY7J83qPrLgN0aRRFzIdSvMoP_cXXlh7QGegPvxuXLxhomTT8PIWtxTd
second token	X96MC82OxeVRFjYlWZfBoJ6TFwd9IQWEx2ZW2grCTU-ibWN17jGjW_ij-jlDdP2S
user olga	01a215c5-0853-79b9-9458-f4996192a905
user stopped	01a215c5-08c1-7fc9-8094-d30e98a31205
user paused	01a215c5-0947-7813-92a9-33ecfef1f1ed
user deleted	01a215c5-09d3-7c3b-8cf0-a1b1a75d50e8
user leaving	01a215c5-0a41-7ea5-98ef-adf22ed4ac89
stopped key	sk_9ZTxY5NACrKgqZEQwO15VFfJSVn1RLCVfTfa3QD1galWTdHV2T1kOz2JZva4
deleted key	sk_70w4weETmv4jinHTt7caADoLhMyHfhm8748Li9BFkwd3VgYSLSRNoh2UnqWU
leaving token	ffSPWAFaF-90l-6wdMaDpabkDW1cnc0RTacmJznDBzem7lQ_yMJpy_B1J8GjSXT3
leaving at	2126-11-26 02:52:43+00
verification token	BkoJApF8IQCW-oEGtaXJQwWyJzAzxwsD80p1IgTgiFif9JnB0-9p_9gpsiWTsBMs
reset token	UsgylWkQaPSXno0ZVHjRWngTYOmeKARCabHy4acwNxhpuYce59kW8IgUjWxM_6Hr
change token	wAlfyyjfATzA8Kql-ow_dwdzMhBVF0NEK5h_cLUV8Uuu6KlvnuvIxo_vMbKdY0gh
user first-of-all	01a215c5-0ad8-7f6d-89d1-ed2a415b5599
overlapping key	sk_3suZysRWMPEdO87ZjxL1JxF3r30o5GGgd5nNaXOM0EQUW5etMypj8e1SoMMW
rotated key	sk_6oVUoQagSHYRS3PUCuPCtl02TlHcwMvmVdLKwRBUJsTDMY4O71tveB2KCbu4
successor of overlapping	sk_1uR8gnxlgicmUfbHpXiyR1u7ua4Z5un08I4lhROW7Hn5LdZO62XGDQ2LV9v2
successor of rotated	sk_9yZ5GCd73BcrnEWaDaWaXoS7sIevcAfDAilPBqaHSGUbreq2yYNMuc1PXwEe
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


