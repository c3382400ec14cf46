# A short run of the differential test (make differential): the log tells what random transactions did to random tables, and a log that
# is damaged, or that a session escaped, is found out.
use strict;
use warnings;
use FindBin;
use lib $FindBin::RealBin, "$FindBin::RealBin/../differential";
use GatehouseNode;
use PostgreSQL::Test::Utils;
use Rounds;
use Test::More;

my $witness = "$FindBin::RealBin/../differential/witness.sql";
my $seed = $ENV{DIFFERENTIAL_SEED} || 1 + int rand 1_000_000;
my $node = GatehouseNode::node('differential', max_prepared_transactions => 20, deadlock_timeout => '50ms');
my $database = GatehouseNode::database($node, 'differential');
@ENV{qw(PGHOST PGPORT PGDATABASE)} = ($node->host, $node->port, $database);
note "seed $seed";

# rounds(plant, number): undef, or the first difference.
sub rounds {
  my ($plant, $number) = @_;
  my $rounds = Rounds->new(seed => $seed, plant => $plant);
  for my $round (1 .. $number) {
    next if eval { $rounds->round($round); 1 };
    my $difference = "seed $seed, round $round: $@";
    diag $rounds->story if $plant eq '';
    return $difference;
  }
  note $rounds->summary;
  return undef;
}

Rounds->new(seed => $seed, plant => '')->prepare($witness);
is(rounds('', $ENV{DIFFERENTIAL_ROUNDS} // 25), undef, "the tables can be rebuilt from the log (seed $seed)");
for my $case (
  ['lost', 'a change that is not in the log', qr/in the (?:log|table) alone|have none|several rows|key already/],
  ['extra', 'a change that is there twice', qr/in the (?:log|table) alone|have none|several rows|key already/],
  ['value', 'another value', qr/in the (?:log|table) alone|have none|several rows|key already|not that of the new row/],
  ['committed', 'a change of a transaction that did not commit', qr/transactions that did not commit/],
  ['origin', 'what a trigger that is not ALWAYS does not see', qr/in the (?:log|table) alone|have none|several rows|key already/],
) {
  my ($plant, $what, $difference) = @$case;
  like(rounds($plant, 200) // 'no difference', $difference, "$what is found (seed $seed)");
}

$node->stop;
done_testing();
