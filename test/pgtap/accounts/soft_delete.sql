-- soft_delete_user and restore_user: what goes, what comes back, and what stays gone.
BEGIN;
SELECT plan(61);
SET LOCAL client_min_messages = warning;
\ir ../as_role.psql
\ir ../diagnose.psql
SELECT ok(gatehouse.library_version() <> '', 'the library is loaded');
SET LOCAL gatehouse.argon2_memory = '7MB';
SET LOCAL gatehouse.argon2_iterations = 5;
SET LOCAL gatehouse.require_verified_email = off;
-- Logins of a deleted account are counted by name, and outlive this transaction.
SET LOCAL gatehouse.lockout_threshold = 0;

CREATE TEMP TABLE account AS
  SELECT u.id, u.username FROM (VALUES ('ada'), ('bob'), ('stopped')) AS v (name),
       LATERAL gatehouse.create_user(v.name || '@example.com', v.name, 'correct horse battery') u;
CREATE FUNCTION pg_temp.id_of(name text) RETURNS uuid LANGUAGE sql AS $$SELECT a.id FROM pg_temp.account a WHERE a.username = name$$;
SELECT FROM (VALUES ('ada', 'example', '1'), ('ada', 'forge', '1'), ('bob', 'example', '2')) AS v (name, provider, subject),
            gatehouse.link_oauth(pg_temp.id_of(v.name), v.provider, v.subject);
CREATE TEMP TABLE held AS
  SELECT a.username, k.id AS key_id, k.api_key, t.session_id, t.refresh_token
    FROM account a, LATERAL gatehouse.create_api_key(a.id, 'a key') k, LATERAL gatehouse.create_refresh_token(a.id) t;
INSERT INTO gatehouse.one_time_tokens (locator_digest, token_digest, ring_key_id, user_id, subject, purpose, email, created_at, expires_at)
  SELECT decode(md5(a.username), 'hex'), '\x00', 0, a.id, '\x00', 'account_deletion', 'a@example.com', now(), now() + interval '1 hour'
    FROM account a;
CREATE FUNCTION pg_temp.login(name text) RETURNS text LANGUAGE sql AS $$
  SELECT a.status FROM gatehouse.authenticate_user(name, 'correct horse battery') a
$$;
CREATE FUNCTION pg_temp.key_works(name text) RETURNS boolean LANGUAGE sql AS $$
  SELECT EXISTS (SELECT FROM gatehouse.verify_api_key((SELECT h.api_key FROM pg_temp.held h WHERE h.username = name)))
$$;
CREATE FUNCTION pg_temp.session_works(name text) RETURNS boolean LANGUAGE sql AS $$
  SELECT EXISTS (SELECT FROM gatehouse.verify_refresh_token((SELECT h.refresh_token FROM pg_temp.held h WHERE h.username = name)))
$$;
CREATE FUNCTION pg_temp.deletion(name text, OUT is_deleted boolean, OUT by_whom uuid, OUT why text, OUT scheduled timestamptz) LANGUAGE sql AS $$
  SELECT u.deleted_at IS NOT NULL, u.deleted_by, u.deletion_reason, u.deletion_scheduled_for FROM gatehouse.users u WHERE u.id = pg_temp.id_of(name)
$$;
-- As a confirmed erasure leaves it, with a reminder sent.
UPDATE gatehouse.users SET deletion_scheduled_for = '2999-01-01 00:00Z' WHERE id = pg_temp.id_of('ada');
INSERT INTO gatehouse.deletion_reminders (user_id, scheduled_for, days_before, sent_at) VALUES (pg_temp.id_of('ada'), '2999-01-01 00:00Z', 1, now());
CREATE TEMP TABLE before AS SELECT * FROM gatehouse.users;

-- Deletion.
SELECT is(pg_temp.as_role('gatehouse_app', format('SELECT gatehouse.soft_delete_user(id => %L, deleted_by => %L, reason => ''asked for it'')',
  pg_temp.id_of('ada'), pg_temp.id_of('bob'))), 'true', 'an application deletes an account');
SELECT results_eq($$SELECT * FROM pg_temp.deletion('ada')$$,
  $$SELECT true, pg_temp.id_of('bob'), 'asked for it', timestamptz '2999-01-01 00:00Z'$$, 'by whom and why is noted, and a scheduled erasure stays so');
SELECT ok(u.deleted_at > b.updated_at AND u.updated_at = u.deleted_at, 'and when') FROM before b JOIN gatehouse.users u USING (id) WHERE b.username = 'ada';
SELECT is(pg_temp.login('ada'), 'invalid_credentials', 'it logs in no more');
SELECT is(pg_temp.key_works('ada'), false, 'its keys are refused');
SELECT is(pg_temp.session_works('ada'), false, 'its sessions too');
SELECT is((SELECT r.status FROM held h, gatehouse.refresh_session(h.refresh_token) r WHERE h.username = 'ada'), 'revoked', 'and not refreshed');
SELECT is((SELECT s.revocation FROM held h JOIN gatehouse.sessions s USING (session_id) WHERE h.username = 'ada'), 'account_deleted', 'since they are ended');
SELECT is((SELECT count(*)::int FROM gatehouse.one_time_tokens WHERE user_id = pg_temp.id_of('ada')), 0, 'tokens that were sent out are gone');
SELECT is_empty(query, 'nothing is found of it: ' || query)
  FROM (VALUES ($$SELECT gatehouse.get_user_by_email('ada@example.com')$$), ($$SELECT gatehouse.get_user_by_username('ada')$$),
               ($$SELECT gatehouse.get_user_by_oauth('example', '1')$$), ($$SELECT gatehouse.get_user_by_oauth('forge', '1')$$)) AS v (query);
