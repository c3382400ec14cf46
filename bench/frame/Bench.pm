# A run of the bench: what is built and started for it, the comparisons made and what is written of them.
package Bench;
use strict;
use warnings;
use Cwd ();
use File::Path qw(make_path remove_tree);
use File::Temp qw(tempdir);
use JSON::PP ();
use POSIX ();
use Comparison;
use Report;
use Server;

sub new {
  my ($class, $root) = @_;
  my $self = bless {root => $root, servers => {}, results => [], texts => [], failures => []}, $class;
  $self->{load} = [load()];
  $self->{rounds} = $self->number('ROUNDS', Comparison::LEAST_ROUNDS);
  return $self;
}

# A setting from the environment, BENCH_<name>, by its default.
sub setting {
  my ($self, $name, $default) = @_;
  my $value = $ENV{"BENCH_$name"};
  $value = $default if !defined $value || $value eq '';
  $self->{settings}{$name} = $value;
  return $value;
}

sub number {
  my ($self, $name, $default) = @_;
  my $value = $self->setting($name, $default);
  die "BENCH_$name must be a whole number from 1 on, not \"$value\"\n" if $value !~ /^[1-9]\d*$/;
  return $value + 0;
}

sub large { return $_[0]->setting('LARGE', 0) ? 1 : 0 }

sub on {
  my ($self, $subject) = @_;
  $self->{subject} = $subject;
  return $self;
}

sub say_now {
  my ($self, $what) = @_;
  print STDERR "-- $what\n";
}

# A program's whole output, or its failure with that.
sub must {
  my ($self, @command) = @_;
  my ($status, $text) = Server::output(@command);
  die "@command failed:\n$text" if $status != 0;
  return $text;
}

# Where everything of this run is, with extension and probe staged.
sub place {
  my ($self) = @_;
  return $self->{place} if $self->{place};
  chomp($ENV{PG_CONFIG} = $self->must("$self->{root}/tools/find-pg-config"));
  chomp(my $programs = $self->must($ENV{PG_CONFIG}, '--bindir'));
  chomp(my $extensions = $self->must($ENV{PG_CONFIG}, '--sharedir'));
  chomp(my $libraries = $self->must($ENV{PG_CONFIG}, '--pkglibdir'));
  $self->say_now('build');
  my $work = tempdir('gatehouse-bench.XXXXXX', TMPDIR => 1);
  # The server's user must get through to its own folders.
  chmod 0711, $work or die;
  my $place = $self->{place} = {
    work => $work, stage => "$work/stage", programs => $programs, extensions => "$work/stage$extensions/extension",
    libraries => $libraries, shared_buffers => $self->setting('SHARED_BUFFERS', $self->large ? '6GB' : '1GB'),
  };
  for my $folder ($self->{root}, "$self->{root}/bench/native") {
    $self->must('make', '-C', $folder, @$_) for [], ['install', "DESTDIR=$work/stage"];
  }
  # The server's user may not be let into this tree.
  $self->must('cp', '-R', "$self->{root}/tools", $work);
  $self->must('chmod', '-R', 'a+rX', "$work/tools");
  return $place;
}

# The server of that name, started when it is first asked for.
sub server {
  my ($self, $name, @settings) = @_;
  $name //= 'bench';
  return $self->{servers}{$name} //= do {
    my $place = $self->place;
    $self->say_now("start server $name");
    my $server = Server->start($place, $name, @settings);
    chomp($self->{postgres} = join '', $server->sql('postgres', 'SELECT version();'));
    $server;
  };
}

# Whether the server's own folder has that library or that extension.
sub has_library { my ($self, $name) = @_; return -f $self->place->{libraries} . "/$name.so" }

# Runs a comparison's rounds, shows what was found and keeps it.
sub compare {
  my ($self, %what) = @_;
  my $comparison = Comparison->new(%what);
  $comparison->run($self->{rounds}, sub { $self->say_now("$self->{subject}: $_[0]") });
  $self->keep($comparison->data);
  push @{$self->{failures}}, map {"$self->{subject}: $_"} $comparison->failures;
}

# Keeps figures that were made in another way, in the form of Comparison's data().
sub keep {
  my ($self, $data) = @_;
  my $text = Report::text($data);
  print "$text\n";
  push @{$self->{results}}, {subject => $self->{subject}, %$data};
  push @{$self->{texts}}, "== $self->{subject}\n\n$text\n";
}

sub broken {
  my ($self, $subject, $reason) = @_;
  push @{$self->{failures}}, "$subject: $reason";
  push @{$self->{results}}, {subject => $subject, state => 'failed', reason => $reason};
  push @{$self->{texts}}, "== $subject\n\nFAILED: $reason\n\n";
}

sub failures { return @{$_[0]{failures}} }

# What else ran on the machine: processes that were running or waiting, on average of the last minute. Undef where unknown.
sub load {
  open my $file, '<', '/proc/loadavg' or return undef;
  return (split ' ', <$file>)[0] + 0;
}

sub machine {
  my ($self) = @_;
  my %machine = (system => join(' ', (POSIX::uname())[0, 2, 4]), load_before => $self->{load}[0], load_after => load());
  if (open my $file, '<', '/proc/cpuinfo') {
    my @models = map { /^model name\s*:\s*(.*)/ ? $1 : () } <$file>;
    @machine{qw(processor processors)} = ($models[0], scalar @models);
  }
  return \%machine;
}

sub write {
  my ($self, $path) = @_;
  my $machine = $self->machine;
  my $head = {
    made_at => POSIX::strftime('%Y-%m-%dT%H:%M:%SZ', gmtime), machine => $machine, postgres => $self->{postgres},
    rounds => $self->{rounds}, settings => $self->{settings},
  };
  my %texts = (
    json => JSON::PP->new->canonical->pretty->encode({%$head, comparisons => $self->{results}}),
    txt => join("\n", "$head->{made_at}, $head->{rounds} rounds", $head->{postgres} // 'no server',
      join(', ', map { defined $machine->{$_} ? "$_: $machine->{$_}" : () } qw(processor processors system load_before load_after)),
      join(' ', map {"$_=$self->{settings}{$_}"} sort keys %{$self->{settings}}), '', @{$self->{texts}}),
  );
  for my $kind (sort keys %texts) {
    open my $file, '>:raw', "$path.$kind" or die "$path.$kind: $!\n";
    print $file $texts{$kind};
    close $file or die "$path.$kind: $!\n";
  }
}

# Stops every server and removes what was made.
sub end {
  my ($self) = @_;
  for my $server (values %{$self->{servers}}) {
    eval { $server->stop; 1 } or print STDERR $@;
  }
  $self->{servers} = {};
  remove_tree($self->{place}{work}) if $self->{place};
  $self->{place} = undef;
}

1;
