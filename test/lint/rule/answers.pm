package rule::answers;
use strict;
use warnings;

sub rule { 'each test of pg_regress has an answer, each answer a test' }
sub mend { 'test/sql/<name>.sql goes with expected/<name>.out; pg_regress runs a file directly in sql/ of the same name instead.' }

sub violations {
  my ($class, $tree) = @_;
  my %test = map { m{([^/]+)\.sql$} => 1 } $tree->paths(qr{^test/sql/[^/]+\.sql$});
  my %answer = map { m{([^/]+?)(?:_\d)?\.out$} => 1 } $tree->paths(qr{^expected/[^/]+\.out$});
  return ((map {"test/sql/$_.sql has no answer"} grep { !$answer{$_} } sort keys %test),
    (map {"expected/$_.out has no test"} grep { !$test{$_} } sort keys %answer),
    (map {"sql/$_.sql bears the name of a test"} grep { $tree->has("sql/$_.sql") } sort keys %test));
}

sub sound { return map { $_ => '' } qw(test/sql/a.sql expected/a.out expected/a_1.out sql/gatehouse--1.sql) }

sub planted {
  return (
    {files => {'test/sql/b.sql' => ''}, caught => qr/b\.sql has no answer/},
    {files => {'expected/b.out' => ''}, caught => qr/b\.out has no test/},
    {files => {'sql/a.sql' => ''}, caught => qr/bears the name/},
  );
}

1;
