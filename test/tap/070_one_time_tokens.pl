# One-time tokens in many hands at once, across a kill of the server, and on a standby; what waits in the queue beside an erasure;
# the worker erases what is due.
use strict;
use warnings;
use FindBin;
use lib $FindBin::RealBin;
use GatehouseNode;
use PostgreSQL::Test::Cluster;
use PostgreSQL::Test::Utils;
use Test::More;

my $node = GatehouseNode::node('tokens', max_connections => 100, restart_after_crash => 'on', shared_preload_libraries => 'gatehouse',
  wal_level => 'replica', max_wal_senders => 4, 'gatehouse.argon2_memory' => '7MB', 'gatehouse.argon2_iterations' => 5,
  'gatehouse.hash_wait_timeout' => '60s');
my $db = GatehouseNode::database($node, 'identity');
$node->safe_psql($db, 'CREATE TABLE answer (client int, what text)');

sub sql { return $node->safe_psql($db, $_[0]) }

# Lets this many clients run the script once each, and gives their answers as "what: how often".
sub answers {
  my ($name, $clients, $script) = @_;
  sql('TRUNCATE answer');
  my $file = $node->basedir . "/$name.sql";
  append_to_file($file, $script);
  ok(run_log(['pgbench', '-n', '-h', $node->host, '-p', $node->port, '-c', $clients, '-j', 2, '-t', 1, '-f', $file, $db]),
    "$name: every client came to its end");
  return sql(q{SELECT string_agg(what || ': ' || n, ', ' ORDER BY n DESC, what) FROM (SELECT what, count(*) AS n FROM answer GROUP BY what) a});
}

# Fifty clients, one token. A statement that must be tried again says so.
sub uses {
  my ($call, $level) = @_;
  return <<"EOS";
BEGIN ISOLATION LEVEL $level;
SELECT count(*) FROM answer;
DO \$\$
BEGIN
  INSERT INTO answer SELECT :client_id, CASE count(*) WHEN 1 THEN 'used' ELSE 'refused' END FROM ($call) c WHERE c IS NOT NULL;
EXCEPTION WHEN serialization_failure THEN
  INSERT INTO answer VALUES (:client_id, 'again');
END
\$\$;
COMMIT;
EOS
}

my $ada = sql(q{SELECT id FROM gatehouse.create_user('ada@example.com', 'ada', 'correct horse battery staple', is_superuser => false)});
my %made = (
  verify_email => qq{SELECT gatehouse.request_email_verification('$ada')},
  confirm_email_change => qq{SELECT gatehouse.request_email_change('$ada', 'ada\@example.com')},
  confirm_account_deletion => qq{SELECT gatehouse.request_account_deletion('$ada')},
  reset_password => q{SELECT token FROM gatehouse.request_password_reset('ada@example.com')},
);
for my $function (sort keys %made) {
  my $token = sql($made{$function});
  my $more = $function eq 'reset_password' ? q{, 'another horse battery staple'} : '';
  is(answers($function, 50, uses("SELECT gatehouse.$function('$token'$more)", 'READ COMMITTED')), 'refused: 49, used: 1',
    "$function: of 50 uses of one token one has it");
}
for my $function (qw(verify_email reset_password)) {
  my $token = sql($made{$function});
  my $more = $function eq 'reset_password' ? q{, 'a third horse battery staple'} : '';
  my $answers = answers("$function at repeatable read", 50, uses("SELECT gatehouse.$function('$token'$more)", 'REPEATABLE READ'));
  like($answers, qr/\bused: 1\b/, "$function: at REPEATABLE READ too, one");
  unlike($answers, qr/\bused: [2-9]|\bused: 1\d/, "$function: and no more");
}
is(sql('SELECT count(*) FROM gatehouse.one_time_tokens'), '0', 'no token is left');
is(answers('requests', 50, "INSERT INTO answer SELECT :client_id, CASE WHEN gatehouse.request_email_verification('$ada') IS NULL THEN 'none' ELSE 'token' END;\n"),
  'none: 47, token: 3', 'of 50 requests at once three have a token');
