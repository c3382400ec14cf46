package rule::sql_style;
use strict;
use warnings;

sub rule { 'an install script replaces nothing and is content with nothing that was there before' }
sub mend { 'Write CREATE without OR REPLACE and without IF NOT EXISTS: an object made beforehand by somebody else would be captured.' }

sub violations {
  my ($class, $tree) = @_;
  my @found;
  for my $path ($tree->paths(qr{^sql/.*\.sql$})) {
    (my $text = $tree->text($path)) =~ s/--[^\n]*//g;
    push @found, map {"$path:$_->[0]: $_->[1]"} Tree::matches($text, qr/\bOR\s+REPLACE\b/i),
      Tree::matches($text, qr/\b(?:TABLE|INDEX|SCHEMA|SEQUENCE|COLUMN|VIEW|EXTENSION|TYPE|CONCURRENTLY)\s+IF\s+NOT\s+EXISTS\b/i);
  }
  return @found;
}

sub sound {
  return ('sql/a/t.sql' => "-- no OR REPLACE\nCREATE TABLE t ();\nDO \$\$ BEGIN IF NOT EXISTS (SELECT) THEN NULL; END IF; END \$\$;\n");
}

sub planted {
  return (
    {files => {'sql/a/f.sql' => "CREATE or  replace FUNCTION f() ...\n"}, caught => qr/f\.sql:1: or replace/},
    {files => {'sql/a/f.sql' => "\nCREATE TABLE IF NOT EXISTS t ();\n"}, caught => qr/f\.sql:2: TABLE IF NOT/},
  );
}

1;
