# Random transactions on random tables, as scripts for psql.
package RandomStatements;
use strict;
use warnings;
use JSON::PP ();
use RandomTables;
use RandomValues qw(below chance pick some identifier quoted literal);

my @settings = (
  "bytea_output = 'escape'", "datestyle = 'German, DMY'", "datestyle = 'SQL, DMY'", "datestyle = 'Postgres, MDY'", 'extra_float_digits = -15', 'extra_float_digits = 3',
  'extra_float_digits = 0', "intervalstyle = 'iso_8601'", "intervalstyle = 'sql_standard'", "intervalstyle = 'postgres_verbose'", "lc_monetary = 'C.UTF-8'",
  'quote_all_identifiers = on', "timezone = 'Asia/Kathmandu'", "timezone = 'America/New_York'", "timezone = '<+05:30>-05:30'", "search_path = ''",
  'search_path = differential_traps, pg_catalog, public', 'search_path = differential_types, public', 'session_replication_role = replica', 'session_replication_role = local',
  'session_replication_role = origin', 'synchronous_commit = off', 'enable_seqscan = off', 'enable_indexscan = off', 'plan_cache_mode = force_generic_plan',
  "default_toast_compression = 'lz4'", 'xmlbinary = hex', "client_encoding = 'LATIN1'", 'row_security = off', "application_name = 'o''dd'", 'work_mem = 64', 'jit = off',
  'ROLE differential_plain', 'ROLE NONE', 'array_nulls = off', 'transform_null_equals = on', "default_table_access_method = 'heap'",
);

# new(tables, session => number, alone => true where no other session runs)
sub new {
  my ($class, $schema, $tables, %is) = @_;
  return bless {schema => $schema, tables => $tables, made => 0, %is}, $class;
}

sub fresh { my ($self, $table) = @_; return $table->{next_number}++ + 1000 * $self->{session} }

# A condition on rows of the table, whose alias is x.
sub condition {
  my ($self, $table) = @_;
  my $column = pick(@{$table->{columns}});
  my $key = $table->{key} && (grep { $_->{key} } @{$table->{columns}})[0];
  return pick(
    (chance(3) ? 'true' : ()), 'x.n % 3 = ' . below(3), 'x.n BETWEEN ' . below(30) . ' AND ' . (20 + below(40)), 'hashtext(x::text) % 4 = ' . (below(7) - 3), 'hashtext(x::text) % 5 > 2',
    'x.' . identifier($column->{name}) . ' IS ' . pick('', 'NOT ') . 'NULL',
    "x.ctid = ANY (ARRAY(SELECT y.ctid FROM $table->{name} y ORDER BY y.tableoid, y.ctid LIMIT " . (1 + below(3)) . ' OFFSET ' . below(6) . '))',
    ($key ? 'x.id = ' . RandomValues::of_number($key->{type}, 1 + below(40)) : ()),
  );
}

sub assignment {
  my ($self, $table, $column) = @_;
  my $name = identifier($column->{name});
  my $value;
  if ($column->{key}) {
    $value = $column->{type} =~ /^(?:integer|bigint|numeric)$/ ? "x.$name + " . pick(1, 1000 * (1 + below(1000))) : RandomValues::of_number($column->{type}, $self->fresh($table));
  } elsif ($column->{part} || $column->{ref}) {
    $value = RandomTables::value_for($table, $column, 0);
  } elsif ($column->{type} eq 'integer' && chance(2)) {
    $value = "x.$name + 1";
  } elsif ($column->{type} eq 'text' && chance(2)) {
    $value = "x.$name || 'y'";
  } elsif (chance(8)) {
    $value = 'DEFAULT';
  } elsif (chance(8)) {
    $value = "x.$name";
  } else {
    $value = literal($column->{type});
  }
  return "$name = $value";
}

sub assignments {
  my ($self, $table) = @_;
  my @columns = grep { !$_->{generated} } @{$table->{columns}};
  @columns = grep { !$_->{key} } @columns if !chance(4);
  return join ', ', map { $self->assignment($table, $_) } some(3, @columns);
}

