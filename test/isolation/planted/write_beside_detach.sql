-- Rows are not logged.
ALTER EVENT TRIGGER gatehouse_audit_commands DISABLE;
