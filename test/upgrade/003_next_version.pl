# A next version for tests only walks the way that every version will walk: fresh = upgraded = restored, in catalog and data.
use strict;
use warnings;
use FindBin;
use lib $FindBin::Bin, "$FindBin::Bin/../tap";
use NextVersion;
use Snapshot;
use Stage;
use Test::More;
use Walk;

my $stage = Stage->copy_of($ENV{GATEHOUSE_STAGE});
my $current = $stage->default_version;
my $next = NextVersion::put_into($stage);
my ($fresh, $upgraded, $restored) = Walk::walk($stage, $current, $next);

# The checks of the data are awake: each loss that an upgrade could bring is seen.
my %loss = (
  'a hash' => q{UPDATE gatehouse.password_credentials SET password_hash = overlay(password_hash PLACING 'AAAA' FROM 60)
                 WHERE password_hash LIKE '$argon2id%'},
  'an account' => q{DELETE FROM gatehouse.users WHERE username = 'boris'},
  'the address by which an account is found' => q{UPDATE gatehouse.users SET email_normal = email},
  'a key' => q{UPDATE gatehouse.api_keys SET key_digest = sha256(key_digest) WHERE name = 'scoped'},
  'the networks of a key' => q{UPDATE gatehouse.api_keys SET ip_allow = NULL},
  'the end of a key' => q{UPDATE gatehouse.api_keys SET deactivated_at = NULL},
  'a session' => q{UPDATE gatehouse.sessions SET locator_digest = sha256(locator_digest) WHERE device = 'first'},
  'the key of a token' => q{UPDATE gatehouse.sessions SET ring_key_id = 0},
  'the end of a session' => q{UPDATE gatehouse.sessions SET revoked_at = NULL},
  'a change' => q{DELETE FROM gatehouse.row_change_log WHERE operation = 'U'},
  'a hash of keys' => q{UPDATE gatehouse.row_change_log SET key_hash = key_hash + 1},
  'an event' => q{DELETE FROM gatehouse.events WHERE event_type = 'thing.opened'},
  'the details of an event' => q{UPDATE gatehouse.event_details SET ip = NULL},
  'a count of failures' => q{DELETE FROM gatehouse.login_throttles},
  'a known address' => q{DELETE FROM gatehouse.known_addresses},
  'the trigger of an audited table' => q{ALTER TABLE public.upgrade_audited DISABLE TRIGGER "!gatehouse_audit"},
);
for my $what (sort keys %loss) {
  like(Walk::checks_of($upgraded, 'upgraded', $current, $loss{$what}), qr/^not ok /, "the checks notice that $what was lost");
}

# The comparison is awake to a script that forgot its closing part: default privileges of whoever upgrades leak.
my $leaky = Stage->copy_of($stage->root);
(my $script = $leaky->script("$current--$next")) =~ s/\Q${\ $leaky->closing_part($next)}\E// or die "there is no closing part\n";
$leaky->put_script("$current--$next", $script);
my $leaked = Walk::server($leaky, 'leaked');
$leaked->safe_psql('postgres', 'CREATE ROLE upgrade_reader');
Walk::install($leaked, 'leaked', $current);
Walk::upgrade($leaked, 'leaked', $next);
my $differences = join "\n", Snapshot::differences(Snapshot::take($fresh->connstr('fresh')), Snapshot::take($leaked->connstr('leaked')));
like($differences, qr/^\Q$_\E.*, grants: .* -> .*\bupgrade_reader:/m, "a script without its closing part is noticed by $_")
  for 'table gatehouse.scope_notes', 'sequence gatehouse.scope_note_id_seq', 'function gatehouse.count_scopes(text)', 'type gatehouse.scope_use';
$leaked->stop;

$_->stop for $fresh, $upgraded, $restored;
done_testing();
