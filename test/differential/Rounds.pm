# Rounds of the differential test: random tables, random transactions in one to three sessions, and the tables rebuilt from the log.
package Rounds;
use strict;
use warnings;
use File::Temp ();
use IPC::Run ();
use JSON::PP ();
use RandomStatements;
use RandomTables;
use RandomValues qw(below chance pick);
use Rebuild;
use Time::HiRes ();

use constant PLANTS => qw(lost extra value committed origin);

# The change that a planted fault concerns: one that nothing hides that comes after it.
my $planted = q{(SELECT max(l.id) FROM gatehouse.row_change_log l
  WHERE l.operation <> 'T' AND l.old IS DISTINCT FROM l.new AND NOT EXISTS (SELECT FROM witness.looks k WHERE k.kind = 'change' AND k.id > l.id)
    AND NOT EXISTS (SELECT FROM gatehouse.row_change_log t WHERE t.table_id = l.table_id AND t.operation = 'T' AND t.id > l.id))};
my %plant = (
  lost => "DELETE FROM gatehouse.row_change_log WHERE id = $planted",
  extra => "INSERT INTO gatehouse.row_change_log SELECT (r).* FROM (SELECT jsonb_populate_record(l, jsonb_build_object('id', nextval('gatehouse.row_change_log_id_seq'))) AS r
    FROM gatehouse.row_change_log l WHERE l.id = $planted) x",
  value => "UPDATE gatehouse.row_change_log l SET new = CASE WHEN new IS NOT NULL THEN new || jsonb_build_object(m, 'planted') END,
      old = CASE WHEN new IS NULL THEN old || jsonb_build_object(m, 'planted') ELSE old END
    FROM (SELECT id, (SELECT max(k) FROM jsonb_object_keys(coalesce(new, old)) k) AS m FROM gatehouse.row_change_log) x WHERE x.id = l.id AND l.id = $planted",
  committed => "UPDATE gatehouse.row_change_log SET transaction_id = '3' WHERE id = $planted",
  # Found by what a session with session_replication_role = replica writes.
  origin => undef,
);

# new(seed => number, plant => name or ''): for the server and database of the environment.
sub new {
  my ($class, %is) = @_;
  my $self = bless {%is, folder => File::Temp::tempdir('gatehouse-differential.XXXXXX', TMPDIR => 1, CLEANUP => 1), count => {}, refused => {}}, $class;
  die "the plant is none of: @{[PLANTS]}\n" if $self->{plant} ne '' && !exists $plant{$self->{plant}};
  return $self;
}

sub psql { return ('psql', '-XAtq', '-v', 'VERBOSITY=verbose', '-v', 'SHOW_CONTEXT=never', @_) }

# Runs SQL that must succeed and gives what it prints.
sub run {
  my ($self, $sql) = @_;
  my $file = $self->write_script('own', $sql);
  my ($out, $error);
  IPC::Run::run([psql('-v', 'ON_ERROR_STOP=1', '-f', $file)], '<', \undef, '>', \$out, '2>', \$error) or die "$error\n";
  return $out;
}

sub write_script {
  my ($self, $name, $sql) = @_;
  my $file = "$self->{folder}/$name.sql";
  open my $handle, '>:encoding(UTF-8)', $file or die "$file: $!\n";
  print $handle $sql;
  close $handle or die "$file: $!\n";
  return $file;
}

# Once for a database.
sub prepare {
  my ($self, $witness) = @_;
  open my $handle, '<', $witness or die "$witness: $!\n";
  $self->run(q{DO $$ BEGIN CREATE ROLE differential_plain; EXCEPTION WHEN duplicate_object THEN NULL; END $$; CREATE EXTENSION IF NOT EXISTS gatehouse; CREATE EXTENSION IF NOT EXISTS amcheck;});
  $self->run("SET client_min_messages = warning;\n" . join '', <$handle>);
}

# One round. Dies with what differs.
sub round {
  my ($self, $number) = @_;
  srand $self->{seed} * 1_000_003 + $number;
  my ($schema, @tables) = RandomTables::made();
  my $quoted = RandomValues::identifier($schema);
  my @scripts = ("SET client_min_messages = error;\nDROP SCHEMA IF EXISTS differential CASCADE;\nDROP SCHEMA IF EXISTS \"Differential \"\"q\"\"\" CASCADE;\nSELECT witness.forget();\n" .
    "CREATE SCHEMA $quoted;\nBEGIN;\n" . join(";\n", (map { @{$_->{setup}} } @tables), map { @{$_->{triggers}} } @tables) . ";\nGRANT ALL ON ALL TABLES IN SCHEMA $quoted TO differential_plain;\nGRANT ALL ON SCHEMA $quoted TO differential_plain;\nCOMMIT;\n");
  $scripts[0] .= join '', map { "ALTER TABLE $_->{name} ENABLE TRIGGER \"!gatehouse_audit\";\n" } @tables if $self->{plant} eq 'origin';
  my $initial = {map { $_->{label} => Rebuild->new($_->{label}, %$_{qw(excluded redacted)}, key => $_->{key}, ambiguous => $_->{deferrable}) } @tables};
  my $sessions = pick(1, 1, 1, 2, 2, 3);
  push @scripts, RandomStatements->new($schema, \@tables, session => $_, alone => $sessions == 1)->script(3 + below(8)) for 1 .. $sessions;
  $self->{scripts} = \@scripts;
  $self->run($scripts[0]);
  $self->in_sessions(@scripts[1 .. $sessions]);
  $self->compare($initial);
  ++$self->{count}{rounds};
}

