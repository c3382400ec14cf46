-- Sessions that ended long ago are removed in batches. A refresh would not be a HOT update if the end of the idle time were
-- indexed: sweep_at is, which no refresh changes. It says when to look at the row again, and is set anew where the session
-- was used meanwhile.

CREATE FUNCTION gatehouse.cleanup_expired_tokens(retain interval DEFAULT '7 days', max_rows integer DEFAULT 1000) RETURNS bigint
LANGUAGE plpgsql VOLATILE SECURITY DEFINER
SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
  ended_before timestamptz;
  removed bigint;
  removed_now bigint;
  looked_at_now bigint;
  looked_at bigint := bigint '0';
BEGIN
  IF (retain >= interval '0') IS NOT TRUE THEN
    RAISE EXCEPTION 'retain must be an interval from 0 on' USING ERRCODE = '22023';
  END IF;
  IF (max_rows BETWEEN 1 AND 100000) IS NOT TRUE THEN
    RAISE EXCEPTION 'max_rows must be from 1 to 100000' USING ERRCODE = '22023';
  END IF;
  ended_before := clock_timestamp() - retain;

  -- Chosen once: a plan that asks again for each row would be given others.
  WITH ended AS MATERIALIZED (
    SELECT l.session_id FROM gatehouse.sessions l
     WHERE l.revoked_at <= ended_before
     ORDER BY l.revoked_at
     LIMIT max_rows
       FOR UPDATE SKIP LOCKED
  )
  DELETE FROM gatehouse.sessions s USING ended e WHERE s.session_id = e.session_id;
  GET DIAGNOSTICS removed = ROW_COUNT;

  WHILE removed < max_rows AND looked_at < bigint '10' * max_rows LOOP
    WITH due AS MATERIALIZED (
      SELECT l.session_id, l.idle_expires_at
        FROM gatehouse.sessions l
       WHERE l.sweep_at <= ended_before
       ORDER BY l.sweep_at
       LIMIT max_rows - removed
         FOR UPDATE SKIP LOCKED
    ), lapsed AS (
      DELETE FROM gatehouse.sessions s
       USING due d
       WHERE s.session_id = d.session_id AND d.idle_expires_at <= ended_before
      RETURNING s.session_id
    ), used_meanwhile AS (
      UPDATE gatehouse.sessions s
         SET sweep_at = d.idle_expires_at
        FROM due d
       WHERE s.session_id = d.session_id AND d.idle_expires_at > ended_before
    )
    SELECT (SELECT count(*) FROM lapsed), (SELECT count(*) FROM due) INTO removed_now, looked_at_now;
    EXIT WHEN looked_at_now = 0;
    removed := removed + removed_now;
    looked_at := looked_at + looked_at_now;
  END LOOP;
  IF removed > 0 THEN
    PERFORM gatehouse.write_event('gatehouse.sessions.removed', NULL, NULL, NULL, true,
                                  jsonb_build_object('sessions', removed, 'ended_before', ended_before), NULL);
  END IF;
  RETURN removed;
END
$$;
COMMENT ON FUNCTION gatehouse.cleanup_expired_tokens(interval, integer) IS
  'removes at most max_rows (1 to 100000) sessions that ended longer ago than retain, never a live one, and gives their number; it '
  'waits for no refresh. The token of a removed session is invalid to refresh_session, no longer expired or revoked. Maintenance '
  'calls it for those that ended more than 7 days before the hour began';
ALTER FUNCTION gatehouse.cleanup_expired_tokens(interval, integer) OWNER TO gatehouse_owner;
REVOKE ALL ON FUNCTION gatehouse.cleanup_expired_tokens(interval, integer) FROM PUBLIC;
GRANT EXECUTE ON FUNCTION gatehouse.cleanup_expired_tokens(interval, integer) TO gatehouse_admin;
