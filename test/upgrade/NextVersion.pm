# A next version for tests only: what a release would bring, as the scripts of a release would say it. Its install script is
# made from the current one, so that this holds for every current version; its upgrade script is written by hand.
package NextVersion;
use strict;
use warnings;

my $upgrade = <<'SQL';
\echo Use "ALTER EXTENSION gatehouse UPDATE" to load this file. \quit

CREATE OR REPLACE FUNCTION gatehouse.version() RETURNS text
LANGUAGE sql IMMUTABLE PARALLEL SAFE
RETURN '@NEXT@';

-- A column with a default and a constraint, on a table that has rows.
ALTER TABLE gatehouse.scopes
  ADD COLUMN place integer DEFAULT 0 NOT NULL CONSTRAINT scopes_place_check CHECK (place >= 0);
COMMENT ON COLUMN gatehouse.scopes.place IS 'where it stands in a list';
COMMENT ON TABLE gatehouse.scopes IS 'the scopes that API keys may be given, in their order';

-- A function that does the same in other words.
CREATE OR REPLACE FUNCTION gatehouse.get_scopes(OUT name text, OUT description text) RETURNS SETOF record
LANGUAGE sql STABLE SECURITY DEFINER ROWS 50
SET search_path = pg_catalog, pg_temp
AS $$
  SELECT o.name, o.description FROM gatehouse.scopes o ORDER BY o.place, o.name
$$;
COMMENT ON FUNCTION gatehouse.get_scopes() IS 'the registered scopes, by place and name';
GRANT EXECUTE ON FUNCTION gatehouse.get_scopes() TO gatehouse_auditor;
@ADDED@
SELECT gatehouse.record_extension_update('@CURRENT@', '@NEXT@');
@WATCHED@
@CLOSING@
SQL

# What is the same in both scripts.
my $added = <<'SQL';

CREATE TYPE gatehouse.scope_use AS (name text, live_keys bigint);
COMMENT ON TYPE gatehouse.scope_use IS 'how many live keys hold a scope';
REVOKE ALL ON TYPE gatehouse.scope_use FROM PUBLIC;
GRANT USAGE ON TYPE gatehouse.scope_use TO gatehouse_admin, gatehouse_owner;

CREATE DOMAIN gatehouse.scope_note AS text COLLATE "C"
  CONSTRAINT scope_note_check CHECK (octet_length(VALUE) <= 1000 AND VALUE OPERATOR(pg_catalog.<>) E'\\\\');
ALTER DOMAIN gatehouse.scope_note OWNER TO gatehouse_owner;
COMMENT ON DOMAIN gatehouse.scope_note IS 'a remark on a scope';
REVOKE ALL ON TYPE gatehouse.scope_note FROM PUBLIC;

CREATE SEQUENCE gatehouse.scope_note_id_seq AS bigint CACHE 5;
ALTER SEQUENCE gatehouse.scope_note_id_seq OWNER TO gatehouse_owner;
COMMENT ON SEQUENCE gatehouse.scope_note_id_seq IS 'ids of remarks';

CREATE TABLE gatehouse.scope_notes (
  id bigint DEFAULT nextval('gatehouse.scope_note_id_seq') NOT NULL,
  scope text COLLATE "C" NOT NULL,
  note gatehouse.scope_note,
  size integer GENERATED ALWAYS AS (length(note)) STORED,
  CONSTRAINT scope_notes_pkey PRIMARY KEY (id),
  CONSTRAINT scope_notes_scope_fkey FOREIGN KEY (scope) REFERENCES gatehouse.scopes (name) ON DELETE CASCADE
) WITH (fillfactor = 70);
ALTER TABLE gatehouse.scope_notes OWNER TO gatehouse_owner;
COMMENT ON TABLE gatehouse.scope_notes IS 'remarks on scopes';
COMMENT ON COLUMN gatehouse.scope_notes.note IS 'what was remarked';
CREATE INDEX scope_notes_scope ON gatehouse.scope_notes (scope) WHERE note IS NOT NULL;
COMMENT ON INDEX gatehouse.scope_notes_scope IS 'the remarks on a scope';
SELECT pg_extension_config_dump('gatehouse.scope_notes', '');
SELECT pg_extension_config_dump('gatehouse.scope_note_id_seq', '');

CREATE VIEW gatehouse.noted_scopes WITH (security_barrier = true) AS
SELECT n.scope, count(*) AS notes FROM gatehouse.scope_notes n GROUP BY n.scope;
ALTER VIEW gatehouse.noted_scopes OWNER TO gatehouse_owner;
COMMENT ON VIEW gatehouse.noted_scopes IS 'scopes with remarks';
COMMENT ON COLUMN gatehouse.noted_scopes.notes IS 'how many';
GRANT SELECT ON gatehouse.noted_scopes TO gatehouse_auditor;

