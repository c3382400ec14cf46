-- Test data, frozen: what gatehouse 0.6 (library 0.6.0) wrote from 0.6.sql, dumped by pg_dump. Its accounts
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
-- Name: event_details_2026_11_27; Type: TABLE; Schema: gatehouse; Owner: -
--

CREATE TABLE gatehouse.event_details_2026_11_27 (
    event_id bigint NOT NULL,
    occurred_at timestamp with time zone NOT NULL,
    ip inet,
    user_agent text,
    context jsonb,
    salt bytea NOT NULL
);


--
-- Name: TABLE event_details_2026_11_27; Type: COMMENT; Schema: gatehouse; Owner: -
--

COMMENT ON TABLE gatehouse.event_details_2026_11_27 IS 'of event_details, from 2026-11-27 00:00:00+00 to 2026-12-01 00:00:00+00';


--
-- Name: event_details_2026_12; Type: TABLE; Schema: gatehouse; Owner: -
--

CREATE TABLE gatehouse.event_details_2026_12 (
    event_id bigint NOT NULL,
    occurred_at timestamp with time zone NOT NULL,
    ip inet,
    user_agent text,
    context jsonb,
    salt bytea NOT NULL
);


--
-- Name: TABLE event_details_2026_12; Type: COMMENT; Schema: gatehouse; Owner: -
--

COMMENT ON TABLE gatehouse.event_details_2026_12 IS 'of event_details, from 2026-12-01 00:00:00+00 to 2027-01-01 00:00:00+00';


--
-- Name: events_2026_11_27; Type: TABLE; Schema: gatehouse; Owner: -
--

CREATE TABLE gatehouse.events_2026_11_27 (
    id bigint DEFAULT NULL NOT NULL,
    occurred_at timestamp with time zone DEFAULT NULL NOT NULL,
    transaction_id xid8 DEFAULT NULL NOT NULL,
    origin bigint NOT NULL,
    user_id uuid,
    actor_id uuid,
    impersonator_id uuid,
    session_id uuid,
    api_key_id uuid,
    success boolean NOT NULL,
    event_type text NOT NULL,
    commitment bytea
);


--
-- Name: TABLE events_2026_11_27; Type: COMMENT; Schema: gatehouse; Owner: -
--

COMMENT ON TABLE gatehouse.events_2026_11_27 IS 'of events, from 2026-11-27 00:00:00+00 to 2026-12-01 00:00:00+00';


--
-- Name: events_2026_12; Type: TABLE; Schema: gatehouse; Owner: -
--

CREATE TABLE gatehouse.events_2026_12 (
    id bigint DEFAULT NULL NOT NULL,
    occurred_at timestamp with time zone DEFAULT NULL NOT NULL,
    transaction_id xid8 DEFAULT NULL NOT NULL,
    origin bigint NOT NULL,
    user_id uuid,
    actor_id uuid,
    impersonator_id uuid,
    session_id uuid,
    api_key_id uuid,
    success boolean NOT NULL,
    event_type text NOT NULL,
    commitment bytea
);


--
-- Name: TABLE events_2026_12; Type: COMMENT; Schema: gatehouse; Owner: -
--

COMMENT ON TABLE gatehouse.events_2026_12 IS 'of events, from 2026-12-01 00:00:00+00 to 2027-01-01 00:00:00+00';


--
-- Name: row_change_log_2026_11_27; Type: TABLE; Schema: gatehouse; Owner: -
--

CREATE TABLE gatehouse.row_change_log_2026_11_27 (
    id bigint NOT NULL,
    changed_at timestamp with time zone NOT NULL,
    transaction_id xid8 NOT NULL,
    key_hash bigint NOT NULL,
    origin bigint NOT NULL,
    table_id integer NOT NULL,
    operation "char" NOT NULL,
    actor_id uuid,
    impersonator_id uuid,
    api_key_id uuid,
    session_id uuid,
    db_role text,
    client_addr inet,
    application_name text,
    replication_origin text,
    key jsonb,
    old jsonb,
    new jsonb,
    context jsonb,
    new_key_hash bigint,
    partition text
);


--
-- Name: TABLE row_change_log_2026_11_27; Type: COMMENT; Schema: gatehouse; Owner: -
--

COMMENT ON TABLE gatehouse.row_change_log_2026_11_27 IS 'of row_change_log, from 2026-11-27 00:00:00+00 to 2026-12-01 00:00:00+00';


--
-- Name: row_change_log_2026_12; Type: TABLE; Schema: gatehouse; Owner: -
--

CREATE TABLE gatehouse.row_change_log_2026_12 (
    id bigint NOT NULL,
    changed_at timestamp with time zone NOT NULL,
    transaction_id xid8 NOT NULL,
    key_hash bigint NOT NULL,
    origin bigint NOT NULL,
    table_id integer NOT NULL,
    operation "char" NOT NULL,
    actor_id uuid,
    impersonator_id uuid,
    api_key_id uuid,
    session_id uuid,
    db_role text,
    client_addr inet,
    application_name text,
    replication_origin text,
    key jsonb,
    old jsonb,
    new jsonb,
    context jsonb,
    new_key_hash bigint,
    partition text
);


--
-- Name: TABLE row_change_log_2026_12; Type: COMMENT; Schema: gatehouse; Owner: -
--

COMMENT ON TABLE gatehouse.row_change_log_2026_12 IS 'of row_change_log, from 2026-12-01 00:00:00+00 to 2027-01-01 00:00:00+00';


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
-- Name: upgrade_travel; Type: TABLE; Schema: public; Owner: -
--

CREATE TABLE public.upgrade_travel (
    id integer NOT NULL,
    title text
);


--
-- Name: event_details_2026_11_27; Type: TABLE ATTACH; Schema: gatehouse; Owner: -
--

ALTER TABLE ONLY gatehouse.event_details ATTACH PARTITION gatehouse.event_details_2026_11_27 FOR VALUES FROM ('2026-11-27 00:00:00+00') TO ('2026-12-01 00:00:00+00');


--
-- Name: event_details_2026_12; Type: TABLE ATTACH; Schema: gatehouse; Owner: -
--

ALTER TABLE ONLY gatehouse.event_details ATTACH PARTITION gatehouse.event_details_2026_12 FOR VALUES FROM ('2026-12-01 00:00:00+00') TO ('2027-01-01 00:00:00+00');


--
-- Name: events_2026_11_27; Type: TABLE ATTACH; Schema: gatehouse; Owner: -
--

ALTER TABLE ONLY gatehouse.events ATTACH PARTITION gatehouse.events_2026_11_27 FOR VALUES FROM ('2026-11-27 00:00:00+00') TO ('2026-12-01 00:00:00+00');


--
-- Name: events_2026_12; Type: TABLE ATTACH; Schema: gatehouse; Owner: -
--

ALTER TABLE ONLY gatehouse.events ATTACH PARTITION gatehouse.events_2026_12 FOR VALUES FROM ('2026-12-01 00:00:00+00') TO ('2027-01-01 00:00:00+00');


--
-- Name: row_change_log_2026_11_27; Type: TABLE ATTACH; Schema: gatehouse; Owner: -
--

ALTER TABLE ONLY gatehouse.row_change_log ATTACH PARTITION gatehouse.row_change_log_2026_11_27 FOR VALUES FROM ('2026-11-27 00:00:00+00') TO ('2026-12-01 00:00:00+00');


--
-- Name: row_change_log_2026_12; Type: TABLE ATTACH; Schema: gatehouse; Owner: -
--

ALTER TABLE ONLY gatehouse.row_change_log ATTACH PARTITION gatehouse.row_change_log_2026_12 FOR VALUES FROM ('2026-12-01 00:00:00+00') TO ('2027-01-01 00:00:00+00');


--
-- Data for Name: users; Type: TABLE DATA; Schema: gatehouse; Owner: -
--

