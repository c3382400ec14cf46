# Exceptions and errors cross the boundary a hundred thousand times each: the right SQLSTATE every time, and no memory is lost.
use strict;
use warnings;
use FindBin;
use lib $FindBin::Bin;
use GatehouseNode;
use PostgreSQL::Test::Utils;
use Test::More;

my $times = 100_000;
# A leak of 16 bytes a call is 1.6 MB and more; what the allocators keep for the next use is less.
my $allowance = 512 * 1024;

my $node = GatehouseNode::node('boundary', key_ring => undef);
$node->safe_psql('postgres', 'CREATE EXTENSION boundary_test');

# Calls the expression so often, each time in a subtransaction, after a warm-up in the same session. Gives what was caught
# last, how often, and by how much PostgreSQL's contexts and the process grew.
sub repeat {
  my ($expression, $rounds) = @_;
  my $measure = q{SELECT (SELECT sum(total_bytes) FROM pg_backend_memory_contexts), boundary_resident()};
  my $out = $node->safe_psql('postgres', qq{
    CREATE FUNCTION pg_temp.repeat(times int, OUT state text, OUT message text, OUT caught int) LANGUAGE plpgsql AS \$body\$
    DECLARE ignored text;
    BEGIN
      caught := 0;
      FOR i IN 1 .. times LOOP
        BEGIN
          ignored := $expression;
        EXCEPTION WHEN OTHERS THEN
          caught := caught + 1;
          state := SQLSTATE;
          message := SQLERRM;
        END;
      END LOOP;
    END \$body\$;
    SELECT FROM pg_temp.repeat(2000);
    $measure;
    $measure;
    SELECT * FROM pg_temp.repeat($rounds);
    $measure;
  });
  my @rows = grep { $_ ne '' } split /\n/, $out;
  my ($contexts_before, $process_before) = split /\|/, $rows[-3];
  my ($state, $message, $caught) = split /\|/, $rows[-2];
  my ($contexts_after, $process_after) = split /\|/, $rows[-1];
  die "nothing measured: $out" if !defined $process_after || $process_before <= 0;
  return {
    state => $state, message => $message, caught => $caught,
    contexts => $contexts_after - $contexts_before, process => $process_after - $process_before,
  };
}

sub stays_flat {
  my ($seen, $what) = @_;
  cmp_ok($seen->{contexts}, '<', $allowance, "$what: PostgreSQL's memory contexts stay flat");
  cmp_ok($seen->{process}, '<', $allowance, "$what: the process stays flat");
}

# The controls first: a test that cannot see a leak proves nothing.
my $leaking = repeat('boundary_leak_malloc(16)', $times);
cmp_ok($leaking->{process}, '>', $allowance, 'control: a leak in C++ is noticed');
$leaking = repeat('boundary_leak_palloc(16)', $times);
cmp_ok($leaking->{contexts}, '>', $allowance, "control: a leak in PostgreSQL's memory is noticed");

my @thrown = (
  ['std::bad_alloc', '53200', 'out of memory'],
  ['std::bad_array_new_length', '53200', 'out of memory'],
  ['std::length_error', '53200', 'out of memory'],
  ['std::runtime_error', 'XX000', 'unexpected failure inside gatehouse'],
  ['an int', 'XX000', 'unexpected failure inside gatehouse'],
  ['a nested exception', 'XX000', 'unexpected failure inside gatehouse'],
);
for my $number (0 .. $#thrown) {
  my ($what, $state, $message) = @{$thrown[$number]};
  my $seen = repeat("boundary_throw($number)", $times);
  is($seen->{caught}, $times, "$what: an error each time");
  is("$seen->{state} $seen->{message}", "$state $message", "$what: the right one");
  stays_flat($seen, $what);
}
is($node->safe_psql('postgres', 'SELECT boundary_throw(' . @thrown . ')'), '1', 'and a core that throws nothing gives its value');

# The interface's classes, as doc/errors.md has them; the table's own texts are held by the unit test.
my %class = map { $_ => 1 } qw(22021 22023 22P02 22P05 23503 23505 25006 42501 53200 53300 54000 55000 XX000 XX001);
my $faults = 0;
while (my $entry = $node->safe_psql('postgres', 'SELECT sqlstate, message FROM boundary_fault(' . ($faults + 1) . ') WHERE sqlstate IS NOT NULL')) {
  $faults++;
  my ($state, $message) = split /\|/, $entry;
  my $seen = repeat("boundary_raise($faults)", $times);
  ok($class{$state}, "fault $faults: $state is a class of the interface");
  is($seen->{caught}, $times, "fault $faults: an error each time");
  is("$seen->{state} $seen->{message}", "$state $message", "fault $faults: the table's ($message)");
  stays_flat($seen, "fault $faults");
}
cmp_ok($faults, '>=', 20, 'all faults were raised');

# A fault that no table knows becomes an internal error, not a wild read.
is(repeat('boundary_raise(255)', 1)->{state}, 'XX000', 'a fault beyond the table is an internal error');

$node->stop;
done_testing();
