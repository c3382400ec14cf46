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
    partition_id integer
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
    partition_id integer
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
-- Name: upgrade_parted; Type: TABLE; Schema: public; Owner: -
--

CREATE TABLE public.upgrade_parted (
    id integer NOT NULL,
    body text
)
PARTITION BY RANGE (id);


--
-- Name: upgrade_guest; Type: TABLE; Schema: public; Owner: -
--

CREATE TABLE public.upgrade_guest (
    id integer NOT NULL,
    body text
);


--
-- Name: upgrade_lowest; Type: TABLE; Schema: public; Owner: -
--

CREATE TABLE public.upgrade_lowest (
    id integer NOT NULL,
    body text
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
-- Name: upgrade_guest; Type: TABLE ATTACH; Schema: public; Owner: -
--

ALTER TABLE ONLY public.upgrade_parted ATTACH PARTITION public.upgrade_guest FOR VALUES FROM (10) TO (20);


--
-- Name: upgrade_lowest; Type: TABLE ATTACH; Schema: public; Owner: -
--

ALTER TABLE ONLY public.upgrade_parted ATTACH PARTITION public.upgrade_lowest FOR VALUES FROM (0) TO (10);


--
-- Data for Name: users; Type: TABLE DATA; Schema: gatehouse; Owner: -
--

COPY gatehouse.users (id, email, email_normal, username, username_normal, is_superuser, is_verified, is_active, profile, created_at, updated_at, last_login_at, deleted_at, deletion_scheduled_for, deleted_by, deletion_reason, stopped_until, stop_reason) FROM stdin;
01a21923-487f-7031-aeff-e9de4943745c	sha256@example.com	sha256@example.com	sha256	sha256	f	f	t	{}	2026-11-26 18:34:32.446551+00	2026-11-26 18:34:32.446551+00	\N	\N	\N	\N	\N	\N	\N
01a21923-487f-7e88-9d7b-ea9735a013f4	sha512@example.com	sha512@example.com	sha512	sha512	f	f	t	{}	2026-11-26 18:34:32.447435+00	2026-11-26 18:34:32.447435+00	\N	\N	\N	\N	\N	\N	\N
01a21923-4880-7a3c-a9e3-3b779b4660ae	yescrypt@example.com	yescrypt@example.com	yescrypt	yescrypt	f	f	t	{}	2026-11-26 18:34:32.448277+00	2026-11-26 18:34:32.448277+00	\N	\N	\N	\N	\N	\N	\N
01a21923-4881-7699-89d1-6d0af9a45b92	pbkdf2@example.com	pbkdf2@example.com	pbkdf2	pbkdf2	f	f	t	{}	2026-11-26 18:34:32.44902+00	2026-11-26 18:34:32.44902+00	\N	\N	\N	\N	\N	\N	\N
01a21923-4a5a-779a-bd01-8ab0556b3a48	olga@example.com	olga@example.com	olga	olga	f	t	t	{}	2026-11-26 18:34:32.922256+00	2026-11-26 18:34:32.925513+00	\N	\N	\N	\N	\N	\N	\N
01a21923-4ac9-7f6c-8ed1-c301cfff0387	stopped@example.com	stopped@example.com	stopped	stopped	f	f	f	{}	2026-11-26 18:34:33.03366+00	2026-11-26 18:34:33.38677+00	\N	\N	\N	\N	\N	\N	spam
01a21923-4b31-75d1-9a4b-83dcc0e27211	paused@example.com	paused@example.com	paused	paused	f	f	f	{}	2026-11-26 18:34:33.137091+00	2026-11-26 18:34:33.389602+00	\N	\N	\N	\N	\N	2126-11-26 18:34:32.281681+00	a break
01a21923-4bb4-7986-ae39-9aae3460325e	deleted@example.com	deleted@example.com	deleted	deleted	f	f	t	{}	2026-11-26 18:34:33.268327+00	2026-11-26 18:34:33.39196+00	\N	2026-11-26 18:34:33.39196+00	\N	01a21923-4879-71a3-9d2d-145e022356e7	asked for it	\N	\N
01a21923-4c21-7159-a68f-3cb979f95e78	leaving@example.com	leaving@example.com	leaving	leaving	f	f	t	{}	2026-11-26 18:34:33.376854+00	2026-11-26 18:34:33.398281+00	\N	\N	2126-11-26 18:34:32+00	\N	\N	\N	\N
01a21923-487c-7e2f-a979-a56509ab0d92	boris@example.com	boris@example.com	boris	boris	f	f	t	{}	2026-11-26 18:34:32.444364+00	2026-11-26 18:34:32.444364+00	\N	\N	\N	\N	\N	\N	\N
01a21923-4cae-771b-9096-fe5e38d813f7	root@example.com	root@example.com	first-of-all	first-of-all	t	t	t	{}	2026-11-26 18:34:33.518144+00	2026-11-26 18:34:33.518144+00	\N	\N	\N	\N	\N	\N	\N
01a21923-4879-71a3-9d2d-145e022356e7	Anna@Example.com	anna@example.com	anna	anna	f	t	t	{"city": "Zürich"}	2026-11-26 18:34:32.439039+00	2026-11-26 18:34:32.439039+00	2026-11-26 18:34:32.59433+00	\N	\N	\N	\N	\N	\N
\.


--
-- Data for Name: api_keys; Type: TABLE DATA; Schema: gatehouse; Owner: -
--

COPY gatehouse.api_keys (id, lookup_id, owner_is_live, ring_key_id, key_digest, user_id, expires_at, deactivated_at, name, hint, scopes, ip_allow, created_at, owner_stopped_until, rotated_to) FROM stdin;
01a21923-4886-7d1e-9f1c-60fa8b3fe921	8046292757390825247	t	1	\\x9432d681d5684b995be621f061a5c48b9ad9cc4b26d4de2da42ca2f43d7ef017	01a21923-4879-71a3-9d2d-145e022356e7	\N	\N	scoped	sk_9aO6...	{read:things}	{192.0.2.0/24}	2026-11-26 18:34:32.456151+00	\N	\N
01a21923-4889-7e7b-9ff4-bb399b740d32	8906771137225622874	t	1	\\x9de770a73b09ab025bf3f5c7029e795360fe7a4b554f788da383ed9bce37febd	01a21923-4879-71a3-9d2d-145e022356e7	2126-11-26 18:34:32.281681+00	\N	wildcard	sk_Abx6...	{read:*}	\N	2026-11-26 18:34:32.458219+00	\N	\N
01a21923-488b-7f1b-89bc-b139be4b6919	1790113802324679692	t	1	\\xafea6a64d7412e448fb2583a143302166d36c660fbaa7d3aaf633a1f499eb095	\N	\N	\N	service	sk_28Ej...	{write:things}	\N	2026-11-26 18:34:32.460013+00	\N	\N
01a21923-488a-7cc1-8d61-da392dc3e068	643963511799258255	t	1	\\x50b641af29648fffb8eac24f1682b544fb66e2d349d629d31537c258ccc1985f	01a21923-4879-71a3-9d2d-145e022356e7	\N	2026-11-26 18:34:32.461141+00	ended	sk_0lZM...	{}	\N	2026-11-26 18:34:32.45909+00	\N	\N
01a21923-4c23-78bf-844e-f777e447693e	659435630507454192	f	1	\\xf4a22a9894b7d779a3f6c3506c927e9dbdc140eb7843a0e143c79f59b192e6fb	01a21923-4ac9-7f6c-8ed1-c301cfff0387	\N	\N	stopped	sk_0miD...	{}	\N	2026-11-26 18:34:33.379853+00	\N	\N
01a21923-4c24-771d-939c-6a8cf269d57e	7089037137321334930	f	1	\\x43b17c9d98cb8914bcee60ee0e651dcecb12532de6fb531ad6e13b86c2cce1ce	01a21923-4bb4-7986-ae39-9aae3460325e	\N	\N	deleted	sk_8Rfr...	{}	\N	2026-11-26 18:34:33.380651+00	\N	\N
01a21923-4cb2-789c-8f6b-ef1c7c2db721	8951813359349243301	t	1	\\xc98664cbf1ed47ddddf6f8928cbd48324492d3bd976f26f19b344c6f4e89b062	01a21923-4879-71a3-9d2d-145e022356e7	\N	\N	overlapping	sk_AfHO...	{read:things}	\N	2026-11-26 18:34:33.523525+00	\N	\N
01a21923-4cb1-76c9-90a6-2d53d383ea84	6261136789294613933	t	1	\\x542fbdebb5ef164068b2d56fd5b44194313b9d894a55d70d6e00fff64857a848	01a21923-4879-71a3-9d2d-145e022356e7	2026-11-26 18:34:33.52524+00	\N	rotated	sk_7SW4...	{read:things}	\N	2026-11-26 18:34:33.52153+00	\N	01a21923-4cb4-7d2f-881d-1ce6e45c0fff
01a21923-4cb4-7d2f-881d-1ce6e45c0fff	3427013747626930256	t	1	\\x9cd141f5142e635a264b3af42a4594babd03cfaac35ab9d1dc40dec7c16c1fec	01a21923-4879-71a3-9d2d-145e022356e7	\N	\N	rotated	sk_459l...	{read:things}	\N	2026-11-26 18:34:33.52524+00	\N	\N
01a21923-4cb0-79b4-868a-c093c33bca0a	1867138485517983291	t	1	\\x98ae64d54fff4e2a87bb651276b7806d99b1ed8bb584e06ef90cec603da8bf1e	01a21923-4879-71a3-9d2d-145e022356e7	2126-12-26 18:34:33.523525+00	\N	overlapping	sk_2DvV...	{read:things}	\N	2026-11-26 18:34:33.520937+00	\N	01a21923-4cb2-789c-8f6b-ef1c7c2db721
\.


--
-- Data for Name: api_key_usage; Type: TABLE DATA; Schema: gatehouse; Owner: -
--

COPY gatehouse.api_key_usage (api_key_id, last_used_at, last_used_ip, use_count) FROM stdin;
01a21923-4886-7d1e-9f1c-60fa8b3fe921	2026-01-02 03:04:05+00	192.0.2.7	41
\.


--
-- Data for Name: audit_partitions; Type: TABLE DATA; Schema: gatehouse; Owner: -
--

COPY gatehouse.audit_partitions (partition_id, table_id, partition_schema, partition_name, since, recorded_at, has_left) FROM stdin;
5	3	public	upgrade_guest	12	2026-11-26 18:34:33.617699+00	f
4	3	public	upgrade_lowest	0	2026-11-26 18:34:33.606378+00	f
\.


--
-- Data for Name: audit_registry; Type: TABLE DATA; Schema: gatehouse; Owner: -
--

COPY gatehouse.audit_registry (table_id, table_schema, table_name, excluded, redacted, enabled_at, disabled_at, known_gaps, shape_since) FROM stdin;
1	public	upgrade_audited	{hidden}	{secret}	2026-11-26 18:34:32.308277+00	\N	{}	0
2	public	upgrade_travel	{}	{}	2026-11-26 18:34:33.536904+00	\N	{}	9
3	public	upgrade_parted	{}	{}	2026-11-26 18:34:33.602964+00	\N	{}	0
\.


--
-- Data for Name: audit_schemas; Type: TABLE DATA; Schema: gatehouse; Owner: -
--

COPY gatehouse.audit_schemas (schema_name, enabled_at) FROM stdin;
\.


--
-- Data for Name: audit_shapes; Type: TABLE DATA; Schema: gatehouse; Owner: -
--

COPY gatehouse.audit_shapes (table_id, since, recorded_at, columns, key, restates, relation, origin, attributes) FROM stdin;
1	0	2026-11-26 18:34:32.325489+00	[{"id": 1, "name": "id", "type": "integer", "number": 1, "type_id": 23}, {"id": 2, "name": "label", "type": "text", "number": 2, "type_id": 25}, {"id": 3, "name": "secret", "type": "text", "number": 3, "type_id": 25, "redacted": true}]	{1}	f	17087	7712550384363029815	4
2	0	2026-11-26 18:34:33.543322+00	[{"id": 1, "name": "id", "type": "integer", "number": 1, "type_id": 23}, {"id": 2, "name": "name", "type": "text", "number": 2, "type_id": 25}, {"id": 3, "name": "gone", "type": "integer", "number": 3, "type_id": 23}]	{1}	f	17096	7712550384363029815	3
2	8	2026-11-26 18:34:33.552613+00	[{"id": 1, "name": "id", "type": "integer", "number": 1, "type_id": 23}, {"id": 2, "name": "title", "type": "text", "number": 2, "type_id": 25}, {"id": 3, "name": "gone", "type": "integer", "number": 3, "type_id": 23}]	{1}	f	17096	7712550384363029815	3
2	9	2026-11-26 18:34:33.560924+00	[{"id": 1, "name": "id", "type": "integer", "number": 1, "type_id": 23}, {"id": 2, "name": "title", "type": "text", "number": 2, "type_id": 25}]	{1}	f	17096	7712550384363029815	3
3	0	2026-11-26 18:34:33.612302+00	[{"id": 1, "name": "id", "type": "integer", "number": 1, "type_id": 23}, {"id": 2, "name": "body", "type": "text", "number": 2, "type_id": 25}]	{1}	f	17105	7712550384363029815	2
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
01a21923-4c21-7159-a68f-3cb979f95e78	2126-11-26 18:34:32+00	3	2026-11-26 18:34:32.281681+00
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
1	2026-11-26 18:34:32.308956+00	\N	\N	{"redact": ["secret"], "exclude": ["hidden"], "table_id": 1, "table_name": "upgrade_audited", "table_schema": "public"}	\\xc70d2291f24a769ed84d3037033af615f43fa124a50daf31500993f77c1b43dd
8	2026-11-26 18:34:32.451439+00	\N	\N	{"scope": "read:things"}	\\x06e22ff4adbea55d1ce1ae07a344fa8d8596c3e391b909745821e4ce9ad1dfcf
9	2026-11-26 18:34:32.451745+00	\N	\N	{"scope": "write:things"}	\\x137de542a97c3bb406dde996e15afc690a7ee8943c26718a3d589cd110fc743f
15	2026-11-26 18:34:32.465122+00	192.0.2.7	a browser	\N	\\x92447ec50f0e1285a95961d2143aa3bf2bb784c961b12c4379c787fea34f8fcb
16	2026-11-26 18:34:32.466106+00	192.0.2.7	a browser	\N	\\x81a122dad345615bd8085d667a71ba6d8dd3493ef0eee573458b21a8aea205ad
17	2026-11-26 18:34:32.46696+00	192.0.2.7	a browser	\N	\\x7f6dd8b1a572d60b17b3da8242fc8d92d990e71484b951b797c9f1cb8db90a52
19	2026-11-26 18:34:32.471788+00	2001:db8::7	a browser	{"thing": 7}	\\x9e18b26d032ae6527e4f10232f7ad81f6d05ae4d6877534b601fecc99e9ebcec
21	2026-11-26 18:34:32.596023+00	192.0.2.7	a browser	\N	\\x80c31cb91f9f21f94fe8fcd575a23f3148a38c32509d2295a760744da431f81d
22	2026-11-26 18:34:32.702657+00	198.51.100.9	a script	{"locks": false, "login": "ea81d4a2d9e7bab5a9840f6c392801f3"}	\\x76d5dc361df676e26db1e909dea4581581188bcb7b3346d5e09db49f2eaecf50
23	2026-11-26 18:34:32.808568+00	198.51.100.9	a script	{"locks": false, "login": "a614ab9d1727adc85238bd438aeb165d"}	\\x566166111642942a18bef78235032f0fda4ba94508dbe8d0a023a02a10a351e8
24	2026-11-26 18:34:32.92047+00	198.51.100.9	a script	{"locks": false, "login": "8795d7c91f971b69e02d83c9477341ae"}	\\x9d23ff98cc11dc02ca02091af0acbbf2e4a750166da470f4bb7874b60f79b673
25	2026-11-26 18:34:32.92368+00	\N	\N	{"provider": "github"}	\\x12bab407dc8aefebb207f7e8e0ec31267e178d21825728d80c13db28e26b1dfa
26	2026-11-26 18:34:32.925632+00	\N	\N	{"provider": "google"}	\\x25dd6b057b05365923e96983a441e0004c946a7196f728897187d5d8a42653f5
31	2026-11-26 18:34:33.378451+00	\N	\N	{"provider": "gitlab"}	\\xd11db27ef003241b8364d4d53fb19c904435f93447e70cccc5ddcc643972ce11
35	2026-11-26 18:34:33.390102+00	\N	\N	{"until": "2126-11-26T18:34:32.281681+00:00"}	\\xa1cfc27f73113ef3749e87ec98f2d3c3788854632ce4882cedf0bd6bb859f672
36	2026-11-26 18:34:33.393021+00	\N	\N	{"deleted_by": "01a21923-4879-71a3-9d2d-145e022356e7"}	\\xaa20a05863efadda33f7e0da684b61a034c6cb26c55ce9cee452b578d37a473b
38	2026-11-26 18:34:33.398833+00	\N	\N	{"scheduled_for": "2026-12-03T18:34:33.398281+00:00"}	\\x56cff6b05c89578fdd4a95c5e471e634d93cc9eedb541e67ea29e0947a77e08d
42	2026-11-26 18:34:33.407805+00	\N	\N	{"passwords": 1}	\\xa081335815750491aea6d9512185c9657e0d6462df370025833289cd6e6dc0ba
43	2026-11-26 18:34:33.409521+00	\N	\N	{"domains": 1}	\\x7b8312d38073a866bf6c7ffe9835364e4e06af08e93a38279376508daa33de61
44	2026-11-26 18:34:33.51916+00	\N	\N	{"is_superuser": true}	\\x683b51ca43b95b57ac46632b1816188334008fa0bb04f73969700853e7a39d91
47	2026-11-26 18:34:33.524657+00	\N	\N	{"rotated_to": "01a21923-4cb2-789c-8f6b-ef1c7c2db721"}	\\xb5a5696657bc3d81501685ba0a1b6980abed3182e36f7638112012c04f868cba
48	2026-11-26 18:34:33.525852+00	\N	\N	{"rotated_to": "01a21923-4cb4-7d2f-881d-1ce6e45c0fff"}	\\xfa75547a99092e06c05c7bdca3dce045084df7fbed4237d2c44b3a7a5e835f07
49	2026-11-26 18:34:33.536989+00	\N	\N	{"redact": [], "exclude": [], "table_id": 2, "table_name": "upgrade_travel", "table_schema": "public"}	\\xa679c890d058caeaf2743e3fa22744f7b5359bb43c88ef1233b6ba7d2f28b92d
50	2026-11-26 18:34:33.603042+00	\N	\N	{"redact": [], "exclude": [], "table_id": 3, "table_name": "upgrade_parted", "table_schema": "public"}	\\x03338173dd44dd792cde3098cce3229c849b4efa3cbf8b734ebdb460ea292b6a
51	2026-11-26 18:34:33.619153+00	\N	\N	{"role": "postgres", "table_id": 3, "partition": "public.upgrade_guest", "table_name": "upgrade_parted", "table_schema": "public"}	\\x1739c71fe8319e63df6696b973117b48a69248d16e78b0e9ca859e89f36966f7
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
1	2026-11-26 18:34:32.308956+00	726	7712550384363029815	\N	\N	\N	\N	\N	t	audit.enabled	\\x79908b11b06ae5c94470c1abd82a8f7a243850c272ecf7cd4defbab96ac39df5
2	2026-11-26 18:34:32.443024+00	726	7712550384363029815	01a21923-4879-71a3-9d2d-145e022356e7	\N	\N	\N	\N	t	gatehouse.account.created	\N
3	2026-11-26 18:34:32.445015+00	726	7712550384363029815	01a21923-487c-7e2f-a979-a56509ab0d92	\N	\N	\N	\N	t	gatehouse.account.created	\N
4	2026-11-26 18:34:32.447129+00	726	7712550384363029815	01a21923-487f-7031-aeff-e9de4943745c	\N	\N	\N	\N	t	gatehouse.account.created	\N
5	2026-11-26 18:34:32.448008+00	726	7712550384363029815	01a21923-487f-7e88-9d7b-ea9735a013f4	\N	\N	\N	\N	t	gatehouse.account.created	\N
6	2026-11-26 18:34:32.448753+00	726	7712550384363029815	01a21923-4880-7a3c-a9e3-3b779b4660ae	\N	\N	\N	\N	t	gatehouse.account.created	\N
7	2026-11-26 18:34:32.4495+00	726	7712550384363029815	01a21923-4881-7699-89d1-6d0af9a45b92	\N	\N	\N	\N	t	gatehouse.account.created	\N
8	2026-11-26 18:34:32.451439+00	726	7712550384363029815	\N	\N	\N	\N	\N	t	gatehouse.scope.registered	\\xdf557a59440a9e9a6f0b22e2edc69afdc84d69cc8b9eefd039da16baa3a840f3
9	2026-11-26 18:34:32.451745+00	726	7712550384363029815	\N	\N	\N	\N	\N	t	gatehouse.scope.registered	\\x6d2a86012024840d6ae81dc3fd27097cee30eae6694cbfefe1264effd937c936
10	2026-11-26 18:34:32.4574+00	726	7712550384363029815	01a21923-4879-71a3-9d2d-145e022356e7	\N	\N	\N	01a21923-4886-7d1e-9f1c-60fa8b3fe921	t	gatehouse.key.created	\N
11	2026-11-26 18:34:32.458522+00	726	7712550384363029815	01a21923-4879-71a3-9d2d-145e022356e7	\N	\N	\N	01a21923-4889-7e7b-9ff4-bb399b740d32	t	gatehouse.key.created	\N
12	2026-11-26 18:34:32.459336+00	726	7712550384363029815	01a21923-4879-71a3-9d2d-145e022356e7	\N	\N	\N	01a21923-488a-7cc1-8d61-da392dc3e068	t	gatehouse.key.created	\N
13	2026-11-26 18:34:32.460198+00	726	7712550384363029815	\N	\N	\N	\N	01a21923-488b-7f1b-89bc-b139be4b6919	t	gatehouse.key.created	\N
14	2026-11-26 18:34:32.461396+00	726	7712550384363029815	01a21923-4879-71a3-9d2d-145e022356e7	\N	\N	\N	01a21923-488a-7cc1-8d61-da392dc3e068	t	gatehouse.key.deactivated	\N
15	2026-11-26 18:34:32.465122+00	726	7712550384363029815	01a21923-4879-71a3-9d2d-145e022356e7	\N	\N	01a21923-488e-74e8-980b-e524aaf56141	\N	t	gatehouse.session.opened	\\x1e3f5adf632a06056d34cafba0d40d5792e33b7525edd7406118484565f53902
16	2026-11-26 18:34:32.466106+00	726	7712550384363029815	01a21923-4879-71a3-9d2d-145e022356e7	\N	\N	01a21923-4891-74f3-9d8f-e2a09f65a2c4	\N	t	gatehouse.session.opened	\\xb4c89fca4c5c57f0791cb15cdf4a11f68583052506976e1a7d4b866d6ded87b7
17	2026-11-26 18:34:32.46696+00	726	7712550384363029815	01a21923-4879-71a3-9d2d-145e022356e7	\N	\N	01a21923-4892-7454-9cb0-1374fe5d960d	\N	t	gatehouse.session.opened	\\x37e8d38db8da271b6a632c8b1896a8e4c73a1a101d091f392023d92ad9577856
18	2026-11-26 18:34:32.468998+00	726	7712550384363029815	01a21923-4879-71a3-9d2d-145e022356e7	\N	\N	01a21923-4892-7454-9cb0-1374fe5d960d	\N	t	gatehouse.session.ended	\N
19	2026-11-26 18:34:32.471788+00	726	7712550384363029815	01a21923-4879-71a3-9d2d-145e022356e7	\N	\N	\N	\N	f	thing.opened	\\x4926be53955037a70266179c893a65ad807bb3db935252eebcb95f55875e54f6
20	2026-11-26 18:34:32.472162+00	726	7712550384363029815	\N	\N	\N	\N	\N	t	night.passed	\N
21	2026-11-26 18:34:32.596023+00	726	7712550384363029815	01a21923-4879-71a3-9d2d-145e022356e7	\N	\N	\N	\N	t	gatehouse.account.logged_in	\\x98c040e26309d20000419d4363ed998de147f8bfbc3c19608eaaae875ca92bf4
22	2026-11-26 18:34:32.702657+00	726	7712550384363029815	01a21923-4879-71a3-9d2d-145e022356e7	\N	\N	\N	\N	f	security.login_failed	\\xf206ed273752ff8d8eca391b44cc9c4df82b37e37001134be3bb6e579ce1da0d
23	2026-11-26 18:34:32.808568+00	726	7712550384363029815	01a21923-4879-71a3-9d2d-145e022356e7	\N	\N	\N	\N	f	security.login_failed	\\x4918b7e22836a79c4d68fe53877404d7d8be522dc46b2252f1d247e6dd9dc3c3
24	2026-11-26 18:34:32.92047+00	726	7712550384363029815	\N	\N	\N	\N	\N	f	security.login_failed	\\xca1db37cd0b14ee432aea2b02f5bd3f8e36a02c4b02fd81b122f6da7ec2f6d66
25	2026-11-26 18:34:32.92368+00	726	7712550384363029815	01a21923-4a5a-779a-bd01-8ab0556b3a48	\N	\N	\N	\N	t	gatehouse.account.created	\\xc034d010e5a7f99ab359939530927769f62afa176073298d59ff4dbcc1e05561
26	2026-11-26 18:34:32.925632+00	726	7712550384363029815	01a21923-4a5a-779a-bd01-8ab0556b3a48	\N	\N	\N	\N	t	gatehouse.account.oauth_linked	\\x33aa251b717b186bf56b3c925ca598ad80937f14ea7fa83330483499d430bd50
27	2026-11-26 18:34:33.034403+00	726	7712550384363029815	01a21923-4ac9-7f6c-8ed1-c301cfff0387	\N	\N	\N	\N	t	gatehouse.account.created	\N
28	2026-11-26 18:34:33.1377+00	726	7712550384363029815	01a21923-4b31-75d1-9a4b-83dcc0e27211	\N	\N	\N	\N	t	gatehouse.account.created	\N
29	2026-11-26 18:34:33.269049+00	726	7712550384363029815	01a21923-4bb4-7986-ae39-9aae3460325e	\N	\N	\N	\N	t	gatehouse.account.created	\N
30	2026-11-26 18:34:33.377381+00	726	7712550384363029815	01a21923-4c21-7159-a68f-3cb979f95e78	\N	\N	\N	\N	t	gatehouse.account.created	\N
31	2026-11-26 18:34:33.378451+00	726	7712550384363029815	01a21923-4bb4-7986-ae39-9aae3460325e	\N	\N	\N	\N	t	gatehouse.account.oauth_linked	\\x138101d6ecdd9f65aa35eca3939ea3e79648d32be9108827d09841d464d6f671
32	2026-11-26 18:34:33.380176+00	726	7712550384363029815	01a21923-4ac9-7f6c-8ed1-c301cfff0387	\N	\N	\N	01a21923-4c23-78bf-844e-f777e447693e	t	gatehouse.key.created	\N
33	2026-11-26 18:34:33.380916+00	726	7712550384363029815	01a21923-4bb4-7986-ae39-9aae3460325e	\N	\N	\N	01a21923-4c24-771d-939c-6a8cf269d57e	t	gatehouse.key.created	\N
34	2026-11-26 18:34:33.388524+00	726	7712550384363029815	01a21923-4ac9-7f6c-8ed1-c301cfff0387	\N	\N	\N	\N	t	gatehouse.account.stopped	\N
35	2026-11-26 18:34:33.390102+00	726	7712550384363029815	01a21923-4b31-75d1-9a4b-83dcc0e27211	\N	\N	\N	\N	t	gatehouse.account.stopped	\\x8b8da2b0325aa6c3b7835f2e4fd05ac8a7472903d90d86baeaa9903303c15a18
36	2026-11-26 18:34:33.393021+00	726	7712550384363029815	01a21923-4bb4-7986-ae39-9aae3460325e	\N	\N	\N	\N	t	gatehouse.account.deleted	\\xfd0b2112cfc61cd4b03bcc4a00d802746e96581ebad63d814360251292086f3e
37	2026-11-26 18:34:33.396182+00	726	7712550384363029815	01a21923-4c21-7159-a68f-3cb979f95e78	\N	\N	\N	\N	t	gatehouse.account.deletion_requested	\N
38	2026-11-26 18:34:33.398833+00	726	7712550384363029815	01a21923-4c21-7159-a68f-3cb979f95e78	\N	\N	\N	\N	t	gatehouse.account.deletion_scheduled	\\x4ea5588f81970e43c11d048afd40e6dacd74bd7626c1eca993b669768dc1c379
39	2026-11-26 18:34:33.401707+00	726	7712550384363029815	01a21923-487c-7e2f-a979-a56509ab0d92	\N	\N	\N	\N	t	gatehouse.account.verification_requested	\N
40	2026-11-26 18:34:33.403534+00	726	7712550384363029815	01a21923-487c-7e2f-a979-a56509ab0d92	\N	\N	\N	\N	t	gatehouse.account.password_reset_requested	\N
41	2026-11-26 18:34:33.406101+00	726	7712550384363029815	01a21923-487c-7e2f-a979-a56509ab0d92	\N	\N	\N	\N	t	gatehouse.account.email_change_requested	\N
42	2026-11-26 18:34:33.407805+00	726	7712550384363029815	\N	\N	\N	\N	\N	t	gatehouse.policy.passwords_blocked	\\x460c52c51f0f901d1a0c8dce4c0bb476f7d80ad980e5c9b5af9302a13e830063
43	2026-11-26 18:34:33.409521+00	726	7712550384363029815	\N	\N	\N	\N	\N	t	gatehouse.policy.email_domains_blocked	\\x6804791ed825d1031025f291127322f0815e7c93b13c90cf90e5f65a23e722e0
44	2026-11-26 18:34:33.51916+00	726	7712550384363029815	01a21923-4cae-771b-9096-fe5e38d813f7	\N	\N	\N	\N	t	gatehouse.account.created	\\xbbd22128864eaf2c6b736691833d0cb01588a838fba5e13e3067c91c9a2b8ce3
45	2026-11-26 18:34:33.521151+00	726	7712550384363029815	01a21923-4879-71a3-9d2d-145e022356e7	\N	\N	\N	01a21923-4cb0-79b4-868a-c093c33bca0a	t	gatehouse.key.created	\N
46	2026-11-26 18:34:33.521658+00	726	7712550384363029815	01a21923-4879-71a3-9d2d-145e022356e7	\N	\N	\N	01a21923-4cb1-76c9-90a6-2d53d383ea84	t	gatehouse.key.created	\N
47	2026-11-26 18:34:33.524657+00	726	7712550384363029815	01a21923-4879-71a3-9d2d-145e022356e7	\N	\N	\N	01a21923-4cb0-79b4-868a-c093c33bca0a	t	gatehouse.key.rotated	\\x51b37c97afcc3280824c8ab06c4bd8b4d7b006a94ef8d4633cc5ed5c9083a2b6
48	2026-11-26 18:34:33.525852+00	726	7712550384363029815	01a21923-4879-71a3-9d2d-145e022356e7	\N	\N	\N	01a21923-4cb1-76c9-90a6-2d53d383ea84	t	gatehouse.key.rotated	\\x78256c9a984a5873ad1cc6b3fe00c3876b1cdb95cee666386fff89f59c4f53a4
49	2026-11-26 18:34:33.536989+00	726	7712550384363029815	\N	\N	\N	\N	\N	t	audit.enabled	\\x65d12a9adc5ad2154a13af5f491a5632d56941bd3c20f4ad8d6426b8fd06d9ce
50	2026-11-26 18:34:33.603042+00	726	7712550384363029815	\N	\N	\N	\N	\N	t	audit.enabled	\\x49bc7d1b7fd306091a524aeda71b4e23f7381516c4607c115d0704e58828b9af
51	2026-11-26 18:34:33.619153+00	726	7712550384363029815	\N	\N	\N	\N	\N	t	audit.partition_attached	\\xf1aa499bb1760ef4b526ddfb08e0a3ca303b9a3a325ca4c303e3d1e37be7e140
\.


--
-- Data for Name: known_addresses; Type: TABLE DATA; Schema: gatehouse; Owner: -
--

COPY gatehouse.known_addresses (user_id, network, last_login_at) FROM stdin;
01a21923-4879-71a3-9d2d-145e022356e7	192.0.2.7/32	2026-11-26 18:34:32.594823+00
\.


--
-- Data for Name: login_throttles; Type: TABLE DATA; Schema: gatehouse; Owner: -
--

COPY gatehouse.login_throttles (subject, failures, counted_at, locked_until) FROM stdin;
\\x83fe958e330339e676a7a3c3e50ed0d3	2	2026-11-26 18:34:32.808285+00	\N
\\x9f782481c35e75bafd1fe7f1c3518d30	1	2026-11-26 18:34:32.920159+00	\N
\\x0822bf733466ccf3dfd91348eca99289	3	2026-11-26 18:34:32.702298+00	\N
\.


--
-- Data for Name: oauth_identities; Type: TABLE DATA; Schema: gatehouse; Owner: -
--

COPY gatehouse.oauth_identities (provider, subject, user_id, linked_at, email, owner_is_deleted) FROM stdin;
github	Sub-7	01a21923-4a5a-779a-bd01-8ab0556b3a48	2026-11-26 18:34:32.92309+00	olga@provider.example	f
google	1077	01a21923-4a5a-779a-bd01-8ab0556b3a48	2026-11-26 18:34:32.925198+00	\N	f
gitlab	11	01a21923-4bb4-7986-ae39-9aae3460325e	2026-11-26 18:34:33.37817+00	\N	t
\.


--
-- Data for Name: one_time_tokens; Type: TABLE DATA; Schema: gatehouse; Owner: -
--

COPY gatehouse.one_time_tokens (locator_digest, token_digest, ring_key_id, user_id, subject, purpose, email, created_at, expires_at) FROM stdin;
\\x2d1f2b94e0f5520459a2a95fa76dec19f4c8ab447c3ae08827c3ffd803b56791	\\x006f66ec5710151678e0b0f4b748673c53c3ed39139cd69f87686c165b95b420	1	01a21923-487c-7e2f-a979-a56509ab0d92	\\x0893eda3c9846d75780fc223c249c178	email_verification	boris@example.com	2026-11-26 18:34:33.401167+00	2126-11-27 18:34:33.401167+00
\\x68b376811501e1fdaeac19e830cef5f36bf6199004889337ff1aba5eb2327e01	\\x03aeafe5acdfefa766cfa8d5bf1fe9a8c66b6e5c399aee2434090c54c1be56b9	1	01a21923-487c-7e2f-a979-a56509ab0d92	\\x0893eda3c9846d75780fc223c249c178	password_reset	boris@example.com	2026-11-26 18:34:33.403042+00	2126-11-26 19:34:33.403042+00
\\x3fe9d46dc825542a0e01b1bba586e03df97d2f8edf6182cc8f1b67ce07994967	\\x5864e5fedf5f4af4fb330762991c4f0231bc521dbdb630b2f7241622f5b0b7cf	1	01a21923-487c-7e2f-a979-a56509ab0d92	\\x0893eda3c9846d75780fc223c249c178	email_change	Boris@New.example	2026-11-26 18:34:33.405257+00	2126-11-27 18:34:33.405257+00
\.


--
-- Data for Name: password_credentials; Type: TABLE DATA; Schema: gatehouse; Owner: -
--

COPY gatehouse.password_credentials (user_id, password_hash, changed_at) FROM stdin;
01a21923-4879-71a3-9d2d-145e022356e7	$argon2id$v=19$m=65536,t=2,p=1$zTpQWENDopD2zuMvAIAniQ$MQh1yCDpNyf5R5Mkx6LgtcqO2t35JYg0C1E013LgmNY	2026-11-26 18:34:32.439039+00
01a21923-487c-7e2f-a979-a56509ab0d92	$2y$04$abcdefghijklmnopqrstuuCrk1yZpisZA5KyoCn5CNfr4CSeH7cqm	2026-11-26 18:34:32.281681+00
01a21923-487f-7031-aeff-e9de4943745c	$5$saltstring$5B8vYYiY.CVt1RlTTf8KbXBH3hsxY/GNooZaBBGWEc5	2026-11-26 18:34:32.281681+00
01a21923-487f-7e88-9d7b-ea9735a013f4	$6$saltstring$svn8UoSVapNtMuq1ukKS4tPQd8iKwSMHWjl/O817G3uBnIFNjnQJuesI68u4OTLiBFdcbYEdFCoEOfaS35inz1	2026-11-26 18:34:32.281681+00
01a21923-4880-7a3c-a9e3-3b779b4660ae	$y$j75$LdJMENpBABJJ3hIHjB1Bi.$aN8IREm4mVoXwP2ZkEbfFinwVjML6Krr5zkB50rSJX3	2026-11-26 18:34:32.281681+00
01a21923-4881-7699-89d1-6d0af9a45b92	pbkdf2_sha256$1$salt$VawEblbjCJ/sFpHCJUS2BflBhSFt3gRl5oudV8INrLw=	2026-11-26 18:34:32.281681+00
01a21923-4ac9-7f6c-8ed1-c301cfff0387	$argon2id$v=19$m=65536,t=2,p=1$0kzWVF19XVRQ4+z8zhINbg$IBXpeU6hFwhXFyLkxW8VLUnAi9IDW/43Rf1cP3v/TH0	2026-11-26 18:34:33.03366+00
01a21923-4b31-75d1-9a4b-83dcc0e27211	$argon2id$v=19$m=65536,t=2,p=1$P0xdgySMxFM/3wismda6QQ$fZpKZ9Mix9syfv3f7GKMhgsDEt/xNCirwVmGqK6uSVA	2026-11-26 18:34:33.137091+00
01a21923-4bb4-7986-ae39-9aae3460325e	$argon2id$v=19$m=65536,t=2,p=1$jKz+tVkf1VQ6iVvXUam2Tw$+9T97LZisi1TH9AOGng7RbjD+G/C0K/ekwy6oC/FfJk	2026-11-26 18:34:33.268327+00
01a21923-4c21-7159-a68f-3cb979f95e78	$argon2id$v=19$m=65536,t=2,p=1$2QpXX78WX6kGJtcubbLIVg$wJRLKyQ8OI26EWIoOQj1qsIu07U9bBd3cKT+5DlC6gc	2026-11-26 18:34:33.376854+00
01a21923-4cae-771b-9096-fe5e38d813f7	$argon2id$v=19$m=65536,t=2,p=1$c+r4a6SBFDMgVnxDjGsK/Q$kAomXMAtkRMkQrbWh+53PLcAV2Q+8BsDMVlfunio1WY	2026-11-26 18:34:33.518144+00
\.


--
-- Data for Name: row_change_log_2026_11_27; Type: TABLE DATA; Schema: gatehouse; Owner: -
--

COPY gatehouse.row_change_log_2026_11_27 (id, changed_at, transaction_id, key_hash, origin, table_id, operation, actor_id, impersonator_id, api_key_id, session_id, db_role, client_addr, application_name, replication_origin, key, old, new, context, new_key_hash, partition_id) FROM stdin;
\.


--
-- Data for Name: row_change_log_2026_12; Type: TABLE DATA; Schema: gatehouse; Owner: -
--

COPY gatehouse.row_change_log_2026_12 (id, changed_at, transaction_id, key_hash, origin, table_id, operation, actor_id, impersonator_id, api_key_id, session_id, db_role, client_addr, application_name, replication_origin, key, old, new, context, new_key_hash, partition_id) FROM stdin;
\.


--
-- Data for Name: row_change_log_default; Type: TABLE DATA; Schema: gatehouse; Owner: -
--

COPY gatehouse.row_change_log_default (id, changed_at, transaction_id, key_hash, origin, table_id, operation, actor_id, impersonator_id, api_key_id, session_id, db_role, client_addr, application_name, replication_origin, key, old, new, context, new_key_hash, partition_id) FROM stdin;
1	2026-11-26 18:34:32.469952+00	726	-8088607738635406159	7712550384363029815	1	I	\N	\N	\N	\N	postgres	\N	psql	\N	{"id": 1}	\N	{"id": 1, "label": "one", "secret": {"redacted": true}}	\N	\N	\N
2	2026-11-26 18:34:32.470312+00	726	-5896161284438894692	7712550384363029815	1	I	\N	\N	\N	\N	postgres	\N	psql	\N	{"id": 2}	\N	{"id": 2, "label": "two", "secret": {"redacted": true}}	\N	\N	\N
3	2026-11-26 18:34:32.470629+00	726	-8088607738635406159	7712550384363029815	1	U	\N	\N	\N	\N	postgres	\N	psql	\N	{"id": 1}	{"label": "one", "secret": {"redacted": true}}	{"label": "uno", "secret": {"redacted": true}}	\N	\N	\N
4	2026-11-26 18:34:32.470803+00	726	-5896161284438894692	7712550384363029815	1	D	\N	\N	\N	\N	postgres	\N	psql	\N	{"id": 2}	{"id": 2, "label": "two", "secret": {"redacted": true}}	\N	\N	\N	\N
5	2026-11-26 18:34:33.527499+00	726	6239115393680753046	7712550384363029815	1	I	01a21923-4879-71a3-9d2d-145e022356e7	\N	01a21923-4889-7e7b-9ff4-bb399b740d32	\N	postgres	\N	psql	\N	{"id": 9}	\N	{"id": 9, "label": "nine", "secret": {"redacted": true}}	\N	\N	\N
6	2026-11-26 18:34:33.545286+00	726	-42214485169824213	7712550384363029815	2	I	\N	\N	\N	\N	postgres	\N	psql	\N	{"id": 1}	\N	{"id": 1, "gone": 5, "name": "lamp"}	{"request": "r-1"}	\N	\N
7	2026-11-26 18:34:33.545328+00	726	710162159919100608	7712550384363029815	2	I	\N	\N	\N	\N	postgres	\N	psql	\N	{"id": 2}	\N	{"id": 2, "gone": 6, "name": "desk"}	{"request": "r-1"}	\N	\N
10	2026-11-26 18:34:33.586825+00	726	710162159919100608	7712550384363029815	2	U	\N	\N	\N	\N	postgres	\N	psql	\N	{"id": 2}	{"id": 2}	{"id": 3}	{"request": "r-1"}	-1916024638501470084	\N
11	2026-11-26 18:34:33.612836+00	726	5474581683912818555	7712550384363029815	3	I	\N	\N	\N	\N	postgres	\N	psql	\N	{"id": 1}	\N	{"id": 1, "body": "one"}	\N	\N	4
\.


--
-- Data for Name: scopes; Type: TABLE DATA; Schema: gatehouse; Owner: -
--

COPY gatehouse.scopes (name, description, registered_at) FROM stdin;
read:things	to look at things	2026-11-26 18:34:32.451144+00
write:things	\N	2026-11-26 18:34:32.451672+00
\.


--
-- Data for Name: sessions; Type: TABLE DATA; Schema: gatehouse; Owner: -
--

COPY gatehouse.sessions (session_id, user_id, locator_digest, token_digest, ring_key_id, previous_digest, previous_ring_key_id, rotations, rotated_at, created_at, last_used_at, expires_at, idle_expires_at, revoked_at, revocation, ip, user_agent, device, sweep_at) FROM stdin;
01a21923-488e-74e8-980b-e524aaf56141	01a21923-4879-71a3-9d2d-145e022356e7	\\x9f8547fdb9568727da477617ccbd11dd94038ce8119f5c666cd23ca28c94870a	\\xefd13f9d01ec85880b4ad65af3c9d8fd63334a04cc3201eb367af5eb778b7fd2	1	\N	\N	0	\N	2026-11-26 18:34:32.462718+00	2026-11-26 18:34:32.462718+00	2126-12-26 18:34:32.462718+00	2126-12-10 18:34:32.462718+00	\N	\N	192.0.2.7	a browser	first	2026-12-10 18:34:32.462718+00
01a21923-4892-7454-9cb0-1374fe5d960d	01a21923-4879-71a3-9d2d-145e022356e7	\\x22cf753b8e2376200aea35e3a3548ce5bb40eadf4c89d9c7703b441cb7f19486	\\x0e4928177e34ed7cd8c8184fa2a18922d7ecd708d09eefab605318d43e34e4b0	1	\N	\N	0	\N	2026-11-26 18:34:32.466434+00	2026-11-26 18:34:32.466434+00	2126-12-26 18:34:32.466434+00	2126-12-10 18:34:32.466434+00	2026-11-26 18:34:32.468625+00	logout	192.0.2.7	a browser	ended	2026-12-10 18:34:32.466434+00
01a21923-4891-74f3-9d8f-e2a09f65a2c4	01a21923-4879-71a3-9d2d-145e022356e7	\\x23de4417edbcc55fccf1f68ccc6d1e862ac561496df2f3bddca8e1d896a48a32	\\x0cc82e83bffb7f256eac38ab968ef669145ce56d086bf948665ec82ed4988134	1	\\xc1f5e8cdd6722f09a0c098376170ab188151a2a224495037e9a9ff3e50aa133a	1	1	2016-11-25 18:34:32.467532+00	2026-11-26 18:34:32.46549+00	2026-11-26 18:34:32.467532+00	2126-12-26 18:34:32.46549+00	2126-12-10 18:34:32.467532+00	\N	\N	192.0.2.7	a browser	spent	2026-12-10 18:34:32.46549+00
\.


--
-- Data for Name: superuser_bootstrap; Type: TABLE DATA; Schema: gatehouse; Owner: -
--

COPY gatehouse.superuser_bootstrap (is_done, user_id, done_at) FROM stdin;
t	01a21923-4cae-771b-9096-fe5e38d813f7	2026-11-26 18:34:33.518144+00
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
user anna	01a21923-4879-71a3-9d2d-145e022356e7
user boris	01a21923-487c-7e2f-a979-a56509ab0d92
user sha256	01a21923-487f-7031-aeff-e9de4943745c
user sha512	01a21923-487f-7e88-9d7b-ea9735a013f4
user yescrypt	01a21923-4880-7a3c-a9e3-3b779b4660ae
user pbkdf2	01a21923-4881-7699-89d1-6d0af9a45b92
scoped key	sk_9aO6aCxzlnzRtJ8YVnz2UZhFBM5VN5rLZAajxjFyvzRf3LPk3Qj4Do49nw9P
wildcard key	sk_Abx6acraHuMOzgYdJl5YfEUjBdRARAy00Ilh28EXy3rGGHdqwR75Pc2km7RT
ended key	sk_0lZMIkOThy3dysAM9idWYcddPx7hr2WRyX12J3wColSHgKnR2c6shg1RSvF7
service key	sk_28EjtLuDQrMi9ZiiufRpNIl4zT99rsCLsPgY7BHVs3yvO3EjA4lAvc4EDBVG
first token	kUtkcgPBe0MENGkfXaPkX156Y8ujy5TKZzaygGvWi5_fmqrSfMopl3FqCcp8IjsM
spent token	re1nKIJ1NwDriFETZVS7zZpqpuRVFBuyAsax3QNc3UNEkcB-kZxX651Twq4VO6vy
ended token	umjLU-YacEfj1uyRfwaNYYywzmefwKOOs0QZCzFoAt8epp9UIBLmsoXkaMVrQWoe
second token	re1nKIJ1NwDriFETZVS7zbvu2XAoGQWWzJ3_lerJL1kxNxqEEqpLLBcwKXrVeDEq
user olga	01a21923-4a5a-779a-bd01-8ab0556b3a48
user stopped	01a21923-4ac9-7f6c-8ed1-c301cfff0387
user paused	01a21923-4b31-75d1-9a4b-83dcc0e27211
user deleted	01a21923-4bb4-7986-ae39-9aae3460325e
user leaving	01a21923-4c21-7159-a68f-3cb979f95e78
stopped key	sk_0miDm4cw6Lo1IqovcPAAd8bapUS16IQMvS96JnCjvc7dJ3G9tbN07820QqsF
deleted key	sk_8RfreCmgP22tTp7zUee6h1RUgs1qxqQvzC8iQgI2LcWPi5SqIuN9Gf2UbbwF
leaving token	x37OZy9JDRbDTFn_oZIN_t-CtBOp7-c5hiseA8sWdJUB6y2W2qzc7wm9PY6gZoGx
leaving at	2126-11-26 18:34:32+00
verification token	JCZ9sLr4WT5GBDFRQaVFpwxMm865bloQ945vQb4v60_BdG8aC_UMO2OB9_y1Q1L2
reset token	2l3DGfaJCmRaQApTwxygJAzT-plGkQShPV4pM35kMCEPO_QvjKWhvjLhwznY-CZM
change token	aaQ7HcB0JvhPSuoZd4mTx_CtZQ-X9WV9UqT-1T4V6UR7nMfx_ardL0zxATew2T-o
user first-of-all	01a21923-4cae-771b-9096-fe5e38d813f7
overlapping key	sk_2DvVs5tBAEtWQxJuEijI6q1vAZ8JarUiYyOWHhZqE7C3LVTED5qeWD0sOhc2
rotated key	sk_7SW4WJ4iErVfLv4vW7FUBfghcm4rZF0isssIeIYUYci7XQZIAW8wD41o5yFR
successor of overlapping	sk_AfHOoCmbMpRKiSizTtAlxyF5liuw7xE8BCjS6LmLj3H8HfBmcBuKh631ljQK
successor of rotated	sk_459l4pimkwivRlAPBlFw0u9B0U3cV2gUgZ7YMIQTXLcDF4vnGwZPdg2cOfGO
jwks	{"keys": [{"x": "Cv3UgBwH3fuPV1pOtWVe7BVwa2SouOegyDpdW-q6sOY", "alg": "EdDSA", "crv": "Ed25519", "kid": "1", "kty": "OKP", "use": "sig"}]}
then	2026-11-26 18:34:33.546013+00
before the guest	2026-11-26 18:34:33.613229+00
\.


--
-- Data for Name: upgrade_guest; Type: TABLE DATA; Schema: public; Owner: -
--

COPY public.upgrade_guest (id, body) FROM stdin;
11	eleven
\.


--
-- Data for Name: upgrade_lowest; Type: TABLE DATA; Schema: public; Owner: -
--

COPY public.upgrade_lowest (id, body) FROM stdin;
1	one
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

SELECT pg_catalog.setval('gatehouse.audited_table_id_seq', 5, true);


--
-- Name: event_id_seq; Type: SEQUENCE SET; Schema: gatehouse; Owner: -
--

SELECT pg_catalog.setval('gatehouse.event_id_seq', 51, true);


--
-- Name: row_change_log_id_seq; Type: SEQUENCE SET; Schema: gatehouse; Owner: -
--

SELECT pg_catalog.setval('gatehouse.row_change_log_id_seq', 12, true);


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
-- Name: upgrade_parted upgrade_parted_pkey; Type: CONSTRAINT; Schema: public; Owner: -
--

ALTER TABLE ONLY public.upgrade_parted
    ADD CONSTRAINT upgrade_parted_pkey PRIMARY KEY (id);


--
-- Name: upgrade_guest upgrade_guest_pkey; Type: CONSTRAINT; Schema: public; Owner: -
--

ALTER TABLE ONLY public.upgrade_guest
    ADD CONSTRAINT upgrade_guest_pkey PRIMARY KEY (id);


--
-- Name: upgrade_lowest upgrade_low_pkey; Type: CONSTRAINT; Schema: public; Owner: -
--

ALTER TABLE ONLY public.upgrade_lowest
    ADD CONSTRAINT upgrade_low_pkey PRIMARY KEY (id);


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
-- Name: upgrade_guest_pkey; Type: INDEX ATTACH; Schema: public; Owner: -
--

ALTER INDEX public.upgrade_parted_pkey ATTACH PARTITION public.upgrade_guest_pkey;


--
-- Name: upgrade_low_pkey; Type: INDEX ATTACH; Schema: public; Owner: -
--

ALTER INDEX public.upgrade_parted_pkey ATTACH PARTITION public.upgrade_low_pkey;


--
-- Name: upgrade_audited !gatehouse_audit; Type: TRIGGER; Schema: public; Owner: -
--

CREATE TRIGGER "!gatehouse_audit" AFTER INSERT OR DELETE OR UPDATE ON public.upgrade_audited FOR EACH ROW EXECUTE FUNCTION gatehouse.log_row_change('1', '-hidden', '~secret');

ALTER TABLE public.upgrade_audited ENABLE ALWAYS TRIGGER "!gatehouse_audit";


--
-- Name: upgrade_parted !gatehouse_audit; Type: TRIGGER; Schema: public; Owner: -
--

CREATE TRIGGER "!gatehouse_audit" AFTER INSERT OR DELETE OR UPDATE ON public.upgrade_parted FOR EACH ROW EXECUTE FUNCTION gatehouse.log_row_change('3');

ALTER TABLE public.upgrade_parted ENABLE ALWAYS TRIGGER "!gatehouse_audit";


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
-- Name: upgrade_guest gatehouse_audit_truncate; Type: TRIGGER; Schema: public; Owner: -
--

CREATE TRIGGER gatehouse_audit_truncate AFTER TRUNCATE ON public.upgrade_guest FOR EACH STATEMENT EXECUTE FUNCTION gatehouse.log_truncate('3', '#5');

ALTER TABLE public.upgrade_guest ENABLE ALWAYS TRIGGER gatehouse_audit_truncate;


--
-- Name: upgrade_lowest gatehouse_audit_truncate; Type: TRIGGER; Schema: public; Owner: -
--

CREATE TRIGGER gatehouse_audit_truncate AFTER TRUNCATE ON public.upgrade_lowest FOR EACH STATEMENT EXECUTE FUNCTION gatehouse.log_truncate('3', '#4');

ALTER TABLE public.upgrade_lowest ENABLE ALWAYS TRIGGER gatehouse_audit_truncate;


--
-- Name: upgrade_parted gatehouse_audit_truncate; Type: TRIGGER; Schema: public; Owner: -
--

CREATE TRIGGER gatehouse_audit_truncate AFTER TRUNCATE ON public.upgrade_parted FOR EACH STATEMENT EXECUTE FUNCTION gatehouse.log_truncate('3');

ALTER TABLE public.upgrade_parted ENABLE ALWAYS TRIGGER gatehouse_audit_truncate;


--
-- Name: upgrade_travel gatehouse_audit_truncate; Type: TRIGGER; Schema: public; Owner: -
--

CREATE TRIGGER gatehouse_audit_truncate AFTER TRUNCATE ON public.upgrade_travel FOR EACH STATEMENT EXECUTE FUNCTION gatehouse.log_truncate('2');

ALTER TABLE public.upgrade_travel ENABLE ALWAYS TRIGGER gatehouse_audit_truncate;


--
-- PostgreSQL database dump complete
--


