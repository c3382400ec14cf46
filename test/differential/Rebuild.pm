# Puts a table together from its changes in the log alone, and compares it with each look that the witness took at it.
#
# A row is a hash from column to value, both as witness.members gives them. The rows of a table are a bag. Where several rows may bear
# one key at a time (a deferrable primary key) the log does not tell which of them changed: all that it may have been are followed.
package Rebuild;
use strict;
use warnings;

use constant MOST_CANDIDATES => 200;

sub hex_of { my ($text) = @_; utf8::encode($text); return unpack 'H*', $text }
sub text_of { return $_[0] =~ /^md5/ ? $_[0] : pack 'H*', $_[0] }

# What witness.members gave; undef for an object that is not there.
sub members {
  my ($text) = @_;
  return undef if $text eq '\\N';
  return {map { split /:/, $_, 2 } split /,/, $text};
}

sub shown {
  my ($row) = @_;
  return '-' if !defined $row;
  return '{' . join(', ', map { text_of($_) . ': ' . text_of($row->{$_}) } sort keys %$row) . '}';
}
sub image { my ($row) = @_; return join ',', map {"$_:$row->{$_}"} sort keys %$row }

# new(label, key => [columns] or undef, excluded => [...], redacted => [...], ambiguous => true where a key may be borne twice)
sub new {
  my ($class, $label, %is) = @_;
  my $self = bless {label => $label, candidates => undef, leaves => {}, last_id => 0, undecided => 0, changes => 0, %is}, $class;
  $self->{$_} = [map { hex_of($_) } @{$is{$_} // []}] for qw(excluded redacted);
  $self->key_is($is{key});
  return $self;
}

sub key_is { my ($self, $columns) = @_; $self->{key} = $columns && [sort map { hex_of($_) } @$columns] }

my $redaction = hex_of('{"redacted": true}');

# The rows of a look as the log should know them.
sub logged {
  my ($self, @rows) = @_;
  for my $row (@rows) {
    delete @$row{@{$self->{excluded}}};
    exists $row->{$_} and $row->{$_} = $redaction for @{$self->{redacted}};
  }
  return @rows;
}

sub agrees {
  my ($row, $with) = @_;
  for my $column (keys %$with) {
    return 0 if !exists $row->{$column} || $row->{$column} ne $with->{$column};
  }
  return 1;
}

# The places of the rows that agree with all that is given, one of those that are alike.
sub places {
  my ($rows, @with) = @_;
  my (%seen, @found);
  for my $at (0 .. $#$rows) {
    next if grep { !agrees($rows->[$at], $_) } @with;
    push @found, $at if !$seen{image($rows->[$at])}++;
  }
  return @found;
}

sub is_in_leaf {
  my ($self, $row, $leaf) = @_;
  my $conditions = $self->{leaves}{$leaf} // die "$self->{label}: the log names a partition $leaf that nobody made\n";
  for my $condition (@$conditions) {
    my ($column, $how, @with) = @$condition;
    my $value = text_of($row->{hex_of($column)});
    $value =~ s/^"(.*)"$/$1/;
    my $within = sub { my ($from, $to) = @{$_[0]}; return $value ne 'null' && $value >= $from && $value < $to };
    my $holds =
        $how eq 'in' ? grep({ $_ eq $value } @with) > 0
      : $how eq 'not in' ? grep({ $_ eq $value } @with) == 0
      : $how eq 'within' ? grep({ $within->($_) } @with) > 0
      : $how eq 'not within' ? grep({ $within->($_) } @with) == 0
      : die "no condition $how\n";
    return 0 if !$holds;
  }
  return 1;
}

# Applies a change to one candidate; gives the candidates that come of it, none where it does not apply.
sub applied {
  my ($self, $rows, $change) = @_;
  my ($operation, $key, $old, $new) = @$change{qw(operation key old new)};
  if ($operation eq 'INSERT') {
    die "its key is not that of the new row\n" if !agrees($new, $key);
    die "there is a row with this key already\n" if $self->{key} && !$self->{ambiguous} && places($rows, $key);
    return [@$rows, $new];
  }
  my @made;
  for my $at (places($rows, $key, $old)) {
    my @next = @$rows;
    if ($operation eq 'UPDATE') { splice @next, $at, 1; push @next, {%{$rows->[$at]}, %$new} }
    else {
      next if image($old) ne image($rows->[$at]);
      splice @next, $at, 1;
    }
    push @made, \@next;
  }
  die "several rows bear its key\n" if @made > 1 && !$self->{ambiguous};
  return @made;
}

# A change in the order of the log: id, transaction_id, operation, key, old, new. Dies where the log contradicts itself.
sub change {
  my ($self, $change) = @_;
  die "the log begins before the audit\n" if !$self->{candidates};
  my $where = sub {
    "change $change->{id} of transaction $change->{transaction_id}, $change->{operation} key " . shown($change->{key}) . "\n  old " . shown($change->{old}) . "\n  new " .
      shown($change->{new}) . "\n";
  };
  die "two changes have one id: " . $where->() if $change->{id} <= $self->{last_id};
  $self->{last_id} = $change->{id};
  ++$self->{changes};
  if ($change->{operation} eq 'TRUNCATE') {
    die 'a TRUNCATE with rows: ' . $where->() if $change->{old} || $change->{new};
    my $leaf = $change->{key} && text_of($change->{key}{hex_of('partition')}) =~ s/^"(.*)"$/$1/r;
    $leaf =~ s/\\"/"/g if defined $leaf;
    $_ = [defined $leaf ? grep { !$self->is_in_leaf($_, $leaf) } @$_ : ()] for @{$self->{candidates}};
    return;
  }
  my @expected = $self->{key} ? @{$self->{key}} : ();
  die 'not the columns of the key: ' . $where->() if $self->{key} && join(',', sort keys %{$change->{key}}) ne join ',', @expected;
  if ($change->{operation} eq 'UPDATE' && !$change->{old}) {
    push @{$self->{remade}}, $change;
    return;
  }
  die 'rows that were made anew, and no look at them: ' . $where->() if $self->{remade};
  if ($change->{operation} eq 'UPDATE') {
    die 'old and new have not the same columns: ' . $where->() if join(',', sort keys %{$change->{old}}) ne join ',', sort keys %{$change->{new}};
  }
  return if $self->{undecided};
  my (@next, %known, $why);
  for my $rows (@{$self->{candidates}}) {
    eval { push @next, $self->applied($rows, $change); 1 } or $why = $@;
  }
  @next = grep { !$known{join ';', sort map { image($_) } @$_}++ } @next if @next > 1;
  if (!@next) {
    $why //= "the rows so far have none that it changes\n";
    my @near = map { '  row ' . shown($_) . "\n" } grep { agrees($_, $change->{key}) } @{$self->{candidates}[0]};
    die $where->() . "  $why" . join '', @near;
  }
  $self->{candidates} = \@next;
  $self->{undecided} = 1 if @next > MOST_CANDIDATES;
}

# The difference of two bags, as text; '' where there is none.
sub difference {
  my ($from_log, $from_table) = @_;
  my (%count, %row);
  for (@$from_log) { my $image = image($_); ++$count{$image}; $row{$image} = $_ }
  for (@$from_table) { my $image = image($_); --$count{$image}; $row{$image} = $_ }
  return join '', map { ($count{$_} > 0 ? "  in the log alone:   " : "  in the table alone: ") . shown($row{$_}) . "\n" } grep { $count{$_} } sort keys %count;
}

# What ALTER TABLE made of the rows is told of each of them, by updates that say nothing of before.
sub compare_remade {
  my ($self, $id, $kind, @rows) = @_;
  my $remade = delete $self->{remade} // return;
  die "look $id ($kind): rows were made anew without a change of the table\n" if $kind ne 'change';
  for my $change (@$remade) {
    my ($at) = places(\@rows, @$change{qw(key new)});
    die "look $id: no row is what change $change->{id} tells that it was made, key " . shown($change->{key}) . "\n  new " . shown($change->{new}) . "\n" if !defined $at;
    splice @rows, $at, 1;
  }
  die "look $id: it is not told what was made of " . shown($rows[0]) . "\n" if @rows;
}

# A look at the table. kind: start, take it as it is; see, compare; change, what a statement that changes the table made of it, where
# detail says how columns were named before, which were made or made anew, which are gone, which partitions came, which one of them with
# rows of its own, and which one left.
sub look {
  my ($self, $id, $kind, $detail, @found) = @_;
  my @rows = $self->logged(@found);
  $self->{last_id} = $id;
  if ($kind eq 'start') {
    $self->{candidates} = [\@rows];
    $self->{leaves} = $detail->{leaves} // {};
    return;
  }
  die "look $id at a table that was not there\n" if !$self->{candidates};
  my %named = map { hex_of($_) => hex_of($detail->{renamed}{$_}) } keys %{$detail->{renamed} // {}};
  my @not_compared = map { hex_of($_) } @{$detail->{made} // []}, @{$detail->{gone} // []};
  my $seen = sub {
    my ($row) = @_;
    my %seen = map { ($named{$_} // $_) => $row->{$_} } keys %$row;
    delete @seen{@not_compared};
    return \%seen;
  };
  $self->{leaves}{$_} = $detail->{leaves}{$_} for keys %{$detail->{leaves} // {}};
  my @differences;
  if (!$self->{undecided}) {
    my @here = map { $seen->($_) } grep { !defined $detail->{came} || !$self->is_in_leaf($_, $detail->{came}) } @rows;
    my @agreeing;
    for my $candidate (@{$self->{candidates}}) {
      my $difference = difference([map { $seen->($_) } @$candidate], \@here);
      if ($difference eq '') { push @agreeing, $candidate } else { push @differences, $difference }
    }
    die "look $id ($kind):\n$differences[0]" if !@agreeing;
    $self->{candidates} = \@agreeing;
  }
  $self->compare_remade($id, $kind, @rows);
  if ($kind eq 'change') {
    $self->{candidates} = [\@rows];
    $self->{undecided} = 0;
    delete $self->{leaves}{$detail->{no_leaf}} if defined $detail->{no_leaf};
    $self->key_is($detail->{key}) if exists $detail->{key};
  } elsif ($self->{undecided}) {
    $self->{candidates} = [\@rows];
    $self->{undecided} = 0;
  }
}

1;
