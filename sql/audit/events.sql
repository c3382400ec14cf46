CREATE FUNCTION gatehouse.cluster_identifier() RETURNS bigint
  LANGUAGE c STABLE PARALLEL SAFE
  AS 'MODULE_PATHNAME', 'gatehouse_audit_cluster_identifier';
COMMENT ON FUNCTION gatehouse.cluster_identifier() IS 'the system identifier of this cluster';
REVOKE ALL ON FUNCTION gatehouse.cluster_identifier() FROM PUBLIC;
GRANT EXECUTE ON FUNCTION gatehouse.cluster_identifier() TO gatehouse_owner;

CREATE FUNCTION gatehouse.generate_salt() RETURNS bytea
  LANGUAGE c VOLATILE PARALLEL SAFE
  AS 'MODULE_PATHNAME', 'gatehouse_audit_generate_salt';
COMMENT ON FUNCTION gatehouse.generate_salt() IS '32 random bytes for a commitment';
REVOKE ALL ON FUNCTION gatehouse.generate_salt() FROM PUBLIC;
GRANT EXECUTE ON FUNCTION gatehouse.generate_salt() TO gatehouse_owner;

CREATE FUNCTION gatehouse.event_commitment(salt bytea, ip inet, user_agent text, context jsonb) RETURNS bytea
  LANGUAGE c IMMUTABLE PARALLEL SAFE
  AS 'MODULE_PATHNAME', 'gatehouse_audit_event_commitment';
COMMENT ON FUNCTION gatehouse.event_commitment(bytea, inet, text, jsonb) IS
  'the commitment to an event''s personal details, 32 bytes; NULL where the salt has not 32 bytes';
REVOKE ALL ON FUNCTION gatehouse.event_commitment(bytea, inet, text, jsonb) FROM PUBLIC;
GRANT EXECUTE ON FUNCTION gatehouse.event_commitment(bytea, inet, text, jsonb) TO gatehouse_owner;

CREATE FUNCTION gatehouse.set_audit_context(context jsonb) RETURNS void
  LANGUAGE c VOLATILE
  AS 'MODULE_PATHNAME', 'gatehouse_audit_set_context';
COMMENT ON FUNCTION gatehouse.set_audit_context(jsonb) IS
  'what the log says of the rest of this transaction: a request''s id and the like, an object of at most 8192 bytes; NULL ends it';
REVOKE ALL ON FUNCTION gatehouse.set_audit_context(jsonb) FROM PUBLIC;
GRANT EXECUTE ON FUNCTION gatehouse.set_audit_context(jsonb) TO gatehouse_app;

CREATE FUNCTION gatehouse.audit_context() RETURNS jsonb
  LANGUAGE c STABLE PARALLEL RESTRICTED
  AS 'MODULE_PATHNAME', 'gatehouse_audit_context';
COMMENT ON FUNCTION gatehouse.audit_context() IS 'internal: what set_audit_context said of this transaction';
REVOKE ALL ON FUNCTION gatehouse.audit_context() FROM PUBLIC;
GRANT EXECUTE ON FUNCTION gatehouse.audit_context() TO gatehouse_owner;

CREATE FUNCTION gatehouse.write_event(event_type text, user_id uuid, ip inet, user_agent text, success boolean,
                                      context jsonb, session_id uuid, api_key_id uuid DEFAULT NULL,
                                      occurred_at timestamptz DEFAULT NULL) RETURNS bigint
  LANGUAGE plpgsql VOLATILE SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
  agent text := left(user_agent, 512);
  is_own CONSTANT boolean := occurred_at IS NULL;
  event_time CONSTANT timestamptz := coalesce(occurred_at, clock_timestamp());
  said CONSTANT jsonb := CASE WHEN is_own THEN gatehouse.audit_context() END;
  salt bytea;
  event_id bigint;
BEGIN
  -- What was signed in with, where the event itself is about another.
  IF is_own AND api_key_id <> gatehouse.current_api_key_id() AND starts_with(event_type COLLATE "C", 'gatehouse.') THEN
    context := coalesce(context, '{}') || jsonb_build_object('by_api_key', gatehouse.current_api_key_id());
  END IF;
  IF is_own AND session_id <> gatehouse.current_session_id() AND starts_with(event_type COLLATE "C", 'gatehouse.') THEN
    context := coalesce(context, '{}') || jsonb_build_object('by_session', gatehouse.current_session_id());
  END IF;
  IF said IS NOT NULL AND (context IS NULL OR jsonb_typeof(context) = 'object') THEN
    context := said || coalesce(context, '{}');
  END IF;
  IF ip IS NOT NULL OR agent IS NOT NULL OR context IS NOT NULL THEN
    salt := gatehouse.generate_salt();
  END IF;
  INSERT INTO gatehouse.events AS e (occurred_at, origin, user_id, actor_id, impersonator_id, session_id, api_key_id, success,
                                     event_type, commitment)
  VALUES (event_time, gatehouse.cluster_identifier(), write_event.user_id,
          CASE WHEN is_own THEN gatehouse.current_user_id() END,
          CASE WHEN is_own THEN gatehouse.current_impersonator_id() END,
          coalesce(write_event.session_id, CASE WHEN is_own THEN gatehouse.current_session_id() END),
          coalesce(write_event.api_key_id, CASE WHEN is_own THEN gatehouse.current_api_key_id() END),
          write_event.success, write_event.event_type, gatehouse.event_commitment(salt, ip, agent, context))
  RETURNING e.id INTO event_id;
  IF salt IS NOT NULL THEN
    INSERT INTO gatehouse.event_details (event_id, occurred_at, ip, user_agent, context, salt)
    VALUES (event_id, event_time, write_event.ip, agent, write_event.context, salt);
  END IF;
  RETURN event_id;
