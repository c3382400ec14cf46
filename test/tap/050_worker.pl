# The background worker writes what waits, stands in nobody's way, and is there again after a crash, a kill and a promotion.
use strict;
use warnings;
use FindBin;
use lib $FindBin::RealBin;
use GatehouseNode;
use PostgreSQL::Test::Cluster;
use PostgreSQL::Test::Utils;
use Test::More;

my @cheap = ('gatehouse.argon2_memory' => '7MB', 'gatehouse.argon2_iterations' => 5);
my $node = GatehouseNode::node('served', @cheap, shared_preload_libraries => 'gatehouse', restart_after_crash => 'on',
  wal_level => 'replica', max_wal_senders => 4, max_prepared_transactions => 4, 'gatehouse.worker_databases' => 'identity, old, slow, Nowhere');
my $db = GatehouseNode::database($node, 'identity');
my $log = $node->logfile;

sub sql { return $node->safe_psql($_[1] // $db, $_[0]) }
# A failure that its caller rolls back.
sub try_and_roll_back { my ($name, $where, $server) = @_; ($server // $node)->safe_psql($where // $db, "BEGIN; SELECT gatehouse.authenticate_user('$name', 'wrong'); ROLLBACK") }
my $events = q{SELECT count(*) FROM gatehouse.events WHERE event_type = 'security.login_failed'};
sub becomes { my ($query, $expected, $what, $server) = @_; ok(($server // $node)->poll_query_until($db, $query, $expected), $what) }
my $launchers = q{SELECT count(*) FROM pg_stat_activity WHERE backend_type = 'gatehouse launcher'};
my $served = q{SELECT gatehouse.worker_serves_database()};

# Of the database `slow` a round lasts as long as somebody holds it, and keeps the launcher from the others: so what a round of theirs
# is to meet can be made ready.
sub make_slow {
  sql('CREATE DATABASE slow', 'postgres');
  sql('CREATE EXTENSION gatehouse', 'slow');
  sql(q{CREATE OR REPLACE FUNCTION gatehouse.run_maintenance(OUT task text, OUT affected bigint) RETURNS SETOF record
    LANGUAGE plpgsql SET lock_timeout = 0 AS $$
    BEGIN
      LOOP
        BEGIN
          PERFORM pg_catalog.pg_advisory_xact_lock(1);
          RETURN;
        EXCEPTION WHEN query_canceled THEN NULL;  -- a round's own timeout
        END;
      END LOOP;
    END $$}, 'slow');
  $node->reload;
  $node->poll_query_until('slow', $served) or die 'the slow database is not served';
}
sub hold_round {
  sql(q{BEGIN; SELECT pg_advisory_xact_lock(1); PREPARE TRANSACTION 'held'}, 'slow');
  try_and_roll_back('slow', 'slow');
  $node->poll_query_until('slow', q{SELECT EXISTS (SELECT FROM pg_locks WHERE locktype = 'advisory' AND NOT granted)}) or die 'no round is held';
}
sub release_round { sql(q{COMMIT PREPARED 'held'}, 'slow') }

# It writes what was rolled back.
becomes($launchers, '1', 'there is one launcher');
is(sql(q{SELECT datid IS NULL FROM pg_stat_activity WHERE backend_type = 'gatehouse launcher'}), 't', 'which is connected to no database');
becomes($served, 't', 'it serves the database');
try_and_roll_back('nobody') for 1 .. 3;
becomes($events, '3', 'events of transactions that were rolled back are written');
becomes(q{SELECT failures FROM gatehouse.login_throttles}, '3', 'so are counts');
becomes(q{SELECT gatehouse.health_check() -> 'checks' -> 'worker' ->> 'status'}, 'healthy', 'health_check is content with it');
is(sql(q{SELECT count(*) FROM gatehouse.events e JOIN pg_class c ON c.oid = e.tableoid WHERE pg_get_userbyid(c.relowner) <> 'gatehouse_owner'}), '0',
  'what it writes to is the owner\'s');
try_and_roll_back("stranger$_") for 1 .. 5;
becomes($events, '8', 'again');

# Nobody's way. Each of these would fail or wait beside a connected worker.
sub busy { try_and_roll_back('busy' . $_[0], $_[0]) for 1 .. 3 }
sql('CREATE DATABASE old', 'postgres');
sql('CREATE EXTENSION gatehouse', 'old');
$node->reload;
ok($node->poll_query_until('old', $served), 'a database that is made later is served too');
busy('old');
sql('CREATE DATABASE copy TEMPLATE old', 'postgres');
ok(1, 'CREATE DATABASE TEMPLATE goes through beside it');
busy('old');
sql('ALTER DATABASE old RENAME TO older', 'postgres');
ok(1, 'ALTER DATABASE RENAME does');
sql('ALTER DATABASE older RENAME TO old', 'postgres');
$node->reload;
ok($node->poll_query_until('old', $served), 'the renamed one is served again');
make_slow();
my $renaming = $node->background_psql('postgres', on_error_stop => 1);
hold_round();
try_and_roll_back('busy', 'old');
$renaming->query_safe('BEGIN; ALTER DATABASE old RENAME TO older');
release_round();
ok($node->poll_query_until('postgres', q{SELECT EXISTS (SELECT FROM pg_locks WHERE classid = 'pg_database'::regclass AND NOT granted)}),
  'a worker that connects while the database is being renamed waits');
$renaming->query_safe('COMMIT');
$renaming->quit;
$node->reload;
ok($node->poll_query_until('older', $served, 'f'), 'under its new name it is not served');
sql('ALTER DATABASE older RENAME TO old', 'postgres');
$node->reload;
ok($node->poll_query_until('old', $served), 'under its old one it is');
my $dropping = $node->background_psql('old', on_error_stop => 1);
hold_round();
try_and_roll_back('busy', 'old');
$dropping->query_safe('BEGIN; SET LOCAL gatehouse.allow_drop = on; DROP EXTENSION gatehouse');
my $dropped_at = sql('SELECT clock_timestamp()');
release_round();
ok($node->poll_query_until('old', "SELECT worker_served_at > '$dropped_at' FROM gatehouse.server_state()"),
  'a worker that comes while the extension is being dropped stands back');
$dropping->query_safe('COMMIT');
$dropping->quit;
ok(1, 'DROP EXTENSION does');
sql('CREATE EXTENSION gatehouse VERSION \'0.1\'', 'old');
busy('old');
sql('DROP DATABASE old', 'postgres');
ok(1, 'DROP DATABASE does');
try_and_roll_back('nobody2');
becomes($events, '9', 'and the others are served on');

# A database that only calls itself ours.
sql('CREATE DATABASE old', 'postgres');
sql(q{CREATE SCHEMA gatehouse; CREATE TABLE public.trap (who text);
  CREATE FUNCTION gatehouse.run_maintenance(OUT task text, OUT affected bigint) LANGUAGE sql AS
    'INSERT INTO public.trap VALUES (current_user) RETURNING who, 1::bigint'}, 'old');
$node->reload;
try_and_roll_back('nobody3');
becomes($events, '10', 'a round has passed');
is(sql('SELECT count(*) FROM public.trap', 'old'), '0', 'a function of that name that is not the extension\'s is not run');
sql('DROP DATABASE old', 'postgres');

# After a kill of the launcher, and of a backend: the server begins anew, and so does the launcher.
# What is asked for is another process than the one that is on its way out, and after the kill another server's.
sub launcher { return sql(q{SELECT pid FROM pg_stat_activity WHERE backend_type = 'gatehouse launcher'}) }
my $pid = launcher();
sql("SELECT pg_terminate_backend($pid)");
becomes("$launchers AND pid <> $pid", '1', 'a launcher that is terminated comes again');
becomes($served, 't', 'and serves');
$pid = launcher();
GatehouseNode::kill_process($node, $pid);
becomes("$launchers AND pid <> $pid", '1', 'so does one that is killed');
becomes($served, 't', 'and serves');
try_and_roll_back('nobody4');
becomes($events, '11', 'what comes then is written');

# Without a database to serve: who writes next does the work.
sub setting { my ($value) = @_; $node->append_conf('postgresql.conf', "gatehouse.worker_databases = '$value'\n"); $node->reload }
setting('');
# Not only late: no round of it is left.
becomes(q{SELECT NOT worker_serves AND worker_served_at IS NULL FROM gatehouse.server_state()}, 't', 'a database can be left out while the server runs');
try_and_roll_back('nobody5');
is(sql($events), '11', 'then what was rolled back waits');
is(sql(q{SELECT string_agg(task || ' ' || affected, ', ') FROM gatehouse.run_maintenance()}),
  'reused_sessions_ended 0, events_written 1, failure_counts_stored 1, failure_counts_forgotten 0, key_uses_written 0, sessions_removed 0, one_time_tokens_removed 0, accounts_purged 0, audit_gaps_noted 0, leaves_made 0, rows_moved_to_leaves 0, leaves_pruned 0', 'for run_maintenance');
is(sql($events), '12', 'which writes it');
try_and_roll_back('nobody6');
sql(q{SELECT gatehouse.authenticate_user('nobody6', 'wrong')});
is(sql($events), '14', 'or for the next call that writes');
setting('identity, slow');
becomes($served, 't', 'and be taken in again');

# A standby has none until it is promoted.
$node->backup('base');
my $standby = PostgreSQL::Test::Cluster->new('standby');
$standby->init_from_backup($node, 'base', has_streaming => 1);
$standby->start;
is($standby->safe_psql($db, $launchers), '0', 'a standby has no launcher');
is($standby->safe_psql($db, q{SELECT gatehouse.health_check() ->> 'status'}), 'healthy', 'and is healthy without it');
my ($status, undef, $error) = $standby->psql($db, 'SELECT gatehouse.run_maintenance()');
like($error, qr/cannot run maintenance within a read-only transaction/, 'maintenance is refused there');

# Shutdowns don't wait for it, not in the middle of a round.
hold_round();
try_and_roll_back('nobody7');
$node->stop('smart');
ok(1, 'a smart shutdown comes to its end');
$standby->promote;
$standby->safe_psql('slow', q{COMMIT PREPARED 'held'});
becomes($launchers, '1', 'the promoted standby has a launcher', $standby);
becomes($served, 't', 'which serves', $standby);
try_and_roll_back('nobody8', $db, $standby);
becomes(q{SELECT count(*) FROM gatehouse.login_throttles WHERE subject = gatehouse.throttle_subject('login', 'nobody8')}, '1', 'and writes', $standby);
$standby->stop('fast');
ok(1, 'a fast shutdown comes to its end');

# In normal operation it says nothing; what is amiss it says once.
my $said = slurp_file($log);
unlike($said, qr/gatehouse worker.*(exited|FATAL|ERROR)/, 'its comings and goings are not in the log');
like($said, qr/not every database of gatehouse\.worker_databases can be served\n.*DETAIL:  \d are named, \d are there/,
  'a database that is not there is');

# Not preloaded there is none.
my $plain = GatehouseNode::node('plain', @cheap, 'gatehouse.worker_databases' => 'identity');
GatehouseNode::database($plain, $db);
is($plain->safe_psql($db, $launchers), '0', 'without preloading there is no launcher');
is($plain->safe_psql($db, q{SELECT gatehouse.health_check() ->> 'status'}), 'degraded', 'which health_check calls degraded');
like($plain->safe_psql($db, q{SELECT gatehouse.health_check() -> 'checks' -> 'shared_memory' ->> 'reason'}),
  qr/shared_preload_libraries = 'gatehouse'/, 'with the line to add');
$plain->stop;

done_testing();
