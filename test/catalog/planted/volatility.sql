CREATE FUNCTION gatehouse.planted_insert() RETURNS void LANGUAGE plpgsql STABLE AS
  $$ BEGIN INSERT INTO gatehouse.scopes VALUES ('a', 'b', now()); END $$;
CREATE FUNCTION gatehouse.planted_update() RETURNS void LANGUAGE sql IMMUTABLE AS $$ UPDATE gatehouse.scopes SET name = '' $$;
CREATE FUNCTION gatehouse.planted_delete() RETURNS void LANGUAGE sql STABLE AS $$ DELETE FROM gatehouse.scopes $$;
CREATE FUNCTION gatehouse.planted_parsed() RETURNS void LANGUAGE sql STABLE BEGIN ATOMIC DELETE FROM gatehouse.scopes; END;
CREATE FUNCTION gatehouse.planted_lock() RETURNS void LANGUAGE plpgsql STABLE AS
  $$ BEGIN PERFORM FROM gatehouse.scopes FOR NO KEY
     UPDATE; END $$;
CREATE FUNCTION gatehouse.planted_execute() RETURNS void LANGUAGE plpgsql STABLE AS $$ BEGIN EXECUTE 'SELECT 1'; END $$;
CREATE FUNCTION gatehouse.planted_clock() RETURNS timestamptz LANGUAGE sql STABLE AS $$ SELECT clock_timestamp() $$;
CREATE FUNCTION gatehouse.planted_random() RETURNS float8 LANGUAGE sql STABLE AS $$ SELECT pg_catalog.random() $$;
CREATE FUNCTION gatehouse.planted_quoted() RETURNS float8 LANGUAGE sql STABLE AS $$ SELECT "pg_catalog" . "random"() $$;
CREATE FUNCTION gatehouse.planted_quoted_update() RETURNS void LANGUAGE sql STABLE AS
  $$ UPDATE ONLY "gatehouse"."scopes" SET name = '' $$;
CREATE FUNCTION gatehouse.planted_own() RETURNS text LANGUAGE sql STABLE AS $$ SELECT gatehouse.generate_token(16) $$;
CREATE FUNCTION gatehouse.planted_stable() RETURNS timestamptz LANGUAGE sql IMMUTABLE AS $$ SELECT now() $$;
CREATE FUNCTION gatehouse.planted_parsed_call() RETURNS text LANGUAGE sql IMMUTABLE RETURN gatehouse.setting('a');
CREATE FUNCTION gatehouse.planted_read() RETURNS bigint LANGUAGE sql IMMUTABLE AS $$ SELECT count(*) FROM gatehouse.scopes $$;
CREATE FUNCTION gatehouse.planted_read_catalog() RETURNS bigint LANGUAGE sql IMMUTABLE AS $$ SELECT count(*) FROM pg_class $$;
CREATE FUNCTION gatehouse.planted_read_second() RETURNS bigint LANGUAGE sql IMMUTABLE AS
  $$ SELECT count(*) FROM generate_series(1, length('a')) g, ONLY "gatehouse" . "scopes" s WHERE s.name = 'a' $$;
CREATE FUNCTION gatehouse.planted_read_joined() RETURNS bigint LANGUAGE sql IMMUTABLE AS
  $$ SELECT (SELECT count(*) FROM unnest(ARRAY[1]) n LEFT JOIN gatehouse.scopes s ON s.name = n::text) $$;
CREATE FUNCTION gatehouse.planted_read_table() RETURNS SETOF gatehouse.scopes LANGUAGE sql IMMUTABLE AS $$ TABLE gatehouse.scopes $$;
CREATE FUNCTION gatehouse.planted_read_into() RETURNS text LANGUAGE plpgsql IMMUTABLE AS
  $$ DECLARE found_name text; BEGIN SELECT s.name INTO found_name FROM gatehouse.scopes s LIMIT 1; RETURN found_name; END $$;
CREATE FUNCTION gatehouse.planted_read_parsed() RETURNS bigint LANGUAGE sql IMMUTABLE RETURN (SELECT count(*) FROM gatehouse.scopes);
CREATE FUNCTION gatehouse.planted_read_atomic() RETURNS bigint LANGUAGE sql IMMUTABLE
  BEGIN ATOMIC SELECT count(*) FROM gatehouse.scopes; END;
