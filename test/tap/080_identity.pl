# The identity of a transaction where only whole servers show it: how it ends, what it does to parallel workers, prepared
# transactions, cursors, procedures, a pooler and a standby, and what a client or a file may claim when a session begins.
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

my $node = GatehouseNode::node('identity', wal_level => 'replica', max_wal_senders => 4, max_prepared_transactions => 5,
  'gatehouse.argon2_memory' => '7MB', 'gatehouse.argon2_iterations' => 5);
my $db = GatehouseNode::database($node, 'identity');
my %id = map { $_ => $node->safe_psql($db, "SELECT id FROM gatehouse.create_user('$_\@example.com', '$_')") } qw(ada bob);
my %token = map { $_ => $node->safe_psql($db, "SELECT refresh_token FROM gatehouse.create_refresh_token('$id{$_}')") } qw(ada bob);
my ($key_id, $key) = split /\|/, $node->safe_psql($db, qq{
  SELECT gatehouse.register_scope('read:notes') \\g /dev/null
  SELECT id, api_key FROM gatehouse.create_api_key('$id{ada}', 'ci', '{read:*}')});
my $who = 'SELECT gatehouse.current_user_id()';
my $in = "SELECT gatehouse.sign_in_with_session('$token{ada}') \\g /dev/null\n";

$node->safe_psql($db, qq{
  CREATE TABLE notes (owner_id uuid, body text);
  INSERT INTO notes SELECT CASE WHEN i % 2 = 0 THEN '$id{ada}'::uuid ELSE '$id{bob}'::uuid END, 'note ' || i FROM generate_series(1, 20000) i;
  ALTER TABLE notes ENABLE ROW LEVEL SECURITY;
  CREATE POLICY own ON notes USING (owner_id = gatehouse.current_user_id());
  ANALYZE notes;
  CREATE ROLE shop LOGIN;
  GRANT gatehouse_app TO shop;
  GRANT SELECT ON notes TO shop;
  SELECT gatehouse.enable_audit('notes');});

sub ends { my ($name, $sql, $expected) = @_; is($node->safe_psql($db, $sql), $expected, $name) }

# The end of the transaction.
ends('it ends with a commit', "BEGIN;\n$in$who;\nCOMMIT;\n$who IS NULL;", "$id{ada}\nt");
ends('and with a rollback', "BEGIN;\n$in ROLLBACK;\n$who IS NULL;", 't');
ends('without a transaction it ends with its statement', "$in$who IS NULL;", 't');
ends('where a client sends several statements at once it ends with the last',
  "SELECT gatehouse.sign_in_with_session('$token{ada}') \\; $who \\; $who;\n$who IS NULL;", "t\n$id{ada}\n$id{ada}\nt");
{
  my (undef, $out) = $node->psql($db, "BEGIN;\n${in}SELECT 1 / 0;\nROLLBACK;\n$who IS NULL;", on_error_stop => 0);
  is($out, 't', 'and with an error');
}
ends('AND CHAIN begins with nobody', "BEGIN;\n$in COMMIT AND CHAIN;\n$who IS NULL;\nROLLBACK;", 't');
ends('PREPARE TRANSACTION ends it', "BEGIN;\n${in}INSERT INTO notes VALUES ('$id{ada}', 'prepared');\nPREPARE TRANSACTION 'x';\n$who IS NULL;", 't');
ends('the audit knows who prepared, whoever commits',
  qq{COMMIT PREPARED 'x';\nSELECT actor_id FROM gatehouse.row_changes WHERE new ->> 'body' = 'prepared';}, $id{ada});
ends('COMMIT in a procedure ends it', qq{
  CREATE PROCEDURE commits(token text, OUT before uuid, OUT afterwards uuid) LANGUAGE plpgsql AS \$\$
  BEGIN
    PERFORM gatehouse.sign_in_with_session(token);
    before := gatehouse.current_user_id();
    COMMIT;
    afterwards := gatehouse.current_user_id();
  END
  \$\$;
  CALL commits('$token{ada}', NULL, NULL);
  CALL commits('$token{bob}', NULL, NULL);}, "$id{ada}|\n$id{bob}|");
