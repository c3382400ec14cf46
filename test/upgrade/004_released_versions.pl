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
my @versions = Versions::released();
for my $version (@versions) {
  ok(-f "$FindBin::Bin/data/$version.$_", "$version has its data/$version.$_") for 'sql', 'check.sql';
}
my @older = grep { $_ ne $current } @versions;
plan skip_all => "no version older than $current is released" if !@older && !@versions;
for my $version (@older) {
  $_->stop for Walk::walk($stage, $version, $current);
}
done_testing();
