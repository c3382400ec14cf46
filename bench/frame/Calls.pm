# The soak's many calls in one session: those that succeed and those that fail leave its memory flat.
package Calls;
use strict;
use warnings;
use ServerProcesses;
use Session;
use Verdicts;

use constant {
  CHUNK => 1000,
  WARM_UP => 20,      # chunks
  LOGIN_EVERY => 5,   # chunks
};

my $password = 'correct horse battery staple';

sub run {
  my ($server, $database, $verdicts, $calls, $failures, $plant) = @_;
  $server->sql($database, <<"SQL");
SELECT gatehouse.register_scope('soak:read');
CREATE TABLE bench.caller AS
SELECT u.id, k.api_key FROM gatehouse.create_user('caller\@example.com', 'caller', '$password') u,
       LATERAL gatehouse.create_api_key(u.id, 'soak', ARRAY['soak:read']) k;
SQL
  my $session = Session->open($server, $database);
  my ($id, $key) = @{($session->query('SELECT id, api_key FROM bench.caller'))[0]};
  (my $unknown = $key) =~ s/(.)$/$1 eq 'a' ? 'b' : 'a'/e;
  # Each call depends on its row, or it would be made once; the answer tells how many did what they should.
  my $each = 'FROM generate_series(1, ' . CHUNK / 4 . ') i';
  my @chunk = (
    "SELECT count(v.api_key_id) $each, LATERAL gatehouse.verify_api_key(CASE WHEN i > 0 THEN '$key' END, '{soak:read}') v",
    "SELECT " . CHUNK / 4 . " - count(v.api_key_id) $each LEFT JOIN LATERAL gatehouse.verify_api_key(CASE WHEN i > 0 THEN '$unknown' END) v ON true",
    "SELECT count(l.failures) $each, LATERAL gatehouse.lock_status(CASE WHEN i > 0 THEN '$id'::uuid END) l",
    "SELECT count(gatehouse.token_digest(gatehouse.generate_token(16 + i % 16))) $each",
  );
  my $done = 0;
  my $chunk = sub {
    my ($number) = @_;
    for my $sql (@chunk) {
      my $worked = $session->value($sql);
      die "$worked of " . CHUNK / 4 . " calls did their work: $sql\n" if $worked != CHUNK / 4;
    }
    $done += CHUNK;
    if ($number % LOGIN_EVERY == 0) {
      for (['ok', $password], ['invalid_credentials', 'wrong']) {
        my $status = $session->value("SELECT status FROM gatehouse.authenticate_user('caller', '$_->[1]')");
        die "a login gave $status instead of $_->[0]\n" if $status ne $_->[0];
        $done++;
      }
    }
    $session->query("SELECT set_config('soak.kept_$number', repeat('x', 100000), false)") if $plant eq 'memory';
  };
  my @fail = ("SELECT gatehouse.lock_status(NULL)", "SELECT gatehouse.authenticate_user(NULL, 'x')", "SELECT gatehouse.check_new_password('short', NULL, NULL)",
    'SELECT gatehouse.generate_token(-1)');
  my $fail = sub {
    my ($number) = @_;
    $session->send($fail[$number % @fail]);
    my $answer = $session->answer(60);
    die "$fail[$number % @fail] gave " . ($answer->{sqlstate} // $answer->{state}) . "\n" if ($answer->{sqlstate} // '') ne '22023';
  };
  my $memory = sub {
    return {anonymous => ServerProcesses::own_memory($session->pid),
      contexts => $session->value('SELECT sum(total_bytes) FROM pg_backend_memory_contexts')};
  };

  $chunk->($_) for 0 .. WARM_UP - 1;
  $fail->($_) for 0 .. CHUNK - 1;
  $memory->();
  $done = 0;
  judge($verdicts, 'calls', $memory, sub { for (my $number = WARM_UP; $done < $calls; $number++) { $chunk->($number) } return $done });
  judge($verdicts, 'failing calls', $memory, sub { $fail->($_) for 1 .. $failures; return $failures });
  $session->close;
}

sub judge {
  my ($verdicts, $what, $memory, $work) = @_;
  my $before = $memory->();
  my $started = Session::now();
  my $done = $work->();
  my $seconds = Session::now() - $started;
  my $after = $memory->();
  printf "%d %s in %.0f s: anonymous memory %d -> %d bytes, memory contexts %d -> %d bytes\n", $done, $what, $seconds,
    map { ($before->{$_}, $after->{$_}) } qw(anonymous contexts);
  $verdicts->judge("$done $what", Verdicts::flat($before, $after));
}

1;
