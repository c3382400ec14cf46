# The comparer of catalogs sees nothing where nothing differs, and every kind of difference where one is planted.
use strict;
use warnings;
use FindBin;
use lib $FindBin::Bin, "$FindBin::Bin/../tap";
use GatehouseNode;
use NextVersion;
use Snapshot;
use Stage;
use Test::More;

# The next version for tests has a member of each kind.
my $stage = Stage->copy_of($ENV{GATEHOUSE_STAGE});
NextVersion::put_into($stage);
local $ENV{GATEHOUSE_STAGE} = $stage->root;
my $node = GatehouseNode::node('snapshot');
GatehouseNode::database($node, 'original');
my $original = Snapshot::take($node->connstr('original'));

GatehouseNode::database($node, 'again');
is(join("\n", Snapshot::differences($original, Snapshot::take($node->connstr('again')))), '',
  'two installations of one version do not differ, whatever their OIDs');

my $f = 'gatehouse.create_api_key(uuid, text, text[], timestamptz, cidr[])';
my $same_body = q{AS $$ SELECT o.name, o.description FROM gatehouse.scopes o ORDER BY o.place, o.name $$};
my $get_scopes = 'CREATE OR REPLACE FUNCTION gatehouse.get_scopes(OUT name text, OUT description text) RETURNS SETOF record LANGUAGE sql';
my @faults = (
  ['a dropped comment on a function', "COMMENT ON FUNCTION $f IS NULL", qr/create_api_key.*, comment: .* -> none$/m],
  ['a changed comment on a table', "COMMENT ON TABLE gatehouse.users IS 'x'", qr/^table gatehouse\.users, comment: /m],
  ['a dropped comment on a column', 'COMMENT ON COLUMN gatehouse.sessions.revocation IS NULL', qr/column revocation, comment: /],
  ['a dropped comment on an index', 'COMMENT ON INDEX gatehouse.users_email_live IS NULL', qr/index users_email_live, comment: /],
  ['a comment on a constraint', q{COMMENT ON CONSTRAINT users_pkey ON gatehouse.users IS 'x'}, qr/constraint users_pkey, comment: /],
  ['a dropped comment on the schema', 'COMMENT ON SCHEMA gatehouse IS NULL', qr/^schema gatehouse, comment: /m],
  ['a dropped comment on a role', 'COMMENT ON ROLE gatehouse_app IS NULL', qr/^role gatehouse_app, comment: /m],
  ['a role that may log in', 'ALTER ROLE gatehouse_auditor LOGIN', qr/^role gatehouse_auditor, attributes: inherit -> inherit login/m],
  ['a membership', 'GRANT gatehouse_auditor TO gatehouse_admin', qr/^role gatehouse_admin, member of: /m],
  ['a grant to PUBLIC', "GRANT EXECUTE ON FUNCTION $f TO PUBLIC", qr/grants: .* -> PUBLIC:EXECUTE /],
  ['a grant option', "GRANT EXECUTE ON FUNCTION $f TO gatehouse_app WITH GRANT OPTION", qr/grants: .* -> gatehouse_app:EXECUTE\* /],
  ['a lost grant', "REVOKE ALL ON FUNCTION $f FROM gatehouse_app", qr/grants: gatehouse_app:EXECUTE gatehouse_owner/],
  ['a grant on a table', 'GRANT SELECT ON gatehouse.users TO gatehouse_app', qr/^table gatehouse\.users, grants: /m],
  ['a grant on a column', 'GRANT SELECT (email) ON gatehouse.users TO gatehouse_app', qr/column email, grants: none -> gatehouse_app:SELECT/],
  ['a grant on a type', 'GRANT USAGE ON TYPE gatehouse.user_info TO PUBLIC', qr/^type gatehouse\.user_info, grants: /m],
  ['a lost grant on a sequence', 'REVOKE USAGE ON SEQUENCE gatehouse.event_id_seq FROM gatehouse_owner', qr/event_id_seq, grants: /],
  ['a grant on the schema', 'GRANT USAGE ON SCHEMA gatehouse TO PUBLIC', qr/^schema gatehouse, grants: /m],
  ['another owner of a function', "ALTER FUNCTION $f OWNER TO gatehouse_admin", qr/create_api_key.*, owner: gatehouse_owner -> gatehouse_admin/],
  ['another owner of a table', 'ALTER TABLE gatehouse.scopes OWNER TO gatehouse_admin', qr/^table gatehouse\.scopes, owner: /m],
  ['a changed body', "$get_scopes STABLE SECURITY DEFINER ROWS 50 SET search_path = pg_catalog, pg_temp AS \$\$ SELECT 'x', 'y' \$\$",
    qr/get_scopes\(\), definition: /],
  ['a lost SECURITY DEFINER', "$get_scopes STABLE ROWS 50 SET search_path = pg_catalog, pg_temp $same_body", qr/definition: /],
  ['another volatility', 'ALTER FUNCTION gatehouse.get_scopes() VOLATILE', qr/get_scopes\(\), definition: /],
  ['another parallel mode', 'ALTER FUNCTION gatehouse.get_scopes() PARALLEL SAFE', qr/get_scopes\(\), definition: /],
  ['another cost', 'ALTER FUNCTION gatehouse.hash_password(text) COST 5', qr/hash_password\(text\), definition: /],
  ['other rows', 'ALTER FUNCTION gatehouse.get_scopes() ROWS 7', qr/get_scopes\(\), definition: /],
  ['strictness', 'ALTER FUNCTION gatehouse.token_digest(text) STRICT', qr/token_digest\(text\), definition: /],
  ['leakproofness', 'ALTER FUNCTION gatehouse.token_digest(text) LEAKPROOF', qr/token_digest\(text\), definition: /],
  ['another search_path', 'ALTER FUNCTION gatehouse.get_scopes() SET search_path = public', qr/get_scopes\(\), definition: /],
  ['a lost SET clause', 'ALTER FUNCTION gatehouse.get_scopes() RESET ALL', qr/get_scopes\(\), definition: /],
  ['another default of an argument', 'CREATE OR REPLACE FUNCTION gatehouse.count_scopes(pattern text DEFAULT NULL) RETURNS bigint LANGUAGE sql AS $$ SELECT 1::bigint $$',
    qr/count_scopes\(text\), definition: /],
  ['a lost function', 'ALTER EXTENSION gatehouse DROP FUNCTION gatehouse.get_scopes()', qr/get_scopes\(\): only in the first/],
  ['a function too many', 'CREATE FUNCTION gatehouse.more() RETURNS int LANGUAGE sql RETURN 1; ALTER EXTENSION gatehouse ADD FUNCTION gatehouse.more()',
    qr/more\(\): only in the second/],
  ['a column too many', 'ALTER TABLE gatehouse.users ADD more int', qr/column more: only in the second/],
  ['a lost column', 'ALTER TABLE gatehouse.sessions DROP rotated_at', qr/column rotated_at: only in the first/],
  ['a column in another place', 'ALTER TABLE gatehouse.scope_notes DROP size; ALTER TABLE gatehouse.scope_notes ADD size integer GENERATED ALWAYS AS (length(note)) STORED',
    qr/column size, number: 4 -> 5/],
  ['another type of a column', 'ALTER TABLE gatehouse.one_time_tokens ALTER ring_key_id TYPE numeric', qr/column ring_key_id, type: integer -> numeric/],
  ['another collation', 'ALTER TABLE gatehouse.one_time_tokens ALTER email TYPE text COLLATE "C"', qr/column email, collation: none -> "C"/],
  ['a nullable column', 'ALTER TABLE gatehouse.sessions ALTER locator_digest DROP NOT NULL', qr/locator_digest, not null: yes -> none/],
  ['another default', 'ALTER TABLE gatehouse.scopes ALTER place SET DEFAULT 1', qr/column place, default: 0 -> 1/],
  ['another storage of a column', 'ALTER TABLE gatehouse.users ALTER profile SET STORAGE EXTERNAL', qr/column profile, storage: none -> e/],
  ['an attribute of a type', 'ALTER TYPE gatehouse.scope_use ADD ATTRIBUTE more int', qr/^type gatehouse\.scope_use, column more: only in the second/m],
  ['a lost constraint', 'ALTER TABLE gatehouse.scopes DROP CONSTRAINT scopes_place_check', qr/scopes_place_check: only in the first/],
  ['another foreign key', 'ALTER TABLE gatehouse.api_keys DROP CONSTRAINT api_keys_user_id_fkey; ALTER TABLE gatehouse.api_keys ADD CONSTRAINT api_keys_user_id_fkey FOREIGN KEY (user_id) REFERENCES gatehouse.users',
    qr/api_keys_user_id_fkey, definition: /],
  ['a renamed constraint', 'ALTER TABLE gatehouse.users RENAME CONSTRAINT users_pkey TO pk', qr/constraint users_pkey: only in the first/],
  ['another constraint of a domain', 'ALTER DOMAIN gatehouse.scope_note DROP CONSTRAINT scope_note_check', qr/scope_note_check: only in the first/],
  ['a domain that is not null', 'ALTER DOMAIN gatehouse.scope_note SET NOT NULL', qr/scope_note, not null: false -> true/],
  ['a lost index', 'DROP INDEX gatehouse.sessions_user_id', qr/index sessions_user_id: only in the first/],
  ['another index', 'DROP INDEX gatehouse.users_email_live; CREATE UNIQUE INDEX users_email_live ON gatehouse.users (email_normal)',
    qr/index users_email_live, definition: /],
  ['other options of a table', 'ALTER TABLE gatehouse.sessions SET (fillfactor = 60)', qr/sessions, options: fillfactor=50 -> fillfactor=60/],
  ['other options of a view', 'ALTER VIEW gatehouse.row_changes RESET (security_barrier)', qr/row_changes, options: /],
  ['another query of a view', q{CREATE OR REPLACE VIEW gatehouse.noted_scopes WITH (security_barrier = true) AS SELECT 'x' COLLATE "C" AS scope, 1::bigint AS notes},
    qr/noted_scopes, query: /],
  ['another sequence', 'ALTER SEQUENCE gatehouse.event_id_seq CACHE 20', qr/event_id_seq, sequence: /],
  ['row security', 'ALTER TABLE gatehouse.users ENABLE ROW LEVEL SECURITY', qr/users, row security: none -> enabled/],
  ['a policy', 'CREATE POLICY more ON gatehouse.users USING (true)', qr/policy more: only in the second/],
  ['a trigger', 'CREATE TRIGGER more AFTER UPDATE ON gatehouse.users FOR EACH ROW EXECUTE FUNCTION gatehouse.log_row_change(1)',
    qr/trigger more: only in the second/],
  ['a rule', 'CREATE RULE more AS ON DELETE TO gatehouse.users DO INSTEAD NOTHING', qr/rule more: only in the second/],
  ['other bounds of a partition', q{ALTER TABLE gatehouse.events DETACH PARTITION gatehouse.events_default; ALTER TABLE gatehouse.events ATTACH PARTITION gatehouse.events_default FOR VALUES FROM (MINVALUE) TO (MAXVALUE)},
    qr/events_default, partition bound: DEFAULT -> FOR VALUES/],
  ['an unlogged table', 'ALTER TABLE gatehouse.scope_notes SET UNLOGGED', qr/scope_notes, kind: r p -> r u/],
  ['a table that dumps forget', q{UPDATE pg_extension SET extconfig = extconfig[2:], extcondition = extcondition[2:] WHERE extname = 'gatehouse'},
    qr/dumped with: all rows -> none/],
  ['a table that dumps carry in part', q{UPDATE pg_extension SET extcondition[1] = 'WHERE false' WHERE extname = 'gatehouse'},
    qr/dumped with: all rows -> WHERE false/],
  ['an event trigger', 'CREATE FUNCTION gatehouse.more() RETURNS event_trigger LANGUAGE plpgsql AS $$ BEGIN END $$; CREATE EVENT TRIGGER more ON sql_drop EXECUTE FUNCTION gatehouse.more(); ALTER EXTENSION gatehouse ADD EVENT TRIGGER more',
    qr/^event trigger more: only in the second/m],
);

for my $fault (@faults) {
  my ($what, $statements, $seen) = @$fault;
  like(join("\n", Snapshot::differences($original, Snapshot::take($node->connstr('original'), $statements))), $seen, "noticed: $what");
}
is(join("\n", Snapshot::differences($original, Snapshot::take($node->connstr('original')))), '', 'and nothing of it was left behind');

# A member of a kind that the comparer does not know is no silent equality.
$node->safe_psql('again', q{CREATE COLLATION gatehouse.more FROM "C"; ALTER EXTENSION gatehouse ADD COLLATION gatehouse.more});
my $unknown = Snapshot::take($node->connstr('again'));
like(join("\n", Snapshot::differences($unknown, $unknown)), qr/not compared: .* knows nothing of pg_collation/,
  'an unknown kind of member is reported even where both have it');

$node->stop;
done_testing();
