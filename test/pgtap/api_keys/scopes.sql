-- register_scope and get_scopes.
BEGIN;
SELECT plan(36);
SET LOCAL client_min_messages = warning;
\ir ../as_role.psql
\ir ../diagnose.psql
SELECT ok(gatehouse.library_version() <> '', 'the library is loaded');

SELECT is(gatehouse.register_scope('write:users', 'may change accounts'), true, 'a new scope is registered');
SELECT is(gatehouse.register_scope('write:users', 'changes accounts'), false, 'the second time it was there already');
SELECT is(gatehouse.register_scope(name => 'reports'), true, 'a scope may be a resource alone, without a description');
SELECT is(gatehouse.register_scope('write:users'), false, 'registering it again without a description');
SELECT results_eq('SELECT name, description FROM gatehouse.get_scopes()',
  $$VALUES ('reports'::text, NULL::text), ('write:users', 'changes accounts')$$,
  'leaves the description; the scopes come by name');
SELECT is(gatehouse.register_scope('a:' || repeat('b', 64)), true, '64 characters are a part');
SELECT is(gatehouse.register_scope('read:a.b-c_1'), true, 'dots, hyphens, underscores and digits are allowed');

SELECT throws_ok(format('SELECT gatehouse.register_scope(%L)', name), '22023',
  'scope must have the form "resource" or "action:resource"',
  format('%s is no scope', to_json(name)))
  FROM unnest(ARRAY['', ' ', ':', 'a:', ':a', 'a:b:c', 'A:b', 'a:B', '1a', 'a:1', '-a', 'a b', 'a: b', '*', '*:a', 'a*',
    'a:b*', 'a:**', 'ä', E'a\n',
                    repeat('a', 65), 'a:' || repeat('b', 65)]) AS name;
SELECT matches((SELECT hint FROM pg_temp.diagnose($$SELECT gatehouse.register_scope('A')$$)), '1 to 64 of a-z',
  'the hint says what the parts are');
SELECT throws_ok($$SELECT gatehouse.register_scope(NULL)$$, '22023', 'argument "name" must not be null',
  'NULL is refused');
SELECT throws_ok($$SELECT gatehouse.register_scope('a', repeat('x', 1001))$$, '22023',
  'description must have at most 1000 characters',
  'a description of 1001 characters is refused');

SELECT throws_ok($$SELECT pg_temp.as_role('gatehouse_app', 'SELECT gatehouse.register_scope(''mine'')')$$, '42501',
  'permission denied for function register_scope', 'an application registers no scope');
SELECT is(pg_temp.as_role('gatehouse_admin', $$SELECT gatehouse.register_scope('theirs')$$), 'true',
  'an administrator does');
SELECT is(pg_temp.as_role('gatehouse_app', 'SELECT count(*) FROM gatehouse.get_scopes()'), '5',
  'an application reads them');

SELECT * FROM finish();
ROLLBACK;
