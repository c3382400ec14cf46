# A throw-away server with what was staged, and its clients: psql and pgbench. Figures are taken on the server's clock.
package Server;
use strict;
use warnings;

# Nothing may run beside a contender that it did not cause, nor may a plan spare it its work: no autovacuum, no checkpoint,
# no parallel plan, no JIT, no Memoize, which would call a function once for each distinct argument.
my @settings = qw(autovacuum=off checkpoint_timeout=1h max_wal_size=16GB jit=off enable_memoize=off max_parallel_workers_per_gather=0
  max_parallel_maintenance_workers=0 maintenance_work_mem=256MB wal_buffers=16MB);

# place => {stage, programs (the folder of psql), tools, tree (a folder whose path is short)}
sub start {
  my ($class, $place, $name, @more) = @_;
  my $self = bless {place => $place, folder => "$place->{work}/server-$name", databases => {}}, $class;
  $self->tool('start', '--stage', $place->{stage}, @settings,
    "shared_buffers=$place->{shared_buffers}", "gatehouse.key_file=$self->{folder}/keyring", @more);
  $self->tool('run', "$place->{work}/tools/gatehouse-keyring", 'make', "$self->{folder}/keyring");
  $self->{environment} = {PGHOST => "$self->{folder}/socket", PGPORT => 5432, PGUSER => 'postgres'};
  return $self;
}

sub tool {
  my ($self, $verb, @arguments) = @_;
  my ($status, $text) = output("$self->{place}{work}/tools/throwaway-server", $verb, $self->{folder}, @arguments);
  die "tools/throwaway-server $verb failed:\n$text" if $status != 0;
  return $text;
}

sub stop { $_[0]->tool('stop') }

# The program that is running: who interrupts the bench ends it too.
our $running;

# Runs a program; its status, and what it said on both streams.
sub output {
  my (@command) = @_;
  my $pid = open my $pipe, '-|' // die "cannot fork: $!\n";
  if (!$pid) {
    open STDERR, '>&', \*STDOUT or die;
    exec @command or print "$command[0]: $!\n";
    exit 127;
  }
  local ($running, $/) = ($pid, undef);
  my $text = <$pipe> // '';
  close $pipe;
  return ($?, $text);
}

sub client {
  my ($self, $program, @arguments) = @_;
  local @ENV{keys %{$self->{environment}}} = values %{$self->{environment}};
  delete local @ENV{qw(PGDATABASE PGSERVICE PGOPTIONS PGHOSTADDR PGPASSFILE PGSSLMODE)};
  my ($status, $text) = output("$self->{place}{programs}/$program", @arguments);
  die "$text\n" if $status != 0;
  return $text;
}

# What a script prints, a line a row. It goes through a file, so that psql's own commands work within it.
sub sql {
  my ($self, $database, $sql) = @_;
  my $path = "$self->{place}{work}/script.sql";
  open my $file, '>:raw', $path or die "$path: $!\n";
  print $file "SET client_min_messages = warning;\n$sql\n";
  close $file or die "$path: $!\n";
  my $text = $self->client('psql', '-X', '-q', '-A', '-t', '-v', 'ON_ERROR_STOP=1', '-d', $database, '-f', $path);
  return split /\n/, $text;
}

# A database with gatehouse and a schema bench, made and filled when it is first asked for.
sub database {
  my ($self, $name, $fill) = @_;
  if (!$self->{databases}{$name}) {
    $self->sql('postgres', "CREATE DATABASE $name;");
    $self->sql($name, 'CREATE EXTENSION gatehouse; CREATE SCHEMA bench;');
    $fill->($name) if $fill;
    $self->{databases}{$name} = 1;
  }
  return $name;
}

# Nanoseconds that the session's process has had a processor; on a busy machine they say more than the clock.
my $processor = "split_part(pg_read_file('/proc/self/schedstat', 0, 100), ' ', 1)::bigint";

# The figures of one statement in a session of its own: seconds by the clock and of the processor, WAL bytes and what the
# statement gave. `before` runs in the same session and isn't measured.
sub measure {
  my ($self, $database, $sql, $before) = @_;
  my @lines = $self->sql($database, ($before // '') . <<"END");

\\echo gatehouse-bench
SELECT $processor AS bench_processor, pg_current_wal_insert_lsn() AS bench_lsn, clock_timestamp() AS bench_start \\gset
$sql;
SELECT extract(epoch FROM clock_timestamp() - :'bench_start'::timestamptz), pg_current_wal_insert_lsn() - :'bench_lsn'::pg_lsn,
       $processor - :bench_processor;
END
  shift @lines while @lines && $lines[0] ne 'gatehouse-bench';
  my ($seconds, $wal, $nanoseconds) = split /\|/, pop @lines;
  return {
    seconds => $seconds, wal_bytes => $wal, processor_seconds => $nanoseconds / 1e9, answer => join "\n", @lines[1 .. $#lines],
  };
}

# Transactions a second, and WAL bytes of one. `scripts` are texts, one drawn at random for each transaction.
sub throughput {
  my ($self, $database, %what) = @_;
  my @files;
  for my $script (@{$what{scripts}}) {
    my $path = sprintf '%s/pgbench-%03d.sql', $self->{place}{work}, scalar @files;
    open my $file, '>:raw', $path or die "$path: $!\n";
    print $file $script;
    close $file or die "$path: $!\n";
    push @files, '-f', $path;
  }
  my $lsn = 'SELECT pg_current_wal_insert_lsn()';
  my ($before) = $self->sql($database, "$lsn;");
  my $text = $self->client('pgbench', '-n', '-M', 'prepared', '-c', $what{clients}, '-j', $what{clients}, '-T', $what{seconds},
    (map { ('-D', $_) } @{$what{variables} // []}), @files, $database);
  my ($tps) = $text =~ /^tps = ([\d.]+)/m or die "pgbench gave no figure:\n$text";
  my ($done) = $text =~ /^number of transactions actually processed: (\d+)/m;
  die "pgbench: failed transactions:\n$text" if $text =~ /^number of failed transactions: [1-9]/m;
  my ($wal) = $self->sql($database, "SELECT pg_current_wal_insert_lsn() - '$before'::pg_lsn;");
  return {tps => $tps + 0, transactions => $done, wal_bytes => $wal / $done};
}

1;
