-- What is hidden is asked for as it was when the command began.
CREATE OR REPLACE FUNCTION gatehouse.check_hidden_columns(relation regclass, table_id integer, names_before text[], numbers_before jsonb) RETURNS void
LANGUAGE plpgsql VOLATILE AS $$
BEGIN
  IF EXISTS (SELECT FROM pg_attribute a WHERE a.attrelid = relation AND a.attname = ANY (names_before) AND a.attnum::text IS DISTINCT FROM numbers_before ->> a.attname::text) THEN
    RAISE EXCEPTION 'hidden' USING ERRCODE = '55000';
  END IF;
END
$$;