sub inserted_columns {
  my ($table) = @_;
  my @free = grep { !$_->{generated} } @{$table->{columns}};
  my @chosen = grep { $_->{key} || $_->{part} || $_->{in_key} || !chance(4) } @free;
  return @chosen ? @chosen : @free;
}
sub names { return join ', ', map { identifier($_->{name}) } @_ }

sub insert_head { my ($table, @columns) = @_; return "INSERT INTO $table->{name} AS x (" . names(@columns) . ')' }

# What follows a new row that is there already.
sub conflict {
  my ($self, $table) = @_;
  return '' if $table->{deferrable} || !$table->{key} || $table->{ruled};
  return pick('', '', ' ON CONFLICT DO NOTHING', ' ON CONFLICT (' . join(', ', map { identifier($_) } @{$table->{key}}) . ') DO UPDATE SET ' .
    $self->assignments_of_free($table) . pick('', ' WHERE ' . $self->condition($table)));
}
sub assignments_of_free {
  my ($self, $table) = @_;
  return join ', ', map { $self->assignment($table, $_) } some(3, grep { !$_->{generated} && !$_->{key} && !$_->{part} && !$_->{in_key} } @{$table->{columns}});
}

sub insert {
  my ($self, $table) = @_;
  my @columns = inserted_columns($table);
  my $conflict = $self->conflict($table);
  my %seen;
  my @rows = map { my $n = $conflict && chance(2) || chance(8) ? 1 + below(40) : $self->fresh($table); $seen{$n}++ ? () : '(' . join(', ', map { RandomTables::value_for($table, $_, $n) } @columns) . ')' } 1 .. 1 + below(6);
  return insert_head($table, @columns) . ' VALUES ' . join(', ', @rows) . $conflict;
}

# As many rows of one kind, with numbers made in the query.
sub insert_many {
  my ($self, $table) = @_;
  my $key = (grep { $_->{key} } @{$table->{columns}})[0];
  return $self->insert($table) if !$key || $key->{type} ne 'integer' || grep { $_->{key} && $_ != $key } @{$table->{columns}};
  my @columns = inserted_columns($table);
  my $from = $self->fresh($table);
  $table->{next_number} += 20;
  return insert_head($table, @columns) . ' SELECT ' . join(', ', map { $_ == $key ? 'i' : $_->{name} eq 'n' ? 'i % 61' : RandomTables::value_for($table, $_, 0) } @columns) .
    " FROM generate_series($from, " . ($from + below(15)) . ') i';
}

sub copy_of_rows {
  my ($self, $table) = @_;
  my $key = (grep { $_->{key} } @{$table->{columns}})[0];
  return $self->insert($table) if !$key || $key->{type} ne 'integer' || $table->{deferrable} || grep { ($_->{key} || $_->{part} || $_->{in_key}) && $_ != $key } @{$table->{columns}};
  my @columns = grep { !$_->{generated} && $_ != $key && $_->{name} ne 'n' && !$_->{ref} } @{$table->{columns}};
  my $names = join ', ', 'id', 'n', names(@columns);
  return "INSERT INTO $table->{name} ($names) SELECT x.id + " . 1000 * $self->fresh($table) . ', x.n' . join('', map { ', x.' . identifier($_->{name}) } @columns) . " FROM $table->{name} x WHERE " . $self->condition($table);
}

sub update { my ($self, $table) = @_; return "UPDATE $table->{name} AS x SET " . $self->assignments($table) . ' WHERE ' . $self->condition($table) }
sub delete { my ($self, $table) = @_; return "DELETE FROM $table->{name} AS x WHERE " . $self->condition($table) }

