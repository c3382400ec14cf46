-- What the trigger logs, whatever way a row changes.
BEGIN;
SELECT plan(55);

CREATE FUNCTION pg_temp.logged(VARIADIC tables text[]) RETURNS SETOF text LANGUAGE sql AS $$
  SELECT concat_ws(' ', table_name, operation, key, old, '=>', new)
    FROM gatehouse.row_changes WHERE table_name = ANY (tables) ORDER BY id
$$;

CREATE TABLE item (id integer PRIMARY KEY, name text, price numeric, secret text, token text);
SELECT gatehouse.enable_audit('item', exclude => '{secret}', redact => '{token}');

INSERT INTO item VALUES (1, 'a', 1.50, 's', 't');
SELECT is(key, '{"id": 1}', 'the key is the primary key') FROM gatehouse.row_changes WHERE table_name = 'item';
SELECT is(new, '{"id": 1, "name": "a", "price": 1.50, "token": {"redacted": true}}',
          'an insert logs all columns but the excluded, and hides the redacted')
  FROM gatehouse.row_changes WHERE table_name = 'item';
SELECT is(old, NULL, 'an insert has no old values') FROM gatehouse.row_changes WHERE table_name = 'item';
SELECT is(transaction_id, pg_current_xact_id(), 'the row bears the transaction')
  FROM gatehouse.row_changes WHERE table_name = 'item';
SELECT is(origin, (SELECT system_identifier FROM pg_control_system()), 'the origin is the cluster''s identifier')
  FROM gatehouse.row_changes WHERE table_name = 'item';
SELECT is(db_role, current_user::text, 'the row bears the database role')
  FROM gatehouse.row_changes WHERE table_name = 'item';
SELECT is(application_name, current_setting('application_name'), 'the row bears the application''s name')
  FROM gatehouse.row_changes WHERE table_name = 'item';
SELECT is(table_schema, 'public', 'the view gives the schema') FROM gatehouse.row_changes WHERE table_name = 'item';
SELECT cmp_ok(changed_at, '>=', now(), 'the time is the clock''s') FROM gatehouse.row_changes WHERE table_name = 'item';
SELECT is(client_addr, inet_client_addr(), 'the row bears the client''s address')
  FROM gatehouse.row_changes WHERE table_name = 'item';
DELETE FROM gatehouse.row_change_log;

UPDATE item SET name = 'b', price = 1.50 WHERE id = 1;
SELECT results_eq($$SELECT * FROM pg_temp.logged('item')$$,
  ARRAY['item UPDATE {"id": 1} {"name": "a"} => {"name": "b"}'], 'an update logs the changed columns alone');
DELETE FROM gatehouse.row_change_log;

UPDATE item SET name = name, secret = 'other';
SELECT is_empty($$SELECT * FROM pg_temp.logged('item')$$,
  'an update that changes nothing that is logged is not logged');

UPDATE item SET token = 'u';
SELECT results_eq($$SELECT * FROM pg_temp.logged('item')$$,
  ARRAY['item UPDATE {"id": 1} {"token": {"redacted": true}} => {"token": {"redacted": true}}'],
  'a redacted column shows that it changed, not what it holds');
DELETE FROM gatehouse.row_change_log;

UPDATE item SET price = 1.5;
SELECT results_eq($$SELECT * FROM pg_temp.logged('item')$$,
  ARRAY['item UPDATE {"id": 1} {"price": 1.50} => {"price": 1.5}'], 'a change of scale is a change');
DELETE FROM gatehouse.row_change_log;

UPDATE item SET name = NULL;
SELECT results_eq($$SELECT * FROM pg_temp.logged('item')$$,
  ARRAY['item UPDATE {"id": 1} {"name": "b"} => {"name": null}'], 'NULL is a value');
DELETE FROM gatehouse.row_change_log;

