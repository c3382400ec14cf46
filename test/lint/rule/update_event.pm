package rule::update_event;
use strict;
use warnings;

sub rule { 'a script that changes the version to one with an audit log records that once, with its two versions' }
sub mend { "Near the script's end: SELECT gatehouse.record_extension_update('<from>', '<to>'); (tools/draft-upgrade writes it)." }

sub violations {
  my ($class, $tree) = @_;
  my @found;
  for my $path ($tree->paths(qr{^sql/gatehouse--(?:(?!--).)+--(?:(?!--).)+\.sql$})) {
    my ($from, $to) = $path =~ /^sql\/gatehouse--(.+)--(.+)\.sql$/;
    my $install = "sql/gatehouse--$to.sql";
    next if !$tree->has($install) || $tree->text($install) !~ /^CREATE FUNCTION gatehouse\.record_extension_update\(/m;
    my @calls = $tree->text($path) =~ /^SELECT gatehouse\.record_extension_update\((.*)\);$/mg;
    push @found, "$path does not record the update from $from to $to" if "@calls" ne "'$from', '$to'";
  }
  return @found;
}

sub sound {
  return (
    'sql/gatehouse--0.1.sql' => "SELECT 1;\n",
    'sql/gatehouse--0.2.sql' => "CREATE FUNCTION gatehouse.record_extension_update(from_version text, to_version text) RETURNS void\n",
    'sql/gatehouse--0.1--0.2.sql' => "SELECT 2;\nSELECT gatehouse.record_extension_update('0.1', '0.2');\n",
    'sql/gatehouse--0.0--0.1.sql' => "SELECT 1;\n",
  );
}

sub planted {
  my $script = 'sql/gatehouse--0.1--0.2.sql';
  my $caught = qr/0\.1--0\.2\.sql does not record the update from 0\.1 to 0\.2/;
  my $call = "SELECT gatehouse.record_extension_update('0.1', '0.2');\n";
  return (
    {files => {$script => "SELECT 2;\n"}, caught => $caught},
    {files => {$script => "-- $call"}, caught => $caught},
    {files => {$script => "$call$call"}, caught => $caught},
    {files => {$script => "SELECT gatehouse.record_extension_update('0.0', '0.2');\n"}, caught => $caught},
  );
}

1;
