# Accounts, keys, sessions, audit and the order of ids survive a restart, and a crash: what was answered before is answered
# after it, and what was not committed is not there.
use strict;
use warnings;
use FindBin;
use lib $FindBin::Bin;
use GatehouseNode;
use PostgreSQL::Test::Utils;
use Test::More;

my $node = GatehouseNode::node('restart', 'gatehouse.require_verified_email' => 'off', 'gatehouse.refresh_grace' => '10min', fsync => 'on', autovacuum => 'off');
my $database = GatehouseNode::database($node, 'restart');
my $password = 'correct horse battery staple';

sub sql {
  my ($statement) = @_;
  return $node->safe_psql($database, $statement);
}

sub login {
  my ($secret) = @_;
  return sql("SELECT status FROM gatehouse.authenticate_user('ada', '$secret')");
}

my $user = sql("SELECT id FROM gatehouse.create_user('ada\@example.com', 'ada', '$password')");
sql(q{SELECT FROM gatehouse.register_scope('read:orders')});
my ($key_id, $key) = split /\|/, sql("SELECT id, api_key FROM gatehouse.create_api_key('$user', 'report', ARRAY['read:orders'])");
my ($stopped_id, $stopped) = split /\|/, sql("SELECT id, api_key FROM gatehouse.create_api_key('$user', 'stopped')");
sql("SELECT gatehouse.deactivate_api_key('$stopped_id')");
my $token = sql("SELECT refresh_token FROM gatehouse.create_refresh_token('$user')");
my $ended = sql("SELECT refresh_token FROM gatehouse.create_refresh_token('$user')");
sql("SELECT gatehouse.revoke_refresh_token('$ended')");
sql(q{CREATE TABLE orders (order_id int PRIMARY KEY, quantity int)});
sql(q{SELECT FROM gatehouse.enable_audit('orders')});
sql(q{INSERT INTO orders VALUES (1, 1)});
my $last_id = sql('SELECT gatehouse.uuid_v7()');
my $changes = 1;
my $events = sql('SELECT count(*) FROM gatehouse.get_audit_logs(page_size => 100)');

sub everything_is_as_before {
  my ($when) = @_;
  is(login($password), 'ok', "$when: the password opens");
  is(login("$password!"), 'invalid_credentials', "$when: a wrong one does not");
  is(sql("SELECT api_key_id FROM gatehouse.verify_api_key('$key', ARRAY['read:orders'])"), $key_id, "$when: the key opens");
  is(sql("SELECT count(*) FROM gatehouse.verify_api_key('$stopped')"), '0', "$when: a deactivated key stays so");
  is(sql("SELECT status FROM gatehouse.refresh_session('$ended')"), 'revoked', "$when: a revoked session stays so");
  my ($status, $successor) = split /\|/, sql("SELECT status, refresh_token FROM gatehouse.refresh_session('$token')");
  is($status, 'ok', "$when: the session is refreshed");
  is(sql("SELECT status || '|' || refresh_token FROM gatehouse.refresh_session('$token')"), "ok|$successor",
    "$when: a retry gets the same successor");
  $token = $successor;
  sql('UPDATE orders SET quantity = quantity + 1');
  $changes++;
  is(sql('SELECT count(*) FROM gatehouse.row_changes'), $changes, "$when: every change is in the log, new ones too");
  is(sql(q{SELECT (row_after ->> 'quantity')::int FROM gatehouse.get_row_history('orders', '{"order_id": 1}') OFFSET } . ($changes - 1)),
    $changes, "$when: and the row's history ends with what the row is");
  is(sql('SELECT count(DISTINCT id) = count(*) FROM gatehouse.row_changes'), 't', "$when: no id twice");
  cmp_ok(sql('SELECT count(*) FROM gatehouse.get_audit_logs(page_size => 100)'), '>=', $events, "$when: no event was lost");
  is(sql("SELECT gatehouse.uuid_v7() > '$last_id'"), 't', "$when: ids go on upwards");
  $last_id = sql('SELECT gatehouse.uuid_v7()');
}

everything_is_as_before('before');
$node->restart;
everything_is_as_before('after a restart');

# A crash in the middle of a transaction that made one of each.
my $open = $node->background_psql($database, on_error_stop => 1);
$open->query_safe('BEGIN');
my $lost_user = $open->query_safe("SELECT id FROM gatehouse.create_user('eve\@example.com', 'eve', '$password')");
my $lost_key = $open->query_safe("SELECT api_key FROM gatehouse.create_api_key('$lost_user', 'lost')");
my $lost_token = $open->query_safe("SELECT refresh_token FROM gatehouse.create_refresh_token('$lost_user')");
$open->query_safe('UPDATE orders SET quantity = 1000');
is($open->query_safe("SELECT count(*) FROM gatehouse.verify_api_key('$lost_key')"), '1', 'a key opens in the transaction that made it');
sql('CHECKPOINT');
$node->stop('immediate');
$open->quit;
$node->start;
everything_is_as_before('after a crash');
is(sql("SELECT count(*) FROM gatehouse.get_user_by_username('eve')"), '0', 'an account that was not committed is not there');
is(sql("SELECT count(*) FROM gatehouse.verify_api_key('$lost_key')"), '0', 'nor its key');
is(sql("SELECT status FROM gatehouse.refresh_session('$lost_token')"), 'invalid', 'nor its session');
is(sql(q{SELECT count(*) FROM gatehouse.row_changes WHERE new ->> 'quantity' = '1000'}), '0', 'nor its change in the log');

# A crash right after commits, without a checkpoint: the write-ahead log alone brings them back.
GatehouseNode::crash($node);
everything_is_as_before('after a second crash');
$node->stop;
done_testing();
