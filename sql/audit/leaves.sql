-- Dated partitions ("leaves") of the logs. Maintenance makes them ahead of their time, so that DEFAULT is empty of their range
-- when they come; a writer never makes one. They are gatehouse_owner's and no members of the extension: pg_dump takes them along.
-- events and event_details have leaves of the same ranges, so that no details outlive their event.

CREATE FUNCTION gatehouse.log_partitions(OUT log regclass, OUT leaf regclass, OUT is_default boolean, OUT since timestamptz,
                                         OUT until timestamptz) RETURNS SETOF record
LANGUAGE sql STABLE ROWS 50
SET search_path = pg_catalog, pg_temp
SET datestyle = 'ISO, YMD'
SET timezone = 'UTC'
AS $$
  SELECT p.parent::regclass, p.leaf::regclass, p.bounds = 'DEFAULT',
         CASE WHEN p.bounds ~ 'FROM [(]MINVALUE[)]' THEN '-infinity' ELSE substring(p.bounds FROM 'FROM [(]''([^'']*)''[)]') END::timestamptz,
         CASE WHEN p.bounds ~ 'TO [(]MAXVALUE[)]' THEN 'infinity' ELSE substring(p.bounds FROM 'TO [(]''([^'']*)''[)]') END::timestamptz
    FROM (SELECT i.inhparent AS parent, c.oid AS leaf, pg_get_expr(c.relpartbound, c.oid) AS bounds
            FROM pg_inherits i
            JOIN pg_class c ON c.oid = i.inhrelid
           WHERE i.inhparent IN ('gatehouse.events'::regclass, 'gatehouse.event_details'::regclass, 'gatehouse.row_change_log'::regclass)) p
   ORDER BY p.parent, 4, p.leaf
$$;
COMMENT ON FUNCTION gatehouse.log_partitions() IS
  'internal: the partitions of the logs; DEFAULT has no bounds. A leaf has the rows from since on and before until';
ALTER FUNCTION gatehouse.log_partitions() OWNER TO gatehouse_owner;
REVOKE ALL ON FUNCTION gatehouse.log_partitions() FROM PUBLIC;

CREATE FUNCTION gatehouse.logs_with(log regclass) RETURNS regclass[]
LANGUAGE sql STABLE
BEGIN ATOMIC
  SELECT CASE WHEN log = 'gatehouse.row_change_log'::regclass THEN ARRAY[log]
              ELSE ARRAY['gatehouse.event_details'::regclass, 'gatehouse.events'::regclass] END;
END;
COMMENT ON FUNCTION gatehouse.logs_with(regclass) IS 'internal: the logs that have leaves of the same ranges as this one';
ALTER FUNCTION gatehouse.logs_with(regclass) OWNER TO gatehouse_owner;
REVOKE ALL ON FUNCTION gatehouse.logs_with(regclass) FROM PUBLIC;

CREATE FUNCTION gatehouse.time_column(log regclass) RETURNS name
LANGUAGE sql STABLE
BEGIN ATOMIC
  SELECT a.attname
    FROM pg_catalog.pg_partitioned_table p
    JOIN pg_catalog.pg_attribute a ON a.attrelid = p.partrelid AND a.attnum = p.partattrs[0]
   WHERE p.partrelid = log;
END;
COMMENT ON FUNCTION gatehouse.time_column(regclass) IS 'internal: the column by which a log is partitioned';
ALTER FUNCTION gatehouse.time_column(regclass) OWNER TO gatehouse_owner;
REVOKE ALL ON FUNCTION gatehouse.time_column(regclass) FROM PUBLIC;

CREATE FUNCTION gatehouse.default_of(log regclass) RETURNS regclass
LANGUAGE sql STABLE
BEGIN ATOMIC
  SELECT p.partdefid::regclass FROM pg_catalog.pg_partitioned_table p WHERE p.partrelid = log AND p.partdefid <> 0;
END;
COMMENT ON FUNCTION gatehouse.default_of(regclass) IS 'internal: the DEFAULT partition of a log';
ALTER FUNCTION gatehouse.default_of(regclass) OWNER TO gatehouse_owner;
REVOKE ALL ON FUNCTION gatehouse.default_of(regclass) FROM PUBLIC;

