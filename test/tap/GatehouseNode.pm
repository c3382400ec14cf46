# A server of PostgreSQL::Test::Cluster that finds the staged extension and has a key ring.
package GatehouseNode;
use strict;
use warnings;
use IPC::Run ();
use PostgreSQL::Test::Cluster;
use PostgreSQL::Test::Utils;

# node(name, setting => value, ...): initialised, started, empty. key_ring => path copies that ring, undef makes none; the
# default makes a new one.
sub node {
  my ($name, %settings) = @_;
  my $node = PostgreSQL::Test::Cluster->new($name);
  $node->init(extra => ['--locale=C.UTF-8', '--encoding=UTF8']);
  my $ring = $node->basedir . '/keyring';
  if (!exists $settings{key_ring}) {
    PostgreSQL::Test::Utils::system_or_bail("$ENV{GATEHOUSE_TOOLS}/gatehouse-keyring", 'make', $ring);
  } elsif (defined $settings{key_ring}) {
    PostgreSQL::Test::Utils::system_or_bail('install', '-m', '600', $settings{key_ring}, $ring);
  }
  $node->append_conf('postgresql.conf', scalar qx('$ENV{GATEHOUSE_TOOLS}/throwaway-server' settings '$ENV{GATEHOUSE_STAGE}'));
  die "no settings to find the staged extension by\n" if $?;
  $node->append_conf('postgresql.conf', "gatehouse.key_file = '$ring'\n") if -e $ring;
  delete $settings{key_ring};
  $node->append_conf('postgresql.conf', "$_ = '$settings{$_}'\n") for sort keys %settings;
  $node->start;
  return $node;
}

# A new database with the extension.
sub database {
  my ($node, $name, @extensions) = @_;
  $node->safe_psql('postgres', "CREATE DATABASE $name");
  $node->safe_psql($name, "CREATE EXTENSION $_") for 'gatehouse', @extensions;
  return $name;
}

# A hot standby of the server, which must have wal_level and max_wal_senders for one, that has caught up.
sub standby {
  my ($primary, $name) = @_;
  $primary->backup("for_$name");
  my $standby = PostgreSQL::Test::Cluster->new($name);
  $standby->init_from_backup($primary, "for_$name", has_streaming => 1);
  $standby->start;
  $primary->wait_for_catchup($standby);
  return $standby;
}

# The server falls, with all that it has not written, and is there again.
sub crash {
  my ($node) = @_;
  $node->stop('immediate');
  $node->start;
}

# The primary falls, and the standby takes its place.
sub fail_over {
  my ($primary, $standby) = @_;
  $primary->stop('immediate');
  $standby->promote;
}

# Waits until a server that crashed serves again, and until the query, if there is one, gives true. poll_query_until would write
# to a psql that has already ended.
sub await_service {
  my ($node, $query) = @_;
  $query //= 'SELECT true';
  for (1 .. 10 * $PostgreSQL::Test::Utils::timeout_default) {
    my ($out, $error);
    return 1 if IPC::Run::run(['psql', '-XAtqc', $query, $node->connstr('postgres')], '<', '/dev/null', '>', \$out, '2>', \$error)
      && $out eq "t\n";
    select undef, undef, undef, 0.1;
  }
  return 0;
}

# Kills a process of the server, which begins anew, and waits until it serves again.
sub kill_process {
  my ($node, $pid) = @_;
  my $began_at = $node->safe_psql('postgres', q{SELECT backend_start FROM pg_stat_activity WHERE backend_type = 'checkpointer'});
  kill 'KILL', $pid;
  await_service($node, "SELECT backend_start > '$began_at' FROM pg_stat_activity WHERE backend_type = 'checkpointer'")
    or die "the server is not back\n";
}

sub key_ring { return $_[0]->basedir . '/keyring' }

1;
