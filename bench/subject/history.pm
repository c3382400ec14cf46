# The history of one row among many changes, by get_row_history, against the same among few.
package subject::history;
use strict;
use warnings;

use constant {
  CHANGES_OF_A_ROW => 10,
  CALLS => 500,
  ALLOWED_MS => 5,
};

# Each row is inserted and then updated, all rows in turn: the changes of one are far apart.
my $fill = <<'SQL';
CREATE TABLE bench.audited (id bigint PRIMARY KEY, note text NOT NULL, visits integer NOT NULL);
SELECT gatehouse.enable_audit('bench.audited');
INSERT INTO bench.audited SELECT i, md5(i::text), 0 FROM generate_series(1, %1$d) i;
%2$s
CREATE TABLE bench.asked AS SELECT jsonb_build_object('id', 1 + (i * 7919::bigint) %% %1$d) AS key FROM generate_series(1, %3$d) i;
VACUUM (FREEZE, ANALYZE) bench.audited, bench.asked, gatehouse.row_change_log;
SQL

sub measure {
  my ($class, $bench) = @_;
  my $few = $bench->number('FEW_CHANGES', 100_000);
  my $many = $bench->number('CHANGES', $bench->large ? 10_000_000 : 1_000_000);
  my $server = $bench->server;
  my $calls = CALLS;

  my $contender = sub {
    my ($changes) = @_;
    my $rows = int($changes / CHANGES_OF_A_ROW);
    return {
      name => "$changes changes",
      run => sub {
        my $database = $server->database("history_$changes", sub {
          my $update = "UPDATE bench.audited SET visits = visits + 1;\n" x (CHANGES_OF_A_ROW - 1);
          $server->sql($_[0], sprintf $fill, $rows, $update, $calls);
        });
        my $ask = q{SELECT count(h.row_after) FROM bench.asked a, LATERAL gatehouse.get_row_history('bench.audited', a.key) h};
        # The first pass fetches pages and plans.
        my $figures = $server->measure($database, $ask, "$ask;");
        my $expected = $calls * CHANGES_OF_A_ROW;
        die "$figures->{answer} of $expected changes were found\n" if $figures->{answer} != $expected;
        return {
          'ms a history' => $figures->{seconds} / $calls * 1e3, 'processor' => $figures->{processor_seconds} / $calls * 1e3,
          'ms allowed' => ALLOWED_MS,
        };
      },
    };
  };
  my $note = $bench->large ? undef : 'the target is for 10000000 changes: BENCH_LARGE=1';
  $bench->compare(
    title => "get_row_history in the server: $calls rows of " . CHANGES_OF_A_ROW . ' changes each a round',
    metrics => ['ms a history', 'processor', 'ms allowed'],
    contenders => [map { $contender->($_) } $many, $few],
    ratios => [
      {name => "among $many : among $few", metric => 'ms a history', beside => 'processor', of => "$many changes",
        against => "$few changes", target => ['<=', 3], note => $note},
      {name => 'one history : allowed', metric => 'ms a history', metric_against => 'ms allowed', of => "$many changes",
        against => "$many changes", target => ['<=', 1], note => $note},
    ],
  );
}

1;
