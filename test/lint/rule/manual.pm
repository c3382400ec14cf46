package rule::manual;
use strict;
use warnings;

sub rule { 'the manual names every function and setting that a user may use, and no setting that is not there' }

sub mend {
  return 'Describe the function in doc/<domain>.md, or begin its COMMENT with "internal"; give each setting of ' .
    'src/boundary/settings_pg.cpp its row in doc/settings.md.';
}

my $user = qr/\bgatehouse_(?:app|admin|auditor)\b/;

sub violations {
  my ($class, $tree) = @_;
  my $manual = join "\n", map { $tree->text($_) } $tree->paths(qr{^doc/.*\.md$});
  my @found;
  for my $path ($tree->paths(qr{^sql/[^/]+/.*\.sql$})) {
    my $text = $tree->text($path);
    my %internal = map { $_ => 1 } $text =~ /^COMMENT ON FUNCTION gatehouse\.(\w+)\([^)]*\) IS\s+'internal\b/gm;
    while ($text =~ /^GRANT EXECUTE ON FUNCTION gatehouse\.(\w+)\([^)]*\)\s+TO ([^;]*);/gm) {
      my ($name, $to) = ($1, $2);
      push @found, "$path: the manual does not name $name" if $to =~ $user && !$internal{$name} && $manual !~ /`\Q$name\E[`(]/;
    }
  }
  my %defined = map { $_ => 1 } $tree->text('src/boundary/settings_pg.cpp') =~ /"gatehouse\.(\w+)"/g;
  my %described = map { $_ => 1 } $tree->text('doc/settings.md') =~ /^\| `(\w+)` \|/gm;
  push @found, map {"doc/settings.md has no row for $_"} grep { !$described{$_} } sort keys %defined;
  push @found, map {"doc/settings.md describes $_, which is no setting"} grep { !$defined{$_} } sort keys %described;
  return @found;
}

sub sound {
  return (
    'sql/a/f.sql' => "COMMENT ON FUNCTION gatehouse.f(text) IS\n  'gives';\nGRANT EXECUTE ON FUNCTION gatehouse.f(text)\n" .
      "  TO gatehouse_app;\nCOMMENT ON FUNCTION gatehouse.g() IS 'internal: x';\nGRANT EXECUTE ON FUNCTION gatehouse.g() TO gatehouse_app;\n" .
      "COMMENT ON FUNCTION gatehouse.h() IS 'x';\nGRANT EXECUTE ON FUNCTION gatehouse.h() TO gatehouse_owner;\n",
    'src/boundary/settings_pg.cpp' => "define_int(\"gatehouse.most\", 1);\n",
    'doc/a.md' => "Call `f(text)`.\n",
    'doc/settings.md' => "| setting |\n|---|\n| `most` | 1 |\n",
  );
}

sub planted {
  return (
    {files => {'doc/a.md' => "Call f.\n"}, caught => qr{sql/a/f\.sql: the manual does not name f$}m},
    {files => {'sql/a/i.sql' => "GRANT EXECUTE ON FUNCTION gatehouse.i() TO gatehouse_owner, gatehouse_auditor;\n"}, caught => qr/does not name i/},
    {files => {'doc/settings.md' => "| `least` | 1 |\n"}, caught => qr/no row for most.*least, which is no setting/s},
    {files => {'src/boundary/settings_pg.cpp' => "x(\"gatehouse.most\"); y(\"gatehouse.other\");\n"}, caught => qr/no row for other/},
  );
}

1;