UPDATE item SET id = 2;
SELECT results_eq($$SELECT * FROM pg_temp.logged('item')$$,
  ARRAY['item UPDATE {"id": 1} {"id": 1} => {"id": 2}'], 'a change of the key is logged under the key before');
DELETE FROM gatehouse.row_change_log;

DELETE FROM item;
SELECT results_eq($$SELECT * FROM pg_temp.logged('item')$$,
  ARRAY['item DELETE {"id": 2} {"id": 2, "name": null, "price": 1.5, "token": {"redacted": true}} =>'],
  'a delete logs all columns');
DELETE FROM gatehouse.row_change_log;

TRUNCATE item;
SELECT results_eq($$SELECT * FROM pg_temp.logged('item')$$, ARRAY['item TRUNCATE =>'], 'a TRUNCATE is logged');
DELETE FROM gatehouse.row_change_log;

-- Ways to change rows
CREATE TABLE way (id integer PRIMARY KEY, n integer);
SELECT gatehouse.enable_audit('way');
INSERT INTO way VALUES (1, 1);
INSERT INTO way VALUES (1, 5), (2, 5) ON CONFLICT (id) DO UPDATE SET n = excluded.n;
SELECT results_eq($$SELECT * FROM pg_temp.logged('way') OFFSET 1$$,
  ARRAY['way UPDATE {"id": 1} {"n": 1} => {"n": 5}', 'way INSERT {"id": 2} => {"n": 5, "id": 2}'],
  'ON CONFLICT DO UPDATE logs what happened');
DELETE FROM gatehouse.row_change_log;

INSERT INTO way VALUES (1, 9) ON CONFLICT DO NOTHING;
SELECT is_empty($$SELECT * FROM pg_temp.logged('way')$$, 'ON CONFLICT DO NOTHING logs nothing');

MERGE INTO way USING (VALUES (1, 10), (2, 0), (3, 30)) s (id, n) ON s.id = way.id
  WHEN MATCHED AND s.n = 0 THEN DELETE
  WHEN MATCHED THEN UPDATE SET n = s.n
  WHEN NOT MATCHED THEN INSERT VALUES (s.id, s.n);
SELECT set_eq($$SELECT * FROM pg_temp.logged('way')$$,
  ARRAY['way UPDATE {"id": 1} {"n": 5} => {"n": 10}', 'way DELETE {"id": 2} {"n": 5, "id": 2} =>',
        'way INSERT {"id": 3} => {"n": 30, "id": 3}'],
  'MERGE logs each of its actions');
DELETE FROM gatehouse.row_change_log;

COPY way FROM stdin;
7	70
8	80
\.
SELECT results_eq($$SELECT * FROM pg_temp.logged('way')$$,
  ARRAY['way INSERT {"id": 7} => {"n": 70, "id": 7}', 'way INSERT {"id": 8} => {"n": 80, "id": 8}'],
  'COPY is logged');
DELETE FROM gatehouse.row_change_log;

SET LOCAL session_replication_role = replica;
UPDATE way SET n = 71 WHERE id = 7;
SET LOCAL session_replication_role = origin;
SELECT results_eq($$SELECT * FROM pg_temp.logged('way')$$,
  ARRAY['way UPDATE {"id": 7} {"n": 70} => {"n": 71}'], 'session_replication_role = replica doesn''t blind it');
DELETE FROM gatehouse.row_change_log;

WITH gone AS (DELETE FROM way WHERE id = 8 RETURNING *) UPDATE way SET n = gone.n FROM gone WHERE way.id = 7;
SELECT set_eq($$SELECT * FROM pg_temp.logged('way')$$,
  ARRAY['way DELETE {"id": 8} {"n": 80, "id": 8} =>', 'way UPDATE {"id": 7} {"n": 71} => {"n": 80}'],
  'data-modifying WITH is logged');
DELETE FROM gatehouse.row_change_log;

