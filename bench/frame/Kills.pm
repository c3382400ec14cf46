# The soak's kills: logins go on while one process after another is killed, or sessions in the gate are told to end. After each
# the server serves, the gate is empty, counts are as they were stored and answers were true.
package Kills;
use strict;
use warnings;
use ServerProcesses;
use Session;
use Verdicts;

use constant {PATIENCE => 60, LOGINS => 4};
my $password = 'correct horse battery staple';

# The owner logs in rightly, the others are attacked.
my @loads = map { {account => "load$_", right => $_ == 0, sent => 0, refused => 0} } 0 .. LOGINS - 1;

sub run {
  my ($server, $database, $verdicts, $rounds, $plant) = @_;
  $server->sql($database, "SELECT gatehouse.create_user(n || '\@example.com', n, '$password') FROM unnest(ARRAY["
    . join(', ', map {"'$_->{account}'"} @loads) . ']) n;');
  my $self = bless {server => $server, database => $database, verdicts => $verdicts, plant => $plant}, __PACKAGE__;
  for my $round (1 .. $rounds) {
    for my $victim ('a hash', 'a waiter', 'a login', 'the launcher', 'the worker', 'the server') {
      $self->{where} = "round $round, kill -9 of $victim";
      my $started = Session::now();
      $self->kill_one($victim);
      printf "%s: serves again, %.1f s\n", $self->{where}, Session::now() - $started;
    }
    $self->{where} = "round $round, sessions told to end";
    $self->end_sessions;
    print "$self->{where}: done\n";
  }
}

sub judge { my ($self, $what, $fault) = @_; $self->{verdicts}->judge("$self->{where}, $what", $fault) }

sub open { return Session->open($_[0]{server}, $_[0]{database}) }

# Polls until the code gives something true.
sub until_true {
  my ($what, $code) = @_;
  my $until = Session::now() + PATIENCE;
  while (1) {
    my $value = $code->();
    return $value if $value;
    die "$what: not within " . PATIENCE . " s\n" if Session::now() > $until;
    select undef, undef, undef, 0.02;
  }
}

sub send_login {
  my ($self, $load) = @_;
  my $given = !$load->{right} ? 'wrong' : $self->{plant} eq 'answer' ? 'the soak says that this is right' : $password;
  $load->{sent}++;
  $load->{session}->send("SELECT status, statement_timestamp() FROM gatehouse.authenticate_user('$load->{account}', '$given')");
}

