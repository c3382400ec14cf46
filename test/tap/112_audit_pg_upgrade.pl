# pg_upgrade keeps the identity of tables and rows: what was logged before and what is logged after is one history.
use strict;
use warnings;
use FindBin;
use lib $FindBin::RealBin;
use GatehouseNode;
use IPC::Run ();
use PostgreSQL::Test::Utils;
use Test::More;

# From 18 on a library beside the server's own folder is found by extension_control_path, but not by the check of pg_upgrade.
my ($major) = qx($ENV{PG_CONFIG} --version) =~ /PostgreSQL (\d+)/ or die;
plan skip_all => 'pg_upgrade looks for the library in the server\'s own folder only' if $major >= 18;

my $old = GatehouseNode::node('before');
my $db = GatehouseNode::database($old, 'logged');
$old->safe_psql($db, q{
  CREATE TABLE filler (n integer);
  CREATE TABLE item (id integer PRIMARY KEY, gone integer, name text, card text) PARTITION BY RANGE (id);
  CREATE TABLE item_low PARTITION OF item FOR VALUES FROM (0) TO (10);
  CREATE TABLE item_high PARTITION OF item FOR VALUES FROM (10) TO (20);
  SELECT gatehouse.enable_audit('item', redact => '{card}');
  INSERT INTO item VALUES (1, 1, 'lamp', '4111'), (11, 1, 'desk', '4222');
  ALTER TABLE item DROP COLUMN gone;
  SELECT gatehouse.make_audit_leaves();
  SELECT gatehouse.create_audit_log('order.placed');
});
my $was = $old->safe_psql($db, q{SELECT clock_timestamp()});
my $shown = q{SELECT table_id, table_name, status FROM gatehouse.audited_tables};
my $before = $old->safe_psql($db, $shown);
my $origin = $old->safe_psql($db, 'SELECT gatehouse.cluster_identifier()');
my $rows = q{SELECT md5(string_agg(c::text, ' ' ORDER BY c.id)) FROM gatehouse.row_changes c};
my $rows_before = $old->safe_psql($db, $rows);
my $old_data = $old->data_dir;
$old->stop;

my $new = PostgreSQL::Test::Cluster->new('after');
$new->init(extra => ['--locale=C.UTF-8', '--encoding=UTF8']);
$new->append_conf('postgresql.conf', scalar qx('$ENV{GATEHOUSE_TOOLS}/throwaway-server' settings '$ENV{GATEHOUSE_STAGE}'));
my $ring = GatehouseNode::key_ring($old);
$new->append_conf('postgresql.conf', "gatehouse.key_file = '$ring'\n");
my $programs = qx($ENV{PG_CONFIG} --bindir);
chomp $programs;
my $place = PostgreSQL::Test::Utils::tempdir();
my ($out, $error);
my $done = do {
  chdir $place or die;
  IPC::Run::run(['pg_upgrade', '-d', $old_data, '-D', $new->data_dir, '-b', $programs, '-B', $programs, '-p', $old->port, '-P', $new->port,
      '-s', $new->host, '-U', 'postgres'], '<', '/dev/null', '>', \$out, '2>', \$error);
};
ok($done, 'the cluster is upgraded') or diag($out, $error);
$new->start;

is($new->safe_psql($db, $rows), $rows_before, 'the log is the same');
is($new->safe_psql($db, $shown), $before, 'the table has its id, and is audited');
isnt($new->safe_psql($db, 'SELECT gatehouse.cluster_identifier()'), $origin, 'in a cluster of its own');
$new->safe_psql($db, q{
  UPDATE item SET name = 'stool' WHERE id = 1;
  UPDATE item SET id = 2 WHERE id = 11;
  TRUNCATE item_high;
  ALTER TABLE item RENAME COLUMN name TO title;
  UPDATE item SET card = '4333' WHERE id = 1;
  SELECT gatehouse.create_audit_log('order.paid')});
is($new->safe_psql($db, q{SELECT string_agg(concat_ws(' ', operation, row_after), E'\n' ORDER BY id) FROM gatehouse.get_row_history('item', '{"id": 1}')}), <<'HISTORY' =~ s/\n\z//r,
INSERT {"id": 1, "card": {"redacted": true}, "gone": 1, "name": "lamp"}
UPDATE {"id": 1, "card": {"redacted": true}, "name": "stool"}
TRUNCATE
UPDATE {"id": 1, "card": {"redacted": true}, "title": "stool"}
HISTORY
  'the history of a row goes on');
is($new->safe_psql($db, qq{SELECT string_agg(r::text, ' ' ORDER BY r::text) FROM gatehouse.get_table_at('item', '$was') r}),
  '{"id": 1, "card": {"redacted": true}, "name": "lamp"} {"id": 11, "card": {"redacted": true}, "name": "desk"}', 'and the table of before is seen');
is($new->safe_psql($db, q{SELECT count(DISTINCT origin), count(DISTINCT id) = count(*) FROM gatehouse.row_changes}), '2|t',
  'each change tells which cluster wrote it, under a number of its own');
is($new->safe_psql($db, q{SELECT string_agg(event_type, ' ' ORDER BY id) FROM gatehouse.events WHERE event_type LIKE 'order.%'}), 'order.placed order.paid', 'events go on');
$new->stop;
done_testing();