END
$$;
ALTER FUNCTION gatehouse.write_event(text, uuid, inet, text, boolean, jsonb, uuid, uuid, timestamptz) OWNER TO gatehouse_owner;
COMMENT ON FUNCTION gatehouse.write_event(text, uuid, inet, text, boolean, jsonb, uuid, uuid, timestamptz) IS
  'writes an event whose fields have been checked; for functions of gatehouse. An event with a time of its own comes from the '
  'queue: whoever writes it did not cause it, and is not recorded as its actor';
REVOKE ALL ON FUNCTION gatehouse.write_event(text, uuid, inet, text, boolean, jsonb, uuid, uuid, timestamptz) FROM PUBLIC;

CREATE FUNCTION gatehouse.erase_event_details(user_id uuid) RETURNS bigint
  LANGUAGE c VOLATILE STRICT
  AS 'MODULE_PATHNAME', 'gatehouse_audit_erase_event_details';
COMMENT ON FUNCTION gatehouse.erase_event_details(uuid) IS
  'internal: deletes the personal details of the events of an account that the caller has locked, also those that an older snapshot '
  'doesn''t see, and gives their number';
REVOKE ALL ON FUNCTION gatehouse.erase_event_details(uuid) FROM PUBLIC;
GRANT EXECUTE ON FUNCTION gatehouse.erase_event_details(uuid) TO gatehouse_owner;

CREATE FUNCTION gatehouse.create_audit_log(event_type text, user_id uuid DEFAULT NULL, ip inet DEFAULT NULL,
                                           user_agent text DEFAULT NULL, success boolean DEFAULT true,
                                           context jsonb DEFAULT NULL, session_id uuid DEFAULT NULL) RETURNS bigint
  LANGUAGE plpgsql VOLATILE SECURITY DEFINER SET search_path = pg_catalog, pg_temp
AS $$
BEGIN
  IF event_type IS NULL THEN
    RAISE EXCEPTION 'argument "event_type" must not be null' USING ERRCODE = '22023';
  END IF;
  IF success IS NULL THEN
    RAISE EXCEPTION 'argument "success" must not be null' USING ERRCODE = '22023';
  END IF;
  IF length(event_type) > 100 THEN
    RAISE EXCEPTION 'event type must have at most 100 characters' USING ERRCODE = '22023';
  END IF;
  IF event_type COLLATE "C" !~ '^[a-z][a-z0-9_]*([.][a-z0-9_]+)*$' THEN
    RAISE EXCEPTION 'malformed event type'
      USING ERRCODE = '22023',
            HINT = 'An event type is words of a-z, 0-9 and _, joined by dots, and begins with a letter.';
  END IF;
  IF split_part(event_type COLLATE "C", '.', 1) IN ('audit', 'gatehouse', 'security') AND strpos(event_type COLLATE "C", '.') > 0 THEN
    RAISE EXCEPTION 'event types that begin with "%." are written by gatehouse alone', split_part(event_type, '.', 1)
      USING ERRCODE = '22023';
  END IF;
  IF octet_length(context::text) > 65536 THEN
    RAISE EXCEPTION 'context must have at most 65536 bytes' USING ERRCODE = '22023';
  END IF;
  -- Locked, so that an erasure beside it finds the event's details.
  PERFORM FROM gatehouse.users u WHERE u.id = create_audit_log.user_id FOR KEY SHARE;
  IF user_id IS NOT NULL AND NOT FOUND THEN
    RAISE EXCEPTION 'no account has this id' USING ERRCODE = '22023';
  END IF;
  RETURN gatehouse.write_event(event_type, user_id, ip, user_agent, success, context, session_id);
END
$$;
ALTER FUNCTION gatehouse.create_audit_log(text, uuid, inet, text, boolean, jsonb, uuid) OWNER TO gatehouse_owner;
COMMENT ON FUNCTION gatehouse.create_audit_log(text, uuid, inet, text, boolean, jsonb, uuid) IS
  'writes an application''s own event and gives its id; user_agent is cut to 512 characters';
