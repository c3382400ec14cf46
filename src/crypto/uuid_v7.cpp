#include "crypto/uuid_v7.h"

#include <sodium.h>

#include <algorithm>

namespace gatehouse::crypto {

namespace {

constexpr std::uint64_t kNanosecondsPerMillisecond = 1'000'000;

}  // namespace

Uuid uuid_v7(UuidClock& clock, std::uint64_t unix_nanoseconds) noexcept {
  const std::uint64_t milliseconds = unix_nanoseconds / kNanosecondsPerMillisecond;
  const std::uint64_t fraction = (unix_nanoseconds % kNanosecondsPerMillisecond) * 4096 / kNanosecondsPerMillisecond;
  const std::uint64_t tick = std::max((milliseconds << 12) | fraction, clock.last_tick + 1);
  clock.last_tick = tick;

  Uuid uuid;
  randombytes_buf(uuid.data() + 8, 8);
  const std::uint64_t shown_milliseconds = tick >> 12;
  for (int i = 0; i < 6; ++i) uuid[i] = static_cast<unsigned char>(shown_milliseconds >> (40 - 8 * i));
  uuid[6] = static_cast<unsigned char>(0x70 | ((tick >> 8) & 0x0f));
  uuid[7] = static_cast<unsigned char>(tick);
  uuid[8] = static_cast<unsigned char>(0x80 | (uuid[8] & 0x3f));
  return uuid;
}

}  // namespace gatehouse::crypto
