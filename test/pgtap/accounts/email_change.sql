-- request_email_change, confirm_email_change.
BEGIN;
SELECT plan(26);
SET LOCAL client_min_messages = warning;
\ir ../as_role.psql
SELECT id AS ada FROM gatehouse.create_user('ada@example.com', 'ada') \gset
SELECT id AS bob FROM gatehouse.create_user('bob@example.com', 'bob') \gset

SELECT pg_temp.as_role('gatehouse_app', format('SELECT gatehouse.request_email_change(%L, %L)', :'ada', E' Countess@Example.com\n')) AS token \gset
SELECT is((SELECT email FROM gatehouse.get_user_by_id(:'ada')), 'ada@example.com', 'a request changes nothing');
SELECT is((SELECT expires_at - created_at FROM gatehouse.one_time_tokens), interval '24:00', 'a token is good for 24 hours');
SELECT gatehouse.request_email_verification(:'ada') AS verification \gset
SELECT token AS reset FROM gatehouse.request_password_reset('ada@example.com') \gset
SELECT gatehouse.request_account_deletion(:'ada') AS deletion \gset
SELECT gatehouse.request_email_change(:'ada', 'other@example.com') AS other \gset
SELECT gatehouse.request_email_verification(:'bob') AS ignored \gset
SELECT results_eq(format('SELECT id, email, is_verified FROM gatehouse.confirm_email_change(%L)', :'token'),
  format('VALUES (%L::uuid, %L, true)', :'ada', 'Countess@Example.com'), 'the account has the address, trimmed and verified');
SELECT is((SELECT email_normal FROM gatehouse.users WHERE id = :'ada'), 'countess@example.com', 'and is found by it without case');
SELECT is((SELECT count(*) FROM gatehouse.one_time_tokens WHERE user_id = :'ada'), 0::bigint,
  'no token that was sent to the old address works on');
SELECT is((SELECT count(*) FROM gatehouse.one_time_tokens WHERE user_id = :'bob'), 1::bigint, 'those of others do');
SELECT is_empty(format('SELECT * FROM gatehouse.confirm_email_change(%L)', :'token'), 'a token works once');
SELECT isnt_empty($$SELECT gatehouse.create_user('ada@example.com', 'ada2')$$, 'the old address is free');

-- Its own address in another form.
SELECT gatehouse.request_email_change(:'ada', 'COUNTESS@example.com') AS token \gset
SELECT is((SELECT email FROM gatehouse.confirm_email_change(:'token')), 'COUNTESS@example.com', 'an address can change its case');

-- Taken.
SELECT throws_ok(format('SELECT gatehouse.request_email_change(%L, %L)', :'ada', 'BOB@example.com'), '23505',
  'an account with this e-mail address exists', 'an address of another account is refused at once');
SELECT gatehouse.request_email_change(:'ada', 'carol@example.com') AS token \gset
SELECT id AS carol FROM gatehouse.create_user('carol@example.com', 'carol') \gset
CREATE FUNCTION pg_temp.refusal(statement text, OUT message text, OUT broken text, OUT detail text) LANGUAGE plpgsql AS $$
BEGIN
  EXECUTE statement;
EXCEPTION WHEN unique_violation THEN
  GET STACKED DIAGNOSTICS message = MESSAGE_TEXT, broken = CONSTRAINT_NAME, detail = PG_EXCEPTION_DETAIL;
END
$$;
SELECT is(pg_temp.refusal(format('SELECT gatehouse.confirm_email_change(%L)', :'token'))::text,
  '("an account with this e-mail address exists",users_email_live,"")', 'one that was taken meanwhile is 23505, without the row');
SELECT is((SELECT email FROM gatehouse.get_user_by_id(:'ada')), 'COUNTESS@example.com', 'then nothing has changed');
UPDATE gatehouse.users SET deleted_at = now() WHERE id = :'carol';
SELECT is((SELECT email FROM gatehouse.confirm_email_change(:'token')), 'carol@example.com',
  'and the token still works once the address is free');
SELECT lives_ok(format('SELECT gatehouse.request_email_change(%L, %L)', :'bob', 'COUNTESS@example.com'), 'an address that was left can be asked for');

-- Not live.
SELECT gatehouse.request_email_change(:'ada', 'dan@example.com') AS token \gset
UPDATE gatehouse.users SET is_active = false WHERE id = :'ada';
SELECT is_empty(format('SELECT * FROM gatehouse.confirm_email_change(%L)', :'token'), 'a stopped account changes no address');
SELECT throws_ok(format('SELECT gatehouse.request_email_change(%L, %L)', :'ada', 'dan@example.com'), '22023', 'no live account has this id',
  'nor gets a token');

-- Wrong use.
SELECT throws_ok(query, '22023', message, 'refused: ' || query)
  FROM (VALUES
    (1, format('SELECT gatehouse.request_email_change(NULL, %L)', 'x@example.com'), 'argument "id" must not be null'),
    (2, format('SELECT gatehouse.request_email_change(%L, NULL)', :'bob'), 'argument "new_email" must not be null'),
    (3, format('SELECT gatehouse.request_email_change(%L, %L)', :'bob', 'bob'), 'e-mail address must have the form name@example.com'),
    (4, format('SELECT gatehouse.request_email_change(%L, %L)', :'bob', ''), 'e-mail address must have the form name@example.com'),
    (5, format('SELECT gatehouse.request_email_change(%L, %L)', :'bob', repeat('a', 64) || '@' || repeat('b.', 100) || 'com'),
        'e-mail address must have at most 254 bytes'),
    (6, format('SELECT gatehouse.request_email_change(%L, %L)', gatehouse.uuid_v7(), 'x@example.com'), 'no live account has this id'),
    (7, 'SELECT gatehouse.confirm_email_change(NULL)', 'argument "token" must not be null')
  ) AS v (place, query, message)
 ORDER BY place;
-- The domain is asked for as at registration.
CREATE OR REPLACE FUNCTION gatehouse.check_email_domain(email text) RETURNS void LANGUAGE plpgsql STABLE AS $$
BEGIN
  IF email LIKE '%@blocked.example' THEN RAISE EXCEPTION 'the domain is blocked' USING ERRCODE = '22023'; END IF;
END
$$;
SELECT throws_ok(format('SELECT gatehouse.request_email_change(%L, %L)', :'bob', 'bob@blocked.example'), '22023', 'the domain is blocked',
  'an address at a blocked domain is refused');
SET LOCAL transaction_read_only = on;
SELECT throws_ok(format('SELECT gatehouse.request_email_change(%L, %L)', :'bob', 'x@example.com'), '25006', NULL, 'a request writes');
SELECT throws_ok('SELECT gatehouse.confirm_email_change(''x'')', '25006', 'cannot use a token within a read-only transaction', 'a use writes');

SELECT * FROM finish();
ROLLBACK;
