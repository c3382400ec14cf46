# The uses of API keys: none of many at once is lost or counted twice, whoever dies or rolls back while they are written; a
# crash takes only what waited.
use strict;
use warnings;
use FindBin;
use lib $FindBin::RealBin;
use GatehouseNode;
use PostgreSQL::Test::Cluster;
use PostgreSQL::Test::Utils;
use Test::More;

my $node = GatehouseNode::node('usage', shared_preload_libraries => 'gatehouse', restart_after_crash => 'on', wal_level => 'replica',
  max_wal_senders => 4, max_prepared_transactions => 4, 'gatehouse.max_key_uses' => 1024, 'gatehouse.max_standby_staleness' => 0);
my $db = GatehouseNode::database($node, 'identity');

sub sql { my ($statement, $where) = @_; return $node->safe_psql($where // $db, $statement) }
sub becomes { my ($query, $expected, $what, $server) = @_; ok(($server // $node)->poll_query_until($db, $query, $expected), $what) }
sub new_key { return split /\|/, sql("SELECT id, api_key FROM gatehouse.create_api_key(NULL, '$_[0]')") }
sub used { my ($id) = @_; return "SELECT use_count FROM gatehouse.key_usage('$id')" }
sub stored { my ($id) = @_; return "SELECT coalesce(sum(use_count), 0) FROM gatehouse.api_key_usage WHERE api_key_id = '$id'" }
sub use_key { my ($key, $times, $server) = @_;
  return ($server // $node)->safe_psql($db, "SELECT count(*) FROM generate_series(1, $times) i, gatehouse.verify_api_key(CASE WHEN i > 0 THEN '$key' END)") }
# With a worker or without: where it is counted what waits, it must not come by itself.
sub serve {
  my ($value) = @_;
  $node->append_conf('postgresql.conf', "gatehouse.worker_databases = '$value'");
  $node->reload;
  my $condition = $value eq '' ? 'NOT worker_serves AND worker_served_at IS NULL' : 'worker_serves';
  $node->poll_query_until($db, "SELECT $condition FROM gatehouse.server_state()") or die 'the launcher does not heed its setting';
}
# The worker comes for what is urgent, and writes all.
sub wake_worker { sql(q{SELECT gatehouse.authenticate_user('nobody', 'wrong')}) }
my $maintain = 'SELECT affected FROM gatehouse.run_maintenance() WHERE task = \'key_uses_written\'';

# Eight at once, and beside them the worker, somebody who writes, somebody who rolls his writing back, and somebody who reads on.
serve('identity');
my ($id, $key) = new_key('busy');
my ($other_id, $other) = new_key('other');
my $reader = $node->background_psql($db, on_error_stop => 1);
$reader->query_safe('CREATE TEMP TABLE seen (fell bigint)');
sub script { my ($name, $text) = @_; my $path = $node->basedir . "/$name.sql"; append_to_file($path, $text); return $path }
my $uses = script('uses', "SELECT count(*) FROM gatehouse.verify_api_key('$key');\n");
my $writes = script('writes', "$maintain;\n");
my $undone = script('undone', "BEGIN;\n$maintain;\nSAVEPOINT s;\nSELECT count(*) FROM gatehouse.verify_api_key('$other');\n$maintain;\nROLLBACK TO s;\nROLLBACK;\n");
my @pgbench = ('pgbench', '-n', '-h', $node->host, '-p', $node->port);
my @beside = map { IPC::Run::start([@pgbench, '-c', 1, '-t', 500, '-f', $_, $db], '>', \my $out, '2>', \my $error) } $writes, $undone;
my $users = IPC::Run::start([@pgbench, '-M', 'prepared', '-c', 8, '-j', 2, '-t', 1000, '-f', $uses, $db], '>', \my $users_out, '2>', \my $users_error);
$reader->query_safe(<<"SQL");
DO \$\$
DECLARE
  before bigint := 0;
  now bigint;
  fell bigint := 0;
BEGIN
  WHILE before < 8000 LOOP
    SELECT use_count INTO now FROM gatehouse.key_usage('$id');
    fell := fell + (now < before OR now > 8000)::integer;
    before := now;
  END LOOP;
  INSERT INTO pg_temp.seen VALUES (fell);
END
\$\$
SQL
is($reader->query_safe('SELECT fell FROM pg_temp.seen'), '0', 'who reads beside it sees the count never fall, nor pass what there is');
$reader->quit;
ok(IPC::Run::finish($_), 'a client came to its end') for $users, @beside;
is(sql(used($id)), '8000', '8 clients with 1000 uses each are 8000 uses');
is(sql(used($other_id)), '500', 'uses of a transaction that is rolled back count');
sql($maintain);
is(sql("SELECT use_count FROM gatehouse.api_key_usage WHERE api_key_id IN ('$id', '$other_id') ORDER BY 1 DESC"), "8000\n500", 'and all are written');
is(sql($maintain), '0', 'once');

# The worker.
serve('');
use_key($key, 10);
is(sql(stored($id)), '8000', 'a use is not written at once');
serve('identity');
becomes(stored($id), '8010', 'the worker writes it when it comes');
serve('');
is(sql(used($id)), '8010', 'and it counts once');

# A restart, and a crash.
$node->restart;
is(sql(used($id)), '8010', 'what is written survives a restart');
use_key($key, 5);
sql($maintain);
use_key($key, 7);
is(sql(used($id)), '8022', 'some uses wait');
GatehouseNode::crash($node);
is(sql(used($id)), '8015', 'a crash takes them, and no others');

# Who writes dies in the middle of it.
sql(q{CREATE FUNCTION public.hold() RETURNS trigger LANGUAGE plpgsql SET lock_timeout = 0 AS $$
  BEGIN
    LOOP
      BEGIN
        PERFORM pg_catalog.pg_advisory_xact_lock(1);
        RETURN NEW;
      EXCEPTION WHEN lock_not_available THEN NULL;
      END;
    END LOOP;
  END $$;
  GRANT USAGE ON SCHEMA public TO gatehouse_owner;
  CREATE TRIGGER hold BEFORE INSERT ON gatehouse.api_key_usage FOR EACH ROW EXECUTE FUNCTION public.hold()});
my $held = q{SELECT pid FROM pg_stat_activity WHERE backend_type = 'gatehouse worker' AND wait_event_type = 'Lock' AND wait_event = 'advisory'};
sub hold_worker {
  sql(q{BEGIN; SELECT pg_advisory_xact_lock(1); PREPARE TRANSACTION 'held'});
  use_key($key, 10);
  wake_worker();
  $node->poll_query_until($db, "SELECT EXISTS ($held)") or die 'the worker does not write';
  return sql($held);
}
sub release_worker { sql(q{COMMIT PREPARED 'held'}) }
serve('identity');
my $pid = hold_worker();
GatehouseNode::kill_process($node, $pid);
is(sql(used($id)), '8015', 'a worker that is killed takes what waited with it, as a crash does, and doubles nothing');
release_worker();
$pid = hold_worker();
is(sql(used($id)), '8025', 'what is being written counts');
use_key($key, 1);
is(sql(used($id)), '8026', 'and what comes meanwhile');
sql("SELECT pg_terminate_backend($pid)");
becomes("SELECT count(*) FROM pg_stat_activity WHERE pid = $pid", '0', 'a worker is ended while it writes');
is(sql(used($id)), '8026', 'nothing is lost and nothing doubled');
release_worker();
sql($maintain);
is(sql(stored($id)), '8026', 'and all is written in the end');
serve('');
sql('DROP TRIGGER hold ON gatehouse.api_key_usage; DROP FUNCTION public.hold()');

# A key that somebody is deleting.
my ($doomed_id, $doomed) = new_key('doomed');
for my $row ('without a row', 'with a row') {
  my $deleter = $node->background_psql($db, on_error_stop => 1);
  $deleter->query_safe("BEGIN; DELETE FROM gatehouse.api_keys WHERE id = '$doomed_id'");
  use_key($doomed, 3);
  use_key($key, 1);
  is(sql("SET lock_timeout = '1s'; $maintain"), '1', "$row: nobody waits for who deletes a key, and other keys' uses are written");
  $deleter->query_safe('ROLLBACK');
  $deleter->quit;
  is(sql($maintain), '1', "$row: if he doesn't, its uses are written the next time");
}
is(sql(stored($doomed_id)), '6', 'all of them');
is(sql(stored($id)), '8028', 'as the others');
use_key($doomed, 3);
sql("DELETE FROM gatehouse.api_keys WHERE id = '$doomed_id'");
is(sql($maintain), '0', 'of a key that was deleted there is nothing to write');

# Isolation: a snapshot that is older than the uses hides none, nor does it lose those of a key that it doesn't show.
my $old = $node->background_psql($db, on_error_stop => 1);
$old->query_safe('BEGIN ISOLATION LEVEL REPEATABLE READ; SELECT count(*) FROM gatehouse.api_keys');
use_key($key, 2);
sql($maintain);
my ($new_id, $new) = new_key('new');
use_key($new, 4);
is($old->query_safe(used($id)), '8030', 'REPEATABLE READ sees what has been written since');
is($old->query_safe($maintain), '0', 'it does not see the new key, and writes nothing of it');
$old->query_safe('COMMIT');
$old->quit;
is(sql(used($new_id)), '4', 'nor drops its uses');

# A standby keeps its own.
sql($maintain);
my $standby = GatehouseNode::standby($node, 'standby');
is(use_key($new, 3, $standby), '3', 'a key is used on a standby');
is($standby->safe_psql($db, used($new_id)), '7', 'which adds its own uses to what it has replayed');
is(sql(used($new_id)), '4', 'and the primary knows nothing of it');
use_key($new, 2);
sql($maintain);
$node->wait_for_catchup($standby);
is($standby->safe_psql($db, used($new_id)), '9', 'what is replayed is added to');

# The table is full. In a database without a worker nobody writes before that.
my $many = GatehouseNode::database($node, 'many');
sql(q{CREATE TABLE made AS SELECT k.id, k.api_key FROM generate_series(1, 3000) i, gatehouse.create_api_key(NULL, 'key ' || i) k}, $many);
is(sql('SELECT count(*) FROM made m, gatehouse.verify_api_key(m.api_key)', $many), '3000', 'more keys are used than there is room for');
my ($waiting, $capacity, $lost) = split /\|/, sql('SELECT key_uses_waiting, key_use_capacity, key_uses_lost FROM gatehouse.server_state()', $many);
is($capacity, '1024', 'the room is what is set');
cmp_ok($waiting, '>', 900, 'it is filled');
is($waiting + $lost, 3000, 'and each use that finds none is counted as lost');
like(sql(q{SELECT gatehouse.health_check() #>> '{checks,key_usage,reason}'}, $many), qr/^uses of $waiting keys of this database waiting, room for 1024 keys, $lost uses lost/,
  'which health_check says');
is(sql(q{SELECT gatehouse.health_check() #>> '{checks,key_usage,status}'}, $many), 'degraded', 'as a degradation');
sql($maintain, $many) for 1 .. 2;
is(sql('SELECT sum(use_count) FROM gatehouse.api_key_usage', $many), $waiting, 'what waits is written');
is(sql(q{SELECT gatehouse.health_check() #>> '{checks,key_usage,status}'}, $many), 'healthy', 'then there is room again');
sql('SELECT count(*) FROM made m, gatehouse.verify_api_key(m.api_key)', $many);
sql('DROP DATABASE many', 'postgres');
serve('identity');
becomes(q{SELECT key_uses_waiting FROM gatehouse.server_state()}, '0', 'the worker has been here');
sql(q{CREATE TABLE made AS SELECT k.id, k.api_key FROM generate_series(1, 3000) i, gatehouse.create_api_key(NULL, 'key ' || i) k});
# The launcher has forgotten those of the database that is gone. That of these some are written, nobody has asked for.
sql('SELECT count(*) FROM made m, gatehouse.verify_api_key(m.api_key)');
becomes(q{SELECT count(*) > 500 FROM gatehouse.api_key_usage u JOIN made m ON m.id = u.api_key_id}, 't', 'a table that fills wakes the worker');
is(sql('SELECT count(*) FROM gatehouse.api_key_usage WHERE use_count <= 0'), '0', 'no count is negative');

# The standby takes the place of the primary, and writes what it has seen.
$node->wait_for_catchup($standby);
GatehouseNode::fail_over($node, $standby);
is($standby->safe_psql($db, used($new_id)), '9', 'a standby that was promoted has its uses still');
$standby->safe_psql($db, $maintain);
is($standby->safe_psql($db, stored($new_id)), '9', 'and writes them');
$standby->stop;
done_testing();
