# A session remembers where it found the rows of API keys. Whatever becomes of the rows meanwhile, the next verification in the
# same session gives the answer of the table as it is; a planted fault is named where it was tried.
use strict;
use warnings;
use FindBin;
use lib $FindBin::RealBin;
use GatehouseNode;
use Test::More;

my $primary = GatehouseNode::node('key_hints', autovacuum => 'off', wal_level => 'replica', max_wal_senders => 4);
my $db = GatehouseNode::database($primary, 'key_hints', 'dblink');

sub script { return join '', map { /\\gset$/ ? "$_\n" : "$_;\n" } @_ }

# Each begins with 300 keys on several pages, each of which the session has verified, and with the functions opens(number)
# and probes(), which counts those of the index.
sub session {
  my ($node, @statements) = @_;
  return $node->safe_psql($db, script('SET client_min_messages = warning', 'DELETE FROM gatehouse.api_keys', 'VACUUM gatehouse.api_keys',
    'CREATE TEMP TABLE key AS SELECT i, (gatehouse.create_api_key(NULL, repeat(\'key\', 30))).* FROM generate_series(1, 300) i',
    'CREATE FUNCTION pg_temp.opens(number int) RETURNS bigint LANGUAGE sql AS $$
       SELECT count(*) FROM (SELECT api_key FROM pg_temp.key WHERE i = number OFFSET 0) k, gatehouse.verify_api_key(k.api_key) v $$',
    'CREATE FUNCTION pg_temp.probes() RETURNS bigint LANGUAGE sql AS $$
       SELECT pg_stat_get_xact_numscans(\'gatehouse.api_keys_lookup_id_key\'::regclass) $$',
    'DO $$ BEGIN IF (SELECT sum(pg_temp.opens(i)) FROM pg_temp.key) <> 300 THEN RAISE EXCEPTION \'not all keys open\'; END IF; END $$',
    @statements)) =~ s/\n/ /gr;
}
my $before = 'SELECT pg_temp.probes() AS before \gset';
my $all = 'SELECT sum(pg_temp.opens(i)) FROM pg_temp.key';
sub where_is { return "SELECT k.ctid FROM gatehouse.api_keys k JOIN pg_temp.key USING (id) WHERE i = $_[0]" }

is(session($primary, 'BEGIN', $before, $all, 'SELECT pg_temp.probes() - :before', 'COMMIT'), '300 0', 'keys that were found before need no probe of the index');

# Fault: block of the hint not compared with the table's size.
is(session($primary, 'DELETE FROM gatehouse.api_keys', 'VACUUM gatehouse.api_keys',
  q{SELECT pg_relation_size('gatehouse.api_keys')}, $all), '0 0', 'VACUUM has truncated the table: nothing is read beyond its end');
is(session($primary, 'DELETE FROM gatehouse.api_keys WHERE id IN (SELECT id FROM pg_temp.key WHERE i > 100)',
  'VACUUM gatehouse.api_keys', $all), '100', 'a part of it cut off');

# Fault: look-up id of the row at the address not compared.
is(session($primary, 'CREATE TEMP TABLE kept AS SELECT k.* FROM gatehouse.api_keys k JOIN pg_temp.key USING (id) WHERE i IN (1, 2)',
  'DELETE FROM gatehouse.api_keys', 'VACUUM gatehouse.api_keys',
  'INSERT INTO gatehouse.api_keys SELECT kept.* FROM kept JOIN pg_temp.key USING (id) ORDER BY i DESC',
  where_is(1), where_is(2), 'SELECT pg_temp.opens(1), pg_temp.opens(2), pg_temp.opens(3)'), '(0,2) (0,1) 1|1|0',
  'two keys that have changed places, each beside the other\'s hint');

is(session($primary, 'BEGIN', 'UPDATE gatehouse.api_keys SET deactivated_at = now()', $all, 'ROLLBACK', $all,
  'UPDATE gatehouse.api_keys SET deactivated_at = now()', $all), '0 300 0',
  'a deactivation counts within its transaction, not after its rollback, and after its commit');

# Fault: the address of a version is remembered, and not that of the root, which the index has.
is(session($primary, 'DELETE FROM gatehouse.api_keys WHERE id IN (SELECT id FROM pg_temp.key WHERE i > 1)', 'VACUUM gatehouse.api_keys',
  map({ ('UPDATE gatehouse.api_keys SET owner_is_live = false', 'UPDATE gatehouse.api_keys SET owner_is_live = true',
    'SELECT pg_temp.opens(1)', 'VACUUM gatehouse.api_keys', 'BEGIN', $before, 'SELECT pg_temp.opens(1), pg_temp.probes() - :before', 'COMMIT') } 1 .. 3),
  ), '1 1|0 1 1|0 1 1|0', 'versions come and are pruned: the root stays where it is');
is(session($primary, 'DELETE FROM gatehouse.api_keys WHERE id IN (SELECT id FROM pg_temp.key WHERE i > 1)', 'VACUUM gatehouse.api_keys',
  'UPDATE gatehouse.api_keys SET owner_is_live = true', 'VACUUM FULL gatehouse.api_keys', 'UPDATE gatehouse.api_keys SET owner_is_live = true',
  'SELECT pg_temp.opens(1)', 'UPDATE gatehouse.api_keys SET owner_is_live = true', 'VACUUM gatehouse.api_keys', 'BEGIN', $before,
  'SELECT pg_temp.opens(1), pg_temp.probes() - :before', 'COMMIT'), '1 1|0', 'also where a version was there before the index was first asked');

is(session($primary, q{UPDATE gatehouse.api_keys SET name = repeat('x', 100), lookup_id = lookup_id}, $all, 'VACUUM gatehouse.api_keys', $all),
  '300 300', 'rows that have moved to other pages');
is(session($primary, 'VACUUM FULL gatehouse.api_keys', $all), '300', 'VACUUM FULL');
is(session($primary, 'CLUSTER gatehouse.api_keys USING api_keys_lookup_id_key', $all), '300', 'CLUSTER');
is(session($primary, 'REINDEX TABLE gatehouse.api_keys', $all), '300', 'REINDEX');
is(session($primary, 'BEGIN', 'TRUNCATE gatehouse.api_keys CASCADE', $all, 'ROLLBACK', $all, 'TRUNCATE gatehouse.api_keys CASCADE', $all), '0 300 0',
  'TRUNCATE, rolled back and for good');
is(session($primary, 'DELETE FROM gatehouse.api_keys', 'BEGIN',
  'UPDATE pg_temp.key SET api_key = k.api_key FROM gatehouse.create_api_key(NULL, \'new\') k WHERE i = 1',
  'SELECT pg_temp.opens(1)', 'CREATE TEMP TABLE made AS SELECT api_key FROM pg_temp.key WHERE i = 1',
  'SAVEPOINT s', 'DELETE FROM gatehouse.api_keys', 'SELECT pg_temp.opens(1)', 'ROLLBACK TO s', 'SELECT pg_temp.opens(1)',
  'SELECT api_key AS made FROM made \gset', 'ROLLBACK', q{SELECT count(*) FROM gatehouse.verify_api_key(:'made')},
  'SELECT FROM gatehouse.create_api_key(NULL, \'other\')', q{SELECT count(*) FROM gatehouse.verify_api_key(:'made')}), '1 0 1 0 0',
  'a key whose transaction is rolled back opens nothing, nor does its place');

# The library's own table is another one.
is(session($primary, 'BEGIN', 'SET LOCAL gatehouse.allow_drop = on', 'DROP EXTENSION gatehouse', 'CREATE EXTENSION gatehouse',
  'SELECT FROM gatehouse.create_api_key(NULL, \'other\')', q{SELECT api_key FROM pg_temp.key WHERE i = 1 \gset},
  q{SELECT count(*) FROM gatehouse.verify_api_key(:'api_key')}, 'ROLLBACK', $all), '0 300',
  'DROP and CREATE EXTENSION, rolled back');
$primary->safe_psql('postgres', 'CREATE DATABASE upgraded');
is($primary->safe_psql('upgraded', script('SET client_min_messages = warning', q{CREATE EXTENSION gatehouse VERSION '0.1'},
  q{SELECT api_key FROM gatehouse.create_api_key(NULL, 'old') \gset}, (q{SELECT name FROM gatehouse.verify_api_key(:'api_key')}) x 2,
  'ALTER EXTENSION gatehouse UPDATE', (q{SELECT name FROM gatehouse.verify_api_key(:'api_key')}) x 2,
  q{SELECT api_key AS new FROM gatehouse.create_api_key(NULL, 'new') \gset}, q{SELECT name FROM gatehouse.verify_api_key(:'new')})) =~ s/\n/ /gr,
  'old old old old new', 'ALTER EXTENSION UPDATE in the session that has verified');

# Another session has made the index anew, by another number, which this one, in the middle of a transaction, has no other reason to
# notice. Fault: the number of the index taken before the table is locked.
{
  my $made = sub { $primary->safe_psql($db, "SELECT api_key FROM gatehouse.create_api_key(NULL, 'key')") };
  my ($first, $second) = ($made->(), $made->());
  my $session = $primary->background_psql($db, on_error_stop => 0);
  my $found = sub { scalar $session->query("SELECT count(*) FROM gatehouse.verify_api_key('$_[0]')") };
  $session->query_safe('BEGIN');
  my @found = $found->($first);
  $primary->safe_psql($db, 'REINDEX INDEX CONCURRENTLY gatehouse.api_keys_lookup_id_key');
  push @found, $found->($second), $found->($first);
  $session->query_safe('COMMIT');
  $session->quit;
  is("@found", '1 1 1', 'REINDEX CONCURRENTLY between two statements of a transaction');
}

# Another session drops the extension and makes it anew, while this one waits for the lock of the table that it knew. Fault: the table
# not looked up again under the lock.
{
  my ($first) = $primary->safe_psql($db, "SELECT api_key FROM gatehouse.create_api_key(NULL, 'key')");
  my $session = $primary->background_psql($db, on_error_stop => 0);
  my $found = sub { scalar $session->query("SELECT count(*) FROM gatehouse.verify_api_key('$_[0]')") };
  my @found = $found->($first);
  my $dropping = $primary->background_psql($db, on_error_stop => 1);
  $dropping->query_safe("BEGIN;\nSET LOCAL gatehouse.allow_drop = on;\nDROP EXTENSION gatehouse;\nCREATE EXTENSION gatehouse");
  my $second = $dropping->query_safe("SELECT api_key FROM gatehouse.create_api_key(NULL, 'new')");
  $session->query_until(qr/asked/, "\\echo asked\nSELECT count(*) FROM gatehouse.verify_api_key('$first');\n");
  $primary->poll_query_until('postgres', 'SELECT EXISTS (SELECT FROM pg_locks WHERE NOT granted)');
  $dropping->query_safe('COMMIT');
  $dropping->quit;
  push @found, split(/\n/, $found->($second));
  $session->quit;
  is("@found", '1 0 1', 'DROP and CREATE EXTENSION by another session');
}

# Snapshots, plans and locks.
my $other = 'dbname=key_hints host=' . $primary->host . ' port=' . $primary->port;
my $ended = q{DO 'BEGIN PERFORM public.dblink_exec(''other'', ''UPDATE gatehouse.api_keys SET deactivated_at = now()''); END'};
my @beside = ("DO \$\$ BEGIN PERFORM public.dblink_connect('other', '$other'); END \$\$");
for my $level ('READ COMMITTED', 'REPEATABLE READ', 'SERIALIZABLE') {
  is(session($primary, @beside, "BEGIN ISOLATION LEVEL $level", 'SELECT pg_temp.opens(1)', $ended, 'SELECT pg_temp.opens(1)', 'COMMIT'),
    '1 0', "$level: a key that another session has deactivated, beside a hint");
}
is(session($primary, @beside, 'BEGIN', 'DECLARE c CURSOR FOR SELECT pg_temp.opens(i) FROM pg_temp.key ORDER BY i', 'FETCH 2 FROM c', $ended,
  'FETCH 2 FROM c', 'COMMIT'), '1 1 0 0', 'within one cursor');
is(session($primary, 'BEGIN ISOLATION LEVEL SERIALIZABLE', $all,
  q{SELECT count(*) FROM pg_locks WHERE mode = 'SIReadLock' AND relation IN (SELECT oid FROM pg_class WHERE relnamespace = 'gatehouse'::regnamespace)},
  'COMMIT', 'VACUUM FULL gatehouse.api_keys', 'BEGIN ISOLATION LEVEL SERIALIZABLE', $before, $all, 'SELECT pg_temp.probes() > :before',
  q{SELECT count(*) FROM pg_locks WHERE mode = 'SIReadLock' AND relation IN (SELECT oid FROM pg_class WHERE relnamespace = 'gatehouse'::regnamespace)},
  'COMMIT'), '300 0 300 t 0', 'SERIALIZABLE: no predicate lock, by a hint or by the index');

# A standby, in one session there.
my $standby = GatehouseNode::standby($primary, 'key_hints_standby');
my $there = 'dbname=key_hints host=' . $standby->host . ' port=' . $standby->port;
my @replayed = ('SELECT set_config(\'test.lsn\', pg_current_wal_insert_lsn()::text, false) AS lsn \gset', <<'END');
DO $$ BEGIN
  WHILE NOT (SELECT replayed FROM public.dblink('standby', format('SELECT pg_last_wal_replay_lsn() >= %L', current_setting('test.lsn'))) r (replayed boolean)) LOOP
    PERFORM pg_sleep(0.01);
  END LOOP;
END $$
END
my $asked = q{SELECT found FROM pg_temp.key, public.dblink('standby', format('SELECT count(*) FROM gatehouse.verify_api_key(%L)', api_key)) r (found bigint) WHERE i = 300};
is(session($primary, "DO \$\$ BEGIN PERFORM public.dblink_connect('standby', '$there'); END \$\$", @replayed, $asked, $asked,
  'UPDATE gatehouse.api_keys SET owner_is_live = false', @replayed, $asked,
  'UPDATE gatehouse.api_keys SET owner_is_live = true', @replayed, $asked,
  'DELETE FROM gatehouse.api_keys', 'VACUUM gatehouse.api_keys', @replayed, $asked), '1 1 0 1 0',
  'on a standby: stopped, live again, deleted and the table truncated');

$standby->stop;
$primary->stop;
done_testing();
