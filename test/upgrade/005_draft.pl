# tools/draft-upgrade: what it drafts for the next version for tests is what a maintainer would have written, and what only a
# maintainer can decide it says.
use strict;
use warnings;
use FindBin;
use lib $FindBin::Bin, "$FindBin::Bin/../tap";
use GatehouseNode;
use NextVersion;
use PostgreSQL::Test::Utils;
use Snapshot;
use Stage;
use Test::More;

my $stage = Stage->copy_of($ENV{GATEHOUSE_STAGE});
my $current = $stage->default_version;
my $next = NextVersion::put_into($stage);

sub draft {
  my ($out, $error) = run_command(["$ENV{GATEHOUSE_TOOLS}/draft-upgrade", '--stage', $stage->root, $current]);
  is($error, '', 'drafting says nothing else');
  return "$out\n";
}

my $draft = draft();
unlike($draft, qr/-- decide: /, 'there is nothing to decide about what is only added or changed in place');
unlike($draft, qr/^(?:DROP|DELETE|TRUNCATE|UPDATE)\b/m, 'and nothing is taken away');
like($draft, qr/^CREATE FUNCTION gatehouse\.count_scopes.*?^REVOKE ALL ON FUNCTION gatehouse\.count_scopes\(text\) FROM PUBLIC;$/ms,
  'a new function is not left to everybody');
like($draft, qr/\A-- [^\n]*\n\\echo [^\n]*\nDO \$\$\nBEGIN\n  IF string_to_array\(gatehouse\.library_version\(\), '\.'\)::integer\[\] < '\{\d+,\d+\}' THEN\n/,
  'an older library is refused at once');
like($draft, qr/^SELECT gatehouse\.record_extension_update\('\Q$current\E', '\Q$next\E'\);\n\nCREATE EVENT TRIGGER .*\nALTER EVENT TRIGGER \w+ ENABLE ALWAYS;\n/m,
  'the update is recorded, and only then an event trigger made');
is(substr($draft, -length $stage->closing_part($next)), $stage->closing_part($next), 'nor to whom default privileges are for');
$stage->put_script("$current--$next", $draft);

my $node;
{
  local $ENV{GATEHOUSE_STAGE} = $stage->root;
  $node = GatehouseNode::node('draft');
}
$node->safe_psql('postgres', "CREATE DATABASE $_") for qw(fresh drafted);
$node->safe_psql('fresh', qq{CREATE EXTENSION gatehouse VERSION "$next"});
$node->safe_psql('drafted', qq{CREATE EXTENSION gatehouse VERSION "$current"});
$node->safe_psql('drafted', qq{SET standard_conforming_strings = off; ALTER EXTENSION gatehouse UPDATE TO "$next"});
is(join("\n", Snapshot::differences(Snapshot::take($node->connstr('fresh')), Snapshot::take($node->connstr('drafted')))), '',
  'the draft, applied, gives the catalog of the fresh next version');

# What cannot be drafted.
my $install = $stage->script($next);
my $more = <<'SQL';
DROP FUNCTION gatehouse.revoke_refresh_token(text);
ALTER TABLE gatehouse.sessions DROP COLUMN rotated_at;
ALTER TABLE gatehouse.one_time_tokens ALTER COLUMN email TYPE varchar(100);
ALTER TABLE gatehouse.users ALTER COLUMN last_login_at SET NOT NULL;
ALTER TABLE gatehouse.api_keys ADD COLUMN colour text NOT NULL;
DROP FUNCTION gatehouse.generate_salt();
CREATE FUNCTION gatehouse.generate_salt() RETURNS text LANGUAGE sql RETURN 'x';
SELECT pg_catalog.pg_extension_config_dump('gatehouse.scopes', 'WHERE false');
CREATE COLLATION gatehouse.plain FROM "C";
SQL
my $closing = $stage->closing_part($next);
$install =~ s/\Q$closing\E/$more\n$closing/;
$stage->put_script($next, $install);
$draft = draft();
like($draft, $_->[1], "to be decided: $_->[0]") for (
  ['a function that is gone', qr/^-- decide: function gatehouse\.revoke_refresh_token\(text\) is gone: /m],
  ['a column that is gone', qr/^-- decide: table gatehouse\.sessions, column rotated_at is gone .*DROP COLUMN rotated_at;$/m],
  ['another type of a column', qr/^-- decide: table gatehouse\.one_time_tokens, column email, type: text -> character varying\(100\)$/m],
  ['a column that must not be null any more', qr/^-- decide: gatehouse\.users\.last_login_at may hold NULL/m],
  ['a new column without a value', qr/^-- decide: what the rows that are there get in gatehouse\.api_keys\.colour$/m],
  ['another result', qr/^-- decide: the result or the names of the arguments of gatehouse\.generate_salt\(\) changed/m],
  ['an object of another kind', qr/^-- decide: collation gatehouse\.plain is new, and no draft/m],
);
like($draft, qr/^SELECT pg_catalog\.pg_extension_config_dump\('gatehouse\.scopes', 'WHERE false'\);$/m, 'another filter of dumps is drafted');

$node->stop;
done_testing();
