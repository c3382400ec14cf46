-- Events: writing them, their personal details, and reading them by pages.
BEGIN;
SELECT plan(52);

CREATE TEMPORARY TABLE account AS
  SELECT id FROM gatehouse.create_user(email => 'audit@example.com', username => 'audit');

SELECT is(pg_typeof(gatehouse.create_audit_log('order.paid'))::text, 'bigint', 'an event needs its type alone');
SELECT results_eq($$SELECT event_type, user_id, session_id, success, ip, user_agent, context
                      FROM gatehouse.get_audit_logs(page_size => 1)$$,
  $$VALUES ('order.paid', NULL::uuid, NULL::uuid, true, NULL::inet, NULL::text, NULL::jsonb)$$, 'it is shown');
SELECT is((SELECT commitment FROM gatehouse.events WHERE event_type = 'order.paid'), NULL,
  'without personal details there is no commitment');
SELECT is((SELECT count(*) FROM gatehouse.event_details WHERE event_id =
            (SELECT id FROM gatehouse.events WHERE event_type = 'order.paid')), 0::bigint, 'and no side row');

SELECT lives_ok($$SELECT gatehouse.create_audit_log(event_type => 'order.refused', user_id => (SELECT id FROM account),
    ip => '192.0.2.1', user_agent => repeat('ü', 600), success => false, context => '{"order": 7}',
    session_id => 'a0eebc99-9c0b-4ef8-bb6d-6bb9bd380a11')$$, 'an event can have all fields');
SELECT results_eq($$SELECT user_id, session_id, success, ip, user_agent, context
                      FROM gatehouse.get_audit_logs(event_type => 'order.refused')$$,
  $$SELECT id, 'a0eebc99-9c0b-4ef8-bb6d-6bb9bd380a11'::uuid, false, '192.0.2.1'::inet, repeat('ü', 512),
           '{"order": 7}'::jsonb FROM account$$, 'they are shown, the agent cut to 512 characters');
SELECT is(e.commitment, gatehouse.event_commitment(d.salt, d.ip, d.user_agent, d.context),
  'the commitment is opened by the side row')
  FROM gatehouse.events e JOIN gatehouse.event_details d ON d.event_id = e.id WHERE e.event_type = 'order.refused';
SELECT isnt(e.commitment, gatehouse.event_commitment(d.salt, '192.0.2.2', d.user_agent, d.context),
  'another address does not open it')
  FROM gatehouse.events e JOIN gatehouse.event_details d ON d.event_id = e.id WHERE e.event_type = 'order.refused';
SELECT is(octet_length(d.salt), 32, 'the salt has 32 bytes')
  FROM gatehouse.events e JOIN gatehouse.event_details d ON d.event_id = e.id WHERE e.event_type = 'order.refused';
SELECT is(e.transaction_id, pg_current_xact_id(), 'the event bears the transaction')
  FROM gatehouse.events e WHERE e.event_type = 'order.refused';
SELECT is(e.origin, (SELECT system_identifier FROM pg_control_system()), 'the origin is the cluster''s identifier')
  FROM gatehouse.events e WHERE e.event_type = 'order.refused';

DELETE FROM gatehouse.event_details;
SELECT results_eq($$SELECT event_type, ip, user_agent, context
                      FROM gatehouse.get_audit_logs(event_type => 'order.refused')$$,
  $$VALUES ('order.refused', NULL::inet, NULL::text, NULL::jsonb)$$, 'an event outlives its details');

-- The bytes of a commitment, made by Python's hashlib from the description in the manual
CREATE TEMPORARY TABLE known_salt AS
  SELECT decode(string_agg(lpad(to_hex(g), 2, '0'), '' ORDER BY g), 'hex') AS salt FROM generate_series(0, 31) g;
SELECT is(gatehouse.event_commitment(salt, NULL, NULL, NULL),
          '\x1dad2b83e22ae936db8ede1586bf3f6816b47d99612f7a520d1375d33b22a09d',
          'the commitment to nothing') FROM known_salt;
SELECT is(gatehouse.event_commitment(salt, '192.0.2.1', 'curl/8.0 ü', '{"bb": [null, "x"], "a": 1.50}'),
          '\x598fc5991a599fcb989b564ebf81ac9ffd683e92d2ebab14d132b59a4c245bee',
          'the commitment to all fields') FROM known_salt;
SELECT is(gatehouse.event_commitment(salt, '2001:db8::/32', NULL, '{}'),
          '\xd5ab2693d8c03cb95c8fbb2fd3a4f6470c59b4a4b4519d1b8eb64e0f5c5547cc',
          'the commitment to some fields') FROM known_salt;
SELECT is(gatehouse.event_commitment('\x00', NULL, NULL, NULL), NULL, 'a salt of another size commits to nothing');

