# Verification of API keys beside other sessions: a malformed key opens no table, and a revocation is seen by the next
# statement whatever the isolation level.
use strict;
use warnings;
use FindBin;
use lib $FindBin::Bin;
use GatehouseNode;
use PostgreSQL::Test::Utils;
use Test::More;

my $node = GatehouseNode::node('key_verification', key_ring => undef);
my $database = GatehouseNode::database($node, 'key_verification', 'dblink');
my $connection = 'dbname=key_verification host=' . $node->host . ' port=' . $node->port;

# Runs the statements in one session, which has another one beside it by the name of "other", and gives what they print.
sub script {
  my @statements = @_;
  return $node->safe_psql($database, join ";\n", "SET client_min_messages = warning",
    "DO \$\$ BEGIN PERFORM public.dblink_connect('other', '$connection'); END \$\$", @statements);
}
sub other { return "DO \$\$ BEGIN PERFORM public.dblink_exec('other', '$_[0]'); END \$\$" }

my ($id, $key) = split /\|/,
  $node->safe_psql($database, q{SELECT id, api_key FROM gatehouse.create_api_key(NULL, 'service')});
my $mistyped = substr($key, 0, -1) . (substr($key, -1) eq 'a' ? 'b' : 'a');
my $count = sub { "SELECT count(*) FROM gatehouse.verify_api_key('$_[0]')" };

# A table that nobody can open.
is(script(other('BEGIN; LOCK TABLE gatehouse.api_keys, gatehouse.users'), "SET lock_timeout = '200ms'",
  map { $count->($_) } $mistyped, 'sk_', '', substr($key, 0, -1), 'x' x 60),
  "0\n0\n0\n0\n0", 'malformed and mistyped keys are refused while the table is locked');
my ($status, $out, $error) = $node->psql($database, join ";\n", "SET client_min_messages = warning",
  "DO \$\$ BEGIN PERFORM public.dblink_connect('other', '$connection'); END \$\$",
  other('BEGIN; LOCK TABLE gatehouse.api_keys'), "SET lock_timeout = '200ms'", $count->($key));
like($error, qr/canceling statement due to lock timeout/, 'a well-formed key has to wait for it');

# Revocation beside a transaction that began before.
for my $level ('READ COMMITTED', 'REPEATABLE READ', 'SERIALIZABLE', 'SERIALIZABLE READ ONLY') {
  ($id, $key) = split /\|/,
    $node->safe_psql($database, q{SELECT id, api_key FROM gatehouse.create_api_key(NULL, 'service')});
  is(script("BEGIN ISOLATION LEVEL $level", $count->($key),
    other("DO ''BEGIN PERFORM gatehouse.deactivate_api_key(''''$id''''); END''"),
      $count->($key), "SELECT deactivated_at IS NULL FROM gatehouse.api_keys WHERE id = '$id'", 'COMMIT',
        $count->($key)) =~ s/\n/ /gr,
    $level eq 'READ COMMITTED' ? '1 0 f 0' : '1 0 t 0',
      "$level: a deactivated key is refused by the next statement, whatever the transaction's snapshot shows");
}

# A key that is made beside an older transaction, and the owner's state.
my $user = $node->safe_psql($database, q{SELECT id FROM gatehouse.create_user('ada@example.com', 'ada')});
($id, $key) = split /\|/,
  $node->safe_psql($database, "SELECT id, api_key FROM gatehouse.create_api_key('$user', 'key')");
is(script('BEGIN ISOLATION LEVEL REPEATABLE READ', $count->($key),
  other('UPDATE gatehouse.api_keys SET owner_is_live = false'), $count->($key),
    other('UPDATE gatehouse.api_keys SET owner_is_live = true'), $count->($key), 'COMMIT') =~ s/\n/ /gr,
  '1 0 1', 'a key follows its owner beside a REPEATABLE READ transaction');

# What another session has not committed does not count.
is(script(other('BEGIN; UPDATE gatehouse.api_keys SET deactivated_at = now()'), $count->($key), other('ROLLBACK'),
  $count->($key)) =~ s/\n/ /gr,
  '1 1', 'a deactivation counts from its commit on');

# The library looks tables up by name and must notice when they are others.
is(script($count->($key), 'BEGIN', 'SET LOCAL gatehouse.allow_drop = on', 'DROP EXTENSION gatehouse', 'CREATE EXTENSION gatehouse', $count->($key), 'ROLLBACK',
  $count->($key)) =~ s/\n/ /gr,
  '1 0 1', 'after DROP and CREATE EXTENSION the new, empty table is read; after the rollback the old one');
is(script($count->($key), 'VACUUM FULL gatehouse.api_keys', $count->($key), 'REINDEX TABLE gatehouse.api_keys',
  $count->($key),
    'BEGIN', 'TRUNCATE gatehouse.api_keys CASCADE', $count->($key), 'ROLLBACK', $count->($key)) =~ s/\n/ /gr,
  '1 1 1 0 1', 'a rewritten table, a rebuilt index and an emptied table are read as they are');

$node->stop;
done_testing();
