#include "api_keys/row_hints.h"

namespace gatehouse::api_keys {

RowHints::Place RowHints::place_of(std::uint32_t file, std::int64_t lookup_id) noexcept {
  // Look-up ids are random already; the factor is 2^64 by the golden ratio, which spreads the files.
  const std::uint64_t key = static_cast<std::uint64_t>(lookup_id) ^ (file * std::uint64_t{0x9E3779B97F4A7C15});
  return {.set = static_cast<std::size_t>(key % kSets), .tag = static_cast<std::uint16_t>(key / kSets)};
}

RowAddress RowHints::find(std::uint32_t file, std::int64_t lookup_id) const noexcept {
  const Place place = place_of(file, lookup_id);
  for (const Hint& hint : sets_[place.set]) {
    if (hint.tag == place.tag && hint.offset != 0) return {hint.block, hint.offset};
  }
  return {};
}

void RowHints::remember(std::uint32_t file, std::int64_t lookup_id, RowAddress address) noexcept {
  const Place place = place_of(file, lookup_id);
  Set& set = sets_[place.set];
  Hint* into = nullptr;
  for (Hint& hint : set) {
    if (hint.offset == 0 || hint.tag == place.tag) into = &hint;
    if (into != nullptr) break;
  }
  if (into == nullptr) into = &set[next_replaced_++ % kWays];
  *into = {address.block, address.offset, place.tag};
}

}  // namespace gatehouse::api_keys
