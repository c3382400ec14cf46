# The rules that test/pgtap/foundation holds the installed catalog to are awake: each fault that is planted makes the assertion
# fail that is about it.
use strict;
use warnings;
use FindBin;
use lib "$FindBin::Bin/../tap", "$FindBin::Bin/../upgrade";
use GatehouseNode;
use SqlTests;
use Test::More;

my $foundation = "$FindBin::Bin/../pgtap/foundation";
my $node = GatehouseNode::node('foundation');
my $database = GatehouseNode::database($node, 'sound', 'pgtap');

my $member = 'ALTER EXTENSION gatehouse ADD';
my @faults = (
  ['comments', 'a function without a comment', 'COMMENT ON FUNCTION gatehouse.version() IS NULL', qr/every member has a comment/],
  ['comments', 'an empty comment', q{COMMENT ON TABLE gatehouse.users IS ''}, qr/every member has a comment/],
  ['comments', 'an index without a comment', 'COMMENT ON INDEX gatehouse.users_email_live IS NULL', qr/every index/],
  ['definers', 'SECURITY DEFINER without a path', 'ALTER FUNCTION gatehouse.get_scopes() RESET search_path',
    qr/every SECURITY DEFINER function has its search_path pinned/],
  ['definers', 'a path that does not end in pg_temp', 'ALTER FUNCTION gatehouse.get_scopes() SET search_path = pg_catalog',
    qr/every SECURITY DEFINER function has its search_path pinned/],
  ['definers', "SECURITY DEFINER of a superuser's", 'ALTER FUNCTION gatehouse.get_scopes() OWNER TO CURRENT_USER',
    qr/owned by gatehouse_owner/],
  ['definers', 'PL/pgSQL without a path', 'ALTER FUNCTION gatehouse.checked_scopes(text[]) RESET ALL', qr/every PL\/pgSQL function/],
  ['definers', 'PL/pgSQL with a path that others can write in', 'ALTER FUNCTION gatehouse.checked_scopes(text[]) SET search_path = pg_catalog, public, pg_temp',
    qr/every PL\/pgSQL function/],
  ['definers', 'PL/pgSQL with settings, but no path', q{ALTER FUNCTION gatehouse.checked_scopes(text[]) RESET ALL; ALTER FUNCTION gatehouse.checked_scopes(text[]) SET timezone = 'UTC'},
    qr/every PL\/pgSQL function/],
  ['definers', 'SQL without a path', "CREATE FUNCTION gatehouse.more() RETURNS int LANGUAGE sql AS 'SELECT 1'; $member FUNCTION gatehouse.more()",
    qr/every SQL function has its search_path pinned/],
  (map { ['definers', "SQL with $_->[0]", "CREATE FUNCTION gatehouse.more() RETURNS int LANGUAGE sql SET $_->[1] AS 'SELECT 1'; $member FUNCTION gatehouse.more()",
      qr/every SQL function has its search_path pinned/] }
    ['a path that others can write in', 'search_path = public'],
    ['the temporary schema first', 'search_path = pg_temp, pg_catalog'],
    ['settings, but no path', "timezone = 'UTC'"]),
  ['definers', 'SECURITY DEFINER in C', 'ALTER FUNCTION gatehouse.uuid_v7() SECURITY DEFINER', qr/no C function is SECURITY DEFINER/],
  ['definers', 'a SET clause in C', 'ALTER FUNCTION gatehouse.uuid_v7() SET search_path = pg_catalog', qr/no C function has a SET/],
  ['definers', "C of somebody's", 'ALTER FUNCTION gatehouse.uuid_v7() OWNER TO gatehouse_owner', qr/every C function belongs to a superuser/],
  ['dump', 'a table that dumps forget', q{UPDATE pg_extension SET extconfig = array_remove(extconfig, 'gatehouse.users'::regclass::oid), extcondition = extcondition[2:] WHERE extname = 'gatehouse'},
    qr/every table is registered/],
  ['dump', 'a sequence that dumps forget', "CREATE SEQUENCE gatehouse.more; $member SEQUENCE gatehouse.more", qr/every sequence is registered/],
  ['dump', 'a trigger', 'CREATE TRIGGER more AFTER UPDATE ON gatehouse.users FOR EACH ROW EXECUTE FUNCTION gatehouse.log_row_change(1)',
    qr/no table bears a trigger/],
  ['dump', 'an index on a partitioned parent', 'CREATE INDEX more ON gatehouse.events (id)', qr/no partitioned parent has an index/],
  ['manifest', 'another volatility', 'ALTER FUNCTION gatehouse.token_digest(text) VOLATILE', qr/the objects of the list and no other/],
  ['manifest', "an object that is not the extension's", 'CREATE TABLE gatehouse.more ()', qr/holds nothing that is not/],
  ['default_privileges', 'a domain that PUBLIC may use in one installation', 'GRANT USAGE ON TYPE gatehouse.email_address TO PUBLIC',
    qr/nobody has more than without default privileges/],
  (map { ['privileges', "PUBLIC may $_->[0]", $_->[1], qr/PUBLIC may nothing/] }
    ['call a function', 'GRANT EXECUTE ON FUNCTION gatehouse.version() TO PUBLIC'],
    ['read a table', 'GRANT SELECT ON gatehouse.users TO PUBLIC'],
    ['read a column', 'GRANT SELECT (email) ON gatehouse.users TO PUBLIC'],
    ['use a sequence', 'GRANT USAGE ON SEQUENCE gatehouse.event_id_seq TO PUBLIC'],
    ['use a type', 'GRANT USAGE ON TYPE gatehouse.user_info TO PUBLIC'],
    ['use a domain', 'GRANT USAGE ON TYPE gatehouse.email_address TO PUBLIC'],
    ['use an enum', "CREATE TYPE gatehouse.more AS ENUM ('a'); $member TYPE gatehouse.more"],
    ['use a range', "CREATE TYPE gatehouse.more AS RANGE (SUBTYPE = integer); $member TYPE gatehouse.more"],
    ['use the schema', 'GRANT USAGE ON SCHEMA gatehouse TO PUBLIC']),
  ['privileges', 'an application may administer', 'GRANT EXECUTE ON FUNCTION gatehouse.register_scope(text, text) TO gatehouse_app',
    qr/each role may what the list says/],
  ['privileges', 'an administrator may write', 'GRANT TRIGGER ON gatehouse.users TO gatehouse_admin', qr/may write or maintain/],
  ($node->pg_version >= 17
    ? ['privileges', 'an administrator may maintain', 'GRANT MAINTAIN ON gatehouse.users TO gatehouse_admin', qr/may write or maintain/]
    : ()),
  (map { ['privileges', "default privileges $_->[0]", "ALTER DEFAULT PRIVILEGES $_->[1]", qr/none by default/] }
    ['in the schema', 'IN SCHEMA gatehouse GRANT SELECT ON TABLES TO PUBLIC'],
    ['of a role of ours', 'FOR ROLE gatehouse_owner GRANT SELECT ON TABLES TO PUBLIC'],
    ['for a role of ours', 'GRANT SELECT ON TABLES TO gatehouse_app']),
  ['roles', 'a role that logs in', 'ALTER ROLE gatehouse_app LOGIN', qr/gatehouse_app cannot log in/],
  ['roles', 'a member of the owner', 'GRANT gatehouse_owner TO gatehouse_admin', qr/gatehouse_owner has no members/],
  ['roles', "a table of a superuser's", 'ALTER TABLE gatehouse.scopes OWNER TO CURRENT_USER', qr/every table, view, sequence/],
);

my %sound;
for my $fault (@faults) {
  my ($file, $what, $statement, $expected) = @$fault;
  $sound{$file} //= SqlTests::complaint(SqlTests::run_file($node->connstr($database), "$foundation/$file.sql"));
  is($sound{$file}, '', "$file: content with gatehouse as it is") if !$sound{"$file seen"}++;

  my $answer = SqlTests::run_file($node->connstr($database), "$foundation/$file.sql", $statement);
  like(join("\n", @{$answer->{failed}}), $expected, "$file: notices $what");
}
$node->stop;
done_testing();
