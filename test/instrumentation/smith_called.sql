-- What sqlsmith did. Of the functions nine in ten must have been called; those that were inlined are not counted. The server counts
-- calls that came to their end; `raised` are the names, of functions or of their symbols, that the log has of others.
\set ON_ERROR_STOP on
SELECT pg_stat_force_next_flush() \g /dev/null
SELECT format('%s queries', xact_rollback) FROM pg_stat_database WHERE datname = current_database();
CREATE TEMPORARY TABLE called AS
  SELECT p.oid::regprocedure::text AS signature, coalesce(f.calls, 0) AS calls,
         p.proname = ANY (raised.names) OR p.prosrc = ANY (raised.names) AS raised
    FROM pg_proc p
    LEFT JOIN pg_stat_user_functions f ON f.funcid = p.oid
    CROSS JOIN (SELECT string_to_array(:'raised', ' ') AS names) raised
   WHERE p.pronamespace = 'gatehouse'::regnamespace
     AND NOT (p.prolang = (SELECT oid FROM pg_language WHERE lanname = 'sql') AND NOT p.prosecdef AND p.proconfig IS NULL);
SELECT format('%s of %s functions were called, %s times to the end; %s raised each time', count(*) FILTER (WHERE calls > 0 OR raised),
              count(*), sum(calls), count(*) FILTER (WHERE calls = 0 AND raised))
  FROM called;
SELECT CASE WHEN raised THEN 'raised: ' ELSE 'not called: ' END || signature FROM called WHERE calls = 0 ORDER BY 1;
DO $$
BEGIN
  IF (SELECT count(*) FILTER (WHERE calls > 0 OR raised) < 0.9 * count(*) FROM called) THEN
    RAISE EXCEPTION 'fewer than 90 %% of the functions were called';
  END IF;
END
$$;
