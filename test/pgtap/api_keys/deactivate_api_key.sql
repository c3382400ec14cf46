-- deactivate_api_key: ends one key for good, of one's own only where an owner is named.
BEGIN;
SELECT plan(15);
SET LOCAL client_min_messages = warning;
\ir ../as_role.psql
SELECT ok(gatehouse.library_version() <> '', 'the library is loaded');
SELECT (gatehouse.create_user('ada@example.com', 'ada')).id AS ada,
  (gatehouse.create_user('bob@example.com', 'bob')).id AS bob \gset
SELECT id, api_key AS key FROM gatehouse.create_api_key(:'ada', 'laptop') \gset
SELECT id AS other_id, api_key AS other_key FROM gatehouse.create_api_key(:'ada', 'phone') \gset
SELECT id AS service_id, api_key AS service_key FROM gatehouse.create_api_key(NULL, 'service') \gset

SELECT is(gatehouse.deactivate_api_key(:'id', :'bob'), false, 'another user''s key is not deactivated');
SELECT ok(EXISTS (SELECT FROM gatehouse.verify_api_key(:'key')), 'and goes on working');
SELECT is(gatehouse.deactivate_api_key(id => :'id', user_id => :'ada'), true, 'one''s own is');
SELECT is_empty(format('SELECT * FROM gatehouse.verify_api_key(%L)', :'key'),
  'and works no more, in the same transaction already');
SELECT ok(EXISTS (SELECT FROM gatehouse.verify_api_key(:'other_key')), 'while the others work');
SELECT deactivated_at AS first_time FROM gatehouse.api_keys WHERE id = :'id' \gset
SELECT is(gatehouse.deactivate_api_key(:'id', :'ada'), false, 'the second time there is nothing to deactivate');
SELECT is((SELECT deactivated_at FROM gatehouse.api_keys WHERE id = :'id'), :'first_time'::timestamptz,
  'and the time of the first stays');
SELECT is(pg_temp.as_role('gatehouse_app', format('SELECT gatehouse.deactivate_api_key(%L)', :'other_id')), 'true',
  'an application deactivates without naming the owner');
SELECT is(gatehouse.deactivate_api_key(gatehouse.uuid_v7()), false, 'a key that does not exist is not deactivated');
SELECT is(pg_temp.as_role('gatehouse_app', format('SELECT gatehouse.deactivate_api_key(%L)', :'service_id')), 'false',
  'an application deactivates no service key');
SELECT ok(EXISTS (SELECT FROM gatehouse.verify_api_key(:'service_key')), 'which goes on working');
SELECT is(gatehouse.deactivate_api_key(:'service_id', :'ada'), false, 'nor is it anybody''s');
SELECT is(pg_temp.as_role('gatehouse_admin', format('SELECT gatehouse.deactivate_api_key(%L)', :'service_id')), 'true',
  'an administrator deactivates it');
SELECT throws_ok('SELECT gatehouse.deactivate_api_key(NULL)', '22023', 'argument "id" must not be null',
  'a NULL id is refused');

SELECT * FROM finish();
ROLLBACK;