CREATE FUNCTION gatehouse.count_scopes(pattern text DEFAULT '%') RETURNS bigint
LANGUAGE plpgsql STABLE SECURITY DEFINER COST 200
SET search_path = pg_catalog, pg_temp
AS $$
BEGIN
  RETURN (SELECT count(*) FROM gatehouse.scopes s WHERE s.name LIKE pattern);
END
$$;
COMMENT ON FUNCTION gatehouse.count_scopes(text) IS 'how many scopes have a name like this';
ALTER FUNCTION gatehouse.count_scopes(text) OWNER TO gatehouse_owner;
REVOKE ALL ON FUNCTION gatehouse.count_scopes(text) FROM PUBLIC;
GRANT EXECUTE ON FUNCTION gatehouse.count_scopes(text) TO gatehouse_app;

CREATE FUNCTION gatehouse.watch_scopes() RETURNS event_trigger
LANGUAGE plpgsql
SET search_path = pg_catalog, pg_temp
AS $$
BEGIN
  IF EXISTS (SELECT FROM pg_event_trigger_ddl_commands() c WHERE c.in_extension) THEN
    RAISE EXCEPTION 'the script goes on after its event triggers';
  END IF;
END
$$;
COMMENT ON FUNCTION gatehouse.watch_scopes() IS 'keeps scripts from changing a sequence';
REVOKE ALL ON FUNCTION gatehouse.watch_scopes() FROM PUBLIC;
SQL

# What would fire for the rest of a script comes last.
my $watching = <<'SQL';

CREATE EVENT TRIGGER gatehouse_scope_watch ON ddl_command_end WHEN TAG IN ('ALTER SEQUENCE')
  EXECUTE FUNCTION gatehouse.watch_scopes();
ALTER EVENT TRIGGER gatehouse_scope_watch ENABLE ALWAYS;
COMMENT ON EVENT TRIGGER gatehouse_scope_watch IS E'keeps scripts from \\changing a sequence';
SQL

# In the current install script: what a release would have edited.
my @edits = (
  [qr/(FUNCTION gatehouse\.version\(\) RETURNS text\s+LANGUAGE sql IMMUTABLE PARALLEL SAFE\s+RETURN ')[^']*'/ => sub {"$1$_[0]'"}],
  [qr/(CREATE TABLE gatehouse\.scopes \([^;]*?)(\n\);)/ =>
      sub {"$1,\n  place integer NOT NULL DEFAULT 0 CONSTRAINT scopes_place_check CHECK (place >= 0)$2"}],
  [qr/(COMMENT ON TABLE gatehouse\.scopes IS 'the scopes that API keys may be given)'/ =>
      sub {"$1, in their order';\nCOMMENT ON COLUMN gatehouse.scopes.place IS 'where it stands in a list'"}],
  [qr/(FUNCTION gatehouse\.get_scopes\([^;]*?SECURITY DEFINER)(\s)/ => sub {"$1 ROWS 50$2"}],
  [qr/SELECT s\.name, s\.description FROM gatehouse\.scopes s ORDER BY s\.name\n/ =>
      sub {"SELECT o.name, o.description FROM gatehouse.scopes o ORDER BY o.place, o.name\n"}],
  [qr/(COMMENT ON FUNCTION gatehouse\.get_scopes\(\) IS 'the registered scopes, by) name'/ => sub {"$1 place and name'"}],
  [qr/(GRANT EXECUTE ON FUNCTION gatehouse\.get_scopes\(\) TO )/ => sub {"$1gatehouse_auditor, "}],
);

# put_into(stage): the next version beside the current one, and its default. Gives its name.
sub put_into {
  my ($stage) = @_;
  my $current = $stage->default_version;
  my ($major, $minor) = $current =~ /^(\d+)\.(\d+)$/ or die "not a version: $current\n";
  my $next = "$major." . ($minor + 1) . 'test';

  my $install = $stage->script($current);
  for my $edit (@edits) {
    my ($pattern, $replacement) = @$edit;
    $install =~ s/$pattern/$replacement->($next)/e
      or die "gatehouse--$current.sql has changed where the next version for tests edits it: no $pattern\n";
  }
  my $closing = $stage->closing_part($current);
  $install =~ s/\Q$closing\E/$added$watching\n$closing/ or die "gatehouse--$current.sql has no closing part\n";
  $stage->put_script($next, $install);
  (my $script = $upgrade) =~ s/\@NEXT\@/$next/g;
  $script =~ s/\@CURRENT\@/$current/;
  $script =~ s/\@WATCHED\@/$watching/;
  $script =~ s/\@ADDED\@/$added/;
  $script =~ s/\@CLOSING\@/$closing/;
  $stage->put_script("$current--$next", $script);
  $stage->default_version($next);
  return $next;
}

1;
