-- uuid_v7: the fields of RFC 9562, section 5.7, and the order.
BEGIN;
SELECT plan(7);

CREATE TEMP TABLE made (place integer, id uuid);
CREATE TEMP TABLE around AS SELECT clock_timestamp() AS before;
INSERT INTO made SELECT i, gatehouse.uuid_v7() FROM generate_series(1, 10000) AS i;

SELECT is((SELECT count(DISTINCT id)::int FROM made), 10000, 'of 10000 no two are alike');
SELECT is_empty($$SELECT id FROM made WHERE substr(id::text, 15, 1) <> '7'$$, 'each has version 7');
SELECT is_empty($$SELECT id FROM made WHERE substr(id::text, 20, 1) NOT IN ('8', '9', 'a', 'b')$$,
  'each has the variant of RFC 9562');
SELECT is_empty(
  $$SELECT place, id FROM (SELECT place, id, lag(id) OVER (ORDER BY place) AS before FROM made) m WHERE id <= before$$,
  'each is greater than the one before');
SELECT is_empty(
  $$SELECT id FROM made, around,
           LATERAL (SELECT to_timestamp((('x' || left(replace(id::text, '-', ''),
             12))::bit(48)::bigint) / 1000.0)) AS t (made_at)
     WHERE made_at NOT BETWEEN around.before - interval '1 ms' AND clock_timestamp() + interval '1 ms'$$,
  'the first 48 bits are the milliseconds since 1970');
SELECT ok((SELECT count(DISTINCT right(id::text, 12)) FROM made) = 10000, 'the last bits are random');
SELECT ok(
  (SELECT count(DISTINCT to_timestamp(((('x' || left(replace(id::text, '-', ''),
    12))::bit(48)::bigint) / 1000.0))) FROM made) < 10000,
  'some are of the same millisecond, where only the counted fraction keeps the order');

SELECT * FROM finish();
ROLLBACK;
