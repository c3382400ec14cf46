// What is kept of the times of whole hashes, and what is drawn.
#include "crypto/hash_times.h"

#include <gtest/gtest.h>

#include <set>

namespace gatehouse::crypto {
namespace {

constexpr Argon2Cost kCost = {64 * 1024, 2};
constexpr std::uint64_t kMillisecond = 1'000'000;
constexpr int kPlaces = 32;
constexpr int kEnoughDraws = 3000;  // one of 32 is missing with a probability below 1e-39

std::set<std::uint64_t> drawn(const HashTimes& times, const Argon2Cost& cost) {
  std::set<std::uint64_t> found;
  for (int i = 0; i < kEnoughDraws; ++i) found.insert(times.draw(cost));
  return found;
}

TEST(HashTimes, HasNothingAtFirst) { EXPECT_EQ(HashTimes{}.draw(kCost), 0u); }

TEST(HashTimes, GivesEachOfTheLatest) {
  HashTimes times;
  std::set<std::uint64_t> latest;
  for (int i = 1; i <= 100; ++i) {
    times.note(kCost, i * kMillisecond);
    if (i > 100 - kPlaces) latest.insert(i * kMillisecond);
  }
  EXPECT_EQ(drawn(times, kCost), latest);
}

TEST(HashTimes, KeepsCostsApart) {
  HashTimes times;
  times.note(kCost, 84 * kMillisecond);
  times.note({kCost.memory_kib, 3}, 120 * kMillisecond);
  times.note({kCost.memory_kib + 1, 2}, 85 * kMillisecond);
  EXPECT_EQ(drawn(times, kCost), std::set<std::uint64_t>{84 * kMillisecond});
  EXPECT_EQ(times.draw({kCost.memory_kib, 3}), 120 * kMillisecond);
  EXPECT_EQ(times.draw({kCost.memory_kib, 4}), 0u);
  EXPECT_EQ(times.draw({kCost.memory_kib - 1, 2}), 0u);
}

TEST(HashTimes, ForgetsAFormerCost) {
  HashTimes times;
  times.note(kCost, 84 * kMillisecond);
  for (int i = 0; i < kPlaces; ++i) times.note({kCost.memory_kib, 3}, 120 * kMillisecond);
  EXPECT_EQ(times.draw(kCost), 0u);
}

TEST(HashTimes, KeepsWhatFitsItsWords) {
  HashTimes times;
  times.note({(1u << 24) - 1, 255}, 84 * kMillisecond);
  EXPECT_EQ(times.draw({(1u << 24) - 1, 255}), 84 * kMillisecond);
  times.note({1u << 24, 2}, 84 * kMillisecond);
  EXPECT_EQ(times.draw({1u << 24, 2}), 0u);
  times.note({64 * 1024, 256}, 84 * kMillisecond);
  EXPECT_EQ(times.draw({64 * 1024, 256}), 0u);
  EXPECT_EQ(times.draw({64 * 1024 + 1, 0}), 0u) << "nor is it another cost's";
  times.note(kCost, UINT64_MAX);
  EXPECT_EQ(times.draw(kCost), std::uint64_t{UINT32_MAX} * 1000) << "no longer than can be told";
}

}  // namespace
}  // namespace gatehouse::crypto
