#include "api_keys/row_hints.h"

namespace gatehouse::api_keys {

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
