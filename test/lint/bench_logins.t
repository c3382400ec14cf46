# The bench's two-sample tests and the soak's judgement on made-up figures: what differs is found, what doesn't is not.
use strict;
use warnings;
use FindBin;
use lib "$FindBin::Bin/../../bench/frame";
use Test::More;
use TwoSamples;
use Verdicts;

# So many values of a normal distribution, the same at each run.
sub normal {
  my ($seed, $count, $mean, $deviation) = @_;
  my $state = $seed;
  my $next = sub { $state = ($state * 1103515245 + 12345) % 2**31; return ($state + 0.5) / 2**31 };
  return [map { $mean + $deviation * sqrt(-2 * log $next->()) * cos(2 * 3.14159265358979 * $next->()) } 1 .. $count];
}
my $base = normal(1, 200, 100, 3);
my $ks = sub { return TwoSamples::kolmogorov_smirnov($base, $_[0]) };

cmp_ok($ks->(normal(2, 200, 100, 3))->{p}, '>', 0.05, 'two samples of one distribution are not told apart');
cmp_ok($ks->(normal(3, 200, 102, 3))->{p}, '<', 1e-4, 'a shift by two thirds of a deviation is found');
cmp_ok($ks->(normal(4, 200, 100, 9))->{p}, '<', 1e-4, 'so is another width about the same middle');
is($ks->($base)->{distance}, 0, 'a sample is at no distance from itself');
is($ks->($base)->{p}, 1, 'and is surely like itself');
is(TwoSamples::kolmogorov_smirnov([1 .. 10], [11 .. 20])->{distance}, 1, 'samples that do not meet are at distance 1');
# Critical values of the Kolmogorov distribution.
cmp_ok(abs(TwoSamples::kolmogorov_tail(1.358) - 0.05), '<', 5e-4, 'a tail of 0.05 begins at 1.358');
cmp_ok(abs(TwoSamples::kolmogorov_tail(1.628) - 0.01), '<', 1e-4, 'one of 0.01 at 1.628');

cmp_ok(TwoSamples::mann_whitney($base, normal(2, 200, 100, 3))->{p}, '>', 0.05, 'by ranks too, one distribution is one');
cmp_ok(TwoSamples::mann_whitney($base, normal(3, 200, 102, 3))->{p}, '<', 1e-4, 'and a shift is found');
is(TwoSamples::mann_whitney([1, 1, 1], [1, 1, 1])->{p}, 1, 'ties alone tell nothing');
is(TwoSamples::mann_whitney([11 .. 20], [1 .. 10])->{excess}, 0.5, 'always above is half in excess');

is_deeply([map { sprintf '%.2f', $_ } TwoSamples::holm(0.01, 0.04, 0.03)], ['0.03', '0.06', '0.06'], 'Holm\'s correction');
is_deeply([TwoSamples::holm(0.9, 0.8)], [1, 1], 'is never above 1');

# The soak's judgement: nothing wrong is undef.
my $flat = sub { return Verdicts::flat({anonymous => 1e7, contexts => 1e6}, {anonymous => 1e7 + $_[0], contexts => 1e6 + $_[1]}) };
is($flat->(100_000, 0), undef, 'an allocator\'s step is no growth');
like($flat->(2e6, 0), qr/anonymous memory grew by 2000000 bytes/, 'two megabytes are');
like($flat->(0, 2e6), qr/contexts memory grew/, 'be it in contexts alone');
is(Verdicts::gate_empty(0, 0), undef, 'an empty gate is empty');
like(Verdicts::gate_empty(1, 0), qr/1 hashing/, 'a slot that leaked is found');
like(Verdicts::gate_empty(0, 1), qr/1 waiting/, 'so is a place in the line');
my %kept = (stored => 5, kept => 6, told => 6, sent => 8);
is(Verdicts::count_kept({%kept}), undef, 'a count that grew is kept');
for my $case ([{kept => -1, told => -1}, qr/below 0/], [{kept => 4, told => 4}, qr/5 were before/], [{kept => 9, told => 9}, qr/of 8 attempts/],
  [{told => 7}, qr/lock_status tells of 7/])
{
  like(Verdicts::count_kept({%kept, %{$case->[0]}}), $case->[1], "one that did not is found: $case->[1]");
}
is(Verdicts::count_exact(2, 5, 3, 4), undef, 'each answered refusal is counted');
like(Verdicts::count_exact(2, 4, 3, 4), qr/4 failures/, 'one that is not is found');
like(Verdicts::count_exact(2, 7, 3, 4), qr/7 failures/, 'so is one too many');
my $answer = sub { my ($right, $cut, %answer) = @_; return Verdicts::answer_consistent({state => 'done', %answer}, $right, $cut) };
is($answer->(1, 0, status => 'ok'), undef, 'a right password is ok');
is($answer->(0, 0, status => 'busy'), undef, 'busy is an answer');
like($answer->(0, 0, status => 'ok'), qr/wrong password was answered ok/, 'a wrong password that opens is found');
like($answer->(1, 0, status => 'invalid_credentials'), qr/right password was answered/, 'so is a right one that does not');
is($answer->(1, 1, state => 'lost'), undef, 'who was cut may be lost');
like($answer->(1, 0, state => 'lost'), qr/lost its connection/, 'nobody else');
like($answer->(1, 0, state => 'waiting'), qr/hangs/, 'a login that hangs is found');

my $verdicts = Verdicts->new;
like($verdicts->summary, qr/nothing was judged/, 'a soak that judged nothing has failed');
ok($verdicts->failed, 'and says so');

done_testing();
