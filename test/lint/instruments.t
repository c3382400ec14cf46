# What judges the instrumented runs is awake: the summary of the coverage to sources that no test touches, the judge of
# memcheck's reports to errors of ours.
use strict;
use warnings;
use FindBin;
use File::Path qw(make_path);
use File::Temp qw(tempdir);
use Test::More;

my $here = "$FindBin::Bin/../instrumentation";

sub put {
  my ($path, $text) = @_;
  open my $file, '>', $path or die "$path: $!";
  print $file $text;
  close $file or die "$path: $!";
}

# What a program prints, and whether it was content.
sub said {
  open my $pipe, '-|', @_ or die "$_[0]: $!";
  local $/ = undef;
  my $text = <$pipe> // '';
  return ($text, close $pipe);
}

SKIP: {
  skip 'there is no gcov', 8 if grep { system("$_ --version >/dev/null 2>&1") } 'gcov', 'g++';
  my $tree = tempdir(CLEANUP => 1);
  make_path("$tree/src/a", "$tree/build");
  put("$tree/src/a/called.cpp", "int called(int x) {\n  if (x > 1) {\n    return 1;\n  }\n  return 0;\n}\nint forgotten() { return 2; }\n");
  put("$tree/src/a/main.cpp", "int called(int);\nint main() { return called(1); }\n");
  my $build = sub {
    system("cd '$tree/build' && rm -f * && g++ --coverage -c " . join(' ', map {"'$tree/src/a/$_.cpp'"} @_) .
      " && g++ --coverage *.o -o program && ./program") == 0 or die "the build failed\n";
    return said("$here/summarize_coverage", $tree, "$tree/build");
  };
  my ($text, $content) = $build->(qw(called main));
  ok($content, 'the summary is content where each source was run') or diag($text);
  like($text, qr{ 60\.0 %  +3 of +5  src/a/called\.cpp$}m, 'it counts the lines that were run');
  like($text, qr{^never called: src/a/called\.cpp:7: forgotten\(\)$}m, 'it names a function that nothing called');
  unlike($text, qr/^never called: .*called\(int\)/m, 'and no other');

  put("$tree/src/a/idle.cpp", "int idle() { return 3; }\n");
  ($text, $content) = $build->(qw(called idle main));
  ok(!$content, 'it fails where no line of a source was run');
  like($text, qr{^FAILED: no line of src/a/idle\.cpp was run$}m, 'and says which');
  ($text, $content) = $build->(qw(called main));
  ok(!$content, 'it fails where a source was not built at all');
  like($text, qr{^FAILED: src/a/idle\.cpp was not counted$}m, 'and says which');
}

my $reports = tempdir(CLEANUP => 1);
my ($ours, $server) = ('/usr/lib/postgresql/15/lib/gatehouse.so', '/usr/lib/postgresql/15/bin/postgres');
# Frames from the innermost on: [object, function, file].
my $report = sub {
  my ($kind, @frames) = @_;
  my $stack = join '', map {
    "<frame><obj>$_->[0]</obj><fn>$_->[1]</fn>" . (defined $_->[2] ? "<file>$_->[2]</file><line>7</line>" : '') . '</frame>'
  } ['/lib/libc.so.6', 'memcpy'], @frames;
  put("$reports/1.xml", "<valgrindoutput>\n<error><kind>$kind</kind><what>Invalid read of size 4</what><stack>$stack</stack></error>\n");
  return said("$here/judge_memcheck", "$reports/1.xml");
};
my ($text, $content) = $report->('InvalidRead', [$server, 'palloc'], [$ours, 'f', 'core.cpp'], [$server, 'main']);
ok(!$content, 'the judge of memcheck fails on an error with a frame of ours');
like($text, qr/Invalid read of size 4\n +memcpy .*\n +palloc .*\n +f core\.cpp:7$/m, 'and prints it with its frames');
($text, $content) = $report->('InvalidRead', [$server, 'main']);
ok($content, "an error of the server's own is let pass");
like($text, qr/0 errors with a frame in gatehouse\.so, 1 without/, 'and counted');
my $hook = [$ours, 'at_run', 'activity_hooks_pg.cpp'];
($text, $content) = $report->('InvalidRead', [$server, 'ExecutorRun'], $hook, [$server, 'main']);
ok($content, 'so is one that was only called by a hook of ours');
($text, $content) = $report->('InvalidRead', $hook, [$server, 'main']);
ok(!$content, "one that is the hook's is not");
($text, $content) = $report->('InvalidRead', [$server, 'palloc'], [$ours, 'masked_copy', 'concern_pg.cpp'], $hook);
ok(!$content, 'nor is one of what a hook calls');
($text, $content) = $report->('Leak_PossiblyLost', [$server, 'palloc'], [$ours, 'f', 'core.cpp']);
ok($content, 'a leak is not judged');
like($text, qr/0 errors with a frame in gatehouse\.so, 0 without/, 'nor counted');
done_testing();
