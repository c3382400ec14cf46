package rule::events;
use strict;
use warnings;

sub rule { 'doc/audit.md has a row for each type of event that gatehouse writes, and for no other' }

sub mend {
  return "Describe the type in a table of doc/audit.md, or take the row away. A type of gatehouse's own is security.<what>, " .
    'audit.<what> or gatehouse.<subject>.<what>, and stands in the source as one literal.';
}

my $type = qr/(?:(?:audit|security)\.[a-z_]+|gatehouse\.[a-z_]+\.[a-z_]+)/;

sub violations {
  my ($class, $tree) = @_;
  my %written;
  for my $path ($tree->paths(qr{^sql/[^/]+/[^/]+\.sql$}), $tree->paths(qr{^src/.*\.cpp$})) {
    my $text = $tree->text($path);
    if ($path =~ /\.sql$/) { $text =~ s{--[ ][^\n]*}{}g }
    else { $text =~ s{//[^\n]*}{}g }
    $written{$_} //= $path for $text =~ /['"]($type)['"]/g;
  }
  my %described;
  for my $cell ($tree->text('doc/audit.md') =~ /^\| (`[^|]*) \|/gm) {
    $described{$_} = 1 for $cell =~ /`($type)`/g;
  }
  return ((map {"$written{$_}: doc/audit.md does not describe the event $_"} grep { !$described{$_} } sort keys %written),
    (map {"doc/audit.md describes the event $_, which nothing writes"} grep { !$written{$_} } sort keys %described));
}

sub sound {
  return (
    'sql/a/f.sql' => "PERFORM gatehouse.write_event('gatehouse.thing.made', id); -- and 'audit.never'\n" .
      "PERFORM gatehouse.write_event('audit.kept'); SELECT 'gatehouse.users'::regclass;\n",
    'src/a/f_pg.cpp' => "// \"security.never\"\nreport(\"security.broken\");\n",
    'doc/audit.md' => "| event_type | when |\n|---|---|\n| `gatehouse.thing.made` | `audit.other` |\n| `audit.kept`, `security.broken` | x |\n",
  );
}

sub planted {
  return (
    {files => {'sql/a/g.sql' => "write_event('gatehouse.thing.lost')"}, caught => qr{^sql/a/g\.sql: .* gatehouse\.thing\.lost$}m},
    {files => {'src/a/g_pg.cpp' => 'report("security.seen")'}, caught => qr{^src/a/g_pg\.cpp: .* security\.seen$}m},
    {files => {'src/a/f_pg.cpp' => ''}, caught => qr/describes the event security\.broken, which nothing writes/},
    {files => {'doc/audit.md' => "| `audit.kept`, `security.broken` | `gatehouse.thing.made` |\n"}, caught => qr/does not describe the event gatehouse\.thing\.made/},
  );
}

1;