-- Nothing is lost or invented by subtransactions
SAVEPOINT before;
UPDATE way SET n = 1000;
ROLLBACK TO before;
SELECT is_empty($$SELECT * FROM pg_temp.logged('way')$$, 'what is rolled back is not logged');

CREATE TABLE outer_row (id integer PRIMARY KEY);
CREATE FUNCTION pg_temp.touch() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  INSERT INTO way VALUES (NEW.id, 0);
  BEGIN
    INSERT INTO way VALUES (NEW.id + 1, 0);
    RAISE division_by_zero;
  EXCEPTION WHEN division_by_zero THEN NULL;
  END;
  RETURN NULL;
END $$;
CREATE TRIGGER a_touch AFTER INSERT ON outer_row FOR EACH ROW EXECUTE FUNCTION pg_temp.touch();
CREATE TRIGGER z_touch AFTER INSERT ON outer_row FOR EACH ROW WHEN (NEW.id > 1000) EXECUTE FUNCTION pg_temp.touch();
SELECT gatehouse.enable_audit('outer_row');
INSERT INTO outer_row VALUES (100), (200);
SELECT set_eq($$SELECT * FROM pg_temp.logged('way', 'outer_row')$$,
  ARRAY['outer_row INSERT {"id": 100} => {"id": 100}', 'outer_row INSERT {"id": 200} => {"id": 200}',
        'way INSERT {"id": 100} => {"n": 0, "id": 100}', 'way INSERT {"id": 200} => {"n": 0, "id": 200}'],
  'an inner block that fails takes its own rows with it and no others');
DELETE FROM gatehouse.row_change_log;

-- A type whose output function changes audited rows itself, and sometimes fails
CREATE TABLE noise (id integer PRIMARY KEY GENERATED ALWAYS AS IDENTITY, word text);
SELECT gatehouse.enable_audit('noise');
CREATE TYPE loud;
CREATE FUNCTION loud_in(cstring) RETURNS loud LANGUAGE internal IMMUTABLE STRICT AS 'textin';
CREATE FUNCTION loud_out(loud) RETURNS cstring LANGUAGE internal IMMUTABLE STRICT AS 'textout';
CREATE TYPE loud (INPUT = loud_in, OUTPUT = loud_out, LIKE = text);
CREATE FUNCTION loud_text(value text) RETURNS json LANGUAGE plpgsql AS $$
BEGIN
  INSERT INTO public.noise (word) VALUES (value);
  BEGIN
    INSERT INTO public.noise (word) VALUES ('undone');
    RAISE division_by_zero;
  EXCEPTION WHEN division_by_zero THEN NULL;
  END;
  IF value = 'bad' THEN
    RAISE EXCEPTION 'bad value';
  END IF;
  RETURN pg_catalog.to_json(pg_catalog.concat(value, ' ', 1.1::float8, ' ', pg_catalog.current_setting('search_path')));
END $$;
CREATE FUNCTION loud_json(value loud) RETURNS json LANGUAGE sql AS
  $$SELECT public.loud_text(pg_catalog.textin(public.loud_out(value))::text)$$;
CREATE CAST (loud AS json) WITH FUNCTION loud_json(loud);
CREATE TABLE said (id integer PRIMARY KEY, first loud, second loud, third text);
SELECT gatehouse.enable_audit('said');
SET LOCAL extra_float_digits = -3;
INSERT INTO said VALUES (1, 'x', 'y', 'z');
SELECT set_eq($$SELECT * FROM pg_temp.logged('said', 'noise')$$,
  ARRAY['noise INSERT {"id": 1} => {"id": 1, "word": "x"}', 'noise INSERT {"id": 3} => {"id": 3, "word": "y"}',
        'said INSERT {"id": 1} => {"id": 1, "first": "x 1.1 pg_catalog", "third": "z", "second": "y 1.1 pg_catalog"}'],
  'a value whose text is made by audited changes is logged, and so are they');
