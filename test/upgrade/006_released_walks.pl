# Every released version walks to the current one: fresh = upgraded = restored, in catalog, behaviour and data.
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
  $_->stop for Walk::walk($stage, $version, $current);
}
done_testing();
