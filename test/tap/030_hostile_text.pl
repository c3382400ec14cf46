# Hostile text against every function that takes text from outside: thousands of inputs, each answered as the interface says.
#
# Whatever is given, the answer is a row, no row, or an error of a class that the interface names; never an internal error,
# never the end of the server. HOSTILE_SEED repeats a run, HOSTILE_ROUNDS makes it longer.
use strict;
use warnings;
use FindBin;
use lib $FindBin::RealBin;
use GatehouseNode;
use PostgreSQL::Test::Cluster;
use PostgreSQL::Test::Utils;
use Test::More;

my $seed = $ENV{HOSTILE_SEED} // 20240607;
my $rounds = $ENV{HOSTILE_ROUNDS} // 400;
srand $seed;
note "seed $seed, $rounds inputs for each function";

# The cheapest hashes there may be, and no kind dearer than they are: a hostile hash is to be refused, not computed.
my $node = GatehouseNode::node('hostile', 'gatehouse.argon2_memory' => '7MB', 'gatehouse.argon2_iterations' => 5,
  'gatehouse.argon2_memory_ceiling' => '7MB', 'gatehouse.argon2_iterations_ceiling' => 5);
my $db = GatehouseNode::database($node, 'identity');
$node->safe_psql($db, q{
  SELECT gatehouse.create_user('ada@example.com', 'ada');
  SELECT gatehouse.register_scope('read:users');
  SELECT gatehouse.create_audit_log('order.paid') FROM generate_series(1, 5);
});
my $ada = $node->safe_psql($db, q{SELECT id FROM gatehouse.get_user_by_username('ada')});
my $key_id = $node->safe_psql($db, qq{SELECT id FROM gatehouse.create_api_key('$ada', 'changed', '{read:users}')});
my %sound = (
  key => $node->safe_psql($db, qq{SELECT api_key FROM gatehouse.create_api_key('$ada', 'ci', '{read:users}')}),
  token => $node->safe_psql($db, qq{SELECT refresh_token FROM gatehouse.create_refresh_token('$ada')}),
  cursor => $node->safe_psql($db, q{SELECT "cursor" FROM gatehouse.get_audit_logs(page_size => 1)}),
  place => $node->safe_psql($db, qq{SELECT "cursor" FROM gatehouse.get_user_api_keys('$ada')}), network => '192.0.2.0/24',
  time => '2099-12-31T23:59:59.999999+14:00',
  hash => $node->safe_psql($db, q{SELECT gatehouse.hash_password('correct horse battery')}),
  email => 'grace.hopper@navy.example', username => 'grace_hopper', scope => 'read:users', event_type => 'order.paid',
  password => 'correct horse battery',
);

my @fragments = ('', ' ', "\t", "\n", "\r\n", '$', '$$', '_', '-', '.', '..', '@', '@@', ':', '*', '%', '\\', "'", '"', ';--', '{', '}',
  '{n}', '{s}', '%s%n', ',', '=', '#', '/', '+', '0', '-1', '4294967296', '18446744073709551616', '9' x 40, '1e308', 'NaN', 'null', 'sk_',
  '$argon2id$v=19$m=', ',t=', ',p=1$', '$2b$31$', '$6$rounds=999999999$', '$y$jzz$', 'pbkdf2_sha256$2147483647$', '7fffffffffffffff',
  '0000000000000000', "\x{1}", "\x{7f}", "\x{80}", "\x{ad}", "\x{df}", "\x{130}", "\x{131}", "\x{301}", "\x{301}" x 40, "\x{200b}", "\x{202e}", "\x{feff}",
  "\x{fffd}", "\x{ffff}", "\x{378}", "\x{e000}", "\x{1f600}", "\x{10ffff}", "\x{fb01}", "\x{1100}\x{1161}\x{11a8}", "\x{ff20}", "\x{ff0e}",
  '$argon2id$v=19$m=7168,t=5,p=1$' . 'A' x 22 . '$' . 'A' x 43);
my @huge = ('a' x 100_000, "\x{e9}" x 60_000, '$' x 1_000_000, ('a.' x 40_000) . '@example.com', 'a@' . ('b.' x 50_000) . 'c', "\x{301}" x 50_000);

sub pick { return $_[int rand @_] }

# A sound text of the kind, damaged; or no such text at all.
sub hostile {
  my ($kind) = @_;
  return pick(@huge) if rand() < 0.01;
  return join '', map { pick(@fragments, values %sound) } 1 .. int rand 6 if rand() < 0.3;
  my $text = $sound{$kind};
  for (1 .. 1 + int rand 3) {
    my $at = int rand(1 + length $text);
    my $size = int rand(1 + length($text) - $at);
    my $how = int rand 6;
    if ($how == 0) { substr $text, $at, 0, pick(@fragments) }
    elsif ($how == 1) { substr $text, $at, $size, '' }
    elsif ($how == 2) { substr $text, $at, 1, chr(1 + int rand 255) if $at < length $text }
    elsif ($how == 3) { $text .= substr $text, $at }
    elsif ($how == 4) { $text = pick(uc $text, lc $text, scalar reverse $text) }
    else { substr $text, $at, $size, pick(@fragments) }
  }
  return $text;
}