# Notes the answer of a login that has come to its end.
sub take_answer {
  my ($self, $load, $cut) = @_;
  my $answer = $load->{session}->answer(0);
  ($answer->{status}, my $at) = @{$answer->{rows}[0] // []};
  $self->judge("login of $load->{account}", Verdicts::answer_consistent($answer, $load->{right}, $cut));
  return if !defined $answer->{status};
  $load->{refused}++ if $answer->{status} eq 'invalid_credentials';
  $load->{ok_at} = $at if $answer->{status} eq 'ok';
}

# Logins one after the other in each session, until the condition holds.
sub pump {
  my ($self, $until) = @_;
  my $deadline = Session::now() + PATIENCE;
  while (!$until->()) {
    die "logins do not go on\n" if Session::now() > $deadline;
    for my $load (@loads) {
      next if $load->{session}{state} eq 'waiting' && !IO::Select->new($load->{session}->socket)->can_read(0);
      next if $load->{session}{state} eq 'waiting' && !$load->{session}->read;
      $self->take_answer($load, 0) if $load->{session}{state} ne 'idle';
      die "a session was lost before anything was killed\n" if $load->{session}{state} eq 'lost';
      $self->send_login($load);
    }
    select undef, undef, undef, 0.002;
  }
}

sub start_load {
  my ($self) = @_;
  for my $load (@loads) {
    $load->{session} = $self->open;
    $self->send_login($load);
  }
  my %sent = map { ($_->{account} => $_->{sent}) } @loads;
  $self->pump(sub { !grep { $_->{sent} < $sent{$_->{account}} + 3 } @loads });
}

# Every login comes to an end: an answer, or a lost connection where one was cut.
sub end_load {
  my ($self, $cut) = @_;
  Session::await([map { $_->{session} } @loads], PATIENCE);
  for my $load (@loads) {
    $self->take_answer($load, ref $cut ? $cut->{$load->{account}} : $cut);
    $load->{session}->close;
  }
}

# A hash of about a second holds the only slot, and all the others wait.
sub hold {
  my ($self, $keeper) = @_;
  my $holder = $self->open;
  $holder->query("SET gatehouse.argon2_memory = '256MB'");
  $holder->query('SET gatehouse.argon2_iterations = 16');
  $holder->send("SELECT gatehouse.hash_password('$password')");
  my $waiting = join ', ', map { $_->{session}->pid } @loads;
  # Meanwhile the logins that are answered make room: each is sent anew.
  my $asked_at = 0;
  $self->pump(sub {
    return 0 if Session::now() - $asked_at < 0.02;
    $asked_at = Session::now();
    die "the hash ended before the others waited\n" if $holder->{state} ne 'waiting' || IO::Select->new($holder->socket)->can_read(0);
    return $keeper->value("SELECT count(*) = " . LOGINS . " FROM pg_stat_activity WHERE pid IN ($waiting) AND wait_event_type = 'Extension'") eq 't'
      && $keeper->value('SELECT hashing = 1 FROM gatehouse.server_state()') eq 't'
      && $keeper->value("SELECT wait_event IS NULL AND state = 'active' FROM pg_stat_activity WHERE pid = " . $holder->pid) eq 't';
  });
  return $holder;
}

sub process_of { my ($keeper, $type) = @_; return $keeper->value("SELECT min(pid) FROM pg_stat_activity WHERE backend_type = '$type'") }

# What the table has of the attacked accounts, and what is told of them.
sub counts {
  my ($session) = @_;
  return {map { ($_->[0] => {stored => $_->[1], told => $_->[2], last_login_at => $_->[3]}) } $session->query(<<'SQL')};
SELECT u.username, coalesce(t.failures, 0), l.failures, u.last_login_at
  FROM gatehouse.users u CROSS JOIN LATERAL gatehouse.lock_status(u.id) l
  LEFT JOIN gatehouse.login_throttles t ON t.subject = gatehouse.throttle_subject('account', u.id::text)
 WHERE u.username LIKE 'load%'
SQL
}

sub kill_one {
  my ($self, $victim) = @_;
  my $keeper = $self->open;
  $self->start_load;
  my ($before, $holder, $locker) = (counts($keeper));
  my $postmaster = ServerProcesses::postmaster($self->{server}{folder});
  my @pids;
  if ($victim eq 'a hash' || $victim eq 'a waiter') {
    $holder = $self->hold($keeper);
    @pids = $victim eq 'a hash' ? $holder->pid : $loads[1]{session}->pid;
  }
  elsif ($victim eq 'a login') { @pids = $loads[1]{session}->pid }
  elsif ($victim eq 'the launcher') { @pids = until_true('a launcher', sub { process_of($keeper, 'gatehouse launcher') }) }
  elsif ($victim eq 'the worker') {
    # It lives for a moment only: the table that it writes to is kept from it.
    $locker = $self->open;
    $locker->query('BEGIN');
    $locker->query('LOCK TABLE gatehouse.login_throttles IN ACCESS EXCLUSIVE MODE');
    @pids = until_true('a worker', sub { process_of($keeper, 'gatehouse worker') });
  }
  else { @pids = ServerProcesses::all($postmaster) }

  kill 'KILL', @pids;
  # On a busy machine the logins may be answered before the postmaster has noticed: who comes then would be lost with them.
  until_true('the server notices', sub { IO::Select->new($keeper->socket)->can_read(0) });
  $self->end_load(1);
  $_->close for grep { defined } $keeper, $holder, $locker;
  $self->start_again(@pids) if $victim eq 'the server';
  $self->judge_after($before);
}

sub start_again {
  my ($self, @pids) = @_;
  until_true('the end of the killed', sub { !grep { -d "/proc/$_" && (ServerProcesses::status_kilobytes($_, 'VmRSS') // 0) > 0 } @pids });
  my $server = $self->{server};
  # A child that was forked beside the kill holds the shared memory until it has noticed.
  until_true('the server starts again', sub {
    eval {
      $server->tool('run', "$server->{place}{programs}/pg_ctl", '-D', "$server->{folder}/data", '-l', "$server->{folder}/server.log", '-s', '-w',
        '-t', PATIENCE, 'start');
      1;
    };
  });
}

sub judge_after {
  my ($self, $before) = @_;
  my $session = until_true('the server serves', sub { eval { my $new = $self->open; $new->query('SELECT 1'); $new } });
  my $planted = $self->{plant} eq 'slot' ? $self->planted_holder : undef;
  $self->judge_gate($session);
  $planted->answer(PATIENCE) if $planted;
  my $plant = $self->{plant} eq 'raised_count' ? 'failures + 1000000' : $self->{plant} eq 'lost_count' ? 'failures - 1' : undef;
  $session->query("UPDATE gatehouse.login_throttles SET failures = $plant WHERE failures > 0") if defined $plant;
  my $after = counts($session);
  for my $load (@loads) {
    my ($was, $is) = map { $_->{$load->{account}} } $before, $after;
    $self->judge("count of $load->{account}", Verdicts::count_kept(
      {stored => $load->{right} ? 0 : $was->{stored}, kept => $is->{stored}, told => $is->{told}, sent => $load->{sent}}));
    next if !defined $load->{ok_at};
    my $stands = $session->value("SELECT coalesce('" . ($is->{last_login_at} // '-infinity') . "'::timestamptz >= '$load->{ok_at}', false)");
    $self->judge("login of $load->{account} that was answered ok", $stands eq 't' ? undef : 'is not in the table');
  }
  $self->judge('a right password', $session->value("SELECT status FROM gatehouse.authenticate_user('load0', '$password')") eq 'ok' ? undef
    : 'is not answered ok');
  until_true('the launcher is back', sub { process_of($session, 'gatehouse launcher') });
  until_true('the worker serves', sub { $session->value('SELECT gatehouse.worker_serves_database()') eq 't' });
  $session->close;
}

sub planted_holder {
  my ($self) = @_;
  my $holder = $self->open;
  $holder->query("SET gatehouse.argon2_memory = '256MB'");
  $holder->query('SET gatehouse.argon2_iterations = 16');
  $holder->send("SELECT gatehouse.hash_password('$password')");
  my $watcher = $self->open;
  until_true('the planted hash', sub { $watcher->value('SELECT hashing = 1 FROM gatehouse.server_state()') eq 't' });
  $watcher->close;
  return $holder;
}

# By its counts, and by a hash that finds its place without a wait.
sub judge_gate {
  my ($self, $session) = @_;
  $self->judge('gate', Verdicts::gate_empty(@{($session->query('SELECT hashing, hashes_waiting FROM gatehouse.server_state()'))[0]}));
  $session->query('SET gatehouse.hash_wait_timeout = 0');
  $session->send("SELECT gatehouse.hash_password('$password') IS NOT NULL");
  my $answer = $session->answer(PATIENCE);
  $self->judge('a hash', defined $answer->{error} ? "finds no place: $answer->{error}" : undef);
  $session->query('RESET gatehouse.hash_wait_timeout');
}

# Cancelled or terminated in the gate, a session gives its place back, and nobody else notices.
sub end_sessions {
  my ($self) = @_;
  my $keeper = $self->open;
  my $before = counts($keeper);
  my %sent = map { ($_->{account} => [@$_{qw(sent refused)}]) } @loads;
  for my $how ('pg_cancel_backend', 'pg_terminate_backend') {
    $self->start_load;
    my $holder = $self->hold($keeper);
    $keeper->value("SELECT $how($_)") for $loads[1]{session}->pid, $holder->pid;
    kill 'KILL', $loads[2]{session}->pid if $self->{plant} eq 'restart';
    my $answer = $holder->answer(PATIENCE);
    $self->judge("$how of a hash", ($answer->{sqlstate} // '') =~ /^57(?:014|P01)$/ ? undef : 'it ended otherwise: ' . ($answer->{sqlstate} // $answer->{state}));
    $holder->close;
    $self->end_load({$loads[1]{account} => 1});
    $self->judge_gate($keeper);
  }
  my $after = counts($keeper);
  for my $load (grep { !$_->{right} } @loads) {
    my ($were, $refused) = @{$sent{$load->{account}}};
    $self->judge("count of $load->{account}", Verdicts::count_exact($before->{$load->{account}}{told}, $after->{$load->{account}}{told},
      $load->{refused} - $refused, $load->{sent} - $were));
  }
  $keeper->close;
}

1;
