# The password gate: so many hash at once, the others wait in line, and whoever leaves, however he leaves, gives his place back.
use strict;
use warnings;
use FindBin;
use lib $FindBin::RealBin;
use GatehouseNode;
use IPC::Run qw(start);
use PostgreSQL::Test::Cluster;
use PostgreSQL::Test::Utils;
use Test::More;

my $node = GatehouseNode::node('gate', shared_preload_libraries => 'gatehouse', 'gatehouse.max_concurrent_hashes' => 1,
  'gatehouse.argon2_memory' => '7MB', 'gatehouse.argon2_iterations' => 5, 'gatehouse.require_verified_email' => 'off',
  'gatehouse.hash_wait_timeout' => '10min', restart_after_crash => 'on');
my $db = GatehouseNode::database($node, 'identity');
my $password = 'correct horse battery';
sub sql { return $node->safe_psql($db, $_[0]) }
sql("SELECT gatehouse.create_user('ada\@example.com', 'ada', '$password')");

# Sessions of their own, each named.
my %session;
sub begin {
  my ($name, $statement) = @_;
  my ($out, $error) = ('', '');
  my $handle = start(['psql', '-XAt', '-v', 'VERBOSITY=verbose', '-c', "SET application_name = '$name'", '-c', $statement,
    $node->connstr($db)], '>', \$out, '2>', \$error);
  $session{$name} = {handle => $handle, out => \$out, error => \$error};
}
sub ended { my ($name) = @_; go_on() if $name eq 'holder'; $session{$name}{handle}->finish; return ${$session{$name}{out}} . ${$session{$name}{error}} }
sub state_is { my ($name, $condition) = @_; return "SELECT EXISTS (SELECT FROM pg_stat_activity WHERE application_name = '$name' AND $condition)" }
my $waits = q{state = 'active' AND wait_event_type = 'Extension'};
sub until_waits { $node->poll_query_until($db, state_is($_[0], $waits)) or die "$_[0] does not wait" }

# A hash of so many passes over half a gigabyte, a tenth of a second each or more.
sub long { my ($passes) = @_; return "SET gatehouse.argon2_memory_ceiling = '512MB'; SET gatehouse.argon2_memory = '512MB'; SET gatehouse.argon2_iterations = $passes; " }
# Holds the one slot until go_on() or ended('holder'): the process is stopped in the middle of its hash. One that was done before it
# could be stopped is begun anew.
my $stopped;
sub hold {
  for (1 .. 20) {
    begin('holder', long(6) . "SELECT length(gatehouse.hash_password('$password'))");
    while ($session{holder}{handle}->pumpable) {
      $session{holder}{handle}->pump_nb;
      my $pid = sql(q{SELECT pid FROM pg_stat_activity, gatehouse.server_state() WHERE application_name = 'holder' AND hashing = 1}) or next;
      kill 'STOP', $pid;
      $stopped = $pid;
      return $pid if sql('SELECT hashing FROM gatehouse.server_state()') == 1;
      go_on();
    }
    ended('holder');
  }
  die 'no hash could be held';
}
sub go_on { kill 'CONT', $stopped if $stopped; undef $stopped }
END { go_on() }
my $quick = "SELECT left(gatehouse.hash_password('$password'), 9)";
# The gate is free: a hash is made without any wait.
sub is_free { is(sql("SET gatehouse.hash_wait_timeout = 0; $quick"), '$argon2id', $_[0]) }

is_free('the gate is free');

# Full for too long.
hold();
my ($status, undef, $error) = $node->psql($db, "\\set VERBOSITY verbose\nSET gatehouse.hash_wait_timeout = 0; $quick");
like($error, qr/ERROR:  53300: too many passwords are being hashed/, 'a hash that finds no place fails with 53300');
like($error, qr/HINT:  Try again later\. The limits are gatehouse\.max_concurrent_hashes/, 'and says what the limits are');
($status, undef, $error) = $node->psql($db, "\\set VERBOSITY verbose\nSET gatehouse.hash_wait_timeout = '20ms'; SELECT gatehouse.verify_password('x', '\$argon2id\$v=19\$m=8,t=1,p=1\$OxhXGsC4CATxh1S+yuqTQw\$lgCUMOJoaMXIRreB1zcYGckXWgY90XVb8r6lOe73pYM')");
like($error, qr/53300/, 'so does a verification, after its wait');
is(sql("SET gatehouse.hash_wait_timeout = '20ms'; SELECT status, user_id, retry_after FROM gatehouse.authenticate_user('ada', '$password')"),
  'busy||00:00:01', 'a login is told busy, and when to come back');
is(sql("SET gatehouse.hash_wait_timeout = '20ms'; SELECT status FROM gatehouse.authenticate_user('nobody', '$password')"), 'busy',
  'an unknown login too');
