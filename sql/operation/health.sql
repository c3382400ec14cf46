CREATE FUNCTION gatehouse.server_state(
  OUT memory text,
  OUT hashing bigint,
  OUT hashes_waiting bigint,
  OUT hashes_turned_away bigint,
  OUT throttle_capacity bigint,
  OUT counts_lost bigint,
  OUT queue_capacity bigint,
  OUT events_waiting bigint,
  OUT events_lost bigint,
  OUT worker_serves boolean,
  OUT worker_served_at timestamptz,
  OUT key_ring_failure text,
  OUT key_ids integer[],
  OUT key_use_capacity bigint,
  OUT key_uses_waiting bigint,
  OUT key_uses_lost bigint,
  OUT standby_as_of timestamptz,
  OUT standby_bounded boolean,
  OUT sessions_reused bigint,
  OUT reuses_lost bigint
)
AS 'MODULE_PATHNAME', 'gatehouse_operation_server_state'
LANGUAGE c STABLE;
COMMENT ON FUNCTION gatehouse.server_state() IS
  'internal: what shared memory, the worker, the key ring and, of a standby, replay are doing; counts of what was lost or turned away are since the server started';
REVOKE ALL ON FUNCTION gatehouse.server_state() FROM PUBLIC;
GRANT EXECUTE ON FUNCTION gatehouse.server_state() TO gatehouse_owner;

-- No table is read: of a few distinct numbers the statistics of a column hold all but the rarest.
CREATE FUNCTION gatehouse.key_ids_in_use() RETURNS integer[]
LANGUAGE sql STABLE
SET search_path = pg_catalog, pg_temp
AS $$
  SELECT array_agg(DISTINCT v.id::integer ORDER BY v.id::integer)
    FROM pg_stats s, LATERAL unnest(s.most_common_vals::text::text[] || s.histogram_bounds::text::text[]) AS v (id)
   WHERE s.schemaname = 'gatehouse' AND s.tablename IN ('api_keys', 'one_time_tokens', 'sessions') AND s.attname = 'ring_key_id'
     AND v.id <> '0'
$$;
COMMENT ON FUNCTION gatehouse.key_ids_in_use() IS
  'internal: the ids of the keys of the key ring under which rows were made, as ANALYZE saw them';
ALTER FUNCTION gatehouse.key_ids_in_use() OWNER TO gatehouse_owner;
REVOKE ALL ON FUNCTION gatehouse.key_ids_in_use() FROM PUBLIC;

CREATE FUNCTION gatehouse.health_checks(OUT check_name text, OUT status text, OUT reason text) RETURNS SETOF record
LANGUAGE plpgsql STABLE
SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
  state record;
  missing_keys integer[];
  age interval;
  bound CONSTANT interval := gatehouse.setting('max_standby_staleness')::interval;
