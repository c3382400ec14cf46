# Audited statements of one row each by several clients, against the same without audit.
package subject::audit_single;
use strict;
use warnings;
use AuditPeers;

# Three statements, each a transaction of its own. The ids are above those that were there.
my $script = <<'SQL';
INSERT INTO bench.%1$s SELECT nextval('bench.%1$s_id'), owner_id, email, full_name, status, balance, visits, is_active, created_at, note
  FROM bench.rows WHERE id = 7 RETURNING id AS made \gset
UPDATE bench.%1$s SET %2$s WHERE id = :made;
DELETE FROM bench.%1$s WHERE id = :made;
SQL

sub measure {
  my ($class, $bench) = @_;
  my $rows = $bench->number('ROWS', 100_000);
  my $seconds = $bench->number('SECONDS', 4);
  my $clients = $bench->number('CLIENTS', 2);
  my @peers = grep { $_->{name} ne 'PL/pgSQL statement trigger' } AuditPeers::all($bench);
  my @title = ("audited INSERT, UPDATE and DELETE of one row, three transactions; $clients clients, $seconds s a round");

  compare($bench, "@title; no commit waits for the disk", \@peers, $rows, $seconds, $clients);

  # What a server in use does.
  my $durable = sub { $bench->server('durable', 'fsync=on') };
  my @durable = map { +{%$_, server => $durable} } grep { $_->{name} =~ /^(?:plain|gatehouse|PL)/ } @peers;
  compare($bench, "@title; every commit waits for the disk", \@durable, $rows, $seconds, $clients);
}

sub compare {
  my ($bench, $title, $peers, $rows, $seconds, $clients) = @_;
  my @ratios = map {
    +{name => "$_ : plain", metric => 'scripts a second', of => $_, against => 'plain', $_ eq 'gatehouse' ? (target => ['>=', 0.9]) : ()}
  } grep { $_ ne 'plain' } map { $_->{name} } @$peers;
  $bench->compare(
    title => $title,
    contenders => [map { my $peer = $_; +{%$peer, run => sub { one_round($bench, $peer, $rows, $seconds, $clients) }} } @$peers],
    ratios => \@ratios,
  );
}

sub one_round {
  my ($bench, $peer, $rows, $seconds, $clients) = @_;
  my ($server, $database) = AuditPeers::database($bench, $peer, $rows);
  my $table = $peer->{table};
  my $log = $peer->{log} ? "TRUNCATE $peer->{log};" : '';
  $server->sql($database, <<"SQL");
CREATE UNIQUE INDEX IF NOT EXISTS rows_id ON bench.rows (id);
CREATE SEQUENCE IF NOT EXISTS bench.${table}_id START 1000000000 CACHE 100;
TRUNCATE bench.$table;
ALTER TABLE bench.$table DISABLE TRIGGER USER;
INSERT INTO bench.$table SELECT * FROM bench.rows;
ALTER TABLE bench.$table ENABLE TRIGGER USER;
@{[$peer->{name} eq 'gatehouse' ? "SELECT gatehouse.enable_audit('bench.$table');" : '']}
VACUUM (ANALYZE) bench.$table;
$log
CHECKPOINT;
SQL
  my $figures = $server->throughput($database,
    scripts => [sprintf $script, $table, AuditPeers::UPDATE], clients => $clients, seconds => $seconds);
  if ($peer->{log}) {
    my ($logged) = $server->sql($database, "SELECT count(*) FROM $peer->{log};");
    my $least = $figures->{transactions} * $peer->{changes};
    die "logged $logged changes of at least $least\n" if $logged < $least;
  }
  return {'scripts a second' => $figures->{tps}, 'WAL bytes a script' => $figures->{wal_bytes}};
}

1;
