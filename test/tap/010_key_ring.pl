# The key ring: what is made under a key, what a turned ring still knows, and what a broken one refuses.
use strict;
use warnings;
use FindBin;
use lib $FindBin::Bin;
use GatehouseNode;
use PostgreSQL::Test::Utils;
use Test::More;

my $node = GatehouseNode::node('key_ring', key_ring => undef);
my $database = GatehouseNode::database($node, 'key_ring');
my $ring = $node->basedir . '/keyring';
my %key = map { $_ => sprintf('%02x', $_) x 32 } 1 .. 3;

sub sql { return $node->safe_psql($database, join ';', @_) }

# SQLSTATE, message and hint of a statement that fails.
sub refusal {
  my ($statement) = @_;
  my ($status, $out, $error) = $node->psql($database, "\\set VERBOSITY verbose\n$statement");
  return {status => $status, out => $out, error => $error};
}

# Writes a ring of these lines.
sub put_ring {
  my ($mode, @lines) = @_;
  unlink $ring;
  append_to_file($ring, join '', @lines);
  chmod $mode, $ring or die "chmod: $!";
}

sub key_line { return "$_[0] $key{$_[0]}\n" }

# Without a ring.
my $plain = sql(q{SELECT gatehouse.token_digest('abc')});
is($plain, '\xbddd813c634239723171ef3fee98579b94964e3bb1cb3e427262c8c068d52319',
  'without a ring a digest is BLAKE2b-256');
my $user = sql(q{SELECT id FROM gatehouse.create_user('ada@example.com', 'ada')});
my $api_key = "SELECT api_key FROM gatehouse.create_api_key('$user', 'key')";
my $session = "SELECT refresh_token FROM gatehouse.create_refresh_token('$user')";
my %made = (0 => {key => sql($api_key), token => sql($session)});

sub opens {
  my ($id, $what) = @_;
  is(sql("SELECT count(*) FROM gatehouse.verify_api_key('$made{$id}{key}')"), '1',
    "$what: the key made under $id opens");
  is(sql("SELECT count(*) FROM gatehouse.verify_refresh_token('$made{$id}{token}')"), '1',
    "$what: the session made under $id is live");
}

sub is_refused {
  my ($id, $what) = @_;
  is(sql("SELECT count(*) FROM gatehouse.verify_api_key('$made{$id}{key}')"), '0',
    "$what: the key made under $id is refused");
  is(sql("SELECT count(*) FROM gatehouse.verify_refresh_token('$made{$id}{token}')"), '0',
    "$what: the session made under $id is not live");
  is(sql("SELECT status FROM gatehouse.refresh_session('$made{$id}{token}')"), 'invalid',
    "$what: its token is invalid");
}

my $first = $made{0}{token};
my $second = sql("SELECT refresh_token FROM gatehouse.refresh_session('$first')");
is(sql("SELECT status FROM gatehouse.refresh_session('$first')"), 'reuse_detected', 'without a ring there is no grace');
$made{0}{token} = sql($session);

# With one.
put_ring(0600, "# made for a test\n", key_line(1));
$node->append_conf('postgresql.conf', "gatehouse.key_file = '$ring'");
$node->reload;
$node->poll_query_until($database,
  "SELECT current_setting('gatehouse.key_file') = '$ring' FROM gatehouse.library_version()") or die;
my $under_first = sql(q{SELECT gatehouse.token_digest('abc')});
isnt($under_first, $plain, 'with a ring the digest is another');
$made{1} = {key => sql($api_key), token => sql($session)};
is(sql('SELECT string_agg(DISTINCT ring_key_id::text, $$,$$) FROM gatehouse.api_keys'), '0,1',
  'rows name the key that they were made under');
opens($_, 'after a ring was put in place') for 0, 1;

# The grace.
$first = sql($session);
$second = sql("SELECT refresh_token FROM gatehouse.refresh_session('$first')");
is(sql("SELECT status || ' ' || refresh_token FROM gatehouse.refresh_session('$first')"), "ok $second",
  'a retry within the grace gives the same successor');
is(sql("SELECT status || ' ' || refresh_token FROM gatehouse.refresh_session('$first')"), "ok $second",
  'as often as it is tried');
is(sql('SELECT max(rotations) FROM gatehouse.sessions s WHERE ring_key_id = 1'), '1', 'which is one rotation');
my $third = sql("SELECT refresh_token FROM gatehouse.refresh_session('$second')");
is(sql("SELECT status FROM gatehouse.refresh_session('$first')"), 'reuse_detected',
  'the token before that is reuse, within the grace');
is(sql("SELECT status FROM gatehouse.refresh_session('$third')"), 'revoked', 'and the session is over');
$first = sql($session);
$second = sql("SELECT refresh_token FROM gatehouse.refresh_session('$first')");
sql(q{UPDATE gatehouse.sessions SET rotated_at = rotated_at - interval '10 s' WHERE revoked_at IS NULL});
is(sql("SELECT status FROM gatehouse.refresh_session('$first')"), 'reuse_detected', 'a retry after the grace is reuse');
$first = sql($session);
$second = sql("SELECT refresh_token FROM gatehouse.refresh_session('$first')");
is(sql('SET gatehouse.refresh_grace = 0', "SELECT status FROM gatehouse.refresh_session('$first')"), 'reuse_detected',
  'with a grace of 0 every retry is reuse');