COPY gatehouse.users (id, email, email_normal, username, username_normal, is_superuser, is_verified, is_active, profile, created_at, updated_at, last_login_at, deleted_at, deletion_scheduled_for, deleted_by, deletion_reason, stopped_until, stop_reason) FROM stdin;
01a2180e-2a1d-70e1-aa82-316747a23fa0	sha256@example.com	sha256@example.com	sha256	sha256	f	f	t	{}	2026-11-26 13:31:51.196662+00	2026-11-26 13:31:51.196662+00	\N	\N	\N	\N	\N	\N	\N
01a2180e-2a20-72d1-8f6b-6d161df211b6	sha512@example.com	sha512@example.com	sha512	sha512	f	f	t	{}	2026-11-26 13:31:51.199773+00	2026-11-26 13:31:51.199773+00	\N	\N	\N	\N	\N	\N	\N
01a2180e-2a20-7ede-858e-2b661e8d5659	yescrypt@example.com	yescrypt@example.com	yescrypt	yescrypt	f	f	t	{}	2026-11-26 13:31:51.200559+00	2026-11-26 13:31:51.200559+00	\N	\N	\N	\N	\N	\N	\N
01a2180e-2a21-7d6e-aaa6-3721edd0cff2	pbkdf2@example.com	pbkdf2@example.com	pbkdf2	pbkdf2	f	f	t	{}	2026-11-26 13:31:51.201534+00	2026-11-26 13:31:51.201534+00	\N	\N	\N	\N	\N	\N	\N
01a2180e-2d12-7b09-b178-4e29db6ee3d3	olga@example.com	olga@example.com	olga	olga	f	t	t	{}	2026-11-26 13:31:51.954477+00	2026-11-26 13:31:51.961927+00	\N	\N	\N	\N	\N	\N	\N
01a2180e-2dfe-7975-ae1e-be89343a114c	stopped@example.com	stopped@example.com	stopped	stopped	f	f	f	{}	2026-11-26 13:31:52.190404+00	2026-11-26 13:31:52.630981+00	\N	\N	\N	\N	\N	\N	spam
01a2180e-2e77-7fe4-ac57-41a6a54e2bd8	paused@example.com	paused@example.com	paused	paused	f	f	f	{}	2026-11-26 13:31:52.311788+00	2026-11-26 13:31:52.637973+00	\N	\N	\N	\N	\N	2126-11-26 13:31:50.980584+00	a break
01a2180e-2f39-7393-8a09-c026b792a15a	deleted@example.com	deleted@example.com	deleted	deleted	f	f	t	{}	2026-11-26 13:31:52.504976+00	2026-11-26 13:31:52.640337+00	\N	2026-11-26 13:31:52.640337+00	\N	01a2180e-2a10-76fc-9649-e28871b688d9	asked for it	\N	\N
01a2180e-2fab-7bca-a8df-cad847f9a68f	leaving@example.com	leaving@example.com	leaving	leaving	f	f	t	{}	2026-11-26 13:31:52.619499+00	2026-11-26 13:31:52.652064+00	\N	\N	2126-11-26 13:31:50+00	\N	\N	\N	\N
01a2180e-2a18-7527-ab3b-18a94c3a3009	boris@example.com	boris@example.com	boris	boris	f	f	t	{}	2026-11-26 13:31:51.191819+00	2026-11-26 13:31:51.191819+00	\N	\N	\N	\N	\N	\N	\N
01a2180e-309a-7140-96ea-15d291b8eb1b	root@example.com	root@example.com	first-of-all	first-of-all	t	t	t	{}	2026-11-26 13:31:52.857889+00	2026-11-26 13:31:52.857889+00	\N	\N	\N	\N	\N	\N	\N
01a2180e-2a10-76fc-9649-e28871b688d9	Anna@Example.com	anna@example.com	anna	anna	f	t	t	{"city": "Zürich"}	2026-11-26 13:31:51.182293+00	2026-11-26 13:31:51.182293+00	2026-11-26 13:31:51.369991+00	\N	\N	\N	\N	\N	\N
\.


--
-- Data for Name: api_keys; Type: TABLE DATA; Schema: gatehouse; Owner: -
--

COPY gatehouse.api_keys (id, lookup_id, owner_is_live, ring_key_id, key_digest, user_id, expires_at, deactivated_at, name, hint, scopes, ip_allow, created_at, owner_stopped_until, rotated_to) FROM stdin;
01a2180e-2a2f-7f48-b55c-133f3ec8f563	9176232504665087214	t	1	\\xf9b6f229f81fc61f061db4883a70d20aa353ebf26da4bbf0b9e0571e41980993	01a2180e-2a10-76fc-9649-e28871b688d9	\N	\N	scoped	sk_AvrF...	{read:things}	{192.0.2.0/24}	2026-11-26 13:31:51.217454+00	\N	\N
01a2180e-2a33-71ff-9427-6e3f6c764b2e	2777205092826454602	t	1	\\x8521a3069fe5e118109a38cdd67d755d6df0f4605f7d9f1a788dec5c18de14d6	01a2180e-2a10-76fc-9649-e28871b688d9	2126-11-26 13:31:50.980584+00	\N	wildcard	sk_3J9c...	{read:*}	\N	2026-11-26 13:31:51.223633+00	\N	\N
01a2180e-2a39-77cb-9aa3-2c79e8e04ef9	4291651517498160703	t	1	\\x69f078458096294deb2d338e9e69abbe6e344e3c3d488ff75790cfc508528715	\N	\N	\N	service	sk_571o...	{write:things}	\N	2026-11-26 13:31:51.225561+00	\N	\N
01a2180e-2a38-7541-b17b-f935e2a3a04c	5854651796070798985	t	1	\\xfac7454d42ed2386312f947deddc8cab82ade94d028ea03af4535bb772a74977	01a2180e-2a10-76fc-9649-e28871b688d9	\N	2026-11-26 13:31:51.226562+00	ended	sk_6yUM...	{}	\N	2026-11-26 13:31:51.224634+00	\N	\N
01a2180e-2fb3-7dfd-acfe-ecd56e2ffc69	5333142122159644412	f	1	\\xfb34804a7f623c161c440b7406b0ea58be543a7fd5d2194f9c6755547841e8aa	01a2180e-2dfe-7975-ae1e-be89343a114c	\N	\N	stopped	sk_6Lxq...	{}	\N	2026-11-26 13:31:52.628167+00	\N	\N
01a2180e-2fb4-7d04-8f9c-2aa2dbc93cd8	8623656170523271124	f	1	\\x13f7cbd164024364e309870a0435d092b0af65fc4d292d98b59458b5a62f8983	01a2180e-2f39-7393-8a09-c026b792a15a	\N	\N	deleted	sk_AH2R...	{}	\N	2026-11-26 13:31:52.629023+00	\N	\N
01a2180e-30a1-71c5-ab35-e5824f4ad8b0	910411065102099132	t	1	\\x5e0a905a3aacece89e5027e469e75937cf0a5b4470ca5109af7206fc8980cedf	01a2180e-2a10-76fc-9649-e28871b688d9	\N	\N	overlapping	sk_15Fg...	{read:things}	\N	2026-11-26 13:31:52.865814+00	\N	\N
01a2180e-30a0-7389-9273-fe7385b017ad	4011600409624892374	t	1	\\x1fa81194eed60dfc0de69dd803fcafb6d4c12034e5e2e4bcb64e53f20c30c855	01a2180e-2a10-76fc-9649-e28871b688d9	2026-11-26 13:31:52.867665+00	\N	rotated	sk_4mLA...	{read:things}	\N	2026-11-26 13:31:52.864309+00	\N	01a2180e-30a3-75ee-ac24-2548c2795553
01a2180e-30a3-75ee-ac24-2548c2795553	4728886188297083747	t	1	\\x73ae90a24945c932385436fcd2c4edff324da1a0b568c6476efb51f13b64cb1f	01a2180e-2a10-76fc-9649-e28871b688d9	\N	\N	rotated	sk_5dKL...	{read:things}	\N	2026-11-26 13:31:52.867665+00	\N	\N
01a2180e-309f-79ac-a0ab-f06b24acb321	5567239255349948682	t	1	\\x6fc7f3d20c2b81adb710b2b6a0b5f070b42cd30e3302f3f44714f87854af0410	01a2180e-2a10-76fc-9649-e28871b688d9	2126-12-26 13:31:52.865814+00	\N	overlapping	sk_6dG0...	{read:things}	\N	2026-11-26 13:31:52.863835+00	\N	01a2180e-30a1-71c5-ab35-e5824f4ad8b0
\.


