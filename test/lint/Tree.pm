# What a lint sees of a source tree: its files, whether git knows them or not, and their text.
package Tree;
use strict;
use warnings;
use File::Find ();

my $generated = qr{(?:^|/)(?:\.git|build|results|tmp_check|output_iso|log)$};

sub new {
  my ($class, $root) = @_;
  my @paths;
  File::Find::find({
    no_chdir => 1,
    preprocess => sub { grep { "$File::Find::dir/$_" !~ $generated } @_ },
    wanted => sub {
      return if !-f $_ || /\.(?:o|d|so|bc|diffs|new)$/ || /regression\.out$/;
      push @paths, substr $_, length($root) + 1;
    },
  }, $root);
  return bless {root => $root, paths => [sort @paths], text => {}}, $class;
}

sub root { $_[0]{root} }

# The paths that match, in order.
sub paths {
  my ($self, $pattern) = @_;
  return grep { $_ =~ $pattern } @{$self->{paths}};
}

sub has {
  my ($self, $path) = @_;
  return -f "$self->{root}/$path";
}

# The text of a file, "" where there is none.
sub text {
  my ($self, $path) = @_;
  return $self->{text}{$path} //= do {
    my $text = '';
    if (open my $file, '<:raw', "$self->{root}/$path") {
      local $/ = undef;
      $text = <$file> // '';
    }
    $text;
  };
}

# C++ without its comments and the insides of its literals; every line keeps its number.
sub code {
  my ($self, $path) = @_;
  my $text = $self->text($path);
  $text =~ s{(^[ \t]*\#[ \t]*include[^\n]*) | ("(?:\\.|[^"\\\n])*") | ((?<![\w'])'(?:\\.|[^'\\\n])+') | (//[^\n]*) | (/\*.*?\*/)}{
    defined $1 ? $1 : defined $2 ? '""' : defined $3 ? "' '" : defined $5 ? "\n" x ($5 =~ tr/\n//) : ''}gemsx;
  return $text;
}

# [line number, matched text] for each match within `text`.
sub matches {
  my ($text, $pattern) = @_;
  my @found;
  while ($text =~ /$pattern/g) {
    my $match = $&;
    my $line = 1 + (substr($text, 0, $-[0]) =~ tr/\n//);
    $match =~ s/\s+/ /g;
    $match =~ s/^ | $//g;
    push @found, [$line, $match];
  }
  return @found;
}

1;
