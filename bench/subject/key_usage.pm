# What it costs that the uses of API keys are counted: verification with usage tracking on against the same with it off, in
# a server that preloads the library and whose worker writes the uses.
package subject::key_usage;
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
  my $server = $bench->server('key_usage', 'shared_preload_libraries=gatehouse', "gatehouse.worker_databases=keys_$keys");
  my $database = KeyTable::database($bench, $server, $keys);
  my @presented = $server->sql($database, 'SELECT api_key FROM bench.presented ORDER BY i LIMIT ' . SCRIPTS . ';');
  my $calls = KeyTable::CALLS;

  # For the sessions of whoever comes next.
  my $track = sub { $server->sql($database, "ALTER DATABASE $database SET gatehouse.track_key_usage = $_[0];") };
  my $through_clients = sub {
    my ($setting) = @_;
    return {
      name => $setting,
      run => sub {
        $track->($setting);
        my $figures = $server->throughput($database,
          scripts => [map {"SELECT * FROM gatehouse.verify_api_key(:value_$_);\n"} 0 .. $#presented],
          variables => [map {"value_$_=$presented[$_]"} 0 .. $#presented], clients => $clients, seconds => $seconds);
        return {'transactions a second' => $figures->{tps}};
      },
    };
  };
  $bench->compare(
    title => "usage of keys tracked or not: verify_api_key by a prepared statement, $clients clients, $keys keys, $seconds s a round",
    contenders => [$through_clients->('on'), $through_clients->('off')],
    ratios => [{name => 'usage on : off', metric => 'transactions a second', of => 'on', against => 'off', target => ['>=', 0.97]}],
  );

  my $in_server = sub {
    my ($setting, $name, $which) = @_;
    return {
      name => "$name, $setting",
      run => sub {
        $track->($setting);
        my $call_all = "SELECT count(v.api_key_id) FROM ($which) p, LATERAL gatehouse.verify_api_key(p.api_key) v";
        # The first pass has the page faults.
        my $figures = $server->measure($database, $call_all, "$call_all;");
        die "$figures->{answer} of $calls keys were found\n" if $figures->{answer} != $calls;
        return {
          'microseconds a call' => $figures->{seconds} / $calls * 1e6,
          'processor' => $figures->{processor_seconds} / $calls * 1e6,
        };
      },
    };
  };
  my %which = (
    'a hundred keys' =>
      # Each row depends on its number, or the call would be made once a key.
      "SELECT CASE WHEN n > 0 THEN q.api_key END AS api_key FROM generate_series(1, $calls / 100) n, "
      . '(SELECT api_key FROM bench.presented ORDER BY i LIMIT 100) q',
    'more keys than there is room for' => 'SELECT api_key FROM bench.presented',
  );
  $bench->compare(
    title => "usage of keys tracked or not: verify_api_key in the server, $calls calls a round",
    contenders => [map { my $name = $_; map { $in_server->($_, $name, $which{$name}) } qw(on off) } sort keys %which],
    ratios => [map { {
      name => "$_, on : off", metric => 'microseconds a call', beside => 'processor', of => "$_, on", against => "$_, off",
    } } sort keys %which],
  );
}

1;
