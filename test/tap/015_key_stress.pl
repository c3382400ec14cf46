# Many sessions verify keys while others rotate, end, delete, change and roll back, and the table is vacuumed, rewritten and indexed
# anew: no key opens that had ended before, none opens as another, and none that lives is refused. On a standby, too. Fault: the
# number of the index taken before the table is locked.
use strict;
use warnings;
use FindBin;
use lib $FindBin::RealBin;
use GatehouseNode;
use IPC::Run ();
use Test::More;

my $primary = GatehouseNode::node('key_stress', autovacuum => 'off', wal_level => 'replica', max_wal_senders => 4);
my $db = GatehouseNode::database($primary, 'key_stress');
my $seconds = 15;

# What is written down of a key changes in the transaction that changes the key. So who sees it ended, and asks then, must be refused.
$primary->safe_psql($db, <<'SQL');
CREATE TABLE known (number serial PRIMARY KEY, id uuid, api_key text, ended boolean NOT NULL DEFAULT false);
INSERT INTO known (id, api_key) SELECT k.id, k.api_key FROM generate_series(1, 1000) i, LATERAL (SELECT * FROM gatehouse.create_api_key(NULL, 'key ' || i)) k;
CREATE FUNCTION picked(also_ended boolean) RETURNS known LANGUAGE plpgsql AS $$
DECLARE
  known public.known;
BEGIN
  SELECT k.* INTO known FROM public.known k
   WHERE k.number >= random() * (SELECT max(number) FROM public.known) AND (also_ended OR NOT k.ended) ORDER BY k.number LIMIT 1;
  RETURN known;
END
$$;
CREATE FUNCTION verify(times integer, OUT opened bigint, OUT refused bigint, OUT faults text) LANGUAGE plpgsql AS $$
DECLARE
  known public.known;
  found_id uuid;
  has_ended boolean;
BEGIN
  opened := 0;
  refused := 0;
  FOR i IN 1 .. times LOOP
    known := public.picked(random() < 0.5);
    CONTINUE WHEN known.id IS NULL;
    SELECT api_key_id INTO found_id FROM gatehouse.verify_api_key(known.api_key);
    IF found_id IS NULL THEN
      refused := refused + 1;
      SELECT k.ended INTO has_ended FROM public.known k WHERE k.number = known.number;
      faults := concat(faults, CASE WHEN NOT has_ended THEN 'refused ' END);
    ELSE
      opened := opened + 1;
      faults := concat(faults, CASE WHEN known.ended THEN 'ended ' END, CASE WHEN found_id <> known.id THEN 'another ' END);
    END IF;
  END LOOP;
  faults := nullif(faults, '');
END
$$;
CREATE FUNCTION change() RETURNS void LANGUAGE plpgsql AS $$
DECLARE
  known public.known;
  chance CONSTANT double precision := random();
BEGIN
  known := public.picked(false);
  SELECT k.* INTO known FROM public.known k WHERE k.number = known.number AND NOT k.ended FOR UPDATE SKIP LOCKED;
  IF NOT FOUND OR chance < 0.4 THEN
    INSERT INTO public.known (id, api_key) SELECT id, api_key FROM gatehouse.create_api_key(NULL, 'new');
  ELSIF chance < 0.6 THEN
    UPDATE gatehouse.api_keys SET name = repeat('x', (random() * 100)::integer + 1) WHERE id = known.id;
  ELSE
    UPDATE public.known k SET ended = true WHERE k.number = known.number;
    IF chance < 0.7 THEN
      DELETE FROM gatehouse.api_keys WHERE id = known.id;
    ELSIF chance < 0.8 THEN
      PERFORM gatehouse.deactivate_api_key(known.id);
    ELSE
      INSERT INTO public.known (id, api_key) SELECT id, api_key FROM gatehouse.rotate_api_key(known.id);
    END IF;
  END IF;
  IF random() < 0.25 THEN
    RAISE EXCEPTION 'undone';
  END IF;
EXCEPTION WHEN raise_exception THEN
  NULL;
END
$$;
SQL
my $standby = GatehouseNode::standby($primary, 'key_stress_standby');

sub script { my ($name, $text) = @_; my $path = $primary->basedir . "/$name.sql"; PostgreSQL::Test::Utils::append_to_file($path, $text); return $path }
sub bench {
  my ($node, $clients, $text, $name) = @_;
  my ($out, $error) = ('', '');
  my $run = IPC::Run::start(['pgbench', '-n', '-h', $node->host, '-p', $node->port, '-c', $clients, '-T', $seconds, '-f', script($name, $text), $db],
    '>', \$out, '2>', \$error, IPC::Run::timeout(180 + $seconds));
  return sub { ok($run->finish, "$name: no error") or diag($error); my ($done) = $out =~ /actually processed: (\d+)/; cmp_ok($done // 0, '>', 0, "$name: some were done") };
}
# A fault divides by zero, which ends pgbench.
my $verifies = "SELECT 1 / (faults IS NULL)::integer FROM verify(100);\n";
my @running = (bench($primary, 3, $verifies, 'read committed'), bench($primary, 1, "BEGIN ISOLATION LEVEL SERIALIZABLE READ ONLY;\nSELECT count(opened) FROM verify(20);\nEND;\n", 'serializable'),
  bench($primary, 2, "SELECT change();\n", 'changes'), bench($standby, 2, $verifies, 'standby'));
my @disturbances = ('VACUUM gatehouse.api_keys', 'BEGIN; TRUNCATE gatehouse.api_keys CASCADE; ROLLBACK', 'REINDEX TABLE CONCURRENTLY gatehouse.api_keys',
  'VACUUM FULL gatehouse.api_keys', 'DELETE FROM gatehouse.api_keys WHERE expires_at <= clock_timestamp()', 'CLUSTER gatehouse.api_keys USING api_keys_lookup_id_key');
my ($rounds, $failed) = (0, 0);
for (my $until = time + $seconds; time < $until; ++$rounds) {
  $failed += $primary->psql($db, $disturbances[$rounds % @disturbances]) != 0;
}
$_->() for @running;
cmp_ok($rounds, '>', @disturbances, 'all disturbances came');
is($failed, 0, 'and none failed');
my ($opened, $refused, $faults) = split /\|/, $primary->safe_psql($db, 'SELECT * FROM verify(3000)');
cmp_ok($opened, '>', 0, 'some keys open at last');
cmp_ok($refused, '>', 0, 'and some don\'t');
is($faults, '', 'all of them the right ones');

$standby->stop;
$primary->stop;
done_testing();
