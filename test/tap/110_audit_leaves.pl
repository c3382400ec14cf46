# Partitions of the logs are made, filled from DEFAULT and dropped while changes are logged and the server is killed: every
# committed change stands in the log, once.
use strict;
use warnings;
use FindBin;
use lib $FindBin::RealBin;
use GatehouseNode;
use IPC::Run ();
use PostgreSQL::Test::Cluster;
use PostgreSQL::Test::Utils;
use Test::More;

my $rounds = $ENV{LEAF_ROUNDS} // 3;
my $node = GatehouseNode::node('leaves', restart_after_crash => 'on');
my $database = GatehouseNode::database($node, 'logged', 'amcheck');
my $sql = sub { $node->safe_psql($database, $_[0]) };

$sql->(q{
  CREATE TABLE item (id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY, n integer NOT NULL DEFAULT 0);
  SELECT gatehouse.enable_audit('item');
  INSERT INTO item (n) SELECT 0 FROM generate_series(1, 200);
});

# Three transactions at a time: most change some rows, one of four is rolled back.
my $script = PostgreSQL::Test::Utils::tempdir() . '/load.sql';
PostgreSQL::Test::Utils::append_to_file($script, <<'SQL');
\set keep random(1, 4)
BEGIN;
INSERT INTO item DEFAULT VALUES;
UPDATE item SET n = n + 1 WHERE id = 1 + :client_id * 60 + (random() * 50)::int;
SELECT gatehouse.create_audit_log('test.loaded', ip => '192.0.2.1');
SAVEPOINT later;
UPDATE item SET n = n + 1 WHERE id = 1 + :client_id * 60;
\if :keep = 1
ROLLBACK;
\elif :keep = 2
ROLLBACK TO later;
COMMIT;
\else
COMMIT;
\endif
SQL
sub start_load {
  my $load = IPC::Run::start(['pgbench', '-n', '-c', 3, '-T', 600, '-f', $script, $node->connstr($database) . ' application_name=load'], '<', '/dev/null', '>', '/dev/null', '2>', '/dev/null');
  $node->poll_query_until($database, q{SELECT count(*) >= 3 FROM pg_stat_activity WHERE application_name = 'load'}) or die 'no load';
  return $load;
}
sub maintain_until {
  my ($what, $query) = @_;
  for (1 .. 10 * $PostgreSQL::Test::Utils::timeout_default) {
    my $answer = $sql->($query);
    return pass($what) if $answer eq 't' || $answer =~ /^[1-9]/;
  }
  fail($what);
}

# What the table shows and what the log tells: a row, its insert and each of its updates.
sub judge {
  my ($when) = @_;
  is($sql->(q{
    SELECT count(*) FROM item i
      FULL JOIN (SELECT (key ->> 'id')::bigint AS id, count(*) FILTER (WHERE operation = 'INSERT') AS inserts,
                        count(*) FILTER (WHERE operation = 'UPDATE') AS updates, max((new ->> 'n')::integer) AS n, count(DISTINCT c.id) AS ids
                   FROM gatehouse.row_changes c WHERE table_name = 'item' GROUP BY 1) l USING (id)
     WHERE i.id IS NULL OR l.id IS NULL OR l.inserts <> 1 OR l.updates <> i.n OR l.n <> i.n OR l.ids <> 1 + i.n}), '0',
    "$when: every change of every row is in the log, once");
  is($sql->(q{SELECT count(*) - count(DISTINCT e.id) FROM gatehouse.events e}), '0', "$when: no event is there twice");
  is($sql->(q{SELECT count(*) FROM gatehouse.events e FULL JOIN gatehouse.event_details d ON d.event_id = e.id AND d.occurred_at = e.occurred_at
               WHERE e.event_type = 'test.loaded' AND (d.event_id IS NULL OR e.id IS NULL)}), '0', "$when: nor without its details");
  # heapallindexed: every row of every leaf has its entry.
  is($sql->(q{SELECT count(bt_index_check(i.indexrelid, true)) > 0 FROM gatehouse.log_partitions() p JOIN pg_index i ON i.indrelid = p.leaf
               JOIN pg_class c ON c.oid = i.indexrelid JOIN pg_am a ON a.oid = c.relam WHERE a.amname = 'btree'}), 't', "$when: the indexes are whole");
  is($sql->(q{SELECT count(*) FROM item i CROSS JOIN LATERAL (SELECT count(*) FROM gatehouse.get_row_history('item', jsonb_build_object('id', i.id))) h
               WHERE i.id <= 200 AND h.count <> 1 + i.n}), '0', "$when: histories are whole");
}

