-- One-time tokens: what is stored, how long they work, how often they are given.
BEGIN;
SELECT plan(40);
SET LOCAL client_min_messages = warning;
\ir ../as_role.psql
SET LOCAL gatehouse.verification_token_lifetime = '1h';
SELECT id AS ada FROM gatehouse.create_user('ada@example.com', 'ada') \gset
SELECT id AS bob FROM gatehouse.create_user('bob@example.com', 'bob') \gset
SET LOCAL gatehouse.argon2_memory = '7MB';
SET LOCAL gatehouse.argon2_iterations = 5;
-- So much time passes for all tokens.
CREATE FUNCTION pg_temp.pass(amount interval) RETURNS void LANGUAGE sql AS $$
  UPDATE gatehouse.one_time_tokens SET created_at = created_at - amount, expires_at = expires_at - amount
$$;
CREATE FUNCTION pg_temp.clear() RETURNS void LANGUAGE sql AS $$ DELETE FROM gatehouse.one_time_tokens $$;

-- What is stored.
SELECT gatehouse.request_email_verification(:'ada') AS token \gset
SELECT matches(:'token'::text, '^[A-Za-z0-9_-]{64}$', 'a token has 64 characters that need no escape in a link');
SELECT is((SELECT count(*) FROM gatehouse.one_time_tokens t WHERE strpos(t::text, :'token') > 0), 0::bigint, 'it is not stored');
SELECT is((SELECT count(*) FROM gatehouse.one_time_tokens t
            WHERE t.token_digest = convert_to(:'token', 'UTF8') OR t.locator_digest = convert_to(:'token', 'UTF8')), 0::bigint,
  'nor as bytes');
SELECT results_eq($$SELECT purpose, email, expires_at - created_at FROM gatehouse.one_time_tokens$$,
  $$VALUES ('email_verification' COLLATE "C", 'ada@example.com', interval '1 hour')$$, 'its purpose, address and lifetime are');
SELECT is((SELECT t.subject = gatehouse.throttle_subject('account', t.user_id::text) FROM gatehouse.one_time_tokens t), true,
  'requests are counted by account');

-- A day is 24 hours where the clocks are changed.
SELECT is(gatehouse.lifetime('deletion_grace'), interval '168:00', 'a lifetime has no days in it');

-- Where it works.
SELECT is_empty(format('SELECT * FROM gatehouse.%s(%L%s)', f.name, :'token', f.more), 'a token of another purpose is refused: ' || f.name)
  FROM (VALUES ('confirm_email_change', ''), ('reset_password', ', ''correct horse battery staple''')) AS f (name, more);
SELECT is(gatehouse.confirm_account_deletion(:'token'), NULL::timestamptz, 'a token of another purpose is refused: confirm_account_deletion');
SELECT is_empty(format('SELECT * FROM gatehouse.verify_refresh_token(%L)', :'token'), 'a one-time token is no refresh token');
SELECT is_empty(format('SELECT * FROM gatehouse.verify_email(%L)', refresh_token), 'a refresh token is no one-time token')
  FROM gatehouse.create_refresh_token(:'ada');
SELECT is_empty(format('SELECT * FROM gatehouse.verify_email(%L)', v.token), 'refused: ' || v.what)
  FROM (VALUES ('nothing', ''), ('no token', 'ada@example.com'), ('a blank more', :'token' || ' '), ('another case', lower(upper(:'token'))),
               ('half of it', left(:'token', 32)), ('the same locator with another secret', left(:'token', 22) || repeat('A', 42)),
               ('the stored digest', (SELECT rpad(encode(t.token_digest, 'hex'), 64) FROM gatehouse.one_time_tokens t)),
               ('a wildcard', repeat('%', 64)), ('a megabyte', repeat('x', 1048576))) AS v (what, token);
SELECT is((SELECT count(*) FROM gatehouse.one_time_tokens), 1::bigint, 'no refusal uses the token up');
SELECT is((SELECT username FROM gatehouse.verify_email(:'token')), 'ada', 'then it still works');
SELECT is_empty(format('SELECT * FROM gatehouse.verify_email(%L)', :'token'), 'once');
SELECT throws_ok($$SELECT gatehouse.verify_email(NULL)$$, '22023', 'argument "token" must not be null', 'NULL is wrong use');

-- Its end.
SELECT gatehouse.request_email_verification(:'ada') AS token \gset
SELECT pg_temp.pass(interval '59 minutes 50 seconds');
SAVEPOINT before_use;
SELECT is((SELECT username FROM gatehouse.verify_email(:'token')), 'ada', 'shortly before its end it works');
ROLLBACK TO before_use;
UPDATE gatehouse.one_time_tokens SET expires_at = clock_timestamp();
SELECT is_empty(format('SELECT * FROM gatehouse.verify_email(%L)', :'token'), 'at its end it doesn''t');
SELECT is(gatehouse.remove_expired_tokens(), 1::bigint, 'maintenance removes what has ended');
SELECT is(gatehouse.remove_expired_tokens(), 0::bigint, 'once');

-- How often. All within one transaction, but at times of their own.
SELECT gatehouse.request_email_verification(:'ada') AS first \gset
SELECT pg_temp.pass(interval '29 minutes 50 seconds');
SELECT is((SELECT count(gatehouse.request_email_verification(:'ada')) FROM generate_series(1, 2)), 2::bigint, 'three are given');
SELECT is(gatehouse.request_email_verification(:'ada'), NULL::text, 'the fourth is not, while the first is in the first half of its life');
SELECT is((SELECT count(*) FROM gatehouse.one_time_tokens), 3::bigint, 'the three stay');
SELECT isnt(gatehouse.request_email_verification(:'bob'), NULL::text, 'another account is counted apart');
SELECT isnt(gatehouse.request_account_deletion(:'ada'), NULL::text, 'and another purpose');
SAVEPOINT before_use;
SELECT is((SELECT username FROM gatehouse.verify_email(:'first')), 'ada', 'the first one works beside the later ones');
SELECT is((SELECT array_agg(purpose ORDER BY purpose) FROM gatehouse.one_time_tokens WHERE user_id = :'ada'), '{account_deletion}',
  'and ends those of its purpose');
ROLLBACK TO before_use;
SELECT pg_temp.pass(interval '10 seconds');
SELECT isnt(gatehouse.request_email_verification(:'ada'), NULL::text, 'at half its life the first one makes room');
SELECT is_empty(format('SELECT * FROM gatehouse.verify_email(%L)', :'first'), 'and ends');

-- A key that the ring lacks.
SELECT pg_temp.clear();
SELECT gatehouse.request_email_verification(:'ada') AS token \gset
UPDATE gatehouse.one_time_tokens SET ring_key_id = 65535;
SELECT is_empty(format('SELECT * FROM gatehouse.verify_email(%L)', :'token'), 'a token of a key that the ring lacks is refused');

-- Who may.
SELECT throws_ok(format('SELECT pg_temp.as_role(''gatehouse_auditor'', %L)', 'SELECT gatehouse.verify_email(''x'')'), '42501',
  'permission denied for function verify_email', 'an auditor may use no token');
SELECT throws_ok(format('SELECT pg_temp.as_role(''gatehouse_admin'', %L)', 'SELECT count(*) FROM gatehouse.one_time_tokens'), '42501',
  'permission denied for table one_time_tokens', 'an administrator does not see digests');

SELECT * FROM finish();
ROLLBACK;
