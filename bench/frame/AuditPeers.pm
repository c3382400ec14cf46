# The ways to log the changes of a table's rows that are compared: each has a table of ten columns of its own and a log
# of its own. All are made in one database; what isn't installed is left out with its reason.
package AuditPeers;
use strict;
use warnings;
use File::Copy qw(copy);

# bench.rows has the rows that are inserted. Ten columns, as an application has them; an update changes two.
use constant {
  COLUMNS => 'id bigint PRIMARY KEY, owner_id uuid NOT NULL, email text NOT NULL, full_name text NOT NULL, status text NOT NULL, '
    . 'balance numeric(12,2) NOT NULL, visits integer NOT NULL, is_active boolean NOT NULL, created_at timestamptz NOT NULL, note text',
  UPDATE => 'balance = balance + 1, visits = visits + 1',
};

# supa_audit's documented form, in PL/pgSQL of ours: a row trigger that finds the key's columns, makes a uuid of the key
# and copies the whole row, or both, into one table with five indexes. The uuid is md5's, which costs less than the
# SHA-1 of version 5.
my $row_trigger = <<'SQL';
CREATE TYPE bench.operation AS ENUM ('INSERT', 'UPDATE', 'DELETE');
CREATE TABLE bench.row_trigger_log (
  id bigserial PRIMARY KEY, record_id uuid, old_record_id uuid, op bench.operation NOT NULL, ts timestamptz NOT NULL DEFAULT now(),
  table_oid oid NOT NULL, table_schema name NOT NULL, table_name name NOT NULL, record jsonb, old_record jsonb
);
CREATE INDEX ON bench.row_trigger_log (record_id) WHERE record_id IS NOT NULL;
CREATE INDEX ON bench.row_trigger_log (old_record_id) WHERE old_record_id IS NOT NULL;
CREATE INDEX ON bench.row_trigger_log USING brin (ts);
CREATE INDEX ON bench.row_trigger_log (table_oid);
CREATE FUNCTION bench.key_columns(relation oid) RETURNS text[] LANGUAGE sql STABLE SECURITY DEFINER SET search_path = '' AS $$
  SELECT array_agg(a.attname::text ORDER BY a.attnum)
    FROM pg_catalog.pg_constraint c JOIN pg_catalog.pg_attribute a ON a.attrelid = c.conrelid AND a.attnum = ANY (c.conkey)
   WHERE c.conrelid = relation AND c.contype = 'p'
$$;
CREATE FUNCTION bench.key_uuid(relation oid, key_columns text[], of_row jsonb) RETURNS uuid LANGUAGE sql STABLE AS $$
  SELECT md5(relation || ':' || string_agg(of_row ->> key_column, ':'))::uuid FROM unnest(key_columns) key_column
$$;
CREATE FUNCTION bench.log_row() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER AS $$
DECLARE
  key_columns CONSTANT text[] := bench.key_columns(TG_RELID);
  now_row CONSTANT jsonb := to_jsonb(NEW);
  old_row CONSTANT jsonb := to_jsonb(OLD);
BEGIN
  INSERT INTO bench.row_trigger_log (record_id, old_record_id, op, table_oid, table_schema, table_name, record, old_record)
  VALUES (bench.key_uuid(TG_RELID, key_columns, now_row), bench.key_uuid(TG_RELID, key_columns, old_row),
          TG_OP::bench.operation, TG_RELID, TG_TABLE_SCHEMA, TG_TABLE_NAME, now_row, old_row);
  RETURN NULL;
END
$$;
CREATE TRIGGER log_row AFTER INSERT OR UPDATE OR DELETE ON bench.row_trigger FOR EACH ROW EXECUTE FUNCTION bench.log_row();
SQL

# Once a statement, with the least that shows a row's history: a key, and an index on it.
my $statement_trigger = <<'SQL';
CREATE TABLE bench.statement_trigger_log (
  id bigserial PRIMARY KEY, changed_at timestamptz NOT NULL DEFAULT now(), table_oid oid NOT NULL, operation text NOT NULL,
  key text NOT NULL, old jsonb, new jsonb
);
CREATE INDEX ON bench.statement_trigger_log (table_oid, key);
CREATE FUNCTION bench.log_statement() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  CASE TG_OP
    WHEN 'INSERT' THEN
      INSERT INTO bench.statement_trigger_log (table_oid, operation, key, new)
      SELECT TG_RELID, TG_OP, n.id::text, to_jsonb(n) FROM new_rows n;
    WHEN 'UPDATE' THEN
      INSERT INTO bench.statement_trigger_log (table_oid, operation, key, old, new)
      SELECT TG_RELID, TG_OP, o.id::text, to_jsonb(o), to_jsonb(n) FROM old_rows o JOIN new_rows n USING (id);
    WHEN 'DELETE' THEN
      INSERT INTO bench.statement_trigger_log (table_oid, operation, key, old)
      SELECT TG_RELID, TG_OP, o.id::text, to_jsonb(o) FROM old_rows o;
  END CASE;
  RETURN NULL;
END
$$;
CREATE TRIGGER log_insert AFTER INSERT ON bench.statement_trigger REFERENCING NEW TABLE AS new_rows
  FOR EACH STATEMENT EXECUTE FUNCTION bench.log_statement();
