-- No plan keeps an identity: whatever was planned, pruned or opened under one shows the next one its own rows. And what the server
-- runs on somebody else's behalf signs nobody in.
BEGIN;
SELECT plan(20);
SET LOCAL client_min_messages = warning;
\ir ../as_role.psql

SELECT (gatehouse.create_user('ada@example.com', 'ada')).id AS ada \gset
SELECT (gatehouse.create_user('bob@example.com', 'bob')).id AS bob \gset
SELECT refresh_token AS adas FROM gatehouse.create_refresh_token(:'ada') \gset
SELECT refresh_token AS bobs FROM gatehouse.create_refresh_token(:'bob') \gset
SELECT set_config('test.bobs', :'bobs', true) \g /dev/null

-- Ada has 3 rows, Bob 5.
CREATE TABLE notes (owner_id uuid, body text) PARTITION BY LIST (owner_id);
SELECT format('CREATE TABLE notes_of_%s PARTITION OF notes FOR VALUES IN (%L)', name, id)
  FROM (VALUES ('ada', :'ada'), ('bob', :'bob')) v (name, id) \gexec
INSERT INTO notes SELECT CASE WHEN i <= 3 THEN :'ada' ELSE :'bob' END::uuid, 'note ' || i FROM generate_series(1, 8) i;
CREATE INDEX ON notes (owner_id);
ALTER TABLE notes ENABLE ROW LEVEL SECURITY;
CREATE POLICY own ON notes USING (owner_id = gatehouse.current_user_id());
GRANT SELECT ON notes TO gatehouse_app;
CREATE FUNCTION inlined() RETURNS uuid LANGUAGE sql STABLE AS 'SELECT gatehouse.current_user_id()';
CREATE VIEW mine WITH (security_invoker) AS SELECT * FROM notes WHERE owner_id = inlined();
GRANT SELECT ON mine TO gatehouse_app;
CREATE FUNCTION counts() RETURNS bigint LANGUAGE plpgsql AS 'BEGIN RETURN (SELECT count(*) FROM public.notes); END';
CREATE FUNCTION signs(i integer) RETURNS integer LANGUAGE plpgsql IMMUTABLE AS
  'BEGIN PERFORM gatehouse.sign_in_with_session(current_setting(''test.bobs'')); RETURN i; END';

-- What each counts, planned once.
SET LOCAL ROLE gatehouse_app;
PREPARE of_policy AS SELECT count(*) FROM notes;
PREPARE of_view AS SELECT count(*) FROM mine;
PREPARE of_parameter (uuid) AS SELECT count(*) FROM notes WHERE owner_id = $1 AND owner_id = gatehouse.current_user_id();
RESET ROLE;
CREATE FUNCTION pg_temp.counted() RETURNS text LANGUAGE plpgsql AS $$
BEGIN
  RETURN concat_ws(' ', pg_temp.as_role('gatehouse_app', 'EXECUTE of_policy'), pg_temp.as_role('gatehouse_app', 'EXECUTE of_view'),
                   pg_temp.as_role('gatehouse_app', format('EXECUTE of_parameter (%L)', current_setting('test.ada'))),
                   pg_temp.as_role('gatehouse_app', 'SELECT public.counts()'));
END
$$;
SELECT set_config('test.ada', :'ada', true) \g /dev/null

SET LOCAL plan_cache_mode = force_generic_plan;
SELECT gatehouse.sign_in_with_session(:'adas') \g /dev/null
SELECT is(pg_temp.counted(), '3 3 3 3', 'generic plans, made for Ada');
SELECT gatehouse.sign_in_with_session(:'bobs') \g /dev/null
SELECT is(pg_temp.counted(), '5 5 0 5', 'the same for Bob');
SELECT gatehouse.sign_out() \g /dev/null
SELECT is(pg_temp.counted(), '0 0 0 0', 'for nobody');
SAVEPOINT s;
SELECT gatehouse.sign_in_with_session(:'bobs') \g /dev/null
SELECT is(pg_temp.counted(), '5 5 0 5', 'for Bob again');
ROLLBACK TO s;
SELECT is(pg_temp.counted(), '0 0 0 0', 'and after a rollback');
SET LOCAL plan_cache_mode = force_custom_plan;
SELECT gatehouse.sign_in_with_session(:'adas') \g /dev/null
SELECT is(pg_temp.counted(), '3 3 3 3', 'custom plans, for Ada');
SELECT gatehouse.sign_in_with_session(:'bobs') \g /dev/null
SELECT is(pg_temp.counted(), '5 5 0 5', 'for Bob');