--
-- Data for Name: api_key_usage; Type: TABLE DATA; Schema: gatehouse; Owner: -
--

COPY gatehouse.api_key_usage (api_key_id, last_used_at, last_used_ip, use_count) FROM stdin;
01a2180e-2a2f-7f48-b55c-133f3ec8f563	2026-01-02 03:04:05+00	192.0.2.7	41
\.


--
-- Data for Name: audit_registry; Type: TABLE DATA; Schema: gatehouse; Owner: -
--

COPY gatehouse.audit_registry (table_id, table_schema, table_name, excluded, redacted, enabled_at, disabled_at, known_gaps) FROM stdin;
1	public	upgrade_audited	{hidden}	{secret}	2026-11-26 13:31:51.01173+00	\N	{}
2	public	upgrade_travel	{}	{}	2026-11-26 13:31:52.874904+00	\N	{}
\.


--
-- Data for Name: audit_schemas; Type: TABLE DATA; Schema: gatehouse; Owner: -
--

COPY gatehouse.audit_schemas (schema_name, enabled_at) FROM stdin;
\.


--
-- Data for Name: audit_shapes; Type: TABLE DATA; Schema: gatehouse; Owner: -
--

COPY gatehouse.audit_shapes (table_id, since, recorded_at, columns, key, restates) FROM stdin;
1	0	2026-11-26 13:31:51.025751+00	[{"id": 1, "name": "id", "type": "integer", "number": 1, "type_id": 23}, {"id": 2, "name": "label", "type": "text", "number": 2, "type_id": 25}, {"id": 3, "name": "secret", "type": "text", "number": 3, "type_id": 25}]	{1}	f
2	0	2026-11-26 13:31:52.878273+00	[{"id": 1, "name": "id", "type": "integer", "number": 1, "type_id": 23}, {"id": 2, "name": "name", "type": "text", "number": 2, "type_id": 25}, {"id": 3, "name": "gone", "type": "integer", "number": 3, "type_id": 23}]	{1}	f
2	8	2026-11-26 13:31:52.88375+00	[{"id": 1, "name": "id", "type": "integer", "number": 1, "type_id": 23}, {"id": 2, "name": "title", "type": "text", "number": 2, "type_id": 25}, {"id": 3, "name": "gone", "type": "integer", "number": 3, "type_id": 23}]	{1}	f
2	9	2026-11-26 13:31:52.898617+00	[{"id": 1, "name": "id", "type": "integer", "number": 1, "type_id": 23}, {"id": 2, "name": "title", "type": "text", "number": 2, "type_id": 25}]	{1}	f
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
01a2180e-2fab-7bca-a8df-cad847f9a68f	2126-11-26 13:31:50+00	3	2026-11-26 13:31:50.980584+00
\.


--
-- Data for Name: event_details_2026_11_27; Type: TABLE DATA; Schema: gatehouse; Owner: -
--

COPY gatehouse.event_details_2026_11_27 (event_id, occurred_at, ip, user_agent, context, salt) FROM stdin;
\.


--
-- Data for Name: event_details_2026_12; Type: TABLE DATA; Schema: gatehouse; Owner: -
--

COPY gatehouse.event_details_2026_12 (event_id, occurred_at, ip, user_agent, context, salt) FROM stdin;
\.


--
-- Data for Name: event_details_default; Type: TABLE DATA; Schema: gatehouse; Owner: -
--

COPY gatehouse.event_details_default (event_id, occurred_at, ip, user_agent, context, salt) FROM stdin;
1	2026-11-26 13:31:51.012492+00	\N	\N	{"redact": ["secret"], "exclude": ["hidden"], "table_id": 1, "table_name": "upgrade_audited", "table_schema": "public"}	\\xffaac332c82b128b62207cf09a051979949977713f3e702368381a25da314261
8	2026-11-26 13:31:51.208441+00	\N	\N	{"scope": "read:things"}	\\x94703185c77be8d51438a25350c31329033bc9b25e19a87cd2e3081593685542
9	2026-11-26 13:31:51.208704+00	\N	\N	{"scope": "write:things"}	\\x0121b5d627c84b05837980ef52d32d1655c9d288be5a7c9d8294494c9cc4893c
15	2026-11-26 13:31:51.233871+00	192.0.2.7	a browser	\N	\\x38e2ffe377d9e2be13d64c319f564c97e64ad3754b8885cf9f20d5b14597b365
16	2026-11-26 13:31:51.234723+00	192.0.2.7	a browser	\N	\\x05f07ed1b173e1e76e87911033f28d895404e5c18bab86ae10bfd1a6730cb5ae
17	2026-11-26 13:31:51.239679+00	192.0.2.7	a browser	\N	\\x0fc8f48fb1a9cef68197d427c138ee8de020e1f8281afee97a0e853e0a9018d9
19	2026-11-26 13:31:51.248542+00	2001:db8::7	a browser	{"thing": 7}	\\x91d1a1ac92bfac2d4d3dbbd38a239e22059abb599a142205d0bd62a9c49b2805
21	2026-11-26 13:31:51.371173+00	192.0.2.7	a browser	\N	\\xa724b38e91de3b1140cad91f43860ef02b71b28a1aa1d84b62fbb3fc9a016c5a
22	2026-11-26 13:31:51.586884+00	198.51.100.9	a script	{"locks": false, "login": "953f96249aa988baeef8af79a992a923"}	\\xfbe46e5a5538d2d7f3f63bee6b95657ee48040b8cfe69dfb4734d2d8b7f070b9
23	2026-11-26 13:31:51.827407+00	198.51.100.9	a script	{"locks": false, "login": "fa9967cfcde32001bd9a45163f471318"}	\\xf09f229382d53807a555ea728660baa7f1a03404668dd5ce72d2c288a0a44026
24	2026-11-26 13:31:51.952933+00	198.51.100.9	a script	{"locks": false, "login": "110bbc2e5928e2ed7e219f45be009d75"}	\\x859e4a27dedbd7a12f83c5e510ca9db993d5a285c6184b2ae11724cc859f00e5
25	2026-11-26 13:31:51.960088+00	\N	\N	{"provider": "github"}	\\x68d661cd75fe80922a4e3b0e7fcffaf72a55dd0f6019a0956f07bcd022f12733
26	2026-11-26 13:31:51.962029+00	\N	\N	{"provider": "google"}	\\x5cf511860d5ff9521d537d1f2e6f55c5126d71e5f9d460295f9349a037eb6a15
31	2026-11-26 13:31:52.622079+00	\N	\N	{"provider": "gitlab"}	\\x0a9c00417e7729da5cb4a98e6489d9ad2f86de5749518ee72db900f528768998
35	2026-11-26 13:31:52.6384+00	\N	\N	{"until": "2126-11-26T13:31:50.980584+00:00"}	\\x628e647b8aa47d9b1fcfce9aaf4ee5eb3a503fdda1783e2dffe6820c3afed459
36	2026-11-26 13:31:52.641405+00	\N	\N	{"deleted_by": "01a2180e-2a10-76fc-9649-e28871b688d9"}	\\x2b6d5a57a23d3a21c9aecb25d89e2a71dbfdcab527ce3c387cb1a5bb0998e17f
38	2026-11-26 13:31:52.652569+00	\N	\N	{"scheduled_for": "2026-12-03T13:31:52.652064+00:00"}	\\xd7765ce6abce4f5782a9f9a6897a31e44ce2d00bd55e3cef112523d9fa0626e7
42	2026-11-26 13:31:52.660977+00	\N	\N	{"passwords": 1}	\\xa68cb06935f5a7d36a3da74cff25360dc72561c182e4dd1899d4fc56a94fa036
43	2026-11-26 13:31:52.662448+00	\N	\N	{"domains": 1}	\\xe747c97ce6f842cf2c943793cebdd8966ed96f1546393f4ef1880e8ea831acf5
44	2026-11-26 13:31:52.859155+00	\N	\N	{"is_superuser": true}	\\xc96cd48c82868c72575384994a88a52d2c6be688d2d0954f80dd9d5d524227f4
47	2026-11-26 13:31:52.867191+00	\N	\N	{"rotated_to": "01a2180e-30a1-71c5-ab35-e5824f4ad8b0"}	\\x9cbfed2320a48da714a5905a7a296b9ea091c43feb64f3472a2fdedf4df5269d
48	2026-11-26 13:31:52.868235+00	\N	\N	{"rotated_to": "01a2180e-30a3-75ee-ac24-2548c2795553"}	\\xf72494ad81a8d9ce2859a5091cf71c794f641a6b1c96b6d713191405a5271623
49	2026-11-26 13:31:52.87496+00	\N	\N	{"redact": [], "exclude": [], "table_id": 2, "table_name": "upgrade_travel", "table_schema": "public"}	\\x301f74cf429088f0514892148385b70485dfc5041cbda74feb91e34477510230
\.


