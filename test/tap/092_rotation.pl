# Rotation of API keys in many hands at once, across a kill of the server, through a dump, and on a standby.
use strict;
use warnings;
use FindBin;
use lib $FindBin::RealBin;
use GatehouseNode;
use PostgreSQL::Test::Cluster;
use PostgreSQL::Test::Utils;
use Test::More;

my $node = GatehouseNode::node('rotation', max_connections => 100, shared_preload_libraries => 'gatehouse', wal_level => 'replica', max_wal_senders => 4);
my $db = GatehouseNode::database($node, 'identity');

sub sql { return $node->safe_psql($db, $_[0]) }

sql('CREATE TABLE answer (client int, what text); CREATE TABLE old (what text, id uuid, api_key text)');
my $ada = sql(q{SELECT id FROM gatehouse.create_user('ada@example.com', 'ada')});

# A new key to rotate.
sub make_key {
  my ($owner) = @_;
  sql(qq{TRUNCATE answer, old; INSERT INTO old SELECT 'old', k.id, k.api_key FROM gatehouse.create_api_key($owner, 'key') k});
}

# Fifty clients rotate the one key; their answers as "what: how often".
sub answers {
  my ($name, $level, $call) = @_;
  my $file = $node->basedir . "/$name.sql";
  $file =~ s/ /_/g;
  append_to_file($file, <<"EOS");
BEGIN ISOLATION LEVEL $level;
SELECT count(*) FROM answer;
DO \$\$
BEGIN
  INSERT INTO answer SELECT :client_id, CASE count(*) WHEN 1 THEN 'rotated' ELSE 'refused' END FROM (SELECT $call FROM old o WHERE o.what = 'old') c;
EXCEPTION WHEN serialization_failure THEN
  INSERT INTO answer VALUES (:client_id, 'again');
END
\$\$;
COMMIT;
EOS
  ok(run_log(['pgbench', '-n', '-h', $node->host, '-p', $node->port, '-c', 50, '-j', 2, '-t', 1, '-f', $file, $db]), "$name: every client came to its end");
  return sql(q{SELECT string_agg(what || ': ' || n, ', ' ORDER BY n DESC, what) FROM (SELECT what, count(*) AS n FROM answer GROUP BY what) a});
}

sub living { return sql(q{SELECT count(*) FROM gatehouse.api_keys WHERE deactivated_at IS NULL AND (expires_at IS NULL OR expires_at > clock_timestamp())}) }

for my $owner ("'$ada'", 'NULL') {
  my $whose = $owner eq 'NULL' ? 'a service key' : 'a key of an account';
  for my $level ('READ COMMITTED', 'REPEATABLE READ') {
    for my $overlap ('0', '1 hour') {
      my $name = "$whose at " . lc($level) . " with overlap $overlap";
      sql('UPDATE gatehouse.api_keys SET deactivated_at = clock_timestamp()');
      make_key($owner);
      my $answers = answers($name, $level, "(gatehouse.rotate_api_key(o.id, overlap => '$overlap')).id");
      like($answers, qr/\brotated: 1(?!\d)/, "$name: of fifty rotations one wins");
      is(sql('SELECT count(*) FROM answer'), 50, "$name: each had an answer");
      unlike($answers, qr/again/, "$name: and none is told to try again") if $level eq 'READ COMMITTED';
      is(living(), $overlap eq '0' ? 1 : 2, "$name: one successor lives" . ($overlap eq '0' ? '' : ', beside the old key'));
    }
  }
}