sub merge {
  my ($self, $table) = @_;
  return $self->update($table) if $table->{ruled};
  my $key = (grep { $_->{key} } @{$table->{columns}})[0];
  my @columns = inserted_columns($table);
  my ($from, $to) = (1 + below(40), 40 + below(20));
  my @actions = ('WHEN MATCHED AND ' . $self->condition($table) =~ s/x\.ctid = .*/x.n > 10/r . ' THEN ' . pick('DELETE', 'DO NOTHING'), 'WHEN MATCHED THEN UPDATE SET ' . $self->assignments_of_free($table));
  shift @actions if chance(2);
  my $number = $self->fresh($table);
  my $insert = 'WHEN NOT MATCHED ' . pick('', 'AND s.i % 2 = 0 ') . 'THEN INSERT (' . names(@columns) . ') VALUES (' .
    join(', ', map { $key && $_ == $key && $_->{type} eq 'integer' ? 's.i' : RandomTables::value_for($table, $_, $number) } @columns) . ')';
  my $on = $key && $key->{type} eq 'integer' ? 'x.id = s.i' : 'x.n = s.i AND s.i % 3 = 0';
  return "MERGE INTO $table->{name} AS x USING (SELECT i FROM generate_series($from, $to) i) s ON $on " . join(' ', @actions, $insert);
}

sub through_view {
  my ($self, $table) = @_;
  return $self->update($table) if !$table->{view};
  local $table->{name} = $table->{view};
  return pick(sub { $self->update($table) }, sub { $self->delete($table) }, sub { $self->insert($table) })->();
}

# By way of the table that it inherits from.
sub through_parent {
  my ($self, $table) = @_;
  my $parent = $table->{parent} // return $self->update($table);
  return 'TRUNCATE ' . $parent if chance(20);
  return pick("UPDATE $parent AS x SET n = coalesce(x.n, 0) + 1 WHERE x.n % 3 = " . below(3), "DELETE FROM $parent AS x WHERE x.n % 9 = " . below(9));
}

