# Databases filled with API keys: gatehouse's own, and the same keys in the table of somebody who writes it in PL/pgSQL.
package KeyTable;
use strict;
use warnings;

# How many keys are presented: bench.presented holds as many, drawn at random, with their ids; bench.repeated holds as many
# calls, each of REPEATED keys as often, in no order.
use constant {CALLS => 100_000, REPEATED => 10_000};
# Making a key costs more than storing it: of more keys than these, most are rows whose key nobody knows.
use constant {MADE => 200_000, OWNERS => 100_000};

# The database of that many keys on the server, with the peers where they are wanted.
sub database {
  my ($bench, $server, $keys, $with_peers) = @_;
  return $server->database("keys_$keys", sub {
    my ($database) = @_;
    $bench->say_now("make $keys keys");
    $server->sql($database, made($keys) . probes() . ($with_peers ? peers() : ''));
  });
}

sub least { return $_[0] < $_[1] ? $_[0] : $_[1] }

sub made {
  my ($keys) = @_;
  my $users = least(int($keys / 10) || 1, OWNERS);
  my $each = int($keys / least($keys, MADE));
  my $made = int($keys / $each);
  my ($calls, $repeated) = (CALLS, least(REPEATED, $made));
  my $times = int($calls / $repeated);
  return <<"SQL";
SELECT gatehouse.register_scope('read:orders');
SELECT gatehouse.register_scope('write:orders');
INSERT INTO gatehouse.users (id, email, email_normal, username, username_normal, is_superuser, is_verified, is_active, profile,
                             created_at, updated_at)
SELECT gatehouse.uuid_v7(), 'u' || i || '\@example.com', 'u' || i || '\@example.com', 'u' || i, 'u' || i, false, true, true, '{}',
       now(), now()
  FROM generate_series(1, $users) i;
CREATE UNLOGGED TABLE bench.owners AS SELECT row_number() OVER () AS n, id FROM gatehouse.users;
CREATE UNIQUE INDEX ON bench.owners (n);
CREATE UNLOGGED TABLE bench.made AS
SELECT i AS n, gatehouse.uuid_v7() AS id, (m).* FROM (SELECT i, gatehouse.make_api_key() AS m FROM generate_series(1, $made) i OFFSET 0) x;
CREATE UNIQUE INDEX ON bench.made (n);
ANALYZE bench.owners, bench.made;
-- The owners are there: no key needs to ask.
SET session_replication_role = replica;
INSERT INTO gatehouse.api_keys (id, lookup_id, owner_is_live, ring_key_id, key_digest, user_id, expires_at, name, hint, scopes,
                                created_at)
SELECT coalesce(m.id, gatehouse.uuid_v7()), coalesce(m.lookup_id, ('x' || left(encode(s.digest, 'hex'), 15))::bit(60)::bigint), true,
       coalesce(m.ring_key_id, 1), coalesce(m.key_digest, s.digest), o.id, now() + interval '1 year', 'key ' || i, coalesce(m.hint, 'sk_none...'),
       '{read:orders,write:orders}', now()
  FROM generate_series(1, $keys) i
  CROSS JOIN LATERAL (SELECT sha256(i::text::bytea) AS digest OFFSET 0) s
  LEFT JOIN bench.made m ON i % $each = 0 AND m.n = i / $each
  JOIN bench.owners o ON o.n = 1 + i % $users;
RESET session_replication_role;
CREATE UNLOGGED TABLE bench.drawn AS SELECT i, 1 + floor(random() * $made)::bigint AS n FROM generate_series(1, $calls) i;
CREATE UNLOGGED TABLE bench.presented AS
SELECT d.i, m.api_key, m.id, m.lookup_id FROM bench.drawn d JOIN bench.made m USING (n) ORDER BY d.i;
CREATE UNLOGGED TABLE bench.repeated AS
SELECT m.api_key, m.id, m.lookup_id FROM (SELECT * FROM bench.made ORDER BY random() LIMIT $repeated) m, generate_series(1, $times)
 ORDER BY random();
VACUUM (FREEZE, ANALYZE) gatehouse.api_keys, gatehouse.users, bench.presented, bench.repeated;
SQL
}

