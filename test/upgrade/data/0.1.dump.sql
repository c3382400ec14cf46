-- Test data, frozen: what gatehouse 0.1 (library 0.1.0) wrote from 0.1.sql, dumped by pg_dump. Its accounts
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

COPY gatehouse.users (id, email, email_normal, username, username_normal, is_superuser, is_verified, is_active, profile, created_at, updated_at, last_login_at, deleted_at, deletion_scheduled_for) FROM stdin;
01a20603-e3c9-785f-94f5-02c1b3581751	boris@example.com	boris@example.com	boris	boris	f	f	t	{}	2026-11-23 01:27:27.945379+00	2026-11-23 01:27:27.945379+00	\N	\N	\N
01a20603-e3ca-7ed3-911c-a27dd6fdb48d	sha256@example.com	sha256@example.com	sha256	sha256	f	f	t	{}	2026-11-23 01:27:27.946857+00	2026-11-23 01:27:27.946857+00	\N	\N	\N
01a20603-e3cb-7166-9d2e-fde84430a32e	sha512@example.com	sha512@example.com	sha512	sha512	f	f	t	{}	2026-11-23 01:27:27.947046+00	2026-11-23 01:27:27.947046+00	\N	\N	\N
01a20603-e3cb-7297-b168-cd3361a8bf36	yescrypt@example.com	yescrypt@example.com	yescrypt	yescrypt	f	f	t	{}	2026-11-23 01:27:27.947133+00	2026-11-23 01:27:27.947133+00	\N	\N	\N
01a20603-e3cb-73aa-8122-3cdb456cee90	pbkdf2@example.com	pbkdf2@example.com	pbkdf2	pbkdf2	f	f	t	{}	2026-11-23 01:27:27.947199+00	2026-11-23 01:27:27.947199+00	\N	\N	\N
01a20603-e3c6-7184-967c-c76a95f37d44	Anna@Example.com	anna@example.com	anna	anna	f	t	t	{"city": "Zürich"}	2026-11-23 01:27:27.776883+00	2026-11-23 01:27:27.776883+00	\N	\N	\N
\.


--
-- Data for Name: api_keys; Type: TABLE DATA; Schema: gatehouse; Owner: -
--

COPY gatehouse.api_keys (id, lookup_id, owner_is_live, ring_key_id, key_digest, user_id, expires_at, deactivated_at, name, hint, scopes, ip_allow, created_at) FROM stdin;
01a20603-e3d1-7825-9621-1d95a4ff20fc	5791552913726268360	t	1	\\x96a08b32adbe3d733925f758f0795db323db28aecd23fe0ce83f9d807c79515f	01a20603-e3c6-7184-967c-c76a95f37d44	\N	\N	scoped	sk_6tpN...	{read:things}	{192.0.2.0/24}	2026-11-23 01:27:27.95012+00
01a20603-e3d2-7615-9662-cf5ff9518931	3803276810235643525	t	1	\\xb30a10150dbd3e34485ef9718bd71ef9f899a083236861e90082e9fbb1ac3b3e	01a20603-e3c6-7184-967c-c76a95f37d44	2126-11-23 01:27:27.682517+00	\N	wildcard	sk_4Wx2...	{read:*}	\N	2026-11-23 01:27:27.953978+00
01a20603-e3d3-7254-8bb6-b57ed1029321	4449756572522624052	t	1	\\x4ce3c7094f9135be25c9a354f2df0f89fca9b1e32b2b92a37355bfe43db93f32	\N	\N	\N	service	sk_5Ihv...	{write:things}	\N	2026-11-23 01:27:27.954958+00
01a20603-e3d2-7960-ae2f-0ce96852ce28	386304626159620128	t	1	\\xff1e7379ca1755271b4c1080692b3a79c0e4539bd782311fd16ffd79f9ddea6e	01a20603-e3c6-7184-967c-c76a95f37d44	\N	2026-11-23 01:27:27.955512+00	ended	sk_0SXH...	{}	\N	2026-11-23 01:27:27.954437+00
\.


--
-- Data for Name: audit_registry; Type: TABLE DATA; Schema: gatehouse; Owner: -
--

COPY gatehouse.audit_registry (table_id, table_schema, table_name, excluded, redacted, enabled_at, disabled_at) FROM stdin;
1	public	upgrade_audited	{hidden}	{secret}	2026-11-23 01:27:27.760343+00	\N
\.


--
-- Data for Name: event_details_default; Type: TABLE DATA; Schema: gatehouse; Owner: -
--

COPY gatehouse.event_details_default (event_id, occurred_at, ip, user_agent, context, salt) FROM stdin;
1	2026-11-23 01:27:27.761708+00	\N	\N	{"redact": ["secret"], "exclude": ["hidden"], "table_id": 1, "table_name": "upgrade_audited", "table_schema": "public"}	\\x0a7202211a923eebda0e473ca58deac9afc0123ec66cedd20871b5201e433afb
2	2026-11-23 01:27:27.964901+00	2001:db8::7	a browser	{"thing": 7}	\\x57ace4e8bc9000306e77fdf926dd91c545610343f155626dffb488da12c668b4
\.


