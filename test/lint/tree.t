# Every rule holds in this tree.
use strict;
use warnings;
use FindBin;
use lib $FindBin::Bin;
use Cwd qw(abs_path);
use Test::More;
use Rules;
use Tree;

my $tree = Tree->new(abs_path("$FindBin::Bin/../.."));
for my $rule (Rules::all()) {
  my @violations = $rule->violations($tree);
  ok(!@violations, $rule->rule) or diag(join "\n", @violations, 'Rule: ' . $rule->rule, 'Mend: ' . $rule->mend, '');
}
done_testing();
