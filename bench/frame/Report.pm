# The figures of comparisons as text for people. What it is given is Comparison's data(); the JSON is that, unchanged.
package Report;
use strict;
use warnings;
use List::Util qw(max);

# A number with three digits that count, in full below a million.
sub number {
  my ($value) = @_;
  return '-' if !defined $value;
  my $size = abs $value;
  return '0' if $size == 0;
  return sprintf '%.0f', $value if $size >= 100;
  return sprintf '%.*f', $size >= 10 ? 1 : $size >= 1 ? 2 : $size >= 0.1 ? 3 : $size >= 0.01 ? 4 : 6, $value;
}

# Rows of cells as lines; the first column to the left, the others to the right, the last as it is.
sub columns {
  my ($rows) = @_;
  my @width;
  for my $row (@$rows) {
    $width[$_] = max($width[$_] // 0, length $row->[$_]) for 0 .. $#$row - 1;
  }
  return map {
    my $row = $_;
    my $line = join '  ', map { sprintf $_ == 0 ? '%-*s' : '%*s', $width[$_], $row->[$_] } 0 .. $#$row - 1;
    $line = "  $line  $row->[-1]";
    $line =~ s/\s+\z//;
    "$line\n";
  } @$rows;
}

# A table for each group of metrics: those whose names begin with the same words up to a comma, else each for itself.
sub figures {
  my ($data) = @_;
  my (@groups, %metrics);
  for my $metric (@{$data->{metrics}}) {
    my ($group, $rest) = $metric =~ /^(.*), (.*)$/ ? ($1, $2) : ('', $metric);
    push @groups, $group if !$metrics{$group};
    push @{$metrics{$group}}, [$metric, $rest];
  }
  my @measured = grep { $_->{state} eq 'measured' } @{$data->{contenders}};
  my @text;
  for my $group (@measured ? @groups : ()) {
    my @rows = ([$group, '']);
    push @rows, map { ["  $_->{name}", $_->{note} // ''] } @measured;
    for my $metric (@{$metrics{$group}}) {
      my @spreads = map { $_->{metrics}{$metric->[0]} } @measured;
      my @cells = ([$metric->[1], map { number($_ && $_->{median}) } @spreads]);
      # A count of bytes is the same in every round: then the median says all.
      push @cells, ['min .. max', map { defined $_ ? number($_->{min}) . ' .. ' . number($_->{max}) : '' } @spreads]
        if grep { defined $_ && $_->{max} - $_->{min} > 0.005 * abs $_->{median} } @spreads;
      for my $column (@cells) {
        splice @{$rows[$_]}, -1, 0, $column->[$_] for 0 .. $#rows;
      }
    }
    push @text, (@text ? "\n" : ()), columns(\@rows);
  }
  for my $contender (grep { $_->{state} ne 'measured' } @{$data->{contenders}}) {
    push @text, '  ' . ($contender->{state} eq 'failed' ? 'FAILED' : 'skipped') . ": $contender->{name}: $contender->{reason}\n";
  }
  return join '', @text;
}

sub ratios {
  my ($data) = @_;
  return '' if !@{$data->{ratios}};
  my ($beside) = map { ($_->{beside}{metric} // '') =~ /(?:.*, )?(.+)/ } @{$data->{ratios}};
  my @rows = (['ratio', 'of medians', 'min .. max', (defined $beside ? "by $beside" : ()), 'target', '']);
  for my $ratio (@{$data->{ratios}}) {
    my $bounds = defined $ratio->{ratio} ? number($ratio->{min}) . ' .. ' . number($ratio->{max}) : '-';
    push @rows, ["  $ratio->{name}", number($ratio->{ratio}), $bounds, (defined $beside ? number($ratio->{beside}{ratio}) : ()),
      $ratio->{target} // '-', join '; ', grep { defined } $ratio->{verdict}, $ratio->{note}];
  }
  return join '', columns(\@rows);
}

sub text {
  my ($data) = @_;
  return join "\n", "$data->{title}\n", grep {length} figures($data), ratios($data);
}

1;
