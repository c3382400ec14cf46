CREATE FUNCTION gatehouse.scope_valid(scope text) RETURNS boolean
AS 'MODULE_PATHNAME', 'gatehouse_api_keys_scope_valid'
LANGUAGE c IMMUTABLE STRICT PARALLEL SAFE;
COMMENT ON FUNCTION gatehouse.scope_valid(text) IS
  'internal: whether the text has the form of a scope, resource, action:resource or action:*';
REVOKE ALL ON FUNCTION gatehouse.scope_valid(text) FROM PUBLIC;
GRANT EXECUTE ON FUNCTION gatehouse.scope_valid(text) TO gatehouse_owner;

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
    RETURN true;
  END IF;
  UPDATE gatehouse.scopes s SET description = register_scope.description
   WHERE s.name = register_scope.name COLLATE "C" AND register_scope.description IS NOT NULL;
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

CREATE FUNCTION gatehouse.make_api_key(
  OUT api_key text,
  OUT lookup_id bigint,
  OUT key_digest bytea,
  OUT ring_key_id integer,
  OUT hint text
)
AS 'MODULE_PATHNAME', 'gatehouse_api_keys_make'
LANGUAGE c VOLATILE;
COMMENT ON FUNCTION gatehouse.make_api_key() IS 'internal: a new API key and what is stored of it';
REVOKE ALL ON FUNCTION gatehouse.make_api_key() FROM PUBLIC;
GRANT EXECUTE ON FUNCTION gatehouse.make_api_key() TO gatehouse_owner;

CREATE FUNCTION gatehouse.create_api_key(
  user_id uuid,
  name text,
  scopes text[] DEFAULT '{}',
  expires_at timestamptz DEFAULT NULL,
  ip_allow cidr[] DEFAULT NULL
) RETURNS TABLE (id uuid, api_key text, hint text, created_at timestamptz)
LANGUAGE plpgsql VOLATILE SECURITY DEFINER ROWS 1
SET search_path = pg_catalog, pg_temp
AS $$
#variable_conflict use_column
DECLARE
  held text[];
  made record;
  now_at CONSTANT timestamptz := clock_timestamp();
  most CONSTANT integer := gatehouse.setting('max_api_keys_per_user')::integer;
BEGIN
  IF create_api_key.name IS NULL OR length(create_api_key.name) NOT BETWEEN 1 AND 100 THEN
    RAISE EXCEPTION 'name of an API key must have 1 to 100 characters' USING ERRCODE = '22023';
  END IF;
  IF create_api_key.expires_at <= now_at THEN
    RAISE EXCEPTION 'expiry of an API key must be in the future' USING ERRCODE = '22023';
  END IF;
  IF EXISTS (SELECT FROM unnest(create_api_key.ip_allow) n WHERE n IS NULL)
     OR cardinality(create_api_key.ip_allow) NOT BETWEEN 1 AND 100 THEN
    RAISE EXCEPTION 'ip_allow must hold 1 to 100 networks, or be null for every address' USING ERRCODE = '22023';
  END IF;
  held := gatehouse.checked_scopes(create_api_key.scopes);

  IF create_api_key.user_id IS NULL THEN
    IF NOT gatehouse.caller_is_administrator() THEN
      RAISE EXCEPTION 'only an administrator can create a service key' USING ERRCODE = '42501';
    END IF;
  ELSE
    PERFORM gatehouse.check_acts_for(create_api_key.user_id);
    IF NOT gatehouse.lock_live_account_to_count(create_api_key.user_id) THEN
      RAISE EXCEPTION 'no live account has this id' USING ERRCODE = '22023';
    END IF;
    IF most > 0 AND most <= (SELECT count(*) FROM gatehouse.api_keys k
                              WHERE k.user_id = create_api_key.user_id AND k.deactivated_at IS NULL
                                AND (k.expires_at IS NULL OR k.expires_at > now_at)) THEN
      RAISE EXCEPTION 'an account must have at most % live API keys', most USING ERRCODE = '22023';
    END IF;
  END IF;

  SELECT * INTO made FROM gatehouse.make_api_key();
  RETURN QUERY
    INSERT INTO gatehouse.api_keys AS k (id, lookup_id, owner_is_live, ring_key_id, key_digest, user_id, expires_at, name,
                                         hint, scopes, ip_allow, created_at)
    VALUES (gatehouse.uuid_v7(), made.lookup_id, true, made.ring_key_id, made.key_digest, create_api_key.user_id,
            create_api_key.expires_at, create_api_key.name, made.hint, held, create_api_key.ip_allow, now_at)
    RETURNING k.id, made.api_key, k.hint, k.created_at;
