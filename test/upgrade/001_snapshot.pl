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
my $add = 'ALTER EXTENSION gatehouse ADD';
my $watch = 'UPDATE pg_event_trigger SET %s WHERE evtname = \'gatehouse_scope_watch\'';
my $base_type = "CREATE TYPE gatehouse.more; CREATE FUNCTION gatehouse.more_in(cstring) RETURNS gatehouse.more LANGUAGE internal IMMUTABLE STRICT AS 'textin';
  CREATE FUNCTION gatehouse.more_out(gatehouse.more) RETURNS cstring LANGUAGE internal IMMUTABLE STRICT AS 'textout';
  CREATE TYPE gatehouse.more (INPUT = gatehouse.more_in, OUTPUT = gatehouse.more_out, CATEGORY = '%s'); $add TYPE gatehouse.more";
my $aggregate = "CREATE AGGREGATE gatehouse.more(integer) (SFUNC = int4pl, STYPE = integer, INITCOND = '%s'); $add AGGREGATE gatehouse.more(integer)";
my $type = "CREATE TYPE gatehouse.more AS %s; $add TYPE gatehouse.more";
my $domain = "CREATE DOMAIN gatehouse.more AS %s; $add DOMAIN gatehouse.more";
my $function = "CREATE FUNCTION gatehouse.more(%s integer) RETURNS integer LANGUAGE sql RETURN 1; $add FUNCTION gatehouse.more(integer)";
my $parted = "CREATE TABLE gatehouse.more (a integer) PARTITION BY %s (a); $add TABLE gatehouse.more";
# ALTER EXTENSION adds no statistics; a script that makes some does.
my $statistics = "CREATE STATISTICS gatehouse.more ON %s FROM gatehouse.users;
  INSERT INTO pg_depend SELECT 'pg_statistic_ext'::regclass, s.oid, 0, 'pg_extension'::regclass, e.oid, 0, 'e'
    FROM pg_statistic_ext s, pg_extension e WHERE s.stxname = 'more' AND e.extname = 'gatehouse'";
my $policy = 'CREATE POLICY more ON gatehouse.users FOR UPDATE TO gatehouse_app USING (true) WITH CHECK (true)';
my $trigger = 'CREATE TRIGGER more %s ON gatehouse.users FOR EACH ROW EXECUTE FUNCTION gatehouse.log_row_change(1)';
my $rule = 'CREATE RULE more AS ON %s TO gatehouse.users DO INSTEAD NOTHING';
my $place = 'ALTER TABLE gatehouse.scopes DROP CONSTRAINT scopes_place_check;
  ALTER TABLE gatehouse.scopes ADD CONSTRAINT scopes_place_check CHECK (place >= 0)';
