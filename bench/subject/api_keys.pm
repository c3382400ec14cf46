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
    my ($name, $keys, $presented, $function, $argument) = @_;
    return {
      name => $name,
      run => sub {
        my $database = KeyTable::database($bench, $server, $keys, $keys == $many);
        my $call_all = "SELECT count(v.api_key_id) FROM bench.$presented p, LATERAL $function(p.$argument) v";
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
  my $repeated = KeyTable::REPEATED;
  for my $set (['repeated', "$repeated of $many keys, each called many times", 1], ['presented', "of $many keys $calls drawn at random", 0]) {
    my ($presented, $title, $is_judged) = @$set;
    my @target = map { $is_judged ? (target => $_) : (note => 'more keys than a session remembers the places of') } ['<=', 0.2], ['<=', 2];
    $bench->compare(
      title => "verify_api_key in the server: $calls calls a round, $title",
      contenders => [
        $contender->('verify_api_key', $many, $presented, 'gatehouse.verify_api_key', 'api_key'),
        $contender->('PL/pgSQL over sha256', $many, $presented, 'bench.verify_key', 'api_key'),
        $contender->('bare probe in C, bigint', $many, $presented, 'bench.find', 'lookup_id'),
        $contender->('bare probe in C, uuid primary key', $many, $presented, 'bench.find', 'id'),
      ],
      ratios => [
        {name => 'verify_api_key : PL/pgSQL', @ratio, against => 'PL/pgSQL over sha256', @target[0, 1]},
        {name => 'verify_api_key : bare probe, primary key', @ratio, against => 'bare probe in C, uuid primary key', @target[2, 3]},
        {name => 'verify_api_key : bare probe, bigint', @ratio, against => 'bare probe in C, bigint', note => 'the same index'},
      ],
    );
  }
  $bench->compare(
    title => "verify_api_key in the server: $most keys against $few",
    contenders => [
      $contender->("$most keys", $most, 'repeated', 'gatehouse.verify_api_key', 'api_key'),
      $contender->("$few keys", $few, 'repeated', 'gatehouse.verify_api_key', 'api_key'),
      $contender->("bare probe, $most keys", $most, 'repeated', 'bench.find', 'lookup_id'),
      $contender->("bare probe, $few keys", $few, 'repeated', 'bench.find', 'lookup_id'),
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
