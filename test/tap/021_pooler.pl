# Behind PgBouncer in transaction mode a client's transactions meet any server connection, and so do its prepared statements.
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

# Prepared statements, of which the pooler makes the server's own on whatever connection they come to: a plan that one client
# made is run by the next, for another account, who presents another's credentials, and soon with parameters that it has not seen.
SKIP: {
  skip 'this PgBouncer knows no prepared statements', 3 unless Pooler::version() >= 1021;
  $node->safe_psql($db, q{
    SELECT gatehouse.create_user('bob@example.com', 'bob');
    CREATE TABLE notes (owner_id uuid, body text);
    INSERT INTO notes SELECT id, 'note' FROM gatehouse.users, generate_series(1, 3);
    ALTER TABLE notes ENABLE ROW LEVEL SECURITY;
    CREATE POLICY own ON notes USING (owner_id = gatehouse.current_user_id());
    CREATE ROLE shop LOGIN;
    GRANT gatehouse_app TO shop;
    GRANT SELECT ON notes TO shop});
  my @defined;
  for my $name (qw(ada bob)) {
    my $user = $node->safe_psql($db, qq{SELECT id FROM gatehouse.get_user_by_username('$name')});
    my $user_key = $node->safe_psql($db, qq{SELECT api_key FROM gatehouse.create_api_key('$user', 'prepared')});
    push @defined, '-D', "$name=$user", '-D', "${name}_key=$user_key";
    append_to_file("$folder/prepared_$name.sql", <<"SQL");
SELECT (SELECT count(*) FROM gatehouse.verify_api_key(:${name}_key) WHERE user_id = :$name) = 1 AND
       (SELECT count(*) FROM gatehouse.verify_api_key(:${name}_key || 'x')) = 0 AND
       gatehouse.current_user_id() IS NULL AND (SELECT count(*) FROM notes) = 0 AS right_answers \\gset
\\if not :right_answers
SELECT 1 / 0;
\\endif
BEGIN;
SELECT refresh_token FROM gatehouse.create_refresh_token(:$name) \\gset
SELECT status = 'ok' AND user_id = :$name AS went_well, refresh_token AS next FROM gatehouse.refresh_session(:refresh_token) \\gset
SELECT gatehouse.sign_in_with_session(:next) AS signed_in \\gset
SELECT gatehouse.current_user_id() = :$name AND count(*) = 3 AND count(*) = count(*) FILTER (WHERE owner_id = :$name) AS right_rows
  FROM notes \\gset
COMMIT;
\\if not (:signed_in and :right_rows and :went_well)
SELECT 1 / 0;
\\endif
SQL
  }
  # A thread for each client: pgbench waits for what it prepares, and who waits must not hold up who has begun.
  my $prepares = Pooler->before($node, $db, user => 'shop', max_prepared_statements => 200);
  ok(run_log(['pgbench', '-n', '-M', 'prepared', '-c', 20, '-j', 20, '-t', 20, @defined, map({ ('-f', "$folder/prepared_$_.sql") } qw(ada bob)),
    $prepares->connstr]), 'the statements of twenty clients, prepared once for each, are answered for the right account');
  my $sessions = q{SELECT count(*) FILTER (WHERE rotations = 1) FROM gatehouse.sessions s JOIN gatehouse.users u ON u.id = s.user_id
    WHERE revoked_at IS NULL};
  is($node->safe_psql($db, $sessions), 400, 'and each made and refreshed its session');
  my ($plans) = run_command(['psql', '-XAtq', '-d', $prepares->connstr, '-c', q{SELECT count(*) > 5 AND bool_or(generic_plans > 0) FROM pg_prepared_statements}]);
  is($plans, 't', 'by prepared statements of the server, with plans for any parameters');
  $prepares->stop;
}

$node->stop;
done_testing();
