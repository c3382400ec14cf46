-- Test data, frozen: what gatehouse 0.7 (library 0.7.0) wrote from 0.7.sql, dumped by pg_dump. Its accounts
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
-- Name: event_details_2026_11_28; Type: TABLE; Schema: gatehouse; Owner: -
--

CREATE TABLE gatehouse.event_details_2026_11_28 (
    event_id bigint NOT NULL,
    occurred_at timestamp with time zone NOT NULL,
    ip inet,
    user_agent text,
    context jsonb,
    salt bytea NOT NULL
);


--
-- Name: TABLE event_details_2026_11_28; Type: COMMENT; Schema: gatehouse; Owner: -
--

COMMENT ON TABLE gatehouse.event_details_2026_11_28 IS 'of event_details, from 2026-11-28 00:00:00+00 to 2026-12-01 00:00:00+00';


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
-- Name: events_2026_11_28; Type: TABLE; Schema: gatehouse; Owner: -
--

CREATE TABLE gatehouse.events_2026_11_28 (
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
-- Name: TABLE events_2026_11_28; Type: COMMENT; Schema: gatehouse; Owner: -
--

COMMENT ON TABLE gatehouse.events_2026_11_28 IS 'of events, from 2026-11-28 00:00:00+00 to 2026-12-01 00:00:00+00';


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
-- Name: row_change_log_2026_11_28; Type: TABLE; Schema: gatehouse; Owner: -
--

CREATE TABLE gatehouse.row_change_log_2026_11_28 (
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
-- Name: TABLE row_change_log_2026_11_28; Type: COMMENT; Schema: gatehouse; Owner: -
--

COMMENT ON TABLE gatehouse.row_change_log_2026_11_28 IS 'of row_change_log, from 2026-11-28 00:00:00+00 to 2026-12-01 00:00:00+00';


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
-- Name: upgrade_hiding; Type: TABLE; Schema: public; Owner: -
--

CREATE TABLE public.upgrade_hiding (
    id integer NOT NULL,
    plain text,
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
-- Name: event_details_2026_11_28; Type: TABLE ATTACH; Schema: gatehouse; Owner: -
--

ALTER TABLE ONLY gatehouse.event_details ATTACH PARTITION gatehouse.event_details_2026_11_28 FOR VALUES FROM ('2026-11-28 00:00:00+00') TO ('2026-12-01 00:00:00+00');


--
-- Name: event_details_2026_12; Type: TABLE ATTACH; Schema: gatehouse; Owner: -
--

ALTER TABLE ONLY gatehouse.event_details ATTACH PARTITION gatehouse.event_details_2026_12 FOR VALUES FROM ('2026-12-01 00:00:00+00') TO ('2027-01-01 00:00:00+00');


--
-- Name: events_2026_11_28; Type: TABLE ATTACH; Schema: gatehouse; Owner: -
--

ALTER TABLE ONLY gatehouse.events ATTACH PARTITION gatehouse.events_2026_11_28 FOR VALUES FROM ('2026-11-28 00:00:00+00') TO ('2026-12-01 00:00:00+00');


--
-- Name: events_2026_12; Type: TABLE ATTACH; Schema: gatehouse; Owner: -
--

ALTER TABLE ONLY gatehouse.events ATTACH PARTITION gatehouse.events_2026_12 FOR VALUES FROM ('2026-12-01 00:00:00+00') TO ('2027-01-01 00:00:00+00');


--
-- Name: row_change_log_2026_11_28; Type: TABLE ATTACH; Schema: gatehouse; Owner: -
--

ALTER TABLE ONLY gatehouse.row_change_log ATTACH PARTITION gatehouse.row_change_log_2026_11_28 FOR VALUES FROM ('2026-11-28 00:00:00+00') TO ('2026-12-01 00:00:00+00');


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
01a21aaf-7003-784f-a23a-0d179ae1157c	sha256@example.com	sha256@example.com	sha256	sha256	f	f	t	{}	2026-11-27 01:47:14.819177+00	2026-11-27 01:47:14.819177+00	\N	\N	\N	\N	\N	\N	\N
01a21aaf-7004-73a1-b6a0-5073fff6607d	sha512@example.com	sha512@example.com	sha512	sha512	f	f	t	{}	2026-11-27 01:47:14.819853+00	2026-11-27 01:47:14.819853+00	\N	\N	\N	\N	\N	\N	\N
01a21aaf-7004-7cdc-ad99-3ea2dab39eb5	yescrypt@example.com	yescrypt@example.com	yescrypt	yescrypt	f	f	t	{}	2026-11-27 01:47:14.820508+00	2026-11-27 01:47:14.820508+00	\N	\N	\N	\N	\N	\N	\N
01a21aaf-7005-7997-9bdf-737fbe574997	pbkdf2@example.com	pbkdf2@example.com	pbkdf2	pbkdf2	f	f	t	{}	2026-11-27 01:47:14.821158+00	2026-11-27 01:47:14.821158+00	\N	\N	\N	\N	\N	\N	\N
01a21aaf-71c2-7bb5-a86d-b7bbb95f4094	olga@example.com	olga@example.com	olga	olga	f	t	t	{}	2026-11-27 01:47:15.266531+00	2026-11-27 01:47:15.269109+00	\N	\N	\N	\N	\N	\N	\N
01a21aaf-722d-7674-9dbb-5320811be13b	stopped@example.com	stopped@example.com	stopped	stopped	f	f	f	{}	2026-11-27 01:47:15.373195+00	2026-11-27 01:47:15.665752+00	\N	\N	\N	\N	\N	\N	spam
01a21aaf-7291-7431-9731-153022cd440d	paused@example.com	paused@example.com	paused	paused	f	f	f	{}	2026-11-27 01:47:15.473052+00	2026-11-27 01:47:15.668056+00	\N	\N	\N	\N	\N	2126-11-27 01:47:14.673797+00	a break
01a21aaf-72f5-76b0-86a2-885dfd3796c7	deleted@example.com	deleted@example.com	deleted	deleted	f	f	t	{}	2026-11-27 01:47:15.57322+00	2026-11-27 01:47:15.670103+00	\N	2026-11-27 01:47:15.670103+00	\N	01a21aaf-6ffe-72eb-b597-a889acfdc6af	asked for it	\N	\N
01a21aaf-734d-703e-8c98-a391d724f8e7	leaving@example.com	leaving@example.com	leaving	leaving	f	f	t	{}	2026-11-27 01:47:15.660787+00	2026-11-27 01:47:15.675761+00	\N	\N	2126-11-27 01:47:14+00	\N	\N	\N	\N
01a21aaf-7001-75f6-b328-eb2a9b563139	boris@example.com	boris@example.com	boris	boris	f	f	t	{}	2026-11-27 01:47:14.816919+00	2026-11-27 01:47:14.816919+00	\N	\N	\N	\N	\N	\N	\N
01a21aaf-73cd-75bd-b2f5-d709abff402d	root@example.com	root@example.com	first-of-all	first-of-all	t	t	t	{}	2026-11-27 01:47:15.789061+00	2026-11-27 01:47:15.789061+00	\N	\N	\N	\N	\N	\N	\N
01a21aaf-6ffe-72eb-b597-a889acfdc6af	Anna@Example.com	anna@example.com	anna	anna	f	t	t	{"city": "Zürich"}	2026-11-27 01:47:14.812467+00	2026-11-27 01:47:14.812467+00	2026-11-27 01:47:14.952612+00	\N	\N	\N	\N	\N	\N
\.


--
-- Data for Name: api_keys; Type: TABLE DATA; Schema: gatehouse; Owner: -
--

COPY gatehouse.api_keys (id, lookup_id, owner_is_live, ring_key_id, key_digest, user_id, expires_at, deactivated_at, name, hint, scopes, ip_allow, created_at, owner_stopped_until, rotated_to) FROM stdin;
01a21aaf-700a-7469-a1bc-4d7c5980eb0f	6820990212458626020	t	1	\\x5c695aa60adc78688adcd8c623cd0687ba809f7b1b0bab15e16acabecf8948e4	01a21aaf-6ffe-72eb-b597-a889acfdc6af	\N	\N	scoped	sk_87sC...	{read:things}	{192.0.2.0/24}	2026-11-27 01:47:14.827404+00	\N	\N
01a21aaf-700c-7bc4-aeed-093d2096c550	7867635141737338802	t	1	\\x8652bea32aa7ac764ade4588d381f2c95cf16324f4cda5090c51ff9148597298	01a21aaf-6ffe-72eb-b597-a889acfdc6af	2126-11-27 01:47:14.673797+00	\N	wildcard	sk_9NBq...	{read:*}	\N	2026-11-27 01:47:14.828989+00	\N	\N
01a21aaf-700e-783c-87e9-346686278427	103370904307952913	t	1	\\x56f549237563f53234740e583f8689b69a29ee1f4da3b55b431205469e656cd3	\N	\N	\N	service	sk_07dR...	{write:things}	\N	2026-11-27 01:47:14.830563+00	\N	\N
01a21aaf-700d-766c-9947-35c82b5aa3a4	903510781786436787	t	1	\\x5f5e0fd63ac6da5ca78695979c4cb525ddc2b5684050e039912dd26113b8e8da	01a21aaf-6ffe-72eb-b597-a889acfdc6af	\N	2026-11-27 01:47:14.831485+00	ended	sk_14k5...	{}	\N	2026-11-27 01:47:14.829697+00	\N	\N
01a21aaf-734f-73c7-953f-359b83f495b2	6432017112065244392	f	1	\\x792f0a9f51a9401eab82101c6088bb1de4b77a423a80b05cc43487af9bbe3b96	01a21aaf-722d-7674-9dbb-5320811be13b	\N	\N	stopped	sk_7f8h...	{}	\N	2026-11-27 01:47:15.663416+00	\N	\N
01a21aaf-734f-7c72-923e-3f2a565f2a4b	4867495249782995687	f	1	\\xf0c8e86f36eaece283fd4ab21116dd2fc4b0606808f62b787b4b5da15391295d	01a21aaf-72f5-76b0-86a2-885dfd3796c7	\N	\N	deleted	sk_5nZB...	{}	\N	2026-11-27 01:47:15.663908+00	\N	\N
01a21aaf-73d1-7598-8902-d8b0b4a3df0f	5604772861322943026	t	1	\\x474094b569be319259659fa072e58d0d9514231532469ba13f490fd683529f16	01a21aaf-6ffe-72eb-b597-a889acfdc6af	\N	\N	overlapping	sk_6g1u...	{read:things}	\N	2026-11-27 01:47:15.794256+00	\N	\N
01a21aaf-73d0-753c-a8ba-e225b8ee30a4	3418537724932591610	t	1	\\xefe4dac3e3b2123aa07d107a05109a779076ab970fc6cfc63bd40767e2c99490	01a21aaf-6ffe-72eb-b597-a889acfdc6af	2026-11-27 01:47:15.795737+00	\N	rotated	sk_44Ww...	{read:things}	\N	2026-11-27 01:47:15.792431+00	\N	01a21aaf-73d3-75dd-8eea-9e0a2548253b
01a21aaf-73d3-75dd-8eea-9e0a2548253b	7397097140882940341	t	1	\\x81a1a638171e431fa60576cdd41a8a5420b8a548558ddaad4628f227bd95400e	01a21aaf-6ffe-72eb-b597-a889acfdc6af	\N	\N	rotated	sk_8oQm...	{read:things}	\N	2026-11-27 01:47:15.795737+00	\N	\N
01a21aaf-73cf-799a-84fc-86cb61eb5638	774848891357461226	t	1	\\x5d2aa3ce606c2175308682c81eeff96a2573613fa1f2b8ee00d63911c56dd1ca	01a21aaf-6ffe-72eb-b597-a889acfdc6af	2126-12-27 01:47:15.794256+00	\N	overlapping	sk_0vEo...	{read:things}	\N	2026-11-27 01:47:15.79188+00	\N	01a21aaf-73d1-7598-8902-d8b0b4a3df0f
\.


--
-- Data for Name: api_key_usage; Type: TABLE DATA; Schema: gatehouse; Owner: -
--

COPY gatehouse.api_key_usage (api_key_id, last_used_at, last_used_ip, use_count) FROM stdin;
01a21aaf-700a-7469-a1bc-4d7c5980eb0f	2026-01-02 03:04:05+00	192.0.2.7	41
\.


--
-- Data for Name: audit_partitions; Type: TABLE DATA; Schema: gatehouse; Owner: -
--

COPY gatehouse.audit_partitions (partition_id, table_id, partition_schema, partition_name, since, recorded_at, has_left) FROM stdin;
5	3	public	upgrade_guest	12	2026-11-27 01:47:15.867152+00	f
4	3	public	upgrade_lowest	0	2026-11-27 01:47:15.858841+00	f
\.


--
-- Data for Name: audit_registry; Type: TABLE DATA; Schema: gatehouse; Owner: -
--

COPY gatehouse.audit_registry (table_id, table_schema, table_name, excluded, redacted, enabled_at, disabled_at, known_gaps, shape_since) FROM stdin;
1	public	upgrade_audited	{hidden}	{secret}	2026-11-27 01:47:14.695353+00	\N	{}	0
2	public	upgrade_travel	{}	{}	2026-11-27 01:47:15.80714+00	\N	{}	9
3	public	upgrade_parted	{}	{}	2026-11-27 01:47:15.857113+00	\N	{}	0
6	public	upgrade_hiding	{secret}	{}	2026-11-27 01:47:15.89525+00	\N	{}	0
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
1	0	2026-11-27 01:47:14.708699+00	[{"id": 1, "name": "id", "type": "integer", "number": 1, "type_id": 23}, {"id": 2, "name": "label", "type": "text", "number": 2, "type_id": 25}, {"id": 3, "name": "secret", "type": "text", "number": 3, "type_id": 25, "redacted": true}]	{1}	f	17111	7712661893785422885	4
2	0	2026-11-27 01:47:15.812906+00	[{"id": 1, "name": "id", "type": "integer", "number": 1, "type_id": 23}, {"id": 2, "name": "name", "type": "text", "number": 2, "type_id": 25}, {"id": 3, "name": "gone", "type": "integer", "number": 3, "type_id": 23}]	{1}	f	17120	7712661893785422885	3
2	8	2026-11-27 01:47:15.821949+00	[{"id": 1, "name": "id", "type": "integer", "number": 1, "type_id": 23}, {"id": 2, "name": "title", "type": "text", "number": 2, "type_id": 25}, {"id": 3, "name": "gone", "type": "integer", "number": 3, "type_id": 23}]	{1}	f	17120	7712661893785422885	3
2	9	2026-11-27 01:47:15.829125+00	[{"id": 1, "name": "id", "type": "integer", "number": 1, "type_id": 23}, {"id": 2, "name": "title", "type": "text", "number": 2, "type_id": 25}]	{1}	f	17120	7712661893785422885	3
3	0	2026-11-27 01:47:15.862198+00	[{"id": 1, "name": "id", "type": "integer", "number": 1, "type_id": 23}, {"id": 2, "name": "body", "type": "text", "number": 2, "type_id": 25}]	{1}	f	17129	7712661893785422885	2
6	0	2026-11-27 01:47:15.898886+00	[{"id": 1, "name": "id", "type": "integer", "number": 1, "type_id": 23}, {"id": 2, "name": "body", "type": "text", "number": 3, "type_id": 25}]	{1}	f	17154	7712661893785422885	3
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
01a21aaf-734d-703e-8c98-a391d724f8e7	2126-11-27 01:47:14+00	3	2026-11-27 01:47:14.673797+00
\.


--
-- Data for Name: event_details_2026_11_28; Type: TABLE DATA; Schema: gatehouse; Owner: -
--

COPY gatehouse.event_details_2026_11_28 (event_id, occurred_at, ip, user_agent, context, salt) FROM stdin;
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
1	2026-11-27 01:47:14.695852+00	\N	\N	{"redact": ["secret"], "exclude": ["hidden"], "table_id": 1, "table_name": "upgrade_audited", "table_schema": "public"}	\\xa9dd9c2a73aab636884eddf778a5b43ce7b5a5337f9477dea637368e22510203
8	2026-11-27 01:47:14.823501+00	\N	\N	{"scope": "read:things"}	\\x27796f7cbcf805e5771c7e803ee8e4aed53e1fd5e942e0405db00becd3b82b29
9	2026-11-27 01:47:14.823682+00	\N	\N	{"scope": "write:things"}	\\xc125078e4b7a2c2a7a1b788290bd8fdda2c9b705a6b90467206352292894d4c6
15	2026-11-27 01:47:14.834882+00	192.0.2.7	a browser	\N	\\x77e507d5de4b56cec11ba611193a1ca80505e5693c5adbbaf0ac62bcbd29cb00
16	2026-11-27 01:47:14.835612+00	192.0.2.7	a browser	\N	\\xbd619c4101caeaf710bb2d1b8a0ca05511ca9ef3e8c66a4ecb7e5d85aad9bca2
17	2026-11-27 01:47:14.836279+00	192.0.2.7	a browser	\N	\\x775b304bb4691ceeaa87d1ab0951721bb3b26e941e647a9f040a3809c2923114
19	2026-11-27 01:47:14.841208+00	2001:db8::7	a browser	{"thing": 7}	\\x698e4b1ce4abe3d5dd9629cc54612f0daedae4a64b94a6f241b781a1365cd656
21	2026-11-27 01:47:14.954223+00	192.0.2.7	a browser	\N	\\x7bb7a14724023dbfef974db6f2d3a7bdc3bfa408c35f477c9a5356282e562395
22	2026-11-27 01:47:15.056516+00	198.51.100.9	a script	{"locks": false, "login": "7801c91ec4558016cca3fe370f2377ce"}	\\x80816058e267e951845d04877429f90030c4f5d5f3cbdb9ee0433f30421a147d
23	2026-11-27 01:47:15.161392+00	198.51.100.9	a script	{"locks": false, "login": "fe27ce96e3d0a01c5910d09b995f2f67"}	\\x1d15bdd8cc3f5df0b1197c5d7a0f32bfc40794559316a94e781d52143ae8ea21
24	2026-11-27 01:47:15.265122+00	198.51.100.9	a script	{"locks": false, "login": "770ae7b48cae1003542f731b0762b89f"}	\\xf747e6dc767cb1df51b2a328c26a41715228cd5b5bc1b6b51e73c2dfcfcf1d2c
25	2026-11-27 01:47:15.267664+00	\N	\N	{"provider": "github"}	\\x9f261bc7f12e8431b461090211ba15a4886f4cd4484116dec3f0748b6773049a
26	2026-11-27 01:47:15.269215+00	\N	\N	{"provider": "google"}	\\x2ea0b411f0d8026f38932d54dabae68dea647e6cac39e8e341707a0890e94944
31	2026-11-27 01:47:15.662437+00	\N	\N	{"provider": "gitlab"}	\\x702ebd09c9108b891deeb8fc0ea767376add3e447fcd07ba8e4d508d51889c8f
35	2026-11-27 01:47:15.668469+00	\N	\N	{"until": "2126-11-27T01:47:14.673797+00:00"}	\\xd5f3c8d7aeb05bca45f7fd7e44cccef92941d0e88e679ee4124a7d35441cf711
36	2026-11-27 01:47:15.670935+00	\N	\N	{"deleted_by": "01a21aaf-6ffe-72eb-b597-a889acfdc6af"}	\\xd245036d2a9276f7b5241aadee04ed86e34128d4398d2b477509a842adb8d05a
38	2026-11-27 01:47:15.676223+00	\N	\N	{"scheduled_for": "2026-12-04T01:47:15.675761+00:00"}	\\xe9798f6d44fade62aacc9b6b6caae832949c87064a1d58382f80aa435301a9a1
42	2026-11-27 01:47:15.685278+00	\N	\N	{"passwords": 1}	\\x8c15441c3be52c75cfab36ad4495ef3e417de1b07219290eb7c8342ecb523c70
43	2026-11-27 01:47:15.686818+00	\N	\N	{"domains": 1}	\\xca73d26ea657da2f1b5e950b2c43d95a2d8510152551a954d2c4c8fd8e3a65bf
44	2026-11-27 01:47:15.790226+00	\N	\N	{"is_superuser": true}	\\x9d920c53ac90402d3262bd600bad5c55ce31e916e523b4ad4588bbc2195d2104
47	2026-11-27 01:47:15.795244+00	\N	\N	{"rotated_to": "01a21aaf-73d1-7598-8902-d8b0b4a3df0f"}	\\xead3e9e55082a88dde5a540bc577586a84fabcb72e7bbfce7a91590781f249e6
48	2026-11-27 01:47:15.796276+00	\N	\N	{"rotated_to": "01a21aaf-73d3-75dd-8eea-9e0a2548253b"}	\\x7be9223f0d69cfea19b63c047d26e707692cfd9a4a461a28f2a9c168242fc425
49	2026-11-27 01:47:15.807207+00	\N	\N	{"redact": [], "exclude": [], "table_id": 2, "table_name": "upgrade_travel", "table_schema": "public"}	\\x22d48e3ecb5ba745b58c9908afa37bff9fb73e7b2f9d71145a3960f4a190ab0a
50	2026-11-27 01:47:15.857162+00	\N	\N	{"redact": [], "exclude": [], "table_id": 3, "table_name": "upgrade_parted", "table_schema": "public"}	\\xcf941f28e4787a4c4e280437aea7f22b164fd888c9700609bff5edcff1d9bde2
51	2026-11-27 01:47:15.867999+00	\N	\N	{"role": "postgres", "table_id": 3, "partition": "public.upgrade_guest", "table_name": "upgrade_parted", "table_schema": "public"}	\\x823a92d6a075c5ad14b6cf67ceacbf673a4f583ef6923a3d6c0c56530e03ce39
52	2026-11-27 01:47:15.89532+00	\N	\N	{"redact": [], "exclude": ["secret"], "table_id": 6, "table_name": "upgrade_hiding", "table_schema": "public"}	\\x1398049f17491d2ba05b27f1026a0c35280538b3948bdb0ce63bc4b2d75faa78
\.


--
-- Data for Name: events_2026_11_28; Type: TABLE DATA; Schema: gatehouse; Owner: -
--

COPY gatehouse.events_2026_11_28 (id, occurred_at, transaction_id, origin, user_id, actor_id, impersonator_id, session_id, api_key_id, success, event_type, commitment) FROM stdin;
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
1	2026-11-27 01:47:14.695852+00	726	7712661893785422885	\N	\N	\N	\N	\N	t	audit.enabled	\\x0c5fe31a38f429e0182099e6687feca1efc6aff6a343859691f404e551f87c44
2	2026-11-27 01:47:14.815769+00	726	7712661893785422885	01a21aaf-6ffe-72eb-b597-a889acfdc6af	\N	\N	\N	\N	t	gatehouse.account.created	\N
3	2026-11-27 01:47:14.817573+00	726	7712661893785422885	01a21aaf-7001-75f6-b328-eb2a9b563139	\N	\N	\N	\N	t	gatehouse.account.created	\N
4	2026-11-27 01:47:14.819602+00	726	7712661893785422885	01a21aaf-7003-784f-a23a-0d179ae1157c	\N	\N	\N	\N	t	gatehouse.account.created	\N
5	2026-11-27 01:47:14.820302+00	726	7712661893785422885	01a21aaf-7004-73a1-b6a0-5073fff6607d	\N	\N	\N	\N	t	gatehouse.account.created	\N
6	2026-11-27 01:47:14.820892+00	726	7712661893785422885	01a21aaf-7004-7cdc-ad99-3ea2dab39eb5	\N	\N	\N	\N	t	gatehouse.account.created	\N
7	2026-11-27 01:47:14.821686+00	726	7712661893785422885	01a21aaf-7005-7997-9bdf-737fbe574997	\N	\N	\N	\N	t	gatehouse.account.created	\N
8	2026-11-27 01:47:14.823501+00	726	7712661893785422885	\N	\N	\N	\N	\N	t	gatehouse.scope.registered	\\x9c3b969b33146890f10feba2612675fe32d8e9a2f36af1773e4154886090bf9b
9	2026-11-27 01:47:14.823682+00	726	7712661893785422885	\N	\N	\N	\N	\N	t	gatehouse.scope.registered	\\x6fe5cf135405b60f8cd6637de62999198b53c0016ef5ca9d24742a92240be684
10	2026-11-27 01:47:14.828396+00	726	7712661893785422885	01a21aaf-6ffe-72eb-b597-a889acfdc6af	\N	\N	\N	01a21aaf-700a-7469-a1bc-4d7c5980eb0f	t	gatehouse.key.created	\N
11	2026-11-27 01:47:14.829219+00	726	7712661893785422885	01a21aaf-6ffe-72eb-b597-a889acfdc6af	\N	\N	\N	01a21aaf-700c-7bc4-aeed-093d2096c550	t	gatehouse.key.created	\N
12	2026-11-27 01:47:14.829899+00	726	7712661893785422885	01a21aaf-6ffe-72eb-b597-a889acfdc6af	\N	\N	\N	01a21aaf-700d-766c-9947-35c82b5aa3a4	t	gatehouse.key.created	\N
13	2026-11-27 01:47:14.830711+00	726	7712661893785422885	\N	\N	\N	\N	01a21aaf-700e-783c-87e9-346686278427	t	gatehouse.key.created	\N
14	2026-11-27 01:47:14.831657+00	726	7712661893785422885	01a21aaf-6ffe-72eb-b597-a889acfdc6af	\N	\N	\N	01a21aaf-700d-766c-9947-35c82b5aa3a4	t	gatehouse.key.deactivated	\N
15	2026-11-27 01:47:14.834882+00	726	7712661893785422885	01a21aaf-6ffe-72eb-b597-a889acfdc6af	\N	\N	01a21aaf-7010-77e5-933d-e4e44abb5d1f	\N	t	gatehouse.session.opened	\\xf9c24773dbd29553c1f7e4ab8af5ed26232233c4fc1e0676d7d8bf06e4befdd3
16	2026-11-27 01:47:14.835612+00	726	7712661893785422885	01a21aaf-6ffe-72eb-b597-a889acfdc6af	\N	\N	01a21aaf-7013-704c-8a92-74e13d61627b	\N	t	gatehouse.session.opened	\\xfad271d3461a9ab6009eb7ed52e0f7eeadb126c1328ae41957af0ef2b4fb3f15
17	2026-11-27 01:47:14.836279+00	726	7712661893785422885	01a21aaf-6ffe-72eb-b597-a889acfdc6af	\N	\N	01a21aaf-7013-7bcd-8c00-cbde6566d8f1	\N	t	gatehouse.session.opened	\\xc54bcce533e9646e0a5803f2e402efa3ea9a6c8f2542bde7a8e0b5aec998e47b
18	2026-11-27 01:47:14.838099+00	726	7712661893785422885	01a21aaf-6ffe-72eb-b597-a889acfdc6af	\N	\N	01a21aaf-7013-7bcd-8c00-cbde6566d8f1	\N	t	gatehouse.session.ended	\N
19	2026-11-27 01:47:14.841208+00	726	7712661893785422885	01a21aaf-6ffe-72eb-b597-a889acfdc6af	\N	\N	\N	\N	f	thing.opened	\\xd45327ae4e99a2b9320cd5cb8ceaab114a2102040040c8349cc0253415a0876f
20	2026-11-27 01:47:14.841722+00	726	7712661893785422885	\N	\N	\N	\N	\N	t	night.passed	\N
21	2026-11-27 01:47:14.954223+00	726	7712661893785422885	01a21aaf-6ffe-72eb-b597-a889acfdc6af	\N	\N	\N	\N	t	gatehouse.account.logged_in	\\x05897e85b373825f8b241ab6e07c20034095faf049a86404581bd3fe05184498
22	2026-11-27 01:47:15.056516+00	726	7712661893785422885	01a21aaf-6ffe-72eb-b597-a889acfdc6af	\N	\N	\N	\N	f	security.login_failed	\\x957f0761d1ebf2d10fc518ca73f84f1b1f0865cf6f43c1c751bc2d1364e38214
23	2026-11-27 01:47:15.161392+00	726	7712661893785422885	01a21aaf-6ffe-72eb-b597-a889acfdc6af	\N	\N	\N	\N	f	security.login_failed	\\x442883503639f3128d5bc73bc88d25101d1c34ead7acf58d68757fee6e5597f7
24	2026-11-27 01:47:15.265122+00	726	7712661893785422885	\N	\N	\N	\N	\N	f	security.login_failed	\\x67f2c21a321fdda1f94946618096ec2b659fbf9597f74f8105e337195ec34ad9
25	2026-11-27 01:47:15.267664+00	726	7712661893785422885	01a21aaf-71c2-7bb5-a86d-b7bbb95f4094	\N	\N	\N	\N	t	gatehouse.account.created	\\xd2ecad86cdf252cba127ecc7165d0133949138ce04edd21041a1f4373a666c46
26	2026-11-27 01:47:15.269215+00	726	7712661893785422885	01a21aaf-71c2-7bb5-a86d-b7bbb95f4094	\N	\N	\N	\N	t	gatehouse.account.oauth_linked	\\x0ca8d27863ff0c0a78d7f630ed95fc8b75f71da4e606f25cfff4eb891395f467
27	2026-11-27 01:47:15.373884+00	726	7712661893785422885	01a21aaf-722d-7674-9dbb-5320811be13b	\N	\N	\N	\N	t	gatehouse.account.created	\N
28	2026-11-27 01:47:15.473615+00	726	7712661893785422885	01a21aaf-7291-7431-9731-153022cd440d	\N	\N	\N	\N	t	gatehouse.account.created	\N
29	2026-11-27 01:47:15.573803+00	726	7712661893785422885	01a21aaf-72f5-76b0-86a2-885dfd3796c7	\N	\N	\N	\N	t	gatehouse.account.created	\N
30	2026-11-27 01:47:15.661327+00	726	7712661893785422885	01a21aaf-734d-703e-8c98-a391d724f8e7	\N	\N	\N	\N	t	gatehouse.account.created	\N
31	2026-11-27 01:47:15.662437+00	726	7712661893785422885	01a21aaf-72f5-76b0-86a2-885dfd3796c7	\N	\N	\N	\N	t	gatehouse.account.oauth_linked	\\xc62734e329bb39fe9001281cdb459dd9e738a43eaeaabd15ab4eceaad5c9a276
32	2026-11-27 01:47:15.663617+00	726	7712661893785422885	01a21aaf-722d-7674-9dbb-5320811be13b	\N	\N	\N	01a21aaf-734f-73c7-953f-359b83f495b2	t	gatehouse.key.created	\N
33	2026-11-27 01:47:15.664062+00	726	7712661893785422885	01a21aaf-72f5-76b0-86a2-885dfd3796c7	\N	\N	\N	01a21aaf-734f-7c72-923e-3f2a565f2a4b	t	gatehouse.key.created	\N
34	2026-11-27 01:47:15.667306+00	726	7712661893785422885	01a21aaf-722d-7674-9dbb-5320811be13b	\N	\N	\N	\N	t	gatehouse.account.stopped	\N
35	2026-11-27 01:47:15.668469+00	726	7712661893785422885	01a21aaf-7291-7431-9731-153022cd440d	\N	\N	\N	\N	t	gatehouse.account.stopped	\\x7c423cb6336d243cf3324f8b04061dc10c95b42c01adeecc9d8260e23d1afa8c
36	2026-11-27 01:47:15.670935+00	726	7712661893785422885	01a21aaf-72f5-76b0-86a2-885dfd3796c7	\N	\N	\N	\N	t	gatehouse.account.deleted	\\x05f0a5e0817f2f6d12b3f966747e76373d6ad0b69b2bc102cc301b1f6c37d1ac
37	2026-11-27 01:47:15.673817+00	726	7712661893785422885	01a21aaf-734d-703e-8c98-a391d724f8e7	\N	\N	\N	\N	t	gatehouse.account.deletion_requested	\N
38	2026-11-27 01:47:15.676223+00	726	7712661893785422885	01a21aaf-734d-703e-8c98-a391d724f8e7	\N	\N	\N	\N	t	gatehouse.account.deletion_scheduled	\\x73c273c39910d13873e83aada3ac2279a1989da59d2801c258ac8e52f6c1ef6b
39	2026-11-27 01:47:15.679183+00	726	7712661893785422885	01a21aaf-7001-75f6-b328-eb2a9b563139	\N	\N	\N	\N	t	gatehouse.account.verification_requested	\N
40	2026-11-27 01:47:15.680944+00	726	7712661893785422885	01a21aaf-7001-75f6-b328-eb2a9b563139	\N	\N	\N	\N	t	gatehouse.account.password_reset_requested	\N
41	2026-11-27 01:47:15.683419+00	726	7712661893785422885	01a21aaf-7001-75f6-b328-eb2a9b563139	\N	\N	\N	\N	t	gatehouse.account.email_change_requested	\N
42	2026-11-27 01:47:15.685278+00	726	7712661893785422885	\N	\N	\N	\N	\N	t	gatehouse.policy.passwords_blocked	\\x45f809b2f58fd98058a721b8a4cc82e811861942498cdb7e1573539262b3b06c
43	2026-11-27 01:47:15.686818+00	726	7712661893785422885	\N	\N	\N	\N	\N	t	gatehouse.policy.email_domains_blocked	\\x438e7e59ae77cfb57bee1fb880ec1aa00299b1c676692dc0d5ddebadd0bc5baa
44	2026-11-27 01:47:15.790226+00	726	7712661893785422885	01a21aaf-73cd-75bd-b2f5-d709abff402d	\N	\N	\N	\N	t	gatehouse.account.created	\\xad61b9bb867adf3a12a9c3a369287dd8d6e024901e0f86a2a9a5a0646e662178
45	2026-11-27 01:47:15.792072+00	726	7712661893785422885	01a21aaf-6ffe-72eb-b597-a889acfdc6af	\N	\N	\N	01a21aaf-73cf-799a-84fc-86cb61eb5638	t	gatehouse.key.created	\N
46	2026-11-27 01:47:15.792571+00	726	7712661893785422885	01a21aaf-6ffe-72eb-b597-a889acfdc6af	\N	\N	\N	01a21aaf-73d0-753c-a8ba-e225b8ee30a4	t	gatehouse.key.created	\N
47	2026-11-27 01:47:15.795244+00	726	7712661893785422885	01a21aaf-6ffe-72eb-b597-a889acfdc6af	\N	\N	\N	01a21aaf-73cf-799a-84fc-86cb61eb5638	t	gatehouse.key.rotated	\\x9b07ce655b9c1b1cf3a8a842811ebc0f92c48c9fd6b1c2183bacc725f57554ce
48	2026-11-27 01:47:15.796276+00	726	7712661893785422885	01a21aaf-6ffe-72eb-b597-a889acfdc6af	\N	\N	\N	01a21aaf-73d0-753c-a8ba-e225b8ee30a4	t	gatehouse.key.rotated	\\xd30797227b9834e5fa12a6bdf6ee5fece08448f93f68d9042665a08c8f0a72b0
49	2026-11-27 01:47:15.807207+00	726	7712661893785422885	\N	\N	\N	\N	\N	t	audit.enabled	\\x3c2bbb3f165664c27216cd4108185326de9c927ea0ebddc2b7635a606eba4cb2
50	2026-11-27 01:47:15.857162+00	726	7712661893785422885	\N	\N	\N	\N	\N	t	audit.enabled	\\x62600f0153bcedaeaf70f5a187a806644c5ac5cc676dafa5f048e8dc9825aad8
51	2026-11-27 01:47:15.867999+00	726	7712661893785422885	\N	\N	\N	\N	\N	t	audit.partition_attached	\\x9c24fc1461cad4ff83fa57727793379cc60eb16ef95bfb3573e59a676e5eafdf
52	2026-11-27 01:47:15.89532+00	726	7712661893785422885	\N	\N	\N	\N	\N	t	audit.enabled	\\xef263dc3b1fec28b019d0e63d5415c7ebcaba7ae2475348d0037530c217e354f
\.


--
-- Data for Name: known_addresses; Type: TABLE DATA; Schema: gatehouse; Owner: -
--

COPY gatehouse.known_addresses (user_id, network, last_login_at) FROM stdin;
01a21aaf-6ffe-72eb-b597-a889acfdc6af	192.0.2.7/32	2026-11-27 01:47:14.953014+00
\.


--
-- Data for Name: login_throttles; Type: TABLE DATA; Schema: gatehouse; Owner: -
--

COPY gatehouse.login_throttles (subject, failures, counted_at, locked_until) FROM stdin;
\\xb20e476776874e7b90456f293f2f27cb	2	2026-11-27 01:47:15.16105+00	\N
\\x9f782481c35e75bafd1fe7f1c3518d30	1	2026-11-27 01:47:15.264837+00	\N
\\x0822bf733466ccf3dfd91348eca99289	3	2026-11-27 01:47:15.056267+00	\N
\.


--
-- Data for Name: oauth_identities; Type: TABLE DATA; Schema: gatehouse; Owner: -
--

COPY gatehouse.oauth_identities (provider, subject, user_id, linked_at, email, owner_is_deleted) FROM stdin;
github	Sub-7	01a21aaf-71c2-7bb5-a86d-b7bbb95f4094	2026-11-27 01:47:15.267179+00	olga@provider.example	f
google	1077	01a21aaf-71c2-7bb5-a86d-b7bbb95f4094	2026-11-27 01:47:15.268833+00	\N	f
gitlab	11	01a21aaf-72f5-76b0-86a2-885dfd3796c7	2026-11-27 01:47:15.662164+00	\N	t
\.


--
-- Data for Name: one_time_tokens; Type: TABLE DATA; Schema: gatehouse; Owner: -
--

COPY gatehouse.one_time_tokens (locator_digest, token_digest, ring_key_id, user_id, subject, purpose, email, created_at, expires_at) FROM stdin;
\\x2d167c3110f4895930fd3382e825b7cafd8f12a9174877c3a332e223db1d890f	\\x5febf62b6c77c4e14ef072501b529977523ef86bee0a3f5f2e900efc78b2ea85	1	01a21aaf-7001-75f6-b328-eb2a9b563139	\\x9ad5100f4f8d92c60d90628991f89533	email_verification	boris@example.com	2026-11-27 01:47:15.678628+00	2126-11-28 01:47:15.678628+00
\\x80ff796bf863b3c2d4b8e4246793efd27fc7beb0b893e9d41afdbdb975e5b88d	\\x382364728733473f2cab923f0f6759f6f45e5fe684688bec7a995d8a3c680db4	1	01a21aaf-7001-75f6-b328-eb2a9b563139	\\x9ad5100f4f8d92c60d90628991f89533	password_reset	boris@example.com	2026-11-27 01:47:15.68046+00	2126-11-27 02:47:15.68046+00
\\x2d60fcf5553d4b98ab255377b2ae4158f2e783fdd6dd9ff5148b5cb1e42acd21	\\x9ee381fd178680cc832ff74677d55254a5f527147e0be59a861985e3a18b6490	1	01a21aaf-7001-75f6-b328-eb2a9b563139	\\x9ad5100f4f8d92c60d90628991f89533	email_change	Boris@New.example	2026-11-27 01:47:15.682617+00	2126-11-28 01:47:15.682617+00
\.


--
-- Data for Name: password_credentials; Type: TABLE DATA; Schema: gatehouse; Owner: -
--

COPY gatehouse.password_credentials (user_id, password_hash, changed_at) FROM stdin;
01a21aaf-6ffe-72eb-b597-a889acfdc6af	$argon2id$v=19$m=65536,t=2,p=1$6+i6qGeuy3N5IdwQA/Et0g$UxM+1adCIuCbliE+srrKfukivVVLu9TdOXO/lfiCslk	2026-11-27 01:47:14.812467+00
01a21aaf-7001-75f6-b328-eb2a9b563139	$2y$04$abcdefghijklmnopqrstuuCrk1yZpisZA5KyoCn5CNfr4CSeH7cqm	2026-11-27 01:47:14.673797+00
01a21aaf-7003-784f-a23a-0d179ae1157c	$5$saltstring$5B8vYYiY.CVt1RlTTf8KbXBH3hsxY/GNooZaBBGWEc5	2026-11-27 01:47:14.673797+00
01a21aaf-7004-73a1-b6a0-5073fff6607d	$6$saltstring$svn8UoSVapNtMuq1ukKS4tPQd8iKwSMHWjl/O817G3uBnIFNjnQJuesI68u4OTLiBFdcbYEdFCoEOfaS35inz1	2026-11-27 01:47:14.673797+00
01a21aaf-7004-7cdc-ad99-3ea2dab39eb5	$y$j75$LdJMENpBABJJ3hIHjB1Bi.$aN8IREm4mVoXwP2ZkEbfFinwVjML6Krr5zkB50rSJX3	2026-11-27 01:47:14.673797+00
01a21aaf-7005-7997-9bdf-737fbe574997	pbkdf2_sha256$1$salt$VawEblbjCJ/sFpHCJUS2BflBhSFt3gRl5oudV8INrLw=	2026-11-27 01:47:14.673797+00
01a21aaf-722d-7674-9dbb-5320811be13b	$argon2id$v=19$m=65536,t=2,p=1$SVSc01aPl3P3lFwQ7aUIBw$LH+n4+6Claq2oR7OWsfKpQnWyXOYSnauxCJa1jOeBbE	2026-11-27 01:47:15.373195+00
01a21aaf-7291-7431-9731-153022cd440d	$argon2id$v=19$m=65536,t=2,p=1$DXvxH8kn7SpT4vn1ZXo4lA$NmZ+h/B58VDvze/vzUoBrZ8RxrcxWXEy1lLuBi19po8	2026-11-27 01:47:15.473052+00
01a21aaf-72f5-76b0-86a2-885dfd3796c7	$argon2id$v=19$m=65536,t=2,p=1$EOLQMxH+k6H/qMVMxsMnvw$U5uP/xkTUrIptzx0FqFHcPnWbz/7bLD6tnWSgHsVK30	2026-11-27 01:47:15.57322+00
01a21aaf-734d-703e-8c98-a391d724f8e7	$argon2id$v=19$m=65536,t=2,p=1$0EqVlfnFB9GN3748YRmZqA$tQBlnu1uEIjvphw3Ec/mEBswrjxoJMQA9dWn/IAeIzc	2026-11-27 01:47:15.660787+00
01a21aaf-73cd-75bd-b2f5-d709abff402d	$argon2id$v=19$m=65536,t=2,p=1$qTQltwcu8RDruRyVzxhzkg$5aJsPwi/kuNAIfPqzlcnzVZvjyOgA898dCRnG7JnPCc	2026-11-27 01:47:15.789061+00
\.


--
-- Data for Name: row_change_log_2026_11_28; Type: TABLE DATA; Schema: gatehouse; Owner: -
--

COPY gatehouse.row_change_log_2026_11_28 (id, changed_at, transaction_id, key_hash, origin, table_id, operation, actor_id, impersonator_id, api_key_id, session_id, db_role, client_addr, application_name, replication_origin, key, old, new, context, new_key_hash, partition_id) FROM stdin;
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
1	2026-11-27 01:47:14.839126+00	726	-8088607738635406159	7712661893785422885	1	I	\N	\N	\N	\N	postgres	\N	psql	\N	{"id": 1}	\N	{"id": 1, "label": "one", "secret": {"redacted": true}}	\N	\N	\N
2	2026-11-27 01:47:14.839485+00	726	-5896161284438894692	7712661893785422885	1	I	\N	\N	\N	\N	postgres	\N	psql	\N	{"id": 2}	\N	{"id": 2, "label": "two", "secret": {"redacted": true}}	\N	\N	\N
3	2026-11-27 01:47:14.839852+00	726	-8088607738635406159	7712661893785422885	1	U	\N	\N	\N	\N	postgres	\N	psql	\N	{"id": 1}	{"label": "one", "secret": {"redacted": true}}	{"label": "uno", "secret": {"redacted": true}}	\N	\N	\N
4	2026-11-27 01:47:14.840189+00	726	-5896161284438894692	7712661893785422885	1	D	\N	\N	\N	\N	postgres	\N	psql	\N	{"id": 2}	{"id": 2, "label": "two", "secret": {"redacted": true}}	\N	\N	\N	\N
5	2026-11-27 01:47:15.797935+00	726	6239115393680753046	7712661893785422885	1	I	01a21aaf-6ffe-72eb-b597-a889acfdc6af	\N	01a21aaf-700c-7bc4-aeed-093d2096c550	\N	postgres	\N	psql	\N	{"id": 9}	\N	{"id": 9, "label": "nine", "secret": {"redacted": true}}	\N	\N	\N
6	2026-11-27 01:47:15.813858+00	726	-42214485169824213	7712661893785422885	2	I	\N	\N	\N	\N	postgres	\N	psql	\N	{"id": 1}	\N	{"id": 1, "gone": 5, "name": "lamp"}	{"request": "r-1"}	\N	\N
7	2026-11-27 01:47:15.813894+00	726	710162159919100608	7712661893785422885	2	I	\N	\N	\N	\N	postgres	\N	psql	\N	{"id": 2}	\N	{"id": 2, "gone": 6, "name": "desk"}	{"request": "r-1"}	\N	\N
10	2026-11-27 01:47:15.847587+00	726	710162159919100608	7712661893785422885	2	U	\N	\N	\N	\N	postgres	\N	psql	\N	{"id": 2}	{"id": 2}	{"id": 3}	{"request": "r-1"}	-1916024638501470084	\N
11	2026-11-27 01:47:15.862611+00	726	5474581683912818555	7712661893785422885	3	I	\N	\N	\N	\N	postgres	\N	psql	\N	{"id": 1}	\N	{"id": 1, "body": "one"}	\N	\N	4
13	2026-11-27 01:47:15.899322+00	726	4072978600267280529	7712661893785422885	6	I	\N	\N	\N	\N	postgres	\N	psql	\N	{"id": 1}	\N	{"id": 1, "body": "shown"}	\N	\N	\N
\.


--
-- Data for Name: scopes; Type: TABLE DATA; Schema: gatehouse; Owner: -
--

COPY gatehouse.scopes (name, description, registered_at) FROM stdin;
read:things	to look at things	2026-11-27 01:47:14.823236+00
write:things	\N	2026-11-27 01:47:14.823645+00
\.


--
-- Data for Name: sessions; Type: TABLE DATA; Schema: gatehouse; Owner: -
--

COPY gatehouse.sessions (session_id, user_id, locator_digest, token_digest, ring_key_id, previous_digest, previous_ring_key_id, rotations, rotated_at, created_at, last_used_at, expires_at, idle_expires_at, revoked_at, revocation, ip, user_agent, device, sweep_at) FROM stdin;
01a21aaf-7010-77e5-933d-e4e44abb5d1f	01a21aaf-6ffe-72eb-b597-a889acfdc6af	\\x59976034b545b161648d5fef72d04505817f63c60910551541d3df03f47993f6	\\x90746a32aa399530275d76e3b4bae7eb77416005fe446c80864c340c23a3f046	1	\N	\N	0	\N	2026-11-27 01:47:14.832801+00	2026-11-27 01:47:14.832801+00	2126-12-27 01:47:14.832801+00	2126-12-11 01:47:14.832801+00	\N	\N	192.0.2.7	a browser	first	2026-12-11 01:47:14.832801+00
01a21aaf-7013-7bcd-8c00-cbde6566d8f1	01a21aaf-6ffe-72eb-b597-a889acfdc6af	\\xf4c4ef22021b2b52558d5839080c512187375f0ce20cfc3e1c2161b82972bfd4	\\xb849d563fe526c75b54f6f2ea595441b0f11b6953769d192b94d2b2edd9d2e57	1	\N	\N	0	\N	2026-11-27 01:47:14.835867+00	2026-11-27 01:47:14.835867+00	2126-12-27 01:47:14.835867+00	2126-12-11 01:47:14.835867+00	2026-11-27 01:47:14.837817+00	logout	192.0.2.7	a browser	ended	2026-12-11 01:47:14.835867+00
01a21aaf-7013-704c-8a92-74e13d61627b	01a21aaf-6ffe-72eb-b597-a889acfdc6af	\\x338f164a967ef91f25d24221ad08c5c1300f88d39cf1cf02fc6f996ca5640f8e	\\x7982e8b354c05245a295698b29137f63a131adeb74383ff56b46d9ff21682ed3	1	\\x1f45cd315bf86f77281f0c08eb6b86ff56e539c36f4e166bd9ebabdf453d19d4	1	1	2016-11-26 01:47:14.836861+00	2026-11-27 01:47:14.835164+00	2026-11-27 01:47:14.836861+00	2126-12-27 01:47:14.835164+00	2126-12-11 01:47:14.836861+00	\N	\N	192.0.2.7	a browser	spent	2026-12-11 01:47:14.835164+00
\.


--
-- Data for Name: superuser_bootstrap; Type: TABLE DATA; Schema: gatehouse; Owner: -
--

COPY gatehouse.superuser_bootstrap (is_done, user_id, done_at) FROM stdin;
t	01a21aaf-73cd-75bd-b2f5-d709abff402d	2026-11-27 01:47:15.789061+00
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
user anna	01a21aaf-6ffe-72eb-b597-a889acfdc6af
user boris	01a21aaf-7001-75f6-b328-eb2a9b563139
user sha256	01a21aaf-7003-784f-a23a-0d179ae1157c
user sha512	01a21aaf-7004-73a1-b6a0-5073fff6607d
user yescrypt	01a21aaf-7004-7cdc-ad99-3ea2dab39eb5
user pbkdf2	01a21aaf-7005-7997-9bdf-737fbe574997
scoped key	sk_87sCrmFBIiS2pi5vlUCaJ4FEWyaUSkpzG0zk157U1fFDMc6EYxC6eb1BCdyU
wildcard key	sk_9NBqqhFeUj4RWri9MNVRaFlmkeBuLURJGcEDytWMG5m5QQ1XusWlHc1JkmOp
ended key	sk_14k5Vz7YgKpVMVlVhtEl06qVCneCIxNqV9kJi2a7aFjHLAW256dUqj1YBR9n
service key	sk_07dRGjoE7cnvGiLWM15kDDLOjx2qKVMEzxvwtzsEf5uAFcXuoXeTNV2VR88E
first token	ce01Id8CBrU48W1ApB5rJSsFPeUuOnfBqW98YDR5AVjxL2W0HpN9aXqxemGeL9il
spent token	2Xorn5rYsO7Ch6SI2EX5FjV2tfVoNvB29aUfB1h2JJmyLs75khQ9WbDsIcZQ3WEF
ended token	JCz8M8gFLnZTYmNtR1a9OJHoN3MXS1rX61Lq66_d-XbLg09ugwMtclI4oRO6i_3T
second token	2Xorn5rYsO7Ch6SI2EX5FmD2jGd66mXjnuTGUBMjw-5zmDMMNwvIokFQQTWT4GA0
user olga	01a21aaf-71c2-7bb5-a86d-b7bbb95f4094
user stopped	01a21aaf-722d-7674-9dbb-5320811be13b
user paused	01a21aaf-7291-7431-9731-153022cd440d
user deleted	01a21aaf-72f5-76b0-86a2-885dfd3796c7
user leaving	01a21aaf-734d-703e-8c98-a391d724f8e7
stopped key	sk_7f8hoDQmkyenJgiPDiUIrTM07YqwoSo5HZ3cXflRdJSNWJWc2pLBNo0VT2Fx
deleted key	sk_5nZB9TUKt6toNdkYgwovzhLdDCh2KNBOIZGWXMT0I5RHtpuzU6Tj2L0lhpLf
leaving token	YXj5xBdFd47ChyyxN67R0zzf02epo4TT2p6AK9itVuqRgvvbrDPlgKn_FqOZ8ni4
leaving at	2126-11-27 01:47:14+00
verification token	UdwTk34O5x8eOhoRQ6sGq8n8ORL3Oksm66IDp5Fl5nc7s1E0s2lKxobSsoYHUpRM
reset token	E1B3fPbb0wYTctY1A-czTGaQg9v8kyisOqb5WWW03LNj89W1tFBwgbpcTS4ISHHq
change token	o0dbObv-f76Cgr5jcKE_Vr7vXJQnv5bmCyGKO5FSrVEbaFfj2F1YDyhIBl8nULVi
user first-of-all	01a21aaf-73cd-75bd-b2f5-d709abff402d
overlapping key	sk_0vEobFikSJmkNsrt8LiYPEnWJBa27yPEBX8FrQZjq4tR5NQUxgutDU2b6hDt
rotated key	sk_44WwDhUYYNmJfP1TvmXP1Lw29F6M76mcG4ZVJsYQh6YqVSJPuU7ZXR43Ez1t
successor of overlapping	sk_6g1uzHHRA2sVyd2jn7gnJDsoaD5NBsEZoTKYP3CipRKT05iwbWgcDG3c1zZ2
successor of rotated	sk_8oQmZK36JPRX7VbRG9XTRAtvMnh4frhoyxOu3UBFHb911P0L8gaLzY11Q2Pf
jwks	{"keys": [{"x": "r8pvb5YZ3tM6fWRzW-VdKzhEquK4vIEpeK6MW4yaqIQ", "alg": "EdDSA", "crv": "Ed25519", "kid": "1", "kty": "OKP", "use": "sig"}]}
then	2026-11-27 01:47:15.814118+00
before the guest	2026-11-27 01:47:15.863182+00
\.


--
-- Data for Name: upgrade_guest; Type: TABLE DATA; Schema: public; Owner: -
--

COPY public.upgrade_guest (id, body) FROM stdin;
11	eleven
\.


--
-- Data for Name: upgrade_hiding; Type: TABLE DATA; Schema: public; Owner: -
--

COPY public.upgrade_hiding (id, plain, body) FROM stdin;
1	hidden	shown
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

SELECT pg_catalog.setval('gatehouse.audited_table_id_seq', 6, true);


--
-- Name: event_id_seq; Type: SEQUENCE SET; Schema: gatehouse; Owner: -
--

SELECT pg_catalog.setval('gatehouse.event_id_seq', 52, true);


--
-- Name: row_change_log_id_seq; Type: SEQUENCE SET; Schema: gatehouse; Owner: -
--

SELECT pg_catalog.setval('gatehouse.row_change_log_id_seq', 13, true);


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
-- Name: upgrade_hiding upgrade_hiding_pkey; Type: CONSTRAINT; Schema: public; Owner: -
--

ALTER TABLE ONLY public.upgrade_hiding
    ADD CONSTRAINT upgrade_hiding_pkey PRIMARY KEY (id);


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
-- Name: event_details_2026_11_28_event_id; Type: INDEX; Schema: gatehouse; Owner: -
--

CREATE INDEX event_details_2026_11_28_event_id ON gatehouse.event_details_2026_11_28 USING btree (event_id);


--
-- Name: event_details_2026_12_event_id; Type: INDEX; Schema: gatehouse; Owner: -
--

CREATE INDEX event_details_2026_12_event_id ON gatehouse.event_details_2026_12 USING btree (event_id);


--
-- Name: events_2026_11_28_occurred_at; Type: INDEX; Schema: gatehouse; Owner: -
--

CREATE INDEX events_2026_11_28_occurred_at ON gatehouse.events_2026_11_28 USING btree (occurred_at, id);


--
-- Name: events_2026_11_28_user_id; Type: INDEX; Schema: gatehouse; Owner: -
--

CREATE INDEX events_2026_11_28_user_id ON gatehouse.events_2026_11_28 USING btree (user_id, occurred_at, id);


--
-- Name: events_2026_12_occurred_at; Type: INDEX; Schema: gatehouse; Owner: -
--

CREATE INDEX events_2026_12_occurred_at ON gatehouse.events_2026_12 USING btree (occurred_at, id);


--
-- Name: events_2026_12_user_id; Type: INDEX; Schema: gatehouse; Owner: -
--

CREATE INDEX events_2026_12_user_id ON gatehouse.events_2026_12 USING btree (user_id, occurred_at, id);


--
-- Name: row_change_log_2026_11_28_key; Type: INDEX; Schema: gatehouse; Owner: -
--

CREATE INDEX row_change_log_2026_11_28_key ON gatehouse.row_change_log_2026_11_28 USING btree (key_hash);


--
-- Name: row_change_log_2026_11_28_new_key; Type: INDEX; Schema: gatehouse; Owner: -
--

CREATE INDEX row_change_log_2026_11_28_new_key ON gatehouse.row_change_log_2026_11_28 USING btree (new_key_hash) WHERE (new_key_hash IS NOT NULL);


--
-- Name: row_change_log_2026_11_28_time; Type: INDEX; Schema: gatehouse; Owner: -
--

CREATE INDEX row_change_log_2026_11_28_time ON gatehouse.row_change_log_2026_11_28 USING brin (changed_at, id) WITH (pages_per_range='32', autosummarize='on');


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
-- Name: upgrade_hiding !gatehouse_audit; Type: TRIGGER; Schema: public; Owner: -
--

CREATE TRIGGER "!gatehouse_audit" AFTER INSERT OR DELETE OR UPDATE ON public.upgrade_hiding FOR EACH ROW EXECUTE FUNCTION gatehouse.log_row_change('6', '-secret');

ALTER TABLE public.upgrade_hiding ENABLE ALWAYS TRIGGER "!gatehouse_audit";


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
-- Name: upgrade_hiding gatehouse_audit_truncate; Type: TRIGGER; Schema: public; Owner: -
--

CREATE TRIGGER gatehouse_audit_truncate AFTER TRUNCATE ON public.upgrade_hiding FOR EACH STATEMENT EXECUTE FUNCTION gatehouse.log_truncate('6', '-secret');

ALTER TABLE public.upgrade_hiding ENABLE ALWAYS TRIGGER gatehouse_audit_truncate;


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