ends('a cursor that outlives the transaction holds the rows of who was signed in', qq{
  SET ROLE shop;
  BEGIN;
  ${in}DECLARE held CURSOR WITH HOLD FOR SELECT count(*) FILTER (WHERE owner_id = '$id{ada}'), count(*), min(gatehouse.current_user_id()::text) FROM notes;
  COMMIT;
  BEGIN;
  SELECT gatehouse.sign_in_with_session('$token{bob}') \\g /dev/null
  FETCH ALL FROM held;
  COMMIT;
  SELECT count(*) FROM notes;}, "10001|10001|$id{ada}\n0");
ends('a deferred trigger still runs as who was signed in', qq{
  CREATE TABLE seen (user_id uuid);
  CREATE FUNCTION see() RETURNS trigger LANGUAGE plpgsql AS 'BEGIN INSERT INTO seen VALUES (gatehouse.current_user_id()); RETURN NULL; END';
  CREATE TABLE watched (i int);
  CREATE CONSTRAINT TRIGGER seer AFTER INSERT ON watched DEFERRABLE INITIALLY DEFERRED FOR EACH ROW EXECUTE FUNCTION see();
  BEGIN;
  ${in}INSERT INTO watched VALUES (1);
  COMMIT;
  SELECT user_id FROM seen;}, $id{ada});
ends('DISCARD ALL leaves nothing behind', "BEGIN;\n${in}COMMIT;\nDISCARD ALL;\n$who IS NULL;", 't');

# Parallel workers.
my $parallel = qq{
  SET parallel_setup_cost = 0; SET parallel_tuple_cost = 0; SET min_parallel_table_scan_size = 0; SET max_parallel_workers_per_gather = 2;
  SET parallel_leader_participation = off; SET ROLE shop;};
for my $force (qw(off on)) {
  my $sql = "$parallel\nSET force_parallel_mode = $force;";
  $sql =~ s/force_parallel_mode/debug_parallel_query/ if $node->pg_version >= 16;
  ends("workers know who is signed in (forced: $force)",
    "$sql\nBEGIN;\n${in}SELECT count(*), count(gatehouse.current_user_id()) FROM notes;\nROLLBACK;", '10001|10001');
  ends("and by what, with which scopes (forced: $force)",
    qq{$sql\nBEGIN;\nSELECT gatehouse.sign_in_with_api_key('$key') \\g /dev/null
       SELECT count(*) FILTER (WHERE gatehouse.current_api_key_id() = '$key_id' AND gatehouse.current_scopes() = '{read:*}'
                                     AND gatehouse.current_session_id() IS NULL AND gatehouse.require_scope('read:x') IS NOT NULL) FROM notes;\nROLLBACK;}, '10001');
  ends("workers of nobody are nobody (forced: $force)", "$sql\nSELECT count(*) FROM notes;", '0');
  ends("also after signing out (forced: $force)",
    "$sql\nBEGIN;\n${in}SELECT gatehouse.sign_out() \\g /dev/null\nSELECT count(*) FROM notes;\nROLLBACK;", '0');
  ends("and after a rollback to a savepoint (forced: $force)",
    "$sql\nBEGIN;\nSAVEPOINT s;\n${in}ROLLBACK TO s;\nSELECT count(*) FROM notes;\nROLLBACK;", '0');
}
like($node->safe_psql($db, "$parallel\nEXPLAIN (COSTS OFF) SELECT count(*) FROM notes;"), qr/Workers Planned/,
  'those plans are parallel ones');
{
  my (undef, $out, $stderr) = $node->psql($db, qq{
    CREATE FUNCTION mislabelled(token text) RETURNS boolean LANGUAGE plpgsql PARALLEL SAFE AS 'BEGIN RETURN gatehouse.sign_in_with_session(token); END';
    GRANT SELECT ON notes TO PUBLIC;
    SET parallel_setup_cost = 0; SET parallel_tuple_cost = 0; SET min_parallel_table_scan_size = 0;
    \\set VERBOSITY verbose
    SELECT gatehouse.library_version() \\g /dev/null
    BEGIN;
    SELECT count(*) FROM notes WHERE mislabelled('$token{ada}');
    ROLLBACK;
    BEGIN;
    SET LOCAL gatehouse.identity = '@{[$id{ada} =~ tr/-//dr]} - - - *';
    ROLLBACK;
    $who IS NULL;}, on_error_stop => 0);
  like($stderr, qr/ERROR:  55000: cannot sign in or out during a parallel operation/, 'nobody signs in within a parallel plan');
  like($stderr, qr/ERROR:  22023: invalid value for parameter "gatehouse.identity"/, 'and its failure leaves no door open');
  is($out, 't', 'so nobody is signed in') or diag($stderr);
}

