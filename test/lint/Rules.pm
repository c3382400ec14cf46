# The rules: each file of rule/ is one package with
#   rule()           what holds, in a sentence
#   mend()           what to do where it doesn't
#   violations(Tree) "path:line: what" for each breach
#   planted()        faults that must be caught: {files => {path => text, undef removes it}, caught => pattern}
#   sound()          files of a tree in which the rule holds; the faults are planted into it
package Rules;
use strict;
use warnings;
use File::Basename qw(basename dirname);

my $folder = dirname(__FILE__) . '/rule';

sub all {
  my @rules;
  for my $path (sort glob "$folder/*.pm") {
    require $path;
    push @rules, 'rule::' . basename($path, '.pm');
  }
  return @rules;
}

1;
