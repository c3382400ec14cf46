// The uses of API keys that are yet to be written: one entry a key, in a table of fixed size. Core.
//
// Uses of one key merge: how many, when the last was and from where. An entry lives until its uses are written; whoever
// writes them takes them first, and meanwhile new ones are added. Where a set is full the use is lost, and counted; but one
// that nobody came to write for an hour (its database has no worker, or is a standby) makes room.
#pragma once

#include <cstddef>
#include <cstdint>

#include "boundary/keyed_table.h"

namespace gatehouse::api_keys {

using Microseconds = std::int64_t;
inline constexpr Microseconds kForsakenAfter = Microseconds{60} * 60 * 1'000'000;

// As PostgreSQL's inet holds it.
struct UseAddress {
  bool given;
  unsigned char family;
  unsigned char bits;
  std::array<unsigned char, 16> bytes;
};

struct KeyUses {
  std::int64_t count;
  Microseconds last_at;
  UseAddress last_address;  // of the last use, as it was given

  // Of uses beside one another the latest by the clock is the last.
  void add(Microseconds at, const UseAddress& address) noexcept;
};

// What a transaction has taken to write; whose, the edge knows.
struct TakenUses {
  std::int64_t count;  // 0: nothing is taken
  std::int32_t process;
  std::uint32_t transaction;
  std::uint32_t subtransaction;
};

struct KeyUseEntry {
  bool used;
  TableKey key;
  KeyUses waiting;  // what is taken among them
  TakenUses taken;

  // All that waits, for a transaction to write.
  void take(const TakenUses& by) noexcept;
  // It was not written after all.
  void give_back() noexcept { taken = {}; }
  // It was; the entry is free unless more has come.
  void forget_taken() noexcept;
};

struct Noted {
  std::int64_t lost;  // uses that had no room, or had to make it
  bool filled;        // the set has no free entry any more, and had one before
};
Noted note_use(TableSet<KeyUseEntry> set, const TableKey& key, Microseconds at, const UseAddress& address) noexcept;

}  // namespace gatehouse::api_keys
