// Argon2id: published vectors, the strictness of the text, and what is made.
#include "crypto/argon2.h"

#include <gtest/gtest.h>
#include <sys/resource.h>

#include <cstdio>
#include <cstdlib>
#include <fstream>
#include <string>
#include <vector>

#if defined(__has_feature)
#if __has_feature(address_sanitizer)
#define GATEHOUSE_UNDER_ASAN 1
#endif
#endif
#if defined(__SANITIZE_ADDRESS__)
#define GATEHOUSE_UNDER_ASAN 1
#endif

namespace gatehouse::crypto {
namespace {

struct Vector {
  const char* password;
  const char* hash;
};

const Vector kVectors[] = {
    // The reference implementation's src/test.c, version 0x13.
    {"password", "$argon2id$v=19$m=65536,t=2,p=1$c29tZXNhbHQ$CTFhFdXPJO1aFaMaO6Mm5c8y7cJHAph8ArZWb2GRPPc"},
    {"password", "$argon2id$v=19$m=256,t=2,p=1$c29tZXNhbHQ$nf65EOgLrQMR/uIPnA4rEsF5h7TKyQwu9U1bMCHGi/4"},
    {"password", "$argon2id$v=19$m=256,t=2,p=2$c29tZXNhbHQ$bQk8UB/VmZZF4Oo79iDXuL5/0ttZwg2f/5U52iv1cDc"},
    {"password", "$argon2id$v=19$m=65536,t=1,p=1$c29tZXNhbHQ$9qWtwbpyPd3vm1rB1GThgPzZ3/ydHL92zKL+15XZypg"},
    {"password", "$argon2id$v=19$m=65536,t=4,p=1$c29tZXNhbHQ$kCXUjmjvc5XMqQedpMTsOv+zyJEf5PhtGiUghW9jFyw"},
    {"differentpassword", "$argon2id$v=19$m=65536,t=2,p=1$c29tZXNhbHQ$C4TWUs9rDEvq7w3+J4umqA32aWKB1+DSiRuBfYxFj94"},
    {"password", "$argon2id$v=19$m=65536,t=2,p=1$ZGlmZnNhbHQ$vfMrBczELrFdWP0ZsfhWsRPaHppYdP3MVEMIVlqoFBw"},
    // libsodium's test/default/pwhash_argon2id.c: a salt of 16 bytes, one of 18 with three lanes, one of 8.
    {"", "$argon2id$v=19$m=4882,t=2,p=1$bA81arsiXysd3WbTRzmEOw$Nm8QBM+7RH1DXo9rvp5cwKEOOOfD2g6JuxlXihoNcpE"},
    {"K3S=KyH#)36_?]LxeR8QNKw6X=gFbxai$C%29V*",
     "$argon2id$v=19$m=4096,t=1,p=3$PkEgcHJldHR5IGxvbmcgc2FsdA$HUqx5Z1b/ZypnUrvvJ5UC2Q+T6Q1WwASK/Kr9dRbGA0"},
    {"password", "$argon2id$v=19$m=256,t=3,p=1$MDEyMzQ1Njc$G5ajKFCoUzaXRLdz7UJb5wGkb2Xt+X5/GQjUYtS2+TE"},
    // Made by argon2-cffi with its defaults.
    {"TestPass123",
     "$argon2id$v=19$m=65536,t=3,p=4$2m5CBWkA489bnIwyY5iaWQ$w3ujhnFOTF63QwaBVK950q/NxCwyTVQF4LLTeHAEt/Y"},
};

constexpr std::string_view kCheapHash =
    "$argon2id$v=19$m=256,t=2,p=1$c29tZXNhbHQ$nf65EOgLrQMR/uIPnA4rEsF5h7TKyQwu9U1bMCHGi/4";

// Verifies where the text is well formed; counts a malformed one as a mismatch.
bool matches(std::string_view password, std::string_view text) {
  const Result<Argon2Hash> parsed = parse_argon2(text);
  if (!parsed.ok()) return false;
  const Result<bool> verified = verify_argon2(password, parsed.value);
  EXPECT_TRUE(verified.ok());
  return verified.ok() && verified.value;
}

bool well_formed(std::string_view text) {
  const Result<Argon2Hash> parsed = parse_argon2(text);
  EXPECT_EQ(parsed.refusal.fault, parsed.ok() ? Fault::kNone : Fault::kHashMalformed) << text;
  return parsed.ok();
}

TEST(VerifyArgon2, MatchesPublishedVectors) {
  for (const Vector& vector : kVectors) {
    EXPECT_TRUE(matches(vector.password, vector.hash)) << vector.hash;
    EXPECT_FALSE(matches(std::string(vector.password) + "x", vector.hash)) << vector.hash;
  }
}

TEST(VerifyArgon2, CountsEveryByteOfThePassword) {
  const std::string longest(1024, 'x');
  const Result<HashText> made = make_argon2(longest, {8, 1});
  ASSERT_TRUE(made.ok());
  EXPECT_TRUE(matches(longest, made.value.view()));
  EXPECT_FALSE(matches(longest.substr(1), made.value.view()));
  for (const std::size_t at : {0u, 71u, 72u, 511u, 1023u}) {
    std::string changed = longest;
    changed[at] = 'y';
    EXPECT_FALSE(matches(changed, made.value.view())) << at;
  }
  const Result<HashText> with_nul = make_argon2(std::string_view("a\0b", 3), {8, 1});
  EXPECT_TRUE(matches(std::string_view("a\0b", 3), with_nul.value.view()));
  EXPECT_FALSE(matches("a", with_nul.value.view()));
}

TEST(ParseArgon2, GivesTheCost) {
  const Result<Argon2Hash> parsed = parse_argon2(kVectors[8].hash);
  ASSERT_TRUE(parsed.ok());
  EXPECT_EQ(parsed.value.cost.memory_kib, 4096u);
  EXPECT_EQ(parsed.value.cost.iterations, 1u);
  EXPECT_EQ(parsed.value.lanes, 3u);
  EXPECT_FALSE(argon2_in_our_form(parsed.value));
}

TEST(ParseArgon2, TakesCanonicalNumbersOnly) {
  const auto with = [](const std::string& costs) {
    return well_formed("$argon2id$v=19$" + costs + "$c29tZXNhbHQ$nf65EOgLrQMR/uIPnA4rEsF5h7TKyQwu9U1bMCHGi/4");
  };
  EXPECT_TRUE(with("m=256,t=2,p=1"));
  EXPECT_TRUE(with("m=4294967295,t=4294967295,p=1"));
  EXPECT_TRUE(with("m=8,t=1,p=1"));
  EXPECT_TRUE(with("m=128,t=1,p=16"));
  for (const char* costs : {"m=4294967296,t=2,p=1",
                            "m=256,t=4294967296,p=1",
                            "m=256,t=2,p=4294967297",
                            "m=18446744073709551872,t=2,p=1",
                            "m=0256,t=2,p=1",
                            "m=256,t=02,p=1",
                            "m=256,t=2,p=01",
                            "m=+256,t=2,p=1",
                            "m=-256,t=2,p=1",
                            "m= 256,t=2,p=1",
                            "m=,t=2,p=1",
                            "m=256,t=,p=1",
                            "m=256,t=2,p=",
                            "m=0x100,t=2,p=1",
                            "m=256,t=0,p=1",
                            "m=256,t=2,p=0",
                            "m=0,t=2,p=1",
                            "m=7,t=2,p=1",
                            "m=15,t=2,p=2",
                            "m=65536,t=2,p=17",
                            "t=2,m=256,p=1",
                            "m=256,t=2",
                            "m=256,p=1",
                            "m=256,t=2,p=1,",
                            "m=256,t=2,p=1,keyid=AAAA",
                            "m=256,t=2,p=1,data=AAAA",
                            "M=256,t=2,p=1",
                            "m=256, t=2,p=1",
                            "m=256;t=2;p=1",
                            "m=2.5e2,t=2,p=1"}) {
    EXPECT_FALSE(with(costs)) << costs;
  }
}

TEST(ParseArgon2, TakesVersion19Only) {
  const std::string rest = "m=256,t=2,p=1$c29tZXNhbHQ$nf65EOgLrQMR/uIPnA4rEsF5h7TKyQwu9U1bMCHGi/4";
  EXPECT_TRUE(well_formed("$argon2id$v=19$" + rest));
  for (const char* version : {"v=16$", "v=18$", "v=20$", "v=019$", "v=19,$", "v=$", "V=19$", "", "19$"}) {
    EXPECT_FALSE(well_formed("$argon2id$" + std::string(version) + rest)) << version;
  }
}

TEST(ParseArgon2, TakesCanonicalBase64Only) {
  const auto with = [](const std::string& parts) { return well_formed("$argon2id$v=19$m=256,t=2,p=1$" + parts); };
  const std::string salt = "c29tZXNhbHQ";
  const std::string tag = "nf65EOgLrQMR/uIPnA4rEsF5h7TKyQwu9U1bMCHGi/4";
  EXPECT_TRUE(with(salt + "$" + tag));
  for (const std::string& parts :
       {salt + "=$" + tag, salt + "$" + tag + "=", "c29tZXNhbHR$" + tag,
        salt + "$nf65EOgLrQMR/uIPnA4rEsF5h7TKyQwu9U1bMCHGi/5", salt + "$nf65EOgLrQMR_uIPnA4rEsF5h7TKyQwu9U1bMCHGi_4",
        "c29t ZXNhbHQ$" + tag, "c29t\nZXNhbHQ$" + tag, salt + "$", "$" + tag, salt + tag, salt + "$" + tag + "$",
        salt + "$" + tag + "$" + tag, salt + "$$" + tag, std::string(), std::string("$")}) {
    EXPECT_FALSE(with(parts)) << parts;
  }
}

TEST(ParseArgon2, LimitsSaltAndTag) {
  const auto with = [](std::size_t salt, std::size_t tag) {
    // 'A's whose count is that of canonical base64.
    const auto text = [](std::size_t bytes) { return std::string((bytes * 4 + 2) / 3, 'A'); };
    return well_formed("$argon2id$v=19$m=256,t=2,p=1$" + text(salt) + "$" + text(tag));
  };
  EXPECT_FALSE(with(7, 32));
  EXPECT_TRUE(with(8, 32));
  EXPECT_TRUE(with(64, 32));
  EXPECT_FALSE(with(65, 32));
  EXPECT_FALSE(with(16, 15));
  EXPECT_TRUE(with(16, 16));
  EXPECT_TRUE(with(16, 64));
  EXPECT_FALSE(with(16, 65));
}

TEST(VerifyArgon2, NeverTakesATruncatedHash) {
  for (std::size_t size = 0; size < kCheapHash.size(); ++size) {
    EXPECT_FALSE(matches("password", kCheapHash.substr(0, size))) << size;
  }
}

TEST(VerifyArgon2, NeverTakesAHashWithAnyBitFlipped) {
  int verified = 0;
  for (std::size_t at = 0; at < kCheapHash.size(); ++at) {
    for (int bit = 0; bit < 8; ++bit) {
      std::string flipped(kCheapHash);
      flipped[at] = static_cast<char>(flipped[at] ^ (1 << bit));
      verified += parse_argon2(flipped).ok();
      EXPECT_FALSE(matches("password", flipped)) << flipped;
    }
  }
  EXPECT_GT(verified, 50) << "some must reach the comparison";
}

TEST(VerifyArgon2, NeverTakesAHashWithANulOrAnythingBehindIt) {
  for (std::size_t at = 0; at <= kCheapHash.size(); ++at) {
    std::string inserted(kCheapHash);
    inserted.insert(at, 1, '\0');
    EXPECT_FALSE(well_formed(inserted)) << at;
  }
  for (const char* tail : {" ", "\n", "$", "="}) EXPECT_FALSE(well_formed(std::string(kCheapHash) + tail)) << tail;
  for (const char* head : {" ", "\n", "$"}) EXPECT_FALSE(well_formed(head + std::string(kCheapHash))) << head;
}

TEST(VerifyArgon2, NeverTakesATagThatIsAPrefixOfTheRightOne) {
  // Argon2's tags of other sizes are other tags, not shorter ones.
  const std::string hash(kCheapHash);
  EXPECT_FALSE(matches("password", hash.substr(0, hash.size() - 3)));  // 30 bytes, canonical
  EXPECT_TRUE(parse_argon2(hash.substr(0, hash.size() - 3)).ok());
}

TEST(MakeArgon2, IsInOurForm) {
  const Result<HashText> made = make_argon2("password", {64, 3});
  ASSERT_TRUE(made.ok());
  EXPECT_TRUE(made.value.view().starts_with("$argon2id$v=19$m=64,t=3,p=1$")) << made.value.view();
  const Result<Argon2Hash> parsed = parse_argon2(made.value.view());
  ASSERT_TRUE(parsed.ok());
  EXPECT_TRUE(argon2_in_our_form(parsed.value));
  EXPECT_EQ(parsed.value.salt.size(), 22u);
  EXPECT_EQ(parsed.value.tag.size(), 43u);
  EXPECT_TRUE(matches("password", made.value.view()));
}

TEST(MakeArgon2, SaltsEachAnew) {
  EXPECT_NE(make_argon2("password", {8, 1}).value.view(), make_argon2("password", {8, 1}).value.view());
}

TEST(MakeArgon2, FitsAtTheGreatestCosts) {
  // What the text of the greatest settings takes; the hash itself would take hours.
  const std::string longest =
      "$argon2id$v=19$m=4194303,t=1024,p=1$" + std::string(22, 'A') + "$" + std::string(43, 'A');
  EXPECT_LT(longest.size(), sizeof(HashText::bytes));
}

#if !defined(GATEHOUSE_UNDER_ASAN)
// In a process that may not have the memory, run by itself.
int fault_without_memory(Result<bool> (*work)()) {
  std::ifstream statm("/proc/self/statm");
  rlim_t pages = 0;
  statm >> pages;
  const rlim_t bytes = pages * 4096 + (32u << 20);
  const rlimit limit{bytes, bytes};
  if (pages == 0 || setrlimit(RLIMIT_AS, &limit) != 0) return -1;
  return static_cast<int>(work().refusal.fault);
}

TEST(Argon2WithoutMemoryDeathTest, SaysSoAndCallsItNoMismatch) {
  const auto as_exit_status = testing::ExitedWithCode(static_cast<int>(Fault::kOutOfMemory));
  EXPECT_EXIT(std::exit(fault_without_memory([]() -> Result<bool> {
                return make_argon2("x", {65536, 1}).refusal;
              })),
              as_exit_status, "");
  EXPECT_EXIT(std::exit(fault_without_memory([]() -> Result<bool> {
                return decoy_argon2("x", {65536, 1}).refusal;
              })),
              as_exit_status, "");
  EXPECT_EXIT(std::exit(fault_without_memory([] {  // a salt of 16 bytes and one lane
                return verify_argon2("x", parse_argon2("$argon2id$v=19$m=65536,t=1,p=1$AAAAAAAAAAAAAAAAAAAAAA$"
                                                       "AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA")
                                              .value);
              })),
              as_exit_status, "");
  EXPECT_EXIT(std::exit(fault_without_memory([] {  // through libsodium's function for strings
                return verify_argon2("password", parse_argon2(kVectors[0].hash).value);
              })),
              as_exit_status, "");
}
#endif

}  // namespace
}  // namespace gatehouse::crypto