--
-- Data for Name: events_default; Type: TABLE DATA; Schema: gatehouse; Owner: -
--

COPY gatehouse.events_default (id, occurred_at, transaction_id, origin, user_id, actor_id, impersonator_id, session_id, api_key_id, success, event_type, commitment) FROM stdin;
1	2026-11-23 01:27:27.761708+00	726	7711172445206220858	\N	\N	\N	\N	\N	t	audit.enabled	\\x68e0b066271d3be668059a3c594b630d25113d02fe8d50d1b0dc118f8b4408f1
2	2026-11-23 01:27:27.964901+00	726	7711172445206220858	01a20603-e3c6-7184-967c-c76a95f37d44	\N	\N	\N	\N	f	thing.opened	\\x6b65f9925121f63aa1596b4ef21af8637f1595a9c3ec2ae9a1fe4521e651efca
3	2026-11-23 01:27:27.965244+00	726	7711172445206220858	\N	\N	\N	\N	\N	t	night.passed	\N
\.


--
-- Data for Name: oauth_identities; Type: TABLE DATA; Schema: gatehouse; Owner: -
--

COPY gatehouse.oauth_identities (provider, subject, user_id, linked_at) FROM stdin;
\.


--
-- Data for Name: password_credentials; Type: TABLE DATA; Schema: gatehouse; Owner: -
--

COPY gatehouse.password_credentials (user_id, password_hash, changed_at) FROM stdin;
01a20603-e3c6-7184-967c-c76a95f37d44	$argon2id$v=19$m=65536,t=2,p=1$YyQhmS5S4fv3vwYRyz06vg$WBRudtLpfnNgolys7TQ8hxWrIdcDCpPmyy9wNjcLUnU	2026-11-23 01:27:27.776883+00
01a20603-e3c9-785f-94f5-02c1b3581751	$2y$04$abcdefghijklmnopqrstuuCrk1yZpisZA5KyoCn5CNfr4CSeH7cqm	2026-11-23 01:27:27.682517+00
01a20603-e3ca-7ed3-911c-a27dd6fdb48d	$5$saltstring$5B8vYYiY.CVt1RlTTf8KbXBH3hsxY/GNooZaBBGWEc5	2026-11-23 01:27:27.682517+00
01a20603-e3cb-7166-9d2e-fde84430a32e	$6$saltstring$svn8UoSVapNtMuq1ukKS4tPQd8iKwSMHWjl/O817G3uBnIFNjnQJuesI68u4OTLiBFdcbYEdFCoEOfaS35inz1	2026-11-23 01:27:27.682517+00
01a20603-e3cb-7297-b168-cd3361a8bf36	$y$j75$LdJMENpBABJJ3hIHjB1Bi.$aN8IREm4mVoXwP2ZkEbfFinwVjML6Krr5zkB50rSJX3	2026-11-23 01:27:27.682517+00
01a20603-e3cb-73aa-8122-3cdb456cee90	pbkdf2_sha256$1$salt$VawEblbjCJ/sFpHCJUS2BflBhSFt3gRl5oudV8INrLw=	2026-11-23 01:27:27.682517+00
\.


--
-- Data for Name: row_change_log_default; Type: TABLE DATA; Schema: gatehouse; Owner: -
--

COPY gatehouse.row_change_log_default (id, changed_at, transaction_id, key_hash, origin, table_id, operation, actor_id, impersonator_id, api_key_id, session_id, db_role, client_addr, application_name, replication_origin, key, old, new, context) FROM stdin;
1	2026-11-23 01:27:27.963133+00	726	-8088607738635406159	7711172445206220858	1	I	\N	\N	\N	\N	postgres	\N	psql	\N	{"id": 1}	\N	{"id": 1, "label": "one", "secret": {"redacted": true}}	\N
2	2026-11-23 01:27:27.963545+00	726	-5896161284438894692	7711172445206220858	1	I	\N	\N	\N	\N	postgres	\N	psql	\N	{"id": 2}	\N	{"id": 2, "label": "two", "secret": {"redacted": true}}	\N
3	2026-11-23 01:27:27.963883+00	726	-8088607738635406159	7711172445206220858	1	U	\N	\N	\N	\N	postgres	\N	psql	\N	{"id": 1}	{"label": "one", "secret": {"redacted": true}}	{"label": "uno", "secret": {"redacted": true}}	\N
4	2026-11-23 01:27:27.963969+00	726	-5896161284438894692	7711172445206220858	1	D	\N	\N	\N	\N	postgres	\N	psql	\N	{"id": 2}	{"id": 2, "label": "two", "secret": {"redacted": true}}	\N	\N
\.


--
-- Data for Name: scopes; Type: TABLE DATA; Schema: gatehouse; Owner: -
--

