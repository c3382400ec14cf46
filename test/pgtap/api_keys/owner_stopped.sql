-- Keys of an owner who is stopped until a moment: they work again from that moment on, with nothing done.
BEGIN;
SELECT plan(10);
SET LOCAL client_min_messages = warning;
SELECT ok(gatehouse.library_version() <> '', 'the library is loaded');

-- The library reads by number: src/api_keys/key_table_pg.h.
SELECT is(
  (SELECT string_agg(format('%s %s %s', attnum, attname, atttypid::regtype), ', ' ORDER BY attnum) FROM pg_attribute
    WHERE attrelid = 'gatehouse.api_keys'::regclass AND attnum > 12),
  '13 created_at timestamp with time zone, 14 owner_stopped_until timestamp with time zone, 15 rotated_to uuid',
  'the columns are where the library looks for them');

SELECT id AS ada FROM gatehouse.create_user('ada@example.com', 'ada') \gset
SELECT api_key AS key, id AS key_id FROM gatehouse.create_api_key(:'ada', 'of ada') \gset
CREATE FUNCTION pg_temp.works(key_id uuid, key text, owner_is_live boolean, stopped_until timestamptz) RETURNS boolean
LANGUAGE plpgsql AS $$
BEGIN
  UPDATE gatehouse.api_keys k SET owner_is_live = works.owner_is_live, owner_stopped_until = works.stopped_until WHERE k.id = works.key_id;
  RETURN EXISTS (SELECT FROM gatehouse.verify_api_key(works.key));
END
$$;
SELECT is(pg_temp.works(:'key_id', :'key', owner_is_live, stopped_until), works, what)
  FROM (VALUES
    (1, true, NULL::timestamptz, true, 'a live owner''s key works'),
    (2, false, NULL, false, 'that of an owner who is stopped without an end, or deleted, does not'),
    (3, false, clock_timestamp() + interval '1 hour', false, 'nor before the stop ends'),
    (4, false, clock_timestamp(), true, 'from its end on it works'),
    (5, false, '-infinity', true, 'however long ago that was'),
    (6, false, 'infinity', false, 'a stop for ever never ends'),
    (7, true, clock_timestamp() + interval '1 hour', true, 'an owner who is live is not asked when he would be')
  ) AS v (place, owner_is_live, stopped_until, works, what)
 ORDER BY place;
UPDATE gatehouse.api_keys SET owner_is_live = false, owner_stopped_until = clock_timestamp(), deactivated_at = clock_timestamp()
 WHERE id = :'key_id';
SELECT is_empty(format('SELECT * FROM gatehouse.verify_api_key(%L)', :'key'), 'a deactivated key stays so');

SELECT * FROM finish();
ROLLBACK;