--
-- Data for Name: events_2026_11_27; Type: TABLE DATA; Schema: gatehouse; Owner: -
--

COPY gatehouse.events_2026_11_27 (id, occurred_at, transaction_id, origin, user_id, actor_id, impersonator_id, session_id, api_key_id, success, event_type, commitment) FROM stdin;
\.


--
-- Data for Name: events_2026_12; Type: TABLE DATA; Schema: gatehouse; Owner: -
--

COPY gatehouse.events_2026_12 (id, occurred_at, transaction_id, origin, user_id, actor_id, impersonator_id, session_id, api_key_id, success, event_type, commitment) FROM stdin;
\.


--
-- Data for Name: events_default; Type: TABLE DATA; Schema: gatehouse; Owner: -
--

COPY gatehouse.events_default (id, occurred_at, transaction_id, origin, user_id, actor_id, impersonator_id, session_id, api_key_id, success, event_type, commitment) FROM stdin;
1	2026-11-26 13:31:51.012492+00	726	7712472375591266344	\N	\N	\N	\N	\N	t	audit.enabled	\\x82420c9f86b68afee28df4aeeb29c57411933dc8a90999bd88a960f4dab8c6ec
2	2026-11-26 13:31:51.186335+00	726	7712472375591266344	01a2180e-2a10-76fc-9649-e28871b688d9	\N	\N	\N	\N	t	gatehouse.account.created	\N
3	2026-11-26 13:31:51.192447+00	726	7712472375591266344	01a2180e-2a18-7527-ab3b-18a94c3a3009	\N	\N	\N	\N	t	gatehouse.account.created	\N
4	2026-11-26 13:31:51.199398+00	726	7712472375591266344	01a2180e-2a1d-70e1-aa82-316747a23fa0	\N	\N	\N	\N	t	gatehouse.account.created	\N
5	2026-11-26 13:31:51.200291+00	726	7712472375591266344	01a2180e-2a20-72d1-8f6b-6d161df211b6	\N	\N	\N	\N	t	gatehouse.account.created	\N
6	2026-11-26 13:31:51.201005+00	726	7712472375591266344	01a2180e-2a20-7ede-858e-2b661e8d5659	\N	\N	\N	\N	t	gatehouse.account.created	\N
7	2026-11-26 13:31:51.201901+00	726	7712472375591266344	01a2180e-2a21-7d6e-aaa6-3721edd0cff2	\N	\N	\N	\N	t	gatehouse.account.created	\N
8	2026-11-26 13:31:51.208441+00	726	7712472375591266344	\N	\N	\N	\N	\N	t	gatehouse.scope.registered	\\x8b6b78aa16e5cdbee0d6708c28514a7bc79399567577da5b9fb0c39b1e55a8a8
9	2026-11-26 13:31:51.208704+00	726	7712472375591266344	\N	\N	\N	\N	\N	t	gatehouse.scope.registered	\\xdfb0b98f4809beb74843666d22c0f41cca82be9e29f6be5948e8260e535f6b2e
10	2026-11-26 13:31:51.218655+00	726	7712472375591266344	01a2180e-2a10-76fc-9649-e28871b688d9	\N	\N	\N	01a2180e-2a2f-7f48-b55c-133f3ec8f563	t	gatehouse.key.created	\N
11	2026-11-26 13:31:51.224003+00	726	7712472375591266344	01a2180e-2a10-76fc-9649-e28871b688d9	\N	\N	\N	01a2180e-2a33-71ff-9427-6e3f6c764b2e	t	gatehouse.key.created	\N
12	2026-11-26 13:31:51.224895+00	726	7712472375591266344	01a2180e-2a10-76fc-9649-e28871b688d9	\N	\N	\N	01a2180e-2a38-7541-b17b-f935e2a3a04c	t	gatehouse.key.created	\N
13	2026-11-26 13:31:51.225733+00	726	7712472375591266344	\N	\N	\N	\N	01a2180e-2a39-77cb-9aa3-2c79e8e04ef9	t	gatehouse.key.created	\N
14	2026-11-26 13:31:51.226819+00	726	7712472375591266344	01a2180e-2a10-76fc-9649-e28871b688d9	\N	\N	\N	01a2180e-2a38-7541-b17b-f935e2a3a04c	t	gatehouse.key.deactivated	\N
15	2026-11-26 13:31:51.233871+00	726	7712472375591266344	01a2180e-2a10-76fc-9649-e28871b688d9	\N	\N	01a2180e-2a3e-71c3-845c-06fe87c9dd32	\N	t	gatehouse.session.opened	\\xd0a78f4bd2dbe0f13093acd60b9051d706bd91e9e76959622467513af3f9d3ba
16	2026-11-26 13:31:51.234723+00	726	7712472375591266344	01a2180e-2a10-76fc-9649-e28871b688d9	\N	\N	01a2180e-2a42-7134-b337-07c763f4119b	\N	t	gatehouse.session.opened	\\xbb4fbe1a4959265fa7b59245a3071f3851b00e63466613ddbca74857bdd8f0bf
17	2026-11-26 13:31:51.239679+00	726	7712472375591266344	01a2180e-2a10-76fc-9649-e28871b688d9	\N	\N	01a2180e-2a42-7d99-9d01-71e9fa56cdf7	\N	t	gatehouse.session.opened	\\xc69e8ab4774876d4c847036e1d1e032e535f9eca92653d8f73617bbc66941171
18	2026-11-26 13:31:51.244337+00	726	7712472375591266344	01a2180e-2a10-76fc-9649-e28871b688d9	\N	\N	01a2180e-2a42-7d99-9d01-71e9fa56cdf7	\N	t	gatehouse.session.ended	\N
19	2026-11-26 13:31:51.248542+00	726	7712472375591266344	01a2180e-2a10-76fc-9649-e28871b688d9	\N	\N	\N	\N	f	thing.opened	\\xc6c7b79e1d844b2d69fa0a144f445b106f97523dd60725ba8f6499fe6fa50792
20	2026-11-26 13:31:51.251595+00	726	7712472375591266344	\N	\N	\N	\N	\N	t	night.passed	\N
21	2026-11-26 13:31:51.371173+00	726	7712472375591266344	01a2180e-2a10-76fc-9649-e28871b688d9	\N	\N	\N	\N	t	gatehouse.account.logged_in	\\x0bf8a7e478b9e1ae2028f29a17bb757a259cb9bce0a3b2f9589a28f30ad91b68
22	2026-11-26 13:31:51.586884+00	726	7712472375591266344	01a2180e-2a10-76fc-9649-e28871b688d9	\N	\N	\N	\N	f	security.login_failed	\\x99f0bd3617589d8ee8806a6b81ed8d94ddf52f7a92a2e9b9141725fd74066ec4
23	2026-11-26 13:31:51.827407+00	726	7712472375591266344	01a2180e-2a10-76fc-9649-e28871b688d9	\N	\N	\N	\N	f	security.login_failed	\\xc5aa9a09dc596db2ff474340ffaca9b842f901b0cc458d43ffa95a9ebb900ddb
24	2026-11-26 13:31:51.952933+00	726	7712472375591266344	\N	\N	\N	\N	\N	f	security.login_failed	\\xa2189921e9b96baff87f9629ce0cdd0b548690d855c924bd0858925249a84bb4
25	2026-11-26 13:31:51.960088+00	726	7712472375591266344	01a2180e-2d12-7b09-b178-4e29db6ee3d3	\N	\N	\N	\N	t	gatehouse.account.created	\\x7fbf791be041e6518070d48782cd1c901fc36833941e0dee42473db6f1e1ebbf
26	2026-11-26 13:31:51.962029+00	726	7712472375591266344	01a2180e-2d12-7b09-b178-4e29db6ee3d3	\N	\N	\N	\N	t	gatehouse.account.oauth_linked	\\x8aa5101258763ad1c61ac6abcabd59560869b0957ed357d4596110f63039f80d
27	2026-11-26 13:31:52.191014+00	726	7712472375591266344	01a2180e-2dfe-7975-ae1e-be89343a114c	\N	\N	\N	\N	t	gatehouse.account.created	\N
28	2026-11-26 13:31:52.312261+00	726	7712472375591266344	01a2180e-2e77-7fe4-ac57-41a6a54e2bd8	\N	\N	\N	\N	t	gatehouse.account.created	\N
29	2026-11-26 13:31:52.505558+00	726	7712472375591266344	01a2180e-2f39-7393-8a09-c026b792a15a	\N	\N	\N	\N	t	gatehouse.account.created	\N
30	2026-11-26 13:31:52.620039+00	726	7712472375591266344	01a2180e-2fab-7bca-a8df-cad847f9a68f	\N	\N	\N	\N	t	gatehouse.account.created	\N
31	2026-11-26 13:31:52.622079+00	726	7712472375591266344	01a2180e-2f39-7393-8a09-c026b792a15a	\N	\N	\N	\N	t	gatehouse.account.oauth_linked	\\x28b4656f76c64c7c90a0144a1cb218aea97de73d9f63a35f6823d60a980c2a4b
32	2026-11-26 13:31:52.628531+00	726	7712472375591266344	01a2180e-2dfe-7975-ae1e-be89343a114c	\N	\N	\N	01a2180e-2fb3-7dfd-acfe-ecd56e2ffc69	t	gatehouse.key.created	\N
33	2026-11-26 13:31:52.629254+00	726	7712472375591266344	01a2180e-2f39-7393-8a09-c026b792a15a	\N	\N	\N	01a2180e-2fb4-7d04-8f9c-2aa2dbc93cd8	t	gatehouse.key.created	\N
34	2026-11-26 13:31:52.637142+00	726	7712472375591266344	01a2180e-2dfe-7975-ae1e-be89343a114c	\N	\N	\N	\N	t	gatehouse.account.stopped	\N
35	2026-11-26 13:31:52.6384+00	726	7712472375591266344	01a2180e-2e77-7fe4-ac57-41a6a54e2bd8	\N	\N	\N	\N	t	gatehouse.account.stopped	\\x69a5a87c72c73c1888fdad4c3d5c476af7c2bf1c2b26657afc99a7b53e10ef4e
36	2026-11-26 13:31:52.641405+00	726	7712472375591266344	01a2180e-2f39-7393-8a09-c026b792a15a	\N	\N	\N	\N	t	gatehouse.account.deleted	\\x1044ea78a8f74996d558ac3a3ae7fd8e452b974dab1f21e20e8feba6aa5b8ef1
37	2026-11-26 13:31:52.649813+00	726	7712472375591266344	01a2180e-2fab-7bca-a8df-cad847f9a68f	\N	\N	\N	\N	t	gatehouse.account.deletion_requested	\N
38	2026-11-26 13:31:52.652569+00	726	7712472375591266344	01a2180e-2fab-7bca-a8df-cad847f9a68f	\N	\N	\N	\N	t	gatehouse.account.deletion_scheduled	\\x5fe15d39ac3cfdc43c5597acf88f4a2baddfdb6ad56cd57cec1f90a54f90d92f
39	2026-11-26 13:31:52.655068+00	726	7712472375591266344	01a2180e-2a18-7527-ab3b-18a94c3a3009	\N	\N	\N	\N	t	gatehouse.account.verification_requested	\N
40	2026-11-26 13:31:52.656718+00	726	7712472375591266344	01a2180e-2a18-7527-ab3b-18a94c3a3009	\N	\N	\N	\N	t	gatehouse.account.password_reset_requested	\N
41	2026-11-26 13:31:52.659205+00	726	7712472375591266344	01a2180e-2a18-7527-ab3b-18a94c3a3009	\N	\N	\N	\N	t	gatehouse.account.email_change_requested	\N
42	2026-11-26 13:31:52.660977+00	726	7712472375591266344	\N	\N	\N	\N	\N	t	gatehouse.policy.passwords_blocked	\\xa97d31c5e09c0becb20504845a81c500fd4492d5263afb88211b1f74d8b97af8
43	2026-11-26 13:31:52.662448+00	726	7712472375591266344	\N	\N	\N	\N	\N	t	gatehouse.policy.email_domains_blocked	\\x9fe5d125858f5ff91f3fd07ede2b5af6c822e6b406b64a24e0eda8c468fe9a53
44	2026-11-26 13:31:52.859155+00	726	7712472375591266344	01a2180e-309a-7140-96ea-15d291b8eb1b	\N	\N	\N	\N	t	gatehouse.account.created	\\xe1e599d100f9df1949f3231f06c95ec0604c822f66d5879fce4412c3d0bc9a87
45	2026-11-26 13:31:52.863998+00	726	7712472375591266344	01a2180e-2a10-76fc-9649-e28871b688d9	\N	\N	\N	01a2180e-309f-79ac-a0ab-f06b24acb321	t	gatehouse.key.created	\N
46	2026-11-26 13:31:52.864414+00	726	7712472375591266344	01a2180e-2a10-76fc-9649-e28871b688d9	\N	\N	\N	01a2180e-30a0-7389-9273-fe7385b017ad	t	gatehouse.key.created	\N
47	2026-11-26 13:31:52.867191+00	726	7712472375591266344	01a2180e-2a10-76fc-9649-e28871b688d9	\N	\N	\N	01a2180e-309f-79ac-a0ab-f06b24acb321	t	gatehouse.key.rotated	\\xc9893be7c9089e4f545fce9bc1c9de2f95764cacd36f97282d255b9981c78dca
48	2026-11-26 13:31:52.868235+00	726	7712472375591266344	01a2180e-2a10-76fc-9649-e28871b688d9	\N	\N	\N	01a2180e-30a0-7389-9273-fe7385b017ad	t	gatehouse.key.rotated	\\x693e8b86af44340dcd81e2e06fe4a5dcfd886d4411931cf5e59c106596dacfbf
49	2026-11-26 13:31:52.87496+00	726	7712472375591266344	\N	\N	\N	\N	\N	t	audit.enabled	\\x0dd14baf21b9262c8bf16595261cdb61a561cbb58808a3a5c525630363687b94
\.