sub quoted {
  my ($text) = @_;
  return 'NULL' if rand() < 0.01;
  (my $doubled = $text) =~ s/(['\\])/$1$1/g;
  utf8::encode $doubled;
  return "E'$doubled'";
}

# The function, the kinds of its arguments, and what it may raise beside 22023.
my @calls = (
  ['verify_api_key(%s)', ['key']],
  ['verify_api_key(%s, ARRAY[%s])', ['key', 'scope']],
  ['check_api_key(%s, ARRAY[%s])', ['key', 'scope']],
  ['has_scope(ARRAY[%s, %s], %s)', ['scope', 'scope', 'scope']],
  ["update_api_key('$key_id', jsonb_build_object('name', %s, 'scopes', ARRAY[%s]))", ['username', 'scope']],
  ["update_api_key('$key_id', jsonb_build_object('expires_at', %s))", ['time']],
  ["update_api_key('$key_id', jsonb_build_object('ip_allow', ARRAY[%s, %s]))", ['network', 'network']],
  ['verify_refresh_token(%s)', ['token']],
  ['refresh_session(%s, NULL, %s)', ['token', 'event_type']],
  ['revoke_refresh_token(%s)', ['token']],
  ['verify_password(%s, %s)', ['password', 'hash'], '22P02'],
  ['needs_rehash(%s)', ['hash'], '22P02'],
  ['hash_password(%s)', ['password']],
  ['token_digest(%s)', ['token']],
  ['create_user(%s, %s)', ['email', 'username'], '23505'],
  ['create_user(%s, %s, %s)', ['email', 'username', 'password'], '23505'],
  ['get_user_by_email(%s)', ['email']],
  ['get_user_by_username(%s)', ['username']],
  ['get_user_by_oauth(%s, %s)', ['username', 'token']],
  ['authenticate_user(%s, %s)', ['email', 'password']],
  ['get_audit_logs(after => %s)', ['cursor'], '22P02'],
  ["get_user_api_keys('$ada', after => %s)", ['place'], '22P02'],
  ['get_audit_logs(event_type => %s)', ['event_type']],
  ['create_audit_log(%s, NULL, NULL, %s)', ['event_type', 'email']],
  ['register_scope(%s, %s)', ['scope', 'email']],
  ["create_api_key('$ada', %s, ARRAY[%s])", ['username', 'scope'], '22023'],
);

# What came of one statement is kept by the server: psql's own messages would have to be read.
$node->safe_psql($db, q{
  CREATE TABLE answer (call text, state text, message text, input text);
  CREATE FUNCTION tried(call text, statement text) RETURNS void LANGUAGE plpgsql AS $body$
  BEGIN
    EXECUTE statement;
    INSERT INTO answer VALUES (call, '00000');
  EXCEPTION WHEN OTHERS THEN
    INSERT INTO answer VALUES (call, SQLSTATE, SQLERRM, left(statement, 500));
  END $body$;
});

# A function that makes things has a limit that hostile input shall not run into.
$node->safe_psql($db, q{ALTER DATABASE identity SET gatehouse.max_api_keys_per_user = 0});

for my $call (@calls) {
  my ($form, $kinds, @states) = @$call;
  # Hashing takes a while, also at the floor.
  my $times = $form =~ /^(?:hash_password|authenticate_user|create_user\(%s, %s, %s\))/ ? 1 + $rounds / 10 : $rounds;
  my $script = '';
  for (1 .. $times) {
    my $statement = sprintf "SELECT * FROM gatehouse.$form", map { quoted(hostile($_)) } @$kinds;
    my $tag = '$t' . int(rand 1e9) . '$';
    $script .= "SELECT tried('" . ($form =~ s/'/''/gr) . "', $tag$statement$tag);\n";
  }
  my ($status, $out, $err) = $node->psql($db, $script);
  is($status, 0, "$form: the session lives") or diag substr $err, 0, 1000;
  my %allowed = map { $_ => 1 } '00000', '22023', @states;
  my $seen = $node->safe_psql($db, q{SELECT state, count(*), min(message), min(input) FROM answer WHERE call = '} . ($form =~ s/'/''/gr) . q{' GROUP BY state ORDER BY state});
  my $total = 0;
  my @wrong;
  for my $line (grep { /^[0-9A-Z]{5}\|/ } split /\n/, $seen) {
    my ($state, $count) = split /\|/, $line;
    $total += $count;
    push @wrong, $line if !$allowed{$state};
  }
  cmp_ok($total, '>=', int $times, "$form: every input was answered");
  is("@wrong", '', "$form: and as the interface says");
}

is($node->safe_psql($db, 'SELECT count(DISTINCT state) > 3 FROM answer'), 't', 'the inputs were of many kinds');

# What is not text at all is refused before any function sees it.
for my $bytes ("\\xff", "\\xc0\\x80", "\\xed\\xa0\\x80", "\\xf4\\x90\\x80\\x80", "\\x00") {
  my ($status, $out, $err) = $node->psql($db, "\\set VERBOSITY verbose\nSELECT gatehouse.verify_api_key(E'$bytes')");
  like($err, qr/ERROR:  22021/, "$bytes is no text");
}

# No message holds a credential; only a scope that is not registered is named, whatever was given for it.
is($node->safe_psql($db, "SELECT count(*) FROM answer WHERE call !~ '^create_api_key' AND (strpos(message, '$sound{key}') > 0 OR strpos(message, '$sound{token}') > 0 OR strpos(message, '$sound{hash}') > 0)"),
  '0', 'no message holds a key, a token or a hash');
unlike(slurp_file($node->logfile), qr/PANIC|terminated by signal|XX000/, 'the server never fell');

$node->stop;
done_testing();
