package rule::places;
use strict;
use warnings;

# Brackets keep a pattern from finding itself.
my @patterns = (
  qr{(?<![\w.\$\})*])/(?:wor[k]|hom[e]/[a-z]\w*|roo[t]|mn[t]/|User[s]/|var/tm[p])(?=[/\s'"`,.)]|$)},
  qr{\b(?:deb[.]debian[.]org|security[.]debian|snapshot[.]debian|archive[.]ubuntu|registry[.]npmjs|pypi[.]org|crates[.]io)\b},
  qr{(?<![\w.:/])(?:10\.\d+\.\d+\.\d+|172\.(?:1[6-9]|2\d|3[01])\.\d+\.\d+)(?![\w.])(?!/\d)},
);

sub rule { 'no file names a place of one machine: a home, a work folder, a private host, a registry' }
sub mend { 'Take the path from an argument or the environment; write addresses of RFC 5737 and RFC 3849 in examples.' }

sub violations {
  my ($class, $tree) = @_;
  my @found;
  for my $path ($tree->paths(qr{^(?!test/lint/rule/places\.pm)})) {
    my $text = $tree->text($path);
    push @found, map { my $p = $_; map {"$path:$_->[0]: $_->[1]"} Tree::matches($text, $p) } @patterns;
  }
  return @found;
}

sub sound { return ('a.sh' => "cd \$folder/work\ncp x /usr/lib\necho 192.0.2.1 2001:db8::1\n# inet '198.51.100.0/24'\n", 'doc/b.md' => 'a homework/root') }

sub planted {
  my @texts = ('cd /wor' . 'k/main', 'cd /hom' . 'e/jane/x', 'cp a /roo' . 't/b', 'http://deb.debian' . '.org/debian', 'host 10.1' . '.2.3');
  return map { {files => {'a.sh' => "\n$_\n"}, caught => qr/^a\.sh:2: /} } @texts;
}

1;
