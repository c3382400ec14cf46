package rule::closing_part;
use strict;
use warnings;

sub rule { "a script that changes the version ends as its target's install script does: what default privileges gave away is taken back" }
sub mend { 'End the script with the part "-- foundation/privileges.sql" of sql/gatehouse--<to>.sql (tools/draft-upgrade does).' }

sub closing_of {
  my ($text) = @_;
  my ($part) = $text =~ m{^(-- foundation/privileges\.sql\n(?:(?!^-- \w+/\w+\.sql$).*\n)+)\z}m;
  return $part;
}

sub violations {
  my ($class, $tree) = @_;
  my @found;
  my @scripts = $tree->paths(qr{^sql/gatehouse--(?:(?!--).)+--(?:(?!--).)+\.sql$});
  for my $path (@scripts) {
    my ($to) = $path =~ /--((?:(?!--).)+)\.sql$/;
    my $install = "sql/gatehouse--$to.sql";
    my $closing = closing_of($tree->text($install));
    if (!defined $closing) {
      push @found, "$install does not end with foundation/privileges.sql, which $path must end with";
    } elsif ($tree->text($path) !~ /\n\Q$closing\E\z/) {
      push @found, "$path does not end with foundation/privileges.sql as $install does";
    }
  }
  return @found;
}

my $closing = "-- foundation/privileges.sql\n\n-- All is taken back.\nDO 'x';\n";

sub sound {
  return (
    'sql/gatehouse--0.1.sql' => "-- a/t.sql\n\nSELECT 1;\n\n$closing",
    'sql/gatehouse--0.2.sql' => "-- a/t.sql\n\nSELECT 2;\n\n$closing",
    'sql/gatehouse--0.1--0.2.sql' => "SELECT 2;\n\n$closing",
    'sql/gatehouse--0.2--0.1.sql' => "SELECT 1;\n\n$closing",
  );
}

sub planted {
  my $script = 'sql/gatehouse--0.1--0.2.sql';
  return (
    {files => {$script => "SELECT 2;\n"}, caught => qr/0\.1--0\.2\.sql does not end/},
    {files => {$script => "$closing\nCREATE FUNCTION f();\n"}, caught => qr/0\.1--0\.2\.sql does not end/},
    {files => {$script => "SELECT 2;\n\n-- foundation/privileges.sql\n\nDO 'y';\n"}, caught => qr/0\.1--0\.2\.sql does not end/},
    {files => {'sql/gatehouse--0.2--0.1.sql' => "SELECT 1;\n"}, caught => qr/0\.2--0\.1\.sql does not end/},
    {files => {'sql/gatehouse--0.2.sql' => "$closing\n-- a/t.sql\n\nSELECT 2;\n"}, caught => qr/0\.2\.sql does not end/},
    {files => {'sql/gatehouse--0.2.sql' => undef}, caught => qr/0\.2\.sql does not end/},
  );
}

1;
