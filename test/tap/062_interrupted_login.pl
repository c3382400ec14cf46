# Who cancels his statement as soon as it has hashed leaves no less of a trace: neither the count nor the event.
use strict;
use warnings;
use FindBin;
use lib $FindBin::RealBin;
use GatehouseNode;
use PostgreSQL::Test::Cluster;
use PostgreSQL::Test::Utils;
use Test::More;

my $node = GatehouseNode::node('interrupted', shared_preload_libraries => 'gatehouse', 'gatehouse.argon2_memory' => '64MB',
  'gatehouse.argon2_iterations' => 16, 'gatehouse.argon2_memory_ceiling' => '64MB');
my $db = GatehouseNode::database($node, 'identity');
sub sql { return $node->safe_psql($db, $_[0]) }
sql(q{SELECT gatehouse.create_user('ada@example.com', 'ada', 'correct horse battery')});

# A hash takes a quarter of a second or more; the first call of a session, which plans, is on another account and locked at once.
my ($status, undef, $error) = $node->psql($db, q{SET gatehouse.hash_wait_timeout = 0; SET gatehouse.lockout_threshold = 1;
  SELECT gatehouse.authenticate_user('nobody', 'wrong');
  SELECT gatehouse.authenticate_user('nobody', 'wrong');
  SET gatehouse.lockout_threshold = 0; SET statement_timeout = '100ms';
  SELECT gatehouse.authenticate_user('ada', 'wrong', '192.0.2.1', 'agent')});
like($error, qr/canceling statement due to statement timeout/, 'a login is cancelled while it hashes');
is(sql(q{SELECT failures FROM gatehouse.users u, gatehouse.lock_status(u.id)}), '1', 'and is counted');
sql('SELECT gatehouse.write_security_events()');
is(sql(q{SELECT e.event_type, e.success, d.ip, d.user_agent, d.context ->> 'locks', length(d.context ->> 'login')
           FROM gatehouse.users u JOIN gatehouse.events e ON e.user_id = u.id JOIN gatehouse.event_details d ON d.event_id = e.id}),
  'security.login_failed|f|192.0.2.1|agent|false|32', 'and is in the log');
$node->stop;

# The worker serves a database whatever its sessions have for a default.
$node->append_conf('postgresql.conf', "gatehouse.worker_databases = '$db'\n");
$node->start;
sql(q{ALTER DATABASE identity SET default_transaction_read_only = on});
sql(q{BEGIN READ WRITE; SELECT gatehouse.authenticate_user('ada', 'wrong'); COMMIT});
ok($node->poll_query_until($db, q{SELECT count(*) = 2 FROM gatehouse.users u JOIN gatehouse.events e ON e.user_id = u.id}),
  'the worker writes to a database whose sessions only read by default')
  or diag('events: ', sql(q{SELECT event_type, user_id, occurred_at FROM gatehouse.events}), "\nfailures: ",
    sql(q{SELECT failures FROM gatehouse.users u, gatehouse.lock_status(u.id)}), "\n", sql('SELECT gatehouse.health_check()'));
$node->stop;

done_testing();
