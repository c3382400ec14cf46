# A session of a throw-away server over its socket, without a client program between: statements are sent and their answers
# awaited apart, so that one process can have hundreds under way and see by its own clock when each answer came. It speaks the
# simple query of PostgreSQL's protocol 3.0 (manual, "Frontend/Backend Protocol") and knows no authentication but trust.
package Session;
use strict;
use warnings;
use IO::Select;
use IO::Socket::UNIX;
use Time::HiRes qw(clock_gettime CLOCK_MONOTONIC);

use constant PROTOCOL => 196608;

sub now { return clock_gettime(CLOCK_MONOTONIC) }

# Dies where the server doesn't let it in.
sub open {
  my ($class, $server, $database, %settings) = @_;
  my $path = "$server->{environment}{PGHOST}/.s.PGSQL.5432";
  my $socket = IO::Socket::UNIX->new(Peer => $path) or die "cannot connect to $path: $!\n";
  my $self = bless {socket => $socket, unread => '', parameters => {}}, $class;
  my $start = join '', map {"$_\0"} user => 'postgres', database => $database, %settings;
  $self->write(pack('N N', length($start) + 9, PROTOCOL) . "$start\0");
  $self->expect;
  my $answer = $self->answer(30);
  die 'cannot connect: ' . ($answer->{error} // 'no answer') . "\n" if $answer->{state} ne 'done';
  return $self;
}

sub pid { return $_[0]{pid} }
sub socket { return $_[0]{socket} }

sub write {
  my ($self, $bytes) = @_;
  local $SIG{PIPE} = 'IGNORE';
  while (length $bytes) {
    my $written = syswrite $self->{socket}, $bytes;
    # What is lost here is seen when the answer is read.
    return if !defined $written;
    substr($bytes, 0, $written, '');
  }
}

sub expect {
  my ($self) = @_;
  $self->{rows} = [];
  @$self{qw(error sqlstate state)} = (undef, undef, 'waiting');
  $self->{sent_at} = now();
}

sub send {
  my ($self, $sql) = @_;
  die "the session's last statement has no answer yet\n" if $self->{state} eq 'waiting';
  $self->expect;
  $self->write('Q' . pack('N', length($sql) + 5) . "$sql\0");
}

# Reads what has come. True when the answer is whole or the connection lost.
sub read {
  my ($self) = @_;
  return 1 if $self->{state} ne 'waiting';
  my $got = sysread $self->{socket}, $self->{unread}, 65536, length $self->{unread};
  return $self->finish('lost') if !$got;
  while (length $self->{unread} >= 5) {
    my ($type, $length) = unpack 'a N', $self->{unread};
    last if length $self->{unread} < $length + 1;
    my $body = substr $self->{unread}, 5, $length - 4;
    substr($self->{unread}, 0, $length + 1, '');
    $self->take($type, $body);
    return $self->finish('done') if $type eq 'Z';
  }
  return 0;
}

sub take {
  my ($self, $type, $body) = @_;
  if ($type eq 'D') {
    my ($columns, $rest) = unpack 'n a*', $body;
    my @row;
    for (1 .. $columns) {
      (my $length, $rest) = unpack 'N a*', $rest;
      push @row, $length == 0xFFFFFFFF ? undef : substr($rest, 0, $length, '');
    }
    push @{$self->{rows}}, \@row;
  }
  elsif ($type eq 'E') {
    my %field = map { /^(.)(.*)$/s ? ($1 => $2) : () } split /\0/, $body;
    @$self{qw(error sqlstate)} = @field{qw(M C)};
  }
  elsif ($type eq 'K') { $self->{pid} = unpack 'N', $body }
  elsif ($type eq 'R' && unpack('N', $body) != 0) { die "the server asks for a password\n" }
}

sub finish {
  my ($self, $state) = @_;
  $self->{state} = $state;
  $self->{answered_at} = now();
  return 1;
}

# {state => done, lost or hanging, rows, error, sqlstate, seconds}
sub answer {
  my ($self, $patience) = @_;
  await([$self], $patience);
  return {
    state => $self->{state} eq 'waiting' ? 'hanging' : $self->{state}, rows => $self->{rows}, error => $self->{error},
    sqlstate => $self->{sqlstate}, seconds => ($self->{answered_at} // now()) - $self->{sent_at},
  };
}

# The rows; dies of an error.
sub query {
  my ($self, $sql, $patience) = @_;
  $self->send($sql);
  my $answer = $self->answer($patience // 600);
  die "$sql: " . ($answer->{error} // "the session is $answer->{state}") . "\n" if $answer->{state} ne 'done' || defined $answer->{error};
  return @{$answer->{rows}};
}

# The first column of the only row.
sub value { my ($self, @query) = @_; return ($self->query(@query))[0][0] }

# Until each of the sessions has its answer or so many seconds are over; `meanwhile` is called at least every `step` seconds.
sub await {
  my ($sessions, $patience, $step, $meanwhile) = @_;
  my %waiting = map { (fileno($_->{socket}) => $_) } grep { $_->{state} eq 'waiting' } @$sessions;
  my $select = IO::Select->new(map { $_->{socket} } values %waiting);
  my $until = now() + $patience;
  while (%waiting) {
    my $left = $until - now();
    last if $left <= 0;
    for my $socket ($select->can_read(defined $step && $step < $left ? $step : $left)) {
      my $number = fileno $socket;
      next if !$waiting{$number}->read;
      $select->remove($socket);
      delete $waiting{$number};
    }
    $meanwhile->() if $meanwhile;
  }
}

sub close { close $_[0]{socket} }

1;
