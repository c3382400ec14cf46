# A secret in the text of a statement, or bound to it, is nowhere to be read afterwards: in no form of the server's log, not in
# pg_stat_activity, pg_stat_statements, auto_explain or pg_prepared_statements. Each secret is a word of its own; a control
# shows that the places do keep what they are not made to hide.
use strict;
use warnings;
use FindBin;
use lib $FindBin::RealBin;
use GatehouseNode;
use IPC::Run qw(start);
use PostgreSQL::Test::Cluster;
use PostgreSQL::Test::Utils;
use Test::More;
use Time::HiRes qw(usleep);

my @talkative = (
  logging_collector => 'on', log_destination => 'stderr,csvlog,jsonlog', log_directory => 'log', log_filename => 'server.log',
  log_statement => 'all', log_min_duration_statement => 0, log_duration => 'on', log_parameter_max_length => -1,
  log_parameter_max_length_on_error => -1, log_error_verbosity => 'verbose', log_min_messages => 'debug1', log_min_error_statement => 'debug1',
  log_lock_waits => 'on', deadlock_timeout => '100ms', debug_print_parse => 'on', debug_print_rewritten => 'on', debug_print_plan => 'on',
  compute_query_id => 'on', restart_after_crash => 'on',
  'auto_explain.log_min_duration' => 0, 'auto_explain.log_analyze' => 'on', 'auto_explain.log_verbose' => 'on',
  'auto_explain.log_nested_statements' => 'on', 'auto_explain.log_settings' => 'on',
  'pg_stat_statements.track' => 'all', 'pg_stat_statements.track_utility' => 'on', 'pg_stat_statements.max' => 5000,
  'gatehouse.argon2_memory' => '7MB', 'gatehouse.argon2_iterations' => 5, 'gatehouse.require_verified_email' => 'off',
  'gatehouse.lockout_threshold' => 0);
my $node = GatehouseNode::node('talkative', @talkative, shared_preload_libraries => 'pg_stat_statements,auto_explain,gatehouse');
my $db = GatehouseNode::database($node, 'identity', 'pg_stat_statements');
sub sql { return $node->safe_psql($db, $_[0]) }
sql(q{SELECT gatehouse.create_user('ada@example.com', 'ada', 'correct horse battery')});
sql(q{CREATE FUNCTION public.wrapped(given text) RETURNS text LANGUAGE plpgsql AS
  $$BEGIN RETURN (SELECT status FROM gatehouse.authenticate_user('ada', given)); END$$});

my $number = 0;
sub word { return sprintf 'Canary%s%04d', join('', map { chr(97 + int rand 26) } 1 .. 12), ++$number }

# Every file that the server has logged into. Its collector writes them a while later, in the order in which things were said:
# what it is to have written by now it has when it has this mark.
sub read_logs {
  my ($server) = @_;
  return map { [$_->[0], slurp_file($server->data_dir . "/log/server.$_->[1]")] } (['stderr', 'log'], ['csvlog', 'csv'], ['jsonlog', 'json']);
}
sub logs {
  my ($server) = @_;
  my $mark = 'Mark' . ++$number;
  $server->safe_psql($db, "DO \$\$BEGIN RAISE LOG '$mark.'; END\$\$");
  for (1 .. 10 * $PostgreSQL::Test::Utils::timeout_default) {
    my @logs = read_logs($server);
    return @logs if @logs == grep { index($_->[1], "$mark.") >= 0 } @logs;
    usleep(100_000);
  }
  die 'the log is not written';
}
# What the postmaster and others say when they come to it.
sub logged {
  my ($what) = @_;
  for (1 .. 10 * $PostgreSQL::Test::Utils::timeout_default) {
    return 1 if slurp_file($node->data_dir . '/log/server.log') =~ $what;
    usleep(100_000);
  }
  return 0;
}
# A session whose client has gone may still be seen.
sub kept {
  my ($server, $word) = @_;
  $server->poll_query_until($db, q{SELECT count(*) = 0 FROM pg_stat_activity WHERE backend_type = 'client backend' AND pid <> pg_backend_pid()})
    or die 'a session stays';
  my @found = map { index($_->[1], $word) >= 0 ? $_->[0] : () } logs($server);
  push @found, 'pg_stat_statements' if $server->safe_psql($db, "SELECT EXISTS (SELECT FROM pg_stat_statements WHERE strpos(query, 'Canary' || '@{[substr $word, 6]}') > 0)") eq 't';
  push @found, 'pg_stat_activity' if $server->safe_psql($db, "SELECT EXISTS (SELECT FROM pg_stat_activity WHERE pid <> pg_backend_pid() AND strpos(query, 'Canary' || '@{[substr $word, 6]}') > 0)") eq 't';
  return join ' ', @found;
}

