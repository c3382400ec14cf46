// What is made, verified and refused, and how much work a login costs.
//
// Work is counted, not timed: this program's own definitions of the hashing functions stand before the libraries',
// note each call, and pass it on. The processor's clock is one that only those calls advance.
#include "crypto/password_hash.h"

#include <crypt.h>
#include <dlfcn.h>
#include <gtest/gtest.h>
#include <openssl/evp.h>
#include <sodium.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <cerrno>
#include <cstdlib>
#include <ctime>
#include <string>
#include <vector>

namespace {

constexpr std::uint64_t kNanosecondsPerWork = 10;

struct Meter {
  std::vector<gatehouse::crypto::Argon2Cost> argon2;  // each call's cost
  std::uint64_t others = 0;                           // calls of the foreign kinds
  std::uint64_t nanoseconds_of_others = 0;            // how long each of them is to seem
  bool argon2_fails = false;
  bool crypt_fails = false;

  std::uint64_t work() const {
    std::uint64_t sum = 0;
    for (const auto& cost : argon2) sum += std::uint64_t{cost.memory_kib} * cost.iterations;
    return sum;
  }
};
Meter meter;
std::uint64_t processor_clock = 0;

template <class Function>
Function* library(const char* name) {
  return reinterpret_cast<Function*>(dlsym(RTLD_NEXT, name));
}

void note_argon2(std::uint64_t memory_kib, std::uint64_t iterations) {
  meter.argon2.push_back({static_cast<std::uint32_t>(memory_kib), static_cast<std::uint32_t>(iterations)});
  processor_clock += memory_kib * iterations * kNanosecondsPerWork;
}

void note_other() {
  ++meter.others;
  processor_clock += meter.nanoseconds_of_others;
}

}  // namespace

extern "C" int crypto_pwhash_argon2id(unsigned char* const out, unsigned long long out_size, const char* const password,
                                      unsigned long long password_size, const unsigned char* const salt,
                                      unsigned long long iterations, size_t memory, int algorithm) {
  static auto* const original = library<decltype(crypto_pwhash_argon2id)>("crypto_pwhash_argon2id");
  note_argon2(memory / 1024, iterations);
  if (meter.argon2_fails) {
    errno = ENOMEM;
    return -1;
  }
  return original(out, out_size, password, password_size, salt, iterations, memory, algorithm);
}

extern "C" int crypto_pwhash_argon2id_str_verify(const char* text, const char* const password,
                                                 unsigned long long password_size) {
  static auto* const original =
      library<decltype(crypto_pwhash_argon2id_str_verify)>("crypto_pwhash_argon2id_str_verify");
  unsigned memory = 0;
  unsigned iterations = 0;
  if (std::sscanf(text, "$argon2id$v=19$m=%u,t=%u", &memory, &iterations) != 2) return -1;
  note_argon2(memory, iterations);
  return original(text, password, password_size);
}

extern "C" char* crypt_rn(const char* phrase, const char* setting, void* data, int size) noexcept {
  static auto* const original = library<decltype(crypt_rn)>("crypt_rn");
  note_other();
  if (meter.crypt_fails) {
    errno = ENOMEM;
    return nullptr;
  }
  return original(phrase, setting, data, size);
}

extern "C" int PKCS5_PBKDF2_HMAC(const char* password, int password_size, const unsigned char* salt, int salt_size,
                                 int iterations, const EVP_MD* digest, int key_size, unsigned char* out) {
  static auto* const original = library<decltype(PKCS5_PBKDF2_HMAC)>("PKCS5_PBKDF2_HMAC");
  note_other();
  return original(password, password_size, salt, salt_size, iterations, digest, key_size, out);
}

