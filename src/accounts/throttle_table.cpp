#include "accounts/throttle_table.h"

#include <sodium.h>

#include <algorithm>
#include <cstring>
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

std::uint64_t hash_of(const ThrottleKey& key, const HashKey& hash_key) noexcept {
  static_assert(sizeof(HashKey) == crypto_shorthash_KEYBYTES);
  unsigned char bytes[sizeof key.database + kSubjectBytes];
  std::memcpy(bytes, &key.database, sizeof key.database);
  std::memcpy(bytes + sizeof key.database, key.subject.data(), kSubjectBytes);
  std::uint64_t hash;
  static_assert(sizeof hash == crypto_shorthash_BYTES);
  crypto_shorthash(reinterpret_cast<unsigned char*>(&hash), bytes, sizeof bytes, hash_key.data());
  return hash;
}

ThrottleEntry* find_entry(std::span<ThrottleEntry, kSetSize> set, const ThrottleKey& key) noexcept {
  const auto found =
      std::find_if(set.begin(), set.end(), [&](const ThrottleEntry& entry) { return entry.used && entry.key == key; });
  return found == set.end() ? nullptr : &*found;
}

ClaimedEntry claim_entry(std::span<ThrottleEntry, kSetSize> set, const ThrottleKey& key, const FailureCount& initial,
                         bool stored) noexcept {
  if (ThrottleEntry* found = find_entry(set, key)) return {*found, false};
  ThrottleEntry& chosen = *std::min_element(set.begin(), set.end(), [](const ThrottleEntry& a, const ThrottleEntry& b) {
    return importance(a) < importance(b);
  });
  const bool lost = chosen.used && chosen.unsaved;
  chosen = {.used = true, .stored = stored, .key = key, .count = initial};
  return {chosen, lost};
}

}  // namespace gatehouse::accounts
