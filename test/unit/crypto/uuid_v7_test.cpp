// UUID version 7: the layout of RFC 9562, and the order that callers rely on.
#include "crypto/uuid_v7.h"

#include <gtest/gtest.h>

#include <cstdio>
#include <string>

namespace gatehouse::crypto {
namespace {

constexpr std::uint64_t kMillisecond = 1'000'000;
// 2022-02-22 14:22:22 -05:00, the time of RFC 9562's example in appendix A.6.
constexpr std::uint64_t kExampleTime = 1'645'557'742'000 * kMillisecond;

std::string hex(const Uuid& uuid) {
  std::string text;
  for (const unsigned char byte : uuid) {
    char digits[3];
    std::snprintf(digits, sizeof digits, "%02x", byte);
    text += digits;
  }
  return text;
}

TEST(UuidV7, HasTheLayoutOfTheRfcsExample) {
  // 017F22E2-79B0-7CC3-98C4-DC0C0C07398F: the time in milliseconds, version, and rand_a, which here is the fraction
  // of the millisecond in 1/4096: 0xCC3 from 797608 ns on.
  UuidClock clock;
  EXPECT_EQ(hex(uuid_v7(clock, kExampleTime + 797'608)).substr(0, 16), "017f22e279b07cc3");
  EXPECT_EQ(hex(uuid_v7(clock = {}, kExampleTime + 797'607)).substr(0, 16), "017f22e279b07cc2");
  EXPECT_EQ(hex(uuid_v7(clock = {}, kExampleTime)).substr(0, 16), "017f22e279b07000");
  EXPECT_EQ(hex(uuid_v7(clock = {}, kExampleTime + kMillisecond - 1)).substr(0, 16), "017f22e279b07fff");
}

TEST(UuidV7, HasVersionAndVariantAlways) {
  UuidClock clock;
  for (int i = 0; i < 10'000; ++i) {
    const Uuid uuid = uuid_v7(clock, kExampleTime + static_cast<std::uint64_t>(i) * 77'777);
    ASSERT_EQ(uuid[6] >> 4, 7);
    ASSERT_EQ(uuid[8] >> 6, 2);
  }
}

TEST(UuidV7, RisesWhileTheTimeStandsStill) {
  UuidClock clock;
  Uuid last = uuid_v7(clock, kExampleTime);
  for (int i = 0; i < 10'000; ++i) {
    const Uuid next = uuid_v7(clock, kExampleTime);
    ASSERT_GT(next, last);
    last = next;
  }
  // 10,000 steps of 1/4096 ms carry into the milliseconds.
  EXPECT_EQ(hex(last).substr(0, 12), "017f22e279b2");
}

TEST(UuidV7, RisesWhenTheTimeGoesBack) {
  UuidClock clock;
  Uuid last = uuid_v7(clock, kExampleTime);
  for (const std::uint64_t back : {std::uint64_t{1}, kMillisecond, 3600 * 1000 * kMillisecond, kExampleTime}) {
    const Uuid next = uuid_v7(clock, kExampleTime - back);
    ASSERT_GT(next, last) << back;
    last = next;
  }
  EXPECT_EQ(hex(last).substr(0, 12), "017f22e279b0") << "it does not run ahead either";
}

TEST(UuidV7, FollowsTheTimeAgainOnceThatIsAhead) {
  UuidClock clock;
  (void)uuid_v7(clock, kExampleTime + 10 * kMillisecond);
  (void)uuid_v7(clock, kExampleTime);
  EXPECT_EQ(hex(uuid_v7(clock, kExampleTime + 16 * kMillisecond)).substr(0, 16), "017f22e279c07000");
}

TEST(UuidV7, HasSixtyTwoRandomBits) {
  UuidClock clock;
  Uuid ever_set{};
  Uuid always_set;
  always_set.fill(0xff);
  for (int i = 0; i < 200; ++i) {
    const Uuid uuid = uuid_v7(clock, kExampleTime);
    for (std::size_t at = 8; at < 16; ++at) {
      ever_set[at] |= uuid[at];
      always_set[at] &= uuid[at];
    }
  }
  // That a random bit stays the same 200 times has a chance of 2^-193.
  EXPECT_EQ(hex(ever_set).substr(16), "bfffffffffffffff");
  EXPECT_EQ(hex(always_set).substr(16), "8000000000000000");
}

TEST(UuidV7, TakesTheGreatestTimeThereIs) {
  UuidClock clock;
  const Uuid first = uuid_v7(clock, UINT64_MAX);
  EXPECT_EQ(first[6] >> 4, 7);
  EXPECT_GT(uuid_v7(clock, UINT64_MAX), first);
}

}  // namespace
}  // namespace gatehouse::crypto
