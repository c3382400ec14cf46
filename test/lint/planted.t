# Every rule is awake: it is content with a sound tree and catches each fault that is planted there.
use strict;
use warnings;
use FindBin;
use lib $FindBin::Bin;
use File::Basename qw(dirname);
use File::Path qw(make_path);
use File::Temp qw(tempdir);
use Test::More;
use Rules;
use Tree;

sub grow {
  my (%files) = @_;
  my $root = tempdir(CLEANUP => 1);
  for my $path (grep { defined $files{$_} } keys %files) {
    make_path(dirname("$root/$path"));
    open my $file, '>:raw', "$root/$path" or die "$path: $!";
    print $file $files{$path};
    close $file or die "$path: $!";
  }
  return Tree->new($root);
}

for my $rule (Rules::all()) {
  my @on_sound = $rule->violations(grow($rule->sound));
  is("@on_sound", '', "$rule: a sound tree passes");
  my @planted = $rule->planted;
  ok(scalar @planted, "$rule: has a fault to plant");
  for my $fault (@planted) {
    my $found = join "\n", $rule->violations(grow($rule->sound, %{$fault->{files}}));
    like($found, $fault->{caught}, "$rule: catches " . join ', ', sort keys %{$fault->{files}});
  }
}
done_testing();
