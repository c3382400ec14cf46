# A token that was used twice ends its session, whatever the transaction that found it does afterwards.
use strict;
use warnings;
use FindBin;
use lib $FindBin::RealBin;
use GatehouseNode;
use PostgreSQL::Test::Cluster;
use PostgreSQL::Test::Utils;
use Test::More;

my $node = GatehouseNode::node('reuse', shared_preload_libraries => 'gatehouse', max_prepared_transactions => 4,
  'gatehouse.refresh_grace' => 0, 'gatehouse.max_sessions_per_user' => 0);
my $db = GatehouseNode::database($node, 'identity');

sub sql { my ($statement, $where) = @_; return $node->safe_psql($where // $db, $statement) }
sub new_user { my ($where) = @_; return sql(q{SELECT (gatehouse.create_user('u' || gen_random_uuid() || '@example.com', 'u' || left(gen_random_uuid()::text, 20))).id}, $where) }
my $ada = new_user();

# A session that was refreshed once: its id, the token that was used up, the current one.
sub refreshed_session {
  my ($user, $where) = @_;
  my ($id, $used) = split /\|/, sql("SELECT session_id, refresh_token FROM gatehouse.create_refresh_token('" . ($user // $ada) . "')", $where);
  my $current = sql("SELECT refresh_token FROM gatehouse.refresh_session('$used')", $where);
  return ($id, $used, $current);
}
sub refresh { return "SELECT status FROM gatehouse.refresh_session('$_[0]')" }
sub revocation { return "SELECT revocation FROM gatehouse.sessions WHERE session_id = '$_[0]'" }
my $waiting = q{SELECT sessions_reused FROM gatehouse.server_state()};
my $maintain = q{SELECT affected FROM gatehouse.run_maintenance() WHERE task = 'reused_sessions_ended'};

# The caller rolls back, by himself, to a savepoint, by an error, by being killed.
for my $case (
  ['a ROLLBACK', sub { 'BEGIN; ' . refresh($_[0]) . '; ROLLBACK' }],
  ['a ROLLBACK TO', sub { 'BEGIN; SAVEPOINT s; ' . refresh($_[0]) . '; ROLLBACK TO s; COMMIT' }],
  ['an exception that is caught', sub { "DO \$\$ BEGIN PERFORM gatehouse.refresh_session('$_[0]'); RAISE 'no'; EXCEPTION WHEN OTHERS THEN NULL; END \$\$" }],
  ['an error', sub { "SELECT 1 / position('no' IN status) FROM gatehouse.refresh_session('$_[0]')" }],
  ['the end of its connection', sub { 'BEGIN; ' . refresh($_[0]) . '; SELECT pg_terminate_backend(pg_backend_pid())' }],
  ['a ROLLBACK PREPARED', sub { 'BEGIN; ' . refresh($_[0]) . q{; PREPARE TRANSACTION 'p'; ROLLBACK PREPARED 'p'} }],
) {
  my ($how, $script) = @$case;
  my ($id, $used, $current) = refreshed_session();
  $node->psql($db, $script->($used));
  is(sql(revocation($id)), '', "after $how the row says nothing");
  is(sql("SELECT count(*) FROM gatehouse.verify_refresh_token('$current')"), '0', 'yet the session is dead to who asks');
  is(sql("BEGIN; SELECT gatehouse.sign_in_with_session('$current'); COMMIT"), 'f', 'to who signs in');
  is(sql("BEGIN; " . refresh($current) . '; ROLLBACK'), 'revoked', 'and to who refreshes');
  is(sql($maintain), '1', 'maintenance ends it');
  is(sql(revocation($id)), 'reuse', 'and says why');
  is(sql("$maintain; $waiting"), "0\n0", 'and then has forgotten it');
  is(sql(q{SELECT count(*) FROM gatehouse.events WHERE event_type = 'security.refresh_token_reused' AND session_id = '} . "$id'"), '1',
    'it is in the log once');
}

# Who refreshes it ends it as well.
my ($id, $used, $current) = refreshed_session();
sql('BEGIN; ' . refresh($used) . '; ROLLBACK');
is(sql(refresh($current)), 'revoked', 'whoever refreshes such a session is refused');
is(sql(revocation($id)), 'reuse', 'and has ended it');
is(sql("$maintain; $waiting"), "0\n0", 'which leaves nothing to do');

# A transaction that goes on holds the row. Nobody waits for it but who would refresh, and what it did itself is not taken for
# what is committed.
($id, $used, $current) = refreshed_session();
my $open = $node->background_psql($db, on_error_stop => 1);
$open->query_safe('BEGIN');
like($open->query_safe(refresh($used)), qr/reuse_detected/, 'reuse in a transaction that goes on');
is(sql("SELECT count(*) FROM gatehouse.verify_refresh_token('$current')"), '0', 'the session is dead to others at once');
is(sql("SET lock_timeout = '5s'; $maintain"), '0', 'maintenance does not wait for it');
$open->query_safe($maintain);
$open->query_safe('ROLLBACK');
is(sql($maintain), '1', 'and ends the session when it was rolled back, also after maintenance of its own');
$open->quit;
is(sql("$maintain; $waiting"), "0\n0", 'and then has forgotten it');

# What is committed is forgotten.
($id, $used, $current) = refreshed_session();
is(sql(refresh($used)), 'reuse_detected', 'reuse that is committed');
is(sql(revocation($id)), 'reuse', 'has ended the session');
is(sql($waiting), '0', 'and leaves nothing to do');
($id, $used, $current) = refreshed_session();
is(sql('BEGIN; SAVEPOINT s; ' . refresh($used) . '; ROLLBACK TO s; ' . refresh($current) . '; COMMIT'), "reuse_detected\nrevoked",
  'reuse that is rolled back, in a transaction that ends the session by its refresh and commits');
is(sql("$maintain; $waiting"), "0\n0", 'is over too');
($id, $used, $current) = refreshed_session();
sql('BEGIN; SAVEPOINT s; ' . refresh($used) . '; ROLLBACK TO s; COMMIT');
is(sql($waiting), '1', 'the commit of what is around it does not make it forgotten');
is(sql($maintain), '1', 'maintenance ends it');
sql($maintain);

# Databases don't meet.
my $other = GatehouseNode::database($node, 'other');
my ($other_id, $other_used) = refreshed_session(new_user($other), $other);
sql('BEGIN; ' . refresh($other_used) . '; ROLLBACK', $other);
is(sql("$maintain; $waiting"), "0\n0", 'maintenance of one database leaves the sessions of another');
is(sql($waiting, $other), '1', 'which wait');
is(sql($maintain, $other), '1', 'for their own');
sql($maintain, $other);

# There is room for so many, and then the caller's commit decides again.
sql(<<"SQL");
CREATE TABLE used AS
SELECT s.session_id, s.refresh_token AS token, r.refresh_token AS current
  FROM generate_series(1, 1030) i, gatehouse.create_refresh_token(CASE WHEN i > 0 THEN '$ada'::uuid END) s,
       gatehouse.refresh_session(s.refresh_token) r
SQL
is(sql(q{BEGIN; SELECT count(*) FROM used u, gatehouse.refresh_session(u.token) r WHERE r.status = 'reuse_detected'; ROLLBACK}), '1030',
  'more at once than there is room for');
is(sql(q{SELECT (gatehouse.health_check() -> 'checks' -> 'session_reuse') ->> 'status'}), 'degraded', 'health_check shows it');
is(sql('SELECT sessions_reused, reuses_lost FROM gatehouse.server_state()'), '1024|6', 'with their number');
is(sql($maintain), '1024', 'those that are known end');
is(sql(q{SELECT count(*) FROM used u, gatehouse.verify_refresh_token(u.current) v}), '6', 'the others live on');
is(sql("$maintain; $waiting"), "0\n0", 'and there is room again');
sql(q{SELECT count(*) FROM used u, gatehouse.refresh_session(u.token) r});
is(sql(q{SELECT count(*) FROM used u, gatehouse.verify_refresh_token(u.current) v}), '0', 'a replay that is committed ends them');

# The worker comes by itself.
$node->append_conf('postgresql.conf', q{gatehouse.worker_databases = 'identity'});
$node->reload;
$node->poll_query_until($db, 'SELECT gatehouse.worker_serves_database()') or die 'the database is not served';
($id, $used, $current) = refreshed_session();
sql('BEGIN; ' . refresh($used) . '; ROLLBACK');
ok($node->poll_query_until($db, revocation($id), 'reuse'), 'the worker ends a session whose reuse was rolled back');

($id) = refreshed_session();
sql("UPDATE gatehouse.sessions SET revoked_at = now() - interval '8 days', revocation = 'logout' WHERE session_id = '$id'");
sql('BEGIN; ' . refresh((refreshed_session())[1]) . '; ROLLBACK');
ok($node->poll_query_until($db, "SELECT count(*) FROM gatehouse.sessions WHERE session_id = '$id'", '0'), 'and removes one that ended a week ago');

# Without shared memory the commit decides; from 17 on there is some without preloading too.
$node->adjust_conf('postgresql.conf', 'shared_preload_libraries', q{''});
$node->restart;
($id, $used, $current) = refreshed_session();
sql('BEGIN; ' . refresh($used) . '; ROLLBACK');
my $has_memory = sql('SELECT memory FROM gatehouse.server_state()') ne 'none';
is(sql("SELECT count(*) FROM gatehouse.verify_refresh_token('$current')"), $has_memory ? '0' : '1', 'without preloading a rollback undoes it, where there is no segment');
is(sql(refresh($used)), $has_memory ? 'revoked' : 'reuse_detected', 'a replay that is committed ends the session');
is(sql(revocation($id)), 'reuse', 'for good');

done_testing();
