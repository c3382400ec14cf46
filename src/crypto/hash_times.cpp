#include "crypto/hash_times.h"

#include <sodium.h>

#include <algorithm>

namespace gatehouse::crypto {

namespace {

constexpr std::uint32_t kMostMemoryKib = (1u << 24) - 1;
constexpr std::uint32_t kMostIterations = (1u << 8) - 1;
constexpr std::uint64_t kMostMicroseconds = UINT32_MAX;
constexpr std::uint64_t kNanosecondsInMicrosecond = 1000;

bool is_kept(const Argon2Cost& cost) { return cost.memory_kib <= kMostMemoryKib && cost.iterations <= kMostIterations; }

// The upper half of a place. Never 0 of a cost that can be hashed at.
std::uint64_t tag_of(const Argon2Cost& cost) { return std::uint64_t{cost.memory_kib} << 8 | cost.iterations; }

}  // namespace

void HashTimes::note(const Argon2Cost& cost, std::uint64_t nanoseconds) {
  if (!is_kept(cost)) return;
  const std::uint64_t microseconds = std::min(nanoseconds / kNanosecondsInMicrosecond, kMostMicroseconds);
  const std::uint32_t place = next_.fetch_add(1, std::memory_order_relaxed) % kPlaces;
  places_[place].store(tag_of(cost) << 32 | microseconds, std::memory_order_relaxed);
}

std::uint64_t HashTimes::draw(const Argon2Cost& cost) const {
  if (!is_kept(cost)) return 0;
  std::array<std::uint64_t, kPlaces> found;
  std::uint32_t count = 0;
  for (const std::atomic<std::uint64_t>& place : places_) {
    const std::uint64_t word = place.load(std::memory_order_relaxed);
    if (word >> 32 == tag_of(cost)) found[count++] = (word & kMostMicroseconds) * kNanosecondsInMicrosecond;
  }
  return count == 0 ? 0 : found[randombytes_uniform(count)];
}

}  // namespace gatehouse::crypto
