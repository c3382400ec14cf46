package rule::versions;
use strict;
use warnings;
use JSON::PP ();

sub rule { 'there is one version: of the control file, META.json, the library, the CHANGELOG and the install script' }
sub mend { 'Set default_version (MAJOR.MINOR), META.json and kLibraryVersion (MAJOR.MINOR.PATCH) and the top of CHANGELOG.md alike.' }

sub captured { my ($text, $pattern) = @_; return $text =~ $pattern ? $1 : undef }

sub violations {
  my ($class, $tree) = @_;
  my ($sql) = $tree->text('gatehouse.control') =~ /^default_version = '(\d+\.\d+)'$/m;
  return 'gatehouse.control: no default_version of the form MAJOR.MINOR' if !defined $sql;
  my $meta = eval { JSON::PP->new->decode($tree->text('META.json')) } // {};
  my %release = (
    'META.json, version' => $meta->{version},
    'META.json, provides' => $meta->{provides}{gatehouse}{version},
    'src/boundary/version.h' => captured($tree->text('src/boundary/version.h'), qr/kLibraryVersion\[\] = "([^"]*)"/),
    'CHANGELOG.md, its first release' => captured($tree->text('CHANGELOG.md'), qr/^## \[?(\d[^\]\s]*)\]?/m),
  );
  my @found;
  my $expected = $meta->{version} // 'none';
  for my $place (sort keys %release) {
    my $version = $release{$place} // 'none';
    push @found, "$place: $version, but META.json has $expected" if $version ne $expected;
    push @found, "$place: $version, but the SQL version is $sql" if $version !~ /^\Q$sql\E\.\d+$/;
  }
  push @found, "META.json, provides: file is not sql/gatehouse--$sql.sql"
    if ($meta->{provides}{gatehouse}{file} // '') ne "sql/gatehouse--$sql.sql";
  return @found;
}

sub sound {
  return (
    'gatehouse.control' => "default_version = '0.1'\n",
    'META.json' => '{"version": "0.1.2", "provides": {"gatehouse": {"version": "0.1.2", "file": "sql/gatehouse--0.1.sql"}}}',
    'src/boundary/version.h' => "inline constexpr char kLibraryVersion[] = \"0.1.2\";\n",
    'CHANGELOG.md' => "# Changelog\n\n## [Unreleased]\n\n## [0.1.2] - 2030-01-01\n\n## [0.1.1]\n",
  );
}

sub planted {
  my %sound = sound();
  my $other = sub {
    my ($path, $from, $to) = @_;
    (my $text = $sound{$path}) =~ s/\Q$from\E/$to/ or die;
    return {$path => $text};
  };
  return (
    {files => $other->('gatehouse.control', '0.1', '0.2'), caught => qr/SQL version is 0\.2/},
    {files => $other->('META.json', '"version": "0.1.2", "pro', '"version": "0.1.3", "pro'), caught => qr/META\.json has 0\.1\.3/},
    {files => $other->('META.json', '{"version": "0.1.2"', '{"version": "0.1.4"'), caught => qr/provides: 0\.1\.2, but|provides: 0\.1\.4, but/},
    {files => $other->('META.json', 'gatehouse--0.1', 'gatehouse--0.2'), caught => qr/file is not/},
    {files => $other->('src/boundary/version.h', '0.1.2', '0.1.1'), caught => qr/version\.h: 0\.1\.1, but META/},
    {files => $other->('CHANGELOG.md', '[0.1.2]', '[0.1.3]'), caught => qr/CHANGELOG.*0\.1\.3, but META/},
    {files => {'CHANGELOG.md' => undef}, caught => qr/CHANGELOG.*none/},
  );
}

1;
