-- Access tokens: what is issued, to whom, and everything that is not taken. Signatures by others: test/tap/100_access_tokens.pl.
BEGIN;
SET LOCAL client_min_messages = warning;
\ir ../as_role.psql
SELECT current_setting('gatehouse.key_file', true) <> '' AS has_ring FROM gatehouse.library_version() \gset
SELECT (gatehouse.create_user('ada@example.com', 'ada')).id AS ada \gset
SELECT (gatehouse.create_user('bob@example.com', 'bob')).id AS bob \gset
SELECT session_id AS session, refresh_token AS token FROM gatehouse.create_refresh_token(:'ada') \gset
SELECT session_id AS bobs_session FROM gatehouse.create_refresh_token(:'bob') \gset
\if :has_ring
SELECT plan(103);
SELECT gatehouse.register_scope(s) FROM unnest(ARRAY['read:users', 'write:users']) s \g /dev/null
CREATE FUNCTION pg_temp.opens(token text, audience text DEFAULT NULL) RETURNS boolean LANGUAGE sql AS
  $$SELECT EXISTS (SELECT FROM gatehouse.verify_access_token(opens.token, opens.audience))$$;
-- Of a payload that somebody with the key made.
CREATE FUNCTION pg_temp.claims(changes jsonb DEFAULT '{}', without text DEFAULT '') RETURNS jsonb LANGUAGE sql AS $$
  SELECT (jsonb_build_object('sub', (SELECT id FROM gatehouse.users WHERE username = 'ada'), 'jti', gatehouse.uuid_v7(),
                             'iat', floor(extract(epoch FROM clock_timestamp())), 'nbf', floor(extract(epoch FROM clock_timestamp())),
                             'exp', floor(extract(epoch FROM clock_timestamp())) + 60) || changes) - without
$$;
CREATE FUNCTION pg_temp.signed(payload text) RETURNS boolean LANGUAGE sql AS
  $$SELECT pg_temp.opens(gatehouse.sign_access_token(payload))$$;

-- What is in one.
SELECT gatehouse.issue_access_token(user_id => :'ada', session_id => :'session', audience => 'orders', lifetime => '5 minutes',
                                    claims => '{"plan": "gold", "n": 1.50}') AS access \gset
CREATE TEMP TABLE answer AS SELECT * FROM gatehouse.verify_access_token(token => :'access', audience => 'orders');
SELECT columns_are('answer', ARRAY['user_id', 'session_id', 'token_id', 'issued_at', 'expires_at', 'claims'], 'what a token tells');
SELECT results_eq('SELECT user_id, session_id FROM answer', format('VALUES (%L::uuid, %L::uuid)', :'ada', :'session'), 'whose it is');
SELECT is(array_agg(k ORDER BY k), '{aud,exp,iat,jti,n,nbf,plan,sid,sub}'::text[], 'its claims; no issuer where none is set')
  FROM answer, jsonb_object_keys(claims) k;
SELECT is(claims ->> 'plan' || (claims ->> 'n') || (claims ->> 'aud') || (claims ->> 'sub') || (claims ->> 'sid') || (claims ->> 'jti'),
          'gold' || '1.50' || 'orders' || user_id || session_id || token_id, 'those that were given, and the others') FROM answer;
SELECT is((claims ->> 'exp')::bigint - (claims ->> 'iat')::bigint, 300::bigint, 'it lasts as long as was asked') FROM answer;
SELECT ok(claims -> 'nbf' = claims -> 'iat' AND extract(epoch FROM issued_at) = (claims ->> 'iat')::numeric
          AND extract(epoch FROM expires_at) = (claims ->> 'exp')::numeric
          AND issued_at BETWEEN clock_timestamp() - interval '1 minute' AND clock_timestamp(), 'from now on') FROM answer;
