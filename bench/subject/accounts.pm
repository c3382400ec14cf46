# Accounts by the million: a page deep in the list against the first one, many accounts made at once against a bare INSERT, and
# counts against a bare count(*).
package subject::accounts;
use strict;
use warnings;

use constant PAGE_SIZE => 20;

my @metrics = ('milliseconds', 'processor');

# Each page is fetched several times in a session, and none may be short.
my $many_accounts = <<'SQL';
INSERT INTO gatehouse.users (id, email, email_normal, username, username_normal, is_superuser, is_verified, is_active, profile,
                             created_at, updated_at)
SELECT gatehouse.uuid_v7(), 'u' || i || '@example.com', 'u' || i || '@example.com', 'u' || i, 'u' || i, false, i %% 2 = 0, true, '{}',
       now() - (%1$d - i) * interval '1 second', now()
  FROM generate_series(1, %1$d) i;
VACUUM (FREEZE, ANALYZE) gatehouse.users;
CREATE TABLE bench.place AS
SELECT encode(int8send((extract(epoch FROM created_at) * 1000000)::bigint) || uuid_send(id), 'hex') AS before_deep_page
  FROM gatehouse.users ORDER BY created_at DESC, id DESC OFFSET %2$d - 1 LIMIT 1;
CREATE FUNCTION bench.pages(times integer, skip integer, after text) RETURNS bigint LANGUAGE plpgsql AS $$
DECLARE
  seen bigint := 0;
BEGIN
  FOR i IN 1..times LOOP
    seen := seen + (SELECT count(*) FROM gatehouse.get_users(skip => pages.skip, after => pages.after));
  END LOOP;
  RETURN seen;
END
$$;
SQL

# The rows that create_users is going to make, as it makes them, and tables with the same indexes for them.
my $import = <<'SQL';
CREATE TABLE bench.rows AS
SELECT gatehouse.uuid_v7() AS id, 'User' || i || '@Example.com' AS email, 'user' || i || '@example.com' AS email_normal,
       'User-' || i AS username, 'user-' || i AS username_normal,
       '$argon2id$v=19$m=65536,t=2,p=1$' || rtrim(encode(substr(sha256(int4send(-i)), 1, 16), 'base64'), '=') || '$'
         || rtrim(encode(sha256(int4send(i)), 'base64'), '=') AS password_hash,
       jsonb_build_object('name', 'User ' || i, 'language', 'en') AS profile, now() AS made_at
  FROM generate_series(1, %1$d) i;
CREATE TABLE bench.import (users jsonb);
ALTER TABLE bench.import ALTER users SET STORAGE EXTERNAL;
INSERT INTO bench.import
SELECT jsonb_agg(jsonb_build_object('email', email, 'username', username, 'hashed_password', password_hash, 'profile', profile))
       AS users
  FROM bench.rows;
CREATE TABLE bench.users (LIKE gatehouse.users INCLUDING ALL) WITH (fillfactor = 90);
CREATE TABLE bench.password_credentials (LIKE gatehouse.password_credentials INCLUDING ALL);
VACUUM (FREEZE, ANALYZE) bench.rows, bench.import;
SQL

# As from a client's parameter: in memory. The session has called the function before.
my $create_users = q{SELECT count(*) FROM gatehouse.create_users((SELECT users || '[]' FROM bench.import)) WHERE error IS NULL};
my $insert = <<'SQL';
WITH made AS (
  INSERT INTO bench.users (id, email, email_normal, username, username_normal, is_superuser, is_verified, is_active, profile,
                           created_at, updated_at)
  SELECT id, email, email_normal, username, username_normal, false, false, true, profile, made_at, made_at FROM bench.rows
  RETURNING id
), with_password AS (
  INSERT INTO bench.password_credentials (user_id, password_hash, changed_at)
  SELECT id, password_hash, made_at FROM bench.rows
)
SELECT count(*) FROM made
SQL

