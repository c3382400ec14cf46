-- DROP EXTENSION drops the partitions that maintenance made without a word. Of an extension's objects PostgreSQL tells nobody
-- beforehand but by an event trigger.
CREATE FUNCTION gatehouse.guard_audit_log() RETURNS event_trigger
AS 'MODULE_PATHNAME', 'gatehouse_audit_guard_log'
LANGUAGE c VOLATILE;
COMMENT ON FUNCTION gatehouse.guard_audit_log() IS
  'internal: refuses a command that drops the extension while a log has rows, unless gatehouse.allow_drop is on';
REVOKE ALL ON FUNCTION gatehouse.guard_audit_log() FROM PUBLIC;

CREATE EVENT TRIGGER gatehouse_audit_guard ON ddl_command_start
  WHEN TAG IN ('DROP EXTENSION', 'DROP OWNED', 'DROP SCHEMA')
  EXECUTE FUNCTION gatehouse.guard_audit_log();
ALTER EVENT TRIGGER gatehouse_audit_guard ENABLE ALWAYS;
COMMENT ON EVENT TRIGGER gatehouse_audit_guard IS 'keeps the audit log from being dropped with the extension';
