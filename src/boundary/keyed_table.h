// How a table of fixed size in shared memory is addressed. Core.
//
// It lies in partitions; whoever touches one holds its lock. It is set-associative: a key hashes to one set of entries of
// one partition, and what becomes of a full set is the table's own business. The hash is keyed, so that nobody can aim at
// another's set. An entry has the members `used` and `key`.
#pragma once

#include <algorithm>
#include <array>
#include <cstddef>
#include <cstdint>
#include <span>

namespace gatehouse {

inline constexpr std::size_t kTablePartitions = 16;
inline constexpr std::size_t kSetSize = 8;

using TableSubject = std::array<unsigned char, 16>;

struct TableKey {
  std::uint32_t database;
  TableSubject subject;

  bool operator==(const TableKey&) const = default;
};

using HashKey = std::array<unsigned char, 16>;
// SipHash-2-4.
std::uint64_t hash_of(const TableKey& key, const HashKey& hash_key) noexcept;

// The partition of a hash, and within a partition of `sets` sets the set.
inline std::size_t partition_of(std::uint64_t hash) { return hash % kTablePartitions; }
inline std::size_t set_of(std::uint64_t hash, std::size_t sets) { return (hash / kTablePartitions) % sets; }

// How many sets a partition needs for `entries` in all.
inline std::size_t sets_for(std::size_t entries) {
  constexpr std::size_t kUnit = kTablePartitions * kSetSize;
  return (entries + kUnit - 1) / kUnit;
}

template <class Entry>
using TableSet = std::span<Entry, kSetSize>;

// The entry of the key in its set; nullptr where there is none.
template <class Set>
auto* find_entry(Set&& set, const TableKey& key) noexcept {
  const auto found = std::find_if(set.begin(), set.end(), [&](const auto& entry) { return entry.used && entry.key == key; });
  return found == set.end() ? nullptr : &*found;
}

}  // namespace gatehouse