my $no_partition = 'ALTER TABLE gatehouse.events DETACH PARTITION gatehouse.events_default';
my $forget = q{DELETE FROM pg_init_privs WHERE classoid = '%s'::regclass AND objoid = 'gatehouse%s};

# What, by which statements, the line that tells of it, and statements for the other side where the version as it is won't do.
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
  # Properties of the extension and of its roles.
  ['another version', q{UPDATE pg_extension SET extversion = 'x' WHERE extname = 'gatehouse'}, qr/^extension gatehouse, version: .* -> x$/m],
  ['another owner of the extension', q{UPDATE pg_extension SET extowner = 'gatehouse_admin'::regrole WHERE extname = 'gatehouse'},
    qr/^extension gatehouse, owner: postgres -> gatehouse_admin/m],
  ['another schema of the extension', q{UPDATE pg_extension SET extnamespace = 'public'::regnamespace WHERE extname = 'gatehouse'},
    qr/^extension gatehouse, schema: pg_catalog -> public/m],
  ['an extension that can be moved', q{UPDATE pg_extension SET extrelocatable = true WHERE extname = 'gatehouse'},
    qr/^extension gatehouse, relocatable: false -> true/m],
  ['a dropped comment on the extension', 'COMMENT ON EXTENSION gatehouse IS NULL', qr/^extension gatehouse, comment: .* -> none/m],
  ['a setting of a role', 'ALTER ROLE gatehouse_app SET work_mem = 64', qr/^role gatehouse_app, settings: none -> work_mem=64/m],
  ['a setting of a role in the database', 'ALTER ROLE gatehouse_app IN DATABASE original SET work_mem = 64',
    qr/^role gatehouse_app, settings in this database: none -> work_mem=64/m],
  ['a limit of connections', 'ALTER ROLE gatehouse_app CONNECTION LIMIT 0', qr/^role gatehouse_app, connection limit: none -> 0/m],
  ['an end of a role', q{ALTER ROLE gatehouse_app VALID UNTIL '2000-01-01 00:00:00+00'}, qr/^role gatehouse_app, valid until: none -> 2000-01-01 00:00:00$/m],
  ['a member of a role', 'CREATE ROLE more; GRANT gatehouse_owner TO more', qr/^role gatehouse_owner, members: none -> more$/m],
  ['a member that may let in others', 'CREATE ROLE more; GRANT gatehouse_owner TO more WITH ADMIN OPTION',
    qr/^role gatehouse_owner, members: none -> more\*$/m],
  ['default privileges in the schema', 'ALTER DEFAULT PRIVILEGES IN SCHEMA gatehouse GRANT SELECT ON TABLES TO PUBLIC',
    qr/^default privileges of postgres on tables in gatehouse: only in the second/m],
  ['default privileges of a role', 'ALTER DEFAULT PRIVILEGES FOR ROLE gatehouse_owner REVOKE EXECUTE ON FUNCTIONS FROM PUBLIC',
    qr/^default privileges of gatehouse_owner on functions in every schema: only in the second/m],
  ['other default privileges', 'ALTER DEFAULT PRIVILEGES FOR ROLE gatehouse_owner REVOKE ALL ON TABLES FROM gatehouse_owner',
    qr/default privileges of gatehouse_owner on tables in every schema, default grants: PUBLIC:SELECT .* -> nothing$/m,
    'ALTER DEFAULT PRIVILEGES FOR ROLE gatehouse_owner GRANT SELECT ON TABLES TO PUBLIC'],
  # By ALTER SCHEMA the old owner would lose its rights, which our event triggers need at the end of the statement.
  ['another owner of the schema', q{UPDATE pg_namespace SET nspowner = 'gatehouse_admin'::regrole WHERE nspname = 'gatehouse'},
    qr/^schema gatehouse, owner: /m],
  ['other initial grants of the schema', sprintf($forget, 'pg_namespace', q{'::regnamespace}), qr/^schema gatehouse, initial grants: /m],
  # Of functions and types.
  ['another name of an argument', sprintf($function, 'b'), qr/more\(integer\), signature: f a integer RETURNS integer -> f b integer/, sprintf($function, 'a')],
  ['another aggregate', sprintf($aggregate, 1), qr/more\(integer\), aggregate: .*"agginitval": "0".* -> .*"agginitval": "1"/, sprintf($aggregate, 0)],
  ['other initial grants of a function', sprintf($forget, 'pg_proc', q{.get_scopes()'::regprocedure}), qr/get_scopes\(\), initial grants: /],
  ['an extension that takes a function along', "ALTER FUNCTION $f DEPENDS ON EXTENSION plpgsql", qr/create_api_key.*, depends on: none -> plpgsql/],
  ['a type of another kind', sprintf($type, '(a integer)'), qr/^type gatehouse\.more, kind: e -> c/m, sprintf($type, "ENUM ('a')")],
  ['another owner of a type', 'ALTER TYPE gatehouse.scope_use OWNER TO gatehouse_admin', qr/^type gatehouse\.scope_use, owner: /m],
  ['other initial grants of a type', sprintf($forget, 'pg_type', q{.scope_use'::regtype}), qr/^type gatehouse\.scope_use, initial grants: /m],
  ['a dropped comment on a type', 'COMMENT ON TYPE gatehouse.scope_use IS NULL', qr/^type gatehouse\.scope_use, comment: /m],
  ['another base of a domain', sprintf($domain, 'bigint'), qr/^type gatehouse\.more, base: integer -> bigint/m, sprintf($domain, 'integer')],
  ['another collation of a domain', sprintf($domain, 'text COLLATE "C"'), qr/^type gatehouse\.more, collation: none -> "C"/m, sprintf($domain, 'text')],
  ['a default of a domain', q{ALTER DOMAIN gatehouse.scope_note SET DEFAULT 'x'}, qr/^type gatehouse\.scope_note, default: none -> 'x'/m],
  ['another order of labels', sprintf($type, "ENUM ('b', 'a')"), qr/^type gatehouse\.more, labels: 'a', 'b' -> 'b', 'a'/m, sprintf($type, "ENUM ('a', 'b')")],
  ['another range', sprintf($type, 'RANGE (SUBTYPE = bigint)'),
    qr/^type gatehouse\.more, range: integer .* -> bigint /m, sprintf($type, 'RANGE (SUBTYPE = integer)')],
  ['another base type', sprintf($base_type, 'Y'), qr/^type gatehouse\.more, functions of a base type: .* X f -> .* Y f$/m, sprintf($base_type, 'X')],
  # Of relations.
  ['other initial grants of a table', sprintf($forget, 'pg_class', q{.noted_scopes'::regclass}), qr/noted_scopes, initial grants: /],
  ['a lost grant on a row type', 'REVOKE USAGE ON TYPE gatehouse.users FROM PUBLIC', qr/^table gatehouse\.users, grants of the row type: PUBLIC:USAGE /m],
  ['an option of what is out of line', 'ALTER TABLE gatehouse.users SET (toast.autovacuum_enabled = off)',
    qr/users, toast options: none -> autovacuum_enabled=off/],
  ['another access method', 'CREATE ACCESS METHOD more TYPE TABLE HANDLER heap_tableam_handler; ALTER TABLE gatehouse.scope_notes SET ACCESS METHOD more',
    qr/scope_notes, access method: heap -> more/],
  # No tablespace can be made in a transaction.
  ['another tablespace', q{UPDATE pg_class c SET reltablespace = t.oid FROM pg_tablespace t WHERE t.spcname = 'pg_global' AND c.oid = 'gatehouse.scope_notes'::regclass},
    qr/scope_notes, tablespace: none -> pg_global/],
  ['another replica identity', 'ALTER TABLE gatehouse.users REPLICA IDENTITY FULL', qr/users, replica identity: d -> f/],
  ['another partition key', sprintf($parted, 'LIST'), qr/more, partition key: RANGE \(a\) -> LIST \(a\)/, sprintf($parted, 'RANGE')],
  ['a partition that is none any more', $no_partition, qr/events_default, parents: gatehouse\.events -> none/],
  ['a sequence that goes with a column', 'ALTER SEQUENCE gatehouse.scope_note_id_seq OWNED BY gatehouse.scope_notes.id',
    qr/scope_note_id_seq, owned by: none -> column id of table gatehouse\.scope_notes/],
  ['a column that was there', 'ALTER TABLE gatehouse.users ADD more int; ALTER TABLE gatehouse.users DROP more',
    qr/^table gatehouse\.users, dropped columns: none -> \d+$/m],
  ['an attribute that was there', 'ALTER TYPE gatehouse.scope_use ADD ATTRIBUTE more int; ALTER TYPE gatehouse.scope_use DROP ATTRIBUTE more',
    qr/^type gatehouse\.scope_use, dropped columns: none -> 3$/m],
  # Of columns.
  ['a column that is computed no more', 'ALTER TABLE gatehouse.scope_notes ALTER size DROP EXPRESSION', qr/column size, generated: s .* -> none/],
  ['an identity', 'ALTER TABLE gatehouse.scope_notes ALTER id DROP DEFAULT; ALTER TABLE gatehouse.scope_notes ALTER id ADD GENERATED ALWAYS AS IDENTITY',
    qr/column id, identity: none -> a/],
  ['a compression', 'ALTER TABLE gatehouse.users ALTER profile SET COMPRESSION pglz', qr/column profile, compression: none -> p/],
  ['no statistics of a column', 'ALTER TABLE gatehouse.users ALTER email SET STATISTICS 0', qr/column email, statistics: none -> 0/],
  ['other statistics of a column', 'ALTER TABLE gatehouse.users ALTER email SET STATISTICS 7', qr/column email, statistics: none -> 7/],
  ['an option of a column', 'ALTER TABLE gatehouse.users ALTER email SET (n_distinct = 5)', qr/column email, options: none -> n_distinct=5/],
  ['a column that is not inherited', $no_partition, qr/events_default, column \w+, inherited: yes -> none/],
  ['initial grants of a column', q{INSERT INTO pg_init_privs VALUES ('gatehouse.users'::regclass, 'pg_class'::regclass, 1, 'e', '{gatehouse_app=r/postgres}')},
    qr/^table gatehouse\.users, column \w+, initial grants: none -> gatehouse_app:SELECT/m],
  # Of constraints and indexes.
  ['a constraint that was not checked', "$place NOT VALID", qr/scopes_place_check, validated: true -> false/],
  ['a constraint that is not inherited', "ALTER TABLE gatehouse.events ADD CONSTRAINT more CHECK (true); $no_partition",
    qr/events_default, constraint more, inherited: yes -> none/, 'ALTER TABLE gatehouse.events ADD CONSTRAINT more CHECK (true)'],
  ['a constraint without heirs', "$place NO INHERIT", qr/scopes_place_check, no inherit: none -> yes/],
  ['a foreign key that checks nothing', 'ALTER TABLE gatehouse.api_keys DISABLE TRIGGER ALL',
    qr/api_keys_user_id_fkey, triggers not enabled: none -> "RI_FKey_check_ins" on gatehouse\.api_keys D, "RI_FKey_check_upd" on gatehouse\.api_keys D$/m],
  ['a foreign key that acts no more', 'ALTER TABLE gatehouse.users DISABLE TRIGGER ALL',
    qr/api_keys_user_id_fkey, triggers not enabled: none -> "RI_FKey_\w+_del" on gatehouse\.users D, /],
  ['another owner of an index', 'ALTER TABLE gatehouse.scopes OWNER TO gatehouse_admin', qr/^table gatehouse\.scopes, index scopes_pkey, owner: /m],
  ['an index without its constraint', 'ALTER TABLE gatehouse.scope_notes DROP CONSTRAINT scope_notes_pkey; CREATE UNIQUE INDEX scope_notes_pkey ON gatehouse.scope_notes (id)',
    qr/index scope_notes_pkey, of a constraint: yes -> none/],
  ['an order of a table', 'ALTER TABLE gatehouse.scopes CLUSTER ON scopes_pkey', qr/index scopes_pkey, state: none -> clustered/],
  ['an index that is a replica identity', 'ALTER TABLE gatehouse.scopes REPLICA IDENTITY USING INDEX scopes_pkey',
    qr/index scopes_pkey, state: none -> replica identity/],
  ['an index that was not built', q{UPDATE pg_index SET indisvalid = false WHERE indexrelid = 'gatehouse.sessions_user_id'::regclass},
    qr/index sessions_user_id, state: none -> invalid/],
  ['an extension that takes an index along', 'ALTER INDEX gatehouse.sessions_user_id DEPENDS ON EXTENSION plpgsql',
    qr/index sessions_user_id, depends on: none -> plpgsql/],
  ['another owner of statistics', sprintf($statistics, 'username, email') . '; ALTER STATISTICS gatehouse.more OWNER TO gatehouse_admin',
    qr/^statistics object gatehouse\.more, owner: /m, sprintf($statistics, 'username, email')],
  ['other statistics', sprintf($statistics, 'username, email_normal'),
    qr/^statistics object gatehouse\.more, definition: /m, sprintf($statistics, 'username, email')],
  ['another size of statistics', sprintf($statistics, 'username, email') . '; ALTER STATISTICS gatehouse.more SET STATISTICS 0',
    qr/^statistics object gatehouse\.more, statistics: none -> 0/m, sprintf($statistics, 'username, email')],
  # Of what fires, and of policies.
  ['another trigger', sprintf($trigger, 'BEFORE UPDATE'), qr/trigger more, definition: /, sprintf($trigger, 'AFTER UPDATE')],
  ['a trigger that is off', sprintf($trigger, 'AFTER UPDATE') . '; ALTER TABLE gatehouse.users DISABLE TRIGGER more', qr/trigger more, enabled: O -> D/,
    sprintf($trigger, 'AFTER UPDATE')],
  ['a comment on a trigger', sprintf($trigger, 'AFTER UPDATE') . q{; COMMENT ON TRIGGER more ON gatehouse.users IS 'x'}, qr/trigger more, comment: none -> x/,
    sprintf($trigger, 'AFTER UPDATE')],
  ['an extension that takes a trigger along', sprintf($trigger, 'AFTER UPDATE') . '; ALTER TRIGGER more ON gatehouse.users DEPENDS ON EXTENSION plpgsql',
    qr/trigger more, depends on: none -> plpgsql/, sprintf($trigger, 'AFTER UPDATE')],
  ['another rule', sprintf($rule, 'INSERT'), qr/rule more, definition: /, sprintf($rule, 'DELETE')],
  ['a rule that is off', sprintf($rule, 'DELETE') . '; ALTER TABLE gatehouse.users DISABLE RULE more',
    qr/rule more, enabled: O -> D/, sprintf($rule, 'DELETE')],
  ['a comment on a rule', sprintf($rule, 'DELETE') . q{; COMMENT ON RULE more ON gatehouse.users IS 'x'},
    qr/rule more, comment: none -> x/, sprintf($rule, 'DELETE')],
  ['an event trigger that is off', 'ALTER EVENT TRIGGER gatehouse_scope_watch DISABLE', qr/^event trigger gatehouse_scope_watch, enabled: A -> D/m],
  ['another owner of an event trigger', 'CREATE ROLE more SUPERUSER; ALTER EVENT TRIGGER gatehouse_scope_watch OWNER TO more',
    qr/^event trigger gatehouse_scope_watch, owner: postgres -> more/m],
  ['a dropped comment on an event trigger', 'COMMENT ON EVENT TRIGGER gatehouse_scope_watch IS NULL', qr/^event trigger gatehouse_scope_watch, comment: /m],
  ['another event', sprintf($watch, q{evtevent = 'sql_drop'}), qr/gatehouse_scope_watch, event: ddl_command_end -> sql_drop/],
  ['another function of an event trigger', sprintf($watch, q{evtfoid = 'gatehouse.watch_commands'::regproc}),
    qr/gatehouse_scope_watch, function: gatehouse\.watch_scopes\(\) -> gatehouse\.watch_commands\(\)/],
  ['other commands of an event trigger', sprintf($watch, q{evttags = '{ALTER VIEW}'}), qr/gatehouse_scope_watch, tags: ALTER SEQUENCE -> ALTER VIEW/],
  ['a policy for another command', $policy =~ s/FOR UPDATE/FOR ALL/r, qr/policy more, command: w permissive -> \* permissive/, $policy],
  ['a restrictive policy', $policy =~ s/FOR UPDATE/AS RESTRICTIVE FOR UPDATE/r, qr/policy more, command: w permissive -> w restrictive/, $policy],
  ['a policy for others', "$policy; ALTER POLICY more ON gatehouse.users TO PUBLIC", qr/policy more, roles: gatehouse_app -> PUBLIC/, $policy],
  ['a policy that lets others be seen', "$policy; ALTER POLICY more ON gatehouse.users USING (false)", qr/policy more, using: true -> false/, $policy],
  ['a policy that lets others be written', "$policy; ALTER POLICY more ON gatehouse.users WITH CHECK (false)", qr/policy more, check: true -> false/, $policy],
  ['a comment on a policy', "$policy; COMMENT ON POLICY more ON gatehouse.users IS 'x'", qr/policy more, comment: none -> x/, $policy],
);

# Relations have their properties in common, and so have functions and aggregates.
sub kind_of {
  my ($object) = @_;
  return $1 if $object =~ /, (column|constraint|index|trigger|rule|policy) /;
  return 'relation' if $object =~ /^(?:table|view|materialized view|sequence) /;
  return 'function' if $object =~ /^(?:aggregate|procedure) /;
  return $1 if $object =~ /^(event trigger|statistics object|default privileges|\S+) /;
}
my %not_planted = (member => 'what is no member is not there at all');
my (%printed, %planted);
sub note_printed {
  my ($snapshot) = @_;
  for my $object (keys %$snapshot) {
    $printed{kind_of($object) . ", $_"} = 1 for grep { !$not_planted{$_} } keys %{$snapshot->{$object}};
  }
}

note_printed($original);
my %otherwise;
for my $fault (@faults) {
  my ($what, $statements, $seen, $otherwise) = @$fault;
  my $left = defined $otherwise ? $otherwise{$otherwise} //= Snapshot::take($node->connstr('original'), $otherwise) : $original;
  my $right = Snapshot::take($node->connstr('original'), $statements);
  note_printed($_) for $left, $right;
  my @found = Snapshot::differences($left, $right);
  like(join("\n", @found), $seen, "noticed: $what");
  /^(.+?), ([a-z ]+): .* -> /s && ($planted{kind_of($1) . ", $2"} = 1) for grep { $_ =~ $seen } @found;
}
is(join("\n", grep { !$planted{$_} } sort keys %printed), '', 'a change of each property that is printed was noticed');
is(join("\n", Snapshot::differences($original, Snapshot::take($node->connstr('original')))), '', 'and nothing of it was left behind');

# A member of a kind that the comparer does not know is no silent equality.
$node->safe_psql('again', q{CREATE COLLATION gatehouse.more FROM "C"; ALTER EXTENSION gatehouse ADD COLLATION gatehouse.more});
my $unknown = Snapshot::take($node->connstr('again'));
like(join("\n", Snapshot::differences($unknown, $unknown)), qr/not compared: .* knows nothing of pg_collation/,
  'an unknown kind of member is reported even where both have it');

$node->stop;
done_testing();
