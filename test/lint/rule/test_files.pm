package rule::test_files;
use strict;
use warnings;

sub rule { 'every file below test/ is run by a suite or used by one, and every suite is run' }

sub mend {
  return 'Name a test as its suite finds it (CONTRIBUTING.md, Tests), give it what must stand beside it, and name a file that is ' .
    'only used where it is used. A suite is in SUITES of make/test.mk and, in the same order, three times in test/run; majors is one of tools/matrix.';
}

# How the suites find what they run.
my $run = qr{^test/(?:
    unit/[^/]+/[^/]+_test\.cpp
  | fuzz/[^/]+_fuzz\.cpp
  | lint/[^/]+\.t
  | lint/rule/[^/]+\.pm
  | sql/[^/]+\.sql
  | pgtap/.+\.sql
  | (?:tap|catalog|upgrade|majors)/[^/]+\.pl
  | catalog/lint/[^/]+\.sql
  | isolation/specs/[^/]+\.spec
)$}x;

# What a file must have beside it: a pattern, and paths made of what it captured.
my @beside = (
  [qr{^test/fuzz/([^/]+)_fuzz\.cpp$}, 'test/fuzz/corpus/%s/', 'test/fuzz/planted/%s.sed'],
  [qr{^test/fuzz/planted/([^/]+)\.sed$}, 'test/fuzz/%s_fuzz.cpp'],
  [qr{^test/fuzz/corpus/([^/]+)/}, 'test/fuzz/%s_fuzz.cpp'],
  [qr{^test/catalog/lint/([^/]+)\.sql$}, 'test/catalog/planted/%s.sql'],
  [qr{^test/catalog/planted/([^/]+)\.sql$}, 'test/catalog/lint/%s.sql'],
  [qr{^test/isolation/specs/([^/]+)\.spec$}, 'test/isolation/expected/%s.out', 'test/isolation/planted/%s.sql'],
  [qr{^test/isolation/planted/([^/]+)\.sql$}, 'test/isolation/specs/%s.spec'],
  [qr{^test/isolation/expected/([^/]+?)(?:_\d)?\.out$}, 'test/isolation/specs/%s.spec'],
);

sub violations {
  my ($class, $tree) = @_;
  my @found = suites($tree);
  my @users = grep { !m{^test/fuzz/corpus/|\.dump\.sql$} } $tree->paths(qr{^(?:test/|make/|tools/|CMakeLists\.txt$)});
  for my $path ($tree->paths(qr{^test/})) {
    my $beside = 0;
    for my $rule (@beside) {
      my ($pattern, @needed) = @$rule;
      my ($name) = $path =~ $pattern or next;
      $beside = 1;
      for my $needed (map { sprintf $_, $name } @needed) {
        my $there = $needed =~ m{/$} ? $tree->paths(qr{^\Q$needed\E.}) : $tree->has($needed);
        push @found, "$path: $needed is not there" if !$there;
      }
    }
    next if $beside || $path =~ $run || $path eq 'test/run';
    # Of versions there are several: what is named is the kind of the file. Modules and what is compiled are named without an ending.
    (my $name = $path) =~ s{^.*/(?:\d+\.\d+\.)?}{};
    $name =~ s{\.(?:pm|cpp|control)$|--\d.*$}{};
    push @found, "$path: no suite runs it, and nothing names it"
      if !grep { $_ ne $path && $tree->text($_) =~ /(?<!\w)\Q$name\E(?!\w)/ } @users;
  }
  return @found;
}

