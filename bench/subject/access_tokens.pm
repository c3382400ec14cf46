# Access tokens issued and verified in the server, against libsodium's signatures of as many bytes alone.
package subject::access_tokens;
use strict;
use warnings;

my $set_up = <<'SQL';
CREATE TABLE bench.token AS
SELECT u.id AS user_id, s.session_id, gatehouse.issue_access_token(u.id, s.session_id, lifetime => '1 day') AS token
  FROM gatehouse.create_user('ada@example.com', 'ada') u, gatehouse.create_refresh_token(u.id) s;
SQL

sub measure {
  my ($class, $bench) = @_;
  my $count = $bench->number('TOKENS', 5000);
  my $server = $bench->server;
  my $database = $server->database('access_tokens', sub { $server->sql($_[0], $set_up) });
  my ($bytes) = $server->sql($database, q{SELECT length(token) - 87 FROM bench.token;});

  my $in_server = sub {
    my ($name, $query) = @_;
    return {
      name => $name,
      run => sub {
        my $figures = $server->measure($database, $query, q{SELECT gatehouse.jwks();});
        die "$name: $figures->{answer} of $count\n" if $figures->{answer} != $count;
        return {'microseconds a token' => $figures->{seconds} / $count * 1e6, 'processor' => $figures->{processor_seconds} / $count * 1e6};
      },
    };
  };
  my $alone = sub {
    my ($name, $verb) = @_;
    return {
      name => $name,
      run => sub {
        my ($seconds, $processor) = split ' ', $bench->must('bench/native/signature_loop', $count, $verb, $bytes);
        return {'microseconds a token' => $seconds / $count * 1e6, 'processor' => $processor / $count * 1e6};
      },
    };
  };
  $bench->compare(
    title => "access tokens: $count of $bytes signed bytes, of a session",
    metrics => ['microseconds a token', 'processor'],
    contenders => [
      $in_server->('verify_access_token', "SELECT count(v.user_id) FROM generate_series(1, $count) i, bench.token t, LATERAL gatehouse.verify_access_token(CASE WHEN i > 0 THEN t.token END) v"),
      $alone->('libsodium verifies', 'verify'),
      $in_server->('issue_access_token', "SELECT count(gatehouse.issue_access_token(t.user_id, CASE WHEN i > 0 THEN t.session_id END)) FROM generate_series(1, $count) i, bench.token t"),
      $alone->('libsodium signs', 'sign'),
    ],
    ratios => [
      {name => 'verify_access_token : libsodium', metric => 'microseconds a token', beside => 'processor', of => 'verify_access_token', against => 'libsodium verifies'},
      {name => 'issue_access_token : libsodium', metric => 'microseconds a token', beside => 'processor', of => 'issue_access_token', against => 'libsodium signs'},
    ],
  );
}

1;
