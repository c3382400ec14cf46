-- What the caller's session and arguments bring along (settings, collations) changes no answer.
BEGIN;
SELECT plan(30);
SET LOCAL client_min_messages = warning;

CREATE COLLATION pg_temp.blind (provider = icu, locale = 'und-u-ks-level2', deterministic = false);
SELECT gatehouse.register_scope('read:orders');
SELECT gatehouse.create_user('ada@example.com', 'ada', 'correct horse battery staple');
SELECT gatehouse.link_oauth(id, 'forge', 'Subject') FROM gatehouse.users WHERE username = 'ada';

-- Function bodies hold regular expressions, and each session parses them anew.
SET LOCAL escape_string_warning = off;
SET LOCAL standard_conforming_strings = off;
SELECT throws_ok(format('SELECT gatehouse.create_user(%L, %L)', address, 'bob'), '22023',
  'e-mail address must have the form name@example.com', format('%s is refused', address))
  FROM unnest(ARRAY['bob', 'b b@example.com', 'b"b@example.com', E'b\\b@example.com', 'b]b@example.com', 'b[b@example.com',
                    'b..b@example.com', 'bob@example', 'bob@exampleXcom', 'bob@ex_ample.com']) AS address;
SELECT lives_ok($$SELECT gatehouse.create_user('bob.b@mail.example.com', 'bob')$$, 'an address is an address');
SELECT throws_ok(format('SELECT gatehouse.create_audit_log(%L)', event_type), '22023', 'malformed event type',
  format('%s is refused as a type of event', event_type))
  FROM unnest(ARRAY['order refused', 'order/refused', 'order..refused']) AS event_type;
SELECT lives_ok($$SELECT gatehouse.create_audit_log('order.refused')$$, 'a type of event is one');
CREATE TABLE item (id integer PRIMARY KEY, hidden text);
SELECT lives_ok($$SELECT gatehouse.enable_audit('item', exclude => '{hidden}')$$, 'a table can be audited');
SELECT is((SELECT status FROM gatehouse.audited_tables WHERE table_name = 'item'), 'active', 'and is shown');
RESET standard_conforming_strings;

-- An argument from a column has the column's collation.
CREATE TEMP TABLE request AS SELECT 'Ada@example.com' COLLATE "de-x-icu" AS german, 'Ada@example.com' COLLATE pg_temp.blind AS blind,
                                       'subject' COLLATE pg_temp.blind AS subject, 'read:orders' COLLATE "de-x-icu" AS scope;
SELECT is((SELECT u.username FROM pg_temp.request r, gatehouse.get_user_by_email(r.german) u), 'ada',
  'an address of another collation finds the account');
SELECT is((SELECT u.username FROM pg_temp.request r, gatehouse.get_user_by_email(r.blind) u), 'ada',
  'so does one of a nondeterministic collation');
SELECT is((SELECT a.status FROM pg_temp.request r, gatehouse.authenticate_user(r.german, 'correct horse battery staple') a),
  'unverified', 'it logs in');
SELECT is((SELECT a.status FROM pg_temp.request r, gatehouse.authenticate_user(r.blind, 'correct horse battery staple') a),
  'unverified', 'so does the other');
SELECT is((SELECT (gatehouse.create_user('x' || r.blind, 'xada')).email FROM pg_temp.request r), 'xAda@example.com',
  'it registers');
SELECT is_empty($$SELECT u.username FROM pg_temp.request r, gatehouse.get_user_by_oauth('forge', r.subject) u$$,
  'a collation without case does not make two identities one');
SELECT isnt_empty($$SELECT k.id FROM pg_temp.request r, gatehouse.get_user_by_username('ada') u,
                           gatehouse.create_api_key(u.id, 'k', ARRAY[r.scope]) k$$, 'a scope of another collation is registered');
SELECT throws_ok($$SELECT k.id FROM gatehouse.get_user_by_username('ada') u,
                          gatehouse.create_api_key(u.id, 'k', ARRAY['READ:orders' COLLATE pg_temp.blind]) k$$,
  '22023', 'malformed scope', 'one that differs in case is not');
SELECT is((SELECT gatehouse.register_scope(r.scope) FROM pg_temp.request r), false, 'nor can it be registered twice');
SELECT is((SELECT count(*) FROM gatehouse.create_audit_log('order.seen' COLLATE pg_temp.blind)), 1::bigint, 'an event can be written');
SELECT is_empty($$SELECT * FROM gatehouse.get_audit_logs(event_type => 'ORDER.SEEN' COLLATE pg_temp.blind)$$,
  'an event is found by its own type alone');

-- Normalisation of megabytes takes seconds, which nothing can interrupt.
SELECT throws_ok($$SELECT gatehouse.create_user(repeat('x', 2000) || '@example.com', 'long')$$, '22023',
  'e-mail address must have at most 254 bytes', 'a long address is refused');
SELECT is(gatehouse.fold_email(repeat(' ', 1010) || 'Ada@example.com'), NULL, 'and not even normalised');

SELECT * FROM finish();
ROLLBACK;