END
$$;
COMMENT ON FUNCTION gatehouse.create_api_key(uuid, text, text[], timestamptz, cidr[]) IS
  'makes an API key, shown by this call only, for a live account, or without one (administrators) a service key; '
  'unregistered scopes, an expiry that has passed and one key too many are 22023; 42501 while another account is signed in';
ALTER FUNCTION gatehouse.create_api_key(uuid, text, text[], timestamptz, cidr[]) OWNER TO gatehouse_owner;
REVOKE ALL ON FUNCTION gatehouse.create_api_key(uuid, text, text[], timestamptz, cidr[]) FROM PUBLIC;
GRANT EXECUTE ON FUNCTION gatehouse.create_api_key(uuid, text, text[], timestamptz, cidr[]) TO gatehouse_app;

CREATE FUNCTION gatehouse.match_api_key(api_key text, required_scopes text[], ip inet) RETURNS gatehouse.api_key_match
AS 'MODULE_PATHNAME', 'gatehouse_api_keys_match_reporting'
LANGUAGE c STABLE PARALLEL SAFE;
COMMENT ON FUNCTION gatehouse.match_api_key(text, text[], inet) IS
  'internal: verify_api_key as a scalar, null where the key is refused';
REVOKE ALL ON FUNCTION gatehouse.match_api_key(text, text[], inet) FROM PUBLIC;
GRANT EXECUTE ON FUNCTION gatehouse.match_api_key(text, text[], inet) TO gatehouse_app;

-- Inlined into the caller's query: this is the cheapest form of a function with zero or one row.
CREATE FUNCTION gatehouse.verify_api_key(api_key text, required_scopes text[] DEFAULT '{}', ip inet DEFAULT NULL)
RETURNS TABLE (api_key_id uuid, user_id uuid, scopes text[], name text, expires_at timestamptz)
LANGUAGE sql STABLE PARALLEL SAFE ROWS 1
BEGIN ATOMIC
  SELECT (v.matched).api_key_id, (v.matched).user_id, (v.matched).scopes, (v.matched).name, (v.matched).expires_at
    FROM (SELECT gatehouse.match_api_key(verify_api_key.api_key, verify_api_key.required_scopes, verify_api_key.ip)
                 AS matched
          OFFSET 0) v
   WHERE (v.matched).api_key_id IS NOT NULL;
END;
COMMENT ON FUNCTION gatehouse.verify_api_key(text, text[], inet) IS
  'the live key of a live account that holds the scopes and may be used from the address, else no row; sees what has been '
  'committed by now in every isolation level; reads only';
REVOKE ALL ON FUNCTION gatehouse.verify_api_key(text, text[], inet) FROM PUBLIC;
GRANT EXECUTE ON FUNCTION gatehouse.verify_api_key(text, text[], inet) TO gatehouse_app;

CREATE FUNCTION gatehouse.deactivate_api_key(id uuid, user_id uuid DEFAULT NULL) RETURNS boolean
LANGUAGE plpgsql VOLATILE SECURITY DEFINER
SET search_path = pg_catalog, pg_temp
AS $$
#variable_conflict use_column
BEGIN
  IF deactivate_api_key.id IS NULL THEN
    RAISE EXCEPTION 'argument "id" must not be null' USING ERRCODE = '22023';
  END IF;
  IF deactivate_api_key.user_id IS NOT NULL THEN
    PERFORM gatehouse.check_acts_for(deactivate_api_key.user_id);
  END IF;
  UPDATE gatehouse.api_keys k
     SET deactivated_at = clock_timestamp()
   WHERE k.id = deactivate_api_key.id
     AND (deactivate_api_key.user_id IS NULL OR k.user_id = deactivate_api_key.user_id)
     AND k.deactivated_at IS NULL
     AND (k.user_id IS NOT NULL OR gatehouse.caller_is_administrator())
     AND gatehouse.acts_for(k.user_id);
  RETURN FOUND;
END
$$;
COMMENT ON FUNCTION gatehouse.deactivate_api_key(uuid, uuid) IS
  'ends a key for good; false where there is no such active key, or it is not this user''s, or another account is signed in, or it '
  'is a service key and the caller no administrator; 42501 where another account than user_id is signed in';
ALTER FUNCTION gatehouse.deactivate_api_key(uuid, uuid) OWNER TO gatehouse_owner;
REVOKE ALL ON FUNCTION gatehouse.deactivate_api_key(uuid, uuid) FROM PUBLIC;
GRANT EXECUTE ON FUNCTION gatehouse.deactivate_api_key(uuid, uuid) TO gatehouse_app;
