# A password's hash in the server against libsodium alone at the same cost.
package subject::hash_password;
use strict;
use warnings;

sub measure {
  my ($class, $bench) = @_;
  my $count = $bench->number('HASHES', 10);
  my $server = $bench->server;
  my $database = $server->database('hashes');
  my ($one) = $server->sql($database, "SELECT gatehouse.hash_password('correct horse battery staple');");
  my ($memory, $iterations) = $one =~ /^\$argon2id\$v=19\$m=(\d+),t=(\d+),p=1\$/ or die "not a hash of Argon2id: $one\n";

  $bench->compare(
    title => "hash_password: $count hashes, $memory KiB, $iterations iterations",
    metrics => ['seconds', 'processor'],
    contenders => [
      {
        name => 'hash_password',
        run => sub {
          my $figures = $server->measure($database,
            "SELECT count(gatehouse.hash_password('correct horse battery staple ' || i)) FROM generate_series(1, $count) i",
            # As the loop has initialised its library before its clock starts.
            q{SELECT gatehouse.generate_token();});
          die "hashed $figures->{answer} of $count\n" if $figures->{answer} != $count;
          return {'seconds' => $figures->{seconds}, 'processor' => $figures->{processor_seconds}};
        },
      },
      {
        name => 'C loop over libsodium',
        run => sub {
          my $text = $bench->must('bench/native/hash_loop', $count, $memory * 1024, $iterations);
          my ($seconds, $processor, $cost) = $text =~ /^([\d.]+) ([\d.]+) \$argon2id\$v=19\$(m=\d+,t=\d+,p=1)\$/ or die "hash_loop said: $text\n";
          die "hash_loop made hashes of $cost\n" if $cost ne "m=$memory,t=$iterations,p=1";
          return {'seconds' => $seconds, 'processor' => $processor};
        },
      },
    ],
    ratios => [{
      name => 'hash_password : C loop', metric => 'seconds', beside => 'processor', of => 'hash_password', against => 'C loop over libsodium',
      target => ['<=', 1.02],
    }],
  );
}

1;
