# PgBouncer in transaction mode before a database.
package Pooler;
use strict;
use warnings;
use IPC::Run ();
use PostgreSQL::Test::Cluster;
use PostgreSQL::Test::Utils;
use Time::HiRes qw(usleep);

# The program; undef where it is not installed.
sub program {
  my ($found) = grep { -x } '/usr/sbin/pgbouncer', map {"$_/pgbouncer"} split /:/, $ENV{PATH};
  return $found;
}

# Its version: 1024 is 1.24.
sub version {
  my ($out) = run_command([program(), '--version']);
  return $out =~ /^PgBouncer (\d+)\.(\d+)/ ? 1000 * $1 + $2 : 0;
}

# before(server, database, setting => value, ...): started, and answers. `user` is who it connects as, and its clients.
sub before {
  my ($class, $node, $database, %settings) = @_;
  my $folder = PostgreSQL::Test::Utils::tempdir();
  my $port = PostgreSQL::Test::Cluster::get_free_port();
  my $user = delete $settings{user} // getpwuid $<;
  %settings = (pool_mode => 'transaction', default_pool_size => 2, max_client_conn => 50, query_wait_timeout => 0,
    ignore_startup_parameters => 'extra_float_digits', listen_addr => '', unix_socket_dir => $folder, listen_port => $port,
    auth_type => 'any', logfile => "$folder/pgbouncer.log", pidfile => "$folder/pgbouncer.pid", %settings);
  append_to_file("$folder/pgbouncer.ini", join "\n", '[databases]',
    "$database = host=" . $node->host . ' port=' . $node->port . " dbname=$database user=$user", '[pgbouncer]',
    (map {"$_ = $settings{$_}"} sort keys %settings), '');
  my $self = bless {connstr => "host=$folder port=$port dbname=$database user=$user connect_timeout=180"}, $class;
  $self->{process} = IPC::Run::start([program(), "$folder/pgbouncer.ini"], '>', \$self->{out}, '2>', \$self->{err});
  for (1 .. 10 * $PostgreSQL::Test::Utils::timeout_default) {
    return $self if IPC::Run::run(['psql', '-XAtq', '-d', $self->{connstr}, '-c', 'SELECT 1'], '>', '/dev/null', '2>', '/dev/null');
    usleep(100_000);
  }
  $self->stop;
  die "PgBouncer does not answer: $self->{err}\n";
}

sub connstr { return $_[0]{connstr} }

# What a client of its own is answered.
sub sql {
  my ($self, $sql) = @_;
  my ($out) = run_command(['psql', '-XAtq', '-d', $self->{connstr}, '-c', $sql]);
  return $out;
}

sub stop {
  my ($self) = @_;
  my $process = delete $self->{process} or return;
  $process->signal('TERM');
  $process->finish;
}

sub DESTROY { local ($?, $@); $_[0]->stop }

1;