SELECT is((SELECT id FROM gatehouse.get_user_by_oauth('example', '1', include_deleted => true)), pg_temp.id_of('ada'), 'but by an administrator');
SELECT throws_ok(format('SELECT gatehouse.%s', format(call, pg_temp.id_of('ada'))), '22023', 'no live account has this id', 'nothing new: ' || call)
  FROM (VALUES ('create_api_key(%L, ''another'')'), ('create_refresh_token(%L)'), ('link_oauth(%L, ''example'', ''3'')')) AS v (call);
SELECT ok(pg_temp.login('bob') = 'ok' AND pg_temp.key_works('bob') AND pg_temp.session_works('bob')
          AND EXISTS (SELECT FROM gatehouse.get_user_by_oauth('example', '2'))
          AND EXISTS (SELECT FROM gatehouse.one_time_tokens WHERE user_id = pg_temp.id_of('bob')), 'another account goes on');
SELECT is(gatehouse.soft_delete_user(pg_temp.id_of('ada'), reason => 'again'), false, 'who is deleted is not deleted again');
SELECT is((SELECT why FROM pg_temp.deletion('ada')), 'asked for it', 'and what was noted stays');
SELECT is(gatehouse.soft_delete_user(gatehouse.uuid_v7()), false, 'no account is none to delete');

-- Coming back.
SELECT is(pg_temp.as_role('gatehouse_admin', format('SELECT gatehouse.restore_user(%L)', pg_temp.id_of('ada'))), 'true', 'an administrator restores it');
SELECT results_eq($$SELECT * FROM pg_temp.deletion('ada')$$, $$VALUES (false, NULL::uuid, NULL::text, NULL::timestamptz)$$,
  'nothing of the deletion is left, nor of the erasure');
SELECT is((SELECT count(*)::int FROM gatehouse.deletion_reminders), 0, 'nor a reminder of it');
SELECT is(pg_temp.login('ada'), 'ok', 'it logs in');
SELECT is(pg_temp.key_works('ada'), true, 'its keys work');
SELECT is((SELECT id FROM gatehouse.get_user_by_oauth('example', '1')), pg_temp.id_of('ada'), 'its OAuth identities open it');
SELECT is(pg_temp.session_works('ada'), false, 'its sessions stay ended');
SELECT is((SELECT count(*)::int FROM gatehouse.one_time_tokens WHERE user_id = pg_temp.id_of('ada')), 0, 'its tokens stay gone');
SELECT is(gatehouse.restore_user(pg_temp.id_of('ada')), false, 'who is not deleted is not restored');
SELECT is(gatehouse.restore_user(gatehouse.uuid_v7()), false, 'neither is no account');

-- A key that was deactivated, and a stop, are no part of the deletion.
SELECT gatehouse.deactivate_api_key(key_id) AS ignored FROM held WHERE username = 'bob' \gset
SELECT is(gatehouse.soft_delete_user(pg_temp.id_of('bob'), deleted_by => pg_temp.id_of('bob')), true, 'an account may be said to have deleted itself');
SELECT is(gatehouse.restore_user(pg_temp.id_of('bob')), true, 'it is restored');
SELECT is(pg_temp.key_works('bob'), false, 'a key that was deactivated before stays so');
SELECT clock_timestamp() + interval '1 hour' AS later \gset
SELECT is(gatehouse.set_active(pg_temp.id_of('stopped'), false, 'spam', :'later'), true, 'a stopped account');
SELECT is(gatehouse.soft_delete_user(pg_temp.id_of('stopped')), true, 'can be deleted');
SELECT is((SELECT bool_or(k.owner_is_live OR k.owner_stopped_until IS NOT NULL) FROM gatehouse.api_keys k WHERE k.user_id = pg_temp.id_of('stopped')), false,
  'and no end of a stop lets its keys work');
SELECT is(gatehouse.restore_user(pg_temp.id_of('stopped')), true, 'when it is restored');
SELECT is((SELECT bool_and(NOT k.owner_is_live AND k.owner_stopped_until = :'later') FROM gatehouse.api_keys k WHERE k.user_id = pg_temp.id_of('stopped')), true,
  'its keys know of the stop again');
SELECT results_eq($$SELECT u.is_active, u.stop_reason, u.stopped_until FROM gatehouse.users u WHERE u.id = pg_temp.id_of('stopped')$$,
  format($$VALUES (false, 'spam', %L::timestamptz)$$, :'later'), 'which holds');
