# A subscriber's audited tables log what logical replication applies, with where it came from.
use strict;
use warnings;
use FindBin;
use lib $FindBin::RealBin;
use GatehouseNode;
use PostgreSQL::Test::Cluster;
use Test::More;

my $publisher = GatehouseNode::node('publisher', wal_level => 'logical', max_wal_senders => 4);
my $subscriber = GatehouseNode::node('subscriber', wal_level => 'logical');
my $tables = q{
  CREATE TABLE item (id integer PRIMARY KEY, name text);
  CREATE TABLE loose (a integer, b text);
  ALTER TABLE loose REPLICA IDENTITY FULL;
  CREATE TABLE part (id integer PRIMARY KEY, name text) PARTITION BY RANGE (id);
  CREATE TABLE part_low PARTITION OF part FOR VALUES FROM (0) TO (10);
  CREATE TABLE part_high PARTITION OF part FOR VALUES FROM (10) TO (20);
};
my $db = 'shop';
GatehouseNode::database($_, $db) for $publisher, $subscriber;
$_->safe_psql($db, $tables) for $publisher, $subscriber;
$subscriber->safe_psql($db, q{SELECT gatehouse.enable_audit(t) FROM unnest('{item,loose,part}'::regclass[]) t});
$publisher->safe_psql($db, q{
  INSERT INTO item VALUES (1, 'copied');
  CREATE PUBLICATION everything FOR TABLE item, loose, part WITH (publish_via_partition_root = true)});
my $from = $publisher->connstr . " dbname=$db";
$subscriber->safe_psql($db, qq{CREATE SUBSCRIPTION mirror CONNECTION '$from' PUBLICATION everything});
$subscriber->wait_for_subscription_sync($publisher, 'mirror', $db);

$publisher->safe_psql($db, q{
  INSERT INTO item VALUES (2, 'lamp'), (3, 'desk');
  UPDATE item SET name = 'stool' WHERE id = 2;
  UPDATE item SET id = 4 WHERE id = 3;
  DELETE FROM item WHERE id = 1;
  INSERT INTO loose VALUES (1, 'x'), (1, 'x');
  UPDATE loose SET b = 'y' WHERE ctid = (SELECT min(ctid) FROM loose);
  INSERT INTO part VALUES (1, 'a'), (11, 'b');
  UPDATE part SET id = 12 WHERE id = 1;
  TRUNCATE part;
  BEGIN;
  INSERT INTO item VALUES (5, 'never');
  ROLLBACK});
$publisher->wait_for_catchup('mirror');

my $logged = sub {
  return $subscriber->safe_psql($db, qq{
    SELECT string_agg(concat_ws(' ', operation, key, old, '=>', new), E'\\n' ORDER BY id) FROM gatehouse.row_changes WHERE table_name = '$_[0]'});
};
is($logged->('item'), <<'LOG' =~ s/\n\z//r, 'a table with a key');
INSERT {"id": 1} => {"id": 1, "name": "copied"}
INSERT {"id": 2} => {"id": 2, "name": "lamp"}
INSERT {"id": 3} => {"id": 3, "name": "desk"}
UPDATE {"id": 2} {"name": "lamp"} => {"name": "stool"}
UPDATE {"id": 3} {"id": 3} => {"id": 4}
DELETE {"id": 1} {"id": 1, "name": "copied"} =>
LOG
is($logged->('loose'), <<'LOG' =~ s/\n\z//r, 'one without');
INSERT {"a": 1, "b": "x"} => {"a": 1, "b": "x"}
INSERT {"a": 1, "b": "x"} => {"a": 1, "b": "x"}
UPDATE {"a": 1, "b": "x"} {"b": "x"} => {"b": "y"}
LOG
like($logged->('part'), qr/\AINSERT \{"id": 1\} .*\nINSERT \{"id": 11\} .*\nDELETE \{"id": 1\} .*\nINSERT \{"id": 12\} .*\n(?:TRUNCATE .*\n?){3}\z/, 'a partitioned one, with a row that moved');
is($subscriber->safe_psql($db, q{SELECT count(*) FROM gatehouse.row_changes WHERE replication_origin IS NULL AND new ->> 'name' IS DISTINCT FROM 'copied'}), '0', 'each change says that it was replicated');
is($subscriber->safe_psql($db, q{SELECT count(*) FROM pg_replication_origin o WHERE o.roname IN (SELECT replication_origin FROM gatehouse.row_changes)}), '1', 'and from where');

# What is in the tables is what the log tells.
$publisher->safe_psql($db, q{INSERT INTO part VALUES (2, 'c')});
$publisher->wait_for_catchup('mirror');
for my $table (qw(item loose part)) {
  is($subscriber->safe_psql($db, "SELECT string_agg(r::text, ' ' ORDER BY r::text) FROM gatehouse.get_table_at('$table', clock_timestamp()) r"),
    $publisher->safe_psql($db, "SELECT string_agg(to_jsonb(t)::text, ' ' ORDER BY to_jsonb(t)::text) FROM $table t"), "$table");
}
$subscriber->safe_psql($db, 'DROP SUBSCRIPTION mirror');
done_testing();