-- Ranges end where a month, a week, a day or an hour of UTC ends, and where a leaf of any of the logs begins or ends.
CREATE FUNCTION gatehouse.leaf_range(logs regclass[], at timestamptz, unit text, OUT since timestamptz, OUT until timestamptz)
LANGUAGE sql STABLE
SET search_path = pg_catalog, pg_temp
AS $$
  SELECT greatest(date_trunc(unit, at, 'UTC'), max(p.until) FILTER (WHERE p.until <= at), max(p.since) FILTER (WHERE p.since <= at)),
         least((date_trunc(unit, at, 'UTC') AT TIME ZONE 'UTC' + ('1 ' || unit)::interval) AT TIME ZONE 'UTC',
               min(p.since) FILTER (WHERE p.since > at), min(p.until) FILTER (WHERE p.until > at))
    FROM gatehouse.log_partitions() p
   WHERE p.log = ANY (logs)
$$;
COMMENT ON FUNCTION gatehouse.leaf_range(regclass[], timestamptz, text) IS
  'internal: the range of a leaf for this time, a unit of the calendar less what leaves have';
ALTER FUNCTION gatehouse.leaf_range(regclass[], timestamptz, text) OWNER TO gatehouse_owner;
REVOKE ALL ON FUNCTION gatehouse.leaf_range(regclass[], timestamptz, text) FROM PUBLIC;

CREATE FUNCTION gatehouse.leaf_unit(logs regclass[]) RETURNS text
LANGUAGE plpgsql VOLATILE
SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
  most CONSTANT numeric := pg_size_bytes(gatehouse.setting('audit_leaf_size'))::numeric;
  present CONSTANT timestamptz := clock_timestamp();
  part record;
  begun timestamptz;
  a_day numeric := numeric '0';
BEGIN
  FOR part IN SELECT p.* FROM gatehouse.log_partitions() p
               WHERE p.log = ANY (logs)
                 AND (p.is_default OR p.since < present AND p.until > present - interval '8 days') LOOP
    begun := part.since;
    IF part.is_default THEN
      EXECUTE format('SELECT %I FROM ONLY %s LIMIT 1', gatehouse.time_column(part.log), part.leaf) INTO begun;
    END IF;
    CONTINUE WHEN begun IS NULL OR NOT isfinite(begun);
    a_day := greatest(a_day, pg_total_relation_size(part.leaf) / greatest(extract(epoch FROM least(part.until, present) - begun) / 86400, 1));
  END LOOP;
  RETURN CASE WHEN 31 * a_day <= most THEN 'month' WHEN 7 * a_day <= most THEN 'week' ELSE 'day' END;
END
$$;
COMMENT ON FUNCTION gatehouse.leaf_unit(regclass[]) IS
  'internal: month, week or day, the longest of which what was written lately lets expect at most gatehouse.audit_leaf_size';
ALTER FUNCTION gatehouse.leaf_unit(regclass[]) OWNER TO gatehouse_owner;
REVOKE ALL ON FUNCTION gatehouse.leaf_unit(regclass[]) FROM PUBLIC;

-- Attached only when it is complete: CREATE TABLE ... PARTITION OF would keep everybody from the whole log. ATTACH reads
-- DEFAULT, which nobody can write or read meanwhile. The caller holds the lock on DEFAULT where it moves rows.
CREATE FUNCTION gatehouse.make_leaf(log regclass, since timestamptz, until timestamptz, with_rows boolean) RETURNS bigint
LANGUAGE plpgsql VOLATILE
SET search_path = pg_catalog, pg_temp
SET datestyle = 'ISO, YMD'
SET timezone = 'UTC'
AS $$
DECLARE
  parent_name CONSTANT text := (SELECT c.relname::text FROM pg_class c WHERE c.oid = log);
  default_leaf CONSTANT regclass := gatehouse.default_of(log);
  default_name CONSTANT text := (SELECT c.relname::text FROM pg_class c WHERE c.oid = default_leaf);
  time_column CONSTANT name := gatehouse.time_column(log);
  whole_month CONSTANT boolean := since = date_trunc('month', since) AND until = since + interval '1 month';
  whole_days CONSTANT boolean := since = date_trunc('day', since);
  base CONSTANT text := parent_name || to_char(since, CASE WHEN whole_month THEN '_YYYY_MM' WHEN whole_days THEN '_YYYY_MM_DD'
                                                           ELSE '_YYYY_MM_DD_HH24MISS' END);
  leaf_name text := base;
  attempt integer := 1;
  moved bigint := bigint '0';
  definition text;
