# The processes of a server as the kernel tells of them.
package ServerProcesses;
use strict;
use warnings;

# The first process of the server in that folder.
sub postmaster {
  my ($folder) = @_;
  open my $file, '<', "$folder/data/postmaster.pid" or return undef;
  chomp(my $pid = <$file> // '');
  return $pid =~ /^[1-9]\d*$/ ? $pid : undef;
}

# It and its children; who ends meanwhile is left out.
sub all {
  my ($postmaster) = @_;
  open my $file, '<', "/proc/$postmaster/task/$postmaster/children" or return ();
  return ($postmaster, split ' ', <$file> // '');
}

sub status_kilobytes {
  my ($pid, $field) = @_;
  open my $file, '<', "/proc/$pid/status" or return undef;
  while (my $line = <$file>) {
    return $1 if $line =~ /^\Q$field\E:\s+(\d+) kB/;
  }
  return undef;
}

# Bytes of memory of their own that the processes have. A page that a child still shares with its parent counts for both: the
# sum errs upwards, never down, and costs so little to take that it can be taken often.
sub own_memory {
  my (@pids) = @_;
  my $kilobytes = 0;
  $kilobytes += status_kilobytes($_, 'RssAnon') // 0 for @pids;
  return $kilobytes * 1024;
}

# Nanoseconds that it has had a processor.
sub processor_nanoseconds {
  my ($pid) = @_;
  open my $file, '<', "/proc/$pid/schedstat" or die "/proc/$pid/schedstat: $!\n";
  return (split ' ', <$file>)[0];
}

sub available_memory {
  open my $file, '<', '/proc/meminfo' or return 0;
  while (my $line = <$file>) {
    return $1 * 1024 if $line =~ /^MemAvailable:\s+(\d+) kB/;
  }
  return 0;
}

1;
