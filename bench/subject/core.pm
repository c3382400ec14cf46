# The core's own functions, by Google Benchmark: a round is one run of all of them.
package subject::core;
use strict;
use warnings;
use JSON::PP ();

my @functions = qw(parse_key crc32_of_a_key token_digest blake2b_of_a_key scope_covers encode_base62_of_32_bytes
  decode_base62_of_8_bytes);
my %floor = (parse_key => 'crc32_of_a_key', token_digest => 'blake2b_of_a_key');

sub measure {
  my ($class, $bench) = @_;
  my $missing = grep({ -f $_ } glob '/usr/include/benchmark/benchmark.h /usr/local/include/benchmark/benchmark.h') ? undef
    : 'Google Benchmark is not installed (Debian: libbenchmark-dev)';
  my $program;
  if (!$missing) {
    my $folder = $bench->place->{work} . '/core';
    $bench->must('cmake', '-S', 'bench/core', '-B', $folder);
    $bench->must('cmake', '--build', $folder, '--target', 'core_benchmark');
    $program = "$folder/core_benchmark";
  }
  my $contender = sub {
    my ($function) = @_;
    return {
      name => $function,
      skip => $missing,
      run => sub {
        my $text = $bench->must($program, "--benchmark_filter=^$function\$", '--benchmark_format=json', '--benchmark_min_time=0.2');
        $text =~ s/\A.*?^\{/{/ms;
        my ($figures) = @{JSON::PP->new->decode($text)->{benchmarks}};
        die $figures->{error_message} // "no figure\n" if !$figures || $figures->{error_occurred};
        die "$figures->{time_unit} instead of ns\n" if $figures->{time_unit} ne 'ns';
        return {'nanoseconds of processor time' => $figures->{cpu_time}};
      },
    };
  };
  $bench->compare(
    title => 'the core: one call',
    contenders => [map { $contender->($_) } @functions],
    ratios => [map { +{name => "$_ : $floor{$_}", metric => 'nanoseconds of processor time', of => $_, against => $floor{$_},
      note => 'the part by the library alone'} } sort keys %floor],
  );
}

1;
