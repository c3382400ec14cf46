// The addressing of tables in shared memory: what is found, and how keys spread.
#include "boundary/keyed_table.h"

#include <gtest/gtest.h>

#include <set>
#include <vector>

namespace gatehouse {
namespace {

struct Entry {
  bool used;
  TableKey key;
};

TableKey key_of(int number, std::uint32_t database = 1) {
  TableKey key = {.database = database, .subject = {}};
  key.subject[0] = static_cast<unsigned char>(number);
  return key;
}

TEST(KeyedTable, FindsTheEntryOfTheKey) {
  std::array<Entry, kSetSize> set{};
  set[3] = {.used = true, .key = key_of(1)};
  EXPECT_EQ(find_entry(set, key_of(1)), &set[3]);
  EXPECT_EQ(find_entry(set, key_of(2)), nullptr);
  EXPECT_EQ(find_entry(set, key_of(1, 2)), nullptr) << "another database's";
}

TEST(KeyedTable, FindsNothingThatIsNotUsed) {
  std::array<Entry, kSetSize> set{};
  set[0].key = key_of(1);
  EXPECT_EQ(find_entry(set, key_of(1)), nullptr);
}

TEST(KeyedTable, HasRoomForAllThatIsAskedFor) {
  constexpr std::size_t kUnit = kTablePartitions * kSetSize;
  EXPECT_EQ(sets_for(1), 1u);
  EXPECT_EQ(sets_for(kUnit), 1u);
  EXPECT_EQ(sets_for(kUnit + 1), 2u);
}

TEST(KeyedTable, TheHashDependsOnKeyDatabaseAndSubject) {
  const HashKey a = {1}, b = {2};
  const std::set<std::uint64_t> hashes = {hash_of(key_of(1, 1), a), hash_of(key_of(1, 1), b), hash_of(key_of(1, 2), a),
                                          hash_of(key_of(2, 1), a)};
  EXPECT_EQ(hashes.size(), 4u);
  EXPECT_EQ(hash_of(key_of(1, 1), a), hash_of(key_of(1, 1), a));
}

TEST(KeyedTable, HashesSpreadOverPartitionsAndSets) {
  constexpr std::size_t kSets = 128;
  std::vector<int> filled(kTablePartitions * kSets);
  for (int database = 0; database < 100; ++database) {
    for (int i = 0; i < 100; ++i) {
      const std::uint64_t hash = hash_of(key_of(i, static_cast<std::uint32_t>(database)), HashKey{});
      ++filled[partition_of(hash) * kSets + set_of(hash, kSets)];
    }
  }
  // 10,000 keys over 2,048 sets: 4.9 each. A set with none has a chance of 0.7 %, one of 25 none worth the name.
  EXPECT_LT(*std::max_element(filled.begin(), filled.end()), 25);
  EXPECT_LT(std::count(filled.begin(), filled.end(), 0), 60);
}

}  // namespace
}  // namespace gatehouse
