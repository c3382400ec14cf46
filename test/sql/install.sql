-- What stands in the way of an installation, what it leaves, and what is left of it. Begins without the roles, which an
-- earlier run may have left in the cluster.
\set VERBOSITY terse
SET client_min_messages = warning;
DROP ROLE IF EXISTS gatehouse_admin, gatehouse_app, gatehouse_auditor, gatehouse_owner;
RESET client_min_messages;

-- Another encoding than UTF-8.
CREATE DATABASE gatehouse_latin1 TEMPLATE template0 ENCODING 'LATIN1' LOCALE 'C';
\set here :DBNAME
\c gatehouse_latin1
CREATE EXTENSION gatehouse;
\echo :LAST_ERROR_SQLSTATE
\c :here
DROP DATABASE gatehouse_latin1;

-- A role of the owner's name that could be somebody's.
CREATE ROLE gatehouse_owner LOGIN;
CREATE EXTENSION gatehouse;
\echo :LAST_ERROR_SQLSTATE
ALTER ROLE gatehouse_owner NOLOGIN;
CREATE ROLE regress_guest;
GRANT gatehouse_owner TO regress_guest;
CREATE EXTENSION gatehouse;
\echo :LAST_ERROR_SQLSTATE
DROP ROLE gatehouse_owner;

-- Objects made beforehand are not adopted.
CREATE SCHEMA gatehouse;
CREATE EXTENSION gatehouse;
\echo :LAST_ERROR_SQLSTATE
DROP SCHEMA gatehouse;

-- Nobody but a superuser.
SET ROLE regress_guest;
CREATE EXTENSION gatehouse;
\echo :LAST_ERROR_SQLSTATE
RESET ROLE;

CREATE EXTENSION gatehouse;
SELECT extname, extversion FROM pg_extension WHERE extname = 'gatehouse';
SELECT rolname, rolcanlogin, rolsuper, rolinherit FROM pg_roles WHERE rolname LIKE 'gatehouse%' ORDER BY rolname COLLATE "C";
-- It does not move.
ALTER EXTENSION gatehouse SET SCHEMA public;
\echo :LAST_ERROR_SQLSTATE

-- Nothing is left but the roles, and it can be installed again.
DROP EXTENSION gatehouse;
SELECT count(*) FROM pg_namespace WHERE nspname = 'gatehouse';
SELECT count(*) FROM pg_event_trigger;
CREATE EXTENSION gatehouse;
SELECT gatehouse.version() = extversion AS same FROM pg_extension WHERE extname = 'gatehouse';
DROP ROLE regress_guest;