is(answers('requests for nobody', 50, "INSERT INTO answer SELECT :client_id, count(*)::text FROM gatehouse.request_password_reset('nobody\@example.com');\n"),
  '0: 50', 'of 50 for an unknown address none');

# A kill -9 between request and use, and between use and commit.
my $token = sql($made{reset_password});
my ($in, $out, $timer) = ('', '', IPC::Run::timeout($PostgreSQL::Test::Utils::timeout_default));
my $psql = IPC::Run::start(['psql', '-X', '-At', '-d', $node->connstr($db)], '<', \$in, '>', \$out, '2>', \my $complaint, $timer);
$in .= "SELECT 'pid ' || pg_backend_pid();\nBEGIN;\nSELECT 'reset ' || username FROM gatehouse.reset_password('$token', 'lost horse battery staple');\n";
IPC::Run::pump($psql) until $out =~ /^reset ada$/m;
my ($pid) = $out =~ /^pid (\d+)$/m;
GatehouseNode::kill_process($node, $pid);
eval { IPC::Run::finish($psql) };
is(sql(q{SELECT status FROM gatehouse.authenticate_user('ada', 'lost horse battery staple')}), 'invalid_credentials', 'a reset that a kill cut off has not happened');
is(sql(qq{SELECT username FROM gatehouse.reset_password('$token', 'found horse battery staple')}), 'ada', 'its token works on');
is(sql(q{SELECT status FROM gatehouse.authenticate_user('ada', 'found horse battery staple')}), 'ok', 'then it has');
is(sql(qq{SELECT count(*) FROM gatehouse.reset_password('$token', 'found horse battery staple')}), '0', 'once');
$token = sql($made{verify_email});
$node->stop('immediate');
$node->start;
is(sql(qq{SELECT username FROM gatehouse.verify_email('$token')}), 'ada', 'a token works on after an immediate stop');

# What waits in the queue. Nobody serves the database yet, so it waits while whoever reports rolls back.
my $bob = sql(q{SELECT id FROM gatehouse.create_user('bob@example.com', 'bob', 'correct horse battery staple')});
$node->append_conf('postgresql.conf', "gatehouse.worker_databases = 'elsewhere'");
$node->reload;
sql(q{SELECT affected FROM gatehouse.run_maintenance()});
$node->safe_psql($db, q{BEGIN; SELECT gatehouse.authenticate_user('bob', 'wrong', '192.0.2.7', 'browser'); ROLLBACK});
is(sql(q{SELECT count(*) FROM gatehouse.events WHERE event_type = 'security.login_failed' AND user_id IS NOT NULL AND user_id <> '} . $ada . q{'}), '0', 'an event waits');
sql(qq{UPDATE gatehouse.users SET deletion_scheduled_for = clock_timestamp() WHERE id = '$bob'});
is(sql('SELECT gatehouse.purge_deleted_users()'), '1', 'its account is erased');
sql('SELECT gatehouse.run_maintenance()');
is(sql(qq{SELECT string_agg(e.event_type, ' ' ORDER BY e.event_type), count(d.event_id)
             FROM gatehouse.events e LEFT JOIN gatehouse.event_details d ON d.event_id = e.id WHERE e.user_id = '$bob'}),
  'gatehouse.account.created gatehouse.account.erased security.login_failed|0', 'then it is written, without personal details');
is(sql(q{SELECT count(*) FROM gatehouse.login_throttles WHERE subject = gatehouse.throttle_subject('account', '} . $bob . q{')}), '0',
  'and no count of the account');

