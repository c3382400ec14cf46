# Many logins at once: what memory they take, what becomes of other queries meanwhile, and that each is answered. The gate as it
# is set by default, against a gate that stands open.
package subject::logins;
use strict;
use warnings;
use List::Util qw(max min);
use POSIX ();
use Comparison;
use ServerProcesses;
use Session;

use constant {
  MEGABYTE => 1024 * 1024,
  ACCOUNTS => 20,
  PROBE_EVERY => 0.005,     # seconds
  PROBE_SECONDS => 3,
  SAMPLE_EVERY => 0.02,     # seconds
  PATIENCE => 180,
};
my $password = 'correct horse battery staple';
my @answers = qw(ok invalid_credentials locked busy);

sub measure {
  my ($class, $bench) = @_;
  my $logins = $bench->number('LOGINS', 200);
  my $server = $bench->server('preloaded', 'shared_preload_libraries=gatehouse', 'max_connections=260');
  my $database = $server->database('logins', sub { fill($server, $_[0]) });
  my ($slots, $cost) = split /\|/, join '', $server->sql($database,
    "SELECT s.setting, c.setting FROM pg_settings s, pg_settings c WHERE s.name = 'gatehouse.max_concurrent_hashes' AND c.name = 'gatehouse.argon2_memory';");
  my $hash_bytes = $cost * 1024;
  # Without the gate all hash at once: not more of them than the machine has memory for, and some to spare.
  my $room = int((ServerProcesses::available_memory() - 4096 * MEGABYTE) / ($hash_bytes + 5 * MEGABYTE));
  my $open = min($logins, max($room, 1));

  my $contender = sub {
    my ($name, $count, %settings) = @_;
    return {
      name => $name, note => ($count < $logins ? "$count logins: no memory for more" : undef),
      run => sub { return storm($server, $database, $count, $hash_bytes, %settings) },
    };
  };
  $bench->compare(
    title => "$logins logins at once, " . $hash_bytes / MEGABYTE . " MiB a hash, $slots slots; a SELECT by primary key every "
      . PROBE_EVERY * 1e3 . ' ms beside them',
    metrics => [(map {"memory, $_"} 'MB at most', 'MB allowed', 'MB of connections'), (map {"other queries, $_"} 'ms median', 'ms p99'),
      'logins, seconds', (map {"logins, $_"} @answers)],
    contenders => [
      {name => 'no login', run => sub { return quiet($server, $database) }},
      $contender->('the gate', $logins),
      $contender->('gate wide open', $open, max_concurrent_hashes => 1024),
    ],
    ratios => [
      {name => 'the gate: grown : allowed', metric => 'memory, MB at most', metric_against => 'memory, MB allowed', of => 'the gate',
        against => 'the gate', target => ['<=', 1]},
      {name => 'memory, the gate : wide open', metric => 'memory, MB at most', of => 'the gate', against => 'gate wide open'},
      (map { my $metric = $_; map { +{name => "$metric, $_ : no login", metric => "other queries, ms $metric", of => $_, against => 'no login'} }
        'the gate', 'gate wide open' } qw(median p99)),
    ],
  );
}

sub fill {
  my ($server, $database) = @_;
  my $accounts = ACCOUNTS;
  $server->sql($database, <<"SQL");
CREATE TABLE bench.accounts AS
SELECT (gatehouse.create_user('known' || i || '\@example.com', 'known' || i, '$password')).id FROM generate_series(1, $accounts) i;
UPDATE gatehouse.users SET is_verified = true;
CREATE TABLE bench.probed (id bigint PRIMARY KEY, note text);
INSERT INTO bench.probed SELECT i, md5(i::text) FROM generate_series(1, 100000) i;
VACUUM (FREEZE, ANALYZE) bench.probed, gatehouse.users, gatehouse.password_credentials;
SQL
}

sub set {
  my ($server, %settings) = @_;
  my @sql = map { defined $settings{$_} ? "ALTER SYSTEM SET gatehouse.$_ = '$settings{$_}';" : "ALTER SYSTEM RESET gatehouse.$_;" }
    qw(max_concurrent_hashes);
  $server->sql('postgres', join "\n", @sql, 'SELECT pg_reload_conf();');
}

# Who comes in turn: an account with its password, an unknown one, an account with a wrong password. The wrong ones are spread
# over accounts of their own each, so that no lock answers in the gate's stead.
sub login {
  my ($number) = @_;
  my $right = $number % 3 == 0;
  my $half = ACCOUNTS / 2;
  my $account = 1 + int($number / 3) % $half;
  my $login = $right ? "known$account" : $number % 3 == 1 ? "unknown$number" : 'known' . ($half + $account);
  my $given = $right ? $password : 'not the password';
  return {
    sql => "SELECT status FROM gatehouse.authenticate_user('$login', '$given', '192.0.2." . $number % 250 . "', 'bench')",
    expected => $right ? qr/^(?:ok|busy)$/ : qr/^(?:invalid_credentials|locked|busy)$/,
  };
}

