# The bench's frame on made-up figures: medians, spreads, ratios, verdicts, the order of a round, and that nothing that
# failed or was skipped is left out.
use strict;
use warnings;
use FindBin;
use lib "$FindBin::Bin/../../bench/frame";
use JSON::PP ();
use Test::More;
use Comparison;
use Report;

# A contender that gives the figures in turn; the first is the warm-up's.
sub giving {
  my ($name, @seconds) = @_;
  return {name => $name, run => sub { return {seconds => shift @seconds} }};
}
sub compared {
  my ($contenders, @ratios) = @_;
  return Comparison->new(title => 'made up', contenders => $contenders, ratios => \@ratios)->run(5);
}
sub ratio_of { return compared(@_)->data->{ratios}[0] }

is(Comparison::median(5, 1, 3), 3, 'the median of an odd number of figures is the middle one');
is(Comparison::median(10, 2, 1, 4), 3, 'of an even number the mean of the middle two');
is(Comparison::median(100, 20, 3), 20, 'figures are sorted as numbers, not as text');

my $data = compared([giving('ours', 99, 2, 4, 3, 10, 1), giving('peer', 99, 6, 6, 9, 6, 6)],
  {name => 'r', metric => 'seconds', of => 'ours', against => 'peer', target => ['<=', 0.5]})->data;
is_deeply($data->{contenders}[0]{metrics}{seconds}, {median => 3, min => 1, max => 10, rounds => 5},
  'median, least and greatest are those of the measured rounds; the warm-up does not count');
my $ratio = $data->{ratios}[0];
is($ratio->{ratio}, 0.5, 'a ratio is that of the medians');
is_deeply([map { sprintf '%.3f', $_ } @$ratio{qw(min max)}], ['0.167', '1.667'], 'its bounds are those of the rounds');
is($ratio->{verdict}, 'met', 'a ratio at its bound meets the target');

my @six = (1) x 6;
my $missed = sub { return ratio_of([giving('ours', (3) x 6), giving('peer', (2) x 6)],
  {name => 'r', metric => 'seconds', of => 'ours', against => 'peer', target => $_[0]})->{verdict} };
is($missed->(['<=', 1.4]), 'missed', 'above a <= target is missed');
is($missed->(['>=', 1.6]), 'missed', 'below a >= target is missed');
is($missed->(['>=', 1.5]), 'met', 'at a >= target is met');
is($missed->(['<=', '5/4']), 'missed', 'a target may be a fraction: above 5/4');
is($missed->(['<=', '7/4']), 'met', 'below 7/4');
is($missed->(undef), undef, 'without a target there is no verdict');

$ratio = ratio_of([giving('plain', 0, 10, 20, 30, 40, 50), giving('ours', 0, 11, 22, 31, 41, 51), giving('peer', 0, 14, 24, 34, 44, 58)],
  {name => 'r', metric => 'seconds', of => ['ours', 'plain'], against => ['peer', 'plain'], target => ['<=', 0.3]});
is($ratio->{of}, 1, 'a cost above the base is taken round by round, then its median');
is($ratio->{ratio}, 0.25, 'and related to the cost of the peer above the same base');

$ratio = ratio_of([giving('plain', @six), giving('ours', (2) x 6), giving('peer', @six)],
  {name => 'r', metric => 'seconds', of => ['ours', 'plain'], against => ['peer', 'plain'], target => ['<=', 1]});
is($ratio->{verdict}, 'not measured', 'a peer that costs nothing gives no ratio');

$ratio = ratio_of([{name => 'ours', run => sub { {disk => 6} }}, {name => 'peer', run => sub { {wal => 3} }}],
  {name => 'r', metric => 'disk', metric_against => 'wal', of => 'ours', against => 'peer'});
is($ratio->{ratio}, 2, 'a ratio may relate two metrics');

my $two = sub { my ($name, $clock, $processor) = @_; {name => $name, run => sub { {'A, clock' => $clock, 'A, processor' => $processor} }} };
$data = compared([$two->('ours', 8, 3), $two->('peer', 4, 4)],
  {name => 'r', metric => 'A, clock', beside => 'A, processor', of => 'ours', against => 'peer', target => ['<=', 1]})->data;
is_deeply($data->{ratios}[0]{beside}, {metric => 'A, processor', ratio => 0.75}, 'a ratio may be shown by another metric too');
is($data->{ratios}[0]{verdict}, 'missed', 'which the target is not judged by');
like(Report::text($data), qr/by processor  target\n    r +2\.00 +2\.00 \.\. 2\.00 +0\.750 +<= 1  missed$/m, 'and which has its column');

