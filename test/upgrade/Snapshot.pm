# What catalog.sql prints of an installation, and how two installations differ.
package Snapshot;
use strict;
use warnings;
use File::Basename qw(dirname);

my $query = dirname(__FILE__) . '/catalog.sql';

# The lines of catalog.sql's answer as {object => {property => value}}.
sub parse {
  my ($text) = @_;
  my %snapshot;
  for my $line (split /\n/, $text) {
    my ($object, $property, $value) = split /\t/, $line, 3;
    die "not a line of catalog.sql: $line\n" if !defined $value;
    die "$object has two values of $property\n" if exists $snapshot{$object}{$property};
    $value =~ s/\\([\\tn])/$1 eq 't' ? "\t" : $1 eq 'n' ? "\n" : '\\'/ge;
    $snapshot{$object}{$property} = $value;
  }
  die "the extension is not installed\n" if !$snapshot{'extension gatehouse'};
  return \%snapshot;
}

# take(connection string or database name, statements): psql finds the server as always. The statements are run first, and
# undone at the end.
sub take {
  my ($database, $statements) = @_;
  open my $pipe, '-|', 'psql', '-X', '-A', '-t', '-q', '-v', 'ON_ERROR_STOP=1', '-d', $database, '-c', 'BEGIN',
    (defined $statements ? ('-c', $statements) : ()), '-f', $query or die "psql: $!\n";
  local $/ = undef;
  my $text = <$pipe> // '';
  close $pipe or die "catalog.sql failed in $database\n";
  return parse($text);
}

# "object, property: value -> value" for each property in which they differ, and for what the comparison doesn't cover.
sub differences {
  my ($left, $right) = @_;
  my @found;
  my %objects = (%$left, %$right);
  for my $object (sort keys %objects) {
    my ($l, $r) = ($left->{$object}, $right->{$object});
    if (!$l || !$r) {
      push @found, "$object: " . ($l ? 'only in the first' : 'only in the second');
      next;
    }
    my %properties = (%$l, %$r);
    push @found, map { "$object, $_: " . ($l->{$_} // 'none') . ' -> ' . ($r->{$_} // 'none') }
      grep { ($l->{$_} // '') ne ($r->{$_} // '') || $_ eq 'not compared' } sort keys %properties;
  }
  return @found;
}

1;