--
-- Data for Name: known_addresses; Type: TABLE DATA; Schema: gatehouse; Owner: -
--

COPY gatehouse.known_addresses (user_id, network, last_login_at) FROM stdin;
01a2180e-2a10-76fc-9649-e28871b688d9	192.0.2.7/32	2026-11-26 13:31:51.370302+00
\.


--
-- Data for Name: login_throttles; Type: TABLE DATA; Schema: gatehouse; Owner: -
--

COPY gatehouse.login_throttles (subject, failures, counted_at, locked_until) FROM stdin;
\\xd257df5814a3da02c0af624b1c63ed95	2	2026-11-26 13:31:51.827072+00	\N
\\x9f782481c35e75bafd1fe7f1c3518d30	1	2026-11-26 13:31:51.952686+00	\N
\\x0822bf733466ccf3dfd91348eca99289	3	2026-11-26 13:31:51.586451+00	\N
\.


--
-- Data for Name: oauth_identities; Type: TABLE DATA; Schema: gatehouse; Owner: -
--

COPY gatehouse.oauth_identities (provider, subject, user_id, linked_at, email, owner_is_deleted) FROM stdin;
github	Sub-7	01a2180e-2d12-7b09-b178-4e29db6ee3d3	2026-11-26 13:31:51.955238+00	olga@provider.example	f
google	1077	01a2180e-2d12-7b09-b178-4e29db6ee3d3	2026-11-26 13:31:51.961652+00	\N	f
gitlab	11	01a2180e-2f39-7393-8a09-c026b792a15a	2026-11-26 13:31:52.621715+00	\N	t
\.


