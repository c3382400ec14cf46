# What gate, count and event cost a refused login: with the library preloaded, against a server without it on which nothing is
# counted.
package subject::login_cost;
use strict;
use warnings;

sub measure {
  my ($class, $bench) = @_;
  my $count = $bench->number('HASHES', 10);
  my %server = (
    'preloaded' => $bench->server('preloaded', 'shared_preload_libraries=gatehouse', 'max_connections=260'),
    'not preloaded, no limits' => $bench->server,
  );
  my $contender = sub {
    my ($name, $before) = @_;
    my $server = $server{$name};
    return {
      name => $name,
      run => sub {
        my $database = $server->database('login_cost', sub {
          $server->sql($_[0], "SELECT gatehouse.create_user('ada\@example.com', 'ada', 'correct horse battery staple');");
        });
        my $figures = $server->measure($database, <<"SQL", $before);
SELECT count(*) FILTER (WHERE a.status = 'invalid_credentials')
  FROM generate_series(1, $count) i, LATERAL gatehouse.authenticate_user('ada', 'wrong ' || i, '192.0.2.1') a
SQL
        die "$figures->{answer} of $count logins were refused for their password\n" if $figures->{answer} != $count;
        return {'milliseconds a login' => $figures->{seconds} / $count * 1e3, 'processor' => $figures->{processor_seconds} / $count * 1e3};
      },
    };
  };
  $bench->compare(
    title => "a login with a wrong password, $count a round in one transaction",
    contenders => [
      # Above what the rounds can reach, and so counted but never refused.
      $contender->('preloaded', 'SET gatehouse.lockout_threshold = 1000000; SET gatehouse.address_threshold = 1000000;'),
      $contender->('not preloaded, no limits', 'SET gatehouse.lockout_threshold = 0; SET gatehouse.address_threshold = 0;'),
    ],
    ratios => [{name => 'preloaded : not preloaded', metric => 'milliseconds a login', beside => 'processor', of => 'preloaded',
      against => 'not preloaded, no limits'}],
  );
}

1;
