# Behind PgBouncer in transaction mode a client's transactions meet any server connection.
use strict;
use warnings;
use FindBin;
use lib $FindBin::RealBin;
use GatehouseNode;
use IPC::Run ();
use PostgreSQL::Test::Cluster;
use PostgreSQL::Test::Utils;
use Test::More;
use Time::HiRes qw(usleep);

my ($pgbouncer) = grep { -x } '/usr/sbin/pgbouncer', map { "$_/pgbouncer" } split /:/, $ENV{PATH};
plan skip_all => 'PgBouncer is not installed' unless $pgbouncer;

my $node = GatehouseNode::node('pooled', 'gatehouse.argon2_memory' => '7MB', 'gatehouse.argon2_iterations' => 5,
  'gatehouse.max_sessions_per_user' => 0, 'gatehouse.refresh_grace' => '10min');
my $db = GatehouseNode::database($node, 'identity');
my $id = $node->safe_psql($db, q{SELECT id FROM gatehouse.create_user('ada@example.com', 'ada', 'correct horse battery')});
my $key = $node->safe_psql($db, qq{SELECT api_key FROM gatehouse.create_api_key('$id', 'ci')});

my $folder = PostgreSQL::Test::Utils::tempdir;
my $port = PostgreSQL::Test::Cluster::get_free_port();
my $user = getpwuid $<;
append_to_file("$folder/pgbouncer.ini", <<"INI");
[databases]
$db = host=@{[$node->host]} port=@{[$node->port]} dbname=$db user=$user pool_size=2
[pgbouncer]
listen_addr =
unix_socket_dir = $folder
listen_port = $port
auth_type = any
pool_mode = transaction
max_client_conn = 50
query_wait_timeout = 0
ignore_startup_parameters = extra_float_digits
logfile = $folder/pgbouncer.log
pidfile = $folder/pgbouncer.pid
INI
my $pooler = IPC::Run::start([$pgbouncer, "$folder/pgbouncer.ini"], '>', \my $out, '2>', \my $err);
my $through = "host=$folder port=$port dbname=$db user=$user connect_timeout=180";
my $answers = 0;
for (1 .. 300) {
  last if $answers = IPC::Run::run(['psql', '-XAtq', '-d', $through, '-c', 'SELECT 1'], '>', '/dev/null', '2>', '/dev/null');
  usleep(100_000);
}
BAIL_OUT('PgBouncer does not answer') unless $answers;

sub pooled { my ($sql) = @_; my ($out) = run_command(['psql', '-XAtq', '-d', $through, '-c', $sql]); return $out }

is(pooled(qq{SELECT user_id FROM gatehouse.verify_api_key('$key')}), $id, 'a key is verified through the pooler');
is(pooled(q{SELECT status FROM gatehouse.authenticate_user('ada', 'correct horse battery')}), 'unverified',
  'a login is answered through the pooler');

# Twenty clients over two server connections: no client may get what was another's.
append_to_file("$folder/rounds.sql", <<"SQL");
SELECT (SELECT count(*) FROM gatehouse.verify_api_key('$key')) = 1 AND
       (SELECT count(*) FROM gatehouse.verify_api_key('${key}x')) = 0 AS right_answers \\gset
\\if :right_answers
\\else
SELECT 1 / 0;
\\endif
BEGIN;
SELECT refresh_token FROM gatehouse.create_refresh_token('$id') \\gset
SELECT status = 'ok' AS went_well, refresh_token AS next FROM gatehouse.refresh_session(:'refresh_token') \\gset
COMMIT;
SELECT count(*) FROM gatehouse.revoke_refresh_token(:'next') \\gset
SQL
my (@clients, @errors);
for my $client (0 .. 19) {
  push @clients, IPC::Run::start(
    ['psql', '-XAtq', '-v', 'ON_ERROR_STOP=1', '-d', $through, map { ('-f', "$folder/rounds.sql") } 1 .. 10],
    '>', '/dev/null', '2>', \$errors[$client], IPC::Run::timeout(600));
}
my $failed = grep { !$_->finish } @clients;
is($failed, 0, 'twenty clients, ten rounds each, over two server connections: every answer is right')
  or diag(@errors);
is($node->safe_psql($db, q{SELECT count(*), count(*) FILTER (WHERE revoked_at IS NOT NULL), min(rotations), max(rotations)
  FROM gatehouse.sessions}), '200|200|1|1', 'each session was made, refreshed once and ended');

$pooler->signal('TERM');
$pooler->finish;
$node->stop;
done_testing();