BEGIN
  WHILE to_regclass(format('gatehouse.%I', leaf_name)) IS NOT NULL LOOP
    attempt := attempt + 1;
    leaf_name := base || '_' || attempt;
  END LOOP;
  EXECUTE format('CREATE TABLE gatehouse.%I (LIKE %s)', leaf_name, log);
  EXECUTE format('ALTER TABLE gatehouse.%I OWNER TO gatehouse_owner', leaf_name);
  EXECUTE format('COMMENT ON TABLE gatehouse.%I IS %L', leaf_name, format('of %s, from %s to %s', parent_name, since, until));
  IF with_rows THEN
    EXECUTE format('WITH moved AS (DELETE FROM ONLY %1$s d WHERE d.%2$I >= %3$L AND d.%2$I < %4$L RETURNING d.*) '
                   'INSERT INTO gatehouse.%5$I SELECT m.* FROM moved m', default_leaf, time_column, since, until, leaf_name);
    GET DIAGNOSTICS moved = ROW_COUNT;
  END IF;
  -- One that somebody has made may have any name.
  FOR definition IN SELECT CASE WHEN starts_with(c.relname, default_name) THEN d.definition
                                ELSE replace(d.definition, format(' INDEX %I ON ', c.relname), format(' INDEX %I ON ', left(leaf_name || '_' || c.relname, 63))) END
                      FROM pg_index i JOIN pg_class c ON c.oid = i.indexrelid CROSS JOIN LATERAL pg_get_indexdef(i.indexrelid) d (definition)
                     WHERE i.indrelid = default_leaf AND i.indisvalid LOOP
    EXECUTE replace(definition, default_name, leaf_name);
  END LOOP;
  EXECUTE format('ALTER TABLE %s ATTACH PARTITION gatehouse.%I FOR VALUES FROM (%L) TO (%L)', log, leaf_name, since, until);
  RETURN moved;
END
$$;
COMMENT ON FUNCTION gatehouse.make_leaf(regclass, timestamptz, timestamptz, boolean) IS
  'internal: makes a partition of a log with the indexes of DEFAULT, and moves the rows of its range there; gives their number';
ALTER FUNCTION gatehouse.make_leaf(regclass, timestamptz, timestamptz, boolean) OWNER TO gatehouse_owner;
REVOKE ALL ON FUNCTION gatehouse.make_leaf(regclass, timestamptz, timestamptz, boolean) FROM PUBLIC;

CREATE FUNCTION gatehouse.lock_logs(logs regclass[]) RETURNS void
LANGUAGE plpgsql VOLATILE
SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
  log regclass;
BEGIN
  FOREACH log IN ARRAY logs LOOP
    EXECUTE format('LOCK TABLE ONLY %s IN SHARE UPDATE EXCLUSIVE MODE', log);
  END LOOP;
END
$$;
COMMENT ON FUNCTION gatehouse.lock_logs(regclass[]) IS
  'internal: keeps others from changing the partitions of the logs, and nobody from reading and writing them';
ALTER FUNCTION gatehouse.lock_logs(regclass[]) OWNER TO gatehouse_owner;
REVOKE ALL ON FUNCTION gatehouse.lock_logs(regclass[]) FROM PUBLIC;

CREATE FUNCTION gatehouse.make_leaves_of(logs regclass[], at_any_size boolean) RETURNS bigint
LANGUAGE plpgsql VOLATILE
SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
  most_default CONSTANT bigint := bigint '1073741824';
  present CONSTANT timestamptz := clock_timestamp();
  place timestamptz := present;
  unit text;
  this_log regclass;
  covered bigint;
  covered_until timestamptz;
  until timestamptz;
  made bigint := bigint '0';