sub suites {
  my ($tree) = @_;
  my ($made) = $tree->text('make/test.mk') =~ /^SUITES = (.*)$/m or return 'make/test.mk: it has no SUITES';
  my $script = $tree->text('test/run');
  my ($all) = $script =~ /\|\| set -- (.*)$/m;
  my ($known) = $script =~ /^ *((?:\w+ \| )*\w+)\) ;;$/m;
  my %list = ('what it runs by default' => $all // '', 'what it knows' => join(' ', split / \| /, $known // ''));
  my @found = map {"test/run: $_ is not SUITES of make/test.mk"} grep { $list{$_} ne $made } sort keys %list;
  push @found, map {"test/run: no function is named $_"} grep { $script !~ /^$_\(\) \{/m } split ' ', $made;
  push @found, map {"make/test.mk: test-$_ is not told by make help"} grep { $tree->text('make/test.mk') !~ /^test-$_\b.*## /m } split ' ', $made;
  push @found, 'make/test.mk: test does not run SUITES' if $tree->text('make/test.mk') !~ /^test:.*\n\ttest\/run \$\(SUITES\)$/m;
  push @found, 'tools/matrix: majors is none of its suites' if $tree->text('tools/matrix') !~ /^suites='[^']*\bmajors\b/m;
  return @found;
}

sub sound {
  return (
    'make/test.mk' => "SUITES = unit lint\ntest: setup ## all\n\ttest/run \$(SUITES)\ntest-unit: ## the core\ntest-lint lint: ## rules\n",
    'test/run' => "[ \$# -gt 0 ] || set -- unit lint\nunit() {\n}\nlint() {\n}\n    unit | lint) ;;\nwork=data/\$version.check.sql\n",
    'tools/matrix' => "suites='unit majors'\n", 'test/majors/a.pl' => '',
    'test/unit/a/b_test.cpp' => '', 'test/unit/main.cpp' => '', 'CMakeLists.txt' => 'test/unit/main.cpp',
    'test/lint/a.t' => "use Names;\n", 'test/lint/Names.pm' => '', 'test/pgtap/a/b.sql' => "\\ir ../role.psql\n",
    'test/pgtap/role.psql' => '', 'test/upgrade/1.2.check.sql' => '',
    'test/fuzz/a_fuzz.cpp' => '', 'test/fuzz/corpus/a/seed' => '', 'test/fuzz/planted/a.sed' => '',
    'test/catalog/lint/a.sql' => '', 'test/catalog/planted/a.sql' => '',
    'test/isolation/specs/a.spec' => '', 'test/isolation/expected/a.out' => '', 'test/isolation/planted/a.sql' => '',
  );
}

sub planted {
  my $unused = sub { {files => {$_[0] => ''}, caught => qr/^\Q$_[0]\E: no suite runs it, and nothing names it$/m} };
  my %sound = sound();
  my $changed = sub {
    my ($path, $from, $to, $caught) = @_;
    (my $text = $sound{$path}) =~ s/\Q$from\E/$to/ or die;
    return {files => {$path => $text}, caught => $caught};
  };
  return (
    $unused->('test/unit/a/c.cpp'), $unused->('test/unit/c_test.cpp'), $unused->('test/lint/c.pl'), $unused->('test/tap/001_c.t'),
    $unused->('test/pgtap/a/c.pgtap'), $unused->('test/sql/more/c.sql'), $unused->('test/isolation/c.spec'),
    $unused->('test/more/Peers.pm'), $unused->('test/upgrade/1.2.write.sql'),
    {files => {'test/fuzz/corpus/a/seed' => undef}, caught => qr{a_fuzz\.cpp: test/fuzz/corpus/a/ is not there}},
    {files => {'test/fuzz/planted/a.sed' => undef}, caught => qr{a_fuzz\.cpp: test/fuzz/planted/a\.sed is not there}},
    {files => {'test/fuzz/corpus/b/seed' => ''}, caught => qr{seed: test/fuzz/b_fuzz\.cpp is not there}},
    {files => {'test/catalog/planted/a.sql' => undef}, caught => qr{planted/a\.sql is not there}},
    {files => {'test/catalog/planted/b.sql' => ''}, caught => qr{lint/b\.sql is not there}},
    {files => {'test/isolation/planted/a.sql' => undef}, caught => qr{planted/a\.sql is not there}},
    {files => {'test/isolation/expected/b.out' => ''}, caught => qr{specs/b\.spec is not there}},
    $changed->('make/test.mk', 'test/run $(SUITES)', 'test/run unit', qr/test does not run SUITES/),
    $changed->('make/test.mk', 'SUITES = unit', 'SUITES = fuzz unit', qr/by default is not SUITES.*no function is named fuzz.*test-fuzz is not told/s),
    $changed->('test/run', 'set -- unit lint', 'set -- lint', qr/what it runs by default is not SUITES/),
    $changed->('test/run', 'unit | lint', 'unit', qr/what it knows is not SUITES/),
    $changed->('tools/matrix', ' majors', '', qr/majors is none of its suites/),
    $changed->('test/run', 'lint() {', 'lints() {', qr/no function is named lint/),
  );
}

1;
