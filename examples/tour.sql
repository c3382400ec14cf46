-- A guided tour of gatehouse: an account, guesses at its password, a forgotten one, an API key, a session, an audited table. `./quickstart`
-- runs it on a server of its own. By hand: in an empty database, as a superuser, with the library preloaded, a key ring
-- configured, `psql -f examples/tour.sql`.
\set ON_ERROR_STOP on
\set QUIET on
\pset null '(null)'
\set ECHO none
SET client_min_messages = warning;

\echo
\echo '--- 1. Install. One statement is the whole installation.'
\echo
\set ECHO queries
CREATE EXTENSION gatehouse;
SELECT gatehouse.version() AS sql_objects, gatehouse.library_version() AS library;
\set ECHO none

\echo '--- 2. An application gets a role. It may call the functions; it cannot read the tables below them.'
\echo
\set ECHO queries
CREATE ROLE shop LOGIN IN ROLE gatehouse_app;
GRANT CREATE ON SCHEMA public TO shop;
SET ROLE shop;
\set ECHO none
\echo

\echo '--- 3. Register a user. The password becomes an Argon2id hash that no function gives back.'
\echo
\set ECHO queries
SELECT id, email, username, has_password
  FROM gatehouse.create_user(email => 'Ada@Example.com', username => 'ada', password => 'correct horse battery staple');
\set ECHO none
SELECT id AS user_id FROM gatehouse.get_user_by_username(username => 'ada') \gset

\echo '--- 4. Log in. The e-mail is compared without case. The password is right, but nobody knows yet whose address that is.'
\echo
\set ECHO queries
SELECT status, username
  FROM gatehouse.authenticate_user(login => 'ada@example.com', password => 'correct horse battery staple');
\set ECHO none

\echo '--- 5. So send her a link with a one-time token. Whoever comes back with it reads the mail. It works once.'
\echo
\echo 'SELECT gatehouse.request_email_verification(user_id => \'...\');'
SELECT gatehouse.request_email_verification(user_id => :'user_id') AS mailed_token \gset
SELECT :'mailed_token' AS request_email_verification;
\set ECHO queries
SELECT username, is_verified FROM gatehouse.verify_email(token => :'mailed_token');
SELECT username, is_verified FROM gatehouse.verify_email(token => :'mailed_token');
SELECT status, user_id, username
  FROM gatehouse.authenticate_user(login => 'ada@example.com', password => 'correct horse battery staple');
\set ECHO none

\echo '--- 6. A wrong password is an answer, not an error, so nothing rolls back. An unknown name gets the same one.'
\echo
\set ECHO queries
SELECT status, user_id FROM gatehouse.authenticate_user(login => 'ada', password => 'wrong horse battery staple');
SELECT status, user_id FROM gatehouse.authenticate_user(login => 'nobody', password => 'wrong horse battery staple');
\set ECHO none

\echo '--- 7. Guessing. Ten wrong passwords in a row lock the account, also if whoever tries rolls back; not for the address'
\echo '       that its owner comes from.'
\echo
\set ECHO queries
SELECT status FROM gatehouse.authenticate_user(login => 'ada', password => 'correct horse battery staple', ip => '192.0.2.7');
BEGIN;
SELECT status, count(*), max(retry_after) AS retry_after
  FROM generate_series(1, 12) n, gatehouse.authenticate_user(login => 'ada', password => 'guess ' || n, ip => '198.51.100.1')
 GROUP BY status;
ROLLBACK;
SELECT status FROM gatehouse.authenticate_user(login => 'ada', password => 'correct horse battery staple', ip => '198.51.100.2');
SELECT status FROM gatehouse.authenticate_user(login => 'ada', password => 'correct horse battery staple', ip => '192.0.2.7');
RESET ROLE;
SELECT task, affected FROM gatehouse.run_maintenance();
SELECT event_type, ip, context ->> 'locks' AS locks FROM gatehouse.get_audit_logs(event_type => 'security.login_failed', page_size => 2);
SELECT gatehouse.unlock_user(id => :'user_id');
SET ROLE shop;
\set ECHO none

\echo '--- 8. She has forgotten her password: another link, another token. The new password must keep the policy; whatever the'
\echo '       old one has opened ends. For an address that no account has there is no row, at the same cost.'
\echo
\echo 'SELECT token, user_id FROM gatehouse.request_password_reset(email => \'ada@example.com\');'
SELECT token AS reset_token FROM gatehouse.request_password_reset(email => 'ada@example.com') \gset
\set ECHO queries
\set ON_ERROR_STOP off
SELECT username FROM gatehouse.reset_password(token => :'reset_token', new_password => 'ada@example.com 1');
\set ON_ERROR_STOP on
SELECT username FROM gatehouse.reset_password(token => :'reset_token', new_password => 'a better horse, a newer battery');
SELECT status FROM gatehouse.authenticate_user(login => 'ada', password => 'correct horse battery staple');
SELECT status FROM gatehouse.authenticate_user(login => 'ada', password => 'a better horse, a newer battery');
\set ECHO none

