# A dump, plain and in pg_dump's own format, brings back the same rows and the same answers in a new cluster that has none of
# the roles yet.
use strict;
use warnings;
use FindBin;
use lib $FindBin::Bin;
use GatehouseNode;
use PostgreSQL::Test::Utils;
use Test::More;

# Autovacuum would keep a leaf from being made, which nobody waits for long.
my %settings = ('gatehouse.require_verified_email' => 'off', autovacuum => 'off');
my $old = GatehouseNode::node('old', %settings);
my $database = GatehouseNode::database($old, 'dumped');
my $password = 'correct horse battery staple';
my $sql = sub { $old->safe_psql($database, $_[0]) };

# The present goes into leaves as maintenance makes them, beside those that it makes ahead.
$sql->('SELECT gatehouse.make_audit_leaves()');
$sql->(q{
  SELECT gatehouse.make_leaf(l, date_trunc('day', now(), 'UTC'), (SELECT min(since) FROM gatehouse.log_partitions() WHERE since > now()), false)
    FROM unnest('{gatehouse.row_change_log,gatehouse.event_details,gatehouse.events}'::regclass[]) l});

# Something in every table, a leaf of its own for a month of the log, and an application's audited table.
my $user = $sql->("SELECT id FROM gatehouse.create_user('ada\@example.com', 'ada', '$password', profile => '{\"a\": [1, null]}')");
$sql->("SELECT FROM gatehouse.create_user('bob\@example.com', 'bob', '$password')");
$sql->(q{SELECT FROM gatehouse.register_scope('read:orders', 'see orders')});
my ($key_id, $key) = split /\|/,
  $sql->("SELECT id, api_key FROM gatehouse.create_api_key('$user', 'report', ARRAY['read:orders'], ip_allow => ARRAY['192.0.2.0/24'::cidr])");
my ($stopped_id, $stopped) = split /\|/, $sql->("SELECT id, api_key FROM gatehouse.create_api_key('$user', 'stopped')");
$sql->("SELECT gatehouse.deactivate_api_key('$stopped_id')");
my $first = $sql->("SELECT refresh_token FROM gatehouse.create_refresh_token('$user', ip => '192.0.2.7', user_agent => 'test', device => 'phone')");
my $token = $sql->("SELECT refresh_token FROM gatehouse.refresh_session('$first')");
my $ended = $sql->("SELECT refresh_token FROM gatehouse.create_refresh_token('$user')");
$sql->("SELECT gatehouse.revoke_refresh_token('$ended')");
$sql->("SELECT FROM gatehouse.link_oauth('$user', 'example', 'subject', 'ada\@example.org')");
$sql->("SELECT gatehouse.create_audit_log('order.shipped', '$user', ip => '192.0.2.7', user_agent => 'test', context => '{\"n\": 1}')");
$sql->(q{
  CREATE SCHEMA shop;
  CREATE TABLE shop.orders (order_id int PRIMARY KEY, quantity numeric, placed timestamptz, note text);
  SELECT FROM gatehouse.enable_audit('shop.orders');
  INSERT INTO shop.orders SELECT n, n * 1.10, '2030-01-01 00:00+00', repeat('x', n) FROM generate_series(1, 50) n;
  UPDATE shop.orders SET quantity = 0 WHERE order_id <= 10;
  DELETE FROM shop.orders WHERE order_id > 45;
});

