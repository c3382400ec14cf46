# Which indexes the log of row changes bears: what each costs the audited statement, and what the history of a row costs with it.
package subject::audit_indexes;
use strict;
use warnings;
use AuditPeers;

my $log = 'gatehouse.row_change_log_default';
my $bloom = 'USING brin (key_hash int8_bloom_ops(n_distinct_per_range=-0.1, false_positive_rate=0.001)) WITH (pages_per_range = 32)';
# An index is filled in bulk where it is a b-tree on key_hash alone; another column, which costs little, has it filled row by row.
my @ways = (
  ['none', ''],
  ['ours', "CREATE INDEX row_change_log_default_key ON $log (key_hash); CREATE INDEX row_change_log_default_time ON $log USING brin (changed_at, id) WITH (pages_per_range = 32);"],
  ['b-tree in bulk', "CREATE INDEX x ON $log (key_hash);"],
  ['b-tree row by row', "CREATE INDEX x ON $log (key_hash, operation);"],
  ['two b-trees row by row', "CREATE INDEX x ON $log (table_id, key_hash, id); CREATE INDEX y ON $log (id);"],
  ['hash', "CREATE INDEX x ON $log USING hash (key_hash);"],
  ['BRIN bloom', "CREATE INDEX x ON $log $bloom;"],
);

sub measure {
  my ($class, $bench) = @_;
  my $rows = $bench->number('ROWS', 100_000);
  my ($ours) = grep { $_->{name} eq 'gatehouse' } AuditPeers::all($bench);
  my $contender = sub {
    my ($name, $indexes) = @_;
    return {name => $name, run => sub { one_round($bench, $ours, $rows, $indexes) }};
  };
  my @metrics = ('INSERT, seconds', 'INSERT, processor', 'UPDATE, seconds', 'UPDATE, processor', 'log bytes a row', 'WAL bytes a row', 'ms a history');
  $bench->compare(
    title => "the log of row changes with indexes of several kinds: audited statements of $rows rows, then the histories of 20 rows",
    metrics => \@metrics,
    contenders => [map { $contender->(@$_) } @ways],
    ratios => [
      map { my $operation = $_; map { {name => "$operation: $_ : none", metric => "$operation, seconds", beside => "$operation, processor", of => $_, against => 'none'} }
        map { $_->[0] } @ways[1 .. $#ways] } qw(INSERT UPDATE)
    ],
  );
}

sub one_round {
  my ($bench, $ours, $rows, $indexes) = @_;
  my ($server, $database) = AuditPeers::database($bench, $ours, $rows);
  my $drop = "DO \$\$DECLARE i regclass; BEGIN FOR i IN SELECT indexrelid FROM pg_index WHERE indrelid = '$log'::regclass LOOP EXECUTE format('DROP INDEX %s', i); END LOOP; END\$\$;";
  $server->sql($database, "$drop\n$indexes\n" . AuditPeers::emptied($ours));
  my $before = AuditPeers::log_bytes($server, $database, $ours);
  my %figures;
  my $wal = 0;
  for (['INSERT', 'INSERT INTO bench.gatehouse SELECT * FROM bench.rows'], ['UPDATE', 'UPDATE bench.gatehouse SET ' . AuditPeers::UPDATE]) {
    my ($operation, $statement) = @$_;
    my $measured = $server->measure($database, $statement);
    @figures{"$operation, seconds", "$operation, processor"} = @$measured{qw(seconds processor_seconds)};
    $wal += $measured->{wal_bytes};
  }
  # What is behind the tail is summarised, as vacuum would have.
  $server->sql($database, "VACUUM ANALYZE $log;");
  my $ask = "SELECT count(*) FROM generate_series(1, 20) i, LATERAL gatehouse.get_row_history('bench.gatehouse', jsonb_build_object('id', i * ($rows / 21))) h";
  my $history = $server->measure($database, $ask, "$ask;");
  die "$history->{answer} of 40 changes were found\n" if $history->{answer} != 40;
  my $grown = AuditPeers::log_bytes($server, $database, $ours) - $before;
  $server->sql($database, "$drop\n$ways[1][1]");
  return {%figures, 'log bytes a row' => $grown / $rows / 2, 'WAL bytes a row' => $wal / $rows / 2, 'ms a history' => $history->{seconds} / 20 * 1e3};
}

1;
