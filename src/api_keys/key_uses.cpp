#include "api_keys/key_uses.h"

namespace gatehouse::api_keys {

namespace {

// Neither an entry that somebody is writing, nor one of a key that is in use.
bool is_forsaken(const KeyUseEntry& entry, Microseconds at) {
  return entry.taken.count == 0 && at - entry.waiting.last_at >= kForsakenAfter;
}

}  // namespace

void KeyUses::add(Microseconds at, const UseAddress& address) noexcept {
  if (count == 0 || at >= last_at) {
    last_at = at;
    last_address = address;
  }
  ++count;
}

void KeyUseEntry::take(const TakenUses& by) noexcept {
  taken = by;
  taken.count = waiting.count;
}

void KeyUseEntry::forget_taken() noexcept {
  waiting.count -= taken.count;
  taken = {};
  if (waiting.count == 0) *this = {};
}

Noted note_use(TableSet<KeyUseEntry> set, const TableKey& key, Microseconds at, const UseAddress& address) noexcept {
  KeyUseEntry* free = nullptr;
  KeyUseEntry* oldest = nullptr;
  int free_entries = 0;
  for (KeyUseEntry& entry : set) {
    if (!entry.used) {
      free = &entry;
      ++free_entries;
    } else if (entry.key == key) {
      entry.waiting.add(at, address);
      return {};
    } else if (is_forsaken(entry, at) && (oldest == nullptr || entry.waiting.last_at < oldest->waiting.last_at)) {
      oldest = &entry;
    }
  }
  if (free == nullptr && oldest == nullptr) return {.lost = 1};
  Noted noted = {.lost = free != nullptr ? 0 : oldest->waiting.count, .filled = free_entries == 1};
  KeyUseEntry& entry = free != nullptr ? *free : *oldest;
  entry = {.used = true, .key = key};
  entry.waiting.add(at, address);
  return noted;
}

}  // namespace gatehouse::api_keys
