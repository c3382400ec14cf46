// Who waits, first come first served: tickets in the order in which they were drawn. Core.
//
// Lies in shared memory; whoever touches it holds its lock.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>

namespace gatehouse::crypto {

inline constexpr std::size_t kMaxWaiters = 1024;

struct WaitingLine {
  std::uint64_t last_drawn;
  std::size_t count;
  std::array<std::uint64_t, kMaxWaiters> tickets;

  bool full(std::size_t most) const { return count >= most || count >= kMaxWaiters; }
  bool empty() const { return count == 0; }
  bool is_first(std::uint64_t ticket) const { return count > 0 && tickets[0] == ticket; }

  // The line must not be full.
  std::uint64_t join() noexcept;
  // From wherever in the line; a ticket that isn't in it changes nothing.
  void leave(std::uint64_t ticket) noexcept;
};

}  // namespace gatehouse::crypto
