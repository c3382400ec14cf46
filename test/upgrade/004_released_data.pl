# What each release wrote works under this library, in its own version and in this one.
use strict;
use warnings;
use FindBin;
use lib $FindBin::Bin, "$FindBin::Bin/../tap";
use Stage;
use Test::More;
use Versions;
use Walk;

my $stage = Stage->at($ENV{GATEHOUSE_STAGE});
my $current = $stage->default_version;
my @versions = Versions::released();
for my $version (@versions) {
  ok(-f "$FindBin::Bin/data/$version.$_", "$version has its data/$version.$_") for 'sql', 'check.sql';
}
cmp_ok(scalar @versions, '>', 0, 'there are released versions');

my $frozen;
for my $version (@versions) {
  $frozen->stop if $frozen;
  $frozen = Walk::frozen($stage, $version, $current);
}
$frozen->stop if $frozen;

# The checks see it where what was restored is not what was written: its keys and tokens are of that ring and no other.
my $other = Walk::server($stage, 'other_ring');
Walk::install($other, 'other', $current);
$other->command_ok(['psql', '-X', '-q', '-v', 'ON_ERROR_STOP=1', '-d', $other->connstr('other'),
  '-f', "$FindBin::Bin/data/$versions[0].dump.sql"], 'it is restored beside another key ring');
my $complaint = Walk::checks_of($other, 'other', $versions[0]);
like($complaint, qr/not ok - \Q$_\E;/, "and the checks notice: not '$_'") for 'a key opens', 'a token is live', 'a token refreshes';
unlike($complaint, qr/not ok - (?:a stored hash|foreign hashes)/, 'while passwords need no ring');
$other->stop;

done_testing();
