# To another major by pg_upgrade, whatever SQL version a database has: what it had works there, also after the way to the current
# version, and the log goes on. Both majors have the library installed in their own folders (tools/matrix).
use strict;
use warnings;
use File::Basename qw(dirname);
use FindBin;
use lib "$FindBin::RealBin/../tap", "$FindBin::RealBin/../upgrade";
use GatehouseNode;
use IPC::Run ();
use PostgreSQL::Test::Cluster;
use PostgreSQL::Test::Utils;
use Stage;
use Test::More;
use Versions;
use Walk;

my $data = "$FindBin::RealBin/../upgrade/data";
my @versions = Versions::released();
my $current = $versions[-1];
my %database = map { $_ => 'of_' . tr/./_/r } @versions;
my %programs;
for my $config (qw(OLD_PG_CONFIG PG_CONFIG)) {
  chomp($programs{$config} = qx('$ENV{$config}' --bindir));
}

my $ring = PostgreSQL::Test::Utils::tempdir() . '/keyring';
PostgreSQL::Test::Utils::system_or_bail("$ENV{GATEHOUSE_TOOLS}/gatehouse-keyring", 'make', $ring);

sub cluster {
  my ($name, $config) = @_;
  my $node = PostgreSQL::Test::Cluster->new($name, install_path => dirname($programs{$config}));
  my ($major) = qx('$programs{$config}/postgres' --version) =~ /(\d+)/;
  $node->init(extra => ['--locale=C.UTF-8', '--encoding=UTF8', $major >= 18 ? '--no-data-checksums' : ()]);
  $node->append_conf('postgresql.conf', "shared_preload_libraries = 'gatehouse'\ngatehouse.key_file = '$ring'");
  return $node;
}

# There is a worker for each database, or none: the checks are to find what they rolled back undone.
sub set_workers {
  my ($node, @databases) = @_;
  $node->append_conf('postgresql.conf', q{gatehouse.worker_databases = '} . join(',', @databases) . q{'});
}

sub row_counts {
  my ($node, $version) = @_;
  return $node->safe_psql($database{$version}, q{
    SELECT string_agg(c.oid::regclass || ' ' || (xpath('/row/n/text()', query_to_xml('SELECT count(*) AS n FROM ' || c.oid::regclass, false, true, '')))[1], ', '
                      ORDER BY c.oid::regclass::text)
      FROM pg_class c WHERE c.relnamespace = 'gatehouse'::regnamespace AND c.relkind = 'r'});
}

my $old = cluster('old', 'OLD_PG_CONFIG');
$old->start;
my $new = cluster('new', 'PG_CONFIG');

# Some minor releases number the changes of a column in its options, and pg_upgrade to an older minor release of a later major fails.
Walk::install($old, 'probe', $current);
my $numbered = $old->safe_psql('probe', q{SELECT count(*) FROM pg_attribute WHERE array_to_string(attoptions, ',') LIKE 'pg_attver=%'});
$old->safe_psql('postgres', 'DROP DATABASE probe');
$new->start;
my $reads_numbers = $new->psql('postgres', 'BEGIN; CREATE TABLE t (n integer); ALTER TABLE t ALTER n SET (pg_attver = 1); ROLLBACK', on_error_stop => 1) == 0;
$new->stop;
plan skip_all => 'the new server is of a minor release that does not read what the old one writes of columns' if $numbered > 0 && !$reads_numbers;

my %counts;
for my $version (@versions) {
  Walk::install($old, $database{$version}, $version);
  $old->psql($database{$version}, Stage::contents("$data/$version.sql"), on_error_die => 1);
  is(Walk::checks_of($old, $database{$version}, $version), '', "$version: its data works on the old major");
  $old->safe_psql($database{$version}, 'DROP EXTENSION pgtap');
  $counts{$version} = row_counts($old, $version);
  like($counts{$version}, qr/\bgatehouse\.users [1-9]/, "$version: there are accounts");
}
$old->stop;

set_workers($_, @database{@versions}) for $old, $new;
my ($out, $error) = ('', '');
chdir PostgreSQL::Test::Utils::tempdir() or die;
my $done = IPC::Run::run(
  ["$programs{PG_CONFIG}/pg_upgrade", '-d', $old->data_dir, '-D', $new->data_dir, '-b', $programs{OLD_PG_CONFIG}, '-B', $programs{PG_CONFIG},
    '-p', $old->port, '-P', $new->port, '-s', $new->host, '-U', 'postgres'],
  '<', '/dev/null', '>', \$out, '2>', \$error);
if (!$done) {
  diag($_) for map { /^(pg_restore: (?:while|error).{0,800})/ms ? $1 : () } map { PostgreSQL::Test::Utils::slurp_file($_) }
    glob $new->data_dir . '/pg_upgrade_output.d/*/log/*_dump_*.log';
  die "$out$error";
}
pass('pg_upgrade takes the cluster to the new major');

set_workers($new);
$new->start;
for my $version (@versions) {
  is(row_counts($new, $version), $counts{$version}, "$version: each table has as many rows");
  is(Walk::checks_of($new, $database{$version}, $version), '', "$version: its data works on the new major");
  next if $version eq $current;
  $new->safe_psql($database{$version}, qq{ALTER EXTENSION gatehouse UPDATE TO "$current"});
  is(Walk::checks_of($new, $database{$version}, $version), '', "$version: and under $current");
}
$new->stop;
done_testing();
