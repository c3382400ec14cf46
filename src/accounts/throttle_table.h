// The counts of failures of all databases, in a table of fixed size. Core.
//
// Where a set is full, the count that is missed least makes room: one that is also stored in the database, then the lowest,
// then the oldest.
#pragma once

#include <cstddef>
#include <cstdint>

#include <tuple>

#include "accounts/throttle.h"
#include "boundary/keyed_table.h"

namespace gatehouse::accounts {

// Who is counted: an account, an address, a login that no account has.
using Subject = TableSubject;
inline constexpr std::size_t kSubjectBytes = std::tuple_size_v<Subject>;

struct ThrottleEntry {
  bool used;
  bool unsaved;        // differs from what the database has stored
  bool stored;         // the database has a row of it
  TableKey key;
  FailureCount count;
  std::uint32_t version;        // grows with each change
  std::uint32_t taken_version;  // what `taken_by` is about to store
  std::int32_t taken_by;        // the process; 0 is none
  Microseconds reported_at;     // when an attempt that was refused by it was last reported
  std::int32_t unreported;      // how many were refused since

  void changed() noexcept;
};

// The entry of the key; where there is none, one that begins with `initial`, as the database has `stored` it. `lost` says
// whether an unsaved count had to make room.
struct ClaimedEntry {
  ThrottleEntry& entry;
  bool lost;
};
ClaimedEntry claim_entry(TableSet<ThrottleEntry> set, const TableKey& key, const FailureCount& initial, bool stored) noexcept;

}  // namespace gatehouse::accounts