extern "C" int clock_gettime(clockid_t clock, timespec* now) noexcept {
  if (clock == CLOCK_THREAD_CPUTIME_ID) {
    now->tv_sec = static_cast<time_t>(processor_clock / 1'000'000'000);
    now->tv_nsec = static_cast<long>(processor_clock % 1'000'000'000);
    return 0;
  }
  return static_cast<int>(syscall(SYS_clock_gettime, clock, now));
}

namespace gatehouse::crypto {
namespace {

constexpr HashCeilings kCeilings = {.argon2_memory_kib = 64 * 1024,
                                    .argon2_iterations = 16,
                                    .bcrypt_cost = 14,
                                    .pbkdf2_iterations = 2'000'000,
                                    .sha_crypt_rounds = 1'000'000,
                                    .yescrypt_memory_kib = 64 * 1024};
constexpr Argon2Cost kFloor = {7 * 1024, 5};

// Of "password", with a salt of 8 bytes; m=256, t=2.
constexpr const char* kArgon2Of512 =
    "$argon2id$v=19$m=256,t=2,p=1$c29tZXNhbHQ$nf65EOgLrQMR/uIPnA4rEsF5h7TKyQwu9U1bMCHGi/4";
// Of "U*U".
constexpr const char* kBcrypt = "$2a$05$CCCCCCCCCCCCCCCCCCCCC.E5YPO9kmyuRGyh0XouQYb4YMJKvyOeW";
// Of "passwd".
constexpr const char* kPbkdf2 = "pbkdf2_sha256$1$salt$VawEblbjCJ/sFpHCJUS2BflBhSFt3gRl5oudV8INrLw=";

class PasswordHash : public testing::Test {
 protected:
  void SetUp() override { meter = {}; }
};
using NeedsRehash = PasswordHash;
using VerifyPassword = PasswordHash;
using VerifyLogin = PasswordHash;

TEST(ReachesFloor, HoldsEachPairOfTheCheatSheet) {
  for (const Argon2Cost& pair : {Argon2Cost{46 * 1024, 1}, Argon2Cost{19 * 1024, 2}, Argon2Cost{12 * 1024, 3},
                                 Argon2Cost{9 * 1024, 4}, Argon2Cost{7 * 1024, 5}}) {
    EXPECT_TRUE(reaches_floor(pair)) << pair.memory_kib;
    EXPECT_TRUE(reaches_floor({pair.memory_kib, pair.iterations + 1})) << pair.memory_kib;
    EXPECT_FALSE(reaches_floor({pair.memory_kib - 1, pair.iterations})) << pair.memory_kib;
    EXPECT_FALSE(reaches_floor({pair.memory_kib, pair.iterations - 1})) << pair.memory_kib;
  }
  EXPECT_TRUE(reaches_floor({64 * 1024, 2}));
  EXPECT_FALSE(reaches_floor({0, 0}));
  EXPECT_FALSE(reaches_floor({7 * 1024 - 1, 1'000'000}));
  EXPECT_FALSE(reaches_floor({UINT32_MAX, 0}));
}

TEST_F(PasswordHash, IsMadeAndVerified) {
  const Result<HashText> made = hash_password("correct horse battery staple", kFloor, kCeilings);
  ASSERT_TRUE(made.ok());
  EXPECT_TRUE(made.value.view().starts_with("$argon2id$v=19$m=7168,t=5,p=1$"));
  EXPECT_TRUE(verify_password("correct horse battery staple", made.value.view(), kCeilings).value);
  EXPECT_FALSE(verify_password("correct horse battery stapl", made.value.view(), kCeilings).value);
  EXPECT_FALSE(needs_rehash(made.value.view(), kFloor).value);
}

TEST_F(PasswordHash, IsNotMadeBelowTheFloor) {
  EXPECT_EQ(hash_password("x", {7 * 1024, 4}, kCeilings).refusal.fault, Fault::kArgon2BelowFloor);
  EXPECT_EQ(hash_password("x", {7 * 1024 - 1, 16}, kCeilings).refusal.fault, Fault::kArgon2BelowFloor);
}

TEST_F(PasswordHash, IsNotMadeAboveACeiling) {
  Refusal refusal = hash_password("x", {64 * 1024 + 1, 2}, kCeilings).refusal;
  EXPECT_EQ(refusal.fault, Fault::kArgon2AboveCeiling);
  EXPECT_STREQ(refusal.subject, "gatehouse.argon2_memory_ceiling");
  refusal = hash_password("x", {7 * 1024, 17}, kCeilings).refusal;
  EXPECT_EQ(refusal.fault, Fault::kArgon2AboveCeiling);
  EXPECT_STREQ(refusal.subject, "gatehouse.argon2_iterations_ceiling");
}

TEST_F(VerifyPassword, KnowsEachKind) {
  EXPECT_TRUE(verify_password("password", kArgon2Of512, kCeilings).value);
  EXPECT_TRUE(verify_password("U*U", kBcrypt, kCeilings).value);
  EXPECT_TRUE(verify_password("passwd", kPbkdf2, kCeilings).value);
  EXPECT_TRUE(
      verify_password("Hello world!", "$5$saltstring$5B8vYYiY.CVt1RlTTf8KbXBH3hsxY/GNooZaBBGWEc5", kCeilings).value);
  EXPECT_TRUE(
      verify_password("abc", "$y$j75$LdJMENpBABJJ3hIHjB1Bi.$aN8IREm4mVoXwP2ZkEbfFinwVjML6Krr5zkB50rSJX3", kCeilings)
          .value);
}

TEST_F(VerifyPassword, HasItsHashesCheckedWithoutAnyWork) {
  for (const char* hash : {kArgon2Of512, kBcrypt, kPbkdf2, "$5$saltstring$5B8vYYiY.CVt1RlTTf8KbXBH3hsxY/GNooZaBBGWEc5",
                           "$y$j75$LdJMENpBABJJ3hIHjB1Bi.$aN8IREm4mVoXwP2ZkEbfFinwVjML6Krr5zkB50rSJX3"}) {
    EXPECT_TRUE(check_stored_hash(hash, kCeilings).ok()) << hash;
  }
  EXPECT_TRUE(meter.argon2.empty());
  EXPECT_EQ(meter.others, 0u);
}

TEST_F(VerifyPassword, RefusesBeforeAnyWork) {
  const std::string salt_and_tag = "$c29tZXNhbHQ$nf65EOgLrQMR/uIPnA4rEsF5h7TKyQwu9U1bMCHGi/4";
  struct Case {
    std::string hash;
    Fault fault;
    const char* subject;
  };
  const Case cases[] = {
      {"$argon2id$v=19$m=4294967295,t=1,p=1" + salt_and_tag, Fault::kHashTooExpensive,
       "gatehouse.argon2_memory_ceiling"},
      {"$argon2id$v=19$m=65537,t=1,p=1" + salt_and_tag, Fault::kHashTooExpensive, "gatehouse.argon2_memory_ceiling"},
      {"$argon2id$v=19$m=65537,t=1,p=16" + salt_and_tag, Fault::kHashTooExpensive, "gatehouse.argon2_memory_ceiling"},
      {"$argon2id$v=19$m=8,t=17,p=1" + salt_and_tag, Fault::kHashTooExpensive, "gatehouse.argon2_iterations_ceiling"},
      {"$argon2id$v=19$m=8,t=4294967295,p=1" + salt_and_tag, Fault::kHashTooExpensive,
       "gatehouse.argon2_iterations_ceiling"},
      {"$2b$15$CCCCCCCCCCCCCCCCCCCCC.E5YPO9kmyuRGyh0XouQYb4YMJKvyOeW", Fault::kHashTooExpensive,
       "gatehouse.bcrypt_cost_ceiling"},
      {"$5$rounds=999999999$saltstring$5B8vYYiY.CVt1RlTTf8KbXBH3hsxY/GNooZaBBGWEc5", Fault::kHashTooExpensive,
       "gatehouse.sha_crypt_rounds_ceiling"},
      {"$y$jjj$LdJMENpBABJJ3hIHjB1Bi.$aN8IREm4mVoXwP2ZkEbfFinwVjML6Krr5zkB50rSJX3", Fault::kHashTooExpensive,
       "gatehouse.yescrypt_memory_ceiling"},
      {"pbkdf2_sha256$2147483647$salt$VawEblbjCJ/sFpHCJUS2BflBhSFt3gRl5oudV8INrLw=", Fault::kHashTooExpensive,
       "gatehouse.pbkdf2_iterations_ceiling"},
      {"$argon2id$v=16$m=256,t=2,p=1" + salt_and_tag, Fault::kHashMalformed, ""},
      {"$argon2id$m=256,t=2,p=1" + salt_and_tag, Fault::kHashMalformed, ""},
      {"$argon2id$", Fault::kHashMalformed, ""},
      {"$argon2i$v=19$m=256,t=2,p=1" + salt_and_tag, Fault::kHashKindUnknown, ""},
      {"$1$28772684$iEwNOgGugqO9.bIz5sk8k/", Fault::kHashKindUnknown, ""},
      {"rqXexS6ZhobKA", Fault::kHashKindUnknown, ""},
      {"", Fault::kHashKindUnknown, ""},
      {std::string(kMaxHashBytes + 1, 'x'), Fault::kHashMalformed, ""},
      {std::string(50'000'000, '$'), Fault::kHashMalformed, ""},
  };
  for (const Case& one : cases) {
    const Result<bool> verified = verify_password("password", one.hash, kCeilings);
    EXPECT_EQ(verified.refusal.fault, one.fault) << one.hash.substr(0, 100);
    EXPECT_STREQ(verified.refusal.subject, one.subject) << one.hash.substr(0, 100);
    EXPECT_FALSE(verified.value);
    const Result<Done> checked = check_stored_hash(one.hash, kCeilings);
    EXPECT_EQ(checked.refusal.fault, one.fault) << one.hash.substr(0, 100);
    EXPECT_STREQ(checked.refusal.subject, one.subject) << one.hash.substr(0, 100);
  }
  EXPECT_TRUE(meter.argon2.empty());
  EXPECT_EQ(meter.others, 0u);
}

TEST_F(VerifyPassword, TellsWantOfMemoryFromAMismatch) {
  meter.argon2_fails = meter.crypt_fails = true;
  EXPECT_EQ(verify_password("x", "$argon2id$v=19$m=8,t=1,p=1$AAAAAAAAAAAAAAAAAAAAAA$AAAAAAAAAAAAAAAAAAAAAA", kCeilings)
                .refusal.fault,
            Fault::kOutOfMemory);
  EXPECT_EQ(verify_password("x", kBcrypt, kCeilings).refusal.fault, Fault::kOutOfMemory);
}

TEST_F(NeedsRehash, ComparesBothCostsWithTodays) {
  const std::string rest = ",p=1$AAAAAAAAAAAAAAAAAAAAAA$AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA";
  const auto needed = [&](const std::string& cost) {
    const Result<bool> result = needs_rehash("$argon2id$v=19$" + cost + rest, {19456, 2});
    EXPECT_TRUE(result.ok()) << cost;
    return result.value;
  };
  EXPECT_FALSE(needed("m=19456,t=2"));
  EXPECT_FALSE(needed("m=19457,t=3"));
  EXPECT_TRUE(needed("m=19455,t=2"));
  EXPECT_TRUE(needed("m=19456,t=1"));
  EXPECT_TRUE(needed("m=65536,t=1"));
  EXPECT_TRUE(needed("m=19455,t=100"));
  EXPECT_FALSE(needed("m=4294967295,t=4294967295")) << "what is above a ceiling is not weak";
}

TEST_F(NeedsRehash, SaysSoForWhateverIsNotInOurForm) {
  EXPECT_TRUE(needs_rehash(kBcrypt, {8, 1}).value);
  EXPECT_TRUE(needs_rehash(kPbkdf2, {8, 1}).value);
  EXPECT_TRUE(needs_rehash(kArgon2Of512, {8, 1}).value) << "a salt of 8 bytes";
  EXPECT_TRUE(needs_rehash("$argon2id$v=19$m=256,t=2,p=2$AAAAAAAAAAAAAAAAAAAAAA$"
                           "AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA",
                           {8, 1})
                  .value)
      << "two lanes";
  EXPECT_TRUE(needs_rehash("$argon2id$v=19$m=256,t=2,p=1$AAAAAAAAAAAAAAAAAAAAAA$AAAAAAAAAAAAAAAAAAAAAA", {8, 1}).value)
      << "a tag of 16 bytes";
}

TEST_F(NeedsRehash, RefusesWhatIsNoHash) {
  EXPECT_EQ(needs_rehash("", {8, 1}).refusal.fault, Fault::kHashKindUnknown);
  EXPECT_EQ(needs_rehash("$1$28772684$iEwNOgGugqO9.bIz5sk8k/", {8, 1}).refusal.fault, Fault::kHashKindUnknown);
  EXPECT_EQ(needs_rehash("$argon2id$v=19$", {8, 1}).refusal.fault, Fault::kHashMalformed);
  EXPECT_EQ(needs_rehash("$2b$05$", {8, 1}).refusal.fault, Fault::kHashMalformed);
}

// The cost of these logins: 1024 * 4.
constexpr Argon2Cost kToday = {1024, 4};
constexpr std::uint64_t kTodaysWork = 4096;

TEST_F(VerifyLogin, GivesTheRightAnswerForEachKind) {
  EXPECT_TRUE(verify_login("password", kArgon2Of512, kToday, kCeilings).value);
  EXPECT_FALSE(verify_login("passwore", kArgon2Of512, kToday, kCeilings).value);
  EXPECT_TRUE(verify_login("U*U", kBcrypt, kToday, kCeilings).value);
  EXPECT_FALSE(verify_login("U*V", kBcrypt, kToday, kCeilings).value);
  EXPECT_TRUE(verify_login("passwd", kPbkdf2, kToday, kCeilings).value);
  EXPECT_FALSE(verify_login("passwe", kPbkdf2, kToday, kCeilings).value);
}

TEST_F(VerifyLogin, SpendsOneHashOfTodayOnNoHash) {
  const Result<bool> answer = verify_login("password", "", kToday, kCeilings);
  EXPECT_TRUE(answer.ok());
  EXPECT_FALSE(answer.value);
  ASSERT_EQ(meter.argon2.size(), 1u);
  EXPECT_EQ(meter.argon2[0].memory_kib, kToday.memory_kib);
  EXPECT_EQ(meter.argon2[0].iterations, kToday.iterations);
}

TEST_F(VerifyLogin, SpendsOneHashOfTodayOnWhatCannotBeVerified) {
  for (const char* hash :
       {"!", "$1$28772684$iEwNOgGugqO9.bIz5sk8k/", "$argon2id$v=19$", "$2b$05$",
        "$2b$31$CCCCCCCCCCCCCCCCCCCCC.E5YPO9kmyuRGyh0XouQYb4YMJKvyOeW",
        "$argon2id$v=19$m=4294967295,t=9,p=1$c29tZXNhbHQ$nf65EOgLrQMR/uIPnA4rEsF5h7TKyQwu9U1bMCHGi/4"}) {
    meter = {};
    const Result<bool> answer = verify_login("password", hash, kToday, kCeilings);
    EXPECT_TRUE(answer.ok()) << hash;
    EXPECT_FALSE(answer.value) << hash;
    EXPECT_EQ(meter.work(), kTodaysWork) << hash;
    EXPECT_EQ(meter.others, 0u) << hash;
  }
}

TEST_F(VerifyLogin, SpendsNothingMoreOnAHashOfToday) {
  const std::string today =
      "$argon2id$v=19$m=1024,t=4,p=1$AAAAAAAAAAAAAAAAAAAAAA$AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA";
  EXPECT_FALSE(verify_login("password", today, kToday, kCeilings).value);
  EXPECT_EQ(meter.argon2.size(), 1u);
  EXPECT_EQ(meter.work(), kTodaysWork);
}

TEST_F(VerifyLogin, SpendsNothingMoreOnADearerHash) {
  const std::string dear =
      "$argon2id$v=19$m=2048,t=5,p=1$AAAAAAAAAAAAAAAAAAAAAA$AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA";
  EXPECT_FALSE(verify_login("password", dear, kToday, kCeilings).value);
  EXPECT_EQ(meter.argon2.size(), 1u);
}

TEST_F(VerifyLogin, TopsUpACheaperHashToTheSameWork) {
  ASSERT_TRUE(verify_login("x", "", kToday, kCeilings).ok());  // the pace is known from here on
  for (const char* password : {"password", "passwore"}) {      // the right one too
    meter = {};
    EXPECT_TRUE(verify_login(password, kArgon2Of512, kToday, kCeilings).ok());
    EXPECT_EQ(meter.argon2.size(), 2u) << password;
    EXPECT_EQ(meter.work(), kTodaysWork) << password;
  }
  for (const char* cost : {"m=8,t=1", "m=1024,t=1", "m=512,t=4", "m=1000,t=4", "m=8,t=16"}) {
    meter = {};
    EXPECT_FALSE(verify_login("x",
                              std::string("$argon2id$v=19$") + cost +
                                  ",p=1$AAAAAAAAAAAAAAAAAAAAAA$AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA",
                              kToday, kCeilings)
                     .value);
    EXPECT_GE(meter.work(), kTodaysWork - kToday.iterations) << cost << ": whole KiB only";
    EXPECT_LE(meter.work(), kTodaysWork + 1) << cost;
  }
}

TEST_F(VerifyLogin, LeavesOutATopUpTooSmallToBeSeen) {
  EXPECT_TRUE(verify_login("x",
                           "$argon2id$v=19$m=1020,t=4,p=1$AAAAAAAAAAAAAAAAAAAAAA$"
                           "AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA",
                           kToday, kCeilings)
                  .ok());
  EXPECT_EQ(meter.argon2.size(), 1u) << "libsodium hashes 8 KiB at least";
}

TEST_F(VerifyLogin, TopsUpAForeignHashByItsTime) {
  ASSERT_TRUE(verify_login("x", "", kToday, kCeilings).ok());  // the pace is known from here on
  for (const std::uint64_t work : {std::uint64_t{0}, std::uint64_t{400}, std::uint64_t{2000}, std::uint64_t{4000}}) {
    for (const char* hash : {kBcrypt, kPbkdf2}) {
      meter = {.argon2 = {}, .nanoseconds_of_others = work * kNanosecondsPerWork};
      EXPECT_FALSE(verify_login("wrong", hash, kToday, kCeilings).value);
      EXPECT_EQ(meter.others, 1u);
      EXPECT_GE(meter.work() + work, kTodaysWork - kToday.iterations) << work;
      EXPECT_LE(meter.work() + work, kTodaysWork + 1) << work;
    }
  }
}

TEST_F(VerifyLogin, SpendsNothingMoreOnAForeignHashThatTookLonger) {
  ASSERT_TRUE(verify_login("x", "", kToday, kCeilings).ok());
  meter = {.argon2 = {}, .nanoseconds_of_others = 2 * kTodaysWork * kNanosecondsPerWork};
  EXPECT_FALSE(verify_login("wrong", kBcrypt, kToday, kCeilings).value);
  EXPECT_TRUE(meter.argon2.empty());
}

TEST_F(VerifyLogin, TopsUpARightPasswordUnderAForeignHash) {
  ASSERT_TRUE(verify_login("x", "", kToday, kCeilings).ok());
  meter = {.argon2 = {}, .nanoseconds_of_others = 1000 * kNanosecondsPerWork};
  EXPECT_TRUE(verify_login("U*U", kBcrypt, kToday, kCeilings).value);
  EXPECT_EQ(meter.work() + 1000, kTodaysWork);
}

// A new process each: the first login of a process must not stand out.
TEST(VerifyLoginFirstDeathTest, LearnsThePaceWithoutCostingMore) {
  GTEST_FLAG_SET(death_test_style, "threadsafe");
  const auto total = [](std::uint64_t work) {
    meter = {.argon2 = {}, .nanoseconds_of_others = work * kNanosecondsPerWork};
    if (verify_login("wrong", kBcrypt, kToday, kCeilings).value || meter.argon2.size() != 2) return 1;
    const std::uint64_t sum = meter.work() + work;
    return sum >= kTodaysWork - kToday.iterations && sum <= kTodaysWork + 1 ? 0 : 2;
  };
  EXPECT_EXIT(std::exit(total(100)), testing::ExitedWithCode(0), "");
  EXPECT_EXIT(std::exit(total(3000)), testing::ExitedWithCode(0), "");
}

TEST_F(VerifyLogin, KeepsToTheCeilingsItself) {
  HashCeilings low = kCeilings;
  low.argon2_memory_kib = 64;
  low.argon2_iterations = 2;
  EXPECT_TRUE(verify_login("x", "", kToday, low).ok());
  ASSERT_EQ(meter.argon2.size(), 1u);
  EXPECT_EQ(meter.argon2[0].memory_kib, 64u);
  EXPECT_EQ(meter.argon2[0].iterations, 2u);
}

TEST_F(VerifyLogin, SurvivesACostOfNothing) {
  EXPECT_FALSE(verify_login("x", "", {0, 0}, kCeilings).value);
  EXPECT_FALSE(verify_login("x", kBcrypt, {0, 0}, kCeilings).value);
}

TEST_F(VerifyLogin, RefusesForWantOfMemoryAlone) {
  meter.argon2_fails = meter.crypt_fails = true;
  EXPECT_EQ(verify_login("x", "", kToday, kCeilings).refusal.fault, Fault::kOutOfMemory);
  EXPECT_EQ(verify_login("x", "!", kToday, kCeilings).refusal.fault, Fault::kOutOfMemory);
  EXPECT_EQ(verify_login("x", kBcrypt, kToday, kCeilings).refusal.fault, Fault::kOutOfMemory);
  EXPECT_EQ(verify_login("password", kArgon2Of512, kToday, kCeilings).refusal.fault, Fault::kOutOfMemory);
}

}  // namespace
}  // namespace gatehouse::crypto
