-- The settings: their units, ranges, floors and who may change them.
BEGIN;
SELECT plan(31);
SET LOCAL client_min_messages = warning;
\ir ../as_role.psql
\ir ../diagnose.psql
-- The first call loads the library, which defines the settings.
SELECT ok(gatehouse.library_version() <> '', 'the library is loaded');

SELECT bag_eq(
  $$SELECT name, vartype, coalesce(unit, '-') AS unit, coalesce(min_val, '-') AS least, coalesce(max_val, '-') AS most,
           CASE name WHEN 'gatehouse.max_concurrent_hashes' THEN 'processors' ELSE boot_val END AS boot_val,
           -- What lays out shared memory is fixed at the start only where the library is preloaded.
           CASE WHEN name IN ('gatehouse.max_key_uses', 'gatehouse.max_queued_events', 'gatehouse.max_throttle_entries')
                     AND context = CASE WHEN current_setting('shared_preload_libraries') = '' THEN 'sighup' ELSE 'postmaster' END
                THEN 'size' ELSE context END AS context
      FROM pg_settings WHERE name LIKE 'gatehouse.%'$$,
  $$VALUES
    ('gatehouse.access_token_audience', 'string', '-', '-', '-', '', 'superuser'),
    ('gatehouse.access_token_issuer', 'string', '-', '-', '-', '', 'superuser'),
    ('gatehouse.access_token_lifetime', 'integer', 's', '1', '86400', '900', 'superuser'),
    ('gatehouse.address_threshold', 'integer', '-', '0', '2147483647', '100', 'superuser'),
    ('gatehouse.allow_drop', 'bool', '-', '-', '-', 'off', 'superuser'),
    ('gatehouse.audit_leaf_size', 'integer', 'MB', '1', '1048576', '1024', 'superuser'),
    ('gatehouse.audit_retention', 'integer', 's', '0', '2147483647', '34560000', 'superuser'),
    ('gatehouse.api_key_prefix', 'string', '-', '-', '-', 'sk', 'superuser'),
    ('gatehouse.argon2_iterations', 'integer', '-', '1', '64', '2', 'superuser'),
    ('gatehouse.argon2_iterations_ceiling', 'integer', '-', '1', '1024', '16', 'superuser'),
    ('gatehouse.argon2_memory', 'integer', 'kB', '7168', '1048576', '65536', 'superuser'),
    ('gatehouse.argon2_memory_ceiling', 'integer', 'kB', '7168', '4194303', '262144', 'superuser'),
    ('gatehouse.bcrypt_cost_ceiling', 'integer', '-', '4', '31', '14', 'superuser'),
    ('gatehouse.deletion_grace', 'integer', 's', '0', '31536000', '604800', 'superuser'),
    ('gatehouse.deletion_token_lifetime', 'integer', 's', '60', '2592000', '86400', 'superuser'),
    ('gatehouse.hash_wait_timeout', 'integer', 'ms', '0', '3600000', '2000', 'superuser'),
    ('gatehouse.key_file', 'string', '-', '-', '-', '', 'sighup'),
    ('gatehouse.lockout_duration', 'integer', 's', '1', '86400', '900', 'superuser'),
    ('gatehouse.lockout_threshold', 'integer', '-', '0', '2147483647', '10', 'superuser'),
    ('gatehouse.log_parameters', 'enum', '-', '-', '-', 'others', 'superuser'),
    ('gatehouse.max_api_keys_per_user', 'integer', '-', '0', '2147483647', '100', 'superuser'),
    ('gatehouse.max_concurrent_hashes', 'integer', '-', '1', '1024', 'processors', 'sighup'),
    ('gatehouse.max_hash_waiters', 'integer', '-', '0', '1024', '64', 'sighup'),
    ('gatehouse.max_key_uses', 'integer', '-', '1024', '16777216', '16384', 'size'),
    ('gatehouse.max_queued_events', 'integer', '-', '64', '16384', '1024', 'size'),
    ('gatehouse.max_sessions_per_user', 'integer', '-', '0', '2147483647', '5', 'superuser'),
    ('gatehouse.max_standby_staleness', 'integer', 's', '0', '86400', '30', 'sighup'),
    ('gatehouse.max_throttle_entries', 'integer', '-', '1024', '16777216', '16384', 'size'),
    ('gatehouse.password_composition', 'bool', '-', '-', '-', 'off', 'superuser'),
    ('gatehouse.password_min_length', 'integer', '-', '8', '256', '15', 'superuser'),
    ('gatehouse.password_reset_token_lifetime', 'integer', 's', '60', '86400', '3600', 'superuser'),
    ('gatehouse.pbkdf2_iterations_ceiling', 'integer', '-', '1', '2147483647', '2000000', 'superuser'),
    ('gatehouse.refresh_grace', 'integer', 's', '0', '600', '10', 'superuser'),
    ('gatehouse.refresh_token_idle', 'integer', 's', '60', '315360000', '1209600', 'superuser'),
    ('gatehouse.refresh_token_lifetime', 'integer', 's', '60', '315360000', '2592000', 'superuser'),
    ('gatehouse.require_verified_email', 'bool', '-', '-', '-', 'on', 'superuser'),
    ('gatehouse.sha_crypt_rounds_ceiling', 'integer', '-', '1000', '999999999', '1000000', 'superuser'),
    ('gatehouse.track_key_usage', 'bool', '-', '-', '-', 'on', 'superuser'),
    ('gatehouse.verification_token_lifetime', 'integer', 's', '60', '2592000', '86400', 'superuser'),
    ('gatehouse.worker_databases', 'string', '-', '-', '-', '', 'sighup'),
    ('gatehouse.yescrypt_memory_ceiling', 'integer', 'kB', '1024', '1048576', '65536', 'superuser')$$,
  'names, types, units, ranges, defaults and contexts are as documented');
