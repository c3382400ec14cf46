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

# Waits until a server that crashed serves again. poll_query_until would write to a psql that has already ended.
sub await_service {
  my ($node) = @_;
  for (1 .. 10 * $PostgreSQL::Test::Utils::timeout_default) {
    return 1 if IPC::Run::run(['psql', '-XAtqc', 'SELECT true', $node->connstr('postgres')], '<', '/dev/null', '>', \my $out, '2>', \my $error);
    select undef, undef, undef, 0.1;
  }
  return 0;
}

sub key_ring { return $_[0]->basedir . '/keyring' }

1;
