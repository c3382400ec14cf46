// What is made, verified and refused, and how much work a login costs.
//
// Work is counted, not timed: this program's own definitions of the hashing functions stand before the libraries',
// note each call, and pass it on. The processor's clock is one that only those calls advance: Argon2 by its work, and where
// it is told so less for a hash of little memory, as a processor's cache has it.
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

#include "crypto/hash_times.h"

namespace {

constexpr std::uint64_t kNanosecondsPerWork = 1000;
constexpr std::uint64_t kNanosecondsPerWorkInCache = 800;

struct Meter {
  std::vector<gatehouse::crypto::Argon2Cost> argon2;  // each call's cost
  std::uint64_t others = 0;                           // calls of the foreign kinds
  std::uint64_t nanoseconds_of_others = 0;            // how long each of them is to seem
  std::uint64_t cache_kib = 0;                        // what has less memory is faster
  bool clock_stands = false;
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
  if (meter.clock_stands) return;
  processor_clock +=
      memory_kib * iterations * (memory_kib < meter.cache_kib ? kNanosecondsPerWorkInCache : kNanosecondsPerWork);
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

extern "C" int crypto_pwhash_argon2id_str(char out[crypto_pwhash_argon2id_STRBYTES], const char* const password,
                                          unsigned long long password_size, unsigned long long iterations,
                                          size_t memory) {
  static auto* const original = library<decltype(crypto_pwhash_argon2id_str)>("crypto_pwhash_argon2id_str");
  note_argon2(memory / 1024, iterations);
  return original(out, password, password_size, iterations, memory);
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

  HashTimes times_;
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
  const Result<HashText> made = hash_password("correct horse battery staple", kFloor, kCeilings, times_);
  ASSERT_TRUE(made.ok());
  EXPECT_TRUE(made.value.view().starts_with("$argon2id$v=19$m=7168,t=5,p=1$"));
  EXPECT_TRUE(verify_password("correct horse battery staple", made.value.view(), kCeilings).value);
  EXPECT_FALSE(verify_password("correct horse battery stapl", made.value.view(), kCeilings).value);
  EXPECT_FALSE(needs_rehash(made.value.view(), kFloor).value);
}

TEST_F(PasswordHash, IsNotMadeBelowTheFloor) {
  EXPECT_EQ(hash_password("x", {7 * 1024, 4}, kCeilings, times_).refusal.fault, Fault::kArgon2BelowFloor);
  EXPECT_EQ(hash_password("x", {7 * 1024 - 1, 16}, kCeilings, times_).refusal.fault, Fault::kArgon2BelowFloor);
}

TEST_F(PasswordHash, IsNotMadeAboveACeiling) {
  Refusal refusal = hash_password("x", {64 * 1024 + 1, 2}, kCeilings, times_).refusal;
  EXPECT_EQ(refusal.fault, Fault::kArgon2AboveCeiling);
  EXPECT_STREQ(refusal.subject, "gatehouse.argon2_memory_ceiling");
  refusal = hash_password("x", {7 * 1024, 17}, kCeilings, times_).refusal;
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
// What is too small to be spent, of the 1024 KiB that a whole hash has: libsodium hashes 8 at least, and 7/8 are tried.
constexpr std::uint64_t kTodaysTime = kTodaysWork * kNanosecondsPerWork;
constexpr std::uint64_t kLeastTime = kTodaysTime - kTodaysTime * 10 / 1024;

std::string argon2_of(const std::string& cost) {
  return "$argon2id$v=19$" + cost + ",p=1$AAAAAAAAAAAAAAAAAAAAAA$AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA";
}

// The processor's time of a login, which gives the answer `matches`.
std::uint64_t time_of_login(const char* password, const std::string& hash, bool matches, HashTimes& times) {
  const std::uint64_t start = processor_clock;
  const Result<bool> answer = verify_login(password, hash, kToday, kCeilings, times);
  EXPECT_TRUE(answer.ok()) << hash;
  EXPECT_EQ(answer.value, matches) << hash;
  return processor_clock - start;
}

TEST_F(VerifyLogin, GivesTheRightAnswerForEachKind) {
  EXPECT_TRUE(verify_login("password", kArgon2Of512, kToday, kCeilings, times_).value);
  EXPECT_FALSE(verify_login("passwore", kArgon2Of512, kToday, kCeilings, times_).value);
  EXPECT_TRUE(verify_login("U*U", kBcrypt, kToday, kCeilings, times_).value);
  EXPECT_FALSE(verify_login("U*V", kBcrypt, kToday, kCeilings, times_).value);
  EXPECT_TRUE(verify_login("passwd", kPbkdf2, kToday, kCeilings, times_).value);
  EXPECT_FALSE(verify_login("passwe", kPbkdf2, kToday, kCeilings, times_).value);
}

TEST_F(VerifyLogin, SpendsOneHashOfTodayOnNoHash) {
  const Result<bool> answer = verify_login("password", "", kToday, kCeilings, times_);
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
    const Result<bool> answer = verify_login("password", hash, kToday, kCeilings, times_);
    EXPECT_TRUE(answer.ok()) << hash;
    EXPECT_FALSE(answer.value) << hash;
    EXPECT_EQ(meter.work(), kTodaysWork) << hash;
    EXPECT_EQ(meter.others, 0u) << hash;
  }
}

TEST_F(VerifyLogin, SpendsNothingMoreOnAHashOfToday) {
  const std::string today = argon2_of("m=1024,t=4");
  EXPECT_FALSE(verify_login("password", today, kToday, kCeilings, times_).value);
  EXPECT_EQ(meter.argon2.size(), 1u);
  EXPECT_EQ(meter.work(), kTodaysWork);
}

TEST_F(VerifyLogin, SpendsNothingMoreOnADearerHash) {
  const std::string dear = argon2_of("m=2048,t=5");
  EXPECT_FALSE(verify_login("password", dear, kToday, kCeilings, times_).value);
  EXPECT_EQ(meter.argon2.size(), 1u);
}

TEST_F(VerifyLogin, NotesTheTimeOfWholeHashesOfTodayAlone) {
  for (const std::string& hash : {argon2_of("m=512,t=4"), argon2_of("m=2048,t=5"), std::string(kBcrypt)}) {
    time_of_login("x", hash, false, times_);
    EXPECT_EQ(times_.draw(kToday), 0u) << hash;
  }
  for (const std::string& hash : {std::string(), argon2_of("m=1024,t=4")}) {
    HashTimes times;
    time_of_login("x", hash, false, times);
    EXPECT_EQ(times.draw(kToday), kTodaysTime) << hash;
  }
  ASSERT_TRUE(hash_password("x", kFloor, kCeilings, times_).ok());
  EXPECT_EQ(times_.draw(kFloor), kFloor.memory_kib * kFloor.iterations * kNanosecondsPerWork) << "a hash that is made too";
  EXPECT_EQ(times_.draw(kToday), 0u);
}

TEST_F(VerifyLogin, TopsUpACheaperHashToTheTimeOfAWholeOne) {
  for (const std::uint64_t cache_kib : {0u, 512u, 1024u}) {
    meter = {.argon2 = {}, .cache_kib = cache_kib};
    ASSERT_EQ(time_of_login("x", "", false, times_), kTodaysTime);
    for (const bool right : {true, false}) {
      const std::uint64_t time = time_of_login(right ? "password" : "passwore", kArgon2Of512, right, times_);
      EXPECT_GE(time, kLeastTime) << cache_kib;
      EXPECT_LE(time, kTodaysTime) << cache_kib;
    }
    for (const char* cost : {"m=8,t=1", "m=1024,t=1", "m=512,t=4", "m=1000,t=4", "m=8,t=16", "m=1020,t=4"}) {
      meter.argon2.clear();
      const std::uint64_t time = time_of_login("x", argon2_of(cost), false, times_);
      EXPECT_GE(time, kLeastTime) << cost << ' ' << cache_kib;
      EXPECT_LE(time, kTodaysTime) << cost << ' ' << cache_kib;
      EXPECT_LE(meter.argon2.size(), 6u) << cost << ' ' << cache_kib;
    }
  }
}

TEST_F(VerifyLogin, TopsUpAForeignHashToTheTimeOfAWholeOne) {
  ASSERT_EQ(time_of_login("x", "", false, times_), kTodaysTime);
  for (const std::uint64_t work : {std::uint64_t{0}, std::uint64_t{400}, std::uint64_t{2000}, std::uint64_t{4000}}) {
    for (const char* hash : {kBcrypt, kPbkdf2}) {
      meter = {.argon2 = {}, .nanoseconds_of_others = work * kNanosecondsPerWork, .cache_kib = 512};
      const std::uint64_t time = time_of_login("wrong", hash, false, times_);
      EXPECT_EQ(meter.others, 1u);
      EXPECT_GE(time, kLeastTime) << work;
      EXPECT_LE(time, kTodaysTime) << work;
    }
  }
  meter = {.argon2 = {}, .nanoseconds_of_others = 1000 * kNanosecondsPerWork};
  EXPECT_GE(time_of_login("U*U", kBcrypt, true, times_), kLeastTime) << "under the right password too";
}

TEST_F(VerifyLogin, SpendsNothingMoreOnAForeignHashThatTookLonger) {
  ASSERT_EQ(time_of_login("x", "", false, times_), kTodaysTime);
  meter = {.argon2 = {}, .nanoseconds_of_others = 2 * kTodaysTime};
  EXPECT_EQ(time_of_login("wrong", kBcrypt, false, times_), 2 * kTodaysTime);
  EXPECT_TRUE(meter.argon2.empty());
}

TEST_F(VerifyLogin, GoesByTheTimeAtTodaysCostAlone) {
  times_.note({2048, 4}, 10 * kTodaysTime);
  times_.note({1024, 5}, 10 * kTodaysTime);
  EXPECT_LE(time_of_login("x", argon2_of("m=512,t=4"), false, times_), kTodaysTime);
  times_.note(kToday, 2 * kTodaysTime);
  EXPECT_GE(time_of_login("x", argon2_of("m=512,t=4"), false, times_), 2 * kLeastTime) << "and by that";
}

TEST_F(VerifyLogin, WorksForTwoHashesAtTheMost) {
  times_.note(kToday, 100 * kTodaysTime);
  time_of_login("x", argon2_of("m=8,t=4"), false, times_);
  EXPECT_LE(meter.work(), 2 * kTodaysWork + 8 * 4);
  EXPECT_GE(meter.work(), kTodaysWork);
  meter = {.argon2 = {}, .clock_stands = true};
  time_of_login("x", argon2_of("m=8,t=4"), false, times_);
  EXPECT_LE(meter.work(), 2 * kTodaysWork + 8 * 4);
}

// No whole hash was measured yet: no more than is certain is spent, or the first login would stand out.
TEST_F(VerifyLogin, TopsUpToWhatItsPartsTellWhereNothingIsKnown) {
  const std::string cheaper[] = {kBcrypt, argon2_of("m=8,t=1"), argon2_of("m=512,t=4"), argon2_of("m=300,t=4")};
  for (const std::uint64_t work : {std::uint64_t{100}, std::uint64_t{3000}}) {
    for (const std::string& hash : cheaper) {
      HashTimes nothing;
      meter = {.argon2 = {}, .nanoseconds_of_others = work * kNanosecondsPerWork};
      const std::uint64_t time = time_of_login("wrong", hash, false, nothing);
      EXPECT_GE(time, kLeastTime) << hash << work;
      EXPECT_LE(time, kTodaysTime) << hash << work;
    }
  }
  HashTimes nothing;
  meter = {.argon2 = {}, .cache_kib = 512};
  EXPECT_GE(time_of_login("wrong", kBcrypt, false, nothing), kLeastTime) << "the largest part tells most";
  EXPECT_EQ(nothing.draw(kToday), 0u) << "no part is noted as a whole";
}

TEST_F(VerifyLogin, IsRefusedWhereItsTopUpFindsNoMemory) {
  meter.argon2_fails = true;
  EXPECT_EQ(verify_login("x", kBcrypt, kToday, kCeilings, times_).refusal.fault, Fault::kOutOfMemory);
  times_.note(kToday, kTodaysTime);
  EXPECT_EQ(verify_login("x", kPbkdf2, kToday, kCeilings, times_).refusal.fault, Fault::kOutOfMemory);
}

TEST_F(VerifyLogin, KeepsToTheCeilingsItself) {
  HashCeilings low = kCeilings;
  low.argon2_memory_kib = 64;
  low.argon2_iterations = 2;
  EXPECT_TRUE(verify_login("x", "", kToday, low, times_).ok());
  ASSERT_EQ(meter.argon2.size(), 1u);
  EXPECT_EQ(meter.argon2[0].memory_kib, 64u);
  EXPECT_EQ(meter.argon2[0].iterations, 2u);
}

TEST_F(VerifyLogin, SurvivesACostOfNothing) {
  EXPECT_FALSE(verify_login("x", "", {0, 0}, kCeilings, times_).value);
  EXPECT_FALSE(verify_login("x", kBcrypt, {0, 0}, kCeilings, times_).value);
}

TEST_F(VerifyLogin, RefusesForWantOfMemoryAlone) {
  meter.argon2_fails = meter.crypt_fails = true;
  EXPECT_EQ(verify_login("x", "", kToday, kCeilings, times_).refusal.fault, Fault::kOutOfMemory);
  EXPECT_EQ(verify_login("x", "!", kToday, kCeilings, times_).refusal.fault, Fault::kOutOfMemory);
  EXPECT_EQ(verify_login("x", kBcrypt, kToday, kCeilings, times_).refusal.fault, Fault::kOutOfMemory);
  EXPECT_EQ(verify_login("password", kArgon2Of512, kToday, kCeilings, times_).refusal.fault, Fault::kOutOfMemory);
}

}  // namespace
}  // namespace gatehouse::crypto