my @order;
Comparison->new(title => 'order', contenders => [map { my $name = $_; {name => $name, run => sub { push @order, $name; {n => 1} }} } qw(a b c)])
  ->run(5);
is("@order", 'a b c b c a c a b a b c b c a c a b', 'each runs once a round and each is first in its turn');

my $calls = 0;
my $half = compared([
    giving('sound', @six),
    {name => 'broken', run => sub { die "no such table\n" if ++$calls == 3; return {seconds => 1} }},
    {name => 'silent', run => sub { return undef }},
    {name => 'wordy', run => sub { return {seconds => 'quick'} }},
    {name => 'hollow', run => sub { my %read; return {seconds => $read{seconds} / 2} }},
    {name => 'absent', run => sub { die 'ran' }, skip => 'not installed'},
  ],
  map { {name => "to $_", metric => 'seconds', of => 'sound', against => $_, target => ['<=', 9]} } qw(broken silent wordy hollow absent));
$data = $half->data;
is_deeply([map { $_->{state} } @{$data->{contenders}}], [qw(measured failed failed failed failed skipped)], 'the state of each is told');
my @reasons = map { $_->{reason} } @{$data->{contenders}};
like(splice(@reasons, 4, 1), qr/^Use of uninitialized value/, 'a warning is a failure');
is_deeply(\@reasons, [undef, 'no such table', 'it gave no figures', 'seconds: "quick" is no number', 'not installed'],
  'with the reason');
is($calls, 3, 'who failed runs no more');
is_deeply([map { $_->{verdict} } @{$data->{ratios}}], [('not measured') x 5], 'a ratio to what failed is not measured, not met');
is_deeply([$half->failures], [qw(broken silent wordy hollow)], 'failures are named, what was skipped is none');

my $text = Report::text($data);
like($text, qr/^  FAILED: broken: no such table$/m, 'the text names who failed and why');
like($text, qr/^  skipped: absent: not installed$/m, 'and what was skipped and why');
like($text, qr/^    to broken +- +- +<= 9  not measured$/m, 'and the ratio that is missing');
unlike($text, qr/^    broken/m, 'and shows no figure of who failed');

my $sound = compared([giving('ours', (0.123456) x 5, 0.2), giving('peer', (2) x 6)],
  {name => 'ours : peer', metric => 'seconds', of => 'ours', against => 'peer', target => ['>=', 1]})->data;
like(Report::text($sound), qr/^    ours +0\.123 +0\.123 \.\. 0\.200$/m, 'a figure is printed with its spread');
like(Report::text($sound), qr/^    ours : peer +0\.0617 +0\.0617 \.\. 0\.100 +>= 1  missed$/m, 'a ratio with target and verdict');
unlike(JSON::PP->new->encode(compared([giving('text', ('1.5') x 6)])->data), qr/"1\.5"/, 'a figure that came as text is a number');
my $bytes = Comparison->new(title => 'bytes', metrics => ['W, seconds', 'W, bytes', 'A, seconds'], contenders => [
  {name => 'ours', run => sub { return {'A, seconds' => 3, 'W, bytes' => 7, 'W, seconds' => 5} }}], ratios => [])->run(5)->data;
like(Report::text($bytes), qr/^  W +seconds +bytes\n    ours +5\.00 +7\.00\n\n  A +seconds\n    ours +3\.00\n/m,
  'metrics of a group are one table, in the order that was asked for');
is_deeply(JSON::PP->new->decode(JSON::PP->new->encode($sound)), $sound, 'the data survives JSON');

is(join(' ', map { Report::number($_) } undef, 0, 0.00012, 0.0123, 0.5, 1.234, 56.78, 1234.5, -3), '- 0 0.000120 0.0123 0.500 1.23 56.8 1234 -3.00',
  'numbers are printed with three digits that count');

for my $fault (
  [qr/at least 5 rounds/, sub { compared([giving('a')])->run(4) }],
  [qr/names the contender nobody/, sub { Comparison->new(title => '', contenders => [giving('a')],
    ratios => [{name => 'r', metric => 's', of => 'a', against => ['a', 'nobody']}]) }],
  [qr/two contenders are named a/, sub { Comparison->new(title => '', contenders => [giving('a'), giving('a')]) }],
  [qr/target that is none/, sub { Comparison->new(title => '', contenders => [giving('a')],
    ratios => [{name => 'r', metric => 's', of => 'a', against => 'a', target => ['<', 1]}]) }],
  [qr/target that is none/, sub { Comparison->new(title => '', contenders => [giving('a')],
    ratios => [{name => 'r', metric => 's', of => 'a', against => 'a', target => ['<=', '1/0']}]) }],
) {
  eval { $fault->[1]->() };
  like($@, $fault->[0], "refused: $fault->[0]");
}
done_testing();
