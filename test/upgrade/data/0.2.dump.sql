-- Test data, frozen: what gatehouse 0.2 (library 0.2.0) wrote from 0.2.sql, dumped by pg_dump. Its accounts
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
01a2158c-3744-76e2-b009-9e36558a155a	boris@example.com	boris@example.com	boris	boris	f	f	t	{}	2026-11-26 01:50:40.452287+00	2026-11-26 01:50:40.452287+00	\N	\N	\N
01a2158c-3745-7223-898b-4d06a0284d55	sha256@example.com	sha256@example.com	sha256	sha256	f	f	t	{}	2026-11-26 01:50:40.453043+00	2026-11-26 01:50:40.453043+00	\N	\N	\N
01a2158c-3745-7400-a5b8-e085c4e53be5	sha512@example.com	sha512@example.com	sha512	sha512	f	f	t	{}	2026-11-26 01:50:40.453189+00	2026-11-26 01:50:40.453189+00	\N	\N	\N
01a2158c-3745-7589-b673-bc52912d5bf3	yescrypt@example.com	yescrypt@example.com	yescrypt	yescrypt	f	f	t	{}	2026-11-26 01:50:40.453285+00	2026-11-26 01:50:40.453285+00	\N	\N	\N
01a2158c-3745-76d8-9dda-69ec9c801bf5	pbkdf2@example.com	pbkdf2@example.com	pbkdf2	pbkdf2	f	f	t	{}	2026-11-26 01:50:40.453377+00	2026-11-26 01:50:40.453377+00	\N	\N	\N
01a2158c-3743-71a7-82ab-10eaead9e335	Anna@Example.com	anna@example.com	anna	anna	f	t	t	{"city": "Zürich"}	2026-11-26 01:50:40.364358+00	2026-11-26 01:50:40.364358+00	2026-11-26 01:50:40.56195+00	\N	\N
\.


--
-- Data for Name: api_keys; Type: TABLE DATA; Schema: gatehouse; Owner: -
--

COPY gatehouse.api_keys (id, lookup_id, owner_is_live, ring_key_id, key_digest, user_id, expires_at, deactivated_at, name, hint, scopes, ip_allow, created_at) FROM stdin;
01a2158c-3748-76fd-a9f8-76c310d26511	5405064665040044519	t	1	\\xa34355a4e8cf74995cdee56e76c2a86029af10ee4f034d714279dcbc05449bd3	01a2158c-3743-71a7-82ab-10eaead9e335	\N	\N	scoped	sk_6RHF...	{read:things}	{192.0.2.0/24}	2026-11-26 01:50:40.455121+00
01a2158c-3748-7e9a-86b5-41e662d36e85	8760329435367088489	t	1	\\x51f7b5148801e7e74a65492d8afae9abfee4729c5fcdd396beaea24c90345b24	01a2158c-3743-71a7-82ab-10eaead9e335	2126-11-26 01:50:40.349118+00	\N	wildcard	sk_AR8O...	{read:*}	\N	2026-11-26 01:50:40.456649+00
01a2158c-3749-76cd-b37d-32a13df3a4be	6151928261298800631	t	1	\\xc5584d128acc7c352d766c9c2c69dae45cf74eaeef0ebd313fd963e3a9c5b038	\N	\N	\N	service	sk_7KRt...	{write:things}	\N	2026-11-26 01:50:40.457267+00
01a2158c-3749-71f6-8a88-118caafecde6	4679746224040717382	t	1	\\x90f97007e4074fe8d98a22e0f1ea5b288a8db9d8391a4528471cac494d571383	01a2158c-3743-71a7-82ab-10eaead9e335	\N	2026-11-26 01:50:40.457646+00	ended	sk_5ZhH...	{}	\N	2026-11-26 01:50:40.45696+00
\.


--
-- Data for Name: audit_registry; Type: TABLE DATA; Schema: gatehouse; Owner: -
--

COPY gatehouse.audit_registry (table_id, table_schema, table_name, excluded, redacted, enabled_at, disabled_at) FROM stdin;
1	public	upgrade_audited	{hidden}	{secret}	2026-11-26 01:50:40.361779+00	\N
\.


