# One way from an installed version to another, with all that must hold at its end.
package Walk;
use strict;
use warnings;
use File::Basename qw(dirname);
use GatehouseNode;
use PostgreSQL::Test::Utils;
use Snapshot;
use SqlTests;
use Test::More;
use Versions;

my $here = dirname(__FILE__);
my $suite = "$here/../pgtap";

# A server of its own for each installation: roles belong to the server, and a script that forgets one must show.
sub server {
  my ($stage, $name, @settings) = @_;
  local $ENV{GATEHOUSE_STAGE} = $stage->root;
  return GatehouseNode::node($name, @settings);
}

sub install {
  my ($node, $database, $version) = @_;
  $node->safe_psql('postgres', "CREATE DATABASE $database");
  $node->safe_psql($database, qq{CREATE EXTENSION gatehouse VERSION "$version"});
}

# What the checks of a version's data complain of, after the statements where there are some; '' is nothing. They roll back
# what they do, but that a spent token was presented again the server remembers all the same, until it starts anew.
sub checks_of {
  my ($node, $database, $version, $statements) = @_;
  $node->restart;
  $node->safe_psql($database, 'SET client_min_messages = warning; CREATE EXTENSION IF NOT EXISTS pgtap');
  my $data = Versions::with_data($version);
  return SqlTests::complaint(SqlTests::run_file($node->connstr($database), "$here/data/$data.check.sql", $statements));
}

sub default_privileges {
  my ($verb, $preposition) = @_;
  return map {"ALTER DEFAULT PRIVILEGES $verb ALL ON $_ $preposition upgrade_reader;"} qw(TABLES SEQUENCES FUNCTIONS TYPES);
}

# Whoever upgrades may have default privileges, which new objects get when they are made. The role upgrade_reader is there.
sub upgrade {
  my ($node, $database, $to) = @_;
  $node->safe_psql($database, join "\n", default_privileges('GRANT', 'TO'), qq{ALTER EXTENSION gatehouse UPDATE TO "$to";},
    default_privileges('REVOKE', 'FROM'));
}

# frozen(stage, from, to): what the release `from` wrote by its own library, restored both as documented: into the version `to`,
# and into `from`, which is then upgraded. Gives the server with the databases "straight" and "upgraded".
sub frozen {
  my ($stage, $from, $to) = @_;
  (my $name = "frozen_${from}_$to") =~ tr/./_/;
  my $node = server($stage, $name, key_ring => "$here/data/$from.keyring");
  $node->safe_psql('postgres', 'CREATE ROLE upgrade_reader');
  for (['straight', $to], ['upgraded', $from]) {
    my ($database, $version) = @$_;
    install($node, $database, $version);
    $node->command_ok(['psql', '-X', '-q', '-v', 'ON_ERROR_STOP=1', '-d', $node->connstr($database), '-f', "$here/data/$from.dump.sql"],
      "what $from wrote is restored into $version");
    is(checks_of($node, $database, $from), '', "what $from wrote works, restored into $version");
  }
  if ($from ne $to) {
    upgrade($node, 'upgraded', $to);
    is(checks_of($node, 'upgraded', $from), '', "what $from wrote works, upgraded to $to");
    is(join("\n", Snapshot::differences(map { Snapshot::take($node->connstr($_)) } 'straight', 'upgraded')), '',
      "what $from wrote: restored into $to = upgraded to it");
  }
  return $node;
}

sub last_update_of {
  my ($node, $database) = @_;
  return $node->safe_psql($database, q{SELECT d.context ->> 'to' FROM gatehouse.events e JOIN gatehouse.event_details d ON d.event_id = e.id
    WHERE e.event_type = 'gatehouse.extension.updated' ORDER BY e.id DESC LIMIT 1});
}

# walk(stage, from, to): fresh against upgraded against restored, in catalog and data. Gives the three servers with the databases
# "fresh", "upgraded" (with data) and "restored" (from a dump of it).
sub walk {
  my ($stage, $from, $to) = @_;
  my $label = "$from to $to";
  (my $name = "${from}_$to") =~ tr/./_/;

  my $fresh = server($stage, "fresh_$name");
  install($fresh, 'fresh', $to);
  my $upgraded = server($stage, "upgraded_$name");
  install($upgraded, 'upgraded', $from);

  $upgraded->psql('upgraded', Stage::contents("$here/data/" . Versions::with_data($from) . '.sql'), on_error_die => 1);
  is(checks_of($upgraded, 'upgraded', $from), '', "$label: under this library the old version's data works");
  $upgraded->safe_psql('postgres', 'CREATE ROLE upgrade_reader');
  upgrade($upgraded, 'upgraded', $to);

  my $expected = Snapshot::take($fresh->connstr('fresh'));
  my $met = Snapshot::take($upgraded->connstr('upgraded'));
  is($met->{'extension gatehouse'}{version}, $to, "$label: the new version is installed");
  is(join("\n", Snapshot::differences($expected, $met)), '', "$label: fresh = upgraded");
  is(last_update_of($upgraded, 'upgraded'), $to, "$label: the audit log tells of the update") if $expected->{'table gatehouse.event_details'};
  is(checks_of($upgraded, 'upgraded', $from), '', "$label: data of $from works after the upgrade");

  my $restored = server($stage, "restored_$name", key_ring => GatehouseNode::key_ring($upgraded));
  my $dump = PostgreSQL::Test::Utils::tempdir() . "/$name.sql";
  $upgraded->command_ok(['pg_dump', '-d', $upgraded->connstr('upgraded'), '-f', $dump], "$label: a dump is made");
  $restored->safe_psql('postgres', 'CREATE DATABASE restored');
  $restored->command_ok(['psql', '-X', '-q', '-v', 'ON_ERROR_STOP=1', '-d', $restored->connstr('restored'), '-f', $dump],
    "$label: and restored");
  is(join("\n", Snapshot::differences($expected, Snapshot::take($restored->connstr('restored')))), '', "$label: fresh = restored");
  is(checks_of($restored, 'restored', $from), '', "$label: data of $from works after the restore");
  return ($fresh, $upgraded, $restored);
}

# behave(upgraded, from, to): the whole suite on a database that is upgraded without data, on that server of a walk.
sub behave {
  my ($upgraded, $from, $to) = @_;
  install($upgraded, 'suite', $from);
  upgrade($upgraded, 'suite', $to);
  $upgraded->safe_psql('suite', 'SET client_min_messages = warning; CREATE EXTENSION pgtap');
  my @files = SqlTests::files_below($suite);
  cmp_ok(scalar @files, '>', 0, "$from to $to: there is a suite to run");
  is(SqlTests::complaint(SqlTests::run_file($upgraded->connstr('suite'), "$suite/$_")), '', "$from to $to: $_") for @files;
}

1;
