# Many clients at once: a token works once, a limit holds at every commit, a name is given once. pgbench starts all its
# clients together.
use strict;
use warnings;
use FindBin;
use lib $FindBin::Bin;
use GatehouseNode;
use PostgreSQL::Test::Utils;
use Test::More;

my $node = GatehouseNode::node('concurrency', max_connections => 100, 'gatehouse.refresh_grace' => '10min',
  'gatehouse.hash_wait_timeout' => '1h');
my $database = GatehouseNode::database($node, 'concurrency');
$node->safe_psql($database, 'CREATE TABLE answer (client int, what text, successor text)');

sub sql { return $node->safe_psql($database, $_[0]) }

# Lets this many clients run the script once each, and gives their answers, most frequent first, as "what: how often".
sub answers {
  my ($name, $clients, $script) = @_;
  sql('TRUNCATE answer');
  my $file = $node->basedir . "/$name.sql";
  append_to_file($file, $script);
  my $result = run_log(['pgbench', '-n', '-h', $node->host, '-p', $node->port, '-c', $clients, '-j', 2, '-t', 1, '-f',
    $file, $database]);
  ok($result, "$name: every client came to its end");
  return sql(q{SELECT string_agg(what || ': ' || n, ', ' ORDER BY n DESC, what) FROM (SELECT what, count(*) AS n FROM answer GROUP BY what) a});
}

my $user = sql(q{SELECT id FROM gatehouse.create_user('ada@example.com', 'ada')});
sub new_token { return sql("SELECT refresh_token FROM gatehouse.create_refresh_token('$user')") }
sub refresh {
  my ($token) = @_;
  return "INSERT INTO answer SELECT :client_id, status, refresh_token FROM gatehouse.refresh_session('$token');\n";
}

# One token, fifty clients.
my $token = new_token();
is(answers('refresh without grace', 50, "SET gatehouse.refresh_grace = 0;\n" . refresh($token)),
  'revoked: 48, ok: 1, reuse_detected: 1',
  'of 50 refreshes of one token with grace 0 one is ok, one finds the reuse, the others a revoked session');
is(sql("SELECT status FROM gatehouse.refresh_session((SELECT successor FROM answer WHERE what = 'ok'))"), 'revoked',
  'and the one successor is dead');
$token = new_token();
is(answers('refresh within grace', 50, refresh($token)), 'ok: 50', 'within the grace all 50 are ok');
is(sql('SELECT count(DISTINCT successor) FROM answer'), '1', 'with one successor');
is(sql('SELECT rotations FROM gatehouse.sessions WHERE revoked_at IS NULL'), '1', 'by one rotation');
is(sql('SELECT status FROM gatehouse.refresh_session((SELECT max(successor) FROM answer))'), 'ok', 'which works');
$token = new_token();
my $repeatable = answers('refresh at repeatable read', 50,
  "SET gatehouse.refresh_grace = 0;\nBEGIN ISOLATION LEVEL REPEATABLE READ;\n" . refresh($token) . "COMMIT;\n");
like($repeatable, qr/\bok: 1\b/, 'at REPEATABLE READ too one is ok');
unlike($repeatable, qr/\bok: [2-9]|\bok: 1\d/, 'and no more: the others are answered or must try again');

# One place too few for all.
my $live = "SELECT count(*) FROM gatehouse.sessions WHERE user_id = '$user' AND revoked_at IS NULL AND expires_at > clock_timestamp() AND idle_expires_at > clock_timestamp()";
for my $level ('READ COMMITTED', 'REPEATABLE READ') {
  my $all = answers("sessions at $level", 50,
    "BEGIN ISOLATION LEVEL $level;\nSELECT FROM gatehouse.create_refresh_token('$user');\nCOMMIT;\nINSERT INTO answer SELECT :client_id, 'live', ($live);\n");
  is(sql($live), '5', "$level: 50 clients that open a session leave 5 live ones");
  is(sql('SELECT max(successor::int) <= 5 AND count(*) > 0 FROM answer'), 't',
    "$level: and no snapshot between their commits has more");
  $level eq 'READ COMMITTED' and is($all, 'live: 50', "$level: all of them got one");
}
my $keys = "SELECT count(*) FROM gatehouse.api_keys WHERE user_id = '$user' AND deactivated_at IS NULL";
is(answers('keys', 50, <<"EOS"), 'refused: 43, made: 7', 'of 50 clients that make a key at a limit of 7, seven get one');
SET gatehouse.max_api_keys_per_user = 7;
DO \$\$
BEGIN
  PERFORM gatehouse.create_api_key('$user', 'key');
  INSERT INTO answer VALUES (:client_id, 'made');
EXCEPTION WHEN invalid_parameter_value THEN
  INSERT INTO answer VALUES (:client_id, 'refused');
END \$\$;
EOS
is(sql($keys), '7', 'and there are 7');

# One address in many spellings.
for my $level ('READ COMMITTED', 'REPEATABLE READ') {
  my $name = $level =~ s/ .*//r;
  like(answers("addresses at $level", 20, <<"EOS"), qr/^23505 users_email_live: 19, made: 1$/, "$level: of 20 clients that register one address one succeeds, 19 are told of the constraint");
BEGIN ISOLATION LEVEL $level;
DO \$\$
DECLARE
  broken text;
BEGIN
  PERFORM gatehouse.create_user(CASE :client_id % 3 WHEN 0 THEN '$name\@example.com' WHEN 1 THEN upper('$name\@example.com') ELSE ' $name\@Example.com ' END,
                                '$name' || :client_id);
  INSERT INTO answer VALUES (:client_id, 'made');
EXCEPTION WHEN unique_violation THEN
  GET STACKED DIAGNOSTICS broken = CONSTRAINT_NAME;
  INSERT INTO answer VALUES (:client_id, SQLSTATE || ' ' || broken);
END \$\$;
COMMIT;
EOS
  is(sql("SELECT count(*) FROM gatehouse.users WHERE username LIKE '$name%'"), '1', "$level: there is one account");
}

# One key that fifty clients deactivate while they use it.
my ($id, $key) = split /\|/, sql(q{SELECT id, api_key FROM gatehouse.create_api_key(NULL, 'service')});
is(answers('deactivation', 50, <<"EOS"), 'false refused: 49, true refused: 1', 'of 50 deactivations of one key one is true, and after each the key is refused');
INSERT INTO answer SELECT :client_id, gatehouse.deactivate_api_key('$id')::text;
UPDATE answer SET what = what || CASE WHEN EXISTS (SELECT FROM gatehouse.verify_api_key('$key')) THEN ' accepted' ELSE ' refused' END WHERE client = :client_id;
EOS

# An old hash that many logins replace at once.
sql(q{SET gatehouse.argon2_memory = '7MB'; SET gatehouse.argon2_iterations = 5;
      SELECT FROM gatehouse.create_user('old@example.com', 'old', 'correct horse battery');
      UPDATE gatehouse.users SET is_verified = true});
is(answers('login', 10, <<"EOS"), 'ok: 10', 'of 10 logins that replace one old hash all are ok');
SET gatehouse.argon2_memory = '9MB'; SET gatehouse.argon2_iterations = 5;
INSERT INTO answer SELECT :client_id, status FROM gatehouse.authenticate_user('old', 'correct horse battery');
EOS
is(sql(q{SET gatehouse.argon2_memory = '9MB'; SET gatehouse.argon2_iterations = 5;
         SELECT gatehouse.needs_rehash(password_hash),
           gatehouse.verify_password('correct horse battery', password_hash) FROM gatehouse.password_credentials}),
  'f|t', 'and one hash of the new cost is left');

$node->stop;
done_testing();
