-- Scopes: what an API key may be given, and whether a list of them covers what is asked for.

CREATE FUNCTION gatehouse.scope_valid(scope text) RETURNS boolean
AS 'MODULE_PATHNAME', 'gatehouse_api_keys_scope_valid'
LANGUAGE c IMMUTABLE STRICT PARALLEL SAFE;
COMMENT ON FUNCTION gatehouse.scope_valid(text) IS
  'internal: whether the text has the form of a scope, resource, action:resource or action:*';
REVOKE ALL ON FUNCTION gatehouse.scope_valid(text) FROM PUBLIC;
GRANT EXECUTE ON FUNCTION gatehouse.scope_valid(text) TO gatehouse_owner;

-- These answer NULLs as well, with false: a leakproof function must not tell its argument by an error.

CREATE FUNCTION gatehouse.has_scope(scopes text[], scope text) RETURNS boolean
AS 'MODULE_PATHNAME', 'gatehouse_api_keys_has_scope'
LANGUAGE c IMMUTABLE PARALLEL SAFE LEAKPROOF;
COMMENT ON FUNCTION gatehouse.has_scope(text[], text) IS
  'whether the scopes cover the one that is asked for; read:* covers read:users. The empty list, null and what is no scope cover '
  'nothing and are covered by nothing: false, never null';
REVOKE ALL ON FUNCTION gatehouse.has_scope(text[], text) FROM PUBLIC;
GRANT EXECUTE ON FUNCTION gatehouse.has_scope(text[], text) TO gatehouse_app;

CREATE FUNCTION gatehouse.has_any_scope(scopes text[], wanted text[]) RETURNS boolean
AS 'MODULE_PATHNAME', 'gatehouse_api_keys_has_any_scope'
LANGUAGE c IMMUTABLE PARALLEL SAFE LEAKPROOF;
COMMENT ON FUNCTION gatehouse.has_any_scope(text[], text[]) IS
  'whether the scopes cover at least one of those wanted, as has_scope says; false where none is wanted, or null';
REVOKE ALL ON FUNCTION gatehouse.has_any_scope(text[], text[]) FROM PUBLIC;
GRANT EXECUTE ON FUNCTION gatehouse.has_any_scope(text[], text[]) TO gatehouse_app;

CREATE FUNCTION gatehouse.has_all_scopes(scopes text[], wanted text[]) RETURNS boolean
AS 'MODULE_PATHNAME', 'gatehouse_api_keys_has_all_scopes'
LANGUAGE c IMMUTABLE PARALLEL SAFE LEAKPROOF;
COMMENT ON FUNCTION gatehouse.has_all_scopes(text[], text[]) IS
  'whether the scopes cover each of those wanted, as has_scope says; true where none is wanted, false where null is: a list that '
  'got lost opens nothing';
REVOKE ALL ON FUNCTION gatehouse.has_all_scopes(text[], text[]) FROM PUBLIC;
GRANT EXECUTE ON FUNCTION gatehouse.has_all_scopes(text[], text[]) TO gatehouse_app, gatehouse_owner;

CREATE FUNCTION gatehouse.register_scope(name text, description text DEFAULT NULL) RETURNS boolean
LANGUAGE plpgsql VOLATILE SECURITY DEFINER
SET search_path = pg_catalog, pg_temp
AS $$
#variable_conflict use_column
BEGIN
  IF register_scope.name IS NULL THEN
    RAISE EXCEPTION 'argument "name" must not be null' USING ERRCODE = '22023';
  END IF;
  IF NOT gatehouse.scope_valid(register_scope.name) THEN
    RAISE EXCEPTION 'scope must have the form "resource" or "action:resource"'
      USING ERRCODE = '22023',
            HINT = 'Each part has 1 to 64 of a-z, 0-9, "_", "-" and ".", and begins with a letter.';
  END IF;
  IF length(register_scope.description) > 1000 THEN
    RAISE EXCEPTION 'description must have at most 1000 characters' USING ERRCODE = '22023';
  END IF;
  INSERT INTO gatehouse.scopes (name, description, registered_at)
  VALUES (register_scope.name, register_scope.description, clock_timestamp())
  ON CONFLICT ON CONSTRAINT scopes_pkey DO NOTHING;
  IF FOUND THEN
    PERFORM gatehouse.write_event('gatehouse.scope.registered', NULL, NULL, NULL, true,
                                  jsonb_build_object('scope', register_scope.name), NULL);
    RETURN true;
  END IF;
  UPDATE gatehouse.scopes s SET description = register_scope.description
   WHERE s.name = register_scope.name COLLATE "C" AND s.description IS DISTINCT FROM register_scope.description COLLATE "C"
     AND register_scope.description IS NOT NULL;
  IF FOUND THEN
    PERFORM gatehouse.write_event('gatehouse.scope.updated', NULL, NULL, NULL, true,
                                  jsonb_build_object('scope', register_scope.name), NULL);
  END IF;
  RETURN false;
