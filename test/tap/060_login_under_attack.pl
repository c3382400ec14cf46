# Failed logins are counted whatever the client does with its transaction, many at once, across a restart, a crash and a
# fail-over; what happened is in the log although the caller rolled back.
use strict;
use warnings;
use FindBin;
use lib $FindBin::RealBin;
use GatehouseNode;
use PostgreSQL::Test::Cluster;
use PostgreSQL::Test::Utils;
use Test::More;

my @cheap = ('gatehouse.argon2_memory' => '7MB', 'gatehouse.argon2_iterations' => 5, 'gatehouse.require_verified_email' => 'off');
my $node = GatehouseNode::node('attacked', @cheap, shared_preload_libraries => 'gatehouse', max_connections => 100,
  wal_level => 'replica', max_wal_senders => 4, 'gatehouse.max_queued_events' => 64, fsync => 'on');
my $db = GatehouseNode::database($node, 'identity');
my $password = 'correct horse battery';
my $patient = "SET gatehouse.hash_wait_timeout = '1h';\n";  # the gate is not what is tested here

sub sql { return $node->safe_psql($db, $_[0]) }
sub account { return sql("SELECT id FROM gatehouse.create_user('$_[0]\@example.com', '$_[0]', '$password')") }
sub login { my ($name, $given, $ip) = @_; return "SELECT status FROM gatehouse.authenticate_user('$name', '$given'" . ($ip ? ", ip => '$ip'" : '') . ')' }
# Ten failures that lock for a quarter of an hour, not for a minute, in which a server may not have come back.
sub lock_for_long {
  my ($server, $name) = @_;
  $server->safe_psql($db, login($name, 'wrong')) for 1 .. 9;
  $server->safe_psql($db, 'SET gatehouse.lockout_threshold = 6; ' . login($name, 'wrong'));
}
sub failures { return sql("SELECT failures || ' ' || is_locked FROM gatehouse.lock_status('$_[0]')") }

# Lets so many clients run the script once each, all together, and gives their answers as "what: how often".
sub answers {
  my ($name, $clients, $script) = @_;
  sql('DROP TABLE IF EXISTS answer; CREATE TABLE answer (what text)');
  my $file = $node->basedir . "/$name.sql";
  append_to_file($file, $script);
  ok(run_log(['pgbench', '-n', '-h', $node->host, '-p', $node->port, '-c', $clients, '-j', 2, '-t', 1, '-f', $file, $db]),
    "$name: every client came to its end");
  return sql(q{SELECT string_agg(what || ': ' || n, ', ' ORDER BY what) FROM (SELECT what, count(*) AS n FROM answer GROUP BY what) a});
}

# Twelve wrong passwords that are all rolled back, in one session: the first lock is of one minute.
my $ada = account('ada');
my @told = split /\n/, sql(join '', map({ 'BEGIN; ' . login('ada', 'wrong') . "; ROLLBACK;\n" } 1 .. 12), login('ada', $password));
my $right = pop @told;
is(join(' ', @told), join(' ', ('invalid_credentials') x 10, ('locked') x 2), 'of twelve wrong passwords in BEGIN ... ROLLBACK two are refused');
is($right, 'locked', 'and the account is locked');
is(failures($ada), '10 true', 'ten failures are counted');
sql('SELECT gatehouse.write_security_events()');
is(sql("SELECT count(*) FROM gatehouse.get_audit_logs(user_id => '$ada', event_type => 'security.login_failed', page_size => 100)"),
  '10', 'the log has all ten');