CREATE TRIGGER log_update AFTER UPDATE ON bench.statement_trigger REFERENCING OLD TABLE AS old_rows NEW TABLE AS new_rows
  FOR EACH STATEMENT EXECUTE FUNCTION bench.log_statement();
CREATE TRIGGER log_delete AFTER DELETE ON bench.statement_trigger REFERENCING OLD TABLE AS old_rows
  FOR EACH STATEMENT EXECUTE FUNCTION bench.log_statement();
SQL

# Each has a name, its table, its log where it keeps one in the database, the rows in that log after INSERT, UPDATE and
# DELETE of one row, the SQL that sets it up, its server where that is another one, and the reason to skip it if any.
sub all {
  my ($bench) = @_;
  my $supa_audit = $bench->setting('SUPA_AUDIT', $ENV{SUPA_AUDIT} // '');
  my $has_table_log = grep { $_ eq 'table_log' } $bench->server->sql('postgres', 'SELECT name FROM pg_available_extensions;');
  my $no_pgaudit = $bench->has_library('pgaudit') ? undef : 'not installed (Debian: postgresql-<major>-pgaudit)';
  stage_supa_audit($bench, $supa_audit) if $supa_audit ne '';
  return (
    {name => 'plain', table => 'plain'},
    {name => 'gatehouse', table => 'gatehouse', log => 'gatehouse.row_change_log', changes => 3,
      set_up => "SELECT gatehouse.enable_audit('bench.gatehouse');"},
    {name => 'PL/pgSQL row trigger', table => 'row_trigger', log => 'bench.row_trigger_log', changes => 3, set_up => $row_trigger},
    {name => 'PL/pgSQL statement trigger', table => 'statement_trigger', log => 'bench.statement_trigger_log', changes => 3,
      set_up => $statement_trigger},
    # An update is two rows to it.
    {name => 'table_log', table => 'table_log', log => 'bench.table_log_log', changes => 4,
      skip => $has_table_log ? undef : 'not installed (Debian: postgresql-<major>-tablelog)',
      set_up => "CREATE EXTENSION table_log; SELECT table_log_init(4, 'bench', 'table_log', 'bench', 'table_log_log');"},
    {name => 'supa_audit', table => 'supa_audit', log => 'audit.record_version', changes => 3,
      skip => $supa_audit ne '' ? undef : 'SUPA_AUDIT names no folder with its control file',
      set_up => "CREATE EXTENSION supa_audit CASCADE; SELECT audit.enable_tracking('bench.supa_audit'::regclass);"},
    {name => 'pgaudit', table => 'plain', skip => $no_pgaudit, note => 'writes statements to the log file, no rows',
      server => sub { $bench->server('pgaudit', 'shared_preload_libraries=pgaudit', 'pgaudit.log=write', 'pgaudit.log_relation=on') }},
  );
}

# Its files are put where the server finds gatehouse's.
sub stage_supa_audit {
  my ($bench, $folder) = @_;
  my @files = (glob("$folder/supa_audit.control"), glob("$folder/supa_audit--*.sql"));
  die "SUPA_AUDIT: $folder has no supa_audit.control and no script\n" if @files < 2;
  for my $file (@files) {
    copy($file, $bench->place->{extensions}) or die "$file: $!\n";
  }
}

# The database on the peer's server, with its table and its log.
sub database {
  my ($bench, $peer, $rows) = @_;
  my $server = $peer->{server} ? $peer->{server}->() : $bench->server;
  my $columns = COLUMNS;
  my $database = $server->database('audit', sub {
    $server->sql($_[0], <<"SQL");
CREATE UNLOGGED TABLE bench.rows AS
SELECT i AS id, gatehouse.uuid_v7() AS owner_id, 'customer' || i || '\@example.com' AS email, 'Customer Number ' || i AS full_name,
       (ARRAY['new', 'active', 'suspended', 'closed'])[1 + i % 4] AS status, (i % 100000)::numeric(12,2) / 7 AS balance,
       i % 1000 AS visits, i % 3 <> 0 AS is_active, timestamptz '2024-01-01' + i * interval '1 minute' AS created_at,
       'a note of some length about this customer, ' || md5(i::text) AS note
  FROM generate_series(1, $rows) i;
VACUUM (FREEZE, ANALYZE) bench.rows;
SQL
  });
  if (!$server->{audited}{$peer->{table}}) {
    $server->sql($database, "CREATE TABLE bench.$peer->{table} ($columns);" . ($peer->{set_up} // ''));
    $server->{audited}{$peer->{table}} = 1;
  }
  return ($server, $database);
}

# Both empty, whatever stood in them, and no page that the next statement writes needs its image in the WAL.
sub emptied {
  my ($peer) = @_;
  my @sql = ("TRUNCATE bench.$peer->{table};");
  push @sql, "TRUNCATE $peer->{log};" if $peer->{log};
  return join "\n", @sql, 'CHECKPOINT;', '';
}

# Of the log with its indexes and partitions.
sub log_bytes {
  my ($server, $database, $peer) = @_;
  return 0 if !$peer->{log};
  my ($bytes) = $server->sql($database, <<"SQL");
SELECT coalesce(sum(pg_total_relation_size(relid)), pg_total_relation_size('$peer->{log}')) FROM pg_partition_tree('$peer->{log}');
SQL
  return $bytes;
}

1;