--
-- Data for Name: one_time_tokens; Type: TABLE DATA; Schema: gatehouse; Owner: -
--

COPY gatehouse.one_time_tokens (locator_digest, token_digest, ring_key_id, user_id, subject, purpose, email, created_at, expires_at) FROM stdin;
\\xb2740c681b78b578671cabce9075217e6fdfce5d94aaf12ebc3299b504e6694f	\\x896b5a4a35af0016157547c97f492624fbdb20a38d5619475074d3a2f23b4e18	1	01a2180e-2a18-7527-ab3b-18a94c3a3009	\\xf60a06a6ba89e4d2354e6e5bef579020	email_verification	boris@example.com	2026-11-26 13:31:52.654526+00	2126-11-27 13:31:52.654526+00
\\x1cbda6fe33e0b53d3c9995b48572b33366e9645dd7cf131096c59faab79755a5	\\x95322fe2430e2088989be1b990aa13eb317cd5c10705261002d85871abdc0a54	1	01a2180e-2a18-7527-ab3b-18a94c3a3009	\\xf60a06a6ba89e4d2354e6e5bef579020	password_reset	boris@example.com	2026-11-26 13:31:52.656271+00	2126-11-26 14:31:52.656271+00
\\x708b9da08ba009ee53755b4e04f2bc739f9d335ff2d3f59702ffb0968f4778cf	\\xbb71886324de0d125a89083dc90262aebd2fa30ce100c0cd85eac4d559d75fc1	1	01a2180e-2a18-7527-ab3b-18a94c3a3009	\\xf60a06a6ba89e4d2354e6e5bef579020	email_change	Boris@New.example	2026-11-26 13:31:52.658374+00	2126-11-27 13:31:52.658374+00
\.


--
-- Data for Name: password_credentials; Type: TABLE DATA; Schema: gatehouse; Owner: -
--

COPY gatehouse.password_credentials (user_id, password_hash, changed_at) FROM stdin;
01a2180e-2a10-76fc-9649-e28871b688d9	$argon2id$v=19$m=65536,t=2,p=1$b6cL+1v8jzzTcjyDjjGcew$eZ5FQBQPQuRHzF6tVWFGfTf2aa+wUpk2sTafigiBWYc	2026-11-26 13:31:51.182293+00
01a2180e-2a18-7527-ab3b-18a94c3a3009	$2y$04$abcdefghijklmnopqrstuuCrk1yZpisZA5KyoCn5CNfr4CSeH7cqm	2026-11-26 13:31:50.980584+00
01a2180e-2a1d-70e1-aa82-316747a23fa0	$5$saltstring$5B8vYYiY.CVt1RlTTf8KbXBH3hsxY/GNooZaBBGWEc5	2026-11-26 13:31:50.980584+00
01a2180e-2a20-72d1-8f6b-6d161df211b6	$6$saltstring$svn8UoSVapNtMuq1ukKS4tPQd8iKwSMHWjl/O817G3uBnIFNjnQJuesI68u4OTLiBFdcbYEdFCoEOfaS35inz1	2026-11-26 13:31:50.980584+00
01a2180e-2a20-7ede-858e-2b661e8d5659	$y$j75$LdJMENpBABJJ3hIHjB1Bi.$aN8IREm4mVoXwP2ZkEbfFinwVjML6Krr5zkB50rSJX3	2026-11-26 13:31:50.980584+00
01a2180e-2a21-7d6e-aaa6-3721edd0cff2	pbkdf2_sha256$1$salt$VawEblbjCJ/sFpHCJUS2BflBhSFt3gRl5oudV8INrLw=	2026-11-26 13:31:50.980584+00
01a2180e-2dfe-7975-ae1e-be89343a114c	$argon2id$v=19$m=65536,t=2,p=1$M11JEVICaccv6tbt20C8MQ$/jDOltYmvO2+BUdmAaMbiBtZgGLtTh0EQCd6CNJ3F0U	2026-11-26 13:31:52.190404+00
01a2180e-2e77-7fe4-ac57-41a6a54e2bd8	$argon2id$v=19$m=65536,t=2,p=1$hmbYrVgQrsMNwhnMD5IQcw$41WYBWK1m8dAEP/XoTpFgPE7TYsu2Gw9VrEqfGCra1w	2026-11-26 13:31:52.311788+00
01a2180e-2f39-7393-8a09-c026b792a15a	$argon2id$v=19$m=65536,t=2,p=1$xWW/4wy4EaDVN/0HfUxVog$cbWBE39D20lUbM2XS2xU7lW/W4PgXmzSUVxykf/kTmg	2026-11-26 13:31:52.504976+00
01a2180e-2fab-7bca-a8df-cad847f9a68f	$argon2id$v=19$m=65536,t=2,p=1$OgagVk74W7hqzB5g8cb89g$xCIKeuBn4wmYNScbQFkS44ZxswPOmqRBzNDLs6c/cgA	2026-11-26 13:31:52.619499+00
01a2180e-309a-7140-96ea-15d291b8eb1b	$argon2id$v=19$m=65536,t=2,p=1$i9yeIcmwVNZIVKBy5ZMvmw$3SNxSuiwCYI87pVFxSnbgKtIznd9oFG2w29XLcdc/qQ	2026-11-26 13:31:52.857889+00
\.


--
-- Data for Name: row_change_log_2026_11_27; Type: TABLE DATA; Schema: gatehouse; Owner: -
--

COPY gatehouse.row_change_log_2026_11_27 (id, changed_at, transaction_id, key_hash, origin, table_id, operation, actor_id, impersonator_id, api_key_id, session_id, db_role, client_addr, application_name, replication_origin, key, old, new, context, new_key_hash, partition) FROM stdin;
\.


--
-- Data for Name: row_change_log_2026_12; Type: TABLE DATA; Schema: gatehouse; Owner: -
--

COPY gatehouse.row_change_log_2026_12 (id, changed_at, transaction_id, key_hash, origin, table_id, operation, actor_id, impersonator_id, api_key_id, session_id, db_role, client_addr, application_name, replication_origin, key, old, new, context, new_key_hash, partition) FROM stdin;
\.


--
-- Data for Name: row_change_log_default; Type: TABLE DATA; Schema: gatehouse; Owner: -
--