# A schema whose tables are audited as they come, partitions among them, and gaps that are known.
$sql->(q{
  CREATE SCHEMA stock;
  CREATE TABLE stock.root (id int PRIMARY KEY, place text) PARTITION BY RANGE (id);
  SELECT FROM gatehouse.enable_audit_schema('stock');
  CREATE TABLE stock.first PARTITION OF stock.root FOR VALUES FROM (0) TO (10);
  CREATE TABLE stock.tree (id int PRIMARY KEY, place text) PARTITION BY RANGE (id);
  SELECT FROM gatehouse.disable_audit('stock.tree');
  CREATE TABLE stock.twig PARTITION OF stock.tree FOR VALUES FROM (10) TO (15);
  ALTER TABLE stock.root ATTACH PARTITION stock.tree FOR VALUES FROM (10) TO (20);
  CREATE TABLE stock.later (id int PRIMARY KEY, root_id int REFERENCES stock.root);
  INSERT INTO stock.root VALUES (1, 'here'), (11, 'there');
  INSERT INTO stock.later VALUES (1, 11);
  CREATE TABLE stock.stopped (id int PRIMARY KEY);
  INSERT INTO stock.stopped VALUES (1);
  CREATE TABLE stock.heirloom (a int);
  CREATE TABLE stock.heir (dead int, id int PRIMARY KEY, x int) INHERITS (stock.heirloom);
  ALTER TABLE stock.heirloom ADD y int;
  INSERT INTO stock.heir VALUES (0, 7, 1, 10, 20);
  ALTER TABLE stock.heir DROP dead;
  INSERT INTO stock.heir (a, id, x, y) VALUES (0, 2, 30, 40);
  ALTER TABLE stock.stopped DISABLE TRIGGER "!gatehouse_audit";
  ALTER TABLE stock.first DISABLE TRIGGER "!gatehouse_audit";
  DROP TRIGGER gatehouse_audit_truncate ON stock.twig;
});

# Rows of long ago that maintenance moves out of DEFAULT, and some that stay there.
$sql->(q{
  INSERT INTO gatehouse.row_change_log SELECT * FROM jsonb_populate_recordset(NULL::gatehouse.row_change_log,
    (SELECT jsonb_agg(to_jsonb(r) || '{"changed_at": "2020-01-15 00:00+00"}' || jsonb_build_object('id', r.id + 2000000))
       FROM (SELECT * FROM gatehouse.row_change_log ORDER BY id LIMIT 5) r));
  SELECT gatehouse.move_default_rows();
  INSERT INTO gatehouse.row_change_log SELECT * FROM jsonb_populate_recordset(NULL::gatehouse.row_change_log,
    (SELECT jsonb_agg(to_jsonb(r) || '{"changed_at": "2095-01-15 00:00+00"}' || jsonb_build_object('id', r.id + 3000000))
       FROM (SELECT * FROM gatehouse.row_change_log ORDER BY id LIMIT 5) r));
});
is($sql->('SELECT (SELECT count(*) FROM gatehouse.row_change_log_2020_01), (SELECT count(*) FROM ONLY gatehouse.row_change_log_default)'), '5|5',
  'rows stand in a leaf that maintenance made, and in DEFAULT');

# Leaves that somebody made, owned by gatehouse_owner, no member of the extension.
my $leaves = $sql->(q{
  SELECT count(*) FROM pg_partitioned_table p JOIN pg_class c ON c.oid = p.partrelid
   WHERE c.relnamespace = 'gatehouse'::regnamespace});
cmp_ok($leaves, '>=', 1, 'there are partitioned logs');
$sql->(q{
  DO $$
  DECLARE
    parent regclass;
    leaf text;
  BEGIN
    FOR parent IN SELECT partrelid::regclass FROM pg_partitioned_table p JOIN pg_class c ON c.oid = p.partrelid
                   WHERE c.relnamespace = 'gatehouse'::regnamespace
    LOOP
      leaf := (SELECT relname FROM pg_class WHERE oid = parent) || '_2090_01';
      EXECUTE format('CREATE TABLE gatehouse.%I PARTITION OF %s FOR VALUES FROM (%L) TO (%L)', leaf, parent,
                     '2090-01-01 00:00+00', '2090-02-01 00:00+00');
      EXECUTE format('ALTER TABLE gatehouse.%I OWNER TO gatehouse_owner', leaf);
    END LOOP;
  END $$;
  SET session_replication_role = replica;
  INSERT INTO gatehouse.row_change_log SELECT * FROM jsonb_populate_recordset(NULL::gatehouse.row_change_log,
    (SELECT jsonb_agg(to_jsonb(r) || '{"changed_at": "2090-01-15 00:00+00"}' || jsonb_build_object('id', r.id + 1000000))
       FROM (SELECT * FROM gatehouse.row_change_log ORDER BY id LIMIT 5) r));
});
is($sql->('SELECT count(*) FROM gatehouse.row_change_log_2090_01'), '5', 'rows stand in a leaf of their own');

