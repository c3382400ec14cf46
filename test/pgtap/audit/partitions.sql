-- Partitions under other names, and those that come with rows and go with them.
BEGIN;
SELECT plan(28);
SET LOCAL client_min_messages = warning;

CREATE SCHEMA other;
CREATE TABLE root (id integer PRIMARY KEY, body text) PARTITION BY RANGE (id);
CREATE TABLE low PARTITION OF root FOR VALUES FROM (0) TO (10);
CREATE TABLE high PARTITION OF root FOR VALUES FROM (10) TO (20);
INSERT INTO root VALUES (1, 'older');
CREATE TABLE moments (name text PRIMARY KEY, at timestamptz);
CREATE FUNCTION mark(name text) RETURNS void LANGUAGE sql AS $$INSERT INTO moments VALUES (name, clock_timestamp())$$;
CREATE FUNCTION rows_at(name text) RETURNS text LANGUAGE sql STABLE AS
  $$SELECT coalesce(string_agg(r ->> 'body', ' ' ORDER BY r ->> 'body'), 'none') FROM gatehouse.get_table_at('root', (SELECT m.at FROM moments m WHERE m.name = rows_at.name)) r$$;
CREATE FUNCTION row_at(id integer, name text) RETURNS text LANGUAGE sql STABLE AS
  $$SELECT gatehouse.get_row_at('root', jsonb_build_object('id', id), (SELECT m.at FROM moments m WHERE m.name = row_at.name)) ->> 'body'$$;
CREATE FUNCTION events() RETURNS text LANGUAGE sql STABLE AS $$
  SELECT string_agg(substr(e.event_type, 7) || coalesce(' ' || (d.context ->> 'partition'), ''), ', ' ORDER BY e.id)
    FROM gatehouse.events e JOIN gatehouse.event_details d ON d.event_id = e.id WHERE e.event_type LIKE 'audit.partition%'
$$;

SELECT gatehouse.enable_audit('root');
SELECT results_eq($$SELECT partition_schema || '.' || partition_name, since, has_left FROM gatehouse.audit_partitions ORDER BY partition_id$$,
                  $$VALUES ('public.low', 0::bigint, false), ('public.high', 0, false)$$, 'the partitions are known');
INSERT INTO root VALUES (2, 'two'), (12, 'twelve');
SELECT mark('start');

-- Other names
ALTER TABLE low RENAME TO lowest;
TRUNCATE lowest;
SELECT mark('emptied');
SELECT is(rows_at('emptied'), 'twelve', 'what is emptied under another name is empty');
SELECT is(row_at(2, 'emptied'), NULL, 'as its rows tell');
SELECT is(rows_at('start'), 'twelve two', 'before it is not, as far as the log goes back');
INSERT INTO root VALUES (3, 'three'), (13, 'thirteen');
ALTER TABLE lowest RENAME TO swap;
ALTER TABLE high RENAME TO lowest;
ALTER TABLE swap RENAME TO high;
SELECT mark('swapped');
TRUNCATE high;
SELECT mark('first emptied');
SELECT is(rows_at('first emptied'), 'thirteen twelve', 'also where two have each other''s name');
SELECT is(rows_at('swapped'), 'thirteen three twelve', 'which changes nothing in itself');
ALTER TABLE lowest SET SCHEMA other;
ALTER SCHEMA other RENAME TO another;
ALTER INDEX another.lowest RENAME TO third;
SELECT results_eq($$SELECT partition_schema || '.' || partition_name FROM gatehouse.audit_partitions ORDER BY partition_id$$,
                  $$VALUES ('public.high'), ('another.third')$$, 'names are followed, also into another schema, and by a command for indexes');
TRUNCATE another.third;
SELECT mark('all emptied');
SELECT is(rows_at('all emptied'), 'none', 'and the other is emptied as well');
SELECT is(rows_at('first emptied'), 'thirteen twelve', 'after its time');
SELECT gatehouse.enable_audit('root');
SELECT is((SELECT count(*) FROM gatehouse.audit_partitions), 2::bigint, 'enabling the audit again leaves partitions what they are');

-- Those that come
INSERT INTO root VALUES (4, 'four');
CREATE TABLE fresh PARTITION OF root FOR VALUES FROM (40) TO (50);
CREATE TABLE guest (id integer PRIMARY KEY, body text);
INSERT INTO guest VALUES (20, 'guest'), (21, 'visitor');
SELECT mark('before guest');
ALTER TABLE root ATTACH PARTITION guest FOR VALUES FROM (20) TO (30);
SELECT mark('guest');
SELECT is(rows_at('before guest'), 'four', 'rows that come with a partition were not in the table before');
SELECT is(row_at(20, 'before guest'), NULL, 'none of them');
SELECT is(rows_at('guest'), 'four guest visitor', 'and are from then on');
SELECT is(row_at(20, 'guest'), 'guest', 'each of them');
UPDATE root SET body = 'host' WHERE id = 20;
DELETE FROM root WHERE id = 21;
SELECT mark('host');
SELECT is(rows_at('host'), 'four host', 'with what becomes of them');
SELECT is(rows_at('guest'), 'four guest visitor', 'and what they were');

