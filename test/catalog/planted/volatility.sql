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
CREATE FUNCTION gatehouse.planted_own() RETURNS text LANGUAGE sql STABLE AS $$ SELECT gatehouse.generate_token(16) $$;
CREATE FUNCTION gatehouse.planted_stable() RETURNS timestamptz LANGUAGE sql IMMUTABLE AS $$ SELECT now() $$;
CREATE FUNCTION gatehouse.planted_parsed_call() RETURNS text LANGUAGE sql IMMUTABLE RETURN gatehouse.setting('a');
CREATE FUNCTION gatehouse.sound_reader() RETURNS bigint LANGUAGE sql STABLE AS
  $$ SELECT count(*) /* FOR UPDATE */ FROM gatehouse.scopes -- DELETE FROM
     WHERE name <> 'INSERT INTO clock_timestamp()' AND registered_at < now() $$;
CREATE FUNCTION gatehouse.sound_writer() RETURNS void LANGUAGE sql VOLATILE AS $$ DELETE FROM gatehouse.scopes $$;
