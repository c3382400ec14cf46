package rule::released;
use strict;
use warnings;
use Digest::SHA qw(sha256_hex);

sub rule { 'a released script never changes again: sql/released.sha256 has its checksum' }

sub mend {
  return 'Undo the change and write an upgrade script. With a release its scripts are added: ' .
    '`sha256sum sql/gatehouse--<version>.sql >> sql/released.sha256`.';
}

# The scripts of the current version are open until their release; all others were released with theirs.
sub violations {
  my ($class, $tree) = @_;
  my @found;
  my ($current) = $tree->text('gatehouse.control') =~ /^default_version = '(.*)'/m;
  my %released;
  return 'sql/released.sha256 is missing' if !$tree->has('sql/released.sha256');
  for my $line (grep { !/^\s*(?:#|$)/ } split /\n/, $tree->text('sql/released.sha256')) {
    my ($checksum, $path) = $line =~ m{^([0-9a-f]{64})  (sql/gatehouse--[^/ ]+\.sql)$};
    if (!defined $path) {
      push @found, "sql/released.sha256: not a checksum and a script: $line";
      next;
    }
    $released{$path} = 1;
    push @found, !$tree->has($path) ? "$path was released and is gone"
      : sha256_hex($tree->text($path)) ne $checksum ? "$path was released and has changed" : ();
  }
  push @found, map {"$_ is not of the current version and has no checksum"}
    grep { !$released{$_} && !/--\Q$current\E\.sql$/ } $tree->paths(qr{^sql/gatehouse--[^/]*\.sql$});
  return @found;
}

sub sound {
  return (
    'gatehouse.control' => "default_version = '0.2'\n",
    'sql/gatehouse--0.1.sql' => "SELECT 1;\n",
    'sql/gatehouse--0.1--0.2.sql' => "SELECT 2;\n",
    'sql/gatehouse--0.2.sql' => "SELECT 3;\n",
    'sql/released.sha256' => "# what was released\n" . sha256_hex("SELECT 1;\n") . "  sql/gatehouse--0.1.sql\n",
  );
}

sub planted {
  return (
    {files => {'sql/gatehouse--0.1.sql' => "SELECT 9;\n"}, caught => qr/0\.1\.sql was released and has changed/},
    {files => {'sql/gatehouse--0.1.sql' => undef}, caught => qr/0\.1\.sql was released and is gone/},
    {files => {'sql/released.sha256' => "\n"}, caught => qr/0\.1\.sql is not of the current version/},
    {files => {'sql/released.sha256' => "abc sql/gatehouse--0.1.sql\n"}, caught => qr/not a checksum/},
    {files => {'sql/released.sha256' => undef}, caught => qr/is missing/},
  );
}

1;