is(sql("SELECT count(*) FROM gatehouse.get_audit_logs(user_id => '$ada', event_type => 'security.login_failed', page_size => 100)
         WHERE context ->> 'locks' = 'true'"), '1', 'and which of them locked');
is(sql("SELECT count(*) FROM gatehouse.get_audit_logs(user_id => '$ada', event_type => 'security.login_locked', page_size => 100)"),
  '1', 'the refusals are one event a minute');

# Savepoints, exceptions, failed transactions.
my $bob = account('bob');
sql('DO $$ BEGIN FOR i IN 1..4 LOOP BEGIN PERFORM gatehouse.authenticate_user(\'bob\', \'wrong\'); RAISE division_by_zero; '
    . 'EXCEPTION WHEN division_by_zero THEN NULL; END; END LOOP; END $$');
sql('BEGIN; SAVEPOINT s; ' . login('bob', 'wrong') . '; ROLLBACK TO s; ' . login('bob', 'wrong') . '; COMMIT');
$node->psql($db, 'BEGIN; ' . login('bob', 'wrong') . '; SELECT 1/0; COMMIT');
$node->psql($db, login('bob', 'wrong') =~ s{SELECT status}{SELECT status, 1 / (random() * 0)::int}r);
is(failures($bob), '8 false', 'exceptions, savepoints and failed statements undo no count');
is(sql("SELECT count(*) FROM gatehouse.events WHERE user_id = '$bob' AND event_type = 'security.login_failed'"), '6',
  'of what was rolled back last the events wait');
sql('SELECT gatehouse.write_security_events()');
is(sql("SELECT count(*) FROM gatehouse.events WHERE user_id = '$bob' AND event_type = 'security.login_failed'"), '8',
  'and none is lost, and none is written twice');

# Many at once.
my $carol = account('carol');
my $attempt = "INSERT INTO answer SELECT status FROM gatehouse.authenticate_user('%s', '%s');\n";
is(answers('fifty wrong', 50, $patient . sprintf($attempt, 'carol', 'wrong')),
  'invalid_credentials: 10, locked: 40', 'of fifty wrong passwords at once ten are looked at');
is(answers('fifty unknown', 50, $patient . sprintf($attempt, 'nobody', 'wrong')),
  'invalid_credentials: 10, locked: 40', 'for a login that no account has just so');
my $dave = account('dave');
is(answers('fifty right', 50, $patient . sprintf($attempt, 'dave', $password)), 'ok: 50',
  'fifty right ones at once all get in, since no more are counted than are hashed at once');
is(failures($dave), '0 false', 'and leave no failure');

# An address.
is(answers('one address', 50, $patient . "SET gatehouse.address_threshold = 5;\n"
    . "INSERT INTO answer SELECT status FROM gatehouse.authenticate_user('client' || :client_id, 'wrong', ip => '192.0.2.1');\n"),
  'invalid_credentials: 5, locked: 45', 'one address has five failures and no more, on whatever accounts');

# What can't be kept is counted: half of a queue of 64 for one database.
sql("BEGIN; SELECT gatehouse.authenticate_user('stranger' || n, 'wrong') FROM generate_series(1, 100) n; ROLLBACK");
my $lost = sql(q{SELECT gatehouse.write_security_events();
  SELECT sum((d.context ->> 'events')::int) FROM gatehouse.events e JOIN gatehouse.event_details d ON d.event_id = e.id
   WHERE e.event_type = 'security.events_lost'});
like($lost, qr/^33\n68$/, 'of a hundred events in a rolled-back transaction 32 wait, 68 are counted as lost');

# Refused keys and reused tokens.
my $key = sql("SELECT api_key FROM gatehouse.create_api_key('$dave', 'ci')");
sql("SELECT gatehouse.deactivate_api_key(id) FROM gatehouse.api_keys WHERE user_id = '$dave'");
# One of a second is reported; how many seconds have begun only the server knows.
my $seconds = (split /\n/, sql("BEGIN READ ONLY; SELECT count(*) FROM generate_series(1, 1000), gatehouse.verify_api_key('$key'); "
    . 'SELECT floor(extract(epoch FROM clock_timestamp() - now())); ROLLBACK'))[1];
sql('SELECT gatehouse.write_security_events()');
is(sql(qq{SELECT (count(*) BETWEEN 1 AND 1 + $seconds) || ' ' || bool_and(e.api_key_id = k.id) || ' ' || bool_and(d.context ->> 'reason' = 'not live')
           FROM gatehouse.events e JOIN gatehouse.event_details d ON d.event_id = e.id, gatehouse.api_keys k
          WHERE e.event_type = 'security.api_key_refused'}), 'true true true', 'a thousand refusals of a key are one event a second, with its id and the reason');
my $first = sql("SELECT refresh_token FROM gatehouse.create_refresh_token('$dave')");
my $second = sql("SELECT refresh_token FROM gatehouse.refresh_session('$first')");
is(sql("BEGIN; SET LOCAL gatehouse.refresh_grace = 0; SELECT status FROM gatehouse.refresh_session('$first'); ROLLBACK"), 'reuse_detected',
  'a replay is detected');
sql('SELECT gatehouse.write_security_events()');
is(sql(qq{SELECT count(*) FROM gatehouse.events WHERE event_type = 'security.refresh_token_reused' AND user_id = '$dave' AND session_id IS NOT NULL}),
  '1', 'and is in the log although its caller rolled back');

# A transaction that is prepared may yet be rolled back.
is(sql("SELECT gatehouse.create_audit_log('order.paid') IS NOT NULL"), 't', 'an application writes its own events');
my ($status, undef, $error) = $node->psql($db, q{SELECT gatehouse.create_audit_log('security.login_failed')});
like($error, qr/event types that begin with "security\." are written by gatehouse alone/, 'but not these');

# A restart, a crash.
my $erin = account('erin');
lock_for_long($node, 'erin');
is(failures($erin), '10 true', 'another account is locked');
sql('SELECT gatehouse.store_failure_counts()');
$node->restart;
is(failures($erin), '10 true', 'a restart unlocks nobody');
is(sql(login('erin', $password)), 'locked', 'not even who knows the password');
$node->stop('immediate');
$node->start;
is(sql(login('erin', $password)), 'locked', 'neither does a crash');
is(sql("SELECT gatehouse.unlock_user('$erin')"), 't', 'an administrator does');
is(sql(login('erin', $password)), 'ok', 'at once');
sql('SELECT gatehouse.store_failure_counts()');
is(sql(q{SELECT count(*) FROM gatehouse.login_throttles t, gatehouse.users u
          WHERE u.username = 'erin' AND t.subject = gatehouse.throttle_subject('account', u.id::text)}), '0',
  'and nothing of it is left stored');

# Fail-over.
$node->backup('base');
my $standby = PostgreSQL::Test::Cluster->new('standby');
$standby->init_from_backup($node, 'base', has_streaming => 1);
$standby->start;
my $frank = account('frank');
lock_for_long($node, 'frank');
sql('SELECT gatehouse.store_failure_counts()');
$node->wait_for_catchup($standby);
for my $given ('wrong', $password) {
  ($status, undef, $error) = $standby->psql($db, login('frank', $given));
  like($error, qr/cannot log in within a read-only transaction/, 'nobody logs in on a standby, where nothing can be counted');
}
is($standby->safe_psql($db, "SELECT failures || ' ' || is_locked FROM gatehouse.lock_status('$frank')"), '10 true',
  'what is stored of an account can be looked at there');
$node->stop('immediate');
$standby->promote;
is($standby->safe_psql($db, login('frank', $password)), 'locked', 'the promoted standby keeps the lock');
$standby->stop;

# Without preloading the counts are rows, which a ROLLBACK undoes; what is committed counts. From PostgreSQL 17 on there is
# shared memory all the same.
my $plain = GatehouseNode::node('plain', @cheap);
GatehouseNode::database($plain, $db);
$plain->safe_psql($db, "SELECT gatehouse.create_user('ada\@example.com', 'ada', '$password')");
my $counts_anyway = $plain->safe_psql($db, 'SHOW server_version_num') >= 170000;
$plain->safe_psql($db, 'BEGIN; ' . login('ada', 'wrong') . '; ROLLBACK') for 1 .. 12;
is($plain->safe_psql($db, login('ada', $password)), $counts_anyway ? 'locked' : 'ok',
  'without preloading ' . ($counts_anyway ? 'a segment counts' : 'a ROLLBACK undoes the count'));
$plain->safe_psql($db, q{SELECT gatehouse.unlock_user(id) FROM gatehouse.users});
lock_for_long($plain, 'ada');
is($plain->safe_psql($db, login('ada', $password)), 'locked', 'committed failures lock');
$plain->safe_psql($db, 'SELECT gatehouse.store_failure_counts()');
$plain->restart;
is($plain->safe_psql($db, login('ada', $password)), 'locked', 'also after a restart');
is($plain->safe_psql($db, q{SELECT count(*) FROM gatehouse.events WHERE event_type = 'security.login_failed'}), $counts_anyway ? '20' : '10',
  'and are in the log');
$plain->stop;

done_testing();
