# Runs files of pgTAP assertions and tells what each said.
package SqlTests;
use strict;
use warnings;
use File::Find ();
use IPC::Run ();
use TAP::Parser;

# run_file(connection string, path, statements): {passed => [descriptions], failed => [descriptions], trouble => text, '' where the
# file ran to the end of its plan without an error}. The statements are run first, within the transaction that the file rolls
# back at its end.
sub run_file {
  my ($database, $path, $statements) = @_;
  my ($out, $error) = ('', '');
  my $finished = IPC::Run::run(
    ['psql', '-X', '-A', '-t', '-q', '-P', 'pager=off', '-v', 'ON_ERROR_STOP=1', '-d', $database,
      (defined $statements ? ('-c', 'BEGIN', '-c', $statements) : ()), '-f', $path],
    '<', \'', '>', \$out, '2>', \$error);
  my $parser = TAP::Parser->new({tap => $out});
  my %answer = (passed => [], failed => [], trouble => $finished ? '' : $error);
  while (my $result = $parser->next) {
    push @{$answer{$result->is_ok ? 'passed' : 'failed'}}, $result->description if $result->is_test;
  }
  $answer{trouble} .= join '; ', $parser->parse_errors;
  $answer{trouble} ||= 'no assertion was made' if !@{$answer{passed}} && !@{$answer{failed}};
  return \%answer;
}

# What went wrong in a file, as text; '' where nothing did.
sub complaint {
  my ($answer) = @_;
  return join '; ', (map {"not ok $_"} @{$answer->{failed}}), $answer->{trouble} || ();
}

# The files of the suite, by their paths below the folder.
sub files_below {
  my ($folder) = @_;
  my @files;
  File::Find::find({no_chdir => 1, wanted => sub { push @files, substr $_, length($folder) + 1 if /\.sql$/ }}, $folder);
  return sort @files;
}

1;