# An address that is known, uses of keys, and a failure.
$sql->(q{
  INSERT INTO gatehouse.known_addresses SELECT id, '192.0.2.7', clock_timestamp() FROM gatehouse.users ORDER BY id LIMIT 1;
  INSERT INTO gatehouse.api_key_usage SELECT id, clock_timestamp(), '192.0.2.8', 42 FROM gatehouse.api_keys;
  SELECT gatehouse.authenticate_user('nobody', 'wrong', '192.0.2.9');
  SELECT gatehouse.run_maintenance();
});

# Accounts of every standing, tokens that are out, lists that block, and reminders.
my $bob = $sql->(q{SELECT id FROM gatehouse.get_user_by_username('bob')});
$sql->("SELECT gatehouse.bootstrap_superuser('root\@example.com', 'first-of-all', '$password')");
$sql->("SELECT FROM gatehouse.create_user('$_\@example.com', '$_')") for qw(carol dora);
$sql->(q{SELECT gatehouse.set_active(id, false, 'spam', now() + interval '1 day') FROM gatehouse.get_user_by_username('carol')});
$sql->(q{SELECT gatehouse.soft_delete_user(id, reason => 'asked for it') FROM gatehouse.get_user_by_username('dora')});
my $verification = $sql->("SELECT gatehouse.request_email_verification('$bob')");
$sql->("SELECT gatehouse.confirm_account_deletion(gatehouse.request_account_deletion('$bob'))");
$sql->("UPDATE gatehouse.users SET deletion_scheduled_for = now() + interval '2 days' WHERE id = '$bob'");
$sql->("SELECT gatehouse.mark_deletion_reminder_sent('$bob', 3)");
$sql->(q{SELECT gatehouse.load_blocked_passwords('{the whole company uses this one}'), gatehouse.load_blocked_email_domains('{throwaway.example}')});

# Every table of the schema, ordered, as text; the same for the application's.
sub rows_of {
  my ($node, $name) = @_;
  my $tables = $node->safe_psql($name, q{
    SELECT string_agg(format('%I.%I', n.nspname, c.relname), ' ' ORDER BY 1)
      FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
     WHERE n.nspname IN ('gatehouse', 'shop', 'stock') AND c.relkind = 'r'});
  my %rows;
  for my $table (split / /, $tables) {
    # The columns of a restored table have other numbers, which is recorded, and another order if it inherits some.
    my $row = $table eq 'stock.heir' ? 'to_jsonb(t)' : $table eq 'gatehouse.audit_shapes'
      ? q{ROW(table_id, since, recorded_at, key, restates, ARRAY(SELECT c - '{number,type_id}'::text[] FROM jsonb_array_elements(columns) c ORDER BY c -> 'id'))} : 't';
    $rows{$table} = $node->safe_psql($name, "SELECT x.r FROM (SELECT ($row)::text AS r FROM $table t) x ORDER BY x.r COLLATE \"C\"");
  }
  return \%rows;
}

sub sequences_of {
  my ($node, $name) = @_;
  return $node->safe_psql($name, q{
    SELECT sequencename, last_value FROM pg_sequences WHERE schemaname = 'gatehouse' ORDER BY sequencename});
}

# Tables as they were at a time
sub past_of {
  my ($node, $name, $at) = @_;
  return $node->safe_psql($name, "SELECT t, r FROM unnest('{shop.orders,stock.heir,stock.heirloom,stock.root}'::regclass[]) t, gatehouse.get_table_at(t, '$at') r ORDER BY t::text, r");
}

sub history_of {
  my ($node, $name) = @_;
  return $node->safe_psql($name, q{
    SELECT h::text FROM generate_series(1, 50) n, gatehouse.get_row_history('shop.orders', jsonb_build_object('order_id', n)) h});
}

