# Whether the time of a login's refusal tells why it was refused: a wrong password of a known account against everything else
# that is refused alike, by two-sample tests.
package subject::login_times;
use strict;
use warnings;
use List::Util qw(shuffle);
use Comparison;
use ServerProcesses;
use Session;
use TwoSamples;

use constant BOUND => 0.01;
my $password = 'a password that nobody has set';
my $reference = 'known, wrong password';

# Accounts of each kind have a hash by one way and a change of their row.
my @kinds = (
  {name => $reference, hash => 'today'},
  {name => 'the same again', hash => 'today', note => 'control: the same kind, another sample'},
  {name => 'unknown login', absent => 1},
  {name => 'without a password', oauth => 1},
  {name => 'deleted', hash => 'today', change => 'deleted_at = now()'},
  {name => 'stopped', hash => 'today', change => 'is_active = false'},
  {name => 'hash of 19 MiB', hash => 'older'},
  {name => 'hash by bcrypt', hash => 'bcrypt'},
);

sub measure {
  my ($class, $bench) = @_;
  my $samples = $bench->number('SAMPLES', 200);
  my $server = $bench->server('preloaded', 'shared_preload_libraries=gatehouse', 'max_connections=260');
  my @measured = grep { !defined $_->{skip} } map { +{%$_} } @kinds;
  my $database = $server->database('login_times', sub { fill($server, $_[0], $samples, \@measured) });

  my $session = Session->open($server, $database);
  $session->query('SET gatehouse.lockout_threshold = 0');
  $session->query('SET gatehouse.address_threshold = 0');
  # Every kind as often and in an order by chance, so that what changes meanwhile changes for all; the first ones warm up.
  my @order = shuffle(map { my $kind = $_; map { [$kind, $_] } 1 .. $samples } 0 .. $#measured);
  attempt($session, $_, 1) for 0 .. $#measured;
  my $done = 0;
  for my $turn (@order) {
    my ($kind, $number) = @$turn;
    my ($seconds, $processor) = attempt($session, $kind, $number);
    push @{$measured[$kind]{clock}}, $seconds * 1e3;
    push @{$measured[$kind]{processor}}, $processor / 1e6;
    $bench->say_now(sprintf 'login_times: %d of %d logins', $done, scalar @order) if ++$done % 200 == 0;
  }
  $session->close;
  $bench->keep(judged(\@measured, 'clock', "refused logins by the client's clock", $samples));
  $bench->keep(judged(\@measured, 'processor', "the same by the server's processor time", $samples));
}

# Every attempt is on a login of its own.
sub attempt {
  my ($session, $kind, $number) = @_;
  my $before = ServerProcesses::processor_nanoseconds($session->pid);
  $session->send("SELECT status FROM gatehouse.authenticate_user('k$kind.$number\@example.com', '$password', '192.0.2.1', 'bench')");
  my $answer = $session->answer(60);
  my $processor = ServerProcesses::processor_nanoseconds($session->pid) - $before;
  my $status = $answer->{rows}[0][0] // $answer->{error} // $answer->{state};
  die "$kinds[$kind]{name}: the login gave $status\n" if $status ne 'invalid_credentials';
  return ($answer->{seconds}, $processor);
}

# One hash serves all accounts of a kind: how long it takes doesn't depend on it.
sub fill {
  my ($server, $database, $samples, $measured) = @_;
  my %hash;
  ($hash{today}) = $server->sql($database, "SELECT gatehouse.hash_password('the password of these accounts');");
  ($hash{older}) = $server->sql($database, "SET gatehouse.argon2_memory = '19MB'; SET gatehouse.argon2_iterations = 2; "
    . "SELECT gatehouse.hash_password('the password of these accounts');");
  $hash{bcrypt} = crypt 'the password of these accounts', '$2b$10$' . 'abcdefghijklmnopqrstuu';
  die "crypt(3) of this system makes no bcrypt\n" if ($hash{bcrypt} // '') !~ /^\$2b\$10\$/;
  for my $kind (0 .. $#$measured) {
    my %of = %{$measured->[$kind]};
    next if $of{absent};
    my @sql = <<"SQL";
INSERT INTO gatehouse.users (id, email, email_normal, username, username_normal, is_superuser, is_verified, is_active, profile,
                             created_at, updated_at)
SELECT gatehouse.uuid_v7(), n || '\@example.com', n || '\@example.com', n, n, false, true, true, '{}', now(), now()
  FROM (SELECT 'k$kind.' || i AS n FROM generate_series(1, $samples) i) named;
SQL
    my $these = "username LIKE 'k$kind.%'";
    push @sql, "INSERT INTO gatehouse.password_credentials SELECT id, '$hash{$of{hash}}', now() FROM gatehouse.users WHERE $these;" if $of{hash};
    push @sql, "INSERT INTO gatehouse.oauth_identities SELECT 'provider', username, id, now() FROM gatehouse.users WHERE $these;" if $of{oauth};
    push @sql, "UPDATE gatehouse.users SET $of{change} WHERE $these;" if $of{change};
    $server->sql($database, join "\n", @sql);
  }
  $server->sql($database, 'VACUUM (FREEZE, ANALYZE) gatehouse.users, gatehouse.password_credentials, gatehouse.oauth_identities;');
}

# The tests' answers as figures. A difference is one that Kolmogorov and Smirnov find among all kinds at once, by Holm.
sub judged {
  my ($measured, $by, $title, $samples) = @_;
  my ($base, $again, @others) = @$measured;
  my @tests = map { TwoSamples::kolmogorov_smirnov($base->{$by}, $_->{$by}) } @others;
  my @family = TwoSamples::holm(map { $_->{p} } @tests);
  my @contenders = map { {name => $_->{name}, state => 'measured', note => $_->{note}, metrics => {milliseconds => Comparison::spread(@{$_->{$by}})}} }
    @$measured;
  my $tested = sub {
    my ($contender, $sample, $family) = @_;
    my $distance = TwoSamples::kolmogorov_smirnov($base->{$by}, $sample);
    my $rank = TwoSamples::mann_whitney($base->{$by}, $sample);
    my %figures = ('distance' => $distance->{distance}, 'p of Kolmogorov-Smirnov' => $distance->{p}, 'p of Mann-Whitney' => $rank->{p},
      defined $family ? ('p of all by Holm' => $family) : ());
    $contender->{metrics}{$_} = Comparison::spread($figures{$_}) for keys %figures;
    $contender->{note} //= $family > BOUND ? 'indistinguishable: met' : 'told apart: missed';
  };
  $tested->($contenders[1], $again->{$by});
  $tested->($contenders[2 + $_], $others[$_]{$by}, $family[$_]) for 0 .. $#others;
  my $shift = least_shift($base->{$by}, $again->{$by});
  return {
    title => "$title, $samples of each; target: p of all > " . BOUND . " against \"$base->{name}\"; "
      . (defined $shift ? sprintf 'a shift of %.2f ms would be found', $shift : 'no shift of up to 50 % would be found'),
    metrics => ['milliseconds', 'distance', 'p of Kolmogorov-Smirnov', 'p of Mann-Whitney', 'p of all by Holm'],
    contenders => \@contenders, ratios => [],
  };
}

# What the test can see at all: the least shift of a sample of the same kind that it finds.
sub least_shift {
  my ($one, $other) = @_;
  my $middle = Comparison::median(@$one);
  for my $steps (1 .. 500) {
    my $shift = $middle * $steps / 1000;
    return $shift if TwoSamples::kolmogorov_smirnov($one, [map { $_ + $shift } @$other])->{p} <= BOUND;
  }
  return undef;
}

1;
