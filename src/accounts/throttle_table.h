// The counts of failures of all databases, in a table of fixed size. Core.
//
// Lies in shared memory, in partitions; whoever touches one holds its lock. The table is set-associative: a key hashes to
// one set of entries, and where the set is full, the count that is missed least makes room: one that is also stored in
// the database, then the lowest, then the oldest. The hash is keyed, so that nobody can aim at another's set.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <span>

#include "accounts/throttle.h"

namespace gatehouse::accounts {

inline constexpr std::size_t kSubjectBytes = 16;
inline constexpr std::size_t kThrottlePartitions = 16;
inline constexpr std::size_t kSetSize = 8;

// Who is counted: an account, an address, a login that no account has.
using Subject = std::array<unsigned char, kSubjectBytes>;

struct ThrottleKey {
  std::uint32_t database;
  Subject subject;

  bool operator==(const ThrottleKey&) const = default;
};

struct ThrottleEntry {
  bool used;
  bool unsaved;        // differs from what the database has stored
  bool stored;         // the database has a row of it
  ThrottleKey key;
  FailureCount count;
  std::uint32_t version;        // grows with each change
  std::uint32_t taken_version;  // what `taken_by` is about to store
  std::int32_t taken_by;        // the process; 0 is none
  Microseconds reported_at;     // when an attempt that was refused by it was last reported
  std::int32_t unreported;      // how many were refused since

  void changed() noexcept;
};

using HashKey = std::array<unsigned char, 16>;
std::uint64_t hash_of(const ThrottleKey& key, const HashKey& hash_key) noexcept;

// The partition of a hash, and within a partition of `sets` sets the set.
inline std::size_t partition_of(std::uint64_t hash) { return hash % kThrottlePartitions; }
inline std::size_t set_of(std::uint64_t hash, std::size_t sets) { return (hash / kThrottlePartitions) % sets; }

// The entry of the key in its set; nullptr where there is none.
ThrottleEntry* find_entry(std::span<ThrottleEntry, kSetSize> set, const ThrottleKey& key) noexcept;

// The entry of the key; where there is none, one that begins with `initial`, as the database has `stored` it. `lost` says
// whether an unsaved count had to make room.
struct ClaimedEntry {
  ThrottleEntry& entry;
  bool lost;
};
ClaimedEntry claim_entry(std::span<ThrottleEntry, kSetSize> set, const ThrottleKey& key, const FailureCount& initial,
                         bool stored) noexcept;

}  // namespace gatehouse::accounts
