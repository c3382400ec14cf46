package rule::sources;
use strict;
use warnings;

sub rule { 'src/sources.mk lists every source once, in order, the core apart from the edge' }
sub mend { 'Put the file into CORE_SOURCES, or into EDGE_SOURCES where it is named *_pg.cpp, in alphabetical order.' }

sub violations {
  my ($class, $tree) = @_;
  my (@found, %listed);
  my $text = $tree->text('src/sources.mk');
  for my $list (['CORE_SOURCES', qr/(?<!_pg)\.cpp$/], ['EDGE_SOURCES', qr/_pg\.cpp$/]) {
    my ($name, $pattern) = @$list;
    my ($body) = $text =~ /^\Q$name\E\s*=((?:[^\n]*\\\n)*[^\n]*)/m;
    my @files = grep { $_ ne '\\' } split ' ', $body // '';
    push @found, "src/sources.mk: $name is empty" if !@files;
    push @found, "src/sources.mk: $name is not in order: $files[$_] after $files[$_ - 1]"
      for grep { $files[$_ - 1] ge $files[$_] } 1 .. $#files;
    push @found, map {"src/sources.mk: $_ does not belong into $name"} grep { $_ !~ $pattern } @files;
    $listed{$_} = 1 for @files;
  }
  push @found, map {"src/sources.mk: $_ is listed but not there"} grep { !$tree->has($_) } sort keys %listed;
  push @found, map {"src/sources.mk: $_ is there but not listed"} grep { !$listed{$_} } $tree->paths(qr{^src/.*\.(?:cpp|cc|c)$});
  return @found;
}

my $list = "CORE_SOURCES = \\\n\tsrc/a/a.cpp \\\n\tsrc/a/b.cpp\n\nEDGE_SOURCES = \\\n\tsrc/a/a_pg.cpp\n";

sub sound {
  return ('src/sources.mk' => $list, map { $_ => '' } qw(src/a/a.cpp src/a/b.cpp src/a/a_pg.cpp));
}

sub planted {
  my $changed = sub {
    my ($from, $to) = @_;
    (my $text = $list) =~ s/\Q$from\E/$to/ or die;
    return {'src/sources.mk' => $text};
  };
  return (
    {files => {'src/a/c.cpp' => ''}, caught => qr/c\.cpp is there but not listed/},
    {files => {'src/a/b.cpp' => undef}, caught => qr/b\.cpp is listed but not there/},
    {files => $changed->("a.cpp \\\n\tsrc/a/b.cpp", "b.cpp \\\n\tsrc/a/a.cpp"), caught => qr/not in order/},
    {files => $changed->('src/a/b.cpp', 'src/a/b_pg.cpp'), caught => qr/b_pg\.cpp does not belong into CORE/},
  );
}

1;