COPY gatehouse.row_change_log_default (id, changed_at, transaction_id, key_hash, origin, table_id, operation, actor_id, impersonator_id, api_key_id, session_id, db_role, client_addr, application_name, replication_origin, key, old, new, context, new_key_hash, partition) FROM stdin;
1	2026-11-26 13:31:51.245255+00	726	-8088607738635406159	7712472375591266344	1	I	\N	\N	\N	\N	postgres	\N	psql	\N	{"id": 1}	\N	{"id": 1, "label": "one", "secret": {"redacted": true}}	\N	\N	\N
2	2026-11-26 13:31:51.24564+00	726	-5896161284438894692	7712472375591266344	1	I	\N	\N	\N	\N	postgres	\N	psql	\N	{"id": 2}	\N	{"id": 2, "label": "two", "secret": {"redacted": true}}	\N	\N	\N
3	2026-11-26 13:31:51.247501+00	726	-8088607738635406159	7712472375591266344	1	U	\N	\N	\N	\N	postgres	\N	psql	\N	{"id": 1}	{"label": "one", "secret": {"redacted": true}}	{"label": "uno", "secret": {"redacted": true}}	\N	\N	\N
4	2026-11-26 13:31:51.24765+00	726	-5896161284438894692	7712472375591266344	1	D	\N	\N	\N	\N	postgres	\N	psql	\N	{"id": 2}	{"id": 2, "label": "two", "secret": {"redacted": true}}	\N	\N	\N	\N
5	2026-11-26 13:31:52.869695+00	726	6239115393680753046	7712472375591266344	1	I	01a2180e-2a10-76fc-9649-e28871b688d9	\N	01a2180e-2a33-71ff-9427-6e3f6c764b2e	\N	postgres	\N	psql	\N	{"id": 9}	\N	{"id": 9, "label": "nine", "secret": {"redacted": true}}	\N	\N	\N
6	2026-11-26 13:31:52.878777+00	726	-42214485169824213	7712472375591266344	2	I	\N	\N	\N	\N	postgres	\N	psql	\N	{"id": 1}	\N	{"id": 1, "gone": 5, "name": "lamp"}	{"request": "r-1"}	\N	\N
7	2026-11-26 13:31:52.878806+00	726	710162159919100608	7712472375591266344	2	I	\N	\N	\N	\N	postgres	\N	psql	\N	{"id": 2}	\N	{"id": 2, "gone": 6, "name": "desk"}	{"request": "r-1"}	\N	\N
10	2026-11-26 13:31:52.898998+00	726	710162159919100608	7712472375591266344	2	U	\N	\N	\N	\N	postgres	\N	psql	\N	{"id": 2}	{"id": 2}	{"id": 3}	{"request": "r-1"}	-1916024638501470084	\N
\.


--
-- Data for Name: scopes; Type: TABLE DATA; Schema: gatehouse; Owner: -
--

COPY gatehouse.scopes (name, description, registered_at) FROM stdin;
read:things	to look at things	2026-11-26 13:31:51.208143+00
write:things	\N	2026-11-26 13:31:51.208662+00
\.


--
-- Data for Name: sessions; Type: TABLE DATA; Schema: gatehouse; Owner: -
--

COPY gatehouse.sessions (session_id, user_id, locator_digest, token_digest, ring_key_id, previous_digest, previous_ring_key_id, rotations, rotated_at, created_at, last_used_at, expires_at, idle_expires_at, revoked_at, revocation, ip, user_agent, device, sweep_at) FROM stdin;
01a2180e-2a3e-71c3-845c-06fe87c9dd32	01a2180e-2a10-76fc-9649-e28871b688d9	\\xf2251eb5416733b365891ebcb6fdb3c16a865a994f05bb90c38fda2766e74089	\\x44135be4e636197316b8e6c3f34f602135b450f5db41a3f5ba3ba4db2cb744a3	1	\N	\N	0	\N	2026-11-26 13:31:51.230565+00	2026-11-26 13:31:51.230565+00	2126-12-26 13:31:51.230565+00	2126-12-10 13:31:51.230565+00	\N	\N	192.0.2.7	a browser	first	2026-12-10 13:31:51.230565+00
01a2180e-2a42-7d99-9d01-71e9fa56cdf7	01a2180e-2a10-76fc-9649-e28871b688d9	\\x4c8984f69f2da96fcc5575c97b50fbe3afbe3b64c87ad8787ec1b206656aec99	\\x048e760441e1430a0512c46b3be4aac2df9dd3114d5977d29c30cf203d674ae2	1	\N	\N	0	\N	2026-11-26 13:31:51.234991+00	2026-11-26 13:31:51.234991+00	2126-12-26 13:31:51.234991+00	2126-12-10 13:31:51.234991+00	2026-11-26 13:31:51.243993+00	logout	192.0.2.7	a browser	ended	2026-12-10 13:31:51.234991+00
01a2180e-2a42-7134-b337-07c763f4119b	01a2180e-2a10-76fc-9649-e28871b688d9	\\xf6974a9e95c756705d83f62ef738315ed807b536e818d82d02451d7f17a11665	\\xad74d589e905ca4037d02fa3278f22b83c6c45fc3d0022912d5e3859947bc9f7	1	\\xaba8c4ecf839652a4d70178cf419e2e4f46bbd27c052d971a0352c9248fd6885	1	1	2016-11-25 13:31:51.240395+00	2026-11-26 13:31:51.234243+00	2026-11-26 13:31:51.240395+00	2126-12-26 13:31:51.234243+00	2126-12-10 13:31:51.240395+00	\N	\N	192.0.2.7	a browser	spent	2026-12-10 13:31:51.234243+00
\.


--
-- Data for Name: superuser_bootstrap; Type: TABLE DATA; Schema: gatehouse; Owner: -
--

COPY gatehouse.superuser_bootstrap (is_done, user_id, done_at) FROM stdin;
t	01a2180e-309a-7140-96ea-15d291b8eb1b	2026-11-26 13:31:52.857889+00
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
user anna	01a2180e-2a10-76fc-9649-e28871b688d9
user boris	01a2180e-2a18-7527-ab3b-18a94c3a3009
user sha256	01a2180e-2a1d-70e1-aa82-316747a23fa0
user sha512	01a2180e-2a20-72d1-8f6b-6d161df211b6
user yescrypt	01a2180e-2a20-7ede-858e-2b661e8d5659
user pbkdf2	01a2180e-2a21-7d6e-aaa6-3721edd0cff2
scoped key	sk_AvrF16nZeQAN5tyJ24YmR9zQN2qGWATOXwlaQtN27NOqH0BOO8FZka3gdlaC
wildcard key	sk_3J9cz43wIrCprdkFS6av67GUFLh0WEksuaf8NHl9Qwll8au1x4KzaF22dupi
ended key	sk_6yUMm3FzibxS97nG6sy524twovuMQw6cQ0c0U4HifI7sUrlJY75C9p0UwQSO
service key	sk_571oBe3IowB1Qct8K9MoirlZxyx9eBh2IsEBdZ7gy65KSSkgZgd89R3oivId
first token	c10I18JMXBYm5ZQYLXTwHWxLcQmo9iuinGvTJRpB7NlEe6IpFUjfGC6KjNbB7okT
spent token	tRzGPdOrosVW7MRquNnxcABtxzK9Y9pyyLviH15_oBEKQzyYmVydUeZg_Cl9ZVst
ended token	KXhL5yktyuwnBJ0wpELYL4NBrw16zTL5PrLOvxo7AxyuUNxvZfxXSBtWhyw1LPKM
second token	tRzGPdOrosVW7MRquNnxcEoAEFVjoqkKR0haBbAdMJmek41abSVQMGNlo8IOGzvW
user olga	01a2180e-2d12-7b09-b178-4e29db6ee3d3
user stopped	01a2180e-2dfe-7975-ae1e-be89343a114c
user paused	01a2180e-2e77-7fe4-ac57-41a6a54e2bd8
user deleted	01a2180e-2f39-7393-8a09-c026b792a15a
user leaving	01a2180e-2fab-7bca-a8df-cad847f9a68f
stopped key	sk_6LxqXmzNCd2raihJ1PrVHnIdyml5rJBQ1UqyA8aYsSVSqAwgJujyAY1LcNsP
deleted key	sk_AH2R4s57mLcvQJcL1arab85QN08yGtJd3gFY6cK5xltaZ2dSa3fotN3Wj6Aj
leaving token	_Tz8mK2PXNSpvAK7Oacr3j37j8skkVs3E0bgEW_eZrVu6xgDdc26IQrpFYwUlbxD
leaving at	2126-11-26 13:31:50+00
verification token	-wz3h4_L8nOuC9rhs5Sog-XTvflJ1-gu8v0jMfYUir-Edp9ikR8YSFaaxkaKnY6Q
reset token	SKpa5AjVoIolsnpITH11PNakzJsslLIFrf00elTCKkGTsw9NzGHf44-NPt4LIT8C
change token	ID8fv1csiYy9wkGetI5yRbMmR2FWOqBZ7M5MlLeXI4wnOFzEC4ES-4FhWbqeM0WH
user first-of-all	01a2180e-309a-7140-96ea-15d291b8eb1b
overlapping key	sk_6dG0v62RF06SfejAZUWrKfKKMjJFZ9Jjh0MqVFeGYrMu1gO6xKcwYu21g62K
rotated key	sk_4mLAgqLZNLix3AXStThE7nJBPTv1VEY4okP6gLXH61mg40bpyUqYk83L4PnL
successor of overlapping	sk_15FgvLH7W3AX1AFFZrtfbl61z4766paoSDND8RGK9OOHYeE3TSz1BM2MUyzo
successor of rotated	sk_5dKLdDYlglHAHLubZWq7Eh2Rl3sTNBcCEV4PSv3sSTVHtm45U3rE5Z4I8r7H
jwks	{"keys": [{"x": "LLXn9BgVxxDU5sfKDJXM0s_6lw4u-U_e9TJwL-Y28dQ", "alg": "EdDSA", "crv": "Ed25519", "kid": "1", "kty": "OKP", "use": "sig"}]}
then	2026-11-26 13:31:52.878906+00
\.