\echo '--- 9. Make an API key. First the administrator registers the scope, then the application makes the key. It is'
\echo '       shown this once: the database keeps a digest.'
\echo
\set ECHO queries
RESET ROLE;
SELECT gatehouse.register_scope(name => 'read:orders', description => 'see orders');
SET ROLE shop;
\set ECHO none
\echo 'SELECT id, api_key, hint'
\echo '  FROM gatehouse.create_api_key(user_id => \'...\', name => \'nightly report\', scopes => ARRAY[\'read:orders\']);'
SELECT id AS key_id, api_key, hint AS key_hint
  FROM gatehouse.create_api_key(user_id => :'user_id', name => 'nightly report', scopes => ARRAY['read:orders']) \gset
SELECT :'key_id' AS id, :'api_key' AS api_key, :'key_hint' AS hint;

\echo '--- 10. Verify it, as every request would. A row is a yes.'
\echo
\set ECHO queries
SELECT user_id, name, scopes FROM gatehouse.verify_api_key(api_key => :'api_key', required_scopes => ARRAY['read:orders']);
\set ECHO none

\echo '--- 11. Deactivate it and verify again. No row is a no, from the next statement on, in every session.'
\echo
\set ECHO queries
SELECT gatehouse.deactivate_api_key(id => :'key_id');
SELECT user_id, name, scopes FROM gatehouse.verify_api_key(api_key => :'api_key', required_scopes => ARRAY['read:orders']);
\set ECHO none

\echo '--- 12. Open a session. Its refresh token, too, is shown once.'
\echo
\echo 'SELECT session_id, refresh_token, expires_at FROM gatehouse.create_refresh_token(user_id => \'...\');'
SELECT session_id, refresh_token AS first_token, expires_at
  FROM gatehouse.create_refresh_token(user_id => :'user_id') \gset
SELECT :'session_id' AS session_id, :'first_token' AS refresh_token, :'expires_at' AS expires_at;

\echo '--- 13. Refresh it: the token is used up and a new one takes its place.'
\echo
\echo 'SELECT status, refresh_token FROM gatehouse.refresh_session(refresh_token => \'...\');'
SELECT status, refresh_token AS second_token FROM gatehouse.refresh_session(refresh_token => :'first_token') \gset
SELECT :'status' AS status, :'second_token' AS refresh_token;

\echo '--- 14. The client lost that answer and sends the first token again at once. Within gatehouse.refresh_grace (10 s)'
\echo '        it gets the same successor; nobody is logged out by a dropped packet.'
\echo
\set ECHO queries
SELECT status, refresh_token = :'second_token' AS same_successor
  FROM gatehouse.refresh_session(refresh_token => :'first_token');
\set ECHO none

\echo '--- 15. A thief sends it later (here the administrator ends the grace instead of waiting). That is reuse: the session'
\echo '        ends, and the token that was good till now with it.'
\echo
\set ECHO queries
RESET ROLE;
SET gatehouse.refresh_grace = 0;
SET ROLE shop;
SELECT status, user_id FROM gatehouse.refresh_session(refresh_token => :'first_token');
SELECT status, user_id FROM gatehouse.refresh_session(refresh_token => :'second_token');
\set ECHO none

\echo '--- 16. The application has a table of its own, and its administrator audits it.'
\echo
\set ECHO queries
CREATE TABLE orders (order_id int PRIMARY KEY, product text NOT NULL, quantity int NOT NULL);
RESET ROLE;
SELECT gatehouse.enable_audit(relation => 'public.orders');
\set ECHO none

\echo '--- 17. The application changes rows as ever.'
\echo
\set ECHO queries
SET ROLE shop;
INSERT INTO orders VALUES (1, 'tea', 2), (2, 'coffee', 1);
UPDATE orders SET quantity = 5 WHERE order_id = 1;
DELETE FROM orders WHERE order_id = 2;
RESET ROLE;
\set ECHO none
\echo

\echo '--- 18. The log has every change, in the transaction that made it. Of an update it holds the changed columns only.'
\echo
\set ECHO queries
SELECT operation, key, old, new, db_role FROM gatehouse.row_changes ORDER BY id;
\set ECHO none

\echo '--- 19. The history of one row, with what it looked like after each change.'
\echo
\set ECHO queries
SELECT operation, changed_at, row_after FROM gatehouse.get_row_history(relation => 'public.orders', key => '{"order_id": 1}');
\set ECHO none

\echo '--- 20. The table as it was at that moment, and the statement that undoes the mistake of the transaction that deleted a row.'
\echo
\set ECHO queries
SELECT max(changed_at) FILTER (WHERE operation = 'UPDATE') AS moment, max(transaction_id::text) FILTER (WHERE operation = 'DELETE') AS mistake
  FROM gatehouse.row_changes \gset
SELECT * FROM gatehouse.get_table_at(relation => 'public.orders', at => :'moment');
SELECT * FROM gatehouse.undo_transaction(transaction_id => :'mistake');
\set ECHO none

\echo '--- 21. What else happened: an application adds its own events to those that gatehouse writes.'
\echo
\set ECHO queries
SET ROLE shop;
SELECT gatehouse.create_audit_log(event_type => 'order.shipped', user_id => :'user_id', context => '{"order_id": 1}') AS id;
RESET ROLE;
SELECT occurred_at, event_type, success, context FROM gatehouse.get_audit_logs() ORDER BY id;
\set ECHO none