CREATE FUNCTION gatehouse.planted_read_parsed_catalog() RETURNS bigint LANGUAGE sql IMMUTABLE RETURN (SELECT count(*) FROM pg_class);
CREATE FUNCTION gatehouse.planted_timestamp() RETURNS timestamptz LANGUAGE sql IMMUTABLE AS $$ SELECT CURRENT_TIMESTAMP(3) $$;
CREATE FUNCTION gatehouse.planted_parsed_timestamp() RETURNS timestamptz LANGUAGE sql IMMUTABLE RETURN current_timestamp;
CREATE FUNCTION gatehouse.planted_date() RETURNS date LANGUAGE sql IMMUTABLE AS $$ SELECT CURRENT_DATE $$;
CREATE FUNCTION gatehouse.planted_time() RETURNS timetz LANGUAGE sql IMMUTABLE AS $$ SELECT current_time $$;
CREATE FUNCTION gatehouse.planted_local_time() RETURNS time LANGUAGE sql IMMUTABLE AS $$ SELECT localtime $$;
CREATE FUNCTION gatehouse.planted_local_timestamp() RETURNS timestamp LANGUAGE sql IMMUTABLE AS $$ SELECT LOCALTIMESTAMP $$;
CREATE FUNCTION gatehouse.planted_current_user() RETURNS text LANGUAGE sql IMMUTABLE AS $$ SELECT CURRENT_USER $$;
CREATE FUNCTION gatehouse.planted_current_role() RETURNS text LANGUAGE plpgsql IMMUTABLE AS $$ BEGIN RETURN current_role; END $$;
CREATE FUNCTION gatehouse.planted_session_user() RETURNS text LANGUAGE sql IMMUTABLE AS $$ SELECT session_user $$;
CREATE FUNCTION gatehouse.planted_parsed_user() RETURNS text LANGUAGE sql IMMUTABLE RETURN user;
CREATE FUNCTION gatehouse.planted_schema() RETURNS text LANGUAGE sql IMMUTABLE AS $$ SELECT CURRENT_SCHEMA $$;
CREATE FUNCTION gatehouse.planted_catalog() RETURNS text LANGUAGE sql IMMUTABLE AS $$ SELECT current_catalog $$;
CREATE FUNCTION gatehouse.several(n int) RETURNS int LANGUAGE sql IMMUTABLE RETURN n;
CREATE FUNCTION gatehouse.several(n bigint) RETURNS int LANGUAGE sql VOLATILE RETURN 1;
CREATE FUNCTION gatehouse.planted_overload() RETURNS int LANGUAGE sql IMMUTABLE RETURN gatehouse.several(1::bigint);
CREATE OPERATOR gatehouse.### (FUNCTION = gatehouse.several, RIGHTARG = bigint);
CREATE FUNCTION gatehouse.planted_own_operator() RETURNS int LANGUAGE sql IMMUTABLE RETURN OPERATOR(gatehouse.###) 1::bigint;
CREATE FUNCTION gatehouse.sound_overload() RETURNS int LANGUAGE sql IMMUTABLE RETURN gatehouse.several(1);
CREATE FUNCTION gatehouse.sound_trigger_named() RETURNS boolean LANGUAGE sql STABLE
  RETURN EXISTS (SELECT FROM pg_trigger WHERE tgfoid = 'gatehouse.log_row_change()'::regprocedure);
CREATE FUNCTION gatehouse.sound_immutable(scopes text[], moment timestamp) RETURNS text LANGUAGE sql IMMUTABLE AS
  $$ SELECT string_agg(k."user" || 'CURRENT_USER', ',' ORDER BY k.current_role, scopes) /* CURRENT_DATE */
       FROM unnest(scopes, scopes) k ("user", "current_role")
      WHERE extract(year FROM moment) > 2000 AND k."user" IS DISTINCT FROM scopes[1] $$;
CREATE FUNCTION gatehouse.sound_immutable_parsed(scopes text[]) RETURNS bigint LANGUAGE sql IMMUTABLE
  RETURN (SELECT count(k."user") FROM unnest(scopes) k ("user"));
CREATE FUNCTION gatehouse.sound_stable() RETURNS text LANGUAGE sql STABLE AS
  $$ SELECT s.name || CURRENT_DATE FROM gatehouse.scopes s $$;
CREATE FUNCTION gatehouse.sound_reader() RETURNS bigint LANGUAGE sql STABLE AS
  $$ SELECT count(*) /* FOR UPDATE */ FROM gatehouse.scopes -- DELETE FROM
     WHERE name <> 'INSERT INTO clock_timestamp()' AND registered_at < now() $$;
CREATE FUNCTION gatehouse.sound_writer() RETURNS void LANGUAGE sql VOLATILE AS $$ DELETE FROM gatehouse.scopes $$;
