-- What gatehouse itself reports: events that are recorded although the caller rolls back. They wait in a queue in shared
-- memory until maintenance writes them, or, where no worker serves the database, whoever writes next. Without shared
-- memory they are written at once, in the caller's transaction.

CREATE TYPE gatehouse.queued_event AS (
  occurred_at timestamptz,
  event_type text,
  user_id uuid,
  session_id uuid,
  api_key_id uuid,
  success boolean,
  ip inet,
  user_agent text,
  context text
);
COMMENT ON TYPE gatehouse.queued_event IS 'a security event on its way to the log';
REVOKE ALL ON TYPE gatehouse.queued_event FROM PUBLIC;
GRANT USAGE ON TYPE gatehouse.queued_event TO gatehouse_owner;

CREATE FUNCTION gatehouse.report_event(event_type text, user_id uuid, session_id uuid, api_key_id uuid, success boolean,
                                       ip inet, user_agent text, context text) RETURNS boolean
AS 'MODULE_PATHNAME', 'gatehouse_audit_report_event'
LANGUAGE c VOLATILE;
COMMENT ON FUNCTION gatehouse.report_event(text, uuid, uuid, uuid, boolean, inet, text, text) IS
  'internal: puts an event into the queue, where no ROLLBACK reaches it; where the queue is full it is lost and counted. False where '
  'there is no queue';
REVOKE ALL ON FUNCTION gatehouse.report_event(text, uuid, uuid, uuid, boolean, inet, text, text) FROM PUBLIC;
GRANT EXECUTE ON FUNCTION gatehouse.report_event(text, uuid, uuid, uuid, boolean, inet, text, text) TO gatehouse_owner;

CREATE FUNCTION gatehouse.take_events(at_most integer) RETURNS SETOF gatehouse.queued_event
AS 'MODULE_PATHNAME', 'gatehouse_audit_take_events'
LANGUAGE c VOLATILE STRICT ROWS 100;
COMMENT ON FUNCTION gatehouse.take_events(integer) IS
  'internal: the oldest events of this database in the queue, at most 256; they leave it when the transaction commits';
REVOKE ALL ON FUNCTION gatehouse.take_events(integer) FROM PUBLIC;
GRANT EXECUTE ON FUNCTION gatehouse.take_events(integer) TO gatehouse_owner;

CREATE FUNCTION gatehouse.take_lost_events() RETURNS bigint
AS 'MODULE_PATHNAME', 'gatehouse_audit_take_lost'
LANGUAGE c VOLATILE;
COMMENT ON FUNCTION gatehouse.take_lost_events() IS
  'internal: how many events of any database found no room and are not yet reported';
REVOKE ALL ON FUNCTION gatehouse.take_lost_events() FROM PUBLIC;
GRANT EXECUTE ON FUNCTION gatehouse.take_lost_events() TO gatehouse_owner;

CREATE FUNCTION gatehouse.worker_serves_database() RETURNS boolean
AS 'MODULE_PATHNAME', 'gatehouse_operation_worker_serves_database'
LANGUAGE c VOLATILE;
COMMENT ON FUNCTION gatehouse.worker_serves_database() IS 'internal: whether the background worker writes the events of this database';
REVOKE ALL ON FUNCTION gatehouse.worker_serves_database() FROM PUBLIC;
GRANT EXECUTE ON FUNCTION gatehouse.worker_serves_database() TO gatehouse_owner;

-- What an erasure doesn't see yet must not outlive it: the account is locked against being erased until the event is visible to
-- whoever erases it later. Where it is being erased now, nobody waits for that; the event is written without details.
CREATE FUNCTION gatehouse.write_security_event(reported gatehouse.queued_event) RETURNS void
LANGUAGE plpgsql VOLATILE
SET search_path = pg_catalog, pg_temp
AS $$
BEGIN
  PERFORM FROM gatehouse.users u WHERE u.id = reported.user_id FOR KEY SHARE SKIP LOCKED;
  IF reported.user_id IS NOT NULL AND NOT FOUND THEN
    reported.ip := NULL;
    reported.user_agent := NULL;
    reported.context := NULL;
  END IF;
  PERFORM gatehouse.write_event(reported.event_type, reported.user_id, reported.ip, reported.user_agent, reported.success,
                                reported.context::jsonb, reported.session_id, reported.api_key_id, reported.occurred_at);
END
$$;
COMMENT ON FUNCTION gatehouse.write_security_event(gatehouse.queued_event) IS
  'internal: writes an event to the log, without its personal details where its account is gone or being erased';
ALTER FUNCTION gatehouse.write_security_event(gatehouse.queued_event) OWNER TO gatehouse_owner;
REVOKE ALL ON FUNCTION gatehouse.write_security_event(gatehouse.queued_event) FROM PUBLIC;

CREATE FUNCTION gatehouse.write_security_events() RETURNS bigint
LANGUAGE plpgsql VOLATILE
SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
  queued gatehouse.queued_event;
  written bigint := bigint '0';
  lost bigint;
BEGIN
  FOR queued IN SELECT q.* FROM gatehouse.take_events(256) q LOOP
    PERFORM gatehouse.write_security_event(queued);
    written := written + 1;
  END LOOP;
  lost := gatehouse.take_lost_events();
  IF lost > 0 THEN
    PERFORM gatehouse.write_event('security.events_lost', NULL, NULL, NULL, false, jsonb_build_object('events', lost), NULL,
                                  occurred_at => clock_timestamp());
    written := written + 1;
  END IF;
  RETURN written;
END
$$;
COMMENT ON FUNCTION gatehouse.write_security_events() IS
  'internal: writes to the log what waits in the queue, at most 256 events, and gives their number';
ALTER FUNCTION gatehouse.write_security_events() OWNER TO gatehouse_owner;
REVOKE ALL ON FUNCTION gatehouse.write_security_events() FROM PUBLIC;

CREATE FUNCTION gatehouse.record_security_event(event_type text, user_id uuid, ip inet DEFAULT NULL,
                                                user_agent text DEFAULT NULL, success boolean DEFAULT false,
                                                context jsonb DEFAULT NULL, session_id uuid DEFAULT NULL) RETURNS void
LANGUAGE plpgsql VOLATILE
SET search_path = pg_catalog, pg_temp
AS $$
BEGIN
  IF NOT gatehouse.report_event(event_type, user_id, session_id, NULL, success, ip, user_agent, context::text) THEN
    PERFORM gatehouse.write_security_event(ROW(clock_timestamp(), event_type, user_id, session_id, NULL, success, ip, user_agent,
                                               context)::gatehouse.queued_event);
  ELSIF NOT gatehouse.worker_serves_database() THEN
    PERFORM gatehouse.end_reused_sessions();
    PERFORM gatehouse.write_security_events();
  END IF;
END
$$;
COMMENT ON FUNCTION gatehouse.record_security_event(text, uuid, inet, text, boolean, jsonb, uuid) IS
  'internal: reports an event so that the caller''s ROLLBACK doesn''t undo it';
ALTER FUNCTION gatehouse.record_security_event(text, uuid, inet, text, boolean, jsonb, uuid) OWNER TO gatehouse_owner;
REVOKE ALL ON FUNCTION gatehouse.record_security_event(text, uuid, inet, text, boolean, jsonb, uuid) FROM PUBLIC;