--
-- Data for Name: event_details_default; Type: TABLE DATA; Schema: gatehouse; Owner: -
--

COPY gatehouse.event_details_default (event_id, occurred_at, ip, user_agent, context, salt) FROM stdin;
1	2026-11-26 01:50:40.36198+00	\N	\N	{"redact": ["secret"], "exclude": ["hidden"], "table_id": 1, "table_name": "upgrade_audited", "table_schema": "public"}	\\x7544be63d7a692c9d224d047687e91556d094ccb5ec92b3960bb7fe199075b06
2	2026-11-26 01:50:40.462162+00	2001:db8::7	a browser	{"thing": 7}	\\x3c091900a0eb31641777786bb2c4c0e931e3e14d0a44359c7dd71ed7c50ba990
4	2026-11-26 01:50:40.985735+00	198.51.100.9	a script	{"locks": false, "login": "e4a3428ac0c52d725e0783b9e7711e24"}	\\x2f59eaf7070151e1fd85ed86e9b44331ce3dd36124670f394012e90e94ff4331
5	2026-11-26 01:50:41.558417+00	198.51.100.9	a script	{"locks": false, "login": "7769043eaabad00752ba1dbbebb664f7"}	\\xa29b424effe373547bfc110c233e904ba29adf130b1f8adaa1ed55b63ebc713a
6	2026-11-26 01:50:42.180055+00	198.51.100.9	a script	{"locks": false, "login": "4d8b4bac8a22e89eb60482c5bc9e4330"}	\\xab597eebd7b5590fe051913d6f5fb1fbc4c1bb59e23f03eafc0080bf711d2966
\.


--
-- Data for Name: events_default; Type: TABLE DATA; Schema: gatehouse; Owner: -
--

COPY gatehouse.events_default (id, occurred_at, transaction_id, origin, user_id, actor_id, impersonator_id, session_id, api_key_id, success, event_type, commitment) FROM stdin;
1	2026-11-26 01:50:40.36198+00	726	7712291694810105412	\N	\N	\N	\N	\N	t	audit.enabled	\\xcd3383cf9da4090795b25491629dbbfdae3667e1bea83230bc511a791aba4739
2	2026-11-26 01:50:40.462162+00	726	7712291694810105412	01a2158c-3743-71a7-82ab-10eaead9e335	\N	\N	\N	\N	f	thing.opened	\\x542bbc9a9bee62216a6e11fd5a281219bbeae831780f70e503b7bd346ab9113a
3	2026-11-26 01:50:40.462356+00	726	7712291694810105412	\N	\N	\N	\N	\N	t	night.passed	\N
4	2026-11-26 01:50:40.985735+00	726	7712291694810105412	01a2158c-3743-71a7-82ab-10eaead9e335	\N	\N	\N	\N	f	security.login_failed	\\x18b20ca90c508e595f4ed3c0281b99cec2cc19ea3a7f3b30fd8243eed2fde36e
5	2026-11-26 01:50:41.558417+00	726	7712291694810105412	01a2158c-3743-71a7-82ab-10eaead9e335	\N	\N	\N	\N	f	security.login_failed	\\xd03044790ba67c27461cacaaf87cc300847da5f57ca2fb039845670beb622485
6	2026-11-26 01:50:42.180055+00	726	7712291694810105412	\N	\N	\N	\N	\N	f	security.login_failed	\\xfa563ead6d9b7e17e887d700aa1d8c6c242c72d01dd8afb3ff7982d7c9dcf325
\.


--
-- Data for Name: known_addresses; Type: TABLE DATA; Schema: gatehouse; Owner: -
--

COPY gatehouse.known_addresses (user_id, network, last_login_at) FROM stdin;
01a2158c-3743-71a7-82ab-10eaead9e335	192.0.2.7/32	2026-11-26 01:50:40.562198+00
\.


--
-- Data for Name: login_throttles; Type: TABLE DATA; Schema: gatehouse; Owner: -
--

