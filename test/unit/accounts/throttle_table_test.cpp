// The table of counts: a set keeps what is missed most.
#include "accounts/throttle_table.h"

#include <gtest/gtest.h>

#include <algorithm>

namespace gatehouse::accounts {
namespace {

using Set = std::array<ThrottleEntry, kSetSize>;

TableKey key_of(int number, std::uint32_t database = 1) {
  TableKey key = {.database = database, .subject = {}};
  key.subject[0] = static_cast<unsigned char>(number);
  return key;
}

// A set whose entries have 1, 2, ... failures, all stored.
Set full_set() {
  Set set{};
  for (int i = 0; i < static_cast<int>(kSetSize); ++i) {
    claim_entry(set, key_of(i), {.failures = i + 1, .counted_at = i, .locked_until = 0}, true);
  }
  return set;
}

TEST(ThrottleTable, FindsWhatWasClaimed) {
  Set set{};
  EXPECT_EQ(find_entry(set, key_of(1)), nullptr);
  const ClaimedEntry claimed = claim_entry(set, key_of(1), {.failures = 3, .counted_at = 5, .locked_until = 7}, true);
  EXPECT_FALSE(claimed.lost);
  EXPECT_EQ(find_entry(set, key_of(1)), &claimed.entry);
  EXPECT_EQ(claimed.entry.count.failures, 3);
  EXPECT_TRUE(claimed.entry.stored);
  EXPECT_FALSE(claimed.entry.unsaved);
  EXPECT_EQ(&claim_entry(set, key_of(1), {}, false).entry, &claimed.entry) << "what is there stays as it is";
  EXPECT_EQ(claimed.entry.count.failures, 3);
}

TEST(ThrottleTable, KeepsDatabasesApart) {
  Set set{};
  claim_entry(set, key_of(1, 1), {.failures = 3}, true);
  EXPECT_EQ(find_entry(set, key_of(1, 2)), nullptr);
}

TEST(ThrottleTable, TheLowestStoredCountMakesRoom) {
  Set set = full_set();
  const ClaimedEntry claimed = claim_entry(set, key_of(100), {}, false);
  EXPECT_FALSE(claimed.lost);
  EXPECT_EQ(find_entry(set, key_of(0)), nullptr);
  for (int i = 1; i < static_cast<int>(kSetSize); ++i) EXPECT_NE(find_entry(set, key_of(i)), nullptr) << i;
}

TEST(ThrottleTable, AnUnsavedCountStaysWhileAnotherIsStored) {
  Set set = full_set();
  find_entry(set, key_of(0))->changed();
  EXPECT_FALSE(claim_entry(set, key_of(100), {}, false).lost);
  EXPECT_NE(find_entry(set, key_of(0)), nullptr);
  EXPECT_EQ(find_entry(set, key_of(1)), nullptr);
}

TEST(ThrottleTable, WhatIsBeingStoredStaysWhileAnotherIsStored) {
  Set set = full_set();
  find_entry(set, key_of(0))->taken_by = 4711;
  claim_entry(set, key_of(100), {}, false);
  EXPECT_NE(find_entry(set, key_of(0)), nullptr);
}

TEST(ThrottleTable, SaysWhenAnUnsavedCountIsLost) {
  Set set = full_set();
  for (ThrottleEntry& entry : set) entry.changed();
  EXPECT_TRUE(claim_entry(set, key_of(100), {}, false).lost);
  EXPECT_EQ(find_entry(set, key_of(0)), nullptr) << "the lowest";
}

TEST(ThrottleTable, OfEqualCountsTheOldestMakesRoom) {
  Set set{};
  for (int i = 0; i < static_cast<int>(kSetSize); ++i) {
    claim_entry(set, key_of(i), {.failures = 1, .counted_at = 100 - i, .locked_until = 0}, true);
  }
  claim_entry(set, key_of(100), {}, false);
  EXPECT_EQ(find_entry(set, key_of(kSetSize - 1)), nullptr);
}

// A login that succeeds at once leaves no work for whoever stores.
TEST(ThrottleTable, ACountThatBeganAndEndedHereIsNotUnsaved) {
  Set set{};
  ThrottleEntry& entry = claim_entry(set, key_of(1), {}, false).entry;
  entry.count.failures = 1;
  entry.changed();
  EXPECT_TRUE(entry.unsaved);
  entry.count.failures = 0;
  entry.changed();
  EXPECT_FALSE(entry.unsaved);
  ThrottleEntry& stored = claim_entry(set, key_of(2), {.failures = 1}, true).entry;
  stored.count.failures = 0;
  stored.changed();
  EXPECT_TRUE(stored.unsaved) << "its row has to go";
}

}  // namespace
}  // namespace gatehouse::accounts
