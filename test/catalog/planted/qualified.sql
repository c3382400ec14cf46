CREATE FUNCTION gatehouse.planted_function() RETURNS text LANGUAGE sql AS $$ SELECT upper('a') $$;
CREATE FUNCTION gatehouse.planted_relation() RETURNS bigint LANGUAGE sql AS $$ SELECT pg_catalog.count(*) FROM pg_class $$;
CREATE FUNCTION gatehouse.planted_operator() RETURNS int LANGUAGE sql AS $$ SELECT 1 + 1 $$;
CREATE FUNCTION gatehouse.planted_comparison() RETURNS boolean LANGUAGE plpgsql AS $$ BEGIN RETURN 'a' = 'b'; END $$;
CREATE FUNCTION gatehouse.planted_other_setting() RETURNS text LANGUAGE sql SET work_mem = '1MB' AS $$ SELECT upper('a') $$;
CREATE FUNCTION gatehouse.sound_pinned() RETURNS int LANGUAGE sql SET search_path = pg_catalog, pg_temp AS $$ SELECT 1 + 1 $$;
CREATE FUNCTION gatehouse.sound_parsed() RETURNS int LANGUAGE sql RETURN 1 + 1;
CREATE FUNCTION gatehouse.sound_qualified() RETURNS boolean LANGUAGE sql AS
  $$ SELECT pg_catalog.count(*) OPERATOR(pg_catalog.=) 1::pg_catalog.int8 FROM pg_catalog.pg_class /* a = b */ WHERE true $$;
