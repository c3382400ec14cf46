# A hot standby answers what only reads, refuses what writes, forgets a revoked key with the WAL, and takes over.
use strict;
use warnings;
use FindBin;
use lib $FindBin::RealBin;
use GatehouseNode;
use PostgreSQL::Test::Cluster;
use Test::More;

my $primary = GatehouseNode::node('primary', wal_level => 'replica', max_wal_senders => 4,
  'gatehouse.argon2_memory' => '7MB', 'gatehouse.argon2_iterations' => 5);
my $db = GatehouseNode::database($primary, 'identity');
my $id = $primary->safe_psql($db, q{
  SET gatehouse.require_verified_email = off;
  SELECT id FROM gatehouse.create_user('ada@example.com', 'ada', 'correct horse battery')});
my ($key_id, $key) = split /\|/, $primary->safe_psql($db, qq{SELECT id, api_key FROM gatehouse.create_api_key('$id', 'ci')});
my $token = $primary->safe_psql($db, qq{SELECT refresh_token FROM gatehouse.create_refresh_token('$id')});
$primary->safe_psql($db, q{
  CREATE TABLE invoices (id int PRIMARY KEY, total numeric);
  SELECT gatehouse.enable_audit('invoices');
  INSERT INTO invoices VALUES (1, 10)});

my $standby = GatehouseNode::standby($primary, 'standby');

my $verify = qq{SELECT user_id FROM gatehouse.verify_api_key('$key')};
is($standby->safe_psql($db, $verify), $id, 'a key is verified on the standby');
is($standby->safe_psql($db, q{SELECT username FROM gatehouse.get_user_by_email('ADA@example.com')}), 'ada',
  'an account is looked up on the standby');
is($standby->safe_psql($db, qq{SELECT user_id FROM gatehouse.verify_refresh_token('$token')}), $id,
  'a refresh token is verified on the standby');
is($standby->safe_psql($db, q{SELECT operation FROM gatehouse.get_row_history('invoices', '{"id": 1}')}), 'INSERT',
  'the history of a row is read on the standby');
is($standby->safe_psql($db, q{SELECT gatehouse.get_table_at('invoices', clock_timestamp())}), '{"id": 1, "total": 10}', 'a table is seen as it was');
is($standby->safe_psql($db, q{SELECT gatehouse.get_row_at('invoices', '{"id": 1}', clock_timestamp())}), '{"id": 1, "total": 10}', 'and a row');
is($standby->safe_psql($db, q{SELECT gatehouse.undo_transaction(transaction_id) LIKE 'DELETE FROM %' FROM gatehouse.row_changes}), 't', 'and what would undo a transaction');
is($standby->safe_psql($db, q{SELECT string_agg(event_type, ' ' ORDER BY id) FROM gatehouse.get_audit_logs()}),
  'gatehouse.account.created gatehouse.key.created gatehouse.session.opened audit.enabled', 'events are read on the standby');
is($standby->safe_psql($db, qq{SELECT gatehouse.sign_in_as('$id')}), 't', 'acting in another\'s name, which cannot be recorded there');

my %writes = (
  'authenticate_user' => q{SELECT * FROM gatehouse.authenticate_user('ada', 'correct horse battery')},
  'create_user' => q{SELECT * FROM gatehouse.create_user('eve@example.com', 'eve')},
  'change_password' => qq{SELECT gatehouse.change_password('$id', 'correct horse battery', 'another horse battery')},
  'set_password' => qq{SELECT gatehouse.set_password('$id', 'another horse battery')},
  'set_active' => qq{SELECT gatehouse.set_active('$id', false)},
  'set_superuser' => qq{SELECT gatehouse.set_superuser('$id', true)},
  'set_verified' => qq{SELECT gatehouse.set_verified('$id', true)},
  'soft_delete_user' => qq{SELECT gatehouse.soft_delete_user('$id')},
  'restore_user' => qq{SELECT gatehouse.restore_user('$id')},
  'permanently_delete_user' => qq{SELECT gatehouse.permanently_delete_user('$id')},
  'create_oauth_user' => q{SELECT * FROM gatehouse.create_oauth_user('eve@example.com', 'eve', 'example', '1')},
  'link_oauth' => qq{SELECT * FROM gatehouse.link_oauth('$id', 'example', '1')},
  'unlink_oauth' => qq{SELECT gatehouse.unlink_oauth('$id', 'example')},
  'create_api_key' => qq{SELECT * FROM gatehouse.create_api_key('$id', 'x')},
  'deactivate_api_key' => qq{SELECT gatehouse.deactivate_api_key('$key_id')},
  'create_refresh_token' => qq{SELECT * FROM gatehouse.create_refresh_token('$id')},
  'refresh_session' => qq{SELECT * FROM gatehouse.refresh_session('$token')},
  'revoke_refresh_token' => qq{SELECT gatehouse.revoke_refresh_token('$token')},
  'create_audit_log' => q{SELECT gatehouse.create_audit_log('invoice.sent')},
);
for my $function (sort keys %writes) {
  my ($status, undef, $stderr) = $standby->psql($db, "\\set VERBOSITY sqlstate\n$writes{$function}");
  like($stderr, qr/25006/, "$function writes, so the standby refuses it with 25006");
}

$primary->safe_psql($db, qq{SELECT gatehouse.deactivate_api_key('$key_id')});
$primary->wait_for_catchup($standby);
is($standby->safe_psql($db, $verify), '', 'a key that was deactivated on the primary is refused on the standby');

my ($other_key) = $primary->safe_psql($db, qq{SELECT api_key FROM gatehouse.create_api_key('$id', 'other')});
$primary->wait_for_catchup($standby);
GatehouseNode::fail_over($primary, $standby);

is($standby->safe_psql($db, qq{SELECT user_id FROM gatehouse.verify_api_key('$other_key')}), $id,
  'after the promotion a key still opens');
is($standby->safe_psql($db, q{SET gatehouse.require_verified_email = off;
  SELECT status FROM gatehouse.authenticate_user('ada', 'correct horse battery')}), 'ok', 'after the promotion a login works');
is($standby->safe_psql($db, qq{SELECT status FROM gatehouse.refresh_session('$token')}), 'ok',
  'after the promotion a session is refreshed');
$standby->safe_psql($db, q{UPDATE invoices SET total = 20 WHERE id = 1});
is($standby->safe_psql($db, q{SELECT string_agg(operation, ',') FROM gatehouse.get_row_history('invoices', '{"id": 1}')}),
  'INSERT,UPDATE', 'after the promotion the history goes on');
is($standby->safe_psql($db, q{SELECT count(*) - count(DISTINCT id) FROM gatehouse.row_changes}), 0,
  'no id of a change was given twice');

$standby->stop;
done_testing();