--
-- Data for Name: upgrade_travel; Type: TABLE DATA; Schema: public; Owner: -
--

COPY public.upgrade_travel (id, title) FROM stdin;
1	lamp
3	desk
\.


--
-- Name: audited_table_id_seq; Type: SEQUENCE SET; Schema: gatehouse; Owner: -
--

SELECT pg_catalog.setval('gatehouse.audited_table_id_seq', 2, true);


--
-- Name: event_id_seq; Type: SEQUENCE SET; Schema: gatehouse; Owner: -
--

SELECT pg_catalog.setval('gatehouse.event_id_seq', 49, true);


--
-- Name: row_change_log_id_seq; Type: SEQUENCE SET; Schema: gatehouse; Owner: -
--

SELECT pg_catalog.setval('gatehouse.row_change_log_id_seq', 10, true);


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
-- Name: upgrade_travel upgrade_travel_pkey; Type: CONSTRAINT; Schema: public; Owner: -
--

ALTER TABLE ONLY public.upgrade_travel
    ADD CONSTRAINT upgrade_travel_pkey PRIMARY KEY (id);


--
-- Name: event_details_2026_11_27_event_id; Type: INDEX; Schema: gatehouse; Owner: -
--

CREATE INDEX event_details_2026_11_27_event_id ON gatehouse.event_details_2026_11_27 USING btree (event_id);


--
-- Name: event_details_2026_12_event_id; Type: INDEX; Schema: gatehouse; Owner: -
--

CREATE INDEX event_details_2026_12_event_id ON gatehouse.event_details_2026_12 USING btree (event_id);


--
-- Name: events_2026_11_27_occurred_at; Type: INDEX; Schema: gatehouse; Owner: -
--

CREATE INDEX events_2026_11_27_occurred_at ON gatehouse.events_2026_11_27 USING btree (occurred_at, id);


--
-- Name: events_2026_11_27_user_id; Type: INDEX; Schema: gatehouse; Owner: -
--

CREATE INDEX events_2026_11_27_user_id ON gatehouse.events_2026_11_27 USING btree (user_id, occurred_at, id);


--
-- Name: events_2026_12_occurred_at; Type: INDEX; Schema: gatehouse; Owner: -
--

CREATE INDEX events_2026_12_occurred_at ON gatehouse.events_2026_12 USING btree (occurred_at, id);


--
-- Name: events_2026_12_user_id; Type: INDEX; Schema: gatehouse; Owner: -
--

CREATE INDEX events_2026_12_user_id ON gatehouse.events_2026_12 USING btree (user_id, occurred_at, id);


--
-- Name: row_change_log_2026_11_27_key; Type: INDEX; Schema: gatehouse; Owner: -
--

CREATE INDEX row_change_log_2026_11_27_key ON gatehouse.row_change_log_2026_11_27 USING btree (key_hash);


--
-- Name: row_change_log_2026_11_27_new_key; Type: INDEX; Schema: gatehouse; Owner: -
--

CREATE INDEX row_change_log_2026_11_27_new_key ON gatehouse.row_change_log_2026_11_27 USING btree (new_key_hash) WHERE (new_key_hash IS NOT NULL);


--
-- Name: row_change_log_2026_11_27_time; Type: INDEX; Schema: gatehouse; Owner: -
--

CREATE INDEX row_change_log_2026_11_27_time ON gatehouse.row_change_log_2026_11_27 USING brin (changed_at, id) WITH (pages_per_range='32', autosummarize='on');


--
-- Name: row_change_log_2026_12_key; Type: INDEX; Schema: gatehouse; Owner: -
--

CREATE INDEX row_change_log_2026_12_key ON gatehouse.row_change_log_2026_12 USING btree (key_hash);


--
-- Name: row_change_log_2026_12_new_key; Type: INDEX; Schema: gatehouse; Owner: -
--

CREATE INDEX row_change_log_2026_12_new_key ON gatehouse.row_change_log_2026_12 USING btree (new_key_hash) WHERE (new_key_hash IS NOT NULL);


--
-- Name: row_change_log_2026_12_time; Type: INDEX; Schema: gatehouse; Owner: -
--

CREATE INDEX row_change_log_2026_12_time ON gatehouse.row_change_log_2026_12 USING brin (changed_at, id) WITH (pages_per_range='32', autosummarize='on');


--
-- Name: upgrade_audited !gatehouse_audit; Type: TRIGGER; Schema: public; Owner: -
--

CREATE TRIGGER "!gatehouse_audit" AFTER INSERT OR DELETE OR UPDATE ON public.upgrade_audited FOR EACH ROW EXECUTE FUNCTION gatehouse.log_row_change('1', '-hidden', '~secret');

ALTER TABLE public.upgrade_audited ENABLE ALWAYS TRIGGER "!gatehouse_audit";


--
-- Name: upgrade_travel !gatehouse_audit; Type: TRIGGER; Schema: public; Owner: -
--

CREATE TRIGGER "!gatehouse_audit" AFTER INSERT OR DELETE OR UPDATE ON public.upgrade_travel FOR EACH ROW EXECUTE FUNCTION gatehouse.log_row_change('2');

ALTER TABLE public.upgrade_travel ENABLE ALWAYS TRIGGER "!gatehouse_audit";


--
-- Name: upgrade_audited gatehouse_audit_truncate; Type: TRIGGER; Schema: public; Owner: -
--

CREATE TRIGGER gatehouse_audit_truncate AFTER TRUNCATE ON public.upgrade_audited FOR EACH STATEMENT EXECUTE FUNCTION gatehouse.log_truncate('1', '-hidden', '~secret');

ALTER TABLE public.upgrade_audited ENABLE ALWAYS TRIGGER gatehouse_audit_truncate;


--
-- Name: upgrade_travel gatehouse_audit_truncate; Type: TRIGGER; Schema: public; Owner: -
--

CREATE TRIGGER gatehouse_audit_truncate AFTER TRUNCATE ON public.upgrade_travel FOR EACH STATEMENT EXECUTE FUNCTION gatehouse.log_truncate('2');

ALTER TABLE public.upgrade_travel ENABLE ALWAYS TRIGGER gatehouse_audit_truncate;


--
-- PostgreSQL database dump complete
--