SELECT is(current_setting('extra_float_digits'), '-3', 'the session''s setting is back after a row');
SELECT is(current_setting('search_path'), '"$user", public', 'the session''s search path is back after a row');
SELECT throws_ok($$INSERT INTO said VALUES (2, 'x', 'bad', NULL)$$, 'P0001', 'bad value',
  'an error of a value''s text stops the change');
SELECT is(current_setting('extra_float_digits'), '-3', 'the session''s setting is back after an error');
SELECT is(current_setting('search_path'), '"$user", public', 'the session''s search path is back after an error');
SELECT is((SELECT count(*) FROM pg_temp.logged('said', 'noise')), 3::bigint, 'the failed change left nothing behind');
UPDATE said SET third = 'after';
SELECT results_eq($$SELECT * FROM pg_temp.logged('said') OFFSET 1$$,
  ARRAY['said UPDATE {"id": 1} {"third": "z"} => {"third": "after"}'], 'after an error the next change is logged');
RESET extra_float_digits;
DELETE FROM gatehouse.row_change_log;

-- Foreign keys
CREATE TABLE parent (id integer PRIMARY KEY);
CREATE TABLE child (id integer PRIMARY KEY, parent_id integer CONSTRAINT child_parent REFERENCES parent
  ON DELETE CASCADE ON UPDATE CASCADE DEFERRABLE INITIALLY DEFERRED);
INSERT INTO parent VALUES (1), (2);
INSERT INTO child VALUES (10, 1), (20, 2);
SET CONSTRAINTS ALL IMMEDIATE;
SELECT gatehouse.enable_audit('child');
UPDATE parent SET id = 3 WHERE id = 2;
DELETE FROM parent WHERE id = 1;
SELECT results_eq($$SELECT * FROM pg_temp.logged('child')$$,
  ARRAY['child UPDATE {"id": 20} {"parent_id": 2} => {"parent_id": 3}',
        'child DELETE {"id": 10} {"id": 10, "parent_id": 1} =>'],
  'cascades of foreign keys are logged');
DELETE FROM gatehouse.row_change_log;

-- Large values
CREATE TABLE large (id integer PRIMARY KEY, n integer, body text, packed text);
ALTER TABLE large ALTER body SET STORAGE EXTERNAL;
SELECT gatehouse.enable_audit('large');
INSERT INTO large VALUES (1, 1, repeat('body ', 100000), repeat('packed ', 100000));
SELECT is(new ->> 'body', repeat('body ', 100000), 'a value that is stored out of line is logged whole')
  FROM gatehouse.row_changes WHERE table_name = 'large';
SELECT is(new ->> 'packed', repeat('packed ', 100000), 'a compressed value is logged whole')
  FROM gatehouse.row_changes WHERE table_name = 'large';
DELETE FROM gatehouse.row_change_log;
UPDATE large SET n = 2;
UPDATE large SET body = body || '', packed = repeat('packed ', 100000);
SELECT results_eq($$SELECT * FROM pg_temp.logged('large')$$,
  ARRAY['large UPDATE {"id": 1} {"n": 1} => {"n": 2}'], 'a large value that is the same is not logged');
DELETE FROM gatehouse.row_change_log;
DELETE FROM large;
SELECT is(old ->> 'body', repeat('body ', 100000), 'a deleted value that was stored out of line is logged whole')
  FROM gatehouse.row_changes WHERE table_name = 'large';
DELETE FROM gatehouse.row_change_log;

-- Without a primary key
CREATE TABLE loose (a integer, b text);
SELECT gatehouse.enable_audit('loose', redact => '{b}');
INSERT INTO loose VALUES (1, 'x');
UPDATE loose SET a = 2;
DELETE FROM loose;
SELECT results_eq($$SELECT * FROM pg_temp.logged('loose')$$,
  ARRAY['loose INSERT {"a": 1, "b": {"redacted": true}} => {"a": 1, "b": {"redacted": true}}',
        'loose UPDATE {"a": 1, "b": {"redacted": true}} {"a": 1} => {"a": 2}',
        'loose DELETE {"a": 2, "b": {"redacted": true}} {"a": 2, "b": {"redacted": true}} =>'],
  'without a primary key the key is the whole row');
