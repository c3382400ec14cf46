// Where rows were last found.
#include "api_keys/row_hints.h"

#include <gtest/gtest.h>

#include <memory>

namespace gatehouse::api_keys {
namespace {

constexpr std::uint32_t kFile = 16384;

RowHint hint(std::uint32_t block) { return {.block = block, .item = 1, .offset = 8000, .buffer = 7}; }

// Spread as random ids are.
std::int64_t lookup_id(std::uint64_t i) { return static_cast<std::int64_t>((i + 1) * 0x9E3779B97F4A7C15 >> 1); }

TEST(RowHints, KnowNothingAtFirst) {
  const auto hints = std::make_unique<RowHints>();
  EXPECT_EQ(hints->find(kFile, 0), RowHint{}) << "the tag of an unused place is 0 as well";
  EXPECT_EQ(hints->find(0, 0), RowHint{});
  EXPECT_EQ(hints->find(kFile, lookup_id(1)).item, 0);
}

TEST(RowHints, GiveWhatWasRememberedLast) {
  const auto hints = std::make_unique<RowHints>();
  hints->remember(kFile, lookup_id(1), hint(1));
  hints->remember(kFile, lookup_id(2), hint(2));
  hints->remember(kFile, lookup_id(1), hint(3));
  EXPECT_EQ(hints->find(kFile, lookup_id(1)), hint(3));
  EXPECT_EQ(hints->find(kFile, lookup_id(2)), hint(2));
}

TEST(RowHints, BelongToAFile) {
  const auto hints = std::make_unique<RowHints>();
  hints->remember(kFile, lookup_id(1), hint(1));
  EXPECT_EQ(hints->find(kFile + 1, lookup_id(1)), RowHint{}) << "a rewritten table has its rows elsewhere";
  EXPECT_EQ(hints->find(kFile, lookup_id(1)), hint(1)) << "the old file may come back, by a rollback";
}

TEST(RowHints, HoldManyKeysAtOnce) {
  const auto hints = std::make_unique<RowHints>();
  for (std::uint32_t i = 0; i < 10000; ++i) hints->remember(kFile, lookup_id(i), hint(i));
  std::size_t known = 0;
  for (std::uint32_t i = 0; i < 10000; ++i) {
    const RowHint found = hints->find(kFile, lookup_id(i));
    if (found.item != 0) {
      EXPECT_EQ(found, hint(i));
      ++known;
    }
  }
  EXPECT_GT(known, 9900u);
}

TEST(RowHints, AreBounded) {
  const auto hints = std::make_unique<RowHints>();
  for (std::uint32_t i = 0; i < 1000000; ++i) hints->remember(kFile, lookup_id(i), hint(i));
  std::size_t known = 0;
  for (std::uint32_t i = 0; i < 1000000; ++i) known += hints->find(kFile, lookup_id(i)).item != 0;
  EXPECT_LE(known, sizeof(RowHints) / 16);
  EXPECT_LE(sizeof(RowHints), 2u * 1024 * 1024 + 64);
  EXPECT_EQ(hints->find(kFile, lookup_id(999999)), hint(999999)) << "a new one replaces an old one";
}

// Look-up ids that differ only where neither the place nor the tag looks: the row has to be compared.
TEST(RowHints, MayTakeOneIdForAnother) {
  const auto hints = std::make_unique<RowHints>();
  hints->remember(kFile, 1, hint(1));
  EXPECT_EQ(hints->find(kFile, 1 + (std::int64_t{1} << 60)), hint(1));
}

}  // namespace
}  // namespace gatehouse::api_keys
