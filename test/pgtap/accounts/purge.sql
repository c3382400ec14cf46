-- purge_deleted_users, and maintenance, which calls it.
BEGIN;
SELECT plan(29);
SET LOCAL client_min_messages = warning;
\ir ../as_role.psql
-- Account n, due so many seconds ago.
CREATE FUNCTION pg_temp.due(n integer, seconds integer) RETURNS uuid LANGUAGE plpgsql AS $$
DECLARE
  made uuid := (gatehouse.create_user(format('user%s@example.com', n), 'user' || n)).id;
BEGIN
  UPDATE gatehouse.users SET deletion_scheduled_for = clock_timestamp() - make_interval(secs => seconds) WHERE id = made;
  RETURN made;
END
$$;
CREATE FUNCTION pg_temp.left_over() RETURNS text LANGUAGE sql AS $$ SELECT string_agg(username, ' ' ORDER BY username) FROM gatehouse.users $$;

SELECT is(gatehouse.purge_deleted_users(), 0::bigint, 'where nothing is due nothing is erased');
SELECT pg_temp.due(1, 1), pg_temp.due(2, 3), pg_temp.due(3, 2), pg_temp.due(4, -60) \gset
SELECT id AS ignored FROM gatehouse.create_user('user5@example.com', 'user5') \gset
UPDATE gatehouse.users SET deleted_at = now() WHERE username IN ('user3', 'user5');
SELECT is(pg_temp.as_role('gatehouse_admin', 'SELECT gatehouse.purge_deleted_users(max_rows => 1)'), '1', 'max_rows limits it');
SELECT is(pg_temp.left_over(), 'user1 user3 user4 user5', 'the account that is due for longest goes first');
SELECT is(gatehouse.purge_deleted_users(), 2::bigint, 'then the others that are due');
SELECT is(pg_temp.left_over(), 'user4 user5', 'also a deleted one; who is not due stays, as does a deleted one without a confirmed erasure');
SELECT gatehouse.cancel_account_deletion((SELECT id FROM gatehouse.users WHERE username = 'user4')) AS ignored \gset
UPDATE gatehouse.users SET deletion_scheduled_for = clock_timestamp() WHERE username = 'user4';
SELECT is(gatehouse.purge_deleted_users(), 1::bigint, 'the moment itself is due');

-- Held back by a table of the application's.
CREATE TABLE orders (user_id uuid CONSTRAINT orders_owner REFERENCES gatehouse.users);
CREATE TABLE bills (user_id uuid CONSTRAINT bills_owner REFERENCES gatehouse.users DEFERRABLE INITIALLY DEFERRED);
INSERT INTO orders VALUES (pg_temp.due(11, 90)), (pg_temp.due(12, 80));
INSERT INTO bills VALUES (pg_temp.due(13, 70));
SELECT pg_temp.due(14, 60) AS ignored \gset
SELECT is(gatehouse.purge_deleted_users(max_rows => 1), 1::bigint, 'accounts that are held back don''t use up max_rows');
SELECT is(pg_temp.left_over(), 'user11 user12 user13 user5', 'they stay, the one behind them goes');
SELECT is(gatehouse.purge_deleted_users(), 0::bigint, 'they are not counted');
SELECT is((SELECT status FROM gatehouse.account_deletion_status((SELECT id FROM gatehouse.users WHERE username = 'user11'))), 'scheduled', 'and stay scheduled');
DELETE FROM orders;
SELECT is(gatehouse.purge_deleted_users(), 2::bigint, 'once nothing refers to them they go');
SELECT lives_ok('INSERT INTO bills VALUES (gatehouse.uuid_v7())', 'what was deferred is');
DELETE FROM bills;
SET CONSTRAINTS ALL IMMEDIATE;
SET CONSTRAINTS ALL DEFERRED;

-- By a trigger, by a column.
CREATE TABLE customers (user_id uuid NOT NULL CONSTRAINT customers_owner REFERENCES gatehouse.users ON DELETE CASCADE, stays boolean);
CREATE FUNCTION pg_temp.refuse() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  IF OLD.stays THEN RAISE EXCEPTION 'customers stay'; END IF;
  RETURN OLD;
END
$$;
CREATE TRIGGER refuse BEFORE DELETE ON customers FOR EACH ROW EXECUTE FUNCTION pg_temp.refuse();
INSERT INTO customers VALUES (pg_temp.due(21, 90), true), (pg_temp.due(22, 80), false);
CREATE TABLE carts (user_id uuid NOT NULL CONSTRAINT carts_owner REFERENCES gatehouse.users ON DELETE SET NULL);
INSERT INTO carts VALUES (pg_temp.due(23, 70));
SELECT is(gatehouse.purge_deleted_users(), 2::bigint, 'what a trigger or a column holds back stops no others');
SELECT is(pg_temp.left_over(), 'user21 user23 user5', 'it stays');
SELECT is((SELECT count(*) FROM customers), 1::bigint, 'rows that go along are gone');
DELETE FROM carts;
UPDATE customers SET stays = false;
SELECT is(gatehouse.purge_deleted_users(), 2::bigint, 'in the end they go');

-- Superusers.
SELECT pg_temp.due(31, 90) AS root \gset
SELECT pg_temp.due(32, 80) AS other \gset
UPDATE gatehouse.users SET is_superuser = true WHERE username IN ('user31', 'user32');
SELECT is(gatehouse.purge_deleted_users(), 1::bigint, 'of two superusers that are due one goes');
SELECT is(pg_temp.left_over(), 'user32 user5', 'the last live one stays');
UPDATE gatehouse.users SET is_superuser = false;
SELECT is(gatehouse.purge_deleted_users(), 1::bigint, 'until it is none');

-- Maintenance.
SELECT count(pg_temp.due(n, n)) AS ignored FROM generate_series(100, 201) n \gset
SELECT is((SELECT affected FROM gatehouse.run_maintenance() WHERE task = 'accounts_purged'), 100::bigint, 'maintenance purges a hundred at once');
SELECT is(pg_temp.left_over(), 'user100 user101 user5', 'and leaves the rest to the next time');
SELECT is(gatehouse.purge_due_accounts(1000, interval '0'), 1::bigint, 'after its time it begins with no further account');
INSERT INTO gatehouse.one_time_tokens (locator_digest, token_digest, ring_key_id, subject, purpose, email, created_at, expires_at)
  SELECT sha256(n::text::bytea), '', 0, '', 'password_reset', '', now(), clock_timestamp() + make_interval(secs => (n = 0)::integer * 60)
    FROM generate_series(0, 10001) n;
SELECT is((SELECT affected FROM gatehouse.run_maintenance() WHERE task = 'one_time_tokens_removed'), 10000::bigint,
  'expired tokens are removed, ten thousand at once');
SELECT is((SELECT affected FROM gatehouse.run_maintenance() WHERE task = 'one_time_tokens_removed'), 1::bigint, 'and no others');

-- Wrong use.
SELECT throws_ok(format('SELECT gatehouse.purge_deleted_users(%s)', v), '22023', 'max_rows must be between 1 and 10000', 'refused: ' || v)
  FROM unnest(ARRAY['0', '10001', 'NULL']) v;
SELECT throws_ok($$SELECT pg_temp.as_role('gatehouse_app', 'SELECT gatehouse.purge_deleted_users()')$$, '42501',
  'permission denied for function purge_deleted_users', 'an application may not');
SET LOCAL transaction_read_only = on;
SELECT throws_ok('SELECT gatehouse.purge_deleted_users()', '25006', 'cannot purge accounts within a read-only transaction', 'it writes');

SELECT * FROM finish();
ROLLBACK;