-- Refusals
SELECT throws_ok($$SELECT gatehouse.create_audit_log(NULL)$$, '22023', 'argument "event_type" must not be null',
  'no type');
SELECT throws_ok(format('SELECT gatehouse.create_audit_log(%L)', bad), '22023', 'malformed event type',
  'malformed: ' || to_json(bad))
  FROM unnest(ARRAY['', 'Order', 'order.', '.order', 'order paid', 'order..paid', '1order', 'order-paid',
                    E'order\n', 'ördre']) bad;
SELECT lives_ok(format('SELECT gatehouse.create_audit_log(%L)', good), 'well formed: ' || good)
  FROM unnest(ARRAY['order', 'order.2fa', 'o_1.p_2.q', repeat('a', 100)]) good;
SELECT throws_ok($$SELECT gatehouse.create_audit_log(repeat('a', 101))$$, '22023',
  'event type must have at most 100 characters', 'a type that is too long');
SELECT throws_ok($$SELECT gatehouse.create_audit_log('audit.disabled')$$, '22023',
  'event types that begin with "audit." are written by gatehouse alone', 'a forged event of gatehouse''s');
SELECT throws_ok($$SELECT gatehouse.create_audit_log('order', success => NULL)$$, '22023',
  'argument "success" must not be null', 'neither success nor failure');
SELECT throws_ok($$SELECT gatehouse.create_audit_log('order', user_id => 'a0eebc99-9c0b-4ef8-bb6d-6bb9bd380a11')$$,
  '22023', 'no account has this id', 'an unknown user');
SELECT throws_ok($$SELECT gatehouse.create_audit_log('order', context => to_jsonb(repeat('x', 65535)))$$, '22023',
  'context must have at most 65536 bytes', 'a context that is too large');
SELECT lives_ok($$SELECT gatehouse.create_audit_log('order', context => to_jsonb(repeat('x', 65534)))$$,
  'the largest context');

-- Pages
DELETE FROM gatehouse.events;
INSERT INTO gatehouse.events (id, occurred_at, origin, user_id, success, event_type)
SELECT g, timestamptz '2020-01-01' + g / 3 * interval '1 hour', 1,
       CASE WHEN g % 2 = 0 THEN (SELECT id FROM account) END, g % 5 <> 0, 'page.' || g % 4
  FROM generate_series(1, 50) g;
CREATE FUNCTION pg_temp.pages(size integer) RETURNS SETOF bigint LANGUAGE plpgsql AS $$
DECLARE
  entry gatehouse.audit_log_entry;
  seen integer;
  place text;
BEGIN
  LOOP
    seen := 0;
    FOR entry IN SELECT * FROM gatehouse.get_audit_logs(page_size => size, after => place) LOOP
      seen := seen + 1;
      RETURN NEXT entry.id;
      place := entry.cursor;
    END LOOP;
    EXIT WHEN seen < size;
  END LOOP;
END $$;
SELECT results_eq('SELECT pg_temp.pages(7)', 'SELECT generate_series(50::bigint, 1, -1)',
  'pages follow one another, newest first, without a gap or a repetition');
SELECT is((SELECT count(*) FROM gatehouse.get_audit_logs()), 20::bigint, 'a page has 20 rows unless asked otherwise');
SELECT set_eq($$SELECT id FROM gatehouse.get_audit_logs(user_id => (SELECT id FROM account), page_size => 100)$$,
  'SELECT generate_series(2::bigint, 50, 2)', 'by user');
SELECT set_eq($$SELECT id FROM gatehouse.get_audit_logs(event_type => 'page.3', success => false, page_size => 100)$$,
  ARRAY[15, 35]::bigint[], 'by type and success');
SELECT set_eq($$SELECT id FROM gatehouse.get_audit_logs(since => '2020-01-01 02:00', until => '2020-01-01 03:00')$$,
  ARRAY[6, 7, 8]::bigint[], 'since is inclusive, until is not');
SELECT is_empty($$SELECT * FROM gatehouse.get_audit_logs(session_id => 'a0eebc99-9c0b-4ef8-bb6d-6bb9bd380a11')$$,
  'by session');
SELECT throws_ok(format('SELECT * FROM gatehouse.get_audit_logs(page_size => %s)', bad), '22023',
  'page_size must be between 1 and 100', 'page_size ' || bad) FROM unnest(ARRAY['0', '101', '-1', 'NULL']) bad;
SELECT throws_ok(format('SELECT * FROM gatehouse.get_audit_logs(after => %L)', bad), '22P02',
  'malformed cursor', 'cursor ' || bad)
  FROM unnest(ARRAY['', 'x', repeat('f', 32), repeat('0', 31), '7fffffffffffffff0000000000000000']) bad;

SELECT * FROM finish();
ROLLBACK;
