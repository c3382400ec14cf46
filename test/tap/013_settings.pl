# A setting that somebody makes before the library is loaded, when PostgreSQL takes it for anybody's, has no effect once it
# is: nobody lowers a guard by being early.
use strict;
use warnings;
use FindBin;
use lib $FindBin::Bin;
use GatehouseNode;
use PostgreSQL::Test::Utils;
use Test::More;

my $node = GatehouseNode::node('settings', key_ring => undef);
my $database = GatehouseNode::database($node, 'settings');
$node->safe_psql($database, 'CREATE ROLE guest LOGIN; GRANT gatehouse_app TO guest');

# What a new session of this role is told, standard output and errors.
sub session {
  my ($role, @statements) = @_;
  my ($status, $out, $error) = $node->psql($database, join(";\n", @statements), extra_params => ['-U', $role],
    on_error_stop => 0);
  return ($out, $error);
}

my $load = 'SELECT gatehouse.library_version() IS NOT NULL';
for my $case (
  ['max_sessions_per_user', 0, 5], ['refresh_grace', '10min', '10s'], ['require_verified_email', 'off', 'on'],
    ['password_min_length', 8, 15],
  ['argon2_iterations', 3, 2], ['argon2_memory_ceiling', '1GB', '256MB'], ['api_key_prefix', 'evil', 'sk'])
{
  my ($name, $wanted, $default) = @$case;
  my ($out, $error) = session('guest', "SET gatehouse.$name = '$wanted'", $load, "SHOW gatehouse.$name");
  is($out, "t\n$default", "$name: what an application has set before the library was loaded is dropped");
  like($error, qr/WARNING:  permission denied to set parameter "gatehouse\.$name"/, "$name: and it is told");
  ($out, $error) = session('postgres', "SET gatehouse.$name = '$wanted'", $load, "SHOW gatehouse.$name");
  is($out, "t\n$wanted", "$name: what a superuser has set stays");
}

# Values that a superuser sets too early are looked at when the library knows what they may be.
my ($out, $error) = session('postgres', q{SET gatehouse.password_min_length = 1},
  q{SET gatehouse.api_key_prefix = 'NO'}, $load,
  'SHOW gatehouse.password_min_length', 'SHOW gatehouse.api_key_prefix');
is($out, "t\n15\nsk", 'values out of range are dropped, be it a superuser\'s');
like($error, qr/1 is outside the valid range for parameter "gatehouse\.password_min_length"/, 'which is said');
like($error, qr/invalid value for parameter "gatehouse\.api_key_prefix": "NO"/, 'of each');

# What is no setting of ours is removed.
($out, $error) = session('guest', q{SET gatehouse.made_up = 'x'}, $load, 'SHOW gatehouse.made_up');
like($error, qr/WARNING:  invalid configuration parameter name "gatehouse\.made_up", removing it/,
  'a setting that does not exist is removed');
like($error, qr/ERROR:  unrecognized configuration parameter "gatehouse\.made_up"/, 'and is not there any more');

# Neither for the sessions to come.
($out, $error) = session('guest', 'ALTER ROLE guest SET gatehouse.max_sessions_per_user = 0');
like($error, qr/permission denied to set parameter "gatehouse\.max_sessions_per_user"/,
  'a role cannot give itself a setting');
($out, $error) = session('guest', $load, 'ALTER ROLE guest SET gatehouse.max_sessions_per_user = 0');
like($error, qr/permission denied to set parameter "gatehouse\.max_sessions_per_user"/,
  'neither when the library is loaded');

# With a SET clause of a function, with PGOPTIONS.
($out, $error) = session('guest', 'CREATE TEMP TABLE t (n int)',
  "CREATE FUNCTION pg_temp.early() RETURNS text LANGUAGE sql SET gatehouse.refresh_token_lifetime = '3650d' AS 'SELECT gatehouse.library_version() || current_setting(''gatehouse.refresh_token_lifetime'')'",
  'SELECT pg_temp.early()', 'SHOW gatehouse.refresh_token_lifetime');
unlike($out, qr/3650d/, 'a SET clause of a function of theirs does not do it');
{
  local $ENV{PGOPTIONS} = '-c gatehouse.max_sessions_per_user=0';
  ($out, $error) = session('guest', $load, 'SHOW gatehouse.max_sessions_per_user');
  is($out, "t\n5", 'neither do the options of a connection');
}

$node->stop;
done_testing();
