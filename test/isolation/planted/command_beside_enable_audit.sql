-- What is recorded of tables is read by the snapshot that the command began with.
ALTER FUNCTION gatehouse.watch_drops() STABLE;
ALTER FUNCTION gatehouse.note_lost_triggers(text, text) STABLE;
ALTER FUNCTION gatehouse.note_dropped_table(text, text) STABLE;
CREATE OR REPLACE FUNCTION gatehouse.check_snapshot(schema_name text, relation_name text) RETURNS void LANGUAGE sql AS '';
