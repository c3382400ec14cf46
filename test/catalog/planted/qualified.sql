CREATE FUNCTION gatehouse.planted_function() RETURNS text LANGUAGE sql AS $$ SELECT upper('a') $$;
CREATE FUNCTION gatehouse.planted_relation() RETURNS bigint LANGUAGE sql AS $$ SELECT pg_catalog.count(*) FROM pg_class $$;
CREATE FUNCTION gatehouse.planted_operator() RETURNS int LANGUAGE sql AS $$ SELECT 1 + 1 $$;
CREATE FUNCTION gatehouse.planted_comparison() RETURNS boolean LANGUAGE plpgsql AS $$ BEGIN RETURN 'a' = 'b'; END $$;
CREATE FUNCTION gatehouse.planted_other_setting() RETURNS text LANGUAGE sql SET work_mem = '1MB' AS $$ SELECT upper('a') $$;
CREATE FUNCTION gatehouse.planted_public_path() RETURNS text LANGUAGE sql SET search_path = public AS
  $$ SELECT upper('a') $$;
CREATE FUNCTION gatehouse.planted_longer_path() RETURNS text LANGUAGE sql SET search_path = pg_catalog, public, pg_temp AS
  $$ SELECT upper('a') $$;
CREATE FUNCTION gatehouse.planted_temporary_first() RETURNS text LANGUAGE sql SET search_path = pg_temp, pg_catalog AS
  $$ SELECT upper('a') $$;
CREATE FUNCTION gatehouse.planted_unended_path() RETURNS text LANGUAGE sql SET search_path = pg_catalog AS
  $$ SELECT upper('a') $$;
CREATE FUNCTION gatehouse.planted_in() RETURNS boolean LANGUAGE sql AS $$ SELECT 1 IN (1, 2) $$;
CREATE FUNCTION gatehouse.planted_in_query() RETURNS boolean LANGUAGE sql AS $$ SELECT 1 NOT IN (SELECT 2) $$;
CREATE FUNCTION gatehouse.planted_like() RETURNS boolean LANGUAGE sql AS $$ SELECT 'a' LIKE 'b' $$;
CREATE FUNCTION gatehouse.planted_ilike() RETURNS boolean LANGUAGE sql AS $$ SELECT 'a' NOT ILIKE 'b' $$;
CREATE FUNCTION gatehouse.planted_similar() RETURNS boolean LANGUAGE sql AS $$ SELECT 'a' SIMILAR TO 'b' $$;
CREATE FUNCTION gatehouse.planted_between() RETURNS boolean LANGUAGE sql AS $$ SELECT 1 BETWEEN 2 AND 3 $$;
CREATE FUNCTION gatehouse.planted_distinct() RETURNS boolean LANGUAGE sql AS $$ SELECT 1 IS DISTINCT FROM 2 $$;
CREATE FUNCTION gatehouse.planted_not_distinct() RETURNS boolean LANGUAGE sql AS $$ SELECT 1 IS NOT DISTINCT FROM 2 $$;
CREATE FUNCTION gatehouse.planted_nullif() RETURNS int LANGUAGE sql AS $$ SELECT NULLIF (1, 2) $$;
CREATE FUNCTION gatehouse.planted_case() RETURNS int LANGUAGE sql AS $$ SELECT CASE 1 WHEN 1 THEN 2 END $$;
CREATE FUNCTION gatehouse.planted_using() RETURNS int LANGUAGE sql AS
  $$ SELECT 1 FROM gatehouse.scopes a JOIN gatehouse.scopes b USING (name) $$;
CREATE FUNCTION gatehouse.planted_natural() RETURNS int LANGUAGE sql AS
  $$ SELECT 1 FROM gatehouse.scopes a NATURAL JOIN gatehouse.scopes b $$;
CREATE FUNCTION gatehouse.planted_operator_form() RETURNS boolean LANGUAGE sql AS $$ SELECT 1 OPERATOR(=) 2 $$;
CREATE FUNCTION gatehouse.planted_quoted_function() RETURNS text LANGUAGE sql AS $$ SELECT "lower"('A') $$;
CREATE FUNCTION gatehouse.planted_spaced_function() RETURNS text LANGUAGE sql AS
  $$ SELECT lower ((pg_catalog.upper('a'))) $$;
