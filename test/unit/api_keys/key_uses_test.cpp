// The uses that wait to be written: they merge, are taken, given back and forgotten, and none of a count gets lost unseen.
#include "api_keys/key_uses.h"

#include <gtest/gtest.h>

namespace gatehouse::api_keys {
namespace {

using Set = std::array<KeyUseEntry, kSetSize>;

constexpr UseAddress kNowhere{};
constexpr TakenUses kTaker = {.process = 7, .transaction = 700, .subtransaction = 1};

UseAddress address_of(unsigned char last) { return {.given = true, .family = 2, .bits = 32, .bytes = {10, 0, 0, last}}; }

TableKey key_of(int number, std::uint32_t database = 1) {
  TableKey key = {.database = database, .subject = {}};
  key.subject[0] = static_cast<unsigned char>(number);
  return key;
}

// A set in which key i was used i + 1 times, last at i + 1.
Set full_set() {
  Set set{};
  for (int i = 0; i < static_cast<int>(kSetSize); ++i) {
    for (int use = 0; use <= i; ++use) note_use(set, key_of(i), i + 1, kNowhere);
  }
  return set;
}

std::int64_t uses_in(const Set& set) {
  std::int64_t all = 0;
  for (const KeyUseEntry& entry : set) all += entry.used ? entry.waiting.count : 0;
  return all;
}

TEST(KeyUses, OfOneKeyMerge) {
  Set set{};
  note_use(set, key_of(1), 10, address_of(1));
  note_use(set, key_of(1), 20, address_of(2));
  const KeyUseEntry* entry = find_entry(set, key_of(1));
  ASSERT_NE(entry, nullptr);
  EXPECT_EQ(entry->waiting.count, 2);
  EXPECT_EQ(entry->waiting.last_at, 20);
  EXPECT_EQ(entry->waiting.last_address.bytes[3], 2);
}

TEST(KeyUses, TheLatestByTheClockIsTheLast) {
  Set set{};
  note_use(set, key_of(1), 20, address_of(2));
  note_use(set, key_of(1), 10, address_of(1));
  const KeyUseEntry* entry = find_entry(set, key_of(1));
  EXPECT_EQ(entry->waiting.count, 2);
  EXPECT_EQ(entry->waiting.last_at, 20);
  EXPECT_EQ(entry->waiting.last_address.bytes[3], 2);
}

TEST(KeyUses, TheAddressIsThatOfTheLastUse) {
  Set set{};
  note_use(set, key_of(1), 10, address_of(1));
  note_use(set, key_of(1), 20, kNowhere);
  EXPECT_FALSE(find_entry(set, key_of(1))->waiting.last_address.given);
}

TEST(KeyUses, ATimeBeforeTheEpochIsATime) {
  Set set{};
  note_use(set, key_of(1), -10, address_of(1));
  EXPECT_EQ(find_entry(set, key_of(1))->waiting.last_at, -10);
}

TEST(KeyUses, KeepsDatabasesApart) {
  Set set{};
  note_use(set, key_of(1, 1), 10, kNowhere);
  note_use(set, key_of(1, 2), 20, kNowhere);
  EXPECT_EQ(find_entry(set, key_of(1, 1))->waiting.count, 1);
  EXPECT_EQ(find_entry(set, key_of(1, 2))->waiting.count, 1);
}

TEST(KeyUses, WhatIsWrittenFreesTheEntry) {
  Set set{};
  note_use(set, key_of(1), 10, address_of(1));
  KeyUseEntry* entry = find_entry(set, key_of(1));
  entry->take(kTaker);
  EXPECT_EQ(entry->taken.count, 1);
  EXPECT_EQ(entry->taken.process, 7);
  entry->forget_taken();
  EXPECT_EQ(find_entry(set, key_of(1)), nullptr);
  EXPECT_FALSE(entry->waiting.last_address.given) << "no address stays behind";
}

TEST(KeyUses, WhatComesMeanwhileStays) {
  Set set{};
  note_use(set, key_of(1), 10, kNowhere);
  KeyUseEntry* entry = find_entry(set, key_of(1));
  entry->take(kTaker);
  note_use(set, key_of(1), 20, kNowhere);
  note_use(set, key_of(1), 30, kNowhere);
  EXPECT_EQ(entry->waiting.count, 3);
  EXPECT_EQ(entry->taken.count, 1);
  entry->forget_taken();
  EXPECT_EQ(entry->waiting.count, 2);
  EXPECT_EQ(entry->taken.count, 0);
  EXPECT_EQ(find_entry(set, key_of(1)), entry);
}

TEST(KeyUses, WhatIsGivenBackWaitsAgain) {
  Set set{};
  note_use(set, key_of(1), 10, kNowhere);
  KeyUseEntry* entry = find_entry(set, key_of(1));
  entry->take(kTaker);
  note_use(set, key_of(1), 20, kNowhere);
  entry->give_back();
  EXPECT_EQ(entry->waiting.count, 2);
  EXPECT_EQ(entry->taken.count, 0);
}

TEST(KeyUses, TheLastFreeEntryFillsTheSet) {
  Set set{};
  for (int i = 0; i < static_cast<int>(kSetSize); ++i) {
    EXPECT_EQ(note_use(set, key_of(i), 10, kNowhere).filled, i == static_cast<int>(kSetSize) - 1) << i;
  }
  EXPECT_FALSE(note_use(set, key_of(0), 10, kNowhere).filled) << "once only";
  EXPECT_FALSE(note_use(set, key_of(100), 10, kNowhere).filled);
}

TEST(KeyUses, WhereTheSetIsFullAUseIsLostAndCounted) {
  Set set = full_set();
  const std::int64_t before = uses_in(set);
  EXPECT_EQ(note_use(set, key_of(100), 10, kNowhere).lost, 1);
  EXPECT_EQ(find_entry(set, key_of(100)), nullptr);
  EXPECT_EQ(uses_in(set), before);
  EXPECT_EQ(note_use(set, key_of(3), 10, kNowhere).lost, 0) << "a key that is there has its place";
  EXPECT_EQ(uses_in(set), before + 1);
}

TEST(KeyUses, TheOldestThatNobodyWritesMakesRoom) {
  Set set = full_set();
  const std::int64_t before = uses_in(set);
  EXPECT_EQ(note_use(set, key_of(100), kForsakenAfter, kNowhere).lost, 1) << "not yet: the use itself";
  const Noted noted = note_use(set, key_of(100), kForsakenAfter + 2, kNowhere);
  EXPECT_EQ(noted.lost, 1) << "the one of the oldest key";
  EXPECT_FALSE(noted.filled);
  EXPECT_EQ(find_entry(set, key_of(0)), nullptr);
  EXPECT_EQ(find_entry(set, key_of(100))->waiting.count, 1);
  EXPECT_EQ(note_use(set, key_of(101), kForsakenAfter + 2, kNowhere).lost, 2);
  EXPECT_EQ(uses_in(set), before - 3 + 2) << "what is lost is counted";
}

TEST(KeyUses, WhatIsBeingWrittenNeverMakesRoom) {
  Set set = full_set();
  for (KeyUseEntry& entry : set) entry.take(kTaker);
  EXPECT_EQ(note_use(set, key_of(100), 10 * kForsakenAfter, kNowhere).lost, 1);
  EXPECT_EQ(find_entry(set, key_of(100)), nullptr);
}

}  // namespace
}  // namespace gatehouse::api_keys