sub storm {
  my ($server, $database, $count, $hash_bytes, %settings) = @_;
  set($server, %settings);
  my $postmaster = ServerProcesses::postmaster($server->{folder});
  my $probe = start_probe($server, $database);
  my $memory = sub { return ServerProcesses::own_memory(ServerProcesses::all($postmaster)) };
  my $before = $memory->();
  my @sessions = map { Session->open($server, $database) } 1 .. $count;
  # A count of failures from before is none of this storm's.
  $sessions[0]->query('SELECT gatehouse.unlock_user(a.id) FROM bench.accounts a');
  my $connected = $memory->();
  my $slots = $sessions[0]->value("SELECT current_setting('gatehouse.max_concurrent_hashes')");
  my $most = $connected;
  my @logins = map { login($_) } 0 .. $count - 1;
  my $started = Session::now();
  go($probe);
  $sessions[$_]->send($logins[$_]{sql}) for 0 .. $#sessions;
  my $sampled_at = 0;
  Session::await(\@sessions, PATIENCE, SAMPLE_EVERY, sub {
    return if Session::now() - $sampled_at < SAMPLE_EVERY;
    $sampled_at = Session::now();
    $most = max($most, $memory->());
  });
  my $seconds = Session::now() - $started;
  my @latencies = end_probe($probe);
  my %answered = map { $_ => 0 } @answers;
  for my $number (0 .. $#sessions) {
    my $answer = $sessions[$number]->answer(0);
    my $status = defined $answer->{error} ? "an error: $answer->{error}" : $answer->{rows}[0][0] // $answer->{state};
    die "login $number gave $status\n" if $status !~ $logins[$number]{expected};
    ++$answered{$status};
  }
  $_->close for @sessions;
  wait_for_end($postmaster, $count);
  return {
    'memory, MB at most' => ($most - $before) / MEGABYTE, 'memory, MB of connections' => ($connected - $before) / MEGABYTE,
    'memory, MB allowed' => (min($slots, $count) * $hash_bytes + $count * 5e6) / MEGABYTE,
    latency_figures(@latencies), 'logins, seconds' => $seconds, map { ("logins, $_" => $answered{$_}) } @answers,
  };
}

# Sessions that are closed end at their own pace; the next storm starts without them.
sub wait_for_end {
  my ($postmaster, $count) = @_;
  my $until = Session::now() + PATIENCE;
  while (grep { defined } map { backend_of($_) } ServerProcesses::all($postmaster)) {
    die "sessions do not end\n" if Session::now() > $until;
    select undef, undef, undef, 0.02;
  }
}

# Its title names the client's address, here the socket.
sub backend_of {
  my ($pid) = @_;
  open my $file, '<', "/proc/$pid/cmdline" or return undef;
  return (<$file> // '') =~ /\[local\]/ ? $pid : undef;
}

sub quiet {
  my ($server, $database) = @_;
  my $probe = start_probe($server, $database);
  go($probe);
  select undef, undef, undef, PROBE_SECONDS;
  return {latency_figures(end_probe($probe))};
}

sub latency_figures {
  my @sorted = sort { $a <=> $b } @_;
  die 'only ' . @sorted . " other queries were answered\n" if @sorted < 20;
  return ('other queries, ms median' => Comparison::median(@sorted) * 1e3,
    'other queries, ms p99' => $sorted[POSIX::ceil(0.99 * @sorted) - 1] * 1e3);
}

# A process of its own asks at set times, whether the last answer came late or not: a wait counts from the time at which the
# query was due.
sub start_probe {
  my ($server, $database) = @_;
  pipe my $word, my $say or die "pipe: $!\n";
  pipe my $read, my $tell or die "pipe: $!\n";
  my $pid = fork // die "fork: $!\n";
  if (!$pid) {
    $SIG{$_} = 'DEFAULT' for qw(HUP INT PIPE TERM);
    close $_ for $say, $read;
    eval { probe($server, $database, $word, $tell); 1 } or print {$tell} "failed: $@";
    close $tell;
    POSIX::_exit(0);
  }
  close $_ for $word, $tell;
  my $probe = {pid => $pid, say => $say, read => $read};
  my $ready = readline $read;
  die 'the other queries: ' . ($ready // 'ended') . "\n" if ($ready // '') ne "ready\n";
  return $probe;
}

sub go { syswrite $_[0]{say}, 'g' }

sub end_probe {
  my ($probe) = @_;
  close $probe->{say};
  my @lines = readline $probe->{read};
  waitpid $probe->{pid}, 0;
  chomp @lines;
  my ($failure) = grep { !/^[\d.e-]+$/ } @lines;
  die "the other queries: $failure\n" if defined $failure;
  return @lines;
}

sub probe {
  my ($server, $database, $word, $tell) = @_;
  my $session = Session->open($server, $database);
  my $ask = sub { $session->value('SELECT note FROM bench.probed WHERE id = ' . (1 + int rand 100000)) };
  $ask->() for 1 .. 100;
  syswrite $tell, "ready\n";
  sysread $word, my $go, 1;
  my @latencies;
  my $due = Session::now();
  my $ended = IO::Select->new($word);
  while (1) {
    $due += PROBE_EVERY;
    my $left = $due - Session::now();
    last if $ended->can_read($left > 0 ? $left : 0);
    $ask->();
    push @latencies, Session::now() - $due;
  }
  $session->close;
  print {$tell} map {"$_\n"} @latencies;
}

1;
