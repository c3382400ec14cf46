# What a standby shows may be so old and no older: an idle primary keeps it current, and where replay stops it refuses keys.
use strict;
use warnings;
use FindBin;
use lib $FindBin::RealBin;
use GatehouseNode;
use PostgreSQL::Test::Cluster;
use PostgreSQL::Test::Utils;
use Test::More;

# No database is served, and nothing of the server's own ends a transaction.
my $primary = GatehouseNode::node('primary', wal_level => 'replica', max_wal_senders => 4, autovacuum => 'off',
  shared_preload_libraries => 'gatehouse', 'gatehouse.max_standby_staleness' => '3s');
my $db = GatehouseNode::database($primary, 'identity');
my $id = $primary->safe_psql($db, q{SELECT id FROM gatehouse.create_user('ada@example.com', 'ada')});
my ($key_id, $key) = split /\|/, $primary->safe_psql($db, qq{SELECT id, api_key FROM gatehouse.create_api_key('$id', 'ci')});
my ($lasting_id, $lasting) = split /\|/, $primary->safe_psql($db, qq{SELECT id, api_key FROM gatehouse.create_api_key('$id', 'lasting')});
my $token = $primary->safe_psql($db, qq{SELECT refresh_token FROM gatehouse.create_refresh_token('$id')});

my $standby = GatehouseNode::standby($primary, 'standby');
sub ask { my ($statement, $server) = @_; return ($server // $standby)->safe_psql($db, $statement) }
sub becomes { my ($query, $expected, $what, $server) = @_; ok(($server // $standby)->poll_query_until($db, $query, $expected), $what) }
my $verifies = sub { "SELECT count(*) FROM gatehouse.verify_api_key('$_[0]')" };
my $check = sub { "SELECT gatehouse.health_check() #>> '{checks,standby_staleness,$_[0]}'" };

becomes($verifies->($key), '1', 'a standby verifies a key');
becomes($check->('status'), 'healthy', 'and is healthy');
like(ask($check->('reason')), qr/^replayed up to .* ago, at most 00:00:03$/, 'and says how old it is, and how old it may be');
is(ask($check->('reason'), $primary), 'it is no standby', 'the primary is none');

# An idle primary: signs of life come for several times the bound. A late one may make the standby refuse, but then what it
# shows is too old.
my $shown = q{SELECT extract(epoch FROM pg_last_xact_replay_timestamp())};
my $began = ask($shown);
my ($answered, $wrongly_refused) = (0, 0);
my $deadline = time + $PostgreSQL::Test::Utils::timeout_default;
my $until = $began;
for (; $until - $began < 10 && time < $deadline; $until = ask($shown)) {
  my ($count, $now) = split /\|/, ask($verifies->($key) =~ s/count\(\*\)/count(*), extract(epoch FROM clock_timestamp())/r);
  $answered += $count;
  $wrongly_refused++ if $count == 0 && $now - $until <= 3;
}
cmp_ok($until - $began, '>=', 10, 'an idle primary gives signs of life');
cmp_ok($answered, '>', 0, 'while the primary is idle for longer than the bound, the standby goes on answering');
is($wrongly_refused, 0, 'and refuses nothing that is not too old');

# A revocation.
$primary->safe_psql($db, qq{SELECT gatehouse.deactivate_api_key('$key_id')});
$primary->wait_for_catchup($standby);
is(ask($verifies->($key)), '0', 'a key that was deactivated on the primary is refused after catch-up');
becomes($verifies->($lasting), '1', 'and no other');

# Replay stops.
ask('SELECT pg_wal_replay_pause()');
becomes('SELECT pg_get_wal_replay_pause_state()', 'paused', 'replay is paused');
my ($other_id, $other) = split /\|/, $primary->safe_psql($db, qq{SELECT id, api_key FROM gatehouse.create_api_key('$id', 'other')});
becomes($verifies->($lasting), '0', 'beyond the bound a key is refused');
is(ask(qq{SELECT gatehouse.sign_in_with_api_key('$lasting')}), 'f', 'a sign-in by it too');
is(ask(qq{SELECT gatehouse.sign_in_with_session('$token')}), 'f', 'and one by a session');
is(ask(q{SELECT count(*) FROM gatehouse.verify_api_key('sk_mistyped')}), '0', 'what is no key is as before');
is(ask($check->('status')), 'unhealthy', 'health_check says so');
like(ask($check->('reason')), qr/^replayed up to 00:00:.* ago, more than 00:00:03: API keys are refused$/, 'and how old it is');
is(ask(q{SELECT gatehouse.health_check() ->> 'status'}), 'unhealthy', 'the whole is unhealthy');
is(ask($verifies->($lasting), $primary), '1', 'the primary verifies it');
$standby->append_conf('postgresql.conf', 'gatehouse.max_standby_staleness = 0');
$standby->reload;
becomes($verifies->($lasting), '1', 'without a bound it answers again');
like(ask($check->('reason')), qr/ago; there is no bound$/, 'which health_check says');
is(ask(qq{BEGIN; SELECT gatehouse.sign_in_with_session('$token'); COMMIT}), 't', 'a session signs in');
$standby->append_conf('postgresql.conf', q{gatehouse.max_standby_staleness = '3s'});
$standby->reload;
becomes($verifies->($lasting), '0', 'with it it refuses');
ask('SELECT pg_wal_replay_resume()');
becomes($verifies->($lasting), '1', 'when replay goes on it answers again');
$primary->wait_for_catchup($standby);
becomes($verifies->($other), '1', 'also for what was made meanwhile');

# A restart: it has replayed no end of a transaction yet, or one from before; a sign of life comes.
$standby->restart;
becomes($verifies->($lasting), '1', 'after a restart it answers');

# A standby that does not preload the library has no bound.
$standby->append_conf('postgresql.conf', q{shared_preload_libraries = ''});
$standby->restart;
ask('SELECT pg_wal_replay_pause()');
like(ask($check->('reason')), qr/ago; without preloading there is no bound$/, 'without preloading there is none, which health_check says');
is(ask($check->('status')), 'degraded', 'as a degradation');
becomes(q{SELECT clock_timestamp() - pg_last_xact_replay_timestamp() > interval '4 seconds'}, 't', 'replay is older than it would be');
is(ask($verifies->($lasting)), '1', 'and a key is verified');
$standby->append_conf('postgresql.conf', q{shared_preload_libraries = 'gatehouse'});
$standby->restart;

# The primary is gone: refused beyond the bound, until the standby takes its place.
$primary->stop('immediate');
becomes($verifies->($lasting), '0', 'without a primary a key is refused beyond the bound');
$standby->promote;
is(ask($verifies->($lasting)), '1', 'promotion answers again');
is(ask($check->('reason')), 'it is no standby', 'and is no standby any more');
$standby->stop;
done_testing();
