# A session refreshed inside the server, each refresh a transaction: against an UPDATE by primary key of the same columns
# in the same loop. And what many refreshes leave of the table.
package subject::sessions;
use strict;
use warnings;

# Both loops commit each call and take their time around the loop alone.
my $set_up = <<'SQL';
INSERT INTO gatehouse.users (id, email, email_normal, username, username_normal, is_superuser, is_verified, is_active, profile,
                             created_at, updated_at)
SELECT gatehouse.uuid_v7(), 'u' || i || '@example.com', 'u' || i || '@example.com', 'u' || i, 'u' || i, false, true, true, '{}',
       now(), now()
  FROM generate_series(1, %1$d) i;
CREATE TABLE bench.held AS
SELECT row_number() OVER ()::integer AS n, s.session_id, s.refresh_token AS token
  FROM gatehouse.users u, LATERAL gatehouse.create_refresh_token(u.id, '192.0.2.7', 'a browser of some make', 'a laptop') s;
CREATE PROCEDURE bench.refresh(calls integer, INOUT seconds double precision DEFAULT NULL) LANGUAGE plpgsql AS $$
DECLARE
  tokens text[] := ARRAY(SELECT h.token FROM bench.held h ORDER BY h.n);
  many CONSTANT integer := cardinality(tokens);
  started timestamptz;
  answer record;
BEGIN
  COMMIT;
  started := clock_timestamp();
  FOR i IN 1..calls LOOP
    SELECT * INTO answer FROM gatehouse.refresh_session(tokens[1 + i %% many]);
    IF answer.status <> 'ok' THEN
      RAISE EXCEPTION 'refresh %% gave %%', i, answer.status;
    END IF;
    tokens[1 + i %% many] := answer.refresh_token;
    COMMIT;
  END LOOP;
  seconds := extract(epoch FROM clock_timestamp() - started);
  UPDATE bench.held h SET token = tokens[h.n];
END
$$;

CREATE TABLE bench.sessions (LIKE gatehouse.sessions INCLUDING ALL) WITH (fillfactor = 50);
INSERT INTO bench.sessions SELECT * FROM gatehouse.sessions;
CREATE PROCEDURE bench.update_by_key(calls integer, INOUT seconds double precision DEFAULT NULL) LANGUAGE plpgsql AS $$
DECLARE
  ids CONSTANT uuid[] := ARRAY(SELECT h.session_id FROM bench.held h ORDER BY h.n);
  many CONSTANT integer := cardinality(ids);
  idle CONSTANT interval := '14 days';
  started timestamptz;
  now_at timestamptz;
BEGIN
  COMMIT;
  started := clock_timestamp();
  FOR i IN 1..calls LOOP
    now_at := clock_timestamp();
    UPDATE bench.sessions s
       SET token_digest = sha256(int4send(i)), ring_key_id = 1, previous_digest = s.token_digest, previous_ring_key_id = 1,
           rotations = s.rotations + 1, rotated_at = now_at, last_used_at = now_at,
           idle_expires_at = least(now_at + idle, s.expires_at)
     WHERE s.session_id = ids[1 + i %% many];
    IF NOT FOUND THEN
      RAISE EXCEPTION 'no session %%', i;
    END IF;
    COMMIT;
  END LOOP;
  seconds := extract(epoch FROM clock_timestamp() - started);
END
$$;
VACUUM (FREEZE, ANALYZE) gatehouse.sessions, gatehouse.users, bench.sessions, bench.held;
SQL

sub measure {
  my ($class, $bench) = @_;
  my $sessions = $bench->number('SESSIONS', 1000);
  my $calls = $bench->number('CALLS', 20_000);
  my $refreshes = $bench->number('REFRESHES', $bench->large ? 1_000_000 : 200_000);
  my $server = $bench->server;
  my $database = $server->database('sessions', sub { $server->sql($_[0], sprintf $set_up, $sessions) });
  my $bytes = sub { ($server->sql($database, "SELECT pg_total_relation_size('$_[0].sessions');"))[0] };
  my $at_start = $bytes->('gatehouse');
  my $done = 0;

  my $contender = sub {
    my ($name, $procedure) = @_;
    return {
      name => $name,
      run => sub {
        my $figures = $server->measure($database, "CALL bench.$procedure($calls)", 'CHECKPOINT;');
        $done += $calls if $procedure eq 'refresh';
        return {'microseconds a call' => $figures->{answer} / $calls * 1e6, 'WAL bytes a call' => $figures->{wal_bytes} / $calls};
      },
    };
  };
  $bench->compare(
    title => "refresh_session: $calls calls a round over $sessions sessions, each a transaction; no commit waits for the disk",
    metrics => ['microseconds a call', 'WAL bytes a call'],
    contenders => [$contender->('refresh_session', 'refresh'), $contender->('UPDATE by primary key', 'update_by_key')],
    ratios => [{name => 'refresh_session : UPDATE', metric => 'microseconds a call', of => 'refresh_session',
      against => 'UPDATE by primary key', target => ['<=', 3]}],
  );

  # No autovacuum helps: what stays small does so by itself.
  for (; $done < $refreshes; $done += $calls) {
    $bench->say_now("sessions: $done of $refreshes refreshes");
    $server->sql($database, "CALL bench.refresh($calls);");
  }
  $bench->compare(
    title => "bytes of the table of $sessions sessions after $done refreshes, without autovacuum",
    contenders => [
      {name => 'after', run => sub { return {'bytes' => $bytes->('gatehouse')} }},
      {name => 'at the start', run => sub { return {'bytes' => $at_start} }},
    ],
    ratios => [{name => 'after : at the start', metric => 'bytes', of => 'after', against => 'at the start', target => ['<=', 3],
      note => $refreshes < 1_000_000 ? 'the target is for 1000000 refreshes: BENCH_LARGE=1' : undef}],
  );
}

1;
