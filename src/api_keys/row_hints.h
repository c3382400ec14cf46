// Where the rows of API keys were last found: a guess for each look-up id, of a bounded number. Core.
//
// A guess may be wrong in every way: the row may have moved or be gone, another key may be at its address. Whoever uses
// one looks what is there, and asks the index where that isn't the key. So nothing here ever needs to be invalidated.
//
// 2 MiB, of which a process has only what it writes to; a look-up touches one line of the processor's cache.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>

namespace gatehouse::api_keys {

struct RowHint {
  std::uint32_t block;
  std::uint16_t item;    // of the block, where the row's versions begin; 0: no hint
  std::uint16_t offset;  // in the block, where the last version seen begins
  std::int32_t buffer;   // in which the block was

  bool operator==(const RowHint&) const = default;
};

class RowHints {
 public:
  // Lets the processor fetch what `find` will read.
  void prefetch(std::uint32_t file, std::int64_t lookup_id) const noexcept {
    __builtin_prefetch(&sets_[place_of(file, lookup_id).set]);
  }
  // `file` is the number of the file that holds the rows: a rewritten table has another.
  RowHint find(std::uint32_t file, std::int64_t lookup_id) const noexcept;
  void remember(std::uint32_t file, std::int64_t lookup_id, const RowHint& hint) noexcept;

 private:
  static constexpr std::size_t kWays = 4;
  static constexpr std::size_t kSets = 32768;

  // The tag is a part of the look-up id, enough to seldom guess wrong.
  struct Tagged {
    RowHint hint;
    std::uint32_t tag;
  };
  using Set = std::array<Tagged, kWays>;
  static_assert(sizeof(Set) == 64);

  struct Place {
    std::size_t set;
    std::uint32_t tag;
  };
  static Place place_of(std::uint32_t file, std::int64_t lookup_id) noexcept {
    // Look-up ids are random already; the factor is 2^64 by the golden ratio, which spreads the files.
    const std::uint64_t key = static_cast<std::uint64_t>(lookup_id) ^ (file * std::uint64_t{0x9E3779B97F4A7C15});
    return {.set = static_cast<std::size_t>(key % kSets), .tag = static_cast<std::uint32_t>(key / kSets)};
  }

  alignas(64) std::array<Set, kSets> sets_{};
  std::size_t next_replaced_ = 0;
};

}  // namespace gatehouse::api_keys
