// UUID version 7 (RFC 9562, section 5.7). Core.
#pragma once

#include <array>
#include <cstdint>

namespace gatehouse::crypto {

using Uuid = std::array<unsigned char, 16>;

// What the last UUID was made of; one a process. Zero at first.
struct UuidClock {
  std::uint64_t last_tick = 0;  // 1/4096 ms since 1970-01-01, what the 60 leading value bits hold
};

// Strictly greater than the one before from the same clock, also when the time stands still or goes
// back: the 12 bits of rand_a count 1/4096 ms (method 3 of section 6.2). 62 bits are random.
Uuid uuid_v7(UuidClock& clock, std::uint64_t unix_nanoseconds) noexcept;

}  // namespace gatehouse::crypto