# What a session begins with.
my $forged = ($id{bob} =~ tr/-//dr) . ' - - - *';
sub connect_with {
  my ($user, $options, @more) = @_;
  local $ENV{PGOPTIONS} = $options;
  my ($out, $err) = ('', '');
  IPC::Run::run(['psql', '-XAtq', '-d', $node->connstr($db) . " user=$user", map { ('-c', $_) } @more ? @more : ($who)], '>', \$out, '2>', \$err);
  return ($out, $err);
}
(my $escaped = $forged) =~ s/ /\\ /g;
my $superuser = getpwuid $<;
for my $user ('shop', $superuser) {
  my ($out, $err) = connect_with($user, "-c gatehouse.identity=$escaped", 'SELECT gatehouse.current_user_id() IS NULL');
  is($out, "t\n", "PGOPTIONS: the library drops what $user claims when it is loaded");
  like($err, qr/invalid value for parameter "gatehouse.identity"|permission denied to set parameter/, "and says so to $user");
  ($out, $err) = connect_with($user, '', "SET gatehouse.identity = '$forged'", "BEGIN; SET LOCAL gatehouse.identity = '$forged'; SELECT gatehouse.current_user_id() IS NULL; COMMIT",
    'SELECT gatehouse.current_user_id() IS NULL');
  like($out, qr/^t\nt?\n?$/, "what $user set before the library was loaded is dropped");
  ($out, $err) = connect_with($user, '', "BEGIN; SET gatehouse.identity = '$forged'; SAVEPOINT a; SET LOCAL gatehouse.identity = '$forged'; SAVEPOINT b; "
    . 'SELECT gatehouse.current_user_id() IS NULL; ROLLBACK TO b; SELECT gatehouse.current_user_id() IS NULL; ROLLBACK TO a; '
    . 'SELECT gatehouse.current_user_id() IS NULL; COMMIT', 'SELECT gatehouse.current_user_id() IS NULL');
  is($out, "t\n" x 4, "also what $user set in savepoints, which comes back with none of them");
  ($out, $err) = connect_with($user, '', "CREATE FUNCTION pg_temp.loads() RETURNS boolean LANGUAGE plpgsql SET gatehouse.identity = '$forged' "
    . q{AS 'BEGIN RETURN gatehouse.current_user_id() IS NULL; END'}, 'SELECT pg_temp.loads()', 'SELECT gatehouse.current_user_id() IS NULL');
  like($out, qr/^(t\n)?t\n$/, "and what a function of $user has for its SET clause, in which the library is loaded");
}
for my $how (["ALTER ROLE shop SET gatehouse.identity = '$forged'", 'ALTER ROLE shop RESET ALL'],
  ["ALTER DATABASE $db SET gatehouse.identity = '$forged'", "ALTER DATABASE $db RESET ALL"]) {
  # In a session that has not loaded the library, PostgreSQL takes this from a superuser.
  $node->safe_psql($db, $how->[0]);
  my ($out) = connect_with('shop', '', 'SELECT gatehouse.current_user_id() IS NULL', 'SELECT count(*) FROM notes');
  is($out, "t\n0\n", "$how->[0] makes nobody somebody");
  ($out) = connect_with('shop', '', 'SELECT gatehouse.current_user_id() IS NULL',
    'SET parallel_setup_cost = 0; SET parallel_tuple_cost = 0; SET min_parallel_table_scan_size = 0; SET parallel_leader_participation = off',
    'SELECT count(*), count(gatehouse.current_user_id()) FROM notes');
  is($out, "t\n0|0\n", 'not even in a parallel worker');
  $node->safe_psql($db, $how->[1]);
}
{
  my ($status, undef, $stderr) = $node->psql($db, "SELECT gatehouse.library_version();\nALTER SYSTEM SET gatehouse.identity = '$forged'");
  isnt($status, 0, 'ALTER SYSTEM does not set it');
  like($stderr, qr/parameter "gatehouse.identity" cannot be changed|invalid value for parameter/, 'which is said');
}
$node->append_conf('postgresql.conf', "gatehouse.identity = '$forged'");
$node->restart;
ends('postgresql.conf does not set it', "$who IS NULL;", 't');
ends('not for a parallel worker', "$who IS NULL;\n$parallel\nSELECT count(*), count(gatehouse.current_user_id()) FROM notes;", "t\n0|0");
ends('and who signs in is who he is', "BEGIN;\n$in$who;\nCOMMIT;\n$who IS NULL;", "$id{ada}\nt");
$node->append_conf('postgresql.conf', q{shared_preload_libraries = 'gatehouse'});
$node->restart;
ends('nor where the library is preloaded', "$who IS NULL;\nBEGIN;\n$in$who;\nCOMMIT;\n$who IS NULL;", "t\n$id{ada}\nt");
$node->reload;
ends('nor after a reload', "$who IS NULL;\n$parallel\nSELECT count(*), count(gatehouse.current_user_id()) FROM notes;", "t\n0|0");
$node->adjust_conf('postgresql.conf', 'gatehouse.identity', undef);
$node->reload;
for my $user ('shop', $superuser) {
  my ($out, $err) = connect_with($user, "-c gatehouse.identity=$escaped");
  like($err, $user eq 'shop' ? qr/FATAL:  permission denied to set parameter/ : qr/FATAL:  invalid value for parameter/,
    "preloaded, $user does not even connect who claims to be somebody");
}

# A reload in the middle of a transaction leaves it alone.
{
  my $session = $node->background_psql($db, on_error_stop => 1);
  $session->query_safe("BEGIN;\n$in");
  $node->append_conf('postgresql.conf', "work_mem = '7MB'");
  $node->reload;
  my $read = 0;
  for (1 .. 1800) {
    last if $read = $session->query_safe('SHOW work_mem') =~ /7MB/;
    usleep(100_000);
  }
  ok($read, 'a session reads the file again in its transaction');
  is($session->query_safe($who), $id{ada}, 'which does not sign out');
  $session->query_safe('COMMIT');
  $session->quit;
}

# A standby.
$node->backup('base');
my $standby = PostgreSQL::Test::Cluster->new('standby');
$standby->init_from_backup($node, 'base', has_streaming => 1);
$standby->start;
$node->wait_for_catchup($standby);
is($standby->safe_psql($db, "SET ROLE shop;\nBEGIN;\n$in${who};\nSELECT count(*) FROM notes;\nCOMMIT;\n$who IS NULL;"), "$id{ada}\n10001\nt",
  'a session signs in on a standby');
is($standby->safe_psql($db, "BEGIN;\nSELECT gatehouse.sign_in_with_api_key('$key');\nSELECT gatehouse.sign_in_as('$id{bob}');\n$who;\nCOMMIT;"), "t\nt\n$id{bob}",
  'so does a key, and an administrator in another\'s name');
is($standby->safe_psql($db, "BEGIN READ ONLY;\nSELECT gatehouse.sign_in_with_session('no token');\nSELECT gatehouse.sign_out();\nCOMMIT;"), "f\n",
  'a refusal and signing out write nothing either');
$node->safe_psql($db, "SELECT gatehouse.revoke_refresh_token('$token{bob}')");
$node->wait_for_catchup($standby);
is($standby->safe_psql($db, "SELECT gatehouse.sign_in_with_session('$token{bob}')"), 'f', 'a session that was ended on the primary is refused');
$standby->stop;

# A pooler in transaction mode: twenty clients over two server connections, each to see its own rows and nobody else's.
SKIP: {
  my ($pgbouncer) = grep { -x } '/usr/sbin/pgbouncer', map { "$_/pgbouncer" } split /:/, $ENV{PATH};
  skip 'PgBouncer is not installed', 3 unless $pgbouncer;
  my $folder = PostgreSQL::Test::Utils::tempdir;
  my $port = PostgreSQL::Test::Cluster::get_free_port();
  append_to_file("$folder/pgbouncer.ini", <<"INI");
[databases]
$db = host=@{[$node->host]} port=@{[$node->port]} dbname=$db user=shop pool_size=2
[pgbouncer]
listen_addr =
unix_socket_dir = $folder
listen_port = $port
auth_type = any
pool_mode = transaction
max_client_conn = 50
query_wait_timeout = 30
logfile = $folder/pgbouncer.log
pidfile = $folder/pgbouncer.pid
INI
  my $pooler = IPC::Run::start([$pgbouncer, "$folder/pgbouncer.ini"], '>', \my $out, '2>', \my $err);
  my $through = "host=$folder port=$port dbname=$db user=shop connect_timeout=10";
  my $answers = 0;
  for (1 .. 300) {
    last if $answers = IPC::Run::run(['psql', '-XAtq', '-d', $through, '-c', 'SELECT 1'], '>', '/dev/null', '2>', '/dev/null');
    usleep(100_000);
  }
  BAIL_OUT('PgBouncer does not answer') unless $answers;
  $token{bob} = $node->safe_psql($db, "SELECT refresh_token FROM gatehouse.create_refresh_token('$id{bob}')");
  for my $name (qw(ada bob)) {
    append_to_file("$folder/$name.sql", <<"SQL");
SELECT gatehouse.current_user_id() IS NULL AND count(*) = 0 AS right_answers FROM notes \\gset
\\if :right_answers
\\else
SELECT 1 / 0 AS somebody_without_signing_in;
\\endif
BEGIN;
SELECT gatehouse.sign_in_with_session('$token{$name}') AS signed_in \\gset
SELECT gatehouse.current_user_id() = '$id{$name}' AND count(*) >= 10000 AND count(*) = count(*) FILTER (WHERE owner_id = '$id{$name}') AS right_answers FROM notes \\gset
\\if :right_answers
\\else
SELECT 1 / 0 AS not_his_rows;
\\endif
COMMIT;
SQL
  }
  my (@clients, @errors);
  for my $client (0 .. 19) {
    my $script = "$folder/" . ($client % 2 ? 'ada' : 'bob') . '.sql';
    push @clients, IPC::Run::start(['psql', '-XAtq', '-v', 'ON_ERROR_STOP=1', '-d', $through, map { ('-f', $script) } 1 .. 10],
      '>', '/dev/null', '2>', \$errors[$client], IPC::Run::timeout(180));
  }
  my $failed = grep { !$_->finish } @clients;
  is($failed, 0, 'behind a pooler every client sees its own rows, and none without signing in') or diag(@errors);
  my ($seen) = run_command(['psql', '-XAtq', '-d', $through, '-c', "SELECT count(*) FROM notes"]);
  is($seen, '0', 'and leaves nothing to the next');
  ($seen) = run_command(['psql', '-XAtq', '-d', $through, '-c', 'SET work_mem = 1024', '-c', "SELECT gatehouse.sign_in_with_session('$token{ada}')",
    '-c', 'SELECT gatehouse.current_user_id() IS NULL']);
  is($seen, "t\nt", 'without a transaction signing in ends at once');
  $pooler->signal('TERM');
  $pooler->finish;
}

$node->stop;
done_testing();
