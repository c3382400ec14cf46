#include "api_keys/row_hints.h"

namespace gatehouse::api_keys {

RowHints::Place RowHints::place_of(std::uint32_t file, std::int64_t lookup_id) noexcept {
  // Look-up ids are random already; the factor is 2^64 by the golden ratio, which spreads the files.
  const std::uint64_t key = static_cast<std::uint64_t>(lookup_id) ^ (file * std::uint64_t{0x9E3779B97F4A7C15});
  return {.set = static_cast<std::size_t>(key % kSets), .tag = static_cast<std::uint32_t>(key / kSets)};
}

RowHint RowHints::find(std::uint32_t file, std::int64_t lookup_id) const noexcept {
  const Place place = place_of(file, lookup_id);
  for (const Tagged& tagged : sets_[place.set]) {
    if (tagged.tag == place.tag && tagged.hint.item != 0) return tagged.hint;
  }
  return {};
}

void RowHints::remember(std::uint32_t file, std::int64_t lookup_id, const RowHint& hint) noexcept {
  const Place place = place_of(file, lookup_id);
  Set& set = sets_[place.set];
  Tagged* into = nullptr;
  for (Tagged& tagged : set) {
    if (tagged.tag == place.tag) into = &tagged;
  }
  for (Tagged& tagged : set) {
    if (into == nullptr && tagged.hint.item == 0) into = &tagged;
  }
  if (into == nullptr) into = &set[next_replaced_++ % kWays];
  *into = {hint, place.tag};
}

}  // namespace gatehouse::api_keys
