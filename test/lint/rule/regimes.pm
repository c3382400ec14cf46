package rule::regimes;
use strict;
use warnings;

sub rule { 'the core knows nothing of PostgreSQL, the edge owns nothing, and one place raises' }

sub mend {
  return <<'END'
What touches PostgreSQL goes into a file named *_pg.cpp or *_pg.h. There, locals own nothing, since PostgreSQL may leave
any frame by longjmp: work that needs owners goes into the core, entered by run_core. Errors are raised by
gatehouse::raise() with a fault of boundary/outcome.h. Nothing in the library starts threads, ends the process, handles
signals or prints.
END
}

my @edge = (
  [qr/\bstd::(?:(?:basic_|w|u8|u16|u32)?string|vector|deque|list|forward_list|(?:unordered_)?(?:multi)?(?:map|set)|unique_ptr|
        shared_ptr|function|any|lock_guard|unique_lock|scoped_lock|\w*stringstream|to_string)\b(?!\s*::\s*npos)/x,
    'owns memory or a lock'],
  [qr/\b(?:try|catch|throw)\b/, 'exceptions stay in the core'],
  [qr/\b(?:PG_TRY|PG_CATCH|PG_FINALLY|sigsetjmp|siglongjmp|setjmp|longjmp)\b/, 'no state is put back by a PG_TRY'],
);
my @everywhere = (
  [qr/\bstd::(?:j?thread|async|mutex|cout|cerr|clog|cin)\b|\bpthread_\w+|\bthread_local\b/, 'threads and streams'],
  [qr/[#]\s*include\s*<(?:iostream|thread|mutex|future|fstream|sstream|csetjmp|setjmp\.h|csignal|signal\.h)>/, 'header'],
  [qr/(?<![\w.>:])(?:std::)?(?:exit|_exit|quick_exit|abort|terminate|signal|sigaction|fork)\s*\(/, 'the process is the server\'s'],
  [qr/\bstatic\s+(?:const\s+)?(?:thread_local\s+)?std::(?:string|vector|map|set|unordered_\w+|unique_ptr|shared_ptr|function)\b/,
    'static with a destructor'],
);
my $raises = qr/\b(?:ereport|elog|ereport_domain)\s*\(\s*(?:ERROR|FATAL|PANIC)\b/;

sub violations {
  my ($class, $tree) = @_;
  my @found;
  my $report = sub {
    my ($path, $pattern, $what) = @_;
    push @found, map { "$path:$_->[0]: $_->[1] ($what)" } Tree::matches($tree->code($path), $pattern);
  };
  for my $path ($tree->paths(qr{^src/.*\.(?:cpp|h)$})) {
    $report->($path, @$_) for @everywhere;
    $report->($path, $raises, 'only src/boundary/raise_pg.cpp raises') if $path ne 'src/boundary/raise_pg.cpp';
    if ($path =~ /_pg\.(?:cpp|h)$/) {
      $report->($path, @$_) for @edge;
      next;
    }
    $report->($path, qr/\bcatch\b/, 'the one catch-all is run_core') if $path !~ m{^src/boundary/run_core\.};
    for my $include (Tree::matches($tree->code($path), qr/^[ \t]*#[ \t]*include\s*["<][^">]+[">]/m)) {
      my ($quote, $header) = $include->[1] =~ /(["<])([^">]+)/;
      next if $quote eq '<' && $header !~ m{^(?:postgres|server/|libpq|pg_)|/postgresql/};
      next if $quote eq '"' && $header !~ /_pg\.h$/ && $tree->has("src/$header");
      push @found, "$path:$include->[0]: $header (the core includes no header of PostgreSQL or of the edge)";
    }
  }
  return @found;
}

sub sound {
  return (
    'src/boundary/raise_pg.cpp' => "#include \"boundary/server_pg.h\"\nvoid raise() { ereport(ERROR, (errmsg(\"x\"))); }\n",
    'src/boundary/server_pg.h' => "extern \"C\" {\n#include \"postgres.h\"\n}\n",
    'src/boundary/run_core.h' => "// throw, catch\nint f() { try { return 1; } catch (...) { return 2; } }\n",
    'src/crypto/token.h' => "#include <string>\n",
    'src/crypto/token.cpp' => "#include \"crypto/token.h\"\nstd::string s() { return {\"ereport(ERROR\"}; }\n",
    'src/crypto/token_pg.cpp' => "#include \"boundary/server_pg.h\"\n#include \"utils/inet.h\"\n" .
      "// no std::string, no try here\nstd::string_view v(const char* text) { ereport(LOG, (errmsg(\"std::vector\"))); return text; }\n",
  );
}

sub planted {
  my $edge = sub { {files => {'src/crypto/edge_pg.cpp' => "\n$_[0]\n"}, caught => qr/^src\/crypto\/edge_pg\.cpp:2: .*$_[1]/m} };
  my $core = sub { {files => {'src/crypto/core.cpp' => "\n$_[0]\n"}, caught => qr/^src\/crypto\/core\.cpp:2: .*$_[1]/m} };
  return (
    $core->('#include "postgres.h"', qr/header of PostgreSQL/),
    $core->('#include "boundary/server_pg.h"', qr/header of PostgreSQL/),
    $core->('#include <postgres.h>', qr/header of PostgreSQL/),
    $core->('int f() { try { g(); } catch (int) {} }', qr/catch-all/),
    $core->('std::thread t;', qr/threads/),
    $core->('#include <iostream>', qr/header/),
    $core->('void f() { exit(1); }', qr/process/),
    $core->('void f() { signal(SIGINT, g); }', qr/process/),
    $core->('static std::string text;', qr/destructor/),
    $edge->('void f() { std::string text; }', qr/owns/),
    $edge->('void f() { std::vector<int> all; }', qr/owns/),
    $edge->('void f() { std::unique_ptr<int> one; }', qr/owns/),
    $edge->('void f() { std::lock_guard g(m); }', qr/owns/),
    $edge->('std::function<void()> g;', qr/owns/),
    $edge->('void f() { try { g(); } catch (...) {} }', qr/exceptions/),
    $edge->('void f() { throw 1; }', qr/exceptions/),
    $edge->('void f() { PG_TRY(); g(); PG_END_TRY(); }', qr/PG_TRY/),
    $edge->('int f() { return sigsetjmp(b, 0); }', qr/PG_TRY/),
    $edge->('void f() { ereport(ERROR, (errmsg(""))); }', qr/raises/),
    $edge->("void f() { elog( ERROR, \"\"); }", qr/raises/),
    $edge->("void f() { ereport(\n  FATAL, (errmsg(\"\"))); }", qr/raises/),
  );
}

1;