DELETE FROM gatehouse.row_change_log;

CREATE TABLE bare ();
SELECT gatehouse.enable_audit('bare');
INSERT INTO bare DEFAULT VALUES;
SELECT results_eq($$SELECT * FROM pg_temp.logged('bare')$$, ARRAY['bare INSERT {} => {}'],
  'a table without columns can be audited');
DELETE FROM gatehouse.row_change_log;

-- The table changes shape within the transaction
CREATE TABLE shape (id integer, gone integer, kept text, CONSTRAINT shape_key PRIMARY KEY (id) DEFERRABLE);
SELECT gatehouse.enable_audit('shape', exclude => '{kept}');
INSERT INTO shape VALUES (1, 1, 'k');
ALTER TABLE shape DROP COLUMN gone;
ALTER TABLE shape ADD COLUMN late integer DEFAULT 5;
UPDATE shape SET late = 6;
ALTER TABLE shape ALTER COLUMN late TYPE text;
UPDATE shape SET late = 'seven';
SELECT results_eq($$SELECT * FROM pg_temp.logged('shape')$$,
  ARRAY['shape INSERT {"id": 1} => {"id": 1, "gone": 1}', 'shape UPDATE {"id": 1} {"late": 5} => {"late": 6}',
        'shape UPDATE {"id": 1} => {"late": "6"}', 'shape UPDATE {"id": 1} {"late": "6"} => {"late": "seven"}'],
  'columns that come, go and change their type are followed, what ALTER TABLE has made of the rows too, and a deferrable key is a key');
ALTER TABLE shape RENAME COLUMN kept TO renamed;
SELECT throws_ok($$UPDATE shape SET late = 'eight'$$, '55000',
  'audit excludes or redacts column "kept", which the table no longer has',
  'a renamed column is not logged in the clear: the change fails');
SELECT gatehouse.enable_audit('shape', exclude => '{renamed}');
UPDATE shape SET late = 'nine';
SELECT is(new, '{"late": "nine"}', 'enabling again mends it')
  FROM gatehouse.row_changes WHERE table_name = 'shape' ORDER BY id DESC LIMIT 1;
CREATE TABLE late_key (id integer, hidden integer);
SELECT gatehouse.enable_audit('late_key', exclude => '{hidden}');
ALTER TABLE late_key ADD PRIMARY KEY (id, hidden);
SELECT throws_ok($$INSERT INTO late_key VALUES (1, 1)$$, '55000',
  'audit excludes or redacts a column of the primary key', 'a later key with a hidden column stops the change');
DELETE FROM gatehouse.row_change_log;

-- Partitions
CREATE TABLE part (id integer, region text, n integer, PRIMARY KEY (id, region)) PARTITION BY LIST (region);
CREATE TABLE part_a PARTITION OF part FOR VALUES IN ('a');
CREATE TABLE part_b (n integer, dropped integer, region text NOT NULL, id integer NOT NULL);
ALTER TABLE part_b DROP COLUMN dropped;
ALTER TABLE part ATTACH PARTITION part_b FOR VALUES IN ('b');
SELECT gatehouse.enable_audit('part');
INSERT INTO part VALUES (1, 'a', 1), (2, 'b', 2);
UPDATE part SET n = 20 WHERE id = 2;
UPDATE part SET region = 'b' WHERE id = 1;
CREATE TABLE part_c PARTITION OF part FOR VALUES IN ('c');
INSERT INTO part_c VALUES (3, 'c', 3);
SELECT results_eq($$SELECT * FROM pg_temp.logged('part')$$,
  ARRAY['part INSERT {"id": 1, "region": "a"} => {"n": 1, "id": 1, "region": "a"}',
        'part INSERT {"id": 2, "region": "b"} => {"n": 2, "id": 2, "region": "b"}',
        'part UPDATE {"id": 2, "region": "b"} {"n": 2} => {"n": 20}',
        'part DELETE {"id": 1, "region": "a"} {"n": 1, "id": 1, "region": "a"} =>',
        'part INSERT {"id": 1, "region": "b"} => {"n": 1, "id": 1, "region": "b"}',
        'part INSERT {"id": 3, "region": "c"} => {"n": 3, "id": 3, "region": "c"}'],
  'rows of partitions are logged as the root''s, moves and later partitions too');
