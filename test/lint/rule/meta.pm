package rule::meta;
use strict;
use warnings;
use JSON::PP ();

sub rule { 'META.json is valid by the PGXN Meta Spec 1.0.0' }
sub mend { 'Give every required field its form: https://pgxn.org/spec/' }

my $semver = qr/(?:0|[1-9]\d*)\.(?:0|[1-9]\d*)\.(?:0|[1-9]\d*)(?:-[0-9A-Za-z-]+)?/;
my $term = qr{^[^\s/\\[:cntrl:]]{2,}$};
my %license = map { $_ => 1 } qw(agpl_3 apache_1_1 apache_2_0 artistic_1 artistic_2 bsd freebsd gfdl_1_2 gfdl_1_3 gpl_1 gpl_2 gpl_3
  lgpl_2_1 lgpl_3_0 mit mozilla_1_0 mozilla_1_1 openssl perl_5 postgresql qpl_1_0 ssleay sun zlib open_source restricted unrestricted unknown);
my %top = map { $_ => 1 } qw(name version abstract maintainer license provides meta-spec description generated_by tags no_index
  prereqs release_status resources);
my %phase = map { $_ => 1 } qw(configure build runtime test develop);
my %relation = map { $_ => 1 } qw(requires recommends suggests conflicts);
my %resource = map { $_ => 1 } qw(homepage bugtracker repository);

sub is_text { defined $_[0] && !ref $_[0] && $_[0] =~ /\S/ }

sub is_range {
  my ($range) = @_;
  return 0 if !defined $range || ref $range;
  return 1 if $range eq '0';
  return !grep { !/^\s*(?:(?:[<>]=?|==|!=)\s*)?$semver\s*$/ } split /,/, $range;
}

sub violations {
  my ($class, $tree) = @_;
  my $meta = eval { JSON::PP->new->utf8->decode($tree->text('META.json')) };
  return 'META.json: ' . ($tree->has('META.json') ? 'no JSON object' : 'missing') if ref $meta ne 'HASH';
  my @found;
  my $must = sub { my $what = pop; push @found, "META.json: $what" if @_ == 0 || !$_[0] };

  $must->($top{$_} || /^x_./i, "unknown field $_") for sort keys %$meta;
  $must->(is_text($meta->{name}) && $meta->{name} =~ $term, 'name must be a term');
  $must->(is_text($meta->{version}) && $meta->{version} =~ /^$semver$/, 'version must be a semantic version');
  $must->(is_text($meta->{abstract}), 'abstract must be text');
  my @maintainers = ref $meta->{maintainer} eq 'ARRAY' ? @{$meta->{maintainer}} : ($meta->{maintainer});
  $must->(@maintainers && !(grep { !is_text($_) } @maintainers), 'maintainer must be text or a list of texts');
  if (ref $meta->{license} eq 'HASH') {
    $must->(%{$meta->{license}} && !(grep { !/^\w+:/ } values %{$meta->{license}}), 'license must map names to URLs');
  } else {
    my @licenses = ref $meta->{license} eq 'ARRAY' ? @{$meta->{license}} : ($meta->{license} // '');
    $must->(@licenses && !(grep { !$license{$_} } @licenses), 'license must be a name that the spec lists');
  }
  my $spec = ref $meta->{'meta-spec'} eq 'HASH' ? $meta->{'meta-spec'} : {};
  $must->(($spec->{version} // '') =~ /^1\.0\.\d+$/, 'meta-spec must have version 1.0.0');

  my $provides = ref $meta->{provides} eq 'HASH' ? $meta->{provides} : {};
  $must->(%$provides, 'provides must name an extension');
  for my $name (sort keys %$provides) {
    my $one = ref $provides->{$name} eq 'HASH' ? $provides->{$name} : {};
    $must->($name =~ $term, "provides: $name is no term");
    $must->(is_text($one->{file}) && $tree->has($one->{file}), "provides: $name must have a file that is there");
    $must->(($one->{version} // '') =~ /^$semver$/, "provides: $name must have a version");
    $must->(!defined $one->{docfile} || $tree->has($one->{docfile}), "provides: $name has a docfile that is not there");
  }
  my $prereqs = $meta->{prereqs} // {};
  for my $phase (sort keys %$prereqs) {
    $must->($phase{$phase} || $phase =~ /^x_/i, "prereqs: unknown phase $phase");
    for my $relation (sort keys %{$prereqs->{$phase}}) {
      $must->($relation{$relation} || $relation =~ /^x_/i, "prereqs: unknown relation $relation");
      my $needs = $prereqs->{$phase}{$relation};
      $must->(is_range($needs->{$_}), "prereqs: $_ must have a version or a range") for sort keys %$needs;
    }
  }
  $must->($meta->{release_status} =~ /^(?:stable|testing|unstable)$/, 'release_status is unknown') if defined $meta->{release_status};
  $must->(ref $meta->{tags} eq 'ARRAY' && !(grep { !is_text($_) || length > 255 || m{[/\\[:cntrl:]]} } @{$meta->{tags}}),
    'tags must be a list of short texts') if defined $meta->{tags};
  $must->($resource{$_} || /^x_/i, "resources: unknown $_") for sort keys %{$meta->{resources} // {}};
  return @found;
}

my %sound = (
  name => 'gatehouse', version => '1.2.3', abstract => 'a', maintainer => ['A <a@example.com>'], license => 'postgresql',
  provides => {gatehouse => {file => 'a.sql', version => '1.2.3'}}, 'meta-spec' => {version => '1.0.0'},
  prereqs => {runtime => {requires => {PostgreSQL => '>= 15.0.0, < 99.0.0', plpgsql => 0}}},
);

sub with { my %change = @_; return JSON::PP->new->encode({%sound, %change}) }
sub sound { return ('META.json' => with(), 'a.sql' => '') }

sub planted {
  my $fault = sub { my ($field, $value, $caught) = @_; return {files => {'META.json' => with($field => $value)}, caught => $caught} };
  return (
    {files => {'META.json' => undef}, caught => qr/missing/},
    {files => {'META.json' => '{,}'}, caught => qr/no JSON/},
    {files => {'a.sql' => undef}, caught => qr/file that is there/},
    $fault->(name => 'g', qr/name must/),
    $fault->(version => '1.2', qr/version must be/),
    $fault->(abstract => '', qr/abstract/),
    $fault->(maintainer => [], qr/maintainer/),
    $fault->(license => 'PostgreSQL', qr/license/),
    $fault->(provides => {}, qr/provides must/),
    $fault->('meta-spec' => {version => '2.0.0'}, qr/meta-spec/),
    $fault->(prereqs => {runtime => {requires => {PostgreSQL => 'x'}}}, qr/PostgreSQL must have/),
    $fault->(prereqs => {running => {}}, qr/unknown phase/),
    $fault->(release_status => 'good', qr/release_status/),
    $fault->(licence => 'mit', qr/unknown field licence/),
  );
}

1;