-- And go again
ALTER TABLE root DETACH PARTITION guest;
SELECT mark('gone');
SELECT is(rows_at('gone'), 'four', 'rows go with a partition');
SELECT is(rows_at('before guest'), 'four', 'and still were not there before it came');
ALTER TABLE root ATTACH PARTITION guest FOR VALUES FROM (20) TO (30);
SELECT mark('back');
SELECT is(rows_at('gone') || ', ' || rows_at('back'), 'four, four host', 'also where it comes back');
SELECT is(events(), 'partition_attached public.guest, partition_detached public.guest, partition_attached public.guest', 'events tell of what came with rows');

-- A row that a partition takes out of DEFAULT and brings back
CREATE TABLE split (id integer PRIMARY KEY, body text) PARTITION BY RANGE (id);
CREATE TABLE split_rest PARTITION OF split DEFAULT;
SELECT gatehouse.enable_audit('split');
INSERT INTO split VALUES (1, 'kept');
CREATE TABLE split_1 (LIKE split INCLUDING ALL);
WITH gone AS (DELETE FROM split WHERE id = 1 RETURNING *) INSERT INTO split_1 SELECT * FROM gone;
ALTER TABLE split ATTACH PARTITION split_1 FOR VALUES FROM (0) TO (10);
SELECT is(gatehouse.get_row_at('split', '{"id": 1}', clock_timestamp()) ->> 'body', 'kept', 'a row is found that went and came back with a partition');

-- An audited table below one that is not
CREATE TABLE below (id integer PRIMARY KEY, body text) PARTITION BY RANGE (id);
SELECT gatehouse.enable_audit('below');
CREATE TABLE above (id integer, body text) PARTITION BY RANGE (id);
ALTER TABLE above ATTACH PARTITION below FOR VALUES FROM (0) TO (100);
CREATE TABLE below_1 PARTITION OF below FOR VALUES FROM (0) TO (10);
INSERT INTO above VALUES (1, 'one');
UPDATE above SET body = 'two';
TRUNCATE below_1;
TRUNCATE below;
SELECT results_eq($$SELECT operation::text, key FROM gatehouse.row_change_log WHERE table_id = gatehouse.current_table_id('below') ORDER BY id$$,
  $$VALUES ('I', '{"id": 1}'::jsonb), ('U', '{"id": 1}'), ('T', '{"partition": "public.below_1"}'), ('T', NULL), ('T', '{"partition": "public.below_1"}')$$,
  'it stays the root of its own audit');
SELECT is((SELECT status FROM gatehouse.audited_tables WHERE table_name = 'below'), 'active', 'without a gap');
SELECT throws_ok($$SELECT gatehouse.enable_audit('above')$$, '42710', 'cannot audit public.above: a partition of it is audited itself', 'which the audit of the other does not end');

-- A partition with partitions that has left, and another of its name
CREATE TABLE first_root (id integer PRIMARY KEY) PARTITION BY RANGE (id);
CREATE TABLE sub PARTITION OF first_root FOR VALUES FROM (0) TO (10) PARTITION BY RANGE (id);
SELECT gatehouse.enable_audit('first_root');
ALTER TABLE first_root DETACH PARTITION sub;
ALTER TABLE sub RENAME TO sub_before;
CREATE TABLE second_root (id integer PRIMARY KEY) PARTITION BY RANGE (id);
SELECT gatehouse.enable_audit('second_root');
CREATE TABLE sub PARTITION OF second_root FOR VALUES FROM (0) TO (10);
INSERT INTO second_root VALUES (1);
DROP TABLE sub;
SELECT is((SELECT count(*) FROM gatehouse.get_table_at('second_root', clock_timestamp())), 0::bigint, 'the rows of the second are gone with it');
SELECT is((SELECT string_agg(context ->> 'table_name', ' ') FROM gatehouse.get_audit_logs(event_type => 'audit.partition_dropped') WHERE context ->> 'partition' = 'public.sub'),
  'second_root', 'and the event tells of its table');

-- What was made of a partition's rows before it came is no change of the table.
CREATE TABLE public.stems (id bigint, v text, PRIMARY KEY (id)) PARTITION BY RANGE (id);
CREATE TABLE public.stems_0 PARTITION OF public.stems FOR VALUES FROM (0) TO (100);
INSERT INTO public.stems VALUES (1, 'old');
SELECT gatehouse.enable_audit('public.stems');
SELECT clock_timestamp() AS before_guest \gset
CREATE TABLE public.stems_1 (id integer NOT NULL, v text);
INSERT INTO public.stems_1 VALUES (150, 'new');
ALTER TABLE public.stems_1 ALTER id TYPE bigint;
ALTER TABLE public.stems_1 ADD PRIMARY KEY (id);
ALTER TABLE public.stems ATTACH PARTITION public.stems_1 FOR VALUES FROM (100) TO (200);
SELECT is_empty($$SELECT c.* FROM gatehouse.row_changes c WHERE c.table_name = 'stems'$$, 'a partition that was rewritten before it came is told of as any other');
SELECT is((SELECT string_agg(r::text, ' ') FROM gatehouse.get_table_at('public.stems', :'before_guest') r), '{"v": "old", "id": 1}', 'and the past is what it was');

SELECT * FROM finish();
ROLLBACK;
