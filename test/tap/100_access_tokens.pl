# Access tokens and another implementation of their standards, both ways; what a turned ring still verifies; a standby.
use strict;
use warnings;
use FindBin;
use lib $FindBin::RealBin;
use GatehouseNode;
use IPC::Run ();
use JSON::PP ();
use PostgreSQL::Test::Cluster;
use PostgreSQL::Test::Utils;
use Test::More;

my ($jose) = grep { -e "$_/package.json" } '/usr/share/nodejs/jose';
BAIL_OUT('jose is missing: tools/install-dependencies') if !$jose;
my $json = JSON::PP->new->canonical;

my $folder = PostgreSQL::Test::Utils::tempdir();
my $derived_seed = "$folder/derived_seed";
PostgreSQL::Test::Utils::system_or_bail('cc', '-o', $derived_seed, "$FindBin::RealBin/derived_seed.c", '-lsodium');

my %key = (1 => '11' x 32, 2 => '22' x 32);
my $ring = "$folder/keyring";
sub put_ring {
  unlink $ring;
  append_to_file($ring, join '', map {"$_ $key{$_}\n"} @_);
  chmod 0600, $ring or die;
  # A changed file is looked for once a second.
  sleep 2;
}
put_ring(1);
my $node = GatehouseNode::node('tokens', key_ring => $ring, shared_preload_libraries => 'gatehouse', wal_level => 'replica', max_wal_senders => 4,
  'gatehouse.max_standby_staleness' => 0, 'gatehouse.access_token_issuer' => 'https://id.example.com');
my $own_ring = $node->basedir . '/keyring';
my $db = GatehouseNode::database($node, 'identity');

sub sql { my ($statement, $server) = @_; return ($server // $node)->safe_psql($db, $statement) }
sub quoted { my ($text) = @_; $text =~ s/'/''/g; return "'$text'" }
sub node_js {
  my ($out, $error);
  IPC::Run::run(['node', "$FindBin::RealBin/access_tokens.cjs", $jose, @_], '<', '/dev/null', '>', \$out, '2>', \$error) or die "node: $error";
  die "node: $error" if $error ne '';
  chomp $out;
  return $out;
}
sub private_key {
  my ($id) = @_;
  my $seed;
  IPC::Run::run([$derived_seed], '<', \$key{$id}, '>', \$seed) or die 'derived_seed failed';
  chomp $seed;
  my ($public) = grep { $_->{kid} eq $id } @{$json->decode(sql('SELECT gatehouse.jwks()'))->{keys}};
  return $json->encode({kty => 'OKP', crv => 'Ed25519', d => $seed, x => $public->{x}});
}
sub signed { my ($with, $payload, @headers) = @_; return split /\n/, node_js('raw', $with, JSON::PP->new->ascii->encode(\@headers), $payload) }
sub opens { my ($token, $server) = @_; return sql('SELECT count(*) FROM gatehouse.verify_access_token(' . quoted($token) . q{, 'orders')}, $server) }

my $ada = sql(q{SELECT id FROM gatehouse.create_user('ada@example.com', 'ada')});
my ($session, $refresh_token) = split /\|/, sql("SELECT session_id, refresh_token FROM gatehouse.create_refresh_token('$ada')");
my $jwks = sql('SELECT gatehouse.jwks()');
my %expected = (issuer => 'https://id.example.com', audience => 'orders', algorithms => ['EdDSA']);

# Ours by theirs.
my $token = sql("SELECT gatehouse.issue_access_token('$ada', '$session', audience => 'orders', claims => '{\"plan\": \"gold\"}')");
my $read = node_js('verify', $jwks, $token, $json->encode(\%expected));
my $ours = sql('SELECT claims FROM gatehouse.verify_access_token(' . quoted($token) . q{, 'orders')});
is_deeply($json->decode($read), {header => {alg => 'EdDSA', kid => '1', typ => 'JWT'}, claims => $json->decode($ours)},
  'jose reads in a token of ours what we do');
is(node_js('verify', $jwks, $token, $json->encode({%expected, audience => 'bills'})), 'refused: ERR_JWT_CLAIM_VALIDATION_FAILED', 'not for another audience');
# Its first character: the last ones have bits of the number's top, which are often zero, and bits that count for nothing.
my $altered = $token =~ s/\.([^.])([^.]*)$/'.' . ($1 eq 'A' ? 'B' : 'A') . $2/er;
is(node_js('verify', $jwks, $altered, $json->encode(\%expected)), 'refused: ERR_JWS_SIGNATURE_VERIFICATION_FAILED', 'not with another signature');

# Theirs by ours.
my $private = private_key(1);
my $now = time;
my %claims = (iss => 'https://id.example.com', aud => 'orders', sub => $ada, sid => $session, jti => sql('SELECT gatehouse.uuid_v7()'),
  iat => $now - 1, nbf => $now - 1, exp => $now + 3600);
my $payload = $json->encode(\%claims);
my $theirs = node_js('sign', $private, $json->encode({alg => 'EdDSA', kid => '1'}), $payload);
is(opens($theirs), '1', 'we take a token that jose signed');
is(sql('BEGIN; SELECT gatehouse.sign_in_with_access_token(' . quoted($theirs) . q{, 'orders'), gatehouse.current_session_id(); COMMIT}), "t|$session",
  'and sign in with it');
is(opens(signed($private, $payload, $_)), '1', "with the header $_")
  for '{"typ": "jwt", "kid": "1", "alg": "EdDSA"}', qq({\n"alg":"EdDSA",\t"kid":"\\u0031","x5c":[{"deep":[1]}]});
