package rule::sql_style;
use strict;
use warnings;

sub rule { 'an install script replaces nothing, an upgrade only what was there, neither is content with what somebody made before, and means the same in any session' }
sub mend { 'Write CREATE without OR REPLACE and without IF NOT EXISTS: an object made beforehand by somebody else would be captured. Write a backslash in E\'\' strings only: bodies are parsed under the caller\'s standard_conforming_strings.' }

sub violations {
  my ($class, $tree) = @_;
  my @found;
  for my $path ($tree->paths(qr{^sql/.*\.sql$})) {
    (my $text = $tree->text($path)) =~ s/--[^\n]*//g;
    # An upgrade may replace what the version that it starts from has: the members of the extension and nothing else.
    if ($path =~ m{^sql/gatehouse--((?:(?!--).)+)--}) {
      my $start = $tree->text("sql/gatehouse--$1.sql");
      $text =~ s{\bOR\s+REPLACE(\s+(\w+)\s+(gatehouse\.\w+)\b)}{my ($all, $object, $kind, $name) = ($&, $1, $2, $3); $start =~ /^CREATE $kind \Q$name\E\b/m ? $object : $all}ge;
    }
    push @found, map {"$path:$_->[0]: $_->[1]"} Tree::matches($text, qr/\bOR\s+REPLACE\b/i),
      Tree::matches($text, qr/\b(?:TABLE|INDEX|SCHEMA|SEQUENCE|COLUMN|VIEW|EXTENSION|TYPE|CONCURRENTLY)\s+IF\s+NOT\s+EXISTS\b/i);
    # E'' strings go, plain ones stay; both are read in turn, so that a quote within one begins no other.
    $text =~ s{(\bE'(?:[^'\\]|''|\\.)*') | ('(?:[^']|'')*')}{defined $1 ? "''" . "\n" x ($1 =~ tr/\n//) : $2}gesx;
    push @found, map {"$path:$_->[0]: $_->[1]"} grep {$_->[1] =~ /\\/} Tree::matches($text, qr/'(?:[^']|'')*'/);
  }
  return @found;
}

sub sound {
  return (
    'sql/a/e.sql' => "SELECT E'\\\\d', 'it''s', E'it\\'s', 'plain';\n",
    'sql/gatehouse--0.1.sql' => "CREATE FUNCTION gatehouse.f() ...\n",
    'sql/gatehouse--0.1--0.2.sql' => "CREATE OR REPLACE FUNCTION gatehouse.f() ...\n",
    'sql/a/t.sql' => "-- no OR REPLACE\nCREATE TABLE t ();\nDO \$\$ BEGIN IF NOT EXISTS (SELECT) THEN NULL; END IF; END \$\$;\n",
  );
}

sub planted {
  return (
    {files => {'sql/a/f.sql' => "CREATE or  replace FUNCTION f() ...\n"}, caught => qr/f\.sql:1: or replace/},
    {files => {'sql/gatehouse--0.1--0.2.sql' => "CREATE OR REPLACE FUNCTION gatehouse.more() ...\n"}, caught => qr/0\.2\.sql:1: OR REPLACE/},
    {files => {'sql/gatehouse--0.1--0.2.sql' => "CREATE OR REPLACE VIEW gatehouse.f AS ...\n"}, caught => qr/0\.2\.sql:1: OR REPLACE/},
    {files => {'sql/a/f.sql' => "\nCREATE TABLE IF NOT EXISTS t ();\n"}, caught => qr/f\.sql:2: TABLE IF NOT/},
    {files => {'sql/a/b.sql' => "SELECT E'\\\\d';\nSELECT 'it''s' ~ '\\d';\n"}, caught => qr/b\.sql:2: '\\d'/},
  );
}

1;
