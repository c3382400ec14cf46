CREATE FUNCTION gatehouse.planted_column() RETURNS int LANGUAGE plpgsql AS $$ BEGIN RETURN (SELECT s.nothing FROM gatehouse.scopes s); END $$;
CREATE FUNCTION gatehouse.planted_unused() RETURNS int LANGUAGE plpgsql AS $$ DECLARE unused int; BEGIN RETURN 1; END $$;
CREATE FUNCTION gatehouse.planted_no_return() RETURNS int LANGUAGE plpgsql AS $$ BEGIN PERFORM 1; END $$;
CREATE FUNCTION gatehouse.planted_injection(t text) RETURNS void LANGUAGE plpgsql AS $$ BEGIN EXECUTE 'SELECT ' || t; END $$;
CREATE FUNCTION gatehouse.sound_function() RETURNS int LANGUAGE plpgsql IMMUTABLE AS $$ BEGIN RETURN 1; END $$;