# The catalog's side: what is the extension's, who owns what and who may do what.
sub rights_of {
  my ($node, $name) = @_;
  return $node->safe_psql($name, q{
    SELECT c.relname, c.relkind, c.relowner::regrole, c.relacl, d.deptype
      FROM pg_class c LEFT JOIN pg_depend d ON d.classid = 'pg_class'::regclass AND d.objid = c.oid AND d.deptype = 'e'
     WHERE c.relnamespace = 'gatehouse'::regnamespace ORDER BY 1;
    SELECT p.oid::regprocedure, p.proowner::regrole, p.proacl, p.prosecdef, p.proconfig
      FROM pg_proc p WHERE p.pronamespace = 'gatehouse'::regnamespace ORDER BY p.oid::regprocedure::text;
    SELECT t.tgrelid::regclass, t.tgname, t.tgenabled, pg_get_triggerdef(t.oid) FROM pg_trigger t
     WHERE NOT t.tgisinternal ORDER BY t.tgrelid::regclass::text, t.tgname;
    SELECT evtname, evtevent, evtfoid::regprocedure, evtenabled, evttags FROM pg_event_trigger ORDER BY evtname;
    SELECT p.* FROM gatehouse.log_partitions() p ORDER BY p::text;
    SELECT pg_get_indexdef(i.indexrelid) FROM gatehouse.log_partitions() p JOIN pg_index i ON i.indrelid = p.leaf ORDER BY 1;
  });
}

my $rows = rows_of($old, $database);
for my $table (sort keys %$rows) {
  # A leaf that was made ahead is empty, and so is a DEFAULT leaf whose rows went into another.
  isnt($rows->{$table}, '', "$table has rows") if $table !~ /_\d{4}_\d\d(?:_\d\d)?$|_default$/;
}
my $sequences = sequences_of($old, $database);
my $history = history_of($old, $database);
isnt($history, '', 'there is a history');
my $at = $old->safe_psql($database, 'SELECT clock_timestamp()');
my $past = past_of($old, $database, $at);
like($past, qr/stock.heir\|\{"a": 0, "x": 30, "y": 40, "id": 2\}/, 'and a past');
my $rights = rights_of($old, $database);
my $audited = $old->safe_psql($database, 'SELECT * FROM gatehouse.audited_tables ORDER BY table_id');
like($audited, qr/stock\|root\|.*\|inactive\|\{"stock.first: row trigger disabled","stock.twig: TRUNCATE trigger missing"\}/, 'there are gaps');
my $events = $old->safe_psql($database, 'SELECT * FROM gatehouse.get_audit_logs(page_size => 100)');
my $changes = $old->safe_psql($database, 'SELECT * FROM gatehouse.row_changes ORDER BY id');

my $folder = PostgreSQL::Test::Utils::tempdir();
$old->command_ok(['pg_dump', '-d', $database, '-f', "$folder/plain"], 'a plain dump');
$old->command_ok(['pg_dump', '-Fc', '-d', $database, '-f', "$folder/custom"], "a dump in pg_dump's own format");
unlike(PostgreSQL::Test::Utils::slurp_file("$folder/plain"), qr/\Q$password\E|\Q$key\E|\Q$token\E/, 'the dump holds no secret');

# As a restore by several at once may do it: triggers come before gatehouse's own rows, and before primary keys.
my @list = split /^/, qx(pg_restore -l "$folder/custom");
my (@before, @data, @triggers, @after);
for my $entry (@list) {
  if ($entry =~ / TRIGGER / && $entry !~ /EVENT TRIGGER/) { push @triggers, $entry }
  elsif ($entry =~ /TABLE DATA (?:shop|stock) /) { push @data, $entry }
  elsif (@after || $entry =~ /TABLE DATA|SEQUENCE SET/) { push @after, $entry }
  else { push @before, $entry }
}
cmp_ok(scalar(@triggers), '>', 3, 'there are triggers to restore');
PostgreSQL::Test::Utils::append_to_file("$folder/list", join '', @before, @data, @triggers, @after);

