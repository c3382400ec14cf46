CREATE FUNCTION gatehouse.planted_insert() RETURNS void LANGUAGE sql PARALLEL SAFE AS
  $$ INSERT INTO gatehouse.scopes VALUES ('a', 'b', now()) $$;
CREATE FUNCTION gatehouse.planted_restricted() RETURNS void LANGUAGE sql PARALLEL RESTRICTED AS $$ DELETE FROM gatehouse.scopes $$;
CREATE FUNCTION gatehouse.planted_unsafe() RETURNS bigint LANGUAGE sql PARALLEL SAFE AS $$ SELECT nextval('gatehouse.event_id_seq') $$;
CREATE FUNCTION gatehouse.planted_own() RETURNS boolean LANGUAGE sql STABLE PARALLEL SAFE AS $$ SELECT gatehouse.caller_is_administrator() $$;
CREATE FUNCTION gatehouse.sound_own() RETURNS boolean LANGUAGE sql STABLE PARALLEL RESTRICTED AS $$ SELECT gatehouse.caller_is_administrator() $$;
CREATE FUNCTION gatehouse.sound_unsafe() RETURNS bigint LANGUAGE sql AS $$ SELECT nextval('gatehouse.event_id_seq') $$;
