-- get_refresh_token_by_hash: the live session whose current token has this digest.
BEGIN;
SELECT plan(14);
SET LOCAL client_min_messages = warning;
\ir ../as_role.psql
SET LOCAL gatehouse.refresh_grace = 0;
SELECT (gatehouse.create_user('ada@example.com', 'ada')).id AS ada \gset
SELECT (gatehouse.create_user('bob@example.com', 'bob')).id AS bob \gset
SELECT session_id AS id, refresh_token AS token FROM gatehouse.create_refresh_token(:'ada', device => 'phone') \gset
SELECT refresh_token AS bobs_token FROM gatehouse.create_refresh_token(:'bob', device => 'tablet') \gset

SELECT results_eq(format('SELECT device, is_current FROM gatehouse.get_refresh_token_by_hash(token_hash => gatehouse.token_digest(%L))', :'token'),
  $$VALUES ('phone'::text, false)$$, 'the session whose token has the digest');
SELECT results_eq(format('SELECT device FROM gatehouse.get_refresh_token_by_hash(gatehouse.token_digest(%L), user_id => %L)', :'token', :'ada'),
  ARRAY['phone'], 'also where its account is told');
SELECT is_empty(format('SELECT * FROM gatehouse.get_refresh_token_by_hash(gatehouse.token_digest(%L), %L)', :'token', :'bob'),
  'none where another account is');
SELECT is(pg_temp.as_role('gatehouse_app', format('SELECT device FROM gatehouse.get_refresh_token_by_hash(gatehouse.token_digest(%L))', :'bobs_token')),
  'tablet', 'an application may ask');
SELECT is_empty(format('SELECT * FROM gatehouse.get_refresh_token_by_hash(%s)', h.value), 'none for ' || h.name)
  FROM (VALUES ('NULL', 'NULL'), ('nothing', $$''$$), ('another digest', $$gatehouse.token_digest('other')$$),
               ('a digest and a byte more', format($$gatehouse.token_digest(%L) || '\x00'::bytea$$, :'token')),
               ('the locator''s digest', format('gatehouse.locate_refresh_token(%L)', :'token'))) h (name, value);

SELECT gatehouse.sign_in_with_session(:'token') \g /dev/null
SELECT results_eq(format('SELECT is_current FROM gatehouse.get_refresh_token_by_hash(gatehouse.token_digest(%L))', :'token'), ARRAY[true],
  'the one that is signed in with is the current one');
SELECT is(pg_temp.as_role('gatehouse_app', format('SELECT device FROM gatehouse.get_refresh_token_by_hash(gatehouse.token_digest(%L))', :'bobs_token')),
  NULL, 'another account''s is not told while somebody is signed in');
SELECT throws_ok(format('SELECT pg_temp.as_role(%L, %L)', 'gatehouse_app',
    format('SELECT device FROM gatehouse.get_refresh_token_by_hash(gatehouse.token_digest(%L), %L)', :'bobs_token', :'bob')),
  '42501', 'another account is signed in', 'nor with its id');
SELECT gatehouse.sign_out() \g /dev/null

SELECT refresh_token AS successor FROM gatehouse.refresh_session(:'token') \gset
SELECT is_empty(format('SELECT * FROM gatehouse.get_refresh_token_by_hash(gatehouse.token_digest(%L))', :'token'), 'a used token''s is gone');
UPDATE gatehouse.users SET is_active = false WHERE id = :'ada';
SELECT is_empty(format('SELECT * FROM gatehouse.get_refresh_token_by_hash(gatehouse.token_digest(%L))', :'successor'),
  'and so is that of a stopped account');

SELECT * FROM finish();
ROLLBACK;
