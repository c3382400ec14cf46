# A private copy of the staged extension, to put other scripts beside the library that was built.
package Stage;
use strict;
use warnings;
use File::Basename qw(basename);
use File::Copy qw(copy);
use File::Path qw(make_path);
use File::Temp qw(tempdir);

sub configured {
  my ($what) = @_;
  my $config = $ENV{PG_CONFIG} // 'pg_config';
  my $value = qx('$config' --$what);
  die "pg_config failed\n" if $? || $value eq '';
  chomp $value;
  return $value;
}

sub contents {
  my ($path) = @_;
  open my $file, '<:raw', $path or die "$path: $!\n";
  local $/ = undef;
  return <$file>;
}

# at(DESTDIR): what `make install DESTDIR=...` made, as it is; copy_of(DESTDIR): a copy that is gone with the program.
sub at {
  my ($class, $root) = @_;
  return bless {root => $root, scripts => $root . configured('sharedir') . '/extension'}, $class;
}

sub copy_of {
  my ($class, $source) = @_;
  my $from = $class->at($source);
  my $self = $class->at(tempdir(CLEANUP => 1));
  chmod 0755, $self->{root};
  make_path($self->{scripts}, $self->{root} . configured('pkglibdir'));
  for my $file (glob("'$from->{scripts}/gatehouse'*"), $from->library) {
    (my $target = $file) =~ s/^\Q$source\E/$self->{root}/;
    copy($file, $target) or die "$target: $!\n";
  }
  return $self;
}

sub root { $_[0]{root} }
sub library { $_[0]{root} . configured('pkglibdir') . '/gatehouse.so' }

# The paths of the scripts that are there.
sub scripts { my ($self) = @_; return sort glob("'$self->{scripts}/gatehouse--'*.sql") }

sub script { my ($self, $name) = @_; return contents("$self->{scripts}/gatehouse--$name.sql") }

# The part that ends every script, installing or upgrading: it takes back what default privileges gave away.
sub closing_part {
  my ($self, $version) = @_;
  my ($part) = $self->script($version) =~ m{^(-- foundation/privileges\.sql\n.*?)(?=^-- \w+/\w+\.sql$|\z)}ms
    or die "gatehouse--$version.sql lacks foundation/privileges.sql\n";
  return $part;
}

sub put_script {
  my ($self, $name, $text) = @_;
  open my $file, '>:raw', "$self->{scripts}/gatehouse--$name.sql" or die "gatehouse--$name.sql: $!\n";
  print $file $text;
  close $file or die "gatehouse--$name.sql: $!\n";
}

sub default_version {
  my ($self, $version) = @_;
  my $path = "$self->{scripts}/gatehouse.control";
  my $text = contents($path);
  if (defined $version) {
    $text =~ s/^default_version = '.*'/default_version = '$version'/m or die "$path has no default_version\n";
    open my $file, '>:raw', $path or die "$path: $!\n";
    print $file $text;
    close $file or die "$path: $!\n";
  }
  return $text =~ /^default_version = '(.*)'/m ? $1 : die "$path has no default_version\n";
}

# The C functions that the scripts name and the library doesn't have: [script, symbol].
sub lost_symbols {
  my ($self) = @_;
  open my $pipe, '-|', 'nm', '-D', '--defined-only', $self->library or die "nm: $!\n";
  my %has = map { /\s([^\s@]+)(?:@\S*)?$/ ? ($1 => 1) : () } <$pipe>;
  close $pipe or die "nm failed\n";
  my @lost;
  for my $path ($self->scripts) {
    (my $text = contents($path)) =~ s/--[^\n]*//g;
    while ($text =~ /'MODULE_PATHNAME'(?:\s*,\s*'([^']*)')?/g) {
      my $symbol = $1;
      push @lost, [basename($path), $symbol // 'no symbol is named']
        if !defined $symbol || !$has{$symbol} || !$has{"pg_finfo_$symbol"};
    }
  }
  return @lost;
}

1;
