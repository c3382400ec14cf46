package rule::signatures;
use strict;
use warnings;

sub rule { 'every function that SQL calls has its SQL signature above it and is named after its domain' }

sub mend {
  return "Write `// name(argument type, ...) \xe2\x86\x92 type`, or the OUT arguments, right above " .
    '`extern "C" Datum gatehouse_<domain>_<verb>(PG_FUNCTION_ARGS)`.';
}

# Whether the comment that ends the lines begins with a signature.
sub signed {
  my @comment;
  unshift @comment, pop @_ while @_ && $_[-1] =~ m{^// };
  return @comment && $comment[0] =~ m{^// \w+\(} && "@comment" =~ m{\bOUT \w|\) \xe2\x86\x92 \S};
}

sub violations {
  my ($class, $tree) = @_;
  my @found;
  for my $path ($tree->paths(qr{^src/.*\.cpp$})) {
    my ($domain) = $path =~ m{^src/([^/]+)/};
    my @lines = split /\n/, $tree->text($path);
    for my $i (grep { $lines[$_] =~ /\bDatum\s+\w+\(PG_FUNCTION_ARGS\)(?!;)/ } 0 .. $#lines) {
      my ($name) = $lines[$i] =~ /Datum\s+(\w+)\(/;
      push @found, "$path:" . ($i + 1) . ": $name has no SQL signature above it"
        if !signed(@lines[0 .. $i - 1]);
      push @found, "$path:" . ($i + 1) . ": $name is not named gatehouse_${domain}_..." if $name !~ /^gatehouse_${domain}_\w+$/;
    }
  }
  return @found;
}

sub sound {
  return ('src/crypto/a_pg.cpp' => "// f(a text) \xe2\x86\x92 text\nextern \"C\" Datum gatehouse_crypto_f(PG_FUNCTION_ARGS) {\n");
}

sub planted {
  return (
    {files => {'src/crypto/b_pg.cpp' => "\nextern \"C\" Datum gatehouse_crypto_g(PG_FUNCTION_ARGS) {\n"}, caught => qr/b_pg\.cpp:2: .*no SQL sig/},
    {files => {'src/audit/b_pg.cpp' => "// g() \xe2\x86\x92 text\nextern \"C\" Datum gatehouse_crypto_g(PG_FUNCTION_ARGS) {\n"},
      caught => qr/not named gatehouse_audit/},
  );
}

1;