is(opens(signed($private, $_, '{"alg":"EdDSA","kid":"1"}')), '1', 'with the payload ' . substr($_, 0, 12))
  for " $payload ", $payload =~ s/:/ : /gr =~ s/https : /https:/r, $payload =~ s/"orders"/["orders"]/r;

# Signed well, but not for what they say: alg and the like are ours to choose.
my @headers = ('{"alg":"none","kid":"1"}', '{"alg":"HS256","kid":"1"}', '{"alg":"ES256","kid":"1"}', '{"alg":"eddsa","kid":"1"}', '{"alg":"Ed25519","kid":"1"}',
  '{"alg":["EdDSA"],"kid":"1"}', '{"alg":null,"kid":"1"}', '{"kid":"1"}', '{"alg":"EdDSA"}', '{"alg":"EdDSA","kid":1}', '{"alg":"EdDSA","kid":"01"}',
  '{"alg":"EdDSA","kid":"+1"}', '{"alg":"EdDSA","kid":"2"}', '{"alg":"EdDSA","kid":"65537"}', '{"alg":"EdDSA","kid":"4294967297"}', '{"alg":"EdDSA","kid":""}',
  '{"alg":"EdDSA","kid":"1","typ":"at+jwt"}', '{"alg":"EdDSA","kid":"1","typ":1}', '{"alg":"EdDSA","kid":"1","crit":[]}',
  '{"alg":"EdDSA","kid":"1","crit":["b64"],"b64":false}', '{"alg":"EdDSA","kid":"1","alg":"none"}', '{"alg":"none","kid":"1","alg":"EdDSA"}',
  '{"alg":"EdDSA","kid":"2","kid":"1"}', '{"alg":"EdDSA","kid":"1","typ":"JWT","typ":"JWT"}', '{"ALG":"EdDSA","kid":"1"}', '["alg","EdDSA","kid","1"]', '"EdDSA"', '',
  '{', '{"alg":"EdDSA","kid":"1"', '{"alg":"EdDSA","kid":"1"}}', '{"alg":"EdDSA","kid":"1"} {}', '{"alg":"EdDSA","kid":"1\u0000"}', '{"alg":"EdDSA","kid":"\ud800"}',
  '{"a":{"alg":"EdDSA","kid":"1"}}', '{"alg":"EdDSA","kid":"1","a":' . '[' x 100 . ']' x 100 . '}', '{"alg":"EdDSA","kid":"1","a":' . '[' x 2500,
  '{"alg":"EdDSA","kid":"1","a":"' . 'x' x 8000 . '"}');
my @tokens = signed($private, $payload, @headers);
is(opens($tokens[$_]), '0', 'not with the header ' . substr($headers[$_], 0, 60)) for 0 .. $#headers;
is(opens(node_js('hs256', $private, '{"alg":"HS256","kid":"1"}', $payload)), '0', 'the public key is no secret');
is(opens((split /\./, $theirs)[0] . '.' . (split /\./, $theirs)[1] . '.'), '0', 'nor is there a token without a signature');
# Bytes that are no UTF-8, nor base64 of any: nothing raises.
is(sql("SELECT count(*) FROM generate_series(1, 3000) i, gatehouse.verify_access_token(translate(encode(sha512(i::text::bytea), 'base64'), E'+/=\\n', '-_') || '.e30.'"
    . ' || ' . quoted((split /\./, $token)[2]) . ')'), '0', 'random headers are refused, all of them');

# A standby.
my $standby = GatehouseNode::standby($node, 'reader');
is(opens($token, $standby), '1', 'a standby verifies');

# A ring that turned.
put_ring(2, 1);
PostgreSQL::Test::Utils::system_or_bail('install', '-m', '600', $ring, $own_ring);
sleep 2;
my $newer = sql("SELECT gatehouse.issue_access_token('$ada', audience => 'orders')");
is(opens($newer), '1', 'under a new key a token is issued');
is(opens($token), '1', 'and the older one lives on');
$jwks = sql('SELECT gatehouse.jwks()');
is(join(' ', map { $_->{kid} } @{$json->decode($jwks)->{keys}}), '2 1', 'both keys are published, the current one first');
is($json->decode(node_js('verify', $jwks, $newer, $json->encode(\%expected)))->{header}{kid}, '2', 'so that others verify the new one');
is($json->decode(node_js('verify', $jwks, $token, $json->encode(\%expected)))->{header}{kid}, '1', 'and the old one');
is(opens(signed($private, $payload, '{"alg":"EdDSA","kid":"1"}')), '1', 'what the old key signs is taken');
is(opens(signed($private, $payload, '{"alg":"EdDSA","kid":"2"}')), '0', 'but it signs for no other');
my $short = sql("SELECT gatehouse.issue_access_token('$ada', audience => 'orders', lifetime => '5 seconds')");
is(opens($short), '1', 'a token of five seconds');
sleep 6;
is(opens($short), '0', 'has lapsed then');
put_ring(2);
PostgreSQL::Test::Utils::system_or_bail('install', '-m', '600', $ring, $own_ring);
sleep 2;
is(opens($token), '0', 'without its key the older one is refused');
is(opens($newer), '1', 'the newer one is not');

# What ended on the primary.
put_ring(2, 1);
PostgreSQL::Test::Utils::system_or_bail('install', '-m', '600', $ring, $own_ring);
sleep 2;
is(opens($token, $standby), '1', 'the standby knows the turned ring');
sql("SELECT gatehouse.revoke_session('$session')");
$node->wait_for_catchup($standby);
is(opens($token, $standby), '0', 'and a session that ended');

done_testing();
