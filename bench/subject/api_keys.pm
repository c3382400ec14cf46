# An API key verified inside the server, called many times: against PL/pgSQL over sha256, against the bare probe of an
# index in C, and against itself with fewer keys.
package subject::api_keys;
use strict;
use warnings;
use KeyTable;

sub measure {
  my ($class, $bench) = @_;
  my $few = $bench->number('FEW_KEYS', 10_000);
  my $many = $bench->number('KEYS', 1_000_000);
  my $most = $bench->large ? 10_000_000 : $many;
  my $server = $bench->server;
  my $calls = KeyTable::CALLS;

  my $contender = sub {
    my ($name, $keys, $function, $argument) = @_;
    return {
      name => $name,
      run => sub {
        my $database = KeyTable::database($bench, $server, $keys);
        my $call_all = "SELECT count(v.api_key_id) FROM bench.presented p, LATERAL $function(p.$argument) v";
        # The first time a session touches a page of the shared buffers costs it a page fault, several times the call. A
        # pooled connection has them behind it: the clock starts with the second pass.
        my $figures = $server->measure($database, $call_all, "$call_all;");
        die "$figures->{answer} of $calls keys were found\n" if $figures->{answer} != $calls;
        return {
          'microseconds a call' => $figures->{seconds} / $calls * 1e6,
          'processor' => $figures->{processor_seconds} / $calls * 1e6,
        };
      },
    };
  };
  my @ratio = (metric => 'microseconds a call', beside => 'processor', of => 'verify_api_key');
  $bench->compare(
    title => "verify_api_key in the server: $calls calls a round, $many keys",
    contenders => [
      $contender->('verify_api_key', $many, 'gatehouse.verify_api_key', 'api_key'),
      $contender->('PL/pgSQL over sha256', $many, 'bench.verify_key', 'api_key'),
      $contender->('bare probe in C, bigint', $many, 'bench.find', 'lookup_id'),
      $contender->('bare probe in C, uuid primary key', $many, 'bench.find', 'id'),
    ],
    ratios => [
      {name => 'verify_api_key : PL/pgSQL', @ratio, against => 'PL/pgSQL over sha256', target => ['<=', 0.2]},
      {name => 'verify_api_key : bare probe, primary key', @ratio, against => 'bare probe in C, uuid primary key', target => ['<=', 2]},
      {name => 'verify_api_key : bare probe, bigint', @ratio, against => 'bare probe in C, bigint', target => ['<=', 2],
        note => 'the same index'},
    ],
  );
  $bench->compare(
    title => "verify_api_key in the server: $most keys against $few",
    contenders => [
      $contender->("$most keys", $most, 'gatehouse.verify_api_key', 'api_key'),
      $contender->("$few keys", $few, 'gatehouse.verify_api_key', 'api_key'),
      $contender->("bare probe, $most keys", $most, 'bench.find', 'lookup_id'),
      $contender->("bare probe, $few keys", $few, 'bench.find', 'lookup_id'),
    ],
    ratios => [{
      name => "$most keys : $few keys", metric => 'microseconds a call', beside => 'processor', of => "$most keys", against => "$few keys",
      target => ['<=', 1.5], note => $bench->large ? undef : 'the target is for 10000000 keys: BENCH_LARGE=1',
    }, {
      name => 'the same of the bare probe', metric => 'microseconds a call', beside => 'processor', of => "bare probe, $most keys",
      against => "bare probe, $few keys", note => 'what the memory costs',
    }],
  );
}

1;