DELETE FROM gatehouse.row_change_log;
TRUNCATE part_a;
SELECT results_eq($$SELECT * FROM pg_temp.logged('part')$$,
  ARRAY['part TRUNCATE {"partition": "public.part_a"} =>'], 'a TRUNCATE of a partition names it');
DELETE FROM gatehouse.row_change_log;
SET LOCAL quote_all_identifiers = on;
TRUNCATE part_a;
RESET quote_all_identifiers;
SELECT results_eq($$SELECT * FROM pg_temp.logged('part')$$,
  ARRAY['part TRUNCATE {"partition": "public.part_a"} =>'], 'and by one name, whatever the session quotes');
DELETE FROM gatehouse.row_change_log;
TRUNCATE part;
SELECT ok(EXISTS (SELECT FROM gatehouse.row_changes WHERE table_name = 'part' AND operation = 'TRUNCATE'
                   AND key IS NULL), 'a TRUNCATE of the root is logged as the root''s');
DELETE FROM gatehouse.row_change_log;

-- The log's own leaves
DO $$
BEGIN
  EXECUTE format('CREATE TABLE gatehouse.row_change_log_now PARTITION OF gatehouse.row_change_log '
                 'FOR VALUES FROM (%L) TO (%L)', now() - interval '1 day', now() + interval '1 day');
END $$;
CREATE INDEX ON gatehouse.row_change_log_now (id);
CREATE INDEX ON gatehouse.row_change_log_now ((lower(db_role))) WHERE operation = 'U';
CREATE INDEX ON gatehouse.row_change_log_now USING brin (changed_at);
CREATE INDEX ON gatehouse.row_change_log_now USING gin (new);
UPDATE way SET n = n + 1 WHERE id IN (100, 200);
SELECT is((SELECT count(*) FROM ONLY gatehouse.row_change_log_now), 2::bigint,
  'a new leaf is written from the next change on');
SET LOCAL enable_seqscan = off;
SELECT is((SELECT count(*) FROM gatehouse.row_change_log_now WHERE lower(db_role) = lower(current_user) AND operation = 'U'),
  2::bigint, 'an index on an expression with a predicate is kept');
SELECT is((SELECT count(*) FROM gatehouse.row_change_log_now WHERE new @> '{"n": 1}'), 2::bigint,
  'an index of another access method is kept');
RESET enable_seqscan;
ALTER TABLE gatehouse.row_change_log DETACH PARTITION gatehouse.row_change_log_now;
UPDATE way SET n = n + 1 WHERE id = 100;
SELECT is((SELECT count(*) FROM ONLY gatehouse.row_change_log_default), 1::bigint,
  'after a leaf is detached the default one is written');

SELECT throws_ok($$SELECT gatehouse.log_row_change()$$, '55000',
  'this function must be called as a trigger made by gatehouse.enable_audit()',
  'the trigger function cannot be called');
CREATE TABLE misused (id integer);
CREATE TRIGGER wrong BEFORE INSERT ON misused FOR EACH ROW EXECUTE FUNCTION gatehouse.log_row_change('1');
SELECT throws_ok($$INSERT INTO misused VALUES (1)$$, '55000',
  'this function must be called as a trigger made by gatehouse.enable_audit()', 'a trigger made by hand is refused');

SELECT * FROM finish();
ROLLBACK;
