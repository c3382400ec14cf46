-- How a key is verified: form first, then one probe, written nowhere, anywhere in a plan.
BEGIN;
SELECT plan(22);
SET LOCAL client_min_messages = warning;
\ir ../as_role.psql
SELECT ok(gatehouse.library_version() <> '', 'the library is loaded');

-- The library reads by number: src/api_keys/key_table_pg.h.
SELECT is(
  (SELECT string_agg(format('%s %s %s', attnum, attname, atttypid::regtype), ', ' ORDER BY attnum) FROM pg_attribute
    WHERE attrelid = 'gatehouse.api_keys'::regclass AND attnum BETWEEN 1 AND 14),
  '1 id uuid, 2 lookup_id bigint, 3 owner_is_live boolean, 4 ring_key_id integer, 5 key_digest bytea, 6 user_id uuid, '
  '7 expires_at timestamp with time zone, 8 deactivated_at timestamp with time zone, 9 name text, 10 hint text, 11 scopes text[], '
  '12 ip_allow cidr[], 13 created_at timestamp with time zone, 14 owner_stopped_until timestamp with time zone',
  'the columns of api_keys are where the library looks for them');
SELECT is(
  (SELECT string_agg(format('%s %s %s', a.attnum, a.attname, a.atttypid::regtype), ', ' ORDER BY a.attnum)
     FROM pg_attribute a JOIN pg_type t ON t.typrelid = a.attrelid
    WHERE t.oid = 'gatehouse.api_key_match'::regtype AND a.attnum > 0),
  '1 api_key_id uuid, 2 user_id uuid, 3 scopes text[], 4 name text, 5 expires_at timestamp with time zone',
  'so are those of what it gives');
SELECT ok(indisunique AND indisvalid AND indkey::text = '2',
  'api_keys_lookup_id_key is the unique index on the look-up id alone')
  FROM pg_index WHERE indexrelid = 'gatehouse.api_keys_lookup_id_key'::regclass;

SELECT api_key AS key, id FROM gatehouse.create_api_key(NULL, 'service') \gset
SELECT overlay(:'key' placing CASE right(:'key', 1) WHEN 'a' THEN 'b' ELSE 'a' END from 63) AS mistyped \gset
CREATE FUNCTION pg_temp.probes() RETURNS bigint LANGUAGE sql AS $$
  SELECT pg_stat_get_xact_numscans('gatehouse.api_keys_lookup_id_key'::regclass)
$$;
CREATE FUNCTION pg_temp.other_scans() RETURNS bigint LANGUAGE sql AS $$
  SELECT sum(pg_stat_get_xact_numscans(c.oid))::bigint FROM pg_class c
   WHERE c.relnamespace = 'gatehouse'::regnamespace AND c.relname <> 'api_keys_lookup_id_key' AND c.relkind IN ('r',
     'i')
$$;

SELECT pg_temp.probes() AS probes, pg_temp.other_scans() AS others \gset
SELECT is((SELECT count(*)::int FROM generate_series(1, 10) AS i,
  gatehouse.verify_api_key(CASE WHEN i > 0 THEN :'mistyped' END)), 0, 'ten mistyped keys');
SELECT is(pg_temp.probes() - :probes, 0::bigint, 'do not touch the index');
SELECT is((SELECT count(*)::int FROM generate_series(1, 10) AS i,
  gatehouse.verify_api_key(CASE WHEN i > 0 THEN :'key' END)), 10, 'ten live keys');
SELECT is(pg_temp.probes() - :probes, 1::bigint, 'are one probe of the index: the row is then where it was');
SELECT is(pg_temp.other_scans() - :others, 0::bigint, 'and nothing else of gatehouse is looked at');

-- Only the index may say that there is no such key.
SELECT pg_temp.probes() AS probes \gset
SELECT is((SELECT count(*)::int FROM (SELECT (gatehouse.make_api_key()).api_key FROM generate_series(1, 10) OFFSET 0) k,
  gatehouse.verify_api_key(k.api_key)), 0, 'ten keys that were never stored');
