# Whether two samples come from one distribution: tests that assume no form of it, and what many of them together say.
package TwoSamples;
use strict;
use warnings;
use List::Util qw(min);

# The two-sample test of Kolmogorov and Smirnov: the greatest distance between the two empirical distributions, and the
# probability of as great a one where both are the same, by the series and the correction for small samples of Stephens
# (1970) as in Press et al., Numerical Recipes in C, 2nd ed., section 14.3, equations 14.3.7 and 14.3.9.
sub kolmogorov_smirnov {
  my ($one, $other) = @_;
  my @one = sort { $a <=> $b } @$one;
  my @other = sort { $a <=> $b } @$other;
  my ($i, $j, $distance) = (0, 0, 0);
  while ($i < @one && $j < @other) {
    # Values that are equal are passed together: between them there is no distance.
    my $at = min($one[$i], $other[$j]);
    $i++ while $i < @one && $one[$i] <= $at;
    $j++ while $j < @other && $other[$j] <= $at;
    my $here = abs($i / @one - $j / @other);
    $distance = $here if $here > $distance;
  }
  my $root = sqrt(@one * @other / (@one + @other));
  return {distance => $distance, p => kolmogorov_tail(($root + 0.12 + 0.11 / $root) * $distance)};
}

# Equation 14.3.7. Below 0.3 it is 1 to nine digits, and the series would need very many terms.
sub kolmogorov_tail {
  my ($lambda) = @_;
  return 1 if $lambda < 0.3;
  my $sum = 0;
  for my $k (1 .. 100) {
    my $term = 2 * (-1)**($k - 1) * exp(-2 * $k**2 * $lambda**2);
    $sum += $term;
    last if abs($term) < 1e-12;
  }
  return $sum < 0 ? 0 : $sum > 1 ? 1 : $sum;
}

# The test of Mann and Whitney (1947): whether one tends to be the greater. Two-sided, by the normal approximation with
# the corrections for ties and for continuity; Hollander and Wolfe, Nonparametric Statistical Methods, section 4.1.
# `excess` is how often a value of the first is above one of the second, ties half, less one half.
sub mann_whitney {
  my ($one, $other) = @_;
  my ($n, $m) = (scalar @$one, scalar @$other);
  my @all = sort { $a->[0] <=> $b->[0] } (map { [$_, 1] } @$one), (map { [$_, 0] } @$other);
  my ($ranks, $ties) = (0, 0);
  for (my $from = 0; $from < @all;) {
    my $to = $from;
    $to++ while $to < @all && $all[$to][0] == $all[$from][0];
    my $tied = $to - $from;
    $ranks += ($from + $to + 1) / 2 * grep { $_->[1] } @all[$from .. $to - 1];
    $ties += $tied**3 - $tied;
    $from = $to;
  }
  my $above = $ranks - $n * ($n + 1) / 2 - $n * $m / 2;
  my $total = $n + $m;
  my $variance = $n * $m / 12 * ($total + 1 - $ties / ($total * ($total - 1)));
  my $size = abs($above) - 0.5;
  my $z = $variance > 0 && $size > 0 ? $size / sqrt $variance : 0;
  return {excess => $above / ($n * $m), p => min(1, complementary_error_function($z / sqrt 2))};
}

# Of an argument from 0 on, to 1.2e-7 of its value: Numerical Recipes in C, 2nd ed., section 6.2, erfcc.
sub complementary_error_function {
  my ($x) = @_;
  my $t = 1 / (1 + $x / 2);
  my @coefficients = (-1.26551223, 1.00002368, 0.37409196, 0.09678418, -0.18628806, 0.27886807, -1.13520398, 1.48851587,
    -0.82215223, 0.17087277);
  my $sum = 0;
  $sum = $sum * $t + $_ for reverse @coefficients;
  return $t * exp(-$x * $x + $sum);
}

# The p-values of several tests as each counts when all are asked at once: Holm (1979). One below a bound then is found with
# at most that probability in the whole family, were all alike.
sub holm {
  my (@p) = @_;
  my @order = sort { $p[$a] <=> $p[$b] } 0 .. $#p;
  my ($greatest, @adjusted) = (0);
  for my $place (0 .. $#order) {
    my $scaled = min(1, (@p - $place) * $p[$order[$place]]);
    $greatest = $scaled if $scaled > $greatest;
    $adjusted[$order[$place]] = $greatest;
  }
  return @adjusted;
}

1;
