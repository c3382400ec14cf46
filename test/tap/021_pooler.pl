# Behind PgBouncer in transaction mode a client's transactions meet any server connection.
use strict;
use warnings;
use FindBin;
use lib $FindBin::RealBin;
use GatehouseNode;
use IPC::Run ();
use Pooler;
use PostgreSQL::Test::Cluster;
use PostgreSQL::Test::Utils;
use Test::More;

plan skip_all => 'PgBouncer is not installed' unless Pooler::program();

my $node = GatehouseNode::node('pooled', 'gatehouse.argon2_memory' => '7MB', 'gatehouse.argon2_iterations' => 5,
  'gatehouse.max_sessions_per_user' => 0, 'gatehouse.refresh_grace' => '10min');
my $db = GatehouseNode::database($node, 'identity');
my $id = $node->safe_psql($db, q{SELECT id FROM gatehouse.create_user('ada@example.com', 'ada', 'correct horse battery')});
my $key = $node->safe_psql($db, qq{SELECT api_key FROM gatehouse.create_api_key('$id', 'ci')});

my $folder = PostgreSQL::Test::Utils::tempdir;
my $pooler = Pooler->before($node, $db);

is($pooler->sql(qq{SELECT user_id FROM gatehouse.verify_api_key('$key')}), $id, 'a key is verified through the pooler');
is($pooler->sql(q{SELECT status FROM gatehouse.authenticate_user('ada', 'correct horse battery')}), 'unverified',
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
    ['psql', '-XAtq', '-v', 'ON_ERROR_STOP=1', '-d', $pooler->connstr, map { ('-f', "$folder/rounds.sql") } 1 .. 10],
    '>', '/dev/null', '2>', \$errors[$client], IPC::Run::timeout(600));
}
my $failed = grep { !$_->finish } @clients;
is($failed, 0, 'twenty clients, ten rounds each, over two server connections: every answer is right')
  or diag(@errors);
is($node->safe_psql($db, q{SELECT count(*), count(*) FILTER (WHERE revoked_at IS NOT NULL), min(rotations), max(rotations)
  FROM gatehouse.sessions}), '200|200|1|1', 'each session was made, refreshed once and ended');

$pooler->stop;
$node->stop;
done_testing();
