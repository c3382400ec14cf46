-- generate_token and token_digest.
BEGIN;
SELECT plan(22);
SELECT ok(gatehouse.library_version() <> '', 'the library is loaded');

SELECT matches(gatehouse.generate_token(), '^[A-Za-z0-9_-]{43}$',
  '32 bytes, the default, are 43 characters of base64url');
SELECT matches(gatehouse.generate_token(bytes => 16), '^[A-Za-z0-9_-]{22}$', '16 bytes are 22 characters');
SELECT matches(gatehouse.generate_token(17), '^[A-Za-z0-9_-]{23}$', '17 bytes are 23 characters');
SELECT matches(gatehouse.generate_token(64), '^[A-Za-z0-9_-]{86}$', '64 bytes are 86 characters');
SELECT is(length(decode(translate(gatehouse.generate_token(64), '-_', '+/') || '==', 'base64')), 64,
  'which decode to 64 bytes');
SELECT throws_ok(format('SELECT gatehouse.generate_token(%s)', bytes), '22023',
  'number of bytes must be between 16 and 64',
  format('%s bytes are refused', bytes))
  FROM unnest(ARRAY['15', '65', '0', '-1', '2147483647', 'NULL']) AS bytes;

CREATE TEMP TABLE token AS SELECT gatehouse.generate_token() AS token FROM generate_series(1, 10000);
SELECT is((SELECT count(DISTINCT token)::int FROM token), 10000, 'of 10000 tokens no two are alike');
SELECT is(
  (SELECT count(DISTINCT c)::int FROM token, regexp_split_to_table(left(token, -1), '') AS c), 64,
  'and all 64 characters occur in them');
-- 420,000 characters, each of 64 expected 6,562 times, with a standard deviation of 81.
SELECT is_empty(
  $$SELECT c, count(*) FROM token, regexp_split_to_table(left(token, -1), '') AS c
     GROUP BY c HAVING abs(count(*) - 10000 * 42 / 64.0) > 500$$,
  'none of them much more often than another');

-- The known answers are of BLAKE2b-256 without a key.
SELECT current_setting('gatehouse.key_file') <> '' AS has_ring \gset
\if :has_ring
SELECT isnt(gatehouse.token_digest(token), digest,
  format('with a key ring, the digest of %L is not the plain one', left(token, 10)))
\else
SELECT is(gatehouse.token_digest(token), digest,
  format('without a key ring, the digest of %L is the plain one', left(token, 10)))
\endif
  FROM (VALUES
    (1, '', '\x0e5751c026e543b2e8ab2eb06099daa1d1e5df47778f7787faab45cdf12fe3a8'::bytea),
    (2, 'abc', '\xbddd813c634239723171ef3fee98579b94964e3bb1cb3e427262c8c068d52319'),
    (3, 'grüße', '\x8e7026321406bcf50ea065fcc8e01021e89882d8b6f0166d8f43326a5c24ac4a'),
    (4, repeat('x', 1000), '\xab75119ede14ef06ebf31f745fb655ed006cccfe8054c635308a557f7c9beaba')
  ) AS v (place, token, digest)
 ORDER BY place;
SELECT is(octet_length(gatehouse.token_digest('abc')), 32, 'a digest has 32 bytes');
SELECT is(gatehouse.token_digest('abc'), gatehouse.token_digest('abc'), 'the digest of a token is always the same');
SELECT throws_ok($$SELECT gatehouse.token_digest(NULL)$$, '22023', 'argument "token" must not be null',
  'NULL is refused');

SELECT * FROM finish();
ROLLBACK;
