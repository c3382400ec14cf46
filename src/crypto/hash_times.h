// How long whole hashes took lately: what a login is topped up to whose stored hash was cheaper. Core.
//
// Times are of a thread's processor, so neither other processes nor waiting look like work. Several processes may write
// and read at once, without a lock, so it can lie in shared memory: each place is one word. All bits 0 is an empty one.
#pragma once

#include <array>
#include <atomic>
#include <cstdint>

#include "crypto/password_hash.h"

namespace gatehouse::crypto {

class HashTimes {
 public:
  // The oldest of all gives way. A cost beyond what the settings allow is not kept.
  void note(const Argon2Cost& cost, std::uint64_t nanoseconds);

  // One of those of this cost, each as likely; 0 where there is none. By chance, because a median would scatter less
  // than the hashes do, and a few hundred times tell that.
  std::uint64_t draw(const Argon2Cost& cost) const;

 private:
  static constexpr std::size_t kPlaces = 32;
  static_assert(std::atomic<std::uint64_t>::is_always_lock_free);

  std::array<std::atomic<std::uint64_t>, kPlaces> places_{};  // cost and microseconds
  std::atomic<std::uint32_t> next_{};
};

}  // namespace gatehouse::crypto
