# One question to the bench: contenders that do the same work, run in rounds, and the ratios between them.
#
# Every contender runs once a round, the first of them another one each round, so that what disturbs the machine for a
# while disturbs all alike. The first round only warms up. A contender gives back its figures by metric; a ratio relates
# one metric of two contenders of the same run and stands beside its target.
package Comparison;
use strict;
use warnings;
use List::Util qw(max min);
use Scalar::Util qw(looks_like_number);

use constant LEAST_ROUNDS => 5;

# title => text, metrics => [names in the order of the report, where that isn't the alphabet's],
# contenders => [{name, run => sub {{metric => number, ...}}, skip => reason or undef, note => text}],
# ratios => [{name, metric, of, against, metric_against, target => ['<=' or '>=', number or 'n/m'], note}]
#
# `of` and `against` name a contender, or are [contender, base]: what the contender's figure is above the base's, round
# by round. `metric_against` is the metric of `against` where it is another one than of `of`. `beside` is another metric by
# which the ratio is shown too, for what the clock can't tell on a busy machine; the target is not judged by it.
sub new {
  my ($class, %what) = @_;
  my %by_name;
  for my $contender (@{$what{contenders}}) {
    die "two contenders are named $contender->{name}\n" if $by_name{$contender->{name}};
    $by_name{$contender->{name}} = {%$contender, figures => [], failure => undef};
  }
  for my $ratio (@{$what{ratios} // []}) {
    for my $side ($ratio->{of}, $ratio->{against}) {
      for my $name (ref $side ? @$side : $side) {
        die "ratio \"$ratio->{name}\" names the contender $name, which is none\n" if !$by_name{$name};
      }
    }
    die "ratio \"$ratio->{name}\" has a target that is none\n"
      if $ratio->{target} && "@{$ratio->{target}}" !~ m{^[<>]= \d+(?:\.\d+|/[1-9]\d*)?$};
  }
  return bless {
    title => $what{title},
    metrics => $what{metrics},
    names => [map { $_->{name} } @{$what{contenders}}],
    contenders => \%by_name,
    ratios => $what{ratios} // [],
  }, $class;
}

# Runs the warm-up round and `rounds` measured ones. `tell` is told what is being done.
sub run {
  my ($self, $rounds, $tell) = @_;
  die 'a figure needs at least ' . LEAST_ROUNDS . " rounds\n" if $rounds < LEAST_ROUNDS;
  my @names = grep { !defined $self->{contenders}{$_}{skip} } @{$self->{names}};
  for my $round (0 .. $rounds) {
    $tell->($round == 0 ? 'warm-up round' : "round $round of $rounds") if $tell;
    my $first = @names ? $round % @names : 0;
    for my $name (@names[$first .. $#names], @names[0 .. $first - 1]) {
      my $contender = $self->{contenders}{$name};
      next if defined $contender->{failure};
      # What is warned of, a figure that isn't there, makes others wrong.
      local $SIG{__WARN__} = sub { die @_ };
      my $figures = eval { numbers($contender->{run}->()) };
      if (!$figures) {
        ($contender->{failure} = $@ || 'it gave no figures') =~ s/\s+\z//;
        next;
      }
      push @{$contender->{figures}}, $figures if $round > 0;
    }
  }
  return $self;
}

# Figures may come as text from a program's output; what is no number is a failure.
sub numbers {
  my ($figures) = @_;
  return undef if !$figures;
  for my $metric (sort keys %$figures) {
    die "$metric: \"" . ($figures->{$metric} // '') . "\" is no number\n" if !looks_like_number($figures->{$metric});
  }
  return {map { $_ => $figures->{$_} + 0 } keys %$figures};
}

sub median {
  my @sorted = sort { $a <=> $b } @_;
  return undef if !@sorted;
  return @sorted % 2 ? $sorted[$#sorted / 2] : ($sorted[@sorted / 2 - 1] + $sorted[@sorted / 2]) / 2;
}

sub spread { return {median => median(@_), min => min(@_), max => max(@_), rounds => scalar @_} }

# The figures of one side of a ratio, round by round; undef where a contender has none.
sub series {
  my ($self, $side, $metric) = @_;
  my ($name, $base) = ref $side ? @$side : ($side);
  my @series = map {
    my $contender = $self->{contenders}{$_};
    return undef if defined $contender->{failure} || defined $contender->{skip};
    [map { $_->{$metric} } @{$contender->{figures}}];
  } grep { defined } $name, $base;
  return undef if grep { !defined } map {@$_} @series;
  return $series[0] if !defined $base;
  return [map { $series[0][$_] - $series[1][$_] } 0 .. $#{$series[0]}];
}

# The ratio of the medians, with the least and the greatest ratio of a round.
sub ratio {
  my ($self, $ratio) = @_;
  my $of = $self->series($ratio->{of}, $ratio->{metric});
  my $against = $self->series($ratio->{against}, $ratio->{metric_against} // $ratio->{metric});
  my %result = (name => $ratio->{name}, metric => $ratio->{metric}, note => $ratio->{note});
  $result{target} = join ' ', @{$ratio->{target}} if $ratio->{target};
  if (!$of || !$against || !@$of || !@$against) {
    $result{verdict} = 'not measured';
    return \%result;
  }
  $result{of} = median(@$of);
  $result{against} = median(@$against);
  # Below its base is noise: there is nothing to divide by.
  if ($result{against} <= 0) {
    $result{verdict} = 'not measured';
    $result{note} = join '; ', grep { defined } $result{note}, 'the peer cost nothing that could be seen';
    return \%result;
  }
  if (defined $ratio->{beside}) {
    my ($above, $below) = map { $self->series($ratio->{$_}, $ratio->{beside}) } qw(of against);
    my $bottom = $below && median(@$below);
    $result{beside} = {metric => $ratio->{beside}, ratio => median(@$above) / $bottom} if $above && $bottom && $bottom > 0;
  }
  my @rounds = map { $of->[$_] / $against->[$_] } grep { $against->[$_] > 0 } 0 .. min($#$of, $#$against);
  @result{qw(ratio min max)} = ($result{of} / $result{against}, min(@rounds), max(@rounds));
  if ($ratio->{target}) {
    my ($relation, $bound) = @{$ratio->{target}};
    $bound = $1 / $2 if $bound =~ m{^(.+)/(.+)$};
    $result{verdict} = ($relation eq '<=' ? $result{ratio} <= $bound : $result{ratio} >= $bound) ? 'met' : 'missed';
  }
  return \%result;
}

# All that was found, as plain data.
sub data {
  my ($self) = @_;
  my @contenders = map {
    my $contender = $self->{contenders}{$_};
    my %metrics;
    for my $metric (sort { $a cmp $b } keys %{$contender->{figures}[0] // {}}) {
      $metrics{$metric} = spread(map { $_->{$metric} } @{$contender->{figures}});
    }
    {
      name => $_,
      state => defined $contender->{skip} ? 'skipped' : defined $contender->{failure} ? 'failed' : 'measured',
      reason => $contender->{skip} // $contender->{failure},
      note => $contender->{note},
      metrics => \%metrics,
    };
  } @{$self->{names}};
  my %seen;
  my @metrics = grep { !$seen{$_}++ } @{$self->{metrics} // []}, map { sort keys %{$_->{metrics}} } @contenders;
  return {
    title => $self->{title}, metrics => \@metrics, contenders => \@contenders,
    ratios => [map { $self->ratio($_) } @{$self->{ratios}}],
  };
}

sub failures {
  my ($self) = @_;
  return grep { defined $self->{contenders}{$_}{failure} } @{$self->{names}};
}

1;