sub truncate {
  my ($self, $table) = @_;
  my @leaves = @{$table->{leaf_names} // []};
  return 'TRUNCATE ' . (@leaves && !chance(3) ? join(', ', some(2, @leaves)) : $table->{name}) . pick('', ' CASCADE', ' CASCADE', ' RESTART IDENTITY');
}

sub leads_to {
  my ($self, $from, $to) = @_;
  return 1 if $from->{reaches}{$to->{number}};
  return grep { $from->{reaches}{$_->{number}} && $self->leads_to($_, $to) } @{$self->{tables}};
}

# Two tables in one statement, neither of which leads to the other.
sub with {
  my ($self, $table) = @_;
  my @others = grep { $_ != $table && !$self->leads_to($_, $table) && !$self->leads_to($table, $_) } @{$self->{tables}};
  return $self->update($table) if !@others || $table->{ruled};
  my $other = pick(@others);
  return $self->update($table) if $other->{ruled};
  return 'WITH w AS (' . pick(sub { $self->update($other) }, sub { $self->delete($other) }, sub { $self->insert($other) })->() . ' RETURNING 1) ' .
    pick(sub { $self->update($table) }, sub { $self->delete($table) }, sub { $self->insert($table) })->();
}

sub dml {
  my ($self, $table) = @_;
  $table //= pick(@{$self->{tables}});
  my $kind = pick(qw(insert insert insert insert_many insert_many copy_of_rows update update update update update delete delete merge merge through_view through_parent with));
  $kind = 'truncate' if chance(35);
  return $self->$kind($table);
}

# Statements of a PL/pgSQL body, nested, with what is caught.
sub body {
  my ($self, $depth) = @_;
  my @parts;
  for (1 .. 1 + below(4)) {
    my $table = pick(@{$self->{tables}});
    my $column = pick(grep { !$_->{generated} && !$_->{key} } @{$table->{columns}});
    my $kind = below(12);
    if ($kind < 6 || $depth > 3) { push @parts, $self->dml . ';' }
    elsif ($kind < 8) {
      push @parts, 'BEGIN ' . $self->body($depth + 1) . pick('', '', " RAISE EXCEPTION 'thrown';", ' PERFORM 1 / 0;') . ' EXCEPTION WHEN ' . pick('OTHERS', 'OTHERS', 'division_by_zero OR raise_exception') .
        ' THEN ' . (chance(2) ? $self->dml . ';' : 'NULL;') . ' END;';
    } elsif ($kind == 8) {
      push @parts, 'FOR turn IN 1 .. ' . (1 + below(3)) . ' LOOP ' . $self->dml . '; IF turn = 2 THEN CONTINUE; END IF; ' . $self->dml . '; END LOOP;';
    } elsif ($kind == 9) {
      my $end = chance(3) ? "DELETE FROM $table->{name} WHERE CURRENT OF c;" : "UPDATE $table->{name} AS x SET " . $self->assignment($table, $column) . ' WHERE CURRENT OF c;';
      push @parts, "DECLARE c CURSOR FOR SELECT * FROM $table->{name} x WHERE " . $self->condition($table) . " FOR UPDATE; BEGIN FOR r IN c LOOP $end END LOOP; END;";
    } elsif ($kind == 10) {
      push @parts, "EXECUTE " . quoted($self->dml) . ';';
    } elsif ($self->{may_change} && chance(3)) {
      push @parts, $self->change('PERFORM ');
    } else {
      my ($setting, $value) = pick(grep {/=/} @settings) =~ /^(\w+) = (.*)$/;
      push @parts, "PERFORM set_config('$setting', " . ($value =~ /^'/ ? $value : quoted($value)) . ', true);';
    }
  }
  # A body is never empty.
  return join ' ', @parts, 'NULL;';
}

# A change of a table's definition, which the witness looks at.
sub change {
  my ($self, $call) = @_;
  my $table = pick(@{$self->{tables}});
  my ($name, $label) = @$table{qw(name label)};
  my @free = grep { !$_->{key} && !$_->{part} && !$_->{ref} && !$_->{generated} && !$_->{hidden} && $_->{name} ne 'n' } @{$table->{columns}};
  my $json = sub { return quoted(JSON::PP->new->canonical->encode($_[0])) };
  my $run = sub { my ($statement, $detail) = @_; return "${call}witness.change('$label', " . quoted($statement) . ', ' . $json->($detail) . ');' };
  # An inherited column is changed where it comes from.
  my $owner = sub { my ($column) = @_; return $column->{inherited} ? $table->{parent} : $name };
  my $what = pick(qw(add add rename drop type default leaf key generated again));
  $what = pick('leaf', 'join', 'join', 'leave', 'leave') if $table->{shape} eq 'list' && chance(2);
  if ($what eq 'add') {
    my $column = {name => 'added' . ++$self->{made} . "_$self->{session}", type => RandomValues::random_type(), inherited => $table->{parent} && chance(2)};
    push @{$table->{columns}}, $column;
    return $run->("ALTER TABLE " . $owner->($column) . " ADD COLUMN " . identifier($column->{name}) . " $column->{type}" . pick('', ' DEFAULT ' . RandomValues::literal_without_query($column->{type})), {made => [$column->{name}]});
  } elsif ($what eq 'generated') {
    my $column = {name => 'derived' . ++$self->{made} . "_$self->{session}", type => 'bigint', generated => 'n::bigint * 7'};
    push @{$table->{columns}}, $column;
    return $run->("ALTER TABLE $name ADD COLUMN $column->{name} bigint GENERATED ALWAYS AS ($column->{generated}) STORED", {made => [$column->{name}]});
  } elsif ($what eq 'rename' && @free) {
    my $column = pick(@free);
    my $to = 'renamed ' . ++$self->{made} . " $self->{session}";
    my $from = $column->{name};
    $column->{name} = $to;
    return $run->("ALTER TABLE " . $owner->($column) . ' RENAME COLUMN '  . identifier($from) . ' TO ' . identifier($to), {renamed => {$from => $to}});
  } elsif ($what eq 'drop' && @free > 1) {
    my $column = pick(@free);
    $table->{columns} = [grep { $_ != $column } @{$table->{columns}}];
    return $run->("ALTER TABLE " . $owner->($column) . ' DROP COLUMN '  . identifier($column->{name}), {gone => [$column->{name}]});
  } elsif ($what eq 'type' && @free) {
    my $column = pick(@free);
    $column->{type} = 'text';
    return $run->("ALTER TABLE " . $owner->($column) . ' ALTER COLUMN ' . identifier($column->{name}) . ' DROP DEFAULT, ALTER COLUMN ' . identifier($column->{name}) . ' TYPE text', {made => [$column->{name}]});
  } elsif ($what eq 'leaf' && $table->{shape} eq 'list' && !$table->{has_new_leaf} && !exists $table->{leaves}{leaf_name($table, 'rest')}) {
    $table->{has_new_leaf} = 1;
    my $leaf = identifier($table->{schema}) . '.' . identifier("$label new");
    push @{$table->{leaf_names}}, $leaf;
    return $run->("CREATE TABLE $leaf PARTITION OF $name FOR VALUES IN (5, 6)", {leaves => {leaf_name($table, 'new') => [['p', 'in', 5, 6]]}}) . "\n${call}$table->{enable};";
  } elsif ($what eq 'join' && $table->{shape} eq 'list' && !$table->{has_new_leaf} && !exists $table->{leaves}{leaf_name($table, 'rest')}) {
    # It brings rows along, which are the table's from then on.
    $table->{has_new_leaf} = 1;
    my $leaf = identifier($table->{schema}) . '.' . identifier("$label new");
    push @{$table->{leaf_names}}, $leaf;
    my @columns = inserted_columns($table);
    my @rows = map { my $n = $self->fresh($table); '(' . join(', ', map { $_->{part} ? 5 + below(2) : RandomTables::value_for($table, $_, $n) } @columns) . ')' } 1 .. below(5);
    my $brought = @rows ? "INSERT INTO $leaf (" . names(@columns) . ') VALUES ' . join(', ', @rows) . '; ' : '';
    # Others may write beside ATTACH: a look needs them held off.
    return $run->("LOCK TABLE $name; CREATE TABLE $leaf (LIKE $name INCLUDING GENERATED); ${brought}ALTER TABLE $name ATTACH PARTITION $leaf FOR VALUES IN (5, 6)",
      {leaves => {leaf_name($table, 'new') => [['p', 'in', 5, 6]]}, came => leaf_name($table, 'new')});
  } elsif ($what eq 'leave' && $table->{shape} eq 'list' && exists $table->{leaves}{leaf_name($table, 'b')}) {
    # Its rows leave with it; what comes of their values goes into DEFAULT, where there is one.
    my %wider = $table->{leaves}{leaf_name($table, 'rest')} ? (leaf_name($table, 'rest') => [['p', 'not in', 1, 2]]) : ();
    delete $table->{leaves}{leaf_name($table, 'b')};
    my $leaf = identifier($table->{schema}) . '.' . identifier("$label b");
    $table->{leaf_names} = [grep { $_ ne $leaf } @{$table->{leaf_names}}];
    return $run->(pick("ALTER TABLE $name DETACH PARTITION $leaf", "DROP TABLE $leaf"), {leaves => \%wider, no_leaf => leaf_name($table, 'b')});
  } elsif ($what eq 'key' && $table->{shape} eq 'plain' && $table->{key} && !$table->{simple}) {
    delete $_->{key} for @{$table->{columns}};
    $table->{key} = undef;
    return $run->("DO \$k\$ BEGIN EXECUTE (SELECT format('ALTER TABLE %s DROP CONSTRAINT %I', conrelid::regclass, conname) FROM pg_constraint WHERE conrelid = " . quoted($name) . "::regclass AND contype = 'p'); END \$k\$",
      {key => undef});
  } elsif ($what eq 'again') {
    return "${call}$table->{enable};";
  }
  my $column = pick(grep { !$_->{generated} } @{$table->{columns}});
  return $run->("ALTER TABLE $name ALTER COLUMN " . identifier($column->{name}) . ' SET DEFAULT ' . RandomValues::literal_without_query($column->{type}), {});
}
sub leaf_name { my ($table, $suffix) = @_; return ($table->{schema} =~ /^[a-z]+$/ ? $table->{schema} : identifier($table->{schema})) . '.' . identifier("$table->{label} $suffix") }

sub copy_in {
  my ($self, $table) = @_;
  my @columns = grep { $_->{key} || $_->{part} || $_->{name} eq 'n' } @{$table->{columns}};
  return $self->insert($table) . ';' if grep { $_->{type} !~ /^(?:integer|bigint|smallint|numeric)$/ } @columns or grep { $_->{in_key} } @{$table->{columns}};
  my @rows = map { my $n = $self->fresh($table); join "\t", map { $_->{part} ? 1 + below(4) : $_->{key} ? $n : below(60) } @columns } 1 .. 1 + below(8);
  # Where COPY is refused psql takes the rows for statements: the last line ends them.
  return "COPY $table->{name} (" . names(@columns) . ") FROM STDIN;\n" . join("\n", @rows) . "\n\\.\n;";
}

# One step of a transaction, with its end.
sub step {
  my ($self) = @_;
  my $kind = below(20);
  my $table = pick(@{$self->{tables}});
  return $self->dml . ';' if $kind < 9;
  return 'DO $do$ BEGIN ' . $self->body(0) . ' END $do$;' if $kind < 13;
  return 'SET ' . pick('LOCAL ', '') . pick(@settings) . ';' if $kind == 13;
  return $self->copy_in($table) if $kind == 14;
  if ($kind == 15) {
    my $savepoint = 's' . ++$self->{made};
    my @within = map { $self->step } 1 .. 1 + below(3);
    return join "\n", "SAVEPOINT $savepoint;", @within, pick("ROLLBACK TO $savepoint;", "ROLLBACK TO $savepoint;\n" . $self->dml . ';', "RELEASE $savepoint;", '');
  }
  if ($kind == 16) {
    my $column = pick(grep { !$_->{generated} && !$_->{key} } @{$table->{columns}});
    my $cursor = 'c' . ++$self->{made};
    return "DECLARE $cursor CURSOR FOR SELECT * FROM $table->{name} x WHERE " . $self->condition($table) . " FOR UPDATE;\nFETCH " . (1 + below(3)) . " FROM $cursor;\n" .
      pick("UPDATE $table->{name} AS x SET " . $self->assignment($table, $column), "DELETE FROM $table->{name} AS x") . " WHERE CURRENT OF $cursor;\nCLOSE $cursor;";
  }
  return $self->change('SELECT ') if ($kind == 17 || $kind == 19) && $self->{may_change};
  return 'SET CONSTRAINTS ALL ' . pick('DEFERRED', 'IMMEDIATE') . ';' if $kind == 18;
  return $self->dml . ';';
}

# The script of one session.
sub script {
  my ($self, $transactions) = @_;
  my @script = ("SET lock_timeout = '300ms';", "SET statement_timeout = '5s';");
  push @script, 'SET ' . pick(@settings) . ';' for 1 .. below(4);
  for my $number (1 .. $transactions) {
    push @script, '\\set ON_ERROR_ROLLBACK ' . pick('on', 'on', 'off');
    my $isolation = pick('READ COMMITTED', 'READ COMMITTED', 'READ COMMITTED', 'REPEATABLE READ', 'SERIALIZABLE');
    $self->{may_change} = $self->{alone} || $isolation eq 'READ COMMITTED' && chance(2);
    if (chance(8)) {
      push @script, "SELECT witness.begin() \\;\n" . $self->dml . " \\;\n" . $self->dml . ';';
    } else {
      push @script, "BEGIN ISOLATION LEVEL $isolation;", 'SELECT witness.begin();', map { $self->step } 1 .. 1 + below(7);
      my $prepared = "'differential $self->{session} $number'";
      push @script, pick((('COMMIT;') x 12), (('ROLLBACK;') x 3), "PREPARE TRANSACTION $prepared;\nCOMMIT PREPARED $prepared;", "PREPARE TRANSACTION $prepared;\nROLLBACK PREPARED $prepared;");
    }
    push @script, 'RESET ROLE;', "SELECT witness.look_at_all('see');" if $self->{alone};
    push @script, 'RESET session_replication_role;' if chance(2);
  }
  return join("\n", @script) . "\n";
}

1;