CREATE FUNCTION gatehouse.planted_second_relation() RETURNS bigint LANGUAGE sql AS
  $$ SELECT pg_catalog.count(*) FROM pg_catalog.pg_class c, pg_proc p $$;
CREATE FUNCTION gatehouse.planted_third_relation() RETURNS bigint LANGUAGE sql AS
  $$ SELECT pg_catalog.count(*) FROM pg_catalog.pg_class c, pg_catalog.unnest(ARRAY[1, 2]) AS k (n), "pg_proc" $$;
CREATE FUNCTION gatehouse.planted_nested_relation() RETURNS bigint LANGUAGE sql AS
  $$ SELECT (SELECT 1 FROM pg_catalog.pg_class c, ONLY pg_proc p) $$;
CREATE FUNCTION gatehouse.planted_joined_relation() RETURNS bigint LANGUAGE sql AS
  $$ SELECT 1 FROM pg_catalog.pg_class c JOIN pg_proc p ON true $$;
CREATE FUNCTION gatehouse.planted_inserted() RETURNS void LANGUAGE sql AS $$ INSERT INTO scopes (name) VALUES (NULL) $$;
CREATE FUNCTION gatehouse.planted_deleted() RETURNS void LANGUAGE sql AS
  $$ DELETE FROM gatehouse.scopes s USING gatehouse.users u, pg_class $$;
CREATE FUNCTION gatehouse.planted_updated() RETURNS void LANGUAGE sql AS $$ UPDATE ONLY scopes SET name = NULL $$;
CREATE FUNCTION gatehouse.planted_cast() RETURNS bigint LANGUAGE sql AS $$ SELECT 1::int8 $$;
CREATE FUNCTION gatehouse.planted_cast_form() RETURNS bigint LANGUAGE sql AS $$ SELECT CAST((1) AS int8) $$;
CREATE FUNCTION gatehouse.planted_quoted_cast() RETURNS "char" LANGUAGE sql AS $$ SELECT 'a'::"char" $$;
CREATE FUNCTION gatehouse.planted_literal_of_type() RETURNS date LANGUAGE sql AS $$ SELECT date '2020-01-01' $$;
CREATE FUNCTION gatehouse.planted_declared() RETURNS int LANGUAGE plpgsql AS
  $$ DECLARE n CONSTANT text := ''; BEGIN RETURN 1; END $$;
CREATE FUNCTION gatehouse.planted_collation() RETURNS text LANGUAGE sql AS $$ SELECT 'a' COLLATE "C" $$;
CREATE FUNCTION gatehouse.sound_pinned() RETURNS int LANGUAGE sql SET search_path = pg_catalog, pg_temp AS $$ SELECT 1 + 1 $$;
CREATE FUNCTION gatehouse.sound_parsed() RETURNS int LANGUAGE sql RETURN 1 + 1;
CREATE FUNCTION gatehouse.sound_qualified() RETURNS boolean LANGUAGE sql AS
  $$ SELECT pg_catalog.count(*) OPERATOR(pg_catalog.=) 1::pg_catalog.int8 FROM pg_catalog.pg_class /* a = b */ WHERE true $$;
CREATE FUNCTION gatehouse.sound_pinned_with_more() RETURNS int LANGUAGE sql SET work_mem = '1MB' SET search_path = pg_catalog, pg_temp
  AS $$ SELECT 1 + 1 $$;
CREATE FUNCTION gatehouse.sound_forms() RETURNS text LANGUAGE sql AS
  $$ SELECT "pg_catalog" . "lower"('a = b') COLLATE pg_catalog."C", scopes, CASE WHEN true THEN 1::integer END,
       CAST(1 AS numeric(10, 2)), 1::varchar(3), interval '1 day', s."a+b", 1 OPERATOR("pg_catalog" . =) 2
     FROM ONLY gatehouse.api_keys AS k, LATERAL pg_catalog.unnest(k.scopes) AS scopes (name),
          (SELECT gatehouse.scopes.* FROM gatehouse.scopes) AS s
     ORDER BY name, scopes $$;
CREATE FUNCTION gatehouse.sound_loop() RETURNS void LANGUAGE plpgsql AS
  $$ DECLARE n integer := 1; k gatehouse.api_keys%ROWTYPE; t pg_catalog.text;
     BEGIN FOR n, t IN (SELECT 1, '') LOOP RAISE NOTICE '%', n; END LOOP; END $$;
