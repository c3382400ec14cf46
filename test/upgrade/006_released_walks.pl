# Every released version walks to the current one: fresh = upgraded = restored, in catalog and data. Each way ends in the same
# catalog, so how it behaves is tried at the end of the longest, which runs every script.
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
my @older = grep { $_ ne $current } Versions::released();
cmp_ok(scalar @older, '>', 0, 'there are versions to walk from');
for my $version (@older) {
  my ($fresh, $upgraded, $restored) = Walk::walk($stage, $version, $current);
  Walk::behave($upgraded, $version, $current) if $version eq $older[0];
  $_->stop for $fresh, $upgraded, $restored;
}
done_testing();