COPY gatehouse.login_throttles (subject, failures, counted_at, locked_until) FROM stdin;
\\x857dafb99ae88287b5bdff3d65d1623c	2	2026-11-26 01:50:41.558282+00	\N
\\x9f782481c35e75bafd1fe7f1c3518d30	1	2026-11-26 01:50:42.179922+00	\N
\\x0822bf733466ccf3dfd91348eca99289	3	2026-11-26 01:50:40.985623+00	\N
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
01a2158c-3743-71a7-82ab-10eaead9e335	$argon2id$v=19$m=65536,t=2,p=1$AbCuEqFbyNOsLS8bUAPvLQ$KDf5cm56mI5bKczyhc1VHvRv9IlSgpMWzn0ZYv8tpYc	2026-11-26 01:50:40.364358+00
01a2158c-3744-76e2-b009-9e36558a155a	$2y$04$abcdefghijklmnopqrstuuCrk1yZpisZA5KyoCn5CNfr4CSeH7cqm	2026-11-26 01:50:40.349118+00
01a2158c-3745-7223-898b-4d06a0284d55	$5$saltstring$5B8vYYiY.CVt1RlTTf8KbXBH3hsxY/GNooZaBBGWEc5	2026-11-26 01:50:40.349118+00
01a2158c-3745-7400-a5b8-e085c4e53be5	$6$saltstring$svn8UoSVapNtMuq1ukKS4tPQd8iKwSMHWjl/O817G3uBnIFNjnQJuesI68u4OTLiBFdcbYEdFCoEOfaS35inz1	2026-11-26 01:50:40.349118+00
01a2158c-3745-7589-b673-bc52912d5bf3	$y$j75$LdJMENpBABJJ3hIHjB1Bi.$aN8IREm4mVoXwP2ZkEbfFinwVjML6Krr5zkB50rSJX3	2026-11-26 01:50:40.349118+00
01a2158c-3745-76d8-9dda-69ec9c801bf5	pbkdf2_sha256$1$salt$VawEblbjCJ/sFpHCJUS2BflBhSFt3gRl5oudV8INrLw=	2026-11-26 01:50:40.349118+00
\.


--
-- Data for Name: row_change_log_default; Type: TABLE DATA; Schema: gatehouse; Owner: -
--

COPY gatehouse.row_change_log_default (id, changed_at, transaction_id, key_hash, origin, table_id, operation, actor_id, impersonator_id, api_key_id, session_id, db_role, client_addr, application_name, replication_origin, key, old, new, context) FROM stdin;
1	2026-11-26 01:50:40.461273+00	726	-8088607738635406159	7712291694810105412	1	I	\N	\N	\N	\N	postgres	\N	psql	\N	{"id": 1}	\N	{"id": 1, "label": "one", "secret": {"redacted": true}}	\N
2	2026-11-26 01:50:40.461515+00	726	-5896161284438894692	7712291694810105412	1	I	\N	\N	\N	\N	postgres	\N	psql	\N	{"id": 2}	\N	{"id": 2, "label": "two", "secret": {"redacted": true}}	\N
3	2026-11-26 01:50:40.461626+00	726	-8088607738635406159	7712291694810105412	1	U	\N	\N	\N	\N	postgres	\N	psql	\N	{"id": 1}	{"label": "one", "secret": {"redacted": true}}	{"label": "uno", "secret": {"redacted": true}}	\N
4	2026-11-26 01:50:40.461686+00	726	-5896161284438894692	7712291694810105412	1	D	\N	\N	\N	\N	postgres	\N	psql	\N	{"id": 2}	{"id": 2, "label": "two", "secret": {"redacted": true}}	\N	\N
\.


--
-- Data for Name: scopes; Type: TABLE DATA; Schema: gatehouse; Owner: -
--

COPY gatehouse.scopes (name, description, registered_at) FROM stdin;
read:things	to look at things	2026-11-26 01:50:40.454041+00
write:things	\N	2026-11-26 01:50:40.454176+00
\.


--
-- Data for Name: sessions; Type: TABLE DATA; Schema: gatehouse; Owner: -
--

