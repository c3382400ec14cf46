-- has_scope, has_any_scope, has_all_scopes: what a list of scopes covers.
BEGIN;
SELECT plan(48);
SET LOCAL client_min_messages = warning;
\ir ../as_role.psql
SELECT ok(gatehouse.library_version() <> '', 'the library is loaded');

SELECT is(gatehouse.has_scope(scopes::text[], scope), covered, what)
  FROM (VALUES
    (1, '{read:users}', 'read:users', true, 'a scope covers itself'),
    (2, '{a,b,read:users}', 'read:users', true, 'wherever it stands'),
    (3, '{read:*}', 'read:users', true, 'read:* covers read:users'),
    (4, '{read:*}', 'read:*', true, 'and itself'),
    (5, '{read:users}', 'read:*', false, 'read:users does not cover read:*'),
    (6, '{read:*}', 'write:users', false, 'read:* does not cover another action'),
    (7, '{read:*}', 'read', false, 'nor a resource named like the action'),
    (8, '{read}', 'read:users', false, 'nor does that resource cover the action'),
    (9, '{rea:*}', 'read:users', false, 'an action is not its beginning'),
    (10, '{read:users}', 'read:user', false, 'nor a resource'),
    (11, '{read:user}', 'read:users', false, 'nor the other way round'),
    (12, '{Read:users}', 'read:users', false, 'case counts'),
    (13, '{*}', 'read:users', false, 'a star alone is no scope'),
    (14, '{*:*}', 'read:users', false, 'nor are two'),
    (15, '{read:%}', 'read:users', false, 'nor is it a pattern of LIKE'),
    (16, '{read:_sers}', 'read:users', false, 'in no letter'),
    (17, '{x:*}', 'x:', false, 'what is no scope is not covered'),
    (18, '{x:*}', 'x:a:b', false, 'by no wildcard'),
    (19, '{""}', '', false, 'the empty text is none'),
    (20, '{}', 'read:users', false, 'the empty list covers nothing'),
    (21, NULL, 'read:users', false, 'nor does null'),
    (22, '{read:users}', NULL, false, 'null is not covered'),
    (23, '{NULL}', 'read:users', false, 'a null among the scopes covers nothing'),
    (24, '{NULL,read:users}', 'read:users', true, 'and is no obstacle'),
    (25, NULL, NULL, false, 'null does not cover null'),
    (26, '{{a,b},{read:*,c}}', 'read:users', true, 'a list of two dimensions is a list')
  ) AS v (place, scopes, scope, covered, what) ORDER BY place;

SELECT is(ARRAY[gatehouse.has_any_scope(scopes::text[], wanted::text[]), gatehouse.has_all_scopes(scopes::text[], wanted::text[])],
          ARRAY[any_of, all_of], what)
  FROM (VALUES
    (1, '{read:*,deploy}', '{read:a,deploy}', true, true, 'each of those wanted is covered'),
    (2, '{read:*}', '{read:a,deploy}', true, false, 'one of two is any and not all'),
    (3, '{read:*}', '{write:a,deploy}', false, false, 'none of two is neither'),
    (4, '{read:*}', '{}', false, true, 'of none wanted any is false and all is true'),
    (5, '{}', '{}', false, true, 'for an empty list too'),
    (6, NULL, '{}', false, true, 'and for null'),
    (7, '{}', '{read:a}', false, false, 'the empty list covers nothing'),
    (8, NULL, '{read:a}', false, false, 'null covers nothing'),
    (9, '{read:*}', NULL, false, false, 'a list that got lost is not covered'),
    (10, NULL, NULL, false, false, 'by no list'),
    (11, '{read:*}', '{NULL}', false, false, 'a null wanted is not covered'),
    (12, '{read:*}', '{read:a,NULL}', true, false, 'and is no obstacle to the others'),
    (13, '{read:*}', '{read:a,READ:a}', true, false, 'what is no scope is not covered'),
    (14, '{read:*}', '{read:a,read:a}', true, true, 'twice the same is once')
  ) AS v (place, scopes, wanted, any_of, all_of, what) ORDER BY place;

SELECT ok(gatehouse.has_all_scopes(list, list) AND gatehouse.has_any_scope(list, ARRAY['a' || 5000])
          AND NOT gatehouse.has_scope(list, 'b'), 'a long list is searched to its end')
  FROM (SELECT array_agg('a' || i) AS list FROM generate_series(1, 5000) i) l;
SELECT is(gatehouse.has_scope(scopes => ARRAY['read:*'], scope => 'read:a')
          AND gatehouse.has_any_scope(scopes => ARRAY['a'], wanted => ARRAY['a'])
          AND gatehouse.has_all_scopes(scopes => ARRAY['a'], wanted => ARRAY['a']), true, 'the arguments have the documented names');
SELECT results_eq(
  $$SELECT p.proname::text COLLATE "default", p.provolatile::text, p.proparallel::text, p.proleakproof FROM pg_proc p
     WHERE p.oid IN ('gatehouse.has_scope(text[],text)'::regprocedure, 'gatehouse.has_any_scope(text[],text[])'::regprocedure,
                     'gatehouse.has_all_scopes(text[],text[])'::regprocedure) ORDER BY 1$$,
  $$VALUES ('has_all_scopes', 'i', 's', true), ('has_any_scope', 'i', 's', true), ('has_scope', 'i', 's', true)$$,
  'they are immutable, parallel safe and leakproof');
SELECT is(pg_temp.as_role('gatehouse_app', $$SELECT gatehouse.has_scope('{a}', 'a')$$), 'true', 'an application asks has_scope');
SELECT is(pg_temp.as_role('gatehouse_app', $$SELECT gatehouse.has_any_scope('{a}', '{a}') AND gatehouse.has_all_scopes('{a}', '{a}')$$),
  'true', 'and the others');
SELECT throws_ok($$SELECT pg_temp.as_role('gatehouse_auditor', 'SELECT gatehouse.has_scope(''{a}'', ''a'')')$$, '42501',
  'permission denied for function has_scope', 'who was not granted it does not');
SELECT ok(NOT has_function_privilege('public', 'gatehouse.has_any_scope(text[],text[])', 'execute')
          AND NOT has_function_privilege('public', 'gatehouse.has_all_scopes(text[],text[])', 'execute'), 'nor the others');

SELECT * FROM finish();
ROLLBACK;
