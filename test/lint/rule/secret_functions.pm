package rule::secret_functions;
use strict;
use warnings;

my $list = 'src/statement_text/secret_functions.h';

sub rule { "every SQL function that is given a secret stands in kSecretFunctions ($list), in order and once" }
sub mend { "Name the function in $list: a statement that calls it is logged with its secret else." }

my %secret = map { $_ => 1 } qw(password new_password old_password hashed_password passwords password_hash hash token refresh_token
  current_token token_hash api_key);

# The text without comments and with literals emptied; every line keeps its number. Bodies in dollar quotes stay: they may
# hold a CREATE FUNCTION too.
sub bare {
  my ($text) = @_;
  $text =~ s{(\bE'(?:[^'\\]|''|\\.)*' | '(?:[^']|'')*') | --[^\n]* | /\*.*?\*/}{(defined $1 ? "''" : ' ') . "\n" x ($& =~ tr/\n//)}gesx;
  return $text;
}

# The arguments of a list, parted where no parenthesis or bracket is open.
sub arguments {
  my ($inside) = @_;
  my ($depth, @found) = (0, '');
  for my $piece (split /([(),\[\]])/, $inside) {
    $depth += $piece =~ /^[(\[]$/ ? 1 : $piece =~ /^[)\]]$/ ? -1 : 0;
    if ($piece eq ',' && $depth == 0) { push @found, '' }
    else { $found[-1] .= $piece }
  }
  return @found;
}

# The name of the first argument by which a secret comes in; what only goes out is in no statement's text.
sub secret_argument {
  my ($inside) = @_;
  for my $argument (arguments($inside)) {
    my @words = split ' ', lc $argument =~ tr/"//dr;
    next if !@words || $words[0] eq 'out';
    shift @words if @words > 2 && $words[0] =~ /^(?:in|inout|variadic)$/;
    return $words[0] if $secret{$words[0]} || ($words[0] eq 'users' && ($words[1] // '') eq 'jsonb');
  }
  return undef;
}

sub violations {
  my ($class, $tree) = @_;
  my ($body) = $tree->text($list) =~ /\bkSecretFunctions\[\]\s*=\s*\{(.*?)\}/s;
  return "$list: has no kSecretFunctions" if !defined $body;
  $body =~ s{//[^\n]*}{}g;
  my @names = $body =~ /"([^"]*)"/g;
  my @found;
  for my $i (1 .. $#names) {
    push @found, "$list: $names[$i] is named more than once" if $names[$i] eq $names[$i - 1];
    push @found, "$list: $names[$i] stands behind $names[$i - 1]" if $names[$i] lt $names[$i - 1];
  }
  push @found, map {"$list: $_ is not in lower case"} grep { $_ ne lc } @names;
  my %named = map { $_ => 1 } @names;
  for my $path ($tree->paths(qr{^sql/[^/]+/[^/]+\.sql$})) {
    my $text = bare($tree->text($path));
    while ($text =~ /\bCREATE\s+(?:OR\s+REPLACE\s+)?(?:FUNCTION|PROCEDURE)\s+/gi) {
      my $line = 1 + (substr($text, 0, $-[0]) =~ tr/\n//);
      if ($text !~ /\G(?:"?gatehouse"?\s*\.\s*)?"?(\w+)"?\s*(\((?:[^()]++|(?2))*+\))/gci) {
        push @found, "$path:$line: a function whose arguments cannot be read";
        next;
      }
      my ($function, $argument) = (lc $1, secret_argument(substr $2, 1, -1));
      next if !defined $argument || $named{$function};
      push @found, "$path:$line: $function is given $argument and is not in kSecretFunctions";
    }
  }
  return @found;
}

sub listing { return join '', "inline constexpr std::string_view kSecretFunctions[] = {\n", (map {"    \"$_\",\n"} @_), "};\n" }

sub sound {
  return (
    $list => "// In order: kSecretFunctions.\n" . listing(qw(check create_users in_no_sql_yet verify)),
    'sql/a/f.sql' => <<'END',
-- CREATE FUNCTION gatehouse.unwritten(password text)
CREATE FUNCTION gatehouse.check(hash text, password text DEFAULT 'a, b)') RETURNS boolean LANGUAGE sql AS 'SELECT true';
CREATE PROCEDURE gatehouse.verify(id uuid, /* , */ INOUT token text);
CREATE FUNCTION gatehouse.create_users(users jsonb) RETURNS void;
CREATE FUNCTION gatehouse.make(OUT api_key text, OUT token text);
CREATE FUNCTION gatehouse.count(users integer, kind text DEFAULT lower('password'), n numeric(3, 1), password_count integer);
CREATE FUNCTION gatehouse.escaped(kind text DEFAULT E'it\'s', n integer);
CREATE FUNCTION gatehouse.none();
END
  );
}

sub planted {
  my $create = sub {
    my ($arguments, $argument) = @_;
    return {files => {'sql/a/new.sql' => "\nCREATE FUNCTION gatehouse.new(\n  $arguments\n) RETURNS text\n"},
      caught => qr/^sql\/a\/new\.sql:2: new is given $argument and is not/};
  };
  return (
    (map { $create->("id uuid DEFAULT f(1, 2), -- (the\n  $_ text", $_) } sort keys %secret),
    $create->('users jsonb', 'users'),
    $create->('VARIADIC passwords text[]', 'passwords'),
    $create->('n numeric(3, 1), IN "password" text', 'password'),
    $create->("kind text DEFAULT 'it''s (', INOUT token text", 'token'),
    {files => {'sql/a/p.sql' => 'create procedure p(api_key text)'}, caught => qr/p\.sql:1: p is given api_key/},
    {files => {$list => listing(qw(create_users verify))}, caught => qr/f\.sql:2: check is given hash/},
    {files => {'sql/a/p.sql' => 'CREATE FUNCTION gatehouse.open(n integer;'}, caught => qr/p\.sql:1: .* cannot be read/},
    {files => {$list => listing('check', '"create_users', 'verify') =~ s/""/\/\/ "/r}, caught => qr/create_users is given users/},
    {files => {$list => listing(qw(check verify create_users))}, caught => qr/create_users stands behind verify/},
    {files => {$list => listing(qw(check check create_users verify))}, caught => qr/check is named more than once/},
    {files => {$list => listing(qw(Check check create_users verify))}, caught => qr/Check is not in lower case/},
    {files => {$list => undef}, caught => qr/has no kSecretFunctions/},
  );
}

1;
