#include "accounts/throttle_table.h"

#include <algorithm>
#include <tuple>

namespace gatehouse::accounts {

namespace {

// What is missed least comes first.
auto importance(const ThrottleEntry& entry) {
  return std::tuple(entry.used, entry.unsaved || entry.taken_by != 0, entry.count.failures, entry.count.counted_at);
}

}  // namespace

void ThrottleEntry::changed() noexcept {
  ++version;
  // A count that began and ended here leaves nothing to store.
  unsaved = stored || count.failures > 0;
}

ClaimedEntry claim_entry(TableSet<ThrottleEntry> set, const TableKey& key, const FailureCount& initial, bool stored) noexcept {
  if (ThrottleEntry* found = find_entry(set, key)) return {*found, false};
  ThrottleEntry& chosen = *std::min_element(set.begin(), set.end(), [](const ThrottleEntry& a, const ThrottleEntry& b) {
    return importance(a) < importance(b);
  });
  const bool lost = chosen.used && chosen.unsaved;
  chosen = {.used = true, .stored = stored, .key = key, .count = initial};
  return {chosen, lost};
}

}  // namespace gatehouse::accounts
