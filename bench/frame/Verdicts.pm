# What the soak holds to be true, as functions of figures, and the list of what did not hold.
package Verdicts;
use strict;
use warnings;

# What bench/soak can be told to do wrong (SOAK_PLANT), to show that it is found: keep memory, a slot of the gate; raise a
# stored count, or sink it; give a wrong password for a right one; kill where a session is to be terminated.
use constant PLANTS => qw(memory slot raised_count lost_count answer restart);
# Growth of a session that is none: the allocators' steps.
use constant FLAT_BYTES => 1024 * 1024;

sub new { return bless {held => 0, faults => []}, $_[0] }

# Nothing is wrong with an undefined fault.
sub judge {
  my ($self, $where, $fault) = @_;
  if (!defined $fault) {
    $self->{held}++;
    return;
  }
  push @{$self->{faults}}, "$where: $fault";
  print "NOT HELD: $where: $fault\n";
}

sub broken {
  my ($self, $where, $reason) = @_;
  $reason =~ s/\s+\z//;
  $self->judge($where, $reason);
}

sub failed { return scalar @{$_[0]{faults}} }

# A soak that judged nothing has not shown anything.
sub summary {
  my ($self) = @_;
  $self->broken('soak', 'nothing was judged') if $self->{held} == 0 && !@{$self->{faults}};
  return "$self->{held} held\n" if !@{$self->{faults}};
  return "$self->{held} held, " . @{$self->{faults}} . " did not:\n" . join '', map {"  $_\n"} @{$self->{faults}};
}

# {anonymous, contexts}: bytes before and after.
sub flat {
  my ($before, $after) = @_;
  my @grown = map { my $by = $after->{$_} - $before->{$_}; $by > FLAT_BYTES ? "$_ memory grew by $by bytes" : () } sort keys %$before;
  return @grown ? join('; ', @grown) : undef;
}

sub gate_empty {
  my ($hashing, $waiting) = @_;
  return $hashing == 0 && $waiting == 0 ? undef : "the gate counts $hashing hashing and $waiting waiting, and nobody is there";
}

# Failures of an account: `stored` is what the table had before, `kept` has now, `told` what lock_status says, `sent` how many
# attempts there were at all.
sub count_kept {
  my ($count) = @_;
  my ($stored, $kept, $told, $sent) = @$count{qw(stored kept told sent)};
  return "$kept failures are stored, below 0" if $kept < 0;
  return "$kept failures are stored, and $stored were before" if $kept < $stored;
  return "$kept failures are stored of $sent attempts" if $kept > $sent;
  return "lock_status tells of $told failures, $kept are stored" if $told != $kept;
  return undef;
}

# Without a crash: every answered refusal is counted, and no more than was attempted.
sub count_exact {
  my ($before, $after, $answered, $sent) = @_;
  return "$after failures after $before and $answered answered ones" if $after < $before + $answered;
  return "$after failures after $before and $sent attempts" if $after > $before + $sent;
  return undef;
}

# {state, status, error} of a login, by whether its password was right and connections were cut.
sub answer_consistent {
  my ($answer, $right, $cut) = @_;
  return 'a login hangs' if $answer->{state} ne 'done' && $answer->{state} ne 'lost';
  if ($answer->{state} eq 'lost' || ($answer->{sqlstate} // '') =~ /^57/) {
    return $cut ? undef : 'a login lost its connection: ' . ($answer->{error} // 'no word');
  }
  return "a login failed: $answer->{error}" if defined $answer->{error};
  my $expected = $right ? 'ok' : 'invalid_credentials';
  return $answer->{status} eq $expected || $answer->{status} eq 'busy' ? undef
    : 'a ' . ($right ? 'right' : 'wrong') . " password was answered $answer->{status}";
}

1;
