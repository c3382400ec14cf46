# An API key verified by a client's prepared statement against the bare SELECT by primary key in the same way.
package subject::api_keys_round_trip;
use strict;
use warnings;
use KeyTable;

# pgbench has no random text: each of these scripts presents one key.
use constant SCRIPTS => 100;

sub measure {
  my ($class, $bench) = @_;
  my $keys = $bench->number('KEYS', 1_000_000);
  my $seconds = $bench->number('SECONDS', 4);
  my $clients = $bench->number('CLIENTS', 2);
  my $server = $bench->server;
  my $database = KeyTable::database($bench, $server, $keys, 1);
  my @presented = map { [split /\|/] } $server->sql($database, 'SELECT api_key, id FROM bench.presented ORDER BY i LIMIT ' . SCRIPTS . ';');

  my $contender = sub {
    my ($name, $column, $statement) = @_;
    my @scripts = map { sprintf($statement, ":value_$_") . ";\n" } 0 .. $#presented;
    my @variables = map {"value_$_=$presented[$_][$column]"} 0 .. $#presented;
    return {
      name => $name,
      run => sub {
        my $figures = $server->throughput($database,
          scripts => \@scripts, variables => \@variables, clients => $clients, seconds => $seconds);
        return {'transactions a second' => $figures->{tps}};
      },
    };
  };
  my @ratio = (metric => 'transactions a second', of => 'verify_api_key');
  $bench->compare(
    title => "verify_api_key by a prepared statement: $clients clients, $keys keys, $seconds s a round",
    contenders => [
      $contender->('verify_api_key', 0, 'SELECT * FROM gatehouse.verify_api_key(%s)'),
      $contender->('SELECT by primary key', 1, 'SELECT id, user_id, scopes, name, expires_at FROM gatehouse.api_keys WHERE id = %s'),
      $contender->('PL/pgSQL over sha256', 0, 'SELECT * FROM bench.verify_key(%s)'),
    ],
    ratios => [
      {name => 'verify_api_key : SELECT by primary key', @ratio, against => 'SELECT by primary key', target => ['>=', 1]},
      {name => 'verify_api_key : PL/pgSQL', @ratio, against => 'PL/pgSQL over sha256'},
    ],
  );
}

1;
