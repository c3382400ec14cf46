-- require_scope: scopes restrict API keys, and nobody else who is signed in.
BEGIN;
SELECT plan(39);
SET LOCAL client_min_messages = warning;
\ir ../as_role.psql
\ir ../diagnose.psql

SELECT (gatehouse.create_user('ada@example.com', 'ada')).id AS ada \gset
SELECT (gatehouse.create_user('bob@example.com', 'bob')).id AS bob \gset
SELECT gatehouse.register_scope(s) FROM unnest(ARRAY['read:users', 'write:users', 'deploy']) AS s \g /dev/null
SELECT gatehouse.register_scope('many:s' || i) FROM generate_series(1, 100) i \g /dev/null
SELECT api_key AS key FROM gatehouse.create_api_key(:'ada', 'laptop', ARRAY['read:*', 'write:users', 'deploy']) \gset
SELECT api_key AS bare FROM gatehouse.create_api_key(:'ada', 'bare') \gset
SELECT api_key AS many FROM gatehouse.create_api_key(:'ada', 'many', ARRAY(SELECT 'many:s' || i FROM generate_series(1, 100) i)) \gset
SELECT refresh_token AS token FROM gatehouse.create_refresh_token(:'ada') \gset

CREATE FUNCTION pg_temp.outcome(scope text) RETURNS text LANGUAGE sql AS $$
  SELECT coalesce(e.state || ': ' || e.message, 'passes') FROM pg_temp.diagnose(format('SELECT gatehouse.require_scope(%L)', scope)) e
$$;

SELECT is(pg_temp.outcome('deploy'), '42501: nobody is signed in with scope "deploy"', 'nobody passes where nobody is signed in');

SELECT gatehouse.sign_in_with_api_key(:'key') \g /dev/null
SELECT is(pg_temp.outcome(scope), CASE WHEN passes THEN 'passes' ELSE format('42501: nobody is signed in with scope "%s"', scope) END,
          format('a key: %s', scope))
  FROM (VALUES (1, 'deploy', true), (2, 'read:users', true), (3, 'read:anything', true), (4, 'read:*', true), (5, 'write:users', true),
               (6, 'write:*', false), (7, 'write:user', false), (8, 'write:users2', false), (9, 'read', false), (10, 'deployment', false),
               (11, 'delete:users', false), (12, repeat('a', 64) || ':' || repeat('b', 64), false))
       AS v (place, scope, passes)
 ORDER BY place;

-- What is no scope is wrong use, whoever is signed in, and isn't repeated: it may be a key in the wrong place.
SELECT is(pg_temp.outcome(scope), '22023: malformed scope', format('%s is no scope', what))
  FROM (VALUES (1, '', 'an empty text'), (2, 'READ:users', 'upper case'), (3, '*', 'a star'), (4, '*:*', 'two stars'), (5, 'read:', 'half a scope'),
               (6, 'read:users write:users', 'two scopes'), (7, :'key', 'a key'), (8, repeat('a', 1000000), 'a megabyte'))
       AS v (place, scope, what)
 ORDER BY place;
SELECT is(pg_temp.outcome(NULL), '22023: argument "scope" must not be null', 'NULL is no scope');

SELECT gatehouse.sign_in_with_api_key(:'bare') \g /dev/null
SELECT is(pg_temp.outcome('deploy'), '42501: nobody is signed in with scope "deploy"', 'a key without scopes passes nowhere');
SELECT is(gatehouse.current_scopes(), '{}', 'its list is empty');
SELECT is(array_ndims(gatehouse.current_scopes()), NULL, 'and an empty list as every other');

SELECT gatehouse.sign_in_with_api_key(:'many') \g /dev/null
SELECT is(cardinality(gatehouse.current_scopes()), 100, 'a key with the most scopes signs in');
SELECT is(pg_temp.outcome('many:s1') || pg_temp.outcome('many:s100'), 'passespasses', 'with the first and the last of them');
SELECT is(array_agg(s ORDER BY s COLLATE "C"), (SELECT scopes FROM gatehouse.verify_api_key(:'many')), 'and they are those of the key')
  FROM unnest(gatehouse.current_scopes()) s;
SELECT is(gatehouse.current_scopes() || ARRAY['x'], (SELECT scopes FROM gatehouse.verify_api_key(:'many')) || ARRAY['x'], 'an array as any other');
CREATE TEMP TABLE kept AS SELECT gatehouse.current_scopes() AS scopes, i FROM generate_series(1, 3) i;
SELECT is((SELECT count(DISTINCT scopes)::integer FROM kept), 1, 'that can be stored');

SELECT gatehouse.sign_in_with_session(:'token') \g /dev/null
SELECT is(pg_temp.outcome('deploy'), 'passes', 'a session is restricted to no scopes');
SELECT is(gatehouse.current_scopes(), NULL, 'which is NULL, not the empty list');
SELECT is(pg_temp.outcome('x x'), '22023: malformed scope', 'but what is no scope is wrong use still');
SELECT gatehouse.sign_in_as(:'bob') \g /dev/null
SELECT is(pg_temp.outcome('deploy'), 'passes', 'nor is who acts in another''s name by a session');
SELECT gatehouse.sign_in_with_api_key(:'bare') \g /dev/null
SELECT gatehouse.sign_in_as(:'bob') \g /dev/null
SELECT is(pg_temp.outcome('deploy'), '42501: nobody is signed in with scope "deploy"', 'but by a key he is, as the key was');
SELECT gatehouse.sign_out() \g /dev/null
SELECT is(pg_temp.outcome('deploy'), '42501: nobody is signed in with scope "deploy"', 'and nobody after signing out');

SELECT gatehouse.sign_in_with_api_key(:'key') \g /dev/null
SELECT is(pg_temp.as_role('gatehouse_app', $$SELECT gatehouse.require_scope('read:users')::text$$), '', 'an application may ask');

SELECT is((SELECT count(gatehouse.require_scope(s))::integer FROM unnest(ARRAY['read:a', 'read:b', 'deploy']) s), 3, 'each row may have its own scope');
SELECT throws_ok($$SELECT count(gatehouse.require_scope(s)) FROM unnest(ARRAY['read:a', 'delete:b', 'deploy']) s$$, '42501',
  'nobody is signed in with scope "delete:b"', 'and one that is missing is named');

SELECT * FROM finish();
ROLLBACK;
