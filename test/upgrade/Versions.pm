# SQL versions: their order, those that are released, and the routes between them.
package Versions;
use strict;
use warnings;
use File::Basename qw(dirname);

# MAJOR.MINOR; what is for tests only bears "test" at its end and comes right before the version of its number.
sub parts {
  my ($version) = @_;
  my ($major, $minor, $test) = $version =~ /^(\d+)\.(\d+)(test)?$/ or die "not a version: $version\n";
  return ($major, $minor, $test ? 0 : 1);
}

sub compare {
  my ($left, $right) = @_;
  my @left = parts($left);
  my @right = parts($right);
  return $left[0] <=> $right[0] || $left[1] <=> $right[1] || $left[2] <=> $right[2];
}

# The versions whose install scripts are frozen, oldest first.
sub released {
  my ($list) = @_;
  $list //= dirname(__FILE__) . '/../../sql/released.sha256';
  open my $file, '<', $list or die "$list: $!\n";
  my @versions = map { m{^[0-9a-f]{64}  sql/gatehouse--((?:(?!--).)+)\.sql$} ? $1 : () } <$file>;
  return sort { compare($a, $b) } @versions;
}

# The newest version whose data there is to write, up to the given one: a version that is not released has none of its own.
sub with_data {
  my ($version) = @_;
  my @versions = sort { compare($a, $b) } map { m{/(\d+\.\d+)\.check\.sql$} ? $1 : () } glob "'" . dirname(__FILE__) . "/data/'*.check.sql";
  my ($newest) = reverse grep { compare($_, $version) <= 0 } @versions;
  return $newest // die "no version up to $version has data\n";
}

# Of lines "source|target|path" (pg_extension_update_paths): the ways up that go down somewhere, as text.
sub detours {
  my @found;
  for my $line (@_) {
    my ($source, $target, $path) = split /\|/, $line;
    next if ($path // '') eq '' || compare($source, $target) >= 0;
    my @steps = split /--/, $path;
    push @found, "from $source to $target by " . join ', ', @steps
      if grep { compare($steps[$_ - 1], $steps[$_]) >= 0 } 1 .. $#steps;
  }
  return @found;
}

1;