# By the simple protocol, as literals. The last column says whether it may fail.
my %simple = (
  'a right call' => q{SELECT gatehouse.hash_password('%s')},
  'a bare name' => q{SET search_path = gatehouse; SELECT hash_password('%s')},
  'a named argument' => q{SELECT gatehouse.authenticate_user(login => 'ada', password => '%s')},
  'dollar quotes' => q{SELECT gatehouse.authenticate_user('ada', $x$%s$x$)},
  'an escape string' => q{SELECT gatehouse.authenticate_user('ada', E'%s\'\\\\')},
  'Unicode escapes' => q{SELECT gatehouse.authenticate_user('ada', U&'%s')},
  'a quoted name' => q{SELECT "gatehouse"."hash_password"/* c */('%s')},
  'a comment' => q{SELECT gatehouse.hash_password('x') /* the password is %s */},
  'a detour' => q{WITH p AS (SELECT '%s' AS word) SELECT gatehouse.hash_password(word) FROM p},
  'an error of ours' => q{SELECT gatehouse.create_user('eve@example.com', 'eve', '%s', profile => '[]')},
  'a policy that is broken' => q{SET gatehouse.password_min_length = 100; SELECT gatehouse.create_user('eve@example.com', 'eve', '%s')},
  'an old password' => q{SELECT gatehouse.change_password(id, '%s', 'another horse battery') FROM gatehouse.users},
  'a new password' => q{SELECT gatehouse.change_password(id, new_password => '%s', old_password => 'x') FROM gatehouse.users},
  'a password that is set' => q{BEGIN; SELECT gatehouse.set_password(id, '%s') FROM gatehouse.users; ROLLBACK},
  'an error beside it' => q{SELECT gatehouse.hash_password('%s'), 1 / 0},
  'a value of another type' => q{SELECT gatehouse.authenticate_user('ada', 'x', ip => '%s')},
  'a wrong argument' => q{SELECT gatehouse.authenticate_user('ada', passwort => '%s')},
  'a syntax error' => q{SELECT gatehouse.hash_password('%s') FROM},
  'an open string' => q{SELECT gatehouse.hash_password('%s},
  'the wrong quotes' => q{SELECT gatehouse.hash_password("%s")},
  'a secret with a quotation mark' => q{SELECT gatehouse.hash_password('it's%s and more')},
  'the wrong quotes around a long one' => q{SELECT gatehouse.hash_password("%s%s%s%s")},
  'a name of the wrong kind' => q{SELECT gatehouse.hash_password('%s'::regclass::text)},
  'no JSON' => q{SELECT gatehouse.create_user('eve@example.com', 'eve', profile => '%s')},
  'no JSON within an object' => q{SELECT gatehouse.create_user('eve@example.com', 'eve', profile => '{"a": "%s" x}')},
  'an EXECUTE of what was lost, behind a comment' => q{/* c */ EXECUTE lost('%s')},
  'DO' => q{DO $$BEGIN PERFORM gatehouse.authenticate_user('ada', '%s'); END$$},
  'DO that fails' => q{DO $$DECLARE p text := '%s'; BEGIN PERFORM gatehouse.create_user('x', 'x', p); END$$},
  'EXECUTE within DO' => q{DO $$BEGIN EXECUTE 'SELECT gatehouse.hash_password(''%s'')'; END$$},
  'PREPARE' => q{PREPARE p AS SELECT gatehouse.hash_password('%s'); EXECUTE p},
  'EXECUTE' => q{PREPARE p(text) AS SELECT gatehouse.hash_password($1); EXECUTE p('%s')},
  'EXECUTE that fails' => q{PREPARE p(text) AS SELECT gatehouse.create_user('a', 'b', $1); EXECUTE p('%s')},
  'EXPLAIN' => q{EXPLAIN (ANALYZE, VERBOSE) SELECT gatehouse.authenticate_user('ada', '%s')},
  'CREATE TABLE AS' => q{CREATE TABLE public.t%d AS SELECT gatehouse.authenticate_user('ada', '%s')},
  'COPY' => q{COPY (SELECT gatehouse.authenticate_user('ada', '%s')) TO STDOUT},
  'DECLARE' => q{BEGIN; DECLARE c CURSOR FOR SELECT gatehouse.authenticate_user('ada', '%s'); FETCH c; COMMIT},
  'a parallel worker' => q{SELECT set_config(name, 'on', false) FROM pg_settings WHERE name IN ('force_parallel_mode', 'debug_parallel_query');
    SELECT gatehouse.verify_password('%s', 'x' || relname) FROM pg_class},
  'several statements' => q{SELECT 1; SELECT gatehouse.authenticate_user('ada', '%s'); SELECT 2},
  'an API key' => q{SELECT gatehouse.verify_api_key('sk_%s')},
  'a refresh token' => q{SELECT gatehouse.refresh_session('%s')},
  'a password taken for a field, for the second time' => q{SET log_statement = none; SET log_min_duration_statement = -1; SET auto_explain.log_min_duration = -1; SET debug_print_parse = off; SET debug_print_rewritten = off; SET debug_print_plan = off; SET log_duration = off;
    SELECT gatehouse.update_user(id, '{"password": "x"}') FROM gatehouse.users;
    SELECT gatehouse.update_user(id, '{"email": "x", "password": "%s"}') FROM gatehouse.users},
  'a statement that is cancelled' => q{SET statement_timeout = 1; SELECT gatehouse.authenticate_user('ada', '%s'), pg_sleep(10)},
);
my %word;
for my $case (sort keys %simple) {
  $word{$case} = word();
  (my $statement = $simple{$case}) =~ s/%s/$word{$case}/g;
  $statement =~ s/%d/$number/;
  $node->psql($db, $statement, on_error_stop => 0);
}

# What is run is the statement as it came, not the text that others are shown.
is(sql(q{PREPARE p(text) AS SELECT gatehouse.token_digest('abc') = gatehouse.token_digest($1), 'word', 42; EXECUTE p('abc')}), 't|word|42',
  'a prepared statement means what it said');
is(sql(q{PREPARE p AS SELECT gatehouse.token_digest('abc') IS NOT NULL, 'word'; CREATE TEMP TABLE x (); DISCARD PLANS; EXECUTE p}), 't|word',
  'also when it is planned anew');
sql(q{CREATE FUNCTION public.kept() RETURNS text LANGUAGE sql AS $$SELECT 'word' || coalesce(gatehouse.token_digest('abc')::text, '')$$;
  COMMENT ON FUNCTION public.kept() IS 'calls gatehouse.token_digest(''abc'')';
  CREATE VIEW public.kept_view AS SELECT 'word' AS w, gatehouse.token_digest('abc') AS d});
like(sql(q{SELECT prosrc || obj_description(oid) FROM pg_proc WHERE proname = 'kept'}), qr/^SELECT 'word'.*token_digest\('abc'\)/s,
  'functions and comments are stored as they were written');
is(sql('SELECT left(public.kept(), 6) || w FROM public.kept_view'), 'word\\xword', 'and views');

# By the extended protocol: bound, and as literals of a prepared statement.
sub bound {
  my ($mode, $word, $script) = @_;
  my $file = $node->basedir . '/bound.sql';
  unlink $file;
  append_to_file($file, $script);
  run_log(['pgbench', '-n', '-M', $mode, '-t', 2, '-D', "word=$word", '-h', $node->host, '-p', $node->port, '-f', $file, $db]);
}
for my $mode (qw(extended prepared)) {
  my %script = (
    'a right call' => q{SELECT gatehouse.hash_password(:word)},
    'an error' => q{SELECT gatehouse.create_user('x', 'y', :word)},
    'a value of another type' => q{SELECT gatehouse.authenticate_user('ada', 'x', :word)},
    'no JSON' => q{SELECT gatehouse.create_user('eve@example.com', 'eve', NULL, false, :word)},
    'a literal' => q{SELECT gatehouse.authenticate_user('ada', '%s')},
    'a literal and an error' => q{SELECT gatehouse.hash_password('%s'), 1 / 0},
  );
  for my $case (sort keys %script) {
    my $name = "$mode: $case";
    $word{$name} = word();
    (my $statement = $script{$case}) =~ s/%s/$word{$name}/g;
    bound($mode, $word{$name}, "$statement;\n");
  }
}

# While it runs, and idle afterwards: pg_stat_activity of a session that is still there.
sub session {
  my ($statement) = @_;
  my ($in, $out, $error) = ('', '', '');
  my $handle = start(['psql', '-XAtq', $node->connstr($db)], '<', \$in, '>', \$out, '2>', \$error);
  $in .= "$statement;\n\\echo done\n";
  return {handle => $handle, in => \$in, out => \$out};
}
sub activity { return sql(q{SELECT string_agg(query, ' ') FROM pg_stat_activity WHERE pid <> pg_backend_pid()}) }
for my $case (['idle after a call', q{SELECT gatehouse.hash_password('%s')}], ['idle after a syntax error', q{SELECT gatehouse.hash_password('%s') FROM}]) {
  my $word = $word{$case->[0]} = word();
  my $session = session($case->[1] =~ s/%s/$word/r);
  $session->{handle}->pump until ${$session->{out}} =~ /done/;
  is(index(activity(), $word), -1, "$case->[0]: pg_stat_activity does not show it");
  $session->{handle}->finish;
}
$word{'while it runs'} = word();
my $running = session("SELECT gatehouse.hash_password('$word{'while it runs'}'), pg_sleep(600)");
$running->{handle}->pump_nb;
$node->poll_query_until($db, q{SELECT EXISTS (SELECT FROM pg_stat_activity WHERE wait_event = 'PgSleep')}) or die 'it does not run';
is(index(activity(), $word{'while it runs'}), -1, 'while it runs: pg_stat_activity does not show it');

# A crash: the postmaster tells what the process was running.
my $pid = sql(q{SELECT pid FROM pg_stat_activity WHERE wait_event = 'PgSleep'});
kill 'KILL', $pid;
$running->{handle}->finish;
ok(logged(qr/Failed process was running: SELECT gatehouse\.hash_password\('\*+'\)/),
  'the report of a crash names the statement without the secret');
GatehouseNode::await_service($node) or die 'the server is not back';

# A deadlock, which quotes the other's statement.
sql('CREATE TABLE public.locked (n int PRIMARY KEY, m text); INSERT INTO public.locked VALUES (1), (2)');
my @sides = map { session("BEGIN; UPDATE public.locked SET m = 'x' WHERE n = $_") } 1, 2;
for my $side (@sides) { $side->{handle}->pump until ${$side->{out}} =~ /done/ }
for my $which (0, 1) {
  my $word = $word{"deadlock $which"} = word();
  my $other = 2 - $which;
  ${$sides[$which]{in}} .= "UPDATE public.locked SET m = gatehouse.hash_password('$word') WHERE n = $other;\n\\echo end\n";
  $sides[$which]{handle}->pump_nb;
  $node->poll_query_until($db, q{SELECT EXISTS (SELECT FROM pg_stat_activity WHERE wait_event_type = 'Lock')}) or die 'nobody waits' if $which == 0;
}
for my $side (@sides) { $side->{handle}->pump until ${$side->{out}} =~ /end/; $side->{handle}->finish }
ok(logged(qr/Process \d+: UPDATE public\.locked SET m = gatehouse\.hash_password\('\*+'\)/), 'the report of a deadlock quotes the other without its secret');

is(kept($node, $word{$_}), '', "$_: nothing keeps it") for sort keys %word;
isnt(sql(q{SELECT count(*) FROM pg_stat_statements WHERE query LIKE '%hash_password%'}), '0', 'pg_stat_statements knows the statements');

# What doesn't concern us stays as it is, in each of these places.
my $control = word();
sql("SELECT '$control'");
sql("DO \$\$BEGIN PERFORM '$control'; END\$\$");
bound('extended', "$control", "SELECT length(:word), '$control';\n");
is(kept($node, $control), 'stderr csvlog jsonlog pg_stat_statements', 'a statement of others is in every log and in pg_stat_statements');
my $parameter = word();
bound('extended', $parameter, "SELECT length(:word);\n");
is(kept($node, $parameter), 'stderr csvlog jsonlog', 'so are its bind parameters');
sub log_parameters {
  my ($value) = @_;
  $node->append_conf('postgresql.conf', "gatehouse.log_parameters = $value\n");
  $node->reload;
  $node->poll_query_until($db, "SELECT current_setting('gatehouse.log_parameters') = '$value'") or die 'no reload';
}
# What reaches us by somebody's own function is known for ours when that runs, not before: in what is logged until then a bound
# value is hidden only where the DBA asks for it.
my $detour = word();
bound('extended', $detour, "SELECT public.wrapped(:word);\n");
is(kept($node, $detour), 'stderr csvlog jsonlog', 'a parameter of a function of somebody\'s own is logged before that reaches ours');
log_parameters('none');
for my $case (['of others', 'SELECT length(:word)'], ['of somebody\'s own function', 'SELECT public.wrapped(:word)'],
  ['of that and an error', 'SELECT public.wrapped(:word), 1 / 0'])
{
  my $word = word();
  bound('extended', $word, "$case->[1];\n");
  is(kept($node, $word), '', "log_parameters = none: parameters $case->[0] are in no log");
}
log_parameters('all');
my $ours = word();
bound('extended', $ours, "SELECT length(gatehouse.hash_password(:word));\n");
is(kept($node, $ours), 'stderr csvlog jsonlog', 'log_parameters = all shows those of ours too');

# What can't be hidden, and SECURITY.md says so: a literal in such a statement.
$detour = word();
sql("SELECT public.wrapped('$detour')");
like(kept($node, $detour), qr/stderr csvlog jsonlog/, 'a literal to a function of somebody\'s own is logged before it reaches ours');
# A statement prepared by the protocol is kept as it came, for its own session to see.
my $own = word();
my $file = $node->basedir . '/own.sql';
append_to_file($file, "SELECT length(gatehouse.hash_password('$own'));\n"
  . "SELECT 1 / (1 - count(*)) FROM pg_prepared_statements WHERE strpos(statement, 'Canary' || '@{[substr $own, 6]}') > 0;\n");
my (undef, $complaint) = run_command(['pgbench', '-n', '-M', 'prepared', '-t', 1, '-h', $node->host, '-p', $node->port, '-f', $file, $db]);
like($complaint, qr/division by zero/, 'a statement that is prepared by the protocol is in pg_prepared_statements of its session as it came');
is(kept($node, $own), '', 'and nowhere else');

# What is no literal of the statement is not hidden either.
$detour = word();
$node->psql($db, "SELECT gatehouse.hash_password($detour)");
like(kept($node, $detour), qr/stderr csvlog jsonlog/, 'a secret without quotes is logged');
$node->stop;

# Without preloading a session hides from the moment that it has loaded the library.
my $plain = GatehouseNode::node('plain', logging_collector => 'on', log_destination => 'stderr,csvlog,jsonlog', log_directory => 'log',
  log_filename => 'server.log', log_min_error_statement => 'error', log_statement => 'none', 'gatehouse.argon2_memory' => '7MB', 'gatehouse.argon2_iterations' => 5);
GatehouseNode::database($plain, $db);
my %later = map { $_ => word() } qw(first second);
$plain->psql($db, "SELECT gatehouse.create_user('x', 'y', '$later{first}')");
$plain->psql($db, "SELECT gatehouse.version(), gatehouse.library_version(); SELECT gatehouse.hash_password('$later{second}'), 1 / 0 FROM", on_error_stop => 0);
for my $which (sort keys %later) {
  is(join(' ', map { index($_->[1], $later{$which}) >= 0 ? $_->[0] : () } logs($plain)), '', "not preloaded: the error of the $which call shows nothing");
}
my $early = word();
$plain->psql($db, "SELECT gatehouse.hash_password('$early') FROM");
is(join(' ', map { index($_->[1], $early) >= 0 ? $_->[0] : () } logs($plain)), 'stderr csvlog jsonlog',
  'not preloaded: an error before the library is loaded shows the statement');
$plain->stop;

done_testing();
