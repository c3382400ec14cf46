CREATE FUNCTION gatehouse.version() RETURNS text
LANGUAGE sql IMMUTABLE PARALLEL SAFE
RETURN '0.7';
COMMENT ON FUNCTION gatehouse.version() IS 'the version of the SQL objects, MAJOR.MINOR';
REVOKE ALL ON FUNCTION gatehouse.version() FROM PUBLIC;
GRANT EXECUTE ON FUNCTION gatehouse.version() TO gatehouse_app, gatehouse_auditor, gatehouse_owner;

CREATE FUNCTION gatehouse.library_version() RETURNS text
AS 'MODULE_PATHNAME', 'gatehouse_operation_library_version'
LANGUAGE c IMMUTABLE PARALLEL SAFE;
COMMENT ON FUNCTION gatehouse.library_version() IS 'the version of the loaded library, MAJOR.MINOR.PATCH';
REVOKE ALL ON FUNCTION gatehouse.library_version() FROM PUBLIC;
GRANT EXECUTE ON FUNCTION gatehouse.library_version() TO gatehouse_app, gatehouse_auditor, gatehouse_owner;

CREATE FUNCTION gatehouse.setting(name text) RETURNS text
AS 'MODULE_PATHNAME', 'gatehouse_operation_setting'
LANGUAGE c STABLE STRICT PARALLEL SAFE;
COMMENT ON FUNCTION gatehouse.setting(text) IS
  'internal: the present value of gatehouse.<name> with its unit; loads the library, which defines the settings';
REVOKE ALL ON FUNCTION gatehouse.setting(text) FROM PUBLIC;
GRANT EXECUTE ON FUNCTION gatehouse.setting(text) TO gatehouse_owner;

CREATE FUNCTION gatehouse.caller_is_administrator() RETURNS boolean
AS 'MODULE_PATHNAME', 'gatehouse_operation_caller_is_administrator'
LANGUAGE c STABLE PARALLEL RESTRICTED;
COMMENT ON FUNCTION gatehouse.caller_is_administrator() IS
  'internal: whether the outer user (SET ROLE counts, SECURITY DEFINER does not) has the rights of gatehouse_admin';
REVOKE ALL ON FUNCTION gatehouse.caller_is_administrator() FROM PUBLIC;
GRANT EXECUTE ON FUNCTION gatehouse.caller_is_administrator() TO gatehouse_owner;

CREATE FUNCTION gatehouse.calling_role() RETURNS oid
AS 'MODULE_PATHNAME', 'gatehouse_operation_calling_role'
LANGUAGE c STABLE PARALLEL RESTRICTED;
COMMENT ON FUNCTION gatehouse.calling_role() IS
  'internal: the outer user (SET ROLE counts, SECURITY DEFINER does not); in ANALYZE, REFRESH and the like the table''s owner';
REVOKE ALL ON FUNCTION gatehouse.calling_role() FROM PUBLIC;
GRANT EXECUTE ON FUNCTION gatehouse.calling_role() TO gatehouse_owner;
