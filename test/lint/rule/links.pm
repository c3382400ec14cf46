package rule::links;
use strict;
use warnings;
use File::Basename qw(dirname);

sub rule { 'a link within the documents leads to a file and a heading that are there' }
sub mend { 'Mend the path, which is relative to the document, or the anchor: the heading in lower case, "-" for blanks, the rest left out.' }

# The text without its blocks of code.
sub prose {
  my ($text) = @_;
  $text =~ s{^```.*?^```[^\n]*$}{my $block = $&; "\n" x ($block =~ tr/\n//)}gemsx;
  return $text;
}

sub anchors {
  my ($text) = @_;
  $text = prose($text);
  my %anchor;
  while ($text =~ /^#+ +(.*?)\s*$/gm) {
    my $anchor = lc $1;
    $anchor =~ s/\[([^\]]*)\]\([^)]*\)/$1/g;
    $anchor =~ s/[^a-z0-9_ -]//g;
    $anchor =~ tr/ /-/;
    $anchor{$anchor} = 1;
  }
  return \%anchor;
}

# The path without "." and "..".
sub plain_path {
  my @parts;
  for my $part (split m{/}, $_[0]) {
    if ($part eq '..') { pop @parts }
    elsif ($part ne '.' && $part ne '') { push @parts, $part }
  }
  return join '/', @parts;
}

sub violations {
  my ($class, $tree) = @_;
  my @found;
  for my $path ($tree->paths(qr{\.md$})) {
    my $text = prose($tree->text($path));
    for my $link (Tree::matches($text, qr/\]\([^)\s]+\)|^\[[^\]]+\]:[ \t]+\S+/m)) {
      my ($target) = $link->[1] =~ /^\]\((.*)\)$/;
      ($target) = $link->[1] =~ /:\s+(\S+)$/ if !defined $target;
      next if $target =~ /^[a-z]+:/;
      my ($file, $anchor) = split /#/, $target, 2;
      my $aim = $file eq '' ? $path : plain_path(dirname($path) . "/$file");
      if (!$tree->has($aim)) { push @found, "$path:$link->[0]: $target leads to no file" }
      elsif (defined $anchor && !anchors($tree->text($aim))->{$anchor}) { push @found, "$path:$link->[0]: $target leads to no heading" }
    }
  }
  return @found;
}

sub sound {
  return (
    'README.md' => "# A *tool*\n[b](doc/b.md#the-second-part) [c](#a-tool) [d](https://example.com/x#y)\n```sh\n[x](y)\n# no\n```\n",
    'doc/b.md' => "# B\n[up](../README.md), [here](b.md)\n\n## The second part\n\n[r]: ../README.md\n",
  );
}

sub planted {
  my %sound = sound();
  my $with = sub { {'README.md' => "$sound{'README.md'}\n$_[0]\n"} };
  return (
    {files => $with->('[x](doc/c.md)'), caught => qr{^README\.md:8: doc/c\.md leads to no file}},
    {files => $with->('[x](doc/b.md#third)'), caught => qr/third leads to no heading/},
    {files => $with->('[x](#no)'), caught => qr/#no leads to no heading/},
    {files => $with->("[x]: doc/d.md"), caught => qr/no file/},
    {files => {'doc/b.md' => undef}, caught => qr/no file/},
  );
}

1;