SELECT cmp_ok((SELECT boot_val::integer FROM pg_settings WHERE name = 'gatehouse.max_concurrent_hashes'), '<=', 8,
  'at most 8 passwords are hashed at once, unless somebody says so');
SELECT is_empty(
  $$SELECT name FROM pg_settings WHERE name LIKE 'gatehouse.%' AND coalesce(short_desc, '') = ''$$,
  'every setting has a description');

-- Out of range. The majors print the bounds differently.
SELECT matches(
  (SELECT e.state || ' ' || e.message FROM pg_temp.diagnose(format('SET LOCAL gatehouse.%I = %L', s.name, s.value)) e),
  format('^22023 %s.* is outside the valid range for parameter "gatehouse\.%s"', s.printed, s.name),
  format('%s cannot be %s', s.name, s.value))
  FROM (VALUES (1, 'argon2_memory', '7167kB', '7167 kB'), (2, 'argon2_iterations', '0', '0'),
               (3, 'argon2_memory_ceiling', '4GB', '4194304 kB'), (4, 'bcrypt_cost_ceiling', '32', '32'),
               (5, 'max_sessions_per_user', '-1', '-1'), (6, 'max_api_keys_per_user', '-1', '-1'),
               (7, 'password_min_length', '7', '7'), (8, 'refresh_grace', '11min', '660 s'),
               (9, 'refresh_token_idle', '59s', '59 s'), (10, 'refresh_token_lifetime', '3651d', '315446400 s'),
               (11, 'sha_crypt_rounds_ceiling', '999', '999'), (12, 'deletion_grace', '366d', '31622400 s'),
               (13, 'deletion_token_lifetime', '59s', '59 s'), (14, 'password_reset_token_lifetime', '25h', '90000 s'),
               (15, 'verification_token_lifetime', '31d', '2678400 s'))
       AS s (place, name, value, printed)
 ORDER BY s.place;

-- Each of these prefixes would make keys that no scanner and no parser knows.
SELECT throws_ok(format('SET LOCAL gatehouse.api_key_prefix = %L', prefix), '22023',
  format('invalid value for parameter "gatehouse.api_key_prefix": "%s"', prefix),
  format('an API key prefix cannot be "%s"', prefix))
  FROM unnest(ARRAY['', 'SK', 'a_b', 'abcdefghijklm']) AS prefix;
SELECT is(
  (SELECT detail FROM pg_temp.diagnose($$SET LOCAL gatehouse.api_key_prefix = 'S'$$)),
  'The prefix must have 1 to 12 characters of a-z and 0-9.', 'the refusal of a prefix says what it must be');

SELECT throws_ok('SET LOCAL gatehouse.foo = 1', '42602', 'invalid configuration parameter name "gatehouse.foo"',
  'a setting that does not exist cannot be made up');
SELECT is((SELECT detail FROM pg_temp.diagnose('SET LOCAL gatehouse.foo = 1')), '"gatehouse" is a reserved prefix.',
  'because the prefix is reserved');
SELECT throws_ok($$SET LOCAL gatehouse.key_file = '/dev/null'$$, '55P02',
  'parameter "gatehouse.key_file" cannot be changed now',
  'not even a superuser changes the key ring of one session');

-- Only a superuser: neither an application nor an administrator of gatehouse.
SELECT is_empty(
  format($$SELECT s.name, e.state, e.message
             FROM pg_settings s,
                  LATERAL pg_temp.diagnose(format('SELECT pg_temp.as_role(%%L, %%L)', %L,
                                                  format('SET LOCAL %%s = %%L', s.name, s.setting))) e
            WHERE s.name LIKE 'gatehouse.%%' AND s.context = 'superuser'
              AND (e.state || ' ' || e.message)
                  IS DISTINCT FROM format('42501 permission denied to set parameter "%%s"', s.name)$$, role_name),
  format('%s can change no setting', role_name))
  FROM unnest(ARRAY['gatehouse_admin', 'gatehouse_app']) AS role_name;
SELECT ok((SELECT count(*) = 33 FROM pg_settings WHERE name LIKE 'gatehouse.%' AND context = 'superuser'),
  'which was tried with every setting that a superuser can set in a session');
SELECT is(
  (SELECT e.state FROM pg_temp.diagnose($$SELECT pg_temp.as_role('gatehouse_app', 'SHOW gatehouse.key_file')$$) e),
  '42501', 'an application is not told where the key ring is');

SELECT * FROM finish();
ROLLBACK;
