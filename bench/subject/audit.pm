# Audited INSERT, UPDATE and DELETE of many rows: the cost above the plain statement, and the bytes.
package subject::audit;
use strict;
use warnings;
use AuditPeers;

my @operations = qw(INSERT UPDATE DELETE);
my @kinds = ('seconds', 'processor', 'WAL bytes a row', 'log bytes a row', 'WAL and log bytes a row');
my %statement = (
  INSERT => sub { "INSERT INTO bench.$_[0] SELECT * FROM bench.rows" },
  UPDATE => sub { "UPDATE bench.$_[0] SET " . AuditPeers::UPDATE },
  DELETE => sub { "DELETE FROM bench.$_[0]" },
);

sub measure {
  my ($class, $bench) = @_;
  my $rows = $bench->number('ROWS', 100_000);
  my @peers = AuditPeers::all($bench);
  my ($ours) = grep { $_->{name} eq 'gatehouse' } @peers;

  my @ratios;
  for my $operation (@operations) {
    my $ratio = sub {
      my ($name, $against, @more) = @_;
      push @ratios, {name => "$operation: gatehouse : $name", metric => "$operation, seconds", beside => "$operation, processor", of => ['gatehouse', 'plain'],
        against => $against, @more};
    };
    $ratio->('row trigger', ['PL/pgSQL row trigger', 'plain'], target => ['<=', '1/12']);
    $ratio->('supa_audit', ['supa_audit', 'plain'], target => ['<=', '1/12']);
    $ratio->('same bytes', 'same bytes, no index', target => ['<=', 1.2]);
    $ratio->('statement trigger', ['PL/pgSQL statement trigger', 'plain'], target => ['<=', '1/2']);
    $ratio->('table_log', ['table_log', 'plain'], target => ['<=', 1]);
  }
  for my $peer ('PL/pgSQL row trigger', 'supa_audit') {
    push @ratios, {name => "bytes of UPDATE: gatehouse : $peer", metric => 'UPDATE, WAL and log bytes a row',
      of => ['gatehouse', 'plain'], against => [$peer, 'plain'], target => ['<=', '1/4']};
  }
  $bench->compare(
    title => "audited statements of $rows rows of ten columns, an update of two; every ratio is of the cost above the plain statement",
    metrics => [map { my $operation = $_; map {"$operation, $_"} @kinds } @operations],
    contenders => [
      (map { my $peer = $_; +{%$peer, run => sub { one_round($bench, $peer, $rows) }} } @peers),
      {name => 'same bytes, no index', note => 'what gatehouse logs, by INSERT .. SELECT',
        run => sub { same_bytes($bench, $ours, $rows) }},
    ],
    ratios => \@ratios,
  );
}

sub one_round {
  my ($bench, $peer, $rows) = @_;
  my ($server, $database) = AuditPeers::database($bench, $peer, $rows);
  $server->sql($database, AuditPeers::emptied($peer));
  my $log_bytes = AuditPeers::log_bytes($server, $database, $peer);
  my %figures;
  for my $operation (@operations) {
    my $measured = $server->measure($database, $statement{$operation}->($peer->{table}));
    my $grown = -$log_bytes + ($log_bytes = AuditPeers::log_bytes($server, $database, $peer));
    figures(\%figures, $operation, $measured, $grown, $rows);
  }
  if ($peer->{log}) {
    my ($logged) = $server->sql($database, "SELECT count(*) FROM $peer->{log};");
    die "logged $logged changes of $rows rows\n" if $logged != $peer->{changes} * $rows;
  }
  return \%figures;
}

sub figures {
  my ($figures, $operation, $measured, $grown, $rows) = @_;
  my $wal = $measured->{wal_bytes};
  @$figures{map {"$operation, $_"} @kinds} = (@$measured{qw(seconds processor_seconds)}, map { $_ / $rows } $wal, $grown, $wal + $grown);
}

# The rows that gatehouse logged of each operation, taken once, are inserted into a table like its log.
sub same_bytes {
  my ($bench, $ours, $rows) = @_;
  my ($server, $database) = AuditPeers::database($bench, $ours, $rows);
  if (!$server->{same_bytes}) {
    $server->sql($database, AuditPeers::emptied($ours));
    for my $operation (@operations) {
      $server->sql($database, $statement{$operation}->('gatehouse') . ";\n" .
        "CREATE UNLOGGED TABLE bench.logged_$operation AS SELECT * FROM $ours->{log};\n" .
        "VACUUM (FREEZE) bench.logged_$operation;\nTRUNCATE $ours->{log};\n");
    }
    $server->sql($database, "CREATE TABLE bench.same_bytes (LIKE $ours->{log});");
    $server->{same_bytes} = 1;
  }
  my $copy = {table => 'same_bytes', log => 'bench.same_bytes'};
  $server->sql($database, AuditPeers::emptied($copy));
  my $log_bytes = AuditPeers::log_bytes($server, $database, $copy);
  my %figures;
  for my $operation (@operations) {
    my $measured = $server->measure($database, "INSERT INTO bench.same_bytes SELECT * FROM bench.logged_$operation");
    my $grown = -$log_bytes + ($log_bytes = AuditPeers::log_bytes($server, $database, $copy));
    figures(\%figures, $operation, $measured, $grown, $rows);
  }
  my ($copied) = $server->sql($database, 'SELECT count(*) FROM bench.same_bytes;');
  die "copied $copied of 3 x $rows changes\n" if $copied != 3 * $rows;
  return \%figures;
}

1;
