# A policy on current_user_id() over many rows, against the same policy on a constant and on a setting; all rows are the
# reader's, so the policy is asked once a row.
package subject::row_level_security;
use strict;
use warnings;

my $set_up = <<'SQL';
CREATE ROLE bench_reader;
-- What takes the time of the processor reads a file.
GRANT gatehouse_app, pg_read_server_files TO bench_reader;
GRANT EXECUTE ON FUNCTION pg_read_file(text, bigint, bigint) TO bench_reader;
GRANT USAGE ON SCHEMA gatehouse, bench TO bench_reader;
SELECT id AS user_id FROM gatehouse.create_user('reader@example.com', 'reader') \gset
CREATE TABLE bench.token AS SELECT refresh_token FROM gatehouse.create_refresh_token(:'user_id');
CREATE TABLE bench.by_constant AS
SELECT i AS id, :'user_id'::uuid AS owner_id, 'row ' || i AS body FROM generate_series(1, %1$d) i;
CREATE TABLE bench.by_identity AS SELECT * FROM bench.by_constant;
CREATE TABLE bench.by_subselect AS SELECT * FROM bench.by_constant;
CREATE TABLE bench.by_setting AS SELECT * FROM bench.by_constant;
CREATE POLICY own ON bench.by_constant USING (owner_id = :'user_id');
CREATE POLICY own ON bench.by_identity USING (owner_id = gatehouse.current_user_id());
CREATE POLICY own ON bench.by_subselect USING (owner_id = (SELECT gatehouse.current_user_id()));
CREATE POLICY own ON bench.by_setting USING (owner_id = current_setting('bench.user_id')::uuid);
DO $$
DECLARE
  kind text;
BEGIN
  FOREACH kind IN ARRAY ARRAY['constant', 'identity', 'subselect', 'setting'] LOOP
    EXECUTE format('ALTER TABLE bench.by_%%s ENABLE ROW LEVEL SECURITY; GRANT SELECT ON bench.by_%%1$s TO bench_reader', kind);
  END LOOP;
END
$$;
VACUUM (FREEZE, ANALYZE) bench.by_constant, bench.by_identity, bench.by_subselect, bench.by_setting;
SQL

sub measure {
  my ($class, $bench) = @_;
  my $rows = $bench->number('POLICY_ROWS', 1_000_000);
  my $server = $bench->server;
  my $database = $server->database('row_level_security', sub { $server->sql($_[0], sprintf $set_up, $rows) });

  my $contender = sub {
    my ($name, $table) = @_;
    my $query = "SELECT count(*) FROM bench.$table";
    return {
      name => $name,
      run => sub {
        # The clock starts with the second pass, when the session has touched every page.
        my $figures = $server->measure($database, $query, <<"SQL");
SELECT set_config('bench.user_id', owner_id::text, false) FROM bench.by_constant LIMIT 1;
BEGIN;
SELECT gatehouse.sign_in_with_session(refresh_token) FROM bench.token;
SET LOCAL ROLE bench_reader;
$query;
SQL
        die "$figures->{answer} of $rows rows were seen\n" if $figures->{answer} != $rows;
        return {'milliseconds' => $figures->{seconds} * 1e3, 'processor' => $figures->{processor_seconds} * 1e3};
      },
    };
  };
  my @ratio = (metric => 'milliseconds', beside => 'processor', against => 'constant');
  $bench->compare(
    title => "count(*) under a policy: $rows rows",
    contenders => [
      $contender->('constant', 'by_constant'),
      $contender->('current_user_id()', 'by_identity'),
      $contender->('(SELECT current_user_id())', 'by_subselect'),
      $contender->('current_setting()::uuid', 'by_setting'),
    ],
    ratios => [
      {name => 'current_user_id() : constant', @ratio, of => 'current_user_id()', target => ['<=', 1.1]},
      {name => '(SELECT current_user_id()) : constant', @ratio, of => '(SELECT current_user_id())'},
      {name => 'current_setting()::uuid : constant', @ratio, of => 'current_setting()::uuid'},
    ],
  );
}

1;