# Fifty rotations, fifty ends of all keys: whatever wins, in the end there is none.
sql('UPDATE gatehouse.api_keys SET deactivated_at = clock_timestamp()');
sql(qq{TRUNCATE old; INSERT INTO old SELECT 'old', k.id, k.api_key FROM generate_series(1, 25) i, LATERAL gatehouse.create_api_key('$ada', 'key ' || i) k});
my $rotate = $node->basedir . '/rotate.sql';
append_to_file($rotate, qq{SELECT count(r.id) FROM (SELECT id FROM old ORDER BY id OFFSET :client_id % 25 LIMIT 1) o, LATERAL gatehouse.rotate_api_key(o.id, overlap => '1 hour') r;\n});
my $end = $node->basedir . '/end.sql';
append_to_file($end, qq{SELECT gatehouse.deactivate_user_api_keys('$ada');\n});
ok(run_log(['pgbench', '-n', '-h', $node->host, '-p', $node->port, '-c', 50, '-j', 2, '-t', 4, '-f', $rotate, '-f', $end, $db]), 'rotations beside the end of all keys come to their ends');
sql("SELECT gatehouse.deactivate_user_api_keys('$ada')");
is(living(), 0, 'after the last end no key lives');
is(sql(q{SELECT count(*) FROM gatehouse.api_keys o WHERE o.rotated_to IS NOT NULL AND NOT EXISTS (SELECT FROM gatehouse.api_keys n WHERE n.id = o.rotated_to)}), 0,
  'every rotated key has its successor');

# A crash between rotation and commit, and after.
make_key("'$ada'");
my $key = sql('SELECT api_key FROM old');
my ($in, $out, $timer) = ('', '', IPC::Run::timeout($PostgreSQL::Test::Utils::timeout_default));
my $psql = IPC::Run::start(['psql', '-X', '-At', '-d', $node->connstr($db)], '<', \$in, '>', \$out, '2>', \my $complaint, $timer);
$in .= "BEGIN;\nSELECT 'rotated ' || count(r.id) FROM old o, gatehouse.rotate_api_key(o.id) r;\n";
IPC::Run::pump($psql) until $out =~ /^rotated 1$/m;
GatehouseNode::crash($node);
$psql->kill_kill;
is(sql("SELECT count(*) FROM gatehouse.verify_api_key('$key')"), 1, 'a rotation that a crash cut off has not happened: the old key works');
my $new = sql(q{SELECT r.api_key FROM old o, gatehouse.rotate_api_key(o.id, overlap => '1 hour') r});
GatehouseNode::crash($node);
is(sql("SELECT count(*) FROM gatehouse.verify_api_key('$key')"), 1, 'after one that was committed the old key works through its overlap');
is(sql("SELECT count(*) FROM gatehouse.verify_api_key('$new')"), 1, 'and the new one');

# A dump brings the overlap back.
$node->safe_psql('postgres', 'CREATE DATABASE restored TEMPLATE template0');
my $dump = $node->basedir . '/dump.sql';
ok(run_log(['pg_dump', '-d', $node->connstr($db), '-f', $dump]), 'the database is dumped');
ok(run_log(['psql', '-X', '-q', '-v', 'ON_ERROR_STOP=1', '-d', $node->connstr('restored'), '-f', $dump]), 'and restored');
is($node->safe_psql('restored', "SELECT string_agg(status, ' ') FROM unnest(ARRAY['$key', '$new']) k, LATERAL gatehouse.check_api_key(k)"), 'ok ok', 'both keys work there');
is($node->safe_psql('restored', q{SELECT count(*) FROM old o, gatehouse.rotate_api_key(o.id) r}), 0, 'and the old one is not rotated again');

# A standby tells, and changes nothing.
my $standby = GatehouseNode::standby($node, 'standby');
is($standby->safe_psql($db, "SELECT status FROM gatehouse.check_api_key('$key')"), 'ok', 'a standby checks a key');
is($standby->safe_psql($db, "SELECT count(*) FROM gatehouse.get_user_api_keys('$ada', 100)") > 0, 1, 'lists keys');
is($standby->safe_psql($db, 'SELECT k.status FROM old o, gatehouse.get_api_key_by_id(o.id) k'), 'active', 'and finds one');
my $id = sql('SELECT id FROM old');
for my $call ("rotate_api_key('$id')", "update_api_key('$id', '{}')", "deactivate_api_key('$id')", "deactivate_user_api_keys('$ada')") {
  my (undef, undef, $error) = $standby->psql($db, "\\set VERBOSITY sqlstate\nSELECT gatehouse.$call");
  my ($function) = $call =~ /^(\w+)/;
  like($error, qr/25006/, "$function writes, so the standby refuses it with 25006");
}
$standby->stop;

done_testing();
