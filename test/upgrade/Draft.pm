# The statements that lead from one snapshot of the catalog to another: the draft of an upgrade script. What takes away more than a
# constraint or an index, may not be possible with rows there, or cannot be said here, is no statement but a line "-- decide: ...".
package Draft;
use strict;
use warnings;

my %noun = (
  'table' => 'TABLE', 'view' => 'VIEW', 'materialized view' => 'MATERIALIZED VIEW', 'sequence' => 'SEQUENCE', 'type' => 'TYPE',
  'domain' => 'DOMAIN', 'function' => 'FUNCTION', 'procedure' => 'PROCEDURE', 'schema' => 'SCHEMA', 'event trigger' => 'EVENT TRIGGER',
);
my %sub_noun = (column => 'COLUMN', constraint => 'CONSTRAINT', index => 'INDEX', trigger => 'TRIGGER', rule => 'RULE', policy => 'POLICY');

my %firing = (O => 'ENABLE', D => 'DISABLE', R => 'ENABLE REPLICA', A => 'ENABLE ALWAYS');

sub literal { my ($text) = @_; $text =~ s/'/''/g; return "'$text'" }

# A backslash stands for itself whatever standard_conforming_strings is, which the catalog's own texts rely on. Bodies are kept:
# they are as somebody wrote them.
sub with_plain_backslashes {
  my ($statement) = @_;
  return $statement if $statement =~ /^-- decide: /;
  my ($head, $body) = $statement =~ /^(.*?)(\nAS \$function\$.*)?$/s;
  $head =~ s/'((?:[^']|'')*)'/index($1, '\\') < 0 ? "'$1'" : "E'" . ($1 =~ s{\\}{\\\\}gr) . "'"/ge;
  return $head . ($body // '');
}

# What the statements of a new object say, or what comes along with it. Every other property is to be decided about, where it is not
# as usual.
my %said = (
  object => [qw(member owner grants comment kind definition signature sequence labels base collation default), 'not null', 'options', 'query',
    'partition key', 'partition bound', 'row security', 'owned by', 'dumped with', 'initial grants', 'event', 'function', 'tags', 'enabled'],
  column => [qw(number type collation default generated identity storage grants comment), 'not null'],
  constraint => ['definition', 'comment', 'inherited', 'no inherit'],
  index => ['definition', 'owner', 'of a constraint', 'state', 'comment'],
  trigger => [qw(definition enabled comment)],
  rule => [qw(definition enabled comment)],
  policy => [qw(command roles using check comment)],
);
my %usual = ('access method' => 'heap', 'replica identity' => 'd', validated => 'true');

