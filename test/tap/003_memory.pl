# What a backend that has just worked on a password still holds of it: not what gatehouse made of it. The password is sent
# decomposed (NFD), so that its composed form (NFC) exists in gatehouse's own buffers only.
use strict;
use warnings;
use utf8;
use FindBin;
use lib $FindBin::Bin;
use Encode qw(encode);
use GatehouseNode;
use PostgreSQL::Test::Utils;
use Test::More;
use Unicode::Normalize qw(NFC NFD);

my $mask = 0xA5;
my $node = GatehouseNode::node('memory', 'gatehouse.require_verified_email' => 'off');
my $database = GatehouseNode::database($node, 'memory', 'boundary_test');

sub masked {
  my ($bytes) = @_;
  return "'\\x" . unpack('H*', join '', map { chr(ord($_) ^ $mask) } split //, $bytes) . "'::bytea";
}

# The password's two forms never stand in a statement but the first, which stores the decomposed one in the session.
my $composed = NFC("Zoé Ångström über naïve Façade é");
my $decomposed = NFD($composed);
isnt($composed, $decomposed, 'the two forms differ');
my $half = length($composed) / 2;
my %needle = (
  'NFC' => encode('UTF-8', $composed),
  'NFC, first half' => encode('UTF-8', substr $composed, 0, $half),
  'NFC, second half' => encode('UTF-8', substr $composed, $half),
  'NFC as code points' => encode('UTF-32LE', $composed),
  'NFC as code points, second half' => encode('UTF-32LE', substr $composed, $half),
  'NFD as code points' => encode('UTF-32LE', $decomposed),
  'NFD as code points, second half' => encode('UTF-32LE', substr $decomposed, length($decomposed) / 2),
);

# Runs the statements in one session that keeps the decomposed password in a setting, then looks for every needle.
sub look_after {
  my (@statements) = @_;
  my $hex = unpack 'H*', encode('UTF-8', $decomposed);
  my $script = "SELECT set_config('test.password', convert_from(decode('$hex', 'hex'), 'UTF8'), false) IS NOT NULL;\n";
  $script .= "$_;\n" for @statements;
  my @names = sort keys %needle;
  $script .= "SELECT 'found', " . masked(encode 'UTF-8', $decomposed) . " IS NOT NULL, scan_memory(" .
    masked(encode 'UTF-8', $decomposed) . ", $mask);\n";
  $script .= "SELECT 'found', true, scan_memory(" . masked($needle{$_}) . ", $mask);\n" for @names;
  my ($out, $error) = ('', '');
  $node->psql($database, $script, stdout => \$out, stderr => \$error, on_error_stop => 0);
  my @counts = map { (split /\|/)[2] } grep {/^found\|/} split /\n/, $out;
  die "the memory was not looked at: $out $error" if @counts != 1 + @names;
  return {output => $out, error => $error, input => shift @counts, map { $_ => shift @counts } @names};
}

sub holds_nothing {
  my ($seen, $what) = @_;
  cmp_ok($seen->{input}, '>=', 1, "$what: control: what was sent is found");
  is($seen->{$_}, 0, "$what: no $_") for sort keys %needle;
}

my $password = q{current_setting('test.password')};
my $hash = $node->safe_psql($database, 'SELECT gatehouse.hash_password(convert_from(decode(\'' .
    unpack('H*', $needle{NFC}) . "', 'hex'), 'UTF8'))");

# Controls: the search finds both forms where they are held in the open, and what is guarded only while it is held.
my $guarded = masked($needle{NFC});
my $seen = look_after("SELECT set_config('test.leak', normalize($password, NFC), false) IS NOT NULL");
cmp_ok($seen->{NFC}, '>=', 1, 'control: the composed form in a setting is found');
$seen = look_after("SELECT 'held', boundary_hold_secret($guarded, $mask, true, false)");
like($seen->{output}, qr/^held\|1$/m, 'control: a guarded secret is found while it is held');
is($seen->{NFC}, 0, 'and is gone when its context is');
$seen = look_after("SELECT boundary_hold_secret($guarded, $mask, true, true)");
like($seen->{error}, qr/unexpected failure inside gatehouse/, 'a guarded secret is held when an error is raised');
is($seen->{NFC}, 0, 'and is gone after it');
$seen = look_after("SELECT boundary_hold_secret($guarded, $mask, false, true)");
cmp_ok($seen->{NFC}, '>=', 1, 'control: the same in plain memory is found after an error');

$seen = look_after("SELECT 'made', gatehouse.hash_password($password)");
like($seen->{output}, qr/^made\|\$argon2id\$/m, 'a hash was made');
holds_nothing($seen, 'hash_password');

$seen = look_after("SELECT 'verified', gatehouse.verify_password($password, '$hash')");
like($seen->{output}, qr/^verified\|t$/m, 'the decomposed password verifies against the hash of the composed one');
holds_nothing($seen, 'verify_password');

# The other kinds take other ways through other libraries.
my %foreign = (
  bcrypt => '$2b$04$abcdefghijklmnopqrstuuYlEpsLYz6TJpMT1wdSeSIKLRH1oP1AS',
  yescrypt => '$y$j75$Nq4vhGrXN8o1IVFdzXN8r/$Iw5tXEOTTH7cYG0zN.3rH0JQ1wJ2mYx3k5VQ3rD8Lz7',
  sha512crypt => '$6$rounds=1000$saltsaltsalt$' . 'a' x 85 . '/',
  pbkdf2 => 'pbkdf2_sha256$1000$saltsalt$' . 'A' x 43 . '=',
);
for my $kind (sort keys %foreign) {
  $seen = look_after("SELECT 'verified', gatehouse.verify_password($password, '$foreign{$kind}')");
  like($seen->{output}, qr/^verified\|f$/m, "$kind: a hash of another password");
  holds_nothing($seen, "verify_password, $kind");
}

$seen = look_after("SELECT 'refused', gatehouse.verify_password($password, '\$argon2id\$v=19\$m=4000000,t=9,p=1\$c2FsdHNhbHRzYWx0\$aGFzaGhhc2hoYXNoaGFzaA')");
like($seen->{error}, qr/asks for more than/, 'an absurd hash is refused');
holds_nothing($seen, 'a refusal');

$seen = look_after("SELECT 'registered', username FROM gatehouse.create_user('zoe\@example.com', 'zoe', $password)");
like($seen->{output}, qr/^registered\|zoe$/m, 'an account was made');
holds_nothing($seen, 'create_user');

$seen = look_after("SELECT 'login', status FROM gatehouse.authenticate_user('zoe', $password)");
like($seen->{output}, qr/^login\|ok$/m, 'and logs in');
holds_nothing($seen, 'authenticate_user');

$seen = look_after("SELECT 'login', status FROM gatehouse.authenticate_user('nobody', $password)");
like($seen->{output}, qr/^login\|invalid_credentials$/m, 'nobody does not');
holds_nothing($seen, 'authenticate_user of an unknown name');

$node->append_conf('postgresql.conf', "gatehouse.password_min_length = 100\n");
$node->reload;
$node->poll_query_until($database, "SELECT gatehouse.version() IS NOT NULL AND current_setting('gatehouse.password_min_length') = '100'")
  or die 'the setting was not taken';
$seen = look_after("SELECT 'registered', username FROM gatehouse.create_user('eve\@example.com', 'eve', $password)");
like($seen->{error}, qr/password must have at least 100 characters/, 'a password is refused');
holds_nothing($seen, 'a refused password');

$node->stop;
done_testing();
