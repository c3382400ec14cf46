#include "crypto/waiting_line.h"

#include <algorithm>

namespace gatehouse::crypto {

std::uint64_t WaitingLine::join() noexcept {
  tickets[count++] = ++last_drawn;
  return last_drawn;
}

void WaitingLine::leave(std::uint64_t ticket) noexcept {
  const auto end = tickets.begin() + static_cast<std::ptrdiff_t>(count);
  const auto found = std::lower_bound(tickets.begin(), end, ticket);
  if (found == end || *found != ticket) return;
  std::copy(found + 1, end, found);
  --count;
}

}  // namespace gatehouse::crypto
