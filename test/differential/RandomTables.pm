# Random tables: what a round's setup runs, and what the statements and the rebuilding need to know of each.
#
# A trigger, a rule or a foreign key leads from a table to one with a higher number only, and a trigger never to where a foreign key of its
# table leads: what it writes is then never another row of the statement that set it off, or of an action of a foreign key in it, the one
# case in which the log is in another order (doc/audit.md).
package RandomTables;
use strict;
use warnings;
use JSON::PP ();
use RandomValues qw(below chance pick some identifier quoted literal);

my @schemas = ('differential', 'Differential "q"');
my @odd_names = ('plain', 'UPPER', 'two words', 'q"uote', "apo'strophe", "\x{e9}t\x{e9}", 'select', 'x' x 63, 'null', 'partition');

# made() gives the tables. Each: label, name (qualified, quoted), columns (name, type, generated, inherited, fixed), key, leaves, parent
# (name of a table that it inherits from, which is not audited), audit, setup (SQL).
sub made {
  my $schema = pick(@schemas);
  my $count = 2 + below(3);
  my @tables;
  for my $number (1 .. $count) { push @tables, table($schema, $number, \@tables) }
  for my $table (reverse @tables) {
    my %by_key = map { $_ => 1 } reached(\@tables, $table);
    triggers($table, grep { my $to = $_; $to->{number} > $table->{number} && !grep { $by_key{$_} } $to->{number}, reached(\@tables, $to) } @tables);
  }
  return ($schema, @tables);
}

# The numbers of the tables that a change of this one can change.
sub reached {
  my ($tables, $from) = @_;
  my %found;
  for my $number (keys %{$from->{reaches}}) {
    my ($to) = grep { $_->{number} == $number } @$tables;
    $found{$_} = 1 for $number, reached($tables, $to);
  }
  return keys %found;
}

sub column { my ($name, $type, %is) = @_; return {name => $name, type => $type, %is} }

