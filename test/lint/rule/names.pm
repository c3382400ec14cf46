package rule::names;
use strict;
use warnings;

sub rule { 'a file is named after its subject' }
sub mend { 'Name the file after what it owns; a file for what was left over has no subject.' }

sub violations {
  my ($class, $tree) = @_;
  return map {"$_ is named after no subject"}
    $tree->paths(qr{(?:^|[/_.-])(?:utils?|helpers?|commons?|misc|stuff|tmp|temp|foo|new|old|backup|copy)(?:[/_.-]|$)}i);
}

sub sound { return ('src/crypto/token.cpp' => '', 'test/sql/communion.sql' => '') }

sub planted {
  return map { {files => {$_ => ''}, caught => qr/^\Q$_\E is named/} }
    qw(src/crypto/utils.cpp src/common/token.h test/helpers.sql src/audit/audit_util.h);
}

1;