sub in_sessions {
  my ($self, @scripts) = @_;
  my @running;
  for my $i (0 .. $#scripts) {
    my $file = $self->write_script("session$i", $scripts[$i]);
    my $is = {error => ''};
    $is->{run} = IPC::Run::start([psql('-f', $file)], '<', \undef, '>', '/dev/null', '2>', \$is->{error});
    push @running, $is;
  }
  for my $is (@running) {
    $is->{run}->finish;
    my $status = $is->{run}->result(0);
    die "psql ended with status $status: $is->{error}\n" if $status;
    for my $line (grep {/ERROR:|FATAL:|PANIC:/} split /\n/, $is->{error}) {
      my ($state, $message) = $line =~ /(?:ERROR|FATAL|PANIC):\s+(\w{5}): (.*)/ or next;
      ++$self->{refused}{$state}{count};
      $self->{refused}{$state}{example} //= $line;
      die "an internal error: $line\n" if $state =~ /^XX/ && $message !~ /^tuple concurrently/;
    }
  }
}

sub compare {
  my ($self, $initial) = @_;
  $self->run(join ";\n", (map {"ROLLBACK PREPARED '$_'"} split /\n/, $self->run('SELECT gid FROM pg_prepared_xacts')), '') if $self->run('SELECT count(*) FROM pg_prepared_xacts') > 0;
  $self->run($plant{$self->{plant}}) if defined $plant{$self->{plant}};
  my $out = $self->run(q{
    SELECT witness.look_at_all('see');
    \echo =changes
    COPY (SELECT c.id, 'change', c.transaction_id, s.label, c.operation, witness.members(c.key), witness.members(c.old), witness.members(c.new)
            FROM gatehouse.row_changes c
            LEFT JOIN pg_class r JOIN pg_namespace n ON n.oid = r.relnamespace ON n.nspname = c.table_schema AND r.relname = c.table_name
            LEFT JOIN witness.subject s ON s.relation = r.oid) TO STDOUT;
    \echo =looks
    COPY (SELECT k.id, 'look', k.kind, k.label, encode(convert_to(coalesce(k.detail, '{}'), 'UTF8'), 'hex'), array_to_string(k.rows, ';') FROM witness.looks k) TO STDOUT;
    \echo =strangers
    SELECT c.id, c.transaction_id FROM gatehouse.row_changes c WHERE c.transaction_id NOT IN (SELECT transaction_id FROM witness.committed) ORDER BY 1 LIMIT 3;
    \echo =committed
    SELECT count(*) FROM witness.committed;
    \echo =index
    SELECT bt_index_check('gatehouse.row_change_log_default_key', true);
  });
  my ($changes, $looks, $strangers, $committed) = $out =~ /=changes\n(.*)=looks\n(.*)=strangers\n(.*)=committed\n(\d+)/s or die "no answer: $out\n";
  die "changes of transactions that did not commit: $strangers\n" if $strangers ne '';
  $self->{count}{transactions} += $committed;
  for my $line (sort { $a->[0] <=> $b->[0] } map { [split /\t/, $_, -1] } split /\n/, $changes . $looks) {
    my ($id, $what, $second, $label, @rest) = @$line;
    my $table = $initial->{$label} or die "change $id of a table that nobody knows\n";
    ++$self->{count}{"${what}s"};
    eval {
      if ($what eq 'look') {
        my $detail = JSON::PP->new->utf8->decode(pack 'H*', $rest[0]);
        $table->look($id, $second, $detail, map { Rebuild::members($_) } split /;/, $rest[1]);
      } else {
        $table->change({id => $id, transaction_id => $second, operation => $rest[0], key => Rebuild::members($rest[1]), old => Rebuild::members($rest[2]), new => Rebuild::members($rest[3])});
      }
      1;
    } or die "$label: $@";
  }
}

# What a reader needs to see a difference again.
sub story {
  my ($self) = @_;
  my @names = ('setup', map {"session $_"} 1 .. @{$self->{scripts} // []});
  return join '', map { "\n-- $names[$_]\n$self->{scripts}[$_]" } 0 .. $#{$self->{scripts} // []};
}

sub summary {
  my ($self) = @_;
  return join(', ', map { ($self->{count}{$_} // 0) . " $_" } 'rounds', 'transactions', 'changes', 'looks');
}

1;