sub table {
  my ($schema, $number, $before) = @_;
  my %table = (label => "t$number", number => $number, schema => $schema, reaches => {}, next_number => 100 * $number);
  my $relation = "t$number" . (chance(3) ? ' ' . substr(pick(@odd_names), 0, 40) : '');
  my $name = $table{name} = identifier($schema) . '.' . identifier($relation);
  my $shape = pick(qw(plain plain plain keyless list range levels hash));
  my @columns = column('n', 'integer');
  my @key;
  if ($shape ne 'keyless') {
    push @columns, column('id', $shape eq 'plain' ? RandomValues::random_key_type() : pick('integer', 'integer', 'bigint', 'text', 'uuid'), key => 1);
    push @columns, column("id$_", RandomValues::random_key_type(), key => 1) for 2 .. ($shape eq 'plain' && chance(3) ? 2 + below(2) : 1);
    @key = map { $_->{name} } grep { $_->{key} } @columns;
  }
  if ($shape =~ /list|range|levels/) {
    push @columns, column('p', 'integer', part => 1);
    push @columns, column('q', 'integer', part => 1) if $shape eq 'levels';
    push @key, map { $_->{name} } grep { $_->{part} } @columns;
  }
  my %used = map { $_->{name} => 1 } @columns;
  my @names = grep { !$used{$_} } @odd_names;
  for my $i (1 .. 2 + below(chance(6) ? 30 : 6)) {
    my $odd = chance(3) && @names ? splice(@names, below(scalar @names), 1) : "c$i";
    my $type = RandomValues::random_type();
    push @columns, column($odd, $type, chance(5) ? (default => 1) : ());
  }
  push @columns, column('g', 'text', generated => pick("md5(n::text)", "n::text || 'x'", 'lpad(n::text, n % 20)')) if chance(4);
  push @columns, column('g2', 'bigint', generated => 'n::bigint * 3') if chance(4);
  push @columns, column('gone', RandomValues::random_type(), gone => 1) if chance(3);
  # A reference to an earlier table.
  my @targets = grep { $_->{simple} } @$before;
  my $foreign = '';
  if (@targets && chance(2)) {
    my $target = pick(@targets);
    my $column = column('ref', 'integer', ref => $target);
    push @columns, $column;
    my @actions = ('CASCADE', 'CASCADE', 'SET NULL', 'SET DEFAULT', 'NO ACTION', 'RESTRICT');
    $foreign = ", FOREIGN KEY (ref) REFERENCES $target->{name} (id) ON DELETE " . pick(@actions) . ' ON UPDATE ' . pick(@actions) .
      pick('', '', ' DEFERRABLE', ' DEFERRABLE INITIALLY DEFERRED');
    $target->{reaches}{$number} = 1;
    if ($shape eq 'plain' && chance(4)) { push @key, 'ref'; $column->{in_key} = 1 }
  }
  for my $i (reverse 1 .. $#columns) { my $j = below($i + 1); @columns[$i, $j] = @columns[$j, $i] }

  my $deferrable = $shape eq 'plain' && chance(5);
  $table{simple} = 1 if @key == 1 && !$deferrable && (grep { $_->{name} eq 'id' && $_->{type} eq 'integer' } @columns);
  my $definition = join ', ', map {
    identifier($_->{name}) . " $_->{type}" . ($_->{generated} ? " GENERATED ALWAYS AS ($_->{generated}) STORED" : '') .
      ($_->{default} ? ' DEFAULT ' . RandomValues::literal_without_query($_->{type}) : '')
  } @columns;
  $definition .= ', ' . ($deferrable || !chance(5) ? 'PRIMARY KEY' : "CONSTRAINT \"the Key $number\" PRIMARY KEY") . ' (' . join(', ', map { identifier($_) } @key) . ')' .
    ($deferrable ? pick(' DEFERRABLE', ' DEFERRABLE INITIALLY DEFERRED') : '') if @key;
  my $by = {list => ' PARTITION BY LIST (p)', levels => ' PARTITION BY LIST (p)', range => ' PARTITION BY RANGE (p)', hash => ' PARTITION BY HASH (' . identifier($key[0] // 'n') . ')'}->{$shape} // '';
  my @setup;
  my $inherits = '';
  if ($shape eq 'plain' && chance(4)) {
    $table{parent} = identifier($schema) . '.' . identifier("p$number");
    my @inherited = grep { $_->{name} eq 'n' || !$_->{key} && !$_->{ref} && !$_->{generated} && !$_->{gone} && chance(2) } @columns;
    $_->{inherited} = 1 for @inherited;
    push @setup, "CREATE TABLE $table{parent} (" . join(', ', map { identifier($_->{name}) . " $_->{type}" } @inherited) . ')';
    $inherits = " INHERITS ($table{parent})";
  }
  push @setup, "CREATE TABLE $name ($definition$foreign)$inherits$by";
  my %leaves;
  my $leaf = sub {
    my ($suffix, $of, $values, $conditions, $sub) = @_;
    my $leaf = identifier($schema) . '.' . identifier("t$number $suffix");
    push @setup, "CREATE TABLE $leaf PARTITION OF $of $values" . ($sub // '');
    # As quote_qualified_identifier writes it, which quotes only what needs it
    my $plain = ($schema =~ /^[a-z]+$/ ? $schema : identifier($schema)) . '.' . identifier("t$number $suffix");
    $leaves{$plain} = $conditions if $conditions;
    push @{$table{leaf_names}}, $leaf if $conditions;
    return $leaf;
  };
  if ($shape eq 'list') {
    $leaf->('a', $name, 'FOR VALUES IN (1, 2)', [['p', 'in', 1, 2]]);
    $leaf->('b', $name, 'FOR VALUES IN (3, 4' . (@key ? '' : ', NULL') . ')', [['p', 'in', 3, 4, (@key ? () : 'null')]]);
    $leaf->('rest', $name, 'DEFAULT', [['p', 'not in', 1, 2, 3, 4, (@key ? () : 'null')]]) if chance(2);
  } elsif ($shape eq 'range') {
    $leaf->('a', $name, 'FOR VALUES FROM (MINVALUE) TO (2)', [['p', 'within', ['-inf', 2]]]);
    $leaf->('b', $name, 'FOR VALUES FROM (2) TO (4)', [['p', 'within', [2, 4]]]);
    $leaf->('rest', $name, 'DEFAULT', [['p', 'not within', ['-inf', 4]]]);
  } elsif ($shape eq 'levels') {
    my $first = [['p', 'in', 1, 2]];
    my $middle = $leaf->('a', $name, 'FOR VALUES IN (1, 2)', $first, ' PARTITION BY RANGE (q)');
    $leaf->('a low', $middle, 'FOR VALUES FROM (0) TO (10)', [@$first, ['q', 'within', [0, 10]]]);
    $leaf->('a high', $middle, 'DEFAULT', [@$first, ['q', 'not within', [0, 10]]]);
    $leaf->('b', $name, 'DEFAULT', [['p', 'not in', 1, 2]]);
  } elsif ($shape eq 'hash') {
    $leaf->("h$_", $name, "FOR VALUES WITH (MODULUS 3, REMAINDER $_)") for 0 .. 2;
  }
  my @dropped = grep { $_->{gone} } @columns;
  my @drop = map { "ALTER TABLE $name DROP COLUMN gone" } @dropped;
  push @setup, splice @drop if chance(2);
  @columns = grep { !$_->{gone} } @columns;

  my @free = map { $_->{name} } grep { !$_->{key} && !$_->{part} && !$_->{in_key} && $_->{name} ne 'ref' } @columns;
  my @excluded = chance(6) ? some(2, @free) : ();
  my @redacted = chance(6) ? grep { my $n = $_; !grep { $_ eq $n } @excluded } some(2, @free) : ();
  my $array = sub { return 'ARRAY[' . join(', ', map { quoted($_) } @_) . ']::text[]' };
  $_->{hidden} = 1 for grep { my $n = $_->{name}; grep { $_ eq $n } @excluded, @redacted } @columns;
  $table{enable} = "gatehouse.enable_audit(" . quoted($name) . ', exclude => ' . $array->(@excluded) . ', redact => ' . $array->(@redacted) . ')';
  push @setup, "ALTER TABLE $name REPLICA IDENTITY FULL" if chance(8);
  push @setup, "SELECT $table{enable}";
  push @setup, @drop;
  push @setup, "INSERT INTO witness.subject VALUES ('$table{label}', " . quoted($name) . '::regclass)';
  push @setup, "SELECT witness.look('$table{label}', 'start', " . quoted(JSON::PP->new->canonical->encode({leaves => \%leaves})) . ')';
  if (chance(4)) {
    $table{view} = identifier($schema) . '.' . identifier("v$number");
    push @setup, "CREATE VIEW $table{view} AS SELECT * FROM $name WHERE n IS DISTINCT FROM 7" . pick('', ' WITH CHECK OPTION');
  }
  push @setup, 'CREATE INDEX ON ' . $name . ' (n)' if chance(2);
  @table{qw(columns key shape deferrable excluded redacted leaves setup)} = (\@columns, (@key ? \@key : undef), $shape, $deferrable, \@excluded, \@redacted, \%leaves, \@setup);
  return \%table;
}

# Triggers and rules of users, which change rows, refuse them, and write into tables further on.
sub triggers {
  my ($table, @later) = @_;
  my ($label, $name) = @$table{qw(label name)};
  my $setup = $table->{triggers} = [];
  my $quoted_schema = identifier($table->{schema});
  my $made = 0;
  my $function = sub {
    my ($body, $declare) = @_;
    my $function = "$quoted_schema.f_${label}_" . ++$made;
    push @$setup, "CREATE FUNCTION $function() RETURNS trigger LANGUAGE plpgsql AS \$f\$" . ($declare // '') . " BEGIN $body END \$f\$";
    return $function;
  };
  my $trigger = sub {
    my ($text) = @_;
    my $trigger = identifier(pick('!a', 'a', 'z', '"', 'Trigger') . ++$made);
    push @$setup, $text =~ s/NAME/$trigger/r;
    push @$setup, "ALTER TABLE $name ENABLE " . pick('ALWAYS', 'REPLICA') . " TRIGGER $trigger" if chance(6);
  };
  my $write = sub { my ($to) = @_; $table->{reaches}{$to->{number}} = 1; return written($to) };
  if (chance(4)) {
    my $change = join ' ', map { "NEW." . identifier($_->{name}) . ' := ' . literal($_->{type}) . ';' }
      some(2, grep { !$_->{key} && !$_->{generated} && !$_->{part} && $_->{name} ne 'ref' } @{$table->{columns}});
    my $f = $function->("IF NEW.n % 5 = 0 THEN $change ELSIF NEW.n % 17 = 1 THEN RETURN NULL; END IF; RETURN NEW;");
    $trigger->("CREATE TRIGGER NAME BEFORE INSERT OR UPDATE ON $name FOR EACH ROW EXECUTE FUNCTION $f()");
  }
  if (chance(6)) {
    my $f = $function->("IF OLD.n % 11 = 3 THEN RETURN NULL; END IF; RETURN OLD;");
    $trigger->("CREATE TRIGGER NAME BEFORE DELETE ON $name FOR EACH ROW EXECUTE FUNCTION $f()");
  }
  if (chance(6)) {
    my $f = $function->("RAISE EXCEPTION 'not this one';");
    $trigger->("CREATE TRIGGER NAME AFTER INSERT OR UPDATE ON $name FOR EACH ROW WHEN (NEW.n = " . below(60) . ") EXECUTE FUNCTION $f()");
  }
  # What it writes is in the log before the TRUNCATE too, if it comes first: its key must not be one that was there.
  # Which rows a partition by hash has nobody can tell here.
  if ($table->{simple} && $table->{shape} ne 'hash' && chance(4)) {
    my $f = $function->("INSERT INTO $name (id, n) VALUES ((1e6 + random() * 1e8)::integer, " . below(60) . '); RETURN NULL;');
    $trigger->("CREATE TRIGGER NAME AFTER TRUNCATE ON $name FOR EACH STATEMENT EXECUTE FUNCTION $f()");
  }
  return if !@later;
  my $event = sub { return join ' OR ', some(3, qw(INSERT UPDATE DELETE)) };
  if (chance(2)) {
    my $caught = chance(3) ? " BEGIN " . $write->(pick(@later)) . " PERFORM 1 / (pg_trigger_depth() % 2); EXCEPTION WHEN OTHERS THEN " . $write->(pick(@later)) . " END;" : '';
    my $f = $function->($write->(pick(@later)) . $caught . ' RETURN NULL;');
    $trigger->("CREATE TRIGGER NAME AFTER " . $event->() . " ON $name FOR EACH ROW EXECUTE FUNCTION $f()");
  }
  if (chance(4)) {
    my $f = $function->($write->(pick(@later)) . ' RETURN coalesce(NEW, OLD);');
    $trigger->("CREATE TRIGGER NAME BEFORE " . $event->() . " ON $name FOR EACH ROW EXECUTE FUNCTION $f()");
  }
  if (chance(4)) {
    my $f = $function->($write->(pick(@later)) . ' RETURN NULL;');
    $trigger->("CREATE TRIGGER NAME " . pick('BEFORE', 'AFTER') . ' ' . $event->() . " ON $name FOR EACH STATEMENT EXECUTE FUNCTION $f()");
  }
  if (chance(4)) {
    my $f = $function->($write->(pick(@later)) . ' RETURN NULL;');
    $trigger->("CREATE CONSTRAINT TRIGGER NAME AFTER " . $event->() . " ON $name DEFERRABLE INITIALLY DEFERRED FOR EACH ROW EXECUTE FUNCTION $f()");
  }
  if (chance(4)) {
    my $f = $function->($write->(pick(@later)) . ' RETURN NULL;');
    $trigger->("CREATE TRIGGER NAME " . pick('BEFORE', 'AFTER') . " TRUNCATE ON $name FOR EACH STATEMENT EXECUTE FUNCTION $f()");
  }
  if (chance(10)) {
    my $to = pick(@later);
    push @$setup, "CREATE RULE r1 AS ON " . pick('INSERT', 'UPDATE') . " TO $name DO ALSO " . $write->($to) =~ s/;$//r;
    $table->{ruled} = 1;
  }
}

# A statement that a trigger of another table runs.
sub written {
  my ($to) = @_;
  my $name = $to->{name};
  my @key = grep { $_->{key} || $_->{part} || $_->{in_key} } @{$to->{columns}};
  my @free = grep { !$_->{key} && !$_->{part} && !$_->{generated} && $_->{name} ne 'ref' } @{$to->{columns}};
  my $column = pick(@free);
  return pick(
    "UPDATE $name SET n = coalesce(n, 0) + 1 WHERE n % 3 = " . below(3) . ';',
    "UPDATE $name SET " . identifier($column->{name}) . ' = ' . literal($column->{type}) . ' WHERE n % 4 = ' . below(4) . ';',
    "DELETE FROM $name WHERE n % 13 = " . below(13) . ';',
    inserted($to),
  );
}

# One row with a key that is there at times.
sub inserted {
  my ($to) = @_;
  my @free = grep { !$_->{generated} } @{$to->{columns}};
  my @columns = grep { $_->{key} || $_->{part} || $_->{in_key} || !chance(3) } @free;
  @columns = @free if !@columns;
  return "INSERT INTO $to->{name} (" . join(', ', map { identifier($_->{name}) } @columns) . ') VALUES (' .
    join(', ', map { value_for($to, $_, 1 + below(40)) } @columns) . ')' . ($to->{deferrable} ? '' : ' ON CONFLICT DO NOTHING') . ';';
}

# A value for a column of a new row whose key is made of the number.
sub value_for {
  my ($table, $column, $number) = @_;
  return RandomValues::of_number($column->{type}, $number) if $column->{key};
  return $column->{name} eq 'p' ? (!$table->{key} && chance(9) ? 'NULL' : 1 + below(5)) : below(20) if $column->{part};
  return $column->{in_key} || !chance(3) ? "(SELECT id FROM $column->{ref}{name} ORDER BY id LIMIT 1 OFFSET " . below(4) . ')' : 'NULL' if $column->{ref};
  return below(60) if $column->{name} eq 'n';
  return literal($column->{type});
}

1;