SELECT is(convert_from(decode(rpad(translate(split_part(:'access', '.', 1), '-_', '+/'), 4 * ((length(split_part(:'access', '.', 1)) + 3) / 4), '='), 'base64'), 'UTF8'),
          '{"alg":"EdDSA","kid":"' || (gatehouse.jwks() #>> '{keys,0,kid}') || '","typ":"JWT"}', 'its header');
SELECT is(uuid_send(token_id) > uuid_send(user_id), true, 'its id is new') FROM answer;
SELECT isnt(gatehouse.issue_access_token(:'ada'), gatehouse.issue_access_token(:'ada'), 'and no other''s');
SELECT is(claims - '{exp,iat,jti,nbf,sub}'::text[], '{}', 'nothing else without a session and an audience')
  FROM gatehouse.verify_access_token(gatehouse.issue_access_token(:'ada'));
SELECT is(expires_at - issued_at, interval '15 minutes', 'and for the time of the settings') FROM gatehouse.verify_access_token(gatehouse.issue_access_token(:'ada'));
SELECT is(pg_temp.as_role('gatehouse_app', format('SELECT user_id FROM gatehouse.verify_access_token(gatehouse.issue_access_token(%L))', :'ada')),
  :'ada', 'an application may do both');
UPDATE gatehouse.sessions SET expires_at = clock_timestamp() + interval '1 minute' WHERE session_id = :'session';
SELECT ok(expires_at <= clock_timestamp() + interval '1 minute', 'no longer than its session')
  FROM gatehouse.verify_access_token(gatehouse.issue_access_token(:'ada', :'session'));
UPDATE gatehouse.sessions SET expires_at = clock_timestamp() + interval '1 day' WHERE session_id = :'session';

SELECT is(jsonb_array_length(claims -> 'a' -> 0 -> 0), 1, 'claims may be nested deeply')
  FROM gatehouse.verify_access_token(gatehouse.issue_access_token(:'ada', claims => jsonb_build_object('a', (repeat('[', 500) || repeat(']', 500))::jsonb)));

-- Audience and issuer.
SELECT is(pg_temp.opens(:'access'), false, 'a token for somebody is for nobody else: without an audience');
SELECT is(pg_temp.opens(:'access', 'other'), false, 'for another');
SELECT is(pg_temp.opens(gatehouse.issue_access_token(:'ada'), 'orders'), false, 'and one for nobody is not for who expects to be named');
SET LOCAL gatehouse.access_token_audience = 'orders';
SET LOCAL gatehouse.access_token_issuer = 'https://id.example.com';
SELECT is(pg_temp.opens(:'access'), false, 'a token without an issuer is refused where one is set');
SELECT gatehouse.issue_access_token(:'ada') AS issued \gset
SELECT is(claims ->> 'iss' || ' ' || (claims ->> 'aud'), 'https://id.example.com orders', 'the settings name both')
  FROM gatehouse.verify_access_token(:'issued');
SELECT is(pg_temp.opens(:'issued', 'orders'), true, 'the audience may be given too');
SET LOCAL gatehouse.access_token_issuer = 'https://other.example.com';
SELECT is(pg_temp.opens(:'issued'), false, 'another issuer''s is refused');
SET LOCAL gatehouse.access_token_issuer = '';
SELECT is(pg_temp.opens(:'issued'), false, 'and one''s where none is set');
SET LOCAL gatehouse.access_token_audience = '';
SELECT is(pg_temp.opens(gatehouse.sign_access_token(pg_temp.claims(jsonb_build_object('aud', a.value::jsonb))::text), 'orders'), a.opens, 'aud ' || a.value)
  FROM (VALUES ('["a", "orders"]', true), ('["orders"]', true), ('["a"]', false), ('[]', false), ('["orders", 1]', false), ('{"orders": 1}', false),
               ('1', false), ('null', false), ('[["orders"]]', false)) a (value, opens);

-- Claims that somebody with the key could sign.
SELECT is(pg_temp.signed(pg_temp.claims()::text), true, 'what is needed');
SELECT is(pg_temp.signed(pg_temp.claims(without => c)::text), false, 'not without ' || c) FROM unnest(ARRAY['sub', 'exp', 'iat', 'nbf', 'jti']) c;
SELECT is(pg_temp.signed(pg_temp.claims(c::jsonb)::text), false, 'not with ' || c)
  FROM unnest(ARRAY['{"sub": "ada"}', '{"sub": 1}', '{"sub": "00000000-0000-0000-0000-000000000000"}', '{"sid": "x"}', '{"sid": null}',
                    '{"sid": "00000000-0000-0000-0000-000000000000"}', '{"jti": ""}', '{"exp": "9999999999"}', '{"exp": 1e12}', '{"exp": null}',
                    '{"nbf": 9999999999}', '{"iat": true}', '{"iss": "x"}', '{"act": "x"}', '{"act": {"sub": "x"}}', '{"scope": "Read Users"}', '{"scope": "read:users "}',
                    '{"scope": " read:users"}']) c;
SELECT is(pg_temp.signed(p), false, 'not ' || coalesce(nullif(left(p, 20), ''), 'nothing'))
  FROM unnest(ARRAY['', '[]', '1', '"x"', 'x', '{', repeat('[', 3000), '{"sub": "\u0000"}', 'null']) p;
SELECT is(pg_temp.signed(pg_temp.claims(jsonb_build_object('exp', extract(epoch FROM clock_timestamp()) + d))::text), d > 0, 'exp in ' || d || ' s')
  FROM unnest(ARRAY[-1, 0, 0.5]) d;
SELECT is(pg_temp.signed(pg_temp.claims(jsonb_build_object('nbf', extract(epoch FROM clock_timestamp()) + d))::text), d <= 0, 'nbf in ' || d || ' s')
  FROM unnest(ARRAY[-1, 0, 0.5]) d;

-- What is no token of ours.
SELECT gatehouse.issue_access_token(:'ada', :'session') AS access \gset
SELECT is(pg_temp.opens(:'access'), true, 'a token opens');
SELECT is((SELECT count(*) FROM generate_series(1, length(:'access')) i WHERE pg_temp.opens(overlay(:'access' placing
             CASE substr(:'access', i, 1) WHEN 'A' THEN 'B' ELSE 'A' END from i for 1))), 0::bigint, 'with any character changed it doesn''t');
SELECT is((SELECT count(*) FROM generate_series(0, length(:'access') - 1) i WHERE pg_temp.opens(left(:'access', i))), 0::bigint, 'nor cut short');
SELECT is(pg_temp.opens(t), false, 'nor ' || coalesce(left(t, 12), 'NULL'))
  FROM unnest(ARRAY[NULL, '', '.', '..', '...', :'access' || '.', '.' || :'access', :'access' || '=', E'\n' || :'access', repeat('A', 100000),
                    split_part(:'access', '.', 2) || '.' || split_part(:'access', '.', 1) || '.' || split_part(:'access', '.', 3),
                    split_part(:'access', '.', 1) || '.' || split_part(:'access', '.', 2) || '.', :'token']) t;

-- As account and session are now.
SELECT is(gatehouse.revoke_session(:'session'), true, 'the session ends');
SELECT is(pg_temp.opens(:'access'), false, 'and with it its tokens');
SELECT gatehouse.issue_access_token(:'ada') AS access \gset
SELECT is(pg_temp.opens(:'access'), true, 'others go on');
UPDATE gatehouse.users SET is_active = false WHERE id = :'ada';
SELECT is(pg_temp.opens(:'access'), false, 'until the account is stopped');
UPDATE gatehouse.users SET is_active = true WHERE id = :'ada';

-- Wrong use.
SELECT throws_ok(format('SELECT gatehouse.issue_access_token(%s)', a.arguments), '22023', a.message, 'refused: ' || a.arguments)
  FROM (VALUES ('NULL', 'argument "user_id" must not be null'),
               ('gatehouse.uuid_v7()', 'no live account has this id, or no live session of its has'),
               (format('%L, %L', :'ada', :'session'), 'no live account has this id, or no live session of its has'),
               (format('%L, %L', :'ada', :'bobs_session'), 'no live account has this id, or no live session of its has'),
               (format('%L, lifetime => %L', :'ada', '0'), 'lifetime of an access token must be from 1 second to 1 day'),
               (format('%L, lifetime => %L', :'ada', '1 day 1 second'), 'lifetime of an access token must be from 1 second to 1 day'),
               (format('%L, claims => %L', :'ada', '[]'), 'claims must be a JSON object of at most 4096 bytes'),
               (format('%L, claims => %L', :'ada', jsonb_build_object('a', repeat('x', 4096))), 'claims must be a JSON object of at most 4096 bytes'),
               (format('%L, claims => %L', :'ada', '{"sub": "x"}'), 'claim "sub" cannot be given'),
               (format('%L, claims => %L', :'ada', '{"act": {}}'), 'claim "act" cannot be given'),
               (format('%L, claims => %L', :'ada', '{"scope": ["read:users"]}'), 'claim "scope" must be a JSON string of scopes, separated by blanks'),
               (format('%L, claims => %L', :'ada', '{"scope": "fly"}'), 'scope "fly" is not registered'),
               (format('%L, audience => %L', :'ada', repeat('x', 257)), 'audience must have at most 256 bytes')) a (arguments, message);
\else
SELECT plan(4);
SELECT throws_ok(q, '55000', 'access tokens need a key ring', 'without a key ring: ' || left(q, 40))
  FROM unnest(ARRAY[format('SELECT gatehouse.issue_access_token(%L)', :'ada'), $$SELECT * FROM gatehouse.verify_access_token('x')$$,
                    'SELECT gatehouse.jwks()', $$SELECT gatehouse.sign_in_with_access_token('x')$$]) q;
\endif
SELECT * FROM finish();
ROLLBACK;
