# The scripts of all versions: what they name is in the library, and no way up goes down in between.
use strict;
use warnings;
use FindBin;
use lib $FindBin::Bin, "$FindBin::Bin/../tap";
use GatehouseNode;
use Stage;
use Test::More;
use Versions;

sub paths {
  my ($node) = @_;
  return split /\n/, $node->safe_psql('postgres', q{SELECT source, target, path FROM pg_extension_update_paths('gatehouse')});
}

# A stage with scripts that do nothing, for their names alone.
sub stage_of {
  my $stage = Stage->copy_of($ENV{GATEHOUSE_STAGE});
  unlink $stage->scripts;
  $stage->put_script($_, "SELECT;\n") for @_;
  return $stage;
}

sub node_of {
  my ($name, $stage) = @_;
  local $ENV{GATEHOUSE_STAGE} = $stage->root;
  return GatehouseNode::node($name, key_ring => undef);
}

my $real = Stage->at($ENV{GATEHOUSE_STAGE});
my $current = $real->default_version;
my @released = Versions::released();
cmp_ok(scalar(my @scripts = $real->scripts), '>', 0, 'there are scripts');
is(join(', ', map {"@$_"} $real->lost_symbols), '', 'the library has every C function that a script of any version names');

my $node = node_of('routes', $real);
my @paths = paths($node);
is(join("\n", Versions::detours(@paths)), '', 'no way up goes down in between');
for my $version (grep { $_ ne $current } @released) {
  is(scalar(grep {/^\Q$version|$current|\E./} @paths), 1, "there is a way from $version to $current");
}
$node->stop;

# The checks are awake. PostgreSQL takes the shortest way: down by one and up by a script that leaps over all.
my $detour = stage_of(qw(0.1 0.1--0.2 0.2--0.3 0.3--0.4 0.1--0.0 0.0--0.4));
$node = node_of('detour', $detour);
is(join("\n", Versions::detours(paths($node))), 'from 0.1 to 0.4 by 0.1, 0.0, 0.4', 'a shorter way that goes down is noticed');
$node->stop;
is(join("\n", Versions::detours('0.1|0.3|0.1--0.2--0.3', '0.3|0.1|0.3--0.2--0.1', '0.2|0.4|')), '',
  'ways up, ways down and no way at all are left alone');
is(join(' ', sort { Versions::compare($a, $b) } qw(1.0 0.10 0.9 0.10test 0.2)), '0.2 0.9 0.10test 0.10 1.0', 'versions are ordered by number');

my $lost = Stage->copy_of($ENV{GATEHOUSE_STAGE});
$lost->put_script('0.0', "CREATE FUNCTION gatehouse.f() RETURNS int AS 'MODULE_PATHNAME', 'gatehouse_audit_gone' LANGUAGE c;\n" .
    "CREATE FUNCTION gatehouse.g() RETURNS int AS 'MODULE_PATHNAME' LANGUAGE c;\n" .
    "CREATE FUNCTION gatehouse.h() RETURNS int\nAS 'MODULE_PATHNAME', 'gatehouse_crypto_uuid_v7' LANGUAGE c;\n");
is(join(', ', map {"@$_"} $lost->lost_symbols), 'gatehouse--0.0.sql gatehouse_audit_gone, gatehouse--0.0.sql no symbol is named',
  'a C function that the library lost is noticed');
done_testing();
