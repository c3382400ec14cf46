# The standing of accounts, seen from other sessions: who is stopped or deleted is refused everywhere at once, an address opens
# one account, and guesses at an old password are counted whatever the client does with its transaction.
use strict;
use warnings;
use FindBin;
use lib $FindBin::RealBin;
use GatehouseNode;
use PostgreSQL::Test::Utils;
use Test::More;

my $node = GatehouseNode::node('standing', shared_preload_libraries => 'gatehouse', max_connections => 100,
  'gatehouse.argon2_memory' => '7MB', 'gatehouse.argon2_iterations' => 5, 'gatehouse.require_verified_email' => 'off',
  'gatehouse.hash_wait_timeout' => '1min');
my $db = GatehouseNode::database($node, 'identity');
my $password = 'correct horse battery';

sub sql { return $node->safe_psql($db, $_[0]) }
sub account { return sql("SELECT id FROM gatehouse.create_user('$_[0]\@example.com', '$_[0]', '$password')") }
sub failures { return sql("SELECT failures || ' ' || is_locked FROM gatehouse.lock_status('$_[0]')") }
sub change { my ($id, $old) = @_; return "SELECT gatehouse.change_password('$id', '$old', 'another horse battery')" }

# Lets so many clients run the script once each, all together, and gives their answers as "what: how often".
sub answers {
  my ($name, $clients, $script) = @_;
  sql('DROP TABLE IF EXISTS answer; CREATE TABLE answer (what text)');
  my $file = $node->basedir . "/$name.sql";
  append_to_file($file, $script);
  ok(run_log(['pgbench', '-n', '-h', $node->host, '-p', $node->port, '-c', $clients, '-j', 2, '-t', 1, '-f', $file, $db]),
    "$name: every client came to its end");
  return sql(q{SELECT string_agg(what || ': ' || n, ', ' ORDER BY what) FROM (SELECT what, count(*) AS n FROM answer GROUP BY what) a});
}

# A session that has used key and token before, and one within a REPEATABLE READ transaction that has.
my $session = $node->background_psql($db, on_error_stop => 0);
my $old = $node->background_psql($db, on_error_stop => 0);
for my $way (
  ['stopped', q{SELECT gatehouse.set_active('%s', false)}],
  ['deleted', q{SELECT gatehouse.soft_delete_user('%s')}],
  ['erased', q{SELECT gatehouse.permanently_delete_user('%s')}],
) {
  my ($name, $end) = @$way;
  my $id = account($name);
  my $key = sql("SELECT api_key FROM gatehouse.create_api_key('$id', 'a key')");
  my $token = sql("SELECT refresh_token FROM gatehouse.create_refresh_token('$id')");
  my $key_works = "SELECT count(*) FROM gatehouse.verify_api_key('$key')";
  my $token_works = "SELECT count(*) FROM gatehouse.verify_refresh_token('$token')";
  my $refresh = "SELECT status FROM gatehouse.refresh_session('$token')";
  $old->query('BEGIN ISOLATION LEVEL REPEATABLE READ');
  is($old->query($key_works) . $old->query($token_works), '11', "$name: in an old transaction key and token work");
  is($session->query($key_works) . $session->query($token_works), '11', "$name: in another session too");

  is(sql(sprintf $end, $id), 't', "$name: the account is $name");
  is($session->query($key_works), '0', "$name: the other session refuses the key");
  is($session->query($token_works), '0', "$name: and the token");
  is($session->query($refresh), $name eq 'erased' ? 'invalid' : 'revoked', "$name: and refreshes nothing");
  is($session->query("SELECT status FROM gatehouse.authenticate_user('$name', '$password')"), 'invalid_credentials', "$name: and logs in nobody");
  is($old->query($key_works), '0', "$name: the old transaction refuses the key");
  is($old->query($token_works), '0', "$name: and the token");
  is($old->query($refresh), $name eq 'erased' ? 'invalid' : 'revoked', "$name: and refreshes nothing");
  $old->query('ROLLBACK');
}

