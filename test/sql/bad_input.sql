-- What bad input gets: a message in PostgreSQL's style, and its SQLSTATE.
\set SHOW_CONTEXT never
SELECT gatehouse.hash_password('');
\echo :LAST_ERROR_SQLSTATE
SELECT gatehouse.hash_password(repeat('x', 1025));
\echo :LAST_ERROR_SQLSTATE
SELECT gatehouse.hash_password(NULL);
\echo :LAST_ERROR_SQLSTATE
SELECT gatehouse.hash_password(E'nul \x00 byte');
\echo :LAST_ERROR_SQLSTATE
SELECT gatehouse.hash_password(convert_from('\xff', 'UTF8'));
\echo :LAST_ERROR_SQLSTATE
SELECT gatehouse.verify_password('x', '');
\echo :LAST_ERROR_SQLSTATE
SELECT gatehouse.verify_password('x', 'rot13$x');
\echo :LAST_ERROR_SQLSTATE
SELECT gatehouse.verify_password('x', '$argon2id$v=19$m=64,t=1,p=1$');
\echo :LAST_ERROR_SQLSTATE
SELECT gatehouse.verify_password('x', '$2b$31$abcdefghijklmnopqrstuuYlEpsLYz6TJpMT1wdSeSIKLRH1oP1AS');
\echo :LAST_ERROR_SQLSTATE
SELECT gatehouse.verify_password('x', repeat('$', 1000000));
\echo :LAST_ERROR_SQLSTATE
SELECT gatehouse.generate_token(8);
\echo :LAST_ERROR_SQLSTATE
SET gatehouse.password_min_length = 7;
\echo :LAST_ERROR_SQLSTATE
SET gatehouse.no_such_setting = 1;
\echo :LAST_ERROR_SQLSTATE
SET gatehouse.api_key_prefix = 'Not_A_Prefix';
\echo :LAST_ERROR_SQLSTATE
SET gatehouse.key_file = '/etc/passwd';
\echo :LAST_ERROR_SQLSTATE

SELECT username FROM gatehouse.create_user('ada@example.com', 'ada', 'correct horse battery staple');
SELECT FROM gatehouse.create_user('ADA@example.com', 'eve', 'correct horse battery staple');
\echo :LAST_ERROR_SQLSTATE
SELECT FROM gatehouse.create_user('eve@example.com', 'Ada', 'correct horse battery staple');
\echo :LAST_ERROR_SQLSTATE
SELECT FROM gatehouse.create_user('no address', 'eve', 'correct horse battery staple');
\echo :LAST_ERROR_SQLSTATE
SELECT FROM gatehouse.create_user('eve@example.com', 'eve', 'too short');
\echo :LAST_ERROR_SQLSTATE
SELECT FROM gatehouse.create_user(NULL, 'eve', 'correct horse battery staple');
\echo :LAST_ERROR_SQLSTATE

SELECT id AS ada FROM gatehouse.get_user_by_username('ada') \gset
SELECT FROM gatehouse.create_api_key(:'ada', 'report', ARRAY['never:registered']);
\echo :LAST_ERROR_SQLSTATE
SELECT FROM gatehouse.create_api_key('00000000-0000-7000-8000-000000000000', 'report');
\echo :LAST_ERROR_SQLSTATE
SELECT gatehouse.register_scope('Not a scope');
\echo :LAST_ERROR_SQLSTATE
-- A malformed key is an answer.
SELECT * FROM gatehouse.verify_api_key('no key at all');
SELECT * FROM gatehouse.verify_api_key('');
SELECT * FROM gatehouse.verify_api_key(NULL);

SELECT FROM gatehouse.create_refresh_token('00000000-0000-7000-8000-000000000000');
\echo :LAST_ERROR_SQLSTATE
SELECT status, user_id FROM gatehouse.refresh_session('no token at all');

SELECT gatehouse.create_audit_log('order.shipped', '00000000-0000-7000-8000-000000000000');
\echo :LAST_ERROR_SQLSTATE
SELECT gatehouse.enable_audit('pg_class');
\echo :LAST_ERROR_SQLSTATE
CREATE VIEW shown AS SELECT 1 AS one;
SELECT gatehouse.enable_audit('shown');
\echo :LAST_ERROR_SQLSTATE
CREATE TABLE orders (order_id int PRIMARY KEY);
SELECT gatehouse.enable_audit('orders', exclude => ARRAY['no_such_column']);
\echo :LAST_ERROR_SQLSTATE
SELECT gatehouse.get_row_history('orders', NULL);
\echo :LAST_ERROR_SQLSTATE