COPY gatehouse.scopes (name, description, registered_at) FROM stdin;
read:things	to look at things	2026-11-23 01:27:27.948538+00
write:things	\N	2026-11-23 01:27:27.948815+00
\.


--
-- Data for Name: sessions; Type: TABLE DATA; Schema: gatehouse; Owner: -
--

COPY gatehouse.sessions (session_id, user_id, locator_digest, token_digest, ring_key_id, previous_digest, previous_ring_key_id, rotations, rotated_at, created_at, last_used_at, expires_at, idle_expires_at, revoked_at, revocation, ip, user_agent, device) FROM stdin;
01a20603-e3d6-71eb-833c-91d41c7c0968	01a20603-e3c6-7184-967c-c76a95f37d44	\\x9818935450e70fa1631894416b901471afbe3e4620acb92b39f22c6e58ebd527	\\x2c5c45563990c05f342cc64129f6fcbd8e46f38e4e08c8ad37ea84e9ea26212f	1	\N	\N	0	\N	2026-11-23 01:27:27.956429+00	2026-11-23 01:27:27.956429+00	2126-12-23 01:27:27.956429+00	2126-12-07 01:27:27.956429+00	\N	\N	192.0.2.7	a browser	first
01a20603-e3d7-7361-8e75-d2256e5dcb4a	01a20603-e3c6-7184-967c-c76a95f37d44	\\x53f14c1a1394f6b5bb9c24a9e74148e7267cfe15fdb1978a88d13569a9e45ea1	\\x25b0c7856e90adbdc22d71eeb7aca83bfd7ee1cc312d6eeadc9d91457d7a8a3e	1	\N	\N	0	\N	2026-11-23 01:27:27.959096+00	2026-11-23 01:27:27.959096+00	2126-12-23 01:27:27.959096+00	2126-12-07 01:27:27.959096+00	2026-11-23 01:27:27.962253+00	logout	192.0.2.7	a browser	ended
01a20603-e3d6-7f3d-ac12-d5aca554f1fd	01a20603-e3c6-7184-967c-c76a95f37d44	\\xd44801e372499dc08c209132ee0ebc0104d313a61e6daf862655acf548b62176	\\x8fdc9962b6fd467d76509b9a82b73fb3cafff3bd7cf77ee3b8f559cd6c079b9d	1	\\x7dab49425e64710eb502bd7c08d7d183b868d57e5909efd2f0eb9af3dffa5aac	1	1	2016-11-22 01:27:27.960861+00	2026-11-23 01:27:27.9586+00	2026-11-23 01:27:27.960861+00	2126-12-23 01:27:27.9586+00	2126-12-07 01:27:27.960861+00	\N	\N	192.0.2.7	a browser	spent
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
user anna	01a20603-e3c6-7184-967c-c76a95f37d44
user boris	01a20603-e3c9-785f-94f5-02c1b3581751
user sha256	01a20603-e3ca-7ed3-911c-a27dd6fdb48d
user sha512	01a20603-e3cb-7166-9d2e-fde84430a32e
user yescrypt	01a20603-e3cb-7297-b168-cd3361a8bf36
user pbkdf2	01a20603-e3cb-73aa-8122-3cdb456cee90
scoped key	sk_6tpNAqKxS5wDhRW912XWRle2GHktBSyo7VbjIKbs1atAtuuRHrQueO33p6Th
wildcard key	sk_4Wx2z3HcR9hSVdGZjSjqygyoAlMhSeGVKmSZZKXnu9W1Rn1za4DIKK4Ddw2u
ended key	sk_0SXHJZipogaLoKWLruyoqVfNrrB6k9Hl5AQaPf44hZtSxKGM6cMoEv1w9TXY
service key	sk_5IhvnnjZbsqlqoVMOZJaPTpkEBF0n3Nvhm7f7cVpf838V8soMxa0CG2WrAyX
first token	dhQLZ2GOHmh5s7kut0QieFyHJs2E9wJzewjcOE6At0mUSmNuuRty0M0DynFP8l9B
spent token	ulisAuLPNlghtUaaJwoKzI4-X9KXg3qZMJIxIrMqE2WoFzwhTojqj5r9-FJ9uBmP
ended token	IQsiza7mKffbsUylfJiPLiwnce6ww4Uh0xELvkpdo5npXy03Tx6whT9fxffnd2CA
second token	ulisAuLPNlghtUaaJwoKzOAJNV1hlpOoHzfgpizJykjikrZOBMwSYFVw49WxkTSg
\.


--
-- Name: audited_table_id_seq; Type: SEQUENCE SET; Schema: gatehouse; Owner: -
--

SELECT pg_catalog.setval('gatehouse.audited_table_id_seq', 1, true);


--
-- Name: event_id_seq; Type: SEQUENCE SET; Schema: gatehouse; Owner: -
--

SELECT pg_catalog.setval('gatehouse.event_id_seq', 3, true);


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