# What waits to be indexed is forgotten with what is rolled back: the place may be another row's before the end.
my $waiting = $node->background_psql($database, on_error_stop => 1);
$waiting->query_safe(q{BEGIN; SAVEPOINT a; UPDATE item SET n = n + 1 WHERE id <= 5; ROLLBACK TO a});
$sql->('VACUUM gatehouse.row_change_log_default');
$sql->('UPDATE item SET n = n + 1 WHERE id BETWEEN 11 AND 15');
$waiting->query_safe('COMMIT');
$waiting->quit;
is($sql->(q{SET enable_seqscan = off; SET enable_bitmapscan = off;
  SELECT count(*) FROM generate_series(1, 5) i, LATERAL (SELECT FROM gatehouse.row_change_log_default l
   WHERE l.key_hash = jsonb_hash_extended(jsonb_build_object('id', i), (SELECT table_id FROM gatehouse.audited_tables))) x}), '5',
  'no entry of a row that was rolled back leads to another row');

# A leaf that begins within moments, of so many seconds: where it begins, or undef where a busy machine made it too late. One by one: who
# holds the lock of one log while he waits for that of another can meet a writer that does it the other way round.
sub cover_soon {
  my ($seconds) = @_;
  my $begin = $sql->(q{
    SELECT greatest(date_trunc('second', clock_timestamp()) + interval '2 seconds', max(until) + interval '0.5 seconds')
      FROM gatehouse.log_partitions() WHERE NOT is_default});
  for my $log (qw(row_change_log event_details events)) {
    my ($status, undef, $error) =
      $node->psql($database, "SELECT gatehouse.make_leaf('gatehouse.$log', '$begin', timestamptz '$begin' + interval '$seconds seconds', false)");
    next if $status == 0;
    die $error if $error !~ /would be violated by some row/;
    return undef;
  }
  $node->poll_query_until($database, "SELECT clock_timestamp() > timestamptz '$begin' + interval '0.2 seconds'") or die 'the time does not pass';
  return $begin;
}

# Rows are moved only while those of the present go into a leaf. The writers cross into it, and out of it again.
sub move_beside_load {
  for (1 .. 20) {
    my $begin = cover_soon(5) // next;
    while ($sql->("SELECT clock_timestamp() < timestamptz '$begin' + interval '5 seconds'") eq 't') {
      # Long transactions could keep a round from it; these are short.
      return 1 if $sql->('SELECT gatehouse.move_default_rows(300)') > 0;
    }
  }
  return 0;
}

for my $round (1 .. $rounds) {
  my $load = start_load();
  ok(move_beside_load(), "round $round: rows are moved out of DEFAULT beside the load");

  my ($mover, $victim) = (undef, $sql->(q{SELECT min(pid) FROM pg_stat_activity WHERE application_name = 'load'}));
  $mover = IPC::Run::start(['psql', '-XAtq', '-c', 'SELECT gatehouse.move_default_rows(1000000) FROM generate_series(1, 1000)', $node->connstr($database)],
    '<', '/dev/null', '>', '/dev/null', '2>', '/dev/null');
  $node->poll_query_until($database, q{SELECT count(*) > 0 FROM pg_stat_activity WHERE query LIKE '%1000000%' AND pid <> pg_backend_pid()})
    or die 'nobody moves';
  GatehouseNode::kill_process($node, $victim);
  for my $ended ($load, $mover) { eval { $ended->finish } }
  judge("round $round");
}

# Without a load all goes into leaves, and the old ones go with it.
cover_soon(3600) // die 'nobody writes, and yet it was too late';
maintain_until('what is left in DEFAULT is moved',
  q{SELECT gatehouse.move_default_rows() >= 0 AND NOT EXISTS (SELECT FROM ONLY gatehouse.row_change_log_default UNION ALL SELECT FROM ONLY gatehouse.events_default)});
judge('at the end');
$node->stop;
done_testing();