my %restore = (
  early => ['pg_restore', '--exit-on-error', '-L', "$folder/list", "$folder/custom", '-d'],
  plain => ['psql', '-X', '-q', '-v', 'ON_ERROR_STOP=1', '-f', "$folder/plain", '-d'],
  custom => ['pg_restore', '--exit-on-error', "$folder/custom", '-d'],
);
for my $format (sort keys %restore) {
  my $new = GatehouseNode::node("new_$format", %settings, key_ring => GatehouseNode::key_ring($old));
  is($new->safe_psql('postgres', q{SELECT count(*) FROM pg_roles WHERE rolname LIKE 'gatehouse%'}), '0', "$format: no roles yet");
  $new->safe_psql('postgres', 'CREATE DATABASE restored');
  $new->command_ok([@{$restore{$format}}, 'restored'], "$format: restored without an error");
  my $answer = sub { $new->safe_psql('restored', $_[0]) };

  my $restored = rows_of($new, 'restored');
  is_deeply([sort keys %$restored], [sort keys %$rows], "$format: the same tables");
  is($restored->{$_}, $rows->{$_}, "$format: the same rows in $_") for sort keys %$rows;
  is(sequences_of($new, 'restored'), $sequences, "$format: sequences go on where they were");
  is(rights_of($new, 'restored'), $rights, "$format: the same owners, rights, triggers and membership");
  is(history_of($new, 'restored'), $history, "$format: the same history");
  is(past_of($new, 'restored', $at), $past, "$format: the same past");
  is($answer->('SELECT * FROM gatehouse.audited_tables ORDER BY table_id'), $audited, "$format: the same audited tables, with the same gaps");
  is($answer->(q{SELECT affected FROM gatehouse.run_maintenance() WHERE task = 'audit_gaps_noted'}), '0', "$format: which are known");
  is($answer->('SELECT * FROM gatehouse.get_audit_logs(page_size => 100)'), $events, "$format: the same events");
  is($answer->('SELECT * FROM gatehouse.row_changes ORDER BY id'), $changes, "$format: the same changes");

  is($answer->("SELECT status FROM gatehouse.authenticate_user('ada\@example.com', '$password')"), 'ok', "$format: the login works");
  is($answer->("SELECT status FROM gatehouse.authenticate_user('ada', '$password.')"), 'invalid_credentials', "$format: a wrong one does not");
  is($answer->("SELECT api_key_id FROM gatehouse.verify_api_key('$key', ARRAY['read:orders'], '192.0.2.9')"), $key_id, "$format: the key opens");
  is($answer->("SELECT count(*) FROM gatehouse.verify_api_key('$key', ARRAY['read:orders'], '198.51.100.9')"), '0',
    "$format: but not from elsewhere");
  is($answer->("SELECT count(*) FROM gatehouse.verify_api_key('$stopped')"), '0', "$format: a deactivated key stays so");
  is($answer->("SELECT status FROM gatehouse.refresh_session('$ended')"), 'revoked', "$format: a revoked session stays so");
  is($answer->("SELECT status FROM gatehouse.refresh_session('$token')"), 'ok', "$format: the session is refreshed");
  is($answer->("SELECT username FROM gatehouse.verify_email('$verification')"), 'bob', "$format: a token that is out verifies");
  is($answer->("SELECT status FROM gatehouse.account_deletion_status('$bob')"), 'scheduled', "$format: an erasure is still scheduled");
  is($answer->(q{SELECT gatehouse.restore_user(id) FROM gatehouse.get_user_by_username('dora', true)}), 't', "$format: a deletion can be taken back");
  $answer->('ALTER TABLE stock.heirloom ADD z int DEFAULT 3; ALTER TABLE shop.orders ADD z int DEFAULT 3');
  is(past_of($new, 'restored', $at), $past, "$format: the same past when columns have changed since");
  $answer->(q{UPDATE shop.orders SET quantity = 7 WHERE order_id = 20});
  is($answer->(q{SELECT count(*) FROM gatehouse.get_row_history('shop.orders', '{"order_id": 20}')}), '2',
    "$format: the restored table goes on being audited, as the same table");
  is($answer->('SELECT gatehouse.make_audit_leaves()'), '0', "$format: the leaves that were made ahead are known as such");
  $answer->('CREATE TABLE stock.restored (id int PRIMARY KEY); CREATE TABLE stock.second PARTITION OF stock.root FOR VALUES FROM (20) TO (30)');
  is($answer->(q{SELECT table_name, status FROM gatehouse.audited_tables WHERE table_name IN ('restored', 'second')}), 'restored|active',
    "$format: the schema's later tables go on being audited");
  is($answer->(q{SELECT count(*) FROM pg_trigger WHERE tgrelid = 'stock.second'::regclass AND NOT tgisinternal AND tgenabled = 'A'}), '2', "$format: and so do later partitions");
  is($new->psql('restored', 'DROP EXTENSION gatehouse'), 3, "$format: the guard stands before the log");
  $new->stop;
}
$old->stop;
done_testing();