($status, undef, $error) = $node->psql($db, "\\set VERBOSITY verbose\nSET gatehouse.hash_wait_timeout = '20ms'; "
  . "SELECT gatehouse.change_password(id, '$password', 'another horse battery') FROM gatehouse.users");
like($error, qr/ERROR:  53300: too many passwords are being hashed/, 'a change of a password, which has no status to say it by, fails with 53300');
like($error, qr/HINT:  Try again later\. The limits are gatehouse\.max_concurrent_hashes/, 'and says what the limits are');
is(sql(q{SELECT failures FROM gatehouse.users u, gatehouse.lock_status(u.id)}), '0', 'which counts as no failure');
is(sql('SELECT count(*) FROM gatehouse.users'), '1', 'other queries go on meanwhile');
like(ended('holder'), qr/^98$/m, 'and the hash that was being made is made');
is_free('after it the gate is free');

# First come, first served.
hold();
for my $name (qw(first second third)) {
  begin($name, long(2) . "$quick, clock_timestamp()");  # so long that none overtakes another on the way from the gate to the clock
  until_waits($name);
}
ended('holder');
my @order = map { [$_, ended($_) =~ /^\$argon2id\|(.*)$/m] } qw(third first second);
is(join(' ', map { $_->[0] } sort { $a->[1] cmp $b->[1] } @order), 'first second third', 'they are served in the order in which they came');

# Whoever leaves the line gives his place back.
hold();
begin('cancelled', $quick);
until_waits('cancelled');
begin('terminated', $quick);
until_waits('terminated');
begin('impatient', "SET statement_timeout = '50ms'; $quick");
like(ended('impatient'), qr/57014: canceling statement due to statement timeout/, 'statement_timeout ends a wait');
begin('caught', 'DO $$ BEGIN PERFORM gatehouse.hash_password(\'x\'); EXCEPTION WHEN query_canceled THEN RAISE NOTICE \'caught\'; END $$');
until_waits('caught');
sql(q{SELECT pg_cancel_backend(pid) FROM pg_stat_activity WHERE application_name = 'cancelled'});
like(ended('cancelled'), qr/57014: canceling statement due to user request/, 'pg_cancel_backend ends a wait');
sql(q{SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE application_name = 'terminated'});
like(ended('terminated'), qr/57P01: terminating connection/, 'pg_terminate_backend ends a wait');
sql(q{SELECT pg_cancel_backend(pid) FROM pg_stat_activity WHERE application_name = 'caught'});
like(ended('caught'), qr/NOTICE:  .*caught/, 'also where the cancellation is caught');
begin('last', $quick);
until_waits('last');
ended('holder');
like(ended('last'), qr/argon2id/, 'who came after them is served');
is_free('and the gate is free');

# A slot comes back whatever becomes of its holder.
my $pid = hold();
sql("SELECT pg_terminate_backend($pid)");
like(ended('holder'), qr/57P01/, 'a backend that is terminated while it hashes ends');
is_free('and its slot is free');
$pid = hold();
sql("SELECT pg_cancel_backend($pid)");
like(ended('holder'), qr/57014/, 'one that is cancelled too');
is_free('and its slot is free');
($status, undef, $error) = $node->psql($db, q{SET gatehouse.argon2_memory_ceiling = '4194303kB'; SELECT gatehouse.verify_password('x', '$argon2id$v=19$m=8,t=99,p=1$OxhXGsC4CATxh1S+yuqTQw$lgCUMOJoaMXIRreB1zcYGckXWgY90XVb8r6lOe73pYM')});
like($error, qr/password hash asks for more than/, 'an error within the gate');
is_free('leaves it free');

# No room in the line.
$node->append_conf('postgresql.conf', "gatehouse.max_hash_waiters = 1\n");
$node->reload;
$node->poll_query_until($db, q{SELECT current_setting('gatehouse.max_hash_waiters') = '1'}) or die 'no reload';
hold();
begin('waiter', $quick);
until_waits('waiter');
is(sql("SELECT status FROM gatehouse.authenticate_user('ada', '$password')"), 'busy', 'who finds the line full is told at once');
ended('holder');
like(ended('waiter'), qr/argon2id/, 'who stood in it is served');

# A backend that is killed takes the server's memory with it: all begins anew, the gate too.
$pid = hold();
GatehouseNode::kill_process($node, $pid);
ended('holder');
is_free('after a kill -9 of a backend in the gate it is free');
is(sql("SELECT status FROM gatehouse.authenticate_user('ada', '$password')"), 'ok', 'and logins go on');

# Wider while the server runs.
$node->append_conf('postgresql.conf', "gatehouse.max_concurrent_hashes = 2\n");
$node->reload;
$node->poll_query_until($db, q{SELECT current_setting('gatehouse.max_concurrent_hashes') = '2'}) or die 'no reload';
hold();
is_free('a second slot');
ended('holder');

$node->stop;
done_testing();
