-- Each table is taken in its turn, whoever is at work on it.
CREATE OR REPLACE FUNCTION gatehouse.record_all_shapes() RETURNS bigint LANGUAGE sql VOLATILE AS
$$ SELECT count(*) FILTER (WHERE gatehouse.record_shape(t.relation, t.table_id_text::integer, true)) FROM gatehouse.audit_triggers t $$;