REVOKE ALL ON FUNCTION gatehouse.create_audit_log(text, uuid, inet, text, boolean, jsonb, uuid) FROM PUBLIC;
GRANT EXECUTE ON FUNCTION gatehouse.create_audit_log(text, uuid, inet, text, boolean, jsonb, uuid) TO gatehouse_app;

-- A type, since a result column of a function may not bear the name of an argument.
CREATE TYPE gatehouse.audit_log_entry AS (
  id bigint,
  occurred_at timestamptz,
  event_type text,
  user_id uuid,
  actor_id uuid,
  session_id uuid,
  api_key_id uuid,
  success boolean,
  ip inet,
  user_agent text,
  context jsonb,
  cursor text
);
ALTER TYPE gatehouse.audit_log_entry OWNER TO gatehouse_owner;
COMMENT ON TYPE gatehouse.audit_log_entry IS 'an event as get_audit_logs shows it';
REVOKE ALL ON TYPE gatehouse.audit_log_entry FROM PUBLIC;
GRANT USAGE ON TYPE gatehouse.audit_log_entry TO gatehouse_auditor, gatehouse_admin;

-- A cursor is the row's place in the order: microseconds since 1970 and id, each as 8 bytes.
CREATE FUNCTION gatehouse.get_audit_logs(user_id uuid DEFAULT NULL, event_type text DEFAULT NULL,
                                         session_id uuid DEFAULT NULL, success boolean DEFAULT NULL,
                                         since timestamptz DEFAULT NULL, until timestamptz DEFAULT NULL,
                                         page_size integer DEFAULT 20, after text DEFAULT NULL)
  RETURNS SETOF gatehouse.audit_log_entry
  LANGUAGE plpgsql STABLE ROWS 20 SECURITY DEFINER SET search_path = pg_catalog, pg_temp
  SET plan_cache_mode = force_custom_plan
AS $$
DECLARE
  after_time timestamptz;
  after_id bigint;
BEGIN
  IF page_size IS NULL OR page_size NOT BETWEEN 1 AND 100 THEN
    RAISE EXCEPTION 'page_size must be between 1 and 100' USING ERRCODE = '22023';
  END IF;
  IF after IS NOT NULL THEN
    IF after COLLATE "C" !~ '^[0-7][0-9a-f]{15}[0-7][0-9a-f]{15}$'
       OR substr(after, 1, 16) COLLATE "C" > '7fffffffffff0000' THEN
      RAISE EXCEPTION 'malformed cursor' USING ERRCODE = '22P02';
    END IF;
    after_time := timestamptz 'epoch' + (('x' || substr(after, 1, 16))::bit(64)::bigint) * interval '1 microsecond';
    after_id := ('x' || substr(after, 17, 16))::bit(64)::bigint;
  END IF;

  RETURN QUERY
  SELECT page.id, page.occurred_at, page.event_type, page.user_id, page.actor_id, page.session_id, page.api_key_id,
         page.success, d.ip, d.user_agent, d.context,
         encode(int8send((extract(epoch FROM page.occurred_at) * 1000000)::bigint) || int8send(page.id), 'hex')
    FROM (SELECT e.*
            FROM gatehouse.events e
           WHERE (get_audit_logs.user_id IS NULL OR e.user_id = get_audit_logs.user_id)
             AND (get_audit_logs.event_type IS NULL OR e.event_type = get_audit_logs.event_type COLLATE pg_catalog."default")
             AND (get_audit_logs.session_id IS NULL OR e.session_id = get_audit_logs.session_id)
             AND (get_audit_logs.success IS NULL OR e.success = get_audit_logs.success)
             AND (get_audit_logs.since IS NULL OR e.occurred_at >= get_audit_logs.since)
             AND (get_audit_logs.until IS NULL OR e.occurred_at < get_audit_logs.until)
             AND (after_time IS NULL
                  OR e.occurred_at <= after_time AND (e.occurred_at, e.id) < (after_time, after_id))
           ORDER BY e.occurred_at DESC, e.id DESC
           LIMIT get_audit_logs.page_size) page
    LEFT JOIN gatehouse.event_details d ON d.event_id = page.id AND d.occurred_at = page.occurred_at
   ORDER BY page.occurred_at DESC, page.id DESC;
END
$$;
ALTER FUNCTION gatehouse.get_audit_logs(uuid, text, uuid, boolean, timestamptz, timestamptz, integer, text)
  OWNER TO gatehouse_owner;
COMMENT ON FUNCTION gatehouse.get_audit_logs(uuid, text, uuid, boolean, timestamptz, timestamptz, integer, text) IS
  'a page of events, newest first; since is inclusive, until is not; after takes the cursor of the last row seen';
REVOKE ALL ON FUNCTION gatehouse.get_audit_logs(uuid, text, uuid, boolean, timestamptz, timestamptz, integer, text)
  FROM PUBLIC;
GRANT EXECUTE ON FUNCTION gatehouse.get_audit_logs(uuid, text, uuid, boolean, timestamptz, timestamptz, integer, text)
  TO gatehouse_auditor, gatehouse_admin;
