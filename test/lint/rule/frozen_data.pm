package rule::frozen_data;
use strict;
use warnings;
use Digest::SHA qw(sha256_hex);

sub rule { 'what a released version wrote is kept, and never written again: test/upgrade/data/frozen.sha256' }

sub mend {
  return 'Put the file back as it was. For a version that is released now: `test/upgrade/freeze <version>` with its own library.';
}

my $list = 'test/upgrade/data/frozen.sha256';

sub violations {
  my ($class, $tree) = @_;
  my (@found, %frozen);
  for my $line (grep { !/^\s*(?:#|$)/ } split /\n/, $tree->text($list)) {
    my ($checksum, $name) = $line =~ m{^([0-9a-f]{64})  ([0-9.]+\.(?:dump\.sql|keyring))$};
    if (!defined $name) {
      push @found, "$list: not a checksum and a frozen file: $line";
      next;
    }
    my $path = "test/upgrade/data/$name";
    $frozen{$path} = 1;
    push @found, !$tree->has($path) ? "$path is gone"
      : sha256_hex($tree->text($path)) ne $checksum ? "$path has changed" : ();
  }
  for my $version ($tree->text('sql/released.sha256') =~ m{^[0-9a-f]{64}  sql/gatehouse--((?:(?!--).)+)\.sql$}mg) {
    push @found, map {"$version is released, and $list has no $_"}
      grep { !$frozen{"test/upgrade/data/$_"} } "$version.dump.sql", "$version.keyring";
  }
  push @found, map {"$_ has no checksum in $list"}
    grep { !$frozen{$_} } $tree->paths(qr{^test/upgrade/data/.*\.(?:dump\.sql|keyring)$});
  return @found;
}

sub sound {
  my $sum = join '', map { sha256_hex($_->[0]) . "  $_->[1]\n" } ["COPY x;\n", '0.1.dump.sql'], ["1 00\n", '0.1.keyring'];
  return (
    'sql/released.sha256' => '0' x 64 . "  sql/gatehouse--0.1.sql\n" . '1' x 64 . "  sql/gatehouse--0.0--0.1.sql\n",
    $list => "# frozen\n$sum",
    'test/upgrade/data/0.1.dump.sql' => "COPY x;\n",
    'test/upgrade/data/0.1.keyring' => "1 00\n",
    'test/upgrade/data/0.1.sql' => "SELECT 1;\n",
  );
}

sub planted {
  my %sound = sound();
  return (
    {files => {'test/upgrade/data/0.1.dump.sql' => "COPY y;\n"}, caught => qr/0\.1\.dump\.sql has changed/},
    {files => {'test/upgrade/data/0.1.keyring' => "1 01\n"}, caught => qr/0\.1\.keyring has changed/},
    {files => {'test/upgrade/data/0.1.keyring' => undef}, caught => qr/0\.1\.keyring is gone/},
    {files => {$list => undef}, caught => qr/0\.1 is released, and .* has no 0\.1\.dump\.sql/},
    {files => {$list => "abc 0.1.dump.sql\n"}, caught => qr/not a checksum/},
    {files => {'test/upgrade/data/0.2.dump.sql' => "COPY x;\n"}, caught => qr/0\.2\.dump\.sql has no checksum/},
    {files => {'sql/released.sha256' => '2' x 64 . "  sql/gatehouse--0.2.sql\n"}, caught => qr/0\.2 is released/},
  );
}

1;