SELECT is(pg_temp.probes() - :probes, 10::bigint, 'are ten probes');

-- The place of a row holds for its later versions.
SELECT pg_temp.probes() AS probes \gset
UPDATE gatehouse.api_keys SET owner_is_live = false WHERE id = :'id';
SELECT is((SELECT count(*)::int FROM gatehouse.verify_api_key(:'key')), 0, 'a stopped owner''s key is refused where it was found before');
UPDATE gatehouse.api_keys SET owner_is_live = true WHERE id = :'id';
SELECT is((SELECT count(*) || ' ' || pg_temp.probes() - :probes FROM gatehouse.verify_api_key(:'key')), '1 0',
  'and opens again, without a probe');

-- Nothing is written: it works where nothing may be.
CREATE FUNCTION pg_temp.verified_read_only(api_key text) RETURNS text LANGUAGE plpgsql AS $$
DECLARE
  outcome text;
BEGIN
  BEGIN
    SET LOCAL transaction_read_only = on;
    SELECT current_setting('transaction_read_only') || ' ' || v.name INTO outcome FROM gatehouse.verify_api_key(api_key) v;
  EXCEPTION WHEN read_only_sql_transaction THEN
    outcome := SQLERRM;
  END;
  RETURN outcome;
END
$$;
SELECT is(pg_temp.verified_read_only(:'key'), 'on service', 'a key is verified in a READ ONLY transaction');

-- The plan.
CREATE FUNCTION pg_temp.plan_of(statement text) RETURNS text LANGUAGE plpgsql AS $$
DECLARE
  line text;
  lines text := '';
BEGIN
  FOR line IN EXECUTE 'EXPLAIN ' || statement LOOP
    lines := lines || line || E'\n';
  END LOOP;
  RETURN lines;
END
$$;
SELECT unalike(pg_temp.plan_of(format('SELECT * FROM gatehouse.verify_api_key(%L)', :'key')), '%Function Scan%',
  'verify_api_key is put into the caller''s query');
SELECT unalike(pg_temp.as_role('gatehouse_app',
  format('SELECT pg_temp.plan_of(%L)', format('SELECT * FROM gatehouse.verify_api_key(%L)', :'key'))),
  '%Function Scan%', 'also into an application''s');
SELECT unalike(pg_temp.plan_of('SELECT v.name FROM (VALUES (NULL::text)) AS k (api_key), gatehouse.verify_api_key(k.api_key) v'), '%Function Scan%',
  'also where the key is a column');

-- In a parallel worker. PostgreSQL keeps the subquery of verify_api_key in the leader; the scalar below it may go.
SELECT set_config(CASE WHEN current_setting('server_version_num')::int >= 160000 THEN 'debug_parallel_query' ELSE 'force_parallel_mode' END, 'on', true) AS forced \gset
SELECT alike(pg_temp.plan_of(format('(ANALYZE) SELECT (gatehouse.match_api_key(%L, %L, NULL)).name', :'key', '{}')),
  '%Workers Launched: 1%',
  'the scalar goes to a parallel worker');
SELECT coalesce((gatehouse.match_api_key(:'key', '{}', NULL)).name, 'nothing') AS found \gset
SELECT is(:'found'::text, 'service', 'which finds the key');
SELECT is((SELECT name FROM gatehouse.verify_api_key(:'key')), 'service', 'verify_api_key finds it in a parallel plan');
SELECT coalesce((gatehouse.match_api_key(:'mistyped', '{}', NULL)).name, 'nothing') AS found \gset
SELECT is(:'found'::text, 'nothing', 'a worker refuses what is no key');
UPDATE gatehouse.api_keys SET deactivated_at = clock_timestamp() WHERE id = :'id';
SELECT coalesce((gatehouse.match_api_key(:'key', '{}', NULL)).name, 'nothing') AS found \gset
SELECT is(:'found'::text, 'nothing', 'and sees what its transaction has just deactivated');

SELECT * FROM finish();
ROLLBACK;
