-- What sqlsmith is led by: it looks for functions in an unqualified pg_proc, leaves out what returns sets, and takes arguments
-- from the columns of whatever tables information_schema.tables lists.
\set ON_ERROR_STOP on
SET client_min_messages = warning;

CREATE SCHEMA smith;
CREATE SCHEMA wrapped;

-- A function that returns a set, as one that counts its rows.
DO $$
DECLARE
  f record;
BEGIN
  FOR f IN
    SELECT p.proname, array_to_string(p.proargtypes::regtype[], ', ') AS types,
           (SELECT string_agg('$' || n, ', ') FROM generate_series(1, p.pronargs) n) AS arguments
      FROM pg_proc p
     WHERE p.pronamespace = 'gatehouse'::regnamespace AND p.proretset
  LOOP
    EXECUTE format('CREATE FUNCTION wrapped.%I(%s) RETURNS bigint LANGUAGE sql AS %L', f.proname, f.types,
                   format('SELECT count(*) FROM gatehouse.%I(%s)', f.proname, f.arguments));
  END LOOP;
END
$$;

-- Ours, internal ones too, and the few of the server's that a query is to be made of: aggregates, which it cannot do without,
-- and what damages a text.
CREATE VIEW smith.pg_proc AS
  SELECT p.*
    FROM pg_catalog.pg_proc p
   WHERE p.pronamespace IN ('gatehouse'::regnamespace, 'wrapped'::regnamespace)
      OR p.oid IN ('count()'::regprocedure, 'max(text)'::regprocedure, 'min(inet)'::regprocedure, 'sum(integer)'::regprocedure,
                   'bool_and(boolean)'::regprocedure, 'array_agg(anynonarray)'::regprocedure, 'row_number()'::regprocedure,
                   'reverse(text)'::regprocedure, '"left"(text,integer)'::regprocedure, 'textcat(text,text)'::regprocedure,
                   'now()'::regprocedure);

-- Its operators it takes from pg_catalog itself. Those of ranges, of geometry and the like none of ours needs, and hardly a query with one
-- is so much as parsed: in this database they go.
SET allow_system_table_mods = on;
DELETE FROM pg_catalog.pg_operator o
 USING pg_catalog.pg_type t
 WHERE t.oid IN (o.oprleft, o.oprright) AND (t.typcategory IN ('R', 'G') OR t.typname ~ 'range$|^(anyenum|jsonpath)$');
RESET allow_system_table_mods;

-- The tables below and the views of the extension. Its tables nobody may touch, and whoever does, as a superuser, is told by
-- design that the evidence is broken.
DO $$
BEGIN
  EXECUTE 'CREATE VIEW smith.tables AS ' || pg_get_viewdef('information_schema.tables'::regclass);
  EXECUTE format('CREATE OR REPLACE VIEW information_schema.tables AS SELECT * FROM smith.tables WHERE %s',
                 $where$table_schema = 'public' OR table_schema = 'gatehouse' AND table_type = 'VIEW'$where$);
END
$$;

-- Of each kind of argument a column, of each kind of text too; smith_rows.sql has the rows.
CREATE TABLE arguments (
  id integer PRIMARY KEY,
  number integer,
  flag boolean,
  account_id uuid,
  key_id uuid,
  session_id uuid,
  email text,
  username text,
  password text,
  password_hash text,
  api_key text,
  refresh_token text,
  access_token text,
  one_time_token text,
  purpose text,
  provider text,
  scope text,
  place text,
  name text,
  long_text text,
  ids uuid[],
  texts text[],
  scopes text[],
  address inet,
  network cidr,
  networks cidr[],
  document jsonb,
  patch jsonb,
  moment timestamptz,
  span interval,
  digest bytea,
  relation regclass,
  role oid,
  account gatehouse.users,
  stored_key gatehouse.api_keys,
  session gatehouse.sessions,
  failures gatehouse.login_throttles,
  failure_list gatehouse.login_throttles[],
  attempt gatehouse.login_attempt,
  event gatehouse.queued_event);

-- One bad row would end each query over the good ones.
CREATE TABLE damaged (LIKE arguments);

-- One row, and of one kind, so that arguments fit to each other more often than by chance.
CREATE VIEW live AS SELECT * FROM arguments WHERE id = 1;
CREATE VIEW stopped AS SELECT * FROM arguments WHERE id = 2;
CREATE VIEW deleted AS SELECT * FROM arguments WHERE id = 3;
CREATE VIEW foreign_login AS SELECT * FROM arguments WHERE id = 4;
CREATE VIEW live_account AS
  SELECT account_id, email, username, flag, moment, account, '{"profile": {"a": null}}'::jsonb AS patch FROM arguments WHERE id = 1;
CREATE VIEW live_password AS SELECT account_id, password, password_hash, failures, address FROM arguments WHERE id = 1;
CREATE VIEW live_accounts AS SELECT ids, patch FROM arguments WHERE id = 2;
CREATE VIEW live_key AS
  SELECT key_id, account_id, api_key, stored_key, scope, scopes, networks, address, patch, span FROM arguments WHERE id = 1;
CREATE VIEW live_session AS
  SELECT session_id, account_id, refresh_token, access_token, session, address, span, digest FROM arguments WHERE id = 1;
CREATE VIEW live_token AS SELECT account_id, one_time_token, purpose, span FROM arguments;
CREATE VIEW live_table AS SELECT relation, texts, document, number FROM arguments WHERE id = 1;

-- What is audited: changes of its rows run the triggers.
CREATE TABLE item (
  id integer PRIMARY KEY, name text, amount numeric, made timestamptz DEFAULT now(), raw bytea, list text[], document jsonb,
  address inet, secret text);
CREATE TABLE keyless (name text, owner_id uuid);
SELECT gatehouse.enable_audit('item', '{amount}', '{secret}'), gatehouse.enable_audit('keyless'),
       gatehouse.enable_audit('arguments', '{}', '{password}')
\g /dev/null

-- A type that no column has would be given nulls only.
DO $$
DECLARE
  missing text;
BEGIN
  SELECT string_agg(DISTINCT t::regtype::text, ', ') INTO missing
    FROM pg_catalog.pg_proc p, unnest(p.proargtypes) t
   WHERE p.pronamespace = 'gatehouse'::regnamespace
     AND NOT EXISTS (SELECT FROM pg_attribute a WHERE a.attrelid = 'arguments'::regclass AND a.attnum > 0 AND a.atttypid = t);
  IF missing IS NOT NULL THEN
    RAISE EXCEPTION 'the table of arguments in smith_schema.sql has no column of type %', missing;
  END IF;
END
$$;

CREATE ROLE smith LOGIN SUPERUSER;
ALTER ROLE smith SET search_path = smith, pg_catalog, public;
ALTER ROLE smith SET statement_timeout = '1s';
