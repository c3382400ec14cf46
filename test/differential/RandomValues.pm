# Random numbers that a seed repeats, and SQL expressions of random values of many types.
package RandomValues;
use strict;
use warnings;
use Exporter qw(import);

our @EXPORT_OK = qw(below chance pick some identifier quoted literal);

# below(n): 0 .. n - 1.
sub below { return int rand $_[0] }

# chance(n): true once in n.
sub chance { return below($_[0]) == 0 }

sub pick { return $_[below(scalar @_)] }

# some(n, list): at most n of them, in their order, and at least one.
sub some {
  my ($most, @from) = @_;
  my $left = 1 + below($most < @from ? $most : scalar @from);
  my %taken;
  $taken{below(scalar @from)} = 1 while keys %taken < $left;
  return map { $from[$_] } sort { $a <=> $b } keys %taken;
}

sub identifier { return '"' . $_[0] =~ s/"/""/gr . '"' }
sub quoted { return "'" . $_[0] =~ s/'/''/gr . "'" }

my @words = ('', 'a', 'B c', "it's", '"q"', "tab\there", "two\nlines", 'back\\slash', "\x{e9}", "\x{1d11e}", '  padded  ', 'null', '{}', '{a,b}',
  '(1,2)', '%s', '$1', "\x{1}\x{7f}", 'true', '1.0');
sub word { return pick(@words) }

my @numbers = qw(0 1 -1 1.5 1.50 0.00001 -0.0001 123456789012345678901234567890.1234567890 1e300 1e-300 NaN Infinity -Infinity 99999 42.000);
my @floats = qw(0 -0 1.1 0.30000000000000004 5e-324 1e308 NaN Infinity -Infinity 16777216 -2.5 1e15 123456789.123);
my @days = ('2000-01-01', '1969-12-31', '0044-03-15 BC', 'infinity', '-infinity', '9999-12-31', '2024-02-29', '0001-01-01');
my @times = ('2020-01-02 03:04:05.678', '2020-07-02 03:04:05', 'infinity', '-infinity', '1883-11-18 12:00:00.000001', '0044-03-15 01:02:03 BC',
  '12000-01-01 00:00:00', '2024-03-10 02:30:00', '1999-12-31 23:59:59.999999');
my @intervals = ('1 year -2 mons +3 days 04:05:06.7', '0', '-1 day', '00:00:00.000001', '-178000 years', '1 mon', '5 days -04:00:00', '13 mons 400 days 100:00:00');
my @documents = ('{}', '[]', 'null', '"s"', '1.50', '{"z": {"y": [1, {"q": 2.50}]}, "a": "s"}', '[1, [2, [3, {}]], null, true]', '{"a": 1.0, "aa": 1e3, "b": "\u00e9\u0001"}',
  '{"": ""}', '-0', '[1e400, 0.10]');
my @addresses = ('192.0.2.1', '198.51.100.0/24', '2001:db8::1', '2001:db8::/32', '0.0.0.0/0', '::ffff:192.0.2.1');

sub hex_bytes { return join '', map { sprintf '%02x', below(256) } 1 .. $_[0] }
sub whole { my ($bits) = @_; return pick(0, 1, -1, 2**($bits - 1) - 1, below(1000) - 500, below(30)) }
sub range_of {
  my ($type, @ordered) = @_;
  return "'empty'::$type" if chance(5);
  my $at = below(@ordered - 1);
  my ($from, $to) = (chance(4) ? '' : $ordered[$at], chance(4) ? '' : $ordered[$at + 1]);
  return quoted(pick('[', '(') . $from . ',' . $to . pick(']', ')')) . "::$type";
}

# A text of about so many bytes that does not compress: it is stored out of line from 2 kB on.
sub long_text { return "(SELECT string_agg(md5((i * $_[0])::text), '') FROM generate_series(1, $_[0] / 32) i)" }

# key: the type has an order and takes part in keys. from_number: an expression of distinct values, made of a whole number.
my %type = (
  'boolean' => {make => sub { pick('true', 'false') }},
  'smallint' => {key => 1, make => sub { quoted(pick(-32768, 32767, below(30))) . '::smallint' }, from_number => sub { $_[0] % 32768 }},
  'integer' => {key => 1, make => sub { whole(32) }, from_number => sub { $_[0] }},
  'bigint' => {key => 1, make => sub { quoted(pick('-9223372036854775808', '9223372036854775807', whole(32))) . '::bigint' }, from_number => sub { "$_[0]::bigint" }},
  'numeric' => {key => 1, make => sub { quoted(pick(@numbers)) . '::numeric' }, from_number => sub { "'$_[0]." . ('0' x below(3)) . "'::numeric" }},
  'numeric(12,4)' => {make => sub { pick('-0.0001', '12345.6789', '0', "'NaN'::numeric", below(1000)) }},
  'real' => {make => sub { quoted(pick(qw(1.1 3.4e38 16777216 -0 NaN Infinity 1e-40))) . '::real' }},
  'double precision' => {key => 1, make => sub { quoted(pick(@floats)) . '::double precision' }, from_number => sub { "$_[0].5::double precision" }},
  'money' => {make => sub { pick('1234.5', '(-0.01)', '0') . '::numeric::money' }},
  'text' => {key => 1, make => sub { chance(12) ? long_text(pick(100, 3000, 9000, 40000)) : quoted(word()) }, from_number => sub { quoted("k$_[0]" . pick('', "'", '"', "\x{e9}")) }},
  'text COLLATE "C"' => {key => 1, make => sub { quoted(word()) }, from_number => sub { quoted("c$_[0]") }},
  'varchar(20)' => {key => 1, make => sub { quoted(word()) }, from_number => sub { quoted("v$_[0]") }},
  'char(9)' => {make => sub { quoted(substr word(), 0, 9) }},
  'name' => {key => 1, make => sub { quoted(word()) . '::name' }, from_number => sub { quoted("n$_[0]") . '::name' }},
  '"char"' => {make => sub { quoted(pick('x', '', '\\')) . '::"char"' }},
  'uuid' => {key => 1, make => sub { quoted(hex_bytes(16)) . '::uuid' }, from_number => sub { quoted(sprintf '%032x', $_[0]) . '::uuid' }},
  'date' => {key => 1, make => sub { quoted(pick(@days)) . '::date' }, from_number => sub { "(date '2001-01-01' + $_[0])" }},
  'timestamp' => {make => sub { quoted(pick(@times)) . '::timestamp' }},
  'timestamptz' => {key => 1, make => sub { quoted(pick(map { /inf|BC/ ? $_ : "$_+02" } @times)) . '::timestamptz' }, from_number => sub { "(timestamptz '2001-01-01 00:00+00' + $_[0] * interval '1.5 seconds')" }},
  'timestamptz(0)' => {make => sub { "'2020-07-02 03:04:05.6+05:30'::timestamptz" }},
  'time' => {make => sub { quoted(pick('00:00', '24:00:00', '03:04:05.5')) . '::time' }},
  'timetz' => {make => sub { quoted(pick('03:04:05+05:30', '24:00:00-15:59', '00:00:00.000001+00')) . '::timetz' }},
  'interval' => {make => sub { quoted(pick(@intervals)) . '::interval' }},
  'interval day to second(2)' => {make => sub { "'3 days 04:05:06.789'::interval" }},
  'bytea' => {key => 1, make => sub { "decode('" . hex_bytes(pick(0, 1, 5, 3000)) . "', 'hex')" }, from_number => sub { "decode('" . sprintf('%08x', $_[0]) . "', 'hex')" }},
  'json' => {make => sub { quoted(pick(@documents, '{"a" : [1.10, null],  "a": 2}')) . '::json' }},
  'jsonb' => {make => sub { quoted(pick(@documents)) . '::jsonb' }},
  'jsonpath' => {make => sub { quoted(pick('$.a[*]', 'strict $ ? (@.x > 1)')) . '::jsonpath' }},
  'xml' => {make => sub { quoted(pick('<a>&amp;</a>', 'text')) . '::xml' }},
  'inet' => {key => 1, make => sub { quoted(pick(@addresses)) . '::inet' }, from_number => sub { "(inet '192.0.2.0' + $_[0])" }},
  'cidr' => {make => sub { quoted(pick('192.0.2.0/24', '2001:db8::/32')) . '::cidr' }},
  'macaddr' => {make => sub { quoted(hex_bytes(6)) . '::macaddr' }},
  'macaddr8' => {make => sub { quoted(hex_bytes(8)) . '::macaddr8' }},
  'bit(5)' => {make => sub { "B'" . join('', map { below(2) } 1 .. 5) . "'" }},
  'varbit' => {make => sub { "B'" . join('', map { below(2) } 1 .. below(40)) . "'::varbit" }},
  'tsvector' => {make => sub { quoted(pick('a fat cat', '', "a:1A,2 b:3")) . '::tsvector' }},
  'tsquery' => {make => sub { quoted(pick('fat & rat', '!(a | b) <-> c', '')) . '::tsquery' }},
  'point' => {make => sub { quoted(pick('(1.1,2.2)', '(0.1,-0)', '(1e300,NaN)')) . '::point' }},
  'line' => {make => sub { "'{1,-0.1,3}'::line" }},
  'lseg' => {make => sub { "'[(0.1,0.2),(1,1)]'::lseg" }},
  'box' => {make => sub { quoted(pick('((0.1,0.2),(1,1))', '((1,1),(3,2.2))')) . '::box' }},
  'path' => {make => sub { quoted(pick('[(0,0),(1.1,1)]', '((0,0),(1.1,1))')) . '::path' }},
  'polygon' => {make => sub { "'((0,0),(1.1,1),(2,0))'::polygon" }},
  'circle' => {make => sub { "'<(0.1,0.2),3.3>'::circle" }},
  'oid' => {make => sub { quoted(pick('4294967295', '0')) . '::oid' }},
  'oidvector' => {make => sub { "'1 2'::oidvector" }},
  'int2vector' => {make => sub { quoted(pick('1 2 -3', '')) . '::int2vector' }},
  'regclass' => {make => sub { quoted(pick('pg_catalog.pg_class', 'differential_types.pair', '99999999')) . '::regclass' }},
  'regtype' => {make => sub { quoted(pick('integer', 'differential_types.mood', 'text[]')) . '::regtype' }},
  'regproc' => {make => sub { quoted('pg_catalog.now') . '::regproc' }},
  'regprocedure' => {make => sub { quoted('pg_catalog.abs(integer)') . '::regprocedure' }},
  'regrole' => {make => sub { 'to_regrole(' . quoted('gatehouse_owner') . ')' }},
  'regnamespace' => {make => sub { quoted('differential_types') . '::regnamespace' }},
  'regcollation' => {make => sub { quoted('pg_catalog."C"') . '::regcollation' }},
  'regconfig' => {make => sub { quoted('pg_catalog.english') . '::regconfig' }},
  'pg_lsn' => {make => sub { quoted(pick('0/AB', 'FFFFFFFF/FFFFFFFF')) . '::pg_lsn' }},
  'pg_snapshot' => {make => sub { "'10:20:10,14,15'::pg_snapshot" }},
  'xid8' => {make => sub { "'99'::xid8" }},
  'xid' => {make => sub { "'77'::xid" }},
  'tid' => {make => sub { "'(1,2)'::tid" }},
  'int4range' => {key => 1, make => sub { range_of('int4range', 1, 5, 9) }, from_number => sub { "int4range($_[0], $_[0] + 2)" }},
  'int8range' => {make => sub { range_of('int8range', 1, 5, 9) }},
  'numrange' => {make => sub { range_of('numrange', '1.50', '2.500', 9) }},
  'daterange' => {make => sub { range_of('daterange', '2000-01-01', '2020-02-02') }},
  'tsrange' => {make => sub { range_of('tsrange', '"2000-01-01 00:00:00.5"', '"2020-02-02 00:00"', 'infinity') }},
  'tstzrange' => {make => sub { range_of('tstzrange', '"2000-01-01 00:00:00.5+02"', '"2020-02-02 00:00+00"', 'infinity') }},
  'int4multirange' => {make => sub { "'{[1,3),[5,9)}'::int4multirange" }},
  'nummultirange' => {make => sub { "'{[1.50,2.5],(7,)}'::nummultirange" }},
  'tstzmultirange' => {make => sub { "'{[\"2000-01-01 00:00+02\",\"2020-02-02 00:00+00\")}'::tstzmultirange" }},
  # Of the schema differential_types, which Witness makes
  'differential_types.mood' => {key => 1, make => sub { quoted(pick('sad', 'Ok "q"', "it's")) . '::differential_types.mood' }},
  'differential_types.shown' => {make => sub { quoted(pick('a', 'b')) . '::differential_types.shown' }},
  'differential_types.small' => {key => 1, make => sub { (1 + below(40)) . '::differential_types.small' }, from_number => sub { (1 + $_[0]) . '::differential_types.small' }},
  'differential_types.words' => {make => sub { "ARRAY[" . quoted(word()) . ", NULL, " . quoted(word()) . "]::differential_types.words" }},
  'differential_types.moment' => {make => sub { quoted(pick(map { /inf|BC/ ? $_ : "$_+02" } @times)) . '::differential_types.moment' }},
  'differential_types.float_range' => {make => sub { range_of('differential_types.float_range', 0.1, 1.1, '1e300') }},
  'differential_types.pair' => {make => sub { pair() }},
  'differential_types.checked_pair' => {make => sub { pair() . '::differential_types.checked_pair' }},
  'differential_types.nested' => {make => sub { "ROW(" . pair() . ", ARRAY[" . pair() . ", NULL], NULL)::differential_types.nested" }},
);
sub pair {
  my $or_null = sub { chance(4) ? 'NULL' : $_[0] };
  return 'ROW(' . join(', ', $or_null->(quoted(pick(@floats)) . '::double precision'), $or_null->(quoted('2020-07-02 03:04:05.6+02') . '::timestamptz'),
    $or_null->(quoted(pick('sad', 'Ok "q"')) . '::differential_types.mood'), $or_null->("decode('00ff', 'hex')"), $or_null->(quoted(word()))) . ')::differential_types.pair';
}

# Arrays of all that have some.
for my $of (grep { !/COLLATE|\(/ } keys %type) {
  $type{"${of}[]"} = {
    array => 1,
    make => sub {
      my $element = sub { chance(4) ? 'NULL' : $type{$of}{make}->() };
      return pick(
        sub { "'{}'::${of}[]" },
        sub { 'ARRAY[' . join(', ', map { $element->() } 1 .. 1 + below(4)) . "]::${of}[]" },
        sub { 'ARRAY[[' . join('], [', map { $element->() . ', ' . $element->() } 1 .. 2) . "]]::${of}[]" },
        sub { "array_fill(" . $type{$of}{make}->() . "::$of, ARRAY[2], ARRAY[-1])" },
      )->();
    },
  };
}

my @names = sort keys %type;
my @plain = grep { !$type{$_}{array} } @names;
my @of_keys = grep { $type{$_}{from_number} } @names;

sub types { return @names }
sub random_type { return chance(4) ? pick(@names) : chance(2) ? pick(@plain) : pick('integer', 'text', 'numeric', 'jsonb', 'timestamptz', 'text[]', 'bytea') }
sub random_key_type { return chance(2) ? 'integer' : pick(@of_keys) }

# A random value of the type, or NULL at times.
sub literal { my ($type) = @_; return chance(7) ? 'NULL' : $type{$type}{make}->() }

# The same for where no query may stand.
sub literal_without_query {
  my ($type) = @_;
  for (;;) { my $literal = literal($type); return $literal if $literal !~ /SELECT/ }
}

# A value of a key type that tells one number from another.
sub of_number { my ($type, $number) = @_; return $type{$type}{from_number}->($number) }

1;
