package rule::sql_parts;
use strict;
use warnings;
use FindBin;

sub rule { 'the install script of the current SQL version is the sum of sql/<domain>/*.sql, each part once' }
sub mend { 'Name the part in SQL_PARTS (make/sql.mk), run `make sql` and commit sql/gatehouse--<version>.sql with it.' }

sub violations {
  my ($class, $tree) = @_;
  my @found;
  my ($body) = $tree->text('make/sql.mk') =~ /^SQL_PARTS\s*=((?:[^\n]*\\\n)*[^\n]*)/m;
  my @parts = grep { $_ ne '\\' } split ' ', $body // '';
  return 'make/sql.mk: SQL_PARTS is empty' if !@parts;
  my %count;
  $count{$_}++ for @parts;
  push @found, map {"make/sql.mk: $_ is named more than once"} grep { $count{$_} > 1 } sort keys %count;
  push @found, map {"make/sql.mk: $_ is named but not there"} grep { !$tree->has($_) } sort keys %count;
  push @found, map {"$_ is no part of the install script"} grep { !$count{$_} } $tree->paths(qr{^sql/[^/]+/.*\.sql$});
  return @found if @found;

  my ($version) = $tree->text('gatehouse.control') =~ /^default_version = '(.*)'/m;
  my $script = "sql/gatehouse--$version.sql";
  return "$script is missing" if !$tree->has($script);
  my $tool = "$FindBin::Bin/../../tools/assemble-sql";
  my $pid = open my $pipe, '-|' // die;
  if (!$pid) {
    chdir $tree->root or die;
    exec $tool, @parts or die "$tool: $!";
  }
  local $/ = undef;
  my $assembled = <$pipe> // '';
  close $pipe or push @found, "tools/assemble-sql failed";
  push @found, "$script differs from its parts" if $assembled ne $tree->text($script);
  return @found;
}

sub sound {
  my $header = qx($FindBin::Bin/../../tools/assemble-sql);
  return (
    'make/sql.mk' => "SQL_PARTS = \\\n\tsql/a/t.sql sql/a/f.sql\n",
    'gatehouse.control' => "default_version = '0.7'\n",
    'sql/a/t.sql' => "SELECT 1;\n",
    'sql/a/f.sql' => "SELECT 2;\n",
    'sql/gatehouse--0.7.sql' => "$header\n-- a/t.sql\n\nSELECT 1;\n\n-- a/f.sql\n\nSELECT 2;\n",
  );
}

sub planted {
  return (
    {files => {'sql/a/t.sql' => "SELECT 3;\n"}, caught => qr/differs from its parts/},
    {files => {'sql/a/new.sql' => ''}, caught => qr{sql/a/new\.sql is no part}},
    {files => {'sql/a/f.sql' => undef}, caught => qr{sql/a/f\.sql is named but not there}},
    {files => {'gatehouse.control' => "default_version = '0.8'\n"}, caught => qr/0\.8\.sql is missing/},
    {files => {'make/sql.mk' => "SQL_PARTS = sql/a/t.sql sql/a/f.sql sql/a/t.sql\n"}, caught => qr/more than once/},
  );
}

1;
