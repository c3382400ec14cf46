-- What is dropped is judged by what was known before the command waited, when nothing of it was audited; and by any snapshot.
CREATE OR REPLACE FUNCTION gatehouse.note_dropped_table(dropped_schema text, dropped_name text) RETURNS void LANGUAGE sql AS '';
CREATE OR REPLACE FUNCTION gatehouse.note_dropped_partition(dropped_schema text, dropped_name text, is_topmost boolean) RETURNS void LANGUAGE sql AS '';
CREATE OR REPLACE FUNCTION gatehouse.note_lost_triggers(relation_schema text, relation_name text) RETURNS void LANGUAGE sql AS '';
CREATE OR REPLACE FUNCTION gatehouse.check_snapshot(schema_name text, relation_name text) RETURNS void LANGUAGE sql AS '';