sub measure {
  my ($class, $bench) = @_;
  my $accounts = $bench->number('ACCOUNTS', 1_000_000);
  my $pages = $bench->number('PAGES', 200);
  my $imported = $bench->number('IMPORTED', 10_000);
  my $server = $bench->server;
  my $deep = int($accounts / 100) || 1;
  my $skipped = ($deep - 1) * PAGE_SIZE;
  die "BENCH_ACCOUNTS must be at least 200\n" if $accounts < 200;

  my $contender = sub {
    my ($database, $name, $sql, $expected, $calls, $before) = @_;
    return {
      name => $name,
      run => sub {
        my $figures = $server->measure($database, $sql, $before);
        die "the answer is $figures->{answer}, not $expected\n" if $figures->{answer} ne $expected;
        return {
          'milliseconds' => $figures->{seconds} / $calls * 1000, 'processor' => $figures->{processor_seconds} / $calls * 1000,
        };
      },
    };
  };
  my $ratio = sub {
    my ($of, $against, @target) = @_;
    return {name => "$of : $against", metric => 'milliseconds', beside => 'processor', of => $of, against => $against,
      @target ? (target => [@target]) : ()};
  };

  my $database = $server->database('accounts', sub { $server->sql($_[0], sprintf $many_accounts, $accounts, $skipped || 1) });
  my $page = sub {
    my ($name, $times, $skip, $after) = @_;
    return $contender->($database, $name, "SELECT bench.pages($times, $skip, $after)", PAGE_SIZE * $times, $times);
  };
  my $skipping = int($pages / 20) || 1;
  $bench->compare(
    title => 'pages of ' . PAGE_SIZE . " of $accounts accounts, each fetched $pages times in a round, by skip $skipping times",
    metrics => \@metrics,
    contenders => [
      $page->('page 1', $pages, 'NULL', 'NULL'),
      $page->("page $deep by cursor", $pages, 'NULL', '(SELECT before_deep_page FROM bench.place)'),
      $page->("page $deep by skip", $skipping, $skipped, 'NULL'),
    ],
    ratios => [$ratio->("page $deep by cursor", 'page 1', '<=', 1.2), $ratio->("page $deep by skip", 'page 1')],
  );

  $bench->compare(
    title => "counts of $accounts accounts",
    metrics => \@metrics,
    contenders => [
      $contender->($database, 'count(*)', 'SELECT count(*) FROM gatehouse.users', $accounts, 1),
      $contender->($database, 'count_users()', 'SELECT gatehouse.count_users()', $accounts, 1),
      $contender->($database, 'count_users(is_verified)', 'SELECT gatehouse.count_users(is_verified => true)', int($accounts / 2), 1),
      $contender->($database, 'count_users(search)', q{SELECT gatehouse.count_users(search => 'U@EXAMPLE')}, 0, 1),
      $contender->($database, 'user_statistics()', 'SELECT total FROM gatehouse.user_statistics()', $accounts, 1),
    ],
    ratios => [map { $ratio->($_, 'count(*)') } 'count_users()', 'count_users(is_verified)', 'count_users(search)', 'user_statistics()'],
  );

  my $other = $server->database('import', sub { $server->sql($_[0], sprintf $import, $imported) });
  my $emptied = q{TRUNCATE gatehouse.users, bench.users, bench.password_credentials CASCADE; SELECT FROM gatehouse.create_users('[0]'); CHECKPOINT;};
  $bench->compare(
    title => "$imported accounts with hashed passwords made at once, in empty tables",
    metrics => \@metrics,
    contenders => [
      $contender->($other, 'create_users', $create_users, $imported, 1, $emptied),
      $contender->($other, 'INSERT .. SELECT', $insert, $imported, 1, $emptied),
    ],
    ratios => [$ratio->('create_users', 'INSERT .. SELECT', '<=', 3)],
  );
}

1;
