# The lints over the installed catalog. A lint is two files: lint/<name>.sql, a query that gives a line for each breach, headed
# by its rule and its mend; and planted/<name>.sql, functions whose names say what the lint must make of them: planted_... is
# caught, sound_... is left alone.
use strict;
use warnings;
use FindBin;
use lib "$FindBin::Bin/../tap", "$FindBin::Bin/../upgrade";
use File::Basename qw(basename);
use GatehouseNode;
use Stage;
use Test::More;

my $node = GatehouseNode::node('lints');
my $database = GatehouseNode::database($node, 'lints');
my $bodies = Stage::contents("$FindBin::Bin/bodies.sql");
my $add_members = q{
  DO $do$
  DECLARE made regprocedure;
  BEGIN
    FOR made IN SELECT oid FROM pg_proc WHERE proname ~ '^(planted|sound)_' AND pronamespace = 'gatehouse'::regnamespace LOOP
      EXECUTE format('ALTER EXTENSION gatehouse ADD FUNCTION %s', made);
    END LOOP;
  END $do$;};

my @lints = sort glob "$FindBin::Bin/lint/*.sql";
cmp_ok(scalar @lints, '>', 0, 'there are lints');
for my $path (@lints) {
  my $name = basename($path, '.sql');
  my $query = Stage::contents($path);
  my ($rule) = $query =~ /^-- rule: (.*)/ or die "$path: its first line is no rule\n";
  my ($mend) = $query =~ /^-- mend: (.*)/m or die "$path: no mend\n";
  my $needs = $query =~ /^-- needs: (\w+)/m ? $1 : undef;
  my $prepare = 'SET client_min_messages = warning; ';
SKIP: {
    if (defined $needs) {
      skip "$name: this server has no $needs", 3
        if $node->safe_psql($database, "SELECT count(*) FROM pg_available_extensions WHERE name = '$needs'") eq '0';
      $prepare .= "CREATE EXTENSION $needs; ";
    }
    my $breaches = $node->safe_psql($database, "BEGIN; $prepare $bodies; $query; ROLLBACK;");
    is($breaches, '', $rule) or diag("Mend: $mend");

    my $planted = Stage::contents("$FindBin::Bin/planted/$name.sql");
    my $found = $node->safe_psql($database, "BEGIN; SET LOCAL check_function_bodies = off; $prepare $planted; $add_members $bodies; $query; ROLLBACK;");
    my %names = map { $_ => 1 } $planted =~ /FUNCTION gatehouse\.((?:planted|sound)_\w+)/g;
    my @faults = grep {/^planted_/} sort keys %names;
    is(join(' ', grep { $found !~ /\b$_\(/ } @faults), '', "$name: catches each of " . @faults . ' planted faults');
    is(join(' ', grep { /^sound_/ && $found =~ /\b$_\(/ } sort keys %names), '', "$name: leaves what is sound alone");
  }
}
$node->stop;
done_testing();