# A ring that was turned: 2 is current, 1 is still known.
my $before_turn = sql($session);
my $successor = sql("SELECT refresh_token FROM gatehouse.refresh_session('$before_turn')");
put_ring(0600, key_line(2), key_line(1));
isnt(sql(q{SELECT gatehouse.token_digest('abc')}), $under_first, 'after the ring was turned the digest is another');
$made{2} = {key => sql($api_key), token => sql($session)};
opens($_, 'after the ring was turned') for 0, 1, 2;
is(sql("SELECT status || ' ' || refresh_token FROM gatehouse.refresh_session('$before_turn')"), "ok $successor",
  'a retry across the turn gives the successor that was made before it');
my $renewed = sql("SELECT refresh_token FROM gatehouse.refresh_session('$made{1}{token}')");
is(sql("SELECT s.ring_key_id || ',' || s.previous_ring_key_id FROM gatehouse.sessions s JOIN gatehouse.verify_refresh_token('$renewed') v USING (session_id)"),
  '2,1', 'a refresh brings a session to the current key');
is(sql("SELECT status || ' ' || refresh_token FROM gatehouse.refresh_session('$made{1}{token}')"), "ok $renewed",
  'and its retry is known under the old one');

# A session that begins under a key and does not refresh before the key is gone.
put_ring(0600, key_line(1), key_line(2));
$made{1} = {key => sql($api_key), token => sql($session)};
put_ring(0600, key_line(3), key_line(2));
is_refused(1, 'where the ring lacks the key');
opens($_, 'where the ring lacks key 1') for 0, 2;
put_ring(0600, key_line(3), key_line(2), key_line(1));
opens(1, 'once the key is back');

# An open session of a client sees a turn without reconnecting. The ring is looked at again after a second, so one has to pass.
is(sql(q{SELECT gatehouse.token_digest('abc') AS before}, "SELECT pg_sleep(1.1)",
    "COPY (SELECT '1 $key{1}') TO '$ring'", q{SELECT gatehouse.token_digest('abc')}) =~ s/.*\n//sr,
  $under_first, 'a backend that has read the ring reads a changed one');

# Broken rings close.
my @broken = (
  ['a ring that others may read', 0644, [key_line(1)], '55000',
    'the key ring can be read by others or is not the server\'s own'],
  ['a ring that the group may read', 0640, [key_line(1)], '55000',
    'the key ring can be read by others or is not the server\'s own'],
  ['a ring that anybody may write', 0602, [key_line(1)], '55000',
    'the key ring can be read by others or is not the server\'s own'],
  ['an empty ring', 0600, [''], '22P02', 'malformed key ring at line 1'],
  ['a ring of comments', 0600, ["# one\n", "# two\n"], '22P02', 'malformed key ring at line 2'],
  ['a short key', 0600, [key_line(1), "# fine\n", "2 abcdef\n"], '22P02', 'malformed key ring at line 3'],
  ['a key that is no hexadecimal', 0600, ['1 ' . 'x' x 64 . "\n"], '22P02', 'malformed key ring at line 1'],
  ['an id of 0', 0600, [key_line(1), "0 $key{2}\n"], '22P02', 'malformed key ring at line 2'],
  ['an id of 65536', 0600, ["65536 $key{2}\n"], '22P02', 'malformed key ring at line 1'],
  ['an id twice', 0600, [key_line(1), "\n", "1 $key{2}\n"], '22P02', 'malformed key ring at line 3'],
);
for my $case (@broken) {
  my ($what, $mode, $lines, $state, $message) = @$case;
  put_ring($mode, @$lines);
  my $refusal = refusal(q{SELECT gatehouse.token_digest('abc')});
  like($refusal->{error}, qr/ERROR:  $state: \Q$message\E\n/, "$what is refused by its name");
  unlike($refusal->{error}, qr/[0-9a-f]{16}/, "$what: the refusal shows no key");
  like(refusal("SELECT * FROM gatehouse.verify_api_key('$made{1}{key}')")->{error}, qr/ERROR:  $state: /,
    "$what: no key opens");
  like(refusal($api_key)->{error}, qr/ERROR:  $state: /, "$what: none is made, not even without a ring's key");
}
unlink $ring;
like(refusal(q{SELECT gatehouse.token_digest('abc')})->{error}, qr/ERROR:  55000: could not read the key ring\n/,
  'a ring that is missing is refused');
mkdir $ring, 0700;
like(refusal(q{SELECT gatehouse.token_digest('abc')})->{error},
  qr/ERROR:  55000: the key ring can be read by others or is not the server's own\n/,
  'a folder is no ring');
rmdir $ring;
put_ring(0600, key_line(3), key_line(2), key_line(1));
opens(1, 'once the ring is whole again');

# A ring that breaks under a backend that has read it closes there too.
my $broken_meanwhile = refusal(join ";\n", q{SELECT gatehouse.token_digest('abc')}, 'SELECT pg_sleep(1.1)',
  "COPY (SELECT 'nonsense') TO '$ring'",
  q{SELECT gatehouse.token_digest('abc')});
like($broken_meanwhile->{error}, qr/ERROR:  22P02: malformed key ring at line 1\n/,
  'a backend does not go on with the ring that it had read');

$node->stop;
done_testing();