BEGIN
  WHILE place <= present + interval '8 days' LOOP
    SELECT count(*), min(p.until) INTO covered, covered_until
      FROM gatehouse.log_partitions() p
     WHERE p.log = ANY (logs) AND p.since <= place AND p.until > place;
    IF covered = cardinality(logs) THEN
      place := covered_until;
    ELSIF place = present THEN
      -- What is written now goes into DEFAULT, where a leaf of this range would find rows; so it begins tomorrow. While ATTACH
      -- reads a large DEFAULT, those who write to it wait.
      EXIT WHEN at_any_size IS NOT TRUE
        AND (SELECT sum(pg_relation_size(gatehouse.default_of(l))) FROM unnest(logs) l) > most_default;
      place := (date_trunc('day', present + interval '1 minute', 'UTC') AT TIME ZONE 'UTC' + interval '1 day') AT TIME ZONE 'UTC';
    ELSE
      IF unit IS NULL THEN
        PERFORM gatehouse.lock_logs(logs);
        unit := gatehouse.leaf_unit(logs);
      END IF;
      until := (gatehouse.leaf_range(logs, place, unit)).until;
      FOREACH this_log IN ARRAY logs LOOP
        IF NOT EXISTS (SELECT FROM gatehouse.log_partitions() p
                        WHERE p.log = this_log AND p.since <= place AND p.until > place) THEN
          PERFORM gatehouse.make_leaf(this_log, place, until, false);
          made := made + 1;
        END IF;
      END LOOP;
      place := until;
    END IF;
  END LOOP;
  RETURN made;
END
$$;
COMMENT ON FUNCTION gatehouse.make_leaves_of(regclass[], boolean) IS
  'internal: makes partitions for the next eight days; none where DEFAULT, of more than 1 GB, is written to, unless told';
ALTER FUNCTION gatehouse.make_leaves_of(regclass[], boolean) OWNER TO gatehouse_owner;
REVOKE ALL ON FUNCTION gatehouse.make_leaves_of(regclass[], boolean) FROM PUBLIC;

-- Nobody waits long behind a lock that is not got: whoever writes to DEFAULT queues behind the request for it. Two that make
-- leaves exclude each other by a lock on the log that no reader and no writer meets.
CREATE FUNCTION gatehouse.make_audit_leaves(at_any_size boolean DEFAULT false) RETURNS bigint
LANGUAGE plpgsql VOLATILE SECURITY DEFINER
SET search_path = pg_catalog, pg_temp
SET lock_timeout = '50ms'
AS $$
DECLARE
  log regclass;
  made bigint := bigint '0';
BEGIN
  FOREACH log IN ARRAY ARRAY['gatehouse.row_change_log'::regclass, 'gatehouse.events'::regclass] LOOP
    BEGIN
      made := made + gatehouse.make_leaves_of(gatehouse.logs_with(log), at_any_size);
    EXCEPTION WHEN lock_not_available THEN
      NULL;  -- the next round tries again
    END;
  END LOOP;
  RETURN made;
END
$$;
COMMENT ON FUNCTION gatehouse.make_audit_leaves(boolean) IS
  'makes the partitions of the logs for the next eight days and gives their number; maintenance calls it. Where rows go into a DEFAULT '
  'of more than 1 GB it makes none unless told: whoever writes waits while it is read';
ALTER FUNCTION gatehouse.make_audit_leaves(boolean) OWNER TO gatehouse_owner;
REVOKE ALL ON FUNCTION gatehouse.make_audit_leaves(boolean) FROM PUBLIC;
GRANT EXECUTE ON FUNCTION gatehouse.make_audit_leaves(boolean) TO gatehouse_admin;

-- Rows that came while there was no leaf for them. Under the lock on DEFAULT no row of the range is unseen, and none comes:
-- a row is in DEFAULT or in the leaf, in one transaction. While rows of the present go into DEFAULT it is left alone.
CREATE FUNCTION gatehouse.move_rows_of(logs regclass[], max_rows bigint) RETURNS bigint
LANGUAGE plpgsql VOLATILE
SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
  present CONSTANT timestamptz := clock_timestamp();
  this_log regclass;
  at timestamptz;
  range record;
  rows_found bigint;
  most bigint;
  moved bigint := bigint '0';