END
$$;
COMMENT ON FUNCTION gatehouse.register_scope(text, text) IS
  'registers a scope that API keys may be given; false where it was registered already, a new description replaces the old';
ALTER FUNCTION gatehouse.register_scope(text, text) OWNER TO gatehouse_owner;
REVOKE ALL ON FUNCTION gatehouse.register_scope(text, text) FROM PUBLIC;
GRANT EXECUTE ON FUNCTION gatehouse.register_scope(text, text) TO gatehouse_admin;

CREATE FUNCTION gatehouse.get_scopes(OUT name text, OUT description text) RETURNS SETOF record
LANGUAGE sql STABLE SECURITY DEFINER
SET search_path = pg_catalog, pg_temp
AS $$
  SELECT s.name, s.description FROM gatehouse.scopes s ORDER BY s.name
$$;
COMMENT ON FUNCTION gatehouse.get_scopes() IS 'the registered scopes, by name';
ALTER FUNCTION gatehouse.get_scopes() OWNER TO gatehouse_owner;
REVOKE ALL ON FUNCTION gatehouse.get_scopes() FROM PUBLIC;
GRANT EXECUTE ON FUNCTION gatehouse.get_scopes() TO gatehouse_app;

CREATE FUNCTION gatehouse.checked_scopes(scopes text[]) RETURNS text[]
LANGUAGE plpgsql STABLE
SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
  scope text COLLATE "C";
  held CONSTANT text[] := ARRAY(SELECT DISTINCT s COLLATE "C" FROM unnest(checked_scopes.scopes) s ORDER BY 1);
BEGIN
  IF scopes IS NULL OR EXISTS (SELECT FROM unnest(held) s WHERE s IS NULL) THEN
    RAISE EXCEPTION 'scopes must not be null' USING ERRCODE = '22023';
  END IF;
  IF cardinality(held) > 100 THEN
    RAISE EXCEPTION 'an API key must have at most 100 scopes' USING ERRCODE = '22023';
  END IF;
  FOREACH scope IN ARRAY held LOOP
    -- What isn't even a scope may be a key that was put in the wrong place: it isn't repeated.
    IF NOT gatehouse.scope_valid(scope) THEN
      RAISE EXCEPTION 'malformed scope' USING ERRCODE = '22023', HINT = 'A scope is resource, action:resource or action:*.';
    END IF;
    IF NOT EXISTS (SELECT FROM gatehouse.scopes s
                    WHERE s.name = scope
                       OR (right(scope, 2) = ':*' AND starts_with(s.name, left(scope, -1)))) THEN
      RAISE EXCEPTION 'scope "%" is not registered', scope
        USING ERRCODE = '22023', HINT = 'An administrator registers it with gatehouse.register_scope().';
    END IF;
  END LOOP;
  RETURN held;
END
$$;
COMMENT ON FUNCTION gatehouse.checked_scopes(text[]) IS
  'internal: the scopes sorted and once each; 22023 where one is not registered; action:* needs one registered scope of the action';
ALTER FUNCTION gatehouse.checked_scopes(text[]) OWNER TO gatehouse_owner;
REVOKE ALL ON FUNCTION gatehouse.checked_scopes(text[]) FROM PUBLIC;
