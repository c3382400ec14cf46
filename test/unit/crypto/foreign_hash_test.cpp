// The kinds that applications bring along: published vectors, and the strictness of each text.
#include "crypto/foreign_hash.h"

#include <gtest/gtest.h>

#include <string>
#include <vector>

namespace gatehouse::crypto {
namespace {

struct Vector {
  std::string password;
  std::string hash;
};

// Low enough that a hash whose cost was raised by a flipped bit is refused, not computed.
constexpr HashCeilings kCeilings = {.argon2_memory_kib = 1024,
                                    .argon2_iterations = 4,
                                    .bcrypt_cost = 6,
                                    .pbkdf2_iterations = 500'000,
                                    .sha_crypt_rounds = 200'000,
                                    .yescrypt_memory_kib = 16 * 1024};

const std::string kPunctuation = "~!@#$%^&*()      ~!@#$%^&*()PNBFRD";
const std::string kLong72 = "0123456789abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789";

const Vector kBcrypt[] = {
    // Openwall's crypt_blowfish, wrapper.c. What tells $2a$ from $2b$ and $2y$ there are bytes above 127.
    {"U*U", "$2a$05$CCCCCCCCCCCCCCCCCCCCC.E5YPO9kmyuRGyh0XouQYb4YMJKvyOeW"},
    {"U*U*", "$2a$05$CCCCCCCCCCCCCCCCCCCCC.VGOzA784oUp/Z0DY336zx7pLYAy0lwK"},
    {"U*U*U", "$2a$05$XXXXXXXXXXXXXXXXXXXXXOAcXxm9kjPGEMsLznoKqmqw7tc8WCx4a"},
    {"", "$2a$05$CCCCCCCCCCCCCCCCCCCCC.7uG0VCzI2bS7j6ymqJi9CdcdxiRTWNy"},
    {kLong72 + "chars after 72 are ignored", "$2a$05$abcdefghijklmnopqrstuu5s2v8.iXieOjg/.AySBTTZIIVFJeBui"},
    {"\xff\xff\xa3", "$2y$05$/OK.fbVrR/bpIqNJ5ianF.CE5elHaaO4EbggVDjb8P19RukzXSM3e"},
    {"\xff\xff\xa3", "$2b$05$/OK.fbVrR/bpIqNJ5ianF.CE5elHaaO4EbggVDjb8P19RukzXSM3e"},
    {"\xff\xff\xa3", "$2a$05$/OK.fbVrR/bpIqNJ5ianF.nqd1wy.pTMdcvrRWxyiGL2eMz.2a85."},
    {"\xa3", "$2y$05$/OK.fbVrR/bpIqNJ5ianF.Sa7shbm4.OzKpvFnX1pQLmQW96oUlCq"},
    {"\xa3", "$2a$05$/OK.fbVrR/bpIqNJ5ianF.Sa7shbm4.OzKpvFnX1pQLmQW96oUlCq"},
    {"\xa3", "$2b$05$/OK.fbVrR/bpIqNJ5ianF.Sa7shbm4.OzKpvFnX1pQLmQW96oUlCq"},
    {"\xff\xa3"
     "345",
     "$2y$05$/OK.fbVrR/bpIqNJ5ianF.nRht2l/HRhr6zmCp9vYUvvsqynflf9e"},
    // jBCrypt's.
    {"", "$2a$06$DCq7YPn5Rq63x1Lad4cll.TV4S6ytwfsfvkgY8jIucDrjc8deX1s."},
    {"a", "$2a$06$m0CrhHm10qJ3lXRY.5zDGO3rS2KdeeWLuGmsfGlMfOxih58VYVfxe"},
    {"abc", "$2a$06$If6bvum7DFjUnE9p2uDeDu0YHzrHM6tf.iqN8.yx.jNN1ILEf7h0i"},
    {"abcdefghijklmnopqrstuvwxyz", "$2a$06$.rCVZVOThsIa97pEDOxvGuRRgzG64bvtJ0938xuqzv18d3ZpQhstC"},
    {kPunctuation, "$2a$06$fPIsBO8qRqkjj273rfaOI.HtSV9jLDpTbZn782DC6/t7qT67P6FfO"},
};

const Vector kShaCrypt[] = {
    // Ulrich Drepper's SHA-crypt.txt, with the salts as they were cut and the rounds as they were clamped.
    {"Hello world!", "$5$saltstring$5B8vYYiY.CVt1RlTTf8KbXBH3hsxY/GNooZaBBGWEc5"},
    {"Hello world!", "$5$rounds=10000$saltstringsaltst$3xv.VbSHBb41AL9AvLeujZkZRBAwqFMz2.opqey6IcA"},
    {"This is just a test", "$5$rounds=5000$toolongsaltstrin$Un/5jzAHMgOGZ5.mWJpuVolil07guHPvOW8mGRcvxa5"},
    {"a very much longer text to encrypt.  This one even stretches over morethan one line.",
     "$5$rounds=1400$anotherlongsalts$Rx.j8H.h8HjEDGomFU8bDkXm3XIUnzyxf12oP84Bnq1"},
    {"we have a short salt string but not a short password",
     "$5$rounds=77777$short$JiO1O3ZpDAxGJeaDIuqCoEFysAe1mZNJRs3pw0KQRd/"},
    {"a short string", "$5$rounds=123456$asaltof16chars..$gP3VQ/6X7UUEW3HkBn2w1/Ptq2jxPyzV/cZKmF/wJvD"},
    {"the minimum number is still observed", "$5$rounds=1000$roundstoolow$yfvwcWrQ8l/K0DAWyuPMDNHpIVlTQebY9l/gL972bIC"},
    {"Hello world!",
     "$6$saltstring$svn8UoSVapNtMuq1ukKS4tPQd8iKwSMHWjl/O817G3uBnIFNjnQJuesI68u4OTLiBFdcbYEdFCoEOfaS35inz1"},
    {"Hello world!",
     "$6$rounds=10000$saltstringsaltst$OW1/O6BYHV6BcXZu8QVeXbDWra3Oeqh0sbHbbMCVNSnCM/UrjmM0Dp8vOuZeHBy/"
     "YTBmSK6H9qs/y3RnOaw5v."},
    {"This is just a test",
     "$6$rounds=5000$toolongsaltstrin$lQ8jolhgVRVhY4b5pZKaysCLi0QBxGoNeKQzQ3glMhwllF7oGDZxUhx1yxdYcz/"
     "e1JSbq3y6JMxxl8audkUEm0"},
    {"a very much longer text to encrypt.  This one even stretches over morethan one line.",
     "$6$rounds=1400$anotherlongsalts$POfYwTEok97VWcjxIiSOjiykti.o/pQs.wPvMxQ6Fm7I6IoYN3CmLs66x9t0oSwbtEW7o7UmJEi"
     "DwGqd8p4ur1"},
    {"we have a short salt string but not a short password",
     "$6$rounds=77777$short$WuQyW2YR.hBNpjjRhpYD/ifIw05xdfeEyQoMxIXbkvr0gge1a1x3yRULJ5CCaUeOxFmtlcGZelFl5CxtgfiAc0"},
    {"a short string",
     "$6$rounds=123456$asaltof16chars..$BtCwjqMJGx5hrJhZywWvt0RLE8uZ4oPwcelCjmw2kSYu.Ec6ycULevoBK25fs2xXgMNrCzIMVcgEJA"
     "stJeonj1"},
    {"the minimum number is still observed",
     "$6$rounds=1000$roundstoolow$kUMsbe306n21p9R.FRkW3IGn.S9NPN0x50YhH1xhLsPuWGsUSklZt58jaTfF4ZEQpyUNGc0dqbpBYYBaHHrs"
     "X."},
};

const Vector kYescrypt[] = {
    // libxcrypt's test/ka-table.inc.
    {"", "$y$j75$.......$/FQush7wojITE6a6KwAF4pUyKZAyYRCYJdWcgqjTeS7"},
    {"", "$y$j75$LdJMENpBABJJ3hIHjB1Bi.$tUlUF19mIl6XpRTpX7LBp5ABKS8KSmDfP1gXFrZ6Sy8"},
    {"a", "$y$j85$LdJMENpBABJJ3hIHjB1Bi.$8/.fVqeICb7tzbG/qB1LWS8JeaEzOWqFEeMNYgITxs4"},
    {"abc", "$y$j75$LdJMENpBABJJ3hIHjB1Bi.$aN8IREm4mVoXwP2ZkEbfFinwVjML6Krr5zkB50rSJX3"},
    {"U*U*", "$y$j85$LdJMENpBABJJ3hIHjB1Bi.$6fM8sVHyWF77ZlxmtO5CWutdCipgcQJL4fEABM7rrR4"},
    {"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789",
     "$y$j85$LdJMENpBABJJ3hIHjB1Bi.$m1c4LIhXJURC9VKCOrWnQ.fLRYPgKe1XhQ2lUXTVWD5"},
    {"12345678901234567890123456789012345678901234567890123456789012345678901234567890",
     "$y$j85$LdJMENpBABJJ3hIHjB1Bi.$ScSHwJjPMTEQbfWpv7UInCjQOlY8/jHHPIwvJTCJE/0"},
};

const Vector kPbkdf2[] = {
    // Django's tests/auth_tests/test_hashers.py.
    {"l\xc3\xa8tmein", "pbkdf2_sha256$390000$seasalt$8xBlGd3jVgvJ+92hWPxi5ww0uuAuAnKgC45eudxro7c="},
    // RFC 7914, section 11: the first 32 bytes of its outputs, which are whole blocks, in Django's form.
    {"passwd", "pbkdf2_sha256$1$salt$VawEblbjCJ/sFpHCJUS2BflBhSFt3gRl5oudV8INrLw="},
    {"Password", "pbkdf2_sha256$80000$NaCl$TdzY9guYviGDDO5e8icB+WQaRBjQTAQUrv8Ih2s0q1Y="},
};

// One of each kind that is quick to compute.
const Vector kQuick[] = {kBcrypt[0], kShaCrypt[3], kShaCrypt[13], kYescrypt[3], kPbkdf2[1]};

Result<bool> verify(std::string_view password, std::string_view hash) {
  const Result<ForeignHash> parsed = parse_foreign(hash);
  if (!parsed.ok()) return parsed.refusal;
  const Result<Done> checked = check_foreign_ceiling(parsed.value, kCeilings);
  if (!checked.ok()) return checked.refusal;
  return verify_foreign(password, parsed.value);
}

bool matches(std::string_view password, std::string_view hash) {
  const Result<bool> verified = verify(password, hash);
  return verified.ok() && verified.value;
}

Fault fault_of(std::string_view hash) { return parse_foreign(hash).refusal.fault; }

std::string repeated(const char* text, int times) {
  std::string result;
  for (int i = 0; i < times; ++i) result += text;
  return result;
}

template <std::size_t kSize>
void expect_matches(const Vector (&vectors)[kSize]) {
  for (const Vector& vector : vectors) {
    const Result<bool> right = verify(vector.password, vector.hash);
    EXPECT_TRUE(right.ok() && right.value) << vector.hash;
    const Result<bool> wrong = verify("x" + vector.password, vector.hash);
    EXPECT_TRUE(wrong.ok() && !wrong.value) << vector.hash;
  }
}

TEST(VerifyForeign, MatchesPublishedBcrypt) { expect_matches(kBcrypt); }
TEST(VerifyForeign, MatchesPublishedShaCrypt) { expect_matches(kShaCrypt); }
TEST(VerifyForeign, MatchesPublishedYescrypt) { expect_matches(kYescrypt); }
TEST(VerifyForeign, MatchesPublishedPbkdf2) { expect_matches(kPbkdf2); }

TEST(VerifyForeign, MatchesBcryptOfFullLength) {
  EXPECT_TRUE(matches(repeated("\xaa\x55", 36), "$2a$05$/OK.fbVrR/bpIqNJ5ianF.R9xrDjiycxMbQE2bp.vgqlYpW5wx2yy"));
  EXPECT_TRUE(matches(repeated("\x55\xaa\xff", 24), "$2a$05$/OK.fbVrR/bpIqNJ5ianF.9tQZzcJfm3uj2NvJ/n5xkhpqLrMpWCe"));
  EXPECT_TRUE(matches(repeated("\xaa", 72) + "chars after 72 are ignored as usual",
                      "$2a$05$/OK.fbVrR/bpIqNJ5ianF.swQOIzjOiJ9GHEPuhEkvqrUyvWhEMx6"));
}

TEST(VerifyForeign, RefusesPrefixesOfTheSameAlgorithmThatHashOtherwise) {
  // The same password and salt under $2a$ and $2y$ gives two digests here; neither may pass for the other.
  EXPECT_FALSE(matches("\xff\xff\xa3", "$2a$05$/OK.fbVrR/bpIqNJ5ianF.CE5elHaaO4EbggVDjb8P19RukzXSM3e"));
  EXPECT_FALSE(matches("\xff\xff\xa3", "$2y$05$/OK.fbVrR/bpIqNJ5ianF.nqd1wy.pTMdcvrRWxyiGL2eMz.2a85."));
}

TEST(VerifyForeign, CountsTheFirst72BytesUnderBcrypt) {
  const std::string hash = "$2a$05$abcdefghijklmnopqrstuu5s2v8.iXieOjg/.AySBTTZIIVFJeBui";
  EXPECT_TRUE(matches(kLong72, hash));
  EXPECT_TRUE(matches(kLong72 + std::string(1024 - 72, 'x'), hash)) << "the longest password there is";
  std::string changed = kLong72;
  changed.back() = 'x';
  EXPECT_FALSE(matches(changed, hash));
  EXPECT_FALSE(matches(kLong72.substr(0, 71), hash));
}

TEST(VerifyForeign, MatchesNothingLongerThanLibxcryptTakes) {
  // By Python's crypt: the same libxcrypt, its longest password.
  const std::string of_511 =
      "$6$rounds=1000$saltstring$gT992ZChsd3okCvl06E6mFsqVXAdRBsgsTQsyPLBeiMaRSsJBsQ7Wwvud6QHbc2NvUUo2/"
      "1ztPmmVSlWWTwjy1";
  EXPECT_TRUE(matches(std::string(511, 'a'), of_511));
  for (const std::size_t size : {std::size_t{512}, std::size_t{1024}}) {
    const Result<bool> verified = verify(std::string(size, 'a'), of_511);
    EXPECT_TRUE(verified.ok() && !verified.value) << size;
  }
  const Result<bool> verified = verify(std::string(512, 'a'), kYescrypt[0].hash);
  EXPECT_TRUE(verified.ok() && !verified.value);
  EXPECT_TRUE(verify(std::string(1024, 'a'), kPbkdf2[1].hash).ok()) << "PBKDF2 has no such limit";
}

TEST(VerifyForeign, DoesNotStopAtANul) {
  EXPECT_FALSE(matches(std::string_view("U*U\0", 4), kBcrypt[0].hash));
  EXPECT_FALSE(matches(std::string_view("U*U\0x", 5), kBcrypt[0].hash));
  EXPECT_FALSE(matches(std::string_view("abc\0", 4), kYescrypt[3].hash));
  EXPECT_FALSE(matches(kShaCrypt[0].password + std::string(1, '\0'), kShaCrypt[0].hash));
  EXPECT_FALSE(matches(std::string_view("passwd\0", 7), kPbkdf2[1].hash));
  EXPECT_FALSE(matches(std::string_view("\0", 1), kBcrypt[3].hash)) << "not the empty password either";
}

TEST(VerifyForeign, IgnoresTheSpareBitsOfABcryptSalt) {
  // The last of 22 characters carries two bits; old makers left the other four as they came.
  std::string hash = kBcrypt[2].hash;
  ASSERT_EQ(hash[28], 'O');
  for (const char c : std::string("OPQRSTUVWXYZabcd")) {
    hash[28] = c;
    EXPECT_TRUE(matches("U*U*U", hash)) << hash;
  }
  for (const char c : {'N', 'e'}) {
    hash[28] = c;
    EXPECT_FALSE(matches("U*U*U", hash)) << hash;
  }
}

TEST(VerifyForeign, NeverTakesATruncatedHash) {
  for (const Vector& vector : kQuick) {
    for (std::size_t size = 0; size < vector.hash.size(); ++size) {
      const std::string_view truncated = std::string_view(vector.hash).substr(0, size);
      const Fault fault = fault_of(truncated);
      EXPECT_TRUE(fault == Fault::kHashMalformed || fault == Fault::kHashKindUnknown) << truncated;
    }
  }
}

TEST(VerifyForeign, NeverTakesAHashWithAnyBitFlipped) {
  for (const Vector& vector : kQuick) {
    const bool bcrypt = vector.hash[1] == '2';
    int computed = 0;
    for (std::size_t at = 0; at < vector.hash.size(); ++at) {
      if (bcrypt && at == 28) continue;  // the spare bits: above
      for (int bit = 0; bit < 8; ++bit) {
        std::string flipped = vector.hash;
        flipped[at] = static_cast<char>(flipped[at] ^ (1 << bit));
        const Result<bool> verified = verify(vector.password, flipped);
        computed += verified.ok();
        EXPECT_FALSE(verified.ok() && verified.value) << flipped;
        const Fault fault = verified.refusal.fault;
        EXPECT_TRUE(fault == Fault::kNone || fault == Fault::kHashMalformed || fault == Fault::kHashKindUnknown ||
                    fault == Fault::kHashTooExpensive)
            << flipped << ": " << static_cast<int>(fault);
      }
    }
    EXPECT_GT(computed, 50) << "some must reach the comparison";
  }
}

TEST(ParseForeign, RefusesANulAnywhere) {
  for (const Vector& vector : kQuick) {
    for (std::size_t at = 0; at <= vector.hash.size(); ++at) {
      std::string inserted = vector.hash;
      inserted.insert(at, 1, '\0');
      EXPECT_NE(fault_of(inserted), Fault::kNone) << vector.hash << " at " << at;
      if (at == vector.hash.size()) continue;
      std::string replaced = vector.hash;
      replaced[at] = '\0';
      EXPECT_NE(fault_of(replaced), Fault::kNone) << vector.hash << " at " << at;
    }
  }
}

TEST(ParseForeign, RefusesWhatStandsAround) {
  for (const Vector& vector : kQuick) {
    for (const char* tail : {" ", "\n", "$", "=", "."}) {
      EXPECT_EQ(fault_of(vector.hash + tail), Fault::kHashMalformed) << vector.hash << tail;
    }
    for (const char* head : {" ", "\n", "$", "bcrypt$", "{CRYPT}"}) {
      EXPECT_EQ(fault_of(head + vector.hash), Fault::kHashKindUnknown) << head << vector.hash;
    }
  }
}

TEST(ParseForeign, RefusesEveryOtherKindByName) {
  for (const char* hash : {"",
                           "*",
                           "!",
                           "x",
                           "password",
                           "$",
                           "$$",
                           "rqXexS6ZhobKA",
                           "_J9..rasmBYk8r9AiWNc",
                           "$1$28772684$iEwNOgGugqO9.bIz5sk8k/",
                           "$2$05$CCCCCCCCCCCCCCCCCCCCC.E5YPO9kmyuRGyh0XouQYb4YMJKvyOeW",
                           "$2x$05$/OK.fbVrR/bpIqNJ5ianF.CE5elHaaO4EbggVDjb8P19RukzXSM3e",
                           "$3$$8846f7eaee8fb117ad06bdd830b7586c",
                           "$7$CU..../....",
                           "$sha1$12345$abc",
                           "$md5$abc",
                           "$gy$j9T$abc$def",
                           "$scrypt$ln=16,r=8,p=1$aM15713r3Xsvxbi31lqr1Q$x",
                           "$argon2i$v=19$m=256,t=2,p=1$c29tZXNhbHQ$nf65EOgLrQMR/uIPnA4rEsF5h7TKyQwu9U1bMCHGi/4",
                           "$argon2d$v=19$m=256,t=2,p=1$c29tZXNhbHQ$nf65EOgLrQMR/uIPnA4rEsF5h7TKyQwu9U1bMCHGi/4",
                           "pbkdf2_sha1$1$salt$sw3VUT/vSQgAoV7tIzPpkCHZjFg=",
                           "pbkdf2_sha512$1$salt$AAAA",
                           "PBKDF2_SHA256$1$salt$AAAA",
                           "bcrypt_sha256$$2b$12$abc",
                           "sha1$seasalt$cff36ea83f5706ce9aa7454e63e431fc726b2dc8",
                           "scrypt$16384$seasalt$8$1$Qj3+9PPyRjSJIebHnG81TMjsqtaIGxNQG/aEB/"
                           "NYafTJ7tibgfYz71m0ldQESkXFRkdVCBhhY8mx7rQwite/Pw==",
                           "{SSHA}8eweop0v7TNF+DE00ZsXByaL8bwiPC37",
                           "5f4dcc3b5aa765d61d8327deb882cf99"}) {
    EXPECT_EQ(fault_of(hash), Fault::kHashKindUnknown) << hash;
  }
}

TEST(ParseForeign, ReadsBcryptStrictly) {
  const std::string body = "$CCCCCCCCCCCCCCCCCCCCC.E5YPO9kmyuRGyh0XouQYb4YMJKvyOeW";
  EXPECT_EQ(parse_foreign("$2b$04" + body).value.cost, 4u);
  EXPECT_EQ(parse_foreign("$2b$31" + body).value.cost, 31u);
  for (const char* cost : {"00", "03", "32", "99", "5", "005", "+5", " 5", "5 ", "0x", "", "a5"}) {
    EXPECT_EQ(fault_of(std::string("$2b$") + cost + body), Fault::kHashMalformed) << cost;
  }
  for (const char c : {'+', '=', '-', '_', ' ', '$', '\x80'}) {
    std::string hash = "$2b$05" + body;
    hash[20] = c;
    EXPECT_EQ(fault_of(hash), Fault::kHashMalformed) << c;
  }
  // The digest's last character carries four bits.
  EXPECT_EQ(fault_of("$2b$05$CCCCCCCCCCCCCCCCCCCCC.E5YPO9kmyuRGyh0XouQYb4YMJKvyOeX"), Fault::kHashMalformed);
}

TEST(ParseForeign, ReadsShaCryptStrictly) {
  const std::string digest = "$5B8vYYiY.CVt1RlTTf8KbXBH3hsxY/GNooZaBBGWEc5";
  EXPECT_EQ(parse_foreign("$5$saltstring" + digest).value.cost, 5000u);
  EXPECT_EQ(parse_foreign("$5$rounds=1000$saltstring" + digest).value.cost, 1000u);
  EXPECT_EQ(parse_foreign("$5$rounds=999999999$saltstring" + digest).value.cost, 999999999u);
  for (const char* start :
       {"$5$rounds=999$saltstring", "$5$rounds=1000000000$saltstring", "$5$rounds=0$saltstring",
        "$5$rounds=05000$saltstring", "$5$rounds=+5000$saltstring", "$5$rounds=$saltstring", "$5$rounds=5000saltstring",
        "$5$rounds=4294972296$saltstring", "$5$rounds=18446744073709556616$saltstring", "$5$Rounds=5000$saltstring",
        "$5$", "$5$rounds=5000$", "$5$seventeencharacte", "$5$salt:string", "$5$salt string", "$5$salt-string"}) {
    EXPECT_EQ(fault_of(start + digest), Fault::kHashMalformed) << start;
  }
  // The last character of a SHA-256 digest carries four bits, that of a SHA-512 digest two.
  EXPECT_EQ(fault_of("$5$saltstring$5B8vYYiY.CVt1RlTTf8KbXBH3hsxY/GNooZaBBGWEcE"), Fault::kHashMalformed);
  std::string sha512 = kShaCrypt[7].hash;
  sha512.back() = '2';
  EXPECT_EQ(fault_of(sha512), Fault::kHashMalformed);
  EXPECT_EQ(fault_of("$6$saltstring" + digest), Fault::kHashMalformed) << "a SHA-256 digest under SHA-512's name";
}

TEST(ParseForeign, ReadsYescryptStrictly) {
  const std::string rest = "$LdJMENpBABJJ3hIHjB1Bi.$tUlUF19mIl6XpRTpX7LBp5ABKS8KSmDfP1gXFrZ6Sy8";
  EXPECT_EQ(parse_foreign("$y$j75" + rest).value.cost, 1024u) << "128 * 8 * 2^10 bytes";
  EXPECT_EQ(parse_foreign("$y$j9T" + rest).value.cost, 16u * 1024) << "what crypt_gensalt makes by default";
  EXPECT_EQ(parse_foreign("$y$j.." + rest).value.cost, 1u);
  EXPECT_EQ(parse_foreign("$y$jjj" + rest).value.cost, 48ull * (1ull << 48) / 8) << "the most that two characters say";
  for (const char* parameters :
       {"", "j", "j7", "j755", "i75", "/75", ".75", "J75", "jk5", "j7k", "jz5", "j7z", "j7 ", "j7-"}) {
    EXPECT_EQ(fault_of("$y$" + std::string(parameters) + rest), Fault::kHashMalformed) << parameters;
  }
  EXPECT_EQ(fault_of("$y$j75$$tUlUF19mIl6XpRTpX7LBp5ABKS8KSmDfP1gXFrZ6Sy8"), Fault::kHashMalformed);
  EXPECT_EQ(fault_of("$y$j75$" + std::string(87, '.') + "$tUlUF19mIl6XpRTpX7LBp5ABKS8KSmDfP1gXFrZ6Sy8"),
            Fault::kHashMalformed);
  EXPECT_EQ(fault_of("$y$j75$LdJMENpBABJJ3hIHjB1Bi.$tUlUF19mIl6XpRTpX7LBp5ABKS8KSmDfP1gXFrZ6SyE"),
            Fault::kHashMalformed);
}

TEST(VerifyForeign, CallsAYescryptThatLibxcryptDoesNotTakeMalformed) {
  // N of 2 is within the form and the ceiling, and refused by the algorithm.
  EXPECT_EQ(verify("x", "$y$j..$LdJMENpBABJJ3hIHjB1Bi.$tUlUF19mIl6XpRTpX7LBp5ABKS8KSmDfP1gXFrZ6Sy8").refusal.fault,
            Fault::kHashMalformed);
  // A salt of one character stands for no byte.
  EXPECT_EQ(verify("x", "$y$j75$.$tUlUF19mIl6XpRTpX7LBp5ABKS8KSmDfP1gXFrZ6Sy8").refusal.fault, Fault::kHashMalformed);
}

TEST(ParseForeign, ReadsPbkdf2Strictly) {
  const std::string digest = "$VawEblbjCJ/sFpHCJUS2BflBhSFt3gRl5oudV8INrLw=";
  EXPECT_EQ(parse_foreign("pbkdf2_sha256$2147483647$salt" + digest).value.cost, 2147483647u);
  EXPECT_EQ(fault_of("pbkdf2_sha256$1$" + std::string(128, 's') + digest), Fault::kNone);
  EXPECT_EQ(fault_of("pbkdf2_sha256$1$" + std::string(129, 's') + digest), Fault::kHashMalformed);
  for (const char* start :
       {"pbkdf2_sha256$0$salt", "pbkdf2_sha256$01$salt", "pbkdf2_sha256$-1$salt", "pbkdf2_sha256$+1$salt",
        "pbkdf2_sha256$$salt", "pbkdf2_sha256$2147483648$salt", "pbkdf2_sha256$4294967297$salt", "pbkdf2_sha256$1$",
        "pbkdf2_sha256$1", "pbkdf2_sha256$1$sa lt", "pbkdf2_sha256$1$sa\nlt", "pbkdf2_sha256$1$s\xc3\xa4lt",
        "pbkdf2_sha256$1$sa$lt", "pbkdf2_sha256$1e3$salt"}) {
    EXPECT_EQ(fault_of(start + digest), Fault::kHashMalformed) << start;
  }
  for (const char* other :
       {"$VawEblbjCJ/sFpHCJUS2BflBhSFt3gRl5oudV8INrLw", "$VawEblbjCJ/sFpHCJUS2BflBhSFt3gRl5oudV8INrLx=",
        "$VawEblbjCJ_sFpHCJUS2BflBhSFt3gRl5oudV8INrLw=", "$VawEblbjCJ/sFpHCJUS2BflBhSFt3gRl5oudV8IN",
        "$VawEblbjCJ/sFpHCJUS2BflBhSFt3gRl5oudV8INrLwAAA==", "$", "$="}) {
    EXPECT_EQ(fault_of(std::string("pbkdf2_sha256$1$salt") + other), Fault::kHashMalformed) << other;
  }
}

TEST(CheckForeignCeiling, NamesTheSettingAndTakesWhatReachesIt) {
  struct Case {
    std::string hash;
    HashCeilings ceilings;
    const char* setting;
  };
  HashCeilings exact = kCeilings;
  exact.bcrypt_cost = 5;
  exact.sha_crypt_rounds = 5000;
  exact.yescrypt_memory_kib = 1024;
  exact.pbkdf2_iterations = 1;
  const Case cases[] = {
      {kBcrypt[0].hash, exact, "gatehouse.bcrypt_cost_ceiling"},
      {kShaCrypt[0].hash, exact, "gatehouse.sha_crypt_rounds_ceiling"},
      {kShaCrypt[7].hash, exact, "gatehouse.sha_crypt_rounds_ceiling"},
      {kYescrypt[0].hash, exact, "gatehouse.yescrypt_memory_ceiling"},
      {kPbkdf2[1].hash, exact, "gatehouse.pbkdf2_iterations_ceiling"},
  };
  for (const Case& one : cases) {
    const ForeignHash parsed = parse_foreign(one.hash).value;
    EXPECT_TRUE(check_foreign_ceiling(parsed, one.ceilings).ok()) << one.hash;
    const HashCeilings lower = {0,
                                0,
                                exact.bcrypt_cost - 1,
                                exact.pbkdf2_iterations - 1,
                                exact.sha_crypt_rounds - 1,
                                exact.yescrypt_memory_kib - 1};
    const Refusal refusal = check_foreign_ceiling(parsed, lower).refusal;
    EXPECT_EQ(refusal.fault, Fault::kHashTooExpensive) << one.hash;
    EXPECT_STREQ(refusal.subject, one.setting);
  }
}

}  // namespace
}  // namespace gatehouse::crypto