sub unsaid {
  my ($object, $is) = @_;
  my ($sub_kind) = (named($object))[2];
  my %known = map { $_ => 1 } @{$said{$sub_kind // 'object'}};
  $known{parents} = 1 if defined $is->{'partition bound'};
  my %as_usual = (%usual, 'grants of the row type' => 'PUBLIC:USAGE ' . ($is->{owner} // '') . ':USAGE');
  return map {"-- decide: $object, $_: $is->{$_}"} grep { !$known{$_} && $is->{$_} ne ($as_usual{$_} // '') } sort keys %$is;
}

# "event trigger x" => ("event trigger", "x"), and "table s.t, column c" => ("table", "s.t", "column", "c").
sub named {
  my ($object) = @_;
  my ($whole, $sub_kind, $sub) = $object =~ /^(.*?)(?:, (column|constraint|index|trigger|rule|policy) (.+))?$/s;
  my ($kind, $name) = $whole =~ /^(event trigger|materialized view|\S+) (.+)$/s;
  return ($kind, $name, $sub_kind, $sub);
}

# What stands in a GRANT: functions and types have words of their own, all relations are tables there.
sub grant_target {
  my ($kind, $name) = @_;
  return ($kind eq 'type' || $kind eq 'domain' ? 'TYPE ' : $kind =~ /view$/ ? '' : $kind eq 'table' ? '' : "$noun{$kind} ") . $name;
}

# From one list of "grantee:PRIVILEGE[*]" to another. What the owner has by owning is never granted.
sub grants {
  my ($target, $owner, $from, $to, $columns) = @_;
  my @statements;
  my %has = map { $_ => 1 } split / /, $from // '';
  my %wants = map { $_ => 1 } split / /, $to // '';
  my (%revoke, %grant, %everything);
  for my $item (grep { !$wants{$_} } keys %has) {
    my ($grantee, $privilege) = $item =~ /^(.*):([A-Z ]+)\*?$/;
    push @{$revoke{$grantee}}, $privilege if $grantee ne $owner;
    $everything{$grantee} = 1 if !grep {/^\Q$grantee\E:/} keys %wants;
  }
  for my $item (grep { !$has{$_} } keys %wants) {
    my ($grantee, $privilege, $option) = $item =~ /^(.*):([A-Z ]+)(\*?)$/;
    push @{$grant{$option}{$grantee}}, $privilege if $grantee ne $owner;
  }
  my $of = defined $columns ? " ($columns)" : '';
  for my $grantee (sort keys %revoke) {
    my $what = $everything{$grantee} ? "ALL$of" : join ', ', map {"$_$of"} sort @{$revoke{$grantee}};
    push @statements, "REVOKE $what ON $target FROM $grantee;";
  }
  for my $option (sort keys %grant) {
    # Those who are granted the same are named together.
    my %together;
    push @{$together{join ', ', map {"$_$of"} sort @{$grant{$option}{$_}}}}, $_ for sort keys %{$grant{$option}};
    push @statements, map { "GRANT $_ ON $target TO " . join(', ', @{$together{$_}}) . ($option ? ' WITH GRANT OPTION' : '') . ';' }
      sort keys %together;
  }
  return @statements;
}

# A function as an install script says it: without OR REPLACE, and the library by MODULE_PATHNAME.
sub function_text {
  my ($definition, $replaces) = @_;
  $definition =~ s/^CREATE OR REPLACE/CREATE/ if !$replaces;
  $definition =~ s/\nAS '[^']*', \$function\$(\w+)\$function\$\s*$/\nAS 'MODULE_PATHNAME', '$1'/;
  $definition =~ s/\s+$//;
  return "$definition;";
}

sub defaults {
  my ($function) = @_;
  my ($head) = $function->{definition} =~ /^(.*)$/m;
  return scalar(() = $head =~ / DEFAULT /g);
}

sub column_text {
  my ($name, $column) = @_;
  my @words = ($name, $column->{type});
  push @words, "COLLATE $column->{collation}" if $column->{collation};
  push @words, 'DEFAULT ' . $column->{default} if defined $column->{default};
  push @words, 'GENERATED ALWAYS AS (' . ($column->{generated} =~ s/^s //r) . ') STORED' if defined $column->{generated};
  push @words, 'GENERATED ' . ($column->{identity} eq 'a' ? 'ALWAYS' : 'BY DEFAULT') . ' AS IDENTITY' if $column->{identity};
  push @words, 'NOT NULL' if $column->{'not null'};
  return join ' ', @words;
}

# What PostgreSQL 18 records of NOT NULL is said with the column.
sub is_of_column { return $_[0]{definition} =~ /^NOT NULL / }

# parts(snapshot, object, kind): [name, properties] of an object's columns, constraints, ..., columns by their number.
sub parts {
  my ($snapshot, $object, $kind) = @_;
  my @found = map { /^\Q$object\E, $kind (.+)$/s ? [$1, $snapshot->{$_}] : () } sort keys %$snapshot;
  return $kind eq 'column' ? sort { $a->[1]{number} <=> $b->[1]{number} } @found : @found;
}

# What every new or changed object has besides its definition. `was` is what it has so far.
sub attributes {
  my ($object, $was, $is, $installer) = @_;
  my ($kind, $name) = named($object);
  my @statements;
  push @statements, "ALTER $noun{$kind} $name OWNER TO " . ($is->{owner} eq $installer ? 'CURRENT_USER' : $is->{owner}) . ';'
    if defined $is->{owner} && $is->{owner} ne ($was->{owner} // '');
  if (($is->{comment} // '') ne ($was->{comment} // '')) {
    push @statements, "COMMENT ON $noun{$kind} $name IS " . (defined $is->{comment} ? literal($is->{comment}) : 'NULL') . ';';
  }
  # What the old owner has by owning goes to the new one.
  my $had = $was->{grants};
  $had =~ s/(?<!\S)\Q$was->{owner}\E:/$is->{owner}:/g if defined $had && defined $was->{owner} && defined $is->{owner};
  push @statements, grants(grant_target($kind, $name), $is->{owner} // $installer, $had, $is->{grants});
  if (($is->{'dumped with'} // '') ne ($was->{'dumped with'} // '')) {
    my $filter = $is->{'dumped with'};
    push @statements, defined $filter
      ? 'SELECT pg_catalog.pg_extension_config_dump(' . literal($name) . ', ' . literal($filter eq 'all rows' ? '' : $filter) . ');'
      : "-- decide: dumps do not carry $name any more";
  }
  return @statements;
}

sub new_relation {
  my ($snapshot, $object, $name, $is) = @_;
  my @columns = parts($snapshot, $object, 'column');
  my @constraints = grep { !is_of_column($_->[1]) && !$_->[1]{inherited} } parts($snapshot, $object, 'constraint');
  my $options = $is->{options} ? " WITH ($is->{options})" : '';
  my @statements;
  if (defined $is->{query}) {
    my $word = $is->{kind} =~ /^m/ ? 'MATERIALIZED VIEW' : 'VIEW';
    push @statements, "CREATE $word $name$options AS\n$is->{query}";
  } elsif (defined $is->{'partition bound'}) {
    push @statements, "CREATE TABLE $name PARTITION OF $is->{parents} $is->{'partition bound'}" . ($is->{'partition key'} ? " PARTITION BY $is->{'partition key'}" : '') . "$options;";
  } else {
    my $unlogged = $is->{kind} =~ /u$/ ? 'UNLOGGED ' : '';
    my $key = $is->{'partition key'} ? " PARTITION BY $is->{'partition key'}" : '';
    push @statements, "CREATE ${unlogged}TABLE $name (\n  " . join(",\n  ", (map { column_text(@$_) } @columns),
      map {"CONSTRAINT $_->[0] $_->[1]{definition}"} @constraints) . "\n)$key$options;";
  }
  push @statements, "-- decide: row security of $name is $is->{'row security'}" if $is->{'row security'};
  return @statements;
}

# Everything of a new object.
sub created {
  my ($snapshot, $object, $installer) = @_;
  my ($kind, $name) = named($object);
  my $is = $snapshot->{$object};
  my %was = (owner => $installer);
  my @statements;
  if ($kind eq 'function' || $kind eq 'procedure') {
    @statements = function_text($is->{definition}, 0);
    $was{grants} = "PUBLIC:EXECUTE $is->{owner}:EXECUTE";
  } elsif ($kind eq 'sequence' && ($is->{'owned by'} // '') =~ /^column (\S+) of table (\S+)$/ && $snapshot->{"table $2, column $1"}{identity}) {
    return "-- decide: $name comes with its column of $2; it is $is->{sequence}, $is->{owner}'s, with the grants $is->{grants}";
  } elsif ($kind eq 'sequence') {
    @statements = "CREATE SEQUENCE $name " . $is->{sequence} . ';';
    push @statements, "-- decide: $name is owned by $is->{'owned by'}" if $is->{'owned by'};
  } elsif ($kind eq 'type' && $is->{kind} eq 'c') {
    @statements = "CREATE TYPE $name AS (\n  " . join(",\n  ", map { column_text(@$_) } parts($snapshot, $object, 'column')) . "\n);";
    $was{grants} = "PUBLIC:USAGE $is->{owner}:USAGE";
  } elsif ($kind eq 'type' && $is->{kind} eq 'e') {
    @statements = "CREATE TYPE $name AS ENUM ($is->{labels});";
    $was{grants} = "PUBLIC:USAGE $is->{owner}:USAGE";
  } elsif ($is->{kind} && $is->{kind} eq 'd') {
    @statements = join("\n  ", "CREATE DOMAIN $name AS $is->{base}" . ($is->{collation} ? " COLLATE $is->{collation}" : ''),
      defined $is->{default} ? "DEFAULT $is->{default}" : (), $is->{'not null'} eq 'true' ? 'NOT NULL' : (),
      map {"CONSTRAINT $_->[0] $_->[1]{definition}"} grep { !is_of_column($_->[1]) } parts($snapshot, $object, 'constraint')) . ';';
    $was{grants} = "PUBLIC:USAGE $is->{owner}:USAGE";
  } elsif ($is->{kind} && $is->{kind} =~ /^[rpvm] /) {
    @statements = new_relation($snapshot, $object, $name, $is);
  } elsif ($kind eq 'event trigger') {
    my $tags = $is->{tags} ? ' WHEN TAG IN (' . join(', ', map { literal($_) } split /, /, $is->{tags}) . ')' : '';
    @statements = "CREATE EVENT TRIGGER $name ON $is->{event}$tags EXECUTE FUNCTION $is->{function};";
    push @statements, "ALTER EVENT TRIGGER $name $firing{$is->{enabled}};" if $is->{enabled} ne 'O';
  } else {
    return "-- decide: $object is new, and no draft can be made of it";
  }
  push @statements, attributes($object, \%was, $is, $installer), unsaid($object, $is);
  for my $sub_kind (qw(column constraint index trigger rule policy)) {
    for my $part (parts($snapshot, $object, $sub_kind)) {
      push @statements, part_created($snapshot, "$object, $sub_kind $part->[0]", 1);
    }
  }
  return @statements;
}

# A part of a table: all of it, or of a table that was made just now with its columns and constraints what is still lacking.
sub part_created {
  my ($snapshot, $object, $with_table) = @_;
  my ($kind, $name, $sub_kind, $sub) = named($object);
  my $is = $snapshot->{$object};
  my @statements;
  if ($sub_kind eq 'column') {
    # A partition gets it from its parent.
    if (!$with_table && !defined $snapshot->{"$kind $name"}{'partition bound'}) {
      push @statements, ($kind eq 'type' ? "ALTER TYPE $name ADD ATTRIBUTE " : "ALTER TABLE $name ADD COLUMN ") . column_text($sub, $is) . ';';
      push @statements, "-- decide: what the rows that are there get in $name.$sub" if $is->{'not null'} && !defined $is->{default};
    }
    push @statements, "ALTER TABLE $name ALTER COLUMN $sub SET STORAGE " .
      {e => 'EXTERNAL', x => 'EXTENDED', m => 'MAIN', p => 'PLAIN'}->{$is->{storage}} . ';' if $is->{storage};
    push @statements, "COMMENT ON COLUMN $name.$sub IS " . literal($is->{comment}) . ';' if defined $is->{comment};
    push @statements, grants($name, '', '', $is->{grants}, $sub) if defined $is->{grants};
  } elsif ($sub_kind eq 'constraint') {
    push @statements, 'ALTER ' . ($kind eq 'domain' ? 'DOMAIN' : 'TABLE') . " $name ADD CONSTRAINT $sub $is->{definition};"
      if !$with_table && !is_of_column($is) && !$is->{inherited};
    my $on = $kind eq 'domain' ? "DOMAIN $name" : $name;
    push @statements, "COMMENT ON CONSTRAINT $sub ON $on IS " . literal($is->{comment}) . ';' if defined $is->{comment};
  } elsif ($sub_kind eq 'index') {
    push @statements, "$is->{definition};" if !$is->{'of a constraint'};
    my ($schema) = $name =~ /^([^.]+)\./;
    push @statements, "COMMENT ON INDEX $schema.$sub IS " . literal($is->{comment}) . ';' if defined $is->{comment};
    push @statements, "-- decide: index $sub is $is->{state}" if $is->{state};
  } elsif ($sub_kind eq 'trigger' || $sub_kind eq 'rule') {
    push @statements, $is->{definition} =~ /;$/ ? $is->{definition} : "$is->{definition};";
    push @statements, "ALTER TABLE $name $firing{$is->{enabled}} " . uc($sub_kind) . " $sub;" if $is->{enabled} ne 'O';
    push @statements, 'COMMENT ON ' . uc($sub_kind) . " $sub ON $name IS " . literal($is->{comment}) . ';' if defined $is->{comment};
  } else {
    push @statements, "-- decide: $object is new, and no draft can be made of it";
  }
  return (@statements, unsaid($object, $is));
}

sub part_gone {
  my ($object, $was, $table_stays) = @_;
  my ($kind, $name, $sub_kind, $sub) = named($object);
  return () if !$table_stays || $kind =~ /view$/;
  if ($sub_kind eq 'constraint') {
    return () if is_of_column($was) || $was->{inherited};
    return 'ALTER ' . ($kind eq 'domain' ? 'DOMAIN' : 'TABLE') . " $name DROP CONSTRAINT $sub;";
  }
  if ($sub_kind eq 'index') {
    my ($schema) = $name =~ /^([^.]+)\./;
    return $was->{'of a constraint'} ? () : "DROP INDEX $schema.$sub;";
  }
  return "-- decide: $object is gone (its data with it): " .
    ($sub_kind eq 'column' ? ($kind eq 'type' ? "ALTER TYPE $name DROP ATTRIBUTE $sub;" : "ALTER TABLE $name DROP COLUMN $sub;") : "DROP $sub_noun{$sub_kind} $sub ON $name;");
}

sub column_changed {
  my ($object, $was, $is, $owner) = @_;
  my ($kind, $name, undef, $sub) = named($object);
  my $column = "ALTER TABLE $name ALTER COLUMN $sub";
  my @statements;
  my %differs = map { $_ => 1 } grep { ($was->{$_} // '') ne ($is->{$_} // '') } keys %{{%$was, %$is}};
  if (delete $differs{default}) {
    push @statements, defined $is->{default} ? "$column SET DEFAULT $is->{default};" : "$column DROP DEFAULT;";
  }
  if (delete $differs{'not null'}) {
    push @statements, $is->{'not null'} ? ("-- decide: $name.$sub may hold NULL in rows that are there", "$column SET NOT NULL;")
      : "$column DROP NOT NULL;";
  }
  if (delete $differs{comment}) {
    push @statements, "COMMENT ON COLUMN $name.$sub IS " . (defined $is->{comment} ? literal($is->{comment}) : 'NULL') . ';';
  }
  push @statements, grants($name, $owner, $was->{grants}, $is->{grants}, $sub) if delete $differs{grants};
  push @statements, map { "-- decide: $object, $_: " . ($was->{$_} // 'none') . ' -> ' . ($is->{$_} // 'none') } sort keys %differs;
  return @statements;
}

sub changed {
  my ($from, $to, $object, $installer) = @_;
  my ($kind, $name) = named($object);
  my ($was, $is) = ($from->{$object}, $to->{$object});
  my %differs = map { $_ => 1 } grep { ($was->{$_} // '') ne ($is->{$_} // '') } keys %{{%$was, %$is}};
  delete @differs{qw(owner comment grants), 'dumped with', 'initial grants'};
  delete $differs{'grants of the row type'} if ($was->{owner} // '') ne ($is->{owner} // '');
  my @statements;
  if (delete $differs{signature}) {
    push @statements, "-- decide: the result or the names of the arguments of $name changed: DROP FUNCTION $name; and make it again,",
      '-- with its owner, comment and grants';
  }
  push @statements, "-- decide: $name lost the default of an argument: DROP FUNCTION $name; and make it again, with its owner, comment and grants"
    if $differs{definition} && defaults($is) < defaults($was);
  push @statements, function_text($is->{definition}, 1) if delete $differs{definition};
  if ($kind eq 'view' && ($differs{query} || $differs{options})) {
    delete @differs{qw(query options)};
    my $options = $is->{options} ? " WITH ($is->{options})" : '';
    push @statements, map {"-- decide: $name lost the column $_->[0]: DROP VIEW $name; and make it again, with its owner, comments and grants"}
      grep { !$to->{"$object, column $_->[0]"} } parts($from, $object, 'column');
    push @statements, "CREATE OR REPLACE VIEW $name$options AS\n$is->{query}";
  } elsif ($kind eq 'table' && $differs{options}) {
    my %now = map { split /=/, $_, 2 } split /, /, $is->{options} // '';
    my @reset = grep { !exists $now{$_} } map { (split /=/)[0] } split /, /, $was->{options} // '';
    push @statements, "ALTER TABLE $name SET ($is->{options});" if %now;
    push @statements, "ALTER TABLE $name RESET (" . join(', ', @reset) . ');' if @reset;
    delete $differs{options};
  }
  push @statements, "ALTER SEQUENCE $name " . ($is->{sequence} =~ s/START/START WITH/r) .
    ($is->{sequence} =~ /CYCLE$/ ? '' : ' NO CYCLE') . ';' if delete $differs{sequence};
  push @statements, map { "-- decide: $object, $_: " . ($was->{$_} // 'none') . ' -> ' . ($is->{$_} // 'none') } sort keys %differs;
  return (@statements, attributes($object, $was, $is, $installer));
}

# What an upgrade begins with: it is for the library that came with it, `release` (MAJOR.MINOR), or a newer one.
sub opening {
  my ($release) = @_;
  my $numbers = '{' . ($release =~ tr/./,/r) . '}';
  return <<"SQL";
DO \$\$
BEGIN
  IF string_to_array(gatehouse.library_version(), '.')::integer[] < '$numbers' THEN
    RAISE EXCEPTION 'the library of gatehouse that is loaded, %, is older than $release', gatehouse.library_version()
      USING ERRCODE = '55000',
            HINT = 'Install the new release, and restart the server where it preloads the library, else connect anew.';
  END IF;
END
\$\$;
SQL
}

sub defaults_of {
  my ($snapshot) = @_;
  return map { $_ => $snapshot->{$_} } grep {/^default privileges /} keys %$snapshot;
}

# statements(from, to, order): order is the members of `to` as they were made.
sub statements {
  my ($from, $to, $order) = @_;
  my $installer = $to->{'extension gatehouse'}{owner};
  my (@statements, @event_triggers);
  my %is_member = map { $_ => 1 } @$order;

  for my $object (sort grep {/^role /} keys %{{%$from, %$to}}) {
    push @statements, map {"-- decide: $_"} Snapshot::differences({$object => $from->{$object}}, {$object => $to->{$object}})
      if $from->{$object} && $to->{$object};
    push @statements, "-- decide: $object " . ($to->{$object} ? 'is new' : 'is gone') if !$from->{$object} || !$to->{$object};
  }
  push @statements, map {"-- decide: $_"} Snapshot::differences(map { +{defaults_of($_)} } $from, $to);
  for my $object (sort keys %$from) {
    my ($kind, $name, $sub_kind) = named($object);
    next if $to->{$object} || $kind =~ /^(?:role|extension|default)$/;
    push @statements, defined $sub_kind ? part_gone($object, $from->{$object}, $to->{"$kind $name"})
      : "-- decide: $object is gone: ALTER EXTENSION gatehouse DROP, or DROP $noun{$kind} $name;";
  }
  for my $object (@$order) {
    my ($kind) = named($object);
    if (!$from->{$object}) {
      push @{$kind eq 'event trigger' ? \@event_triggers : \@statements}, '', created($to, $object, $installer);
      next;
    }
    my @of_object = changed($from, $to, $object, $installer);
    my $last = (sort { $b <=> $a } 0, map { $_->[1]{number} } parts($from, $object, 'column'))[0];
    for my $sub_kind (qw(column constraint index trigger rule policy)) {
      for my $part (parts($to, $object, $sub_kind)) {
        my $part_object = "$object, $sub_kind $part->[0]";
        my ($was, $is) = ($from->{$part_object}, $part->[1]);
        if (!$was) {
          push @of_object, "-- decide: a fresh install has $part_object before older columns"
            if $sub_kind eq 'column' && $is->{number} <= $last;
          push @of_object, part_created($to, $part_object, $kind =~ /view$/ && $sub_kind eq 'column');
        } elsif ($sub_kind eq 'column') {
          push @of_object, column_changed($part_object, $was, $is, $to->{$object}{owner} // $installer);
        } elsif (($was->{definition} // '') ne ($is->{definition} // '')) {
          push @of_object, part_gone($part_object, $was, 1), part_created($to, $part_object, 0);
        } elsif (my @other = Snapshot::differences({$part_object => $was}, {$part_object => $is})) {
          my ($schema) = (named($object))[1] =~ /^([^.]+)\./;
          push @of_object, $sub_kind eq 'index' && "@other" =~ /^\Q$part_object\E, comment: / && @other == 1
            ? "COMMENT ON INDEX $schema.$part->[0] IS " . (defined $is->{comment} ? literal($is->{comment}) : 'NULL') . ';'
            : map {"-- decide: $_"} @other;
        }
      }
    }
    push @statements, '', @of_object if @of_object;
  }
  push @statements, '', 'SELECT gatehouse.record_extension_update(' .
    join(', ', map { literal($_->{'extension gatehouse'}{version}) } $from, $to) . ');'
    if $to->{'function gatehouse.record_extension_update(text,text)'};
  # Last, or they would fire for the rest.
  push @statements, @event_triggers;
  s/^(-- decide: .*)$/($1 =~ s{\n}{\\n}gr)/se for @statements;
  return map { with_plain_backslashes($_) } @statements;
}

1;