COPY gatehouse.sessions (session_id, user_id, locator_digest, token_digest, ring_key_id, previous_digest, previous_ring_key_id, rotations, rotated_at, created_at, last_used_at, expires_at, idle_expires_at, revoked_at, revocation, ip, user_agent, device) FROM stdin;
01a2158c-374b-712b-8a8e-0cfc65564aa4	01a2158c-3743-71a7-82ab-10eaead9e335	\\x29e8922f26767065d92e149a2fbe979a984eb6e1feea4348f104571ecc38528d	\\x070b4aec0a52c6cb0cab554e2b438a05ce3dbe3b7636146294a23e6c1ceaef2a	1	\N	\N	0	\N	2026-11-26 01:50:40.458144+00	2026-11-26 01:50:40.458144+00	2126-12-26 01:50:40.458144+00	2126-12-10 01:50:40.458144+00	\N	\N	192.0.2.7	a browser	first
01a2158c-374b-7b98-9dad-b7c999ccd609	01a2158c-3743-71a7-82ab-10eaead9e335	\\xf0c270e7774f794cd11ed9ade54034f4c376793da0be7a7b8aca9ca4678b1ed5	\\x298a36f2053a30a12145741706bbd94733de29bf60a79b4f9eb443f70cd3abe0	1	\N	\N	0	\N	2026-11-26 01:50:40.459594+00	2026-11-26 01:50:40.459594+00	2126-12-26 01:50:40.459594+00	2126-12-10 01:50:40.459594+00	2026-11-26 01:50:40.460885+00	logout	192.0.2.7	a browser	ended
01a2158c-374b-77df-8e0f-7777053dc715	01a2158c-3743-71a7-82ab-10eaead9e335	\\x787d7e692e615060d36723540a27f00e7effbdb087e99ef21f9e91ba74fd9a67	\\x651e8f9c975de05f12dbcffe28cd4a0390289d6f5cd97067cfcc37753ceaa19f	1	\\x51ba0717784cb8a37104b4056cc826b96eba7ec332652a466c43ac7b2cb2a4a5	1	1	2016-11-25 01:50:40.460379+00	2026-11-26 01:50:40.459331+00	2026-11-26 01:50:40.460379+00	2126-12-26 01:50:40.459331+00	2126-12-10 01:50:40.460379+00	\N	\N	192.0.2.7	a browser	spent
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
user anna	01a2158c-3743-71a7-82ab-10eaead9e335
user boris	01a2158c-3744-76e2-b009-9e36558a155a
user sha256	01a2158c-3745-7223-898b-4d06a0284d55
user sha512	01a2158c-3745-7400-a5b8-e085c4e53be5
user yescrypt	01a2158c-3745-7589-b673-bc52912d5bf3
user pbkdf2	01a2158c-3745-76d8-9dda-69ec9c801bf5
scoped key	sk_6RHFiUPCyKlozsvjPyUVY4OvoWpOKx178TkOYu539gNoXxv3akNtoN0eoJtx
wildcard key	sk_AR8OuLJRjSriAdNFRCdZ6mLRXXvlh6wWadDQT0iAfhEOFnuZ2vJWuV1QrpF4
ended key	sk_5ZhHoaeWOesLDiIrYHK59dq4ARcQUiPvhsRW4wxmLTEzjaGoWUqKmz178UcX
service key	sk_7KRtavfTvOxu3C9kEMHmcOFGON4CDm779fdiJSaD5bi7Ij10MLbgAU1soxSB
first token	ATSVfH0QSc8bGYVFK2Zmp_wAwDiUJq2mPz_ocHBvstTH1bedL8bbqdGZ17xuhBmT
spent token	r3FwmZzjLPytmNdomF0h-jBMpx--9V-Ah0EEztgCbXb-midXevBr3J5PpCTyZMAp
ended token	-qP2aTc5DnZyIlJPtpP6-M8Ca0WuA-DEzffQlprfXEWiyH7UKLRL1TZL6_bAOzAE
second token	r3FwmZzjLPytmNdomF0h-jDK7ZV6aq12U2EhdDixf2PU2jqNWd9Q_-hgPykFDcf9
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