# A standby.
my $carol = sql(q{SELECT id FROM gatehouse.create_user('carol@example.com', 'carol')});
$token = sql(qq{SELECT gatehouse.request_account_deletion('$carol')});
$node->backup('base');
my $standby = PostgreSQL::Test::Cluster->new('standby');
$standby->init_from_backup($node, 'base', has_streaming => 1);
$standby->start;
$node->wait_for_catchup($standby);
is($standby->safe_psql($db, qq{SELECT status FROM gatehouse.account_deletion_status('$carol')}), 'requested', 'a standby tells the status');
is($standby->safe_psql($db, qq{SELECT gatehouse.export_user_data('$carol') #>> '{one_time_tokens,0,purpose}'}), 'account_deletion', 'exports');
is($standby->safe_psql($db, 'SELECT count(*) FROM gatehouse.deletion_reminders_due'), '0', 'and lists reminders');
my %writes = (
  request_email_verification => "'$carol'", request_email_change => "'$carol', 'x\@example.com'", request_account_deletion => "'$carol'",
  request_password_reset => q{'carol@example.com'}, verify_email => "'$token'", confirm_email_change => "'$token'",
  confirm_account_deletion => "'$token'", reset_password => "'$token', 'found horse battery staple'", cancel_account_deletion => "'$carol'",
  mark_deletion_reminder_sent => "'$carol', 1", purge_deleted_users => '',
);
for my $function (sort keys %writes) {
  my (undef, undef, $error) = $standby->psql($db, "\\set VERBOSITY sqlstate\nSELECT gatehouse.$function($writes{$function})");
  like($error, qr/25006/, "$function writes, so the standby refuses it with 25006");
}
$node->wait_for_catchup($standby);
$node->stop('immediate');
$standby->promote;
isnt($standby->safe_psql($db, qq{SELECT gatehouse.confirm_account_deletion('$token')}), '', 'once it is promoted the token works');

# The worker, also beside a foreign key that is deferred.
$standby->safe_psql($db, qq{
  CREATE TABLE bills (user_id uuid REFERENCES gatehouse.users DEFERRABLE INITIALLY DEFERRED);
  INSERT INTO bills VALUES ('$ada');
  UPDATE gatehouse.users SET deletion_scheduled_for = clock_timestamp() - interval '1 hour'});
$standby->append_conf('postgresql.conf', "gatehouse.worker_databases = '$db'");
$standby->reload;
# What comes into the queue wakes it.
sub wake_worker { $standby->safe_psql($db, q{BEGIN; SELECT gatehouse.authenticate_user('nobody', 'wrong'); ROLLBACK}) }
wake_worker();
ok($standby->poll_query_until($db, q{SELECT string_agg(username, ' ') FROM gatehouse.users}, 'ada'), 'the worker erases what is due, and not what is held back');
$standby->safe_psql($db, 'DELETE FROM bills');
wake_worker();
ok($standby->poll_query_until($db, q{SELECT count(*) FROM gatehouse.users}, '0'), 'and that too once nothing refers to it');

# An erasure that takes longer than the worker has undoes nothing that waited to be written.
$standby->safe_psql($db, q{
  CREATE TABLE slow (user_id uuid REFERENCES gatehouse.users ON DELETE CASCADE);
  CREATE FUNCTION public.delay() RETURNS trigger LANGUAGE plpgsql AS 'BEGIN PERFORM pg_catalog.pg_sleep(30); RETURN OLD; END';
  CREATE TRIGGER delay BEFORE DELETE ON slow FOR EACH ROW EXECUTE FUNCTION public.delay();
  INSERT INTO slow SELECT id FROM gatehouse.create_user('dan@example.com', 'dan');
  UPDATE gatehouse.users SET deletion_scheduled_for = clock_timestamp();
  BEGIN; SELECT gatehouse.authenticate_user('somebody', 'wrong', '192.0.2.99'); ROLLBACK});
ok($standby->poll_query_until($db, q{SELECT count(*) FROM gatehouse.event_details WHERE ip = '192.0.2.99'}, '1'), 'an event is written beside an erasure that takes too long');
is($standby->safe_psql($db, 'SELECT count(*) FROM gatehouse.users'), '1', 'which is not done');
$standby->stop;

done_testing();