-- Cursors.
SET LOCAL enable_indexscan = off;
SET LOCAL enable_bitmapscan = off;
SELECT gatehouse.sign_in_with_session(:'adas') \g /dev/null
SET LOCAL ROLE gatehouse_app;
DECLARE opened CURSOR FOR SELECT body FROM notes;
DECLARE asking CURSOR FOR SELECT gatehouse.current_user_id() AS user_id FROM generate_series(1, 2);
FETCH 1 FROM opened \gset first_
FETCH 1 FROM asking \gset first_
RESET ROLE;
SELECT gatehouse.sign_in_with_session(:'bobs') \g /dev/null
FETCH 1 FROM asking \gset second_
SELECT is(:'first_user_id'::uuid, :'ada', 'a cursor tells who is signed in');
SELECT is(:'second_user_id'::uuid, :'bob', 'also when that is another by now');
SELECT is(:'first_body'::text, 'note 1', 'a cursor on a table shows Ada hers');
CLOSE opened;
RESET enable_indexscan;
RESET enable_bitmapscan;

-- What runs in another's name: its sign-in ends with it.
SELECT gatehouse.sign_in_with_session(:'adas') \g /dev/null
CREATE TABLE things (i integer);
INSERT INTO things VALUES (1);
CREATE INDEX ON things (signs(i));
SELECT is(gatehouse.current_user_id(), :'ada', 'the function of an index signs nobody in, when the index is made');
ANALYZE things;
SELECT is(gatehouse.current_user_id(), :'ada', 'nor when the table is analysed');
REINDEX TABLE things;
SELECT is(gatehouse.current_user_id(), :'ada', 'nor when the index is made anew');
CREATE MATERIALIZED VIEW held AS SELECT signs(1) AS i, gatehouse.current_user_id() AS user_id WITH NO DATA;
REFRESH MATERIALIZED VIEW held;
SELECT is(gatehouse.current_user_id(), :'ada', 'nor does a materialized view');
INSERT INTO things VALUES (2);
SELECT is(gatehouse.current_user_id(), :'bob', 'an INSERT runs it for whoever inserts, as any function that he calls');

-- Who is signed in when a thing is made is not who is when it is used.
SELECT gatehouse.sign_in_with_session(:'adas') \g /dev/null
CREATE TABLE defaults (user_id uuid DEFAULT gatehouse.current_user_id(), i integer);
CREATE FUNCTION pg_temp.atomic() RETURNS uuid LANGUAGE sql STABLE BEGIN ATOMIC SELECT gatehouse.current_user_id(); END;
CREATE TABLE copies (user_id uuid);
CREATE RULE copied AS ON INSERT TO defaults DO ALSO INSERT INTO copies VALUES (gatehouse.current_user_id());
SELECT gatehouse.sign_in_with_session(:'bobs') \g /dev/null
INSERT INTO defaults (i) VALUES (1);
SELECT results_eq('SELECT user_id FROM defaults UNION ALL SELECT user_id FROM copies', format('VALUES (%L::uuid), (%1$L)', :'bob'), 'a default and a rule ask when they are used');
SELECT is(pg_temp.atomic(), :'bob', 'and so does the body of a function');
SELECT throws_ok('CREATE INDEX ON notes (body) WHERE owner_id = gatehouse.current_user_id()', '42P17', NULL, 'an index is for no identity');
SELECT throws_ok('CREATE TABLE computed (u uuid GENERATED ALWAYS AS (gatehouse.current_user_id()) STORED)', '42P17', NULL, 'nor is a column computed of one');
SELECT ok(NOT EXISTS (SELECT FROM pg_proc WHERE pronamespace = 'gatehouse'::regnamespace AND proname ~ '^(current_|sign_)' AND provolatile = 'i'),
  'no function of the identity is immutable');

SELECT * FROM finish();
ROLLBACK;