# The bare probe in C, through the same wrapper as gatehouse's own.
sub probes {
  return <<'SQL';
CREATE FUNCTION bench.probe(id bigint, searched regclass, by_index regclass) RETURNS uuid
AS '$libdir/bench_probe', 'bench_probe_bigint' LANGUAGE c STABLE STRICT;
CREATE FUNCTION bench.probe(id uuid, searched regclass, by_index regclass) RETURNS uuid
AS '$libdir/bench_probe', 'bench_probe_uuid' LANGUAGE c STABLE STRICT;
CREATE FUNCTION bench.find(id bigint) RETURNS TABLE (api_key_id uuid) LANGUAGE sql STABLE ROWS 1
BEGIN ATOMIC
  SELECT v.found FROM (SELECT bench.probe(find.id, 'gatehouse.api_keys', 'gatehouse.api_keys_lookup_id_key') AS found OFFSET 0) v
   WHERE v.found IS NOT NULL;
END;
CREATE FUNCTION bench.find(id uuid) RETURNS TABLE (api_key_id uuid) LANGUAGE sql STABLE ROWS 1
BEGIN ATOMIC
  SELECT v.found FROM (SELECT bench.probe(find.id, 'gatehouse.api_keys', 'gatehouse.api_keys_pkey') AS found OFFSET 0) v
   WHERE v.found IS NOT NULL;
END;
SQL
}

# The peer has the same columns and gives the same; its function is in the form that costs least, one row as a
# composite, called through the same wrapper as gatehouse's own.
sub peers {
  return <<'SQL';
CREATE TABLE bench.keys (
  id uuid PRIMARY KEY, key_sha256 bytea NOT NULL UNIQUE, user_id uuid NOT NULL, owner_is_live boolean NOT NULL, name text NOT NULL,
  scopes text[] NOT NULL, expires_at timestamptz, deactivated_at timestamptz
);
INSERT INTO bench.keys
SELECT k.id, sha256(coalesce(m.api_key, k.name)::bytea), k.user_id, true, k.name, k.scopes, k.expires_at, NULL
  FROM gatehouse.api_keys k LEFT JOIN bench.made m USING (id) ORDER BY k.id;
VACUUM (FREEZE, ANALYZE) bench.keys;
CREATE TYPE bench.key_match AS (api_key_id uuid, user_id uuid, scopes text[], name text, expires_at timestamptz);
CREATE FUNCTION bench.match_key(api_key text, required_scopes text[]) RETURNS bench.key_match LANGUAGE plpgsql STABLE AS $$
DECLARE
  matched bench.key_match;
BEGIN
  SELECT k.id, k.user_id, k.scopes, k.name, k.expires_at INTO matched
    FROM bench.keys k
   WHERE k.key_sha256 = sha256(match_key.api_key::bytea)
     AND k.deactivated_at IS NULL AND k.owner_is_live
     AND (k.expires_at IS NULL OR k.expires_at > clock_timestamp())
     AND k.scopes @> match_key.required_scopes;
  RETURN matched;
END
$$;
CREATE FUNCTION bench.verify_key(api_key text, required_scopes text[] DEFAULT '{}')
RETURNS TABLE (api_key_id uuid, user_id uuid, scopes text[], name text, expires_at timestamptz) LANGUAGE sql STABLE ROWS 1
BEGIN ATOMIC
  SELECT (v.matched).api_key_id, (v.matched).user_id, (v.matched).scopes, (v.matched).name, (v.matched).expires_at
    FROM (SELECT bench.match_key(verify_key.api_key, verify_key.required_scopes) AS matched OFFSET 0) v
   WHERE (v.matched).api_key_id IS NOT NULL;
END;
SQL
}

1;