# A stop that ends by itself, in whatever transaction.
my $ada = account('ada');
my $key = sql("SELECT api_key FROM gatehouse.create_api_key('$ada', 'a key')");
$old->query('BEGIN ISOLATION LEVEL REPEATABLE READ; SELECT 1');
is(sql("SELECT gatehouse.set_active('$ada', false, 'a while', until => clock_timestamp() + interval '1 second');
        SELECT count(*) FROM gatehouse.verify_api_key('$key')"), "t\n0", 'a stop with an end');
ok($node->poll_query_until($db, "SELECT EXISTS (SELECT FROM gatehouse.verify_api_key('$key'))"), 'at its end the key works');
is($old->query("SELECT count(*) FROM gatehouse.verify_api_key('$key')"), '1', 'in an old transaction too');
is(sql("SELECT status FROM gatehouse.authenticate_user('ada', '$password')"), 'ok', 'and its owner logs in');
$old->query('ROLLBACK');
$old->quit;
$session->quit;

# One address, fifty who register it.
is(answers('registrations', 50, <<'EOS'), '23505 users_email_live: 49, made: 1', 'of fifty registrations of one address one succeeds');
DO $$
DECLARE
  broken text;
BEGIN
  PERFORM gatehouse.create_user(CASE :client_id % 2 WHEN 0 THEN 'one@example.com' ELSE 'ONE@Example.com' END, 'one' || :client_id);
  INSERT INTO answer VALUES ('made');
EXCEPTION WHEN unique_violation THEN
  GET STACKED DIAGNOSTICS broken = CONSTRAINT_NAME;
  INSERT INTO answer VALUES (SQLSTATE || ' ' || broken);
END $$;
EOS
is(sql(q{SELECT count(*) FROM gatehouse.users WHERE username LIKE 'one%'}), '1', 'there is one account');

# Twelve wrong old passwords that are all rolled back.
my $bob = account('bob');
my @told = map { sql('BEGIN; ' . change($bob, 'wrong') . '; ROLLBACK') } 1 .. 12;
is(join('', @told), 'f' x 12, 'twelve wrong old passwords in BEGIN ... ROLLBACK are refused');
is(failures($bob), '10 true', 'ten of them are counted, and lock the account');
is(sql(change($bob, $password)), 'f', 'for the right one too');
is(sql("SELECT status FROM gatehouse.authenticate_user('bob', '$password')"), 'locked', 'and for the login');
sql('SELECT gatehouse.write_security_events()');
is(sql("SELECT string_agg(event_type || ' ' || n, ', ' ORDER BY event_type) FROM (SELECT event_type, count(*) AS n
          FROM gatehouse.get_audit_logs(user_id => '$bob', page_size => 100) GROUP BY event_type) e"),
  'gatehouse.account.created 1, security.login_failed 10, security.login_locked 1', 'the log has them as it has failed logins');
sql("BEGIN; SELECT gatehouse.set_password('$bob', 'third horse battery')");
is(failures($bob), '0 false', 'an administrator who sets a password ends the lock, also by one that is rolled back');
is(sql("SELECT status FROM gatehouse.authenticate_user('bob', '$password')"), 'ok', 'which leaves the password');

# Fifty at once.
my $carol = account('carol');
is(answers('wrong', 50, "INSERT INTO answer " . change($carol, 'wrong') . ";\n"), 'false: 50', 'of fifty wrong old passwords at once none is right');
is(failures($carol), '10 true', 'and ten are looked at');
my $dave = account('dave');
is(answers('right', 50, "INSERT INTO answer " . change($dave, $password) . ";\n"), 'false: 49, true: 1', 'of fifty right ones one changes the password');
is(sql("SELECT gatehouse.verify_password('another horse battery', password_hash) FROM gatehouse.password_credentials WHERE user_id = '$dave'"), 't',
  'to the new one');

$node->stop;
done_testing();