SELECT is(pg_temp.login('stopped'), 'invalid_credentials', 'also at the login');

-- What was free was taken meanwhile: nothing changes.
SELECT gatehouse.soft_delete_user(pg_temp.id_of('ada'), pg_temp.id_of('bob'), 'asked for it') AS ignored \gset
CREATE TEMP TABLE deleted AS SELECT * FROM gatehouse.users WHERE id = pg_temp.id_of('ada');
CREATE FUNCTION pg_temp.untouched() RETURNS boolean LANGUAGE sql AS $$
  SELECT (SELECT u IS NOT DISTINCT FROM d::text::gatehouse.users FROM gatehouse.users u, pg_temp.deleted d WHERE u.id = d.id)
     AND NOT EXISTS (SELECT FROM gatehouse.api_keys k WHERE k.user_id = pg_temp.id_of('ada') AND k.owner_is_live)
     AND NOT EXISTS (SELECT FROM gatehouse.oauth_identities o WHERE o.user_id = pg_temp.id_of('ada') AND NOT o.owner_is_deleted)
$$;
SELECT lives_ok($$SELECT gatehouse.create_user('ADA@example.com', 'countess')$$, 'the address of a deleted account is free');
SELECT results_eq($$SELECT d.state, d.message, d.table_name, d.constraint_name, d.detail
                      FROM pg_temp.diagnose(format('SELECT gatehouse.restore_user(%L)', pg_temp.id_of('ada'))) d$$,
  $$VALUES ('23505', 'an account with this e-mail address exists', 'users', 'users_email_live', '')$$, 'taken, it is named, without the row');
SELECT ok(pg_temp.untouched(), 'and nothing has changed');
SELECT gatehouse.soft_delete_user(id) AS ignored FROM gatehouse.users WHERE username = 'countess' \gset
SELECT lives_ok($$SELECT gatehouse.create_user('lovelace@example.com', 'ADA')$$, 'so is the username');
SELECT results_eq($$SELECT d.state, d.message, d.table_name, d.constraint_name, d.detail
                      FROM pg_temp.diagnose(format('SELECT gatehouse.restore_user(%L)', pg_temp.id_of('ada'))) d$$,
  $$VALUES ('23505', 'an account with this username exists', 'users', 'users_username_live', '')$$, 'taken, it is named');
SELECT ok(pg_temp.untouched(), 'and nothing has changed');
SELECT gatehouse.soft_delete_user(id) AS ignored FROM gatehouse.users WHERE username = 'ADA' \gset
SELECT lives_ok($$SELECT gatehouse.link_oauth(pg_temp.id_of('bob'), 'forge', '1')$$, 'so are its OAuth identities');
SELECT results_eq($$SELECT d.state, d.message, d.table_name, d.constraint_name, d.detail
                      FROM pg_temp.diagnose(format('SELECT gatehouse.restore_user(%L)', pg_temp.id_of('ada'))) d$$,
  $$VALUES ('23505', 'an account with this OAuth identity exists', 'oauth_identities', 'oauth_identities_live', '')$$, 'taken, they are named');
SELECT ok(pg_temp.untouched(), 'and nothing has changed');
SELECT is(gatehouse.unlink_oauth(pg_temp.id_of('bob'), 'forge'), true, 'when it is free again');
SELECT is(gatehouse.restore_user(pg_temp.id_of('ada')), true, 'the account comes back');

-- Wrong use.
SELECT throws_ok(format('SELECT gatehouse.%s', call), '22023', message, call)
  FROM (VALUES
    (1, 'soft_delete_user(NULL)', 'argument "id" must not be null'),
    (2, format('soft_delete_user(%L, gatehouse.uuid_v7())', pg_temp.id_of('ada')), 'no account has the id "deleted_by"'),
    (3, format('soft_delete_user(%L, reason => repeat(''a'', 1001))', pg_temp.id_of('ada')), 'reason must have at most 1000 characters'),
    (4, 'restore_user(NULL)', 'argument "id" must not be null')
  ) AS v (place, call, message)
 ORDER BY place;
SELECT is(pg_temp.login('ada'), 'ok', 'which deletes nothing');
SELECT is(gatehouse.soft_delete_user(pg_temp.id_of('ada'), reason => repeat('ä', 1000)), true, 'a reason of 1000 characters is none too long');
SELECT throws_ok($$SELECT pg_temp.as_role('gatehouse_app', 'SELECT gatehouse.restore_user(gatehouse.uuid_v7())')$$,
  '42501', 'permission denied for function restore_user', 'an application restores nobody');
SET LOCAL transaction_read_only = on;
SELECT throws_ok(format('SELECT gatehouse.soft_delete_user(%L)', pg_temp.id_of('bob')), '25006',
  'cannot execute SELECT FOR NO KEY UPDATE in a read-only transaction', 'a read-only transaction is refused');

SELECT * FROM finish();
ROLLBACK;