BEGIN
  SELECT * INTO state FROM gatehouse.server_state();

  check_name := 'versions';
  IF starts_with(gatehouse.library_version(), gatehouse.version() || '.') THEN
    status := 'healthy';
    reason := format('SQL %s, library %s', gatehouse.version(), gatehouse.library_version());
  ELSE
    status := 'degraded';
    reason := format('SQL %s under library %s: run ALTER EXTENSION gatehouse UPDATE', gatehouse.version(),
                     gatehouse.library_version());
  END IF;
  RETURN NEXT;

  check_name := 'shared_memory';
  status := CASE state.memory WHEN 'preloaded' THEN 'healthy' ELSE 'degraded' END;
  reason := CASE state.memory
    WHEN 'preloaded' THEN NULL
    WHEN 'segment' THEN 'the library is not preloaded: the gate and the counts of failures work, the background worker does not run and '
                        'statements are not masked. Put gatehouse last in shared_preload_libraries, e.g. '
                        'shared_preload_libraries = ''gatehouse'', and restart'
    ELSE 'the library is not preloaded: hashes are not limited, no use of an API key is noted, a ROLLBACK undoes counts of failures and security events, the '
         'background worker does not run and statements are not masked. Put gatehouse last in shared_preload_libraries, e.g. '
         'shared_preload_libraries = ''gatehouse'', and restart'
  END;
  RETURN NEXT;

  check_name := 'key_ring';
  missing_keys := ARRAY(SELECT u.id FROM unnest(gatehouse.key_ids_in_use()) u (id)
                         WHERE (u.id = ANY (state.key_ids)) IS NOT TRUE ORDER BY 1);
  IF state.key_ring_failure IS NOT NULL THEN
    status := 'unhealthy';
    reason := state.key_ring_failure;
  ELSIF missing_keys <> '{}' THEN
    status := 'degraded';
    reason := format('API keys, sessions or one-time tokens were made under keys that the ring lacks, and are refused: %s',
                     array_to_string(missing_keys, ', '));
  ELSE
    status := 'healthy';
    reason := CASE WHEN state.key_ids IS NULL THEN 'none is configured' END;
  END IF;
  RETURN NEXT;

  check_name := 'worker';
  IF state.memory <> 'preloaded' THEN
    status := 'degraded';
    reason := 'it needs preloading: whoever writes next does its work, or run_maintenance()';
  ELSIF pg_is_in_recovery() THEN
    status := 'healthy';
    reason := 'it starts at promotion';
  ELSIF state.worker_serves THEN
    status := 'healthy';
    reason := CASE WHEN state.worker_served_at IS NULL THEN 'it has not come to an end yet'
                   ELSE format('last done at %s', state.worker_served_at) END;
  ELSE
    status := 'degraded';
    reason := format('it does not serve this database, or is late: is %I in gatehouse.worker_databases, and what does the server''s log say? '
                     'Last done at %s', current_database(), coalesce(state.worker_served_at::text, 'no time'));
  END IF;
  RETURN NEXT;

  check_name := 'event_queue';
  status := CASE WHEN state.events_waiting > state.queue_capacity / 4 THEN 'degraded' ELSE 'healthy' END;
  reason := CASE WHEN state.memory <> 'none'
                 THEN format('%s of this database waiting, room for %s, %s lost since the server started', state.events_waiting,
                             state.queue_capacity / 2, state.events_lost) END;
  RETURN NEXT;

  check_name := 'throttle';
  status := 'healthy';
  reason := CASE WHEN state.memory <> 'none'
                 THEN format('room for %s counts, %s lost since the server started', state.throttle_capacity, state.counts_lost)
                 ELSE 'counts are rows of the caller''s transaction' END;
  RETURN NEXT;

  check_name := 'password_gate';
  status := CASE WHEN state.hashes_waiting >= gatehouse.setting('max_hash_waiters')::bigint AND state.hashes_waiting > 0
                 THEN 'degraded' ELSE 'healthy' END;
  reason := CASE WHEN state.memory <> 'none'
                 THEN format('%s hashing, %s waiting, %s turned away since the server started', state.hashing, state.hashes_waiting,
                             state.hashes_turned_away)
                 ELSE 'it stands open' END;
  RETURN NEXT;

  check_name := 'key_usage';
  status := CASE WHEN state.key_uses_waiting > state.key_use_capacity / 2 THEN 'degraded' ELSE 'healthy' END;
  reason := CASE WHEN state.memory = 'none' THEN 'it needs preloading: no use of an API key is noted'
                 WHEN NOT gatehouse.setting('track_key_usage')::boolean THEN 'it is switched off'
                 ELSE format('uses of %s keys of this database waiting, room for %s keys, %s uses lost since the server started',
                             state.key_uses_waiting, state.key_use_capacity, state.key_uses_lost) END;
  RETURN NEXT;

  check_name := 'session_reuse';
  status := CASE WHEN state.reuses_lost > 0 THEN 'degraded' ELSE 'healthy' END;
  reason := CASE WHEN state.memory = 'none' THEN 'it needs preloading: a ROLLBACK undoes the end of a session whose token was used twice'
                 WHEN state.reuses_lost > 0 OR state.sessions_reused > 0
                 THEN format('%s sessions of this database whose token was used twice are to be ended, %s found no room since the server '
                             'started', state.sessions_reused, state.reuses_lost) END;
  RETURN NEXT;

  check_name := 'standby_staleness';
  -- A clock that is behind the primary's makes nothing younger than now.
  age := date_trunc('milliseconds', greatest(clock_timestamp() - state.standby_as_of, interval '0'));
  IF state.standby_as_of IS NULL THEN
    status := 'healthy';
    reason := 'it is no standby';
  ELSIF bound = interval '0' THEN
    status := 'healthy';
    reason := format('replayed up to %s ago; there is no bound', age);
  ELSIF NOT state.standby_bounded THEN
    status := 'degraded';
    reason := format('replayed up to %s ago; without preloading there is no bound', age);
  ELSIF age > bound THEN
    status := 'unhealthy';
    reason := format('replayed up to %s ago, more than %s: API keys are refused', age, bound);
  ELSE
    status := 'healthy';
    reason := format('replayed up to %s ago, at most %s', age, bound);
  END IF;
  RETURN NEXT;
END
$$;
COMMENT ON FUNCTION gatehouse.health_checks() IS 'internal: the checks of health_check';
ALTER FUNCTION gatehouse.health_checks() OWNER TO gatehouse_owner;
REVOKE ALL ON FUNCTION gatehouse.health_checks() FROM PUBLIC;

CREATE FUNCTION gatehouse.health_check() RETURNS jsonb
LANGUAGE plpgsql STABLE SECURITY DEFINER
SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
  checks jsonb;
  worst text;
BEGIN
  BEGIN
    SELECT jsonb_object_agg(h.check_name, jsonb_build_object('status', h.status, 'reason', h.reason)),
           CASE WHEN bool_or(h.status = 'unhealthy') THEN 'unhealthy' WHEN bool_or(h.status = 'degraded') THEN 'degraded'
                ELSE 'healthy' END
      INTO checks, worst
      FROM gatehouse.health_checks() h;
  EXCEPTION WHEN OTHERS THEN
    worst := 'unhealthy';
    checks := jsonb_build_object('health_check', jsonb_build_object('status', 'unhealthy', 'reason', SQLERRM));
  END;
  RETURN jsonb_build_object(
    'status', worst,
    'checks', checks,
    'user_count', (SELECT greatest(c.reltuples, 0)::bigint FROM pg_class c WHERE c.oid = to_regclass('gatehouse.users')),
    'connection', jsonb_build_object('database', current_database(), 'in_recovery', pg_is_in_recovery(),
                                     'server_version', current_setting('server_version')));
END
$$;
COMMENT ON FUNCTION gatehouse.health_check() IS
  'the state of gatehouse in this database: status (healthy, degraded, unhealthy), checks (each with status and reason), user_count (an '
  'estimate), connection; never raises, reads no table, works on a standby';
ALTER FUNCTION gatehouse.health_check() OWNER TO gatehouse_owner;
REVOKE ALL ON FUNCTION gatehouse.health_check() FROM PUBLIC;
GRANT EXECUTE ON FUNCTION gatehouse.health_check() TO gatehouse_app, gatehouse_auditor;