BEGIN
  IF (SELECT count(*) FROM gatehouse.log_partitions() p
       WHERE p.log = ANY (logs) AND p.since <= present AND p.until > present) < cardinality(logs) THEN
    RETURN bigint '0';
  END IF;
  FOREACH this_log IN ARRAY logs LOOP
    -- The first in the file is about the oldest.
    EXECUTE format('SELECT d.%1$I FROM ONLY %2$s d WHERE d.%1$I <= $1 LIMIT 1', gatehouse.time_column(this_log), gatehouse.default_of(this_log))
      INTO at USING present;
    EXIT WHEN at IS NOT NULL;
  END LOOP;
  IF at IS NULL THEN
    RETURN bigint '0';
  END IF;
  PERFORM gatehouse.lock_logs(logs);
  FOREACH this_log IN ARRAY logs LOOP
    EXECUTE format('LOCK TABLE ONLY %s IN ACCESS EXCLUSIVE MODE', gatehouse.default_of(this_log));
  END LOOP;
  FOR range IN SELECT r.since, r.until FROM unnest('{month,week,day,hour}'::text[]) WITH ORDINALITY u (unit, place),
                      gatehouse.leaf_range(logs, at, u.unit) r ORDER BY u.place LOOP
    most := bigint '0';
    FOREACH this_log IN ARRAY logs LOOP
      EXECUTE format('SELECT count(*) FROM (SELECT FROM ONLY %1$s d WHERE d.%2$I >= $1 AND d.%2$I < $2 LIMIT $3) found',
                     gatehouse.default_of(this_log), gatehouse.time_column(this_log))
        INTO rows_found USING range.since, range.until, max_rows + 1;
      most := greatest(most, rows_found);
    END LOOP;
    EXIT WHEN most <= max_rows;
  END LOOP;
  FOREACH this_log IN ARRAY logs LOOP
    IF NOT EXISTS (SELECT FROM gatehouse.log_partitions() p
                    WHERE p.log = this_log AND p.since <= range.since AND p.until > range.since) THEN
      moved := moved + gatehouse.make_leaf(this_log, range.since, range.until, true);
    END IF;
  END LOOP;
  RETURN moved;
END
$$;
COMMENT ON FUNCTION gatehouse.move_rows_of(regclass[], bigint) IS
  'internal: moves rows from DEFAULT into a partition that is made for their range: the longest unit of the calendar with at most so '
  'many rows, at least an hour';
ALTER FUNCTION gatehouse.move_rows_of(regclass[], bigint) OWNER TO gatehouse_owner;
REVOKE ALL ON FUNCTION gatehouse.move_rows_of(regclass[], bigint) FROM PUBLIC;

CREATE FUNCTION gatehouse.move_default_rows(max_rows bigint DEFAULT 100000) RETURNS bigint
LANGUAGE plpgsql VOLATILE
SET search_path = pg_catalog, pg_temp
SET lock_timeout = '50ms'
AS $$
DECLARE
  log regclass;
  moved bigint := bigint '0';
BEGIN
  FOREACH log IN ARRAY ARRAY['gatehouse.row_change_log'::regclass, 'gatehouse.events'::regclass] LOOP
    BEGIN
      moved := moved + gatehouse.move_rows_of(gatehouse.logs_with(log), max_rows);
    EXCEPTION WHEN lock_not_available THEN
      NULL;  -- the next round tries again
    END;
  END LOOP;
  RETURN moved;
END
$$;
COMMENT ON FUNCTION gatehouse.move_default_rows(bigint) IS
  'internal: moves about so many rows of each log out of DEFAULT, where they came while there was no partition for them, and gives '
  'their number';
ALTER FUNCTION gatehouse.move_default_rows(bigint) OWNER TO gatehouse_owner;
REVOKE ALL ON FUNCTION gatehouse.move_default_rows(bigint) FROM PUBLIC;
